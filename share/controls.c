/* Keeps rows of controllers, as they are here and as etcd has them.  Called by
 * the sharer. */
#include "share/controls.h"

#include <math.h>
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

static struct sheet *
find_sheet(const struct controls *c, enum state_table table, const char *zone,
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
static struct sheet *
obtain_sheet(struct controls *c, enum state_table table, const char *zone,
    const char *name)
{
	struct sheet *sheet = find_sheet(c, table, zone, name), **grown;

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

static struct sheet_row *
obtain_row(struct controls *c, struct sheet *sheet, uint64_t hash)
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

static void
change(struct sheet *sheet)
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
	struct sheet *sheet = obtain_sheet(c, table, zone, name);
	const struct table *of = schema_table(table);
	struct packed_row *packed;
	struct sheet_row *row;

	if (sheet == NULL)
		return;
	if (table == TABLE_RAMP)
		(void)snprintf(sheet->pool, sizeof(sheet->pool), "%s", pool);
	row = obtain_row(c, sheet, row_hash(of, found));
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
	change(sheet);
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
			change(sheet);
		}
	}
	sweep(c);
}

const struct state_sink controls_sink = {.begin = begin,
    .keep = take_keep,
    .factor = take_factor,
    .ramp = take_ramp,
    .commit = commit};

/* --- what etcd has --- */

struct sheet_block *
sheet_block(struct sheet *sheet, uint64_t number)
{
	for (size_t i = 0; i < sheet->n_blocks; i++)
		if (sheet->blocks[i].number == number)
			return &sheet->blocks[i];
	return NULL;
}

void
controls_reading(struct controls *c)
{
	for (size_t i = 0; i < c->n; i++)
		for (size_t k = 0; k < c->sheets[i]->n_blocks; k++)
			c->sheets[i]->blocks[k].seen = false;
}

static enum state_table
table_of(enum key_kind kind)
{
	return kind == KEY_KEEP  ? TABLE_KEEP
	    : kind == KEY_FACTOR ? TABLE_FACTOR
				 : TABLE_RAMP;
}

/* A block that is being read. */
struct reading {
	struct controls *c;
	struct sheet *sheet;
	uint32_t number;
	size_t odd;
};

static bool
is_share(double value)
{
	return value >= 0 && value <= 1;
}

/* Whether it is of the sheet, and what it says may be. */
static bool
makes_sense(const struct sheet *sheet, const union schema_row *row)
{
	if (sheet->kind == KEY_KEEP)
		return strcmp(row->keep.zone, sheet->zone) == 0 &&
		    strcmp(row->keep.pool, sheet->name) == 0 &&
		    is_share(row->keep.keep);
	if (sheet->kind == KEY_FACTOR)
		return strcmp(row->factor.zone, sheet->zone) == 0 &&
		    strcmp(row->factor.pool, sheet->name) == 0 &&
		    row->factor.sixteenths >= 1 && row->factor.sixteenths <= 16;
	return strcmp(row->ramp.zone, sheet->zone) == 0 &&
	    strcmp(row->ramp.service, sheet->name) == 0 &&
	    is_share(row->ramp.share);
}

static void
take_there(void *context, const void *found)
{
	struct reading *r = context;
	const struct table *of = schema_table(r->sheet->table);
	union schema_row copy;
	struct packed_row *packed;
	struct sheet_row *row;

	memcpy(&copy, found, of->size);
	if (!makes_sense(r->sheet, &copy)) {
		r->odd++;
		return;
	}
	row = obtain_row(r->c, r->sheet, row_hash(of, &copy));
	packed = row != NULL ? packed_row_make(of, &copy) : NULL;
	if (packed == NULL) {
		r->odd++;
		return;
	}
	free(row->there);
	row->there = packed;
	row->number = r->number;
}

static void
drop_there(struct sheet *sheet, uint32_t number)
{
	for (size_t i = 0; i < sheet->n; i++) {
		if (sheet->rows[i].number != number)
			continue;
		free(sheet->rows[i].there);
		sheet->rows[i].there = NULL;
	}
}

/* Whose lock counts for a ramp stands in its row. */
static void
look_at(void *context, const void *found)
{
	struct reading *r = context;
	const struct state_ramp *row = found;

	if (r->sheet->table == TABLE_RAMP)
		memcpy(r->sheet->pool, row->pool, sizeof(row->pool));
}

/* The rows of a block, by the clock of the node that holds the lock.  -1: it
 * makes no sense, and what was known stays. */
static int
read_block(struct reading *r, const char *value, size_t len, int64_t wall_ms,
    struct block_found *found)
{
	static const struct block_clock none;
	struct sheet *sheet = r->sheet;
	struct block_of of = {.table = schema_table(sheet->table),
	    .owner = "",
	    .clock = &none,
	    .now_ms = wall_ms};

	if (block_read(&of, value, len, look_at, r, found) != 0)
		return -1;
	of.clock = nodes_clock(
	    r->c->nodes, locks_holder(r->c->locks, sheet->zone, sheet->pool));
	drop_there(sheet, r->number);
	return block_read(&of, value, len, take_there, r, found);
}

/* NULL: a sheet has no such block. */
static struct sheet_block *
add_block(struct sheet *sheet, uint64_t number)
{
	struct sheet_block *block = &sheet->blocks[sheet->n_blocks];

	if (number >= CONTROLS_BLOCKS || sheet->n_blocks == CONTROLS_BLOCKS)
		return NULL;
	sheet->n_blocks++;
	*block = (struct sheet_block){.number = (uint32_t)number};
	return block;
}

void
controls_put(struct controls *c, const struct key *key, const char *value,
    size_t len, int64_t wall_ms)
{
	enum state_table table = table_of(key->kind);
	struct sheet *sheet = strlen(key->name[1]) < STATE_NAME
	    ? obtain_sheet(c, table, key->name[0], key->name[1])
	    : NULL;
	struct reading r = {
	    .c = c, .sheet = sheet, .number = (uint32_t)key->number};
	uint64_t hash = hash_bytes(value, len, 0);
	struct sheet_block *block;
	struct block_found found;

	if (sheet == NULL)
		return;
	block = sheet_block(sheet, key->number);
	if (block != NULL && block->hash == hash) {
		block->seen = true;
		return;
	}
	if (block == NULL && (block = add_block(sheet, key->number)) == NULL) {
		c->calls.odd(c->context, key, "too many blocks");
		return;
	}
	block->hash = hash;
	block->seen = true;
	if (read_block(&r, value, len, wall_ms, &found) != 0 || found.bad > 0)
		c->calls.odd(c->context, key, found.why);
	else if (r.odd > 0)
		c->calls.odd(c->context, key,
		    "rows of others, out of range, or too many");
	change(sheet);
}

static void
drop_block(struct sheet *sheet, struct sheet_block *block)
{
	drop_there(sheet, block->number);
	*block = sheet->blocks[--sheet->n_blocks];
	change(sheet);
}

void
controls_gone(struct controls *c, const struct key *key)
{
	struct sheet *sheet =
	    find_sheet(c, table_of(key->kind), key->name[0], key->name[1]);
	struct sheet_block *block =
	    sheet != NULL ? sheet_block(sheet, key->number) : NULL;

	if (block != NULL)
		drop_block(sheet, block);
}

void
controls_read(struct controls *c)
{
	for (size_t i = 0; i < c->n; i++)
		for (size_t k = c->sheets[i]->n_blocks; k-- > 0;)
			if (!c->sheets[i]->blocks[k].seen)
				drop_block(
				    c->sheets[i], &c->sheets[i]->blocks[k]);
	c->read = true;
}

/* --- what the state database lacks --- */

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
	const struct sheet *sheet = find_sheet(c, TABLE_KEEP, zone, pool);

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
