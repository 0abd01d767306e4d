/*
 * A full picture of what other nodes say, in place of the one before: what is
 * the same is left as it is, so that a reader reads what changed and the disk
 * is spared.  Called by writer.c and writer_carry.c, inside a transaction.
 */
#include <sqlite3.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "state/column.h"
#include "state/sequence.h"
#include "state/table_sql.h"
#include "state/writer_parts.h"

const enum state_table carrier_of_vantages[CARRIER_OF_VANTAGES] = {
    TABLE_ENDPOINT, TABLE_ADDRESS, TABLE_LOAD};

static const char old[] = " WHERE (sequence <= ?1 OR sequence > ?2) AND"
			  " vantage IN"
			  " (SELECT name FROM vantage WHERE node IS NOT NULL)";

/* A sequence that is larger than the new one was not ours (sequence.h), and
 * goes.  The time from which on a verdict counts is that of the row where it is
 * the same. */
void
replace_add_differs(const struct table *t, struct text *sql)
{
	text_add(sql, " WHERE %s.sequence > excluded.sequence", t->name);
	for (size_t i = 0; i < t->n; i++) {
		const struct column *c = &t->column[i];

		if (c->size == 0 || c->key || c->type == COLUMN_SEQUENCE ||
		    strcmp(c->name, "since_ms") == 0)
			continue;
		text_add(sql, " OR %s.%s IS NOT excluded.%s", t->name, c->name,
		    c->name);
	}
}

int
replace_prepare(struct state_writer *w, enum state_table which)
{
	struct text sql;

	text_init(&sql, TABLE_SQL_MAX);
	table_sql_select(schema_table(which), SCHEMA_VERSION, &sql);
	text_add(&sql, old);
	return database_prepare_text(
	    &w->d, &sql, &w->carrier->of[which][CARRIER_OLD]);
}

void
replace_begin(struct state_writer *w)
{
	struct carrier *c = w->carrier;

	c->replacing = true;
	c->replaced = w->sequence;
	c->kept_lost = false;
	u64map_finish(&c->kept);
}

/* Of two rows with one hash, which happens to nobody who does not want it, one
 * may stay that should go. */
static uint64_t
hash_key(enum state_table which, const void *row)
{
	const struct table *t = schema_table(which);
	uint64_t hash = which;

	for (size_t i = 0; i < t->n; i++) {
		const char *p = (const char *)row + t->column[i].offset;

		if (t->column[i].key)
			hash = hash_bytes(p, strlen(p), hash);
	}
	return hash;
}

void
replace_note(struct state_writer *w, enum state_table which, const void *row,
    bool written)
{
	struct carrier *c = w->carrier;

	if (c->replacing && !written && c->of[which][CARRIER_OLD] != NULL &&
	    u64map_add(&c->kept, hash_key(which, row), 0) != 0)
		c->kept_lost = true;
}

/* One row that was there before: it goes unless it was put again. */
static int
take_row(struct state_writer *w, enum state_table which, const void *row)
{
	sqlite3_stmt *stmt = w->sql.of[which][WRITER_FORGET];

	if (u64map_get(&w->carrier->kept, hash_key(which, row)) != U64MAP_NONE)
		return 0;
	(void)table_bind_key(schema_table(which), row, stmt);
	w->removed = ++w->sequence;
	return writer_step(w, stmt);
}

static void
bind_old(const struct state_writer *w, sqlite3_stmt *stmt)
{
	(void)sqlite3_bind_int64(stmt, 1, (int64_t)w->carrier->replaced);
	(void)sqlite3_bind_int64(stmt, 2, sequence_most(clock_wall_ms()));
}

static int
take_rows(struct state_writer *w, enum state_table which)
{
	sqlite3_stmt *stmt = w->carrier->of[which][CARRIER_OLD];
	union schema_row row;
	int code;

	bind_old(w, stmt);
	while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
		memset(&row, 0, sizeof(row));
		/* One that makes no sense has its key all the same. */
		(void)table_read(schema_table(which), stmt, &row);
		if (take_row(w, which, &row) != 0)
			return -1;
	}
	sqlite3_reset(stmt);
	return code == SQLITE_DONE ? 0 : writer_failed(w);
}

/* Rows of tables that have few. */
static int
take_old(struct state_writer *w, sqlite3_stmt *stmt)
{
	bind_old(w, stmt);
	(void)sqlite3_bind_text(
	    stmt, 3, w->carrier->node, -1, SQLITE_TRANSIENT);
	if (writer_step(w, stmt) != 0)
		return -1;
	if (sqlite3_changes(w->d.db) > 0)
		w->removed = ++w->sequence;
	return 0;
}

int
replace_finish(struct state_writer *w)
{
	static const enum carrier_statement olds[] = {CARRIER_OLD_VANTAGE,
	    CARRIER_OLD_NODE, CARRIER_OLD_LOCK, CARRIER_OLD_DEMAND};
	struct carrier *c = w->carrier;

	for (size_t i = 0; !c->kept_lost && i < CARRIER_OF_VANTAGES; i++)
		if (take_rows(w, carrier_of_vantages[i]) != 0)
			return -1;
	for (size_t i = 0; i < sizeof(olds) / sizeof(olds[0]); i++)
		if (take_old(w, c->stmt[olds[i]]) != 0)
			return -1;
	u64map_finish(&c->kept);
	return 0;
}
