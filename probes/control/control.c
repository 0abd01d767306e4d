/* Follows the state database for the controllers, and lets them step.  Called
 * by the prober on its loop. */
#include "probes/control/control.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "probes/control/evened.h"
#include "probes/control/holding.h"
#include "probes/control/leavings.h"
#include "probes/control/steered.h"
#include "state/watch.h"

/* How often it is looked whether a step is due. */
#define TICK_MS 500

/* So long after the start nobody is known to be there who is. */
#define LISTEN_MS 6000

struct control {
	uv_loop_t *loop;
	const char *path, *vantage;
	struct state_recorder *recorder;
	uv_timer_t timer;
	const struct control_plan *plan;
	struct steered **pools; /* in the order of the plan */
	struct evened **even;   /* the same; NULL: it is not evened out */
	size_t n;
	struct sights *sights;
	struct overrides hand; /* what operators said; kept for good */
	struct leavings leavings;
	struct holding holding;
	struct state_watch *watch;
	int64_t began_ms; /* monotonic: to listen who is there */
	bool known;       /* what is stored was read */
	bool leads;
};

/* --- rows --- */

static void
on_begin(void *context, bool full)
{
	struct control *c = context;

	sights_begin(c->sights, full);
	overrides_begin(&c->hand, full);
	if (!full)
		return;
	leavings_forget(&c->leavings);
	holding_begin(&c->holding);
	for (size_t p = 0; p < c->n; p++)
		if (c->even[p] != NULL)
			evened_forget(c->even[p]);
	for (size_t p = 0; p < c->n; p++)
		for (size_t r = 0; r < STEERING_MAX_REGIONS; r++)
			c->pools[p]->regions[r].keep = NAN;
}

static void
on_vantage(void *context, const struct state_vantage *row)
{
	struct control *c = context;

	sights_vantage(c->sights, row, clock_mono_ms(), clock_wall_ms());
}

static void
on_endpoint(void *context, const struct state_endpoint *row)
{
	struct control *c = context;

	sights_endpoint(c->sights, row);
}

static void
on_address(void *context, const struct state_address *row)
{
	struct control *c = context;

	sights_address(c->sights, row);
}

static void
on_load(void *context, const struct state_load *row)
{
	struct control *c = context;

	sights_load(c->sights, row, clock_mono_ms(), clock_wall_ms());
}

static void
on_override(void *context, const struct state_override *row)
{
	struct control *c = context;

	(void)overrides_take(&c->hand, row, clock_mono_ms(), clock_wall_ms());
}

static struct steered *
find(const struct control *c, const char *zone, const char *pool)
{
	size_t p = control_plan_pool(c->plan, zone, pool);

	return p < c->n ? c->pools[p] : NULL;
}

static void
on_keep(void *context, const struct state_keep *row)
{
	struct control *c = context;
	struct steered *s = find(c, row->zone, row->pool);

	if (s != NULL)
		steered_keep(s, row);
	leavings_keep(&c->leavings, c->plan, row);
}

static void
on_factor(void *context, const struct state_factor *row)
{
	struct control *c = context;
	size_t p = control_plan_pool(c->plan, row->zone, row->pool);

	if (p < c->n && c->even[p] != NULL)
		evened_factor(c->even[p], row);
	leavings_factor(&c->leavings, c->plan, row);
}

static void
on_demand(void *context, const struct state_demand *row)
{
	struct control *c = context;
	struct steered *s = find(c, row->zone, row->pool);

	if (s != NULL)
		census_take(s->census, &s->pool->file, row, clock_mono_ms(),
		    clock_wall_ms());
}

static void
on_node(void *context, const struct state_node *row)
{
	struct control *c = context;

	holding_node(&c->holding, row, clock_mono_ms());
}

static void
on_lock(void *context, const struct state_lock *row)
{
	struct control *c = context;

	holding_lock(&c->holding, row);
}

static void
on_commit(void *context)
{
	struct control *c = context;

	sights_commit(c->sights, clock_mono_ms());
	overrides_commit(&c->hand);
	c->known = true;
}

/* The recorder says what is wrong with the database; loads that do not come get
 * old. */
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
	.keep = on_keep,
	.factor = on_factor,
	.demand = on_demand,
	.node = on_node,
	.lock = on_lock,
	.commit = on_commit},
    .trouble = on_trouble,
    .odd = on_trouble,
};

/* --- steps --- */

static void
write_rows(struct control *c, struct steered *s)
{
	struct state_keep row;

	for (uint8_t r = 0; r < s->pool->file.n_regions; r++) {
		if (!steered_row(s, r, &row))
			continue;
		row.at_ms = clock_wall_ms();
		state_recorder_put(c->recorder, TABLE_KEEP, &row);
	}
}

static void
write_factors(struct control *c, struct evened *e)
{
	struct state_factor row;
	char why[STATE_REASON];

	for (size_t i = 0; i < e->pool->n; i++) {
		if (!evened_row(e, i, &row, why))
			continue;
		row.at_ms = clock_wall_ms();
		state_recorder_put(c->recorder, TABLE_FACTOR, &row);
		if (why[0] != '\0')
			log_info("%s %s %s: %s", row.zone, row.pool,
			    row.endpoint, why);
	}
}

/* One pool, while we lead, and hold its lock where that is shared, or not. */
static void
step(struct control *c, size_t p, int64_t now_ms)
{
	struct steered *s = c->pools[p];
	struct evened *e = c->even[p];
	bool may = c->leads &&
	    holding_may(&c->holding, s->pool->zone, s->pool->name, now_ms);
	bool cut;

	/* Cut off, each node does the same with what it knows last. */
	cut = c->leads && holding_cut(&c->holding, now_ms);
	steered_cut(s, cut);
	steered_hand(s, &c->hand, now_ms);
	if (s->pool->spills && (may || cut)) {
		steered_step(s, c->sights, &c->hand, now_ms);
		write_rows(c, s);
	} else {
		steered_leave(s);
	}
	if (e != NULL && may) {
		evened_step(e, c->sights, s->held, s->frozen, now_ms);
		write_factors(c, e);
	} else if (e != NULL) {
		evened_leave(e);
	}
}

/* Of what other nodes control only they know what is left. */
static void
take_row(void *context, enum state_table table, const void *row)
{
	const struct state_keep *keep = row;
	const struct state_factor *factor = row;
	struct control *c = context;

	if (!holding_may(&c->holding,
		table == TABLE_KEEP ? keep->zone : factor->zone,
		table == TABLE_KEEP ? keep->pool : factor->pool,
		clock_mono_ms()))
		return;
	state_recorder_take(c->recorder, table, row);
}

static void
say_lead(struct control *c, bool leads)
{
	if (leads == c->leads)
		return;
	c->leads = leads;
	if (leads)
		log_info("vantage %s controls what regions keep of %zu pool%s "
			 "by load",
		    c->vantage, c->n, c->n == 1 ? "" : "s");
	else
		log_info("another vantage controls what regions keep");
}

static void
on_timer(uv_timer_t *timer)
{
	struct control *c = timer->data;
	int64_t now_ms = clock_mono_ms();

	if (!c->known || now_ms - c->began_ms < LISTEN_MS)
		return;
	say_lead(c, sights_leads(c->sights, c->vantage, now_ms));
	sights_sit(c->sights, now_ms);
	for (size_t p = 0; p < c->n; p++)
		step(c, p, now_ms);
	if (c->leads)
		leavings_each(&c->leavings, take_row, c);
}

/* --- beginning and end --- */

static void
forget_pools(struct control *c)
{
	for (size_t p = 0; p < c->n; p++) {
		steered_destroy(c->pools[p]);
		evened_destroy(c->even[p]);
	}
	free(c->pools);
	free(c->even);
	c->pools = NULL;
	c->even = NULL;
	c->n = 0;
	sights_destroy(c->sights);
	c->sights = NULL;
}

struct control *
control_start(uv_loop_t *loop, const char *path, const char *vantage,
    struct state_recorder *recorder)
{
	struct control *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->loop = loop;
	c->path = path;
	c->vantage = vantage;
	c->recorder = recorder;
	overrides_init(&c->hand);
	uv_timer_init(loop, &c->timer);
	c->timer.data = c;
	return c;
}

static int
make_pools(struct control *c, const struct control_plan *plan,
    const struct judged *judged)
{
	c->plan = plan;
	c->sights = sights_create(plan, judged, clock_mono_ms());
	c->pools = calloc(plan->n + 1, sizeof(struct steered *));
	c->even = calloc(plan->n + 1, sizeof(struct evened *));
	if (c->sights == NULL || c->pools == NULL || c->even == NULL)
		return -1;
	for (size_t p = 0; p < plan->n; p++) {
		c->pools[p] = steered_create(&plan->pools[p], p);
		if (c->pools[p] == NULL)
			return -1;
		c->n++;
		if (!plan->pools[p].evens)
			continue;
		c->even[p] = evened_create(&plan->pools[p], p);
		if (c->even[p] == NULL)
			return -1;
	}
	return 0;
}

/* Nothing is controlled any more, so that nothing is read any more either: what
 * there may be of ${pool} goes now. */
static void
take_pool(struct control *c, const struct control_pool *pool)
{
	static const struct control_plan nothing;
	struct state_keep keep = {0};
	struct state_factor factor = {0};

	snprintf(keep.zone, sizeof(keep.zone), "%s", pool->zone);
	snprintf(keep.pool, sizeof(keep.pool), "%s", pool->name);
	snprintf(factor.zone, sizeof(factor.zone), "%s", pool->zone);
	snprintf(factor.pool, sizeof(factor.pool), "%s", pool->name);
	for (size_t r = 0; pool->spills && r < pool->file.n_regions; r++) {
		snprintf(keep.region, sizeof(keep.region), "%s",
		    pool->file.regions[r].name);
		leavings_keep(&c->leavings, &nothing, &keep);
	}
	for (size_t i = 0; pool->evens && i < pool->n; i++) {
		snprintf(factor.endpoint, sizeof(factor.endpoint), "%s",
		    pool->endpoints[i].name);
		leavings_factor(&c->leavings, &nothing, &factor);
	}
	leavings_each(&c->leavings, take_row, c);
}

void
control_share(struct control *c, const char *node, uint64_t silent_ms)
{
	holding_share(&c->holding, node, silent_ms, clock_mono_ms());
}

/* After a reload all is as after a start, from what is stored. */
void
control_follow(struct control *c, const struct control_plan *plan,
    const struct judged *judged)
{
	for (size_t p = 0; plan->n == 0 && c->leads && p < c->n; p++)
		take_pool(c, c->pools[p]->pool);
	uv_timer_stop(&c->timer);
	state_watch_stop(c->watch);
	c->watch = NULL;
	c->known = false;
	forget_pools(c);
	if (plan->n == 0)
		return;
	if (make_pools(c, plan, judged) == 0)
		c->watch = state_watch_start(
		    c->loop, c->path, TABLES_CONTROL, &calls, c);
	if (c->watch == NULL) {
		forget_pools(c);
		log_error("spill: no memory, or no process to read %s: regions "
			  "keep what they kept",
		    c->path);
		return;
	}
	c->began_ms = clock_mono_ms();
	uv_timer_start(&c->timer, on_timer, TICK_MS, TICK_MS);
}

void
control_again(struct control *c)
{
	for (size_t p = 0; p < c->n; p++) {
		for (size_t r = 0; r < STEERING_MAX_REGIONS; r++)
			c->pools[p]->regions[r].told = false;
		if (c->even[p] != NULL)
			evened_again(c->even[p]);
	}
}

static void
on_closed(uv_handle_t *handle)
{
	struct control *c = handle->data;

	forget_pools(c);
	overrides_finish(&c->hand);
	leavings_forget(&c->leavings);
	holding_finish(&c->holding);
	free(c);
}

void
control_stop(struct control *c)
{
	if (c == NULL)
		return;
	state_watch_stop(c->watch);
	uv_close((uv_handle_t *)&c->timer, on_closed);
}
