/*
 * What a change of health costs on a node of 1,000 services and 2,400
 * endpoints: writes changes of one endpoint to the state database of a real
 * meridiand and counts the CPU time that it and its reading process take until
 * the answer has changed, less what they take anyway.  `make bench` and
 * `make check-long` call it; it fails above LIMIT_MS.
 *
 * All of it is counted: reading the row, judging, building and publishing
 * `live`, working out how each service does for log, pages and metrics, and the
 * query that looks for the change.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "tests/system/node.h"

#define POOLS 100
#define REGIONS 6
#define IN_REGION 4 /* endpoints of a pool: 2,400 in all */
#define SERVICES 1000
#define CHANGES 40
#define CHANGE_MS 150 /* from one to the next */
#define IDLE_MS 3000
#define LIMIT_MS 5.0

struct costs {
	double server_ms, reader_ms; /* CPU time so far */
};

static const char *const regions[REGIONS] = {"us-east: {at: [39.0, -77.5]}",
    "us-west: {at: [45.8, -119.7]}", "eu-west: {at: [53.3, -6.3]}",
    "eu-central: {at: [50.1, 8.7]}", "ap-south: {at: [19.1, 72.9]}",
    "ap-northeast: {at: [35.6, 139.7]}"};
static const char *const fences[REGIONS] = {
    "- {clients: {continents: [EU]}, regions: [eu-west, eu-central]}",
    "- {clients: {continents: [NA]}, regions: [us-east, us-west]}",
    "- {clients: {continents: [SA]}, regions: [us-east, us-west]}",
    "- {clients: {continents: [AS]}, regions: [ap-south, ap-northeast]}",
    "- {clients: {continents: [OC]}, regions: [ap-south, ap-northeast]}",
    "- {clients: unknown, regions: [us-east, eu-west]}"};

static void
add_pool(struct text *t, int pool)
{
	text_add(t, "  p%d:\n    check: llm\n    endpoints:\n", pool);
	for (int i = 0; i < REGIONS * IN_REGION; i++)
		text_add(t,
		    "      - {name: e%d, region: %.*s, address: "
		    "10.1.%d.%d}\n",
		    i, (int)strcspn(regions[i / IN_REGION], ":"),
		    regions[i / IN_REGION], pool, i);
}

static void
write_steering(struct node *node)
{
	struct text t;

	text_init(&t, (size_t)4 << 20);
	text_add(&t, "regions:\n");
	for (int i = 0; i < REGIONS; i++)
		text_add(&t, "  %s\n", regions[i]);
	text_add(&t,
	    "checks:\n"
	    "  llm: {port: 9, every: 10s, timeout: 200ms, fall: 1, rise: 1}\n"
	    "pools:\n");
	for (int i = 0; i < POOLS; i++)
		add_pool(&t, i);
	text_add(&t, "services:\n");
	for (int i = 0; i < SERVICES; i++) {
		/* The client of the first is always in its first pool. */
		text_add(&t, "  s%d:\n    split: {p%d: 95, p%d: %d}\n", i,
		    i % POOLS, (i + 1) % POOLS, i == 0 ? 0 : 5);
		text_add(&t, "    answers: 4\n    fence:\n");
		for (int k = 0; k < REGIONS; k++)
			text_add(&t, "      %s\n", fences[k]);
	}
	ck_assert(!t.failed);
	harness_write(node->h, "inference.yaml", "%s", t.data);
	text_finish(&t);
}

/* Rows of one vantage, as a probe of this node would have written them. */
static void
write_rows(struct node *node)
{
	char sql[1024];

	snprintf(sql, sizeof(sql),
	    "BEGIN IMMEDIATE;"
	    "CREATE TEMP TABLE t AS SELECT CAST((julianday('now') - 2440587.5)"
	    " * 86400000 AS INTEGER) AS now;"
	    "INSERT INTO vantage (name, version, heartbeat_ms, sequence,"
	    " lease_until_ms) SELECT 'bench', '1', now, 1000, now FROM t;"
	    "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < %d) INSERT INTO endpoint (vantage, zone, pool, "
	    "endpoint, health, since_ms, checked_ms, sequence)"
	    " SELECT 'bench', 'inference.example', 'p' || (i / %d),"
	    " 'e' || (i %% %d), 'up', now, now, 1001 + i FROM n, t;"
	    "COMMIT;",
	    POOLS * REGIONS * IN_REGION - 1, REGIONS * IN_REGION,
	    REGIONS * IN_REGION);
	ck_assert_str_eq(node_sql(node, sql), "");
}

/* The node serves, and knows the rows of its endpoints. */
static void
start(struct node *node, struct harness *h)
{
	node_init(node, h);
	node_config(node, "workers: 1\nstale: {after: 1h, then: keep}\n");
	node_records(node, node_zone);
	write_steering(node);
	/* The probe makes the database, and is not there to check so many. */
	node_check(node);
	HARNESS_WAIT(20000,
	    strcmp(node_sql(node, "SELECT count(*) FROM vantage"), "1\n") == 0);
	harness_stop(h, node->probe);
	(void)node_sql(node, "DELETE FROM endpoint");
	write_rows(node);
	node_serve(node);
	HARNESS_WAIT(20000,
	    node_metric(node,
		"meridian_endpoint_up{zone=\"inference.example\",pool=\"p0\","
		"endpoint=\"e0\",region=\"us-east\"}") == 1);
}

static double
cpu_ms(pid_t pid)
{
	clockid_t clock;
	struct timespec t;

	ck_assert_int_eq(clock_getcpuclockid(pid, &clock), 0);
	ck_assert_int_eq(clock_gettime(clock, &t), 0);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* The process that reads health for ${server}: its first child. */
static pid_t
find_reader(struct node *node)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children",
	    (int)node->server, (int)node->server);
	return (pid_t)strtol(harness_read(node->h, path), NULL, 10);
}

static struct costs
costs_now(const struct node *node, pid_t reader)
{
	return (struct costs){cpu_ms(node->server), cpu_ms(reader)};
}

/* How many endpoints of its region and pool a client in the United States is
 * given: 4, and 3 while one is down. */
static size_t
count_endpoints(struct node *node)
{
	static struct reply reply;

	ck_assert(node_reply(
	    node, "s0.inference.example.", "A", "3.0.0.0/24", &reply));
	return reply.n_answer;
}

/* One endpoint goes down, or comes back; wait until it is seen. */
static void
change(struct node *node, bool up)
{
	struct timespec pause = {.tv_nsec = CHANGE_MS * 1000000L};

	(void)node_sql(node,
	    "PRAGMA synchronous = NORMAL;"
	    "UPDATE endpoint SET sequence = (SELECT max(sequence) + 1 FROM "
	    "endpoint), health = CASE health WHEN 'up' THEN 'down' ELSE 'up' "
	    "END WHERE endpoint = 'e0' AND pool = 'p0'");
	nanosleep(&pause, NULL);
	HARNESS_WAIT(20000, count_endpoints(node) == (up ? 4U : 3U));
}

/* CPU time of ${ms} in which nothing happens. */
static struct costs
measure_idle(struct node *node, pid_t reader)
{
	struct costs before = costs_now(node, reader), after;
	struct timespec pause = {.tv_sec = IDLE_MS / 1000};

	nanosleep(&pause, NULL);
	after = costs_now(node, reader);
	return (struct costs){after.server_ms - before.server_ms,
	    after.reader_ms - before.reader_ms};
}

START_TEST(a_change_of_health)
{
	struct harness *h = harness_create();
	struct costs idle, before, after;
	struct node node;
	double took_ms, server_ms, reader_ms;
	int64_t began;
	pid_t reader;

	start(&node, h);
	reader = find_reader(&node);
	ck_assert_int_gt(reader, 0);
	change(&node, false);
	change(&node, true);
	idle = measure_idle(&node, reader);
	began = harness_ms();
	before = costs_now(&node, reader);
	for (int i = 0; i < CHANGES; i++)
		change(&node, i % 2 == 1);
	after = costs_now(&node, reader);
	took_ms = (double)(harness_ms() - began);
	server_ms = (after.server_ms - before.server_ms -
			idle.server_ms * took_ms / IDLE_MS) /
	    CHANGES;
	reader_ms = (after.reader_ms - before.reader_ms -
			idle.reader_ms * took_ms / IDLE_MS) /
	    CHANGES;
	printf("measured: a change of health, %d services, %d endpoints: "
	       "%.2f ms of CPU, %.2f in meridiand and %.2f in the process "
	       "that reads; idle %.2f and %.2f ms a second\n",
	    SERVICES, POOLS * REGIONS * IN_REGION, server_ms + reader_ms,
	    server_ms, reader_ms, idle.server_ms * 1000 / IDLE_MS,
	    idle.reader_ms * 1000 / IDLE_MS);
	ck_assert_double_le(server_ms + reader_ms, LIMIT_MS);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"a change of health", a_change_of_health, 120},
	};

	return harness_main("publish", cases, sizeof(cases) / sizeof(cases[0]));
}
