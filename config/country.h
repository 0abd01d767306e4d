/*
 * Countries and continents: the codes that steering files may name and that
 * geographic databases hold, and where each country is.  Used by the readers of
 * both, at load time.
 */
#ifndef CONFIG_COUNTRY_H
#define CONFIG_COUNTRY_H

#include <stdbool.h>
#include <stddef.h>

struct country {
	char code[3];              /* ISO 3166-1 alpha-2, or XK */
	char continent[3];         /* AF AN AS EU NA OC SA */
	float latitude, longitude; /* of where its people live, in degrees */
};

/* country = country_find(code): the country with that code in upper case, or
 * NULL. */
const struct country *country_find(const char *code);

/* country = country_at(index): all of them in the order of their codes, from 0;
 * NULL after the last. */
const struct country *country_at(size_t index);

/* is = country_code(text, len, code): the ${len} characters are two letters of
 * either case; they are written to ${code} in upper case. */
bool country_code(const char *text, size_t len, char code[3]);

/* continent = country_continent(code): AF AN AS EU NA OC or SA, as a row whose
 * code and continent are the same; NULL for another code. */
const struct country *country_continent(const char *code);

/*
 * known = country_of_database(code, country, continent): what a database means
 * by two letters in upper case in the place of a country: write the country, or
 * "" and the continent.  A country brings no continent with it.  False, and
 * nothing is written, for codes that say nothing: ZZ, XX and the like.
 */
bool country_of_database(
    const char code[3], char country[3], char continent[3]);

#endif
