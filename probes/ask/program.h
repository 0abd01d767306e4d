/*
 * Programs of the operator that check an endpoint: run without a shell, in a
 * session and with an environment of their own, with nothing of ours open, and
 * ended together with what they began when their time is over.  Called by
 * attempts, on the loop.
 *
 * Of its output PROGRAM_KEPT octets are kept, the first line of which says why
 * it ended as it did; as much as PROGRAM_DRAINED is read and dropped, and then
 * it waits for nothing and runs into its time-out.
 */
#ifndef PROBES_ASK_PROGRAM_H
#define PROBES_ASK_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "state/rows.h"

#define PROGRAM_KEPT ((size_t)4 << 10)
#define PROGRAM_DRAINED ((size_t)1 << 20)

/* Programs that run at a time; others wait for their turn. */
#define PROGRAM_AT_ONCE 32

struct program_host;
struct program;

/* host = program_host_create(loop, at_once, as_root): NULL without memory.
 * Unless ${as_root}, whatever is to be run by root is PROGRAM_UNMADE: a program
 * that anybody may have written has no need of these rights. */
struct program_host *program_host_create(
    uv_loop_t *loop, unsigned at_once, bool as_root);

/* program_host_close(host): end all that runs, and free it; no program may be
 * under way.  Handles it closes stay on the loop for one more turn.  NULL is
 * fine. */
void program_host_close(struct program_host *host);

/* n = program_host_running(host): those that have not ended yet, the ones that
 * nobody waits for included. */
unsigned program_host_running(const struct program_host *host);

enum program_outcome {
	PROGRAM_PASSED,   /* exit status 0 */
	PROGRAM_DEGRADED, /* 1 */
	PROGRAM_FAILED,   /* another one, or a time-out */
	/* 3, 126, 127, a signal, or it could not be run: it says nothing of
	 * the endpoint. */
	PROGRAM_UNMADE
};

struct program_answer {
	enum program_outcome outcome;
	int status;                /* of its exit; -1: it has none */
	int64_t total_us;          /* from the start of the program */
	char reason[STATE_REASON]; /* printable ASCII; "" when passed */
};

typedef void (*program_done)(
    void *context, const struct program_answer *answer);

/*
 * program = program_start(host, argv, env, timeout_ms, done, context): run
 * ${argv}[0], a path, with these arguments and the environment ${env}; both end
 * with NULL, and are copied.  Its time begins now, also when it has to wait for
 * its turn.  Calls ${done} once, later, unless it is cancelled.  NULL without
 * memory.
 */
struct program *program_start(struct program_host *host,
    const char *const *argv, const char *const *env, uint64_t timeout_ms,
    program_done done, void *context);

/* program_expire(program): its time is over: calls done() at once. */
void program_expire(struct program *program);

/* program_cancel(program): end it at once, without done(). */
void program_cancel(struct program *program);

#endif
