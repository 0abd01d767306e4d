/* The places of the HTTP server: who gets one, and who gives his up. */
#include "web/places.h"

#include <check.h>
#include <stdlib.h>

static struct places places;

/* ${n} clients from ${fd} on, at ${now}. */
static void
come(int fd, int n, bool local, int64_t now)
{
	for (int i = 0; i < n; i++)
		ck_assert_ptr_nonnull(places_take(&places, fd + i, local, now));
}

/* The descriptor of the client that is to go; -1: nobody. */
static int
victim(bool local, int64_t now)
{
	const struct place *place = places_victim(&places, local, now);

	return place != NULL ? place->fd : -1;
}

START_TEST(clients_from_elsewhere_leave_some_for_local_ones)
{
	places_init(&places);
	come(0, PLACES - PLACES_LOCAL, false, 0);
	ck_assert_ptr_null(places_take(&places, 100, false, 0));
	come(100, PLACES_LOCAL, true, 0);
	ck_assert_ptr_null(places_take(&places, 200, true, 0));
	places_leave(places_find(&places, 3));
	ck_assert_ptr_null(places_find(&places, 3));
	come(200, 1, true, 0);
	ck_assert_ptr_null(places_take(&places, 201, false, 0));
}
END_TEST

START_TEST(the_one_that_is_silent_for_longest_goes_first)
{
	places_init(&places);
	come(0, PLACES, true, 0);
	for (int i = 0; i < PLACES; i++)
		places_busy(places_find(&places, i), i % 2, 100 - i);
	ck_assert_int_eq(victim(true, 100), PLACES - 2);
	places_victim(&places, true, 100)->ended = true;
	ck_assert_int_eq(victim(true, 100), PLACES - 4);
}
END_TEST

START_TEST(a_page_is_safe_while_it_moves_and_for_a_while)
{
	places_init(&places);
	come(0, PLACES, true, 0);
	for (int i = 0; i < PLACES; i++)
		places_busy(places_find(&places, i), true, i);
	ck_assert_int_eq(victim(true, PLACES_STALL_MS - 1), -1);
	ck_assert_int_eq(victim(true, PLACES_STALL_MS), 0);
	for (int i = 0; i < PLACES; i++)
		places_find(&places, i)->moved_ms = PLACES_SLOW_MS - 1;
	ck_assert_int_eq(victim(true, PLACES_SLOW_MS - 1), -1);
	ck_assert_int_eq(victim(true, PLACES_SLOW_MS), 0);
}
END_TEST

START_TEST(local_clients_keep_theirs_from_others)
{
	places_init(&places);
	come(0, 2, true, 0);
	come(10, 1, false, 5);
	ck_assert_int_eq(victim(false, 10), 10);
	ck_assert_int_eq(victim(true, 10), 0);
	places_leave(places_find(&places, 10));
	ck_assert_int_eq(victim(false, 10), -1);
}
END_TEST

START_TEST(what_comes_in_drops_has_an_end)
{
	places_init(&places);
	come(0, 2, true, 0);
	places_busy(places_find(&places, 1), true, 0);
	ck_assert_ptr_null(places_overdue(&places, PLACES_REQUEST_MS));
	ck_assert_int_eq(places_overdue(&places, PLACES_REQUEST_MS + 1)->fd, 0);
	places_find(&places, 0)->ended = true;
	places_find(&places, 1)->moved_ms = PLACES_PAGE_MS;
	ck_assert_ptr_null(places_overdue(&places, PLACES_PAGE_MS));
	ck_assert_int_eq(places_overdue(&places, PLACES_PAGE_MS + 1)->fd, 1);
}
END_TEST

START_TEST(streams_are_few_and_some_are_for_local_clients)
{
	int n = 0;

	places_init(&places);
	come(0, PLACES - PLACES_LOCAL, false, 0);
	come(100, PLACES_LOCAL, true, 0);
	while (places_stream(&places, places_find(&places, n)))
		n++;
	ck_assert_int_eq(n, PLACES_STREAMS - PLACES_STREAMS_LOCAL);
	for (int i = 0; i < PLACES_STREAMS_LOCAL; i++)
		ck_assert(
		    places_stream(&places, places_find(&places, 100 + i)));
	ck_assert(!places_stream(&places, places_find(&places, 110)));
	places_leave(places_find(&places, 0));
	ck_assert(places_stream(&places, places_find(&places, 110)));
}
END_TEST

START_TEST(a_stream_goes_only_when_it_is_not_taken)
{
	struct place *place;

	places_init(&places);
	come(0, 1, true, 0);
	place = places_find(&places, 0);
	places_busy(place, true, 0);
	ck_assert(places_stream(&places, place));
	place->waits = true;
	ck_assert_ptr_null(places_overdue(&places, 1000 * PLACES_PAGE_MS));
	ck_assert_int_eq(victim(true, 1000 * PLACES_PAGE_MS), -1);
	place->waits = false;
	place->moved_ms = 1000 * PLACES_PAGE_MS;
	ck_assert_int_eq(
	    victim(true, place->moved_ms + PLACES_STALL_MS - 1), -1);
	ck_assert_int_eq(victim(true, place->moved_ms + PLACES_STALL_MS), 0);
	ck_assert_ptr_null(
	    places_overdue(&places, place->moved_ms + PLACES_STREAM_MS));
	ck_assert_ptr_eq(
	    places_overdue(&places, place->moved_ms + PLACES_STREAM_MS + 1),
	    place);
	places_busy(place, false, 0);
	ck_assert(!place->stream);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("web: places");
	TCase *tc = tcase_create("places");
	SRunner *runner;
	int failed;

	tcase_add_test(tc, clients_from_elsewhere_leave_some_for_local_ones);
	tcase_add_test(tc, the_one_that_is_silent_for_longest_goes_first);
	tcase_add_test(tc, a_page_is_safe_while_it_moves_and_for_a_while);
	tcase_add_test(tc, local_clients_keep_theirs_from_others);
	tcase_add_test(tc, what_comes_in_drops_has_an_end);
	tcase_add_test(tc, streams_are_few_and_some_are_for_local_clients);
	tcase_add_test(tc, a_stream_goes_only_when_it_is_not_taken);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
