/* What of the files is copied for those who control by load and walk ramps. */
#include "probes/control/plan.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "probes/control/judged.h"
#include "probes/control/ramp_plan.h"
#include "steering/vantage.h"

static const char text[] =
    "regions:\n  us: {at: [39, -77]}\n  eu: {at: [53, -6]}\n"
    "checks:\n"
    "  any: {preset: http, path: /, quorum: any}\n"
    "  two: {preset: http, path: /, quorum: 2}\n"
    "pools:\n"
    "  old:\n    check: any\n    spill: {}\n    endpoints:\n"
    "      - {name: a, region: us, address: 192.0.2.1, capacity: 1}\n"
    "      - {name: b, region: eu, address: 192.0.2.2, capacity: 1, check: "
    "two}\n"
    "  new:\n    check: two\n    endpoints:\n"
    "      - {name: c, region: us, address: 192.0.2.3}\n"
    "services:\n"
    "  s: {rank: {listed: [us, eu]}, split: {old: 100, new: 0}, "
    "ramp: {to: 20%}}\n";

/* Its texts are its own: the files are gone. */
static void
check_judged(const struct policy *policy, const struct policy_endpoint *e)
{
	const struct policy_check *check = &policy->checks[e->check];
	bool any = strcmp(e->key.endpoint, "a") == 0;

	ck_assert_str_eq(e->key.zone, "example.net");
	ck_assert_str_eq(
	    e->key.pool, strcmp(e->key.endpoint, "c") == 0 ? "new" : "old");
	ck_assert_str_eq(policy->regions[e->region].name,
	    strcmp(e->key.endpoint, "b") == 0 ? "eu" : "us");
	ck_assert_int_eq(check->quorum, any ? QUORUM_ANY : QUORUM_COUNT);
	ck_assert(any || check->quorum_count == 2);
}

START_TEST(vantages_agree_as_the_check_of_an_endpoint_says)
{
	struct zone_config zone = {.name = "example.net"};
	struct server_config server = {.zones = &zone, .n_zones = 1};
	struct arena *arena = arena_create(1 << 20);
	struct steering_config *config;
	const struct policy *policy;
	struct control_plan plan;
	struct judged judged;
	struct ramp_plans ramps;
	struct errbuf eb;

	errbuf_init(&eb);
	config = steering_config_parse("x.yaml", text, strlen(text), &eb);
	ck_assert_msg(config != NULL, "%s", eb.text);
	ck_assert_int_eq(control_plan_build(arena, &server, &config, &plan), 0);
	ck_assert_uint_eq(plan.n, 1);
	ck_assert_int_eq(ramp_plans_build(arena, &server, &config, &ramps), 0);
	ck_assert_uint_eq(ramps.n, 1);
	ck_assert_uint_eq(
	    plan.pools[0].endpoints[1].place, vantage_place("eu"));
	ck_assert_uint_eq(ramps.plans[0].side[RAMP_CANARY].endpoints[0].place,
	    vantage_place("us"));
	ck_assert_int_eq(judged_build(&judged, &server, &config, &eb), 0);
	steering_config_destroy(config);
	policy = judged.policy;
	ck_assert_uint_eq(policy->n_endpoints, 3);
	for (size_t i = 0; i < 3; i++)
		check_judged(policy, &policy->endpoints[i]);
	judged_finish(&judged);
	arena_destroy(arena);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("control plan");
	TCase *tc = tcase_create("plan");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, vantages_agree_as_the_check_of_an_endpoint_says);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
