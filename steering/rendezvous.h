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

/* The endpoints of a region among which is picked. */
struct rendezvous_group {
	const struct policy_group *of;
	bool even, weighed; /* as in struct live_group */
	bool idle;          /* those without a weight left are not picked */
};

/* One endpoint in the rendezvous. */
struct rendezvous {
	uint32_t endpoint;
	uint64_t weight; /* with its factor: in units of its group */
	uint64_t log; /* 0 where all weights are the same: the hash decides */
	uint64_t hash;
};

/* rendezvous_group(w, number, out): group number ${number} of the policy. */
static inline void
rendezvous_group(
    const struct walk *w, uint32_t number, struct rendezvous_group *out)
{
	const struct live_group *live = &w->live->group[number];

	out->of = &w->policy->groups[number];
	out->even = live->even;
	out->weighed = live->weighed;
	out->idle = live->idle >> w->tier & 1;
}

/* is = rendezvous_usable(w, g, e): may endpoint number ${e} of ${g} be in the
 * answer? */
static inline bool
rendezvous_usable(
    const struct walk *w, const struct rendezvous_group *g, uint32_t e)
{
	return w->live->endpoint[e] >= w->tier &&
	    (!g->idle || w->live->factor[e] != 0);
}

/* weight = rendezvous_weight(w, g, e): of endpoint number ${e} of ${g}, in
 * units of the group. */
static inline uint64_t
rendezvous_weight(
    const struct walk *w, const struct rendezvous_group *g, uint32_t e)
{
	uint64_t weight = w->policy->endpoints[e].weight;

	return g->weighed ? weight * w->live->factor[e] : weight;
}

/* rendezvous_enter(w, g, seed, c): what c->endpoint of ${g} has for ${seed}. */
static inline void
rendezvous_enter(const struct walk *w, const struct rendezvous_group *g,
    uint64_t seed, struct rendezvous *c)
{
	c->hash = hash_mix(seed, w->policy->endpoints[c->endpoint].hash);
	c->log = g->even ? 0 : fixlog_neg(c->hash);
	c->weight = rendezvous_weight(w, g, c->endpoint);
}

/* a goes before b.  A weight with its factor has up to 52 bits, so that the
 * products need more than 64: nothing is rounded, and a factor that changes
 * moves clients to its endpoint or away from it and no other. */
static inline bool
rendezvous_before(const struct rendezvous *a, const struct rendezvous *b)
{
	__extension__ typedef unsigned __int128 uint128;
	uint128 left = (uint128)a->log * b->weight;
	uint128 right = (uint128)b->log * a->weight;

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
