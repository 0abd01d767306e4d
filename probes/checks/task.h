/*
 * One schedule of one check of an endpoint, or of one address of a name: its
 * requests at each turn, or, more rarely, its generations.  It keeps the turns,
 * the attempts under way and their streak; its owner is told of each result.
 * Called by probes on their loop.
 */
#ifndef PROBES_CHECKS_TASK_H
#define PROBES_CHECKS_TASK_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "probes/ask/attempt.h"
#include "probes/checks/gate.h"
#include "probes/checks/verdict.h"

/* Attempts of one task at a time, where `timeout` is longer than `every`. */
#define TASK_MAX_RUNS 16

struct task;
struct task_run; /* an attempt under way */

/* What a task needs of its owner. */
struct task_owner {
	uv_loop_t *loop;
	struct http_checker *checker;
	struct gate *gate; /* that all attempts go through */
	/* A header of any answer has come. */
	http_header header;
	/* An attempt begins ${late_ms} after its turn, or would have, and
	 * ${missed} turns were left out. */
	void (*turned)(void *context, uint64_t late_ms, uint64_t missed);
	/* A result has come; its verdict has it, unless it is ATTEMPT_UNMADE.
	 */
	void (*judged)(void *context, struct task *task,
	    const struct attempt_result *result);
};

struct task {
	const struct task_owner *owner;
	void *context;
	struct attempt_ask ask;
	uint64_t hash;
	uv_timer_t timer;
	uint64_t turn_ms; /* the next turn, in the time of the loop */
	/* For a turn: the timer runs, or it has come and there is no place. */
	bool waits;
	struct gate_visit visit;
	enum gate_pace pace; /* of its last attempt */
	bool skipped;     /* the last turn was left out: it came far too late */
	uint64_t down_ms; /* since when it is down, in the time of the loop */
	struct task_run *runs;
	unsigned n_runs;
	uint64_t started, taken; /* numbers of attempts, and of results */
	uint64_t group; /* of the connections that it keeps; 0: none yet */
	struct verdict verdict;
	int64_t connect_us, first_byte_us, total_us; /* of the last; -1 */
};

/* task_init(task, owner, context, ask, hash, wall_ms): with nothing to do yet.
 * Its phase follows from ${hash}. */
void task_init(struct task *task, const struct task_owner *owner, void *context,
    const struct attempt_ask *ask, uint64_t hash, int64_t wall_ms);

/* task_begin(task, window_ms): have its first turn within so long, and others
 * after it. */
void task_begin(struct task *task, uint64_t window_ms);

/* task_follow(task, ask): the same is asked from a newer table. */
void task_follow(struct task *task, const struct attempt_ask *ask);

/* task_stop(task): end what is under way, without a result, and have no more
 * turns until it begins again. */
void task_stop(struct task *task);

/* task_close(task, closed): the same for ever; then ${closed} is called with
 * its timer, whose data is the task. */
void task_close(struct task *task, uv_close_cb closed);

#endif
