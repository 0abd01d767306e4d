/*
 * The facts that the history of the traffic says: answers by service, region,
 * pool and reason, by country, by scope; and how long failovers took.  Called
 * by facts.c; reads only.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "config/country.h"
#include "ctl/facts.h"
#include "steering/reasons.h"

#define MAX_FAILOVERS 100000

/* How long before the answers change checks may have begun to fail: `fall` of
 * them in the slowest file.  The verdict that it belongs to is at most this
 * older; and at most this younger, as clocks of two machines differ. */
#define BEFORE_MS INT64_C(600000)
#define AFTER_MS INT64_C(2000)

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
	struct u64map services; /* numbers by the hash of the name */
	struct hours *hours;    /* by service */
	size_t size_failovers;
};

static struct advice_service *
service_of(const struct taker *t, const char *name)
{
	struct facts *facts = t->facts;
	uint64_t hash = hash_bytes(name, strlen(name), 0);
	size_t at;

	for (uint32_t n = u64map_first(&t->services, hash, &at);
	     n != U64MAP_NONE; n = u64map_next(&t->services, hash, &at))
		if (strcmp(facts->services[n].name, name) == 0)
			return &facts->services[n];
	return NULL;
}

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
	struct advice_service *s = service_of(t, row->service);
	unsigned reason = reason_of(row->reason);
	uint32_t region;

	if (s == NULL)
		return;
	s->answers += (double)row->answers;
	s->subnet += (double)row->subnets;
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

static void
take_scope(void *context, const struct history_row *row)
{
	struct advice_service *s = service_of(context, row->service);

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
	struct advice_service *s = service_of(t, row->service);
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
	const struct advice_service *s = service_of(t, row->service);
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

/* --- failovers --- */

/* The spell that made the endpoint leave the answers at ${wall_ms}. */
static const struct facts_spell *
spell_of(const struct facts *facts, uint32_t ref, int64_t wall_ms)
{
	const struct facts_spell *found = NULL;

	for (size_t i = 0; i < facts->n_spells; i++) {
		const struct facts_spell *s = &facts->spells[i];

		if (s->ref.pool == facts->refs[ref].pool &&
		    s->ref.endpoint == facts->refs[ref].endpoint &&
		    s->first_ms <= wall_ms + AFTER_MS &&
		    s->first_ms >= wall_ms - BEFORE_MS)
			found = s;
	}
	return found;
}

/* The zone of a service, by what its name ends in. */
static const char *
zone_of(const struct taker *t, const char *service)
{
	const struct advice_service *s = service_of(t, service);

	return s != NULL ? t->facts->advice.zones[s->zone].name : "";
}

/* A verdict comes with the last of `fall` checks: the first was so much
 * earlier. */
static int64_t
first_failed_ms(const struct facts *facts, const struct facts_spell *spell)
{
	const struct advice_check *check = facts->pools[spell->ref.pool].check;

	return check == NULL
	    ? spell->first_ms
	    : spell->first_ms - (int64_t)(check->again_ms * (check->fall - 1));
}

static void
take_failover(void *context, const struct history_failover *row)
{
	struct taker *t = context;
	struct facts *facts = t->facts;
	const struct endpoint_key key = {
	    zone_of(t, row->service), row->pool, row->endpoint};
	const struct advice_service *s = service_of(t, row->service);
	const struct facts_spell *spell;
	struct facts_failover *grown;
	uint32_t ref;

	if (row->back || s == NULL)
		return;
	ref = facts_find(facts, &key);
	spell = ref != ADVICE_NONE ? spell_of(facts, ref, row->wall_ms) : NULL;
	if (spell == NULL)
		return;
	grown = array_grow(facts->failovers, facts->n_failovers,
	    &t->size_failovers, sizeof(*grown), MAX_FAILOVERS);
	if (grown == NULL) {
		facts->failed = true;
		return;
	}
	facts->failovers = grown;
	grown[facts->n_failovers++] =
	    (struct facts_failover){.ref = facts->refs[ref],
		.service = s->name,
		.failed_ms = first_failed_ms(facts, spell),
		.left_ms = row->wall_ms};
}

static int
compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* The median of each service. */
static void
find_medians(struct facts *facts)
{
	double *s = facts_array(facts, facts->n_failovers, sizeof(*s));

	for (size_t i = 0; s != NULL && i < facts->advice.n_services; i++) {
		struct advice_service *service = &facts->services[i];
		size_t n = 0;

		for (size_t f = 0; f < facts->n_failovers; f++)
			if (facts->failovers[f].service == service->name)
				s[n++] = (double)(facts->failovers[f].left_ms -
					     facts->failovers[f].failed_ms) /
				    1000;
		if (n == 0)
			continue;
		qsort(s, n, sizeof(*s), compare);
		service->failover_s = s[n / 2];
		service->n_failovers = n;
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
	    HISTORY_DAY, take_traffic, &answer);
	facts->counted_minutes = answer.counted_minutes;
	facts->minutes = (uint64_t)(answer.to_ms - answer.from_ms) / 60000;
	ask(t, reader, HISTORY_SERVICE | HISTORY_SCOPE, HISTORY_DAY, take_scope,
	    &answer);
	ask(t, reader, HISTORY_SERVICE | HISTORY_REGION | HISTORY_COUNTRY,
	    HISTORY_DAY, take_country, &answer);
	facts->sample = answer.sample;
	ask(t, reader, HISTORY_TIME | HISTORY_SERVICE, HISTORY_HOUR, take_hour,
	    &answer);
	find_peaks(t);
	errbuf_init(&eb);
	if (history_failovers(reader, facts->advice.from_ms,
		facts->advice.to_ms, NULL, take_failover, t, &eb) != 0)
		miss(facts, "how long failovers took", &eb);
	find_medians(facts);
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
		facts, facts->advice.n_services, sizeof(t.hours[0]))};
	struct history_reader *reader;
	static struct errbuf eb;

	errbuf_init(&eb);
	u64map_init(&t.services);
	for (uint32_t i = 0; i < facts->advice.n_services; i++) {
		const char *name = facts->services[i].name;

		if (u64map_add(
			&t.services, hash_bytes(name, strlen(name), 0), i) != 0)
			facts->failed = true;
	}
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
	u64map_finish(&t.services);
}
