/*
 * The control law, with what makes it fit for a world where programs end and
 * measures stop.  Called by meridian-probe and by the simulator, from one
 * thread each; reads no clock and no file.
 */
#include "steering/controller.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "steering/law.h"

/* Keep moves by so much a second at most where the law does not move it. */
#define PACE 0.01

/* Of a region's capacity so much must tell its load, for the others to be taken
 * for as full as these. */
#define TELLING 0.5

/* What is kept of a region between steps. */
struct spot {
	double capacity, load;
	double late_s;
	int64_t known_ms; /* when its load was known last, or our start */
	bool known;       /* it is now */
	enum controller_why why;
};

struct controller {
	struct controller_settings settings;
	struct law law;
	struct spot spots[LAW_REGIONS];
	int64_t begun_ms, now_ms, stepped_ms;
	int64_t counted_ms; /* when demand was known last */
	bool counted;       /* it counts */
	double full;
	/* By number of the class in ${demand}, and what a step hands on. */
	struct demand demand;
	struct law_weight weights[DEMAND_CLASSES];
	struct demand_row rows[DEMAND_CLASSES];
	struct law_class classes[DEMAND_CLASSES];
	struct law_weight stepped[DEMAND_CLASSES];
};

struct controller *
controller_create(const struct controller_settings *settings, int64_t now_ms)
{
	struct controller *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->begun_ms = c->now_ms = c->stepped_ms = c->counted_ms = now_ms;
	c->full = NAN;
	law_init(&c->law);
	demand_init(&c->demand);
	for (size_t r = 0; r < LAW_REGIONS; r++)
		c->spots[r] = (struct spot){.load = NAN, .known_ms = now_ms};
	for (size_t i = 0; i < DEMAND_CLASSES; i++)
		law_weight_init(&c->weights[i]);
	controller_set(c, settings);
	return c;
}

void
controller_destroy(struct controller *c)
{
	if (c == NULL)
		return;
	demand_finish(&c->demand);
	free(c);
}

void
controller_set(struct controller *c, const struct controller_settings *settings)
{
	c->settings = *settings;
	if (c->settings.step_s == 0)
		c->settings.step_s = 1;
}

void
controller_resume(struct controller *c, uint8_t region, double keep)
{
	if (keep >= 0 && keep <= 1)
		law_resume(&c->law, region, keep);
}

/* --- loads --- */

static void
measure_region(
    struct controller *c, const struct controller_input *in, uint8_t region)
{
	struct spot *spot = &c->spots[region];
	double capacity = 0, told = 0, load = 0, age_ms = 0;

	for (size_t i = 0; i < in->n_endpoints; i++) {
		const struct controller_endpoint *e = &in->endpoints[i];

		if (e->region != region)
			continue;
		capacity += e->capacity;
		if (isnan(e->saturation))
			continue;
		told += e->capacity;
		load += e->saturation * e->capacity;
		age_ms += (double)e->age_ms * e->capacity;
	}
	spot->capacity = capacity;
	spot->known = told > 0 && told >= TELLING * capacity;
	spot->late_s = 0;
	if (!spot->known)
		return;
	spot->load = load * capacity / told;
	spot->late_s = age_ms / told / 1000;
	spot->known_ms = c->now_ms;
}

static bool
is_usable(const struct controller_input *in, size_t region)
{
	return in->usable >> region & 1;
}

static bool
has_faded(const struct controller *c, const struct spot *spot)
{
	return c->now_ms - spot->known_ms >= (int64_t)c->settings.fade_s * 1000;
}

static bool
is_learning(const struct controller *c)
{
	uint32_t learn_s = c->settings.ttl_s + c->settings.held_s;

	if (learn_s > CONTROLLER_LEARN_S)
		learn_s = CONTROLLER_LEARN_S;
	return c->now_ms - c->begun_ms < (int64_t)learn_s * 1000;
}

/* Why the law may not move it; CONTROLLER_KEEPS: it may. */
static enum controller_why
holds(const struct controller *c, const struct controller_input *in, size_t r)
{
	const struct spot *spot = &c->spots[r];

	if (in->frozen >> r & 1)
		return CONTROLLER_FROZEN;
	if (!is_usable(in, r))
		return CONTROLLER_AWAY;
	if (spot->capacity <= 0)
		return CONTROLLER_UNLIMITED;
	if (!spot->known)
		return has_faded(c, spot) ? CONTROLLER_FADES : CONTROLLER_STALE;
	return is_learning(c) ? CONTROLLER_LEARNS : CONTROLLER_KEEPS;
}

/*
 * A load that is not known any more is taken for the last that was: without it
 * the others would seem to have all the demand.  How late it is does not count,
 * or they would be steered as late.
 */
static void
fill_region(const struct controller *c, const struct controller_input *in,
    size_t r, struct law_region *out)
{
	const struct spot *spot = &c->spots[r];

	*out = (struct law_region){
	    .usable = is_usable(in, r),
	    .frozen = spot->why != CONTROLLER_KEEPS,
	    .capacity = spot->capacity,
	    .load = spot->why == CONTROLLER_FADES ? NAN : spot->load,
	    .old = !spot->known,
	    .late_s = (uint32_t)lround(spot->late_s),
	    .passed = c->settings.passed[r],
	};
}

/* --- demand --- */

/* Classes beyond all bounds, or no memory for them: all is learned anew. */
static void
forget_classes(struct controller *c)
{
	demand_finish(&c->demand);
	demand_init(&c->demand);
	for (size_t i = 0; i < DEMAND_CLASSES; i++)
		law_weight_init(&c->weights[i]);
}

/* What is known of classes stays for a while when nobody counts. */
static void
take_demand(struct controller *c, const struct controller_input *in)
{
	size_t n = c->demand.classes.n;

	if (in->demand != NULL) {
		for (size_t i = 0; i < in->n_demand; i++)
			demand_add(&c->demand, &in->demand[i].class,
			    in->demand[i].answers);
		if (demand_take(&c->demand, c->rows, &n)) {
			c->counted_ms = c->now_ms;
			return;
		}
		forget_classes(c);
	}
	for (size_t i = 0; i < c->demand.classes.n; i++) {
		const struct demand_class *classes = c->demand.classes.members;

		c->rows[i] = (struct demand_row){classes[i], NAN};
	}
	if (c->now_ms - c->counted_ms < CONTROLLER_DEMAND_MS)
		return;
	for (size_t i = 0; i < c->demand.classes.n; i++)
		c->weights[i].answers = NAN;
}

/* A class as the law has it: its usable regions. */
static void
walked(const struct demand_row *row, const struct controller_input *in,
    struct law_class *out)
{
	*out = (struct law_class){.answers = row->answers};
	for (size_t i = 0; i < row->class.n && out->n < LAW_DEPTH; i++)
		if (is_usable(in, row->class.region[i]))
			out->order[out->n++] = row->class.region[i];
}

/* --- a step --- */

/* What a region keeps at most, by hand. */
static double
most_of(const struct controller *c, size_t r)
{
	return 1 - c->settings.passed[r];
}

static void
step_law(struct controller *c, const struct controller_input *in)
{
	const struct controller_settings *s = &c->settings;
	struct law_config config = {.target = s->target,
	    .keep_min = s->keep_min,
	    .ttl_s = s->ttl_s,
	    .held_s = s->held_s,
	    .smooth_s = s->smooth_s,
	    .step_s = s->step_s};
	struct law_region regions[LAW_REGIONS];
	uint32_t from[DEMAND_CLASSES];
	size_t n = 0;

	for (size_t r = 0; r < LAW_REGIONS; r++)
		fill_region(c, in, r, &regions[r]);
	for (uint32_t i = 0; i < c->demand.classes.n; i++) {
		walked(&c->rows[i], in, &c->classes[n]);
		if (c->classes[n].n == 0)
			continue;
		c->stepped[n] = c->weights[i];
		from[n++] = i;
	}
	law_step(
	    &c->law, &config, regions, LAW_REGIONS, c->classes, c->stepped, n);
	c->counted = false;
	for (size_t i = 0; i < n; i++) {
		c->weights[from[i]] = c->stepped[i];
		c->counted = c->counted || c->stepped[i].answers > 0;
	}
}

/* What the law does not move: back to all, or down for the return. */
static void
move_aside(struct controller *c, size_t r, double s)
{
	double *keep = &c->law.keep[r], all = most_of(c, r), fade = PACE;
	double start = fmax(c->settings.keep_min, CONTROLLER_START);

	switch (c->spots[r].why) {
	case CONTROLLER_FADES:
		if (c->settings.fade_s > 0)
			fade = fmin(PACE, 1.0 / c->settings.fade_s);
		*keep = fmin(*keep + fade * s, all);
		break;
	case CONTROLLER_AWAY:
		if (*keep > start)
			*keep = fmax(*keep - PACE * s, start);
		break;
	case CONTROLLER_UNLIMITED:
		*keep = fmin(*keep + PACE * s, all);
		break;
	case CONTROLLER_KEEPS:
	case CONTROLLER_SHEDS:
	case CONTROLLER_RETURNS:
	case CONTROLLER_LEARNS:
	case CONTROLLER_FROZEN:
	case CONTROLLER_STALE:
		break;
	}
}

/* By the loads that the law steps by, which are smoothed. */
static void
sum_up(struct controller *c, const struct controller_input *in)
{
	double load = 0, capacity = 0;

	for (size_t r = 0; r < LAW_REGIONS; r++) {
		if (!is_usable(in, r) || !c->spots[r].known)
			continue;
		load += c->law.load[r];
		capacity += c->spots[r].capacity;
	}
	c->full = capacity > 0 ? load / capacity : NAN;
}

void
controller_step(
    struct controller *c, int64_t now_ms, const struct controller_input *in)
{
	double s = (double)(now_ms - c->stepped_ms) / 1000;
	double before[LAW_REGIONS];

	c->now_ms = now_ms;
	for (uint8_t r = 0; r < LAW_REGIONS; r++)
		measure_region(c, in, r);
	for (size_t r = 0; r < LAW_REGIONS; r++) {
		c->spots[r].why = holds(c, in, r);
		c->law.keep[r] = fmin(c->law.keep[r], most_of(c, r));
	}
	memcpy(before, c->law.keep, sizeof(before));
	take_demand(c, in);
	step_law(c, in);
	for (size_t r = 0; r < LAW_REGIONS; r++) {
		double by = c->law.keep[r] - before[r];

		if (c->spots[r].why == CONTROLLER_KEEPS && by < 0)
			c->spots[r].why = CONTROLLER_SHEDS;
		else if (c->spots[r].why == CONTROLLER_KEEPS && by > 0)
			c->spots[r].why = CONTROLLER_RETURNS;
		/* The first step is of no length. */
		move_aside(c, r, fmin(s, 2.0 * c->settings.step_s));
	}
	c->stepped_ms = now_ms;
	sum_up(c, in);
}

/* --- what it came to --- */

void
controller_region(
    const struct controller *c, uint8_t region, struct controller_region *out)
{
	const struct spot *spot = &c->spots[region];

	*out = (struct controller_region){
	    .keep = c->law.keep[region],
	    .load = spot->load,
	    .capacity = spot->capacity,
	    .why = spot->why,
	    .unknown_ms = spot->known ? 0 : c->now_ms - spot->known_ms,
	};
}

double
controller_full(const struct controller *c)
{
	return c->full;
}

bool
controller_counted(const struct controller *c)
{
	return c->counted;
}

static const char *
why_word(enum controller_why why)
{
	switch (why) {
	case CONTROLLER_SHEDS:
		return ": sheds";
	case CONTROLLER_RETURNS:
		return ": takes back";
	case CONTROLLER_LEARNS:
		return ": watched first";
	case CONTROLLER_KEEPS:
	case CONTROLLER_FROZEN:
	case CONTROLLER_STALE:
	case CONTROLLER_FADES:
	case CONTROLLER_AWAY:
	case CONTROLLER_UNLIMITED:
		break;
	}
	return "";
}

void
controller_say(
    const struct controller *c, uint8_t region, char text[STATE_REASON])
{
	const struct spot *spot = &c->spots[region];
	double target = c->settings.target, full = NAN;

	if (spot->capacity > 0)
		full = c->law.load[region] / spot->capacity;
	if (!isnan(c->full) && c->full > target)
		target = c->full;
	switch (spot->why) {
	case CONTROLLER_FROZEN:
		snprintf(text, STATE_REASON, "frozen by hand");
		break;
	case CONTROLLER_STALE:
		snprintf(text, STATE_REASON, "load not known: stays");
		break;
	case CONTROLLER_FADES:
		snprintf(
		    text, STATE_REASON, "load not known: goes back to all");
		break;
	case CONTROLLER_AWAY:
		snprintf(text, STATE_REASON, "not usable: starts small");
		break;
	case CONTROLLER_UNLIMITED:
		snprintf(text, STATE_REASON, "no capacity: keeps all");
		break;
	case CONTROLLER_KEEPS:
	case CONTROLLER_SHEDS:
	case CONTROLLER_RETURNS:
	case CONTROLLER_LEARNS:
		snprintf(text, STATE_REASON,
		    "%.0f%% of its capacity, target %.0f%%%s%s", full * 100,
		    target * 100, why_word(spot->why),
		    c->counted ? "" : ", by load alone");
		break;
	}
}
