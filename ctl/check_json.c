/* Prints what check found as one object.  Changes nothing. */
#include "ctl/check_json.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"

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

static void
add_messages(json_t *list, const struct errbuf *eb)
{
	const char *at = eb->text;
	struct errbuf_line line;

	while ((at = errbuf_line(at, &line)) != NULL)
		json_array_append_new(list, message_object(&line));
}

static json_t *
counts_object(const struct check_counts *c)
{
	if (c == NULL)
		return json_null();
	return json_pack("{sI sI sI sI sI sI}", "zones", (json_int_t)c->zones,
	    "records", (json_int_t)c->records, "services",
	    (json_int_t)c->services, "pools", (json_int_t)c->pools, "endpoints",
	    (json_int_t)c->endpoints, "networks", (json_int_t)c->networks);
}

void
check_json_print(const struct check_counts *counts, int64_t ms,
    const struct errbuf *files, const struct errbuf *machine)
{
	json_t *messages = json_array(), *root;

	add_messages(messages, files);
	add_messages(messages, machine);
	root = json_pack("{sb sI sI sI so so so}", "ok", counts != NULL,
	    "errors", (json_int_t)files->errors + machine->errors, "warnings",
	    (json_int_t)files->warnings + machine->warnings, "lost",
	    (json_int_t)files->lost + machine->lost, "messages", messages,
	    "counts", counts_object(counts), "loaded_ms",
	    counts != NULL ? json_integer((json_int_t)ms) : json_null());
	json_dumpf(root, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	putchar('\n');
	json_decref(root);
}
