/*
 * The control law: how much of the clients that come to it each region of a
 * pool keeps, so that none has more load than it can work off.  Pure functions
 * over a struct; called by whoever controls a pool and by the simulator; reads
 * no clock, no file, and knows nothing of DNS or health.
 *
 * Cached answers and late metrics make a slow loop, in which to follow what is
 * measured overshoots.  So the law knows the loop: of each class of clients it
 * reckons where they were sent by all that was kept in the last minutes, by the
 * time that resolvers keep an answer, that a request is held and that metrics
 * are late.  What is reckoned this way and what is measured are of one moment,
 * and where they differ it is not for the delay, but since a class has more or
 * less load than its share of the answers: one answer is a client's or that of
 * a resolver with a million.  Weights of classes correct that (the step of
 * Richardson and Lucy: positive weights stay so, and their sum is the load).
 * A region that is told to keep a tenth of its clients keeps more, or less,
 * when a large resolver is in that tenth: its odds correct that.  From the load
 * of the classes follows what each region is to keep, and keep goes there in
 * small steps.
 *
 * Tried in the simulator: 400 resolvers, 20 % of noise on the answers, capacity
 * 100/60/40 and demand 30/30/40 (tests/unit/steering/simulate/promises.c), and
 * 8 to 30 regions of uneven size (regions.c there).
 */
#ifndef STEERING_LAW_H
#define STEERING_LAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LAW_REGIONS 64

/*
 * Regions of an order that are looked at: what so many of them do not keep is
 * kept by none.  With 8 a world of 16 regions went up and down without an end:
 * what the law took for coming back to the first went on to others.
 */
#define LAW_DEPTH 32

/* Metrics jump from one look to the next; what they are about is held for some
 * ten seconds anyway: so long they are smoothed. */
#define LAW_LOAD_S 20.0

/* What was kept, so many times, each a step or more long: as is needed for all
 * that may still be seen of it. */
#define LAW_PAST 128

struct law_config {
	double target; /* share of its capacity up to which none sheds: 0.85 */
	double keep_min;   /* what a region keeps in any case, 0 to 1 */
	uint32_t ttl_s;    /* resolvers keep an answer so long */
	uint32_t held_s;   /* a request is worked on so long, about */
	uint32_t smooth_s; /* loads are smoothed so long before they come */
	uint32_t step_s;   /* between two steps of the law, at least 1 */
};

/* A region now.  One that is not in use has no clients and keeps all. */
struct law_region {
	bool usable;
	bool frozen;     /* somebody said so: it keeps what it keeps */
	double capacity; /* in the unit of load; 0: not known, it never sheds */
	double load;     /* saturation x capacity, NAN: not known */
	bool old;        /* that is the last that was known, not of now */
	uint32_t late_s; /* how old that is */
	double passed;   /* of its clients it passes on in any case: 0 */
};

/* Clients that walk regions in one order, the usable ones of it alone. */
struct law_class {
	uint8_t order[LAW_DEPTH];
	uint8_t n;
	double answers; /* they got in this step; NAN: not counted */
};

/* What is known of a class beside its order. */
struct law_weight {
	double answers; /* a step, smoothed */
	double load;    /* of one of its answers, beside that of others */
};

struct law {
	double keep[LAW_REGIONS];
	double load[LAW_REGIONS]; /* smoothed; NAN: not known */
	uint64_t told;            /* regions whose load is of now (bit set) */
	/* To keep a client, beside those that it is told. */
	double odds[LAW_REGIONS];
	/* As full as this a region takes nobody back, since that was too much
	 * once; INFINITY: it never was. */
	double rest[LAW_REGIONS];
	/* How full it was when it began to take back, and how long ago it took
	 * last; NAN: it sheds. */
	double took_at[LAW_REGIONS], took_s[LAW_REGIONS];
	double past[LAW_PAST][LAW_REGIONS];
	uint32_t n_past; /* times that were begun */
	uint32_t n_last; /* steps of the last one */
};

/* law_init(law): every region keeps all, nothing is known. */
void law_init(struct law *law);

/* law_weight_init(weight): a class of which nothing is known. */
void law_weight_init(struct law_weight *weight);

/* law_resume(law, region, keep): before the first step: what the region kept
 * when a law before this one ended, 0 to 1. */
void law_resume(struct law *law, size_t region, double keep);

/*
 * law_step(law, config, regions, n_regions, classes, weights, n_classes): make
 * one step: law->keep is what each region is to keep from now on.  ${weights}
 * are of ${classes} and live on between steps.  A region whose load is not
 * known keeps what it kept, and nothing is learned from it.  With no class
 * counted those that have too much shed slowly by their load alone.
 */
void law_step(struct law *law, const struct law_config *config,
    const struct law_region *regions, size_t n_regions,
    const struct law_class *classes, struct law_weight *weights,
    size_t n_classes);

/*
 * law_flow(class, kept, share): write to share[i] which part of the class goes
 * to the region order[i], when each region keeps the part ${kept} of those that
 * come to it; what none of them keeps goes to the first.  The sum is 1.
 */
void law_flow(
    const struct law_class *class, const double *kept, double share[LAW_DEPTH]);

#endif
