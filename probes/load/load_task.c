/*
 * Turns of one load task.  Called by probes; keeps no rows.
 */
#include "probes/load/load_task.h"

#include <string.h>

#include "base/clock.h"
#include "probes/load/orca.h"
#include "probes/checks/schedule.h"
#include "probes/checks/verdict.h"

/* So many endpoints at a start are read over so long. */
#define BEGIN_MS 2000

static void on_turn(uv_timer_t *timer);

static void
await_turn(struct load_task *task, uint64_t turn_ms)
{
	uint64_t now = uv_now(task->owner->loop);

	task->turn_ms = turn_ms;
	uv_timer_start(
	    &task->timer, on_turn, turn_ms > now ? turn_ms - now : 0, 0);
}

/* The reading is over, and its place is for others. */
static void
leave(struct load_task *task)
{
	task->scrape = NULL;
	gate_leave(task->owner->gate, &task->visit.pass);
	task->visit.pass.pace = uv_hrtime() / 1000000 - task->began_ms >=
		task->check->load.timeout_ms / 2
	    ? GATE_SLOW
	    : GATE_QUICK;
}

/* There was none, and why. */
static void
miss(struct load_task *task, const char *reason)
{
	bool ours = strncmp(reason, VERDICT_OURS, strlen(VERDICT_OURS)) == 0;

	meter_miss(&task->meter, reason);
	task->calls->changed(task->context);
	task->calls->ended(
	    task->context, ours ? LOAD_UNMADE : LOAD_UNREAD, reason);
}

static void
on_sample(void *context, const struct sample *sample, const char *reason)
{
	struct load_task *task = context;
	const char *odd = task->meter.reason;

	leave(task);
	if (sample == NULL) {
		miss(task, reason);
		return;
	}
	meter_take(&task->meter, &task->check->load, sample, clock_wall_ms(),
	    clock_mono_ms());
	task->calls->changed(task->context);
	task->calls->ended(
	    task->context, odd[0] != '\0' ? LOAD_LACKING : LOAD_READ, odd);
}

/* It has its place. */
static void
start(struct load_task *task)
{
	task->began_ms = uv_hrtime() / 1000000;
	task->scrape = scrape_start(
	    task->owner->checker, task->check, task->to, on_sample, task);
	if (task->scrape != NULL)
		return;
	leave(task);
	miss(task, VERDICT_OURS "no memory");
}

static uint64_t
since(uint64_t turn_ms)
{
	uint64_t now = uv_hrtime() / 1000000;

	return now > turn_ms ? now - turn_ms : 0;
}

/* It had to wait for its place; turns that came meanwhile are counted. */
static void
on_entered(void *context)
{
	struct load_task *task = context;

	task->calls->turned(task->context, since(task->due_ms), 0);
	start(task);
}

/* A reading that is not over by the next turn has its own timeout, which is no
 * longer than that.  How late it is: as task.c has it. */
static void
on_turn(uv_timer_t *timer)
{
	struct load_task *task = timer->data;
	uint64_t every = task->check->load.every_ms;
	uint64_t now = uv_now(task->owner->loop);
	uint64_t turn = task->turn_ms, late = since(turn);
	/* The machine was stopped: all come back to their turns. */
	bool stopped = now > turn + 2 * every;
	bool busy = task->scrape != NULL || task->visit.waits;

	await_turn(
	    task, schedule_next(now, schedule_phase(task->hash, every), every));
	if (!busy && !stopped) {
		task->due_ms = turn;
		if (!gate_enter(task->owner->gate, &task->visit))
			return;
	}
	task->calls->turned(
	    task->context, late, late / every + (busy || stopped));
	if (!busy && !stopped)
		start(task);
}

void
load_task_init(struct load_task *task, const struct task_owner *owner,
    const struct load_task_calls *calls, void *context,
    const struct check_config *check, const struct endpoint_address *to,
    uint64_t hash)
{
	memset(task, 0, sizeof(*task));
	task->owner = owner;
	task->calls = calls;
	task->context = context;
	task->check = check;
	task->to = to;
	task->hash = hash;
	task->visit = (struct gate_visit){.enter = on_entered,
	    .context = task,
	    .pass = {.places = 1, .pace = GATE_UNTRIED}};
	meter_init(&task->meter);
	uv_timer_init(owner->loop, &task->timer);
	task->timer.data = task;
}

void
load_task_begin(struct load_task *task)
{
	await_turn(task,
	    schedule_first(uv_now(task->owner->loop), task->hash,
		task->check->load.every_ms, BEGIN_MS));
}

/* What is under way ends without a sample. */
static void
stop(struct load_task *task)
{
	gate_forget(task->owner->gate, &task->visit);
	if (task->scrape == NULL)
		return;
	scrape_cancel(task->scrape);
	leave(task);
}

void
load_task_follow(struct load_task *task, const struct check_config *check,
    const struct endpoint_address *to)
{
	/* What it reads refers to the table that goes. */
	stop(task);
	task->check = check;
	task->to = to;
}

void
load_task_header(struct load_task *task, const char *name, const char *value)
{
	double told[LOAD_FIELDS];

	if (!orca_is_header(name))
		return;
	if (orca_read(name, value, told) == 0)
		meter_tell(&task->meter, &task->check->load, told,
		    clock_wall_ms(), clock_mono_ms());
	else
		meter_miss(
		    &task->meter, METER_ORCA "the header makes no sense");
	task->calls->changed(task->context);
}

void
load_task_row(const struct load_task *task, struct state_load *row)
{
	meter_row(&task->meter, &task->check->load, clock_mono_ms(), row);
}

void
load_task_close(struct load_task *task, uv_close_cb closed)
{
	stop(task);
	uv_timer_stop(&task->timer);
	uv_close((uv_handle_t *)&task->timer, closed);
}
