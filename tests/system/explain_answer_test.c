/*
 * meridianctl explain gives the answer that is served: random clients ask by
 * DNS with a client subnet, and the list of them is explained; endpoints, scope
 * and TTL are the same for services of every kind, while some endpoints are
 * down.
 */
#include <inttypes.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/address.h"
#include "base/hash.h"
#include "tests/system/node.h"

/* Clients of each service; a query and a line take half a millisecond. */
#define CLIENTS 300
/* Who sends the queries: `here` says in which country that is. */
#define SENDER "127.0.0.1"

/* Stand-ins 0 and 1 are well, 2 is down. */
static const char steering[] =
    "networks:\n"
    "  here: {prefixes: [127.0.0.0/8], country: JP}\n"
    "  office: {prefixes: [10.1.0.0/16, 73.4.0.0/14], country: DE}\n"
    "  lab: [84.0.0.0/10, \"2a00::/16\"]\n"
    "regions:\n"
    "  us: {at: [39.0, -77.5]}\n"
    "  eu: {at: [53.3, -6.3], bias: 10}\n"
    "  ap: {at: [35.6, 139.7]}\n"
    "  sa: {at: [-23.5, -46.6]}\n"
    "checks:\n"
    "  c: {preset: http, path: /health, every: 1s, timeout: 1500ms, fall: 1, "
    "rise: 1}\n"
    "pools:\n"
    "  v1:\n"
    "    check: c\n"
    "    endpoints:\n"
    "      - {name: u1, region: us, address: 192.0.2.1, check_at: "
    "\"127.0.0.1:%u\", weight: 3}\n"
    "      - {name: u2, region: us, address: 192.0.2.2, check_at: "
    "\"127.0.0.1:%u\"}\n"
    "      - {name: u3, region: us, address: 192.0.2.3, check_at: "
    "\"127.0.0.1:%u\"}\n"
    "      - {name: e1, region: eu, address: 192.0.2.4, check_at: "
    "\"127.0.0.1:%u\"}\n"
    "      - {name: a1, region: ap, address: 192.0.2.5, check_at: "
    "\"127.0.0.1:%u\"}\n"
    "      - {name: a2, region: ap, address: 192.0.2.6, check_at: "
    "\"127.0.0.1:%u\"}\n"
    "  v2:\n"
    "    check: c\n"
    "    endpoints:\n"
    "      - {name: u4, region: us, address: 192.0.2.7, check_at: "
    "\"127.0.0.1:%u\"}\n"
    "      - {name: s1, region: sa, address: 192.0.2.8, check_at: "
    "\"127.0.0.1:%u\"}\n"
    "  v3:\n"
    "    check: c\n"
    "    endpoints:\n"
    "      - {name: e2, region: eu, address: 192.0.2.9, check_at: "
    "\"127.0.0.1:%u\"}\n"
    "  broken:\n"
    "    check: c\n"
    "    endpoints:\n"
    "      - {name: b1, region: ap, address: 192.0.2.10, check_at: "
    "\"127.0.0.1:%u\"}\n"
    "services:\n"
    "  plain: {pool: v1}\n"
    "  listed: {pool: v1, rank: {listed: [eu, us, ap]}, answers: 2}\n"
    "  next: {pool: v1, answers: {count: 3, from: regions}}\n"
    "  split: {split: {v1: 80, v2: 15, v3: 5}}\n"
    "  thin: {split: {v1: 9990, v2: 10}, split_block: {ipv4: 12, ipv6: 40}}\n"
    "  lost: {split: {v1: 50, broken: 50}, last_resort: [pools, unfenced, "
    "all]}\n"
    "  down: {pool: broken, last_resort: [all], ttl: {max: 40s, min: 7s}}\n"
    "  none: {pool: broken, last_resort: [servfail]}\n"
    "  fenced:\n"
    "    split: {v1: 60, v2: 40}\n"
    "    sticky: {ipv4: 24, ipv6: 48}\n"
    "    fence:\n"
    "      - {clients: {networks: [lab]}, regions: [eu, sa], hard: true}\n"
    "      - {clients: {continents: [NA, SA]}, regions: [us, sa]}\n"
    "      - {clients: {unions: [EU], countries: [GB]}, regions: [eu], hard: "
    "true}\n"
    "      - {clients: unknown, regions: [us, ap], hard: true}\n"
    "  ruled:\n"
    "    split: {v1: 70, v2: 30}\n"
    "    rank:\n"
    "      rules:\n"
    "        - {clients: {networks: [lab, here]}, regions: [ap, eu]}\n"
    "        - {clients: {continents: [NA, AS]}, regions: [sa, us]}\n"
    "  off: {pool: v1, ecs: off}\n"
    "  some: {pool: v1, ecs: [192.0.2.0/24]}\n";

static const char *const services[] = {"plain", "listed", "next", "split",
    "thin", "lost", "down", "none", "fenced", "ruled", "off", "some"};
#define SERVICES (sizeof(services) / sizeof(services[0]))

/* The records of each endpoint, to find it by its address. */
static const char *const endpoints[] = {
    "u1", "u2", "u3", "e1", "a1", "a2", "u4", "s1", "e2", "b1"};

static uint64_t seed;

static unsigned
dice(unsigned n)
{
	seed = hash_mix(seed, 1);
	return (unsigned)(seed % n);
}

/* A client subnet of any kind: public, private, 6to4, v4-mapped, IPv6. */
static void
random_client(char out[ADDRESS_TEXT])
{
	unsigned a = 1 + dice(223), b = dice(256), c = dice(256);
	unsigned length = 8 + dice(25);
	struct prefix prefix;
	char text[64];

	switch (dice(10)) {
	case 0:
		snprintf(
		    text, sizeof(text), "10.%u.%u.0/%u", dice(4), c, length);
		break;
	case 1:
		snprintf(text, sizeof(text), "192.168.%u.0/%u", c, length);
		break;
	case 2:
		snprintf(text, sizeof(text), "2002:%02x%02x:%02x01::/%u", a, b,
		    c, 16 + length);
		break;
	case 3:
		snprintf(text, sizeof(text), "::ffff:%u.%u.%u.0/%u", a, b, c,
		    96 + length);
		break;
	case 4:
		snprintf(text, sizeof(text), "2a%02x:%x:%x::/%u", dice(16),
		    dice(65536), dice(65536), 20 + dice(40));
		break;
	case 5:
		snprintf(
		    text, sizeof(text), "%u.%u.%u.0/24", 73 + dice(13), b, c);
		break;
	default:
		snprintf(text, sizeof(text), "%u.%u.%u.%u/%u", a, b, c,
		    dice(256), length);
		break;
	}
	ck_assert_int_ne(prefix_parse(text, &prefix), -1);
	prefix_format(&prefix, out);
}

static void
start(struct node *node, struct harness *h)
{
	uint16_t *port = node->standin_port;

	node_init(node, h);
	node_config(node, "stale: {after: 1h}\n");
	node_records(node, node_zone);
	node_standins(node);
	node_order(node, 2, "health=down");
	node_steering(node, steering, port[0], port[1], port[2], port[0],
	    port[1], port[0], port[1], port[0], port[1], port[2]);
	node_serve(node);
	node_check(node);
	HARNESS_WAIT(20000,
	    strstr(node_page(node, "/api/v1/status"), "\"usable\": \"down\"") !=
		    NULL &&
		strstr(node_page(node, "/api/v1/status"),
		    "\"usable\": \"unchecked\"") == NULL);
	/* Nothing changes from here on, however slow this machine is. */
	harness_signal(h, node->probe, SIGSTOP);
}

/* The names of the endpoints of an answer by DNS, in its order. */
static void
names_of(const struct reply *reply, char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < reply->n_answer; i++) {
		unsigned last = (unsigned)strtoul(
		    strrchr(reply->answer[i].data, '.') + 1, NULL, 10);

		ck_assert_uint_ge(last, 1);
		ck_assert_uint_le(
		    last, sizeof(endpoints) / sizeof(endpoints[0]));
		used += (size_t)snprintf(
		    out + used, size - used, "%s ", endpoints[last - 1]);
	}
}

static void
names_of_row(const json_t *row, char *out, size_t size)
{
	const json_t *list = json_object_get(row, "endpoints"), *name;
	size_t i, used = 0;

	out[0] = '\0';
	json_array_foreach(list, i, name) used += (size_t)snprintf(
	    out + used, size - used, "%s ", json_string_value(name));
}

/* That the answer to ${client} is the one of ${row}. */
static void
compare(
    struct node *node, const char *name, const char *client, const json_t *row)
{
	static struct reply reply;
	char served[256], explained[256];

	ck_assert_msg(
	    node_reply(node, name, "A", client, &reply), "%s", client);
	names_of(&reply, served, sizeof(served));
	names_of_row(row, explained, sizeof(explained));
	ck_assert_msg(strcmp(served, explained) == 0,
	    "%s for %s: served %s, explained %s", name, client, served,
	    explained);
	ck_assert_msg((reply.rcode == 2) ==
		(strcmp(json_string_value(json_object_get(row, "kind")),
		     "servfail") == 0),
	    "%s for %s: %u", name, client, reply.rcode);
	if (reply.rcode == 2)
		return;
	ck_assert_msg(reply.subnet &&
		reply.scope ==
		    json_integer_value(json_object_get(row, "scope")),
	    "%s for %s: served /%u, explained /%lld", name, client, reply.scope,
	    (long long)json_integer_value(json_object_get(row, "scope")));
	ck_assert_msg(reply.answer[0].ttl_s ==
		json_integer_value(json_object_get(row, "ttl")),
	    "%s for %s: served %u s, explained %lld s", name, client,
	    reply.answer[0].ttl_s,
	    (long long)json_integer_value(json_object_get(row, "ttl")));
}

/* Random clients of one service. */
static void
compare_service(struct node *node, const char *service)
{
	static char client[CLIENTS][ADDRESS_TEXT];
	static char list[CLIENTS * ADDRESS_TEXT];
	char name[64];
	const json_t *row;
	const char *out;
	json_t *root;
	size_t used = 0, i;

	for (i = 0; i < CLIENTS; i++) {
		random_client(client[i]);
		used += (size_t)snprintf(
		    list + used, sizeof(list) - used, "%s\n", client[i]);
	}
	harness_write(node->h, "clients.txt", "%s", list);
	snprintf(name, sizeof(name), "%s.inference.example.", service);
	ck_assert_int_eq(node_ctl(node, &out, "explain", name, "-f",
			     harness_path(node->h, "clients.txt"), "--resolver",
			     SENDER, "--json"),
	    0);
	root = json_loads(out, 0, NULL);
	ck_assert_msg(root != NULL, "%s", out);
	ck_assert_uint_eq(
	    json_array_size(json_object_get(root, "rows")), CLIENTS);
	json_array_foreach(json_object_get(root, "rows"), i, row)
	    compare(node, name, client[i], row);
	json_decref(root);
}

START_TEST(random_clients_are_served_what_explain_says)
{
	struct harness *h = harness_create();
	const char *given = getenv("MERIDIAN_TEST_SEED");
	struct node node;

	seed = given != NULL ? strtoull(given, NULL, 0) : (uint64_t)time(NULL);
	printf("MERIDIAN_TEST_SEED=%" PRIu64 "\n", seed);
	start(&node, h);
	for (size_t i = 0; i < SERVICES; i++)
		compare_service(&node, services[i]);
	harness_stop(h, node.server);
	harness_kill(h, node.probe);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"random clients", random_clients_are_served_what_explain_says,
		240},
	};

	return harness_main(
	    "explain_answer", cases, sizeof(cases) / sizeof(cases[0]));
}
