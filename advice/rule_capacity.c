/*
 * Whose loss overloads whom: takes each region of a pool out and sends its
 * clients on, country by country, in the order in which the ladder would.
 * Called by advice.c; changes nothing.
 */
#include <math.h>
#include <string.h>

#include "advice/run.h"

/* A pool whose load is known, region by region, in its own unit. */
struct load {
	const struct advice_pool *pool;
	size_t n_regions;
	double capacity[STEERING_MAX_REGIONS];
	double now[STEERING_MAX_REGIONS]; /* at the busiest hour */
};

/* Where the clients of a region would go. */
struct loss {
	double moved[STEERING_MAX_REGIONS]; /* answers, then load */
	double all, samples;
};

/* The capacity that counts for a measured load: what was measured, or else what
 * the file says. */
static double
capacity_of(const struct advice_endpoint *e)
{
	return e->capacity > 0   ? e->capacity
	    : e->max_running > 0 ? e->max_running
				 : NAN;
}

/* False unless load and capacity of all that takes clients are known. */
static bool
measure(struct load *load)
{
	const struct advice_pool *pool = load->pool;

	for (size_t i = 0; i < pool->n_endpoints; i++) {
		const struct advice_endpoint *e = &pool->endpoints[i];
		double capacity = capacity_of(e);

		if (e->weight == 0 || e->standby || e->drained)
			continue;
		if (isnan(capacity) || isnan(e->saturation))
			return false;
		load->capacity[e->region] += capacity;
		load->now[e->region] += e->saturation * capacity;
	}
	return true;
}

static bool
uses(const struct advice_service *s, const struct advice_pool *pool,
    const struct advice_facts *facts)
{
	for (size_t m = 0; m < s->n_members; m++)
		if (&facts->pools[s->members[m].pool] == pool)
			return true;
	return false;
}

static double
peak_of(const struct advice_facts *facts, const struct advice_pool *pool)
{
	double peak = 1;

	for (size_t i = 0; i < facts->n_services; i++)
		if (uses(&facts->services[i], pool, facts) &&
		    facts->services[i].peak > peak)
			peak = facts->services[i].peak;
	return peak;
}

/* The first region of the order that is inside, has capacity and is not lost;
 * ADVICE_NONE when there is none. */
static uint32_t
next_region(
    const struct advice_spot *spot, const struct load *load, uint32_t lost)
{
	for (size_t i = 0; i < spot->n; i++) {
		uint32_t r = spot->order[i];

		if (r != lost && (spot->inside >> r & 1) != 0 &&
		    load->capacity[r] > 0)
			return r;
	}
	return ADVICE_NONE;
}

static void
move_country(struct loss *loss, const struct advice_country *c,
    const struct load *load, uint32_t lost)
{
	double part;

	if (c->n_spots == 0 || c->region[lost] <= 0)
		return;
	part = c->region[lost] / (double)c->n_spots;
	for (size_t i = 0; i < c->n_spots; i++) {
		uint32_t to = next_region(&c->spots[i], load, lost);

		loss->all += part;
		if (to != ADVICE_NONE)
			loss->moved[to] += part;
	}
}

/* Send the clients of ${lost} on; the load follows their answers. */
static void
lose(const struct advice_facts *facts, const struct load *load, uint32_t lost,
    struct loss *loss)
{
	*loss = (struct loss){.all = 0};
	for (size_t i = 0; i < facts->n_services; i++) {
		const struct advice_service *s = &facts->services[i];

		if (!uses(s, load->pool, facts))
			continue;
		if (s->answers > 0)
			loss->samples +=
			    s->sampled * s->region[lost] / s->answers;
		for (size_t c = 0; c < s->n_countries; c++)
			move_country(loss, &s->countries[c], load, lost);
	}
	for (size_t r = 0; r < load->n_regions; r++)
		if (loss->all > 0)
			loss->moved[r] *= load->now[lost] / loss->all;
}

static void
fill(struct advice_finding *f, const struct advice_run *run,
    const struct load *load, const struct loss *loss, uint32_t lost,
    uint32_t full)
{
	const struct advice_zone *zone = &run->facts->zones[load->pool->zone];
	struct advice_text text = advice_text_of(run, load->pool->zone);
	const char *name = zone->regions[full].name;
	double sum = load->now[full] + loss->moved[full];
	double most =
	    load->capacity[full] * advice_threshold(run, ADVISE_N1) / 100;

	f->severity = ADVICE_CRITICAL;
	advice_evidence(f,
	    "without %s, %s has %.0f for a capacity of %.0f (%.0f %%): %.0f of "
	    "its own at the busiest hour and %.0f that %s leaves to it",
	    zone->regions[lost].name, name, sum, load->capacity[full], f->value,
	    load->now[full], loss->moved[full], zone->regions[lost].name);
	advice_gain(f,
	    "%.0f more in %s, and it stays at %.0f %% of its capacity",
	    ceil((sum - most) * 100 / advice_threshold(run, ADVISE_N1)), name,
	    advice_threshold(run, ADVISE_N1));
	advice_edit_item(&f->edit, &text, &load->pool->at, "endpoints",
	    "{name: NEW, region: %s, address: [ADDRESS], capacity: %.0f}", name,
	    ceil((sum - most) * 100 / advice_threshold(run, ADVISE_N1)));
}

static void
look_at_loss(struct advice_run *run, const struct load *load, uint32_t lost)
{
	const struct advice_zone *zone = &run->facts->zones[load->pool->zone];
	struct advice_finding *f;
	struct loss loss;
	double worst = 0;
	uint32_t full = 0;

	lose(run->facts, load, lost, &loss);
	for (uint32_t r = 0; r < load->n_regions; r++) {
		double ratio;

		if (r == lost || load->capacity[r] <= 0 || loss.moved[r] <= 0)
			continue;
		ratio =
		    100 * (load->now[r] + loss.moved[r]) / load->capacity[r];
		if (ratio > worst) {
			worst = ratio;
			full = r;
		}
	}
	f = advice_offer(run, ADVISE_N1, worst, loss.samples, "%s without %s",
	    load->pool->name, zone->regions[lost].name);
	if (f != NULL)
		fill(f, run, load, &loss, lost, full);
}

static void
look_at_pool(struct advice_run *run, const struct advice_pool *pool)
{
	struct load load = {
	    .pool = pool, .n_regions = run->facts->zones[pool->zone].n_regions};
	double peak = peak_of(run->facts, pool);

	if (!measure(&load))
		return;
	for (size_t r = 0; r < load.n_regions; r++)
		load.now[r] *= peak;
	for (uint32_t r = 0; r < load.n_regions; r++)
		if (load.now[r] > 0)
			look_at_loss(run, &load, r);
}

void
rule_capacity(struct advice_run *run)
{
	for (size_t i = 0; i < run->facts->n_pools; i++)
		look_at_pool(run, &run->facts->pools[i]);
}
