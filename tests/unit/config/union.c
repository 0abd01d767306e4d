/*
 * Tests the unions of countries: who is in, and who is not although one may
 * think so.
 */
#include "config/union.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "config/country.h"

/* Which of both has it: of countries that people get wrong. */
static const struct {
	const char *what, *country;
	bool eu, eea;
} rows[] = {
    {"a member", "DE", true, true},
    {"Greece by its ISO code", "GR", true, true},
    {"Cyprus, east of Europe", "CY", true, true},
    {"Croatia, the last that joined", "HR", true, true},
    {"French Guiana, in South America", "GF", true, true},
    {"Guadeloupe, in the Caribbean", "GP", true, true},
    {"Martinique", "MQ", true, true},
    {"Saint-Martin, the French part", "MF", true, true},
    {"Sint Maarten, the Dutch part", "SX", false, false},
    {"Reunion, in the Indian Ocean", "RE", true, true},
    {"Mayotte", "YT", true, true},
    {"Aland, which joined with Finland", "AX", true, true},
    {"Saint-Barthelemy, which left in 2012", "BL", false, false},
    {"Saint-Pierre and Miquelon", "PM", false, false},
    {"New Caledonia", "NC", false, false},
    {"French Polynesia", "PF", false, false},
    {"Wallis and Futuna", "WF", false, false},
    {"the southern lands", "TF", false, false},
    {"Greenland, which left in 1985", "GL", false, false},
    {"the Faroes", "FO", false, false},
    {"Aruba", "AW", false, false},
    {"Curacao", "CW", false, false},
    {"Bonaire", "BQ", false, false},
    {"the United Kingdom, which left in 2020", "GB", false, false},
    {"Gibraltar, which left with it", "GI", false, false},
    {"the Isle of Man", "IM", false, false},
    {"Jersey", "JE", false, false},
    {"Guernsey", "GG", false, false},
    {"Russia", "RU", false, false},
    {"Switzerland", "CH", false, false},
    {"Belarus", "BY", false, false},
    {"Ukraine, a candidate", "UA", false, false},
    {"Turkey, a candidate", "TR", false, false},
    {"Monaco, which uses the euro", "MC", false, false},
    {"the Vatican", "VA", false, false},
    {"San Marino", "SM", false, false},
    {"Andorra", "AD", false, false},
    {"Kosovo", "XK", false, false},
    {"Iceland", "IS", false, true},
    {"Liechtenstein", "LI", false, true},
    {"Norway", "NO", false, true},
    {"Svalbard, which the agreement leaves out", "SJ", false, false},
    {"the United States", "US", false, false},
};

START_TEST(european_union_is_not_the_continent)
{
	int eu = union_find("EU"), eea = union_find("eea");

	ck_assert_int_ge(eu, 0);
	ck_assert_int_ge(eea, 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert_msg(
		    union_has((unsigned)eu, rows[i].country) == rows[i].eu,
		    "EU: %s", rows[i].what);
		ck_assert_msg(
		    union_has((unsigned)eea, rows[i].country) == rows[i].eea,
		    "EEA: %s", rows[i].what);
	}
}
END_TEST

/* 27 states and 7 territories with codes of their own; 3 states more. */
START_TEST(unions_have_as_many_countries_as_they_should)
{
	const struct country *c;
	unsigned eu = 0, eea = 0;

	for (size_t i = 0; (c = country_at(i)) != NULL; i++) {
		eu += union_has((unsigned)union_find("EU"), c->code);
		eea += union_has((unsigned)union_find("EEA"), c->code);
	}
	ck_assert_uint_eq(eu, 34);
	ck_assert_uint_eq(eea, 37);
}
END_TEST

START_TEST(unions_by_name)
{
	ck_assert_int_eq(union_find("NATO"), -1);
	ck_assert_int_eq(union_find(""), -1);
	ck_assert_int_eq(union_find("E"), -1);
	ck_assert_str_eq(union_name((unsigned)union_find("eu")), "EU");
	ck_assert_str_eq(union_name((unsigned)union_find("EEA")), "EEA");
	ck_assert_ptr_null(union_name(2));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("config_union");
	TCase *tc = tcase_create("union");
	SRunner *runner;
	int failed;

	tcase_add_test(tc, european_union_is_not_the_continent);
	tcase_add_test(tc, unions_have_as_many_countries_as_they_should);
	tcase_add_test(tc, unions_by_name);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
