/*
 * From the events of the state database: when each endpoint was down, for the
 * majority of the vantages that check it.  Called by facts.c; reads only.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "ctl/facts.h"
#include "state/reader.h"

/* Vantages that are told apart; what more say is not counted. */
#define MAX_VANTAGES 64

struct event {
	int64_t at_ms;
	uint32_t ref;
	uint8_t vantage;
	bool down;
	char reason[STATE_REASON];
};

/* What an endpoint is while events go by. */
struct view {
	uint64_t down, spoke; /* by vantage (bit sets) */
	int64_t from_ms;      /* it is down since, or -1 */
	int64_t first_ms;     /* the first of the vantages that found it */
	const char *reason;
	int64_t since_ms; /* nothing is known before; 0: all is */
};

struct events {
	struct facts *facts;
	struct event *list; /* newest first */
	size_t n, size;
	char vantages[MAX_VANTAGES][STATE_NAME];
	size_t n_vantages;
	int64_t oldest_ms;
	size_t seen;
	struct view *views; /* by facts->refs */
	size_t size_spells;
};

static uint8_t
vantage_number(struct events *events, const char *name)
{
	size_t i = 0;

	while (i < events->n_vantages && strcmp(events->vantages[i], name) != 0)
		i++;
	if (i == MAX_VANTAGES)
		return MAX_VANTAGES;
	if (i == events->n_vantages)
		snprintf(events->vantages[events->n_vantages++], STATE_NAME,
		    "%s", name);
	return (uint8_t)i;
}

/* What happens in maintenance is meant. */
static bool
is_wanted(const struct state_event *e)
{
	return strncmp(e->reason, STATE_MAINTENANCE,
		   strlen(STATE_MAINTENANCE)) != 0;
}

static void
take(void *context, const struct state_event *row)
{
	struct events *events = context;
	const struct endpoint_key key = {row->zone, row->pool, row->endpoint};
	struct event *grown;
	uint32_t ref;

	events->seen++;
	events->oldest_ms = row->at_ms;
	if (row->endpoint[0] == '\0') /* of a canary */
		return;
	ref = facts_find(events->facts, &key);
	if (ref == ADVICE_NONE)
		return;
	/* The last one that comes is the oldest. */
	events->views[ref].since_ms =
	    row->before == HEALTH_UNKNOWN ? row->at_ms : 0;
	if (!is_wanted(row) || row->at_ms >= events->facts->advice.to_ms)
		return;
	grown = array_grow(events->list, events->n, &events->size,
	    sizeof(*grown), SCHEMA_EVENTS_MAX);
	if (grown == NULL) {
		events->facts->failed = true;
		return;
	}
	events->list = grown;
	grown[events->n] = (struct event){.at_ms = row->at_ms,
	    .ref = ref,
	    .vantage = vantage_number(events, row->vantage),
	    .down = row->after == HEALTH_DOWN};
	memcpy(grown[events->n].reason, row->reason, STATE_REASON);
	events->n++;
}

/* --- spells --- */

static void
end_spell(struct events *events, uint32_t ref, int64_t to_ms)
{
	struct facts *facts = events->facts;
	struct view *v = &events->views[ref];
	int64_t from_ms = v->from_ms > facts->advice.from_ms
	    ? v->from_ms
	    : facts->advice.from_ms;
	struct facts_spell *grown;

	v->from_ms = -1;
	if (to_ms <= from_ms)
		return;
	grown = array_grow(facts->spells, facts->n_spells, &events->size_spells,
	    sizeof(*grown), SCHEMA_EVENTS_MAX);
	if (grown == NULL) {
		facts->failed = true;
		return;
	}
	facts->spells = grown;
	grown[facts->n_spells++] = (struct facts_spell){.ref = facts->refs[ref],
	    .from_ms = from_ms,
	    .first_ms = v->first_ms,
	    .to_ms = to_ms,
	    .reason =
		arena_strdup(facts->arena, v->reason != NULL ? v->reason : "")};
}

static void
apply(struct events *events, const struct event *e)
{
	struct view *v = &events->views[e->ref];
	uint64_t bit;
	bool down;

	if (e->vantage == MAX_VANTAGES)
		return;
	bit = UINT64_C(1) << e->vantage;
	v->spoke |= bit;
	if (e->down && v->down == 0) {
		v->first_ms = e->at_ms;
		v->reason = e->reason;
	}
	v->down = e->down ? v->down | bit : v->down & ~bit;
	/* On a tie it is up, as where it is served. */
	down =
	    2 * __builtin_popcountll(v->down) > __builtin_popcountll(v->spoke);
	if (down && v->from_ms < 0)
		v->from_ms = e->at_ms;
	else if (!down && v->from_ms >= 0)
		end_spell(events, e->ref, e->at_ms);
}

static int64_t
end_of(const struct facts *facts)
{
	return facts->advice.to_ms < facts->advice.now_ms
	    ? facts->advice.to_ms
	    : facts->advice.now_ms;
}

/* How much of the period each endpoint was watched: not before it was known at
 * all, nor before the first event that is kept. */
static void
find_watched(struct events *events, bool cut)
{
	struct facts *facts = events->facts;
	int64_t from_ms = facts->advice.from_ms;

	if (cut && events->oldest_ms > from_ms)
		from_ms = events->oldest_ms;
	for (size_t i = 0; i < facts->n_refs; i++) {
		int64_t since_ms = events->views[i].since_ms;
		int64_t ms =
		    end_of(facts) - (since_ms > from_ms ? since_ms : from_ms);

		facts_endpoint(facts, facts->refs[i])->watched_ms =
		    ms > 0 ? ms : 0;
	}
}

/* Vantages that say nothing in the period have a vote too: all that speak of
 * the endpoint at any time. */
static void
find_spells(struct events *events)
{
	struct facts *facts = events->facts;
	int64_t end = end_of(facts);

	for (size_t i = 0; i < facts->n_refs; i++)
		events->views[i].from_ms = -1;
	for (size_t i = 0; i < events->n; i++)
		if (events->list[i].vantage < MAX_VANTAGES)
			events->views[events->list[i].ref].spoke |= UINT64_C(1)
			    << events->list[i].vantage;
	for (size_t i = events->n; i-- > 0;)
		apply(events, &events->list[i]);
	for (uint32_t i = 0; i < facts->n_refs; i++)
		if (events->views[i].from_ms >= 0)
			end_spell(events, i, end);
}

/* --- what rules look at --- */

static int
compare_length(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static int
compare_time(const void *a, const void *b)
{
	const struct facts_spell *x = a, *y = b;

	return x->from_ms < y->from_ms ? -1 : x->from_ms > y->from_ms;
}

/* Give each endpoint its spells. */
static void
share_out(struct facts *facts)
{
	int64_t *lengths =
	    facts_array(facts, facts->n_spells, sizeof(*lengths));
	size_t at = 0;

	if (lengths == NULL)
		return;
	for (size_t i = 0; i < facts->n_spells; i++)
		facts_endpoint(facts, facts->spells[i].ref)->n_spells++;
	for (size_t i = 0; i < facts->n_refs; i++) {
		struct advice_endpoint *e =
		    facts_endpoint(facts, facts->refs[i]);

		e->spell_ms = lengths + at;
		at += e->n_spells;
		e->n_spells = 0;
	}
	for (size_t i = 0; i < facts->n_spells; i++) {
		const struct facts_spell *s = &facts->spells[i];
		struct advice_endpoint *e = facts_endpoint(facts, s->ref);

		lengths[e->spell_ms - lengths + (ptrdiff_t)e->n_spells++] =
		    s->to_ms - s->from_ms;
		e->down_ms += s->to_ms - s->from_ms;
	}
	for (size_t i = 0; i < facts->n_refs; i++) {
		const struct advice_endpoint *e =
		    facts_endpoint(facts, facts->refs[i]);

		qsort(lengths + (e->spell_ms - lengths), e->n_spells,
		    sizeof(*lengths), compare_length);
	}
}

void
facts_read_events(struct facts *facts)
{
	struct events events = {.facts = facts};
	struct state_reader *reader =
	    state_reader_create(facts->g->config->state);
	static struct errbuf eb;

	errbuf_init(&eb);
	events.views =
	    facts_array(facts, facts->n_refs, sizeof(events.views[0]));
	if (reader == NULL || events.views == NULL) {
		facts->failed = true;
		state_reader_destroy(reader);
		return;
	}
	facts->knows_events = state_reader_events(reader, SCHEMA_EVENTS_MAX,
				  take, &events, &eb) >= 0;
	if (!facts->knows_events)
		facts_miss(facts,
		    "when endpoints were down: no events can be read from the "
		    "state database");
	else if (events.seen == SCHEMA_EVENTS_MAX &&
	    events.oldest_ms > facts->advice.from_ms)
		facts_miss(facts,
		    "when endpoints were down at the beginning of the period: "
		    "the state database keeps the last %d events",
		    SCHEMA_EVENTS_MAX);
	else if (facts->advice.now_ms - facts->advice.from_ms >
	    SCHEMA_EVENTS_AGE_MS + ADVICE_DAY_MS)
		facts_miss(facts,
		    "when endpoints were down more than 30 days ago: the state "
		    "database keeps no older events");
	find_watched(&events, events.seen == SCHEMA_EVENTS_MAX);
	find_spells(&events);
	if (facts->n_spells > 0)
		qsort(facts->spells, facts->n_spells, sizeof(facts->spells[0]),
		    compare_time);
	share_out(facts);
	free(events.list);
	state_reader_destroy(reader);
}
