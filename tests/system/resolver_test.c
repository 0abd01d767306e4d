/*
 * A resolver in front: unbound, which sends client subnets and caches by the
 * scopes that come back, never serves a client what another group's was.  500
 * clients ask it in shuffled orders, each from an address of its own; what each
 * must get is worked out here, from the table of networks.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "tests/full.h"
#include "tests/system/groups.h"
#include "tests/system/node.h"

#define PASSES 4
#define STEERING_MAX 16384 /* octets, as node_steering() takes */

struct world {
	struct harness *h;
	struct node node;
	uint16_t resolver; /* its port */
	pid_t unbound;
	struct groups groups;
	int asked; /* questions to unbound */
};

/* The networks, each at the place of its region, and one of whom no other has:
 * without one their addresses, which are private, would say nothing.  Then the
 * regions. */
static void
add_places(struct text *t)
{
	text_add(t, "networks:\n  rest: {prefixes: 127.0.0.0/8, at: [0, 0]}\n");
	for (int i = 0; i < GROUPS_NETWORKS; i++)
		text_add(t, "  n%d: {prefixes: [\"%s\"], at: [%d, %d]}\n", i,
		    group_networks[i].prefix, group_networks[i].region * 10,
		    group_networks[i].region * 20);
	text_add(t, "regions:\n");
	for (int i = 0; i < GROUPS_REGIONS; i++)
		text_add(t, "  r%d: {at: [%d, %d]}\n", i, i * 10, i * 20);
}

/* Two pools with an endpoint in each region; ${more} are other keys of each. */
static void
add_pools(struct text *t, const char *more, int moved)
{
	text_add(t, "pools:\n");
	for (int pool = 1; pool <= 2; pool++) {
		text_add(t, "  v%d:\n%s    endpoints:\n", pool, more);
		for (int i = 0; i < GROUPS_REGIONS; i++)
			text_add(t,
			    "      - {name: e%d, region: r%d, "
			    "address: 192.0.%d.%d}\n",
			    i, i, i == moved ? 3 : 2, pool * 100 + i);
	}
}

static void
write_text(struct world *w, struct text *t)
{
	ck_assert(!t->failed);
	node_steering(&w->node, "%s", t->data);
	text_finish(t);
}

/* The steering file: region ${moved} has other addresses when it is not -1. */
static void
write_steering(struct world *w, const char *ttl, int moved)
{
	struct text t;

	text_init(&t, STEERING_MAX);
	add_places(&t);
	add_pools(&t, "", moved);
	text_add(&t,
	    "services:\n"
	    "  ranked: {pool: v1, ttl: %s}\n"
	    "  canary: {split: {v1: 95, v2: 5}, ttl: %s}\n"
	    "  fenced:\n"
	    "    pool: v1\n"
	    "    ttl: %s\n"
	    "    rank: {listed: [r0, r1, r2, r3, r4, r5, r6, r7]}\n"
	    "    fence:\n",
	    ttl, ttl, ttl);
	for (int i = 0; i < GROUPS_NETWORKS; i++) {
		text_add(&t,
		    groups_run(i) == i ? "      - {clients: {networks: [n%d"
				       : ", n%d",
		    i);
		if (i + 1 == GROUPS_NETWORKS ||
		    group_networks[i + 1].region != group_networks[i].region)
			text_add(&t, "]}, regions: [r%d]}\n",
			    group_networks[i].region);
	}
	write_text(w, &t);
}

static bool
resolves(struct world *w)
{
	struct ask question = {.port = w->resolver,
	    .name = "inference.example.",
	    .type = "SOA",
	    .recursion = true,
	    .timeout_ms = 500};
	static struct reply reply;

	return ask(&question, &reply) && reply.rcode == 0;
}

static void
start_unbound(struct world *w, unsigned ipv4, unsigned ipv6, const char *extra)
{
	w->resolver = harness_port(w->h);
	harness_write(w->h, "unbound.conf",
	    "server:\n"
	    "  interface: 127.0.0.1\n  port: %u\n"
	    "  access-control: 127.0.0.0/8 allow\n"
	    "  do-not-query-localhost: no\n"
	    "  username: \"\"\n  chroot: \"\"\n  directory: \"\"\n"
	    "  pidfile: \"\"\n  use-syslog: no\n  logfile: \"\"\n"
	    "  num-threads: 1\n  do-daemonize: no\n"
	    "  module-config: \"subnetcache iterator\"\n"
	    "  send-client-subnet: 127.0.0.1\n"
	    "  max-client-subnet-ipv4: %u\n  max-client-subnet-ipv6: %u\n"
	    "  max-ecs-tree-size-ipv4: 100000\n"
	    "  max-ecs-tree-size-ipv6: 100000\n"
	    "%s"
	    "remote-control:\n  control-enable: no\n"
	    "stub-zone:\n  name: inference.example\n"
	    "  stub-addr: 127.0.0.1@%u\n",
	    w->resolver, ipv4, ipv6, extra, w->node.port);
	w->unbound = harness_start(w->h, "unbound.log", "/usr/sbin/unbound",
	    "-d", "-c", harness_path(w->h, "unbound.conf"), NULL);
	HARNESS_WAIT(20000, !harness_running(w->h, w->unbound) || resolves(w));
	ck_assert_msg(harness_running(w->h, w->unbound), "%s",
	    harness_read(w->h, harness_path(w->h, "unbound.log")));
}

static struct world *
start(int family, const char *ttl)
{
	struct world *w = calloc(1, sizeof(*w));

	ck_assert_ptr_nonnull(w);
	w->h = harness_create();
	groups_init(&w->groups, family);
	node_init(&w->node, w->h);
	node_config(&w->node, "");
	harness_write(
	    w->h, "inference.zone", "%salias CNAME fenced\n", node_zone);
	write_steering(w, ttl, -1);
	node_serve(&w->node);
	return w;
}

static void
finish(struct world *w)
{
	harness_stop(w->h, w->unbound);
	harness_stop(w->h, w->node.server);
	harness_destroy(w->h);
	free(w);
}

static int
arrived(struct world *w)
{
	return (int)node_metric(
	    &w->node, "meridian_queries_total{transport=\"udp\"}");
}

/* Ask unbound as ${c}: from its address; an IPv6 client is behind a forwarder
 * that says who asks. */
static const struct reply *
ask_as(struct world *w, const struct group_client *c, const char *name,
    const char *type)
{
	static struct reply reply;
	char subnet[ADDRESS_TEXT], owner[64];
	bool v4 = c->self.address.family == 4;
	struct ask question = {.port = w->resolver,
	    .name = owner,
	    .type = type,
	    .recursion = true,
	    .source = v4 ? c->text : NULL,
	    .subnet = v4 ? NULL : subnet,
	    .timeout_ms = 10000};

	prefix_format(&c->self, subnet);
	snprintf(owner, sizeof(owner), "%s.inference.example.", name);
	ck_assert_msg(ask(&question, &reply), "no answer for %s", c->text);
	w->asked++;
	return &reply;
}

static void
expect_address(const struct reply *reply, const struct group_client *c,
    const char *name, const char *address)
{
	ck_assert_msg(reply->rcode == 0 && reply->n_answer > 0 &&
		strcmp(reply->answer[reply->n_answer - 1].data, address) == 0,
	    "%s of %s: rcode %u, %s, not %s", name, c->text, reply->rcode,
	    reply->n_answer > 0 ? reply->answer[reply->n_answer - 1].data : "-",
	    address);
}

static void
expect_region(struct world *w, enum group_rule rule,
    const struct group_client *c, unsigned limit, const char *name)
{
	struct address a = group_client_told(c, limit);
	char address[ADDRESS_TEXT];

	snprintf(address, sizeof(address), "192.0.2.%d",
	    100 + groups_region(&w->groups, rule, &a));
	expect_address(ask_as(w, c, name, "A"), c, name, address);
}

/* What is asked for a client: number ${kind}, five of them. */
#define KINDS 5
static void
ask_kind(
    struct world *w, int kind, const struct group_client *c, unsigned limit)
{
	const struct reply *reply;

	switch (kind) {
	case 0:
		expect_region(w, GROUP_FENCED, c, limit, "fenced");
		break;
	case 1:
		expect_region(w, GROUP_RANKED, c, limit, "ranked");
		break;
	case 2:
		expect_address(
		    ask_as(w, c, "www", "A"), c, "www", "192.0.2.80");
		break;
	case 3: /* an IPv4-only service: no such data, for nobody */
		reply = ask_as(w, c, "fenced", "AAAA");
		ck_assert_uint_eq(reply->rcode, 0);
		ck_assert_uint_eq(reply->n_answer, 0);
		break;
	default:
		reply = ask_as(w, c, "nobody", "A");
		ck_assert_uint_eq(reply->rcode, 3);
		break;
	}
}

/* meridiand itself: the widest scope that is true, for each client. */
static void
check_scopes(struct world *w)
{
	static const char *const names[] = {
	    "fenced.inference.example.", "ranked.inference.example."};
	static struct reply reply;

	for (int i = 0; i < 2 * GROUPS_CLIENTS; i++) {
		const struct group_client *c = &w->groups.clients[i / 2];
		char subnet[ADDRESS_TEXT];

		prefix_format(&c->self, subnet);
		ck_assert(
		    node_reply(&w->node, names[i % 2], "A", subnet, &reply));
		ck_assert_msg(reply.scope ==
			groups_leaf(&w->groups,
			    i % 2 == 0 ? GROUP_FENCED : GROUP_RANKED,
			    &c->self.address)
			    .length,
		    "%s of %s: scope %u", names[i % 2], c->text, reply.scope);
	}
}

/*
 * Everything for every client, PASSES times in one shuffled order each: right,
 * and fetched from meridiand as often as there are leaves, not more: the scopes
 * are as wide as they can be.
 */
static void
check_groups(int family, unsigned limit, const char *extra)
{
	struct world *w = start(family, "1h");
	static int order[KINDS * GROUPS_CLIENTS];
	int before, fetched, needed;

	check_scopes(w);
	start_unbound(w, limit, limit, extra);
	before = arrived(w);
	for (int pass = 0; pass < PASSES; pass++) {
		groups_shuffle(&w->groups, order, KINDS * GROUPS_CLIENTS);
		for (int i = 0; i < KINDS * GROUPS_CLIENTS; i++)
			ask_kind(w, order[i] % KINDS,
			    &w->groups.clients[order[i] / KINDS], limit);
	}
	fetched = arrived(w) - before;
	needed = groups_leaves(&w->groups, GROUP_FENCED, limit, 0) +
	    groups_leaves(&w->groups, GROUP_RANKED, limit, 0) + 3;
	printf("measured: IPv%d, /%u: %d questions, %d fetched, %d leaves, "
	       "%.1f %% from the cache\n",
	    family, limit, w->asked, fetched, needed,
	    100.0 * (w->asked - fetched) / w->asked);
	ck_assert_int_ge(fetched, needed);
	/* A question is sent twice when the machine is slow to answer. */
	ck_assert_int_le(fetched, needed + needed / 20 + 5);
	finish(w);
}

START_TEST(test_all_bits)
{
	check_groups(4, 32, "");
}
END_TEST

/* Of a /24 with several groups inside, the first address speaks for all. */
START_TEST(test_24_bits)
{
	check_groups(4, 24, "  use-caps-for-id: yes\n");
}
END_TEST

START_TEST(test_ipv6_all_bits)
{
	check_groups(6, 128, "");
}
END_TEST

START_TEST(test_ipv6_56_bits)
{
	check_groups(6, 56, "  qname-minimisation: no\n");
}
END_TEST

/* A CNAME of our own stops at the service: what leads there is the same for
 * everyone, what it leads to is not. */
START_TEST(test_alias)
{
	struct world *w = start(4, "1h");
	static int order[GROUPS_CLIENTS];
	int before;

	start_unbound(w, 32, 56, "");
	before = arrived(w);
	for (int pass = 0; pass < PASSES; pass++) {
		groups_shuffle(&w->groups, order, GROUPS_CLIENTS);
		for (int i = 0; i < GROUPS_CLIENTS; i++)
			expect_region(w, GROUP_FENCED,
			    &w->groups.clients[order[i]], 32,
			    groups_draw(&w->groups, 2) == 0 ? "alias"
							    : "fenced");
	}
	printf(
	    "CNAME: %d questions, %d fetched\n", w->asked, arrived(w) - before);
	ck_assert_int_lt(arrived(w) - before, w->asked / 2);
	finish(w);
}
END_TEST

/* A canary of 5 %: each network has one of the two, of its own region, as
 * meridiand says when it is asked for the one client alone. */
START_TEST(test_canary)
{
	struct world *w = start(4, "1h");
	static char want[GROUPS_CLIENTS][64];
	static int order[GROUPS_CLIENTS];
	static struct prefix networks[GROUPS_CLIENTS], answers[GROUPS_CLIENTS];
	static struct reply reply;
	int before, fetched, leaves, needed = 0, n = 0, canaries = 0;

	for (int i = 0; i < GROUPS_CLIENTS; i++) {
		const struct group_client *c = &w->groups.clients[i];
		struct prefix network = {c->self.address, 24}, answer;
		int region = groups_region(
			&w->groups, GROUP_RANKED, &c->self.address),
		    was = n;
		char subnet[ADDRESS_TEXT], v1[64], v2[64];

		prefix_format(&c->self, subnet);
		ck_assert(node_reply(&w->node, "canary.inference.example.", "A",
		    subnet, &reply));
		ck_assert_uint_eq(reply.n_answer, 1);
		snprintf(want[i], sizeof(want[i]), "%.*s",
		    (int)sizeof(want[i]) - 1, reply.answer[0].data);
		snprintf(v1, sizeof(v1), "192.0.2.%d", 100 + region);
		snprintf(v2, sizeof(v2), "192.0.2.%d", 200 + region);
		ck_assert(strcmp(want[i], v1) == 0 || strcmp(want[i], v2) == 0);
		address_mask(&network.address, network.length);
		n = groups_distinct(networks, n, &network);
		if (n > was && strcmp(want[i], v2) == 0)
			canaries++;
		answer = c->self;
		answer.length = reply.scope;
		address_mask(&answer.address, answer.length);
		needed = groups_distinct(answers, needed, &answer);
	}
	start_unbound(w, 32, 56, "");
	before = arrived(w);
	for (int pass = 0; pass < PASSES; pass++) {
		groups_shuffle(&w->groups, order, GROUPS_CLIENTS);
		for (int i = 0; i < GROUPS_CLIENTS; i++)
			expect_address(ask_as(w, &w->groups.clients[order[i]],
					   "canary", "A"),
			    &w->groups.clients[order[i]], "canary",
			    want[order[i]]);
	}
	fetched = arrived(w) - before;
	leaves = groups_leaves(&w->groups, GROUP_RANKED, 32, 0);
	printf("measured: canary: %d of %d networks, %d questions, %d fetched, "
	       "%d scopes, %d without a split\n",
	    canaries, n, w->asked, fetched, needed, leaves);
	ck_assert_int_gt(canaries, 0);
	ck_assert_int_lt(canaries * 10, n);
	ck_assert_int_ge(fetched, needed);
	ck_assert_int_le(fetched, needed + needed / 20 + 5);
	finish(w);
}
END_TEST

/* How many clients get their region's answer of before, and of after, region
 * ${moved} moved; any other fails the test. */
static void
count_moved(struct world *w, int moved, int *old, int *new)
{
	static int order[GROUPS_CLIENTS];

	*old = *new = 0;
	groups_shuffle(&w->groups, order, GROUPS_CLIENTS);
	for (int i = 0; i < GROUPS_CLIENTS; i++) {
		const struct group_client *c = &w->groups.clients[order[i]];
		const struct reply *reply = ask_as(w, c, "fenced", "A");
		int region =
		    groups_region(&w->groups, GROUP_FENCED, &c->self.address);
		char before[64], after[64];

		snprintf(before, sizeof(before), "192.0.2.%d", 100 + region);
		snprintf(after, sizeof(after), "192.0.%d.%d",
		    region == moved ? 3 : 2, 100 + region);
		ck_assert_uint_eq(reply->n_answer, 1);
		if (region == moved &&
		    strcmp(reply->answer[0].data, before) == 0)
			++*old;
		else if (strcmp(reply->answer[0].data, after) == 0)
			*new += region == moved;
		else
			ck_abort_msg("%s of region %d got %s", c->text, region,
			    reply->answer[0].data);
	}
}

/* A region moves while unbound serves: until the TTL is over its clients have
 * the old address or the new one, from then on the new one. */
START_TEST(test_change)
{
	enum { MOVED = 6 };
	struct world *w = start(4, "3s");
	int64_t changed;
	int old, new, all;

	start_unbound(w, 32, 56, "");
	count_moved(w, MOVED, &all, &new);
	ck_assert_int_gt(all, 50);
	ck_assert_int_eq(new, 0);
	write_steering(w, "3s", MOVED);
	ck_assert_int_eq(node_ctl(&w->node, NULL, "reload"), 0);
	changed = harness_ms();
	count_moved(w, MOVED, &old, &new);
	ck_assert_int_eq(old + new, all);
	printf(
	    "change: %d clients, %d with the old answer at once\n", all, old);
	/* The resolver counts whole seconds. */
	HARNESS_WAIT(8000, harness_ms() > changed + 4100);
	count_moved(w, MOVED, &old, &new);
	ck_assert_int_eq(old, 0);
	ck_assert_int_eq(new, all);
	finish(w);
}
END_TEST

/*
 * Health that changes while unbound serves.  Each endpoint is a bit: of region
 * r in pool v1 bit r, in v2 bit 8 + r; a set of them is what an answer names,
 * or what is down.
 */
#define STEERED 2
#define ALL_DOWN 0xffff
#define HEALTH_TTL_MS 2000

static const char *const steered[STEERED] = {"canary", "halves"};

/* What meridiand itself says of each client. */
struct told {
	uint16_t endpoints[STEERED][GROUPS_CLIENTS];
	uint8_t scope[STEERED][GROUPS_CLIENTS];
};

/* Pools that are checked; each network may be sent to its own region and the
 * next, and is answered with both where they are up. */
static void
write_checked(struct world *w)
{
	struct text t;

	text_init(&t, STEERING_MAX);
	add_places(&t);
	text_add(&t,
	    "checks:\n"
	    "  c: {port: 9, every: 1h, timeout: 1s, fall: 1, rise: 1}\n");
	add_pools(&t, "    check: c\n", -1);
	text_add(&t,
	    "services:\n"
	    "  canary: {split: {v1: 95, v2: 5}, ttl: {max: 2s, min: 1s}}\n"
	    "  halves:\n"
	    "    split: {v1: 1, v2: 1}\n"
	    "    answers: {count: 2, from: regions}\n"
	    "    ttl: {max: 2s, min: 1s}\n"
	    "    fence:\n");
	for (int i = 0; i < GROUPS_NETWORKS; i++)
		text_add(&t,
		    "      - {clients: {networks: [n%d]}, regions: [r%d, "
		    "r%d]}\n",
		    i, group_networks[i].region,
		    (group_networks[i].region + 1) % GROUPS_REGIONS);
	write_text(w, &t);
}

/* The rows of one vantage, of which all is up.  The probe makes the database,
 * and is not there to check. */
static void
write_health(struct world *w)
{
	node_check(&w->node);
	HARNESS_WAIT(20000,
	    strcmp(node_sql(&w->node, "SELECT count(*) FROM vantage"), "1\n") ==
		0);
	harness_stop(w->h, w->node.probe);
	ck_assert_str_eq(
	    node_sql(&w->node,
		"BEGIN IMMEDIATE;"
		"DELETE FROM endpoint;"
		"CREATE TEMP TABLE t AS SELECT CAST((julianday('now') - "
		"2440587.5) * 86400000 AS INTEGER) AS now;"
		"INSERT INTO vantage (name, version, heartbeat_ms, sequence,"
		" lease_until_ms) SELECT 'eye', '1', now, 1000, now FROM t;"
		"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n"
		" WHERE i < 15) INSERT INTO endpoint (vantage, zone, pool,"
		" endpoint, health, since_ms, checked_ms, sequence)"
		" SELECT 'eye', 'inference.example', 'v' || (i / 8 + 1),"
		" 'e' || (i % 8), 'up', now, now, 1001 + i FROM n, t;"
		"COMMIT;"),
	    "");
}

/* Whether meridiand knows that these are down and the others up. */
static bool
is_known(struct world *w, unsigned down)
{
	const char *page = node_page(&w->node, "/metrics");

	for (int i = 0; i < 2 * GROUPS_REGIONS; i++) {
		char line[160];

		snprintf(line, sizeof(line),
		    "meridian_endpoint_up{zone=\"inference.example\",pool="
		    "\"v%d\",endpoint=\"e%d\",region=\"r%d\"} %d\n",
		    i / 8 + 1, i % 8, i % 8, !(down >> i & 1));
		if (strstr(page, line) == NULL)
			return false;
	}
	return true;
}

/* All of ${down} are down from now on, and the others up. */
static void
change_health(struct world *w, unsigned down)
{
	char sql[512];

	snprintf(sql, sizeof(sql),
	    "UPDATE endpoint SET sequence = (SELECT max(sequence) FROM "
	    "endpoint) + 1 + (pool = 'v2') * 8 + substr(endpoint, 2),"
	    " health = CASE WHEN %u >> ((pool = 'v2') * 8 +"
	    " substr(endpoint, 2)) & 1 THEN 'down' ELSE 'up' END",
	    down);
	ck_assert_str_eq(node_sql(&w->node, sql), "");
	HARNESS_WAIT(20000, is_known(w, down));
}

/* The endpoints of an answer, whose records are in any order. */
static uint16_t
endpoints_of(const struct reply *reply)
{
	unsigned set = 0;

	for (size_t i = 0; i < reply->n_answer; i++) {
		unsigned long octet = strtoul(
		    reply->answer[i].data + strlen("192.0.2."), NULL, 10);

		ck_assert_uint_ge(octet, 100);
		ck_assert_uint_lt(octet % 100, GROUPS_REGIONS);
		set |= 1U << ((octet / 100 - 1) * 8 + octet % 100);
	}
	return (uint16_t)set;
}

/*
 * Ask meridiand for each client.  Nothing that is down is named while anything
 * is up; and clients in one scope have one answer and one scope, so that no two
 * scopes overlap.
 */
static void
ask_meridiand(struct world *w, unsigned down, struct told *out)
{
	static struct reply reply;

	for (int i = 0; i < STEERED * GROUPS_CLIENTS; i++) {
		const struct group_client *c = &w->groups.clients[i / STEERED];
		int s = i % STEERED, n = i / STEERED;
		char subnet[ADDRESS_TEXT], owner[64];

		prefix_format(&c->self, subnet);
		snprintf(
		    owner, sizeof(owner), "%s.inference.example.", steered[s]);
		ck_assert(node_reply(&w->node, owner, "A", subnet, &reply));
		out->endpoints[s][n] = endpoints_of(&reply);
		out->scope[s][n] = reply.scope;
		ck_assert_uint_ne(out->endpoints[s][n], 0);
		ck_assert_msg(
		    down == ALL_DOWN || (out->endpoints[s][n] & down) == 0,
		    "%s of %s: %x, of which %x are down", owner, c->text,
		    out->endpoints[s][n], down);
	}
	for (int s = 0; s < STEERED; s++)
		for (int i = 0; i < GROUPS_CLIENTS * GROUPS_CLIENTS; i++) {
			int a = i / GROUPS_CLIENTS, b = i % GROUPS_CLIENTS;
			struct prefix p = {w->groups.clients[a].self.address,
			    out->scope[s][a]};

			address_mask(&p.address, p.length);
			ck_assert_msg(!prefix_contains(&p,
					  &w->groups.clients[b].self.address) ||
				(out->endpoints[s][a] == out->endpoints[s][b] &&
				    out->scope[s][a] == out->scope[s][b]),
			    "%s: %s and %s, down are %x", steered[s],
			    w->groups.clients[a].text,
			    w->groups.clients[b].text, down);
		}
}

/* Ask unbound for all clients: each is given what meridiand tells of it, now
 * or, if it is not NULL, ${before}. */
static void
ask_unbound(struct world *w, const struct told *now, const struct told *before)
{
	static int order[STEERED * GROUPS_CLIENTS];

	groups_shuffle(&w->groups, order, STEERED * GROUPS_CLIENTS);
	for (int i = 0; i < STEERED * GROUPS_CLIENTS; i++) {
		int s = order[i] % STEERED, n = order[i] / STEERED;
		const struct group_client *c = &w->groups.clients[n];
		uint16_t got = endpoints_of(ask_as(w, c, steered[s], "A"));

		ck_assert_msg(got == now->endpoints[s][n] ||
			(before != NULL && got == before->endpoints[s][n]),
		    "%s of %s: %x, not %x", steered[s], c->text, got,
		    now->endpoints[s][n]);
	}
}

/*
 * Endpoints of two split services fail and come back: until the TTL is over
 * each client has the answer of its own of before or of now, and from then on
 * that of now; never that of another client.
 */
START_TEST(test_health_changes)
{
	static const unsigned firsts[] = {
	    0, 1U << 6, 0xff00, 0x0202, ALL_DOWN, 0x00ff};
	unsigned changes = (unsigned)full_size(6, 100);
	static struct told told[2];
	struct world *w = calloc(1, sizeof(*w));
	int before, fetched;

	ck_assert_ptr_nonnull(w);
	w->h = harness_create();
	groups_init(&w->groups, 4);
	node_init(&w->node, w->h);
	node_config(&w->node, "stale: {after: 1h, then: keep}\n");
	harness_write(w->h, "inference.zone", "%s", node_zone);
	write_checked(w);
	write_health(w);
	node_serve(&w->node);
	start_unbound(w, 32, 56, "");
	before = w->asked;
	fetched = 0;
	for (unsigned i = 0; i < changes; i++) {
		struct told *now = &told[i % 2];
		unsigned down = i < 6 ? firsts[i]
				      : groups_draw(&w->groups, 0x10000) &
			groups_draw(&w->groups, 0x10000);
		int arrivals;
		int64_t changed;

		change_health(w, down);
		changed = harness_ms();
		ask_meridiand(w, down, now);
		arrivals = arrived(w);
		ask_unbound(w, now, i > 0 ? &told[1 - i % 2] : NULL);
		/* The resolver counts whole seconds. */
		HARNESS_WAIT(
		    20000, harness_ms() > changed + HEALTH_TTL_MS + 1100);
		ask_unbound(w, now, NULL);
		ask_unbound(w, now, NULL);
		fetched += arrived(w) - arrivals;
	}
	printf("measured: health changes, %u times: %d questions, %d fetched, "
	       "%.1f %% from the cache\n",
	    changes, w->asked - before, fetched,
	    100.0 * (w->asked - before - fetched) / (w->asked - before));
	/* Most, although all lives for two seconds only. */
	ck_assert_int_lt(fetched * 2, w->asked - before);
	finish(w);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"500 clients, /32", test_all_bits, 240},
	    {"500 clients, /24", test_24_bits, 240},
	    {"500 clients, IPv6", test_ipv6_all_bits, 240},
	    {"500 clients, /56", test_ipv6_56_bits, 240},
	    {"CNAME to a service", test_alias, 120},
	    {"canary", test_canary, 120},
	    {"a change", test_change, 120},
	    {"health changes", test_health_changes, 240},
	};

	return harness_main(
	    "resolver", cases, sizeof(cases) / sizeof(cases[0]));
}
