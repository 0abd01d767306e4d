/*
 * A sink from inside: what both kinds have.  Included by dnstap/sink*.c alone.
 */
#ifndef DNSTAP_SINK_PRIVATE_H
#define DNSTAP_SINK_PRIVATE_H

#include "dnstap/frames.h"
#include "dnstap/sink.h"

enum sink_state {
	SINK_CLOSED,
	SINK_SHAKING, /* the other end has to accept what it is offered */
	SINK_READY,
	SINK_FAILED /* open, but not written to before ${due_ms} */
};

struct sink_kind {
	void (*tend)(struct sink *sink, int64_t now_ms);
	int64_t (*write)(struct sink *sink, const uint8_t *frames, size_t len,
	    int64_t now_ms);
	void (*end)(struct sink *sink); /* of the stream, before it is closed */
};

extern const struct sink_kind sink_socket, sink_file;

struct sink {
	const struct sink_kind *kind;
	char *path;
	uint64_t max; /* of the file */
	int fd;       /* -1: closed */
	enum sink_state state;
	int64_t due_ms; /* when the next try is due, or the handshake over */
	enum sink_loss loss;
	char trouble[SINK_TROUBLE_TEXT];
	/* The socket's. */
	uint8_t reply[FRAMES_CONTROL_MAX];
	size_t reply_len;
	int64_t moved_ms; /* when the reader took something last */
	/* The file's. */
	uint64_t offset; /* the end of its last frame */
};

/* sink_fail(sink, now_ms, loss, fmt, ...): say what is wrong, and try again
 * after a while.  sink_close(sink): close without a word. */
void sink_fail(struct sink *sink, int64_t now_ms, enum sink_loss loss,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void sink_close(struct sink *sink);

#endif
