/*
 * Writes the rows of one vantage to the state database, under a lease, and rows
 * of tables that are common to all (table.h).  In the process that calls it,
 * which a lock may stop for a second and a truncated -shm may kill: the writing
 * process of a daemon (recorder.h).
 *
 * After any error the database is closed: open it again, and write all rows
 * again.
 */
#ifndef STATE_WRITER_H
#define STATE_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "state/schema.h"

/* Tables with a bound are looked at so often, and rows past it taken away in
 * steps that take a millisecond. */
#define WRITER_PRUNE_MS 60000
#define WRITER_PRUNE_STEP 500

/* Rows that nobody writes any more are taken away in steps of so many, ten
 * milliseconds: a million in some minutes. */
#define WRITER_SWEEP_STEP 5000

/* Table latency is looked through for old rows so often, a step a commit: they
 * are days old. */
#define WRITER_MEASURES_MS 600000

/* The lease of a vantage of another node is no longer than this. */
#define WRITER_CARRIED_MS (INT64_C(300) * 1000)

struct state_writer;

/*
 * writer = state_writer_create(path, vantage, pid, id): nothing is opened yet.
 * ${pid} is the daemon that owns the lease, ${id} a random text that no other
 * run of it has.  A writer of vantage "" writes rows of common tables alone: it
 * takes no lease, gives no heartbeat and prunes nothing.  NULL without memory.
 */
struct state_writer *state_writer_create(
    const char *path, const char *vantage, int64_t pid, const char *id);

/*
 * writer = state_writer_carry(path, node): one that carries what other nodes
 * say to this one, ${node}.  Rows keep the vantage that they have:
 *   - put() and forget() take rows of vantage too, which come before the rows
 *     of their endpoints; forget() takes all of these away;
 *   - what a daemon of this node writes, or controls, is refused: nothing is
 *     written, and state_writer_refused() says why;
 *   - a verdict that was known with the same health keeps its since_ms;
 *   - put() of an override, by its id, gives it its number, node and what
 *     became of sharing it: a row that is there under another number is moved,
 *     and rows that have not been accepted make way; its times stay; forget()
 *     of one that was accepted or refused takes it away;
 *   - commit() prunes as others do, and forgets silent vantages of other nodes,
 *     and these nodes.
 */
struct state_writer *state_writer_carry(const char *path, const char *node);

/* state_writer_replace(writer): of a carrier, inside a transaction: what
 * follows is all that other nodes say.  Rows of their vantages, nodes, locks
 * and demand that are not written from here on are taken away by the commit;
 * those of keep, factor, ramp and override stay.  Of endpoint, address and load
 * a row that is there as it is put is left as it is, with its sequence. */
void state_writer_replace(struct state_writer *writer);

/* words = state_writer_refused(writer): what was refused first since
 * state_writer_begin(), or NULL. */
const char *state_writer_refused(const struct state_writer *writer);

/*
 * state_writer_destroy(writer): give the lease back, close, free.
 * state_writer_abandon(writer): the same, but for a daemon that did not end in
 * good order: its lease goes on until its time is over.
 * NULL is fine for both.
 */
void state_writer_destroy(struct state_writer *writer);
void state_writer_abandon(struct state_writer *writer);

/*
 * state_writer_open(writer): open or create the database, carry one of an older
 * schema over to ours, and take the lease.  0, or -1 when that cannot be, or
 * when another daemon holds the lease.
 */
int state_writer_open(struct state_writer *writer);

/* open = state_writer_same(writer): still open, and nobody replaced or
 * truncated the files.  False after an error. */
bool state_writer_same(struct state_writer *writer);

/*
 * spoiled = state_writer_spoiled(writer): the last error was that the file is
 * corrupt, or no database.
 * moved = state_writer_set_aside(writer): move that file away, as aside_move();
 * the next state_writer_open() makes a new one.
 */
bool state_writer_spoiled(const struct state_writer *writer);
int state_writer_set_aside(struct state_writer *writer);

/* state_writer_restore(writer, table, take, context): give each row of ${table}
 * that is of this vantage, or of a common table each, and makes sense.  0, or
 * -1. */
int state_writer_restore(struct state_writer *writer, enum state_table table,
    void (*take)(void *context, const void *row), void *context);

/*
 * One transaction: begin, rows, commit.  put() writes ${row} over the one with
 * its key, add() where there is none alone, forget() takes that one away;
 * ${row} is the struct of ${table}, and gets this vantage and the next
 * sequence.  commit() adds the heartbeat, keeps the lease for another LEASE_MS,
 * and prunes.  0, or -1 and nothing was written.
 */
int state_writer_begin(struct state_writer *writer);
int state_writer_put(
    struct state_writer *writer, enum state_table table, void *row);
int state_writer_add(
    struct state_writer *writer, enum state_table table, void *row);
int state_writer_forget(
    struct state_writer *writer, enum state_table table, void *row);
int state_writer_commit(struct state_writer *writer);

/*
 * state_writer_sweep(writer): every row of this vantage that is to stay was
 * written since the file was opened: with the commits that follow, the others
 * are taken away.
 */
void state_writer_sweep(struct state_writer *writer);

/* state_writer_forget_after(writer, ms): a vantage, not this one, that was
 * silent for ${ms} is taken away with its rows; 0, as at first: none is. */
void state_writer_forget_after(struct state_writer *writer, int64_t ms);

/* state_writer_place(writer, region): the next commits say that this vantage is
 * in ${region}; "", as at first: that nothing is known of it. */
void state_writer_place(struct state_writer *writer, const char *region);

/* state_writer_latency_age(writer, ms): rows of table latency that were
 * measured last ${ms} ago count no more; 0, as at first: all do. */
void state_writer_latency_age(struct state_writer *writer, int64_t ms);

/* why = state_writer_why(writer): the last error in words, without the path. */
const char *state_writer_why(const struct state_writer *writer);

#endif
