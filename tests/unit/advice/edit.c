/*
 * Lines that advice would change, put into the file as it says: what the whole
 * file is then, however its mappings and lists are written.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "advice/edit.h"

#define FILE_MAX 4096

static const struct row {
	const char *what;
	unsigned line, column;
	const char *key, *value; /* of an item of a list: "KEY[]" */
	const char *before, *after;
} rows[] = {
    {"a value in braces", 2, 3, "fall", "4",
	"checks:\n  a: {every: 5s, fall: 3}   # why\n",
	"checks:\n  a: {every: 5s, fall: 4}   # why\n"},
    {"a key that braces lack", 2, 3, "standby", "true",
	"regions:\n  a: {at: [19.1, 72.9]} # Mumbai\n  b: {at: [1, 2]}\n",
	"regions:\n  a: {at: [19.1, 72.9], standby: true} # Mumbai\n"
	"  b: {at: [1, 2]}\n"},
    {"braces with nothing inside", 2, 3, "fall", "4", "checks:\n  a: {}\n",
	"checks:\n  a: {fall: 4}\n"},
    {"blanks inside braces", 2, 3, "fall", "4", "checks:\n  a: { rise: 2 }\n",
	"checks:\n  a: { rise: 2, fall: 4}\n"},
    {"braces of several lines", 1, 1, "fall", "4",
	"a: {rise: 2,\n    every: 5s,\n    path: /}\nb: {fall: 9}\n",
	"a: {rise: 2,\n    every: 5s,\n    path: /, fall: 4}\nb: {fall: 9}\n"},
    {"a brace in a line of its own", 1, 1, "fall", "4", "a: {\n  rise: 2,\n}\n",
	"a: {\n  rise: 2,\n fall: 4}\n"},
    {"a key of the same name deeper inside", 2, 3, "every", "9s",
	"checks:\n  a: {load: {every: 1s}, every: 5s}\n",
	"checks:\n  a: {load: {every: 1s}, every: 9s}\n"},
    {"the same in lines", 2, 3, "every", "9s",
	"checks:\n  a:\n    load:\n      every: 1s\n    every: 5s\n",
	"checks:\n  a:\n    load:\n      every: 1s\n    every: 9s\n"},
    {"a word that is no key", 1, 1, "fall", "4",
	"a: {path: \"/x, fall: 2\", fall: 3}\n",
	"a: {path: \"/x, fall: 2\", fall: 4}\n"},
    {"a comment that is no key", 1, 1, "fall", "4",
	"a:\n  # fall: 2\n  rise: 2\n  fall: 3 # three\n",
	"a:\n  # fall: 2\n  rise: 2\n  fall: 4 # three\n"},
    {"a key that lines lack", 2, 3, "fall", "4",
	"checks:\n  a:\n    # first\n    rise: 2\n  b: {fall: 1}\n",
	"checks:\n  a:\n    fall: 4\n    # first\n    rise: 2\n  b: {fall: "
	"1}\n"},
    {"a value that is no mapping follows", 1, 1, "ttl.max", "9s",
	"a:\n  ttl: {max: 60s, min: 5s}\n", "a:\n  ttl: {max: 9s, min: 5s}\n"},
    {"a mapping inside that is not there", 1, 1, "ttl.max", "9s",
	"a: {pool: p}\n", "a: {pool: p, ttl: {max: 9s}}\n"},
    {"a mapping inside that lacks it", 1, 1, "ttl.max", "9s",
	"a: {pool: p, ttl: {min: 5s}}\n",
	"a: {pool: p, ttl: {min: 5s, max: 9s}}\n"},
    {"a mapping inside in lines", 1, 1, "ttl.max", "9s",
	"a:\n  ttl:\n    min: 5s\n  pool: p\n",
	"a:\n  ttl:\n    min: 5s\n    max: 9s\n  pool: p\n"},
    {"a per cent stays one", 1, 1, "split.v2", "4",
	"a: {split: {v1: 95%, v2: 5%}}\n", "a: {split: {v1: 95%, v2: 4%}}\n"},
    {"an item in braces", 2, 5, "weight", "3",
	"e:\n  - {name: a}\n  - {name: b}\n",
	"e:\n  - {name: a, weight: 3}\n  - {name: b}\n"},
    {"the second of two items of a line", 1, 26, "weight", "3",
	"e: [{name: a, weight: 1}, {name: b, weight: 1}]\n",
	"e: [{name: a, weight: 1}, {name: b, weight: 3}]\n"},
    {"an item in lines", 2, 5, "weight", "3",
	"e:\n  - name: a\n    weight: 1\n  - name: b\n    weight: 1\n",
	"e:\n  - name: a\n    weight: 3\n  - name: b\n    weight: 1\n"},
    {"an item in lines that lacks it", 2, 5, "weight", "3",
	"e:\n  - name: a\n    address:\n      - 192.0.2.1\n  - name: b\n",
	"e:\n  - name: a\n    address:\n      - 192.0.2.1\n    weight: 3\n"
	"  - name: b\n"},
    {"a key in quotes", 2, 3, "ecs", "on",
	"services:\n  \"*.img\": {pool: p}\n  b: {pool: p}\n",
	"services:\n  \"*.img\": {pool: p, ecs: on}\n  b: {pool: p}\n"},
    {"a list in lines", 2, 3, "endpoints[]", "{name: NEW}",
	"pools:\n  p:\n    endpoints:\n      - {name: a}\n      - {name: b}\n"
	"  q: {endpoints: []}\n",
	"pools:\n  p:\n    endpoints:\n      - {name: a}\n      - {name: b}\n"
	"      - {name: NEW}\n  q: {endpoints: []}\n"},
    {"a list in lines as far to the left as its key", 1, 1, "endpoints[]",
	"{name: NEW}", "p:\n  endpoints:\n  - {name: a}\n  check: c\n",
	"p:\n  endpoints:\n  - {name: a}\n  - {name: NEW}\n  check: c\n"},
    {"a list in brackets", 1, 1, "endpoints[]", "{name: NEW}",
	"p: {endpoints: [{name: a}], check: c}\n",
	"p: {endpoints: [{name: a}, {name: NEW}], check: c}\n"},
    {"a list in brackets of several lines", 1, 1, "fence[]", "{clients: all}",
	"p:\n  fence: [\n    {clients: unknown},\n  ]\n",
	"p:\n  fence: [\n    {clients: unknown},\n   {clients: all}]\n"},
    {"a key of the file", 0, 0, "regions.NEW", "{at: [1, 2]}",
	"# all\nregions:\n  a: {at: [3, 4]}\n  b:\n    at: [5, 6]\n\npools: "
	"{}\n",
	"# all\nregions:\n  a: {at: [3, 4]}\n  b:\n    at: [5, 6]\n"
	"  NEW: {at: [1, 2]}\n\npools: {}\n"},
};

/* Do to ${text} what ${edit} says. */
static void
apply(const struct advice_edit *edit, const char *text, char out[FILE_MAX])
{
	unsigned number = 1;
	size_t n = 0;

	for (const char *line = text; *line != '\0'; number++) {
		int len = (int)strcspn(line, "\n");
		int blanks = (int)strspn(line, " ");

		if (number != edit->line || edit->old[0] == '\0')
			n += (size_t)snprintf(
			    out + n, FILE_MAX - n, "%.*s\n", len, line);
		else
			n += (size_t)snprintf(out + n, FILE_MAX - n, "%.*s%s\n",
			    blanks, line, edit->new);
		if (number == edit->line && edit->old[0] == '\0')
			n += (size_t)snprintf(out + n, FILE_MAX - n, "%*s%s\n",
			    (int)edit->indent, "", edit->new);
		line += len + 1;
	}
}

START_TEST(a_line_goes_into_the_file_as_it_is_said)
{
	const struct row *row = &rows[_i];
	const struct advice_text text = {row->before, strlen(row->before)};
	const struct mark at = {"f.yaml", row->line, row->column};
	size_t len = strlen(row->key);
	struct advice_edit edit;
	char after[FILE_MAX] = "", key[64];

	snprintf(key, sizeof(key), "%s", row->key);
	if (key[len - 1] == ']') {
		key[len - 2] = '\0';
		advice_edit_item(&edit, &text, &at, key, "%s", row->value);
	} else {
		advice_edit_value(&edit, &text, &at, key, row->value);
	}
	apply(&edit, row->before, after);
	ck_assert_msg(strcmp(after, row->after) == 0,
	    "%s:\n%s\nline %u, %u blanks\n- %s\n+ %s\n", row->what, after,
	    edit.line, edit.indent, edit.old, edit.new);
}
END_TEST

/* Whatever a file and a mark are, what is read is inside the text. */
START_TEST(any_mark_of_any_part_of_a_file_is_taken)
{
	const struct row *row = &rows[_i];
	size_t all = strlen(row->before);
	struct advice_edit edit;

	for (size_t len = 0; len <= all; len++) {
		char *part = malloc(len + 1);
		const struct advice_text text = {part, len};

		ck_assert_ptr_nonnull(part);
		memcpy(part, row->before, len);
		part[len] = '\0';
		for (unsigned line = 0; line < 8; line++)
			for (unsigned column = 0; column < 40; column++) {
				const struct mark at = {"f", line, column};

				advice_edit_value(
				    &edit, &text, &at, "ttl.max", "9s");
				advice_edit_item(&edit, &text, &at, "endpoints",
				    "{name: NEW}");
			}
		free(part);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("advice/edit");
	TCase *tcase = tcase_create("edit");
	SRunner *runner;
	int failed, n = (int)(sizeof(rows) / sizeof(rows[0]));

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(
	    tcase, a_line_goes_into_the_file_as_it_is_said, 0, n);
	tcase_add_loop_test(
	    tcase, any_mark_of_any_part_of_a_file_is_taken, 0, n);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
