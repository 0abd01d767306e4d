/*
 * The history of traffic with the real daemons: what was asked is what is
 * counted, over restarts, killed processes and databases that were deleted or
 * spoiled.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/node.h"

#define NAME "one.inference.example."
#define GERMAN "84.128.0.0/24" /* nearest to eu-west */
#define WAIT_MS 30000

static const char history[] = "history: {every: 1s, sample: 1}\n";

/* What ${sql} says of the history. */
static const char *
history_sql(struct node *node, const char *sql)
{
	const char *out;

	(void)harness_run(node->h, &out, "/usr/bin/sqlite3", "-cmd",
	    ".timeout 5000", harness_path(node->h, "history.db"), sql, NULL);
	return out;
}

static int
history_sum(struct node *node, const char *sql)
{
	return (int)strtol(history_sql(node, sql), NULL, 10);
}

/* Ask ${n} times, with or without a client subnet. */
static void
ask_times(struct node *node, int n, const char *type, const char *subnet)
{
	struct reply reply;

	for (int i = 0; i < n; i++)
		ck_assert(node_reply(node, NAME, type, subnet, &reply));
}

#define ALL "select total(answers) from traffic_minute"

static void
begin(struct node *node, struct harness *h)
{
	node_init(node, h);
	node_pair(node, history, "every: 200ms, timeout: 1500ms");
	node_serve(node);
}

START_TEST(what_was_asked_is_what_is_counted)
{
	struct harness *h = harness_create();
	struct node node;
	int before;

	begin(&node, h);
	/* Whoever waited for the server may have asked, too. */
	ask_times(&node, 1, "A", NULL);
	HARNESS_WAIT(WAIT_MS, history_sum(&node, ALL) > 0);
	before = history_sum(&node, ALL);
	ask_times(&node, 20, "A", GERMAN);
	ask_times(&node, 7, "A", NULL);
	ask_times(&node, 3, "AAAA", GERMAN);
	HARNESS_WAIT(WAIT_MS, history_sum(&node, ALL) - before >= 30);
	ck_assert_int_eq(history_sum(&node, ALL), before + 30);
	ck_assert_int_eq(
	    history_sum(&node,
		"select total(answers) from traffic_minute where service = "
		"'one.inference.example' and region = 'eu-west' and "
		"reason = 'first' and pool != ''"),
	    20);
	ck_assert_int_eq(history_sum(&node,
			     "select total(answers) from traffic_minute where "
			     "reason = 'nodata' and region = '' and pool = ''"),
	    3);
	ck_assert_int_eq(
	    history_sum(&node, "select total(subnets) from traffic_day"), 23);
	ck_assert_int_eq(
	    history_sum(
		&node, "select total(answers) from scope_day where family = 4"),
	    23);
	ck_assert_int_eq(
	    history_sum(
		&node, "select total(answers) from scope_day where length = 0"),
	    3);
	/* Of every answer: the sample is one in one. */
	ck_assert_int_eq(
	    history_sum(&node,
		"select total(samples) from country_open join name on "
		"name.id = country where text = 'DE'"),
	    23);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"counts", what_was_asked_is_what_is_counted, 0},
	};

	return harness_main(
	    "traffic", cases, sizeof(cases) / sizeof(cases[0]));
}
