/*
 * Unions of countries that fences may name, by their members: what people mean
 * by "the EU" is no continent.  Used by the reader of fences, by the compiler
 * of maps and by explain, at load time.
 */
#ifndef CONFIG_UNION_H
#define CONFIG_UNION_H

#include <stdbool.h>

/* number = union_find(text): the union with that name, in either case; -1 when
 * there is none.  They are counted from 0. */
int union_find(const char *text);

/* name = union_name(number): "EU"; NULL after the last. */
const char *union_name(unsigned number);

/* has = union_has(number, country): whether the union has the country of that
 * code of ISO 3166-1 in upper case. */
bool union_has(unsigned number, const char *country);

#endif
