/*
 * What a scenario does to the world.  Called each second; most of these change
 * nothing.
 */
#include <math.h>
#include <string.h>

#include "steering/simulate/world_private.h"

/* The sun is looked at so often. */
#define WAVE_S 60

/* A canary goes on so often. */
#define CANARY_S 60

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
	for (uint32_t i = 0; i < p->n_networks; i++) {
		struct world_network *n = &w->networks[i];
		int64_t now = demand_now(w, &p->networks[i]);

		world_add(w, i, now - n->demand);
		n->demand = now;
		w->demand += now;
	}
}

/* --- the scenario --- */

static void
set_down(struct world *w, uint32_t region, bool down)
{
	for (size_t i = 0; i < w->servers.n; i++) {
		struct server *server = &w->servers.all[i];

		if (server->region != region)
			continue;
		if (server->down && !down)
			server->back_s = w->now_s;
		server->down = down;
	}
	w->stale = true;
}

static double
between(const struct world_change *change, double part)
{
	return change->from + (change->event.value - change->from) * part;
}

/* A canary goes on by steps. */
static void
step_canary(struct world *w, const struct world_change *change, bool done)
{
	const struct scenario_event *e = &change->event;
	uint32_t since_s = w->now_s - e->at_s;

	if (!done && since_s % CANARY_S != 0)
		return;
	w->share[e->index] =
	    between(change, done ? 1 : (double)since_s / e->over_s);
	world_say_canary(w, e->index, w->share[e->index]);
}

/* How far ${change} has come by now: false when it is done. */
static bool
go_on(struct world *w, const struct world_change *change)
{
	const struct scenario_event *e = &change->event;
	uint32_t since_s = w->now_s - e->at_s;
	bool done = since_s >= e->over_s;

	if (change->of == CHANGE_CANARY) {
		step_canary(w, change, done);
		return !done;
	}
	w->factor[e->index] =
	    between(change, done ? 1 : (double)since_s / e->over_s);
	change_demand(w);
	return !done;
}

/* Of one thing there is one change at a time: the last one. */
static void
begin_change(struct world *w, const struct scenario_event *e,
    enum world_change_of of, double from)
{
	size_t i = 0;

	while (i < w->n_changes &&
	    (w->changes[i].event.index != e->index || w->changes[i].of != of))
		i++;
	w->n_changes += i == w->n_changes;
	w->changes[i] = (struct world_change){*e, of, from};
}

static double
share_of_file(const struct policy_service *service, unsigned member)
{
	double all = 0;

	for (unsigned m = 0; m < service->n_members; m++)
		all += service->members[m].weight;
	return all > 0 ? service->members[member].weight / all : 0;
}

static void
begin_canary(struct world *w, const struct scenario_event *e)
{
	double *share = &w->share[e->index];

	if (isnan(*share))
		*share = share_of_file(w->config->service, e->index);
	begin_change(w, e, CHANGE_CANARY, *share);
}

static void
begin_demand(struct world *w, const struct scenario_event *e)
{
	struct scenario_event one = *e;
	uint32_t n = (uint32_t)w->config->zone->config->n_regions;

	for (uint32_t r = 0; r < n; r++)
		if (e->index == r || e->index == SCENARIO_ALL) {
			one.index = r;
			begin_change(w, &one, CHANGE_DEMAND, w->factor[r]);
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
		world_say_drain(
		    w, e->index, e->what == SCENARIO_DRAIN, e->over_s);
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
		begin_canary(w, e);
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
	if (pilot_step(&w->pilot, &w->servers, w->now_s))
		world_tell(w);
	return w->stale || w->now_s >= w->due_s ? world_live(w) : 0;
}
