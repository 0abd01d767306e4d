/*
 * Tests of the ladder step by step: split, rank, pick, tiers, last resorts,
 * fences, TTLs, and decisions that every machine must make alike.
 */
#include "steering/ladder.h"

#include "dns/answer/snapshot.h"
#include "steering/geo/map.h"
#include "tests/unit/steering_fixture.h"

#define NETWORKS 20000 /* distinct sticky prefixes of a distribution */
#define OFFICE "10.0.0.0/8"
#define IN_OFFICE "10.1.2.3"
#define OUTSIDE "198.51.100.1"

/* One endpoint in each of two regions, in each of ${n} pools. */
static struct fixture *
pools(const uint32_t *weights, unsigned n)
{
	static const char *const names[3] = {"v1", "v2", "v3"};
	struct fixture *f = fixture_create();
	uint32_t east = fixture_region(f, "east", 0);
	uint32_t west = fixture_region(f, "west", 50);
	struct service_config *s = fixture_service(f, "chat");

	ck_assert_uint_le(n, 3);
	for (unsigned i = 0; i < n; i++) {
		uint32_t pool = fixture_pool(f, names[i]);

		fixture_endpoint(f, pool, east, 1);
		fixture_endpoint(f, pool, west, 1);
		fixture_split(f, s, pool, weights[i]);
	}
	return f;
}

/* The member each of NETWORKS networks gets; the shares go to ${count}. */
static void
members(struct fixture *f, uint8_t *out, unsigned count[3])
{
	memset(count, 0, 3 * sizeof(*count));
	for (unsigned i = 0; i < NETWORKS; i++) {
		struct address a = fixture_sticky(i);
		struct decision d;

		fixture_decide(f, 0, &a, &d);
		ck_assert_int_eq(d.kind, ANSWER_RECORDS);
		out[i] = (uint8_t)d.member;
		count[d.member]++;
	}
}

/* One set of weights: build, deal, destroy. */
static void
deal(const uint32_t *weights, unsigned n, uint8_t *out, unsigned count[3])
{
	struct fixture *f = pools(weights, n);

	fixture_build(f);
	members(f, out, count);
	fixture_destroy(f);
}

static uint8_t before[NETWORKS], after[NETWORKS];

START_TEST(test_split_shares)
{
	static const uint32_t two[] = {95, 5}, three[] = {50, 30, 20};
	static const uint32_t ppm[] = {950000, 50000};
	unsigned count[3], i;

	deal(two, 2, before, count);
	ck_assert_uint_ge(count[1], NETWORKS * 44 / 1000);
	ck_assert_uint_le(count[1], NETWORKS * 56 / 1000);
	/* Weights count by their ratio alone. */
	deal(ppm, 2, after, count);
	ck_assert_mem_eq(before, after, NETWORKS);
	deal(three, 3, after, count);
	for (i = 0; i < 3; i++) {
		ck_assert_uint_ge(count[i], NETWORKS / 100 * (three[i] - 1));
		ck_assert_uint_le(count[i], NETWORKS / 100 * (three[i] + 1));
	}
}
END_TEST

START_TEST(test_split_raise_moves_only_forward)
{
	static const uint32_t five[] = {95, 5}, ten[] = {90, 10};
	unsigned count[3], i, moved = 0;

	deal(five, 2, before, count);
	deal(ten, 2, after, count);
	for (i = 0; i < NETWORKS; i++) {
		moved += before[i] != after[i];
		ck_assert(before[i] == 0 || after[i] == 1);
	}
	ck_assert_uint_ge(moved, NETWORKS * 44 / 1000);
	ck_assert_uint_le(moved, NETWORKS * 56 / 1000);
}
END_TEST

/* Weights whose sum passes 32 bits. */
START_TEST(test_split_large_weights)
{
	static const uint32_t large[] = {UINT32_MAX, UINT32_MAX, UINT32_MAX};
	unsigned count[3], i;

	deal(large, 3, before, count);
	for (i = 0; i < 3; i++) {
		ck_assert_uint_ge(count[i], NETWORKS * 32 / 100);
		ck_assert_uint_le(count[i], NETWORKS * 35 / 100);
	}
}
END_TEST

/* A pool with nothing usable loses its own clients, and only those move; with
 * a second one down, only its own again. */
START_TEST(test_split_loses_a_pool)
{
	static const uint32_t weights[] = {50, 30, 20};
	struct fixture *f = pools(weights, 3);
	unsigned count[3], i;

	fixture_build(f);
	members(f, before, count);
	fixture_set(f, 0, 0, USABLE_NO);
	members(f, after, count);
	ck_assert_mem_eq(before, after, NETWORKS); /* its west is still up */
	fixture_set(f, 0, 1, USABLE_NO);
	members(f, after, count);
	for (i = 0; i < NETWORKS; i++)
		ck_assert(
		    after[i] != 0 && (before[i] == 0 || before[i] == after[i]));
	/* Dealt again by the weights that are left: 3 to 2. */
	ck_assert_uint_ge(count[1], NETWORKS * 58 / 100);
	ck_assert_uint_le(count[1], NETWORKS * 62 / 100);
	fixture_set(f, 1, 0, USABLE_NO);
	fixture_set(f, 1, 1, USABLE_NO);
	members(f, after, count);
	ck_assert_uint_eq(count[2], NETWORKS);
	fixture_destroy(f);
}
END_TEST

/* A client that is dealt again when a pool is lost does not move when a third
 * one goes, unless it was there. */
START_TEST(test_split_loses_two_of_four)
{
	struct fixture *f = fixture_create();
	uint32_t east = fixture_region(f, "east", 0), pool;
	struct service_config *s = fixture_service(f, "chat");
	static const char *const names[] = {"a", "b", "c", "d"};

	for (unsigned i = 0; i < 4; i++) {
		pool = fixture_pool(f, names[i]);
		fixture_endpoint(f, pool, east, 1);
		fixture_split(f, s, pool, 1);
	}
	fixture_build(f);
	fixture_set(f, 0, 0, USABLE_NO);
	for (unsigned i = 0; i < NETWORKS; i++) {
		struct address a = fixture_sticky(i);
		struct decision d;

		fixture_decide(f, 0, &a, &d);
		before[i] = (uint8_t)d.member;
	}
	fixture_set(f, 1, 0, USABLE_NO);
	for (unsigned i = 0; i < NETWORKS; i++) {
		struct address a = fixture_sticky(i);
		struct decision d;

		fixture_decide(f, 0, &a, &d);
		ck_assert(before[i] == 1 || before[i] == d.member);
	}
	fixture_destroy(f);
}
END_TEST

/* ${n} endpoints of given weights in one region. */
static struct fixture *
region_of(const uint32_t *weights, unsigned n, unsigned answers)
{
	struct fixture *f = fixture_create();
	uint32_t east = fixture_region(f, "east", 0);
	uint32_t pool = fixture_pool(f, "v1");
	struct service_config *s = fixture_service(f, "chat");

	for (unsigned i = 0; i < n; i++)
		fixture_endpoint(f, pool, east, weights[i]);
	fixture_split(f, s, pool, 1);
	s->answers = answers;
	fixture_build(f);
	return f;
}

static void
picks(struct fixture *f, uint8_t *out, unsigned *count)
{
	for (unsigned i = 0; i < NETWORKS; i++) {
		struct address a = fixture_sticky(i);
		struct decision d;

		fixture_decide(f, 0, &a, &d);
		ck_assert_uint_eq(d.n, 1);
		out[i] = (uint8_t)d.endpoint[0];
		count[d.endpoint[0]]++;
	}
}

START_TEST(test_pick_weights)
{
	static const uint32_t weights[] = {3, 1};
	static const uint32_t wide[] = {1000000, 10000};
	unsigned count[2] = {0}, few[2] = {0};
	struct fixture *f = region_of(weights, 2, 1);

	picks(f, before, count);
	ck_assert_uint_ge(count[1], NETWORKS * 24 / 100);
	ck_assert_uint_le(count[1], NETWORKS * 26 / 100);
	fixture_destroy(f);
	/* The largest weight there is, and a hundredth of it. */
	f = region_of(wide, 2, 1);
	picks(f, before, few);
	ck_assert_uint_ge(few[1], NETWORKS * 7 / 1000);
	ck_assert_uint_le(few[1], NETWORKS * 13 / 1000);
	fixture_destroy(f);
}
END_TEST

/* Losing an endpoint moves only its own clients, evenly, with equal weights
 * and with others; raising one weight moves clients only to it. */
START_TEST(test_pick_moves_little)
{
	static const uint32_t even[] = {2, 2, 2, 2, 2};
	static const uint32_t uneven[] = {2, 2, 2, 2, 4};
	const uint32_t *const sets[] = {even, uneven};

	for (unsigned k = 0; k < 2; k++) {
		unsigned count[5] = {0}, lost[5] = {0};
		struct fixture *f = region_of(sets[k], 5, 1);

		picks(f, before, count);
		fixture_set(f, 0, 1, USABLE_NO);
		picks(f, after, lost);
		for (unsigned i = 0; i < NETWORKS; i++)
			ck_assert(before[i] == 1 || before[i] == after[i]);
		ck_assert_uint_eq(lost[1], 0);
		for (unsigned i = 0; i < 5; i++)
			ck_assert(i == 1 || lost[i] > count[i]);
		fixture_destroy(f);
	}
	for (unsigned k = 0; k < 2; k++) {
		unsigned count[5] = {0};
		struct fixture *f = region_of(sets[k], 5, 1);

		picks(f, k == 0 ? before : after, count);
		fixture_destroy(f);
	}
	for (unsigned i = 0; i < NETWORKS; i++)
		ck_assert(after[i] == 4 || before[i] == after[i]);
}
END_TEST

START_TEST(test_pick_many)
{
	static const uint32_t even[] = {1, 1, 1, 1, 1};
	struct fixture *f = region_of(even, 5, 3);

	for (unsigned i = 0; i < 1000; i++) {
		struct address a = fixture_sticky(i);
		struct decision d, less;

		fixture_set_all(f, USABLE_YES);
		fixture_decide(f, 0, &a, &d);
		ck_assert_uint_eq(d.n, 3);
		ck_assert(d.hashed);
		for (unsigned j = 0; j < 3; j++)
			ck_assert(d.endpoint[j] != d.endpoint[(j + 1) % 3]);
		/* The second of three becomes the first without it. */
		f->live->endpoint[d.endpoint[0]] = USABLE_NO;
		fixture_decide(f, 0, &a, &less);
		ck_assert_uint_eq(less.n, 3);
		ck_assert_uint_eq(less.endpoint[0], d.endpoint[1]);
		/* Three are left and three are asked for: nothing to hash. */
		f->live->endpoint[less.endpoint[0]] = USABLE_NO;
		fixture_decide(f, 0, &a, &less);
		ck_assert_uint_eq(less.n, 3);
		ck_assert(!less.hashed);
		ck_assert(less.endpoint[0] < less.endpoint[1] &&
		    less.endpoint[1] < less.endpoint[2]);
	}
	fixture_destroy(f);
}
END_TEST

/* The most endpoints that an answer may name, out of more: all different, and
 * nothing is written past them. */
START_TEST(test_pick_most)
{
	static const uint32_t even[] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
	struct fixture *f = region_of(even, 12, ANSWER_MAX_SETS);
	struct {
		struct decision d;
		uint32_t after;
	} out = {.after = 4711};

	for (unsigned i = 0; i < 100; i++) {
		struct address a = fixture_sticky(i);
		uint32_t seen = 0;

		fixture_decide(f, 0, &a, &out.d);
		ck_assert_uint_eq(out.d.n, ANSWER_MAX_SETS);
		for (unsigned k = 0; k < out.d.n; k++)
			seen |= UINT32_C(1) << out.d.endpoint[k];
		ck_assert_int_eq(__builtin_popcount(seen), ANSWER_MAX_SETS);
		ck_assert_uint_eq(out.after, 4711);
	}
	fixture_destroy(f);
}
END_TEST

/* Never from a second region, never more than there are. */
START_TEST(test_pick_one_region)
{
	static const uint32_t weights[] = {1};
	struct fixture *f = pools(weights, 1);
	struct decision d;

	f->services[0].answers = 8;
	fixture_build(f);
	d = fixture_ask(f, OUTSIDE);
	ck_assert_uint_eq(d.n, 1);
	ck_assert_uint_eq(d.region, 0);
	fixture_destroy(f);
}
END_TEST

/* Three regions of 2, 1 and 3 endpoints, numbered in that order by the policy;
 * ${answers} of them in an answer, from the regions in turn. */
static struct fixture *
answers_from_regions(unsigned answers)
{
	static const char *const names[] = {"a", "b", "c"};
	static const unsigned counts[] = {2, 1, 3};
	struct fixture *f = fixture_create();
	uint32_t pool = fixture_pool(f, "v1");
	struct service_config *s = fixture_service(f, "chat");

	for (unsigned i = 0; i < 3; i++) {
		uint32_t region = fixture_region(f, names[i], 0);

		for (unsigned k = 0; k < counts[i]; k++)
			fixture_endpoint(f, pool, region, 1);
	}
	fixture_split(f, s, pool, 1);
	s->answers = answers;
	s->answers_from = ANSWERS_REGIONS;
	fixture_build(f);
	return f;
}

/* The next endpoint is of the next region that has one; when there are no more
 * regions, of the first one that has more, in turn; each once, and as many as
 * are asked for if there are so many. */
START_TEST(answers_from_regions_take_turns)
{
	static const struct {
		const char *what;
		unsigned answers;
		const char *down; /* endpoints, in the order of the file */
		const char *regions;
	} rows[] = {
	    {"the first region, and the next", 2, "", "ab"},
	    {"one of each", 3, "", "abc"},
	    {"one of each, and one more of the first", 4, "", "abca"},
	    {"b has no more", 5, "", "abcac"},
	    {"all there are", 6, "", "abcacc"},
	    {"never more than there are", 8, "", "abcacc"},
	    {"a region that is down is passed over", 2, "2", "ac"},
	    {"also the first", 2, "01", "bc"},
	    {"what is left of a region", 4, "0", "abcc"},
	    {"one region is left", 2, "012", "cc"},
	    {"one endpoint is left", 2, "01245", "c"},
	    {"one answer is of one region", 1, "", "a"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fixture *f = answers_from_regions(rows[i].answers);
		uint32_t first = 0;

		for (const char *p = rows[i].down; *p != '\0'; p++)
			fixture_set(f, 0, (size_t)(*p - '0'), USABLE_NO);
		for (uint32_t k = 0; k < 100; k++) {
			struct address a = fixture_sticky(k);
			char regions[ANSWER_MAX_SETS + 1] = {0};
			struct decision d;
			uint32_t seen = 0;

			fixture_decide(f, 0, &a, &d);
			for (unsigned n = 0; n < d.n; n++) {
				uint32_t bit = UINT32_C(1) << d.endpoint[n];

				ck_assert_uint_eq(seen & bit, 0);
				seen |= bit;
				regions[n] =
				    *fixture_region_name(f, d.endpoint[n]);
			}
			ck_assert_msg(strcmp(regions, rows[i].regions) == 0,
			    "%s: %s, not %s", rows[i].what, regions,
			    rows[i].regions);
			ck_assert_uint_eq(
			    d.region, (unsigned)(rows[i].regions[0] - 'a'));
			first |= UINT32_C(1) << d.endpoint[0];
		}
		/* Clients are spread inside a region that has more than an
		 * answer takes of it. */
		if (strcmp(rows[i].down, "") == 0)
			ck_assert_uint_eq(first, rows[i].answers < 4 ? 3 : 1);
		fixture_destroy(f);
	}
}
END_TEST

/* The endpoint of a region is the one that a client would have there if it was
 * the first: an answer with more regions, and a failure before it, move no
 * client inside a region. */
START_TEST(each_region_keeps_its_clients_where_they_were)
{
	struct fixture *one = answers_from_regions(1);
	struct fixture *all = answers_from_regions(3);

	for (size_t i = 0; i < 3; i++)
		fixture_set(one, 0, i, USABLE_NO);
	for (uint32_t k = 0; k < 1000; k++) {
		struct address a = fixture_sticky(k);
		struct decision d, last;

		fixture_decide(one, 0, &a, &last);
		fixture_decide(all, 0, &a, &d);
		ck_assert_uint_eq(d.n, 3);
		ck_assert_uint_eq(d.endpoint[2], last.endpoint[0]);
	}
	fixture_destroy(one);
	fixture_destroy(all);
}
END_TEST

/* The answer has the records in the order of the choice: a client that tries
 * the second address gets that of the next region. */
START_TEST(the_records_are_in_the_order_of_the_choice)
{
	struct fixture *f = answers_from_regions(5);
	struct client client = {.source_len = 32};
	struct answer_request request = {
	    .client = &client, .sender = &client.address, .form = FORM_IPV4};
	struct snapshot snapshot = {.policy = f->policy, .live = f->live};

	for (uint32_t k = 0; k < 100; k++) {
		struct answer answer;
		struct decision d;

		client.address = fixture_sticky(k);
		fixture_decide(f, 0, &client.address, &d);
		ladder_source.answer(&snapshot, &request, &answer);
		ck_assert_uint_eq(d.n, 5);
		ck_assert_uint_eq(answer.n_sets, 5);
		for (unsigned n = 0; n < d.n; n++)
			ck_assert_ptr_eq(answer.sets[n]->image,
			    f->policy->endpoints[d.endpoint[n]]
				.sets[FORM_IPV4]
				.image);
	}
	fixture_destroy(f);
}
END_TEST

START_TEST(test_affinities)
{
	static const uint32_t even[] = {1, 1, 1, 1};
	struct fixture *f = region_of(even, 4, 1);
	struct policy_service *s;
	unsigned count[4] = {0}, i;
	struct decision first, d;

	/* The policy is ours: its services may be written in a test. */
	s = (struct policy_service *)(uintptr_t)f->policy->zones[0].services;
	s->affinity = AFFINITY_NAME;
	first = fixture_ask(f, OUTSIDE);
	for (i = 0; i < 1000; i++) {
		struct address a = fixture_sticky(i);

		fixture_decide(f, 0, &a, &d);
		ck_assert_uint_eq(d.endpoint[0], first.endpoint[0]);
		ck_assert(!d.hashed);
		ck_assert_uint_eq(d.scope, 0);
	}
	s->affinity = AFFINITY_NONE;
	for (i = 0; i < 4000; i++) {
		d = fixture_ask(f, OUTSIDE);
		ck_assert(!d.hashed);
		count[d.endpoint[0]]++;
	}
	for (i = 0; i < 4; i++) {
		ck_assert_uint_ge(count[i], 900);
		ck_assert_uint_le(count[i], 1100);
	}
	fixture_destroy(f);
}
END_TEST

/* Networks of two places get the regions in their own order. */
START_TEST(test_rank)
{
	static const uint32_t weights[] = {1};
	struct fixture *f = pools(weights, 1);

	fixture_network(f, "south", "10.0.0.0/8", 1);
	fixture_network(f, "north", "11.0.0.0/8", 49);
	f->services[0].rank = RANK_NEAREST;
	fixture_build(f);
	ck_assert_uint_eq(fixture_ask(f, "10.0.0.1").region, 0);
	ck_assert_uint_eq(fixture_ask(f, "11.0.0.1").region, 1);
	/* Its nearest region is down: the next one; the other stays. */
	fixture_set(f, 0, 0, USABLE_NO);
	ck_assert_uint_eq(fixture_ask(f, "10.0.0.1").region, 1);
	fixture_set_all(f, USABLE_YES);
	fixture_set(f, 0, 1, USABLE_NO);
	ck_assert_uint_eq(fixture_ask(f, "10.0.0.1").region, 0);
	ck_assert_uint_eq(fixture_ask(f, "11.0.0.1").region, 0);
	fixture_destroy(f);
}
END_TEST

/* Two endpoints in the east, one in the west: which region serves. */
START_TEST(test_tiers_and_min_up)
{
	enum { NO = USABLE_NO, UN = USABLE_UNCHECKED, UP = USABLE_YES };
	static const struct {
		const char *what;
		uint32_t min_up_ppm;
		uint8_t east0, east1, west;
		uint8_t region, n;
		bool resort;
	} rows[] = {
	    {"all up: the best region", 0, UP, UP, UP, 0, 2, false},
	    {"one up is enough without min_up", 0, NO, UP, UP, 0, 1, false},
	    {"half up is enough for half", 500000, NO, UP, UP, 0, 1, false},
	    {"half up is not enough for more", 500001, NO, UP, UP, 1, 1, false},
	    {"unchecked ones wait while a checked one is up", 0, UN, UN, UP, 1,
		1, false},
	    {"an unchecked one beside an up one waits", 0, UN, UP, UP, 0, 1,
		false},
	    {"unchecked ones serve when no checked one is up", 0, UN, NO, NO, 0,
		1, false},
	    {"nothing is known: all count", 0, UN, UN, UN, 0, 2, false},
	    {"unchecked ones help to min_up", 1000000, UN, UP, NO, 0, 2, false},
	    {"all down: all as if up", 0, NO, NO, NO, 0, 2, true},
	    {"below min_up everywhere: all as if up", 1000000, NO, UP, NO, 0, 2,
		true},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fixture *f = fixture_create();
		uint32_t east = fixture_region(f, "east", 0);
		uint32_t west = fixture_region(f, "west", 50);
		uint32_t pool = fixture_pool(f, "v1");
		struct service_config *s = fixture_service(f, "chat");
		struct decision d;

		fixture_endpoint(f, pool, east, 1);
		fixture_endpoint(f, pool, east, 1);
		fixture_endpoint(f, pool, west, 1);
		fixture_split(f, s, pool, 1);
		f->pools[0].min_up_ppm = rows[i].min_up_ppm;
		s->answers = 8;
		fixture_build(f);
		fixture_set(f, pool, 0, (enum usable)rows[i].east0);
		fixture_set(f, pool, 1, (enum usable)rows[i].east1);
		fixture_set(f, pool, 2, (enum usable)rows[i].west);
		d = fixture_ask(f, OUTSIDE);
		ck_assert_msg(d.kind == ANSWER_RECORDS &&
			d.region == rows[i].region && d.n == rows[i].n &&
			d.resort == rows[i].resort,
		    "%s: region %u, %u endpoints, resort %d", rows[i].what,
		    d.region, d.n, d.resort);
		fixture_destroy(f);
	}
}
END_TEST

/* An unchecked canary takes no share while the checked pool is up. */
START_TEST(test_tier_is_of_the_client)
{
	static const uint32_t weights[] = {50, 50};
	struct fixture *f = pools(weights, 2);
	struct decision d;

	fixture_build(f);
	fixture_set(f, 1, 0, USABLE_UNCHECKED);
	fixture_set(f, 1, 1, USABLE_UNCHECKED);
	for (unsigned i = 0; i < 100; i++) {
		struct address a = fixture_sticky(i);

		fixture_decide(f, 0, &a, &d);
		ck_assert_uint_eq(d.member, 0);
		ck_assert(!d.hashed);
	}
	fixture_destroy(f);
}
END_TEST

/* The office is fenced into the west, which is not its best region; v1 is in
 * both regions, v2 (no weight) is too; down is what the row says. */
enum { EAST_DOWN = 1, WEST_DOWN = 2, SPARE_EAST_DOWN = 4, SPARE_WEST_DOWN = 8 };
#define ALL_DOWN 15

START_TEST(test_last_resorts)
{
	static const struct {
		const char *what;
		enum last_resort list[3];
		unsigned n, down;
		bool hard;
		enum answer_kind kind;
		bool resort;
		uint8_t member, region;
	} rows[] = {
	    {"up: no resort", {RESORT_SERVFAIL}, 1, 0, true, ANSWER_RECORDS,
		false, 0, 1},
	    {"servfail", {RESORT_SERVFAIL}, 1, WEST_DOWN, true, ANSWER_SERVFAIL,
		true, 0, 1},
	    {"records", {RESORT_RECORDS}, 1, WEST_DOWN, true, ANSWER_STATIC,
		true, 0, 1},
	    {"all: its own region as if up", {RESORT_ALL}, 1, WEST_DOWN, false,
		ANSWER_RECORDS, true, 0, 1},
	    {"an empty list is all", {RESORT_ALL}, 0, WEST_DOWN, false,
		ANSWER_RECORDS, true, 0, 1},
	    {"pools: the spare one, inside", {RESORT_POOLS}, 1, WEST_DOWN,
		false, ANSWER_RECORDS, true, 1, 1},
	    {"pools, spare down too: ends in all", {RESORT_POOLS}, 1,
		WEST_DOWN | SPARE_WEST_DOWN, false, ANSWER_RECORDS, true, 0, 1},
	    {"unfenced: the other region", {RESORT_UNFENCED}, 1, WEST_DOWN,
		false, ANSWER_RECORDS, true, 0, 0},
	    {"unfenced lifts no hard fence", {RESORT_UNFENCED, RESORT_RECORDS},
		2, WEST_DOWN, true, ANSWER_STATIC, true, 0, 1},
	    {"the order counts: pools before unfenced",
		{RESORT_POOLS, RESORT_UNFENCED}, 2, WEST_DOWN, false,
		ANSWER_RECORDS, true, 1, 1},
	    {"the order counts: unfenced before pools",
		{RESORT_UNFENCED, RESORT_POOLS}, 2, WEST_DOWN, false,
		ANSWER_RECORDS, true, 0, 0},
	    {"concessions add up",
		{RESORT_POOLS, RESORT_UNFENCED, RESORT_SERVFAIL}, 3,
		ALL_DOWN - SPARE_EAST_DOWN, false, ANSWER_RECORDS, true, 1, 0},
	    {"in either order",
		{RESORT_UNFENCED, RESORT_POOLS, RESORT_SERVFAIL}, 3,
		ALL_DOWN - SPARE_EAST_DOWN, false, ANSWER_RECORDS, true, 1, 0},
	    {"but a hard fence holds",
		{RESORT_POOLS, RESORT_UNFENCED, RESORT_SERVFAIL}, 3,
		ALL_DOWN - SPARE_EAST_DOWN, true, ANSWER_SERVFAIL, true, 0, 1},
	    {"all down: all is inside the fence again",
		{RESORT_POOLS, RESORT_UNFENCED, RESORT_ALL}, 3, ALL_DOWN, false,
		ANSWER_RECORDS, true, 0, 1},
	};
	static const uint32_t weights[] = {1, 0};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fixture *f = pools(weights, 2);
		struct service_config *s = &f->services[0];
		struct decision d;

		fixture_fence(f, s, fixture_network(f, "office", OFFICE, 0), 2,
		    rows[i].hard);
		memcpy(s->resorts, rows[i].list, sizeof(rows[i].list));
		s->n_resorts = rows[i].n;
		fixture_build(f);
		for (unsigned k = 0; k < 4; k++)
			if (rows[i].down >> k & 1)
				fixture_set(f, k / 2, k % 2, USABLE_NO);
		d = fixture_ask(f, IN_OFFICE);
		ck_assert_msg(
		    d.kind == rows[i].kind && d.resort == rows[i].resort,
		    "%s: kind %d, resort %d", rows[i].what, d.kind, d.resort);
		ck_assert_msg(d.kind != ANSWER_RECORDS ||
			(d.member == rows[i].member &&
			    d.region == rows[i].region && d.n == 1),
		    "%s: member %u, region %u", rows[i].what, d.member,
		    d.region);
		/* A last resort has TTL min: it is to end with its reason. */
		ck_assert_msg(d.ttl_s == (rows[i].resort ? 5 : 60),
		    "%s: TTL %u", rows[i].what, d.ttl_s);
		fixture_destroy(f);
	}
}
END_TEST

/* As if all were up a spare pool serves where no other is: inside a hard fence
 * that holds nothing else, and past a soft one that holds nothing at all. */
START_TEST(all_as_if_up_takes_a_spare_pool_where_no_other_is)
{
	for (unsigned soft = 0; soft < 2; soft++) {
		struct fixture *f = fixture_create();
		uint32_t east = fixture_region(f, "east", 0);
		uint32_t west = fixture_region(f, "west", 50);
		uint32_t v1 = fixture_pool(f, "v1");
		uint32_t spare = fixture_pool(f, "spare");
		struct service_config *s = fixture_service(f, "chat");
		uint32_t empty = fixture_region(f, "empty", 0);
		struct decision d;

		fixture_endpoint(f, v1, east, 1);
		fixture_endpoint(f, spare, west, 1);
		fixture_split(f, s, v1, 1);
		fixture_split(f, s, spare, 0);
		fixture_fence(f, s, fixture_network(f, "office", OFFICE, 0),
		    1u << (soft ? empty : west), !soft);
		fixture_build(f);
		fixture_set_all(f, USABLE_NO);
		d = fixture_ask(f, IN_OFFICE);
		ck_assert_int_eq(d.kind, ANSWER_RECORDS);
		ck_assert(d.resort);
		ck_assert_uint_eq(d.member, soft ? 0 : 1);
		ck_assert_uint_eq(d.region, soft ? east : west);
		fixture_destroy(f);
	}
}
END_TEST

/* Whatever is down, no pool serves but those of the service's own split. */
START_TEST(pools_of_other_services_are_never_taken)
{
	struct fixture *f = fixture_create();
	uint32_t east = fixture_region(f, "east", 0);
	uint32_t other = fixture_pool(f, "other");
	uint32_t v1 = fixture_pool(f, "v1");
	struct service_config *s = fixture_service(f, "chat");

	fixture_endpoint(f, other, east, 1);
	fixture_endpoint(f, v1, east, 1);
	fixture_split(f, s, v1, 1);
	s->resorts[0] = RESORT_POOLS;
	s->resorts[1] = RESORT_SERVFAIL;
	s->n_resorts = 2;
	fixture_build(f);
	fixture_set(f, v1, 0, USABLE_NO);
	ck_assert_int_eq(fixture_ask(f, OUTSIDE).kind, ANSWER_SERVFAIL);
	fixture_destroy(f);
}
END_TEST

/* A soft fence to a region where the service has nothing. */
START_TEST(test_fence_without_region)
{
	static const uint32_t weights[] = {1};
	struct fixture *f = pools(weights, 1);
	struct decision d;

	fixture_region(f, "empty", 0);
	fixture_fence(f, &f->services[0],
	    fixture_network(f, "office", OFFICE, 0), 4, false);
	fixture_build(f);
	d = fixture_ask(f, IN_OFFICE);
	ck_assert_int_eq(d.kind, ANSWER_RECORDS);
	ck_assert(d.resort);
	fixture_destroy(f);
}
END_TEST

/* Whatever is up or down and whatever the last resort says, nobody of the
 * office is sent out of a hard fence; every decision is a defined one. */
START_TEST(test_hard_fence_is_never_left)
{
	unsigned inside = 0;

	for (unsigned i = 0; i < 400; i++) {
		struct fixture *f = fixture_create();
		struct service_config *s = fixture_service(f, "chat");
		uint64_t fence = 1 + fixture_below(6);

		fixture_region(f, "a", 0);
		fixture_region(f, "b", 20);
		fixture_region(f, "c", 40);
		for (unsigned j = 0; j < 3; j++) {
			uint32_t pool = fixture_pool(f, "p");

			fixture_endpoint(f, pool, j, 1);
			for (unsigned k = 0; k < 4; k++)
				fixture_endpoint(f, pool, fixture_below(3),
				    1 + fixture_below(3));
			fixture_split(f, s, pool, j == 0 || i & 1);
		}
		fixture_endpoint(f, 0, 1, 1);
		fixture_endpoint(f, 0, 2, 1);
		fixture_fence(
		    f, s, fixture_network(f, "office", OFFICE, 0), fence, true);
		s->n_resorts = fixture_below(STEERING_MAX_RESORTS + 1);
		for (unsigned j = 0; j < s->n_resorts; j++)
			s->resorts[j] = (enum last_resort)fixture_below(5);
		fixture_build(f);
		for (unsigned j = 0; j < 50; j++) {
			struct address a =
			    fixture_ipv4(0x0a000000 + fixture_below(1 << 24));
			struct decision d;

			for (unsigned k = 0; k < f->live->n_endpoints; k++)
				f->live->endpoint[k] =
				    (int8_t)(fixture_below(j % 4 + 1) == 0
					    ? fixture_below(3)
					    : USABLE_NO);
			live_judge(f->live, f->policy);
			fixture_decide(f, 0, &a, &d);
			ck_assert_int_ne(d.kind, ANSWER_NODATA);
			if (d.kind != ANSWER_RECORDS)
				continue;
			ck_assert_uint_ge(d.n, 1);
			ck_assert(fence >> d.region & 1);
			for (unsigned k = 0; k < d.n; k++)
				ck_assert_str_eq(
				    fixture_region_name(f, d.endpoint[k]),
				    f->regions[d.region].name);
			inside++;
		}
		fixture_destroy(f);
	}
	ck_assert_uint_gt(inside, 5000);
}
END_TEST

/* The endpoint of the east has both families, that of the west only IPv4; the
 * office may be fenced. */
enum { NO_FENCE, SOFT_WEST, HARD_WEST };
enum { EAST, WEST };

START_TEST(a_and_aaaa_name_the_same_endpoint)
{
	static const struct {
		const char *what;
		unsigned fence, down;
		bool resort, has_aaaa;
		uint8_t region;
	} rows[] = {
	    {"the first region has both", NO_FENCE, 0, false, true, EAST},
	    {"it is down: not its AAAA record", NO_FENCE, EAST_DOWN, false,
		false, WEST},
	    {"outside a soft fence: not its AAAA record", SOFT_WEST, 0, false,
		false, WEST},
	    {"a soft fence that is lifted", SOFT_WEST, WEST_DOWN, true, true,
		EAST},
	    {"outside a hard fence: NODATA, not SERVFAIL", HARD_WEST, 0, false,
		false, WEST},
	    {"all as if up inside a hard fence: NODATA too", HARD_WEST,
		WEST_DOWN, true, false, WEST},
	    {"all down: the first as if up, with both", NO_FENCE,
		EAST_DOWN | WEST_DOWN, true, true, EAST},
	};
	static const uint32_t weights[] = {1};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fixture *f = pools(weights, 1);
		struct service_config *s = &f->services[0];
		struct address a;
		struct decision d[FORMS];

		f->endpoints[0][WEST].n_ipv6 = 0;
		s->resorts[0] = RESORT_UNFENCED;
		s->n_resorts = 1;
		if (rows[i].fence != NO_FENCE)
			fixture_fence(f, s,
			    fixture_network(f, "office", OFFICE, 0), 1u << WEST,
			    rows[i].fence == HARD_WEST);
		fixture_build(f);
		for (unsigned k = 0; k < 2; k++)
			if (rows[i].down >> k & 1)
				fixture_set(f, 0, k, USABLE_NO);
		ck_assert_int_eq(address_parse(IN_OFFICE, &a), 0);
		for (unsigned form = FORM_IPV4; form <= FORM_IPV6; form++) {
			fixture_decide_traced(
			    f, 0, &a, (enum answer_form)form, NULL, &d[form]);
			ck_assert_msg(d[form].region == rows[i].region &&
				d[form].resort == rows[i].resort,
			    "%s: region %u, resort %d", rows[i].what,
			    d[form].region, d[form].resort);
		}
		ck_assert_int_eq(d[FORM_IPV4].kind, ANSWER_RECORDS);
		ck_assert_msg(
		    (d[FORM_IPV6].kind == ANSWER_RECORDS) == rows[i].has_aaaa,
		    "%s: kind %d", rows[i].what, d[FORM_IPV6].kind);
		if (rows[i].has_aaaa) {
			ck_assert_uint_eq(d[FORM_IPV6].n, 1);
			ck_assert_uint_eq(
			    d[FORM_IPV6].endpoint[0], d[FORM_IPV4].endpoint[0]);
			ck_assert_uint_eq(
			    d[FORM_IPV6].scope, d[FORM_IPV4].scope);
			ck_assert_uint_eq(
			    d[FORM_IPV6].ttl_s, d[FORM_IPV4].ttl_s);
		} else {
			ck_assert_int_eq(d[FORM_IPV6].kind, ANSWER_NODATA);
			ck_assert_uint_eq(d[FORM_IPV6].n, 0);
			ck_assert_uint_eq(d[FORM_IPV6].scope, 0);
			ck_assert_uint_eq(d[FORM_IPV6].ttl_s, 5);
		}
		fixture_destroy(f);
	}
}
END_TEST

/* A canary without IPv6 keeps its clients: they get no AAAA record of the rest.
 */
START_TEST(a_pool_without_a_family_keeps_its_clients)
{
	static const uint32_t weights[] = {50, 50};
	struct fixture *f = pools(weights, 2);
	unsigned nodata = 0;

	f->endpoints[1][EAST].n_ipv6 = 0;
	f->endpoints[1][WEST].n_ipv6 = 0;
	fixture_build(f);
	for (unsigned i = 0; i < 200; i++) {
		struct address a = fixture_sticky(i);
		struct decision d, six;

		fixture_decide(f, 0, &a, &d);
		fixture_decide_traced(f, 0, &a, FORM_IPV6, NULL, &six);
		ck_assert_uint_eq(six.member, d.member);
		ck_assert_int_eq(
		    six.kind, d.member == 0 ? ANSWER_RECORDS : ANSWER_NODATA);
		nodata += six.kind == ANSWER_NODATA;
	}
	ck_assert_uint_ge(nodata, 60);
	ck_assert_uint_le(nodata, 140);
	fixture_destroy(f);
}
END_TEST

/* Nobody has it, so that it may be kept for as long as the zone says. */
START_TEST(a_family_no_endpoint_has_is_nodata_for_everyone)
{
	static const uint32_t weights[] = {1};
	struct fixture *f = pools(weights, 1);
	struct address a = fixture_sticky(1);
	struct decision d;

	f->endpoints[0][0].n_ipv6 = f->endpoints[0][1].n_ipv6 = 0;
	fixture_build(f);
	for (unsigned usable = USABLE_NO; usable <= USABLE_YES; usable++) {
		fixture_set_all(f, (enum usable)usable);
		f->live->stale = true;
		fixture_decide_traced(f, 0, &a, FORM_IPV6, NULL, &d);
		ck_assert_int_eq(d.kind, ANSWER_NODATA);
		ck_assert_uint_eq(d.scope, 0);
		ck_assert_uint_eq(d.ttl_s, UINT32_MAX);
		ck_assert(!d.stale && !d.resort);
	}
	fixture_destroy(f);
}
END_TEST

/* Of several endpoints that were chosen those that lack the family add nothing,
 * and no other takes their place. */
START_TEST(chosen_endpoints_without_the_family_add_nothing)
{
	struct fixture *f = fixture_create();
	uint32_t east = fixture_region(f, "east", 0);
	uint32_t pool = fixture_pool(f, "v1");
	struct service_config *s = fixture_service(f, "chat");
	unsigned met[3] = {0};

	for (unsigned i = 0; i < 4; i++)
		fixture_endpoint(f, pool, east, 1);
	fixture_split(f, s, pool, 1);
	f->endpoints[pool][1].n_ipv6 = 0;
	f->endpoints[pool][3].n_ipv6 = 0;
	s->answers = 2;
	fixture_build(f);
	for (unsigned i = 0; i < 100; i++) {
		struct address a = fixture_sticky(i);
		struct decision d, six;
		unsigned n = 0;

		fixture_decide(f, 0, &a, &d);
		ck_assert_uint_eq(d.n, 2);
		fixture_decide_traced(f, 0, &a, FORM_IPV6, NULL, &six);
		for (unsigned k = 0; k < d.n; k++)
			if (f->policy->endpoints[d.endpoint[k]]
				.sets[FORM_IPV6]
				.count > 0)
				ck_assert_uint_eq(
				    six.endpoint[n++], d.endpoint[k]);
		ck_assert_uint_eq(six.n, n);
		ck_assert_int_eq(
		    six.kind, n > 0 ? ANSWER_RECORDS : ANSWER_NODATA);
		met[n]++;
	}
	for (unsigned n = 0; n < 3; n++)
		ck_assert_uint_gt(met[n], 0);
	fixture_destroy(f);
}
END_TEST

/* Bounds and causes of the TTL, over many clients. */
START_TEST(test_ttl)
{
	static const struct {
		const char *what;
		uint32_t east, west; /* pending */
		uint32_t min, max;
		bool east_down;
	} rows[] = {
	    {"nothing pends: the maximum", UINT32_MAX, UINT32_MAX, 60, 60,
		false},
	    {"a change at hand: 80 to 100 % of its time", 30, UINT32_MAX, 24,
		30, false},
	    {"never under the minimum", 0, UINT32_MAX, 5, 5, false},
	    {"nor over the maximum", 500, UINT32_MAX, 48, 60, false},
	    {"a worse region does not count", UINT32_MAX, 10, 60, 60, false},
	    {"a better one that rises counts", 20, UINT32_MAX, 16, 20, true},
	    {"the earliest counts", 20, 10, 8, 10, true},
	};
	static const uint32_t weights[] = {1};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fixture *f = pools(weights, 1);
		uint32_t least = UINT32_MAX, most = 0;

		/* Each /8 is a class of its own, so that scopes differ. */
		fixture_network(f, "even", "0.0.0.0/9", 0);
		fixture_network(f, "odd", "0.128.0.0/9", 50);
		f->services[0].answers = 1;
		fixture_endpoint(f, 0, 0, 1); /* a second one: hashed */
		fixture_build(f);
		fixture_pending(f, 0, rows[i].east);
		fixture_pending(f, 1, rows[i].west);
		if (rows[i].east_down) {
			fixture_set(f, 0, 0, USABLE_NO);
			fixture_set(f, 0, 2, USABLE_NO);
		}
		for (uint32_t j = 0; j < 1000; j++) {
			struct address a = fixture_sticky(j);
			struct decision d;

			if (rows[i].east_down) {
				/* One endpoint: only classes differ. */
				a = fixture_ipv4(j << 22);
			}
			fixture_decide(f, 0, &a, &d);
			least = d.ttl_s < least ? d.ttl_s : least;
			most = d.ttl_s > most ? d.ttl_s : most;
		}
		ck_assert_msg(least >= rows[i].min && most <= rows[i].max,
		    "%s: %u..%u", rows[i].what, least, most);
		if (!rows[i].east_down)
			ck_assert_msg(
			    least == rows[i].min && most == rows[i].max,
			    "%s: %u..%u", rows[i].what, least, most);
		fixture_destroy(f);
	}
}
END_TEST

/* A down pool that rises will take its own clients back: theirs is the short
 * TTL, and nobody else's. */
START_TEST(test_ttl_of_a_rising_pool)
{
	static const uint32_t weights[] = {95, 5};
	struct fixture *f = pools(weights, 2);
	unsigned count[3], rising = 0;
	uint32_t down;

	fixture_build(f);
	members(f, before, count);
	fixture_set(f, 1, 0, USABLE_NO);
	fixture_set(f, 1, 1, USABLE_NO);
	ck_assert_uint_eq(fixture_ask(f, OUTSIDE).ttl_s, 60);
	down = f->policy->zones[0].services[0].members[1].pool.group[1];
	fixture_pending(f, down, 10);
	for (unsigned i = 0; i < NETWORKS; i++) {
		struct address a = fixture_sticky(i);
		struct decision d;

		fixture_decide(f, 0, &a, &d);
		ck_assert_uint_eq(d.member, 0);
		ck_assert_uint_ge(d.ttl_s, before[i] == 1 ? 8 : 60);
		ck_assert_uint_le(d.ttl_s, before[i] == 1 ? 10 : 60);
		rising += before[i] == 1;
	}
	ck_assert_uint_eq(rising, count[1]);
	ck_assert_uint_gt(rising, 0);
	fixture_destroy(f);
}
END_TEST

/* A pool without a weight takes no client while one with a weight serves: that
 * it rises is no change at hand. */
START_TEST(test_ttl_beside_a_spare_pool)
{
	static const uint32_t weights[] = {1, 0};
	struct fixture *f = pools(weights, 2);
	uint32_t spare;

	fixture_build(f);
	fixture_set(f, 1, 0, USABLE_NO);
	spare = f->policy->zones[0].services[0].members[1].pool.group[0];
	fixture_pending(f, spare, 10);
	ck_assert_uint_eq(fixture_ask(f, OUTSIDE).ttl_s, 60);
	fixture_destroy(f);
}
END_TEST

/* Where nobody checked serves, or a last resort does, anything that rises is a
 * change at hand. */
START_TEST(test_ttl_of_a_lower_tier)
{
	static const uint32_t weights[] = {1};
	struct fixture *f = pools(weights, 1);
	struct decision d;

	fixture_build(f);
	fixture_set(f, 0, 0, USABLE_UNCHECKED);
	fixture_set(f, 0, 1, USABLE_NO);
	fixture_pending(f, 1, 10);
	d = fixture_ask(f, OUTSIDE);
	ck_assert_uint_eq(d.region, 0);
	ck_assert_uint_le(d.ttl_s, 10);
	fixture_set(f, 0, 0, USABLE_NO);
	d = fixture_ask(f, OUTSIDE);
	ck_assert(d.resort);
	ck_assert_uint_eq(d.region, 0);
	ck_assert_uint_eq(d.ttl_s, 5);
	fixture_destroy(f);
}
END_TEST

/* Fixed inputs, fixed endpoints: every machine must come to these. */
START_TEST(test_golden)
{
	static const struct {
		const char *client;
		uint32_t member, endpoint;
		uint8_t scope, ttl;
	} rows[] = {
	    {"10.0.0.1", 1, 11, 20, 47},
	    {"10.200.16.1", 0, 4, 20, 42},
	    {"192.0.2.1", 0, 0, 20, 46},
	    {"198.51.100.77", 0, 1, 20, 45},
	    {"203.0.113.9", 1, 8, 20, 47},
	    {"8.8.8.8", 1, 8, 20, 42},
	    {"2001:db8:77::1", 1, 6, 40, 50},
	    {"2a00:1450:4009::5", 0, 0, 40, 44},
	    {"2002:c000:201::1", 0, 0, 36, 47},
	    {"::ffff:198.51.100.77", 0, 1, 116, 48},
	};
	struct fixture *f = fixture_create();
	uint32_t east = fixture_region(f, "east", 0);
	uint32_t west = fixture_region(f, "west", 50);
	struct service_config *s = fixture_service(f, "chat");
	uint32_t v1 = fixture_pool(f, "v1"), v2 = fixture_pool(f, "v2");

	for (size_t i = 0; i < 6; i++) {
		fixture_endpoint(
		    f, v1, i % 2 ? east : west, 1 + (uint32_t)i % 3);
		fixture_endpoint(f, v2, i % 2 ? east : west, 1);
	}
	fixture_network(f, "north", "10.0.0.0/8", 50);
	s->rank = RANK_NEAREST;
	fixture_split(f, s, v1, 60);
	fixture_split(f, s, v2, 40);
	fixture_build(f);
	for (uint32_t i = 0; i < f->policy->n_groups; i++)
		fixture_pending(f, i, 50);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct decision d = fixture_ask(f, rows[i].client);

		ck_assert_msg(d.member == rows[i].member &&
			d.endpoint[0] == rows[i].endpoint &&
			d.scope == rows[i].scope && d.ttl_s == rows[i].ttl,
		    "{\"%s\", %u, %u, %u, %u},", rows[i].client, d.member,
		    d.endpoint[0], d.scope, d.ttl_s);
	}
	fixture_destroy(f);
}
END_TEST

/* What respond() gets: the records of the family asked for, the counter of
 * the region, or that of answers of none. */
START_TEST(test_source)
{
	static const uint32_t weights[] = {1};
	static const struct {
		const char *what;
		enum answer_form form;
		unsigned down;
		enum answer_kind kind;
		uint32_t outcome, ttl_s;
		uint16_t octets;
	} rows[] = {
	    {"A from the east, the first slot", FORM_IPV4, 0, ANSWER_RECORDS, 0,
		60, 16},
	    {"AAAA, which the east lacks, counts for no region", FORM_IPV6, 0,
		ANSWER_NODATA, 2, 5, 0},
	    {"AAAA from the west, the second slot", FORM_IPV6, EAST_DOWN,
		ANSWER_RECORDS, 1, 60, 28},
	    {"down: records are of no region", FORM_IPV4, EAST_DOWN | WEST_DOWN,
		ANSWER_STATIC, 2, 5, 0},
	};
	struct fixture *f = pools(weights, 1);
	struct client client = {.source_len = 32};
	struct answer_request request = {
	    .client = &client, .sender = &client.address};
	struct snapshot snapshot = {0};
	struct policy_service *s;
	struct answer answer;

	f->endpoints[0][0].n_ipv6 = 0;
	f->services[0].resorts[0] = RESORT_RECORDS;
	f->services[0].n_resorts = 1;
	fixture_build(f);
	client.address = fixture_ipv4(0x0a000001);
	snapshot.policy = f->policy;
	snapshot.live = f->live;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (unsigned k = 0; k < 2; k++)
			fixture_set(f, 0, k,
			    rows[i].down >> k & 1 ? USABLE_NO : USABLE_YES);
		request.form = rows[i].form;
		ladder_source.answer(&snapshot, &request, &answer);
		ck_assert_msg(answer.kind == rows[i].kind &&
			answer.outcome == rows[i].outcome &&
			answer.ttl_s == rows[i].ttl_s,
		    "%s: %u", rows[i].what, answer.outcome);
		ck_assert_uint_eq(answer.n_sets, rows[i].octets > 0);
		if (answer.n_sets == 1)
			ck_assert_uint_eq(answer.sets[0]->size, rows[i].octets);
	}
	s = (struct policy_service *)(uintptr_t)f->policy->zones[0].services;
	s->has[FORM_IPV4] = false;
	request.form = FORM_IPV4;
	ladder_source.answer(&snapshot, &request, &answer);
	ck_assert_int_eq(answer.kind, ANSWER_NODATA);
	ck_assert_uint_eq(answer.outcome, 2);
	ck_assert_uint_eq(answer.reason, REASON_NODATA);
	ck_assert_uint_eq(answer.n_sets, 0);
	fixture_destroy(f);
}
END_TEST

/* What is said besides an answer: stale health where health takes part, and a
 * last resort; to all who get one alike, of whatever class. */
START_TEST(test_notes)
{
	static const struct {
		const char *what;
		bool checked, stale, down, ipv4;
		enum answer_kind kind;
		bool says_stale, says_resort;
	} rows[] = {
	    {"all is well", true, false, false, true, ANSWER_RECORDS, false,
		false},
	    {"stale", true, true, false, true, ANSWER_RECORDS, true, false},
	    {"stale, but nothing is checked", false, true, false, true,
		ANSWER_RECORDS, false, false},
	    {"down", true, false, true, true, ANSWER_SERVFAIL, false, true},
	    {"stale and down", true, true, true, true, ANSWER_SERVFAIL, true,
		true},
	    {"NODATA has no health", true, true, true, false, ANSWER_NODATA,
		false, false},
	};
	static const uint32_t weights[] = {1, 0};
	static const uint32_t clients[] = {0x0a000001, 0xc0000201, 0xffffffff};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fixture *f = pools(weights, 2);
		struct client client = {.source_len = 32};
		struct answer_request request = {.client = &client,
		    .sender = &client.address,
		    .form = rows[i].ipv4 ? FORM_IPV4 : FORM_IPV6};
		struct snapshot snapshot = {0};
		struct policy_service *s;
		struct answer answer;

		if (!rows[i].checked)
			f->pools[0].checks.n = f->pools[1].checks.n = 0;
		f->services[0].resorts[0] = RESORT_SERVFAIL;
		f->services[0].n_resorts = 1;
		fixture_build(f);
		s = (struct policy_service *)(uintptr_t)f->policy->zones[0]
			.services;
		s->has[FORM_IPV6] = rows[i].ipv4;
		fixture_set_all(f, rows[i].down ? USABLE_NO : USABLE_YES);
		f->live->stale = rows[i].stale;
		snapshot.policy = f->policy;
		snapshot.live = f->live;
		for (size_t k = 0; k < 3; k++) {
			client.address = fixture_ipv4(clients[k]);
			ladder_source.answer(&snapshot, &request, &answer);
			ck_assert_msg(answer.kind == rows[i].kind &&
				answer.stale == rows[i].says_stale &&
				answer.resort == rows[i].says_resort,
			    "%s: kind %d, stale %d, resort %d", rows[i].what,
			    answer.kind, answer.stale, answer.resort);
		}
		fixture_destroy(f);
	}
}
END_TEST

struct words {
	unsigned steps;
	char text[STEP_TTL + 1][512];
};

static void
keep_words(void *context, enum ladder_step step, const char *text)
{
	struct words *words = context;

	words->steps |= 1u << step;
	snprintf(words->text[step], sizeof(words->text[step]), "%s", text);
}

/* The words are those of the decision that was made without them. */
START_TEST(test_trace)
{
	static const uint32_t weights[] = {95, 5};
	struct fixture *f = pools(weights, 2);
	struct words words = {0};
	struct ladder_trace trace = {.step = keep_words, .context = &words};
	struct decision quiet, loud;
	struct address a;

	f->services[0].resorts[0] = RESORT_UNFENCED;
	f->services[0].n_resorts = 1;
	fixture_fence(f, &f->services[0],
	    fixture_network(f, "office", OFFICE, 0), 1, false);
	fixture_build(f);
	ck_assert_int_eq(address_parse(IN_OFFICE, &a), 0);
	fixture_decide(f, 0, &a, &quiet);
	trace.rule = 0;
	fixture_decide_traced(f, 0, &a, FORM_IPV4, &trace, &loud);
	ck_assert_mem_eq(&quiet, &loud, sizeof(quiet));
	ck_assert_str_eq(words.text[STEP_FENCE],
	    "rule 1 (networks office) keeps this client in east (soft)");
	ck_assert_str_eq(words.text[STEP_USABLE], "v2: east 1 of 1 up");
	ck_assert_str_eq(words.text[STEP_SPLIT],
	    "position 54.113329 % in the block 10.0.0.0/14: v1 (v1 from 0 % "
	    "to 95 %, v2 from 95 % to 100 %)");
	ck_assert_str_eq(words.text[STEP_RANK], "east, as listed: east, west");
	ck_assert_str_eq(
	    words.text[STEP_PICK], "e0: the only one that is usable");
	ck_assert_str_eq(words.text[STEP_TTL], "60 s: no change is at hand");
	ck_assert_uint_eq(words.steps & 1u << STEP_RESORT, 0);

	fixture_set(f, 0, 0, USABLE_NO);
	fixture_set(f, 1, 0, USABLE_NO);
	fixture_decide_traced(f, 0, &a, FORM_IPV4, &trace, &loud);
	ck_assert_str_eq(
	    words.text[STEP_RESORT], "unfenced: soft fences are lifted");
	ck_assert_ptr_nonnull(
	    strstr(words.text[STEP_RANK], "; skipped: east 0 of 1 up"));
	trace.rule = MAP_NO_RULE;
	fixture_decide_traced(f, 0, &a, FORM_IPV4, &trace, &loud);
	ck_assert_str_eq(words.text[STEP_FENCE],
	    "no rule of the fence has this client: any region");
	fixture_destroy(f);
}
END_TEST

/* All texts of one decision, a line each. */
struct story {
	char text[4096];
	size_t len;
};

static void
keep_story(void *context, enum ladder_step step, const char *text)
{
	struct story *story = context;

	(void)step;
	story->len += (size_t)snprintf(story->text + story->len,
	    sizeof(story->text) - story->len, "%s\n", text);
	ck_assert_uint_lt(story->len, sizeof(story->text));
}

/* What a row asks of the policy, the client and the live state. */
enum {
	FAMILY = 1,
	EVERYONE = 2,
	PLACE = 4,
	NEAREST = 8,
	PRESUMED = 16,
	RULES = 32,
	NO_RULE = 64
};

/* v1 is in the east and the west, with a weight; a row says which others there
 * are. */
static const struct {
	const char *what;
	uint32_t weights[3];
	unsigned pools, how;
	enum usable usable;
	enum last_resort resorts[3];
	unsigned n_resorts;
	const char *says, *not ;
} trace_rows[] = {
    {"the only pool there is", {1}, 1, 0, USABLE_YES, {0}, 0,
	"\nv1: the only pool\n", "a weight"},
    {"beside a spare pool that is up, too", {1, 0}, 2, 0, USABLE_YES, {0}, 0,
	"\nv1: the only pool with a weight\n", "usable\nv1"},
    {"where the spare one serves", {1, 0}, 2, 0, USABLE_NO, {RESORT_POOLS}, 1,
	"\npools: pools without a weight may serve\n", NULL},
    {"no pool is spare", {1, 1}, 2, 0, USABLE_NO, {RESORT_POOLS}, 1,
	"\npools: there is no pool without a weight\n",
	"pools without a weight may"},
    {"all is down: nobody says what is not checked counts", {1}, 1, 0,
	USABLE_NO, {0}, 0,
	"\nnothing is usable\nall: every endpoint counts as up\n",
	"what nobody"},
    {"as if up is not usable", {1}, 1, 0, USABLE_NO, {0}, 0,
	"\ne0: the only one that is there\n", "that is usable"},
    {"nothing is checked yet", {1}, 1, 0, USABLE_UNCHECKED, {0}, 0,
	"\nnothing that was checked is usable: what nobody has "
	"checked counts\n",
	"nothing is usable"},
    {"in the first round", {1}, 1, PRESUMED, USABLE_YES, {0}, 0,
	"v1: east 0 of 1 up (1 not checked yet, counted as up), west 1 "
	"of 1 up\n",
	"what nobody"},
    {"and its TTL", {1}, 1, PRESUMED, USABLE_YES, {0}, 0,
	"\n5 s: ttl min, for a change may come at any moment\n", NULL},
    {"added to a judged pool", {1}, 1, 0, USABLE_UNCHECKED, {0}, 0,
	"v1: east 0 of 1 up (1 not checked yet), west 0 of 1 up (1 not "
	"checked yet)\n",
	"counted as up"},
    {"a rule for everyone", {1}, 1, EVERYONE, USABLE_YES, {0}, 0,
	"rule 1 (everyone) keeps this client in east (hard)\n", "()"},
    {"a place that is not known", {1}, 1, NEAREST, USABLE_YES, {0}, 0,
	"\neast, place not known: order of the file: east, west\n", "distance"},
    {"distances, and a bias with what it makes of them", {1}, 1,
	NEAREST | PLACE, USABLE_YES, {0}, 0,
	"\nwest, by distance: west 1112 km (bias 10: counts as 1000), "
	"east 4448 km\n",
	NULL},
    {"as listed has no distances", {1}, 1, PLACE, USABLE_YES, {0}, 0,
	"\neast, as listed: east, west\n", " km"},
    {"a rule of the rank that has everyone", {1}, 1, RULES, USABLE_YES, {0}, 0,
	"west, rule 1 of the rank (everyone): ", "distance"},
    {"no rule of the rank", {1}, 1, RULES | NO_RULE | PLACE, USABLE_YES, {0}, 0,
	", no rule of the rank has this client, by distance: west ", "rule 1"},
    {"no rule of the rank, and no place", {1}, 1, RULES | NO_RULE, USABLE_YES,
	{0}, 0,
	"\neast, no rule of the rank has this client, place not known: "
	"order of the file: east, west\n",
	"rule 1"},
    {"a region outside a hard fence is not in the order", {1}, 1,
	EVERYONE | NEAREST | PLACE, USABLE_YES, {0}, 0,
	"\neast, by distance: east 4448 km\n", "west 1112"},
    {"an endpoint without the family", {1}, 1, FAMILY, USABLE_YES, {0}, 0,
	"\nendpoint e0 has no IPv6 address: NODATA for 5 s (ttl min)\n"
	"/0: resolvers give a NODATA to all of their clients\n5 s: ttl "
	"min, for a resolver gives NODATA to all of its "
	"clients\n",
	NULL},
    {"a last resort's TTL", {1}, 1, 0, USABLE_NO, {0}, 0,
	"\n5 s: ttl min, for a last resort is in use\n", NULL},
    {"SERVFAIL has no TTL", {1}, 1, 0, USABLE_NO, {RESORT_SERVFAIL}, 1,
	"\nservfail: SERVFAIL\n", " s: "},
};

/* What explain says is true, whatever led there. */
START_TEST(the_trace_says_nothing_that_is_not_so)
{
	for (size_t i = 0; i < sizeof(trace_rows) / sizeof(trace_rows[0]);
	     i++) {
		struct fixture *f =
		    pools(trace_rows[i].weights, trace_rows[i].pools);
		struct service_config *s = &f->services[0];
		struct story story = {{0}, 0};
		struct ladder_trace trace = {.step = keep_story,
		    .context = &story,
		    .rule = trace_rows[i].how & EVERYONE ? 0 : MAP_NO_RULE,
		    .order = trace_rows[i].how & NO_RULE ? MAP_NO_RULE : 0};
		static const uint32_t westward[] = {WEST};
		struct order_config order = {.regions = westward,
		    .n_regions = 1,
		    .clients = {.everyone = !(trace_rows[i].how & NO_RULE)}};
		struct ranking ranking;
		struct address a;
		struct decision d;

		f->regions[WEST].bias = 10;
		if (trace_rows[i].how & FAMILY)
			f->endpoints[0][EAST].n_ipv6 = 0;
		if (trace_rows[i].how & NEAREST)
			s->rank = RANK_NEAREST;
		if (trace_rows[i].how & RULES) {
			s->rank = RANK_RULES;
			s->orders = &order;
			s->n_orders = 1;
		}
		if (trace_rows[i].how & PLACE)
			fixture_network(f, "office", OFFICE, 40);
		if (trace_rows[i].how & EVERYONE) {
			f->fences[0][0].clients.everyone = true;
			f->fences[0][0].regions = 1u << EAST;
			f->fences[0][0].hard = true;
			s->n_fences = 1;
		}
		memcpy(s->resorts, trace_rows[i].resorts,
		    sizeof(trace_rows[i].resorts));
		s->n_resorts = trace_rows[i].n_resorts;
		fixture_build(f);
		fixture_set_all(f, trace_rows[i].usable);
		if (trace_rows[i].how & PRESUMED) {
			f->live->presumed[fixture_number(f, 0, EAST)] = 1;
			fixture_pending(f, 0, 0);
		}
		ck_assert_int_eq(address_parse(IN_OFFICE, &a), 0);
		fixture_ranking(f, 0, &a, &ranking);
		trace.ranking = &ranking;
		fixture_decide_traced(f, 0, &a,
		    trace_rows[i].how & FAMILY ? FORM_IPV6 : FORM_IPV4, &trace,
		    &d);
		ck_assert_msg(strstr(story.text, trace_rows[i].says) != NULL,
		    "%s: %s", trace_rows[i].what, story.text);
		ck_assert_msg(trace_rows[i].not == NULL ||
			strstr(story.text, trace_rows[i].not ) == NULL,
		    "%s: %s", trace_rows[i].what, story.text);
		fixture_destroy(f);
	}
}
END_TEST

struct deals {
	unsigned splits, again;
	char last[512];
};

static void
count_deals(void *context, enum ladder_step step, const char *text)
{
	struct deals *deals = context;

	if (step != STEP_SPLIT)
		return;
	deals->splits++;
	deals->again +=
	    strstr(text, ", not usable for this client: dealt again") != NULL;
	snprintf(deals->last, sizeof(deals->last), "%s", text);
}

/* Each deal of the split is a step: those to a pool that is down say that the
 * client is dealt again, the last one does not. */
START_TEST(test_trace_of_deals)
{
	static const uint32_t weights[] = {60, 30, 10};
	struct fixture *f = pools(weights, 3);
	unsigned dealt_again = 0;

	fixture_build(f);
	fixture_set(f, 0, 0, USABLE_NO);
	fixture_set(f, 0, 1, USABLE_NO);
	for (unsigned i = 0; i < 100; i++) {
		struct address a = fixture_sticky(i);
		struct deals deals = {0};
		struct ladder_trace trace = {
		    .step = count_deals, .context = &deals};
		struct decision d;

		fixture_decide_traced(f, 0, &a, FORM_IPV4, &trace, &d);
		ck_assert_uint_ne(d.member, 0);
		ck_assert_uint_eq(deals.splits, deals.again + 1);
		ck_assert_uint_le(deals.again, 1);
		ck_assert_ptr_null(strstr(deals.last, "dealt again"));
		dealt_again += deals.again;
	}
	/* Those whose share was that of the pool that is down: 60 %. */
	ck_assert_uint_ge(dealt_again, 40);
	ck_assert_uint_le(dealt_again, 80);
	fixture_destroy(f);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering: ladder");
	TCase *tc = tcase_create("ladder");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, test_split_shares);
	tcase_add_test(tc, test_split_raise_moves_only_forward);
	tcase_add_test(tc, test_split_large_weights);
	tcase_add_test(tc, test_split_loses_a_pool);
	tcase_add_test(tc, test_split_loses_two_of_four);
	tcase_add_test(tc, test_pick_weights);
	tcase_add_test(tc, test_pick_moves_little);
	tcase_add_test(tc, test_pick_many);
	tcase_add_test(tc, test_pick_most);
	tcase_add_test(tc, test_pick_one_region);
	tcase_add_test(tc, answers_from_regions_take_turns);
	tcase_add_test(tc, each_region_keeps_its_clients_where_they_were);
	tcase_add_test(tc, the_records_are_in_the_order_of_the_choice);
	tcase_add_test(tc, test_affinities);
	tcase_add_test(tc, test_rank);
	tcase_add_test(tc, test_tiers_and_min_up);
	tcase_add_test(tc, test_tier_is_of_the_client);
	tcase_add_test(tc, test_last_resorts);
	tcase_add_test(tc, all_as_if_up_takes_a_spare_pool_where_no_other_is);
	tcase_add_test(tc, pools_of_other_services_are_never_taken);
	tcase_add_test(tc, test_fence_without_region);
	tcase_add_test(tc, test_hard_fence_is_never_left);
	tcase_add_test(tc, a_and_aaaa_name_the_same_endpoint);
	tcase_add_test(tc, a_pool_without_a_family_keeps_its_clients);
	tcase_add_test(tc, a_family_no_endpoint_has_is_nodata_for_everyone);
	tcase_add_test(tc, chosen_endpoints_without_the_family_add_nothing);
	tcase_add_test(tc, test_ttl);
	tcase_add_test(tc, test_ttl_of_a_rising_pool);
	tcase_add_test(tc, test_ttl_beside_a_spare_pool);
	tcase_add_test(tc, test_ttl_of_a_lower_tier);
	tcase_add_test(tc, test_golden);
	tcase_add_test(tc, test_source);
	tcase_add_test(tc, test_notes);
	tcase_add_test(tc, test_trace);
	tcase_add_test(tc, the_trace_says_nothing_that_is_not_so);
	tcase_add_test(tc, test_trace_of_deals);
	suite_add_tcase(suite, tc);
	return fixture_run(suite);
}
