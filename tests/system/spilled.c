/*
 * The stage of the tests of load; see spilled.h.
 */
#include "tests/system/spilled.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
spilled_steer(struct node *node, const char *spill)
{
	node_steering(node,
	    "regions:\n"
	    "  us-east: {at: [39.0, -77.5]}\n"
	    "  eu-west: {at: [53.3, -6.3]}\n"
	    "checks:\n"
	    "  llm: {preset: vllm, every: 1s, timeout: 1500ms, load: {every: "
	    "1s, timeout: 1s, stale: 3s, smooth: 1s, max_running: 100}}\n"
	    "pools:\n"
	    "  v1:\n"
	    "    check: llm\n"
	    "    %s%s\n"
	    "    endpoints:\n"
	    "      - {name: us, region: us-east, address: 192.0.2.1, capacity: "
	    "100, check_at: \"127.0.0.1:%u\", load_at: \"127.0.0.1:%u\"}\n"
	    "      - {name: eu, region: eu-west, address: 192.0.2.2, capacity: "
	    "100, check_at: \"127.0.0.1:%u\", load_at: \"127.0.0.1:%u\"}\n"
	    "services:\n"
	    "  one: {pool: v1, ttl: {max: 2s, min: 1s}}\n",
	    spill != NULL ? "spill: " : "min_up: 50%",
	    spill != NULL ? spill : "", node->standin_port[0],
	    node->standin_port[2], node->standin_port[1],
	    node->standin_port[3]);
}

void
spilled_start(struct node *node, struct harness *h, const char *spill)
{
	node_init(node, h);
	for (int i = 0; i < NODE_STANDINS; i++)
		node_standin(node, i);
	node_order(node, 2, "running=200");
	node_order(node, 3, "running=0");
	node_config(node, "");
	node_records(node, node_zone);
	spilled_steer(node, spill);
	node_serve(node);
	node_check(node);
}

void
spilled_stop(struct node *node)
{
	harness_stop(node->h, node->server);
	harness_stop(node->h, node->probe);
	harness_destroy(node->h);
}

double
spilled_kept(struct node *node, const char *region)
{
	char sql[256];
	const char *out;

	snprintf(sql, sizeof(sql),
	    "SELECT keep FROM keep WHERE zone = 'inference.example' AND pool "
	    "= 'v1' AND region = '%s'",
	    region);
	out = node_sql(node, sql);
	/* Before the file is made it is an error in words. */
	return strspn(out, "0123456789") > 0 ? strtod(out, NULL) : -1;
}
