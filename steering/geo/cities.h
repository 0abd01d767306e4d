/*
 * Cities that databases name, each kept once.  Places point to them.  Made
 * while geography is read; then only looked at.
 */
#ifndef STEERING_GEO_CITIES_H
#define STEERING_GEO_CITIES_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/intern.h"

/* Bytes of a name; longer ones are as good as none. */
#define CITY_NAME_MAX 127

struct city {
	uint32_t geoname; /* its number at GeoNames, 0: not known */
	char name[];      /* in English, UTF-8; "": not known */
};

struct cities {
	struct arena *arena; /* that holds them */
	struct intern list;  /* of pointers to them */
};

/* cities_init(cities): none yet.  0, or -1 without memory; cities_finish() is
 * needed in either case. */
int cities_init(struct cities *cities);

/* cities_finish(cities): free them all. */
void cities_finish(struct cities *cities);

/* cities_settle(cities): there will be no more: free what only finds equal
 * ones. */
void cities_settle(struct cities *cities);

/* number = cities_number(cities, geoname, name, len): the number of the city
 * with that name of ${len} bytes, at most CITY_NAME_MAX and none of them NUL.
 * INTERN_NONE without memory. */
uint32_t cities_number(
    struct cities *cities, uint32_t geoname, const char *name, size_t len);

/* city = cities_at(cities, number): it lives as long as ${cities}. */
const struct city *cities_at(const struct cities *cities, uint32_t number);

#endif
