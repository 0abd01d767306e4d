/*
 * Pools that a drain takes out as a whole, over a time: no region of them is
 * left to pass clients on to, so that their share of each split goes over to
 * the neighbour, bit by bit, before the drain is in full.  For overlay.c and
 * overlay_plan.c alone.
 */
#ifndef STEERING_OVERLAY_FADE_H
#define STEERING_OVERLAY_FADE_H

#include "steering/live.h"
#include "steering/overrides.h"

/* A member of a split whose share a drain takes out over its ramp. */
struct overlay_fade {
	const struct policy_service *service;
	unsigned member;
	size_t item; /* of the overrides */
};

struct overlay_fades {
	struct overlay_fade *fade;
	size_t n, size;
};

/* whole = overlay_fade_whole(policy, pool, reached): ${reached}, by endpoint,
 * has all that ${pool} has; false of a pool that is a service. */
bool overlay_fade_whole(const struct policy *policy,
    const struct policy_pool *pool, const bool *reached);

/* status = overlay_fade_add(fades, item, policy, reached): the splits where
 * override number ${item}, a drain with a ramp, takes a member out as a whole
 * and not its neighbour.  0, or -1 without memory. */
int overlay_fade_add(struct overlay_fades *fades, size_t item,
    const struct policy *policy, const bool *reached);

/* overlay_fade_apply(fades, overrides, live, mono_ms): those that are on their
 * way, of what their members have by now. */
void overlay_fade_apply(const struct overlay_fades *fades,
    const struct overrides *overrides, struct live *live, int64_t mono_ms);

#endif
