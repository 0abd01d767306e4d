/*
 * Tests of what is laid over health, as properties of random policies: what is
 * drained is taken last; clients of one announced scope get one answer and one
 * TTL; factors, borders and keeps that move move the clients that must move and
 * no other; and who is about to move is told so by the TTL.
 */
#include "steering/live.h"

#include "tests/full.h"
#include "tests/unit/steering_laid.h"

#define STATES 3
#define CLIENTS 20
#define NEIGHBOURS 8

static uint64_t
cases(void)
{
	return full_size(400, 100000);
}

static struct fixture *
draw(uint64_t i)
{
	if (i % 2 == 1)
		return rich_fixture(i / 2);
	random_case(i);
	return random_fixture();
}

/* All clients of the prefix that is announced for ${a} get what it gets. */
static void
check_scope(struct fixture *f, uint64_t number, const struct address *a,
    struct decision *d)
{
	struct decision other;

	fixture_decide(f, 0, a, d);
	for (unsigned k = 0; k < NEIGHBOURS && d->kind != ANSWER_NODATA; k++) {
		struct address b = neighbour(*a, d->scope, k);
		char text[2][ADDRESS_TEXT];

		fixture_decide(f, 0, &b, &other);
		ck_assert_msg(decision_equal(d, &other),
		    "policy %llu: %s and %s share a /%u but not the answer "
		    "(/%u, TTL %u and %u)",
		    (unsigned long long)number, address_format(a, text[0]),
		    address_format(&b, text[1]), d->scope, other.scope,
		    d->ttl_s, other.ttl_s);
	}
}

START_TEST(one_scope_one_answer_and_one_ttl)
{
	uint64_t n = cases(), pending = 0;

	for (uint64_t i = 0; i < n; i++) {
		struct fixture *f = draw(i);

		fixture_build(f);
		for (unsigned state = 0; state < STATES; state++) {
			laid_health(f);
			f->sender = random_client(f);
			for (unsigned j = 0; j < CLIENTS; j++) {
				struct address a = random_client(f);
				struct decision d;

				check_scope(f, i, &a, &d);
				pending += !d.resort &&
				    d.ttl_s < f->services[0].ttl_max_s;
			}
		}
		fixture_destroy(f);
	}
	ck_assert_uint_gt(pending, n);
}
END_TEST

/* Some endpoint of the service that is better than drained is in a region that
 * the client may be sent to when soft fences are lifted. */
static bool
better_left(const struct fixture *f, const struct address *a)
{
	const struct policy_service *s = &f->policy->zones[0].services[0];
	struct address inside;
	struct map_leaf leaf;

	ladder_client(a, &inside);
	map_lookup(s->map, &inside, &leaf);
	for (unsigned m = 0; m < s->n_members; m++)
		if ((f->live->pool[s->members[m].pool.number]
			    .usable[USABLE_NO] &
			leaf.class->lifted) != 0)
			return true;
	return false;
}

/* Of what ${a} gets nothing is drained, or nothing better is left.  How many of
 * it are drained. */
static unsigned
check_last(struct fixture *f, const struct address *a)
{
	unsigned drained = 0;
	struct decision d;

	f->sender = *a;
	fixture_decide(f, 0, a, &d);
	for (unsigned k = 0; k < d.n; k++) {
		if (f->live->said[d.endpoint[k]] != SAID_DRAINED)
			continue;
		drained++;
		ck_assert(d.resort);
		ck_assert(!better_left(f, a));
	}
	return drained;
}

START_TEST(what_is_drained_is_taken_last)
{
	uint64_t n = cases(), drained = 0;

	for (uint64_t i = 0; i < n; i++) {
		struct fixture *f;

		random_case(i);
		f = random_fixture();
		fixture_build(f);
		for (unsigned state = 0; state < STATES; state++) {
			laid_health(f);
			for (unsigned j = 0; j < CLIENTS; j++) {
				struct address a = random_client(f);

				drained += check_last(f, &a);
			}
		}
		fixture_destroy(f);
	}
	ck_assert_uint_gt(drained, n / 10);
}
END_TEST

/* The clients of a state, and what each gets. */
struct crowd {
	struct address client[CLIENTS];
	struct decision before[CLIENTS], after[CLIENTS];
};

static void
gather(struct fixture *f, struct crowd *crowd)
{
	for (unsigned j = 0; j < CLIENTS; j++) {
		crowd->client[j] = random_client(f);
		fixture_decide(f, 0, &crowd->client[j], &crowd->before[j]);
	}
}

static void
ask_again(struct fixture *f, struct crowd *crowd)
{
	for (unsigned j = 0; j < CLIENTS; j++)
		fixture_decide(f, 0, &crowd->client[j], &crowd->after[j]);
}

START_TEST(a_lower_factor_moves_clients_away_from_its_endpoint_alone)
{
	static const uint32_t steps[] = {0, 1, 128, 256, 512, 896, 1023};
	uint64_t n = cases(), moved = 0;

	for (uint64_t i = 0; i < n; i++) {
		struct fixture *f = draw(i);
		struct crowd crowd;

		f->services[0].answers = 1;
		fixture_build(f);
		for (unsigned state = 0; state < STATES; state++) {
			uint32_t e;

			laid_health(f);
			f->sender = random_client(f);
			e = fixture_below((uint32_t)f->policy->n_endpoints);
			gather(f, &crowd);
			live_weigh(f->live, e, steps[fixture_below(7)]);
			live_judge(f->live, f->policy);
			ask_again(f, &crowd);
			for (unsigned j = 0; j < CLIENTS; j++) {
				const struct decision *b = &crowd.before[j];
				const struct decision *a = &crowd.after[j];

				if (b->n == 0 || a->n == 0 ||
				    a->endpoint[0] == b->endpoint[0])
					continue;
				ck_assert_msg(b->endpoint[0] == e,
				    "policy %llu: from %u to %u for %u",
				    (unsigned long long)i, b->endpoint[0],
				    a->endpoint[0], e);
				moved++;
			}
		}
		fixture_destroy(f);
	}
	ck_assert_uint_gt(moved, n / 10);
}
END_TEST

/* A member with a weight and a neighbour, by chance; -1: there is none. */
static int
some_member(const struct policy_service *s)
{
	unsigned first = fixture_below(s->n_members);

	for (unsigned i = 0; i < s->n_members; i++) {
		unsigned m = (first + i) % s->n_members;

		if (live_neighbour(s, m) >= 0)
			return (int)m;
	}
	return -1;
}

/* Member ${m} has something that was checked and is up for the client. */
static bool
serves(const struct fixture *f, unsigned m, const struct address *a)
{
	const struct policy_service *s = &f->policy->zones[0].services[0];
	struct address inside;
	struct map_leaf leaf;

	ladder_client(a, &inside);
	map_lookup(s->map, &inside, &leaf);
	return (f->live->pool[s->members[m].pool.number].usable[USABLE_YES] &
		   leaf.class->inside) != 0;
}

/* Of a step that is pending and then done: how many clients got another member,
 * and how many not. */
struct tally {
	uint64_t moved, stayed;
};

/* The step of member ${m}, from one share to another. */
static void
check_step(struct fixture *f, unsigned m, bool all_up, struct tally *tally)
{
	const struct policy_service *s = &f->policy->zones[0].services[0];
	uint32_t from = fixture_below(1000001), to = fixture_below(1000001);
	unsigned neighbour = (unsigned)live_neighbour(s, m);
	unsigned grows = to > from ? m : neighbour;
	unsigned shrinks = to > from ? neighbour : m;
	struct crowd crowd;

	live_shift(f->live, s, m, from, to, 20);
	live_judge(f->live, f->policy);
	gather(f, &crowd);
	laid_unshift(f);
	live_shift(f->live, s, m, to, 0, LIVE_NOT_PENDING);
	ask_again(f, &crowd);
	for (unsigned j = 0; j < CLIENTS; j++) {
		const struct decision *b = &crowd.before[j];
		const struct decision *a = &crowd.after[j];

		if (a->kind != ANSWER_RECORDS || a->resort ||
		    b->kind != ANSWER_RECORDS)
			continue;
		if (a->member == b->member) {
			tally->stayed += b->ttl_s == 60;
			continue;
		}
		tally->moved++;
		ck_assert_uint_le(b->ttl_s, 20);
		ck_assert(!all_up || b->ttl_s >= 16);
		ck_assert(a->member == grows || b->member == shrinks ||
		    !serves(f, grows, &crowd.client[j]));
	}
}

/*
 * A border that moves from one share to another moves clients to the member
 * that grows, or away from the one that shrinks, as long as that which grows
 * serves them; and of those that the step moves the TTL is the time to it.
 */
START_TEST(a_step_moves_clients_of_one_border_and_says_so_before)
{
	struct tally tally = {0};
	uint64_t n = cases();

	for (uint64_t i = 0; i < n; i++) {
		struct fixture *f;
		int m;

		random_case(i);
		f = random_fixture();
		f->services[0].affinity = AFFINITY_CLIENT;
		fixture_build(f);
		m = some_member(&f->policy->zones[0].services[0]);
		for (unsigned state = 0; m >= 0 && state < STATES; state++) {
			laid_new(f);
			if (state > 0)
				random_health(f);
			check_step(f, (unsigned)m, state == 0, &tally);
		}
		fixture_destroy(f);
	}
	ck_assert_uint_gt(tally.moved, n / 2);
	ck_assert_uint_gt(tally.stayed, n);
}
END_TEST

/*
 * As long as an answer may be kept it stays what it was, while what regions
 * keep moves: but for the least TTL, and for clients whose regions pass them on
 * one after the other.
 */
START_TEST(a_keep_that_moves_is_told_by_the_ttl)
{
	uint64_t n = cases(), told = 0, moved = 0;

	for (uint64_t i = 0; i < n; i++) {
		struct crowd crowd;
		struct fixture *f;

		random_case(i);
		f = random_fixture();
		fixture_build(f);
		for (unsigned state = 0; state < STATES; state++) {
			laid_new(f);
			for (size_t g = 0; g < f->live->n_groups; g++)
				live_thin(
				    f->live, g, fixture_random(), laid_slope());
			live_judge(f->live, f->policy);
			gather(f, &crowd);
			for (unsigned j = 0; j < CLIENTS; j++) {
				const struct decision *b = &crowd.before[j];
				struct live_group *later;
				struct decision a;

				told += b->ttl_s > 5 && b->ttl_s < 60;
				if (b->ttl_s <= 5 || b->resort)
					continue;
				later = laid_later(f, b->ttl_s - 1);
				fixture_decide(f, 0, &crowd.client[j], &a);
				laid_back(f, later);
				ck_assert_msg(a.region == b->region,
				    "policy %llu: TTL %u",
				    (unsigned long long)i, b->ttl_s);
				moved++;
			}
		}
		fixture_destroy(f);
	}
	ck_assert_uint_gt(told, n / 4);
	ck_assert_uint_gt(moved, n);
}
END_TEST

/*
 * The client is kept up to its own position and not beyond; it is told of the
 * step that the longest TTL brings to it, and not of the next one.
 */
START_TEST(a_keep_reaches_a_client_at_its_position)
{
	struct fixture *f = fixture_create();
	uint32_t east = fixture_region(f, "east", 0);
	uint32_t west = fixture_region(f, "west", 0);
	uint32_t pool = fixture_pool(f, "v1");
	const int64_t each = INT64_C(1) << 40;
	const struct policy_service *s;
	struct address a;
	struct position p;
	struct decision d;

	fixture_endpoint(f, pool, east, 1);
	fixture_endpoint(f, pool, west, 1);
	fixture_split(f, fixture_service(f, "chat"), pool, 1);
	fixture_build(f);
	s = &f->policy->zones[0].services[0];
	ck_assert_int_eq(address_parse("198.51.100.7", &a), 0);
	position_find(&a, s->block_ipv4,
	    hash_mix(s->salt_spill, f->policy->regions[0].hash), &p);
	for (unsigned i = 0; i < 8; i++) {
		int64_t slope = i < 4 ? 0 : i < 6 ? -each : each;
		uint64_t at = p.value + i % 2;

		/* What it keeps now, or when 60 seconds are over. */
		laid_new(f);
		live_thin(f->live, 0, at - (uint64_t)(60 * slope), slope);
		live_judge(f->live, f->policy);
		fixture_decide(f, 0, &a, &d);
		if (slope == 0)
			ck_assert_int_eq(d.region, i % 2 == 0 ? west : east);
		else
			ck_assert_int_eq(
			    d.ttl_s < 60, slope < 0 ? i % 2 == 0 : i % 2 == 1);
	}
	fixture_destroy(f);
}
END_TEST

/* A keep that only falls passes each client on once, never back. */
START_TEST(a_keep_that_falls_never_takes_a_client_back)
{
	uint64_t n = cases() / 4, moved = 0;

	for (uint64_t i = 0; i < n; i++) {
		struct crowd crowd;
		struct fixture *f;
		bool left[CLIENTS] = {false};
		uint8_t first[CLIENTS];
		uint32_t g;

		random_case(i);
		f = random_fixture();
		f->services[0].answers = 1;
		f->services[0].answers_from = ANSWERS_REGION;
		fixture_build(f);
		g = fixture_below((uint32_t)f->live->n_groups);
		gather(f, &crowd);
		for (unsigned j = 0; j < CLIENTS; j++)
			first[j] = crowd.before[j].region;
		for (unsigned step = 0; step <= 10; step++) {
			laid_new(f);
			live_thin(f->live, g,
			    step == 0 ? POLICY_KEEP_ALL
				      : UINT64_MAX / 10 * (10 - step),
			    -(int64_t)(UINT64_MAX / 600));
			live_judge(f->live, f->policy);
			ask_again(f, &crowd);
			for (unsigned j = 0; j < CLIENTS; j++) {
				bool away = crowd.after[j].region != first[j];

				ck_assert(away || !left[j]);
				moved += away && !left[j];
				left[j] = away;
			}
		}
		fixture_destroy(f);
	}
	ck_assert_uint_gt(moved, n / 4);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering: what is laid over health");
	TCase *tc = tcase_create("laid");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, one_scope_one_answer_and_one_ttl);
	tcase_add_test(tc, what_is_drained_is_taken_last);
	tcase_add_test(
	    tc, a_lower_factor_moves_clients_away_from_its_endpoint_alone);
	tcase_add_test(
	    tc, a_step_moves_clients_of_one_border_and_says_so_before);
	tcase_add_test(tc, a_keep_that_moves_is_told_by_the_ttl);
	tcase_add_test(tc, a_keep_reaches_a_client_at_its_position);
	tcase_add_test(tc, a_keep_that_falls_never_takes_a_client_back);
	suite_add_tcase(suite, tc);
	return fixture_run(suite);
}
