/*
 * Master files: odd but right syntax and the record it must give, data of many
 * types against what ldns makes of it, what is wrong and how it is said,
 * included files, files that are none.
 */
#include <check.h>
#include <ldns/ldns.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "dns/protocol.h"
#include "dns/wire.h"
#include "tests/unit/dns_zone_fixture.h"

#define TXT 16

/* Three lines: what a row adds begins at line 4. */
#define HEAD                                              \
	"$TTL 300\n"                                      \
	"@ SOA ns.else. host.else. 7 3600 600 86400 60\n" \
	"@ NS ns.else.\n"

static struct errbuf eb;
static const uint8_t example[] = "\7example";

/* TTL and RDATA of the first record of a set, "300 c0000201", or why there is
 * none. */
static const char *
first_record(const struct zone *zone, const char *owner, uint16_t type)
{
	static char out[1024];
	const struct zone_node *node;
	const struct rrset *set;
	char hex[900];

	if (zone == NULL)
		return eb.text;
	node = fixture_node(zone, owner);
	set = node == NULL ? NULL : zone_node_rrset(node, type);
	if (set == NULL)
		return node == NULL ? "no such name" : "no such set";
	snprintf(out, sizeof(out), "%u %s", set->ttl_s,
	    fixture_hex(set->image + 12, wire_get16(set->image + 10), hex));
	return out;
}

/* What is added to HEAD, and one record that must be there. */
static const struct {
	const char *says, *more, *owner;
	uint16_t type;
	const char *record;
} syntax[] = {
    {"owner, TTL, class, type", "a 60 IN A 192.0.2.1\n", "a.example.", TYPE_A,
	"60 c0000201"},
    {"class before TTL", "a IN 60 A 192.0.2.1\n", "a.example.", TYPE_A,
	"60 c0000201"},
    {"neither TTL nor class", "a A 192.0.2.1\n", "a.example.", TYPE_A,
	"300 c0000201"},
    {"class and type in any case", "a in a 192.0.2.1\n", "a.example.", TYPE_A,
	"300 c0000201"},
    {"CLASS1 is IN, TYPE1 is A", "a CLASS1 TYPE1 192.0.2.1\n", "a.example.",
	TYPE_A, "300 c0000201"},
    {"a TTL with units", "a 1w2D3h4M5s A 192.0.2.1\n", "a.example.", TYPE_A,
	"788645 c0000201"},
    {"the largest TTL", "a 2147483647 A 192.0.2.1\n", "a.example.", TYPE_A,
	"2147483647 c0000201"},
    {"tabs and many blanks", "a\t \tA  \t192.0.2.1 \t\n", "a.example.", TYPE_A,
	"300 c0000201"},
    {"no line end at the end", "a A 192.0.2.1", "a.example.", TYPE_A,
	"300 c0000201"},
    {"CR LF", "a A 192.0.2.1\r\nb A 192.0.2.2\r\n", "b.example.", TYPE_A,
	"300 c0000202"},
    {"a comment without a blank before it", "a A 192.0.2.1;x\n", "a.example.",
	TYPE_A, "300 c0000201"},
    {"comments and empty lines", "; x ( \"\n\n  \n \t; y\na A 192.0.2.1\n",
	"a.example.", TYPE_A, "300 c0000201"},
    {"a blank line keeps the owner", "a A 192.0.2.1\n\n TXT x\n", "a.example.",
	TXT, "300 0178"},
    {"an empty owner is the last one", "a A 192.0.2.1\n\tTXT x\n", "a.example.",
	TXT, "300 0178"},
    {"at the start it is that of the NS line", " TXT x\n", "example.", TXT,
	"300 0178"},
    {"parentheses join lines", "a (\n 60 ; TTL\nIN\n\nA\n192.0.2.1 )\n",
	"a.example.", TYPE_A, "60 c0000201"},
    {"they may be nested, empty, and touch words", "a A((192.0.2.1)())\n",
	"a.example.", TYPE_A, "300 c0000201"},
    {"before the owner too", "( a A 192.0.2.1 )\n", "a.example.", TYPE_A,
	"300 c0000201"},
    {"a blank before them means the last owner", " ( TXT x )\n", "example.",
	TXT, "300 0178"},
    {"inside, a line may begin anywhere", "a TXT (\nx\ny )\n", "a.example.",
	TXT, "300 01780179"},
    {"a quoted string keeps blanks, comments, parentheses",
	"a TXT \"x ;()  y\"\n", "a.example.", TXT,
	"300 0878203b28292020"
	"79"},
    {"an empty string", "a TXT \"\"\n", "a.example.", TXT, "300 00"},
    {"strings that touch are two", "a TXT \"x\"\"y\"\n", "a.example.", TXT,
	"300 01780179"},
    {"escapes in a quoted string", "a TXT \"\\\"\\\\\\120\\000\"\n",
	"a.example.", TXT, "300 04225c7800"},
    {"escapes in a word", "a TXT \\\"x\\ y\\;\\(\n", "a.example.", TXT,
	"300 06227820793b28"},
    {"octets above 127 pass", "a TXT \"\xc3\xa9\"\n", "a.example.", TXT,
	"300 02c3a9"},
    {"a string of digits is not a number here", "a TXT 60 IN\n", "a.example.",
	TXT, "300 02363002494e"},
    {"an escaped dot in the owner", "a\\.b A 192.0.2.1\n", "a\\.b.example.",
	TYPE_A, "300 c0000201"},
    {"an escaped $ is no directive", "\\$TTL A 192.0.2.1\n", "\\$TTL.example.",
	TYPE_A, "300 c0000201"},
    {"owners named like a class or a type", "in A 192.0.2.1\nA A 192.0.2.2\n",
	"in.example.", TYPE_A, "300 c0000201"},
    {"an owner of digits", "60 A 192.0.2.1\n", "60.example.", TYPE_A,
	"300 c0000201"},
    {"relative names in the data", "a MX 10 b\n", "a.example.", TYPE_MX,
	"300 000a0162076578616d706c6500"},
    {"absolute ones", "a MX 10 b.\n", "a.example.", TYPE_MX, "300 000a016200"},
    {"@ in the data", "a MX 10 @\n", "a.example.", TYPE_MX,
	"300 000a076578616d706c6500"},
    {"escapes in names in the data", "a CNAME \\065\\.b.\n", "a.example.",
	TYPE_CNAME, "300 03412e6200"},
    {"$ORIGIN", "$ORIGIN sub.example.\na A 192.0.2.1\n", "a.sub.example.",
	TYPE_A, "300 c0000201"},
    {"$ORIGIN relative to the one before", "$ORIGIN x\n$ORIGIN y\na CNAME b\n",
	"a.y.x.example.", TYPE_CNAME,
	"300 01620179017807"
	"6578616d706c6500"},
    {"$ORIGIN leaves the last owner alone",
	"a TXT x\n$ORIGIN x\n A 192.0.2.1\n", "a.example.", TYPE_A,
	"300 c0000201"},
    {"directives in any case", "$origin x\n$ttl 5m\na A 192.0.2.1\n",
	"a.x.example.", TYPE_A, "300 c0000201"},
    {"$TTL goes for what follows", "$TTL 60\na A 192.0.2.1\n", "a.example.",
	TYPE_A, "60 c0000201"},
    {"$TTL is stronger than the last TTL", "b 5 A 192.0.2.2\na A 192.0.2.1\n",
	"a.example.", TYPE_A, "300 c0000201"},
    {"RFC 3597", "a TYPE65280 \\# 3 0A 0b 0C\n", "a.example.", 65280,
	"300 0a0b0c"},
    {"blanks anywhere in the digits", "a TYPE65280 \\# 3 0 A0 b0C\n",
	"a.example.", 65280, "300 0a0b0c"},
    {"no octets at all", "a TYPE65280 \\# 0\n", "a.example.", 65280, "300 "},
    {"for a type that is known", "a A \\# 4 c0000201\n", "a.example.", TYPE_A,
	"300 c0000201"},
    {"for an obsolete one", "a WKS \\# 6 c00002010601\n", "a.example.", 11,
	"300 c00002010601"},
    {"TXT may hold the mark as text", "a TXT \\# 2 0141\n", "a.example.", TXT,
	"300 0141"},
    {"quoted it is text", "a TXT \"\\#\"\n", "a.example.", TXT, "300 0123"},
    {"times of the SOA with units", "s.example. TXT x\n", "example.", TYPE_SOA,
	"300 026e7304656c73650004686f737404656c736500"
	"0000000700000e10000002580001518000"
	"00003c"},
};

START_TEST(odd_syntax)
{
	const size_t n = sizeof(syntax) / sizeof(syntax[0]);

	for (size_t i = 0; i < n; i++) {
		struct zone *zone;
		const char *found;
		char text[2048];

		snprintf(text, sizeof(text), HEAD "%s", syntax[i].more);
		zone = fixture_zone("example.", text, &eb);
		found = first_record(zone, syntax[i].owner, syntax[i].type);
		ck_assert_msg(strcmp(found, syntax[i].record) == 0, "%s: %s",
		    syntax[i].says, found);
		ck_assert_msg(
		    eb.text[0] == '\0', "%s: %s", syntax[i].says, eb.text);
		zone_destroy(zone);
	}
}
END_TEST

/* Zones from before $TTL, and SOAs in many forms. */
static const struct {
	const char *says, *text, *owner;
	uint16_t type;
	const char *record, *messages;
} ttls[] = {
    {"the last stated TTL",
	"@ 90 SOA a. b. 1 2 3 4 5\n@ NS a.\nx A 192.0.2.1\n", "x.example.",
	TYPE_A, "90 c0000201", ""},
    {"the last stated TTL, not the first",
	"@ 90 SOA a. b. 1 2 3 4 5\n@ 80 NS a.\nx A 192.0.2.1\n", "x.example.",
	TYPE_A, "80 c0000201", ""},
    {"without any, the minimum of the SOA",
	"@ SOA a. b. 1 2 3 4 5\n@ NS a.\nx A 192.0.2.1\n", "x.example.", TYPE_A,
	"5 c0000201",
	"zone:1:1: warning: no TTL: records without one get the SOA's "
	"minimum, 5 (RFC 2308, 4)\n"},
    {"units, a multi-line SOA",
	"$TTL 1h\n@ IN SOA a. b. (\n\t2024010101 ; serial\n\t1d 2H\n"
	"\t4w ; expire\n\t5m )\n\tNS a.\n",
	"example.", TYPE_SOA,
	"3600 01610001620078a3f175000151800000"
	"1c200024ea000000012c",
	""},
};

START_TEST(missing_ttls)
{
	for (size_t i = 0; i < sizeof(ttls) / sizeof(ttls[0]); i++) {
		struct zone *zone = fixture_zone("example.", ttls[i].text, &eb);
		const char *found =
		    first_record(zone, ttls[i].owner, ttls[i].type);

		ck_assert_msg(strcmp(found, ttls[i].record) == 0, "%s: %s",
		    ttls[i].says, found);
		ck_assert_msg(strcmp(eb.text, ttls[i].messages) == 0, "%s: %s",
		    ttls[i].says, eb.text);
		zone_destroy(zone);
	}
}
END_TEST

/* Data that ldns reads rightly: ours must be the same. */
static const char *const data[] = {
    "A 192.0.2.1",
    "NS a.b.",
    "CNAME a\\.b.c.",
    "PTR .",
    "HINFO \"a b\" c",
    "HINFO a \"\"",
    "MX 65535 a.",
    "TXT a \"b c\" \"\\\"\" \\255\\000",
    "RP a. b.",
    "MINFO a. b.",
    "AFSDB 1 a.",
    "X25 311061700956",
    "ISDN 150862028003217 004",
    "ISDN 150862028003217",
    "RT 1 a.",
    "SIG A 8 2 3600 20300101000000 20200101000000 123 a. AAAA",
    "KEY 256 3 8 AAAA",
    "PX 1 a. b.",
    "GPOS -32.6882 116.8652 10.0",
    "AAAA 2001:DB8::1",
    "AAAA ::ffff:192.0.2.1",
    "LOC 42 21 54 N 71 06 18 W -24m 30m",
    "LOC 52 N 4 E 1.5m",
    "LOC 42 21 54.25 S 71 06 18.5 E 100000m 30m 10m 2m",
    "EID 00aa",
    "SRV 0 5 5060 a.",
    "NAPTR 100 10 \"u\" \"E2U+sip\" \"!^.*$!sip:a@b!\" .",
    "KX 1 a.",
    "CERT PKIX 1 8 AAAA",
    "CERT 65280 65535 253 AAAA AAA=",
    "DNAME a.",
    "APL 1:192.0.2.0/24 !2:2001:db8::/32",
    "APL",
    "DS 12345 RSASHA256 2 aabb CCDD",
    "SSHFP 1 1 0011 2233",
    "IPSECKEY 10 1 2 192.0.2.38 AQNRU3mG",
    "IPSECKEY 10 0 2 . AQNRU3mG",
    "IPSECKEY 10 3 2 a.b. AQNRU3mG",
    "IPSECKEY 10 2 2 2001:db8::1 AQNRU3mG",
    "RRSIG AAAA RSASHA256 2 3600 1893456000 20200101000000 123 a. AA==",
    "NSEC a. A NS TYPE1234 CAA",
    "NSEC a.",
    "DNSKEY 257 3 8 AwEA AaetidLz",
    "DHCID AAIB",
    "NSEC3 1 0 5 aabb 2vptu5timamqttgl4luu9kg21e0aor3s A RRSIG",
    "NSEC3 1 1 0 - 2VPTU5TIMAMQTTGL4LUU9KG21E0AOR3S",
    "NSEC3PARAM 1 0 5 -",
    "TLSA 3 1 1 aabb ccdd",
    "TLSA DANE-EE SPKI SHA2-256 aabb",
    "SMIMEA 3 1 1 aabb",
    "HIP 2 200100107B1A74DF365639CC39F1D578 AwEAAbdx a. b.",
    "TALINK a. b.",
    "CDS 0 0 0 00",
    "CDNSKEY 0 3 0 AA==",
    "CDNSKEY 0 3 0 0",
    "OPENPGPKEY AAAA AA==",
    "CSYNC 66 3 A NS AAAA",
    "ZONEMD 2018031500 1 1 aabb",
    "SVCB 0 a.",
    "SVCB 16 a. alpn=h2,h3 port=443 mandatory=alpn,port",
    "HTTPS 1 . alpn=\"h2,h3\" ipv4hint=192.0.2.1,192.0.2.2",
    "HTTPS 1 . ipv6hint=2001:db8::1 ech=AAAA key667=\"a b\" no-default-alpn",
    "SPF \"v=spf1 -all\"",
    "NID 10 0014:4fff:ff20:ee64",
    "L32 10 10.1.2.0",
    "L64 10 2001:0DB8:1140:1000",
    "LP 10 a.",
    "EUI48 00-00-5e-00-53-2A",
    "EUI64 00-00-5e-ef-10-00-00-2a",
    "URI 10 1 \"https://x/\"",
    "CAA 0 issue \"letsencrypt.org; a=b\"",
    "CAA 128 Tag1 \"\"",
    "TYPE65280 \\# 3 010203",
    "NULL \\# 2 0102",
};

/* RDATA of the record text ${text} as ldns makes it, as hexadecimal. */
static const char *
ldns_hex(const char *text, uint16_t *type)
{
	static char hex[900];
	char line[512];
	uint8_t wire[400];
	size_t len = 0;
	ldns_rr *rr = NULL;

	snprintf(line, sizeof(line), ". 300 IN %s", text);
	ck_assert_msg(
	    ldns_rr_new_frm_str(&rr, line, 0, NULL, NULL) == LDNS_STATUS_OK,
	    "ldns does not read %s", text);
	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
		const ldns_rdf *rdf = ldns_rr_rdf(rr, i);

		ck_assert_uint_lt(len + ldns_rdf_size(rdf), sizeof(wire));
		if (ldns_rdf_size(rdf) > 0)
			memcpy(
			    wire + len, ldns_rdf_data(rdf), ldns_rdf_size(rdf));
		len += ldns_rdf_size(rdf);
	}
	*type = (uint16_t)ldns_rr_get_type(rr);
	ldns_rr_free(rr);
	return fixture_hex(wire, len, hex);
}

/* Both from its text, and from the octets as RFC 3597 writes them. */
START_TEST(same_as_ldns)
{
	for (size_t i = 0; i < sizeof(data) / sizeof(data[0]); i++) {
		struct zone *zone;
		uint16_t type;
		const char *hex = ldns_hex(data[i], &type);
		char text[2048], want[1000];

		snprintf(text, sizeof(text),
		    HEAD "x.y %s\nz.y TYPE%u \\# %zu %s\n", data[i], type,
		    strlen(hex) / 2, hex);
		snprintf(want, sizeof(want), "300 %s", hex);
		zone = fixture_zone("example.", text, &eb);
		ck_assert_msg(zone != NULL, "%s: %s", data[i], eb.text);
		ck_assert_str_eq(
		    first_record(zone, "x.y.example.", type), want);
		ck_assert_str_eq(
		    first_record(zone, "z.y.example.", type), want);
		zone_destroy(zone);
	}
}
END_TEST

#define NO_NAME "is no domain name (labels of 1 to 63 octets, 255 in all)\n"
#define NO_TTL "is no TTL up to 2147483647 s (300, 5m, 1h30m)\n"

/* What is added to HEAD, and all that is said of it. */
static const struct {
	const char *says, *more, *messages;
} errors[] = {
    {"an address out of range", "a A 192.0.2.300\n",
	"zone:4:5: error: A: \"192.0.2.300\" is no IPv4 address\n"},
    {"an address of the other family", "a AAAA 192.0.2.1\n",
	"zone:4:8: error: AAAA: \"192.0.2.1\" is no IPv6 address\n"},
    {"no data", "a A\n", "zone:4:3: error: A: the record ends too early\n"},
    {"too little of it", "a MX 10\n",
	"zone:4:3: error: MX: the record ends too early\n"},
    {"too much of it", "a A 192.0.2.1 192.0.2.2\n",
	"zone:4:15: error: A: \"192.0.2.2\" is more than such a record "
	"holds\n"},
    {"a number too large", "a MX 65536 a\n",
	"zone:4:6: error: MX: \"65536\" is no number from 0 to 65535\n"},
    {"a number below 0", "a MX -1 a\n",
	"zone:4:6: error: MX: \"-1\" is no number from 0 to 65535\n"},
    {"a serial too large", "a SOA a b 4294967296 1 2 3 4\n",
	"zone:4:11: error: SOA: \"4294967296\" is no number from 0 to "
	"4294967295\n"},
    {"a small number too large", "a SSHFP 256 1 aa\n",
	"zone:4:9: error: SSHFP: \"256\" is no number from 0 to 255\n"},
    {"a time that is none", "a SOA a b 1 2x 3 4 5\n",
	"zone:4:13: error: SOA: \"2x\" is no time up to 2147483647 s (300, "
	"5m, 1h30m)\n"},
    {"an algorithm too large", "a DS 1 256 1 aa\n",
	"zone:4:8: error: DS: \"256\" is no DNSSEC algorithm (number or "
	"mnemonic)\n"},
    {"a mnemonic that is none", "a DS 1 RSAMD6 1 aa\n",
	"zone:4:8: error: DS: \"RSAMD6\" is no DNSSEC algorithm (number or "
	"mnemonic)\n"},
    {"half an octet", "a SSHFP 1 1 aab\n",
	"zone:4:13: error: SSHFP: \"aab\" leaves half an octet of "
	"hexadecimal\n"},
    {"no hexadecimal", "a SSHFP 1 1 aa xx\n",
	"zone:4:16: error: SSHFP: \"xx\" is not hexadecimal\n"},
    {"base 64 cut short", "a DNSKEY 257 3 8 AAA\n",
	"zone:4:18: error: DNSKEY: \"AAA\" is not base 64\n"},
    {"an unknown type in a bitmap", "a NSEC b A FOO\n",
	"zone:4:12: error: NSEC: \"FOO\" is no record type\n"},
    {"a string too long",
	"a TXT \"0123456789012345678901234567890123456789012345678901234567890"
	"1234567890123456789012345678901234567890123456789012345678901234567890"
	"1234567890123456789012345678901234567890123456789012345678901234567890"
	"12345678901234567890123456789012345678901234567890123456\"\n",
	"zone:4:7: error: TXT: "
	"\"012345678901234567890123456789012345678901234567890123456789..."
	"\" is longer than the 255 octets of a string\n"},
    {"a label too long in the data",
	"a CNAME "
	"0123456789012345678901234567890123456789012345678901234567890123\n",
	"zone:4:9: error: CNAME: "
	"\"012345678901234567890123456789012345678901234567890123456789..."
	"\" " NO_NAME},
    {"an empty label in the data", "a CNAME a..b\n",
	"zone:4:9: error: CNAME: \"a..b\" " NO_NAME},
    {"a quoted number", "a MX \"10\" a\n",
	"zone:4:6: error: MX: \"10\" cannot be quoted here\n"},
    {"a quoted name", "a MX 10 \"a\"\n",
	"zone:4:9: error: MX: \"a\" cannot be quoted here\n"},
    {"a quote inside a word", "a TXT x\"y\"\n",
	"zone:4:7: error: TXT: \"x\"y\"\" cannot be quoted here\n"},
    {"no tag", "a CAA 0 is-sue \"x\"\n",
	"zone:4:9: error: CAA: \"is-sue\" is no tag of letters and digits\n"},
    {"no location", "a LOC 91 N 4 E 1m\n",
	"zone:4:7: error: LOC: \"91\" and what follows is no location (RFC "
	"1876, 3)\n"},
    {"a gateway of no kind", "a IPSECKEY 10 4 2 . AAAA\n",
	"zone:4:12: error: IPSECKEY: \"10\" and what follows is no key with "
	"its gateway, whose name ends in a dot (RFC 4025, 3)\n"},
    {"a key with a hidden blank", "a IPSECKEY 10 0 2 . AQN\\ U3mG\n",
	"zone:4:12: error: IPSECKEY: \"10\" and what follows is no key with "
	"its gateway, whose name ends in a dot (RFC 4025, 3)\n"},
    {"a prefix too long", "a APL 1:192.0.2.0/33\n",
	"zone:4:7: error: APL: \"1:192.0.2.0/33\" is no address prefix "
	"([!]1:192.0.2.0/24)\n"},
    {"no parameter", "a HTTPS 1 . alpn=h2 foo=1\n",
	"zone:4:13: error: HTTPS: \"alpn=h2\" and what follows are no service "
	"parameters (RFC 9460, 2.1)\n"},
    {"an address no IPv6 hint can hold",
	"a HTTPS 1 . ipv6hint=0000:0000:0000:0000:0000:0000:0000:0000:0000:0\n",
	"zone:4:13: error: HTTPS: \"ipv6hint=0000:0000:0000:0000:0000:0000:"
	"0000:0000:0000:0\" and what follows are no service parameters (RFC "
	"9460, 2.1)\n"},
    {"the text of a type nobody writes", "a WKS 192.0.2.1 tcp 25\n",
	"zone:4:3: error: WKS: this type has no text form here; write its "
	"data as \\# (RFC 3597, 5)\n"},
    {"the text of an unknown type", "a TYPE65280 aa\n",
	"zone:4:3: error: TYPE65280: this type has no text form here; write "
	"its data as \\# (RFC 3597, 5)\n"},
    {"\\# without a length", "a A \\#\n",
	"zone:4:5: error: A: \"\\#\" is not followed by a length\n"},
    {"\\# with another length", "a TYPE65280 \\# 2 aabbcc\n",
	"zone:4:16: error: TYPE65280: \"2\" octets are announced, but there "
	"are others\n"},
    {"\\# with octets that are no such record", "a A \\# 3 aabbcc\n",
	"zone:4:3: error: A: these octets are no such record\n"},
    {"\\# with a compressed name", "a CNAME \\# 2 c000\n",
	"zone:4:3: error: CNAME: these octets are no such record\n"},
    {"\\# with TXT that runs over its end", "a TXT \\# 3 056162\n",
	"zone:4:3: error: TXT: these octets are no such record\n"},
    {"a type that is none", "a FOO x\n",
	"zone:4:3: error: \"FOO\" is no record type\n"},
    {"a type number too large", "a TYPE65536 \\# 0\n",
	"zone:4:3: error: \"TYPE65536\" is no record type\n"},
    {"an owner alone", "a\n",
	"zone:4:1: error: the record ends without a type\n"},
    {"nothing behind the class", "a 60 IN\n",
	"zone:4:6: error: the record ends without a type\n"},
    {"another class", "a CH TXT x\n",
	"zone:4:3: error: \"CH\" is not the class IN\n"},
    {"another class by number", "a CLASS3 TXT x\n",
	"zone:4:3: error: \"CLASS3\" is not the class IN\n"},
    {"two TTLs", "a 60 IN 70 A 192.0.2.1\n",
	"zone:4:9: error: \"70\" is a second TTL\n"},
    {"two classes", "a IN IN A 192.0.2.1\n",
	"zone:4:6: error: \"IN\" is a second class\n"},
    {"a TTL above 31 bits", "a 2147483648 A 192.0.2.1\n",
	"zone:4:3: error: \"2147483648\" " NO_TTL},
    {"a TTL whose units are too many", "a 3551w A 192.0.2.1\n",
	"zone:4:3: error: \"3551w\" " NO_TTL},
    {"a TTL that ends without a unit", "a 1h30 A 192.0.2.1\n",
	"zone:4:3: error: \"1h30\" " NO_TTL},
    {"an owner that is no name", "a..b A 192.0.2.1\n",
	"zone:4:1: error: \"a..b\" " NO_NAME},
    {"a quoted owner", "\"a\" A 192.0.2.1\n",
	"zone:4:1: error: \"a\" " NO_NAME},
    {"what follows such an owner is not put under the one before",
	"a..b A 192.0.2.1\n A 192.0.2.2\n",
	"zone:4:1: error: \"a..b\" " NO_NAME
	"zone:5:2: error: \"A\" follows a blank, but there is no owner before "
	"to take over\n"},
    {"quotes that do not end", "a TXT \"x\nb A 192.0.2.1\n",
	"zone:4:7: error: the line ends inside quotes or behind a "
	"backslash\n"},
    {"a backslash that ends the line", "a TXT x\\\nb A 192.0.2.1\n",
	"zone:4:7: error: the line ends inside quotes or behind a "
	"backslash\n"},
    {"an escape above 255", "a TXT \\256\n",
	"zone:4:7: error: an escape is above \\255\n"},
    {"an escape of two digits", "a TXT \\25x\n",
	"zone:4:7: error: a backslash and a digit need three digits\n"},
    {"no blank behind a quote", "a TXT \"x\"y\n",
	"zone:4:7: error: a blank is missing behind the closing quote\n"},
    {"a control character", "a TXT \x01\n",
	"zone:4:7: error: a control character; \\DDD writes one\n"},
    {"a carriage return inside a line", "a TXT x\ry\n",
	"zone:4:8: error: a carriage return inside a line\n"},
    {"a parenthesis too many", "a A 192.0.2.1 )\n",
	"zone:4:15: error: this ) closes nothing\n"},
    {"one too few", "a A (\n192.0.2.1\nb A 192.0.2.2\n",
	"zone:4:5: error: this ( is never closed\n"},
    {"after an error in parentheses reading goes on at the next entry",
	"a SOA b (\n 1 \"\n 2\n )\nc A x\n",
	"zone:5:4: error: the line ends inside quotes or behind a backslash\n"
	"zone:8:5: error: A: \"x\" is no IPv4 address\n"},
    {"an unknown directive", "$GENERATE 1-2 a A 192.0.2.$\n",
	"zone:4:1: error: \"$GENERATE\" is no directive; $ORIGIN, $TTL and "
	"$INCLUDE are\n"},
    {"a directive without its value", "$ORIGIN\n",
	"zone:4:1: error: \"$ORIGIN\" needs a value behind it\n"},
    {"a directive with two", "$TTL 60 70\n",
	"zone:4:9: error: \"70\" is one word too many\n"},
    {"$TTL that is none", "$TTL x\n", "zone:4:6: error: \"x\" " NO_TTL},
    {"$ORIGIN that is no name", "$ORIGIN a..b\n",
	"zone:4:9: error: \"a..b\" " NO_NAME},
    {"$INCLUDE where it is not allowed", "$INCLUDE file\n",
	"zone:4:1: error: \"$INCLUDE\" is not allowed here\n"},
    {"what no terminal should see", "a A \x1b[2J\n",
	"zone:4:5: error: a control character; \\DDD writes one\n"},
    {"nor octets above 127", "a A \xff\n",
	"zone:4:5: error: A: \"?\" is no IPv4 address\n"},
    {"all errors of a file", "a A x\nb A 192.0.2.1\nc A y\n",
	"zone:4:5: error: A: \"x\" is no IPv4 address\n"
	"zone:6:5: error: A: \"y\" is no IPv4 address\n"},
};

START_TEST(error_text)
{
	const size_t n = sizeof(errors) / sizeof(errors[0]);

	for (size_t i = 0; i < n; i++) {
		char text[2048];

		snprintf(text, sizeof(text), HEAD "%s", errors[i].more);
		ck_assert_msg(fixture_zone("example.", text, &eb) == NULL, "%s",
		    errors[i].says);
		ck_assert_msg(strcmp(eb.text, errors[i].messages) == 0,
		    "%s: %s", errors[i].says, eb.text);
	}
}
END_TEST

/* Errors at the very start of a file. */
static const struct {
	const char *says, *text, *messages;
} starts[] = {
    {"no owner to take over", " SOA a b 1 2 3 4 5\n",
	"zone:1:2: error: \"SOA\" follows a blank, but there is no owner "
	"before to take over\n"},
    {"no TTL before the SOA", "@ NS a.\n@ SOA a b 1 2 3 4 5\n",
	"zone:1:1: error: no TTL: the record states none, and neither $TTL "
	"nor a TTL stands before it (RFC 2308, 4)\n"
	"zone:2:1: warning: no TTL: records without one get the SOA's "
	"minimum, 5 (RFC 2308, 4)\n"},
    {"a byte order mark", "\xef\xbb\xbf$TTL 300\n@ SOA a b 1 2 3 4 5\n",
	"zone:1:1: error: the file begins with a byte order mark; save it "
	"without\n"
	"zone:2:1: warning: no TTL: records without one get the SOA's "
	"minimum, 5 (RFC 2308, 4)\n"},
    {"an empty file", "", "zone: error: holds no records\n"},
};

START_TEST(error_at_start)
{
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		ck_assert_ptr_null(
		    fixture_zone("example.", starts[i].text, &eb));
		ck_assert_msg(strcmp(eb.text, starts[i].messages) == 0,
		    "%s: %s", starts[i].says, eb.text);
	}
}
END_TEST

/* A NUL is an octet like others in memory, and wrong in a file. */
START_TEST(nul_octet)
{
	static const char text[] = HEAD "a TXT x\0y\n";

	errbuf_init(&eb);
	ck_assert_ptr_null(zonefile_parse(
	    "zone", text, sizeof(text) - 1, false, example, NULL, 0, &eb));
	ck_assert_str_eq(eb.text,
	    "zone:4:7: error: a control character; \\DDD writes one\n");
}
END_TEST

START_TEST(reading_stops_after_many_errors)
{
	char text[4096] = HEAD;
	size_t len = strlen(text);
	unsigned lines = 0;

	for (int i = 0; i < 100; i++)
		len +=
		    (size_t)snprintf(text + len, sizeof(text) - len, "a A x\n");
	ck_assert_ptr_null(fixture_zone("example.", text, &eb));
	for (const char *p = eb.text; *p != '\0'; p++)
		lines += *p == '\n';
	ck_assert_uint_eq(lines, ZONE_MAX_MESSAGES + 1);
	ck_assert_ptr_nonnull(strstr(eb.text,
	    "zone:24: error: too many errors: the zone is not read further\n"));
}
END_TEST

/* The largest RDATA there is comes through, one token an octet; more words or
 * octets than an entry may have do not. */
START_TEST(large_entries)
{
	const size_t size = (size_t)1 << 20;
	char *text = malloc(size);
	struct zone *zone;
	size_t len;

	len = (size_t)snprintf(
	    text, size, HEAD "a TYPE65280 \\# %d", ZONE_MAX_RRSET - 12);
	for (int i = 0; i < ZONE_MAX_RRSET - 12; i++)
		len += (size_t)snprintf(text + len, size - len, " aa");
	zone = fixture_zone("example.", text, &eb);
	ck_assert_msg(zone != NULL, "%s", eb.text);
	zone_destroy(zone);

	len = (size_t)snprintf(text, size, HEAD "a TXT");
	for (int i = 0; i < 70000; i++)
		len += (size_t)snprintf(text + len, size - len, " a");
	ck_assert_ptr_null(fixture_zone("example.", text, &eb));
	ck_assert_ptr_nonnull(
	    strstr(eb.text, "error: the entry has more than 66000 words\n"));

	len = (size_t)snprintf(text, size, HEAD "a TXT ");
	memset(text + len, 'x', 600000);
	text[len + 600000] = '\0';
	ck_assert_ptr_null(fixture_zone("example.", text, &eb));
	ck_assert_str_eq(
	    eb.text, "zone:4:7: error: the entry is longer than 512 KiB\n");
	free(text);
}
END_TEST

/* Files. */

static char folder[] = "/tmp/meridian-zonefile-XXXXXX";
static const char *const written[] = {"main", "part", "deep", "self", "other",
    "first", "fifo", "sub/part", "sub/leaf"};

static const char *
path_of(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void
write_file(const char *name, const char *text)
{
	FILE *f = fopen(path_of(name), "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static void
make_folder(void)
{
	memset(folder + sizeof(folder) - 7, 'X', 6);
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(mkdir(path_of("sub"), 0700), 0);
}

static void
remove_folder(void)
{
	for (size_t i = 0; i < sizeof(written) / sizeof(written[0]); i++)
		unlink(path_of(written[i]));
	rmdir(path_of("sub"));
	rmdir(folder);
}

static struct zone *
load(const char *name)
{
	errbuf_init(&eb);
	return zonefile_load(path_of(name), example, NULL, 0, &eb);
}

/* "FOLDER/" .. text, as messages have it. */
static const char *
in_folder(const char *text)
{
	static char out[512];

	snprintf(out, sizeof(out), "%s/%s", folder, text);
	return out;
}

static const struct {
	const char *says, *owner, *record;
} included[] = {
    {"a file below the origin of its includer", "a.example.", "300 c0000201"},
    {"what it sets ends with it", "b.example.", "300 c0000202"},
    {"an origin of its own", "a.x.example.", "300 c0000201"},
    {"a path is taken from the folder of the file that has it", "leaf.example.",
	"300 c0000203"},
    {"the last owner comes back too", "owner.example.", "300 c0000204"},
    {"a record without owner gets that of the includer", "given.example.",
	"300 c0000205"},
};

START_TEST(include)
{
	struct zone *zone;

	write_file("main",
	    HEAD "owner TXT x\n"
		 "$INCLUDE part\n"
		 " A 192.0.2.4\n"
		 "b A 192.0.2.2\n"
		 "$include \"part\" x ; comment\n"
		 "$INCLUDE sub/part\n"
		 "given TXT x\n"
		 "$INCLUDE first\n");
	write_file("part", "a A 192.0.2.1\n$ORIGIN y\n$TTL 5\nz 7 TXT x\n");
	write_file("sub/part", "$INCLUDE leaf");
	write_file("sub/leaf", "leaf A 192.0.2.3");
	write_file("first", " A 192.0.2.5\n");
	zone = load("main");
	ck_assert_msg(zone != NULL, "%s", eb.text);
	ck_assert_str_eq(eb.text, "");
	for (size_t i = 0; i < sizeof(included) / sizeof(included[0]); i++) {
		const char *found =
		    first_record(zone, included[i].owner, TYPE_A);

		ck_assert_msg(strcmp(found, included[i].record) == 0, "%s: %s",
		    included[i].says, found);
	}
	zone_destroy(zone);
}
END_TEST

START_TEST(include_errors)
{
	char want[512];

	write_file("main", HEAD "$INCLUDE self\n");
	write_file("self", "$INCLUDE main\n");
	ck_assert_ptr_null(load("main"));
	ck_assert_str_eq(
	    eb.text, in_folder("self:1:10: error: \"main\" includes itself\n"));

	write_file("main", HEAD "$INCLUDE other\n");
	write_file("other", "\na A x\n");
	ck_assert_ptr_null(load("main"));
	ck_assert_str_eq(eb.text,
	    in_folder("other:2:5: error: A: \"x\" is no IPv4 address\n"));

	unlink(path_of("other"));
	ck_assert_ptr_null(load("main"));
	snprintf(want, sizeof(want),
	    "%s/main:4:1: error: cannot open \"%s/other\": No such file or "
	    "directory\n",
	    folder, folder);
	ck_assert_str_eq(eb.text, want);
}
END_TEST

/* Marks of records in included files still name them when the zone as a whole
 * is checked. */
START_TEST(include_marks)
{
	struct zone *zone;

	write_file("main", HEAD "$INCLUDE other\n");
	write_file("other", "a A 192.0.2.1\na A 192.0.2.1\n");
	zone = load("main");
	ck_assert_ptr_nonnull(zone);
	ck_assert_str_eq(eb.text,
	    in_folder("other:2: warning: a.example. A: the same record stands "
		      "at line 1\n"));
	zone_destroy(zone);
}
END_TEST

/* Nine files, each including the next: the ninth is too deep. */
START_TEST(include_depth)
{
	char name[16], text[64];

	for (int last = 8; last <= 9; last++) {
		struct zone *zone;

		write_file("main", HEAD "$INCLUDE f1\n");
		for (int i = 1; i <= last; i++) {
			snprintf(name, sizeof(name), "f%d", i);
			snprintf(text, sizeof(text), "$INCLUDE f%d\n", i + 1);
			write_file(name, i == last ? "a A 192.0.2.1\n" : text);
		}
		zone = load("main");
		for (int i = 1; i <= last; i++) {
			snprintf(name, sizeof(name), "f%d", i);
			unlink(path_of(name));
		}
		ck_assert_msg((zone != NULL) == (last == 8), "%s", eb.text);
		if (last == 9)
			ck_assert_str_eq(eb.text,
			    in_folder("f8:1:10: error: \"f9\" is nested more "
				      "than 8 deep\n"));
		zone_destroy(zone);
	}
}
END_TEST

START_TEST(files_that_are_none)
{
	char want[512];

	ck_assert_ptr_null(load("missing"));
	snprintf(want, sizeof(want),
	    "%s/missing: error: cannot open \"%s/missing\": No such file or "
	    "directory\n",
	    folder, folder);
	ck_assert_str_eq(eb.text, want);

	ck_assert_int_eq(mkfifo(path_of("fifo"), 0600), 0);
	ck_assert_ptr_null(load("fifo"));
	snprintf(want, sizeof(want),
	    "%s/fifo: error: \"%s/fifo\" is not a regular file\n", folder,
	    folder);
	ck_assert_str_eq(eb.text, want);

	ck_assert_ptr_null(load("sub"));
	ck_assert_ptr_nonnull(strstr(eb.text, "is not a regular file\n"));

	errbuf_init(&eb);
	ck_assert_ptr_null(zonefile_load("/dev/zero", example, NULL, 0, &eb));
	ck_assert_str_eq(
	    eb.text, "/dev/zero: error: \"/dev/zero\" is not a regular file\n");
}
END_TEST

START_TEST(speed)
{
	const int n = 200000;
	FILE *f = fopen(path_of("main"), "w");
	struct rusage before, after;
	struct zone *zone;
	int64_t start;

	ck_assert_ptr_nonnull(f);
	fputs(HEAD, f);
	for (int i = 0; i < n; i++)
		fprintf(f, "host%06d 60 IN A 10.%d.%d.%d\n", i, i >> 16 & 255,
		    i >> 8 & 255, i & 255);
	fclose(f);
	getrusage(RUSAGE_SELF, &before);
	start = clock_mono_ms();
	zone = load("main");
	getrusage(RUSAGE_SELF, &after);
	ck_assert_msg(zone != NULL, "%s", eb.text);
	ck_assert_uint_eq(zone_records(zone), (size_t)n + 2);
	ck_assert_str_eq(
	    first_record(zone, "host123456.example.", TYPE_A), "60 0a01e240");
	printf("%d records in %lld ms, %ld KiB more at the peak\n", n,
	    (long long)(clock_mono_ms() - start),
	    after.ru_maxrss - before.ru_maxrss);
	zone_destroy(zone);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("dns_zonefile");
	TCase *text = tcase_create("text"), *files = tcase_create("files");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(text, 60);
	tcase_add_test(text, odd_syntax);
	tcase_add_test(text, missing_ttls);
	tcase_add_test(text, same_as_ldns);
	tcase_add_test(text, error_text);
	tcase_add_test(text, error_at_start);
	tcase_add_test(text, nul_octet);
	tcase_add_test(text, reading_stops_after_many_errors);
	tcase_add_test(text, large_entries);
	suite_add_tcase(suite, text);
	tcase_set_timeout(files, 60);
	tcase_add_checked_fixture(files, make_folder, remove_folder);
	tcase_add_test(files, include);
	tcase_add_test(files, include_errors);
	tcase_add_test(files, include_marks);
	tcase_add_test(files, include_depth);
	tcase_add_test(files, files_that_are_none);
	tcase_add_test(files, speed);
	suite_add_tcase(suite, files);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
