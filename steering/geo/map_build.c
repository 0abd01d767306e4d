/*
 * Makes one map: geography, networks and policy laid over one another, classes
 * numbered, leaves joined, and the table that workers search.  Called by map.c,
 * at load time.
 */
#include "steering/geo/map_build.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/hash.h"
#include "base/intern.h"
#include "base/u64map.h"
#include "steering/geo/classes.h"
#include "steering/geo/latency.h"
#include "steering/geo/nestings.h"
#include "base/private.h"

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

/* What decides of an address beside geography, as one number: the networks it
 * is in, and the row of its longest prefix in the table of round trips.
 * Without a table it is the number of the nesting. */
struct around {
	uint32_t nesting, row;
};

/* The number of what is around an address in no network and no row. */
#define AROUND_NOTHING NESTING_EMPTY

struct build {
	const struct geography *geo;
	const struct map_key *key;
	struct nestings nestings;
	struct classes classes;
	const struct latency *latency; /* NULL: it takes no part */
	struct intern arounds;         /* with a table: struct around */
	/* Classes of places with nothing around, or U64MAP_NONE, and those of
	 * places (above) and what is around, as they are asked for. */
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

struct map *
map_share(struct map *map)
{
	atomic_fetch_add(&map->owners, 1);
	return map;
}

void
map_release(struct map *map)
{
	if (map == NULL || atomic_fetch_sub(&map->owners, 1) > 1)
		return;
	lookup_table_finish(&map->ipv4);
	lookup_table_finish(&map->ipv6);
	free(map->values);
	free(map->classes);
	free(map);
}

static uint64_t
hash_around(const void *member)
{
	const struct around *around = member;

	return hash_mix(around->nesting, around->row);
}

static bool
equal_arounds(const void *left, const void *right)
{
	const struct around *a = left, *b = right;

	return a->nesting == b->nesting && a->row == b->row;
}

static const struct intern_kind kind_around = {
    .size = sizeof(struct around),
    .max = NO_GEOGRAPHY / 2,
    .hash = hash_around,
    .equal = equal_arounds,
};

static bool
is_special(uint32_t value)
{
	return value >= PRIVATE;
}

static struct around
around_at(const struct build *b, uint32_t number)
{
	if (b->latency == NULL)
		return (struct around){number, LATENCY_NONE};
	return ((const struct around *)b->arounds.members)[number];
}

/* The class of clients at a place of geography, with that around them, that was
 * not asked for before. */
static uint32_t
find_class(struct build *b, uint32_t place_number, uint32_t around_number)
{
	const struct around around = around_at(b, around_number);
	const struct nesting *nesting =
	    nestings_at(&b->nestings, around.nesting);
	struct place place = *geography_place(b->geo, place_number);
	uint32_t class;

	for (unsigned i = 0; i < nesting->n; i++)
		network_move(
		    &b->key->config->networks[nesting->networks[i]], &place);
	class = classes_number(&b->classes, &place, nesting, around.row);
	b->failed = class == INTERN_NONE;
	return class;
}

/* The class of clients at a place of geography with that around them. */
static uint32_t
class_of(struct build *b, uint32_t place, uint32_t around)
{
	uint64_t pair = (uint64_t)place << 32 | around;
	uint32_t class = around == AROUND_NOTHING ? b->outside[place]
						  : u64map_get(&b->pairs, pair);

	if (class != U64MAP_NONE || b->failed)
		return class;
	class = find_class(b, place, around);
	if (around == AROUND_NOTHING)
		b->outside[place] = class;
	else if (u64map_add(&b->pairs, pair, class) != 0)
		b->failed = true;
	return class;
}

/* The same from the values of covers: ${around} is that of join_special() or
 * join_row(). */
static uint32_t
join_class(void *context, uint32_t place, uint32_t around)
{
	if (is_special(around))
		return around;
	if (around & NO_GEOGRAPHY)
		return class_of(context, PLACE_UNKNOWN, around & ~NO_GEOGRAPHY);
	return class_of(context, place, around);
}

/* What is around an address in the nesting that join_special() has, and in row
 * ${row} - 1 of the table, or in none as 0. */
static uint32_t
join_row(void *context, uint32_t nesting, uint32_t row)
{
	struct build *b = context;
	const struct around around = {
	    nesting & ~NO_GEOGRAPHY, row > 0 ? row - 1 : LATENCY_NONE};
	uint32_t number;

	if (is_special(nesting) || b->failed)
		return nesting;
	number = intern_number(&b->arounds, &around);
	b->failed = number == INTERN_NONE;
	return number | (nesting & NO_GEOGRAPHY);
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

/* The cover of what is around the addresses of one family. */
static int
cover_arounds(
    struct build *b, const bool *wanted, int family, struct cover *out)
{
	struct cover nestings, rows;
	int status;

	if (b->latency == NULL)
		return cover_nestings(b, wanted, family, out);
	cover_init(&nestings, MAP_MAX_LEAVES);
	cover_init(&rows, MAP_MAX_LEAVES);
	status = cover_nestings(b, wanted, family, &nestings);
	if (status == 0)
		status = latency_cover(b->latency, family, &rows);
	if (status == 0)
		status = cover_overlay(&nestings, &rows, join_row, b, out);
	cover_finish(&nestings);
	cover_finish(&rows);
	return status;
}

/* The cover of class numbers of one family. */
static int
cover_classes(
    struct build *b, const bool *wanted, int family, struct cover *out)
{
	struct cover arounds;
	int status;

	cover_init(&arounds, MAP_MAX_LEAVES);
	status = cover_arounds(b, wanted, family, &arounds);
	if (status == 0)
		status = cover_overlay(geography_cover(b->geo, family),
		    &arounds, join_class, b, out);
	cover_finish(&arounds);
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
		value.class = class_of(b, PLACE_UNKNOWN, AROUND_NOTHING);
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
		    "numbers and networks in its rules%s",
		    service->name, MAP_MAX_CLASSES,
		    b->latency != NULL ? ", or measure fewer prefixes" : "");
	return errbuf_error(eb, &service->at,
	    "service %s: its map needs more than %d prefixes, or more memory "
	    "than there is: give it fewer regions, or shorter prefixes in its "
	    "networks%s",
	    service->name, MAP_MAX_LEAVES,
	    b->latency != NULL ? ", or measure fewer prefixes" : "");
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
	intern_init(&b->arounds, &kind_around);
	if (nestings_init(&b->nestings, b->key->config) != 0 ||
	    classes_init(&b->classes, b->key) != 0)
		return -1;
	b->latency = b->classes.ranker.latency;
	if (b->latency != NULL &&
	    intern_number(
		&b->arounds, &(struct around){NESTING_EMPTY, LATENCY_NONE}) !=
		AROUND_NOTHING)
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
	intern_finish(&b->arounds);
	u64map_finish(&b->pairs);
	free(b->outside);
}

struct map *
map_build(const struct geography *geo, const struct map_key *key,
    const bool *wanted, struct errbuf *eb)
{
	struct build b = {.geo = geo, .key = key};
	struct map *map = calloc(1, sizeof(*map));
	int64_t began = now_us();

	if (map != NULL)
		atomic_init(&map->owners, 1);
	if (build_init(&b) == 0 && map != NULL &&
	    fill_map(&b, wanted, map) == 0) {
		map->built_us = now_us() - began;
	} else {
		explain_failure(&b, eb);
		map_release(map);
		map = NULL;
	}
	build_finish(&b);
	return map;
}
