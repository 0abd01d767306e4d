/*
 * Brings the parts of the facts together, in their order.  Called by
 * meridianctl advise and report; reads only.
 */
#include "ctl/facts.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

/* The largest node has 65,536 services, with 30 countries each. */
#define MOST_BYTES ((size_t)8 << 30)

void *
facts_array(struct facts *facts, size_t n, size_t size)
{
	void *p = arena_array(facts->arena, n > 0 ? n : 1, size);

	facts->failed = facts->failed || p == NULL;
	return p;
}

void
facts_miss(struct facts *facts, const char *fmt, ...)
{
	va_list args;

	if (facts->n_missing == FACTS_MISSING)
		return;
	va_start(args, fmt);
	vsnprintf(facts->missing[facts->n_missing++], FACTS_WORDS, fmt, args);
	va_end(args);
}

struct advice_endpoint *
facts_endpoint(const struct facts *facts, struct facts_ref ref)
{
	return &facts->pools[ref.pool].endpoints[ref.endpoint];
}

int
facts_collect(struct facts *facts, const struct generation *generation,
    const struct facts_wish *wish, struct errbuf *eb)
{
	memset(facts, 0, sizeof(*facts));
	facts->g = generation;
	u64map_init(&facts->index);
	u64map_init(&facts->by_name);
	facts->arena = arena_create(MOST_BYTES);
	if (facts->arena == NULL)
		return errbuf_error(eb, NULL, "no memory");
	facts->advice.path = generation->config->path;
	facts->advice.vantage_at = generation->config->vantage_at;
	if (facts->advice.vantage_at.file == NULL)
		facts->advice.vantage_at.file = generation->config->path;
	facts->advice.now_ms = clock_wall_ms();
	facts->advice.from_ms = wish->from_ms;
	facts->advice.to_ms = wish->to_ms;
	if (facts_read_files(facts, wish->service, eb) != 0)
		return -1;
	facts_read_state(facts);
	facts_read_events(facts);
	facts_read_history(facts);
	if (wish->spots)
		facts_read_places(facts);
	return facts->failed ? errbuf_error(eb, NULL, "no memory") : 0;
}

void
facts_finish(struct facts *facts)
{
	u64map_finish(&facts->index);
	u64map_finish(&facts->by_name);
	free(facts->spells);
	free(facts->failovers);
	arena_destroy(facts->arena);
}
