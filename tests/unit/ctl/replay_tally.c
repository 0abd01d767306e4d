/* What a replay counted, as people read it. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/replay_tally.h"

#define TEXT 8192

/* What replay_tally_text() prints of ${tally}. */
static void
printed(const json_t *tally, char out[TEXT])
{
	FILE *to = tmpfile();
	int before = dup(STDOUT_FILENO);
	size_t n;

	ck_assert_ptr_nonnull(to);
	fflush(stdout);
	ck_assert_int_ge(dup2(fileno(to), STDOUT_FILENO), 0);
	replay_tally_text(tally);
	fflush(stdout);
	ck_assert_int_ge(dup2(before, STDOUT_FILENO), 0);
	close(before);
	rewind(to);
	n = fread(out, 1, TEXT - 1, to);
	out[n] = '\0';
	fclose(to);
}

/* Twelve countries, of which more and more move: the last ones come first, and
 * the first two are put together. */
START_TEST(countries_come_by_how_many_move)
{
	static const char *const country[] = {"AT", "BE", "CH", "DE", "ES",
	    "FR", "GB", "HU", "IE", "JP", "KR", "LV", ""};
	const struct replay_side before = {"one.example", "eu", "v1"},
				 after = {"one.example", "us", "v1"};
	json_t *tally = replay_tally_create();
	const char *latvia, *japan;
	char out[TEXT];

	for (unsigned i = 0; i < 12; i++)
		replay_tally_add(tally, &before, &after, country[i], i + 1);
	replay_tally_add(tally, &before, &before, country[12], 50);
	printed(tally, out);
	latvia = strstr(out, "  LV: 12 of 12 move\n    eu/v1 -> us/v1: 12\n");
	japan = strstr(out, "  JP: 10 of 10 move\n");
	ck_assert_msg(latvia != NULL && latvia < japan, "%s", out);
	ck_assert_msg(strstr(out, "  CH: 3 of 3 move\n") != NULL &&
		strstr(out, "BE: ") == NULL && strstr(out, "unknown") == NULL &&
		strstr(out, "  2 more: 3 move\n") != NULL,
	    "%s", out);
	json_decref(tally);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("ctl/replay_tally");
	TCase *tcase = tcase_create("replay_tally");
	SRunner *runner;
	int failed;

	tcase_add_test(tcase, countries_come_by_how_many_move);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
