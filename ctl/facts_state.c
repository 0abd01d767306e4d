/*
 * The facts that the state database says of now: which endpoints are measured
 * how, which vantages live, what was said by hand.  Called by facts.c; reads
 * only.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "ctl/facts.h"
#include "state/reader.h"

/* Of one vantage: a heartbeat this old is that of one that is gone. */
#define ALIVE_MS INT64_C(120000)

#define MAX_OVERRIDES 65536

struct taker {
	struct facts *facts;
	struct advice_override *overrides;
	size_t n;
};

/* NULL: the files do not have it. */
static struct advice_endpoint *
find(struct facts *facts, const char *zone, const char *pool,
    const char *endpoint)
{
	const struct endpoint_key key = {zone, pool, endpoint};
	uint32_t n = facts_find(facts, &key);

	return n != ADVICE_NONE ? facts_endpoint(facts, facts->refs[n]) : NULL;
}

static void
begin(void *context, bool full)
{
	(void)context;
	(void)full;
}

static void
take_vantage(void *context, const struct state_vantage *row)
{
	struct facts *facts = ((struct taker *)context)->facts;

	facts->advice.vantages += row->lease_until_ms != 0 &&
	    facts->advice.now_ms - row->heartbeat_ms < ALIVE_MS;
}

static void
take_endpoint(void *context, const struct state_endpoint *row)
{
	struct advice_endpoint *e = find(((struct taker *)context)->facts,
	    row->zone, row->pool, row->endpoint);

	if (e == NULL)
		return;
	/* Of what several vantages say, the first that ends. */
	if (row->certificate_ms >= 0 &&
	    (e->certificate_ms < 0 || row->certificate_ms < e->certificate_ms))
		e->certificate_ms = row->certificate_ms;
	if (isnan(e->latency_ms) && row->first_byte_us >= 0)
		e->latency_ms = (double)row->first_byte_us / 1000;
}

/* The greatest load that any vantage measured: they see the same server, at
 * different moments. */
static void
take_load(void *context, const struct state_load *row)
{
	struct advice_endpoint *e = find(((struct taker *)context)->facts,
	    row->zone, row->pool, row->endpoint);

	if (e == NULL)
		return;
	e->saturation = fmax(e->saturation, row->saturation);
	e->max_running = fmax(e->max_running, row->max_running);
	if (row->first_token_us >= 0)
		e->latency_ms = (double)row->first_token_us / 1000;
}

static void
take_ramp(void *context, const struct state_ramp *row)
{
	const struct facts *facts = ((struct taker *)context)->facts;
	char name[STATE_ZONE + STATE_NAME + 2];
	const struct advice_member *canary;
	struct advice_service *s;

	snprintf(name, sizeof(name), "%s.%s", row->service, row->zone);
	s = facts_service(facts, name);
	if (s == NULL || s->canary == ADVICE_NONE)
		return;
	canary = &s->members[s->canary];
	if (strcmp(facts->pools[canary->pool].name, row->pool) == 0 &&
	    row->since_ms >= facts->advice.from_ms)
		s->canary_moved = true;
}

static void
take_override(void *context, const struct state_override *row)
{
	struct taker *taker = context;
	struct facts *facts = taker->facts;
	struct advice_override *o;

	/* A share that was said by hand is not that of the file. */
	for (size_t i = 0;
	     strcmp(row->action, "canary") == 0 && i < facts->advice.n_services;
	     i++)
		facts->services[i].canary_moved = true;
	if (taker->n == MAX_OVERRIDES)
		return;
	o = &taker->overrides[taker->n++];
	*o = (struct advice_override){
	    .action = arena_strdup(facts->arena, row->action),
	    .kind = arena_strdup(facts->arena, row->kind),
	    .target = arena_strdup(facts->arena, row->target),
	    .value = arena_strdup(facts->arena, row->value),
	    .author = arena_strdup(facts->arena, row->author),
	    .at_ms = row->at_ms,
	    .endless = row->length_ms < 0 &&
		strcmp(row->action, "undrain") != 0 &&
		strcmp(row->value, "off") != 0};
	if (o->action == NULL || o->kind == NULL || o->target == NULL ||
	    o->value == NULL || o->author == NULL) {
		facts->failed = true;
		taker->n--;
	}
}

/* What of one target was said before counts no more.  A drain and an undrain
 * are of one kind of thing; force, weight, freeze and canary are each of their
 * own. */
static bool
replaces(const struct advice_override *b, const struct advice_override *a)
{
	bool same = strcmp(a->action, b->action) == 0 ||
	    (strcmp(a->action, "drain") == 0 &&
		strcmp(b->action, "undrain") == 0);

	return same && b->at_ms >= a->at_ms && strcmp(a->kind, b->kind) == 0 &&
	    strcmp(a->target, b->target) == 0;
}

static void
drop_replaced(struct taker *t)
{
	for (size_t i = 0; i < t->n; i++)
		for (size_t j = i + 1; j < t->n; j++)
			if (replaces(&t->overrides[j], &t->overrides[i]))
				t->overrides[i].endless = false;
}

static void
commit(void *context)
{
	(void)context;
}

void
facts_read_state(struct facts *facts)
{
	static const struct state_sink sink = {.begin = begin,
	    .vantage = take_vantage,
	    .endpoint = take_endpoint,
	    .load = take_load,
	    .ramp = take_ramp,
	    .override = take_override,
	    .commit = commit};
	struct state_reader *reader =
	    state_reader_create(facts->g->config->state);
	struct taker taker = {.facts = facts,
	    .overrides =
		facts_array(facts, MAX_OVERRIDES, sizeof(taker.overrides[0]))};
	static struct errbuf eb;

	errbuf_init(&eb);
	if (reader == NULL || facts->failed) {
		facts->failed = true;
		state_reader_destroy(reader);
		return;
	}
	state_reader_follow(reader, TABLES_HEALTH | TABLES_LOAD);
	facts->advice.knows_state =
	    state_reader_poll(reader, &sink, &taker, &eb) >= 0;
	if (!facts->advice.knows_state)
		facts_miss(facts,
		    "health, load and certificates: the state database %s "
		    "cannot be read: %s",
		    facts->g->config->state, state_reader_why(reader));
	drop_replaced(&taker);
	facts->advice.overrides = taker.overrides;
	facts->advice.n_overrides = taker.n;
	state_reader_destroy(reader);
}
