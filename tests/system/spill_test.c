/*
 * Regions that pass clients on by their load, with the real daemons: what is
 * measured becomes what is kept, too much sheds, room takes back, what nobody
 * measures any more stays and then fades, and whoever dies goes on from what is
 * stored.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/full.h"
#include "tests/system/output.h"
#include "tests/system/spilled.h"

#define AMERICA "8.8.8.0/24"

static const char *
reason(struct node *node)
{
	return node_sql(
	    node, "SELECT reason FROM keep WHERE region = 'us-east'");
}

/* Twice as full as it can be; then idle. */
START_TEST(too_much_sheds_and_room_takes_back)
{
	struct harness *h = harness_create();
	struct node node;

	spilled_start(&node, h, "{target: 85%, held: 0s, every: 1s}");
	HARNESS_WAIT(40000,
	    spilled_kept(&node, "us-east") >= 0 &&
		spilled_kept(&node, "us-east") < 0.98);
	ck_assert_double_eq(spilled_kept(&node, "eu-west"), 1);
	output_contains(reason(&node), "200% of its capacity, target 100%");
	node_order(&node, 2, "running=0");
	HARNESS_WAIT(60000, spilled_kept(&node, "us-east") == 1);
	spilled_stop(&node);
}
END_TEST

START_TEST(what_nobody_measures_stays_and_then_fades)
{
	struct harness *h = harness_create();
	struct node node;
	double last;

	spilled_start(&node, h, "{target: 50%, held: 0s, every: 1s, fade: 5s}");
	HARNESS_WAIT(40000,
	    spilled_kept(&node, "us-east") >= 0 &&
		spilled_kept(&node, "us-east") < 0.97);
	harness_kill(h, node.standin[2]);
	HARNESS_WAIT(20000, strstr(reason(&node), "load not known: stays"));
	last = spilled_kept(&node, "us-east");
	ck_assert_double_lt(last, 0.97);
	HARNESS_WAIT(20000, strstr(reason(&node), "goes back to all"));
	HARNESS_WAIT(30000, spilled_kept(&node, "us-east") == 1);
	spilled_stop(&node);
}
END_TEST

/* 64 blocks of positions, 4.0.0.0/8, and 16 places in each: shares are met over
 * blocks. */
#define CLIENTS 1024

/* How many of as many networks near us-east are sent there. */
static int
sent(struct node *node)
{
	char client[32];
	int n = 0;

	for (int i = 0; i < CLIENTS; i++) {
		snprintf(
		    client, sizeof(client), "4.%d.%d.0/24", i / 4, i % 4 * 64);
		n += strcmp(
			 node_ask(node, "one.inference.example.", "A", client),
			 "192.0.2.1") == 0;
	}
	return n;
}

/* All of them together are 120 % of what us-east can do, and half of that of
 * both: what each region has to do is what it is sent. */
static int
serve(struct node *node)
{
	char order[32];
	int us = sent(node) * 120 / CLIENTS;

	snprintf(order, sizeof(order), "running=%d", us);
	node_order(node, 2, order);
	snprintf(order, sizeof(order), "running=%d", 120 - us);
	node_order(node, 3, order);
	return us;
}

/* What people are told is what is stored, some digits of it. */
static void
told(struct node *node)
{
	static const char metric[] =
	    "meridian_region_keep{zone=\"inference.example\",pool=\"v1\","
	    "region=\"us-east\"}";
	double keep = spilled_kept(node, "us-east");
	const char *out;

	ck_assert_double_eq_tol(node_metric(node, metric), keep, 0.02);
	ck_assert_int_eq(node_ctl(node, &out, "status"), 0);
	output_says(out, "us-east: 1 of 1 up, keeps 7");
	output_says(out, " % of its clients: ");
	output_says(out, "% of its capacity, target 85%");
	ck_assert_int_eq(
	    node_ctl(node, &out, "explain", "one.inference.example", "A",
		"--client", "4.0.0.0/24"),
	    0);
	output_says(out, "us-east keeps positions before 7");
}

/* A closed loop: who has too much passes on as much as need be, not more, and
 * stays there. */
START_TEST(what_is_sent_is_what_comes_back)
{
	struct harness *h = harness_create();
	struct node node;
	int64_t until;
	int least = 120, us;

	spilled_start(&node, h, "{target: 85%, held: 0s, every: 1s}");
	HARNESS_WAIT(80000, serve(&node) <= 88);
	for (until = harness_ms() + 15000; harness_ms() < until;) {
		us = serve(&node);
		ck_assert_int_le(us, 95);
		if (us < least)
			least = us;
	}
	ck_assert_int_ge(least, 70);
	told(&node);
	spilled_stop(&node);
}
END_TEST

static const char *
demand(struct node *node)
{
	return node_sql(node,
	    "SELECT class FROM demand WHERE node = 'test' AND zone = "
	    "'inference.example' AND pool = 'v1' AND answers > 0 AND window_ms "
	    "BETWEEN 9000 AND 15000");
}

/* Clients near us-east alone ask: their order is counted, and the law goes by
 * it: then keep moves by a hundredth a second, and says nothing of load alone.
 */
START_TEST(what_clients_ask_is_counted_and_counts)
{
	struct harness *h = harness_create();
	struct node node;

	spilled_start(&node, h, "{target: 50%, held: 0s, every: 1s}");
	HARNESS_WAIT(30000,
	    node_ask(&node, "one.inference.example.", "A", AMERICA)[0] !=
		    '\0' &&
		strcmp(demand(&node), "us-east eu-west\n") == 0);
	HARNESS_WAIT(30000,
	    node_ask(&node, "one.inference.example.", "A", AMERICA)[0] !=
		    '\0' &&
		strstr(reason(&node), "sheds") != NULL &&
		strstr(reason(&node), "by load alone") == NULL);
	spilled_stop(&node);
}
END_TEST

/* What is frozen by hand stays as it is until somebody ends it. */
START_TEST(what_is_frozen_stays)
{
	struct harness *h = harness_create();
	struct node node;
	double frozen;

	spilled_start(&node, h, "{target: 50%, held: 0s, every: 1s}");
	HARNESS_WAIT(40000,
	    spilled_kept(&node, "us-east") >= 0 &&
		spilled_kept(&node, "us-east") < 0.98);
	ck_assert_int_eq(node_ctl(&node, NULL, "freeze", "pool", "v1",
			     "--reason", "looked at"),
	    0);
	HARNESS_WAIT(10000, strcmp(reason(&node), "frozen by hand\n") == 0);
	frozen = spilled_kept(&node, "us-east");
	node_order(&node, 2, "running=0");
	/* Load has long come to nothing: it would be taken back. */
	HARNESS_WAIT(20000,
	    strcmp(node_sql(&node,
		       "SELECT saturation < 0.001 FROM load WHERE endpoint = "
		       "'us'"),
		"1\n") == 0);
	ck_assert_double_eq(spilled_kept(&node, "us-east"), frozen);
	ck_assert_int_eq(
	    node_ctl(&node, NULL, "freeze", "pool", "v1", "off"), 0);
	HARNESS_WAIT(10000, strstr(reason(&node), "frozen") == NULL);
	spilled_stop(&node);
}
END_TEST

/* What comes back to the file begins anew, not where it was long ago. */
START_TEST(what_is_not_wanted_any_more_goes)
{
	struct harness *h = harness_create();
	struct node node;

	spilled_start(&node, h, "{target: 50%, held: 0s, every: 1s}");
	HARNESS_WAIT(40000,
	    spilled_kept(&node, "us-east") >= 0 &&
		spilled_kept(&node, "us-east") < 0.98);
	spilled_steer(&node, NULL);
	harness_signal(h, node.probe, SIGHUP);
	ck_assert_int_eq(node_ctl(&node, NULL, "reload"), 0);
	HARNESS_WAIT(10000,
	    spilled_kept(&node, "us-east") < 0 &&
		spilled_kept(&node, "eu-west") < 0);
	node_order(&node, 2, "running=0");
	spilled_steer(&node, "{target: 50%, held: 0s, every: 1s}");
	harness_signal(h, node.probe, SIGHUP);
	HARNESS_WAIT(40000, spilled_kept(&node, "us-east") >= 0);
	ck_assert_double_eq(spilled_kept(&node, "us-east"), 1);
	spilled_stop(&node);
}
END_TEST

/* It goes on from what is stored: never back to all. */
START_TEST(who_is_killed_goes_on_from_what_is_stored)
{
	struct harness *h = harness_create();
	struct node node;
	double before;

	spilled_start(&node, h, "{target: 50%, held: 0s, every: 1s}");
	HARNESS_WAIT(40000,
	    spilled_kept(&node, "us-east") >= 0 &&
		spilled_kept(&node, "us-east") < 0.97);
	harness_kill(h, node.probe);
	before = spilled_kept(&node, "us-east");
	harness_kill(h, node.server);
	node_serve(&node);
	node_check(&node);
	ck_assert_double_eq(spilled_kept(&node, "us-east"), before);
	HARNESS_WAIT(40000, spilled_kept(&node, "us-east") < before);
	ck_assert_double_gt(spilled_kept(&node, "us-east"), before - 0.2);
	spilled_stop(&node);
}
END_TEST

int
main(void)
{
	/* The first is the cut: it takes most of a minute. */
	const struct harness_case cases[] = {
	    {"what_is_sent_is_what_comes_back", what_is_sent_is_what_comes_back,
		120},
	    {"too_much_sheds_and_room_takes_back",
		too_much_sheds_and_room_takes_back, 120},
	    {"what_nobody_measures_stays_and_then_fades",
		what_nobody_measures_stays_and_then_fades, 120},
	    {"what_clients_ask_is_counted_and_counts",
		what_clients_ask_is_counted_and_counts, 120},
	    {"what_is_frozen_stays", what_is_frozen_stays, 120},
	    {"what_is_not_wanted_any_more_goes",
		what_is_not_wanted_any_more_goes, 120},
	    {"who_is_killed_goes_on_from_what_is_stored",
		who_is_killed_goes_on_from_what_is_stored, 120},
	};

	return harness_main(
	    "spill", cases, full_size(1, sizeof(cases) / sizeof(cases[0])));
}
