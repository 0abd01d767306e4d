/*
 * Tests of compiling a steering file: groups, prebuilt records, names, counter
 * slots, and what is refused.
 */
#include "steering/policy.h"

#include "dns/wire/name.h"
#include "tests/unit/steering_fixture.h"

/* Two regions, two pools, one service over both. */
static struct fixture *
two_pools(void)
{
	struct fixture *f = fixture_create();
	uint32_t east = fixture_region(f, "east", 0);
	uint32_t west = fixture_region(f, "west", 50);
	uint32_t v1 = fixture_pool(f, "v1"), v2 = fixture_pool(f, "v2");
	struct service_config *s = fixture_service(f, "Chat");

	fixture_endpoint(f, v1, west, 1);
	fixture_endpoint(f, v1, east, 3);
	fixture_endpoint(f, v1, west, 0);
	fixture_endpoint(f, v1, west, 1);
	fixture_endpoint(f, v2, east, 1);
	fixture_split(f, s, v1, 95);
	fixture_split(f, s, v2, 5);
	return f;
}

START_TEST(test_groups)
{
	struct fixture *f = two_pools();
	const struct policy_service *s;
	const struct policy_group *g;

	f->pools[0].min_up_ppm = 500001;
	fixture_build(f);
	s = f->policy->zones[0].services;
	ck_assert_uint_eq(f->policy->n_endpoints, 5);
	ck_assert_uint_eq(f->policy->n_groups, 3);
	ck_assert_uint_eq(s->n_members, 2);
	ck_assert_uint_eq(s->members[0].pool.regions, 3);
	ck_assert_uint_eq(s->members[1].pool.regions, 1);
	ck_assert_uint_eq(s->members[1].pool.group[1], STEERING_NONE);

	g = &f->policy->groups[s->members[0].pool.group[1]];
	ck_assert_uint_eq(g->region, 1);
	/* The endpoint without a weight is in no group. */
	ck_assert_uint_eq(g->n, 2);
	ck_assert(g->even);
	ck_assert_uint_eq(g->min_up_ppm, 500001);
	ck_assert_str_eq(f->policy->endpoints[g->first].key.endpoint, "e0");
	ck_assert_str_eq(f->policy->endpoints[g->first + 1].key.endpoint, "e3");
	ck_assert_str_eq(f->policy->endpoints[3].key.endpoint, "e2");
	ck_assert_uint_eq(f->policy->endpoints[3].weight, 0);
	fixture_destroy(f);
}
END_TEST

START_TEST(test_records)
{
	static const uint8_t a[] = {0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4,
	    192, 0, 2, 7, 0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 192, 0, 2,
	    8};
	static const uint8_t aaaa[] = {0xc0, 0x0c, 0, 28, 0, 1, 0, 0, 0, 0, 0,
	    16, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7};
	struct address ipv4[2], ipv6;
	struct fixture *f = fixture_create();
	uint32_t pool = fixture_pool(f, "v1");
	struct endpoint_config *e =
	    fixture_endpoint(f, pool, fixture_region(f, "east", 0), 1);
	const struct policy_endpoint *built;

	ck_assert_int_eq(address_parse("192.0.2.7", &ipv4[0]), 0);
	ck_assert_int_eq(address_parse("192.0.2.8", &ipv4[1]), 0);
	ck_assert_int_eq(address_parse("2001:db8::7", &ipv6), 0);
	e->ipv4 = ipv4;
	e->n_ipv4 = 2;
	e->ipv6 = &ipv6;
	fixture_split(f, fixture_service(f, "chat"), pool, 1);
	fixture_build(f);
	built = &f->policy->endpoints[0];
	ck_assert_uint_eq(built->sets[FORM_IPV4].count, 2);
	ck_assert_uint_eq(built->sets[FORM_IPV4].size, sizeof(a));
	ck_assert_mem_eq(built->sets[FORM_IPV4].image, a, sizeof(a));
	ck_assert_uint_eq(built->sets[FORM_IPV6].count, 1);
	ck_assert_uint_eq(built->sets[FORM_IPV6].size, sizeof(aaaa));
	ck_assert_mem_eq(built->sets[FORM_IPV6].image, aaaa, sizeof(aaaa));
	fixture_destroy(f);
}
END_TEST

START_TEST(test_names_and_slots)
{
	struct fixture *f = two_pools();
	const struct policy_service *s;

	f->config.n_regions = 2;
	fixture_region(f, "unused", 0);
	fixture_build(f);
	s = f->policy->zones[0].services;
	ck_assert_str_eq(f->policy->zones[0].name, "Test.example");
	ck_assert_str_eq(s->name, "chat.test.example.");
	ck_assert_uint_eq(s->members[0].outcome[0], 0);
	ck_assert_uint_eq(s->members[0].outcome[1], 1);
	ck_assert_uint_eq(s->members[0].outcome[2], POLICY_NO_OUTCOME);
	ck_assert_uint_eq(s->outcome_none, 3);
	ck_assert_uint_ne(s->salt_split, s->salt_pick);
	fixture_destroy(f);
}
END_TEST

/* What has[] says, by the endpoint that lacks IPv6. */
START_TEST(test_families)
{
	static const struct {
		const char *what;
		uint32_t split_weight, endpoint_weight;
		bool has_ipv6;
	} rows[] = {
	    {"one of two has it", 5, 1, true},
	    {"the one that has it is never picked", 5, 0, false},
	    {"the pool that has it is a last resort", 0, 1, true},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fixture *f = fixture_create();
		uint32_t east = fixture_region(f, "east", 0);
		uint32_t v1 = fixture_pool(f, "v1");
		uint32_t v2 = fixture_pool(f, "v2");
		struct service_config *s = fixture_service(f, "chat");
		const struct policy_service *built;

		fixture_endpoint(f, v1, east, 1)->n_ipv6 = 0;
		fixture_endpoint(f, v2, east, 1)->n_ipv6 = 0;
		fixture_endpoint(f, v2, east, rows[i].endpoint_weight);
		fixture_split(f, s, v1, 95);
		fixture_split(f, s, v2, rows[i].split_weight);
		fixture_build(f);
		built = f->policy->zones[0].services;
		ck_assert_msg(built->has[FORM_IPV4], "%s", rows[i].what);
		ck_assert_msg(built->has[FORM_IPV6] == rows[i].has_ipv6, "%s",
		    rows[i].what);
		fixture_destroy(f);
	}
}
END_TEST

/* What is said of a service that fences or weights leave nothing. */
START_TEST(test_refused)
{
	static const struct {
		const char *what, *says;
		uint64_t fence;
		bool hard, no_ipv6_in_west;
		uint8_t weight;
		bool built;
	} rows[] = {
	    {"a fence with a region is fine", "", 2, true, false, 1, true},
	    {"a hard fence without one is an error",
		"test.yaml:1:1: error: hard fence rule 1 of service 'chat'", 4,
		true, false, 1, false},
	    {"a soft one is a warning",
		"test.yaml:1:1: warning: fence rule 1 of service 'chat'", 4,
		false, false, 1, true},
	    {"a fence that leaves no endpoint of a family is a warning",
		"test.yaml:1:1: warning: fence rule 1 of service 'chat' leaves "
		"it no IPv6 endpoint: its clients get no AAAA record",
		2, true, true, 1, true},
	    {"weights that are all 0 are an error",
		"service 'chat' has no endpoint to pick", 3, true, false, 0,
		false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fixture *f = fixture_create();
		uint32_t east = fixture_region(f, "east", 0);
		uint32_t west = fixture_region(f, "west", 50);
		uint32_t v1 = fixture_pool(f, "v1");
		struct service_config *s = fixture_service(f, "chat");
		struct endpoint_config *e;

		fixture_region(f, "empty", 0);
		fixture_endpoint(f, v1, east, rows[i].weight);
		e = fixture_endpoint(f, v1, west, rows[i].weight);
		if (rows[i].no_ipv6_in_west)
			e->n_ipv6 = 0;
		fixture_split(f, s, v1, 1);
		fixture_fence(f, s,
		    fixture_network(f, "office", "10.0.0.0/8", 0),
		    rows[i].fence, rows[i].hard);
		ck_assert_msg((fixture_compile(f) != NULL) == rows[i].built,
		    "%s: %s", rows[i].what, f->eb.text);
		ck_assert_msg(strstr(f->eb.text, rows[i].says) != NULL,
		    "%s: %s", rows[i].what, f->eb.text);
		if (rows[i].says[0] == '\0')
			ck_assert_str_eq(f->eb.text, "");
		fixture_destroy(f);
	}
}
END_TEST

START_TEST(test_owners)
{
	static const struct {
		const char *name, *owner; /* NULL: refused */
	} rows[] = {
	    {"chat", "chat.inference.example."},
	    {"@", "inference.example."},
	    {"*.Models", "*.models.inference.example."},
	    {"a.b", "a.b.inference.example."},
	    {"chat.Inference.example.", "chat.inference.example."},
	    {"chat.other.example.", NULL},
	    {"a..b", NULL},
	    {"chat.Inference.example", NULL},
	    {"inference.example", NULL},
	    {"myinference.example", "myinference.example.inference.example."},
	};
	static const uint8_t apex[] = "\11inference\7example";
	uint8_t owner[NAME_MAX_WIRE];
	char text[NAME_TEXT];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fixture *f = fixture_create();
		int rc;

		fixture_service(f, rows[i].name);
		rc = policy_owner(&f->services[0], apex, owner, &f->eb);
		if (rows[i].owner == NULL) {
			ck_assert_int_eq(rc, -1);
			ck_assert_uint_eq(f->eb.errors, 1);
		} else {
			ck_assert_int_eq(rc, 0);
			ck_assert_str_eq(
			    name_format(owner, text), rows[i].owner);
		}
		fixture_destroy(f);
	}
}
END_TEST

/* A zone without a steering file keeps its number. */
START_TEST(test_unsteered_zone)
{
	struct fixture *f = two_pools();
	struct policy_input input[2] = {
	    {"plain.example", NULL}, {"Test.example", &f->config}};
	struct policy *policy;

	fixture_build(f);
	policy = policy_build(input, 2, f->maps, NULL, &f->eb);
	ck_assert_ptr_nonnull(policy);
	ck_assert_uint_eq(policy->n_zones, 2);
	ck_assert_uint_eq(policy->zones[0].n_services, 0);
	ck_assert_uint_eq(policy->zones[1].n_services, 1);
	ck_assert_uint_eq(
	    policy->zones[1].services[0].outcome_none, POLICY_NO_OUTCOME);
	policy_destroy(policy);
	fixture_destroy(f);
}
END_TEST

/* All regions of a service that ranks by latency are measured, or none are. */
START_TEST(a_region_that_nobody_has_measured_is_warned_of)
{
	static const struct {
		const char *what, *to[2];
		enum rank_kind rank;
		const char *warning;
	} rows[] = {
	    {"nothing is measured yet", {NULL}, RANK_LATENCY, NULL},
	    {"all are", {"east", "west"}, RANK_LATENCY, NULL},
	    {"one is", {"east"}, RANK_LATENCY,
		"service 'Chat' ranks by latency, and no round trip to region "
		"'west' is stored: clients who have one to another region go "
		"there last\n"},
	    {"one is, under another name", {"east", "west-1"}, RANK_LATENCY,
		"no round trip to region 'west' is stored"},
	    {"by distance it does not matter", {"east"}, RANK_NEAREST, NULL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fixture *f = two_pools();

		f->services[0].rank = rows[i].rank;
		for (unsigned k = 0; k < 2 && rows[i].to[k] != NULL; k++)
			fixture_measure(f, "DE", rows[i].to[k], 20000, 1);
		fixture_build(f);
		ck_assert_uint_eq(f->eb.errors, 0);
		ck_assert_msg(rows[i].warning == NULL
			? f->eb.text[0] == '\0'
			: strstr(f->eb.text, rows[i].warning) != NULL,
		    "%s: %s", rows[i].what, f->eb.text);
		fixture_destroy(f);
	}
}
END_TEST

/* What decides how soon a streak turns a vote. */
START_TEST(the_pace_of_a_check)
{
	static const struct check_step step;

	for (size_t steps = 0; steps <= 1; steps++) {
		struct fixture *f = fixture_create();
		uint32_t pool = fixture_pool(f, "v1");
		const struct policy_check *c;

		fixture_endpoint(f, pool, fixture_region(f, "east", 0), 1);
		fixture_split(f, fixture_service(f, "chat"), pool, 1);
		f->check.recheck_ms = 200;
		f->check.slow_ms = 30000;
		f->check.fail_back_ms = 20000;
		f->check.deep = (struct check_plan){.steps = &step,
		    .n_steps = steps,
		    .every_ms = 60000,
		    .timeout_ms = 30000,
		    .fall = 4,
		    .rise = 5};
		fixture_build(f);
		ck_assert_uint_eq(f->policy->n_checks, 1);
		c = &f->policy->checks[0];
		ck_assert_uint_eq(c->recheck_ms, 200);
		ck_assert_uint_eq(c->slow_ms, 30000);
		ck_assert_uint_eq(c->fail_back_ms, 20000);
		ck_assert_uint_eq(c->deep.every_ms, steps * 60000);
		ck_assert_uint_eq(c->deep.fall, steps * 4);
		ck_assert_uint_eq(c->deep.rise, steps * 5);
		fixture_destroy(f);
	}
}
END_TEST

/* The checks of a set follow each other, that of an endpoint in place of its
 * pool's; the longest `fail_back` is that of all. */
START_TEST(the_checks_of_a_set)
{
	static const uint32_t two[] = {1, 0}, third[] = {2};
	struct check_config checks[] = {
	    {.every_ms = 1000, .fall = 1, .fail_back_ms = 7000},
	    {.every_ms = 2000,
		.fall = 2,
		.load = {.wanted = true, .stale_ms = 60000}},
	    {.every_ms = 3000, .fall = 3}};
	struct fixture *f = fixture_create();
	uint32_t pool = fixture_pool(f, "v1");
	uint32_t east = fixture_region(f, "east", 0);
	const struct policy_check *c;
	const struct policy_endpoint *e;

	f->config.checks = checks;
	f->config.n_checks = 3;
	f->pools[pool].checks =
	    (struct check_set){.checks = two, .n = 2, .need = 1};
	fixture_endpoint(f, pool, east, 1);
	fixture_endpoint(f, pool, east, 1)->checks =
	    (struct check_set){.checks = third, .n = 1, .need = 1};
	fixture_endpoint(f, pool, east, 1);
	fixture_split(f, fixture_service(f, "chat"), pool, 1);
	fixture_build(f);
	ck_assert_uint_eq(f->policy->n_checks, 3);
	e = f->policy->endpoints;
	ck_assert_uint_eq(e[0].check, 0);
	ck_assert_uint_eq(e[1].check, 2);
	ck_assert_uint_eq(e[2].check, 0);
	c = f->policy->checks;
	ck_assert_uint_eq(c[0].every_ms, 2000);
	ck_assert_uint_eq(c[0].more, 1);
	ck_assert_uint_eq(c[0].fail_back_ms, 7000);
	ck_assert_uint_eq(c[1].every_ms, 1000);
	ck_assert_uint_eq(c[1].more, 0);
	ck_assert_uint_eq(c[1].fail_back_ms, 7000);
	ck_assert_uint_eq(c[0].load_stale_ms, 60000);
	ck_assert_uint_eq(c[1].load_stale_ms, 60000);
	ck_assert_uint_eq(c[2].load_stale_ms, 0);
	ck_assert_uint_eq(c[2].every_ms, 3000);
	ck_assert_uint_eq(c[2].fail_back_ms, 0);
	ck_assert(f->policy->zones[0].services[0].checked);
	fixture_destroy(f);
}
END_TEST

/* A region of one name is one region in all zones, whatever number each file
 * gives it; sets and groups go on by the zone's own. */
START_TEST(test_regions_of_zones)
{
	static const char *const names[] = {"east", "west", "north"};
	struct fixture *f = two_pools(), *other = fixture_create();
	struct policy_input input[] = {{"Test.example", &f->config},
	    {"plain.example", NULL}, {"other.example", &other->config}};
	uint32_t north = fixture_region(other, "north", 70);
	uint32_t west = fixture_region(other, "west", 50);
	uint32_t pool = fixture_pool(other, "v1");
	const struct policy_pool *built;
	struct policy *policy;

	fixture_endpoint(other, pool, north, 1);
	fixture_endpoint(other, pool, west, 1);
	fixture_split(other, fixture_service(other, "chat"), pool, 1);
	fixture_build(f);
	policy = policy_build(input, 3, f->maps, NULL, &f->eb);
	ck_assert_ptr_nonnull(policy);
	ck_assert_uint_eq(policy->n_regions, 3);
	for (size_t i = 0; i < 3; i++)
		ck_assert_str_eq(policy->regions[i].name, names[i]);
	ck_assert_uint_eq(policy->zones[0].regions[0], 0);
	ck_assert_uint_eq(policy->zones[0].regions[1], 1);
	ck_assert_ptr_null(policy->zones[1].regions);
	ck_assert_uint_eq(policy->zones[2].regions[north], 2);
	ck_assert_uint_eq(policy->zones[2].regions[west], 1);

	ck_assert_uint_eq(policy->n_pools, 3);
	built = &policy->pools[2];
	ck_assert_str_eq(built->name, "v1");
	ck_assert_uint_eq(built->regions, 3);
	ck_assert_uint_eq(policy->groups[built->group[north]].region, 2);
	ck_assert_uint_eq(policy->groups[built->group[west]].region, 1);
	for (size_t i = 5; i < policy->n_endpoints; i++)
		ck_assert_uint_eq(policy->endpoints[i].region, i == 5 ? 2 : 1);
	ck_assert_uint_eq(policy->n_endpoints, 7);
	policy_destroy(policy);
	fixture_destroy(other);
	fixture_destroy(f);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering: policy");
	TCase *tc = tcase_create("policy");

	tcase_add_test(tc, test_groups);
	tcase_add_test(tc, test_records);
	tcase_add_test(tc, test_names_and_slots);
	tcase_add_test(tc, test_families);
	tcase_add_test(tc, test_refused);
	tcase_add_test(tc, test_owners);
	tcase_add_test(tc, test_unsteered_zone);
	tcase_add_test(tc, a_region_that_nobody_has_measured_is_warned_of);
	tcase_add_test(tc, test_regions_of_zones);
	tcase_add_test(tc, the_pace_of_a_check);
	tcase_add_test(tc, the_checks_of_a_set);
	suite_add_tcase(suite, tc);
	return fixture_run(suite);
}
