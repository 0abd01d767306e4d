/*
 * The trail of what operators said.  Called by the editor; begins and commits
 * nothing, and changes no row that is there.
 */
#include "state/trail.h"

#include <sqlite3.h>

#include "base/text.h"
#include "state/schema.h"
#include "state/sequence.h"
#include "state/table_sql.h"

/* Rows a and b are about the same. */
#define SAME                                          \
	"a.kind = b.kind AND a.target = b.target AND" \
	" replace(a.action, 'undrain', 'drain') ="    \
	" replace(b.action, 'undrain', 'drain')"

/* STATE_SHARED_REFUSED */
#define REFUSED "2"

static const char *const fixed[TRAIL_STATEMENTS] = {
    /* First what later rows stand for; so no drain that was ended long ago is
     * the last of its target for a moment.  One that nodes refused stands for
     * none. */
    [TRAIL_OVER] = "DELETE FROM override AS a WHERE a.at_ms < ?1 AND"
		   " (a.shared IS " REFUSED " OR EXISTS"
		   " (SELECT 1 FROM override AS b WHERE b.number > a.number"
		   " AND b.shared IS NOT " REFUSED " AND " SAME "))",
    [TRAIL_ENDED] = "DELETE FROM override AS a WHERE a.at_ms < ?1"
		    " AND (a.action = 'undrain' OR a.value = 'off'"
		    " OR a.at_ms + a.length_ms <= ?2) AND NOT EXISTS"
		    " (SELECT 1 FROM override AS b WHERE b.number <> a.number"
		    " AND " SAME ")",
};

int
trail_prepare(struct database *d, struct trail *t)
{
	const struct table *table = schema_table(TABLE_OVERRIDE);
	struct text sql;

	for (size_t i = 0; i < TRAIL_STATEMENTS; i++)
		if (fixed[i] != NULL &&
		    database_prepare(d, fixed[i], &t->stmt[i]) != 0)
			return -1;
	text_init(&sql, TABLE_SQL_MAX);
	table_sql_insert(table, &sql);
	if (database_prepare_text(d, &sql, &t->stmt[TRAIL_ADD]) != 0)
		return -1;
	text_add(&sql, "SELECT ");
	table_sql_top(table, "number", &sql);
	return database_prepare_text(d, &sql, &t->stmt[TRAIL_LAST]);
}

/* A number above all that operators can have come to was given by nobody. */
static int
read_last(struct database *d, sqlite3_stmt *stmt, uint64_t *out)
{
	int status = 0;

	(void)sqlite3_bind_int64(stmt, 1, SEQUENCE_FLOOR);
	if (sqlite3_step(stmt) == SQLITE_ROW)
		*out = (uint64_t)sqlite3_column_int64(stmt, 0);
	else
		status = database_failed(d);
	sqlite3_reset(stmt);
	return status;
}

static int
prune(struct database *d, struct trail *t, int64_t now_ms)
{
	(void)sqlite3_bind_int64(
	    t->stmt[TRAIL_OVER], 1, now_ms - STATE_OVERRIDES_AGE_MS);
	(void)sqlite3_bind_int64(
	    t->stmt[TRAIL_ENDED], 1, now_ms - STATE_OVERRIDES_AGE_MS);
	(void)sqlite3_bind_int64(t->stmt[TRAIL_ENDED], 2, now_ms);
	if (database_run(d, t->stmt[TRAIL_OVER]) != 0)
		return -1;
	return database_run(d, t->stmt[TRAIL_ENDED]);
}

int
trail_say(struct database *d, struct trail *t, struct state_override *row,
    uint64_t least, int64_t now_ms)
{
	uint64_t last = 0;

	if (read_last(d, t->stmt[TRAIL_LAST], &last) != 0)
		return -1;
	row->number = (last > least ? last : least) + 1;
	(void)table_bind(schema_table(TABLE_OVERRIDE), row, t->stmt[TRAIL_ADD]);
	if (database_run(d, t->stmt[TRAIL_ADD]) != 0)
		return -1;
	if (sqlite3_changes(d->db) != 1)
		return database_say(d,
		    "no number is left for a new row of "
		    "table override");
	return prune(d, t, now_ms);
}
