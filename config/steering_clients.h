/*
 * Which clients a rule of a steering file has: what is written after
 * `clients:`, as plain data.  Part of the rules in config/steering.h; applied
 * by steering/geo/classes.
 */
#ifndef CONFIG_STEERING_CLIENTS_H
#define CONFIG_STEERING_CLIENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Clients that match any of the lists; or everyone; or those of whom nobody
 * knows whether another of the rules has them, since their country is not
 * known: neither country nor continent is, or only the continent and some rule
 * names countries of it.
 */
struct clients_config {
	bool everyone; /* clients: all; the lists are empty then */
	bool unknown;  /* clients: unknown; the same */
	char (*continents)[3];
	size_t n_continents;
	char (*countries)[3];
	size_t n_countries;
	const uint32_t *unions; /* numbers of config/union.h */
	size_t n_unions;
	const uint32_t *networks; /* indexes into networks */
	size_t n_networks;
	const uint32_t *asns;
	size_t n_asns;
};

#endif
