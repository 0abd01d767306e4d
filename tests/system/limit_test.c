/*
 * Response rate limiting of the running server: one network is limited and
 * another is not, TCP never is, a client that is sent there gets its answer,
 * workers share the count, and reloads turn it on and off.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/system/node.h"

/* A query for A of www.inference.example. */
static const uint8_t query[] = {0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, 'w', 'w',
    'w', 9, 'i', 'n', 'f', 'e', 'r', 'e', 'n', 'c', 'e', 7, 'e', 'x', 'a', 'm',
    'p', 'l', 'e', 0, 0, 1, 0, 1};

#define MOST 200 /* queries at once */

struct tally {
	int full, slipped;
};

static void
start(struct node *node, struct harness *h, const char *extra)
{
	node_init(node, h);
	node_config(node, extra);
	node_records(node, node_zone);
	node_steering(node,
	    "regions:\n  us-east: {at: [39.0, -77.5]}\n"
	    "pools:\n  v1:\n    endpoints:\n"
	    "      - {name: us, region: us-east, address: 192.0.2.1}\n"
	    "services:\n  one: {pool: v1}\n");
	node_serve(node);
}

static int
open_as(const struct node *node, unsigned net, unsigned host)
{
	struct sockaddr_in from = {.sin_family = AF_INET}, to = from;
	int fd = socket(AF_INET, SOCK_DGRAM, 0), room = 200 << 10;

	/* For all answers at once. */
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	from.sin_addr.s_addr = htonl(0x7f000000u + (net << 8) + host);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	to.sin_port = htons(node->port);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&from, sizeof(from)), 0);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

static void
tell(struct tally *t, int fd)
{
	uint8_t reply[512];

	while (recv(fd, reply, sizeof(reply), MSG_DONTWAIT) > 0) {
		if (reply[2] & 2)
			t->slipped++;
		else
			t->full++;
	}
}

/* Answers that were limited, by their kind and what became of them. */
static double
limited_of(struct node *node, const char *kind, const char *action)
{
	char name[96];

	snprintf(name, sizeof(name),
	    "meridian_rate_limited_total{kind=\"%s\",action=\"%s\"}", kind,
	    action);
	return node_metric(node, name);
}

static double
limited(struct node *node, const char *action)
{
	return limited_of(node, "answer", action);
}

static double
answers(struct node *node)
{
	return node_metric(node, "meridian_answers_total{transport=\"udp\"}");
}

/*
 * Ask ${n} times at once from 127.0.${net}.x, and count what comes until the
 * server has answered or dropped all and each answer is here: from one port
 * like a forwarder, or each time from another address and port, like resolvers.
 */
static struct tally
flood(struct node *node, unsigned net, int n, bool one_port)
{
	int fd[MOST], ports = one_port ? 1 : n;
	double answered = answers(node), dropped = limited(node, "drop");
	double sent, lost;
	int64_t end = harness_ms() + 20000;
	struct tally t = {0, 0};

	ck_assert_int_le(n, MOST);
	for (int i = 0; i < ports; i++)
		fd[i] = open_as(node, net, 1 + (unsigned)i);
	for (int i = 0; i < n; i++)
		ck_assert_int_eq(send(fd[i % ports], query, sizeof(query), 0),
		    (int)sizeof(query));
	do {
		ck_assert_msg(harness_ms() < end,
		    "of %d queries %d were answered in full, %d slipped", n,
		    t.full, t.slipped);
		harness_pause();
		sent = answers(node) - answered;
		lost = limited(node, "drop") - dropped;
		for (int i = 0; i < ports; i++)
			tell(&t, fd[i]);
	} while (sent + lost != n || sent != t.full + t.slipped);
	for (int i = 0; i < ports; i++)
		close(fd[i]);
	return t;
}

#define RATE_LIMIT "rate_limit: {responses: 10, slip: 2, window: 1s}\n"

/* What is over the rate is dropped and slipped by turns; another network is
 * not. */
static void
limit_a_network(const char *extra, bool one_port)
{
	struct harness *h = harness_create();
	double answered, slipped, dropped;
	struct node node;
	struct tally t;
	int64_t began;
	int most;

	start(&node, h, extra);
	/* The queries that waited for the server are counted too. */
	answered = answers(&node);
	slipped = limited(&node, "slip");
	dropped = limited(&node, "drop");
	began = harness_ms();
	t = flood(&node, 1, MOST, one_port);
	most = 10 + (int)(harness_ms() - began) / 100 + 1;
	ck_assert_msg(t.full >= 10 && t.full <= most, "%d full", t.full);
	ck_assert_int_ge(t.slipped, (MOST - t.full) / 2 - 1);
	ck_assert_int_le(t.slipped, (MOST - t.full) / 2 + 1);
	ck_assert(answers(&node) - answered == t.full + t.slipped);
	ck_assert(limited(&node, "slip") - slipped == t.slipped);
	ck_assert(
	    limited(&node, "drop") - dropped == MOST - t.full - t.slipped);
	t = flood(&node, 2, 10, one_port);
	ck_assert_int_eq(t.full, 10);
	harness_stop(h, node.server);
	harness_destroy(h);
}

START_TEST(test_networks)
{
	limit_a_network("workers: 1\n" RATE_LIMIT, false);
}
END_TEST

/* The count is one for all workers: many ports get no more than one, and one
 * port no less than many. */
START_TEST(test_workers)
{
	limit_a_network("workers: 4\n" RATE_LIMIT, false);
	limit_a_network("workers: 4\n" RATE_LIMIT, true);
}
END_TEST

/* One network that asks for 33 names gets no more in a second than is allowed
 * of all kinds; another gets its own. */
START_TEST(one_client_over_33_names_is_limited)
{
	enum { NAMES = 33, EACH = 10 };
	struct harness *h = harness_create();
	struct node node;
	struct tally t = {0, 0};
	char records[2048];
	size_t len;
	int fd, most;
	int64_t began;

	len = (size_t)snprintf(records, sizeof(records), "%s", node_zone);
	for (int i = 0; i < NAMES; i++)
		len += (size_t)snprintf(records + len, sizeof(records) - len,
		    "n%02d A 192.0.2.%d\n", i, i);
	start(&node, h, "");
	node_records(&node, records);
	node_config(&node, "rate_limit: {responses: 10, slip: 2}\n");
	ck_assert_int_eq(node_ctl(&node, NULL, "reload"), 0);
	fd = open_as(&node, 1, 1);
	began = harness_ms();
	for (int i = 0; i < NAMES * EACH; i++) {
		uint8_t named[sizeof(query)];

		/* "www" of the usual query becomes "n00" and on. */
		memcpy(named, query, sizeof(named));
		named[13] = 'n';
		named[14] = (uint8_t)('0' + i % NAMES / 10);
		named[15] = (uint8_t)('0' + i % NAMES % 10);
		ck_assert_int_eq(
		    send(fd, named, sizeof(named), 0), (int)sizeof(named));
	}
	HARNESS_WAIT(10000,
	    limited_of(&node, "all", "drop") +
		    limited_of(&node, "all", "slip") + 40 >=
		NAMES * EACH - 40 * (double)(harness_ms() - began) / 1000);
	most = 40 + (int)(harness_ms() - began) * 40 / 1000 + 1;
	tell(&t, fd);
	ck_assert_msg(t.full >= 40 && t.full <= most, "%d full", t.full);
	ck_assert_int_gt(t.slipped, 0);
	/* No name of them was over its own limit. */
	ck_assert(limited(&node, "drop") == 0 && limited(&node, "slip") == 0);
	close(fd);
	t = flood(&node, 2, 10, true);
	ck_assert_int_eq(t.full, 10);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* A real client whose answers slip is answered over TCP, where nothing is
 * limited. */
START_TEST(test_retry)
{
	struct harness *h = harness_create();
	struct node node;
	static struct reply reply;
	struct ask question;
	bool retried = false;
	const char *out;
	char port[16];

	start(&node, h, "rate_limit: {responses: 1, slip: 1}\n");
	snprintf(port, sizeof(port), "%u", node.port);
	/* Now and then there is an answer paid for. */
	for (int i = 0; i < 10 && !retried; i++) {
		flood(&node, 0, 5, false);
		ck_assert_int_eq(
		    harness_run(h, &out, "/usr/bin/dig", "+tries=1", "-p", port,
			"@127.0.0.1", "www.inference.example", NULL),
		    0);
		ck_assert_msg(strstr(out, "192.0.2.80") != NULL, "%s", out);
		retried = strstr(out, "retrying in TCP mode") != NULL;
	}
	ck_assert(retried);
	question = (struct ask){
	    .port = node.port, .name = "www.inference.example.", .tcp = true};
	for (int i = 0; i < 20; i++)
		ck_assert_str_eq(ask_data(&question, &reply), "192.0.2.80");
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* What dig is told with ${cookie}, not trying TCP. */
static const char *
dig_with(struct node *node, const char *cookie)
{
	char port[16], option[128];
	const char *out;

	snprintf(port, sizeof(port), "%u", node->port);
	snprintf(option, sizeof(option), "+cookie=%s", cookie);
	harness_run(node->h, &out, "/usr/bin/dig", "+tries=1", "+ignore", "-p",
	    port, "@127.0.0.1", "www.inference.example", option, NULL);
	return out;
}

/* Who has a valid cookie is not limited; who makes one up is. */
START_TEST(test_cookie)
{
	struct harness *h = harness_create();
	char cookie[64] = "", other[64];
	bool truncated = false;
	struct node node;
	const char *out;

	start(&node, h, "rate_limit: {responses: 1, window: 60s, slip: 1}\n");
	out = strstr(dig_with(&node, "0102030405060708"), "; COOKIE: ");
	ck_assert_ptr_nonnull(out);
	ck_assert_int_eq(sscanf(out, "; COOKIE: %48[0-9a-f]", cookie), 1);
	flood(&node, 0, 100, false);
	for (int i = 0; i < 5; i++) {
		out = dig_with(&node, cookie);
		ck_assert_msg(strstr(out, "192.0.2.80") != NULL, "%s", out);
	}
	memcpy(other, cookie, sizeof(other));
	other[47] = other[47] == '0' ? '1' : '0';
	/* Now and then there is an answer paid for. */
	for (int i = 0; i < 20 && !truncated; i++) {
		flood(&node, 0, 100, false);
		out = dig_with(&node, other);
		truncated = strstr(out, "flags: qr aa tc") != NULL;
	}
	ck_assert_msg(
	    truncated && strstr(out, "192.0.2.80") == NULL, "%s", out);
	/* It has its cookie back all the same, and is let pass with it. */
	ck_assert_msg(strstr(out, "(good)") != NULL, "%s", out);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* The answers that one a second has come to since ${began}. */
static int
earned(int64_t began)
{
	return (int)(harness_ms() - began) / 1000 + 1;
}

/* A reload turns it on and off, and keeps the counts while the limit is the
 * same; a network of the list is never limited. */
START_TEST(test_reload)
{
	static const char limit[] =
	    "rate_limit: {responses: 1, window: 60s, slip: 0}\n";
	struct harness *h = harness_create();
	struct node node;
	struct tally t;
	int64_t began;
	int paid;

	start(&node, h, "");
	t = flood(&node, 1, 100, false);
	ck_assert_int_eq(t.full, 100);
	node_config(&node, limit);
	began = harness_ms();
	ck_assert_int_eq(node_ctl(&node, NULL, "reload"), 0);
	t = flood(&node, 1, 100, false);
	ck_assert_int_ge(t.full, 60);
	ck_assert_int_le(t.full, 60 + earned(began));
	ck_assert_int_eq(t.slipped, 0);
	node_config(&node,
	    "rate_limit: {responses: 1, window: 60s, slip: 0}\n"
	    "udp_size: 1400\n");
	ck_assert_int_eq(node_ctl(&node, NULL, "reload"), 0);
	paid = t.full;
	t = flood(&node, 1, 100, false);
	ck_assert_int_le(paid + t.full, 60 + earned(began));
	node_config(&node,
	    "rate_limit: {responses: 1, slip: 0, exempt: [127.0.1.0/24]}\n");
	ck_assert_int_eq(node_ctl(&node, NULL, "reload"), 0);
	t = flood(&node, 1, 100, false);
	ck_assert_int_eq(t.full, 100);
	began = harness_ms();
	t = flood(&node, 2, 100, false);
	ck_assert_int_le(t.full, 1 + earned(began));
	node_config(&node, "");
	ck_assert_int_eq(node_ctl(&node, NULL, "reload"), 0);
	t = flood(&node, 2, 100, false);
	ck_assert_int_eq(t.full, 100);
	ck_assert(strstr(node_page(&node, "/api/v1/status"), "\"on\": false") !=
	    NULL);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"networks", test_networks, 0},
	    {"workers", test_workers, 0},
	    {"one client over 33 names is limited",
		one_client_over_33_names_is_limited, 0},
	    {"retry over TCP", test_retry, 0},
	    {"cookie", test_cookie, 0},
	    {"reload", test_reload, 0},
	};

	return harness_main("limit", cases, sizeof(cases) / sizeof(cases[0]));
}
