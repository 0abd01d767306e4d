/*
 * Slow start: what came back a while ago does not take its whole share at once.
 * Called when a `live` is made; knows no votes.
 */
#ifndef STEERING_SLOW_START_H
#define STEERING_SLOW_START_H

#include "steering/live.h"

/*
 * slow_start_lay(live, policy): thin the regions and weigh the endpoints of
 * ${policy} that can be used for less than the slow start of their pool
 * (live_came_back()), once all is said of them and before live_judge().  A
 * region grows where another of its pool has been there for longer, an endpoint
 * where another of its region has: what begins all together has nobody to lean
 * on, and begins whole.
 */
void slow_start_lay(struct live *live, const struct policy *policy);

#endif
