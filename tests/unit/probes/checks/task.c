/* The turns of a task: checks that overlap, a quick recheck, back-off, and what
 * a machine that was stopped does not make up for. */
#include <stdio.h>

#include "base/clock.h"
#include "probes/checks/task.h"
#include "tests/unit/probes_server.h"

#define OK_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
#define BAD_ANSWER "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"

static const struct code_range only_200 = {200, 200};
static const struct check_step step = {
    .name = "/", .path = "/", .expect = &only_200, .n_expect = 1};

static struct check_config check;
static struct task_owner owner;
static struct task task;
static struct gate *gate;
static unsigned turns, results;
static uint64_t missed_turns, latest_ms;
static bool gone;

static void
on_turned(void *context, uint64_t late_ms, uint64_t missed)
{
	(void)context;
	latest_ms = late_ms > latest_ms ? late_ms : latest_ms;
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
	gate = gate_create(&loop, 64);
	ck_assert_ptr_nonnull(gate);
	owner = (struct task_owner){.loop = &loop,
	    .checker = checker,
	    .gate = gate,
	    .turned = on_turned,
	    .judged = on_judged};
	turns = results = 0;
	missed_turns = latest_ms = 0;
	gone = false;
	uv_update_time(&loop);
	task_init(&task, &owner, NULL, &ask, 0x123456789abcdef, 0);
	task_begin(&task, 1);
}

static void
end(void)
{
	struct gate_figures f;

	task_close(&task, on_gone);
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

/* Somebody else has all places for a while. */
static void
fill_gate(struct gate_visit *other)
{
	*other = (struct gate_visit){.pass = {.places = 64}};
	while (!gate_enter(gate, other))
		ck_abort();
}

/* It is late, and neither failed nor short of time. */
START_TEST(a_check_that_waits_for_its_place_is_late)
{
	struct server s = {
	    .manner = SENDS, .answer = OK_ANSWER, .pause_ms = 300};
	struct gate_visit other;

	begin(&s, 400, 400);
	fill_gate(&other);
	run_for(300);
	ck_assert(task.waits && task.visit.waits);
	ck_assert_uint_eq(turns, 0);
	gate_leave(gate, &other.pass);
	while (results == 0)
		uv_run(&loop, UV_RUN_ONCE);
	ck_assert_uint_ge(latest_ms, 250);
	ck_assert_int_eq(task.verdict.health, HEALTH_UP);
	ck_assert_uint_eq(task.verdict.fails, 0);
	run_for(1000);
	ck_assert_uint_ge(results, 3);
	ck_assert_uint_eq(task.verdict.fails, 0);
	/* In its own turns again. */
	ck_assert_uint_eq(task.turn_ms % 400, task.hash % 400);
	end();
}
END_TEST

START_TEST(turns_that_pass_while_it_waits_are_left_out)
{
	struct server s = {.manner = SENDS, .answer = OK_ANSWER};
	struct gate_visit other;

	begin(&s, 100, 100);
	fill_gate(&other);
	run_for(1050);
	gate_leave(gate, &other.pass);
	while (results == 0)
		uv_run(&loop, UV_RUN_ONCE);
	ck_assert_uint_ge(missed_turns, 9);
	ck_assert_uint_le(missed_turns, 12);
	ck_assert_uint_eq(task.started, 1);
	end();
}
END_TEST

/* What is stopped, or told to begin again, while it waits. */
START_TEST(what_is_stopped_does_not_wait)
{
	struct server s = {.manner = SENDS, .answer = OK_ANSWER};
	struct gate_visit other;

	begin(&s, 100, 100);
	fill_gate(&other);
	run_for(50);
	ck_assert(task.visit.waits);
	task_begin(&task, 1);
	ck_assert(!task.visit.waits);
	run_for(50);
	ck_assert(task.visit.waits);
	task_stop(&task);
	ck_assert(!task.visit.waits);
	gate_leave(gate, &other.pass);
	run_for(300);
	ck_assert_uint_eq(results, 0);
	end();
}
END_TEST

/* Where programs have all places that they may have, others have room. */
START_TEST(a_program_waits_for_programs)
{
	static const struct check_step program = {
	    .name = "exec", .kind = STEP_EXEC};
	struct server s = {.manner = SENDS, .answer = OK_ANSWER};
	struct gate_visit other = {
	    .pass = {.places = PROGRAM_AT_ONCE, .program = true}};

	begin(&s, 100, 100);
	ck_assert(gate_enter(gate, &other));
	while (results < 2)
		uv_run(&loop, UV_RUN_ONCE);
	check.plan.steps = &program;
	run_for(300);
	ck_assert(task.visit.waits);
	results = 0;
	gate_leave(gate, &other.pass);
	while (results == 0)
		uv_run(&loop, UV_RUN_ONCE);
	end();
}
END_TEST

/* What a daemon before this one wrote down. */
START_TEST(what_hung_before_a_restart_is_slow)
{
	struct server s = {.manner = SENDS, .answer = OK_ANSWER};
	static const struct {
		enum state_health health;
		const char *reason;
		enum gate_pace pace;
	} rows[] = {
	    {HEALTH_UNKNOWN, "", GATE_UNTRIED},
	    {HEALTH_UP, "", GATE_QUICK},
	    {HEALTH_DOWN, "refused", GATE_QUICK},
	    {HEALTH_DOWN, "timeout", GATE_SLOW},
	};

	begin(&s, 200, 100);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		task_stop(&task);
		task.verdict.health = rows[i].health;
		snprintf(task.verdict.reason, sizeof(task.verdict.reason), "%s",
		    rows[i].reason);
		task_begin(&task, 1000);
		ck_assert_int_eq(task.pace, rows[i].pace);
	}
	end();
}
END_TEST

START_TEST(what_took_all_its_time_is_slow)
{
	struct server s = {.manner = HANGS, .answer = ""};

	begin(&s, 200, 100);
	while (results == 0)
		uv_run(&loop, UV_RUN_ONCE);
	ck_assert_int_eq(task.pace, GATE_SLOW);
	s.manner = SENDS;
	s.answer = OK_ANSWER;
	while (task.verdict.health != HEALTH_UP)
		uv_run(&loop, UV_RUN_ONCE);
	ck_assert_int_eq(task.pace, GATE_QUICK);
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
	Suite *suite = suite_create("probes_checks_task");
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
	tcase_add_test(tcase, a_check_that_waits_for_its_place_is_late);
	tcase_add_test(tcase, turns_that_pass_while_it_waits_are_left_out);
	tcase_add_test(tcase, what_is_stopped_does_not_wait);
	tcase_add_test(tcase, a_program_waits_for_programs);
	tcase_add_test(tcase, what_hung_before_a_restart_is_slow);
	tcase_add_test(tcase, what_took_all_its_time_is_slow);
	tcase_add_test(tcase, what_is_stopped_has_no_result);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
