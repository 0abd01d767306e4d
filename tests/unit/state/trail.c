/*
 * What operators say: numbers and order, also of two programs that say things
 * at once; what is pruned and what is not; what readers get.
 */
#include "tests/unit/state_fixture.h"

#include "base/errbuf.h"
#include "state/editor.h"
#include "state/reader.h"
#include "tests/first_schema.h"

#define SAYINGS 100
#define LONG_AGO_MS (STATE_OVERRIDES_AGE_MS + 60000)

static struct state_editor *editor;

static void
setup(void)
{
	make_folder();
	editor = state_editor_create(file);
	ck_assert_ptr_nonnull(editor);
}

static void
teardown(void)
{
	state_editor_destroy(editor);
	remove_folder();
}

static struct state_override
a_saying(const char *action, const char *target, const char *value)
{
	struct state_override row = {.kind = "region", .length_ms = -1};

	snprintf(row.action, sizeof(row.action), "%s", action);
	snprintf(row.target, sizeof(row.target), "%s", target);
	snprintf(row.value, sizeof(row.value), "%s", value);
	snprintf(row.author, sizeof(row.author), "ann");
	snprintf(row.reason, sizeof(row.reason), "a test");
	return row;
}

static uint64_t
say(struct state_override row)
{
	ck_assert_msg(state_editor_say(editor, &row) == 0, "%s",
	    state_editor_why(editor));
	return row.number;
}

START_TEST(numbers_grow_by_one_and_the_time_is_filled_in)
{
	struct state_override row = a_saying("drain", "eu", "");

	ck_assert_int_eq(state_editor_open(editor), 0);
	ck_assert_int_eq(state_editor_say(editor, &row), 0);
	ck_assert_uint_eq(row.number, 1);
	ck_assert_int_le(llabs(row.at_ms - clock_wall_ms()), WAIT_MS);
	ck_assert_uint_gt(row.sequence, 0);
	ck_assert_uint_eq(say(a_saying("undrain", "eu", "")), 2);
	run_sql("DELETE FROM override WHERE number = 1");
	ck_assert_uint_eq(say(a_saying("drain", "us", "")), 3);
	/* A number that nobody gave does not stand for the last. */
	run_sql("INSERT INTO override SELECT 9007199254740991, at_ms, action,"
		" kind, 'x', value, length_ms, ramp_ms, author, reason, forced,"
		" sequence, '', '', NULL, '', '', NULL FROM override WHERE "
		"number = 3");
	ck_assert_uint_eq(say(a_saying("drain", "us", "")), 4);
}
END_TEST

START_TEST(nonsense_is_not_said)
{
	struct state_override row = a_saying("drain", "", "");

	ck_assert_int_eq(state_editor_open(editor), 0);
	ck_assert_int_eq(state_editor_say(editor, &row), -1);
	ck_assert_ptr_nonnull(
	    strstr(state_editor_why(editor), "makes no sense"));
	row = a_saying("drain", "eu", "");
	row.length_ms = -7;
	ck_assert_int_eq(state_editor_say(editor, &row), -1);
	ck_assert_int_eq(ask_number("SELECT count(*) FROM override"), 0);
	/* A reason may say anything. */
	row = a_saying("drain", "eu", "");
	snprintf(row.reason, sizeof(row.reason), "fl\xc3\xbcgel");
	ck_assert_uint_eq(say(row), 1);
	ck_assert_str_eq(ask_sql("SELECT reason FROM override"), "fl??gel");
}
END_TEST

/* Rows of long ago, and whether they stay. */
static const struct {
	const char *says, *action, *target, *value;
	int64_t length_ms;
	bool stays;
} old[] = {
    {"a drain that nobody ended", "drain", "a", "", -1, true},
    {"a drain whose time is over", "drain", "b", "", 1000, false},
    {"a drain whose time is not over", "drain", "c", "", LONG_AGO_MS * 2, true},
    {"a drain that was ended", "drain", "d", "", -1, false},
    {"the end of it", "undrain", "d", "", -1, false},
    {"a force that was ended", "force", "e", "down", -1, false},
    {"the end of that", "force", "e", "off", -1, false},
    {"a weight that was said again", "weight", "f", "50%", -1, false},
    {"the last of it", "weight", "f", "25%", -1, true},
    {"a drain of what was forced, too", "drain", "e", "", -1, true},
    {"a drain that was ended of late", "drain", "g", "", -1, false},
};

START_TEST(what_is_old_and_not_in_force_is_pruned)
{
	struct state_override row;
	char sql[128];

	ck_assert_int_eq(state_editor_open(editor), 0);
	/* All at once, so that nothing is pruned on the way. */
	for (size_t i = 0; i < sizeof(old) / sizeof(old[0]); i++) {
		row = a_saying(old[i].action, old[i].target, old[i].value);
		row.length_ms = old[i].length_ms;
		ck_assert_uint_eq(say(row), i + 1);
	}
	snprintf(sql, sizeof(sql), "UPDATE override SET at_ms = at_ms - %lld",
	    (long long)LONG_AGO_MS);
	run_sql(sql);
	(void)say(a_saying("undrain", "g", ""));
	for (size_t i = 0; i < sizeof(old) / sizeof(old[0]); i++) {
		snprintf(sql, sizeof(sql),
		    "SELECT count(*) FROM override WHERE number = %zu", i + 1);
		ck_assert_msg(
		    ask_number(sql) == old[i].stays, "%s", old[i].says);
	}
	/* What was said of late stays, in force or not. */
	ck_assert_int_eq(ask_number("SELECT count(*) FROM override WHERE"
				    " action = 'undrain'"),
	    1);
}
END_TEST

/* Nodes that share refused what was said last: it is not in force. */
START_TEST(what_was_refused_takes_no_place)
{
	char sql[128];

	ck_assert_int_eq(state_editor_open(editor), 0);
	ck_assert_uint_eq(say(a_saying("drain", "a", "")), 1);
	ck_assert_uint_eq(say(a_saying("undrain", "a", "")), 2);
	ck_assert_uint_eq(say(a_saying("drain", "b", "")), 3);
	snprintf(sql, sizeof(sql),
	    "UPDATE override SET at_ms = at_ms - %lld WHERE number IN (1, 3)",
	    (long long)LONG_AGO_MS);
	run_sql(sql);
	run_sql("UPDATE override SET shared = 2 WHERE number IN (2, 3)");
	ck_assert_uint_eq(say(a_saying("drain", "c", "")), 4);
	ck_assert_int_eq(
	    ask_number("SELECT sum(number) FROM override"), 1 + 2 + 4);
}
END_TEST

/* Say things in a process of its own; the target says by whom and in which
 * order. */
static pid_t
say_many(const char *who)
{
	pid_t pid = fork();
	char target[32];

	if (pid != 0)
		return pid;
	editor = state_editor_create(file);
	if (editor == NULL || state_editor_open(editor) != 0)
		_exit(1);
	for (int i = 0; i < SAYINGS; i++) {
		struct state_override row;

		snprintf(target, sizeof(target), "%s%03d", who, i);
		row = a_saying("drain", target, "");
		if (state_editor_say(editor, &row) != 0)
			_exit(2);
	}
	state_editor_destroy(editor);
	_exit(0);
}

START_TEST(two_that_say_things_at_once_are_in_one_order)
{
	pid_t pids[2];

	ck_assert_int_eq(state_editor_open(editor), 0);
	pids[0] = say_many("a");
	pids[1] = say_many("b");
	for (int i = 0; i < 2; i++) {
		int status;

		ck_assert_int_eq(waitpid(pids[i], &status, 0), pids[i]);
		ck_assert_int_eq(status, 0);
	}
	ck_assert_int_eq(
	    ask_number("SELECT count(*) FROM override"), 2 * SAYINGS);
	/* No number is missing, and those of each are in its order, as are
	 * times and sequences of all. */
	ck_assert_int_eq(
	    ask_number("SELECT max(number) FROM override"), 2 * SAYINGS);
	ck_assert_int_eq(
	    ask_number("SELECT count(*) FROM override a JOIN override b ON"
		       " a.number < b.number WHERE a.sequence >= b.sequence"
		       " OR (substr(a.target, 1, 1) = substr(b.target, 1, 1)"
		       " AND a.target >= b.target)"),
	    0);
}
END_TEST

static uint64_t numbers[8];
static size_t n_numbers;

static void
note(void *context, const struct state_override *row)
{
	(void)context;
	ck_assert_uint_lt(n_numbers, 8);
	numbers[n_numbers++] = row->number;
}

START_TEST(what_was_decided_by_an_older_trail_is_not_said)
{
	struct state_override row = a_saying("drain", "eu", "");

	ck_assert_int_eq(state_editor_open(editor), 0);
	ck_assert_int_eq(state_editor_say_after(editor, &row, 1), 1);
	ck_assert_uint_eq(row.number, 0);
	ck_assert_int_eq(ask_number("SELECT count(*) FROM override"), 0);
	ck_assert_int_eq(state_editor_say_after(editor, &row, 0), 0);
	ck_assert_uint_eq(row.number, 1);
	row = a_saying("drain", "us", "");
	ck_assert_int_eq(state_editor_say_after(editor, &row, 0), 1);
	ck_assert_int_eq(state_editor_say_after(editor, &row, 1), 0);
	ck_assert_uint_eq(row.number, 2);
	ck_assert_int_eq(ask_number("SELECT count(*) FROM override"), 2);
}
END_TEST

START_TEST(the_trail_is_read_the_last_first)
{
	struct state_reader *reader = state_reader_create(file);
	static struct errbuf eb;

	errbuf_init(&eb);
	n_numbers = 0;
	ck_assert_int_eq(state_editor_open(editor), 0);
	(void)say(a_saying("drain", "a", ""));
	(void)say(a_saying("drain", "b", ""));
	(void)say(a_saying("undrain", "a", ""));
	ck_assert_int_eq(state_reader_overrides(reader, 2, note, NULL, &eb), 2);
	ck_assert_uint_eq(numbers[0], 3);
	ck_assert_uint_eq(numbers[1], 2);
	ck_assert_int_eq(
	    state_reader_overrides(reader, SIZE_MAX, note, NULL, &eb), 3);
	state_reader_destroy(reader);
}
END_TEST

START_TEST(a_file_of_an_older_schema_has_no_trail)
{
	struct state_reader *reader = state_reader_create(file);
	static struct errbuf eb;

	errbuf_init(&eb);
	run_sql(FIRST_SCHEMA);
	ck_assert_int_eq(
	    state_reader_overrides(reader, SIZE_MAX, note, NULL, &eb), 0);
	state_reader_destroy(reader);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("state/trail");
	TCase *tcase = tcase_create("trail");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, numbers_grow_by_one_and_the_time_is_filled_in);
	tcase_add_test(tcase, nonsense_is_not_said);
	tcase_add_test(tcase, what_is_old_and_not_in_force_is_pruned);
	tcase_add_test(tcase, what_was_refused_takes_no_place);
	tcase_add_test(tcase, two_that_say_things_at_once_are_in_one_order);
	tcase_add_test(tcase, what_was_decided_by_an_older_trail_is_not_said);
	tcase_add_test(tcase, the_trail_is_read_the_last_first);
	tcase_add_test(tcase, a_file_of_an_older_schema_has_no_trail);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
