/*
 * Makes OpenMetrics of lines in the Prometheus text format.  Called by the HTTP
 * server with each piece of a page; knows no metric.
 */
#include "web/openmetrics.h"

#include <string.h>

#define TOTAL "_total"

struct line {
	const char *at;
	size_t len; /* without the newline */
};

static bool
begins(const struct line *line, const char *with)
{
	size_t n = strlen(with);

	return line->len >= n && memcmp(line->at, with, n) == 0;
}

/* Words of a HELP line: quotes are escaped here, and were not. */
static void
add_words(struct text *out, const char *words, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (words[i] == '"')
			text_bytes(out, "\\", 1);
		text_bytes(out, &words[i], 1);
	}
}

/* A HELP or TYPE line, which begins with ${head}: of a counter it has the name
 * without its ending. */
static void
add_head(struct text *out, const struct line *line, const char *head)
{
	const char *name = line->at + strlen(head);
	const char *end = line->at + line->len;
	const char *after = memchr(name, ' ', (size_t)(end - name));
	size_t len, total = strlen(TOTAL);

	if (after == NULL)
		after = end;
	len = (size_t)(after - name);
	if (len > total && memcmp(after - total, TOTAL, total) == 0)
		len -= total;
	text_bytes(out, head, strlen(head));
	text_bytes(out, name, len);
	add_words(out, after, (size_t)(end - after));
	text_bytes(out, "\n", 1);
}

/* Does the name of ${len} octets end in ${unit}? */
static bool
is_in_unit(const char *name, size_t len, const char *unit)
{
	size_t n = strlen(unit);

	return len > n + 1 && name[len - n - 1] == '_' &&
	    memcmp(name + len - n, unit, n) == 0;
}

/* The UNIT line of what the TYPE line ${line} is of, where the name ends in
 * one. */
static void
add_unit(struct text *out, const struct line *line, const char *type)
{
	static const char *const units[] = {"seconds", "bytes", "days"};
	const char *name = line->at + strlen(type);
	size_t len = line->len - strlen(type), total = strlen(TOTAL);
	const char *end = memchr(name, ' ', len);

	if (end != NULL)
		len = (size_t)(end - name);
	if (len > total && memcmp(name + len - total, TOTAL, total) == 0)
		len -= total;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (is_in_unit(name, len, units[i]))
			text_add(
			    out, "# UNIT %.*s %s\n", (int)len, name, units[i]);
}

/* Other comments, and empty lines, are none of the format's. */
static void
add_line(struct text *out, const struct line *line)
{
	static const char help[] = "# HELP ", type[] = "# TYPE ";

	if (begins(line, help)) {
		add_head(out, line, help);
	} else if (begins(line, type)) {
		add_head(out, line, type);
		add_unit(out, line, type);
	} else if (line->len > 0 && line->at[0] != '#') {
		text_bytes(out, line->at, line->len);
		text_bytes(out, "\n", 1);
	}
}

static void
write_piece(const char *data, size_t len, struct text *out)
{
	while (len > 0) {
		const char *end = memchr(data, '\n', len);
		struct line line = {
		    data, end != NULL ? (size_t)(end - data) : len};
		size_t used = line.len + (end != NULL);

		add_line(out, &line);
		data += used;
		len -= used;
	}
}

const struct http_form openmetrics_form = {
    .type = "application/openmetrics-text; version=1.0.0; charset=utf-8",
    .write = write_piece,
    .end = "# EOF\n",
};
