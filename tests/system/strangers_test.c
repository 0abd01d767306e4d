/*
 * Rows of strangers in the state database: a sequence that nobody gave, a
 * million rows of zones that nobody has, a thousand dead vantages, vantages
 * that were renamed.  None of them holds back or outvotes what is true.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/full.h"
#include "tests/system/node.h"

/* A change of health takes a check to be found, and 250 ms to be answered by;
 * the rest is for a busy machine. */
#define SEEN_MS 10000

/* When a lease that nobody renews has run out and somebody has noticed; far
 * below the 30 s after which a vantage is stale. */
#define LEASE_OVER_MS 15000

/* When vantages that are silent were watched for long enough. */
#define FORGOTTEN_MS 20000

static void
configure(struct node *node, struct harness *h)
{
	node_init(node, h);
	node_pair(node, "", "every: 500ms, timeout: 1500ms, fall: 1, rise: 1");
	node_standin(node, 0);
	node_standin(node, 1);
}

/* Both endpoints are known to be up. */
static bool
all_up(struct node *node)
{
	return strcmp(node_sql(node,
			  "select count(*) from endpoint where vantage = 'test'"
			  " and zone = 'inference.example' and health = 'up'"),
		   "2\n") == 0 &&
	    node_pair_answer(node) == 2;
}

/* Health gets through: orders to the stand-in show in the answers. */
static void
health_works(struct node *node)
{
	node_order(node, 1, "health=down");
	HARNESS_WAIT(SEEN_MS, node_pair_answer(node) == 1);
	node_order(node, 1, "health=up");
	HARNESS_WAIT(SEEN_MS, node_pair_answer(node) == 2);
}

static bool
log_has(struct node *node, const char *log, const char *words)
{
	return strstr(harness_read(node->h, harness_path(node->h, log)),
		   words) != NULL;
}

/* Make the database, and no more: what is in it is there before the start. */
static void
make_database(struct node *node)
{
	node_check(node);
	HARNESS_WAIT(20000,
	    strcmp(node_sql(node, "select count(*) from endpoint"), "2\n") ==
		0);
	harness_stop(node->h, node->probe);
}

static void
finish(struct node *node)
{
	harness_stop(node->h, node->server);
	harness_stop(node->h, node->probe);
	harness_destroy(node->h);
}

#define DELETE_ODD "DELETE FROM endpoint WHERE sequence > "

/* The command that the status names, done as it is said. */
static void
do_what_status_says(struct node *node)
{
	char sql[200];
	const char *out, *at;

	node_ctl(node, &out, "status");
	at = strstr(out, DELETE_ODD);
	ck_assert_msg(at != NULL, "%s", out);
	snprintf(sql, sizeof(sql), "%.*s",
	    (int)(strlen(DELETE_ODD) +
		strspn(at + strlen(DELETE_ODD), "0123456789")),
	    at);
	ck_assert_str_eq(node_sql(node, sql), "");
	node_ctl(node, &out, "status");
}

static bool
status_is_quiet(struct node *node)
{
	const char *out;

	node_ctl(node, &out, "status");
	return strstr(out, "DELETE") == NULL;
}

START_TEST(test_poisoned_sequence)
{
	struct harness *h = harness_create();
	struct node node;

	configure(&node, h);
	node_check(&node);
	node_serve(&node);
	HARNESS_WAIT(20000, all_up(&node));
	ck_assert_str_eq(
	    node_sql(&node,
		"insert into endpoint (vantage, zone, pool, endpoint, health,"
		" since_ms, checked_ms, sequence) values ('stranger', 'z', 'p',"
		" 'e', 'up', 1, 1, 9007199254740991)"),
	    "");
	health_works(&node);
	HARNESS_WAIT(SEEN_MS,
	    log_has(&node, "meridiand.log",
		"a row of table endpoint has sequence 9007199254740991"));
	/* The writer finds it as well, by the next start at the latest. */
	harness_stop(h, node.probe);
	node_check(&node);
	HARNESS_WAIT(SEEN_MS,
	    log_has(&node, "probe.log",
		"a row of table endpoint has sequence 9007199254740991"));
	health_works(&node);
	do_what_status_says(&node);
	HARNESS_WAIT(SEEN_MS, status_is_quiet(&node));
	health_works(&node);
	finish(&node);
}
END_TEST

/* ${n} rows of zones that no file has, of a vantage. */
static void
add_foreign(struct node *node, const char *vantage, const char *zone,
    unsigned long long n)
{
	char sql[600];

	snprintf(sql, sizeof(sql),
	    "begin; with recursive n(i) as (select 1 union all select i + 1"
	    " from n where i < %llu) insert into endpoint (vantage, zone, pool,"
	    " endpoint, health, since_ms, checked_ms, sequence) select '%s',"
	    " '%s', 'pool', 'e' || i, 'down', 1, (select max(heartbeat_ms) from"
	    " vantage), 1 from n; commit;",
	    n, vantage, zone);
	ck_assert_str_eq(node_sql(node, sql), "");
}

/* As many as the health model has room for, and one more: half of them of a
 * vantage of its own, half of ours and from before our zone by its name. */
START_TEST(test_foreign_rows)
{
	unsigned long long n = full_size(100000, 1000001);
	struct harness *h = harness_create();
	struct node node;
	int64_t began;

	configure(&node, h);
	make_database(&node);
	add_foreign(&node, "stranger", "zone.test", n / 2);
	add_foreign(&node, "test", "a.zone.test", n - n / 2);
	node_serve(&node);
	began = harness_ms();
	node_check(&node);
	HARNESS_WAIT(60000, all_up(&node));
	health_works(&node);
	printf("measured: %llu foreign rows: health by its turns %lld ms after "
	       "the start of the probe\n",
	    n, (long long)(harness_ms() - began));
	/* Those that are ours by their vantage go, in steps. */
	HARNESS_WAIT(600000,
	    strcmp(node_sql(&node,
		       "select count(*) from endpoint where vantage = 'test'"),
		"2\n") == 0);
	printf("measured: %llu rows of ours that no file has were gone after "
	       "%lld ms\n",
	    n - n / 2, (long long)(harness_ms() - began));
	health_works(&node);
	finish(&node);
}
END_TEST

/* Each says that both endpoints are down, as it did a month ago. */
START_TEST(test_dead_vantages)
{
	struct harness *h = harness_create();
	struct node node;

	configure(&node, h);
	make_database(&node);
	ck_assert_str_eq(
	    node_sql(&node,
		"begin; with recursive n(i) as (select 1 union all select i + 1"
		" from n where i < 1100) insert into vantage (name, version,"
		" heartbeat_ms, sequence, lease_until_ms) select 'dead' || i,"
		" '', (select heartbeat_ms from vantage where name = 'test') -"
		" 2592000000, 1, 1 from n; insert into endpoint (vantage, zone,"
		" pool, endpoint, health, since_ms, checked_ms, sequence)"
		" select v.name, e.zone, e.pool, e.endpoint, 'down', 1,"
		" v.heartbeat_ms, 1 from vantage v, endpoint e where v.name <>"
		" 'test'; commit;"),
	    "");
	node_serve(&node);
	node_check(&node);
	HARNESS_WAIT(20000, all_up(&node));
	health_works(&node);
	HARNESS_WAIT(FORGOTTEN_MS,
	    strcmp(node_sql(&node,
		       "select (select count(*) from vantage) || ' ' || (select"
		       " count(*) from endpoint)"),
		"1 2\n") == 0);
	ck_assert(log_has(&node, "probe.log", "vantages forgotten: dead1, "));
	health_works(&node);
	finish(&node);
}
END_TEST

/* The node's file with another vantage in it. */
static void
rename_vantage(struct node *node, const char *name)
{
	const char *text =
	    harness_read(node->h, harness_path(node->h, "meridian.yaml"));
	const char *at = strstr(text, "vantage: "), *end;

	ck_assert_ptr_nonnull(at);
	end = strchr(at, '\n');
	ck_assert_ptr_nonnull(end);
	harness_write(node->h, "meridian.yaml", "%.*svantage: %s%s",
	    (int)(at - text), text, name, end);
}

/* Kill the daemon and the process that writes for it, which would give the
 * lease back when it finds itself alone. */
static void
kill_both(struct node *node)
{
	char path[64];
	pid_t writer;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children",
	    (int)node->probe, (int)node->probe);
	writer = (pid_t)strtol(harness_read(node->h, path), NULL, 10);
	ck_assert_int_gt(writer, 1);
	ck_assert_int_eq(kill(writer, SIGKILL), 0);
	harness_kill(node->h, node->probe);
}

/*
 * The vantage that saw eu-west up last is no more, and its name neither: what
 * the new one finds is in the answers ${within_ms} later.
 */
static void
renamed(bool killed, int within_ms)
{
	struct harness *h = harness_create();
	struct node node;
	int64_t began;

	configure(&node, h);
	node_check(&node);
	node_serve(&node);
	HARNESS_WAIT(20000, all_up(&node));
	if (killed)
		kill_both(&node);
	else
		harness_stop(h, node.probe);
	node_order(&node, 1, "health=down");
	rename_vantage(&node, "renamed");
	began = harness_ms();
	node_check(&node);
	HARNESS_WAIT(within_ms, node_pair_answer(&node) == 1);
	printf("measured: renamed after %s: the old opinion ended after %lld "
	       "ms\n",
	    killed ? "a kill" : "an end in good order",
	    (long long)(harness_ms() - began));
	HARNESS_WAIT(within_ms,
	    strcmp(
		node_sql(&node,
		    "select lease_until_ms from vantage where name = 'test'"),
		"0\n") == 0);
	/* And it does not come back. */
	for (int i = 0; i < 100; i++) {
		ck_assert_int_eq(node_pair_answer(&node), 1);
		harness_pause();
	}
	node_order(&node, 1, "health=up");
	HARNESS_WAIT(SEEN_MS, node_pair_answer(&node) == 2);
	finish(&node);
}

START_TEST(test_renamed)
{
	renamed(false, 5000);
}
END_TEST

START_TEST(test_renamed_after_a_kill)
{
	renamed(true, LEASE_OVER_MS);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"a poisoned sequence ends no news", test_poisoned_sequence, 120},
	    {"foreign rows crowd out nothing", test_foreign_rows, 120},
	    {"dead vantages say nothing and are forgotten", test_dead_vantages,
		120},
	    {"a renamed vantage votes no more", test_renamed, 60},
	    {"nor one that was renamed after a crash",
		test_renamed_after_a_kill, 60},
	};

	return harness_main(
	    "strangers", cases, sizeof(cases) / sizeof(cases[0]));
}
