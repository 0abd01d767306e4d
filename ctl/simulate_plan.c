/*
 * The scenarios of meridianctl simulate: what each does to the world, and when.
 * Called by it; times are parts of the length, so that a short run is a long
 * one in small.  Runs nothing.
 */
#include "ctl/simulate_plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define HOUR_S 3600
#define DAY_S 86400

/* A crowd comes within a minute, and goes slower. */
#define CROWD_S 60
#define LEAVE_S 300

/* Metrics that are late matter when something changes: a region is asked for
 * so many times as much. */
#define RISE 1.3

/* Some minutes are seen before anything happens, and some after it is over. */
static uint32_t
begins(const struct plan *plan)
{
	return plan->length_s / 6;
}

static uint32_t
ends(const struct plan *plan)
{
	return plan->length_s / 2;
}

static struct scenario_event *add(struct plan *plan, uint32_t at_s,
    enum scenario_what what, uint32_t index, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

static struct scenario_event *
add(struct plan *plan, uint32_t at_s, enum scenario_what what, uint32_t index,
    const char *fmt, ...)
{
	struct scenario_event *event = &plan->events[plan->n];
	va_list args;

	*event =
	    (struct scenario_event){.at_s = at_s, .what = what, .index = index};
	va_start(args, fmt);
	vsnprintf(plan->texts[plan->n++], PLAN_TEXT, fmt, args);
	va_end(args);
	return event;
}

static void tell(struct plan *plan, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
tell(struct plan *plan, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(plan->about, sizeof(plan->about), fmt, args);
	va_end(args);
}

static void
make_steady(struct plan *plan, const struct plan_wishes *w)
{
	(void)w;
	tell(plan, "nothing changes");
}

static void
make_wave(struct plan *plan, const struct plan_wishes *w)
{
	struct scenario_event *wave =
	    add(plan, 0, SCENARIO_WAVE, SCENARIO_ALL, "%s", "");

	wave->value = w->swing;
	wave->over_s = DAY_S;
	tell(plan,
	    "demand is %.0f %% higher where it is noon, lower at midnight",
	    100 * w->swing);
}

static void
make_flash(struct plan *plan, const struct plan_wishes *w)
{
	const char *name = w->region_name;
	struct scenario_event *event;

	event = add(plan, begins(plan), SCENARIO_DEMAND, w->region,
	    "a crowd near %s", name);
	event->value = w->times;
	event->over_s = CROWD_S;
	event = add(
	    plan, ends(plan), SCENARIO_DEMAND, w->region, "the crowd leaves");
	event->value = 1;
	event->over_s = LEAVE_S;
	tell(plan, "clients near %s ask %g times as much for a while", name,
	    w->times);
}

static void
make_outage(struct plan *plan, const struct plan_wishes *w)
{
	const char *name = w->region_name;

	add(plan, begins(plan), SCENARIO_DOWN, w->region, "%s is down", name);
	add(plan, ends(plan), SCENARIO_UP, w->region, "%s is back", name);
	tell(plan, "%s is down for a while", name);
}

static void
make_slow_metrics(struct plan *plan, const struct plan_wishes *w)
{
	const char *name = w->region_name;
	struct scenario_event *event;

	add(plan, begins(plan), SCENARIO_LATE, 0, "metrics are %u s late",
	    w->late_s)
	    ->value = w->late_s;
	event = add(plan, plan->length_s / 3, SCENARIO_DEMAND, w->region,
	    "more demand near %s", name);
	event->value = RISE;
	event->over_s = LEAVE_S;
	tell(plan,
	    "metrics are %u s late while demand near %s grows by %.0f %%",
	    w->late_s, name, 100 * (RISE - 1));
}

static void
make_ramp(struct plan *plan, const struct plan_wishes *w)
{
	struct scenario_event *event;

	event = add(plan, begins(plan), SCENARIO_CANARY, w->pool,
	    "%s begins to grow", w->pool_name);
	event->value = w->to;
	event->over_s = plan->length_s / 2;
	add(plan, begins(plan) + plan->length_s / 2, SCENARIO_CANARY, w->pool,
	    "%s has %.4g %%", w->pool_name, 100 * w->to)
	    ->value = w->to;
	tell(plan, "%s grows to %.4g %% of the clients, step by step",
	    w->pool_name, 100 * w->to);
}

static void
make_drain(struct plan *plan, const struct plan_wishes *w)
{
	const char *name = w->region_name;

	add(plan, begins(plan), SCENARIO_DRAIN, w->region, "%s is drained",
	    name)
	    ->over_s = w->over_s;
	add(plan, ends(plan), SCENARIO_UNDRAIN, w->region, "%s is let in again",
	    name)
	    ->over_s = w->over_s;
	tell(plan,
	    w->over_s > 0 ? "%s is drained for a while, over %u s"
			  : "%s is drained for a while",
	    name, w->over_s);
}

static void
make_slow(struct plan *plan, const struct plan_wishes *w)
{
	const char *name = w->endpoint_name;

	add(plan, begins(plan), SCENARIO_SPEED, w->endpoint,
	    "%s is half as fast", name)
	    ->value = 0.5;
	add(plan, ends(plan), SCENARIO_SPEED, w->endpoint,
	    "%s is as fast as before", name)
	    ->value = 1;
	tell(plan, "%s works half as fast for a while", name);
}

static void
make_without(struct plan *plan, const struct plan_wishes *w)
{
	const char *name = w->region_name;

	add(plan, begins(plan), SCENARIO_DOWN, w->region, "%s is down", name);
	tell(plan, "%s goes down and does not come back", name);
}

static const struct row {
	const char *name, *help;
	uint32_t length_s;
	void (*make)(struct plan *plan, const struct plan_wishes *w);
} rows[] = {
    {"steady", "nothing changes", HOUR_S / 2, make_steady},
    {"wave", "day and night go around the globe", DAY_S, make_wave},
    {"flash", "a crowd near one region", HOUR_S, make_flash},
    {"outage", "a region goes down and comes back", HOUR_S, make_outage},
    {"slow-metrics", "metrics are late while demand grows", HOUR_S,
	make_slow_metrics},
    {PLAN_SLOW, "an endpoint works half as fast", HOUR_S, make_slow},
    {PLAN_RAMP, "a pool of the split grows", HOUR_S, make_ramp},
    {"drain", "a region is drained and let in again", HOUR_S, make_drain},
    {PLAN_EACH_REGION, "each region in turn goes down", HOUR_S / 2,
	make_without},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

const char *
plan_name(size_t i)
{
	return i < ROWS ? rows[i].name : NULL;
}

const char *
plan_help(size_t i)
{
	return i < ROWS ? rows[i].help : NULL;
}

int
plan_make(const char *name, const struct plan_wishes *wishes, struct plan *plan)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (strcmp(rows[i].name, name) != 0)
			continue;
		*plan = (struct plan){
		    .name = rows[i].name, .length_s = rows[i].length_s};
		if (wishes->for_s > 0)
			plan->length_s = wishes->for_s;
		rows[i].make(plan, wishes);
		return 0;
	}
	return -1;
}
