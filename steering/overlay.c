/*
 * The overlay: rows by hand and of the controllers, laid over each `live`.
 * Called by the health model and by those that feed it; reads no file.
 */
#include "steering/overlay.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/log.h"
#include "steering/overlay_plan.h"

#define MILLION 1000000

/* Steps of ramps that are kept: one a service of any file there was. */
#define STEPS_MAX 65536

/* What ramps is looked at so often. */
#define RAMPING_MS 250

struct overlay {
	struct overlay_parts parts;
	uint64_t version;            /* of rows but those of the overrides */
	const struct policy *policy; /* that the plan is of; NULL: none */
	uint64_t planned;            /* the version that it is of */
	struct overlay_plan plan;
	bool said; /* that memory is out */
};

static int
compare_keep(const void *a, const void *b)
{
	const struct state_keep *x = a, *y = b;
	int order = strcmp(x->zone, y->zone);

	if (order == 0)
		order = strcmp(x->pool, y->pool);
	return order != 0 ? order : strcmp(x->region, y->region);
}

static int
compare_factor(const void *a, const void *b)
{
	const struct state_factor *x = a, *y = b;
	int order = strcmp(x->zone, y->zone);

	if (order == 0)
		order = strcmp(x->pool, y->pool);
	return order != 0 ? order : strcmp(x->endpoint, y->endpoint);
}

struct overlay *
overlay_create(void)
{
	struct overlay *o = calloc(1, sizeof(*o));

	if (o == NULL)
		return NULL;
	overrides_init(&o->parts.overrides);
	overlay_rows_init(
	    &o->parts.keep, sizeof(struct state_keep), compare_keep);
	overlay_rows_init(
	    &o->parts.factor, sizeof(struct state_factor), compare_factor);
	return o;
}

void
overlay_destroy(struct overlay *o)
{
	if (o == NULL)
		return;
	overlay_plan_finish(&o->plan);
	overrides_finish(&o->parts.overrides);
	overlay_rows_finish(&o->parts.keep);
	overlay_rows_finish(&o->parts.factor);
	free(o->parts.step);
	free(o);
}

void
overlay_begin(struct overlay *o, bool full)
{
	overrides_begin(&o->parts.overrides, full);
	overlay_rows_begin(&o->parts.keep, full);
	overlay_rows_begin(&o->parts.factor, full);
	for (size_t i = 0; full && i < o->parts.n_steps; i++)
		o->parts.step[i].listed = false;
}

void
overlay_override(struct overlay *o, const struct state_override *row,
    int64_t mono_ms, int64_t wall_ms)
{
	(void)overrides_take(&o->parts.overrides, row, mono_ms, wall_ms);
}

void
overlay_keep(struct overlay *o, const struct state_keep *row)
{
	overlay_rows_add(&o->parts.keep, row);
}

void
overlay_factor(struct overlay *o, const struct state_factor *row)
{
	overlay_rows_add(&o->parts.factor, row);
}

/* The step of the ramp of ${row}'s service, a new one where there is none; NULL
 * without memory. */
static struct overlay_step *
step_of(struct overlay *o, const struct state_ramp *row)
{
	struct overlay_parts *p = &o->parts;
	struct overlay_step *grown;

	for (size_t i = 0; i < p->n_steps; i++)
		if (strcmp(p->step[i].row.zone, row->zone) == 0 &&
		    strcmp(p->step[i].row.service, row->service) == 0)
			return &p->step[i];
	grown = array_grow(
	    p->step, p->n_steps, &p->size_steps, sizeof(*grown), STEPS_MAX);
	if (grown == NULL)
		return NULL;
	p->step = grown;
	memset(&grown[p->n_steps], 0, sizeof(*grown));
	return &grown[p->n_steps++];
}

void
overlay_ramp(struct overlay *o, const struct state_ramp *row, int64_t mono_ms,
    int64_t wall_ms)
{
	struct overlay_step *step = step_of(o, row);

	bool taking = o->parts.overrides.taking;

	if (step == NULL || (!taking && step->row.zone[0] != '\0'))
		return;
	step->listed = taking;
	step->row = *row;
	step->next_ms =
	    row->next_ms < 0 ? -1 : mono_ms + row->next_ms - wall_ms;
	if (row->next_ms >= 0 && step->next_ms < 0)
		step->next_ms = 0;
	o->version++;
}

void
overlay_commit(struct overlay *o)
{
	overrides_commit(&o->parts.overrides);
	o->version += overlay_rows_commit(&o->parts.keep);
	o->version += overlay_rows_commit(&o->parts.factor);
}

void
overlay_adopt(struct overlay *o)
{
	o->policy = NULL;
}

void
overlay_pass(struct overlay *o, int64_t ms)
{
	overrides_pass(&o->parts.overrides, ms);
	for (size_t i = 0; i < o->parts.n_steps; i++) {
		struct overlay_step *step = &o->parts.step[i];

		/* What was due before the clock began is due. */
		if (step->next_ms >= 0)
			step->next_ms =
			    step->next_ms > ms ? step->next_ms - ms : 0;
	}
}

uint64_t
overlay_version(const struct overlay *o)
{
	return o->version + o->parts.overrides.version;
}

/* Have the plan for ${policy} and the rows as they are. */
static void
have_plan(struct overlay *o, const struct policy *policy)
{
	uint64_t version = overlay_version(o);

	if (o->policy == policy && o->planned == version)
		return;
	overlay_plan_finish(&o->plan);
	o->policy = NULL;
	if (overlay_plan_make(&o->plan, &o->parts, policy) != 0) {
		if (!o->said)
			log_error("no memory for what operators said: it is "
				  "not followed until there is");
		o->said = true;
		return;
	}
	o->policy = policy;
	o->planned = version;
}

/* Of the ${n} endpoints ${number} something changes in ${left_ms}: answers live
 * no longer. */
static void
expect(const struct overlay_plan *plan, const uint32_t *number, size_t n,
    int64_t left_ms, struct live *live)
{
	for (size_t i = 0; left_ms < plan->ttl_ms && i < n; i++)
		live_expect(live, number[i],
		    left_ms > 0 ? (uint32_t)((left_ms + 999) / 1000) : 0);
}

/* A drain on its way, or on the way back: it comes evenly over its ramp. */
static void
thin(const struct overlay_plan *plan, const struct plan_reach *reach,
    const struct overrides_item *item, struct live *live, int64_t mono_ms)
{
	const uint32_t *group = &plan->number[reach->group];
	const uint32_t *rest = &plan->number[reach->rest];
	double in = (MILLION - (double)overrides_out(item, mono_ms)) / MILLION;
	double by =
	    item->off ? item->from_ppm : (double)item->from_ppm - MILLION;
	double slope = by / MILLION / (double)item->row.ramp_ms * 1000 * 0x1p64;
	uint64_t keep = in < 1 ? (uint64_t)(in * 0x1p64) : POLICY_KEEP_ALL;

	/* What takes less than two seconds is too fast for the TTL. */
	if (fabs(slope) >= 0x1p63)
		slope = slope < 0 ? -0x1p62 : 0x1p62;
	for (size_t i = 0; i < reach->n_groups; i++) {
		live_thin(live, group[i], keep, (int64_t)slope);
		live_thinned(live, group[i], REASON_DRAINED);
	}
	for (size_t i = 0; i < reach->n_rest; i++)
		live_weigh(live, rest[i], (uint32_t)(in * LIVE_FACTOR_ONE));
	/* Whose turn is when nobody knows here, but none is after its end. */
	expect(plan, rest, reach->n_rest,
	    item->began_ms + item->row.ramp_ms - mono_ms, live);
}

/* What is drained no more came back then, and may have a slow start; what
 * ramped in had one. */
static void
note_return(const struct overlay_plan *plan, const struct plan_reach *reach,
    const struct overrides_item *item, struct live *live, int64_t mono_ms)
{
	int64_t ended_ms = item->off ? item->began_ms : item->until_ms;
	bool ramped = item->off && item->row.ramp_ms > 0;

	if (item->what != OVERRIDE_DRAIN || ramped || mono_ms < ended_ms)
		return;
	for (size_t i = 0; i < reach->n_endpoints; i++)
		live_came_back(live, plan->number[reach->endpoint + i],
		    mono_ms - ended_ms);
}

static void
apply_reach(const struct overlay *o, const struct plan_reach *reach,
    struct live *live, int64_t mono_ms)
{
	const struct overrides_item *item =
	    &o->parts.overrides.item[reach->item];
	const uint32_t *endpoint = &o->plan.number[reach->endpoint];
	bool ramps = overrides_ramping(item, mono_ms);

	if (ramps && item->what == OVERRIDE_DRAIN) {
		thin(&o->plan, reach, item, live, mono_ms);
		return;
	}
	if (!ramps && !overrides_in_force(item, mono_ms)) {
		note_return(&o->plan, reach, item, live, mono_ms);
		return;
	}
	for (size_t i = 0; i < reach->n_endpoints; i++)
		if (item->what == OVERRIDE_DRAIN)
			live_drain(live, endpoint[i]);
		else if (item->what == OVERRIDE_FORCE)
			live_force(live, endpoint[i], item->up);
		else
			live_weigh(live, endpoint[i],
			    (uint32_t)((uint64_t)overrides_weight(
					   item, mono_ms) *
				LIVE_FACTOR_ONE / MILLION));
	/* Whose turn is when nobody knows here, but none is after its end. */
	if (ramps)
		expect(&o->plan, endpoint, reach->n_endpoints,
		    item->began_ms + item->row.ramp_ms - mono_ms, live);
	if (item->until_ms != INT64_MAX)
		expect(&o->plan, endpoint, reach->n_endpoints,
		    item->until_ms - mono_ms, live);
}

/* ${share} of all that a split gives, as a part of what ${member} and its
 * neighbour have of it. */
static uint32_t
part_of_both(
    const struct policy_service *service, unsigned member, double share)
{
	int neighbour = live_neighbour(service, member);
	double both, all = 0;

	if (neighbour < 0)
		return 0;
	for (unsigned m = 0; m < service->n_members; m++)
		all += policy_weight(&service->members[m]);
	both = (double)policy_weight(&service->members[member]) +
	    policy_weight(&service->members[neighbour]);
	share *= all / both * MILLION;
	return share < MILLION ? (uint32_t)lround(share) : MILLION;
}

/* Does nothing where an override is over.  True when it did something. */
static bool
apply_shift(const struct overlay *o, const struct plan_shift *shift,
    struct live *live, int64_t mono_ms)
{
	const struct overrides_item *item = o->parts.overrides.item;
	const struct overlay_step *step;
	uint32_t share, next, pending_s = LIVE_NOT_PENDING;

	if (shift->item != SIZE_MAX) {
		item += shift->item;
		if (!overrides_in_force(item, mono_ms))
			return false;
		share = part_of_both(
		    shift->service, shift->member, (double)item->ppm / MILLION);
		live_shift(live, shift->service, shift->member, share, share,
		    LIVE_NOT_PENDING);
		return true;
	}
	step = &o->parts.step[shift->step];
	if (isnan(step->row.share))
		return false;
	share = next =
	    part_of_both(shift->service, shift->member, step->row.share);
	if (!isnan(step->row.next) && step->next_ms >= 0) {
		next =
		    part_of_both(shift->service, shift->member, step->row.next);
		pending_s = step->next_ms > mono_ms
		    ? (uint32_t)((step->next_ms - mono_ms + 999) / 1000)
		    : 0;
	}
	live_shift(live, shift->service, shift->member, share, next, pending_s);
	return true;
}

static void
apply_shifts(const struct overlay *o, struct live *live, int64_t mono_ms)
{
	const struct policy_service *done = NULL;

	for (size_t i = 0; i < o->plan.n_shifts; i++) {
		const struct plan_shift *shift = &o->plan.shift[i];

		if (shift->service != done &&
		    apply_shift(o, shift, live, mono_ms))
			done = shift->service;
	}
}

static int64_t
next_change(const struct overlay *o, int64_t mono_ms)
{
	const struct overrides *overrides = &o->parts.overrides;
	int64_t next = overrides_next_ms(overrides, mono_ms);

	for (size_t i = 0; i < overrides->n; i++)
		if (overrides_ramping(&overrides->item[i], mono_ms) &&
		    (next < 0 || next > RAMPING_MS))
			next = RAMPING_MS;
	return next;
}

int64_t
overlay_apply(struct overlay *o, const struct policy *policy, struct live *live,
    int64_t mono_ms)
{
	const struct overlay_plan *plan = &o->plan;

	have_plan(o, policy);
	for (size_t i = 0; i < plan->n_factor; i++)
		live_weigh(live, plan->factor[i].number,
		    (uint32_t)plan->factor[i].amount);
	for (size_t i = 0; i < plan->n_keep; i++)
		live_thin(live, plan->keep[i].number, plan->keep[i].amount, 0);
	for (size_t i = 0; i < plan->n_reach; i++)
		apply_reach(o, &plan->reach[i], live, mono_ms);
	apply_shifts(o, live, mono_ms);
	overlay_fade_apply(&plan->fades, &o->parts.overrides, live, mono_ms);
	return next_change(o, mono_ms);
}

const struct overrides *
overlay_overrides(const struct overlay *o)
{
	return &o->parts.overrides;
}

const struct state_ramp *
overlay_ramp_row(const struct overlay *o, size_t i, bool *lacking)
{
	if (i >= o->parts.n_steps)
		return NULL;
	*lacking = false;
	for (size_t k = 0; k < o->plan.n_shifts; k++)
		*lacking |= o->plan.shift[k].item == SIZE_MAX &&
		    o->plan.shift[k].step == i && !o->parts.step[i].listed;
	return &o->parts.step[i].row;
}

const struct state_keep *
overlay_keeps(const struct overlay *o, size_t *n)
{
	*n = o->parts.keep.n;
	return (const void *)o->parts.keep.row;
}

const struct state_factor *
overlay_factors(const struct overlay *o, size_t *n)
{
	*n = o->parts.factor.n;
	return (const void *)o->parts.factor.row;
}
