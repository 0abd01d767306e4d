/*
 * Steering over the wire: real geography, client subnets, scopes, splits, and
 * explain saying the same as the server.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "tests/system/node.h"

#define REGIONS                            \
	"regions:\n"                       \
	"  us-east: {at: [39.0, -77.5]}\n" \
	"  eu-west: {at: [53.3, -6.3]}\n"  \
	"  ap-south: {at: [19.1, 72.9]}\n"

/* One endpoint a region, no split; the same with a canary beside it. */
#define STEERING(split)                                                 \
	REGIONS                                                         \
	"pools:\n"                                                      \
	"  v1:\n"                                                       \
	"    endpoints:\n"                                              \
	"      - {name: us, region: us-east, address: [192.0.2.1, "     \
	"\"2001:db8::1\"]}\n"                                           \
	"      - {name: eu, region: eu-west, address: [192.0.2.2, "     \
	"\"2001:db8::2\"]}\n"                                           \
	"      - {name: ap, region: ap-south, address: [192.0.2.3, "    \
	"\"2001:db8::3\"]}\n"                                           \
	"  v2:\n"                                                       \
	"    endpoints:\n"                                              \
	"      - {name: us-2, region: us-east, address: [192.0.2.11, "  \
	"\"2001:db8::11\"]}\n"                                          \
	"      - {name: eu-2, region: eu-west, address: [192.0.2.12, "  \
	"\"2001:db8::12\"]}\n"                                          \
	"      - {name: ap-2, region: ap-south, address: [192.0.2.13, " \
	"\"2001:db8::13\"]}\n"                                          \
	"services:\n"                                                   \
	"  one: {pool: v1}\n"                                           \
	"  canary: {split: " split "}\n"

static void
start(struct node *node, struct harness *h, const char *steering)
{
	node_init(node, h);
	node_config(node, "");
	node_records(node, node_zone);
	node_steering(node, "%s", steering);
	node_serve(node);
}

/* Networks that have been in one country for decades, of five continents. */
static const struct {
	const char *country, *subnet, *address, *address6;
} clients[] = {
    {"US", "4.0.0.0/9", "192.0.2.1", "2001:db8::1"},
    {"CA", "24.48.0.0/16", "192.0.2.1", "2001:db8::1"},
    {"BR", "177.32.0.0/16", "192.0.2.1", "2001:db8::1"},
    {"DE", "84.128.0.0/12", "192.0.2.2", "2001:db8::2"},
    {"GB", "81.128.0.0/13", "192.0.2.2", "2001:db8::2"},
    {"FR", "90.0.0.0/12", "192.0.2.2", "2001:db8::2"},
    {"ES", "83.32.0.0/13", "192.0.2.2", "2001:db8::2"},
    {"JP", "126.0.0.0/10", "192.0.2.3", "2001:db8::3"},
    {"IN", "117.192.0.0/12", "192.0.2.3", "2001:db8::3"},
    {"AU", "1.128.0.0/11", "192.0.2.3", "2001:db8::3"},
    {"ZA", "105.224.0.0/13", NULL, NULL},
};
#define CLIENTS ((int)(sizeof(clients) / sizeof(clients[0])))

/* A /32 and the /n around it for the first address of a prefix. */
static const char *
host_of(const char *subnet, char *out, size_t size)
{
	snprintf(out, size, "%.*s", (int)strcspn(subnet, "/"), subnet);
	return out;
}

/*
 * The nearest region, the scope of the class and not of the query, and explain
 * of the same opinion.  The scope does not depend on the source prefix.
 */
START_TEST(test_nearest)
{
	struct harness *h = harness_create();
	struct node node;
	static struct reply reply;
	const char *out;

	start(&node, h, STEERING("{v1: 95, v2: 5}"));
	for (int i = 0; i < CLIENTS; i++) {
		char host[64], exact[80], expect[1280];

		host_of(clients[i].subnet, host, sizeof(host));
		snprintf(exact, sizeof(exact), "%s/32", host);
		ck_assert(node_reply(
		    &node, "one.inference.example.", "A", exact, &reply));
		ck_assert_uint_eq(reply.rcode, 0);
		ck_assert_uint_eq(reply.n_answer, 1);
		ck_assert_uint_eq(reply.answer[0].ttl_s, 60);
		ck_assert_uint_eq(reply.source_len, 32);
		ck_assert_msg(reply.scope > 0 && reply.scope < 25,
		    "%s: scope %u", clients[i].country, reply.scope);
		if (clients[i].address != NULL)
			ck_assert_msg(strcmp(reply.answer[0].data,
					  clients[i].address) == 0,
			    "%s got %s", clients[i].country,
			    reply.answer[0].data);
		ck_assert_int_eq(
		    node_ctl(&node, &out, "explain", "one.inference.example",
			"--client", exact),
		    0);
		snprintf(expect, sizeof(expect), "answer      %s ",
		    reply.answer[0].data);
		ck_assert_msg(strstr(out, expect) != NULL, "%s", out);
		snprintf(expect, sizeof(expect), "scope /%u", reply.scope);
		ck_assert_msg(strstr(out, expect) != NULL, "%s", out);
		snprintf(
		    expect, sizeof(expect), "country %s", clients[i].country);
		ck_assert_msg(strstr(out, expect) != NULL, "%s", out);
	}
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* The pool, the region and the scope of the answer for ${client} at a service
 * that is split. */
static void
ask_canary(struct node *node, const struct address *client, char *answer,
    size_t size, unsigned *scope)
{
	static struct reply reply;
	char subnet[ADDRESS_TEXT];

	ck_assert(node_reply(node, "canary.inference.example.", "A",
	    address_format(client, subnet), &reply));
	ck_assert_uint_eq(reply.n_answer, 1);
	snprintf(answer, size, "%.*s", (int)size - 1, reply.answer[0].data);
	*scope = reply.scope;
}

/* With a split the scope is that of the class, or longer: from the block down
 * to the /24 that is dealt; and the last address of it gets what the first one
 * gets. */
static void
check_canary(struct node *node, const char *host, unsigned class)
{
	struct address first, last;
	char one[64], other[64];
	unsigned scope, same;

	ck_assert_int_eq(address_parse(host, &first), 0);
	ask_canary(node, &first, one, sizeof(one), &scope);
	ck_assert_uint_ge(scope, class > 14 ? class : 14);
	ck_assert_uint_le(scope, class > 24 ? class : 24);
	address_mask(&first, scope);
	last = first;
	for (unsigned bit = scope; bit < 32; bit++)
		last.bytes[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	ask_canary(node, &first, other, sizeof(other), &same);
	ck_assert_str_eq(other, one);
	ck_assert_uint_eq(same, scope);
	ask_canary(node, &last, other, sizeof(other), &same);
	ck_assert_str_eq(other, one);
	ck_assert_uint_eq(same, scope);
}

/* The same choice for both families, and the same scope from any source. */
START_TEST(test_scope_is_the_class)
{
	struct harness *h = harness_create();
	struct node node;
	static struct reply reply;

	start(&node, h, STEERING("{v1: 95, v2: 5}"));
	for (int i = 0; i < CLIENTS; i++) {
		char host[64], prefix[80];
		unsigned scope = 0;

		host_of(clients[i].subnet, host, sizeof(host));
		for (unsigned len = 16; len <= 32; len += 8) {
			snprintf(prefix, sizeof(prefix), "%s/%u", host, len);
			ck_assert(node_reply(&node, "one.inference.example.",
			    len == 24 ? "AAAA" : "A", prefix, &reply));
			ck_assert_uint_eq(reply.source_len, len);
			if (scope == 0)
				scope = reply.scope;
			ck_assert_uint_eq(reply.scope, scope);
			if (clients[i].address != NULL)
				ck_assert_str_eq(reply.answer[0].data,
				    len == 24 ? clients[i].address6
					      : clients[i].address);
		}
		check_canary(&node, host, scope);
	}
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

#define NETWORKS 20000

/* Sticky prefix number ${i}: a /20 of 16.0.0.0/4 and on, all distinct. */
static void
network(int i, char *out, size_t size)
{
	unsigned n = 0x10000 + (unsigned)i * 40; /* spread over the space */

	snprintf(out, size, "%u.%u.%u.0/24", n >> 12 & 255, n >> 4 & 255,
	    (n & 15) << 4);
}

/* Which pool each network gets: 2 is the canary. */
static int
ask_networks(struct node *node, uint8_t *pool)
{
	static struct reply reply;
	int canary = 0;

	for (int i = 0; i < NETWORKS; i++) {
		char subnet[64];
		size_t len;

		network(i, subnet, sizeof(subnet));
		ck_assert(node_reply(
		    node, "canary.inference.example.", "A", subnet, &reply));
		ck_assert_uint_eq(reply.n_answer, 1);
		len = strlen(reply.answer[0].data);
		/* 192.0.2.N is of v1, 192.0.2.1N of v2 */
		pool[i] = len == strlen("192.0.2.11") ? 2 : 1;
		canary += pool[i] == 2;
	}
	return canary;
}

/* 95/5 is 5 % of networks; 10 % moves only networks from v1 to v2. */
START_TEST(test_split)
{
	struct harness *h = harness_create();
	struct node node;
	uint8_t *before = calloc(1, NETWORKS), *after = calloc(1, NETWORKS);
	int canary, moved = 0;

	start(&node, h, STEERING("{v1: 95, v2: 5}"));
	canary = ask_networks(&node, before);
	ck_assert_msg(
	    canary >= NETWORKS * 44 / 1000 && canary <= NETWORKS * 56 / 1000,
	    "%d of %d", canary, NETWORKS);
	node_steering(&node, "%s", STEERING("{v1: 90, v2: 10}"));
	ck_assert_int_eq(node_ctl(&node, NULL, "reload"), 0);
	canary = ask_networks(&node, after);
	ck_assert_msg(
	    canary >= NETWORKS * 94 / 1000 && canary <= NETWORKS * 106 / 1000,
	    "%d of %d", canary, NETWORKS);
	for (int i = 0; i < NETWORKS; i++) {
		ck_assert_msg(before[i] <= after[i], "network %d went back", i);
		moved += before[i] != after[i];
	}
	ck_assert_int_gt(moved, 0);
	free(before);
	free(after);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* Without the option the sender decides; 127.0.0.1 is nowhere. */
START_TEST(test_no_subnet)
{
	struct harness *h = harness_create();
	struct node node;
	static struct reply reply;

	start(&node, h, STEERING("{v1: 95, v2: 5}"));
	ck_assert(
	    node_reply(&node, "one.inference.example.", "A", NULL, &reply));
	ck_assert_uint_eq(reply.n_answer, 1);
	ck_assert(!reply.subnet);
	ck_assert(node_reply(
	    &node, "one.inference.example.", "A", "0.0.0.0/0", &reply));
	ck_assert(reply.subnet);
	ck_assert_uint_eq(reply.scope, 0);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* Fences, listed rank, families, last resorts, by the steering file alone. */
static const char ladder_steering[] = REGIONS
    "networks:\n"
    "  office: [10.0.0.0/8]\n"
    "pools:\n"
    "  both:\n"
    "    endpoints:\n"
    "      - {name: us, region: us-east, address: 192.0.2.1}\n"
    "      - {name: eu, region: eu-west, address: 192.0.2.2}\n"
    "      - {name: ap, region: ap-south, address: 192.0.2.3}\n"
    "services:\n"
    "  fenced:\n"
    "    pool: both\n"
    "    fence:\n"
    "      - {clients: {countries: [DE], networks: [office]}, regions: "
    "[ap-south], hard: true}\n"
    "  listed: {pool: both, rank: {listed: [ap-south, us-east, eu-west]}}\n"
    "  '*.tenant': {pool: both}\n";

START_TEST(test_ladder)
{
	static const struct {
		const char *why, *name, *type, *subnet, *data;
	} rows[] = {
	    {"a country in the fence", "fenced.inference.example.", "A",
		"84.128.0.0/24", "192.0.2.3"},
	    {"a network in the fence", "fenced.inference.example.", "A",
		"10.1.2.0/24", "192.0.2.3"},
	    {"outside of the fence", "fenced.inference.example.", "A",
		"90.0.0.0/24", "192.0.2.2"},
	    {"listed: the first, wherever the client is",
		"listed.inference.example.", "A", "84.128.0.0/24", "192.0.2.3"},
	    {"a wildcard service", "acme.tenant.inference.example.", "A",
		"84.128.0.0/24", "192.0.2.2"},
	    {"no AAAA: NODATA", "listed.inference.example.", "AAAA",
		"84.128.0.0/24", ""},
	    {"a static name", "www.inference.example.", "A", "84.128.0.0/24",
		"192.0.2.80"},
	};
	struct harness *h = harness_create();
	struct node node;
	static struct reply reply;

	start(&node, h, ladder_steering);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(strcmp(node_ask(&node, rows[i].name, rows[i].type,
					 rows[i].subnet),
				  rows[i].data) == 0,
		    "%s", rows[i].why);
	ck_assert(node_reply(&node, "listed.inference.example.", "AAAA",
	    "84.128.0.0/24", &reply));
	ck_assert_uint_eq(reply.rcode, 0);
	ck_assert_uint_eq(reply.n_authority, 1);
	ck_assert_str_eq(reply.authority[0].type, "SOA");
	ck_assert_uint_eq(reply.authority[0].ttl_s, 60);
	ck_assert_uint_eq(reply.scope, 0);
	/* One class for everybody: the same answer for all of the world. */
	ck_assert(node_reply(
	    &node, "listed.inference.example.", "A", "84.128.0.0/24", &reply));
	ck_assert_uint_eq(reply.scope, 0);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"nearest", test_nearest, 60},
	    {"scope is the class", test_scope_is_the_class, 60},
	    {"split", test_split, 120},
	    {"no subnet", test_no_subnet, 0},
	    {"ladder", test_ladder, 0},
	};

	return harness_main(
	    "steering", cases, sizeof(cases) / sizeof(cases[0]));
}
