/*
 * The contract between the daemons: either is killed at any moment, the
 * database is taken away, locked, broken, truncated, and answers go on.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/system/node.h"

/* The shortest checks there may be, for tests that want many; and such as no
 * stall of a busy machine fails, for tests in which only orders change
 * health. */
#define BRISK_MS 100
#define CALM_MS 500

static void
configure(struct node *node, struct harness *h, const char *extra, int every_ms)
{
	char check[128];

	snprintf(check, sizeof(check),
	    "every: %dms, timeout: %dms, fall: 1, rise: 1", every_ms, every_ms);
	node_init(node, h);
	node_pair(node, extra, check);
}

/* Whether the server answers by this health of the two endpoints: 1 is up, 0
 * down.  Before it has heard of both, its answers may be the same by chance. */
static bool
answers_by(struct node *node, int us, int eu)
{
	return node_metric(node,
		   "meridian_endpoint_up{zone=\"inference.example\","
		   "pool=\"v1\",endpoint=\"us\",region=\"us-east\"}") == us &&
	    node_metric(node,
		"meridian_endpoint_up{zone=\"inference.example\","
		"pool=\"v1\",endpoint=\"eu\",region=\"eu-west\"}") == eu;
}

/* Start everything, and wait until both endpoints are known to be up. */
static void
start(struct node *node, struct harness *h, const char *extra, int every_ms)
{
	configure(node, h, extra, every_ms);
	node_standin(node, 0);
	node_standin(node, 1);
	node_check(node);
	node_serve(node);
	HARNESS_WAIT(10000, answers_by(node, 1, 1));
}

/* Health gets through: orders to the stand-in show in the answers. */
static void
health_works(struct node *node)
{
	node_order(node, 1, "health=down");
	HARNESS_WAIT(
	    15000, answers_by(node, 1, 0) && node_pair_answer(node) == 1);
	node_order(node, 1, "health=up");
	HARNESS_WAIT(
	    15000, answers_by(node, 1, 1) && node_pair_answer(node) == 2);
}

static void
finish(struct node *node)
{
	harness_stop(node->h, node->server);
	harness_stop(node->h, node->probe);
	harness_destroy(node->h);
}

#define CHANGES 1000
#define KILLS 20

/*
 * A thousand changes of health, and kill -9 of either daemon at random moments
 * among them: the database is whole after each, and answers never stop while
 * meridiand runs.
 */
START_TEST(test_kill)
{
	struct harness *h = harness_create();
	struct node node;
	unsigned seed = 42;
	int kills = 0, changes = 0;

	start(&node, h, "", BRISK_MS);
	while (changes < CHANGES || kills < KILLS) {
		char order[32];
		int pause = (int)((unsigned)rand_r(&seed) % 60);
		int64_t end = harness_ms() + pause;

		snprintf(order, sizeof(order), "health=%s",
		    changes % 2 ? "up" : "down");
		node_order(&node, 1, order);
		while (harness_ms() < end)
			ck_assert_int_ne(node_pair_answer(&node), 0);
		changes = (int)strtol(
		    node_sql(&node,
			"select coalesce(max(sequence), 0) from endpoint"),
		    NULL, 10);
		if ((unsigned)rand_r(&seed) % 20 != 0 && changes < CHANGES)
			continue;
		kills++;
		if (kills % 2) {
			harness_kill(h, node.probe);
			ck_assert_int_ne(node_pair_answer(&node), 0);
		} else {
			harness_kill(h, node.server);
		}
		ck_assert_str_eq(
		    node_sql(&node, "pragma integrity_check"), "ok\n");
		if (kills % 2)
			node_check(&node);
		else
			node_serve(&node);
	}
	printf("%d kills in %d changes\n", kills, changes);
	health_works(&node);
	finish(&node);
}
END_TEST

#define TURNS 20

/* A change is in the answers within 250 ms of its commit. */
START_TEST(test_in_time)
{
	struct harness *h = harness_create();
	struct node node;
	int64_t ms[TURNS];

	start(&node, h, "", CALM_MS);
	harness_kill(h, node.probe);
	/* Be the probe: a heartbeat keeps the rows fresh. */
	for (int i = 0; i < TURNS; i++) {
		char sql[512];
		int64_t began;

		snprintf(sql, sizeof(sql),
		    "update endpoint set health = '%s', sequence = (select "
		    "max(sequence) + 1 from (select sequence from endpoint "
		    "union select sequence from vantage)) where endpoint = "
		    "'eu'",
		    i % 2 ? "up" : "down");
		node_sql(&node, sql);
		began = harness_ms();
		HARNESS_WAIT(10000, node_pair_answer(&node) == (i % 2 ? 2 : 1));
		ms[i] = harness_ms() - began;
	}
	printf("nine of ten within %lld ms, the worst %lld ms\n",
	    (long long)harness_within(ms, TURNS, 90),
	    (long long)harness_within(ms, TURNS, 100));
	ck_assert_int_le(harness_within(ms, TURNS, 90), 250);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

static void
truncate_to(struct node *node, const char *name, off_t size)
{
	ck_assert_int_eq(truncate(harness_path(node->h, name), size), 0);
}

/* Everything that is a file is truncated while it serves. */
START_TEST(test_truncate)
{
	static const char *const names[] = {"state.db", "state.db-wal",
	    "state.db-shm", "inference.zone", "inference.yaml",
	    "meridian.yaml"};
	struct harness *h = harness_create();
	struct node node;

	start(&node, h, "", BRISK_MS);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct stat st;

		if (stat(harness_path(h, names[i]), &st) != 0)
			continue;
		for (int half = 1; half >= 0; half--) {
			int64_t end = harness_ms() + 400;

			truncate_to(&node, names[i], half ? st.st_size / 2 : 0);
			while (harness_ms() < end)
				ck_assert_msg(node_pair_answer(&node) != 0,
				    "no answer after %s was truncated",
				    names[i]);
		}
		ck_assert(harness_running(h, node.server));
		ck_assert(harness_running(h, node.probe));
	}
	/* With good files again all is as before. */
	configure(&node, h, "", BRISK_MS);
	harness_destroy(h);
}
END_TEST

/* A database that is missing, deleted, replaced, garbage: known health stays,
 * trouble is said, and all is well when it is back. */
START_TEST(test_gone)
{
	struct harness *h = harness_create();
	struct node node;
	const char *path;

	configure(&node, h, "", CALM_MS);
	node_standin(&node, 0);
	node_standin(&node, 1);
	/* Missing at the start: all count as up. */
	node_serve(&node);
	ck_assert_int_eq(node_pair_answer(&node), 2);
	ck_assert(node_metric(&node, "meridian_state_readable") == 0);
	node_check(&node);
	HARNESS_WAIT(10000, node_metric(&node, "meridian_state_readable") == 1);
	health_works(&node);
	/* Down, then deleted: still down. */
	node_order(&node, 1, "health=down");
	HARNESS_WAIT(10000, answers_by(&node, 1, 0));
	ck_assert_int_eq(node_pair_answer(&node), 1);
	harness_kill(h, node.probe);
	path = harness_path(h, "state.db");
	ck_assert_int_eq(unlink(path), 0);
	unlink(harness_path(h, "state.db-wal"));
	unlink(harness_path(h, "state.db-shm"));
	HARNESS_WAIT(10000, node_metric(&node, "meridian_state_readable") == 0);
	ck_assert_int_eq(node_pair_answer(&node), 1);
	/* Garbage: the same. */
	harness_write(h, "state.db", "%s",
	    "This is not a database, and longer than the header of one, so "
	    "that nobody takes it for an empty file that waits to be "
	    "written.\n");
	for (int i = 0; i < 50; i++) {
		ck_assert_int_eq(node_pair_answer(&node), 1);
		harness_pause();
	}
	ck_assert(node_metric(&node, "meridian_state_readable") == 0);
	ck_assert_int_eq(unlink(path), 0);
	node_check(&node);
	HARNESS_WAIT(10000, node_metric(&node, "meridian_state_readable") == 1);
	health_works(&node);
	finish(&node);
}
END_TEST

/* A lock that is held for long: answers and checks go on. */
START_TEST(test_locked)
{
	struct harness *h = harness_create();
	struct node node;
	pid_t locker;

	start(&node, h, "", BRISK_MS);
	locker = harness_start(h, "locker.log", "/usr/bin/sqlite3",
	    harness_path(h, "state.db"), "-cmd", ".timeout 5000",
	    "begin exclusive; with recursive n(i) as (select 1 union all "
	    "select i + 1 from n where i < 20000000) select max(i) from n; "
	    "rollback;",
	    NULL);
	node_order(&node, 1, "health=down");
	while (harness_running(h, locker))
		ck_assert_int_ne(node_pair_answer(&node), 0);
	HARNESS_WAIT(15000, node_pair_answer(&node) == 1);
	node_order(&node, 1, "health=up");
	HARNESS_WAIT(15000, node_pair_answer(&node) == 2);
	finish(&node);
}
END_TEST

/* Whether an answer says ${stale} and ${resort} as extended errors, and explain
 * the same. */
static void
expect_told(struct node *node, bool stale, bool resort)
{
	const char *out;
	char port[16];

	snprintf(port, sizeof(port), "%u", node->port);
	harness_run(node->h, &out, "/usr/bin/dig", "+tries=1", "@127.0.0.1",
	    "-p", port, "+subnet=84.128.0.0/24", "one.inference.example", NULL);
	ck_assert_msg(stale ==
		(strstr(out, "EDE: 3 (Stale Answer): (health is stale)") !=
		    NULL),
	    "%s", out);
	ck_assert_msg(
	    resort == (strstr(out, "EDE: 0 (Other): (last resort in") != NULL),
	    "%s", out);
	ck_assert_ptr_nonnull(strstr(out, "192.0.2."));
	node_ctl(node, &out, "explain", "one.inference.example", "--client",
	    "84.128.0.0/24");
	ck_assert_msg(
	    stale == (strstr(out, "said with it: health is stale") != NULL),
	    "%s", out);
	ck_assert_msg(
	    resort == (strstr(out, "said with it: last resort in use") != NULL),
	    "%s", out);
}

/* Without a heartbeat: what the file says of stale health. */
static void
stale(const char *then, int expect, bool resort)
{
	struct harness *h = harness_create();
	struct node node;
	char extra[64];

	snprintf(extra, sizeof(extra), "stale: {after: 2s, then: %s}\n", then);
	start(&node, h, extra, CALM_MS);
	node_order(&node, 1, "health=down");
	HARNESS_WAIT(10000, answers_by(&node, 1, 0));
	expect_told(&node, false, false);
	harness_kill(h, node.probe);
	ck_assert_int_eq(node_pair_answer(&node), 1);
	HARNESS_WAIT(10000, node_metric(&node, "meridian_health_stale") == 1);
	HARNESS_WAIT(10000, node_pair_answer(&node) == expect);
	HARNESS_WAIT(10000,
	    strstr(harness_read(h, harness_path(h, "meridiand.log")),
		"health is stale") != NULL);
	for (int i = 0; i < 50; i++) {
		ck_assert_int_eq(node_pair_answer(&node), expect);
		harness_pause();
	}
	expect_told(&node, true, resort);
	ck_assert(node_metric(&node, "meridian_health_age_seconds") >= 2);
	node_check(&node);
	HARNESS_WAIT(10000, node_metric(&node, "meridian_health_stale") == 0);
	health_works(&node);
	expect_told(&node, false, false);
	finish(&node);
}

/* keep: still down; up: both up, the nearest; down: all down, the last resort
 * answers as if all were up. */
START_TEST(test_stale)
{
	stale("keep", 1, false);
	stale("up", 2, false);
	stale("down", 2, true);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"kill -9", test_kill, 300},
	    {"in time", test_in_time, 60},
	    {"truncated files", test_truncate, 60},
	    {"missing and broken", test_gone, 120},
	    {"locked", test_locked, 120},
	    {"stale", test_stale, 180},
	};

	return harness_main("state", cases, sizeof(cases) / sizeof(cases[0]));
}
