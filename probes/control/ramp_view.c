/* Rows of vantages by the endpoints of a ramp.  Called by ramps.c with what the
 * state database says. */
#include "probes/control/ramp_view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

/* What one vantage finds of one endpoint. */
struct finding {
	uint32_t seer;
	enum state_health health;
	bool degraded, listed;
};

/* What was counted, a second. */
struct rates {
	double requests, errors;
	int64_t first_token_us;
};

struct spot {
	struct finding *findings;
	size_t n, size;
	/* Who counts, when that was last heard (ours), and its last reading, by
	 * its wall clock; 0: none yet. */
	uint32_t counter;
	int64_t heard_ms, measured_ms;
	/* Ours: when it last told its requests and errors, and its time to the
	 * first token; -1: never. */
	int64_t counted_ms, timed_ms;
	/* What a vantage of another node said last, with which nothing was
	 * wrong; and ours: until when that was counted. */
	bool goes_on;
	struct rates last;
	int64_t until_ms;
	/* Since the last look. */
	double requests, errors, timed, log_us;
};

struct ramp_view {
	const struct ramp_plan *plan;
	struct spot *spots[RAMP_SIDES]; /* in the order of the plan */
};

struct ramp_view *
ramp_view_create(const struct ramp_plan *plan)
{
	struct ramp_view *v = calloc(1, sizeof(*v));

	if (v == NULL)
		return NULL;
	v->plan = plan;
	for (int side = 0; side < RAMP_SIDES; side++) {
		size_t n = plan->side[side].n;

		v->spots[side] = calloc(n + 1, sizeof(*v->spots[side]));
		if (v->spots[side] == NULL) {
			ramp_view_destroy(v);
			return NULL;
		}
		for (size_t e = 0; e < n; e++) {
			v->spots[side][e].counter = SEER_NONE;
			v->spots[side][e].counted_ms = -1;
			v->spots[side][e].timed_ms = -1;
		}
	}
	return v;
}

void
ramp_view_destroy(struct ramp_view *v)
{
	if (v == NULL)
		return;
	for (int side = 0; side < RAMP_SIDES; side++) {
		for (size_t e = 0;
		     v->spots[side] != NULL && e < v->plan->side[side].n; e++)
			free(v->spots[side][e].findings);
		free(v->spots[side]);
	}
	free(v);
}

/* --- rows --- */

/* The endpoint that a row is of, and what is known of it; NULL: of no pool of
 * the ramp. */
static struct spot *
find_spot(struct ramp_view *v, const char *zone, const char *pool,
    const char *endpoint, const struct ramp_endpoint **of)
{
	if (strcmp(zone, v->plan->zone) != 0)
		return NULL;
	for (int side = 0; side < RAMP_SIDES; side++) {
		const struct ramp_side *s = &v->plan->side[side];

		if (strcmp(pool, s->pool) != 0)
			continue;
		for (size_t e = 0; e < s->n; e++) {
			*of = &s->endpoints[e];
			if (strcmp(endpoint, s->endpoints[e].name) == 0)
				return &v->spots[side][e];
		}
	}
	return NULL;
}

static void
set_listed(struct ramp_view *v, bool listed)
{
	for (int side = 0; side < RAMP_SIDES; side++)
		for (size_t e = 0; e < v->plan->side[side].n; e++) {
			struct spot *spot = &v->spots[side][e];

			for (size_t i = 0; i < spot->n; i++)
				if (listed && !spot->findings[i].listed)
					spot->findings[i].health =
					    HEALTH_UNKNOWN;
				else
					spot->findings[i].listed = listed;
		}
}

void
ramp_view_begin(struct ramp_view *v)
{
	set_listed(v, false);
}

void
ramp_view_commit(struct ramp_view *v)
{
	set_listed(v, true);
}

void
ramp_view_endpoint(
    struct ramp_view *v, uint32_t seer, const struct state_endpoint *row)
{
	const struct ramp_endpoint *of;
	struct spot *spot =
	    find_spot(v, row->zone, row->pool, row->endpoint, &of);
	struct finding *f = NULL;

	if (spot == NULL || seer == SEER_NONE)
		return;
	for (size_t i = 0; i < spot->n; i++)
		if (spot->findings[i].seer == seer)
			f = &spot->findings[i];
	if (f == NULL) {
		f = array_grow(spot->findings, spot->n, &spot->size, sizeof(*f),
		    SEERS_MAX);
		if (f == NULL)
			return;
		spot->findings = f;
		f = &spot->findings[spot->n++];
	}
	*f = (struct finding){.seer = seer,
	    .health = row->health,
	    .degraded = row->degraded[0] != '\0',
	    .listed = true};
}

static struct rates
rates_of(const struct state_load *row)
{
	return (struct rates){row->requests, row->errors, row->first_token_us};
}

/* What ${row} tells of the ${passed_ms} up to now, in which its rates are. */
static void
count(struct spot *spot, const struct rates *row, int64_t passed_ms,
    int64_t now_ms)
{
	double s = (double)passed_ms / 1000, n = 1;

	if (!isnan(row->requests) && !isnan(row->errors)) {
		spot->requests += row->requests * s;
		spot->errors += row->errors * s;
		spot->counted_ms = now_ms;
	}
	if (row->first_token_us <= 0)
		return;
	if (!isnan(row->requests))
		n = row->requests * s;
	spot->timed += n;
	spot->log_us += n * log((double)row->first_token_us);
	spot->timed_ms = now_ms;
}

/* Whether ${seer} counts from now on, or goes on with that. */
static bool
may_count(const struct spot *spot, const struct ramp_endpoint *of,
    const struct seers *seers, uint32_t seer, int64_t now_ms)
{
	bool own = !seers->list[seer].foreign;

	if (seers_aside(seers, seer, of->place))
		return false;
	if (spot->counter == seer || spot->counter == SEER_NONE ||
	    now_ms - spot->heard_ms >= of->stale_ms ||
	    seers_aside(seers, spot->counter, of->place))
		return true;
	return own && seers->list[spot->counter].foreign;
}

void
ramp_view_load(struct ramp_view *v, const struct seers *seers, uint32_t seer,
    const struct state_load *row, int64_t now_ms)
{
	const struct ramp_endpoint *of;
	struct spot *spot =
	    find_spot(v, row->zone, row->pool, row->endpoint, &of);
	struct rates rates = rates_of(row);
	int64_t passed_ms;

	if (spot == NULL || seer == SEER_NONE || row->measured_ms <= 0 ||
	    !may_count(spot, of, seers, seer, now_ms))
		return;
	if (spot->counter != seer) {
		spot->measured_ms = 0;
		spot->until_ms = now_ms;
	}
	spot->counter = seer;
	spot->heard_ms = now_ms;
	spot->goes_on = seers->list[seer].foreign && row->reason[0] == '\0';
	spot->last = rates;
	if (seers->list[seer].foreign)
		return;
	passed_ms = row->measured_ms - spot->measured_ms;
	if (spot->measured_ms == 0 || passed_ms < 0)
		passed_ms = 0;
	if (passed_ms > of->stale_ms)
		passed_ms = of->stale_ms;
	/* The same reading again, or the first one, whose age nobody knows. */
	if (passed_ms > 0)
		count(spot, &rates, passed_ms, now_ms);
	spot->measured_ms = row->measured_ms;
}

/* --- looks --- */

/* As meridiand judges it now, by vantages that live and see: no other evidence
 * moves clients. */
static void
add_health(const struct spot *spot, const struct ramp_endpoint *e,
    const struct endpoint_key *key, const struct seers *seers,
    struct ramp_look *look)
{
	size_t votes = 0, degraded = 0;
	struct quorum_verdict verdict;

	seers_say(seers, key, &verdict);
	if (e->checked && !verdict.heard)
		return;
	look->judged += e->weight;
	if (verdict.usable < USABLE_UNCHECKED) {
		look->down += e->weight;
		return;
	}
	for (size_t i = 0; i < spot->n; i++) {
		const struct finding *f = &spot->findings[i];

		if (f->health == HEALTH_UNKNOWN ||
		    !seers_hear(seers, f->seer, e->place))
			continue;
		votes++;
		degraded += f->health != HEALTH_DOWN && f->degraded;
	}
	if (votes > 0 && 2 * degraded >= votes)
		look->degraded += e->weight;
}

/* What a vantage of another node says goes on while it lives. */
static void
go_on(struct spot *spot, const struct ramp_endpoint *e,
    const struct seers *seers, int64_t now_ms)
{
	int64_t passed_ms = now_ms - spot->until_ms;

	spot->until_ms = now_ms;
	if (!spot->goes_on || !seers_fresh(seers, spot->counter, now_ms) ||
	    seers_aside(seers, spot->counter, e->place))
		return;
	spot->heard_ms = now_ms;
	if (passed_ms > e->stale_ms)
		passed_ms = e->stale_ms;
	if (passed_ms > 0)
		count(spot, &spot->last, passed_ms, now_ms);
}

static void
add_load(struct spot *spot, const struct ramp_endpoint *e, bool up,
    int64_t now_ms, struct ramp_look *look)
{
	if (up && spot->counted_ms >= 0 &&
	    now_ms - spot->counted_ms <= e->stale_ms)
		look->counted += e->weight;
	if (up && spot->timed_ms >= 0 && now_ms - spot->timed_ms <= e->stale_ms)
		look->timed += e->weight;
	look->requests += spot->requests;
	look->errors += spot->errors;
	look->log_us += spot->log_us;
	look->timed_requests += spot->timed;
	spot->requests = spot->errors = spot->log_us = spot->timed = 0;
}

void
ramp_view_look(struct ramp_view *v, const struct seers *seers, int64_t now_ms,
    struct ramp_look looks[RAMP_SIDES])
{
	for (int side = 0; side < RAMP_SIDES; side++) {
		const struct ramp_side *s = &v->plan->side[side];
		struct ramp_look *look = &looks[side];

		*look = (struct ramp_look){.weight = 0};
		for (size_t e = 0; e < s->n; e++) {
			const struct endpoint_key key = {
			    v->plan->zone, s->pool, s->endpoints[e].name};
			double judged = look->judged, down = look->down;

			look->weight += s->endpoints[e].weight;
			add_health(&v->spots[side][e], &s->endpoints[e], &key,
			    seers, look);
			go_on(&v->spots[side][e], &s->endpoints[e], seers,
			    now_ms);
			add_load(&v->spots[side][e], &s->endpoints[e],
			    look->judged > judged && !(look->down > down),
			    now_ms, look);
		}
		/* The sum over requests becomes the mean. */
		if (look->timed_requests > 0)
			look->log_us /= look->timed_requests;
	}
}
