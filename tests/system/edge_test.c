/*
 * The edge tier with the real programs: names below a wildcard live on sites,
 * standby sites and the origin take over when these fail and give back, and
 * dig, explain, status and counters say so.
 */
#include <stdio.h>
#include <string.h>

#include "tests/system/node.h"
#include "tests/system/output.h"

#define GERMAN "84.128.0.0/24"
#define NAMES 40

/* 1 and 2 are sites, 3 is a standby site, 4 the origin far away. */
static const char steering[] =
    "regions:\n"
    "  eu-west: {at: [48.9, 2.3]}\n"
    "  us-east: {at: [39.0, -77.5]}\n"
    "checks:\n"
    "  llm: {preset: vllm, model: test-model, every: 300ms, timeout: 1500ms, "
    "fall: 2, rise: 2}\n"
    "pools:\n"
    "  sites:\n"
    "    check: llm\n"
    "    kind: edge\n"
    "    origin: store\n"
    "%s"
    "    endpoints:\n"
    "      - {name: one, region: eu-west, address: 192.0.2.1, check_at: "
    "\"127.0.0.1:%u\"}\n"
    "      - {name: two, region: eu-west, address: 192.0.2.2, check_at: "
    "\"127.0.0.1:%u\"}\n"
    "      - {name: three, region: eu-west, address: 192.0.2.3, check_at: "
    "\"127.0.0.1:%u\", standby: true}\n"
    "  store: {check: llm, endpoints: [{name: s, region: us-east, address: "
    "192.0.2.4, check_at: \"127.0.0.1:%u\"}]}\n"
    "services:\n"
    "  \"*.img\": {pool: sites}\n";

static void
start(struct node *node, struct harness *h, const char *keys)
{
	node_init(node, h);
	node_standins(node);
	node_config(node, "");
	node_records(node, node_zone);
	node_steering(node, steering, keys, node->standin_port[0],
	    node->standin_port[1], node->standin_port[2],
	    node->standin_port[3]);
	node_check(node);
	node_serve(node);
	HARNESS_WAIT(10000,
	    strcmp(node_sql(node,
		       "select count(*) from endpoint where health = 'up'"),
		"4\n") == 0);
}

/* The site of name number ${i} for ${client}, "1" to "4". */
static char
site(struct node *node, int i, const char *client)
{
	char name[64];
	const char *address;

	snprintf(name, sizeof(name), "object-%d.img.inference.example.", i);
	address = node_ask(node, name, "A", client);
	return address[0] != '\0' ? address[strlen(address) - 1] : '?';
}

/* All names are on ${where}. */
static bool
all_on(struct node *node, char where)
{
	for (int i = 0; i < NAMES; i++)
		if (site(node, i, GERMAN) != where)
			return false;
	return true;
}

static double
counted(struct node *node, const char *pool, const char *region)
{
	char name[256];

	snprintf(name, sizeof(name),
	    "meridian_steered_answers_total{service=\"*.img.inference."
	    "example\",pool=\"%s\",region=\"%s\"}",
	    pool, region);
	return node_metric(node, name);
}

static const char *
explain(struct node *node)
{
	const char *out;

	ck_assert_int_eq(
	    node_ctl(node, &out, "explain", "object-1.img.inference.example",
		"--client", GERMAN),
	    0);
	output_fits(out);
	return out;
}

START_TEST(test_failover)
{
	struct harness *h = harness_create();
	struct node node;
	struct reply reply;
	char before[NAMES];
	const char *out;
	int on_one = 0;

	start(&node, h, "");
	HARNESS_WAIT(5000, site(&node, 0, GERMAN) < '3');
	for (int i = 0; i < NAMES; i++) {
		before[i] = site(&node, i, GERMAN);
		on_one += before[i] == '1';
		ck_assert(before[i] == '1' || before[i] == '2');
		/* The name has it for everyone of the region. */
		ck_assert_int_eq(site(&node, i, "84.129.7.0/24"), before[i]);
	}
	ck_assert_int_gt(on_one, NAMES / 8);
	ck_assert_int_lt(on_one, NAMES - NAMES / 8);
	HARNESS_WAIT(5000,
	    node_reply(&node, "object-1.img.inference.example.", "A", GERMAN,
		&reply) &&
		reply.answer[0].ttl_s == 300);
	ck_assert_uint_le(reply.scope, 16);
	output_says(explain(&node), "by the hash of the name");

	/* One site, the other, the standby one: only the first moves names
	 * that another still has. */
	harness_kill(h, node.standin[0]);
	HARNESS_WAIT(10000, all_on(&node, '2'));
	harness_kill(h, node.standin[1]);
	HARNESS_WAIT(10000, all_on(&node, '3'));
	output_says(explain(&node), "its standby endpoints");
	ck_assert_int_eq(node_ctl(&node, &out, "status"), 1);
	output_says(out, "its standby endpoints serve");
	harness_kill(h, node.standin[2]);
	HARNESS_WAIT(10000, all_on(&node, '4'));
	output_says(explain(&node), "its origin store");
	ck_assert_int_eq(node_ctl(&node, &out, "status"), 1);
	output_says(out, "its origin store serves");
	/* It is no last resort. */
	HARNESS_WAIT(5000,
	    node_reply(&node, "object-1.img.inference.example.", "A", GERMAN,
		&reply) &&
		reply.answer[0].ttl_s == 300);
	ck_assert(counted(&node, "store", "us-east") >= NAMES);
	ck_assert(counted(&node, "sites", "eu-west") >= NAMES);

	/* And back, each name to its own site. */
	node_standin(&node, 1);
	HARNESS_WAIT(10000, all_on(&node, '2'));
	node_standin(&node, 0);
	HARNESS_WAIT(
	    10000, site(&node, 0, GERMAN) == before[0] && !all_on(&node, '2'));
	for (int i = 0; i < NAMES; i++)
		ck_assert_int_eq(site(&node, i, GERMAN), before[i]);
	harness_stop(h, node.server);
	harness_stop(h, node.probe);
	harness_destroy(h);
}
END_TEST

/* A hot name lives on both sites, and clients take turns by their networks; a
 * trickle of them keeps the standby site warm. */
START_TEST(test_spread_and_trickle)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;
	int n[5] = {0};

	start(&node, h, "    spread: 2\n    trickle: 20%\n");
	HARNESS_WAIT(5000, site(&node, 0, GERMAN) < '4');
	for (int i = 0; i < 400; i++) {
		char client[32];
		char where;

		snprintf(client, sizeof(client), "84.%d.%d.0/24", 128 + i % 8,
		    i * 37 % 256);
		where = site(&node, 7, client);
		ck_assert(where >= '1' && where <= '3');
		n[where - '0']++;
	}
	ck_assert_int_gt(n[1], 80);
	ck_assert_int_gt(n[2], 80);
	ck_assert_int_gt(n[3], 40);
	ck_assert_int_lt(n[3], 140);
	output_says(explain(&node), "trickle of sites: position");
	ck_assert_int_eq(node_ctl(&node, &out, "status"), 0);
	output_says(out, "standby");
	harness_stop(h, node.server);
	harness_stop(h, node.probe);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"failover", test_failover, 120},
	    {"spread and trickle", test_spread_and_trickle, 60},
	};

	return harness_main("edge", cases, sizeof(cases) / sizeof(cases[0]));
}
