/*
 * How the control law holds with many regions: simulated worlds of 3 to 30
 * regions of uneven size, with clients that are nearest to regions at random;
 * prints a line for each number of regions and each level of demand, the mean
 * and the worst of all seeds.  Fails on no figure: what is promised is tested
 * by tests/unit/steering/simulate/regions.c.
 *
 * Usage: regions [seeds [first [regions [level [late [spill]]]]]]
 * An argument of 0 is all there are; ${spill} is that key of the file.
 */
#include <math.h>
#include <stdlib.h>

#include "tests/unit/regions_fixture.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

struct line {
	double over, over_most, worst, worst_most, moved, moved_most, minute;
	double away, excess;
	unsigned held; /* worlds in which none was over for 1 % of the time */
	unsigned n;
};

static void
add(struct line *l, const struct tally *t)
{
	l->n++;
	l->held += t->over_most <= 0.01 && t->moved <= 0.01;
	l->over += t->over_most;
	l->over_most = fmax(l->over_most, t->over_most);
	l->worst += t->worst;
	l->worst_most = fmax(l->worst_most, t->worst);
	l->moved += t->moved;
	l->moved_most = fmax(l->moved_most, t->moved);
	l->minute = fmax(l->minute, t->moved_most);
	l->away += t->away;
	if (t->excess_least > 0)
		l->excess += t->excess / t->excess_least;
}

static int argc;
static char **argv;

/* The argument of that number; ${usual} without it. */
static unsigned long
argument(int number, unsigned long usual)
{
	return argc > number ? strtoul(argv[number], NULL, 10) : usual;
}

static void
show(const struct line *l, unsigned regions, double level, unsigned late_s)
{
	double n = l->n;

	if (l->n == 0)
		return;
	printf("measured: %2u regions %3.0f %% %2u s late: held %2u of %2u, "
	       "over %5.1f (%5.1f) %%, worst %.3f (%.3f), moved %5.2f (%5.2f) "
	       "%% a minute, worst minute %5.2f %%, excess %.2f, %.0f %% "
	       "away\n",
	    regions, 100 * level, late_s, l->held, l->n, 100 * l->over / n,
	    100 * l->over_most, l->worst / n, l->worst_most, 100 * l->moved / n,
	    100 * l->moved_most, 100 * l->minute, l->excess / n,
	    100 * l->away / n);
	fflush(stdout);
}

/* All seeds of so many regions. */
static void
try_level(unsigned regions, double level, unsigned late_s)
{
	uint64_t seeds = argument(1, 4), first = argument(2, 1);
	struct line line = {0};

	for (uint64_t seed = first; seed < first + seeds; seed++) {
		struct regions r;
		struct tally t;

		regions_load(&r, regions, seed, argc > 6 ? argv[6] : "{}");
		t = regions_run(&r, level, late_s);
		add(&line, &t);
		regions_unload(&r);
	}
	show(&line, regions, level, late_s);
}

START_TEST(run)
{
	static const unsigned regions[] = {3, 6, 8, 12, 16, 30};
	static const unsigned levels[] = {70, 85, 95, 105};
	static const unsigned lates[] = {5, 30};

	for (size_t c = 0; c < N(regions); c++)
		for (size_t i = 0; i < N(levels) * N(lates); i++) {
			unsigned level = levels[i / N(lates)];
			unsigned late_s = lates[i % N(lates)];
			unsigned long n = argument(3, 0), at = argument(4, 0);
			unsigned long late = argument(5, 0);

			if ((n == 0 || n == regions[c]) &&
			    (at == 0 || at == level) &&
			    (late == 0 || late == late_s))
				try_level(regions[c], level / 100.0, late_s);
		}
}
END_TEST

/* The fixture asserts: all of it is one test. */
int
main(int n, char **arguments)
{
	Suite *suite = suite_create("regions");
	TCase *tc = tcase_create("regions");
	SRunner *runner = srunner_create(suite);
	int failed;

	argc = n;
	argv = arguments;
	tcase_set_timeout(tc, 0);
	tcase_add_test(tc, run);
	suite_add_tcase(suite, tc);
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_SILENT);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
