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

/* is = country_is_continent(code): one of AF AN AS EU NA OC SA. */
bool country_is_continent(const char *code);

#endif
