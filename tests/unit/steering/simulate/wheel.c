/* The wheel of time: each event comes once, when it is due. */
#include "steering/simulate/wheel.h"

#include <check.h>
#include <stdlib.h>

#include "steering/simulate/draw.h"

#define EVENTS 2000

START_TEST(events_come_when_they_are_due)
{
	struct wheel w;
	int64_t due_ms;

	ck_assert_int_eq(wheel_init(&w, 3), 0);
	wheel_add(&w, 2, 5000);
	wheel_add(&w, 0, 1000);
	wheel_add(&w, 1, 1000);
	ck_assert_uint_eq(wheel_next(&w, 960, &due_ms), WHEEL_NONE);
	ck_assert_uint_eq(wheel_next(&w, 1024, &due_ms), 0);
	ck_assert_int_eq(due_ms, 1000);
	ck_assert_uint_eq(wheel_next(&w, 1024, &due_ms), 1);
	ck_assert_uint_eq(wheel_next(&w, 4000, &due_ms), WHEEL_NONE);
	ck_assert_uint_eq(wheel_next(&w, 9000, &due_ms), 2);
	ck_assert_uint_eq(wheel_next(&w, 9000, &due_ms), WHEEL_NONE);
	wheel_finish(&w);
}
END_TEST

/* Also while the slot that it would be in is taken out. */
START_TEST(what_is_due_already_comes_next)
{
	struct wheel w;
	int64_t due_ms;

	ck_assert_int_eq(wheel_init(&w, 2), 0);
	wheel_add(&w, 0, 1000);
	ck_assert_uint_eq(wheel_next(&w, 2000, &due_ms), 0);
	wheel_add(&w, 1, 10);
	wheel_add(&w, 0, 1001);
	/* In the very next slot. */
	ck_assert_uint_eq(wheel_next(&w, 1025, &due_ms), 1);
	ck_assert_int_eq(due_ms, 10);
	ck_assert_uint_eq(wheel_next(&w, 2000, &due_ms), 0);
	ck_assert_uint_eq(wheel_next(&w, 100000, &due_ms), WHEEL_NONE);
	wheel_finish(&w);
}
END_TEST

/* Waits of up to some hours, which is many turns. */
START_TEST(many_events_are_never_early_nor_lost)
{
	struct draw draw = draw_of(1, 1);
	unsigned came[EVENTS] = {0}, n = 0;
	struct wheel w;
	int64_t before_ms = 0;

	ck_assert_int_eq(wheel_init(&w, EVENTS), 0);
	for (uint32_t i = 0; i < EVENTS; i++)
		wheel_add(&w, i, (int64_t)draw_below(&draw, 1000000));
	for (int64_t now_ms = 1000; now_ms < 20000000; now_ms += 1000) {
		int64_t due_ms;
		uint32_t e;

		while ((e = wheel_next(&w, now_ms, &due_ms)) != WHEEL_NONE) {
			ck_assert_int_lt(due_ms, now_ms + WHEEL_SLOT_MS);
			ck_assert_int_ge(due_ms, before_ms - WHEEL_SLOT_MS);
			before_ms = due_ms > before_ms ? due_ms : before_ms;
			came[e]++;
			n++;
			if (came[e] < 3)
				wheel_add(&w, e,
				    due_ms +
					(int64_t)draw_below(&draw, 9000000));
		}
	}
	ck_assert_uint_eq(n, 3 * EVENTS);
	wheel_finish(&w);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("simulate: wheel");
	TCase *tc = tcase_create("wheel");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, events_come_when_they_are_due);
	tcase_add_test(tc, what_is_due_already_comes_next);
	tcase_add_test(tc, many_events_are_never_early_nor_lost);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
