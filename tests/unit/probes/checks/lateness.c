/* That the log says when checks are late. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "probes/checks/lateness.h"

/* ${late} of 1000 turns ${late_ms} late, ${missed} left out. */
static const struct {
	const char *says;
	unsigned late;
	uint64_t late_ms, missed;
	const char *words;
} windows[] = {
    {"in time", 0, 0, 0, ""},
    {"a little late", 1000, LATENESS_MS, 0, ""},
    {"now and then", 9, 900, 0, ""},
    {"one in a hundred", 10, 900, 0,
	"of 1000 checks due in 10 s, 10 began more than 250 ms late, the "
	"latest by 900 ms, and 0 were left out"},
    {"left out", 0, 0, 500,
	"of 1500 checks due in 10 s, 0 began more than 250 ms late, the latest "
	"by 0 ms, and 500 were left out"},
    {"late and left out together", 6, 900, 5,
	"of 1005 checks due in 10 s, 6 began more than 250 ms late, the latest "
	"by 900 ms, and 5 were left out"},
    {"just late", 1000, LATENESS_MS + 1, 0,
	"of 1000 checks due in 10 s, 1000 began more than 250 ms late, the "
	"latest by 251 ms, and 0 were left out"},
};

START_TEST(a_schedule_that_is_not_kept_is_told_with_numbers)
{
	char words[LATENESS_WORDS] = "?";
	struct lateness l = {0};

	ck_assert(lateness_look(&l, 5000, words));
	ck_assert_str_eq(words, "");
	for (unsigned i = 0; i < 1000; i++)
		lateness_turn(&l,
		    i < windows[_i].late ? windows[_i].late_ms : 0,
		    i == 0 ? windows[_i].missed : 0);
	ck_assert(!lateness_look(&l, 5000 + LATENESS_WINDOW_MS - 1, words));
	ck_assert(lateness_look(&l, 5000 + LATENESS_WINDOW_MS, words));
	ck_assert_msg(strcmp(words, windows[_i].words) == 0, "%s: %s",
	    windows[_i].says, words);
	/* And the next window begins with nothing. */
	ck_assert(lateness_look(&l, 5000 + 2 * LATENESS_WINDOW_MS, words));
	ck_assert_str_eq(words, "");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("probes_checks_lateness");
	TCase *tcase = tcase_create("lateness");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tcase,
	    a_schedule_that_is_not_kept_is_told_with_numbers, 0,
	    (int)(sizeof(windows) / sizeof(windows[0])));
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
