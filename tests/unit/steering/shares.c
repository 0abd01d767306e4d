/*
 * Tests of shares over a million clients, by whole decisions: a split gives
 * each pool its share of addresses, the weights of endpoints are met as
 * closely as chance does, and what moves is what must move.
 */
#include "steering/ladder.h"

#include <math.h>

#include "tests/full.h"
#include "tests/unit/steering_random.h"

#define CLIENTS 1000000

/* Client number ${i} of CLIENTS, spread evenly: over all IPv4 addresses; of
 * IPv6 over 1,024 neighbouring blocks and the /48 in them. */
static struct address
client(int family, uint32_t i)
{
	/* The golden ratio of 2^32: any run of these is spread evenly. */
	uint32_t spread = i * UINT32_C(0x9e3779b1);
	struct address a = fixture_ipv4(spread);

	if (family == 4)
		return a;
	a = fixture_ipv4(UINT32_C(0x2a000000) | spread >> 22);
	a.family = 6;
	a.bytes[4] = (uint8_t)(spread >> 14);
	a.bytes[5] = (uint8_t)(spread >> 6);
	return a;
}

/* Pools of one endpoint in one region, with the weights of a split. */
static struct fixture *
pools(const uint32_t *weights, unsigned n)
{
	static const char *const names[FIXTURE_POOLS] = {"a", "b", "c", "d"};
	struct fixture *f = fixture_create();
	uint32_t east = fixture_region(f, "east", 0);
	struct service_config *s = fixture_service(f, "chat");

	for (unsigned i = 0; i < n; i++) {
		uint32_t pool = fixture_pool(f, names[i]);

		fixture_endpoint(f, pool, east, 1);
		fixture_split(f, s, pool, weights[i]);
	}
	return f;
}

/* At 0.01, 1, 5 and 50 per cent, in both families, in the middle and at the
 * end. */
START_TEST(a_pool_gets_its_share_of_addresses)
{
	static const struct {
		uint32_t weights[3];
		unsigned n;
	} rows[] = {
	    {{9999, 1, 0}, 2},
	    {{99, 1, 0}, 2},
	    {{95, 5, 0}, 2},
	    {{50, 50, 0}, 2},
	    {{60, 5, 35}, 3},
	    {{1, 98, 1}, 3},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fixture *f = pools(rows[i].weights, rows[i].n);
		double whole = 0;

		for (unsigned m = 0; m < rows[i].n; m++)
			whole += rows[i].weights[m];
		fixture_build(f);
		for (int family = 4; family <= 6; family += 2) {
			unsigned count[3] = {0};

			for (uint32_t k = 0; k < CLIENTS; k++) {
				struct address a = client(family, k);
				struct decision d;

				fixture_decide(f, 0, &a, &d);
				count[d.member]++;
			}
			for (unsigned m = 0; m < rows[i].n; m++) {
				double want = rows[i].weights[m] / whole;
				double is = (double)count[m] / CLIENTS;

				ck_assert_msg(fabs(is - want) <= 0.0005,
				    "IPv%d, row %zu, pool %u: %g, not %g",
				    family, i, m, is, want);
			}
		}
		fixture_destroy(f);
	}
}
END_TEST

/* A million networks that each pick by themselves, against the weights:
 * chi-square is not rejected at 0.001. */
START_TEST(endpoints_get_their_weight_as_closely_as_chance_does)
{
	static const struct {
		const char *what;
		uint32_t weights[3];
		unsigned n;
		double limit; /* of chi-square with n - 1 degrees of freedom */
	} rows[] = {
	    {"1:1", {1, 1}, 2, 10.83},
	    {"1:99", {1, 99}, 2, 10.83},
	    {"3:2:1", {3, 2, 1}, 3, 13.82},
	    {"60 equal ones", {7}, 60, 98.32},
	    {"60 of 1 to 60", {0}, 60, 98.32},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fixture *f = fixture_create();
		uint32_t east = fixture_region(f, "east", 0);
		struct service_config *s = fixture_service(f, "chat");
		uint32_t pool = fixture_pool(f, "a");
		double whole = 0;

		for (unsigned e = 0; e < rows[i].n; e++) {
			uint32_t weight = rows[i].n <= 3 ? rows[i].weights[e]
			    : rows[i].weights[0] > 0     ? rows[i].weights[0]
							 : e + 1;

			fixture_endpoint(f, pool, east, weight);
			whole += weight;
		}
		fixture_split(f, s, pool, 1);
		fixture_build(f);
		for (int family = 4; family <= 6; family += 2) {
			unsigned count[FIXTURE_ENDPOINTS] = {0};
			double chi = 0;

			for (uint32_t k = 0; k < CLIENTS; k++) {
				struct address a = fixture_ipv4(k << 12);
				struct decision d;

				a.family = (uint8_t)family;
				if (family == 6)
					a.bytes[4] = (uint8_t)(k >> 20);
				fixture_decide(f, 0, &a, &d);
				count[d.endpoint[0]]++;
			}
			for (unsigned e = 0; e < rows[i].n; e++) {
				uint32_t n = fixture_number(f, pool, e);
				double want = CLIENTS *
				    f->policy->endpoints[n].weight / whole;

				chi += pow(count[n] - want, 2) / want;
			}
			printf("%s, IPv%d: chi-square %.2f of %.2f\n",
			    rows[i].what, family, chi, rows[i].limit);
			ck_assert_msg(chi < rows[i].limit, "%s, IPv%d: %g",
			    rows[i].what, family, chi);
		}
		fixture_destroy(f);
	}
}
END_TEST

/* Up to four pools, or up to ten endpoints of one pool, with weights by chance.
 */
static struct fixture *
random_weights(bool pools_, unsigned *n, uint32_t weights[10])
{
	struct fixture *f;

	*n = 2 + fixture_below(pools_ ? 3 : 9);
	for (unsigned i = 0; i < *n; i++)
		weights[i] = 1 + fixture_below(pools_ ? 100 : 5);
	if (pools_)
		return pools(weights, *n);
	f = fixture_create();
	fixture_region(f, "east", 0);
	fixture_pool(f, "a");
	for (unsigned i = 0; i < *n; i++)
		fixture_endpoint(f, 0, 0, weights[i]);
	fixture_split(f, fixture_service(f, "chat"), 0, 1);
	return f;
}

/* What a client has: a pool, or an endpoint of the one there is, in the order
 * of the file. */
static unsigned
choice(struct fixture *f, bool pools_, const struct address *a)
{
	struct decision d;

	fixture_decide(f, 0, a, &d);
	ck_assert_uint_eq(d.n, 1);
	return pools_ ? d.member : d.endpoint[0];
}

#define MOVES 100 /* clients of a case */

/*
 * Of pools and of endpoints, whichever others are down: one that fails loses
 * its clients, one that rises takes some, and no other client moves.
 */
START_TEST(what_fails_or_rises_moves_its_own_clients_alone)
{
	uint64_t n_cases = full_size(400, 100000), moved = 0;

	for (uint64_t i = 0; i < n_cases; i++) {
		bool of_pools = i % 2 == 0;
		unsigned n, was[MOVES], flip_;
		struct address a[MOVES];
		uint32_t weights[10], up;
		struct fixture *f;

		random_case(i);
		f = random_weights(of_pools, &n, weights);
		fixture_build(f);
		flip_ = fixture_below(n);
		/* Some that are up, and not only the one that changes. */
		do
			up = fixture_below(1u << n) & ~(1u << flip_);
		while (up == 0);
		for (unsigned k = 0; k < n; k++)
			fixture_set(f, of_pools ? k : 0, of_pools ? 0 : k,
			    up >> k & 1 || k == flip_ ? USABLE_YES : USABLE_NO);
		for (unsigned k = 0; k < MOVES; k++) {
			a[k] = fixture_ipv4((uint32_t)fixture_random());
			was[k] = choice(f, of_pools, &a[k]);
		}
		fixture_set(
		    f, of_pools ? flip_ : 0, of_pools ? 0 : flip_, USABLE_NO);
		for (unsigned k = 0; k < MOVES; k++) {
			unsigned is = choice(f, of_pools, &a[k]);

			ck_assert_uint_ne(is, flip_);
			ck_assert_msg(is == was[k] || was[k] == flip_,
			    "case %llu: from %u to %u, as %u failed",
			    (unsigned long long)i, was[k], is, flip_);
			moved += is != was[k];
		}
		fixture_destroy(f);
	}
	ck_assert_uint_gt(moved, n_cases * MOVES / 10);
	printf("measured: failures: %llu cases from seed %llu\n",
	    (unsigned long long)n_cases, (unsigned long long)RANDOM_SEED);
}
END_TEST

/* What the weight of number ${which} of ${of} is after a change: of pools the
 * next one has what it loses or gains, so that their sum stays. */
static void
change(uint32_t *weights, unsigned which, bool of_pools)
{
	if (!of_pools) {
		weights[which] += 3;
		return;
	}
	weights[which] += weights[which + 1] / 2;
	weights[which + 1] -= weights[which + 1] / 2;
}

/* A pool that gains what its neighbour loses takes clients of that neighbour,
 * an endpoint that gains weight takes them of all; no other moves. */
START_TEST(a_weight_that_grows_draws_clients_and_moves_no_other)
{
	uint64_t n_cases = full_size(400, 100000), moved = 0;

	for (uint64_t i = 0; i < n_cases; i++) {
		bool of_pools = i % 2 == 0;
		struct address a[MOVES];
		unsigned n, was[MOVES], which;
		uint32_t weights[10];
		struct fixture *f;

		random_case(i);
		f = random_weights(of_pools, &n, weights);
		fixture_build(f);
		which = fixture_below(n - 1);
		for (unsigned k = 0; k < MOVES; k++) {
			a[k] = fixture_ipv4((uint32_t)fixture_random());
			was[k] = choice(f, of_pools, &a[k]);
		}
		change(weights, which, of_pools);
		live_destroy(f->live);
		policy_destroy(f->policy);
		map_set_destroy(f->maps);
		geography_destroy(f->geography);
		for (unsigned k = 0; k < n; k++) {
			if (of_pools)
				f->split[0][k].weight = weights[k];
			else
				f->endpoints[0][k].weight = weights[k];
		}
		fixture_build(f);
		for (unsigned k = 0; k < MOVES; k++) {
			unsigned is = choice(f, of_pools, &a[k]);

			ck_assert_msg(is == was[k] ||
				(is == which &&
				    (!of_pools || was[k] == which + 1)),
			    "case %llu: from %u to %u, as %u grew",
			    (unsigned long long)i, was[k], is, which);
			moved += is != was[k];
		}
		fixture_destroy(f);
	}
	ck_assert_uint_gt(moved, n_cases * MOVES / 20);
	printf("measured: weights: %llu cases from seed %llu\n",
	    (unsigned long long)n_cases, (unsigned long long)RANDOM_SEED);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering: shares");
	TCase *tc = tcase_create("shares");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, a_pool_gets_its_share_of_addresses);
	tcase_add_test(
	    tc, endpoints_get_their_weight_as_closely_as_chance_does);
	tcase_add_test(tc, what_fails_or_rises_moves_its_own_clients_alone);
	tcase_add_test(
	    tc, a_weight_that_grows_draws_clients_and_moves_no_other);
	suite_add_tcase(suite, tc);
	return fixture_run(suite);
}
