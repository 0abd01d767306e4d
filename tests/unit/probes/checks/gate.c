/* Who goes through the gate, and in which order. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "probes/checks/gate.h"

#define MOST 64

static uv_loop_t loop;
static struct gate *gate;
static struct gate_visit visits[MOST];
static int entered[MOST], n_entered;

static void
on_entered(void *context)
{
	entered[n_entered++] = (int)((struct gate_visit *)context - visits);
}

static void
set_up(void)
{
	ck_assert_int_eq(uv_loop_init(&loop), 0);
	gate = gate_create(&loop, 8);
	ck_assert_ptr_nonnull(gate);
	n_entered = 0;
	for (int i = 0; i < MOST; i++)
		visits[i] = (struct gate_visit){.enter = on_entered,
		    .context = &visits[i],
		    .pass = {.places = 1}};
}

static void
tear_down(void)
{
	gate_close(gate);
	uv_run(&loop, UV_RUN_DEFAULT);
	ck_assert_int_eq(uv_loop_close(&loop), 0);
}

/* What the loop does now. */
static void
turn(void)
{
	uv_update_time(&loop);
	uv_run(&loop, UV_RUN_NOWAIT);
	uv_run(&loop, UV_RUN_NOWAIT);
}

static bool
enter(int i)
{
	return gate_enter(gate, &visits[i]);
}

static void
leave(int i)
{
	gate_leave(gate, &visits[i].pass);
	turn();
}

START_TEST(no_more_than_the_limit_and_the_others_in_order)
{
	struct gate_figures f;

	for (int i = 0; i < 8; i++)
		ck_assert(enter(i));
	for (int i = 8; i < 12; i++)
		ck_assert(!enter(i));
	turn();
	ck_assert_int_eq(n_entered, 0);
	gate_figures(gate, &f);
	ck_assert_uint_eq(f.limit, 8);
	ck_assert_uint_eq(f.taken, 8);
	ck_assert_uint_eq(f.waiting, 4);
	ck_assert_uint_eq(f.waited, 4);
	for (int i = 0; i < 4; i++) {
		leave(i);
		ck_assert_int_eq(n_entered, i + 1);
		ck_assert_int_eq(entered[i], 8 + i);
	}
	gate_figures(gate, &f);
	ck_assert_uint_eq(f.waiting, 0);
}
END_TEST

START_TEST(who_waits_no_more_is_not_let_in)
{
	for (int i = 0; i < 8; i++)
		ck_assert(enter(i));
	for (int i = 8; i < 11; i++)
		ck_assert(!enter(i));
	gate_forget(gate, &visits[10]);
	gate_forget(gate, &visits[8]);
	gate_forget(gate, &visits[8]);
	leave(0);
	leave(1);
	ck_assert_int_eq(n_entered, 1);
	ck_assert_int_eq(entered[0], 9);
	/* It may come again. */
	ck_assert(enter(10));
}
END_TEST

/* However many hang, half of the places are for others. */
START_TEST(what_was_slow_takes_half)
{
	for (int i = 0; i < 20; i++) {
		visits[i].pass.pace = GATE_SLOW;
		ck_assert_int_eq(enter(i), i < 4);
	}
	for (int i = 20; i < 24; i++)
		ck_assert(enter(i));
	ck_assert(!enter(24));
	/* The place of a slow one is for the slow, that of another for the
	 * others. */
	leave(0);
	ck_assert_int_eq(n_entered, 1);
	ck_assert_int_eq(entered[0], 4);
	leave(20);
	ck_assert_int_eq(n_entered, 2);
	ck_assert_int_eq(entered[1], 24);
	leave(21);
	ck_assert_int_eq(n_entered, 2);
}
END_TEST

/* At a start nobody knows what hangs: what is found to answer does not wait for
 * all that was not tried yet. */
START_TEST(what_was_not_tried_leaves_a_quarter)
{
	for (int i = 0; i < 20; i++) {
		visits[i].pass.pace = GATE_UNTRIED;
		ck_assert_int_eq(enter(i), i < 6);
	}
	ck_assert(enter(20));
	ck_assert(enter(21));
	ck_assert(!enter(22));
	/* What is slow and what was not tried share their part. */
	visits[23].pass.pace = GATE_SLOW;
	ck_assert(!enter(23));
	leave(0);
	ck_assert_int_eq(n_entered, 1);
	ck_assert_int_eq(entered[0], 6);
	leave(20);
	ck_assert_int_eq(n_entered, 2);
	ck_assert_int_eq(entered[1], 22);
}
END_TEST

/* Neither do the others keep out what was slow. */
START_TEST(the_slow_come_in_their_order)
{
	for (int i = 0; i < 8; i++)
		ck_assert(enter(i));
	visits[9].pass.pace = GATE_SLOW;
	for (int i = 8; i < 11; i++)
		ck_assert(!enter(i));
	for (int i = 0; i < 3; i++) {
		leave(i);
		ck_assert_int_eq(entered[i], 8 + i);
	}
}
END_TEST

/* Of programs 32, of slow ones 16: they keep nobody else out. */
START_TEST(programs_have_a_limit_of_their_own)
{
	gate_limit(gate, 1000);
	for (int i = 0; i < 40; i++) {
		visits[i].pass.program = true;
		visits[i].pass.pace = i < 20 ? GATE_SLOW : GATE_QUICK;
		ck_assert_int_eq(enter(i), i < 16 || (i >= 20 && i < 36));
	}
	for (int i = 40; i < 50; i++)
		ck_assert(enter(i));
	leave(0);
	ck_assert_int_eq(n_entered, 1);
	ck_assert_int_eq(entered[0], 16);
	leave(20);
	ck_assert_int_eq(n_entered, 2);
	ck_assert_int_eq(entered[1], 36);
}
END_TEST

START_TEST(the_urgent_go_first_three_times_in_a_row)
{
	static const int order[] = {20, 21, 22, 8, 23, 24, 25, 9, 10};

	for (int i = 0; i < 8; i++)
		ck_assert(enter(i));
	for (int i = 8; i < 11; i++)
		ck_assert(!enter(i));
	for (int i = 20; i < 26; i++) {
		visits[i].urgent = true;
		ck_assert(!enter(i));
	}
	for (int i = 0; i < 9; i++) {
		leave(i);
		ck_assert_int_eq(n_entered, i + 1);
		ck_assert_int_eq(entered[i], order[i]);
	}
}
END_TEST

/* An endpoint with several addresses: nobody goes before it until there are as
 * many places, and one that needs more than there are goes alone. */
START_TEST(who_needs_many_places_gets_them)
{
	for (int i = 0; i < 8; i++)
		ck_assert(enter(i));
	visits[8].pass.places = 3;
	visits[9].pass.places = 20;
	for (int i = 8; i < 11; i++)
		ck_assert(!enter(i));
	leave(0);
	leave(1);
	ck_assert_int_eq(n_entered, 0);
	ck_assert(!enter(0));
	leave(2);
	ck_assert_int_eq(n_entered, 1);
	ck_assert_int_eq(entered[0], 8);
	for (int i = 3; i < 9; i++) {
		ck_assert_int_eq(n_entered, 1);
		leave(i);
	}
	ck_assert_int_eq(n_entered, 2);
	ck_assert_int_eq(entered[1], 9);
	leave(9);
	ck_assert_int_eq(n_entered, 4);
}
END_TEST

START_TEST(another_limit_counts_at_once)
{
	for (int i = 0; i < 8; i++)
		ck_assert(enter(i));
	for (int i = 8; i < 12; i++)
		ck_assert(!enter(i));
	gate_limit(gate, 10);
	turn();
	ck_assert_int_eq(n_entered, 2);
	gate_limit(gate, 4);
	for (int i = 0; i < 6; i++)
		leave(i);
	ck_assert_int_eq(n_entered, 2);
	leave(6);
	ck_assert_int_eq(n_entered, 3);
}
END_TEST

START_TEST(the_longest_wait_is_known_while_it_lasts)
{
	for (int i = 0; i < 8; i++)
		ck_assert(enter(i));
	ck_assert_uint_eq(gate_worst_ms(gate), 0);
	ck_assert(!enter(8));
	uv_sleep(30);
	ck_assert_uint_ge(gate_worst_ms(gate), 29);
	leave(0);
	ck_assert_uint_ge(gate_worst_ms(gate), 29);
	ck_assert_uint_eq(gate_worst_ms(gate), 0);
}
END_TEST

START_TEST(the_default_follows_the_descriptors)
{
	ck_assert_uint_eq(gate_default(0), 16);
	ck_assert_uint_eq(gate_default(256), 16);
	ck_assert_uint_eq(gate_default(1024), 192);
	ck_assert_uint_eq(gate_default(20000), 4096);
	ck_assert_uint_eq(gate_default(UINT64_MAX), 4096);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("probes_checks_gate");
	TCase *tcase = tcase_create("gate");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, no_more_than_the_limit_and_the_others_in_order);
	tcase_add_test(tcase, who_waits_no_more_is_not_let_in);
	tcase_add_test(tcase, what_was_slow_takes_half);
	tcase_add_test(tcase, what_was_not_tried_leaves_a_quarter);
	tcase_add_test(tcase, the_slow_come_in_their_order);
	tcase_add_test(tcase, programs_have_a_limit_of_their_own);
	tcase_add_test(tcase, the_urgent_go_first_three_times_in_a_row);
	tcase_add_test(tcase, who_needs_many_places_gets_them);
	tcase_add_test(tcase, another_limit_counts_at_once);
	tcase_add_test(tcase, the_longest_wait_is_known_while_it_lasts);
	tcase_add_test(tcase, the_default_follows_the_descriptors);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
