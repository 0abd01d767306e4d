/*
 * Tests of rows of counts as packed digits, and of the months they are of.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "state/history/calendar.h"
#include "state/history/packed.h"

struct row {
	const char *says;
	uint64_t count[4];
	size_t bytes;
	const char *octets;
};

static const struct row table[] = {
    {"nothing takes no room", {0, 0, 0, 0}, 0, ""},
    {"one digit is half an octet", {1, 0, 9, 3}, 2, "\x10\x93"},
    {"all are as wide as the widest", {1, 0, 10, 3}, 4, "\x01\x00\x10\x03"},
    {"an odd number of digits", {100, 7, 0, 999}, 6,
	"\x10\x00\x07\x00\x09\x99"},
};

START_TEST(written_and_read)
{
	const struct row *row = &table[_i];
	unsigned char out[PACKED_BYTES];
	uint64_t count[4];

	ck_assert_msg(
	    packed_write(row->count, 4, 1, out) == row->bytes, "%s", row->says);
	ck_assert_msg(
	    memcmp(out, row->octets, row->bytes) == 0, "%s", row->says);
	ck_assert_int_eq(packed_read(out, row->bytes, 4, count), 0);
	ck_assert_msg(
	    memcmp(count, row->count, sizeof(count)) == 0, "%s", row->says);
}
END_TEST

START_TEST(each_width)
{
	uint64_t count[PACKED_COUNTS] = {0}, again[PACKED_COUNTS];
	unsigned char out[PACKED_BYTES];
	uint64_t largest = 1;

	for (unsigned digits = 1; digits <= PACKED_DIGITS; digits++) {
		count[digits] = largest;
		ck_assert_uint_eq(
		    packed_write(count, PACKED_COUNTS, 1, out), 30 * digits);
		ck_assert_int_eq(
		    packed_read(out, 30 * digits, PACKED_COUNTS, again), 0);
		ck_assert_mem_eq(count, again, sizeof(count));
		largest *= 10;
	}
	/* What is larger is cut. */
	count[0] = UINT64_MAX;
	(void)packed_write(count, PACKED_COUNTS, 1, out);
	ck_assert_int_eq(
	    packed_read(out, PACKED_BYTES, PACKED_COUNTS, again), 0);
	ck_assert_uint_eq(again[0], PACKED_LARGEST);
}
END_TEST

START_TEST(what_is_no_row)
{
	static const unsigned char letters[] = {0x1a, 0x22};
	uint64_t count[4] = {7, 7, 7, 7};

	ck_assert_int_eq(packed_read(letters, 2, 4, count), -1);
	ck_assert_int_eq(packed_read(letters, 1, 4, count), -1);
	ck_assert_int_eq(packed_read(NULL, 0, 4, count), 0);
	ck_assert_uint_eq(count[3], 0);
	ck_assert_int_eq(packed_read(letters, 4000, 4, count), -1);
}
END_TEST

START_TEST(months)
{
	struct calendar at;

	/* 2024-02-29T23:59Z, the end of a February that is longer. */
	calendar_of(INT64_C(1709251140000), &at);
	ck_assert_int_eq(at.month, 54 * 12 + 1);
	ck_assert_uint_eq(at.day_of_month, 28);
	ck_assert_uint_eq(at.hour_of_day, 23);
	ck_assert_uint_eq(at.minute_of_hour, 59);
	ck_assert_int_eq(calendar_month_begin(at.month) + 28, at.day);
	calendar_of(-5, &at);
	ck_assert_int_eq(at.month, 0);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("history packed");
	TCase *t = tcase_create("");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(
	    t, written_and_read, 0, (int)(sizeof(table) / sizeof(table[0])));
	tcase_add_test(t, each_width);
	tcase_add_test(t, what_is_no_row);
	tcase_add_test(t, months);
	suite_add_tcase(s, t);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
