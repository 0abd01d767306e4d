/* The control law.  Called by who controls a pool and by the simulator; knows
 * neither of them. */
#include "steering/law.h"

#include <math.h>
#include <string.h>

#include "steering/law_parts.h"

/*
 * Keep goes to where it is to be by so much of itself a second: one per cent of
 * all clients is ten of a hundred where a region keeps a tenth.  What keeps
 * less than LEAST moves as that, or it would never come back.  Differences
 * below a dead band, of what is kept too, are left: each step moves clients.
 * They are taken back slower where what is done is seen later than after so
 * many seconds: what is taken too soon is too much, and has to be shed again.
 */
#define STEP 0.01
#define LEAST 0.02
#define SEEN_S 60.0
#define SHED_BAND 0.01
#define TAKE_BAND 0.03

/*
 * A large resolver is a lump of some per cent of a region, which would go to
 * and fro where keep is at its position: so a region rests that has so much
 * more than its target, or less.  Less than its capacity has none of those that
 * are to have more.
 */
#define SHED_SLACK 0.01
#define TAKE_SLACK 0.08
#define TAKE_SLACK_FULL 0.05

/*
 * Where regions are small a lump is a third of one, and no slack is enough:
 * what took clients back and had to shed again takes none from then on until it
 * is less full than so much of what it was before, and forgets that by a tenth
 * of its capacity an hour: clients change by the hour.  What it sheds later
 * than TURN_S after it took back is not what it took, of which the load is seen
 * and the answers are counted by then, but what has come since.
 */
#define REST_PART 0.9
#define REST_BACK_S 36000.0
#define TURN_S 1200.0

/*
 * Lumps leave room in some regions that none can use, and others have what is
 * missing there: so the target of all is raised until what is above it is a
 * tenth of the room that is left below.  With less, regions shed into one
 * another what none can take; with more, they stay over their capacity while
 * others have room.
 */
#define EXCESS_PART 0.1
#define TARGET_STEPS 40

/* Passes in which keep is found; it halves its error in two or three. */
#define PASSES 200
#define CLOSE_ENOUGH 1e-5

/* With no answers counted: so much of what is over the target is shed in the
 * time that it takes to be seen. */
#define REACTION 0.2

void
law_init(struct law *law)
{
	memset(law, 0, sizeof(*law));
	for (size_t r = 0; r < LAW_REGIONS; r++) {
		law->keep[r] = 1;
		law->load[r] = NAN;
		law->odds[r] = 1;
		law->rest[r] = INFINITY;
		law->took_at[r] = NAN;
	}
	for (size_t i = 0; i < LAW_PAST; i++)
		memcpy(law->past[i], law->keep, sizeof(law->keep));
}

void
law_weight_init(struct law_weight *weight)
{
	weight->answers = NAN;
	weight->load = 1;
}

void
law_resume(struct law *law, size_t region, double keep)
{
	law->keep[region] = keep;
	for (size_t i = 0; i < LAW_PAST; i++)
		law->past[i][region] = keep;
}

/* What a step is made of, what is to be done, and where it leads to do nothing.
 */
struct plan {
	const struct law_config *config;
	const struct law_region *regions;
	size_t n;
	double target;
	double wanted[LAW_REGIONS]; /* keep */
	double kept[LAW_REGIONS];   /* which part that is now */
	double load[LAW_REGIONS];   /* when keep stays as it is */
};

/* It has clients, and a capacity for them. */
static bool
is_limited(const struct law_region *region)
{
	return region->usable && region->capacity > 0;
}

static double
bounded(const struct plan *plan, size_t r, double keep)
{
	return fmin(
	    fmax(keep, plan->config->keep_min), 1 - plan->regions[r].passed);
}

/* --- how full each is to be --- */

/* There is room for what is above ${target}. */
static bool
has_room(const struct plan *plan, double target)
{
	double excess = 0, room = 0;

	for (size_t r = 0; r < plan->n; r++) {
		double more =
		    plan->load[r] - target * plan->regions[r].capacity;

		if (!is_limited(&plan->regions[r]))
			continue;
		excess += fmax(0, more);
		room += fmax(0, -more);
	}
	return excess <= EXCESS_PART * room;
}

/* The least that is ${target} or more and has room: at most as full as the
 * fullest is. */
static double
raise_target(const struct plan *plan, double target)
{
	double high = target;

	if (has_room(plan, target))
		return target;
	for (size_t r = 0; r < plan->n; r++)
		if (is_limited(&plan->regions[r]))
			high = fmax(
			    high, plan->load[r] / plan->regions[r].capacity);
	for (int i = 0; i < TARGET_STEPS; i++) {
		double middle = (target + high) / 2;

		if (has_room(plan, middle))
			high = middle;
		else
			target = middle;
	}
	return high;
}

/* --- what each region is to keep --- */

/* One pass; returns the largest change. */
static double
fit(const struct law *law, struct plan *plan, const double *load, double *kept)
{
	double change = 0;

	for (size_t r = 0; r < plan->n; r++) {
		double keep, most = plan->target * plan->regions[r].capacity;

		if (!is_limited(&plan->regions[r]))
			continue;
		/* The root: what others shed comes here, too. */
		keep = load[r] > 0
		    ? law_keep_for(
			  law, r, fmin(1, kept[r] * pow(most / load[r], 0.7)))
		    : 1;
		keep = bounded(plan, r, keep);
		change = fmax(change, fabs(keep - plan->wanted[r]));
		plan->wanted[r] = keep;
	}
	law_kept(law, plan->wanted, kept);
	return change;
}

/* By how much a class is asked for is known. */
static void
want_by_demand(const struct law *law, struct plan *plan,
    const struct law_class *classes, const struct law_weight *weights, size_t n,
    double unit)
{
	double load[LAW_REGIONS], kept[LAW_REGIONS], change = 1;

	for (size_t r = 0; r < LAW_REGIONS; r++)
		plan->wanted[r] = r < plan->n ? 1 - plan->regions[r].passed : 1;
	law_kept(law, plan->wanted, kept);
	for (int i = 0; i < PASSES && change > CLOSE_ENOUGH; i++) {
		law_load_by(classes, weights, n, unit, kept, load);
		change = fit(law, plan, load, kept);
	}
}

/*
 * Where all are to go does not help who has too much now while others rest:
 * that one sheds until its own load is what it is to be.
 */
static void
want_no_more(const struct law *law, struct plan *plan)
{
	for (size_t r = 0; r < plan->n; r++) {
		double most = plan->target * plan->regions[r].capacity;
		double keep;

		if (!is_limited(&plan->regions[r]) ||
		    plan->load[r] <= most + SHED_SLACK * most)
			continue;
		keep =
		    law_keep_for(law, r, plan->kept[r] * most / plan->load[r]);
		plan->wanted[r] = fmin(plan->wanted[r], bounded(plan, r, keep));
	}
}

/* By load alone: slow, since what is done now is seen late. */
static void
want_by_load(const struct law *law, struct plan *plan)
{
	const struct law_config *config = plan->config;
	double seen_s = config->ttl_s + config->held_s + LAW_LOAD_S;

	for (size_t r = 0; r < plan->n; r++) {
		double late = plan->regions[r].late_s;
		double part = config->step_s / (seen_s + late);
		double full = law->load[r] / plan->regions[r].capacity;

		plan->wanted[r] = law->keep[r];
		if (plan->regions[r].capacity <= 0 || isnan(full))
			continue;
		plan->wanted[r] = bounded(plan, r,
		    plan->wanted[r] + REACTION * part * (plan->target - full));
	}
}

/* --- a step --- */

/* It counts, if only as it was. */
static bool
is_measured(const struct law_region *region)
{
	return region->usable && !isnan(region->load);
}

/* What was measured; returns its sum over the capacity, NAN: nothing was.  What
 * was long ago says nothing of what is now. */
static double
measure(struct law *law, const struct plan *plan)
{
	double part = law_part(plan->config->step_s, LAW_LOAD_S);
	double load = 0, capacity = 0;
	uint64_t before = law->told;

	law->told = 0;
	for (size_t r = 0; r < plan->n; r++) {
		const struct law_region *region = &plan->regions[r];

		if (!is_measured(region)) {
			law->load[r] = NAN;
			continue;
		}
		if (isnan(law->load[r]) || region->old || !(before >> r & 1))
			law->load[r] = region->load;
		law->load[r] += part * (region->load - law->load[r]);
		law->told |= (uint64_t)!region->old << r;
		load += law->load[r];
		capacity += region->capacity;
	}
	return capacity > 0 ? load / capacity : NAN;
}

static double
latest(const struct plan *plan)
{
	double late = 0;

	for (size_t r = 0; r < plan->n; r++)
		if (is_measured(&plan->regions[r]))
			late = fmax(late, plan->regions[r].late_s);
	return late;
}

/* In what steps move: of what is kept. */
static double
scale(double keep)
{
	return fmax(keep, LEAST);
}

/* It is near enough to what it is to be, ${by} below or above. */
static bool
rests(const struct law *law, const struct plan *plan, size_t r, double by)
{
	double slack = plan->target < 1 ? TAKE_SLACK : TAKE_SLACK_FULL;
	double now = plan->load[r] / plan->regions[r].capacity;
	double seen = law->load[r] / plan->regions[r].capacity;
	double full = fmax(now, seen);

	if (by < 0)
		return -by < SHED_BAND * scale(law->keep[r]) ||
		    now < plan->target + SHED_SLACK;
	if (full > law->rest[r])
		return true;
	return plan->wanted[r] < 1 &&
	    (by < TAKE_BAND * scale(law->keep[r]) ||
		full > plan->target - slack);
}

/* What took back and has to shed was well as it was before. */
static void
note_turn(struct law *law, const struct plan *plan, size_t r, double by)
{
	double full =
	    fmin(law->load[r], plan->load[r]) / plan->regions[r].capacity;

	if (by > 0 && isnan(law->took_at[r]))
		law->took_at[r] = full;
	if (by > 0)
		law->took_s[r] = 0;
	if (by >= 0 || isnan(law->took_at[r]))
		return;
	law->rest[r] = fmin(law->rest[r], REST_PART * law->took_at[r]);
	law->took_at[r] = NAN;
}

static void
approach(struct law *law, const struct plan *plan, bool at_once)
{
	const struct law_config *config = plan->config;
	double shed = STEP * config->step_s;
	double seen_s = (double)config->ttl_s + config->held_s;
	double take = shed * fmin(1, SEEN_S / seen_s);

	for (size_t r = 0; r < plan->n; r++) {
		const struct law_region *region = &plan->regions[r];
		double by = plan->wanted[r] - law->keep[r];
		double of = scale(law->keep[r]);
		bool held = region->frozen || isnan(region->load);

		law->rest[r] += config->step_s / REST_BACK_S;
		law->took_s[r] += config->step_s;
		if (law->took_s[r] > TURN_S)
			law->took_at[r] = NAN;
		if (!region->usable || held ||
		    (!at_once && rests(law, plan, r, by)))
			continue;
		if (!at_once && region->capacity > 0)
			note_turn(law, plan, r, by);
		law->keep[r] += fmin(fmax(by, -shed * of), take * of);
	}
}

void
law_step(struct law *law, const struct law_config *config,
    const struct law_region *regions, size_t n_regions,
    const struct law_class *classes, struct law_weight *weights,
    size_t n_classes)
{
	struct plan plan = {
	    .config = config, .regions = regions, .n = n_regions};
	double full, unit;
	bool counted;

	law_note(law, config, regions, n_regions);
	full = measure(law, &plan);
	counted = law_count(config, classes, weights, n_classes);
	if (isnan(full))
		return;
	plan.target = fmax(config->target, full);
	if (!counted) {
		want_by_load(law, &plan);
		approach(law, &plan, true);
		return;
	}
	law_learn(law, config, latest(&plan), classes, weights, n_classes);
	law_kept(law, law->keep, plan.kept);
	unit = law_unit(law, classes, weights, n_classes, plan.kept);
	law_load_by(classes, weights, n_classes, unit, plan.kept, plan.load);
	plan.target = raise_target(&plan, plan.target);
	want_by_demand(law, &plan, classes, weights, n_classes, unit);
	want_no_more(law, &plan);
	approach(law, &plan, false);
}
