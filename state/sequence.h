/*
 * Which sequences of rows a program of Meridian can have given, and whether a
 * file has others.  For the reader and the writer: one row with the largest
 * number there is would otherwise end all news, since nothing comes after it.
 */
#ifndef STATE_SEQUENCE_H
#define STATE_SEQUENCE_H

#include <stdint.h>

#include "state/database.h"

/* Always believed, whatever the clock says: at 100,000 rows a second, which is
 * more than a file takes, a writer gets here after 89 years. */
#define SEQUENCE_FLOOR (INT64_C(1) << 48)

/* Numbers that a writer may have taken in each millisecond since 1970. */
#define SEQUENCE_RATE INT64_C(1000)

/* Room for what is said of a row that has another. */
#define SEQUENCE_WORDS 256

/*
 * Rows of other nodes go without a vantage of this one that could say so: the
 * row 'removed' of table meta has ?1, the sequence of the last that went.  And
 * an expression, that sequence if it is no larger than ?1, or 0; of a file of
 * schema 2 or later.
 */
#define SEQUENCE_REMOVED_SET \
	"INSERT OR REPLACE INTO meta VALUES ('removed', ?1)"
#define SEQUENCE_REMOVED_TOP                                    \
	"ifnull((SELECT value FROM meta WHERE name = 'removed'" \
	" AND value <= ?1), 0)"

/*
 * most = sequence_most(wall_ms): the largest sequence that is believed at
 * ${wall_ms}.  It grows by a million a second, faster than rows can be written:
 * a row just below it lifts the numbers of all that come after, and is then
 * left behind; a row above it is left out until it is below, if ever.
 */
int64_t sequence_most(int64_t wall_ms);

/* sequence_prepare(d, stmt): the statement of sequence_odd(), of the tables
 * that the open file has.  0, or -1 with d->why. */
int sequence_prepare(struct database *d, struct sqlite3_stmt **stmt);

/* sequence_prepare_top(d, stmt): the largest sequence of a file of our schema,
 * of rows, removals and imports, that is no larger than ?1: those of a writer
 * come after it.  0, or -1 with d->why. */
int sequence_prepare_top(struct database *d, struct sqlite3_stmt **stmt);

/*
 * found = sequence_odd(stmt, most, words): whether a row has a sequence above
 * ${most}.  1 with ${words} that say what to do about it, 0, or -1 when SQLite
 * failed.
 */
int sequence_odd(
    struct sqlite3_stmt *stmt, int64_t most, char words[SEQUENCE_WORDS]);

#endif
