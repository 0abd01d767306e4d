/*
 * Lays the arrays of a table out in one block.  Called when a map is made; the
 * searches are in the header.
 */
#include "steering/table.h"

#include <stdlib.h>

/* Beyond it the index is larger than what it saves. */
#define INDEX_BITS 16
/* A shift by all 64 bits is no shift in C. */
#define INDEX_LEAST_BITS 1

/* An index of about as many values as there are leaves. */
static unsigned
index_bits(size_t leaves)
{
	unsigned bits = INDEX_LEAST_BITS;

	while (bits < INDEX_BITS && (size_t)1 << bits < leaves)
		bits++;
	return bits;
}

static void
fill_index(const struct cover *cover, unsigned shift, uint32_t *index)
{
	size_t values = (size_t)1 << (64 - shift), i, leaf = 0;

	for (i = 0; i < values; i++) {
		uint64_t hi = (uint64_t)i << shift;

		while (leaf + 1 < cover->n &&
		    (cover->leaves[leaf + 1].hi < hi ||
			(cover->leaves[leaf + 1].hi == hi &&
			    cover->leaves[leaf + 1].lo == 0)))
			leaf++;
		index[i] = (uint32_t)leaf;
	}
	index[values] = (uint32_t)(cover->n - 1);
}

int
table_init(struct table *t, const struct cover *cover, int family,
    uint16_t (*class)(void *context, uint32_t value), void *context)
{
	size_t n = cover->n, i, values;
	uint64_t *hi, *lo;
	uint32_t *first, *index;
	uint16_t *number;
	uint8_t *depth;

	*t = (struct table){.n = n, .shift = 64 - index_bits(n)};
	values = ((size_t)1 << (64 - t->shift)) + 1;
	t->bytes = values * sizeof(*index) +
	    n * (sizeof(*number) + sizeof(*depth)) +
	    n * (family == 4 ? sizeof(*first) : sizeof(*hi) + sizeof(*lo));
	t->block = calloc(1, t->bytes);
	if (t->block == NULL)
		return -1;
	/* The widest first, so that each is aligned. */
	hi = t->block;
	lo = hi + (family == 4 ? 0 : n);
	first = (uint32_t *)(lo + (family == 4 ? 0 : n));
	index = first + (family == 4 ? n : 0);
	number = (uint16_t *)(index + values);
	depth = (uint8_t *)(number + n);
	fill_index(cover, t->shift, index);
	for (i = 0; i < n; i++) {
		const struct cover_leaf *leaf = &cover->leaves[i];

		if (family == 4) {
			first[i] = (uint32_t)(leaf->hi >> 32);
		} else {
			hi[i] = leaf->hi;
			lo[i] = leaf->lo;
		}
		number[i] = class(context, leaf->value);
		depth[i] = leaf->depth;
	}
	t->first_hi = hi;
	t->first_lo = lo;
	t->first = first;
	t->index = index;
	t->class = number;
	t->depth = depth;
	return 0;
}

void
table_finish(struct table *t)
{
	free(t->block);
	*t = (struct table){.n = 0};
}
