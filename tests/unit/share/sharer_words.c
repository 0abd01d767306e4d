/* What the log has of a link and a state database that break again and again:
 * its last line is how they are. */
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "share/sharer_parts.h"

#define BEGIN 5000
#define MINUTE ((int64_t)RATION_MS)

static struct sharer s;
static struct server_config config;
static char state[] = "here.db";
static FILE *captured;
static int before;

static void
setup(void)
{
	memset(&s, 0, sizeof(s));
	s.config = &config;
	config.state = state;
	s.self.cut_ms = -1;
	s.ready = true;
	captured = tmpfile();
	ck_assert_ptr_nonnull(captured);
	before = dup(STDERR_FILENO);
	ck_assert_int_ge(dup2(fileno(captured), STDERR_FILENO), 0);
	log_open("test", LOG_LEVEL_INFO);
}

static void
teardown(void)
{
	ck_assert_int_ge(dup2(before, STDERR_FILENO), 0);
	close(before);
	fclose(captured);
}

static char *
whole_log(void)
{
	static char text[65536];
	ssize_t n = pread(fileno(captured), text, sizeof(text) - 1, 0);

	ck_assert_int_ge(n, 0);
	text[n] = '\0';
	return text;
}

static const char *
last_line(void)
{
	char *text = whole_log(), *end = text + strlen(text);

	if (end > text)
		*--end = '\0';
	end = strrchr(text, '\n');
	return end != NULL ? end + 1 : text;
}

static void
says_last(const char *words)
{
	const char *line = last_line();

	ck_assert_msg(strstr(line, words) != NULL, "%s", line);
}

static void
never_says(const char *words)
{
	const char *text = whole_log();

	ck_assert_msg(strstr(text, words) == NULL, "%s", text);
}

/* The link breaks or is mended, as the words have it. */
static void
link_is(const char *words, int64_t now_ms)
{
	sharer_say_link(&s, words[0] != '\0' ? LINK_BEGINS : LINK_LIVE,
	    reminder_set(&s.link_trouble, words, now_ms), now_ms);
}

static void
cut_is(bool cut, int64_t now_ms)
{
	sharer_say_link(&s, cut ? LINK_CUT : LINK_LIVE, false, now_ms);
}

/* Each second it breaks, and is mended half a second later; ticks come. */
static int64_t
flap(int seconds)
{
	int64_t at_ms = BEGIN;

	for (int i = 0; i < seconds; i++, at_ms += 1000) {
		link_is("connection reset", at_ms);
		sharer_say_again(&s, at_ms + 250);
		link_is("", at_ms + 500);
		sharer_say_again(&s, at_ms + 750);
	}
	return at_ms;
}

static void
wait_for(int64_t from_ms, int64_t ms)
{
	for (int64_t at_ms = from_ms; at_ms < from_ms + ms; at_ms += 250)
		sharer_say_again(&s, at_ms);
}

START_TEST(the_last_line_says_that_the_link_is_well)
{
	int64_t end_ms = flap(_i);

	wait_for(end_ms, 3 * MINUTE);
	never_says(" 0 times");
	says_last("the link to etcd is well now");
}
END_TEST

START_TEST(the_last_line_says_that_the_link_is_broken)
{
	int64_t end_ms = flap(50);

	link_is("host unreachable", end_ms);
	wait_for(end_ms, 2 * MINUTE);
	says_last("the link to etcd is broken now: host unreachable");
}
END_TEST

/* The last mending alone is left out: nothing is to be counted. */
START_TEST(no_times_are_not_counted)
{
	link_is("one", BEGIN);
	link_is("two", BEGIN + 1);
	link_is("three", BEGIN + 2);
	link_is("four", BEGIN + 3);
	link_is("", BEGIN + 4);
	for (int i = 0; i < 2; i++) {
		cut_is(true, BEGIN + 2 * i);
		cut_is(false, BEGIN + 2 * i + 1);
	}
	wait_for(BEGIN, 3 * MINUTE);
	never_says(" 0 times");
	says_last("the link to etcd is well now");
}
END_TEST

START_TEST(what_cuts_it_off_ends_with_how_it_is)
{
	for (int i = 0; i < 10; i++) {
		cut_is(true, BEGIN + 2 * i);
		cut_is(false, BEGIN + 2 * i + 1);
	}
	wait_for(BEGIN, 2 * MINUTE);
	never_says(" 0 times");
	says_last("cut off from etcd 8 times in the last minute, which was not "
		  "said each time; this node is not cut off now");
	cut_is(true, BEGIN + 2 * MINUTE - 1);
	wait_for(BEGIN + 2 * MINUTE, 2 * MINUTE);
	says_last("cut off from etcd 1 time in the last minute");
	says_last("; this node is cut off now");
}
END_TEST

START_TEST(what_was_not_said_to_be_unread_is_not_read_again)
{
	s.ready = false;
	sharer_say_unread(&s, "No such file or directory");
	s.ready = true;
	sharer_say_unread(&s, NULL);
	ck_assert_str_eq(whole_log(), "");
}
END_TEST

START_TEST(reads_are_not_told_as_writes)
{
	for (int i = 0; i < RATION_LINES / 2; i++) {
		sharer_say_unread(&s, "locked");
		says_last("cannot read here.db: locked");
		sharer_say_unread(&s, NULL);
		says_last("here.db is read again");
	}
	sharer_say_unread(&s, "locked");
	sharer_say_unread(&s, NULL);
	sharer_say_state(&s, "full");
	says_last("cannot write here.db: full");
	sharer_say_state(&s, NULL);
	says_last("here.db is written again");
	s.read_lines.from_ms -= MINUTE;
	sharer_say_again(&s, s.read_lines.from_ms + MINUTE);
	says_last("here.db could not be read 1 time in the last minute, which "
		  "was not said each time; it can be read now");
	never_says("could not be written");
}
END_TEST

/* Each at once, and who writes on and on is named in one line a minute. */
START_TEST(nodes_that_are_forgotten_are_named)
{
	struct state_forgotten row = {.author = "ann", .node = "a"};
	char words[64];

	for (int i = 0; i < RATION_LINES; i++) {
		(void)snprintf(row.name, sizeof(row.name), "n%d", i);
		(void)snprintf(words, sizeof(words),
		    "node n%d is forgotten, as ann says at node a", i);
		sharer_say_forgotten(&s, &row, BEGIN + i);
		says_last(words);
	}
	for (int i = 0; i < 1000; i++) {
		(void)snprintf(row.name, sizeof(row.name), "more%d", i);
		sharer_say_forgotten(&s, &row, BEGIN + 10);
	}
	wait_for(BEGIN, 2 * MINUTE);
	says_last("1000 more nodes were forgotten in the last minute: more0, "
		  "more1, ");
	sharer_say_forgotten(&s, &row, BEGIN + 2 * MINUTE - 1);
	wait_for(BEGIN + 2 * MINUTE, 2 * MINUTE);
	says_last("1 more node was forgotten in the last minute: more999: ");
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("words");
	Suite *suite = suite_create("share_sharer_words");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(
	    tc, the_last_line_says_that_the_link_is_well, 3, 130);
	tcase_add_test(tc, the_last_line_says_that_the_link_is_broken);
	tcase_add_test(tc, no_times_are_not_counted);
	tcase_add_test(tc, what_cuts_it_off_ends_with_how_it_is);
	tcase_add_test(tc, what_was_not_said_to_be_unread_is_not_read_again);
	tcase_add_test(tc, reads_are_not_told_as_writes);
	tcase_add_test(tc, nodes_that_are_forgotten_are_named);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
