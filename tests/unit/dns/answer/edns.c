/*
 * EDNS options in and out of respond(): NSID, cookies, keepalive, extended
 * errors; and what the server says of itself in class CH.
 */
#include "tests/unit/hex.h"
#include "tests/unit/message.h"

#include "dns/answer/respond.h"
#include "dns/answer/source.h"
#include "dns/zone/zone.h"
#include "dns/zone/zone_builder.h"
#include "dns/zone/zone_table.h"

#define NOW 0x5cf79f11u
#define FIRST "000a00082464c4abcf10c957"
#define COOKIE "000a00182464c4abcf10c957010000005cf79f111f8130c3eee29480"
#define BAD "000a00182464c4abcf10c957010000005cf79f111f8130c3eee29481"
#define OLD "000a00182464c4abcf10c957010000005cf781001f8130c3eee29480"
#define SUBNET "00080007000118" /* source 24, without its scope */
#define STALE      \
	"000f0011" \
	"0003"     \
	"6865616c7468206973207374616c65"
#define RESORT     \
	"000f0014" \
	"0000"     \
	"6c617374207265736f727420696e20757365"

#define STALE_LEN (sizeof(STALE) / 2)
#define RESORT_LEN (sizeof(RESORT) / 2)

static struct counters counters;
static struct snapshot snapshot;
static struct zone *zone;
static uint8_t message[MESSAGE_MAX], reply[MESSAGE_MAX];

/* What the toy source says of each service. */
static const struct answer toys[] = {
    {.kind = ANSWER_RECORDS, .stale = true, .scope = 20},
    {.kind = ANSWER_RECORDS, .resort = true},
    {.kind = ANSWER_SERVFAIL, .stale = true, .resort = true},
    {.kind = ANSWER_NODATA, .stale = true, .resort = true},
    {.kind = ANSWER_RECORDS},
};

static void
toy_answer(const void *published, const struct answer_request *request,
    struct answer *out)
{
	static const uint8_t image[] = {
	    0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 203, 0, 113, 1};

	static const struct answer_set set = {image, sizeof(image), 1};

	(void)published;
	*out = toys[request->service];
	out->outcome = COUNTER_OUTCOMES;
	out->n_sets = out->kind == ANSWER_RECORDS;
	out->sets[0] = &set;
}

static void
add(struct zone_builder *b, const char *name, uint16_t type, const char *rdata,
    size_t len)
{
	static struct errbuf eb;
	uint8_t owner[NAME_MAX_WIRE];

	name_parse(name, NULL, owner);
	errbuf_init(&eb);
	ck_assert_int_eq(zone_builder_add(b, NULL, owner, type, 300,
			     (const uint8_t *)rdata, len, &eb),
	    0);
}

static void
setup(void)
{
	static const struct answer_source source = {toy_answer};
	static const char soa[] = "\1n\1e\0\1h\1e\0\0\0\0\1\0\0\0\1\0\0\0\1"
				  "\0\0\0\1\0\0\0";
	static struct errbuf eb;
	uint8_t owner[NAME_MAX_WIRE];
	struct zone_builder *b;
	const struct zone *list[1];
	static const char wide[RRSET_MAX - RECORD_FIXED];
	char text[256];

	errbuf_init(&eb);
	name_parse("e.", NULL, owner);
	b = zone_builder_create(owner);
	add(b, "e.", TYPE_SOA, soa, sizeof(soa));
	add(b, "e.", TYPE_NS, "\1n\1e", 5);
	add(b, "n.e.", TYPE_A, "\300\0\2\1", 4);
	add(b, "loop.e.", TYPE_CNAME, "\4pool\1e", 8);
	add(b, "pool.e.", TYPE_CNAME, "\4loop\1e", 8);
	memset(text, 'x', sizeof(text));
	text[0] = (char)200;
	for (int i = 0; i < 2; i++, text[1] = 'y')
		add(b, "big.e.", TYPE_TXT, text, 201);
	add(b, "*.w.e.", 65280, wide, sizeof(wide));
	for (uint32_t i = 0; i < sizeof(toys) / sizeof(toys[0]); i++) {
		snprintf(text, sizeof(text), "s%u.e.", i);
		name_parse(text, NULL, owner);
		ck_assert_int_eq(
		    zone_builder_service(b, NULL, owner, i, 0, &eb), 0);
	}
	list[0] = zone = zone_builder_finish(b, &eb);
	ck_assert_msg(zone != NULL, "%s", eb.text);
	snapshot.zones = zone_table_create(list, 1);
	snapshot.source = &source;
	snapshot.udp_size = 1232;
}

static const struct identity named = {
    .version = "meridian",
    .name = "node-1",
    .nsid = (const uint8_t *)"node-1",
    .nsid_len = 6,
    .cookies = {.n = 1,
	.secret = {{0xe5, 0xe9, 0x73, 0xe5, 0xa6, 0xb2, 0xa4, 0x3f, 0x48, 0xe7,
	    0xdc, 0x84, 0x9e, 0x37, 0xbf, 0xcf}}},
};

/* Send ${len} octets of ${message} from 198.51.100.100; the octets of the
 * answer. */
static size_t
ask(enum transport transport, size_t len, size_t room)
{
	struct responder responder = {
	    .counters = &counters, .wall_s = NOW, .keepalive_ds = 100};
	struct address source;

	address_parse("198.51.100.100", &source);
	return respond(&responder, &snapshot, transport, &source, message, len,
	    reply, room);
}

/* Where the OPT record stands, which is the last of the reply of ${n} octets.
 */
static size_t
find_opt(size_t n)
{
	size_t at = DNS_HEADER;
	int records = wire_get16(reply + 6) + wire_get16(reply + 8) +
	    wire_get16(reply + 10);

	for (int i = wire_get16(reply + 4); i > 0; i--)
		at += name_length(reply + at) + 4;
	for (; records > 1; records--) {
		at += 2;
		at += 10u + wire_get16(reply + at + 8);
	}
	ck_assert_uint_eq(wire_get16(reply + at + 1), TYPE_OPT);
	ck_assert_uint_eq(at + 11 + wire_get16(reply + at + 9), n);
	return at;
}

enum { REQUIRE = 1, TCP = 2, EMPTY = 4, SILENT = 8 };

static const struct {
	const char *why, *name, *options;
	int how;
	unsigned rcode;
	const char *back;
} rows[] = {
    {"no option, none back", "n.e.", "", 0, 0, ""},
    {"NSID (RFC 5001)", "n.e.", "00030000", 0, 0, "000300066e6f64652d31"},
    {"NSID with something in it", "n.e.", "000300026162", 0, 0,
	"000300066e6f64652d31"},
    {"NSID when there is none to tell", "n.e.", "00030000", SILENT, 0, ""},
    {"an unknown option", "n.e.", "00630000", 0, 0, ""},
    {"a first cookie (RFC 7873, 5.2.3)", "n.e.", FIRST, 0, 0, COOKIE},
    {"a cookie that is good", "n.e.", COOKIE, 0, 0, COOKIE},
    {"one that is not is answered all the same", "n.e.", BAD, 0, 0, COOKIE},
    {"one that is too old too", "n.e.", OLD, 0, 0, COOKIE},
    {"a cookie where none are spoken", "n.e.", FIRST, SILENT, 0, ""},
    {"a refused question has its cookie", "other.", COOKIE, 0, 5,
	COOKIE "000f00020014"},
    {"required: a first cookie", "n.e.", FIRST, REQUIRE, 23, COOKIE},
    {"required: a bad one (RFC 7873, 5.2.4)", "n.e.", BAD, REQUIRE, 23, COOKIE},
    {"required: an old one", "n.e.", OLD, REQUIRE, 23, COOKIE},
    {"required: a good one", "n.e.", COOKIE, REQUIRE, 0, COOKIE},
    {"required: none is no fault of who does not know them", "n.e.", "",
	REQUIRE, 0, ""},
    {"required: not over TCP", "n.e.", BAD, REQUIRE | TCP, 0, COOKIE},
    {"required where none are spoken means nothing", "n.e.", FIRST,
	REQUIRE | SILENT, 0, ""},
    {"no question, a first cookie (RFC 7873, 5.4)", NULL, FIRST, EMPTY, 0,
	COOKIE},
    {"no question, a first cookie, required", NULL, FIRST, EMPTY | REQUIRE, 0,
	COOKIE},
    {"no question, a good one", NULL, COOKIE, EMPTY, 0, COOKIE},
    {"no question, a bad one", NULL, BAD, EMPTY, 23, COOKIE},
    {"no question, an old one, over TCP", NULL, OLD, EMPTY | TCP, 23, COOKIE},
    {"no question, and no cookies are spoken", NULL, FIRST, EMPTY | SILENT, 1,
	""},
    {"keepalive (RFC 7828)", "n.e.", "000b0000", TCP, 0, "000b00020064"},
    {"keepalive over UDP is ignored", "n.e.", "000b0000", 0, 0, ""},
    {"a keepalive that says a time", "n.e.", "000b00020001", TCP, 1,
	"000b00020064"},
    {"over UDP that is ignored too", "n.e.", "000b00020001", 0, 0, ""},
    {"nobody is told of keepalive who did not ask", "n.e.", COOKIE, TCP, 0,
	COOKIE},
    {"all at once", "n.e.", "000b0000" SUBNET "00cb0071" COOKIE "00030000", TCP,
	0, SUBNET "00cb0071000300066e6f64652d31" COOKIE "000b00020064"},
    {"after a malformed option none is answered", "n.e.", COOKIE "000800020001",
	0, 1, ""},
    {"stale health", "s0.e.", "", 0, 0, STALE},
    {"a note leaves the scope alone", "s0.e.", SUBNET "00cb0071", 0, 0,
	SUBNET "14cb0071" STALE},
    {"the last resort", "s1.e.", "", 0, 0, RESORT},
    {"SERVFAIL on stale health as the last resort", "s2.e.", "", 0, 2,
	STALE RESORT},
    {"NODATA of endpoints that lack the family", "s3.e.", "", 0, 0,
	STALE RESORT},
    {"a choice among the healthy says nothing", "s4.e.", "", 0, 0, ""},
    {"a CNAME that leads to itself", "loop.e.", "", 0, 0,
	"000f0021"
	"0000"
	"434e414d4520636861696e20656e646c657373206f7220746f6f206c6f6e67"},
};

START_TEST(test_options)
{
	uint8_t options[256], back[256];
	size_t len = hex_read(rows[_i].options, options);
	size_t want = hex_read(rows[_i].back, back), n, at;
	enum transport transport =
	    rows[_i].how & TCP ? TRANSPORT_TCP : TRANSPORT_UDP;
	unsigned rcode;

	snapshot.identity = named;
	if (rows[_i].how & SILENT)
		memset(&snapshot.identity, 0, sizeof(snapshot.identity));
	snapshot.identity.cookies.require = rows[_i].how & REQUIRE;
	n = make_query(message, rows[_i].name != NULL ? rows[_i].name : ".",
	    TYPE_A, 1232, options, len);
	if (rows[_i].how & EMPTY) {
		wire_put16(message + 4, 0);
		n -= 5;
		memmove(message + DNS_HEADER, message + DNS_HEADER + 5,
		    n - DNS_HEADER);
	}
	n = ask(transport, n, sizeof(reply));
	at = find_opt(n);
	rcode = (reply[3] & 15u) | (unsigned)reply[at + 5] << 4;
	ck_assert_msg(
	    rcode == rows[_i].rcode, "%s: rcode %u", rows[_i].why, rcode);
	ck_assert_msg(
	    n - at - 11 == want, "%s: %zu octets", rows[_i].why, n - at - 11);
	ck_assert_mem_eq(reply + at + 11, back, want);
	if (rows[_i].how & EMPTY || rcode == RCODE_BADCOOKIE)
		ck_assert_uint_eq(wire_get16(reply + 6), 0);
}
END_TEST

/* Without EDNS in the query nothing of it is in the answer. */
START_TEST(test_no_edns)
{
	static const char *const names[] = {
	    "n.e.", "other.", "s0.e.", "s2.e.", "loop.e."};
	size_t n;

	snapshot.identity = named;
	n = make_query(message, names[_i], TYPE_A, -1, NULL, 0);
	ask(TRANSPORT_UDP, n, sizeof(reply));
	ck_assert_uint_eq(wire_get16(reply + 10), 0);
}
END_TEST

/* An extended error is left out before anything else is (RFC 8914, 3); the
 * others are told as long as they fit. */
START_TEST(test_room_for_errors)
{
	size_t whole, bare, n, len;

	snapshot.identity = named;
	len = make_query(message, "s2.e.", TYPE_A, 1232, NULL, 0);
	whole = ask(TRANSPORT_TCP, len, sizeof(reply));
	bare = whole - STALE_LEN - RESORT_LEN;
	for (size_t room = bare; room <= whole; room++) {
		n = ask(TRANSPORT_TCP, len, room);
		ck_assert_uint_eq(reply[3] & 15, RCODE_SERVFAIL);
		ck_assert_uint_eq(reply[2] & 2, 0);
		if (room == whole)
			ck_assert_uint_eq(n, whole);
		else if (room >= bare + STALE_LEN)
			ck_assert_uint_eq(n, bare + STALE_LEN);
		else
			ck_assert_uint_eq(n, bare);
		find_opt(n);
	}
}
END_TEST

/* A small answer keeps its records when notes do not fit; and one that does
 * not fit into 512 octets is cut, with its cookie. */
START_TEST(test_truncated)
{
	uint8_t options[64];
	size_t n, len = hex_read(FIRST, options), at;

	snapshot.identity = named;
	n = make_query(message, "big.e.", TYPE_TXT, 512, options, len);
	n = ask(TRANSPORT_UDP, n, sizeof(reply));
	ck_assert_uint_eq(reply[2] & 2, 0);
	ck_assert_uint_eq(wire_get16(reply + 6), 2);
	ck_assert_uint_le(n, 512);
	len += hex_read("00030000", options + len);
	len += hex_read(
	    "000800140002800020010db8000000000000000000000001", options + len);
	n = make_query(message, "big.e.", TYPE_TXT, 512, options, len);
	n = ask(TRANSPORT_UDP, n, sizeof(reply));
	ck_assert_uint_eq(reply[2] & 2, 2);
	ck_assert_uint_eq(wire_get16(reply + 6), 0);
	at = find_opt(n);
	ck_assert_uint_eq(n - at - 11, 24 + 10 + 28);
	/* What the client takes is no more than we send. */
	snapshot.udp_size = 400;
	n = make_query(message, "big.e.", TYPE_TXT, 4096, NULL, 0);
	ck_assert_uint_le(ask(TRANSPORT_UDP, n, sizeof(reply)), 400);
	ck_assert_uint_eq(reply[2] & 2, 2);
	snapshot.udp_size = 1232;
}
END_TEST

/* The longest question and all options of ours fit into 512 octets. */
START_TEST(test_longest)
{
	static uint8_t nsid[IDENTITY_MAX];
	uint8_t options[128];
	char name[256];
	size_t n, len;

	snapshot.identity = named;
	snapshot.identity.nsid = nsid;
	snapshot.identity.nsid_len = sizeof(nsid);
	for (size_t i = 0; i < 127; i++)
		snprintf(name + 2 * i, 3, "a.");
	len = hex_read(FIRST "00030000000b0000"
			     "000800140002800020010db80000000000000000000000"
			     "01",
	    options);
	n = make_query(message, name, TYPE_A, 512, options, len);
	n = ask(TRANSPORT_UDP, n, 512);
	ck_assert_uint_le(n, 512);
	ck_assert_uint_eq(reply[3] & 15, RCODE_REFUSED);
	find_opt(n);
}
END_TEST

/* The largest set of a zone fits into a message over TCP, whatever the name
 * that a wildcard gives it and with all options of ours. */
START_TEST(test_largest_set)
{
	static uint8_t nsid[IDENTITY_MAX];
	uint8_t options[128];
	char name[256];
	size_t n, len;

	snapshot.identity = named;
	snapshot.identity.nsid = nsid;
	snapshot.identity.nsid_len = sizeof(nsid);
	for (size_t i = 0; i < 125; i++)
		snprintf(name + 2 * i, 3, "a.");
	snprintf(name + 250, 5, "w.e.");
	len = hex_read(FIRST "00030000000b0000"
			     "000800140002800020010db80000000000000000000000"
			     "01",
	    options);
	n = make_query(message, name, 65280, 512, options, len);
	n = ask(TRANSPORT_TCP, n, sizeof(reply));
	ck_assert_uint_eq(reply[2] & 2, 0);
	ck_assert_uint_eq(wire_get16(reply + 6), 1);
	ck_assert_uint_eq(n, MESSAGE_MAX);
}
END_TEST

/* What came is counted, cookies by what they were. */
START_TEST(test_counters)
{
	static const struct {
		const char *options;
		int bit; /* of counters.options */
		enum cookie_state cookie;
	} counts[] = {
	    {"00030000", 0, COOKIE_NONE},
	    {FIRST, 1, COOKIE_FIRST},
	    {COOKIE, 1, COOKIE_VALID},
	    {OLD, 1, COOKIE_EXPIRED},
	    {BAD, 1, COOKIE_BAD},
	    {"000b0000", 2, COOKIE_NONE},
	    {"000b00020000", 2, COOKIE_NONE},
	    {"00630000"
	     "00640000",
		3, COOKIE_NONE},
	};
	uint8_t options[64];

	snapshot.identity = named;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		size_t len = hex_read(counts[i].options, options);

		memset(&counters, 0, sizeof(counters));
		len = make_query(message, "n.e.", TYPE_A, 512, options, len);
		ask(TRANSPORT_UDP, len, sizeof(reply));
		for (int k = 0; k < COUNTER_OPTIONS; k++)
			ck_assert_uint_eq(counter_read(&counters.options[k]),
			    k == counts[i].bit);
		for (int k = 0; k < COOKIE_STATES; k++)
			ck_assert_uint_eq(counter_read(&counters.cookies[k]),
			    k != COOKIE_NONE && k == (int)counts[i].cookie);
	}
}
END_TEST

static const struct {
	const char *why, *name;
	uint16_t type;
	const char *answer;
} chaos[] = {
    {"version.bind", "version.bind.", TYPE_TXT,
	"0 aa AN version.bind. 0 CH TXT \"meridian\"; "},
    {"in any case", "VERSION.Bind.", TYPE_TXT,
	"0 aa AN VERSION.Bind. 0 CH TXT \"meridian\"; "},
    {"version.server (RFC 4892, 3)", "version.server.", TYPE_TXT,
	"0 aa AN version.server. 0 CH TXT \"meridian\"; "},
    {"hostname.bind", "hostname.bind.", TYPE_TXT,
	"0 aa AN hostname.bind. 0 CH TXT \"node-1\"; "},
    {"id.server, asked with ANY", "id.server.", TYPE_ANY,
	"0 aa AN id.server. 0 CH TXT \"node-1\"; "},
    {"another type there", "id.server.", TYPE_A, "0 aa "},
    {"a name we do not know", "authors.bind.", TYPE_TXT, "5 "},
    {"names of the same lengths", "versiom.bind.", TYPE_TXT, "5 "},
    {"and another", "version.servez.", TYPE_TXT, "5 "},
    {"and another", "hostmame.bind.", TYPE_TXT, "5 "},
    {"and another", "ib.server.", TYPE_TXT, "5 "},
    {"a name below", "x.id.server.", TYPE_TXT, "5 "},
    {"a name above", "server.", TYPE_TXT, "5 "},
    {"a name of our zone", "n.e.", TYPE_TXT, "5 "},
};

/* Make a question of class CH. */
static size_t
make_chaos(const char *name, uint16_t type)
{
	size_t len = make_query(message, name, type, -1, NULL, 0);

	wire_put16(message + len - 2, CLASS_CH);
	return len;
}

START_TEST(test_chaos)
{
	size_t len = make_chaos(chaos[_i].name, chaos[_i].type);

	snapshot.identity = named;
	len = ask(TRANSPORT_UDP, len, sizeof(reply));
	ck_assert_msg(strcmp(describe(reply, len), chaos[_i].answer) == 0,
	    "%s: %s", chaos[_i].why, describe(reply, len));
}
END_TEST

/* Nor is class CH answered by half. */
START_TEST(test_chaos_room)
{
	size_t len = make_chaos("id.server.", TYPE_TXT), whole;

	snapshot.identity = named;
	whole = ask(TRANSPORT_UDP, len, sizeof(reply));
	len = ask(TRANSPORT_UDP, len, whole - 1);
	ck_assert_str_eq(describe(reply, len), "0 aa tc ");
}
END_TEST

/* What is not to be told is refused, and no hint of it given. */
START_TEST(test_chaos_silent)
{
	static const char *const names[] = {
	    "version.bind.", "version.server.", "hostname.bind.", "id.server."};
	size_t len = make_chaos(names[_i], TYPE_TXT);

	snapshot.identity = (struct identity){0};
	len = ask(TRANSPORT_UDP, len, sizeof(reply));
	ck_assert_str_eq(describe(reply, len), "5 ");
}
END_TEST

#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

int
main(void)
{
	Suite *suite = suite_create("dns: edns");
	TCase *tc = tcase_create("edns");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_unchecked_fixture(tc, setup, NULL);
	tcase_add_loop_test(tc, test_options, 0, ROWS(rows));
	tcase_add_loop_test(tc, test_no_edns, 0, 5);
	tcase_add_test(tc, test_room_for_errors);
	tcase_add_test(tc, test_truncated);
	tcase_add_test(tc, test_longest);
	tcase_add_test(tc, test_largest_set);
	tcase_add_test(tc, test_counters);
	tcase_add_loop_test(tc, test_chaos, 0, ROWS(chaos));
	tcase_add_loop_test(tc, test_chaos_silent, 0, 4);
	tcase_add_test(tc, test_chaos_room);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
