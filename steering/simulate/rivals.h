/*
 * Laws that others steer by, simple ones, for comparison in the same world:
 * called by the simulator alone, never by what serves or controls.
 */
#ifndef STEERING_SIMULATE_RIVALS_H
#define STEERING_SIMULATE_RIVALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum rival {
	RIVAL_NONE,     /* the product's own law */
	RIVAL_NEAREST,  /* everyone to the nearest, whatever its load */
	RIVAL_WEIGHTS,  /* shares in proportion to capacity */
	RIVAL_LEAST,    /* everyone to the least loaded one */
	RIVAL_HEADROOM, /* shares in proportion to what is free */
	RIVAL_REACTIVE, /* keep follows the load that is seen */
	RIVALS
};

/* What a rival sees of a region. */
struct rival_region {
	bool usable;
	double capacity;
	double load; /* as late as metrics are; NAN: not known yet */
};

/* name = rivals_name(rival): "product", "nearest", "weights", "least",
 * "headroom", "reactive". */
const char *rivals_name(enum rival rival);

/* shares = rivals_deals(rival): it deals clients out by shares, wherever they
 * are; others walk their order. */
bool rivals_deals(enum rival rival);

/*
 * rivals_step(rival, regions, n, step_s, target, out): one step of ${step_s}.
 * Of one that deals out[i] is the share of region i, their sum 1 unless none is
 * usable; of others what it keeps, from what it kept on, which is there.
 */
void rivals_step(enum rival rival, const struct rival_region *regions, size_t n,
    double step_s, double target, double *out);

#endif
