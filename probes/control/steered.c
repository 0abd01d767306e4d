/* One pool and its controller.  Called by control.c on the loop of the prober.
 */
#include "probes/control/steered.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Less than this moves nobody who could be noticed, and is not written. */
#define LEAST_MOVE 0.0005

#define PPM 1000000

struct steered *
steered_create(const struct control_pool *pool, size_t number)
{
	struct steered *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->pool = pool;
	s->number = number;
	s->census = census_create();
	s->held = calloc(pool->n + 1, sizeof(*s->held));
	for (size_t r = 0; r < STEERING_MAX_REGIONS; r++)
		s->regions[r].keep = NAN;
	if (s->census != NULL && s->held != NULL)
		return s;
	steered_destroy(s);
	return NULL;
}

void
steered_destroy(struct steered *s)
{
	if (s == NULL)
		return;
	controller_destroy(s->controller);
	census_destroy(s->census);
	free(s->held);
	free(s);
}

void
steered_keep(struct steered *s, const struct state_keep *row)
{
	for (size_t r = 0; r < s->pool->file.n_regions; r++)
		if (strcmp(s->pool->file.regions[r].name, row->region) == 0)
			s->regions[r].keep = row->keep;
}

void
steered_leave(struct steered *s)
{
	controller_destroy(s->controller);
	s->controller = NULL;
}

/* Begin with what is stored. */
static void
begin(struct steered *s, int64_t now_ms)
{
	s->controller = controller_create(&s->pool->settings, now_ms);
	if (s->controller == NULL)
		return;
	for (uint8_t r = 0; r < s->pool->file.n_regions; r++) {
		controller_resume(s->controller, r, s->regions[r].keep);
		s->regions[r].told = false;
	}
	s->due_ms = now_ms;
}

void
steered_hand(struct steered *s, const struct overrides *hand, int64_t now_ms)
{
	s->frozen = hand_frozen(hand, s->pool, now_ms);
	for (size_t i = 0; i < s->pool->n; i++) {
		const struct control_endpoint *e = &s->pool->endpoints[i];

		s->held[i] = e->drained || hand_holds(hand, s->pool, e, now_ms);
	}
}

/* It may get clients: what was said by hand goes before what is found. */
static bool
is_up(const struct steered *s, const struct sights *sights,
    const struct overrides *hand, int64_t now_ms, size_t i)
{
	const struct control_endpoint *e = &s->pool->endpoints[i];
	enum hand_state said = hand_endpoint(hand, s->pool, e, now_ms);

	if (e->drained || said == HAND_DOWN)
		return false;
	return said == HAND_UP || sights_up(sights, s->number, i);
}

/* Endpoints that are up to ${out}, how many to ${n}; returns the regions that
 * have enough of them.  Cut off, nobody knows what others find and measure: all
 * are taken for up, and no load is known. */
static uint64_t
look(const struct steered *s, const struct sights *sights,
    const struct overrides *hand, int64_t now_ms,
    struct controller_endpoint *out, size_t *n)
{
	uint64_t up[STEERING_MAX_REGIONS] = {0},
		 all[STEERING_MAX_REGIONS] = {0};
	uint64_t regions = 0;

	*n = 0;
	for (size_t i = 0; i < s->pool->n; i++) {
		const struct control_endpoint *e = &s->pool->endpoints[i];
		struct controller_endpoint *seen = &out[*n];

		all[e->region] += e->weight;
		if (!s->cut && !is_up(s, sights, hand, now_ms, i))
			continue;
		up[e->region] += e->weight;
		seen->region = e->region;
		seen->capacity = e->capacity;
		seen->saturation = sights_saturation(
		    sights, s->number, i, now_ms, &seen->age_ms);
		if (s->cut)
			seen->saturation = NAN;
		++*n;
	}
	for (size_t r = 0; r < STEERING_MAX_REGIONS; r++)
		if (up[r] > 0 && up[r] * PPM >= all[r] * s->pool->min_up_ppm)
			regions |= UINT64_C(1) << r;
	return regions;
}

void
steered_cut(struct steered *s, bool cut)
{
	if (cut == s->cut)
		return;
	s->cut = cut;
	/* Each node begins to count at the same time, whoever controlled. */
	steered_leave(s);
}

void
steered_step(struct steered *s, const struct sights *sights,
    const struct overrides *hand, int64_t now_ms)
{
	static struct demand_row demand[DEMAND_CLASSES];
	struct controller_endpoint *endpoints;
	struct controller_input in = {0};

	if (s->controller == NULL)
		begin(s, now_ms);
	if (s->controller == NULL || now_ms < s->due_ms)
		return;
	endpoints = calloc(s->pool->n + 1, sizeof(*endpoints));
	if (endpoints == NULL)
		return;
	s->due_ms += (int64_t)s->pool->settings.step_s * 1000;
	if (s->due_ms <= now_ms)
		s->due_ms = now_ms + 1;
	in.frozen = s->frozen;
	in.usable = look(s, sights, hand, now_ms, endpoints, &in.n_endpoints);
	in.endpoints = endpoints;
	if (s->cut)
		in.usable = s->pool->regions;
	else if (census_sum(s->census, now_ms, demand, &in.n_demand))
		in.demand = demand;
	controller_step(s->controller, now_ms, &in);
	free(endpoints);
}

bool
steered_row(struct steered *s, uint8_t region, struct state_keep *row)
{
	struct steered_region *stored = &s->regions[region];
	struct controller_region now;

	if (s->controller == NULL || !(s->pool->regions >> region & 1))
		return false;
	controller_region(s->controller, region, &now);
	if (fabs(now.keep - stored->keep) < LEAST_MOVE && stored->told &&
	    now.why == stored->why)
		return false;
	stored->keep = now.keep;
	stored->why = now.why;
	stored->told = true;
	*row = (struct state_keep){.keep = now.keep};
	snprintf(row->zone, sizeof(row->zone), "%s", s->pool->zone);
	snprintf(row->pool, sizeof(row->pool), "%s", s->pool->name);
	snprintf(row->region, sizeof(row->region), "%s",
	    s->pool->file.regions[region].name);
	controller_say(s->controller, region, row->reason);
	if (s->cut && now.why == CONTROLLER_STALE)
		snprintf(row->reason, sizeof(row->reason),
		    "cut off from other nodes: stays");
	if (s->cut && now.why == CONTROLLER_FADES)
		snprintf(row->reason, sizeof(row->reason),
		    "cut off from other nodes: goes back to all");
	return true;
}
