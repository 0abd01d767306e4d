/*
 * The table of countries: its addresses, regions, pools and rules are those of
 * an exhaustive count, and the pieces in which it is made do not matter.
 */
#include <check.h>
#include <stdlib.h>

#include "base/clock.h"
#include "node/explain.h"
#include "node/explain_countries.h"
#include "node/kept.h"
#include "steering/ladder.h"
#include "tests/unit/latency_entries.h"
#include "tests/unit/mmdb_writer.h"
#include "tests/unit/node_fixture.h"

#define STEERING                                                            \
	"networks:\n"                                                       \
	"  office: {prefixes: [20.1.0.0/16, 20.3.0.128/25], country: FR}\n" \
	"  lab: [21.0.0.0/13, 10.0.0.0/8]\n"                                \
	"regions:\n"                                                        \
	"  us: {at: [39.0, -77.5], cost: 3}\n"                              \
	"  eu: {at: [53.3, -6.3], cost: 2.5}\n"                             \
	"pools:\n"                                                          \
	"  v1:\n"                                                           \
	"    endpoints:\n"                                                  \
	"      - {name: u1, region: us, address: 192.0.2.1}\n"              \
	"      - {name: u2, region: us, address: 192.0.2.2}\n"              \
	"      - {name: u0, region: us, address: 192.0.2.9, weight: 0}\n"   \
	"      - {name: e1, region: eu, address: 192.0.2.3}\n"              \
	"  v2:\n"                                                           \
	"    endpoints:\n"                                                  \
	"      - {name: u3, region: us, address: 192.0.2.4}\n"              \
	"  six:\n"                                                          \
	"    families: mixed\n"                                             \
	"    endpoints:\n"                                                  \
	"      - {name: s1, region: us, address: \"2001:db8::1\"}\n"        \
	"      - {name: s2, region: eu, address: 192.0.2.5}\n"              \
	"  inner: {service: inner}\n"                                       \
	"services:\n"                                                       \
	"  plain: {pool: v1}\n"                                             \
	"  outer: {split: {inner: 90, v2: 10}}\n"                           \
	"  inner:\n"                                                        \
	"    split: {v1: 1, v2: 1}\n"                                       \
	"    fence:\n"                                                      \
	"      - {clients: {countries: [DE]}, regions: [eu], hard: true}\n" \
	"  off: {pool: v1, ecs: off}\n"                                     \
	"  ruled:\n"                                                        \
	"    pool: v1\n"                                                    \
	"    rank:\n"                                                       \
	"      rules:\n"                                                    \
	"        - {clients: {networks: [lab]}, regions: [eu]}\n"           \
	"        - {clients: {countries: [US, FR]}, regions: [us]}\n"       \
	"    fence:\n"                                                      \
	"      - {clients: {countries: [FR]}, regions: [eu]}\n"             \
	"  quick: {pool: v1, rank: latency, near_equal: 10ms}\n"            \
	"  six: {pool: six}\n"                                              \
	"  split:\n"                                                        \
	"    split: {v1: 95, v2: 5}\n"                                      \
	"    split_block: {ipv4: 19}\n"                                     \
	"    fence:\n"                                                      \
	"      - {clients: {networks: [lab]}, regions: [us]}\n"             \
	"      - {clients: {countries: [DE]}, regions: [eu], hard: true}\n"

static struct generation *generation;
static struct live *live;

/* Three countries, of which one is in two places. */
static const struct {
	const char *prefix, *country;
	uint32_t first;
	unsigned length;
} countries[] = {
    {"20.0.0.0/12", "DE", UINT32_C(20) << 24, 12},
    {"21.0.0.0/12", "US", UINT32_C(21) << 24, 12},
    {"22.0.0.0/13", "DE", UINT32_C(22) << 24, 13},
    {"22.200.0.0/13", "FR", UINT32_C(22) << 24 | UINT32_C(200) << 16, 13},
};

#define N_COUNTRIES (sizeof(countries) / sizeof(countries[0]))

static void
write_database(const char *path)
{
	struct mmdb_writer *w = mmdb_create(6, 28);

	for (size_t i = 0; i < N_COUNTRIES; i++)
		mmdb_insert(w, countries[i].prefix,
		    mmdb_flat_country(w, countries[i].country));
	mmdb_save(w, path);
}

static void
begin(void)
{
	node_begin();
	write_database(node_path("c.mmdb"));
	node_write("z",
	    "$TTL 300\n@ SOA a b 1 2 3 4 5\n@ NS ns.else.\nwww A 192.0.2.7\n"
	    "api CNAME split\n");
	node_write("s.yaml", STEERING);
	node_write("m.yaml",
	    "listen: 127.0.0.1:53\n"
	    "state: state.db\n"
	    "geo: c.mmdb\n"
	    "zones: [{name: e.test, records: z, steering: s.yaml}]\n");
	generation = node_load(NULL);
	live = live_create(generation->policy);
	ck_assert_ptr_nonnull(live);
	for (size_t i = 0; i < live->n_endpoints; i++)
		live->endpoint[i] = USABLE_YES;
	live_judge(live, generation->policy);
}

static void
end(void)
{
	live_destroy(live);
	generation_release(generation);
	unlink(node_path("c.mmdb"));
	node_end();
}

/* The table of ${name}, made ${turn} prefixes at a time. */
static json_t *
table(const char *name, const char *type, size_t turn)
{
	const struct explain_words words = {
	    .name = name, .type = type, .everyone = true};
	struct explain_question question;
	struct explain_countries *t;
	char why[EXPLAIN_WHY];
	json_t *root = json_object();
	int status = 0;

	ck_assert_int_eq(explain_question_read(&words, &question, why), 0);
	t = explain_countries_begin(generation, live, &question, root);
	if (t == NULL)
		return root;
	while (status == 0)
		status = explain_countries_go(t, turn);
	ck_assert_int_eq(status, 1);
	explain_countries_end(t, status, root);
	explain_countries_destroy(t);
	return root;
}

static const json_t *
row_of(const json_t *root, const char *country)
{
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(root, "rows"), i, row)
	{
		const char *name =
		    json_string_value(json_object_get(row, "country"));

		if (country == NULL
			? name == NULL
			: name != NULL && strcmp(name, country) == 0)
			return row;
	}
	ck_abort_msg("no row %s", country);
	return NULL;
}

/* The addresses of ${row} that go to ${region} and ${pool} by ${rule} (0:
 * none); -1 when none do. */
static json_int_t
addresses(const json_t *row, const char *region, const char *pool, int rule)
{
	const json_t *o;
	size_t i;

	json_array_foreach(json_object_get(row, "outcomes"), i, o)
	{
		const char *r = json_string_value(json_object_get(o, "region"));
		const char *p = json_string_value(json_object_get(o, "pool"));

		if (r != NULL && p != NULL && strcmp(r, region) == 0 &&
		    strcmp(p, pool) == 0 &&
		    json_integer_value(json_object_get(o, "rule")) == rule)
			return json_integer_value(
			    json_object_get(o, "addresses"));
	}
	return -1;
}

/* What one client gets, as explain says it. */
static json_t *
one(const char *name, uint32_t address)
{
	struct explain_question question;
	char why[EXPLAIN_WHY], client[32];
	const struct explain_words words = {.name = name, .client = client};
	json_t *root = json_object();

	snprintf(client, sizeof(client), "%u.%u.%u.%u/32", address >> 24,
	    address >> 16 & 255, address >> 8 & 255, address & 255);
	ck_assert_int_eq(explain_question_read(&words, &question, why), 0);
	ck_assert(explain_answer(generation, live, NULL, &question, root));
	return root;
}

/* Take the client at ${address} away from the outcome that is its own. */
static void
take(const json_t *root, uint32_t address)
{
	json_t *client = one("split.e.test", address), *o;
	const json_t *answer = json_object_get(client, "answer");
	const json_t *e =
	    json_array_get(json_object_get(answer, "endpoints"), 0);
	const json_t *row = row_of(root,
	    json_string_value(
		json_object_get(json_object_get(client, "place"), "country")));
	json_int_t scope = json_integer_value(json_object_get(answer, "scope"));
	bool found = false;
	size_t i;

	json_array_foreach(json_object_get(row, "outcomes"), i, o)
	{
		const json_t *range = json_object_get(o, "scope");
		json_int_t left =
		    json_integer_value(json_object_get(o, "left"));

		if (!json_equal(json_object_get(o, "region"),
			json_object_get(e, "region")) ||
		    !json_equal(json_object_get(o, "pool"),
			json_object_get(e, "pool")) ||
		    !json_equal(json_object_get(o, "rule"),
			json_object_get(client, "rule")))
			continue;
		found = true;
		ck_assert_int_ge(
		    scope, json_integer_value(json_array_get(range, 0)));
		ck_assert_int_le(
		    scope, json_integer_value(json_array_get(range, 1)));
		json_object_set_new(o, "left", json_integer(left - 128));
	}
	ck_assert_msg(found, "%08x", (unsigned)address);
	json_decref(client);
}

/* Each /25 of the countries' networks, one by one, as explain has it: their
 * sums are those of the table. */
START_TEST(the_table_is_an_exhaustive_count)
{
	json_t *root = table("split.e.test", "A", 1000), *o;
	const json_t *row;
	size_t i, k;

	json_array_foreach(json_object_get(root, "rows"), i, row)
	    json_array_foreach(json_object_get(row, "outcomes"), k, o)
		json_object_set(o, "left", json_object_get(o, "addresses"));
	for (i = 0; i < N_COUNTRIES; i++)
		for (uint32_t n = 0; n < 1u << (32 - countries[i].length);
		     n += 128)
			take(root, countries[i].first + n);
	json_array_foreach(json_object_get(root, "rows"), i,
	    row) json_array_foreach(json_object_get(row, "outcomes"), k,
	    o) if (json_is_string(json_object_get(row, "country")))
	    ck_assert_int_eq(json_integer_value(json_object_get(o, "left")), 0);
	json_decref(root);
}
END_TEST

/* Networks with a country are that country's; shares follow weights. */
START_TEST(countries_rules_and_shares_are_exact)
{
	json_t *root = table("split.e.test", "A", SIZE_MAX);
	const json_t *de = row_of(root, "DE"), *fr = row_of(root, "FR");
	const json_t *us = row_of(root, "US");
	double v1, v2;

	/* A /12, a /13, less a /16 and a /25 of the office. */
	ck_assert_int_eq(addresses(de, "eu", "v1", 2),
	    (1 << 20) + (1 << 19) - (1 << 16) - 128);
	ck_assert_uint_eq(json_array_size(json_object_get(de, "outcomes")), 1);
	ck_assert_int_eq(json_integer_value(json_object_get(fr, "addresses")),
	    (1 << 19) + (1 << 16) + 128);
	v1 = (double)addresses(us, "us", "v1", 0);
	v2 = (double)addresses(us, "us", "v2", 0);
	ck_assert_double_eq(v1 + v2, 1 << 19);
	/* Of the fence's rule as many. */
	ck_assert_int_eq(
	    addresses(us, "us", "v1", 1) + addresses(us, "us", "v2", 1),
	    1 << 19);
	/* 64 blocks: see steering/position.h. */
	ck_assert_double_eq_tol(v2 / (v1 + v2), 0.05, 0.001);
	json_decref(root);
}
END_TEST

/* Endpoints of weight 0 get nobody; a private network is no country's. */
START_TEST(what_serves_nobody_is_not_counted)
{
	json_t *root = table("plain.e.test", "A", 7);
	const json_t *us = row_of(root, "US"), *nowhere = row_of(root, NULL);
	const json_t *o = json_array_get(json_object_get(us, "outcomes"), 0);
	const json_t *row;
	json_int_t all = 0;
	size_t i;

	ck_assert_int_eq(
	    json_integer_value(json_object_get(o, "endpoints")), 2);
	json_array_foreach(json_object_get(root, "rows"), i, row) all +=
	    json_integer_value(json_object_get(row, "addresses"));
	/* Less 0/8, 10/8, 127/8, 224/3, 100.64/10, 172.16/12, 192.168/16 and
	 * 169.254/16. */
	ck_assert_int_eq(all,
	    (INT64_C(1) << 32) - 3 * (INT64_C(1) << 24) - (INT64_C(1) << 29) -
		(1 << 22) - (1 << 20) - 2 * (1 << 16));
	ck_assert(json_is_null(json_object_get(nowhere, "country")));
	/* It comes last. */
	ck_assert_ptr_eq(row, nowhere);
	json_decref(root);
}
END_TEST

/* Endpoints of mixed families: the clients that get no IPv4 are counted as
 * exactly as the others. */
START_TEST(a_family_that_is_missing_is_an_outcome)
{
	json_t *a = table("six.e.test", "A", SIZE_MAX);
	json_t *aaaa = table("six.e.test", "AAAA", SIZE_MAX);
	const json_t *us = row_of(a, "US"), *us6 = row_of(aaaa, "US");
	const json_t *o = json_array_get(json_object_get(us, "outcomes"), 0);

	ck_assert_int_eq(addresses(us, "us", "six", 0), 1 << 20);
	ck_assert_str_eq(
	    json_string_value(json_object_get(o, "kind")), "nodata");
	ck_assert_int_eq(addresses(us6, "us", "six", 0), 1 << 20);
	o = json_array_get(json_object_get(us6, "outcomes"), 0);
	ck_assert_str_eq(
	    json_string_value(json_object_get(o, "kind")), "endpoints");
	ck_assert_int_eq(addresses(row_of(a, "DE"), "eu", "six", 0),
	    addresses(row_of(aaaa, "DE"), "eu", "six", 0));
	json_decref(a);
	json_decref(aaaa);
}
END_TEST

/* Where client subnets do not count the clients are their own resolvers. */
START_TEST(without_client_subnets_the_regions_are_the_same)
{
	json_t *root = table("off.e.test", "A", SIZE_MAX);
	json_t *plain = table("plain.e.test", "A", SIZE_MAX);
	const json_t *o =
	    json_array_get(json_object_get(row_of(root, "DE"), "outcomes"), 0);

	ck_assert_int_eq(addresses(row_of(root, "DE"), "eu", "v1", 0),
	    addresses(row_of(plain, "DE"), "eu", "v1", 0));
	ck_assert_int_eq(
	    json_integer_value(json_array_get(json_object_get(o, "scope"), 1)),
	    0);
	json_decref(root);
	json_decref(plain);
}
END_TEST

/* A service inside another is a pool of it, by the fences of both; its
 * endpoints are all that may serve in the region. */
START_TEST(a_service_inside_is_a_pool)
{
	json_t *root = table("outer.e.test", "A", SIZE_MAX);
	const json_t *de = row_of(root, "DE"), *us = row_of(root, "US"), *o;
	json_int_t eu = addresses(de, "eu", "inner", 0);
	double inner = (double)addresses(us, "us", "inner", 0);
	double v2 = (double)addresses(us, "us", "v2", 0);
	size_t i;

	/* Those dealt to v2, which has nothing in Europe, are in the United
	 * States: its own clients have no fence. */
	ck_assert_int_eq(eu + addresses(de, "us", "v2", 0),
	    (1 << 20) + (1 << 19) - (1 << 16) - 128);
	ck_assert_int_eq(addresses(de, "us", "inner", 0), -1);
	ck_assert_double_eq(inner + v2, 1 << 20);
	ck_assert_double_eq_tol(v2 / (inner + v2), 0.1, 0.01);
	json_array_foreach(json_object_get(us, "outcomes"), i, o)
	{
		bool is_inner =
		    strcmp(json_string_value(json_object_get(o, "pool")),
			"inner") == 0;

		ck_assert_int_eq(
		    json_integer_value(json_object_get(o, "endpoints")),
		    is_inner ? 3 : 1);
	}
	json_decref(root);
}
END_TEST

/* The rule of the rank that gave the order is told from that of the fence. */
START_TEST(rules_of_the_rank_are_named)
{
	json_t *root = table("ruled.e.test", "A", SIZE_MAX);
	const json_t *us = row_of(root, "US"), *fr = row_of(root, "FR");
	const json_t *de = row_of(root, "DE"), *o;
	size_t i;

	/* Half of the country is in the lab. */
	ck_assert_uint_eq(json_array_size(json_object_get(us, "outcomes")), 2);
	json_array_foreach(json_object_get(us, "outcomes"), i, o)
	{
		const char *region =
		    json_string_value(json_object_get(o, "region"));

		ck_assert_int_eq(
		    json_integer_value(json_object_get(o, "rank_rule")),
		    strcmp(region, "eu") == 0 ? 1 : 2);
		ck_assert_int_eq(
		    json_integer_value(json_object_get(o, "addresses")),
		    1 << 19);
	}
	o = json_array_get(json_object_get(fr, "outcomes"), 0);
	ck_assert_int_eq(json_integer_value(json_object_get(o, "rule")), 1);
	ck_assert_int_eq(
	    json_integer_value(json_object_get(o, "rank_rule")), 2);
	o = json_array_get(json_object_get(de, "outcomes"), 0);
	ck_assert(json_is_null(json_object_get(o, "rank_rule")));
	json_decref(root);
}
END_TEST

START_TEST(pieces_do_not_matter)
{
	json_t *whole = table("split.e.test", "A", SIZE_MAX);
	json_t *pieces = table("api.e.test", "A", 1);

	ck_assert(json_equal(
	    json_object_get(whole, "rows"), json_object_get(pieces, "rows")));
	json_decref(whole);
	json_decref(pieces);
}
END_TEST

START_TEST(a_name_without_a_service_has_no_table)
{
	json_t *www = table("www.e.test", "A", 1);
	json_t *away = table("www.else.test", "A", 1);
	json_t *text = table("split.e.test", "TXT", 1);

	ck_assert_str_eq(json_string_value(json_object_get(www, "error")),
	    "www.e.test.: no service answers for type A there, so that all "
	    "countries get the same");
	ck_assert_ptr_nonnull(strstr(
	    json_string_value(json_object_get(away, "error")), "REFUSED"));
	ck_assert_ptr_nonnull(json_object_get(text, "error"));
	json_decref(www);
	json_decref(away);
	json_decref(text);
}
END_TEST

static void
destroy_table(void *table)
{
	latency_destroy(table);
}

/* Serve with the round trips of ${entries} from now on. */
static void
measure(const struct latency_entry *entries, size_t n)
{
	struct latency_builder *b = latency_begin();
	struct inputs none = {0};
	struct generation *measured;
	struct kept *kept;
	static struct errbuf eb;

	errbuf_init(&eb);
	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(latency_add(b, &entries[i]), 0);
	kept = kept_create(
	    latency_end(b), destroy_table, &none, &eb, (struct errbuf_mark){0});
	measured = generation_measure(generation, kept, NULL, &eb);
	ck_assert_msg(measured != NULL, "%s", eb.text);
	kept_release(kept);
	generation_release(generation);
	generation = measured;
	live_destroy(live);
	live = live_create(generation->policy);
	ck_assert_ptr_nonnull(live);
	memset(live->endpoint, USABLE_YES, live->n_endpoints);
	live_judge(live, generation->policy);
}

/* The order of the step rank for a client. */
static json_t *
order_of(const char *name, uint32_t address)
{
	json_t *root = one(name, address), *order = NULL;
	const json_t *step;
	size_t i;

	json_array_foreach(json_object_get(root, "steps"), i, step)
	{
		json_t *found = json_object_get(step, "order");

		if (found != NULL)
			order = json_incref(found);
	}
	json_decref(root);
	ck_assert_uint_eq(json_array_size(order), 2);
	return order;
}

/* A region of the order: where its round trip is from, and its numbers. */
static void
assert_standing(const json_t *order, size_t i, const char *region,
    const char *from, double rtt_ms, int band)
{
	const json_t *o = json_array_get(order, i);
	const char *told = json_string_value(json_object_get(o, "from"));

	ck_assert_str_eq(
	    json_string_value(json_object_get(o, "region")), region);

	ck_assert_int_eq(json_integer_value(json_object_get(o, "band")), band);
	ck_assert_double_eq(json_real_value(json_object_get(o, "cost")),
	    region[0] == 'u' ? 3 : 2.5);
	ck_assert_int_eq(told != NULL, from != NULL);
	if (from == NULL)
		return;
	ck_assert_str_eq(told, from);
	ck_assert_double_eq(
	    json_real_value(json_object_get(o, "rtt_ms")), rtt_ms);
	ck_assert_double_eq(
	    json_real_value(json_object_get(o, "counts_ms")), rtt_ms);
	ck_assert_int_eq(json_integer_value(json_object_get(o, "samples")), 4);
	ck_assert_int_eq(
	    json_integer_value(json_object_get(o, "measured_at")), (int)rtt_ms);
}

/* Prefixes, AS numbers and countries that are measured go where that is
 * quickest; explain shows of each region why. */
START_TEST(round_trips_are_in_the_table_and_in_each_answer)
{
	const struct latency_entry entries[] = {
	    latency_entry_of("21.4.0.0/16", "eu", 5000, 4),
	    latency_entry_of("21.4.0.0/16", "us", 90000, 4),
	    latency_entry_of("21.5.0.0/16", "us", 15000, 4),
	    latency_entry_of("21.5.1.0/24", "eu", 25000, 4),
	    latency_entry_of("21.5.2.0/24", "eu", 26000, 4),
	    latency_entry_of("DE", "us", 20000, 4),
	};
	json_t *root, *order;

	measure(entries, sizeof(entries) / sizeof(entries[0]));
	root = table("quick.e.test", "A", 3);
	ck_assert_int_eq(
	    addresses(row_of(root, "US"), "eu", "v1", 0), (1 << 16) + (1 << 8));
	ck_assert_int_eq(addresses(row_of(root, "US"), "us", "v1", 0),
	    (1 << 20) - (1 << 16) - (1 << 8));
	/* The office says that it is in France. */
	ck_assert_int_eq(addresses(row_of(root, "DE"), "us", "v1", 0),
	    (1 << 20) + (1 << 19) - (1 << 16) - 128);
	ck_assert_int_eq(addresses(row_of(root, "FR"), "eu", "v1", 0),
	    (1 << 19) + (1 << 16) + 128);
	json_decref(root);
	order = order_of("quick.e.test", UINT32_C(0x15040001));
	assert_standing(order, 0, "eu", "prefix 21.4.0.0/16", 5, 1);
	assert_standing(order, 1, "us", "prefix 21.4.0.0/16", 90, 2);
	json_decref(order);
	/* Near equal: the cheaper one. */
	order = order_of("quick.e.test", UINT32_C(0x15050101));
	assert_standing(order, 0, "eu", "prefix 21.5.1.0/24", 25, 1);
	assert_standing(order, 1, "us", "prefix 21.5.0.0/16", 15, 1);
	json_decref(order);
	order = order_of("quick.e.test", UINT32_C(0x15050201));
	assert_standing(order, 0, "us", "prefix 21.5.0.0/16", 15, 1);
	assert_standing(order, 1, "eu", "prefix 21.5.2.0/24", 26, 2);
	json_decref(order);
	order = order_of("quick.e.test", UINT32_C(0x14000001));
	assert_standing(order, 0, "us", "country DE", 20, 1);
	assert_standing(order, 1, "eu", NULL, 0, 2);
	ck_assert_int_gt(
	    json_integer_value(json_object_get(json_array_get(order, 1), "km")),
	    1000);
	json_decref(order);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("explain_countries");
	TCase *tc = tcase_create("explain_countries");
	SRunner *runner = srunner_create(s);
	int failed;

	tcase_add_unchecked_fixture(tc, begin, end);
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, the_table_is_an_exhaustive_count);
	tcase_add_test(tc, countries_rules_and_shares_are_exact);
	tcase_add_test(tc, what_serves_nobody_is_not_counted);
	tcase_add_test(tc, a_family_that_is_missing_is_an_outcome);
	tcase_add_test(tc, without_client_subnets_the_regions_are_the_same);
	tcase_add_test(tc, a_service_inside_is_a_pool);
	tcase_add_test(tc, rules_of_the_rank_are_named);
	tcase_add_test(tc, pieces_do_not_matter);
	tcase_add_test(tc, round_trips_are_in_the_table_and_in_each_answer);
	tcase_add_test(tc, a_name_without_a_service_has_no_table);
	suite_add_tcase(s, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
