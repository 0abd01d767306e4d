/*
 * Whether a canary does worse: bounds against numbers worked out by hand,
 * limits at their edges, and a model of requests that shows how often noise
 * takes a canary back, and how soon errors do.
 */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "steering/ramp.h"
#include "tests/unit/draw.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static const struct ramp_config silent = {.pool = "v2",
    .from = "v1",
    .both_ppm = 1000000,
    .to_ppm = 200000,
    .step_ppm = 50000,
    .every_ms = 600000,
    .hold_ms = 600000,
    .down_ppm = RAMP_OFF,
    .degraded_ppm = RAMP_OFF,
    .errors_ppm = RAMP_OFF,
    .first_token_ppm = RAMP_OFF,
    .samples = 100};

/* --- counting --- */

START_TEST(pieces_are_of_five_seconds)
{
	static const struct ramp_look look = {
	    .requests = 9, .errors = 1, .log_us = 12, .timed_requests = 5};
	struct ramp_pool pool = {.n_pieces = 0};

	for (int i = 0; i < 12; i++)
		ramp_pool_add(&pool, &look, 1000);
	ck_assert_uint_eq(pool.n_pieces, 3);
	ck_assert_uint_eq(pool.piece_ms, 2000);
	ck_assert_double_eq(pool.all.requests, 120);
	ck_assert_double_eq(pool.all.errors, 12);
	ck_assert_double_eq(pool.all.timed, 60);
	ck_assert_double_eq(pool.all.log_us, 720);
	ck_assert_double_eq(pool.piece[1].requests, 50);
	ck_assert_double_eq(pool.piece[2].requests, 20);
	ck_assert_double_eq(pool.piece[2].log_us, 120);
	/* A ring of them. */
	for (int i = 0; i < RAMP_PIECES * 5; i++)
		ramp_pool_add(&pool, &look, 1000);
	ck_assert_uint_eq(pool.n_pieces, 3 + RAMP_PIECES);
	ck_assert_double_eq(pool.piece[2].requests, 20);
	ck_assert_double_eq(pool.piece[1].requests, 50);
	ck_assert_double_eq(pool.all.requests, 10 * (12 + RAMP_PIECES * 5));
	ramp_pool_forget(&pool);
	ck_assert_double_eq(pool.all.requests, 0);
	ck_assert_double_eq(pool.piece[1].requests, 50);
}
END_TEST

/* --- bounds --- */

/* Newcombe (1998), table II: 56/70 against 48/80, method 10, 95 %: 0.0524 to
 * 0.3339; 9/10 against 3/10: 0.1705 to 0.8090; 10/10 against 0/20: 0.6791; 0/10
 * against 0/20: -0.1611. */
START_TEST(the_bound_of_errors_is_newcombes)
{
	static const struct {
		double errors, n, of_other, m, bound;
	} rows[] = {{56, 70, 48, 80, 0.0524}, {9, 10, 3, 10, 0.1705},
	    {10, 10, 0, 20, 0.6791}, {0, 10, 0, 20, -0.1611}};

	for (size_t i = 0; i < N(rows); i++) {
		struct ramp_count canary = {
		    .requests = rows[i].n, .errors = rows[i].errors};
		struct ramp_count stable = {
		    .requests = rows[i].m, .errors = rows[i].of_other};

		ck_assert_double_eq_tol(
		    ramp_errors_bound(&canary, &stable, 1, 1.959964),
		    rows[i].bound, 0.0001);
		/* What varies twice as much is worth half. */
		canary.requests *= 2;
		canary.errors *= 2;
		stable.requests *= 2;
		stable.errors *= 2;
		ck_assert_double_eq_tol(
		    ramp_errors_bound(&canary, &stable, 2, 1.959964),
		    rows[i].bound, 0.0001);
	}
}
END_TEST

START_TEST(nothing_is_known_of_no_requests)
{
	struct ramp_count none = {.requests = 0};
	struct ramp_count some = {.requests = 10, .errors = 9, .timed = 10};

	ck_assert_double_eq(ramp_errors_bound(&some, &none, 1, 1), -1);
	ck_assert_double_eq(ramp_errors_bound(&none, &some, 1, 1), -1);
	ck_assert(isinf(ramp_token_bound(&some, &none, 1, 1)));
	ck_assert(isinf(ramp_token_bound(&none, &some, 1, 1)));
	ck_assert(ramp_token_bound(&none, &some, 1, 1) < 0);
}
END_TEST

/* pi / 2 * (1 / 100 + 1 / 400) is 0.019635, its root 0.140125. */
START_TEST(the_bound_of_times_is_of_their_medians)
{
	struct ramp_count canary = {.timed = 100, .log_us = 1250};
	struct ramp_count stable = {.timed = 400, .log_us = 4800};

	ck_assert_double_eq_tol(
	    ramp_token_bound(&canary, &stable, 1, 2), 0.5 - 2 * 0.140125, 1e-5);
	ck_assert_double_eq_tol(
	    ramp_token_bound(&canary, &stable, 4, 2), 0.5 - 4 * 0.140125, 1e-5);
}
END_TEST

/* Pieces of 100 requests with so many errors each: the spread is the mean
 * square of what they are off, by what chance alone has, but the mean itself is
 * one number less. */
START_TEST(bursts_widen_the_bound)
{
	static const double errors[] = {0, 0, 30, 0, 0, 0, 0, 30, 0, 0};
	struct ramp_pool pool = {.n_pieces = 0};
	double chi = 0;

	for (size_t i = 0; i < N(errors); i++) {
		struct ramp_look look = {.requests = 100 - errors[i],
		    .errors = errors[i],
		    .timed_requests = 100,
		    .log_us = errors[i] > 0 ? 13 : 12};

		ramp_pool_add(&pool, &look, RAMP_PIECE_MS);
		chi += (errors[i] - 6) * (errors[i] - 6) / (100 * 0.06 * 0.94);
		/* Of five pieces nothing is said. */
		if (i < 5) {
			ck_assert_double_eq(ramp_errors_spread(&pool), 1);
			ck_assert_double_eq(ramp_token_spread(&pool), 1);
		}
	}
	ck_assert_double_eq_tol(ramp_errors_spread(&pool), chi / 9, 1e-9);
	ck_assert_double_eq_tol(ramp_token_spread(&pool),
	    (8 * 0.04 + 2 * 0.64) * 100 / 1.5708 / 9, 1e-3);
	/* Pieces without requests are no calm. */
	for (int i = 0; i < 20; i++) {
		static const struct ramp_look none = {.requests = 0};

		ramp_pool_add(&pool, &none, RAMP_PIECE_MS);
	}
	ck_assert_double_eq_tol(ramp_errors_spread(&pool), chi / 9, 1e-9);
	ck_assert_double_eq_tol(ramp_token_spread(&pool),
	    (8 * 0.04 + 2 * 0.64) * 100 / 1.5708 / 9, 1e-3);
}
END_TEST

/* Errors that vary a little more than by chance: each piece is 3 off. */
START_TEST(a_little_more_than_chance_counts_too)
{
	struct ramp_pool pool = {.n_pieces = 0};

	for (int i = 0; i < 10; i++) {
		double errors = i % 2 == 0 ? 3 : 9;
		struct ramp_look look = {
		    .requests = 100 - errors, .errors = errors};

		ramp_pool_add(&pool, &look, RAMP_PIECE_MS);
	}
	ck_assert_double_eq_tol(
	    ramp_errors_spread(&pool), 10 * 9 / (100 * 0.06 * 0.94) / 9, 1e-9);
}
END_TEST

START_TEST(what_is_even_does_not_narrow_it)
{
	struct ramp_pool pool = {.n_pieces = 0}, all = {.n_pieces = 0},
			 few = {.n_pieces = 0};

	for (int i = 0; i < 10; i++) {
		struct ramp_look look = {.requests = 90,
		    .errors = 10,
		    .timed_requests = 9,
		    .log_us = 12};

		ramp_pool_add(&pool, &look, RAMP_PIECE_MS);
		look.requests = 0;
		ramp_pool_add(&all, &look, RAMP_PIECE_MS);
		look.requests = 100;
		look.errors = i == 0 ? 4 : 0;
		ramp_pool_add(&few, &look, RAMP_PIECE_MS);
	}
	ck_assert_double_eq(ramp_errors_spread(&pool), 1);
	ck_assert_double_eq(ramp_token_spread(&pool), 1);
	/* Nor what is errors alone, or too few of them. */
	ck_assert_double_eq(ramp_errors_spread(&all), 1);
	ck_assert_double_eq(ramp_errors_spread(&few), 1);
}
END_TEST

/* --- limits --- */

static bool
is_worse(const struct ramp_config *config, struct ramp_look canary,
    struct ramp_look stable, char reason[RAMP_REASON])
{
	struct ramp_pool a = {.n_pieces = 0}, b = {.n_pieces = 0};

	reason[0] = '\0';
	ramp_pool_add(&a, &canary, 1000);
	ramp_pool_add(&b, &stable, 1000);
	return ramp_is_worse(config, &a, &b, &canary, &stable, reason);
}

START_TEST(shares_of_health_have_sharp_limits)
{
	static const struct {
		uint32_t down, degraded;
		struct ramp_look canary, stable;
		const char *reason;
	} rows[] = {
	    {250000, RAMP_OFF, {.weight = 4, .down = 1}, {.weight = 4}, ""},
	    {240000, RAMP_OFF, {.weight = 4, .down = 1}, {.weight = 4},
		"25% down against 0%"},
	    {240000, RAMP_OFF, {.weight = 4, .down = 1},
		{.weight = 10, .down = 1}, ""},
	    {100000, RAMP_OFF, {.weight = 4, .down = 1},
		{.weight = 10, .down = 1}, "25% down against 10%"},
	    {RAMP_OFF, RAMP_OFF, {.weight = 4, .down = 4}, {.weight = 4}, ""},
	    {0, RAMP_OFF, {.weight = 3, .down = 1}, {.weight = 3, .down = 1},
		""},
	    {0, RAMP_OFF, {.weight = 100, .down = 1}, {.weight = 3},
		"1% down against 0%"},
	    {RAMP_OFF, 250000, {.weight = 4, .degraded = 2}, {.weight = 4},
		"50% degraded against 0%"},
	    {RAMP_OFF, 500000, {.weight = 4, .degraded = 2}, {.weight = 4}, ""},
	    {RAMP_OFF, RAMP_OFF, {.weight = 4, .degraded = 2}, {.weight = 4},
		""},
	};
	char reason[RAMP_REASON];

	for (size_t i = 0; i < N(rows); i++) {
		struct ramp_config config = silent;

		config.down_ppm = rows[i].down;
		config.degraded_ppm = rows[i].degraded;
		ck_assert_msg(is_worse(&config, rows[i].canary, rows[i].stable,
				  reason) == (rows[i].reason[0] != '\0'),
		    "row %zu", i);
		ck_assert_str_eq(reason, rows[i].reason);
	}
}
END_TEST

START_TEST(numbers_count_from_samples_on)
{
	struct ramp_look canary = {.requests = 50,
	    .errors = 49,
	    .timed_requests = 99,
	    .log_us = log(400000)};
	struct ramp_look stable = {
	    .requests = 1000, .timed_requests = 1000, .log_us = log(100000)};
	struct ramp_config config = silent;
	char reason[RAMP_REASON];

	config.errors_ppm = 20000;
	ck_assert(!is_worse(&config, canary, stable, reason));
	canary.requests = 51;
	ck_assert(is_worse(&config, canary, stable, reason));
	ck_assert_str_eq(reason, "errors 49% against 0%");
	stable.requests = 99;
	ck_assert(!is_worse(&config, canary, stable, reason));
	config.errors_ppm = RAMP_OFF;
	config.first_token_ppm = 200000;
	ck_assert(!is_worse(&config, canary, stable, reason));
	canary.timed_requests = 100;
	ck_assert(is_worse(&config, canary, stable, reason));
	ck_assert_str_eq(reason, "first token 400 ms against 100 ms");
	stable.timed_requests = 99;
	ck_assert(!is_worse(&config, canary, stable, reason));
	/* It is the other one that is slow. */
	stable.timed_requests = 1000;
	stable.log_us = log(800000);
	ck_assert(!is_worse(&config, canary, stable, reason));
	config.first_token_ppm = RAMP_OFF;
	stable.log_us = log(100000);
	ck_assert(!is_worse(&config, canary, stable, reason));
}
END_TEST

/* After hours with few requests: what is kept of them is less than is asked
 * for, and all that was counted is looked at. */
START_TEST(too_few_requests_of_now_are_looked_at_with_all)
{
	static const struct ramp_look many = {.requests = 100000},
				      none = {.requests = 0},
				      now = {.errors = 60};
	struct ramp_config config = silent;
	struct ramp_pool canary = {.n_pieces = 0}, stable = {.n_pieces = 0};
	char reason[RAMP_REASON] = "";

	config.errors_ppm = 20000;
	ramp_pool_add(&canary, &many, RAMP_PIECE_MS);
	ramp_pool_add(&stable, &many, RAMP_PIECE_MS);
	for (int i = 0; i < RAMP_PIECES; i++) {
		ramp_pool_add(
		    &canary, i < RAMP_PIECES - 1 ? &none : &now, RAMP_PIECE_MS);
		ramp_pool_add(&stable, &none, RAMP_PIECE_MS);
	}
	ck_assert(
	    !ramp_is_worse(&config, &canary, &stable, &now, &none, reason));
	/* With as many as are asked for they count alone. */
	ramp_pool_add(&canary, &now, RAMP_PIECE_MS);
	ck_assert(
	    ramp_is_worse(&config, &canary, &stable, &now, &none, reason));
	ck_assert_str_eq(reason, "errors 100% against 0%");
}
END_TEST

/* With a million requests there is no noise, and what counts is what is
 * allowed: 2 % more, and 20 %. */
START_TEST(what_is_allowed_is_allowed)
{
	struct ramp_look canary = {.requests = 961000,
	    .errors = 39000,
	    .timed_requests = 1e6,
	    .log_us = log(118000)};
	struct ramp_look stable = {.requests = 980000,
	    .errors = 20000,
	    .timed_requests = 1e6,
	    .log_us = log(100000)};
	struct ramp_config config = silent;
	char reason[RAMP_REASON];

	config.errors_ppm = 20000;
	ck_assert(!is_worse(&config, canary, stable, reason));
	canary.errors = 42000;
	canary.requests = 958000;
	ck_assert(is_worse(&config, canary, stable, reason));
	config.errors_ppm = RAMP_OFF;
	config.first_token_ppm = 200000;
	ck_assert(!is_worse(&config, canary, stable, reason));
	canary.log_us = log(122000);
	ck_assert(is_worse(&config, canary, stable, reason));
}
END_TEST

/* --- a model of requests --- */

/* A pool of a model: its requests a second, and of 1 the errors among them; ten
 * times as many for ten seconds, now and then, where there are bursts; and the
 * median of the times. */
struct source {
	struct draw draw;
	double rate, errors, us;
	bool bursts;
	int burst_s;
	double times; /* as many errors as usual */
};

static double
draw_count(struct draw *draw, double mean)
{
	double n = 0, p = draw_unit(draw), limit = exp(-mean);

	if (mean > 30)
		return fmax(0, round(mean + sqrt(mean) * draw_gauss(draw)));
	while (p > limit) {
		p *= draw_unit(draw);
		n++;
	}
	return n;
}

static struct ramp_look
look_at(struct source *s)
{
	struct ramp_look look = {
	    .weight = 4, .judged = 4, .counted = 4, .timed = 4};
	double n = draw_count(&s->draw, s->rate);

	if (!s->bursts) {
		s->times = 1;
	} else if (s->burst_s-- <= 0) {
		s->burst_s = 9;
		s->times = draw_below(&s->draw, 10) == 0 ? 5.26 : 0.526;
	}
	look.errors = fmin(n, draw_count(&s->draw, n * s->errors * s->times));
	look.requests = n - look.errors;
	look.timed_requests = n;
	if (n > 0)
		look.log_us =
		    log(s->us) + draw_gauss(&s->draw) * sqrt(1.5708 / n);
	return look;
}

/* Walk for ${seconds}, of a service with ${rate} requests a second: when it
 * went back; -1: it did not. */
static int
drive(struct ramp *ramp, const struct ramp_config *config,
    struct source *canary, struct source *stable, double rate, int seconds)
{
	for (int i = 0; i < seconds; i++) {
		double share = ramp->share_ppm / 1e6;
		struct ramp_look a, b;

		canary->rate = rate * share;
		stable->rate = rate * (1 - share);
		a = look_at(canary);
		b = look_at(stable);
		ramp_walk(ramp, config, &a, &b, 1000);
		if (ramp->state == RAMP_BACK)
			return i + 1;
	}
	return -1;
}

/* Of 100 ramps of an hour each, from 0 % to 20 %, with a canary that is as good
 * as the other: how many went back. */
static int
false_aborts(struct ramp_config config, double rate, bool bursts)
{
	int back = 0;

	for (uint64_t seed = 0; seed < 100; seed++) {
		struct source canary = {.draw = draw_of(seed, 3),
		    .errors = 0.01,
		    .us = 2e5,
		    .bursts = bursts};
		struct source stable = canary;
		struct ramp ramp;

		stable.draw = draw_of(seed, 4);
		ramp_begin(&ramp, &config);
		back +=
		    drive(&ramp, &config, &canary, &stable, rate, 3600) >= 0;
		if (ramp.state != RAMP_BACK)
			ck_assert_uint_eq(ramp.state, RAMP_DONE);
	}
	return back;
}

/* As measured; the law may get better, not worse. */
START_TEST(noise_takes_nobody_back)
{
	struct ramp_config config = silent;

	config.errors_ppm = 20000;
	ck_assert_int_eq(false_aborts(config, 100, false), 0);
	ck_assert_int_eq(false_aborts(config, 1000, false), 0);
	/* What is allowed is next to nothing. */
	config.errors_ppm = 1000;
	ck_assert_int_le(false_aborts(config, 100, false), 4);
	config.errors_ppm = 20000;
	config.first_token_ppm = 200000;
	ck_assert_int_eq(false_aborts(config, 100, false), 0);
}
END_TEST

/* Bursts of ten times the errors that the canary has alone, for ten seconds,
 * every second minute or so. */
START_TEST(bursts_take_few_back)
{
	struct ramp_config config = silent;

	config.errors_ppm = 20000;
	ck_assert_int_le(false_aborts(config, 100, true), 12);
}
END_TEST

/* Of 200 canaries at 10 % of a service with 100 requests a second, well for
 * five minutes: how many went back within ${seconds} of the time when ${errors}
 * and ${us} began. */
static int
found(struct ramp_config config, double errors, double us, int seconds)
{
	int back = 0;

	for (uint64_t seed = 0; seed < 200; seed++) {
		struct source canary = {
		    .draw = draw_of(seed, 5), .errors = 0.01, .us = 2e5};
		struct source stable = canary;
		struct ramp ramp;

		stable.draw = draw_of(seed, 6);
		ramp_resume(&ramp, &config, RAMP_WALKING, 100000, 600000, "");
		if (drive(&ramp, &config, &canary, &stable, 100, 300) >= 0)
			continue;
		canary.errors = errors;
		canary.us = us;
		back +=
		    drive(&ramp, &config, &canary, &stable, 100, seconds) >= 0;
	}
	return back;
}

/* Two control periods are ten seconds. */
START_TEST(errors_take_it_back_in_two_control_periods)
{
	struct ramp_config config = silent;

	config.errors_ppm = 20000;
	ck_assert_int_ge(found(config, 0.12, 2e5, 10), 110);
	ck_assert_int_ge(found(config, 0.12, 2e5, 30), 196);
	ck_assert_int_ge(found(config, 0.2, 2e5, 10), 190);
	ck_assert_int_ge(found(config, 0.3, 2e5, 10), 199);
}
END_TEST

START_TEST(slowness_takes_it_back)
{
	struct ramp_config config = silent;

	config.first_token_ppm = 200000;
	ck_assert_int_ge(found(config, 0.01, 4e5, 30), 190);
	ck_assert_int_ge(found(config, 0.01, 6e5, 10), 180);
	ck_assert_int_ge(found(config, 0.01, 10e5, 10), 199);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering_ramp_evidence");
	TCase *tcase = tcase_create("evidence");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, pieces_are_of_five_seconds);
	tcase_add_test(tcase, the_bound_of_errors_is_newcombes);
	tcase_add_test(tcase, nothing_is_known_of_no_requests);
	tcase_add_test(tcase, the_bound_of_times_is_of_their_medians);
	tcase_add_test(tcase, bursts_widen_the_bound);
	tcase_add_test(tcase, a_little_more_than_chance_counts_too);
	tcase_add_test(tcase, what_is_even_does_not_narrow_it);
	tcase_add_test(tcase, shares_of_health_have_sharp_limits);
	tcase_add_test(tcase, numbers_count_from_samples_on);
	tcase_add_test(tcase, too_few_requests_of_now_are_looked_at_with_all);
	tcase_add_test(tcase, what_is_allowed_is_allowed);
	tcase_add_test(tcase, noise_takes_nobody_back);
	tcase_add_test(tcase, bursts_take_few_back);
	tcase_add_test(tcase, errors_take_it_back_in_two_control_periods);
	tcase_add_test(tcase, slowness_takes_it_back);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
