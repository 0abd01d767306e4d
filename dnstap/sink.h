/*
 * Where the frames of a query log go: a unix socket that a program reads, or a
 * file.  Called by the one thread that writes the log; never waits longer than
 * it is told to, and tries again by itself what failed.
 */
#ifndef DNSTAP_SINK_H
#define DNSTAP_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* After a failure, before the next try. */
#define SINK_PAUSE_MS 1000

/* Why frames did not get where they should. */
enum sink_loss {
	SINK_AWAY, /* nobody reads the socket, or the file cannot be opened */
	SINK_DISK, /* the file could not be written */
	SINK_SIZE, /* the file has its greatest size */
	SINK_LOSSES
};

#define SINK_TROUBLE_TEXT 256

struct sink;

/*
 * sink = sink_create_socket(path): frames go to who listens at the unix socket
 * ${path}, that is a program with which both sides of the handshake are spoken.
 * sink = sink_create_file(path, max): they are appended to the file ${path}, of
 * at most ${max} bytes.  Neither opens anything yet.  NULL without memory.
 */
struct sink *sink_create_socket(const char *path);
struct sink *sink_create_file(const char *path, uint64_t max);

/* sink_destroy(sink): end the stream of frames, close, free.  NULL is fine. */
void sink_destroy(struct sink *sink);

/* sink_look(sink): whether the file was renamed is looked at when it is tended
 * next, and not within a second. */
void sink_look(struct sink *sink);

/* ready = sink_tend(sink, now_ms): do what is due at ${now_ms}, monotonic
 * clock: connect, open, shake hands.  True when frames are taken. */
bool sink_tend(struct sink *sink, int64_t now_ms);

/*
 * n = sink_write(sink, frames, len, now_ms): write the ${len} octets of whole
 * frames; how many were taken, 0 when none can be just now.  What is left must
 * be given again.  -1: it failed, and what was given is lost but for frames
 * taken before.
 */
int64_t sink_write(
    struct sink *sink, const uint8_t *frames, size_t len, int64_t now_ms);

/* sink_wait(sink, ms, writes): return after ${ms}, or earlier when there is
 * something to do; ${writes}: when more can be written. */
void sink_wait(struct sink *sink, int ms, bool writes);

/* text = sink_trouble(sink): what is wrong, "" for nothing; loss =
 * sink_loss(sink): as which loss it counts. */
const char *sink_trouble(const struct sink *sink);
enum sink_loss sink_loss(const struct sink *sink);

#endif
