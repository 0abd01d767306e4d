/*
 * First rounds: at a cold start, with new pools, endpoints and vantages, after
 * an outage of the probes, and over reloads nobody is given the clients of all
 * others because it was checked first.
 */
#include "tests/unit/health_fixture.h"

/* Two pools: v1 with the endpoints ${names}, and ${other} with a and b. */
static struct plan
plan_of(const char *names, const char *other)
{
	struct plan plan;

	plan_init(&plan);
	(void)plan_pool(&plan, "v1", names);
	if (other != NULL)
		(void)plan_pool(&plan, other, "ab");
	return plan;
}

/* The pointers of a plan that was copied. */
static const struct policy *
policy_of(struct plan *plan)
{
	plan->policy.endpoints = plan->endpoints;
	plan->policy.groups = plan->groups;
	plan->policy.pools = plan->pools;
	plan->policy.checks = plan->checks;
	plan->policy.regions = plan->regions;
	for (size_t i = 0; i < MODEL_POOLS; i++)
		plan->pools[i].group = plan->group[i];
	return &plan->policy;
}

START_TEST(all_count_as_up_until_the_first_round_is_over)
{
	struct plan plan = plan_of("abcde", NULL);
	struct model m = model_create(policy_of(&plan));

	ck_assert_str_eq(said(&m), "!!!!!");
	ck_assert_uint_eq(pending_of(&m), 0);
	report(&m, "x", "v1", "a+ b? c? d? e?");
	ck_assert_str_eq(said(&m), "+!!!!");
	pass(&m, 500);
	report(&m, "x", "v1", "b-");
	ck_assert_str_eq(said(&m), "+-!!!");
	report(&m, "x", "v1", "c+ d+");
	ck_assert_str_eq(said(&m), "+-++!");
	report(&m, "x", "v1", "e+");
	ck_assert_str_eq(said(&m), "+-+++");
	ck_assert_uint_eq(pending_of(&m), LIVE_NOT_PENDING);
	health_destroy(m.health);
}
END_TEST

START_TEST(the_ttl_is_min_where_nobody_has_looked_and_only_there)
{
	struct plan plan = plan_of("ab", NULL);
	struct model m = model_create(policy_of(&plan));
	struct live *live;

	report(&m, "x", "v1", "a+");
	live = live_of(&m);
	ck_assert_uint_eq(live->group[0].pending_s, LIVE_NOT_PENDING);
	ck_assert_uint_eq(live->group[1].pending_s, 0);
	live_destroy(live);
	health_destroy(m.health);
}
END_TEST

START_TEST(a_round_ends_by_time)
{
	static const struct {
		const char *what;
		uint64_t every_ms, timeout_ms;
		int64_t length_ms;
	} rows[] = {
	    {"a period and a timeout", 5000, 2000, ROUND},
	    {"a slow check keeps it open for stale_after", 3600000, 2000,
		STALE},
	    {"just as long", 28000, 2000, STALE},
	    {"one more", 28000, 1999, STALE - 1},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct plan plan = plan_of("abc", NULL);
		struct model m;

		plan.checks[0].every_ms = rows[i].every_ms;
		plan.checks[0].timeout_ms = rows[i].timeout_ms;
		m = model_create(policy_of(&plan));
		/* The probe dies after its first result. */
		report(&m, "x", "v1", "b+");
		pass(&m, rows[i].length_ms - 1);
		ck_assert_msg(strcmp(said(&m), "!+!") == 0, "%s: %s",
		    rows[i].what, said(&m));
		pass(&m, 1);
		ck_assert_msg(strcmp(said(&m), "?+?") == 0, "%s: %s",
		    rows[i].what, said(&m));
		ck_assert_uint_eq(pending_of(&m), LIVE_NOT_PENDING);
		health_destroy(m.health);
	}
}
END_TEST

START_TEST(a_round_begins_anew_with_the_first_vantage_and_the_first_result)
{
	struct plan plan = plan_of("ab", NULL);
	struct model m = model_create(policy_of(&plan));

	pass(&m, ROUND - 1);
	ck_assert_str_eq(said(&m), "!!");
	pass(&m, 1);
	ck_assert_str_eq(said(&m), "??");
	pass(&m, 600000);
	/* It is heard, and has looked at nothing yet. */
	report(&m, "x", "v1", "a? b?");
	ck_assert_str_eq(said(&m), "!!");
	pass(&m, ROUND - 1);
	beat(&m, "x");
	ck_assert_str_eq(said(&m), "!!");
	pass(&m, 1);
	ck_assert_str_eq(said(&m), "??");
	/* Its files came late. */
	report(&m, "x", "v1", "a+");
	ck_assert_str_eq(said(&m), "+!");
	pass(&m, ROUND - 1);
	beat(&m, "x");
	ck_assert_str_eq(said(&m), "+!");
	/* A second result is no new beginning, nor is another vantage. */
	report(&m, "x", "v1", "a+");
	beat(&m, "y");
	pass(&m, 1);
	ck_assert_str_eq(said(&m), "+?");
	health_destroy(m.health);
}
END_TEST

START_TEST(a_round_that_is_over_stays_over)
{
	struct plan plan = plan_of("ab", NULL), more = plan_of("abc", NULL);
	struct model m = model_create(policy_of(&plan));

	report(&m, "x", "v1", "a+ b+");
	ck_assert_str_eq(said(&m), "++");
	/* An endpoint that is added to a judged pool waits for its check. */
	model_adopt(&m, policy_of(&more));
	ck_assert_str_eq(said(&m), "++?");
	report(&m, "x", "v1", "c? a+");
	ck_assert_str_eq(said(&m), "++?");
	beat(&m, "y");
	ck_assert_str_eq(said(&m), "++?");
	report(&m, "x", "v1", "c-");
	ck_assert_str_eq(said(&m), "++-");
	health_destroy(m.health);
}
END_TEST

START_TEST(a_new_or_renamed_pool_has_a_round_of_its_own)
{
	struct plan plan = plan_of("ab", "v2"), renamed = plan_of("ab", "v3");
	struct model m = model_create(policy_of(&plan));

	report(&m, "x", "v1", "a+ b-");
	report(&m, "x", "v2", "a- b+");
	ck_assert_str_eq(said(&m), "+--+");
	pass(&m, 10000);
	beat(&m, "x");
	model_adopt(&m, policy_of(&renamed));
	ck_assert_str_eq(said(&m), "+-!!");
	report_all(&m, "x", m.wall, "v1", "a+ b-");
	ck_assert_str_eq(said(&m), "+-!!");
	report(&m, "x", "v3", "a? b?");
	report(&m, "x", "v3", "a-");
	ck_assert_str_eq(said(&m), "+--!");
	report(&m, "x", "v3", "b+");
	ck_assert_str_eq(said(&m), "+--+");
	health_destroy(m.health);
}
END_TEST

/* Wherever it is among those that are known. */
START_TEST(a_new_pool_before_a_known_one_has_a_round_too)
{
	struct plan plan = plan_of("ab", NULL), more = plan_of("ab", NULL);
	struct model m = model_create(policy_of(&plan));

	report(&m, "x", "v1", "a+ b-");
	plan_init(&more);
	(void)plan_pool(&more, "v0", "ab");
	(void)plan_pool(&more, "v1", "ab");
	model_adopt(&m, policy_of(&more));
	ck_assert_str_eq(said(&m), "!!+-");
	health_destroy(m.health);
}
END_TEST

/* It needs no result of what left the files. */
START_TEST(what_left_the_pool_does_not_keep_the_round_open)
{
	struct plan plan = plan_of("abc", NULL), less = plan_of("ab", NULL);
	struct plan more = plan_of("abd", NULL);
	struct model m = model_create(policy_of(&plan));

	report(&m, "x", "v1", "a+");
	model_adopt(&m, policy_of(&less));
	report(&m, "x", "v1", "b+");
	model_adopt(&m, policy_of(&more));
	ck_assert_str_eq(said(&m), "++?");
	health_destroy(m.health);
}
END_TEST

/* Whatever is reloaded within it. */
START_TEST(a_reload_neither_loses_nor_doubles_a_round)
{
	struct plan plan = plan_of("ab", NULL), other = plan_of("bc", NULL);
	struct model m = model_create(policy_of(&plan));

	report(&m, "x", "v1", "a+");
	pass(&m, ROUND / 2);
	beat(&m, "x");
	model_adopt(&m, policy_of(&other));
	report_all(&m, "x", m.wall, "v1", "a+");
	ck_assert_str_eq(said(&m), "!!");
	pass(&m, ROUND / 2 - 1);
	beat(&m, "x");
	ck_assert_str_eq(said(&m), "!!");
	pass(&m, 1);
	ck_assert_str_eq(said(&m), "??");
	health_destroy(m.health);
}
END_TEST

/* The check of a pool may be another one after a reload. */
START_TEST(a_reload_changes_how_long_a_round_is)
{
	struct plan plan = plan_of("ab", NULL), slow = plan_of("ab", NULL);
	struct model m = model_create(policy_of(&plan));

	slow.checks[0].every_ms = 10000;
	slow.checks[0].timeout_ms = 3000;
	report(&m, "x", "v1", "a+");
	model_adopt(&m, policy_of(&slow));
	pass(&m, 12999);
	ck_assert_str_eq(said(&m), "+!");
	pass(&m, 1);
	ck_assert_str_eq(said(&m), "+?");
	health_destroy(m.health);
}
END_TEST

/* Nobody is judged before the slowest check of its set was made. */
START_TEST(a_round_is_as_long_as_the_slowest_check_of_a_set)
{
	struct plan plan = plan_of("ab", NULL);
	struct model m;

	plan.checks[1] = plan.checks[0];
	plan.checks[0].more = 1;
	plan.checks[1].every_ms = 10000;
	plan.checks[1].timeout_ms = 3000;
	m = model_create(policy_of(&plan));
	report(&m, "x", "v1", "a+");
	pass(&m, 12999);
	ck_assert_str_eq(said(&m), "+!");
	pass(&m, 1);
	ck_assert_str_eq(said(&m), "+?");
	health_destroy(m.health);
}
END_TEST

/* It is up, and nobody waits for a result of it. */
START_TEST(what_has_no_check_keeps_no_round_of_others_open)
{
	struct plan plan = plan_of("abc", NULL);
	struct model m;

	plan.endpoints[0].check = STEERING_NONE;
	m = model_create(policy_of(&plan));
	ck_assert_str_eq(said(&m), "+!!");
	report(&m, "x", "v1", "b+ c-");
	ck_assert_str_eq(said(&m), "++-");
	health_destroy(m.health);
	plan.endpoints[0].check = 0;
	plan.endpoints[2].check = STEERING_NONE;
	m = model_create(policy_of(&plan));
	report(&m, "x", "v1", "a+");
	ck_assert_str_eq(said(&m), "+!+");
	report(&m, "x", "v1", "b-");
	ck_assert_str_eq(said(&m), "+-+");
	health_destroy(m.health);
}
END_TEST

/* What is in the database when the server starts ends the round at once. */
START_TEST(a_restart_of_the_server_needs_no_round)
{
	struct plan plan = plan_of("abc", NULL);
	struct model m = model_create(policy_of(&plan));

	report_all(&m, "x", WALL - 1000, "v1", "a+ b- c+");
	ck_assert_str_eq(said(&m), "+-+");
	ck_assert_uint_eq(pending_of(&m), LIVE_NOT_PENDING);
	pass(&m, 1000);
	beat(&m, "x");
	ck_assert_str_eq(said(&m), "+-+");
	health_destroy(m.health);
}
END_TEST

START_TEST(a_new_vantage_neither_revives_nor_takes_down_what_it_has_not_seen)
{
	struct plan plan = plan_of("ab", NULL);
	struct model m = model_create(policy_of(&plan));

	report(&m, "x", "v1", "a+ b-");
	report(&m, "y", "v1", "a? b?");
	ck_assert_str_eq(said(&m), "+-");
	report(&m, "y", "v1", "a+");
	ck_assert_str_eq(said(&m), "+-");
	health_destroy(m.health);
}
END_TEST

/* The probe is dead for long, comes back and checks one after the other: what
 * was known decides until it has. */
START_TEST(an_outage_of_the_probe_is_no_cold_start)
{
	static const struct {
		const char *what;
		enum stale_then then;
		const char *name, *dead;
	} rows[] = {
	    {"down", STALE_DOWN, "x", "---"},
	    {"down, and it has another name now", STALE_DOWN, "y", "---"},
	    {"up", STALE_UP, "x", "+++"},
	    {"keep", STALE_KEEP, "x", "++-"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct plan plan = plan_of("abc", NULL);
		struct model m = model_create(policy_of(&plan));
		const char *name = rows[i].name;

		health_configure(m.health, STALE, rows[i].then);
		report(&m, "x", "v1", "a+ b+ c-");
		pass(&m, STALE + 1);
		ck_assert_msg(strcmp(said(&m), rows[i].dead) == 0, "%s: %s",
		    rows[i].what, said(&m));
		beat(&m, name);
		ck_assert_msg(strcmp(said(&m), "++-") == 0, "%s: %s",
		    rows[i].what, said(&m));
		ck_assert_uint_eq(pending_of(&m), 0);
		pass(&m, 1000);
		report(&m, name, "v1", "a+");
		ck_assert_str_eq(said(&m), "++-");
		report(&m, name, "v1", "c+");
		ck_assert_str_eq(said(&m), "+++");
		/* The one that it never gets to goes by `then`. */
		pass(&m, ROUND - 1);
		report(&m, name, "v1", "a+ c+");
		ck_assert_str_eq(said(&m), "+++");
		pass(&m, 1);
		ck_assert_msg(said(&m)[1] == rows[i].dead[1], "%s: %s",
		    rows[i].what, said(&m));
		health_destroy(m.health);
	}
}
END_TEST

/* Another vantage is heard shortly before the only one goes stale. */
START_TEST(what_nobody_new_has_seen_yet_is_not_by_then)
{
	struct plan plan = plan_of("ab", NULL);
	struct model m = model_create(policy_of(&plan));

	health_configure(m.health, STALE, STALE_DOWN);
	report(&m, "x", "v1", "a+ b+");
	pass(&m, STALE - 1000);
	report(&m, "y", "v1", "a? b?");
	pass(&m, 1001);
	report(&m, "y", "v1", "a+");
	ck_assert_str_eq(said(&m), "++");
	pass(&m, ROUND - 1002);
	ck_assert_str_eq(said(&m), "++");
	pass(&m, 1);
	ck_assert_str_eq(said(&m), "+-");
	health_destroy(m.health);
}
END_TEST

/* The rows of pools are apart from each other. */
/* It takes `fall` failures to be down, but nobody waits for them. */
START_TEST(what_failed_once_at_its_start_has_a_result)
{
	struct plan plan = plan_of("abc", NULL);
	struct model m = model_create(policy_of(&plan));

	report(&m, "x", "v1", "a+ bf");
	ck_assert_str_eq(said(&m), "+!!");
	report(&m, "x", "v1", "c+");
	ck_assert_str_eq(said(&m), "+?+");
	report(&m, "x", "v1", "b-");
	ck_assert_str_eq(said(&m), "+-+");
	health_destroy(m.health);
}
END_TEST

START_TEST(rounds_are_by_pool)
{
	struct plan plan = plan_of("ab", "v2");
	struct model m = model_create(policy_of(&plan));

	report(&m, "x", "v1", "a+ b+");
	report(&m, "x", "v2", "b+");
	ck_assert_str_eq(said(&m), "++!+");
	pass(&m, ROUND);
	beat(&m, "x");
	ck_assert_str_eq(said(&m), "++?+");
	health_destroy(m.health);
}
END_TEST

/* Neither a row that says unknown nor one of a vantage that is gone is a
 * result. */
START_TEST(only_a_living_vantage_has_results)
{
	struct plan plan = plan_of("ab", NULL), more = plan_of("abc", NULL);
	struct model m = model_create(policy_of(&plan));

	report_all(&m, "x", WALL - 1000, "v1", "a+ b?");
	pass(&m, 5001);
	/* x was read, and is not heard: its word on a is the last one. */
	report(&m, "y", "v1", "a? b+");
	ck_assert_str_eq(said(&m), "++");
	model_adopt(&m, policy_of(&more));
	ck_assert_str_eq(said(&m), "++!");
	report(&m, "y", "v1", "a+ c+");
	model_adopt(&m, policy_of(&plan));
	report_all(&m, "y", m.wall, "v1", "a+ b+");
	model_adopt(&m, policy_of(&more));
	ck_assert_str_eq(said(&m), "++?");
	health_destroy(m.health);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering: rounds");
	TCase *tc = tcase_create("rounds");

	tcase_add_test(tc, all_count_as_up_until_the_first_round_is_over);
	tcase_add_test(
	    tc, the_ttl_is_min_where_nobody_has_looked_and_only_there);
	tcase_add_test(tc, a_round_ends_by_time);
	tcase_add_test(tc,
	    a_round_begins_anew_with_the_first_vantage_and_the_first_result);
	tcase_add_test(tc, a_round_that_is_over_stays_over);
	tcase_add_test(tc, a_new_or_renamed_pool_has_a_round_of_its_own);
	tcase_add_test(tc, a_new_pool_before_a_known_one_has_a_round_too);
	tcase_add_test(tc, what_left_the_pool_does_not_keep_the_round_open);
	tcase_add_test(tc, a_reload_neither_loses_nor_doubles_a_round);
	tcase_add_test(tc, a_reload_changes_how_long_a_round_is);
	tcase_add_test(tc, a_round_is_as_long_as_the_slowest_check_of_a_set);
	tcase_add_test(tc, what_has_no_check_keeps_no_round_of_others_open);
	tcase_add_test(tc, a_restart_of_the_server_needs_no_round);
	tcase_add_test(tc,
	    a_new_vantage_neither_revives_nor_takes_down_what_it_has_not_seen);
	tcase_add_test(tc, an_outage_of_the_probe_is_no_cold_start);
	tcase_add_test(tc, what_nobody_new_has_seen_yet_is_not_by_then);
	tcase_add_test(tc, what_failed_once_at_its_start_has_a_result);
	tcase_add_test(tc, rounds_are_by_pool);
	tcase_add_test(tc, only_a_living_vantage_has_results);
	suite_add_tcase(suite, tc);
	return fixture_run(suite);
}
