/*
 * Writes the history of traffic for meridiand, from a process of its own:
 * answers go on while the file is locked, full, broken or truncated.  The
 * daemon gives it a batch a minute.
 */
#ifndef STATE_HISTORY_RECORDER_H
#define STATE_HISTORY_RECORDER_H

#include <uv.h>

#include "state/history/batch.h"

struct history_recorder;

/*
 * recorder = history_recorder_start(loop, path, max_bytes, trouble, context):
 * write to the file at ${path}, which is made, and let it grow to at most
 * ${max_bytes}.  ${trouble}(context, why) is called on the thread of ${loop}
 * when nothing can be written (${why}, without the path), and with NULL when
 * something was again; only when that is news.  NULL without memory.
 */
struct history_recorder *history_recorder_start(uv_loop_t *loop,
    const char *path, uint64_t max_bytes,
    void (*trouble)(void *context, const char *why), void *context);

/* status = history_recorder_give(recorder, batch): hand a batch to the process.
 * What cannot be written waits there, some 10 minutes of a large node.  0, or
 * -1 when there is no process now or it is far behind: the batch is lost, and
 * counted. */
int history_recorder_give(
    struct history_recorder *recorder, const struct history_batch *batch);

/* history_recorder_stop(recorder): make no more calls.  What was given is
 * written while the loop runs on, for at most three seconds.  NULL is fine. */
void history_recorder_stop(struct history_recorder *recorder);

struct history_recorder_figures {
	uint64_t written;      /* batches */
	uint64_t lost;         /* batches */
	uint64_t last_took_us; /* of the last that was written */
	int64_t written_ms;    /* monotonic clock: the last; -1: none yet */
	uint64_t bytes;        /* of the file, pages in use */
	uint64_t set_aside;    /* corrupt files, since the start */
};

/* history_recorder_figures(recorder, out): as they are now. */
void history_recorder_figures(const struct history_recorder *recorder,
    struct history_recorder_figures *out);

/* history_recorder_is_child(argc, argv): true when main() was started as the
 * process; then history_recorder_child(argc, argv) does its work and returns
 * its exit status. */
int history_recorder_is_child(int argc, char **argv);
int history_recorder_child(int argc, char **argv);

#endif
