/*
 * Which endpoint is asked; see etcd_endpoints.h.
 */
#include "share/etcd/etcd_endpoints.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

int
etcd_endpoints_init(
    struct etcd_endpoints *e, const char *const *urls, size_t n, uint64_t seed)
{
	*e = (struct etcd_endpoints){.random = seed};
	if (n == 0)
		return -1;
	e->list = calloc(n, sizeof(*e->list));
	if (e->list == NULL)
		return -1;
	for (; e->n < n; e->n++) {
		e->list[e->n].url = strdup(urls[e->n]);
		if (e->list[e->n].url == NULL)
			goto fail;
	}
	return 0;
fail:
	etcd_endpoints_finish(e);
	return -1;
}

void
etcd_endpoints_finish(struct etcd_endpoints *e)
{
	for (size_t i = 0; i < e->n; i++)
		free(e->list[i].url);
	free(e->list);
	*e = (struct etcd_endpoints){.list = NULL};
}

int64_t
etcd_endpoints_pick(struct etcd_endpoints *e, int64_t now_ms, size_t *i)
{
	size_t soonest = e->current;

	for (size_t step = 0; step < e->n; step++) {
		size_t at = (e->current + step) % e->n;

		if (e->list[at].until_ms <= now_ms) {
			e->current = *i = at;
			return 0;
		}
		if (e->list[at].until_ms < e->list[soonest].until_ms)
			soonest = at;
	}
	*i = soonest;
	return e->list[soonest].until_ms - now_ms;
}

int64_t
etcd_endpoints_pause(unsigned failures, uint64_t random)
{
	int64_t pause = ETCD_PAUSE_FIRST_MS;

	while (failures-- > 1 && pause < ETCD_PAUSE_LAST_MS)
		pause *= 2;
	if (pause > ETCD_PAUSE_LAST_MS)
		pause = ETCD_PAUSE_LAST_MS;
	return pause - (int64_t)(random % (uint64_t)(pause / 2 + 1));
}

bool
etcd_endpoints_failed(struct etcd_endpoints *e, size_t i, int64_t now_ms)
{
	struct etcd_endpoint *endpoint = &e->list[i];

	/* Several calls may have been on their way to it: one failure. */
	if (endpoint->failures > 0 && endpoint->until_ms > now_ms)
		return false;
	e->random = hash_mix(e->random, i);
	endpoint->until_ms =
	    now_ms + etcd_endpoints_pause(++endpoint->failures, e->random);
	if (e->current == i)
		e->current = (i + 1) % e->n;
	return endpoint->failures == 1;
}

bool
etcd_endpoints_answered(struct etcd_endpoints *e, size_t i)
{
	bool had_failed = e->list[i].failures > 0;

	e->list[i].failures = 0;
	e->list[i].until_ms = 0;
	return had_failed;
}
