/*
 * Writes the state database for a daemon, from a process of its own: checks and
 * answers go on while the database is locked, full, broken or truncated.  The
 * child applies what it is given in one transaction a commit; for
 * meridian-probe, which is a vantage, it restores the last state of that, holds
 * its lease and takes away what is old.
 */
#ifndef STATE_RECORDER_H
#define STATE_RECORDER_H

#include <uv.h>

#include "state/schema.h"

/* What may be lost while nothing can be written: events past these, the oldest
 * first.  The table keeps no more (schema.h).  They take 58 MB then, and
 * nothing once they are written. */
#define RECORDER_EVENTS 100000

struct state_recorder;

struct state_recorder_calls {
	/* A row of this vantage as it was left; before the first ready().  All
	 * endpoints come before the addresses.  NULL for who only writes. */
	void (*restored)(void *context, const struct state_endpoint *row);
	void (*restored_address)(
	    void *context, const struct state_address *row);
	/* All was restored; what is not yet written may be given (all of it:
	 * also called each time the database came back or was replaced, or rows
	 * were dropped). */
	void (*ready)(void *context);
	/* Nothing can be written (${why}, without the path), or can again
	 * (NULL: after the first commit that was).  Only when that is news. */
	void (*trouble)(void *context, const char *why);
	/* Of a carrier: a row, or more, was left out, ${why}; the rest of its
	 * commit is written.  May be NULL. */
	void (*refused)(void *context, const char *why);
};

/*
 * recorder = state_recorder_start(loop, path, vantage, calls, context): NULL
 * without memory.  All calls are made on the thread of ${loop}, none before
 * this returned.  The lease is held in the name of this process.  As vantage ""
 * there is none: nothing is restored, and only rows of common tables may be
 * given.
 */
struct state_recorder *state_recorder_start(uv_loop_t *loop, const char *path,
    const char *vantage, const struct state_recorder_calls *calls,
    void *context);

/*
 * recorder = state_recorder_carry(loop, path, node, calls, context): the same
 * for who carries what other nodes say to this one, ${node}: nothing is
 * restored, and no lease is taken.  put() and take() have rows of all tables
 * but event and latency, of vantage too, as writer.h has it of
 * state_writer_carry(); no override is taken away.
 *
 * state_recorder_replace(recorder): what is put until the next commit is all
 * that other nodes say, see state_writer_replace().
 */
struct state_recorder *state_recorder_carry(uv_loop_t *loop, const char *path,
    const char *node, const struct state_recorder_calls *calls, void *context);
void state_recorder_replace(struct state_recorder *recorder);

/* state_recorder_restore(recorder, restored): give rows of keep, factor and
 * ramp too, which are of no vantage, before the first ready(); of two with one
 * key the last counts.  At first nobody asks for them. */
void state_recorder_restore(struct state_recorder *recorder,
    void (*restored)(
	void *context, enum state_table table, const union schema_row *row));

/* state_recorder_stop(recorder): make no more calls.  What was committed is
 * written and the lease given back while the loop runs on, for at most three
 * seconds.  Not inside one of the calls.  NULL is fine. */
void state_recorder_stop(struct state_recorder *recorder);

/*
 * state_recorder_endpoint(recorder, row): queue a row.
 * state_recorder_address(recorder, row): queue one of an address.
 * state_recorder_event(recorder, event): queue an event.
 * state_recorder_forget(recorder, row): queue the removal of an endpoint that
 * left the files.
 * state_recorder_forget_address(recorder, row): the same of an address.
 * state_recorder_load(recorder, row): queue the load of an endpoint, which is
 * not restored: it is of now.
 * state_recorder_forget_load(recorder, row): queue its removal.
 * state_recorder_put(recorder, table, row): queue a row of a table that is
 * common to all: keep, factor, ramp or demand.
 * state_recorder_add(recorder, table, row): the same, which counts only where
 * no row has its key; also of override.
 * state_recorder_take(recorder, table, row): queue the removal of one; not of
 * override.
 * The vantage in them is this one whatever they say, and the child gives the
 * sequence.
 *
 * state_recorder_sweep(recorder): all rows that are to stay were given since
 * ready(): others of this vantage, as an earlier run left them, are taken away.
 *
 * state_recorder_commit(recorder): the rows queued since the last commit, and a
 * heartbeat, become one transaction.  It is due once a second or more often,
 * with or without rows: a vantage that was silent for LEASE_MS (lease.h) may be
 * taken by another daemon.
 *
 * While the child cannot write, rows are dropped (ready() asks for all again)
 * and events are kept, up to RECORDER_EVENTS; the log says how many were lost,
 * when the first is and when they are written.  An event is written again if
 * the child dies between writing and saying so.
 */
void state_recorder_endpoint(
    struct state_recorder *recorder, const struct state_endpoint *row);
void state_recorder_event(
    struct state_recorder *recorder, const struct state_event *event);
void state_recorder_forget(
    struct state_recorder *recorder, const struct state_endpoint *row);
void state_recorder_address(
    struct state_recorder *recorder, const struct state_address *row);
void state_recorder_forget_address(
    struct state_recorder *recorder, const struct state_address *row);
void state_recorder_load(
    struct state_recorder *recorder, const struct state_load *row);
void state_recorder_forget_load(
    struct state_recorder *recorder, const struct state_load *row);
void state_recorder_put(
    struct state_recorder *recorder, enum state_table table, const void *row);
void state_recorder_add(
    struct state_recorder *recorder, enum state_table table, const void *row);
void state_recorder_take(
    struct state_recorder *recorder, enum state_table table, const void *row);
void state_recorder_sweep(struct state_recorder *recorder);
void state_recorder_commit(struct state_recorder *recorder);

/* What became of what was given. */
struct state_recorder_figures {
	uint64_t commits;      /* that are written */
	uint64_t timed;        /* of these, whose time was taken: */
	uint64_t took_us;      /* from being given, in all */
	uint64_t last_took_us; /* the last of them */
	int64_t written_ms;    /* monotonic clock: the last; -1: none yet */
	uint64_t events;       /* that wait to be written */
	uint64_t lost;         /* events, since the start */
	uint64_t set_aside;    /* corrupt files, since the start */
};

/* state_recorder_figures(recorder, out): as they are now. */
void state_recorder_figures(
    const struct state_recorder *recorder, struct state_recorder_figures *out);

/* state_recorder_forget_after(recorder, ms): from now on, a vantage that is
 * silent for ${ms} is taken away with its rows; 0, as at first: none is. */
void state_recorder_forget_after(struct state_recorder *recorder, uint64_t ms);

/* state_recorder_place(recorder, region): from the next commit on, this vantage
 * is in ${region}; NULL, as at first: nobody says where. */
void state_recorder_place(struct state_recorder *recorder, const char *region);

/* state_recorder_latency_age(recorder, ms): from now on, a round trip that was
 * measured last ${ms} ago counts no more; 0, as at first: each does. */
void state_recorder_latency_age(struct state_recorder *recorder, uint64_t ms);

/*
 * state_recorder_is_child(argc, argv): true when main() was started as the
 * child; then state_recorder_child(argc, argv) does its work and returns its
 * exit status.
 */
int state_recorder_is_child(int argc, char **argv);
int state_recorder_child(int argc, char **argv);

#endif
