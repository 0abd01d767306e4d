/* The slots of counters: the same for the same names, bounded, never mixed. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "steering/outcomes.h"

#define MAX 1000

/* Of two cells the second counts twice as much. */
static void
counted(void *context, uint32_t slot, uint64_t *cells)
{
	const uint64_t *counts = context;

	cells[0] = counts[slot];
	cells[1] = 2 * counts[slot];
}

static uint64_t counts[MAX];

/* A slot has counted ${base} for others. */
static void
check_base(struct outcomes *o, uint32_t slot, uint64_t base)
{
	uint64_t cells[2];

	outcomes_base(o, slot, cells);
	ck_assert_uint_eq(cells[0], base);
	ck_assert_uint_eq(cells[1], 2 * base);
}

/* The slots of services ${first} to ${last} - 1: one of a region, one of the
 * last resort; returns how many got none. */
static size_t
load(struct outcomes *o, uint32_t first, uint32_t last)
{
	size_t none = 0;
	char name[32];

	outcomes_begin(o);
	for (uint32_t i = first; i < last; i++) {
		snprintf(name, sizeof(name), "s%u.example.", i);
		none += outcomes_slot(o, name, "p", "eu") == MAX;
		none += outcomes_slot(o, name, NULL, NULL) == MAX;
	}
	return none;
}

START_TEST(a_name_keeps_its_slot_over_reloads)
{
	struct outcomes *o = outcomes_create(MAX, 2);
	struct outcome_name name;

	ck_assert_ptr_nonnull(o);
	for (int round = 0; round < 3; round++) {
		ck_assert_uint_eq(load(o, 0, 500), 0);
		ck_assert_uint_eq(outcomes_adopt(o, counted, counts), 0);
		ck_assert_uint_eq(outcomes_count(o), MAX);
		ck_assert(outcomes_name(o, 84, &name));
		ck_assert_str_eq(name.service, "s42.example.");
		ck_assert_str_eq(name.pool, "p");
		ck_assert_str_eq(name.region, "eu");
		check_base(o, 84, 0);
		ck_assert(outcomes_name(o, 85, &name));
		ck_assert_str_eq(name.pool, "");
		ck_assert_str_eq(name.region, "");
	}
	outcomes_destroy(o);
	outcomes_destroy(NULL);
}
END_TEST

START_TEST(what_gets_no_slot_is_told)
{
	struct outcomes *o = outcomes_create(MAX, 2);

	ck_assert_ptr_nonnull(o);
	ck_assert_uint_eq(load(o, 0, 502), 4);
	ck_assert_uint_eq(outcomes_uncounted(o), 0);
	ck_assert_uint_eq(outcomes_adopt(o, counted, counts), 4);
	ck_assert_uint_eq(outcomes_uncounted(o), 4);
	ck_assert_uint_eq(load(o, 0, 500), 0);
	ck_assert_uint_eq(outcomes_adopt(o, counted, counts), 0);
	outcomes_destroy(o);
}
END_TEST

/* Others come: their counters begin at zero, whatever the slot has counted, and
 * nobody who is still there is disturbed. */
START_TEST(slots_of_services_that_left_are_given_to_others)
{
	struct outcomes *o = outcomes_create(MAX, 2);
	struct outcome_name name;

	ck_assert_ptr_nonnull(o);
	load(o, 0, 500);
	outcomes_adopt(o, counted, counts);
	for (uint32_t i = 0; i < MAX; i++)
		counts[i] = 1000 + i;
	/* 400 of them leave, and only then others may come. */
	ck_assert_uint_eq(load(o, 0, 100), 0);
	ck_assert(outcomes_name(o, 300, &name));
	outcomes_adopt(o, counted, counts);
	ck_assert(!outcomes_name(o, 300, &name));
	ck_assert(outcomes_name(o, 199, &name));
	ck_assert_uint_eq(load(o, 0, 100), 0);
	ck_assert_uint_eq(load(o, 600, 1000), 0);
	ck_assert(outcomes_name(o, 200, &name));
	ck_assert_str_eq(name.service, "s600.example.");
	check_base(o, 200, 1200);
	ck_assert(outcomes_name(o, 0, &name));
	ck_assert_str_eq(name.service, "s0.example.");
	check_base(o, 0, 0);
	outcomes_destroy(o);
}
END_TEST

START_TEST(a_load_that_failed_takes_nothing_from_what_is_served)
{
	struct outcomes *o = outcomes_create(MAX, 2);
	struct outcome_name name;

	ck_assert_ptr_nonnull(o);
	load(o, 0, 250);
	outcomes_adopt(o, counted, counts);
	load(o, 300, 350);
	ck_assert(outcomes_name(o, 0, &name));
	ck_assert_uint_eq(load(o, 0, 250), 0);
	outcomes_adopt(o, counted, counts);
	ck_assert(outcomes_name(o, 0, &name));
	ck_assert_str_eq(name.service, "s0.example.");
	ck_assert(!outcomes_name(o, 500, &name));
	outcomes_destroy(o);
}
END_TEST

/* New names at each of very many reloads: there is always a slot. */
START_TEST(slots_last_for_years_of_reloads)
{
	struct outcomes *o = outcomes_create(MAX, 2);

	ck_assert_ptr_nonnull(o);
	for (uint32_t round = 0; round < 100; round++) {
		ck_assert_uint_eq(load(o, round * 250, round * 250 + 250), 0);
		outcomes_adopt(o, counted, counts);
	}
	ck_assert_uint_le(outcomes_count(o), MAX);
	outcomes_destroy(o);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering: outcomes");
	TCase *tc = tcase_create("outcomes");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tc, a_name_keeps_its_slot_over_reloads);
	tcase_add_test(tc, what_gets_no_slot_is_told);
	tcase_add_test(tc, slots_of_services_that_left_are_given_to_others);
	tcase_add_test(
	    tc, a_load_that_failed_takes_nothing_from_what_is_served);
	tcase_add_test(tc, slots_last_for_years_of_reloads);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
