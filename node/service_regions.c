/*
 * Looks at the groups of a service's pools.  Called by the pages; services
 * inside services are at most STEERING_MAX_DEPTH deep, as the files are
 * checked for.
 */
#include "node/service_regions.h"

#include "node/status_items.h"

/* Pool number ${k} of a member: its own first, then what takes its place. */
static const struct policy_pool *
pool_of(const struct policy_member *member, unsigned k)
{
	return k == 0 ? &member->pool : &member->alternates[k - 1].pool;
}

const char *
service_regions_usable(const struct live *live,
    const struct policy_service *service, uint32_t members, unsigned bit)
{
	int best = USABLE_DRAINED;

	for (unsigned m = 0; m < service->n_members; m++) {
		const struct policy_member *member = &service->members[m];

		if ((members >> m & 1) == 0)
			continue;
		for (unsigned k = 0; k <= member->n_alternates; k++) {
			const struct live_pool *pool =
			    &live->pool[pool_of(member, k)->number];

			for (int u = best + 1; u <= USABLE_YES; u++)
				if ((pool->usable[u] >> bit & 1) != 0)
					best = u;
		}
	}
	return status_item_usable(best);
}

/* The least of ${least} and what the region keeps of this pool. */
static double
least_keep(const struct live *live, const struct policy_pool *pool,
    unsigned bit, double least)
{
	double keep;

	if (pool->nested != NULL) {
		keep =
		    service_regions_keep(live, pool->nested, UINT32_MAX, bit);
	} else {
		if ((pool->regions >> bit & 1) == 0 ||
		    pool->group[bit] == STEERING_NONE)
			return least;
		keep = live->group[pool->group[bit]].keep == POLICY_KEEP_ALL
		    ? 1
		    : (double)live->group[pool->group[bit]].keep / 0x1p64;
	}
	return keep < least ? keep : least;
}

double
service_regions_keep(const struct live *live,
    const struct policy_service *service, uint32_t members, unsigned bit)
{
	double least = 1;

	for (unsigned m = 0; m < service->n_members; m++)
		if ((members >> m & 1) != 0)
			least = least_keep(
			    live, &service->members[m].pool, bit, least);
	return least;
}

uint64_t
service_regions(const struct policy_service *service, uint32_t members)
{
	uint64_t regions = 0;

	for (unsigned m = 0; m < service->n_members; m++)
		if ((members >> m & 1) != 0)
			regions |= policy_member_regions(&service->members[m]);
	return regions;
}

static uint32_t
least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static uint32_t
pool_pending_s(const struct live *live, const struct policy_pool *pool)
{
	uint32_t seconds = LIVE_NOT_PENDING;

	if (pool->nested != NULL)
		return service_regions_pending_s(live, pool->nested);
	for (unsigned bit = 0; bit < STEERING_MAX_REGIONS; bit++)
		if ((pool->regions >> bit & 1) != 0 &&
		    pool->group[bit] != STEERING_NONE)
			seconds = least(
			    seconds, live->group[pool->group[bit]].pending_s);
	return seconds;
}

uint32_t
service_regions_pending_s(
    const struct live *live, const struct policy_service *service)
{
	const struct live_split *split = &live->split[service->number];
	uint32_t seconds =
	    split->share != NULL ? split->pending_s : LIVE_NOT_PENDING;

	for (unsigned m = 0; m < service->n_members; m++) {
		const struct policy_member *member = &service->members[m];

		for (unsigned k = 0; k <= member->n_alternates; k++)
			seconds = least(
			    seconds, pool_pending_s(live, pool_of(member, k)));
	}
	return seconds;
}
