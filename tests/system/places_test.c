/*
 * Where clients are, over the wire: private client subnets that the sender
 * decides, continents without a country, clients of whom nothing is known, and
 * the European Union.  A small database; senders on 127/8, of which networks
 * say where they are.
 */
#include <stdio.h>
#include <string.h>

#include "tests/system/node.h"
#include "tests/unit/mmdb_writer.h"

/* Senders: in Germany, in the United States, in no network. */
#define IN_DE "127.0.0.2"
#define IN_US "127.0.0.3"
#define NOWHERE "127.0.0.9"

#define US "192.0.2.1"
#define EU "192.0.2.2"
#define AP "192.0.2.3"

/* The first region is that of clients of whom nothing is known: none of those
 * that the tests expect elsewhere. */
static const char steering[] =
    "networks:\n"
    "  berlin: {prefixes: 127.0.0.2, country: DE}\n"
    "  boston: {prefixes: 127.0.0.3, country: US}\n"
    "  office: {prefixes: 10.9.0.0/16, country: IN}\n"
    "regions:\n"
    "  us: {at: [39.0, -77.5]}\n"
    "  eu: {at: [53.3, -6.3]}\n"
    "  ap: {at: [19.1, 72.9]}\n"
    "pools:\n"
    "  p:\n"
    "    endpoints:\n"
    "      - {name: us, region: us, address: 192.0.2.1}\n"
    "      - {name: eu, region: eu, address: 192.0.2.2}\n"
    "      - {name: ap, region: ap, address: 192.0.2.3}\n"
    "  many:\n"
    "    endpoints:\n"
    "      - {name: u1, region: us, address: 198.51.100.1}\n"
    "      - {name: u2, region: us, address: 198.51.100.2}\n"
    "      - {name: u3, region: us, address: 198.51.100.3}\n"
    "      - {name: u4, region: us, address: 198.51.100.4}\n"
    "services:\n"
    "  near: {pool: p}\n"
    "  many: {pool: many, sticky: {ipv4: 32}}\n"
    "  continent:\n"
    "    pool: p\n"
    "    fence:\n"
    "      - {clients: {continents: [EU]}, regions: ap, hard: true}\n"
    "  open:\n"
    "    pool: p\n"
    "    fence:\n"
    "      - {clients: {unions: [EU]}, regions: eu, hard: true}\n"
    "  union:\n"
    "    pool: p\n"
    "    rank: {listed: [us, ap, eu]}\n"
    "    fence:\n"
    "      - {clients: {unions: [EU]}, regions: eu, hard: true}\n"
    "      - {clients: unknown, regions: ap, hard: true}\n"
    "  area:\n"
    "    pool: p\n"
    "    rank: {listed: [us, ap, eu]}\n"
    "    fence:\n"
    "      - {clients: {unions: [EEA]}, regions: eu, hard: true}\n"
    "  off: {pool: p, ecs: off}\n"
    "  listed: {pool: p, ecs: [127.0.0.2, 127.0.0.9]}\n";

/* The database: what it has in place of a country, one /8 each from 20/8 on. */
static const char *const codes[] = {
    "US", "EU", "AP", "UK", "GF", "CH", "DE", "A1", "NO", "RE", "GB", "FR"};
/* {"continent": {"code": ...}} and no country. */
static const char *const continents[] = {"EU", "AS", "NA"};

static uint32_t
continent_record(struct mmdb_writer *w, const char *code)
{
	uint32_t at = mmdb_here(w);

	mmdb_map(w, 1);
	mmdb_string(w, "continent");
	mmdb_map(w, 1);
	mmdb_string(w, "code");
	mmdb_string(w, code);
	return at;
}

static void
write_database(const char *path)
{
	struct mmdb_writer *w = mmdb_create(6, 28);
	unsigned first = 20;
	char prefix[32];

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		snprintf(prefix, sizeof(prefix), "%u.0.0.0/8", first++);
		mmdb_insert(w, prefix, mmdb_flat_country(w, codes[i]));
	}
	first = 40;
	for (size_t i = 0; i < sizeof(continents) / sizeof(continents[0]);
	     i++) {
		snprintf(prefix, sizeof(prefix), "%u.0.0.0/8", first++);
		mmdb_insert(w, prefix, continent_record(w, continents[i]));
	}
	mmdb_save(w, path);
}

static void
start(struct node *node, struct harness *h)
{
	node_init(node, h);
	write_database(harness_path(h, "small.mmdb"));
	harness_write(h, "meridian.yaml",
	    "listen: [\"127.0.0.1:%u\"]\n"
	    "http: 127.0.0.1:%u\n"
	    "state: state.db\n"
	    "geo: [small.mmdb]\n"
	    "zones:\n"
	    "  - {name: inference.example, records: inference.zone, "
	    "steering: inference.yaml}\n",
	    node->port, node->http);
	node_records(node, node_zone);
	node_steering(node, "%s", steering);
	node_serve(node);
}

/* Ask for the addresses of the service ${name}. */
static struct reply *
ask_from(
    struct node *node, const char *sender, const char *name, const char *subnet)
{
	static struct reply reply;
	char owner[80];
	const struct ask question = {.port = node->port,
	    .name = owner,
	    .type = "A",
	    .source = sender,
	    .subnet = subnet};

	snprintf(owner, sizeof(owner), "%s.inference.example.", name);
	ck_assert_msg(ask(&question, &reply), "%s from %s", name, sender);
	ck_assert_uint_eq(reply.rcode, 0);
	ck_assert_uint_eq(reply.n_answer, 1);
	return &reply;
}

START_TEST(private_subnets_are_decided_by_the_sender)
{
	static const struct {
		const char *sender, *subnet, *address;
		int scope; /* -1: as deep as what is beside it */
	} rows[] = {
	    {IN_DE, "10.1.2.0/24", EU, 13}, /* up to the office */
	    {IN_US, "10.1.2.0/24", US, 13},
	    {IN_DE, "10.200.0.0/16", EU, 9},
	    {IN_DE, "10.1.2.3/32", EU, 13},
	    {IN_DE, "100.64.7.0/24", EU, 10},
	    {IN_DE, "127.0.0.0/8", EU, 31}, /* beside the other sender */
	    {IN_DE, "127.77.0.0/16", EU, 10},
	    {IN_DE, "169.254.1.0/24", EU, 16},
	    {IN_DE, "172.16.0.0/12", EU, 12},
	    {IN_DE, "192.168.1.0/24", EU, 16},
	    {IN_DE, "fd00:1::/48", EU, 7},
	    {IN_DE, "fe80::/64", EU, 10},
	    {IN_DE, "::1/128", EU, 128},
	    {IN_DE, "::ffff:10.1.2.0/120", EU, 109},
	    {IN_DE, "2002:a01:200::/40", EU, 29},
	    /* The office is where it is, whoever asks. */
	    {IN_DE, "10.9.1.0/24", AP, 16},
	    {NOWHERE, "10.9.1.0/24", AP, 16},
	    /* So is what is no private address. */
	    {IN_DE, "20.1.2.0/24", US, 8},
	    /* Of the sender nothing is known: the first of the file. */
	    {NOWHERE, "10.1.2.0/24", US, 13},
	    {NOWHERE, "192.168.1.0/24", US, 16},
	    /* More than a private block: decided as what it is. */
	    {IN_DE, "8.0.0.0/5", US, -1},
	    {IN_DE, "10.0.0.0/7", US, 13},
	    /* No subnet wanted. */
	    {IN_DE, "0.0.0.0/0", EU, 0},
	};
	struct harness *h = harness_create();
	struct node node;

	start(&node, h);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct reply *r =
		    ask_from(&node, rows[i].sender, "near", rows[i].subnet);

		ck_assert_msg(strcmp(r->answer[0].data, rows[i].address) == 0,
		    "%s from %s got %s", rows[i].subnet, rows[i].sender,
		    r->answer[0].data);
		ck_assert_msg(r->scope == rows[i].scope || rows[i].scope < 0,
		    "%s from %s: /%u", rows[i].subnet, rows[i].sender,
		    r->scope);
	}
	ck_assert_str_eq(
	    ask_from(&node, IN_DE, "near", NULL)->answer[0].data, EU);
	ck_assert_str_eq(
	    ask_from(&node, NOWHERE, "near", NULL)->answer[0].data, US);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* Also the endpoint: the sender's own, whatever the private subnet; senders
 * differ. */
START_TEST(the_endpoint_is_the_senders)
{
	struct harness *h = harness_create();
	struct node node;
	unsigned seen = 0;

	start(&node, h);
	for (unsigned i = 0; i < 20; i++) {
		char sender[32], subnet[32], own[1024];

		snprintf(sender, sizeof(sender), "127.0.1.%u", i + 1);
		snprintf(own, sizeof(own), "%s",
		    ask_from(&node, sender, "many", NULL)->answer[0].data);
		seen |= 1U << (own[strlen(own) - 1] - '0');
		for (unsigned k = 0; k < 8; k++) {
			snprintf(subnet, sizeof(subnet), "192.168.%u.0/24", k);
			ck_assert_str_eq(ask_from(&node, sender, "many", subnet)
					     ->answer[0]
					     .data,
			    own);
		}
	}
	ck_assert_uint_eq(seen, 2 + 4 + 8 + 16);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* Berlin's resolver is heard by `listed`, Boston's is not, and `off` hears
 * nobody: what a subnet says counts for nothing then, over UDP and TCP. */
START_TEST(ecs_says_whose_subnets_count)
{
	static const struct {
		const char *name, *sender, *subnet, *address;
		uint8_t scope;
	} rows[] = {
	    {"listed", IN_DE, "20.1.2.0/24", US, 8},
	    {"listed", IN_US, "20.1.2.0/24", US, 0},
	    {"listed", IN_DE, "26.1.2.0/24", EU, 8},
	    {"listed", IN_US, "26.1.2.0/24", US, 0},
	    {"listed", IN_DE, "10.9.1.0/24", AP, 16},
	    {"listed", IN_US, "10.9.1.0/24", US, 0},
	    {"listed", IN_US, "10.1.2.0/24", US, 0},
	    {"listed", IN_US, "2001:db8::/48", US, 0},
	    {"listed", IN_DE, "0.0.0.0/0", EU, 0},
	    {"listed", IN_US, "0.0.0.0/0", US, 0},
	    /* Heard, and itself nowhere. */
	    {"listed", NOWHERE, "26.1.2.0/24", EU, 8},
	    {"off", IN_DE, "20.1.2.0/24", EU, 0},
	    {"off", IN_US, "26.1.2.0/24", US, 0},
	    {"off", IN_DE, "10.9.1.0/24", EU, 0},
	    /* Loopback, and in no network: it is nowhere. */
	    {"off", NOWHERE, "26.1.2.0/24", US, 0},
	    {"off", IN_DE, "0.0.0.0/0", EU, 0},
	    {"off", IN_DE, "::/0", EU, 0},
	    /* The default. */
	    {"near", IN_US, "26.1.2.0/24", EU, 8},
	};
	struct harness *h = harness_create();
	struct node node;

	start(&node, h);
	for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
		const char *name = rows[i / 2].name,
			   *sender = rows[i / 2].sender;
		static struct reply r;
		char owner[80];
		const struct ask question = {.port = node.port,
		    .name = owner,
		    .type = "A",
		    .source = sender,
		    .subnet = rows[i / 2].subnet,
		    .tcp = i % 2 == 1};

		snprintf(owner, sizeof(owner), "%s.inference.example.", name);
		ck_assert_str_eq(ask_data(&question, &r), rows[i / 2].address);
		ck_assert(r.subnet);
		ck_assert_msg(r.scope == rows[i / 2].scope, "%s of %s: /%u",
		    rows[i / 2].subnet, sender, r.scope);
		/* None is asked for, none comes. */
		if (i % 2 == 0)
			ck_assert(!ask_from(&node, sender, name, NULL)->subnet);
	}
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* Distances are those of the continent's middle, fences by continent hold. */
START_TEST(a_continent_is_a_place)
{
	static const struct {
		const char *what, *subnet, *near, *fenced;
	} rows[] = {
	    {"EU in place of a country", "21.0.0.0/24", EU, AP},
	    {"AP in place of a country", "22.0.0.0/24", AP, AP},
	    {"UK is GB", "23.0.0.0/24", EU, AP},
	    {"the continent of Europe", "40.0.0.0/24", EU, AP},
	    {"the continent of Asia", "41.0.0.0/24", AP, AP},
	    {"the continent of North America", "42.0.0.0/24", US, US},
	    {"A1 says nothing", "27.0.0.0/24", US, US},
	};
	struct harness *h = harness_create();
	struct node node;

	start(&node, h);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert_msg(
		    strcmp(ask_from(&node, NOWHERE, "near", rows[i].subnet)
			       ->answer[0]
			       .data,
			rows[i].near) == 0,
		    "%s", rows[i].what);
		ck_assert_msg(
		    strcmp(ask_from(&node, NOWHERE, "continent", rows[i].subnet)
			       ->answer[0]
			       .data,
			rows[i].fenced) == 0,
		    "%s, fenced", rows[i].what);
	}
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* `union` and `area` put all but their members to the first region, us; `union`
 * has a rule for clients of whom nobody knows, ap; `open` has none. */
START_TEST(unions_and_unknown_clients)
{
	static const struct {
		const char *what, *subnet, *union_, *area;
	} rows[] = {
	    {"Germany", "26.0.0.0/24", EU, EU},
	    {"French Guiana", "24.0.0.0/24", EU, EU},
	    {"Reunion", "29.0.0.0/24", EU, EU},
	    {"Switzerland", "25.0.0.0/24", US, US},
	    {"the United Kingdom", "30.0.0.0/24", US, US},
	    {"Norway", "28.0.0.0/24", US, EU},
	    {"nowhere", "60.0.0.0/24", AP, US},
	    {"A1", "27.0.0.0/24", AP, US},
	    {"somewhere in Europe", "40.0.0.0/24", AP, US},
	    {"somewhere in Asia: not in the union", "41.0.0.0/24", US, US},
	    {"private, and the sender is nowhere", "192.168.1.0/24", AP, US},
	};
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start(&node, h);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert_msg(
		    strcmp(ask_from(&node, NOWHERE, "union", rows[i].subnet)
			       ->answer[0]
			       .data,
			rows[i].union_) == 0,
		    "%s", rows[i].what);
		ck_assert_msg(
		    strcmp(ask_from(&node, NOWHERE, "area", rows[i].subnet)
			       ->answer[0]
			       .data,
			rows[i].area) == 0,
		    "%s, EEA", rows[i].what);
	}
	/* Private, and the sender is in Germany, or not. */
	ck_assert_str_eq(
	    ask_from(&node, IN_DE, "union", "10.1.0.0/16")->answer[0].data, EU);
	ck_assert_str_eq(
	    ask_from(&node, IN_US, "union", "10.1.0.0/16")->answer[0].data, US);
	/* Without a rule they pass the hard fence, and check says so. */
	ck_assert_str_eq(
	    ask_from(&node, NOWHERE, "open", "60.0.0.0/24")->answer[0].data,
	    US);
	ck_assert_int_eq(node_ctl(&node, &out, "check"), 0);
	ck_assert_ptr_nonnull(strstr(out,
	    "inference.yaml:31:9: warning: fence: this hard rule does not hold "
	    "clients whose country is not known"));
	ck_assert_ptr_nonnull(strstr(out, "inference.yaml:27:9: warning"));
	ck_assert_ptr_null(strstr(out, "inference.yaml:36:9: warning"));
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

START_TEST(explain_names_who_decides)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start(&node, h);
	ck_assert_int_eq(
	    node_ctl(&node, &out, "explain", "near.inference.example",
		"--client", "10.1.2.0/24", "--resolver", IN_DE),
	    0);
	ck_assert_msg(
	    strstr(out,
		"private client subnet: decided by the sender, " IN_DE) != NULL,
	    "%s", out);
	ck_assert_msg(strstr(out, "country DE") != NULL, "%s", out);
	ck_assert_msg(strstr(out, EU) != NULL, "%s", out);
	ck_assert_msg(strstr(out, "scope /13") != NULL, "%s", out);
	ck_assert_int_eq(
	    node_ctl(&node, &out, "explain", "union.inference.example",
		"--client", "60.0.0.0/24"),
	    0);
	ck_assert_msg(
	    strstr(out, "rule 2 (clients whose country is not known)") != NULL,
	    "%s", out);
	ck_assert_int_eq(
	    node_ctl(&node, &out, "explain", "union.inference.example",
		"--client", "24.0.0.0/24"),
	    0);
	ck_assert_msg(strstr(out, "rule 1 (unions EU)") != NULL, "%s", out);
	ck_assert_int_eq(
	    node_ctl(&node, &out, "explain", "off.inference.example",
		"--client", "20.1.2.0/24", "--resolver", IN_DE),
	    0);
	ck_assert_msg(
	    strstr(out, "ecs is off: decided by the sender, " IN_DE) != NULL,
	    "%s", out);
	ck_assert_msg(strstr(out, "country DE") != NULL, "%s", out);
	ck_assert_msg(strstr(out, "scope /0") != NULL, "%s", out);
	ck_assert_int_eq(
	    node_ctl(&node, &out, "explain", "off.inference.example",
		"--client", "20.1.2.0/24"),
	    0);
	ck_assert_msg(
	    strstr(out, "name it with --resolver ADDRESS") != NULL, "%s", out);
	ck_assert_int_eq(
	    node_ctl(&node, &out, "explain", "listed.inference.example",
		"--client", "26.1.2.0/24", "--resolver", IN_US),
	    0);
	ck_assert_msg(strstr(out,
			  "ecs does not list the sender: decided by the "
			  "sender, " IN_US) != NULL,
	    "%s", out);
	ck_assert_int_eq(
	    node_ctl(&node, &out, "explain", "listed.inference.example",
		"--client", "26.1.2.0/24", "--resolver", IN_DE),
	    0);
	ck_assert_msg(strstr(out, "decided by the sender") == NULL, "%s", out);
	ck_assert_msg(strstr(out, "scope /8") != NULL, "%s", out);
	/* A query without a client subnet is no matter of ecs. */
	ck_assert_int_eq(node_ctl(&node, &out, "explain",
			     "off.inference.example", "--resolver", IN_DE),
	    0);
	ck_assert_msg(strstr(out, "ecs") == NULL, "%s", out);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"private subnets are decided by the sender",
		private_subnets_are_decided_by_the_sender, 0},
	    {"the endpoint is the sender's", the_endpoint_is_the_senders, 0},
	    {"ecs says whose subnets count", ecs_says_whose_subnets_count, 0},
	    {"a continent is a place", a_continent_is_a_place, 0},
	    {"unions and unknown clients", unions_and_unknown_clients, 0},
	    {"explain names who decides", explain_names_who_decides, 0},
	};

	return harness_main("places", cases, sizeof(cases) / sizeof(cases[0]));
}
