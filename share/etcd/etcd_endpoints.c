/*
 * Which endpoint is asked; see etcd_endpoints.h.
 */
#include "share/etcd/etcd_endpoints.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/text.h"

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

/* True when it is another reason than before. */
static bool
take_reason(
    struct etcd_endpoint *endpoint, const struct etcd_why *why, int64_t now_ms)
{
	char words[ETCD_WHY];

	if (endpoint->failures > 0 && why->vague && !endpoint->vague &&
	    now_ms - endpoint->why_ms < ETCD_WHY_MS)
		return false;
	(void)snprintf(words, sizeof(words), "%.*s", ETCD_WHY - 1, why->words);
	endpoint->vague = why->vague;
	endpoint->why_ms = now_ms;
	if (strcmp(endpoint->why, words) == 0)
		return false;
	memcpy(endpoint->why, words, sizeof(words));
	return true;
}

bool
etcd_endpoints_failed(struct etcd_endpoints *e, size_t i,
    const struct etcd_why *why, int64_t now_ms)
{
	struct etcd_endpoint *endpoint = &e->list[i];
	bool other = take_reason(endpoint, why, now_ms);

	/* Several calls may have been on their way to it: one failure. */
	if (endpoint->failures > 0 && endpoint->until_ms > now_ms)
		return other;
	e->random = hash_mix(e->random, i);
	endpoint->until_ms =
	    now_ms + etcd_endpoints_pause(++endpoint->failures, e->random);
	if (e->current == i)
		e->current = (i + 1) % e->n;
	return other || endpoint->failures == 1;
}

/* An endpoint before number ${i} that failed for the same reason. */
static bool
is_said(const struct etcd_endpoints *e, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (e->list[k].failures > 0 &&
		    strcmp(e->list[k].why, e->list[i].why) == 0)
			return true;
	return false;
}

void
etcd_endpoints_words(const struct etcd_endpoints *e, char *out, size_t size)
{
	struct text t;

	text_init(&t, (size_t)64 << 10);
	for (size_t i = 0; i < e->n; i++) {
		if (e->list[i].failures == 0 || is_said(e, i))
			continue;
		text_add(&t, "%s%s", t.len > 0 ? "; " : "", e->list[i].url);
		for (size_t k = i + 1; k < e->n; k++)
			if (e->list[k].failures > 0 &&
			    strcmp(e->list[k].why, e->list[i].why) == 0)
				text_add(&t, ", %s", e->list[k].url);
		text_add(&t, ": %s", e->list[i].why);
	}
	(void)snprintf(
	    out, size, "%s", t.data != NULL && !t.failed ? t.data : "");
	text_finish(&t);
}

bool
etcd_endpoints_answered(struct etcd_endpoints *e, size_t i)
{
	bool had_failed = e->list[i].failures > 0;

	e->list[i].failures = 0;
	e->list[i].until_ms = 0;
	return had_failed;
}
