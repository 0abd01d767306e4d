/*
 * Tests of nodes that were forgotten: the word comes as it was said, once, and
 * what makes no sense or is too much is none.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "share/forgotten.h"

#define NOW_MS INT64_C(1795961110000)
#define HOUR_MS INT64_C(3600000)

static struct forgotten f;
static struct state_forgotten row;

static void
begin(void)
{
	memset(&f, 0, sizeof(f));
	memset(&row, 0, sizeof(row));
}

static void
finish(void)
{
	forgotten_finish(&f);
}

static enum forgotten_news
hear(const char *name, const char *value, int64_t revision, bool fresh)
{
	const struct forgotten_pair pair = {.name = name,
	    .value = value,
	    .len = strlen(value),
	    .revision = revision,
	    .wall_ms = NOW_MS,
	    .fresh = fresh};

	return forgotten_take(&f, &pair, &row);
}

/* What a node says whose clock is an hour ahead, a minute after it was said. */
static void
say(struct text *value)
{
	struct state_forgotten said = {.at_ms = NOW_MS + HOUR_MS - 60000};

	(void)snprintf(said.name, sizeof(said.name), "east-1");
	(void)snprintf(said.author, sizeof(said.author), "ann@host");
	(void)snprintf(said.reason, sizeof(said.reason), "sold");
	(void)snprintf(said.id, sizeof(said.id), "0a1b");
	(void)snprintf(said.node, sizeof(said.node), "west-1");
	(void)snprintf(said.refused, sizeof(said.refused), "x");
	text_init(value, BLOCK_BYTES);
	forgotten_say(&said, NOW_MS + HOUR_MS, value);
	ck_assert_ptr_nonnull(value->data);
}

START_TEST(it_comes_as_it_was_said)
{
	struct text value;

	say(&value);
	ck_assert_int_eq(hear("east-1", value.data, 7, true), FORGOTTEN_NEWS);
	ck_assert_str_eq(row.name, "east-1");
	ck_assert_str_eq(row.author, "ann@host");
	ck_assert_str_eq(row.reason, "sold");
	ck_assert_str_eq(row.id, "0a1b");
	ck_assert_str_eq(row.node, "west-1");
	/* It is in etcd, so that all have accepted it. */
	ck_assert_uint_eq(row.shared, STATE_SHARED_ACCEPTED);
	ck_assert_str_eq(row.refused, "");
	/* By our clock, but for a second at most. */
	ck_assert_int_le(row.at_ms, NOW_MS - 60000 + 1000);
	ck_assert_int_ge(row.at_ms, NOW_MS - 60000 - 1000);
	ck_assert_int_eq(forgotten_revision(&f, "east-1"), 7);
	ck_assert_int_eq(forgotten_revision(&f, "west-1"), 0);
	/* Said again it is news, read again it is not. */
	ck_assert_int_eq(hear("east-1", value.data, 7, false), FORGOTTEN_KNOWN);
	ck_assert_int_eq(hear("east-1", value.data, 9, false), FORGOTTEN_NEWS);
	ck_assert_int_eq(forgotten_revision(&f, "east-1"), 9);
	text_finish(&value);
}
END_TEST

START_TEST(what_is_not_in_a_reading_is_gone)
{
	struct text value;

	say(&value);
	for (int i = 0; i < 4; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "n-%d", i);
		ck_assert_int_eq(
		    hear(name, value.data, 10 + i, true), FORGOTTEN_NEWS);
	}
	forgotten_begin(&f);
	ck_assert_int_eq(hear("n-1", value.data, 11, false), FORGOTTEN_KNOWN);
	ck_assert_int_eq(hear("n-2", value.data, 12, false), FORGOTTEN_KNOWN);
	forgotten_end(&f);
	ck_assert_int_eq(forgotten_revision(&f, "n-0"), 0);
	ck_assert_int_eq(forgotten_revision(&f, "n-1"), 11);
	ck_assert_int_eq(forgotten_revision(&f, "n-2"), 12);
	ck_assert_int_eq(forgotten_revision(&f, "n-3"), 0);
	/* One is old that was written then or before. */
	ck_assert_ptr_null(forgotten_old(&f, 10));
	ck_assert_str_eq(forgotten_old(&f, 11)->name, "n-1");
	forgotten_gone(&f, "n-1");
	forgotten_gone(&f, "n-7");
	ck_assert_ptr_null(forgotten_old(&f, 11));
	ck_assert_str_eq(forgotten_old(&f, 12)->name, "n-2");
	text_finish(&value);
}
END_TEST

#define AT "{\"at\":1795961110000,"

static const char *const nonsense[] = {
    "",
    "{",
    "null",
    "{\"at\":1}",
    AT "\"columns\":[],\"pools\":[]}",
    AT "\"columns\":[\"author\"],\"pools\":[[[[\"a\"],[\"b\"]]]]}",
    AT "\"columns\":[\"author\"],\"pools\":[[[[7]]]]}",
};

START_TEST(what_makes_no_sense_is_no_word)
{
	row.at_ms = 7;
	ck_assert_int_eq(hear("east-1", nonsense[_i], 3, true), FORGOTTEN_ODD);
	ck_assert_int_eq(row.at_ms, 7);
	/* It is said once, and deleted when it is old. */
	ck_assert_int_eq(
	    hear("east-1", nonsense[_i], 3, false), FORGOTTEN_KNOWN);
	ck_assert_str_eq(forgotten_old(&f, 3)->name, "east-1");
}
END_TEST

START_TEST(more_than_there_can_be_are_left_out)
{
	struct text value;
	char name[STATE_NAME + 1];

	say(&value);
	memset(name, 'n', STATE_NAME);
	name[STATE_NAME] = '\0';
	ck_assert_int_eq(hear(name, value.data, 3, true), FORGOTTEN_ODD);
	name[STATE_NAME - 1] = '\0';
	ck_assert_int_eq(hear(name, value.data, 3, true), FORGOTTEN_NEWS);
	for (int i = 1; i < FORGOTTEN_MAX; i++) {
		(void)snprintf(name, sizeof(name), "n-%d", i);
		ck_assert_int_eq(
		    hear(name, value.data, 3, true), FORGOTTEN_NEWS);
	}
	ck_assert_int_eq(hear("more", value.data, 3, true), FORGOTTEN_ODD);
	ck_assert_int_eq(forgotten_revision(&f, "more"), 0);
	text_finish(&value);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("forgotten");
	Suite *suite = suite_create("forgotten");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, begin, finish);
	tcase_add_test(tc, it_comes_as_it_was_said);
	tcase_add_test(tc, what_is_not_in_a_reading_is_gone);
	tcase_add_loop_test(tc, what_makes_no_sense_is_no_word, 0,
	    (int)(sizeof(nonsense) / sizeof(nonsense[0])));
	tcase_add_test(tc, more_than_there_can_be_are_left_out);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
