/*
 * What the control law comes to with many regions of uneven size, in the
 * simulated world: 400 resolvers (Zipf 0.9, the ten largest forward the subnets
 * of 100 networks each), capacity and demand of each region drawn within 1 to
 * 10, TTL 30 s, requests held 20 s, metrics 30 s late, 20 % of noise on what is
 * counted; judged after 15 minutes.  A resolver that forwards nothing is a lump
 * of up to 1.3 % of the demand, and with 16 regions the smallest one is as
 * large: what is promised of them is less than of three.  `make check` runs one
 * seed, `make check-long` eight.
 */
#include "tests/full.h"
#include "tests/unit/regions_fixture.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* Of the worst of all seeds; ${over} of their mean. */
static const struct row {
	unsigned regions;
	double level, over, worst, moved;
} promised[] = {
    {8, 0.70, 0.01, 1.00, 0.005},
    {8, 0.85, 0.01, 1.00, 0.005},
    {8, 0.95, 1, 1.10, 0.005},
    {8, 1.05, 1, 1.30, 0.005},
    {12, 0.70, 0.20, 1.15, 0.005},
    {12, 0.85, 0.20, 1.10, 0.005},
    {12, 0.95, 1, 1.35, 0.005},
    {12, 1.05, 1, 1.45, 0.005},
    {16, 0.70, 0.20, 1.15, 0.005},
    {16, 0.85, 0.20, 1.15, 0.01},
    {16, 0.95, 1, 1.30, 0.01},
    {16, 1.05, 1, 1.45, 0.01},
};

START_TEST(many_regions_come_to_rest)
{
	const struct row *row = &promised[_i];
	size_t seeds = full_size(1, 8);
	double over = 0, worst = 0, moved = 0, minute = 0;

	for (uint64_t seed = 1; seed <= seeds; seed++) {
		struct regions r;
		struct tally t;

		regions_load(&r, row->regions, seed, "{}");
		t = regions_run(&r, row->level, 30);
		over += t.over_most / (double)seeds;
		worst = fmax(worst, t.worst);
		moved = fmax(moved, t.moved);
		minute = fmax(minute, t.moved_most);
		regions_unload(&r);
	}
	printf("measured: %2u regions, %3.0f %%: one over its capacity for "
	       "%4.1f %% of the time, at most %.3f, moved %4.2f %% a minute, "
	       "%4.2f %% in the worst\n",
	    row->regions, 100 * row->level, 100 * over, worst, 100 * moved,
	    100 * minute);
	ck_assert_double_le(over, row->over);
	ck_assert_double_le(worst, row->worst);
	ck_assert_double_le(moved, row->moved);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("simulate: regions");
	TCase *tc = tcase_create("regions");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, many_regions_come_to_rest, 0, (int)N(promised));
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
