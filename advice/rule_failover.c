/*
 * The time of a failover against the objective: what checks take to see it and
 * what caches keep, and what was measured.  Called by advice.c; changes
 * nothing.
 */
#include "advice/run.h"

#include <math.h>
#include <stdio.h>

/* Fewer failovers than this are no measure. */
#define LEAST_FAILOVERS 3

/* Seconds from a failure to the verdict, at worst: the turn of the check is
 * just over, and the last of `fall` checks takes its whole time. */
static double
detection_s(const struct advice_check *check)
{
	return (double)(check->every_ms + check->again_ms * (check->fall - 1) +
		   check->timeout_ms) /
	    1000;
}

static const struct advice_check *
slowest_check(const struct advice_facts *facts, const struct advice_service *s)
{
	const struct advice_check *slowest = NULL;

	for (size_t m = 0; m < s->n_members; m++) {
		const struct advice_pool *pool =
		    &facts->pools[s->members[m].pool];
		const struct advice_check *check = pool->check;

		/* Names of caches are kept long on purpose. */
		if (check != NULL && !pool->edge &&
		    (slowest == NULL ||
			detection_s(check) > detection_s(slowest)))
			slowest = check;
	}
	return slowest;
}

/* Where the TTL can be made short enough, that; else the check. */
static void
propose(struct advice_finding *f, const struct advice_run *run,
    const struct advice_service *s, const struct advice_check *check)
{
	double most = advice_threshold(run, ADVISE_FAILOVER_TIME);
	double ttl = floor(most - detection_s(check));
	struct advice_text text = advice_text_of(run, s->zone);
	char value[32], also[64] = "";

	if (ttl >= s->ttl_min_s && ttl >= 1) {
		snprintf(value, sizeof(value), "%.0fs", ttl);
		advice_edit_value(&f->edit, &text, &s->at, "ttl.max", value);
		advice_gain(f, "%.0f s at most in place of %.0f s",
		    ttl + detection_s(check),
		    s->ttl_max_s + detection_s(check));
		return;
	}
	ttl = s->ttl_max_s;
	if (ttl >= most) {
		ttl = s->ttl_min_s;
		snprintf(
		    also, sizeof(also), " with a ttl of at most %.0f s", ttl);
	}
	snprintf(value, sizeof(value), "%.0fs",
	    fmax(1,
		floor((most - ttl - (double)check->timeout_ms / 1000) /
		    check->fall)));
	advice_edit_value(&f->edit, &text, &check->at, "every", value);
	advice_gain(f,
	    "what is down is seen %s apart in place of %.0f s, so that %.0f s "
	    "can be kept%s",
	    value, (double)check->every_ms / 1000, most, also);
}

static void
look_at_service(struct advice_run *run, const struct advice_service *s)
{
	const struct advice_check *check = slowest_check(run->facts, s);
	struct advice_finding *f;
	double worst;

	if (check == NULL)
		return;
	worst = detection_s(check) + s->ttl_max_s;
	if (s->n_failovers >= LEAST_FAILOVERS)
		worst = fmax(worst, s->failover_s + s->ttl_max_s);
	f = advice_offer(run, ADVISE_FAILOVER_TIME, worst,
	    (double)s->n_failovers, "%s", s->name);
	if (f == NULL)
		return;
	if (s->n_failovers > 0)
		advice_evidence(f,
		    "the check %s takes up to %.0f s to see a failure, and "
		    "caches keep an answer %u s more; measured without "
		    "these: %.0f s, the median of %zu failovers",
		    check->name, detection_s(check), s->ttl_max_s,
		    s->failover_s, s->n_failovers);
	else
		advice_evidence(f,
		    "the check %s takes up to %.0f s to see a failure, and "
		    "caches keep an answer %u s more: %.0f s",
		    check->name, detection_s(check), s->ttl_max_s, worst);
	propose(f, run, s, check);
}

void
rule_failover(struct advice_run *run)
{
	for (size_t i = 0; i < run->facts->n_services; i++)
		look_at_service(run, &run->facts->services[i]);
}
