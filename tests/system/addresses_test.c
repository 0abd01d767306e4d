/*
 * The addresses of names, as the server has them: rows of the table `address`
 * that this test writes as two vantages would, without a name server or a
 * probe.  What a row changes is in the answers within 250 ms.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tests/system/node.h"

/* The time to an answer that a row has changed, twice as long as promised on a
 * machine that does other things too. */
#define SOON_MS 500

static void
prepare(struct node *node, struct harness *h)
{
	node_init(node, h);
	node_config(node, "stale: {after: 10m, then: keep}\n");
	node_records(node, node_zone);
	node_steering(node,
	    "regions:\n"
	    "  us-east: {at: [39.0, -77.5]}\n"
	    "  eu-west: {at: [53.3, -6.3]}\n"
	    "checks:\n"
	    "  llm: {preset: vllm, model: test-model, every: 60s, timeout: "
	    "2s}\n"
	    "pools:\n"
	    "  v1:\n"
	    "    check: llm\n"
	    "    families: mixed\n"
	    "    endpoints:\n"
	    "      - {name: us, region: us-east, resolve: lb.example.net}\n"
	    "      - {name: eu, region: eu-west, resolve: lb.example.org}\n"
	    "services:\n"
	    "  one: {pool: v1, ttl: {max: 60s, min: 5s}}\n");
}

/* A database as a probe leaves it: made by one that finds nothing. */
static void
make_database(struct node *node)
{
	node_check(node);
	HARNESS_WAIT(20000,
	    strcmp(node_sql(node, "SELECT count(*) FROM vantage"), "1\n") == 0);
	harness_stop(node->h, node->probe);
	node_sql(node,
	    "DELETE FROM vantage; DELETE FROM address; "
	    "DELETE FROM endpoint");
}

/* The next sequence, and a time that moves. */
static long long
next(void)
{
	static long long n;

	return clock_wall_ms() * 100 + ++n;
}

/* A heartbeat of ${vantage}. */
static void
beat(struct node *node, const char *vantage)
{
	char sql[512];
	long long n = next();

	snprintf(sql, sizeof(sql),
	    "INSERT INTO vantage (name, version, heartbeat_ms, sequence, "
	    "lease_until_ms) VALUES ('%s', 't', %lld, %lld, %lld) ON CONFLICT "
	    "(name) DO UPDATE SET heartbeat_ms = excluded.heartbeat_ms, "
	    "sequence = excluded.sequence",
	    vantage, (long long)clock_wall_ms(), n,
	    (long long)clock_wall_ms() + 600000);
	node_sql(node, sql);
}

/* ${vantage} has the ${address} of ${endpoint}, and finds it ${health}. */
static void
has(struct node *node, const char *vantage, const char *endpoint,
    const char *address, const char *health)
{
	char sql[768];
	long long now = clock_wall_ms();

	snprintf(sql, sizeof(sql),
	    "INSERT OR REPLACE INTO address (vantage, zone, pool, endpoint, "
	    "address, health, since_ms, checked_ms, passes, fails, "
	    "resolved_ms, sequence, reason) VALUES ('%s', "
	    "'inference.example', 'v1', '%s', '%s', '%s', %lld, %lld, 1, 0, "
	    "%lld, %lld, '%s')",
	    vantage, endpoint, address, health, now, now, now, next(),
	    strcmp(health, "down") == 0 ? "timeout" : "");
	node_sql(node, sql);
}

/* ${vantage} takes it away, as writers do. */
static void
lost(struct node *node, const char *vantage, const char *address)
{
	char sql[512];
	long long n = next();

	snprintf(sql, sizeof(sql),
	    "BEGIN; DELETE FROM address WHERE vantage = '%s' AND address = "
	    "'%s'; UPDATE vantage SET removed = %lld, sequence = %lld WHERE "
	    "name = '%s'; COMMIT",
	    vantage, address, n, n, vantage);
	node_sql(node, sql);
}

static int
by_text(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

/* All records of ${type} that a client in America gets, sorted. */
static const char *
answer(struct node *node, const char *type)
{
	static char text[2048];
	static struct reply reply;
	const char *data[64];
	size_t n = 0;

	text[0] = '\0';
	if (!node_reply(
		node, "one.inference.example.", type, "4.0.0.0/24", &reply))
		return "no answer";
	for (; n < reply.n_answer && n < 64; n++)
		data[n] = reply.answer[n].data;
	qsort(data, n, sizeof(data[0]), by_text);
	for (size_t i = 0; i < n; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    "%s%s", i > 0 ? " " : "", data[i]);
	return text;
}

/* Soon the answer is ${expected}. */
static void
soon(struct node *node, const char *type, const char *expected)
{
	int64_t began = harness_ms(), took;

	while (strcmp(answer(node, type), expected) != 0)
		ck_assert_msg(harness_ms() - began < 5000, "%s, not %s",
		    answer(node, type), expected);
	took = harness_ms() - began;
	printf("%s: after %lld ms\n", expected, (long long)took);
	ck_assert_int_lt(took, SOON_MS);
}

START_TEST(test_rows)
{
	struct harness *h = harness_create();
	struct node node;
	static struct reply reply;
	const char *out;

	prepare(&node, h);
	make_database(&node);
	node_serve(&node);
	/* Nobody knows an address: resolvers are to ask elsewhere. */
	ck_assert(node_reply(
	    &node, "one.inference.example.", "A", "4.0.0.0/24", &reply));
	ck_assert_int_eq(reply.rcode, 2);
	beat(&node, "x");
	beat(&node, "y");

	has(&node, "x", "us", "192.0.2.1", "up");
	soon(&node, "A", "192.0.2.1");
	has(&node, "x", "us", "192.0.2.2", "up");
	has(&node, "y", "us", "192.0.2.3", "up");
	soon(&node, "A", "192.0.2.1 192.0.2.2 192.0.2.3");
	has(&node, "y", "us", "2001:db8::1", "up");
	soon(&node, "AAAA", "2001:db8::1");
	/* Votes are by address. */
	has(&node, "x", "us", "192.0.2.2", "down");
	soon(&node, "A", "192.0.2.1 192.0.2.3");
	has(&node, "y", "us", "192.0.2.2", "up");
	soon(&node, "A", "192.0.2.1 192.0.2.2 192.0.2.3");
	has(&node, "y", "us", "192.0.2.2", "down");
	soon(&node, "A", "192.0.2.1 192.0.2.3");

	node_ctl(&node, &out, "status");
	ck_assert_msg(strstr(out, "192.0.2.2 DOWN") != NULL, "%s", out);
	ck_assert_msg(strstr(out, "x: down for") != NULL, "%s", out);
	ck_assert_msg(strstr(out, "y: down for") != NULL, "%s", out);
	ck_assert_msg(strstr(out, "2001:db8::1 up") != NULL, "%s", out);
	ck_assert_msg(
	    strstr(out, "no address of lb.example.org is known") != NULL, "%s",
	    out);
	ck_assert_int_eq(node_ctl(&node, &out, "explain",
			     "one.inference.example", "--client", "4.0.0.0/24"),
	    0);
	ck_assert_msg(
	    strstr(node_unwrap(out),
		"eu-west 0 of 1 up (of 1 no address is known)") != NULL,
	    "%s", out);
	ck_assert_int_eq(node_ctl(&node, &out, "explain", "--json",
			     "one.inference.example", "--client", "4.0.0.0/24"),
	    0);
	ck_assert_msg(strstr(out, "\"known\"") != NULL, "%s", out);
	out = node_page(&node, "/api/v1/status");
	ck_assert(strstr(out,
		      "{\"address\": \"192.0.2.2\", \"usable\": "
		      "\"down\"}") != NULL);

	/* What no vantage has any more is gone; the endpoint fails over with
	 * its last address that is up. */
	lost(&node, "y", "192.0.2.3");
	soon(&node, "A", "192.0.2.1");
	has(&node, "x", "eu", "198.51.100.1", "up");
	has(&node, "x", "us", "192.0.2.1", "down");
	has(&node, "y", "us", "2001:db8::1", "down");
	soon(&node, "A", "198.51.100.1");
	/* IPv6 is not there for this client then, for a short time. */
	ck_assert_str_eq(answer(&node, "AAAA"), "");
	/* All down: the last resort has all that are known. */
	has(&node, "x", "eu", "198.51.100.1", "down");
	soon(&node, "A", "192.0.2.1 192.0.2.2");
	harness_destroy(h);
}
END_TEST

START_TEST(test_many)
{
	struct harness *h = harness_create();
	struct node node;
	char address[32];
	static struct reply reply;

	prepare(&node, h);
	make_database(&node);
	node_serve(&node);
	beat(&node, "x");
	for (int i = 0; i < 40; i++) {
		snprintf(address, sizeof(address), "192.0.2.%d", i + 1);
		has(&node, "x", "us", address, "up");
	}
	HARNESS_WAIT(10000,
	    node_reply(
		&node, "one.inference.example.", "A", "4.0.0.0/24", &reply) &&
		reply.n_answer == 32);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"rows of addresses", test_rows, 120},
	    {"more addresses than are answered", test_many, 120},
	};

	return harness_main(
	    "addresses", cases, sizeof(cases) / sizeof(cases[0]));
}
