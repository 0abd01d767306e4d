/* Follows the state database for ramps, and lets them walk.  Called by the
 * prober on its loop. */
#include "probes/control/ramps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "probes/control/holding.h"
#include "probes/control/ramp_walker.h"
#include "state/watch.h"

/* How often ramps are looked at: as often as rows are read. */
#define TICK_MS 1000

/* So long after the start nobody is known to be there who is, and meridiand
 * brings back rows that a new file lacks. */
#define LISTEN_MS 3000

struct ramps {
	uv_loop_t *loop;
	const char *path, *vantage;
	struct state_recorder *recorder;
	uv_timer_t timer;
	struct ramp_walker **walkers;
	size_t n;
	struct seers seers;
	struct overrides overrides;
	struct holding holding;
	struct state_watch *watch;
	int64_t began_ms; /* monotonic: to listen who is there */
	bool full;        /* a change that has all rows */
	bool known;       /* what is stored was read */
	bool leads;
};

/* --- rows --- */

static void
on_begin(void *context, bool full)
{
	struct ramps *r = context;

	r->full = full;
	overrides_begin(&r->overrides, full);
	seers_begin(&r->seers, full);
	if (!full)
		return;
	holding_begin(&r->holding);
	for (size_t i = 0; i < r->n; i++)
		ramp_view_begin(r->walkers[i]->view);
}

static void
on_vantage(void *context, const struct state_vantage *row)
{
	struct ramps *r = context;

	seers_take(&r->seers, row, clock_mono_ms(), clock_wall_ms());
}

static void
on_endpoint(void *context, const struct state_endpoint *row)
{
	struct ramps *r = context;
	uint32_t seer = seers_find(&r->seers, row->vantage);

	seers_endpoint(&r->seers, row);
	for (size_t i = 0; i < r->n; i++)
		ramp_view_endpoint(r->walkers[i]->view, seer, row);
}

static void
on_address(void *context, const struct state_address *row)
{
	struct ramps *r = context;

	seers_address(&r->seers, row);
}

static void
on_load(void *context, const struct state_load *row)
{
	struct ramps *r = context;
	uint32_t seer = seers_find(&r->seers, row->vantage);

	for (size_t i = 0; i < r->n; i++)
		ramp_view_load(
		    r->walkers[i]->view, &r->seers, seer, row, clock_mono_ms());
}

static void
on_override(void *context, const struct state_override *row)
{
	struct ramps *r = context;

	overrides_take(&r->overrides, row, clock_mono_ms(), clock_wall_ms());
}

static void
say(struct ramps *r, const struct ramp_walker *w, bool back, const char *words)
{
	const struct ramp_plan *plan = w->plan;
	struct state_event event = {.at_ms = clock_wall_ms()};

	if (back)
		log_warn(
		    "%s, canary %s: %s", plan->name, plan->config.pool, words);
	else
		log_info(
		    "%s, canary %s: %s", plan->name, plan->config.pool, words);
	snprintf(event.zone, sizeof(event.zone), "%s", plan->zone);
	snprintf(event.pool, sizeof(event.pool), "%s", plan->config.pool);
	snprintf(event.reason, sizeof(event.reason), "%.28s: %.64s",
	    plan->service, words);
	state_recorder_event(r->recorder, &event);
}

/* Where nodes share, what one of another node does is told here as it is there,
 * by one vantage.  What is read first is no news. */
static void
hear(struct ramps *r, struct ramp_walker *w, const struct state_ramp *row)
{
	char words[STATE_REASON];
	bool back = ramp_walker_hear(w, row, words);

	if (words[0] != '\0' && r->known && holding_shares(&r->holding) &&
	    seers_lead(&r->seers, r->vantage, clock_mono_ms()))
		say(r, w, back, words);
}

/* Where we walk it is our own row, or an older one that was brought back. */
static void
on_ramp(void *context, const struct state_ramp *row)
{
	struct ramps *r = context;

	for (size_t i = 0; i < r->n; i++) {
		struct ramp_walker *w = r->walkers[i];

		if (!w->walking && strcmp(row->zone, w->plan->zone) == 0 &&
		    strcmp(row->service, w->plan->service) == 0)
			hear(r, w, row);
	}
}

static void
on_node(void *context, const struct state_node *row)
{
	struct ramps *r = context;

	holding_node(&r->holding, row, clock_mono_ms());
}

static void
on_lock(void *context, const struct state_lock *row)
{
	struct ramps *r = context;

	holding_lock(&r->holding, row);
}

static void
on_commit(void *context)
{
	struct ramps *r = context;

	overrides_commit(&r->overrides);
	seers_commit(&r->seers, clock_mono_ms());
	r->known = true;
	if (!r->full)
		return;
	for (size_t i = 0; i < r->n; i++)
		ramp_view_commit(r->walkers[i]->view);
}

/* The recorder says what is wrong with the database; what is not seen makes
 * ramps wait. */
static void
on_trouble(void *context, const char *why)
{
	(void)context;
	(void)why;
}

static const struct state_watch_calls calls = {
    .sink = {.begin = on_begin,
	.vantage = on_vantage,
	.endpoint = on_endpoint,
	.address = on_address,
	.load = on_load,
	.override = on_override,
	.ramp = on_ramp,
	.node = on_node,
	.lock = on_lock,
	.commit = on_commit},
    .trouble = on_trouble,
    .odd = on_trouble,
};

/* --- walking --- */

static void
step(struct ramps *r, struct ramp_walker *w)
{
	struct ramp_now now = {clock_mono_ms(), clock_wall_ms()};
	char words[STATE_REASON];
	struct state_ramp row;

	if (!ramp_walker_step(w, &r->seers, &r->overrides, now, words))
		return;
	ramp_walker_row(w, now, &row);
	state_recorder_put(r->recorder, TABLE_RAMP, &row);
	if (words[0] != '\0')
		say(r, w, w->ramp.state == RAMP_BACK, words);
}

static void
on_timer(uv_timer_t *timer)
{
	struct ramps *r = timer->data;
	int64_t now_ms = clock_mono_ms();
	bool leads;

	if (!r->known || now_ms - r->began_ms < LISTEN_MS)
		return;
	leads = seers_lead(&r->seers, r->vantage, now_ms);
	if (leads != r->leads)
		log_info(leads
			? "vantage %s walks the ramps of %zu canar%s"
			: "vantage %s: another one walks the ramps of %zu "
			  "canar%s",
		    r->vantage, r->n, r->n == 1 ? "y" : "ies");
	r->leads = leads;
	seers_sit(&r->seers, now_ms);
	for (size_t i = 0; i < r->n; i++) {
		const struct ramp_plan *plan = r->walkers[i]->plan;

		if (leads &&
		    holding_may(
			&r->holding, plan->zone, plan->config.pool, now_ms))
			step(r, r->walkers[i]);
		else
			ramp_walker_leave(r->walkers[i]);
	}
}

/* --- beginning and end --- */

static void
destroy_walkers(struct ramp_walker **walkers, size_t n)
{
	for (size_t i = 0; i < n; i++)
		ramp_walker_destroy(walkers[i]);
	free(walkers);
}

static void
forget(struct ramps *r)
{
	state_watch_stop(r->watch);
	r->watch = NULL;
	destroy_walkers(r->walkers, r->n);
	r->walkers = NULL;
	r->n = 0;
	seers_finish(&r->seers);
	overrides_finish(&r->overrides);
	holding_finish(&r->holding);
	r->known = r->leads = false;
}

struct ramps *
ramps_start(uv_loop_t *loop, const char *path, const char *vantage,
    struct state_recorder *recorder)
{
	struct ramps *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->loop = loop;
	r->path = path;
	r->vantage = vantage;
	r->recorder = recorder;
	overrides_init(&r->overrides);
	uv_timer_init(loop, &r->timer);
	r->timer.data = r;
	return r;
}

void
ramps_share(struct ramps *r, const char *node, uint64_t silent_ms)
{
	holding_share(&r->holding, node, silent_ms, clock_mono_ms());
}

static int
make_walkers(struct ramps *r, const struct ramp_plans *plans)
{
	r->walkers = calloc(plans->n + 1, sizeof(struct ramp_walker *));
	if (r->walkers == NULL)
		return -1;
	for (size_t i = 0; i < plans->n; i++) {
		r->walkers[i] = ramp_walker_create(&plans->plans[i]);
		if (r->walkers[i] == NULL)
			return -1;
		r->n++;
	}
	return 0;
}

/* After a reload all is as after a start, from what is stored. */
void
ramps_follow(struct ramps *r, const struct ramp_plans *plans,
    const struct judged *judged)
{
	uv_timer_stop(&r->timer);
	forget(r);
	overrides_init(&r->overrides);
	if (plans->n == 0)
		return;
	if (make_walkers(r, plans) == 0 &&
	    seers_init(&r->seers, judged, clock_mono_ms()) == 0)
		r->watch =
		    state_watch_start(r->loop, r->path, TABLES_RAMP, &calls, r);
	if (r->watch == NULL) {
		forget(r);
		log_error("ramps: no memory, or no process to read %s: "
			  "canaries stay where they are",
		    r->path);
		return;
	}
	r->began_ms = clock_mono_ms();
	uv_timer_start(&r->timer, on_timer, TICK_MS, TICK_MS);
}

void
ramps_again(struct ramps *r)
{
	for (size_t i = 0; i < r->n; i++)
		r->walkers[i]->written_ms = -1;
}

static void
on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void
ramps_stop(struct ramps *r)
{
	if (r == NULL)
		return;
	forget(r);
	uv_close((uv_handle_t *)&r->timer, on_closed);
}
