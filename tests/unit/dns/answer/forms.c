/*
 * respond() at steered names whose answers are no addresses: CNAMEs, and HTTPS
 * and SVCB records with the addresses of endpoints in them.  The answer source
 * has a few lines; every answer is decoded by ldns and compared as text.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns/answer/respond.h"
#include "dns/answer/rrl.h"
#include "dns/answer/source.h"
#include "dns/zone/zone_table.h"
#include "dns/zone/zonefile.h"
#include "tests/unit/message.h"

static const char zone_text[] = "$ORIGIN example.\n"
				"$TTL 300\n"
				"@ SOA ns1 hostmaster 7 3600 600 86400 60\n"
				"@ NS ns1\n"
				"ns1 A 192.0.2.1\n"
				"led CNAME led.last.\n"
				"below.led TXT x\n"
				"leads CNAME led\n"
				"mail MX 1 led\n"
				"srv SRV 1 1 443 led\n"
				"web A 192.0.2.9\n"
				"web HTTPS 2 . alpn=h2\n"
				"other A 192.0.2.8\n"
				"plain SVCB 1 . alpn=dot\n"
				"twin HTTPS 0 other\n";

enum { LED, WEB, PLAIN, WILD, OTHER };
static const struct {
	const char *owner;
	uint8_t flags;
} services[] = {
    [LED] = {"led.example.", NODE_SERVICE_CNAME},
    [WEB] = {"web.example.", NODE_SERVICE_HTTPS | NODE_SERVICE_SVCB},
    [PLAIN] = {"plain.example.", 0},
    [WILD] = {"*.wild.example.", NODE_SERVICE_CNAME},
    [OTHER] = {"bound.example.", NODE_SERVICE_HTTPS},
};
#define N_SERVICES (sizeof(services) / sizeof(services[0]))

/* A CNAME to a name of the zone, so that it could be followed. */
static const uint8_t cname[] = {0xc0, 0x0c, 0, 5, 0, 1, 0, 0, 0, 0, 0, 15, 5,
    'o', 't', 'h', 'e', 'r', 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 0};
/* Two A records, one, and one AAAA. */
static const uint8_t two[] = {0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 203, 0,
    113, 2, 0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 203, 0, 113, 1};
static const uint8_t one[] = {
    0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 203, 0, 113, 3};
static const uint8_t six[] = {0xc0, 0x0c, 0, 28, 0, 1, 0, 0, 0, 0, 0, 16, 0x20,
    1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
static const struct answer_set none,
    cname_set = {cname, sizeof(cname), 1}, two_set = {two, sizeof(two), 2},
    one_set = {one, sizeof(one), 1}, six_set = {six, sizeof(six), 1};
/* 1 . alpn=h2 port=8443 ech=AAAA key667=a */
static const uint8_t https[] = {0xc0, 0x0c, 0, 65, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1,
    0, 0, 1, 0, 3, 2, 'h', '2', 0, 3, 0, 2, 0x20, 0xfb, 0, 5, 0, 3, 0, 0, 0, 2,
    0x9b, 0, 1, 'a'};
static const struct answer_binding binding = {https, sizeof(https), 28, 35};
/* 1 other.example. */
static const uint8_t led_to[] = {0xc0, 0x0c, 0, 65, 0, 1, 0, 0, 0, 0, 0, 0, 0,
    1, 5, 'o', 't', 'h', 'e', 'r', 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 0};
static const struct answer_binding elsewhere = {
    led_to, sizeof(led_to), sizeof(led_to), sizeof(led_to)};

/* How the source answers next, and whether it was asked, in which form. */
static enum answer_kind kind;
static unsigned families; /* 4, 6, or both */
static unsigned n_times;  /* the first endpoint so often */
static enum answer_form asked;
static struct answer_set many; /* of each endpoint, if it has any */

static void
toy_answer(const void *snapshot, const struct answer_request *request,
    struct answer *out)
{
	(void)snapshot;
	asked = request->form;
	memset(out, 0, sizeof(*out));
	out->kind = kind;
	out->scope = 22;
	out->ttl_s = 30;
	if (request->form == FORM_CNAME) {
		out->n_sets = 1;
		out->sets[0] = &cname_set;
		return;
	}
	out->binding = request->service == OTHER ? &elsewhere : &binding;
	if (request->service == OTHER)
		return;
	out->n_sets = (uint8_t)n_times;
	for (unsigned i = 0; i < n_times; i++) {
		out->sets[i] = out->ipv6[i] = &none;
		if (families & 4)
			out->sets[i] = i == 0 ? &two_set : &one_set;
		if (many.count > 0)
			out->ipv6[i] = &many;
		else if (families & 2 && i == 0)
			out->ipv6[i] = &six_set;
	}
}

static const struct answer_source toy_source = {toy_answer};
static struct snapshot snapshot;
static struct counters *counters;
static struct zone *zone;

static void
setup(void)
{
	struct zone_service list[N_SERVICES] = {0};
	const struct zone *zones[1];
	const uint8_t apex[] = "\7example";
	struct errbuf eb;

	for (size_t i = 0; i < N_SERVICES; i++) {
		name_parse(services[i].owner, NULL, list[i].owner);
		list[i].flags = services[i].flags;
	}
	errbuf_init(&eb);
	zone = zonefile_parse(
	    "zone", zone_text, strlen(zone_text), apex, list, N_SERVICES, &eb);
	ck_assert_msg(zone != NULL, "%s", eb.text);
	zones[0] = zone;
	counters = calloc(1, sizeof(*counters));
	snapshot.zones = zone_table_create(zones, 1);
	snapshot.source = &toy_source;
	snapshot.udp_size = 1232;
	kind = ANSWER_RECORDS;
	families = 4 | 2;
	n_times = 2;
	asked = FORMS;
}

static void
teardown(void)
{
	zone_table_destroy((struct zone_table *)(uintptr_t)snapshot.zones);
	zone_destroy(zone);
	free(counters);
}

static size_t
ask_by(enum transport transport, const char *name, uint16_t type, int edns,
    uint8_t *reply)
{
	static const uint8_t subnet[] = {0, 8, 0, 7, 0, 1, 24, 0, 203, 0, 113};
	struct responder responder = {.counters = counters};
	struct address source;
	uint8_t query[512];
	size_t len = make_query(
	    query, name, type, edns, subnet, edns < 0 ? 0 : sizeof(subnet));

	ck_assert_int_eq(address_parse("198.51.100.77", &source), 0);
	return respond(&responder, &snapshot, transport, &source, query, len,
	    reply, MESSAGE_MAX);
}

#define SOA                                                                  \
	"NS example. 60 IN SOA ns1.example. hostmaster.example. 7 3600 600 " \
	"86400 60; "
#define SHORT_SOA                                                            \
	"NS example. 30 IN SOA ns1.example. hostmaster.example. 7 3600 600 " \
	"86400 30; "
#define LED_TO_OTHER "0 aa AN led.example. 30 IN CNAME other.example.; "

static const struct {
	const char *why, *name;
	uint16_t type;
	enum answer_kind kind;
	unsigned families, times;
	const char *answer;
} rows[] = {
    {"A at a CNAME service: the CNAME, and the resolver asks again (RFC 7871, "
     "7.2.1)",
	"led.example.", TYPE_A, ANSWER_RECORDS, 0, 0, LED_TO_OTHER},
    {"so AAAA", "led.example.", TYPE_AAAA, ANSWER_RECORDS, 0, 0, LED_TO_OTHER},
    {"so a type that nobody has", "led.example.", TYPE_MX, ANSWER_RECORDS, 0, 0,
	LED_TO_OTHER},
    {"so HTTPS", "led.example.", TYPE_HTTPS, ANSWER_RECORDS, 0, 0,
	LED_TO_OTHER},
    {"so the CNAME itself", "led.example.", TYPE_CNAME, ANSWER_RECORDS, 0, 0,
	LED_TO_OTHER},
    {"so ANY", "led.example.", TYPE_ANY, ANSWER_RECORDS, 0, 0, LED_TO_OTHER},
    {"so DS", "led.example.", TYPE_DS, ANSWER_RECORDS, 0, 0, LED_TO_OTHER},
    {"below it the zone goes on", "below.led.example.", TYPE_TXT,
	ANSWER_RECORDS, 0, 0, "0 aa AN below.led.example. 300 IN TXT \"x\"; "},
    {"a wildcard of CNAMEs", "Any.wild.example.", TYPE_TXT, ANSWER_RECORDS, 0,
	0, "0 aa AN Any.wild.example. 30 IN CNAME other.example.; "},
    {"the wildcard's parent is an empty non-terminal", "wild.example.", TYPE_A,
	ANSWER_RECORDS, 0, 0, "0 aa " SOA},
    {"the last resort: the zone file's own CNAME, TTL capped", "led.example.",
	TYPE_AAAA, ANSWER_STATIC, 0, 0,
	"0 aa AN led.example. 30 IN CNAME led.last.; "},
    {"the last resort: SERVFAIL", "led.example.", TYPE_A, ANSWER_SERVFAIL, 0, 0,
	"2 "},
    {"a chain stops before the service", "leads.example.", TYPE_A,
	ANSWER_RECORDS, 0, 0,
	"0 aa AN leads.example. 300 IN CNAME "
	"led.example.; "},
    {"no addresses of an MX that is a CNAME service", "mail.example.", TYPE_MX,
	ANSWER_RECORDS, 0, 0,
	"0 aa AN mail.example. 300 IN MX 1 led.example.; "},
    {"nor of an SRV", "srv.example.", TYPE_SRV, ANSWER_RECORDS, 0, 0,
	"0 aa AN srv.example. 300 IN SRV 1 1 443 led.example.; "},
    {"HTTPS with the addresses of all endpoints, in their order, parameters in "
     "that of their keys",
	"web.example.", TYPE_HTTPS, ANSWER_RECORDS, 4 | 2, 2,
	"0 aa AN web.example. 30 IN HTTPS 1 . alpn=h2 port=8443 "
	"ipv4hint=203.0.113.2,203.0.113.1,203.0.113.3 ech=AAAA "
	"ipv6hint=2001:db8::1 key667=a; "},
    {"without IPv6 no hint of it", "web.example.", TYPE_HTTPS, ANSWER_RECORDS,
	4, 1,
	"0 aa AN web.example. 30 IN HTTPS 1 . alpn=h2 port=8443 "
	"ipv4hint=203.0.113.2,203.0.113.1 ech=AAAA key667=a; "},
    {"without IPv4 no hint of it", "web.example.", TYPE_HTTPS, ANSWER_RECORDS,
	2, 1,
	"0 aa AN web.example. 30 IN HTTPS 1 . alpn=h2 port=8443 ech=AAAA "
	"ipv6hint=2001:db8::1 key667=a; "},
    {"without addresses none", "web.example.", TYPE_HTTPS, ANSWER_RECORDS, 0, 1,
	"0 aa AN web.example. 30 IN HTTPS 1 . alpn=h2 port=8443 ech=AAAA "
	"key667=a; "},
    {"the last resort: the zone file's own HTTPS", "web.example.", TYPE_HTTPS,
	ANSWER_STATIC, 0, 0, "0 aa AN web.example. 30 IN HTTPS 2 . alpn=h2; "},
    {"the last resort, and the zone file has no SVCB", "web.example.",
	TYPE_SVCB, ANSWER_STATIC, 0, 0, "0 aa " SHORT_SOA},
    {"of another name it has the addresses that are not steered",
	"bound.example.", TYPE_HTTPS, ANSWER_RECORDS, 0, 0,
	"0 aa AN bound.example. 30 IN HTTPS 1 other.example.; AR "
	"other.example. 300 IN A 192.0.2.8; "},
};

START_TEST(answers)
{
	uint8_t reply[MESSAGE_MAX];
	size_t n;

	kind = rows[_i].kind;
	families = rows[_i].families;
	n_times = rows[_i].times;
	n = ask_by(TRANSPORT_UDP, rows[_i].name, rows[_i].type, -1, reply);
	ck_assert_msg(strcmp(describe(reply, n), rows[_i].answer) == 0,
	    "%s:\n got %s\nwant %s", rows[_i].why, describe(reply, n),
	    rows[_i].answer);
}
END_TEST

/* A service without a record of its own has that of the zone file, and of a
 * type that neither has NODATA; the source is not asked for either. */
START_TEST(static_types)
{
	uint8_t reply[MESSAGE_MAX];
	size_t n =
	    ask_by(TRANSPORT_UDP, "plain.example.", TYPE_SVCB, -1, reply);

	ck_assert_str_eq(describe(reply, n),
	    "0 aa AN plain.example. 300 IN SVCB 1 . alpn=dot; ");
	n = ask_by(TRANSPORT_UDP, "plain.example.", TYPE_HTTPS, -1, reply);
	ck_assert_str_eq(describe(reply, n), "0 aa " SOA);
	n = ask_by(TRANSPORT_UDP, "web.example.", TYPE_CNAME, -1, reply);
	ck_assert_str_eq(describe(reply, n), "0 aa " SOA);
	ck_assert_int_eq(asked, FORMS);
}
END_TEST

/* Which form the source is asked for, and that its scope is announced. */
START_TEST(scopes)
{
	static const struct {
		const char *name;
		uint16_t type;
		enum answer_form form;
	} questions[] = {
	    {"led.example.", TYPE_A, FORM_CNAME},
	    {"led.example.", TYPE_ANY, FORM_CNAME},
	    {"web.example.", TYPE_HTTPS, FORM_HTTPS},
	    {"web.example.", TYPE_SVCB, FORM_SVCB},
	    {"bound.example.", TYPE_HTTPS, FORM_HTTPS},
	};
	uint8_t reply[MESSAGE_MAX];
	size_t n = ask_by(
	    TRANSPORT_UDP, questions[_i].name, questions[_i].type, 1232, reply);

	ck_assert_int_eq(asked, questions[_i].form);
	ck_assert_uint_eq(reply[n - 5], 24);
	ck_assert_uint_eq(reply[n - 4], 22);
}
END_TEST

/* A record that is too large for the message is left out as a whole, with TC;
 * over TCP it is there. */
START_TEST(too_large)
{
	static uint8_t image[8 * 28];
	uint8_t reply[MESSAGE_MAX];
	size_t n;

	for (size_t i = 0; i < 8; i++)
		memcpy(image + i * 28, six, 28);
	many = (struct answer_set){image, sizeof(image), 8};
	n_times = 8;
	n = ask_by(TRANSPORT_UDP, "web.example.", TYPE_HTTPS, -1, reply);
	ck_assert_str_eq(describe(reply, n), "0 aa tc ");
	n = ask_by(TRANSPORT_UDP, "web.example.", TYPE_HTTPS, 1000, reply);
	ck_assert_str_eq(describe(reply, n), "0 aa tc ");
	n = ask_by(TRANSPORT_TCP, "web.example.", TYPE_HTTPS, -1, reply);
	ck_assert_uint_eq(n,
	    DNS_HEADER + 13 + 4 + sizeof(https) + (4 + 4 * 9) + (4 + 16 * 64));
	ck_assert_uint_eq(wire_get16(reply + 6), 1);
	many.count = 0;
}
END_TEST

/* Whatever type is asked for, a CNAME is one answer of the name: all types
 * share one limit. */
START_TEST(types_share_a_limit)
{
	const struct rrl_settings settings = {.responses = 1,
	    .window_ms = 1000,
	    .slip = 2,
	    .ipv4 = 24,
	    .ipv6 = 56,
	    .table = 1024};
	static const uint16_t types[] = {
	    TYPE_A, TYPE_AAAA, TYPE_MX, TYPE_HTTPS, TYPE_CNAME};
	uint8_t reply[MESSAGE_MAX];

	snapshot.rrl = rrl_create(&settings, 1);
	for (size_t i = 0; i < 5; i++)
		ask_by(TRANSPORT_UDP, "led.example.", types[i], -1, reply);
	ck_assert_uint_eq(counter_read(&counters->rrl_slipped[RRL_ANSWER]) +
		counter_read(&counters->rrl_dropped[RRL_ANSWER]),
	    4);
	rrl_destroy(snapshot.rrl);
	snapshot.rrl = NULL;
}
END_TEST

#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

int
main(void)
{
	Suite *suite = suite_create("dns_answer_forms");
	TCase *tc = tcase_create("forms");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, answers, 0, ROWS(rows));
	tcase_add_test(tc, static_types);
	tcase_add_loop_test(tc, scopes, 0, 5);
	tcase_add_test(tc, too_large);
	tcase_add_test(tc, types_share_a_limit);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
