/* Classes of clients for a pool, as names and as numbers, and what they sum up
 * to. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "steering/demand.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static const struct region_config regions[] = {
    {.name = "us"}, {.name = "eu"}, {.name = "asia"}, {.name = "eu-west"}};
static const struct steering_config file = {.regions = regions, .n_regions = 4};

/* All four in the order asia, us, eu-west, eu; eu-west outside its fence. */
static const struct client_class asian = {
    .inside = 0x7, .lifted = 0xf, .n = 4, .order = {2, 0, 3, 1}};

static const struct {
	const char *what;
	uint64_t regions;
	unsigned depth;
	const char *text;
} of[] = {
    {"all that is inside, best first", 0xf, 8, "asia us eu"},
    {"of the regions of the pool", 0x3, 8, "us eu"},
    {"no more than asked for", 0xf, 2, "asia us"},
    {"outside the fence is nothing", 0x8, 8, ""},
    {"more than there is room for is not asked", 0xf, 99, "asia us eu"},
};

START_TEST(a_class_is_the_order_of_a_pools_regions_inside_the_fence)
{
	struct demand_class class;
	char text[STATE_ZONE];

	demand_class_of(&asian, of[_i].regions, of[_i].depth, &class);
	demand_class_write(&class, &file, text);
	ck_assert_msg(
	    strcmp(text, of[_i].text) == 0, "%s: \"%s\"", of[_i].what, text);
}
END_TEST

START_TEST(no_more_than_eight_regions_count)
{
	struct client_class many = {.inside = UINT64_MAX, .n = 12};
	struct demand_class class;

	for (uint8_t i = 0; i < 12; i++)
		many.order[i] = i;
	demand_class_of(&many, UINT64_MAX, 99, &class);
	ck_assert_uint_eq(class.n, DEMAND_DEPTH);
	ck_assert_uint_eq(class.region[7], 7);
}
END_TEST

/* Those of which the first places alone are no more than 60. */
START_TEST(too_many_classes_are_told_apart_by_fewer_regions)
{
	static struct client_class many[DEMAND_CLASSES + 1];
	static const struct {
		size_t n;
		unsigned places, depth;
	} row[] = {{DEMAND_CLASSES, 3, DEMAND_DEPTH},
	    {DEMAND_CLASSES + 1, 1, 1}, {DEMAND_CLASSES + 1, 3, 3},
	    {1, 1, DEMAND_DEPTH}};

	for (size_t i = 0; i < N(row); i++) {
		memset(many, 0, sizeof(many));
		for (size_t c = 0; c < row[i].n; c++) {
			unsigned p = row[i].places;

			/* No two are alike, from place ${p} on. */
			many[c].inside = UINT64_MAX;
			many[c].n = (uint8_t)(p + 1);
			many[c].order[p - 1] = (uint8_t)(1 + c % 60);
			many[c].order[p] = (uint8_t)(1 + c / 60);
		}
		ck_assert_uint_eq(
		    demand_depth(many, row[i].n, UINT64_MAX), row[i].depth);
	}
}
END_TEST

static const struct {
	const char *what, *text;
	uint8_t n, region[DEMAND_DEPTH];
} read_as[] = {
    {"as it was written", "asia us eu", 3, {2, 0, 1}},
    {"a name that begins like another", "eu-west eu", 2, {3, 1}},
    {"one that left the file", "asia moon eu", 2, {2, 1}},
    {"one that is there twice", "us us eu us", 2, {0, 1}},
    {"spaces too many", " us   eu ", 2, {0, 1}},
    {"nothing", "", 0, {0}},
    {"nothing of this file", "moon e", 0, {0}},
};

START_TEST(a_class_is_read_by_the_names_of_the_file)
{
	struct demand_class class;
	bool ok = demand_class_read(&file, read_as[_i].text, &class);

	ck_assert_msg(ok == (read_as[_i].n > 0), "%s", read_as[_i].what);
	ck_assert_msg(class.n == read_as[_i].n &&
		memcmp(class.region, read_as[_i].region, DEMAND_DEPTH) == 0,
	    "%s", read_as[_i].what);
}
END_TEST

/* Names of 63 octets: four and three spaces are 255, and the NUL. */
START_TEST(as_many_names_are_written_as_fit)
{
	static char names[DEMAND_DEPTH][STATE_NAME];
	struct region_config long_ones[DEMAND_DEPTH] = {0};
	struct steering_config config = {.regions = long_ones, .n_regions = 8};
	struct demand_class class = {.n = 8}, again;
	char text[STATE_ZONE];

	for (uint8_t i = 0; i < 8; i++) {
		memset(names[i], 'a' + i, STATE_NAME - 1);
		long_ones[i].name = names[i];
		class.region[i] = i;
	}
	demand_class_write(&class, &config, text);
	ck_assert_uint_eq(strlen(text), 4 * 63 + 3);
	ck_assert(demand_class_read(&config, text, &again));
	ck_assert_uint_eq(again.n, 4);
	/* One octet less of each, and the fourth just fits, or does not. */
	for (uint8_t i = 0; i < 8; i++)
		names[i][62] = '\0';
	demand_class_write(&class, &config, text);
	ck_assert_uint_eq(strlen(text), 4 * 62 + 3);
	ck_assert(demand_class_read(&config, text, &again));
	ck_assert_uint_eq(again.n, 4);
	/* Eight names that fit are read as eight, not more. */
	for (uint8_t i = 0; i < 8; i++)
		names[i][1] = '\0';
	demand_class_read(&config, "a b c d e f g h a", &again);
	ck_assert_uint_eq(again.n, 8);
}
END_TEST

static struct demand_row rows[DEMAND_CLASSES];

START_TEST(answers_of_one_class_are_one_sum)
{
	static const struct demand_class a = {2, {0, 1}}, b = {2, {1, 0}};
	struct demand d;
	size_t n;

	demand_init(&d);
	demand_add(&d, &a, 2);
	demand_add(&d, &b, 5);
	demand_add(&d, &a, 1);
	ck_assert(demand_take(&d, rows, &n));
	ck_assert_uint_eq(n, 2);
	ck_assert_double_eq(rows[0].answers, 3);
	ck_assert_uint_eq(rows[0].class.region[0], 0);
	ck_assert_double_eq(rows[1].answers, 5);
	ck_assert_uint_eq(rows[1].class.region[0], 1);
	demand_add(&d, &b, 4);
	ck_assert(demand_take(&d, rows, &n));
	ck_assert_uint_eq(n, 2);
	ck_assert_double_eq(rows[0].answers, 0);
	ck_assert_double_eq(rows[1].answers, 4);
	demand_finish(&d);
}
END_TEST

START_TEST(of_too_many_classes_nothing_is_known_until_they_are_fewer)
{
	struct demand_class class = {.n = 3};
	struct demand d;
	size_t n;

	demand_init(&d);
	for (unsigned i = 0; i <= DEMAND_CLASSES; i++) {
		class.region[0] = (uint8_t)(i % 64);
		class.region[1] = (uint8_t)(i / 64);
		demand_add(&d, &class, 1);
	}
	ck_assert(!demand_take(&d, rows, &n));
	demand_add(&d, &class, 7);
	ck_assert(demand_take(&d, rows, &n));
	ck_assert_uint_eq(n, 1);
	ck_assert_double_eq(rows[0].answers, 7);
	demand_finish(&d);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("demand");
	TCase *tc = tcase_create("demand");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tc,
	    a_class_is_the_order_of_a_pools_regions_inside_the_fence, 0, N(of));
	tcase_add_test(tc, no_more_than_eight_regions_count);
	tcase_add_test(tc, too_many_classes_are_told_apart_by_fewer_regions);
	tcase_add_loop_test(
	    tc, a_class_is_read_by_the_names_of_the_file, 0, N(read_as));
	tcase_add_test(tc, as_many_names_are_written_as_fit);
	tcase_add_test(tc, answers_of_one_class_are_one_sum);
	tcase_add_test(
	    tc, of_too_many_classes_nothing_is_known_until_they_are_fewer);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
