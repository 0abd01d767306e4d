/*
 * The watch: what is read again when, from looks at files that change in all
 * the ways in which files are replaced.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/watch.h"

/* Up to three files by name, each in a state that a letter stands for: "a=x
 * b=y". */
static struct inputs
files(const char *text)
{
	struct inputs inputs = {0};
	char copy[64], *rest = copy, *word;

	inputs.files = calloc(3, sizeof(*inputs.files));
	ck_assert_ptr_nonnull(inputs.files);
	inputs.size = 3;
	snprintf(copy, sizeof(copy), "%s", text);
	while ((word = strsep(&rest, " ")) != NULL) {
		struct input *input = &inputs.files[inputs.n++];

		input->identity.inode = (uint64_t)word[2];
		word[1] = '\0';
		input->path = strdup(word);
	}
	return inputs;
}

enum result { NOTHING, FAILS };

#define S 1000
#define STEPS 8

/* Looks, one after another, and what comes of them; what is read fails where
 * the row says so, and is served else. */
static const struct {
	const char *says, *served;
	struct {
		const char *seen;
		int64_t at_ms;
		enum watch_advice advice;
		enum result result;
	} steps[STEPS];
} rows[] = {
    {"nothing changes", "a=x b=x",
	{{"a=x b=x", 1 * S, WATCH_SAME, NOTHING},
	    {"a=x b=x", 2 * S, WATCH_SAME, NOTHING}}},
    {"a file that is replaced is read when two looks found it the same",
	"a=x b=x",
	{{"a=y b=x", 1 * S, WATCH_WAIT, NOTHING},
	    {"a=y b=x", 2 * S, WATCH_READ, NOTHING},
	    {"a=y b=x", 3 * S, WATCH_SAME, NOTHING}}},
    {"one that is written is left alone until it rests", "a=x",
	{{"a=1", 1 * S, WATCH_WAIT, NOTHING},
	    {"a=2", 2 * S, WATCH_WAIT, NOTHING},
	    {"a=3", 3 * S, WATCH_WAIT, NOTHING},
	    {"a=3", 4 * S, WATCH_READ, NOTHING},
	    {"a=3", 5 * S, WATCH_SAME, NOTHING}}},
    {"while another is written a file at rest waits for it", "a=x b=x",
	{{"a=y b=1", 1 * S, WATCH_WAIT, NOTHING},
	    {"a=y b=2", 2 * S, WATCH_WAIT, NOTHING},
	    {"a=y b=2", 3 * S, WATCH_READ, NOTHING}}},
    {"what cannot be read is not tried again until it changes", "a=x",
	{{"a=y", 1 * S, WATCH_WAIT, NOTHING}, {"a=y", 2 * S, WATCH_READ, FAILS},
	    {"a=y", 3 * S, WATCH_TRIED, NOTHING},
	    {"a=y", 4 * S, WATCH_TRIED, NOTHING},
	    {"a=z", 5 * S, WATCH_WAIT, NOTHING},
	    {"a=z", 6 * S, WATCH_READ, NOTHING},
	    {"a=z", 7 * S, WATCH_SAME, NOTHING}}},
    {"or until a long time has passed", "a=x",
	{{"a=y", 1 * S, WATCH_WAIT, NOTHING}, {"a=y", 2 * S, WATCH_READ, FAILS},
	    {"a=y", WATCH_RETRY_MS + 1 * S, WATCH_TRIED, NOTHING},
	    {"a=y", WATCH_RETRY_MS + 2 * S, WATCH_READ, FAILS},
	    {"a=y", WATCH_RETRY_MS + 3 * S, WATCH_TRIED, NOTHING}}},
    {"another file that changes is a reason to try again", "a=x b=x",
	{{"a=y b=x", 1 * S, WATCH_WAIT, NOTHING},
	    {"a=y b=x", 2 * S, WATCH_READ, FAILS},
	    {"a=y b=y", 3 * S, WATCH_WAIT, NOTHING},
	    {"a=y b=y", 4 * S, WATCH_READ, FAILS},
	    {"a=y b=y", 5 * S, WATCH_TRIED, NOTHING}}},
    {"a file that comes back as it was is served already", "a=x",
	{{"a=y", 1 * S, WATCH_WAIT, NOTHING}, {"a=y", 2 * S, WATCH_READ, FAILS},
	    {"a=x", 3 * S, WATCH_SAME, NOTHING},
	    {"a=y", 4 * S, WATCH_WAIT, NOTHING},
	    {"a=y", 5 * S, WATCH_READ, NOTHING}}},
    {"one that never rests is never read, and a word is said of it", "a=x",
	{{"a=1", 1 * S, WATCH_WAIT, NOTHING},
	    {"a=2", 2 * S, WATCH_WAIT, NOTHING},
	    {"a=3", WATCH_RESTLESS_MS + 0, WATCH_WAIT, NOTHING},
	    {"a=4", WATCH_RESTLESS_MS + 1 * S, WATCH_RESTLESS, NOTHING},
	    {"a=4", WATCH_RESTLESS_MS + 2 * S, WATCH_READ, NOTHING},
	    {"a=5", WATCH_RESTLESS_MS + 3 * S, WATCH_WAIT, NOTHING}}},
    {"other files that serve after a reload begin anew", "a=x",
	{{"b=y", 1 * S, WATCH_WAIT, NOTHING},
	    {"b=y", 2 * S, WATCH_READ, NOTHING},
	    {"b=y", 3 * S, WATCH_SAME, NOTHING}}},
};

START_TEST(looks)
{
	struct inputs served = files(rows[_i].served), seen;
	struct watch watch = {0};

	for (size_t i = 0; i < STEPS && rows[_i].steps[i].seen != NULL; i++) {
		const char *text = rows[_i].steps[i].seen;
		enum watch_advice advice;

		seen = files(text);
		advice =
		    watch_look(&watch, &served, &seen, rows[_i].steps[i].at_ms);
		ck_assert_msg(advice == rows[_i].steps[i].advice,
		    "%s: look %zu: %d", rows[_i].says, i + 1, (int)advice);
		ck_assert_uint_eq(seen.n, 0);
		if (rows[_i].steps[i].result == FAILS)
			watch_failed(&watch, rows[_i].steps[i].at_ms);
		else if (advice == WATCH_READ) {
			inputs_finish(&served);
			served = files(text);
		}
	}
	inputs_finish(&served);
	watch_finish(&watch);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("node_watch");
	TCase *tc = tcase_create("watch");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(
	    tc, looks, 0, (int)(sizeof(rows) / sizeof(rows[0])));
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
