/* The control law: single steps by hand.  What it comes to in a world is in
 * tests/unit/steering/simulate/promises.c. */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "steering/law.h"

/* --- single steps --- */

static const struct law_config slow = {
    .target = 0.85, .ttl_s = 30, .held_s = 20, .step_s = 5};

static struct law_region
region(double capacity, double load)
{
	return (struct law_region){
	    .usable = true, .capacity = capacity, .load = load};
}

START_TEST(what_is_kept_nowhere_goes_to_the_first)
{
	static const struct law_class class = {.order = {2, 0, 1}, .n = 3};
	static const double keep[] = {0.5, 0.2, 0.4};
	double share[LAW_DEPTH];

	law_flow(&class, keep, share);
	/* 0.4 stay, half of 0.6 goes on to region 0, a fifth of 0.3 to 1. */
	ck_assert_double_eq_tol(share[0], 0.4 + 0.24, 1e-9);
	ck_assert_double_eq_tol(share[1], 0.3, 1e-9);
	ck_assert_double_eq_tol(share[2], 0.06, 1e-9);
}
END_TEST

/* Two regions of capacity 100, and two classes, each with its own first. */
static const struct law_class two[] = {{.order = {0, 1}, .n = 2, .answers = 1},
    {.order = {1, 0}, .n = 2, .answers = 1}};

static void
steps(struct law *law, const struct law_config *config,
    const struct law_region *regions, const struct law_class *classes,
    int count)
{
	struct law_weight weights[2];

	law_weight_init(&weights[0]);
	law_weight_init(&weights[1]);
	for (int i = 0; i < count; i++)
		law_step(law, config, regions, 2, classes, weights, 2);
}

/* A law that has seen for an hour what two regions had that kept as much, and
 * what of the classes. */
struct seen {
	struct law law;
	struct law_weight weights[2];
	struct law_region regions[2];
};

static void
see(struct seen *s, const struct law_config *config, double first,
    double second, double keep)
{
	law_init(&s->law);
	law_resume(&s->law, 0, keep);
	law_weight_init(&s->weights[0]);
	law_weight_init(&s->weights[1]);
	for (size_t r = 0; r < 2; r++) {
		s->regions[r] = region(100, r == 0 ? first : second);
		s->regions[r].frozen = true;
	}
	for (int i = 0; i < 720; i++)
		law_step(&s->law, config, s->regions, 2, two, s->weights, 2);
	s->regions[0].frozen = s->regions[1].frozen = false;
}

/* Steps in which the first region has that load; returns what it keeps. */
static double
go_on(struct seen *s, const struct law_config *config, double load, int count)
{
	s->regions[0].load = load;
	for (int i = 0; i < count; i++)
		law_step(&s->law, config, s->regions, 2, two, s->weights, 2);
	return s->law.keep[0];
}

START_TEST(nobody_sheds_below_the_target)
{
	struct law_region regions[] = {region(100, 84), region(100, 10)};
	struct law law;

	law_init(&law);
	steps(&law, &slow, regions, two, 200);
	ck_assert_double_eq(law.keep[0], 1);
	ck_assert_double_eq(law.keep[1], 1);
}
END_TEST

START_TEST(keep_moves_by_one_percent_of_itself_a_second)
{
	struct seen s;

	see(&s, &slow, 190, 10, 1);
	ck_assert_double_eq_tol(go_on(&s, &slow, 190, 1), 0.95, 1e-9);
	ck_assert_double_eq_tol(go_on(&s, &slow, 190, 1), 0.9025, 1e-9);
	ck_assert_double_eq(s.law.keep[1], 1);
	see(&s, &slow, 10, 100, 0.01);
	ck_assert_double_eq_tol(go_on(&s, &slow, 10, 5), 0.015, 1e-9);
}
END_TEST

START_TEST(a_region_keeps_the_least_that_the_file_says)
{
	struct law_config config = slow;
	struct law_region regions[] = {region(100, 900), region(900, 10)};
	struct law law;

	config.keep_min = 0.6;
	law_init(&law);
	steps(&law, &config, regions, two, 200);
	ck_assert_double_eq_tol(law.keep[0], 0.6, 0.021);
}
END_TEST

START_TEST(what_is_frozen_not_known_or_not_used_keeps_what_it_kept)
{
	struct law_region regions[] = {region(100, 190), region(100, 10)};
	struct law law;

	law_init(&law);
	law_resume(&law, 0, 0.7);
	regions[0].frozen = true;
	steps(&law, &slow, regions, two, 20);
	ck_assert_double_eq(law.keep[0], 0.7);
	regions[0].frozen = false;
	regions[0].load = NAN;
	steps(&law, &slow, regions, two, 20);
	ck_assert_double_eq(law.keep[0], 0.7);
	regions[0] = region(100, 190);
	regions[0].usable = false;
	steps(&law, &slow, regions, two, 20);
	ck_assert_double_eq(law.keep[0], 0.7);
}
END_TEST

/* The same two, whose answers nobody counts. */
static const struct law_class none[] = {
    {.order = {0, 1}, .n = 2, .answers = NAN},
    {.order = {1, 0}, .n = 2, .answers = NAN}};

START_TEST(without_a_capacity_nothing_is_shed)
{
	struct law_region regions[] = {region(0, 190), region(100, 10)};
	struct law law;

	law_init(&law);
	steps(&law, &slow, regions, _i == 0 ? two : none, 100);
	ck_assert_double_eq(law.keep[0], 1);
}
END_TEST

/* Down by its load, and back when that is gone. */
START_TEST(without_answers_load_alone_counts_slowly)
{
	struct law_region regions[] = {region(100, 120), region(100, 10)};
	struct law law;

	law_init(&law);
	steps(&law, &slow, regions, none, 12);
	ck_assert_double_lt(law.keep[0], 0.99);
	ck_assert_double_gt(law.keep[0], 0.9);
	ck_assert_double_eq(law.keep[1], 1);
	regions[0].load = 20;
	steps(&law, &slow, regions, none, 100);
	ck_assert_double_eq(law.keep[0], 1);
}
END_TEST

/* All are as full: nobody sheds into nobody, by load alone either. */
START_TEST(without_answers_none_sheds_when_all_are_full)
{
	struct law_region regions[] = {region(100, 150), region(100, 150)};
	struct law law;

	law_init(&law);
	steps(&law, &slow, regions, none, 40);
	ck_assert_double_eq_tol(law.keep[0], 1, 1e-9);
	ck_assert_double_eq_tol(law.keep[1], 1, 1e-9);
}
END_TEST

/* What is told late is shed slower, or it would be shed twice. */
START_TEST(without_answers_late_loads_count_slower)
{
	struct law_region regions[] = {region(100, 120), region(100, 10)};
	struct law soon, late;

	law_init(&soon);
	steps(&soon, &slow, regions, none, 12);
	regions[0].late_s = 60;
	law_init(&late);
	steps(&late, &slow, regions, none, 12);
	ck_assert_double_lt(soon.keep[0], late.keep[0]);
	ck_assert_double_lt(late.keep[0], 1);
}
END_TEST

/* Nobody asked: that is no demand that is known. */
START_TEST(without_any_answer_load_alone_counts)
{
	static const struct law_class nobody[] = {
	    {.order = {0, 1}, .n = 2, .answers = 0},
	    {.order = {1, 0}, .n = 2, .answers = 0}};
	struct law_region regions[] = {region(100, 120), region(100, 10)};
	struct law law;

	law_init(&law);
	steps(&law, &slow, regions, nobody, 12);
	ck_assert_double_lt(law.keep[0], 0.99);
}
END_TEST

/* All clients are of a region whose load nobody knows. */
START_TEST(a_load_that_no_class_explains_moves_nothing)
{
	static const struct law_class second[] = {
	    {.order = {1}, .n = 1, .answers = 1},
	    {.order = {1}, .n = 1, .answers = 1}};
	struct law_region regions[] = {region(100, 50), region(100, NAN)};
	struct law law;

	law_init(&law);
	steps(&law, &slow, regions, second, 100);
	ck_assert_double_eq(law.keep[0], 1);
	ck_assert_double_eq(law.keep[1], 1);
}
END_TEST

/* One answer of the second class is worth nine of the first. */
START_TEST(load_corrects_what_answers_say)
{
	struct law_region regions[] = {region(100, 9), region(100, 81)};
	struct law_weight weights[2];
	struct law law;

	law_init(&law);
	law_weight_init(&weights[0]);
	law_weight_init(&weights[1]);
	for (int i = 0; i < 200; i++)
		law_step(&law, &slow, regions, 2, two, weights, 2);
	ck_assert_double_eq_tol(weights[1].load / weights[0].load, 9, 0.1);
}
END_TEST

/* What was counted a while ago is forgotten: as many came for an hour. */
START_TEST(answers_follow_what_is_counted)
{
	static const struct law_class more[] = {
	    {.order = {0, 1}, .n = 2, .answers = 3},
	    {.order = {1, 0}, .n = 2, .answers = 0.5}};
	struct seen s;

	see(&s, &slow, 50, 50, 1);
	ck_assert_double_eq_tol(s.weights[0].answers, 1, 1e-9);
	for (int i = 0; i < 720; i++)
		law_step(&s.law, &slow, s.regions, 2, more, s.weights, 2);
	ck_assert_double_eq_tol(s.weights[0].answers, 3, 0.02);
	ck_assert_double_eq_tol(s.weights[1].answers, 0.5, 0.02);
}
END_TEST

/* A load that was smoothed: where it is ${s} seconds after it was ${before}. */
static double
smoothed(double before, double now, double step_s, double s)
{
	return before + (now - before) * (1 - exp(-step_s / s));
}

/*
 * A region keeps all and then a part, in turn.  What is seen now is of answers
 * that were given before, of requests that last a while, smoothed and told
 * late.  Who compared that with what is kept now would believe that the region
 * keeps other clients than it is told to.
 */
START_TEST(what_is_seen_late_is_of_what_was_kept_then)
{
	static const struct law_config config = {.target = 0.85,
	    .ttl_s = 60,
	    .held_s = 20,
	    .smooth_s = 30,
	    .step_s = 5};
	enum { STEPS = 1440, LATE = 40, TTL = 13 };
	static double kept[STEPS], seen[STEPS];
	double held = 1;
	struct seen s;

	see(&s, &config, 60, 40, 1);
	for (int i = 0; i < STEPS; i++) {
		double answers = 0, at;

		kept[i] = i / 60 % 2 == 0 ? 1 : 0.3;
		for (int k = 0; k < TTL; k++)
			answers += i >= k ? kept[i - k] : 1;
		held = smoothed(held, answers / TTL, 5, 20);
		seen[i] = smoothed(i > 0 ? seen[i - 1] : 1, held, 5, 30);
		at = i >= LATE ? seen[i - LATE] : 1;
		s.law.keep[0] = kept[i];
		s.regions[0].load = 60 * at;
		s.regions[1].load = 40 + 60 * (1 - at);
		for (int r = 0; r < 2; r++) {
			s.regions[r].frozen = true;
			s.regions[r].late_s = LATE * 5;
		}
		law_step(&s.law, &config, s.regions, 2, two, s.weights, 2);
	}
	ck_assert_double_eq_tol(s.law.odds[0], 1, 0.001);
	ck_assert_double_eq_tol(
	    s.weights[0].load / s.weights[1].load, 1.5, 0.001);
}
END_TEST

/* One answer of a class stands for a thousandth of what another does, or more:
 * when its clients come back they are not nothing. */
START_TEST(what_has_no_load_for_long_is_a_thousandth)
{
	static const struct law_class apart[] = {
	    {.order = {0}, .n = 1, .answers = 1},
	    {.order = {1}, .n = 1, .answers = 1}};
	struct law_region regions[] = {region(100, 0), region(100, 50)};
	struct law_weight weights[2];
	struct law law;

	law_init(&law);
	law_weight_init(&weights[0]);
	law_weight_init(&weights[1]);
	for (int i = 0; i < 5000; i++)
		law_step(&law, &slow, regions, 2, apart, weights, 2);
	ck_assert_double_eq_tol(weights[0].load, 0.001, 1e-9);
}
END_TEST

/* --- when it rests, and when it does not --- */

/* A lump of some per cent is not taken back and shed again. */
START_TEST(what_is_near_its_target_rests)
{
	struct seen s;

	see(&s, &slow, 81, 88, 0.7);
	ck_assert_double_eq(go_on(&s, &slow, 81, 1), 0.7);
	see(&s, &slow, 60, 88, 0.7);
	ck_assert_double_gt(go_on(&s, &slow, 60, 1), 0.7);
}
END_TEST

/* The second sheds to the first, which will have to pass clients on to the
 * third, and does not before it has them. */
START_TEST(a_region_sheds_when_it_has_too_much_not_before)
{
	static const struct law_class three[] = {
	    {.order = {0, 2, 1}, .n = 3, .answers = 85.5},
	    {.order = {1, 0, 2}, .n = 3, .answers = 130},
	    {.order = {2, 0, 1}, .n = 3, .answers = 10}};
	struct law_region regions[] = {
	    region(100, 85.5), region(100, 130), region(1000, 10)};
	struct law_weight weights[3];
	struct law law;

	law_init(&law);
	for (size_t i = 0; i < 3; i++)
		law_weight_init(&weights[i]);
	law_step(&law, &slow, regions, 3, three, weights, 3);
	ck_assert_double_eq(law.keep[0], 1);
	ck_assert_double_eq_tol(law.keep[1], 0.95, 1e-9);
	ck_assert_double_eq(law.keep[2], 1);
	/* They are there. */
	regions[0].load = 110;
	regions[1].load = 104;
	for (int i = 0; i < 12; i++)
		law_step(&law, &slow, regions, 3, three, weights, 3);
	ck_assert_double_lt(law.keep[0], 1);
}
END_TEST

/* How full is a region of which nobody says what it can take? */
START_TEST(a_region_without_a_capacity_fills_no_other)
{
	static const struct law_class three[] = {
	    {.order = {0, 2, 1}, .n = 3, .answers = 190},
	    {.order = {1, 2, 0}, .n = 3, .answers = 100},
	    {.order = {2, 1, 0}, .n = 3, .answers = 10}};
	struct law_region regions[] = {
	    region(0, 190), region(100, 100), region(1000, 10)};
	struct law_weight weights[3];
	struct law law;

	law_init(&law);
	for (size_t i = 0; i < 3; i++)
		law_weight_init(&weights[i]);
	for (int i = 0; i < 2; i++)
		law_step(&law, &slow, regions, 3, three, weights, 3);
	ck_assert_double_eq(law.keep[0], 1);
	ck_assert_double_eq_tol(law.keep[1], 0.95 * 0.95, 1e-9);
}
END_TEST

/* What is 95 % full sheds no more at once than others have room for: what is
 * left above 92 % is a tenth of what is free below that. */
START_TEST(what_is_shed_has_room_elsewhere)
{
	struct seen s;

	see(&s, &slow, 95, 60, 1);
	ck_assert_double_eq_tol(go_on(&s, &slow, 95, 1), 0.918 / 0.95, 0.005);
}
END_TEST

/* Where all are over their capacity none is left with room. */
START_TEST(room_is_used_when_all_are_full)
{
	struct seen s;

	see(&s, &slow, 106, 110, 0.7);
	ck_assert_double_eq(go_on(&s, &slow, 106, 1), 0.7);
	see(&s, &slow, 99, 112, 0.7);
	ck_assert_double_gt(go_on(&s, &slow, 99, 1), 0.7);
}
END_TEST

START_TEST(clients_come_back_slower_when_answers_live_longer)
{
	struct law_config config = slow;
	struct seen s;

	see(&s, &config, 20, 10, 0.5);
	ck_assert_double_eq_tol(go_on(&s, &config, 20, 1), 0.525, 1e-9);
	config.ttl_s = 280;
	see(&s, &config, 20, 10, 0.5);
	ck_assert_double_eq_tol(go_on(&s, &config, 20, 1), 0.505, 1e-9);
	/* They go as fast as ever. */
	see(&s, &config, 190, 10, 1);
	ck_assert_double_eq_tol(go_on(&s, &config, 190, 1), 0.95, 1e-9);
}
END_TEST

/* A large resolver is in the half that the region keeps: its load is that of
 * nearly all, and that of half when it keeps a little. */
START_TEST(a_region_keeps_more_than_it_is_told_to)
{
	struct seen s;

	see(&s, &slow, 50, 50, 0.5);
	ck_assert_double_eq_tol(s.law.odds[1], 1, 1e-9);
	see(&s, &slow, 90, 30, 0.2);
	ck_assert_double_gt(s.law.odds[0], 2);
	see(&s, &slow, 5, 115, 0.9);
	ck_assert_double_lt(s.law.odds[0], 0.9);
}
END_TEST

/* It has 60 %, takes back, has 120 %, sheds, and has 60 %: it leaves it at that
 * until it has much less. */
START_TEST(what_was_too_much_once_is_not_taken_back_again)
{
	double before, after;
	struct seen s;

	see(&s, &slow, 60, 88, 0.7);
	before = go_on(&s, &slow, 60, 1);
	ck_assert_double_gt(before, 0.7);
	ck_assert_double_lt(go_on(&s, &slow, 120, 60), before);
	before = go_on(&s, &slow, 60, 20);
	after = go_on(&s, &slow, 60, 200);
	ck_assert_double_eq_tol(after, before, 1e-9);
	ck_assert_double_gt(go_on(&s, &slow, 30, 40), before);
}
END_TEST

/* Clients change by the hour: after some it is tried again. */
START_TEST(what_was_too_much_once_is_tried_again)
{
	double before;
	struct seen s;

	see(&s, &slow, 60, 88, 0.7);
	before = go_on(&s, &slow, 60, 1);
	ck_assert_double_lt(go_on(&s, &slow, 120, 60), before);
	before = go_on(&s, &slow, 60, 220);
	ck_assert_double_gt(go_on(&s, &slow, 60, 3 * 720), before);
}
END_TEST

/* By load alone it goes to and fro, and that says nothing of its clients. */
START_TEST(what_load_alone_moved_is_no_crowd)
{
	struct law_region regions[] = {region(100, 120), region(100, 10)};
	struct law law;

	law_init(&law);
	steps(&law, &slow, regions, none, 40);
	ck_assert_double_lt(law.keep[0], 0.99);
	regions[0].load = 20;
	steps(&law, &slow, regions, none, 20);
	regions[0].load = 120;
	steps(&law, &slow, regions, none, 40);
	ck_assert(isinf(law.rest[0]));
}
END_TEST

/* Nor is what it sheds long after it took back: others came since. */
START_TEST(what_comes_long_after_a_return_is_another_crowd)
{
	struct seen s;

	see(&s, &slow, 60, 40, 0.7);
	ck_assert_double_gt(go_on(&s, &slow, 60, 1), 0.7);
	ck_assert_double_eq(go_on(&s, &slow, 60, 300), 1);
	for (int i = 0; i < 100 && s.law.keep[0] >= 1; i++)
		go_on(&s, &slow, 120, 1);
	ck_assert_double_lt(s.law.keep[0], 1);
	ck_assert(isinf(s.law.rest[0]));
}
END_TEST

/* --- what is far from all that is usual --- */

/* With requests that wait all may be: they are as full as one another. */
START_TEST(at_many_times_the_capacity_none_sheds_into_nobody)
{
	struct law_region regions[] = {region(100, 700), region(100, 640)};
	struct law law;

	law_init(&law);
	steps(&law, &slow, regions, two, 400);
	ck_assert_double_gt(law.keep[0], 0.9);
	ck_assert_double_eq(law.keep[1], 1);
}
END_TEST

/* Requests are about to come. */
START_TEST(a_region_without_load_yet_is_not_one_without_clients)
{
	static const struct law_class apart[] = {
	    {.order = {0}, .n = 1, .answers = 1},
	    {.order = {1}, .n = 1, .answers = 1}};
	struct law_region regions[] = {region(100, 0), region(100, 50)};
	struct law_weight weights[2];
	struct law law;

	law_init(&law);
	law_weight_init(&weights[0]);
	law_weight_init(&weights[1]);
	law_step(&law, &slow, regions, 2, apart, weights, 2);
	ck_assert_double_gt(weights[0].load, 0.8);
	ck_assert_double_lt(weights[1].load, 1.2);
}
END_TEST

/* One answer of the second class is worth three of the first, and nobody
 * measures that any more for a day, or what was measured is not of now. */
START_TEST(nothing_is_learned_from_what_is_not_measured)
{
	struct law_region regions[] = {region(100, 20), region(100, 60)};
	struct law_weight weights[2];
	struct law law;

	law_init(&law);
	law_weight_init(&weights[0]);
	law_weight_init(&weights[1]);
	for (int i = 0; i < 720; i++)
		law_step(&law, &slow, regions, 2, two, weights, 2);
	ck_assert_double_eq_tol(weights[1].load / weights[0].load, 3, 0.05);
	if (_i == 0) {
		regions[0].load = NAN;
	} else {
		regions[0].load = 90;
		regions[0].old = true;
	}
	for (int i = 0; i < 17280; i++)
		law_step(&law, &slow, regions, 2, two, weights, 2);
	ck_assert_double_eq_tol(weights[1].load / weights[0].load, 3, 0.05);
	ck_assert_double_lt(weights[1].load, 10);
}
END_TEST

/* All ask for twice as much, and the first region tells what it had before: the
 * second sheds as if that told, too. */
START_TEST(an_old_load_makes_none_of_the_others_seem_less_full)
{
	struct law_class classes[] = {{.order = {0, 2}, .n = 2, .answers = 6},
	    {.order = {1, 2}, .n = 2, .answers = 6},
	    {.order = {2}, .n = 1, .answers = 1}};
	struct law_region regions[] = {
	    region(100, 60), region(100, 60), region(1000, 10)};
	struct law_weight weights[3];
	struct law law;

	law_init(&law);
	for (int c = 0; c < 3; c++)
		law_weight_init(&weights[c]);
	for (int i = 0; i < 200; i++)
		law_step(&law, &slow, regions, 3, classes, weights, 3);
	ck_assert_double_eq(law.keep[1], 1);
	regions[0].old = true;
	regions[0].frozen = true;
	for (int c = 0; c < 3; c++)
		classes[c].answers *= 2;
	regions[1].load = 120;
	regions[2].load = 20;
	for (int i = 0; i < 10; i++)
		law_step(&law, &slow, regions, 3, classes, weights, 3);
	ck_assert_double_lt(law.keep[1], 0.8);
}
END_TEST

/* Answers that live for five minutes bring clients for as long, whether the law
 * makes a step each second or each five: then nothing is to be learned. */
START_TEST(what_was_kept_is_known_for_as_long_as_answers_live)
{
	const struct law_config config = {
	    .target = 0.85, .ttl_s = 300, .step_s = _i == 0 ? 1 : 5};
	struct law_region regions[] = {region(100, 50), region(100, 50)};
	struct law_weight weights[2];
	struct law law;

	law_init(&law);
	law_weight_init(&weights[0]);
	law_weight_init(&weights[1]);
	regions[0].frozen = regions[1].frozen = true;
	law_step(&law, &config, regions, 2, two, weights, 2);
	law.keep[0] = 0.5;
	for (uint32_t s = 0; s < config.ttl_s; s += config.step_s) {
		regions[0].load = 50 - 25.0 * s / config.ttl_s;
		regions[1].load = 100 - regions[0].load;
		law_step(&law, &config, regions, 2, two, weights, 2);
	}
	ck_assert_double_eq_tol(weights[1].load / weights[0].load, 1, 0.05);
	ck_assert_double_eq_tol(law.odds[0], 1, 0.05);
}
END_TEST

/* No request anywhere: that says nothing of what an answer is worth. */
START_TEST(nothing_is_learned_without_any_load)
{
	struct law_region regions[] = {region(100, 0), region(100, 0)};
	struct law_weight weights[2];
	struct law law;

	law_init(&law);
	law_weight_init(&weights[0]);
	law_weight_init(&weights[1]);
	for (int i = 0; i < 100; i++)
		law_step(&law, &slow, regions, 2, two, weights, 2);
	ck_assert_double_eq(weights[0].load, 1);
	ck_assert_double_eq(weights[1].load, 1);
}
END_TEST

/* Told later than what is remembered of what was kept: the oldest counts. */
START_TEST(a_load_of_long_ago_is_learned_from_too)
{
	struct law_region regions[] = {region(100, 20), region(100, 60)};
	struct law_weight weights[2];
	struct law law;

	law_init(&law);
	law_weight_init(&weights[0]);
	law_weight_init(&weights[1]);
	regions[0].late_s = regions[1].late_s = 4 * LAW_PAST * 5;
	for (int i = 0; i < 720; i++)
		law_step(&law, &slow, regions, 2, two, weights, 2);
	ck_assert_double_eq_tol(weights[1].load / weights[0].load, 3, 0.05);
}
END_TEST

/* It was full when it went, and has nobody yet. */
START_TEST(what_a_region_had_before_it_went_is_forgotten)
{
	struct law_region regions[] = {region(100, 84), region(100, 20)};
	struct law law;

	law_init(&law);
	steps(&law, &slow, regions, two, 20);
	regions[0].usable = false;
	steps(&law, &slow, regions, two, 1);
	regions[0] = region(100, 0);
	steps(&law, &slow, regions, two, 1);
	ck_assert_double_eq(law.load[0], 0);
	/* Nobody measured it for a while, and the last that was known counted.
	 */
	regions[0].load = 84;
	regions[0].old = true;
	steps(&law, &slow, regions, two, 20);
	ck_assert_double_eq(law.load[0], 84);
	regions[0] = region(100, 10);
	steps(&law, &slow, regions, two, 1);
	ck_assert_double_eq(law.load[0], 10);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("law");
	TCase *tc = tcase_create("steps");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, what_is_kept_nowhere_goes_to_the_first);
	tcase_add_test(tc, nobody_sheds_below_the_target);
	tcase_add_test(tc, keep_moves_by_one_percent_of_itself_a_second);
	tcase_add_test(tc, a_region_keeps_the_least_that_the_file_says);
	tcase_add_test(
	    tc, what_is_frozen_not_known_or_not_used_keeps_what_it_kept);
	tcase_add_loop_test(tc, without_a_capacity_nothing_is_shed, 0, 2);
	tcase_add_test(tc, without_answers_load_alone_counts_slowly);
	tcase_add_test(tc, without_answers_none_sheds_when_all_are_full);
	tcase_add_test(tc, without_answers_late_loads_count_slower);
	tcase_add_test(tc, without_any_answer_load_alone_counts);
	tcase_add_test(tc, a_load_that_no_class_explains_moves_nothing);
	tcase_add_test(tc, load_corrects_what_answers_say);
	tcase_add_test(tc, answers_follow_what_is_counted);
	tcase_add_test(tc, what_is_seen_late_is_of_what_was_kept_then);
	tcase_add_test(tc, what_has_no_load_for_long_is_a_thousandth);
	tcase_add_test(tc, what_is_near_its_target_rests);
	tcase_add_test(tc, a_region_sheds_when_it_has_too_much_not_before);
	tcase_add_test(tc, a_region_without_a_capacity_fills_no_other);
	tcase_add_test(tc, what_is_shed_has_room_elsewhere);
	tcase_add_test(tc, room_is_used_when_all_are_full);
	tcase_add_test(tc, clients_come_back_slower_when_answers_live_longer);
	tcase_add_test(tc, a_region_keeps_more_than_it_is_told_to);
	tcase_add_test(tc, what_was_too_much_once_is_not_taken_back_again);
	tcase_add_test(tc, what_was_too_much_once_is_tried_again);
	tcase_add_test(tc, what_load_alone_moved_is_no_crowd);
	tcase_add_test(tc, what_comes_long_after_a_return_is_another_crowd);
	tcase_add_test(tc, at_many_times_the_capacity_none_sheds_into_nobody);
	tcase_add_test(
	    tc, a_region_without_load_yet_is_not_one_without_clients);
	tcase_add_loop_test(
	    tc, nothing_is_learned_from_what_is_not_measured, 0, 2);
	tcase_add_test(tc, an_old_load_makes_none_of_the_others_seem_less_full);
	tcase_add_loop_test(
	    tc, what_was_kept_is_known_for_as_long_as_answers_live, 0, 2);
	tcase_add_test(tc, nothing_is_learned_without_any_load);
	tcase_add_test(tc, a_load_of_long_ago_is_learned_from_too);
	tcase_add_test(tc, what_a_region_had_before_it_went_is_forgotten);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
