/*
 * Copies of SQLite databases that are in use, by SQLite's backup interface, and
 * what comes back from such a copy of a state database.  Called by meridianctl;
 * daemons go on meanwhile.
 */
#ifndef STATE_BACKUP_H
#define STATE_BACKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Why something could not be done, in words. */
#define STATE_BACKUP_WHY 640

/* Who wants to know how far a copy is: ${part} is from 0 to 1. */
struct state_backup_watch {
	void (*copied)(void *context, double part);
	void *context;
};

/*
 * status = state_backup(from, to, watch, why): copy the database ${from}, as it
 * is at one moment, to the file ${to}, which must not be there.  Writers are
 * not held up.  What was copied is checked.  ${watch} may be NULL.  0, or -1
 * with ${why}, and then there is no ${to}.
 */
int state_backup(const char *from, const char *to,
    const struct state_backup_watch *watch, char why[STATE_BACKUP_WHY]);

/* What came back. */
struct state_restored {
	unsigned schema; /* of the copy */
	size_t overrides, events, round_trips,
	    ramps; /* rows that were lacking */
	/* Overrides that are in force by them again. */
	size_t in_force;
	/* Of the copy, that somebody has ended since: they stay ended. */
	size_t ended;
	size_t odd; /* rows that make no sense: they are left out */
};

/*
 * status = state_backup_check(copy, schema, why): the ${copy} of a state
 * database is whole and of no newer release; its ${schema}.  0, or -1 with
 * ${why}.
 */
int state_backup_check(
    const char *copy, unsigned *schema, char why[STATE_BACKUP_WHY]);

/*
 * status = state_restore(state, copy, dry, out, why): write to the state
 * database ${state}, made if it is not there, what the ${copy} has and it
 * lacks: what operators said, events, round trips and ramps.  No row that is
 * there changes, and what was ended since stays ended.  What is of now, health
 * and load, is left to those who measure it.  A copy of another site is
 * refused, and a database of none is of that of the copy afterwards, unless it
 * has rows that were accepted; into one of a site nothing comes that a copy of
 * none had accepted.  In one transaction, or with ${dry} in none.  0, or -1
 * with ${why}.
 */
int state_restore(const char *state, const char *copy, bool dry,
    struct state_restored *out, char why[STATE_BACKUP_WHY]);

#endif
