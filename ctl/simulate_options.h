/*
 * The command line of meridianctl simulate, read and checked by itself: what is
 * asked for, with what is usual where nothing is said.  Called by it.
 */
#ifndef CTL_SIMULATE_OPTIONS_H
#define CTL_SIMULATE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/options.h"
#include "steering/simulate/rivals.h"

/* As many scenarios at once. */
#define SIMULATE_SCENARIOS 16

struct simulate_options {
	const char *words[SIMULATE_SCENARIOS]; /* a service, and scenarios */
	size_t n_words;
	const char *region, *pool, *endpoint, *demand, *csv,
	    *svg; /* NULL: not said */
	/* Seconds; 0: not said. */
	uint32_t for_s, ttl_s;
	uint32_t settle_s, held_s, lag_s, late_s, over_s, stretch_s;
	uint32_t resolvers, subnets, networks, requests, seed;
	/* In millionths. */
	uint32_t load, noise, stretch, swing, to, zipf, times;
	enum rival law;
	bool uneven, compare, json, quiet;
};

/* status = simulate_options_read(out, argc, argv): -1 to go on; else the exit
 * status, with what is wrong on standard error. */
int simulate_options_read(struct simulate_options *out, int argc, char **argv);

#endif
