/*
 * Serving: UDP and TCP, IPv4 and IPv6, wildcard addresses, silly clients,
 * counters, status, another user.
 */
#include <arpa/inet.h>
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
		      "example\",pool=\"v1\",region=\"us-east\"}") == 4);
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

/* A query of the greatest length is answered; with octets behind it that no
 * longer fit it is malformed, although all that fits is not. */
static void
expect_no_more_than_fits(const struct ask *where, uint8_t *reply)
{
	enum { FITS = 4096, FIXED = 39 + 11 + 4 };
	static uint8_t query[FITS + 8];
	static const uint8_t begin[FIXED - 15] = {7, 7, 0, 0, 0, 1, 0, 0, 0, 0,
	    0, 1, 3, 'w', 'w', 'w', 9, 'i', 'n', 'f', 'e', 'r', 'e', 'n', 'c',
	    'e', 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 0, 0, 1, 0, 1};
	uint8_t *opt = query + sizeof(begin);

	memcpy(query, begin, sizeof(begin));
	opt[2] = 41;
	opt[3] = 16;
	/* One option (65001, for local use) fills the rest. */
	opt[9] = (FITS - FIXED + 4) >> 8;
	opt[10] = (FITS - FIXED + 4) & 255;
	opt[11] = 65001 >> 8;
	opt[12] = 65001 & 255;
	opt[13] = (FITS - FIXED) >> 8;
	opt[14] = (FITS - FIXED) & 255;
	ck_assert_uint_gt(ask_bytes(where, query, FITS, reply), 12);
	ck_assert_uint_eq(reply[3] & 15, 0);
	ck_assert_uint_eq(reply[7], 1);
	ck_assert_uint_eq(ask_bytes(where, query, sizeof(query), reply), 12);
	ck_assert_uint_eq(reply[3] & 15, 1);
}

/* Nobody asks from the port of the character generator. */
START_TEST(test_traps)
{
	static const uint8_t query[17] = {0, 0, 0, 0, 0, 1, [16] = 1};
	struct harness *h = harness_create();
	struct timeval soon = {.tv_usec = 300000};
	struct sockaddr_in from = {.sin_family = AF_INET}, to = from;
	struct node node;
	uint8_t reply[512];
	int fd;

	if (geteuid() != 0) {
		harness_destroy(h);
		return;
	}
	start(&node, h);
	/* The neighbour of the port is none. */
	for (int port = 18; port <= 19; port++) {
		fd = socket(AF_INET, SOCK_DGRAM, 0);
		from.sin_addr.s_addr = htonl(0x7f000000u + (uint32_t)getpid());
		from.sin_port = htons((uint16_t)port);
		to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		to.sin_port = htons(node.port);
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof(soon));
		ck_assert_int_eq(
		    bind(fd, (struct sockaddr *)&from, sizeof(from)), 0);
		ck_assert_int_eq(sendto(fd, query, sizeof(query), 0,
				     (struct sockaddr *)&to, sizeof(to)),
		    (int)sizeof(query));
		ck_assert_int_eq(
		    recv(fd, reply, sizeof(reply), 0) > 0, port == 18);
		close(fd);
	}
	ck_assert(node_metric(&node, "meridian_dropped_total") == 1);
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
	where.timeout_ms = 0;
	ck_assert_uint_eq(ask_bytes(&where, bytes, 12, reply), 12);
	ck_assert_uint_eq(reply[3], 1);
	expect_no_more_than_fits(&where, reply);
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

/* Where nothing is checked nobody misses the state database. */
START_TEST(test_unchecked)
{
	struct harness *h = harness_create();
	struct node node;

	prepare(&node, h, "");
	node_serve(&node);
	ck_assert_str_eq(
	    node_ask(&node, "one.inference.example.", "A", NULL), "192.0.2.1");
	ck_assert(node_metric(&node, "meridian_state_readable") == 1);
	ck_assert(node_metric(&node, "meridian_health_stale") == 0);
	ck_assert_ptr_null(
	    strstr(harness_read(h, harness_path(h, "meridiand.log")),
		"state database"));
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
	const char *status, *out;

	if (geteuid() != 0) {
		harness_destroy(h);
		return;
	}
	prepare(&node, h, "user: nobody\n");
	node_steering(&node, "checks:\n  llm: {preset: http}\n%s", steering);
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
	/* What that user cannot read is an error of check too. */
	ck_assert_int_eq(node_ctl(&node, NULL, "check"), 0);
	ck_assert_int_eq(chmod(harness_path(h, "inference.zone"), 0600), 0);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(
		    node_ctl(&node, &out, i == 0 ? "check" : "reload"), 1);
		ck_assert_msg(
		    strstr(out, "Permission denied") != NULL, "%s", out);
	}
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
	ck_assert_int_eq(harness_run(h, &out, "meridiand", "-x", NULL), 64);
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
	    {"garbage", test_garbage, 60},
	    {"traps", test_traps, 0},
	    {"unchecked", test_unchecked, 0},
	    {"pages", test_pages, 0},
	    {"user", test_user, 0},
	    {"refuses", test_refuses, 0},
	};

	return harness_main("serving", cases, sizeof(cases) / sizeof(cases[0]));
}
