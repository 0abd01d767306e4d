/*
 * Answers over several zones of one server: chains from zone to zone, parent
 * and child, DNAMEs, referrals and what goes with them, also signatures.
 * Replies are decoded by ldns and compared as text.
 */
#include <check.h>
#include <stdlib.h>

#include "dns/answer/respond.h"
#include "dns/zone/zone_table.h"
#include "tests/signer.h"
#include "tests/unit/message.h"
#include "tests/unit/zone_fixture.h"

static const char parent_text[] =
    "$TTL 300\n"
    "@ SOA ns1 hostmaster 7 3600 600 86400 60\n"
    "@ NS ns1\n"
    "@ MX 10 mail\n"
    "@ MX 20 mail\n"
    "@ MX 30 mx.other.\n"
    "@ MX 40 gone\n"
    "ns1 A 192.0.2.1\n"
    "ns1 AAAA 2001:db8::1\n"
    "mail A 192.0.2.2\n"
    "a A 192.0.2.3\n"
    "_x._tcp SRV 0 0 1 a\n"
    "_y._tcp SRV 0 0 1 .\n"
    "_z._tcp SRV 0 0 1 w.wild\n"
    "svc HTTPS 1 . alpn=h2\n"
    "svc A 192.0.2.4\n"
    "svcb SVCB 0 svc\n"
    "alias HTTPS 0 svc\n"
    "same HTTPS 0 same\n"
    "none SVCB 0 .\n"
    "tocut HTTPS 0 ns.deep.cut\n"
    "ns.deep.cut HTTPS 1 .\n"
    "kid NS ns.kid\n"
    "kid NS ns.other.\n"
    "away NS ns.other.\n"
    "kid DS 1 8 2 "
    "0000000000000000000000000000000000000000000000000000000000000000\n"
    "ns.kid A 192.0.2.5\n"
    "deep.cut NS ns.deep.cut\n"
    "ns.deep.cut A 192.0.2.6\n"
    "*.wild A 192.0.2.7\n"
    "loop CNAME pool\n"
    "pool CNAME loop\n"
    "self CNAME self\n"
    "*.wloop CNAME x.wloop\n"
    "tokid CNAME www.kid\n"
    "toother CNAME www.other.\n"
    "todeep CNAME www.deep.cut\n"
    "todname CNAME x.d\n"
    "d DNAME t.other.\n"
    "grow DNAME g.grow\n"
    "long DNAME aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff."
    "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff."
    "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff.x\n"
    "two DNAME d\n"
    "up DNAME @\n"
    "*.star DNAME in.star\n"
    "tomx CNAME @\n"
    "deep.ent A 192.0.2.8\n";

static const char kid_text[] = "$TTL 300\n"
			       "@ SOA ns hostmaster 8 3600 600 86400 60\n"
			       "@ NS ns\n"
			       "ns A 192.0.2.55\n"
			       "www A 192.0.2.9\n"
			       "back CNAME a.example.\n";

static const char other_text[] = "$TTL 300\n"
				 "@ SOA ns hostmaster 9 3600 600 86400 60\n"
				 "@ NS ns\n"
				 "ns A 192.0.2.66\n"
				 "www A 192.0.2.10\n"
				 "x.t A 192.0.2.11\n"
				 "sub NS ns.sub\n"
				 "ns.sub A 192.0.2.12\n"
				 "tosub CNAME y.sub\n";

/* The root zone, in a set of its own. */
static const char root_text[] = "$TTL 300\n"
				"@ SOA ns hostmaster 1 3600 600 86400 60\n"
				"@ NS ns.net.\n"
				"net NS ns.net.\n"
				"ns.net A 192.0.2.20\n"
				"org NS ns.net.\n"
				"kid.example NS ns.net.\n"
				"text TXT \"a name below the root\"\n";

#define SOA                                                                  \
	"NS example. 60 IN SOA ns1.example. hostmaster.example. 7 3600 600 " \
	"86400 60; "
#define KID_SOA                                                              \
	"NS kid.example. 60 IN SOA ns.kid.example. hostmaster.kid.example. " \
	"8 3600 600 86400 60; "
#define OTHER_SOA                                                           \
	"NS other. 60 IN SOA ns.other. hostmaster.other. 9 3600 600 86400 " \
	"60; "
#define ROOT_SOA "NS . 60 IN SOA ns. hostmaster. 1 3600 600 86400 60; "
#define DS_TEXT  \
	"1 8 2 " \
	"0000000000000000000000000000000000000000000000000000000000000000; "

static struct snapshot snapshot;
static struct counters *counters;
/* The root is served apart from them. */
#define N_ZONES 5
static struct zone *zones[N_ZONES + 1];
static struct zone_table *set, *root_set;

static void
setup(void)
{
	static struct errbuf eb;
	static const char small_text[] =
	    "$TTL 300\n@ SOA ns h.other. 1 2 3 4 60\n@ NS ns\n"
	    "ns A 192.0.2.60\n";

	zones[0] = fixture_zone("example.", parent_text, &eb);
	ck_assert_msg(zones[0] != NULL, "%s", eb.text);
	zones[1] = fixture_zone("kid.example.", kid_text, &eb);
	ck_assert_msg(zones[1] != NULL, "%s", eb.text);
	zones[2] = fixture_zone("other.", other_text, &eb);
	ck_assert_msg(zones[2] != NULL, "%s", eb.text);
	zones[3] = fixture_zone("far.away.example.", small_text, &eb);
	zones[4] = fixture_zone("lone.example.", small_text, &eb);
	zones[N_ZONES] = fixture_zone(".", root_text, &eb);
	ck_assert_msg(zones[N_ZONES] != NULL, "%s", eb.text);
	set = zone_table_create((const struct zone *const *)zones, N_ZONES);
	root_set =
	    zone_table_create((const struct zone *const *)&zones[N_ZONES], 1);
	counters = calloc(1, sizeof(*counters));
	snapshot.udp_size = 1232;
}

static void
teardown(void)
{
	zone_table_destroy(set);
	zone_table_destroy(root_set);
	for (int i = 0; i <= N_ZONES; i++)
		zone_destroy(zones[i]);
	free(counters);
}

static const char *
ask(const struct zone_table *of, const char *name, uint16_t type, int size)
{
	static uint8_t reply[MESSAGE_MAX];
	struct responder responder = {.counters = counters};
	struct address source;
	uint8_t query[512];
	size_t len = make_query(query, name, type, size, NULL, 0);

	snapshot.zones = of;
	ck_assert_int_eq(address_parse("198.51.100.77", &source), 0);
	len = respond(&responder, &snapshot,
	    size < 0 ? TRANSPORT_TCP : TRANSPORT_UDP, &source, query, len,
	    reply, sizeof(reply));
	return describe(reply, len);
}

static const struct {
	const char *why, *name;
	uint16_t type;
	const char *answer;
} answers[] = {
    {"a loop of CNAMEs is told once round", "loop.example.", TYPE_A,
	"0 aa AN loop.example. 300 IN CNAME pool.example.; pool.example. 300 "
	"IN CNAME loop.example.; "},
    {"a CNAME to itself", "self.example.", TYPE_A,
	"0 aa AN self.example. 300 IN CNAME self.example.; "},
    {"a wildcard CNAME that leads back to the wildcard", "q.wloop.example.",
	TYPE_A,
	"0 aa AN q.wloop.example. 300 IN CNAME x.wloop.example.; "
	"x.wloop.example. 300 IN CNAME x.wloop.example.; "},
    {"a CNAME into a child zone that is ours too", "tokid.example.", TYPE_A,
	"0 aa AN tokid.example. 300 IN CNAME www.kid.example.; "
	"www.kid.example. 300 IN A 192.0.2.9; "},
    {"a CNAME into another zone of ours (RFC 1034, 4.3.2)", "toother.example.",
	TYPE_A,
	"0 aa AN toother.example. 300 IN CNAME www.other.; www.other. 300 IN A "
	"192.0.2.10; "},
    {"and what that zone does not have", "toother.example.", TYPE_AAAA,
	"0 aa AN toother.example. 300 IN CNAME www.other.; " OTHER_SOA},
    {"a CNAME back to the parent", "back.kid.example.", TYPE_A,
	"0 aa AN back.kid.example. 300 IN CNAME a.example.; a.example. 300 IN "
	"A 192.0.2.3; "},
    {"a CNAME to a delegation keeps AA", "todeep.example.", TYPE_A,
	"0 aa AN todeep.example. 300 IN CNAME www.deep.cut.example.; NS "
	"deep.cut.example. 300 IN NS ns.deep.cut.example.; AR "
	"ns.deep.cut.example. 300 IN A 192.0.2.6; "},
    {"a CNAME to a delegation of another zone", "tosub.other.", TYPE_A,
	"0 aa AN tosub.other. 300 IN CNAME y.sub.other.; NS sub.other. 300 IN "
	"NS ns.sub.other.; AR ns.sub.other. 300 IN A 192.0.2.12; "},
    {"a DNAME into another zone", "x.d.example.", TYPE_A,
	"0 aa AN d.example. 300 IN DNAME t.other.; x.d.example. 300 IN CNAME "
	"x.t.other.; x.t.other. 300 IN A 192.0.2.11; "},
    {"a DNAME to a DNAME", "x.two.example.", TYPE_A,
	"0 aa AN two.example. 300 IN DNAME d.example.; x.two.example. 300 IN "
	"CNAME x.d.example.; d.example. 300 IN DNAME t.other.; x.d.example. "
	"300 IN CNAME x.t.other.; x.t.other. 300 IN A 192.0.2.11; "},
    {"a CNAME to a DNAME", "todname.example.", TYPE_A,
	"0 aa AN todname.example. 300 IN CNAME x.d.example.; d.example. 300 IN "
	"DNAME t.other.; x.d.example. 300 IN CNAME x.t.other.; x.t.other. 300 "
	"IN A 192.0.2.11; "},
    {"a DNAME that makes a name too long: YXDOMAIN (RFC 6672, 2.2)",
	"zzaaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff.long."
	"example.",
	TYPE_A,
	"6 aa AN long.example. 300 IN DNAME "
	"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff."
	"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff."
	"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff.x."
	"example.; "},
    {"the DNAME itself", "d.example.", TYPE_DNAME,
	"0 aa AN d.example. 300 IN DNAME t.other.; "},
    {"a DNAME that the chain went through is not told again", "up.up.example.",
	TYPE_DNAME,
	"0 aa AN up.example. 300 IN DNAME example.; up.up.example. 300 IN "
	"CNAME up.example.; "},
    {"but a wildcard tells the same one at another name (RFC 4592, 4.4)",
	"in.*.star.example.", TYPE_DNAME,
	"0 aa AN *.star.example. 300 IN DNAME in.star.example.; "
	"in.*.star.example. 300 IN CNAME in.in.star.example.; "
	"in.in.star.example. 300 IN DNAME in.star.example.; "},
    {"the child answers for its apex", "kid.example.", TYPE_NS,
	"0 aa AN kid.example. 300 IN NS ns.kid.example.; AR ns.kid.example. "
	"300 IN A 192.0.2.55; "},
    {"but the DS there is the parent's (RFC 4035, 3.1.4.1)", "kid.example.",
	TYPE_DS, "0 aa AN kid.example. 300 IN DS " DS_TEXT},
    {"the DS at an apex whose parent is not ours", "other.", TYPE_DS,
	"0 aa " OTHER_SOA},
    {"the DS at an apex whose parent is not ours, but whose grandparent is",
	"far.away.example.", TYPE_DS,
	"0 NS away.example. 300 IN NS ns.other.; "},
    {"the DS at an apex that our parent does not delegate", "lone.example.",
	TYPE_DS, "3 aa " SOA},
    {"the DS below the apex of the child", "www.kid.example.", TYPE_DS,
	"0 aa " KID_SOA},
    {"addresses of the hosts of MX, each once, of this zone only", "example.",
	TYPE_MX,
	"0 aa AN example. 300 IN MX 10 mail.example.; example. 300 IN MX 20 "
	"mail.example.; example. 300 IN MX 30 mx.other.; example. 300 IN MX "
	"40 gone.example.; AR mail.example. 300 IN A 192.0.2.2; "},
    {"the same behind a CNAME", "tomx.example.", TYPE_NS,
	"0 aa AN tomx.example. 300 IN CNAME example.; example. 300 IN NS "
	"ns1.example.; AR ns1.example. 300 IN A 192.0.2.1; ns1.example. 300 "
	"IN AAAA 2001:db8::1; "},
    {"the host of an SRV", "_x._tcp.example.", TYPE_SRV,
	"0 aa AN _x._tcp.example. 300 IN SRV 0 0 1 a.example.; AR a.example. "
	"300 IN A 192.0.2.3; "},
    {"an SRV without host (RFC 2782)", "_y._tcp.example.", TYPE_SRV,
	"0 aa AN _y._tcp.example. 300 IN SRV 0 0 1 .; "},
    {"a host that a wildcard covers", "_z._tcp.example.", TYPE_SRV,
	"0 aa AN _z._tcp.example. 300 IN SRV 0 0 1 w.wild.example.; AR "
	"w.wild.example. 300 IN A 192.0.2.7; "},
    {"HTTPS for the owner itself (RFC 9460, 2.5)", "svc.example.", TYPE_HTTPS,
	"0 aa AN svc.example. 300 IN HTTPS 1 . alpn=h2; AR svc.example. 300 IN "
	"A 192.0.2.4; "},
    {"the records of an alias's target", "alias.example.", TYPE_HTTPS,
	"0 aa AN alias.example. 300 IN HTTPS 0 svc.example.; AR svc.example. "
	"300 IN A 192.0.2.4; svc.example. 300 IN HTTPS 1 . alpn=h2; "},
    {"of a target behind a delegation the glue only (RFC 2181, 6.1)",
	"tocut.example.", TYPE_HTTPS,
	"0 aa AN tocut.example. 300 IN HTTPS 0 ns.deep.cut.example.; AR "
	"ns.deep.cut.example. 300 IN A 192.0.2.6; "},
    {"an alias to itself", "same.example.", TYPE_HTTPS,
	"0 aa AN same.example. 300 IN HTTPS 0 same.example.; "},
    {"a CNAME made from a DNAME, asked for", "x.d.example.", TYPE_CNAME,
	"0 aa AN d.example. 300 IN DNAME t.other.; x.d.example. 300 IN CNAME "
	"x.t.other.; "},
    {"an alias of SVCB", "svcb.example.", TYPE_SVCB,
	"0 aa AN svcb.example. 300 IN SVCB 0 svc.example.; AR svc.example. 300 "
	"IN A 192.0.2.4; "},
    {"an alias to nothing (RFC 9460, 2.5.1)", "none.example.", TYPE_SVCB,
	"0 aa AN none.example. 300 IN SVCB 0 .; "},
    {"the empty non-terminal over a delegation", "cut.example.", TYPE_A,
	"0 aa " SOA},
    {"a name far deeper than the zone",
	"a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t.u.v.w.x.y.z.deep.ent.example.",
	TYPE_A, "3 aa " SOA},
    {"the wildcard's own name", "*.wild.example.", TYPE_A,
	"0 aa AN *.wild.example. 300 IN A 192.0.2.7; "},
};

START_TEST(test_answers)
{
	const char *got = ask(set, answers[_i].name, answers[_i].type, 1232);

	ck_assert_msg(strcmp(got, answers[_i].answer) == 0,
	    "%s:\n got %s\nwant %s", answers[_i].why, got, answers[_i].answer);
}
END_TEST

static const struct {
	const char *why, *name;
	uint16_t type;
	const char *answer;
} roots[] = {
    {"the apex", ".", TYPE_NS,
	"0 aa AN . 300 IN NS ns.net.; AR ns.net. 300 IN A 192.0.2.20; "},
    {"a delegation", "www.net.", TYPE_A,
	"0 NS net. 300 IN NS ns.net.; AR ns.net. 300 IN A 192.0.2.20; "},
    {"a delegation to a server in another one", "www.org.", TYPE_A,
	"0 NS org. 300 IN NS ns.net.; AR ns.net. 300 IN A 192.0.2.20; "},
    {"no such top level domain", "www.nix.", TYPE_A, "3 aa " ROOT_SOA},
    {"the root has no DS and nobody above", ".", TYPE_DS, "0 aa " ROOT_SOA},
    {"an empty non-terminal below the root", "example.", TYPE_A,
	"0 aa " ROOT_SOA},
};

START_TEST(test_root)
{
	const char *got = ask(root_set, roots[_i].name, roots[_i].type, 1232);

	ck_assert_msg(strcmp(got, roots[_i].answer) == 0,
	    "%s:\n got %s\nwant %s", roots[_i].why, got, roots[_i].answer);
}
END_TEST

/* A DNAME onto itself goes on until the chain is full, and is told once. */
START_TEST(test_growing_dname)
{
	const char *got = ask(set, "x.grow.example.", TYPE_A, -1);
	const char *p = got;
	int cnames = 0;

	while ((p = strstr(p, " CNAME ")) != NULL) {
		p++;
		cnames++;
	}
	ck_assert_int_eq(cnames, 12);
	p = strstr(got, " DNAME ");
	ck_assert_ptr_nonnull(p);
	ck_assert_ptr_null(strstr(p + 1, " DNAME "));
}
END_TEST

/* A large delegation: servers inside it come first, and set TC (RFC 9471). */
START_TEST(test_glue_order)
{
	static struct errbuf eb;
	static char text[16384];
	struct zone_table *few;
	const struct zone *list[1];
	struct zone *zone;
	const char *got;
	size_t n = 0;

	n += (size_t)snprintf(text + n, sizeof(text) - n,
	    "$TTL 300\n@ SOA ns1 h 7 3600 600 86400 60\n@ NS ns1\n"
	    "ns1 A 192.0.2.1\n");
	for (int i = 0; i < 10; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "sub NS out%d\nout%d A 192.0.2.%d\n", i, i, i);
	for (int i = 0; i < 4; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "sub NS in%d.sub\nin%d.sub A 192.0.2.%d\n", i, i, 100 + i);
	for (int i = 0; i < 40; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "big NS in%d.big\nin%d.big A 192.0.2.%d\n", i, i, i);
	zone = fixture_zone("example.", text, &eb);
	ck_assert_msg(zone != NULL, "%s", eb.text);
	list[0] = zone;
	few = zone_table_create(list, 1);
	got = ask(few, "x.sub.example.", TYPE_A, 512);
	ck_assert_ptr_nonnull(strstr(got, "AR in0.sub.example."));
	ck_assert_ptr_nonnull(strstr(got, "in3.sub.example. 300 IN A"));
	ck_assert_ptr_null(strstr(got, " tc "));
	ck_assert_ptr_null(strstr(got, "out9.example. 300 IN A"));
	got = ask(few, "x.big.example.", TYPE_A, 1232);
	ck_assert_ptr_nonnull(strstr(got, "0 tc NS"));
	ck_assert_ptr_nonnull(strstr(got, "AR in0.big.example."));
	ck_assert_ptr_null(strstr(got, "in39.big.example. 300 IN A"));
	got = ask(few, "x.big.example.", TYPE_A, -1);
	ck_assert_ptr_nonnull(strstr(got, "in39.big.example. 300 IN A"));
	zone_table_destroy(few);
	zone_destroy(zone);
}
END_TEST

/* So many servers inside a delegation that pointers do not reach all of them:
 * each has its glue, and a reply over TCP is not said to be cut. */
START_TEST(test_far_glue)
{
	enum { SERVERS = 900 };
	static struct errbuf eb;
	static char text[65536];
	static uint8_t reply[MESSAGE_MAX];
	struct responder responder = {.counters = counters};
	struct address source;
	const struct zone *list[1];
	struct zone *zone;
	struct zone_table *far;
	ldns_pkt *pkt = NULL;
	uint8_t query[512];
	size_t n = 0;

	n += (size_t)snprintf(text + n, sizeof(text) - n,
	    "$TTL 300\n@ SOA ns1 h 7 3600 600 86400 60\n@ NS ns1\n"
	    "ns1 A 192.0.2.1\n");
	for (int i = 0; i < SERVERS; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "d NS n%d.d\nn%d.d A 10.0.%d.%d\n", i, i, i / 256, i % 256);
	zone = fixture_zone("example.", text, &eb);
	ck_assert_msg(zone != NULL, "%s", eb.text);
	list[0] = zone;
	snapshot.zones = far = zone_table_create(list, 1);
	address_parse("198.51.100.77", &source);
	n = make_query(query, "x.d.example.", TYPE_A, -1, NULL, 0);
	n = respond(&responder, &snapshot, TRANSPORT_TCP, &source, query, n,
	    reply, sizeof(reply));
	ck_assert_int_eq(ldns_wire2pkt(&pkt, reply, n), LDNS_STATUS_OK);
	ck_assert(!ldns_pkt_tc(pkt));
	ck_assert_uint_eq(ldns_pkt_nscount(pkt), SERVERS);
	ck_assert_uint_eq(ldns_pkt_arcount(pkt), SERVERS);
	for (size_t i = 0; i < SERVERS; i++)
		ck_assert_int_eq(
		    ldns_dname_compare(ldns_rr_owner(ldns_rr_list_rr(
					   ldns_pkt_additional(pkt), i)),
			ldns_rr_rdf(
			    ldns_rr_list_rr(ldns_pkt_authority(pkt), i), 0)),
		    0);
	ldns_pkt_free(pkt);
	zone_table_destroy(far);
	zone_destroy(zone);
}
END_TEST

/* A signed zone: what goes with an answer for one who wants signatures, and
 * what must not be there. */
static const struct {
	const char *why, *name;
	uint16_t type;
	const char *has, *once, *not ;
} signed_answers[] = {
    {"ANY gets the smallest set, the first", "a.example.", TYPE_ANY,
	" IN A 192.0.2.3", " IN RRSIG A ", " IN TXT "},
    {"ANY gets the smallest set, a later one", "b.example.", TYPE_ANY,
	" IN A 192.0.2.5", " IN RRSIG A ", " IN TXT "},
    {"ANY gets no proof, however small that is", "c.example.", TYPE_ANY,
	" IN TXT ", " IN RRSIG TXT ", " NSEC "},
    {"the DS of a signed delegation, and no proof", "x.safe.example.", TYPE_A,
	" IN DS ", " IN RRSIG DS ", " IN NSEC "},
    {"the proof that one is not signed", "x.plain.example.", TYPE_A,
	" IN NSEC ", " IN RRSIG NSEC ", " IN DS "},
    {"no such type: the SOA with what signs it", "a.example.", TYPE_MX,
	" IN SOA ", " IN RRSIG SOA ", " IN A "},
    {"a chain back to a DNAME's owner, asked for signatures", "t.t.example.",
	TYPE_RRSIG, " IN RRSIG TXT ", "; t.example. 300 IN RRSIG DNAME ", NULL},
};

/* How often ${what} is in ${text}. */
static unsigned
count_of(const char *text, const char *what)
{
	unsigned n = 0;

	while ((text = strstr(text, what)) != NULL) {
		text += strlen(what);
		n++;
	}
	return n;
}

START_TEST(test_signed)
{
	static struct errbuf eb;
	static uint8_t reply[MESSAGE_MAX];
	struct responder responder = {.counters = counters};
	struct address source = {.family = 4};
	struct signer signer;
	const struct zone *list[1];
	char text[2048], *signed_text;
	struct zone_table *few;
	struct zone *zone;
	uint8_t query[512];
	const char *got;
	size_t n;

	snprintf(text, sizeof(text),
	    "$ORIGIN example.\n$TTL 300\n"
	    "@ SOA ns1 h 7 3600 600 86400 60\n@ NS ns1\n"
	    "ns1 A 192.0.2.1\na A 192.0.2.3\na TXT %0250d\nb TXT %0250d\n"
	    "b A 192.0.2.4\nb A 192.0.2.5\nc TXT %0250d\nt DNAME leaf\n"
	    "t TXT t\nleaf DNAME @\nplain NS ns.else.\nsafe NS ns.else.\n"
	    "safe DS 1 13 2 %064d\n",
	    0, 0, 0, 0);
	signer_init(&signer, "example.", 300, SIGNER_NSEC);
	signed_text = signer_sign(&signer, text);
	zone = fixture_zone("example.", signed_text, &eb);
	ck_assert_msg(zone != NULL, "%s", eb.text);
	list[0] = zone;
	snapshot.zones = few = zone_table_create(list, 1);
	for (size_t i = 0;
	     i < sizeof(signed_answers) / sizeof(signed_answers[0]); i++) {
		n = make_query(query, signed_answers[i].name,
		    signed_answers[i].type, 1232, NULL, 0);
		query[n - 4] |= 0x80; /* DO, of the OPT's TTL */
		n = respond(&responder, &snapshot, TRANSPORT_TCP, &source,
		    query, n, reply, sizeof(reply));
		got = describe(reply, n);
		ck_assert_msg(count_of(got, signed_answers[i].has) >= 1 &&
			count_of(got, signed_answers[i].once) == 1 &&
			(signed_answers[i].not == NULL ||
			    count_of(got, signed_answers[i].not ) == 0),
		    "%s: %s", signed_answers[i].why, got);
	}
	free(signed_text);
	signer_finish(&signer);
	zone_table_destroy(few);
	zone_destroy(zone);
}
END_TEST

#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

int
main(void)
{
	Suite *suite = suite_create("dns_answer");
	TCase *tc = tcase_create("answer");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, test_answers, 0, ROWS(answers));
	tcase_add_loop_test(tc, test_root, 0, ROWS(roots));
	tcase_add_test(tc, test_growing_dname);
	tcase_add_test(tc, test_glue_order);
	tcase_add_test(tc, test_far_glue);
	tcase_add_test(tc, test_signed);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
