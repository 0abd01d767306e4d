/*
 * Tests of the memory of jansson: what is read is right in whatever order it is
 * given back, and the room is used again.
 */
#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "share/json_room.h"

/* A list of ${n} lists of a text and a number. */
static json_t *
read_rows(size_t n)
{
	struct text text;
	json_t *root;

	text_init(&text, (size_t)4 << 20);
	text_add(&text, "[");
	for (size_t i = 0; i < n; i++)
		text_add(&text, "%s[\"e%zu\",%zu]", i > 0 ? "," : "", i, i);
	text_add(&text, "]");
	ck_assert(!text.failed);
	root = json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES, NULL);
	ck_assert_ptr_nonnull(root);
	text_finish(&text);
	return root;
}

static void
expect_rows(const json_t *root, size_t n)
{
	char name[32];

	ck_assert_uint_eq(json_array_size(root), n);
	for (size_t i = 0; i < n; i++) {
		const json_t *row = json_array_get(root, i);

		snprintf(name, sizeof(name), "e%zu", i);
		ck_assert_str_eq(
		    json_string_value(json_array_get(row, 0)), name);
		ck_assert_uint_eq(
		    (size_t)json_integer_value(json_array_get(row, 1)), i);
	}
}

START_TEST(what_is_read_is_right_in_any_order)
{
	/* The second and the third do not fit. */
	static const size_t n[] = {100, 5000, 20000, 3};
	json_t *root[4];

	json_room_use();
	for (int again = 0; again < 3; again++) {
		for (int i = 0; i < 4; i++)
			root[i] = read_rows(n[i]);
		for (int i = 0; i < 4; i++)
			expect_rows(root[i], n[i]);
		/* One that is there while others come and go. */
		json_decref(root[0]);
		json_decref(root[2]);
		root[0] = read_rows(n[0]);
		expect_rows(root[0], n[0]);
		expect_rows(root[1], n[1]);
		for (int i = 0; i < 4; i++)
			if (i != 2)
				json_decref(root[i]);
	}
}
END_TEST

START_TEST(the_room_is_used_again)
{
	const json_t *first;
	json_t *root;

	json_room_use();
	root = read_rows(10);
	first = root;
	for (int i = 0; i < 100; i++) {
		json_decref(root);
		root = read_rows(10);
		ck_assert_ptr_eq(root, first);
	}
	json_decref(root);
}
END_TEST

START_TEST(a_long_text_is_taken_as_ever)
{
	static char text[200000];
	json_t *root;

	json_room_use();
	memset(text, 'a', sizeof(text));
	text[0] = '[';
	text[1] = text[sizeof(text) - 2] = '"';
	text[sizeof(text) - 1] = ']';
	root = json_loadb(text, sizeof(text), 0, NULL);
	ck_assert_ptr_nonnull(root);
	ck_assert_uint_eq(
	    json_string_length(json_array_get(root, 0)), sizeof(text) - 4);
	json_decref(root);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("share: json_room");
	TCase *tcase = tcase_create("json_room");
	SRunner *runner;
	int failed;

	tcase_add_test(tcase, what_is_read_is_right_in_any_order);
	tcase_add_test(tcase, the_room_is_used_again);
	tcase_add_test(tcase, a_long_text_is_taken_as_ever);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
