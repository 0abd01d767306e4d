/*
 * A node with 60,000 endpoints, for system tests; see large.h.
 */
#include "tests/system/large.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"

/* Endpoints whose health is what a test says: eu is nearer to its client. */
#define WATCHED                                                     \
	"  watched:\n"                                              \
	"    check: llm\n"                                          \
	"    endpoints:\n"                                          \
	"      - {name: us, region: us-east, address: 192.0.2.1}\n" \
	"      - {name: eu, region: eu-west, address: 192.0.2.2}\n"

#define HEAD                                                          \
	"regions:\n"                                                  \
	"  us-east: {at: [39.0, -77.5]}\n"                            \
	"  eu-west: {at: [53.3, -6.3]}\n"                             \
	"checks:\n"                                                   \
	"  llm: {preset: vllm, port: 9, every: 10s, timeout: 200ms, " \
	"fall: 1, rise: 1}\n"                                         \
	"pools:\n" WATCHED

void
large_steering(struct node *node)
{
	struct text text;

	text_init(&text, (size_t)32 << 20);
	text_add(&text, "%s", HEAD);
	for (int p = 0; p < LARGE_POOLS; p++) {
		text_add(&text, "  p%d:\n    check: llm\n    endpoints:\n", p);
		for (int i = 0; i < LARGE_POOL_ENDPOINTS; i++)
			text_add(&text,
			    "      - {name: e%d, region: %s, address: "
			    "10.%d.%d.%d}\n",
			    i, i % 2 ? "us-east" : "eu-west", p / 250, p % 250,
			    i);
	}
	text_add(&text, "services:\n  one: {pool: watched}\n");
	for (int p = 0; p < LARGE_POOLS; p++)
		text_add(&text, "  s%d: {pool: p%d}\n", p, p);
	ck_assert(!text.failed);
	harness_write(node->h, "inference.yaml", "%s", text.data);
	text_finish(&text);
}

/* Rows of one vantage, as a probe of this node would have written them. */
static void
write_rows(struct node *node)
{
	char sql[2048];

	snprintf(sql, sizeof(sql),
	    "BEGIN IMMEDIATE;"
	    "CREATE TEMP TABLE t AS SELECT CAST((julianday('now') - 2440587.5)"
	    " * 86400000 AS INTEGER) AS now;"
	    "INSERT INTO vantage (name, version, heartbeat_ms, sequence,"
	    " lease_until_ms) SELECT 'scale', '1', now, 1000, now FROM t;"
	    "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < %d) INSERT INTO endpoint (vantage, zone, pool, "
	    "endpoint,"
	    " health, since_ms, checked_ms, sequence)"
	    " SELECT 'scale', 'inference.example', 'p' || (i / %d),"
	    " 'e' || (i %% %d), 'up', now, now, 1001 + i FROM n, t;"
	    "INSERT INTO endpoint (vantage, zone, pool, endpoint, health,"
	    " since_ms, checked_ms, sequence) SELECT 'scale',"
	    " 'inference.example', 'watched', name, 'up', now, now, 100000 + i"
	    " FROM t, (SELECT 'us' AS name, 1 AS i UNION SELECT 'eu', 2);"
	    "COMMIT;",
	    LARGE_ENDPOINTS - 1, LARGE_POOL_ENDPOINTS, LARGE_POOL_ENDPOINTS);
	ck_assert_str_eq(node_sql(node, sql), "");
}

void
large_start(struct node *node, struct harness *h)
{
	node_init(node, h);
	node_config(node, "stale: {after: 1h, then: keep}\n");
	node_records(node, node_zone);
	/* The probe makes the database, and is not there to check so many. */
	node_steering(
	    node, "%s%s", HEAD, "services:\n  one: {pool: watched}\n");
	node_check(node);
	HARNESS_WAIT(20000,
	    strcmp(node_sql(node, "SELECT count(*) FROM vantage"), "1\n") == 0);
	harness_stop(h, node->probe);
	(void)node_sql(node, "DELETE FROM endpoint");
	write_rows(node);
	large_steering(node);
	node_serve(node);
	HARNESS_WAIT(60000,
	    node_metric(node,
		"meridian_endpoint_up{zone=\"inference.example\",pool="
		"\"watched\",endpoint=\"eu\",region=\"eu-west\"}") == 1);
}

int
large_connect(uint16_t port, int type)
{
	struct timeval patience = {.tv_sec = 10};
	struct sockaddr_in sa = {.sin_family = AF_INET};
	int fd = socket(AF_INET, type, 0);

	sa.sin_port = htons(port);
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0)
		return fd;
	close(fd);
	return -1;
}

static long long
wall_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A for one.inference.example. from 84.128.0.0/24, nearest to eu-west. */
static const uint8_t query[] = {0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 3, 'o', 'n',
    'e', 9, 'i', 'n', 'f', 'e', 'r', 'e', 'n', 'c', 'e', 7, 'e', 'x', 'a', 'm',
    'p', 'l', 'e', 0, 0, 1, 0, 1, 0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 11, 0, 8, 0,
    7, 0, 1, 24, 0, 84, 128, 0};
#define ANSWER_END 55 /* of the address in the one record */

static void *
watch(void *argument)
{
	struct large_watcher *w = argument;
	int fd = large_connect(w->port, SOCK_DGRAM);
	uint8_t reply[1500];

	while (!atomic_load(w->stop)) {
		send(fd, query, sizeof(query), 0);
		if (recv(fd, reply, sizeof(reply), 0) >= ANSWER_END &&
		    reply[ANSWER_END - 1] != atomic_load(&w->last)) {
			atomic_store(&w->changed_ms, wall_ms());
			atomic_store(&w->last, reply[ANSWER_END - 1]);
		}
		poll(NULL, 0, 1);
	}
	close(fd);
	return NULL;
}

void
large_watch(struct large_watcher *w, struct node *node, atomic_bool *stop)
{
	w->port = node->port;
	w->stop = stop;
	atomic_store(&w->last, 2);
	ck_assert_int_eq(pthread_create(&w->thread, NULL, watch, w), 0);
}

long long
large_change(struct node *node, struct large_watcher *w, int expect)
{
	const char *out = node_sql(node,
	    "PRAGMA synchronous = NORMAL;"
	    "SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER);"
	    "UPDATE endpoint SET sequence = (SELECT max(sequence) + 1 FROM "
	    "endpoint), health = CASE health WHEN 'up' THEN 'down' ELSE 'up' "
	    "END"
	    " WHERE pool = 'watched' AND endpoint = 'eu'");
	long long began = strtoll(out, NULL, 10);

	ck_assert_msg(began > 0, "%s", out);
	HARNESS_WAIT(20000, atomic_load(&w->last) == expect);
	return atomic_load(&w->changed_ms) - began;
}
