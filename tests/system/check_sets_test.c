/*
 * Several checks of one endpoint on running programs: what one that is down
 * makes of an endpoint that needs all, one, or two of three; what is said of
 * it; and what is kept over a reload and a kill.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/system/node.h"
#include "tests/system/output.h"

/* What each of three servers is asked; a timeout is no part of these tests. */
#define EVERY "every: 200ms, timeout: 3s, fall: 2, rise: 2"

/* One endpoint, with the ${checks} of its pool. */
struct row {
	const char *pool, *checks, *own;
};

static const struct row all_kinds[] = {
    {"all", "[a, b]", ""},
    {"any", "{any: [a, b]}", ""},
    {"own", "c", ", check: [c, b]"},
    {"two", "{need: 2, of: [a, b, c]}", ""},
};

static void
write_files(struct node *node, const struct row *rows, size_t n)
{
	char pools[2048] = "", services[512] = "";

	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(pools), end = strlen(services);

		snprintf(pools + len, sizeof(pools) - len,
		    "  %s: {check: %s, endpoints: [{name: x, region: us-east, "
		    "address: 192.0.2.%zu, check_at: 127.0.0.1%s}]}\n",
		    rows[i].pool, rows[i].checks, i + 1, rows[i].own);
		snprintf(services + end, sizeof(services) - end,
		    "  s%zu: {pool: %s}\n", i, rows[i].pool);
	}
	node_steering(node,
	    "regions: {us-east: {at: [39.0, -77.5]}}\n"
	    "checks:\n"
	    "  a: {path: /health, port: %u, " EVERY "}\n"
	    "  b: {path: /health, port: %u, " EVERY "}\n"
	    "  c: {path: /health, port: %u, " EVERY "}\n"
	    "pools:\n%sservices:\n%s",
	    node->standin_port[0], node->standin_port[1], node->standin_port[2],
	    pools, services);
}

static void
start(struct node *node, struct harness *h, const struct row *rows, size_t n)
{
	node_init(node, h);
	for (int i = 0; i < 3; i++)
		node_standin(node, i);
	node_config(node, "");
	node_records(node, node_zone);
	write_files(node, rows, n);
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

/* All endpoints, by pool: health, reason, why it is degraded. */
static bool
are(struct node *node, const char *rows)
{
	return strcmp(node_sql(node,
			  "SELECT pool, health, reason, degraded FROM endpoint "
			  "ORDER BY pool"),
		   rows) == 0;
}

#define UP "all|up||\nany|up||\nown|up||\ntwo|up||\n"
#define B_DOWN                      \
	"all|down|b: status 503|\n" \
	"any|up||b: status 503\n"   \
	"own|down|b: status 503|\n" \
	"two|up||b: status 503\n"
#define A_B_DOWN                                   \
	"all|down|a: status 503; b: status 503|\n" \
	"any|down|a: status 503; b: status 503|\n" \
	"own|down|b: status 503|\n"                \
	"two|down|a: status 503; b: status 503|\n"

START_TEST(what_is_down_makes_what)
{
	struct harness *h = harness_create();
	const char *out;
	struct node node;

	start(&node, h, all_kinds, 4);
	HARNESS_WAIT(20000, are(&node, UP));
	node_order(&node, 1, "health=down");
	HARNESS_WAIT(20000, are(&node, B_DOWN));
	ck_assert_int_eq(node_ctl(&node, &out, "probe", "all/x"), 2);
	output_contains(out, "2 of 2 checks must be up\n");
	output_contains(out, "check a, preset http\n");
	output_contains(out, "\na: up\n");
	output_contains(out, "\nb: down: status 503\n");
	output_contains(out, "\ndown\n");
	ck_assert_int_eq(node_ctl(&node, &out, "probe", "any/x"), 1);
	output_contains(out, "\ndegraded\n");
	ck_assert_int_eq(
	    node_ctl(&node, &out, "probe", "any/x", "--check", "c"), 0);
	/* For how long is not known of that: its health is up for longer. */
	(void)node_ctl(&node, &out, "status");
	output_contains(out, "\n      test: degraded: b: status 503\n");
	node_order(&node, 0, "health=down");
	HARNESS_WAIT(20000, are(&node, A_B_DOWN));
	node_order(&node, 0, "health=up");
	HARNESS_WAIT(20000, are(&node, B_DOWN));
	node_order(&node, 1, "health=up");
	HARNESS_WAIT(20000, are(&node, UP));
	ck_assert_int_eq(node_ctl(&node, &out, "events", "--pool", "any"), 0);
	output_contains(out, "b: status 503");
	output_contains(out, "a: status 503; b: status 503");
	output_contains(out, "degraded");
	stop(&node, h);
}
END_TEST

/* Each endpoint was checked in this run since ${since} of the database. */
static bool
all_checked_after(struct node *node, const char *since)
{
	char sql[256];

	snprintf(sql, sizeof(sql),
	    "SELECT count(*) FROM endpoint WHERE checked_ms > %s", since);
	return strcmp(node_sql(node, sql), "4\n") == 0;
}

/* A restart is no news, whatever was degraded or down; and what was down needs
 * as many passes as ever. */
START_TEST(a_kill_changes_nothing)
{
	struct harness *h = harness_create();
	char events[64], since[64];
	struct node node;

	start(&node, h, all_kinds, 4);
	HARNESS_WAIT(20000, are(&node, UP));
	node_order(&node, 1, "health=down");
	HARNESS_WAIT(20000, are(&node, B_DOWN));
	harness_kill(h, node.probe);
	snprintf(events, sizeof(events), "%s",
	    node_sql(&node, "SELECT count(*) FROM event"));
	for (int i = 0; i < 2; i++) {
		snprintf(since, sizeof(since), "%s",
		    node_sql(
			&node, "SELECT max(checked_ms) + 1000 FROM endpoint"));
		since[strcspn(since, "\n")] = '\0';
		node_check(&node);
		HARNESS_WAIT(20000, all_checked_after(&node, since));
		HARNESS_WAIT(20000, are(&node, B_DOWN));
		ck_assert_str_eq(
		    node_sql(&node, "SELECT count(*) FROM event"), events);
		harness_kill(h, node.probe);
	}
	node_order(&node, 1, "health=up");
	node_check(&node);
	HARNESS_WAIT(20000, are(&node, UP));
	ck_assert_str_eq(node_sql(&node,
			     "SELECT count(*) FROM event WHERE pool = 'all' "
			     "AND after = 'up'"),
	    "2\n");
	stop(&node, h);
}
END_TEST

/* How long it was degraded is no part of how long it was up. */
START_TEST(it_was_degraded_for_as_long_as_that_was_so)
{
	static const struct row any[] = {{"any", "{any: [a, b]}", ""}};
	struct harness *h = harness_create();
	static const char again[] = "any x is up again after ";
	const char *log, *line;
	long told, was;
	struct node node;

	start(&node, h, any, 1);
	HARNESS_WAIT(20000, are(&node, "any|up||\n"));
	/* Long enough to be told from what comes. */
	HARNESS_WAIT(20000,
	    strcmp(node_sql(&node,
		       "SELECT checked_ms - since_ms > 5000 FROM endpoint"),
		"1\n") == 0);
	node_order(&node, 1, "health=down");
	HARNESS_WAIT(20000, are(&node, "any|up||b: status 503\n"));
	node_order(&node, 1, "health=up");
	HARNESS_WAIT(20000,
	    strcmp(node_sql(&node, "SELECT count(*) FROM event"), "3\n") == 0);
	was = strtol(
	    node_sql(&node,
		"SELECT max(CASE after WHEN 'up' THEN at_ms END) - "
		"max(CASE after WHEN 'degraded' THEN at_ms END) FROM event"),
	    NULL, 10);
	log = harness_read(h, harness_path(h, "probe.log"));
	line = strstr(log, again);
	ck_assert_ptr_nonnull(line);
	told = strtol(line + strlen(again), NULL, 10);
	ck_assert_msg(told * 1000 <= was + 100 && told * 1000 > was - 1100,
	    "told %ld s of %ld ms", told, was);
	stop(&node, h);
}
END_TEST

/* What a check knows stays where the check does. */
START_TEST(a_reload_keeps_the_rest_of_a_set)
{
	static const struct row one[] = {{"all", "a", ""}};
	static const struct row two[] = {{"all", "[b, a]", ""}};
	static const struct row some[] = {{"all", "{any: [a, b]}", ""}};
	struct harness *h = harness_create();
	struct node node;

	start(&node, h, one, 1);
	node_order(&node, 1, "health=down");
	HARNESS_WAIT(20000, are(&node, "all|up||\n"));
	write_files(&node, two, 1);
	harness_signal(h, node.probe, SIGHUP);
	HARNESS_WAIT(20000, are(&node, "all|down|b: status 503|\n"));
	/* One is enough now: that is so at once, and is said. */
	write_files(&node, some, 1);
	harness_signal(h, node.probe, SIGHUP);
	HARNESS_WAIT(20000, are(&node, "all|up||b: status 503\n"));
	write_files(&node, two, 1);
	harness_signal(h, node.probe, SIGHUP);
	HARNESS_WAIT(20000, are(&node, "all|down|b: status 503|\n"));
	write_files(&node, one, 1);
	harness_signal(h, node.probe, SIGHUP);
	HARNESS_WAIT(20000, are(&node, "all|up||\n"));
	ck_assert_str_eq(node_sql(&node,
			     "SELECT before, after, reason FROM event "
			     "ORDER BY rowid"),
	    "unknown|up|\n"
	    "up|down|b: status 503\n"
	    "down|degraded|b: status 503\n"
	    "degraded|down|b: status 503\n"
	    "down|up|\n");
	stop(&node, h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"all, any, some", what_is_down_makes_what, 0},
	    {"how long", it_was_degraded_for_as_long_as_that_was_so, 0},
	    {"a kill", a_kill_changes_nothing, 0},
	    {"a reload", a_reload_keeps_the_rest_of_a_set, 0},
	};

	return harness_main(
	    "check_sets", cases, sizeof(cases) / sizeof(cases[0]));
}
