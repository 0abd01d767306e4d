/*
 * Tests of slow starts: what came back a while ago grows in a straight line,
 * beside what has been there for longer; what begins all together begins whole.
 */
#include "steering/slow_start.h"

#include "tests/unit/steering_fixture.h"

#define MINUTES 300 /* seconds of the slow start */
#define LONG 100000000

/* Two regions of two endpoints, and a pool with a slow start. */
static struct fixture *
two_regions(uint32_t seconds, uint32_t min_up_ppm)
{
	struct fixture *f = fixture_create();
	uint32_t east = fixture_region(f, "east", 0);
	uint32_t west = fixture_region(f, "west", 50);
	uint32_t pool = fixture_pool(f, "v1");

	for (unsigned i = 0; i < 2; i++)
		fixture_endpoint(f, pool, east, 1);
	for (unsigned i = 0; i < 2; i++)
		fixture_endpoint(f, pool, west, 1);
	f->pools[pool].slow_start_s = seconds;
	f->pools[pool].min_up_ppm = min_up_ppm;
	fixture_split(f, fixture_service(f, "chat"), pool, 1);
	fixture_build(f);
	return f;
}

/* A new live, whose endpoints have been up for so long; -1: is down. */
static void
lay(struct fixture *f, const int64_t up_ms[4])
{
	live_destroy(f->live);
	f->live = live_create(f->policy);
	ck_assert_ptr_nonnull(f->live);
	for (size_t e = 0; e < 4; e++) {
		f->live->endpoint[e] = up_ms[e] < 0 ? USABLE_NO : USABLE_YES;
		if (up_ms[e] >= 0)
			live_came_back(f->live, e, up_ms[e]);
	}
	slow_start_lay(f->live, f->policy);
	live_judge(f->live, f->policy);
}

static double
keeps(const struct fixture *f, unsigned group)
{
	return (double)f->live->group[group].keep / 0x1p64;
}

static double
weighs(const struct fixture *f, size_t e)
{
	return (double)f->live->factor[e] / (1 << LIVE_FACTOR_BITS);
}

static const struct {
	const char *what;
	uint32_t min_up_ppm;
	int64_t up_ms[4];
	double keep[2], factor[4];
} rows[] = {
    {"all was there for long", 0, {LONG, LONG, LONG, LONG}, {1, 1},
	{1, 1, 1, 1}},
    {"a region that just came back has a twentieth", 0, {LONG, LONG, 0, 0},
	{1, 0.05}, {1, 1, 1, 1}},
    {"it grows in steps of a hundredth", 0, {LONG, LONG, 2999, 2999}, {1, 0.05},
	{1, 1, 1, 1}},
    {"one step", 0, {LONG, LONG, 3000, 3000}, {1, 0.0595}, {1, 1, 1, 1}},
    {"half of the time", 0, {LONG, LONG, 150000, 150000}, {1, 0.525},
	{1, 1, 1, 1}},
    {"the last step", 0, {LONG, LONG, 299999, 299999}, {1, 0.9905},
	{1, 1, 1, 1}},
    {"and is whole", 0, {LONG, LONG, 300000, 300000}, {1, 1}, {1, 1, 1, 1}},
    {"an endpoint grows by its weight in a region that was there", 0,
	{LONG, 150000, LONG, LONG}, {1, 1}, {1, 0.525, 1, 1}},
    {"it begins with a twentieth of its weight", 0, {LONG, 0, LONG, LONG},
	{1, 1}, {1, 0.05, 1, 1}},
    {"a region that grows leans on the other one, its endpoints on none", 0,
	{150000, 150000, LONG, LONG}, {0.525, 1}, {1, 1, 1, 1}},
    {"a region came back with the first that made it usable", 0,
	{LONG, LONG, 150000, 0}, {1, 0.525}, {1, 1, 1, 1}},
    {"or with the one that brought it to min_up", 1000000,
	{LONG, LONG, LONG, 150000}, {1, 0.525}, {1, 1, 1, 0.525}},
    {"which counts for no other region", 1000000, {LONG, 0, LONG, LONG},
	{0.05, 1}, {1, 0.05, 1, 1}},
    {"what begins all together begins whole", 0, {0, 0, 0, 0}, {1, 1},
	{1, 1, 1, 1}},
    {"where nothing else is usable there is nobody to lean on", 0,
	{-1, -1, 0, 0}, {1, 1}, {1, 1, 1, 1}},
    {"nor where the other is below min_up", 1000000, {LONG, -1, 0, 0}, {1, 1},
	{1, 1, 1, 1}},
};

START_TEST(what_comes_back_grows)
{
	struct fixture *f = two_regions(MINUTES, rows[_i].min_up_ppm);

	lay(f, rows[_i].up_ms);
	for (unsigned g = 0; g < 2; g++) {
		ck_assert_msg(keeps(f, g) > rows[_i].keep[g] - 1e-6 &&
			keeps(f, g) < rows[_i].keep[g] + 1e-6,
		    "%s: region %u keeps %g", rows[_i].what, g, keeps(f, g));
		ck_assert_msg(
		    (f->live->group[g].slope > 0) == (rows[_i].keep[g] < 1),
		    "%s", rows[_i].what);
	}
	for (size_t e = 0; e < 4; e++)
		ck_assert_msg(weighs(f, e) > rows[_i].factor[e] - 1e-3 &&
			weighs(f, e) < rows[_i].factor[e] + 1e-3,
		    "%s: endpoint %zu weighs %g", rows[_i].what, e,
		    weighs(f, e));
	fixture_destroy(f);
}
END_TEST

/* What it will keep is what it keeps then. */
START_TEST(it_grows_as_fast_as_it_says)
{
	struct fixture *f = two_regions(MINUTES, 0);
	double now;
	int64_t slope;

	lay(f, (int64_t[]){LONG, LONG, 60000, 60000});
	now = keeps(f, 1);
	slope = f->live->group[1].slope;
	lay(f, (int64_t[]){LONG, LONG, 90000, 90000});
	now += (double)slope * 30 / 0x1p64;
	ck_assert(now > keeps(f, 1) - 1e-6 && now < keeps(f, 1) + 1e-6);
	fixture_destroy(f);
}
END_TEST

START_TEST(without_the_key_nothing_grows)
{
	struct fixture *f = two_regions(0, 0);

	lay(f, (int64_t[]){LONG, 0, 0, 0});
	ck_assert_uint_eq(f->live->group[1].keep, POLICY_KEEP_ALL);
	ck_assert(!f->live->group[0].weighed);
	fixture_destroy(f);
}
END_TEST

/* The shortest of all has one step a second, and no number is too large. */
START_TEST(a_start_of_a_second_is_one_step)
{
	struct fixture *f = two_regions(1, 0);

	lay(f, (int64_t[]){LONG, LONG, 999, 999});
	ck_assert(keeps(f, 1) < 0.06);
	ck_assert_int_gt(f->live->group[1].slope, 0);
	lay(f, (int64_t[]){LONG, LONG, 1000, 1000});
	ck_assert_uint_eq(f->live->group[1].keep, POLICY_KEEP_ALL);
	fixture_destroy(f);
}
END_TEST

/* What is drained is not there, however long it passes its checks. */
START_TEST(what_is_drained_is_not_there)
{
	struct fixture *f = two_regions(MINUTES, 0);

	live_destroy(f->live);
	f->live = live_create(f->policy);
	ck_assert_ptr_nonnull(f->live);
	memset(f->live->endpoint, USABLE_YES, 4);
	live_drain(f->live, 0);
	live_drain(f->live, 1);
	live_came_back(f->live, 2, 0);
	slow_start_lay(f->live, f->policy);
	live_judge(f->live, f->policy);
	ck_assert_uint_eq(f->live->group[1].keep, POLICY_KEEP_ALL);
	fixture_destroy(f);
}
END_TEST

/* Beside it: a pool without a weight, and a service in another one. */
START_TEST(what_has_no_endpoints_of_its_own_has_no_start)
{
	struct fixture *f = fixture_create();
	uint32_t east = fixture_region(f, "east", 0);
	uint32_t west = fixture_region(f, "west", 50);
	struct service_config *chat = fixture_service(f, "chat");
	struct service_config *outer = fixture_service(f, "outer");
	uint32_t pool = fixture_pool(f, "v1"), spare = fixture_pool(f, "spare");

	for (unsigned i = 0; i < 4; i++)
		fixture_endpoint(f, pool, i < 2 ? east : west, 1);
	fixture_endpoint(f, spare, east, 0);
	f->pools[pool].slow_start_s = f->pools[spare].slow_start_s = MINUTES;
	fixture_split(f, chat, pool, 1);
	fixture_split(f, chat, spare, 0);
	fixture_split(f, outer, fixture_nested(f, "inner", chat), 1);
	fixture_build(f);
	lay(f, (int64_t[]){LONG, LONG, 0, 0});
	ck_assert(keeps(f, 1) < 0.06);
	fixture_destroy(f);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering: slow start");
	TCase *tc = tcase_create("slow start");

	tcase_add_loop_test(tc, what_comes_back_grows, 0,
	    (int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_test(tc, it_grows_as_fast_as_it_says);
	tcase_add_test(tc, without_the_key_nothing_grows);
	tcase_add_test(tc, a_start_of_a_second_is_one_step);
	tcase_add_test(tc, what_is_drained_is_not_there);
	tcase_add_test(tc, what_has_no_endpoints_of_its_own_has_no_start);
	suite_add_tcase(suite, tc);
	return fixture_run(suite);
}
