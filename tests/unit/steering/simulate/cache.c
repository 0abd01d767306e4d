/* What a resolver keeps: an answer is used inside its scope and its time, and
 * nowhere else. */
#include "steering/simulate/cache.h"

#include <check.h>
#include <stdlib.h>

#define NETWORK 0xc00002u /* 192.0.2.0/24 */

START_TEST(an_answer_is_used_inside_its_scope_only)
{
	struct cache cache = {0};

	ck_assert_ptr_null(cache_find(&cache, NETWORK, 0));
	ck_assert_int_eq(cache_put(&cache, NETWORK, 20, 7, 0, 1000), 0);
	ck_assert_uint_eq(cache_find(&cache, NETWORK, 0)->answer, 7);
	ck_assert_uint_eq(cache_find(&cache, 0xc00000, 0)->answer, 7);
	ck_assert_uint_eq(cache_find(&cache, 0xc0000f, 0)->answer, 7);
	ck_assert_ptr_null(cache_find(&cache, 0xc00010, 0));
	ck_assert_ptr_null(cache_find(&cache, 0xbfffff, 0));
	cache_finish(&cache);
}
END_TEST

START_TEST(scope_zero_serves_all)
{
	struct cache cache = {0};

	ck_assert_int_eq(cache_put(&cache, NETWORK, 0, 7, 0, 1000), 0);
	ck_assert_uint_eq(cache_find(&cache, 0, 999)->answer, 7);
	ck_assert_uint_eq(cache_find(&cache, 0xffffff, 999)->answer, 7);
	cache_finish(&cache);
}
END_TEST

START_TEST(a_longer_scope_than_was_asked_for_is_that)
{
	struct cache cache = {0};

	ck_assert_int_eq(cache_put(&cache, NETWORK, 32, 7, 0, 1000), 0);
	ck_assert_uint_eq(cache_find(&cache, NETWORK, 0)->answer, 7);
	ck_assert_ptr_null(cache_find(&cache, NETWORK + 1, 0));
	cache_finish(&cache);
}
END_TEST

START_TEST(an_answer_is_over_at_its_time)
{
	struct cache cache = {0};

	ck_assert_int_eq(cache_put(&cache, NETWORK, 24, 7, 0, 1000), 0);
	ck_assert_ptr_nonnull(cache_find(&cache, NETWORK, 999));
	ck_assert_ptr_null(cache_find(&cache, NETWORK, 1000));
	cache_finish(&cache);
}
END_TEST

/* And a wider one when that is over. */
START_TEST(the_longest_prefix_that_is_not_over_counts)
{
	struct cache cache = {0};

	ck_assert_int_eq(cache_put(&cache, NETWORK, 8, 1, 0, 3000), 0);
	ck_assert_int_eq(cache_put(&cache, NETWORK, 24, 2, 0, 1000), 0);
	ck_assert_int_eq(cache_put(&cache, NETWORK, 16, 3, 0, 2000), 0);
	ck_assert_uint_eq(cache_find(&cache, NETWORK, 500)->answer, 2);
	ck_assert_uint_eq(cache_find(&cache, NETWORK, 1500)->answer, 3);
	ck_assert_uint_eq(cache_find(&cache, NETWORK, 2500)->answer, 1);
	ck_assert_uint_eq(cache_find(&cache, NETWORK + 1, 500)->answer, 3);
	cache_finish(&cache);
}
END_TEST

START_TEST(a_newer_answer_takes_the_place_of_an_older)
{
	struct cache cache = {0};

	ck_assert_int_eq(cache_put(&cache, NETWORK, 24, 1, 0, 1000), 0);
	ck_assert_uint_eq(cache.used, 1);
	ck_assert_int_eq(cache_put(&cache, NETWORK, 24, 2, 500, 1500), 0);
	ck_assert_uint_eq(cache_find(&cache, NETWORK, 600)->answer, 2);
	ck_assert_uint_eq(cache.used, 1);
	cache_finish(&cache);
}
END_TEST

/* What is over makes room: a cache is no larger than what is good. */
START_TEST(many_answers_are_kept_and_those_that_are_over_are_not)
{
	struct cache cache = {0};

	for (uint32_t i = 0; i < 1000; i++)
		ck_assert_int_eq(cache_put(&cache, i, 24, i, 0, 1000), 0);
	for (uint32_t i = 0; i < 1000; i++)
		ck_assert_uint_eq(cache_find(&cache, i, 0)->answer, i);
	for (uint32_t i = 0; i < 100000; i++)
		ck_assert_int_eq(
		    cache_put(&cache, i, 24, i, 2000 + i, 2100 + i), 0);
	ck_assert_uint_le(cache.size, 4096);
	cache_finish(&cache);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("simulate: cache");
	TCase *tc = tcase_create("cache");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, an_answer_is_used_inside_its_scope_only);
	tcase_add_test(tc, scope_zero_serves_all);
	tcase_add_test(tc, a_longer_scope_than_was_asked_for_is_that);
	tcase_add_test(tc, an_answer_is_over_at_its_time);
	tcase_add_test(tc, the_longest_prefix_that_is_not_over_counts);
	tcase_add_test(tc, a_newer_answer_takes_the_place_of_an_older);
	tcase_add_test(
	    tc, many_answers_are_kept_and_those_that_are_over_are_not);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
