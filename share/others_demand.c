/* Keeps what other nodes counted, packed.  Called by the sharer. */
#include "share/others_demand.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "share/row_set.h"
#include "state/schema.h"

struct told {
	uint64_t hash; /* of the key */
	struct key key;
	struct row_set *rows;
	int64_t given_ms; /* monotonic; 0: it is to be given */
	bool seen;        /* in the reading that is being fed */
};

struct others_demand {
	struct told *told;
	size_t n, size, n_rows;
	struct row_pile pile;
};

struct others_demand *
others_demand_create(void)
{
	return calloc(1, sizeof(struct others_demand));
}

void
others_demand_destroy(struct others_demand *d)
{
	if (d == NULL)
		return;
	for (size_t i = 0; i < d->n; i++)
		free(d->told[i].rows);
	free(d->told);
	row_pile_finish(&d->pile);
	free(d);
}

/* --- keys --- */

static uint64_t
hash_key(const struct key *key)
{
	uint64_t hash = 0;

	for (size_t i = 0; i < KEY_NAMES; i++)
		hash = hash_bytes(key->name[i], strlen(key->name[i]), hash);
	return hash;
}

static bool
same_key(const struct key *a, const struct key *b)
{
	for (size_t i = 0; i < KEY_NAMES; i++)
		if (strcmp(a->name[i], b->name[i]) != 0)
			return false;
	return true;
}

static struct told *
find(const struct others_demand *d, const struct key *key)
{
	uint64_t hash = hash_key(key);

	for (size_t i = 0; i < d->n; i++)
		if (d->told[i].hash == hash && same_key(&d->told[i].key, key))
			return &d->told[i];
	return NULL;
}

static struct told *
obtain(struct others_demand *d, const struct key *key)
{
	struct told *t = find(d, key), *grown;

	if (t != NULL)
		return t;
	grown = array_grow(
	    d->told, d->n, &d->size, sizeof(*grown), OTHERS_DEMAND_KEYS);
	if (grown == NULL)
		return NULL;
	d->told = grown;
	t = &d->told[d->n++];
	*t = (struct told){.hash = hash_key(key), .key = *key};
	return t;
}

static void
drop(struct others_demand *d, struct told *t)
{
	if (t->rows != NULL)
		d->n_rows -= t->rows->n;
	free(t->rows);
	*t = d->told[--d->n];
}

void
others_demand_begin(struct others_demand *d)
{
	for (size_t i = 0; i < d->n; i++)
		d->told[i].seen = false;
}

void
others_demand_end(struct others_demand *d)
{
	for (size_t i = d->n; i-- > 0;)
		if (!d->told[i].seen)
			drop(d, &d->told[i]);
}

void
others_demand_gone(struct others_demand *d, const struct key *key)
{
	struct told *t = find(d, key);

	if (t != NULL)
		drop(d, t);
}

/* --- values --- */

struct taking {
	struct row_pile *pile;
	const struct key *key;
	bool odd; /* a row that can be none */
};

static void
take_row(void *context, const void *p)
{
	const struct state_demand *row = p;
	struct taking *taking = context;

	if (strcmp(row->zone, taking->key->name[1]) != 0 ||
	    strcmp(row->pool, taking->key->name[2]) != 0 ||
	    row->window_ms <= 0 || isinf(row->answers) || row->answers < 0)
		taking->odd = true;
	else
		row_pile_add(taking->pile, row, 0);
}

static int
refuse(char why[BLOCK_WHY], const char *words)
{
	(void)snprintf(why, BLOCK_WHY, "%s", words);
	return -1;
}

static int
keep(struct others_demand *d, const struct key *key, struct row_set *rows)
{
	struct told *t = obtain(d, key);
	size_t before = t != NULL && t->rows != NULL ? t->rows->n : 0;

	if (t == NULL || d->n_rows - before + rows->n > OTHERS_DEMAND_ROWS)
		return -1;
	d->n_rows += rows->n - before;
	free(t->rows);
	t->rows = rows;
	t->given_ms = 0;
	return 0;
}

int
others_demand_take(struct others_demand *d, const struct key *key,
    const char *value, size_t len, char why[BLOCK_WHY])
{
	/* All times are ours. */
	static const struct block_clock no_clock;
	const struct block_of of = {.table = schema_table(TABLE_DEMAND),
	    .owner = key->name[0],
	    .clock = &no_clock,
	    .now_ms = INT64_MAX};
	struct taking taking = {.pile = &d->pile, .key = key};
	struct told *t = find(d, key);
	struct block_found found;
	struct row_set *rows;
	size_t twice;

	/* What was there stays until something that makes sense comes. */
	if (t != NULL)
		t->seen = true;
	row_pile_begin(&d->pile, of.table);
	if (block_read(&of, value, len, take_row, &taking, &found) != 0)
		return refuse(why, found.why);
	rows = row_pile_make(&d->pile, &twice);
	if (rows == NULL || keep(d, key, rows) != 0) {
		free(rows);
		return refuse(
		    why, "no memory, or more than all nodes can have to say");
	}
	find(d, key)->seen = true;
	if (found.bad > 0)
		return refuse(why, found.why);
	return taking.odd || twice > 0
	    ? refuse(why, "a row is of another pool, twice, or no count")
	    : 0;
}

/* --- rows --- */

void
others_demand_again(struct others_demand *d)
{
	for (size_t i = 0; i < d->n; i++)
		d->told[i].given_ms = 0;
}

void
others_demand_give(struct others_demand *d, int64_t mono_ms, int64_t wall_ms,
    void (*put)(void *context, const struct state_demand *row), void *context)
{
	const struct table *table = schema_table(TABLE_DEMAND);
	union schema_row row;

	for (size_t i = 0; i < d->n; i++) {
		struct told *t = &d->told[i];

		if (t->rows == NULL ||
		    (t->given_ms != 0 &&
			mono_ms - t->given_ms < OTHERS_DEMAND_AGAIN_MS))
			continue;
		t->given_ms = mono_ms > 0 ? mono_ms : 1;
		for (size_t j = 0; j < t->rows->n; j++) {
			row_set_row(t->rows, &t->rows->ref[j], table, &row);
			row.demand.at_ms = wall_ms;
			put(context, &row.demand);
		}
	}
}
