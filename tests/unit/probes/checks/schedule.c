/* Tests of the schedule: exact periods, own phases, an even spread. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "probes/checks/schedule.h"

static const struct {
	const char *what;
	uint64_t now, phase, every, next;
} rows[] = {
    {"before the first turn", 3, 7, 10, 7},
    {"at a turn the next one follows", 7, 7, 10, 17},
    {"just after a turn", 8, 7, 10, 17},
    {"just before a turn", 16, 7, 10, 17},
    {"phase 0 at time 0", 0, 0, 5000, 5000},
    {"phase 0", 4999, 0, 5000, 5000},
    {"the last phase", 4999, 4999, 5000, 9999},
    {"a machine that is up for years", UINT64_C(1000000000003), 4, 100,
	UINT64_C(1000000000004)},
};

START_TEST(next_turn)
{
	ck_assert_msg(schedule_next(rows[_i].now, rows[_i].phase,
			  rows[_i].every) == rows[_i].next,
	    "%s", rows[_i].what);
}
END_TEST

/* Timers fire late, by up to half a period here: turns stay where they are. */
START_TEST(late_timers_shift_nothing)
{
	uint64_t every = 250, phase = schedule_phase(987654321, every);
	uint64_t next = schedule_next(100000, phase, every), turn = next;

	for (unsigned n = 1; n <= 10000; n++) {
		uint64_t fired = next + n * 7919 % 125;

		next = schedule_next(fired, phase, every);
		ck_assert_uint_eq(next, turn + n * every);
	}
}
END_TEST

/* After a stall the turns that passed are left out, not made up for. */
START_TEST(stall_skips_turns)
{
	ck_assert_uint_eq(schedule_next(10 * 100 + 42, 7, 100), 1107);
}
END_TEST

/* 10,000 keys over 5 s: each tenth of the period gets its tenth of them. */
START_TEST(phases_spread)
{
	unsigned bucket[10] = {0};
	char key[32];

	for (unsigned i = 0; i < 10000; i++) {
		int len = snprintf(key, sizeof(key), "endpoint-%u", i);
		uint64_t phase =
		    schedule_phase(hash_bytes(key, (size_t)len, 0), 5000);

		ck_assert_uint_lt(phase, 5000);
		bucket[phase / 500]++;
	}
	for (unsigned i = 0; i < 10; i++) {
		ck_assert_uint_gt(bucket[i], 850);
		ck_assert_uint_lt(bucket[i], 1150);
	}
}
END_TEST

/* All of 10,000 that are new at once, whatever their period is. */
START_TEST(first_checks_are_made_within_a_second)
{
	static const uint64_t periods[] = {100, 999, 1000, 5000, 3600000};
	uint64_t every = periods[_i], window = every < 1000 ? every : 1000;
	unsigned bucket[10] = {0};
	char key[32];

	for (unsigned i = 0; i < 10000; i++) {
		int len = snprintf(key, sizeof(key), "endpoint-%u", i);
		uint64_t first = schedule_first(123456,
		    hash_bytes(key, (size_t)len, 0), every, SCHEDULE_FIRST_MS);

		ck_assert_uint_ge(first, 123456);
		ck_assert_uint_lt(first, 123456 + window);
		bucket[(first - 123456) * 10 / window]++;
	}
	for (unsigned i = 0; i < 10; i++) {
		ck_assert_uint_gt(bucket[i], 850);
		ck_assert_uint_lt(bucket[i], 1150);
	}
}
END_TEST

static const struct {
	const char *what;
	uint64_t http, https, window;
} many[] = {
    {"one", 1, 0, 1000},
    {"as many as one second has over HTTP", 5000, 0, 1000},
    {"10,000", 10000, 0, 2000},
    {"as many as one second has over HTTPS", 0, 400, 1000},
    {"10,000 over HTTPS", 0, 10000, 25000},
    {"both", 5000, 400, 2000},
};

START_TEST(so_many_first_checks_take_no_longer_than_they_must)
{
	ck_assert_msg(
	    schedule_window(many[_i].http, many[_i].https) == many[_i].window,
	    "%s", many[_i].what);
}
END_TEST

static const struct {
	const char *what;
	uint64_t turn, phase, every, timeout, next;
} after[] = {
    {"from turn to turn", 1007, 7, 100, 20, 1107},
    {"to a turn that is far enough", 1042, 7, 100, 65, 1107},
    {"to none that is too near", 1042, 7, 100, 66, 1108},
    {"a time-out as long as the period, at a turn", 1007, 7, 100, 100, 1107},
    {"a time-out as long as the period, off it", 1042, 7, 100, 100, 1142},
};

START_TEST(turn_after_a_turn)
{
	ck_assert_msg(schedule_after(after[_i].turn, after[_i].phase,
			  after[_i].every, after[_i].timeout) == after[_i].next,
	    "%s", after[_i].what);
}
END_TEST

/* From wherever the first check was; no check is cut short by the next, and no
 * two are further apart than the file says. */
START_TEST(turns_find_their_phase)
{
	for (uint64_t timeout = 10; timeout <= 100; timeout += 10)
		for (uint64_t turn = 5000; turn < 5100; turn++) {
			uint64_t at = turn, next = 0;

			for (unsigned i = 0; i < 12; i++, at = next) {
				next = schedule_after(at, 33, 100, timeout);
				ck_assert_uint_ge(next - at, timeout);
				ck_assert_uint_le(next - at, 100);
			}
			if (timeout < 100)
				ck_assert_uint_eq(at % 100, 33);
			else
				ck_assert_uint_eq(at, turn + 1200);
		}
}
END_TEST

static const struct {
	const char *what;
	uint64_t every, down, slow, slowed;
} slowed[] = {
    {"down for a moment", 5000, 0, 30000, 5000},
    {"not quite long enough", 5000, 99999, 30000, 5000},
    {"twice its period is a tenth of the time", 5000, 100000, 30000, 10000},
    {"not quite four times", 5000, 199999, 40000, 10000},
    {"four times", 5000, 200000, 40000, 20000},
    {"up to what is said", 5000, 3600000, 40000, 40000},
    {"no further, whatever a doubling would be", 5000, 3600000, 39999, 20000},
    {"nothing is said", 5000, 3600000, 0, 5000},
    {"less is said than its period", 5000, 3600000, 1000, 5000},
};

START_TEST(what_is_long_down_is_asked_more_rarely)
{
	ck_assert_msg(schedule_slow(slowed[_i].every, slowed[_i].down,
			  slowed[_i].slow) == slowed[_i].slowed,
	    "%s", slowed[_i].what);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("probes_checks_schedule");
	TCase *tcase = tcase_create("schedule");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(
	    tcase, next_turn, 0, (int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_test(tcase, late_timers_shift_nothing);
	tcase_add_test(tcase, stall_skips_turns);
	tcase_add_test(tcase, phases_spread);
	tcase_add_loop_test(tcase, first_checks_are_made_within_a_second, 0, 5);
	tcase_add_loop_test(tcase,
	    so_many_first_checks_take_no_longer_than_they_must, 0,
	    (int)(sizeof(many) / sizeof(many[0])));
	tcase_add_loop_test(tcase, turn_after_a_turn, 0,
	    (int)(sizeof(after) / sizeof(after[0])));
	tcase_add_test(tcase, turns_find_their_phase);
	tcase_add_loop_test(tcase, what_is_long_down_is_asked_more_rarely, 0,
	    (int)(sizeof(slowed) / sizeof(slowed[0])));
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
