/*
 * The spread of names over edges: a name lives on the first few endpoints of
 * its rendezvous in a region, its homes, and the position of a client chooses
 * among them, by weight.  Called by the step `pick` of the ladder.
 */
#ifndef STEERING_SPREAD_H
#define STEERING_SPREAD_H

#include "steering/rendezvous.h"

/*
 * spread_pick(w, pool, g, max, out): ${max} usable endpoints of the group ${g}
 * of ${pool}, which has more, to ${out}: the client's own home first, then the
 * homes after it, then any.  In place of a home that is not usable comes
 * another endpoint, the same for all of its clients: so only they move, and
 * back.  A home whose factor is below one passes on the rest of its clients
 * to the same.  It is noted how long the prefix is all of whose positions
 * choose this home.
 */
void spread_pick(struct walk *w, const struct policy_pool *pool,
    const struct rendezvous_group *g, unsigned max, uint32_t *out);

#endif
