/* The endpoints of a pool, evened out by what vantages say: time and rows are
 * those of the test. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/control/evened.h"
#include "tests/unit/sights_fixture.h"

/* Two regions, in the order of their names. */
static const struct control_endpoint endpoints[] = {
    {.name = "a1", .region = 0, .weight = 1, .stale_ms = 10000},
    {.name = "a2", .region = 0, .weight = 1, .stale_ms = 10000},
    {.name = "b1", .region = 1, .weight = 3, .stale_ms = 10000},
    {.name = "b2", .region = 1, .weight = 3, .stale_ms = 10000},
    {.name = "b3", .region = 1, .weight = 3, .stale_ms = 10000},
};
#define ALL (sizeof(endpoints) / sizeof(endpoints[0]))

static const struct control_pool pool = {.zone = SIGHTS_ZONE,
    .name = SIGHTS_POOL,
    .evens = true,
    .slow_start_s = 120,
    .endpoints = endpoints,
    .n = ALL};
static const struct control_plan plan = {&pool, 1};

static struct judged_fixture judged;
static struct sights *sights;
static struct evened *e;
static int64_t now_ms;
static double full[ALL];
static bool held[ALL], down[ALL], silent[ALL];
static char told[ALL][STATE_REASON];
static uint32_t stored[ALL]; /* as the state database has it */
static size_t writes;

static void
setup(void)
{
	now_ms = 1000000;
	judged_init(&judged);
	for (size_t i = 0; i < ALL; i++)
		(void)judged_add(&judged, SIGHTS_ZONE, SIGHTS_POOL,
		    endpoints[i].name,
		    endpoints[i].region == 0 ? "east" : "west");
	sights = sights_create(&plan, &judged.judged, now_ms);
	e = evened_create(&pool, 0);
	ck_assert_ptr_nonnull(sights);
	ck_assert_ptr_nonnull(e);
	writes = 0;
	memset(held, 0, sizeof(held));
	memset(down, 0, sizeof(down));
	memset(silent, 0, sizeof(silent));
	memset(told, 0, sizeof(told));
	memset(stored, 0, sizeof(stored));
	for (size_t i = 0; i < ALL; i++)
		full[i] = 0.6;
}

static void
teardown(void)
{
	evened_destroy(e);
	sights_destroy(sights);
}

/* What vantage "here" writes. */
static void
look(void)
{
	sights_hear(sights, "here", "", now_ms);
	for (size_t i = 0; i < ALL; i++)
		sights_tell(sights, "here", endpoints[i].name,
		    down[i] ? HEALTH_DOWN : HEALTH_UP,
		    silent[i] ? (double)NAN : full[i], now_ms);
	sights_commit(sights, now_ms);
	sights_sit(sights, now_ms);
}

static void
write_rows(void)
{
	struct state_factor row;
	char why[STATE_REASON];

	for (size_t i = 0; i < ALL; i++) {
		size_t number;

		if (!evened_row(e, i, &row, why))
			continue;
		ck_assert_str_eq(row.zone, "test.example");
		ck_assert_str_eq(row.pool, "pool");
		number = control_plan_endpoint(&pool, row.endpoint);
		ck_assert_uint_lt(number, ALL);
		stored[number] = row.sixteenths;
		writes++;
		if (why[0] != '\0')
			memcpy(told[number], why, sizeof(why));
	}
}

static void
pass(int seconds, uint64_t frozen)
{
	for (int i = 0; i < seconds; i++) {
		now_ms += 1000;
		look();
		evened_step(e, sights, held, frozen, now_ms);
		write_rows();
	}
}

/* Another program, which knows what is stored. */
static void
start_anew(void)
{
	evened_destroy(e);
	e = evened_create(&pool, 0);
	ck_assert_ptr_nonnull(e);
	for (size_t i = 0; i < ALL; i++) {
		struct state_factor row = {.zone = "test.example",
		    .pool = "pool",
		    .sixteenths = stored[i]};

		snprintf(row.endpoint, sizeof(row.endpoint), "%s",
		    endpoints[i].name);
		if (stored[i] > 0)
			evened_factor(e, &row);
	}
}

START_TEST(each_region_by_itself)
{
	/* Twice as full as the other of its region, and as idle as one can be
	 * beside the other region. */
	full[1] = 0.4;
	full[0] = 0.2;
	full[2] = 0.9;
	pass(EVEN_LEARN_S + 10, 0);
	ck_assert_uint_eq(stored[0], 0);
	ck_assert_uint_eq(stored[1], 15);
	ck_assert_uint_eq(stored[2], 15);
	ck_assert_uint_eq(stored[3], 0);
	ck_assert_uint_eq(writes, 2);
	ck_assert_str_eq(
	    told[1], "weight 15/16 after 16/16, 133 % as full as its region");
	ck_assert_str_eq(
	    told[2], "weight 15/16 after 16/16, 129 % as full as its region");
	/* Of two or three a step moves more than a minute is to. */
	pass(60, 0);
	ck_assert_uint_eq(writes, 2);
	pass(120, 0);
	ck_assert_uint_eq(stored[1], 14);
	ck_assert_uint_eq(stored[2], 14);
}
END_TEST

/* Rows are written when something moved, and once more when we begin. */
START_TEST(it_goes_on_from_what_is_stored)
{
	full[0] = 1.8;
	pass(EVEN_LEARN_S + 10, 0);
	ck_assert_uint_eq(stored[0], 15);
	ck_assert_uint_eq(writes, 1);
	start_anew();
	pass(20, 0);
	ck_assert_uint_eq(stored[0], 15);
	ck_assert_uint_eq(writes, 2);
	pass(EVEN_LEARN_S, 0);
	ck_assert_uint_eq(stored[0], 14);
	/* Another one controls, and then we do again, from what it left. */
	evened_leave(e);
	stored[0] = 8;
	{
		struct state_factor row = {.endpoint = "a1", .sixteenths = 8};

		evened_factor(e, &row);
	}
	pass(EVEN_LEARN_S + 10, 0);
	ck_assert_uint_eq(stored[0], 7);
	/* The file was made anew: what it had is given again. */
	evened_again(e);
	writes = 0;
	pass(1, 0);
	ck_assert_uint_eq(writes, 1);
}
END_TEST

START_TEST(what_is_not_known_or_held_stays)
{
	full[0] = 1.8;
	pass(200, 1);
	ck_assert_uint_eq(writes, 0);
	held[0] = true;
	pass(200, 0);
	ck_assert_uint_eq(writes, 0);
	held[0] = false;
	down[0] = true;
	pass(200, 0);
	ck_assert_uint_eq(writes, 0);
	down[0] = false;
	silent[0] = true;
	/* What was measured last counts for its time. */
	pass(200, 0);
	ck_assert_uint_eq(writes, 0);
	silent[0] = false;
	pass(EVEN_LEARN_S + 10, 0);
	ck_assert_uint_eq(stored[0], 15);
	/* Regions are frozen one by one. */
	full[2] = 1.8;
	pass(EVEN_LEARN_S + 60, 1);
	ck_assert_uint_eq(stored[0], 15);
	ck_assert_uint_le(stored[2], 15);
}
END_TEST

/* Clients come bit by bit to what came back: that it is idle makes nothing else
 * full. */
START_TEST(a_slow_start_is_waited_for)
{
	full[2] = 0.1;
	full[3] = full[4] = 0.7;
	down[2] = true;
	pass(EVEN_LEARN_S + 10, 0);
	down[2] = false;
	pass(110, 0);
	ck_assert_uint_eq(writes, 0);
	pass(20 + EVEN_LEARN_S, 0);
	ck_assert_uint_eq(writes, 1);
	/* What was up when we began is whole. */
	full[2] = 0.7;
	start_anew();
	full[0] = 1.8;
	pass(EVEN_LEARN_S + 10, 0);
	ck_assert_uint_eq(stored[0], 15);
}
END_TEST

/* An endpoint that is less full than before gets its weight back, which is
 * written too. */
START_TEST(what_recovers_rises_to_all)
{
	stored[0] = 15;
	start_anew();
	full[0] = 0.3;
	pass(300, 0);
	ck_assert_uint_eq(stored[0], 16);
	ck_assert_str_eq(
	    told[0], "weight 16/16 after 15/16, 67 % as full as its region");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("probes_control_evened");
	TCase *tcase = tcase_create("evened");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, each_region_by_itself);
	tcase_add_test(tcase, it_goes_on_from_what_is_stored);
	tcase_add_test(tcase, what_is_not_known_or_held_stays);
	tcase_add_test(tcase, a_slow_start_is_waited_for);
	tcase_add_test(tcase, what_recovers_rises_to_all);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
