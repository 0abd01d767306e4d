/*
 * Tests of the count of hours in etcd: it grows by one an hour, by whoever saw
 * it stay, and says what is older than a time, never of what is younger.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "share/calendar.h"

#define DAY_MS (24 * CALENDAR_HOUR_MS)

static struct calendar c;

static void
begin(void)
{
	memset(&c, 0, sizeof(c));
}

static bool
hear(const char *value, int64_t revision, int64_t mono_ms)
{
	return calendar_hear(&c, value, strlen(value), revision, mono_ms);
}

START_TEST(it_is_counted_once_an_hour)
{
	ck_assert(calendar_is_due(&c, 7));
	ck_assert(hear("0\n", 3, 1000));
	ck_assert(!calendar_is_due(&c, 1000 + CALENDAR_HOUR_MS - 1));
	/* Read again, or after a gap: it has stayed all the while. */
	calendar_begin(&c);
	ck_assert(hear("0\n", 3, 2000));
	calendar_end(&c);
	ck_assert(calendar_is_due(&c, 1000 + CALENDAR_HOUR_MS));
	/* Another node was first. */
	ck_assert(hear("1\n0 3\n", 9, 3000));
	ck_assert(!calendar_is_due(&c, 1000 + CALENDAR_HOUR_MS));
	/* A reading that has none. */
	calendar_begin(&c);
	calendar_end(&c);
	ck_assert(calendar_is_due(&c, 3000));
}
END_TEST

START_TEST(what_was_written_before_a_day_is_as_old)
{
	char value[CALENDAR_BYTES];
	struct text text;
	int64_t revision = 10;

	/* As nodes count, for two years. */
	(void)hear("0\n", revision, 0);
	for (int hours = 1; hours <= 2 * 365 * 24; hours++) {
		text_init(&text, CALENDAR_BYTES);
		calendar_next(&c, &text);
		ck_assert_ptr_nonnull(text.data);
		memcpy(value, text.data, text.len + 1);
		text_finish(&text);
		revision += 10;
		ck_assert(hear(value, revision, hours * CALENDAR_HOUR_MS));
		ck_assert_int_eq((int)c.hours, hours);
		/* What was written now has no age, and never one too large. */
		ck_assert_int_lt(calendar_before(&c, 0), revision);
		for (int days = 1; days <= CALENDAR_DAYS; days += 57) {
			int64_t before = calendar_before(&c, days * DAY_MS);
			int64_t age = (revision - before) / 10;

			ck_assert(before == 0 || age >= days * 24);
			ck_assert(before == 0 || age < (days + 1) * 24);
			ck_assert(before != 0 || hours < days * 24 ||
			    days >= CALENDAR_DAYS - 1);
		}
	}
	ck_assert_uint_eq(c.n, CALENDAR_DAYS);
	ck_assert_int_eq(calendar_before(&c, 1000 * DAY_MS), 0);
}
END_TEST

static const char *const senseless[] = {"", "7", "-1\n", "x\n", "7\n1 2",
    "7\n1 2\n1 3\n", "7\n2 3\n1 4\n", "7\n1 4\n2 4\n", "7\n7 4\n", "7\n1 99\n",
    "7\n1  4\n", "9999999999\n", "7\n1 4\nx", "\n"};

START_TEST(what_makes_no_sense_makes_nothing_old)
{
	struct text text;

	ck_assert(hear("100\n0 5\n", 20, 0));
	ck_assert_int_eq(calendar_before(&c, CALENDAR_HOUR_MS), 5);
	ck_assert(!hear(senseless[_i], 50, 0));
	ck_assert_int_eq(calendar_before(&c, 0), 0);
	/* It begins again, in its place. */
	ck_assert_int_eq(c.revision, 50);
	text_init(&text, CALENDAR_BYTES);
	calendar_next(&c, &text);
	ck_assert_str_eq(text.data, "1\n0 50\n");
	text_finish(&text);
}
END_TEST

START_TEST(more_days_than_are_kept_make_no_sense)
{
	struct text text;

	text_init(&text, CALENDAR_BYTES);
	text_add(&text, "100000\n");
	for (int i = 0; i <= CALENDAR_DAYS; i++)
		text_add(&text, "%d %d\n", i, i + 1);
	ck_assert(!calendar_hear(&c, text.data, text.len, 1000, 0));
	ck_assert_int_eq(calendar_before(&c, 0), 0);
	text_finish(&text);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("calendar");
	Suite *suite = suite_create("calendar");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, begin, NULL);
	tcase_add_test(tc, it_is_counted_once_an_hour);
	tcase_add_test(tc, what_was_written_before_a_day_is_as_old);
	tcase_add_loop_test(tc, what_makes_no_sense_makes_nothing_old, 0,
	    (int)(sizeof(senseless) / sizeof(senseless[0])));
	tcase_add_test(tc, more_days_than_are_kept_make_no_sense);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
