/*
 * The step `spill` of the ladder: whether a region keeps a client that comes to
 * it.  Called by ladder.c while it walks the order; chooses no region.
 */
#ifndef STEERING_SPILL_H
#define STEERING_SPILL_H

#include <limits.h>

#include "steering/walk.h"

/*
 * spills = spill_may(w, pool, usable): some of the regions ${usable} of ${pool}
 * may pass this client on.  Not where all are taken as if they were up.  Of one
 * region alone nothing needs to be asked: it gets what nobody keeps.
 */
static inline bool
spill_may(const struct walk *w, const struct policy_pool *pool, uint64_t usable)
{
	return (walk_live(w, pool)->sheds & usable) != 0 && w->tier > USABLE_NO;
}

/*
 * kept = spill_keeps(w, pool, region): the client's position, by a salt of the
 * service and the region, is among those that the group of ${pool} in
 * ${region}, inside the fence, keeps.  It is noted that the position took part
 * and, where what the region keeps moves, the time until it comes to the
 * client.
 */
bool spill_keeps(
    struct walk *w, const struct policy_pool *pool, uint8_t region);

/*
 * bits = spill_kept_length(w, pool, region, pending_s): of the widest prefix
 * around the client whose positions ${region} keeps, and the time until one of
 * them may be passed on, to ${pending_s}; SPILL_PASSED: not its own.  Nothing
 * is noted.
 */
#define SPILL_PASSED UINT_MAX
unsigned spill_kept_length(const struct walk *w, const struct policy_pool *pool,
    uint8_t region, uint32_t *pending_s);

#endif
