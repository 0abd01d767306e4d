/*
 * Messages of a load as objects, for scripts.  Called by check and reload;
 * changes nothing.
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "ctl/command.h"

#define PLACE_MAX 4096

/* Take ":NUMBER" from the end of ${place}; null when it ends otherwise. */
static json_t *
take_number(char *place)
{
	char *colon = strrchr(place, ':');
	uint64_t n;

	if (colon == NULL ||
	    number_parse(colon + 1, strlen(colon + 1), 1, UINT32_MAX, &n) != 0)
		return json_null();
	*colon = '\0';
	return json_integer((json_int_t)n);
}

static json_t *
text_of(const char *text, int len)
{
	json_t *value = len > 0 ? json_stringn(text, (size_t)len) : NULL;

	return value != NULL ? value : json_null();
}

static json_t *
message_object(const struct errbuf_line *m)
{
	char place[PLACE_MAX];
	json_t *line, *column;

	/* Without ": ", which ends it. */
	snprintf(place, sizeof(place), "%.*s",
	    m->mark_len > 2 ? m->mark_len - 2 : 0, m->mark);
	column = take_number(place);
	line = json_is_integer(column) ? take_number(place) : json_null();
	if (json_is_integer(column) && !json_is_integer(line)) {
		line = column;
		column = json_null();
	}
	return json_pack("{ss so so so so}", "severity",
	    m->error ? "error" : "warning", "file",
	    text_of(place, (int)strlen(place)), "line", line, "column", column,
	    "text", text_of(m->text, m->text_len));
}

json_t *
command_messages(const char *at)
{
	json_t *list = json_array();
	struct errbuf_line line;

	while ((at = errbuf_line(at, &line)) != NULL)
		json_array_append_new(list, message_object(&line));
	return list;
}
