/*
 * The SQL of a table, made from its descriptor.  For the files of state/.
 */
#ifndef STATE_TABLE_SQL_H
#define STATE_TABLE_SQL_H

#include "base/text.h"
#include "state/table.h"

/* A statement is some hundred bytes; a text that met this maximum fails. */
#define TABLE_SQL_MAX 8192

/*
 * Each appends one statement to ${out}, without its semicolon.  Parameters are
 * ?1, ?2, ... in the order of the columns, or as said.
 *
 * table_sql_key(table, out): no statement: the columns of its key.
 * table_sql_create(table, out): CREATE TABLE.
 * table_sql_index(table, out): CREATE INDEX by its sequence, for an indexed
 * table.
 * table_sql_add(table, column, out): ALTER TABLE ADD COLUMN.
 * table_sql_select(table, version, out): SELECT of the columns of the struct,
 * with no WHERE; of a file of schema ${version} that lacks a column, the value
 * that it would have begun with.
 * table_sql_upsert(table, out): write a row over what has its key.
 * table_sql_insert(table, out): write it where nothing has its key.
 * table_sql_delete(table, out): DELETE by the columns of the key.
 * table_sql_restore(table, out): that SELECT, of the rows of vantage ?1 or, of
 * a table that is common to all, of all rows.
 * table_sql_count(table, out): how many rows there are.
 * table_sql_prune_age(table, out): DELETE of what is older than ?1 among the
 * ?2 oldest rows; table_sql_prune_rows(table, out): DELETE of the ?2 oldest.
 * By sequence, which is by age: no row is visited for nothing.
 * table_sql_prune_odd(table, out): DELETE of ?2 rows with a sequence above ?1.
 * table_sql_forget(table, out): DELETE of ?4 rows of vantage ?1 with a sequence
 * below ?2 or above ?3.
 */
void table_sql_key(const struct table *table, struct text *out);
void table_sql_create(const struct table *table, struct text *out);
void table_sql_index(const struct table *table, struct text *out);
void table_sql_add(
    const struct table *table, const struct column *column, struct text *out);
void table_sql_select(
    const struct table *table, unsigned version, struct text *out);
void table_sql_upsert(const struct table *table, struct text *out);
void table_sql_insert(const struct table *table, struct text *out);
void table_sql_delete(const struct table *table, struct text *out);
void table_sql_restore(const struct table *table, struct text *out);
void table_sql_count(const struct table *table, struct text *out);
void table_sql_prune_age(const struct table *table, struct text *out);
void table_sql_prune_rows(const struct table *table, struct text *out);
void table_sql_prune_odd(const struct table *table, struct text *out);
void table_sql_forget(const struct table *table, struct text *out);

/*
 * table_sql_top(table, column, out): an expression, the largest number in
 * ${column} of ${table} that is no larger than ?1, 0 for none.  One that is
 * larger was not ours (sequence.h), and must not hide what is.
 */
void table_sql_top(
    const struct table *table, const char *column, struct text *out);

#endif
