/* Demand of several nodes: what of it counts, and when it is not known. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/control/census.h"

#define WALL INT64_C(1700000000000)

static const struct region_config regions[] = {{.name = "us"}, {.name = "eu"}};
static const struct steering_config file = {.regions = regions, .n_regions = 2};
static struct census *c;
static struct demand_row rows[DEMAND_CLASSES];
static size_t n;

static void
setup(void)
{
	c = census_create();
	ck_assert_ptr_nonnull(c);
}

static void
teardown(void)
{
	census_destroy(c);
}

/* ${node} counted ${answers} in ten seconds, which ended at ${at_ms}. */
static void
counts(const char *node, const char *class, double answers, int64_t at_ms)
{
	struct state_demand row = {
	    .answers = answers, .window_ms = 10000, .at_ms = WALL + at_ms};

	snprintf(row.node, sizeof(row.node), "%s", node);
	snprintf(row.class, sizeof(row.class), "%s", class);
	census_take(c, &file, &row, at_ms, WALL + at_ms);
}

/* Answers a second of the class that tries ${first} first. */
static double
rate(uint8_t first)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i].class.region[0] == first)
			return rows[i].answers;
	return 0;
}

START_TEST(nodes_add_up_by_class)
{
	counts("a", "us eu", 100, 1000);
	counts("a", "eu us", 10, 1000);
	counts("b", "us eu", 50, 4000);
	ck_assert(census_sum(c, 5000, rows, &n));
	ck_assert_uint_eq(n, 2);
	ck_assert_double_eq(rate(0), 15);
	ck_assert_double_eq(rate(1), 1);
}
END_TEST

/* What a node did not write of its last window is nothing. */
START_TEST(only_the_last_window_of_a_node_counts)
{
	counts("a", "us eu", 100, 1000);
	counts("a", "eu us", 10, 1000);
	counts("a", "us eu", 200, 11000);
	ck_assert(census_sum(c, 12000, rows, &n));
	ck_assert_double_eq(rate(0), 20);
	ck_assert_double_eq(rate(1), 0);
}
END_TEST

/* Ten minutes later by our clock, an hour earlier by its own: what it says is
 * of now, all of it. */
START_TEST(a_clock_that_is_put_back_makes_no_node_silent)
{
	struct state_demand row = {
	    .node = "a", .class = "us eu", .answers = 70, .window_ms = 10000};

	counts("a", "us eu", 100, 1000);
	counts("a", "eu us", 10, 1000);
	row.at_ms = WALL - 3000000;
	census_take(c, &file, &row, 601000, WALL + 601000);
	snprintf(row.class, sizeof(row.class), "eu");
	census_take(c, &file, &row, 601000, WALL + 601000);
	ck_assert(census_sum(c, 602000, rows, &n));
	ck_assert_double_eq(rate(0), 7);
	ck_assert_double_eq(rate(1), 7);
}
END_TEST

static const struct {
	const char *what;
	int64_t at_ms; /* now; the silent one was heard at 1000 */
	bool known;
} silence[] = {
    {"just in time", 1000 + CENSUS_SILENT_MS, true},
    {"silent", 1001 + CENSUS_SILENT_MS, false},
    {"not gone yet", 1000 + CENSUS_GONE_MS, false},
    {"gone for good", 1001 + CENSUS_GONE_MS, true},
};

START_TEST(unknown_from_one_node_is_unknown)
{
	counts("silent", "us eu", 100, 1000);
	counts("other", "us eu", 100, silence[_i].at_ms);
	ck_assert_msg(
	    census_sum(c, silence[_i].at_ms, rows, &n) == silence[_i].known,
	    "%s", silence[_i].what);
	if (_i == 3)
		ck_assert_double_eq(rate(0), 10);
}
END_TEST

START_TEST(nobody_who_counts_is_no_zero)
{
	ck_assert(!census_sum(c, 1000, rows, &n));
	counts("a", "us eu", (double)NAN, 1000);
	ck_assert(!census_sum(c, 1000, rows, &n));
	counts("a", "us eu", 10, 11000);
	ck_assert(census_sum(c, 11000, rows, &n));
}
END_TEST

/* By its wall clock it is old. */
START_TEST(what_was_there_at_a_start_has_its_age)
{
	struct state_demand row = {.node = "a",
	    .class = "us eu",
	    .answers = 1,
	    .window_ms = 10000,
	    .at_ms = WALL};

	census_take(c, &file, &row, 1000, WALL + CENSUS_SILENT_MS + 1);
	ck_assert(!census_sum(c, 1000, rows, &n));
}
END_TEST

START_TEST(a_class_of_another_file_is_left_out)
{
	counts("a", "moon mars", 100, 1000);
	counts("a", "us moon", 100, 1000);
	ck_assert(census_sum(c, 1000, rows, &n));
	ck_assert_uint_eq(n, 1);
	ck_assert_uint_eq(rows[0].class.n, 1);
}
END_TEST

START_TEST(a_window_of_no_length_is_not_known)
{
	struct state_demand row = {
	    .node = "a", .class = "us eu", .answers = 1, .at_ms = WALL};

	census_take(c, &file, &row, 1000, WALL);
	ck_assert(!census_sum(c, 1000, rows, &n));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("census");
	TCase *tc = tcase_create("census");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, nodes_add_up_by_class);
	tcase_add_test(tc, only_the_last_window_of_a_node_counts);
	tcase_add_test(tc, a_clock_that_is_put_back_makes_no_node_silent);
	tcase_add_loop_test(tc, unknown_from_one_node_is_unknown, 0, 4);
	tcase_add_test(tc, nobody_who_counts_is_no_zero);
	tcase_add_test(tc, what_was_there_at_a_start_has_its_age);
	tcase_add_test(tc, a_class_of_another_file_is_left_out);
	tcase_add_test(tc, a_window_of_no_length_is_not_known);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
