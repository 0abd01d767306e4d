/*
 * A service of CNAMEs: each client is led to the name of its region, whatever
 * it asks for, and a resolver in front asks on; when a region fails its clients
 * are led to another.
 */
#include <stdio.h>
#include <string.h>

#include "tests/system/resolver.h"

/* The networks of two clients, and the names and addresses of their regions. */
static const struct {
	const char *subnet, *source, *name, *address;
} sides[] = {
    {"127.1.0.0/16", "127.1.0.9", "us.inference.example.", "192.0.2.1"},
    {"127.2.0.0/16", "127.2.0.9", "eu.inference.example.", "192.0.2.2"},
};
#define SIDES 2

static void
start(struct resolver *w)
{
	struct node *node = &w->node;

	node_standins(node);
	harness_write(w->h, "inference.zone",
	    "%sus A 192.0.2.1\neu A 192.0.2.2\neu AAAA 2001:db8::2\n"
	    "alias CNAME led\n",
	    node_zone);
	node_steering(node,
	    "networks:\n"
	    "  one: {prefixes: 127.1.0.0/16, at: [39.0, -77.5]}\n"
	    "  two: {prefixes: 127.2.0.0/16, at: [53.3, -6.3]}\n"
	    "regions:\n"
	    "  us-east: {at: [39.0, -77.5]}\n"
	    "  eu-west: {at: [53.3, -6.3]}\n"
	    "checks:\n"
	    "  llm: {preset: vllm, model: test-model, every: 200ms, timeout: "
	    "100ms, fall: 2, rise: 2}\n"
	    "pools:\n"
	    "  v1:\n"
	    "    check: llm\n"
	    "    endpoints:\n"
	    "      - {name: us, region: us-east, cname: us.inference.example, "
	    "check_at: \"127.0.0.1:%u\"}\n"
	    "      - {name: eu, region: eu-west, cname: EU.inference.example., "
	    "check_at: \"127.0.0.1:%u\"}\n"
	    "services:\n"
	    "  led: {pool: v1, ttl: {max: 1s, min: 1s}}\n"
	    "  \"*.site\": {pool: v1, ttl: {max: 1s, min: 1s}}\n",
	    node->standin_port[0], node->standin_port[1]);
	node_check(node);
	node_serve(node);
	HARNESS_WAIT(10000,
	    node_metric(node,
		"meridian_endpoint_up{zone=\"inference.example\",pool=\"v1\","
		"endpoint=\"us\",region=\"us-east\"}") == 1 &&
		node_metric(node,
		    "meridian_endpoint_up{zone=\"inference.example\",pool="
		    "\"v1\",endpoint=\"eu\",region=\"eu-west\"}") == 1);
}

/* Every type gets the CNAME of the client's region and nothing else, with the
 * scope of its network; so does a name under a wildcard. */
static void
check_types(struct resolver *w)
{
	static const char *const types[] = {
	    "A", "AAAA", "CNAME", "MX", "TXT", "HTTPS", "ANY"};
	static const char *const names[] = {
	    "led.inference.example.", "any.site.inference.example."};
	static struct reply reply;

	for (size_t i = 0; i < 2 * SIDES * 7; i++) {
		const char *name = names[i % 2], *type = types[i / 4];
		int side = (int)(i / 2 % SIDES);

		ck_assert(node_reply(
		    &w->node, name, type, sides[side].subnet, &reply));
		ck_assert_uint_eq(reply.rcode, 0);
		ck_assert(reply.aa);
		ck_assert_uint_eq(reply.n_answer, 1);
		ck_assert_uint_eq(reply.n_authority + reply.n_additional, 0);
		ck_assert_str_eq(reply.answer[0].type, "CNAME");
		ck_assert_str_eq(reply.answer[0].owner, name);
		ck_assert_str_eq(reply.answer[0].data, sides[side].name);
		ck_assert_uint_eq(reply.answer[0].ttl_s, 1);
		ck_assert_uint_eq(reply.scope, 16);
	}
}

/* A static CNAME to the service: the chain stops there. */
static void
check_alias(struct resolver *w)
{
	static struct reply reply;

	ck_assert(node_reply(&w->node, "alias.inference.example.", "A",
	    sides[0].subnet, &reply));
	ck_assert_uint_eq(reply.n_answer, 1);
	ck_assert_str_eq(reply.answer[0].data, "led.inference.example.");
	ck_assert_uint_eq(reply.scope, 0);
}

/* What a client of unbound on ${side} is given for ${name}: the last record's
 * data, after a chain that ends there; "" for anything else. */
static const char *
resolved(struct resolver *w, int side, const char *name, const char *type)
{
	static struct reply reply;
	struct ask question = {.port = w->port,
	    .name = name,
	    .type = type,
	    .recursion = true,
	    .source = sides[side].source,
	    .timeout_ms = 10000};

	ck_assert(ask(&question, &reply));
	if (reply.rcode != 0 || reply.n_answer < 2 ||
	    strcmp(reply.answer[reply.n_answer - 2].type, "CNAME") != 0)
		return "";
	return reply.answer[reply.n_answer - 1].data;
}

static bool
all_resolve(struct resolver *w, int first, int second)
{
	static const char *const names[] = {"led.inference.example.",
	    "alias.inference.example.", "x.site.inference.example."};

	for (size_t i = 0; i < 3; i++)
		if (strcmp(resolved(w, 0, names[i], "A"),
			sides[first].address) != 0 ||
		    strcmp(resolved(w, 1, names[i], "A"),
			sides[second].address) != 0)
			return false;
	return true;
}

/* explain says the same, for people and for programs. */
static void
check_explain(struct resolver *w)
{
	const char *out;

	ck_assert_int_eq(
	    node_ctl(&w->node, &out, "explain", "led.inference.example", "MX",
		"--client", "127.2.0.0/16"),
	    0);
	ck_assert_ptr_nonnull(strstr(node_unwrap(out),
	    "CNAME eu.inference.example. (eu of v1 in eu-west) TTL 1"));
	ck_assert_int_eq(
	    node_ctl(&w->node, &out, "explain", "alias.inference.example",
		"CNAME", "--client", "127.2.0.0/16", "--json"),
	    0);
	ck_assert_ptr_nonnull(strstr(out, "\"records of the zone file\""));
	ck_assert_int_eq(
	    node_ctl(&w->node, &out, "explain", "led.inference.example",
		"CNAME", "--client", "127.1.0.0/16", "--json"),
	    0);
	ck_assert_ptr_nonnull(
	    strstr(out, "\"cname\": \"us.inference.example.\""));
	ck_assert_int_eq(node_ctl(&w->node, &out, "explain",
			     "led.inference.example", "HTTPS", "--countries"),
	    0);
	ck_assert_ptr_nonnull(strstr(out, "us-east"));
}

START_TEST(clients_are_led_to_the_name_of_their_region)
{
	struct resolver *w = resolver_create(4, "");

	start(w);
	check_types(w);
	check_alias(w);
	check_explain(w);
	resolver_unbound(w, 24, 56, "");
	ck_assert(all_resolve(w, 0, 1));
	ck_assert_str_eq(
	    resolved(w, 1, "led.inference.example.", "AAAA"), "2001:db8::2");
	ck_assert_str_eq(resolved(w, 0, "led.inference.example.", "AAAA"), "");
	node_order(&w->node, 1, "health=down");
	HARNESS_WAIT(10000, all_resolve(w, 0, 0));
	check_alias(w);
	node_order(&w->node, 0, "health=down");
	node_order(&w->node, 1, "health=up");
	HARNESS_WAIT(10000, all_resolve(w, 1, 1));
	node_order(&w->node, 0, "health=up");
	HARNESS_WAIT(10000, all_resolve(w, 0, 1));
	harness_stop(w->h, w->node.probe);
	resolver_finish(w);
}
END_TEST

/* Write the steering file of one service, web, with these keys of its endpoint
 * and of its own, and reload. */
static void
reload(struct resolver *w, const char *endpoint, const char *service)
{
	node_steering(&w->node,
	    "regions:\n  r: {at: [1, 2]}\npools:\n  p:\n    endpoints:\n"
	    "      - {name: a, region: r, %s}\nservices:\n  web: {pool: p%s}\n",
	    endpoint, service);
	ck_assert_int_eq(node_ctl(&w->node, NULL, "reload"), 0);
}

static const char *
data_of(struct resolver *w, const char *type)
{
	return node_ask(&w->node, "web.inference.example.", type, NULL);
}

/* The records of the zone file stay as they are, and what is made of them
 * follows what the service is: with addresses, with a record of its own, a
 * CNAME, and back. */
START_TEST(a_reload_turns_addresses_into_a_name)
{
	static const char address[] = "address: 192.0.2.1";
	struct resolver *w = resolver_create(4, "");
	const char *out;

	harness_write(w->h, "inference.zone",
	    "%s_8443._https.web HTTPS 1 web alpn=h2 ipv4hint=192.0.2.9\n",
	    node_zone);
	node_steering(&w->node,
	    "regions:\n  r: {at: [1, 2]}\npools:\n  p:\n    endpoints:\n"
	    "      - {name: a, region: r, address: 192.0.2.1}\n"
	    "services:\n  other: {pool: p}\n");
	node_serve(&w->node);
	ck_assert_str_eq(
	    node_ask(
		&w->node, "_8443._https.web.inference.example.", "HTTPS", NULL),
	    "1 web.inference.example. alpn=h2 ipv4hint=192.0.2.9");
	reload(w, address, "");
	ck_assert_str_eq(data_of(w, "A"), "192.0.2.1");
	ck_assert_str_eq(data_of(w, "HTTPS"), "");
	ck_assert_str_eq(
	    node_ask(
		&w->node, "_8443._https.web.inference.example.", "HTTPS", NULL),
	    "1 web.inference.example. alpn=h2");
	reload(w, address, ", https: {alpn: h3}");
	ck_assert_str_eq(data_of(w, "HTTPS"), "1 . alpn=h3 ipv4hint=192.0.2.1");
	reload(w, address, ", https: {target: host.example.net}");
	ck_assert_str_eq(data_of(w, "HTTPS"), "1 host.example.net.");
	ck_assert_int_eq(
	    node_ctl(&w->node, &out, "explain", "web.inference.example",
		"HTTPS", "--client", "127.2.0.0/16"),
	    0);
	ck_assert_ptr_nonnull(strstr(node_unwrap(out),
	    "a record of another host, without hints TTL 60"));
	reload(w, "cname: host.example.net", "");
	ck_assert_str_eq(data_of(w, "A"), "host.example.net.");
	ck_assert_str_eq(data_of(w, "HTTPS"), "host.example.net.");
	reload(w, address, "");
	ck_assert_str_eq(data_of(w, "A"), "192.0.2.1");
	ck_assert_str_eq(data_of(w, "HTTPS"), "");
	resolver_finish(w);
}
END_TEST

/* Files that are refused before they are served, or warned of. */
static const struct {
	const char *says, *records, *endpoints, *service;
	int status;
	const char *words;
} mistakes[] = {
    {"a name and addresses in a pool", "",
	"{name: a, region: r, cname: a.net}, {name: b, region: r, "
	"address: 192.0.2.1}",
	"led: {pool: p}", 1,
	"endpoint \"b\" has addresses, but \"a\" in line 6 has a "
	"cname: "
	"they cannot be mixed"},
    {"at the apex", "", "{name: a, region: r, cname: a.net}",
	"\"@\": {pool: p}", 1,
	"service inference.example.: cannot be a CNAME: it is the apex "
	"of the zone, which has other data (RFC 1034, 3.6.2)"},
    {"a text at the name", "led TXT x\n", "{name: a, region: r, cname: a.net}",
	"led: {pool: p}", 1,
	"service led.inference.example.: cannot be a CNAME: the zone "
	"file has TXT there at "},
    {"two answers", "", "{name: a, region: r, cname: a.net}",
	"led: {pool: p, answers: 2}", 1,
	"service 'led': answers: 2, but endpoint \"a\" in line 6 has a "
	"cname, of which an answer has one (RFC 1034, 3.6.2)"},
    {"https", "", "{name: a, region: r, cname: a.net}",
	"led: {pool: p, https: {alpn: h2}}", 1,
	"service 'led': \"https\" is no data of a name with a CNAME"},
    {"to itself", "", "{name: a, region: r, cname: led.inference.example}",
	"led: {pool: p}", 1,
	"endpoint \"a\": cname: led.inference.example. leads back to "
	"the service led.inference.example."},
    {"to itself by a CNAME", "back CNAME x.led\n",
	"{name: a, region: r, cname: back.inference.example}",
	"\"*.led\": {pool: p}", 1,
	"endpoint \"a\": cname: back.inference.example. leads back to "
	"the service *.led.inference.example."},
    {"from one service to another and back", "",
	"{name: a, region: r, cname: two.inference.example}]\n"
	"  q:\n    endpoints:\n      [{name: b, region: r, cname: "
	"one.inference.example}",
	"one: {pool: p}\n  two: {pool: q}", 1,
	"endpoint \"b\": cname: one.inference.example. leads back to "
	"the service one.inference.example., which leads to "
	"two.inference.example."},
    {"from a service inside to the one around it", "",
	"{name: a, region: r, cname: led.inference.example}]\n"
	"  q: {service: inner}\n"
	"  o:\n    endpoints:\n      [{name: b, region: r, cname: "
	"b.net}",
	"inner: {pool: p}\n  led: {split: {q: 1, o: 1}}", 1,
	"endpoint \"a\": cname: led.inference.example. leads back to "
	"the service led.inference.example."},
    {"a name, and addresses in a service inside", "",
	"{name: a, region: r, cname: a.net}]\n"
	"  q: {service: inner}\n"
	"  o:\n    endpoints:\n      [{name: b, region: r, address: "
	"192.0.2.1}",
	"inner: {pool: p}\n  led: {split: {q: 1, o: 1}}", 1,
	"service 'led': endpoint \"a\" in line 6 has a cname, but "
	"\"b\" in line 10 has addresses: they cannot be mixed"},
    {"to nowhere", "", "{name: a, region: r, cname: a.inference.example}",
	"led: {pool: p}", 0,
	"endpoint \"a\": cname: a.inference.example. is of a zone that "
	"is served here, where there is no such name"},
    {"to a text", "a TXT x\n",
	"{name: a, region: r, cname: a.inference.example}", "led: {pool: p}", 0,
	"endpoint \"a\": cname: a.inference.example. is of a zone that "
	"is served here, where it has no A or AAAA record"},
    {"no record of the last resort", "", "{name: a, region: r, cname: a.net}",
	"led: {pool: p, last_resort: records}", 1,
	"last_resort: records: the zone file has no CNAME record at "
	"led.inference.example., but endpoints have a cname"},
    {"a record that is not used", "led CNAME b.net.\n",
	"{name: a, region: r, cname: a.net}", "led: {pool: p}", 0,
	"led.inference.example.: the zone file's CNAME records there "
	"are never given out: last_resort does not name records"},
    {"an HTTPS record beside that of the service", "web HTTPS 1 . alpn=h2\n",
	"{name: a, region: r, address: 192.0.2.2}",
	"web: {pool: p, https: {alpn: h3}}", 0,
	"web.inference.example.: the zone file's HTTPS records there "
	"are never given out: the service makes its own, and "
	"last_resort does not name records"},
    {"it is the last resort", "web HTTPS 1 . alpn=h2\nweb A 192.0.2.3\n",
	"{name: a, region: r, address: 192.0.2.2}",
	"web: {pool: p, https: {alpn: h3}, last_resort: records}", 0,
	"ok: 1 zone"},
    {"a hint of a service without a record of its own",
	"web HTTPS 1 . alpn=h2 ipv4hint=192.0.2.3\n",
	"{name: a, region: r, address: 192.0.2.2}", "web: {pool: p}", 0,
	"web.inference.example. HTTPS: its ipv4hint is not given out: "
	"clients might use it in place of the addresses to which "
	"web.inference.example. is steered"},
    {"all is well", "led CNAME b.net.\n", "{name: a, region: r, cname: a.net}",
	"led: {pool: p, last_resort: records}", 0, "ok: 1 zone"},
};

/* What cannot be a service of CNAMEs is refused before it is served, and what
 * leads nowhere is warned of. */
START_TEST(check_says_what_is_wrong)
{
	struct resolver *w = resolver_create(4, "");

	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		const char *out;
		int status;

		harness_write(w->h, "inference.zone",
		    "$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n"
		    "%s",
		    mistakes[i].records);
		node_steering(&w->node,
		    "regions:\n  r: {at: [1, 2]}\npools:\n  p:\n"
		    "    endpoints:\n      [%s]\nservices:\n  %s\n",
		    mistakes[i].endpoints, mistakes[i].service);
		status = node_ctl(&w->node, &out, "check");
		ck_assert_msg(status == mistakes[i].status &&
			strstr(out, mistakes[i].words) != NULL,
		    "%s: %d: %s", mistakes[i].says, status, out);
	}
	resolver_finish(w);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"clients are led to the name of their region",
		clients_are_led_to_the_name_of_their_region, 120},
	    {"a reload turns addresses into a name",
		a_reload_turns_addresses_into_a_name, 60},
	    {"check says what is wrong", check_says_what_is_wrong, 60},
	};

	return harness_main("cname", cases, sizeof(cases) / sizeof(cases[0]));
}
