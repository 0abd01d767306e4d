/* Cities interned by number and name.  Called by the reader of records; reads
 * no file. */
#include "steering/geo/cities.h"

#include <stdalign.h>
#include <string.h>

#include "base/hash.h"

/* As many cities as GeoNames has places of all kinds have room. */
#define CITIES_MAX ((size_t)512 << 20)

static uint64_t
hash_city(const void *member)
{
	const struct city *city = *(const struct city *const *)member;

	return hash_bytes(city->name, strlen(city->name), city->geoname);
}

static bool
equal_cities(const void *left, const void *right)
{
	const struct city *a = *(const struct city *const *)left;
	const struct city *b = *(const struct city *const *)right;

	return a->geoname == b->geoname && strcmp(a->name, b->name) == 0;
}

static const struct intern_kind kind_city = {
    .size = sizeof(const struct city *),
    .max = INTERN_NONE,
    .hash = hash_city,
    .equal = equal_cities,
};

int
cities_init(struct cities *cities)
{
	intern_init(&cities->list, &kind_city);
	cities->arena = arena_create(CITIES_MAX);
	return cities->arena != NULL ? 0 : -1;
}

void
cities_settle(struct cities *cities)
{
	intern_finish(&cities->list);
	intern_init(&cities->list, &kind_city);
}

void
cities_finish(struct cities *cities)
{
	intern_finish(&cities->list);
	arena_destroy(cities->arena);
	cities->arena = NULL;
}

uint32_t
cities_number(
    struct cities *cities, uint32_t geoname, const char *name, size_t len)
{
	alignas(struct city) char room[sizeof(struct city) + CITY_NAME_MAX + 1];
	struct city *city = (struct city *)room, *copy;
	uint32_t number;

	city->geoname = geoname;
	memcpy(city->name, name, len);
	city->name[len] = '\0';
	number = intern_find(&cities->list, &city);
	if (number != INTERN_NONE)
		return number;
	copy = arena_alloc(cities->arena, sizeof(*copy) + len + 1);
	if (copy == NULL)
		return INTERN_NONE;
	memcpy(copy, city, sizeof(*copy) + len + 1);
	return intern_number(&cities->list, &copy);
}

const struct city *
cities_at(const struct cities *cities, uint32_t number)
{
	return ((const struct city *const *)cities->list.members)[number];
}
