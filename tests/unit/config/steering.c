/*
 * Steering files that are accepted: every key and default, the files of
 * networks, the limits of size.  What is refused is in config_refused.c.
 */
#include "config/steering.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "config/schema.h"
#include "config/subdivision.h"
#include "config/union.h"
#include "tests/unit/config_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define P                                                        \
	"pools: {p: {endpoints: [{name: x, region: a, address: " \
	"192.0.2.1}]}}\n"
#define S "services: {s: {pool: p}}\n"

#define P2                                                       \
	"regions: {a: {at: [1, 2]}, b: {at: [3, 4]}}\n"          \
	"pools: {p: {endpoints: [{name: x, region: a, address: " \
	"192.0.2.1}, {name: y, region: b, address: 192.0.2.2}]}}\n"

static struct errbuf eb;

/* A config that must be accepted without a word. */
static struct steering_config *
accepted(const char *says, const char *text)
{
	struct steering_config *config;

	errbuf_init(&eb);
	config = steering_config_parse("dir/f", text, strlen(text), &eb);
	ck_assert_msg(
	    config != NULL && eb.len == 0, "%s:\n%s\n%s", says, text, eb.text);
	return config;
}

/* The same of pools or services with both regions. */
static struct steering_config *accepted_format(const char *says,
    const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static struct steering_config *
accepted_format(const char *says, const char *fmt, ...)
{
	char text[4096];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return accepted(says, text);
}

/* DESIGN's example with all of its keys. */
static const char example[] =
    "networks:\n"
    "  office: [10.0.0.0/8, \"2001:db8:ff00::/40\"]\n"
    "  lab: {prefixes: 192.0.2.7, country: de, at: [52.5, 13.4], asn: "
    "AS64500}\n"
    "regions:\n"
    "  us-east: {at: [39.0, -77.5]}\n"
    "  eu-west: {at: [53.3, -6.3], bias: 10}\n"
    "checks:\n"
    "  chat: {preset: vllm, model: llama-3-70b, port: 8001, every: 5s,\n"
    "    timeout: 1500ms, fall: 4, rise: 1, quorum: all, families: ipv4}\n"
    "pools:\n"
    "  chat-v1:\n"
    "    check: chat\n"
    "    min_up: 50%\n"
    "    endpoints:\n"
    "      - {name: use1-a, region: us-east, address: [192.0.2.10, "
    "\"2001:db8:1::10\"], weight: 3, capacity: 400}\n"
    "      - {name: euw1-a, region: eu-west, address: [198.51.100.10, "
    "\"2001:db8:2::10\"], check_at: [127.0.0.1, \"[::1]:8443\"]}\n"
    "  chat-v2: {endpoints: [{name: e, region: eu-west, address: [192.0.2.99, "
    "\"2001:db8::1\"]}]}\n"
    "services:\n"
    "  chat:\n"
    "    split: {chat-v1: 95, chat-v2: 5}\n"
    "    fence:\n"
    "      - {clients: {continents: [EU], countries: [GB, ch], networks: "
    "[office], asns: [64500, AS1]}, regions: [eu-west], hard: true}\n"
    "      - {clients: all, regions: [us-east, eu-west]}\n"
    "    rank: {listed: [eu-west, us-east]}\n"
    "    affinity: name\n"
    "    sticky: {ipv4: 24, ipv6: 48}\n"
    "    ecs: [192.0.2.53, \"2001:db8::/32\"]\n"
    "    split_block: {ipv4: 12, ipv6: 48}\n"
    "    answers: {count: 2, from: regions}\n"
    "    ttl: {max: 2m, min: 1s}\n"
    "    last_resort: [records]\n";

START_TEST(reads_what_must_be_left)
{
	static const char rest[] =
	    "regions: {a: {at: [1, 2]}}\n"
	    "pools: {p: {endpoints: [{name: x, region: a, address: 192.0.2.1},"
	    " {name: y, region: a, address: 192.0.2.2}]}}\n"
	    "services: {s: {pool: p}}\n";
	char text[512];
	struct steering_config *config;

	snprintf(text, sizeof(text),
	    "%ssafety: {least: 2, share: 50%%, wait: 2m}\n", rest);
	config = accepted("all of it", text);
	ck_assert_uint_eq(config->safety.least, 2);
	ck_assert_uint_eq(config->safety.share_ppm, 500000);
	ck_assert_uint_eq(config->safety.wait_ms, 120000);
	steering_config_destroy(config);

	config = accepted("nothing", rest);
	ck_assert_uint_eq(config->safety.least, 1);
	ck_assert_uint_eq(config->safety.share_ppm, 0);
	ck_assert_uint_eq(config->safety.wait_ms, 0);
	steering_config_destroy(config);

	snprintf(text, sizeof(text), "%ssafety: {wait: off}\n", rest);
	config = accepted("no wait", text);
	ck_assert_uint_eq(config->safety.least, 1);
	ck_assert_uint_eq(config->safety.wait_ms, 0);
	steering_config_destroy(config);
}
END_TEST

START_TEST(reads_networks_and_regions)
{
	struct steering_config *config = accepted("the example", example);
	const struct network_config *office = &config->networks[0];
	const struct network_config *lab = &config->networks[1];
	char text[ADDRESS_TEXT];

	ck_assert_str_eq(config->path, "dir/f");
	ck_assert_uint_eq(config->n_networks, 2);
	ck_assert_str_eq(office->name, "office");
	ck_assert_str_eq(office->at.file, "dir/f");
	ck_assert_uint_eq(office->at.line, 2);
	ck_assert_uint_eq(office->at.column, 3);
	ck_assert_uint_eq(office->n_prefixes, 2);
	ck_assert_str_eq(
	    prefix_format(&office->prefixes[0], text), "10.0.0.0/8");
	ck_assert_str_eq(
	    prefix_format(&office->prefixes[1], text), "2001:db8:ff00::/40");
	ck_assert_str_eq(office->country, "");
	ck_assert(!office->has_position);
	ck_assert_uint_eq(office->asn, 0);
	ck_assert_uint_eq(lab->n_prefixes, 1);
	ck_assert_str_eq(
	    prefix_format(&lab->prefixes[0], text), "192.0.2.7/32");
	ck_assert_str_eq(lab->country, "DE");
	ck_assert(lab->has_position);
	ck_assert_double_eq(lab->latitude, 52.5);
	ck_assert_double_eq(lab->longitude, 13.4);
	ck_assert_uint_eq(lab->asn, 64500);

	ck_assert_uint_eq(config->n_regions, 2);
	ck_assert_str_eq(config->regions[0].name, "us-east");
	ck_assert_double_eq(config->regions[0].latitude, 39.0);
	ck_assert_double_eq(config->regions[0].longitude, -77.5);
	ck_assert_int_eq(config->regions[0].bias, 0);
	ck_assert_int_eq(config->regions[1].bias, 10);
	steering_config_destroy(config);
}
END_TEST

START_TEST(reads_checks_and_pools)
{
	struct steering_config *config = accepted("the example", example);
	const struct check_config *check = &config->checks[0];
	const struct pool_config *pool = &config->pools[0];
	const struct endpoint_config *e = pool->endpoints;
	char text[ADDRESS_TEXT];

	ck_assert_uint_eq(config->n_checks, 1);
	ck_assert_str_eq(check->model, "llama-3-70b");
	ck_assert_uint_eq(check->port, 8001);
	ck_assert_uint_eq(check->every_ms, 5000);
	ck_assert_uint_eq(check->timeout_ms, 1500);
	ck_assert_uint_eq(check->fall, 4);
	ck_assert_uint_eq(check->rise, 1);
	ck_assert_uint_eq(check->quorum, QUORUM_ALL);
	ck_assert(check->ipv4 && !check->ipv6);

	ck_assert_uint_eq(config->n_pools, 2);
	ck_assert_str_eq(pool->name, "chat-v1");
	ck_assert_uint_eq(pool->checks.n, 1);
	ck_assert_uint_eq(pool->checks.checks[0], 0);
	ck_assert_uint_eq(pool->checks.need, 1);
	ck_assert_uint_eq(pool->min_up_ppm, 500000);
	ck_assert_uint_eq(pool->n_endpoints, 2);
	ck_assert_str_eq(e[0].name, "use1-a");
	ck_assert_uint_eq(e[0].at.line, 15);
	ck_assert_uint_eq(e[0].at.column, 9);
	ck_assert_uint_eq(e[0].region, 0);
	ck_assert_uint_eq(e[0].n_ipv4, 1);
	ck_assert_uint_eq(e[0].n_ipv6, 1);
	ck_assert_str_eq(address_format(&e[0].ipv4[0], text), "192.0.2.10");
	ck_assert_str_eq(address_format(&e[0].ipv6[0], text), "2001:db8:1::10");
	ck_assert_uint_eq(e[0].weight, 3);
	ck_assert_uint_eq(e[0].capacity, 400);
	ck_assert_ptr_null(e[0].check_at);
	ck_assert_uint_eq(e[1].region, 1);
	ck_assert_uint_eq(e[1].weight, 1);
	ck_assert_uint_eq(e[1].capacity, 0);
	ck_assert_uint_eq(e[1].n_check_at, 2);
	ck_assert_uint_eq(e[1].check_at[0].port, 0);
	ck_assert_str_eq(
	    endpoint_address_format(&e[1].check_at[1], text), "[::1]:8443");
	ck_assert_uint_eq(config->pools[1].checks.n, 0);
	ck_assert_uint_eq(config->pools[1].min_up_ppm, 0);
	steering_config_destroy(config);
}
END_TEST

START_TEST(reads_unions_and_unknown_clients)
{
	struct steering_config *config = accepted("unions",
	    P2 "services: {s: {pool: p, fence: ["
	       "{clients: {unions: [EU, eea]}, regions: a, hard: true}, "
	       "{clients: unknown, regions: [a, b], hard: true}]}}\n");
	const struct fence_config *f = config->services[0].fences;

	ck_assert_uint_eq(f[0].clients.n_unions, 2);
	ck_assert_str_eq(union_name(f[0].clients.unions[0]), "EU");
	ck_assert_str_eq(union_name(f[0].clients.unions[1]), "EEA");
	ck_assert(!f[0].clients.unknown && !f[0].clients.everyone);
	ck_assert(f[1].clients.unknown && !f[1].clients.everyone);
	ck_assert_uint_eq(f[1].clients.n_unions, 0);
	steering_config_destroy(config);
}
END_TEST

START_TEST(reads_places_inside_of_countries)
{
	struct steering_config *config = accepted("inside",
	    P2 "services: {s: {pool: p, fence: ["
	       "{clients: {subdivisions: [us-ca, GB-ENG, FR-75C], cities: "
	       "[5391959, gb/London, US-CA/San Francisco, DE/a/b], near: {at: "
	       "[52.5, -13.4], km: 300}}, regions: a}, {clients: {near: [{at: "
	       "[90, 0], km: 1}, {at: [0, 180], km: 20015}]}, regions: b}]}}"
	       "\n");
	const struct fence_config *f = config->services[0].fences;
	const struct clients_config *c = &f[0].clients;

	ck_assert_uint_eq(c->n_subdivisions, 3);
	ck_assert_str_eq(c->subdivisions[0].country, "US");
	ck_assert_uint_eq(c->subdivisions[0].code, subdivision_parse("CA", 2));
	ck_assert_str_eq(c->subdivisions[1].country, "GB");
	ck_assert_uint_eq(c->subdivisions[2].code, subdivision_parse("75C", 3));
	ck_assert_uint_eq(c->n_cities, 4);
	ck_assert_uint_eq(c->cities[0].geoname, 5391959);
	ck_assert_str_eq(c->cities[1].country, "GB");
	ck_assert_str_eq(c->cities[1].name, "London");
	ck_assert_uint_eq(c->cities[1].subdivision, 0);
	ck_assert_uint_eq(c->cities[2].subdivision, subdivision_parse("CA", 2));
	ck_assert_str_eq(c->cities[2].name, "San Francisco");
	ck_assert_str_eq(c->cities[3].name, "a/b");
	ck_assert_uint_eq(c->n_near, 1);
	ck_assert(c->near[0].latitude == 52.5 && c->near[0].longitude == -13.4);
	ck_assert_uint_eq(c->near[0].km, 300);
	ck_assert_uint_eq(f[1].clients.n_near, 2);
	ck_assert_uint_eq(f[1].clients.near[1].km, 20015);
	steering_config_destroy(config);
}
END_TEST

START_TEST(reads_rules_of_a_rank)
{
	struct steering_config *config = accepted("rules",
	    P2 "services: {s: {pool: p, rank: {rules: [{clients: {countries: "
	       "[DE, FR]}, regions: [b, a]}, {clients: unknown, regions: b}, "
	       "{clients: all, regions: [a]}]}}}\n");
	const struct service_config *s = &config->services[0];

	ck_assert_uint_eq(s->rank, RANK_RULES);
	ck_assert_uint_eq(s->n_orders, 3);
	ck_assert_uint_eq(s->orders[0].clients.n_countries, 2);
	ck_assert_uint_eq(s->orders[0].n_regions, 2);
	ck_assert_uint_eq(s->orders[0].regions[0], 1);
	ck_assert_uint_eq(s->orders[0].regions[1], 0);
	ck_assert(s->orders[1].clients.unknown);
	ck_assert(s->orders[2].clients.everyone);
	ck_assert_uint_eq(s->orders[2].n_regions, 1);
	steering_config_destroy(config);
	/* Who is in no rule goes to the nearest: no region is lost. */
	config = accepted("rules for some",
	    P2 "services: {s: {pool: p, rank: {rules: [{clients: {countries: "
	       "DE}, regions: b}]}}}\n");
	steering_config_destroy(config);
}
END_TEST

START_TEST(reads_what_is_near_and_what_it_costs)
{
	static const struct {
		const char *text;
		enum rank_kind rank;
		enum near_kind kind;
		uint32_t near;
	} rows[] = {
	    {"rank: latency", RANK_LATENCY, NEAR_NONE, 0},
	    {"rank: nearest, near_equal: 0%", RANK_NEAREST, NEAR_SHARE, 0},
	    {"near_equal: 15%", RANK_NEAREST, NEAR_SHARE, 150000},
	    {"near_equal: 0.0001%", RANK_NEAREST, NEAR_SHARE, 1},
	    {"near_equal: 100%", RANK_NEAREST, NEAR_SHARE, 1000000},
	    {"near_equal: 1km", RANK_NEAREST, NEAR_WAY, 1},
	    {"near_equal: 20015km", RANK_NEAREST, NEAR_WAY, 20015},
	    {"rank: latency, near_equal: 10ms", RANK_LATENCY, NEAR_TIME, 10000},
	    {"rank: latency, near_equal: 0.001ms", RANK_LATENCY, NEAR_TIME, 1},
	    {"rank: latency, near_equal: 10000ms", RANK_LATENCY, NEAR_TIME,
		10000000},
	    {"rank: {rules: [{clients: {countries: DE}, regions: b}]}, "
	     "near_equal: 5km",
		RANK_RULES, NEAR_WAY, 5},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct steering_config *config;
		char text[1024];

		snprintf(text, sizeof(text),
		    "regions: {a: {at: [1, 2], cost: 1000000}, "
		    "b: {at: [3, 4]}}\n"
		    "pools: {p: {endpoints: [{name: x, region: a, address: "
		    "192.0.2.1}, {name: y, region: b, address: 192.0.2.2, "
		    "cost: 2.0305}, {name: z, region: b, address: 192.0.2.3, "
		    "weight: 0}]}}\nservices: {s: {pool: p, %s}, "
		    "t: {pool: p, near_equal: 1%%}}\n",
		    rows[i].text);
		config = accepted(rows[i].text, text);
		ck_assert_uint_eq(config->services[0].rank, rows[i].rank);
		ck_assert_uint_eq(config->services[0].near_kind, rows[i].kind);
		ck_assert_uint_eq(config->services[0].near_equal, rows[i].near);
		ck_assert(config->regions[0].cost.said);
		ck_assert_uint_eq(
		    config->regions[0].cost.value, UINT64_C(10000000000));
		ck_assert(!config->regions[1].cost.said);
		ck_assert(!config->pools[0].endpoints[0].cost.said);
		ck_assert_uint_eq(
		    config->pools[0].endpoints[1].cost.value, 20305);
		steering_config_destroy(config);
	}
}
END_TEST

/* Hard rules that need no word on clients of whom nothing is known. */
START_TEST(hard_fences_without_a_warning)
{
	static const char *const fences[] = {
	    "{clients: {unions: EU}, regions: a, hard: true}, "
	    "{clients: unknown, regions: a}",
	    "{clients: unknown, regions: a}, "
	    "{clients: {unions: EU}, regions: a, hard: true}",
	    "{clients: {countries: DE}, regions: a, hard: true}, "
	    "{clients: all, regions: [a, b]}",
	    "{clients: {countries: DE}, regions: a}",
	    "{clients: {asns: 64500}, regions: a, hard: true}",
	    "{clients: {subdivisions: US-CA}, regions: a, hard: true}, "
	    "{clients: {countries: US}, regions: a}, {clients: unknown, "
	    "regions: a}",
	    "{clients: {cities: US/Reno, continents: NA}, regions: a, hard: "
	    "true}, {clients: unknown, regions: a}",
	    "{clients: {cities: FR/Paris}, regions: a, hard: true}, "
	    "{clients: {unions: EU}, regions: a}, {clients: unknown, "
	    "regions: a}",
	    "{clients: {cities: 5391959}, regions: a, hard: true}, "
	    "{clients: unknown, regions: a}",
	    "{clients: all, regions: a, hard: true}"};

	for (size_t i = 0; i < sizeof(fences) / sizeof(fences[0]); i++)
		steering_config_destroy(accepted_format(fences[i],
		    P2 "services: {s: {pool: p, fence: [%s]}}\n", fences[i]));
}
END_TEST

/* No position of a town brings a warning, and none of a region in use. */
START_TEST(positions_of_towns_bring_no_warning)
{
	static const char *const towns[] = {"[39.0, -77.5]", "[53.3, -6.3]",
	    "[-54.8, -68.3]", "[-55.1, -67.1]", "[78.2, 15.6]",
	    "[-33.9, 151.2]", "[-45.9, 170.5]", "[1.4, 103.8]", "[0, 0]",
	    "[-23.5, -46.6]", "[64.1, -21.9]", "[-77.8, 166.7]"};

	for (size_t i = 0; i < sizeof(towns) / sizeof(towns[0]); i++)
		steering_config_destroy(accepted_format(
		    towns[i], "regions: {a: {at: %s}}\n" P S, towns[i]));
}
END_TEST

START_TEST(reads_services)
{
	struct steering_config *config = accepted("the example", example);
	const struct service_config *s = &config->services[0];
	const struct fence_config *f = s->fences;
	char text[ADDRESS_TEXT];

	ck_assert_uint_eq(config->n_services, 1);
	ck_assert_str_eq(s->name, "chat");
	ck_assert_uint_eq(s->n_split, 2);
	ck_assert_uint_eq(s->split[0].pool, 0);
	ck_assert_uint_eq(s->split[0].weight, 95);
	ck_assert_uint_eq(s->split[1].pool, 1);
	ck_assert_uint_eq(s->split[1].weight, 5);
	ck_assert_uint_eq(s->n_fences, 2);
	ck_assert(f[0].hard && !f[0].clients.everyone);
	ck_assert_uint_eq(f[0].regions, 2);
	ck_assert_uint_eq(f[0].clients.n_continents, 1);
	ck_assert_str_eq(f[0].clients.continents[0], "EU");
	ck_assert_uint_eq(f[0].clients.n_countries, 2);
	ck_assert_str_eq(f[0].clients.countries[1], "CH");
	ck_assert_uint_eq(f[0].clients.n_networks, 1);
	ck_assert_uint_eq(f[0].clients.networks[0], 0);
	ck_assert_uint_eq(f[0].clients.n_asns, 2);
	ck_assert_uint_eq(f[0].clients.asns[1], 1);
	ck_assert(f[1].clients.everyone && !f[1].hard);
	ck_assert_uint_eq(f[1].regions, 3);
	ck_assert_uint_eq(s->rank, RANK_LISTED);
	ck_assert_uint_eq(s->n_listed, 2);
	ck_assert_uint_eq(s->listed[0], 1);
	ck_assert_uint_eq(s->listed[1], 0);
	ck_assert_uint_eq(s->affinity, AFFINITY_NAME);
	ck_assert_uint_eq(s->sticky_ipv4, 24);
	ck_assert_uint_eq(s->sticky_ipv6, 48);
	ck_assert_uint_eq(s->ecs, ECS_LISTED);
	ck_assert_uint_eq(s->n_ecs_senders, 2);
	ck_assert_str_eq(
	    prefix_format(&s->ecs_senders[0], text), "192.0.2.53/32");
	ck_assert_str_eq(
	    prefix_format(&s->ecs_senders[1], text), "2001:db8::/32");
	ck_assert_uint_eq(s->block_ipv4, 12);
	ck_assert_uint_eq(s->block_ipv6, 48);
	ck_assert_uint_eq(s->answers, 2);
	ck_assert_uint_eq(s->answers_from, ANSWERS_REGIONS);
	ck_assert_uint_eq(s->ttl_max_s, 120);
	ck_assert_uint_eq(s->ttl_min_s, 1);
	ck_assert_uint_eq(s->n_resorts, 1);
	ck_assert_uint_eq(s->resorts[0], RESORT_RECORDS);
	steering_config_destroy(config);
}
END_TEST

START_TEST(fills_in_the_defaults)
{
	struct steering_config *config = accepted("defaults",
	    "checks: {h: {}, s: {scheme: https}, v: {preset: vllm},"
	    " f: {every: 1s}}\n"
	    "regions: {a: {at: [1, 2]}}\n"
	    "pools: {p: {check: h, endpoints: [{name: x, region: a, address:"
	    " 192.0.2.1}]}, q: {check: s, endpoints: [{name: x, region: a,"
	    " address: 192.0.2.1}]}, r: {check: v, endpoints: [{name: x,"
	    " region: a, address: 192.0.2.1}]}, t: {check: f, endpoints:"
	    " [{name: x, region: a, address: 192.0.2.1}]}}\n"
	    "services: {\"@\": {split: {p: 1, q: 1, r: 1, t: 1}}}\n");
	const struct check_config *http = &config->checks[0];
	const struct check_config *vllm = &config->checks[2];
	const struct service_config *s = &config->services[0];

	ck_assert_str_eq(http->preset, "http");
	ck_assert(!http->https && http->verify && http->ipv4 && http->ipv6);
	ck_assert_uint_eq(http->port, 80);
	ck_assert_str_eq(http->path, "/");
	ck_assert_ptr_null(http->host);
	ck_assert_ptr_null(http->model);
	ck_assert_ptr_null(http->ca);
	ck_assert_uint_eq(http->n_expect, 1);
	ck_assert_uint_eq(http->expect[0].first, 200);
	ck_assert_uint_eq(http->expect[0].last, 399);
	ck_assert_uint_eq(http->every_ms, 5000);
	ck_assert_uint_eq(http->timeout_ms, 2000);
	ck_assert_uint_eq(http->fall, 3);
	ck_assert_uint_eq(http->rise, 2);
	ck_assert_uint_eq(http->quorum, QUORUM_MAJORITY);
	ck_assert(config->checks[1].https);
	ck_assert_uint_eq(config->checks[1].port, 443);
	ck_assert_uint_eq(vllm->port, 8000);
	ck_assert_str_eq(vllm->path, "/health");
	ck_assert_uint_eq(vllm->expect[0].first, 200);
	ck_assert_uint_eq(vllm->expect[0].last, 200);
	/* Never longer than the period. */
	ck_assert_uint_eq(config->checks[3].timeout_ms, 1000);

	ck_assert_uint_eq(s->rank, RANK_NEAREST);
	ck_assert_uint_eq(s->affinity, AFFINITY_CLIENT);
	ck_assert_uint_eq(s->sticky_ipv4, 20);
	ck_assert_uint_eq(s->sticky_ipv6, 40);
	ck_assert_uint_eq(s->ecs, ECS_ON);
	ck_assert_uint_eq(s->block_ipv4, 14);
	ck_assert_uint_eq(s->block_ipv6, 32);
	ck_assert_uint_eq(s->answers, 1);
	ck_assert_uint_eq(s->answers_from, ANSWERS_REGION);
	ck_assert_uint_eq(s->ttl_max_s, 60);
	ck_assert_uint_eq(s->ttl_min_s, 5);
	ck_assert_uint_eq(s->n_fences, 0);
	ck_assert_uint_eq(s->n_resorts, 3);
	ck_assert_uint_eq(s->resorts[0], RESORT_POOLS);
	ck_assert_uint_eq(s->resorts[1], RESORT_UNFENCED);
	ck_assert_uint_eq(s->resorts[2], RESORT_ALL);
	steering_config_destroy(config);
}
END_TEST

static const struct {
	const char *says, *check;
	uint64_t every_ms;
} durations[] = {{"milliseconds", "every: 200ms, timeout: 10ms", 200},
    {"the shortest period", "every: 100ms", 100},
    {"seconds", "every: 90s", 90000}, {"minutes", "every: 2m", 120000},
    {"hours", "every: 1h", 3600000}, {"in quotes", "every: \"5s\"", 5000},
    {"a timeout of the whole period", "every: 7s, timeout: 7s", 7000}};

START_TEST(reads_durations)
{
	for (size_t i = 0; i < COUNT(durations); i++) {
		struct steering_config *config =
		    accepted_format(durations[i].says,
			"regions: {a: {at: [1, 2]}}\n" S
			"checks: {c: {%s}}\npools: {p: {check: c, endpoints: "
			"[{name: x, region: a, address: 192.0.2.1}]}}\n",
			durations[i].check);

		ck_assert_msg(
		    config->checks[0].every_ms == durations[i].every_ms, "%s",
		    durations[i].says);
		steering_config_destroy(config);
	}
}
END_TEST

START_TEST(reads_a_quorum_of_some_and_codes_in_ranges)
{
	struct steering_config *config = accepted("codes",
	    "regions: {a: {at: [1, 2]}}\n"
	    "services: {s: {pool: p}, t: {pool: q}, u: {pool: r}}\n"
	    "checks: {c: {quorum: 2, expect: [200, 300-399], host: h.example},"
	    " d: {quorum: {agree: all, of: regions, near: 3}},"
	    " e: {quorum: {near: 2}}}"
	    "\npools: {p: {check: c, endpoints: [{name: x, region: a, address:"
	    " 192.0.2.1}]}, q: {check: d, endpoints: [{name: y, region: a, "
	    "address: 192.0.2.2}]}, r: {check: e, endpoints: [{name: z, region:"
	    " a, address: 192.0.2.3}]}}\n");
	const struct check_config *check = &config->checks[0];

	ck_assert_uint_eq(check->quorum, QUORUM_COUNT);
	ck_assert_uint_eq(check->quorum_count, 2);
	ck_assert_uint_eq(check->n_expect, 2);
	ck_assert_uint_eq(check->expect[0].first, 200);
	ck_assert_uint_eq(check->expect[0].last, 200);
	ck_assert_uint_eq(check->expect[1].first, 300);
	ck_assert_uint_eq(check->expect[1].last, 399);
	ck_assert_str_eq(check->host, "h.example");
	ck_assert_uint_eq(check->quorum_near, 0);
	check = &config->checks[1];
	ck_assert_uint_eq(check->quorum, QUORUM_ALL);
	ck_assert(check->quorum_regions);
	ck_assert_uint_eq(check->quorum_near, 3);
	check = &config->checks[2];
	ck_assert_uint_eq(check->quorum, QUORUM_MAJORITY);
	ck_assert(!check->quorum_regions);
	ck_assert_uint_eq(check->quorum_near, 2);
	steering_config_destroy(config);
}
END_TEST

static const struct {
	const char *text;
	uint32_t ppm;
} shares[] = {{"0", 0}, {"0%", 0}, {"5%", 50000}, {"0.05", 50000},
    {"12.5%", 125000}, {"0.0001%", 1}, {"0.000001", 1}, {"1%", 10000},
    {"1", 1000000}, {"1.000000", 1000000}, {"100%", 1000000}};

START_TEST(reads_shares)
{
	for (size_t i = 0; i < COUNT(shares); i++) {
		struct steering_config *config = accepted_format(shares[i].text,
		    "regions: {a: {at: [1, 2]}}\n" S
		    "pools: {p: {min_up: %s, endpoints: [{name: x, region: a,"
		    " address: 192.0.2.1}]}}\n",
		    shares[i].text);

		ck_assert_msg(config->pools[0].min_up_ppm == shares[i].ppm,
		    "%s is %u", shares[i].text, config->pools[0].min_up_ppm);
		steering_config_destroy(config);
	}
}
END_TEST

static const struct {
	const char *says, *split;
	uint32_t p, q;
} splits[] = {{"whole numbers", "{p: 3, q: 1}", 3, 1},
    {"per cents are millionths", "{p: 99.5%, q: 0.5%}", 995000, 5000},
    {"a pool of weight 0 is a last resort", "{p: 1, q: 0}", 1, 0},
    {"of 0 per cent too", "{p: 0%, q: 100%}", 0, 1000000},
    {"the largest", "{p: 1000000, q: 1000000}", 1000000, 1000000}};

START_TEST(reads_splits)
{
	for (size_t i = 0; i < COUNT(splits); i++) {
		struct steering_config *config = accepted_format(splits[i].says,
		    "regions: {a: {at: [1, 2]}}\nservices: {s: {split: %s}}\n"
		    "pools: {p: {endpoints: [{name: x, region: a, address: "
		    "192.0.2.1}]}, q: {endpoints: [{name: x, region: a, "
		    "address: 192.0.2.1}]}}\n",
		    splits[i].split);
		const struct split_config *split = config->services[0].split;

		ck_assert_msg(split[0].weight == splits[i].p &&
			split[1].weight == splits[i].q,
		    "%s: %u, %u", splits[i].says, split[0].weight,
		    split[1].weight);
		steering_config_destroy(config);
	}
}
END_TEST

static const struct {
	const char *says, *keys;
	uint32_t max_s, min_s;
} ttls[] = {{"one duration is the largest", "ttl: 30s", 30, 5},
    {"the least follows below 5 s", "ttl: 2s", 2, 2},
    {"in a mapping too", "ttl: {max: 3s}", 3, 3},
    {"the largest alone", "ttl: {max: 1h}", 3600, 5},
    {"the least alone", "ttl: {min: 20s}", 60, 20},
    {"both the same", "ttl: {max: 1m, min: 60s}", 60, 60},
    {"no caching at all", "ttl: 0s", 0, 0},
    {"an empty value changes nothing", "ttl: {}", 60, 5}};

START_TEST(reads_ttls)
{
	for (size_t i = 0; i < COUNT(ttls); i++) {
		struct steering_config *config = accepted_format(ttls[i].says,
		    "regions: {a: {at: [1, 2]}}\n" P
		    "services: {s: {pool: p, %s}}\n",
		    ttls[i].keys);
		const struct service_config *s = &config->services[0];

		ck_assert_msg(s->ttl_max_s == ttls[i].max_s &&
			s->ttl_min_s == ttls[i].min_s,
		    "%s: %u, %u", ttls[i].says, s->ttl_max_s, s->ttl_min_s);
		steering_config_destroy(config);
	}
}
END_TEST

#define END STEERING_MAX_RESORTS

static const struct {
	const char *says, *list;
	int resorts[STEERING_MAX_RESORTS];
} resorts[] = {
    {"the end is implied", "pools", {RESORT_POOLS, RESORT_ALL, END}},
    {"also behind two", "[unfenced, pools]",
	{RESORT_UNFENCED, RESORT_POOLS, RESORT_ALL, END}},
    {"an end alone", "servfail", {RESORT_SERVFAIL, END}},
    {"records at the end", "[pools, records]",
	{RESORT_POOLS, RESORT_RECORDS, END}},
    {"all three", "[pools, unfenced, servfail]",
	{RESORT_POOLS, RESORT_UNFENCED, RESORT_SERVFAIL, END}},
};

START_TEST(reads_last_resorts)
{
	for (size_t i = 0; i < COUNT(resorts); i++) {
		struct steering_config *config =
		    accepted_format(resorts[i].says,
			"regions: {a: {at: [1, 2]}}\n" P
			"services: {s: {pool: p, last_resort: %s}}\n",
			resorts[i].list);
		const struct service_config *s = &config->services[0];
		size_t n = 0;

		for (; resorts[i].resorts[n] != END; n++)
			ck_assert_msg(n < s->n_resorts &&
				(int)s->resorts[n] == resorts[i].resorts[n],
			    "%s", resorts[i].says);
		ck_assert_msg(s->n_resorts == n, "%s", resorts[i].says);
		steering_config_destroy(config);
	}
}
END_TEST

START_TEST(accepts_what_looks_odd)
{
	static const struct {
		const char *says, *text;
	} odd[] = {
	    {"sections in another order", S P "regions: {a: {at: [1, 2]}}\n"},
	    {"listed regions without endpoints",
		"regions: {a: {at: [1, 2]}, b: {at: [1, 2]}}\n"
		"services: {s: {pool: p, rank: {listed: [a]}}, t: {pool: q}}\n"
		"pools: {p: {endpoints: [{name: x, region: a, address: "
		"192.0.2.1}]}, q: {endpoints: [{name: x, region: b, address: "
		"192.0.2.1}]}}\n"},
	    {"addresses next to those of one link",
		"regions: {a: {at: [1, 2]}}\n" S
		"pools: {p: {endpoints: [{name: x, region: a, address: "
		"[169.253.255.255, 169.255.0.0, 168.254.0.1, \"fec0::1\", "
		"\"fe7f::1\", \"2080::1\"]}]}}\n"},
	    {"one that is never picked lacks a family",
		"regions: {a: {at: [1, 2]}}\n" S
		"pools: {p: {families: mixed, endpoints: [{name: x, region: a, "
		"address: 192.0.2.1}, {name: y, region: a, weight: 0, address: "
		"\"2001:db8::1\"}]}}\n"},
	    {"a weight of 0 beside another",
		"regions: {a: {at: [1, 2]}}\n" S
		"pools: {p: {endpoints: [{name: x, region: a, address: "
		"192.0.2.1, weight: 0}, {name: y, region: a, address: "
		"192.0.2.2}]}}\n"},
	    {"a check of one family, probed elsewhere",
		"regions: {a: {at: [1, 2]}}\nchecks: {c: {families: ipv4}}\n" S
		"pools: {p: {check: c, endpoints: [{name: x, region: a, "
		"address: \"2001:db8::1\", check_at: 192.0.2.1}]}}\n"},
	    {"sections with nothing in them",
		"networks:\nchecks:\nregions: {a: {at: [1, 2]}}\n" P S},
	    {"a wildcard and a name with a dot",
		"regions: {a: {at: [1, 2]}}\n" P
		"services: {\"*.img\": {pool: p}, a.b: {pool: p}, "
		"c.example.: {pool: p}}\n"},
	    {"the end of the date line and the poles",
		"regions: {a: {at: [-90, 180], bias: -99}, "
		"b: {at: [90, -180], bias: 99}}\n" S
		"pools: {p: {endpoints: [{name: x, region: a, address: "
		"192.0.2.1}, {name: y, region: b, address: 192.0.2.2}]}}\n"}};

	for (size_t i = 0; i < COUNT(odd); i++)
		steering_config_destroy(accepted(odd[i].says, odd[i].text));
}
END_TEST

/* A folder of its own for files. */
static char folder[] = "/tmp/meridian-test-XXXXXX";

static void
write_file(const char *name, const char *text, char path[256])
{
	FILE *file;

	snprintf(path, 256, "%s/%s", folder, name);
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	ck_assert(fputs(text, file) >= 0);
	ck_assert_int_eq(fclose(file), 0);
}

static const char with_file[] = "networks: {n: {file: office.txt, asn: 1}}\n"
				"regions: {a: {at: [1, 2]}}\n" P S;

/* What is said of the file of prefixes, its folder left away. */
static const struct config_row files[] = {
    {"comments, blanks and bare addresses",
	"# office\n\n 10.0.0.0/8 # all\r\n\t192.0.2.1\n2001:db8::/32", ""},
    {"faults in lines, all of them", "10.0.0.0/8\n 10.1.0.0/8\nx # y\n",
	"office.txt:2:2: error: prefix \"10.1.0.0/8\" has bits set behind its "
	"length, write 10.0.0.0/8\n"
	"office.txt:3:1: error: expected a prefix (10.0.0.0/8, "
	"2001:db8::/32), found \"x\"\n"},
    {"two prefixes in a line", "10.0.0.0/8 192.0.2.0/24\n",
	"office.txt:1:1: error: expected a prefix (10.0.0.0/8, "
	"2001:db8::/32), found \"10.0.0.0/8 192.0.2.0/24\"\n"},
    {"no prefix", "# nothing yet\n", "office.txt: error: holds no prefix\n"},
    {"an empty file", "", "office.txt: error: holds no prefix\n"},
};

START_TEST(reads_files_of_networks)
{
	char path[256], yaml[256], start[64];

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(start, sizeof(start), "%s/office.txt", folder);
	write_file("f.yaml", with_file, yaml);
	for (size_t i = 0; i < COUNT(files); i++) {
		struct steering_config *config;
		char *said = eb.text;

		write_file("office.txt", files[i].text, path);
		errbuf_init(&eb);
		config = steering_config_load(yaml, NULL, NULL, &eb);
		ck_assert_msg((config != NULL) == (files[i].messages[0] == 0),
		    "%s: %s", files[i].says, eb.text);
		if (config != NULL)
			ck_assert_uint_eq(config->networks[0].n_prefixes, 3);
		steering_config_destroy(config);
		/* Leave away the folder in each line. */
		while ((said = strstr(said, start)) != NULL)
			memmove(said, said + strlen(folder) + 1,
			    strlen(said + strlen(folder) + 1) + 1);
		config_row_check(&files[i], &eb);
	}
	unlink(path);
	errbuf_init(&eb);
	ck_assert_ptr_null(steering_config_load(yaml, NULL, NULL, &eb));
	ck_assert_msg(
	    strstr(eb.text, "/f.yaml:1:22: error: cannot open \"") != NULL,
	    "%s", eb.text);
	ck_assert_ptr_nonnull(strstr(eb.text, "/office.txt\": No such file"));
	unlink(yaml);
	errbuf_init(&eb);
	ck_assert_ptr_null(steering_config_load(yaml, NULL, NULL, &eb));
	ck_assert_ptr_nonnull(
	    strstr(eb.text, "f.yaml: error: cannot open: No such file"));
	rmdir(folder);
}
END_TEST

/* ${n} times ${item} with a number, between ${before} and ${after}. */
static char *
many(const char *before, const char *item, unsigned n, const char *after)
{
	size_t size =
	    strlen(before) + strlen(after) + 1 + n * (strlen(item) + 8);
	char *text = malloc(size);
	size_t len;

	ck_assert_ptr_nonnull(text);
	len = (size_t)snprintf(text, size, "%s", before);
	for (unsigned i = 0; i < n; i++) {
		const char *number = strchr(item, '#');

		len += (size_t)snprintf(text + len, size - len, "%.*s%u%s",
		    (int)(number - item), item, i, number + 1);
	}
	snprintf(text + len, size - len, "%s", after);
	return text;
}

static const struct {
	const char *says, *before, *item, *after;
	unsigned limit;
	const char *message;
} limits[] = {
    {"regions", "regions: {", "a#: {at: [1, 2]}, ", "a: {at: [1, 2]}}\n" P S,
	STEERING_MAX_REGIONS - 1,
	"f:1:10: error: regions: 65 are defined, at most 64 are accepted\n"},
    {"endpoints over all pools",
	"regions: {a: {at: [1, 2]}}\n" S "pools: {p: {endpoints: [",
	"{name: x#, region: a, address: 192.0.2.1}, ", "]}}\n",
	STEERING_MAX_ENDPOINTS,
	"f:3:24: error: endpoints: the list has 65537 items, at most 65536 "
	"are accepted\n"},
    {"services", "regions: {a: {at: [1, 2]}}\n" P "services: {",
	"s#: {pool: p}, ", "}\n", STEERING_MAX_SERVICES,
	"f:3:11: error: services: 65537 are defined, at most 65536 are "
	"accepted\n"},
};

START_TEST(stops_at_its_limits)
{
	for (size_t i = 0; i < COUNT(limits); i++)
		for (unsigned more = 0; more < 2; more++) {
			struct steering_config *config;
			char *text = many(limits[i].before, limits[i].item,
			    limits[i].limit + more, limits[i].after);

			errbuf_init(&eb);
			config =
			    steering_config_parse("f", text, strlen(text), &eb);
			ck_assert_msg((config != NULL) == (more == 0), "%s: %s",
			    limits[i].says, eb.text);
			if (config == NULL)
				ck_assert_ptr_nonnull(
				    strstr(eb.text, limits[i].message));
			steering_config_destroy(config);
			free(text);
		}
}
END_TEST

START_TEST(stops_at_16_pools_in_a_split)
{
	for (unsigned n = STEERING_MAX_SPLIT; n <= STEERING_MAX_SPLIT + 1;
	     n++) {
		char *split = many("}\nregions: {a: {at: [1, 2]}}\n"
				   "services: {s: {split: {",
		    "p#: 1, ", n, "}}}\n");
		char *text = many("pools: {",
		    "p#: {endpoints: [{name: x, region: a, address: "
		    "192.0.2.1}]}, ",
		    n, split);
		struct steering_config *config;

		errbuf_init(&eb);
		config = steering_config_parse("f", text, strlen(text), &eb);
		ck_assert_msg((config != NULL) == (n == STEERING_MAX_SPLIT),
		    "%s", eb.text);
		if (config == NULL)
			ck_assert_str_eq(eb.text,
			    "f:3:23: error: split: 17 are defined, at most 16 "
			    "are accepted\n");
		steering_config_destroy(config);
		free(text);
		free(split);
	}
}
END_TEST

START_TEST(stops_at_the_hundredth_error)
{
	static const struct {
		const char *before, *item, *after, *last;
	} wrong[] = {
	    {"regions: {a: {at: [1, 2]}}\nservices: {",
		"s#: {pool: qqqqqqqqqqq}, ", "}\n" P, "f:2:2602: "},
	    {"{", "k#: 1, ", "}", "f:1:792: "},
	};

	for (size_t i = 0; i < COUNT(wrong); i++) {
		char *text =
		    many(wrong[i].before, wrong[i].item, 5000, wrong[i].after);
		const char *said;

		errbuf_init(&eb);
		ck_assert_ptr_null(
		    steering_config_parse("f", text, strlen(text), &eb));
		ck_assert_uint_eq(eb.errors, SCHEMA_MAX_ERRORS + 1);
		ck_assert_uint_eq(eb.lost, 0);
		said = strstr(eb.text, wrong[i].last);
		ck_assert_msg(said != NULL, "%s", eb.text + eb.len - 300);
		ck_assert_str_eq(said + strlen(wrong[i].last),
		    "error: there are 100 errors before this: the file is not "
		    "read further\n");
		free(text);
	}
	steering_config_destroy(NULL);
}
END_TEST

/* What services have by default, by the kind of their pools. */
START_TEST(edge_services_pick_by_name_and_have_a_longer_ttl)
{
	static const struct {
		const char *says, *service;
		enum affinity affinity;
		uint32_t max_s, min_s;
	} rows[] = {
	    {"all edges", "pool: e", AFFINITY_NAME, 300, 5},
	    {"all edges, several", "split: {e: 1, f: 1}", AFFINITY_NAME, 300,
		5},
	    {"no edge", "pool: p", AFFINITY_CLIENT, 60, 5},
	    {"an origin that is none", "pool: o", AFFINITY_KIND, 300, 5},
	    {"both kinds", "split: {e: 1, p: 1}", AFFINITY_KIND, 60, 5},
	    {"another kind without a weight", "split: {e: 1, p: 0}",
		AFFINITY_KIND, 300, 5},
	    {"an affinity that is said", "pool: e, affinity: client",
		AFFINITY_CLIENT, 300, 5},
	    {"a ttl that is said", "pool: e, ttl: 30s", AFFINITY_NAME, 30, 5},
	    {"a max that is said", "pool: e, ttl: {max: 2s}", AFFINITY_NAME, 2,
		2},
	    {"a min alone", "pool: e, ttl: {min: 100s}", AFFINITY_NAME, 300,
		100},
	};
	static const char file[] =
	    "regions: {a: {at: [1, 2]}}\n"
	    "pools:\n"
	    "  e: {kind: edge, endpoints: [{name: x, region: a, address: "
	    "192.0.2.1}]}\n"
	    "  f: {kind: edge, endpoints: [{name: x, region: a, address: "
	    "192.0.2.2}]}\n"
	    "  p: {kind: plain, endpoints: [{name: x, region: a, address: "
	    "192.0.2.3}]}\n"
	    "  o: {kind: edge, spread: 16, origin: p, endpoints: [{name: x, "
	    "region: a, address: 192.0.2.4}]}\n"
	    "services: {s: {%s}}\n";

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct steering_config *config;
		char text[1024];

		snprintf(text, sizeof(text), file, rows[i].service);
		errbuf_init(&eb);
		config = steering_config_parse("f", text, strlen(text), &eb);
		ck_assert_msg(config != NULL, "%s: %s", rows[i].says, eb.text);
		ck_assert_msg(
		    config->services[0].affinity == rows[i].affinity &&
			config->services[0].ttl_max_s == rows[i].max_s &&
			config->services[0].ttl_min_s == rows[i].min_s,
		    "%s: affinity %d, ttl %u to %u", rows[i].says,
		    (int)config->services[0].affinity,
		    config->services[0].ttl_min_s,
		    config->services[0].ttl_max_s);
		ck_assert_uint_eq(config->pools[3].spread, 16);
		ck_assert_uint_eq(config->pools[3].origin, 2);
		ck_assert_uint_eq(config->pools[0].origin, STEERING_NONE);
		steering_config_destroy(config);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("config_steering");
	TCase *tcase = tcase_create("steering");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, edge_services_pick_by_name_and_have_a_longer_ttl);
	tcase_add_test(tcase, reads_what_must_be_left);
	tcase_add_test(tcase, reads_networks_and_regions);
	tcase_add_test(tcase, reads_checks_and_pools);
	tcase_add_test(tcase, reads_services);
	tcase_add_test(tcase, reads_unions_and_unknown_clients);
	tcase_add_test(tcase, reads_places_inside_of_countries);
	tcase_add_test(tcase, reads_rules_of_a_rank);
	tcase_add_test(tcase, reads_what_is_near_and_what_it_costs);
	tcase_add_test(tcase, hard_fences_without_a_warning);
	tcase_add_test(tcase, positions_of_towns_bring_no_warning);
	tcase_add_test(tcase, fills_in_the_defaults);
	tcase_add_test(tcase, reads_durations);
	tcase_add_test(tcase, reads_a_quorum_of_some_and_codes_in_ranges);
	tcase_add_test(tcase, reads_shares);
	tcase_add_test(tcase, reads_splits);
	tcase_add_test(tcase, reads_ttls);
	tcase_add_test(tcase, reads_last_resorts);
	tcase_add_test(tcase, accepts_what_looks_odd);
	tcase_add_test(tcase, reads_files_of_networks);
	tcase_add_test(tcase, stops_at_its_limits);
	tcase_add_test(tcase, stops_at_16_pools_in_a_split);
	tcase_add_test(tcase, stops_at_the_hundredth_error);
	suite_add_tcase(suite, tcase);
	return config_run(suite);
}
