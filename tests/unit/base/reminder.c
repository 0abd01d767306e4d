/* When the log says a trouble again. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/reminder.h"

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

int
main(void)
{
	Suite *suite = suite_create("base_reminder");
	TCase *tcase = tcase_create("reminder");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(
	    tcase, a_trouble_that_lasts_is_said_again_every_five_minutes);
	tcase_add_test(tcase, another_trouble_goes_on_from_the_last);
	tcase_add_test(tcase, long_words_are_cut_and_no_news_for_it);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
