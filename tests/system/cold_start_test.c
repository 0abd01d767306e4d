/*
 * Cold starts: while nobody has judged an endpoint yet, no client is sent
 * across the world though its own region is well.  Clients of each region ask
 * every few milliseconds from before the first check until the round is over.
 */
#include <signal.h>

#include "tests/system/regions.h"

static void
start_server(struct node *node)
{
	node->server = harness_start(node->h, "meridiand.log", "meridiand",
	    "-c", harness_path(node->h, "meridian.yaml"), NULL);
}

/* Neither a database nor a probe that has looked, whichever starts first. */
START_TEST(test_from_nothing)
{
	for (int probe_first = 0; probe_first < 2; probe_first++) {
		struct harness *h = harness_create();
		struct node node;

		regions_prepare(&node, h, "");
		if (probe_first) {
			node_check(&node);
			start_server(&node);
		} else {
			node_serve(&node);
			regions_ask_all(&node, harness_ms());
			ck_assert_int_eq(
			    regions_count(&node, "unchecked"), REGIONS);
			node_check(&node);
		}
		regions_ask_until(&node, REGIONS, 500);
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

	regions_prepare(&node, h, "");
	node_order(&node, 1, "health=down");
	node_serve(&node);
	node_check(&node);
	HARNESS_WAIT(20000, regions_count(&node, "down") == 1);
	HARNESS_WAIT(20000, regions_count(&node, "unchecked") == 0);
	end = harness_ms() + 500;
	while (harness_ms() < end)
		for (int i = 0; i < REGIONS; i++)
			ck_assert_int_eq(i == regions_ask(&node, i), i != 1);
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

	regions_prepare(&node, h, "");
	regions_run(&node);
	regions_steering(&node, REGIONS_ALL, "v1", REGIONS_EVERY);
	harness_signal(h, node.server, SIGHUP);
	began = harness_ms();
	for (int i = 0; i < 100; i++) {
		regions_ask_all(&node, began);
		region = regions_ask(&node, 5);
		ck_assert_int_eq(region, REGIONS_NEXT_TO_SIXTH);
	}
	HARNESS_WAIT(20000,
	    (regions_ask_all(&node, began),
		regions_count(&node, "unchecked") == 1));
	harness_signal(h, node.probe, SIGHUP);
	while (region != 5) {
		ck_assert_int_lt(harness_ms() - began, 20000);
		regions_ask_all(&node, began);
		region = regions_ask(&node, 5);
		ck_assert(region == REGIONS_NEXT_TO_SIXTH || region == 5);
	}
	regions_ask_until(&node, REGIONS_ALL, 500);
	harness_destroy(h);
}
END_TEST

/* A pool with another name is a new one: its probes know it a second later. */
START_TEST(test_renamed_pool)
{
	struct harness *h = harness_create();
	struct node node;
	int64_t began;

	regions_prepare(&node, h, "");
	regions_run(&node);
	regions_steering(&node, REGIONS, "v2", REGIONS_EVERY);
	harness_signal(h, node.server, SIGHUP);
	began = harness_ms();
	while (harness_ms() - began < 1000 ||
	    regions_count(&node, "unchecked") != REGIONS) {
		ck_assert_int_lt(harness_ms() - began, 20000);
		regions_ask_all(&node, began);
	}
	harness_signal(h, node.probe, SIGHUP);
	regions_ask_until(&node, REGIONS, 500);
	harness_destroy(h);
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
	};

	return harness_main(
	    "cold start", cases, sizeof(cases) / sizeof(cases[0]));
}
