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

/* What is read after the files, and how much of the time has gone before, as
 * it is where there is much of everything. */
static const struct {
	const char *name;
	void (*read)(struct facts *facts);
	double done;
	bool spots; /* for those who want spots alone */
} parts[] = {
    {"state", facts_read_state, 0.0, false},
    {"events", facts_read_events, 0.2, false},
    {"history", facts_read_history, 0.4, false},
    {"places", facts_read_places, 0.8, true},
};

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
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (parts[i].spots && !wish->spots)
			continue;
		if (wish->progress != NULL)
			progress_show(
			    wish->progress, parts[i].name, parts[i].done, NULL);
		parts[i].read(facts);
	}
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
