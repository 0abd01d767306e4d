/* The turns of a reading of load, and that it takes its place as checks do. */
#include <stdio.h>

#include "base/clock.h"
#include "probes/load/load_task.h"
#include "tests/unit/probes_server.h"

#define PLACES 16

static struct check_config check;
static struct task_owner owner;
static struct load_task task;
static struct gate *gate;
static struct gate_visit other = {.pass = {.places = PLACES}};
static unsigned turns, ends;
static uint64_t latest_ms, missed_turns;
static bool gone;

static void
on_changed(void *context)
{
	(void)context;
}

static void
on_turned(void *context, uint64_t late_ms, uint64_t missed)
{
	(void)context;
	turns++;
	missed_turns += missed;
	latest_ms = late_ms > latest_ms ? late_ms : latest_ms;
}

static void
on_ended(void *context, enum load_reading what, const char *reason)
{
	(void)context;
	(void)what;
	(void)reason;
	ends++;
}

static const struct load_task_calls calls = {
    .changed = on_changed, .turned = on_turned, .ended = on_ended};

static void
on_gone(uv_handle_t *handle)
{
	(void)handle;
	gone = true;
}

static void
begin(struct server *s, uint64_t every_ms)
{
	server_start(s, "127.0.0.1");
	check = (struct check_config){.load = {.wanted = true,
					  .path = "/metrics",
					  .every_ms = every_ms,
					  .timeout_ms = every_ms}};
	gate = gate_create(&loop, PLACES);
	ck_assert_ptr_nonnull(gate);
	owner = (struct task_owner){
	    .loop = &loop, .checker = checker, .gate = gate};
	turns = ends = 0;
	latest_ms = missed_turns = 0;
	gone = false;
	uv_update_time(&loop);
	load_task_init(&task, &owner, &calls, NULL, &check, &s->at, 0x1234567);
	load_task_begin(&task);
}

static void
end(void)
{
	struct gate_figures f;

	load_task_close(&task, on_gone);
	gate_figures(gate, &f);
	ck_assert_uint_eq(f.taken, 0);
	ck_assert_uint_eq(f.waiting, 0);
	gate_close(gate);
	while (!gone)
		uv_run(&loop, UV_RUN_ONCE);
}

static void
run_for(int64_t ms)
{
	int64_t until = clock_mono_ms() + ms;

	while (clock_mono_ms() < until)
		uv_run(&loop, UV_RUN_ONCE);
}

START_TEST(a_reading_at_each_turn)
{
	struct server s = {.manner = SENDS, .answer = OK_ANSWER};

	begin(&s, 100);
	run_for(1050);
	/* The last may be under way. */
	while (turns != ends)
		uv_run(&loop, UV_RUN_ONCE);
	ck_assert_uint_ge(ends, 7);
	ck_assert_uint_le(ends, 12);
	end();
}
END_TEST

START_TEST(a_reading_that_waits_for_its_place_is_late)
{
	struct server s = {.manner = SENDS, .answer = OK_ANSWER};

	begin(&s, 200);
	ck_assert(gate_enter(gate, &other));
	run_for(900);
	ck_assert(task.visit.waits);
	ck_assert_uint_eq(s.requests, 0);
	/* Turns that came while it waited. */
	ck_assert_uint_ge(missed_turns, 2);
	gate_leave(gate, &other.pass);
	while (ends == 0)
		uv_run(&loop, UV_RUN_ONCE);
	ck_assert_uint_eq(s.requests, 1);
	ck_assert_uint_ge(latest_ms, 500);
	end();
}
END_TEST

START_TEST(what_is_closed_gives_its_place_back)
{
	struct server s = {.manner = HANGS, .answer = ""};
	struct gate_figures f;

	begin(&s, 300);
	while (task.scrape == NULL)
		uv_run(&loop, UV_RUN_ONCE);
	gate_figures(gate, &f);
	ck_assert_uint_eq(f.taken, 1);
	load_task_follow(&task, &check, &s.at);
	gate_figures(gate, &f);
	ck_assert_uint_eq(f.taken, 0);
	while (task.scrape == NULL)
		uv_run(&loop, UV_RUN_ONCE);
	end();
}
END_TEST

START_TEST(what_hangs_is_slow_the_next_time)
{
	struct server s = {.manner = HANGS, .answer = ""};

	begin(&s, 200);
	while (ends == 0)
		uv_run(&loop, UV_RUN_ONCE);
	ck_assert_int_eq(task.visit.pass.pace, GATE_SLOW);
	end();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("probes_load_load_task");
	TCase *tcase = tcase_create("load_task");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, a_reading_at_each_turn);
	tcase_add_test(tcase, a_reading_that_waits_for_its_place_is_late);
	tcase_add_test(tcase, what_is_closed_gives_its_place_back);
	tcase_add_test(tcase, what_hangs_is_slow_the_next_time);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
