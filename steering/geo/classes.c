/*
 * Fence rules and rank applied to places.  Called when a map is made, once for
 * each distinct place and nesting of networks; never by a worker.
 */
#include "steering/geo/classes.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

/* What a rule of the fence leaves of the regions of the key: others have no
 * endpoint of the service. */
struct class_fence {
	uint64_t inside, lifted;
};

/* Move the last of ${order}[0..n] to its place among the others, by ${cost};
 * after those that cost as much, so that ties stay in the order before. */
static void
sort_last(uint8_t *order, unsigned n, const uint32_t *cost)
{
	uint8_t region = order[n];

	for (; n > 0 && cost[order[n - 1]] > cost[region]; n--)
		order[n] = order[n - 1];
	order[n] = region;
}

/* Regions by name, by index, and as listed with the others after those. */
static void
order_regions(struct classes *c)
{
	const struct steering_config *config = c->key->config;
	const struct service_config *service = c->key->service;
	uint64_t left = c->key->regions;
	unsigned n = 0, k;

	for (size_t i = 0; i < config->n_regions; i++) {
		if (!(c->key->regions >> i & 1))
			continue;
		for (k = n; k > 0 &&
		     strcmp(config->regions[c->by_name[k - 1]].name,
			 config->regions[i].name) > 0;
		     k--)
			c->by_name[k] = c->by_name[k - 1];
		c->by_name[k] = (uint8_t)i;
		c->by_index[n++] = (uint8_t)i;
	}
	c->n_regions = (uint8_t)n;
	n = 0;
	for (size_t i = 0;
	     service->rank == RANK_LISTED && i < service->n_listed; i++) {
		uint32_t region = service->listed[i];

		if (left >> region & 1)
			c->by_rank[n++] = (uint8_t)region;
		left &= ~(UINT64_C(1) << region);
	}
	for (size_t i = 0; i < c->n_regions; i++)
		if (left >> c->by_index[i] & 1)
			c->by_rank[n++] = c->by_index[i];
}

static uint64_t
hash_class(const void *member)
{
	const struct client_class *class = member;
	uint64_t seed =
	    hash_mix(hash_mix(class->inside, class->lifted), class->n);

	return hash_bytes(class->order, class->n, seed);
}

static bool
equal_classes(const void *left, const void *right)
{
	const struct client_class *a = left, *b = right;

	return a->inside == b->inside && a->lifted == b->lifted &&
	    a->n == b->n && memcmp(a->order, b->order, a->n) == 0;
}

static const struct intern_kind kind_class = {
    .size = sizeof(struct client_class),
    .max = MAP_MAX_CLASSES,
    .hash = hash_class,
    .equal = equal_classes,
};

/* The rules of the fence.  0, or -1 without memory. */
static int
init_fences(struct classes *c)
{
	const struct service_config *service = c->key->service;

	if (matchers_init(&c->fence_clients, service->n_fences) != 0)
		return -1;
	c->fences = calloc(service->n_fences + 1, sizeof(*c->fences));
	if (c->fences == NULL)
		return -1;
	for (size_t i = 0; i < service->n_fences; i++) {
		const struct fence_config *fence = &service->fences[i];
		uint64_t inside = fence->regions & c->key->regions;

		c->fences[i].inside = inside;
		c->fences[i].lifted = fence->hard ? inside : c->key->regions;
		if (matchers_set(&c->fence_clients, i, &fence->clients) != 0)
			return -1;
	}
	return 0;
}

int
classes_init(struct classes *c, const struct map_key *key)
{
	*c = (struct classes){.key = key};
	intern_init(&c->list, &kind_class);
	if (init_fences(c) != 0)
		return -1;
	order_regions(c);
	return 0;
}

void
classes_finish(struct classes *c)
{
	matchers_finish(&c->fence_clients);
	free(c->fences);
	intern_finish(&c->list);
}

/* What each region costs ${place}: distance times (100 - bias), in hundredths
 * of a kilometre, so that the distance alone is rounded. */
static void
weigh(const struct classes *c, const struct place *place, uint32_t *cost)
{
	for (unsigned i = 0; i < c->n_regions; i++) {
		const struct region_config *r =
		    &c->key->config->regions[c->by_index[i]];

		cost[c->by_index[i]] =
		    place_distance_km(place->latitude, place->longitude,
			r->latitude, r->longitude) *
		    (uint32_t)(100 - r->bias);
	}
}

/* The order of all regions of the key.  Those that no step of the ladder may
 * reach come last, by index: with another order they would make two classes of
 * clients that get the same answers, and scopes narrower than need be. */
static void
rank_regions(const struct classes *c, const struct place *place,
    struct client_class *class)
{
	uint32_t cost[STEERING_MAX_REGIONS] = {0};
	const uint8_t *from = c->by_rank;

	if (c->key->service->rank == RANK_NEAREST && place->has_position) {
		weigh(c, place, cost);
		from = c->by_name;
	}
	for (unsigned i = 0; i < c->n_regions; i++)
		if (class->lifted >> from[i] & 1) {
			class->order[class->n] = from[i];
			sort_last(class->order, class->n++, cost);
		}
	for (unsigned i = 0; i < c->n_regions; i++)
		if (!(class->lifted >> c->by_index[i] & 1))
			class->order[class->n++] = c->by_index[i];
}

uint8_t
classes_rule(const struct classes *c, const struct place *place,
    const struct nesting *nesting)
{
	return matchers_find(&c->fence_clients, place, nesting);
}

uint32_t
classes_number(
    struct classes *c, const struct place *place, const struct nesting *nesting)
{
	struct client_class class = {
	    .inside = c->key->regions, .lifted = c->key->regions};
	uint8_t rule = classes_rule(c, place, nesting);

	if (rule != MAP_NO_RULE) {
		class.inside = c->fences[rule].inside;
		class.lifted = c->fences[rule].lifted;
	}
	rank_regions(c, place, &class);
	return intern_number(&c->list, &class);
}
