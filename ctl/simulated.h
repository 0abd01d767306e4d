/*
 * What a run of the simulator came to, as it is printed: a plain struct between
 * meridianctl simulate and the files simulate_* that write it as a table, CSV,
 * JSON and a plot.  Numbers that are not known are NAN.
 */
#ifndef CTL_SIMULATED_H
#define CTL_SIMULATED_H

#include <stddef.h>

struct simulated_region {
	const char *name;
	double capacity; /* in the unit of the file */
	double demand;   /* usual, of the clients that it is the first for */
	double mean;     /* load, of the capacity that was up */
	double most;
	double over;   /* share of time above its capacity */
	double excess; /* mean of the load above its capacity */
};

/* A region at a step. */
struct simulated_cell {
	double capacity, load, keep;
};

struct simulated_step {
	double at_s;
	double demand;  /* of all clients, in the unit of capacity */
	double moved;   /* share of the clients, a minute */
	double away;    /* share of them that is not at its first region */
	double lost;    /* share of them that is sent to what is down */
	double hits;    /* share that caches of resolvers answer */
	double queries; /* a second, that the servers see */
};

/* Something that happens. */
struct simulated_mark {
	double at_s;
	const char *text;
};

struct simulated {
	const char *service; /* without the last dot */
	const char *scenario;
	const char *law;
	const char *subject;  /* the region that it happens to, or "" */
	const char *about;    /* what happens, a sentence */
	const char *settings; /* of the run, separated by commas */
	const struct simulated_region *regions;
	size_t n_regions;
	const struct simulated_step *steps;
	size_t n_steps;
	const struct simulated_cell *cells; /* of each step all regions */
	const struct simulated_mark *marks; /* in the order of time */
	size_t n_marks;
	/* Of the whole run. */
	double over;   /* share of time in which any region is */
	double most;   /* load of a region over its capacity */
	double excess; /* mean of all load above capacity */
	double least;  /* the least that it could have been */
	double moved, moved_most, away, lost, hits, queries;
	/* To another endpoint of its region or elsewhere; how busy the busiest
	 * endpoint is beside its region, the mean of the worst region. */
	double moved_endpoint, unevenness;
};

#endif
