/*
 * What the control law believes of classes and regions, and how it learns.
 * Called by the law alone; decides nothing.
 */
#include "steering/law_parts.h"

#include <math.h>
#include <string.h>

/*
 * Answers are counted with noise, and change by the hour, not by the minute:
 * ten minutes of them.  Of 2, 5, 10 and 20 minutes in a simple model
 * 10 moved the fewest clients and still settled within 15 minutes.
 */
#define ANSWERS_S 600.0

/*
 * How much of what load says against what was reckoned is believed in a second,
 * of the class and of the region: who has twice the load is corrected by half
 * within a minute of evidence.  With 0.003 a world of many regions was not
 * settled after 15 minutes; 0.03 follows each resolver that comes and goes.
 */
#define BELIEF 0.01

/* An answer may stand for so much more, or less, than one of another class, and
 * a region may keep so much more, or less, than it is told to. */
#define WEIGHT_MOST 1000.0
#define ODDS_MOST 50.0

/* What is measured is believed as far as this from what was reckoned. */
#define RATIO_MOST 10.0

static double
step_length(const struct law_config *config)
{
	return config->step_s > 0 ? config->step_s : 1;
}

double
law_part(double step_s, double over_s)
{
	return 1 - exp(-step_s / over_s);
}

void
law_flow(
    const struct law_class *class, const double *kept, double share[LAW_DEPTH])
{
	double left = 1;

	for (size_t i = 0; i < class->n; i++) {
		share[i] = left * kept[class->order[i]];
		left -= share[i];
	}
	if (class->n > 0)
		share[0] += left;
}

/*
 * A region that is told to keep a tenth keeps more when a large resolver is in
 * that tenth: its odds to keep a client are so many times those that it is
 * told.
 * It keeps all when it is told to, and none when it is told to, as others.
 */
static double
kept_of(double odds, double keep)
{
	return odds * keep / (1 + (odds - 1) * keep);
}

void
law_kept(const struct law *law, const double keep[LAW_REGIONS],
    double kept[LAW_REGIONS])
{
	for (size_t r = 0; r < LAW_REGIONS; r++)
		kept[r] = kept_of(law->odds[r], keep[r]);
}

double
law_keep_for(const struct law *law, size_t region, double kept)
{
	return kept_of(1 / law->odds[region], kept);
}

/* --- where clients are, by what was kept when they asked --- */

/* Past steps, the newest first. */
struct memory {
	/* Their weights; the sum is 1.  Steps at which the same was kept are
	 * one, with the weight of all. */
	double of[LAW_PAST];
	/* Which part of its clients each region kept. */
	double kept[LAW_PAST][LAW_REGIONS];
};

/* What came out over ${s} seconds when it came in at once. */
static void
spread(struct memory *m, double s, double step_s)
{
	double part, held = 0;

	if (s <= 0)
		return;
	part = law_part(step_s, s);
	for (size_t i = 0; i < LAW_PAST; i++) {
		held += m->of[i];
		m->of[i] = held * part;
		held -= m->of[i];
	}
	m->of[LAW_PAST - 1] += held;
}

/* What is held and smoothed is seen for three times as long, to a twentieth,
 * and metrics may be late by a minute. */
#define SEEN_TIMES 3
#define LATE_S 60

/* The steps of one time of the past: one, unless resolvers keep answers for
 * longer than so many steps. */
static uint32_t
steps_of(const struct law_config *config)
{
	double seen_s = config->ttl_s + LATE_S +
	    SEEN_TIMES *
		((double)config->held_s + config->smooth_s + LAW_LOAD_S);

	return 1 + (uint32_t)(seen_s / (LAW_PAST * step_length(config)));
}

/* Who is away keeps nobody, whatever it is told to keep at its return. */
void
law_note(struct law *law, const struct law_config *config,
    const struct law_region *regions, size_t n)
{
	double *past;

	if (law->n_past == 0 || law->n_last >= steps_of(config)) {
		law->n_past++;
		law->n_last = 0;
	}
	law->n_last++;
	past = law->past[(law->n_past - 1) % LAW_PAST];
	memcpy(past, law->keep, sizeof(law->keep));
	for (size_t r = 0; r < n; r++)
		if (!regions[r].usable)
			past[r] = 0;
}

/* What was told ${i} times ago. */
static const double *
keep_before(const struct law *law, size_t i)
{
	return law->past[(law->n_past + LAW_PAST - 1 - i) % LAW_PAST];
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
		if (!same(keep_before(law, i), keep_before(law, first))) {
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
	double step = step_length(config) * steps_of(config);
	size_t late = (size_t)(late_s / step);
	size_t answers = (size_t)(config->ttl_s / step) + 1;

	memset(m->of, 0, sizeof(m->of));
	for (size_t i = 0; i < answers; i++) {
		size_t at = late + i < LAW_PAST ? late + i : LAW_PAST - 1;

		m->of[at] += 1 / (double)answers;
	}
	spread(m, config->held_s, step);
	spread(m, config->smooth_s, step);
	spread(m, LAW_LOAD_S, step);
	join_equal(law, m);
	for (size_t i = 0; i < LAW_PAST; i++)
		if (m->of[i] > 0)
			law_kept(law, keep_before(law, i), m->kept[i]);
}

/* Which part of a class is at each region of its order. */
static void
flow_seen(const struct memory *m, const struct law_class *class,
    double share[LAW_DEPTH])
{
	double then[LAW_DEPTH];

	memset(share, 0, LAW_DEPTH * sizeof(share[0]));
	for (size_t i = 0; i < LAW_PAST; i++) {
		if (m->of[i] <= 0)
			continue;
		law_flow(class, m->kept[i], then);
		for (size_t k = 0; k < class->n; k++)
			share[k] += m->of[i] * then[k];
	}
}

/* --- how much load each class is --- */

bool
law_count(const struct law_config *config, const struct law_class *classes,
    struct law_weight *weights, size_t n)
{
	double part = law_part(config->step_s, ANSWERS_S);
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

double
law_unit(const struct law *law, const struct law_class *classes,
    const struct law_weight *weights, size_t n, const double kept[LAW_REGIONS])
{
	double at[LAW_REGIONS], demand = 0, load = 0;

	law_load_by(classes, weights, n, 1, kept, at);
	for (size_t r = 0; r < LAW_REGIONS; r++) {
		if (!(law->told >> r & 1))
			continue;
		demand += at[r];
		load += law->load[r];
	}
	return demand > 0 ? load / demand : 0;
}

void
law_load_by(const struct law_class *classes, const struct law_weight *weights,
    size_t n, double unit, const double kept[LAW_REGIONS],
    double load[LAW_REGIONS])
{
	double share[LAW_DEPTH];

	memset(load, 0, LAW_REGIONS * sizeof(load[0]));
	for (size_t c = 0; c < n; c++) {
		law_flow(&classes[c], kept, share);
		for (size_t i = 0; i < classes[c].n; i++)
			load[classes[c].order[i]] +=
			    unit * demand_of(&weights[c]) * share[i];
	}
}

/* --- what load says against that --- */

/*
 * How many times what was reckoned is measured; 1 where either is not known or
 * is of the past.  Of those where both are the sums are the same.
 */
static void
compare(const struct law *law, const struct memory *m,
    const struct law_class *classes, const struct law_weight *weights, size_t n,
    double ratio[LAW_REGIONS])
{
	double reckoned[LAW_REGIONS] = {0}, seen[LAW_DEPTH];
	double load = 0, demand = 0;

	for (size_t c = 0; c < n; c++) {
		flow_seen(m, &classes[c], seen);
		for (size_t i = 0; i < classes[c].n; i++)
			reckoned[classes[c].order[i]] +=
			    demand_of(&weights[c]) * seen[i];
	}
	for (size_t r = 0; r < LAW_REGIONS; r++) {
		if (!(law->told >> r & 1))
			reckoned[r] = 0;
		load += reckoned[r] > 0 ? law->load[r] : 0;
		demand += reckoned[r];
	}
	for (size_t r = 0; r < LAW_REGIONS; r++) {
		ratio[r] = reckoned[r] > 0 && load > 0
		    ? law->load[r] / load * (demand / reckoned[r])
		    : 1;
		ratio[r] = fmin(fmax(ratio[r], 1 / RATIO_MOST), RATIO_MOST);
	}
}

static void
correct_weights(const struct law_config *config, const struct memory *m,
    const struct law_class *classes, struct law_weight *weights, size_t n,
    const double ratio[LAW_REGIONS])
{
	double seen[LAW_DEPTH];

	for (size_t c = 0; c < n; c++) {
		double more = 0, w = weights[c].load;

		flow_seen(m, &classes[c], seen);
		for (size_t i = 0; i < classes[c].n; i++)
			more += seen[i] * ratio[classes[c].order[i]];
		w *= pow(more, BELIEF * config->step_s);
		weights[c].load = fmin(fmax(w, 1 / WEIGHT_MOST), WEIGHT_MOST);
	}
}

/* One that keeps all has the load of all that come, whatever its odds are. */
static void
correct_odds(struct law *law, const struct law_config *config,
    const struct memory *m, const double ratio[LAW_REGIONS])
{
	for (size_t r = 0; r < LAW_REGIONS; r++) {
		double odds, passed_on = 0;

		for (size_t i = 0; i < LAW_PAST; i++)
			if (m->of[i] > 0)
				passed_on += m->of[i] * (1 - m->kept[i][r]);
		odds = law->odds[r] *
		    pow(ratio[r], BELIEF * passed_on * config->step_s);
		law->odds[r] = fmin(fmax(odds, 1 / ODDS_MOST), ODDS_MOST);
	}
}

void
law_learn(struct law *law, const struct law_config *config, double late_s,
    const struct law_class *classes, struct law_weight *weights, size_t n)
{
	double ratio[LAW_REGIONS];
	struct memory memory;

	remember(law, config, late_s, &memory);
	compare(law, &memory, classes, weights, n, ratio);
	correct_weights(config, &memory, classes, weights, n, ratio);
	correct_odds(law, config, &memory, ratio);
}
