/*
 * Tests distances that anyone can look up, the table of countries as a whole,
 * and how places are completed from it.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "config/country.h"
#include "steering/geo/place.h"

/* All of ISO 3166-1, and XK. */
#define COUNTRIES 250

START_TEST(test_distance)
{
	static const struct {
		const char *what;
		double lat1, lon1, lat2, lon2;
		uint32_t km, off;
	} rows[] = {
	    {"London to New York", 51.5074, -0.1278, 40.7128, -74.0060, 5570,
		10},
	    {"Sydney to Santiago, over the date line", -33.87, 151.21, -33.45,
		-70.67, 11340, 30},
	    {"Tokyo to San Francisco", 35.68, 139.69, 37.77, -122.42, 8270, 20},
	    {"a degree of longitude at the equator", 0, 10, 0, 11, 111, 0},
	    {"two sides of the date line", 0, 179.5, 0, -179.5, 111, 0},
	    {"two sides of the pole", 89.5, 0, 89.5, 180, 111, 0},
	    {"a pole has one longitude", 90, 17, 90, -120, 0, 0},
	    {"pole to pole", 90, 0, -90, 0, 20015, 0},
	    {"antipodes", 10, 20, -10, -160, 20015, 0},
	    {"here", 48.1, 11.6, 48.1, 11.6, 0, 0},
	    {"half a kilometre is rounded up", 0, 0, 0, 0.0046, 1, 0},
	    {"less is rounded down", 0, 0, 0, 0.0044, 0, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint32_t km = place_distance_km(
		    rows[i].lat1, rows[i].lon1, rows[i].lat2, rows[i].lon2);
		uint32_t back = place_distance_km(
		    rows[i].lat2, rows[i].lon2, rows[i].lat1, rows[i].lon1);

		ck_assert_msg(km + rows[i].off >= rows[i].km &&
			km <= rows[i].km + rows[i].off,
		    "%s: %u km", rows[i].what, km);
		ck_assert_uint_eq(km, back);
	}
}
END_TEST

START_TEST(test_table)
{
	const struct country *c;
	size_t n = 0;

	for (; (c = country_at(n)) != NULL; n++) {
		ck_assert_uint_eq(strlen(c->code), 2);
		ck_assert_msg(
		    n == 0 || strcmp(country_at(n - 1)->code, c->code) < 0,
		    "%s is not sorted, or stands twice", c->code);
		ck_assert(country_continent(c->continent) != NULL);
		ck_assert(c->latitude >= -90 && c->latitude <= 90);
		ck_assert(c->longitude >= -180 && c->longitude <= 180);
		ck_assert(country_find(c->code) == c);
	}
	ck_assert_uint_eq(n, COUNTRIES);
}
END_TEST

START_TEST(test_codes)
{
	char code[3] = "??";

	ck_assert(country_code("de", 2, code));
	ck_assert_str_eq(code, "DE");
	ck_assert(!country_code("D", 1, code));
	ck_assert(!country_code("DEU", 3, code));
	ck_assert(!country_code("D1", 2, code));
	ck_assert(!country_code("D\xc4", 2, code));
	ck_assert(!country_code("", 0, code));
	ck_assert_str_eq(code, "DE");
	ck_assert_str_eq(country_continent("EU")->continent, "EU");
	ck_assert_ptr_null(country_continent("EN"));
	ck_assert_ptr_null(country_continent(""));
}
END_TEST

/* Each code that is no country, or no more, as it is read. */
START_TEST(codes_of_databases_mean_a_country_or_a_continent)
{
	static const struct {
		const char *code, *country, *continent;
	} rows[] = {{"DE", "DE", ""}, {"XK", "XK", ""}, {"UK", "GB", ""},
	    {"EL", "GR", ""}, {"EU", "", "EU"}, {"AP", "", "AS"},
	    {"AC", "SH", ""}, {"TA", "SH", ""}, {"CQ", "GG", ""},
	    {"DG", "IO", ""}, {"EA", "ES", ""}, {"IC", "ES", ""},
	    {"FX", "FR", ""}, {"AN", "CW", ""}, {"BU", "MM", ""},
	    {"CS", "RS", ""}, {"DD", "DE", ""}, {"SU", "RU", ""},
	    {"TP", "TL", ""}, {"YD", "YE", ""}, {"YU", "RS", ""},
	    {"ZR", "CD", ""}};
	static const char *const nothing[] = {
	    "ZZ", "XX", "AA", "QM", "UN", "NT", "A1", "A2", "O1", "T1", ""};
	char country[3] = "??", continent[3] = "??";

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert(
		    country_of_database(rows[i].code, country, continent));
		ck_assert_msg(strcmp(country, rows[i].country) == 0, "%s is %s",
		    rows[i].code, country);
		ck_assert_str_eq(continent, rows[i].continent);
		ck_assert(country_find(country) != NULL ||
		    country_continent(continent) != NULL);
	}
	for (size_t i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++)
		ck_assert_msg(
		    !country_of_database(nothing[i], country, continent), "%s",
		    nothing[i]);
	ck_assert_str_eq(country, "CD");
}
END_TEST

/* Each continent's own middle lies nearer to most of its countries than that of
 * any other. */
START_TEST(continent_alone_is_a_place_in_its_middle)
{
	static const char codes[][3] = {
	    "AF", "AN", "AS", "EU", "NA", "OC", "SA"};
	unsigned own = 0, all = 0;
	const struct country *c;

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		struct place p = {0};

		memcpy(p.continent, codes[i], sizeof(p.continent));
		place_complete(&p);
		ck_assert(p.has_position);
		ck_assert_str_eq(p.country, "");
		ck_assert_str_eq(p.continent, codes[i]);
	}
	for (size_t i = 0; (c = country_at(i)) != NULL; i++) {
		const char *nearest = "";
		uint32_t best = UINT32_MAX;

		for (size_t k = 0; k < sizeof(codes) / sizeof(codes[0]); k++) {
			const struct country *m = country_continent(codes[k]);
			uint32_t km = place_distance_km((double)c->latitude,
			    (double)c->longitude, (double)m->latitude,
			    (double)m->longitude);

			if (km < best) {
				best = km;
				nearest = codes[k];
			}
		}
		all++;
		own += strcmp(nearest, c->continent) == 0;
	}
	ck_assert_msg(own * 10 >= all * 7, "%u of %u", own, all);
}
END_TEST

/* A position that a database gave stays, and so does nothing at all. */
START_TEST(continent_moves_no_known_position)
{
	struct place p = {.continent = "EU",
	    .has_position = true,
	    .latitude = 1,
	    .longitude = 2};

	place_complete(&p);
	ck_assert(p.latitude == 1 && p.longitude == 2);
	p = (struct place){.asn = 7};
	place_complete(&p);
	ck_assert(!p.has_position);
	ck_assert_str_eq(p.continent, "");
}
END_TEST

/* Where the continents are, roughly: a sign or a digit that is wrong leaves
 * these boxes. */
START_TEST(test_table_continents)
{
	static const struct {
		const char *continent;
		float south, north, west, east;
	} boxes[] = {
	    {"AF", -35, 38, -26, 60},
	    {"AN", -90, -45, -180, 180},
	    {"AS", -13, 57, 25, 150},
	    {"EU", 34, 79, -25, 45},
	    {"NA", 7, 72, -130, -50},
	    {"SA", -56, 13, -82, -34},
	};
	const struct country *c;

	for (size_t i = 0; (c = country_at(i)) != NULL; i++) {
		for (size_t k = 0; k < sizeof(boxes) / sizeof(boxes[0]); k++) {
			if (strcmp(boxes[k].continent, c->continent) != 0)
				continue;
			ck_assert_msg(c->latitude >= boxes[k].south &&
				c->latitude <= boxes[k].north &&
				c->longitude >= boxes[k].west &&
				c->longitude <= boxes[k].east,
			    "%s is not in %s", c->code, c->continent);
		}
		/* Oceania lies on both sides of the date line. */
		if (strcmp(c->continent, "OC") == 0)
			ck_assert_msg(c->latitude >= -48 && c->latitude <= 20 &&
				(c->longitude >= 130 || c->longitude <= -130),
			    "%s is not in OC", c->code);
	}
}
END_TEST

START_TEST(test_table_known_places)
{
	static const struct {
		const char *code, *continent;
		double latitude, longitude;
		uint32_t within_km;
	} rows[] = {
	    {"US", "NA", 38, -92, 300}, /* not the middle of its area */
	    {"CA", "NA", 46, -80, 300}, /* where the people are: south-east */
	    {"RU", "EU", 55, 44, 300},  /* west of the Urals */
	    {"AU", "OC", -33.9, 147, 300},
	    {"BR", "SA", -19, -46, 300},
	    {"CN", "AS", 32, 113, 300},
	    {"SG", "AS", 1.35, 103.82, 50},
	    {"JP", "AS", 35.7, 137.5, 200},
	    {"XK", "EU", 42.6, 20.9, 100},
	    {"ZA", "AF", -28, 28, 200},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct country *c = country_find(rows[i].code);

		ck_assert_msg(c != NULL, "%s", rows[i].code);
		ck_assert_str_eq(c->continent, rows[i].continent);
		ck_assert_uint_le(
		    place_distance_km((double)c->latitude, (double)c->longitude,
			rows[i].latitude, rows[i].longitude),
		    rows[i].within_km);
	}
	ck_assert_ptr_null(country_find(""));
	ck_assert_ptr_null(country_find("UK"));
	ck_assert_ptr_null(country_find("de"));
	ck_assert_ptr_null(country_find("DEU"));
}
END_TEST

START_TEST(test_complete)
{
	struct place p = {.country = "CH"};

	place_complete(&p);
	ck_assert_str_eq(p.continent, "EU");
	ck_assert(p.has_position);
	ck_assert_double_eq_tol(p.latitude, 47, 1);
	ck_assert_double_eq_tol(p.longitude, 8, 1);
	/* What is known stays. */
	p = (struct place){.country = "CH", .continent = "AN"};
	p.has_position = true;
	p.latitude = 1;
	p.longitude = 2;
	place_complete(&p);
	ck_assert_str_eq(p.continent, "AN");
	ck_assert(p.latitude == 1 && p.longitude == 2);
	/* Nothing comes of nothing. */
	p = (struct place){.asn = 1};
	place_complete(&p);
	ck_assert(!p.has_position);
	ck_assert_str_eq(p.continent, "");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering_place");
	TCase *tc = tcase_create("place");
	SRunner *runner;
	int failed;

	tcase_add_test(tc, test_distance);
	tcase_add_test(tc, test_table);
	tcase_add_test(tc, test_codes);
	tcase_add_test(tc, codes_of_databases_mean_a_country_or_a_continent);
	tcase_add_test(tc, continent_alone_is_a_place_in_its_middle);
	tcase_add_test(tc, continent_moves_no_known_position);
	tcase_add_test(tc, test_table_continents);
	tcase_add_test(tc, test_table_known_places);
	tcase_add_test(tc, test_complete);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
