/*
 * The step `pick` of the ladder: which endpoints of a region answer.  Called by
 * ladder.c when the member and the region are chosen.
 */
#ifndef STEERING_PICK_H
#define STEERING_PICK_H

#include "steering/walk.h"

/*
 * pick_endpoints(w, pool, ranked): write to w->out at most as many endpoints
 * of ${pool} as the service answers with, from the regions of ${ranked}: one
 * of each in turn, in that order, as long as a region has more, so that there
 * are as many as the service answers with if there are so many.  Of a region
 * these are all that are usable when they are no more, or else the first of a
 * weighted rendezvous.  Only that one hashes, so that only then the scope is as
 * long as the sticky prefix.  Where names live on several endpoints of an edge
 * pool the client's position takes one of them, and the scope is as long as the
 * prefix that lies in the share of that one.
 */
void pick_endpoints(struct walk *w, const struct policy_pool *pool,
    const struct walk_ranked *ranked);

#endif
