/*
 * Compiles where the clients of a pool with `spill` are counted: each class of
 * the map has the counter of the regions that its clients try for that pool, in
 * their order, so that a query adds one to one number.  Called for each member
 * of a service; counts nothing.
 */
#include "steering/policy_build.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "steering/demand.h"

/* Numbers of the distinct classes for a pool, by class of the map. */
struct kinds {
	struct demand set;
	uint32_t *number;
	struct demand_pool pool;
};

/* Each of the ${n} ${classes}. */
static void
tell_apart(struct kinds *k, const struct client_class *classes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct demand_class class;

		demand_class_of(&classes[i], &k->pool, &class);
		k->number[i] = demand_number(&k->set, &class);
	}
}

/* The counter of class number ${number}. */
static uint32_t
slot_of(const struct policy_build *b, const struct policy_service *service,
    const char *zone, const struct policy_pool *pool,
    const struct demand_class *class)
{
	const struct policy_outcomes *o = b->outcomes;
	char text[STATE_ZONE];
	uint32_t slot;

	if (class->n == 0)
		return 0;
	demand_class_write(class, service->config, text);
	slot = o->slot(o->demand, zone, pool->name, text);
	return slot < o->max_demand ? slot + 1 : 0;
}

/* The counters by class of the map, of which there are ${n}; NULL without
 * memory. */
static const uint32_t *
find_slots(struct policy_build *b, const struct policy_service *service,
    const char *zone, const struct policy_pool *pool, const struct kinds *k,
    size_t n)
{
	const struct demand_class *classes = k->set.classes.members;
	uint32_t slots[DEMAND_CLASSES];
	uint32_t *by_class = arena_array(b->arena, n, sizeof(*by_class));

	if (by_class == NULL)
		return NULL;
	for (size_t i = 0; i < k->set.classes.n; i++)
		slots[i] = slot_of(b, service, zone, pool, &classes[i]);
	for (size_t i = 0; i < n; i++)
		if (k->number[i] < k->set.classes.n)
			by_class[i] = slots[k->number[i]];
	return by_class;
}

static int
count_pool(struct policy_build *b, const struct policy_service *service,
    const char *zone, struct policy_pool *pool)
{
	struct policy_demand *demand =
	    arena_array(b->arena, 1, sizeof(*demand));
	struct kinds k;
	size_t n;
	int rc = -1;

	if (demand == NULL)
		return -1;
	demand->classes = map_classes(service->map, &n);
	demand_pool_init(
	    &k.pool, service->config, pool->regions, demand->classes, n);
	k.number = calloc(n + 1, sizeof(*k.number));
	if (k.number == NULL)
		return -1;
	demand_init(&k.set);
	tell_apart(&k, demand->classes, n);
	demand->slot = find_slots(b, service, zone, pool, &k, n);
	if (demand->slot != NULL) {
		pool->demand = demand;
		rc = 0;
	}
	demand_finish(&k.set);
	free(k.number);
	return rc;
}

/* Whether clients of ${member} are counted. */
static bool
is_counted(const struct policy_build *b, const struct policy_service *service,
    uint32_t m)
{
	const struct steering_config *config = service->config;
	const struct split_config *split =
	    &config->services[service->config_index].split[m];

	return b->outcomes != NULL && b->outcomes->demand != NULL &&
	    split->weight > 0 && config->pools[split->pool].spill.wanted;
}

int
policy_demand_build(
    struct policy_build *b, const char *zone, struct policy_service *service)
{
	struct policy_member *members = NULL;
	size_t n = service->n_members;

	for (unsigned m = 0; m < n; m++) {
		if (!is_counted(b, service, m))
			continue;
		if (members == NULL) {
			members = arena_array(b->arena, n, sizeof(*members));
			if (members == NULL)
				return policy_out_of_memory(b);
			memcpy(members, service->members, n * sizeof(*members));
			service->members = members;
		}
		if (count_pool(b, service, zone, &members[m].pool) != 0)
			return policy_out_of_memory(b);
	}
	return 0;
}
