/*
 * The statements of the writer, prepared when it opens the file.  For writer.c
 * alone.
 */
#ifndef STATE_WRITER_SQL_H
#define STATE_WRITER_SQL_H

#include "state/database.h"
#include "state/measures.h"
#include "state/schema.h"

enum writer_statement {
	WRITER_BEGIN,
	WRITER_TOP, /* the largest sequence of the file that is believed */
	WRITER_ODD, /* sequence_odd() */
	WRITER_HOLDER,
	WRITER_CARRIED, /* a vantage that is one of another node */
	WRITER_TAKE_LEASE,
	WRITER_DROP_LEASE,
	WRITER_HEARTBEAT,
	WRITER_LEASES,         /* of this machine and boot that have run out */
	WRITER_SILENT,         /* a vantage whose last heartbeat is long ago */
	WRITER_SILENT_CARRIED, /* the same, of other nodes alone */
	WRITER_ORPHAN,         /* the same of one that has rows alone */
	WRITER_STRIKE,         /* a vantage, when its rows are gone */
	WRITER_COMMIT,
	WRITER_STATEMENTS
};

/* Those that each table has; NULL where there is nothing to do: what has a
 * bound is pruned by that, what has none by its vantage, if it is of one. */
enum writer_of_table {
	WRITER_PUT,
	WRITER_ADD,
	WRITER_FORGET,
	WRITER_RESTORE,
	WRITER_FORGET_VANTAGE,
	WRITER_COUNT,
	WRITER_PRUNE_AGE,
	WRITER_PRUNE_ROWS,
	WRITER_PRUNE_ODD,
	WRITER_OF_TABLE
};

struct writer_sql {
	struct sqlite3_stmt *stmt[WRITER_STATEMENTS];
	/* Not of vantage, whose rows are written with their lease, and not of
	 * latency (measures.h). */
	struct sqlite3_stmt *of[STATE_TABLES][WRITER_OF_TABLE];
	struct measures measures; /* of table latency */
};

/* writer_sql_prepare(d, sql): prepare them all.  0, or -1 with d->why.  They
 * end with the connection: database_close(), database_abandon(). */
int writer_sql_prepare(struct database *d, struct writer_sql *sql);

#endif
