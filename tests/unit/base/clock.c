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

static const struct {
	const char *why, *text;
	int64_t wall_s; /* -1: it is refused */
} written[] = {
    {"whole", "2026-12-01T02:00:30Z", 1796090430},
    {"without seconds", "2026-12-01T02:00Z", 1796090400},
    {"a leap day", "2024-02-29T00:00Z", 1709164800},
    {"no leap day", "2026-02-29T00:00Z", -1},
    {"no such month", "2026-13-01T00:00Z", -1},
    {"no such hour", "2026-12-01T24:00Z", -1},
    {"a second that leaps", "2026-12-01T02:59:60Z", -1},
    {"another zone", "2026-12-01T02:00+01:00", -1},
    {"no zone", "2026-12-01T02:00", -1},
    {"a blank in place of the T", "2026-12-01 02:00Z", -1},
    {"one digit", "2026-12-1T02:00Z", -1},
    {"a blank before", " 2026-12-01T02:00Z", -1},
    {"text behind", "2026-12-01T02:00Zx", -1},
    {"a date", "2026-12-01", -1},
    {"before all clocks", "1969-12-31T23:59Z", -1},
    {"nothing", "", -1},
};

START_TEST(test_parse)
{
	int64_t wall_s = -1;
	int status = clock_parse(written[_i].text, &wall_s);

	ck_assert_msg(
	    status == (written[_i].wall_s < 0 ? -1 : 0), "%s", written[_i].why);
	ck_assert_msg(wall_s == written[_i].wall_s, "%s", written[_i].why);
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
	tcase_add_loop_test(
	    cases, test_parse, 0, sizeof(written) / sizeof(written[0]));
	suite_add_tcase(suite, cases);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
