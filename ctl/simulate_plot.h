/* Runs of the simulator as a plot: one SVG that needs nothing else.  Called by
 * meridianctl simulate. */
#ifndef CTL_SIMULATE_PLOT_H
#define CTL_SIMULATE_PLOT_H

#include <stdio.h>

#include "ctl/simulated.h"

/*
 * simulate_plot(runs, n, to): below each other the ${n} runs, each of which has
 * a step and a region at least: load of each region over its capacity, what it
 * keeps, clients moved, hits of caches and queries over time, with what
 * happens.  Legible in print and on a dark page; texts are escaped.
 */
void simulate_plot(const struct simulated *runs, size_t n, FILE *to);

#endif
