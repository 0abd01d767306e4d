/* What vantages say of the endpoints of controlled pools: votes, loads and
 * their ages, and who of them controls. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/control/sights.h"
#include "tests/unit/judged_fixture.h"

#define WALL INT64_C(1700000000000)
#define STALE_MS 30000

static const struct control_endpoint endpoints[] = {
    {.name = "a", .weight = 1, .stale_ms = STALE_MS},
    {.name = "b", .weight = 1, .stale_ms = STALE_MS},
    {.name = "c", .weight = 1}, {.name = "d", .weight = 1},
    {.name = "e", .weight = 1}};
static const enum quorum_kind kinds[] = {
    QUORUM_MAJORITY, QUORUM_MAJORITY, QUORUM_ANY, QUORUM_ALL, QUORUM_COUNT};
static const struct control_pool pool = {
    .zone = "z", .name = "p", .endpoints = endpoints, .n = 5};
static const struct control_plan plan = {&pool, 1};
static struct judged_fixture judged;
static struct sights *s;
static int64_t now_ms;

static void
setup(void)
{
	now_ms = 1000000;
	judged_init(&judged);
	for (size_t i = 0; i < 5; i++) {
		struct policy_check *check =
		    judged_add(&judged, "z", "p", endpoints[i].name, "here");

		check->quorum = kinds[i];
		check->quorum_count = 2;
	}
	s = sights_create(&plan, &judged.judged, now_ms);
	ck_assert_ptr_nonnull(s);
}

static void
teardown(void)
{
	sights_destroy(s);
}

static void
beats(const char *vantage)
{
	struct state_vantage row = {
	    .heartbeat_ms = WALL + now_ms, .lease_until_ms = WALL + now_ms};

	snprintf(row.name, sizeof(row.name), "%s", vantage);
	sights_begin(s, false);
	sights_vantage(s, &row, now_ms, WALL + now_ms);
	sights_commit(s, now_ms);
}

/* It was seen to live. */
static void
lives(const char *vantage)
{
	beats(vantage);
	now_ms++;
	beats(vantage);
}

static void
finds(const char *vantage, const char *endpoint, enum state_health health)
{
	struct state_endpoint row = {.zone = "z", .pool = "p"};

	snprintf(row.vantage, sizeof(row.vantage), "%s", vantage);
	snprintf(row.endpoint, sizeof(row.endpoint), "%s", endpoint);
	row.health = health;
	sights_begin(s, false);
	sights_endpoint(s, &row);
	sights_commit(s, now_ms);
}

/* It measured ${saturation} ${age_ms} ago, by the clocks on the wall. */
static void
measures(const char *vantage, const char *endpoint, double saturation,
    int64_t age_ms)
{
	struct state_load row = {.zone = "z",
	    .pool = "p",
	    .saturation = saturation,
	    .measured_ms = WALL + now_ms - age_ms};

	snprintf(row.vantage, sizeof(row.vantage), "%s", vantage);
	snprintf(row.endpoint, sizeof(row.endpoint), "%s", endpoint);
	sights_load(s, &row, now_ms, WALL + now_ms);
}

static bool
is_up(size_t endpoint)
{
	sights_sit(s, now_ms);
	return sights_up(s, 0, endpoint);
}

START_TEST(half_of_those_who_live_are_enough)
{
	lives("x");
	lives("y");
	ck_assert(is_up(0));
	finds("x", "a", HEALTH_DOWN);
	ck_assert(!is_up(0));
	finds("y", "a", HEALTH_UP);
	ck_assert(is_up(0));
	finds("y", "a", HEALTH_DOWN);
	ck_assert(!is_up(0));
	ck_assert(is_up(1));
	/* What the silent said last stays, as `stale` says. */
	now_ms += JUDGED_STALE_MS + 1;
	ck_assert(!is_up(0));
}
END_TEST

/* Endpoint ${endpoint} is up when so many of five find it so, and not before.
 * A region that serves would be away otherwise, or one that does not full. */
static const struct {
	const char *name;
	size_t endpoint, needed;
} quorums[] = {{"a", 0, 3}, {"c", 2, 1}, {"d", 3, 5}, {"e", 4, 2}};

START_TEST(as_many_are_enough_as_the_check_asks_for)
{
	static const char *const vantages[] = {"q", "r", "s", "t", "u"};

	for (size_t v = 0; v < 5; v++)
		lives(vantages[v]);
	for (size_t v = 0; v < 5; v++)
		finds(vantages[v], quorums[_i].name, HEALTH_DOWN);
	for (size_t up = 0; up < 5; up++) {
		ck_assert(
		    is_up(quorums[_i].endpoint) == (up >= quorums[_i].needed));
		finds(vantages[up], quorums[_i].name, HEALTH_UP);
	}
	ck_assert(is_up(quorums[_i].endpoint));
}
END_TEST

START_TEST(the_load_that_was_measured_last_counts)
{
	int64_t age_ms;

	ck_assert(isnan(sights_saturation(s, 0, 0, now_ms, &age_ms)));
	measures("x", "a", 0.5, 2000);
	measures("y", "a", 0.7, 1000);
	ck_assert_double_eq(sights_saturation(s, 0, 0, now_ms, &age_ms), 0.7);
	ck_assert_int_eq(age_ms, 1000);
	/* Of what is new its way here is no age. */
	measures("x", "a", 0.6, 500);
	ck_assert_double_eq(sights_saturation(s, 0, 0, now_ms, &age_ms), 0.6);
	ck_assert_int_eq(age_ms, 0);
	measures("x", "a", (double)NAN, 400);
	ck_assert_double_eq(sights_saturation(s, 0, 0, now_ms, &age_ms), 0.7);
	now_ms += STALE_MS - 1000;
	ck_assert_double_eq(sights_saturation(s, 0, 0, now_ms, &age_ms), 0.7);
	now_ms++;
	ck_assert(isnan(sights_saturation(s, 0, 0, now_ms, &age_ms)));
}
END_TEST

/* A heartbeat of a vantage of another node. */
static void
beats_elsewhere(const char *vantage)
{
	struct state_vantage row = {.heartbeat_ms = WALL + now_ms,
	    .lease_until_ms = WALL + now_ms,
	    .node = "b"};

	snprintf(row.name, sizeof(row.name), "%s", vantage);
	sights_begin(s, false);
	sights_vantage(s, &row, now_ms, WALL + now_ms);
	sights_commit(s, now_ms);
}

static void
cannot_measure(const char *vantage, const char *endpoint)
{
	struct state_load row = {.zone = "z",
	    .pool = "p",
	    .saturation = 0.5,
	    .measured_ms = WALL + now_ms,
	    .reason = "timeout"};

	snprintf(row.vantage, sizeof(row.vantage), "%s", vantage);
	snprintf(row.endpoint, sizeof(row.endpoint), "%s", endpoint);
	sights_load(s, &row, now_ms, WALL + now_ms);
}

/* Of other nodes comes what changed: load that did not is no older than the
 * heartbeat of who measures it, much longer than a controller would go on with
 * load that is old. */
START_TEST(load_of_another_node_stands_while_its_vantage_lives)
{
	int64_t age_ms;

	beats_elsewhere("x");
	measures("x", "a", 0.5, 0);
	for (int i = 0; i < 1200; i++) {
		now_ms += 1000;
		beats_elsewhere("x");
		ck_assert_double_eq(
		    sights_saturation(s, 0, 0, now_ms, &age_ms), 0.5);
		ck_assert_int_eq(age_ms, 0);
	}
	now_ms += 2000;
	ck_assert_double_eq(sights_saturation(s, 0, 0, now_ms, &age_ms), 0.5);
	ck_assert_int_eq(age_ms, 2000);
	/* What a vantage of this node measured later goes before it. */
	measures("y", "a", 0.7, 0);
	beats_elsewhere("x");
	ck_assert_double_eq(sights_saturation(s, 0, 0, now_ms, &age_ms), 0.7);
	/* One that is silent, and one that says that it cannot see it. */
	now_ms += STALE_MS + 1;
	ck_assert(isnan(sights_saturation(s, 0, 0, now_ms, &age_ms)));
	beats_elsewhere("x");
	ck_assert_double_eq(sights_saturation(s, 0, 0, now_ms, &age_ms), 0.5);
	cannot_measure("x", "a");
	now_ms += STALE_MS + 1;
	beats_elsewhere("x");
	ck_assert(isnan(sights_saturation(s, 0, 0, now_ms, &age_ms)));
}
END_TEST

START_TEST(what_a_whole_change_lacks_is_gone)
{
	const struct state_vantage row = {.name = "x",
	    .heartbeat_ms = WALL + now_ms,
	    .lease_until_ms = WALL + now_ms};
	const struct state_endpoint other = {.vantage = "x",
	    .zone = "z",
	    .pool = "p",
	    .endpoint = "b",
	    .health = HEALTH_UP};
	int64_t age_ms;

	lives("x");
	finds("x", "a", HEALTH_DOWN);
	measures("x", "a", 0.5, 0);
	measures("x", "b", 0.5, 0);
	sights_begin(s, true);
	sights_vantage(s, &row, now_ms, WALL + now_ms);
	sights_endpoint(s, &other);
	measures("x", "b", 0.5, 0);
	sights_commit(s, now_ms);
	ck_assert(is_up(0));
	ck_assert(isnan(sights_saturation(s, 0, 0, now_ms, &age_ms)));
	ck_assert_double_eq(sights_saturation(s, 0, 1, now_ms, &age_ms), 0.5);
	sights_begin(s, false);
	sights_commit(s, now_ms);
	ck_assert_double_eq(sights_saturation(s, 0, 1, now_ms, &age_ms), 0.5);
}
END_TEST

START_TEST(the_first_that_lives_controls)
{
	ck_assert(!sights_leads(s, "b", now_ms));
	beats("a");
	lives("b");
	ck_assert(sights_leads(s, "b", now_ms));
	lives("c");
	ck_assert(sights_leads(s, "b", now_ms));
	ck_assert(!sights_leads(s, "c", now_ms));
	now_ms += 1;
	beats("a");
	ck_assert(!sights_leads(s, "b", now_ms));
	ck_assert(sights_leads(s, "a", now_ms));
	/* It is killed: the next one takes over. */
	now_ms += SEERS_FRESH_MS;
	lives("b");
	ck_assert(sights_leads(s, "b", now_ms));
}
END_TEST

/* It gave its lease back. */
START_TEST(who_ended_controls_no_more)
{
	struct state_vantage row = {.name = "a", .heartbeat_ms = WALL + now_ms};

	lives("a");
	lives("b");
	ck_assert(!sights_leads(s, "b", now_ms));
	sights_vantage(s, &row, now_ms, WALL + now_ms);
	ck_assert(sights_leads(s, "b", now_ms));
}
END_TEST

START_TEST(what_is_not_ours_is_left_out)
{
	lives("x");
	finds("x", "c", HEALTH_DOWN);
	measures("x", "c", 1, 0);
	ck_assert(is_up(0));
	ck_assert(is_up(1));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("sights");
	TCase *tc = tcase_create("sights");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, half_of_those_who_live_are_enough);
	tcase_add_loop_test(tc, as_many_are_enough_as_the_check_asks_for, 0, 4);
	tcase_add_test(tc, the_load_that_was_measured_last_counts);
	tcase_add_test(tc, load_of_another_node_stands_while_its_vantage_lives);
	tcase_add_test(tc, what_a_whole_change_lacks_is_gone);
	tcase_add_test(tc, the_first_that_lives_controls);
	tcase_add_test(tc, who_ended_controls_no_more);
	tcase_add_test(tc, what_is_not_ours_is_left_out);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
