/*
 * What maps cost: loads a database and makes maps for some numbers of regions,
 * without a fence, and some by measured round trips and with bands, and prints
 * CPU time, leaves, classes and bytes of each, and the time of a lookup as a
 * factor of that of a read at random in as many bytes.  Both are chains in
 * which each address depends on what was found before, as no two lookups of a
 * server are under way at once.  Fails on no figure.  `make bench-map` calls
 * it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/hash.h"
#include "config/country.h"
#include "steering/geo/latency.h"
#include "steering/geo/map.h"

#define LOOKUPS 1000000
#define ROUNDS 3

/* Where people run servers; a map of n regions has the first n. */
static const double cities[STEERING_MAX_REGIONS][2] = {{39.0, -77.5},
    {53.3, -6.3}, {1.4, 103.8}, {-23.5, -46.6}, {37.4, -122.0}, {50.1, 8.7},
    {35.7, 139.7}, {-33.9, 151.2}, {19.1, 72.9}, {-26.2, 28.0}, {45.5, -73.6},
    {25.3, 55.3}, {40.0, -83.0}, {45.8, -119.7}, {51.5, -0.1}, {48.9, 2.4},
    {59.3, 18.1}, {45.5, 9.2}, {40.4, -3.7}, {47.4, 8.5}, {34.7, 135.5},
    {37.6, 127.0}, {22.3, 114.2}, {-6.2, 106.8}, {17.4, 78.5}, {-37.8, 145.0},
    {26.1, 50.6}, {32.1, 34.8}, {51.0, -114.1}, {20.6, -100.4}, {41.9, -87.6},
    {32.8, -96.8}, {33.7, -84.4}, {39.7, -105.0}, {47.6, -122.3}, {25.8, -80.2},
    {4.7, -74.1}, {-34.6, -58.4}, {-33.4, -70.7}, {-12.0, -77.0}, {52.4, 4.9},
    {52.2, 21.0}, {55.7, 12.6}, {60.2, 24.9}, {48.2, 16.4}, {38.7, -9.1},
    {37.98, 23.7}, {41.0, 29.0}, {30.0, 31.2}, {6.5, 3.4}, {-1.3, 36.8},
    {33.6, -7.6}, {24.7, 46.7}, {25.0, 121.5}, {13.8, 100.5}, {14.6, 121.0},
    {21.0, 105.8}, {3.1, 101.7}, {12.97, 77.6}, {23.8, 90.4}, {43.2, 76.9},
    {-36.8, 174.8}, {-31.95, 115.9}, {21.3, -157.9}};

static double
cpu_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double
peak_mb(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)usage.ru_maxrss / 1024;
}

/* ns of a lookup of a random IPv4 address; ${chain} keeps the work. */
static double
time_lookups(const struct map *map, uint64_t *chain)
{
	double began = cpu_s();

	for (unsigned i = 0; i < LOOKUPS; i++) {
		uint64_t h = *chain = hash_mix(*chain, i);
		struct address a = {.family = 4};
		struct map_leaf leaf;

		memcpy(a.bytes, &h, 4);
		map_lookup(map, &a, &leaf);
		*chain += leaf.depth + map_leaf_depth(&leaf, 1);
	}
	return (cpu_s() - began) / LOOKUPS * 1e9;
}

/* The same of a read at random; and, with no bytes, of the chain alone. */
static double
time_reads(const uint8_t *data, size_t bytes, uint64_t *chain)
{
	double began = cpu_s();

	for (unsigned i = 0; i < LOOKUPS; i++) {
		uint64_t h = *chain = hash_mix(*chain, i);

		if (bytes > 0)
			*chain += data[(h >> 32) * bytes >> 32];
	}
	return (cpu_s() - began) / LOOKUPS * 1e9;
}

static void
print_lookups(const struct map *map)
{
	size_t bytes = map_size(map).bytes;
	uint8_t *data = malloc(bytes);
	double lookup = 1e9, read = 1e9, none = 1e9;
	uint64_t chain = 1;

	if (data == NULL)
		exit(1);
	memset(data, 1, bytes);
	for (unsigned i = 0; i < ROUNDS; i++) {
		double t = time_lookups(map, &chain);

		lookup = t < lookup ? t : lookup;
		t = time_reads(data, bytes, &chain);
		read = t < read ? t : read;
		t = time_reads(data, 0, &chain);
		none = t < none ? t : none;
	}
	printf(", a lookup %.2f reads%s\n", (lookup - none) / (read - none),
	    chain == 0 ? "." : "");
	free(data);
}

/* The first cities as regions, and a service that has all of them. */
struct bench {
	struct region_config regions[STEERING_MAX_REGIONS];
	char names[STEERING_MAX_REGIONS][4];
	struct service_config service;
	struct steering_config config;
	struct map_key key;
};

static void
bench_init(struct bench *b, size_t n_regions)
{
	*b = (struct bench){.service.name = "bench"};
	b->config = (struct steering_config){.regions = b->regions,
	    .n_regions = n_regions,
	    .services = &b->service,
	    .n_services = 1};
	b->key = (struct map_key){.config = &b->config,
	    .service = &b->service,
	    .regions = UINT64_MAX >> (64 - n_regions)};
	for (size_t i = 0; i < n_regions; i++) {
		snprintf(b->names[i], sizeof(b->names[i]), "r%zu", i);
		b->regions[i] = (struct region_config){.name = b->names[i],
		    .latitude = cities[i][0],
		    .longitude = cities[i][1]};
	}
}

static void
print_map(const struct geography *geo, const struct bench *b, const char *what,
    struct errbuf *eb)
{
	struct map_set *set = map_set_create(geo);
	double began = cpu_s();
	const struct map *map =
	    set != NULL ? map_set_add(set, &b->key, eb) : NULL;
	struct map_size size;

	if (map == NULL) {
		printf(
		    "%2zu regions%s: %s", b->config.n_regions, what, eb->text);
		errbuf_init(eb);
		map_set_destroy(set);
		return;
	}
	size = map_size(map);
	printf("%2zu regions%s: %.2f s, %zu leaves, %zu classes, %.1f MB kept",
	    b->config.n_regions, what, cpu_s() - began, size.leaves,
	    size.classes, (double)size.bytes / 1e6);
	print_lookups(map);
	map_set_destroy(set);
}

/* A table at its largest: prefixes of /24 and of /48 all over the address
 * space, and all countries, each to all regions. */
#define PREFIXES 100000
#define MEASURED 12

static void
add_row(struct latency_builder *builder, struct latency_entry *e, uint64_t row,
    const struct bench *b)
{
	for (uint64_t i = 0; i < MEASURED; i++) {
		e->region = b->names[i];
		e->rtt_us = (uint32_t)(1000 + hash_mix(row, i) % 250000);
		e->samples = 10;
		if (latency_add(builder, e) != 0)
			exit(1);
	}
}

static struct latency *
make_table(const struct bench *b)
{
	struct latency_builder *builder = latency_begin();
	struct latency_entry e = {.kind = LATENCY_COUNTRY};
	uint64_t row = 0;

	if (builder == NULL)
		exit(1);
	for (int first = 'A'; first <= 'Z'; first++)
		for (int second = 'A'; second <= 'Z' && row < 250; second++) {
			e.country[0] = (char)first;
			e.country[1] = (char)second;
			if (country_find(e.country) != NULL)
				add_row(builder, &e, row++, b);
		}
	for (e.kind = LATENCY_PREFIX; row < PREFIXES + 250; row++) {
		uint64_t h = hash_mix(row, 9);

		e.prefix = (struct prefix){.address.family = 4, .length = 24};
		if (row % 10 == 0) {
			e.prefix.address.family = 6;
			e.prefix.length = 48;
		}
		memcpy(e.prefix.address.bytes, &h, 6);
		if (row % 10 == 0)
			e.prefix.address.bytes[0] = 0x20 | (h & 0xf);
		address_mask(&e.prefix.address, e.prefix.length);
		add_row(builder, &e, row, b);
	}
	return latency_end(builder);
}

/* By distance, and what is near equal in order by its name. */
static void
print_near(const struct geography *geo, struct errbuf *eb)
{
	static struct bench b;

	bench_init(&b, MEASURED);
	b.service.near_kind = NEAR_SHARE;
	b.service.near_equal = 150000;
	print_map(geo, &b, ", 15 % near equal", eb);
	b.service.near_kind = NEAR_WAY;
	b.service.near_equal = 1000;
	print_map(geo, &b, ", 1000 km near equal", eb);
}

static void
print_measured(const struct geography *geo, struct errbuf *eb)
{
	static struct bench b;
	double began = cpu_s();
	struct latency_size size;
	struct latency *latency;

	bench_init(&b, MEASURED);
	latency = make_table(&b);
	if (latency == NULL)
		exit(1);
	size = latency_size(latency);
	printf("a table: %.2f s, %zu rows of %zu prefixes, %zu round trips, "
	       "%.1f MB\n",
	    cpu_s() - began, size.rows, size.prefixes, size.cells,
	    (double)size.bytes / 1e6);
	b.key.latency = latency;
	b.service.rank = RANK_LATENCY;
	print_map(geo, &b, " by round trip", eb);
	b.service.near_kind = NEAR_SHARE;
	b.service.near_equal = 500000;
	print_map(geo, &b, " by round trip, 50 % near equal", eb);
	latency_destroy(latency);
}

int
main(int argc, char **argv)
{
	static const struct mark at = {"bench", 1, 1};
	const char *path = argc == 2 ? argv[1] : NULL;
	static struct bench b;
	struct geography *geo;
	struct errbuf eb;
	double began = cpu_s();

	if (path == NULL) {
		fprintf(stderr, "usage: map DATABASE\n");
		return 2;
	}
	errbuf_init(&eb);
	geo = geography_load(&path, &at, 1, NULL, &eb);
	if (geo == NULL) {
		fprintf(stderr, "map: %s\n", eb.text);
		return 1;
	}
	printf("%s: %.2f s, %zu places, %.0f MB at its peak\n", path,
	    cpu_s() - began, geography_places(geo), peak_mb());
	for (size_t n = 1; n <= STEERING_MAX_REGIONS; n++)
		if (n == 2 || n == 4 || n == 12 || n == 30 || n == 64) {
			bench_init(&b, n);
			print_map(geo, &b, "", &eb);
		}
	print_near(geo, &eb);
	print_measured(geo, &eb);
	printf("%.0f MB at the peak of all\n", peak_mb());
	geography_destroy(geo);
	return 0;
}
