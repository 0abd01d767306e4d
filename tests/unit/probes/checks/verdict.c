/* Tests of verdicts: streaks, first results, reasons, what is restored. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "probes/checks/verdict.h"

#define RISE 2
#define FALL 3

/* '+' passes, '-' fails with "refused", '5' fails with "status 503". */
static void
feed(struct verdict *v, const char *results)
{
	int64_t now = 1000;

	for (; *results != '\0'; results++, now++) {
		if (*results == '+')
			verdict_pass(v, RISE, "", now);
		else
			verdict_fail(v, FALL,
			    *results == '5' ? "status 503" : "refused", now);
	}
}

static const struct {
	const char *what, *results;
	enum state_health health;
	uint32_t passes, fails;
	int64_t since_ms;
	const char *reason;
} rows[] = {
    {"nothing was checked", "", HEALTH_UNKNOWN, 0, 0, 500, ""},
    {"the first pass decides", "+", HEALTH_UP, 1, 0, 1000, ""},
    {"one failure at the start is no verdict", "-", HEALTH_UNKNOWN, 0, 1, 500,
	"refused"},
    {"nor are fewer than fall", "--", HEALTH_UNKNOWN, 0, 2, 500, "refused"},
    {"fall at the start are", "---", HEALTH_DOWN, 0, 3, 1002, "refused"},
    {"a pass after a first failure decides", "-+", HEALTH_UP, 1, 0, 1001, ""},
    {"a pass at the start needs no rise", "--+", HEALTH_UP, 1, 0, 1002, ""},
    {"fewer than fall change nothing", "+--", HEALTH_UP, 0, 2, 1000, "refused"},
    {"fall in a row do", "+---", HEALTH_DOWN, 0, 3, 1003, "refused"},
    {"a pass between breaks the streak", "+--+--", HEALTH_UP, 0, 2, 1000,
	"refused"},
    {"a pass while up clears the reason", "+-+", HEALTH_UP, 1, 0, 1000, ""},
    {"fewer than rise change nothing", "---+", HEALTH_DOWN, 1, 0, 1002,
	"refused"},
    {"rise in a row do, and clear it", "---++", HEALTH_UP, 2, 0, 1004, ""},
    {"a failure between breaks the rise", "---+-+", HEALTH_DOWN, 1, 0, 1002,
	"refused"},
    {"the last reason counts", "+--5", HEALTH_DOWN, 0, 3, 1003, "status 503"},
    {"the reason follows while down", "+---5", HEALTH_DOWN, 0, 4, 1003,
	"status 503"},
    {"passes go on being counted", "+++++", HEALTH_UP, 5, 0, 1000, ""},
};

START_TEST(streaks)
{
	struct verdict v;

	verdict_init(&v, 500);
	feed(&v, rows[_i].results);
	ck_assert_msg(v.health == rows[_i].health, "%s", rows[_i].what);
	ck_assert_msg(v.passes == rows[_i].passes, "%s", rows[_i].what);
	ck_assert_msg(v.fails == rows[_i].fails, "%s", rows[_i].what);
	ck_assert_msg(v.since_ms == rows[_i].since_ms, "%s", rows[_i].what);
	ck_assert_msg(
	    strcmp(v.reason, rows[_i].reason) == 0, "%s", rows[_i].what);
	ck_assert_int_eq(v.checked_ms,
	    rows[_i].results[0] == '\0'
		? 0
		: 999 + (int64_t)strlen(rows[_i].results));
}
END_TEST

START_TEST(change_is_told_once)
{
	struct verdict v;

	verdict_init(&v, 1);
	ck_assert(verdict_pass(&v, 2, "", 2));
	ck_assert(!verdict_pass(&v, 2, "", 3));
	ck_assert(!verdict_fail(&v, 2, "timeout", 4));
	ck_assert(verdict_fail(&v, 2, "timeout", 5));
	ck_assert(!verdict_fail(&v, 2, "timeout", 6));
	ck_assert(!verdict_pass(&v, 2, "", 7));
	ck_assert(verdict_pass(&v, 2, "", 8));
}
END_TEST

/* Another `fall` after a reload counts from the next result on. */
START_TEST(lower_fall)
{
	struct verdict v;

	verdict_init(&v, 1);
	verdict_pass(&v, 1, "", 2);
	for (int i = 0; i < 4; i++)
		ck_assert(!verdict_fail(&v, 10, "reset", 3));
	ck_assert(verdict_fail(&v, 2, "reset", 4));
}
END_TEST

START_TEST(counters_stop_at_the_end)
{
	struct verdict v;

	verdict_init(&v, 1);
	verdict_pass(&v, 1, "", 2);
	v.passes = UINT32_MAX;
	verdict_pass(&v, 1, "", 3);
	ck_assert_uint_eq(v.passes, UINT32_MAX);
	ck_assert_int_eq(v.health, HEALTH_UP);
}
END_TEST

START_TEST(long_reason_is_cut)
{
	struct verdict v;
	char reason[3 * STATE_REASON];

	memset(reason, 'x', sizeof(reason));
	reason[sizeof(reason) - 1] = '\0';
	verdict_init(&v, 1);
	verdict_fail(&v, 1, reason, 2);
	ck_assert_uint_eq(strlen(v.reason), STATE_REASON - 1);
}
END_TEST

static const struct state_endpoint failing = {
    .health = HEALTH_UP,
    .reason = "timeout",
    .since_ms = 100,
    .checked_ms = 400,
    .fails = 2,
};

START_TEST(restored_streak_goes_on)
{
	struct verdict v;

	verdict_init(&v, 500);
	verdict_restore(&v, &failing);
	ck_assert_int_eq(v.health, HEALTH_UP);
	ck_assert_int_eq(v.since_ms, 100);
	ck_assert_int_eq(v.checked_ms, 400);
	ck_assert_str_eq(v.reason, "timeout");
	ck_assert(verdict_fail(&v, FALL, "timeout", 600));
	ck_assert_int_eq(v.health, HEALTH_DOWN);
}
END_TEST

START_TEST(late_restore_gives_only_the_beginning)
{
	struct verdict v;

	verdict_init(&v, 500);
	verdict_pass(&v, RISE, "", 600);
	verdict_restore(&v, &failing);
	ck_assert_int_eq(v.health, HEALTH_UP);
	ck_assert_int_eq(v.since_ms, 100);
	ck_assert_uint_eq(v.fails, 0);
	ck_assert_uint_eq(v.passes, 1);
	ck_assert_int_eq(v.checked_ms, 600);
}
END_TEST

START_TEST(late_restore_of_another_health_is_nothing)
{
	struct verdict v;

	verdict_init(&v, 500);
	verdict_fail(&v, 1, "refused", 600);
	verdict_restore(&v, &failing);
	ck_assert_int_eq(v.health, HEALTH_DOWN);
	ck_assert_int_eq(v.since_ms, 600);
	ck_assert_str_eq(v.reason, "refused");
}
END_TEST

/* The database may come back while we run: its rows are older than we. */
START_TEST(restore_after_a_turn_is_nothing)
{
	struct verdict v;

	verdict_init(&v, 500);
	feed(&v, "+---++");
	verdict_restore(&v, &failing);
	ck_assert_int_eq(v.since_ms, 1005);
	ck_assert_uint_eq(v.passes, 2);
}
END_TEST

/* A row says for operators why nobody looks; that is no verdict. */
START_TEST(restored_without_our_own_trouble)
{
	struct state_endpoint row = {.health = HEALTH_DOWN,
	    .reason = "probe: no memory",
	    .checked_ms = 5000,
	    .since_ms = 4000};
	struct verdict v;

	verdict_init(&v, 9000);
	verdict_restore(&v, &row);
	ck_assert_int_eq(v.health, HEALTH_DOWN);
	ck_assert_str_eq(v.reason, "");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("probes_checks_verdict");
	TCase *tcase = tcase_create("verdict");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(
	    tcase, streaks, 0, (int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_test(tcase, change_is_told_once);
	tcase_add_test(tcase, lower_fall);
	tcase_add_test(tcase, counters_stop_at_the_end);
	tcase_add_test(tcase, long_reason_is_cut);
	tcase_add_test(tcase, restored_streak_goes_on);
	tcase_add_test(tcase, late_restore_gives_only_the_beginning);
	tcase_add_test(tcase, late_restore_of_another_health_is_nothing);
	tcase_add_test(tcase, restore_after_a_turn_is_nothing);
	tcase_add_test(tcase, restored_without_our_own_trouble);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
