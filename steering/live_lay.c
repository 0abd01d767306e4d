/*
 * Lays over health what was said and planned: drains, forced health, weights,
 * what regions keep, shares of splits.  Called while a `live` is made, before
 * it is judged; decides none of it.
 */
#include "steering/live.h"

#include "steering/position.h"

/* Keep what its checks find of it, once. */
static void
say(struct live *live, size_t e, enum live_said said)
{
	if (live->said[e] == SAID_NOTHING) {
		live->found[e] = (int8_t)live_told(live, e);
		/* It does not change with its checks any more. */
		live->pending_s[e] = LIVE_NOT_PENDING;
	}
	live->said[e] = (uint8_t)said;
	live->presumed[e] = 0;
}

void
live_drain(struct live *live, size_t e)
{
	say(live, e, SAID_DRAINED);
	if (live->endpoint[e] != USABLE_EMPTY)
		live->endpoint[e] = USABLE_DRAINED;
}

void
live_force(struct live *live, size_t e, bool up)
{
	if (live->said[e] == SAID_DRAINED)
		return;
	say(live, e, up ? SAID_UP : SAID_DOWN);
	if (live->endpoint[e] != USABLE_EMPTY)
		live->endpoint[e] = up ? USABLE_YES : USABLE_NO;
}

void
live_weigh(struct live *live, size_t e, uint32_t factor)
{
	/* Rounded up, so that only a factor of 0 makes it 0. */
	uint64_t product =
	    ((uint64_t)live->factor[e] * factor + LIVE_FACTOR_ONE - 1) /
	    LIVE_FACTOR_ONE;

	live->factor[e] = product < UINT32_MAX ? (uint32_t)product : UINT32_MAX;
}

void
live_expect(struct live *live, size_t e, uint32_t s)
{
	if (s < live->pending_s[e])
		live->pending_s[e] = s;
}

void
live_came_back(struct live *live, size_t e, int64_t ago_ms)
{
	if (ago_ms < 0)
		ago_ms = 0;
	if (ago_ms < live->up_ms[e])
		live->up_ms[e] = (uint32_t)ago_ms;
}

/* ${n} times the fraction ${keep}, of which POLICY_KEEP_ALL is all. */
static uint64_t
part_of(uint64_t n, uint64_t keep)
{
	__extension__ typedef unsigned __int128 uint128;

	return keep == POLICY_KEEP_ALL ? n
				       : (uint64_t)((uint128)n * keep >> 64);
}

static int64_t
part_of_slope(int64_t slope, uint64_t keep)
{
	__extension__ typedef __int128 int128;

	return keep == POLICY_KEEP_ALL ? slope
				       : (int64_t)((int128)slope * keep >> 64);
}

void
live_thin(struct live *live, size_t group, uint64_t keep, int64_t slope)
{
	struct live_group *g = &live->group[group];
	uint64_t before = g->keep;

	/* (f g)' = f' g + f g' */
	g->slope = part_of_slope(g->slope, keep) + part_of_slope(slope, before);
	g->keep = before == POLICY_KEEP_ALL ? keep : part_of(before, keep);
}

void
live_thinned(struct live *live, size_t group, enum reason why)
{
	uint8_t *thinned = &live->group[group].thinned;

	if (*thinned != REASON_DRAINED)
		*thinned = (uint8_t)why;
}

int
live_neighbour(const struct policy_service *service, unsigned member)
{
	const struct policy_member *members = service->members;
	const struct ramp_config *ramp =
	    service->config->services[service->config_index].ramp;
	unsigned m = member;

	if (ramp != NULL && ramp->member == member)
		return (int)ramp->neighbour;
	if (members[member].weight == 0)
		return -1;
	while (m > 0)
		if (members[--m].weight > 0)
			return (int)m;
	for (m = member + 1; m < service->n_members; m++)
		if (members[m].weight > 0)
			return (int)m;
	return -1;
}

/* The shares of ${service} as the policy has them, to be changed. */
static struct live_share *
begin_shares(struct live *live, const struct policy_service *service)
{
	struct live_split *split = &live->split[service->number];
	struct live_share *share = &live->share[service->first_member];

	if (split->share != NULL)
		return share;
	split->share = share;
	split->pending_s = LIVE_NOT_PENDING;
	for (unsigned m = 0; m < service->n_members; m++) {
		uint64_t weight = policy_weight(&service->members[m]);

		weight *= LIVE_MILLION;
		share[m] = (struct live_share){.weight = {weight, weight}};
	}
	return share;
}

/* Move the border between ${a} and ${b}: ${a} has ${ppm} of both. */
static void
move_border(struct live_share *a, struct live_share *b, int when, uint32_t ppm)
{
	/* Weights are below 2^20, as millionths are: two of them fit. */
	uint64_t both = a->weight[when] + b->weight[when];
	uint64_t before = a->weight[when];

	a->weight[when] = both / LIVE_MILLION * ppm +
	    both % LIVE_MILLION * ppm / LIVE_MILLION;
	b->weight[when] = both - a->weight[when];
	a->taken[when] += (int64_t)a->weight[when] - (int64_t)before;
}

/* Where the share of each ends. */
static void
find_ends(struct live_share *share, unsigned n, int when)
{
	uint64_t part = 0, whole = 0;

	for (unsigned m = 0; m < n; m++)
		whole += share[m].weight[when];
	for (unsigned m = 0; m < n; m++) {
		part += share[m].weight[when];
		share[m].last[when] = position_threshold(part, whole) - 1;
	}
}

/* The border of ${member} with ${neighbour} goes where ${ppm} says: now, and
 * after the step that is pending. */
static void
move_to(struct live *live, const struct policy_service *service,
    unsigned member, int neighbour, const uint32_t ppm[2], uint32_t pending_s)
{
	struct live_split *split = &live->split[service->number];
	struct live_share *shares = begin_shares(live, service);

	for (int when = 0; when < 2; when++) {
		move_border(
		    &shares[member], &shares[neighbour], when, ppm[when]);
		find_ends(shares, service->n_members, when);
	}
	if (pending_s < split->pending_s)
		split->pending_s = pending_s;
}

void
live_shift(struct live *live, const struct policy_service *service,
    unsigned member, uint32_t share, uint32_t next, uint32_t pending_s)
{
	int neighbour = live_neighbour(service, member);

	if (neighbour < 0)
		return;
	if (share > LIVE_MILLION)
		share = LIVE_MILLION;
	if (pending_s == LIVE_NOT_PENDING)
		next = share;
	if (next > LIVE_MILLION)
		next = LIVE_MILLION;
	move_to(live, service, member, neighbour, (uint32_t[2]){share, next},
	    pending_s);
}

/* The ${part} of what ${a} has, in millionths of what both have. */
static uint32_t
faded(const struct live_share *a, const struct live_share *b, int when,
    uint32_t part)
{
	double both = (double)a->weight[when] + (double)b->weight[when];

	return both > 0 ? (uint32_t)((double)a->weight[when] / both * part) : 0;
}

void
live_fade(struct live *live, const struct policy_service *service,
    unsigned member, uint32_t part, uint32_t next, uint32_t pending_s)
{
	int neighbour = live_neighbour(service, member);
	const struct live_share *shares, *a, *b;

	if (neighbour < 0)
		return;
	shares = begin_shares(live, service);
	a = &shares[member];
	b = &shares[neighbour];
	move_to(live, service, member, neighbour,
	    (uint32_t[2]){faded(a, b, 0, part), faded(a, b, 1, next)},
	    pending_s);
}

void
live_begin_ramps(struct live *live, const struct policy *policy)
{
	for (size_t z = 0; z < policy->n_zones; z++)
		for (size_t i = 0; i < policy->zones[z].n_services; i++) {
			const struct policy_service *service =
			    &policy->zones[z].services[i];
			struct live_share *share;

			for (unsigned m = 0; m < service->n_members; m++)
				if (service->members[m].ramped) {
					share = begin_shares(live, service);
					find_ends(share, service->n_members, 0);
					find_ends(share, service->n_members, 1);
				}
		}
}
