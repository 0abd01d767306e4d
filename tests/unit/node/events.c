/*
 * The last events: no more than are kept, the newest first, between two
 * sequences; a full change replaces them.
 */
#include <check.h>
#include <stdlib.h>

#include "node/events.h"

static struct state_event got[EVENTS_KEPT + 1];

static void
take(struct events *events, uint64_t first, uint64_t n)
{
	for (uint64_t i = first; i < first + n; i++) {
		struct state_event row = {.sequence = i};

		events_take(events, &row);
	}
}

START_TEST(the_newest_are_kept)
{
	struct events *events = events_create();

	ck_assert_uint_eq(events_last(events), 0);
	ck_assert_uint_eq(events_copy(events, 0, UINT64_MAX, got, 10), 0);
	events_begin(events, true);
	take(events, 1, 10);
	ck_assert_uint_eq(events_last(events), 0);
	events_commit(events);
	ck_assert_uint_eq(events_last(events), 10);
	events_begin(events, false);
	take(events, 11, EVENTS_KEPT);
	events_commit(events);
	ck_assert_uint_eq(
	    events_copy(events, 0, UINT64_MAX, got, EVENTS_KEPT + 1),
	    EVENTS_KEPT);
	ck_assert_uint_eq(got[0].sequence, EVENTS_KEPT + 10);
	ck_assert_uint_eq(got[EVENTS_KEPT - 1].sequence, 11);
	events_destroy(events);
}
END_TEST

START_TEST(some_are_copied)
{
	struct events *events = events_create();

	events_begin(events, true);
	take(events, 1, 10);
	events_commit(events);
	ck_assert_uint_eq(events_copy(events, 3, 8, got, 10), 4);
	ck_assert_uint_eq(got[0].sequence, 7);
	ck_assert_uint_eq(got[3].sequence, 4);
	ck_assert_uint_eq(events_copy(events, 3, 8, got, 2), 2);
	ck_assert_uint_eq(got[1].sequence, 6);
	events_destroy(events);
}
END_TEST

/* One that is cut off leaves what was known. */
START_TEST(a_full_change_replaces_them)
{
	struct events *events = events_create();

	events_begin(events, true);
	take(events, 1, 10);
	events_commit(events);
	events_begin(events, true);
	take(events, 1, 3);
	ck_assert_uint_eq(events_last(events), 10);
	events_begin(events, true);
	take(events, 1, 2);
	events_commit(events);
	ck_assert_uint_eq(events_last(events), 2);
	ck_assert_uint_eq(events_copy(events, 0, UINT64_MAX, got, 10), 2);
	events_destroy(events);
	events_destroy(NULL);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("node: events");
	TCase *tcase = tcase_create("events");
	SRunner *runner;
	int failed;

	tcase_add_test(tcase, the_newest_are_kept);
	tcase_add_test(tcase, some_are_copied);
	tcase_add_test(tcase, a_full_change_replaces_them);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
