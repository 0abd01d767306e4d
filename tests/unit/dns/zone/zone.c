/*
 * Zones: what a whole zone must hold, what its nodes say, that names are found.
 */
#include <check.h>
#include <stdlib.h>

#include "base/clock.h"
#include "dns/wire/protocol.h"
#include "dns/wire/wire.h"
#include "dns/zone/zone_builder.h"
#include "tests/unit/zone_fixture.h"

/* Four lines: what a row adds begins at line 5. */
#define HEAD                                  \
	"$TTL 300\n"                          \
	"@ SOA ns host 7 3600 600 86400 60\n" \
	"@ NS ns\n"                           \
	"ns A 192.0.2.1\n"

static struct errbuf eb;

static struct zone *
make_zone(const char *more)
{
	char text[4096];

	snprintf(text, sizeof(text), HEAD "%s", more);
	return fixture_zone("example.", text, &eb);
}

#define SHA_1 "0123456789012345678901234567890123456789"

/* What is said of a zone of HEAD and more; it is built unless that is an
 * error. */
static const struct {
	const char *says, *more, *messages;
} checks[] = {
    {"nothing to say of a plain zone", "www A 192.0.2.2\n", ""},
    {"CNAME beside data", "www CNAME x.else.\nwww A 192.0.2.2\n",
	"zone:6:1: error: www.example.: A beside a CNAME, which stands at line "
	"5 "
	"(RFC 2181, 10.1)\n"},
    {"data before the CNAME", "www TXT x\nwww CNAME x.else.\n",
	"zone:5:1: error: www.example.: TXT beside a CNAME, which stands at "
	"line "
	"6 (RFC 2181, 10.1)\n"},
    {"what signs a CNAME may stand beside it",
	"c CNAME x.else.\n"
	"c RRSIG CNAME 8 2 300 20300101000000 20200101000000 1 @ AAAA\n"
	"c NSEC d CNAME\n"
	"c KEY 256 3 8 AAAA\n",
	""},
    {"two CNAMEs", "c CNAME a.else.\nc CNAME b.else.\n",
	"zone:6:1: error: c.example. CNAME: there can be only one; another "
	"stands at line 5\n"},
    {"two DNAMEs", "d DNAME a.\nd DNAME b.\n",
	"zone:6:1: error: d.example. DNAME: there can be only one; another "
	"stands at line 5\n"},
    {"two SOAs", "@ SOA ns host 8 3600 600 86400 60\n",
	"zone:5:1: error: example. SOA: there can be only one; another stands "
	"at line 2\n"},
    {"the same SOA twice is one", "@ SOA NS host 7 1h 10m 1d 1m\n",
	"zone:5:1: warning: example. SOA: the same record stands at line 2\n"},
    {"a SOA below the apex", "sub SOA ns host 7 3600 600 86400 60\n",
	"zone:5:1: error: sub.example. SOA: this name is not the apex of the "
	"zone\n"},
    {"data below a DNAME", "d DNAME a.\nx.d A 192.0.2.2\n",
	"zone:6:1: error: x.d.example.: stands below the DNAME at d.example. "
	"(RFC 6672, 2.4)\n"},
    {"data far below a DNAME", "x.y.d A 192.0.2.2\nd DNAME a.\n",
	"zone:5:1: error: x.y.d.example.: stands below the DNAME at d.example. "
	"(RFC 6672, 2.4)\n"},
    {"data beside a DNAME is fine", "d DNAME a.\nd A 192.0.2.2\n", ""},
    {"DNAME beside a delegation", "d NS ns\nd DNAME a.\n",
	"zone:6:1: error: d.example.: DNAME beside NS (RFC 6672, 2.3)\n"},
    {"a wildcard delegation", "*.d NS ns\n",
	"zone:5:1: error: *.d.example.: NS at a wildcard (RFC 4592, 4.2)\n"},
    {"a wildcard DNAME", "*.d DNAME a.\n",
	"zone:5:1: warning: *.d.example.: a DNAME at a wildcard is never "
	"followed by resolvers as meant (RFC 6672, 3.3)\n"},
    {"out of the zone", "www.example.org. A 192.0.2.2\n",
	"zone:5:1: error: www.example.org.: is not in the zone example.\n"},
    {"exact duplicates are dropped", "a A 192.0.2.2\na A 192.0.2.2\n",
	"zone:6:1: warning: a.example. A: the same record stands at line 5\n"},
    {"names in RDATA are compared without case",
	"a MX 1 NS.example.\n"
	"a MX 1 ns\n",
	"zone:6:1: warning: a.example. MX: the same record stands at line 5\n"},
    {"text is compared with case", "a TXT X\na TXT x\n", ""},
    {"several TTLs in a set", "a 60 A 192.0.2.2\na 50 A 192.0.2.3\n",
	"zone:6:1: warning: a.example. A: TTL 50, but 60 at line 5: the set "
	"gets the least, 50\n"},
    {"RRSIGs of several types may have several TTLs",
	"a 60 RRSIG A 8 2 60 20300101000000 20200101000000 1 @ AAAA\n"
	"a 50 RRSIG TXT 8 2 50 20300101000000 20200101000000 1 @ AAAA\n",
	""},
    {"a signature lives as long as what it signs (RFC 4034, 3)",
	"a 60 RRSIG A 8 2 60 20300101000000 20200101000000 1 @ AAAA\n"
	"a 50 A 192.0.2.2\n",
	"zone:5:1: warning: a.example. RRSIG: TTL 60, but the A that it signs "
	"has 50, which it gets\n"},
    {"several TTLs of signatures without what they sign",
	"a 60 RRSIG A 8 2 60 20300101000000 20200101000000 1 @ AAAA\n"
	"a 50 RRSIG A 8 2 60 20300101000000 20200101000000 2 @ AAAA\n",
	"zone:6:1: warning: a.example. RRSIG: TTL 50, but 60 at line 5: the "
	"set "
	"gets the least, 50\n"},
    {"NS that name a CNAME", "d NS c\nc CNAME ns\n",
	"zone:5:1: warning: d.example. NS: the host c.example. is a CNAME (RFC "
	"2181, 10.3)\n"},
    {"MX that name a CNAME", "@ MX 1 c\nc CNAME ns\n",
	"zone:5:1: warning: example. MX: the host c.example. is a CNAME (RFC "
	"2181, 10.3)\n"},
    {"SRV that name a CNAME", "_s._tcp SRV 1 2 3 c\nc CNAME ns\n",
	"zone:5:1: warning: _s._tcp.example. SRV: the host c.example. is a "
	"CNAME (RFC 2181, 10.3)\n"},
    {"a CNAME of a wildcard", "@ MX 1 x.w\n*.w CNAME ns\n",
	"zone:5:1: warning: example. MX: the host x.w.example. is a CNAME (RFC "
	"2181, 10.3)\n"},
    {"MX and SRV may say that there is none", "@ MX 0 .\n_s._tcp SRV 0 0 0 .\n",
	""},
    {"MX beside the one that says that there is none", "@ MX 0 .\n@ MX 1 ns\n",
	"zone:5:1: warning: example. MX: others stand beside it, but the host "
	". "
	"says that there is none (RFC 7505, 3)\n"},
    {"SRV beside the one that says that there is none",
	"_s._tcp SRV 0 0 0 .\n_s._tcp SRV 0 0 1 ns\n",
	"zone:5:1: warning: _s._tcp.example. SRV: others stand beside it, but "
	"the host . says that there is none (RFC 2782)\n"},
    {"CDS and CDNSKEY beside those that take all away",
	"@ CDS 0 0 0 00\n@ CDS 1 8 1 " SHA_1 "\n"
	"@ CDNSKEY 0 3 0 AA==\n@ CDNSKEY 257 3 8 AwEAAaetidLz\n",
	"zone:5:1: warning: example. CDS: others stand beside it, but "
	"algorithm "
	"0 takes all DS records away (RFC 8078, 4)\n"
	"zone:7:1: warning: example. CDNSKEY: others stand beside it, but "
	"algorithm 0 takes all DS records away (RFC 8078, 4)\n"},
    {"what belongs at the apex, there",
	"@ CDS 1 8 1 " SHA_1 "\n@ CDNSKEY 257 3 8 AwEAAaetidLz\n"
	"@ CSYNC 1 0 A\n",
	""},
    {"what belongs at the apex, elsewhere",
	"a CDS 1 8 1 " SHA_1 "\na CDNSKEY 257 3 8 AwEAAaetidLz\n"
	"a CSYNC 1 0 A\na DNSKEY 257 3 8 AwEAAaetidLz\n"
	"a NSEC3PARAM 1 0 0 -\na ZONEMD 1 1 1 " SHA_1 SHA_1 "0123456789012345\n"
	"b DNSKEY 256 3 8 AwEAAaetidLz\nb DNSKEY 0 3 8 AwEAAaetidLz\n",
	"zone:5:1: warning: a.example. CDS: means nothing but at the apex of a "
	"zone (RFC 7344, 4.1)\n"
	"zone:6:1: warning: a.example. CDNSKEY: means nothing but at the apex "
	"of "
	"a zone (RFC 7344, 4.1)\n"
	"zone:7:1: warning: a.example. CSYNC: means nothing but at the apex of "
	"a "
	"zone (RFC 7477, 2.1)\n"
	"zone:8:1: warning: a.example. DNSKEY: means nothing but at the apex "
	"of "
	"a zone (RFC 4035, 2.1)\n"
	"zone:9:1: warning: a.example. NSEC3PARAM: means nothing but at the "
	"apex "
	"of a zone (RFC 5155, 4)\n"
	"zone:10:1: warning: a.example. ZONEMD: means nothing but at the apex "
	"of "
	"a zone (RFC 8976, 2)\n"
	"zone:11:1: warning: b.example. DNSKEY: means nothing but at the apex "
	"of "
	"a zone (RFC 4035, 2.1)\n"},
    {"a server that is none", "d NS .\n",
	"zone:5:1: warning: d.example. NS: the host . is no name server\n"},
    {"an alias beside a service", "s HTTPS 1 .\ns HTTPS 0 ns\n",
	"zone:6:1: warning: s.example. HTTPS: others stand beside it, but "
	"priority 0 is an alias (RFC 9460, 2.4.2)\n"},
    {"an alias twice is one", "s SVCB 0 ns\ns SVCB 0 ns\n",
	"zone:6:1: warning: s.example. SVCB: the same record stands at line "
	"5\n"},
    {"missing glue", "d NS ns.d\n",
	"zone:5:1: warning: d.example. NS: the host ns.d.example. needs an A "
	"or "
	"AAAA record here as glue\n"},
    {"glue", "d NS ns.d\nns.d AAAA 2001:db8::1\n", ""},
    {"a wildcard below a delegation is no glue", "d NS ns.d\n*.d A 192.0.2.2\n",
	"zone:5:1: warning: d.example. NS: the host ns.d.example. needs an A "
	"or "
	"AAAA record here as glue\n"},
    {"an address that nothing needs may be glue",
	"d NS ns\nd A 192.0.2.2\nx.d A 192.0.2.2\n", ""},
    {"DS where nothing is delegated", "x TXT x\nx DS 1 8 1 " SHA_1 "\n",
	"zone:6:1: warning: x.example.: DS where nothing is delegated (RFC "
	"4035, 2.4)\n"},
    {"DS at the apex", "@ DS 1 8 1 " SHA_1 "\n",
	"zone:5:1: error: example. DS: the apex of a zone has none, its parent "
	"has (RFC 4035, 2.4)\n"},
    {"DS at a delegation", "d NS ns\nd DS 1 8 1 " SHA_1 "\n", ""},
    {"glue at the delegation itself", "d NS d\nd A 192.0.2.2\n", ""},
    {"a server of another delegation", "d NS ns.e\ne NS ns.elsewhere.\n", ""},
    {"a server in the zone without address", "d NS x\nx TXT x\n",
	"zone:5:1: warning: d.example. NS: the host x.example. has no A or "
	"AAAA "
	"record\n"},
    {"MX and SRV in the zone without address",
	"@ MX 1 x\n_s._tcp SRV 1 2 3 y\nx TXT x\n",
	"zone:5:1: warning: example. MX: the host x.example. has no A or AAAA "
	"record\n"
	"zone:6:1: warning: _s._tcp.example. SRV: the host y.example. has no A "
	"or AAAA record\n"},
    {"MX behind a delegation, elsewhere, nowhere",
	"a MX 1 x.d\nb MX 1 d\nc MX 1 x.else.\ne MX 0 .\nd NS ns.else.\n", ""},
    {"a server with the address of a wildcard", "d NS x.w\n*.w A 192.0.2.2\n",
	""},
    {"a wildcard does not reach below a name that is there",
	"d NS x.y.w\n*.w A 192.0.2.2\nz.y.w TXT x\n",
	"zone:5:1: warning: d.example. NS: the host x.y.w.example. has no A or "
	"AAAA record\n"},
    {"data below a delegation", "d NS ns\nx.d TXT x\n",
	"zone:6:1: warning: x.d.example. TXT: is never given out: d.example. "
	"is "
	"delegated\n"},
    {"data at a delegation", "d NS ns\nd TXT x\n",
	"zone:6:1: warning: d.example. TXT: is never given out: d.example. is "
	"delegated\n"},
    {"what the parent of a delegation holds",
	"d NS ns\nd DS 1 8 7 aa\nd NSEC e NS\n", ""},
    {"aliases to what is not in the zone",
	"c CNAME x\nd DNAME y\ns SVCB 0 Z\nh HTTPS 1 w alpn=h2\n",
	"zone:5:1: warning: c.example. CNAME: its target x.example. is not in "
	"the zone\n"
	"zone:6:1: warning: d.example. DNAME: its target y.example. is not in "
	"the zone\n"
	"zone:7:1: warning: s.example. SVCB: its target Z.example. is not in "
	"the "
	"zone\n"
	"zone:8:1: warning: h.example. HTTPS: its target w.example. is not in "
	"the zone\n"},
    {"aliases to what is there, by a wildcard, below a delegation, elsewhere",
	"a CNAME b\nb TXT x\nc CNAME x.w\n*.w TXT x\nd CNAME x.e\n"
	"e NS ns.else.\nf CNAME g\nx.g TXT x\nh DNAME g\ni HTTPS 1 .\n"
	"j CNAME x.else.\nk CNAME x.h\n",
	""},
    {"address hints of what is not steered", "a HTTPS 1 . ipv4hint=192.0.2.1\n",
	""},
    {"an owner whose last dot is missing", "www.Example A 192.0.2.2\n",
	"zone:5:1: warning: \"www.Example\" has no last dot, so that it is "
	"www.Example.example.: write \"www.Example.\"\n"},
    {"targets whose last dot is missing are said once",
	"@ MX 1 ns.example\nb CNAME ns.example\n",
	"zone:5:8: warning: \"ns.example\" has no last dot, so that it is "
	"ns.example.example.: write \"ns.example.\"\n"
	"zone:6:9: warning: \"ns.example\" has no last dot, so that it is "
	"ns.example.example.: write \"ns.example.\"\n"},
    {"the same below another origin", "$ORIGIN a.example\nb A 192.0.2.2\n",
	"zone:5:9: warning: \"a.example\" has no last dot, so that it is "
	"a.example.example.: write \"a.example.\"\n"},
    {"the same of a name in another origin",
	"$ORIGIN a\nb.example A 192.0.2.2\n",
	"zone:6:1: warning: \"b.example\" has no last dot, so that it is "
	"b.example.a.example.: write \"b.example.\"\n"},
    {"a name that only looks like it",
	"myexample A 192.0.2.2\nexample.a A 192.0.2.2\n"
	"x.example.example. A 192.0.2.2\n",
	""},
};

START_TEST(whole_zone)
{
	const size_t n = sizeof(checks) / sizeof(checks[0]);

	for (size_t i = 0; i < n; i++) {
		struct zone *zone = make_zone(checks[i].more);

		ck_assert_msg(strcmp(eb.text, checks[i].messages) == 0,
		    "%s: %s", checks[i].says, eb.text);
		ck_assert_msg(
		    (zone == NULL) == (eb.errors > 0), "%s", checks[i].says);
		zone_destroy(zone);
	}
}
END_TEST

static const struct {
	const char *says, *text, *messages;
} apexes[] = {
    {"no SOA", "@ 60 NS ns.elsewhere.\n",
	"zone: error: example.: the zone has no SOA record (@ SOA "
	"ns1 hostmaster 1 3600 600 86400 60)\n"},
    {"no NS", "@ 60 SOA a b 1 2 3 4 5\nx NS ns.elsewhere.\n",
	"zone: error: example.: the zone has no NS record at its "
	"apex (@ NS ns1)\n"},
    {"nothing", "; nothing\n", "zone: error: holds no records\n"},
};

START_TEST(apex)
{
	for (size_t i = 0; i < sizeof(apexes) / sizeof(apexes[0]); i++) {
		ck_assert_ptr_null(
		    fixture_zone("example.", apexes[i].text, &eb));
		ck_assert_msg(strcmp(eb.text, apexes[i].messages) == 0,
		    "%s: %s", apexes[i].says, eb.text);
	}
}
END_TEST

/* Nodes of one zone: flags, sets, service; -1 sets: no such node. */
static const char nodes_text[] = "$TTL 300\n"
				 "@ SOA ns host 7 3600 600 86400 60\n"
				 "@ NS ns\n"
				 "ns A 192.0.2.1\n"
				 "ns AAAA 2001:db8::1\n"
				 "c CNAME ns\n"
				 "d NS ns.d\n"
				 "ns.d A 192.0.2.2\n"
				 "deep.x.d A 192.0.2.2\n"
				 "t DNAME example.net.\n"
				 "*.w TXT x\n"
				 "a.b.e TXT x\n"
				 "MiXed TXT x\n"
				 "*.*.v TXT x\n"
				 "steered A 192.0.2.3\n"
				 "steered TXT x\n";

static const struct {
	const char *says, *name;
	unsigned flags;
	int sets, service;
} nodes[] = {
    {"the apex", "example.", NODE_APEX, 2, -1},
    {"a name with two sets", "ns.example.", 0, 2, -1},
    {"a CNAME", "c.example.", NODE_HAS_CNAME, 1, -1},
    {"a delegation", "d.example.", NODE_CUT, 1, -1},
    {"glue is hidden", "ns.d.example.", NODE_OCCLUDED, 1, -1},
    {"so is an empty name below a delegation", "x.d.example.", NODE_OCCLUDED, 0,
	-1},
    {"and what is deeper", "deep.x.d.example.", NODE_OCCLUDED, 1, -1},
    {"the owner of a DNAME is not", "t.example.", 0, 1, -1},
    {"the parent of a wildcard", "w.example.", NODE_WILDCARD, 0, -1},
    {"the wildcard", "*.w.example.", 0, 1, -1},
    {"an empty non-terminal", "e.example.", 0, 0, -1},
    {"one below it", "b.e.example.", 0, 0, -1},
    {"names are stored in lower case", "mixed.example.", 0, 1, -1},
    {"a wildcard can be a parent of one", "*.v.example.", NODE_WILDCARD, 0, -1},
    {"and has its own parent", "v.example.", NODE_WILDCARD, 0, -1},
    {"a service beside records", "steered.example.", 0, 2, 0},
    {"a service alone", "alone.s.example.", 0, 0, 1},
    {"above it an empty non-terminal", "s.example.", 0, 0, -1},
    {"a service at a wildcard", "*.model.example.", 0, 0, 2},
    {"marks its parent", "model.example.", NODE_WILDCARD, 0, -1},
    {"what is not there", "x.example.", 0, -1, -1},
    {"nor above the zone", ".", 0, -1, -1},
};

static const char *const steered[] = {
    "steered.example.", "Alone.S.example.", "*.model.example."};

START_TEST(every_node)
{
	const uint8_t apex_name[] = "\7example";
	struct zone_service services[3] = {0};
	struct zone *zone;

	for (int i = 0; i < 3; i++) {
		services[i].at = (struct mark){"steering", 1, 1};
		name_parse(steered[i], NULL, services[i].owner);
	}
	errbuf_init(&eb);
	zone = zonefile_parse("zone", nodes_text, strlen(nodes_text), apex_name,
	    services, 3, &eb);
	ck_assert_msg(zone != NULL, "%s", eb.text);
	ck_assert_str_eq(eb.text, "");
	for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
		const struct zone_node *node =
		    fixture_node(zone, nodes[i].name);

		ck_assert_msg(
		    (node == NULL) == (nodes[i].sets < 0), "%s", nodes[i].says);
		if (node == NULL)
			continue;
		ck_assert_msg(node->flags == nodes[i].flags, "%s: %x",
		    nodes[i].says, node->flags);
		ck_assert_msg(node->n_rrsets == nodes[i].sets, "%s: %u",
		    nodes[i].says, node->n_rrsets);
		ck_assert_msg(node->service == (uint32_t)nodes[i].service,
		    "%s: %u", nodes[i].says, node->service);
	}
	/* 12 owners of records, and two services that stand alone. */
	ck_assert_uint_eq(zone_names(zone), 14);
	ck_assert_uint_eq(zone_records(zone), 15);
	ck_assert_uint_eq(zone_serial(zone), 7);
	ck_assert_ptr_eq(zone_apex_node(zone), fixture_node(zone, "example."));
	zone_destroy(zone);
}
END_TEST

static const struct {
	const char *says, *more, *service, *messages;
} refusals[] = {
    {"below a delegation", "d NS ns\n", "chat.d.example.",
	"steering:3:4: error: service chat.d.example.: cannot be steered: the "
	"servers answer to which this name is delegated: d.example.\n"},
    {"at a delegation", "d NS ns\n", "d.example.",
	"steering:3:4: error: service d.example.: cannot be steered: the "
	"servers answer to which this name is delegated: d.example.\n"},
    {"below a DNAME", "d DNAME a.\n", "chat.d.example.",
	"steering:3:4: error: service chat.d.example.: cannot be steered: it "
	"stands at or below the DNAME of d.example.\n"},
    {"beside a DNAME", "d DNAME a.\n", "d.example.",
	"steering:3:4: error: service d.example.: cannot be steered: it "
	"stands at or below the DNAME of d.example.\n"},
    {"beside a CNAME", "c CNAME ns\n", "c.example.",
	"steering:3:4: error: service c.example.: cannot be steered: the zone "
	"file has a CNAME at c.example.\n"},
    {"in a signed zone", "@ DNSKEY 257 3 8 AAAA\n", "chat.example.",
	"zone:5:1: warning: example.: has DNSKEY records, but its SOA is not "
	"signed: it is served as an unsigned zone\n"
	"steering:3:4: error: the zone example. has DNSKEY records, and "
	"answers that are steered cannot be signed\n"},
    {"outside of the zone", "", "chat.example.org.",
	"steering:3:4: error: service chat.example.org.: is not in the zone "
	"example.\n"},
    {"at the apex it is fine", "", "example.", ""},
    {"address hints at its name", "chat HTTPS 1 . alpn=h2 ipv4hint=192.0.2.1\n",
	"chat.example.",
	"zone:5:1: warning: chat.example. HTTPS: its ipv4hint is not given "
	"out: clients might use it in place of the addresses to which "
	"chat.example. is steered\n"},
    {"address hints at a name that leads to it",
	"a SVCB 1 CHAT port=443 ipv6hint=2001:db8::1\n", "chat.example.",
	"zone:5:1: warning: a.example. SVCB: its ipv6hint is not given out: "
	"clients might use it in place of the addresses to which chat.example. "
	"is steered\n"},
    {"hints of both families at a name that a wildcard answers for",
	"a SVCB 1 x.w ipv4hint=192.0.2.1 ipv6hint=2001:db8::1\n",
	"*.w.example.",
	"zone:5:1: warning: a.example. SVCB: its ipv4hint and ipv6hint are not "
	"given out: clients might use them in place of the addresses to which "
	"*.w.example. is steered\n"},
    {"no hints, or of another name",
	"chat HTTPS 1 . alpn=h2\nb HTTPS 1 ns ipv4hint=192.0.2.1\n"
	"chat SVCB 1 ns ipv6hint=2001:db8::1\n",
	"chat.example.", ""},
};

START_TEST(services)
{
	const size_t n = sizeof(refusals) / sizeof(refusals[0]);
	const uint8_t apex_name[] = "\7example";

	for (size_t i = 0; i < n; i++) {
		struct zone_service service = {.at = {"steering", 3, 4}};
		struct zone *zone;
		char text[4096];

		snprintf(text, sizeof(text), HEAD "%s", refusals[i].more);
		name_parse(refusals[i].service, NULL, service.owner);
		errbuf_init(&eb);
		zone = zonefile_parse(
		    "zone", text, strlen(text), apex_name, &service, 1, &eb);
		ck_assert_msg(strcmp(eb.text, refusals[i].messages) == 0,
		    "%s: %s", refusals[i].says, eb.text);
		ck_assert((zone == NULL) == (eb.errors > 0));
		zone_destroy(zone);
	}
}
END_TEST

START_TEST(service_named_twice)
{
	struct zone_service twice[2] = {
	    {.at = {"steering", 3, 4}}, {.at = {"steering", 5, 6}}};
	const uint8_t apex_name[] = "\7example";

	name_parse("chat.example.", NULL, twice[0].owner);
	name_parse("Chat.example.", NULL, twice[1].owner);
	errbuf_init(&eb);
	ck_assert_ptr_null(zonefile_parse(
	    "zone", HEAD, strlen(HEAD), apex_name, twice, 2, &eb));
	ck_assert_str_eq(eb.text,
	    "steering:5:6: error: service chat.example. is given twice: it is "
	    "in line 3 already\n");
}
END_TEST

/* A set as it stands in the zone. */
static const struct {
	const char *says, *more, *name;
	uint16_t type;
	uint32_t ttl_s;
	const char *image;
} sets[] = {
    {"one record", "a 60 A 192.0.2.2\n", "a.example.", TYPE_A, 60,
	"c00c000100010000003c0004c0000202"},
    {"records keep the order of the file, other names between them",
	"a A 192.0.2.9\nb A 192.0.2.8\na A 192.0.2.7\n", "a.example.", TYPE_A,
	300,
	"c00c000100010000012c0004c0000209"
	"c00c000100010000012c0004c0000207"},
    {"the least TTL goes for all", "a 60 A 192.0.2.9\na 50 A 192.0.2.7\n",
	"a.example.", TYPE_A, 50,
	"c00c00010001000000320004c0000209"
	"c00c00010001000000320004c0000207"},
    {"duplicates are gone, the first one stays",
	"a A 192.0.2.9\na A 192.0.2.7\na A 192.0.2.9\na A 192.0.2.1\n",
	"a.example.", TYPE_A, 300,
	"c00c000100010000012c0004c0000209"
	"c00c000100010000012c0004c0000207"
	"c00c000100010000012c0004c0000201"},
    {"names in RDATA keep their case", "a CNAME B.Example.\n", "a.example.",
	TYPE_CNAME, 300,
	"c00c000500010000012c000b01420745"
	"78616d706c6500"},
    {"the types of a name do not mix",
	"a A 192.0.2.9\na TYPE65280 \\# 1 aa\na A 192.0.2.7\n", "a.example.",
	65280, 300, "c00cff0000010000012c0001aa"},
};

START_TEST(every_set)
{
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		struct zone *zone = make_zone(sets[i].more);
		const struct rrset *set;
		char hex[512];

		ck_assert_msg(zone != NULL, "%s", eb.text);
		set = zone_node_rrset(
		    fixture_node(zone, sets[i].name), sets[i].type);
		ck_assert_msg(set != NULL, "%s", sets[i].says);
		fixture_hex(set->image, set->size, hex);
		ck_assert_msg(strcmp(hex, sets[i].image) == 0, "%s: %s",
		    sets[i].says, hex);
		ck_assert_uint_eq(set->ttl_s, sets[i].ttl_s);
		zone_destroy(zone);
	}
}
END_TEST

/* RFC 4035, 3.1.1: signatures go with what they sign. */
START_TEST(signatures)
{
	struct zone *zone = make_zone(
	    "a RRSIG NSEC 8 2 300 20300101000000 20200101000000 1 @ AAAA\n"
	    "a RRSIG A 8 2 300 20300101000000 20200101000000 2 @ BBBB\n"
	    "a RRSIG A 8 2 300 20300101000000 20200101000000 1 @ CCCC\n"
	    "a 50 A 192.0.2.2\n"
	    "a NSEC ns A RRSIG NSEC\n");
	const struct zone_node *node = fixture_node(zone, "a.example.");
	const struct rrset *a = zone_node_sigs(node, TYPE_A);
	const struct rrset *nsec = zone_node_sigs(node, TYPE_NSEC);

	ck_assert_uint_eq(node->n_rrsets, 4);
	ck_assert_ptr_nonnull(a);
	ck_assert_ptr_nonnull(nsec);
	ck_assert_uint_eq(a->count, 2);
	ck_assert_uint_eq(a->covers, TYPE_A);
	ck_assert_uint_eq(a->ttl_s, 50);
	ck_assert_uint_eq(wire_get32(a->image + 6), 50);
	ck_assert_uint_eq(nsec->count, 1);
	ck_assert_uint_eq(nsec->covers, TYPE_NSEC);
	ck_assert_ptr_null(zone_node_sigs(node, TYPE_AAAA));
	ck_assert_ptr_null(
	    zone_node_sigs(fixture_node(zone, "ns.example."), TYPE_A));
	/* RRSIG come behind NSEC, though their number is smaller. */
	ck_assert_uint_eq(node->rrsets[1].type, TYPE_NSEC);
	ck_assert_ptr_eq(zone_node_rrset(node, TYPE_RRSIG), a);
	zone_destroy(zone);
}
END_TEST

/* RFC 2308, 3: the lesser of the SOA's TTL and its MINIMUM. */
START_TEST(negative_soa)
{
	static const struct {
		const char *soa;
		uint32_t ttl_s, own;
	} rows[] = {
	    {"@ 300 SOA a. b. 1 2 3 4 60\n@ NS a.\n", 60, 300},
	    {"@ 30 SOA a. b. 1 2 3 4 60\n@ NS a.\n", 30, 30},
	};

	for (size_t i = 0; i < 2; i++) {
		struct zone *zone = fixture_zone("example.", rows[i].soa, &eb);
		const struct rrset *soa = zone_negative_soa(zone);
		const struct rrset *own =
		    zone_node_rrset(zone_apex_node(zone), TYPE_SOA);

		ck_assert_uint_eq(soa->ttl_s, rows[i].ttl_s);
		ck_assert_uint_eq(wire_get32(soa->image + 6), rows[i].ttl_s);
		ck_assert_uint_eq(soa->count, 1);
		ck_assert_uint_eq(wire_get32(own->image + 6), rows[i].own);
		zone_destroy(zone);
	}
}
END_TEST

/* As many types at a name as there may be, half of them with a signature and
 * half such signatures; and one more. */
START_TEST(most_types)
{
	static char text[1 << 17];
	struct zone *zone;
	size_t used;

	for (unsigned more = 0; more < 2; more++) {
		used = (size_t)snprintf(text, sizeof(text), HEAD);
		for (unsigned i = 0; i < ZONE_MAX_SETS / 2 + more; i++)
			used += (size_t)snprintf(text + used,
			    sizeof(text) - used, "x TYPE%u \\# 0\n", 65000 + i);
		for (unsigned i = 0; i < ZONE_MAX_SETS / 2; i++)
			used +=
			    (size_t)snprintf(text + used, sizeof(text) - used,
				"x RRSIG TYPE%u 8 2 300 20300101000000 "
				"20200101000000 1 @ AAAA\n",
				65000 + i);
		zone = fixture_zone("example.", text, &eb);
		ck_assert_msg((zone != NULL) == (more == 0), "%s", eb.text);
		if (zone == NULL)
			ck_assert_str_eq(eb.text,
			    "zone:5:1: error: x.example.: has 513 record sets, "
			    "512 are allowed (each type that RRSIG cover is "
			    "one)\n");
		zone_destroy(zone);
	}
}
END_TEST

/* What only code, not a file, can try to add. */
START_TEST(bad_records)
{
	static const struct {
		const char *says;
		uint16_t type;
		uint32_t ttl_s;
		size_t len;
		const char *rdata;
		const char *message;
	} rows[] = {
	    {"an A too short", TYPE_A, 1, 3, "abc",
		"A: the RDATA is too short"},
	    {"an A too long", TYPE_A, 1, 5, "abcde",
		"A: the RDATA is too long"},
	    {"a name without end", TYPE_NS, 1, 2, "\1a",
		"NS: the RDATA holds no valid name where one belongs"},
	    {"a compressed name", TYPE_NS, 1, 2, "\300\14",
		"NS: the RDATA holds no valid name where one belongs"},
	    {"something behind the name", TYPE_CNAME, 1, 4, "\1a\0x",
		"CNAME: the RDATA is too long"},
	    {"an empty TXT", 16, 1, 0, "", "TXT: the RDATA is too short"},
	    {"a TTL above 31 bits", TYPE_A, 0x80000000, 4, "abcd",
		"A: the TTL is above 2147483647 (RFC 2181, 8)"},
	    {"RDATA longer than its length field", 65280, 1, 65536, NULL,
		"TYPE65280: the RDATA is longer than 65535 octets"},
	};
	static const uint8_t long_rdata[65536];
	struct mark at = {"code", 1, 0};
	char want[256];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct zone_builder *b =
		    zone_builder_create((const uint8_t *)"\7example");
		const uint8_t *rdata = rows[i].rdata == NULL
		    ? long_rdata
		    : (const uint8_t *)rows[i].rdata;

		errbuf_init(&eb);
		ck_assert_int_eq(
		    zone_builder_add(b, &at, (const uint8_t *)"\7example",
			rows[i].type, rows[i].ttl_s, rdata, rows[i].len, &eb),
		    -1);
		snprintf(want, sizeof(want), "code:1: error: example. %s\n",
		    rows[i].message);
		ck_assert_msg(strcmp(eb.text, want) == 0, "%s: %s",
		    rows[i].says, eb.text);
		zone_builder_destroy(b);
	}
}
END_TEST

/* A set just as large as a message holds, and one record more. */
START_TEST(largest_set)
{
	const unsigned fits = RRSET_MAX / 16;

	for (unsigned more = 0; more < 2; more++) {
		struct zone_builder *b =
		    zone_builder_create((const uint8_t *)"\7example");
		const uint8_t *owner = (const uint8_t *)"\7example";
		struct zone *zone;
		static const uint8_t soa[22] = {0};

		errbuf_init(&eb);
		zone_builder_add(b, NULL, owner, TYPE_SOA, 60, soa, 22, &eb);
		zone_builder_add(b, NULL, owner, TYPE_NS, 60, soa, 1, &eb);
		for (unsigned i = 0; i < fits + more; i++) {
			uint8_t rdata[4];

			wire_put32(rdata, i);
			zone_builder_add(
			    b, NULL, owner, TYPE_A, 60, rdata, 4, &eb);
		}
		zone = zone_builder_finish(b, &eb);
		ck_assert_msg((zone != NULL) == (more == 0), "%s", eb.text);
		if (zone != NULL)
			ck_assert_uint_eq(
			    zone_node_rrset(zone_apex_node(zone), TYPE_A)
				->count,
			    fits);
		else
			ck_assert_ptr_nonnull(
			    strstr(eb.text, "the 4067 records of this set"));
		zone_destroy(zone);
	}
}
END_TEST

/* Messages are bounded, and the ones that are not shown are counted. */
START_TEST(many_messages)
{
	char text[8192] = HEAD;
	size_t len = strlen(text);
	struct zone *zone;
	unsigned lines = 0;

	for (int i = 0; i < 30; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "a%d A 192.0.2.1\na%d A 192.0.2.1\n", i, i);
	zone = fixture_zone("example.", text, &eb);
	ck_assert_ptr_nonnull(zone);
	for (const char *p = eb.text; *p != '\0'; p++)
		lines += *p == '\n';
	ck_assert_uint_eq(lines, ZONE_MAX_MESSAGES + 1);
	ck_assert_ptr_nonnull(
	    strstr(eb.text, "warning: zone example.: 10 more warnings\n"));
	zone_destroy(zone);
}
END_TEST

/* Two names may have one hash: the name itself is compared. */
START_TEST(same_hash)
{
	static const uint8_t name[] = "\1a\7example", same[] = "\1b\7example",
			     longer[] = "\2ab\7example";
	struct zone *zone = fixture_zone("example.",
	    "@ 9 SOA a a 1 2 3 4 5\n@ 9 NS a\na 9 A 192.0.2.1\n", &eb);
	uint64_t hash = name_hash(name, sizeof(name));

	ck_assert_msg(zone != NULL, "%s", eb.text);
	ck_assert_ptr_nonnull(zone_find(zone, name, sizeof(name), hash));
	ck_assert_ptr_null(zone_find(zone, same, sizeof(same), hash));
	ck_assert_ptr_null(zone_find(zone, longer, sizeof(longer), hash));
	zone_destroy(zone);
}
END_TEST

/* Names are found in a table that grew many times. */
START_TEST(many_names)
{
	const uint32_t n = 200000;
	struct zone_builder *b =
	    zone_builder_create((const uint8_t *)"\7example");
	const uint8_t *root = (const uint8_t *)"\7example";
	static const uint8_t soa[22] = {0};
	int64_t start = clock_mono_ms();
	uint8_t wire[NAME_MAX_WIRE];
	struct zone *zone;
	char name[64];

	errbuf_init(&eb);
	zone_builder_add(b, NULL, root, TYPE_SOA, 60, soa, 22, &eb);
	zone_builder_add(b, NULL, root, TYPE_NS, 60, soa, 1, &eb);
	for (uint32_t i = 0; i < n; i++) {
		uint8_t rdata[4];

		snprintf(name, sizeof(name), "h%u.example.", i);
		name_parse(name, NULL, wire);
		wire_put32(rdata, i);
		ck_assert_int_eq(
		    zone_builder_add(b, NULL, wire, TYPE_A, 60, rdata, 4, &eb),
		    0);
	}
	zone = zone_builder_finish(b, &eb);
	ck_assert_msg(zone != NULL, "%s", eb.text);
	ck_assert_uint_eq(zone_names(zone), n + 1);
	for (uint32_t i = 0; i < n; i++) {
		const struct zone_node *node;

		snprintf(name, sizeof(name), "h%u.example.", i);
		node = fixture_node(zone, name);
		ck_assert_ptr_nonnull(node);
		ck_assert_uint_eq(wire_get32(node->rrsets[0].image + 12), i);
		name[0] = 'g';
		ck_assert_ptr_null(fixture_node(zone, name));
	}
	printf("%u names built and found in %lld ms\n", n,
	    (long long)(clock_mono_ms() - start));
	zone_destroy(zone);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("dns_zone");
	TCase *tcase = tcase_create("zone");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, whole_zone);
	tcase_add_test(tcase, apex);
	tcase_add_test(tcase, every_node);
	tcase_add_test(tcase, services);
	tcase_add_test(tcase, service_named_twice);
	tcase_add_test(tcase, every_set);
	tcase_add_test(tcase, signatures);
	tcase_add_test(tcase, negative_soa);
	tcase_add_test(tcase, bad_records);
	tcase_add_test(tcase, largest_set);
	tcase_add_test(tcase, most_types);
	tcase_add_test(tcase, many_messages);
	tcase_add_test(tcase, same_hash);
	tcase_add_test(tcase, many_names);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
