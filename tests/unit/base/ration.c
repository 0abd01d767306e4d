/* How many lines a log gets of what happens again and again. */
#include <check.h>
#include <stdlib.h>

#include "base/ration.h"

#define BEGIN 5000

/* What breaks each second and is mended half a second later, for ${s} seconds
 * from ${from_ms}: how many lines there are in all, and of what ration_due()
 * counts the sum. */
static unsigned
flap(struct ration *r, int64_t from_ms, int s, unsigned *counted)
{
	unsigned lines = 0, left;

	for (int i = 0; i < s; i++) {
		int64_t at_ms = from_ms + (int64_t)1000 * i;

		lines += ration_say(r, true, at_ms);
		lines += ration_say(r, false, at_ms + 500);
		if (ration_due(r, at_ms + 999, &left)) {
			lines++;
			*counted += left;
		}
	}
	return lines;
}

START_TEST(what_flaps_is_said_and_then_counted)
{
	struct ration r = {.said = 0};
	unsigned counted = 0;

	/* Two are told as they come, then one line a minute. */
	ck_assert_uint_eq(flap(&r, BEGIN, 60, &counted), RATION_LINES);
	ck_assert_uint_eq(counted, 0);
	ck_assert_uint_eq(flap(&r, BEGIN + RATION_MS, 600, &counted), 10);
	ck_assert_uint_ge(counted, 590);
	ck_assert_uint_le(counted, 600);
}
END_TEST

START_TEST(after_a_quiet_minute_it_is_said_at_once)
{
	struct ration r = {.said = 0};
	unsigned counted = 0, left = 7;
	int64_t end = BEGIN + 5 * RATION_MS;

	(void)flap(&r, BEGIN, 300, &counted);
	/* What was left out before the end comes with its minute. */
	ck_assert(ration_due(&r, end + RATION_MS, &left));
	ck_assert(!ration_due(&r, end + 3 * RATION_MS, &left));
	ck_assert(ration_say(&r, true, end + 3 * RATION_MS));
}
END_TEST

START_TEST(one_that_is_mended_is_not_counted)
{
	struct ration r = {.said = 0};
	unsigned left = 7;

	for (int i = 0; i < RATION_LINES; i++)
		ck_assert(ration_say(&r, true, BEGIN));
	ck_assert(!ration_due(&r, BEGIN + RATION_MS, &left));
	/* The next minute has its own. */
	r.from_ms -= RATION_MS;
	ck_assert(ration_say(&r, true, BEGIN));
	for (int i = 1; i < RATION_LINES; i++)
		ck_assert(ration_say(&r, true, BEGIN));
	ck_assert(!ration_say(&r, false, BEGIN + 1));
	ck_assert(!ration_due(&r, BEGIN + RATION_MS - 1, &left));
	ck_assert(ration_due(&r, BEGIN + RATION_MS, &left));
	ck_assert_uint_eq(left, 0);
	/* That was the line of this minute. */
	ck_assert(!ration_say(&r, true, BEGIN + 2 * RATION_MS - 1));
}
END_TEST

START_TEST(seldom_is_said_each_time)
{
	struct ration r = {.said = 0};
	unsigned left;

	for (int i = 0; i < 100; i++) {
		int64_t at_ms = BEGIN + (int64_t)20000 * i;

		ck_assert(ration_say(&r, true, at_ms));
		ck_assert(!ration_due(&r, at_ms, &left));
	}
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("ration");
	Suite *suite = suite_create("ration");
	SRunner *runner;
	int failed;

	tcase_add_test(tc, what_flaps_is_said_and_then_counted);
	tcase_add_test(tc, after_a_quiet_minute_it_is_said_at_once);
	tcase_add_test(tc, one_that_is_mended_is_not_counted);
	tcase_add_test(tc, seldom_is_said_each_time);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
