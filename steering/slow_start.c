/*
 * From how long endpoints can be used to what regions keep and what endpoints
 * weigh.  Called by the health model in the control thread; remembers nothing,
 * so that a restart goes on where it was.
 *
 * A share grows in a straight line from a twentieth to all: a server that was
 * started needs some requests to warm its caches, and by them its check and its
 * load are known to mean something.  It does so in a hundred steps, none
 * shorter than a second: a step moves a hundredth of the clients of a region,
 * which no cache notices, and five minutes make a new live each three seconds.
 */
#include "steering/slow_start.h"

#include "steering/position.h"

#define MILLION 1000000
#define FIRST 50000 /* millionths */
#define STEPS 100
#define STEP_MIN_MS 1000

/* How a share grows: so many steps of so many ms. */
struct growth {
	uint32_t steps, step_ms;
};

static struct growth
growth_of(uint32_t seconds)
{
	uint32_t ms = seconds * 1000, step_ms = ms / STEPS;

	if (step_ms < STEP_MIN_MS)
		step_ms = STEP_MIN_MS;
	return (struct growth){.steps = ms / step_ms, .step_ms = step_ms};
}

/* Millionths after ${step} steps. */
static uint32_t
share_after(const struct growth *growth, uint32_t step)
{
	return FIRST +
	    (uint32_t)((uint64_t)(MILLION - FIRST) * step / growth->steps);
}

/* The steps of endpoint number ${e}: growth->steps when it is there for as
 * long; -1 when it cannot be used. */
static int
step_of(const struct live *live, const struct growth *growth, uint32_t e)
{
	uint32_t step = live->up_ms[e] / growth->step_ms;

	if (live->endpoint[e] != USABLE_YES)
		return -1;
	return (int)(step < growth->steps ? step : growth->steps);
}

/* The endpoints of ${g} that have made ${step} steps hold its min_up. */
static bool
holds(const struct live *live, const struct policy *policy,
    const struct policy_group *g, const struct growth *growth, int step)
{
	uint64_t weight = 0;

	for (uint32_t e = g->first; e < g->first + g->n; e++)
		if (step_of(live, growth, e) >= step)
			weight += policy->endpoints[e].weight;
	return weight >= live_need(live, policy, g);
}

/* The steps of ${g} as a whole: the most that enough of its endpoints have
 * made; -1 when it cannot be used. */
static int
step_of_group(const struct live *live, const struct policy *policy,
    const struct policy_group *g, const struct growth *growth)
{
	int low = -1, high = (int)growth->steps;

	while (low < high) {
		int middle = low + (high - low + 1) / 2;

		if (holds(live, policy, g, growth, middle))
			low = middle;
		else
			high = middle - 1;
	}
	return low;
}

static void
thin(struct live *live, uint32_t group, const struct growth *growth, int step)
{
	uint64_t each = position_threshold(MILLION - FIRST, MILLION) /
	    ((uint64_t)growth->steps * growth->step_ms) * 1000;

	live_thin(live, group,
	    position_threshold(share_after(growth, (uint32_t)step), MILLION),
	    each < INT64_MAX ? (int64_t)each : INT64_MAX);
	live_thinned(live, group, REASON_FAILOVER);
}

/* Endpoints of ${g}, where another of them has made all steps. */
static void
weigh(struct live *live, const struct policy_group *g,
    const struct growth *growth)
{
	bool whole = false;

	for (uint32_t e = g->first; e < g->first + g->n; e++)
		whole |= step_of(live, growth, e) == (int)growth->steps;
	for (uint32_t e = g->first; whole && e < g->first + g->n; e++) {
		int step = step_of(live, growth, e);

		if (step >= 0 && step < (int)growth->steps)
			live_weigh(live, e,
			    (uint32_t)((uint64_t)LIVE_FACTOR_ONE *
				share_after(growth, (uint32_t)step) / MILLION));
	}
}

static void
lay_pool(struct live *live, const struct policy *policy,
    const struct policy_pool *pool)
{
	const struct policy_group *first =
	    &policy->groups[pool->group[__builtin_ctzll(pool->regions)]];
	struct growth growth = growth_of(first->slow_start_s);
	int step[STEERING_MAX_REGIONS];
	bool whole = false;

	for (uint64_t left = pool->regions; left != 0; left &= left - 1) {
		unsigned region = (unsigned)__builtin_ctzll(left);

		step[region] = step_of_group(live, policy,
		    &policy->groups[pool->group[region]], &growth);
		whole |= step[region] == (int)growth.steps;
	}
	for (uint64_t left = pool->regions; left != 0; left &= left - 1) {
		unsigned region = (unsigned)__builtin_ctzll(left);
		uint32_t group = pool->group[region];

		if (whole && step[region] >= 0 &&
		    step[region] < (int)growth.steps)
			thin(live, group, &growth, step[region]);
		weigh(live, &policy->groups[group], &growth);
	}
}

void
slow_start_lay(struct live *live, const struct policy *policy)
{
	for (size_t i = 0; policy->starts && i < policy->n_pools; i++) {
		const struct policy_pool *pool = &policy->pools[i];

		if (pool->nested == NULL && pool->regions != 0 &&
		    policy->groups[pool->group[__builtin_ctzll(pool->regions)]]
			    .slow_start_s > 0)
			lay_pool(live, policy, pool);
	}
}
