/* One pool and the factors of its endpoints.  Called by control.c on the loop
 * of the prober. */
#include "probes/control/evened.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In the order of their regions, each as it is in the plan. */
static void
sort_by_region(struct evened *e)
{
	size_t n = 0;

	for (uint8_t r = 0; r < STEERING_MAX_REGIONS; r++) {
		even_init(&e->regions[r].even);
		e->regions[r].first = n;
		for (uint32_t i = 0; i < e->pool->n; i++)
			if (e->pool->endpoints[i].region == r)
				e->endpoints[n++] =
				    (struct evened_endpoint){.number = i};
		e->regions[r].n = n - e->regions[r].first;
	}
}

struct evened *
evened_create(const struct control_pool *pool, size_t number)
{
	struct evened *e = calloc(1, sizeof(*e));

	if (e == NULL)
		return NULL;
	e->pool = pool;
	e->number = number;
	e->endpoints = calloc(pool->n + 1, sizeof(*e->endpoints));
	e->laws = calloc(pool->n + 1, sizeof(*e->laws));
	if (e->endpoints != NULL && e->laws != NULL) {
		sort_by_region(e);
		return e;
	}
	evened_destroy(e);
	return NULL;
}

void
evened_destroy(struct evened *e)
{
	if (e == NULL)
		return;
	free(e->endpoints);
	free(e->laws);
	free(e);
}

static const struct control_endpoint *
plan_of(const struct evened *e, size_t i)
{
	return &e->pool->endpoints[e->endpoints[i].number];
}

/* --- what is stored --- */

void
evened_forget(struct evened *e)
{
	for (size_t i = 0; i < e->pool->n; i++)
		e->endpoints[i].stored = 0;
}

void
evened_factor(struct evened *e, const struct state_factor *row)
{
	size_t number = control_plan_endpoint(e->pool, row->endpoint);

	for (size_t i = 0; i < e->pool->n; i++)
		if (e->endpoints[i].number == number)
			e->endpoints[i].stored = row->sixteenths;
}

void
evened_again(struct evened *e)
{
	for (size_t i = 0; i < e->pool->n; i++)
		e->endpoints[i].told = false;
}

void
evened_leave(struct evened *e)
{
	e->controls = false;
}

/* --- steps --- */

static void
begin(struct evened *e, int64_t now_ms)
{
	e->controls = true;
	e->due_ms = now_ms;
	for (size_t r = 0; r < STEERING_MAX_REGIONS; r++)
		even_init(&e->regions[r].even);
	for (size_t i = 0; i < e->pool->n; i++) {
		uint32_t stored = e->endpoints[i].stored;

		even_endpoint_init(
		    &e->laws[i], stored > 0 ? stored : EVEN_FULL);
		e->endpoints[i].told = false;
		e->endpoints[i].up_ms = INT64_MIN;
	}
}

/* Clients are sent to it, and it is not a slow start that keeps it idle. */
static bool
is_whole(struct evened *e, size_t i, const struct sights *sights,
    const bool *held, int64_t now_ms)
{
	struct evened_endpoint *here = &e->endpoints[i];

	if (held[here->number] || !sights_up(sights, e->number, here->number))
		here->up_ms = -1;
	else if (here->up_ms == -1)
		here->up_ms = now_ms;
	return here->up_ms == INT64_MIN ||
	    (here->up_ms >= 0 &&
		now_ms - here->up_ms >= (int64_t)e->pool->slow_start_s * 1000);
}

/* What the law is to know of endpoint ${i}. */
static void
look(struct evened *e, size_t i, const struct sights *sights, const bool *held,
    int64_t now_ms)
{
	struct evened_endpoint *here = &e->endpoints[i];
	int64_t age_ms;

	e->laws[i].weight = plan_of(e, i)->weight;
	e->laws[i].usable = is_whole(e, i, sights, held, now_ms);
	e->laws[i].saturation =
	    sights_saturation(sights, e->number, here->number, now_ms, &age_ms);
}

void
evened_step(struct evened *e, const struct sights *sights, const bool *held,
    uint64_t frozen, int64_t now_ms)
{
	if (!e->controls)
		begin(e, now_ms);
	if (now_ms < e->due_ms)
		return;
	e->due_ms += EVENED_STEP_S * 1000;
	if (e->due_ms <= now_ms)
		e->due_ms = now_ms + 1;
	for (size_t i = 0; i < e->pool->n; i++)
		look(e, i, sights, held, now_ms);
	for (size_t r = 0; r < STEERING_MAX_REGIONS; r++)
		if (e->regions[r].n > 0)
			even_step(&e->regions[r].even, &e->pool->even,
			    &e->laws[e->regions[r].first], e->regions[r].n,
			    EVENED_STEP_S, frozen >> r & 1);
}

bool
evened_row(struct evened *e, size_t i, struct state_factor *row,
    char why[STATE_REASON])
{
	struct evened_endpoint *here = &e->endpoints[i];
	const struct even_endpoint *law = &e->laws[i];
	bool news =
	    law->sixteenths != (here->stored > 0 ? here->stored : EVEN_FULL);

	why[0] = '\0';
	if (!e->controls || (here->told && !news))
		return false;
	here->told = true;
	/* One that was never anything else needs no row. */
	if (here->stored == 0 && law->sixteenths == EVEN_FULL)
		return false;
	if (news)
		snprintf(why, STATE_REASON,
		    "weight %u/16 after %u/16, %.0f %% as full as its region",
		    law->sixteenths,
		    here->stored > 0 ? here->stored : EVEN_FULL,
		    /* busy reckons with the step. */
		    100 * law->busy *
			(here->stored > 0 ? here->stored : EVEN_FULL) /
			law->sixteenths);
	here->stored = law->sixteenths;
	*row = (struct state_factor){.sixteenths = law->sixteenths};
	snprintf(row->zone, sizeof(row->zone), "%s", e->pool->zone);
	snprintf(row->pool, sizeof(row->pool), "%s", e->pool->name);
	snprintf(
	    row->endpoint, sizeof(row->endpoint), "%s", plan_of(e, i)->name);
	return true;
}
