/*
 * A canary that walks by itself: stand-in servers whose errors can be raised,
 * the real probe, the real server.  One that is well walks to its end, one that
 * is not goes back, and kill -9 of any of them changes nothing of that.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/full.h"
#include "tests/system/node.h"
#include "tests/system/output.h"

/* Two control periods. */
#define ABORT_MS 10000

/* Networks that ask; 10 % of them are 20, and no two are of one block. */
#define CLIENTS 200

#define OLD "192.0.2.1"
#define NEW "192.0.2.2"

/* Old and new version at the stand-ins 0 and 1, each with 200 requests a
 * second, two in a hundred errors. */
static void
steer(struct node *node, const char *ramp)
{
	node_steering(node,
	    "regions: {us-east: {at: [39.0, -77.5]}}\n"
	    "checks:\n"
	    "  llm: {preset: vllm, every: 500ms, timeout: 400ms, load: {every: "
	    "1s, timeout: 500ms, stale: 5s, max_running: 4, metrics: {running: "
	    "\"vllm:num_requests_running\", requests: "
	    "\"vllm:request_success_total\", errors: standin_errors_total}}}\n"
	    "pools:\n"
	    "  v1: {check: llm, endpoints: [{name: us, region: us-east, "
	    "address: " OLD ", check_at: \"127.0.0.1:%u\", load_at: "
	    "\"127.0.0.1:%u\"}]}\n"
	    "  v2: {check: llm, endpoints: [{name: us, region: us-east, "
	    "address: " NEW ", check_at: \"127.0.0.1:%u\", load_at: "
	    "\"127.0.0.1:%u\"}]}\n"
	    "services:\n"
	    "  one: {split: {v1: 100, v2: 0}, ramp: {%s}}\n",
	    node->standin_port[0], node->standin_port[0], node->standin_port[1],
	    node->standin_port[1], ramp);
}

static void
start(struct node *node, struct harness *h, const char *ramp)
{
	node_init(node, h);
	for (int i = 0; i < 2; i++) {
		node_standin(node, i);
		node_order(node, i, "served=200&errors=0.02");
	}
	node_config(node, "");
	node_records(node, node_zone);
	steer(node, ramp);
	node_serve(node);
	node_check(node);
}

static void
stop(struct node *node, struct harness *h)
{
	harness_stop(h, node->server);
	harness_stop(h, node->probe);
	harness_destroy(h);
}

/* Where it is by the state database: "walking|0.1". */
static bool
is_at(struct node *node, const char *state, const char *share)
{
	char row[64];

	snprintf(row, sizeof(row), "%s|%s\n", state, share);
	return strcmp(node_sql(node, "SELECT state, share FROM ramp"), row) ==
	    0;
}

/* How many of the clients are given the new version. */
static int
count_new(struct node *node)
{
	int n = 0;

	for (int i = 0; i < CLIENTS; i++) {
		char subnet[32];
		const char *data;

		/* Spread over blocks and in them. */
		snprintf(subnet, sizeof(subnet), "%d.%d.%d.0/24", 20 + i,
		    (i * 37) % 256, (i * 101) % 256);
		data = node_ask(node, "one.inference.example.", "A", subnet);
		if (strcmp(data, NEW) == 0)
			n++;
		else
			ck_assert_str_eq(data, OLD);
	}
	return n;
}

#define RAMP "to: 20%, step: 10%, every: 3s, hold: 3s, abort_when: {errors: 5%}"

START_TEST(one_that_is_well_walks_to_its_end)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start(&node, h, RAMP);
	HARNESS_WAIT(20000, is_at(&node, "walking", "0.0"));
	ck_assert_int_eq(count_new(&node), 0);
	HARNESS_WAIT(15000, is_at(&node, "walking", "0.1"));
	HARNESS_WAIT(2000, count_new(&node) > 5);
	ck_assert_int_lt(count_new(&node), 40);
	ck_assert_int_eq(node_ctl(&node, &out, "status"), 0);
	output_says(out, "one: v2 at 10%, walking, 20% at ");
	HARNESS_WAIT(15000, is_at(&node, "holding", "0.2"));
	HARNESS_WAIT(2000, count_new(&node) > 22);
	HARNESS_WAIT(15000, is_at(&node, "done", "0.2"));
	ck_assert_int_lt(count_new(&node), 60);
	ck_assert_int_eq(node_ctl(&node, &out, "events"), 0);
	output_says(out, "one: ramp begins at 0%, to 20%");
	output_says(
	    out, "inference.example canary v2 of one: ramp from 0% to 10%");
	output_says(out, "one: ramp from 10% to 20%, its end");
	output_says(out, "one: ramp done, at 20%");
	stop(&node, h);
}
END_TEST

START_TEST(one_that_is_not_goes_back)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;
	int64_t began;

	start(&node, h,
	    "to: 20%, step: 10%, every: 6s, abort_when: {errors: 5%}");
	HARNESS_WAIT(30000, is_at(&node, "walking", "0.1"));
	HARNESS_WAIT(2000, count_new(&node) > 5);
	began = harness_ms();
	node_order(&node, 1, "errors=0.3");
	HARNESS_WAIT(2 * ABORT_MS, is_at(&node, "back", "0.0"));
	printf("measured: back after %lld ms of %d\n",
	    (long long)(harness_ms() - began), ABORT_MS);
	ck_assert_int_le(harness_ms() - began, ABORT_MS);
	HARNESS_WAIT(2000, count_new(&node) == 0);
	ck_assert_int_eq(node_ctl(&node, &out, "events"), 0);
	output_says(out, "one: ramp back from 10% to 0%: errors ");
	ck_assert_int_eq(node_ctl(&node, &out, "status"), 0);
	output_says(out, "one: v2 at 0%, back, errors ");
	/* It stays, also when it is well again, and after restarts. */
	node_order(&node, 1, "errors=0");
	harness_kill(h, node.probe);
	harness_kill(h, node.server);
	node_serve(&node);
	node_check(&node);
	began = harness_ms();
	while (harness_ms() < began + 6000) {
		ck_assert(is_at(&node, "back", "0.0"));
		ck_assert_int_eq(count_new(&node), 0);
	}
	stop(&node, h);
}
END_TEST

/* ${out} of meridianctl canary has ${text}. */
static void
shows(struct node *node, const char *text)
{
	const char *out;

	ck_assert_int_eq(node_ctl(node, &out, "canary", "one"), 0);
	output_says(out, text);
}

/* What is said by hand goes before the ramp, which waits meanwhile; and a ramp
 * that is over begins again when somebody says so. */
START_TEST(by_hand)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start(&node, h, "to: 10%, step: 10%, every: 1s, hold: 0s");
	HARNESS_WAIT(20000, is_at(&node, "done", "0.1"));
	shows(&node, "one.inference.example: canary v2, from v1: ramp from 0%");
	shows(&node, "done: 10% since ");
	ck_assert_int_eq(
	    node_ctl(&node, &out, "canary", "one", "v2", "50%", "--for", "1h",
		"--reason", "a look", "--author", "ada"),
	    0);
	output_says(
	    out, "service one.inference.example with the canary v2 50%");
	HARNESS_WAIT(2000, count_new(&node) > 70);
	shows(&node, "by hand (override 1): ");
	shows(&node, "by ada: a look");
	ck_assert_int_eq(node_ctl(&node, &out, "canary", "one", "off"), 0);
	HARNESS_WAIT(2000, count_new(&node) < 40);
	ck_assert_int_eq(node_ctl(&node, &out, "freeze", "service",
			     "one.inference.example", "--author", "bob"),
	    0);
	ck_assert_int_eq(node_ctl(&node, &out, "canary", "one", "again"), 0);
	output_says(out, "with a ramp that begins again");
	HARNESS_WAIT(5000, is_at(&node, "walking", "0.0"));
	HARNESS_WAIT(5000,
	    node_ctl(&node, &out, "canary", "one") == 0 &&
		strstr(out, "waits: frozen by hand, bob") != NULL);
	ck_assert_int_eq(node_ctl(&node, &out, "freeze", "service",
			     "one.inference.example", "off"),
	    0);
	HARNESS_WAIT(10000, is_at(&node, "done", "0.1"));
	/* A reload with another ramp lets it begin anew, and says so. */
	steer(&node, "to: 30%, step: 30%, every: 1s, hold: 0s");
	harness_signal(h, node.probe, SIGHUP);
	ck_assert_int_eq(node_ctl(&node, &out, "reload"), 0);
	HARNESS_WAIT(20000, is_at(&node, "done", "0.3"));
	ck_assert_int_eq(node_ctl(&node, &out, "events"), 0);
	output_says(
	    out, "one: ramp begins anew, as it is another one, at 0%, to 30%");
	/* And what makes no sense. */
	ck_assert_int_eq(node_ctl(&node, &out, "canary", "two"), 1);
	output_says(out, "there is no service \"two\"");
	ck_assert_int_eq(node_ctl(&node, &out, "canary", "one", "v3", "5%"), 1);
	output_says(out,
	    "\"v3\" is no pool of the split of "
	    "one.inference.example., which has v1, v2");
	ck_assert_int_eq(node_ctl(&node, &out, "canary", "one", "v2", "5"), 64);
	ck_assert_int_eq(node_ctl(&node, &out, "canary", "one", "v2"), 64);
	stop(&node, h);
}
END_TEST

/* The same with kill -9 of any of them all the while. */
START_TEST(death_changes_nothing)
{
	unsigned seed = 20261129;

	for (uint64_t i = 0; i < full_size(1, 12); i++) {
		bool well = i % 2 == 0;
		struct harness *h = harness_create();
		struct node node;
		int64_t end = harness_ms() + 150000;
		double share = 0;

		start(&node, h, RAMP);
		while (!is_at(&node, "done", "0.2") &&
		    !is_at(&node, "back", "0.0")) {
			int64_t until =
			    harness_ms() + 4000 + rand_r(&seed) % 5000;

			ck_assert_int_lt(harness_ms(), end);
			while (harness_ms() < until) {
				double now = strtod(
				    node_sql(&node, "SELECT share FROM ramp"),
				    NULL);

				/* Never back and forth. */
				ck_assert(now >= share || (!well && now == 0));
				share = now;
				if (!well && share > 0.09)
					node_order(&node, 1, "errors=0.3");
				harness_pause();
			}
			if (rand_r(&seed) % 3 > 0) {
				harness_kill(h, node.probe);
				node_check(&node);
			}
			if (rand_r(&seed) % 3 > 0) {
				harness_kill(h, node.server);
				node_serve(&node);
			}
		}
		ck_assert(
		    is_at(&node, well ? "done" : "back", well ? "0.2" : "0.0"));
		if (well)
			HARNESS_WAIT(3000, count_new(&node) > 22);
		else
			HARNESS_WAIT(3000, count_new(&node) == 0);
		stop(&node, h);
	}
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"well", one_that_is_well_walks_to_its_end, 100},
	    {"back", one_that_is_not_goes_back, 100},
	    {"by hand", by_hand, 100},
	    {"death", death_changes_nothing, 180},
	};

	return harness_main("canary", cases, sizeof(cases) / sizeof(cases[0]));
}
