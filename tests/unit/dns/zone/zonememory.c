/*
 * Reading a zone without memory: the n-th allocation fails, for every n until
 * none does.  Each time there is an error and nothing is left behind.  Built
 * with a sanitizer, whose allocator cannot be replaced, it tests nothing.
 */
#include <check.h>
#include <stdbool.h>
#include <stdlib.h>

#include "tests/chain.h"
#include "tests/unit/failing_memory.h"
#include "tests/unit/zone_fixture.h"

/* Sixteen names, so that tables grow. */
#define SIXTEEN                                    \
	"pa TXT x\npb TXT x\npc TXT x\npd TXT x\n" \
	"qa TXT x\nqb TXT x\nqc TXT x\nqd TXT x\n" \
	"ra TXT x\nrb TXT x\nrc TXT x\nrd TXT x\n" \
	"sa TXT x\nsb TXT x\nsc TXT x\nsd TXT x\n"

/* Every kind of node, data of many types. */
static const char plain[] = "$TTL 300\n"
			    "@ SOA ns host 7 3600 600 86400 60\n"
			    "@ NS ns\n"
			    "ns A 192.0.2.1\n"
			    "ns AAAA 2001:db8::1\n"
			    "ns 5 A 192.0.2.2\n"
			    "ns A 192.0.2.2\n"
			    "d NS ns.d\n"
			    "ns.d TXT x\n"
			    "t DNAME example.net.\n"
			    "a.b.c.e TXT x \"y z\"\n"
			    "*.w CNAME ns\n"
			    "l LOC 52 N 4 E 1.5m\n"
			    "l APL 1:192.0.2.0/24 2:2001:db8::/32\n"
			    "l HIP 2 2001 AwEAAbdx a. b.\n"
			    "l IPSECKEY 10 3 2 a.b. AQNRU3mG\n"
			    "l TLSA DANE-EE SPKI Full aa\n"
			    "l HTTPS 1 . mandatory=port,alpn port=1 alpn=h2 "
			    "ipv6hint=::1 ech=AAAA\n"
			    "l CAA 0 issue \"x\"\n"
			    "l OPENPGPKEY AAAA\n"
			    "l EUI48 00-00-5e-00-53-2a\n"
			    "g TYPE65280 \\# 3 aabbcc\n" SIXTEEN;

/* Signed, by NSEC, and by NSEC3 with opt-out. */
static const char by_nsec[] = "$TTL 300\n"
			      "@ SOA ns host 7 3600 600 86400 300\n"
			      "@ NS ns\n"
			      "@ DNSKEY 257 3 8 AAAA\n"
			      "@ NSEC ns NS SOA RRSIG NSEC DNSKEY\n"
			      "ns A 192.0.2.1\n"
			      "ns NSEC @ A RRSIG NSEC\n";
static const char by_nsec3[] = "$TTL 300\n"
			       "@ SOA ns host 7 3600 600 86400 300\n"
			       "@ NS ns\n"
			       "@ DNSKEY 257 3 8 AAAA\n"
			       "@ NSEC3PARAM 1 0 0 aa\n"
			       "ns A 192.0.2.1\n"
			       "d.e NS ns.other. ; none\n";
static const struct chain_name names[] = {
    {"example.", "NS SOA RRSIG DNSKEY NSEC3PARAM", {0}},
    {"ns.example.", "A RRSIG", {0}}, {NULL, NULL, {0}}};

/* The zone of a test. */
static const char *
make_text(int zone)
{
	static const uint8_t salt[] = {0xaa};
	const struct nsec3_params params = {0, NSEC3_SHA1, 1, salt};
	static char text[4096], all[16384];
	size_t len = sizeof(by_nsec3) - 1;

	if (zone == 0)
		return plain;
	memcpy(text, by_nsec3, len);
	chain_text(
	    text + len, sizeof(text) - len, names, &params, NSEC3_OPT_OUT, -1);
	chain_sign(zone == 1 ? by_nsec : text, all, sizeof(all));
	return all;
}

/* One reading, with a service where that may be; whether an allocation failed
 * in it. */
static bool
read_once(const char *text, bool with_service, long n)
{
	static struct errbuf eb;
	const uint8_t apex[] = "\7example";
	static struct zone_service service;
	long before = held;
	struct zone *zone;

	name_parse("chat.x.example.", NULL, service.owner);
	errbuf_init(&eb);
	failed = false;
	until_failure = n;
	zone = zonefile_parse("zone", text, strlen(text), apex, &service,
	    with_service ? 1 : 0, &eb);
	until_failure = -1;
	ck_assert_msg((zone == NULL) == (eb.errors > 0), "%ld: %s", n, eb.text);
	if (!failed)
		ck_assert_msg(zone != NULL, "%s", eb.text);
	zone_destroy(zone);
	ck_assert_int_eq(held - before, 0);
	return failed;
}

START_TEST(nth_allocation_fails)
{
	const char *text = make_text(_i);
	long n = 0;

	while (read_once(text, _i == 0, n))
		n++;
	ck_assert_int_gt(n, 10 * REPLACED - 1);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("dns_zonememory");
	TCase *tcase = tcase_create("memory");
	SRunner *runner = srunner_create(suite);
	int failures;

	tcase_add_loop_test(tcase, nth_allocation_fails, 0, 3);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
