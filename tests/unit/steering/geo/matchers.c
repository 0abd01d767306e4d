/*
 * Tests whom the clients of a rule are, over databases of one record: from the
 * text of a steering file to the rule that has a client; and what is said of
 * rules that have nobody because no database knows what they ask for.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "steering/geo/map.h"
#include "steering/geo/unmatched.h"
#include "tests/unit/mmdb_record.h"

static char path[128];

static void
setup(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(path, sizeof(path), "%s/matchersXXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	ck_assert_int_ge(mkstemp(path), 0);
}

static void
teardown(void)
{
	unlink(path);
}

/* A database with ${record} at 20.0.0.0/16, and one more at 30.0.0.0/16. */
static struct geography *
load(const char *record, const char *other)
{
	static const struct mark at;
	const char *paths[] = {path};
	struct mmdb_writer *w = mmdb_create(4, 24);
	struct geography *geo;
	struct errbuf eb;

	mmdb_insert(w, "20.0.0.0/16", mmdb_record(w, record));
	mmdb_insert(w, "30.0.0.0/16", mmdb_record(w, other));
	mmdb_save(w, path);
	errbuf_init(&eb);
	geo = geography_load(paths, &at, 1, NULL, &eb);
	ck_assert_msg(geo != NULL, "%s", eb.text);
	return geo;
}

/* A service whose fence has ${rules}. */
static struct steering_config *
config_of(const char *rules)
{
	struct steering_config *config;
	struct errbuf eb;
	char text[2048];

	snprintf(text, sizeof(text),
	    "networks: {home: {prefixes: 20.0.9.0/24, at: [10, 10]}, there: "
	    "{prefixes: 20.0.8.0/24, country: DE}}\n"
	    "regions: {a: {at: [1, 2]}}\n"
	    "pools: {p: {endpoints: [{name: x, region: a, address: "
	    "192.0.2.1}]}}\n"
	    "services: {s: {pool: p, fence: [%s]}}\n",
	    rules);
	errbuf_init(&eb);
	config = steering_config_parse("f", text, strlen(text), &eb);
	ck_assert_msg(config != NULL, "%s: %s", rules, eb.text);
	return config;
}

/* The rule that has the client at ${address}. */
static uint8_t
rule_of(const struct geography *geo, const struct steering_config *config,
    const char *address)
{
	const struct map_key key = {
	    .config = config, .service = &config->services[0], .regions = 1};
	struct address a;
	uint8_t rule, order;

	ck_assert_int_eq(address_parse(address, &a), 0);
	ck_assert_int_eq(map_rule(geo, &key, &a, &rule, &order), 0);
	return rule;
}

#define SF                                                                     \
	"{'city': {'geoname_id': 5391959, 'names': {'en': 'San Francisco'}}, " \
	"'country': {'iso_code': 'US'}, 'continent': {'code': 'NA'}, "         \
	"'location': {'latitude': 37.77, 'longitude': -122.41}, "              \
	"'subdivisions': [{'iso_code': 'CA'}]}"
#define LONDON                                                          \
	"{'city': {'geoname_id': 2643743, 'names': {'en': 'London'}}, " \
	"'country': {'iso_code': 'GB'}, 'subdivisions': [{'iso_code': " \
	"'ENG'}, {'iso_code': 'LND'}]}"
#define AT(where) "{'country': 'RU', 'loc': '" where "'}"

static const struct {
	const char *what, *clients, *record;
	bool has;
} rows[] = {
    {"their continent", "continents: NA", SF, true},
    {"their country", "countries: US", SF, true},
    {"not their country", "countries: CA", SF, false},
    {"a continent that is all that is known", "continents: AS",
	"{'continent': 'AS'}", true},
    {"a country of a continent that is all that is known", "countries: DE",
	"{'continent': 'EU'}", false},
    {"the European Union beyond Europe", "unions: EU", "{'country': 'GF'}",
	true},
    {"Europe beyond the European Union", "unions: EU", "{'country': 'CH'}",
	false},
    {"their subdivision", "subdivisions: [US-NY, US-CA]", SF, true},
    {"another subdivision", "subdivisions: [US-NY, US-NV]", SF, false},
    {"the code of their subdivision in another country",
	"subdivisions: [DE-CA]", SF, false},
    {"the wide level of two", "subdivisions: GB-ENG", LONDON, true},
    {"the narrow level of two", "subdivisions: GB-LND", LONDON, true},
    {"a subdivision of a country that is all that is known",
	"subdivisions: US-CA", "{'country': 'US'}", false},
    {"their city by its number", "cities: [1, 5391959]", SF, true},
    {"another number", "cities: [5391960]", SF, false},
    {"their city by its name in the country", "cities: US/San Francisco", SF,
	true},
    {"their city in capital letters", "cities: US/SAN FRANCISCO", SF, true},
    {"their city in its subdivision", "cities: US-CA/San Francisco", SF, true},
    {"their city in another subdivision", "cities: US-NV/San Francisco", SF,
	false},
    {"one of several cities of that name",
	"cities: [US-NV/San Francisco, MX/San Francisco, US-CA/San Francisco]",
	SF, true},
    {"the first of many cities of that name",
	"cities: [US-CA/San Francisco, US-NV/San Francisco, MX/San Francisco, "
	"US-AZ/San Francisco, CR/San Francisco, AR/San Francisco, US/Reno]",
	SF, true},
    {"the last of many cities of that name",
	"cities: [US/Reno, US-NV/San Francisco, MX/San Francisco, US-AZ/San "
	"Francisco, CR/San Francisco, AR/San Francisco, US-CA/San Francisco]",
	SF, true},
    {"none of many cities of that name",
	"cities: [US/Reno, US-NV/San Francisco, MX/San Francisco, US-AZ/San "
	"Francisco, CR/San Francisco, AR/San Francisco]",
	SF, false},
    {"a city of that name in another country", "cities: MX/San Francisco", SF,
	false},
    {"a city that begins so", "cities: US/San", SF, false},
    {"a city in the narrow level of two", "cities: GB-LND/London", LONDON,
	true},
    {"a city of a country that is all that is known", "cities: US/Reno",
	"{'country': 'US'}", false},
    {"within 300 km", "near: {at: [38.58, -121.49], km: 300}", SF, true},
    {"beyond 100 km", "near: {at: [38.58, -121.49], km: 100}", SF, false},
    {"one of two circles",
	"near: [{at: [0, 0], km: 5}, {at: [38.58, -121.49], km: 300}]", SF,
	true},
    {"around the middle itself", "near: {at: [37.77, -122.41], km: 1}", SF,
	true},
    /* A degree is 111.2 km. */
    {"over the antimeridian to the west", "near: {at: [0, -179.5], km: 112}",
	AT("0,179.5"), true},
    {"over the antimeridian to the east", "near: {at: [0, 179.5], km: 112}",
	AT("0,-179.5"), true},
    {"too far over the antimeridian", "near: {at: [0, -179.5], km: 111}",
	AT("0,179.5"), false},
    {"on the antimeridian, by its other name", "near: {at: [10, 180], km: 1}",
	AT("10,-180"), true},
    {"far north over the antimeridian", "near: {at: [71, 179], km: 73}",
	AT("71,-179"), true},
    {"too far north of the antimeridian", "near: {at: [71, 179], km: 72}",
	AT("71,-179"), false},
    {"over the pole", "near: {at: [89.5, 0], km: 112}", AT("89.5,180"), true},
    {"too far over the pole", "near: {at: [89.5, 0], km: 111}", AT("89.5,180"),
	false},
    {"around the pole, whatever its longitude", "near: {at: [90, 77], km: 112}",
	AT("89,-120"), true},
    {"at the pole, whatever its longitude", "near: {at: [90, 77], km: 1}",
	AT("90,-120"), true},
    {"around the south pole", "near: {at: [-90, 0], km: 112}", AT("-89,45"),
	true},
    {"the south pole is not the north pole", "near: {at: [-90, 0], km: 19000}",
	AT("89,45"), false},
    {"half the Earth", "near: {at: [0, 0], km: 10008}", AT("0,90"), true},
    {"less than half the Earth", "near: {at: [0, 0], km: 10007}", AT("0,90"),
	false},
    {"all of the Earth but what is opposite", "near: {at: [0, 0], km: 20015}",
	AT("0,179"), true},
    {"where the people of a country live says nothing of one of them",
	"near: {at: [52.5, -1.5], km: 1000}", "{'country': 'GB'}", false},
    {"a position without a country", "near: {at: [1, 2], km: 5}",
	"{'loc': '1,2'}", true},
    {"their AS number", "asns: [64496, 64500]", "{'asn': 64500}", true},
    {"another AS number", "asns: [64496, 64501]", "{'asn': 64500}", false},
    {"any of the lists", "countries: DE, asns: 64500", "{'asn': 64500}", true},
};

START_TEST(each_list_has_its_clients)
{
	char rule[512];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct geography *geo = load(rows[i].record, SF);
		struct steering_config *config;

		snprintf(rule, sizeof(rule), "{clients: {%s}, regions: a}",
		    rows[i].clients);
		config = config_of(rule);
		ck_assert_msg(
		    (rule_of(geo, config, "20.0.0.1") == 0) == rows[i].has,
		    "%s", rows[i].what);
		/* Of clients elsewhere nothing is known. */
		ck_assert_msg(rule_of(geo, config, "99.0.0.1") == MAP_NO_RULE,
		    "%s", rows[i].what);
		steering_config_destroy(config);
		geography_destroy(geo);
	}
}
END_TEST

/* Who is where a network says, is not where the database says. */
START_TEST(networks_move_clients_into_rules)
{
	struct geography *geo = load(SF, LONDON);
	struct steering_config *config =
	    config_of("{clients: {near: {at: [10, 10], km: 1}}, regions: a}, "
		      "{clients: {countries: DE}, regions: a}, {clients: "
		      "{cities: 5391959, subdivisions: US-CA}, regions: a}");

	ck_assert_uint_eq(rule_of(geo, config, "20.0.9.1"), 0);
	ck_assert_uint_eq(rule_of(geo, config, "20.0.8.1"), 1);
	ck_assert_uint_eq(rule_of(geo, config, "20.0.7.1"), 2);
	ck_assert_uint_eq(rule_of(geo, config, "30.0.7.1"), MAP_NO_RULE);
	steering_config_destroy(config);
	geography_destroy(geo);
}
END_TEST

/* Networks are named by rules, too, whatever they say of where they are. */
START_TEST(networks_have_their_clients)
{
	struct geography *geo = load(SF, LONDON);
	struct steering_config *config =
	    config_of("{clients: {networks: home}, regions: a}, {clients: "
		      "{networks: [there]}, regions: a}");

	ck_assert_uint_eq(rule_of(geo, config, "20.0.9.1"), 0);
	ck_assert_uint_eq(rule_of(geo, config, "20.0.8.1"), 1);
	ck_assert_uint_eq(rule_of(geo, config, "20.0.7.1"), MAP_NO_RULE);
	steering_config_destroy(config);
	geography_destroy(geo);
}
END_TEST

/* Of whom only the continent is known may be in a subdivision or a city of it,
 * and near anything. */
START_TEST(unknown_clients_may_be_inside_of_a_country)
{
	static const struct {
		const char *rule, *record;
		bool unknown;
	} unknowns[] = {
	    {"subdivisions: US-CA", "{'continent': 'NA'}", true},
	    {"subdivisions: US-CA", "{'continent': 'EU'}", false},
	    {"subdivisions: US-CA", "{'country': 'US'}", false},
	    {"cities: US/Reno", "{'continent': 'NA'}", true},
	    {"cities: US/Reno", "{'continent': 'EU'}", false},
	    {"cities: 5391959", "{'continent': 'EU'}", true},
	    {"near: {at: [50, 10], km: 5}", "{'continent': 'SA'}", true},
	    {"near: {at: [50, 10], km: 5}", "{'country': 'DE'}", false},
	    {"asns: 64500", "{'continent': 'EU'}", false},
	};
	char rules[512];

	for (size_t i = 0; i < sizeof(unknowns) / sizeof(unknowns[0]); i++) {
		struct geography *geo = load(unknowns[i].record, SF);
		struct steering_config *config;

		snprintf(rules, sizeof(rules),
		    "{clients: {%s}, regions: a}, {clients: unknown, regions: "
		    "a}",
		    unknowns[i].rule);
		config = config_of(rules);
		ck_assert_msg((rule_of(geo, config, "20.0.0.1") == 1) ==
			unknowns[i].unknown,
		    "%s and %s", unknowns[i].rule, unknowns[i].record);
		ck_assert_uint_eq(rule_of(geo, config, "99.0.0.1"), 1);
		steering_config_destroy(config);
		geography_destroy(geo);
	}
}
END_TEST

#define NOBODY " so that this matches nobody: name one that does, such as "

static const struct {
	const char *what, *clients, *record, *warning;
} warned[] = {
    {"AS numbers without a database of them", "asns: 64500", SF,
	"f:4:43: warning: clients: asns: no database of geo knows AS "
	"numbers," NOBODY "GeoLite2-ASN\n"},
    {"AS numbers with one", "asns: 64500", "{'asn': 1}", ""},
    {"subdivisions without a database of them", "subdivisions: US-CA",
	"{'country': 'US'}",
	"f:4:43: warning: clients: subdivisions: no database of geo knows "
	"subdivisions," NOBODY "GeoLite2-City\n"},
    {"cities without a database of them", "cities: US/Reno",
	"{'country': 'US'}",
	"f:4:43: warning: clients: cities: no database of geo knows "
	"cities," NOBODY "GeoLite2-City\n"},
    {"circles without a database of positions", "near: {at: [5, 5], km: 5}",
	"{'country': 'US'}", ""},
    {"countries without a database of them", "countries: US", "{'asn': 1}", ""},
    {"a subdivision that is there", "subdivisions: US-CA", SF, ""},
    {"a subdivision that is nowhere", "subdivisions: [US-CA, US-XX]", SF,
	"f:4:43: warning: clients: subdivisions: US-XX is in no database of "
	"geo, so that it matches nobody\n"},
    {"a city that is misspelt", "cities: US-CA/San Fransisco", SF,
	"f:4:43: warning: clients: cities: US-CA/San Fransisco is in no "
	"database of geo, so that it matches nobody\n"},
    {"a city that is there, in lower case", "cities: us/san francisco", SF, ""},
    {"a number that is there", "cities: 5391959", SF, ""},
    {"a number that is nowhere", "cities: 5391958", SF,
	"f:4:43: warning: clients: cities: 5391958 is in no database of geo, "
	"so that it matches nobody\n"},
    {"a name of two cities", "cities: GB/London",
	"{'country': 'GB', 'region': 'SCT', 'city': 'London', 'geoname_id': "
	"7}",
	"f:4:43: warning: clients: cities: GB/London is the name of several "
	"cities, of which all are meant: write the subdivision (US-CA/...) or "
	"the number at GeoNames for one\n"},
    {"a name of two cities, and which of them", "cities: GB-ENG/London",
	"{'country': 'GB', 'region': 'SCT', 'city': 'London', 'geoname_id': "
	"7}",
	""},
};

START_TEST(rules_that_have_nobody_are_warned_of)
{
	char rule[512];

	for (size_t i = 0; i < sizeof(warned) / sizeof(warned[0]); i++) {
		bool bare = strstr(warned[i].warning, "no database") != NULL &&
		    strstr(warned[i].warning, "knows") != NULL;
		struct geography *geo =
		    load(warned[i].record, bare ? warned[i].record : LONDON);
		struct steering_config *config;
		struct errbuf eb;

		snprintf(rule, sizeof(rule), "{clients: {%s}, regions: a}",
		    warned[i].clients);
		config = config_of(rule);
		errbuf_init(&eb);
		unmatched_warn(geo, config, &eb);
		ck_assert_msg(strcmp(eb.text, warned[i].warning) == 0,
		    "%s:\n%s", warned[i].what, eb.text);
		steering_config_destroy(config);
		geography_destroy(geo);
	}
}
END_TEST

/* Without networks that say where they are. */
START_TEST(places_that_no_database_knows_are_warned_of)
{
	static const char text[] =
	    "regions: {a: {at: [1, 2]}}\n"
	    "pools: {p: {endpoints: [{name: x, region: a, address: "
	    "192.0.2.1}]}}\n"
	    "services: {s: {pool: p, fence: [{clients: {near: {at: [5, 5], "
	    "km: 5}, continents: EU}, regions: a}]}}\n";
	struct steering_config *config;
	struct geography *geo = load("{'asn': 1}", "{'asn': 2}");
	struct errbuf eb;

	errbuf_init(&eb);
	config = steering_config_parse("f", text, strlen(text), &eb);
	ck_assert_ptr_nonnull(config);
	unmatched_warn(geo, config, &eb);
	ck_assert_str_eq(eb.text,
	    "f:3:43: warning: clients: countries: no database of geo knows "
	    "countries," NOBODY "GeoLite2-Country\n"
	    "f:3:43: warning: clients: near: no database of geo knows "
	    "positions," NOBODY "GeoLite2-City\n");
	steering_config_destroy(config);
	geography_destroy(geo);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering_matchers");
	TCase *tc = tcase_create("matchers");
	SRunner *sr = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, each_list_has_its_clients);
	tcase_add_test(tc, networks_move_clients_into_rules);
	tcase_add_test(tc, networks_have_their_clients);
	tcase_add_test(tc, unknown_clients_may_be_inside_of_a_country);
	tcase_add_test(tc, rules_that_have_nobody_are_warned_of);
	tcase_add_test(tc, places_that_no_database_knows_are_warned_of);
	suite_add_tcase(suite, tc);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? 0 : 1;
}
