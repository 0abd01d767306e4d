/* Overrides of one pool.  Called by steered.c. */
#include "probes/control/hand.h"

#define WHOLE 1000000

static bool
means_service(const struct control_pool *pool, const char *target)
{
	for (size_t i = 0; i < pool->n_services; i++)
		if (override_target_region(target, pool->services[i]))
			return true;
	return false;
}

/* Regions of ${pool} that ${item}, which freezes, is about. */
static uint64_t
regions_of(const struct overrides_item *item, const struct control_pool *pool)
{
	const char *target = item->row.target;
	uint64_t regions = 0;

	switch (item->kind) {
	case TARGET_REGION:
		for (size_t r = 0; r < pool->file.n_regions; r++)
			if (override_target_region(
				target, pool->file.regions[r].name))
				regions |= UINT64_C(1) << r;
		return regions;
	case TARGET_POOL:
		return override_target_pool(target, pool->zone, pool->name)
		    ? UINT64_MAX
		    : 0;
	case TARGET_SERVICE:
		return means_service(pool, target) ? UINT64_MAX : 0;
	case TARGET_ENDPOINT:
	case TARGET_KINDS:
		break;
	}
	return 0;
}

uint64_t
hand_frozen(
    const struct overrides *o, const struct control_pool *pool, int64_t now_ms)
{
	uint64_t regions = 0;

	for (size_t i = 0; i < o->n; i++)
		if (o->item[i].what == OVERRIDE_FREEZE &&
		    overrides_in_force(&o->item[i], now_ms))
			regions |= regions_of(&o->item[i], pool);
	return regions;
}

static bool
means_endpoint(const struct overrides_item *item,
    const struct control_pool *pool, const struct control_endpoint *e)
{
	const struct endpoint_key key = {pool->zone, pool->name, e->name};
	const char *target = item->row.target;

	switch (item->kind) {
	case TARGET_REGION:
		return override_target_region(
		    target, pool->file.regions[e->region].name);
	case TARGET_POOL:
		return override_target_pool(target, pool->zone, pool->name);
	case TARGET_ENDPOINT:
		return override_target_endpoint(target, &key);
	case TARGET_SERVICE:
		return means_service(pool, target);
	case TARGET_KINDS:
		break;
	}
	return false;
}

enum hand_state
hand_endpoint(const struct overrides *o, const struct control_pool *pool,
    const struct control_endpoint *e, int64_t now_ms)
{
	enum hand_state forced = HAND_NOTHING;

	for (size_t i = 0; i < o->n; i++) {
		const struct overrides_item *item = &o->item[i];

		if ((item->what != OVERRIDE_DRAIN &&
			item->what != OVERRIDE_FORCE) ||
		    !overrides_in_force(item, now_ms) ||
		    !means_endpoint(item, pool, e))
			continue;
		if (item->what == OVERRIDE_FORCE)
			forced = item->up ? HAND_UP : HAND_DOWN;
		else if (overrides_out(item, now_ms) >= WHOLE)
			return HAND_DOWN;
	}
	return forced;
}

bool
hand_holds(const struct overrides *o, const struct control_pool *pool,
    const struct control_endpoint *e, int64_t now_ms)
{
	for (size_t i = 0; i < o->n; i++) {
		const struct overrides_item *item = &o->item[i];

		if ((item->what == OVERRIDE_DRAIN ||
			item->what == OVERRIDE_FORCE ||
			item->what == OVERRIDE_WEIGHT) &&
		    (overrides_in_force(item, now_ms) ||
			overrides_ramping(item, now_ms)) &&
		    means_endpoint(item, pool, e))
			return true;
	}
	return false;
}
