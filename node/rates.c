/*
 * Keeps a minute of counts.  Called by the site, which takes them, and by the
 * pages; reads no counters of workers.
 */
#include "node/rates.h"

#include <stdlib.h>

/* Of the last minute, and the one from which it began. */
#define SAMPLES (RATES_WINDOW_MS / RATES_STEP_MS + 1)
/* Of less no rate is told: a single answer would look like many. */
#define LEAST_MS 1000

struct sample {
	int64_t mono_ms;
	uint32_t n, size; /* outcomes; room for them */
	uint64_t (*count)[RATE_KINDS];
};

struct rates {
	struct sample sample[SAMPLES]; /* a ring */
	size_t n, newest;
};

struct rates *
rates_create(void)
{
	return calloc(1, sizeof(struct rates));
}

void
rates_destroy(struct rates *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < SAMPLES; i++)
		free(r->sample[i].count);
	free(r);
}

bool
rates_due(const struct rates *r, int64_t mono_ms)
{
	return r->n == 0 ||
	    mono_ms - r->sample[r->newest].mono_ms >= RATES_STEP_MS;
}

static bool
make_room(struct sample *s, uint32_t n)
{
	uint64_t(*count)[RATE_KINDS];

	if (n <= s->size)
		return true;
	count = realloc(s->count, n * sizeof(*count));
	if (count == NULL)
		return false;
	s->count = count;
	s->size = n;
	return true;
}

void
rates_take(struct rates *r,
    void (*count)(
	const struct server *server, uint32_t slot, uint64_t out[RATE_KINDS]),
    const struct server *server, uint32_t n, int64_t mono_ms)
{
	size_t next = r->n == 0 ? 0 : (r->newest + 1) % SAMPLES;
	struct sample *s = &r->sample[next];

	if (!make_room(s, n))
		return;
	for (uint32_t i = 0; i < n; i++)
		count(server, i, s->count[i]);
	s->n = n;
	s->mono_ms = mono_ms;
	r->newest = next;
	if (r->n < SAMPLES)
		r->n++;
}

static const struct sample *
oldest(const struct rates *r)
{
	return &r->sample[(r->newest + SAMPLES + 1 - r->n) % SAMPLES];
}

int64_t
rates_window_ms(const struct rates *r)
{
	int64_t ms;

	if (r == NULL || r->n == 0)
		return 0;
	ms = r->sample[r->newest].mono_ms - oldest(r)->mono_ms;
	return ms >= LEAST_MS ? ms : 0;
}

double
rates_slot(
    const struct rates *r, uint32_t slot, enum rate_kind kind, uint64_t base)
{
	int64_t ms = rates_window_ms(r);
	const struct sample *now, *then;
	uint64_t before;

	if (ms == 0)
		return 0;
	now = &r->sample[r->newest];
	then = oldest(r);
	if (slot >= now->n)
		return 0;
	/* A slot that was given anew since then began at its base. */
	before = slot < then->n ? then->count[slot][kind] : 0;
	if (before < base)
		before = base;
	return now->count[slot][kind] > before
	    ? (double)(now->count[slot][kind] - before) * 1000 / (double)ms
	    : 0;
}
