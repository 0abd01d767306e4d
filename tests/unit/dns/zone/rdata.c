/*
 * RDATA of every type that ldns knows: text that must be read, against what
 * ldns makes of it, as text and as octets; text and octets that must be
 * refused, and how that is said; octets cut short and spoilt.
 */
#include <check.h>
#include <ldns/ldns.h>
#include <stdlib.h>

#include "dns/wire/protocol.h"
#include "dns/wire/wire.h"
#include "dns/zone/rdata.h"
#include "dns/zone/type.h"
#include "tests/unit/zone_fixture.h"

/* Three lines: what a row adds begins at line 4. */
#define HEAD                                              \
	"$TTL 300\n"                                      \
	"@ SOA ns.else. host.else. 7 3600 600 86400 60\n" \
	"@ NS ns.else.\n"

/* So many octets of hexadecimal, and of base 64. */
#define HEX12 "000102030405060708090a0b"
#define HEX20 HEX12 "0c0d0e0f10111213"
#define HEX32 HEX20 HEX12
#define HEX48 HEX32 HEX12 "0c0d0e0f"
#define HEX64 HEX32 HEX32
#define B64_30 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd"
#define B64_32 B64_30 "HiA="
#define B64_64 B64_30 B64_30 "ABCDEQ=="
#define B64_96 B64_30 B64_30 B64_30 "AAAAAAAA"
#define B64_57 B64_30 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBka"
#define B64_114 B64_57 B64_57
#define HASH "2vptu5timamqttgl4luu9kg21e0aor3s"

static struct errbuf eb;

/*
 * Records that must be read.  Their octets are what ldns makes of the same
 * text, or ${hex} where ldns has no text of the type or reads it wrongly.
 */
static const struct {
	const char *text, *hex;
} good[] = {
    {"A 192.0.2.1", NULL},
    {"NS a.b.", NULL},
    {"MD a.", NULL},
    {"MF a.", NULL},
    {"CNAME a\\.b.c.", NULL},
    {"SOA a. b. 4294967295 2147483647 1 0 2147483647", NULL},
    {"MB a.", NULL},
    {"MG a.", NULL},
    {"MR a.", NULL},
    {"NULL \\# 2 0102", "0102"},
    /* Of these the octets alone are read. */
    {"WKS \\# 9 c00002010600000140", "c00002010600000140"},
    {"WKS \\# 5 c000020111", "c000020111"},
    {"NSAP \\# 4 47000580", "47000580"},
    {"NXT \\# 9 016101620060000080", "016101620060000080"},
    {"ATMA \\# 7 0039246f000000", "0039246f000000"},
    {"ATMA \\# 8 0136313230303030", "0136313230303030"},
    {"A6 \\# 17 0020010db8000000000000000000000001",
	"0020010db8000000000000000000000001"},
    {"A6 \\# 14 4000000000000000010170017100", "4000000000000000010170017100"},
    {"A6 \\# 13 3d030000000000000001017000", "3d030000000000000001017000"},
    {"A6 \\# 4 80017000", "80017000"},
    {"SINK \\# 6 010203000000", "010203000000"},
    {"PTR .", NULL},
    {"HINFO \"a b\" c", NULL},
    {"HINFO a \"\"", NULL},
    {"MINFO a. b.", NULL},
    {"MX 65535 a.", NULL},
    {"TXT a \"b c\" \"\\\"\" \\255\\000", NULL},
    {"TXT \"\"", NULL},
    {"RP a. b.", NULL},
    {"AFSDB 1 a.", NULL},
    {"X25 311061700956", NULL},
    {"ISDN 150862028003217 004", NULL},
    {"ISDN 150862028003217", NULL},
    {"RT 1 a.", NULL},
    {"NSAP-PTR a.b.", "0161016200"},
    /* Types that ldns does not know. */
    {"NINFO x \"a b\"", "017803612062"},
    {"RKEY 0 3 8 AAAA", "00000308000000"},
    {"DSYNC \\# 6 003b0114ef00", "003b0114ef00"},
    {"AVC x", "0178"},
    {"DOA \\# 10 00000001000000020100", "00000001000000020100"},
    {"AMTRELAY \\# 2 0a00", "0a00"},
    {"RESINFO qnamemin", "08716e616d656d696e"},
    {"WALLET a b", "01610162"},
    {"CLA x", "0178"},
    {"IPN \\# 8 0011223344556677", "0011223344556677"},
    {"TA 1 8 1 0123456789012345678901234567890123456789",
	"000108010123456789012345678901234567890123456789"},
    {"SIG A 8 2 3600 20300101000000 20200101000000 123 a. AAAA", NULL},
    {"KEY 256 3 8 AAAA", NULL},
    {"PX 1 a. b.", NULL},
    {"GPOS -32.6882 116.8652 10.0", NULL},
    {"AAAA 2001:DB8::1", NULL},
    {"AAAA ::ffff:192.0.2.1", NULL},
    {"LOC 42 21 54 N 71 06 18 W -24m 30m", NULL},
    {"LOC 52 14 05 N 00 08 50 E 10m", NULL},
    {"LOC 32 7 19 S 116 2 25 E 10", NULL},
    {"LOC 42 21 28.764 N 71 00 51.617 W -44m 2000m", NULL},
    {"LOC 52 N 4 E 1.5m", NULL},
    {"LOC 52 s 4 w 1.5m", "0012161374d78e007f24460000989716"},
    {"GPOS 90 180.00 -9999", NULL},
    {"GPOS -90.0 -180 0", NULL},
    {"LOC 42 21 54.25 S 71 06 18.5 E 100000m 30m 10m 2m", NULL},
    /* The angles are the largest, and ldns takes over what one leaves out. */
    {"LOC 90 N 180 E -100000.00m", "00121613934fd900a69fb20000000000"},
    {"LOC 90 S 180 0 W 42849672.95m", "001216136cb0270059604e00ffffffff"},
    {"LOC 1 2 3.999 N 180 E 0.29m 0.07m 1.15m 90000000.00m",
	"007012998038d2dfa69fb2000098969d"},
    {"EID 00aa", NULL},
    {"NIMLOC 00 AA bb", NULL},
    {"SRV 0 5 5060 a.", NULL},
    {"NAPTR 100 10 \"u\" \"E2U+sip\" \"!^.*$!sip:a@b!\" .", NULL},
    {"NAPTR 100 10 \"\" \"\" \"/a\\\\/b/c\\\\/d/i\" .", NULL},
    {"NAPTR 100 10 \"\" \"\" \"!(a)(b)!\\\\2\\\\1!ii\" .", NULL},
    {"NAPTR 100 10 S SIP+D2U \"\" a.b.", NULL},
    {"KX 1 a.", NULL},
    {"CERT PKIX 1 8 AAAA", NULL},
    {"CERT 65280 65535 253 AAAA AAA=", NULL},
    {"CERT OID 0 RSASHA256 AA==", NULL},
    {"DNAME a.", NULL},
    {"APL 1:192.0.2.0/24 !2:2001:db8::/32", NULL},
    {"APL 1:10.0.0.0/8 2:ff00::/8 1:0.0.0.0/0 2:::1/128", NULL},
    {"APL", NULL},
    {"DS 12345 RSASHA1 1 " HEX20, NULL},
    {"DS 12345 8 2 " HEX20 " " HEX12, NULL},
    {"DS 12345 ECDSAP384SHA384 4 " HEX48, NULL},
    {"DS 12345 8 200 AA", NULL},
    {"SSHFP 1 1 " HEX20, NULL},
    {"SSHFP 4 2 " HEX32, NULL},
    {"SSHFP 9 9 00", NULL},
    {"IPSECKEY 10 1 2 192.0.2.38 AQNRU3mG", NULL},
    {"IPSECKEY 10 0 2 . AQNR U3mG", "0a0002010351537986"},
    {"IPSECKEY 10 3 2 a.b. AQNRU3mG", NULL},
    {"IPSECKEY 10 2 2 2001:db8::1 AQNRU3mG", NULL},
    {"IPSECKEY 10 3 2 mygateway AQ==",
	"0a0302096d7967617465776179076578616d706c650001"},
    {"IPSECKEY 10 0 0 .", "0a0000"},
    {"RRSIG AAAA RSASHA256 2 3600 1893456000 20200101000000 123 a. AA==", NULL},
    {"RRSIG TYPE1234 8 0 0 20200229235959 20301231000000 0 . AAAA", NULL},
    {"RRSIG A 13 2 60 1 2 3 a. " B64_64, NULL},
    {"RRSIG A 14 2 60 1 2 3 a. " B64_96, NULL},
    {"RRSIG A ED25519 2 60 1 2 3 a. " B64_64, NULL},
    {"RRSIG A ED448 2 60 1 2 3 a. " B64_114, NULL},
    /* Round the clock of 32 bits. */
    {"RRSIG A 8 2 60 21100301000000 2 3 a. AAAA",
	"00010802"
	"0000003c07a2c5800000000200030161"
	"00000000"},
    {"NSEC a. A NS TYPE1234 CAA", NULL},
    {"DNSKEY 257 3 8 AwEA AaetidLz", NULL},
    {"DNSKEY 256 3 ECDSAP256SHA256 " B64_64, NULL},
    {"DNSKEY 256 3 14 " B64_96, NULL},
    {"DNSKEY 256 3 15 " B64_32, NULL},
    {"DNSKEY 256 3 16 " B64_57, NULL},
    {"DHCID AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA=", NULL},
    {"NSEC3 1 0 5 aabb 2vptu5timamqttgl4luu9kg21e0aor3s A RRSIG", NULL},
    {"NSEC3 1 1 0 - 2VPTU5TIMAMQTTGL4LUU9KG21E0AOR3S", NULL},
    {"NSEC3PARAM 1 0 5 -", NULL},
    {"NSEC3PARAM 1 0 65535 " HEX20, NULL},
    {"TLSA 3 1 1 " HEX32, NULL},
    {"TLSA DANE-EE SPKI SHA2-256 " HEX32, NULL},
    {"TLSA 0 0 0 aa", NULL},
    {"TLSA 1 1 2 " HEX64, NULL},
    {"TLSA 255 255 PrivMatch aa", NULL},
    {"SMIMEA 3 1 2 " HEX64, NULL},
    {"HIP 2 200100107B1A74DF365639CC39F1D578 AwEAAbdx", NULL},
    {"HIP 2 200100107B1A74DF365639CC39F1D578 AwEAAbdx a. b.", NULL},
    {"TALINK a. b.", NULL},
    {"CDS 12345 8 2 " HEX32, NULL},
    {"CDS 0 0 0 00", NULL},
    {"CDS 0 0 0 0", "0000000000"},
    {"CDNSKEY 257 3 15 " B64_32, NULL},
    {"CDNSKEY 0 3 0 AA==", NULL},
    {"CDNSKEY 0 3 0 0", "0000030000"},
    {"OPENPGPKEY AAAA AA==", NULL},
    {"CSYNC 66 3 A NS AAAA", NULL},
    {"CSYNC 66 0", "000000420000"},
    {"ZONEMD 2018031500 1 1 " HEX48, NULL},
    {"ZONEMD 2018031500 1 2 " HEX64, NULL},
    {"ZONEMD 2018031500 240 240 " HEX12, NULL},
    {"SVCB 0 a.", NULL},
    {"SVCB 16 a. alpn=h2,h3 port=443 mandatory=alpn,port", NULL},
    {"SVCB 1 a.", NULL},
    {"SVCB 16 a. port=53", NULL},
    {"SVCB 1 a. key667=hello", NULL},
    {"SVCB 1 a. key667=\"hello\\210qoo\"", NULL},
    {"SVCB 1 . key667", NULL},
    /* The octets themselves, which ldns takes for the text of alpn. */
    {"SVCB 1 . key1=\\002h2", "00010000010003026832"},
    {"SVCB 1 . ipv6hint=\"2001:db8::1,2001:db8::53:1\"", NULL},
    {"SVCB 16 a. alpn=h2,h3-19 mandatory=ipv4hint,alpn ipv4hint=192.0.2.1",
	NULL},
    /* RFC 9460, D.2, of which ldns makes something else. */
    {"SVCB 16 a. alpn=\"f\\\\\\\\oo\\\\,bar,h2\"",
	"00100161000001000c08665c6f6f2c626172026832"},
    {"SVCB 16 a. alpn=f\\\\\\092oo\\092,bar,h2",
	"00100161000001000c08665c6f6f2c626172026832"},
    {"SVCB 1 . alpn=dot,doq dohpath=/dns-query{?dns}", NULL},
    {"SVCB 1 . alpn=dot,doq dohpath=/{a}{b,dns*}", NULL},
    {"SVCB 1 . alpn=dot,doq dohpath=/{dns:3}", NULL},
    {"SVCB 1 . alpn=dot,doq dohpath=/\\195\\188\\240\\159\\152\\128{?dns}",
	NULL},
    {"SVCB 1 . ohttp", "00010000080000"},
    {"SVCB 1 . key65534=a", NULL},
    {"HTTPS 1 . alpn=\"h2,h3\" ipv4hint=192.0.2.1,192.0.2.2", NULL},
    {"HTTPS 1 . ipv6hint=2001:db8::1 ech=AAAA key667=\"a b\" alpn=h2 "
     "no-default-alpn",
	NULL},
    {"HTTPS 1 pool.svc.example. alpn=h2,h3 ech=\"123+\"", NULL},
    {"SPF \"v=spf1 -all\"", NULL},
    {"NID 10 0014:4fff:ff20:ee64", NULL},
    {"NID 10 0:4:f:64",
	"000a0000"
	"0004000f0064"},
    {"L32 10 10.1.2.0", NULL},
    {"L64 10 2001:0DB8:1140:1000", NULL},
    {"LP 10 a.", NULL},
    {"EUI48 00-00-5e-00-53-2A", NULL},
    {"EUI64 00-00-5e-ef-10-00-00-2a", NULL},
    {"URI 10 1 \"https://x/\"", NULL},
    {"CAA 0 issue \"letsencrypt.org; a=b\"", NULL},
    {"CAA 128 Tag1 \"\"", NULL},
    {"CAA 0 issue letsencrypt.org",
	"00056973737565"
	"6c657473656e63727970742e6f7267"},
    {"DLV 12345 8 2 " HEX32, NULL},
    {"TYPE65280 \\# 3 010203", NULL},
    {"TYPE1 192.0.2.1", NULL},
};

/* RDATA of the record text ${text} as ldns makes it, as hexadecimal. */
static const char *
ldns_hex(const char *text, uint16_t *type)
{
	static char hex[900];
	char line[1024];
	uint8_t wire[400] = {0};
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

/* Types that ldns does not know, of IANA's registry. */
static const struct {
	const char *name;
	uint16_t type;
} newer[] = {{"NINFO", 56}, {"RKEY", 57}, {"DSYNC", 66}, {"AVC", 258},
    {"DOA", 259}, {"AMTRELAY", 260}, {"RESINFO", 261}, {"WALLET", 262},
    {"CLA", 263}, {"IPN", 264}, {"TA", 32768}};

/* The type that begins ${text}. */
static uint16_t
type_of(const char *text)
{
	char name[TYPE_TEXT];

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(text, " "), text);
	for (size_t i = 0; i < sizeof(newer) / sizeof(newer[0]); i++)
		if (strcmp(newer[i].name, name) == 0)
			return newer[i].type;
	return (uint16_t)ldns_get_rr_type_by_name(name);
}

/* The octets that row ${i} must become, and its type. */
static const char *
good_hex(size_t i, uint16_t *type)
{
	*type = type_of(good[i].text);
	return good[i].hex != NULL ? good[i].hex : ldns_hex(good[i].text, type);
}

/* The RDATA of the one record of ${type} at ${owner}, as hexadecimal. */
static const char *
rdata_hex(const struct zone *zone, const char *owner, uint16_t type)
{
	static char hex[900];
	const struct zone_node *node = fixture_node(zone, owner);
	const struct rrset *set = zone_node_rrset(node, type);

	ck_assert_msg(set != NULL, "%s has no set", owner);
	return fixture_hex(set->image + 12, wire_get16(set->image + 10), hex);
}

/* Both from its text, and from the octets as RFC 3597 writes them. */
START_TEST(read_rightly)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		uint16_t type;
		const char *hex = good_hex(i, &type), *where = "example.";
		struct zone *zone;
		char text[4096];

		snprintf(text, sizeof(text),
		    HEAD "x.y %s\nz.y TYPE%u \\# %zu %s\n", good[i].text, type,
		    strlen(hex) / 2, hex);
		if (type == TYPE_SOA) /* which has one place only */
			snprintf(text, sizeof(text), "@ 300 %s\n@ 300 NS a.\n",
			    good[i].text);
		zone = fixture_zone("example.", text, &eb);
		/* Some have no place in such a zone, which is told. */
		ck_assert_msg(zone != NULL, "%s: %s", good[i].text, eb.text);
		if (type != TYPE_SOA) {
			where = "x.y.example.";
			ck_assert_str_eq(
			    rdata_hex(zone, "z.y.example.", type), hex);
		}
		ck_assert_str_eq(rdata_hex(zone, where, type), hex);
		zone_destroy(zone);
	}
}
END_TEST

static bool
is_in_table(uint16_t type)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (type_of(good[i].text) == type)
			return true;
	return false;
}

/* No type that ldns has a name for was forgotten; those that are no data are
 * refused by name, by number and with octets. */
START_TEST(every_type)
{
	for (unsigned type = 1; type <= UINT16_MAX; type++) {
		char *name = ldns_rr_type2str((ldns_rr_type)type);
		char ours[TYPE_TEXT], text[512], want[256];

		if (strncmp(name, "TYPE", 4) == 0) {
			free(name);
			continue;
		}
		ck_assert_str_eq(type_text((uint16_t)type, ours), name);
		if (type_is_data((uint16_t)type)) {
			ck_assert_msg(is_in_table((uint16_t)type), "%s", name);
			free(name);
			continue;
		}
		for (size_t i = 0; i < 2; i++) {
			size_t len =
			    (size_t)snprintf(text, sizeof(text), HEAD "a ");

			snprintf(text + len, sizeof(text) - len,
			    i == 0 ? "%s x\n" : "%s \\# 0\n", name);
			ck_assert_ptr_null(fixture_zone("example.", text, &eb));
			snprintf(want, sizeof(want),
			    "zone:4:3: error: \"%s\" is a type of questions "
			    "and messages and cannot stand in a zone (RFC "
			    "6895, 3.1)\n",
			    name);
			ck_assert_str_eq(eb.text, want);
		}
		free(name);
	}
}
END_TEST

/* What is compared without case, and what is not. */
START_TEST(folded)
{
	static const struct {
		uint16_t type;
		size_t len;
		const char *rdata, *folded;
	} rows[] = {
	    {TYPE_MX, 5, "\0\1\1A", "\0\1\1a"},
	    {TYPE_SRV, 9, "\0A\0A\0A\1A", "\0A\0A\0A\1a"},
	    {TYPE_NSEC, 6, "\1A\0\0\1A", "\1A\0\0\1A"},
	    {16, 2, "\1A", "\1A"},
	    {65280, 3, "\1A", "\1A"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t rdata[16];

		memcpy(rdata, rows[i].rdata, rows[i].len);
		rdata_fold(rows[i].type, rdata, rows[i].len);
		ck_assert_mem_eq(rdata, rows[i].folded, rows[i].len);
	}
}
END_TEST

/* Judge ${len} octets that lie in memory of just that size. */
static void
try_octets(uint16_t type, const uint8_t *octets, size_t len)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);

	memcpy(copy, octets, len);
	if (rdata_check(type, copy, len) == NULL) {
		(void)rdata_odd(type, copy, len);
		rdata_fold(type, copy, len);
	}
	free(copy);
}

/*
 * What is cut short or has an octet spoilt is judged without looking past its
 * end, which a sanitizer sees; and what is taken for good can be folded.
 */
START_TEST(spoilt_octets)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		uint8_t whole[450];
		uint16_t type;
		const char *hex = good_hex(i, &type);
		size_t len = strlen(hex) / 2;

		for (size_t k = 0; k < len; k++) {
			const char digits[3] = {hex[2 * k], hex[2 * k + 1]};

			whole[k] = (uint8_t)strtoul(digits, NULL, 16);
		}
		ck_assert_ptr_null(rdata_check(type, whole, len));
		for (size_t k = 0; k < len; k++) {
			try_octets(type, whole, k);
			whole[k] ^= 0xff;
			try_octets(type, whole, len);
			whole[k] ^= 0xff ^ 1;
			try_octets(type, whole, len);
			whole[k] ^= 1;
		}
	}
}
END_TEST

#define NO_NAME "is no domain name (labels of 1 to 63 octets, 255 in all)\n"
#define NO_ANGLE                                                       \
	"the first angle is above 90 degrees or the second one above " \
	"180 (RFC 1712, 3)\n"
#define NO_ALGORITHM "algorithm 0 is none (RFC 4034, appendix A.1)\n"
#define NO_BITMAP "the type bitmap is not well formed (RFC 4034, 4.1.2)\n"
#define AT "zone:4:1: error: a.example. "
#define DOHPATH                                                             \
	"SVCB: dohpath: no template in UTF-8 that begins with a / and has " \
	"{?dns} (RFC 9461, 5)\n"
#define NO_TEXT                                                          \
	"this type has no text form here; write its data as \\# LENGTH " \
	"HEXADECIMAL (RFC 3597, 5)\n"
#define NO_BASE64 "\" is not base 64\n"

/* What is added to HEAD, and all that is said of it: text that cannot be read.
 */
static const struct row {
	const char *says, *more, *messages;
} bad[] = {
    {"an address out of range", "a A 192.0.2.300\n",
	"zone:4:5: error: A: \"192.0.2.300\" is no IPv4 address\n"},
    {"an address of the other family", "a AAAA 192.0.2.1\n",
	"zone:4:8: error: AAAA: \"192.0.2.1\" is no IPv6 address; an A record "
	"has IPv4 addresses\n"},
    {"an IPv6 address where IPv4 is", "a A 2001:db8::1\n",
	"zone:4:5: error: A: \"2001:db8::1\" is no IPv4 address; an AAAA "
	"record has IPv6 addresses\n"},
    {"a name where an address is", "a A b.example.\n",
	"zone:4:5: error: A: \"b.example.\" is no IPv4 address; a CNAME record "
	"has a name\n"},
    {"a TTL after the type", "a A 300 192.0.2.1\n",
	"zone:4:5: error: A: \"300\" is no IPv4 address; a TTL is written "
	"before the type\n"},
    {"a TTL after the type of IPv6", "a AAAA 300 2001:db8::1\n",
	"zone:4:8: error: AAAA: \"300\" is no IPv6 address; a TTL is written "
	"before the type\n"},
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
    {"the text of an unknown type", "a TYPE65280 aa\n",
	"zone:4:3: error: TYPE65280: " NO_TEXT},
    {"\\# without a length", "a A \\#\n",
	"zone:4:5: error: A: \"\\#\" is not followed by a length\n"},
    {"\\# with another length", "a TYPE65280 \\# 2 aabbcc\n",
	"zone:4:16: error: TYPE65280: \"2\" is not the number of octets that "
	"follow\n"},

    {"base 64 with a hole", "a DNSKEY 257 3 8 AA=A\n",
	"zone:4:18: error: DNSKEY: \"AA=A" NO_BASE64},
    {"base 64 that goes on behind its end", "a DNSKEY 257 3 8 AA== AAAA\n",
	"zone:4:23: error: DNSKEY: \"AAAA" NO_BASE64},
    {"base 64 that loses bits", "a DNSKEY 257 3 8 AB==\n",
	"zone:4:18: error: DNSKEY: \"AB==" NO_BASE64},
    {"base 64 of one digit", "a DNSKEY 257 3 8 A===\n",
	"zone:4:18: error: DNSKEY: \"A===" NO_BASE64},
    {"another character in base 64", "a OPENPGPKEY AA-A\n",
	"zone:4:14: error: OPENPGPKEY: \"AA-A" NO_BASE64},
    {"a quoted key", "a OPENPGPKEY \"AAAA\"\n",
	"zone:4:14: error: OPENPGPKEY: \"AAAA\" cannot be quoted here\n"},
    {"no key at all", "a OPENPGPKEY\n",
	"zone:4:3: error: OPENPGPKEY: the record ends too early\n"},
    {"the key of no algorithm, not of CDNSKEY", "a DNSKEY 0 3 0 0\n",
	"zone:4:16: error: DNSKEY: \"0" NO_BASE64},
    {"a day that no year has", "a RRSIG A 8 2 60 20230229000000 1 1 a. AAAA\n",
	"zone:4:18: error: RRSIG: \"20230229000000\" is no time "
	"(YYYYMMDDHHmmSS, or seconds since 1970)\n"},
    {"a century without a leap day",
	"a RRSIG A 8 2 60 21000229000000 1 1 a. AAAA\n",
	"zone:4:18: error: RRSIG: \"21000229000000\" is no time "
	"(YYYYMMDDHHmmSS, or seconds since 1970)\n"},
    {"a month too many", "a RRSIG A 8 2 60 20231301000000 1 1 a. AAAA\n",
	"zone:4:18: error: RRSIG: \"20231301000000\" is no time "
	"(YYYYMMDDHHmmSS, or seconds since 1970)\n"},
    {"a time of 13 digits", "a RRSIG A 8 2 60 2023010100000 1 1 a. AAAA\n",
	"zone:4:18: error: RRSIG: \"2023010100000\" is no time "
	"(YYYYMMDDHHmmSS, or seconds since 1970)\n"},
    {"a salt of half an octet", "a NSEC3PARAM 1 0 1 aab\n",
	"zone:4:20: error: NSEC3PARAM: \"aab\" is no salt (hexadecimal up to "
	"255 octets, or -)\n"},
    {"a hash with a digit that is none",
	"a NSEC3 1 0 1 - 2vptu5timamqttgl4luu9kg21e0aor3w A\n",
	"zone:4:17: error: NSEC3: \"2vptu5timamqttgl4luu9kg21e0aor3w\" is no "
	"hash in base 32\n"},
    {"a hash that loses bits", "a NSEC3 1 0 1 - 2v A\n",
	"zone:4:17: error: NSEC3: \"2v\" is no hash in base 32\n"},
    {"a matching type that is none", "a TLSA 3 1 SHA3 aa\n",
	"zone:4:12: error: TLSA: \"SHA3\" is no matching type (number or "
	"mnemonic)\n"},
    {"a certificate type above 65535", "a CERT 65536 1 8 AAAA\n",
	"zone:4:8: error: CERT: \"65536\" is no certificate type (number or "
	"mnemonic)\n"},
    {"no tag", "a CAA 0 \"\" \"x\"\n",
	"zone:4:9: error: CAA: \"\" cannot be quoted here\n"},
    {"an EUI cut short", "a EUI48 00-00-5e-00-53\n",
	"zone:4:9: error: EUI48: \"00-00-5e-00-53\" is no EUI "
	"(00-00-5e-...)\n"},
    {"an EUI too long", "a EUI48 00-00-5e-00-53-2a-00\n",
	"zone:4:9: error: EUI48: \"00-00-5e-00-53-2a-00\" is longer than an "
	"EUI\n"},
    {"an identifier of three groups", "a NID 10 14:4fff:ff20\n",
	"zone:4:10: error: NID: \"14:4fff:ff20\" is no 64-bit identifier "
	"(0014:4fff:ff20:ee64)\n"},
    {"an identifier with a group too large", "a L64 10 1:2:3:45678\n",
	"zone:4:10: error: L64: \"1:2:3:45678\" is no 64-bit identifier "
	"(0014:4fff:ff20:ee64)\n"},
    {"a type that is none in a signature", "a RRSIG FOO 8 2 60 1 2 3 a. AAAA\n",
	"zone:4:9: error: RRSIG: \"FOO\" is no record type\n"},
    {"a salt of other digits", "a NSEC3PARAM 1 0 1 aagg\n",
	"zone:4:20: error: NSEC3PARAM: \"aagg\" is no salt (hexadecimal up to "
	"255 octets, or -)\n"},
    {"a hash of one digit", "a NSEC3 1 0 1 - 0 A\n",
	"zone:4:17: error: NSEC3: \"0\" is no hash in base 32\n"},
    {"quotes behind the first part of a key",
	"a DNSKEY 257 3 8 AAAA \"AAAA\"\n",
	"zone:4:23: error: DNSKEY: \"AAAA\" cannot be quoted here\n"},
    {"an EUI without its separators", "a EUI48 00005e00532a\n",
	"zone:4:9: error: EUI48: \"00005e00532a\" is no EUI "
	"(00-00-5e-...)\n"},
    {"an identifier of five groups", "a NID 10 1:2:3:4:5\n",
	"zone:4:10: error: NID: \"1:2:3:4:5\" is no 64-bit identifier "
	"(0014:4fff:ff20:ee64)\n"},
    {"an identifier with an empty group", "a NID 10 1::3:4\n",
	"zone:4:10: error: NID: \"1::3:4\" is no 64-bit identifier "
	"(0014:4fff:ff20:ee64)\n"},
    {"a mnemonic with an odd character", "a DS 1 RSA_SHA 1 aa\n",
	"zone:4:8: error: DS: \"RSA_SHA\" is no DNSSEC algorithm (number or "
	"mnemonic)\n"},
    {"quotes inside a location", "a LOC 9 \"N\" 4 E 1m\n",
	"zone:4:9: error: LOC: \"N\" cannot be quoted here\n"},
    {"a location cut short", "a LOC 9 N 4\n",
	"zone:4:3: error: LOC: the record ends too early\n"},
    {"too many digits", "a LOC 9 N 4 E 12345678901m\n",
	"zone:4:15: error: LOC: \"12345678901m\" is no length in metres (RFC "
	"1876, 3)\n"},
    {"a prefix without a length", "a APL 1:192.0.2.0\n",
	"zone:4:7: error: APL: \"1:192.0.2.0\" is no address prefix "
	"([!]1:192.0.2.0/24)\n"},
    {"a host identity of no algorithm", "a HIP 256 20 AAAA\n",
	"zone:4:7: error: HIP: \"256\" is no number from 0 to 255\n"},
    {"a host identity without a key", "a HIP 2 20\n",
	"zone:4:3: error: HIP: the record ends too early\n"},
    {"a tag of half an octet", "a HIP 2 200 AAAA\n",
	"zone:4:9: error: HIP: \"200\" is not whole octets of hexadecimal\n"},
    {"a key that is no base 64", "a HIP 2 20 AAA\n",
	"zone:4:12: error: HIP: \"AAA" NO_BASE64},
    {"a rendezvous server that is no name", "a HIP 2 20 AAAA a..b\n",
	"zone:4:17: error: HIP: \"a..b\" " NO_NAME},
    {"a gateway that is missing", "a IPSECKEY 10 1 2\n",
	"zone:4:3: error: IPSECKEY: the record ends too early\n"},
    {"a precedence too large", "a IPSECKEY 256 0 2 . AAAA\n",
	"zone:4:12: error: IPSECKEY: \"256\" is no number from 0 to 255\n"},
    {"too many degrees", "a LOC 91 N 4 E 1m\n",
	"zone:4:7: error: LOC: \"91\" is no part of an angle (RFC 1876, 3)\n"},
    {"degrees with a part", "a LOC 9.5 N 4 E 1m\n",
	"zone:4:7: error: LOC: \"9.5\" is no part of an angle (RFC 1876, 3)\n"},
    {"a little too much", "a LOC 90 0 0.001 N 4 E 1m\n",
	"zone:4:18: error: LOC: \"N\" ends an angle that is too large\n"},
    {"the wrong letter", "a LOC 9 0 0 E 4 E 1m\n",
	"zone:4:13: error: LOC: \"E\" is not the letter behind an angle (RFC "
	"1876, 3)\n"},
    {"a part of a thousandth of a second", "a LOC 9 0 0.0001 N 4 E 1m\n",
	"zone:4:11: error: LOC: \"0.0001\" is no part of an angle (RFC 1876, "
	"3)\n"},
    {"no altitude", "a LOC 9 N 4 E\n",
	"zone:4:3: error: LOC: the record ends too early\n"},
    {"too high", "a LOC 9 N 4 E 42849672.96m\n",
	"zone:4:15: error: LOC: \"42849672.96m\" is no length in metres (RFC "
	"1876, 3)\n"},
    {"too deep", "a LOC 9 N 4 E -100000.01m\n",
	"zone:4:15: error: LOC: \"-100000.01m\" is below -100000m\n"},
    {"too large", "a LOC 9 N 4 E 0m 90000000.01m\n",
	"zone:4:18: error: LOC: \"90000000.01m\" is no length in metres (RFC "
	"1876, 3)\n"},
    {"smaller than nothing", "a LOC 9 N 4 E 0m -1m\n",
	"zone:4:18: error: LOC: \"-1m\" is below 0\n"},
    {"more than a location holds", "a LOC 9 N 4 E 0m 1m 1m 1m 1m\n",
	"zone:4:27: error: LOC: \"1m\" is more than such a record holds\n"},
    {"a prefix too long", "a APL 1:192.0.2.0/33\n",
	"zone:4:7: error: APL: \"1:192.0.2.0/33\" is no address prefix "
	"([!]1:192.0.2.0/24)\n"},
    {"a prefix of no family", "a APL 1:192.0.2.0/24 3:aa/4\n",
	"zone:4:22: error: APL: \"3:aa/4\" is no address prefix "
	"([!]1:192.0.2.0/24)\n"},
    {"a gateway of no kind", "a IPSECKEY 10 4 2 . AAAA\n",
	"zone:4:15: error: IPSECKEY: \"4\" is no type of gateway from 0 to 3 "
	"(RFC 4025, 2.3)\n"},
    {"a gateway where there is none", "a IPSECKEY 10 0 2 a. AAAA\n",
	"zone:4:19: error: IPSECKEY: \"a.\" is not the . of no gateway\n"},
    {"a gateway of the other family", "a IPSECKEY 10 2 2 192.0.2.1 AAAA\n",
	"zone:4:19: error: IPSECKEY: \"192.0.2.1\" is no IPv6 address\n"},
    {"a key with a hidden blank", "a IPSECKEY 10 0 2 . AQN\\ U3mG\n",
	"zone:4:21: error: IPSECKEY: \"AQN\\ U3mG" NO_BASE64},
    {"a tag that is no hexadecimal", "a HIP 2 20.1 AAAA\n",
	"zone:4:9: error: HIP: \"20.1\" is not hexadecimal of at most 255 "
	"octets\n"},
    {"a type whose text is not read here", "a WKS 192.0.2.1 TCP 25\n",
	"zone:4:3: error: WKS: " NO_TEXT},
    {"a NSAP as text", "a NSAP 0x47\n", "zone:4:3: error: NSAP: " NO_TEXT},
    {"a NXT as text", "a NXT b. A\n", "zone:4:3: error: NXT: " NO_TEXT},
    {"an ATMA as text", "a ATMA +61.2.0000\n",
	"zone:4:3: error: ATMA: " NO_TEXT},
    {"an A6 as text", "a A6 0 2001:db8::1\n", "zone:4:3: error: A6: " NO_TEXT},
    {"a SINK as text", "a SINK 1 2 3 AAAA\n",
	"zone:4:3: error: SINK: " NO_TEXT},
    {"a DSYNC as text", "a DSYNC CDS 1 5300 b.\n",
	"zone:4:3: error: DSYNC: " NO_TEXT},
    {"a string of ISDN too many", "a ISDN 1 2 3\n",
	"zone:4:12: error: ISDN: \"3\" is more than such a record holds\n"},
    {"no parameter", "a HTTPS 1 . alpn=h2 foo=1\n",
	"zone:4:21: error: HTTPS: \"foo=1\" is no service parameter (RFC "
	"9460, 2.1); keyNNN names any\n"},
    {"a key with a zero in front", "a HTTPS 1 . key07=x\n",
	"zone:4:13: error: HTTPS: \"key07=x\" is no service parameter (RFC "
	"9460, 2.1); keyNNN names any\n"},
    {"the key that is none", "a HTTPS 1 . key65535=x\n",
	"zone:4:13: error: HTTPS: \"key65535=x\" is no service parameter (RFC "
	"9460, 2.1); keyNNN names any\n"},
    {"a quoted parameter", "a HTTPS 1 . \"alpn=h2\"\n",
	"zone:4:13: error: HTTPS: \"alpn=h2\" cannot be quoted here\n"},
    {"quotes in the middle", "a HTTPS 1 . alpn=h\"2\"\n",
	"zone:4:13: error: HTTPS: \"alpn=h\"2\"\" has quotes that do not go "
	"around the whole value\n"},
    {"something behind the quotes", "a HTTPS 1 . alpn=\"h2\"x\n",
	"zone:4:13: error: HTTPS: \"alpn=\"h2\"x\" has quotes that do not go "
	"around the whole value\n"},
    {"a port too large", "a HTTPS 1 . port=65536\n",
	"zone:4:13: error: HTTPS: \"port=65536\" is no number from 0 to "
	"65535\n"},
    {"a port with a NUL", "a HTTPS 1 . port=44\\000\n",
	"zone:4:13: error: HTTPS: \"port=44\\000\" has a NUL in its value\n"},
    {"an empty protocol", "a HTTPS 1 . alpn=h2,,h3\n",
	"zone:4:13: error: HTTPS: \"alpn=h2,,h3\" has a bad value in its "
	"list\n"},
    {"an escape no list has", "a HTTPS 1 . alpn=\"h\\\\2\"\n",
	"zone:4:13: error: HTTPS: \"alpn=\"h\\\\2\"\" has a bad value in its "
	"list\n"},
    {"a hint of the other family", "a HTTPS 1 . ipv4hint=::1\n",
	"zone:4:13: error: HTTPS: \"ipv4hint=::1\" has a bad value in its "
	"list\n"},
    {"an address no IPv6 hint can hold",
	"a HTTPS 1 . ipv6hint=0000:0000:0000:0000:0000:0000:0000:0000:0\n",
	"zone:4:13: error: HTTPS: \"ipv6hint=0000:0000:0000:0000:0000:0000:"
	"0000:0000:0\" has a bad value in its list\n"},
    {"an unknown key in mandatory", "a HTTPS 1 . mandatory=foo\n",
	"zone:4:13: error: HTTPS: \"mandatory=foo\" has a bad value in its "
	"list\n"},
    {"ech that is no base 64", "a HTTPS 1 . ech=a\n",
	"zone:4:13: error: HTTPS: \"a" NO_BASE64},
};

/* And data that no such record may hold. */
static const struct row refused[] = {
    {"too far north", "a GPOS 90.01 0 0\n", AT "GPOS: " NO_ANGLE},
    {"too far south", "a GPOS -91 0 0\n", AT "GPOS: " NO_ANGLE},
    {"too far east", "a GPOS 0 180.000000001 0\n", AT "GPOS: " NO_ANGLE},
    {"an angle that is too large for a number", "a GPOS 42949672961 0 0\n",
	AT "GPOS: " NO_ANGLE},
    {"a digest of no algorithm", "a DS 1 0 1 " HEX20 "\n",
	AT "DS: " NO_ALGORITHM},
    {"a key of no algorithm", "a DNSKEY 257 3 0 AAAA\n",
	AT "DNSKEY: " NO_ALGORITHM},
    {"a signature of no algorithm", "a RRSIG A 0 2 60 1 2 3 a. AAAA\n",
	AT "RRSIG: " NO_ALGORITHM},
    {"a signature of the type 0", "a RRSIG TYPE0 8 2 60 1 2 3 a. AAAA\n",
	AT "RRSIG: it signs a type that is no data (RFC 4034, 3.1.1)\n"},
    {"a bitmap with the type 0", "a NSEC a. TYPE0 A\n", AT "NSEC: " NO_BITMAP},
    {"a bitmap with OPT", "a NSEC a. A TYPE41\n", AT "NSEC: " NO_BITMAP},
    {"a bitmap with ANY", "a CSYNC 66 3 A ANY\n", AT "CSYNC: " NO_BITMAP},
    {"octets too few", "a A \\# 3 aabbcc\n", AT "A: the RDATA is too short\n"},
    {"octets too many", "a AAAA \\# 17 " HEX12 "0102030405\n",
	AT "AAAA: the RDATA is too long\n"},
    {"a compressed name", "a CNAME \\# 2 c000\n",
	AT "CNAME: the RDATA holds no valid name where one belongs\n"},
    {"a string that runs over its end", "a TXT \\# 3 056162\n",
	AT "TXT: the RDATA is too short\n"},
    {"no string at all", "a TXT \\# 0\n", AT "TXT: the RDATA is too short\n"},
    {"a string more than HINFO has", "a HINFO \\# 3 000000\n",
	AT "HINFO: the RDATA is too long\n"},
    {"a SOA with a time too large",
	"@ SOA \\# 22 00000000000100000001800000000000000100000001\n",
	"zone:4:1: error: example. SOA: a time is above 2147483647 (RFC 2181, "
	"8)\n"},
    {"an X.25 address of three digits", "a X25 311\n",
	AT "X25: an address is four digits at least (RFC 1183, 3.1)\n"},
    {"an X.25 address with a letter", "a X25 3110a\n",
	AT "X25: an address is four digits at least (RFC 1183, 3.1)\n"},
    {"a position that is no number", "a GPOS 1.0 east 1\n",
	AT "GPOS: longitude, latitude and altitude are decimal numbers (RFC "
	   "1712, 3)\n"},
    {"three strings of ISDN", "a ISDN \\# 6 016101610161\n",
	AT "ISDN: there are more than two strings (RFC 1183, 3.2)\n"},
    {"a service without a protocol", "a WKS \\# 4 c0000201\n",
	AT "WKS: the RDATA is too short\n"},
    {"another version of LOC",
	"a LOC \\# 16 01121613934fd900a69fb20000000000\n",
	AT "LOC: its version is not 0 (RFC 1876, 2)\n"},
    {"a size with a digit above 9",
	"a LOC \\# 16 00a21613934fd900a69fb20000000000\n",
	AT "LOC: a size or precision has a digit above 9 (RFC 1876, 2)\n"},
    {"a latitude above 90 degrees",
	"a LOC \\# 16 00121613934fd901a69fb20000000000\n",
	AT "LOC: the latitude is above 90 degrees (RFC 1876, 2)\n"},
    {"a longitude above 180 degrees",
	"a LOC \\# 16 00121613934fd900a69fb20100000000\n",
	AT "LOC: the longitude is above 180 degrees (RFC 1876, 2)\n"},
    {"a bitmap of NXT with a zero at its end", "a NXT \\# 3 000000\n",
	AT "NXT: the type bitmap is not well formed (RFC 2535, 5.2)\n"},
    {"a format of ATMA that is none", "a ATMA \\# 2 0200\n",
	AT "ATMA: its format is neither 0 (AESA) nor 1 (E.164)\n"},
    {"letters in an E.164 address", "a ATMA \\# 2 0161\n",
	AT "ATMA: an E.164 address is decimal digits\n"},
    {"flags of NAPTR that are none", "a NAPTR 1 1 \"u!\" \"\" \"\" .\n",
	AT "NAPTR: flags are letters and digits (RFC 3403, 4.1)\n"},
    {"an expression without its end", "a NAPTR 1 1 u \"\" \"!a!b\" .\n",
	AT "NAPTR: the regular expression has not the form "
	   "!expression!replacement! (RFC 3402, 3.2)\n"},
    {"an expression with an unknown flag", "a NAPTR 1 1 u \"\" \"!a!b!g\" .\n",
	AT "NAPTR: the regular expression has not the form "
	   "!expression!replacement! (RFC 3402, 3.2)\n"},
    {"an expression with a digit as delimiter",
	"a NAPTR 1 1 u \"\" \"1a1b1\" .\n",
	AT "NAPTR: the regular expression has not the form "
	   "!expression!replacement! (RFC 3402, 3.2)\n"},
    {"a replacement with more groups than there are",
	"a NAPTR 1 1 u \"\" \"!^(a)(b)$!\\\\3!\" .\n",
	AT "NAPTR: the replacement takes over a group that the regular "
	   "expression has not (RFC 3402, 3.2)\n"},
    {"a replacement with the group 0",
	"a NAPTR 1 1 u \"\" \"!^(a)$!\\\\0!\" .\n",
	AT "NAPTR: the replacement takes over a group that the regular "
	   "expression has not (RFC 3402, 3.2)\n"},
    {"A6 that ends before its name", "a A6 \\# 1 80\n",
	AT "A6: the prefix and its name do not agree (RFC 2874, 3.1)\n"},
    {"A6 with a bit of the prefix", "a A6 \\# 13 3d080000000000000001017000\n",
	AT "A6: bits of the prefix are not 0 (RFC 2874, 3.1)\n"},
    {"A6 with a name it has no use for",
	"a A6 \\# 18 0020010db800000000000000000000000100\n",
	AT "A6: the prefix and its name do not agree (RFC 2874, 3.1)\n"},
    {"an APL item with a zero at its end", "a APL \\# 5 0001080100\n",
	AT "APL: a prefix is not well formed (RFC 3123, 4)\n"},
    {"an APL item cut short", "a APL \\# 5 00010804c0\n",
	AT "APL: a prefix is not well formed (RFC 3123, 4)\n"},
    {"a prefix of IPv4 above 32", "a APL \\# 5 00012101c0\n",
	AT "APL: a prefix is not well formed (RFC 3123, 4)\n"},
    {"a digest of another length", "a DS 1 8 2 " HEX20 "\n",
	AT "DS: the digest has not the length of its type (RFC 3658, 2.4; RFC "
	   "4509; RFC 5933; RFC 6605)\n"},
    {"a DS without a digest", "a DS \\# 4 00010802\n",
	AT "DS: the RDATA is too short\n"},
    {"a CDS of no algorithm with a digest", "a CDS 1 0 2 " HEX32 "\n",
	AT "CDS: algorithm 0 stands in \"0 0 0 00\" only (RFC 8078, 4)\n"},
    {"a DLV like a DS", "a DLV 1 8 4 " HEX32 "\n",
	AT "DLV: the digest has not the length of its type (RFC 3658, 2.4; "
	   "RFC 4509; RFC 5933; RFC 6605)\n"},
    {"a fingerprint of another length", "a SSHFP 1 2 " HEX20 "\n",
	AT "SSHFP: the fingerprint has not the length of its type (RFC 4255, "
	   "3.1.3; RFC 6594, 4)\n"},
    {"TLSA of another length", "a TLSA 3 1 1 " HEX64 "\n",
	AT "TLSA: the data has not the length of its matching type (RFC 6698, "
	   "2.1.3)\n"},
    {"SMIMEA of another length", "a SMIMEA 3 1 2 " HEX32 "\n",
	AT "SMIMEA: the data has not the length of its matching type (RFC "
	   "6698, 2.1.3)\n"},
    {"TLSA without data", "a TLSA \\# 3 030100\n",
	AT "TLSA: the RDATA is too short\n"},
    {"a key of no algorithm", "a IPSECKEY 10 0 0 . AAAA\n",
	AT "IPSECKEY: a key stands there unless the algorithm is 0 (RFC 4025, "
	   "2.4)\n"},
    {"an algorithm without a key", "a IPSECKEY 10 0 2 .\n",
	AT "IPSECKEY: a key stands there unless the algorithm is 0 (RFC 4025, "
	   "2.4)\n"},
    {"a gateway of no kind, as octets", "a IPSECKEY \\# 4 0a040201\n",
	AT "IPSECKEY: there is no such type of gateway (RFC 4025, 2.3)\n"},
    {"a signature with more labels than names have",
	"a RRSIG A 8 128 60 1 2 3 a. AAAA\n",
	AT "RRSIG: it has more labels than a name has\n"},
    {"a signature of another length", "a RRSIG A 13 2 60 1 2 3 a. AAAA\n",
	AT "RRSIG: the signature has not the length of its algorithm (RFC "
	   "6605, 4; RFC 8080, 4)\n"},
    {"no signature",
	"a RRSIG \\# 19 " HEX12 "0c0d0e0f1011"
	"00\n",
	AT "RRSIG: the RDATA is too short\n"},
    {"an empty NSEC", "a NSEC b.\n",
	AT "NSEC: the type bitmap is not well formed (RFC 4034, 4.1.2)\n"},
    {"windows in the wrong order", "a NSEC \\# 7 00010140000140\n",
	AT "NSEC: the type bitmap is not well formed (RFC 4034, 4.1.2)\n"},
    {"a window of no octets", "a NSEC \\# 3 000000\n",
	AT "NSEC: the type bitmap is not well formed (RFC 4034, 4.1.2)\n"},
    {"a window with a zero at its end", "a NSEC \\# 5 0000024000\n",
	AT "NSEC: the type bitmap is not well formed (RFC 4034, 4.1.2)\n"},
    {"a window of 33 octets", "a NSEC \\# 36 000021" HEX32 "01\n",
	AT "NSEC: the type bitmap is not well formed (RFC 4034, 4.1.2)\n"},
    {"CSYNC with a broken bitmap", "a CSYNC \\# 8 0000000000000002\n",
	AT "CSYNC: the type bitmap is not well formed (RFC 4034, 4.1.2)\n"},
    {"a DNSKEY of another protocol", "a DNSKEY 256 2 8 AAAA\n",
	AT "DNSKEY: its protocol is not 3 (RFC 4034, 2.1.2)\n"},
    {"a key of another length", "a DNSKEY 256 3 13 " B64_32 "\n",
	AT "DNSKEY: the key has not the length of its algorithm (RFC 6605, 4; "
	   "RFC 8080, 3)\n"},
    {"a CDNSKEY of no algorithm", "a CDNSKEY 256 3 0 AAAA\n",
	AT "CDNSKEY: algorithm 0 stands in \"0 3 0 AA==\" only (RFC 8078, "
	   "4)\n"},
    {"a CDNSKEY of another protocol", "a CDNSKEY 256 1 8 AAAA\n",
	AT "CDNSKEY: its protocol is not 3 (RFC 4034, 2.1.2)\n"},
    {"a DHCID of another length", "a DHCID AAIB\n",
	AT "DHCID: the RDATA is too short\n"},
    {"a DHCID of another length", "a DHCID AAIBAAAA\n",
	AT "DHCID: the digest has not the length of its type (RFC 4701, "
	   "3.3)\n"},
    {"a hash of another length", "a NSEC3 1 0 1 - 00000000 A\n",
	AT "NSEC3: the next hash has not the length of its algorithm (RFC "
	   "5155, 3.1.7)\n"},
    {"a NSEC3 without a hash", "a NSEC3 \\# 5 0100000100\n",
	AT "NSEC3: the RDATA is too short\n"},
    {"a NSEC3 with a hash of no octets", "a NSEC3 \\# 6 010000010000\n",
	AT "NSEC3: the next hash has not the length of its algorithm (RFC "
	   "5155, 3.1.7)\n"},
    {"a NSEC3 with a broken bitmap",
	"a NSEC3 \\# 28 010000010014" HEX20 "0000\n",
	AT "NSEC3: the type bitmap is not well formed (RFC 4034, 4.1.2)\n"},
    {"a salt longer than it says", "a NSEC3PARAM \\# 7 010000010101ff\n",
	AT "NSEC3PARAM: the RDATA is too long\n"},
    {"a host identity without tag", "a HIP \\# 5 0002000100\n",
	AT "HIP: the host identity tag or the key is empty (RFC 8005, 5)\n"},
    {"a rendezvous server that is no name", "a HIP \\# 7 01020001aabb40\n",
	AT "HIP: a rendezvous server is no valid name\n"},
    {"a host identity cut short", "a HIP \\# 5 01020002aa\n",
	AT "HIP: the RDATA is too short\n"},
    {"an empty OPENPGPKEY", "a OPENPGPKEY \\# 0\n",
	AT "OPENPGPKEY: the RDATA is too short\n"},
    {"a zone digest of 11 octets", "a ZONEMD 1 1 240 0102030405060708090a0b\n",
	AT "ZONEMD: the digest is shorter than 12 octets (RFC 8976, 2.2.4)\n"},
    {"a zone digest of another length", "a ZONEMD 1 1 1 " HEX64 "\n",
	AT "ZONEMD: the digest has not the length of its algorithm (RFC 8976, "
	   "2.2.3)\n"},
    {"an empty URI", "a URI 10 1 \"\"\n", AT "URI: the RDATA is too short\n"},
    {"a CAA with an empty tag", "a CAA \\# 2 0000\n",
	AT "CAA: the tag is not letters and digits (RFC 8659, 4.1)\n"},
    {"a CAA with another tag", "a CAA \\# 4 00022d2d\n",
	AT "CAA: the tag is not letters and digits (RFC 8659, 4.1)\n"},
    {"a parameter twice", "a SVCB 1 . alpn=h2 alpn=h3\n",
	AT "SVCB: a parameter stands twice (RFC 9460, 2.2)\n"},
    {"a parameter twice by its number", "a SVCB 1 . alpn=h2 key1=\\002h2\n",
	AT "SVCB: a parameter stands twice (RFC 9460, 2.2)\n"},
    {"keys in the wrong order",
	"a SVCB \\# 16 0001000003000200350001000302"
	"6832\n",
	AT "SVCB: the parameters are not in the order of their keys (RFC "
	   "9460, 2.2)\n"},
    {"a parameter cut short", "a SVCB \\# 8 0001000003000200\n",
	AT "SVCB: a parameter is cut short (RFC 9460, 2.2)\n"},
    {"the head of a parameter cut short", "a SVCB \\# 6 000100000300\n",
	AT "SVCB: a parameter is cut short (RFC 9460, 2.2)\n"},
    {"mandatory that names what is not there", "a SVCB 1 . mandatory=alpn\n",
	AT "SVCB: mandatory: names a key that is not there (RFC 9460, 8)\n"},
    {"mandatory that names itself",
	"a SVCB 1 . mandatory=mandatory,alpn alpn=h2\n",
	AT "SVCB: mandatory: not a list of keys, each once, without itself "
	   "(RFC 9460, 8)\n"},
    {"mandatory that names one twice",
	"a SVCB 1 . mandatory=alpn,key1 alpn=h2\n",
	AT "SVCB: mandatory: not a list of keys, each once, without itself "
	   "(RFC 9460, 8)\n"},
    {"mandatory without a value", "a SVCB 1 . mandatory\n",
	AT "SVCB: mandatory: not a list of keys, each once, without itself "
	   "(RFC 9460, 8)\n"},
    {"alpn without a value", "a SVCB 1 . alpn\n",
	AT "SVCB: alpn: not a list of protocols (RFC 9460, 7.1)\n"},
    {"alpn that runs over its end", "a SVCB 1 . key1=\\003h2\n",
	AT "SVCB: alpn: not a list of protocols (RFC 9460, 7.1)\n"},
    {"no-default-alpn with a value", "a SVCB 1 . alpn=h2 no-default-alpn=x\n",
	AT "SVCB: no-default-alpn has no value (RFC 9460, 7.1)\n"},
    {"no-default-alpn alone", "a SVCB 1 . no-default-alpn\n",
	AT "SVCB: no-default-alpn without alpn (RFC 9460, 7.1.1)\n"},
    {"a port without a number", "a SVCB 1 . port\n",
	AT "SVCB: port: not a number (RFC 9460, 7.2)\n"},
    {"a hint of five octets", "a SVCB 1 . key4=abcde\n",
	AT "SVCB: ipv4hint: not a list of addresses (RFC 9460, 7.3)\n"},
    {"a hint of no octets", "a SVCB 1 . ipv6hint\n",
	AT "SVCB: ipv6hint: not a list of addresses (RFC 9460, 7.3)\n"},
    {"ech of nothing", "a SVCB 1 . ech\n", AT "SVCB: ech: is empty\n"},
    {"a path that is none", "a SVCB 1 . dohpath=dns\n", AT DOHPATH},
    {"a path without the variable dns", "a SVCB 1 . dohpath=/q{?dnsx,xdns}\n",
	AT DOHPATH},
    {"a path with an open expression", "a SVCB 1 . dohpath=/q{?dns\n",
	AT DOHPATH},
    {"a path that is no UTF-8", "a SVCB 1 . dohpath=/\\237\\160\\128{?dns}\n",
	AT DOHPATH},
    {"a path with an octet of UTF-8 alone", "a SVCB 1 . dohpath=/{?dns}\\128\n",
	AT DOHPATH},
    {"a path that ends within a character", "a SVCB 1 . dohpath=/{?dns}\\195\n",
	AT DOHPATH},
    {"a path with a character of too many octets",
	"a SVCB 1 . dohpath=/{?dns}\\192\\175\n", AT DOHPATH},
    {"ohttp with a value", "a SVCB 1 . ohttp=1\n",
	AT "SVCB: ohttp has no value (RFC 9540, 4)\n"},
    {"the key that is none, as octets", "a SVCB \\# 7 000100ffff0000\n",
	AT "SVCB: key65535 is no key (RFC 9460, 14.3.2)\n"},
};

/* What is told, and stops nothing. */
static const struct row told[] = {
    {"parameters of an alias", "a SVCB 0 b. port=1\n",
	"zone:4:1: warning: a.example. SVCB: parameters beside priority 0 are "
	"ignored (RFC 9460, 2.4.2)\n"},
    {"an expression and a replacement", "a NAPTR 1 1 u \"\" \"!a!b!\" b.\n",
	"zone:4:1: warning: a.example. NAPTR: a regular expression and a "
	"replacement exclude each other (RFC 3403, 4.1)\n"},
    {"flags of NSEC3PARAM", "@ NSEC3PARAM 1 1 0 -\n",
	"zone:4:1: warning: example. NSEC3PARAM: its flags are not 0, so that "
	"servers ignore it (RFC 5155, 4.1.2)\n"},
};

static void
check_rows(const struct row *rows, size_t n, bool errors)
{
	for (size_t i = 0; i < n; i++) {
		struct zone *zone;
		char text[2048];

		snprintf(text, sizeof(text), HEAD "%s", rows[i].more);
		zone = fixture_zone("example.", text, &eb);
		ck_assert_msg((zone == NULL) == errors, "%s", rows[i].says);
		ck_assert_msg(strcmp(eb.text, rows[i].messages) == 0, "%s: %s",
		    rows[i].says, eb.text);
		zone_destroy(zone);
	}
}

START_TEST(bad_text)
{
	check_rows(bad, sizeof(bad) / sizeof(bad[0]), true);
}
END_TEST

START_TEST(bad_data)
{
	check_rows(refused, sizeof(refused) / sizeof(refused[0]), true);
}
END_TEST

START_TEST(odd_data)
{
	check_rows(told, sizeof(told) / sizeof(told[0]), false);
}
END_TEST

/* More parameters than anyone writes, in the wrong order. */
START_TEST(many_parameters)
{
	const size_t size = (size_t)1 << 18;
	char *text = malloc(size);
	struct zone *zone;
	size_t len;

	len = (size_t)snprintf(text, size, HEAD "a SVCB 1 .");
	for (int i = 16000; i > 100; i--)
		len += (size_t)snprintf(text + len, size - len, " key%d", i);
	zone = fixture_zone("example.", text, &eb);
	ck_assert_msg(zone != NULL, "%s", eb.text);
	zone_destroy(zone);

	len = (size_t)snprintf(text, size, HEAD "a SVCB 1 .");
	for (int i = 20000; i > 100; i--)
		len += (size_t)snprintf(text + len, size - len, " key%d", i);
	ck_assert_ptr_null(fixture_zone("example.", text, &eb));
	ck_assert_str_eq(eb.text,
	    "zone:4:3: error: SVCB: the RDATA is longer than 65535 octets\n");
	free(text);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("dns_rdata");
	TCase *types = tcase_create("types");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(types, 60);
	tcase_add_test(types, read_rightly);
	tcase_add_test(types, every_type);
	tcase_add_test(types, folded);
	tcase_add_test(types, spoilt_octets);
	tcase_add_test(types, bad_text);
	tcase_add_test(types, bad_data);
	tcase_add_test(types, odd_data);
	tcase_add_test(types, many_parameters);
	suite_add_tcase(suite, types);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
