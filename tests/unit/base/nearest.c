/* "Did you mean": how far words are apart, and which is offered. */
#include <check.h>
#include <string.h>

#include "base/nearest.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct {
	const char *a, *b;
	unsigned distance;
} distances[] = {{"", "", 0}, {"abc", "abc", 0}, {"abc", "ABC", 0},
    {"", "abc", 3}, {"abc", "", 3}, {"evry", "every", 1}, {"every", "evry", 1},
    {"shceme", "scheme", 1}, {"kitten", "sitting", 3}, {"ab", "ba", 1},
    {"abcdef", "badcfe", 3}, {"a", "b", 1}};

START_TEST(measures_edit_distance)
{
	char longer[NEAREST_MAX + 2];

	for (size_t i = 0; i < COUNT(distances); i++)
		ck_assert_msg(nearest_distance(distances[i].a,
				  distances[i].b) == distances[i].distance,
		    "%s %s", distances[i].a, distances[i].b);
	memset(longer, 'a', sizeof(longer) - 1);
	longer[NEAREST_MAX + 1] = '\0';
	ck_assert_uint_eq(nearest_distance(longer, longer), NEAREST_MAX + 1);
	ck_assert_uint_eq(
	    nearest_distance(longer + 1, longer + 1), 0); /* the longest */
}
END_TEST

START_TEST(offers_the_nearest_name)
{
	struct nearest n;

	nearest_init(&n, "eu-wst");
	nearest_offer(&n, "us-east");
	ck_assert_ptr_null(n.best);
	nearest_offer(&n, "eu-east");
	ck_assert_str_eq(n.best, "eu-east");
	nearest_offer(&n, "eu-west");
	nearest_offer(&n, "eu-vest");
	ck_assert_str_eq(n.best, "eu-west");
	/* Nothing in common is no suggestion. */
	nearest_init(&n, "a");
	nearest_offer(&n, "b");
	ck_assert_ptr_null(n.best);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("base_nearest");
	TCase *tc = tcase_create("nearest");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, measures_edit_distance);
	tcase_add_test(tc, offers_the_nearest_name);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
