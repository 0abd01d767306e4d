/*
 * Samples of traffic: where the clients of some answers are, for the history
 * and the pages.  Called by traffic.c and by the thread of the pages; keeps no
 * address.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/private.h"
#include "base/ring.h"
#include "dns/answer/samples.h"
#include "node/traffic_private.h"
#include "steering/ladder.h"

/* Samples that are taken out of a ring at once: a worker that fills it as fast
 * as it is emptied does not keep the thread from the others. */
#define TAKE_MAX 8192

/* What ${g} knows of where ${given} is: to ${out}. */
static void
look_up(const struct generation *g, const struct address *given,
    struct traffic_place *out)
{
	const struct place *place;
	struct address inside;
	uint64_t hi, lo;

	ladder_client(given, &inside);
	if (private_block_around(&inside) != NULL)
		return;
	cover_key(&inside, &hi, &lo);
	place = geography_place(g->geography,
	    cover_find(geography_cover(g->geography, inside.family), hi, lo)
		->value);
	memcpy(out->country, place->country, sizeof(out->country));
	out->asn = place->asn;
}

static void
add_sample(
    struct traffic *t, const struct generation *g, const struct sample *sample)
{
	struct traffic_place place = {.samples = 1};
	struct outcome_name name;

	if (!outcomes_name(t->outcomes, sample->outcome, &name))
		return;
	place.service = name.service;
	place.region = name.region;
	look_up(g, &sample->address, &place);
	traffic_places_add(&t->places, &place);
	/* AS numbers are for the history alone. */
	place.asn = 0;
	traffic_places_add(&t->step[t->newest].places, &place);
}

static void
empty_ring(struct traffic *t, const struct generation *g, struct ring *ring)
{
	const struct sample *sample;
	size_t len;

	for (unsigned i = 0; i < TAKE_MAX; i++) {
		sample = ring_first(ring, &len);
		if (sample == NULL)
			return;
		add_sample(t, g, sample);
		ring_take(ring);
		traffic_let_others(t);
	}
}

/* A step is over: the oldest gives its place to a new one. */
static void
turn_step(struct traffic *t)
{
	int64_t now = clock_mono_ms();
	struct traffic_step *step = &t->step[t->newest];

	if (step->began_ms != 0 && now - step->began_ms < TRAFFIC_STEP_MS)
		return;
	t->newest = (t->newest + 1) % TRAFFIC_STEPS;
	step = &t->step[t->newest];
	t->lost += step->places.lost;
	traffic_places_finish(&step->places);
	step->began_ms = now;
}

void
traffic_add_samples(struct traffic *t, const struct view *view)
{
	struct ring *ring;

	turn_step(t);
	for (size_t i = 0;
	     t->server != NULL && (ring = server_samples(t->server, i)) != NULL;
	     i++)
		if (view->served != NULL)
			empty_ring(t, view->served->generation, ring);
}

/* All rows of the steps; NULL where there are none. */
static struct traffic_place *
copy_steps(const struct traffic *t, size_t *n)
{
	struct traffic_place *rows;
	size_t all = 0;

	for (size_t i = 0; i < TRAFFIC_STEPS; i++)
		all += t->step[i].places.n;
	rows = all > 0 ? malloc(all * sizeof(*rows)) : NULL;
	*n = 0;
	for (size_t i = 0; rows != NULL && i < TRAFFIC_STEPS; i++) {
		const struct traffic_places *p = &t->step[i].places;

		if (p->n > 0)
			memcpy(rows + *n, p->rows, p->n * sizeof(*rows));
		*n += p->n;
	}
	return rows;
}

/* Rows are told without the lock, which others wait for. */
void
traffic_countries(struct traffic *t, struct traffic_look *look,
    void (*row)(void *context, const struct traffic_place *place),
    void *context)
{
	int64_t now = clock_mono_ms(), oldest = now;
	struct traffic_place *rows;
	size_t n;

	traffic_enter(t);
	*look = (struct traffic_look){
	    .sample = t->is.on && t->server != NULL ? t->is.sample : 0};
	for (size_t i = 0; i < TRAFFIC_STEPS; i++)
		if (t->step[i].began_ms != 0 && t->step[i].began_ms < oldest)
			oldest = t->step[i].began_ms;
	look->window_ms = now - oldest;
	look->age_ms = TRAFFIC_TURN_MS;
	rows = copy_steps(t, &n);
	traffic_leave(t);
	for (size_t i = 0; i < n; i++)
		row(context, &rows[i]);
	free(rows);
}
