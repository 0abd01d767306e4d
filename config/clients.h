/*
 * Which clients a rule of a steering file has: what is written after
 * `clients:`, as plain data.  Part of the rules in config/steering.h; applied
 * by steering/geo/classes.
 */
#ifndef CONFIG_CLIENTS_H
#define CONFIG_CLIENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/errbuf.h"

/* US-CA: a subdivision of a country. */
struct subdivision_config {
	char country[3];
	uint16_t code; /* of config/subdivision.h */
};

/* A city by its number at GeoNames; or all cities of a name in a country or in
 * a subdivision of it. */
struct city_config {
	uint32_t geoname; /* 0: by its name */
	char country[3];
	uint16_t subdivision; /* 0: any */
	const char *name;
};

/* All that is at most so far away. */
struct circle_config {
	double latitude, longitude; /* degrees */
	uint32_t km;
};

/*
 * Clients that match any of the lists; or everyone; or those of whom nobody
 * knows whether another of the rules has them, since their country is not
 * known: neither country nor continent is, or only the continent and some rule
 * names countries of it.
 */
struct clients_config {
	struct mark at;
	bool everyone; /* clients: all; the lists are empty then */
	bool unknown;  /* clients: unknown; the same */
	char (*continents)[3];
	size_t n_continents;
	char (*countries)[3];
	size_t n_countries;
	const uint32_t *unions; /* numbers of config/union.h */
	size_t n_unions;
	const struct subdivision_config *subdivisions;
	size_t n_subdivisions;
	const struct city_config *cities;
	size_t n_cities;
	const struct circle_config *near;
	size_t n_near;
	const uint32_t *networks; /* indexes into networks */
	size_t n_networks;
	const uint32_t *asns;
	size_t n_asns;
};

#endif
