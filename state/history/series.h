/*
 * Rows of packed counts in the tables of a history: a count is added, set or
 * read by its key and its place in the row.  For the writer.
 */
#ifndef STATE_HISTORY_SERIES_H
#define STATE_HISTORY_SERIES_H

#include <stdint.h>

#include "state/database.h"
#include "state/history/packed.h"

enum series_table {
	SERIES_MINUTES,   /* hour, path */
	SERIES_HOURS,     /* day, path */
	SERIES_DAYS,      /* month, path: answers, subnets */
	SERIES_SCOPES,    /* month, service, family, length */
	SERIES_COUNTRIES, /* month, service, country, region */
	SERIES_AS,        /* month, service, number */
	SERIES_TABLES
};

/* The longest key, and the most rows of counts under one. */
#define SERIES_KEY 4
#define SERIES_VALUES 2

/* What a table is; its key is integers, the time first. */
struct series_kind {
	const char *table;
	const char *key[SERIES_KEY];
	const char *value[SERIES_VALUES]; /* the first is never NULL in SQL */
	unsigned n_key, n_value;
	unsigned n; /* counts in a row */
};

const struct series_kind *series_kind(enum series_table table);

struct series {
	struct database *d;
	struct sqlite3_stmt *read[SERIES_TABLES], *write[SERIES_TABLES],
	    *erase[SERIES_TABLES];
};

/* status = series_prepare(s, d): prepare the statements for ${d}, which closes
 * them.  0, or -1 with d->why, as all below. */
int series_prepare(struct series *s, struct database *d);

/* series_add(s, table, key, at, more): add ${more}, one of each value, to count
 * ${at} of the row of ${key}, which is made. */
int series_add(struct series *s, enum series_table table, const int64_t *key,
    unsigned at, const uint64_t *more);

/* series_set(s, table, key, at, count): the count ${at} of a table with one
 * value is ${count}; a row that is all 0 is taken away. */
int series_set(struct series *s, enum series_table table, const int64_t *key,
    unsigned at, uint64_t count);

#endif
