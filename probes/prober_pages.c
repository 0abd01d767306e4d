/*
 * What the prober shows of itself: its numbers, gathered each second and given
 * to the pages.  Called by the prober on its loop; a second's worth of looking
 * at every endpoint takes less than a millisecond for 10,000 of them.
 */
#include <stdio.h>

#include "base/clock.h"
#include "probes/prober_parts.h"

#define PUBLISH_MS 1000

static void
count_probe(const struct probe *p, struct pages_figures *f)
{
	for (size_t i = 0; i < p->n_checks; i++) {
		const struct probe_check *c = p->checks[i];

		f->under_way += c->plan.n_runs;
		if (c->deep != NULL)
			f->under_way += c->deep->n_runs;
	}
	if (p->certificate_ms >= 0 &&
	    (f->certificate_ms < 0 || p->certificate_ms < f->certificate_ms))
		f->certificate_ms = p->certificate_ms;
}

static void
count_endpoint(const struct probe *p, struct pages_figures *f)
{
	f->states[probe_told(&p->verdict)]++;
	f->quiet[probe_told(&p->verdict)] += p->in_maintenance;
	f->blind += prober_blind(p);
	count_probe(p, f);
	for (size_t i = 0; p->named != NULL && i < p->named->n; i++)
		count_probe(p->named->addresses[i], f);
}

static const char *
files_words(const struct prober *pr)
{
	if (pr->not_reloaded)
		return "the files have errors since the last reload, and the "
		       "checks go on as they were";
	if (pr->table->last_good)
		return "the files have errors, and the last that loaded are "
		       "used";
	return NULL;
}

static void
publish(struct prober *pr, int64_t now)
{
	struct pages_figures f = {.at_ms = now,
	    .lag_ms = pr->lag_ms,
	    .certificate_ms = -1,
	    .kept = http_checker_kept(pr->checker),
	    .state_since_ms =
		now - reminder_lasts_s(&pr->state_trouble, now) * 1000};

	for (size_t i = 0; i < pr->table->n; i++)
		count_endpoint(pr->probes[i], &f);
	gate_figures(pr->gate, &f.gate);
	f.n_hooks = hooks_figures(pr->hooks, f.hooks);
	state_recorder_figures(pr->recorder, &f.state);
	snprintf(f.state_words, sizeof(f.state_words), "%s",
	    pr->state_trouble.words);
	snprintf(
	    f.late_words, sizeof(f.late_words), "%s", pr->late_trouble.words);
	f.files_words = files_words(pr);
	pages_publish(pr->pages, &f, &pr->tally);
}

void
prober_publish(struct prober *pr)
{
	int64_t now = clock_mono_ms();
	int64_t lag = now - pr->ticked_ms - PROBER_TICK_MS;

	if (pr->ticked_ms != 0 && lag > (int64_t)pr->lag_ms)
		pr->lag_ms = (uint64_t)lag;
	pr->ticked_ms = now;
	if (pr->pages == NULL || pr->stopping ||
	    now - pr->published_ms < PUBLISH_MS - PROBER_TICK_MS / 2)
		return;
	pr->published_ms = now;
	publish(pr, now);
	pr->lag_ms = 0;
}
