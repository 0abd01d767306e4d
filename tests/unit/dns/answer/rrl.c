/*
 * The table of response rate limiting under a clock of the test's own: the rate
 * to the answer, what counts together and what apart, slips, floods of clients
 * that are not there, many threads.
 */
#include "dns/answer/rrl.h"

#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define START_MS 1000000
#define SEED 42

static const uint8_t name[] = "\3www\7example";

static struct rrl_settings settings;
static struct rrl *rrl;

static void
create(void)
{
	rrl_destroy(rrl);
	rrl = rrl_create(&settings, SEED);
	ck_assert_ptr_nonnull(rrl);
}

static void
setup(void)
{
	settings = (struct rrl_settings){.responses = 5,
	    .window_ms = 1000,
	    .slip = 2,
	    .ipv4 = 24,
	    .ipv6 = 56,
	    .table = 1024};
	create();
}

static void
teardown(void)
{
	rrl_destroy(rrl);
	rrl = NULL;
}

static struct address
address(const char *text)
{
	struct address a;

	ck_assert_int_eq(address_parse(text, &a), 0);
	return a;
}

/* One answer for "www.example A". */
static enum rrl_verdict
count_for(int64_t now_ms, const struct address *a)
{
	enum rrl_kind kind = RRL_ANSWER;

	return rrl_count(rrl, now_ms, a, &kind, name, sizeof(name), 1);
}

static enum rrl_verdict
count(int64_t now_ms, const char *from)
{
	struct address a = address(from);

	return count_for(now_ms, &a);
}

/* How many of ${n} answers at once are sent. */
static unsigned
burst(int64_t now_ms, unsigned n)
{
	struct address a = address("192.0.2.1");
	unsigned sent = 0;

	for (unsigned i = 0; i < n; i++)
		sent += count_for(now_ms, &a) == RRL_SEND;
	return sent;
}

/* The rate is honoured to the answer, at once and as time goes by. */
static const struct {
	const char *why;
	uint32_t responses, window_ms;
	int64_t start_ms;
} rates[] = {
    {"one a second", 1, 1000, START_MS},
    {"a rate that divides nothing", 7, 1000, START_MS},
    {"a window that is no whole second", 3, 1700, START_MS},
    {"a usual rate", 200, 1000, START_MS},
    {"a wide window", 200, 15000, START_MS},
    {"more than one in a millisecond", 100000, 1000, START_MS},
    {"just after boot", 200, 1000, 0},
    /* 2^44 / 200 and / 100000, less half a second. */
    {"while the number goes round", 200, 1000, INT64_C(87960930222) - 500},
    {"and at the highest rate", 100000, 1000, INT64_C(175921860) - 500},
};

START_TEST(rate_is_exact)
{
	unsigned rate = rates[_i].responses;
	unsigned window = rates[_i].window_ms, whole, sent = 0;
	int64_t t = rates[_i].start_ms;

	settings.responses = rate;
	settings.window_ms = window;
	create();
	whole = rate * window / 1000;
	ck_assert_msg(burst(t, 2 * whole + 5) == whole, "%s", rates[_i].why);
	/* Each millisecond more asked than there is, ten seconds long. */
	for (int ms = 1; ms <= 10000; ms++)
		sent += burst(t + ms, rate / 1000 + 2);
	ck_assert_msg(sent == rate * 10, "%s: %u sent", rates[_i].why, sent);
}
END_TEST

/* The same of all kinds together, to what one answer is rounded to: each answer
 * is of a type of its own, so that nothing else limits it. */
static const struct {
	uint32_t responses, all, window_ms, exact;
} rates_of_all[] = {
    {50, 200, 1000, 200}, {200, 800, 15000, 800}, {5, 500, 1000, 500},
    {7, 7, 1000, 7}, {7, 21, 1000, 21}, /* 333 thousandths each: 21.02 */
    {100, 6700, 1000, 6666},            /* 15 for 14.9 */
};

static bool
is_sent_of_all(int64_t now_ms, const char *from)
{
	static uint16_t type;
	struct address a = address(from);
	enum rrl_kind kind = RRL_ANSWER;
	enum rrl_verdict verdict =
	    rrl_count(rrl, now_ms, &a, &kind, name, sizeof(name), type++);

	ck_assert_int_eq(kind, verdict == RRL_SEND ? RRL_ANSWER : RRL_ALL);
	return verdict == RRL_SEND;
}

START_TEST(all_kinds_of_a_client_have_a_rate_of_their_own)
{
	unsigned whole, sent = 0, exact = rates_of_all[_i].exact;

	settings.responses = rates_of_all[_i].responses;
	settings.all = rates_of_all[_i].all;
	settings.window_ms = rates_of_all[_i].window_ms;
	settings.table = 1 << 18;
	create();
	whole = exact * settings.window_ms / 1000;
	for (unsigned i = 0; i < 2 * whole + 5; i++)
		sent += is_sent_of_all(START_MS, "192.0.2.1");
	ck_assert_uint_ge(sent, whole);
	ck_assert_uint_le(sent, whole + whole / 500);
	ck_assert(is_sent_of_all(START_MS, "192.0.3.1"));
	sent = 0;
	for (int ms = 1; ms <= 10000; ms++)
		for (uint32_t i = 0; i < settings.all / 1000 + 2; i++)
			sent += is_sent_of_all(START_MS + ms, "192.0.2.1");
	ck_assert_uint_ge(sent, exact * 10);
	ck_assert_uint_le(sent, exact * 10 + exact / 50);
}
END_TEST

/* Who was limited gets an answer when one is paid for, and not before; after
 * the window all is forgotten. */
START_TEST(recovers)
{
	ck_assert_uint_eq(burst(START_MS, 100), 5);
	ck_assert_uint_eq(burst(START_MS + 199, 1), 0);
	ck_assert_uint_eq(burst(START_MS + 200, 2), 1);
	ck_assert_uint_eq(burst(START_MS + 1199, 10), 4);
	ck_assert_uint_eq(burst(START_MS + 1200, 10), 1);
	ck_assert_uint_eq(burst(START_MS + 2200, 10), 5);
	ck_assert_uint_eq(burst(START_MS + 90000, 10), 5);
	/* A worker whose clock is behind does no harm. */
	ck_assert_uint_eq(burst(START_MS + 89000, 10), 0);
	ck_assert_uint_eq(burst(START_MS + 90000, 10), 0);
	ck_assert_uint_eq(burst(START_MS + 90200, 10), 1);
}
END_TEST

static const struct {
	unsigned slip;
	const char *pattern; /* of those limited: d drop, s slip */
} slips[] = {
    {0, "dddddddddddd"},
    {1, "ssssssssssss"},
    {2, "dsdsdsdsdsds"},
    {3, "ddsddsddsdds"},
    {10, "dddddddddsdd"},
};

START_TEST(slips_as_told)
{
	settings.slip = slips[_i].slip;
	create();
	burst(START_MS, 5);
	for (const char *p = slips[_i].pattern; *p != '\0'; p++)
		ck_assert_int_eq(count(START_MS, "192.0.2.1"),
		    *p == 's' ? RRL_SLIP : RRL_DROP);
}
END_TEST

/* What counts together with an A of www.example for 192.0.2.1. */
static const struct {
	const char *why, *from;
	enum rrl_kind kind;
	const char *name;
	uint16_t type;
	bool together;
} keys[] = {
    {"the same", "192.0.2.1", RRL_ANSWER, "\3www\7example", 1, true},
    {"a neighbour", "192.0.2.255", RRL_ANSWER, "\3www\7example", 1, true},
    {"another network", "192.0.3.1", RRL_ANSWER, "\3www\7example", 1, false},
    {"the same octets in IPv6", "c000:201::", RRL_ANSWER, "\3www\7example", 1,
	false},
    {"another name", "192.0.2.1", RRL_ANSWER, "\3ww2\7example", 1, false},
    {"another type", "192.0.2.1", RRL_ANSWER, "\3www\7example", 28, false},
    {"another kind", "192.0.2.1", RRL_NXDOMAIN, "\3www\7example", 1, false},
};

START_TEST(counts_together_and_apart)
{
	struct address a = address(keys[_i].from);
	const char *n = keys[_i].name;
	enum rrl_kind kind = keys[_i].kind;
	enum rrl_verdict verdict;

	burst(START_MS, 5);
	verdict = rrl_count(rrl, START_MS, &a, &kind, (const uint8_t *)n,
	    strlen(n) + 1, keys[_i].type);
	ck_assert_msg(
	    (verdict != RRL_SEND) == keys[_i].together, "%s", keys[_i].why);
}
END_TEST

START_TEST(prefixes_of_ipv6)
{
	for (int i = 0; i < 5; i++)
		ck_assert_int_eq(
		    count(START_MS, "2001:db8:0:100::1"), RRL_SEND);
	ck_assert_int_ne(count(START_MS, "2001:db8:0:1ff::2"), RRL_SEND);
	ck_assert_int_eq(count(START_MS, "2001:db8:0:200::1"), RRL_SEND);
}
END_TEST

/* Counts go on after a reload unless something of this has changed. */
START_TEST(same_settings)
{
	static const struct prefix one[] = {{{.family = 4, .bytes = {10}}, 8}},
				   two[] = {{{.family = 4, .bytes = {11}}, 8}};
	struct rrl_settings other[9];

	settings.exempt = one;
	settings.n_exempt = 1;
	create();
	ck_assert(rrl_same(rrl, &settings));
	for (int i = 0; i < 9; i++)
		other[i] = settings;
	other[0].responses++;
	other[1].window_ms++;
	other[2].slip++;
	other[3].ipv4++;
	other[4].ipv6++;
	other[5].table++;
	other[6].n_exempt = 0;
	other[7].exempt = two;
	other[8].all++;
	for (int i = 0; i < 9; i++)
		ck_assert_msg(!rrl_same(rrl, &other[i]), "%d", i);
	settings.n_exempt = 0;
	create();
	ck_assert(rrl_same(rrl, &settings));
	rrl_destroy(NULL);
}
END_TEST

/* Against a bucket kept by hand for each of a few clients, over random streams
 * of bursts and pauses. */
START_TEST(buckets_at_random)
{
	enum { CLIENTS = 8 };
	unsigned seed = (unsigned)_i;
	uint64_t owed[CLIENTS] = {0}, window;
	int64_t now = rand_r(&seed) % 2 ? INT64_C(87960930222) - 20000 : 77;

	settings.responses = 200;
	settings.window_ms = 1000 + (unsigned)rand_r(&seed) % 3000;
	settings.table = 65536;
	create();
	window = (uint64_t)settings.responses * settings.window_ms;
	for (int step = 0; step < 200000; step++) {
		unsigned i = (unsigned)rand_r(&seed) % CLIENTS;
		struct address a = {.family = 4, .bytes = {10, 0, (uint8_t)i}};
		bool send = owed[i] + 1000 <= window;

		ck_assert_int_eq(count_for(now, &a) == RRL_SEND, send);
		owed[i] += send ? 1000 : 0;
		if (rand_r(&seed) % 100 < 40) {
			uint64_t pause = 1 +
			    (uint64_t)(rand_r(&seed) % 1000 == 0 ? 5000 : 0);

			now += (int64_t)pause;
			pause *= settings.responses;
			for (unsigned k = 0; k < CLIENTS; k++)
				owed[k] -= owed[k] < pause ? owed[k] : pause;
		}
	}
}
END_TEST

/* A client that is not there: forged. */
static struct address
forged(unsigned *seed)
{
	uint32_t r = (uint32_t)rand_r(seed) << 12 ^ (uint32_t)rand_r(seed);
	struct address a = {.family = 4};

	memcpy(a.bytes, &r, sizeof(r));
	a.bytes[0] |= 1;
	return a;
}

/*
 * A flood from forged clients, many times what the table holds: it does not
 * push out the one who is limited, and it keeps nobody else from answers.
 */
START_TEST(survives_a_flood)
{
	enum { RATE = 200 };
	unsigned seed = 7, heavy = 0, limited = 0;
	struct address lone = address("10.0.0.1");

	settings.responses = RATE;
	create();
	for (int ms = 0; ms < 10000; ms++) {
		for (int k = 0; k < 50; k++) {
			struct address a = forged(&seed);

			limited += count_for(START_MS + ms, &a) != RRL_SEND;
		}
		/* The one who is limited asks for far more than he may. */
		heavy += burst(START_MS + ms, 1 + RATE / 100);
		/* Somebody asks for half of what he may. */
		if (ms % (2000 / RATE) == 0)
			ck_assert_int_eq(
			    count_for(START_MS + ms, &lone), RRL_SEND);
	}
	/* 500000 into 1024 entries, each taken for one of eight others once in
	 * 8192 times. */
	ck_assert_uint_le(limited, 200);
	ck_assert_uint_ge(heavy, RATE * 11 - 1);
	ck_assert_uint_le(heavy, RATE * 11);
}
END_TEST

/*
 * More clients over their limit than the table has entries: they get together
 * what the entries allow; who comes for the first time is not turned away.
 */
START_TEST(overfull)
{
	enum { CLIENTS = 2048, ROUNDS = 100 };
	unsigned sent = 0, turned_away = 0;
	struct address late;

	settings.slip = _i == 0 ? 0 : 5;
	create();
	for (unsigned round = 0; round < ROUNDS; round++)
		for (unsigned i = 0; i < CLIENTS; i++) {
			struct address a = {.family = 4,
			    .bytes = {10, (uint8_t)(i >> 8), (uint8_t)i}};
			enum rrl_verdict verdict =
			    count_for(START_MS + 10 * round, &a);

			sent += verdict == RRL_SEND;
			turned_away += round == 0 && verdict == RRL_DROP;
		}
	ck_assert_uint_eq(turned_away, 0);
	/* Five at once and in a second five more. */
	ck_assert_uint_le(sent, 1024 * 10);
	for (uint8_t i = 0; i < 200; i++) {
		late = (struct address){.family = 4, .bytes = {11, i}};
		ck_assert_int_ne(count_for(START_MS + 1000, &late), RRL_DROP);
	}
}
END_TEST

/* All at one moment: who finds nothing left is sent to TCP, or dropped where
 * nobody is. */
START_TEST(overfull_at_once)
{
	enum { CLIENTS = 16384 };
	unsigned verdicts[3] = {0};

	settings.slip = _i == 0 ? 0 : 5;
	create();
	for (unsigned i = 0; i < CLIENTS; i++) {
		struct address a = {
		    .family = 4, .bytes = {10, (uint8_t)(i >> 8), (uint8_t)i}};

		verdicts[count_for(START_MS, &a)]++;
	}
	ck_assert_uint_le(verdicts[RRL_SEND], 1024 * 5);
	/* A few are taken for another one that was there before. */
	ck_assert_uint_ge(
	    verdicts[_i == 0 ? RRL_DROP : RRL_SLIP], CLIENTS - 1024 * 5 - 20);
	if (_i == 0)
		ck_assert_uint_eq(verdicts[RRL_SLIP], 0);
}
END_TEST

#define THREADS 4
#define EACH 200000

static void *
hammer(void *sent)
{
	*(unsigned *)sent = burst(START_MS, EACH);
	return NULL;
}

/* Workers that answer the same client together keep to the rate together. */
START_TEST(shared_by_threads)
{
	pthread_t threads[THREADS];
	unsigned sent[THREADS], all = 0;

	settings.responses = 100000;
	settings.window_ms = 3000;
	create();
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(
		    pthread_create(&threads[i], NULL, hammer, &sent[i]), 0);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		all += sent[i];
	}
	/* Who loses an exchange eight times in a row is let go. */
	ck_assert_uint_ge(all, 300000);
	ck_assert_uint_le(all, 303000);
}
END_TEST

#define N(table) ((int)(sizeof(table) / sizeof((table)[0])))

int
main(void)
{
	Suite *s = suite_create("dns_rrl");
	TCase *t = tcase_create("rrl");
	SRunner *r;
	int failed;

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, rate_is_exact, 0, N(rates));
	tcase_add_loop_test(t, all_kinds_of_a_client_have_a_rate_of_their_own,
	    0, N(rates_of_all));
	tcase_add_test(t, recovers);
	tcase_add_loop_test(t, slips_as_told, 0, N(slips));
	tcase_add_loop_test(t, counts_together_and_apart, 0, N(keys));
	tcase_add_test(t, prefixes_of_ipv6);
	tcase_add_test(t, same_settings);
	tcase_add_loop_test(t, buckets_at_random, 1, 5);
	tcase_add_test(t, survives_a_flood);
	tcase_add_loop_test(t, overfull, 0, 2);
	tcase_add_loop_test(t, overfull_at_once, 0, 2);
	tcase_add_test(t, shared_by_threads);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
