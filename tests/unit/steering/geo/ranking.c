/*
 * Tests the order of regions: what is measured and what is far, which row of
 * the table counts for a region, bands at their limits, costs; in a ranking, in
 * maps of small tables and of one as large as they come.
 */
#include "steering/geo/ranking.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "steering/geo/map.h"
#include "steering/geo/mapkey.h"
#include "tests/unit/latency_entries.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define REGIONS 30
#define NETWORKS 4

/* A steering file with one service, and a table. */
struct bench {
	struct region_config regions[REGIONS];
	char names[REGIONS][4];
	struct network_config networks[NETWORKS];
	struct prefix prefixes[NETWORKS];
	struct service_config service;
	struct steering_config config;
	struct map_key key;
	struct latency_builder *entries;
	struct latency *latency;
	struct geography *geo;
	struct errbuf eb;
};

/* ${n} regions "a", "b"... at 0, 10, 20... N on the prime meridian; the client
 * of a row is at the pole of 0 N, so that they are 0, 1112, 2224... km away. */
static struct bench *
bench_create(size_t n, enum rank_kind rank)
{
	struct bench *b = calloc(1, sizeof(*b));

	ck_assert_ptr_nonnull(b);
	errbuf_init(&b->eb);
	b->geo = geography_load(NULL, NULL, 0, NULL, &b->eb);
	b->entries = latency_begin();
	ck_assert(b->geo != NULL && b->entries != NULL);
	b->service.name = "chat";
	b->service.rank = rank;
	b->service.at = (struct mark){"steering.yaml", 99, 1};
	b->config.regions = b->regions;
	b->config.n_regions = n;
	b->config.networks = b->networks;
	b->config.services = &b->service;
	b->config.n_services = 1;
	b->key.config = &b->config;
	b->key.service = &b->service;
	b->key.regions = (UINT64_C(1) << n) - 1;
	for (size_t i = 0; i < n; i++) {
		b->names[i][0] = (char)('a' + i);
		b->regions[i].name = b->names[i];
		b->regions[i].latitude = 10 * (double)i;
	}
	return b;
}

static void
bench_destroy(struct bench *b)
{
	latency_abandon(b->entries);
	latency_destroy(b->latency);
	geography_destroy(b->geo);
	free(b);
}

static void
measure(struct bench *b, const char *whose, const char *region, uint32_t rtt_us)
{
	struct latency_entry e = latency_entry_of(whose, region, rtt_us, 1);

	ck_assert_int_eq(latency_add(b->entries, &e), 0);
}

/* The entries become the table of the key. */
static void
settle(struct bench *b)
{
	b->latency = latency_end(b->entries);
	b->entries = NULL;
	ck_assert_ptr_nonnull(b->latency);
	b->key.latency = b->latency;
}

static void
add_network(
    struct bench *b, const char *prefix, const char *country, uint32_t asn)
{
	size_t i = b->config.n_networks++;

	ck_assert_int_eq(prefix_parse(prefix, &b->prefixes[i]), 0);
	b->networks[i].name = "office";
	b->networks[i].prefixes = &b->prefixes[i];
	b->networks[i].n_prefixes = 1;
	b->networks[i].asn = asn;
	memcpy(b->networks[i].country, country, strlen(country) + 1);
}

/* "[a b] c": the order, its bands of several in brackets. */
static const char *
shown(const struct bench *b, const struct ranking *ranking)
{
	static char text[8 * REGIONS];
	size_t len = 0;

	text[0] = '\0';
	for (unsigned i = 0; i < ranking->n; i++) {
		const struct standing *s = &ranking->regions[i];
		bool before = i > 0 && s[-1].band == s->band;
		bool after = i + 1 < ranking->n && s[1].band == s->band;

		ck_assert_uint_eq(s->band,
		    i == 0       ? 0
			: before ? s[-1].band
				 : s[-1].band + 1);
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "%s%s%s%s", i > 0 ? " " : "", after && !before ? "[" : "",
		    b->regions[s->region].name, before && !after ? "]" : "");
	}
	return text;
}

/* The ranking of the key for a client at 0 N, or without a position. */
static struct ranking
rank(const struct bench *b, bool located)
{
	struct place place = {
	    .has_position = located, .country = "DE", .asn = 64500};
	struct ranking ranking;
	struct ranker ranker;

	ck_assert_int_eq(ranker_init(&ranker, &b->key), 0);
	ranking_make(&ranker, &place, LATENCY_NONE, UINT64_MAX, &ranking);
	ranker_finish(&ranker);
	return ranking;
}

/* Round trips of regions a, b, c... from the client's country in tenths of a
 * millisecond, 0: none, and what they cost. */
struct row {
	const char *what;
	enum near_kind kind;
	uint32_t near;
	uint32_t rtt[6];
	uint64_t cost[6];
	int bias[6];
	const char *wanted, *nowhere; /* of a client without a position */
};

static const struct row rows[] = {
    {"no bands: by round trip, and by name", NEAR_NONE, 0, {300, 200, 200, 100},
	{0}, {0}, "d b c a", NULL},
    {"what is measured is before what is near", NEAR_NONE, 0,
	{0, 0, 9000, 8000}, {0}, {0}, "d c a b", "d c a b"},
    {"nothing is measured: by distance", NEAR_NONE, 0, {0, 0, 0, 0}, {0}, {0},
	"a b c d", "a b c d"},
    {"a cost without bands is nothing", NEAR_NONE, 0, {300, 200, 200, 100},
	{1, 9, 2, 9}, {0}, "d b c a", NULL},
    {"exactly at the limit is near", NEAR_TIME, 10000, {200, 300, 301, 401},
	{9, 1, 2, 1}, {0}, "[b a] [d c]", NULL},
    {"a little beyond is not", NEAR_TIME, 9999, {200, 300, 301, 401},
	{9, 1, 2, 1}, {0}, "a [b c] d", NULL},
    {"a band is cut by its best and not by neighbours", NEAR_TIME, 10000,
	{200, 280, 320, 410}, {4, 3, 2, 1}, {0}, "[b a] [d c]", NULL},
    {"a chain of neighbours is no band", NEAR_TIME, 10000,
	{100, 190, 280, 370, 460}, {5, 4, 3, 2, 1}, {0}, "[b a] [d c] e", NULL},
    {"a share, exactly at the limit", NEAR_SHARE, 150000, {200, 230, 231, 0},
	{3, 2, 1, 0}, {0}, "[b a] c d", NULL},
    {"each band has its own share", NEAR_SHARE, 500000, {100, 150, 151, 226},
	{9, 1, 9, 1}, {0}, "[b a] [d c]", NULL},
    {"and ends where that ends", NEAR_SHARE, 500000, {100, 150, 151, 227},
	{9, 1, 9, 1}, {0}, "[b a] c d", NULL},
    {"0 per cent: what is the same is a band", NEAR_SHARE, 0,
	{200, 200, 201, 200}, {3, 2, 0, 1}, {0}, "[d b a] c", NULL},
    {"100 per cent is twice as far", NEAR_SHARE, 1000000, {100, 200, 201, 900},
	{2, 1, 0, 0}, {0}, "[b a] c d", NULL},
    {"equal costs are in order by name, whatever is shorter", NEAR_TIME, 10000,
	{230, 220, 210, 200}, {0}, {0}, "[a b c d]", NULL},
    {"a cost of nothing is before all others", NEAR_TIME, 10000,
	{230, 220, 210, 200}, {1, 0, 1, 2}, {0}, "[b a c d]", NULL},
    {"costs may be as high as they like", NEAR_TIME, 10000,
	{230, 220, 210, 200},
	{UINT64_C(10000000000), UINT64_C(9999999999), 1, 2}, {0}, "[c d b a]",
	NULL},
    {"a distance is no limit of round trips", NEAR_WAY, 20015,
	{200, 200, 210, 220}, {4, 3, 2, 1}, {0}, "a b c d", NULL},
    {"a time is no limit of distances", NEAR_TIME, 10000000, {0, 0, 0, 0},
	{4, 3, 2, 1}, {0}, "a b c d", "a b c d"},
    {"a distance among what is not measured", NEAR_WAY, 1112,
	{0, 0, 0, 0, 0, 900}, {6, 5, 4, 3, 2, 1}, {0}, "f [b a] [d c] e",
	"f a b c d e"},
    {"a little less is too far", NEAR_WAY, 1111, {0, 0, 0, 0}, {4, 3, 2, 1},
	{0}, "a b c d", NULL},
    {"a share of a distance", NEAR_SHARE, 500000, {0, 0, 0, 0, 0}, {9, 4, 3, 2},
	{0}, "a b [d c] e", "a b c d e"},
    {"nothing measured shares a band with what is not", NEAR_SHARE, 1000000,
	{0, 100, 100, 0}, {1, 3, 2, 0}, {0}, "[c b] a d", "[c b] a d"},
    {"a client without a position: the file's order, whatever it costs",
	NEAR_SHARE, 1000000, {0, 0, 0, 0}, {4, 3, 2, 1}, {0}, "a [c b] d",
	"a b c d"},
    {"a bias makes a round trip shorter", NEAR_NONE, 0, {200, 180, 0, 0}, {0},
	{20}, "a b c d", NULL},
    {"and longer", NEAR_NONE, 0, {200, 210}, {0}, {-10}, "b a", NULL},
    {"bands are of what counts", NEAR_TIME, 1000, {200, 180, 0, 0}, {2, 1},
	{15}, "[b a] c d", NULL},
    {"and no wider", NEAR_TIME, 999, {200, 180, 0, 0}, {2, 1}, {15}, "a b c d",
	NULL},
    {"a bias of a distance beside it", NEAR_NONE, 0, {0, 0, 0, 100}, {0},
	{0, 0, 60}, "d a c b", NULL},
};

START_TEST(regions_are_in_order_by_round_trip_band_cost_and_name)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct row *row = &rows[i];
		size_t n = 0;
		struct ranking ranking;
		struct bench *b;

		for (const char *p = row->wanted; *p != '\0'; p++)
			if (*p >= 'a' && *p - 'a' >= (int)n)
				n = (size_t)(*p - 'a') + 1;
		b = bench_create(n, RANK_LATENCY);
		b->service.near_kind = row->kind;
		b->service.near_equal = row->near;
		for (size_t k = 0; k < n; k++) {
			b->regions[k].bias = row->bias[k];
			b->key.costs[k] = row->cost[k];
			if (row->rtt[k] > 0)
				measure(
				    b, "DE", b->names[k], row->rtt[k] * 100);
		}
		settle(b);
		ranking = rank(b, true);
		ck_assert_msg(strcmp(shown(b, &ranking), row->wanted) == 0,
		    "%s: %s", row->what, shown(b, &ranking));
		ranking = rank(b, false);
		ck_assert_msg(row->nowhere == NULL ||
			strcmp(shown(b, &ranking), row->nowhere) == 0,
		    "%s, without a position: %s", row->what,
		    shown(b, &ranking));
		bench_destroy(b);
	}
}
END_TEST

/* Distances have bands without any table, also where it is there and the rank
 * does not ask for it. */
START_TEST(the_nearest_have_bands_too)
{
	struct bench *b = bench_create(4, RANK_NEAREST);
	struct ranking ranking;

	measure(b, "DE", "d", 1);
	settle(b);
	b->service.near_kind = NEAR_WAY;
	b->service.near_equal = 1200;
	for (size_t i = 0; i < 4; i++)
		b->key.costs[i] = 4 - i;
	ranking = rank(b, true);
	ck_assert_str_eq(shown(b, &ranking), "[b a] [d c]");
	ck_assert_ptr_null(ranking.latency);
	bench_destroy(b);
}
END_TEST

/* The first region of a client by the map, and why by explain. */
static const char *
first_of(
    const struct bench *b, const struct map *map, const char *client, char *why)
{
	struct ranking ranking;
	struct map_leaf leaf;
	struct address a;
	char text[LATENCY_TEXT];

	ck_assert_int_eq(address_parse(client, &a), 0);
	map_lookup(map, &a, &leaf);
	ck_assert_int_eq(map_ranking(b->geo, &b->key, &a, &ranking), 0);
	for (unsigned i = 0; i < ranking.n; i++)
		ck_assert_uint_eq(
		    ranking.regions[i].region, leaf.class->order[i]);
	snprintf(why, LATENCY_TEXT, "%s",
	    ranking.regions[0].measured
		? latency_show(b->latency, ranking.regions[0].row, text)
		: "-");
	return b->regions[leaf.class->order[0]].name;
}

/* Of each region the longest prefix that has it counts, else the AS number,
 * else the country, whatever is shorter. */
START_TEST(the_most_specific_row_of_each_region_counts)
{
	static const struct {
		const char *what, *client, *first, *why;
	} clients[] = {
	    {"a /24", "20.1.2.3", "b", "prefix 20.1.2.0/24"},
	    {"the /16 around it has another region", "20.1.3.3", "c",
		"prefix 20.1.0.0/16"},
	    {"the AS number where no prefix is", "20.2.0.1", "d", "AS64500"},
	    {"the country where no AS number is", "30.1.1.1", "a",
		"country DE"},
	    {"nothing: the order of the file", "40.1.1.1", "a", "-"},
	    {"a /48", "2001:db8:1::1", "c", "prefix 2001:db8:1::/48"},
	    {"beside it", "2001:db8:2::1", "a", "-"},
	    {"a private client of no network", "10.9.9.9", "a", "-"},
	    {"a private client of a network", "10.1.1.1", "c",
		"prefix 10.1.0.0/16"},
	    {"a private client of a network that is not measured", "10.2.1.1",
		"a", "country DE"},
	};
	struct bench *b = bench_create(4, RANK_LATENCY);
	struct map_set *set = map_set_create(b->geo);
	const struct map *map;

	add_network(b, "20.0.0.0/8", "FR", 64500);
	add_network(b, "30.0.0.0/8", "DE", 0);
	add_network(b, "10.0.0.0/14", "DE", 0);
	measure(b, "20.1.2.0/24", "b", 30000);
	measure(b, "20.1.0.0/16", "b", 1000);
	measure(b, "20.1.0.0/16", "c", 31000);
	measure(b, "AS64500", "c", 33000);
	measure(b, "AS64500", "d", 32000);
	measure(b, "FR", "d", 200);
	measure(b, "FR", "a", 40000);
	measure(b, "DE", "a", 5000);
	measure(b, "2001:db8:1::/48", "c", 1000);
	measure(b, "10.9.0.0/16", "d", 1000);
	measure(b, "10.1.0.0/16", "c", 1000);
	/* In 20.1.3.0/24 the short round trip to b is that of the /16. */
	measure(b, "20.1.3.0/24", "b", 99000);
	settle(b);
	map = map_set_add(set, &b->key, &b->eb);
	ck_assert_msg(map != NULL, "%s", b->eb.text);
	for (size_t i = 0; i < COUNT(clients); i++) {
		char why[LATENCY_TEXT];
		const char *first = first_of(b, map, clients[i].client, why);

		ck_assert_msg(strcmp(first, clients[i].first) == 0 &&
			strcmp(why, clients[i].why) == 0,
		    "%s: %s by %s", clients[i].what, first, why);
	}
	map_set_destroy(set);
	bench_destroy(b);
}
END_TEST

/* What a region costs a service. */
START_TEST(a_cost_is_the_mean_of_the_endpoints_by_weight)
{
	struct endpoint_config first[] = {
	    {.region = 0, .weight = 1, .cost = {true, 10000}},
	    {.region = 0, .weight = 3, .cost = {true, 20000}},
	    {.region = 0, .weight = 0, .cost = {true, 990000}},
	    {.region = 1, .weight = 1}, {.region = 2, .weight = 2},
	    {.region = 3, .weight = 1, .cost = {true, 0}}};
	struct endpoint_config second[] = {
	    {.region = 0, .weight = 4, .cost = {true, 30000}},
	    {.region = 2, .weight = 1, .cost = {true, 3}},
	    {.region = 5,
		.weight = 1000000,
		.cost = {true, UINT64_C(10000000000)}},
	    {.region = 5,
		.weight = 1000000,
		.cost = {true, UINT64_C(10000000000)}}};
	struct endpoint_config other[] = {
	    {.region = 4, .weight = 1, .cost = {true, 10000}}};
	const struct pool_config pools[] = {
	    {.endpoints = other, .n_endpoints = COUNT(other)},
	    {.endpoints = first, .n_endpoints = COUNT(first)},
	    {.endpoints = second, .n_endpoints = COUNT(second)}};
	const struct split_config split[] = {
	    {.pool = 1, .weight = 95}, {.pool = 2, .weight = 5}};
	static const uint64_t wanted[] = {
	    23750, 15000, 1, 0, 0, UINT64_C(10000000000)};
	struct bench *b = bench_create(6, RANK_NEAREST);

	b->config.pools = pools;
	b->config.n_pools = COUNT(pools);
	b->service.split = split;
	b->service.n_split = COUNT(split);
	b->regions[0].cost = (struct cost_config){true, 77};
	b->regions[1].cost = (struct cost_config){true, 15000};
	b->regions[3].cost = (struct cost_config){true, 15000};
	b->service.near_kind = NEAR_SHARE;
	mapkey_costs(&b->key);
	for (size_t i = 0; i < COUNT(wanted); i++)
		ck_assert_uint_eq(b->key.costs[i], wanted[i]);
	/* Nothing asks for them without bands. */
	b->service.near_kind = NEAR_NONE;
	mapkey_costs(&b->key);
	for (size_t i = 0; i < COUNT(wanted); i++)
		ck_assert_uint_eq(b->key.costs[i], 0);
	bench_destroy(b);
}
END_TEST

/* Whether the map of a second service, which differs by ${change}, is that of
 * the first. */
static bool
shared(enum rank_kind rank, void (*change)(struct bench *b))
{
	struct bench *a = bench_create(3, rank), *b = bench_create(3, rank);
	struct map_set *set = map_set_create(a->geo);
	const struct map *one, *two;

	a->service.near_kind = b->service.near_kind = NEAR_SHARE;
	a->service.near_equal = b->service.near_equal = 1000;
	measure(a, "20.0.0.0/8", "a", 1000);
	measure(a, "20.0.0.0/9", "b", 1000);
	measure(b, "20.0.0.0/9", "b", 1000);
	change(b);
	if (b->entries != NULL) {
		measure(b, "20.0.0.0/8", "a", 1000);
		settle(b);
	}
	settle(a);
	one = map_set_add(set, &a->key, &a->eb);
	two = map_set_add(set, &b->key, &a->eb);
	ck_assert(one != NULL && two != NULL);
	map_set_destroy(set);
	bench_destroy(a);
	bench_destroy(b);
	return one == two;
}

static void
change_nothing(struct bench *b)
{
	(void)b;
}

static void
change_round_trip(struct bench *b)
{
	measure(b, "20.0.0.0/9", "c", 1000);
}

static void
change_to_no_table(struct bench *b)
{
	latency_abandon(b->entries);
	b->entries = NULL;
}

static void
change_cost(struct bench *b)
{
	b->key.costs[1] = 1;
}

static void
change_kind(struct bench *b)
{
	b->service.near_kind = NEAR_WAY;
}

static void
change_near(struct bench *b)
{
	b->service.near_equal++;
}

static void
change_rank(struct bench *b)
{
	b->service.rank =
	    b->service.rank == RANK_LATENCY ? RANK_NEAREST : RANK_LATENCY;
}

static void
end_bands(struct bench *b)
{
	b->service.near_kind = NEAR_NONE;
}

START_TEST(services_share_a_map_where_the_same_order_follows)
{
	static const struct {
		const char *what;
		void (*change)(struct bench *b);
		bool latency, nearest;
	} changes[] = {
	    {"nothing, but tables of their own", change_nothing, true, true},
	    {"a round trip", change_round_trip, false, true},
	    {"no table", change_to_no_table, false, true},
	    {"a cost", change_cost, false, false},
	    {"what is near: of what", change_kind, false, false},
	    {"what is near: how much", change_near, false, false},
	    {"no bands", end_bands, false, false},
	    {"the rank", change_rank, false, false},
	};

	for (size_t i = 0; i < COUNT(changes); i++) {
		ck_assert_msg(shared(RANK_LATENCY, changes[i].change) ==
			changes[i].latency,
		    "%s, by round trip", changes[i].what);
		ck_assert_msg(shared(RANK_NEAREST, changes[i].change) ==
			changes[i].nearest,
		    "%s, by distance", changes[i].what);
	}
}
END_TEST

/* As large as tables come. */
#define PREFIXES 100000
#define SAMPLE 7 /* each so many-th prefix is looked up */

static uint32_t
rtt_of(uint32_t row, uint32_t region)
{
	return (uint32_t)(1000 + hash_mix(row, region) % 300000);
}

/* The region that is measured best in ${row}, of those that are equal the first
 * by name. */
static uint32_t
best_of(uint32_t row)
{
	uint32_t best = 0;

	for (uint32_t i = 1; i < 12; i++)
		if (rtt_of(row, i) < rtt_of(row, best))
			best = i;
	return best;
}

/* The address number ${host} in prefix number ${row}. */
static struct address
address_in(uint32_t row, uint8_t host)
{
	struct address a = {.family = row % 2 ? 6 : 4,
	    .bytes = {(uint8_t)(row % 2 ? 0x2a : 20 + (row >> 16)),
		(uint8_t)(row >> 8), (uint8_t)row, host}};

	if (a.family == 6) {
		a.bytes[3] = (uint8_t)(row >> 16);
		a.bytes[15] = host;
	}
	return a;
}

START_TEST(every_client_of_a_large_table_has_its_best_region)
{
	struct bench *b = bench_create(12, RANK_LATENCY);
	struct map_set *set = map_set_create(b->geo);
	struct latency_entry e = {.kind = LATENCY_PREFIX, .samples = 1};
	static const char *const others[] = {"FR", "PL", "BR"};
	struct latency_size size;
	const struct map *map;
	struct map_leaf leaf;
	struct address a;

	for (uint32_t row = 0; row < PREFIXES; row++) {
		e.prefix =
		    (struct prefix){address_in(row, 0), row % 2 ? 48 : 24};
		for (uint32_t i = 0; i < 12; i++) {
			e.region = b->names[i];
			e.rtt_us = rtt_of(row, i);
			ck_assert_int_eq(latency_add(b->entries, &e), 0);
		}
	}
	/* Other countries beside those that have a network here. */
	e.kind = LATENCY_COUNTRY;
	for (uint32_t row = 0; row < 250; row++) {
		e.country[0] = (char)('A' + row / 26);
		e.country[1] = (char)('A' + row % 26);
		for (size_t i = 0; i < COUNT(others); i++)
			if (row < COUNT(others))
				memcpy(e.country, others[row], 3);
		for (uint32_t i = 0; i < 12; i++) {
			e.region = b->names[i];
			e.rtt_us = rtt_of(PREFIXES + row, i);
			ck_assert_int_eq(latency_add(b->entries, &e), 0);
		}
	}
	add_network(b, "100.0.0.0/10", "FR", 0);
	add_network(b, "101.0.0.0/8", "PL", 0);
	add_network(b, "102.0.0.0/8", "", 0);
	b->networks[2].has_position = true;
	b->networks[2].latitude = 76;
	settle(b);
	size = latency_size(b->latency);
	ck_assert_uint_eq(size.prefixes, PREFIXES);
	ck_assert_uint_ge(size.cells, 12 * PREFIXES);
	map = map_set_add(set, &b->key, &b->eb);
	ck_assert_msg(map != NULL, "%s", b->eb.text);
	for (uint32_t row = 0; row < PREFIXES; row += SAMPLE) {
		a = address_in(row, (uint8_t)(row >> 3));
		map_lookup(map, &a, &leaf);
		ck_assert_msg(leaf.class->order[0] == best_of(row),
		    "prefix %u: region %u, not %u", row, leaf.class->order[0],
		    best_of(row));
		ck_assert_uint_le(leaf.depth, row % 2 ? 48 : 24);
	}
	/* By country where no prefix is, and by distance where nothing is. */
	a = (struct address){4, {100, 1}};
	map_lookup(map, &a, &leaf);
	ck_assert_uint_eq(leaf.class->order[0], best_of(PREFIXES));
	a = (struct address){4, {101, 1}};
	map_lookup(map, &a, &leaf);
	ck_assert_uint_eq(leaf.class->order[0], best_of(PREFIXES + 1));
	a = (struct address){4, {102, 1}};
	map_lookup(map, &a, &leaf);
	ck_assert_uint_eq(leaf.class->order[0], 8);
	ck_assert_uint_eq(leaf.class->order[1], 7);
	map_set_destroy(set);
	bench_destroy(b);
}
END_TEST

/* More orders than a map may have: an error that says what helps. */
START_TEST(too_many_orders_are_an_error_that_says_what_helps)
{
	enum { MANY = 520000, FEW = 5 };
	struct bench *b = bench_create(REGIONS, RANK_LATENCY);
	struct map_set *set = map_set_create(b->geo);
	struct latency_entry e = {.kind = LATENCY_PREFIX};

	for (uint32_t row = 0; row < MANY; row++) {
		uint32_t seen = 0, left = row;

		e.prefix =
		    (struct prefix){{4,
					{(uint8_t)(20 + (row >> 16)),
					    (uint8_t)(row >> 8), (uint8_t)row}},
			24};
		/* Five of the regions in an order that no other row has. */
		for (uint32_t i = 0; i < FEW; i++) {
			uint32_t k = left % (REGIONS - i), region = 0;

			left /= REGIONS - i;
			while ((seen >> region & 1) != 0 || k-- > 0)
				region++;
			seen |= UINT32_C(1) << region;
			e.region = b->names[region];
			e.rtt_us = 1000 + i;
			ck_assert_int_eq(latency_add(b->entries, &e), 0);
		}
	}
	settle(b);
	ck_assert_ptr_null(map_set_add(set, &b->key, &b->eb));
	ck_assert_msg(strstr(b->eb.text,
			  "steering.yaml:99:1: error: service chat: its fences "
			  "and rank tell more than 500000 classes of clients "
			  "apart: give it fewer regions") != NULL,
	    "%s", b->eb.text);
	ck_assert_msg(strstr(b->eb.text,
			  "numbers and networks in its rules, or measure fewer "
			  "prefixes") != NULL,
	    "%s", b->eb.text);
	map_set_destroy(set);
	bench_destroy(b);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("ranking");
	TCase *tcase = tcase_create("order"), *large = tcase_create("large");
	SRunner *runner;
	int failed;

	tcase_add_test(
	    tcase, regions_are_in_order_by_round_trip_band_cost_and_name);
	tcase_add_test(tcase, the_nearest_have_bands_too);
	tcase_add_test(tcase, the_most_specific_row_of_each_region_counts);
	tcase_add_test(tcase, a_cost_is_the_mean_of_the_endpoints_by_weight);
	tcase_add_test(
	    tcase, services_share_a_map_where_the_same_order_follows);
	suite_add_tcase(suite, tcase);
	/* They take seconds under a sanitizer. */
	tcase_set_timeout(large, 60);
	tcase_add_test(
	    large, every_client_of_a_large_table_has_its_best_region);
	tcase_add_test(
	    large, too_many_orders_are_an_error_that_says_what_helps);
	suite_add_tcase(suite, large);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
