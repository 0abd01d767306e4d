/*
 * The simulated world in parts: caches by TTL and scope, requests that are
 * held, metrics that are late, drains, canaries, demand that moves; and that
 * one seed is one world.
 */
#include "steering/simulate/world.h"

#include <math.h>

#include "steering/simulate/servers.h"
#include "tests/unit/simulate_fixture.h"

#define SECONDS 4000

static const char three_regions[] =
    "regions:\n"
    "  us: {at: [39.0, -77.5]}\n"
    "  eu: {at: [53.3, -6.3]}\n"
    "  ap: {at: [1.3, 103.8]}\n"
    "pools:\n"
    "  p:\n"
    "    spill: {}\n"
    "    endpoints:\n"
    "      - {name: a, region: us, address: 192.0.2.1, capacity: 100}\n"
    "      - {name: b, region: eu, address: 192.0.2.2, capacity: 60}\n"
    "      - {name: c, region: ap, address: 192.0.2.3, capacity: 40}\n"
    "  q:\n"
    "    endpoints:\n"
    "      - {name: a, region: us, address: 192.0.2.4, capacity: 10}\n"
    "      - {name: b, region: eu, address: 192.0.2.5, capacity: 10}\n"
    "      - {name: c, region: ap, address: 192.0.2.6, capacity: 10}\n"
    "services:\n"
    "  chat: {pool: p, ttl: {max: 30s, min: 5s}}\n"
    "  split: {split: {p: 90, q: 10}, ttl: {max: 30s, min: 5s}}\n";

static const double thirds[] = {0.3, 0.3, 0.4};

static const struct population_config usual = {.seed = 1,
    .resolvers = 200,
    .zipf = 0.9,
    .forwarding = 5,
    .networks = 50,
    .near = thirds};

/* What each second was. */
static struct tally_sample series[SECONDS];

static bool
note(void *context, const struct tally_sample *sample)
{
	(void)context;
	series[sample->at_s] = *sample;
	return true;
}

static struct tally
run_noted(struct simulated *s, struct world_config *config)
{
	config->sample = note;
	config->sample_s = 1;
	ck_assert_uint_le(config->length_s, SECONDS);
	return simulated_run(s, config);
}

static double
full(uint32_t at_s, size_t region)
{
	return series[at_s].load[region] / series[at_s].capacity[region];
}

START_TEST(one_seed_is_one_world)
{
	struct simulated s;
	struct tally a, b, c;
	struct population *p, *again;
	struct world_config config;

	simulated_load(&s, three_regions, false);
	p = simulated_population(&s, &usual);
	again = simulated_population(&s, &usual);
	ck_assert_uint_eq(p->n_networks, 195 + 250);
	ck_assert_mem_eq(
	    p->networks, again->networks, p->n_networks * sizeof(*p->networks));
	config = simulated_world(&s, p);
	config.length_s = 1200;
	a = simulated_run(&s, &config);
	config.population = again;
	b = simulated_run(&s, &config);
	ck_assert_mem_eq(&a, &b, sizeof(a));
	config.seed = 2;
	c = simulated_run(&s, &config);
	ck_assert_double_ne(a.queries_s, c.queries_s);
	population_destroy(p);
	population_destroy(again);
	simulated_unload(&s);
}
END_TEST

/* Sizes, places and networks of those who ask. */
START_TEST(a_population_is_as_it_should_be)
{
	struct simulated s;
	struct population *p;
	double near[3] = {0}, first, tenth;

	simulated_load(&s, three_regions, false);
	p = simulated_population(&s, &usual);
	ck_assert_uint_eq(p->n_resolvers, 200);
	for (size_t i = 0; i < p->n_networks; i++) {
		const struct population_network *n = &p->networks[i];

		ck_assert_int_gt(n->demand, 0);
		near[n->near] += (double)n->demand / POPULATION_WHOLE;
		ck_assert(n->address.bytes[3] == 0);
		if (i > 0 && n[-1].resolver == n->resolver)
			ck_assert_int_lt(
			    memcmp(n[-1].address.bytes, n->address.bytes, 4),
			    0);
	}
	for (int i = 0; i < 3; i++)
		ck_assert_double_eq_tol(near[i], thirds[i], 0.06);
	/* The sixth and the sixtieth forward nothing: one network each. */
	ck_assert(p->resolvers[4].forwards && !p->resolvers[5].forwards);
	ck_assert_uint_eq(p->resolvers[4].n, 50);
	first = (double)p->networks[p->resolvers[5].first].demand;
	tenth = (double)p->networks[p->resolvers[59].first].demand;
	ck_assert_double_eq_tol(first / tenth, pow(10, 0.9), 1e-4);
	population_destroy(p);
	simulated_unload(&s);
}
END_TEST

/* Where networks are uneven they are whole /16, whose /20 have about as many
 * clients each; those of another country are nobody's. */
START_TEST(uneven_networks_are_whole_blocks)
{
	struct population_config config = usual;
	struct simulated s;
	struct population *p;
	size_t blocks = 0;

	config.sigma_16 = 2;
	config.sigma_24 = 1;
	config.forwarding = 1;
	simulated_load(&s, three_regions, false);
	p = simulated_population(&s, &config);
	for (uint32_t i = 0; i < p->resolvers[0].n;) {
		const struct population_network *n = &p->networks[i];
		int64_t most = 0, sum = 0;
		uint32_t k = 0;

		for (; i + k < p->resolvers[0].n &&
		     memcmp(n[k].address.bytes, n->address.bytes, 2) == 0;
		     k++) {
			/* One of each /20. */
			if (k > 0)
				ck_assert_uint_gt(n[k].address.bytes[2] >> 4,
				    n[k - 1].address.bytes[2] >> 4);
			ck_assert_uint_eq(n[k].near, n->near);
			sum += n[k].demand;
			most = n[k].demand > most ? n[k].demand : most;
		}
		ck_assert_int_lt(most * (int64_t)k, 4 * sum);
		blocks++;
		i += k;
	}
	ck_assert_uint_eq(blocks, config.networks);
	ck_assert_uint_gt(p->resolvers[0].n, 8 * blocks);
	/* Whoever forwards no networks has its own. */
	ck_assert_uint_eq(p->resolvers[1].n, 1);
	population_destroy(p);
	simulated_unload(&s);
}
END_TEST

START_TEST(clients_are_in_the_countries_that_are_said)
{
	static const struct population_country countries[] = {
	    {"DE", 3}, {"JP", 1}};
	struct population_config config = usual;
	struct simulated s;
	struct population *p;
	double germany = 0;

	config.near = NULL;
	config.countries = countries;
	config.n_countries = 2;
	simulated_load(&s, three_regions, false);
	p = simulated_population(&s, &config);
	for (size_t i = 0; i < p->n_networks; i++) {
		const struct population_network *n = &p->networks[i];
		bool eu = strcmp(s.config->regions[n->near].name, "eu") == 0;

		ck_assert(
		    eu || strcmp(s.config->regions[n->near].name, "ap") == 0);
		germany += eu ? (double)n->demand / POPULATION_WHOLE : 0;
		ck_assert_int_eq(n->longitude > 100, !eu);
	}
	ck_assert_double_eq_tol(germany, 0.75, 0.06);
	population_destroy(p);
	simulated_unload(&s);
}
END_TEST

START_TEST(where_nobody_is_is_an_error)
{
	static const struct population_country nowhere[] = {{"ZZ", 1}};
	struct population_config config = usual;
	struct simulated s;

	config.near = NULL;
	config.countries = nowhere;
	config.n_countries = 1;
	simulated_load(&s, three_regions, false);
	ck_assert_ptr_null(population_create(
	    &config, s.geo, &s.policy->zones[0].services[0], &s.eb));
	ck_assert_ptr_nonnull(strstr(s.eb.text, "geography has no clients"));
	simulated_unload(&s);
}
END_TEST

START_TEST(without_a_capacity_it_says_so)
{
	static const char text[] =
	    "regions:\n  us: {at: [39.0, -77.5]}\n"
	    "pools:\n  p:\n    endpoints:\n"
	    "      - {name: a, region: us, address: 192.0.2.1}\n"
	    "services:\n  chat: {pool: p}\n";
	struct population_config config = usual;
	struct simulated s;
	struct population *p;
	struct world_config world;
	struct tally tally;

	config.near = NULL;
	simulated_load(&s, text, true);
	p = simulated_population(&s, &config);
	world = simulated_world(&s, p);
	ck_assert_int_eq(world_run(&world, &tally, &s.eb), -1);
	ck_assert_ptr_nonnull(strstr(s.eb.text,
	    "test.yaml:6:9: error: endpoint \"a\" of pool \"p\" has no "
	    "capacity"));
	population_destroy(p);
	simulated_unload(&s);
}
END_TEST

/* All networks of a resolver in one scope of 0: one query for all of them; and
 * with a map that tells them apart, more. */
START_TEST(an_answer_serves_all_in_its_scope)
{
	struct population_config config = {
	    .seed = 1, .resolvers = 1, .forwarding = 1, .networks = 400};
	struct tally t[2];

	for (int empty = 0; empty < 2; empty++) {
		struct simulated s;
		struct population *p;
		struct world_config world;

		simulated_load(&s, three_regions, empty);
		p = simulated_population(&s, &config);
		world = simulated_world(&s, p);
		world.rival = RIVAL_NEAREST;
		world.requests_s = 1e6;
		t[empty] = simulated_run(&s, &world);
		population_destroy(p);
		simulated_unload(&s);
	}
	ck_assert_double_eq_tol(t[1].queries_s, 1.0 / 30, 0.001);
	ck_assert_double_gt(t[0].queries_s, 5.0 / 30);
	ck_assert_double_lt(t[0].queries_s, 400.0 / 30);
}
END_TEST

/* A query each TTL and the time to the next request; hits are the rest. */
START_TEST(answers_are_kept_for_their_time)
{
	struct population_config config = {
	    .seed = 1, .resolvers = 100, .zipf = 0};
	double kept[] = {30, 120};

	for (int i = 0; i < 2; i++) {
		struct simulated s;
		struct population *p;
		struct world_config world;
		struct tally t;

		config.stretched = i;
		config.stretched_s = 120;
		simulated_load(&s, three_regions, true);
		p = simulated_population(&s, &config);
		world = simulated_world(&s, p);
		world.rival = RIVAL_NEAREST;
		/* Each asks every 10 s. */
		world.requests_s = 10;
		world.level = 1;
		t = simulated_run(&s, &world);
		ck_assert_double_eq_tol(
		    t.queries_s, 100 / (kept[i] + 10), 0.08);
		ck_assert_double_eq_tol(t.hits, 1 - t.queries_s / 10, 0.01);
		population_destroy(p);
		simulated_unload(&s);
	}
}
END_TEST

/* --- what happens --- */

/* A world of the usual population and nearest regions, with events. */
static struct tally
run_events(const char *text, size_t service,
    const struct scenario_event *events, size_t n, uint32_t length_s)
{
	struct simulated s;
	struct population *p;
	struct world_config world;
	struct tally t;

	simulated_load(&s, text, false);
	p = simulated_population(&s, &usual);
	world = simulated_world(&s, p);
	world.service = &s.policy->zones[0].services[service];
	world.rival = RIVAL_NEAREST;
	world.level = 0.5;
	world.requests_s = 1e6;
	world.length_s = length_s;
	world.settle_s = 0;
	world.events = events;
	world.n_events = n;
	t = run_noted(&s, &world);
	population_destroy(p);
	simulated_unload(&s);
	return t;
}

START_TEST(requests_are_held_for_their_time)
{
	static const struct scenario_event e[] = {{.at_s = 300,
	    .what = SCENARIO_DEMAND,
	    .index = SCENARIO_ALL,
	    .value = 0}};
	double before;

	run_events(three_regions, 0, e, 1, 400);
	before = full(299, 0);
	ck_assert_double_gt(before, 0.2);
	/* An e-th is left after 20 s. */
	ck_assert_double_eq_tol(full(319, 0), before * exp(-1), 0.001);
	ck_assert_double_eq_tol(full(339, 0), before * exp(-2), 0.001);
}
END_TEST

START_TEST(demand_changes_by_place_and_in_time)
{
	static const struct scenario_event e[] = {
	    {300, SCENARIO_DEMAND, 1, 2, 100},
	    {600, SCENARIO_DEMAND, SCENARIO_ALL, 1, 0}};

	run_events(three_regions, 0, e, 2, 900);
	ck_assert_double_eq_tol(full(599, 0), full(299, 0), 0.01);
	ck_assert_double_eq_tol(full(599, 1), 2 * full(299, 1), 0.01);
	ck_assert_double_lt(full(350, 1), 1.7 * full(299, 1));
	ck_assert_double_eq_tol(full(899, 1), full(299, 1), 0.01);
}
END_TEST

/* Asia has its noon first. */
START_TEST(a_wave_goes_around_the_globe)
{
	static const struct scenario_event e[] = {
	    {.what = SCENARIO_WAVE, .value = 0.5, .over_s = 3600}};
	uint32_t peak[3] = {0};

	run_events(three_regions, 0, e, 1, 3600);
	for (uint32_t r = 0; r < 3; r++)
		for (uint32_t i = 60; i < 3600; i++)
			if (full(i, r) > full(peak[r], r))
				peak[r] = i;
	ck_assert_uint_lt(peak[2] + 300, peak[1]);
	ck_assert_uint_lt(peak[1] + 300, peak[0]);
}
END_TEST

/* Clients of what is down are lost until their answers are over. */
START_TEST(what_is_down_is_left_within_the_ttl)
{
	static const struct scenario_event e[] = {
	    {.at_s = 300, .what = SCENARIO_DOWN, .index = 1},
	    {.at_s = 600, .what = SCENARIO_UP, .index = 1}};

	run_events(three_regions, 0, e, 2, 900);
	ck_assert_double_gt(series[301].lost, 0.2);
	ck_assert_double_eq(series[301].capacity[1], 0);
	ck_assert_double_lt(series[320].lost, series[301].lost);
	ck_assert_double_eq(series[335].lost, 0);
	ck_assert_double_eq(series[500].load[1], 0);
	ck_assert_double_eq_tol(full(899, 1), full(299, 1), 0.01);
}
END_TEST

/* As the pool says. */
START_TEST(what_comes_back_starts_slowly)
{
	static const struct scenario_event e[] = {
	    {.at_s = 300, .what = SCENARIO_DOWN, .index = 1},
	    {.at_s = 600, .what = SCENARIO_UP, .index = 1}};
	const char *at = strstr(three_regions, "    spill: {}\n");
	char text[2048];
	double before;

	snprintf(text, sizeof(text), "%.*s    slow_start: 300s\n%s",
	    (int)(at - three_regions), three_regions, at);
	run_events(text, 0, e, 2, 1200);
	before = full(299, 1);
	ck_assert_double_lt(full(660, 1), 0.4 * before);
	ck_assert_double_gt(full(800, 1), 0.3 * before);
	ck_assert_double_lt(full(800, 1), 0.9 * before);
	ck_assert_double_eq_tol(full(1199, 1), before, 0.01);
}
END_TEST

START_TEST(a_drain_takes_its_time_and_is_undone)
{
	static const struct scenario_event e[] = {
	    {300, SCENARIO_DRAIN, 0, 0, 200}, {700, SCENARIO_UNDRAIN, 0, 0, 0}};
	struct tally t = run_events(three_regions, 0, e, 2, 900);
	double before = full(299, 0);

	ck_assert_double_gt(full(420, 0), 0.2 * before);
	ck_assert_double_lt(full(420, 0), 0.8 * before);
	/* The time that clients have is no longer than that of the drain. */
	ck_assert_double_lt(full(600, 0), 0.01 * before);
	ck_assert_double_eq_tol(full(899, 0), before, 0.01);
	ck_assert_double_eq(t.lost, 0);
}
END_TEST

/* One border moves, there and back, in steps. */
START_TEST(a_canary_gets_its_share_in_steps)
{
	static const struct scenario_event e[] = {
	    {300, SCENARIO_CANARY, 1, 0.5, 300},
	    {1200, SCENARIO_CANARY, 1, 0.1, 0}};
	struct tally t = run_events(three_regions, 1, e, 2, 1800);

	/* The demand that left a pool, of all: to 50 % and back. */
	ck_assert_double_eq_tol(
	    t.moved_endpoint * 1800 / 60, 2 * (0.5 - 0.1), 0.16);
	ck_assert_double_eq_tol(t.moved * 1800 / 60, 0, 0.001);
	ck_assert_double_eq(series[250].moved_endpoint, 0);
	ck_assert_double_eq(series[1100].moved_endpoint, 0);
}
END_TEST

START_TEST(what_is_slow_has_more_to_do)
{
	static struct scenario_event e[] = {
	    {.at_s = 300, .what = SCENARIO_SPEED, .value = 0.5}};

	run_events(three_regions, 0, e, 1, 600);
	/* The first endpoint of the policy is that of the first region. */
	ck_assert_double_eq_tol(full(599, 0), 2 * full(299, 0), 0.01);
	ck_assert_double_eq_tol(full(599, 1), full(299, 1), 0.01);
}
END_TEST

/* Both regions of ${text} have the clients near them. */
static void
check_clients(const char *text)
{
	struct population_config people = usual;
	struct simulated s;
	struct population *p;
	struct world_config world;

	people.near = NULL;
	simulated_load(&s, text, false);
	p = simulated_population(&s, &people);
	world = simulated_world(&s, p);
	world.length_s = 1200;
	ck_assert_double_eq(run_noted(&s, &world).away, 0);
	ck_assert_double_gt(full(1199, 0), 0.1);
	ck_assert_double_gt(full(1199, 1), 0.1);
	population_destroy(p);
	simulated_unload(&s);
}

#define TWO_REGIONS(a, b)                                       \
	"regions:\n"                                            \
	"  us: {at: [39.0, -77.5]}\n"                           \
	"  eu: {at: [53.3, -6.3]}\n"                            \
	"pools:\n"                                              \
	"  p:\n"                                                \
	"    families: mixed\n"                                 \
	"    endpoints:\n"                                      \
	"      - {name: a, region: us, capacity: 100, " a "}\n" \
	"      - {name: b, region: eu, capacity: 100, " b "}\n" \
	"services:\n"                                           \
	"  chat: {pool: p}\n"

/* Whatever endpoints have in place of an IPv4 address, clients go there. */
START_TEST(what_has_no_ipv4_address_has_clients)
{
	check_clients(TWO_REGIONS(
	    "address: \"2001:db8::1\"", "address: \"2001:db8::2\""));
	check_clients(TWO_REGIONS("address: \"2001:db8::1\"",
	    "address: [192.0.2.1, \"2001:db8::2\"]"));
	check_clients(
	    TWO_REGIONS("cname: a.example.org", "cname: b.example.org"));
}
END_TEST

/* --- metrics --- */

START_TEST(metrics_are_as_late_as_they_are)
{
	struct simulated s;
	struct servers servers = {0};
	struct world_config config;

	simulated_load(&s, three_regions, true);
	config = simulated_world(&s, NULL);
	config.held_s = config.smooth_s = 0;
	ck_assert_int_eq(servers_init(&servers, &config, &s.eb), 0);
	ck_assert_double_eq(servers.capacity, 200);
	servers.unit = 1;
	ck_assert(isnan(servers_seen(&servers, 0, 0)));
	for (int i = 1; i <= 2000; i++) {
		servers.all[1].demand = i;
		servers_second(&servers);
	}
	ck_assert_double_eq(servers_seen(&servers, 1, 0), 2000);
	ck_assert_double_eq(servers_seen(&servers, 1, 30), 1970);
	ck_assert(isnan(servers_seen(&servers, 1, SERVERS_LATE_S)));
	servers.all[1].down = true;
	servers_second(&servers);
	ck_assert(isnan(servers_seen(&servers, 1, 0)));
	ck_assert_double_eq(servers_seen(&servers, 1, 1), 2000);
	servers_finish(&servers);
	simulated_unload(&s);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("simulate: world");
	TCase *tc = tcase_create("world");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, one_seed_is_one_world);
	tcase_add_test(tc, a_population_is_as_it_should_be);
	tcase_add_test(tc, uneven_networks_are_whole_blocks);
	tcase_add_test(tc, clients_are_in_the_countries_that_are_said);
	tcase_add_test(tc, where_nobody_is_is_an_error);
	tcase_add_test(tc, without_a_capacity_it_says_so);
	tcase_add_test(tc, an_answer_serves_all_in_its_scope);
	tcase_add_test(tc, answers_are_kept_for_their_time);
	tcase_add_test(tc, requests_are_held_for_their_time);
	tcase_add_test(tc, demand_changes_by_place_and_in_time);
	tcase_add_test(tc, a_wave_goes_around_the_globe);
	tcase_add_test(tc, what_is_down_is_left_within_the_ttl);
	tcase_add_test(tc, what_comes_back_starts_slowly);
	tcase_add_test(tc, a_drain_takes_its_time_and_is_undone);
	tcase_add_test(tc, a_canary_gets_its_share_in_steps);
	tcase_add_test(tc, what_is_slow_has_more_to_do);
	tcase_add_test(tc, what_has_no_ipv4_address_has_clients);
	tcase_add_test(tc, metrics_are_as_late_as_they_are);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
