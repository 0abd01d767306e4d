/*
 * A ramp in the answers: a canary without a weight is one of the split all the
 * same, has exactly what it is given, and each step moves only the networks
 * that it has to.
 */
#include "steering/ladder.h"

#include <math.h>

#include "tests/unit/steering_fixture.h"

#define CLIENTS 200000

/* Pools a, b and c with ${weights}, of which b walks, from ${from}. */
static struct fixture *
ramped(const uint32_t weights[3], uint32_t from, struct ramp_config *ramp)
{
	static const char *const names[] = {"a", "b", "c"};
	struct fixture *f = fixture_create();
	uint32_t east = fixture_region(f, "east", 0);
	struct service_config *s = fixture_service(f, "chat");

	for (unsigned i = 0; i < 3; i++) {
		uint32_t pool = fixture_pool(f, names[i]);

		fixture_endpoint(f, pool, east, 1);
		fixture_split(f, s, pool, weights[i]);
	}
	*ramp = (struct ramp_config){.member = 1, .neighbour = from};
	s->ramp = ramp;
	fixture_build(f);
	return f;
}

/* Spread evenly over all IPv4 addresses. */
static unsigned
member_of(struct fixture *f, uint32_t i)
{
	struct address a = fixture_ipv4(i * UINT32_C(0x9e3779b1));
	struct decision d;

	fixture_decide(f, 0, &a, &d);
	return d.member;
}

static void
check_shares(struct fixture *f, const double want[3])
{
	unsigned count[3] = {0};

	for (uint32_t i = 0; i < CLIENTS; i++)
		count[member_of(f, i)]++;
	for (unsigned m = 0; m < 3; m++) {
		double is = (double)count[m] / CLIENTS;

		ck_assert_msg(fabs(is - want[m]) <= 0.002 &&
			(want[m] > 0 || count[m] == 0),
		    "pool %u: %g, not %g", m, is, want[m]);
	}
}

static void
shift(struct fixture *f, uint32_t ppm)
{
	live_shift(f->live, &f->policy->zones[0].services[0], 1, ppm, ppm,
	    LIVE_NOT_PENDING);
}

START_TEST(a_canary_without_a_weight_begins_with_nothing)
{
	static const uint32_t weights[] = {60, 0, 40};
	struct ramp_config ramp;
	struct fixture *f = ramped(weights, 0, &ramp);

	check_shares(f, (double[]){0.6, 0, 0.4});
	shift(f, 100000);
	check_shares(f, (double[]){0.54, 0.06, 0.4});
	shift(f, 0);
	check_shares(f, (double[]){0.6, 0, 0.4});
	fixture_destroy(f);
}
END_TEST

START_TEST(the_border_is_that_of_the_ramp)
{
	static const uint32_t weights[] = {60, 10, 30};
	struct ramp_config ramp;
	struct fixture *f = ramped(weights, 2, &ramp);

	check_shares(f, (double[]){0.6, 0.1, 0.3});
	ck_assert_int_eq(
	    live_neighbour(&f->policy->zones[0].services[0], 1), 2);
	shift(f, 500000);
	check_shares(f, (double[]){0.6, 0.2, 0.2});
	shift(f, 1000000);
	check_shares(f, (double[]){0.6, 0.4, 0});
	fixture_destroy(f);
}
END_TEST

/* With the others down it serves, whatever its share: it costs nobody an
 * answer. */
START_TEST(it_serves_where_nothing_else_does)
{
	static const uint32_t weights[] = {60, 0, 40};
	struct ramp_config ramp;
	struct fixture *f = ramped(weights, 0, &ramp);

	fixture_set(f, 0, 0, USABLE_NO);
	check_shares(f, (double[]){0, 0, 1});
	fixture_set(f, 2, 0, USABLE_NO);
	check_shares(f, (double[]){0, 1, 0});
	/* And where it is down, the others have its clients. */
	fixture_set_all(f, USABLE_YES);
	shift(f, 500000);
	fixture_set(f, 1, 0, USABLE_NO);
	for (uint32_t i = 0; i < CLIENTS; i++)
		ck_assert_uint_ne(member_of(f, i), 1);
	fixture_destroy(f);
}
END_TEST

/* Along a ramp each network goes to the canary once, and comes back when the
 * ramp does, each to where it was. */
START_TEST(each_network_moves_once)
{
	static const uint32_t weights[] = {60, 0, 40};
	struct ramp_config ramp;
	struct fixture *f = ramped(weights, 0, &ramp);
	static uint8_t start[CLIENTS], is[CLIENTS];

	for (uint32_t i = 0; i < CLIENTS; i++)
		start[i] = is[i] = (uint8_t)member_of(f, i);
	for (uint32_t ppm = 50000; ppm <= 1000000; ppm += 50000) {
		unsigned moved = 0;

		shift(f, ppm);
		for (uint32_t i = 0; i < CLIENTS; i++) {
			unsigned now = member_of(f, i);

			if (now == is[i])
				continue;
			ck_assert_uint_eq(is[i], 0);
			ck_assert_uint_eq(now, 1);
			is[i] = (uint8_t)now;
			moved++;
		}
		/* A twentieth of the 60 %. */
		ck_assert_uint_ge(moved, CLIENTS * 28 / 1000);
		ck_assert_uint_le(moved, CLIENTS * 32 / 1000);
	}
	shift(f, 0);
	for (uint32_t i = 0; i < CLIENTS; i++)
		ck_assert_uint_eq(member_of(f, i), start[i]);
	fixture_destroy(f);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering_ramp_shares");
	TCase *tcase = tcase_create("shares");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, a_canary_without_a_weight_begins_with_nothing);
	tcase_add_test(tcase, the_border_is_that_of_the_ramp);
	tcase_add_test(tcase, it_serves_where_nothing_else_does);
	tcase_add_test(tcase, each_network_moves_once);
	suite_add_tcase(suite, tcase);
	return fixture_run(suite);
}
