/*
 * Builds maps from geography, networks and policy, shares them between services
 * of equal policy, and looks clients up in them.  Workers call map_lookup()
 * only: it allocates nothing and uses no floating point.
 */
#include "steering/geo/map.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/u64map.h"
#include "steering/geo/nestings.h"
#include "steering/geo/classes.h"
#include "steering/geo/depths.h"
#include "steering/geo/mapkey.h"
#include "steering/geo/lookup_table.h"
#include "steering/geo/private.h"

/*
 * Special values of leaves, beside the numbers of classes: where addresses
 * stand for IPv4, and where they are private and in no network.  They are no
 * class, so that such a leaf is joined with its equals alone.  A private leaf
 * has the length of its block in its value.
 */
#define RESERVED (UINT32_MAX - 1)
#define PRIVATE (UINT32_MAX - 256)
/* Set in the number of a nesting inside a private block: geography counts for
 * nothing there, whatever a database says. */
#define NO_GEOGRAPHY (UINT32_C(1) << 31)

/* What a map knows of a leaf. */
struct value {
	uint32_t class;
	uint8_t depth;
	uint8_t private_length; /* as in struct map_leaf */
	struct depths less;     /* of the prefixes that agree in less */
};

struct map {
	struct client_class *classes;
	struct value *values; /* by the number that a leaf has */
	size_t n_classes, n_values;
	struct lookup_table ipv4, ipv6;
	int64_t built_us;
};

struct map_set {
	const struct geography *geo;
	struct mapkeys keys; /* of the maps, by number */
	struct map **maps;
	size_t n, size;
};

struct build {
	const struct geography *geo;
	const struct map_key *key;
	struct nestings nestings;
	struct classes classes;
	/* Classes of places that are in no network, or U64MAP_NONE, and those
	 * of places (above) and nestings, as they are asked for. */
	uint32_t *outside;
	struct u64map pairs;
	struct intern values; /* distinct ones of leaves */
	bool failed;          /* no class for some pair */
};

static uint64_t
hash_value(const void *member)
{
	const struct value *v = member;
	uint64_t bits = v->depth;

	for (unsigned k = 0; k < DEPTHS; k++)
		bits = bits << 8 | v->less.bits[k];
	return hash_mix(v->class, bits << 8 | v->private_length);
}

static bool
equal_values(const void *left, const void *right)
{
	const struct value *a = left, *b = right;

	return a->class == b->class && a->depth == b->depth &&
	    a->private_length == b->private_length &&
	    memcmp(&a->less, &b->less, sizeof(a->less)) == 0;
}

static const struct intern_kind kind_value = {
    .size = sizeof(struct value),
    .max = LOOKUP_TABLE_GROUP,
    .hash = hash_value,
    .equal = equal_values,
};

static void
map_destroy(struct map *map)
{
	if (map == NULL)
		return;
	lookup_table_finish(&map->ipv4);
	lookup_table_finish(&map->ipv6);
	free(map->values);
	free(map->classes);
	free(map);
}

static bool
is_special(uint32_t value)
{
	return value >= PRIVATE;
}

/* The class of clients at a place of geography in a nesting of networks that
 * was not asked for before. */
static uint32_t
find_class(struct build *b, uint32_t place_number, uint32_t nesting_number)
{
	const struct nesting *nesting =
	    nestings_at(&b->nestings, nesting_number);
	struct place place = *geography_place(b->geo, place_number);
	uint32_t class;

	for (unsigned i = 0; i < nesting->n; i++)
		network_move(
		    &b->key->config->networks[nesting->networks[i]], &place);
	class = classes_number(&b->classes, &place, nesting);
	b->failed = class == INTERN_NONE;
	return class;
}

/* The class of clients at a place of geography in a nesting of networks. */
static uint32_t
class_of(struct build *b, uint32_t place, uint32_t nesting)
{
	uint64_t pair = (uint64_t)place << 32 | nesting;
	uint32_t class = nesting == NESTING_EMPTY ? b->outside[place]
						  : u64map_get(&b->pairs, pair);

	if (class != U64MAP_NONE || b->failed)
		return class;
	class = find_class(b, place, nesting);
	if (nesting == NESTING_EMPTY)
		b->outside[place] = class;
	else if (u64map_add(&b->pairs, pair, class) != 0)
		b->failed = true;
	return class;
}

/* The same from the values of covers: ${nesting} is that of join_special(). */
static uint32_t
join_class(void *context, uint32_t place, uint32_t nesting)
{
	if (is_special(nesting))
		return nesting;
	if (nesting & NO_GEOGRAPHY)
		return class_of(
		    context, PLACE_UNKNOWN, nesting & ~NO_GEOGRAPHY);
	return class_of(context, place, nesting);
}

static uint32_t
enter_special(void *context, uint32_t around, uint32_t value)
{
	(void)context;
	(void)around;
	return value;
}

/* The nesting ${nesting} in a place that is special or, as 0, is not. */
static uint32_t
join_special(void *context, uint32_t nesting, uint32_t special)
{
	(void)context;
	if (special == 0)
		return nesting;
	if (special != RESERVED && nesting != NESTING_EMPTY)
		return nesting | NO_GEOGRAPHY;
	return special;
}

/* The special prefixes of one family, at most 16; returns how many. */
static size_t
special_prefixes(int family, struct cover_leaf *out)
{
	const struct prefix *block;
	size_t n = 0;

	if (family == 6) {
		/* ::ffff:0:0/96 and 2002::/16 stand for IPv4. */
		out[n++] = (struct cover_leaf){.lo = UINT64_C(0xffff) << 32,
		    .depth = 96,
		    .value = RESERVED};
		out[n++] = (struct cover_leaf){.hi = UINT64_C(0x2002) << 48,
		    .depth = 16,
		    .value = RESERVED};
	}
	for (size_t i = 0; (block = private_block(i)) != NULL; i++) {
		if (block->address.family != family)
			continue;
		out[n].depth = block->length;
		out[n].value = PRIVATE + block->length;
		cover_key(&block->address, &out[n].hi, &out[n].lo);
		n++;
	}
	return n;
}

/* The cover of nestings of one family, special prefixes cut out of it. */
static int
cover_nestings(
    struct build *b, const bool *wanted, int family, struct cover *out)
{
	struct cover_leaf prefixes[16];
	size_t n = special_prefixes(family, prefixes);
	struct cover special, nestings;
	int status;

	cover_init(&special, MAP_MAX_LEAVES);
	cover_init(&nestings, MAP_MAX_LEAVES);
	status = nestings_cover(&b->nestings, wanted, family, &nestings);
	if (status == 0)
		status =
		    cover_nest(prefixes, n, 0, enter_special, NULL, &special);
	if (status == 0)
		status =
		    cover_overlay(&nestings, &special, join_special, NULL, out);
	cover_finish(&special);
	cover_finish(&nestings);
	return status;
}

/* The cover of class numbers of one family. */
static int
cover_classes(
    struct build *b, const bool *wanted, int family, struct cover *out)
{
	struct cover nestings;
	int status;

	cover_init(&nestings, MAP_MAX_LEAVES);
	status = cover_nestings(b, wanted, family, &nestings);
	if (status == 0)
		status = cover_overlay(geography_cover(b->geo, family),
		    &nestings, join_class, b, out);
	cover_finish(&nestings);
	return status;
}

/* The number of what is known of ${leaf}, or INTERN_NONE.  Clients in reserved
 * leaves are looked up as IPv4, so any class does: that of clients of whom
 * nothing is known, as in private leaves. */
static uint32_t
value_number(
    struct build *b, const struct cover_leaf *leaf, const struct depths *less)
{
	struct value value = {
	    .class = leaf->value, .depth = leaf->depth, .less = *less};

	if (is_special(leaf->value)) {
		value.class = class_of(b, PLACE_UNKNOWN, NESTING_EMPTY);
		if (leaf->value != RESERVED)
			value.private_length = (uint8_t)(leaf->value - PRIVATE);
	}
	return intern_number(&b->values, &value);
}

/* Put the numbers of what is known of leaves in place of those of classes.  Few
 * leaves differ in all of it, so that a number for each takes less room. */
static int
number_values(struct build *b, struct cover *cover)
{
	struct depths *depths =
	    depths_create(cover, b->classes.list.members, b->classes.list.n);
	int status = depths != NULL ? 0 : -1;

	for (size_t i = 0; i < cover->n && status == 0; i++) {
		struct cover_leaf *leaf = &cover->leaves[i];

		leaf->value = value_number(b, leaf, &depths[i]);
		if (leaf->value == INTERN_NONE)
			status = -1;
	}
	free(depths);
	return status;
}

/* The table of one family: its cover, as workers search it. */
static int
fill_table(
    struct build *b, const bool *wanted, int family, struct lookup_table *table)
{
	struct cover cover;
	int status;

	cover_init(&cover, MAP_MAX_LEAVES);
	status = cover_classes(b, wanted, family, &cover);
	if (status == 0)
		status = number_values(b, &cover);
	if (status == 0)
		status = lookup_table_init(table, &cover, family);
	cover_finish(&cover);
	return b->failed ? -1 : status;
}

/* Say why the map of the key could not be made.  Returns -1. */
static int
explain_failure(const struct build *b, struct errbuf *eb)
{
	const struct service_config *service = b->key->service;
	const struct network_config *crowded = b->nestings.crowded;

	if (crowded != NULL)
		return errbuf_error(eb, &crowded->at,
		    "network %s: an address in it lies in more than %d of the "
		    "networks that matter to service %s",
		    crowded->name, PLACE_NETWORKS, service->name);
	if (b->classes.list.n == MAP_MAX_CLASSES)
		return errbuf_error(eb, &service->at,
		    "service %s: its fences and rank tell more than %d classes "
		    "of clients apart: give it fewer regions, or fewer AS "
		    "numbers and networks in its rules",
		    service->name, MAP_MAX_CLASSES);
	return errbuf_error(eb, &service->at,
	    "service %s: its map needs more than %d prefixes, or more memory "
	    "than there is: give it fewer regions, or shorter prefixes in its "
	    "networks",
	    service->name, MAP_MAX_LEAVES);
}

/* Microseconds of a clock that never jumps: a map may take less than one of
 * base/clock's milliseconds. */
static int64_t
now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Both tables, and the classes and values that they share. */
static int
fill_map(struct build *b, const bool *wanted, struct map *map)
{
	if (fill_table(b, wanted, 4, &map->ipv4) != 0 ||
	    fill_table(b, wanted, 6, &map->ipv6) != 0)
		return -1;
	map->n_classes = b->classes.list.n;
	map->classes = intern_take(&b->classes.list);
	map->n_values = b->values.n;
	map->values = intern_take(&b->values);
	return map->classes != NULL && map->values != NULL ? 0 : -1;
}

/* 0, or -1 without memory; build_finish() is needed in either case. */
static int
build_init(struct build *b)
{
	size_t places = geography_places(b->geo);

	u64map_init(&b->pairs);
	intern_init(&b->values, &kind_value);
	if (nestings_init(&b->nestings, b->key->config) != 0 ||
	    classes_init(&b->classes, b->key) != 0)
		return -1;
	b->outside = calloc(places, sizeof(*b->outside));
	if (b->outside == NULL)
		return -1;
	for (size_t i = 0; i < places; i++)
		b->outside[i] = U64MAP_NONE;
	return 0;
}

static void
build_finish(struct build *b)
{
	classes_finish(&b->classes);
	nestings_finish(&b->nestings);
	intern_finish(&b->values);
	u64map_finish(&b->pairs);
	free(b->outside);
}

/* The map of ${key}, or NULL with an error of the service. */
static struct map *
map_build(const struct geography *geo, const struct map_key *key,
    const bool *wanted, struct errbuf *eb)
{
	struct build b = {.geo = geo, .key = key};
	struct map *map = calloc(1, sizeof(*map));
	int64_t began = now_us();

	if (build_init(&b) == 0 && map != NULL &&
	    fill_map(&b, wanted, map) == 0) {
		map->built_us = now_us() - began;
	} else {
		explain_failure(&b, eb);
		map_destroy(map);
		map = NULL;
	}
	build_finish(&b);
	return map;
}

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
		map_destroy(set->maps[i]);
	free(set->maps);
	mapkeys_finish(&set->keys);
	free(set);
}

void
map_set_seal(struct map_set *set)
{
	set->geo = NULL;
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

/* The map with ${number}.  A map that failed is tried again, so that each
 * service that needs it has its own error. */
static const struct map *
numbered_map(struct map_set *set, uint32_t number, const struct map_key *key,
    const bool *wanted, struct errbuf *eb)
{
	if (number == set->n)
		set->maps[set->n++] = NULL;
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

int
map_rule(const struct geography *geo, const struct map_key *key,
    const struct address *address, uint8_t *rule, uint8_t *order)
{
	const struct steering_config *config = key->config;
	bool *wanted = calloc(config->n_networks + 1, sizeof(*wanted));
	struct nesting nesting = {.n = 0};
	struct classes classes;
	struct place place;
	size_t index = 0;
	int depth = -1, status = classes_init(&classes, key);

	if (wanted == NULL)
		status = -1;
	if (status != 0)
		goto out;
	mapkey_networks(key, wanted);
	(void)map_place(geo, config, address, &place, NULL, 0);
	/* No map is made where an address lies in more of the wanted ones. */
	while (next_network(config, address, &depth, &index))
		if (wanted[index] && nesting.n < PLACE_NETWORKS)
			nesting.networks[nesting.n++] = (uint16_t)index;
	*rule = classes_rule(&classes, &place, &nesting);
	*order = classes_order(&classes, &place, &nesting);
out:
	classes_finish(&classes);
	free(wanted);
	return status;
}
