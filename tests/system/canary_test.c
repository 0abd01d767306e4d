/*
 * A canary that walks by itself: stand-in servers whose errors can be raised,
 * the real probe, the real server.  One that is well walks to its end, one that
 * is not goes back, and kill -9 of any of them changes nothing of that.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "tests/system/canary.h"
#include "tests/system/output.h"

/* Two control periods. */
#define ABORT_MS 10000

START_TEST(one_that_is_well_walks_to_its_end)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	canary_start(&node, h, CANARY_RAMP);
	HARNESS_WAIT(20000, canary_is_at(&node, "walking", "0.0"));
	ck_assert_int_eq(canary_count(&node), 0);
	HARNESS_WAIT(15000, canary_is_at(&node, "walking", "0.1"));
	HARNESS_WAIT(10000, canary_count(&node) > 5);
	ck_assert_int_lt(canary_count(&node), 40);
	ck_assert_int_eq(node_ctl(&node, &out, "status"), 0);
	output_says(out, "one: v2 at 10%, walking, 20% at ");
	HARNESS_WAIT(15000, canary_is_at(&node, "holding", "0.2"));
	HARNESS_WAIT(10000, canary_count(&node) > 22);
	HARNESS_WAIT(15000, canary_is_at(&node, "done", "0.2"));
	ck_assert_int_lt(canary_count(&node), 60);
	ck_assert_int_eq(node_ctl(&node, &out, "events"), 0);
	output_says(out, "one: ramp begins at 0%, to 20%");
	output_says(
	    out, "inference.example canary v2 of one: ramp from 0% to 10%");
	output_says(out, "one: ramp from 10% to 20%, its end");
	output_says(out, "one: ramp done, at 20%");
	canary_stop(&node);
}
END_TEST

START_TEST(one_that_is_not_goes_back)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;
	int64_t began;

	canary_start(&node, h,
	    "to: 20%, step: 10%, every: 6s, abort_when: {errors: 5%}");
	HARNESS_WAIT(30000, canary_is_at(&node, "walking", "0.1"));
	HARNESS_WAIT(10000, canary_count(&node) > 5);
	began = harness_ms();
	node_order(&node, 1, "errors=0.3");
	HARNESS_WAIT(2 * ABORT_MS, canary_is_at(&node, "back", "0.0"));
	printf("measured: back after %lld ms of %d\n",
	    (long long)(harness_ms() - began), ABORT_MS);
	ck_assert_int_le(harness_ms() - began, ABORT_MS);
	HARNESS_WAIT(10000, canary_count(&node) == 0);
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
		ck_assert(canary_is_at(&node, "back", "0.0"));
		ck_assert_int_eq(canary_count(&node), 0);
	}
	canary_stop(&node);
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

	canary_start(&node, h, "to: 10%, step: 10%, every: 1s, hold: 0s");
	HARNESS_WAIT(20000, canary_is_at(&node, "done", "0.1"));
	shows(&node, "one.inference.example: canary v2, from v1: ramp from 0%");
	shows(&node, "done: 10% since ");
	ck_assert_int_eq(
	    node_ctl(&node, &out, "canary", "one", "v2", "50%", "--for", "1h",
		"--reason", "a look", "--author", "ada"),
	    0);
	output_says(
	    out, "service one.inference.example with the canary v2 50%");
	HARNESS_WAIT(10000, canary_count(&node) > 70);
	shows(&node, "by hand (override 1): ");
	shows(&node, "by ada: a look");
	ck_assert_int_eq(node_ctl(&node, &out, "canary", "one", "off"), 0);
	HARNESS_WAIT(10000, canary_count(&node) < 40);
	ck_assert_int_eq(node_ctl(&node, &out, "freeze", "service",
			     "one.inference.example", "--author", "bob"),
	    0);
	ck_assert_int_eq(node_ctl(&node, &out, "canary", "one", "again"), 0);
	output_says(out, "with a ramp that begins again");
	HARNESS_WAIT(5000, canary_is_at(&node, "walking", "0.0"));
	HARNESS_WAIT(5000,
	    node_ctl(&node, &out, "canary", "one") == 0 &&
		strstr(out, "waits: frozen by hand, bob") != NULL);
	ck_assert_int_eq(node_ctl(&node, &out, "freeze", "service",
			     "one.inference.example", "off"),
	    0);
	HARNESS_WAIT(10000, canary_is_at(&node, "done", "0.1"));
	/* A reload with another ramp lets it begin anew, and says so. */
	canary_steer(&node, "to: 30%, step: 30%, every: 1s, hold: 0s");
	harness_signal(h, node.probe, SIGHUP);
	ck_assert_int_eq(node_ctl(&node, &out, "reload"), 0);
	HARNESS_WAIT(20000, canary_is_at(&node, "done", "0.3"));
	ck_assert_int_eq(node_ctl(&node, &out, "events"), 0);
	output_says(
	    out, "one: ramp begins anew, as it is another one, at 0%, to 30%");
	/* And what makes no sense. */
	ck_assert_int_eq(node_ctl(&node, &out, "canary", "two"), 1);
	output_says(out, "there is no service \"two\"");
	ck_assert_int_eq(
	    node_ctl(&node, &out, "canary", "one.inference.exmple"), 1);
	output_says(out, "did you mean one.inference.example?");
	ck_assert_int_eq(node_ctl(&node, &out, "canary", "one", "v3", "5%"), 1);
	output_says(out,
	    "\"v3\" is no pool of the split of "
	    "one.inference.example., which has v1, v2");
	ck_assert_int_eq(node_ctl(&node, &out, "canary", "one", "v2", "5"), 64);
	ck_assert_int_eq(node_ctl(&node, &out, "canary", "one", "v2"), 64);
	canary_stop(&node);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"well", one_that_is_well_walks_to_its_end, 100},
	    {"back", one_that_is_not_goes_back, 100},
	    {"by hand", by_hand, 100},
	};

	return harness_main("canary", cases, sizeof(cases) / sizeof(cases[0]));
}
