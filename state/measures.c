/*
 * Table latency from the writing side.  Called by the editor and the writer;
 * begins and commits nothing.
 */
#include "state/measures.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "state/latency_import.h"
#include "state/schema.h"
#include "state/smoothing.h"
#include "state/table_sql.h"

/* Old rows of one step: the whole table takes a second to look at, and nobody
 * else could write meanwhile. */
#define WINDOW                                                                \
	" WHERE (client, region) > (?1, ?2) AND (client, region) <= (?3, ?4)" \
	" AND measured_ms < ?5"

/* After every client: they are printable. */
#define LAST "\x7f"

static const char *const fixed[MEASURES_STATEMENTS] = {
    [MEASURES_TOUCH] =
	"UPDATE latency SET smoothed_us = ?3, samples = ?4, measured_ms = ?5"
	" WHERE client = ?1 AND region = ?2",
    [MEASURES_COUNT] = "SELECT count(*) FROM latency",
    [MEASURES_WINDOW] =
	"SELECT client, region FROM latency WHERE (client, region) > (?1, ?2)"
	" ORDER BY client, region LIMIT 1 OFFSET ?3",
    [MEASURES_AGE] = "UPDATE latency SET rtt_us = NULL, sequence = ?6" WINDOW
		     " AND rtt_us IS NOT NULL",
    [MEASURES_PURGE] =
	"DELETE FROM latency" WINDOW " AND rtt_us IS NULL AND sequence < ?6",
    [MEASURES_MARK] = LATENCY_IMPORT_MARK,
    [MEASURES_END] = LATENCY_IMPORT_END,
    [MEASURES_DONE] = LATENCY_IMPORTED_SET,
};

int
measures_prepare(struct database *d, struct measures *m)
{
	const struct table *table = schema_table(TABLE_LATENCY);
	struct text sql;

	for (size_t i = 0; i < MEASURES_STATEMENTS; i++)
		if (fixed[i] != NULL &&
		    database_prepare(d, fixed[i], &m->stmt[i]) != 0)
			return -1;
	text_init(&sql, TABLE_SQL_MAX);
	table_sql_upsert(table, &sql);
	if (database_prepare_text(d, &sql, &m->stmt[MEASURES_PUT]) != 0)
		return -1;
	table_sql_select(table, SCHEMA_VERSION, &sql);
	text_add(&sql, " WHERE client = ?1 AND region = ?2");
	return database_prepare_text(d, &sql, &m->stmt[MEASURES_FIND]);
}

int
measures_find(struct database *d, struct measures *m,
    const struct state_latency *key, struct state_latency *row)
{
	const struct table *table = schema_table(TABLE_LATENCY);
	sqlite3_stmt *stmt = m->stmt[MEASURES_FIND];
	struct state_latency found;
	int code, status = 0;

	(void)table_bind_key(table, key, stmt);
	code = sqlite3_step(stmt);
	/* One that makes no sense is written over. */
	if (code == SQLITE_ROW && table_read(table, stmt, &found) == NULL)
		status = 1;
	else if (code != SQLITE_ROW && code != SQLITE_DONE)
		status = database_failed(d);
	sqlite3_reset(stmt);
	if (status == 1 && row != NULL)
		*row = found;
	return status;
}

/* The row as it is, but for what moves with each measure. */
static int
touch(struct database *d, sqlite3_stmt *stmt, const struct state_latency *row)
{
	(void)table_bind_key(schema_table(TABLE_LATENCY), row, stmt);
	(void)sqlite3_bind_int64(stmt, 3, row->smoothed_us);
	(void)sqlite3_bind_int64(stmt, 4, row->samples);
	(void)sqlite3_bind_int64(stmt, 5, row->measured_ms);
	return database_run(d, stmt);
}

/* moved = put_in_place(row, measure): nothing of before is left in ${row}. */
static bool
put_in_place(struct state_latency *row, const struct state_latency *measure)
{
	bool moved = row->rtt_us != measure->smoothed_us;

	*row = *measure;
	row->rtt_us = row->smoothed_us;
	return moved;
}

int
measures_merge(struct database *d, struct measures *m,
    const struct state_latency *measure, uint64_t *sequence,
    enum measures_outcome *outcome)
{
	struct state_latency row = {.client = ""};
	int found = measures_find(d, m, measure, &row);

	if (found < 0)
		return -1;
	if (found == 0) {
		row = *measure;
		row.rtt_us = row.smoothed_us;
		*outcome = MEASURES_NEW;
	} else if (m->replace ? put_in_place(&row, measure)
			      : smoothing_merge(&row, measure)) {
		*outcome = MEASURES_MOVED;
	} else {
		*outcome = MEASURES_SAME;
		return touch(d, m->stmt[MEASURES_TOUCH], &row);
	}
	row.sequence = ++*sequence;
	(void)table_bind(
	    schema_table(TABLE_LATENCY), &row, m->stmt[MEASURES_PUT]);
	return database_run(d, m->stmt[MEASURES_PUT]);
}

int
measures_count(struct database *d, struct measures *m, int64_t *n)
{
	sqlite3_stmt *stmt = m->stmt[MEASURES_COUNT];
	int status = 0;

	if (sqlite3_step(stmt) == SQLITE_ROW)
		*n = sqlite3_column_int64(stmt, 0);
	else
		status = database_failed(d);
	sqlite3_reset(stmt);
	return status;
}

/* Where a step of the table ends. */
struct window {
	char client[STATE_NAME], region[STATE_NAME];
	int more; /* the table goes on */
};

static int
find_window(struct database *d, struct measures *m, struct window *out)
{
	sqlite3_stmt *stmt = m->stmt[MEASURES_WINDOW];
	int code, status = 0;

	(void)sqlite3_bind_text(stmt, 1, m->client, -1, SQLITE_STATIC);
	(void)sqlite3_bind_text(stmt, 2, m->region, -1, SQLITE_STATIC);
	(void)sqlite3_bind_int64(stmt, 3, MEASURES_AGE_STEP - 1);
	code = sqlite3_step(stmt);
	out->more = code == SQLITE_ROW;
	snprintf(out->client, sizeof(out->client), "%s",
	    out->more ? (const char *)sqlite3_column_text(stmt, 0) : LAST);
	snprintf(out->region, sizeof(out->region), "%s",
	    out->more ? (const char *)sqlite3_column_text(stmt, 1) : "");
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		status = database_failed(d);
	sqlite3_reset(stmt);
	return status;
}

/* Do ${which} to the rows of ${window}; ${rows} is how many. */
static int
change_window(struct database *d, struct measures *m,
    enum measures_statement which, const struct window *window,
    int64_t before_ms, uint64_t sequence, size_t *rows)
{
	sqlite3_stmt *stmt = m->stmt[which];

	(void)sqlite3_bind_text(stmt, 1, m->client, -1, SQLITE_STATIC);
	(void)sqlite3_bind_text(stmt, 2, m->region, -1, SQLITE_STATIC);
	(void)sqlite3_bind_text(stmt, 3, window->client, -1, SQLITE_STATIC);
	(void)sqlite3_bind_text(stmt, 4, window->region, -1, SQLITE_STATIC);
	(void)sqlite3_bind_int64(stmt, 5, before_ms);
	(void)sqlite3_bind_int64(stmt, 6, (int64_t)sequence);
	if (database_run(d, stmt) != 0)
		return -1;
	*rows = (size_t)sqlite3_changes(d->db);
	return 0;
}

int
measures_age(struct database *d, struct measures *m, int64_t before_ms,
    uint64_t *sequence, size_t *aged)
{
	struct window window;
	size_t rows, purged;

	if (find_window(d, m, &window) != 0 ||
	    change_window(d, m, MEASURES_AGE, &window, before_ms, *sequence + 1,
		&rows) != 0)
		return -1;
	if (rows > 0)
		++*sequence;
	*aged += rows;
	/* Never the row with the largest sequence: the next change would get
	 * the same, and readers would see none. */
	if (change_window(d, m, MEASURES_PURGE, &window,
		before_ms - MEASURES_STAY_MS, *sequence, &purged) != 0)
		return -1;
	if (window.more) {
		memcpy(m->client, window.client, sizeof(m->client));
		memcpy(m->region, window.region, sizeof(m->region));
	} else {
		m->client[0] = m->region[0] = '\0';
	}
	return window.more;
}

int
measures_mark(struct database *d, struct measures *m, int64_t now_ms)
{
	(void)sqlite3_bind_int64(m->stmt[MEASURES_MARK], 1, now_ms);
	return database_run(d, m->stmt[MEASURES_MARK]);
}

int
measures_end(struct database *d, struct measures *m, uint64_t *sequence)
{
	(void)sqlite3_bind_int64(
	    m->stmt[MEASURES_DONE], 1, (int64_t)++ * sequence);
	if (database_run(d, m->stmt[MEASURES_DONE]) != 0)
		return -1;
	return database_run(d, m->stmt[MEASURES_END]);
}
