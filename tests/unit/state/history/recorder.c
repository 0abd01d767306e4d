/*
 * Tests of the process that writes a history, with its daemon's end: what it is
 * given is in the history_file, and what the file does to it.
 */
#include <check.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "base/clock.h"
#include "base/log.h"
#include "state/history/recorder.h"
#include "state/history/waiting.h"
#include "tests/unit/history_fixture.h"

/* Longest wait for what has to come. */
#define WAIT_MS 60000

static uv_loop_t loop;
static struct history_recorder *recorder;
static char trouble[500];
static int troubles, fine;

static void
on_trouble(void *context, const char *why)
{
	(void)context;
	troubles += why != NULL;
	fine += why == NULL;
	snprintf(trouble, sizeof(trouble), "%s", why != NULL ? why : "");
}

static void
set_up(void)
{
	troubles = fine = 0;
	history_set_up();
	ck_assert_int_eq(uv_loop_init(&loop), 0);
	recorder = history_recorder_start(
	    &loop, history_file, UINT64_C(1) << 30, on_trouble, NULL);
	ck_assert_ptr_nonnull(recorder);
}

static void
tear_down(void)
{
	history_recorder_stop(recorder);
	(void)uv_run(&loop, UV_RUN_DEFAULT);
	ck_assert_int_eq(uv_loop_close(&loop), 0);
	history_tear_down();
}

static void
on_tick(uv_timer_t *timer)
{
	(void)timer;
}

/* Run the loop until ${is} or the time is over. */
static bool
wait_for(bool (*is)(void))
{
	int64_t end = clock_mono_ms() + WAIT_MS;
	uv_timer_t tick;

	ck_assert_int_eq(uv_timer_init(&loop, &tick), 0);
	ck_assert_int_eq(uv_timer_start(&tick, on_tick, 20, 20), 0);
	while (!is() && clock_mono_ms() < end)
		(void)uv_run(&loop, UV_RUN_ONCE);
	uv_close((uv_handle_t *)&tick, NULL);
	(void)uv_run(&loop, UV_RUN_NOWAIT);
	return is();
}

static struct history_recorder_figures
figures(void)
{
	struct history_recorder_figures f;

	history_recorder_figures(recorder, &f);
	return f;
}

static bool
one_written(void)
{
	return figures().written >= 1;
}

static bool
two_written(void)
{
	return figures().written >= 2;
}

static bool
in_trouble(void)
{
	return troubles > 0;
}

static bool
was_set_aside(void)
{
	return figures().set_aside > 0 && figures().written >= 2;
}

/* The child may be on its way still: give until it takes it. */
static void
give(uint64_t number)
{
	static const struct history_traffic traffic[] = {
	    {"a.example", "v1", "eu-west", "first", true, 7},
	    {"a.example", "v1", "us-east", "failover", false, 2}};
	static const struct history_scope scope[] = {{"a.example", 6, 48, 7}};
	static const struct history_place place[] = {
	    {"a.example", "eu-west", "DE", 3320, 3},
	    {"a.example", "us-east", "", 0, 1}};
	const struct history_failover failover[] = {
	    {"a.example", "v1", "euw1-a", false, BEGIN_MS + 5}};
	const struct history_batch batch = {.node = "n",
	    .run = 3,
	    .number = number,
	    .minute_ms = BEGIN_MS + (int64_t)number * 60000,
	    .sample = 64,
	    .traffic = traffic,
	    .n_traffic = 2,
	    .scope = scope,
	    .n_scope = 1,
	    .place = place,
	    .n_place = 2,
	    .failover = failover,
	    .n_failover = 1};
	int64_t end = clock_mono_ms() + WAIT_MS;

	while (history_recorder_give(recorder, &batch) != 0) {
		ck_assert_int_lt(clock_mono_ms(), end);
		(void)uv_run(&loop, UV_RUN_NOWAIT);
		(void)usleep(10000);
	}
}

START_TEST(what_is_given_is_in_the_file)
{
	give(1);
	ck_assert(wait_for(one_written));
	ck_assert_int_eq(
	    history_ask("SELECT sum(answers) FROM traffic_minute"), 9);
	ck_assert_int_eq(
	    history_ask("SELECT answers FROM scope_day WHERE family = 6"
			" AND length = 48"),
	    7);
	ck_assert_int_eq(
	    history_ask("SELECT samples FROM country_day WHERE country ="
			" 'DE' AND region = 'eu-west'"),
	    3);
	ck_assert_int_eq(
	    history_ask("SELECT samples FROM as_day WHERE number = 3320"), 3);
	ck_assert_int_eq(history_ask("SELECT count(*) FROM failovers"), 1);
	ck_assert_int_eq(troubles, 0);
	ck_assert_uint_gt(figures().bytes, 0);
}
END_TEST

START_TEST(a_lock_is_waited_for)
{
	sqlite3 *db;

	give(1);
	ck_assert(wait_for(one_written));
	ck_assert_int_eq(sqlite3_open(history_file, &db), SQLITE_OK);
	ck_assert_int_eq(
	    sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	give(2);
	ck_assert(wait_for(in_trouble));
	ck_assert_str_eq(trouble, "locked by another process");
	sqlite3_close(db);
	ck_assert(wait_for(two_written));
	ck_assert_int_eq(fine, 1);
	ck_assert_int_eq(
	    history_ask("SELECT sum(answers) FROM traffic_minute"), 18);
}
END_TEST

static bool
is_fine(void)
{
	return fine > 0;
}

/* A folder has its place, and goes away again: no batch is waited for. */
START_TEST(that_it_can_be_written_again_is_told_at_once)
{
	give(1);
	ck_assert(wait_for(one_written));
	(void)history_ask("PRAGMA wal_checkpoint(TRUNCATE)");
	ck_assert_int_eq(unlink(history_file), 0);
	ck_assert_int_eq(mkdir(history_file, 0700), 0);
	ck_assert(wait_for(in_trouble));
	ck_assert_int_eq(fine, 0);
	ck_assert_int_eq(rmdir(history_file), 0);
	ck_assert(wait_for(is_fine));
	ck_assert_uint_eq(figures().written, 1);
}
END_TEST

START_TEST(a_corrupt_file_is_set_aside)
{
	FILE *broken;
	char path[sizeof(history_file) + 16];

	give(1);
	ck_assert(wait_for(one_written));
	/* Out of the log, which would mend it. */
	(void)history_ask("PRAGMA wal_checkpoint(TRUNCATE)");
	broken = fopen(history_file, "r+");
	ck_assert_ptr_nonnull(broken);
	for (int i = 0; i < 20000; i++)
		fputc('x', broken);
	fclose(broken);
	give(2);
	ck_assert(wait_for(was_set_aside));
	snprintf(path, sizeof(path), "%s.corrupt", history_file);
	ck_assert_int_eq(access(path, F_OK), 0);
	ck_assert_int_eq(
	    history_ask("SELECT sum(answers) FROM traffic_minute"), 9);
}
END_TEST

/* What is given to the second one waits until the first has ended. */
static void
check_second(struct history_recorder *first)
{
	uint64_t lost;

	give(1);
	lost = figures().lost; /* before there was a process */
	ck_assert(wait_for(in_trouble));
	ck_assert_msg(strstr(trouble, "another meridiand writes it") != NULL,
	    "%s", trouble);
	ck_assert_uint_eq(figures().written, 0);
	history_recorder_stop(first);
	ck_assert(wait_for(is_fine));
	ck_assert(wait_for(one_written));
	ck_assert_int_eq(troubles, 1);
	ck_assert_uint_eq(figures().lost, lost);
}

START_TEST(a_second_process_waits_for_the_first)
{
	struct history_recorder *first = recorder;

	give(1);
	ck_assert(wait_for(one_written));
	recorder = history_recorder_start(
	    &loop, history_file, UINT64_C(1) << 30, on_trouble, NULL);
	ck_assert_ptr_nonnull(recorder);
	check_second(first);
}
END_TEST

/* It ends as that of a node does that starts again. */
START_TEST(one_that_ends_is_no_trouble)
{
	struct history_recorder *first = recorder;

	give(1);
	ck_assert(wait_for(one_written));
	recorder = history_recorder_start(
	    &loop, history_file, UINT64_C(1) << 30, on_trouble, NULL);
	ck_assert_ptr_nonnull(recorder);
	give(2);
	history_recorder_stop(first);
	ck_assert(wait_for(one_written));
	ck_assert_int_eq(troubles, 0);
	ck_assert_int_eq(
	    history_ask("SELECT sum(answers) FROM traffic_minute"), 18);
}
END_TEST

/* --- batches that wait --- */

START_TEST(the_newest_wait)
{
	struct waiting *w = waiting_create();
	struct history_parts parts = {{1, 0, 0, 64}, {"n"}};
	unsigned char packed[FRAME_MAX];
	struct frame frame = {.kind = HISTORY_BEGIN, .data = packed};
	const struct frame end = {.kind = HISTORY_WRITE};
	int lost = 0;

	for (uint64_t i = 1; i <= WAITING_BATCHES + 5; i++) {
		parts.number[1] = i;
		frame.len = history_parts_pack(HISTORY_BEGIN, &parts, packed);
		ck_assert_int_eq(waiting_take(w, &frame), 0);
		lost += waiting_take(w, &end);
	}
	ck_assert_int_eq(lost, 5);
	ck_assert_uint_eq(waiting_first(w)->number, 6);
	waiting_destroy(w);
}
END_TEST

START_TEST(what_makes_no_sense_is_refused)
{
	struct waiting *w = waiting_create();
	struct history_parts parts = {{1, 0, 0, 64}, {"a", "b", "c", "d"}};
	unsigned char packed[FRAME_MAX];
	struct frame frame = {.kind = HISTORY_TRAFFIC, .data = packed};
	const struct frame end = {.kind = HISTORY_WRITE};

	frame.len = history_parts_pack(HISTORY_TRAFFIC, &parts, packed);
	ck_assert_int_eq(waiting_take(w, &frame), -1);
	ck_assert_int_eq(waiting_take(w, &end), -1);
	frame.kind = HISTORY_BEGIN;
	ck_assert_int_eq(waiting_take(w, &frame), -1);
	for (size_t len = 0; len < frame.len; len++) {
		const struct frame cut = {
		    .kind = HISTORY_TRAFFIC, .len = len, .data = packed};

		ck_assert_int_eq(history_parts_take(&cut, &parts), -1);
	}
	ck_assert_ptr_null(waiting_first(w));
	waiting_destroy(w);
}
END_TEST

int
main(int argc, char **argv)
{
	Suite *s = suite_create("history recorder");
	TCase *t = tcase_create("process"), *w = tcase_create("waiting");
	SRunner *runner;
	int failed;

	if (history_recorder_is_child(argc, argv)) {
		log_open("history", LOG_LEVEL_ERROR);
		return history_recorder_child(argc, argv);
	}
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_set_timeout(t, 120);
	tcase_add_test(t, what_is_given_is_in_the_file);
	tcase_add_test(t, a_lock_is_waited_for);
	tcase_add_test(t, that_it_can_be_written_again_is_told_at_once);
	tcase_add_test(t, a_corrupt_file_is_set_aside);
	tcase_add_test(t, a_second_process_waits_for_the_first);
	tcase_add_test(t, one_that_ends_is_no_trouble);
	suite_add_tcase(s, t);
	tcase_add_test(w, the_newest_wait);
	tcase_add_test(w, what_makes_no_sense_is_refused);
	suite_add_tcase(s, w);
	runner = srunner_create(s);
	/* One process: the helper processes are our own children. */
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
