/*
 * Tests what explain says of the order of regions: how far each is and where
 * that is known from, what a bias makes of it, what is near equal and what it
 * costs.
 */
#include "steering/ladder.h"

#include "tests/unit/steering_fixture.h"

struct words {
	char rank[1024];
	const struct ranking *ranking;
};

static void
keep_rank(void *context, enum ladder_step step, const char *text)
{
	struct words *words = context;

	if (step == STEP_RANK)
		snprintf(words->rank, sizeof(words->rank), "%s", text);
}

static void
keep_ranking(void *context, const struct ranking *ranking)
{
	struct words *words = context;

	words->ranking = ranking;
}

enum how {
	NEAREST = 1,
	BIAS = 2,       /* 10, of the north */
	NETWORK = 4,    /* the client is in a network at 40 N, in AS64500 */
	SHARE = 8,      /* near equal: 15 % */
	TIME = 16,      /* 2.5 ms */
	WAY = 32,       /* 1200 km */
	PREFIX = 64,    /* north 20 ms, 7 samples */
	AS = 128,       /* east 21 ms, 1 sample, or 2 with COUNTRY */
	COUNTRY = 256,  /* south 90.5 ms */
	FENCED = 512,   /* kept in north and south, hard */
	BY_RULE = 1024, /* rules of the rank that have everyone */
};

/* Regions on the prime meridian at 0, 29, 50 N; the costs of the north are
 * above those of the east. */
static struct fixture *
build(unsigned how)
{
	static const uint32_t southward[] = {0};
	static struct order_config order = {.regions = southward,
	    .n_regions = 1,
	    .clients = {.everyone = true}};
	struct fixture *f = fixture_create();
	uint32_t south = fixture_region(f, "south", 0);
	uint32_t east = fixture_region(f, "east", 29);
	uint32_t north = fixture_region(f, "north", 50);
	uint32_t pool = fixture_pool(f, "v1");
	struct service_config *s = fixture_service(f, "chat");

	fixture_endpoint(f, pool, south, 1);
	fixture_endpoint(f, pool, east, 1);
	fixture_endpoint(f, pool, east, 3);
	fixture_endpoint(f, pool, north, 1);
	f->regions[north].cost = (struct cost_config){true, 25000};
	f->endpoints[pool][1].cost = (struct cost_config){true, 10001};
	f->endpoints[pool][2].cost = (struct cost_config){true, 20000};
	fixture_split(f, s, pool, 1);
	s->rank = how & NEAREST ? RANK_NEAREST : RANK_LATENCY;
	if (how & BY_RULE) {
		s->rank = RANK_RULES;
		s->orders = &order;
		s->n_orders = 1;
	}
	if (how & BIAS)
		f->regions[north].bias = 10;
	if (how & NETWORK) {
		uint32_t n = fixture_network(f, "office", "20.1.0.0/16", 40);

		f->networks[n].asn = 64500;
		memcpy(f->networks[n].country, "DE", 3);
	}
	s->near_kind = how & SHARE ? NEAR_SHARE
	    : how & TIME           ? NEAR_TIME
	    : how & WAY            ? NEAR_WAY
				   : NEAR_NONE;
	s->near_equal = how & SHARE ? 150000 : how & TIME ? 2500 : 1200;
	if (how & PREFIX)
		fixture_measure(f, "20.1.2.0/24", "north", 20000, 7);
	if (how & AS)
		fixture_measure(
		    f, "AS64500", "east", 21000, how & COUNTRY ? 2 : 1);
	if (how & COUNTRY)
		fixture_measure(f, "DE", "south", 90500, 0);
	if (how & FENCED) {
		f->fences[0][0].clients.everyone = true;
		f->fences[0][0].regions = 1u << south | 1u << north;
		f->fences[0][0].hard = true;
		s->n_fences = 1;
	}
	fixture_build(f);
	return f;
}

START_TEST(the_order_says_how_far_each_region_is_and_who_says_so)
{
	static const struct {
		const char *what;
		unsigned how;
		const char *says;
	} rows[] = {
	    {"distances", NEAREST | NETWORK,
		"north, by distance: north 1112 km, east 1223 km, south 4448 "
		"km"},
	    {"a table that the rank does not ask for",
		NEAREST | NETWORK | PREFIX | AS | COUNTRY,
		"north, by distance: north 1112 km, east 1223 km, south 4448 "
		"km"},
	    {"nothing measured, and a place", NETWORK,
		"north, no round trip is known, by distance: north 1112 km, "
		"east 1223 km, south 4448 km"},
	    {"nothing measured, and no place", 0,
		"south, no round trip is known, place not known: order of the "
		"file: south, east, north"},
	    {"all measured, each by another row",
		NETWORK | PREFIX | AS | COUNTRY,
		"north, by round trip: north 20 ms (prefix 20.1.2.0/24, 7 "
		"samples), east 21 ms (AS64500, 2 samples), south 90.5 ms "
		"(country DE)"},
	    {"one measured", NETWORK | COUNTRY,
		"south, by round trip, then by distance: south 90.5 ms "
		"(country DE), north 1112 km, east 1223 km"},
	    {"one measured, of a client without a place", PREFIX,
		"north, by round trip, then in the order of the file: north "
		"20 ms (prefix 20.1.2.0/24, 7 samples), south, east"},
	    {"a bias of a round trip", NETWORK | PREFIX | AS | BIAS,
		"north, by round trip, then by distance: north 20 ms (prefix "
		"20.1.2.0/24, 7 samples; bias 10: counts as 18), east 21 ms "
		"(AS64500, 1 sample), south 4448 km"},
	    {"a bias of a distance", NETWORK | NEAREST | BIAS,
		"north, by distance: north 1112 km (bias 10: counts as 1000), "
		"east 1223 km, south 4448 km"},
	    {"a share that makes two equal, and their costs",
		NETWORK | PREFIX | AS | COUNTRY | SHARE,
		"east, by round trip: near equal (within 15 %): east 21 ms "
		"(AS64500, 2 samples) at cost 1.75, north 20 ms (prefix "
		"20.1.2.0/24, 7 samples) at cost 2.5; then south 90.5 ms "
		"(country DE)"},
	    {"a time that makes the same equal", NETWORK | PREFIX | AS | TIME,
		"east, by round trip, then by distance: near equal (within 2.5 "
		"ms): east 21 ms (AS64500, 1 sample) at cost 1.75, north 20 ms "
		"(prefix 20.1.2.0/24, 7 samples) at cost 2.5; then south 4448 "
		"km"},
	    {"a distance", NETWORK | NEAREST | WAY,
		"east, by distance: near equal (within 1200 km): east 1223 km "
		"at cost 1.75, north 1112 km at cost 2.5; then south 4448 km"},
	    {"near equal, and no two are",
		NETWORK | PREFIX | COUNTRY | TIME | FENCED,
		"north, by round trip: north 20 ms (prefix 20.1.2.0/24, 7 "
		"samples), south 90.5 ms (country DE)"},
	    {"a hard fence", NETWORK | PREFIX | AS | COUNTRY | FENCED,
		"north, by round trip: north 20 ms (prefix 20.1.2.0/24, 7 "
		"samples), south 90.5 ms (country DE)"},
	    {"a rule of the rank",
		NETWORK | PREFIX | AS | COUNTRY | BY_RULE | SHARE,
		"south, rule 1 of the rank (everyone): south, east, north"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fixture *f = build(rows[i].how);
		struct words words = {{0}, NULL};
		struct ranking ranking;
		struct ladder_trace trace = {.step = keep_rank,
		    .rank = keep_ranking,
		    .context = &words,
		    .rule = rows[i].how & FENCED ? 0 : MAP_NO_RULE,
		    .order = rows[i].how & BY_RULE ? 0 : MAP_NO_RULE,
		    .ranking = &ranking};
		struct decision d;
		struct address a;

		ck_assert_int_eq(address_parse("20.1.2.3", &a), 0);
		fixture_ranking(f, 0, &a, &ranking);
		fixture_decide_traced(f, 0, &a, FORM_IPV4, &trace, &d);
		ck_assert_msg(strcmp(words.rank, rows[i].says) == 0, "%s: %s",
		    rows[i].what, words.rank);
		/* What decided, not only what is said. */
		ck_assert_uint_eq(d.region, ranking.regions[0].region);
		ck_assert_ptr_eq(words.ranking, &ranking);
		fixture_destroy(f);
	}
}
END_TEST

/* Without a ranking the order is said all the same. */
START_TEST(an_order_of_which_nothing_is_known_is_its_names)
{
	struct fixture *f = build(PREFIX);
	struct words words = {{0}, NULL};
	struct ladder_trace trace = {.step = keep_rank,
	    .rank = keep_ranking,
	    .context = &words,
	    .rule = MAP_NO_RULE,
	    .order = MAP_NO_RULE};
	struct decision d;
	struct address a;

	ck_assert_int_eq(address_parse("20.1.2.3", &a), 0);
	fixture_decide_traced(f, 0, &a, FORM_IPV4, &trace, &d);
	ck_assert_str_eq(words.rank, "north, north, south, east");
	ck_assert_ptr_null(words.ranking);
	fixture_destroy(f);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering: words of the order");
	TCase *tc = tcase_create("order");

	tcase_add_test(
	    tc, the_order_says_how_far_each_region_is_and_who_says_so);
	tcase_add_test(tc, an_order_of_which_nothing_is_known_is_its_names);
	suite_add_tcase(suite, tc);
	return fixture_run(suite);
}
