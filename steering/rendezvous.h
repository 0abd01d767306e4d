/*
 * Weighted rendezvous hashing (Thaler and Ravishankar; weights by -log(u) / w)
 * over the endpoints of a region: each has a hash of its own for a seed, and
 * the least log / weight is first.  For pick.c and spread.c alone.
 */
#ifndef STEERING_RENDEZVOUS_H
#define STEERING_RENDEZVOUS_H

#include "base/hash.h"
#include "steering/fixlog.h"
#include "steering/walk.h"

/* One endpoint in the rendezvous. */
struct rendezvous {
	uint32_t endpoint;
	uint32_t weight;
	uint64_t log; /* 0 where all weights are the same: the hash decides */
	uint64_t hash;
};

/* is = rendezvous_usable(w, e): may endpoint number ${e} be in the answer? */
static inline bool
rendezvous_usable(const struct walk *w, uint32_t e)
{
	return w->live->endpoint[e] >= w->tier;
}

/* rendezvous_enter(w, g, seed, c): what c->endpoint of ${g} has for ${seed}. */
static inline void
rendezvous_enter(const struct walk *w, const struct policy_group *g,
    uint64_t seed, struct rendezvous *c)
{
	const struct policy_endpoint *e = &w->policy->endpoints[c->endpoint];

	c->hash = hash_mix(seed, e->hash);
	c->log = g->even ? 0 : fixlog_neg(c->hash);
	c->weight = e->weight;
}

/* a goes before b.  The products fit: see FIXLOG_BITS. */
static inline bool
rendezvous_before(const struct rendezvous *a, const struct rendezvous *b)
{
	uint64_t left = a->log * b->weight, right = b->log * a->weight;

	return left < right || (left == right && a->hash > b->hash);
}

/* n = rendezvous_insert(best, n, max, c): keep the ${max} best of all that come
 * in ${best}, best first; how many there are now. */
static inline unsigned
rendezvous_insert(struct rendezvous *best, unsigned n, unsigned max,
    const struct rendezvous *c)
{
	unsigned i;

	if (n < max)
		n++;
	else if (n == 0 || !rendezvous_before(c, &best[n - 1]))
		return n;
	for (i = n - 1; i > 0 && rendezvous_before(c, &best[i - 1]); i--)
		best[i] = best[i - 1];
	best[i] = *c;
	return n;
}

#endif
