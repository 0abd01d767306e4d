/* Which rows of the state database are left over from other files. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/control/leavings.h"

static const struct region_config regions[] = {
    {.name = "east"}, {.name = "west"}, {.name = "south"}};
static const struct control_endpoint endpoints[] = {
    {.name = "a", .region = 0}, {.name = "b", .region = 1}};

/* A pool in east and west of three regions. */
static const struct control_pool pools[] = {
    {.zone = "test.example",
	.name = "both",
	.spills = true,
	.evens = true,
	.file = {.regions = regions, .n_regions = 3},
	.regions = 3,
	.endpoints = endpoints,
	.n = 2},
    {.zone = "test.example",
	.name = "neither",
	.file = {.regions = regions, .n_regions = 3},
	.regions = 3,
	.endpoints = endpoints,
	.n = 2},
};
static const struct control_plan plan = {pools, 2}, empty;

static struct leavings left;
static char taken[256];

static void
take(void *context, enum state_table table, const void *row)
{
	const struct state_keep *keep = row;
	const struct state_factor *factor = row;

	(void)context;
	snprintf(taken + strlen(taken), sizeof(taken) - strlen(taken),
	    "%s %s %s;", table == TABLE_KEEP ? "keep" : "factor",
	    table == TABLE_KEEP ? keep->pool : factor->pool,
	    table == TABLE_KEEP ? keep->region : factor->endpoint);
}

static void
see(const struct control_plan *of, const char *zone, const char *pool,
    const char *region, const char *endpoint)
{
	struct state_keep keep = {.keep = 0.5};
	struct state_factor factor = {.sixteenths = 8};

	snprintf(keep.zone, sizeof(keep.zone), "%s", zone);
	snprintf(keep.pool, sizeof(keep.pool), "%s", pool);
	snprintf(keep.region, sizeof(keep.region), "%s", region);
	snprintf(factor.zone, sizeof(factor.zone), "%s", zone);
	snprintf(factor.pool, sizeof(factor.pool), "%s", pool);
	snprintf(factor.endpoint, sizeof(factor.endpoint), "%s", endpoint);
	leavings_keep(&left, of, &keep);
	leavings_factor(&left, of, &factor);
}

static const char *
taken_now(void)
{
	taken[0] = '\0';
	leavings_each(&left, take, NULL);
	return taken;
}

START_TEST(what_is_controlled_stays)
{
	see(&plan, "test.example", "both", "east", "a");
	see(&plan, "test.example", "both", "west", "b");
	ck_assert_str_eq(taken_now(), "");
}
END_TEST

START_TEST(what_no_file_has_any_more_goes_once)
{
	see(&plan, "test.example", "both", "south", "c");
	see(&plan, "test.example", "neither", "east", "a");
	see(&plan, "test.example", "gone", "east", "a");
	see(&plan, "other.example", "both", "east", "a");
	see(&empty, "test.example", "both", "east", "a");
	ck_assert_str_eq(taken_now(),
	    "keep both south;keep neither east;keep gone east;keep both east;"
	    "keep both east;factor both c;factor neither a;factor gone a;"
	    "factor both a;factor both a;");
	ck_assert_str_eq(taken_now(), "");
	see(&plan, "test.example", "gone", "east", "a");
	leavings_forget(&left);
	ck_assert_str_eq(taken_now(), "");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("probes_control_leavings");
	TCase *tcase = tcase_create("leavings");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tcase, what_is_controlled_stays);
	tcase_add_test(tcase, what_no_file_has_any_more_goes_once);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
