/* Text for 80 columns: names cut in their middle, words kept whole, nothing
 * that a terminal obeys. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/columns.h"

/* Each text, the columns it has, and what is left of it. */
static const struct {
	const char *text;
	size_t width;
	const char *want;
} cuts[] = {
    {"us-east", 8, "us-east"},
    {"us-east1", 8, "us-east1"},
    {"us-east-1", 8, "us-..t-1"},
    /* Names differ at their ends more than in their middles. */
    {"euw1-a-with-a-very-long-name-17", 16, "euw1-a-..name-17"},
    {"", 8, ""},
    /* A character counts once and stays whole. */
    {"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", 8,
	"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"},
    {"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9x", 8,
	"\xc3\xa9\xc3\xa9\xc3\xa9..\xc3\xa9\xc3\xa9x"},
    {"a\033[2Jb", 8, "a?[2Jb"},
};

START_TEST(a_long_name_keeps_both_its_ends)
{
	char out[COLUMNS_CUT];

	ck_assert_str_eq(
	    columns_cut(cuts[_i].text, cuts[_i].width, out), cuts[_i].want);
}
END_TEST

/* What is printed of ${text}, to be freed. */
static char *
wrap(size_t used, size_t indent, const char *text)
{
	char *out = NULL;
	size_t size;
	FILE *to = open_memstream(&out, &size);

	ck_assert_ptr_nonnull(to);
	columns_wrap(to, used, indent, text);
	fclose(to);
	return out;
}

static const struct {
	size_t used, indent;
	const char *text, *want;
} wraps[] = {
    {0, 4, "", "\n"},
    {0, 4, "one two", "one two\n"},
    {74, 4, "one two three", "one\n    two three\n"},
    {77, 4, "one two", "one\n    two\n"},
    {78, 4, "a b c d", "a\n    b c d\n"},
    {70, 4, "down for" COLUMNS_JOIN "2" COLUMNS_JOIN "s",
	"down\n    for 2 s\n"},
    /* Blanks and ends of lines part words, however many they are. */
    {0, 2, "one\n\n two  three\n", "one two three\n"},
    {0, 2, "a\tb\033[31m\177", "a?b?[31m?\n"},
    {0, 2,
	"\xc2\x9b"
	"31m \xc2\xa7",
	"?31m \xc2\xa7\n"},
};

START_TEST(words_stay_whole)
{
	char *out = wrap(wraps[_i].used, wraps[_i].indent, wraps[_i].text);

	ck_assert_str_eq(out, wraps[_i].want);
	free(out);
}
END_TEST

/* Whatever the text is, no line is longer. */
START_TEST(no_line_is_longer_than_80_columns)
{
	char text[1000];

	for (size_t word = 1; word < 200; word += 7)
		for (size_t used = 0; used <= 60; used += 12) {
			char *out, *line;

			for (size_t i = 0; i < sizeof(text) - 1; i++)
				text[i] = i % (word + 1) == word ? ' ' : 'x';
			text[sizeof(text) - 1] = '\0';
			out = wrap(used, 8, text);
			ck_assert_uint_le(strcspn(out, "\n"), COLUMNS - used);
			for (line = out; (line = strchr(line, '\n')) != NULL;)
				ck_assert_uint_le(
				    strcspn(++line, "\n"), COLUMNS);
			free(out);
		}
}
END_TEST

START_TEST(times_are_short)
{
	char out[32];

	ck_assert_str_eq(columns_ago(-5, out), "0 s");
	ck_assert_str_eq(columns_ago(119999, out), "119 s");
	ck_assert_str_eq(columns_ago(120000, out), "2 min");
	ck_assert_str_eq(columns_ago(7200000, out), "2 h");
	ck_assert_str_eq(columns_ago(172800000, out), "2 d");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("ctl_columns");
	TCase *tests = tcase_create("columns");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tests, a_long_name_keeps_both_its_ends, 0,
	    (int)(sizeof(cuts) / sizeof(cuts[0])));
	tcase_add_loop_test(tests, words_stay_whole, 0,
	    (int)(sizeof(wraps) / sizeof(wraps[0])));
	tcase_add_test(tests, no_line_is_longer_than_80_columns);
	tcase_add_test(tests, times_are_short);
	suite_add_tcase(suite, tests);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
