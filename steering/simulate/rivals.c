/* Simple laws, for comparison.  Called by the simulator. */
#include "steering/simulate/rivals.h"

#include <math.h>

/* Of the reactive one: of what a region has above or below its target, in parts
 * of its capacity, so much is kept less or more a second. */
#define REACTION 0.02

const char *
rivals_name(enum rival rival)
{
	static const char *const names[RIVALS] = {
	    "product", "nearest", "weights", "least", "headroom", "reactive"};

	return names[rival];
}

bool
rivals_deals(enum rival rival)
{
	return rival == RIVAL_WEIGHTS || rival == RIVAL_LEAST ||
	    rival == RIVAL_HEADROOM;
}

/* Before anything is known a region is as good as empty. */
static double
fullness(const struct rival_region *r)
{
	return r->capacity > 0 && !isnan(r->load) ? r->load / r->capacity : 0;
}

/* The share of the region, not yet of a sum of 1. */
static double
weigh(enum rival rival, const struct rival_region *r)
{
	if (!r->usable)
		return 0;
	if (rival == RIVAL_HEADROOM)
		/* When all are full, a little is as good as any. */
		return fmax(
		    r->capacity * (1 - fullness(r)), r->capacity * 1e-3);
	return r->capacity;
}

static void
deal_to_least(const struct rival_region *regions, size_t n, double *out)
{
	size_t least = n;

	for (size_t i = 0; i < n; i++) {
		out[i] = 0;
		if (regions[i].usable &&
		    (least == n ||
			fullness(&regions[i]) < fullness(&regions[least])))
			least = i;
	}
	if (least < n)
		out[least] = 1;
}

static void
deal(
    enum rival rival, const struct rival_region *regions, size_t n, double *out)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += out[i] = weigh(rival, &regions[i]);
	for (size_t i = 0; i < n && sum > 0; i++)
		out[i] /= sum;
}

static void
react(const struct rival_region *regions, size_t n, double step_s,
    double target, double *out)
{
	for (size_t i = 0; i < n; i++) {
		double over = fullness(&regions[i]) - target;

		out[i] = fmin(fmax(out[i] - REACTION * step_s * over, 0), 1);
	}
}

void
rivals_step(enum rival rival, const struct rival_region *regions, size_t n,
    double step_s, double target, double *out)
{
	if (rival == RIVAL_LEAST)
		deal_to_least(regions, n, out);
	else if (rivals_deals(rival))
		deal(rival, regions, n, out);
	else if (rival == RIVAL_REACTIVE)
		react(regions, n, step_s, target, out);
}
