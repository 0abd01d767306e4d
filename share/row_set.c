/*
 * Packed rows.  Called by the picture of what others say; knows no key of etcd.
 */
#include "share/row_set.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "share/block_column.h"

/* All rows of a block at their longest. */
#define PILE_MAX ((size_t)BLOCK_ROWS * FRAME_MAX)

uint64_t
row_hash(const struct table *table, const void *row)
{
	uint64_t hash = 0;

	for (size_t i = 0; i < table->n; i++) {
		const struct column *c = &table->column[i];
		const char *p = (const char *)row + c->offset;

		if (!c->key || block_column_place(c) == BLOCK_IN_KEY)
			continue;
		hash = hash_bytes(
		    p, column_is_text(c) ? strlen(p) : c->size, hash);
	}
	return hash;
}

uint64_t
row_said(const struct table *table, const void *row)
{
	unsigned char packed[FRAME_MAX];

	return hash_bytes(packed, table_pack(table, row, packed), 0);
}

void
row_pile_begin(struct row_pile *pile, const struct table *table)
{
	pile->table = table;
	pile->n = pile->len = 0;
	pile->failed = false;
}

void
row_pile_finish(struct row_pile *pile)
{
	free(pile->data);
	*pile = (struct row_pile){.data = NULL};
}

/* Room for one more row; NULL: there is none. */
static unsigned char *
make_room(struct row_pile *pile)
{
	unsigned char *data = array_reserve(
	    pile->data, pile->len, FRAME_MAX, &pile->size, 1, PILE_MAX);

	if (data == NULL || pile->n == BLOCK_ROWS) {
		pile->failed = true;
		return NULL;
	}
	pile->data = data;
	return data + pile->len;
}

static void
note_row(struct row_pile *pile, uint64_t hash, uint64_t said, size_t len)
{
	pile->ref[pile->n++] = (struct row_ref){.hash = hash,
	    .said = said,
	    .at = (uint32_t)pile->len,
	    .len = (uint32_t)len};
	pile->len += len;
}

void
row_pile_add(struct row_pile *pile, const void *row, uint64_t said)
{
	unsigned char *to = make_room(pile);

	if (to != NULL)
		note_row(pile, row_hash(pile->table, row), said,
		    table_pack(pile->table, row, to));
}

/* Of the same hash in the order in which they came. */
static int
compare_refs(const void *a, const void *b)
{
	const struct row_ref *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

struct row_set *
row_pile_make(struct row_pile *pile, size_t *twice)
{
	size_t n = 0,
	       bytes = sizeof(struct row_set) +
	    pile->n * sizeof(struct row_ref) + pile->len;
	struct row_set *set = pile->failed ? NULL : malloc(bytes);

	if (set == NULL)
		return NULL;
	qsort(pile->ref, pile->n, sizeof(pile->ref[0]), compare_refs);
	for (size_t i = 0; i < pile->n; i++)
		if (n == 0 || set->ref[n - 1].hash != pile->ref[i].hash)
			set->ref[n++] = pile->ref[i];
	*twice = pile->n - n;
	set->n = n;
	set->bytes = bytes;
	if (pile->len > 0)
		memcpy(&set->ref[n], pile->data, pile->len);
	return set;
}

const struct row_ref *
row_set_find(const struct row_set *set, uint64_t hash)
{
	size_t low = 0, high = set != NULL ? set->n : 0;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (set->ref[middle].hash == hash)
			return &set->ref[middle];
		if (set->ref[middle].hash < hash)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static const unsigned char *
bytes_of(const struct row_set *set, const struct row_ref *ref)
{
	return (const unsigned char *)&set->ref[set->n] + ref->at;
}

void
row_pile_keep(
    struct row_pile *pile, const struct row_set *set, const struct row_ref *ref)
{
	unsigned char *to = make_room(pile);

	if (to == NULL)
		return;
	memcpy(to, bytes_of(set, ref), ref->len);
	note_row(pile, ref->hash, ref->said, ref->len);
}

void
row_set_row(const struct row_set *set, const struct row_ref *ref,
    const struct table *table, void *row)
{
	const struct frame frame = {
	    .data = bytes_of(set, ref), .len = ref->len};

	/* It is what table_pack() made. */
	(void)table_take(table, &frame, row);
}

bool
row_set_same(const struct row_set *a, const struct row_ref *i,
    const struct row_set *b, const struct row_ref *j)
{
	return i->len == j->len &&
	    memcmp(bytes_of(a, i), bytes_of(b, j), i->len) == 0;
}
