/*
 * Where a value is in a JSON text: "data[*].id" is the member id of each item
 * of the member data.  Names are written as they are, or in quotes where they
 * have a dot, a bracket or a quote in them: "\"a.b\"[0]".  Used by the reader
 * of checks, which refuses what is no path, and by the probes, which look for
 * the values.
 */
#ifndef CONFIG_JSON_PATH_H
#define CONFIG_JSON_PATH_H

#include <stddef.h>
#include <stdint.h>

#define JSON_PATH_MAX 8   /* segments of a path */
#define JSON_PATH_NAME 64 /* octets of all its names */
#define JSON_PATH_ANY UINT32_MAX

struct json_segment {
	const char *name; /* of a member; NULL: an item */
	uint32_t item;    /* which one, from 0; JSON_PATH_ANY: each */
};

struct json_path {
	struct json_segment segment[JSON_PATH_MAX];
	size_t n;
	char names[JSON_PATH_NAME + JSON_PATH_MAX];
};

/* why = json_path_parse(text, path): NULL, or why ${text} is no path.  ${path}
 * points into itself: it must not be moved. */
const char *json_path_parse(const char *text, struct json_path *path);

#endif
