/*
 * Blocks of the picture: what is in one now and was not before, row by row.
 * Called by picture.c alone, while a change is made.
 */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "share/news.h"
#include "share/picture_private.h"
#include "state/column.h"

static const struct {
	enum state_table table;
	const char *word;
} shelves[SHELVES] = {
    {TABLE_ENDPOINT, "verdict"},
    {TABLE_ADDRESS, "address"},
    {TABLE_LOAD, "load"},
};

enum state_table
picture_table(size_t shelf)
{
	return shelves[shelf].table;
}

/* Where the slot of ${number} is, or would be. */
static size_t
find(const struct shelf *shelf, uint64_t number)
{
	size_t low = 0, high = shelf->n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (shelf->slots[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct slot *
picture_slot(const struct shelf *shelf, uint64_t number)
{
	size_t at = find(shelf, number);

	return at < shelf->n && shelf->slots[at].number == number
	    ? &shelf->slots[at]
	    : NULL;
}

/* That slot, made when there was none; NULL when there may be no more. */
static struct slot *
make_slot(struct picture *p, struct shelf *shelf, uint32_t number)
{
	struct slot *slot = picture_slot(shelf, number), *grown;
	size_t at = find(shelf, number);

	if (slot != NULL || p->held.blocks == PICTURE_BLOCKS)
		return slot;
	grown = array_grow(
	    shelf->slots, shelf->n, &shelf->size, sizeof(*grown), KEY_BLOCKS);
	if (grown == NULL)
		return NULL;
	shelf->slots = grown;
	memmove(&grown[at + 1], &grown[at], (shelf->n - at) * sizeof(*grown));
	grown[at] = (struct slot){.number = number};
	shelf->n++;
	p->held.blocks++;
	return &grown[at];
}

/* --- what is gone --- */

void
picture_uncount(struct picture *p, const struct row_set *rows)
{
	if (rows == NULL)
		return;
	p->held.rows -= rows->n;
	p->held.bytes -= rows->bytes;
}

/* ${rows} are of no block any more, and are kept until the change is made. */
static void
retire(struct picture *p, struct row_set *rows)
{
	struct row_set **grown;

	if (rows == NULL)
		return;
	picture_uncount(p, rows);
	grown = array_grow(
	    p->old, p->n_old, &p->old_size, sizeof(struct row_set *), SIZE_MAX);
	/* Without memory it is better to lose some than to use what is freed.
	 */
	if (grown == NULL)
		return;
	p->old = grown;
	p->old[p->n_old++] = rows;
}

static void
note_gone(struct picture *p, const struct seer *seer, size_t shelf,
    const struct row_set *rows, const struct row_ref *ref)
{
	struct gone *grown = array_grow(
	    p->gone, p->n_gone, &p->gone_size, sizeof(*grown), PICTURE_ROWS);

	if (grown == NULL)
		return;
	p->gone = grown;
	p->gone[p->n_gone++] = (struct gone){
	    .seer = seer, .shelf = shelf, .rows = rows, .ref = ref};
}

/*
 * Whether another block has that row: where a writer's rows move to more or
 * less blocks, they are in both for a while.  Blocks are as many as a power of
 * two, so that there are few in which it can be.
 */
static const struct row_set *
elsewhere(const struct gone *gone, const struct row_ref **ref)
{
	uint64_t last = KEY_BLOCKS;

	for (uint64_t n = 1; n <= KEY_BLOCKS; n *= 2) {
		uint64_t number = gone->ref->hash & (n - 1);
		const struct slot *slot;

		if (number == last)
			continue;
		last = number;
		slot = picture_slot(&gone->seer->shelf[gone->shelf], number);
		*ref = slot != NULL ? row_set_find(slot->rows, gone->ref->hash)
				    : NULL;
		if (*ref != NULL)
			return slot->rows;
	}
	return NULL;
}

static int
compare_gone(const void *a, const void *b)
{
	const struct gone *x = a, *y = b;

	if (x->seer != y->seer)
		return x->seer < y->seer ? -1 : 1;
	if (x->shelf != y->shelf)
		return x->shelf < y->shelf ? -1 : 1;
	return x->ref->hash < y->ref->hash ? -1 : x->ref->hash > y->ref->hash;
}

void
picture_sweep(struct picture *p)
{
	if (p->n_gone > 0)
		qsort(p->gone, p->n_gone, sizeof(p->gone[0]), compare_gone);
	for (size_t i = 0; i < p->n_gone; i++) {
		const struct gone *gone = &p->gone[i];
		enum state_table table = picture_table(gone->shelf);
		const struct row_ref *ref;
		const struct row_set *rows = elsewhere(gone, &ref);
		union schema_row row;

		/* It was in two blocks, and is in neither. */
		if (i > 0 && compare_gone(gone - 1, gone) == 0)
			continue;
		row_set_row(rows != NULL ? rows : gone->rows,
		    rows != NULL ? ref : gone->ref, schema_table(table), &row);
		picture_open(p, true);
		if (rows != NULL)
			p->calls.put(p->context, table, &row);
		else
			p->calls.take(p->context, table, &row);
	}
	p->n_gone = 0;
	while (p->n_old > 0)
		free(p->old[--p->n_old]);
}

void
picture_drop(
    struct picture *p, struct seer *seer, size_t which, struct slot *slot)
{
	struct shelf *shelf = &seer->shelf[which];
	struct row_set *rows = slot->rows;
	size_t at = (size_t)(slot - shelf->slots);

	for (size_t i = 0; rows != NULL && i < rows->n; i++)
		note_gone(p, seer, which, rows, &rows->ref[i]);
	memmove(slot, slot + 1, (shelf->n - at - 1) * sizeof(*slot));
	shelf->n--;
	p->held.blocks--;
	retire(p, rows);
}

/* --- what is there --- */

static const struct column *
find_column(const struct table *table, const char *name)
{
	for (size_t i = 0; i < table->n; i++)
		if (strcmp(table->column[i].name, name) == 0)
			return &table->column[i];
	return NULL;
}

/* A verdict that was known with the same health keeps the time from which on it
 * was: that was counted by our clock alone. */
static void
keep_since(const struct column *health, const struct column *since,
    const union schema_row *was, union schema_row *row)
{
	const char *before = (const char *)was;
	char *now = (char *)row;

	if (column_number(health, before + health->offset) ==
	    column_number(health, now + health->offset))
		memcpy(
		    now + since->offset, before + since->offset, since->size);
}

struct shelving {
	struct picture *p;
	const struct block_of *of; /* with its clock */
	const struct row_set *before;
	const struct column *health, *since; /* NULL: it has none */
};

/* What is said as it was said before stays as it is, with its times as they
 * became ours: how the writer's clock goes is known better with time, and that
 * is no news of a row. */
static void
take_row(void *context, const void *row)
{
	struct shelving *s = context;
	const struct table *table = s->p->pile.table;
	const struct row_ref *ref =
	    row_set_find(s->before, row_hash(table, row));
	uint64_t said = row_said(table, row);
	union schema_row was, now;

	if (ref != NULL && ref->said == said) {
		row_pile_keep(&s->p->pile, s->before, ref);
		return;
	}
	memcpy(&now, row, table->size);
	block_turn(s->of, &now);
	if (ref != NULL && s->health != NULL && s->since != NULL) {
		row_set_row(s->before, ref, table, &was);
		keep_since(s->health, s->since, &was, &now);
	}
	row_pile_add(&s->p->pile, &now, said);
}

/* Whether ${row} differs from that at ${ref} by what answers are made of. */
static bool
is_urgent(size_t which, const struct row_set *before, const struct row_ref *ref,
    const union schema_row *row)
{
	enum state_table table = picture_table(which);
	union schema_row was;

	if (ref == NULL)
		return true;
	row_set_row(before, ref, schema_table(table), &was);
	return news_of(table, &was, row) == NEWS_VERDICT;
}

/* What differs between ${before} and ${now} of ${staged}. */
static void
give_differences(struct picture *p, const struct staged *staged, size_t which,
    const struct row_set *before, const struct row_set *now)
{
	const struct table *table = p->pile.table;
	union schema_row row;

	for (size_t i = 0; i < now->n; i++) {
		const struct row_ref *ref =
		    row_set_find(before, now->ref[i].hash);

		if (ref != NULL && row_set_same(before, ref, now, &now->ref[i]))
			continue;
		picture_give_seer(p, staged->seer);
		row_set_row(now, &now->ref[i], table, &row);
		picture_open(
		    p, p->urgent || is_urgent(which, before, ref, &row));
		p->calls.put(p->context, picture_table(which), &row);
	}
	for (size_t i = 0; before != NULL && i < before->n; i++)
		if (row_set_find(now, before->ref[i].hash) == NULL)
			note_gone(
			    p, staged->seer, which, before, &before->ref[i]);
}

/* The rows of ${staged}, or NULL when none of it makes sense. */
static struct row_set *
read_rows(struct picture *p, const struct staged *staged, size_t which,
    const struct row_set *before)
{
	const struct block_of of = {.table = schema_table(picture_table(which)),
	    .owner = staged->seer->name,
	    .clock = &staged->seer->clock,
	    .now_ms = p->wall_ms};
	struct block_of theirs = of;
	struct shelving s = {.p = p,
	    .of = &of,
	    .before = before,
	    .health = find_column(of.table, "health"),
	    .since = find_column(of.table, "since_ms")};
	struct block_found found;
	struct row_set *rows;
	size_t twice;

	theirs.clock = NULL;
	row_pile_begin(&p->pile, of.table);
	if (block_read(&theirs, staged->value, staged->len, take_row, &s,
		&found) != 0) {
		picture_complain(staged->seer, "block %s/%u: %s",
		    shelves[which].word, staged->number, found.why);
		p->held.bad_blocks++;
		return NULL;
	}
	rows = row_pile_make(&p->pile, &twice);
	if (found.bad > 0)
		picture_complain(staged->seer, "block %s/%u: %s",
		    shelves[which].word, staged->number, found.why);
	else if (rows != NULL && twice > 0)
		picture_complain(staged->seer, "block %s/%u: a row twice",
		    shelves[which].word, staged->number);
	p->held.bad_rows += found.bad + (rows != NULL ? twice : 0);
	return rows;
}

static bool
has_room(struct picture *p, const struct staged *staged,
    const struct row_set *before, const struct row_set *now)
{
	size_t rows = p->held.rows + now->n, bytes = p->held.bytes + now->bytes;

	if (before != NULL) {
		rows -= before->n;
		bytes -= before->bytes;
	}
	if (rows <= PICTURE_ROWS && bytes <= PICTURE_BYTES)
		return true;
	picture_complain(staged->seer,
	    "its rows would make more than %d of all vantages", PICTURE_ROWS);
	p->held.bad_blocks++;
	return false;
}

void
picture_shelve(struct picture *p, const struct staged *staged)
{
	size_t which = (size_t)(staged->kind - KEY_VERDICT);
	struct slot *slot =
	    make_slot(p, &staged->seer->shelf[which], staged->number);
	struct row_set *rows;

	if (slot == NULL) {
		picture_complain(staged->seer,
		    "its blocks would make more than %d of all vantages",
		    PICTURE_BLOCKS);
		p->held.refused++;
		return;
	}
	slot->seen = true;
	slot->hash = staged->hash;
	slot->revision = staged->revision;
	rows = read_rows(p, staged, which, slot->rows);
	/* What cannot be read leaves what was there. */
	if (rows == NULL || !has_room(p, staged, slot->rows, rows)) {
		free(rows);
		return;
	}
	give_differences(p, staged, which, slot->rows, rows);
	retire(p, slot->rows);
	slot->rows = rows;
	p->held.rows += rows->n;
	p->held.bytes += rows->bytes;
}
