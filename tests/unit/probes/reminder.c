/* When the log says a trouble again, and that it says when checks are late. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "probes/lateness.h"
#include "probes/reminder.h"

START_TEST(a_trouble_that_lasts_is_said_again_every_five_minutes)
{
	struct reminder r = {.words = ""};

	ck_assert(!reminder_set(&r, "", 1000));
	ck_assert(!reminder_due(&r, 1000 + REMINDER_MS));
	ck_assert(reminder_set(&r, "locked", 2000));
	ck_assert(!reminder_due(&r, 2000 + REMINDER_MS - 1));
	ck_assert(reminder_due(&r, 2000 + REMINDER_MS));
	ck_assert(!reminder_due(&r, 2000 + 2 * REMINDER_MS - 1));
	ck_assert(reminder_due(&r, 2000 + 2 * REMINDER_MS));
	ck_assert_int_eq(reminder_lasts_s(&r, 2000 + 2 * REMINDER_MS), 600);
	/* The same words are no news. */
	ck_assert(!reminder_set(&r, "locked", 2000 + 2 * REMINDER_MS + 5));
	ck_assert(reminder_set(&r, "", 3000 + 2 * REMINDER_MS));
	ck_assert(!reminder_due(&r, 3000 + 9 * REMINDER_MS));
}
END_TEST

/* Since when something is wrong, not since when it is this. */
START_TEST(another_trouble_goes_on_from_the_last)
{
	struct reminder r = {.words = ""};

	ck_assert(reminder_set(&r, "locked", 1000));
	ck_assert(reminder_set(&r, "corrupt", 61000));
	ck_assert_str_eq(r.words, "corrupt");
	ck_assert_int_eq(reminder_lasts_s(&r, 121000), 120);
	ck_assert(!reminder_due(&r, 61000 + REMINDER_MS - 1));
	ck_assert(reminder_due(&r, 61000 + REMINDER_MS));
}
END_TEST

START_TEST(long_words_are_cut_and_no_news_for_it)
{
	struct reminder r = {.words = ""};
	char words[2 * REMINDER_WORDS];

	memset(words, 'x', sizeof(words));
	words[sizeof(words) - 1] = '\0';
	ck_assert(reminder_set(&r, words, 1));
	ck_assert_uint_eq(strlen(r.words), REMINDER_WORDS - 1);
	ck_assert(!reminder_set(&r, words, 2));
	words[REMINDER_WORDS - 2] = 'y';
	ck_assert(reminder_set(&r, words, 3));
}
END_TEST

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
	Suite *suite = suite_create("probes_reminder");
	TCase *tcase = tcase_create("reminder");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(
	    tcase, a_trouble_that_lasts_is_said_again_every_five_minutes);
	tcase_add_test(tcase, another_trouble_goes_on_from_the_last);
	tcase_add_test(tcase, long_words_are_cut_and_no_news_for_it);
	tcase_add_loop_test(tcase,
	    a_schedule_that_is_not_kept_is_told_with_numbers, 0,
	    (int)(sizeof(windows) / sizeof(windows[0])));
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
