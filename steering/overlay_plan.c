/*
 * Finds in a policy what rows are about.  Called by overlay.c; changes no
 * `live`.
 */
#include "steering/overlay_plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "steering/live.h"

/* Of an array of the plan: a policy has no more. */
#define PARTS_MAX ((size_t)1 << 28)

#define SIXTEENTH (LIVE_FACTOR_ONE / 16)

void
overlay_plan_finish(struct overlay_plan *plan)
{
	free(plan->number);
	free(plan->reach);
	free(plan->keep);
	free(plan->factor);
	free(plan->shift);
	free(plan->fades.fade);
	*plan = (struct overlay_plan){0};
}

static int
add_number(struct overlay_plan *plan, size_t number)
{
	uint32_t *grown = array_grow(
	    plan->number, plan->n, &plan->size, sizeof(*grown), PARTS_MAX);

	if (grown == NULL)
		return -1;
	plan->number = grown;
	grown[plan->n++] = (uint32_t)number;
	return 0;
}

static int
add_part(struct plan_part **parts, size_t *n, size_t *size, size_t number,
    uint64_t amount)
{
	struct plan_part *grown =
	    array_grow(*parts, *n, size, sizeof(*grown), PARTS_MAX);

	if (grown == NULL)
		return -1;
	*parts = grown;
	grown[(*n)++] = (struct plan_part){(uint32_t)number, amount};
	return 0;
}

/* Everything of ${group} is reached. */
static bool
reaches_all(const struct policy_group *group, const bool *reached)
{
	for (uint32_t i = 0; i < group->n; i++)
		if (!reached[group->first + i])
			return false;
	return true;
}

/* The groups of ${pool} that are reached, where others of it are not and can
 * take their clients. */
static int
add_groups_of(struct overlay_plan *plan, const struct policy *policy,
    const struct policy_pool *pool, const bool *reached)
{
	if (pool->nested != NULL || overlay_fade_whole(policy, pool, reached))
		return 0;
	for (uint64_t left = pool->regions; left != 0; left &= left - 1) {
		uint32_t number = pool->group[__builtin_ctzll(left)];

		if (reaches_all(&policy->groups[number], reached) &&
		    add_number(plan, number) != 0)
			return -1;
	}
	return 0;
}

static int
add_groups(struct overlay_plan *plan, struct plan_reach *reach,
    const struct policy *policy, const bool *reached)
{
	reach->group = plan->n;
	for (size_t i = 0; i < policy->n_pools; i++)
		if (add_groups_of(plan, policy, &policy->pools[i], reached) !=
		    0)
			return -1;
	reach->n_groups = plan->n - reach->group;
	reach->rest = plan->n;
	for (size_t i = 0; i < policy->n_groups; i++) {
		const struct policy_group *group = &policy->groups[i];

		for (uint32_t k = 0; k < group->n; k++)
			if (reached[group->first + k] &&
			    !reaches_all(group, reached) &&
			    add_number(plan, group->first + k) != 0)
				return -1;
	}
	reach->n_rest = plan->n - reach->rest;
	return 0;
}

/* What override number ${item} reaches; ${reached} is room for it. */
static int
add_reach(struct overlay_plan *plan, const struct overrides_item *item,
    size_t number, const struct policy *policy, bool *reached)
{
	struct plan_reach *grown = array_grow(plan->reach, plan->n_reach,
	    &plan->size_reach, sizeof(*grown), PARTS_MAX);
	struct plan_reach reach = {.item = number, .endpoint = plan->n};

	if (grown == NULL)
		return -1;
	plan->reach = grown;
	memset(reached, 0, policy->n_endpoints);
	(void)override_target_endpoints(
	    policy, item->kind, item->row.target, reached);
	for (size_t i = 0; i < policy->n_endpoints; i++)
		if (reached[i] && add_number(plan, i) != 0)
			return -1;
	reach.n_endpoints = plan->n - reach.endpoint;
	if (item->what == OVERRIDE_DRAIN && item->row.ramp_ms > 0 &&
	    (add_groups(plan, &reach, policy, reached) != 0 ||
		overlay_fade_add(&plan->fades, number, policy, reached) != 0))
		return -1;
	plan->reach[plan->n_reach++] = reach;
	return 0;
}

/* It is about endpoints, and does something to them, now or while it ramps. */
static bool
is_about_endpoints(const struct overrides_item *item)
{
	/* Who ends a drain lets its target come back, and a weight may. */
	bool ends = item->off &&
	    !(item->what == OVERRIDE_DRAIN && item->from_ppm > 0) &&
	    !(item->what == OVERRIDE_WEIGHT && item->row.ramp_ms > 0);

	return !ends && item->what != OVERRIDE_FREEZE &&
	    item->what != OVERRIDE_CANARY;
}

static int
add_reaches(struct overlay_plan *plan, const struct overrides *overrides,
    const struct policy *policy)
{
	bool *reached;
	int status = 0;

	if (overrides->n == 0)
		return 0;
	reached = calloc(policy->n_endpoints + 1, sizeof(*reached));
	if (reached == NULL)
		return -1;
	for (size_t i = 0; i < overrides->n && status == 0; i++)
		if (is_about_endpoints(&overrides->item[i]))
			status = add_reach(
			    plan, &overrides->item[i], i, policy, reached);
	free(reached);
	return status;
}

/* ${zone} of a policy as it is stored. */
static void
stored_zone(char out[STATE_ZONE], const char *zone)
{
	snprintf(out, STATE_ZONE, "%s", zone);
	endpoint_key_fold(out);
}

/*
 * What is left of what ${group} keeps by the file, of 2^64, so that it keeps
 * ${keep} at most: the file's share is a bound to who controls by load.
 */
static uint64_t
beside_file(const struct policy_group *group, double keep)
{
	double most = (double)group->keep / 0x1p64;

	if (group->keep == POLICY_KEEP_ALL)
		most = 1;
	return keep < most ? (uint64_t)(keep / most * 0x1p64) : POLICY_KEEP_ALL;
}

/* What regions of pools keep whose file says that this follows their load.
 * Standby endpoints take what comes to them. */
static int
add_keeps(struct overlay_plan *plan, const struct overlay_rows *rows,
    const struct policy *policy)
{
	for (size_t i = 0; rows->n > 0 && i < policy->n_groups; i++) {
		const struct policy_group *group = &policy->groups[i];
		const struct policy_endpoint *e =
		    &policy->endpoints[group->first];
		const struct state_keep *row;
		struct state_keep key;
		uint64_t keep;

		if (e->standby || !group->spill)
			continue;
		stored_zone(key.zone, e->key.zone);
		snprintf(key.pool, sizeof(key.pool), "%s", e->key.pool);
		snprintf(key.region, sizeof(key.region), "%s",
		    policy->regions[group->region].name);
		row = overlay_rows_find(rows, &key);
		/* What is not a number is none that anybody knows. */
		if (row == NULL || !(row->keep < 1))
			continue;
		keep = beside_file(group, row->keep);
		if (keep != POLICY_KEEP_ALL &&
		    add_part(&plan->keep, &plan->n_keep, &plan->size_keep, i,
			keep) != 0)
			return -1;
	}
	return 0;
}

static int
add_factors(struct overlay_plan *plan, const struct overlay_rows *rows,
    const struct policy *policy)
{
	for (size_t i = 0; rows->n > 0 && i < policy->n_endpoints; i++) {
		const struct policy_endpoint *e = &policy->endpoints[i];
		const struct state_factor *row;
		struct state_factor key;

		if (!e->evened)
			continue;
		stored_zone(key.zone, e->key.zone);
		snprintf(key.pool, sizeof(key.pool), "%s", e->key.pool);
		snprintf(
		    key.endpoint, sizeof(key.endpoint), "%s", e->key.endpoint);
		row = overlay_rows_find(rows, &key);
		if (row == NULL || row->sixteenths == 0 ||
		    row->sixteenths >= 16)
			continue;
		if (add_part(&plan->factor, &plan->n_factor, &plan->size_factor,
			i, (uint64_t)row->sixteenths * SIXTEENTH) != 0)
			return -1;
	}
	return 0;
}

static int
add_shift(struct overlay_plan *plan, const struct plan_shift *shift)
{
	struct plan_shift *grown = array_grow(plan->shift, plan->n_shifts,
	    &plan->size_shifts, sizeof(*grown), PARTS_MAX);

	if (grown == NULL)
		return -1;
	plan->shift = grown;
	grown[plan->n_shifts++] = *shift;
	return 0;
}

static int
member_of_pool(const struct policy_service *service, const char *pool)
{
	for (unsigned m = 0; m < service->n_members; m++)
		if (strcmp(service->members[m].pool.name, pool) == 0)
			return (int)m;
	return -1;
}

/* The last that was said of its split first. */
static int
add_canaries(struct overlay_plan *plan, const struct overrides *overrides,
    const struct policy_service *service)
{
	struct plan_shift shift = {.service = service};
	int member;

	for (size_t i = overrides->n; i > 0; i--) {
		const struct overrides_item *item = &overrides->item[i - 1];

		if (item->what != OVERRIDE_CANARY || item->off ||
		    item->kind != TARGET_SERVICE ||
		    !override_target_service(item->row.target, service))
			continue;
		member = member_of_pool(service, item->pool);
		if (member < 0)
			continue;
		shift.member = (unsigned)member;
		shift.item = i - 1;
		if (add_shift(plan, &shift) != 0)
			return -1;
	}
	return 0;
}

/* The stored step of its ramp, if it is of the ramp that the file has. */
static int
add_step(struct overlay_plan *plan, const struct overlay_parts *parts,
    const struct policy_zone *zone, const struct policy_service *service)
{
	const struct service_config *config =
	    &zone->config->services[service->config_index];
	struct plan_shift shift = {.service = service, .item = SIZE_MAX};

	char name[STATE_ZONE];

	if (config->ramp == NULL)
		return 0;
	stored_zone(name, zone->name);
	shift.member = config->ramp->member;
	for (size_t i = 0; i < parts->n_steps; i++) {
		const struct state_ramp *row = &parts->step[i].row;

		shift.step = i;
		if (strcmp(row->zone, name) == 0 &&
		    strcmp(row->service, config->name) == 0 &&
		    strcmp(row->made_for, config->ramp->made_for) == 0)
			return add_shift(plan, &shift);
	}
	return 0;
}

static int
add_shifts(struct overlay_plan *plan, const struct overlay_parts *parts,
    const struct policy *policy)
{
	for (size_t i = 0; i < policy->n_zones; i++) {
		const struct policy_zone *zone = &policy->zones[i];

		for (size_t k = 0; k < zone->n_services; k++)
			if (add_canaries(plan, &parts->overrides,
				&zone->services[k]) != 0 ||
			    add_step(plan, parts, zone, &zone->services[k]) !=
				0)
				return -1;
	}
	return 0;
}

static int64_t
greatest_ttl_ms(const struct policy *policy)
{
	uint32_t s = 0;

	for (size_t i = 0; i < policy->n_zones; i++)
		for (size_t k = 0; k < policy->zones[i].n_services; k++)
			if (policy->zones[i].services[k].ttl_max_s > s)
				s = policy->zones[i].services[k].ttl_max_s;
	return (int64_t)s * 1000;
}

int
overlay_plan_make(struct overlay_plan *plan, const struct overlay_parts *parts,
    const struct policy *policy)
{
	plan->ttl_ms = greatest_ttl_ms(policy);
	if (add_reaches(plan, &parts->overrides, policy) == 0 &&
	    add_keeps(plan, &parts->keep, policy) == 0 &&
	    add_factors(plan, &parts->factor, policy) == 0 &&
	    add_shifts(plan, parts, policy) == 0)
		return 0;
	overlay_plan_finish(plan);
	return -1;
}
