/*
 * A node with 60,000 endpoints: clients that read its pages hold back no change
 * of health, a reload is waited for without reading a large page, and its
 * status shows them all.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "tests/system/node.h"

#define POOLS 60
#define POOL_ENDPOINTS 1000
#define ENDPOINTS (POOLS * POOL_ENDPOINTS)

/* A change of health is in the answers so soon after it was written. */
#if defined(__SANITIZE_ADDRESS__)
/* Rows are read, judged and compared five times slower, by a process and a
 * thread that share two cores with all clients. */
#define SEEN_MS 1250
#else
#define SEEN_MS 250
#endif

#define CHANGES 40
#define READERS 4

/* A page for each endpoint has at least as much. */
#define ENDPOINT_BYTES 80

/*
 * What the answers to the looks of one `meridianctl reload` may have, heads
 * counted: a hundred looks.  The status page of this node has some megabytes.
 */
#define RELOAD_BYTES 65536

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

static void
write_steering(struct node *node)
{
	struct text text;

	text_init(&text, (size_t)32 << 20);
	text_add(&text, "%s", HEAD);
	for (int p = 0; p < POOLS; p++) {
		text_add(&text, "  p%d:\n    check: llm\n    endpoints:\n", p);
		for (int i = 0; i < POOL_ENDPOINTS; i++)
			text_add(&text,
			    "      - {name: e%d, region: %s, address: "
			    "10.%d.%d.%d}\n",
			    i, i % 2 ? "us-east" : "eu-west", p, i / 250,
			    i % 250);
	}
	text_add(&text, "services:\n  one: {pool: watched}\n");
	for (int p = 0; p < POOLS; p++)
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
	    "INSERT INTO vantage (name, version, heartbeat_ms, sequence)"
	    " SELECT 'scale', '1', now, 1000 FROM t;"
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
	    ENDPOINTS - 1, POOL_ENDPOINTS, POOL_ENDPOINTS);
	ck_assert_str_eq(node_sql(node, sql), "");
}

/* The node serves, and knows the rows: they come in one change. */
static void
start(struct node *node, struct harness *h)
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
	write_steering(node);
	node_serve(node);
	HARNESS_WAIT(60000,
	    node_metric(node,
		"meridian_endpoint_up{zone=\"inference.example\",pool="
		"\"watched\",endpoint=\"eu\",region=\"eu-west\"}") == 1);
}

static int
connect_to(uint16_t port, int type)
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

/* A client that reads a page again and again. */
struct page_reader {
	pthread_t thread;
	uint16_t port;
	const char *path;
	atomic_bool *stop;
	long whole, broken;
	size_t shortest;
};

/* Bytes of one page; 0 when it did not come, or not to its end. */
static size_t
read_page(uint16_t port, const char *path)
{
	static _Thread_local char buffer[65536];
	char request[128];
	size_t got = 0;
	ssize_t n = -1;
	int fd = connect_to(port, SOCK_STREAM);

	snprintf(request, sizeof(request), "GET %s HTTP/1.0\r\n\r\n", path);
	if (fd >= 0 && send(fd, request, strlen(request), 0) > 0)
		while ((n = recv(fd, buffer, sizeof(buffer), 0)) > 0)
			got += (size_t)n;
	if (fd >= 0)
		close(fd);
	return n == 0 ? got : 0;
}

static void *
read_on(void *argument)
{
	struct page_reader *r = argument;

	while (!atomic_load(r->stop)) {
		size_t got = read_page(r->port, r->path);

		if (got == 0) {
			r->broken++;
			continue;
		}
		if (r->whole == 0 || got < r->shortest)
			r->shortest = got;
		r->whole++;
	}
	return NULL;
}

/* A client that asks all the time, and knows when the answer changed. */
struct watcher {
	pthread_t thread;
	uint16_t port;
	atomic_bool *stop;
	atomic_int last;         /* octet of the address */
	atomic_llong changed_ms; /* wall clock */
};

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
	struct watcher *w = argument;
	int fd = connect_to(w->port, SOCK_DGRAM);
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

/* Turn the health of the watched endpoint; ms until the answer had changed. */
static long long
change(struct node *node, struct watcher *w, int expect)
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

static void
start_readers(struct node *node, struct page_reader *readers, atomic_bool *stop)
{
	for (int i = 0; i < READERS; i++) {
		readers[i] = (struct page_reader){.port = node->http,
		    .path = i == 0 ? "/metrics" : "/api/v1/status",
		    .stop = stop};
		ck_assert_int_eq(pthread_create(&readers[i].thread, NULL,
				     read_on, &readers[i]),
		    0);
	}
}

START_TEST(test_health)
{
	struct harness *h = harness_create();
	struct page_reader readers[READERS];
	struct watcher watcher = {.last = 2};
	atomic_bool stop = false;
	struct node node;
	long long worst = 0, sum = 0;

	start(&node, h);
	watcher.port = node.port;
	watcher.stop = &stop;
	ck_assert_int_eq(
	    pthread_create(&watcher.thread, NULL, watch, &watcher), 0);
	start_readers(&node, readers, &stop);
	for (int i = 0; i < CHANGES; i++) {
		long long ms = change(&node, &watcher, i % 2 ? 2 : 1);

		sum += ms;
		if (ms > worst)
			worst = ms;
	}
	atomic_store(&stop, true);
	pthread_join(watcher.thread, NULL);
	for (int i = 0; i < READERS; i++) {
		pthread_join(readers[i].thread, NULL);
		printf("%s: %ld pages of at least %zu bytes\n", readers[i].path,
		    readers[i].whole, readers[i].shortest);
		ck_assert_int_eq(readers[i].broken, 0);
		ck_assert_int_ge(readers[i].whole, 1);
		ck_assert_uint_ge(
		    readers[i].shortest, (size_t)ENDPOINTS * ENDPOINT_BYTES);
	}
	printf("%d changes, seen after %lld ms, the worst after %lld ms\n",
	    CHANGES, sum / CHANGES, worst);
	ck_assert_int_le(worst, SEEN_MS);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* Between meridianctl and the node's HTTP: hands on what both say, and counts
 * what the node says. */
struct counter_of_bytes {
	pthread_t thread;
	int listener;
	uint16_t port; /* of the node's HTTP */
	size_t bytes;
	int connections;
};

static void
hand_on(struct counter_of_bytes *c, int client)
{
	int server = connect_to(c->port, SOCK_STREAM);
	struct pollfd both[2] = {
	    {.fd = client, .events = POLLIN}, {.fd = server, .events = POLLIN}};
	char buffer[65536];
	bool open = server >= 0;

	while (open && poll(both, 2, 10000) > 0) {
		int from = both[0].revents != 0 ? 0 : 1;
		ssize_t n = recv(both[from].fd, buffer, sizeof(buffer), 0);

		if (from == 1 && n > 0)
			c->bytes += (size_t)n;
		open = n > 0 &&
		    send(both[1 - from].fd, buffer, (size_t)n, MSG_NOSIGNAL) ==
			n;
	}
	c->connections++;
	close(server);
	close(client);
}

/* Until its listener is shut down. */
static void *
hand_on_all(void *argument)
{
	struct counter_of_bytes *c = argument;
	int client;

	while ((client = accept(c->listener, NULL, NULL)) >= 0)
		hand_on(c, client);
	return NULL;
}

/* Returns its port. */
static uint16_t
start_counter(struct counter_of_bytes *c, struct node *node)
{
	uint16_t port = harness_port(node->h);
	struct sockaddr_in sa = {.sin_family = AF_INET};

	sa.sin_port = htons(port);
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	*c = (struct counter_of_bytes){.port = node->http};
	c->listener = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(
	    bind(c->listener, (struct sockaddr *)&sa, sizeof(sa)), 0);
	ck_assert_int_eq(listen(c->listener, 8), 0);
	ck_assert_int_eq(pthread_create(&c->thread, NULL, hand_on_all, c), 0);
	return port;
}

static void
stop_counter(struct counter_of_bytes *c)
{
	shutdown(c->listener, SHUT_RDWR);
	pthread_join(c->thread, NULL);
	close(c->listener);
}

START_TEST(test_reload)
{
	struct harness *h = harness_create();
	struct counter_of_bytes counter;
	struct page_reader readers[READERS];
	atomic_bool stop = false;
	struct node node;
	const char *out;
	uint16_t port;

	start(&node, h);
	port = start_counter(&counter, &node);
	harness_write(h, "counted.yaml",
	    "listen: 127.0.0.1:%u\nhttp: 127.0.0.1:%u\nstate: state.db\n"
	    "vantage: test\nzones:\n"
	    "  - {name: inference.example, records: inference.zone}\n",
	    node.port, port);
	start_readers(&node, readers, &stop);
	for (int i = 0; i < 2; i++) {
		write_steering(&node);
		ck_assert_int_eq(
		    harness_run(h, &out, "meridianctl", "-c",
			harness_path(h, "counted.yaml"), "reload", NULL),
		    0);
		ck_assert_msg(strstr(out, "reloaded in ") != NULL &&
			strstr(out, ": 1 zones read, 0 unchanged") != NULL,
		    "%s", out);
	}
	atomic_store(&stop, true);
	for (int i = 0; i < READERS; i++) {
		pthread_join(readers[i].thread, NULL);
		ck_assert_int_eq(readers[i].broken, 0);
	}
	stop_counter(&counter);
	ck_assert(
	    node_metric(&node, "meridian_reloads_total{result=\"ok\"}") == 2);
	printf("2 reloads: %d looks, %zu bytes\n", counter.connections,
	    counter.bytes);
	ck_assert_int_ge(counter.connections, 4);
	ck_assert_uint_le(counter.bytes, 2 * RELOAD_BYTES);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* What meridianctl may take for 60,000 endpoints, in KiB: their JSON, parsed. */
#define STATUS_KIB (400 * 1024)

/* Every endpoint is shown, with what its vantage says. */
START_TEST(test_status)
{
	struct harness *h = harness_create();
	struct node node;
	struct rusage used;
	const char *out;
	int64_t began;
	int up = 0;

	start(&node, h);
	ck_assert_int_eq(node_ctl(&node, &out, "status"), 0);
	for (const char *at = out;
	     (at = strstr(at, " up         scale for ")) != NULL; at++)
		up++;
	ck_assert_int_eq(up, ENDPOINTS + 2);
	getrusage(RUSAGE_CHILDREN, &used);
	printf("status: at most %ld KiB\n", used.ru_maxrss);
	ck_assert_int_le(used.ru_maxrss, STATUS_KIB);
	began = harness_ms();
	ck_assert_int_eq(node_ctl(&node, &out, "status", "--down"), 0);
	printf("status --down: %lld ms\n", (long long)(harness_ms() - began));
	ck_assert_uint_lt(strlen(out), 2000);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"health", test_health, 180},
	    {"reload", test_reload, 180},
	    {"status", test_status, 180},
	};

	return harness_main("scale", cases, sizeof(cases) / sizeof(cases[0]));
}
