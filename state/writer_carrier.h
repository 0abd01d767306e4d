/*
 * What the writer of rows that other nodes say has beside the others: its
 * statements, and what it refused.  For writer_parts.h alone.
 */
#ifndef STATE_WRITER_CARRIER_H
#define STATE_WRITER_CARRIER_H

#include "base/u64map.h"
#include "state/rows.h"
#include "state/schema.h"

struct sqlite3_stmt;

/* Room for what was refused. */
#define CARRIER_WORDS 256

enum carrier_statement {
	CARRIER_NODE_OF, /* a vantage: whose it is */
	CARRIER_PUT_VANTAGE,
	CARRIER_TAKE_VANTAGE,
	CARRIER_HOLDS, /* this node steps for a pool */
	CARRIER_OLD_VANTAGE,
	CARRIER_OLD_NODE,
	CARRIER_OLD_LOCK,
	CARRIER_OLD_DEMAND,
	CARRIER_FORGET_NODE,
	CARRIER_REMOVED,
	CARRIER_NUMBER_OF, /* an override */
	CARRIER_AT_NUMBER,
	CARRIER_LAST_NUMBER,
	CARRIER_NEXT_OFFERED, /* the first from a number on */
	CARRIER_RENUMBER,
	CARRIER_SETTLE,
	CARRIER_BEFORE, /* what counts again when a row is refused */
	CARRIER_TAKE_OVERRIDE,
	CARRIER_STATEMENTS
};

/* Of the tables that vantages write: endpoint, address, load. */
enum carrier_of_table {
	CARRIER_PUT,
	CARRIER_TAKE, /* all rows of a vantage */
	CARRIER_OLD,  /* SELECT those of other nodes, up to a sequence */
	CARRIER_OF_TABLE
};

/* Which these are. */
#define CARRIER_OF_VANTAGES 3
extern const enum state_table carrier_of_vantages[CARRIER_OF_VANTAGES];

struct carrier {
	char node[STATE_NAME]; /* this one */
	/* The vantage that was looked at last in this transaction, "" none,
	 * and whether it may be written. */
	char vantage[STATE_NAME];
	bool may;
	bool replacing;    /* what is not written again goes */
	uint64_t replaced; /* what it was before that, by its sequence */
	/* Rows, by the hash of their key, that are as they were: they were not
	 * written, and stay. */
	struct u64map kept;
	bool kept_lost;              /* without memory: nothing goes */
	char refused[CARRIER_WORDS]; /* in this transaction, the first; or "" */
	struct sqlite3_stmt *stmt[CARRIER_STATEMENTS];
	struct sqlite3_stmt *of[STATE_TABLES][CARRIER_OF_TABLE];
};

#endif
