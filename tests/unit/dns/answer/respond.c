/*
 * respond() over a zone from a master file and an answer source of a few lines:
 * every answer is decoded by ldns and compared as text.
 */
#include <check.h>
#include <ldns/ldns.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dns/answer/respond.h"
#include "dns/answer/rrl.h"
#include "dns/answer/source.h"
#include "dns/answer/samples.h"
#include "dns/wire/name.h"
#include "dns/wire/protocol.h"
#include "dns/wire/wire.h"
#include "dns/zone/zone_table.h"
#include "dns/zone/zonefile.h"
#include "tests/unit/message.h"

static const char zone_text[] =
    "$ORIGIN example.\n"
    "$TTL 300\n"
    "@ SOA ns1 hostmaster 7 3600 600 86400 60\n"
    "@ NS ns1\n"
    "ns1 A 192.0.2.1\n"
    "a A 192.0.2.2\n"
    "a A 192.0.2.3\n"
    "alias CNAME a\n"
    "chain CNAME alias\n"
    "away CNAME www.other.\n"
    "dangling CNAME nowhere\n"
    "toempty CNAME ent\n"
    "tosteered CNAME chat\n"
    "deep.ent TXT \"below an empty non-terminal\"\n"
    "*.wild A 192.0.2.4\n"
    "x.under.wild TXT \"an encloser of its own\"\n"
    "*.walias CNAME a\n"
    "sub NS ns.sub\n"
    "sub NS ns.elsewhere.\n"
    "sub NS ns.sibling\n"
    "ns.sub A 192.0.2.5\n"
    "ns.sibling A 192.0.2.6\n"
    "tosub CNAME www.sub\n"
    "tree DNAME a.leaf\n"
    "y.a.leaf A 192.0.2.7\n"
    "last A 192.0.2.9\n"
    "sig RRSIG TXT 8 2 300 20300101000000 20200101000000 1 @ BBBB\n"
    "sig RRSIG A 8 2 300 20300101000000 20200101000000 1 @ AAAA\n"
    "big TXT \"0123456789012345678901234567890123456789012345678901234567"
    "89012345678901234567890123456789012345678901234567890123456789\"\n"
    "big TXT \"1123456789012345678901234567890123456789012345678901234567"
    "89012345678901234567890123456789012345678901234567890123456789\"\n"
    "big TXT \"2123456789012345678901234567890123456789012345678901234567"
    "89012345678901234567890123456789012345678901234567890123456789\"\n"
    "big TXT \"3123456789012345678901234567890123456789012345678901234567"
    "89012345678901234567890123456789012345678901234567890123456789\"\n";

/* The steered names of the zone, by number. */
static const char *const services[] = {"chat.example.", "none.example.",
    "last.example.", "broken.example.", "*.tenant.example."};
#define N_SERVICES 5

static const uint8_t image[] = {
    0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 203, 0, 113, 1};

static const struct answer_set set = {image, sizeof(image), 1};

/* What the source was asked last, and what it says. */
static struct answer_request asked;
static struct client asked_client;
static struct address asked_sender;

#define REASON (ANSWER_REASONS - 1)
static bool by_sender; /* it decides */

static void
toy_answer(const void *snapshot, const struct answer_request *request,
    struct answer *out)
{
	(void)snapshot;
	asked = *request;
	asked_client = *request->client;
	asked_sender = *request->sender;
	memset(out, 0, sizeof(*out));
	out->scope = 22;
	out->ttl_s = 30;
	out->outcome = request->service;
	out->reason = REASON;
	out->by_sender = by_sender;
	out->service = request->service;
	switch (request->service) {
	case 1:
		out->kind = ANSWER_NODATA;
		out->ttl_s = request->form == FORM_IPV4 ? UINT32_MAX : 30;
		break;
	case 2:
		out->kind = ANSWER_STATIC;
		break;
	case 3:
		out->kind = ANSWER_SERVFAIL;
		break;
	default:
		out->kind =
		    request->form == FORM_IPV4 ? ANSWER_RECORDS : ANSWER_NODATA;
		out->n_sets = 1;
		/* The second one is none of those that are counted. */
		out->sets[0] = out->sets[1] = &set;
	}
}

static const struct answer_source toy_source = {toy_answer};
static struct snapshot snapshot;
static struct counters *counters;
static struct zone *zone;
static struct zone_table *zones;

static struct zone *
load(const char *text)
{
	struct zone_service list[N_SERVICES];
	struct zonefile_request request;
	struct errbuf eb;
	char path[] = "/tmp/dns_respond.XXXXXX";
	uint8_t apex[NAME_MAX_WIRE];
	struct zone *z;
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (int)strlen(text));
	close(fd);
	name_parse("example.", NULL, apex);
	memset(list, 0, sizeof(list));
	for (int i = 0; i < N_SERVICES; i++)
		name_parse(services[i], NULL, list[i].owner);
	errbuf_init(&eb);
	request = (struct zonefile_request){.path = path,
	    .apex = apex,
	    .services = list,
	    .n_services = N_SERVICES};
	z = zonefile_load(&request, NULL, &eb);
	unlink(path);
	ck_assert_msg(z != NULL, "%s", eb.text);
	return z;
}

static void
setup(void)
{
	const struct zone *list[1];

	zone = load(zone_text);
	list[0] = zone;
	zones = zone_table_create(list, 1);
	counters = calloc(1, sizeof(*counters));
	snapshot.zones = zones;
	snapshot.source = &toy_source;
	snapshot.udp_size = 1232;
}

static void
teardown(void)
{
	zone_table_destroy(zones);
	zone_destroy(zone);
	free(counters);
}

static size_t
ask_from(enum transport transport, const char *from, const uint8_t *query,
    size_t len, uint8_t *reply)
{
	struct responder responder = {.counters = counters};
	struct address source;

	ck_assert_int_eq(address_parse(from, &source), 0);
	return respond(&responder, &snapshot, transport, &source, query, len,
	    reply, MESSAGE_MAX);
}

static size_t
ask(const uint8_t *query, size_t len, uint8_t *reply)
{
	return ask_from(TRANSPORT_UDP, "198.51.100.77", query, len, reply);
}

#define SOA                                                                  \
	"NS example. 60 IN SOA ns1.example. hostmaster.example. 7 3600 600 " \
	"86400 60; "
#define SHORT_SOA                                                            \
	"NS example. 30 IN SOA ns1.example. hostmaster.example. 7 3600 600 " \
	"86400 30; "

static const struct {
	const char *why, *name;
	uint16_t type;
	const char *answer;
} answers[] = {
    {"a set at the name", "a.example.", TYPE_A,
	"0 aa AN a.example. 300 IN A 192.0.2.2; a.example. 300 IN A "
	"192.0.2.3; "},
    {"case comes back as asked", "A.eXample.", TYPE_A,
	"0 aa AN A.eXample. 300 IN A 192.0.2.2; A.eXample. 300 IN A "
	"192.0.2.3; "},
    {"no such type", "a.example.", TYPE_AAAA, "0 aa " SOA},
    {"no such name", "nix.example.", TYPE_A, "3 aa " SOA},
    {"below a name that is there", "nix.a.example.", TYPE_A, "3 aa " SOA},
    {"an empty non-terminal", "ent.example.", TYPE_A, "0 aa " SOA},
    {"the apex", "example.", TYPE_NS,
	"0 aa AN example. 300 IN NS ns1.example.; AR ns1.example. 300 IN A "
	"192.0.2.1; "},
    {"a CNAME", "alias.example.", TYPE_A,
	"0 aa AN alias.example. 300 IN CNAME a.example.; a.example. 300 IN A "
	"192.0.2.2; a.example. 300 IN A 192.0.2.3; "},
    {"the CNAME itself", "alias.example.", TYPE_CNAME,
	"0 aa AN alias.example. 300 IN CNAME a.example.; "},
    {"two CNAMEs", "chain.example.", TYPE_A,
	"0 aa AN chain.example. 300 IN CNAME alias.example.; alias.example. "
	"300 IN CNAME a.example.; a.example. 300 IN A 192.0.2.2; a.example. "
	"300 IN A 192.0.2.3; "},
    {"a CNAME that leaves the zone", "away.example.", TYPE_A,
	"0 aa AN away.example. 300 IN CNAME www.other.; "},
    {"a CNAME to no type", "alias.example.", TYPE_AAAA,
	"0 aa AN alias.example. 300 IN CNAME a.example.; " SOA},
    {"a CNAME to no name (RFC 6604)", "dangling.example.", TYPE_A,
	"3 aa AN dangling.example. 300 IN CNAME nowhere.example.; " SOA},
    {"a CNAME to an empty non-terminal", "toempty.example.", TYPE_A,
	"0 aa AN toempty.example. 300 IN CNAME ent.example.; " SOA},
    {"a CNAME to a delegation", "tosub.example.", TYPE_A,
	"0 aa AN tosub.example. 300 IN CNAME www.sub.example.; NS "
	"sub.example. 300 IN NS ns.sub.example.; sub.example. 300 IN NS "
	"ns.elsewhere.; sub.example. 300 IN NS ns.sibling.example.; AR "
	"ns.sub.example. 300 IN A 192.0.2.5; ns.sibling.example. 300 IN A "
	"192.0.2.6; "},
    {"a chain stops at a service (RFC 7871, 7.2.1)", "tosteered.example.",
	TYPE_A, "0 aa AN tosteered.example. 300 IN CNAME chat.example.; "},
    {"a wildcard", "any.wild.example.", TYPE_A,
	"0 aa AN any.wild.example. 300 IN A 192.0.2.4; "},
    {"a wildcard two labels up", "any.thing.wild.example.", TYPE_A,
	"0 aa AN any.thing.wild.example. 300 IN A 192.0.2.4; "},
    {"no wildcard past a closer encloser (RFC 4592)", "any.under.wild.example.",
	TYPE_A, "3 aa " SOA},
    {"the wildcard's owner has no other type", "any.wild.example.", TYPE_MX,
	"0 aa " SOA},
    {"a wildcard CNAME", "q.walias.example.", TYPE_A,
	"0 aa AN q.walias.example. 300 IN CNAME a.example.; a.example. 300 IN "
	"A 192.0.2.2; a.example. 300 IN A 192.0.2.3; "},
    {"a delegation with glue", "www.sub.example.", TYPE_A,
	"0 NS sub.example. 300 IN NS ns.sub.example.; sub.example. 300 IN NS "
	"ns.elsewhere.; sub.example. 300 IN NS ns.sibling.example.; AR "
	"ns.sub.example. 300 IN A 192.0.2.5; ns.sibling.example. 300 IN A "
	"192.0.2.6; "},
    {"glue is not authoritative", "ns.sub.example.", TYPE_A,
	"0 NS sub.example. 300 IN NS ns.sub.example.; sub.example. 300 IN NS "
	"ns.elsewhere.; sub.example. 300 IN NS ns.sibling.example.; AR "
	"ns.sub.example. 300 IN A 192.0.2.5; ns.sibling.example. 300 IN A "
	"192.0.2.6; "},
    {"the DS of a delegation is the parent's", "sub.example.", TYPE_DS,
	"0 aa " SOA},
    {"a DNAME makes a CNAME (RFC 6672)", "y.tree.example.", TYPE_A,
	"0 aa AN tree.example. 300 IN DNAME a.leaf.example.; y.tree.example. "
	"300 IN CNAME y.a.leaf.example.; y.a.leaf.example. 300 IN A "
	"192.0.2.7; "},
    {"the DNAME's owner is itself", "tree.example.", TYPE_A, "0 aa " SOA},
    {"all signatures of a name", "sig.example.", TYPE_RRSIG,
	"0 aa AN sig.example. 300 IN RRSIG A 8 2 300 20300101000000 "
	"20200101000000 1 example. AAAA; sig.example. 300 IN RRSIG TXT 8 2 300 "
	"20300101000000 20200101000000 1 example. BBBB; "},
    {"another zone", "www.other.", TYPE_A, "5 "},
    {"ANY (RFC 8482)", "a.example.", TYPE_ANY,
	"0 aa AN a.example. 3600 IN HINFO \"RFC8482\" \"\"; "},
    {"ANY at a CNAME", "alias.example.", TYPE_ANY,
	"0 aa AN alias.example. 300 IN CNAME a.example.; "},
    {"AXFR is not for everybody", "example.", TYPE_AXFR, "5 "},
    {"a service", "chat.example.", TYPE_A,
	"0 aa AN chat.example. 30 IN A 203.0.113.1; "},
    {"a family no endpoint has: for as long as the zone says", "none.example.",
	TYPE_A, "0 aa " SOA},
    {"a family the chosen endpoints lack: TTL and MINIMUM are short (RFC 2308)",
	"none.example.", TYPE_AAAA, "0 aa " SHORT_SOA},
    {"records as the last resort, none of the family: NODATA, as short",
	"last.example.", TYPE_AAAA, "0 aa " SHORT_SOA},
    {"a type a service has not", "chat.example.", TYPE_MX, "0 aa " SOA},
    {"the last resort: records of the zone file, TTL capped", "last.example.",
	TYPE_A, "0 aa AN last.example. 30 IN A 192.0.2.9; "},
    {"the last resort: SERVFAIL", "broken.example.", TYPE_A, "2 "},
    {"a wildcard service", "Acme.tenant.example.", TYPE_A,
	"0 aa AN Acme.tenant.example. 30 IN A 203.0.113.1; "},
};

START_TEST(test_answers)
{
	uint8_t query[512], reply[MESSAGE_MAX];
	size_t len = make_query(
	    query, answers[_i].name, answers[_i].type, 1232, NULL, 0);
	size_t n = ask(query, len, reply);

	ck_assert_msg(strcmp(describe(reply, n), answers[_i].answer) == 0,
	    "%s:\n got %s\nwant %s", answers[_i].why, describe(reply, n),
	    answers[_i].answer);
	ck_assert_uint_eq(counter_read(&counters->queries[TRANSPORT_UDP]), 1);
	ck_assert_uint_eq(counter_read(&counters->answers[TRANSPORT_UDP]), 1);
	ck_assert_uint_eq(counter_read(&counters->rcode[reply[3] & 15]), 1);
}
END_TEST

/* What outcome number ${outcome} has counted. */
static uint64_t
counted(uint32_t outcome, bool subnet)
{
	return counter_read(
	    &counters->outcome[outcome][counter_cell(REASON, subnet)]);
}

/* A service is asked with the owner as matched, in lower case. */
START_TEST(test_request)
{
	uint8_t query[512], reply[MESSAGE_MAX];
	static const uint8_t owner[] = "\4acme\6tenant\7example";
	size_t len =
	    make_query(query, "aCme.tenant.example.", TYPE_A, -1, NULL, 0);

	ask(query, len, reply);
	ck_assert_uint_eq(asked.service, 4);
	ck_assert_uint_eq(asked.owner_len, sizeof(owner));
	ck_assert_uint_eq(asked_client.source_len, 32);
	ck_assert_uint_eq(asked_client.address.bytes[3], 77);
	ck_assert_uint_eq(counted(4, false), 1);
}
END_TEST

/* What rate limiting keeps back was given to nobody. */
START_TEST(test_limited)
{
	const struct rrl_settings settings = {.responses = 1,
	    .window_ms = 1000,
	    .slip = 2,
	    .ipv4 = 24,
	    .ipv6 = 56,
	    .table = 1024};
	uint8_t query[512], reply[MESSAGE_MAX];
	size_t len =
	    make_query(query, "acme.tenant.example.", TYPE_A, -1, NULL, 0);

	snapshot.rrl = rrl_create(&settings, 1);
	for (int i = 0; i < 5; i++)
		ask(query, len, reply);
	ck_assert_uint_eq(counter_read(&counters->rrl_slipped[RRL_ANSWER]), 2);
	ck_assert_uint_eq(counter_read(&counters->rrl_dropped[RRL_ANSWER]), 2);
	ck_assert_uint_eq(counted(4, false), 1);
	rrl_destroy(snapshot.rrl);
	snapshot.rrl = NULL;
}
END_TEST

/* Answers with a client subnet are counted apart, and by scope. */
START_TEST(test_counted)
{
	static const uint8_t ipv4[] = {0, 8, 0, 7, 0, 1, 24, 0, 203, 0, 113};
	static const uint8_t ipv6[] = {
	    0, 8, 0, 10, 0, 2, 48, 0, 0x20, 1, 0xd, 0xb8, 0, 7};
	static const uint8_t none[] = {0, 8, 0, 4, 0, 1, 0, 0};
	const counter *scope = counters->scope[4];
	uint8_t query[512], reply[MESSAGE_MAX];

	ask(query,
	    make_query(query, "acme.tenant.example.", TYPE_A, 1232, ipv4,
		sizeof(ipv4)),
	    reply);
	for (int i = 0; i < 2; i++)
		ask(query,
		    make_query(query, "acme.tenant.example.", TYPE_A, 1232,
			ipv6, sizeof(ipv6)),
		    reply);
	ask(query,
	    make_query(query, "acme.tenant.example.", TYPE_A, 1232, none,
		sizeof(none)),
	    reply);
	/* No data for anybody: scope 0. */
	ask(query,
	    make_query(query, "acme.tenant.example.", TYPE_AAAA, 1232, ipv4,
		sizeof(ipv4)),
	    reply);
	ck_assert_uint_eq(counted(4, true), 4);
	ck_assert_uint_eq(counted(4, false), 1);
	ck_assert_uint_eq(counter_read(&scope[22]), 1);
	ck_assert_uint_eq(counter_read(&scope[COUNTER_SCOPES_IPV4 + 22]), 2);
	ck_assert_uint_eq(counter_read(&scope[0]), 1);
}
END_TEST

/* Of one answer in so many the client, or the sender where that decided, goes
 * to the ring; what it has no room for is counted. */
START_TEST(test_samples)
{
	static const uint8_t ipv4[] = {0, 8, 0, 7, 0, 1, 24, 0, 203, 0, 113};
	struct responder responder = {.counters = counters, .mono_ms = 1};
	uint8_t query[512], reply[MESSAGE_MAX];
	size_t len = make_query(
	    query, "acme.tenant.example.", TYPE_A, 1232, ipv4, sizeof(ipv4));
	const struct sample *sample;
	struct address source;
	size_t n, size;

	ck_assert_int_eq(address_parse("198.51.100.77", &source), 0);
	counters->samples = ring_create(SAMPLE_RING);
	for (unsigned every = 1; every <= 10; every += 9) {
		snapshot.sample = every;
		responder.sample_seed = responder.sample_left = 0;
		for (int i = 0; i < 10000; i++)
			respond(&responder, &snapshot, TRANSPORT_TCP, &source,
			    query, len, reply, MESSAGE_MAX);
		for (n = 0;
		     (sample = ring_first(counters->samples, &size)) != NULL;
		     n++) {
			char text[ADDRESS_TEXT];

			ck_assert_uint_eq(sample->outcome, 4);
			ck_assert_uint_eq(sample->reason, REASON);
			ck_assert_str_eq(address_format(&sample->address, text),
			    by_sender ? "198.51.100.77" : "203.0.113.0");
			ring_take(counters->samples);
		}
		n += counter_read(&counters->samples_dropped);
		ck_assert_uint_ge(n, every == 1 ? 10000 : 900);
		ck_assert_uint_le(n, every == 1 ? 10000 : 1100);
		counter_add(&counters->samples_dropped,
		    -counter_read(&counters->samples_dropped));
		by_sender = true;
	}
	by_sender = false;
	snapshot.sample = 0;
	ring_destroy(counters->samples);
	counters->samples = NULL;
}
END_TEST

/* Client subnets: option in, what comes back (nothing: FORMERR, no option). */
static const struct {
	const char *why;
	size_t len;
	uint8_t option[32];
	unsigned rcode;
	size_t back_len;
	uint8_t back[32];
	const char *client; /* NULL: not asked */
	unsigned source_len;
} subnets[] = {
    {"an IPv4 /24: scope of the source", 11,
	{0, 8, 0, 7, 0, 1, 24, 0, 203, 0, 113}, 0, 11,
	{0, 8, 0, 7, 0, 1, 24, 22, 203, 0, 113}, "203.0.113.0", 24},
    {"source prefix 0: decided by the sender, scope 0", 8,
	{0, 8, 0, 4, 0, 1, 0, 0}, 0, 8, {0, 8, 0, 4, 0, 1, 0, 0},
	"198.51.100.77", 32},
    {"family 0 of length 0", 8, {0, 8, 0, 4, 0, 0, 0, 0}, 0, 8,
	{0, 8, 0, 4, 0, 0, 0, 0}, "198.51.100.77", 32},
    {"an IPv6 /48", 14, {0, 8, 0, 10, 0, 2, 48, 0, 0x20, 1, 0xd, 0xb8, 0, 7}, 0,
	14, {0, 8, 0, 10, 0, 2, 48, 22, 0x20, 1, 0xd, 0xb8, 0, 7},
	"2001:db8:7::", 48},
    {"family 0 with bits", 9, {0, 8, 0, 5, 0, 0, 8, 0, 10}, 1, 0, {0}, NULL, 0},
    {"an unknown family", 9, {0, 8, 0, 5, 0, 3, 8, 0, 10}, 1, 0, {0}, NULL, 0},
    {"bits behind the prefix", 11, {0, 8, 0, 7, 0, 1, 20, 0, 203, 0, 113}, 1, 0,
	{0}, NULL, 0},
    {"too few octets", 10, {0, 8, 0, 6, 0, 1, 24, 0, 203, 0}, 1, 0, {0}, NULL,
	0},
    {"too many octets", 12, {0, 8, 0, 8, 0, 1, 24, 0, 203, 0, 113, 0}, 1, 0,
	{0}, NULL, 0},
    {"a prefix longer than the family", 13,
	{0, 8, 0, 9, 0, 1, 33, 0, 203, 0, 113, 0, 0}, 1, 0, {0}, NULL, 0},
    {"a scope in a query", 11, {0, 8, 0, 7, 0, 1, 24, 1, 203, 0, 113}, 1, 0,
	{0}, NULL, 0},
    {"twice", 18, {0, 8, 0, 5, 0, 1, 8, 0, 10, 0, 8, 0, 5, 0, 1, 8, 0, 11}, 1,
	0, {0}, NULL, 0},
    {"too short for its head", 6, {0, 8, 0, 2, 0, 1}, 1, 0, {0}, NULL, 0},
    {"an option longer than the record", 6, {0, 8, 0, 9, 0, 1}, 1, 0, {0}, NULL,
	0},
    {"another option is passed over", 17,
	{0, 99, 0, 2, 1, 2, 0, 8, 0, 7, 0, 1, 24, 0, 203, 0, 113}, 0, 11,
	{0, 8, 0, 7, 0, 1, 24, 22, 203, 0, 113}, "203.0.113.0", 24},
};

START_TEST(test_subnets)
{
	uint8_t query[512], reply[MESSAGE_MAX];
	size_t len = make_query(query, "chat.example.", TYPE_A, 1232,
	    subnets[_i].option, subnets[_i].len);
	size_t n, back = subnets[_i].back_len;
	char text[ADDRESS_TEXT];

	memset(&asked_client, 0, sizeof(asked_client));
	n = ask(query, len, reply);
	ck_assert_msg((reply[3] & 15u) == subnets[_i].rcode, "%s: rcode %u",
	    subnets[_i].why, reply[3] & 15u);
	/* OPT is the last record, its options its end. */
	ck_assert_uint_eq(wire_get16(reply + n - back - 2), back);
	ck_assert_msg(memcmp(reply + n - back, subnets[_i].back, back) == 0,
	    "%s", subnets[_i].why);
	ck_assert_uint_eq(asked_client.source_len, subnets[_i].source_len);
	if (subnets[_i].client == NULL)
		return;
	ck_assert_str_eq(
	    address_format(&asked_client.address, text), subnets[_i].client);
	/* Whatever the option says, the source knows who sent it. */
	ck_assert_str_eq(address_format(&asked_sender, text), "198.51.100.77");
}
END_TEST

/* A source prefix of each length with one bit set: FORMERR when it lies after
 * the prefix, in its last octet. */
START_TEST(test_subnet_bits)
{
	for (uint8_t len = 1; len <= 32; len++) {
		size_t octets = (len + 7u) / 8;

		for (size_t bit = 0; bit < 8 * octets; bit++) {
			uint8_t option[12] = {
			    0, 8, 0, (uint8_t)(4 + octets), 0, 1, len};
			uint8_t query[512], reply[MESSAGE_MAX];
			size_t size;

			option[8 + bit / 8] = (uint8_t)(0x80 >> bit % 8);
			size = make_query(query, "chat.example.", TYPE_A, 1232,
			    option, 8 + octets);
			ask(query, size, reply);
			ck_assert_msg((reply[3] & 15u) == (bit < len ? 0 : 1),
			    "/%u with bit %zu: rcode %u", len, bit,
			    reply[3] & 15u);
		}
	}
}
END_TEST

/* Negative answers and referrals are the same for everyone: scope 0. */
START_TEST(test_scope_zero)
{
	static const struct {
		const char *name;
		uint16_t type;
	} questions[] = {{"a.example.", TYPE_A}, {"nix.example.", TYPE_A},
	    {"www.sub.example.", TYPE_A}, {"none.example.", TYPE_A},
	    {"none.example.", TYPE_AAAA}, {"last.example.", TYPE_AAAA}};
	static const uint8_t option[] = {0, 8, 0, 7, 0, 1, 24, 0, 203, 0, 113};
	uint8_t query[512], reply[MESSAGE_MAX];
	size_t len = make_query(query, questions[_i].name, questions[_i].type,
	    1232, option, sizeof(option));
	size_t n = ask(query, len, reply);

	ck_assert_uint_eq(reply[n - 5], 24);
	ck_assert_uint_eq(reply[n - 4], 0);
}
END_TEST

/* Without EDNS in the query there is none in the answer. */
START_TEST(test_no_edns)
{
	uint8_t query[512], reply[MESSAGE_MAX];
	size_t len = make_query(query, "chat.example.", TYPE_A, -1, NULL, 0);

	ask(query, len, reply);
	ck_assert_uint_eq(wire_get16(reply + 10), 0);
}
END_TEST

/* Messages by hand: what comes back, by length (0 silence) and rcode. */
static const struct {
	const char *why;
	size_t len;
	uint8_t query[64];
	bool answered;
	unsigned rcode;
} messages[] = {
    {"nothing", 0, {0}, false, 0},
    {"half a header", 11, {0}, false, 0},
    {"an answer", 12, {1, 2, 0x80, 0, 0, 1}, false, 0},
    {"a header alone", 12, {1, 2, 0, 0, 0, 1}, true, RCODE_FORMERR},
    {"no question", 12, {1, 2, 0, 0, 0, 0}, true, RCODE_FORMERR},
    {"two questions", 22,
	{1, 2, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 1, 0, 1},
	true, RCODE_FORMERR},
    {"UPDATE", 17, {1, 2, 0x28, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1}, true,
	RCODE_NOTIMP},
    {"a pointer in the question", 18,
	{1, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 12, 0, 1, 0, 1}, true,
	RCODE_FORMERR},
    {"a label cut off", 16, {1, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 9, 'a'}, true,
	RCODE_FORMERR},
    {"an answer section in a query", 17,
	{1, 2, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 1}, true,
	RCODE_FORMERR},
    {"octets behind the end", 18,
	{1, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 7}, true,
	RCODE_FORMERR},
    {"a record that is not there", 17,
	{1, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 1}, true,
	RCODE_FORMERR},
    {"two OPT records", 39,
	{1, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 2, 0, 0, 1, 0, 1, 0, 0, 41, 4, 208, 0,
	    0, 0, 0, 0, 0, 0, 0, 41, 4, 208},
	true, RCODE_FORMERR},
    {"an OPT with an owner", 30,
	{1, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 1, 1, 'a', 0, 0, 41, 4,
	    208},
	true, RCODE_FORMERR},
    {"EDNS version 1", 28,
	{1, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 1, 0, 0, 41, 4, 208, 0,
	    1},
	true, RCODE_BADVERS},
    {"class CH", 17, {1, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 3}, true,
	RCODE_REFUSED},
};

START_TEST(test_messages)
{
	uint8_t reply[MESSAGE_MAX];
	size_t n = ask(messages[_i].query, messages[_i].len, reply);
	unsigned rcode;

	ck_assert_msg((n > 0) == messages[_i].answered, "%s: %zu octets",
	    messages[_i].why, n);
	if (n == 0) {
		ck_assert_uint_eq(counter_read(&counters->dropped), 1);
		return;
	}
	rcode = reply[3] & 15u;
	if (rcode == 0 && n > 23) /* the extended part, in the OPT */
		rcode = (unsigned)reply[17 + 5] << 4;
	ck_assert_msg(rcode == messages[_i].rcode, "%s: rcode %u",
	    messages[_i].why, rcode);
	ck_assert_uint_eq(reply[0], 1);
	ck_assert_uint_eq(reply[1], 2);
	ck_assert_uint_eq(reply[2] & 0x80, 0x80);
}
END_TEST

/* What does not fit is truncated, over UDP only. */
START_TEST(test_truncation)
{
	uint8_t query[512], reply[MESSAGE_MAX];
	size_t len = make_query(query, "big.example.", 16, -1, NULL, 0);
	size_t n = ask(query, len, reply);

	ck_assert_str_eq(describe(reply, n), "0 aa tc ");
	ck_assert_uint_eq(counter_read(&counters->truncated), 1);
	len = make_query(query, "big.example.", 16, 511, NULL, 0);
	n = ask(query, len, reply);
	ck_assert_str_eq(describe(reply, n), "0 aa tc ");
	len = make_query(query, "big.example.", 16, 1232, NULL, 0);
	n = ask(query, len, reply);
	ck_assert_uint_gt(n, 512);
	ck_assert_uint_eq(wire_get16(reply + 6), 4);
	len = make_query(query, "big.example.", 16, -1, NULL, 0);
	ask_from(TRANSPORT_TCP, "::1", query, len, reply);
	ck_assert_uint_eq(wire_get16(reply + 6), 4);
}
END_TEST

#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

int
main(void)
{
	Suite *suite = suite_create("dns_respond");
	TCase *tc = tcase_create("respond");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, test_answers, 0, ROWS(answers));
	tcase_add_loop_test(tc, test_subnets, 0, ROWS(subnets));
	tcase_add_test(tc, test_subnet_bits);
	tcase_add_loop_test(tc, test_messages, 0, ROWS(messages));
	tcase_add_loop_test(tc, test_scope_zero, 0, 6);
	tcase_add_test(tc, test_request);
	tcase_add_test(tc, test_limited);
	tcase_add_test(tc, test_counted);
	tcase_add_test(tc, test_samples);
	tcase_add_test(tc, test_no_edns);
	tcase_add_test(tc, test_truncation);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
