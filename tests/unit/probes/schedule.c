/* Tests of the schedule: exact periods, own phases, an even spread. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "probes/schedule.h"

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

int
main(void)
{
	Suite *suite = suite_create("probes_schedule");
	TCase *tcase = tcase_create("schedule");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(
	    tcase, next_turn, 0, (int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_test(tcase, late_timers_shift_nothing);
	tcase_add_test(tcase, stall_skips_turns);
	tcase_add_test(tcase, phases_spread);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
