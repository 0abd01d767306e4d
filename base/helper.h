/*
 * A helper process: this program once more, for work that may block or be
 * killed by what it touches.  The daemon starts it on its libuv loop, speaks
 * with it in frames, and starts it again when it dies, with growing pauses.
 * The helper ends with its parent.
 *
 * Threads: all calls of one helper are made on the thread of its loop, which
 * has to live as long as the process: the kernel ends the child with it.
 */
#ifndef BASE_HELPER_H
#define BASE_HELPER_H

#include <uv.h>

#include "base/frame.h"

/* Between a death and the next start; back to the first after HELPER_WELL_MS
 * of life. */
#define HELPER_PAUSE_FIRST_MS 100
#define HELPER_PAUSE_LAST_MS 5000
#define HELPER_WELL_MS 10000

/* The most arguments after the program's name, and the most bytes that may wait
 * to be written to the child. */
#define HELPER_ARGUMENTS 6
#define HELPER_QUEUE_MAX ((size_t)64 << 20)

/* What either end reads to: a frame that is not whole, and one read more. */
#define HELPER_READ_MAX ((size_t)128 << 10)

struct helper;

struct helper_calls {
	/* A frame came.  -1: it makes no sense, and the child is ended. */
	int (*frame)(void *context, const struct frame *frame);
	/* The child is gone or could not be started, ${why} in words ("was
	 * killed by SIGBUS"); what was not written to it is lost.  It is
	 * started again by itself. */
	void (*ended)(void *context, const char *why);
};

/*
 * helper = helper_start(loop, arguments, calls, context): run this program with
 * ${arguments} (NULL after the last), by which its main() knows.  NULL
 * without memory; what else fails comes as ended().
 */
struct helper *helper_start(uv_loop_t *loop, const char *const *arguments,
    const struct helper_calls *calls, void *context);

/*
 * helper_send(helper, kind, data, len): queue a frame; helper_flush() hands all
 * that is queued to the child.  0, or -1 when no child runs or too much is
 * queued: the frame is dropped.
 */
int helper_send(
    struct helper *helper, uint32_t kind, const void *data, size_t len);
int helper_flush(struct helper *helper);

/* helper_discard(helper): drop what is queued and was not flushed. */
void helper_discard(struct helper *helper);

/*
 * helper_stop(helper, grace_ms): make no more calls.  The child finds the end
 * of its input after what was flushed, and has ${grace_ms} to finish; then it
 * is killed (0: at once).  Frees itself while the loop runs on.  NULL is fine.
 */
void helper_stop(struct helper *helper, uint64_t grace_ms);

/*
 * In the child.
 *
 * helper_child_begin(name): before anything else: end with the parent, keep no
 * descriptor of it but the first three, leave the signals of a terminal and of
 * a service manager to it, be ${name} in a list of processes.
 */
void helper_child_begin(const char *name);

/*
 * status = helper_child_wait(in, timeout_ms): wait for bytes from the parent
 * and read them to ${in}.  1 when some came, 0 after ${timeout_ms}, -1 when the
 * parent is done with us.
 */
int helper_child_wait(struct frame_buffer *in, int timeout_ms);

/* helper_child_write(out): write all of ${out} to the parent, however long it
 * takes.  0, or -1 when the parent is gone. */
int helper_child_write(struct frame_buffer *out);

#endif
