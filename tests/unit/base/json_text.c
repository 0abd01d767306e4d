/*
 * JSON where it stands: what is none is refused, whatever is cut off or put in
 * the place of something; and values are read as they were meant.
 */
#include "base/json_text.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *text;
	bool valid;
} texts[] = {
    {"{}", true},
    {" [ ] ", true},
    {"1", true},
    {"\"\"", true},
    {"{\"a\":[1,-2.5e+3,true,false,null,{\"b\":\"c\"}],\"d\":{}}", true},
    {"[0,-0,0.0,1E9]", true},
    {"[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\"]", true},
    {"[\"\xc3\xa9\"]", true},
    {"", false},
    {" ", false},
    {"[", false},
    {"]", false},
    {"[1,]", false},
    {"[,1]", false},
    {"[1 2]", false},
    {"[1}", false},
    {"{\"a\"}", false},
    {"{\"a\":}", false},
    {"{\"a\":1,}", false},
    {"{a:1}", false},
    {"{1:1}", false},
    {"{} {}", false},
    {"[01]", false},
    {"[-]", false},
    {"[.5]", false},
    {"[1.]", false},
    {"[1e]", false},
    {"[+1]", false},
    {"[nul]", false},
    {"[True]", false},
    {"[\"a]", false},
    {"[\"\\x\"]", false},
    {"[\"\\u00g0\"]", false},
    {"[\"\\u0000\"]", false},
    {"[\"\\ud83d\"]", false},
    {"[\"\\ude00\"]", false},
    {"[\"\\ud83d\\u0041\"]", false},
    {"[\"\t\"]", false},
    {"[\"\xff\"]", false},
    {"[\"\xc3\"]", false},
    {"[\"\xed\xa0\x80\"]", false},
};

START_TEST(what_is_json)
{
	const char *text = texts[_i].text;

	ck_assert_msg(
	    json_text_valid(text, strlen(text)) == texts[_i].valid, "%s", text);
}
END_TEST

START_TEST(what_is_cut_off_is_none)
{
	static const char whole[] =
	    "{\"a\":[1,\"\\u00e9x\xc3\xa9\",{\"b\":[]}],\"c\":-1.5e3 }";

	for (size_t len = 0; len < sizeof(whole) - 1; len++) {
		/* Of its own, so that a byte past it is noticed. */
		char *text = malloc(len + 1);

		ck_assert_ptr_nonnull(text);
		memcpy(text, whole, len);
		ck_assert(!json_text_valid(text, len));
		free(text);
	}
	ck_assert(json_text_valid(whole, sizeof(whole) - 1));
}
END_TEST

START_TEST(there_is_a_depth)
{
	char text[2 * JSON_TEXT_DEPTH + 2];

	for (size_t depth = JSON_TEXT_DEPTH; depth <= JSON_TEXT_DEPTH + 1;
	     depth++) {
		memset(text, '[', depth);
		memset(text + depth, ']', depth);
		ck_assert(json_text_valid(text, 2 * depth) ==
		    (depth == JSON_TEXT_DEPTH));
	}
}
END_TEST

START_TEST(values_are_what_they_say)
{
	static const char text[] =
	    " { \"n\" : [ -12 , 2.5, \"x\", 99999999999999999999, 1e999, [] ],"
	    "\"s\":[\"a\\u00e9\\ud83d\\ude00\\n\\/\",\"long\",7,\"\"], "
	    "\"skipped\":{\"a\":[{\"]\":\"}\"}]},\"z\":null} ";
	struct json_text at;
	char out[16];
	int64_t whole;
	double number;
	size_t len;

	ck_assert(json_text_valid(text, sizeof(text) - 1));
	at = json_text_begin(text, sizeof(text) - 1);
	ck_assert_int_eq(json_text_kind(&at), '{');
	ck_assert(json_text_enter(&at));
	ck_assert(!json_text_is(&at, "nn"));
	ck_assert(json_text_is(&at, "n"));
	ck_assert(json_text_enter(&at));
	ck_assert(json_text_integer(&at, &whole));
	ck_assert_int_eq(whole, -12);
	ck_assert(json_text_next(&at));
	ck_assert(json_text_number(&at, &number));
	ck_assert_double_eq(number, 2.5);
	ck_assert(json_text_next(&at));
	ck_assert(!json_text_number(&at, &number));
	ck_assert(json_text_next(&at));
	ck_assert(!json_text_integer(&at, &whole));
	ck_assert(json_text_next(&at));
	ck_assert(!json_text_number(&at, &number));
	ck_assert(json_text_next(&at));
	ck_assert(!json_text_enter(&at));
	ck_assert(!json_text_next(&at));
	ck_assert(json_text_next(&at));
	ck_assert(json_text_is(&at, "s"));
	ck_assert(json_text_enter(&at));
	ck_assert(json_text_string(&at, out, sizeof(out), &len));
	ck_assert_str_eq(out, "a\xc3\xa9\xf0\x9f\x98\x80\n/");
	ck_assert_uint_eq(len, 9);
	ck_assert(json_text_next(&at));
	ck_assert(!json_text_string(&at, out, 4, &len));
	ck_assert(json_text_next(&at));
	ck_assert(!json_text_string(&at, out, sizeof(out), &len));
	ck_assert(json_text_next(&at));
	ck_assert(json_text_string(&at, out, sizeof(out), &len));
	ck_assert_uint_eq(len, 0);
	ck_assert(!json_text_next(&at));
	ck_assert(json_text_next(&at));
	json_text_pass(&at);
	json_text_skip(&at);
	ck_assert(json_text_next(&at));
	ck_assert(json_text_is(&at, "z"));
	ck_assert_int_eq(json_text_kind(&at), 'n');
	json_text_skip(&at);
	ck_assert(!json_text_next(&at));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("base: JSON texts");
	TCase *tcase = tcase_create("json_text");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(
	    tcase, what_is_json, 0, (int)(sizeof(texts) / sizeof(texts[0])));
	tcase_add_test(tcase, what_is_cut_off_is_none);
	tcase_add_test(tcase, there_is_a_depth);
	tcase_add_test(tcase, values_are_what_they_say);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
