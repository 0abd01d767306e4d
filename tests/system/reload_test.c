/*
 * Reloads: a hundred under load lose nothing and answer nothing wrong; a bad
 * file of any kind keeps the old data and says where it is bad.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/full.h"
#include "tests/system/node.h"

/* As many as the environment says, where a sanitizer makes each of them slow,
 * or as many as nobody makes in a year. */
static int
reloads(void)
{
	const char *text = getenv("RELOADS");

	return text != NULL ? (int)strtol(text, NULL, 10)
			    : (int)full_size(100, 1000);
}

#define STEERING(one, two)                                        \
	"regions:\n"                                              \
	"  us-east: {at: [39.0, -77.5]}\n"                        \
	"  eu-west: {at: [53.3, -6.3]}\n"                         \
	"pools:\n"                                                \
	"  v1:\n"                                                 \
	"    endpoints:\n"                                        \
	"      - {name: us, region: us-east, address: " one "}\n" \
	"      - {name: eu, region: eu-west, address: " two "}\n" \
	"services:\n"                                             \
	"  one: {pool: v1}\n"

static const char steering_a[] = STEERING("192.0.2.1", "192.0.2.2");
static const char steering_b[] = STEERING("192.0.2.101", "192.0.2.102");

static void
start(struct node *node, struct harness *h, const char *extra)
{
	node_init(node, h);
	node_config(node, extra);
	node_records(node, node_zone);
	node_steering(node, "%s", steering_a);
	node_serve(node);
}

/* A sender of its own: one query under way at a time, each answer looked at. */
struct sender {
	pthread_t thread;
	uint16_t port;
	atomic_bool stop;
	long burst; /* queries between two pauses */
	long asked, lost, wrong;
	int64_t longest_ms;
};

/* A for one.inference.example. from 4.0.0.0/24, nearest to us-east. */
static const uint8_t query[] = {0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 3, 'o', 'n',
    'e', 9, 'i', 'n', 'f', 'e', 'r', 'e', 'n', 'c', 'e', 7, 'e', 'x', 'a', 'm',
    'p', 'l', 'e', 0, 0, 1, 0, 1, 0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 11, 0, 8, 0,
    7, 0, 1, 24, 0, 4, 0, 0};
#define QUESTION_END 39

/* One answer, of either steering file, is right: 192.0.2.1 or .101. */
static bool
right(const uint8_t *reply, ssize_t n)
{
	const uint8_t *rdata = reply + QUESTION_END + 12;

	return n > QUESTION_END + 16 && (reply[3] & 15) == 0 && reply[7] == 1 &&
	    memcmp(rdata, "\300\0\2", 3) == 0 &&
	    (rdata[3] == 1 || rdata[3] == 101);
}

static void *
send_on(void *argument)
{
	struct sender *s = argument;
	struct sockaddr_in sa = {.sin_family = AF_INET};
	struct timeval patience = {.tv_sec = 2};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	uint8_t out[sizeof(query)], in[1500];

	sa.sin_port = htons(s->port);
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) != 0)
		s->lost++;
	memcpy(out, query, sizeof(query));
	while (!atomic_load(&s->stop)) {
		int64_t began = harness_ms(), took;
		ssize_t n;

		out[0] = (uint8_t)(s->asked >> 8);
		out[1] = (uint8_t)s->asked;
		s->asked++;
		if (send(fd, out, sizeof(out), 0) < 0)
			s->lost++;
		n = recv(fd, in, sizeof(in), 0);
		if (n < 0)
			s->lost++;
		else if (memcmp(in, out, 2) != 0 || !right(in, n))
			s->wrong++;
		took = harness_ms() - began;
		if (took > s->longest_ms)
			s->longest_ms = took;
		/* Some of the cores is left to the reload, which goes behind
		 * queries; more where a sanitizer makes it slow. */
		if (s->asked % s->burst == 0)
			poll(NULL, 0, 1);
	}
	close(fd);
	return NULL;
}

#define SENDERS 2

START_TEST(test_hundred)
{
	struct harness *h = harness_create();
	struct node node;
	struct sender sender[SENDERS];
	long asked = 0;

	start(&node, h, "");
	memset(sender, 0, sizeof(sender));
	for (int i = 0; i < SENDERS; i++) {
		sender[i].port = node.port;
		sender[i].burst = getenv("RELOADS") != NULL ? 4 : 64;
		ck_assert_int_eq(pthread_create(&sender[i].thread, NULL,
				     send_on, &sender[i]),
		    0);
	}
	for (int i = 1; i <= reloads(); i++) {
		node_steering(&node, "%s", i % 2 ? steering_b : steering_a);
		harness_signal(h, node.server, SIGHUP);
		/* A reload is niced, and a sanitizer makes it slow. */
		HARNESS_WAIT(150000,
		    node_metric(
			&node, "meridian_reloads_total{result=\"ok\"}") == i);
	}
	for (int i = 0; i < SENDERS; i++) {
		atomic_store(&sender[i].stop, true);
		pthread_join(sender[i].thread, NULL);
		ck_assert_int_eq(sender[i].lost, 0);
		ck_assert_int_eq(sender[i].wrong, 0);
		asked += sender[i].asked;
		printf("measured: longest answer %lld ms\n",
		    (long long)sender[i].longest_ms);
	}
	printf("measured: %d reloads, %ld answers, none lost, none wrong\n",
	    reloads(), asked);
	ck_assert_int_gt(asked, 1000);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* Signals faster than reloads: the last files win. */
START_TEST(test_burst)
{
	struct harness *h = harness_create();
	struct node node;

	start(&node, h, "");
	for (int i = 0; i < 50; i++)
		harness_signal(h, node.server, SIGHUP);
	node_steering(&node, "%s", steering_b);
	harness_signal(h, node.server, SIGHUP);
	HARNESS_WAIT(60000,
	    strcmp(node_ask(&node, "one.inference.example.", "A", "4.0.0.0/24"),
		"192.0.2.101") == 0);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* What is broken, in which file, and where the message points. */
static const struct {
	const char *why, *file, *text, *message;
} bad[] = {
    {"a zone that does not parse", "inference.zone",
	"$TTL 300\n@ SOA ns1 h 1 3600 600 86400 60\n@ NS ns1\nns1 A "
	"192.0.2.x\n",
	"inference.zone:4"},
    {"a zone without SOA", "inference.zone", "$TTL 300\n@ NS ns1\n",
	"inference.zone"},
    {"an unknown key", "inference.yaml", "region:\n  a: {at: [1, 2]}\n",
	"inference.yaml:1:1"},
    {"YAML that is none", "inference.yaml", "regions: {a: [1, 2\n",
	"inference.yaml:"},
    {"a database that is none", "meridian.yaml",
	"listen: 127.0.0.1:1\nstate: state.db\ngeo: [inference.zone]\nzones:\n"
	"  - {name: x.example, records: inference.zone}\n",
	"inference.zone"},
    {"a file that is gone", "meridian.yaml",
	"listen: 127.0.0.1:1\nstate: state.db\nzones:\n  - {name: x.example, "
	"records: nix.zone}\n",
	"nix.zone"},
};

/* The steering files take turns, so that the good reload that ends each row
 * changes something too. */
static void
reload_bad(struct node *node, size_t row)
{
	const char *before = row % 2 ? "192.0.2.101" : "192.0.2.1";
	const char *after = row % 2 ? "192.0.2.1" : "192.0.2.101";
	const char *path = harness_path(node->h, "meridiand.log");
	size_t logged = strlen(harness_read(node->h, path));
	const char *out;

	harness_write(node->h, bad[row].file, "%s", bad[row].text);
	harness_signal(node->h, node->server, SIGHUP);
	HARNESS_WAIT(60000,
	    node_metric(node, "meridian_reloads_total{result=\"failed\"}") ==
		(double)row + 1);
	out = harness_read(node->h, path) + logged;
	ck_assert_msg(
	    strstr(out, bad[row].message) != NULL, "%s: %s", bad[row].why, out);
	ck_assert(node_metric(node, "meridian_reload_success") == 0);
	ck_assert_str_eq(
	    node_ask(node, "one.inference.example.", "A", "4.0.0.0/24"),
	    before);
	ck_assert_str_eq(
	    node_ask(node, "www.inference.example.", "A", NULL), "192.0.2.80");
	/* check says the same. */
	ck_assert_int_eq(node_ctl(node, &out, "check"), 1);
	ck_assert_msg(strstr(out, bad[row].message) != NULL, "%s", out);
	/* All is well again with good files. */
	node_config(node, "");
	node_records(node, node_zone);
	node_steering(node, "%s", row % 2 ? steering_a : steering_b);
	ck_assert_int_eq(node_ctl(node, &out, "check"), 0);
	ck_assert_msg(strncmp(out, "ok: 1 zone,", 11) == 0, "%s", out);
	ck_assert_int_eq(node_ctl(node, &out, "reload"), 0);
	ck_assert_str_eq(
	    node_ask(node, "one.inference.example.", "A", "4.0.0.0/24"), after);
}

START_TEST(test_bad_file)
{
	struct harness *h = harness_create();
	struct node node;

	start(&node, h, "");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		reload_bad(&node, i);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* reload tells what is wrong and fails. */
START_TEST(test_reload_command)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start(&node, h, "");
	ck_assert_int_eq(node_ctl(&node, &out, "reload"), 0);
	ck_assert_msg(strstr(out, "reloaded in ") != NULL, "%s", out);
	node_records(&node, "nonsense\n");
	ck_assert_int_eq(node_ctl(&node, &out, "reload"), 1);
	ck_assert_msg(strstr(out, "inference.zone:1") != NULL, "%s", out);
	ck_assert_msg(strstr(out, "reload failed") != NULL, "%s", out);
	/* With a mistake in the node's file nobody can be asked. */
	node_config(&node, "nonsense: 1\n");
	ck_assert_int_eq(node_ctl(&node, &out, "reload"), 1);
	ck_assert_msg(strstr(out, "it serves what it had") != NULL, "%s", out);
	node_config(&node, "");
	harness_stop(h, node.server);
	ck_assert_int_eq(node_ctl(&node, &out, "reload"), 1);
	ck_assert_msg(strstr(out, "does not answer") != NULL, "%s", out);
	harness_destroy(h);
}
END_TEST

/* How often the log has said so. */
static int
restart_warnings(struct node *node)
{
	const char *at =
	    harness_read(node->h, harness_path(node->h, "meridiand.log"));
	int n = 0;

	while ((at = strstr(at, "take effect at the next start")) != NULL) {
		at++;
		n++;
	}
	return n;
}

/* What takes effect at the next start only is said at each reload whose files
 * differ from what was started, and at no other. */
START_TEST(test_restart)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;
	static const struct {
		const char *extra;
		int warnings; /* so far */
	} steps[] = {{"workers: 2\n", 0}, {"workers: 3\n", 1},
	    {"workers: 3\n", 2}, {"workers: 2\n", 2}};
	int before = 0;

	start(&node, h, steps[0].extra);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		node_config(&node, steps[i].extra);
		ck_assert_int_eq(node_ctl(&node, &out, "reload"), 0);
		/* Whoever asked for the reload reads it, too. */
		ck_assert((strstr(out, "take effect at the next start") !=
			      NULL) == (steps[i].warnings > before));
		before = steps[i].warnings;
		ck_assert_int_eq(restart_warnings(&node), before);
	}
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* The daemons became their user when they started: a reload says that the next
 * start will not find it. */
START_TEST(a_user_that_is_missing_is_said_at_a_reload)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start(&node, h, "");
	node_config(&node, "user: \"4000000000\"\n");
	ck_assert_int_eq(node_ctl(&node, &out, "reload"), 0);
	ck_assert_msg(strstr(out,
			  "warning: user: there is no user 4000000000: no "
			  "daemon would start\n") != NULL,
	    "%s", out);
	node_config(&node, "");
	ck_assert_int_eq(node_ctl(&node, &out, "reload"), 0);
	ck_assert_ptr_null(strstr(out, "user"));
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

#define MANY_RECORDS 1000000

/* A reload that takes long does not keep the server from ending. */
START_TEST(test_end)
{
	static char text[MANY_RECORDS * 24 + 4096];
	struct harness *h = harness_create();
	size_t len = (size_t)snprintf(text, sizeof(text), "%s", node_zone);
	struct node node;
	int64_t began;

	start(&node, h, "");
	for (int i = 0; i < MANY_RECORDS; i++)
		len += (size_t)snprintf(
		    text + len, sizeof(text) - len, "n%d A 192.0.2.1\n", i);
	node_records(&node, text);
	harness_signal(h, node.server, SIGHUP);
	HARNESS_WAIT(5000,
	    strstr(node_page(&node, "/api/v1/status"), "\"under_way\": true") !=
		NULL);
	began = harness_ms();
	harness_signal(h, node.server, SIGTERM);
	ck_assert_int_eq(harness_wait(h, node.server, 10000), 0);
	/* It takes some 70 ms; a sanitizer on a busy machine takes longer. */
	ck_assert_msg(harness_ms() - began < 2500, "%lld ms",
	    (long long)(harness_ms() - began));
	ck_assert(strstr(harness_read(h, harness_path(h, "meridiand.log")),
		      "given up") != NULL);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"hundred", test_hundred, 550},
	    {"burst", test_burst, 120},
	    {"bad file", test_bad_file, 600},
	    {"restart", test_restart, 120},
	    {"reload command", test_reload_command, 120},
	    {"user", a_user_that_is_missing_is_said_at_a_reload, 0},
	    {"end", test_end, 0},
	};

	return harness_main("reload", cases, sizeof(cases) / sizeof(cases[0]));
}
