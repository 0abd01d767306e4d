/*
 * Tests the limits of maps: too many networks on an address, classes or leaves,
 * geography that is gone, and memory that is out at the n-th allocation, for
 * every n: each is an error that names the service, and nothing is left behind.
 * And the ends of the arrays that maps are made of.
 */
#include <check.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/hash.h"
#include "steering/geo/map.h"
#include "steering/geo/place.h"
#include "steering/geo/ranking.h"
#include "tests/unit/failing_memory.h"
#include "tests/unit/latency_entries.h"
#include "tests/unit/mmdb_writer.h"

#define REGIONS 64

/* A service of two regions at most, and the networks of a test. */
static struct region_config regions[REGIONS];
static struct service_config service;
static struct steering_config config;
static struct map_key key;
static struct geography *geo;
static struct errbuf eb;
static uint64_t seed;

static void
setup(void)
{
	errbuf_init(&eb);
	memset(regions, 0, sizeof(regions));
	for (size_t i = 0; i < REGIONS; i++)
		regions[i].name = "r";
	service = (struct service_config){
	    .name = "chat", .at = {"steering.yaml", 99, 1}};
	config = (struct steering_config){.regions = regions,
	    .n_regions = 2,
	    .services = &service,
	    .n_services = 1};
	key = (struct map_key){
	    .config = &config, .service = &service, .regions = 3};
	geo = geography_load(NULL, NULL, 0, NULL, &eb);
	ck_assert_ptr_nonnull(geo);
}

static void
teardown(void)
{
	geography_destroy(geo);
}

static double
below(uint32_t n)
{
	return (double)(hash_mix(seed++, 5) % n);
}

/* Networks of one prefix each, named "many", at lines 1 and on. */
static struct network_config *
networks_of(struct prefix *prefixes, size_t n)
{
	struct network_config *networks = calloc(n, sizeof(*networks));

	ck_assert_ptr_nonnull(networks);
	for (size_t i = 0; i < n; i++) {
		networks[i].name = "many";
		networks[i].at =
		    (struct mark){"steering.yaml", (unsigned)i + 1, 3};
		networks[i].prefixes = &prefixes[i];
		networks[i].n_prefixes = 1;
	}
	config.networks = networks;
	config.n_networks = n;
	return networks;
}

static void
assert_error(const char *text)
{
	ck_assert_msg(strstr(eb.text, text) != NULL, "%s", eb.text);
}

START_TEST(too_many_networks_on_an_address)
{
	enum { MANY = PLACE_NETWORKS + 1 };
	static struct prefix prefixes[MANY];
	struct network_config *networks = networks_of(prefixes, MANY);
	struct map_set *set = map_set_create(geo);

	for (unsigned i = 0; i < MANY; i++) {
		networks[i].asn = i + 1;
		prefixes[i].address.family = 4;
		prefixes[i].length = (uint8_t)i;
	}
	config.n_networks = MANY - 1;
	ck_assert_msg(map_set_add(set, &key, &eb) != NULL, "%s", eb.text);
	config.n_networks = MANY;
	ck_assert_ptr_null(map_set_add(set, &key, &eb));
	assert_error("steering.yaml:17:3: error: network many");
	assert_error("service chat");
	/* Each service is told. */
	ck_assert_ptr_null(map_set_add(set, &key, &eb));
	ck_assert_uint_eq(eb.errors, 2);
	map_set_destroy(set);
	free(networks);
}
END_TEST

/* Single IPv6 addresses far apart need a hundred leaves each. */
START_TEST(too_many_leaves)
{
	enum { MANY = 100000 };
	struct prefix *prefixes = calloc(MANY, sizeof(*prefixes));
	struct network_config *networks = networks_of(prefixes, 1);
	struct map_set *set = map_set_create(geo);

	for (unsigned i = 0; i < MANY; i++) {
		prefixes[i].address.family = 6;
		prefixes[i].length = 128;
		for (unsigned k = 0; k < 16; k++)
			prefixes[i].address.bytes[k] = (uint8_t)below(256);
	}
	networks[0].n_prefixes = MANY;
	networks[0].asn = 1;
	ck_assert_ptr_null(map_set_add(set, &key, &eb));
	assert_error("steering.yaml:99:1: error: service chat: its map needs "
		     "more than 8000000 prefixes");
	map_set_destroy(set);
	free(networks);
	free(prefixes);
}
END_TEST

/* A database in which each of ${n} /20, from 20.0.0.0 on, is somewhere else. */
static struct geography *
somewhere_each(uint32_t n)
{
	static const struct mark at = {"meridian.yaml", 1, 1};
	struct mmdb_writer *w =
	    mmdb_create_sized(6, 28, 4 * n + 256, (size_t)n * 64);
	char path[] = "/tmp/map_limitsXXXXXX", text[ADDRESS_TEXT];
	const char *paths[] = {path};
	struct geography *made;

	for (uint32_t i = 0; i < n; i++) {
		struct prefix p = {
		    {4,
			{(uint8_t)(20 + (i >> 12)), (uint8_t)(i >> 4),
			    (uint8_t)(i << 4)}},
		    20};

		mmdb_insert(w, prefix_format(&p, text), mmdb_here(w));
		mmdb_map(w, 2);
		mmdb_string(w, "latitude");
		mmdb_double(w, below(1800) / 10 - 90);
		mmdb_string(w, "longitude");
		mmdb_double(w, below(3600) / 10 - 180);
	}
	close(mkstemp(path));
	mmdb_save(w, path);
	made = geography_load(paths, &at, 1, NULL, &eb);
	ck_assert_msg(made != NULL, "%s", eb.text);
	unlink(path);
	return made;
}

/*
 * More classes than there may be: from each of many places 40 regions stand in
 * another order, and in each of those 62 rules tell AS numbers apart.  As many
 * as there may be, and more than 16 bits can number, are no error.
 */
START_TEST(too_many_classes)
{
	enum { RULES = 62, FEW = 2000, MANY = 9000 };
	struct prefix *prefixes = calloc(MANY * RULES, sizeof(*prefixes));
	struct network_config *networks = networks_of(prefixes, RULES);
	struct fence_config fences[RULES] = {0};
	struct geography *positions = somewhere_each(MANY);
	struct map_set *set = map_set_create(positions);
	uint32_t asns[RULES];

	config.n_regions = 40;
	key.regions = (UINT64_C(1) << 40) - 1;
	for (size_t i = 0; i < 40; i++) {
		regions[i].latitude = below(180) - 90;
		regions[i].longitude = below(360) - 180;
	}
	/* A /26 of each AS in each /20. */
	for (uint32_t i = 0; i < MANY * RULES; i++) {
		uint32_t as = i / MANY, place = i % MANY;
		struct prefix *p = &prefixes[i];

		p->address.family = 4;
		p->address.bytes[0] = (uint8_t)(20 + (place >> 12));
		p->address.bytes[1] = (uint8_t)(place >> 4);
		p->address.bytes[2] = (uint8_t)(place << 4 | as >> 2);
		p->address.bytes[3] = (uint8_t)(as << 6);
		p->length = 26;
	}
	for (unsigned i = 0; i < RULES; i++) {
		networks[i].prefixes = &prefixes[i * MANY];
		networks[i].asn = asns[i] = i + 1;
		fences[i].clients.asns = &asns[i];
		fences[i].clients.n_asns = 1;
		fences[i].regions = UINT64_C(1) << i % 24 |
		    (i >= 24 ? UINT64_C(1) << (i + i / 24) % 24 : 0);
	}
	service.fences = fences;
	service.n_fences = RULES;
	for (unsigned i = 0; i < RULES; i++)
		networks[i].n_prefixes = MANY;
	ck_assert_ptr_null(map_set_add(set, &key, &eb));
	assert_error("steering.yaml:99:1: error: service chat: its fences and "
		     "rank tell more than 500000 classes of clients apart: "
		     "give it fewer regions");
	for (unsigned i = 0; i < RULES; i++)
		networks[i].n_prefixes = FEW;
	ck_assert_ptr_nonnull(map_set_add(set, &key, &eb));
	ck_assert_uint_gt(map_set_size(set).classes, 100000);
	ck_assert_uint_eq(eb.errors, 1);
	map_set_destroy(set);
	geography_destroy(positions);
	free(networks);
	free(prefixes);
}
END_TEST

static size_t
bytes_held(void)
{
	struct mallinfo2 held_now = mallinfo2();

	return held_now.uordblks + held_now.hblkhd;
}

/* A set counts its maps, and says of their bytes what they take from the
 * system; a map that could not be made is none. */
START_TEST(size_is_that_of_the_maps_that_are_there)
{
	enum { MANY = 20000 };
	struct prefix *prefixes = calloc(MANY, sizeof(*prefixes));
	struct network_config *networks = networks_of(prefixes, 1);
	struct map_set *set = map_set_create(geo);
	struct map_size one, other, both, nothing = map_set_size(set);
	const struct map *map;
	size_t before;

	ck_assert_uint_eq(nothing.maps + nothing.leaves + nothing.bytes, 0);
	for (unsigned i = 0; i < MANY; i++)
		prefixes[i] = (struct prefix){
		    {4, {20, (uint8_t)(i >> 8), (uint8_t)i, 1}}, 32};
	networks[0].n_prefixes = MANY;
	networks[0].has_position = true;
	networks[0].longitude = 90;
	regions[1].longitude = 90;
	map = map_set_add(set, &key, &eb);
	ck_assert_ptr_nonnull(map);
	one = map_size(map);
	ck_assert_uint_eq(one.maps, 1);
	ck_assert_uint_eq(one.classes, 2);
	ck_assert_uint_gt(one.leaves, MANY);
	ck_assert_int_gt(one.built_us, 0);
	config.n_networks = 0;
	other = map_size(map_set_add(set, &key, &eb));
	both = map_set_size(set);
	ck_assert_uint_eq(both.maps, 2);
	ck_assert_uint_eq(both.leaves, one.leaves + other.leaves);
	ck_assert_uint_eq(both.classes, one.classes + other.classes);
	ck_assert_uint_eq(both.bytes, one.bytes + other.bytes);
	ck_assert_int_eq(both.built_us, one.built_us + other.built_us);
	map_set_seal(set);
	key.regions = 1;
	ck_assert_ptr_null(map_set_add(set, &key, &eb));
	ck_assert_uint_eq(map_set_size(set).maps, 2);
	before = bytes_held();
	map_set_destroy(set);
	if (REPLACED) {
		size_t held_by_set = before - bytes_held();

		ck_assert_uint_ge(held_by_set, both.bytes);
		ck_assert_uint_le(held_by_set, both.bytes + 65536);
	}
	free(networks);
	free(prefixes);
}
END_TEST

/* Maps that are there are found when geography is gone; others are an error. */
START_TEST(sealed_set_makes_no_maps)
{
	struct map_set *set = map_set_create(geo);
	const struct map *map = map_set_add(set, &key, &eb);

	ck_assert_ptr_nonnull(map);
	map_set_seal(set);
	ck_assert_ptr_eq(map_set_add(set, &key, &eb), map);
	ck_assert_uint_eq(eb.errors, 0);
	key.regions = 1;
	ck_assert_ptr_null(map_set_add(set, &key, &eb));
	ck_assert_uint_eq(eb.errors, 1);
	assert_error("steering.yaml:99:1: error: service chat: no geography");
	map_set_destroy(set);
	map_set_destroy(NULL);
}
END_TEST

/* The same service, by round trip. */
static struct service_config by_latency;

/* Two maps, a rule and a ranking, with a failure at allocation ${n}; whether
 * there was one.  What cannot be made is an error. */
static bool
make_once(long n)
{
	long before = held;
	struct map_key other = key;
	struct address a = {.family = 4, .bytes = {10, 1}};
	struct map_set *set;
	uint8_t rule = 0, order;
	bool made, ruled;
	struct ranking ranking;

	other.service = &by_latency;
	errbuf_init(&eb);
	failed = false;
	until_failure = n;
	set = map_set_create(geo);
	made = set != NULL && map_set_add(set, &key, &eb) != NULL &&
	    map_set_add(set, &other, &eb) != NULL &&
	    map_set_add(set, &key, &eb) != NULL;
	ruled = map_rule(geo, &key, &a, &rule, &order) == 0 &&
	    map_ranking(geo, &other, &a, &ranking) == 0;
	until_failure = -1;
	ck_assert_msg(
	    set == NULL || made == (eb.errors == 0), "%ld: %s", n, eb.text);
	ck_assert_msg((made && ruled) != failed, "%ld: %s", n, eb.text);
	map_set_destroy(set);
	ck_assert_int_eq(held - before, 0);
	return failed;
}

START_TEST(nth_allocation_fails)
{
	struct prefix prefixes[4] = {{{4, {10, 1}}, 16}, {{4, {10, 1, 1}}, 24},
	    {{6, {0x20, 1, 0xd, 0xb8}}, 32}, {{4, {20}}, 8}};
	struct network_config *networks = networks_of(prefixes, 4);
	static const uint32_t office = 1, asn = 64500;
	const struct clients_config offices = {
	    .networks = &office, .n_networks = 1, .asns = &asn, .n_asns = 1};
	const struct fence_config fences[2] = {
	    {.clients = offices, .regions = 1},
	    {.clients = {.unknown = true}, .regions = 2}};
	static const char *const whose[] = {"10.1.0.0/17", "20.0.0.0/7", "DE"};
	struct latency_builder *builder = latency_begin();
	struct latency *latency;
	long n = 0;

	for (unsigned i = 0; i < 4; i++) {
		networks[i].has_position = true;
		networks[i].longitude = 60 * i;
	}
	regions[1].longitude = 90;
	service.fences = fences;
	service.n_fences = 2;
	by_latency = service;
	by_latency.rank = RANK_LATENCY;
	for (unsigned i = 0; i < 3; i++) {
		struct latency_entry e = latency_entry_of(
		    whose[i], i < 2 ? "r" : "elsewhere", 1000 * i, 1);

		ck_assert_int_eq(latency_add(builder, &e), 0);
	}
	key.latency = latency = latency_end(builder);
	ck_assert_ptr_nonnull(latency);
	while (make_once(n))
		n++;
	ck_assert_int_gt(n, 10 * REPLACED - 1);
	latency_destroy(latency);
	free(networks);
}
END_TEST

/* Two databases that must be laid over one another, with a failure at
 * allocation ${n}; whether there was one. */
static bool
load_once(const char *const *paths, long n)
{
	static const struct mark at[2] = {{"m", 1, 1}, {"m", 2, 1}};
	long before = held;
	struct geography *loaded;

	errbuf_init(&eb);
	failed = false;
	until_failure = n;
	loaded = geography_load(paths, at, 2, NULL, &eb);
	until_failure = -1;
	ck_assert_msg(
	    (loaded != NULL) == (eb.errors == 0), "%ld: %s", n, eb.text);
	ck_assert_msg((loaded != NULL) != failed, "%ld: %s", n, eb.text);
	geography_destroy(loaded);
	/* libmaxminddb leaves what it has read of the metadata. */
	if (strstr(eb.text, "A memory allocation call failed") == NULL)
		ck_assert_int_eq(held - before, 0);
	return failed;
}

START_TEST(nth_allocation_of_geography_fails)
{
	char folder[] = "/tmp/map_limitsXXXXXX", first[64], second[64];
	const char *paths[] = {first, second};
	struct mmdb_writer *w = mmdb_create(6, 24);
	uint32_t at;
	long n = 0;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(first, sizeof(first), "%s/a", folder);
	snprintf(second, sizeof(second), "%s/b", folder);
	mmdb_insert(w, "20.0.0.0/8", mmdb_flat_country(w, "FR"));
	mmdb_insert(w, "2001:db8::/32", mmdb_flat_country(w, "DE"));
	mmdb_save(w, first);
	w = mmdb_create(6, 24);
	at = mmdb_here(w);
	mmdb_map(w, 1);
	mmdb_string(w, "asn");
	mmdb_uint32(w, 64500);
	mmdb_insert(w, "20.0.0.0/9", at);
	mmdb_insert(w, "2001:db8::/33", at);
	mmdb_save(w, second);
	while (load_once(paths, n))
		n++;
	ck_assert_int_gt(n, 10 * REPLACED - 1);
	unlink(first);
	unlink(second);
	rmdir(folder);
}
END_TEST

/* A copy of ${size} bytes that ends where the page does; none may be read after
 * it. */
static void *
at_the_edge(const void *bytes, size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t room = (size + page - 1) / page * page;
	char *p = mmap(NULL, room + page, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(p, MAP_FAILED);
	ck_assert_int_eq(mprotect(p + room, page, PROT_NONE), 0);
	return memcpy(p + room - size, bytes, size);
}

/* Arrays and names are read to their end and not beyond. */
START_TEST(nothing_is_read_beyond_an_array)
{
	static const struct prefix prefixes[2] = {
	    {{4, {10, 1}}, 16}, {{6, {0x20, 1, 0xd, 0xb8}}, 32}};
	static const uint32_t one[1] = {0}, listed[2] = {1, 0};
	static const uint32_t asns[2] = {64501, 64500};
	static const char codes[2][3] = {"DE", "FR"}, continents[1][3] = {"EU"};
	struct network_config network = {.n_prefixes = 2, .asn = 1};
	struct fence_config fence = {.clients = {.n_continents = 1,
					 .n_countries = 2,
					 .n_unions = 1,
					 .n_networks = 1,
					 .n_asns = 2},
	    .regions = 1};
	struct address a = {.family = 4, .bytes = {10, 1}};
	struct map_set *set = map_set_create(geo);
	struct place place;
	uint32_t networks[1];
	uint8_t rule, order;

	network.prefixes = at_the_edge(prefixes, sizeof(prefixes));
	network.name = at_the_edge("n", 2);
	fence.clients.continents = at_the_edge(continents, sizeof(continents));
	fence.clients.countries = at_the_edge(codes, sizeof(codes));
	fence.clients.unions = at_the_edge(one, sizeof(one));
	fence.clients.networks = at_the_edge(one, sizeof(one));
	fence.clients.asns = at_the_edge(asns, sizeof(asns));
	regions[0].name = at_the_edge("a", 2);
	regions[1].name = at_the_edge("b", 2);
	config.regions = at_the_edge(regions, 2 * sizeof(regions[0]));
	config.networks = at_the_edge(&network, sizeof(network));
	config.n_networks = 1;
	service.fences = at_the_edge(&fence, sizeof(fence));
	service.n_fences = 1;
	service.listed = at_the_edge(listed, sizeof(listed));
	service.n_listed = 2;
	for (int rank = RANK_NEAREST; rank <= RANK_LISTED; rank++) {
		service.rank = (enum rank_kind)rank;
		ck_assert_msg(
		    map_set_add(set, &key, &eb) != NULL, "%s", eb.text);
	}
	ck_assert_uint_eq(map_set_size(set).maps, 2);
	ck_assert_int_eq(map_rule(geo, &key, &a, &rule, &order), 0);
	ck_assert_uint_eq(rule, 0);
	ck_assert_uint_eq(map_place(geo, &config, &a, &place, networks, 1), 1);
	map_set_destroy(set);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering_map_limits");
	TCase *tc = tcase_create("limits");
	SRunner *runner;
	int n_failed;

	/* Memory that nobody wrote is full of this, and no zeros. */
	mallopt(M_PERTURB, 0xa5);
	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, too_many_networks_on_an_address);
	tcase_add_test(tc, too_many_leaves);
	tcase_add_test(tc, too_many_classes);
	tcase_add_test(tc, size_is_that_of_the_maps_that_are_there);
	tcase_add_test(tc, sealed_set_makes_no_maps);
	tcase_add_test(tc, nth_allocation_fails);
	tcase_add_test(tc, nth_allocation_of_geography_fails);
	tcase_add_test(tc, nothing_is_read_beyond_an_array);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
