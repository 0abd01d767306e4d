/*
 * The rows that a node has to say, in blocks: what is news of them, and how
 * they move when the number of blocks changes.  Called by the other files of
 * outgoing; writes nothing to etcd.
 */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "share/outgoing_private.h"
#include "share/row_set.h"

/* Blocks become fewer when those that are left would be no more than half as
 * full as where they become more, so that no row makes both. */
#define SHRINK_ROWS (OUTGOING_ROWS / 2)

void
outgoing_dirty(
    const struct outgoing *o, struct own_block *block, enum news news)
{
	int64_t now = o->mono_ms > 0 ? o->mono_ms : 1;

	if (news == NEWS_MINOR && block->minor_ms == 0)
		block->minor_ms = now;
	if (news <= block->dirty)
		return;
	block->dirty = news;
	block->dirty_ms = now;
}

int64_t
outgoing_minor_due(const struct own_block *block, size_t number)
{
	/* Not all of them at once: between half of the time and all of it. */
	return block->minor_ms + OUTGOING_MINOR_MS / 2 +
	    (int64_t)(number * 37 % 128) * (OUTGOING_MINOR_MS / 2) / 128;
}

/* --- rows --- */

static void
set_now(struct own_row *row, struct packed_row *now)
{
	if (row->now != row->said)
		free(row->now);
	row->now = now;
}

static void
set_said(struct own_row *row)
{
	if (row->said != row->now)
		free(row->said);
	row->said = row->now;
	row->news = NEWS_NONE;
}

static void
finish_row(struct own_row *row)
{
	if (row->said != row->now)
		free(row->said);
	free(row->now);
}

static enum news
news_of_row(enum state_table table, const struct own_row *row)
{
	union schema_row before, after;

	if (row->said == NULL)
		return news_new(table);
	if (row->said == row->now)
		return NEWS_NONE;
	packed_row_take(schema_table(table), row->said, &before);
	packed_row_take(schema_table(table), row->now, &after);
	return news_of(table, &before, &after);
}

/* --- blocks --- */

static int
add_to(struct own_block *block, const struct own_row *row)
{
	struct own_row *grown = array_grow(block->rows, block->n, &block->size,
	    sizeof(*grown), SIZE_MAX / sizeof(*grown));

	if (grown == NULL)
		return -1;
	block->rows = grown;
	block->rows[block->n++] = *row;
	return 0;
}

struct own_block *
outgoing_block(struct own_shelf *shelf, size_t number)
{
	struct own_block *grown;

	if (number >= shelf->n_blocks) {
		grown = realloc(shelf->blocks, (number + 1) * sizeof(*grown));
		if (grown == NULL)
			return NULL;
		memset(&grown[shelf->n_blocks], 0,
		    (number + 1 - shelf->n_blocks) * sizeof(*grown));
		shelf->blocks = grown;
		shelf->n_blocks = number + 1;
	}
	return &shelf->blocks[number];
}

/* The rows of ${shelf}, in ${n} blocks of ${fresh}; -1 without memory. */
static int
spread(const struct own_shelf *shelf, struct own_block *fresh, size_t n)
{
	for (size_t i = 0; i < shelf->n; i++)
		for (size_t j = 0; j < shelf->blocks[i].n; j++) {
			const struct own_row *row = &shelf->blocks[i].rows[j];

			if (add_to(&fresh[row->hash & (n - 1)], row) != 0)
				return -1;
		}
	return 0;
}

/* Whether ${number} gets rows while the number of blocks goes from what etcd
 * has to what it is to be. */
static bool
gains(const struct own_shelf *shelf, size_t number)
{
	return shelf->n > shelf->settled ? number >= shelf->settled
					 : number < shelf->n;
}

bool
outgoing_may_write(const struct own_shelf *shelf, size_t number)
{
	return shelf->n == shelf->settled || gains(shelf, number);
}

void
outgoing_settle(struct own_shelf *shelf)
{
	for (size_t i = 0; i < shelf->n_blocks; i++)
		if (shelf->blocks[i].owed)
			return;
	shelf->settled = shelf->n;
}

/* All blocks are to be written, in the right order. */
static void
unsettle(const struct outgoing *o, struct own_shelf *shelf)
{
	for (size_t i = 0; i < shelf->n_blocks; i++) {
		struct own_block *block = &shelf->blocks[i];

		block->owed = i < shelf->n && shelf->n != shelf->settled &&
		    gains(shelf, i);
		block->stale = block->flying;
		/* One that never was needs no end. */
		if (i < shelf->n || block->held || block->flying)
			outgoing_dirty(o, block, NEWS_VERDICT);
		else
			block->dirty = NEWS_NONE;
	}
	outgoing_settle(shelf);
}

static int
resize(const struct outgoing *o, struct own_shelf *shelf, size_t n)
{
	struct own_block *fresh = calloc(n > 0 ? n : 1, sizeof(*fresh));

	if (fresh == NULL || spread(shelf, fresh, n) != 0 ||
	    (n > 0 && outgoing_block(shelf, n - 1) == NULL)) {
		for (size_t i = 0; fresh != NULL && i < n; i++)
			free(fresh[i].rows);
		free(fresh);
		return -1;
	}
	for (size_t i = 0; i < shelf->n_blocks; i++) {
		struct own_block *block = &shelf->blocks[i];

		free(block->rows);
		block->rows = i < n ? fresh[i].rows : NULL;
		block->n = i < n ? fresh[i].n : 0;
		block->size = i < n ? fresh[i].size : 0;
	}
	free(fresh);
	shelf->n = n;
	unsettle(o, shelf);
	return 0;
}

/* Room for one more with ${hash}: its block, or NULL without memory. */
static struct own_block *
make_room(const struct outgoing *o, struct own_shelf *shelf, uint64_t hash)
{
	size_t n = shelf->n > 0 ? shelf->n : 1;

	while (n < KEY_BLOCKS && shelf->n_rows >= n * OUTGOING_ROWS)
		n *= 2;
	/* By chance one may be full before. */
	if (n == shelf->n && n < KEY_BLOCKS &&
	    shelf->blocks[hash & (n - 1)].n >= BLOCK_ROWS)
		n *= 2;
	if (n != shelf->n && resize(o, shelf, n) != 0)
		return NULL;
	return &shelf->blocks[hash & (n - 1)];
}

static struct own_row *
find_row(const struct own_shelf *shelf, uint64_t hash)
{
	const struct own_block *block;

	if (shelf->n == 0)
		return NULL;
	block = &shelf->blocks[hash & (shelf->n - 1)];
	for (size_t i = 0; i < block->n; i++)
		if (block->rows[i].hash == hash)
			return &block->rows[i];
	return NULL;
}

void
outgoing_row(
    struct outgoing *o, struct own_shelf *shelf, const union schema_row *row)
{
	const struct table *table = schema_table(shelf->table);
	uint64_t hash = row_hash(table, row);
	struct own_row *mine = find_row(shelf, hash), new = {.hash = hash};
	struct own_block *block;
	struct packed_row *now;

	now = packed_row_make(table, row);
	if (now == NULL)
		return;
	if (mine != NULL) {
		mine->listed = true;
		set_now(mine, now);
		mine->news = news_of_row(shelf->table, mine);
		outgoing_dirty(
		    o, &shelf->blocks[hash & (shelf->n - 1)], mine->news);
		return;
	}
	new.now = now;
	new.news = news_new(shelf->table);
	new.listed = true;
	block = make_room(o, shelf, hash);
	if (block == NULL || add_to(block, &new) != 0) {
		free(now);
		return;
	}
	shelf->n_rows++;
	outgoing_dirty(o, block, news_new(shelf->table));
}

void
outgoing_unlist(struct own_shelf *shelf)
{
	for (size_t i = 0; i < shelf->n; i++)
		for (size_t j = 0; j < shelf->blocks[i].n; j++)
			shelf->blocks[i].rows[j].listed = false;
}

void
outgoing_drop(struct outgoing *o, struct own_shelf *shelf)
{
	size_t n = shelf->n;

	for (size_t i = 0; i < shelf->n; i++) {
		struct own_block *block = &shelf->blocks[i];
		size_t left = 0;

		for (size_t j = 0; j < block->n; j++) {
			if (block->rows[j].listed) {
				block->rows[left++] = block->rows[j];
				continue;
			}
			finish_row(&block->rows[j]);
			shelf->n_rows--;
			outgoing_dirty(o, block, news_new(shelf->table));
		}
		block->n = left;
	}
	while (n > 1 && shelf->n_rows <= n / 2 * SHRINK_ROWS)
		n /= 2;
	if (shelf->n_rows == 0)
		n = 0;
	/* Without memory they stay as many as they are. */
	if (n != shelf->n)
		(void)resize(o, shelf, n);
}

void
outgoing_finish_shelf(struct own_shelf *shelf)
{
	for (size_t i = 0; i < shelf->n_blocks; i++) {
		for (size_t j = 0; j < shelf->blocks[i].n; j++)
			finish_row(&shelf->blocks[i].rows[j]);
		free(shelf->blocks[i].rows);
	}
	free(shelf->blocks);
}

/* --- values --- */

struct order {
	const struct table *table;
};

static int
compare_rows(const void *a, const void *b, void *context)
{
	const struct table *table = ((const struct order *)context)->table;
	const char *const *x = a, *const *y = b;

	for (size_t i = 0; i < table->n; i++) {
		const struct column *c = &table->column[i];
		int order;

		if (!c->key)
			continue;
		order = strcmp(*x + c->offset, *y + c->offset);
		if (order != 0)
			return order;
	}
	return 0;
}

void
outgoing_say(const struct outgoing *o, const struct own_shelf *shelf,
    struct own_block *block, bool all, struct text *out)
{
	const struct table *table = schema_table(shelf->table);
	struct order order = {table};
	const void *rows[BLOCK_ROWS];
	size_t n = block->n < BLOCK_ROWS ? block->n : BLOCK_ROWS;
	bool minor = false;

	for (size_t i = 0; i < n; i++) {
		struct own_row *row = &block->rows[i];

		if (all || row->news > NEWS_MINOR)
			set_said(row);
		minor |= row->said != row->now;
		packed_row_take(table, row->said, &o->room[i]);
		rows[i] = &o->room[i];
	}
	qsort_r(rows, n, sizeof(rows[0]), compare_rows, &order);
	block_write(table, rows, n, o->wall_ms, out);
	block->dirty = minor ? NEWS_MINOR : NEWS_NONE;
	if (!minor)
		block->minor_ms = 0;
}
