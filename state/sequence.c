/*
 * Believing the sequences of rows or not.  Called by the reader and the writer
 * for each change; removes no row.
 */
#include "state/sequence.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>

#include "base/text.h"
#include "state/latency_import.h"
#include "state/schema.h"
#include "state/table_sql.h"

int64_t
sequence_most(int64_t wall_ms)
{
	int64_t last_ms = COLUMN_SEQUENCE_MAX / SEQUENCE_RATE, most;

	if (wall_ms < 0)
		return SEQUENCE_FLOOR;
	most = (wall_ms < last_ms ? wall_ms : last_ms) * SEQUENCE_RATE;
	return most > SEQUENCE_FLOOR ? most : SEQUENCE_FLOOR;
}

int
sequence_prepare(struct database *d, sqlite3_stmt **stmt)
{
	const char *join = "";
	struct text sql;

	text_init(&sql, TABLE_SQL_MAX);
	for (size_t i = 0; i < d->schema->n_tables; i++) {
		const struct table *t = &d->schema->table[i];

		if (t->since > d->version)
			continue;
		text_add(&sql,
		    "%sSELECT '%s', max(sequence) FROM %s WHERE sequence > ?1",
		    join, t->name, t->name);
		join = " UNION ALL ";
	}
	return database_prepare_text(d, &sql, stmt);
}

int
sequence_prepare_top(struct database *d, sqlite3_stmt **stmt)
{
	struct text sql;

	text_init(&sql, TABLE_SQL_MAX);
	text_add(&sql, "SELECT max(0");
	for (size_t i = 0; i < STATE_TABLES; i++) {
		text_add(&sql, ", ");
		table_sql_top(
		    schema_table((enum state_table)i), "sequence", &sql);
	}
	/* A removal above all rows would make readers read all, each time. */
	text_add(&sql, ", ");
	table_sql_top(schema_table(TABLE_VANTAGE), "removed", &sql);
	text_add(&sql, ", " SEQUENCE_REMOVED_TOP ", " LATENCY_IMPORTED_TOP ")");
	return database_prepare_text(d, &sql, stmt);
}

int
sequence_odd(sqlite3_stmt *stmt, int64_t most, char words[SEQUENCE_WORDS])
{
	int code, found = 0;

	(void)sqlite3_bind_int64(stmt, 1, most);
	while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
		const char *table = (const char *)sqlite3_column_text(stmt, 0);

		if (found || table == NULL ||
		    sqlite3_column_type(stmt, 1) == SQLITE_NULL)
			continue;
		found = 1;
		snprintf(words, SEQUENCE_WORDS,
		    "a row of table %s has sequence %lld, which no program of "
		    "Meridian gave: it is not used; remove it: DELETE FROM %s "
		    "WHERE sequence > %" PRId64,
		    table, (long long)sqlite3_column_int64(stmt, 1), table,
		    most);
	}
	sqlite3_reset(stmt);
	return code == SQLITE_DONE ? found : -1;
}
