/*
 * Reads the state database: all rows once, then only rows whose sequence grew.
 * Opens nothing that is not there, notices when the file was replaced or its
 * schema changed, keeps each read transaction short.  In the process that calls
 * it: meridianctl, and the reading process of meridiand (watch.h), never a
 * thread that must survive a truncated -shm.
 */
#ifndef STATE_READER_H
#define STATE_READER_H

#include <stddef.h>
#include <stdint.h>

#include "base/errbuf.h"
#include "state/sink.h"

struct state_reader;

/* reader = state_reader_create(path): nothing is opened yet.  NULL without
 * memory. */
struct state_reader *state_reader_create(const char *path);

/*
 * state_reader_follow(reader, tables): give rows of ${tables} alone, a set of
 * enum state_table such as TABLES_LATENCY; TABLES_HEALTH where it is not
 * called.  Before the first poll.  Every change of round trips is full, and
 * there is none while they are imported (latency_import.h), as an order made
 * from half of them would move clients twice; -1 when an import was not
 * finished.  A reader that has given nothing yet does not wait: half of a table
 * is more than none.
 */
void state_reader_follow(struct state_reader *reader, unsigned tables);

/* state_reader_destroy(reader): close and free.  NULL is fine. */
void state_reader_destroy(struct state_reader *reader);

/*
 * n = state_reader_poll(reader, sink, context, eb): give what changed since the
 * last call to ${sink}; the first change after opening or reopening is full.
 * Cheap when nothing changed (PRAGMA data_version and a stat).  1 when rows
 * were given, 0 when nothing changed, -1 with an error in ${eb} when the
 * database is missing, locked or broken: later calls try again, at first after
 * 100 ms, then less often, up to twice a second.  A row that makes no sense is
 * skipped, and the first is logged; so is one with a sequence that nobody gave
 * (sequence.h).  state_reader_why() is the last error in words, without the
 * path; state_reader_odd() what is said of such a sequence, "" while there is
 * none.
 */
int state_reader_poll(struct state_reader *reader,
    const struct state_sink *sink, void *context, struct errbuf *eb);
const char *state_reader_why(const struct state_reader *reader);
const char *state_reader_odd(const struct state_reader *reader);

/* state_reader_again(reader): the next change that is given is full, and there
 * is one whether anything changed or not. */
void state_reader_again(struct state_reader *reader);

/*
 * n = state_reader_events(reader, limit, take, context, eb): the last ${limit}
 * events, newest first.  Their number, or -1 with an error.
 */
int state_reader_events(struct state_reader *reader, size_t limit,
    void (*take)(void *context, const struct state_event *event), void *context,
    struct errbuf *eb);

/*
 * n = state_reader_overrides(reader, limit, take, context, eb): the last
 * ${limit} rows of what operators said, the last one first; none of a file that
 * has no such table yet.  Their number, or -1 with an error.
 */
int state_reader_overrides(struct state_reader *reader, size_t limit,
    void (*take)(void *context, const struct state_override *row),
    void *context, struct errbuf *eb);

/*
 * pid = state_reader_owner(reader, vantage, eb): the process on this machine
 * that holds the lease of ${vantage} now; 0 when there is none.  -1 with an
 * error in ${eb} as state_reader_poll().
 */
int64_t state_reader_owner(
    struct state_reader *reader, const char *vantage, struct errbuf *eb);

#endif
