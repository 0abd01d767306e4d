/*
 * Maps of other servers, written as rules: what gdnsd's geoip plugin says with
 * levels, defaults, nets and coordinates, and geodns with targets from "@" to
 * an address; and where clients are, in a table of places.  The maps are our
 * own, of the meaning that the manuals of these servers give them; each client
 * gets, over the wire, the datacenters in the order that it would get there.
 */
#include <stdio.h>
#include <string.h>

#include "tests/system/node.h"
#include "tests/unit/mmdb_record.h"

/* Clients: record ${i} is that of 20.${i}.0.0/16. */
#define US(state)                                                       \
	"{'continent': {'code': 'NA'}, 'country': {'iso_code': 'US'}, " \
	"'subdivisions': [{'iso_code': '" state "'}]}"
enum client {
	DE,
	CH,
	FR,
	MX,
	CA,
	US_CA,
	US_TX,
	US_NY,
	US_OR,
	JP,
	DE_AS,
	US_AS,
	NEAR_US,
	NEAR_EU,
	FIJI,
	POLE,
	IN_SA,
	IN_AS,
	GF,
	FIJI_LATER,
	US_LATER,
	NOWHERE
};
static const char *const records[] = {
    [DE] = "{'continent': {'code': 'EU'}, 'country': {'iso_code': 'DE'}}",
    [CH] = "{'continent': {'code': 'EU'}, 'country': {'iso_code': 'CH'}}",
    [FR] = "{'continent': {'code': 'EU'}, 'country': {'iso_code': 'FR'}}",
    [MX] = "{'continent': {'code': 'NA'}, 'country': {'iso_code': 'MX'}}",
    [CA] = "{'continent': {'code': 'NA'}, 'country': {'iso_code': 'CA'}}",
    [US_CA] = US("CA"),
    [US_TX] = US("TX"),
    [US_NY] = US("NY"),
    [US_OR] = US("OR"),
    [JP] = "{'continent': {'code': 'AS'}, 'country': {'iso_code': 'JP'}}",
    [DE_AS] = "{'country': {'iso_code': 'DE'}, 'asn': 64500}",
    [US_AS] = "{'country': {'iso_code': 'US'}, 'subdivisions': [{'iso_code': "
	      "'CA'}], 'asn': 64500}",
    [NEAR_US] = "{'country': {'iso_code': 'CA'}, 'location': {'latitude': "
		"45.5, 'longitude': -73.6}}",
    [NEAR_EU] = "{'country': {'iso_code': 'MA'}, 'location': {'latitude': "
		"35.8, 'longitude': -5.8}}",
    [FIJI] = "{'country': {'iso_code': 'FJ'}, 'location': {'latitude': "
	     "0.1, 'longitude': -179.9}}",
    [POLE] = "{'location': {'latitude': 89.9, 'longitude': 120.5}}",
    [IN_SA] = "{'continent': {'code': 'SA'}}",
    [IN_AS] = "{'continent': {'code': 'AS'}}",
    [GF] = "{'country': {'iso_code': 'GF'}}",
    [FIJI_LATER] = "{'country': {'iso_code': 'FJ'}}",
    [US_LATER] = "{'country': {'iso_code': 'US'}}",
};
#define RECORDS (sizeof(records) / sizeof(records[0]))

/* What a second database says of some of them. */
static const struct {
	enum client client;
	const char *record;
} later[] = {
    {DE, US("CA")},
    {US_NY, US("CA")},
    {US_LATER, US("CA")},
    {FIJI_LATER, "{'country': {'iso_code': 'FJ'}, 'loc': '-0.2,179.7'}"},
    {MX, "{'country': {'iso_code': 'FJ'}, 'loc': '-0.2,179.7'}"},
};

/* Datacenters 1 to 4; those of a service are addresses 192.0.2.1 to .4.  The
 * file has them in the order of gdnsd's `datacenters`. */
static const char steering[] =
    "networks:\n"
    "  wide: 20.200.0.0/16\n"
    "  inner: 20.200.128.0/17\n"
    "  lab: 20.0.7.0/24\n"
    "regions:\n"
    "  dc1: {at: [38.9, -77]}\n"
    "  dc2: {at: [50.1, 8.7]}\n"
    "  dc3: {at: [37.8, -122.4]}\n"
    "  dc4: {at: [35.7, 139.7]}\n"
    "pools:\n"
    "  all:\n"
    "    endpoints:\n"
    "      - {name: a, region: dc1, address: 192.0.2.1}\n"
    "      - {name: b, region: dc2, address: 192.0.2.2}\n"
    "      - {name: c, region: dc3, address: 192.0.2.3}\n"
    "      - {name: d, region: dc4, address: 192.0.2.4}\n"
    "  two:\n"
    "    endpoints:\n"
    "      - {name: a, region: dc1, address: 192.0.2.1}\n"
    "      - {name: b, region: dc2, address: 192.0.2.2}\n"
    "services:\n"
    /* map => { EU => { DE => [dc3, dc1], CH => [dc1, dc3] },
     * NA => { MX => [dc2] } }: others get the order of `datacenters`. */
    "  countries:\n"
    "    pool: all\n"
    "    answers: {count: 4, from: regions}\n"
    "    rank:\n"
    "      rules:\n"
    "        - {clients: {countries: DE}, regions: [dc3, dc1]}\n"
    "        - {clients: {countries: CH}, regions: [dc1, dc3]}\n"
    "        - {clients: {countries: MX}, regions: [dc2]}\n"
    "        - {clients: all, regions: [dc1, dc2, dc3, dc4]}\n"
    /* map => { NA => { default => [dc1, dc3], US => { default => [dc3, dc1],
     * CA => [dc3, dc4], TX => [dc2, dc3] } }, EU => [dc2, dc1],
     * default => [dc4, dc3] }: a level inherits from that around it. */
    "  levels:\n"
    "    pool: all\n"
    "    answers: {count: 4, from: regions}\n"
    "    rank:\n"
    "      rules:\n"
    "        - {clients: {subdivisions: US-CA}, regions: [dc3, dc4]}\n"
    "        - {clients: {subdivisions: US-TX}, regions: [dc2, dc3]}\n"
    "        - {clients: {countries: US}, regions: [dc3, dc1]}\n"
    "        - {clients: {continents: NA}, regions: [dc1, dc3]}\n"
    "        - {clients: {continents: EU}, regions: [dc2, dc1]}\n"
    "        - {clients: all, regions: [dc4, dc3]}\n"
    /* nets => { wide => [dc4, dc1], inner => [dc3] }, over the map; of nets
     * inside of one another the inner one counts. */
    "  nets:\n"
    "    pool: all\n"
    "    answers: {count: 4, from: regions}\n"
    "    rank:\n"
    "      rules:\n"
    "        - {clients: {networks: inner}, regions: dc3}\n"
    "        - {clients: {networks: wide}, regions: [dc4, dc1]}\n"
    "        - {clients: {countries: US}, regions: [dc1, dc3]}\n"
    "        - {clients: all, regions: [dc2, dc1]}\n"
    /* auto_dc_coords of dc1 and dc2, and DE => [dc1, dc2] beside it. */
    "  auto:\n"
    "    pool: two\n"
    "    answers: {count: 2, from: regions}\n"
    "    rank:\n"
    "      rules:\n"
    "        - {clients: {countries: DE}, regions: [dc1, dc2]}\n"
    /* geodns: targets by address (/24), AS number, region, group of regions,
     * country, continent, "@": the finest that has a label counts. */
    "  targets:\n"
    "    pool: all\n"
    "    rank:\n"
    "      rules:\n"
    "        - {clients: {networks: lab}, regions: dc4}\n"
    "        - {clients: {asns: AS64500}, regions: dc4}\n"
    "        - {clients: {subdivisions: US-NY}, regions: dc1}\n"
    "        - {clients: {subdivisions: [US-CA, US-OR]}, regions: dc3}\n"
    "        - {clients: {countries: US}, regions: dc2}\n"
    "        - {clients: {countries: DE}, regions: dc1}\n"
    "        - {clients: {continents: EU}, regions: dc2}\n"
    "        - {clients: all, regions: dc3}\n"
    /* geodns answers clients of no target with nothing when there is no "@":
     * that is a fence. */
    "  fenced:\n"
    "    pool: all\n"
    "    answers: {count: 4, from: regions}\n"
    "    fence:\n"
    "      - {clients: {countries: MX}, regions: dc2, hard: true}\n"
    "    rank:\n"
    "      rules:\n"
    "        - {clients: {countries: MX}, regions: [dc3, dc2]}\n"
    "        - {clients: all, regions: [dc4, dc3, dc2, dc1]}\n"
    /* Who a client is, in all ways but the network. */
    "  places:\n"
    "    pool: all\n"
    "    answers: {count: 4, from: regions}\n"
    "    rank:\n"
    "      rules:\n"
    "        - clients: {near: [{at: [0, 179.8], km: 100}, {at: [89.8, 0], "
    "km: 100}]}\n"
    "          regions: [dc4, dc1, dc2, dc3]\n"
    "        - {clients: {subdivisions: US-CA}, regions: [dc3, dc1, dc2]}\n"
    "        - {clients: {unions: EU}, regions: [dc2, dc1]}\n"
    "        - {clients: {continents: SA}, regions: [dc1, dc2]}\n"
    "        - {clients: unknown, regions: [dc4, dc3, dc2, dc1]}\n"
    "        - {clients: all, regions: [dc1, dc4, dc3, dc2]}\n";

static void
start(struct node *node, struct harness *h)
{
	struct mmdb_writer *w = mmdb_create(6, 28);
	char prefix[32];

	node_init(node, h);
	for (size_t i = 0; i < RECORDS; i++) {
		snprintf(prefix, sizeof(prefix), "20.%zu.0.0/16", i);
		mmdb_insert(w, prefix, mmdb_record(w, records[i]));
	}
	mmdb_insert(w, "20.200.0.0/16", mmdb_record(w, records[US_NY]));
	mmdb_save(w, harness_path(h, "small.mmdb"));
	w = mmdb_create(4, 24);
	for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++) {
		snprintf(prefix, sizeof(prefix), "20.%u.0.0/16",
		    (unsigned)later[i].client);
		mmdb_insert(w, prefix, mmdb_record(w, later[i].record));
	}
	mmdb_save(w, harness_path(h, "later.mmdb"));
	harness_write(h, "meridian.yaml",
	    "listen: [\"127.0.0.1:%u\"]\n"
	    "http: 127.0.0.1:%u\n"
	    "state: state.db\n"
	    "geo: [small.mmdb, later.mmdb]\n"
	    "zones:\n"
	    "  - {name: inference.example, records: inference.zone, "
	    "steering: inference.yaml}\n",
	    node->port, node->http);
	node_records(node, node_zone);
	node_steering(node, "%s", steering);
	node_serve(node);
}

/* The datacenters that a client gets of a service: "312". */
static const char *
order_of(struct node *node, const char *service, const char *subnet)
{
	static struct reply reply;
	static char order[16];
	char name[80];
	size_t n = 0;

	snprintf(name, sizeof(name), "%s.inference.example.", service);
	ck_assert_msg(node_reply(node, name, "A", subnet, &reply), "%s", name);
	ck_assert_uint_eq(reply.rcode, 0);
	for (; n < reply.n_answer && n + 1 < sizeof(order); n++)
		order[n] =
		    reply.answer[n].data[strlen(reply.answer[n].data) - 1];
	order[n] = '\0';
	return order;
}

/* What a row says of its client: a subnet of a record, or of its own. */
struct map_row {
	enum client client;
	const char *subnet; /* NULL: that of the client */
	const char *service, *order;
};

static void
assert_orders(const struct map_row *rows, size_t n)
{
	struct harness *h = harness_create();
	struct node node;

	start(&node, h);
	for (size_t i = 0; i < n; i++) {
		char subnet[32];
		const char *order;

		snprintf(subnet, sizeof(subnet), "20.%u.99.0/24",
		    (unsigned)rows[i].client);
		if (rows[i].subnet != NULL)
			snprintf(subnet, sizeof(subnet), "%s", rows[i].subnet);
		order = order_of(&node, rows[i].service, subnet);
		ck_assert_msg(strcmp(order, rows[i].order) == 0,
		    "%s: client %d, %s: %s, not %s", rows[i].service,
		    rows[i].client, subnet, order, rows[i].order);
	}
	harness_stop(h, node.server);
	harness_destroy(h);
}

START_TEST(maps_of_gdnsd_give_its_answers)
{
	static const struct map_row rows[] = {
	    {DE, NULL, "countries", "3124"},
	    {CH, NULL, "countries", "1324"},
	    {MX, NULL, "countries", "2134"},
	    {FR, NULL, "countries", "1234"},
	    {JP, NULL, "countries", "1234"},
	    {NOWHERE, "99.0.0.0/24", "countries", "1234"},
	    {US_CA, NULL, "levels", "3412"},
	    {US_TX, NULL, "levels", "2314"},
	    {US_NY, NULL, "levels", "3124"},
	    {MX, NULL, "levels", "1324"},
	    {DE, NULL, "levels", "2134"},
	    {JP, NULL, "levels", "4312"},
	    {NOWHERE, "99.0.0.0/24", "levels", "4312"},
	    {NOWHERE, "20.200.1.0/24", "nets", "4123"},
	    {NOWHERE, "20.200.128.0/24", "nets", "3124"},
	    {US_NY, NULL, "nets", "1324"},
	    {DE, NULL, "nets", "2134"},
	    {NEAR_US, NULL, "auto", "12"},
	    {NEAR_EU, NULL, "auto", "21"},
	    {FR, NULL, "auto", "21"},
	    {MX, NULL, "auto", "12"},
	    {DE, NULL, "auto", "12"},
	    /* A list without a datacenter, where that is to get nobody. */
	    {MX, NULL, "fenced", "2"},
	    {JP, NULL, "fenced", "4321"},
	};

	assert_orders(rows, sizeof(rows) / sizeof(rows[0]));
}
END_TEST

START_TEST(targets_of_geodns_give_its_answers)
{
	static const struct map_row rows[] = {
	    {JP, NULL, "targets", "3"},
	    {NOWHERE, "99.0.0.0/24", "targets", "3"},
	    {FR, NULL, "targets", "2"},
	    {DE, NULL, "targets", "1"},
	    {DE, "20.0.7.0/24", "targets", "4"},
	    {DE_AS, NULL, "targets", "4"},
	    {US_AS, NULL, "targets", "4"},
	    {US_CA, NULL, "targets", "3"},
	    {US_OR, NULL, "targets", "3"},
	    {US_NY, NULL, "targets", "1"},
	    {US_TX, NULL, "targets", "2"},
	    {CA, NULL, "targets", "3"},
	};

	assert_orders(rows, sizeof(rows) / sizeof(rows[0]));
}
END_TEST

#define NEAR "4123"
#define CALIFORNIA "3124"
#define UNION "2134"
#define SOUTH_AMERICA "1234"
#define UNKNOWN "4321"
#define OTHERS "1432"

START_TEST(clients_are_where_they_are)
{
	static const struct map_row rows[] = {
	    {FIJI, NULL, "places", NEAR}, /* over the antimeridian */
	    {POLE, NULL, "places", NEAR}, /* over the pole */
	    {US_CA, NULL, "places", CALIFORNIA},
	    {US_AS, NULL, "places", CALIFORNIA},
	    {US_TX, NULL, "places", OTHERS},
	    {FR, NULL, "places", UNION},
	    {GF, NULL, "places", UNION}, /* in South America, too */
	    {CH, NULL, "places", OTHERS},
	    {IN_SA, NULL, "places", SOUTH_AMERICA}, /* only the continent */
	    {IN_AS, NULL, "places", UNKNOWN},       /* near anything, perhaps */
	    {NOWHERE, "99.0.0.0/24", "places", UNKNOWN},
	    {NOWHERE, "10.1.2.0/24", "places", UNKNOWN}, /* private */
	    {NOWHERE, "fd00:1::/48", "places", UNKNOWN},
	    {NOWHERE, "2002:1405:100::/40", "places", CALIFORNIA}, /* 6to4 */
	    {NOWHERE, "::ffff:20.5.1.0/120", "places", CALIFORNIA},
	    {NOWHERE, "2001:db8::/48", "places", UNKNOWN},
	    /* Two databases: the later one adds what agrees, and no more. */
	    {FIJI_LATER, NULL, "places", NEAR},
	    {US_LATER, NULL, "places", CALIFORNIA},
	    {US_NY, NULL, "places", OTHERS},
	    {DE, NULL, "places", UNION},
	    {MX, NULL, "places", OTHERS},
	};

	assert_orders(rows, sizeof(rows) / sizeof(rows[0]));
}
END_TEST

/* explain names the rule. */
START_TEST(explain_names_the_rule_of_the_rank)
{
	struct harness *h = harness_create();
	struct node node;
	const char *out;

	start(&node, h);
	ck_assert_int_eq(
	    node_ctl(&node, &out, "explain", "levels.inference.example",
		"--client", "20.5.0.0/24"),
	    0);
	ck_assert_msg(strstr(node_unwrap(out),
			  "rule 1 of the rank (subdivisions US-CA)") != NULL,
	    "%s", out);
	ck_assert_int_eq(
	    node_ctl(&node, &out, "explain", "auto.inference.example",
		"--client", "20.2.0.0/24"),
	    0);
	ck_assert_msg(strstr(node_unwrap(out),
			  "no rule of the rank has this client") != NULL,
	    "%s", out);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"maps of gdnsd give its answers", maps_of_gdnsd_give_its_answers,
		0},
	    {"targets of geodns give its answers",
		targets_of_geodns_give_its_answers, 0},
	    {"clients are where they are", clients_are_where_they_are, 0},
	    {"explain names the rule of the rank",
		explain_names_the_rule_of_the_rank, 0},
	};

	return harness_main("maps", cases, sizeof(cases) / sizeof(cases[0]));
}
