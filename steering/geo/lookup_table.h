/*
 * Lookup tables: a cover of class numbers of one family in the form that
 * workers search: addresses apart from classes, so that a search touches few
 * cache lines; an index over the first bits, so that it is short; and no branch
 * that depends on the address, which a processor could not predict.  Made and
 * owned by maps.
 */
#ifndef STEERING_GEO_LOOKUP_TABLE_H
#define STEERING_GEO_LOOKUP_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "steering/geo/cover.h"
#include "steering/geo/depths.h"

/* What a lookup reads of a leaf, side by side. */
struct lookup_table_value {
	uint16_t class;
	uint8_t depth;
	/* Length of the private block that the leaf is in, where no network
	 * holds it; else 0. */
	uint8_t private_length;
	struct depths less; /* of the prefixes that agree in less */
};

struct lookup_table {
	const uint64_t *first_hi, *first_lo; /* IPv6: address of each leaf */
	const uint32_t *first;               /* IPv4: the same */
	/* Leaf in which each bucket of addresses begins, and the last leaf. */
	const uint32_t *index;
	const struct lookup_table_value *value; /* of each leaf */
	unsigned shift; /* a bucket has 2^shift values of hi */
	size_t buckets;
	size_t n;     /* leaves */
	void *block;  /* that holds the arrays */
	size_t bytes; /* of the block */
};

/* Global unicast, 2000::/3 (RFC 4291, 2.4; IANA): its buckets are narrow; what
 * is before and after it is in the first and the last bucket. */
#define LOOKUP_TABLE_IPV6_FIRST (UINT64_C(2) << 60)
#define LOOKUP_TABLE_IPV6_END (UINT64_C(4) << 60)

/*
 * lookup_table_init(table, cover, depths, family, fill, context): make ${table}
 * from ${cover} and the depths of its leaves; fill(context, value, out) writes
 * what the value of a leaf means, all but the depths, to ${out}, which is zero.
 * 0, or -1 without memory.
 */
int lookup_table_init(struct lookup_table *table, const struct cover *cover,
    const struct depths *depths, int family,
    void (*fill)(void *context, uint32_t value, struct lookup_table_value *out),
    void *context);

/* lookup_table_finish(table): free what it holds. */
void lookup_table_finish(struct lookup_table *table);

/* i = lookup_table_find_ipv4(table, address),
 * lookup_table_find_ipv6(table, hi, lo): the leaf around an address. */
static inline uint32_t
lookup_table_find_ipv4(const struct lookup_table *table, uint32_t address)
{
	const uint32_t *bucket =
	    &table->index[(uint64_t)address << 32 >> table->shift];
	uint32_t base = bucket[0], n = bucket[1] - base + 1;

	while (n > 1) {
		uint32_t half = n / 2;

		base += table->first[base + half] <= address ? half : 0;
		n -= half;
	}
	return base;
}

static inline uint32_t
lookup_table_find_ipv6(
    const struct lookup_table *table, uint64_t hi, uint64_t lo)
{
	const uint32_t *bucket = table->index;
	uint32_t base, n, from;

	if (hi >= LOOKUP_TABLE_IPV6_END)
		bucket += table->buckets - 1;
	else if (hi >= LOOKUP_TABLE_IPV6_FIRST)
		bucket += 1 + ((hi - LOOKUP_TABLE_IPV6_FIRST) >> table->shift);
	from = base = bucket[0];
	for (n = bucket[1] - base + 1; n > 1; n -= n / 2)
		base += table->first_hi[base + n / 2] <= hi ? n / 2 : 0;
	if (table->first_hi[base] < hi || table->first_lo[base] <= lo)
		return base;
	/* Leaves longer than 64 bits have this upper half in common: take the
	 * last whose lower half is not after the address, or the one before
	 * all of them. */
	n = base - from + 1;
	for (base = from; n > 1; n -= n / 2) {
		uint32_t at = base + n / 2;

		base += table->first_hi[at] < hi || table->first_lo[at] <= lo
		    ? n / 2
		    : 0;
	}
	return base;
}

#endif
