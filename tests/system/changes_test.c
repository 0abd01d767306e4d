/*
 * Changes of health as an operator has them: found quickly where the check says
 * so, held back where it says that, and kept as events with how long it was so
 * before.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/node.h"
#include "tests/system/output.h"

/* A pair of endpoints, both up. */
static void
start(struct node *node, struct harness *h, const char *check)
{
	node_init(node, h);
	node_standin(node, 0);
	node_standin(node, 1);
	node_pair(node, "", check);
	node_serve(node);
	node_check(node);
	HARNESS_WAIT(15000,
	    strcmp(node_sql(node,
		       "SELECT count(*) FROM endpoint WHERE health = 'up'"),
		"2\n") == 0);
}

static void
stop(struct node *node, struct harness *h)
{
	harness_stop(h, node->server);
	harness_stop(h, node->probe);
	harness_destroy(h);
}

static bool
is_second(struct node *node, const char *health)
{
	char sql[128];

	snprintf(sql, sizeof(sql),
	    "SELECT count(*) FROM endpoint WHERE endpoint = '%s' AND health = "
	    "'%s'",
	    "eu", health);
	return strcmp(node_sql(node, sql), "1\n") == 0;
}

/* In their own time three failures would take four seconds and more. */
START_TEST(what_refuses_is_down_within_rechecks)
{
	struct harness *h = harness_create();
	struct node node;
	long ms;

	start(&node, h, "every: 2s, timeout: 1s, fall: 3, recheck: 200ms");
	harness_stop(h, node.standin[1]);
	/* The first failure has a reason, the third changes the health. */
	HARNESS_WAIT(10000,
	    strcmp(node_sql(&node,
		       "SELECT fails > 0 FROM endpoint WHERE endpoint = 'eu'"),
		"1\n") == 0);
	ms = (long)harness_ms();
	HARNESS_WAIT(10000, is_second(&node, "down"));
	ms = (long)harness_ms() - ms;
	printf("measured: down %ld ms after the first failure was seen\n", ms);
	ck_assert_int_lt(ms, 1200);
	stop(&node, h);
}
END_TEST

START_TEST(what_comes_back_waits_for_its_time)
{
	struct harness *h = harness_create();
	int64_t began;
	struct node node;

	start(&node, h,
	    "every: 100ms, timeout: 1500ms, fall: 1, rise: 1, fail_back: 2s");
	node_order(&node, 1, "health=down");
	HARNESS_WAIT(5000, is_second(&node, "down"));
	began = harness_ms();
	node_order(&node, 1, "health=up");
	HARNESS_WAIT(5000,
	    strstr(node_sql(&node,
		       "SELECT reason FROM endpoint WHERE endpoint = 'eu'"),
		"passes, up when it has for 2 s") != NULL);
	HARNESS_WAIT(10000, is_second(&node, "up"));
	ck_assert_int_ge(harness_ms() - began, 1900);
	stop(&node, h);
}
END_TEST

START_TEST(what_flaps_is_held_down)
{
	struct harness *h = harness_create();
	long held;
	struct node node;

	start(&node, h,
	    "every: 100ms, timeout: 1500ms, fall: 1, rise: 1, flap: {changes: "
	    "2, within: 1m, hold: 3s}");
	for (int i = 0; i < 2; i++) {
		node_order(&node, 1, "health=down");
		HARNESS_WAIT(5000, is_second(&node, "down"));
		node_order(&node, 1, "health=up");
		HARNESS_WAIT(10000, is_second(&node, "up"));
	}
	/* The first time it was up at once. */
	held = strtol(node_sql(&node,
			  "SELECT (SELECT max(at_ms) FROM event WHERE after = "
			  "'up') - (SELECT max(at_ms) FROM event WHERE after = "
			  "'down')"),
	    NULL, 10);
	ck_assert_int_ge(held, 2950);
	stop(&node, h);
}
END_TEST

/* The hold of a run that was killed goes on in the next. */
START_TEST(a_hold_outlives_a_kill)
{
	struct harness *h = harness_create();
	int64_t began;
	struct node node;

	start(&node, h,
	    "every: 150ms, timeout: 2s, fall: 1, rise: 1, flap: {changes: "
	    "2, within: 1m, hold: 8s}");
	node_order(&node, 1, "health=down");
	HARNESS_WAIT(5000, is_second(&node, "down"));
	node_order(&node, 1, "health=up");
	HARNESS_WAIT(5000, is_second(&node, "up"));
	began = harness_ms();
	node_order(&node, 1, "health=down");
	HARNESS_WAIT(5000,
	    strcmp(node_sql(&node,
		       "SELECT endpoint, hold_ms FROM endpoint WHERE held_ms "
		       "> 0"),
		"eu|8000\n") == 0);
	harness_kill(h, node.probe);
	node_order(&node, 1, "health=up");
	node_check(&node);
	HARNESS_WAIT(5000,
	    strstr(node_sql(&node,
		       "SELECT reason FROM endpoint WHERE endpoint = 'eu'"),
		"passes, held down since it was down too often") != NULL);
	HARNESS_WAIT(20000, is_second(&node, "up"));
	ck_assert_int_ge(harness_ms() - began, 7900);
	stop(&node, h);
}
END_TEST

START_TEST(an_endpoint_is_checked_by_hand)
{
	struct harness *h = harness_create();
	const char *out;
	struct node node;

	start(&node, h, "every: 5s, timeout: 2s, model: test-model");
	ck_assert_int_eq(node_ctl(&node, &out, "probe", "eu"), 0);
	output_contains(out, "  /health: passed\n");
	output_contains(out, "  /v1/models: passed\n");
	output_contains(out, "\nup\n");
	node_order(&node, 1, "health=down");
	ck_assert_int_eq(node_ctl(&node, &out, "probe", "v1/eu"), 2);
	output_contains(out, "down: status 503\n");
	harness_stop(h, node.standin[1]);
	ck_assert_int_eq(node_ctl(&node, &out, "probe", "eu", "--json"), 2);
	output_contains(out, "\"refused\"");
	ck_assert_int_eq(node_ctl(&node, &out, "probe", "nobody"), 3);
	stop(&node, h);
}
END_TEST

START_TEST(events_say_how_long_it_was_so)
{
	struct harness *h = harness_create();
	const char *out;
	struct node node;

	start(&node, h, "every: 100ms, timeout: 1500ms, fall: 1, rise: 1");
	node_order(&node, 1, "health=down");
	HARNESS_WAIT(5000, is_second(&node, "down"));
	usleep(1100000);
	node_order(&node, 1, "health=up");
	HARNESS_WAIT(5000, is_second(&node, "up"));
	ck_assert_int_eq(
	    node_ctl(&node, &out, "events", "--endpoint", "e*"), 0);
	output_contains(out, " eu: unknown to up, seen from test\n");
	output_contains(out, " eu: up to down after ");
	output_contains(out, " eu: down to up after 1 s, seen from test");
	ck_assert_ptr_null(strstr(out, " us: "));
	ck_assert_int_eq(
	    node_ctl(&node, &out, "events", "--last", "1", "--json"), 0);
	output_contains(out, "\"before\":\"down\",\"after\":\"up\"");
	ck_assert_ptr_eq(strchr(out, '\n'), strrchr(out, '\n'));
	ck_assert_int_eq(node_ctl(&node, &out, "events", "--since", "1h",
			     "--endpoint", "eu", "--count"),
	    0);
	ck_assert_str_eq(out, "3\n");
	ck_assert_int_eq(node_ctl(&node, &out, "events", "--pool", "none"), 0);
	ck_assert_str_eq(out, "");
	stop(&node, h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"recheck", what_refuses_is_down_within_rechecks, 0},
	    {"fail-back", what_comes_back_waits_for_its_time, 0},
	    {"flap", what_flaps_is_held_down, 0},
	    {"flap and a kill", a_hold_outlives_a_kill, 0},
	    {"by hand", an_endpoint_is_checked_by_hand, 0},
	    {"events", events_say_how_long_it_was_so, 0},
	};

	return harness_main("changes", cases, sizeof(cases) / sizeof(cases[0]));
}
