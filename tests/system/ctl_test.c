/*
 * meridianctl as a person uses it: what explain and check print for
 * good and bad requests, in text and JSON.
 */
#include <stdio.h>
#include <string.h>

#include "tests/system/node.h"
#include "tests/system/output.h"

static void
start(struct node *node, struct harness *h)
{
	node_init(node, h);
	node_standin(node, 0);
	node_config(node, "");
	node_records(node, node_zone);
	node_steering(node,
	    "regions:\n"
	    "  us-east: {at: [39.0, -77.5]}\n"
	    "  eu-west: {at: [53.3, -6.3]}\n"
	    "networks:\n"
	    "  office: {prefixes: [10.0.0.0/8], country: IE}\n"
	    "checks:\n"
	    "  llm: {preset: vllm, every: 200ms, timeout: 1500ms, fall: 2, "
	    "rise: 1}\n"
	    "pools:\n"
	    "  v1:\n"
	    "    check: llm\n"
	    "    endpoints:\n"
	    "      - {name: us, region: us-east, address: 192.0.2.1, "
	    "check_at: \"127.0.0.1:%u\"}\n"
	    "      - {name: eu, region: eu-west, address: 192.0.2.2, "
	    "check_at: \"127.0.0.1:%u\"}\n"
	    "services:\n"
	    "  one:\n"
	    "    pool: v1\n"
	    "    fence:\n"
	    "      - {clients: {countries: [DE]}, regions: [us-east]}\n",
	    node->standin_port[0], node->standin_port[1]);
	node_serve(node);
	node_check(node);
	HARNESS_WAIT(10000,
	    strcmp(node_sql(node,
		       "select count(*) from endpoint where health = 'down'"),
		"1\n") == 0);
	/* What is in the database is in the server a moment later. */
	HARNESS_WAIT(5000,
	    strstr(node_page(node, "/api/v1/status"), "\"usable\": \"down\"") !=
		NULL);
}

/* Each question, what must be in the text, and the exit status. */
static const struct {
	const char *name, *type, *client;
	int status;
	const char *want[8];
} questions[] = {
    {"one.inference.example", "A", "84.128.0.1", 0,
	{"question    one.inference.example. A for 84.128.0.1/32",
	    "zone        inference.example. serial 1", "(exact, a service)",
	    "country DE, continent EU", " 1 fence ", "us-east",
	    "answer      192.0.2.1 (us of v1 in us-east) TTL 60"}},
    {"ONE.inference.example.", "A", "90.0.0.0/24", 0,
	{"answer      192.0.2.1 (us of v1 in us-east)", "eu-west 0 of 1 up"}},
    {"one.inference.example", "A", "10.1.1.1", 0,
	{"country IE", "networks office"}},
    {"one.inference.example", "AAAA", "90.0.0.0/24", 0,
	{"answer      nodata", "scope /0"}},
    {"one.inference.example", "A", "2002:5a00:0001::/48", 0, {"country FR"}},
    {"www.inference.example", "A", "90.0.0.0/24", 0,
	{"answer      records of the zone file TTL 300 scope /0"}},
    {"nix.inference.example", "A", "90.0.0.0/24", 0,
	{"(no such name)", "answer      nxdomain"}},
    {"x.wild.inference.example", "TXT", "90.0.0.0/24", 0,
	{"(wildcard)", "answer      records of the zone file"}},
    {"x.sub.inference.example", "A", "90.0.0.0/24", 0,
	{"(below a delegation)", "answer      referral"}},
    {"www.elsewhere.example", "A", "90.0.0.0/24", 1, {"REFUSED"}},
    {"one.inference.example", "A", "90.0.0", 64, {"usage:"}},
    {"one.inference.example", "NONSENSE", "90.0.0.1", 64, {"usage:"}},
    {"one..example", "A", "90.0.0.1", 64, {"usage:"}},
};

/* Wrong words, and what is said of them. */
static const char *const wrong[][5] = {
    {"one.inference.example", NULL, NULL, NULL, "--client is missing"},
    {"one.inference.example", "--client", "nowhere", NULL,
	"\"nowhere\" is no address or prefix"},
    {"one.inference.example", "--client", "0.0.0.0/0", NULL,
	"\"0.0.0.0/0\" names no client"},
    {"one.inference.example", "AAAAA", "--client", "192.0.2.1",
	"\"AAAAA\" is no record type"},
    {"one..example", "--client", "192.0.2.1", NULL,
	"\"one..example\" is no domain name"},
};

START_TEST(test_explain)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start(&node, h);
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		ck_assert_int_eq(
		    node_ctl(&node, &out, "explain", questions[i].name,
			questions[i].type, "--client", questions[i].client),
		    questions[i].status);
		for (int k = 0; k < 8 && questions[i].want[k] != NULL; k++)
			output_says(out, questions[i].want[k]);
	}
	ck_assert_int_eq(
	    node_ctl(&node, &out, "explain", "one.inference.example",
		"--client", "84.128.0.0/16", "--json"),
	    0);
	output_says(out, "\"country\": \"DE\"");
	output_says(out, "\"step\": \"fence\"");
	output_says(out, "\"192.0.2.1\"");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		const char *const *w = wrong[i];

		ck_assert_int_eq(
		    node_ctl(&node, &out, "explain", w[0], w[1], w[2], w[3]),
		    64);
		output_says(out, w[4]);
	}
	ck_assert_int_eq(
	    node_ctl(&node, &out, "explain", "www.elsewhere.example",
		"--client", "192.0.2.1", "--json"),
	    1);
	output_says(out, "\"error\": \"www.elsewhere.example is in no zone");
	harness_stop(h, node.server);
	harness_stop(h, node.probe);
	/* Without any daemon: decided from what they left. */
	ck_assert_int_eq(
	    node_ctl(&node, &out, "explain", "one.inference.example",
		"--client", "90.0.0.0/24"),
	    0);
	output_says(out, "eu-west 0 of 1 up");
	harness_destroy(h);
}
END_TEST

/* One command for both daemons: the probe takes what is new, too. */
START_TEST(test_reload_both)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start(&node, h);
	node_steering(&node,
	    "regions:\n"
	    "  us-east: {at: [39.0, -77.5]}\n"
	    "checks:\n"
	    "  llm: {preset: vllm, every: 200ms, timeout: 1500ms, rise: 1}\n"
	    "pools:\n"
	    "  v1:\n"
	    "    check: llm\n"
	    "    endpoints:\n"
	    "      - {name: new, region: us-east, address: 192.0.2.9, "
	    "check_at: \"127.0.0.1:%u\"}\n"
	    "services:\n"
	    "  one: {pool: v1}\n",
	    node.standin_port[0]);
	ck_assert_int_eq(node_ctl(&node, &out, "reload"), 0);
	output_says(out, "meridian-probe (process ");
	HARNESS_WAIT(5000,
	    strcmp(node_sql(&node, "select endpoint, health from endpoint"),
		"new|up\n") == 0);
	harness_stop(h, node.probe);
	ck_assert_int_eq(node_ctl(&node, &out, "reload"), 0);
	output_says(out, "no meridian-probe runs here as test");
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* A server of the release before, which has no page of reloads: the stand-in
 * has none either. */
START_TEST(test_reload_of_older)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	node_init(&node, h);
	node_standin(&node, 0);
	node.http = node.standin_port[0];
	node_config(&node, "");
	ck_assert_int_eq(node_ctl(&node, &out, "reload"), 1);
	output_says(out, "it is older than this meridianctl");
	harness_destroy(h);
}
END_TEST

START_TEST(test_usage)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	node_init(&node, h);
	ck_assert_int_eq(harness_run(h, &out, "meridianctl", NULL), 64);
	output_says(out, "usage:");
	ck_assert_int_eq(
	    harness_run(h, &out, "meridianctl", "frobnicate", NULL), 64);
	output_says(out, "there is no command frobnicate");
	ck_assert_int_eq(harness_run(h, &out, "meridianctl", "-V", NULL), 0);
	output_says(out, "meridianctl 0.");
	ck_assert_int_eq(harness_run(h, &out, "meridianctl", "-c", "/nix.yaml",
			     "check", NULL),
	    1);
	output_says(out, "/nix.yaml: error: cannot open");
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"explain", test_explain, 120},
	    {"reload both", test_reload_both, 0},
	    {"reload of an older server", test_reload_of_older, 0},
	    {"usage", test_usage, 0},
	};

	return harness_main("ctl", cases, sizeof(cases) / sizeof(cases[0]));
}
