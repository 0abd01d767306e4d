/*
 * Lays the arrays of a table out in one block.  Called when a map is made; the
 * searches are in the header.
 */
#include "steering/geo/lookup_table.h"

#include <stdbool.h>
#include <stdlib.h>

/* An index of 2^16 entries, 256 KB, stays in a core's cache; a larger one saves
 * a step of the search and costs a miss. */
#define INDEX_BITS 16
/* A shift by all 64 bits is no shift in C. */
#define INDEX_LEAST_BITS 1

/* What a table is made of: its arrays, not yet constant, and their lengths. */
struct layout {
	const struct cover *cover;
	size_t n;        /* leaves, each group of them counted once */
	size_t groups;   /* of leaves longer than 64 bits */
	size_t members;  /* of groups */
	uint32_t *index; /* and the arrays of struct lookup_table */
	struct lookup_table_leaf *leaf;
	uint64_t *hi, *member_lo;
	uint32_t *value, *group, *member_value;
};

static bool
is_member(const struct cover_leaf *leaf)
{
	return leaf->depth > 64;
}

/* Whether leaf ${i} is not the first of its group. */
static bool
is_next_member(const struct cover *cover, size_t i)
{
	return is_member(&cover->leaves[i]) && cover->leaves[i].lo != 0;
}

static void
count(struct layout *l)
{
	for (size_t i = 0; i < l->cover->n; i++) {
		bool member = is_member(&l->cover->leaves[i]);
		bool next = is_next_member(l->cover, i);

		l->members += member;
		l->groups += member && !next;
		l->n += !next;
	}
}

/* An index of about as many values as there are leaves. */
static unsigned
index_bits(size_t leaves)
{
	unsigned bits = INDEX_LEAST_BITS;

	while (bits < INDEX_BITS && (size_t)1 << bits < leaves)
		bits++;
	return bits;
}

/* Buckets of the whole of IPv4, or of the eighth of IPv6 that is in use
 * (2000::/3), and two more for what is before and after it. */
static void
choose_buckets(struct lookup_table *t, size_t leaves, int family)
{
	unsigned bits = index_bits(leaves);

	t->shift = (family == 4 ? 64 : 61) - bits;
	t->buckets = ((size_t)1 << bits) + (family == 4 ? 0 : 2);
}

/* The block, and the arrays in it, the widest first, so that each is aligned.
 */
static int
allocate(struct lookup_table *t, struct layout *l, int family)
{
	size_t wide = family == 4 ? 0 : l->n + l->members;
	size_t narrow = family == 4 ? 0 : wide + l->groups + 1;
	size_t leaves = family == 4 ? l->n : 0;

	t->bytes = wide * sizeof(*l->hi) + leaves * sizeof(*l->leaf) +
	    (narrow + t->buckets + 1) * sizeof(*l->index);
	t->block = calloc(1, t->bytes);
	if (t->block == NULL)
		return -1;
	l->hi = t->block;
	l->member_lo = l->hi + (family == 4 ? 0 : l->n);
	l->leaf = (struct lookup_table_leaf *)(l->hi + wide);
	l->index = (uint32_t *)(l->leaf + leaves);
	l->value = l->index + t->buckets + 1;
	l->member_value = l->value + (family == 4 ? 0 : l->n);
	l->group = l->member_value + (family == 4 ? 0 : l->members);
	return 0;
}

static void
fill_ipv4(struct layout *l)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct cover_leaf *leaf = &l->cover->leaves[i];

		l->leaf[i].first = (uint32_t)(leaf->hi >> 32);
		l->leaf[i].value = leaf->value;
	}
}

static void
fill_ipv6(struct layout *l)
{
	uint32_t groups = 0, members = 0;
	size_t n = 0;

	for (size_t i = 0; i < l->cover->n; i++) {
		const struct cover_leaf *leaf = &l->cover->leaves[i];

		if (!is_next_member(l->cover, i)) {
			l->hi[n] = leaf->hi;
			l->value[n++] = is_member(leaf)
			    ? LOOKUP_TABLE_GROUP | groups
			    : leaf->value;
			if (is_member(leaf))
				l->group[groups++] = members;
		}
		if (is_member(leaf)) {
			l->member_lo[members] = leaf->lo;
			l->member_value[members++] = leaf->value;
		}
	}
	l->group[groups] = members;
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

/* The upper half of the address of leaf or group ${i}. */
static uint64_t
hi_of(const struct layout *l, int family, size_t i)
{
	return family == 4 ? (uint64_t)l->leaf[i].first << 32 : l->hi[i];
}

/* For each bucket, the leaf in which its first address lies. */
static void
fill_index(const struct lookup_table *t, int family, struct layout *l)
{
	size_t leaf = 0;

	for (size_t i = 0; i < t->buckets; i++) {
		uint64_t hi = bucket_first(t, family, i);

		while (leaf + 1 < l->n && hi_of(l, family, leaf + 1) <= hi)
			leaf++;
		l->index[i] = (uint32_t)leaf;
	}
	l->index[t->buckets] = (uint32_t)(l->n - 1);
}

int
lookup_table_init(struct lookup_table *t, const struct cover *cover, int family)
{
	struct layout l = {.cover = cover};

	*t = (struct lookup_table){.n = cover->n};
	count(&l);
	choose_buckets(t, l.n, family);
	if (allocate(t, &l, family) != 0)
		return -1;
	if (family == 4)
		fill_ipv4(&l);
	else
		fill_ipv6(&l);
	fill_index(t, family, &l);
	t->index = l.index;
	t->leaf = l.leaf;
	t->hi = l.hi;
	t->value = l.value;
	t->group = l.group;
	t->member_lo = l.member_lo;
	t->member_value = l.member_value;
	return 0;
}

void
lookup_table_finish(struct lookup_table *t)
{
	free(t->block);
	*t = (struct lookup_table){.n = 0};
}
