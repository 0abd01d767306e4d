/*
 * Finds the endpoints of a service that something was laid over.  Called when
 * an answer is explained; decides nothing.
 */
#include "node/explain_hand.h"

#include <stdbool.h>

static json_t *
item(const struct policy *policy, const struct live *live, uint32_t e)
{
	static const char *const words[] = {
	    [SAID_NOTHING] = NULL,
	    [SAID_DRAINED] = "drained",
	    [SAID_UP] = "up",
	    [SAID_DOWN] = "down",
	};
	const struct policy_endpoint *endpoint = &policy->endpoints[e];

	return json_pack("{ss ss ss ss ss? sf}", "zone", endpoint->key.zone,
	    "pool", endpoint->key.pool, "endpoint", endpoint->key.endpoint,
	    "region", policy->regions[endpoint->region].name, "said",
	    words[live->said[e]], "weight",
	    (double)live->factor[e] / LIVE_FACTOR_ONE);
}

static void
add_pool(const struct policy *policy, const struct live *live,
    const struct policy_pool *pool, json_t *list)
{
	for (uint64_t left = pool->regions; left != 0; left &= left - 1) {
		const struct policy_group *g =
		    &policy->groups[pool->group[__builtin_ctzll(left)]];

		for (uint32_t e = g->first; e < g->first + g->n; e++)
			if ((live->said[e] != SAID_NOTHING ||
				live->factor[e] != LIVE_FACTOR_ONE) &&
			    json_array_size(list) < EXPLAIN_HAND_MAX)
				json_array_append_new(
				    list, item(policy, live, e));
	}
}

static void
add_service(const struct policy *policy, const struct live *live,
    const struct policy_service *service, json_t *list)
{
	for (unsigned m = 0; m < service->n_members; m++) {
		const struct policy_member *member = &service->members[m];

		if (member->pool.nested != NULL) {
			/* At most STEERING_MAX_DEPTH deep. */
			add_service(policy, live, member->pool.nested, list);
			continue;
		}
		for (unsigned k = 0; k <= member->n_alternates; k++)
			add_pool(
			    policy, live, policy_chosen(service, m, k), list);
	}
}

json_t *
explain_hand_list(const struct policy *policy, const struct live *live,
    const struct policy_service *service)
{
	json_t *list = json_array();

	if (list != NULL)
		add_service(policy, live, service, list);
	return list;
}
