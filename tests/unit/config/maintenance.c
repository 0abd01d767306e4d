/* When windows of maintenance are: once, each day and each week, over midnight
 * and over the end of the week, one upon another. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "config/maintenance.h"

enum { MON = 1, TUE = 2, WED = 4, SAT = 32, SUN = 64, ALL = 127 };

#define HOUR 3600u
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int64_t
at(const char *text)
{
	int64_t wall_s = -1;

	ck_assert_msg(clock_parse(text, &wall_s) == 0, "%s", text);
	return wall_s;
}

/* 2026-12-06 is a Sunday, 2026-12-07 a Monday. */
static const struct {
	const char *what;
	unsigned days;
	uint32_t at_s, for_s;
	const char *now, *until; /* NULL: it is in none */
} again[] = {
    {"its first second", SUN, 2 * HOUR, 2 * HOUR, "2026-12-06T02:00Z",
	"2026-12-06T04:00:00Z"},
    {"a second before", SUN, 2 * HOUR, 2 * HOUR, "2026-12-06T01:59:59Z", NULL},
    {"its last second", SUN, 2 * HOUR, 2 * HOUR, "2026-12-06T03:59:59Z",
	"2026-12-06T04:00:00Z"},
    {"its end", SUN, 2 * HOUR, 2 * HOUR, "2026-12-06T04:00Z", NULL},
    {"another day", SUN, 2 * HOUR, 2 * HOUR, "2026-12-05T03:00Z", NULL},
    {"a week later", SUN, 2 * HOUR, 2 * HOUR, "2026-12-13T03:00Z",
	"2026-12-13T04:00:00Z"},
    {"before midnight", WED, 23 * HOUR, 2 * HOUR, "2026-12-02T23:30Z",
	"2026-12-03T01:00:00Z"},
    {"after midnight", WED, 23 * HOUR, 2 * HOUR, "2026-12-03T00:30Z",
	"2026-12-03T01:00:00Z"},
    {"the midnight before", WED, 23 * HOUR, 2 * HOUR, "2026-12-02T00:30Z",
	NULL},
    {"over the end of the week", SUN, 23 * HOUR, 2 * HOUR, "2026-12-07T00:59Z",
	"2026-12-07T01:00:00Z"},
    {"over the end of the year", ALL, 23 * HOUR, 2 * HOUR, "2027-01-01T00:30Z",
	"2027-01-01T01:00:00Z"},
    {"a weekend", SAT, 0, 48 * HOUR, "2026-12-06T23:59Z",
	"2026-12-07T00:00:00Z"},
    {"behind a weekend", SAT, 0, 48 * HOUR, "2026-12-07T00:00Z", NULL},
    {"six days", MON, 12 * HOUR, 144 * HOUR, "2026-12-13T11:59Z",
	"2026-12-13T12:00:00Z"},
    {"each day", ALL, 2 * HOUR, HOUR, "2026-12-08T02:10Z",
	"2026-12-08T03:00:00Z"},
    {"one that begins while the last goes on ends later", MON | TUE, 12 * HOUR,
	30 * HOUR, "2026-12-08T13:00Z", "2026-12-09T18:00:00Z"},
    {"and so it is told before", MON | TUE, 12 * HOUR, 30 * HOUR,
	"2026-12-07T13:00Z", "2026-12-09T18:00:00Z"},
    {"the first week of all", ALL, 0, HOUR, "1970-01-01T00:30Z",
	"1970-01-01T01:00:00Z"},
};

START_TEST(windows_that_come_again)
{
	const struct maintenance_window w = {.days = again[_i].days,
	    .at_s = again[_i].at_s,
	    .for_s = again[_i].for_s};
	const struct maintenance list = {&w, 1}, *lists = &list;
	struct maintenance_state state = {0};
	char text[CLOCK_TEXT];
	bool in = maintenance_now(&lists, 1, at(again[_i].now), &state);

	ck_assert_msg(in == (again[_i].until != NULL), "%s", again[_i].what);
	if (in)
		ck_assert_msg(strcmp(clock_format(state.until_s * 1000, text),
				  again[_i].until) == 0,
		    "%s: %s", again[_i].what, text);
}
END_TEST

static const struct maintenance_window once[] = {
    {.from_s = 1000, .until_s = 2000, .reason = "drivers"},
    {.from_s = 1500, .until_s = 3000, .reason = "disks"},
    {.from_s = 3000, .until_s = 3500},
    {.from_s = 3600, .until_s = 4000, .reason = "switch"},
};

static const struct {
	const char *what;
	int64_t now_s, until_s; /* 0: it is in none */
	const char *reason;
} overlapping[] = {
    {"before all", 999, 0, NULL},
    {"what overlaps and what follows ends together", 1000, 3500, "drivers"},
    {"the first of two gives the reason", 1700, 3500, "drivers"},
    {"the second alone", 2000, 3500, "disks"},
    {"no reason is given", 3000, 3500, ""},
    {"a gap", 3500, 0, NULL},
    {"behind the gap", 3600, 4000, "switch"},
    {"behind all", 4000, 0, NULL},
    {"a clock that was set back to the first", 1200, 3500, "drivers"},
    {"a clock before all clocks", -5, 0, NULL},
};

START_TEST(windows_one_upon_another)
{
	const struct maintenance first = {once, 1}, others = {once + 1, 3};
	const struct maintenance *lists[] = {&first, &others};
	struct maintenance_state state = {0};
	bool in = maintenance_now(lists, 2, overlapping[_i].now_s, &state);

	ck_assert_msg(
	    in == (overlapping[_i].until_s != 0), "%s", overlapping[_i].what);
	if (!in)
		return;
	ck_assert_msg(state.until_s == overlapping[_i].until_s, "%s",
	    overlapping[_i].what);
	ck_assert_msg(strcmp(state.reason, overlapping[_i].reason) == 0,
	    "%s: %s", overlapping[_i].what, state.reason);
}
END_TEST

/* Several that are always together are still told with an end. */
START_TEST(what_never_ends_is_walked_for_a_while)
{
	const struct maintenance_window all[] = {
	    {.days = ALL, .at_s = 0, .for_s = 13 * HOUR},
	    {.days = ALL, .at_s = 12 * HOUR, .for_s = 13 * HOUR}};
	const struct maintenance list = {all, 2}, *lists = &list;
	struct maintenance_state state = {0};
	int64_t now = at("2026-12-08T02:10Z");

	ck_assert(maintenance_now(&lists, 1, now, &state));
	ck_assert_int_gt(state.until_s, now + MAINTENANCE_WEEK_S);
	ck_assert(!maintenance_now(&lists, 0, now, &state));
}
END_TEST

static const struct {
	unsigned days;
	uint32_t for_s;
	bool always;
} lengths[] = {
    {ALL, 24 * HOUR, true},
    {ALL, 24 * HOUR - 1, false},
    {SUN, MAINTENANCE_WEEK_S, true},
    {SUN, MAINTENANCE_WEEK_S - 1, false},
    {MON | SUN, 144 * HOUR, true},
    {MON | SUN, 144 * HOUR - 1, false},
    {MON | WED, 120 * HOUR, true},
};

START_TEST(what_never_ends_is_known)
{
	const struct maintenance_window w = {
	    .days = lengths[_i].days, .for_s = lengths[_i].for_s};

	ck_assert(maintenance_is_always(&w) == lengths[_i].always);
}
END_TEST

START_TEST(a_copy_needs_nothing_of_the_first)
{
	char reason[] = "drivers";
	struct maintenance_window w[] = {
	    {.from_s = 1, .until_s = 5, .reason = reason}, {.days = MON}};
	const struct maintenance from = {w, 2};
	struct arena *arena = arena_create((size_t)1 << 20);
	const struct maintenance *copy = maintenance_copy(arena, &from);

	memset(reason, 'x', sizeof(reason) - 1);
	memset(w, 0, sizeof(w));
	ck_assert_ptr_nonnull(copy);
	ck_assert_uint_eq(copy->n, 2);
	ck_assert_str_eq(copy->windows[0].reason, "drivers");
	ck_assert_int_eq(copy->windows[0].until_s, 5);
	ck_assert_ptr_null(copy->windows[1].reason);
	ck_assert_uint_eq(copy->windows[1].days, MON);
	arena_destroy(arena);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("maintenance");
	TCase *tcase = tcase_create("windows");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tcase, windows_that_come_again, 0, COUNT(again));
	tcase_add_loop_test(
	    tcase, windows_one_upon_another, 0, COUNT(overlapping));
	tcase_add_test(tcase, what_never_ends_is_walked_for_a_while);
	tcase_add_loop_test(tcase, what_never_ends_is_known, 0, COUNT(lengths));
	tcase_add_test(tcase, a_copy_needs_nothing_of_the_first);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
