/*
 * What the state database lacks of what another controller decided.  Called by
 * the sharer: rows come to it by steps, never at once.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "share/controls_private.h"

/* A step of what a region keeps, at most; infinite where nobody knows. */
static double
step_of(const struct controls *c, const struct sheet *sheet)
{
	uint32_t step_s;

	if (sheet->table != TABLE_KEEP ||
	    !locks_wanted(c->locks, sheet->zone, sheet->pool, &step_s) ||
	    step_s == 0)
		return INFINITY;
	return CONTROLS_PACE * step_s;
}

/* Rounding is no step. */
#define LEAST 1e-9

/* By how much what a region keeps is to move; 0: it is no such row. */
static double
moves_by(const struct sheet *sheet, const struct sheet_row *row)
{
	union schema_row here, there;

	if (sheet->table != TABLE_KEEP || row->here == NULL ||
	    row->there == NULL)
		return 0;
	packed_row_take(schema_table(TABLE_KEEP), row->here, &here);
	packed_row_take(schema_table(TABLE_KEEP), row->there, &there);
	return there.keep.keep - here.keep.keep;
}

static void
give(struct controls *c, const struct sheet *sheet, struct sheet_row *row,
    const union schema_row *what)
{
	const struct table *of = schema_table(sheet->table);
	struct packed_row *packed = packed_row_make(of, what);

	if (packed == NULL)
		return;
	free(row->here);
	row->here = packed;
	c->calls.put(c->context, sheet->table, what);
}

/* Give ${row} as etcd has it, or a step towards that; true: it is there. */
static bool
settle_row(struct controls *c, const struct sheet *sheet, struct sheet_row *row)
{
	double by = moves_by(sheet, row), step = step_of(c, sheet);
	union schema_row what, here;

	packed_row_take(schema_table(sheet->table), row->there, &what);
	if (fabs(by) <= step + LEAST) {
		give(c, sheet, row, &what);
		return true;
	}
	packed_row_take(schema_table(sheet->table), row->here, &here);
	what.keep.keep = here.keep.keep + (by > 0 ? step : -step);
	give(c, sheet, row, &what);
	return false;
}

static void
take_row(struct controls *c, const struct sheet *sheet, struct sheet_row *row)
{
	union schema_row what;

	packed_row_take(schema_table(sheet->table), row->here, &what);
	free(row->here);
	row->here = NULL;
	c->calls.take(c->context, sheet->table, &what);
}

/* Nobody has the pool any more, and etcd nothing of it.  Where a ramp came to
 * is of no use to another one, which does not mind it. */
static bool
is_left(const struct controls *c, const struct sheet *sheet)
{
	uint32_t step_s;

	return c->read && sheet->table != TABLE_RAMP && sheet->n_blocks == 0 &&
	    !locks_wanted(c->locks, sheet->zone, sheet->pool, &step_s) &&
	    locks_holder(c->locks, sheet->zone, sheet->pool)[0] == '\0';
}

static void
settle_sheet(struct controls *c, struct sheet *sheet, int64_t mono_ms)
{
	bool left = is_left(c, sheet), there = true;
	uint32_t step_s;

	sheet->changed = false;
	sheet->again_ms = 0;
	if ((sheet->n_blocks == 0 && !left) ||
	    locks_ours(c->locks, sheet->zone, sheet->pool))
		return;
	for (size_t i = 0; i < sheet->n; i++) {
		struct sheet_row *row = &sheet->rows[i];

		if (packed_row_same(row->here, row->there))
			continue;
		if (row->there == NULL)
			take_row(c, sheet, row);
		else if (!settle_row(c, sheet, row))
			there = false;
	}
	/* Somewhat faster than a controller, or it would never be reached. */
	if (!there && locks_wanted(c->locks, sheet->zone, sheet->pool, &step_s))
		sheet->again_ms = mono_ms + (int64_t)step_s * 750;
}

void
controls_settle(struct controls *c, int64_t mono_ms)
{
	bool all = c->version != locks_version(c->locks);

	c->version = locks_version(c->locks);
	for (size_t i = 0; i < c->n; i++) {
		struct sheet *sheet = c->sheets[i];

		sheet->due |= all;
		/* While it moves step by step, news are no reason for a step.
		 */
		if (sheet->again_ms != 0 ? mono_ms >= sheet->again_ms
					 : all || sheet->changed)
			settle_sheet(c, sheet, mono_ms);
	}
}

bool
controls_settled(const struct controls *c, const char *zone, const char *pool)
{
	const struct sheet *sheet = sheet_find(c, TABLE_KEEP, zone, pool);

	for (size_t i = 0; sheet != NULL && i < sheet->n; i++)
		if (fabs(moves_by(sheet, &sheet->rows[i])) >
		    step_of(c, sheet) + LEAST)
			return false;
	return true;
}

void
controls_keys(const struct controls *c, const char *zone, const char *pool,
    void (*call)(void *context, const struct key *key), void *context)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct sheet *sheet = c->sheets[i];
		struct key key = {.kind = sheet->kind};

		if (strcmp(sheet->pool, pool) != 0 ||
		    strcmp(sheet->zone, zone) != 0)
			continue;
		memcpy(key.name[0], sheet->zone, sizeof(sheet->zone));
		memcpy(key.name[1], sheet->name, sizeof(sheet->name));
		for (size_t k = 0; k < sheet->n_blocks; k++) {
			key.number = sheet->blocks[k].number;
			call(context, &key);
		}
	}
}
