/*
 * Writes JSON into pieces of pages.  Called by the pages that are JSON, and by
 * meridianctl for what it prints as JSON; keeps nothing.
 */
#include "node/page_json.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

static int
append(const char *data, size_t len, void *context)
{
	struct text *out = context;

	text_bytes(out, data, len);
	return out->failed ? -1 : 0;
}

void
page_json_add(struct text *out, json_t *value, size_t flags)
{
	if (value == NULL || json_dump_callback(value, append, out, flags) != 0)
		out->failed = true;
	json_decref(value);
}

json_t *
page_json_string(const char *text)
{
	json_t *string = json_string(text);
	char *copy = string == NULL ? strdup(text) : NULL;

	if (copy == NULL)
		return string;
	for (char *c = copy; *c != '\0'; c++)
		if ((unsigned char)*c > 0x7f)
			*c = '?';
	string = json_string(copy);
	free(copy);
	return string;
}

json_t *
page_json_time(int64_t wall_ms)
{
	char when[CLOCK_TEXT];

	return wall_ms > 0 ? json_string(clock_format(wall_ms, when))
			   : json_null();
}

json_t *
page_json_milliseconds(int64_t us)
{
	return us < 0 ? json_null() : json_real((double)us / 1000);
}
