/*
 * Rules of what clients got in place of what they should: the last resort,
 * another region than their first; and of what was said by hand and forgotten.
 * Called by advice.c; changes nothing.
 */
#include "advice/run.h"

static void
look_at_resort(struct advice_run *run, const struct advice_service *s)
{
	struct advice_text text = advice_text_of(run, s->zone);
	const struct advice_pool *pool;
	struct advice_finding *f;

	if (s->n_members == 0)
		return;
	f = advice_offer(run, ADVISE_LAST_RESORT,
	    advice_percent(s->resort, s->answers), s->answers, "%s", s->name);
	if (f == NULL)
		return;
	f->severity = ADVICE_CRITICAL;
	pool = &run->facts->pools[s->members[0].pool];
	advice_evidence(f,
	    "%.0f of %.0f answers (%.2g %%) were a last resort: nothing that "
	    "the clients may have was usable",
	    s->resort, s->answers, f->value);
	advice_gain(f,
	    "%.2g %% of the answers name what works, with an endpoint more "
	    "where they come from",
	    f->value);
	advice_edit_item(&f->edit, &text, &pool->at, "endpoints",
	    "{name: NEW, region: REGION, address: [ADDRESS]}");
}

static void
look_elsewhere(struct advice_run *run, const struct advice_service *s)
{
	struct advice_finding *f;

	f = advice_offer(run, ADVISE_ELSEWHERE,
	    advice_percent(s->elsewhere, s->answers), s->answers, "%s",
	    s->name);
	if (f == NULL)
		return;
	advice_evidence(f,
	    "%.1f %% of the answers name another region than the first of the "
	    "client's order, as it was down, drained or full",
	    f->value);
	advice_gain(f,
	    "%.1f %% of the clients are nearer to what serves them, with more "
	    "room in their first region",
	    f->value);
	advice_edit_add(
	    &f->edit, &s->at, "# see which: meridianctl report --last 7d");
}

static void
look_at_override(struct advice_run *run, const struct advice_override *o)
{
	const struct advice_facts *facts = run->facts;
	struct mark at = {facts->path, 0, 0};
	struct advice_finding *f;
	double days;

	if (!o->endless)
		return;
	days = (double)(facts->now_ms - o->at_ms) / (double)ADVICE_DAY_MS;
	f = advice_offer(run, ADVISE_OVERRIDE, days, 1, "%s %s %s", o->action,
	    o->kind, o->target);
	if (f == NULL)
		return;
	advice_evidence(f,
	    "%s said \"%s %s %s%s%s\" %.0f days ago, without an "
	    "end",
	    o->author[0] != '\0' ? o->author : "somebody", o->action, o->kind,
	    o->target, o->value[0] != '\0' ? " " : "", o->value, days);
	advice_gain(f,
	    "the files say again what is served: end it, or write it into the "
	    "steering file");
	advice_edit_add(&f->edit, &at,
	    "# meridianctl overrides shows it; undrain, off or a file ends it");
}

void
rule_answers(struct advice_run *run)
{
	for (size_t i = 0; i < run->facts->n_services; i++) {
		look_at_resort(run, &run->facts->services[i]);
		look_elsewhere(run, &run->facts->services[i]);
	}
	for (size_t i = 0; i < run->facts->n_overrides; i++)
		look_at_override(run, &run->facts->overrides[i]);
}
