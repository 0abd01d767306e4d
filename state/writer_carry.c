/*
 * Rows of other nodes.  Called by writer.c; touches no row that a daemon of
 * this node writes.
 */
#include "state/writer_parts.h"

#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "state/sequence.h"
#include "state/table_sql.h"

static const char *const fixed[CARRIER_STATEMENTS] = {
    [CARRIER_NODE_OF] = "SELECT node FROM vantage WHERE name = ?1",
    [CARRIER_TAKE_VANTAGE] = "DELETE FROM vantage WHERE name = ?1",
    [CARRIER_HOLDS] = "SELECT 1 FROM lock WHERE zone = ?1 AND pool = ?2"
		      " AND node = ?3",
    [CARRIER_OLD_VANTAGE] = "DELETE FROM vantage WHERE node IS NOT NULL AND"
			    " (sequence <= ?1 OR sequence > ?2)",
    [CARRIER_OLD_NODE] = "DELETE FROM node WHERE name <> ?3 AND"
			 " (sequence <= ?1 OR sequence > ?2)",
    [CARRIER_OLD_LOCK] = "DELETE FROM lock WHERE"
			 " (sequence <= ?1 OR sequence > ?2)",
    [CARRIER_OLD_DEMAND] = "DELETE FROM demand WHERE node <> ?3 AND"
			   " (sequence <= ?1 OR sequence > ?2)",
    [CARRIER_FORGET_NODE] =
	"DELETE FROM node WHERE name <> ?1 AND seen_ms < ?2",
    [CARRIER_REMOVED] = SEQUENCE_REMOVED_SET,
    [CARRIER_NUMBER_OF] = "SELECT number FROM override WHERE id = ?1",
    [CARRIER_AT_NUMBER] = "SELECT shared, id, at_ms, action, kind, target"
			  " FROM override WHERE number = ?1",
    /* Numbers above were given by nobody. */
    [CARRIER_LAST_NUMBER] =
	"SELECT max(number) FROM override WHERE number <= 281474976710656",
    [CARRIER_NEXT_OFFERED] =
	"SELECT min(number) FROM override WHERE number >= ?1 AND number <= ?2"
	" AND (shared IS NULL OR shared <> 1)",
    [CARRIER_RENUMBER] = "UPDATE override SET number = ?2, sequence = ?3"
			 " WHERE number = ?1",
    [CARRIER_SETTLE] = "UPDATE override SET number = ?2, sequence = ?3,"
		       " id = ?4, node = ?5, shared = ?6, refused = ?7"
		       " WHERE number = ?1",
    [CARRIER_BEFORE] =
	"UPDATE override SET sequence = ?2 WHERE number ="
	" (SELECT max(a.number) FROM override AS a, override AS b"
	" WHERE b.number = ?1 AND a.number < b.number"
	" AND (a.shared IS NULL OR a.shared <> 2)"
	" AND a.kind = b.kind AND a.target = b.target"
	" AND replace(a.action, 'undrain', 'drain') ="
	" replace(b.action, 'undrain', 'drain'))",
    /* What only this node said waits until it is shared. */
    [CARRIER_TAKE_OVERRIDE] =
	"DELETE FROM override WHERE number = ?1 AND id = ?2 AND id <> ''"
	" AND shared IN (1, 2)",
};

static const char take[] = "DELETE FROM %s WHERE vantage = ?1";
static int
prepare_table(struct state_writer *w, enum state_table which)
{
	const struct table *table = schema_table(which);
	struct sqlite3_stmt **of = w->carrier->of[which];
	struct text sql;

	text_init(&sql, TABLE_SQL_MAX);
	table_sql_upsert(table, &sql);
	/* What was known already is as old as it was. */
	if (which != TABLE_LOAD)
		text_add(&sql,
		    ", since_ms = iif(%s.health = excluded.health,"
		    " %s.since_ms, excluded.since_ms)",
		    table->name, table->name);
	replace_add_differs(table, &sql);
	if (database_prepare_text(&w->d, &sql, &of[CARRIER_PUT]) != 0)
		return -1;
	text_add(&sql, take, table->name);
	if (database_prepare_text(&w->d, &sql, &of[CARRIER_TAKE]) != 0)
		return -1;
	return replace_prepare(w, which);
}

int
carrier_prepare(struct state_writer *w)
{
	struct carrier *c = w->carrier;
	struct text sql;

	for (size_t i = 0; i < CARRIER_STATEMENTS; i++)
		if (fixed[i] != NULL &&
		    database_prepare(&w->d, fixed[i], &c->stmt[i]) != 0)
			return -1;
	for (size_t i = 0; i < CARRIER_OF_VANTAGES; i++)
		if (prepare_table(w, carrier_of_vantages[i]) != 0)
			return -1;
	text_init(&sql, TABLE_SQL_MAX);
	table_sql_upsert(schema_table(TABLE_VANTAGE), &sql);
	/* One that ended in good order is written by no daemon. */
	text_add(&sql,
	    " WHERE vantage.node IS NOT NULL OR vantage.lease_until_ms = 0");
	if (database_prepare_text(&w->d, &sql, &c->stmt[CARRIER_PUT_VANTAGE]) !=
	    0)
		return -1;
	/* Which site a database is of is written to it once. */
	table_sql_upsert(schema_table(TABLE_NODE), &sql);
	text_add(
	    &sql, ", site = iif(node.site = '', excluded.site, node.site)");
	return database_prepare_text(
	    &w->d, &sql, &c->of[TABLE_NODE][CARRIER_PUT]);
}

void
carrier_begin(struct state_writer *w)
{
	struct carrier *c = w->carrier;

	c->vantage[0] = c->refused[0] = '\0';
	c->replacing = false;
	u64map_finish(&c->kept);
}

int
carrier_refuse(struct state_writer *w, const char *fmt, ...)
{
	struct carrier *c = w->carrier;
	va_list ap;

	if (c->refused[0] != '\0')
		return 0;
	va_start(ap, fmt);
	(void)vsnprintf(c->refused, sizeof(c->refused), fmt, ap);
	va_end(ap);
	return 0;
}

/* Whether rows of ${vantage} may be written; -1. */
static int
may_write(struct state_writer *w, const char *vantage)
{
	struct carrier *c = w->carrier;
	sqlite3_stmt *stmt = c->stmt[CARRIER_NODE_OF];
	int code;

	if (strcmp(c->vantage, vantage) == 0)
		return c->may;
	(void)sqlite3_bind_text(stmt, 1, vantage, -1, SQLITE_TRANSIENT);
	code = sqlite3_step(stmt);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		return writer_failed(w);
	c->may =
	    code == SQLITE_ROW && sqlite3_column_type(stmt, 0) != SQLITE_NULL;
	sqlite3_reset(stmt);
	snprintf(c->vantage, sizeof(c->vantage), "%s", vantage);
	if (!c->may)
		(void)carrier_refuse(w,
		    code == SQLITE_ROW
			? "rows of vantage %s came from another node, and a "
			  "daemon of this one writes them: two nodes need two "
			  "vantages"
			: "rows of vantage %s came without that vantage",
		    vantage);
	return c->may;
}

static int
put_vantage(struct state_writer *w, struct state_vantage *row)
{
	sqlite3_stmt *stmt = w->carrier->stmt[CARRIER_PUT_VANTAGE];

	if (row->node[0] == '\0' || strcmp(row->node, w->carrier->node) == 0)
		return carrier_refuse(w,
		    "vantage %s came from a node with the name of this one, "
		    "%s: two nodes need two names",
		    row->name, w->carrier->node);
	row->sequence = ++w->sequence;
	(void)table_bind(schema_table(TABLE_VANTAGE), row, stmt);
	if (writer_step(w, stmt) != 0)
		return -1;
	/* What was looked up of it may be other by now. */
	w->carrier->vantage[0] = '\0';
	if (sqlite3_changes(w->d.db) == 1)
		return 0;
	return carrier_refuse(w,
	    "vantage %s came from node %s, and a daemon of this node writes "
	    "it: two nodes need two vantages",
	    row->name, row->node);
}

static int
take_vantage(struct state_writer *w, const char *name)
{
	sqlite3_stmt *stmt = w->carrier->stmt[CARRIER_TAKE_VANTAGE];
	int may = may_write(w, name);

	if (may != 1)
		return may;
	for (size_t i = 0; i < CARRIER_OF_VANTAGES; i++) {
		sqlite3_stmt *rows =
		    w->carrier->of[carrier_of_vantages[i]][CARRIER_TAKE];

		(void)sqlite3_bind_text(rows, 1, name, -1, SQLITE_TRANSIENT);
		if (writer_step(w, rows) != 0)
			return -1;
	}
	(void)sqlite3_bind_text(stmt, 1, name, -1, SQLITE_TRANSIENT);
	w->carrier->vantage[0] = '\0';
	w->removed = ++w->sequence;
	return writer_step(w, stmt);
}

/* Whether this node steps for the pool: then its own rows count.  -1. */
static int
holds(struct state_writer *w, const char *zone, const char *pool)
{
	sqlite3_stmt *stmt = w->carrier->stmt[CARRIER_HOLDS];
	int code;

	(void)sqlite3_bind_text(stmt, 1, zone, -1, SQLITE_TRANSIENT);
	(void)sqlite3_bind_text(stmt, 2, pool, -1, SQLITE_TRANSIENT);
	(void)sqlite3_bind_text(
	    stmt, 3, w->carrier->node, -1, SQLITE_TRANSIENT);
	code = sqlite3_step(stmt);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		return writer_failed(w);
	sqlite3_reset(stmt);
	if (code == SQLITE_ROW)
		(void)carrier_refuse(w,
		    "what another node controls of pool %s/%s came while this "
		    "one holds its lock",
		    zone, pool);
	return code == SQLITE_ROW;
}

/* 1 when ${row} may be written or taken away, 0 when it is refused, -1. */
static int
may(struct state_writer *w, enum state_table table, const union schema_row *row)
{
	int held = 0;

	switch (table) {
	case TABLE_ENDPOINT:
		return may_write(w, row->endpoint.vantage);
	case TABLE_ADDRESS:
		return may_write(w, row->address.vantage);
	case TABLE_LOAD:
		return may_write(w, row->load.vantage);
	case TABLE_KEEP:
		held = holds(w, row->keep.zone, row->keep.pool);
		break;
	case TABLE_FACTOR:
		held = holds(w, row->factor.zone, row->factor.pool);
		break;
	case TABLE_RAMP:
		held = holds(w, row->ramp.zone, row->ramp.pool);
		break;
	case TABLE_DEMAND:
		held = strcmp(row->demand.node, w->carrier->node) == 0;
		if (held == 1)
			(void)carrier_refuse(w,
			    "demand came in the name of this node, %s",
			    w->carrier->node);
		break;
	case TABLE_VANTAGE:
	case TABLE_EVENT:
	case TABLE_LATENCY:
	case TABLE_OVERRIDE:
	case TABLE_NODE:
	case TABLE_LOCK:
	case TABLE_SERVED:
	case TABLE_FORGOTTEN:
	case STATE_TABLES:
		break;
	}
	return held < 0 ? -1 : held == 0;
}

int
carrier_put(struct state_writer *w, enum state_table which, void *row)
{
	sqlite3_stmt *stmt = w->carrier->of[which][CARRIER_PUT];
	int allowed;

	if (which == TABLE_VANTAGE)
		return put_vantage(w, row);
	if (which == TABLE_OVERRIDE)
		return carrier_override(w, row);
	allowed = may(w, which, row);
	if (allowed != 1)
		return allowed;
	if (stmt == NULL)
		stmt = w->sql.of[which][WRITER_PUT];
	table_stamp(schema_table(which), row, NULL, ++w->sequence);
	(void)table_bind(schema_table(which), row, stmt);
	if (writer_step(w, stmt) != 0)
		return -1;
	replace_note(w, which, row, sqlite3_changes(w->d.db) > 0);
	return 0;
}

int
carrier_take(struct state_writer *w, enum state_table which, void *row)
{
	sqlite3_stmt *stmt = w->sql.of[which][WRITER_FORGET];
	int allowed;

	if (which == TABLE_VANTAGE)
		return take_vantage(w, ((struct state_vantage *)row)->name);
	if (which == TABLE_OVERRIDE)
		return carrier_take_override(w, row);
	allowed = may(w, which, row);
	if (allowed != 1)
		return allowed;
	w->removed = ++w->sequence;
	(void)table_bind_key(schema_table(which), row, stmt);
	return writer_step(w, stmt);
}

int
carrier_finish(struct state_writer *w)
{
	sqlite3_stmt *stmt = w->carrier->stmt[CARRIER_REMOVED];

	if (w->carrier->replacing && replace_finish(w) != 0)
		return -1;
	if (w->removed == 0)
		return 0;
	(void)sqlite3_bind_int64(stmt, 1, (int64_t)w->removed);
	return writer_step(w, stmt);
}

int
carrier_forget_nodes(struct state_writer *w, int64_t before_ms)
{
	sqlite3_stmt *stmt = w->carrier->stmt[CARRIER_FORGET_NODE];

	(void)sqlite3_bind_text(
	    stmt, 1, w->carrier->node, -1, SQLITE_TRANSIENT);
	(void)sqlite3_bind_int64(stmt, 2, before_ms);
	if (writer_step(w, stmt) != 0)
		return -1;
	if (sqlite3_changes(w->d.db) > 0)
		w->removed = ++w->sequence;
	return 0;
}
