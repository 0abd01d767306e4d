/*
 * Tests what records say of a place inside of its country: subdivisions,
 * cities, positions and their accuracy, in all layouts, and of two databases of
 * which each knows a part.
 */
#include <check.h>
#include <stdlib.h>
#include <unistd.h>

#include "config/subdivision.h"
#include "steering/geo/cities.h"
#include "steering/geo/geography.h"
#include "steering/geo/map.h"
#include "tests/unit/mmdb_record.h"

static char folder[64];

static void
setup(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(folder, sizeof(folder), "%s/recordXXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static const char *
path_of(const char *name)
{
	static char paths[2][128];
	char *path = paths[name[0] == 'b'];

	snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

static void
teardown(void)
{
	unlink(path_of("a.mmdb"));
	unlink(path_of("b.mmdb"));
	rmdir(folder);
}

static struct geography *
load(size_t n)
{
	static const struct mark at[2];
	const char *paths[2] = {path_of("a.mmdb"), path_of("b.mmdb")};
	struct errbuf eb;
	struct geography *geo;

	errbuf_init(&eb);
	geo = geography_load(paths, at, n, NULL, &eb);
	ck_assert_msg(geo != NULL, "%s", eb.text);
	return geo;
}

/* "US-CA-001 San Francisco/5391959 37.77 -122.41 +-20", as far as it is known
 * of the client at ${address}; a position only where it is its own. */
static const char *
known(const struct geography *geo, const char *address)
{
	static const struct steering_config nothing;
	static char text[256];
	char code[SUBDIVISION_TEXT];
	struct address a;
	struct place p;
	size_t n;

	ck_assert_int_eq(address_parse(address, &a), 0);
	map_place(geo, &nothing, &a, &p, NULL, 0);
	n = (size_t)snprintf(text, sizeof(text), "%s", p.country);
	for (size_t i = 0; i < PLACE_SUBDIVISIONS && p.subdivisions[i] != 0;
	     i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "-%s",
		    subdivision_format(p.subdivisions[i], code));
	if (p.city != NULL)
		n += (size_t)snprintf(text + n, sizeof(text) - n, " %s/%u",
		    p.city->name, p.city->geoname);
	if (p.located)
		n += (size_t)snprintf(text + n, sizeof(text) - n, " %g %g",
		    p.latitude, p.longitude);
	if (p.accuracy_km > 0)
		snprintf(text + n, sizeof(text) - n, " +-%u", p.accuracy_km);
	return text;
}

static const struct {
	const char *what, *record, *known;
} rows[] = {
    {"MaxMind City",
	"{'city': {'geoname_id': 5391959, 'names': {'de': 'Sankt Franz', "
	"'en': 'San Francisco'}}, 'country': {'iso_code': 'US'}, 'location': "
	"{'accuracy_radius': 20, 'latitude': 37.77, 'longitude': -122.41}, "
	"'subdivisions': [{'geoname_id': 5332921, 'iso_code': 'CA'}]}",
	"US-CA San Francisco/5391959 37.77 -122.41 +-20"},
    {"two levels of subdivisions",
	"{'country': {'iso_code': 'GB'}, 'subdivisions': "
	"[{'iso_code': 'ENG'}, {'iso_code': 'LND'}]}",
	"GB-ENG-LND"},
    {"more levels than places have",
	"{'country': {'iso_code': 'GB'}, 'subdivisions': [{'iso_code': 'A'}, "
	"{'iso_code': 'B'}, {'iso_code': 'C'}, {'iso_code': 'D'}]}",
	"GB-A-B-C"},
    {"subdivisions with names alone",
	"{'country': {'iso_code': 'US'}, 'city': {'names': {'en': 'Reno'}}, "
	"'subdivisions': [{'names': {'en': 'Nevada'}}]}",
	"US Reno/0"},
    {"a city without an English name",
	"{'country': {'iso_code': 'JP'}, 'city': {'geoname_id': 7, 'names': "
	"{'ja': 'x'}}}",
	"JP /7"},
    {"a city of which nothing is said",
	"{'country': {'iso_code': 'JP'}, 'city': {'names': {}}}", "JP"},
    {"a name that would move the cursor of a terminal",
	"{'country': {'iso_code': 'JP'}, 'city': {'geoname_id': 7, 'names': "
	"{'en': '\033[2J'}}}",
	"JP /7"},
    {"a name that is no text of UTF-8",
	"{'country': {'iso_code': 'JP'}, 'city': 'K\xff'}", "JP"},
    {"a subdivision and a city without the country of the client",
	"{'registered_country': {'iso_code': 'US'}, 'city': {'geoname_id': 7}, "
	"'subdivisions': [{'iso_code': 'CA'}]}",
	"US"},
    {"flat: country as code, lat and lng, region and city as text",
	"{'country': 'us', 'region': 'CA', 'city': 'San Francisco', "
	"'lat': 37.77, 'lng': -122.41}",
	"US-CA San Francisco/0 37.77 -122.41"},
    {"flat: all of it as text",
	"{'country_code': 'US', 'region': 'California', 'region_code': 'CA', "
	"'city': 'San Francisco', 'geoname_id': '5391959', 'latitude': "
	"'37.77', 'longitude': '-122.41', 'radius': '50'}",
	"US-CA San Francisco/5391959 37.77 -122.41 +-50"},
    {"flat: loc, and a region with its country",
	"{'country': 'US', 'region': 'US-NY', 'loc': '40.71,-74.01', "
	"'accuracy_radius': 0.2}",
	"US-NY 40.71 -74.01 +-1"},
    {"a region of another country is none of this one",
	"{'country': 'US', 'region': 'CA-ON'}", "US"},
    {"loc in half", "{'country': 'US', 'loc': '40.71,'}", "US"},
    {"loc without a comma", "{'country': 'US', 'loc': '40.71'}", "US"},
    {"loc off the Earth", "{'country': 'US', 'loc': '91,0'}", "US"},
    {"loc at 0, 0", "{'country': 'US', 'loc': '0,0'}", "US"},
    {"a country by its name",
	"{'country': 'United States', 'country_code': 'US'}", "US"},
    {"a radius without a position", "{'country': 'US', 'accuracy_radius': 5}",
	"US"},
    {"a radius beyond the Earth",
	"{'country': 'US', 'lat': 1.5, 'lng': 2.5, 'radius': 99999}",
	"US 1.5 2.5 +-20015"},
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

START_TEST(each_layout_says_where_in_its_country_a_client_is)
{
	struct mmdb_writer *w = mmdb_create(4, 24);
	struct geography *geo;
	char text[32];

	for (size_t i = 0; i < ROWS; i++) {
		snprintf(text, sizeof(text), "20.%zu.0.0/16", i);
		mmdb_insert(w, text, mmdb_record(w, rows[i].record));
	}
	mmdb_save(w, path_of("a.mmdb"));
	geo = load(1);
	for (size_t i = 0; i < ROWS; i++) {
		snprintf(text, sizeof(text), "20.%zu.0.1", i);
		ck_assert_msg(strcmp(known(geo, text), rows[i].known) == 0,
		    "%s: %s", rows[i].what, known(geo, text));
	}
	geography_destroy(geo);
}
END_TEST

#define SF                                                                   \
	"{'country': 'US', 'region': 'CA', 'city': 'San Francisco', 'lat': " \
	"37.77, 'lng': -122.41, 'radius': 20}"

/* The earlier database counts, field by field, and no place is made of two that
 * contradict each other. */
static const struct {
	const char *what, *first, *second, *known;
} pairs[] = {
    {"the country is the same", "{'country': 'US'}", SF,
	"US-CA San Francisco/0 37.77 -122.41 +-20"},
    {"only the continent is known", "{'continent': 'NA'}", SF,
	"US-CA San Francisco/0 37.77 -122.41 +-20"},
    {"only an AS number is known", "{'asn': 64500}", SF,
	"US-CA San Francisco/0 37.77 -122.41 +-20"},
    {"another country", "{'country': 'CA'}", SF, "CA"},
    {"another continent", "{'continent': 'EU'}", SF, ""},
    {"the subdivision is the same", "{'country': 'US', 'region': 'CA'}", SF,
	"US-CA San Francisco/0 37.77 -122.41 +-20"},
    {"another subdivision", "{'country': 'US', 'region': 'NY'}", SF, "US-NY"},
    {"another city", "{'country': 'US', 'city': 'Reno'}", SF, "US Reno/0"},
    {"the same city, written otherwise",
	"{'country': 'US', 'city': 'SAN FRANCISCO'}", SF,
	"US-CA SAN FRANCISCO/0 37.77 -122.41 +-20"},
    {"the city by its number",
	"{'country': 'US', 'city': {'geoname_id': 7, 'names': {'en': 'SF'}}}",
	"{'country': 'US', 'city': {'geoname_id': 7, 'names': {'en': "
	"'San Francisco'}}, 'lat': 37.5, 'lng': -122.5}",
	"US SF/7 37.5 -122.5"},
    {"another number of the city",
	"{'country': 'US', 'city': {'geoname_id': 7}}",
	"{'country': 'US', 'city': {'geoname_id': 8}, 'lat': 37.5, 'lng': "
	"-122.5}",
	"US /7"},
    {"a position of its own, of which nobody says how true it is",
	"{'country': 'US', 'lat': 37.5, 'lng': -122.5}", SF,
	"US-CA San Francisco/0 37.5 -122.5"},
    {"a level more", "{'country': 'GB', 'region': 'ENG'}",
	"{'country': {'iso_code': 'GB'}, 'subdivisions': "
	"[{'iso_code': 'ENG'}, {'iso_code': 'LND'}]}",
	"GB-ENG-LND"},
    {"a city of no country", "{'country': 'US'}", "{'city': 'Reno'}", "US"},
};
#define PAIRS (sizeof(pairs) / sizeof(pairs[0]))

START_TEST(two_databases_make_no_place_that_neither_has)
{
	struct mmdb_writer *a = mmdb_create(4, 24), *b = mmdb_create(4, 24);
	struct geography *geo;
	char text[32];

	for (size_t i = 0; i < PAIRS; i++) {
		snprintf(text, sizeof(text), "20.%zu.0.0/16", i);
		mmdb_insert(a, text, mmdb_record(a, pairs[i].first));
		mmdb_insert(b, text, mmdb_record(b, pairs[i].second));
	}
	mmdb_save(a, path_of("a.mmdb"));
	mmdb_save(b, path_of("b.mmdb"));
	geo = load(2);
	for (size_t i = 0; i < PAIRS; i++) {
		snprintf(text, sizeof(text), "20.%zu.0.1", i);
		ck_assert_msg(strcmp(known(geo, text), pairs[i].known) == 0,
		    "%s: %s", pairs[i].what, known(geo, text));
	}
	geography_destroy(geo);
}
END_TEST

/* Neighbours that differ in nothing but the accuracy of their position are one
 * place and one leaf: the accuracy costs no memory and no scope. */
START_TEST(accuracy_makes_no_places)
{
	static const char *const records[] = {
	    "{'country': 'US', 'lat': 37.5, 'lng': -122.5, 'radius': 5}",
	    "{'country': 'US', 'lat': 37.5, 'lng': -122.5, 'radius': 500}",
	    "{'country': 'US', 'lat': 37.5, 'lng': -122.5}"};
	struct mmdb_writer *w = mmdb_create(4, 24);
	struct geography *geo;

	mmdb_insert(w, "20.0.0.0/16", mmdb_record(w, records[0]));
	mmdb_insert(w, "20.1.0.0/16", mmdb_record(w, records[1]));
	mmdb_insert(w, "22.0.0.0/16", mmdb_record(w, records[0]));
	mmdb_insert(w, "22.1.0.0/16", mmdb_record(w, records[2]));
	mmdb_insert(w, "24.0.0.0/16", mmdb_record(w, records[2]));
	mmdb_save(w, path_of("a.mmdb"));
	geo = load(1);
	ck_assert_uint_eq(geography_places(geo), 2);
	/* The worst of those that were joined is said of all. */
	ck_assert_str_eq(known(geo, "20.0.0.1"), "US 37.5 -122.5 +-500");
	ck_assert_str_eq(known(geo, "20.1.0.1"), "US 37.5 -122.5 +-500");
	ck_assert_str_eq(known(geo, "22.1.0.1"), "US 37.5 -122.5 +-5");
	ck_assert_str_eq(known(geo, "24.0.0.1"), "US 37.5 -122.5");
	geography_destroy(geo);
}
END_TEST

/* A network that says where it is takes away where the database says it is. */
START_TEST(networks_move_clients_out_of_their_city)
{
	struct mmdb_writer *w = mmdb_create(4, 24);
	struct prefix prefix;
	struct network_config network = {
	    .prefixes = &prefix, .n_prefixes = 1, .asn = 64500};
	struct steering_config config = {.networks = &network, .n_networks = 1};
	struct geography *geo;
	struct address a;
	struct place p;

	mmdb_insert(w, "20.0.0.0/16", mmdb_record(w, SF));
	mmdb_save(w, path_of("a.mmdb"));
	geo = load(1);
	ck_assert_int_eq(prefix_parse("20.0.0.0/24", &prefix), 0);
	ck_assert_int_eq(address_parse("20.0.0.1", &a), 0);
	map_place(geo, &config, &a, &p, NULL, 0);
	ck_assert(p.located && p.city != NULL && p.subdivisions[0] != 0);
	ck_assert_uint_eq(p.accuracy_km, 20);
	network.has_position = true;
	network.latitude = 40;
	map_place(geo, &config, &a, &p, NULL, 0);
	ck_assert_str_eq(p.country, "US");
	ck_assert(p.located && p.latitude == 40);
	ck_assert(p.city == NULL && p.subdivisions[0] == 0);
	ck_assert_uint_eq(p.accuracy_km, 0);
	network.has_position = false;
	memcpy(network.country, "DE", 3);
	map_place(geo, &config, &a, &p, NULL, 0);
	ck_assert_str_eq(p.country, "DE");
	ck_assert(p.has_position && !p.located);
	ck_assert(p.city == NULL && p.subdivisions[0] == 0);
	geography_destroy(geo);
}
END_TEST

START_TEST(codes_of_subdivisions_are_numbers_and_back)
{
	static const struct {
		const char *text, *shown;
	} codes[] = {{"CA", "CA"}, {"eng", "ENG"}, {"1", "1"}, {"09", "09"},
	    {"ZZZ", "ZZZ"}, {"000", "000"}, {"A", "A"}, {"", ""}, {"C-", ""},
	    {"CALI", ""}, {"\xc3\xa9", ""}};
	char out[SUBDIVISION_TEXT];

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		ck_assert_str_eq(
		    subdivision_format(
			subdivision_parse(codes[i].text, strlen(codes[i].text)),
			out),
		    codes[i].shown);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering_record");
	TCase *tc = tcase_create("record");
	SRunner *sr = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, each_layout_says_where_in_its_country_a_client_is);
	tcase_add_test(tc, two_databases_make_no_place_that_neither_has);
	tcase_add_test(tc, accuracy_makes_no_places);
	tcase_add_test(tc, networks_move_clients_out_of_their_city);
	tcase_add_test(tc, codes_of_subdivisions_are_numbers_and_back);
	suite_add_tcase(suite, tc);
	srunner_run_all(sr, CK_ENV);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? 0 : 1;
}
