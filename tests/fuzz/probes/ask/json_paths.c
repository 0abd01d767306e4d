/*
 * Fuzz target: any octets as the JSON of an answer.  However they are cut to
 * pieces, what is told of them and whether they are JSON is the same; and JSON
 * stays the same with a byte order mark before it and blanks around it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "probes/ask/json_paths.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PATHS 4

struct told {
	uint64_t hash; /* of all that was told */
	bool json;
};

static void
require(bool holds)
{
	if (!holds)
		abort();
}

static void
on_value(void *context, size_t path, enum json_kind kind, const char *text)
{
	struct told *told = context;

	require(path < PATHS && strlen(text) < JSON_PATHS_TEXT);
	told->hash = (told->hash + path + 1) * 1099511628211u + kind;
	for (; *text != '\0'; text++)
		told->hash = (told->hash ^ (uint8_t)*text) * 1099511628211u;
}

static struct told
read_all(const char *before, const char *body, size_t len, size_t piece)
{
	static const char *const texts[PATHS] = {
	    "data[*].id", "status", "[1].a", "a.b[*][0]"};
	struct json_path paths[PATHS];
	struct told told = {0, false};
	struct json_paths j;

	for (size_t i = 0; i < PATHS; i++)
		require(json_path_parse(texts[i], &paths[i]) == NULL);
	json_paths_init(&j, paths, PATHS, on_value, &told);
	json_paths_read(&j, before, strlen(before));
	for (size_t at = 0; at < len; at += piece)
		json_paths_read(
		    &j, body + at, len - at < piece ? len - at : piece);
	if (*before != '\0')
		json_paths_read(&j, "\r\n", 2);
	told.json = json_paths_end(&j);
	return told;
}

static bool
same(struct told a, struct told b)
{
	return a.hash == b.hash && a.json == b.json;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *body = (const char *)data;
	struct told whole = read_all("", body, size, size + 1);

	require(same(whole, read_all("", body, size, 1)));
	require(same(whole, read_all("", body, size, 7)));
	if (!whole.json)
		return 0;
	require(
	    same(whole, read_all(" \t", body, size, size)) || data[0] == 0xef);
	if (data[0] != 0xef)
		require(
		    same(whole, read_all("\xef\xbb\xbf", body, size, size)));
	return 0;
}
