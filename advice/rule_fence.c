/*
 * Rules of fences: countries that no rule has where nearly all have one, and
 * hard fences that let clients of unknown country through.  Called by advice.c;
 * changes nothing.
 */
#include "advice/run.h"

#include <stdio.h>
#include <string.h>

/* A file that has rules for so much of the traffic means to have all. */
#define MEANS_ALL 80

/* Countries without a rule that are named, those with the most traffic. */
#define NAMED 5

static bool
is_without(const struct advice_country *c)
{
	return c->code[0] != '\0' && !c->ruled && c->answers > 0;
}

/* The next one after ${last} in order of traffic; NULL: none. */
static const struct advice_country *
next_without(const struct advice_service *s, const struct advice_country *last)
{
	const struct advice_country *next = NULL;

	for (size_t i = 0; i < s->n_countries; i++) {
		const struct advice_country *c = &s->countries[i];
		bool later = last == NULL || c->answers < last->answers ||
		    (c->answers <= last->answers && c > last);

		if (is_without(c) && later &&
		    (next == NULL || c->answers > next->answers))
			next = c;
	}
	return next;
}

/* "BR, IN" */
static void
name_without(const struct advice_service *s, char *out, size_t size)
{
	const struct advice_country *c = NULL;
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < NAMED; i++) {
		c = next_without(s, c);
		if (c == NULL)
			return;
		len += (size_t)snprintf(
		    out + len, size - len, "%s%s", i > 0 ? ", " : "", c->code);
	}
}

static void
add_rule(struct advice_finding *f, const struct advice_run *run,
    const struct advice_service *s, const char *clients)
{
	const struct advice_zone *zone = &run->facts->zones[s->zone];
	struct advice_text text = advice_text_of(run, s->zone);
	char regions[ADVICE_LINE / 2] = "";
	size_t len = 0;

	for (size_t r = 0; r < zone->n_regions; r++)
		if ((s->regions >> r & 1) != 0 && len < sizeof(regions))
			len += (size_t)snprintf(regions + len,
			    sizeof(regions) - len, "%s%s", len > 0 ? ", " : "",
			    zone->regions[r].name);
	advice_edit_item(&f->edit, &text, &s->at, "fence",
	    "{clients: %s, regions: [%s], hard: true}", clients, regions);
}

static void
look_for_countries(struct advice_run *run, const struct advice_service *s)
{
	struct advice_finding *f;
	double without = 0, with = 0;
	char names[NAMED * 4 + 1], clients[64];

	for (size_t i = 0; i < s->n_countries; i++) {
		if (is_without(&s->countries[i]))
			without += s->countries[i].answers;
		else if (s->countries[i].ruled)
			with += s->countries[i].answers;
	}
	if (advice_percent(with, with + without) < MEANS_ALL)
		return;
	f = advice_offer(run, ADVISE_NO_RULE,
	    advice_percent(without, with + without), s->sampled, "%s", s->name);
	if (f == NULL)
		return;
	name_without(s, names, sizeof(names));
	advice_evidence(f,
	    "rules of the fence have %.1f %% of the clients; %.2g %% are of "
	    "countries that none has: %s",
	    advice_percent(with, with + without), f->value, names);
	advice_gain(f,
	    "%.2g %% of the clients go where a rule says, and no more to any "
	    "region",
	    f->value);
	snprintf(clients, sizeof(clients), "{countries: [%s]}", names);
	add_rule(f, run, s, clients);
}

static void
look_for_unknown(struct advice_run *run, const struct advice_service *s)
{
	struct advice_finding *f;
	double unknown = 0, all = 0;

	for (size_t i = 0; i < s->n_countries; i++) {
		all += s->countries[i].answers;
		if (s->countries[i].code[0] == '\0')
			unknown += s->countries[i].answers;
	}
	f = advice_offer(run, ADVISE_UNKNOWN_CLIENTS,
	    advice_percent(unknown, all), s->sampled, "%s", s->name);
	if (f == NULL)
		return;
	f->severity = ADVICE_CRITICAL;
	advice_evidence(f,
	    "the fence is hard, and %.2g %% of the clients are of no known "
	    "country: none of its rules has them, and they may go anywhere",
	    f->value);
	advice_gain(f, "%.2g %% of the clients stay where you say", f->value);
	add_rule(f, run, s, "unknown");
}

void
rule_fence(struct advice_run *run)
{
	for (size_t i = 0; i < run->facts->n_services; i++) {
		const struct advice_service *s = &run->facts->services[i];

		if (!s->fenced)
			continue;
		look_for_countries(run, s);
		if (s->hard && !s->rules_unknown)
			look_for_unknown(run, s);
	}
}
