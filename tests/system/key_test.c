/*
 * One endpoint is one endpoint for all programs, however its zone is written:
 * checks, answers and status find each other.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "tests/system/node.h"

/* The zone in capital letters, in meridian.yaml alone. */
static void
capitals(struct node *node)
{
	const char *path = harness_path(node->h, "meridian.yaml");
	char *text = strdup(harness_read(node->h, path)), *name;

	ck_assert_ptr_nonnull(text);
	name = strstr(text, "name: inference.example");
	ck_assert_ptr_nonnull(name);
	for (name += strlen("name: "); *name != '\n' && *name != ','; name++)
		*name = (char)toupper((unsigned char)*name);
	harness_write(node->h, "meridian.yaml", "%s", text);
	free(text);
}

START_TEST(test_capitals)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	node_init(&node, h);
	node_config(&node, "");
	capitals(&node);
	node_records(&node, node_zone);
	node_steering(&node,
	    "regions: {us-east: {at: [39.0, -77.5]}}\n"
	    "checks:\n"
	    "  llm: {preset: vllm, every: 100ms, timeout: 1500ms, fall: 1, "
	    "rise: "
	    "1}\n"
	    "pools:\n"
	    "  v1:\n"
	    "    check: llm\n"
	    "    endpoints: [{name: us, region: us-east, address: 192.0.2.1, "
	    "check_at: \"127.0.0.1:%u\"}]\n"
	    "services:\n"
	    "  one: {pool: v1}\n",
	    node.standin_port[0]);
	node_standin(&node, 0);
	node_order(&node, 0, "health=down");
	node_serve(&node);
	node_check(&node);
	HARNESS_WAIT(10000,
	    strcmp(node_sql(&node, "select zone, health from endpoint"),
		"inference.example|down\n") == 0);
	HARNESS_WAIT(10000,
	    strstr(node_page(&node, "/api/v1/status"),
		"\"usable\": \"down\"") != NULL);
	/* And status knows that this endpoint is what the vantage judged. */
	(void)node_ctl(&node, &out, "status", "--json");
	ck_assert_msg(strstr(out, "\"views\": []") == NULL, "%s", out);
	ck_assert_ptr_nonnull(strstr(out, "\"views\": ["));
	harness_stop(h, node.server);
	harness_stop(h, node.probe);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"a zone in capital letters", test_capitals, 60},
	};

	return harness_main("key", cases, sizeof(cases) / sizeof(cases[0]));
}
