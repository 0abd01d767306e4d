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

/* Answers that are in the history, until they are ${n}. */
static void
await_sum(struct node *node, int n)
{
	HARNESS_WAIT(WAIT_MS, history_sum(node, ALL) >= n);
	ck_assert_int_eq(history_sum(node, ALL), n);
}

/* A node that has counted; how much. */
static int
begin_counted(struct node *node, struct harness *h)
{
	begin(node, h);
	ask_times(node, 5, "A", GERMAN);
	HARNESS_WAIT(WAIT_MS, history_sum(node, ALL) >= 5);
	return history_sum(node, ALL);
}

/* The process that writes. */
static pid_t
historian_of(struct node *node)
{
	char name[32];
	const char *out;

	snprintf(name, sizeof(name), "%d", (int)node->server);
	(void)harness_run(
	    node->h, &out, "/usr/bin/pgrep", "-P", name, "-f", "history", NULL);
	return (pid_t)strtol(out, NULL, 10);
}

START_TEST(the_pages_tell_of_it)
{
	struct harness *h = harness_create();
	struct node node;
	const char *page;

	(void)begin_counted(&node, h);
	HARNESS_WAIT(
	    WAIT_MS, node_metric(&node, "meridian_history_written_total") > 0);
	ck_assert(node_metric(&node, "meridian_history_writable") == 1);
	ck_assert(node_metric(&node, "meridian_history_lost_total") == 0);
	ck_assert(
	    node_metric(&node, "meridian_history_samples_dropped_total") == 0);
	ck_assert(node_metric(&node, "meridian_history_age_seconds") < 30);
	page = node_page(&node, "/api/v1/traffic");
	ck_assert_msg(strstr(page, "\"country\":\"DE\"") != NULL ||
		strstr(page, "\"country\": \"DE\"") != NULL,
	    "%s", page);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

START_TEST(a_restart_loses_little_and_counts_nothing_twice)
{
	struct harness *h = harness_create();
	struct node node;
	int n = begin_counted(&node, h);

	/* In good order what was counted last is written, too. */
	ask_times(&node, 9, "A", GERMAN);
	harness_stop(h, node.server);
	ck_assert_int_eq(history_sum(&node, ALL), n + 9);
	node_serve(&node);
	ask_times(&node, 4, "A", GERMAN);
	HARNESS_WAIT(WAIT_MS, history_sum(&node, ALL) >= n + 13);
	n = history_sum(&node, ALL);
	/* Killed, it loses the running interval alone. */
	harness_kill(h, node.server);
	node_serve(&node);
	HARNESS_WAIT(
	    WAIT_MS, node_metric(&node, "meridian_history_written_total") > 1);
	ck_assert_int_ge(history_sum(&node, ALL), n);
	/* Those that node_serve() asks. */
	ck_assert_int_le(history_sum(&node, ALL), n + 3);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

START_TEST(the_process_that_writes_may_be_killed)
{
	struct harness *h = harness_create();
	struct node node;
	int n = begin_counted(&node, h);
	pid_t child = historian_of(&node);

	ck_assert_int_gt(child, 1);
	ck_assert_int_eq(kill(child, SIGKILL), 0);
	ask_times(&node, 6, "A", GERMAN);
	await_sum(&node, n + 6);
	ck_assert_int_ne(historian_of(&node), child);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

START_TEST(a_database_that_is_deleted_or_spoiled_is_made_anew)
{
	struct harness *h = harness_create();
	struct node node;

	(void)begin_counted(&node, h);
	ck_assert_int_eq(unlink(harness_path(h, "history.db")), 0);
	(void)unlink(harness_path(h, "history.db-wal"));
	(void)unlink(harness_path(h, "history.db-shm"));
	ask_times(&node, 6, "A", GERMAN);
	HARNESS_WAIT(WAIT_MS, access(harness_path(h, "history.db"), F_OK) == 0);
	HARNESS_WAIT(WAIT_MS, history_sum(&node, ALL) > 0);
	harness_write(h, "history.db", "%s", "this is no database at all");
	/* It answers and counts all the same. */
	HARNESS_WAIT(WAIT_MS,
	    (ask_times(&node, 1, "A", GERMAN), history_sum(&node, ALL) > 0));
	ck_assert(harness_running(h, node.server));
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

START_TEST(endpoints_that_leave_and_come_back_are_in_it)
{
	struct harness *h = harness_create();
	struct node node;

	node_init(&node, h);
	node_standin(&node, 0);
	node_standin(&node, 1);
	node_pair(
	    &node, history, "every: 200ms, timeout: 1500ms, fall: 1, rise: 1");
	node_check(&node);
	node_serve(&node);
	HARNESS_WAIT(WAIT_MS, node_pair_answer(&node) == 2);
	node_order(&node, 1, "health=down");
	HARNESS_WAIT(WAIT_MS, node_pair_answer(&node) == 1);
	node_order(&node, 1, "health=up");
	HARNESS_WAIT(WAIT_MS, node_pair_answer(&node) == 2);
	HARNESS_WAIT(WAIT_MS,
	    history_sum(&node,
		"select count(*) from failovers where endpoint = 'eu'") >= 2);
	ck_assert_str_eq(
	    history_sql(&node,
		"select service, endpoint, group_concat(back) from (select * "
		"from failovers where endpoint = 'eu' order by wall_ms)"),
	    "one.inference.example|eu|0,1\n");
	ck_assert_int_gt(
	    history_sum(&node,
		"select total(answers) from traffic_minute where reason = "
		"'failover' and region = 'us-east'"),
	    0);
	harness_stop(h, node.server);
	harness_stop(h, node.probe);
	harness_destroy(h);
}
END_TEST

START_TEST(without_a_history_there_is_none)
{
	struct harness *h = harness_create();
	struct node node;

	node_init(&node, h);
	node_pair(&node, "history: off\n", "every: 200ms, timeout: 1500ms");
	node_serve(&node);
	ask_times(&node, 5, "A", GERMAN);
	ck_assert_int_eq(historian_of(&node), 0);
	ck_assert_int_ne(access(harness_path(h, "history.db"), F_OK), 0);
	ck_assert(node_metric(&node, "meridian_history_writable") < 0);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"counts", what_was_asked_is_what_is_counted, 0},
	    {"pages", the_pages_tell_of_it, 0},
	    {"restart", a_restart_loses_little_and_counts_nothing_twice, 0},
	    {"killed", the_process_that_writes_may_be_killed, 0},
	    {"spoiled", a_database_that_is_deleted_or_spoiled_is_made_anew, 0},
	    {"failovers", endpoints_that_leave_and_come_back_are_in_it, 0},
	    {"off", without_a_history_there_is_none, 0},
	};

	return harness_main("traffic", cases, sizeof(cases) / sizeof(cases[0]));
}
