/*
 * Turns and attempts of one task.  Called by probes; judges no endpoint, and
 * knows nothing of rows.
 */
#include "probes/checks/task.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "probes/checks/schedule.h"

/* Later than this no loop that works is. */
#define STOPPED_MS 2000

struct task_run {
	struct task *task;
	struct task_run *next;
	struct attempt *attempt;
	uint64_t number;
	uint64_t began_ms; /* of uv_hrtime() */
	struct gate_pass pass;
	bool waited; /* for it */
};

static const struct check_plan *
plan_of(const struct task *task)
{
	return task->ask.deep ? &task->ask.check->deep : &task->ask.check->plan;
}

/* Not the time of the loop, which stands still while it works. */
static uint64_t
now_ms(void)
{
	return uv_hrtime() / 1000000;
}

/* --- turns --- */

static void on_turn(uv_timer_t *timer);

static void
await_turn(struct task *task, uint64_t turn_ms)
{
	uint64_t now = uv_now(task->owner->loop);

	gate_forget(task->owner->gate, &task->visit);
	task->turn_ms = turn_ms;
	task->waits = true;
	task->visit.urgent = false;
	uv_timer_start(
	    &task->timer, on_turn, turn_ms > now ? turn_ms - now : 0, 0);
}

/* Between two turns: longer while it has been down for long. */
static uint64_t
every_of(const struct task *task)
{
	uint64_t every = plan_of(task)->every_ms;

	if (task->verdict.health != HEALTH_DOWN || task->verdict.passes > 0)
		return every;
	return schedule_slow(every, uv_now(task->owner->loop) - task->down_ms,
	    task->ask.check->slow_ms);
}

/* Await the next turn.  Those that passed are not made up for: their number. */
static uint64_t
await_next(struct task *task)
{
	uint64_t every = every_of(task), timeout = plan_of(task)->timeout_ms;
	uint64_t phase = schedule_phase(task->hash, every);
	uint64_t now = uv_now(task->owner->loop);
	uint64_t next = schedule_after(
	    task->turn_ms, phase, every, timeout < every ? timeout : every);

	if (next > now) {
		await_turn(task, next);
		return 0;
	}
	await_turn(task, schedule_next(now, phase, every));
	return (now - next) / every + 1;
}

/*
 * The same when it had to wait for a place: another turn that is not much
 * later than this attempt, and no other than its own, or those that waited
 * together would stay together.
 */
static uint64_t
await_next_after_wait(struct task *task)
{
	uint64_t every = every_of(task);
	uint64_t phase = schedule_phase(task->hash, every);
	uint64_t first = schedule_next(task->turn_ms, phase, every);
	uint64_t next = schedule_next(now_ms() + every / 2, phase, every);

	await_turn(task, next);
	return (next - first) / every;
}

/* --- attempts --- */

/* What it keeps is closed, and the next attempt makes connections anew. */
static void
drop_connections(struct task *task)
{
	if (task->group != 0)
		http_checker_end_group(task->owner->checker, task->group);
	task->group = 0;
}

/* It is over: its places are for others, and how long it had them says how it
 * comes to the next ones. */
static void
unlink_run(struct task_run *run)
{
	struct task *task = run->task;
	struct task_run **at = &task->runs;

	while (*at != run)
		at = &(*at)->next;
	*at = run->next;
	task->n_runs--;
	task->pace = now_ms() - run->began_ms >= plan_of(task)->timeout_ms / 2
	    ? GATE_SLOW
	    : GATE_QUICK;
	gate_leave(task->owner->gate, &run->pass);
}

/* A failure of what is up is looked at again soon, where the check says so. */
static void
recheck(struct task *task, const struct attempt_result *result)
{
	const struct verdict *v = &task->verdict;
	uint64_t soon = task->ask.check->recheck_ms;
	uint64_t now = uv_now(task->owner->loop);

	if (task->ask.deep || soon == 0 || !task->waits ||
	    result->outcome != ATTEMPT_FAILED || v->health != HEALTH_UP ||
	    now + soon >= task->turn_ms)
		return;
	await_turn(task, now + soon);
	task->visit.urgent = true;
}

static void
count(struct task *task, const struct attempt_result *result)
{
	const struct check_plan *plan = plan_of(task);
	int64_t now = clock_wall_ms();
	bool degraded = result->outcome == ATTEMPT_DEGRADED;

	if (result->outcome == ATTEMPT_FAILED) {
		if (verdict_fail(
			&task->verdict, plan->fall, result->reason, now))
			task->down_ms = uv_now(task->owner->loop);
	} else
		verdict_pass(&task->verdict, plan->rise,
		    degraded ? result->reason : "", now);
	task->connect_us = result->connect_us;
	task->first_byte_us = result->first_byte_us;
	task->total_us = result->total_us;
}

/* What was down for long is looked at in its own time again, once it passes. */
static void
speed_up(struct task *task)
{
	uint64_t every = plan_of(task)->every_ms;
	uint64_t now = uv_now(task->owner->loop);

	if (task->verdict.passes == 1 && task->waits &&
	    task->turn_ms > now + every)
		await_turn(task,
		    schedule_next(
			now, schedule_phase(task->hash, every), every));
}

/* The end of an attempt.  One that began before another which has its result
 * already comes too late. */
static void
on_done(void *context, const struct attempt_result *result)
{
	struct task_run *run = context;
	struct task *task = run->task;
	bool late = run->number < task->taken;

	unlink_run(run);
	if (!late)
		task->taken = run->number;
	free(run);
	if (late)
		return;
	if (result->outcome == ATTEMPT_FAILED)
		drop_connections(task);
	if (result->outcome != ATTEMPT_UNMADE) {
		count(task, result);
		recheck(task, result);
		speed_up(task);
	}
	task->owner->judged(task->context, task, result);
}

static void
on_header(void *context, const char *name, const char *value)
{
	const struct task *task = ((struct task_run *)context)->task;

	if (task->owner->header != NULL)
		task->owner->header(task->context, name, value);
}

static const struct attempt_calls calls = {
    .done = on_done, .header = on_header};

static void
say_unmade(struct task *task)
{
	const struct attempt_result result = {
	    .outcome = ATTEMPT_UNMADE, .reason = "probe: no memory"};

	task->owner->judged(task->context, task, &result);
}

/* It has its places. */
static void
start_run(struct task *task, bool waited)
{
	struct task_run *run = calloc(1, sizeof(*run));
	struct attempt_ask ask = task->ask;

	if (run == NULL) {
		gate_leave(task->owner->gate, &task->visit.pass);
		say_unmade(task);
		return;
	}
	run->task = task;
	run->began_ms = now_ms();
	run->pass = task->visit.pass;
	run->waited = waited;
	run->number = ++task->started;
	run->next = task->runs;
	task->runs = run;
	task->n_runs++;
	if (ask.check->client.reuse && task->group == 0)
		task->group = http_checker_group(task->owner->checker);
	ask.group = task->group;
	run->attempt = attempt_start(task->owner->checker, &ask, &calls, run);
	if (run->attempt != NULL)
		return;
	unlink_run(run);
	free(run);
	say_unmade(task);
}

/*
 * Their time is over where no more may be under way: the oldest is the last of
 * the list.  But one that had to wait for its place has the time that it would
 * have had without: false then, and this turn is left out.
 */
static bool
make_room(struct task *task)
{
	const struct check_plan *plan = plan_of(task);
	bool alone = plan->timeout_ms <= plan->every_ms;
	unsigned most = alone ? 1 : TASK_MAX_RUNS;

	while (task->n_runs >= most) {
		struct task_run *run = task->runs;

		while (run->next != NULL)
			run = run->next;
		if (alone && run->waited &&
		    run->began_ms + plan->timeout_ms > now_ms())
			return false;
		attempt_expire(run->attempt);
	}
	return true;
}

/* It comes so late that the machine was stopped, as all others then: they come
 * back to their turns, and do not begin all at once.  But once only, so that
 * one that is always late is not left out for ever. */
static bool
is_left_out(struct task *task, uint64_t late_ms)
{
	task->skipped = !task->skipped && late_ms > STOPPED_MS &&
	    late_ms > 2 * plan_of(task)->every_ms;
	return task->skipped;
}

static uint64_t
late_ms(const struct task *task)
{
	uint64_t now = now_ms();

	return now > task->turn_ms ? now - task->turn_ms : 0;
}

/* It has waited for its place, and has it. */
static void
on_entered(void *context)
{
	struct task *task = context;
	uint64_t late = late_ms(task), missed;

	missed = await_next_after_wait(task);
	task->owner->turned(task->context, late, missed);
	start_run(task, true);
}

static void
on_turn(uv_timer_t *timer)
{
	struct task *task = timer->data;
	uint64_t late = late_ms(task), missed;
	bool skip;

	task->waits = false;
	skip = !make_room(task);
	task->visit.pass = (struct gate_pass){.places = (unsigned)task->ask.n,
	    .pace = task->pace,
	    .program = plan_of(task)->steps[0].kind == STEP_EXEC};
	if (skip || is_left_out(task, late)) {
		missed = await_next(task);
		task->owner->turned(task->context, late, missed + skip);
	} else if (gate_enter(task->owner->gate, &task->visit)) {
		missed = await_next(task);
		task->owner->turned(task->context, late, missed);
		start_run(task, false);
	} else {
		task->waits = true;
	}
}

/* --- a task --- */

void
task_init(struct task *task, const struct task_owner *owner, void *context,
    const struct attempt_ask *ask, uint64_t hash, int64_t wall_ms)
{
	memset(task, 0, sizeof(*task));
	task->owner = owner;
	task->context = context;
	task->ask = *ask;
	task->hash = hash;
	task->connect_us = task->first_byte_us = task->total_us = -1;
	task->visit.enter = on_entered;
	task->visit.context = task;
	verdict_init(&task->verdict, wall_ms);
	uv_timer_init(owner->loop, &task->timer);
	task->timer.data = task;
	task->down_ms = uv_now(owner->loop);
}

/* As the daemon before this one found it, and wrote down. */
static enum gate_pace
pace_written(const struct verdict *v)
{
	if (v->health == HEALTH_UP)
		return GATE_QUICK;
	if (v->health == HEALTH_UNKNOWN)
		return GATE_UNTRIED;
	return strstr(v->reason, "timeout") != NULL ? GATE_SLOW : GATE_QUICK;
}

void
task_begin(struct task *task, uint64_t window_ms)
{
	task->pace = pace_written(&task->verdict);
	await_turn(task,
	    schedule_first(uv_now(task->owner->loop), task->hash,
		plan_of(task)->every_ms, window_ms));
}

void
task_follow(struct task *task, const struct attempt_ask *ask)
{
	task->ask = *ask;
	for (struct task_run *run = task->runs; run != NULL; run = run->next)
		attempt_follow(run->attempt, ask);
}

void
task_stop(struct task *task)
{
	struct task_run *next;

	uv_timer_stop(&task->timer);
	gate_forget(task->owner->gate, &task->visit);
	task->waits = false;
	for (struct task_run *run = task->runs; run != NULL; run = next) {
		next = run->next;
		attempt_cancel(run->attempt);
		gate_leave(task->owner->gate, &run->pass);
		free(run);
	}
	task->runs = NULL;
	task->n_runs = 0;
	task->pace = GATE_UNTRIED;
	drop_connections(task);
}

void
task_close(struct task *task, uv_close_cb closed)
{
	task_stop(task);
	uv_close((uv_handle_t *)&task->timer, closed);
}
