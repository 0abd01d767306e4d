/*
 * Cold starts: while nobody has judged an endpoint yet, and while that changes,
 * no client is sent across the world though its own region is well.  Clients of
 * each region ask every few milliseconds from before the first check until the
 * round is over.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/system/node.h"

/* The regions of the file, and one that comes later. */
#define REGIONS 5
#define ALL_REGIONS 6

static const struct region {
	const char *name, *at;
} regions[] = {
    {"us-east", "39.0, -77.5"},
    {"eu-west", "53.3, -6.3"},
    {"ap-south", "19.1, 72.9"},
    {"sa-east", "-23.5, -46.6"},
    {"ap-northeast", "35.7, 139.7"},
    {"af-south", "-33.9, 18.4"},
};

/* Where clients of the sixth region go while it is not checked. */
#define NEXT_TO_SIXTH 3

/* How often the tests check, but for one. */
#define EVERY "every: 5s, timeout: 2s"

/* Write the steering file with ${n} regions, whose endpoints are in ${pool} and
 * checked ${every}. */
static void
write_steering(struct node *node, int n, const char *pool, const char *every)
{
	char text[8192];
	size_t len = 0;

#define ADD(...) \
	len += (size_t)snprintf(text + len, sizeof(text) - len, __VA_ARGS__)
	ADD("networks:\n");
	for (int i = 0; i < ALL_REGIONS; i++)
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

static void
prepare(struct node *node, struct harness *h, const char *extra)
{
	node_init(node, h);
	node_standins(node);
	node_config(node, extra);
	node_records(node, node_zone);
	write_steering(node, REGIONS, "v1", EVERY);
}

/* A client of region ${i} asks: the region whose endpoint it is given; -1
 * without an answer. */
static int
asked(struct node *node, int i)
{
	static struct reply reply;
	char subnet[32];
	struct ask question = {.port = node->port,
	    .name = "one.inference.example.",
	    .type = "A",
	    .subnet = subnet,
	    .timeout_ms = 500};
	unsigned region;

	snprintf(subnet, sizeof(subnet), "5.%d.7.0/24", i);
	if (!ask(&question, &reply) || reply.n_answer == 0)
		return -1;
	ck_assert_int_eq(
	    sscanf(reply.answer[0].data, "192.0.2.%u", &region), 1);
	return (int)region;
}

static long answers;

/* All clients ask: each is given its own region, or nothing yet. */
static void
ask_all(struct node *node, int64_t began)
{
	for (int i = 0; i < REGIONS; i++) {
		int region = asked(node, i);

		ck_assert_msg(region == i || region == -1,
		    "after %lld ms: a client of %s was given %s",
		    (long long)(harness_ms() - began), regions[i].name,
		    regions[region].name);
		answers += region == i;
	}
	harness_pause();
}

/* How often the status page says so of an endpoint. */
static int
count(struct node *node, const char *usable)
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

/* Ask on until ${n} endpoints are up, and for ${ms} longer. */
static void
ask_until(struct node *node, int n, int64_t ms)
{
	int64_t began = harness_ms(), over = 0;

	answers = 0;
	while (over == 0 || harness_ms() - over < ms) {
		ck_assert_int_lt(harness_ms() - began, 20000);
		for (int i = 0; i < 10; i++)
			ask_all(node, began);
		if (over == 0 && count(node, "up") == n)
			over = harness_ms();
	}
	printf("the round was over after %lld ms, %ld answers\n",
	    (long long)(over - began), answers);
	ck_assert_int_gt(answers, 100);
}

static void
start_server(struct node *node)
{
	node->server = harness_start(node->h, "meridiand.log", "meridiand",
	    "-c", harness_path(node->h, "meridian.yaml"), NULL);
}

static void
run(struct node *node)
{
	node_check(node);
	node_serve(node);
	HARNESS_WAIT(20000, count(node, "up") == REGIONS);
}

/* Neither a database nor a probe that has looked, whichever starts first. */
START_TEST(test_from_nothing)
{
	for (int probe_first = 0; probe_first < 2; probe_first++) {
		struct harness *h = harness_create();
		struct node node;

		prepare(&node, h, "");
		if (probe_first) {
			node_check(&node);
			start_server(&node);
		} else {
			node_serve(&node);
			ask_all(&node, harness_ms());
			ck_assert_int_eq(count(&node, "unchecked"), REGIONS);
			node_check(&node);
		}
		ask_until(&node, REGIONS, 500);
		harness_destroy(h);
	}
}
END_TEST

/* An endpoint that is down is found in the round, and only its clients go
 * elsewhere. */
START_TEST(test_one_is_down)
{
	struct harness *h = harness_create();
	struct node node;
	int64_t end;

	prepare(&node, h, "");
	node_order(&node, 1, "health=down");
	node_serve(&node);
	node_check(&node);
	HARNESS_WAIT(20000, count(&node, "down") == 1);
	HARNESS_WAIT(20000, count(&node, "unchecked") == 0);
	end = harness_ms() + 500;
	while (harness_ms() < end)
		for (int i = 0; i < REGIONS; i++)
			ck_assert_int_eq(i == asked(&node, i), i != 1);
	harness_destroy(h);
}
END_TEST

/* A region that comes by a reload waits for its check, wherever the files are
 * read first; nobody else notices. */
START_TEST(test_new_region)
{
	struct harness *h = harness_create();
	struct node node;
	int64_t began;
	int region = -1;

	prepare(&node, h, "");
	run(&node);
	write_steering(&node, ALL_REGIONS, "v1", EVERY);
	harness_signal(h, node.server, SIGHUP);
	began = harness_ms();
	for (int i = 0; i < 100; i++) {
		ask_all(&node, began);
		region = asked(&node, 5);
		ck_assert_int_eq(region, NEXT_TO_SIXTH);
	}
	ck_assert_int_eq(count(&node, "unchecked"), 1);
	harness_signal(h, node.probe, SIGHUP);
	while (region != 5) {
		ck_assert_int_lt(harness_ms() - began, 20000);
		ask_all(&node, began);
		region = asked(&node, 5);
		ck_assert(region == NEXT_TO_SIXTH || region == 5);
	}
	ask_until(&node, ALL_REGIONS, 500);
	harness_destroy(h);
}
END_TEST

/* A pool with another name is a new one: its probes know it a second later. */
START_TEST(test_renamed_pool)
{
	struct harness *h = harness_create();
	struct node node;
	int64_t began;

	prepare(&node, h, "");
	run(&node);
	write_steering(&node, REGIONS, "v2", EVERY);
	harness_signal(h, node.server, SIGHUP);
	began = harness_ms();
	while (harness_ms() - began < 1000)
		ask_all(&node, began);
	ck_assert_int_eq(count(&node, "unchecked"), REGIONS);
	harness_signal(h, node.probe, SIGHUP);
	ask_until(&node, REGIONS, 500);
	harness_destroy(h);
}
END_TEST

/* Start a probe of another vantage, "more". */
static void
start_second(struct node *node)
{
	struct harness *h = node->h;
	char *second =
	    strdup(harness_read(h, harness_path(h, "meridian.yaml")));
	char *name;

	ck_assert_ptr_nonnull(second);
	name = strstr(second, "vantage: test");
	ck_assert_ptr_nonnull(name);
	memcpy(name, "vantage: more", strlen("vantage: more"));
	harness_write(h, "second.yaml", "%s", second);
	free(second);
	harness_start(h, "second.log", "meridian-probe", "-c",
	    harness_path(h, "second.yaml"), NULL);
}

/* A second vantage looks at one endpoint after the other. */
START_TEST(test_new_vantage)
{
	struct harness *h = harness_create();
	struct node node;
	int64_t began;

	prepare(&node, h, "");
	run(&node);
	start_second(&node);
	began = harness_ms();
	while (strcmp(node_sql(&node,
			  "SELECT count(*) FROM endpoint WHERE vantage = 'more'"
			  " AND health = 'up'"),
		   "5\n") != 0) {
		ck_assert_int_lt(harness_ms() - began, 20000);
		for (int i = 0; i < 10; i++)
			ask_all(&node, began);
	}
	ask_until(&node, REGIONS, 500);
	harness_destroy(h);
}
END_TEST

/* `then: down`, and the probe comes back after it was dead for so long that all
 * it said is old, as itself or with another name. */
START_TEST(test_probe_comes_back)
{
	for (int renamed = 0; renamed < 2; renamed++) {
		struct harness *h = harness_create();
		struct node node;
		int64_t began = harness_ms(), dead;

		prepare(&node, h, "stale: {after: 2s, then: down}\n");
		write_steering(
		    &node, REGIONS, "v1", "every: 1s, timeout: 500ms");
		run(&node);
		harness_kill(h, node.probe);
		while (count(&node, "down") < REGIONS) {
			ck_assert_int_lt(harness_ms() - began, 20000);
			for (int i = 0; i < 20; i++)
				ask_all(&node, began);
		}
		dead = harness_ms();
		while (harness_ms() - dead < 1000)
			ask_all(&node, began);
		if (renamed)
			start_second(&node);
		else
			node_check(&node);
		ask_until(&node, REGIONS, 2500);
		harness_destroy(h);
	}
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"from nothing", test_from_nothing, 90},
	    {"one is down", test_one_is_down, 60},
	    {"a new region", test_new_region, 60},
	    {"a renamed pool", test_renamed_pool, 60},
	    {"a new vantage", test_new_vantage, 60},
	    {"the probe comes back", test_probe_comes_back, 60},
	};

	return harness_main(
	    "cold start", cases, sizeof(cases) / sizeof(cases[0]));
}
