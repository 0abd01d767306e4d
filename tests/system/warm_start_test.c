/*
 * Vantages come and come back: while a new one has not looked yet, or one
 * that was dead looks again, no client is sent across the world though its
 * own region is well.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/system/regions.h"

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
	harness_write(h, "second.yaml", "%.*svantage: more%s",
	    (int)(name - second), second, name + strlen("vantage: test"));
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

	regions_prepare(&node, h, "");
	regions_run(&node);
	start_second(&node);
	began = harness_ms();
	while (strcmp(node_sql(&node,
			  "SELECT count(*) FROM endpoint WHERE vantage = 'more'"
			  " AND health = 'up'"),
		   "5\n") != 0) {
		ck_assert_int_lt(harness_ms() - began, 20000);
		for (int i = 0; i < 10; i++)
			regions_ask_all(&node, began);
	}
	regions_ask_until(&node, REGIONS, 500);
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
		int64_t began, dead;

		regions_prepare(&node, h, "stale: {after: 4s, then: down}\n");
		regions_steering(
		    &node, REGIONS, "v1", "every: 2s, timeout: 1s");
		regions_run(&node);
		harness_kill(h, node.probe);
		began = harness_ms();
		while (regions_count(&node, "down") < REGIONS) {
			ck_assert_int_lt(harness_ms() - began, 20000);
			for (int i = 0; i < 20; i++)
				regions_ask_all(&node, began);
		}
		dead = harness_ms();
		while (harness_ms() - dead < 1500)
			regions_ask_all(&node, began);
		if (renamed)
			start_second(&node);
		else
			node_check(&node);
		regions_ask_until(&node, REGIONS, 2500);
		harness_destroy(h);
	}
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"a new vantage", test_new_vantage, 60},
	    {"the probe comes back", test_probe_comes_back, 60},
	};

	return harness_main(
	    "warm start", cases, sizeof(cases) / sizeof(cases[0]));
}
