/*
 * Names compressed in the RDATA of answers: they read as they stand in the
 * zone, in as many octets as another encoder needs, and wherever in a message
 * they come.
 */
#include <check.h>
#include <stdlib.h>
#include <time.h>

#include "dns/answer/respond.h"
#include "dns/zone/zone_table.h"
#include "tests/unit/message.h"
#include "tests/unit/zone_fixture.h"

#if defined(__SANITIZE_ADDRESS__)
#define SLOWER 10
#else
#define SLOWER 1
#endif

static struct snapshot snapshot = {.udp_size = 1232};
static struct counters *counters;
static struct zone *zone;
static struct zone_table *set;
static uint8_t reply[MESSAGE_MAX];
static char text[1 << 21];
static size_t used;

#define add(...) fixture_add(text, sizeof(text), &used, __VA_ARGS__)

static void
serve(const char *apex)
{
	static struct errbuf eb;

	zone = fixture_zone(apex, text, &eb);
	ck_assert_msg(zone != NULL, "%s", eb.text);
	set = zone_table_create((const struct zone *const *)&zone, 1);
	counters = calloc(1, sizeof(*counters));
	ck_assert(set != NULL && counters != NULL);
	snapshot.zones = set;
}

static void
stop(void)
{
	free(counters);
	zone_table_destroy(set);
	zone_destroy(zone);
}

static size_t
ask(enum transport transport, const char *name, uint16_t type)
{
	struct responder responder = {.counters = counters};
	struct address source = {.family = 4, .bytes = {192, 0, 2, 1}};
	uint8_t query[512];
	size_t n = make_query(query, name, type, 4096, NULL, 0);

	return respond(&responder, &snapshot, transport, &source, query, n,
	    reply, sizeof(reply));
}

/* How many octets ldns needs for the same message. */
static size_t
size_by_ldns(size_t n)
{
	ldns_pkt *pkt = NULL;
	uint8_t *wire = NULL;
	size_t size;

	ck_assert_int_eq(ldns_wire2pkt(&pkt, reply, n), LDNS_STATUS_OK);
	ck_assert_int_eq(ldns_pkt2wire(&wire, pkt, &size), LDNS_STATUS_OK);
	free(wire);
	ldns_pkt_free(pkt);
	return size;
}

static const char names_text[] =
    "$TTL 300\n@ SOA ns1 hostmaster 7 3600 600 86400 60\n@ NS ns1\n"
    "@ NS NS2.other.\n@ NS ns3.Other.\n@ NS ns4.other.\nns1 A 192.0.2.1\n"
    "mail MX 10 MX1.mail\nmail MX 20 mx2.mail\nmail MX 30 mail\n"
    "mail A 192.0.2.2\nmx1.mail A 192.0.2.3\nptr PTR a.b.c.d.\n"
    "ptr PTR x.b.c.d.\nptr PTR c.d.\nptr PTR .\n*.wild MX 1 x.*.wild\n"
    "*.wild MX 2 mail.wild\nmail.wild A 192.0.2.4\nalias CNAME sub.mail\n"
    "sub.mail MX 1 mx1.mail\nlong PTR "
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.ptr\n";

static const struct {
	const char *name;
	uint16_t type;
	const char *answer;
	int longer; /* than from ldns, which compresses CNAME too */
} names[] = {
    {"example.", TYPE_SOA,
	"0 aa AN example. 300 IN SOA ns1.example. hostmaster.example. 7 3600 "
	"600 86400 60; ",
	0},
    /* Those of one name or the other are a pointer, and keep their case. */
    {"example.", TYPE_NS,
	"0 aa AN example. 300 IN NS ns1.example.; example. 300 IN NS "
	"NS2.other.; example. 300 IN NS ns3.Other.; example. 300 IN NS "
	"ns4.other.; AR ns1.example. 300 IN A 192.0.2.1; ",
	5}, /* ldns has no regard for case */
    {"nix.example.", TYPE_A,
	"3 aa NS example. 60 IN SOA ns1.example. hostmaster.example. 7 3600 "
	"600 86400 60; ",
	0},
    {"mail.example.", TYPE_MX,
	"0 aa AN mail.example. 300 IN MX 10 MX1.mail.example.; mail.example. "
	"300 IN MX 20 mx2.mail.example.; mail.example. 300 IN MX 30 "
	"mail.example.; AR MX1.mail.example. 300 IN A 192.0.2.3; "
	"mail.example. 300 IN A 192.0.2.2; ",
	0},
    {"ptr.example.", 12,
	"0 aa AN ptr.example. 300 IN PTR a.b.c.d.; ptr.example. 300 IN PTR "
	"x.b.c.d.; ptr.example. 300 IN PTR c.d.; ptr.example. 300 IN PTR .; ",
	0},
    /* A wildcard's name is not in the message, what is behind it is. */
    {"any.wild.example.", TYPE_MX,
	"0 aa AN any.wild.example. 300 IN MX 1 x.*.wild.example.; "
	"any.wild.example. 300 IN MX 2 mail.wild.example.; AR "
	"mail.wild.example. 300 IN A 192.0.2.4; ",
	0},
    {"a.deep.wild.example.", TYPE_MX,
	"0 aa AN a.deep.wild.example. 300 IN MX 1 x.*.wild.example.; "
	"a.deep.wild.example. 300 IN MX 2 mail.wild.example.; AR "
	"mail.wild.example. 300 IN A 192.0.2.4; ",
	0},
    /* The owner is the name that the CNAME holds. */
    {"alias.example.", TYPE_MX,
	"0 aa AN alias.example. 300 IN CNAME sub.mail.example.; "
	"sub.mail.example. 300 IN MX 1 mx1.mail.example.; AR "
	"mx1.mail.example. 300 IN A 192.0.2.3; ",
	7},
};

START_TEST(test_names)
{
	const char *got;
	size_t n;

	used = 0;
	add("%s", names_text);
	serve("example.");
	n = ask(TRANSPORT_UDP, names[_i].name, names[_i].type);
	got = describe(reply, n);
	ck_assert_msg(strcmp(got, names[_i].answer) == 0,
	    "%s:\n got %s\nwant %s", names[_i].name, got, names[_i].answer);
	ck_assert_uint_eq(n, size_by_ldns(n) + (size_t)names[_i].longer);
	stop();
}
END_TEST

/* The owner may be written in the letters of who asks: so is what points at
 * it, and nothing else is. */
START_TEST(test_case)
{
	const char *got;
	size_t n;

	used = 0;
	add("%s", names_text);
	serve("example.");
	n = ask(TRANSPORT_UDP, "eXample.", TYPE_NS);
	got = describe(reply, n);
	ck_assert_ptr_nonnull(strstr(got, "eXample. 300 IN NS NS2.other.; "));
	ck_assert_ptr_nonnull(strstr(got, "eXample. 300 IN NS ns1.eXample.; "));
	ck_assert_ptr_nonnull(strstr(got, "AR ns1.eXample. 300 IN A"));
	stop();
}
END_TEST

/* Servers of the top level: their referrals fit, with all addresses, where the
 * servers are inside the delegation and where they are not. */
START_TEST(test_top_level)
{
	static const char *const asked[] = {"x.net.", "x.com.", "net."};

	used = 0;
	add("$TTL 172800\n@ SOA a.root hostmaster 7 3600 600 86400 60\n"
	    "@ NS a.root\na.root A 192.0.2.1\n");
	for (int i = 0; i < 13; i++)
		add("net NS %c.gtld-servers.net\ncom NS %c.gtld-servers.net\n"
		    "%c.gtld-servers.net A 192.0.2.%d\n"
		    "%c.gtld-servers.net AAAA 2001:db8::%d\n",
		    'a' + i, 'a' + i, 'a' + i, i, 'a' + i, i);
	serve(".");
	for (size_t i = 0; i < 3; i++) {
		size_t n = ask(TRANSPORT_UDP, asked[i], TYPE_A);

		ck_assert_uint_eq(reply[2] & 2, 0);
		ck_assert_uint_eq(wire_get16(reply + 8), 13);
		ck_assert_uint_eq(wire_get16(reply + 10), 26 + 1);
		ck_assert_uint_le(n, 850);
		ck_assert_uint_eq(n, size_by_ldns(n));
	}
	stop();
}
END_TEST

/* The answer of ${count} MX records to a question over TCP. */
static ldns_pkt *
ask_many(const char *name, size_t count)
{
	size_t n = ask(TRANSPORT_TCP, name, TYPE_MX);
	ldns_pkt *pkt = NULL;

	ck_assert_int_eq(ldns_wire2pkt(&pkt, reply, n), LDNS_STATUS_OK);
	ck_assert_uint_eq(ldns_pkt_ancount(pkt), count);
	return pkt;
}

static void expect_host(const ldns_pkt *pkt, size_t i, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Answer number ${i} is an MX of that host. */
static void
expect_host(const ldns_pkt *pkt, size_t i, const char *fmt, ...)
{
	char *got = ldns_rdf2str(
	    ldns_rr_rdf(ldns_rr_list_rr(ldns_pkt_answer(pkt), i), 1));
	char want[64];
	va_list args;

	va_start(args, fmt);
	vsnprintf(want, sizeof(want), fmt, args);
	va_end(args);
	ck_assert_str_eq(got, want);
	free(got);
}

/* Sets of so many names that not all can be pointed to, nor all pointed from:
 * each reads as it stands in the zone. */
START_TEST(test_many)
{
	enum { SMALL = 600, LARGE = 2000 };
	ldns_pkt *pkt;

	used = 0;
	add("$TTL 300\n@ SOA ns1 hostmaster 7 3600 600 86400 60\n@ NS ns1\n"
	    "ns1 A 192.0.2.1\n");
	for (int i = 0; i < SMALL; i++)
		add("far MX 1 m%d.n%d.other.\nfar MX 2 o%d.n%d.other.\n", i, i,
		    i, i);
	for (int i = 0; i < LARGE; i++)
		add("near MX 1 m%d\n", i);
	serve("example.");
	pkt = ask_many("far.example.", 2 * SMALL);
	for (size_t i = 0; i < 2 * SMALL; i++)
		expect_host(pkt, i, "%c%zu.n%zu.other.", i % 2 == 0 ? 'm' : 'o',
		    i / 2, i / 2);
	ldns_pkt_free(pkt);
	pkt = ask_many("near.example.", LARGE);
	for (size_t i = 0; i < LARGE; i++)
		expect_host(pkt, i, "m%zu.example.", i);
	ldns_pkt_free(pkt);
	stop();
}
END_TEST

static double
cpu_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Names of as many labels as there may be, all different where it is seen
 * last: a set of them costs a bounded time, and reads as it stands. */
START_TEST(test_worst)
{
	enum { OWNERS = 30, HOSTS = 230, LABELS = 118 };
	static struct errbuf eb;
	char labels[2 * LABELS + 1] = "";
	double took[2];

	for (int i = 0; i < LABELS; i++)
		memcpy(labels + 2 * i, "a.", 3);
	for (int i = 0; i < 2; i++) {
		used = 0;
		add("$TTL 300\n@ SOA ns1 h 7 3600 600 86400 60\n@ NS ns1\n"
		    "ns1 A 192.0.2.1\n");
		for (int k = 0; k < OWNERS * HOSTS; k++) {
			add("p%d %s %s%05d.x.\n", k / HOSTS,
			    i == 0 ? "MB" : "PTR", labels, k);
		}
		took[i] = -cpu_s();
		zone = fixture_zone("example.", text, &eb);
		took[i] += cpu_s();
		ck_assert_msg(zone != NULL, "%s", eb.text);
		zone_destroy(zone);
	}
	printf("%.3f s, and %.3f s uncompressed\n", took[1], took[0]);
	/* 10 ms a set. */
	ck_assert_msg(took[1] - took[0] < SLOWER * OWNERS * 0.01,
	    "%.3f s, and %.3f s uncompressed", took[1], took[0]);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("dns_compress");
	TCase *t = tcase_create("compress");
	SRunner *r;
	int failed;

	tcase_add_loop_test(
	    t, test_names, 0, (int)(sizeof(names) / sizeof(names[0])));
	tcase_add_test(t, test_case);
	tcase_add_test(t, test_top_level);
	tcase_add_test(t, test_many);
	tcase_add_test(t, test_worst);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
