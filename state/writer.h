/*
 * Writes the rows of one vantage to the state database, under a lease.  In the
 * process that calls it, which a lock may stop for a second and a truncated
 * -shm may kill: the writing process of meridian-probe (recorder.h).
 *
 * After any error the database is closed: open it again, and write all rows
 * again.
 */
#ifndef STATE_WRITER_H
#define STATE_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "state/rows.h"

/* Events are kept no longer and no more than this... */
#define WRITER_EVENTS_AGE_MS (INT64_C(30) * 24 * 3600 * 1000)
#define WRITER_EVENTS_MAX 100000

/* ...looked at so often, and taken away in steps that take a millisecond. */
#define WRITER_PRUNE_MS 60000
#define WRITER_PRUNE_STEP 500

struct state_writer;

/*
 * writer = state_writer_create(path, vantage, pid, id): nothing is opened yet.
 * ${pid} is the daemon that owns the lease, ${id} a random text that no other
 * run of it has.  NULL without memory.
 */
struct state_writer *state_writer_create(
    const char *path, const char *vantage, int64_t pid, const char *id);

/* state_writer_destroy(writer): give the lease back, close, free.  NULL is
 * fine. */
void state_writer_destroy(struct state_writer *writer);

/*
 * state_writer_open(writer): open or create the database and take the lease.
 * 0, or -1 when that cannot be: somebody else holds it, too.
 */
int state_writer_open(struct state_writer *writer);

/* open = state_writer_same(writer): still open, and nobody replaced or
 * truncated the files.  False after an error. */
bool state_writer_same(struct state_writer *writer);

/* state_writer_restore(writer, take, context): give each row of this vantage
 * that makes sense.  0, or -1. */
int state_writer_restore(struct state_writer *writer,
    void (*take)(void *context, const struct state_endpoint *row),
    void *context);

/*
 * One transaction: begin, rows, commit.  The vantage of each row is this one,
 * its sequence the next.  commit() adds the heartbeat, keeps the lease for
 * another LEASE_MS, and prunes events.  0, or -1 and nothing was written.
 */
int state_writer_begin(struct state_writer *writer);
int state_writer_endpoint(
    struct state_writer *writer, const struct state_endpoint *row);
int state_writer_event(
    struct state_writer *writer, const struct state_event *event);
int state_writer_forget(
    struct state_writer *writer, const struct state_endpoint *row);
int state_writer_commit(struct state_writer *writer);

/* why = state_writer_why(writer): the last error in words, without the path. */
const char *state_writer_why(const struct state_writer *writer);

#endif
