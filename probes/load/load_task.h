/*
 * Reads the load of one endpoint on a schedule of its own, and measures it.
 * Called by probes on their loop; says nothing of health.
 */
#ifndef PROBES_LOAD_LOAD_TASK_H
#define PROBES_LOAD_LOAD_TASK_H

#include <uv.h>

#include "probes/load/meter.h"
#include "probes/load/scrape.h"
#include "probes/checks/task.h"

/* What came of a reading. */
enum load_reading {
	LOAD_READ,    /* load, and nothing odd */
	LOAD_LACKING, /* an answer without what is looked for, or with a value
			 that makes no sense */
	LOAD_UNREAD,  /* no answer that could be read */
	LOAD_UNMADE,  /* nothing was asked, for reasons of this machine */
	LOAD_READINGS
};

struct load_task_calls {
	/* Its load is not what it was: the row is to be written. */
	void (*changed)(void *context);
	/* A turn has come ${late_ms} after its time, and ${missed} of them were
	 * left out. */
	void (*turned)(void *context, uint64_t late_ms, uint64_t missed);
	/* A reading is over; why it is not LOAD_READ, or "". */
	void (*ended)(
	    void *context, enum load_reading what, const char *reason);
};

struct load_task {
	const struct task_owner *owner;
	const struct load_task_calls *calls;
	void *context; /* of these */
	const struct check_config *check;
	const struct endpoint_address *to;
	uint64_t hash;
	uv_timer_t timer;
	uint64_t turn_ms; /* in the time of the loop */
	struct gate_visit visit;
	uint64_t due_ms;       /* the turn that waits for its place, or did */
	struct scrape *scrape; /* under way, or NULL */
	uint64_t began_ms;     /* that, of uv_hrtime() */
	struct meter meter;
};

/* load_task_init(task, owner, calls, context, check, to, hash): with nothing to
 * do yet. */
void load_task_init(struct load_task *task, const struct task_owner *owner,
    const struct load_task_calls *calls, void *context,
    const struct check_config *check, const struct endpoint_address *to,
    uint64_t hash);

/* load_task_begin(task): read it soon, and then on its schedule. */
void load_task_begin(struct load_task *task);

/* load_task_follow(task, check, to): the same from a newer table. */
void load_task_follow(struct load_task *task, const struct check_config *check,
    const struct endpoint_address *to);

/* load_task_header(task, name, value): a header of an answer to a check, which
 * may tell load. */
void load_task_header(
    struct load_task *task, const char *name, const char *value);

/* load_task_row(task, row): what is known of it now. */
void load_task_row(const struct load_task *task, struct state_load *row);

/* load_task_close(task, closed): end it; then ${closed} is called with its
 * timer, whose data is the task. */
void load_task_close(struct load_task *task, uv_close_cb closed);

#endif
