/*
 * Whether a canary does worse.  Called by ramp.c; does nothing but arithmetic.
 */
#include "steering/ramp_evidence.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/*
 * Standard deviations from the middle of an interval to its end.  A ramp is
 * looked at thousands of times, each time with some requests that are new, so
 * that what is one in a thousand comes within the hour.  Of 200 canaries that
 * had 1 % of errors, as the other pool had, in an hour at 10 requests a second,
 * with 3.09 for both there went back where 0.1 % more was allowed 98 %, where
 * 1 % was 15 %, with these 2 % and 1 %, and where 2 % was allowed none.  Of
 * those that had 1 % more than the other where 2 % was allowed there went back
 * 12 % (30 %).  The price is that of canaries with 12 % of errors, which have
 * 100 requests in two control periods, 63 % go back in these (80 %), all in
 * six; with 20 % of errors 97 %.
 */
#define Z_ALLOWED 3.5 /* above what is allowed */
#define Z_EQUAL 5     /* above none at all */

/*
 * The variance of the median of the logarithms of n times is this over n, where
 * times are spread like a lognormal with sigma 1, as those of language models
 * about are: pi / 2.
 */
#define MEDIAN_VARIANCE 1.5708

/* From fewer pieces, or errors, no spread is made. */
#define SPREAD_PIECES 6
#define SPREAD_ERRORS 5

/* --- counting --- */

static void
count_add(struct ramp_count *count, const struct ramp_count *more)
{
	count->requests += more->requests;
	count->errors += more->errors;
	count->timed += more->timed;
	count->log_us += more->log_us;
}

void
ramp_pool_add(
    struct ramp_pool *pool, const struct ramp_look *look, uint64_t passed_ms)
{
	struct ramp_count more = {.requests = look->requests + look->errors,
	    .errors = look->errors,
	    .timed = look->timed_requests,
	    .log_us = look->timed_requests > 0
		? look->log_us * look->timed_requests
		: 0};

	if (pool->n_pieces == 0 || pool->piece_ms + passed_ms > RAMP_PIECE_MS) {
		pool->piece[pool->n_pieces % RAMP_PIECES] =
		    (struct ramp_count){.requests = 0};
		pool->n_pieces++;
		pool->piece_ms = 0;
	}
	pool->piece_ms += passed_ms;
	count_add(&pool->piece[(pool->n_pieces - 1) % RAMP_PIECES], &more);
	count_add(&pool->all, &more);
}

void
ramp_pool_forget(struct ramp_pool *pool)
{
	pool->all = (struct ramp_count){.requests = 0};
}

/* The piece that is ${back} before the last one. */
static const struct ramp_count *
piece_at(const struct ramp_pool *pool, uint32_t back)
{
	return &pool->piece[(pool->n_pieces - 1 - back) % RAMP_PIECES];
}

static uint32_t
pieces_kept(const struct ramp_pool *pool)
{
	return pool->n_pieces < RAMP_PIECES ? pool->n_pieces : RAMP_PIECES;
}

/* What was counted in all pieces that are kept. */
static struct ramp_count
count_kept(const struct ramp_pool *pool)
{
	struct ramp_count sum = {.requests = 0};

	for (uint32_t i = 0; i < pieces_kept(pool); i++)
		count_add(&sum, piece_at(pool, i));
	return sum;
}

/* --- bounds --- */

/* The end of the interval of Wilson around ${errors} of ${n}: the lower one
 * where ${z} is below 0, the upper one where it is above. */
static double
wilson(double errors, double n, double z)
{
	double p = errors / n, z2 = z * z;
	double middle = p + z2 / (2 * n);
	double half = z * sqrt(p * (1 - p) / n + z2 / (4 * n * n));

	return (middle + half) / (1 + z2 / n);
}

/* The interval of a difference of shares is Newcombe's ("Interval estimation
 * for the difference between independent proportions", 1998, method 10), which
 * is good for few errors too.  Counts that vary more are worth fewer. */
double
ramp_errors_bound(const struct ramp_count *canary,
    const struct ramp_count *stable, double spread, double z)
{
	double n = canary->requests / spread, m = stable->requests / spread;
	double p, q, low, high;

	if (!(n > 0) || !(m > 0))
		return -1;
	p = canary->errors / canary->requests;
	q = stable->errors / stable->requests;
	low = p - wilson(p * n, n, -z);
	high = wilson(q * m, m, z) - q;
	return p - q - sqrt(low * low + high * high);
}

double
ramp_token_bound(const struct ramp_count *canary,
    const struct ramp_count *stable, double spread, double z)
{
	double variance;

	if (!(canary->timed > 0) || !(stable->timed > 0))
		return -INFINITY;
	variance =
	    MEDIAN_VARIANCE * spread * (1 / canary->timed + 1 / stable->timed);
	return canary->log_us / canary->timed - stable->log_us / stable->timed -
	    z * sqrt(variance);
}

static double
spread_of(double chi, uint32_t pieces)
{
	double spread = pieces < SPREAD_PIECES ? 1 : chi / (pieces - 1);

	return spread > 1 ? spread : 1;
}

double
ramp_errors_spread(const struct ramp_pool *pool)
{
	uint32_t n = pieces_kept(pool), used = 0;
	struct ramp_count sum = count_kept(pool);
	double p = sum.errors / sum.requests, chi = 0;

	if (!(sum.errors >= SPREAD_ERRORS) || !(p < 1))
		return 1;
	for (uint32_t i = 0; i < n; i++) {
		const struct ramp_count *piece = piece_at(pool, i);
		double off = piece->errors - p * piece->requests;

		if (!(piece->requests > 0))
			continue;
		used++;
		chi += off * off / (piece->requests * p * (1 - p));
	}
	return spread_of(chi, used);
}

double
ramp_token_spread(const struct ramp_pool *pool)
{
	uint32_t n = pieces_kept(pool), used = 0;
	struct ramp_count sum = count_kept(pool);
	double mean = sum.log_us / sum.timed, chi = 0;

	for (uint32_t i = 0; i < n; i++) {
		const struct ramp_count *piece = piece_at(pool, i);
		double off;

		if (!(piece->timed > 0))
			continue;
		used++;
		off = piece->log_us / piece->timed - mean;
		chi += off * off * piece->timed / MEDIAN_VARIANCE;
	}
	return spread_of(chi, used);
}

/* --- is it worse? --- */

/* The two pools over the same time. */
struct window {
	struct ramp_count canary, stable;
};

/* The shortest time up to now in which the canary has so many requests: what
 * began just now shows there.  Where the other pool has fewer in that, all that
 * it has. */
static struct window
window_of(const struct ramp_pool *canary, const struct ramp_pool *stable,
    double samples)
{
	struct window w = {.canary = {.requests = 0}};

	for (uint32_t i = 0; w.canary.requests < samples; i++) {
		if (i >= pieces_kept(canary))
			return (struct window){canary->all, stable->all};
		count_add(&w.canary, piece_at(canary, i));
		if (i < pieces_kept(stable))
			count_add(&w.stable, piece_at(stable, i));
	}
	if (w.stable.requests < samples)
		w.stable = stable->all;
	return w;
}

static bool
errors_worse(const struct ramp_config *config, const struct window *w,
    double spread, char reason[RAMP_REASON])
{
	double samples = config->samples;

	if (config->errors_ppm == RAMP_OFF || w->canary.requests < samples ||
	    w->stable.requests < samples)
		return false;
	if (!(ramp_errors_bound(&w->canary, &w->stable, spread, Z_ALLOWED) *
		    1e6 >
		config->errors_ppm) ||
	    !(ramp_errors_bound(&w->canary, &w->stable, spread, Z_EQUAL) > 0))
		return false;
	snprintf(reason, RAMP_REASON, "errors %.3g%% against %.3g%%",
	    100 * w->canary.errors / w->canary.requests,
	    100 * w->stable.errors / w->stable.requests);
	return true;
}

static bool
token_worse(const struct ramp_config *config, const struct window *w,
    double spread, char reason[RAMP_REASON])
{
	double samples = config->samples;

	if (config->first_token_ppm == RAMP_OFF || w->canary.timed < samples ||
	    w->stable.timed < samples)
		return false;
	if (!(ramp_token_bound(&w->canary, &w->stable, spread, Z_ALLOWED) >
		log1p(config->first_token_ppm / 1e6)) ||
	    !(ramp_token_bound(&w->canary, &w->stable, spread, Z_EQUAL) > 0))
		return false;
	snprintf(reason, RAMP_REASON, "first token %.3g ms against %.3g ms",
	    exp(w->canary.log_us / w->canary.timed) / 1000,
	    exp(w->stable.log_us / w->stable.timed) / 1000);
	return true;
}

/* Shares of weight differ by more than ${allowed}, which noise does not: rise,
 * fall and quorum have gone before. */
static bool
share_worse(uint32_t allowed, double canary, double stable, const char *word,
    char reason[RAMP_REASON])
{
	/* A millionth is how exact shares are. */
	if (allowed == RAMP_OFF || (canary - stable) * 1e6 < allowed + 1.0)
		return false;
	snprintf(reason, RAMP_REASON, "%.3g%% %s against %.3g%%", 100 * canary,
	    word, 100 * stable);
	return true;
}

bool
ramp_is_worse(const struct ramp_config *config, const struct ramp_pool *canary,
    const struct ramp_pool *stable, const struct ramp_look *canary_now,
    const struct ramp_look *stable_now, char reason[RAMP_REASON])
{
	struct window now = window_of(canary, stable, config->samples);
	struct window all = {canary->all, stable->all};
	double errors = ramp_errors_spread(stable);
	double token = ramp_token_spread(stable);
	double weight = canary_now->weight > 0 ? canary_now->weight : 1;
	double other = stable_now->weight > 0 ? stable_now->weight : 1;

	return share_worse(config->down_ppm, canary_now->down / weight,
		   stable_now->down / other, "down", reason) ||
	    share_worse(config->degraded_ppm, canary_now->degraded / weight,
		stable_now->degraded / other, "degraded", reason) ||
	    errors_worse(config, &now, errors, reason) ||
	    errors_worse(config, &all, errors, reason) ||
	    token_worse(config, &now, token, reason) ||
	    token_worse(config, &all, token, reason);
}
