/*
 * What operators said of a pool that is controlled: that it is frozen, and
 * which of its endpoints are drained or forced.  Called before each step;
 * changes nothing that was said.
 */
#ifndef PROBES_CONTROL_HAND_H
#define PROBES_CONTROL_HAND_H

#include "probes/control/plan.h"
#include "steering/overrides.h"

/* What is said of an endpoint; the last of them all is a drain. */
enum hand_state { HAND_NOTHING, HAND_UP, HAND_DOWN };

/*
 * regions = hand_frozen(overrides, pool, now_ms): those that are frozen (bit
 * set): all where the pool is, or a service that has it.
 * state = hand_endpoint(overrides, pool, endpoint, now_ms): of one of its
 * endpoints; what is drained, and is all out, is HAND_DOWN.
 * holds = hand_holds(overrides, pool, endpoint, now_ms): what it gets was said:
 * it is drained, or on the way, forced or weighed.
 */
uint64_t hand_frozen(const struct overrides *overrides,
    const struct control_pool *pool, int64_t now_ms);
enum hand_state hand_endpoint(const struct overrides *overrides,
    const struct control_pool *pool, const struct control_endpoint *endpoint,
    int64_t now_ms);
bool hand_holds(const struct overrides *overrides,
    const struct control_pool *pool, const struct control_endpoint *endpoint,
    int64_t now_ms);

#endif
