/*
 * SQL from descriptors.  Called by the reader, the writer and the migration
 * when they open a file, never for a row; touches no database.
 */
#include "state/table_sql.h"

#include <limits.h>

#include "state/column.h"

static const char *
declared_type(const struct column *c)
{
	switch (c->type) {
	case COLUMN_NAME:
	case COLUMN_WORDS:
	case COLUMN_HEALTH:
		return "TEXT";
	case COLUMN_NUMBER:
		return "REAL";
	case COLUMN_TIME:
	case COLUMN_LATENCY:
	case COLUMN_COUNT:
	case COLUMN_SEQUENCE:
		break;
	}
	return "INTEGER";
}

static void
declare(const struct table *t, const struct column *c, struct text *out)
{
	text_add(out, "%s %s", c->name, declared_type(c));
	/* A rowid never is NULL. */
	if (!column_may_be_null(c) && !(t->rowid && c->key))
		text_add(out, " NOT NULL");
	if (c->initial != NULL)
		text_add(out, " DEFAULT %s", c->initial);
	if (c->check != NULL)
		text_add(out, " CHECK (%s %s)", c->name, c->check);
}

/* The names of the key, with commas. */
void
table_sql_key(const struct table *t, struct text *out)
{
	const char *comma = "";

	for (size_t i = 0; i < t->n; i++) {
		if (!t->column[i].key)
			continue;
		text_add(out, "%s%s", comma, t->column[i].name);
		comma = ", ";
	}
}

void
table_sql_create(const struct table *t, struct text *out)
{
	text_add(out, "CREATE TABLE %s (", t->name);
	for (size_t i = 0; i < t->n; i++) {
		declare(t, &t->column[i], out);
		text_add(out, ", ");
	}
	text_add(out, "PRIMARY KEY (");
	table_sql_key(t, out);
	text_add(out, ")) STRICT%s", t->rowid ? "" : ", WITHOUT ROWID");
}

void
table_sql_index(const struct table *t, struct text *out)
{
	text_add(
	    out, "CREATE INDEX %s_sequence ON %s (sequence)", t->name, t->name);
}

void
table_sql_add(const struct table *t, const struct column *c, struct text *out)
{
	text_add(out, "ALTER TABLE %s ADD COLUMN ", t->name);
	declare(t, c, out);
}

void
table_sql_select(const struct table *t, unsigned version, struct text *out)
{
	const char *comma = "";

	text_add(out, "SELECT ");
	for (size_t i = 0; i < t->n; i++) {
		const struct column *c = &t->column[i];

		if (c->size == 0)
			continue;
		text_add(out, "%s", comma);
		comma = ", ";
		if (c->since <= version)
			text_add(out, "%s", c->name);
		else
			text_add(out, "%s",
			    c->initial != NULL ? c->initial : "NULL");
	}
	text_add(out, " FROM %s", t->name);
}

/* An INSERT but for what happens on a conflict. */
static void
insert(const struct table *t, struct text *out)
{
	const char *comma = "";
	unsigned at = 0;

	text_add(out, "INSERT INTO %s (", t->name);
	for (size_t i = 0; i < t->n; i++) {
		if (t->column[i].size == 0)
			continue;
		text_add(out, "%s%s", comma, t->column[i].name);
		comma = ", ";
		at++;
	}
	text_add(out, ") VALUES (?1");
	for (unsigned i = 2; i <= at; i++)
		text_add(out, ", ?%u", i);
	text_add(out, ") ON CONFLICT DO ");
}

void
table_sql_insert(const struct table *t, struct text *out)
{
	insert(t, out);
	text_add(out, "NOTHING");
}

void
table_sql_upsert(const struct table *t, struct text *out)
{
	const char *comma = "";

	insert(t, out);
	text_add(out, "UPDATE SET ");
	for (size_t i = 0; i < t->n; i++) {
		const struct column *c = &t->column[i];

		if (c->size == 0 || c->key)
			continue;
		text_add(out, "%s%s = excluded.%s", comma, c->name, c->name);
		comma = ", ";
	}
}

void
table_sql_delete(const struct table *t, struct text *out)
{
	const char *word = "WHERE";
	unsigned at = 0;

	text_add(out, "DELETE FROM %s ", t->name);
	for (size_t i = 0; i < t->n; i++) {
		if (!t->column[i].key)
			continue;
		text_add(out, "%s %s = ?%u ", word, t->column[i].name, ++at);
		word = "AND";
	}
}

void
table_sql_restore(const struct table *t, struct text *out)
{
	table_sql_select(t, UINT_MAX, out);
	if (!t->common)
		text_add(out, " WHERE vantage = ?1");
}

void
table_sql_count(const struct table *t, struct text *out)
{
	text_add(out, "SELECT count(*) FROM %s", t->name);
}

void
table_sql_prune_age(const struct table *t, struct text *out)
{
	text_add(out,
	    "DELETE FROM %s WHERE %s < ?1 AND sequence IN"
	    " (SELECT sequence FROM %s ORDER BY sequence LIMIT ?2)",
	    t->name, t->bound.time, t->name);
}

void
table_sql_prune_rows(const struct table *t, struct text *out)
{
	text_add(out,
	    "DELETE FROM %s WHERE sequence IN"
	    " (SELECT sequence FROM %s ORDER BY sequence LIMIT ?2)",
	    t->name, t->name);
}

void
table_sql_prune_odd(const struct table *t, struct text *out)
{
	text_add(out,
	    "DELETE FROM %s WHERE sequence IN"
	    " (SELECT sequence FROM %s WHERE sequence > ?1 LIMIT ?2)",
	    t->name, t->name);
}

void
table_sql_forget(const struct table *t, struct text *out)
{
	text_add(out, "DELETE FROM %s WHERE (", t->name);
	table_sql_key(t, out);
	text_add(out, ") IN (SELECT ");
	table_sql_key(t, out);
	text_add(out,
	    " FROM %s WHERE vantage = ?1 AND (sequence < ?2 OR sequence > ?3)"
	    " LIMIT ?4)",
	    t->name);
}

void
table_sql_top(const struct table *t, const char *column, struct text *out)
{
	text_add(out, "ifnull((SELECT max(%s) FROM %s WHERE %s <= ?1), 0)",
	    column, t->name, column);
}
