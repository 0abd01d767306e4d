/*
 * Lets the shares of pools fade that a drain takes out as a whole.  Called by
 * overlay.c and overlay_plan.c; no part of a region is thinned here.
 */
#include "steering/overlay_fade.h"

#include "base/array.h"

/* Splits of a policy, at most. */
#define FADES_MAX ((size_t)1 << 28)

/* The next border is that after so much of the ramp, and a second at least. */
#define FADE_STEPS 20

bool
overlay_fade_whole(const struct policy *policy, const struct policy_pool *pool,
    const bool *reached)
{
	if (pool->nested != NULL || pool->regions == 0)
		return false;
	for (uint64_t left = pool->regions; left != 0; left &= left - 1) {
		const struct policy_group *group =
		    &policy->groups[pool->group[__builtin_ctzll(left)]];

		for (uint32_t i = 0; i < group->n; i++)
			if (!reached[group->first + i])
				return false;
	}
	return true;
}

static int
add_fade(struct overlay_fades *fades, const struct overlay_fade *fade)
{
	struct overlay_fade *grown = array_grow(
	    fades->fade, fades->n, &fades->size, sizeof(*grown), FADES_MAX);

	if (grown == NULL)
		return -1;
	fades->fade = grown;
	grown[fades->n++] = *fade;
	return 0;
}

static int
add_of_service(struct overlay_fades *fades, size_t item,
    const struct policy *policy, const bool *reached,
    const struct policy_service *service)
{
	for (unsigned m = 0; m < service->n_members; m++) {
		int neighbour = live_neighbour(service, m);

		if (neighbour < 0 ||
		    !overlay_fade_whole(
			policy, &service->members[m].pool, reached) ||
		    overlay_fade_whole(
			policy, &service->members[neighbour].pool, reached))
			continue;
		if (add_fade(fades, &(struct overlay_fade){service, m, item}) !=
		    0)
			return -1;
	}
	return 0;
}

int
overlay_fade_add(struct overlay_fades *fades, size_t item,
    const struct policy *policy, const bool *reached)
{
	for (size_t i = 0; i < policy->n_zones; i++)
		for (size_t k = 0; k < policy->zones[i].n_services; k++)
			if (add_of_service(fades, item, policy, reached,
				&policy->zones[i].services[k]) != 0)
				return -1;
	return 0;
}

void
overlay_fade_apply(const struct overlay_fades *fades,
    const struct overrides *overrides, struct live *live, int64_t mono_ms)
{
	for (size_t i = 0; i < fades->n; i++) {
		const struct overlay_fade *fade = &fades->fade[i];
		const struct overrides_item *item =
		    &overrides->item[fade->item];
		int64_t ahead_ms = item->row.ramp_ms / FADE_STEPS;

		if (!overrides_ramping(item, mono_ms))
			continue;
		if (ahead_ms < 1000)
			ahead_ms = 1000;
		live_fade(live, fade->service, fade->member,
		    LIVE_MILLION - overrides_out(item, mono_ms),
		    LIVE_MILLION - overrides_out(item, mono_ms + ahead_ms),
		    (uint32_t)((ahead_ms + 999) / 1000));
	}
}
