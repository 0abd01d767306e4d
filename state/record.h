/*
 * Writes the state database for meridian-probe, from a process of its own: the
 * checks go on while the database is locked, full, broken or truncated.  The
 * child restores the last state of the vantage, holds its lease, applies what
 * it is given in one transaction a commit, prunes events.
 */
#ifndef STATE_RECORD_H
#define STATE_RECORD_H

#include <uv.h>

#include "state/rows.h"

struct state_record;

struct state_record_calls {
	/* A row of this vantage as it was left; before ready(). */
	void (*restored)(void *context, const struct state_endpoint *row);
	/* All was restored; what is not yet written may be given (all of it:
	 * also called each time the database came back or was replaced). */
	void (*ready)(void *context);
	/* Nothing can be written (why), or can again (NULL). */
	void (*trouble)(void *context, const char *why);
};

/* record = state_record_start(loop, path, vantage, calls, context): NULL when
 * it cannot start.  All calls are made on the thread of ${loop}. */
struct state_record *state_record_start(uv_loop_t *loop, const char *path,
    const char *vantage, const struct state_record_calls *calls, void *context);

/* state_record_stop(record): let it finish what it has, end it, free. */
void state_record_stop(struct state_record *record);

/*
 * state_record_endpoint(record, row), state_record_event(record, event),
 * state_record_forget(record, row): queue a row, an event, the removal of an
 * endpoint that left the files.  state_record_commit(record): the rows queued
 * since the last commit, and a heartbeat, become one transaction.  While the
 * child cannot write, rows are dropped (ready() asks for all again) and events
 * are kept up to a maximum.
 */
void state_record_endpoint(
    struct state_record *record, const struct state_endpoint *row);
void state_record_event(
    struct state_record *record, const struct state_event *event);
void state_record_forget(
    struct state_record *record, const struct state_endpoint *row);
void state_record_commit(struct state_record *record);

int state_record_is_child(int argc, char **argv);
int state_record_child(int argc, char **argv);

#endif
