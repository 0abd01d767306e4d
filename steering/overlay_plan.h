/*
 * What the rows of an overlay mean in a policy: which endpoints, groups and
 * splits each is about.  Found once for a policy and a change, not for each
 * `live`.  For overlay.c alone.
 */
#ifndef STEERING_OVERLAY_PLAN_H
#define STEERING_OVERLAY_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "steering/overlay_fade.h"
#include "steering/overlay_rows.h"
#include "steering/overrides.h"

/* Of one override: what it reaches, as parts of plan.number. */
struct plan_reach {
	size_t item; /* of the overrides */
	size_t endpoint, n_endpoints;
	/* Of a drain with a ramp: the groups all of which it reaches, but those
	 * of pools all of which it reaches, and the endpoints of others. */
	size_t group, n_groups;
	size_t rest, n_rest;
};

/* A group that keeps ${amount} of its clients, of 2^64; an endpoint whose
 * weight counts ${amount} of LIVE_FACTOR_ONE. */
struct plan_part {
	uint32_t number;
	uint64_t amount;
};

/* A border that is moved: by an override, or by a step of a ramp.  Those of a
 * service follow each other: the first that is in force counts. */
struct plan_shift {
	const struct policy_service *service;
	unsigned member;
	size_t item; /* of the overrides; SIZE_MAX: none */
	size_t step; /* of the ramps, where it is none */
};

struct overlay_plan {
	int64_t ttl_ms; /* the greatest of all services */
	uint32_t *number;
	size_t n, size;
	struct plan_reach *reach;
	size_t n_reach, size_reach;
	struct plan_part *keep, *factor;
	size_t n_keep, size_keep, n_factor, size_factor;
	struct plan_shift *shift;
	size_t n_shifts, size_shifts;
	struct overlay_fades fades;
};

/* A step of a ramp, and when the next is due on the monotonic clock; -1. */
struct overlay_step {
	struct state_ramp row;
	int64_t next_ms;
	bool listed; /* the state database has it */
};

/* What a plan is made of. */
struct overlay_parts {
	struct overrides overrides;
	struct overlay_rows keep, factor; /* state_keep, state_factor */
	struct overlay_step *step;
	size_t n_steps, size_steps;
};

/* status = overlay_plan_make(plan, parts, policy): fill in ${plan}, which is
 * empty.  0, or -1 without memory, and it is empty again. */
int overlay_plan_make(struct overlay_plan *plan,
    const struct overlay_parts *parts, const struct policy *policy);

/* overlay_plan_finish(plan): free what it holds: it is empty. */
void overlay_plan_finish(struct overlay_plan *plan);

#endif
