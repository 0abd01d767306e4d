/* Decimal numbers and UTF-8: what is one, and what only looks like one. */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "base/utf8.h"

static const struct {
	const char *text;
	uint64_t min, max;
	bool fits;
	uint64_t value;
} numbers[] = {
    {"0", 0, 0, true, 0},
    {"7", 0, 7, true, 7},
    {"8", 0, 7, false, 0},
    {"65535", 1, 65535, true, 65535},
    {"65536", 1, 65535, false, 0},
    {"0", 1, 65535, false, 0},
    {"00000000000000000000000000042", 0, 255, true, 42},
    {"18446744073709551615", 0, UINT64_MAX, true, UINT64_MAX},
    {"18446744073709551616", 0, UINT64_MAX, false, 0},
    {"99999999999999999999", 0, UINT64_MAX, false, 0},
    {"184467440737095516150", 0, UINT64_MAX, false, 0},
    {"4294967296", 0, UINT32_MAX, false, 0},
    {"9", 0, 5, false, 0},
    {"", 0, 9, false, 0},
    {" 1", 0, 9, false, 0},
    {"1 ", 0, 9, false, 0},
    {"+1", 0, 9, false, 0},
    {"-1", 0, 9, false, 0},
    {"0x1", 0, 99, false, 0},
    {"1e1", 0, 99, false, 0},
    {"\xb9", 0, 99, false, 0},
};

START_TEST(test_numbers)
{
	const char *text = numbers[_i].text;
	uint64_t value = 4711;

	ck_assert_msg((number_parse(text, strlen(text), numbers[_i].min,
			   numbers[_i].max, &value) == 0) == numbers[_i].fits,
	    "\"%s\" in %" PRIu64 "..%" PRIu64, text, numbers[_i].min,
	    numbers[_i].max);
	ck_assert_uint_eq(value, numbers[_i].fits ? numbers[_i].value : 4711);
}
END_TEST

/* What follows the number in the text is not looked at. */
START_TEST(test_length)
{
	uint64_t value;

	ck_assert_int_eq(number_parse("123x", 3, 0, 999, &value), 0);
	ck_assert_uint_eq(value, 123);
	ck_assert_int_eq(number_parse("123", 2, 0, 999, &value), 0);
	ck_assert_uint_eq(value, 12);
}
END_TEST

static const struct {
	const char *text;
	unsigned scale;
	bool fits;
	int64_t value;
} decimals[] = {
    {"0", 0, true, 0},
    {"-0.5", 3, true, -500},
    {"+1.25", 2, true, 125},
    {"90", 9, true, INT64_C(90000000000)},
    {"-180.000000001", 9, true, INT64_C(-180000000001)},
    {"1.250", 2, false, 0},
    {"1.", 2, false, 0},
    {".5", 2, false, 0},
    {"1..5", 2, false, 0},
    {"1.5", 0, false, 0},
    {"", 2, false, 0},
    {"-", 2, false, 0},
    {"--1", 2, false, 0},
    {"1,5", 2, false, 0},
    {"1e3", 2, false, 0},
    {"9007199254740992", 0, true, INT64_C(9007199254740992)},
    {"9007199254740993", 0, false, 0},
    {"9007199254740992", 1, false, 0},
    {"99999999999999999999999", 0, false, 0},
};

START_TEST(test_decimals)
{
	const char *text = decimals[_i].text;
	int64_t value = 4711;

	ck_assert_msg((number_decimal(text, strlen(text), decimals[_i].scale,
			   &value) == 0) == decimals[_i].fits,
	    "\"%s\" with a scale of %u", text, decimals[_i].scale);
	ck_assert_int_eq(value, decimals[_i].fits ? decimals[_i].value : 4711);
}
END_TEST

static const struct {
	const char *text;
	size_t size; /* of the first character; 0: none */
} characters[] = {
    {"a", 1},
    {"\x7f", 1},
    {"\xc2\x80", 2},
    {"\xdf\xbf", 2},
    {"\xe0\xa0\x80", 3},
    {"\xed\x9f\xbf", 3},
    {"\xee\x80\x80", 3},
    {"\xef\xbf\xbf", 3},
    {"\xf0\x90\x80\x80", 4},
    {"\xf4\x8f\xbf\xbf", 4},
    /* Not the shortest form. */
    {"\xc0\x80", 0},
    {"\xc1\xbf", 0},
    {"\xe0\x9f\xbf", 0},
    {"\xf0\x8f\xbf\xbf", 0},
    /* Surrogates, and above U+10FFFF. */
    {"\xed\xa0\x80", 0},
    {"\xed\xbf\xbf", 0},
    {"\xf4\x90\x80\x80", 0},
    {"\xf5\x80\x80\x80", 0},
    {"\xff", 0},
    /* Cut short, and without a beginning. */
    {"\xc2", 0},
    {"\xe2\x82", 0},
    {"\xf0\x9f\x98", 0},
    {"\xe2\x28\xa1", 0},
    {"\xe2\x82\x28", 0},
    {"\xf0\x9f\x98\xc0", 0},
    {"\x80", 0},
    {"\xbf", 0},
};

START_TEST(test_characters)
{
	const char *text = characters[_i].text;
	char around[16];

	ck_assert_uint_eq(utf8_size(text, strlen(text)), characters[_i].size);
	snprintf(around, sizeof(around), "x%s", text);
	ck_assert_int_eq(
	    utf8_valid(around, strlen(around)), characters[_i].size > 0);
	ck_assert(utf8_valid(text, 0));
}
END_TEST

#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

int
main(void)
{
	Suite *suite = suite_create("base_words");
	TCase *tc = tcase_create("words");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tc, test_numbers, 0, ROWS(numbers));
	tcase_add_test(tc, test_length);
	tcase_add_loop_test(tc, test_decimals, 0, ROWS(decimals));
	tcase_add_loop_test(tc, test_characters, 0, ROWS(characters));
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
