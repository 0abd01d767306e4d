/*
 * A table of the state database as one descriptor: its columns, its key, its
 * bounds, and which version of the schema added what.  From it follow the SQL
 * (table_sql.h) and, here, how a row gets from a struct to a statement and
 * back, and into a frame between processes.  For the files of state/.
 */
#ifndef STATE_TABLE_H
#define STATE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/frame.h"
#include "state/column.h"

struct sqlite3_stmt;

/* Rows past these are taken away, the oldest first; 0 for no bound. */
struct table_bound {
	const char *time; /* the column that says how old a row is */
	int64_t age_ms;
	int64_t rows;
};

struct table {
	const char *name;
	unsigned since; /* the schema version that added it */
	const struct column *column;
	size_t n;
	size_t size;  /* of the struct */
	bool rowid;   /* its key is one growing integer */
	bool indexed; /* by its sequence */
	bool watched; /* readers give its rows to their sink */
	bool common;  /* its rows are of no vantage */
	struct table_bound bound;
};

/* table_bind(table, row, stmt): bind ${row} to the parameters 1, 2, ...  An
 * SQLite code.  The texts of ${row} have to live until the step. */
int table_bind(
    const struct table *table, const void *row, struct sqlite3_stmt *stmt);

/* table_bind_key(table, row, stmt): the same with the key of ${row} alone. */
int table_bind_key(
    const struct table *table, const void *row, struct sqlite3_stmt *stmt);

/* table_stamp(table, row, vantage, sequence): put what the writer knows into
 * the columns of these names; NULL, and in a table that is common to all,
 * leaves the vantage as it is. */
void table_stamp(const struct table *table, void *row, const char *vantage,
    uint64_t sequence);

/*
 * column = table_read(table, stmt, row): fill ${row} from the columns of
 * ${stmt}, which may hold anything.  NULL, or the name of the first column that
 * makes no sense.
 */
const char *table_read(
    const struct table *table, struct sqlite3_stmt *stmt, void *row);

/* table_put(table, row, kind, out): append ${row} to ${out} as a frame.  0,
 * or -1 as frame_put(). */
int table_put(const struct table *table, const void *row, uint32_t kind,
    struct frame_buffer *out);

/* n = table_pack(table, row, out): the same without a buffer, to FRAME_MAX
 * bytes at ${out}. */
size_t table_pack(
    const struct table *table, const void *row, unsigned char *out);

/* table_take(table, frame, row): fill ${row} from what table_pack() made.
 * 0, or -1 when it is not that. */
int table_take(const struct table *table, const struct frame *frame, void *row);

#endif
