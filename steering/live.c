/*
 * Makes, compares and frees `live`.  Called by the health model in the control
 * thread; workers only read what it made.
 */
#include "steering/live.h"

#include <stdlib.h>
#include <string.h>

struct live *
live_create(const struct policy *policy)
{
	struct live *live = calloc(1, sizeof(*live));

	if (live == NULL)
		return NULL;
	live->n_endpoints = policy->n_endpoints;
	live->n_groups = policy->n_groups;
	live->endpoint = malloc(policy->n_endpoints + 1);
	live->presumed = calloc(policy->n_endpoints + 1, 1);
	live->group = calloc(policy->n_groups + 1, sizeof(*live->group));
	live->pool = calloc(policy->n_pools + 1, sizeof(*live->pool));
	if (live->endpoint == NULL || live->presumed == NULL ||
	    live->group == NULL || live->pool == NULL) {
		live_destroy(live);
		return NULL;
	}
	memset(live->endpoint, USABLE_UNCHECKED, policy->n_endpoints);
	for (size_t i = 0; i < policy->n_groups; i++)
		live->group[i].pending_s = LIVE_NOT_PENDING;
	return live;
}

static enum usable
judge_group(const struct live *live, const struct policy *policy,
    const struct policy_group *g)
{
	uint64_t need = g->min_up > 1 ? g->min_up : 1;
	uint64_t weight[USABLE_YES + 1] = {0};

	for (uint32_t e = g->first; e < g->first + g->n; e++)
		weight[live->endpoint[e]] += policy->endpoints[e].weight;
	if (weight[USABLE_YES] >= need)
		return USABLE_YES;
	if (weight[USABLE_YES] + weight[USABLE_UNCHECKED] >= need)
		return USABLE_UNCHECKED;
	return USABLE_NO;
}

void
live_judge(struct live *live, const struct policy *policy)
{
	memset(live->pool, 0, policy->n_pools * sizeof(*live->pool));
	for (size_t i = 0; i < policy->n_pools; i++) {
		const struct policy_pool *pool = &policy->pools[i];

		for (uint64_t left = pool->regions; left != 0;
		     left &= left - 1) {
			uint32_t number = pool->group[__builtin_ctzll(left)];
			unsigned usable =
			    judge_group(live, policy, &policy->groups[number]);

			live->group[number].usable = (uint8_t)usable;
			if (live->group[number].pending_s != LIVE_NOT_PENDING)
				live->pool[i].pending |= left & -left;
			/* Taken at a tier, it is taken at each lower one. */
			for (unsigned tier = 0; tier <= usable; tier++)
				live->pool[i].usable[tier] |= left & -left;
		}
	}
}

enum usable
live_told(const struct live *live, size_t endpoint)
{
	return live->presumed[endpoint] ? USABLE_UNCHECKED
					: (enum usable)live->endpoint[endpoint];
}

bool
live_equal(const struct live *a, const struct live *b)
{
	if (a->stale != b->stale || a->n_endpoints != b->n_endpoints ||
	    a->n_groups != b->n_groups)
		return false;
	if (memcmp(a->endpoint, b->endpoint, a->n_endpoints) != 0 ||
	    memcmp(a->presumed, b->presumed, a->n_endpoints) != 0)
		return false;
	for (size_t i = 0; i < a->n_groups; i++)
		if (a->group[i].usable != b->group[i].usable ||
		    a->group[i].pending_s != b->group[i].pending_s)
			return false;
	return true;
}

void
live_destroy(struct live *live)
{
	if (live == NULL)
		return;
	free(live->endpoint);
	free(live->presumed);
	free(live->group);
	free(live->pool);
	free(live);
}
