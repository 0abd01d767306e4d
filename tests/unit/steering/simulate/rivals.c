/* Laws that the product's is compared with: one step of each, by hand; and the
 * sums of what a world came to. */
#include "steering/simulate/rivals.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "steering/simulate/tally.h"

static struct rival_region
region(double capacity, double load)
{
	return (struct rival_region){
	    .usable = true, .capacity = capacity, .load = load};
}

#define CLOSE(a, b) ck_assert_double_eq_tol(a, b, 1e-9)

static void
check_step(enum rival rival, const struct rival_region regions[3], double a,
    double b, double c)
{
	double out[3] = {1, 1, 1};

	rivals_step(rival, regions, 3, 5, 0.85, out);
	CLOSE(out[0], a);
	CLOSE(out[1], b);
	CLOSE(out[2], c);
}

START_TEST(each_does_what_its_name_says)
{
	struct rival_region r[3] = {
	    region(100, 90), region(60, 30), region(40, 28)};

	check_step(RIVAL_NEAREST, r, 1, 1, 1);
	check_step(RIVAL_WEIGHTS, r, 0.5, 0.3, 0.2);
	check_step(RIVAL_LEAST, r, 0, 1, 0);
	check_step(RIVAL_HEADROOM, r, 10.0 / 52, 30.0 / 52, 12.0 / 52);
	/* 5 s of 2 % of what is above or below 85 %. */
	check_step(RIVAL_REACTIVE, r, 1 - 0.1 * 0.05, 1, 1);
}
END_TEST

START_TEST(what_is_down_gets_nobody)
{
	struct rival_region r[3] = {
	    region(100, 90), region(60, 0), region(40, 28)};

	r[1].usable = false;
	check_step(RIVAL_WEIGHTS, r, 100.0 / 140, 0, 40.0 / 140);
	check_step(RIVAL_LEAST, r, 0, 0, 1);
	check_step(RIVAL_HEADROOM, r, 10.0 / 22, 0, 12.0 / 22);
	r[0].usable = r[2].usable = false;
	check_step(RIVAL_LEAST, r, 0, 0, 0);
	check_step(RIVAL_WEIGHTS, r, 0, 0, 0);
}
END_TEST

START_TEST(a_load_that_is_not_known_is_none)
{
	struct rival_region r[3] = {
	    region(100, NAN), region(60, 30), region(40, 28)};

	check_step(RIVAL_LEAST, r, 1, 0, 0);
	check_step(RIVAL_HEADROOM, r, 100.0 / 142, 30.0 / 142, 12.0 / 142);
}
END_TEST

/* When nobody has anything free, by capacity; never less than nothing. */
START_TEST(headroom_is_never_less_than_nothing)
{
	struct rival_region r[3] = {
	    region(100, 200), region(60, 120), region(40, 80)};

	check_step(RIVAL_HEADROOM, r, 0.5, 0.3, 0.2);
}
END_TEST

START_TEST(they_are_told_apart_by_name)
{
	ck_assert_str_eq(rivals_name(RIVAL_NONE), "product");
	ck_assert_str_eq(rivals_name(RIVAL_REACTIVE), "reactive");
	for (int i = 0; i < RIVALS; i++)
		ck_assert_int_eq(rivals_deals((enum rival)i),
		    i == RIVAL_WEIGHTS || i == RIVAL_LEAST ||
			i == RIVAL_HEADROOM);
}
END_TEST

/* --- sums --- */

START_TEST(a_tally_sums_up_what_was)
{
	struct tally t = {0};
	struct tally_sample s = {.n_regions = 2,
	    .load = {110, 30},
	    .capacity = {100, 60},
	    .demand = 140,
	    .moved = 0.04,
	    .hits = 0.5,
	    .queries_s = 10};

	tally_add(&t, &s, 30);
	s.load[0] = 100;
	s.load[1] = 75;
	s.demand = 175;
	s.moved = 0;
	s.hits = 1;
	s.queries_s = 30;
	tally_add(&t, &s, 90);
	ck_assert_uint_eq(t.s, 120);
	CLOSE(t.over[0], 0.25);
	CLOSE(t.over[1], 0.75);
	CLOSE(t.over_most, 0.75);
	CLOSE(t.worst, 1.25);
	CLOSE(t.excess, (30 * 10 + 90 * 15) / 120.0);
	CLOSE(t.excess_least, 90 * 15 / 120.0);
	CLOSE(t.moved, 0.01);
	CLOSE(t.hits, 0.875);
	CLOSE(t.queries_s, 25);
}
END_TEST

START_TEST(the_worst_minute_is_one_of_sixty_seconds)
{
	struct tally t = {0};
	struct tally_sample s = {.moved = 0.6};

	for (int i = 0; i < 180; i++) {
		s.moved = i >= 60 && i < 90 ? 0.6 : 0;
		tally_add(&t, &s, 1);
	}
	CLOSE(t.moved_most, 0.3);
	CLOSE(t.moved, 0.1);
}
END_TEST

/* What is down has no capacity, and is not over it. */
START_TEST(a_region_without_capacity_is_never_over)
{
	struct tally t = {0};
	struct tally_sample s = {.n_regions = 1, .load = {5}};

	tally_add(&t, &s, 10);
	CLOSE(t.over_most, 0);
	CLOSE(t.worst, 0);
	CLOSE(t.excess, 0);
}
END_TEST

/* Clients of what is down, and those who are on their way, load nobody. */
START_TEST(there_is_never_less_above_than_the_least)
{
	struct tally t = {0};
	struct tally_sample s = {.n_regions = 2,
	    .load = {9, 50},
	    .capacity = {0, 40},
	    .demand = 100};

	tally_add(&t, &s, 10);
	CLOSE(t.excess, 10);
	CLOSE(t.excess_least, 10);
	s.load[1] = 30;
	tally_add(&t, &s, 10);
	CLOSE(t.excess, 5);
	CLOSE(t.excess_least, 5);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("simulate: rivals");
	TCase *tc = tcase_create("rivals");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, each_does_what_its_name_says);
	tcase_add_test(tc, what_is_down_gets_nobody);
	tcase_add_test(tc, a_load_that_is_not_known_is_none);
	tcase_add_test(tc, headroom_is_never_less_than_nothing);
	tcase_add_test(tc, they_are_told_apart_by_name);
	tcase_add_test(tc, a_tally_sums_up_what_was);
	tcase_add_test(tc, the_worst_minute_is_one_of_sixty_seconds);
	tcase_add_test(tc, a_region_without_capacity_is_never_over);
	tcase_add_test(tc, there_is_never_less_above_than_the_least);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
