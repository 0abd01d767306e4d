/*
 * Numbers places, lays covers over one another, completes the result.  Called
 * by geography.c at load time; reads no file.
 */
#include "steering/geo/layers.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/hash.h"
#include "base/u64map.h"
#include "config/country.h"

/* The value of a mask where places stay; elsewhere they become unknown. */
#define MASK_KEEP 1

/* Field by field: padding between them has no certain value. */
static uint64_t
hash_place(const void *member)
{
	const struct place *place = member;
	double position[2] = {place->latitude, place->longitude};
	char rest[32] = "";

	memcpy(rest, place->continent, sizeof(place->continent));
	memcpy(rest + 4, place->country, sizeof(place->country));
	memcpy(rest + 8, &place->asn, sizeof(place->asn));
	rest[12] = (char)place->has_position;
	rest[13] = (char)place->located;
	memcpy(rest + 16, &place->city, sizeof(place->city));
	memcpy(rest + 24, place->subdivisions, sizeof(place->subdivisions));
	return hash_bytes(
	    position, sizeof(position), hash_bytes(rest, sizeof(rest), 0));
}

static bool
equal_places(const void *a, const void *b)
{
	return place_equal(a, b);
}

static const struct intern_kind kind_place = {
    .size = sizeof(struct place),
    .max = INTERN_NONE,
    .hash = hash_place,
    .equal = equal_places,
};

uint32_t
layers_number(struct layers *layers, const struct place *place)
{
	return intern_number(&layers->places, place);
}

const struct place *
layers_place(const struct layers *layers, uint32_t number)
{
	return (const struct place *)layers->places.members + number;
}

/* 0 has no position, 1 one whose accuracy nobody knows. */
uint16_t
layers_note(const struct place *place)
{
	return place->located ? (uint16_t)(place->accuracy_km + 1) : 0;
}

uint16_t
layers_accuracy_km(uint16_t note)
{
	return note > 0 ? (uint16_t)(note - 1) : 0;
}

int
layers_init(struct layers *layers, size_t max)
{
	const struct cover_leaf all = {.value = PLACE_UNKNOWN};
	const struct place unknown = {.asn = 0};

	intern_init(&layers->places, &kind_place);
	cover_init(&layers->ipv4, max);
	cover_init(&layers->ipv6, max);
	if (cities_init(&layers->cities) != 0 ||
	    layers_number(layers, &unknown) != PLACE_UNKNOWN ||
	    cover_append(&layers->ipv4, &all) != 0 ||
	    cover_append(&layers->ipv6, &all) != 0)
		return -1;
	return 0;
}

void
layers_finish(struct layers *layers)
{
	cities_finish(&layers->cities);
	intern_finish(&layers->places);
	cover_finish(&layers->ipv4);
	cover_finish(&layers->ipv6);
}

/* Joins the places of two covers; each pair is joined once. */
struct joiner {
	struct layers *layers;
	struct u64map pairs;
	bool failed;
};

static const char *
continent_of(const struct place *place)
{
	const struct country *country = country_find(place->country);

	return country != NULL && place->continent[0] == '\0'
	    ? country->continent
	    : place->continent;
}

static bool
differ(const char *a, const char *b)
{
	return a[0] != '\0' && b[0] != '\0' && strcmp(a, b) != 0;
}

/* Whether one city may be meant, as far as both say. */
static bool
cities_agree(const struct city *a, const struct city *b)
{
	if (a == NULL || b == NULL || a == b)
		return true;
	if (a->geoname != 0 && b->geoname != 0)
		return a->geoname == b->geoname;
	return strcasecmp(a->name, b->name) == 0;
}

/* Whether one place inside of a country may be meant. */
static bool
agree_inside(const struct place *a, const struct place *b)
{
	for (size_t i = 0; i < PLACE_SUBDIVISIONS; i++)
		if (a->subdivisions[i] != 0 && b->subdivisions[i] != 0 &&
		    a->subdivisions[i] != b->subdivisions[i])
			return false;
	return cities_agree(a->city, b->city);
}

/* Add to ${place} what only ${second} knows inside of their country. */
static void
merge_inside(struct place *place, const struct place *second)
{
	for (size_t i = 0; i < PLACE_SUBDIVISIONS; i++)
		if (place->subdivisions[i] == 0)
			place->subdivisions[i] = second->subdivisions[i];
	if (place->city == NULL)
		place->city = second->city;
	if (!place->has_position) {
		place->has_position = second->has_position;
		place->located = second->located;
		place->latitude = second->latitude;
		place->longitude = second->longitude;
	}
}

/* ${first}, and what only ${second} knows.  Nothing is taken of where the
 * client is from one that has it in another country or continent, and nothing
 * finer from one that has it in another subdivision or city: a country of the
 * one and a position of the other would be a place that none has. */
static struct place
merge(const struct place *first, const struct place *second)
{
	struct place place = *first;

	if (place.asn == 0)
		place.asn = second->asn;
	if (differ(first->country, second->country) ||
	    differ(continent_of(first), continent_of(second)))
		return place;
	if (place.country[0] == '\0')
		memcpy(place.country, second->country, sizeof(place.country));
	if (place.continent[0] == '\0')
		memcpy(place.continent, second->continent,
		    sizeof(place.continent));
	if (agree_inside(first, second))
		merge_inside(&place, second);
	return place;
}

/* Place ${a} with what only ${b}, below it, knows. */
static uint32_t
join_places(void *context, uint32_t a, uint32_t b)
{
	struct joiner *joiner = context;
	uint64_t pair = (uint64_t)a << 32 | b;
	struct place place;
	uint32_t number;

	if (joiner->failed || b == PLACE_UNKNOWN || a == b)
		return a;
	if (a == PLACE_UNKNOWN)
		return b;
	number = u64map_get(&joiner->pairs, pair);
	if (number != U64MAP_NONE)
		return number;
	place = merge(
	    layers_place(joiner->layers, a), layers_place(joiner->layers, b));
	number = layers_number(joiner->layers, &place);
	if (number == INTERN_NONE ||
	    u64map_add(&joiner->pairs, pair, number) != 0) {
		joiner->failed = true;
		return a;
	}
	return number;
}

/* Put what ${from} holds in the place of ${cover}. */
static void
move_cover(struct cover *cover, struct cover *from)
{
	cover_finish(cover);
	*cover = *from;
	cover_init(from, cover->max);
}

/* Lay ${below} under ${cover}; the first is alone. */
static int
lay_under(struct joiner *joiner, struct cover *cover, struct cover *below)
{
	struct cover both;

	if (cover->n == 1 && cover->leaves[0].value == PLACE_UNKNOWN) {
		move_cover(cover, below);
		return 0;
	}
	cover_init(&both, cover->max);
	if (cover_overlay(cover, below, join_places, joiner, &both) != 0 ||
	    joiner->failed) {
		cover_finish(&both);
		return -1;
	}
	move_cover(cover, &both);
	return 0;
}

int
layers_add(struct layers *layers, struct cover *ipv4, struct cover *ipv6)
{
	struct joiner joiner = {.layers = layers};
	int status;

	u64map_init(&joiner.pairs);
	status = lay_under(&joiner, &layers->ipv4, ipv4);
	if (status == 0)
		status = lay_under(&joiner, &layers->ipv6, ipv6);
	u64map_finish(&joiner.pairs);
	return status;
}

/* Numbers completed places as leaves have them, and so drops the others. */
struct completion {
	const struct layers *from;
	struct layers *to;
	uint32_t *numbers; /* of each place of ${from} */
	bool failed;
};

/* The number that place ${old} has among the completed ones. */
static uint32_t
complete_place(void *context, uint32_t old)
{
	struct completion *c = context;
	struct place place;

	if (c->failed)
		return PLACE_UNKNOWN;
	if (c->numbers[old] != INTERN_NONE)
		return c->numbers[old];
	place = *layers_place(c->from, old);
	place_complete(&place);
	c->numbers[old] = layers_number(c->to, &place);
	if (c->numbers[old] == INTERN_NONE)
		c->failed = true;
	return c->numbers[old];
}

static uint32_t
complete_masked(void *context, uint32_t old, uint32_t mask)
{
	return mask == MASK_KEEP ? complete_place(context, old) : PLACE_UNKNOWN;
}

static uint32_t
enter_mask(void *context, uint32_t around, uint32_t value)
{
	(void)context;
	(void)around;
	return value;
}

/* Write ${cover} to ${out} with completed places, unknown in ${n} prefixes. */
static int
complete_cover(struct completion *c, const struct cover *cover,
    struct cover_leaf *unknown, size_t n, struct cover *out)
{
	struct cover mask;
	int status;

	cover_finish(out);
	cover_init(&mask, cover->max);
	status = cover_nest(unknown, n, MASK_KEEP, enter_mask, NULL, &mask);
	if (status == 0)
		status = cover_overlay(cover, &mask, complete_masked, c, out);
	cover_finish(&mask);
	return c->failed ? -1 : status;
}

int
layers_complete(struct layers *layers)
{
	struct cover_leaf ipv4_inside[] = {
	    {.depth = 48}, {.hi = UINT64_C(0x2002) << 48, .depth = 16}};
	struct layers new;
	struct completion c = {.from = layers, .to = &new};
	int status = layers_init(&new, layers->ipv4.max);
	size_t n = layers->places.n;

	c.numbers = calloc(n, sizeof(*c.numbers));
	if (c.numbers == NULL)
		status = -1;
	for (size_t i = 0; i < n && status == 0; i++)
		c.numbers[i] = INTERN_NONE;
	if (status == 0) {
		move_cover(&new.ipv4, &layers->ipv4);
		cover_recode(&new.ipv4, complete_place, &c);
		status = complete_cover(
		    &c, &layers->ipv6, ipv4_inside, 2, &new.ipv6);
	}
	free(c.numbers);
	/* Places of the new layers point to the cities of the old. */
	cities_finish(&new.cities);
	new.cities = layers->cities;
	cities_settle(&new.cities);
	intern_finish(&layers->places);
	cover_finish(&layers->ipv4);
	cover_finish(&layers->ipv6);
	*layers = new;
	return status;
}
