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
#include <unistd.h>

#include "tests/system/large.h"

#define CHANGES 40
#define READERS 4

/* A page for each endpoint has at least as much. */
#define ENDPOINT_BYTES 80

/*
 * What the answers to the looks of one `meridianctl reload` may have, heads
 * counted: a hundred looks.  The status page of this node has some megabytes.
 */
#define RELOAD_BYTES 65536

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
	int fd = large_connect(port, SOCK_STREAM);

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
	struct large_watcher watcher;
	atomic_bool stop = false;
	struct node node;
	int64_t ms[CHANGES];
	long long sum = 0;

	large_start(&node, h);
	large_watch(&watcher, &node, &stop);
	start_readers(&node, readers, &stop);
	for (int i = 0; i < CHANGES; i++) {
		ms[i] = large_change(&node, &watcher, i % 2 ? 2 : 1);
		sum += ms[i];
	}
	atomic_store(&stop, true);
	pthread_join(watcher.thread, NULL);
	for (int i = 0; i < READERS; i++) {
		pthread_join(readers[i].thread, NULL);
		printf("%s: %ld pages of at least %zu bytes\n", readers[i].path,
		    readers[i].whole, readers[i].shortest);
		ck_assert_int_eq(readers[i].broken, 0);
		ck_assert_int_ge(readers[i].whole, 1);
		ck_assert_uint_ge(readers[i].shortest,
		    (size_t)LARGE_ENDPOINTS * ENDPOINT_BYTES);
	}
	printf("%d changes, seen after %lld ms, the worst after %lld ms\n",
	    CHANGES, sum / CHANGES,
	    (long long)harness_within(ms, CHANGES, 100));
	ck_assert_int_le(harness_within(ms, CHANGES, 90), LARGE_SEEN_MS);
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
	int server = large_connect(c->port, SOCK_STREAM);
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

	large_start(&node, h);
	port = start_counter(&counter, &node);
	harness_write(h, "counted.yaml",
	    "listen: 127.0.0.1:%u\nhttp: 127.0.0.1:%u\nstate: state.db\n"
	    "vantage: test\nzones:\n"
	    "  - {name: inference.example, records: inference.zone}\n",
	    node.port, port);
	start_readers(&node, readers, &stop);
	for (int i = 0; i < 2; i++) {
		large_steering(&node);
		ck_assert_int_eq(
		    harness_run(h, &out, "meridianctl", "-c",
			harness_path(h, "counted.yaml"), "reload", NULL),
		    0);
		ck_assert_msg(strstr(out, "reloaded in ") != NULL &&
			strstr(out, ": 1 zone read, 0 unchanged") != NULL,
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

/* What meridianctl may take for 60,000 endpoints, in KiB: their JSON parsed.  A
 * sanitizer keeps what was freed for a while. */
#if defined(__SANITIZE_ADDRESS__)
#define STATUS_KIB (800 * 1024)
#else
#define STATUS_KIB (400 * 1024)
#endif

/* Every endpoint is shown, with what its vantage says. */
START_TEST(test_status)
{
	struct harness *h = harness_create();
	struct node node;
	struct rusage used;
	const char *out;
	int64_t began;
	int up = 0;

	large_start(&node, h);
	ck_assert_int_eq(node_ctl(&node, &out, "status"), 0);
	for (const char *at = out;
	     (at = strstr(at, " up         scale for ")) != NULL; at++)
		up++;
	ck_assert_int_eq(up, LARGE_ENDPOINTS + 2);
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
