/* What was said by hand last, as pages tell it. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "node/hand_list.h"

static struct hand_list *list;
static struct state_override got[HAND_LIST_KEPT];

static void
take(uint64_t number, const char *id, const char *reason)
{
	struct state_override row = {.number = number};

	(void)snprintf(row.id, sizeof(row.id), "%s", id);
	(void)snprintf(row.reason, sizeof(row.reason), "%s", reason);
	hand_list_take(list, &row);
}

static void
setup(void)
{
	list = hand_list_create();
	ck_assert_ptr_nonnull(list);
}

static void
teardown(void)
{
	hand_list_destroy(list);
	hand_list_destroy(NULL);
}

START_TEST(it_is_by_numbers)
{
	hand_list_begin(list, true);
	take(7, "a", "first");
	take(3, "", "second");
	/* It counts once it is whole. */
	ck_assert_uint_eq(hand_list_copy(list, got), 0);
	hand_list_commit(list);
	ck_assert_uint_eq(hand_list_copy(list, got), 2);
	ck_assert_uint_eq(got[0].number, 3);
	ck_assert_uint_eq(got[1].number, 7);
	/* What other nodes accept gets another number, and is one still. */
	hand_list_begin(list, false);
	take(2, "a", "moved");
	take(3, "", "again");
	hand_list_commit(list);
	ck_assert_uint_eq(hand_list_copy(list, got), 2);
	ck_assert_uint_eq(got[0].number, 2);
	ck_assert_str_eq(got[0].reason, "moved");
	ck_assert_str_eq(got[1].reason, "again");
	/* What is not among all rows is no more. */
	hand_list_begin(list, true);
	take(9, "b", "");
	hand_list_commit(list);
	ck_assert_uint_eq(hand_list_copy(list, got), 1);
	ck_assert_uint_eq(got[0].number, 9);
}
END_TEST

START_TEST(the_last_are_kept)
{
	hand_list_begin(list, true);
	for (uint64_t i = HAND_LIST_KEPT + 10; i > 0; i--)
		take(i, "", "");
	take(5, "", "too old");
	take(HAND_LIST_KEPT + 20, "", "");
	hand_list_commit(list);
	ck_assert_uint_eq(hand_list_copy(list, got), HAND_LIST_KEPT);
	ck_assert_uint_eq(got[0].number, 12);
	ck_assert_uint_eq(got[HAND_LIST_KEPT - 1].number, HAND_LIST_KEPT + 20);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("hand_list");
	Suite *suite = suite_create("node: hand_list");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, it_is_by_numbers);
	tcase_add_test(tc, the_last_are_kept);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
