/*
 * Endpoints that lack a family, over the wire: one endpoint is chosen for a
 * client, and what it has not got is NODATA that is soon forgotten, whatever is
 * down or fenced.  Stand-in servers, the real probe, the real server.
 */
#include <stdio.h>
#include <string.h>

#include "tests/system/node.h"

#define NEAR_US "4.0.0.0/24"

static const char steering[] =
    "regions:\n"
    "  us: {at: [39.0, -77.5]}\n"
    "  eu: {at: [53.3, -6.3]}\n"
    "checks:\n"
    "  c: {path: /health, every: 250ms, timeout: 1500ms, fall: 3, rise: 1}\n"
    "pools:\n"
    "  p:\n"
    "    check: c\n"
    "    families: mixed\n"
    "    endpoints:\n"
    "      - {name: u, region: us, address: [192.0.2.1, \"2001:db8::1\"], "
    "check_at: \"127.0.0.1:%u\"}\n"
    "      - {name: e, region: eu, address: 192.0.2.2, check_at: "
    "\"127.0.0.1:%u\"}\n"
    "  four: {endpoints: [{name: f, region: us, address: 192.0.2.4}]}\n"
    "services:\n"
    "  free: {pool: p}\n"
    "  soft: {pool: p, fence: [{clients: all, regions: [eu]}]}\n"
    "  hard: {pool: p, fence: [{clients: all, regions: [eu], hard: true}]}\n"
    "  files: {pool: p, last_resort: [records]}\n"
    "  four: {pool: four}\n";

static const char records[] = "$TTL 300\n"
			      "@ SOA ns1 hostmaster 1 3600 600 86400 60\n"
			      "@ NS ns1\n"
			      "ns1 A 192.0.2.53\n"
			      "files A 192.0.2.99\n";

/* What each name gets, by what is down: the data of A and AAAA ("": NODATA) and
 * the TTL of both; a NODATA has it as its TTL and MINIMUM. */
enum { U_DOWN = 1, E_DOWN = 2 };

static const struct {
	const char *why;
	unsigned down;
	const char *name, *a, *aaaa;
	uint32_t ttl_a, ttl_aaaa;
} rows[] = {
    {"the nearest has both", 0, "free", "192.0.2.1", "2001:db8::1", 60, 60},
    {"inside a hard fence: NODATA, not SERVFAIL", 0, "hard", "192.0.2.2", "",
	60, 5},
    {"inside a soft fence: not the address outside", 0, "soft", "192.0.2.2", "",
	60, 5},
    {"records are not in use", 0, "files", "192.0.2.1", "2001:db8::1", 60, 60},
    {"nobody has it: as long as the zone says", 0, "four", "192.0.2.4", "", 60,
	60},
    {"us down: not the address of the dead", U_DOWN, "free", "192.0.2.2", "",
	60, 5},
    {"us down, fenced hard", U_DOWN, "hard", "192.0.2.2", "", 60, 5},
    {"eu down: a soft fence is lifted, for a short time", E_DOWN, "soft",
	"192.0.2.1", "2001:db8::1", 5, 5},
    {"eu down: a hard fence holds, in both", E_DOWN, "hard", "192.0.2.2", "", 5,
	5},
    {"all down: the nearest as if up, for a short time", U_DOWN | E_DOWN,
	"free", "192.0.2.1", "2001:db8::1", 5, 5},
    {"all down: the zone file's, which has no AAAA", U_DOWN | E_DOWN, "files",
	"192.0.2.99", "", 5, 5},
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static bool
health_is(struct node *node, const char *endpoint, bool down)
{
	char name[160];

	snprintf(name, sizeof(name),
	    "meridian_endpoint_up{zone=\"inference.example\",pool=\"p\","
	    "endpoint=\"%s\",region=\"%s\"}",
	    endpoint, endpoint[0] == 'u' ? "us" : "eu");
	return node_metric(node, name) == (down ? 0 : 1);
}

static void
set_down(struct node *node, unsigned down)
{
	static const char *const endpoints[] = {"u", "e"};

	for (int i = 0; i < 2; i++)
		node_order(
		    node, i, down >> i & 1 ? "health=down" : "health=up");
	for (int i = 0; i < 2; i++)
		HARNESS_WAIT(
		    10000, health_is(node, endpoints[i], down >> i & 1));
}

/* One answer: records with their TTL, or a NODATA that nobody keeps longer than
 * ${ttl_s}. */
static void
check_answer(struct node *node, size_t row, const char *type, const char *data,
    uint32_t ttl_s)
{
	static struct reply reply;
	char name[64], soa[96];

	snprintf(name, sizeof(name), "%s.inference.example.", rows[row].name);
	ck_assert(node_reply(node, name, type, NEAR_US, &reply));
	ck_assert_msg(reply.rcode == 0, "%s, %s: rcode %u", rows[row].why, type,
	    reply.rcode);
	ck_assert_msg(reply.n_answer == (data[0] != '\0'),
	    "%s, %s: %zu records, %s", rows[row].why, type, reply.n_answer,
	    reply.answer[0].data);
	if (reply.n_answer == 1) {
		ck_assert_msg(strcmp(reply.answer[0].data, data) == 0 &&
			reply.answer[0].ttl_s == ttl_s,
		    "%s, %s: %s, TTL %u", rows[row].why, type,
		    reply.answer[0].data, reply.answer[0].ttl_s);
		return;
	}
	snprintf(soa, sizeof(soa),
	    "ns1.inference.example. hostmaster.inference.example. 1 3600 600 "
	    "86400 %u",
	    ttl_s);
	ck_assert_uint_eq(reply.n_authority, 1);
	ck_assert_str_eq(reply.authority[0].type, "SOA");
	ck_assert_msg(reply.authority[0].ttl_s == ttl_s &&
		strcmp(reply.authority[0].data, soa) == 0,
	    "%s, %s: TTL %u, %s", rows[row].why, type, reply.authority[0].ttl_s,
	    reply.authority[0].data);
	ck_assert_uint_eq(reply.scope, 0);
}

static void
start(struct node *node, struct harness *h)
{
	node_init(node, h);
	node_standins(node);
	node_config(node, "");
	node_records(node, records);
	node_steering(
	    node, steering, node->standin_port[0], node->standin_port[1]);
	node_check(node);
	node_serve(node);
	set_down(node, 0);
}

START_TEST(a_family_an_endpoint_lacks_is_nodata_for_a_moment)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start(&node, h);
	for (unsigned down = 0; down <= (U_DOWN | E_DOWN); down++) {
		set_down(&node, down);
		for (size_t i = 0; i < ROWS; i++) {
			if (rows[i].down != down)
				continue;
			check_answer(&node, i, "A", rows[i].a, rows[i].ttl_a);
			check_answer(
			    &node, i, "AAAA", rows[i].aaaa, rows[i].ttl_aaaa);
		}
	}
	ck_assert_int_eq(
	    node_ctl(&node, &out, "explain", "files.inference.example", "AAAA",
		"--client", NEAR_US),
	    0);
	ck_assert_msg(strstr(out, "answer      nodata TTL 5 scope /0") != NULL,
	    "%s", out);
	harness_stop(h, node.server);
	harness_stop(h, node.probe);
	harness_destroy(h);
}
END_TEST

/* Explain says why, and check says it beforehand. */
START_TEST(explain_and_check_say_what_a_missing_family_costs)
{
	static const char *const said[] = {
	    "endpoint \"e\" in region \"eu\" has only IPv4, but endpoint "
	    "\"u\" in region \"us\" has IPv4 and IPv6: clients sent to the "
	    "former get no IPv6 address",
	    "fence rule 1 of service 'hard' leaves it no IPv6 endpoint: its "
	    "clients get no AAAA record",
	    "the zone file has no AAAA record at files.inference.example., but "
	    "endpoints have IPv6 addresses: clients get none while it is in "
	    "use",
	};
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start(&node, h);
	ck_assert_int_eq(
	    node_ctl(&node, &out, "explain", "hard.inference.example", "AAAA",
		"--client", NEAR_US),
	    0);
	ck_assert_msg(strstr(out,
			  "endpoint e has no IPv6 address: NODATA for 5 s (ttl "
			  "min)") != NULL,
	    "%s", out);
	ck_assert_int_eq(
	    node_ctl(&node, &out, "explain", "four.inference.example", "AAAA",
		"--client", NEAR_US),
	    0);
	ck_assert_msg(strstr(out,
			  "no endpoint of the service has IPv6: NODATA for "
			  "everyone") != NULL &&
		strstr(out, "answer      nodata scope /0") != NULL,
	    "%s", out);
	ck_assert_int_eq(node_ctl(&node, &out, "check"), 0);
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++)
		ck_assert_msg(strstr(out, said[i]) != NULL, "%s", out);
	harness_stop(h, node.server);
	harness_stop(h, node.probe);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"a family an endpoint lacks is NODATA for a moment",
		a_family_an_endpoint_lacks_is_nodata_for_a_moment, 60},
	    {"explain and check say what a missing family costs",
		explain_and_check_say_what_a_missing_family_costs, 60},
	};

	return harness_main(
	    "families", cases, sizeof(cases) / sizeof(cases[0]));
}
