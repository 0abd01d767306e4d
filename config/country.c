/*
 * The tables of countries, of continents, and of other codes that databases
 * write for a country.  Countries are each code of ISO 3166-1, and XK (Kosovo),
 * which geographic databases use, with its continent and with where its people
 * live: a client of whom nothing but the country is known is more often there
 * than in the middle of its area; of continents the same.  Called by the
 * readers of steering files and of databases; never changed at run time.
 */
#include "config/country.h"

#include <stdlib.h>
#include <string.h>

/* Sorted by code. */
/* clang-format off */
static const struct country countries[] = {
	{"AD", "EU", 42.5F, 1.5F},
	{"AE", "AS", 24.9F, 55.1F},
	{"AF", "AS", 34.5F, 68.2F},
	{"AG", "NA", 17.1F, -61.8F},
	{"AI", "NA", 18.2F, -63.1F},
	{"AL", "EU", 41.2F, 19.9F},
	{"AM", "AS", 40.2F, 44.5F},
	{"AO", "AF", -10.8F, 14.8F},
	{"AQ", "AN", -77.8F, 166.7F},
	{"AR", "SA", -33.5F, -60.8F},
	{"AS", "OC", -14.3F, -170.7F},
	{"AT", "EU", 47.8F, 14.8F},
	{"AU", "OC", -33.0F, 147.0F},
	{"AW", "NA", 12.5F, -70.0F},
	{"AX", "EU", 60.1F, 19.9F},
	{"AZ", "AS", 40.4F, 48.6F},
	{"BA", "EU", 44.3F, 17.8F},
	{"BB", "NA", 13.1F, -59.6F},
	{"BD", "AS", 23.8F, 90.3F},
	{"BE", "EU", 50.9F, 4.4F},
	{"BF", "AF", 12.3F, -1.5F},
	{"BG", "EU", 42.7F, 25.0F},
	{"BH", "AS", 26.2F, 50.5F},
	{"BI", "AF", -3.3F, 29.8F},
	{"BJ", "AF", 7.3F, 2.3F},
	{"BL", "NA", 17.9F, -62.8F},
	{"BM", "NA", 32.3F, -64.8F},
	{"BN", "AS", 4.9F, 114.9F},
	{"BO", "SA", -17.2F, -65.6F},
	{"BQ", "NA", 12.2F, -68.3F},
	{"BR", "SA", -19.0F, -46.0F},
	{"BS", "NA", 25.0F, -77.4F},
	{"BT", "AS", 27.4F, 89.9F},
	{"BV", "AN", -54.4F, 3.4F},
	{"BW", "AF", -23.5F, 26.4F},
	{"BY", "EU", 53.7F, 27.9F},
	{"BZ", "NA", 17.4F, -88.5F},
	{"CA", "NA", 46.0F, -80.0F},
	{"CC", "AS", -12.2F, 96.8F},
	{"CD", "AF", -3.9F, 22.6F},
	{"CF", "AF", 5.2F, 18.6F},
	{"CG", "AF", -4.0F, 14.3F},
	{"CH", "EU", 47.2F, 8.1F},
	{"CI", "AF", 6.4F, -5.2F},
	{"CK", "OC", -21.2F, -159.8F},
	{"CL", "SA", -34.4F, -71.2F},
	{"CM", "AF", 5.3F, 11.3F},
	{"CN", "AS", 32.0F, 113.0F},
	{"CO", "SA", 5.4F, -74.7F},
	{"CR", "NA", 9.9F, -84.1F},
	{"CU", "NA", 22.2F, -79.6F},
	{"CV", "AF", 15.3F, -23.7F},
	{"CW", "NA", 12.1F, -68.9F},
	{"CX", "AS", -10.4F, 105.7F},
	{"CY", "EU", 35.0F, 33.2F},
	{"CZ", "EU", 49.8F, 15.6F},
	{"DE", "EU", 50.9F, 9.7F},
	{"DJ", "AF", 11.6F, 43.1F},
	{"DK", "EU", 55.8F, 10.9F},
	{"DM", "NA", 15.3F, -61.4F},
	{"DO", "NA", 18.7F, -70.2F},
	{"DZ", "AF", 35.8F, 3.1F},
	{"EC", "SA", -1.5F, -79.4F},
	{"EE", "EU", 59.0F, 25.5F},
	{"EG", "AF", 29.8F, 31.2F},
	{"EH", "AF", 26.8F, -13.4F},
	{"ER", "AF", 15.3F, 38.7F},
	{"ES", "EU", 39.9F, -3.3F},
	{"ET", "AF", 9.0F, 39.1F},
	{"FI", "EU", 61.5F, 24.9F},
	{"FJ", "OC", -17.8F, 178.0F},
	{"FK", "SA", -51.7F, -57.9F},
	{"FM", "OC", 7.0F, 155.0F},
	{"FO", "EU", 62.0F, -6.8F},
	{"FR", "EU", 47.0F, 2.5F},
	{"GA", "AF", -0.2F, 10.4F},
	{"GB", "EU", 52.6F, -1.5F},
	{"GD", "NA", 12.1F, -61.7F},
	{"GE", "AS", 41.9F, 43.8F},
	{"GF", "SA", 4.9F, -52.5F},
	{"GG", "EU", 49.5F, -2.5F},
	{"GH", "AF", 6.6F, -1.1F},
	{"GI", "EU", 36.1F, -5.4F},
	{"GL", "NA", 64.9F, -51.1F},
	{"GM", "AF", 13.4F, -16.3F},
	{"GN", "AF", 10.0F, -11.8F},
	{"GP", "NA", 16.2F, -61.5F},
	{"GQ", "AF", 2.5F, 9.9F},
	{"GR", "EU", 38.6F, 23.3F},
	{"GS", "AN", -54.3F, -36.5F},
	{"GT", "NA", 14.8F, -90.7F},
	{"GU", "OC", 13.5F, 144.8F},
	{"GW", "AF", 12.0F, -15.4F},
	{"GY", "SA", 6.5F, -58.1F},
	{"HK", "AS", 22.3F, 114.2F},
	{"HM", "AN", -53.1F, 73.5F},
	{"HN", "NA", 14.7F, -87.1F},
	{"HR", "EU", 45.4F, 16.2F},
	{"HT", "NA", 18.8F, -72.5F},
	{"HU", "EU", 47.3F, 19.5F},
	{"ID", "AS", -6.2F, 109.5F},
	{"IE", "EU", 53.1F, -7.1F},
	{"IL", "AS", 32.0F, 34.9F},
	{"IM", "EU", 54.2F, -4.5F},
	{"IN", "AS", 22.9F, 79.8F},
	{"IO", "AS", -7.3F, 72.4F},
	{"IQ", "AS", 33.5F, 44.3F},
	{"IR", "AS", 34.5F, 51.3F},
	{"IS", "EU", 64.2F, -21.6F},
	{"IT", "EU", 42.8F, 12.2F},
	{"JE", "EU", 49.2F, -2.1F},
	{"JM", "NA", 18.1F, -77.1F},
	{"JO", "AS", 32.0F, 36.0F},
	{"JP", "AS", 35.6F, 137.5F},
	{"KE", "AF", -0.6F, 37.0F},
	{"KG", "AS", 41.9F, 74.0F},
	{"KH", "AS", 11.8F, 104.7F},
	{"KI", "OC", 1.4F, 173.0F},
	{"KM", "AF", -11.9F, 43.6F},
	{"KN", "NA", 17.3F, -62.7F},
	{"KP", "AS", 39.5F, 126.4F},
	{"KR", "AS", 36.7F, 127.6F},
	{"KW", "AS", 29.3F, 48.0F},
	{"KY", "NA", 19.3F, -81.3F},
	{"KZ", "AS", 46.6F, 72.1F},
	{"LA", "AS", 17.9F, 103.5F},
	{"LB", "AS", 33.9F, 35.6F},
	{"LC", "NA", 13.9F, -61.0F},
	{"LI", "EU", 47.1F, 9.5F},
	{"LK", "AS", 7.2F, 80.4F},
	{"LR", "AF", 6.5F, -10.0F},
	{"LS", "AF", -29.4F, 27.8F},
	{"LT", "EU", 55.1F, 24.1F},
	{"LU", "EU", 49.6F, 6.1F},
	{"LV", "EU", 56.9F, 24.5F},
	{"LY", "AF", 32.0F, 15.5F},
	{"MA", "AF", 33.2F, -7.0F},
	{"MC", "EU", 43.7F, 7.4F},
	{"MD", "EU", 47.1F, 28.7F},
	{"ME", "EU", 42.6F, 19.3F},
	{"MF", "NA", 18.1F, -63.1F},
	{"MG", "AF", -19.2F, 47.3F},
	{"MH", "OC", 7.1F, 171.2F},
	{"MK", "EU", 41.8F, 21.5F},
	{"ML", "AF", 13.3F, -6.3F},
	{"MM", "AS", 19.2F, 96.1F},
	{"MN", "AS", 47.9F, 106.1F},
	{"MO", "AS", 22.2F, 113.5F},
	{"MP", "OC", 15.2F, 145.7F},
	{"MQ", "NA", 14.6F, -61.0F},
	{"MR", "AF", 17.3F, -13.8F},
	{"MS", "NA", 16.7F, -62.2F},
	{"MT", "EU", 35.9F, 14.5F},
	{"MU", "AF", -20.2F, 57.5F},
	{"MV", "AS", 4.2F, 73.5F},
	{"MW", "AF", -14.3F, 34.5F},
	{"MX", "NA", 20.6F, -100.5F},
	{"MY", "AS", 3.4F, 102.9F},
	{"MZ", "AF", -18.2F, 36.0F},
	{"NA", "AF", -20.2F, 17.0F},
	{"NC", "OC", -22.2F, 166.4F},
	{"NE", "AF", 13.7F, 6.6F},
	{"NF", "OC", -29.0F, 168.0F},
	{"NG", "AF", 9.2F, 7.0F},
	{"NI", "NA", 12.4F, -86.0F},
	{"NL", "EU", 52.1F, 5.2F},
	{"NO", "EU", 60.7F, 9.9F},
	{"NP", "AS", 27.5F, 84.6F},
	{"NR", "OC", -0.5F, 166.9F},
	{"NU", "OC", -19.1F, -169.9F},
	{"NZ", "OC", -39.3F, 174.4F},
	{"OM", "AS", 22.8F, 57.6F},
	{"PA", "NA", 8.8F, -80.0F},
	{"PE", "SA", -10.4F, -76.4F},
	{"PF", "OC", -17.5F, -149.6F},
	{"PG", "OC", -6.4F, 145.9F},
	{"PH", "AS", 13.0F, 122.0F},
	{"PK", "AS", 30.5F, 71.4F},
	{"PL", "EU", 51.8F, 19.4F},
	{"PM", "NA", 46.8F, -56.2F},
	{"PN", "OC", -25.1F, -130.1F},
	{"PR", "NA", 18.3F, -66.3F},
	{"PS", "AS", 31.8F, 34.9F},
	{"PT", "EU", 39.9F, -8.8F},
	{"PW", "OC", 7.4F, 134.5F},
	{"PY", "SA", -25.4F, -56.7F},
	{"QA", "AS", 25.3F, 51.5F},
	{"RE", "AF", -21.1F, 55.5F},
	{"RO", "EU", 45.6F, 25.6F},
	{"RS", "EU", 44.4F, 20.6F},
	{"RU", "EU", 55.0F, 44.0F},
	{"RW", "AF", -2.0F, 29.9F},
	{"SA", "AS", 23.8F, 43.9F},
	{"SB", "OC", -9.2F, 160.0F},
	{"SC", "AF", -4.6F, 55.5F},
	{"SD", "AF", 14.4F, 32.0F},
	{"SE", "EU", 58.9F, 15.7F},
	{"SG", "AS", 1.4F, 103.8F},
	{"SH", "AF", -15.9F, -5.7F},
	{"SI", "EU", 46.2F, 14.9F},
	{"SJ", "EU", 78.2F, 15.6F},
	{"SK", "EU", 48.6F, 19.2F},
	{"SL", "AF", 8.4F, -12.0F},
	{"SM", "EU", 43.9F, 12.5F},
	{"SN", "AF", 14.5F, -16.0F},
	{"SO", "AF", 4.5F, 45.2F},
	{"SR", "SA", 5.8F, -55.2F},
	{"SS", "AF", 7.0F, 30.2F},
	{"ST", "AF", 0.3F, 6.7F},
	{"SV", "NA", 13.7F, -89.1F},
	{"SX", "NA", 18.0F, -63.1F},
	{"SY", "AS", 34.9F, 37.1F},
	{"SZ", "AF", -26.4F, 31.4F},
	{"TC", "NA", 21.8F, -72.2F},
	{"TD", "AF", 11.2F, 16.9F},
	{"TF", "AN", -49.4F, 70.2F},
	{"TG", "AF", 7.3F, 1.1F},
	{"TH", "AS", 14.6F, 101.2F},
	{"TJ", "AS", 38.5F, 69.0F},
	{"TK", "OC", -9.2F, -171.8F},
	{"TL", "AS", -8.7F, 125.8F},
	{"TM", "AS", 38.6F, 59.7F},
	{"TN", "AF", 35.9F, 10.1F},
	{"TO", "OC", -21.1F, -175.2F},
	{"TR", "AS", 39.3F, 33.0F},
	{"TT", "NA", 10.5F, -61.4F},
	{"TV", "OC", -8.5F, 179.2F},
	{"TW", "AS", 24.3F, 121.0F},
	{"TZ", "AF", -5.7F, 35.6F},
	{"UA", "EU", 49.0F, 31.8F},
	{"UG", "AF", 1.0F, 32.5F},
	{"UM", "OC", 19.3F, 166.6F},
	{"US", "NA", 39.0F, -94.0F},
	{"UY", "SA", -34.4F, -56.2F},
	{"UZ", "AS", 40.4F, 67.6F},
	{"VA", "EU", 41.9F, 12.5F},
	{"VC", "NA", 13.2F, -61.2F},
	{"VE", "SA", 9.6F, -67.6F},
	{"VG", "NA", 18.4F, -64.6F},
	{"VI", "NA", 18.2F, -64.8F},
	{"VN", "AS", 15.6F, 106.6F},
	{"VU", "OC", -17.2F, 168.1F},
	{"WF", "OC", -13.3F, -176.2F},
	{"WS", "OC", -13.8F, -171.9F},
	{"XK", "EU", 42.6F, 20.9F},
	{"YE", "AS", 14.6F, 44.5F},
	{"YT", "AF", -12.8F, 45.2F},
	{"ZA", "AF", -28.1F, 28.2F},
	{"ZM", "AF", -13.6F, 28.3F},
	{"ZW", "AF", -18.7F, 30.5F},
};
/* clang-format on */

#define COUNTRIES (sizeof(countries) / sizeof(countries[0]))

static const struct country continents[] = {
    {"AF", "AF", 5.0F, 20.0F},
    {"AN", "AN", -77.8F, 166.7F},
    {"AS", "AS", 25.0F, 93.0F},
    {"EU", "EU", 50.0F, 15.0F},
    {"NA", "NA", 34.0F, -94.0F},
    {"OC", "OC", -30.0F, 150.0F},
    {"SA", "SA", -14.0F, -57.0F},
};
#define CONTINENTS (sizeof(continents) / sizeof(continents[0]))

/* Codes that ISO 3166-1 does not have, or has no more, and databases have in
 * place of a country: as which country they are read, or of what is no country
 * the continent. */
static const struct {
	char code[3], country[3], continent[3];
} others[] = {
    {"UK", "GB", ""}, /* as people say; reserved for it in ISO 3166-1 */
    {"EL", "GR", ""}, /* of the European Union's own list */
    {"EU", "", "EU"}, /* somewhere in Europe */
    {"AP", "", "AS"}, /* "Asia/Pacific Region": most of it is Asia */
    {"AC", "SH", ""}, /* Ascension, apart from Saint Helena */
    {"TA", "SH", ""}, /* Tristan da Cunha, the same */
    {"CQ", "GG", ""}, /* Sark, apart from Guernsey */
    {"DG", "IO", ""}, /* Diego Garcia */
    {"EA", "ES", ""}, /* Ceuta and Melilla, apart from Spain */
    {"IC", "ES", ""}, /* the Canary Islands, the same */
    {"FX", "FR", ""}, /* France in Europe */
    {"AN", "CW", ""}, /* the Netherlands Antilles, most of which it was */
    {"BU", "MM", ""}, /* names of before: Burma, */
    {"CS", "RS", ""}, /* Serbia and Montenegro, */
    {"DD", "DE", ""}, /* the German Democratic Republic, */
    {"SU", "RU", ""}, /* the Soviet Union, */
    {"TP", "TL", ""}, /* East Timor, */
    {"YD", "YE", ""}, /* Democratic Yemen, */
    {"YU", "RS", ""}, /* Yugoslavia, */
    {"ZR", "CD", ""}, /* Zaire */
};
#define OTHERS (sizeof(others) / sizeof(others[0]))

static int
compare_code(const void *code, const void *row)
{
	return strcmp(code, ((const struct country *)row)->code);
}

const struct country *
country_find(const char *code)
{
	return bsearch(
	    code, countries, COUNTRIES, sizeof(countries[0]), compare_code);
}

const struct country *
country_at(size_t index)
{
	return index < COUNTRIES ? &countries[index] : NULL;
}

bool
country_code(const char *text, size_t len, char code[3])
{
	char upper[3] = "";

	if (len != 2)
		return false;
	for (size_t i = 0; i < 2; i++) {
		char c = text[i];

		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		if (c < 'A' || c > 'Z')
			return false;
		upper[i] = c;
	}
	memcpy(code, upper, sizeof(upper));
	return true;
}

const struct country *
country_continent(const char *code)
{
	return bsearch(
	    code, continents, CONTINENTS, sizeof(continents[0]), compare_code);
}

bool
country_of_database(const char code[3], char country[3], char continent[3])
{
	if (country_find(code) != NULL) {
		memcpy(country, code, 3);
		continent[0] = '\0';
		return true;
	}
	for (size_t i = 0; i < OTHERS; i++)
		if (strcmp(others[i].code, code) == 0) {
			memcpy(country, others[i].country, 3);
			memcpy(continent, others[i].continent, 3);
			return true;
		}
	return false;
}
