/*
 * Live: what is usable now, a flat array made from a policy and the health
 * model each time either changes.  Immutable once built; read by workers.
 */
#ifndef STEERING_LIVE_H
#define STEERING_LIVE_H

#include <stddef.h>
#include <stdint.h>

#include "steering/policy.h"

/* Ordered: a query takes what is checked and up before what nobody checked. */
enum usable { USABLE_NO, USABLE_UNCHECKED, USABLE_YES };

struct live_group {
	uint8_t usable; /* enum usable of the group as a whole, min_up met */
	/* Seconds until a change that has begun (streaks) can alter this
	 * group; UINT32_MAX: none has. */
	uint32_t pending_s;
};

struct live {
	size_t n_endpoints, n_groups;
	uint8_t *endpoint; /* enum usable, numbered as in the policy */
	struct live_group *group;
};

/* live_destroy(live): free it.  NULL is fine. */
void live_destroy(struct live *live);

#endif
