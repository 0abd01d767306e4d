/*
 * Reads the paths of values in JSON.  Called when files are read and when a
 * check begins; looks at no JSON.
 */
#include "config/json_path.h"

#include <stdbool.h>
#include <string.h>

#include "base/number.h"

struct reading {
	const char *at;
	struct json_path *path;
	size_t used; /* of its names */
};

static bool
add(struct reading *r, const char *name, size_t len, uint32_t item)
{
	struct json_path *path = r->path;
	struct json_segment *segment;

	if (path->n == JSON_PATH_MAX ||
	    (name != NULL && r->used + len + 1 > sizeof(path->names)))
		return false;
	segment = &path->segment[path->n++];
	segment->item = item;
	segment->name = NULL;
	if (name == NULL)
		return true;
	segment->name = &path->names[r->used];
	memcpy(&path->names[r->used], name, len);
	path->names[r->used + len] = '\0';
	r->used += len + 1;
	return true;
}

/* "[*]" or "[3]". */
static const char *
read_item(struct reading *r)
{
	size_t len = strcspn(r->at, "]");
	uint64_t n = 0;

	if (r->at[len] == '\0')
		return "a bracket is not closed";
	if (len == 2 && r->at[1] == '*')
		n = JSON_PATH_ANY;
	else if (number_parse(r->at + 1, len - 1, 0, 1000000, &n) != 0)
		return "brackets hold the number of an item or *";
	r->at += len + 1;
	return add(r, NULL, 0, (uint32_t)n) ? NULL : "it is too long";
}

/* A name as it is, or in quotes. */
static const char *
read_name(struct reading *r)
{
	const char *name = r->at;
	size_t len;

	if (*name == '"') {
		name++;
		len = strcspn(name, "\"");
		if (name[len] == '\0')
			return "a quote is not closed";
		r->at = name + len + 1;
	} else {
		len = strcspn(name, ".[\"]");
		r->at = name + len;
		if (len == 0)
			return "a name is missing";
	}
	return add(r, name, len, 0) ? NULL : "it is too long";
}

const char *
json_path_parse(const char *text, struct json_path *path)
{
	struct reading r = {.at = text, .path = path};
	const char *why = NULL;

	path->n = 0;
	if (*text != '[')
		why = read_name(&r);
	while (why == NULL && *r.at != '\0') {
		if (*r.at == '[') {
			why = read_item(&r);
		} else if (*r.at == '.') {
			r.at++;
			why = read_name(&r);
		} else {
			why = "a dot is missing";
		}
	}
	return why;
}
