/*
 * Slots for counters, by service and region.  Called at load and by the pages,
 * under a lock that no worker takes.
 */
#include "steering/targets.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

struct target {
	char *service, *region;
	uint64_t hash;
};

struct targets {
	pthread_mutex_t lock;
	struct target *target;
	uint32_t n, max;
	/* Open addressing over 2 * max places; a place holds slot + 1. */
	uint32_t *table;
	size_t mask;
};

struct targets *
targets_create(uint32_t max)
{
	struct targets *t = calloc(1, sizeof(*t));
	size_t places = 16;

	if (t == NULL)
		return NULL;
	while (places < 2 * (size_t)max)
		places *= 2;
	t->max = max;
	t->mask = places - 1;
	t->target = calloc(max, sizeof(*t->target));
	t->table = calloc(places, sizeof(*t->table));
	pthread_mutex_init(&t->lock, NULL);
	if (t->target == NULL || t->table == NULL) {
		targets_destroy(t);
		return NULL;
	}
	return t;
}

void
targets_destroy(struct targets *t)
{
	if (t == NULL)
		return;
	for (uint32_t i = 0; t->target != NULL && i < t->n; i++) {
		free(t->target[i].service);
		free(t->target[i].region);
	}
	pthread_mutex_destroy(&t->lock);
	free(t->target);
	free(t->table);
	free(t);
}

/* The place of the pair in the table, or the free one where it belongs. */
static uint32_t *
find(struct targets *t, const char *service, const char *region, uint64_t hash)
{
	for (size_t i = hash & t->mask;; i = (i + 1) & t->mask) {
		const struct target *at;

		if (t->table[i] == 0)
			return &t->table[i];
		at = &t->target[t->table[i] - 1];
		if (at->hash == hash && strcmp(at->service, service) == 0 &&
		    strcmp(at->region, region) == 0)
			return &t->table[i];
	}
}

/* Take the next slot for the pair; the maximum when there is none. */
static uint32_t
add(struct targets *t, const char *service, const char *region, uint64_t hash)
{
	struct target *new;

	if (t->n == t->max)
		return t->max;
	new = &t->target[t->n];
	new->service = strdup(service);
	new->region = strdup(region);
	if (new->service == NULL || new->region == NULL) {
		free(new->service);
		free(new->region);
		memset(new, 0, sizeof(*new));
		return t->max;
	}
	new->hash = hash;
	return t->n++;
}

uint32_t
targets_slot(void *context, const char *service, const char *region)
{
	struct targets *t = context;
	uint32_t *place, slot;
	uint64_t hash;

	if (region == NULL)
		region = "";
	hash = hash_bytes(
	    region, strlen(region), hash_bytes(service, strlen(service), 0));
	pthread_mutex_lock(&t->lock);
	place = find(t, service, region, hash);
	if (*place != 0) {
		slot = *place - 1;
	} else {
		slot = add(t, service, region, hash);
		if (slot < t->max)
			*place = slot + 1;
	}
	pthread_mutex_unlock(&t->lock);
	return slot;
}

uint32_t
targets_count(struct targets *t)
{
	uint32_t n;

	pthread_mutex_lock(&t->lock);
	n = t->n;
	pthread_mutex_unlock(&t->lock);
	return n;
}

void
targets_name(
    struct targets *t, uint32_t slot, const char **service, const char **region)
{
	pthread_mutex_lock(&t->lock);
	*service = t->target[slot].service;
	*region = t->target[slot].region;
	pthread_mutex_unlock(&t->lock);
}
