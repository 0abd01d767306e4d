/* Tests of times as text. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

/* RFC 3339, 5.6: date, T, time, Z, in UTC and whole seconds. */
static const struct {
	const char *why;
	int64_t wall_ms;
	const char *text;
} times[] = {
    {"the first second", 0, "1970-01-01T00:00:00Z"},
    {"milliseconds are left out, not rounded", 1999, "1970-01-01T00:00:01Z"},
    {"a leap day", 1709164800000, "2024-02-29T00:00:00Z"},
    {"behind 32 bits", 4294967296000, "2106-02-07T06:28:16Z"},
};

START_TEST(test_format)
{
	char out[CLOCK_TEXT];

	ck_assert_msg(
	    strcmp(clock_format(times[_i].wall_ms, out), times[_i].text) == 0,
	    "%s: %s", times[_i].why, out);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("clock");
	TCase *cases = tcase_create("clock");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(
	    cases, test_format, 0, sizeof(times) / sizeof(times[0]));
	suite_add_tcase(suite, cases);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
