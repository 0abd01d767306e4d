/*
 * A node that shares with others, as its state database tells it, whoever
 * carries the rows: cut off, it judges its own region, keeps the last verdict
 * elsewhere, and says so; what the others refused is not in force.  The test
 * writes what a carrier would.
 */
#include <stdio.h>
#include <string.h>

#include "tests/system/node.h"

/* Larger than any sequence that was given, as to the last row that was told
 * here, in one transaction. */
#define NEXT                                                           \
	"(SELECT max(sequence) + 1 FROM (SELECT sequence FROM vantage" \
	" UNION ALL SELECT sequence FROM endpoint"                     \
	" UNION ALL SELECT sequence FROM override"                     \
	" UNION ALL SELECT sequence FROM node))"

#define UP(endpoint, region)                                           \
	"meridian_endpoint_up{zone=\"inference.example\",pool=\"v1\"," \
	"endpoint=\"" endpoint "\",region=\"" region "\"}"

static void
prepare(struct node *node, struct harness *h)
{
	node_init(node, h);
	node_pair(node, "", "every: 200ms, timeout: 1500ms, fall: 1, rise: 1");
	harness_write(h, "meridian.yaml",
	    "listen: [\"127.0.0.1:%u\"]\n"
	    "http: 127.0.0.1:%u\n"
	    "state: state.db\n"
	    "vantage: {name: test, region: us-east}\n"
	    "node: here\n"
	    "share: {etcd: \"http://127.0.0.1:%u\"}\n"
	    "stale: {after: 60s, then: down}\n"
	    "geo: [%s]\n"
	    "zones:\n"
	    "  - {name: inference.example, records: inference.zone, "
	    "steering: inference.yaml}\n",
	    node->port, node->http, node->port,
	    harness_built(h, "geo/iptoasn-country.mmdb"));
	node_standin(node, 0);
	node_standin(node, 1);
	node_serve(node);
	node_check(node);
	HARNESS_WAIT(20000,
	    node_metric(node, UP("us", "us-east")) == 1 &&
		node_metric(node, UP("eu", "eu-west")) == 1);
}

/* The row of this node, as a carrier has it, with ${cut} for its cut_ms. */
static void
tell(struct node *node, const char *cut)
{
	char sql[512];

	snprintf(sql, sizeof(sql),
	    "INSERT INTO node (name, cut_ms, seen_ms, sequence) VALUES "
	    "('here', %s, 1, " NEXT ") ON CONFLICT DO UPDATE SET"
	    " cut_ms = excluded.cut_ms, sequence = excluded.sequence",
	    cut);
	(void)node_sql(node, sql);
}

static int
logged(struct node *node, const char *words)
{
	const char *at =
	    harness_read(node->h, harness_path(node->h, "meridiand.log"));
	int n = 0;

	for (; (at = strstr(at, words)) != NULL; at++)
		n++;
	return n;
}

static bool
is_down(struct node *node, const char *endpoint)
{
	char sql[128];

	snprintf(sql, sizeof(sql),
	    "SELECT health FROM endpoint WHERE endpoint = '%s'", endpoint);
	return strcmp(node_sql(node, sql), "down\n") == 0;
}

START_TEST(test_cut_off)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	prepare(&node, h);
	tell(&node, "NULL");
	ck_assert(node_metric(&node, "meridian_node_cut_off") == 0);
	tell(&node, "1700000000000");
	HARNESS_WAIT(10000, node_metric(&node, "meridian_node_cut_off") == 1);
	ck_assert_int_eq(node_ctl(&node, &out, "status"), 1);
	ck_assert_msg(strstr(out, "NODE CUT OFF: ") != NULL, "%s", out);
	ck_assert_int_eq(logged(&node, "this node is cut off"), 1);

	/* Its vantage, in us-east, has the last word there alone. */
	node_order(&node, 0, "health=down");
	node_order(&node, 1, "health=down");
	HARNESS_WAIT(10000, is_down(&node, "us") && is_down(&node, "eu"));
	HARNESS_WAIT(10000, node_metric(&node, UP("us", "us-east")) == 0);
	ck_assert(node_metric(&node, UP("eu", "eu-west")) == 1);
	ck_assert_int_eq(node_pair_answer(&node), 2);

	tell(&node, "NULL");
	HARNESS_WAIT(10000, node_metric(&node, UP("eu", "eu-west")) == 0);
	HARNESS_WAIT(10000, node_metric(&node, "meridian_node_cut_off") == 0);
	ck_assert_int_eq(logged(&node, "this node is cut off"), 1);
	ck_assert_int_eq(logged(&node, "is not cut off any more"), 1);
	harness_destroy(h);
}
END_TEST

/* Why an override counts on this node only. */
static const struct {
	const char *cut, *link, *words;
} whys[] = {
    {"1", "no connection",
	"this node only: it is cut off from the others: no connection; it is "
	"offered to them when the link is back"},
    {"NULL", "reads etcd: 7 keys so far",
	"this node only so far: the node reads etcd: 7 keys so far; then it "
	"is offered to the others"},
    {"NULL", "",
	"this node only so far: the others do not answer yet; it is offered "
	"to them when they do"},
    {"NULL", "no leader",
	"this node only so far: the others do not answer yet: no leader; it "
	"is offered to them when they do"},
};

START_TEST(test_why)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;
	char sql[512];

	prepare(&node, h);
	tell(&node, "NULL");
	for (size_t i = 0; i < sizeof(whys) / sizeof(whys[0]); i++) {
		/* Heard now, as long as this takes. */
		(void)snprintf(sql, sizeof(sql),
		    "UPDATE node SET cut_ms = %s, link = '%s', seen_ms = "
		    "(unixepoch() + 20) * 1000, sequence = " NEXT,
		    whys[i].cut, whys[i].link);
		(void)node_sql(&node, sql);
		ck_assert_int_eq(node_ctl(&node, &out, "freeze", "region",
				     "eu-west", "--reason", "a test"),
		    0);
		ck_assert_msg(strstr(node_words(out), whys[i].words) != NULL,
		    "%s: %s", whys[i].words, out);
	}
	harness_destroy(h);
}
END_TEST

/* Nobody carries it to the others: it counts here, and is in force until they
 * refuse it. */
START_TEST(test_refused)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	prepare(&node, h);
	tell(&node, "NULL");
	ck_assert_int_eq(node_ctl(&node, &out, "drain", "region", "eu-west",
			     "--for", "10m", "--reason", "a test"),
	    0);
	ck_assert_msg(
	    strstr(node_words(out),
		"this node only: meridian-share does not run here") != NULL,
	    "%s", out);
	ck_assert_str_eq(
	    node_sql(&node, "SELECT node, shared, length(id) FROM override"),
	    "here|0|32\n");
	HARNESS_WAIT(10000, node_pair_answer(&node) == 1);
	(void)node_sql(&node,
	    "UPDATE override SET shared = 2, refused = 'override 7 says "
	    "otherwise', sequence = " NEXT);
	HARNESS_WAIT(10000, node_pair_answer(&node) == 2);
	(void)node_ctl(&node, &out, "status");
	ck_assert_msg(strstr(node_unwrap(out),
			  "OVERRIDE REFUSED: override 1, "
			  "region eu-west drained") != NULL,
	    "%s", out);
	ck_assert_int_eq(node_ctl(&node, &out, "overrides", "--all"), 0);
	ck_assert_msg(strstr(node_unwrap(out),
			  "refused by other nodes: override 7 says "
			  "otherwise") != NULL,
	    "%s", out);
	ck_assert_int_eq(node_ctl(&node, &out, "overrides"), 0);
	ck_assert_msg(strstr(out, "eu-west") == NULL, "%s", out);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"a node that is cut off", test_cut_off, 120},
	    {"an override that others refuse", test_refused, 120},
	    {"why others do not answer", test_why, 120},
	};

	return harness_main("cut off", cases, sizeof(cases) / sizeof(cases[0]));
}
