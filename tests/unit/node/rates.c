/*
 * Rates of outcomes over a minute, from counts that are remembered now and
 * then.
 */
#include <check.h>
#include <stdlib.h>

#include "node/rates.h"

static uint64_t counted[2];
static struct rates *rates;

static void
count(const struct server *server, uint32_t slot, uint64_t out[RATE_KINDS])
{
	(void)server;
	out[RATE_SHARE] = counted[slot];
	out[RATE_RESORT] = 2 * counted[slot];
}

static void
begin(void)
{
	rates = rates_create();
	ck_assert_ptr_nonnull(rates);
}

static void
end(void)
{
	rates_destroy(rates);
}

static void
take(uint64_t answers, int64_t mono_ms)
{
	counted[1] = answers;
	ck_assert(rates_due(rates, mono_ms));
	rates_take(rates, count, NULL, 2, mono_ms);
}

START_TEST(nothing_is_known_before_a_second)
{
	begin();
	ck_assert_int_eq(rates_window_ms(NULL), 0);
	ck_assert_int_eq(rates_window_ms(rates), 0);
	take(100, 1000);
	ck_assert(!rates_due(rates, 1000 + RATES_STEP_MS - 1));
	ck_assert_int_eq(rates_window_ms(rates), 0);
	ck_assert_double_eq(rates_slot(rates, 1, RATE_SHARE, 0), 0);
	end();
}
END_TEST

START_TEST(a_rate_is_of_the_last_minute)
{
	begin();
	/* 10 a second for two minutes, then 20. */
	for (int64_t i = 0; i <= 24; i++)
		take((uint64_t)i * 50, i * RATES_STEP_MS);
	ck_assert_int_eq(rates_window_ms(rates), RATES_WINDOW_MS);
	ck_assert_double_eq_tol(rates_slot(rates, 1, RATE_SHARE, 0), 10, 1e-9);
	ck_assert_double_eq_tol(rates_slot(rates, 1, RATE_RESORT, 0), 20, 1e-9);
	ck_assert_double_eq(rates_slot(rates, 0, RATE_SHARE, 0), 0);
	ck_assert_double_eq(rates_slot(rates, 7, RATE_SHARE, 0), 0);
	for (int64_t i = 1; i <= 6; i++)
		take(1200 + (uint64_t)i * 100, (24 + i) * RATES_STEP_MS);
	ck_assert_double_eq_tol(rates_slot(rates, 1, RATE_SHARE, 0), 15, 1e-9);
	end();
}
END_TEST

START_TEST(what_others_counted_in_a_slot_is_not_its_own)
{
	begin();
	take(1000, 0);
	take(1500, 10000);
	/* 400 of the 500 were somebody else's. */
	ck_assert_double_eq_tol(
	    rates_slot(rates, 1, RATE_SHARE, 1400), 10, 1e-9);
	ck_assert_double_eq(rates_slot(rates, 1, RATE_SHARE, 1600), 0);
	end();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("node: rates");
	TCase *tcase = tcase_create("rates");
	SRunner *runner;
	int failed;

	tcase_add_test(tcase, nothing_is_known_before_a_second);
	tcase_add_test(tcase, a_rate_is_of_the_last_minute);
	tcase_add_test(tcase, what_others_counted_in_a_slot_is_not_its_own);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
