/*
 * Slots for counters, by service and region.  Called at load and by the pages,
 * under a lock that no worker takes.
 */
#include "steering/outcomes.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/intern.h"

/* The names of one outcome: at most 1,004 octets of a service's, as text with
 * escapes, and a region's; an arena needs a little more. */
#define OUTCOME_BYTES 2048

struct outcome {
	const char *service, *region;
};

struct outcomes {
	pthread_mutex_t lock;
	struct arena *names;
	struct intern_kind kind;
	struct intern table; /* struct outcome, by slot */
};

static uint64_t
hash_outcome(const void *member)
{
	const struct outcome *o = member;

	return hash_bytes(o->region, strlen(o->region),
	    hash_bytes(o->service, strlen(o->service), 0));
}

static bool
same_outcome(const void *a, const void *b)
{
	const struct outcome *left = a, *right = b;

	return strcmp(left->service, right->service) == 0 &&
	    strcmp(left->region, right->region) == 0;
}

struct outcomes *
outcomes_create(uint32_t max)
{
	struct outcomes *o = calloc(1, sizeof(*o));

	if (o == NULL)
		return NULL;
	o->names = arena_create((size_t)max * OUTCOME_BYTES);
	if (o->names == NULL) {
		free(o);
		return NULL;
	}
	o->kind = (struct intern_kind){
	    .size = sizeof(struct outcome),
	    .max = max,
	    .hash = hash_outcome,
	    .equal = same_outcome,
	};
	intern_init(&o->table, &o->kind);
	pthread_mutex_init(&o->lock, NULL);
	return o;
}

void
outcomes_destroy(struct outcomes *o)
{
	if (o == NULL)
		return;
	pthread_mutex_destroy(&o->lock);
	intern_finish(&o->table);
	arena_destroy(o->names);
	free(o);
}

/* A slot for the names of ${given}, which are copied; INTERN_NONE when there is
 * none. */
static uint32_t
add(struct outcomes *o, const struct outcome *given)
{
	struct outcome new;

	if (o->table.n == o->kind.max)
		return INTERN_NONE;
	new.service = arena_strdup(o->names, given->service);
	new.region = arena_strdup(o->names, given->region);
	if (new.service == NULL || new.region == NULL)
		return INTERN_NONE;
	return intern_number(&o->table, &new);
}

uint32_t
outcomes_slot(void *context, const char *service, const char *region)
{
	const struct outcome given = {service, region != NULL ? region : ""};
	struct outcomes *o = context;
	uint32_t slot;

	pthread_mutex_lock(&o->lock);
	slot = intern_find(&o->table, &given);
	if (slot == INTERN_NONE)
		slot = add(o, &given);
	pthread_mutex_unlock(&o->lock);
	return slot != INTERN_NONE ? slot : (uint32_t)o->kind.max;
}

uint32_t
outcomes_count(struct outcomes *o)
{
	size_t n;

	pthread_mutex_lock(&o->lock);
	n = o->table.n;
	pthread_mutex_unlock(&o->lock);
	return (uint32_t)n;
}

void
outcomes_name(struct outcomes *o, uint32_t slot, const char **service,
    const char **region)
{
	const struct outcome *outcome;

	pthread_mutex_lock(&o->lock);
	outcome = (const struct outcome *)o->table.members + slot;
	*service = outcome->service;
	*region = outcome->region;
	pthread_mutex_unlock(&o->lock);
}
