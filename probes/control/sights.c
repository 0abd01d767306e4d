/* Rows of vantages by endpoint.  Called by control.c with what the state
 * database says. */
#include "probes/control/sights.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

/* What one vantage reads of the load of one endpoint. */
struct reading {
	uint32_t seer;
	double saturation;
	int64_t measured_ms; /* its wall clock */
	int64_t at_ms;       /* ours */
	bool good;           /* the last look at the load had nothing wrong */
	bool listed;
};

struct spot {
	struct reading *sights;
	size_t n, size;
};

struct sights {
	const struct control_plan *plan;
	struct spot **spots; /* by pool and endpoint */
	struct seers seers;
	bool full;
};

struct sights *
sights_create(const struct control_plan *plan, const struct judged *judged,
    int64_t now_ms)
{
	struct sights *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->plan = plan;
	s->spots = calloc(plan->n + 1, sizeof(struct spot *));
	for (size_t p = 0; s->spots != NULL && p < plan->n; p++) {
		s->spots[p] =
		    calloc(plan->pools[p].n + 1, sizeof(*s->spots[p]));
		if (s->spots[p] == NULL) {
			sights_destroy(s);
			return NULL;
		}
	}
	if (s->spots != NULL && seers_init(&s->seers, judged, now_ms) == 0)
		return s;
	sights_destroy(s);
	return NULL;
}

void
sights_destroy(struct sights *s)
{
	if (s == NULL)
		return;
	for (size_t p = 0;
	     s->spots != NULL && p < s->plan->n && s->spots[p] != NULL; p++) {
		for (size_t e = 0; e < s->plan->pools[p].n; e++)
			free(s->spots[p][e].sights);
		free(s->spots[p]);
	}
	free(s->spots);
	seers_finish(&s->seers);
	free(s);
}

/* --- rows --- */

/* What ${vantage} says of an endpoint; NULL: it is none of ours. */
static struct reading *
find_sight(struct sights *s, const char *vantage, const char *zone,
    const char *pool, const char *endpoint)
{
	size_t p = control_plan_pool(s->plan, zone, pool), e;
	struct reading *grown;
	struct spot *spot;
	uint32_t number;

	if (p == s->plan->n)
		return NULL;
	e = control_plan_endpoint(&s->plan->pools[p], endpoint);
	number = e < s->plan->pools[p].n ? seers_find(&s->seers, vantage)
					 : SEER_NONE;
	if (number == SEER_NONE)
		return NULL;
	spot = &s->spots[p][e];
	for (size_t i = 0; i < spot->n; i++)
		if (spot->sights[i].seer == number)
			return &spot->sights[i];
	grown = array_grow(spot->sights, spot->n, &spot->size,
	    sizeof(*spot->sights), SIGHTS_MAX);
	if (grown == NULL)
		return NULL;
	spot->sights = grown;
	grown = &spot->sights[spot->n++];
	*grown = (struct reading){.seer = number, .saturation = NAN};
	return grown;
}

void
sights_begin(struct sights *s, bool full)
{
	s->full = full;
	seers_begin(&s->seers, full);
	if (!full)
		return;
	for (size_t p = 0; p < s->plan->n; p++)
		for (size_t e = 0; e < s->plan->pools[p].n; e++)
			for (size_t i = 0; i < s->spots[p][e].n; i++)
				s->spots[p][e].sights[i].listed = false;
}

void
sights_vantage(struct sights *s, const struct state_vantage *row,
    int64_t now_ms, int64_t wall_ms)
{
	seers_take(&s->seers, row, now_ms, wall_ms);
}

void
sights_endpoint(struct sights *s, const struct state_endpoint *row)
{
	seers_endpoint(&s->seers, row);
}

void
sights_address(struct sights *s, const struct state_address *row)
{
	seers_address(&s->seers, row);
}

void
sights_load(struct sights *s, const struct state_load *row, int64_t now_ms,
    int64_t wall_ms)
{
	struct reading *sight =
	    find_sight(s, row->vantage, row->zone, row->pool, row->endpoint);
	int64_t age_ms = wall_ms - row->measured_ms;

	if (sight == NULL)
		return;
	/* What was there when it was first read has the age that clocks on the
	 * wall say; of what is new that is no more than its way here. */
	if (sight->measured_ms == 0 && age_ms > 0)
		sight->at_ms = now_ms - age_ms;
	else if (sight->measured_ms != row->measured_ms)
		sight->at_ms = now_ms;
	sight->measured_ms = row->measured_ms;
	sight->saturation = row->measured_ms > 0 ? row->saturation : NAN;
	sight->good = row->reason[0] == '\0';
	sight->listed = true;
}

void
sights_commit(struct sights *s, int64_t now_ms)
{
	seers_commit(&s->seers, now_ms);
	if (!s->full)
		return;
	for (size_t p = 0; p < s->plan->n; p++)
		for (size_t e = 0; e < s->plan->pools[p].n; e++)
			for (size_t i = 0; i < s->spots[p][e].n; i++) {
				struct reading *sight =
				    &s->spots[p][e].sights[i];

				if (!sight->listed)
					sight->saturation = NAN;
			}
}

/* --- what they come to --- */

void
sights_sit(struct sights *s, int64_t now_ms)
{
	seers_sit(&s->seers, now_ms);
}

bool
sights_up(const struct sights *s, size_t pool, size_t endpoint)
{
	const struct control_pool *of = &s->plan->pools[pool];
	const struct endpoint_key key = {
	    of->zone, of->name, of->endpoints[endpoint].name};
	struct quorum_verdict verdict;

	seers_say(&s->seers, &key, &verdict);
	return verdict.usable >= USABLE_UNCHECKED;
}

/* How old the load is.  What a vantage of another node measures and finds as
 * before is not told again: it is as old as its last heartbeat. */
static int64_t
age_of(const struct sights *s, const struct reading *sight, int64_t now_ms)
{
	int64_t at_ms = sight->at_ms;
	int64_t heard_ms = seers_heard_ms(&s->seers, sight->seer);

	if (sight->good && heard_ms > at_ms)
		at_ms = heard_ms;
	return now_ms - at_ms;
}

double
sights_saturation(const struct sights *s, size_t pool, size_t endpoint,
    int64_t now_ms, int64_t *age_ms)
{
	const struct spot *spot = &s->spots[pool][endpoint];
	const struct control_endpoint *e =
	    &s->plan->pools[pool].endpoints[endpoint];
	int64_t last_ms = INT64_MIN;
	double saturation = NAN;

	*age_ms = INT64_MAX;
	for (size_t i = 0; i < spot->n; i++) {
		const struct reading *sight = &spot->sights[i];
		int64_t age = age_of(s, sight, now_ms);

		if (isnan(sight->saturation) || age > e->stale_ms ||
		    sight->at_ms <= last_ms ||
		    seers_aside(&s->seers, sight->seer, e->place))
			continue;
		last_ms = sight->at_ms;
		*age_ms = age;
		saturation = sight->saturation;
	}
	return saturation;
}

bool
sights_leads(const struct sights *s, const char *vantage, int64_t now_ms)
{
	return seers_lead(&s->seers, vantage, now_ms);
}
