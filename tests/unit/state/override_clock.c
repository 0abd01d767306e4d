/*
 * Tests of ages of overrides: a wall clock that is set makes none longer or
 * shorter.
 */
#include <check.h>
#include <string.h>

#include "base/clock.h"
#include "state/override_clock.h"

#define HOUR_MS (INT64_C(3600) * 1000)

static const struct {
	const char *what;
	int64_t set_ms; /* the wall clock, since it was said */
	bool other;     /* in another boot */
	int64_t age_ms; /* by the clocks, a minute after it was said */
} ages[] = {
    {"nothing was set", 0, false, 60000},
    {"the wall clock was set forward", HOUR_MS, false, 60000},
    {"it was set back", -HOUR_MS, false, 60000},
    {"the machine was started anew", 0, true, 60000},
    {"then nothing else is known", HOUR_MS, true, HOUR_MS + 60000},
    {"and none is of the time to come", -HOUR_MS, true, 0},
};

START_TEST(an_age_is_counted_by_the_clock_that_nobody_sets)
{
	struct state_override row = {.at_ms = clock_wall_ms() - 60000};
	int64_t mono_ms = clock_mono_ms(), wall_ms = clock_wall_ms();
	int64_t at_ms = row.at_ms, age_ms;

	/* A machine that runs for less than a minute cannot tell. */
	if (mono_ms < 2 * 60000)
		return;
	override_clock_set(&row, 60000);
	ck_assert(override_clock_is_set(&row, mono_ms));
	ck_assert_int_eq(override_clock_at(&row), at_ms);
	/* The wall clock when it was said went otherwise. */
	row.at_ms -= ages[_i].set_ms;
	if (ages[_i].other)
		row.boot[0] = 'x';
	ck_assert_int_eq(override_clock_is_set(&row, mono_ms), !ages[_i].other);
	age_ms = override_clock_age(&row, mono_ms, wall_ms);
	ck_assert_msg(
	    age_ms > ages[_i].age_ms - 1000 && age_ms < ages[_i].age_ms + 1000,
	    "%s: %lld", ages[_i].what, (long long)age_ms);
	if (!ages[_i].other) {
		ck_assert_int_gt(override_clock_at(&row), at_ms - 1000);
		ck_assert_int_lt(override_clock_at(&row), at_ms + 30000);
	}
}
END_TEST

START_TEST(what_was_said_before_this_boot_is_not_known_by_its_clock)
{
	struct state_override row = {.at_ms = 1};

	override_clock_set(&row, clock_mono_ms() + HOUR_MS);
	ck_assert(!override_clock_is_set(&row, clock_mono_ms()));
	ck_assert_str_eq(row.boot, "");
	ck_assert_int_eq(row.steady_ms, -1);
	ck_assert_int_eq(override_clock_age(&row, 5, 11), 10);
	ck_assert_int_eq(override_clock_at(&row), 1);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("override clock");
	Suite *suite = suite_create("override_clock");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tc, an_age_is_counted_by_the_clock_that_nobody_sets,
	    0, (int)(sizeof(ages) / sizeof(ages[0])));
	tcase_add_test(
	    tc, what_was_said_before_this_boot_is_not_known_by_its_clock);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
