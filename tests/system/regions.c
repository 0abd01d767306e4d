/*
 * Five regions and those who ask in them.  Called by system tests.
 */
#include "tests/system/regions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct region {
	const char *name, *at;
} regions[REGIONS_ALL] = {
    {"us-east", "39.0, -77.5"},
    {"eu-west", "53.3, -6.3"},
    {"ap-south", "19.1, 72.9"},
    {"sa-east", "-23.5, -46.6"},
    {"ap-northeast", "35.7, 139.7"},
    {"af-south", "-33.9, 18.4"},
};

void
regions_steering(struct node *node, int n, const char *pool, const char *every)
{
	char text[8192];
	size_t len = 0;

#define ADD(...) \
	len += (size_t)snprintf(text + len, sizeof(text) - len, __VA_ARGS__)
	ADD("networks:\n");
	for (int i = 0; i < REGIONS_ALL; i++)
		ADD("  near%d: {prefixes: [5.%d.0.0/16], at: [%s]}\n", i, i,
		    regions[i].at);
	ADD("regions:\n");
	for (int i = 0; i < n; i++)
		ADD("  %s: {at: [%s]}\n", regions[i].name, regions[i].at);
	ADD("checks:\n"
	    "  llm: {preset: vllm, model: test-model, %s}\n"
	    "pools:\n"
	    "  %s:\n"
	    "    check: llm\n"
	    "    endpoints:\n",
	    every, pool);
	for (int i = 0; i < n; i++)
		ADD("      - {name: %s, region: %s, address: 192.0.2.%d, "
		    "check_at: \"127.0.0.1:%u\"}\n",
		    regions[i].name, regions[i].name, i,
		    node->standin_port[i % NODE_STANDINS]);
	ADD("services:\n"
	    "  one: {pool: %s}\n",
	    pool);
#undef ADD
	node_steering(node, "%s", text);
}

void
regions_prepare(struct node *node, struct harness *h, const char *extra)
{
	node_init(node, h);
	node_standins(node);
	node_config(node, extra);
	node_records(node, node_zone);
	regions_steering(node, REGIONS, "v1", REGIONS_EVERY);
}

int
regions_ask(struct node *node, int i)
{
	static struct reply reply;
	char subnet[32];
	struct ask question = {.port = node->port,
	    .name = "one.inference.example.",
	    .type = "A",
	    .subnet = subnet,
	    .timeout_ms = 500};
	static const char net[] = "192.0.2.";

	snprintf(subnet, sizeof(subnet), "5.%d.7.0/24", i);
	if (!ask(&question, &reply) || reply.n_answer == 0)
		return -1;
	ck_assert_int_eq(strncmp(reply.answer[0].data, net, strlen(net)), 0);
	return (int)strtoul(reply.answer[0].data + strlen(net), NULL, 10);
}

static long answers;

void
regions_ask_all(struct node *node, int64_t began)
{
	for (int i = 0; i < REGIONS; i++) {
		int region = regions_ask(node, i);

		ck_assert_msg(region == i || region == -1,
		    "after %lld ms: a client of %s was given %s",
		    (long long)(harness_ms() - began), regions[i].name,
		    regions[region].name);
		answers += region == i;
	}
	harness_pause();
}

int
regions_count(struct node *node, const char *usable)
{
	const char *page = node_page(node, "/api/v1/status");
	char text[64];
	int n = 0;

	snprintf(text, sizeof(text), "\"usable\": \"%s\"", usable);
	while ((page = strstr(page, text)) != NULL) {
		page++;
		n++;
	}
	return n;
}

void
regions_ask_until(struct node *node, int n, int64_t ms)
{
	int64_t began = harness_ms(), over = 0;

	answers = 0;
	while (over == 0 || harness_ms() - over < ms) {
		ck_assert_int_lt(harness_ms() - began, 20000);
		for (int i = 0; i < 10; i++)
			regions_ask_all(node, began);
		if (over == 0 && regions_count(node, "up") == n)
			over = harness_ms();
	}
	printf("the round was over after %lld ms, %ld answers\n",
	    (long long)(over - began), answers);
	ck_assert_int_gt(answers, 100);
}

void
regions_run(struct node *node)
{
	node_check(node);
	node_serve(node);
	HARNESS_WAIT(20000, regions_count(node, "up") == REGIONS);
}
