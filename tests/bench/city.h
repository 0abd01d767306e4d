/*
 * Makes a database as large as MaxMind's City, from a seed: for benchmarks and
 * for whoever wants to see what a City database costs without having one.
 * Called by tests/bench/make-city.c.
 */
#ifndef TESTS_BENCH_CITY_H
#define TESTS_BENCH_CITY_H

#include <stddef.h>
#include <stdint.h>

#include "steering/geo/geography.h"

struct city_counts {
	size_t networks[2]; /* of IPv4 and of IPv6 */
	size_t records;     /* distinct ones */
	size_t cities;
	size_t nodes, bytes;
};

/*
 * city_write(countries, seed, path, counts): write a database of the layout of
 * GeoLite2-City to ${path}: the allocations are those of ${countries}, where
 * the countries of the world are as they are; what lies inside them comes from
 * ${seed}, the same each time.  Writes to ${counts} what it made.  No memory,
 * or a file that cannot be written, ends the program.
 */
void city_write(const struct geography *countries, uint64_t seed,
    const char *path, struct city_counts *counts);

#endif
