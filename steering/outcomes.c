/*
 * Slots for counters, by service and region.  Called at load and by the pages,
 * under a lock that no worker takes.
 */
#include "steering/outcomes.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

struct outcome {
	char *service, *region;
	uint64_t hash;
};

struct outcomes {
	pthread_mutex_t lock;
	struct outcome *outcome;
	uint32_t n, max;
	/* Open addressing over 2 * max places; a place holds slot + 1. */
	uint32_t *table;
	size_t mask;
};

struct outcomes *
outcomes_create(uint32_t max)
{
	struct outcomes *o = calloc(1, sizeof(*o));
	size_t places = 16;

	if (o == NULL)
		return NULL;
	while (places < 2 * (size_t)max)
		places *= 2;
	o->max = max;
	o->mask = places - 1;
	o->outcome = calloc(max, sizeof(*o->outcome));
	o->table = calloc(places, sizeof(*o->table));
	pthread_mutex_init(&o->lock, NULL);
	if (o->outcome == NULL || o->table == NULL) {
		outcomes_destroy(o);
		return NULL;
	}
	return o;
}

void
outcomes_destroy(struct outcomes *o)
{
	if (o == NULL)
		return;
	for (uint32_t i = 0; o->outcome != NULL && i < o->n; i++) {
		free(o->outcome[i].service);
		free(o->outcome[i].region);
	}
	pthread_mutex_destroy(&o->lock);
	free(o->outcome);
	free(o->table);
	free(o);
}

/* The place of the pair in the table, or the free one where it belongs. */
static uint32_t *
find(struct outcomes *o, const char *service, const char *region, uint64_t hash)
{
	for (size_t i = hash & o->mask;; i = (i + 1) & o->mask) {
		const struct outcome *at;

		if (o->table[i] == 0)
			return &o->table[i];
		at = &o->outcome[o->table[i] - 1];
		if (at->hash == hash && strcmp(at->service, service) == 0 &&
		    strcmp(at->region, region) == 0)
			return &o->table[i];
	}
}

/* Take the next slot for the pair; the maximum when there is none. */
static uint32_t
add(struct outcomes *o, const char *service, const char *region, uint64_t hash)
{
	struct outcome *new;

	if (o->n == o->max)
		return o->max;
	new = &o->outcome[o->n];
	new->service = strdup(service);
	new->region = strdup(region);
	if (new->service == NULL || new->region == NULL) {
		free(new->service);
		free(new->region);
		memset(new, 0, sizeof(*new));
		return o->max;
	}
	new->hash = hash;
	return o->n++;
}

uint32_t
outcomes_slot(void *context, const char *service, const char *region)
{
	struct outcomes *o = context;
	uint32_t *place, slot;
	uint64_t hash;

	if (region == NULL)
		region = "";
	hash = hash_bytes(
	    region, strlen(region), hash_bytes(service, strlen(service), 0));
	pthread_mutex_lock(&o->lock);
	place = find(o, service, region, hash);
	if (*place != 0) {
		slot = *place - 1;
	} else {
		slot = add(o, service, region, hash);
		if (slot < o->max)
			*place = slot + 1;
	}
	pthread_mutex_unlock(&o->lock);
	return slot;
}

uint32_t
outcomes_count(struct outcomes *o)
{
	uint32_t n;

	pthread_mutex_lock(&o->lock);
	n = o->n;
	pthread_mutex_unlock(&o->lock);
	return n;
}

void
outcomes_name(struct outcomes *o, uint32_t slot, const char **service,
    const char **region)
{
	pthread_mutex_lock(&o->lock);
	*service = o->outcome[slot].service;
	*region = o->outcome[slot].region;
	pthread_mutex_unlock(&o->lock);
}
