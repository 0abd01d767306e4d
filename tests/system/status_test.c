/*
 * meridianctl status as an operator on call uses it: the first line says the
 * worst thing and the exit status says it too, whatever is wrong; the server
 * says how things are; all fits 80 columns.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/system/node.h"
#include "tests/system/output.h"

/* Two services: one of two regions, and one with an endpoint of its own. */
#define STEERING                                                               \
	"regions:\n"                                                           \
	"  us-east: {at: [39.0, -77.5]}\n"                                     \
	"  eu-west: {at: [53.3, -6.3]}\n"                                      \
	"checks:\n"                                                            \
	"  llm: {preset: vllm, every: 100ms, timeout: 1500ms, fall: 1, rise: " \
	"1}\n"                                                                 \
	"pools:\n"                                                             \
	"  v1:\n"                                                              \
	"    check: llm\n"                                                     \
	"    endpoints:\n"                                                     \
	"      - {name: us, region: us-east, address: 192.0.2.1, check_at: "   \
	"\"127.0.0.1:%u\"}\n"                                                  \
	"      - {name: eu, region: eu-west, address: 192.0.2.2, check_at: "   \
	"\"127.0.0.1:%u\"}\n"                                                  \
	"      - {name: idle, region: eu-west, address: 192.0.2.3, weight: "   \
	"0, check_at: \"127.0.0.1:%u\"}\n"                                     \
	"  v2:\n"                                                              \
	"    check: llm\n"                                                     \
	"    endpoints:\n"                                                     \
	"      - {name: one, region: us-east, address: 192.0.2.4, check_at: "  \
	"\"127.0.0.1:%u\"}\n"                                                  \
	"services:\n"                                                          \
	"  chat: {pool: v1}\n"                                                 \
	"  solo: {pool: v2, last_resort: [servfail]}\n"

static void
lacks(const char *out, const char *word)
{
	ck_assert_msg(
	    strstr(out, word) == NULL, "\"%s\" is in:\n%s", word, out);
}

static void
begins(const char *out, const char *want)
{
	ck_assert_msg(strncmp(out, want, strlen(want)) == 0,
	    "not \"%s\" but:\n%s", want, out);
}

/* Wait until the first line of the status and its exit status are these; what
 * it prints then. */
static const char *
wait_for(struct node *node, const char *first, int status)
{
	int64_t end = harness_ms() + 15000;
	const char *out = "";
	int got = -1;

	while (harness_ms() < end) {
		got = node_ctl(node, &out, "status");
		if (got == status && strncmp(out, first, strlen(first)) == 0)
			break;
		usleep(50000);
	}
	ck_assert_msg(got == status && strncmp(out, first, strlen(first)) == 0,
	    "not \"%s\" and %d, but %d and:\n%s", first, status, got, out);
	output_fits(out);
	return out;
}

static void
steer(struct node *node)
{
	node_steering(node, STEERING, node->standin_port[0],
	    node->standin_port[1], node->standin_port[1],
	    node->standin_port[2]);
}

/* The server has heard a heartbeat: what it read when it opened the database is
 * none. */
static bool
heard(struct node *node)
{
	const char *out;

	(void)node_ctl(node, &out, "status");
	return strstr(out, "vantage     test, heard ") != NULL;
}

/* A node with both daemons, whose endpoints all are up. */
static void
start(struct node *node, struct harness *h)
{
	node_init(node, h);
	for (int i = 0; i < 3; i++)
		node_standin(node, i);
	node_config(node, "stale: {after: 2s, then: keep}\n");
	node_records(node, node_zone);
	steer(node);
	node_serve(node);
	node_check(node);
	(void)wait_for(node, "well: 2 services healthy, 4 endpoints\n", 0);
	HARNESS_WAIT(15000, heard(node));
}

START_TEST(a_healthy_node_is_well)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;
	char expect[64];

	start(&node, h);
	ck_assert_int_eq(node_ctl(&node, &out, "status"), 0);
	output_contains(
	    out, "chat.inference.example             healthy     v1\n");
	output_contains(
	    out, "solo.inference.example             healthy     v2\n");
	output_contains(out, "inference.example  v1\n");
	output_contains(out, "  us-east: 1 of 1 up\n");
	/* What has no weight is shown, and counts nowhere. */
	output_contains(out, "  eu-west: 1 of 1 up\n");
	output_contains(out, "up         weight 0, test for ");
	snprintf(expect, sizeof(expect), "meridiand   process %d, version ",
	    (int)node.server);
	output_contains(out, expect);
	output_contains(out, "last load   good at 20");
	output_contains(out, "vantage     test, heard ");
	output_contains(out, "\nlast changes\n");
	output_contains(out, "v1 eu: unknown to up, seen from test\n");
	ck_assert_int_eq(node_ctl(&node, &out, "status", "--down"), 0);
	begins(out, "well: ");
	lacks(out, "healthy     ");
	lacks(out, "of 1 up");
	ck_assert_int_eq(node_ctl(&node, &out, "status", "--json"), 0);
	output_contains(out, "\"status\": 0");
	output_contains(out, "\"finding\": \"well\"");
	output_contains(out, "\"running\": true");
	output_contains(out, "\"weight\": 0");
	harness_stop(h, node.server);
	harness_stop(h, node.probe);
	harness_destroy(h);
}
END_TEST

START_TEST(a_region_that_is_down_is_degraded)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start(&node, h);
	node_order(&node, 1, "health=down");
	out = wait_for(&node,
	    "DEGRADED: nothing is up in eu-west (1 endpoint); 1 of 2 "
	    "services:\n"
	    "    chat.inference.example; 1 of 4 endpoints down\n",
	    1);
	output_contains(out,
	    "chat.inference.example             DEGRADED    v1; 1 of 2 up "
	    "for ");
	output_contains(out, "  eu-west: 0 of 1 up\n");
	output_contains(out, "    eu                           DOWN\n");
	output_contains(out, "      test: down for ");
	output_contains(out, ": status 503");
	ck_assert_int_eq(node_ctl(&node, &out, "status", "--down"), 1);
	begins(out, "DEGRADED: nothing is up in eu-west (1 endpoint); 1 of 2 ");
	lacks(out, "solo.inference.example ");
	lacks(out, "us-east: ");
	output_contains(out, "    eu                           DOWN\n");
	/* What has a name has its own exit status. */
	ck_assert_int_eq(node_ctl(&node, &out, "status", "solo"), 0);
	begins(out, "well: 1 service healthy, 1 endpoint\n");
	lacks(out, "chat");
	ck_assert_int_eq(
	    node_ctl(&node, &out, "status", "CHAT.inference.example."), 1);
	begins(out, "DEGRADED: nothing is up in eu-west (1 endpoint); 1 of 1 ");
	lacks(out, "solo");
	ck_assert_int_eq(node_ctl(&node, &out, "status", "us-east"), 0);
	lacks(out, "eu-west");
	ck_assert_int_eq(node_ctl(&node, &out, "status", "eu-west"), 1);
	begins(out, "DEGRADED: 1 of 2 endpoints down\n");
	ck_assert_int_eq(node_ctl(&node, &out, "status", "us-eats"), 64);
	output_contains(out, "\"us-eats\", did you mean us-east?");
	harness_stop(h, node.server);
	harness_stop(h, node.probe);
	harness_destroy(h);
}
END_TEST

START_TEST(nothing_healthy_is_a_last_resort)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start(&node, h);
	node_order(&node, 2, "health=down");
	out = wait_for(&node,
	    "LAST RESORT: 1 of 2 services with nothing healthy: "
	    "solo.inference.example\n",
	    2);
	output_contains(out,
	    "solo.inference.example             LAST RESORT SERVFAIL for "
	    "everyone");
	node_order(&node, 0, "health=down");
	node_order(&node, 1, "health=down");
	(void)wait_for(
	    &node, "LAST RESORT: all 2 services with nothing healthy: ", 2);
	harness_stop(h, node.server);
	harness_stop(h, node.probe);
	harness_destroy(h);
}
END_TEST

/* The probe is dead: how long, and what to look at. */
START_TEST(a_dead_probe_makes_health_stale)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start(&node, h);
	harness_kill(h, node.probe);
	out = wait_for(&node, "STALE: no vantage was heard ", 2);
	output_means(
	    out, "is meridian-probe running, with the same state database?");
	HARNESS_WAIT(5000,
	    node_ctl(&node, &out, "status") == 2 &&
		output_tells(out, "vantage test, STALE, "));
	node_check(&node);
	(void)wait_for(&node, "well: ", 0);
	harness_stop(h, node.server);
	harness_stop(h, node.probe);
	harness_destroy(h);
}
END_TEST

/* Without a server it is decided from the files, which is said first. */
START_TEST(no_server_is_said_first)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start(&node, h);
	harness_stop(h, node.server);
	out = wait_for(
	    &node, "NO SERVER: meridiand does not answer at http://127.", 2);
	output_means(out, "one that starts");
	output_contains(
	    out, "chat.inference.example             healthy     v1");
	output_contains(out, "  eu-west: 1 of 1 up\n");
	lacks(out, "meridiand   process");
	node_steering(&node, "regions: nonsense\n");
	ck_assert_int_eq(node_ctl(&node, &out, "status"), 2);
	output_contains(out, "found \"nonsense\"");
	output_contains(out, "NO SERVER: ");
	output_means(out,
	    "the files have errors: meridianctl check says which; "
	    "meridiand goes on with what it loaded, and started with them "
	    "serves the last files that loaded, if it kept them");
	ck_assert_int_eq(node_ctl(&node, &out, "status", "chat"), 2);
	output_contains(out, "NO SERVER: ");
	harness_stop(h, node.probe);
	harness_destroy(h);
}
END_TEST

/* The server goes on with what it knew, and so does its status. */
START_TEST(an_unreadable_database_is_said)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start(&node, h);
	harness_kill(h, node.probe);
	ck_assert_int_eq(remove(harness_path(h, "state.db")), 0);
	/* It is the server's word that counts, be it a moment behind. */
	ck_assert_int_le(node_ctl(&node, &out, "status", "--json"), 1);
	output_contains(out, "\"usable\": \"up\"");
	output_contains(out, "\"views\": []");
	HARNESS_WAIT(10000,
	    node_ctl(&node, &out, "status") >= 1 &&
		output_tells(
		    out, "DATABASE UNREADABLE: meridiand cannot read "));
	output_fits(out);
	output_means(out, "it answers from what it knew");
	output_means(out, "if it is missing, start meridian-probe");
	output_contains(
	    out, "chat.inference.example             healthy     v1");
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* What only meridianctl cannot read is no fault of the node. */
START_TEST(a_database_that_only_we_cannot_read_is_a_note)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;
	FILE *f;

	start(&node, h);
	/* Another file for meridianctl alone, and no database. */
	f = fopen(harness_path(h, "other.db"), "w");
	fputs("no database at all, however long it may be", f);
	fclose(f);
	harness_write(h, "meridian.yaml",
	    "listen: 127.0.0.1:%u\nhttp: 127.0.0.1:%u\nstate: other.db\n"
	    "vantage: test\nzones:\n  - {name: inference.example, records: "
	    "inference.zone, steering: inference.yaml}\n",
	    node.port, node.http);
	ck_assert_int_eq(node_ctl(&node, &out, "status"), 0);
	begins(out, "well: 2 services healthy, 4 endpoints\n");
	output_means(out, "DATABASE UNREADABLE HERE: meridianctl cannot read ");
	harness_stop(h, node.server);
	harness_stop(h, node.probe);
	harness_destroy(h);
}
END_TEST

/* A bad file was loaded: when, what is wrong, what is served, what to do. */
START_TEST(a_failed_reload_is_said_until_one_succeeds)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start(&node, h);
	node_steering(&node, "regions: nonsense\n");
	ck_assert_int_eq(node_ctl(&node, &out, "reload"), 1);
	out = wait_for(&node, "RELOAD FAILED: the last reload failed at 20", 1);
	output_means(out, "the old configuration is still served: /");
	output_means(
	    out, "inference.yaml:1:1: error: the key \"pools\" is missing");
	output_means(
	    out, "restarted before, would serve the last files that loaded");
	output_contains(out, "last load   FAILED at 20");
	/* All else is as it was. */
	output_contains(
	    out, "chat.inference.example             healthy     v1\n");
	steer(&node);
	ck_assert_int_eq(node_ctl(&node, &out, "reload"), 0);
	(void)wait_for(&node, "well: ", 0);
	/* The node's own file: the server is asked in spite of it. */
	node_config(&node, "identity: [a, b]\n");
	ck_assert_int_eq(node_ctl(&node, &out, "status"), 1);
	output_means(out, "FILES WITH ERRORS: meridian.yaml has errors");
	output_means(
	    out, "restarted before, would serve the last files that loaded");
	output_contains(
	    out, "chat.inference.example             healthy     v1\n");
	node_config(&node, "stale: {after: 2s, then: keep}\n");
	ck_assert_int_eq(node_ctl(&node, &out, "reload"), 0);
	(void)wait_for(&node, "well: ", 0);
	harness_stop(h, node.server);
	harness_stop(h, node.probe);
	harness_destroy(h);
}
END_TEST

/* The clock of another machine is hours off, and does no harm. */
START_TEST(clocks_that_differ_are_said)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start(&node, h);
	/* Another vantage's heartbeats: each is news when it comes. */
	HARNESS_WAIT(15000,
	    *node_sql(&node,
		"BEGIN IMMEDIATE; INSERT INTO vantage (name, version, "
		"heartbeat_ms, lease_until_ms, sequence) SELECT 'far', '1', "
		"max(heartbeat_ms) + 7200000, 1, max(sequence) + 1 FROM "
		"vantage WHERE name = 'test' ON CONFLICT (name) DO UPDATE SET "
		"heartbeat_ms = excluded.heartbeat_ms, sequence = "
		"excluded.sequence; COMMIT;") == '\0' &&
		node_ctl(&node, &out, "status") == 0 &&
		output_tells(
		    out, "vantage far, heard 0 s ago, clocks differ by 2 h"));
	output_fits(out);
	lacks(out, "vantage     test, heard 0 s ago, clocks");
	harness_stop(h, node.server);
	harness_stop(h, node.probe);
	harness_destroy(h);
}
END_TEST

/* One vantage of two is killed: its word does not count, which is said. */
START_TEST(a_silent_vantage_is_named)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start(&node, h);
	(void)node_sql(&node,
	    "INSERT INTO vantage (name, version, heartbeat_ms, "
	    "lease_until_ms, sequence) SELECT 'gone', '1', heartbeat_ms, 1, "
	    "sequence + 1 FROM vantage WHERE name = 'test'");
	(void)node_sql(&node,
	    "INSERT INTO endpoint (vantage, zone, pool, endpoint, health, "
	    "since_ms, checked_ms, sequence) SELECT 'gone', zone, pool, "
	    "endpoint, 'down', since_ms, checked_ms, sequence + 1 FROM "
	    "endpoint WHERE vantage = 'test'");
	out = wait_for(&node, "VANTAGE STALE: nothing is heard of gone", 1);
	output_means(out, "; what it says does not count");
	output_means(out, "vantage gone, STALE, ");
	/* What it said of endpoints is not shown beside what counts. */
	output_contains(
	    out, "us                           up         test for ");
	lacks(out, "gone: down");
	ck_assert_int_eq(node_ctl(&node, &out, "status", "--down"), 1);
	output_means(out, "vantage gone, STALE, ");
	lacks(out, "vantage     test");
	harness_stop(h, node.server);
	harness_stop(h, node.probe);
	harness_destroy(h);
}
END_TEST

/* A server of the release before has no outlook: the stand-in has none. */
START_TEST(an_older_server_is_said)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	node_init(&node, h);
	node_standin(&node, 0);
	node.http = node.standin_port[0];
	node_config(&node, "");
	node_records(&node, node_zone);
	node_steering(&node, STEERING, 1, 2, 3, 4);
	ck_assert_int_eq(node_ctl(&node, &out, "status"), 2);
	output_means(out, "NO SERVER: meridiand has no page http://127.0.0.1:");
	output_means(out, "it is older than this meridianctl; restart it");
	harness_destroy(h);
}
END_TEST

/* The names that are longest still fit. */
START_TEST(long_names_fit_80_columns)
{
	static const char name[] =
	    "a-name-that-is-as-long-as-a-name-may-be-which-is-63-characters";
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	node_init(&node, h);
	node_config(&node, "");
	node_records(&node, node_zone);
	node_steering(&node,
	    "regions:\n"
	    "  r-%.60s: {at: [39.0, -77.5]}\n"
	    "checks:\n"
	    "  llm: {preset: http, path: /, every: 100ms, timeout: 1500ms}\n"
	    "pools:\n"
	    "  p-%.60s:\n"
	    "    check: llm\n"
	    "    endpoints:\n"
	    "      - {name: e-%.60s, region: r-%.60s, address: 127.0.0.1}\n"
	    "services:\n"
	    "  s-%.60s: {pool: p-%.60s}\n",
	    name, name, name, name, name, name);
	node_serve(&node);
	node_check(&node);
	HARNESS_WAIT(10000,
	    node_ctl(&node, &out, "status") == 2 &&
		strstr(out, "LAST RESORT") == out);
	output_fits(out);
	output_contains(out, "s-a-name-that-is..nference.example ");
	output_contains(out, "e-a-name-that..s-63-characte ");
	harness_stop(h, node.server);
	harness_stop(h, node.probe);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"well", a_healthy_node_is_well, 0},
	    {"degraded", a_region_that_is_down_is_degraded, 0},
	    {"last resort", nothing_healthy_is_a_last_resort, 0},
	    {"stale", a_dead_probe_makes_health_stale, 0},
	    {"no server", no_server_is_said_first, 0},
	    {"database", an_unreadable_database_is_said, 0},
	    {"database here", a_database_that_only_we_cannot_read_is_a_note, 0},
	    {"failed reload", a_failed_reload_is_said_until_one_succeeds, 0},
	    {"clocks", clocks_that_differ_are_said, 0},
	    {"silent vantage", a_silent_vantage_is_named, 0},
	    {"older server", an_older_server_is_said, 0},
	    {"long names", long_names_fit_80_columns, 0},
	};

	return harness_main("status", cases, sizeof(cases) / sizeof(cases[0]));
}
