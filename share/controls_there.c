/*
 * Rows of controllers as etcd has them: what is read is checked, and kept
 * beside what is here.  Called by the sharer; believes nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "share/controls_private.h"
#include "share/row_set.h"

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
	row = sheet_row_obtain(r->c, r->sheet, row_hash(of, &copy));
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
	    ? sheet_obtain(c, table, key->name[0], key->name[1])
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
	sheet_change(sheet);
}

void
controls_written(struct controls *c, const struct key *key, int64_t revision)
{
	struct sheet *sheet =
	    sheet_find(c, table_of(key->kind), key->name[0], key->name[1]);
	struct sheet_block *block =
	    sheet != NULL ? sheet_block(sheet, key->number) : NULL;

	if (block != NULL)
		block->revision = revision;
}

static void
drop_block(struct sheet *sheet, struct sheet_block *block)
{
	drop_there(sheet, block->number);
	*block = sheet->blocks[--sheet->n_blocks];
	sheet_change(sheet);
}

void
controls_gone(struct controls *c, const struct key *key)
{
	struct sheet *sheet =
	    sheet_find(c, table_of(key->kind), key->name[0], key->name[1]);
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
