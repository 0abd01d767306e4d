/*
 * Tests of what is laid over a live: what each call does to it, in what order
 * they count, and that a live that differs in any of it is another one.
 */
#include "steering/live.h"

#include "steering/position.h"
#include "tests/unit/steering_fixture.h"

#define HALF (UINT64_C(1) << 63)
#define ONE (UINT32_C(1) << LIVE_FACTOR_BITS)

/* A region of four endpoints and one of one, in three pools of a split; the
 * last pool has no weight. */
static struct fixture *
three_pools(uint32_t min_up_ppm)
{
	static const char *const names[] = {"v1", "v2", "v3", "spare"};
	struct fixture *f = fixture_create();
	uint32_t east = fixture_region(f, "east", 0);
	uint32_t west = fixture_region(f, "west", 50);
	struct service_config *s = fixture_service(f, "chat");

	for (unsigned p = 0; p < 4; p++) {
		uint32_t pool = fixture_pool(f, names[p]);

		for (unsigned i = 0; i < 4; i++)
			fixture_endpoint(f, pool, east, 1);
		fixture_endpoint(f, pool, west, 1);
		f->pools[pool].min_up_ppm = min_up_ppm;
		fixture_split(f, s, pool, p == 3 ? 0 : 10);
	}
	fixture_build(f);
	return f;
}

static const struct policy_service *
service_of(const struct fixture *f)
{
	return &f->policy->zones[0].services[0];
}

START_TEST(what_is_said_goes_before_what_is_found)
{
	struct fixture *f = three_pools(0);
	struct live *live = f->live;

	live->endpoint[1] = USABLE_NO;
	live->presumed[2] = 1;
	live->endpoint[3] = USABLE_EMPTY;
	live->endpoint[4] = USABLE_EMPTY;
	live_drain(live, 0);
	live_force(live, 0, true);
	live_force(live, 1, true);
	live_force(live, 2, false);
	live_drain(live, 2);
	live_drain(live, 3);
	live_force(live, 4, true);
	ck_assert_int_eq(live->endpoint[0], USABLE_DRAINED);
	ck_assert_int_eq(live->endpoint[1], USABLE_YES);
	ck_assert_int_eq(live->endpoint[2], USABLE_DRAINED);
	/* Nobody has an address to answer with. */
	ck_assert_int_eq(live->endpoint[3], USABLE_EMPTY);
	ck_assert_int_eq(live->endpoint[4], USABLE_EMPTY);
	ck_assert_int_eq(live->said[0], SAID_DRAINED);
	ck_assert_int_eq(live->said[1], SAID_UP);
	ck_assert_int_eq(live->said[2], SAID_DRAINED);
	ck_assert_int_eq(live_told(live, 2), USABLE_DRAINED);
	ck_assert_int_eq(live_found(live, 0), USABLE_YES);
	ck_assert_int_eq(live_found(live, 1), USABLE_NO);
	ck_assert_int_eq(live_found(live, 2), USABLE_UNCHECKED);
	ck_assert_int_eq(live_found(live, 3), USABLE_EMPTY);
	ck_assert_int_eq(live_found(live, 5), USABLE_YES);
	live_force(live, 6, false);
	ck_assert_int_eq(live->endpoint[6], USABLE_NO);
	ck_assert_int_eq(live->said[6], SAID_DOWN);
	fixture_destroy(f);
}
END_TEST

START_TEST(factors_multiply)
{
	static const struct {
		uint32_t factor[2], is;
	} rows[] = {
	    {{1024, 1024}, ONE},
	    {{512, 512}, ONE / 4},
	    {{128, 256}, ONE / 32},
	    {{0, 1024}, 0},
	    {{1, 1}, 1},
	    {{2048, 1024}, 2 * ONE},
	    {{LIVE_FACTOR_MAX, 1024}, UINT32_MAX},
	    {{LIVE_FACTOR_MAX, LIVE_FACTOR_MAX}, UINT32_MAX},
	};
	struct fixture *f = three_pools(0);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		f->live->factor[0] = ONE;
		live_weigh(f->live, 0, rows[i].factor[0]);
		live_weigh(f->live, 0, rows[i].factor[1]);
		ck_assert_msg(f->live->factor[0] == rows[i].is, "row %zu: %u",
		    i, f->live->factor[0]);
	}
	/* However small they are, only 0 is nothing. */
	f->live->factor[0] = ONE;
	for (unsigned i = 0; i < 9; i++)
		live_weigh(f->live, 0, 1);
	ck_assert_uint_eq(f->live->factor[0], 1);
	fixture_destroy(f);
}
END_TEST

START_TEST(keeps_multiply_and_so_do_their_slopes)
{
	struct fixture *f = three_pools(0);
	struct live_group *g = &f->live->group[0];

	live_thin(f->live, 0, POLICY_KEEP_ALL, -1000);
	ck_assert_uint_eq(g->keep, POLICY_KEEP_ALL);
	ck_assert_int_eq(g->slope, -1000);
	live_thin(f->live, 0, HALF, 100);
	ck_assert_uint_eq(g->keep, HALF);
	ck_assert_int_eq(g->slope, -500 + 100);
	live_thin(f->live, 0, HALF / 2, 0);
	ck_assert_uint_eq(g->keep, HALF / 4);
	ck_assert_int_eq(g->slope, -100);
	live_thin(f->live, 0, POLICY_KEEP_ALL, 0);
	ck_assert_uint_eq(g->keep, HALF / 4);
	fixture_destroy(f);
}
END_TEST

/* A pick looks at factors where there are any. */
START_TEST(a_group_says_whether_it_is_weighed)
{
	static const struct {
		uint32_t factor[4];
		bool weighed, even;
	} rows[] = {
	    {{1024, 1024, 1024, 1024}, false, true},
	    {{512, 512, 512, 512}, true, true},
	    {{512, 256, 512, 256}, true, false},
	    {{1024, 1024, 1024, 512}, true, false},
	    {{512, 1024, 1024, 1024}, true, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fixture *f = three_pools(0);

		for (size_t e = 0; e < 4; e++)
			live_weigh(f->live, e, rows[i].factor[e]);
		live_judge(f->live, f->policy);
		ck_assert_msg(f->live->group[0].weighed == rows[i].weighed &&
			f->live->group[0].even == rows[i].even,
		    "row %zu", i);
		fixture_destroy(f);
	}
}
END_TEST

/* Of several reasons it is told that people took it out. */
START_TEST(a_drain_is_told_before_a_failure)
{
	struct fixture *f = three_pools(0);
	const struct live_group *g = f->live->group;

	ck_assert_uint_eq(g->thinned, REASON_LOAD);
	live_thinned(f->live, 0, REASON_FAILOVER);
	ck_assert_uint_eq(g->thinned, REASON_FAILOVER);
	live_thinned(f->live, 0, REASON_DRAINED);
	ck_assert_uint_eq(g->thinned, REASON_DRAINED);
	live_thinned(f->live, 0, REASON_FAILOVER);
	ck_assert_uint_eq(g->thinned, REASON_DRAINED);
	fixture_destroy(f);
}
END_TEST

/* Which regions shed: those that do not keep all, or will not. */
START_TEST(a_region_sheds_as_soon_as_it_will)
{
	struct fixture *f = three_pools(0);
	uint32_t g = f->policy->pools[0].group[0];

	ck_assert_uint_eq(f->live->pool[0].sheds, 0);
	live_thin(f->live, g, POLICY_KEEP_ALL, 5);
	live_judge(f->live, f->policy);
	ck_assert_uint_eq(f->live->pool[0].sheds, 0);
	live_thin(f->live, g, POLICY_KEEP_ALL, -10);
	live_judge(f->live, f->policy);
	ck_assert_uint_eq(f->live->pool[0].sheds, 1);
	fixture_destroy(f);
}
END_TEST

START_TEST(neighbours_have_weights)
{
	struct fixture *f = three_pools(0);
	const struct policy_service *s = service_of(f);

	ck_assert_int_eq(live_neighbour(s, 0), 1);
	ck_assert_int_eq(live_neighbour(s, 1), 0);
	ck_assert_int_eq(live_neighbour(s, 2), 1);
	ck_assert_int_eq(live_neighbour(s, 3), -1);
	live_shift(f->live, s, 3, 500000, 0, LIVE_NOT_PENDING);
	ck_assert_ptr_null(f->live->split[s->number].share);
	fixture_destroy(f);
}
END_TEST

/* The one after the first has no weight: the next one has. */
START_TEST(a_neighbour_may_be_further_away)
{
	static const uint32_t weights[] = {1, 0, 1};
	struct fixture *f = fixture_create();
	uint32_t east = fixture_region(f, "east", 0);
	struct service_config *s = fixture_service(f, "chat");
	static const char *const names[] = {"v1", "v2", "v3"};

	for (unsigned p = 0; p < 3; p++) {
		uint32_t pool = fixture_pool(f, names[p]);

		fixture_endpoint(f, pool, east, 1);
		fixture_split(f, s, pool, weights[p]);
	}
	fixture_build(f);
	ck_assert_int_eq(live_neighbour(service_of(f), 0), 2);
	ck_assert_int_eq(live_neighbour(service_of(f), 1), -1);
	ck_assert_int_eq(live_neighbour(service_of(f), 2), 0);
	fixture_destroy(f);
}
END_TEST

static void
check_weights(
    const struct fixture *f, int when, uint64_t a, uint64_t b, uint64_t c)
{
	const struct policy_service *s = service_of(f);
	const struct live_share *share = f->live->split[s->number].share;

	ck_assert_ptr_nonnull(share);
	ck_assert_uint_eq(share[0].weight[when], a);
	ck_assert_uint_eq(share[1].weight[when], b);
	ck_assert_uint_eq(share[2].weight[when], c);
	ck_assert_uint_eq(share[3].weight[when], 0);
}

START_TEST(a_shift_moves_one_border)
{
	struct fixture *f = three_pools(0);
	const struct policy_service *s = service_of(f);
	const struct live_share *share;

	live_shift(f->live, s, 1, 250000, 750000, 20);
	check_weights(f, 0, 15000000, 5000000, 10000000);
	check_weights(f, 1, 5000000, 15000000, 10000000);
	share = f->live->split[s->number].share;
	for (int when = 0; when < 2; when++) {
		ck_assert_uint_eq(share[0].last[when],
		    position_threshold(when == 0 ? 15 : 5, 30) - 1);
		ck_assert_uint_eq(
		    share[1].last[when], position_threshold(20, 30) - 1);
		ck_assert_uint_eq(share[2].last[when], UINT64_MAX);
		ck_assert_int_eq(
		    share[1].taken[when], when == 0 ? -5000000 : 5000000);
		ck_assert_int_eq(share[0].taken[when], 0);
	}
	ck_assert_uint_eq(f->live->split[s->number].pending_s, 20);
	/* Another one beside it: of what they have by then. */
	live_shift(f->live, s, 2, 1000000, 2000000, 10);
	check_weights(f, 0, 15000000, 0, 15000000);
	check_weights(f, 1, 5000000, 0, 25000000);
	ck_assert_uint_eq(f->live->split[s->number].pending_s, 10);
	fixture_destroy(f);
}
END_TEST

/* Whose share is shifted away gets nobody, the first of the split too. */
START_TEST(a_member_without_a_share_gets_nobody)
{
	for (unsigned m = 0; m < 3; m++) {
		struct fixture *f = three_pools(0);

		live_shift(f->live, service_of(f), m, 0, 0, LIVE_NOT_PENDING);
		live_judge(f->live, f->policy);
		for (uint32_t i = 0; i < 200; i++) {
			struct address a =
			    fixture_ipv4(i * UINT32_C(0x9e3779b1));
			struct decision d;

			fixture_decide(f, 0, &a, &d);
			ck_assert_uint_ne(d.member, m);
		}
		fixture_destroy(f);
	}
}
END_TEST

/* Also of what is no whole millionth. */
START_TEST(a_shift_loses_nothing)
{
	struct fixture *f = three_pools(0);
	const struct policy_service *s = service_of(f);

	live_shift(f->live, s, 1, 333333, 333333, LIVE_NOT_PENDING);
	check_weights(f, 0, 13333340, 6666660, 10000000);
	live_shift(f->live, s, 2, 500000, 500000, LIVE_NOT_PENDING);
	check_weights(f, 0, 13333340, 8333330, 8333330);
	fixture_destroy(f);
}
END_TEST

/* A part of what it has by then, and its neighbour has the rest. */
START_TEST(a_fade_is_of_what_it_has)
{
	struct fixture *f = three_pools(0);
	const struct policy_service *s = service_of(f);

	live_fade(f->live, s, 0, 500000, 250000, 7);
	check_weights(f, 0, 5000000, 15000000, 10000000);
	check_weights(f, 1, 2500000, 17500000, 10000000);
	ck_assert_uint_eq(f->live->split[s->number].pending_s, 7);
	live_fade(f->live, s, 1, 200000, 0, 9);
	check_weights(f, 0, 17000000, 3000000, 10000000);
	check_weights(f, 1, 20000000, 0, 10000000);
	ck_assert_uint_eq(f->live->split[s->number].pending_s, 7);
	fixture_destroy(f);
}
END_TEST

/* Where no step is pending, what is after it is what is now. */
START_TEST(without_a_step_it_stays)
{
	struct fixture *f = three_pools(0);
	const struct policy_service *s = service_of(f);

	live_shift(f->live, s, 0, 1000001, 0, LIVE_NOT_PENDING);
	check_weights(f, 0, 20000000, 0, 10000000);
	check_weights(f, 1, 20000000, 0, 10000000);
	ck_assert_uint_eq(
	    f->live->split[s->number].pending_s, LIVE_NOT_PENDING);
	fixture_destroy(f);
}
END_TEST

/* What min_up asks for is of the weight that is not drained. */
START_TEST(min_up_is_of_what_is_not_drained)
{
	struct fixture *f = three_pools(500000);
	const struct live_group *g = &f->live->group[0];

	for (size_t e = 0; e < 3; e++)
		live_drain(f->live, e);
	live_judge(f->live, f->policy);
	ck_assert_int_eq(g->usable, USABLE_YES);
	ck_assert_uint_eq(live_need(f->live, f->policy, f->policy->groups), 1);
	f->live->endpoint[3] = USABLE_NO;
	live_judge(f->live, f->policy);
	ck_assert_int_eq(g->usable, USABLE_NO);
	f->live->endpoint[3] = USABLE_EMPTY;
	live_judge(f->live, f->policy);
	ck_assert_int_eq(g->usable, USABLE_DRAINED);
	ck_assert_uint_eq(f->live->pool[0].usable[USABLE_DRAINED], 3);
	ck_assert_uint_eq(f->live->pool[0].usable[USABLE_NO], 2);
	fixture_destroy(f);
}
END_TEST

/* Below min_up a region is what the best of its endpoints are short of up. */
START_TEST(what_a_region_is_below_min_up)
{
	enum {
		NO = USABLE_NO,
		UN = USABLE_UNCHECKED,
		UP = USABLE_YES,
		EMPTY = USABLE_EMPTY
	};
	static const struct {
		int8_t is[4], usable;
	} rows[] = {
	    {{UP, UP, UP, UP}, UP},
	    {{UP, UP, UP, UN}, UN},
	    {{UP, UP, UP, NO}, NO},
	    {{UP, UN, EMPTY, EMPTY}, NO},
	    {{UP, EMPTY, EMPTY, EMPTY}, NO},
	    {{UN, NO, EMPTY, EMPTY}, NO},
	    {{NO, EMPTY, EMPTY, EMPTY}, NO},
	    {{EMPTY, EMPTY, EMPTY, EMPTY}, EMPTY},
	};
	struct fixture *f = three_pools(1000000);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memcpy(f->live->endpoint, rows[i].is, sizeof(rows[i].is));
		live_judge(f->live, f->policy);
		ck_assert_msg(f->live->group[0].usable == rows[i].usable,
		    "row %zu: %d", i, f->live->group[0].usable);
	}
	fixture_destroy(f);
}
END_TEST

/* More than half of three is two: shares are rounded up. */
START_TEST(a_share_of_the_weight_is_rounded_up)
{
	struct fixture *f = three_pools(500001);

	ck_assert_uint_eq(live_need(f->live, f->policy, f->policy->groups), 3);
	live_drain(f->live, 0);
	ck_assert_uint_eq(live_need(f->live, f->policy, f->policy->groups), 2);
	fixture_destroy(f);
}
END_TEST

/* Checks of what somebody has taken out, or forced, change nothing. */
START_TEST(only_what_follows_its_checks_is_pending)
{
	struct fixture *f = three_pools(0);

	f->live->pending_s[0] = 3;
	f->live->pending_s[1] = 7;
	f->live->pending_s[2] = 5;
	live_drain(f->live, 0);
	live_force(f->live, 2, true);
	live_judge(f->live, f->policy);
	ck_assert_uint_eq(f->live->group[0].pending_s, 7);
	ck_assert_uint_eq(f->live->pool[0].pending, 1);
	fixture_destroy(f);
}
END_TEST

/* Without a weight left it is picked only where there is nothing else. */
START_TEST(what_has_no_weight_left_is_picked_last_of_its_region)
{
	struct fixture *f = three_pools(0);
	struct decision d;

	f->services[0].answers = 4;
	for (unsigned e = 1; e < 4; e++)
		live_weigh(f->live, e, 0);
	live_judge(f->live, f->policy);
	/* At each tier some are picked, and some are not. */
	ck_assert_uint_eq(f->live->group[0].idle, (2u << USABLE_YES) - 1);
	for (uint32_t i = 0; i < 100; i++) {
		struct address a = fixture_ipv4(i * UINT32_C(0x9e3779b1));

		fixture_decide(f, 0, &a, &d);
		if (d.member != 0)
			continue;
		ck_assert_uint_eq(d.n, 1);
		ck_assert_uint_eq(d.endpoint[0], 0);
	}
	f->live->endpoint[0] = USABLE_NO;
	live_judge(f->live, f->policy);
	ck_assert(!(f->live->group[0].idle >> USABLE_YES & 1));
	ck_assert_int_eq(f->live->group[0].usable, USABLE_YES);
	fixture_destroy(f);
}
END_TEST

/* A file that drains needs nobody to say so. */
START_TEST(the_file_drains)
{
	struct fixture *f = fixture_create();
	uint32_t east = fixture_region(f, "east", 0);
	uint32_t west = fixture_region(f, "west", 50);
	uint32_t pools[] = {fixture_pool(f, "v1"), fixture_pool(f, "v2")};
	struct service_config *s = fixture_service(f, "chat");

	for (unsigned p = 0; p < 2; p++) {
		fixture_endpoint(f, pools[p], east, 1);
		fixture_endpoint(f, pools[p], west, 1)->drained = p == 0;
		fixture_endpoint(f, pools[p], west, 1);
		fixture_split(f, s, pools[p], 1);
	}
	f->regions[east].drained = true;
	f->pools[pools[1]].drained = true;
	fixture_build(f);
	for (size_t e = 0; e < 6; e++)
		ck_assert_int_eq(
		    f->live->endpoint[e], e == 2 ? USABLE_YES : USABLE_DRAINED);
	ck_assert(f->policy->drains);
	fixture_destroy(f);
}
END_TEST

/* What is laid over a live, each time one thing. */
static void
lay(struct fixture *f, struct live *live, unsigned what)
{
	switch (what) {
	case 0:
		live_drain(live, 0);
		break;
	case 1:
		live_force(live, 0, false);
		break;
	case 2:
		/* Nobody is sent elsewhere by that, and pages tell it. */
		live_force(live, 0, true);
		break;
	case 3:
		live_weigh(live, 0, 1023);
		break;
	case 4:
		live_thin(live, 0, POLICY_KEEP_ALL - 1, 0);
		break;
	case 5:
		live_thin(live, 0, POLICY_KEEP_ALL, -1);
		break;
	case 6:
		live_shift(live, service_of(f), 0, 500000, 0, LIVE_NOT_PENDING);
		break;
	case 7:
		live_shift(live, service_of(f), 0, 500000, 400000, 9);
		break;
	case 8:
		live_shift(live, service_of(f), 0, 500000, 400000, 8);
		break;
	case 9:
		live_shift(live, service_of(f), 0, 500000, 300000, 8);
		break;
	case 10:
		live->endpoint[0] = USABLE_NO;
		live_force(live, 0, true);
		break;
	default:
		live->pending_s[0] = 4;
		break;
	}
	live_judge(live, f->policy);
}

START_TEST(what_is_laid_over_makes_another_live)
{
	struct fixture *f = three_pools(0);

	for (unsigned i = 0; i < 12; i++)
		for (unsigned k = 0; k < 12; k++) {
			struct live *a = live_create(f->policy);
			struct live *b = live_create(f->policy);

			ck_assert(a != NULL && b != NULL);
			memset(a->endpoint, USABLE_YES, a->n_endpoints);
			memset(b->endpoint, USABLE_YES, b->n_endpoints);
			live_judge(b, f->policy);
			lay(f, a, i);
			ck_assert_msg(!live_equal(a, b), "%u", i);
			lay(f, b, k);
			ck_assert_msg(
			    live_equal(a, b) == (i == k), "%u and %u", i, k);
			live_destroy(a);
			live_destroy(b);
		}
	fixture_destroy(f);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering: live_lay");
	TCase *tc = tcase_create("live_lay");

	tcase_add_test(tc, what_is_said_goes_before_what_is_found);
	tcase_add_test(tc, factors_multiply);
	tcase_add_test(tc, keeps_multiply_and_so_do_their_slopes);
	tcase_add_test(tc, a_group_says_whether_it_is_weighed);
	tcase_add_test(tc, a_drain_is_told_before_a_failure);
	tcase_add_test(tc, a_region_sheds_as_soon_as_it_will);
	tcase_add_test(tc, neighbours_have_weights);
	tcase_add_test(tc, a_neighbour_may_be_further_away);
	tcase_add_test(tc, a_shift_moves_one_border);
	tcase_add_test(tc, a_member_without_a_share_gets_nobody);
	tcase_add_test(tc, a_shift_loses_nothing);
	tcase_add_test(tc, a_fade_is_of_what_it_has);
	tcase_add_test(tc, without_a_step_it_stays);
	tcase_add_test(tc, min_up_is_of_what_is_not_drained);
	tcase_add_test(tc, what_a_region_is_below_min_up);
	tcase_add_test(tc, a_share_of_the_weight_is_rounded_up);
	tcase_add_test(tc, only_what_follows_its_checks_is_pending);
	tcase_add_test(
	    tc, what_has_no_weight_left_is_picked_last_of_its_region);
	tcase_add_test(tc, the_file_drains);
	tcase_add_test(tc, what_is_laid_over_makes_another_live);
	suite_add_tcase(suite, tc);
	return fixture_run(suite);
}
