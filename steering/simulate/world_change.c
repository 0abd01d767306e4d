/*
 * What a scenario does to the world, and what is live in it then.  Called each
 * second; most of these change nothing.
 */
#include <math.h>
#include <string.h>

#include "steering/simulate/world_private.h"

/* The sun is looked at so often. */
#define WAVE_S 60

/* Of 2^64. */
static uint64_t
positions(double share)
{
	return share >= 1 ? POLICY_KEEP_ALL : (uint64_t)ldexp(share, 64);
}

/* Of what both let stay. */
static uint64_t
keep_both(uint64_t a, double share)
{
	return a == POLICY_KEEP_ALL ? positions(share)
				    : positions(ldexp((double)a, -64) * share);
}

/* --- what is live --- */

static void
keep_regions(struct world *w, struct live *live, const struct pilot_pool *p)
{
	for (size_t r = 0; r < w->config->zone->config->n_regions; r++) {
		uint32_t g = p->pool->group[r];
		double share = w->open[r];

		if (g == STEERING_NONE)
			continue;
		if (!rivals_deals(w->config->rival))
			share *= p->out[r];
		live->group[g].keep = keep_both(live->group[g].keep, share);
	}
}

static int
make_live(struct world *w)
{
	const struct policy *policy = w->config->policy;
	struct live *live = live_create(policy);

	if (live == NULL)
		return -1;
	for (size_t i = 0; i < w->servers.n; i++) {
		const struct server *s = &w->servers.all[i];
		bool out = s->down || w->open[s->region] <= 0;

		live->endpoint[s->endpoint] = out ? USABLE_NO : USABLE_YES;
	}
	for (size_t i = 0; i < w->pilot.n_pools; i++)
		keep_regions(w, live, &w->pilot.pools[i]);
	live_judge(live, policy);
	live_destroy(w->live);
	w->live = live;
	w->stale = false;
	return 0;
}

/* --- demand --- */

/* How far the day is where ${n} is, beside midnight: -1 to 1. */
static double
daylight(const struct world *w, const struct population_network *n)
{
	double day_s = w->wave.over_s > 0 ? w->wave.over_s : 86400;
	double day = w->now_s / day_s + n->longitude / 360.0;

	return -cos(2 * M_PI * day);
}

static int64_t
demand_now(const struct world *w, const struct population_network *n)
{
	double factor = w->factor[n->near];

	if (w->wave.value > 0)
		factor *= fmax(0, 1 + w->wave.value * daylight(w, n));
	/* In whole parts, so that it is the same everywhere. */
	return n->demand / 1024 * llround(factor * 1024);
}

static void
change_demand(struct world *w)
{
	const struct population *p = w->config->population;

	w->demand = 0;
	for (size_t i = 0; i < p->n_networks; i++) {
		struct world_network *n = &w->networks[i];
		int64_t now = demand_now(w, &p->networks[i]);

		if (n->server != WORLD_NOWHERE)
			w->servers.all[n->server].demand += now - n->demand;
		n->demand = now;
		w->demand += now;
	}
}

/* --- the scenario --- */

static void
set_down(struct world *w, uint32_t region, bool down)
{
	for (size_t i = 0; i < w->servers.n; i++)
		if (w->servers.all[i].region == region)
			w->servers.all[i].down = down;
	w->stale = true;
}

/* How far ${change} has come by now: false when it is done. */
static bool
go_on(struct world *w, const struct world_change *change)
{
	const struct scenario_event *e = &change->event;
	uint32_t since_s = w->now_s - e->at_s;
	bool done = since_s >= e->over_s;
	double part = done ? 1 : (double)since_s / e->over_s;
	double to = change->from + (e->value - change->from) * part;

	if (e->what == SCENARIO_DEMAND) {
		w->factor[e->index] = to;
		change_demand(w);
	} else {
		w->open[e->index] = to;
		w->stale = true;
	}
	return !done;
}

/* Of a region there is one change at a time of its kind: the last one. */
static void
begin_change(struct world *w, const struct scenario_event *e)
{
	bool demand = e->what == SCENARIO_DEMAND;
	size_t i = 0;

	while (i < w->n_changes &&
	    (w->changes[i].event.index != e->index ||
		(w->changes[i].event.what == SCENARIO_DEMAND) != demand))
		i++;
	w->n_changes += i == w->n_changes;
	w->changes[i] = (struct world_change){
	    *e, demand ? w->factor[e->index] : w->open[e->index]};
	if (!demand)
		w->changes[i].event.value = e->what == SCENARIO_UNDRAIN;
}

static void
begin_demand(struct world *w, const struct scenario_event *e)
{
	struct scenario_event one = *e;
	uint32_t n = (uint32_t)w->config->zone->config->n_regions;

	for (uint32_t r = 0; r < n; r++)
		if (e->index == r || e->index == SCENARIO_ALL) {
			one.index = r;
			begin_change(w, &one);
		}
}

static void
begin(struct world *w, const struct scenario_event *e)
{
	switch (e->what) {
	case SCENARIO_DOWN:
	case SCENARIO_UP:
		set_down(w, e->index, e->what == SCENARIO_DOWN);
		break;
	case SCENARIO_DRAIN:
	case SCENARIO_UNDRAIN:
		begin_change(w, e);
		break;
	case SCENARIO_DEMAND:
		begin_demand(w, e);
		break;
	case SCENARIO_WAVE:
		w->wave = *e;
		change_demand(w);
		break;
	case SCENARIO_LATE:
		w->pilot.late_s = (uint32_t)e->value;
		break;
	case SCENARIO_SPEED:
		for (size_t i = 0; i < w->servers.n; i++)
			if (w->servers.all[i].endpoint == e->index)
				w->servers.all[i].speed = e->value;
		break;
	case SCENARIO_CANARY:
		break;
	}
}

int
world_change(struct world *w)
{
	const struct world_config *config = w->config;
	size_t left = 0;

	while (w->next_event < config->n_events &&
	    config->events[w->next_event].at_s <= w->now_s)
		begin(w, &config->events[w->next_event++]);
	for (size_t i = 0; i < w->n_changes; i++) {
		struct world_change change = w->changes[i];

		if (go_on(w, &change))
			w->changes[left++] = change;
	}
	w->n_changes = left;
	if (w->wave.value > 0 && w->now_s % WAVE_S == 0)
		change_demand(w);
	if (w->now_s == 0)
		change_demand(w);
	if (w->pilot.step_s > 0 && w->now_s % w->pilot.step_s == 0) {
		pilot_step(&w->pilot, &w->servers, w->now_s);
		w->stale = true;
	}
	return w->stale ? make_live(w) : 0;
}
