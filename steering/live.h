/*
 * Live: what is usable now, a flat array made from a policy and the health
 * model each time either changes.  Immutable once built; read by workers.
 */
#ifndef STEERING_LIVE_H
#define STEERING_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "steering/policy.h"

/* In order: a query takes what is checked and up before what no vantage has
 * checked yet. */
enum usable { USABLE_NO, USABLE_UNCHECKED, USABLE_YES };

/* No change has begun. */
#define LIVE_NOT_PENDING UINT32_MAX

struct live_group {
	uint8_t usable; /* enum usable of the group as a whole, min_up met */
	/* Seconds until a change that has begun (streaks) can alter this
	 * group; LIVE_NOT_PENDING: none has. */
	uint32_t pending_s;
};

/*
 * The regions of a pool (bit sets, as the zone numbers them) that can answer,
 * by the least enum usable that is taken; and those where a change has begun.
 * So the ladder sees with one AND what a pool has for a client.
 */
struct live_pool {
	uint64_t usable[USABLE_YES + 1];
	uint64_t pending;
};

struct live {
	bool stale; /* there was health, and no vantage is fresh */
	/* All numbered as in the policy. */
	size_t n_endpoints, n_groups;
	uint8_t *endpoint; /* enum usable */
	/* 1: it is USABLE_YES because nobody has judged it yet, in the first
	 * round of its pool. */
	uint8_t *presumed;
	struct live_group *group;
	struct live_pool *pool;
};

/*
 * live = live_create(policy): a live for ${policy}: every endpoint is
 * USABLE_UNCHECKED, nothing is pending, groups and pools are not judged yet.
 * NULL without memory.  The caller owns it.
 */
struct live *live_create(const struct policy *policy);

/*
 * live_judge(live, policy): set how usable each group is from its endpoints: as
 * much as endpoints that hold its min_up of weight (and at least 1) are; and
 * from groups the regions in which each pool is, and is about to change.
 */
void live_judge(struct live *live, const struct policy *policy);

/* usable = live_told(live, endpoint): how usable it is, for people: what nobody
 * has judged is USABLE_UNCHECKED, also where it counts as up. */
enum usable live_told(const struct live *live, size_t endpoint);

/* same = live_equal(a, b): nothing a query or a page could notice differs. */
bool live_equal(const struct live *a, const struct live *b);

/* live_destroy(live): free it.  NULL is fine. */
void live_destroy(struct live *live);

#endif
