/* Numbers drawn from a seed: the same each time, and spread as they should be.
 */
#include "steering/simulate/draw.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

#define DRAWS 100000

START_TEST(one_seed_and_use_are_one_source)
{
	struct draw a = draw_of(7, 1), b = draw_of(7, 1), c = draw_of(7, 2);
	uint64_t first = draw_number(&a);

	ck_assert_uint_eq(first, draw_number(&b));
	ck_assert_uint_ne(first, draw_number(&c));
	ck_assert_uint_ne(first, draw_number(&a));
	/* What is simulated today is simulated tomorrow. */
	ck_assert_uint_eq(first, UINT64_C(0x87b67d26890bd044));
}
END_TEST

START_TEST(numbers_are_below_their_bound_and_reach_it)
{
	struct draw d = draw_of(1, 1);
	unsigned seen[7] = {0};

	for (int i = 0; i < DRAWS; i++) {
		uint64_t n = draw_below(&d, 7);

		ck_assert_uint_lt(n, 7);
		seen[n]++;
	}
	for (int i = 0; i < 7; i++)
		ck_assert_double_eq_tol(seen[i], DRAWS / 7.0, 600);
}
END_TEST

START_TEST(waits_are_exponential)
{
	struct draw d = draw_of(2, 1);
	double sum = 0;
	int longer = 0;

	for (int i = 0; i < DRAWS; i++) {
		uint32_t ms = draw_wait_ms(&d, 1000);

		sum += ms;
		longer += ms > 1000;
	}
	ck_assert_double_eq_tol(sum / DRAWS, 1000, 12);
	ck_assert_double_eq_tol((double)longer / DRAWS, exp(-1), 0.006);
	ck_assert_uint_eq(draw_wait_ms(&d, 1e30), UINT32_MAX);
	ck_assert_uint_eq(draw_wait_ms(&d, INFINITY), UINT32_MAX);
}
END_TEST

START_TEST(noise_is_normal)
{
	struct draw d = draw_of(3, 1);
	double sum = 0, squares = 0;

	for (int i = 0; i < DRAWS; i++) {
		double x = draw_gauss(&d);

		sum += x;
		squares += x * x;
	}
	ck_assert_double_eq_tol(sum / DRAWS, 0, 0.012);
	ck_assert_double_eq_tol(squares / DRAWS, 1, 0.015);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("simulate: draw");
	TCase *tc = tcase_create("draw");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, one_seed_and_use_are_one_source);
	tcase_add_test(tc, numbers_are_below_their_bound_and_reach_it);
	tcase_add_test(tc, waits_are_exponential);
	tcase_add_test(tc, noise_is_normal);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
