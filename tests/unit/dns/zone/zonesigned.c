/*
 * What is said of signed zones when they are loaded: signatures, chains of NSEC
 * and NSEC3.  The signatures are none, which nobody verifies here.
 */
#include <check.h>
#include <stdlib.h>
#include <time.h>

#include "dns/wire/protocol.h"
#include "dns/zone/nsec.h"
#include "dns/zone/zone_chain.h"
#include "dns/zone/zone_private.h"
#include "tests/chain.h"
#include "tests/unit/zone_fixture.h"

static struct errbuf eb;

/* Five lines, and with a chain that ends seven; signatures come behind all, so
 * that lines keep their numbers. */
#define APEX                                   \
	"$TTL 300\n"                           \
	"@ SOA ns host 7 3600 600 86400 300\n" \
	"@ NS ns\n"                            \
	"ns A 192.0.2.1\n"                     \
	"@ " CHAIN_KEY
#define NSEC                                        \
	APEX "@ NSEC ns NS SOA RRSIG NSEC DNSKEY\n" \
	     "ns NSEC @ A RRSIG NSEC\n"

/* The zone of ${text} and what signs it. */
static struct zone *
signed_zone(const char *text)
{
	static char all[16384];

	chain_sign(text, all, sizeof(all));
	return fixture_zone("example.", all, &eb);
}

/* What a row says, and what is said of its zone; a comment keeps a line from
 * being signed. */
static const struct {
	const char *says, *text, *messages;
} rows[] = {
    {"a zone with nothing to say of", NSEC, ""},
    {"a set without signature", NSEC "@ TXT x ; none\n",
	"zone:8:1: warning: example. TXT: is not signed\n"
	"zone:6:1: warning: example.: its NSEC does not name the type TXT, "
	"which is there\n"},
    {"a signature of nothing", NSEC "@ RRSIG TXT 8 1" CHAIN_SIG,
	"zone:8:1: warning: example. RRSIG: signs the type TXT, which is not "
	"there\n"},
    {"another signer",
	NSEC "@ RRSIG NS 8 1 300 20370101000000 20200101000000 1 a. AAAA\n",
	"zone:8:1: warning: example. NS: is signed by a., which is not the "
	"zone\n"},
    {"a signature of another owner", NSEC "ns RRSIG A 8 1" CHAIN_SIG,
	"zone:8:1: warning: ns.example. A: its signature is of a name of 1 "
	"labels, not 2\n"},
    {"a set that lives longer than when it was signed",
	NSEC "ns RRSIG A 8 2 200 20370101000000 20200101000000 1033 @ AAAA\n",
	"zone:8:1: warning: ns.example. A: TTL 300, but it was signed with "
	"200\n"},
    {"a key that is not there",
	APEX "@ NSEC ns NS SOA RRSIG NSEC DNSKEY ; none\n"
	     "@ RRSIG NSEC 8 1 300 20370101000000 20200101000000 1 @ AAAA\n"
	     "ns NSEC @ A RRSIG NSEC ; none\n"
	     "ns RRSIG NSEC 13 2 300 20370101000000 20200101000000 1033 @ "
	     "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	     "AAAAAAAAAAAAAAAAAAAAA==\n",
	"zone:7:1: warning: example. NSEC: its signature is by no key of the "
	"zone (so of 1 more sets)\n"},
    {"a second signature by such",
	NSEC "@ RRSIG NS 8 1 300 20370101000000 20200101000000 1 @ AAAA\n", ""},
    {"no key at all",
	"$TTL 300\n@ SOA ns host 7 3600 600 86400 300\n@ NS ns\n"
	"ns A 192.0.2.1\n@ NSEC ns NS SOA RRSIG NSEC\n"
	"ns NSEC @ A RRSIG NSEC\n",
	"zone:7:1: warning: example.: is signed, but has no DNSKEY records\n"},
    {"a bitmap with too much",
	APEX "@ NSEC ns NS SOA RRSIG NSEC DNSKEY\n"
	     "ns NSEC @ A TXT RRSIG NSEC\n",
	"zone:7:1: warning: ns.example.: its NSEC names the type TXT, which is "
	"not there\n"},
    {"a bitmap with too little",
	APEX "@ NSEC ns NS SOA RRSIG NSEC DNSKEY\nns NSEC @ A RRSIG\n",
	"zone:7:1: warning: ns.example.: its NSEC does not name the type NSEC, "
	"which is there\n"},
    {"of a delegation, the parent names neither addresses nor what he has not",
	APEX "@ NSEC d NS SOA RRSIG NSEC DNSKEY\nns NSEC @ A RRSIG NSEC\n"
	     "d NS d ; none\nd A 192.0.2.2 ; none\nd NSEC ns NS RRSIG NSEC\n",
	""},
    {"an address in the bitmap of a delegation",
	APEX "@ NSEC d NS SOA RRSIG NSEC DNSKEY\nns NSEC @ A RRSIG NSEC\n"
	     "d NS d ; none\nd A 192.0.2.2 ; none\nd NSEC ns A NS RRSIG NSEC\n",
	"zone:10:1: warning: d.example.: its NSEC names the type A, which is "
	"not "
	"there\n"},
    {"a DS that is not signed",
	APEX "@ NSEC d NS SOA RRSIG NSEC DNSKEY\nns NSEC @ A RRSIG NSEC\n"
	     "d NS d.other. ; none\nd DS 1 8 99 aa ; none\n"
	     "d NSEC ns NS DS RRSIG NSEC\n",
	"zone:9:1: warning: d.example. DS: is not signed\n"},
    {"a name without NSEC", NSEC "x A 192.0.2.2\n",
	"zone:8:1: error: x.example.: has no NSEC, which others have\n"},
    {"an empty non-terminal needs none, nor does glue",
	APEX "@ NSEC d NS SOA RRSIG NSEC DNSKEY\n"
	     "d NS x.d ; none\nx.d A 192.0.2.2 ; none\n"
	     "d NSEC a.b.e NS RRSIG NSEC\na.b.e A 192.0.2.2\n"
	     "a.b.e NSEC ns A RRSIG NSEC\nns NSEC @ A RRSIG NSEC\n",
	""},
    {"a chain that leads past a name",
	NSEC "a A 192.0.2.2\na NSEC ns A RRSIG NSEC\n",
	"zone:6:1: error: example. NSEC: leads to ns.example., but the next "
	"name "
	"with an NSEC is a.example.\n"},
    {"a chain that does not come back",
	APEX "@ NSEC ns NS SOA RRSIG NSEC DNSKEY\nns NSEC x A RRSIG NSEC\n",
	"zone:7:1: error: ns.example. NSEC: leads to x.example., but the next "
	"name with an NSEC is example.\n"},
    {"a chain in other letters is the same",
	APEX "@ NSEC NS NS SOA RRSIG NSEC DNSKEY\n"
	     "ns NSEC EXAMPLE. A RRSIG NSEC\n",
	""},
    {"two NSEC at a name", NSEC "ns NSEC x A RRSIG NSEC\n",
	"zone:8:1: error: ns.example. NSEC: there can be only one; another "
	"stands at line 7\n"
	"zone:14:1: warning: ns.example. RRSIG: signs the type NSEC, which is "
	"not there\n"
	"zone:4:1: error: ns.example.: has no NSEC, which others have\n"
	"zone:6:1: error: example. NSEC: leads to ns.example., but the next "
	"name "
	"with an NSEC is example.\n"},
    {"an NSEC that lives too long (RFC 9077)",
	APEX "@ 301 NSEC ns NS SOA RRSIG NSEC DNSKEY ; none\n"
	     "@ 301 RRSIG NSEC 8 1" CHAIN_SIG "ns NSEC @ A RRSIG NSEC\n",
	"zone:7:1: warning: example. NSEC: TTL 301, but it was signed with "
	"300\n"
	"zone:6:1: warning: example. NSEC: TTL 301, but negative answers of "
	"the "
	"zone live 300 seconds (RFC 9077)\n"},
    {"signed, but no chain", APEX,
	"zone:6:1: error: example.: is signed, but has neither NSEC nor a "
	"usable "
	"NSEC3PARAM: nothing proves that a name is not there\n"},
};

START_TEST(messages)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct zone *zone = signed_zone(rows[i].text);

		ck_assert_msg(strcmp(eb.text, rows[i].messages) == 0, "%s: %s",
		    rows[i].says, eb.text);
		ck_assert((zone == NULL) == (eb.errors > 0));
		ck_assert(zone == NULL || zone_signed(zone));
		zone_destroy(zone);
	}
}
END_TEST

/* Zones whose SOA is not signed are as any other. */
START_TEST(not_signed)
{
	static const struct {
		const char *says, *more, *messages;
	} lines[] = {
	    {"keys only", "@ " CHAIN_KEY,
		"zone:5:1: warning: example.: has DNSKEY records, but its SOA "
		"is "
		"not signed: it is served as an unsigned zone\n"},
	    {"NSEC3 only",
		"0p9mhaveqvm6t7vbl5lop2u3t2rp3tom NSEC3 1 0 0 - "
		"2t7b4g4vsa5smi47k61mv5bv1a22bojr A\n",
		"zone:5:1: warning: example.: its SOA is not signed: NSEC3 "
		"records are never given out\n"},
	    {"signatures, but not of the SOA", "ns RRSIG A 8 2" CHAIN_SIG, ""},
	    {"a chain that is none", "ns NSEC x A\n", ""},
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char text[1024];
		struct zone *zone;

		snprintf(text, sizeof(text),
		    "$TTL 300\n@ SOA ns host 7 3600 600 86400 300\n@ NS ns\n"
		    "ns A 192.0.2.1\n%s",
		    lines[i].more);
		zone = fixture_zone("example.", text, &eb);
		ck_assert_msg(zone != NULL, "%s", eb.text);
		ck_assert_msg(strcmp(eb.text, lines[i].messages) == 0, "%s: %s",
		    lines[i].says, eb.text);
		ck_assert(!zone_signed(zone));
		zone_destroy(zone);
	}
}
END_TEST

/* ${seconds} from now as RRSIG has it. */
static const char *
moment(long seconds, char out[16])
{
	time_t at = time(NULL) + seconds;
	struct tm tm;

	gmtime_r(&at, &tm);
	strftime(out, 16, "%Y%m%d%H%M%S", &tm);
	return out;
}

static const struct {
	const char *says;
	long start, end;   /* of the signature of NS, from now */
	long start2, end2; /* of a second one, when not 0 */
	const char *message;
} spans[] = {
    {"good now", -60, 3600, 0, 0, ""},
    {"over for days", -1000000, -259300, 0, 0,
	"zone:6:1: warning: example. NS: its signature expired 3 days ago\n"},
    {"over for hours", -1000000, -172000, 0, 0,
	"zone:6:1: warning: example. NS: its signature expired 47 hours ago\n"},
    {"over for minutes", -1000000, -190, 0, 0,
	"zone:6:1: warning: example. NS: its signature expired 3 minutes "
	"ago\n"},
    {"not yet good", 7300, 1000000, 0, 0,
	"zone:6:1: warning: example. NS: its signature is not good for another "
	"2 hours\n"},
    {"one is over, one is good", -1000000, -190, -60, 3600, ""},
    {"the one that was over last counts", -1000000, -259300, -1000000, -190,
	"zone:6:1: warning: example. NS: its signature expired 3 minutes "
	"ago\n"},
    {"one is over, one not yet good", -1000000, -190, 7300, 1000000,
	"zone:6:1: warning: example. NS: its signature is not good for another "
	"2 hours\n"},
    {"of two that are not yet good the next counts", 90000, 1000000, 7300,
	1000000,
	"zone:6:1: warning: example. NS: its signature is not good for another "
	"2 hours\n"},
};

#define RRSIG_NS "@ RRSIG NS 8 1 300 %s %s 1033 @ %s\n"

START_TEST(times)
{
	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
		char text[4096], start[16], end[16], more[256] = "";
		struct zone *zone;

		if (spans[i].end2 != 0)
			snprintf(more, sizeof(more), RRSIG_NS,
			    moment(spans[i].end2, end),
			    moment(spans[i].start2, start), "BBBB");
		snprintf(text, sizeof(text),
		    "$TTL 300\n"
		    "@ SOA ns host 7 3600 600 86400 300\n"
		    "@ " CHAIN_KEY "@ NS ns.other. ; none\n"
		    "@ NSEC @ NS SOA RRSIG NSEC DNSKEY\n" RRSIG_NS "%s",
		    moment(spans[i].end, end), moment(spans[i].start, start),
		    "AAAA", more);
		zone = signed_zone(text);
		ck_assert_msg(zone != NULL, "%s", eb.text);
		ck_assert_msg(strcmp(eb.text, spans[i].message) == 0, "%s: %s",
		    spans[i].says, eb.text);
		zone_destroy(zone);
	}
}
END_TEST

/* Of many that are over there is one line. */
START_TEST(all_over)
{
	static const char over[] = "20200101000000 20190101000000 1033 @ AAAA";
	struct zone *zone;
	char text[1024];

	snprintf(text, sizeof(text),
	    "$TTL 300\n"
	    "@ SOA ns host 7 3600 600 86400 300 ; none\n"
	    "@ NS ns.other. ; none\n"
	    "@ NSEC @ NS SOA RRSIG NSEC DNSKEY ; none\n"
	    "@ RRSIG SOA 8 1 300 %s\n"
	    "@ RRSIG NS 8 1 300 %s\n"
	    "@ RRSIG NSEC 8 1 300 %s\n"
	    "@ " CHAIN_KEY,
	    over, over, over);
	zone = signed_zone(text);
	ck_assert_ptr_nonnull(zone);
	ck_assert_ptr_nonnull(strstr(
	    eb.text, "zone:6:1: warning: example. NS: its signature expired "));
	ck_assert_ptr_nonnull(
	    strstr(eb.text, " days ago (so of 2 more sets)\n"));
	ck_assert_uint_eq(eb.warnings, 1);
	zone_destroy(zone);
}
END_TEST

#define APEX_TYPES "NS SOA RRSIG DNSKEY NSEC3PARAM"

static const struct chain_name plain[] = {
    {.name = "example.", .types = APEX_TYPES},
    {.name = "ns.example.", .types = "A RRSIG"}, {.name = NULL}};
static const struct chain_name ghost[] = {
    {.name = "example.", .types = APEX_TYPES},
    {.name = "ns.example.", .types = "A RRSIG"},
    {.name = "ghost.example.", .types = "A RRSIG"}, {.name = NULL}};
static const struct chain_name wrong[] = {
    {.name = "example.", .types = APEX_TYPES},
    {.name = "ns.example.", .types = "AAAA RRSIG"}, {.name = NULL}};
static const struct chain_name empty[] = {
    {.name = "example.", .types = APEX_TYPES},
    {.name = "ns.example.", .types = "A RRSIG"},
    {.name = "e.example.", .types = ""},
    {.name = "x.e.example.", .types = "A RRSIG"}, {.name = NULL}};

#define X_E "x.e A 192.0.2.2\n"

static const struct {
	const char *says, *more;
	const char *param; /* at the apex */
	const struct chain_name *names;
	unsigned flags, iterations;
	int left_out;
	const char *messages;
} nsec3_rows[] = {
    {"a good chain", "", "1 0 0 -", plain, 0, 0, -1, ""},
    {"iterations (RFC 9276)", "", "1 0 5 -", plain, 0, 5, -1,
	"zone:6:1: warning: example. NSEC3PARAM: 5 iterations, where 0 is best "
	"(RFC 9276, 3.1)\n"},
    {"too many of them", "", "1 0 151 -", plain, 0, 151, -1,
	"zone:6:1: warning: example. NSEC3PARAM: is not used: more than 150 "
	"iterations (RFC 9276, 3.2)\n"
	"zone:9:1: error: example.: is signed, but has neither NSEC nor a "
	"usable "
	"NSEC3PARAM: nothing proves that a name is not there\n"},
    {"parameters with flags", "", "1 1 0 -", plain, 0, 0, -1,
	"zone:6:1: warning: example. NSEC3PARAM: its flags are not 0, so that "
	"servers ignore it (RFC 5155, 4.1.2)\n"
	"zone:9:1: error: example.: is signed, but has neither NSEC nor a "
	"usable "
	"NSEC3PARAM: nothing proves that a name is not there\n"},
    {"an unknown algorithm", "", "2 0 0 -", plain, 0, 0, -1,
	"zone:6:1: warning: example. NSEC3PARAM: is not used: its hash "
	"algorithm "
	"is not 1, SHA-1\n"
	"zone:9:1: error: example.: is signed, but has neither NSEC nor a "
	"usable "
	"NSEC3PARAM: nothing proves that a name is not there\n"},
    {"another salt", "", "1 0 0 aa", plain, 0, 0, -1,
	"zone:6:1: warning: example. NSEC3PARAM: is not used: the apex has no "
	"NSEC3 of these parameters\n"
	"zone:9:1: error: example.: is signed, but has neither NSEC nor a "
	"usable "
	"NSEC3PARAM: nothing proves that a name is not there\n"},
    {"other parameters beside good ones", "@ NSEC3PARAM 1 0 0 aa\n", "1 0 0 -",
	plain, 0, 0, -1, ""},
    {"NSEC beside it, as when one takes over from the other",
	"@ NSEC ns NS SOA RRSIG NSEC DNSKEY NSEC3PARAM\n"
	"ns NSEC @ A RRSIG NSEC\n",
	"1 0 0 aa", plain, 0, 0, -1,
	"zone:6:1: warning: example. NSEC3PARAM: is not used: the apex has no "
	"NSEC3 of these parameters\n"},
    {"a name of no NSEC3", "", "1 0 0 -", plain, 0, 0, 1,
	"zone:7:1: error: 3msev9usmd4br9s97v51r2tdvmr9iqo1.example. NSEC3: "
	"does "
	"not lead to the next hash there is, 3msev9usmd4br9s97v51r2tdvmr9iqo1\n"
	"zone:4:1: error: ns.example.: has no NSEC3 "
	"(kncb8asp44gj31sjvi5s29d8q49gb30r)\n"},
    {"an empty non-terminal", X_E, "1 0 0 -", empty, 0, 0, -1, ""},
    {"a type that is not there", "", "1 0 0 -", wrong, 0, 0, -1,
	"zone:8:1: warning: ns.example.: its NSEC3 names the type AAAA, which "
	"is not there\n"},
    {"the hash of no name", "", "1 0 0 -", ghost, 0, 0, -1,
	"zone:9:1: warning: sngg3v5ho8fqi0mugtaa8f7mo0h03a8o.example. NSEC3: "
	"is "
	"the hash of no name of the zone\n"},
    {"a delegation without DS needs its own",
	"d NS ns.d ; none\nns.d A 192.0.2.2 ; none\n", "1 0 0 -", plain, 0, 0,
	-1,
	"zone:7:1: error: d.example.: has no NSEC3 "
	"(2km8vfb1ttm1c2s1p6aagsi6hkuk0fss), nor does one with opt-out cover "
	"it\n"},
    {"but with opt-out it does not",
	"d NS ns.d ; none\nns.d A 192.0.2.2 ; none\n", "1 0 0 -", plain, 1, 0,
	-1, ""},
    {"nor does what is empty but for such", "d.e NS ns.other. ; none\n",
	"1 0 0 -", plain, 1, 0, -1, ""},
    {"a delegation with DS does", "d NS ns.other. ; none\nd DS 1 8 99 aa\n",
	"1 0 0 -", plain, 1, 0, -1,
	"zone:7:1: error: d.example.: has no NSEC3 "
	"(2km8vfb1ttm1c2s1p6aagsi6hkuk0fss)\n"},
    {"and so does what is empty but for data", "d.e NS ns.other. ; none\n" X_E,
	"1 0 0 -", plain, 1, 0, -1,
	"zone: error: e.example.: has no NSEC3 "
	"(ts5guc6qeb0lrifi5pelj61c0eudo34v)\n"
	"zone:8:1: error: x.e.example.: has no NSEC3 "
	"(jclkkp8g31bd4kd78i8ibusud25fill8)\n"},
};

START_TEST(nsec3_messages)
{
	for (size_t i = 0; i < sizeof(nsec3_rows) / sizeof(nsec3_rows[0]);
	     i++) {
		char text[8192], chain[4096];
		struct zone *zone;
		const struct nsec3_params params = {.algorithm = NSEC3_SHA1,
		    .iterations = (uint16_t)nsec3_rows[i].iterations};

		chain_text(chain, sizeof(chain), nsec3_rows[i].names, &params,
		    nsec3_rows[i].flags, nsec3_rows[i].left_out);
		snprintf(text, sizeof(text), APEX "@ NSEC3PARAM %s\n%s%s",
		    nsec3_rows[i].param, nsec3_rows[i].more, chain);
		zone = signed_zone(text);
		ck_assert_msg(strcmp(eb.text, nsec3_rows[i].messages) == 0,
		    "%s: %s\n%s", nsec3_rows[i].says, eb.text, text);
		ck_assert((zone == NULL) == (eb.errors > 0));
		ck_assert(zone == NULL || zone_signed(zone));
		zone_destroy(zone);
	}
}
END_TEST

/* A set that a message holds, but not with its signature. */
START_TEST(largest_set)
{
	static char text[1 << 18];

	for (unsigned more = 0; more < 2; more++) {
		size_t len = (size_t)snprintf(text, sizeof(text),
		    APEX "@ NSEC ns NS SOA TXT RRSIG NSEC DNSKEY\n"
			 "ns NSEC @ A RRSIG NSEC\n");
		size_t size = 0, sig = 12 + 18 + 9 + 3;
		struct zone *zone;

		/* Each has 12 octets and a string of 200; the last one fills
		 * up what is left. */
		for (; size + sig + 2 * 213 < RRSET_MAX; size += 213)
			len += (size_t)snprintf(text + len, sizeof(text) - len,
			    "@ TXT \"%0200zu\"\n", size);
		snprintf(text + len, sizeof(text) - len, "@ TXT \"%0*d\"\n",
		    (int)(RRSET_MAX - size - sig - 13 - 213 + more), 0);
		len = strlen(text);
		snprintf(text + len, sizeof(text) - len,
		    "@ TXT \"%0200d\"\n@ RRSIG SOA 8 1" CHAIN_SIG
		    "@ RRSIG TXT 8 1" CHAIN_SIG,
		    1);
		zone = fixture_zone("example.", text, &eb);
		ck_assert_msg((zone != NULL) == (more == 0), "%s", eb.text);
		ck_assert(
		    (strstr(eb.text, "this set and its signatures have ") !=
			NULL) == (more == 1));
		zone_destroy(zone);
	}
}
END_TEST

/* Two chains, of which the first that NSEC3PARAM names is used, and the records
 * of the other are never given out. */
START_TEST(two_chains)
{
	static const uint8_t salt[] = {0xaa};
	const struct nsec3_params salted = {0, NSEC3_SHA1, 1, salt};
	const struct nsec3_params bare = {0, NSEC3_SHA1, 0, NULL};

	for (int first = 0; first < 2; first++) {
		char text[8192];
		size_t len = (size_t)snprintf(text, sizeof(text),
		    APEX "@ NSEC3PARAM 1 0 0 %s\n@ NSEC3PARAM 1 0 0 %s\n",
		    first == 0 ? "-" : "aa", first == 0 ? "aa" : "-");
		const uint8_t apex[] = "\7example";
		uint8_t hash[NSEC3_HASH];
		struct zone *zone;

		len += chain_text(
		    text + len, sizeof(text) - len, plain, &salted, 0, -1);
		chain_text(text + len, sizeof(text) - len, plain, &bare, 0, -1);
		zone = signed_zone(text);
		ck_assert_msg(zone != NULL, "%s", eb.text);
		ck_assert_str_eq(eb.text, "");
		nsec3_hash(first == 0 ? &bare : &salted, apex, 9, hash);
		ck_assert_uint_eq(zone->chain->n_nsec3, 2);
		ck_assert(zone_chain_place(zone->chain, hash) & 1);
		zone_destroy(zone);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("dns_zonesigned");
	TCase *tcase = tcase_create("signed");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tcase, messages);
	tcase_add_test(tcase, not_signed);
	tcase_add_test(tcase, times);
	tcase_add_test(tcase, all_over);
	tcase_add_test(tcase, nsec3_messages);
	tcase_add_test(tcase, largest_set);
	tcase_add_test(tcase, two_chains);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
