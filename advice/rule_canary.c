/*
 * A canary against what it is to follow: its share, how much of the time it was
 * down, how fast it answers.  Called by advice.c; changes nothing.
 */
#include <math.h>
#include <stdio.h>

#include "advice/run.h"

/* The member that the canary is compared with: the largest of the others. */
static const struct advice_member *
stable_of(const struct advice_service *s)
{
	const struct advice_member *stable = NULL;

	for (uint32_t m = 0; m < s->n_members; m++)
		if (m != s->canary &&
		    (stable == NULL || s->members[m].set > stable->set))
			stable = &s->members[m];
	return stable;
}

/* What endpoints of a pool came to, of those that take clients. */
struct sums {
	double n, watched_ms, down_ms;
	double measured, latency_ms;
};

static struct sums
sum_pool(const struct advice_pool *pool)
{
	struct sums sums = {0, 0, 0, 0, 0};

	for (size_t i = 0; i < pool->n_endpoints; i++) {
		const struct advice_endpoint *e = &pool->endpoints[i];

		if (e->weight == 0)
			continue;
		sums.n++;
		sums.watched_ms += (double)e->watched_ms;
		sums.down_ms += (double)e->down_ms;
		if (isnan(e->latency_ms))
			continue;
		sums.measured++;
		sums.latency_ms += e->latency_ms;
	}
	return sums;
}

/* The share of a canary in the file. */
static void
propose_share(struct advice_finding *f, const struct advice_run *run,
    const struct advice_service *s, double share)
{
	const struct advice_facts *facts = run->facts;
	struct advice_text text = advice_text_of(run, s->zone);
	const char *name = facts->pools[s->members[s->canary].pool].name;
	char key[STEERING_MAX_SPLIT + 80], value[32];

	snprintf(key, sizeof(key), "split.%s", name);
	/* Whole numbers, and one at least of what goes on. */
	share *= s->weights;
	snprintf(
	    value, sizeof(value), "%.0f", share > 0 && share < 1 ? 1 : share);
	advice_edit_value(&f->edit, &text, &s->at, key, value);
}

static void
look_at_share(struct advice_run *run, const struct advice_service *s)
{
	const struct advice_member *canary = &s->members[s->canary];
	double answered = s->answers - s->resort;
	struct advice_finding *f;
	double got;

	if (s->canary_moved || canary->set <= 0 || answered <= 0)
		return;
	got = canary->answers / answered;
	f = advice_offer(run, ADVISE_CANARY_SHARE,
	    100 * fabs(got / canary->set - 1), answered, "%s", s->name);
	if (f == NULL)
		return;
	advice_evidence(f,
	    "%s is to have %.3g %% of the clients and had %.3g %% of %.0f "
	    "answers",
	    run->facts->pools[canary->pool].name, 100 * canary->set, 100 * got,
	    answered);
	advice_gain(f,
	    "what is measured of it is of the %.3g %% that were meant%s",
	    100 * canary->set,
	    got < canary->set
		? ": look where it has nothing usable (meridianctl explain)"
		: "");
	propose_share(f, run, s, canary->set * canary->set / fmax(got, 0.0001));
}

static void
look_at_health(struct advice_run *run, const struct advice_service *s,
    const struct sums *canary, const struct sums *stable)
{
	struct advice_finding *f;
	double a, b;

	if (canary->n <= 0 || stable->n <= 0)
		return;
	a = advice_percent(canary->down_ms, canary->watched_ms);
	b = advice_percent(stable->down_ms, stable->watched_ms);
	f = advice_offer(run, ADVISE_CANARY_HEALTH, a - b,
	    24 *
		advice_days(fmin(canary->watched_ms / canary->n,
		    stable->watched_ms / stable->n)),
	    "%s", s->name);
	if (f == NULL)
		return;
	f->severity = ADVICE_CRITICAL;
	advice_evidence(f,
	    "its canary was down %.2f %% of the time, %.2f %% "
	    "what it is to follow",
	    a, b);
	advice_gain(f, "%.2f points of availability for %.3g %% of the clients",
	    a - b, 100 * s->members[s->canary].set);
	propose_share(f, run, s, 0);
}

static void
look_at_latency(struct advice_run *run, const struct advice_service *s,
    const struct sums *canary, const struct sums *stable)
{
	struct advice_finding *f;
	double a, b;

	if (canary->measured <= 0 || stable->measured <= 0)
		return;
	a = canary->latency_ms / canary->measured;
	b = stable->latency_ms / stable->measured;
	if (b <= 0)
		return;
	f = advice_offer(run, ADVISE_CANARY_LATENCY, a / b,
	    fmin(canary->measured, stable->measured), "%s", s->name);
	if (f == NULL)
		return;
	advice_evidence(f,
	    "its canary takes %.0f ms to answer, and what it is to follow "
	    "%.0f ms",
	    a, b);
	advice_gain(f, "%.0f ms for %.3g %% of the clients", a - b,
	    100 * s->members[s->canary].set);
	propose_share(f, run, s, 0);
}

static void
look_at_service(struct advice_run *run, const struct advice_service *s)
{
	const struct advice_member *follows = stable_of(s);
	struct sums canary, stable;

	if (follows == NULL)
		return;
	canary = sum_pool(&run->facts->pools[s->members[s->canary].pool]);
	stable = sum_pool(&run->facts->pools[follows->pool]);
	look_at_share(run, s);
	look_at_health(run, s, &canary, &stable);
	look_at_latency(run, s, &canary, &stable);
}

void
rule_canary(struct advice_run *run)
{
	for (size_t i = 0; i < run->facts->n_services; i++)
		if (run->facts->services[i].canary != ADVICE_NONE)
			look_at_service(run, &run->facts->services[i]);
}
