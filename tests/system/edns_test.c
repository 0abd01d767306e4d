/*
 * What dig shows of messages and options: odd ones answered as they should be,
 * NSID, cookies, keepalive, extended errors, the names of class CH.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/system/node.h"

#define SECRET "e5e973e5a6b2a43f48e7dc849e37bfcf"
#define OTHER_SECRET "445536bcd2513298075a5d379663c962"

static void
start(struct node *node, struct harness *h, const char *extra)
{
	node_init(node, h);
	node_config(node, extra);
	node_records(node, node_zone);
	node_steering(node,
	    "regions:\n"
	    "  us-east: {at: [39.0, -77.5]}\n"
	    "pools:\n"
	    "  v1:\n"
	    "    endpoints:\n"
	    "      - {name: us, region: us-east, address: 192.0.2.1}\n"
	    "services:\n"
	    "  one: {pool: v1}\n");
	node_serve(node);
}

/* What dig prints when it is called with the words of ${arguments}. */
static const char *
dig(struct node *node, const char *arguments)
{
	static char copy[512], port[16];
	const char *words[16], *out;
	size_t n = 0;

	snprintf(copy, sizeof(copy), "%s", arguments);
	snprintf(port, sizeof(port), "%u", node->port);
	for (char *rest = copy, *word; (word = strsep(&rest, " ")) != NULL;)
		words[n++] = word;
	ck_assert_uint_le(n, 8);
	while (n < 8)
		words[n++] = "+tries=1";
	harness_run(node->h, &out, "/usr/bin/dig", "+nobadcookie", "+timeout=5",
	    "@127.0.0.1", "-p", port, words[0], words[1], words[2], words[3],
	    words[4], words[5], words[6], words[7], NULL);
	return out;
}

/* A line of ${out} that begins with ${begin}, from there on; cut at its end. */
static const char *
line(const char *out, const char *begin)
{
	static char found[512];
	const char *at = strstr(out, begin);

	found[0] = '\0';
	if (at != NULL)
		snprintf(
		    found, sizeof(found), "%.*s", (int)strcspn(at, "\n"), at);
	return found;
}

#define WWW "www.inference.example "
#define FORMERR "status: FORMERR"

/* Arguments, and what must and must not be in the output. */
static const struct {
	const char *why, *arguments, *shown, *absent;
} rows[] = {
    {"EDNS", WWW "+nocookie", "; EDNS: version: 0, flags:; udp: 1232",
	"COOKIE"},
    {"no EDNS", WWW "+noedns", "status: NOERROR", "EDNS"},
    {"EDNS of version 1", WWW "+edns=1 +noednsneg", "status: BADVERS",
	"\t192.0.2.80"},
    {"and dig goes on with version 0", WWW "+edns=1", "\t192.0.2.80", NULL},
    {"an unknown flag and an unknown option",
	WWW "+ednsflags=0x4000 +ednsopt=100:616263", "\t192.0.2.80", "OPT=100"},
    {"the last bit of the header", WWW "+zflag", "\t192.0.2.80", "MBZ"},
    {"an unknown operation", WWW "+opcode=15", "status: NOTIMP", NULL},
    {"UPDATE", WWW "+opcode=update", "status: NOTIMP", NULL},
    {"NOTIFY", WWW "+opcode=notify", "status: NOTIMP", NULL},
    {"an unknown operation is told so", WWW "+opcode=15",
	"EDE: 21 (Not Supported)", NULL},
    {"nothing but a header", "+header-only +nocookie", FORMERR, NULL},
    {"a header and a cookie", "+header-only +cookie", "status: NOERROR",
	"WARNING: Message"},
    {"a header and a cookie of nobody",
	"+header-only +cookie=0102030405060708010000000102030405060708",
	"status: BADCOOKIE", NULL},
    {"half a cookie", WWW "+ednsopt=10:01020304 +nocookie", FORMERR, NULL},
    {"NSID", WWW "+nsid", "; NSID: 6e 6f 64 65 2d 37 (\"node-7\")", NULL},
    {"keepalive over TCP", WWW "+keepalive +tcp", "; TCP KEEPALIVE: 12.0 secs",
	NULL},
    {"no keepalive over UDP", WWW "+keepalive", "\t192.0.2.80", "KEEPALIVE"},
    {"another zone", "www.example", "; EDE: 20 (Not Authoritative)", NULL},
    {"another class", WWW "-c HS", "; EDE: 21 (Not Supported)", "\t192.0.2.80"},
    {"a zone transfer", "inference.example AXFR +tcp", "; Transfer failed.",
	"SOA"},
    {"version.bind", "version.bind TXT CH", "\tCH\tTXT\t\"meridian\"", NULL},
    {"hostname.bind", "Hostname.Bind TXT CH", "\tCH\tTXT\t\"node-7\"", NULL},
    {"id.server", "id.server TXT CH", "\tCH\tTXT\t\"node-7\"", NULL},
    {"id.server has no address", "id.server A CH", "status: NOERROR",
	"\tCH\tA\t1"},
    {"authors.bind", "authors.bind TXT CH", "status: REFUSED", NULL},
};

START_TEST(test_dig)
{
	struct harness *h = harness_create();
	struct node node;

	start(&node, h, "identity: node-7\ntcp: {idle: 12s}\n");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *out = dig(&node, rows[i].arguments);

		ck_assert_msg(strstr(out, rows[i].shown) != NULL, "%s:\n%s",
		    rows[i].why, out);
		ck_assert_msg(rows[i].absent == NULL ||
			strstr(out, rows[i].absent) == NULL,
		    "%s:\n%s", rows[i].why, out);
	}
	ck_assert(node_metric(&node,
		      "meridian_edns_options_total{option=\"nsid\"}") == 1);
	ck_assert(
	    node_metric(&node,
		"meridian_edns_options_total{option=\"tcp-keepalive\"}") == 2);
	ck_assert(node_metric(&node,
		      "meridian_edns_options_total{option=\"unknown\"}") == 1);
	ck_assert(node_metric(&node,
		      "meridian_responses_total{rcode=\"BADVERS\"}") == 2);
	ck_assert(node_metric(&node,
		      "meridian_responses_total{rcode=\"NOTAUTH\"}") == 0);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* Who says nothing of himself is asked in vain; a reload changes that. */
START_TEST(test_identity)
{
	struct harness *h = harness_create();
	struct node node;

	start(&node, h, "version: none\n");
	ck_assert_ptr_nonnull(
	    strstr(dig(&node, "version.bind TXT CH"), "status: REFUSED"));
	ck_assert_ptr_nonnull(
	    strstr(dig(&node, "id.server TXT CH"), "; EDE: 18 (Prohibited)"));
	ck_assert_ptr_null(strstr(dig(&node, WWW "+nsid"), "; NSID"));
	node_config(&node, "version: 7 of 9\nnsid: 0x00ff\n");
	ck_assert_int_eq(node_ctl(&node, NULL, "reload"), 0);
	ck_assert_ptr_nonnull(
	    strstr(dig(&node, "version.server TXT CH"), "\"7 of 9\""));
	ck_assert_ptr_nonnull(strstr(dig(&node, WWW "+nsid"), "; NSID: 00 ff"));
	ck_assert_ptr_nonnull(
	    strstr(dig(&node, "hostname.bind TXT CH"), "status: REFUSED"));
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

static double
cookies(struct node *node, const char *state)
{
	char name[64];

	snprintf(
	    name, sizeof(name), "meridian_cookies_total{state=\"%s\"}", state);
	return node_metric(node, name);
}

/* Ask with the client's part "0102030405060708" and the ${server}'s; the cookie
 * that came back, in hexadecimal, "" when none did. */
static const char *
get_cookie(struct node *node, const char *server)
{
	static char cookie[128];
	char arguments[256];
	const char *at;

	snprintf(arguments, sizeof(arguments), WWW "+cookie=0102030405060708%s",
	    server);
	at = line(dig(node, arguments), "; COOKIE: ");
	cookie[0] = '\0';
	sscanf(at, "; COOKIE: 0102030405060708%100[0-9a-f] (good)", cookie);
	return cookie;
}

/* A cookie that was given is good; the secret of a file changes in three steps
 * without a cookie lost (RFC 9018, 5), and a wrong file changes nothing. */
START_TEST(test_cookies)
{
	struct harness *h = harness_create();
	struct node node;
	char first[64];
	const char *out;

	harness_write(h, "secrets", SECRET "\n");
	start(&node, h, "cookies: {secrets: secrets}\n");
	snprintf(first, sizeof(first), "%s", get_cookie(&node, ""));
	ck_assert_uint_eq(strlen(first), 32);
	ck_assert(cookies(&node, "first") == 1);
	ck_assert_str_eq(get_cookie(&node, first), first);
	ck_assert(cookies(&node, "valid") == 1);

	harness_write(h, "secrets", SECRET "\n" OTHER_SECRET "\n");
	ck_assert_int_eq(node_ctl(&node, NULL, "reload"), 0);
	ck_assert_str_eq(get_cookie(&node, first), first);
	harness_write(h, "secrets", OTHER_SECRET "\n" SECRET "\n");
	ck_assert_int_eq(node_ctl(&node, NULL, "reload"), 0);
	ck_assert_str_ne(get_cookie(&node, first), first);
	ck_assert(cookies(&node, "valid") == 3);

	harness_write(h, "secrets", "not a secret\n");
	ck_assert_int_ne(node_ctl(&node, &out, "check"), 0);
	ck_assert_ptr_nonnull(
	    strstr(out, "secrets:1:1: error: expected one secret a line"));
	ck_assert_int_ne(node_ctl(&node, NULL, "reload"), 0);
	get_cookie(&node, first);
	ck_assert(cookies(&node, "valid") == 4);

	harness_write(h, "secrets", OTHER_SECRET "\n");
	ck_assert_int_eq(node_ctl(&node, NULL, "reload"), 0);
	get_cookie(&node, first);
	ck_assert(cookies(&node, "valid") == 4);
	ck_assert(cookies(&node, "bad") == 1);
	out = harness_read(h, harness_path(h, "meridiand.log"));
	ck_assert_ptr_null(strstr(out, "e5e973e5"));
	ck_assert_ptr_null(strstr(out, "445536bc"));
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* Cookies of our own secret outlive a reload; required ones are asked for. */
START_TEST(test_own_secret)
{
	struct harness *h = harness_create();
	struct node node;
	char first[64];

	start(&node, h, "");
	snprintf(first, sizeof(first), "%s", get_cookie(&node, ""));
	ck_assert_uint_eq(strlen(first), 32);
	node_config(&node, "cookies: {require: true}\n");
	ck_assert_int_eq(node_ctl(&node, NULL, "reload"), 0);
	ck_assert_str_eq(get_cookie(&node, first), first);
	ck_assert(cookies(&node, "valid") == 1);
	ck_assert_ptr_nonnull(
	    strstr(dig(&node, WWW "+cookie"), "status: BADCOOKIE"));
	ck_assert_ptr_nonnull(
	    strstr(dig(&node, WWW "+cookie +badcookie"), "\t192.0.2.80"));
	ck_assert_ptr_nonnull(
	    strstr(dig(&node, WWW "+cookie +tcp"), "\t192.0.2.80"));
	ck_assert_ptr_nonnull(
	    strstr(dig(&node, WWW "+nocookie"), "\t192.0.2.80"));
	node_config(&node, "cookies: {enable: false}\n");
	ck_assert_int_eq(node_ctl(&node, NULL, "reload"), 0);
	ck_assert_str_eq(get_cookie(&node, first), "");
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"dig", test_dig, 0},
	    {"identity", test_identity, 0},
	    {"cookies", test_cookies, 0},
	    {"own secret", test_own_secret, 0},
	};

	return harness_main("edns", cases, sizeof(cases) / sizeof(cases[0]));
}
