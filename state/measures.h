/*
 * Writing table latency: a measure into its row, and that rows get too old to
 * count.  Inside a transaction of whoever has the file open for writing: the
 * editor (editor.h), and the writer of meridian-probe.  For the files of state/
 * alone.
 */
#ifndef STATE_MEASURES_H
#define STATE_MEASURES_H

#include <stddef.h>
#include <stdint.h>

#include "state/database.h"
#include "state/rows.h"

enum measures_statement {
	MEASURES_FIND,
	MEASURES_PUT,
	MEASURES_TOUCH, /* what does not count; its sequence stays */
	MEASURES_COUNT,
	MEASURES_WINDOW, /* where a step ends */
	MEASURES_AGE,
	MEASURES_PURGE,
	MEASURES_MARK,
	MEASURES_END,
	MEASURES_DONE,
	MEASURES_STATEMENTS
};

struct measures {
	struct sqlite3_stmt *stmt[MEASURES_STATEMENTS];
	/* The last row that was looked at for its age. */
	char client[STATE_NAME], region[STATE_NAME];
	/* A measure counts as it is, whatever was measured before. */
	bool replace;
};

/* What came of a measure. */
enum measures_outcome { MEASURES_NEW, MEASURES_MOVED, MEASURES_SAME };

/* measures_prepare(d, m): 0, or -1 with d->why.  The statements end with the
 * connection. */
int measures_prepare(struct database *d, struct measures *m);

/* found = measures_find(d, m, key, row): the row with the key of ${key}, if it
 * makes sense.  1, 0, or -1 with d->why; ${row} may be NULL. */
int measures_find(struct database *d, struct measures *m,
    const struct state_latency *key, struct state_latency *row);

/*
 * measures_merge(d, m, measure, sequence, outcome): put ${measure} into its
 * row, smoothed, or with ${m->replace} in its place.  ${sequence}, the last
 * that was given, grows when the round trip that counts moves.  0, or -1 with
 * d->why.
 */
int measures_merge(struct database *d, struct measures *m,
    const struct state_latency *measure, uint64_t *sequence,
    enum measures_outcome *outcome);

/* measures_count(d, m, n): how many rows there are.  0, or -1 with d->why. */
int measures_count(struct database *d, struct measures *m, int64_t *n);

/* Rows whose ages are looked at in one step: some hundredths of a second. */
#define MEASURES_AGE_STEP 20000

/* What is too old to count stays for so long, for people to look at. */
#define MEASURES_STAY_MS (INT64_C(7) * 24 * 3600 * 1000)

/*
 * more = measures_age(d, m, before_ms, sequence, aged): look at a step of the
 * table, from where the last one ended: those that were measured last before
 * ${before_ms} count no more, those that did not count for long are removed.
 * ${aged} grows by those that count no more, ${sequence} when there are any.
 * 1 while the table goes on, 0 at its end, and the next step begins it again;
 * -1 with d->why.
 */
int measures_age(struct database *d, struct measures *m, int64_t before_ms,
    uint64_t *sequence, size_t *aged);

/* measures_mark(d, m, now_ms): an import is under way (latency_import.h).
 * measures_end(d, m, sequence): it is done, and ${sequence} grows, by which
 * readers notice.  0, or -1 with d->why. */
int measures_mark(struct database *d, struct measures *m, int64_t now_ms);
int measures_end(struct database *d, struct measures *m, uint64_t *sequence);

#endif
