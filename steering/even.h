/*
 * Evens out the endpoints of one region: a factor on the weight of each, in
 * sixteenths, from how full it is beside its region.  Networks are of uneven
 * size and machines of uneven speed, so that endpoints of one weight are not
 * equally full.  Pure functions over structs; called by meridian-probe and by
 * the simulator alike; reads no clock and no file, and knows nothing of DNS.
 *
 * A change shows late: resolvers keep answers, requests are held, loads are
 * smoothed.  So what is measured is divided by the factor that clients have
 * come to feel by then, which gives how full the endpoint would be with all of
 * its weight: that does not change when its factor does, and the next step
 * reckons with it instead of stepping until the first is seen.
 *
 * Steps are few and small: the fullest endpoint may have twice the clients of
 * others.  A round has as many as move EVEN_MOVED of the clients, but at least
 * one, the fullest endpoint first, and the next round comes when these have
 * moved at that rate, a minute later at least.  Within a band around the mean
 * nothing moves.  There is always an endpoint with all of its weight, for if
 * all sank nothing would be gained and the room to sink be lost.
 *
 * Tried in tests/unit/steering/even.c.
 */
#ifndef STEERING_EVEN_H
#define STEERING_EVEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EVEN_FULL 16 /* all of its weight */
#define EVEN_LEAST \
	4 /* a quarter: what is fuller still is no matter of weights,
			and a machine that recovers must be seen to */

/* Of the clients of a region so many are meant to move a minute at most.  Half
 * of the 2 % that are promised: a sticky prefix moves as one, and a large one
 * has 1 % by itself. */
#define EVEN_MOVED 0.01

/* Between two rounds of steps. */
#define EVEN_ROUND_S 60

/* It is watched so long before it moves anything or is moved. */
#define EVEN_LEARN_S 30

/* Below so much of its capacity, on average, a region is left as it is: a few
 * requests more or less harm nobody and are chance. */
#define EVEN_IDLE 0.1

/* When a change is felt. */
struct even_settings {
	uint32_t ttl_s;    /* resolvers keep an answer so long */
	uint32_t held_s;   /* a request is worked on so long, about */
	uint32_t smooth_s; /* time constant of saturations */
};

struct even_endpoint {
	/* Of now, set before each step. */
	bool usable;       /* clients are sent to it, with all of its weight */
	uint32_t weight;   /* of the file */
	double saturation; /* NAN: not known, or too old to count */
	/* Kept by even_step(). */
	uint32_t sixteenths; /* EVEN_LEAST to EVEN_FULL */
	double felt;         /* sixteenths, as clients have followed them */
	double heat;      /* how full with all of its weight; NAN: not known */
	uint32_t known_s; /* for how long, at most EVEN_LEARN_S */
	double busy;      /* beside the mean of its region, when clients have
			followed; NAN: not known */
	bool stepped;     /* in the last step */
};

struct even {
	double wait_s;   /* until the next round */
	double patience; /* rounds are so many times as seldom, at least 1 */
	double spread;   /* before the last round; NAN: there was none */
};

/* even_init(even): a region; even_endpoint_init(endpoint, sixteenths): one of
 * its endpoints with the factor that it had last, or EVEN_FULL. */
void even_init(struct even *even);
void even_endpoint_init(struct even_endpoint *endpoint, uint32_t sixteenths);

/*
 * moved = even_step(even, settings, endpoints, n, step_s, frozen): ${step_s}
 * have passed since the step before: learn from what is known of the ${n}
 * endpoints of a region, and step their sixteenths unless ${frozen}.  Returns
 * how many have stepped.  What is not usable or not known keeps its factor, and
 * where less than half is known all do.
 */
size_t even_step(struct even *even, const struct even_settings *settings,
    struct even_endpoint *endpoints, size_t n, uint32_t step_s, bool frozen);

#endif
