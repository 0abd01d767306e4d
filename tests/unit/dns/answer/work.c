/*
 * What the worst queries cost: names that are hashed and compared are counted
 * (the linker puts the functions here in the place of those that do it), and
 * time is compared with that of an ordinary query in the same run.  The zones
 * are as bad as zones can be.
 */
#include <check.h>
#include <stdlib.h>
#include <time.h>

#include "dns/answer/respond.h"
#include "dns/zone/nsec.h"
#include "dns/zone/zone_builder.h"
#include "dns/zone/zone_table.h"
#include "tests/chain.h"
#include "tests/unit/message.h"
#include "tests/unit/zone_fixture.h"

/* Labels of one octet that fit in front of "x.example.". */
#define DEPTH 121
/* Names that one answer looks for: the question's, and MAX_CHAIN more. */
#define NAMES 12
/* Hosts of one set whose addresses are added: MAX_HOSTS. */
#define HOSTS 32
/* Names hashed to find the zone of a name: its ancestors, itself, the root. */
#define ZONE_HASHES NAME_MAX_LABELS
/* To find a name in its zone: its ancestors down to the closest, from there up
 * to what hides it, the wildcard. */
#define LOOKUP_HASHES (2 * NAME_MAX_LABELS + 1)
/* Names compared: each of a chain with those before it, each host likewise. */
#define EQUALS (NAMES * NAMES + HOSTS * HOSTS)

/* What is in the zones. */
#define ZONES 120      /* of "z.", "a.z.", "a.a.z." and so on */
#define LONG_HOSTS 230 /* of 255 octets fill a message */
#define SHORT_HOSTS 2400
#define TYPES (ZONE_MAX_SETS - 1)

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SLOWER 5 /* where names are read, and not as much elsewhere */
#else
#define SLOWER 1
#endif

static struct {
	unsigned long hashes, equals, proofs;
} work;

uint64_t __real_name_hash(const uint8_t *lower, size_t len);
uint64_t __wrap_name_hash(const uint8_t *lower, size_t len);
bool __real_name_equal(const uint8_t *a, const uint8_t *b);
bool __wrap_name_equal(const uint8_t *a, const uint8_t *b);

uint64_t
__wrap_name_hash(const uint8_t *lower, size_t len)
{
	work.hashes++;
	return __real_name_hash(lower, len);
}

bool
__wrap_name_equal(const uint8_t *a, const uint8_t *b)
{
	work.equals++;
	return __real_name_equal(a, b);
}

void __real_nsec3_hash(const struct nsec3_params *params, const uint8_t *lower,
    size_t len, uint8_t hash[NSEC3_HASH]);
void __wrap_nsec3_hash(const struct nsec3_params *params, const uint8_t *lower,
    size_t len, uint8_t hash[NSEC3_HASH]);

void
__wrap_nsec3_hash(const struct nsec3_params *params, const uint8_t *lower,
    size_t len, uint8_t hash[NSEC3_HASH])
{
	work.proofs++;
	__real_nsec3_hash(params, lower, len, hash);
}

static char text[4 << 20];
static size_t used;

#define add(...) fixture_add(text, sizeof(text), &used, __VA_ARGS__)

/* ${n} labels "a", then ${rest}. */
static const char *
deep(int n, const char *rest)
{
	static char names[4][2 * NAME_MAX_WIRE];
	static unsigned turn;
	char *out = names[turn++ % 4];

	for (int i = 0; i < 2 * n; i++)
		out[i] = i % 2 == 0 ? 'a' : '.';
	snprintf(out + 2 * n, sizeof(names[0]) - 2 * (size_t)n, "%s", rest);
	return out;
}

/* Chains of 20 names that are as long as they may be, by CNAME and by DNAME. */
static void
add_chains(void)
{
	for (int i = 0; i < 20; i++)
		add("%s%c CNAME %s%c\n", deep(DEPTH, ""), 'd' + i,
		    deep(DEPTH, ""), 'd' + i + 1);
	for (int i = 0; i < 10; i++)
		add("%d DNAME %d\n", i, i + 1);
	add("10 DNAME 11\n11 DNAME 12\n12 DNAME 13\n");
}

/* Sets that fill a message: text, and hosts with long and with short names. */
static void
add_sets(void)
{
	for (int i = 0; i < 250; i++)
		add("text TXT \"%0240d\"\n", i);
	for (int i = 0; i < LONG_HOSTS; i++) {
		/* The last label differs, so that each host is looked up from
		 * the bottom to the top. */
		add("mx MX 1 %s%03d.h\n", deep(DEPTH - 2, ""), i);
		add("https HTTPS 1 %s%03d.h\n", deep(DEPTH - 2, ""), i);
		add("cut NS %s%03d.cut\n", deep(DEPTH - 3, ""), i);
		add("%s%03d.cut A 192.0.2.3\n", deep(DEPTH - 3, ""), i);
	}
	for (int i = 0; i < SHORT_HOSTS; i++)
		add("many NS s%d\ns%d A 192.0.2.4\n", i, i);
	for (int i = 0; i < TYPES; i++)
		add("types TYPE%d \\# 1 00\n", 1000 + i);
}

static void
write_zone(void)
{
	used = 0;
	add("$TTL 300\n@ SOA ns1 hostmaster 7 3600 600 86400 60\n@ NS ns1\n"
	    "ns1 A 192.0.2.1\nwww A 192.0.2.2\n");
	/* A name of every length, so that no ancestor is passed over. */
	add("%s A 192.0.2.3\n", deep(DEPTH + 1, "example."));
	add("bb.%s A 192.0.2.3\n", deep(DEPTH - 1, "example."));
	add("*.%s A 192.0.2.5\n", deep(DEPTH / 2, "w"));
	add_chains();
	add_sets();
}

/* A chain of wildcards, each of which takes a hash to prove; the signatures
 * are none, and are nobody's business here. */
static void
write_signed(void)
{
	static const uint8_t salt[UINT8_MAX];
	const struct nsec3_params params = {150, NSEC3_SHA1, UINT8_MAX, salt};
	struct chain_name names[2 * NAMES + 2] = {
	    {"s.", "NS SOA RRSIG NSEC3PARAM", {0}}};
	char room[2 * NAMES][8];

	used = 0;
	add("$TTL 300\n@ SOA ns1.z. hostmaster 7 3600 600 86400 300\n@ NS "
	    "ns1.z.\n@ NSEC3PARAM 1 0 150 %0510d\n@ RRSIG SOA 8 1" CHAIN_SIG,
	    0);
	for (int i = 0; i < NAMES; i++) {
		struct chain_name *star = &names[2 * i + 1];

		add("*.%c CNAME %s%c\n", 'b' + i, deep(DEPTH, ""), 'b' + i + 1);
		snprintf(room[2 * i], 8, "*.%c.s.", 'b' + i);
		snprintf(room[2 * i + 1], 8, "%c.s.", 'b' + i);
		star[0] = (struct chain_name){room[2 * i], "CNAME", {0}};
		star[1] = (struct chain_name){room[2 * i + 1], "", {0}};
	}
	used +=
	    chain_text(text + used, sizeof(text) - used, names, &params, 0, -1);
}

static struct snapshot snapshot;
static struct counters *counters;
static const struct zone *list[ZONES + 2];
static uint8_t reply[MESSAGE_MAX];

/* In the process of all tests, which each is a copy of. */
static void
load(void)
{
	struct zone_table *zones;
	struct errbuf eb;

	write_zone();
	list[0] = fixture_zone("example.", text, &eb);
	ck_assert_msg(list[0] != NULL, "%s", eb.text);
	/* In each zone an alias for a name of the next. */
	for (int i = 0; i < ZONES; i++) {
		used = 0;
		add("$TTL 300\n@ SOA ns1 hostmaster 7 3600 600 86400 60\n"
		    "@ NS ns1\nns1 A 192.0.2.1\n");
		if (i + 2 < ZONES)
			add("b CNAME b.%s\n", deep(i + 1, "z."));
		list[i + 1] = fixture_zone(deep(i, "z."), text, &eb);
		ck_assert_msg(list[i + 1] != NULL, "%s", eb.text);
	}
	write_signed();
	list[ZONES + 1] = fixture_zone("s.", text, &eb);
	ck_assert_msg(list[ZONES + 1] != NULL, "%s", eb.text);
	zones = zone_table_create(list, ZONES + 2);
	counters = calloc(1, sizeof(*counters));
	ck_assert(zones != NULL && counters != NULL);
	snapshot = (struct snapshot){.zones = zones, .udp_size = 1232};
	memset(&work, 0, sizeof(work));
}

static size_t
answer(enum transport transport, const uint8_t *query, size_t len)
{
	struct responder responder = {.counters = counters};
	struct address source = {.family = 4, .bytes = {192, 0, 2, 1}};

	return respond(&responder, &snapshot, transport, &source, query, len,
	    reply, sizeof(reply));
}

static double
cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* What the query costs of a processor, in nanoseconds: the least of some runs,
 * which is the one that nobody disturbed. */
static double
cost_ns(enum transport transport, const uint8_t *query, size_t len)
{
	double least = 1e12, end = cpu_ns() + 3e8;

	for (int run = 0; run < 20 && cpu_ns() < end; run++) {
		double before = cpu_ns(), ns;
		int times = 20;

		for (int i = 0; i < times; i++)
			answer(transport, query, len);
		ns = (cpu_ns() - before) / times;
		least = ns < least ? ns : least;
	}
	return least;
}

static const struct {
	const char *why;
	int depth;
	const char *name;
	uint16_t type;
	enum transport transport;
	size_t octets;        /* of the answer, at least */
	unsigned long hashes; /* at most */
	double times;         /* an ordinary query, at most: ten times what
				 was measured */
} queries[] = {
    {"an ordinary one", 0, "www.example.", TYPE_A, TRANSPORT_UDP, 45,
	ZONE_HASHES + LOOKUP_HASHES, 3},
    {"the longest name, in no zone", DEPTH, "x.elsewher.", TYPE_A,
	TRANSPORT_UDP, 270, ZONE_HASHES, 60},
    {"the longest name, which is not there", DEPTH, "y.example.", TYPE_A,
	TRANSPORT_UDP, 320, ZONE_HASHES + LOOKUP_HASHES, 300},
    {"the deepest name behind a delegation", DEPTH - 3, "000.cut.example.",
	TYPE_A, TRANSPORT_UDP, 265, ZONE_HASHES + LOOKUP_HASHES, 400},
    {"the worst wildcard", DEPTH, "w.example.", TYPE_A, TRANSPORT_UDP, 265,
	ZONE_HASHES + LOOKUP_HASHES, 200},
    {"the deepest chain of CNAME", DEPTH, "d.example.", TYPE_A, TRANSPORT_TCP,
	3400, NAMES *(ZONE_HASHES + LOOKUP_HASHES), 6000},
    {"the deepest chain of DNAME", DEPTH - 1, "0.example.", TYPE_A,
	TRANSPORT_TCP, 3600, NAMES *(ZONE_HASHES + LOOKUP_HASHES), 7000},
    {"a chain through many zones", 0, "b.z.", TYPE_A, TRANSPORT_TCP, 380,
	NAMES *(ZONE_HASHES + LOOKUP_HASHES), 120},
    {"the largest set", 0, "text.example.", TYPE_TXT, TRANSPORT_TCP, 63000,
	ZONE_HASHES + LOOKUP_HASHES, 200},
    {"the most mail hosts", 0, "mx.example.", TYPE_MX, TRANSPORT_TCP, 59000,
	ZONE_HASHES + (1 + HOSTS) * LOOKUP_HASHES, 40000},
    {"the most targets of HTTPS", 0, "https.example.", TYPE_HTTPS,
	TRANSPORT_TCP, 61000, ZONE_HASHES + (1 + HOSTS) * LOOKUP_HASHES, 40000},
    {"the largest referral with long names", 0, "cut.example.", TYPE_A,
	TRANSPORT_TCP, 61000,
	ZONE_HASHES + LOOKUP_HASHES + LONG_HOSTS *(LOOKUP_HASHES + 1), 100000},
    {"the same over UDP", 0, "cut.example.", TYPE_A, TRANSPORT_UDP, 29,
	ZONE_HASHES + LOOKUP_HASHES, 20},
    {"the largest referral with short names", 0, "many.example.", TYPE_A,
	TRANSPORT_TCP, 65000, ZONE_HASHES + LOOKUP_HASHES + 3 * SHORT_HOSTS,
	20000},
    {"the last of many types", 0, "types.example.", 999 + TYPES, TRANSPORT_UDP,
	43, ZONE_HASHES + LOOKUP_HASHES, 60},
};

START_TEST(test_queries)
{
	uint8_t query[512], ordinary[64];
	size_t n, ordinary_len,
	    len = make_query(query, deep(queries[_i].depth, queries[_i].name),
		queries[_i].type, -1, NULL, 0);
	double times;

	memset(&work, 0, sizeof(work));
	n = answer(queries[_i].transport, query, len);
	ck_assert_msg(
	    n >= queries[_i].octets, "%s: %zu octets", queries[_i].why, n);
	ck_assert_msg(work.hashes <= queries[_i].hashes, "%s: %lu names hashed",
	    queries[_i].why, work.hashes);
	ck_assert_msg(work.equals <= EQUALS, "%s: %lu names compared",
	    queries[_i].why, work.equals);
	ordinary_len =
	    make_query(ordinary, "www.example.", TYPE_A, -1, NULL, 0);
	times = cost_ns(queries[_i].transport, query, len) /
	    cost_ns(TRANSPORT_UDP, ordinary, ordinary_len);
	ck_assert_msg(times <= SLOWER * queries[_i].times,
	    "%s: %.1f times an ordinary one", queries[_i].why, times);
}
END_TEST

/* Names hashed to prove a denial: one for each name of a chain. */
static const struct {
	const char *why, *name;
	unsigned long proofs;
	double times; /* an ordinary query, at most */
} denials[] = {
    {"a name that is not there", "aa.s.", 1, 10000},
    {"a wildcard", "m.s.", 2, 20000},
    {"a chain of wildcards", "b.s.", NAMES, 130000},
};

START_TEST(test_denials)
{
	uint8_t query[512], ordinary[64];
	size_t ordinary_len,
	    len = make_query(
		query, deep(DEPTH, denials[_i].name), TYPE_A, 1232, NULL, 0);
	double times;

	query[len - 4] |= 0x80; /* DO */
	memset(&work, 0, sizeof(work));
	ck_assert_uint_gt(answer(TRANSPORT_TCP, query, len), 600);
	ck_assert_msg(work.proofs == denials[_i].proofs, "%s: %lu proofs",
	    denials[_i].why, work.proofs);
	ordinary_len =
	    make_query(ordinary, "www.example.", TYPE_A, -1, NULL, 0);
	times = cost_ns(TRANSPORT_TCP, query, len) /
	    cost_ns(TRANSPORT_UDP, ordinary, ordinary_len);
	ck_assert_msg(times <= SLOWER * denials[_i].times,
	    "%s: %.1f times an ordinary one", denials[_i].why, times);
}
END_TEST

#define N(table) ((int)(sizeof(table) / sizeof((table)[0])))

int
main(void)
{
	Suite *s = suite_create("dns_work");
	TCase *t = tcase_create("work");
	SRunner *r;
	int failed;

	tcase_add_unchecked_fixture(t, load, NULL);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, test_queries, 0, N(queries));
	tcase_add_loop_test(t, test_denials, 0, N(denials));
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
