/* The control law.  Called by who controls a pool and by the simulator; knows
 * neither of them. */
#include "steering/law.h"

#include <math.h>
#include <string.h>

/*
 * Answers are counted with noise, and change by the hour, not by the minute:
 * ten minutes of them.  Of 2, 5, 10 and 20 minutes in a simple model
 * 10 moved the fewest clients and still settled within 15 minutes.
 */
#define ANSWERS_S 600.0

/* Metrics jump from one look to the next; what they are about is held for some
 * ten seconds anyway. */
#define LOAD_S 20.0

/*
 * How much of what load says against the counted answers is believed in a
 * second: a class that has twice the load which its answers show is corrected
 * by half within some 20 s of evidence.  0.02 to 0.05 hold there, more
 * follows the noise.
 */
#define BELIEF 0.03

/* An answer may stand for so much more, or less, than one of another class. */
#define WEIGHT_MOST 1000.0

/*
 * Keep goes to where it is to be by so much a second.  Differences below a dead
 * band are left: each step moves clients.  They are taken back slower where
 * what is done is seen later than after so many seconds: what is taken too soon
 * is too much, and has to be shed again.
 */
#define STEP 0.01
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

void
law_flow(
    const struct law_class *class, const double *keep, double share[LAW_DEPTH])
{
	double left = 1;

	for (size_t i = 0; i < class->n; i++) {
		share[i] = left * keep[class->order[i]];
		left -= share[i];
	}
	if (class->n > 0)
		share[0] += left;
}

/* --- where clients are, by what was kept when they asked --- */

/* Weights of past steps, the newest first; their sum is 1.  Steps at which the
 * same was kept are one, with the weight of all. */
struct memory {
	double of[LAW_PAST];
};

/* What came out over ${s} seconds when it came in at once. */
static void
spread(struct memory *m, double s, double step_s)
{
	double part, held = 0;

	if (s <= 0)
		return;
	part = 1 - exp(-step_s / s);
	for (size_t i = 0; i < LAW_PAST; i++) {
		held += m->of[i];
		m->of[i] = held * part;
		held -= m->of[i];
	}
	m->of[LAW_PAST - 1] += held;
}

static size_t
step_before(const struct law *law, size_t i)
{
	return (law->n_past + LAW_PAST - 1 - i) % LAW_PAST;
}

static bool
same(const double *a, const double *b)
{
	for (size_t r = 0; r < LAW_REGIONS; r++)
		if (a[r] < b[r] || a[r] > b[r])
			return false;
	return true;
}

/* Keep rests most of the time: then one step has all the weight. */
static void
join_equal(const struct law *law, struct memory *m)
{
	size_t first = 0;

	for (size_t i = 1; i < LAW_PAST; i++) {
		if (!same(law->past[step_before(law, i)],
			law->past[step_before(law, first)])) {
			first = i;
			continue;
		}
		m->of[first] += m->of[i];
		m->of[i] = 0;
	}
}

/*
 * The load that is seen now came from answers of the TTL before the moment that
 * it is of, was held for as long as a request is, and is smoothed.
 */
static void
remember(const struct law *law, const struct law_config *config, double late_s,
    struct memory *m)
{
	double step = config->step_s > 0 ? config->step_s : 1;
	size_t late = (size_t)(late_s / step);
	size_t answers = (size_t)(config->ttl_s / step) + 1;

	memset(m, 0, sizeof(*m));
	for (size_t i = 0; i < answers; i++) {
		size_t at = late + i < LAW_PAST ? late + i : LAW_PAST - 1;

		m->of[at] += 1 / (double)answers;
	}
	spread(m, config->held_s, step);
	spread(m, config->smooth_s, step);
	spread(m, LOAD_S, step);
	join_equal(law, m);
}

/* Which part of a class is at each region of its order. */
static void
flow_seen(const struct law *law, const struct memory *m,
    const struct law_class *class, double share[LAW_DEPTH])
{
	double then[LAW_DEPTH];

	memset(share, 0, LAW_DEPTH * sizeof(share[0]));
	for (size_t i = 0; i < LAW_PAST; i++) {
		if (m->of[i] <= 0)
			continue;
		law_flow(class, law->past[step_before(law, i)], then);
		for (size_t k = 0; k < class->n; k++)
			share[k] += m->of[i] * then[k];
	}
}

/* --- how much load each class is --- */

static double
part_of(double step_s, double over_s)
{
	return 1 - exp(-step_s / over_s);
}

/* True when the answers of any class are known. */
static bool
count_answers(const struct law_config *config, const struct law_class *classes,
    struct law_weight *weights, size_t n)
{
	double part = part_of(config->step_s, ANSWERS_S);
	bool known = false;

	for (size_t c = 0; c < n; c++) {
		struct law_weight *w = &weights[c];

		if (!isnan(classes[c].answers)) {
			if (isnan(w->answers))
				w->answers = classes[c].answers;
			w->answers += part * (classes[c].answers - w->answers);
		}
		known = known || w->answers > 0;
	}
	return known;
}

static double
demand_of(const struct law_weight *w)
{
	return isnan(w->answers) ? 0 : w->answers * w->load;
}

/* The sum of demand is ${load}: what one of its units is. */
static double
demand_unit(const struct law_weight *weights, size_t n, double load)
{
	double sum = 0;

	for (size_t c = 0; c < n; c++)
		sum += demand_of(&weights[c]);
	return sum > 0 ? load / sum : 0;
}

/* Weights are moved towards what is measured beside what was reckoned. */
static void
correct_weights(const struct law *law, const struct law_config *config,
    const struct memory *m, const struct law_class *classes,
    struct law_weight *weights, size_t n, double unit)
{
	double reckoned[LAW_REGIONS] = {0};

	for (size_t c = 0; c < n; c++) {
		flow_seen(law, m, &classes[c], weights[c].seen);
		for (size_t i = 0; i < classes[c].n; i++)
			reckoned[classes[c].order[i]] +=
			    unit * demand_of(&weights[c]) * weights[c].seen[i];
	}
	for (size_t c = 0; c < n; c++) {
		double more = 0, w = weights[c].load;

		for (size_t i = 0; i < classes[c].n; i++) {
			size_t r = classes[c].order[i];
			bool known = reckoned[r] > 0 && !isnan(law->load[r]);

			more += weights[c].seen[i] *
			    (known ? law->load[r] / reckoned[r] : 1);
		}
		w *= pow(more, BELIEF * config->step_s);
		weights[c].load = fmin(fmax(w, 1 / WEIGHT_MOST), WEIGHT_MOST);
	}
}

/* --- what each region is to keep --- */

static void
load_by(const struct law_class *classes, const struct law_weight *weights,
    size_t n, double unit, const double *keep, double *load)
{
	double share[LAW_DEPTH];

	memset(load, 0, LAW_REGIONS * sizeof(load[0]));
	for (size_t c = 0; c < n; c++) {
		law_flow(&classes[c], keep, share);
		for (size_t i = 0; i < classes[c].n; i++)
			load[classes[c].order[i]] +=
			    unit * demand_of(&weights[c]) * share[i];
	}
}

/* One pass; returns the largest change. */
static double
fit(const struct law_config *config, const struct law_region *regions, size_t n,
    const double *load, double target, double *keep)
{
	double change = 0;

	for (size_t r = 0; r < n; r++) {
		double to, most = target * regions[r].capacity;

		if (regions[r].capacity <= 0 || !regions[r].usable)
			continue;
		/* The root: what others shed comes here, too. */
		to = load[r] > 0 ? keep[r] * pow(most / load[r], 0.7) : 1;
		to = fmin(fmax(to, config->keep_min), 1 - regions[r].passed);
		change = fmax(change, fabs(to - keep[r]));
		keep[r] = to;
	}
	return change;
}

/* By how much a class is asked for is known. */
static void
wanted_by_demand(const struct law_config *config,
    const struct law_region *regions, size_t n_regions,
    const struct law_class *classes, const struct law_weight *weights,
    size_t n_classes, double unit, double target, double *wanted)
{
	double load[LAW_REGIONS], change = 1;

	for (size_t r = 0; r < n_regions; r++)
		wanted[r] = 1 - regions[r].passed;
	for (int i = 0; i < PASSES && change > CLOSE_ENOUGH; i++) {
		load_by(classes, weights, n_classes, unit, wanted, load);
		change = fit(config, regions, n_regions, load, target, wanted);
	}
}

/* By load alone: slow, since what is done now is seen late. */
static void
wanted_by_load(const struct law *law, const struct law_config *config,
    const struct law_region *regions, size_t n, double target, double *wanted)
{
	double seen_s = config->ttl_s + config->held_s + LOAD_S;

	for (size_t r = 0; r < n; r++) {
		double late = regions[r].late_s;
		double part = config->step_s / (seen_s + late);
		double full = law->load[r] / regions[r].capacity;

		wanted[r] = law->keep[r];
		if (regions[r].capacity <= 0 || isnan(full))
			continue;
		wanted[r] += REACTION * part * (target - full);
		wanted[r] = fmin(
		    fmax(wanted[r], config->keep_min), 1 - regions[r].passed);
	}
}

/* --- a step --- */

/* What was measured; returns its sum over the capacity, NAN: nothing was. */
static double
measure(struct law *law, const struct law_config *config,
    const struct law_region *regions, size_t n, double *load)
{
	double part = part_of(config->step_s, LOAD_S), capacity = 0;

	*load = 0;
	for (size_t r = 0; r < n; r++) {
		const struct law_region *region = &regions[r];

		if (!region->usable || isnan(region->load))
			continue;
		if (isnan(law->load[r]))
			law->load[r] = region->load;
		law->load[r] += part * (region->load - law->load[r]);
		*load += law->load[r];
		capacity += region->capacity;
	}
	return capacity > 0 ? *load / capacity : NAN;
}

static double
latest(const struct law_region *regions, size_t n)
{
	double late = 0;

	for (size_t r = 0; r < n; r++)
		if (regions[r].usable && !isnan(regions[r].load))
			late = fmax(late, regions[r].late_s);
	return late;
}

/* What is to be done, and where that leads. */
struct plan {
	double wanted[LAW_REGIONS];
	double load[LAW_REGIONS]; /* when keep stays as it is */
	double target;
};

/* It is near enough to what it is to be, ${by} below or above. */
static bool
rests(const struct law *law, const struct law_region *region, size_t r,
    const struct plan *plan, double by)
{
	double slack = plan->target < 1 ? TAKE_SLACK : TAKE_SLACK_FULL;
	double now = plan->load[r] / region->capacity;
	double seen = law->load[r] / region->capacity;

	if (by < 0)
		return -by < SHED_BAND || now < plan->target + SHED_SLACK;
	return plan->wanted[r] < 1 &&
	    (by < TAKE_BAND || fmax(now, seen) > plan->target - slack);
}

static void
approach(struct law *law, const struct law_config *config,
    const struct law_region *regions, size_t n, const struct plan *plan,
    bool at_once)
{
	double shed = STEP * config->step_s;
	double seen_s = (double)config->ttl_s + config->held_s;
	double take = shed * fmin(1, SEEN_S / seen_s);

	for (size_t r = 0; r < n; r++) {
		double by = plan->wanted[r] - law->keep[r];
		bool held = regions[r].frozen || isnan(regions[r].load);

		if (!regions[r].usable || held ||
		    (!at_once && rests(law, &regions[r], r, plan, by)))
			continue;
		law->keep[r] += fmin(fmax(by, -shed), take);
	}
}

void
law_step(struct law *law, const struct law_config *config,
    const struct law_region *regions, size_t n_regions,
    const struct law_class *classes, struct law_weight *weights,
    size_t n_classes)
{
	double load, full, unit;
	struct plan plan;
	bool counted;
	struct memory memory;

	memcpy(
	    law->past[law->n_past++ % LAW_PAST], law->keep, sizeof(law->keep));
	full = measure(law, config, regions, n_regions, &load);
	counted = count_answers(config, classes, weights, n_classes);
	if (isnan(full))
		return;
	plan.target = fmax(config->target, full);
	if (!counted) {
		wanted_by_load(
		    law, config, regions, n_regions, plan.target, plan.wanted);
		approach(law, config, regions, n_regions, &plan, true);
		return;
	}
	remember(law, config, latest(regions, n_regions), &memory);
	unit = demand_unit(weights, n_classes, load);
	correct_weights(
	    law, config, &memory, classes, weights, n_classes, unit);
	unit = demand_unit(weights, n_classes, load);
	wanted_by_demand(config, regions, n_regions, classes, weights,
	    n_classes, unit, plan.target, plan.wanted);
	load_by(classes, weights, n_classes, unit, law->keep, plan.load);
	approach(law, config, regions, n_regions, &plan, false);
}
