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
	struct demand_pool pool = {&file, of[_i].regions, of[_i].depth};
	struct demand_class class;
	char text[STATE_ZONE];

	demand_class_of(&asian, &pool, &class);
	demand_class_write(&class, &file, text);
	ck_assert_msg(
	    strcmp(text, of[_i].text) == 0, "%s: \"%s\"", of[_i].what, text);
}
END_TEST

/* All 64 that a file may have, with names of so many octets. */
static struct region_config long_ones[STEERING_MAX_REGIONS];

static struct steering_config
name_regions(size_t octets)
{
	static char names[STEERING_MAX_REGIONS][STATE_NAME];

	memset(names, 0, sizeof(names));
	for (size_t i = 0; i < STEERING_MAX_REGIONS; i++) {
		memset(names[i], 'x', octets);
		snprintf(names[i] + octets - 2, 3, "%02d", (int)i);
		long_ones[i].name = names[i];
	}
	return (struct steering_config){
	    .regions = long_ones, .n_regions = STEERING_MAX_REGIONS};
}

START_TEST(no_more_than_so_many_regions_count)
{
	struct steering_config config = name_regions(2);
	struct demand_pool pool;
	struct client_class many = {.inside = UINT64_MAX, .n = 50};
	struct demand_class class;

	for (uint8_t i = 0; i < 50; i++)
		many.order[i] = i;
	demand_pool_init(&pool, &config, UINT64_MAX, &many, 1);
	demand_class_of(&many, &pool, &class);
	ck_assert_uint_eq(class.n, DEMAND_DEPTH);
	ck_assert_uint_eq(class.region[DEMAND_DEPTH - 1], DEMAND_DEPTH - 1);
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
		struct steering_config config = name_regions(2);
		struct demand_pool pool;

		memset(many, 0, sizeof(many));
		for (size_t c = 0; c < row[i].n; c++) {
			unsigned p = row[i].places;

			/* No two are alike, from place ${p} on. */
			many[c].inside = UINT64_MAX;
			many[c].n = (uint8_t)(p + 1);
			many[c].order[p - 1] = (uint8_t)(1 + c % 60);
			many[c].order[p] = (uint8_t)(1 + c / 60);
		}
		demand_pool_init(&pool, &config, UINT64_MAX, many, row[i].n);
		ck_assert_uint_eq(pool.depth, row[i].depth);
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

/* Names of 63 octets: four and three spaces are 255, and the NUL.  Two orders
 * that differ later are one class, and no two classes have one row. */
START_TEST(a_class_ends_where_the_names_of_its_regions_do_not_fit)
{
	struct client_class client = {
	    .inside = UINT64_MAX, .n = 8, .order = {7, 6, 5, 4, 3, 2, 1, 0}};
	struct demand_class class, again;
	char text[STATE_ZONE];

	for (size_t octets = 61; octets <= 63; octets++) {
		struct steering_config config = name_regions(octets);
		struct demand_pool pool = {&config, UINT64_MAX, 8};

		demand_class_of(&client, &pool, &class);
		ck_assert_uint_eq(class.n, 4);
		demand_class_write(&class, &config, text);
		ck_assert_uint_eq(strlen(text), 4 * octets + 3);
		ck_assert(demand_class_read(&config, text, &again));
		ck_assert_int_eq(memcmp(&class, &again, sizeof(class)), 0);
	}
}
END_TEST

/* Shorter ones: 23 of ten octets and their spaces are 252, and 24 are more. */
START_TEST(names_are_as_many_as_fit_with_their_spaces)
{
	struct steering_config config = name_regions(10);
	struct demand_pool pool = {&config, UINT64_MAX, DEMAND_DEPTH};
	struct client_class client = {.inside = UINT64_MAX, .n = DEMAND_DEPTH};
	struct demand_class class, again;
	char text[STATE_ZONE];

	for (uint8_t i = 0; i < DEMAND_DEPTH; i++)
		client.order[i] = i;
	demand_class_of(&client, &pool, &class);
	ck_assert_uint_eq(class.n, 23);
	demand_class_write(&class, &config, text);
	ck_assert_uint_eq(strlen(text), 252);
	ck_assert(demand_class_read(&config, text, &again));
	ck_assert_int_eq(memcmp(&class, &again, sizeof(class)), 0);
}
END_TEST

/* Whatever the database holds. */
START_TEST(more_regions_than_count_are_not_read)
{
	struct steering_config config = name_regions(2);
	struct {
		struct demand_class class;
		uint8_t after[8];
	} read = {.after = {0}};
	static const uint8_t nothing[8];
	char text[STATE_ZONE];
	size_t len = 0;

	for (size_t i = 0; i < DEMAND_DEPTH + 8; i++)
		len += (size_t)snprintf(
		    text + len, sizeof(text) - len, "%s ", long_ones[i].name);
	ck_assert(demand_class_read(&config, text, &read.class));
	ck_assert_uint_eq(read.class.n, DEMAND_DEPTH);
	ck_assert_int_eq(memcmp(read.after, nothing, sizeof(nothing)), 0);
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
	tcase_add_test(tc, no_more_than_so_many_regions_count);
	tcase_add_test(tc, too_many_classes_are_told_apart_by_fewer_regions);
	tcase_add_loop_test(
	    tc, a_class_is_read_by_the_names_of_the_file, 0, N(read_as));
	tcase_add_test(
	    tc, a_class_ends_where_the_names_of_its_regions_do_not_fit);
	tcase_add_test(tc, names_are_as_many_as_fit_with_their_spaces);
	tcase_add_test(tc, more_regions_than_count_are_not_read);
	tcase_add_test(tc, answers_of_one_class_are_one_sum);
	tcase_add_test(
	    tc, of_too_many_classes_nothing_is_known_until_they_are_fewer);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
