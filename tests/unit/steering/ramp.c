/*
 * The law of ramps: how a canary walks, waits, holds, goes back and goes on
 * after a restart.
 */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "steering/ramp.h"
#include "tests/unit/draw.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* 0 % to 20 % by 5 % every 10 s, held for 20 s; health alone counts. */
static const struct ramp_config plain = {.pool = "v2",
    .from = "v1",
    .both_ppm = 1000000,
    .to_ppm = 200000,
    .step_ppm = 50000,
    .every_ms = 10000,
    .hold_ms = 20000,
    .down_ppm = 300000,
    .degraded_ppm = RAMP_OFF,
    .errors_ppm = RAMP_OFF,
    .first_token_ppm = RAMP_OFF,
    .samples = 100};

static struct ramp_config
with_errors(void)
{
	struct ramp_config config = plain;

	config.errors_ppm = 20000;
	return config;
}

/* A pool of four endpoints that is well and serves 50 requests a look, 1 of
 * them an error. */
static const struct ramp_look well = {.weight = 4,
    .judged = 4,
    .counted = 4,
    .timed = 4,
    .requests = 49,
    .errors = 1,
    .log_us = 12,
    .timed_requests = 50};

/* ${n} looks, one a second; true when one of them moved it. */
static bool
walk(struct ramp *ramp, const struct ramp_config *config,
    const struct ramp_look *canary, const struct ramp_look *stable, int n)
{
	bool moved = false;

	while (n-- > 0)
		moved |= ramp_walk(ramp, config, canary, stable, 1000);
	return moved;
}

START_TEST(it_walks_holds_and_is_done)
{
	static const struct {
		int after_s;
		uint32_t share;
		enum ramp_state state;
		uint32_t next;
	} rows[] = {{9, 0, RAMP_WALKING, 50000},
	    {1, 50000, RAMP_WALKING, 100000}, {9, 50000, RAMP_WALKING, 100000},
	    {1, 100000, RAMP_WALKING, 150000},
	    {10, 150000, RAMP_WALKING, 200000}, {10, 200000, RAMP_HOLDING, 0},
	    {19, 200000, RAMP_HOLDING, 0}, {1, 200000, RAMP_DONE, 0},
	    {1000, 200000, RAMP_DONE, 0}};
	struct ramp ramp;
	uint32_t next;

	ramp_begin(&ramp, &plain);
	ck_assert_uint_eq(ramp.left_ms, 10000);
	for (size_t i = 0; i < N(rows); i++) {
		uint32_t before = ramp.share_ppm;
		enum ramp_state was = ramp.state;
		bool moved = walk(&ramp, &plain, &well, &well, rows[i].after_s);

		ck_assert_msg(ramp.share_ppm == rows[i].share, "row %zu: %u", i,
		    ramp.share_ppm);
		ck_assert_uint_eq(ramp.state, rows[i].state);
		ck_assert(
		    moved == (ramp.share_ppm != before || ramp.state != was));
		ck_assert(
		    ramp_next(&ramp, &plain, &next) == (rows[i].next > 0));
		if (rows[i].next > 0)
			ck_assert_uint_eq(next, rows[i].next);
		ck_assert(!ramp.waits);
		ck_assert_str_eq(ramp.reason, "");
	}
}
END_TEST

START_TEST(the_last_step_is_what_is_left)
{
	struct ramp_config config = plain;
	struct ramp ramp;

	config.start_ppm = 10000;
	config.to_ppm = 70000;
	config.hold_ms = 0;
	ramp_begin(&ramp, &config);
	ck_assert_uint_eq(ramp.share_ppm, 10000);
	walk(&ramp, &config, &well, &well, 10);
	ck_assert_uint_eq(ramp.share_ppm, 60000);
	walk(&ramp, &config, &well, &well, 10);
	ck_assert_uint_eq(ramp.share_ppm, 70000);
	ck_assert_uint_eq(ramp.state, RAMP_HOLDING);
	/* Nothing is held: the next look ends it. */
	walk(&ramp, &config, &well, &well, 1);
	ck_assert_uint_eq(ramp.state, RAMP_DONE);
}
END_TEST

/* What is not seen, of a ramp at 5 % with errors and times: a change to one of
 * the looks, and what is said. */
static const struct {
	size_t offset; /* in struct ramp_look */
	bool of_stable;
	double value;
	const char *reason;
} unseen[] = {
    {offsetof(struct ramp_look, judged), false, 3, "waits: v2 is not checked"},
    {offsetof(struct ramp_look, counted), false, 3,
	"waits: v2 does not tell its errors and requests"},
    {offsetof(struct ramp_look, timed), false, 3,
	"waits: v2 does not tell its time to the first token"},
    {offsetof(struct ramp_look, judged), true, 1.5, "waits: v1 is not checked"},
    {offsetof(struct ramp_look, down), true, 4, "waits: v1 is down"},
    {offsetof(struct ramp_look, counted), true, 1.5,
	"waits: v1 does not tell its errors and requests"},
    {offsetof(struct ramp_look, timed), true, 1.5,
	"waits: v1 does not tell its time to the first token"},
};

static struct ramp_config
with_all(void)
{
	struct ramp_config config = with_errors();

	config.first_token_ppm = 200000;
	return config;
}

START_TEST(time_in_which_nothing_is_seen_does_not_count)
{
	struct ramp_config config = with_all();
	struct ramp ramp;

	for (size_t i = 0; i < N(unseen); i++) {
		struct ramp_look canary = well, stable = well;
		struct ramp_look *look =
		    unseen[i].of_stable ? &stable : &canary;

		ramp_resume(&ramp, &config, RAMP_WALKING, 50000, 10000, "");
		walk(&ramp, &config, &well, &well, 5);
		ck_assert_uint_eq(ramp.left_ms, 5000);
		memcpy((char *)look + unseen[i].offset, &unseen[i].value,
		    sizeof(double));
		ck_assert(!walk(&ramp, &config, &canary, &stable, 100));
		ck_assert(ramp.waits);
		ck_assert_str_eq(ramp.reason, unseen[i].reason);
		ck_assert_uint_eq(ramp.left_ms, 5000);
		walk(&ramp, &config, &well, &well, 4);
		ck_assert(!ramp.waits);
		ck_assert_str_eq(ramp.reason, "");
		ck_assert_uint_eq(ramp.share_ppm, 50000);
		walk(&ramp, &config, &well, &well, 1);
		ck_assert_uint_eq(ramp.share_ppm, 100000);
	}
}
END_TEST

/* Half of the old version may be silent. */
START_TEST(half_of_the_old_version_is_enough)
{
	struct ramp_config config = with_all();
	struct ramp_look stable = well;
	struct ramp ramp;

	stable.judged = stable.counted = stable.timed = 2;
	ramp_resume(&ramp, &config, RAMP_WALKING, 50000, 10000, "");
	walk(&ramp, &config, &well, &stable, 10);
	ck_assert_uint_eq(ramp.share_ppm, 100000);
}
END_TEST

/* A canary without clients tells nothing but whether it is there. */
START_TEST(the_first_step_needs_health_alone)
{
	struct ramp_config config = with_all();
	struct ramp_look idle = {.weight = 2, .judged = 1},
			 silent = {.weight = 4};
	struct ramp ramp;

	ramp_begin(&ramp, &config);
	walk(&ramp, &config, &idle, &silent, 100);
	ck_assert_uint_eq(ramp.left_ms, 10000);
	ck_assert_str_eq(ramp.reason, "waits: v2 is not checked");
	idle.judged = idle.down = 2;
	idle.weight = 2;
	config.down_ppm = RAMP_OFF;
	walk(&ramp, &config, &idle, &silent, 100);
	ck_assert_uint_eq(ramp.left_ms, 10000);
	ck_assert_str_eq(ramp.reason, "waits: v2 is down");
	ck_assert_uint_eq(ramp.share_ppm, 0);
	idle.down = 0;
	walk(&ramp, &config, &idle, &silent, 10);
	ck_assert_uint_eq(ramp.share_ppm, 50000);
	walk(&ramp, &config, &idle, &well, 1);
	ck_assert_str_eq(
	    ramp.reason, "waits: v2 does not tell its errors and requests");
}
END_TEST

START_TEST(a_step_waits_for_samples_since_the_last)
{
	struct ramp_config config = with_errors();
	struct ramp_look few = well;
	struct ramp ramp;

	few.requests = 4;
	few.errors = 0;
	ramp_resume(&ramp, &config, RAMP_WALKING, 50000, 10000, "");
	walk(&ramp, &config, &few, &well, 24);
	/* The time is over, the step is due, and 96 requests are too few. */
	ck_assert_uint_eq(ramp.left_ms, 0);
	ck_assert(ramp.waits);
	ck_assert_str_eq(ramp.reason, "waits: 96 of 100 requests of v2");
	ck_assert_uint_eq(ramp.share_ppm, 50000);
	ck_assert(walk(&ramp, &config, &few, &well, 1));
	ck_assert_uint_eq(ramp.share_ppm, 100000);
	/* They count anew. */
	walk(&ramp, &config, &few, &well, 24);
	ck_assert_uint_eq(ramp.share_ppm, 100000);
	ramp_resume(&ramp, &config, RAMP_WALKING, 50000, 10000, "");
	walk(&ramp, &config, &well, &few, 24);
	ck_assert_str_eq(ramp.reason, "waits: 96 of 100 requests of v1");
	/* And of times to the first token. */
	config.errors_ppm = RAMP_OFF;
	config.first_token_ppm = 200000;
	few = well;
	few.timed_requests = 4;
	ramp_resume(&ramp, &config, RAMP_WALKING, 50000, 10000, "");
	walk(&ramp, &config, &few, &well, 24);
	ck_assert_str_eq(ramp.reason, "waits: 96 of 100 requests of v2");
	ramp_resume(&ramp, &config, RAMP_WALKING, 50000, 10000, "");
	walk(&ramp, &config, &well, &few, 24);
	ck_assert_str_eq(ramp.reason, "waits: 96 of 100 requests of v1");
}
END_TEST

START_TEST(it_goes_back_to_the_start_and_stays)
{
	struct ramp_config config = with_errors();
	struct ramp_look bad = well;
	struct ramp ramp;

	config.start_ppm = 20000;
	bad.errors = 6;
	bad.requests = 44;
	ramp_resume(&ramp, &config, RAMP_WALKING, 100000, 10000, "");
	/* 100 requests of each: two looks. */
	ck_assert(!walk(&ramp, &config, &bad, &well, 1));
	bad.errors = 40;
	bad.requests = 10;
	ck_assert(walk(&ramp, &config, &bad, &well, 1));
	ck_assert_uint_eq(ramp.state, RAMP_BACK);
	ck_assert_uint_eq(ramp.share_ppm, 20000);
	ck_assert_str_eq(ramp.reason, "errors 46% against 2%");
	ck_assert(!ramp.waits);
	ck_assert(!walk(&ramp, &config, &well, &well, 1000));
	ck_assert_uint_eq(ramp.state, RAMP_BACK);
	ck_assert_uint_eq(ramp.share_ppm, 20000);
	ck_assert_str_eq(ramp.reason, "errors 46% against 2%");
	ramp_pause(&ramp, true, "frozen");
	ck_assert_str_eq(ramp.reason, "errors 46% against 2%");
}
END_TEST

START_TEST(it_goes_back_from_its_end_but_not_when_it_is_done)
{
	struct ramp_look down = well;
	struct ramp ramp;

	down.down = 2;
	ramp_resume(&ramp, &plain, RAMP_HOLDING, 200000, 20000, "");
	ck_assert(walk(&ramp, &plain, &down, &well, 1));
	ck_assert_uint_eq(ramp.state, RAMP_BACK);
	ck_assert_uint_eq(ramp.share_ppm, 0);
	ck_assert_str_eq(ramp.reason, "50% down against 0%");
	ramp_resume(&ramp, &plain, RAMP_DONE, 200000, 0, "");
	ck_assert(!walk(&ramp, &plain, &down, &well, 100));
	ck_assert_uint_eq(ramp.share_ppm, 200000);
	ck_assert_uint_eq(ramp.state, RAMP_DONE);
}
END_TEST

/* A network that fails takes both away, and what is down serves nobody. */
START_TEST(it_does_not_go_back_to_what_is_down)
{
	struct ramp_config config = with_errors();
	struct ramp_look down = well, bad = well;
	struct ramp ramp;

	down.down = 4;
	bad.errors = 50;
	bad.requests = 0;
	ramp_resume(&ramp, &config, RAMP_WALKING, 100000, 10000, "");
	ck_assert(!walk(&ramp, &config, &bad, &down, 100));
	ck_assert_uint_eq(ramp.share_ppm, 100000);
	ck_assert(ramp.waits);
	down.down = 3;
	ck_assert(walk(&ramp, &config, &bad, &down, 1));
	ck_assert_uint_eq(ramp.state, RAMP_BACK);
}
END_TEST

/* Where it is at its start there is no way back, and none on. */
START_TEST(at_the_start_it_waits)
{
	struct ramp_look down = well;
	struct ramp ramp;

	down.down = 3;
	ramp_begin(&ramp, &plain);
	ck_assert(!walk(&ramp, &plain, &down, &well, 100));
	ck_assert_uint_eq(ramp.state, RAMP_WALKING);
	ck_assert_uint_eq(ramp.left_ms, 10000);
	ck_assert_str_eq(ramp.reason, "waits: 75% down against 0%");
	walk(&ramp, &plain, &well, &well, 10);
	ck_assert_uint_eq(ramp.share_ppm, 50000);
}
END_TEST

/* Blue and green: then the old version has no clients, and what it had before
 * is what the new one is compared with. */
START_TEST(one_step_has_a_way_back)
{
	struct ramp_config config = with_errors();
	struct ramp_look bad = well, gone = {.weight = 4, .judged = 4};
	struct ramp ramp;

	config.to_ppm = config.step_ppm = 1000000;
	config.hold_ms = 600000;
	bad.errors = 10;
	ramp_begin(&ramp, &config);
	walk(&ramp, &config, &well, &well, 10);
	ck_assert_uint_eq(ramp.share_ppm, 1000000);
	ck_assert_uint_eq(ramp.state, RAMP_HOLDING);
	/* Long after all pieces of the old version are over. */
	walk(&ramp, &config, &well, &gone, 400);
	ck_assert_uint_eq(ramp.left_ms, 200000);
	ck_assert(!ramp.waits);
	ck_assert(walk(&ramp, &config, &bad, &gone, 10));
	ck_assert_uint_eq(ramp.state, RAMP_BACK);
	ck_assert_uint_eq(ramp.share_ppm, 0);
	/* After a restart nothing is left to compare with but health. */
	ramp_resume(&ramp, &config, RAMP_HOLDING, 1000000, 5000, "");
	ck_assert(walk(&ramp, &config, &bad, &gone, 5));
	ck_assert_uint_eq(ramp.state, RAMP_DONE);
}
END_TEST

START_TEST(somebody_lets_it_wait)
{
	struct ramp_config config = with_errors();
	struct ramp ramp;

	ramp_resume(&ramp, &config, RAMP_WALKING, 50000, 10000, "");
	walk(&ramp, &config, &well, &well, 4);
	ramp_pause(&ramp, false, "frozen by ada");
	ck_assert(ramp.waits);
	ck_assert_str_eq(ramp.reason, "waits: frozen by ada");
	ck_assert_uint_eq(ramp.left_ms, 6000);
	ck_assert_double_eq(ramp.canary.all.requests, 200);
	/* With another share nothing of what was counted is of this one. */
	ramp_pause(&ramp, true, "canary by ada");
	ck_assert_double_eq(ramp.canary.all.requests, 0);
	ck_assert_double_eq(ramp.stable.all.requests, 0);
	walk(&ramp, &config, &well, &well, 6);
	ck_assert_uint_eq(ramp.share_ppm, 100000);
}
END_TEST

START_TEST(what_was_stored_is_kept_inside_the_ramp)
{
	struct ramp_config config = plain;
	struct ramp ramp;

	config.start_ppm = 20000;
	ramp_resume(&ramp, &config, RAMP_WALKING, 10000, UINT64_MAX, "x");
	ck_assert_uint_eq(ramp.share_ppm, 20000);
	ck_assert_uint_eq(ramp.left_ms, 10000);
	ck_assert_str_eq(ramp.reason, "x");
	ramp_resume(&ramp, &config, RAMP_HOLDING, 900000, UINT64_MAX, "");
	ck_assert_uint_eq(ramp.share_ppm, 200000);
	ck_assert_uint_eq(ramp.left_ms, 20000);
	ck_assert_uint_eq(ramp.state, RAMP_HOLDING);
}
END_TEST

/* One that went back takes no step, nor one that is at its end already. */
START_TEST(what_is_over_has_no_next_step)
{
	struct ramp ramp;
	uint32_t next;

	ramp_resume(&ramp, &plain, RAMP_BACK, 0, 0, "");
	ck_assert(!ramp_next(&ramp, &plain, &next));
	ramp_resume(&ramp, &plain, RAMP_WALKING, 200000, 1000, "");
	ck_assert(!ramp_next(&ramp, &plain, &next));
	ck_assert(walk(&ramp, &plain, &well, &well, 1));
	ck_assert_uint_eq(ramp.state, RAMP_DONE);
	ck_assert_uint_eq(ramp.share_ppm, 200000);
}
END_TEST

START_TEST(states_have_names)
{
	static const char *const names[] = {
	    "walking", "holding", "back", "done"};
	enum ramp_state state;

	for (int i = RAMP_WALKING; i <= RAMP_DONE; i++) {
		ck_assert_str_eq(ramp_state_name((enum ramp_state)i), names[i]);
		ck_assert_int_eq(ramp_state_parse(names[i], &state), 0);
		ck_assert_uint_eq(state, (unsigned)i);
	}
	ck_assert_int_eq(ramp_state_parse("", &state), -1);
	ck_assert_int_eq(ramp_state_parse("Walking", &state), -1);
}
END_TEST

/* --- properties, of 2,000 random ramps --- */

static struct ramp_config
random_config(struct draw *draw)
{
	struct ramp_config config = with_all();

	config.start_ppm = (uint32_t)draw_below(draw, 500000);
	config.to_ppm = config.start_ppm + 1 +
	    (uint32_t)draw_below(draw, 1000000 - config.start_ppm);
	config.step_ppm = 10000 + (uint32_t)draw_below(draw, 1000000);
	config.every_ms = 1000 + draw_below(draw, 30000);
	config.hold_ms = draw_below(draw, 30000);
	return config;
}

/* What of a ramp is stored, and nothing else, goes to ${copy}. */
static void
restart(const struct ramp *ramp, const struct ramp_config *config,
    struct ramp *copy)
{
	struct ramp stored = *ramp;

	ramp_resume(copy, config, stored.state, stored.share_ppm,
	    stored.left_ms, stored.reason);
}

static struct ramp_look
random_look(struct draw *draw)
{
	struct ramp_look look = well;

	if (draw_below(draw, 10) == 0)
		look.judged = (double)draw_below(draw, 5);
	if (draw_below(draw, 10) == 0)
		look.counted = (double)draw_below(draw, 5);
	if (draw_below(draw, 10) == 0)
		look.requests = 0;
	return look;
}

/* Whatever is seen, the share only grows, by at most a step, not before its
 * time, until it goes back at once and stays; and never leaves its bounds. */
START_TEST(no_network_moves_back_and_forth)
{
	for (uint64_t seed = 0; seed < 2000; seed++) {
		struct draw draw = draw_of(seed, 1);
		struct ramp_config config = random_config(&draw);
		uint32_t before = config.start_ppm;
		uint64_t since_ms = 0;
		bool fell = false;
		struct ramp ramp;

		ramp_begin(&ramp, &config);
		for (int i = 0; i < 300; i++) {
			struct ramp_look canary = random_look(&draw);
			struct ramp_look stable = random_look(&draw);
			uint64_t ms = draw_below(&draw, 3000);

			if (draw_below(&draw, 100) == 0)
				canary.errors = 40;
			if (draw_below(&draw, 20) == 0)
				restart(&ramp, &config, &ramp);
			ramp_walk(&ramp, &config, &canary, &stable, ms);
			since_ms += ms;
			ck_assert_uint_ge(ramp.share_ppm, config.start_ppm);
			ck_assert_uint_le(ramp.share_ppm, config.to_ppm);
			if (ramp.share_ppm > before) {
				ck_assert(!fell);
				ck_assert_uint_le(
				    ramp.share_ppm - before, config.step_ppm);
				ck_assert_uint_ge(since_ms, config.every_ms);
				since_ms = 0;
			}
			if (ramp.share_ppm < before) {
				ck_assert_uint_eq(
				    ramp.share_ppm, config.start_ppm);
				fell = true;
			}
			ck_assert(fell == (ramp.state == RAMP_BACK));
			before = ramp.share_ppm;
		}
	}
}
END_TEST

/* A ramp that ends and begins again at any look takes the very same steps at
 * the same looks, where health alone counts; where requests do, it counts them
 * anew, and gets to the same end. */
START_TEST(a_restart_goes_on_where_it_was)
{
	for (uint64_t seed = 0; seed < 2000; seed++) {
		struct draw draw = draw_of(seed, 2);
		struct ramp_config config = random_config(&draw);
		struct ramp one, other;

		config.errors_ppm = config.first_token_ppm = RAMP_OFF;
		ramp_begin(&one, &config);
		ramp_begin(&other, &config);
		for (int i = 0; i < 200; i++) {
			struct ramp_look canary = random_look(&draw);
			struct ramp_look stable = random_look(&draw);
			uint64_t ms = draw_below(&draw, 3000);

			if (draw_below(&draw, 4) == 0)
				restart(&other, &config, &other);
			ramp_walk(&one, &config, &canary, &stable, ms);
			ramp_walk(&other, &config, &canary, &stable, ms);
			ck_assert_uint_eq(one.share_ppm, other.share_ppm);
			ck_assert_uint_eq(one.state, other.state);
			ck_assert_uint_eq(one.left_ms, other.left_ms);
			ck_assert_str_eq(one.reason, other.reason);
		}
		config.errors_ppm = 20000;
		ramp_begin(&other, &config);
		for (int i = 0; i < 20000 && other.state != RAMP_DONE; i++) {
			if (draw_below(&draw, 20) == 0)
				restart(&other, &config, &other);
			ramp_walk(&other, &config, &well, &well, 1000);
		}
		ck_assert_uint_eq(other.state, RAMP_DONE);
		ck_assert_uint_eq(other.share_ppm, config.to_ppm);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering_ramp");
	TCase *tcase = tcase_create("ramp");
	SRunner *runner;
	int failed;

	/* Random ramps take a while under sanitizers. */
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, it_walks_holds_and_is_done);
	tcase_add_test(tcase, the_last_step_is_what_is_left);
	tcase_add_test(tcase, time_in_which_nothing_is_seen_does_not_count);
	tcase_add_test(tcase, half_of_the_old_version_is_enough);
	tcase_add_test(tcase, the_first_step_needs_health_alone);
	tcase_add_test(tcase, a_step_waits_for_samples_since_the_last);
	tcase_add_test(tcase, it_goes_back_to_the_start_and_stays);
	tcase_add_test(
	    tcase, it_goes_back_from_its_end_but_not_when_it_is_done);
	tcase_add_test(tcase, it_does_not_go_back_to_what_is_down);
	tcase_add_test(tcase, at_the_start_it_waits);
	tcase_add_test(tcase, one_step_has_a_way_back);
	tcase_add_test(tcase, somebody_lets_it_wait);
	tcase_add_test(tcase, what_was_stored_is_kept_inside_the_ramp);
	tcase_add_test(tcase, what_is_over_has_no_next_step);
	tcase_add_test(tcase, states_have_names);
	tcase_add_test(tcase, no_network_moves_back_and_forth);
	tcase_add_test(tcase, a_restart_goes_on_where_it_was);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
