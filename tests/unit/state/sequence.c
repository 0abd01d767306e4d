/* Which sequences are believed: at any hour, whatever an honest writer does. */
#include <check.h>
#include <stdlib.h>

#include "state/sequence.h"
#include "state/table.h"

/* 2026-01-01 and what a century has, in ms. */
#define YEAR_2026 INT64_C(1767225600000)
#define CENTURY (INT64_C(100) * 365 * 24 * 3600 * 1000)

START_TEST(an_honest_writer_is_always_believed)
{
	/* 90 rows in each millisecond, for a century from now on. */
	for (int64_t t = 0; t < CENTURY; t += CENTURY / 1000)
		ck_assert_int_gt(sequence_most(YEAR_2026 + t), 90 * t);
}
END_TEST

START_TEST(a_clock_that_was_never_set_refuses_nothing_honest)
{
	ck_assert_int_eq(sequence_most(0), SEQUENCE_FLOOR);
	ck_assert_int_eq(sequence_most(-5), SEQUENCE_FLOOR);
	ck_assert_int_eq(sequence_most(3600000), SEQUENCE_FLOOR);
}
END_TEST

START_TEST(the_largest_number_of_a_column_is_not_believed)
{
	ck_assert_int_lt(sequence_most(YEAR_2026), COLUMN_SEQUENCE_MAX);
	ck_assert_int_lt(
	    sequence_most(YEAR_2026 + CENTURY), COLUMN_SEQUENCE_MAX);
	ck_assert_int_eq(sequence_most(INT64_MAX), COLUMN_SEQUENCE_MAX);
	ck_assert_int_eq(sequence_most(2 * COLUMN_SEQUENCE_MAX / SEQUENCE_RATE),
	    COLUMN_SEQUENCE_MAX);
}
END_TEST

START_TEST(what_is_believed_grows_faster_than_rows_are_written)
{
	ck_assert_int_eq(
	    sequence_most(YEAR_2026 + 1000) - sequence_most(YEAR_2026),
	    1000000);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("state_sequence");
	TCase *tcase = tcase_create("sequence");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tcase, an_honest_writer_is_always_believed);
	tcase_add_test(
	    tcase, a_clock_that_was_never_set_refuses_nothing_honest);
	tcase_add_test(tcase, the_largest_number_of_a_column_is_not_believed);
	tcase_add_test(
	    tcase, what_is_believed_grows_faster_than_rows_are_written);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
