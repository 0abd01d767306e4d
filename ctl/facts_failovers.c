/*
 * How long failovers took: endpoints that left the answers, as the history has
 * it, and the first failed check of each, by the events of the state database.
 * Called by facts_history.c; reads only.
 */
#include <stdlib.h>

#include "base/array.h"
#include "ctl/facts.h"

/* The history has no more. */
#define MAX_FAILOVERS 100000

/* How long before the answers change checks may have begun to fail: `fall` of
 * them in the slowest file.  The verdict that it belongs to is at most this
 * older; and at most this younger, as clocks of two machines differ. */
#define BEFORE_MS INT64_C(600000)
#define AFTER_MS INT64_C(2000)

struct taker {
	struct facts *facts;
	/* By endpoint, and of each in the order of time. */
	const struct facts_spell **spells;
	size_t size;
};

static int
order(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int
by_endpoint(const void *a, const void *b)
{
	const struct facts_spell *x = *(const struct facts_spell *const *)a;
	const struct facts_spell *y = *(const struct facts_spell *const *)b;
	int by = order(x->ref.pool, y->ref.pool);

	if (by == 0)
		by = order(x->ref.endpoint, y->ref.endpoint);
	return by != 0 ? by : order(x->first_ms, y->first_ms);
}

static void
sort_spells(struct taker *t)
{
	const struct facts *facts = t->facts;

	t->spells = facts_array(t->facts, facts->n_spells, sizeof(*t->spells));
	for (size_t i = 0; t->spells != NULL && i < facts->n_spells; i++)
		t->spells[i] = &facts->spells[i];
	if (t->spells != NULL && facts->n_spells > 0)
		qsort(t->spells, facts->n_spells, sizeof(*t->spells),
		    by_endpoint);
}

/* The spell that made the endpoint leave the answers at ${wall_ms}: the last
 * that began by then. */
static const struct facts_spell *
spell_of(const struct taker *t, uint32_t ref, int64_t wall_ms)
{
	const struct facts_spell wanted = {
	    .ref = t->facts->refs[ref], .first_ms = wall_ms + AFTER_MS};
	const struct facts_spell *key = &wanted, *found;
	size_t low = 0, high = t->spells != NULL ? t->facts->n_spells : 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (by_endpoint(&t->spells[middle], &key) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return NULL;
	found = t->spells[low - 1];
	return found->ref.pool == wanted.ref.pool &&
		found->ref.endpoint == wanted.ref.endpoint &&
		found->first_ms >= wall_ms - BEFORE_MS
	    ? found
	    : NULL;
}

/* The zone of a service, by what its name ends in. */
static const char *
zone_of(const struct taker *t, const char *service)
{
	const struct advice_service *s = facts_service(t->facts, service);

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
	const struct advice_service *s = facts_service(t->facts, row->service);
	const struct facts_spell *spell;
	struct facts_failover *grown;
	uint32_t ref;

	if (row->back || s == NULL || facts->n_failovers == MAX_FAILOVERS)
		return;
	ref = facts_find(facts, &key);
	spell = ref != ADVICE_NONE ? spell_of(t, ref, row->wall_ms) : NULL;
	if (spell == NULL)
		return;
	grown = array_grow(facts->failovers, facts->n_failovers, &t->size,
	    sizeof(*grown), MAX_FAILOVERS);
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

/* How long a failover of a service took. */
struct took {
	struct advice_service *service;
	double s;
};

static int
by_service(const void *a, const void *b)
{
	const struct took *x = a, *y = b;
	int by = (x->service > y->service) - (x->service < y->service);

	return by != 0 ? by : (x->s > y->s) - (x->s < y->s);
}

/* The median of each service. */
static void
find_medians(const struct taker *t)
{
	struct facts *facts = t->facts;
	size_t n = facts->n_failovers;
	struct took *took = facts_array(facts, n, sizeof(*took));

	if (took == NULL || n == 0)
		return;
	for (size_t i = 0; i < n; i++) {
		const struct facts_failover *f = &facts->failovers[i];

		took[i] = (struct took){facts_service(t->facts, f->service),
		    (double)(f->left_ms - f->failed_ms) / 1000};
	}
	qsort(took, n, sizeof(*took), by_service);
	for (size_t i = 0, end; i < n; i = end) {
		struct advice_service *service = took[i].service;

		for (end = i; end < n && took[end].service == service; end++)
			;
		service->failover_s = took[i + (end - i) / 2].s;
		service->n_failovers = end - i;
	}
}

int
facts_read_failovers(
    struct facts *facts, struct history_reader *reader, struct errbuf *eb)
{
	struct taker t = {.facts = facts};
	int status;

	sort_spells(&t);
	status = history_failovers(reader, facts->advice.from_ms,
	    facts->advice.to_ms, NULL, take_failover, &t, eb);
	find_medians(&t);
	return status;
}
