/*
 * Senders whose client subnets count for a service: a set of prefixes, made
 * when a policy is built and asked by the ladder for each query.  Immutable;
 * the arena of the policy holds it.
 */
#ifndef STEERING_SENDERS_H
#define STEERING_SENDERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/address.h"
#include "base/arena.h"

/* None of its prefixes lies in another; in the order of their addresses. */
struct senders {
	const struct prefix *prefixes;
	size_t n;
};

/* senders = senders_create(arena, prefixes, n): the set of all addresses in the
 * ${n} ${prefixes}, which may be in any order, and one inside another.  0 of
 * them are nobody.  NULL without memory. */
const struct senders *senders_create(
    struct arena *arena, const struct prefix *prefixes, size_t n);

/* has = senders_have(senders, a): whether ${a} is in one of the prefixes; false
 * for an address without a family.  Takes as many comparisons as ${senders->n}
 * has bits. */
bool senders_have(const struct senders *senders, const struct address *a);

/* same = senders_same(a, b): both are of the same prefixes; NULL is
 * everybody. */
bool senders_same(const struct senders *a, const struct senders *b);

#endif
