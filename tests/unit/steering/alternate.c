/*
 * Tests of what takes the place of a pool: its standby endpoints, first for
 * clients of its trickle, last for all others.
 */
#include "steering/alternate.h"

#include "tests/full.h"
#include "tests/unit/steering_random.h"

enum { NORTH, SOUTH }; /* regions */

/* Of the pool of pair(): e0 in north, e1 in south, and e2 standby in south. */
static struct fixture *
pair(uint32_t trickle_ppm)
{
	struct fixture *f = fixture_create();
	struct service_config *s = fixture_service(f, "chat");
	uint32_t pool;

	fixture_region(f, "north", 50);
	fixture_region(f, "south", 10);
	pool = fixture_pool(f, "v1");
	fixture_endpoint(f, pool, NORTH, 1);
	fixture_endpoint(f, pool, SOUTH, 1);
	fixture_endpoint(f, pool, SOUTH, 1)->standby = true;
	f->pools[pool].trickle_ppm = trickle_ppm;
	fixture_split(f, s, pool, 1);
	return f;
}

/* The endpoint of the file that ${client} is given. */
static unsigned
given(struct fixture *f, const char *client)
{
	struct decision d = fixture_ask(f, client);

	ck_assert_int_eq(d.kind, ANSWER_RECORDS);
	return (unsigned)(f->policy->endpoints[d.endpoint[0]].key.endpoint[1] -
	    '0');
}

START_TEST(standby_endpoints_serve_when_no_other_does_and_give_back)
{
	struct fixture *f = pair(0);
	struct decision d;

	fixture_build(f);
	ck_assert_uint_eq(given(f, "20.1.2.3"), 0);
	/* The standby endpoint is in the same region as the second: it comes
	 * after it all the same. */
	fixture_set(f, 0, 0, USABLE_NO);
	ck_assert_uint_eq(given(f, "20.1.2.3"), 1);
	fixture_set(f, 0, 1, USABLE_NO);
	ck_assert_uint_eq(given(f, "20.1.2.3"), 2);
	/* It is no last resort: the answer is as good as any. */
	d = fixture_ask(f, "20.1.2.3");
	ck_assert(!d.resort);
	ck_assert_uint_eq(d.ttl_s, 60);
	ck_assert_uint_eq(d.alternate, 1);
	ck_assert_uint_eq(d.scope, 0);
	fixture_set(f, 0, 1, USABLE_YES);
	ck_assert_uint_eq(given(f, "20.1.2.3"), 1);
	fixture_destroy(f);
}
END_TEST

START_TEST(what_nobody_has_checked_comes_after_standby_endpoints_that_are_up)
{
	struct fixture *f = pair(0);

	fixture_build(f);
	fixture_set(f, 0, 0, USABLE_UNCHECKED);
	fixture_set(f, 0, 1, USABLE_UNCHECKED);
	ck_assert_uint_eq(given(f, "20.1.2.3"), 2);
	fixture_set(f, 0, 2, USABLE_UNCHECKED);
	ck_assert_uint_eq(given(f, "20.1.2.3"), 0);
	/* As if all were up: the others first, too. */
	fixture_set_all(f, USABLE_NO);
	ck_assert_uint_eq(given(f, "20.1.2.3"), 0);
	ck_assert(fixture_ask(f, "20.1.2.3").resort);
	fixture_destroy(f);
}
END_TEST

START_TEST(a_client_of_standby_endpoints_hears_of_what_comes_back)
{
	struct fixture *f = pair(0);
	const struct policy_member *member;

	fixture_build(f);
	member = f->policy->zones[0].services[0].members;
	fixture_set(f, 0, 0, USABLE_NO);
	fixture_set(f, 0, 1, USABLE_NO);
	fixture_pending(f, member->pool.group[NORTH], 0);
	ck_assert_uint_eq(fixture_ask(f, "20.1.2.3").ttl_s, 5);
	fixture_destroy(f);
}
END_TEST

/* All endpoints of a region are standby when the region is. */
START_TEST(standby_regions_come_last)
{
	struct fixture *f = fixture_create();
	struct service_config *s = fixture_service(f, "chat");
	uint32_t pool;

	fixture_region(f, "spare", 50);
	fixture_region(f, "south", 10);
	fixture_region(f, "west", 0);
	f->regions[0].standby = true;
	pool = fixture_pool(f, "v1");
	for (uint32_t region = 0; region < 3; region++)
		fixture_endpoint(f, pool, region, 1);
	fixture_split(f, s, pool, 1);
	fixture_build(f);
	ck_assert_uint_eq(given(f, "20.1.2.3"), 1);
	fixture_set(f, 0, 1, USABLE_NO);
	ck_assert_uint_eq(given(f, "20.1.2.3"), 2);
	fixture_set(f, 0, 2, USABLE_NO);
	ck_assert_uint_eq(given(f, "20.1.2.3"), 0);
	fixture_destroy(f);
}
END_TEST

START_TEST(standby_endpoints_stay_inside_the_fence)
{
	struct fixture *f = pair(0);

	fixture_network(f, "office", "20.1.0.0/16", 50);
	fixture_fence(f, &f->services[0], 0, 1 << NORTH, true);
	fixture_build(f);
	fixture_set(f, 0, 0, USABLE_NO);
	/* The office has nothing but its own region left, others have. */
	ck_assert_uint_eq(given(f, "20.1.2.3"), 0);
	ck_assert(fixture_ask(f, "20.1.2.3").resort);
	ck_assert_uint_eq(given(f, "21.1.2.3"), 1);
	fixture_set(f, 0, 1, USABLE_NO);
	ck_assert_uint_eq(given(f, "21.1.2.3"), 2);
	ck_assert_uint_eq(given(f, "20.1.2.3"), 0);
	fixture_destroy(f);
}
END_TEST

START_TEST(a_pool_of_a_split_keeps_its_clients_on_its_standby_endpoints)
{
	struct fixture *f = pair(0);
	uint32_t canary = fixture_pool(f, "v2");
	struct decision before, after;
	unsigned moved = 0;

	fixture_endpoint(f, canary, NORTH, 1);
	fixture_split(f, &f->services[0], canary, 1);
	fixture_build(f);
	for (uint32_t i = 0; i < 4000; i++) {
		struct address a = fixture_sticky(i * 257);

		fixture_set(f, 0, 0, USABLE_YES);
		fixture_set(f, 0, 1, USABLE_YES);
		fixture_decide(f, 0, &a, &before);
		fixture_set(f, 0, 0, USABLE_NO);
		fixture_set(f, 0, 1, USABLE_NO);
		fixture_decide(f, 0, &a, &after);
		ck_assert_uint_eq(before.member, after.member);
		ck_assert_uint_eq(after.alternate, after.member == 0);
		moved += after.alternate;
	}
	ck_assert_uint_gt(moved, 1000);
	fixture_destroy(f);
}
END_TEST

/* Clients, spread over the address space. */
#define CLIENTS 16384

static void
take_trickle(uint32_t ppm, bool *out, unsigned *n)
{
	struct fixture *f = pair(ppm);
	struct decision d;

	*n = 0;
	fixture_build(f);
	for (uint32_t i = 0; i < CLIENTS; i++) {
		struct address a =
		    fixture_ipv4((uint32_t)(hash_mix(i, 3) >> 32));

		fixture_decide(f, 0, &a, &d);
		ck_assert(!d.resort && d.ttl_s == 60);
		ck_assert(ppm == 0 || d.hashed);
		out[i] = d.alternate == 1;
		*n += out[i];
	}
	fixture_destroy(f);
}

START_TEST(a_trickle_has_its_share_and_only_grows)
{
	static const uint32_t ppm[] = {0, 10000, 20000, 50000, 200000};
	static bool before[CLIENTS], now[CLIENTS];

	for (size_t k = 0; k < sizeof(ppm) / sizeof(ppm[0]); k++) {
		double share = ppm[k] / 1e6, error;
		unsigned n;

		take_trickle(ppm[k], now, &n);
		error = (double)n / CLIENTS - share;
		/* Four standard deviations of as many clients by chance. */
		ck_assert_msg(
		    error * error <= 16 * share * (1 - share) / CLIENTS,
		    "%u of %u clients for %u ppm", n, CLIENTS, ppm[k]);
		for (size_t i = 0; i < CLIENTS; i++)
			ck_assert(k == 0 || !before[i] || now[i]);
		memcpy(before, now, sizeof(now));
	}
}
END_TEST

START_TEST(a_trickle_goes_on_elsewhere_when_standby_endpoints_fail)
{
	struct fixture *f = pair(100000);

	fixture_build(f);
	fixture_set(f, 0, 2, USABLE_NO);
	for (uint32_t i = 0; i < 1000; i++) {
		struct address a = fixture_sticky(i * 257);
		struct decision d;

		fixture_decide(f, 0, &a, &d);
		ck_assert_uint_eq(d.alternate, 0);
		ck_assert_uint_eq(d.region, NORTH);
		ck_assert(!d.resort);
		/* Nothing is left to tell clients by. */
		ck_assert_uint_eq(d.scope, 0);
	}
	fixture_destroy(f);
}
END_TEST

/* The office may not go where the standby endpoint is. */
START_TEST(a_trickle_stays_inside_the_fence)
{
	struct fixture *f = pair(500000);
	unsigned trickled = 0;

	fixture_network(f, "office", "20.0.0.0/8", 50);
	fixture_fence(f, &f->services[0], 0, 1 << NORTH, true);
	fixture_build(f);
	for (uint32_t i = 0; i < 1000; i++) {
		struct address a = fixture_ipv4(0x14000000 + i * 0x4100);
		struct decision d;

		fixture_decide(f, 0, &a, &d);
		ck_assert(!d.resort);
		ck_assert_uint_eq(d.region, NORTH);
		ck_assert_uint_eq(d.alternate, 0);
		a.bytes[0] = 21;
		fixture_decide(f, 0, &a, &d);
		trickled += d.alternate;
	}
	ck_assert_uint_gt(trickled, 400);
	fixture_destroy(f);
}
END_TEST

/* Some endpoints and regions are standby, and some pools trickle. */
static void
add_standby(struct fixture *f)
{
	for (size_t r = 0; r < f->config.n_regions; r++)
		f->regions[r].standby = fixture_below(5) == 0;
	for (size_t p = 0; p < f->config.n_pools; p++) {
		for (size_t e = 0; e < f->pools[p].n_endpoints; e++)
			f->endpoints[p][e].standby = fixture_below(3) == 0;
		if (fixture_below(2) == 0)
			f->pools[p].trickle_ppm = fixture_below(500000);
	}
}

/* One client and some of those that its announced prefix has. */
static void
check_scope(struct fixture *f, uint64_t number, uint64_t *standby)
{
	struct address a = random_client(f);
	struct decision d, other;

	fixture_decide(f, 0, &a, &d);
	*standby += d.alternate > 0;
	if (d.kind == ANSWER_NODATA)
		return;
	for (unsigned k = 0; k < 8; k++) {
		struct address b = neighbour(a, d.scope, k);
		char text[2][ADDRESS_TEXT];

		fixture_decide(f, 0, &b, &other);
		ck_assert_msg(decision_equal(&d, &other) &&
			d.alternate == other.alternate,
		    "policy %llu: %s and %s share a /%u but not the answer "
		    "(/%u)",
		    (unsigned long long)number, address_format(&a, text[0]),
		    address_format(&b, text[1]), d.scope, other.scope);
	}
}

START_TEST(one_scope_one_answer)
{
	uint64_t n = full_size(600, 100000), standby = 0;

	for (uint64_t i = 0; i < n; i++) {
		struct fixture *f;

		random_case(i);
		f = random_fixture();
		add_standby(f);
		fixture_build(f);
		for (unsigned state = 0; state < 3; state++) {
			random_health(f);
			f->sender = random_client(f);
			for (unsigned k = 0; k < 20; k++)
				check_scope(f, i, &standby);
		}
		fixture_destroy(f);
	}
	ck_assert_uint_gt(standby, n * 10);
	printf("measured: one scope, one answer, with standby endpoints and "
	       "trickles: %llu cases\n",
	    (unsigned long long)n * 60);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering: alternates");
	TCase *tc = tcase_create("standby");

	tcase_set_timeout(tc, 120);
	tcase_add_test(
	    tc, standby_endpoints_serve_when_no_other_does_and_give_back);
	tcase_add_test(tc,
	    what_nobody_has_checked_comes_after_standby_endpoints_that_are_up);
	tcase_add_test(
	    tc, a_client_of_standby_endpoints_hears_of_what_comes_back);
	tcase_add_test(tc, standby_regions_come_last);
	tcase_add_test(tc, standby_endpoints_stay_inside_the_fence);
	tcase_add_test(
	    tc, a_pool_of_a_split_keeps_its_clients_on_its_standby_endpoints);
	tcase_add_test(tc, a_trickle_has_its_share_and_only_grows);
	tcase_add_test(
	    tc, a_trickle_goes_on_elsewhere_when_standby_endpoints_fail);
	tcase_add_test(tc, a_trickle_stays_inside_the_fence);
	tcase_add_test(tc, one_scope_one_answer);
	suite_add_tcase(suite, tc);
	return fixture_run(suite);
}
