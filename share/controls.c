/* Keeps rows of controllers, as they are here and as etcd has them.  Called by
 * the sharer. */
#include "share/controls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "share/controls_private.h"
#include "share/row_set.h"

/* As many as there are locks: most pools have one. */
#define SHEETS_MAX LOCKS_MAX

struct controls *
controls_create(const struct locks *locks, const struct nodes *nodes,
    const struct controls_calls *calls, void *context)
{
	struct controls *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->locks = locks;
	c->nodes = nodes;
	c->calls = *calls;
	c->context = context;
	return c;
}

static void
destroy_sheet(struct sheet *sheet)
{
	for (size_t i = 0; i < sheet->n; i++) {
		free(sheet->rows[i].here);
		free(sheet->rows[i].there);
	}
	free(sheet->rows);
	free(sheet);
}

void
controls_destroy(struct controls *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->n; i++)
		destroy_sheet(c->sheets[i]);
	free(c->sheets);
	free(c);
}

/* --- sheets and rows --- */

struct sheet *
sheet_find(const struct controls *c, enum state_table table, const char *zone,
    const char *name)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->sheets[i]->table == table &&
		    strcmp(c->sheets[i]->name, name) == 0 &&
		    strcmp(c->sheets[i]->zone, zone) == 0)
			return c->sheets[i];
	return NULL;
}

static enum key_kind
kind_of(enum state_table table)
{
	return table == TABLE_KEEP  ? KEY_KEEP
	    : table == TABLE_FACTOR ? KEY_FACTOR
				    : KEY_RAMP;
}

/* Made when there is none; NULL without memory. */
struct sheet *
sheet_obtain(struct controls *c, enum state_table table, const char *zone,
    const char *name)
{
	struct sheet *sheet = sheet_find(c, table, zone, name), **grown;

	if (sheet != NULL)
		return sheet;
	grown = array_grow(
	    c->sheets, c->n, &c->size, sizeof(struct sheet *), SHEETS_MAX);
	if (grown == NULL)
		return NULL;
	c->sheets = grown;
	sheet = calloc(1, sizeof(*sheet));
	if (sheet == NULL)
		return NULL;
	sheet->table = table;
	sheet->kind = kind_of(table);
	(void)snprintf(sheet->zone, sizeof(sheet->zone), "%s", zone);
	(void)snprintf(
	    sheet->name, sizeof(sheet->name), "%.*s", STATE_NAME - 1, name);
	/* The pool of a ramp is in its row. */
	if (table != TABLE_RAMP)
		memcpy(sheet->pool, sheet->name, sizeof(sheet->pool));
	c->sheets[c->n++] = sheet;
	return sheet;
}

static struct sheet_row *
find_row(const struct sheet *sheet, uint64_t hash)
{
	for (size_t i = 0; i < sheet->n; i++)
		if (sheet->rows[i].hash == hash)
			return &sheet->rows[i];
	return NULL;
}

struct sheet_row *
sheet_row_obtain(struct controls *c, struct sheet *sheet, uint64_t hash)
{
	struct sheet_row *row = find_row(sheet, hash), *grown;

	if (row != NULL)
		return row;
	if (c->rows >= CONTROLS_ROWS)
		return NULL;
	grown = array_grow(
	    sheet->rows, sheet->n, &sheet->size, sizeof(*grown), CONTROLS_ROWS);
	if (grown == NULL)
		return NULL;
	sheet->rows = grown;
	c->rows++;
	row = &sheet->rows[sheet->n++];
	*row = (struct sheet_row){.hash = hash};
	return row;
}

void
sheet_change(struct sheet *sheet)
{
	sheet->changed = sheet->due = true;
}

/* Forget rows that are nowhere, and sheets of which nothing is left. */
static void
sweep(struct controls *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++) {
		struct sheet *sheet = c->sheets[i];
		size_t kept = 0;

		for (size_t k = 0; k < sheet->n; k++)
			if (sheet->rows[k].here != NULL ||
			    sheet->rows[k].there != NULL)
				sheet->rows[kept++] = sheet->rows[k];
		c->rows -= sheet->n - kept;
		sheet->n = kept;
		if (kept > 0 || sheet->n_blocks > 0 || sheet->flying)
			c->sheets[n++] = sheet;
		else
			destroy_sheet(sheet);
	}
	c->n = n;
}

/* --- what the state database has --- */

static void
begin(void *context, bool full)
{
	struct controls *c = context;

	c->full = full;
	for (size_t i = 0; full && i < c->n; i++)
		for (size_t k = 0; k < c->sheets[i]->n; k++)
			c->sheets[i]->rows[k].listed = false;
}

static void
take_here(struct controls *c, enum state_table table, const char *zone,
    const char *name, const char *pool, const void *found)
{
	struct sheet *sheet = sheet_obtain(c, table, zone, name);
	const struct table *of = schema_table(table);
	struct packed_row *packed;
	struct sheet_row *row;

	if (sheet == NULL)
		return;
	if (table == TABLE_RAMP)
		(void)snprintf(sheet->pool, sizeof(sheet->pool), "%s", pool);
	row = sheet_row_obtain(c, sheet, row_hash(of, found));
	packed = row != NULL ? packed_row_make(of, found) : NULL;
	if (packed == NULL)
		return;
	row->listed = true;
	if (packed_row_same(packed, row->here)) {
		free(packed);
		return;
	}
	free(row->here);
	row->here = packed;
	sheet_change(sheet);
}

static void
take_keep(void *context, const struct state_keep *row)
{
	take_here(context, TABLE_KEEP, row->zone, row->pool, row->pool, row);
}

static void
take_factor(void *context, const struct state_factor *row)
{
	take_here(context, TABLE_FACTOR, row->zone, row->pool, row->pool, row);
}

static void
take_ramp(void *context, const struct state_ramp *row)
{
	take_here(context, TABLE_RAMP, row->zone, row->service, row->pool, row);
}

static void
commit(void *context)
{
	struct controls *c = context;

	for (size_t i = 0; c->full && i < c->n; i++) {
		struct sheet *sheet = c->sheets[i];

		for (size_t k = 0; k < sheet->n; k++) {
			if (sheet->rows[k].listed ||
			    sheet->rows[k].here == NULL)
				continue;
			free(sheet->rows[k].here);
			sheet->rows[k].here = NULL;
			sheet_change(sheet);
		}
	}
	sweep(c);
}

const struct state_sink controls_sink = {.begin = begin,
    .keep = take_keep,
    .factor = take_factor,
    .ramp = take_ramp,
    .commit = commit};
