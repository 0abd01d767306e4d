/* The controller of a pool: what it does where loads, demand or regions are
 * not there, and what it makes of a start.  The law itself: law.c. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "steering/controller.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static const struct controller_settings settings = {
    .target = 0.85, .keep_min = 0.1, .step_s = 5, .fade_s = 300};

/* Two regions of an endpoint each, and half of the clients nearest to each. */
static struct controller_endpoint endpoints[2];
static const struct demand_row halves[] = {
    {{2, {0, 1}}, 10},
    {{2, {1, 0}}, 10},
};
static const struct demand_row most_to_the_first[] = {
    {{2, {0, 1}}, 12},
    {{2, {1, 0}}, 2},
};

static struct controller_input in;
static struct controller *c;
static int64_t now_ms;

static void
begin(const struct controller_settings *with)
{
	endpoints[0] = (struct controller_endpoint){
	    .region = 0, .capacity = 100, .saturation = 0.5};
	endpoints[1] = (struct controller_endpoint){
	    .region = 1, .capacity = 100, .saturation = 0.5};
	in = (struct controller_input){.endpoints = endpoints,
	    .n_endpoints = 2,
	    .usable = 3,
	    .demand = halves,
	    .n_demand = 2};
	now_ms = 1000000;
	c = controller_create(with, now_ms);
	ck_assert_ptr_nonnull(c);
}

static void
setup(void)
{
	begin(&settings);
}

static void
teardown(void)
{
	controller_destroy(c);
}

static void
steps(int n)
{
	for (int i = 0; i < n; i++) {
		now_ms += 5000;
		controller_step(c, now_ms, &in);
	}
}

static struct controller_region
region(uint8_t r)
{
	struct controller_region out;

	controller_region(c, r, &out);
	return out;
}

static void
says(uint8_t r, const char *text)
{
	char said[STATE_REASON];

	controller_say(c, r, said);
	ck_assert_str_eq(said, text);
}

START_TEST(who_has_too_much_sheds_and_says_so)
{
	in.demand = most_to_the_first;
	endpoints[0].saturation = 1.2;
	endpoints[1].saturation = 0.2;
	steps(1);
	ck_assert_double_eq_tol(region(0).keep, 0.95, 1e-9);
	ck_assert_double_eq(region(1).keep, 1);
	ck_assert_int_eq(region(0).why, CONTROLLER_SHEDS);
	ck_assert_double_eq_tol(controller_full(c), 0.7, 1e-9);
	ck_assert(controller_counted(c));
	says(0, "120% of its capacity, target 85%: sheds");
	says(1, "20% of its capacity, target 85%");
}
END_TEST

START_TEST(when_all_are_full_none_sheds_into_another)
{
	endpoints[0].saturation = endpoints[1].saturation = 1.3;
	steps(200);
	ck_assert_double_eq(region(0).keep, 1);
	ck_assert_double_eq(region(1).keep, 1);
	says(0, "130% of its capacity, target 130%");
}
END_TEST

/* What a pool with one region sheds comes back to it. */
START_TEST(one_region_has_nowhere_to_shed_to)
{
	static const struct demand_row one = {{1, {0}}, 10};

	in.n_endpoints = 1;
	in.usable = 1;
	in.demand = &one;
	in.n_demand = 1;
	endpoints[0].saturation = 1.5;
	steps(100);
	ck_assert_double_eq(region(0).keep, 1);
}
END_TEST

START_TEST(a_load_that_is_not_known_keeps_what_is_then_goes_back_to_all)
{
	double last = 0.5;

	controller_resume(c, 0, 0.5);
	endpoints[0].saturation = 0.85;
	steps(1);
	endpoints[0].saturation = NAN;
	last = region(0).keep;
	/* 300 s of silence: not a step. */
	steps(59);
	ck_assert_double_eq(region(0).keep, last);
	ck_assert_int_eq(region(0).why, CONTROLLER_STALE);
	ck_assert_int_eq(region(0).unknown_ms, 295000);
	says(0, "load not known: stays");
	for (int i = 0; i < 60; i++) {
		steps(1);
		ck_assert_double_eq_tol(
		    region(0).keep, fmin(last + 5.0 / 300, 1), 1e-9);
		last = region(0).keep;
	}
	says(0, "load not known: goes back to all");
	ck_assert_double_eq(last, 1);
}
END_TEST

/* Else the other would seem to have all the demand. */
START_TEST(the_last_load_of_who_is_silent_goes_on_to_count)
{
	endpoints[0].saturation = 0.8;
	endpoints[1].saturation = 0.8;
	steps(40);
	endpoints[1].saturation = NAN;
	steps(40);
	ck_assert_double_eq(region(0).keep, 1);
	ck_assert_double_eq(region(1).keep, 1);
	ck_assert_double_eq_tol(region(1).load, 80, 1e-9);
	ck_assert_double_eq_tol(controller_full(c), 0.8, 1e-9);
}
END_TEST

START_TEST(a_load_that_was_never_known_is_not_zero)
{
	endpoints[0].saturation = endpoints[1].saturation = NAN;
	controller_resume(c, 0, 0.5);
	steps(20);
	ck_assert(isnan(region(0).load));
	ck_assert(isnan(controller_full(c)));
	ck_assert_double_eq(region(0).keep, 0.5);
	ck_assert_double_eq(region(1).keep, 1);
}
END_TEST

/* Three endpoints of one region: 50 of capacity 100, 30 and 20. */
static const struct {
	const char *what;
	double saturation[3];
	double load; /* NAN: not known */
} parts[] = {
    {"all tell", {0.8, 0.5, 0.5}, 65},
    {"who tells has half: the others are as full", {0.8, NAN, NAN}, 80},
    {"who tells has less than half: it is not known", {NAN, 0.3, NAN}, NAN},
    {"who tells has just half", {NAN, 0.5, 0.5}, 50},
};

START_TEST(a_region_is_as_full_as_those_that_tell)
{
	struct controller_endpoint three[] = {
	    {.capacity = 50, .age_ms = 4000},
	    {.capacity = 30},
	    {.capacity = 20},
	};

	in.endpoints = three;
	in.n_endpoints = 3;
	in.usable = 1;
	for (int i = 0; i < 3; i++)
		three[i].saturation = parts[_i].saturation[i];
	steps(1);
	ck_assert_double_eq(region(0).capacity, 100);
	if (isnan(parts[_i].load))
		ck_assert_msg(isnan(region(0).load), "%s", parts[_i].what);
	else
		ck_assert_double_eq_tol(region(0).load, parts[_i].load, 1e-9);
	ck_assert_int_eq(
	    region(0).why == CONTROLLER_STALE, isnan(parts[_i].load));
}
END_TEST

/* Load alone: slower than by demand. */
START_TEST(without_demand_load_alone_counts)
{
	in.demand = NULL;
	endpoints[0].saturation = 1.2;
	endpoints[1].saturation = 0.2;
	steps(1);
	ck_assert(!controller_counted(c));
	ck_assert_double_lt(region(0).keep, 1);
	ck_assert_double_gt(region(0).keep, 0.97);
	says(0, "120% of its capacity, target 85%: sheds, by load alone");
}
END_TEST

START_TEST(demand_that_nobody_counts_any_more_is_believed_for_a_while)
{
	steps(1);
	in.demand = NULL;
	steps(CONTROLLER_DEMAND_MS / 5000 - 1);
	ck_assert(controller_counted(c));
	steps(1);
	ck_assert(!controller_counted(c));
	in.demand = halves;
	steps(1);
	ck_assert(controller_counted(c));
}
END_TEST

START_TEST(too_many_classes_are_an_unknown_demand)
{
	static struct demand_row many[DEMAND_CLASSES + 1];

	for (unsigned i = 0; i <= DEMAND_CLASSES; i++)
		many[i] = (struct demand_row){
		    {2, {(uint8_t)(i % 64), (uint8_t)(i / 64)}}, 1};
	in.demand = many;
	in.n_demand = DEMAND_CLASSES + 1;
	in.usable = UINT64_MAX;
	steps(1);
	ck_assert(!controller_counted(c));
	in.n_demand = DEMAND_CLASSES;
	steps(1);
	ck_assert(controller_counted(c));
}
END_TEST

START_TEST(what_is_frozen_by_hand_does_not_move)
{
	controller_resume(c, 0, 0.6);
	controller_resume(c, 1, 0.7);
	endpoints[0].saturation = 2;
	endpoints[1].saturation = NAN;
	in.frozen = 3;
	in.usable = 1;
	steps(200);
	ck_assert_double_eq(region(0).keep, 0.6);
	ck_assert_double_eq(region(1).keep, 0.7);
	says(0, "frozen by hand");
	in.frozen = 0;
	in.usable = 3;
	steps(1);
	ck_assert_double_ne(region(0).keep, 0.6);
}
END_TEST

START_TEST(of_one_region_that_is_frozen_the_others_move)
{
	controller_resume(c, 0, 0.6);
	controller_resume(c, 1, 0.6);
	endpoints[0].saturation = endpoints[1].saturation = 0.2;
	in.frozen = 2;
	steps(3);
	ck_assert_double_gt(region(0).keep, 0.6);
	ck_assert_double_eq(region(1).keep, 0.6);
}
END_TEST

/* By one per cent a second, so that who is gone for a moment loses little. */
START_TEST(a_region_that_went_comes_back_small)
{
	in.usable = 2;
	steps(2);
	ck_assert_double_eq_tol(region(0).keep, 0.9, 1e-9);
	says(0, "not usable: starts small");
	steps(100);
	ck_assert_double_eq_tol(region(0).keep, CONTROLLER_START, 1e-9);
	in.usable = 3;
	steps(1);
	ck_assert_double_eq_tol(region(0).keep, CONTROLLER_START * 1.05, 1e-9);
	ck_assert_int_eq(region(0).why, CONTROLLER_RETURNS);
	says(0, "50% of its capacity, target 85%: takes back");
	steps(48);
	ck_assert_double_eq_tol(region(0).keep, 1, 1e-9);
}
END_TEST

START_TEST(a_region_that_keeps_little_is_not_made_to_keep_more_by_going)
{
	controller_resume(c, 0, 0.05);
	in.usable = 2;
	steps(10);
	ck_assert_double_eq(region(0).keep, 0.05);
}
END_TEST

START_TEST(it_does_not_come_back_with_less_than_the_file_says)
{
	struct controller_settings high = settings;

	high.keep_min = 0.4;
	controller_set(c, &high);
	in.usable = 2;
	steps(100);
	ck_assert_double_eq_tol(region(0).keep, 0.4, 1e-9);
}
END_TEST

/* Requests of before are still worked on, answers of before still cached. */
START_TEST(a_start_watches_first)
{
	struct controller_settings slow = settings;

	slow.ttl_s = 30;
	slow.held_s = 20;
	controller_set(c, &slow);
	controller_resume(c, 0, 0.5);
	endpoints[0].saturation = 0.2;
	steps(9);
	ck_assert_double_eq(region(0).keep, 0.5);
	says(0, "20% of its capacity, target 85%: watched first");
	steps(1);
	ck_assert_double_gt(region(0).keep, 0.5);
}
END_TEST

START_TEST(a_start_watches_no_longer_than_two_minutes)
{
	struct controller_settings slow = settings;

	slow.ttl_s = 86400;
	controller_set(c, &slow);
	endpoints[0].saturation = 1.2;
	endpoints[1].saturation = 0.1;
	steps(CONTROLLER_LEARN_S / 5 - 1);
	ck_assert_double_eq(region(0).keep, 1);
	steps(1);
	ck_assert_double_lt(region(0).keep, 1);
}
END_TEST

START_TEST(all_and_nothing_are_resumed)
{
	controller_resume(c, 0, 0);
	controller_resume(c, 1, 0.5);
	controller_resume(c, 1, 1);
	ck_assert_double_eq(region(0).keep, 0);
	ck_assert_double_eq(region(1).keep, 1);
}
END_TEST

/* A class of a region that is away walks the others; ten regions are more than
 * the law looks at. */
START_TEST(a_class_walks_what_is_usable_of_it)
{
	static const struct demand_row away[] = {
	    {{3, {2, 0, 1}}, 12}, {{2, {1, 0}}, 2}};

	in.demand = away;
	endpoints[0].saturation = 1.2;
	endpoints[1].saturation = 0.2;
	steps(1);
	ck_assert_double_eq_tol(region(0).keep, 0.95, 1e-9);
	ck_assert(controller_counted(c));
}
END_TEST

START_TEST(demand_of_nobody_is_none_that_counts)
{
	static const struct demand_row nobody[] = {{{2, {0, 1}}, 0}};

	in.demand = nobody;
	in.n_demand = 1;
	steps(1);
	ck_assert(!controller_counted(c));
}
END_TEST

START_TEST(nonsense_is_not_resumed)
{
	controller_resume(c, 0, 1.5);
	controller_resume(c, 1, NAN);
	ck_assert_double_eq(region(0).keep, 1);
	ck_assert_double_eq(region(1).keep, 1);
}
END_TEST

START_TEST(without_capacity_nothing_is_shed)
{
	endpoints[0].capacity = 0;
	endpoints[0].saturation = 2;
	controller_resume(c, 0, 0.9);
	steps(3);
	ck_assert_double_eq(region(0).keep, 1);
	says(0, "no capacity: keeps all");
	/* How full the others are is known without it. */
	ck_assert_double_eq_tol(controller_full(c), 0.5, 1e-9);
}
END_TEST

/* A daemon that stood still for an hour does not make an hour's step. */
START_TEST(a_pause_is_not_made_up_for)
{
	in.usable = 2;
	steps(1);
	now_ms += 3600000;
	steps(1);
	ck_assert_double_eq_tol(region(0).keep, 0.95 - 0.1, 1e-9);
}
END_TEST

/* The others are steered by what it does keep. */
START_TEST(a_region_keeps_no_more_than_somebody_said)
{
	struct controller_settings half = settings;

	half.passed[0] = 0.5;
	controller_set(c, &half);
	steps(1);
	ck_assert_double_eq_tol(region(0).keep, 0.5, 1e-9);
	ck_assert_double_eq(region(1).keep, 1);
	endpoints[1].saturation = 1.1;
	endpoints[0].saturation = 0.3;
	steps(200);
	/* Whom region 1 passes on region 0 takes no more than half of. */
	ck_assert_double_eq_tol(region(0).keep, 0.5, 1e-9);
	ck_assert_double_lt(region(1).keep, 0.9);
	endpoints[0].saturation = NAN;
	steps(400);
	ck_assert_double_eq_tol(region(0).keep, 0.5, 1e-9);
}
END_TEST

static const struct region_config of_file[] = {{.name = "a"}, {.name = "b"}};
static const struct keep_config by_hand[] = {{.region = 1, .ppm = 750000}};
static const struct check_config checks[] = {
    {.load = {.wanted = true, .smooth_ms = 20000}},
    {.load = {.wanted = false, .smooth_ms = 60000}},
    {.load = {.wanted = true, .smooth_ms = 5000}}};
static const uint32_t checks_of_p[] = {0, 1, 2};
static const struct pool_config pools[] = {
    {.name = "p",
	.checks = {.checks = checks_of_p, .n = 3, .need = 3},
	.origin = STEERING_NONE,
	.keep = by_hand,
	.n_keep = 1,
	.spill = {true, 850000, 100000, 20, 5, 300}},
    {.name = "front", .origin = 0}, {.name = "other", .origin = STEERING_NONE}};
static const struct split_config members[] = {{0, 1}, {2, 1}, {1, 1}, {2, 1}};
static const struct service_config services[] = {
    {.split = &members[0], .n_split = 2, .ttl_max_s = 30},
    {.split = &members[2], .n_split = 1, .ttl_max_s = 300},
    {.split = &members[3], .n_split = 1, .ttl_max_s = 900},
};
static const struct steering_config file = {.regions = of_file,
    .n_regions = 2,
    .checks = checks,
    .n_checks = 3,
    .pools = pools,
    .n_pools = 3,
    .services = services,
    .n_services = 3};

/* The longest TTL of the services that it serves, in front of it or not, and
 * the longest smoothing of the checks that read a load. */
START_TEST(settings_are_those_of_the_file)
{
	struct controller_settings s;

	controller_settings_of(&file, 0, &s);
	ck_assert_double_eq_tol(s.target, 0.85, 1e-9);
	ck_assert_double_eq_tol(s.keep_min, 0.1, 1e-9);
	ck_assert_uint_eq(s.ttl_s, 300);
	ck_assert_uint_eq(s.held_s, 20);
	ck_assert_uint_eq(s.smooth_s, 20);
	ck_assert_uint_eq(s.step_s, 5);
	ck_assert_uint_eq(s.fade_s, 300);
	ck_assert_double_eq(s.passed[0], 0);
	ck_assert_double_eq_tol(s.passed[1], 0.25, 1e-9);
	controller_settings_of(&file, 1, &s);
	ck_assert_uint_eq(s.ttl_s, 300);
	ck_assert_uint_eq(s.smooth_s, 0);
	controller_settings_of(&file, 2, &s);
	ck_assert_uint_eq(s.ttl_s, 900);
}
END_TEST

/* A class whose regions are all gone has no load: the others have it. */
START_TEST(a_class_with_nowhere_to_go_does_not_count)
{
	static const struct demand_row rows[] = {
	    {{1, {2}}, 1000}, {{2, {0, 1}}, 12}, {{2, {1, 0}}, 2}};

	in.demand = rows;
	in.n_demand = 3;
	endpoints[0].saturation = 1.2;
	endpoints[1].saturation = 0.2;
	steps(1);
	ck_assert_double_eq_tol(region(0).keep, 0.95, 1e-9);
}
END_TEST

/* With no other class there is only the load to go by. */
START_TEST(where_all_classes_have_nowhere_to_go_load_alone_counts)
{
	static const struct demand_row nowhere[] = {{{1, {2}}, 1000}};

	in.demand = nowhere;
	in.n_demand = 1;
	endpoints[0].saturation = 1.2;
	endpoints[1].saturation = 0.2;
	steps(20);
	ck_assert(!controller_counted(c));
	ck_assert_double_lt(region(0).keep, 1);
}
END_TEST

/*
 * A property: a load that only grows never makes a region keep more, at
 * whatever loads of the other, with demand and without.
 */
START_TEST(keep_is_monotone_while_the_load_is)
{
	double last = 1;

	in.demand = _i & 1 ? halves : NULL;
	endpoints[1].saturation = 0.1 * (_i >> 1);
	for (int s = 0; s < 400; s++) {
		endpoints[0].saturation = 0.5 + 0.005 * s;
		steps(1);
		ck_assert_double_le(region(0).keep, last + 1e-9);
		last = region(0).keep;
	}
	ck_assert_double_lt(last, 1);
}
END_TEST

static TCase *
cases(void)
{
	TCase *tc = tcase_create("controller");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, who_has_too_much_sheds_and_says_so);
	tcase_add_test(tc, when_all_are_full_none_sheds_into_another);
	tcase_add_test(tc, one_region_has_nowhere_to_shed_to);
	tcase_add_test(
	    tc, a_load_that_is_not_known_keeps_what_is_then_goes_back_to_all);
	tcase_add_test(tc, the_last_load_of_who_is_silent_goes_on_to_count);
	tcase_add_test(tc, a_load_that_was_never_known_is_not_zero);
	tcase_add_loop_test(
	    tc, a_region_is_as_full_as_those_that_tell, 0, N(parts));
	tcase_add_test(tc, without_demand_load_alone_counts);
	tcase_add_test(
	    tc, demand_that_nobody_counts_any_more_is_believed_for_a_while);
	tcase_add_test(tc, too_many_classes_are_an_unknown_demand);
	tcase_add_test(tc, what_is_frozen_by_hand_does_not_move);
	tcase_add_test(tc, of_one_region_that_is_frozen_the_others_move);
	tcase_add_test(tc, a_region_that_went_comes_back_small);
	tcase_add_test(
	    tc, a_region_that_keeps_little_is_not_made_to_keep_more_by_going);
	tcase_add_test(tc, it_does_not_come_back_with_less_than_the_file_says);
	tcase_add_test(tc, a_start_watches_first);
	tcase_add_test(tc, a_start_watches_no_longer_than_two_minutes);
	tcase_add_test(tc, all_and_nothing_are_resumed);
	tcase_add_test(tc, a_class_walks_what_is_usable_of_it);
	tcase_add_test(tc, demand_of_nobody_is_none_that_counts);
	tcase_add_test(tc, nonsense_is_not_resumed);
	tcase_add_test(tc, without_capacity_nothing_is_shed);
	tcase_add_test(tc, a_pause_is_not_made_up_for);
	tcase_add_test(tc, a_region_keeps_no_more_than_somebody_said);
	tcase_add_test(tc, settings_are_those_of_the_file);
	tcase_add_test(tc, a_class_with_nowhere_to_go_does_not_count);
	tcase_add_test(
	    tc, where_all_classes_have_nowhere_to_go_load_alone_counts);
	tcase_add_loop_test(tc, keep_is_monotone_while_the_load_is, 0, 12);
	return tc;
}

int
main(void)
{
	Suite *suite = suite_create("controller");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, cases());
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
