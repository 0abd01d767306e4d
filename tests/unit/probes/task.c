/* The turns of a task: checks that overlap, a quick recheck, back-off, and what
 * a machine that was stopped does not make up for. */
#include <stdio.h>

#include "base/clock.h"
#include "probes/task.h"
#include "tests/unit/probes_server.h"

#define OK_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
#define BAD_ANSWER "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"

static const struct code_range only_200 = {200, 200};
static const struct check_step step = {
    .name = "/", .path = "/", .expect = &only_200, .n_expect = 1};

static struct check_config check;
static struct task_owner owner;
static struct task task;
static unsigned turns, results;
static uint64_t missed_turns;
static bool gone;

static void
on_turned(void *context, uint64_t late_ms, uint64_t missed)
{
	(void)context;
	(void)late_ms;
	turns++;
	missed_turns += missed;
}

static void
on_judged(void *context, struct task *of, const struct attempt_result *result)
{
	(void)context;
	(void)of;
	(void)result;
	results++;
}

static void
on_gone(uv_handle_t *handle)
{
	(void)handle;
	gone = true;
}

static void
begin(struct server *s, uint64_t every_ms, uint64_t timeout_ms)
{
	struct attempt_ask ask = {.check = &check, .n = 1};

	server_start(s, "127.0.0.1");
	ask.to = &s->at;
	check = (struct check_config){.plan = {.steps = &step,
					  .n_steps = 1,
					  .every_ms = every_ms,
					  .timeout_ms = timeout_ms,
					  .fall = 3,
					  .rise = 1}};
	owner = (struct task_owner){.loop = &loop,
	    .checker = checker,
	    .turned = on_turned,
	    .judged = on_judged};
	turns = results = 0;
	missed_turns = 0;
	gone = false;
	uv_update_time(&loop);
	task_init(&task, &owner, NULL, &ask, 0x123456789abcdef, 0);
	task_begin(&task, 1);
}

static void
end(void)
{
	task_close(&task, on_gone);
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

START_TEST(a_check_at_each_turn)
{
	struct server s = {.manner = SENDS, .answer = OK_ANSWER};

	begin(&s, 100, 100);
	run_for(1050);
	ck_assert_uint_ge(results, 8);
	ck_assert_uint_le(results, 12);
	ck_assert_int_eq(task.verdict.health, HEALTH_UP);
	end();
}
END_TEST

START_TEST(a_failure_of_what_is_up_is_rechecked)
{
	struct server s = {.manner = SENDS, .answer = OK_ANSWER};
	int64_t began;

	begin(&s, 3000, 1000);
	check.recheck_ms = 50;
	while (results == 0)
		uv_run(&loop, UV_RUN_ONCE);
	s.answer = BAD_ANSWER;
	while (task.verdict.fails == 0)
		uv_run(&loop, UV_RUN_ONCE);
	began = clock_mono_ms();
	while (task.verdict.health != HEALTH_DOWN)
		uv_run(&loop, UV_RUN_ONCE);
	/* Two rechecks, in place of two turns. */
	ck_assert_int_ge(clock_mono_ms() - began, 90);
	ck_assert_int_lt(clock_mono_ms() - began, 1500);
	/* What is down waits for its turn. */
	results = 0;
	run_for(500);
	ck_assert_uint_le(results, 1);
	end();
}
END_TEST

START_TEST(checks_may_overlap)
{
	struct server s = {.manner = HANGS, .answer = ""};

	begin(&s, 100, 1000);
	run_for(700);
	ck_assert_uint_ge(task.n_runs, 4);
	ck_assert_uint_eq(results, 0);
	run_for(1500);
	ck_assert_uint_le(task.n_runs, TASK_MAX_RUNS);
	ck_assert_uint_ge(results, 3);
	ck_assert_int_eq(task.verdict.health, HEALTH_DOWN);
	end();
}
END_TEST

START_TEST(what_is_down_for_long_is_checked_less_often)
{
	struct server s = {.manner = SENDS, .answer = BAD_ANSWER};

	begin(&s, 100, 100);
	check.slow_ms = 10000;
	while (task.verdict.health != HEALTH_DOWN)
		uv_run(&loop, UV_RUN_ONCE);
	/* As if that was a minute ago. */
	task.down_ms = 0;
	run_for(300);
	results = 0;
	run_for(1500);
	ck_assert_uint_le(results, 1);
	end();
}
END_TEST

/* The loop does not turn for three seconds: the turn that is overdue is left
 * out, and the next one comes in its time. */
START_TEST(what_was_stopped_does_not_begin_at_once)
{
	struct server s = {.manner = SENDS, .answer = OK_ANSWER};
	uint64_t before;

	begin(&s, 500, 500);
	while (results < 2)
		uv_run(&loop, UV_RUN_ONCE);
	before = task.started;
	usleep(3000000);
	turns = 0;
	while (turns == 0)
		uv_run(&loop, UV_RUN_ONCE);
	ck_assert_uint_eq(task.started, before);
	ck_assert_uint_ge(missed_turns, 4);
	while (turns < 2)
		uv_run(&loop, UV_RUN_ONCE);
	ck_assert_uint_eq(task.started, before + 1);
	end();
}
END_TEST

START_TEST(what_is_stopped_has_no_result)
{
	struct server s = {.manner = HANGS, .answer = ""};

	begin(&s, 100, 1000);
	run_for(350);
	ck_assert_uint_gt(task.n_runs, 0);
	task_stop(&task);
	ck_assert_uint_eq(task.n_runs, 0);
	run_for(300);
	ck_assert_uint_eq(results, 0);
	end();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("probes_task");
	TCase *tcase = tcase_create("task");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, a_check_at_each_turn);
	tcase_add_test(tcase, a_failure_of_what_is_up_is_rechecked);
	tcase_add_test(tcase, checks_may_overlap);
	tcase_add_test(tcase, what_is_down_for_long_is_checked_less_often);
	tcase_add_test(tcase, what_was_stopped_does_not_begin_at_once);
	tcase_add_test(tcase, what_is_stopped_has_no_result);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
