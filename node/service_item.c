/*
 * Makes the item of one service.  Called by the page of services; keeps
 * nothing.
 */
#include "node/service_item.h"

#include <string.h>

#include "base/clock.h"
#include "node/page_query.h"
#include "node/service_regions.h"
#include "node/service_share.h"
#include "node/status_items.h"
#include "steering/override_target.h"

/* Answers a second of some of a service's counters: of a pool and a region, or
 * of all where NULL is given. */
static double
rate_of(const struct page *page, const struct service_entry *e,
    enum rate_kind kind, const char *pool, const char *region)
{
	const struct page_slot *slots;
	double rate = 0;
	size_t n;

	slots = service_list_slots(page, e->service, &n);
	for (size_t i = 0; i < n; i++)
		if ((pool == NULL || strcmp(slots[i].name.pool, pool) == 0) &&
		    (region == NULL ||
			strcmp(slots[i].name.region, region) == 0))
			rate += page_slot_rate(page, &slots[i], kind);
	return rate;
}

/* The same of both kinds. */
static double
rate_of_all(const struct page *page, const struct service_entry *e,
    const char *pool, const char *region)
{
	return rate_of(page, e, RATE_SHARE, pool, region) +
	    rate_of(page, e, RATE_RESORT, pool, region);
}

/* The regions of ${members}, of the answers from ${pool}, or from all. */
static json_t *
region_list(const struct page *page, const struct service_entry *e,
    uint32_t members, const char *pool)
{
	const struct policy *policy = page->view.served->generation->policy;
	const struct live *live = page->view.served->live;
	uint64_t regions = service_regions(e->service, members);
	json_t *list = json_array();

	for (unsigned bit = 0; bit < STEERING_MAX_REGIONS; bit++) {
		const char *name;

		if ((regions >> bit & 1) == 0)
			continue;
		name = policy->regions[e->zone->regions[bit]].name;
		json_array_append_new(list,
		    json_pack("{ss so ss sf}", "region", name,
			"answers_per_second",
			page_query_rate(page, rate_of_all(page, e, pool, name)),
			"usable",
			service_regions_usable(live, e->service, members, bit),
			"keep",
			service_regions_keep(live, e->service, members, bit)));
	}
	return list;
}

/* The item of member ${m}, ${pool}, with its shares. */
static void
add_shares(json_t *pool, const struct page *page, const struct service_entry *e,
    unsigned m, bool whole)
{
	const char *name = e->service->members[m].pool.name;
	struct service_share share =
	    service_share(page->view.served->live, e->service, m);
	/* What a last resort answered came from no share. */
	double all = rate_of(page, e, RATE_SHARE, NULL, NULL);
	double rate = rate_of(page, e, RATE_SHARE, name, NULL);

	json_object_set_new(pool, "set", json_real(share.set));
	json_object_set_new(pool, "now", json_real(share.now));
	json_object_set_new(
	    pool, "served", all > 0 ? json_real(rate / all) : json_null());
	json_object_set_new(pool, "answers_per_second",
	    page_query_rate(page, rate_of_all(page, e, name, NULL)));
	if (whole)
		json_object_set_new(pool, "regions",
		    region_list(page, e, UINT32_C(1) << m, name));
}

/* The least TTL that answers have now. */
static json_t *
ttl_object(const struct live *live, const struct policy_service *service,
    const struct outlook_service *how)
{
	uint32_t used = service_regions_pending_s(live, service);

	if (how->state == OUTLOOK_LAST_RESORT || used < service->ttl_min_s)
		used = service->ttl_min_s;
	if (used > service->ttl_max_s)
		used = service->ttl_max_s;
	return json_pack("{sI sI sI}", "max_s", (json_int_t)service->ttl_max_s,
	    "min_s", (json_int_t)service->ttl_min_s, "used_s",
	    (json_int_t)used);
}

/* Whether ${name} means an endpoint of the pool. */
static bool
means_endpoint(const struct policy *policy, const struct policy_pool *pool,
    const char *name)
{
	for (unsigned bit = 0; bit < STEERING_MAX_REGIONS; bit++) {
		const struct policy_group *g;

		if ((pool->regions >> bit & 1) == 0 ||
		    pool->group[bit] == STEERING_NONE)
			continue;
		g = &policy->groups[pool->group[bit]];
		for (uint32_t i = 0; i < g->n; i++)
			if (override_target_endpoint(
				name, &policy->endpoints[g->first + i].key))
				return true;
	}
	return false;
}

/* Whether an override of pools or of endpoints is about one of the service; at
 * most STEERING_MAX_DEPTH deep. */
static bool
means_pool(const struct policy *policy, const struct policy_zone *zone,
    const struct policy_service *service, enum target_kind kind,
    const char *name)
{
	for (unsigned m = 0; m < service->n_members; m++) {
		const struct policy_member *member = &service->members[m];

		for (unsigned k = 0; k <= member->n_alternates; k++) {
			const struct policy_pool *pool =
			    policy_chosen(service, m, k);
			bool means;

			if (pool->nested != NULL)
				means = means_pool(
				    policy, zone, pool->nested, kind, name);
			else if (kind == TARGET_POOL)
				means = override_target_pool(
				    name, zone->name, pool->name);
			else
				means = means_endpoint(policy, pool, name);
			if (means)
				return true;
		}
	}
	return false;
}

static bool
concerns(const struct policy *policy, const struct service_entry *e,
    const struct state_override *row)
{
	enum target_kind kind = override_target_kind(row->kind);
	uint64_t regions = service_regions(e->service, UINT32_MAX);

	if (kind == TARGET_SERVICE)
		return override_target_service(row->target, e->service);
	if (kind != TARGET_REGION)
		return kind != TARGET_KINDS &&
		    means_pool(policy, e->zone, e->service, kind, row->target);
	for (unsigned bit = 0; bit < STEERING_MAX_REGIONS; bit++)
		if ((regions >> bit & 1) != 0 &&
		    override_target_region(row->target,
			policy->regions[e->zone->regions[bit]].name))
			return true;
	return false;
}

/* The numbers of what operators said that concerns it. */
static json_t *
override_list(const struct page *page, const struct service_entry *e)
{
	const struct policy *policy = page->view.served->generation->policy;
	const struct laid *laid = page->view.health.laid;
	json_t *list = json_array();

	for (size_t i = 0; laid != NULL && i < laid->n_overrides &&
	     i < SERVICE_ITEM_OVERRIDES;
	     i++)
		if (page->now_ms < laid->override[i].until_ms &&
		    concerns(policy, e, &laid->override[i].row))
			json_array_append_new(list,
			    json_integer(
				(json_int_t)laid->override[i].row.number));
	return list;
}

/* The pools of the status become the split. */
static void
add_split(json_t *item, const struct page *page, const struct service_entry *e,
    bool whole)
{
	json_t *split = json_incref(json_object_get(item, "pools"));

	json_object_del(item, "pools");
	for (unsigned m = 0; m < e->service->n_members; m++)
		add_shares(json_array_get(split, m), page, e, m, whole);
	json_object_set_new(item, "split", split);
}

json_t *
service_item(struct page *page, const struct service_entry *e, bool whole)
{
	const struct served *served = page->view.served;
	int64_t since_ms = served->since_ms[e->number];
	json_t *item =
	    status_item_service(served->outlook, e->zone, e->service);
	struct outlook_service how;
	char when[CLOCK_TEXT];

	if (item == NULL)
		return NULL;
	outlook_service(served->outlook, e->service, &how);
	json_object_set_new(item, "drained", json_integer(how.drained));
	json_object_set_new(
	    item, "since", json_string(clock_format(since_ms, when)));
	json_object_set_new(item, "since_ms", json_integer(since_ms));
	json_object_set_new(item, "answers_per_second",
	    page_query_rate(page, rate_of_all(page, e, NULL, NULL)));
	json_object_set_new(item, "last_resort_per_second",
	    page_query_rate(page, rate_of(page, e, RATE_RESORT, NULL, NULL)));
	json_object_set_new(
	    item, "ttl", ttl_object(served->live, e->service, &how));
	add_split(item, page, e, whole);
	json_object_set_new(
	    item, "sent", region_list(page, e, UINT32_MAX, NULL));
	json_object_set_new(item, "overrides", override_list(page, e));
	return item;
}
