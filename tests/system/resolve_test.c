/*
 * Endpoints whose addresses a name has: what the state database and the
 * answers of the node have of them while the answers for the name change,
 * fail, hold too much, or mean harm. With a DNS server of the test, in a
 * network of the test's own, since loopback addresses are refused.
 */
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "tests/names_server.h"
#include "tests/system/node.h"

/* What linux/ipv6.h has, which cannot be included with the C library's. */
struct ipv6_request {
	struct in6_addr address;
	uint32_t length;
	int interface;
};

#define NAME "lb.example.net"

static struct names_server names;
static uint16_t port; /* of all stand-ins */

/* All of 192.0.2.0/24 is this host's then, since that is how large a network of
 * its class is, and 2001:db8::1. */
static bool
own_network(void)
{
	struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	struct ifreq more = {.ifr_name = "lo:1"};
	struct sockaddr_in ipv4 = {.sin_family = AF_INET};
	struct ipv6_request ipv6 = {.length = 128};
	bool made = unshare(CLONE_NEWNET) == 0;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	inet_pton(AF_INET, "192.0.2.1", &ipv4.sin_addr);
	memcpy(&more.ifr_addr, &ipv4, sizeof(ipv4));
	made = made && ioctl(fd, SIOCSIFFLAGS, &lo) == 0 &&
	    ioctl(fd, SIOCSIFADDR, &more) == 0;
	close(fd);
	fd = socket(AF_INET6, SOCK_DGRAM, 0);
	inet_pton(AF_INET6, "2001:db8::1", &ipv6.address);
	ipv6.interface = (int)if_nametoindex("lo");
	made = made && ioctl(fd, SIOCSIFADDR, &ipv6) == 0;
	close(fd);
	return made;
}

static void
stand_in(struct node *node, const char *address)
{
	char at[64];

	snprintf(at, sizeof(at), strchr(address, ':') ? "[%s]:%u" : "%s:%u",
	    address, port);
	harness_start(node->h, "standins.log",
	    harness_built(node->h, "tests/demo/standin"), at, "--name", at,
	    NULL);
}

static void
write_steering(struct node *node, const char *check, const char *endpoint)
{
	node_steering(node,
	    "regions: {us-east: {at: [39.0, -77.5]}}\n"
	    "checks:\n"
	    "  web: {port: %u, path: /health, every: 200ms, timeout: 1500ms, "
	    "fall: 2, rise: 1}\n"
	    "pools:\n"
	    "  v1:\n"
	    "    %s\n"
	    "    endpoints: [{name: lb, region: us-east, %s}]\n"
	    "services: {one: {pool: v1}}\n",
	    port, check, endpoint);
}

/* A node with one endpoint ${endpoint}; false where that cannot be tested. */
static bool
begin(struct node *node, struct harness *h, const char *check,
    const char *endpoint)
{
	char extra[128];

	if (!own_network()) {
		printf("no network of its own: not tested\n");
		return false;
	}
	ck_assert_int_eq(names_begin(&names), 0);
	node_init(node, h);
	port = node->standin_port[0];
	snprintf(extra, sizeof(extra),
	    "resolvers: \"127.0.0.1:%u\"\nresolve_keep: 2s\n", names.port);
	node_config(node, extra);
	node_records(node, node_zone);
	write_steering(node, check, endpoint);
	return true;
}

static void
finish(struct harness *h)
{
	if (names.port != 0)
		names_end(&names);
	harness_destroy(h);
}

/* The addresses and their health. */
static const char *
rows(struct node *node)
{
	return node_sql(node,
	    "SELECT group_concat(address || ' ' || health, ', ') FROM "
	    "(SELECT * FROM address ORDER BY address)");
}

static bool
rows_are(struct node *node, const char *wanted)
{
	return strncmp(rows(node), wanted, strlen(wanted)) == 0 &&
	    rows(node)[strlen(wanted)] == '\n';
}

#define AWAIT_ROWS(node, ms, wanted)                                          \
	do {                                                                  \
		int64_t until_ = harness_ms() + (ms);                         \
		while (!rows_are(node, wanted)) {                             \
			ck_assert_msg(harness_ms() < until_, "%s, wanted %s", \
			    rows(node), (wanted));                            \
			harness_pause();                                      \
		}                                                             \
	} while (0)

/* The endpoint's own row: health and reason. */
static bool
whole_is(struct node *node, const char *wanted)
{
	return strstr(node_sql(node,
			  "SELECT health || ' (' || reason || ')' FROM "
			  "endpoint"),
		   wanted) != NULL;
}

#define AWAIT_WHOLE(node, ms, wanted)                                         \
	do {                                                                  \
		int64_t until_ = harness_ms() + (ms);                         \
		while (!whole_is(node, wanted)) {                             \
			ck_assert_msg(harness_ms() < until_, "%s, wanted %s", \
			    node_sql(node, "SELECT * FROM endpoint"),         \
			    (wanted));                                        \
			harness_pause();                                      \
		}                                                             \
	} while (0)

static int
compare(const void *a, const void *b)
{
	return strcmp(((const struct reply_record *)a)->data,
	    ((const struct reply_record *)b)->data);
}

/* What clients get of the service, in order, "" for nothing. */
static const char *
answered(struct node *node, const char *type)
{
	static struct reply reply;
	static char text[4096];

	text[0] = '\0';
	if (!node_reply(
		node, "one.inference.example.", type, "4.0.0.0/24", &reply))
		return "no answer";
	qsort(reply.answer, reply.n_answer, sizeof(reply.answer[0]), compare);
	for (size_t i = 0; i < reply.n_answer; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    "%s%s", i > 0 ? " " : "", reply.answer[i].data);
	return text;
}

#define AWAIT_ANSWER(node, ms, type, wanted)                                  \
	do {                                                                  \
		int64_t until_ = harness_ms() + (ms);                         \
		while (strcmp(answered(node, type), wanted) != 0) {           \
			ck_assert_msg(harness_ms() < until_, "%s, wanted %s", \
			    answered(node, type), (wanted));                  \
			harness_pause();                                      \
		}                                                             \
	} while (0)

/* A name is looked up after 5 s at the earliest, whatever its TTL is. */
#define LOOKUP_MS 15000

START_TEST(test_answers_change)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	if (!begin(&node, h, "check: web", "resolve: " NAME))
		goto out;
	names_set(
	    &names, NAME, "ttl=0 192.0.2.1 192.0.2.2 2001:db8::1 10.0.0.1");
	stand_in(&node, "192.0.2.1");
	stand_in(&node, "2001:db8::1");
	node_serve(&node);
	node_check(&node);
	/* Each has a verdict of its own, the endpoint is up while one is. */
	AWAIT_ROWS(
	    &node, LOOKUP_MS, "192.0.2.1 up, 192.0.2.2 down, 2001:db8::1 up");
	AWAIT_WHOLE(
	    &node, LOOKUP_MS, "up (name: 10.0.0.1 is private: not used)");
	/* Clients get those that are up, and no other. */
	AWAIT_ANSWER(&node, LOOKUP_MS, "A", "192.0.2.1");
	AWAIT_ANSWER(&node, LOOKUP_MS, "AAAA", "2001:db8::1");
	/* Others come at once, those that are gone stay for a while. */
	names_set(&names, NAME, "ttl=0 192.0.2.3");
	AWAIT_ROWS(&node, LOOKUP_MS,
	    "192.0.2.1 up, 192.0.2.2 down, 192.0.2.3 down, 2001:db8::1 up");
	AWAIT_ROWS(&node, LOOKUP_MS, "192.0.2.3 down");
	AWAIT_WHOLE(&node, LOOKUP_MS, "down (refused at 192.0.2.3)");
	AWAIT_ANSWER(&node, LOOKUP_MS, "AAAA", "");
	/* While the name cannot be looked up nothing goes. */
	names_set(&names, NAME, "rcode=2");
	AWAIT_WHOLE(
	    &node, LOOKUP_MS, "down (refused at 192.0.2.3; name: SERVFAIL)");
	stand_in(&node, "192.0.2.3");
	AWAIT_WHOLE(&node, LOOKUP_MS, "up (name: SERVFAIL)");
	AWAIT_ANSWER(&node, LOOKUP_MS, "A", "192.0.2.3");
	names_set(&names, NAME, "rcode=3");
	AWAIT_WHOLE(&node, 2 * LOOKUP_MS, "up (name: NXDOMAIN)");
	AWAIT_ROWS(&node, LOOKUP_MS, "192.0.2.3 up");
	AWAIT_ANSWER(&node, LOOKUP_MS, "A", "192.0.2.3");
	(void)node_ctl(&node, &out, "status");
	ck_assert_msg(strstr(out, "NXDOMAIN") != NULL, "%s", out);
	ck_assert_ptr_nonnull(
	    strstr(harness_read(h, harness_path(h, "probe.log")),
		"trouble with 1 of 1 names (" NAME));
	harness_stop(h, node.probe);
	harness_stop(h, node.server);
out:
	finish(h);
}
END_TEST

/* All of them are in the answer: addresses that nobody checks count as up. */
START_TEST(test_twenty_addresses)
{
	struct harness *h = harness_create();
	struct node node;
	struct reply reply;

	if (!begin(&node, h, "min_up: 50%", "resolve: " NAME))
		goto out;
	names_set(&names, NAME, "count=20");
	node_serve(&node);
	node_check(&node);
	HARNESS_WAIT(10000,
	    node_reply(
		&node, "one.inference.example.", "A", "4.0.0.0/24", &reply) &&
		reply.n_answer == 20);
	AWAIT_ANSWER(&node, LOOKUP_MS, "AAAA", "");
	harness_stop(h, node.probe);
	harness_stop(h, node.server);
out:
	finish(h);
}
END_TEST

static int
count_text(const char *text, const char *sought)
{
	int n = 0;

	while ((text = strstr(text, sought)) != NULL) {
		text++;
		n++;
	}
	return n;
}

START_TEST(test_restart_and_reload)
{
	struct harness *h = harness_create();
	struct node node;
	char since[64];

	if (!begin(&node, h, "check: web", "resolve: " NAME))
		goto out;
	names_set(&names, NAME, "192.0.2.1 192.0.2.2");
	stand_in(&node, "192.0.2.1");
	node_check(&node);
	AWAIT_ROWS(&node, LOOKUP_MS, "192.0.2.1 up, 192.0.2.2 down");
	snprintf(since, sizeof(since), "%s",
	    node_sql(&node, "SELECT sum(since_ms) FROM address"));
	/* A reload keeps verdicts, and what is new of the check counts. */
	write_steering(&node, "check: web", "weight: 2, resolve: " NAME);
	harness_signal(h, node.probe, SIGHUP);
	HARNESS_WAIT(5000,
	    strstr(harness_read(h, harness_path(h, "probe.log")),
		"reloaded: 1 endpoints; 0 new; 0 gone; 0 with") != NULL);
	ck_assert_str_eq(
	    node_sql(&node, "SELECT sum(since_ms) FROM address"), since);
	/* So does a restart, while nobody can look the name up. */
	harness_stop(h, node.probe);
	names_set(&names, NAME, "drop");
	node_check(&node);
	AWAIT_WHOLE(&node, LOOKUP_MS, "up (name: timeout)");
	AWAIT_ROWS(&node, LOOKUP_MS, "192.0.2.1 up, 192.0.2.2 down");
	ck_assert_str_eq(
	    node_sql(&node, "SELECT sum(since_ms) FROM address"), since);
	/* What was seen last long ago goes as soon as an answer lacks it. */
	harness_stop(h, node.probe);
	(void)node_sql(
	    &node, "UPDATE address SET resolved_ms = resolved_ms - 7200000");
	names_set(&names, NAME, "192.0.2.1");
	node_check(&node);
	AWAIT_ROWS(&node, LOOKUP_MS, "192.0.2.1 up");
	/* Another name is another endpoint: nothing of the first is left. */
	names_set(&names, "other.example.net", "192.0.2.9");
	write_steering(&node, "check: web", "resolve: other.example.net");
	harness_signal(h, node.probe, SIGHUP);
	AWAIT_ROWS(&node, LOOKUP_MS, "192.0.2.9 down");
	/* Nor is what a check found that the pool has no more, after a reload
	 * and after a restart. */
	write_steering(&node, "min_up: 50%", "resolve: other.example.net");
	harness_signal(h, node.probe, SIGHUP);
	AWAIT_ROWS(&node, LOOKUP_MS, "192.0.2.9 unknown");
	AWAIT_WHOLE(&node, LOOKUP_MS, "unknown ()");
	harness_stop(h, node.probe);
	node_check(&node);
	HARNESS_WAIT(5000,
	    count_text(harness_read(h, harness_path(h, "probe.log")),
		"looks up 1 name of") == 4);
	harness_pause();
	AWAIT_ROWS(&node, LOOKUP_MS, "192.0.2.9 unknown");
	harness_stop(h, node.probe);
out:
	finish(h);
}
END_TEST

static long
count_rows(struct node *node)
{
	return strtol(node_sql(node, "SELECT count(*) FROM address"), NULL, 10);
}

/* What an answer may hold, and what is made of it. */
static const struct {
	const char *says, *answer, *whole;
	long count;
} answers[] = {
    {"20 addresses", "count=20", "unknown ()", 20},
    {"more than are used", "count=40 2001:db8::1 2001:db8::2",
	"unknown (name: 42 addresses: 10 are not used)", 32},
    {"a thousand with a TTL of 0", "ttl=0 count=1000",
	"unknown (name: 1000 addresses: 968 are not used)", 32},
    {"private ones alone", "10.0.0.1 fc00::1",
	"unknown (name: 10.0.0.1 is private: not used)", 0},
    {"loopback", "127.0.0.1 192.0.2.1",
	"unknown (name: 127.0.0.1 is loopback: not used)", 1},
    {"a chain into the node's own zone",
	"cname=a.example cname=x.Inference.Example 192.0.2.1",
	"unknown (name: leads into our own zone inference.example)", 0},
    {"a chain elsewhere", "cname=a.example cname=b.example 192.0.2.1",
	"unknown ()", 1},
    {"a name that points to itself", "loop",
	"unknown (name: an answer that makes no sense)", 0},
    {"nothing", "", "unknown (name: no address)", 0},
};

/* Without a check in the pool the addresses are written all the same. */
START_TEST(test_what_answers_hold)
{
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct harness *h = harness_create();
		struct node node;

		if (!begin(&node, h, "min_up: 50%", "resolve: " NAME)) {
			finish(h);
			return;
		}
		names_set(&names, NAME, answers[i].answer);
		node_check(&node);
		AWAIT_WHOLE(&node, 10000, answers[i].whole);
		HARNESS_WAIT(10000, count_rows(&node) == answers[i].count);
		harness_stop(h, node.probe);
		finish(h);
	}
}
END_TEST

START_TEST(test_allowed_private)
{
	struct harness *h = harness_create();
	struct node node;

	if (!begin(&node, h, "min_up: 50%",
		"resolve: " NAME ", allow_private: true"))
		goto out;
	names_set(&names, NAME, "10.0.0.1 fc00::1 127.0.0.1");
	node_check(&node);
	AWAIT_ROWS(&node, LOOKUP_MS, "10.0.0.1 unknown, fc00::1 unknown");
	harness_stop(h, node.probe);
out:
	finish(h);
}
END_TEST

/* Clients look the target of a CNAME up themselves: it is checked, and has no
 * rows of addresses. */
START_TEST(test_cname)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	if (!begin(&node, h, "check: web", "cname: " NAME))
		goto out;
	names_set(&names, NAME, "ttl=0 192.0.2.1 192.0.2.2");
	node_check(&node);
	AWAIT_WHOLE(&node, 10000, "down (refused at 192.0.2.");
	stand_in(&node, "192.0.2.2");
	AWAIT_WHOLE(&node, LOOKUP_MS, "up ()");
	ck_assert_int_eq(count_rows(&node), 0);
	harness_stop(h, node.probe);
	/* By hand it is looked up where the daemon does. */
	names_set(&names, NAME, "ttl=0 192.0.2.2");
	ck_assert_int_eq(node_ctl(&node, &out, "probe", "lb"), 0);
	ck_assert_ptr_nonnull(strstr(out, "192.0.2.2:"));
	names_set(&names, NAME, "rcode=3");
	ck_assert_int_eq(node_ctl(&node, &out, "probe", "lb"), 3);
	ck_assert_ptr_nonnull(strstr(out, NAME ".: NXDOMAIN"));
out:
	finish(h);
}
END_TEST

static void
write_set(struct node *node, const char *set, unsigned second)
{
	node_steering(node,
	    "regions: {us-east: {at: [39.0, -77.5]}}\n"
	    "checks:\n"
	    "  a: {port: %u, path: /health, every: 200ms, fall: 2, rise: 1}\n"
	    "  b: {port: %u, path: /health, every: 200ms, fall: 2, rise: 1}\n"
	    "pools:\n"
	    "  v1:\n"
	    "    check: %s\n"
	    "    endpoints: [{name: lb, region: us-east, resolve: " NAME "}]\n"
	    "services: {one: {pool: v1}}\n",
	    port, second, set);
}

/* Each address has all checks of a set, each at its own port; a reload that
 * changes the set keeps the addresses. */
START_TEST(test_several_checks)
{
	struct harness *h = harness_create();
	unsigned other;
	struct node node;

	if (!begin(&node, h, "check: web", "resolve: " NAME))
		goto out;
	other = node.standin_port[1];
	names_set(&names, NAME, "192.0.2.1 192.0.2.2");
	stand_in(&node, "192.0.2.1");
	write_set(&node, "{any: [a, b]}", other);
	node_check(&node);
	AWAIT_ROWS(&node, 10000, "192.0.2.1 up, 192.0.2.2 down");
	HARNESS_WAIT(10000,
	    strcmp(node_sql(&node, "SELECT health, degraded FROM endpoint"),
		"up|b: refused at 192.0.2.1\n") == 0);
	harness_kill(h, node.probe);
	node_check(&node);
	HARNESS_WAIT(10000,
	    count_text(harness_read(h, harness_path(h, "probe.log")),
		"at 192.0.2.1 is degraded") == 2);
	write_set(&node, "[a, b]", other);
	harness_signal(h, node.probe, SIGHUP);
	AWAIT_ROWS(&node, 10000, "192.0.2.1 down, 192.0.2.2 down");
	/* Told is one of the two. */
	AWAIT_WHOLE(&node, LOOKUP_MS, "b: refused at 192.0.2.");
	write_set(&node, "[a, b]", port);
	harness_signal(h, node.probe, SIGHUP);
	AWAIT_ROWS(&node, 10000, "192.0.2.1 up, 192.0.2.2 down");
	AWAIT_WHOLE(&node, LOOKUP_MS, "up ()");
	ck_assert_str_eq(
	    node_sql(&node, "SELECT before, after FROM event ORDER BY rowid"),
	    "unknown|up\nup|degraded\ndegraded|down\ndown|up\n");
	harness_stop(h, node.probe);
out:
	finish(h);
}
END_TEST

/* All three programs refuse a name that the node itself answers. */
START_TEST(test_own_name)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	if (!begin(&node, h, "check: web", "resolve: lb.inference.example"))
		goto out;
	ck_assert_int_eq(node_ctl(&node, &out, "check"), 1);
	ck_assert_ptr_nonnull(
	    strstr(out, "lies in the zone inference.example"));
	node_check(&node);
	ck_assert_int_eq(harness_wait(h, node.probe, 5000), 1);
	ck_assert_ptr_nonnull(
	    strstr(harness_read(h, harness_path(h, "probe.log")),
		"lies in the zone inference.example"));
out:
	finish(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"answers that change and fail", test_answers_change, 120},
	    {"twenty addresses", test_twenty_addresses, 60},
	    {"a reload and a restart", test_restart_and_reload, 90},
	    {"what answers hold", test_what_answers_hold, 120},
	    {"private addresses that are allowed", test_allowed_private, 60},
	    {"the target of a CNAME", test_cname, 60},
	    {"several checks of each address", test_several_checks, 60},
	    {"a name of the node's own", test_own_name, 60},
	};

	return harness_main("resolve", cases, sizeof(cases) / sizeof(cases[0]));
}
