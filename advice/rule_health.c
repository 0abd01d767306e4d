/*
 * Rules of endpoints: those that flap and the `fall` that would stop it, those
 * that were down for long, certificates that end.  Called by advice.c; changes
 * nothing.
 */
#include "advice/run.h"
#include "base/text.h"

#include <math.h>
#include <stdio.h>

/* So much of the flapping is to stop; what is longer is a failure. */
#define STOPPED 0.9

/* A `fall` above this makes a check slow: then its flap hold is the better
 * means. */
#define MOST_FALL 10

/* Days before the end at which a certificate is urgent. */
#define URGENT_DAYS 7

/*
 * How many checks in a row fail in what was a spell of ${ms}, if none of them
 * makes it down.  It failed while the first `fall` checks were made, and from
 * the verdict until the first that passed, `rise` before it was up, in turns of
 * `every`; while it counts as up, what failed is checked again sooner.
 */
static double
failed_checks(const struct advice_check *check, int64_t ms)
{
	double every = (double)check->every_ms;
	double again = (double)check->again_ms;
	double inside = ceil((double)ms / every - check->rise);
	double failing =
	    again * (check->fall - 1) + (inside > 0 ? inside : 0) * every;

	/* When between two turns it ended nobody knows. */
	return 1 + ceil((failing + every - again) / again);
}

static void
propose_fall(struct advice_finding *f, const struct advice_run *run,
    const struct advice_pool *pool, const struct advice_endpoint *e)
{
	struct advice_text text = advice_text_of(run, pool->zone);
	const struct advice_check *check = pool->check;
	size_t last = (size_t)ceil(STOPPED * (double)e->n_spells) - 1;
	double fall = failed_checks(check, e->spell_ms[last]) + 1;
	size_t stopped = 0;
	char value[32];

	if (fall > MOST_FALL) {
		advice_edit_value(
		    &f->edit, &text, &check->at, "flap", "{hold: 5m}");
		advice_gain(f,
		    "after so many changes it stays down for a while, and its "
		    "clients move once");
		return;
	}
	for (size_t i = 0; i < e->n_spells; i++)
		stopped += failed_checks(check, e->spell_ms[i]) < fall;
	snprintf(value, sizeof(value), "%.0f", fall);
	advice_edit_value(&f->edit, &text, &check->at, "fall", value);
	advice_gain(f,
	    "%zu of %zu times it would not have gone down; a real failure is "
	    "seen %.0f s later",
	    stopped, e->n_spells,
	    (fall - check->fall) * (double)check->again_ms / 1000);
}

static void
look_for_flapping(struct advice_run *run, const struct advice_pool *pool,
    const struct advice_endpoint *e)
{
	struct advice_finding *f;
	double days = advice_days((double)e->watched_ms);
	size_t half = e->n_spells / 2;

	if (pool->check == NULL || e->n_spells == 0 || days <= 0)
		return;
	f = advice_offer(run, ADVISE_FLAPPING, (double)e->n_spells / days,
	    (double)e->n_spells, "%s/%s", pool->name, e->name);
	if (f == NULL)
		return;
	advice_evidence(f,
	    "down %zu times in %.1f %s, half of them for at most %.0f s; "
	    "check %s: fall %u, every %.0f s",
	    e->n_spells, days < 1 ? 24 * days : days,
	    days < 1 ? "hours" : "days", (double)e->spell_ms[half] / 1000,
	    pool->check->name, pool->check->fall,
	    (double)pool->check->every_ms / 1000);
	propose_fall(f, run, pool, e);
}

static void
look_at_time(struct advice_run *run, const struct advice_pool *pool,
    const struct advice_endpoint *e)
{
	double days = advice_days((double)e->watched_ms);
	struct advice_text text = advice_text_of(run, pool->zone);
	struct advice_finding *f;

	f = advice_offer(run, ADVISE_AVAILABILITY,
	    advice_percent((double)e->down_ms, (double)e->watched_ms),
	    days * 24, "%s/%s", pool->name, e->name);
	if (f == NULL)
		return;
	advice_evidence(f,
	    "down %.1f h of %.1f days (%.2f %%), %zu time%s, at the longest "
	    "%.1f h",
	    (double)e->down_ms / 3600000, days, f->value, e->n_spells,
	    text_plural(e->n_spells),
	    e->n_spells > 0 ? (double)e->spell_ms[e->n_spells - 1] / 3600000
			    : (double)e->down_ms / 3600000);
	advice_gain(f,
	    "drained until it is mended, it takes nobody with it when it "
	    "fails: %.1f h in such a period",
	    (double)e->down_ms / 3600000);
	advice_edit_value(&f->edit, &text, &e->at, "drained", "true");
}

static void
look_at_certificate(struct advice_run *run, const struct advice_pool *pool,
    const struct advice_endpoint *e)
{
	struct advice_finding *f;
	double days;

	if (e->certificate_ms < 0)
		return;
	days = (double)(e->certificate_ms - run->facts->now_ms) /
	    (double)ADVICE_DAY_MS;
	f = advice_offer(
	    run, ADVISE_CERTIFICATE, days, 1, "%s/%s", pool->name, e->name);
	if (f == NULL)
		return;
	if (days < URGENT_DAYS)
		f->severity = ADVICE_CRITICAL;
	advice_evidence(f, "its certificate %s %.1f days%s",
	    days < 0 ? "ended" : "ends in", fabs(days), days < 0 ? " ago" : "");
	advice_gain(
	    f, "clients go on without an error, and its check does not fail");
	/* Nothing in a file of ours mends it: its line alone is said. */
	advice_edit_add(&f->edit, &e->at, "# renew the certificate of %s/%s",
	    pool->name, e->name);
}

void
rule_health(struct advice_run *run)
{
	for (size_t p = 0; p < run->facts->n_pools; p++) {
		const struct advice_pool *pool = &run->facts->pools[p];

		for (size_t i = 0; i < pool->n_endpoints; i++) {
			look_for_flapping(run, pool, &pool->endpoints[i]);
			look_at_time(run, pool, &pool->endpoints[i]);
			look_at_certificate(run, pool, &pool->endpoints[i]);
		}
	}
}
