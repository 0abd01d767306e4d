/*
 * The steps of the ladder in words, for explain.  Called by the files that take
 * the steps, each time with a walk whose trace is not NULL.
 */
#ifndef STEERING_TRACE_H
#define STEERING_TRACE_H

#include "steering/walk.h"

/* trace_form(w): no endpoint of the service has the form asked for. */
void trace_form(const struct walk *w);

/* trace_fence(w): which rule of the fence has the client. */
void trace_fence(const struct walk *w);

/* trace_usable(w): what each member has in each region inside the fence. */
void trace_usable(const struct walk *w);

/* trace_tier(w): nothing that is checked is up; from now on what nobody has
 * checked counts as up, if there is any. */
void trace_tier(const struct walk *w);

/* trace_enter(w): the walk has gone into a service inside another. */
void trace_enter(const struct walk *w);

/* trace_only(w, member): there was one to take, or the first was taken; its
 * position took no part. */
void trace_only(const struct walk *w, unsigned member);

/* trace_trickle(w, a, position, inside): the client's ${position} lies in the
 * trickle of the standby endpoints ${a}, or not. */
void trace_trickle(const struct walk *w, const struct policy_alternate *a,
    uint64_t position, bool inside);

/* trace_alternate(w, member): which pool of ${member} serves. */
void trace_alternate(const struct walk *w, const struct policy_member *member);

/* trace_split(w, deal, usable): the share that the client's position lies in;
 * where that member is not usable it is dealt again. */
void trace_split(
    const struct walk *w, const struct walk_deal *deal, bool usable);

/* trace_spill(w, region, spill): whether ${region} keeps the client, by its
 * position. */
void trace_spill(
    const struct walk *w, uint8_t region, const struct walk_spill *spill);

/* trace_rank(w, pool, ranked): why ${pool} serves from these regions. */
void trace_rank(const struct walk *w, const struct policy_pool *pool,
    const struct walk_ranked *ranked);

/* trace_pick(w, pool, usable): which of the ${usable} endpoints of ${pool} were
 * picked.  What follows is of the outermost service. */
void trace_pick(
    const struct walk *w, const struct policy_pool *pool, uint32_t usable);

/* trace_spread(w, homes, n, position): the ${n} endpoints that the name lives
 * on, among which the client's ${position} chooses. */
void trace_spread(
    const struct walk *w, const uint32_t *homes, unsigned n, uint64_t position);

/* trace_family(w, n): ${n} of the endpoints that were picked have the form
 * that is asked for; the others are left out. */
void trace_family(const struct walk *w, unsigned n);

/* trace_resort(w, resort): the concession that is made now. */
void trace_resort(const struct walk *w, enum last_resort resort);

/* trace_lifted(w): all as if up, and there is nothing inside the soft fence. */
void trace_lifted(const struct walk *w);

/* trace_drained(w): all that is left is drained. */
void trace_drained(const struct walk *w);

/* trace_scope(w): what of the client was looked at, and in which prefix each is
 * the same. */
void trace_scope(const struct walk *w);

/* trace_ttl(w): what the TTL was made from. */
void trace_ttl(const struct walk *w);

#endif
