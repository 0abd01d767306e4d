/*
 * A resolver in front: unbound, which sends client subnets and caches by the
 * scopes that come back, never serves a client what another group's was.  500
 * clients ask it in shuffled orders, each from an address of its own; what each
 * must get is worked out here, from the table of networks.
 */
#include <stdio.h>
#include <string.h>

#include "tests/system/resolver.h"

#define PASSES 4

/* The steering file: region ${moved} has other addresses when it is not -1. */
static void
write_steering(struct resolver *w, const char *ttl, int moved)
{
	struct text t;

	text_init(&t, RESOLVER_STEERING);
	resolver_places(&t);
	resolver_pools(&t, "", moved);
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
	resolver_write(w, &t);
}

static struct resolver *
start(int family, const char *ttl)
{
	struct resolver *w = resolver_create(family, "");

	harness_write(
	    w->h, "inference.zone", "%salias CNAME fenced\n", node_zone);
	write_steering(w, ttl, -1);
	node_serve(&w->node);
	return w;
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
expect_region(struct resolver *w, enum group_rule rule,
    const struct group_client *c, unsigned limit, const char *name)
{
	struct address a = group_client_told(c, limit);
	char address[ADDRESS_TEXT];

	snprintf(address, sizeof(address), "192.0.2.%d",
	    100 + groups_region(&w->groups, rule, &a));
	expect_address(resolver_ask(w, c, name, "A"), c, name, address);
}

/* What is asked for a client: number ${kind}, five of them. */
#define KINDS 5
static void
ask_kind(
    struct resolver *w, int kind, const struct group_client *c, unsigned limit)
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
		    resolver_ask(w, c, "www", "A"), c, "www", "192.0.2.80");
		break;
	case 3: /* an IPv4-only service: no such data, for nobody */
		reply = resolver_ask(w, c, "fenced", "AAAA");
		ck_assert_uint_eq(reply->rcode, 0);
		ck_assert_uint_eq(reply->n_answer, 0);
		break;
	default:
		reply = resolver_ask(w, c, "nobody", "A");
		ck_assert_uint_eq(reply->rcode, 3);
		break;
	}
}

/* meridiand itself: the widest scope that is true, for each client. */
static void
check_scopes(struct resolver *w)
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
	struct resolver *w = start(family, "1h");
	static int order[KINDS * GROUPS_CLIENTS];
	int before, fetched, needed;

	check_scopes(w);
	resolver_unbound(w, limit, limit, extra);
	before = resolver_arrived(w);
	for (int pass = 0; pass < PASSES; pass++) {
		groups_shuffle(&w->groups, order, KINDS * GROUPS_CLIENTS);
		for (int i = 0; i < KINDS * GROUPS_CLIENTS; i++)
			ask_kind(w, order[i] % KINDS,
			    &w->groups.clients[order[i] / KINDS], limit);
	}
	fetched = resolver_arrived(w) - before;
	needed = groups_leaves(&w->groups, GROUP_FENCED, limit, 0) +
	    groups_leaves(&w->groups, GROUP_RANKED, limit, 0) + 3;
	printf("measured: IPv%d, /%u: %d questions, %d fetched, %d leaves, "
	       "%.1f %% from the cache\n",
	    family, limit, w->asked, fetched, needed,
	    100.0 * (w->asked - fetched) / w->asked);
	ck_assert_int_ge(fetched, needed);
	/* A question is sent twice when the machine is slow to answer. */
	ck_assert_int_le(fetched, needed + needed / 20 + 5);
	resolver_finish(w);
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
	struct resolver *w = start(4, "1h");
	static int order[GROUPS_CLIENTS];
	int before;

	resolver_unbound(w, 32, 56, "");
	before = resolver_arrived(w);
	for (int pass = 0; pass < PASSES; pass++) {
		groups_shuffle(&w->groups, order, GROUPS_CLIENTS);
		for (int i = 0; i < GROUPS_CLIENTS; i++)
			expect_region(w, GROUP_FENCED,
			    &w->groups.clients[order[i]], 32,
			    groups_draw(&w->groups, 2) == 0 ? "alias"
							    : "fenced");
	}
	printf("CNAME: %d questions, %d fetched\n", w->asked,
	    resolver_arrived(w) - before);
	ck_assert_int_lt(resolver_arrived(w) - before, w->asked / 2);
	resolver_finish(w);
}
END_TEST

/* A canary of 5 %: each network has one of the two, of its own region, as
 * meridiand says when it is asked for the one client alone. */
START_TEST(test_canary)
{
	struct resolver *w = start(4, "1h");
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
	resolver_unbound(w, 32, 56, "");
	before = resolver_arrived(w);
	for (int pass = 0; pass < PASSES; pass++) {
		groups_shuffle(&w->groups, order, GROUPS_CLIENTS);
		for (int i = 0; i < GROUPS_CLIENTS; i++)
			expect_address(
			    resolver_ask(
				w, &w->groups.clients[order[i]], "canary", "A"),
			    &w->groups.clients[order[i]], "canary",
			    want[order[i]]);
	}
	fetched = resolver_arrived(w) - before;
	leaves = groups_leaves(&w->groups, GROUP_RANKED, 32, 0);
	printf("measured: canary: %d of %d networks, %d questions, %d fetched, "
	       "%d scopes, %d without a split\n",
	    canaries, n, w->asked, fetched, needed, leaves);
	ck_assert_int_gt(canaries, 0);
	ck_assert_int_lt(canaries * 10, n);
	ck_assert_int_ge(fetched, needed);
	ck_assert_int_le(fetched, needed + needed / 20 + 5);
	resolver_finish(w);
}
END_TEST

/* How many clients get their region's answer of before, and of after, region
 * ${moved} moved; any other fails the test. */
static void
count_moved(struct resolver *w, int moved, int *old, int *new)
{
	static int order[GROUPS_CLIENTS];

	*old = *new = 0;
	groups_shuffle(&w->groups, order, GROUPS_CLIENTS);
	for (int i = 0; i < GROUPS_CLIENTS; i++) {
		const struct group_client *c = &w->groups.clients[order[i]];
		const struct reply *reply = resolver_ask(w, c, "fenced", "A");
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
	struct resolver *w = start(4, "3s");
	int64_t changed;
	int old, new, all;

	resolver_unbound(w, 32, 56, "");
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
	resolver_finish(w);
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
	};

	return harness_main(
	    "resolver", cases, sizeof(cases) / sizeof(cases[0]));
}
