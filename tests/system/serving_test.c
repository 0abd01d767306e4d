/*
 * Serving: UDP and TCP, IPv4 and IPv6, wildcard addresses, pipelines, clients
 * that are slow or silly, counters, status, another user.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/system/node.h"

static const char steering[] =
    "regions:\n"
    "  us-east: {at: [39.0, -77.5]}\n"
    "pools:\n"
    "  v1:\n"
    "    endpoints:\n"
    "      - {name: us, region: us-east, address: 192.0.2.1}\n"
    "services:\n"
    "  one: {pool: v1}\n";

static void
prepare(struct node *node, struct harness *h, const char *extra)
{
	node_init(node, h);
	node_config(node, extra);
	node_records(node, node_zone);
	node_steering(node, "%s", steering);
}

static void
start(struct node *node, struct harness *h)
{
	prepare(node, h, "");
	node_serve(node);
}

START_TEST(test_transports)
{
	struct harness *h = harness_create();
	struct node node;
	static struct reply reply;

	start(&node, h);
	for (int way = 0; way < 4; way++) {
		struct ask question = {.port = node.port,
		    .name = "www.inference.example.",
		    .ipv6 = way & 1,
		    .tcp = way & 2};

		ck_assert_str_eq(ask_data(&question, &reply), "192.0.2.80");
		ck_assert(reply.aa);
		ck_assert(!reply.ra);
		question.name = "one.inference.example.";
		ck_assert_str_eq(ask_data(&question, &reply), "192.0.2.1");
		question.name = "elsewhere.example.";
		ck_assert(ask(&question, &reply));
		ck_assert_uint_eq(reply.rcode, 5);
	}
	ck_assert(node_metric(
		      &node, "meridian_queries_total{transport=\"tcp\"}") == 6);
	ck_assert(node_metric(&node,
		      "meridian_responses_total{rcode=\"REFUSED\"}") == 4);
	ck_assert(node_metric(&node,
		      "meridian_steered_answers_total{service=\"one.inference."
		      "example.\",region=\"us-east\"}") == 4);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* On a wildcard address the answer comes from the address that was asked. */
START_TEST(test_wildcard)
{
	struct harness *h = harness_create();
	struct node node;
	static struct reply reply;
	struct ask question;
	const char *out;
	char port[16];

	prepare(&node, h, "");
	harness_write(h, "meridian.yaml",
	    "listen: [\"0.0.0.0:%u\", \"[::]:%u\"]\nstate: state.db\nzones:\n"
	    "  - {name: inference.example, records: inference.zone, steering: "
	    "inference.yaml}\n",
	    node.port, node.port);
	node_serve(&node);
	question = (struct ask){
	    .port = node.port, .name = "www.inference.example.", .ipv6 = true};
	ck_assert_str_eq(ask_data(&question, &reply), "192.0.2.80");
	/* dig takes no answer from another address than it asked. */
	snprintf(port, sizeof(port), "%u", node.port);
	for (int tcp = 0; tcp < 2; tcp++) {
		ck_assert_int_eq(
		    harness_run(h, &out, "/usr/bin/dig", "+short", "+tries=1",
			tcp ? "+tcp" : "+notcp", "-p", port, "@127.0.0.77",
			"www.inference.example", NULL),
		    0);
		ck_assert_str_eq(out, "192.0.2.80\n");
	}
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

static int
dial(const struct node *node)
{
	struct sockaddr_in sa = {.sin_family = AF_INET};
	struct timeval patience = {.tv_sec = 20};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	sa.sin_port = htons(node->port);
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	return fd;
}

/* A query for A of www.inference.example. with its two octets of length. */
static const uint8_t framed[] = {0, 39, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3,
    'w', 'w', 'w', 9, 'i', 'n', 'f', 'e', 'r', 'e', 'n', 'c', 'e', 7, 'e', 'x',
    'a', 'm', 'p', 'l', 'e', 0, 0, 1, 0, 1};

/* Read exactly ${len} octets; false when the other side closed before. */
static bool
read_all(int fd, uint8_t *out, size_t len)
{
	while (len > 0) {
		ssize_t n = recv(fd, out, len, 0);

		if (n <= 0)
			return false;
		out += n;
		len -= (size_t)n;
	}
	return true;
}

/* The next framed answer must have the id ${id}. */
static void
expect_answer(int fd, unsigned id)
{
	uint8_t head[2] = {0}, body[512] = {0};
	size_t len;

	ck_assert(read_all(fd, head, 2));
	len = (size_t)head[0] << 8 | head[1];
	ck_assert_uint_le(len, sizeof(body));
	ck_assert(read_all(fd, body, len));
	ck_assert_uint_eq((unsigned)body[0] << 8 | body[1], id);
	ck_assert_uint_eq(body[3] & 15, 0);
	ck_assert_uint_eq(body[7], 1);
}

#define PIPELINE 1000

/* Queries in one stream, cut anywhere, are answered in order. */
START_TEST(test_pipeline)
{
	static uint8_t out[PIPELINE * sizeof(framed)];
	struct harness *h = harness_create();
	struct node node;
	int fd;

	start(&node, h);
	fd = dial(&node);
	for (size_t i = 0; i < PIPELINE; i++) {
		uint8_t *q = out + i * sizeof(framed);

		memcpy(q, framed, sizeof(framed));
		q[2] = (uint8_t)(i >> 8);
		q[3] = (uint8_t)i;
	}
	for (size_t at = 0, n; at < sizeof(out); at += n) {
		n = sizeof(out) - at < 37 ? sizeof(out) - at : 37;
		ck_assert_int_eq(send(fd, out + at, n, 0), (int)n);
	}
	for (unsigned i = 0; i < PIPELINE; i++)
		expect_answer(fd, i);
	close(fd);
	/* One octet at a time. */
	fd = dial(&node);
	for (size_t i = 0; i < sizeof(framed); i++)
		ck_assert_int_eq(send(fd, framed + i, 1, 0), 1);
	expect_answer(fd, 0);
	/* The client ends its side: what it asked is still answered. */
	ck_assert_int_eq(
	    send(fd, framed, sizeof(framed), 0), (int)sizeof(framed));
	shutdown(fd, SHUT_WR);
	expect_answer(fd, 0);
	ck_assert_int_eq(recv(fd, out, 1, 0), 0);
	close(fd);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* A client that never reads is not read from either; others are served. */
START_TEST(test_slow_reader)
{
	struct harness *h = harness_create();
	struct node node;
	struct timeval soon = {.tv_usec = 300000};
	size_t sent = 0;
	int fd, other;

	start(&node, h);
	fd = dial(&node);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &soon, sizeof(soon));
	while (sent < (size_t)64 << 20) {
		ssize_t n = send(fd, framed, sizeof(framed), MSG_NOSIGNAL);

		if (n != (ssize_t)sizeof(framed))
			break;
		sent += (size_t)n;
	}
	ck_assert_msg(sent < (size_t)64 << 20, "%zu octets taken", sent);
	other = dial(&node);
	ck_assert_int_eq(
	    send(other, framed, sizeof(framed), 0), (int)sizeof(framed));
	expect_answer(other, 0);
	close(other);
	/* Once it reads, it gets on. */
	for (int i = 0; i < 1000; i++)
		expect_answer(fd, 0);
	close(fd);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* Half a query, and nothing more, is closed when it was idle for long; a query
 * longer than any is closed at once. */
START_TEST(test_stalled)
{
	static const uint8_t huge[] = {0xff, 0xff, 0, 0};
	struct harness *h = harness_create();
	struct node node;
	int64_t began;
	uint8_t octet;
	int fd;

	start(&node, h);
	fd = dial(&node);
	ck_assert_int_eq(send(fd, huge, sizeof(huge), 0), (int)sizeof(huge));
	ck_assert_int_le(recv(fd, &octet, 1, 0), 0);
	close(fd);
	fd = dial(&node);
	began = harness_ms();
	ck_assert_int_eq(send(fd, framed, 9, 0), 9);
	ck_assert_int_eq(recv(fd, &octet, 1, 0), 0);
	ck_assert_int_ge(harness_ms() - began, 8000);
	ck_assert_int_le(harness_ms() - began, 14000);
	close(fd);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* Past the limit the connection that was idle for longest goes. */
START_TEST(test_many)
{
	enum { MANY = 1100 };
	static int fd[MANY];
	struct harness *h = harness_create();
	struct node node;

	prepare(&node, h, "workers: 1\n");
	node_serve(&node);
	for (int i = 0; i < MANY; i++)
		fd[i] = dial(&node);
	ck_assert_int_eq(
	    send(fd[MANY - 1], framed, sizeof(framed), 0), (int)sizeof(framed));
	expect_answer(fd[MANY - 1], 0);
	for (int i = 0; i < 50; i++) {
		uint8_t octet;

		ck_assert_int_le(recv(fd[i], &octet, 1, 0), 0);
	}
	for (int i = 0; i < MANY; i++)
		close(fd[i]);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* What is no query gets silence, what is a bad one FORMERR; it serves on. */
START_TEST(test_garbage)
{
	static uint8_t reply[REPLY_MAX];
	struct harness *h = harness_create();
	struct node node;
	struct ask where;
	uint8_t bytes[64] = {0};
	unsigned seed = 7;

	start(&node, h);
	where = (struct ask){.port = node.port, .timeout_ms = 50};
	ck_assert_uint_eq(ask_bytes(&where, bytes, 11, reply), 0);
	bytes[2] = 0x80;
	ck_assert_uint_eq(ask_bytes(&where, bytes, 12, reply), 0);
	bytes[2] = 0;
	ck_assert_uint_eq(ask_bytes(&where, bytes, 12, reply), 12);
	ck_assert_uint_eq(reply[3], 1);
	for (int i = 0; i < 2000; i++) {
		for (size_t k = 0; k < sizeof(bytes); k++)
			bytes[k] = (uint8_t)rand_r(&seed);
		where.timeout_ms = 1;
		ask_bytes(&where, bytes, sizeof(bytes), reply);
	}
	ck_assert_str_eq(
	    node_ask(&node, "www.inference.example.", "A", NULL), "192.0.2.80");
	ck_assert(node_metric(&node, "meridian_dropped_total") >= 2);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* HTTP: the two pages, 404, 405; status is JSON that names the process. */
START_TEST(test_pages)
{
	struct harness *h = harness_create();
	struct node node;
	const char *body;
	char url[128], expect[64];

	start(&node, h);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/nix", node.http);
	ck_assert_int_eq(harness_http(h, "GET", url, NULL), 404);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/metrics", node.http);
	ck_assert_int_eq(harness_http(h, "POST", url, NULL), 405);
	body = node_page(&node, "/api/v1/status");
	snprintf(expect, sizeof(expect), "\"pid\": %d,", (int)node.server);
	ck_assert_msg(strstr(body, expect) != NULL, "%s", body);
	ck_assert(strstr(body, "\"serving\": true") != NULL);
	ck_assert(node_metric(&node,
		      "meridian_zone_serial{zone=\"inference.example\"}") == 1);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* Started as root, it serves as the user of the file, reloads included, and
 * still starts its helper. */
START_TEST(test_user)
{
	struct harness *h = harness_create();
	struct node node;
	char path[64], line[512];
	const char *status;

	if (geteuid() != 0) {
		harness_destroy(h);
		return;
	}
	prepare(&node, h, "user: nobody\n");
	ck_assert_int_eq(chmod(harness_path(h, "."), 0777), 0);
	node_serve(&node);
	snprintf(path, sizeof(path), "/proc/%d/status", (int)node.server);
	status = harness_read(h, path);
	status = strstr(status, "\nUid:");
	ck_assert_ptr_nonnull(status);
	snprintf(line, sizeof(line), "%.*s", (int)strcspn(status + 1, "\n"),
	    status + 1);
	ck_assert_msg(strstr(line, "\t0") == NULL, "%s", line);
	ck_assert_int_eq(node_ctl(&node, NULL, "reload"), 0);
	node_check(&node);
	HARNESS_WAIT(10000, node_metric(&node, "meridian_state_readable") == 1);
	harness_stop(h, node.server);
	harness_stop(h, node.probe);
	harness_destroy(h);
}
END_TEST

/* A wrong command line, a wrong file, a port that is taken: a clear end. */
START_TEST(test_refuses)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start(&node, h);
	ck_assert_int_eq(harness_run(h, &out, "meridiand", NULL), 2);
	ck_assert(strstr(out, "usage:") != NULL);
	ck_assert_int_eq(
	    harness_run(h, &out, "meridiand", "-c", "/nix.yaml", NULL), 1);
	ck_assert_msg(strstr(out, "/nix.yaml") != NULL, "%s", out);
	/* A second server on the same addresses would share the queries. */
	ck_assert_int_eq(harness_run(h, &out, "meridiand", "-c",
			     harness_path(h, "meridian.yaml"), NULL),
	    1);
	ck_assert_msg(strstr(out, "Address already in use") != NULL, "%s", out);
	harness_write(h, "second.yaml",
	    "listen: \"192.0.2.1:53\"\nstate: s.db\nzones:\n  - {name: "
	    "inference.example, records: inference.zone}\n");
	ck_assert_int_eq(harness_run(h, &out, "meridiand", "-c",
			     harness_path(h, "second.yaml"), NULL),
	    1);
	ck_assert_msg(
	    strstr(out, "cannot listen on 192.0.2.1:53") != NULL, "%s", out);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"transports", test_transports, 0},
	    {"wildcard addresses", test_wildcard, 0},
	    {"pipeline", test_pipeline, 0},
	    {"slow reader", test_slow_reader, 60},
	    {"stalled", test_stalled, 60},
	    {"many", test_many, 60},
	    {"garbage", test_garbage, 60},
	    {"pages", test_pages, 0},
	    {"user", test_user, 0},
	    {"refuses", test_refuses, 0},
	};

	return harness_main("serving", cases, sizeof(cases) / sizeof(cases[0]));
}
