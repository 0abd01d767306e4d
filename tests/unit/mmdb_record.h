/*
 * Records of MaxMind DB files from a text that reads as JSON does, with single
 * quotes: {'country': {'iso_code': 'US'}, 'location': {'latitude': 37.5}}.  A
 * number with a point is a double, one without a uint32.  Included by tests
 * only; the text is right.
 */
#ifndef TESTS_MMDB_RECORD_H
#define TESTS_MMDB_RECORD_H

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/mmdb_writer.h"

/* How many members the map or the list that begins at ${text} has. */
static inline size_t
mmdb_members(const char *text)
{
	size_t depth = 0, n = 0;
	bool quoted = false, empty = true;

	for (; *text != '\0'; text++) {
		if (*text == '\'')
			quoted = !quoted;
		if (depth == 1 && *text != ' ' && strchr("}]", *text) == NULL)
			empty = false;
		if (quoted)
			continue;
		depth += strchr("{[", *text) != NULL;
		n += depth == 1 && *text == ',';
		if (strchr("}]", *text) != NULL && --depth == 0)
			break;
	}
	return empty ? 0 : n + 1;
}

/* Write one scalar, key, or head of a map or a list; returns what follows. */
static inline const char *
mmdb_token(struct mmdb_writer *w, const char *text)
{
	char word[256];
	bool quoted = *text == '\'';
	size_t n = strspn(text + 1, "0123456789.eE-+") + 1;

	if (*text == '{')
		mmdb_map(w, mmdb_members(text));
	else if (*text == '[')
		mmdb_control(w, 11, mmdb_members(text));
	if (strchr("{[", *text) != NULL)
		return text + 1;
	if (quoted)
		n = strcspn(++text, "'");
	snprintf(word, sizeof(word), "%.*s", (int)n, text);
	if (quoted)
		mmdb_string(w, word);
	else if (strchr(word, '.') != NULL)
		mmdb_double(w, strtod(word, NULL));
	else
		mmdb_uint32(w, (uint32_t)strtoul(word, NULL, 10));
	return text + n + quoted;
}

/* Write the record ${text}; returns where it is. */
static inline uint32_t
mmdb_record(struct mmdb_writer *w, const char *text)
{
	uint32_t at = mmdb_here(w);

	while (*text != '\0')
		if (strchr(" ,:}]", *text) != NULL)
			text++;
		else
			text = mmdb_token(w, text);
	return at;
}

#endif
