/*
 * Clients of the pages who mean no good, or read badly: none of them keeps an
 * operator from the pages, health from the answers, or the node from its
 * memory and its descriptors.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <ifaddrs.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/system/large.h"

/* As many as the server has places for, and those it keeps for local ones. */
#define PLACES 64
#define PLACES_LOCAL 16

/* More than the server's patience with a client that says nothing. */
#define SILENCE_MS 11500

/* Clients that ask for the status again and again, and those of them that read
 * none of it. */
#define CLIENTS 60
#define READING 30
#define CHANGES 80

/* What the node may have at its most, in KiB. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
/* Freed memory is kept to find its uses, and all has a shadow. */
#define MOST_KIB (2048 * 1024)
#else
#define MOST_KIB (200 * 1024)
#endif

#define STEERING                                                               \
	"regions: {us: {at: [39.0, -77.5]}}\n"                                 \
	"pools: {p: {endpoints: [{name: a, region: us, address: 192.0.2.1}]}}" \
	"\nservices: {one: {pool: p}}\n"

static void
start(struct node *node, struct harness *h, const char *extra)
{
	node_init(node, h);
	node_config(node, extra);
	node_records(node, node_zone);
	node_steering(node, STEERING);
	node_serve(node);
}

static void
finish(struct node *node)
{
	harness_stop(node->h, node->server);
	harness_destroy(node->h);
}

/* The status of HTTP that a whole request gets; 0: none. */
static int
request(int fd, const char *text)
{
	char reply[64] = "";
	size_t got = 0;
	ssize_t n;

	if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
		return 0;
	while (got < 12 &&
	    (n = recv(fd, reply + got, sizeof(reply) - 1 - got, 0)) > 0)
		got += (size_t)n;
	return strncmp(reply, "HTTP/1.", 7) == 0 && got >= 12
	    ? (int)strtol(reply + 9, NULL, 10)
	    : 0;
}

static bool
has_pages(struct node *node)
{
	return *node_page(node, "/metrics") != '\0';
}

START_TEST(silent_clients_keep_nobody_from_the_pages)
{
	struct harness *h = harness_create();
	struct node node;
	int fd[2 * PLACES];

	start(&node, h, "");
	for (int i = 0; i < PLACES; i++)
		fd[i] = large_connect(node.http, SOCK_STREAM);
	/* The server ends them all at its timeout, and goes on. */
	poll(NULL, 0, SILENCE_MS);
	ck_assert(has_pages(&node));
	for (int i = 0; i < PLACES; i++)
		close(fd[i]);
	ck_assert(has_pages(&node));
	/* They need not end first. */
	for (int i = 0; i < 2 * PLACES; i++)
		fd[i] = large_connect(node.http, SOCK_STREAM);
	ck_assert(has_pages(&node));
	ck_assert_int_eq(node_ctl(&node, NULL, "reload"), 0);
	for (int i = 0; i < 2 * PLACES; i++)
		close(fd[i]);
	finish(&node);
}
END_TEST

/* An address of this machine that is no loopback one; false: it has none. */
static bool
find_address(struct in_addr *out)
{
	struct ifaddrs *all, *i;
	bool found = false;

	if (getifaddrs(&all) != 0)
		return false;
	for (i = all; i != NULL && !found; i = i->ifa_next) {
		const struct sockaddr_in *sa =
		    (const struct sockaddr_in *)(void *)i->ifa_addr;

		found = sa != NULL && sa->sin_family == AF_INET &&
		    ntohl(sa->sin_addr.s_addr) >> 24 != 127;
		if (found)
			*out = sa->sin_addr;
	}
	freeifaddrs(all);
	return found;
}

static int
connect_from_elsewhere(const struct in_addr *address, uint16_t port)
{
	struct timeval patience = {.tv_sec = 5};
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr = *address};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	sa.sin_port = htons(port);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	return fd;
}

/*
 * They ask for pages and take nothing: one more from elsewhere waits for them,
 * a local client does not.  Where this machine has no other address than those
 * of loopback the rule is tested by tests/unit/web/places.c alone.
 */
START_TEST(some_places_are_kept_for_local_clients)
{
	static const char ask[] = "GET /api/v1/status HTTP/1.0\r\n\r\n";
	struct harness *h = harness_create();
	struct in_addr address;
	int fd[PLACES], n = 0;
	struct node node;

	large_start(&node, h);
	harness_stop(h, node.server);
	harness_write(h, "meridian.yaml",
	    "listen: [127.0.0.1:%u]\nhttp: 0.0.0.0:%u\nstate: state.db\n"
	    "vantage: test\nzones:\n  - {name: inference.example, records: "
	    "inference.zone, steering: inference.yaml}\n",
	    node.port, node.http);
	node_serve(&node);
	if (find_address(&address)) {
		for (; n < PLACES - PLACES_LOCAL; n++) {
			fd[n] = connect_from_elsewhere(&address, node.http);
			ck_assert_int_gt(send(fd[n], ask, strlen(ask), 0), 0);
		}
		poll(NULL, 0, 200);
		fd[n] = connect_from_elsewhere(&address, node.http);
		ck_assert_int_eq(request(fd[n++], ask), 503);
		ck_assert(has_pages(&node));
	}
	while (n > 0)
		close(fd[--n]);
	finish(&node);
}
END_TEST

START_TEST(a_strangers_name_reads_nothing)
{
	static const struct {
		const char *host;
		int before, after; /* with and without a name in the file */
	} rows[] = {
	    {"stranger.example", 421, 421},
	    {"node1.example", 421, 200},
	    {"node1.example:8053", 421, 200},
	    {"localhost", 200, 200},
	    {"127.0.0.1", 200, 200},
	    {"[::1]:8053", 200, 200},
	};
	struct harness *h = harness_create();
	struct node node;
	char text[256];

	start(&node, h, "");
	for (int reloaded = 0; reloaded < 2; reloaded++) {
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			int fd = large_connect(node.http, SOCK_STREAM);
			int want = reloaded ? rows[i].after : rows[i].before;

			snprintf(text, sizeof(text),
			    "GET /metrics HTTP/1.1\r\nHost: %s\r\n\r\n",
			    rows[i].host);
			ck_assert_msg(request(fd, text) == want, "%s: not %d",
			    rows[i].host, want);
			close(fd);
		}
		node_config(&node, "http_names: [node1.example]\n");
		ck_assert_int_eq(node_ctl(&node, NULL, "reload"), 0);
	}
	finish(&node);
}
END_TEST

/* A client that asks for the status, and reads it or not. */
struct client {
	pthread_t thread;
	uint16_t port;
	bool reads;
	atomic_bool *stop;
	atomic_long asked, whole;
};

/* Until the page has ended, the server gave up, or the test is over. */
static bool
wait_out(const struct client *c, int fd)
{
	static _Thread_local char buffer[65536];
	struct pollfd p = {.fd = fd, .events = c->reads ? POLLIN : POLLRDHUP};
	ssize_t n = -1;

	while (!atomic_load(c->stop)) {
		if (poll(&p, 1, 100) == 0)
			continue;
		if (!c->reads)
			return false;
		n = recv(fd, buffer, sizeof(buffer), 0);
		if (n <= 0)
			return n == 0;
	}
	return false;
}

static void *
ask_on(void *argument)
{
	static const char ask[] = "GET /api/v1/status HTTP/1.0\r\n\r\n";
	struct client *c = argument;

	while (!atomic_load(c->stop)) {
		int fd = large_connect(c->port, SOCK_STREAM);

		if (fd < 0 || send(fd, ask, strlen(ask), MSG_NOSIGNAL) < 0) {
			poll(NULL, 0, 10);
		} else {
			atomic_fetch_add(&c->asked, 1);
			if (wait_out(c, fd))
				atomic_fetch_add(&c->whole, 1);
		}
		if (fd >= 0)
			close(fd);
	}
	return NULL;
}

/* A line of /proc/PID/status, in KiB. */
static long
memory(pid_t pid, const char *key)
{
	char path[64], line[256];
	size_t len = strlen(key);
	long kib = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, key, len) == 0 && line[len] == ':')
			kib = strtol(line + len + 1, NULL, 10);
	fclose(f);
	return kib;
}

START_TEST(sixty_clients_of_a_large_status_hold_back_no_health)
{
	static struct client clients[CLIENTS];
	struct harness *h = harness_create();
	struct large_watcher watcher;
	atomic_bool stop = false;
	int64_t ms[CHANGES];
	long long sum = 0;
	long before, asked = 0, whole = 0;
	struct node node;

	large_start(&node, h);
	before = memory(node.server, "VmRSS");
	large_watch(&watcher, &node, &stop);
	for (int i = 0; i < CLIENTS; i++) {
		clients[i].port = node.http;
		clients[i].reads = i < READING;
		clients[i].stop = &stop;
		ck_assert_int_eq(pthread_create(&clients[i].thread, NULL,
				     ask_on, &clients[i]),
		    0);
	}
	for (int i = 0; i < CHANGES; i++) {
		ms[i] = large_change(&node, &watcher, i % 2 ? 2 : 1);
		sum += ms[i];
	}
	HARNESS_WAIT(60000, atomic_load(&clients[0].whole) > 0);
	atomic_store(&stop, true);
	pthread_join(watcher.thread, NULL);
	for (int i = 0; i < CLIENTS; i++) {
		pthread_join(clients[i].thread, NULL);
		asked += atomic_load(&clients[i].asked);
		whole += atomic_load(&clients[i].whole);
	}
	printf("%ld pages asked for, %ld read; %d changes, seen after %lld ms, "
	       "the worst after %lld ms\n"
	       "memory: %ld KiB before, %ld KiB at most, %ld KiB after\n",
	    asked, whole, CHANGES, sum / CHANGES,
	    (long long)harness_within(ms, CHANGES, 100), before,
	    memory(node.server, "VmHWM"), memory(node.server, "VmRSS"));
	ck_assert_int_ge(asked, CLIENTS);
	ck_assert_int_le(harness_within(ms, CHANGES, 90), LARGE_SEEN_MS);
	ck_assert_int_le(memory(node.server, "VmHWM"), MOST_KIB);
	finish(&node);
}
END_TEST

/* ${pid} was started to read health. */
static bool
reads_health(long pid)
{
	char path[64], words[256] = "";
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/cmdline", pid);
	f = fopen(path, "r");
	if (f == NULL)
		return false;
	n = fread(words, 1, sizeof(words) - 1, f);
	fclose(f);
	for (size_t i = 0; i < n; i += strlen(words + i) + 1)
		if (strcmp(words + i, "health") == 0)
			return true;
	return false;
}

/* The process that reads health in the state database for ${parent}; 0: there
 * is none. */
static pid_t
find_reader(pid_t parent)
{
	char path[64], text[256] = "", *at = text, *end;
	long child;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)parent,
	    (int)parent);
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	if (fgets(text, sizeof(text), f) == NULL)
		text[0] = '\0';
	fclose(f);
	for (; (child = strtol(at, &end, 10)) > 0 && end != at; at = end)
		if (reads_health(child))
			return (pid_t)child;
	return 0;
}

/* All places of HTTP and all TCP connections are taken, with as few descriptors
 * as a start wants: the reader can be started again, a reload has its files,
 * and a new client of DNS gets a connection of a silent one. */
START_TEST(few_descriptors_starve_neither_health_nor_dns)
{
	struct rlimit few = {240, 240};
	struct harness *h = harness_create();
	int http[PLACES], tcp[100];
	struct reply reply;
	struct node node;
	struct ask question = {.name = "inference.example.",
	    .type = "SOA",
	    .tcp = true,
	    .timeout_ms = 5000};
	pid_t reader;

	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	node_init(&node, h);
	node_config(&node,
	    "workers: 1\ntcp: {per_client: 1000}\n"
	    "stale: {after: 30s, then: keep}\n");
	node_records(&node, node_zone);
	node_steering(&node,
	    "regions: {us: {at: [39.0, -77.5]}}\n"
	    "checks: {c: {preset: http, port: 9}}\n"
	    "pools: {p: {check: c, endpoints: [{name: a, region: us, "
	    "address: 127.0.0.1}]}}\nservices: {one: {pool: p}}\n");
	node_serve(&node);
	question.port = node.port;
	HARNESS_WAIT(5000, (reader = find_reader(node.server)) != 0);
	for (size_t i = 0; i < PLACES; i++)
		http[i] = large_connect(node.http, SOCK_STREAM);
	for (size_t i = 0; i < 100; i++)
		tcp[i] = large_connect(node.port, SOCK_STREAM);
	kill(reader, SIGKILL);
	HARNESS_WAIT(10000,
	    find_reader(node.server) != 0 &&
		find_reader(node.server) != reader);
	ck_assert(ask(&question, &reply));
	ck_assert_int_eq(node_ctl(&node, NULL, "reload"), 0);
	ck_assert(has_pages(&node));
	for (size_t i = 0; i < PLACES; i++)
		close(http[i]);
	for (size_t i = 0; i < 100; i++)
		close(tcp[i]);
	finish(&node);
}
END_TEST

START_TEST(a_limit_too_low_to_start_with_is_told)
{
	struct rlimit few = {100, 100};
	struct harness *h = harness_create();
	struct node node;
	const char *log;

	node_init(&node, h);
	node_config(&node, "workers: 1\n");
	node_records(&node, node_zone);
	node_steering(&node, STEERING);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	node.server = harness_start(h, "meridiand.log", "meridiand", "-c",
	    harness_path(h, "meridian.yaml"), NULL);
	ck_assert_int_eq(harness_wait(h, node.server, 10000), 1);
	log = harness_read(h, harness_path(h, "meridiand.log"));
	ck_assert_msg(
	    strstr(log, "the limit of open files is 100: at least 2") != NULL &&
		strstr(log, "LimitNOFILE=") != NULL,
	    "%s", log);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"silent clients", silent_clients_keep_nobody_from_the_pages, 0},
	    {"local places", some_places_are_kept_for_local_clients, 180},
	    {"names", a_strangers_name_reads_nothing, 0},
	    {"large status",
		sixty_clients_of_a_large_status_hold_back_no_health, 180},
	    {"descriptors", few_descriptors_starve_neither_health_nor_dns, 0},
	    {"too few", a_limit_too_low_to_start_with_is_told, 0},
	};

	return harness_main("pages", cases, sizeof(cases) / sizeof(cases[0]));
}
