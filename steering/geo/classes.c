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

/* All regions of the key as a rule of the rank has them. */
struct class_order {
	uint8_t regions[STEERING_MAX_REGIONS];
};

/* The regions of ${list}, and those that it does not name by index. */
static void
fill_order(const struct classes *c, const uint32_t *list, size_t n_list,
    struct class_order *order)
{
	uint64_t left = c->key->regions;
	unsigned n = 0;

	for (size_t i = 0; i < n_list; i++) {
		if (left >> list[i] & 1)
			order->regions[n++] = (uint8_t)list[i];
		left &= ~(UINT64_C(1) << list[i]);
	}
	for (size_t i = 0; i < c->ranker.n_regions; i++)
		if (left >> c->ranker.by_index[i] & 1)
			order->regions[n++] = c->ranker.by_index[i];
}

/* The rules of the rank.  0, or -1 without memory. */
static int
init_orders(struct classes *c)
{
	static const struct clients_config everyone = {.everyone = true};
	const struct service_config *service = c->key->service;
	bool listed = service->rank == RANK_LISTED;
	size_t n = service->rank == RANK_RULES ? service->n_orders : listed;

	if (matchers_init(&c->rank_clients, n) != 0)
		return -1;
	c->orders = calloc(n + 1, sizeof(*c->orders));
	if (c->orders == NULL)
		return -1;
	if (listed) {
		fill_order(
		    c, service->listed, service->n_listed, &c->orders[0]);
		return matchers_set(&c->rank_clients, 0, &everyone);
	}
	for (size_t i = 0; i < n; i++) {
		const struct order_config *order = &service->orders[i];

		fill_order(c, order->regions, order->n_regions, &c->orders[i]);
		if (matchers_set(&c->rank_clients, i, &order->clients) != 0)
			return -1;
	}
	return 0;
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
	return ranker_init(&c->ranker, key) == 0 && init_fences(c) == 0 &&
		init_orders(c) == 0
	    ? 0
	    : -1;
}

void
classes_finish(struct classes *c)
{
	matchers_finish(&c->fence_clients);
	matchers_finish(&c->rank_clients);
	ranker_finish(&c->ranker);
	free(c->fences);
	free(c->orders);
	intern_finish(&c->list);
}

uint8_t
classes_rule(const struct classes *c, const struct place *place,
    const struct nesting *nesting)
{
	return matchers_find(&c->fence_clients, place, nesting);
}

uint8_t
classes_order(const struct classes *c, const struct place *place,
    const struct nesting *nesting)
{
	return matchers_find(&c->rank_clients, place, nesting);
}

/* What the fence leaves of the regions of the key. */
static struct class_fence
fence_of(const struct classes *c, const struct place *place,
    const struct nesting *nesting)
{
	uint8_t rule = classes_rule(c, place, nesting);
	struct class_fence all = {c->key->regions, c->key->regions};

	return rule != MAP_NO_RULE ? c->fences[rule] : all;
}

/* The order of ${regions}. */
static void
rank_regions(const struct classes *c, const struct place *place,
    const struct nesting *nesting, uint32_t row, uint64_t regions,
    struct ranking *out)
{
	uint8_t rule = classes_order(c, place, nesting);

	if (rule == MAP_NO_RULE) {
		ranking_make(&c->ranker, place, row, regions, out);
		return;
	}
	out->latency = NULL;
	out->n = 0;
	for (unsigned i = 0; i < c->ranker.n_regions; i++)
		if (regions >> c->orders[rule].regions[i] & 1) {
			out->regions[out->n] = (struct standing){
			    .region = c->orders[rule].regions[i],
			    .band = out->n};
			out->n++;
		}
}

void
classes_rank(const struct classes *c, const struct place *place,
    const struct nesting *nesting, uint32_t row, struct ranking *out)
{
	rank_regions(
	    c, place, nesting, row, fence_of(c, place, nesting).lifted, out);
}

/* Regions that no step of the ladder may reach come last, by index: with
 * another order they would make two classes of clients that get the same
 * answers, and scopes narrower than need be. */
uint32_t
classes_number(struct classes *c, const struct place *place,
    const struct nesting *nesting, uint32_t row)
{
	const struct class_fence fence = fence_of(c, place, nesting);
	struct client_class class = {
	    .inside = fence.inside, .lifted = fence.lifted};
	struct ranking ranking;

	rank_regions(c, place, nesting, row, fence.lifted, &ranking);
	for (unsigned i = 0; i < ranking.n; i++)
		class.order[class.n++] = ranking.regions[i].region;
	for (unsigned i = 0; i < c->ranker.n_regions; i++)
		if (!(class.lifted >> c->ranker.by_index[i] & 1))
			class.order[class.n++] = c->ranker.by_index[i];
	return intern_number(&c->list, &class);
}
