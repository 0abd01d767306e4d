/*
 * Services inside services, as the ladder walks them: whether one has anything
 * for a client, and the step from a service into one inside it.  Called by
 * ladder.c, split.c and walk.c for members that are services only; chooses
 * nothing itself.
 */
#ifndef STEERING_NEST_H
#define STEERING_NEST_H

#include "steering/walk.h"

/*
 * regions = nest_usable(w, pool): those where ${pool}, a service, has something
 * usable for this client, inside the fences of the service that is walked, of
 * this one and of those inside it (bit set).  Members without a weight do not
 * count.  Nothing is noted.
 */
uint64_t nest_usable(const struct walk *w, const struct policy_pool *pool);

/* bits = nest_set(w, pool): those of the widest prefix around the client whose
 * clients may be sent to the same regions by ${pool} and the services in it. */
unsigned nest_set(const struct walk *w, const struct policy_pool *pool);

/* nest_pass_over(w, pool): as walk_pass_over(), of ${pool}, a service. */
void nest_pass_over(struct walk *w, const struct policy_pool *pool);

/*
 * nest_look_leaves(w): all that the maps of the service that is walked and of
 * those inside it know of the client took part: for a last resort, which is
 * there for what they left.
 */
void nest_look_leaves(struct walk *w);

/*
 * nest_enter(w, pool): the walk goes on in the service that ${pool} is, with
 * its map, its fence inside those on the way, its members with a weight and
 * its salts.  What of the client the outer fence looked at is noted.
 * nest_leave(w): false, and the walk is in the outermost service again.
 */
void nest_enter(struct walk *w, const struct policy_pool *pool);
bool nest_leave(struct walk *w);

#endif
