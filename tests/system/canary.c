/*
 * The stage of the tests of canaries; see canary.h.
 */
#include "tests/system/canary.h"

#include <stdio.h>
#include <string.h>

#define CLIENTS 200

void
canary_steer(struct node *node, const char *ramp)
{
	node_steering(node,
	    "regions: {us-east: {at: [39.0, -77.5]}}\n"
	    "checks:\n"
	    "  llm: {preset: vllm, every: 500ms, timeout: 1500ms, load: "
	    "{every: "
	    "1s, timeout: 1s, stale: 5s, max_running: 4, metrics: {running: "
	    "\"vllm:num_requests_running\", requests: "
	    "\"vllm:request_success_total\", errors: standin_errors_total}}}\n"
	    "pools:\n"
	    "  v1: {check: llm, endpoints: [{name: us, region: us-east, "
	    "address: " CANARY_OLD ", check_at: \"127.0.0.1:%u\", load_at: "
	    "\"127.0.0.1:%u\"}]}\n"
	    "  v2: {check: llm, endpoints: [{name: us, region: us-east, "
	    "address: " CANARY_NEW ", check_at: \"127.0.0.1:%u\", load_at: "
	    "\"127.0.0.1:%u\"}]}\n"
	    "services:\n"
	    "  one: {split: {v1: 100, v2: 0}, ramp: {%s}}\n",
	    node->standin_port[0], node->standin_port[0], node->standin_port[1],
	    node->standin_port[1], ramp);
}

void
canary_start(struct node *node, struct harness *h, const char *ramp)
{
	node_init(node, h);
	for (int i = 0; i < 2; i++) {
		node_standin(node, i);
		node_order(node, i, "served=200&errors=0.02");
	}
	node_config(node, "");
	node_records(node, node_zone);
	canary_steer(node, ramp);
	node_serve(node);
	node_check(node);
}

void
canary_stop(struct node *node)
{
	harness_stop(node->h, node->server);
	harness_stop(node->h, node->probe);
	harness_destroy(node->h);
}

bool
canary_is_at(struct node *node, const char *state, const char *share)
{
	char row[64];

	snprintf(row, sizeof(row), "%s|%s\n", state, share);
	return strcmp(node_sql(node, "SELECT state, share FROM ramp"), row) ==
	    0;
}

int
canary_count(struct node *node)
{
	int n = 0;

	for (int i = 0; i < CLIENTS; i++) {
		char subnet[32];
		const char *data;

		/* Spread over blocks and in them. */
		snprintf(subnet, sizeof(subnet), "%d.%d.%d.0/24", 20 + i,
		    (i * 37) % 256, (i * 101) % 256);
		data = node_ask(node, "one.inference.example.", "A", subnet);
		if (strcmp(data, CANARY_NEW) == 0)
			n++;
		else
			ck_assert_str_eq(data, CANARY_OLD);
	}
	return n;
}
