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
	size_t i;

	if (live == NULL)
		return NULL;
	live->n_endpoints = policy->n_endpoints;
	live->n_groups = policy->n_groups;
	live->endpoint = malloc(policy->n_endpoints + 1);
	live->group = calloc(policy->n_groups + 1, sizeof(*live->group));
	if (live->endpoint == NULL || live->group == NULL) {
		live_destroy(live);
		return NULL;
	}
	memset(live->endpoint, USABLE_UNCHECKED, policy->n_endpoints);
	for (i = 0; i < policy->n_groups; i++)
		live->group[i].pending_s = LIVE_NOT_PENDING;
	return live;
}

void
live_judge(struct live *live, const struct policy *policy)
{
	size_t i;
	uint32_t e;

	for (i = 0; i < policy->n_groups; i++) {
		const struct policy_group *g = &policy->groups[i];
		uint64_t need = g->min_up > 1 ? g->min_up : 1;
		uint64_t weight[USABLE_YES + 1] = {0};

		for (e = g->first; e < g->first + g->n; e++)
			weight[live->endpoint[e]] +=
			    policy->endpoints[e].weight;
		live->group[i].usable = USABLE_NO;
		if (weight[USABLE_YES] >= need)
			live->group[i].usable = USABLE_YES;
		else if (weight[USABLE_YES] + weight[USABLE_UNCHECKED] >= need)
			live->group[i].usable = USABLE_UNCHECKED;
	}
}

bool
live_equal(const struct live *a, const struct live *b)
{
	size_t i;

	if (a->stale != b->stale || a->n_endpoints != b->n_endpoints ||
	    a->n_groups != b->n_groups)
		return false;
	if (memcmp(a->endpoint, b->endpoint, a->n_endpoints) != 0)
		return false;
	for (i = 0; i < a->n_groups; i++)
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
	free(live->group);
	free(live);
}
