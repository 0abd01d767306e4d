/*
 * What is known of the two pools of a ramp, and whether the canary does worse
 * than it may.  Pure functions over structs, called by the law of ramps; reads
 * no clock and no table.
 *
 * Numbers of requests are noisy, and are looked at again and again: so a
 * difference counts only when the lower end of its interval of confidence is
 * above what is allowed.  Errors come in bursts, times to the first token in
 * waves: how much more than chance alone they vary is taken from the old
 * version, and widens the interval.  Tried in
 * tests/unit/steering/ramp_evidence.c.
 */
#ifndef STEERING_RAMP_EVIDENCE_H
#define STEERING_RAMP_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/steering.h"

/* Room for what is said of a difference: "errors 12% against 1%". */
#define RAMP_REASON 96

/* One look at a pool.  Weights are of the endpoints that are ever picked. */
struct ramp_look {
	double weight;
	double judged;         /* of it: with a fresh verdict */
	double down, degraded; /* of that */
	double counted; /* of what is up: its requests and errors are known */
	double timed;   /* of what is up: its time to the first token is */
	/* Since the look before: requests that went well, and errors. */
	double requests, errors;
	/* The mean of the logarithms of the times in microseconds, and how many
	 * requests these are of; 0: none. */
	double log_us, timed_requests;
};

/* A piece of time: what was counted in it. */
struct ramp_count {
	double requests; /* errors among them */
	double errors;
	double timed, log_us; /* the sum over them of the logarithm */
};

/* Pieces of so long, and so many of the last ones: five minutes. */
#define RAMP_PIECE_MS 5000
#define RAMP_PIECES 64

/* A pool since the share of the canary became what it is. */
struct ramp_pool {
	struct ramp_count all;
	struct ramp_count piece[RAMP_PIECES]; /* a ring */
	uint32_t n_pieces;                    /* that were begun */
	uint64_t piece_ms;                    /* how long the last one lasts */
};

/* ramp_pool_forget(pool): what was counted does not count any more, but how
 * much it varies is known still. */
void ramp_pool_forget(struct ramp_pool *pool);

/* ramp_pool_add(pool, look, passed_ms): add what ${look} has counted in the
 * ${passed_ms} since the look before. */
void ramp_pool_add(
    struct ramp_pool *pool, const struct ramp_look *look, uint64_t passed_ms);

/*
 * bound = ramp_errors_bound(canary, stable, spread): how much more errors a
 * request the canary has at least, as far as the counts tell; ${spread} is how
 * many times more than by chance they vary, ${z} how many standard deviations
 * below what is seen the bound is.
 */
double ramp_errors_bound(const struct ramp_count *canary,
    const struct ramp_count *stable, double spread, double z);

/* bound = ramp_token_bound(canary, stable, spread): the same of the logarithm
 * of the time to the first token. */
double ramp_token_bound(const struct ramp_count *canary,
    const struct ramp_count *stable, double spread, double z);

/* spread = ramp_errors_spread(pool): how many times more than by chance the
 * errors of its pieces vary, at least 1.  ramp_token_spread(): of times. */
double ramp_errors_spread(const struct ramp_pool *pool);
double ramp_token_spread(const struct ramp_pool *pool);

/*
 * worse = ramp_is_worse(config, canary, stable, canary_now, stable_now,
 * reason): the canary does worse than ${config} allows, by what was counted or
 * by the health of now; then ${reason} says in what.
 */
bool ramp_is_worse(const struct ramp_config *config,
    const struct ramp_pool *canary, const struct ramp_pool *stable,
    const struct ramp_look *canary_now, const struct ramp_look *stable_now,
    char reason[RAMP_REASON]);

#endif
