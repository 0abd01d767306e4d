/*
 * Lays the arrays of a table out in one block.  Called when a map is made; the
 * searches are in the header.
 */
#include "steering/geo/lookup_table.h"

#include <stdlib.h>

/* An index of 2^16 entries, 256 KB, stays in a core's cache; a larger one saves
 * a step of the search and costs a miss. */
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

/* The value of hi at which bucket ${i} begins. */
static uint64_t
bucket_first(const struct lookup_table *t, int family, size_t i)
{
	if (family == 4)
		return (uint64_t)i << t->shift;
	return i == 0
	    ? 0
	    : LOOKUP_TABLE_IPV6_FIRST + ((uint64_t)(i - 1) << t->shift);
}

/* For each bucket, the leaf in which its first address lies. */
static void
fill_index(const struct lookup_table *t, const struct cover *cover, int family,
    uint32_t *index)
{
	size_t leaf = 0;

	for (size_t i = 0; i < t->buckets; i++) {
		uint64_t hi = bucket_first(t, family, i);

		while (leaf + 1 < cover->n &&
		    (cover->leaves[leaf + 1].hi < hi ||
			(cover->leaves[leaf + 1].hi == hi &&
			    cover->leaves[leaf + 1].lo == 0)))
			leaf++;
		index[i] = (uint32_t)leaf;
	}
	index[t->buckets] = (uint32_t)(cover->n - 1);
}

/* Buckets of the whole of IPv4, or of the eighth of IPv6 that is in use
 * (2000::/3), and two more for what is before and after it. */
static void
choose_buckets(struct lookup_table *t, int family)
{
	unsigned bits = index_bits(t->n);

	t->shift = (family == 4 ? 64 : 61) - bits;
	t->buckets = ((size_t)1 << bits) + (family == 4 ? 0 : 2);
}

int
lookup_table_init(struct lookup_table *t, const struct cover *cover,
    const struct depths *depths, int family,
    void (*fill)(void *context, uint32_t value, struct lookup_table_value *out),
    void *context)
{
	size_t n = cover->n, bytes;
	uint64_t *hi, *lo;
	uint32_t *first, *index;
	struct lookup_table_value *value;

	*t = (struct lookup_table){.n = n};
	choose_buckets(t, family);
	bytes = (t->buckets + 1) * sizeof(*index) + n * sizeof(*value) +
	    n * (family == 4 ? sizeof(*first) : sizeof(*hi) + sizeof(*lo));
	t->block = calloc(1, bytes);
	if (t->block == NULL)
		return -1;
	t->bytes = bytes;
	/* The widest first, so that each is aligned. */
	hi = t->block;
	lo = hi + (family == 4 ? 0 : n);
	first = (uint32_t *)(lo + (family == 4 ? 0 : n));
	index = first + (family == 4 ? n : 0);
	value = (struct lookup_table_value *)(index + t->buckets + 1);
	fill_index(t, cover, family, index);
	for (size_t i = 0; i < n; i++) {
		const struct cover_leaf *leaf = &cover->leaves[i];

		if (family == 4) {
			first[i] = (uint32_t)(leaf->hi >> 32);
		} else {
			hi[i] = leaf->hi;
			lo[i] = leaf->lo;
		}
		fill(context, leaf->value, &value[i]);
		value[i].depth = leaf->depth;
		value[i].less = depths[i];
	}
	t->first_hi = hi;
	t->first_lo = lo;
	t->first = first;
	t->index = index;
	t->value = value;
	return 0;
}

void
lookup_table_finish(struct lookup_table *t)
{
	free(t->block);
	*t = (struct lookup_table){.n = 0};
}
