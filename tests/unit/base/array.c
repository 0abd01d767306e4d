/* Arrays that grow: what is in them stays, a maximum holds, and one that cannot
 * grow is as it was. */
#include <check.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/array.h"

START_TEST(test_members_stay)
{
	uint32_t *list = NULL;
	size_t n = 0, size = 0, moves = 0;

	for (; n < 100000; n++) {
		size_t before = size;
		uint32_t *grown =
		    array_grow(list, n, &size, sizeof(*list), SIZE_MAX);

		ck_assert_ptr_nonnull(grown);
		ck_assert_uint_gt(size, n);
		moves += size != before;
		list = grown;
		list[n] = (uint32_t)n * 7;
	}
	for (size_t i = 0; i < n; i++)
		ck_assert_uint_eq(list[i], i * 7);
	/* It doubles: a hundred thousand members are copied 13 times. */
	ck_assert_uint_le(moves, 14);
	free(list);
}
END_TEST

START_TEST(test_maximum)
{
	uint64_t *list = NULL;
	size_t n = 0, size = 0;

	for (; n < 100; n++) {
		list = array_grow(list, n, &size, sizeof(*list), 100);
		ck_assert_ptr_nonnull(list);
		list[n] = n;
	}
	ck_assert_uint_eq(size, 100);
	ck_assert_ptr_null(array_grow(list, n, &size, sizeof(*list), 100));
	ck_assert_uint_eq(size, 100);
	ck_assert_uint_eq(list[99], 99);
	free(list);
	size = 0;
	ck_assert_ptr_null(array_grow(NULL, 0, &size, sizeof(*list), 0));
}
END_TEST

START_TEST(test_many_at_once)
{
	size_t size = 0;
	char *text = array_reserve(NULL, 0, 1000, &size, 1, 5000);
	char *same;

	ck_assert_ptr_nonnull(text);
	ck_assert_uint_ge(size, 1000);
	text[0] = 'a';
	/* There is room already. */
	same = array_reserve(text, 500, 500, &size, 1, 5000);
	ck_assert_ptr_eq(same, text);
	text = array_reserve(text, 1000, 4000, &size, 1, 5000);
	ck_assert_ptr_nonnull(text);
	ck_assert_uint_eq(size, 5000);
	ck_assert_int_eq(text[0], 'a');
	ck_assert_ptr_null(array_reserve(text, 1000, 4001, &size, 1, 5000));
	ck_assert_ptr_null(array_reserve(text, 1000, SIZE_MAX, &size, 1, 5000));
	free(text);
}
END_TEST

/* A size in bytes that overflows is refused, not a small array. */
START_TEST(test_overflow)
{
	size_t size = 0;

	ck_assert_ptr_null(
	    array_reserve(NULL, 0, SIZE_MAX / 16 + 1, &size, 16, SIZE_MAX));
	ck_assert_uint_eq(size, 0);
}
END_TEST

START_TEST(texts_are_the_same_in_the_same_order)
{
	static const char *const ab[] = {"a", "b"}, *const ba[] = {"b", "a"};
	char other[] = "b";
	const char *const copy[] = {"a", other};

	ck_assert(array_same_texts(ab, 2, copy, 2));
	ck_assert(array_same_texts(NULL, 0, NULL, 0));
	ck_assert(!array_same_texts(ab, 2, ba, 2));
	ck_assert(!array_same_texts(ab, 2, ab, 1));
	ck_assert(!array_same_texts(NULL, 0, ab, 1));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("base_array");
	TCase *tc = tcase_create("array");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, test_members_stay);
	tcase_add_test(tc, test_maximum);
	tcase_add_test(tc, test_many_at_once);
	tcase_add_test(tc, test_overflow);
	tcase_add_test(tc, texts_are_the_same_in_the_same_order);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
