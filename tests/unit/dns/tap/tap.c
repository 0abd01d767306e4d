/* A worker's tap: which messages are due, what a record holds, and what a full
 * ring does. */
#include "dns/tap/tap.h"

#include <check.h>
#include <string.h>

static struct tap tap;
static const struct tap_flow flow = {
    .client = {{4, {192, 0, 2, 1}}, 1000},
    .server = {{4, {192, 0, 2, 53}}, 53},
    .wall_ns = 5,
};
static const struct tap_decision decision = {.outcome = 3, .reason = 2};

static void
setup(void)
{
	ck_assert_int_eq(tap_init(&tap), 0);
}

static void
teardown(void)
{
	tap_finish(&tap);
}

static int
count_due(int n)
{
	int due = 0;

	while (n-- > 0)
		due += tap_due(&tap);
	return due;
}

START_TEST(one_in_so_many_is_due)
{
	ck_assert(!tap_due(NULL));
	ck_assert_int_eq(count_due(1000), 0);
	tap_set(&tap, 10);
	ck_assert_int_eq(count_due(1000), 100);
	tap_set(&tap, 1);
	ck_assert_int_eq(count_due(1000), 1000);
	tap_set(&tap, 0);
	ck_assert_int_eq(count_due(1000), 0);
}
END_TEST

START_TEST(a_record_holds_both_messages)
{
	const struct tap_record *r;

	tap_take(&tap, &flow, &decision, (const uint8_t *)"query", 5,
	    (const uint8_t *)"response", 8);
	r = tap_first(&tap);
	ck_assert_ptr_nonnull(r);
	ck_assert_uint_eq(r->flow.client.port, 1000);
	ck_assert_int_eq(r->flow.wall_ns, 5);
	ck_assert_int_gt(r->response_ns, 0);
	ck_assert_uint_eq(r->decision.outcome, 3);
	ck_assert_uint_eq(r->decision.reason, 2);
	ck_assert_uint_eq(r->query_len, 5);
	ck_assert_uint_eq(r->response_len, 8);
	ck_assert_mem_eq(r->octets, "queryresponse", 13);
	tap_done(&tap);
	ck_assert_ptr_null(tap_first(&tap));
}
END_TEST

START_TEST(a_full_ring_drops_and_counts)
{
	static uint8_t longest[65535];
	uint64_t taken = 0, n = 0;

	for (; counter_read(&tap.dropped) < 5; n++)
		tap_take(&tap, &flow, &decision, longest, 8192, longest,
		    sizeof(longest));
	while (tap_first(&tap) != NULL) {
		tap_done(&tap);
		taken++;
	}
	ck_assert_uint_eq(taken + 5, n);
	ck_assert_uint_ge(taken, 5);
	tap_take(&tap, &flow, &decision, longest, 12, longest, 12);
	ck_assert_ptr_nonnull(tap_first(&tap));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("tap");
	TCase *tcase = tcase_create("tap");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, one_in_so_many_is_due);
	tcase_add_test(tcase, a_record_holds_both_messages);
	tcase_add_test(tcase, a_full_ring_drops_and_counts);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
