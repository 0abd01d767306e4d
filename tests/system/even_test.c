/*
 * Endpoints of one region that are evened out by their load, with the real
 * daemons: the fuller one gets a factor below 1 on its weight, stored, said in
 * the log and gone on from by whoever comes after a kill.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/system/node.h"
#include "tests/system/output.h"

static void
steering(struct node *node)
{
	node_steering(node,
	    "regions:\n"
	    "  us-east: {at: [39.0, -77.5]}\n"
	    "checks:\n"
	    "  llm: {preset: vllm, every: 1s, timeout: 1500ms, load: {every: "
	    "1s, timeout: 1s, stale: 3s, smooth: 1s, max_running: 4}}\n"
	    "pools:\n"
	    "  v1:\n"
	    "    check: llm\n"
	    "    even: true\n"
	    "    endpoints:\n"
	    "      - {name: full, region: us-east, address: 192.0.2.1, "
	    "check_at: \"127.0.0.1:%u\", load_at: \"127.0.0.1:%u\"}\n"
	    "      - {name: idle, region: us-east, address: 192.0.2.2, "
	    "check_at: \"127.0.0.1:%u\", load_at: \"127.0.0.1:%u\"}\n"
	    "services:\n"
	    "  one: {pool: v1, ttl: {max: 2s, min: 1s}}\n",
	    node->standin_port[0], node->standin_port[2], node->standin_port[1],
	    node->standin_port[3]);
}

/* What people are told of a client. */
static const char *
explained(struct node *node)
{
	const char *out;

	node_ctl(node, &out, "explain", "one.inference.example", "--client",
	    "8.8.8.0/24");
	return node_unwrap(out);
}

static const char *
status(struct node *node)
{
	const char *out;

	node_ctl(node, &out, "status");
	return out;
}

/* The sixteenths that are stored of an endpoint; 0: none are. */
static int
sixteenths(struct node *node, const char *endpoint)
{
	char sql[256];

	snprintf(sql, sizeof(sql),
	    "SELECT sixteenths FROM factor WHERE zone = 'inference.example' "
	    "AND "
	    "pool = 'v1' AND endpoint = '%s'",
	    endpoint);
	return (int)strtol(node_sql(node, sql), NULL, 10);
}

START_TEST(the_fuller_of_two_sinks_and_a_kill_loses_nothing)
{
	struct harness *h = harness_create();
	struct node node;

	node_init(&node, h);
	for (int i = 0; i < NODE_STANDINS; i++)
		node_standin(&node, i);
	node_order(&node, 2, "running=3");
	node_order(&node, 3, "running=1");
	node_config(&node, "");
	node_records(&node, node_zone);
	steering(&node);
	node_serve(&node);
	node_check(&node);
	HARNESS_WAIT(60000, sixteenths(&node, "full") == 15);
	ck_assert_int_eq(sixteenths(&node, "idle"), 0);
	output_contains(harness_read(h, harness_path(h, "probe.log")),
	    "v1 full: weight 15/16 after 16/16, 1");
	HARNESS_WAIT(
	    5000, strstr(status(&node), "93.75 % of its weight") != NULL);
	output_contains(explained(&node),
	    "by the hash of 8.8.0.0/20; of its weight counts of full 93.75 %");
	harness_kill(h, node.probe);
	harness_kill(h, node.server);
	node_serve(&node);
	node_check(&node);
	ck_assert_int_eq(sixteenths(&node, "full"), 15);
	HARNESS_WAIT(
	    5000, strstr(explained(&node), "counts of full 93.75 %") != NULL);
	harness_stop(h, node.server);
	harness_stop(h, node.probe);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"the_fuller_of_two_sinks_and_a_kill_loses_nothing",
		the_fuller_of_two_sinks_and_a_kill_loses_nothing, 120},
	};

	return harness_main("even", cases, sizeof(cases) / sizeof(cases[0]));
}
