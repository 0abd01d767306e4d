/*
 * Reads JSON piece by piece as it comes in, and tells the values at some paths
 * of it (config/json_path.h).  Pure, without allocation; fed by checks with
 * answers of servers that are not trusted.
 *
 * All JSON (RFC 8259) is read, however long its numbers and texts are and
 * whatever they hold: "\u0000", half a surrogate pair, a byte order mark
 * before it.  Of names that are there twice each counts.
 */
#ifndef PROBES_ASK_JSON_PATHS_H
#define PROBES_ASK_JSON_PATHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/json_path.h"

/* Arrays and objects in one another.  The answers of all servers that we know
 * have a dozen; a bound, for each level takes a bit of memory. */
#define JSON_PATHS_DEPTH 512

/* Paths that are looked for at once. */
#define JSON_PATHS_MAX 64

/* Octets of a text that are kept to be told: names of models have no more. */
#define JSON_PATHS_TEXT 320

enum json_kind {
	JSON_TEXT,
	JSON_NUMBER, /* as it is written */
	JSON_WORD,   /* true, false, null */
	JSON_NESTED, /* an array or an object */
	/* A text that is longer than JSON_PATHS_TEXT, or of characters that no
	 * text of a file has: a NUL, half a surrogate pair. */
	JSON_ODD
};

/* found(context, path, kind, text): a value at path number ${path}; ${text} is
 * "" of JSON_NESTED and JSON_ODD, and lives until the call returns. */
typedef void (*json_found)(
    void *context, size_t path, enum json_kind kind, const char *text);

/* For json_paths.c only; here, so that it can be part of another struct. */
struct json_paths {
	const struct json_path *path;
	size_t n;
	json_found found;
	void *context;
	unsigned state;
	unsigned depth;                          /* open arrays and objects */
	uint64_t objects[JSON_PATHS_DEPTH / 64]; /* a bit: it is an object */
	/* Of each path, how many of its segments the open ones agree with, and
	 * how many they ever did. */
	uint8_t agreed[JSON_PATHS_MAX], deepest[JSON_PATHS_MAX];
	uint64_t fits; /* paths whose next segment leads to the value to come */
	uint32_t item[JSON_PATH_MAX]; /* the next one of open arrays */
	char text[JSON_PATHS_TEXT];   /* that is read */
	size_t len;
	bool odd, is_key;
	uint32_t code, high; /* of an escape; half of a surrogate pair or 0 */
	unsigned left;       /* octets or digits of a character to come */
	uint8_t low, top;    /* bounds of its next octet */
	const char *word;    /* what must still come of true, false or null */
};

/*
 * json_paths_init(j, path, n, found, context): begin to look for the ${n} of
 * ${path}, at most JSON_PATHS_MAX, which must live as long.
 */
void json_paths_init(struct json_paths *j, const struct json_path *path,
    size_t n, json_found found, void *context);

/* json_paths_read(j, data, len): read on. */
void json_paths_read(struct json_paths *j, const char *data, size_t len);

/* ok = json_paths_end(j): that was all of it, and it was JSON, not deeper than
 * JSON_PATHS_DEPTH. */
bool json_paths_end(struct json_paths *j);

/* near = json_paths_near(j, path): the first segment of path number ${path} was
 * there, if nothing else of it. */
bool json_paths_near(const struct json_paths *j, size_t path);

#endif
