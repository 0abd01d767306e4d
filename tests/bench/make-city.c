/*
 * Writes the City-sized database of tests/bench/city.h and prints what is in
 * it.  Run by the benchmarks' rules, or by hand.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/city.h"

int
main(int argc, char **argv)
{
	struct city_counts counts;
	struct geography *countries;
	struct errbuf eb;
	const char *path;

	if (argc != 4) {
		fprintf(stderr, "usage: make-city COUNTRIES SEED OUT\n");
		return 2;
	}
	errbuf_init(&eb);
	path = argv[1];
	countries = geography_load(&path, NULL, 1, NULL, &eb);
	if (countries == NULL) {
		fprintf(stderr, "make-city: %s\n", eb.text);
		return 1;
	}
	city_write(countries, strtoull(argv[2], NULL, 10), argv[3], &counts);
	geography_destroy(countries);
	printf("%zu networks (%zu of IPv4, %zu of IPv6), %zu records, "
	       "%zu cities, %zu nodes, %zu bytes\n",
	    counts.networks[0] + counts.networks[1], counts.networks[0],
	    counts.networks[1], counts.records, counts.cities, counts.nodes,
	    counts.bytes);
	return 0;
}
