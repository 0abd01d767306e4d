/*
 * Codes of subdivisions (ISO 3166-2) without their country: CA of US-CA, ENG of
 * GB-ENG.  Each is a number, so that places stay small.  Used by the readers of
 * steering files and of databases, and by who shows a place.
 */
#ifndef CONFIG_SUBDIVISION_H
#define CONFIG_SUBDIVISION_H

#include <stddef.h>
#include <stdint.h>

/* Room for the text of a code: one to three letters or digits. */
#define SUBDIVISION_TEXT 4

/* code = subdivision_parse(text, len): the number of the code in the ${len}
 * characters of ${text}, in either case; 0 when that is no code. */
uint16_t subdivision_parse(const char *text, size_t len);

/* subdivision_format(code, out): its text in upper case, "" for 0.  Returns
 * out. */
const char *subdivision_format(uint16_t code, char out[SUBDIVISION_TEXT]);

#endif
