/*
 * Who counts of those that have an opinion on an endpoint, and for what: each
 * vantage or, with `of: regions`, each region for half of its vantages; and of
 * these with `near` so many that are nearest to the endpoint.  Called by the
 * quorum; knows no votes that are worth less than others.
 */
#ifndef STEERING_ELECTORATE_H
#define STEERING_ELECTORATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One vantage with an opinion. */
struct elector {
	const char *name;
	uint64_t place; /* of its region, PLACE_NONE: in none */
	bool own;       /* that is the endpoint's */
	double apart;   /* from there (place_apart()); infinity: not known */
	bool up;        /* what it says */
	bool counts;    /* of the result: it is one of those that do */
};

/*
 * electorate_count(electors, n, regions, near, up, down): sort ${electors}, the
 * nearest first, names last, mark those that count, and count what they say: of
 * the ${near} nearest vantages, or regions, 0 for all.  Vantages in no region
 * are one region together, the farthest.
 */
void electorate_count(struct elector *electors, size_t n, bool regions,
    unsigned near, unsigned *up, unsigned *down);

#endif
