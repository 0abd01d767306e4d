/*
 * The facts that the history of the traffic says: answers by service, region,
 * pool and reason, by country, by scope.  Called by facts.c; reads only.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "config/country.h"
#include "ctl/facts.h"
#include "steering/reasons.h"

/* A day has at most HISTORY_COUNTRIES of them by service; many days have
 * others. */
#define MAX_COUNTRIES_EACH 256

#define HOUR_MS INT64_C(3600000)

/* A demand that falls to nothing at night makes no peak of any height. */
#define MOST_PEAK 20.0

struct hours {
	double most, last;
	int64_t last_ms;
};

struct taker {
	struct facts *facts;
	struct hours *hours; /* by service */
	double *days;        /* answers of whole days, by service */
};

static uint32_t
region_of(
    const struct facts *facts, const struct advice_service *s, const char *name)
{
	const struct advice_zone *zone = &facts->advice.zones[s->zone];

	for (uint32_t r = 0; r < zone->n_regions; r++)
		if (strcmp(zone->regions[r].name, name) == 0)
			return r;
	return ADVICE_NONE;
}

static unsigned
reason_of(const char *name)
{
	for (unsigned i = 0; i < REASONS; i++)
		if (strcmp(reason_name(i), name) == 0)
			return i;
	return REASONS;
}

/* --- answers --- */

static void
take_traffic(void *context, const struct history_row *row)
{
	const struct taker *t = context;
	struct advice_service *s = facts_service(t->facts, row->service);
	unsigned reason = reason_of(row->reason);
	uint32_t region;

	if (s == NULL)
		return;
	s->answers += (double)row->answers;
	if (reason == REASON_FIRST)
		s->first += (double)row->answers;
	else if (reason == REASON_NODATA)
		s->nodata += (double)row->answers;
	else if (reason_is_resort(reason))
		s->resort += (double)row->answers;
	else
		s->elsewhere += (double)row->answers;
	region = region_of(t->facts, s, row->region);
	if (region != ADVICE_NONE)
		s->region[region] += (double)row->answers;
	for (size_t m = 0; m < s->n_members; m++)
		if (!reason_is_resort(reason) &&
		    strcmp(t->facts->pools[s->members[m].pool].name,
			row->pool) == 0)
			s->members[m].answers += (double)row->answers;
}

/* Which answers were for a client subnet is kept by day. */
static void
take_subnets(void *context, const struct history_row *row)
{
	const struct taker *t = context;
	struct advice_service *s = facts_service(t->facts, row->service);

	if (s == NULL)
		return;
	s->subnet += (double)row->subnets;
	t->days[s - t->facts->services] += (double)row->answers;
}

/* The share of these days is that of the period. */
static void
scale_subnets(struct taker *t)
{
	for (size_t i = 0; i < t->facts->advice.n_services; i++) {
		struct advice_service *s = &t->facts->services[i];

		if (t->days[i] > 0)
			s->subnet *= s->answers / t->days[i];
	}
}

static void
take_scope(void *context, const struct history_row *row)
{
	const struct taker *t = context;
	struct advice_service *s = facts_service(t->facts, row->service);

	if (s != NULL && row->family == 4 && row->length <= 32)
		s->scopes[row->length] += (double)row->answers;
}

/* The row of a country, a new one if there is none.  What is the sum of the
 * small ones has no place, and is none. */
static struct advice_country *
country_of(struct facts *facts, struct advice_service *s, const char *code)
{
	const struct country *where;
	struct advice_country *c;

	if (strlen(code) >= sizeof(c->code))
		return NULL;
	for (size_t i = 0; i < s->n_countries; i++)
		if (strcmp(s->countries[i].code, code) == 0)
			return &s->countries[i];
	if (s->countries == NULL)
		s->countries = facts_array(
		    facts, MAX_COUNTRIES_EACH, sizeof(s->countries[0]));
	if (s->countries == NULL || s->n_countries == MAX_COUNTRIES_EACH)
		return NULL;
	c = &s->countries[s->n_countries];
	c->region = facts_array(facts, facts->advice.zones[s->zone].n_regions,
	    sizeof(c->region[0]));
	if (c->region == NULL)
		return NULL;
	memcpy(c->code, code, strlen(code) + 1);
	where = country_find(code);
	if (where != NULL) {
		c->has_position = true;
		c->latitude = where->latitude;
		c->longitude = where->longitude;
	}
	s->n_countries++;
	return c;
}

static void
take_country(void *context, const struct history_row *row)
{
	const struct taker *t = context;
	struct advice_service *s = facts_service(t->facts, row->service);
	struct advice_country *c;
	uint32_t region;

	if (s == NULL)
		return;
	s->sampled += (double)row->samples;
	c = country_of(t->facts, s, row->country);
	if (c == NULL)
		return;
	c->answers += (double)row->answers;
	region = region_of(t->facts, s, row->region);
	if (region != ADVICE_NONE)
		c->region[region] += (double)row->answers;
}

static void
take_hour(void *context, const struct history_row *row)
{
	const struct taker *t = context;
	const struct advice_service *s = facts_service(t->facts, row->service);
	struct hours *h;

	/* The hour that goes on is not whole. */
	if (s == NULL || row->at_ms + HOUR_MS > t->facts->advice.now_ms)
		return;
	h = &t->hours[s - t->facts->services];
	if ((double)row->answers > h->most)
		h->most = (double)row->answers;
	if (row->at_ms >= h->last_ms) {
		h->last_ms = row->at_ms;
		h->last = (double)row->answers;
	}
}

static void
find_peaks(struct taker *t)
{
	for (size_t i = 0; i < t->facts->advice.n_services; i++) {
		const struct hours *h = &t->hours[i];

		if (h->last <= 0)
			continue;
		t->facts->services[i].peak = h->most / h->last < MOST_PEAK
		    ? h->most / h->last
		    : MOST_PEAK;
	}
}

/* --- all --- */

/* ${what} is not known for the first reason in ${eb}. */
static void
miss(struct facts *facts, const char *what, const struct errbuf *eb)
{
	struct errbuf_line line;

	if (errbuf_line(eb->text, &line) == NULL)
		facts_miss(facts, "%s: it cannot be read", what);
	else
		facts_miss(facts, "%s: %.*s%.*s", what, line.mark_len,
		    line.mark, line.text_len, line.text);
}

static void
ask(struct taker *t, struct history_reader *reader, unsigned by,
    enum history_every every,
    void (*row)(void *context, const struct history_row *row),
    struct history_answer *answer)
{
	const struct advice_facts *a = &t->facts->advice;
	struct history_question question = {
	    .from_ms = a->from_ms, .to_ms = a->to_ms, .every = every, .by = by};
	static struct errbuf eb;

	/* One service alone is asked for as such. */
	if (a->n_services == 1)
		question.service = a->services[0].name;
	errbuf_init(&eb);
	*answer = (struct history_answer){.rows = 0};
	if (history_sum(reader, &question, answer, row, t, &eb) != 0)
		miss(t->facts, "part of the traffic", &eb);
}

static void
read_all(struct taker *t, struct history_reader *reader)
{
	struct facts *facts = t->facts;
	struct history_answer answer;
	static struct errbuf eb;

	ask(t, reader,
	    HISTORY_SERVICE | HISTORY_POOL | HISTORY_REGION | HISTORY_REASON,
	    HISTORY_AUTO, take_traffic, &answer);
	facts->counted_minutes = answer.counted_minutes;
	facts->minutes = (uint64_t)(answer.to_ms - answer.from_ms) / 60000;
	ask(t, reader, HISTORY_SERVICE, HISTORY_DAY, take_subnets, &answer);
	facts->days_from_ms = answer.from_ms;
	facts->days_to_ms = answer.to_ms;
	scale_subnets(t);
	ask(t, reader, HISTORY_SERVICE | HISTORY_SCOPE, HISTORY_DAY, take_scope,
	    &answer);
	ask(t, reader, HISTORY_SERVICE | HISTORY_REGION | HISTORY_COUNTRY,
	    HISTORY_DAY, take_country, &answer);
	facts->sample = answer.sample;
	ask(t, reader, HISTORY_TIME | HISTORY_SERVICE, HISTORY_HOUR, take_hour,
	    &answer);
	find_peaks(t);
	errbuf_init(&eb);
	if (facts_read_failovers(facts, reader, &eb) != 0)
		miss(facts, "how long failovers took", &eb);
}

static void
say_what_is_missing(struct facts *facts)
{
	if (facts->counted_minutes == 0)
		facts_miss(facts, "traffic: nothing was counted in the period");
	else if (facts->counted_minutes < facts->minutes)
		facts_miss(facts,
		    "traffic of %" PRIu64 " of %" PRIu64
		    " minutes: the server did not run, or its history could "
		    "not be written",
		    facts->minutes - facts->counted_minutes, facts->minutes);
	if (facts->counted_minutes > 0 && facts->sample == 0)
		facts_miss(
		    facts, "countries: no answer of the period was looked up");
}

void
facts_read_history(struct facts *facts)
{
	struct taker t = {.facts = facts,
	    .hours = facts_array(
		facts, facts->advice.n_services, sizeof(t.hours[0])),
	    .days = facts_array(
		facts, facts->advice.n_services, sizeof(t.days[0]))};
	struct history_reader *reader;
	static struct errbuf eb;

	errbuf_init(&eb);
	reader = facts->failed
	    ? NULL
	    : history_reader_open(facts->g->config->history.file, &eb);
	if (reader == NULL && !facts->failed) {
		miss(facts, "traffic, countries, scopes and failovers", &eb);
	} else if (reader != NULL) {
		read_all(&t, reader);
		say_what_is_missing(facts);
	}
	history_reader_close(reader);
}
