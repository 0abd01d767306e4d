/*
 * Rules of how clients are shared out: weights against measured capacity, one
 * cache with far more load than its neighbours, regions that nobody gets.
 * Called by advice.c; changes nothing.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "advice/run.h"

/* A weight that is proposed has at most so many digits: more than a file wants
 * to show. */
#define MOST_WEIGHT 1000

static bool
takes_clients(const struct advice_endpoint *e, uint32_t region)
{
	return e->region == region && e->weight > 0 && !e->standby &&
	    !e->drained;
}

/* What the endpoints of a pool in one region have together. */
struct group {
	double weight, capacity;
	double n;
	bool known;
};

static struct group
sum_group(const struct advice_pool *pool, uint32_t region)
{
	struct group g = {.known = true};

	for (size_t i = 0; i < pool->n_endpoints; i++) {
		const struct advice_endpoint *e = &pool->endpoints[i];

		if (!takes_clients(e, region))
			continue;
		g.n++;
		g.weight += e->weight;
		g.capacity += e->max_running;
		g.known = g.known && e->max_running > 0;
	}
	return g;
}

/* In times its share of the capacity: what ${e} has of the weight. */
static double
excess(const struct advice_endpoint *e, const struct group *g)
{
	return e->weight / g->weight * g->capacity / e->max_running;
}

static void
look_at_weights(
    struct advice_run *run, const struct advice_pool *pool, uint32_t region)
{
	struct group g = sum_group(pool, region);
	const struct advice_endpoint *worst = NULL;
	struct advice_text text = advice_text_of(run, pool->zone);
	struct advice_finding *f;
	double value = 0, wanted, rest;
	char number[32];

	if (!g.known || g.n < 2)
		return;
	for (size_t i = 0; i < pool->n_endpoints; i++) {
		const struct advice_endpoint *e = &pool->endpoints[i];

		if (takes_clients(e, region) && excess(e, &g) > value) {
			value = excess(e, &g);
			worst = e;
		}
	}
	if (worst == NULL)
		return;
	f = advice_offer(
	    run, ADVISE_WEIGHTS, value, g.n, "%s/%s", pool->name, worst->name);
	if (f == NULL)
		return;
	advice_evidence(f,
	    "it gets %.0f %% of the clients of %s and has %.0f of %.0f "
	    "requests "
	    "at once (%.0f %%)",
	    advice_percent(worst->weight, g.weight),
	    run->facts->zones[pool->zone].regions[region].name,
	    worst->max_running, g.capacity,
	    advice_percent(worst->max_running, g.capacity));
	rest = g.capacity - worst->max_running;
	wanted = worst->max_running / rest * (g.weight - worst->weight);
	advice_gain(f, "it would get %.0f %% of the clients, as it can take",
	    advice_percent(worst->max_running, g.capacity));
	/* Where whole numbers are too coarse, all weights are to be written
	 * anew: as requests at once. */
	if (wanted < 1)
		wanted = fmin(worst->max_running, MOST_WEIGHT);
	snprintf(number, sizeof(number), "%.0f", wanted);
	advice_edit_value(&f->edit, &text, &worst->at, "weight", number);
}

/* The mean load of the others. */
static double
others_load(const struct advice_pool *pool, const struct advice_endpoint * not,
    double *n)
{
	double sum = 0;

	*n = 0;
	for (size_t i = 0; i < pool->n_endpoints; i++) {
		const struct advice_endpoint *e = &pool->endpoints[i];

		if (e == not || !takes_clients(e, not ->region) ||
		    isnan(e->saturation))
			continue;
		sum += e->saturation;
		++*n;
	}
	return *n > 0 ? sum / *n : NAN;
}

static void
look_at_cache(struct advice_run *run, const struct advice_pool *pool,
    const struct advice_endpoint *e)
{
	struct advice_text text = advice_text_of(run, pool->zone);
	struct advice_finding *f;
	double n, others = others_load(pool, e, &n);
	char spread[32];

	if (!(others > 0) || isnan(e->saturation))
		return;
	f = advice_offer(run, ADVISE_HOT_NAME, e->saturation / others, n + 1,
	    "%s/%s", pool->name, e->name);
	if (f == NULL)
		return;
	advice_evidence(f,
	    "it has a load of %.0f %%, the others of %s %.0f %%: a name that "
	    "many ask for lives on %u of its %.0f caches",
	    100 * e->saturation,
	    run->facts->zones[pool->zone].regions[e->region].name, 100 * others,
	    pool->spread, n + 1);
	advice_gain(f,
	    "with a spread of %u the hot name's load comes to about %.0f %% on "
	    "each of its caches",
	    pool->spread + 1,
	    100 *
		(others +
		    (e->saturation - others) * pool->spread /
			(pool->spread + 1)));
	snprintf(spread, sizeof(spread), "%u", pool->spread + 1);
	advice_edit_value(&f->edit, &text, &pool->at, "spread", spread);
}

/* Whether a region is to have clients: some pool has an endpoint there that
 * takes them. */
static bool
is_meant(const struct advice_facts *facts, uint32_t zone, uint32_t region)
{
	const struct advice_region *r = &facts->zones[zone].regions[region];

	if (r->standby || r->drained)
		return false;
	for (size_t p = 0; p < facts->n_pools; p++)
		for (size_t e = 0; facts->pools[p].zone == zone &&
		     e < facts->pools[p].n_endpoints;
		     e++)
			if (takes_clients(
				&facts->pools[p].endpoints[e], region))
				return true;
	return false;
}

static void
look_at_region(struct advice_run *run, uint32_t zone, uint32_t region)
{
	const struct advice_facts *facts = run->facts;
	const struct advice_region *r = &facts->zones[zone].regions[region];
	struct advice_text text = advice_text_of(run, zone);
	struct advice_finding *f;
	double got = 0, all = 0;

	if (!is_meant(facts, zone, region))
		return;
	for (size_t i = 0; i < facts->n_services; i++) {
		const struct advice_service *s = &facts->services[i];

		if (s->zone != zone || (s->regions >> region & 1) == 0)
			continue;
		got += s->region[region];
		all += s->answers;
	}
	if (all <= 0)
		return;
	f = advice_offer(run, ADVISE_UNUSED_REGION, advice_percent(got, all),
	    all, "%s", r->name);
	if (f == NULL)
		return;
	f->severity = ADVICE_NOTE;
	advice_evidence(f,
	    "%.0f of %.0f answers (%.2g %%) of the services that have "
	    "endpoints "
	    "there",
	    got, all, f->value);
	advice_gain(f,
	    "as a spare it says what it is, and its endpoints serve when no "
	    "other does; or take them out");
	advice_edit_value(&f->edit, &text, &r->at, "standby", "true");
}

void
rule_balance(struct advice_run *run)
{
	const struct advice_facts *facts = run->facts;

	for (size_t p = 0; p < facts->n_pools; p++) {
		const struct advice_pool *pool = &facts->pools[p];

		for (uint32_t r = 0; r < facts->zones[pool->zone].n_regions;
		     r++)
			look_at_weights(run, pool, r);
		for (size_t e = 0; pool->edge && e < pool->n_endpoints; e++)
			look_at_cache(run, pool, &pool->endpoints[e]);
	}
	for (uint32_t z = 0; z < facts->n_zones; z++)
		for (uint32_t r = 0; r < facts->zones[z].n_regions; r++)
			look_at_region(run, z, r);
}
