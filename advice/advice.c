/*
 * Runs the rules and keeps what they find: the one place that compares with
 * thresholds, counts samples and silences.  Called by meridianctl advise.
 */
#include "advice/advice.h"

#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "advice/run.h"
#include "base/array.h"

static void (*const all[])(struct advice_run *run) = {rule_capacity,
    rule_balance, rule_places, rule_fence, rule_single, rule_failover,
    rule_health, rule_canary, rule_cache, rule_answers};

const char *
advice_severity_name(enum advice_severity severity)
{
	static const char *const names[] = {"note", "warning", "critical"};

	return names[severity];
}

double
advice_threshold(const struct advice_run *run, enum advise_rule rule)
{
	return run->config->threshold[rule];
}

static bool
is_silenced(const struct advise_config *config, enum advise_rule rule,
    const char *subject)
{
	for (size_t i = 0; i < config->n_silence; i++) {
		const struct advise_silence *s = &config->silence[i];

		if (s->rule == rule &&
		    (s->pattern == NULL ||
			fnmatch(s->pattern, subject, 0) == 0))
			return true;
	}
	return false;
}

/* At its threshold nothing is found. */
static bool
is_beyond(const struct advice_run *run, enum advise_rule rule, double value)
{
	double threshold = advice_threshold(run, rule);

	return advise_rules[rule].below ? value < threshold : value > threshold;
}

static struct advice_finding *
add(struct advice *out)
{
	struct advice_finding *grown = array_grow(out->findings, out->n,
	    &out->size, sizeof(*grown), ADVICE_MAX_FINDINGS);

	if (grown == NULL) {
		out->failed = true;
		return NULL;
	}
	out->findings = grown;
	return &grown[out->n++];
}

struct advice_finding *
advice_offer(struct advice_run *run, enum advise_rule rule, double value,
    double samples, const char *fmt, ...)
{
	char subject[ADVICE_SUBJECT];
	struct advice_finding *f;
	va_list args;

	if (!is_beyond(run, rule, value))
		return NULL;
	if (samples < run->config->samples[rule]) {
		run->out->few++;
		return NULL;
	}
	va_start(args, fmt);
	vsnprintf(subject, sizeof(subject), fmt, args);
	va_end(args);
	if (is_silenced(run->config, rule, subject)) {
		run->out->silenced++;
		return NULL;
	}
	f = add(run->out);
	if (f == NULL)
		return NULL;
	*f = (struct advice_finding){.rule = rule,
	    .severity = ADVICE_WARNING,
	    .value = value,
	    .samples = samples};
	memcpy(f->subject, subject, sizeof(subject));
	return f;
}

void
advice_evidence(struct advice_finding *f, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(f->evidence, sizeof(f->evidence), fmt, args);
	va_end(args);
}

void
advice_gain(struct advice_finding *f, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(f->gain, sizeof(f->gain), fmt, args);
	va_end(args);
}

struct advice_text
advice_text_of(const struct advice_run *run, uint32_t zone)
{
	const struct advice_zone *z = &run->facts->zones[zone];

	return (struct advice_text){z->text, z->len};
}

double
advice_percent(double part, double whole)
{
	return whole > 0 ? 100 * part / whole : 0;
}

double
advice_days(double ms)
{
	return ms / (double)ADVICE_DAY_MS;
}

/* The worst first, then in the order of the rules and by name, so that two runs
 * print the same. */
static int
compare(const void *a, const void *b)
{
	const struct advice_finding *f = a, *g = b;

	if (f->severity != g->severity)
		return f->severity > g->severity ? -1 : 1;
	if (f->rule != g->rule)
		return f->rule < g->rule ? -1 : 1;
	return strcmp(f->subject, g->subject);
}

void
advice_find(const struct advice_facts *facts,
    const struct advise_config *config, struct advice *advice)
{
	struct advice_run run = {facts, config, advice};

	*advice = (struct advice){.findings = NULL};
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		all[i](&run);
	if (advice->n > 0)
		qsort(advice->findings, advice->n, sizeof(advice->findings[0]),
		    compare);
}

void
advice_finish(struct advice *advice)
{
	free(advice->findings);
}
