/*
 * Shares maps between services of equal policy, and looks clients up in them.
 * Workers call map_lookup() only: it allocates nothing and uses no floating
 * point.
 */
#include "steering/geo/map.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "steering/geo/classes.h"
#include "steering/geo/map_build.h"
#include "steering/geo/mapkey.h"
#include "steering/geo/nestings.h"
#include "base/private.h"

struct map_set {
	const struct geography *geo;
	const struct latency *latency;
	struct map_set *before; /* whose maps may be taken over, or NULL */
	struct mapkeys keys;    /* of the maps, by number */
	struct map **maps;
	size_t n, size;
};

struct map_set *
map_set_create(const struct geography *geo)
{
	struct map_set *set = calloc(1, sizeof(*set));

	if (set == NULL)
		return NULL;
	set->geo = geo;
	mapkeys_init(&set->keys);
	return set;
}

void
map_set_destroy(struct map_set *set)
{
	if (set == NULL)
		return;
	for (size_t i = 0; i < set->n; i++)
		map_release(set->maps[i]);
	free(set->maps);
	mapkeys_finish(&set->keys);
	free(set);
}

void
map_set_measure(struct map_set *set, const struct latency *latency)
{
	set->latency = latency;
}

void
map_set_inherit(struct map_set *set, struct map_set *before)
{
	set->before = before;
}

const struct latency *
map_set_latency(const struct map_set *set)
{
	return set->latency;
}

void
map_set_seal(struct map_set *set)
{
	set->geo = NULL;
	set->before = NULL;
}

/* Room for one more map.  0, or -1 without memory. */
static int
make_room(struct map_set *set)
{
	struct map **maps = array_grow(
	    set->maps, set->n, &set->size, sizeof(*maps), INTERN_NONE);

	if (maps == NULL)
		return -1;
	set->maps = maps;
	return 0;
}

/* The map of ${key} that the set before has, shared; NULL when it has none, or
 * one of other round trips. */
static struct map *
inherited_map(
    const struct map_set *set, const struct map_key *key, const bool *wanted)
{
	struct map_set *before = set->before;
	uint32_t number;

	if (before == NULL || key->service->rank == RANK_LATENCY)
		return NULL;
	number = mapkeys_number(&before->keys, key, wanted);
	if (number >= before->n || before->maps[number] == NULL)
		return NULL;
	return map_share(before->maps[number]);
}

/* The map with ${number}.  A map that failed is tried again, so that each
 * service that needs it has its own error. */
static const struct map *
numbered_map(struct map_set *set, uint32_t number, const struct map_key *key,
    const bool *wanted, struct errbuf *eb)
{
	if (number == set->n)
		set->maps[set->n++] = NULL;
	if (set->maps[number] == NULL)
		set->maps[number] = inherited_map(set, key, wanted);
	if (set->maps[number] == NULL)
		set->maps[number] = map_build(set->geo, key, wanted, eb);
	return set->maps[number];
}

/* The same of a set that is sealed, which others look at meanwhile. */
static const struct map *
sealed_map(const struct map_set *set, uint32_t number,
    const struct map_key *key, struct errbuf *eb)
{
	if (number < set->n && set->maps[number] != NULL)
		return set->maps[number];
	errbuf_error(eb, &key->service->at,
	    "service %s: no geography to make its map from",
	    key->service->name);
	return NULL;
}

const struct map *
map_set_add(struct map_set *set, const struct map_key *key, struct errbuf *eb)
{
	bool *wanted = calloc(key->config->n_networks + 1, sizeof(*wanted));
	bool sealed = set->geo == NULL;
	const struct map *map = NULL;
	uint32_t number = INTERN_NONE;

	if (wanted != NULL && (sealed || make_room(set) == 0)) {
		mapkey_networks(key, wanted);
		number = mapkeys_number(&set->keys, key, wanted);
	}
	if (number == INTERN_NONE)
		errbuf_error(eb, &key->service->at,
		    "service %s: no memory for its map", key->service->name);
	else
		map = sealed ? sealed_map(set, number, key, eb)
			     : numbered_map(set, number, key, wanted, eb);
	free(wanted);
	return map;
}

static uint64_t
eight_bytes(const uint8_t *p)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < 8; i++)
		n = n << 8 | p[i];
	return n;
}

void
map_lookup(
    const struct map *map, const struct address *client, struct map_leaf *leaf)
{
	const struct lookup_table *t =
	    client->family == 4 ? &map->ipv4 : &map->ipv6;
	uint64_t hi = eight_bytes(client->bytes);
	const struct value *value = &map->values[client->family == 4
		? lookup_table_find_ipv4(t, (uint32_t)(hi >> 32))
		: lookup_table_find_ipv6(
		      t, hi, eight_bytes(client->bytes + 8))];

	leaf->class = &map->classes[value->class];
	leaf->depth = value->depth;
	leaf->private_length = value->private_length;
	leaf->set = value->less.bits[DEPTHS_SET];
	memcpy(leaf->places, value->less.bits, sizeof(leaf->places));
}

const struct client_class *
map_classes(const struct map *map, size_t *n)
{
	*n = map->n_classes;
	return map->classes;
}

struct map_size
map_size(const struct map *map)
{
	return (struct map_size){
	    .maps = 1,
	    .leaves = map->ipv4.n + map->ipv6.n,
	    .classes = map->n_classes,
	    .bytes = sizeof(*map) + map->n_classes * sizeof(*map->classes) +
		map->n_values * sizeof(*map->values) + map->ipv4.bytes +
		map->ipv6.bytes,
	    .built_us = map->built_us,
	};
}

struct map_size
map_set_size(const struct map_set *set)
{
	struct map_size all = {.maps = 0};

	for (size_t i = 0; i < set->n; i++) {
		struct map_size one;

		if (set->maps[i] == NULL)
			continue;
		one = map_size(set->maps[i]);
		all.maps += one.maps;
		all.leaves += one.leaves;
		all.classes += one.classes;
		all.bytes += one.bytes;
		all.built_us += one.built_us;
	}
	return all;
}

/* The bits of the most specific prefix of ${network} around ${address}, or -1.
 */
static int
network_depth(
    const struct network_config *network, const struct address *address)
{
	int depth = -1;

	for (size_t i = 0; i < network->n_prefixes; i++)
		if (network->prefixes[i].length > depth &&
		    prefix_contains(&network->prefixes[i], address))
			depth = network->prefixes[i].length;
	return depth;
}

/*
 * The next network around ${address} in the order in which they move its place,
 * each over those before it: from the least to the most specific, and of two
 * that are as specific the first in the file last.  ${depth} (-1 at first) and
 * ${index} are those of the last call.  False when there are no more.
 */
static bool
next_network(const struct steering_config *config,
    const struct address *address, int *depth, size_t *index)
{
	int best = -1, last = *depth;
	size_t last_index = *index;

	for (size_t i = config->n_networks; i-- > 0;) {
		int d = network_depth(&config->networks[i], address);

		if (d < last || (d == last && i >= last_index) ||
		    (best >= 0 && d >= best))
			continue;
		best = *depth = d;
		*index = i;
	}
	return best >= 0;
}

size_t
map_place(const struct geography *geo, const struct steering_config *config,
    const struct address *address, struct place *out, uint32_t *networks,
    size_t max)
{
	uint64_t hi, lo;
	size_t n = 0, index = 0;
	int depth = -1;

	cover_key(address, &hi, &lo);
	*out = *geography_place(geo,
	    private_block_around(address) != NULL
		? PLACE_UNKNOWN
		: cover_find(geography_cover(geo, address->family), hi, lo)
		      ->value);
	if (out->located)
		out->accuracy_km =
		    (uint16_t)geography_accuracy_km(geo, address);
	while (next_network(config, address, &depth, &index)) {
		network_move(&config->networks[index], out);
		if (max == 0)
			continue;
		if (n < max)
			n++;
		memmove(networks + 1, networks, (n - 1) * sizeof(*networks));
		networks[0] = (uint32_t)index;
	}
	return n;
}

/* What decides of an address: its place, moved by networks, and those of them
 * that matter to the key. */
struct spot {
	struct place place;
	struct nesting nesting;
};

/* 0, or -1 without memory. */
static int
find_spot(const struct geography *geo, const struct map_key *key,
    const struct address *address, struct spot *spot)
{
	const struct steering_config *config = key->config;
	bool *wanted = calloc(config->n_networks + 1, sizeof(*wanted));
	size_t index = 0;
	int depth = -1;

	if (wanted == NULL)
		return -1;
	spot->nesting.n = 0;
	mapkey_networks(key, wanted);
	(void)map_place(geo, config, address, &spot->place, NULL, 0);
	/* No map is made where an address lies in more of the wanted ones. */
	while (next_network(config, address, &depth, &index))
		if (wanted[index] && spot->nesting.n < PLACE_NETWORKS)
			spot->nesting.networks[spot->nesting.n++] =
			    (uint16_t)index;
	free(wanted);
	return 0;
}

int
map_rule(const struct geography *geo, const struct map_key *key,
    const struct address *address, uint8_t *rule, uint8_t *order)
{
	struct classes classes;
	struct spot spot;
	int status = classes_init(&classes, key);

	if (status == 0)
		status = find_spot(geo, key, address, &spot);
	if (status == 0) {
		*rule = classes_rule(&classes, &spot.place, &spot.nesting);
		*order = classes_order(&classes, &spot.place, &spot.nesting);
	}
	classes_finish(&classes);
	return status;
}

/* Inside a private block what is measured counts in networks alone, as maps
 * have it. */
static uint32_t
row_around(const struct ranker *ranker, const struct spot *spot,
    const struct address *address)
{
	if (ranker->latency == NULL ||
	    (spot->nesting.n == 0 && private_block_around(address) != NULL))
		return LATENCY_NONE;
	return latency_around(ranker->latency, address);
}

int
map_ranking(const struct geography *geo, const struct map_key *key,
    const struct address *address, struct ranking *out)
{
	struct classes classes;
	struct spot spot;
	int status = classes_init(&classes, key);

	if (status == 0)
		status = find_spot(geo, key, address, &spot);
	if (status == 0)
		classes_rank(&classes, &spot.place, &spot.nesting,
		    row_around(&classes.ranker, &spot, address), out);
	classes_finish(&classes);
	return status;
}
