/*
 * Lookup tables: a cover of one family in the form that workers search: an
 * index over the first bits, so that a search is short and touches few cache
 * lines; and no branch that depends on the address, which a processor could not
 * predict.  Made and owned by maps.
 */
#ifndef STEERING_GEO_LOOKUP_TABLE_H
#define STEERING_GEO_LOOKUP_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "steering/geo/cover.h"

/* A leaf of IPv4: its address and its value, which are read together. */
struct lookup_table_leaf {
	uint32_t first, value;
};

/* A value with this bit is the number of a group; those of leaves have not. */
#define LOOKUP_TABLE_GROUP (UINT32_C(1) << 31)

struct lookup_table {
	/* Leaf in which each bucket of addresses begins, and the last leaf. */
	const uint32_t *index;
	const struct lookup_table_leaf *leaf; /* IPv4 */
	/* IPv6: the upper half of the address of each leaf, and its value.
	 * Leaves longer than 64 bits, which are few, are one here: a group of
	 * all that have this half in common, with their lower halves. */
	const uint64_t *hi;
	const uint32_t *value;
	const uint32_t *group; /* where it begins among the members */
	const uint64_t *member_lo;
	const uint32_t *member_value;
	unsigned shift; /* a bucket has 2^shift values of hi */
	size_t buckets;
	size_t n;     /* leaves of the cover */
	void *block;  /* that holds the arrays */
	size_t bytes; /* of the block */
};

/* Global unicast, 2000::/3 (RFC 4291, 2.4; IANA): its buckets are narrow; what
 * is before and after it is in the first and the last bucket. */
#define LOOKUP_TABLE_IPV6_FIRST (UINT64_C(2) << 60)
#define LOOKUP_TABLE_IPV6_END (UINT64_C(4) << 60)

/* lookup_table_init(table, cover, family): make ${table} from ${cover}, whose
 * values are smaller than LOOKUP_TABLE_GROUP.  0, or -1 without memory. */
int lookup_table_init(
    struct lookup_table *table, const struct cover *cover, int family);

/* lookup_table_finish(table): free what it holds. */
void lookup_table_finish(struct lookup_table *table);

/* value = lookup_table_find_ipv4(table, address),
 * lookup_table_find_ipv6(table, hi, lo): of the leaf around an address. */
static inline uint32_t
lookup_table_find_ipv4(const struct lookup_table *table, uint32_t address)
{
	const uint32_t *bucket =
	    &table->index[(uint64_t)address << 32 >> table->shift];
	uint32_t base = bucket[0], n = bucket[1] - base + 1;

	while (n > 1) {
		uint32_t half = n / 2;

		base += table->leaf[base + half].first <= address ? half : 0;
		n -= half;
	}
	return table->leaf[base].value;
}

/* The same in group number ${g}: its first member is not after any address that
 * has the upper half of the group. */
static inline uint32_t
lookup_table_find_member(
    const struct lookup_table *table, uint32_t g, uint64_t lo)
{
	uint32_t base = table->group[g], n = table->group[g + 1] - base;

	while (n > 1) {
		uint32_t half = n / 2;

		base += table->member_lo[base + half] <= lo ? half : 0;
		n -= half;
	}
	return table->member_value[base];
}

static inline uint32_t
lookup_table_find_ipv6(
    const struct lookup_table *table, uint64_t hi, uint64_t lo)
{
	const uint32_t *bucket = table->index;
	uint32_t base, n, value;

	if (hi >= LOOKUP_TABLE_IPV6_END)
		bucket += table->buckets - 1;
	else if (hi >= LOOKUP_TABLE_IPV6_FIRST)
		bucket += 1 + ((hi - LOOKUP_TABLE_IPV6_FIRST) >> table->shift);
	base = bucket[0];
	for (n = bucket[1] - base + 1; n > 1; n -= n / 2)
		base += table->hi[base + n / 2] <= hi ? n / 2 : 0;
	value = table->value[base];
	if (value & LOOKUP_TABLE_GROUP)
		return lookup_table_find_member(
		    table, value & ~LOOKUP_TABLE_GROUP, lo);
	return value;
}

#endif
