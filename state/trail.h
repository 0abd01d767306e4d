/*
 * Table override from the writing side: one row more at its end, and what is
 * old and not in force any more taken away.  Inside a transaction of the editor
 * (editor.h).  For the files of state/ alone.
 */
#ifndef STATE_TRAIL_H
#define STATE_TRAIL_H

#include "state/database.h"
#include "state/rows.h"

enum trail_statement {
	TRAIL_LAST, /* the largest number that is believed */
	TRAIL_ADD,
	TRAIL_OVER,  /* what is old, and something was said since */
	TRAIL_ENDED, /* what is old, the last, and ended */
	TRAIL_STATEMENTS
};

struct trail {
	struct sqlite3_stmt *stmt[TRAIL_STATEMENTS];
};

/* trail_prepare(d, t): 0, or -1 with d->why.  The statements end with the
 * connection. */
int trail_prepare(struct database *d, struct trail *t);

/*
 * trail_say(d, t, row, least, now_ms): give ${row}, whose sequence is set, the
 * next number, above ${least} too, and write it; then prune.  0, or -1 with
 * d->why.
 */
int trail_say(struct database *d, struct trail *t, struct state_override *row,
    uint64_t least, int64_t now_ms);

#endif
