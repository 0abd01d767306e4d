/*
 * Lists what is known of the endpoints of a region.  Called by explain.c.
 */
#include "node/explain_load.h"

#include "node/load_items.h"
#include "node/vote_items.h"

/* The group of endpoint number ${e}; NULL: it has no weight.  Groups are in the
 * order of their endpoints. */
static const struct policy_group *
group_of(const struct policy *policy, uint32_t e)
{
	size_t low = 0, high = policy->n_groups;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct policy_group *g = &policy->groups[mid];

		if (e >= g->first && e < g->first + g->n)
			return g;
		if (e < g->first)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

static void
append_group(json_t *list, const struct policy *policy,
    const struct loads_look *look, const struct policy_group *g)
{
	for (uint32_t e = g->first; e < g->first + g->n; e++) {
		const struct policy_endpoint *endpoint = &policy->endpoints[e];
		json_t *item = json_pack("{ss ss ss}", "endpoint",
		    endpoint->key.endpoint, "pool", endpoint->key.pool,
		    "region", policy->regions[endpoint->region].name);

		load_items_add(item, look, policy, e);
		json_object_set_new(
		    item, "votes", vote_items_object(look, policy, e));
		json_array_append_new(list, item);
	}
}

json_t *
explain_load_list(const struct policy *policy, const struct loads_look *look,
    const struct decision *d)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < d->n; i++) {
		const struct policy_group *g = group_of(policy, d->endpoint[i]);
		bool had = g == NULL;

		for (unsigned k = 0; k < i && !had; k++)
			had = group_of(policy, d->endpoint[k]) == g;
		if (!had)
			append_group(list, policy, look, g);
	}
	return list;
}
