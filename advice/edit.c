/*
 * Finds a key in the text of a YAML file below a line of it.  Called by the
 * rules of advice; where the file is written in a way it does not know, it
 * says what to add and leaves the place to the operator.
 */
#include "advice/edit.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* A part of the text. */
struct span {
	const char *at, *end;
};

static struct span
line_from(const char *at, const char *end)
{
	const char *stop = memchr(at, '\n', (size_t)(end - at));

	return (struct span){at, stop != NULL ? stop : end};
}

static struct span
find_line(const struct advice_text *text, unsigned number)
{
	const char *end = text->text + text->len;
	struct span line = line_from(text->text, end);

	while (--number > 0 && line.end < end)
		line = line_from(line.end + 1, end);
	return line;
}

static size_t
indent_of(struct span line)
{
	size_t n = 0;

	while (line.at + n < line.end && line.at[n] == ' ')
		n++;
	return n;
}

/* What a mark points into: its line, and those that are indented deeper after
 * it. */
static struct span
block_at(const struct advice_text *text, const struct mark *at)
{
	const char *end = text->text + text->len;
	struct span first = find_line(text, at->line), line = first;
	struct span block = {first.at, first.end};
	size_t indent = indent_of(first);

	while (line.end < end) {
		line = line_from(line.end + 1, end);
		size_t n = indent_of(line);

		if (line.at + n == line.end || line.at[n] == '#')
			continue;
		if (n <= indent)
			break;
		block.end = line.end;
	}
	return block;
}

static bool
begins_word(struct span in, const char *at)
{
	return at == in.at || strchr(" \t\n{,-", at[-1]) != NULL;
}

/* Behind the value that begins at ${from}, in ${depth} braces of its own. */
static bool
is_end(const char *from, const char *at, int depth)
{
	bool comment = *at == '#' && at > from && at[-1] == ' ';

	return depth == 0 && (strchr(",}]\n", *at) != NULL || comment);
}

/* A value from its first character ${at} to its last one. */
static struct span
value_end(const char *at, const char *end)
{
	struct span value = {at, at};
	int depth = 0;

	for (; at < end && !is_end(value.at, at, depth); at++) {
		depth += *at == '{' || *at == '[';
		depth -= *at == '}' || *at == ']';
		if (*at != ' ')
			value.end = at + 1;
	}
	return value;
}

/* The value of ${key} in ${in}; NULL when it is not there. */
static struct span
find_value(struct span in, const char *key, size_t len)
{
	for (const char *at = in.at; at + len < in.end; at++) {
		if (memcmp(at, key, len) != 0 || at[len] != ':' ||
		    !begins_word(in, at))
			continue;
		at += len + 1;
		while (at < in.end && *at == ' ')
			at++;
		if (at < in.end && *at == '\n') /* a mapping below it */
			return (struct span){at, in.end};
		return value_end(at, in.end);
	}
	return (struct span){NULL, NULL};
}

static unsigned
number_of(const struct advice_text *text, const char *at)
{
	unsigned n = 1;

	for (const char *p = text->text; p < at; p++)
		n += *p == '\n';
	return n;
}

/* Three pieces after each other. */
static void
copy(char out[ADVICE_LINE], const char *a, size_t n, const char *b, size_t m,
    const char *c, size_t k)
{
	snprintf(
	    out, ADVICE_LINE, "%.*s%.*s%.*s", (int)n, a, (int)m, b, (int)k, c);
}

static void
replace(struct advice_edit *edit, const struct advice_text *text,
    struct span value, const char *with)
{
	const char *begin = value.at, *end = text->text + text->len;
	struct span line;

	while (begin > text->text && begin[-1] != '\n')
		begin--;
	line = line_from(begin, end);
	line.at += indent_of(line);
	edit->line = number_of(text, value.at);
	copy(edit->old, line.at, (size_t)(line.end - line.at), "", 0, "", 0);
	copy(edit->new, line.at, (size_t)(value.at - line.at), with,
	    strlen(with), value.end, (size_t)(line.end - value.end));
}

static bool
is_in_line(struct span value)
{
	return memchr(value.at, '\n', (size_t)(value.end - value.at)) == NULL;
}

void
advice_edit_value(struct advice_edit *edit, const struct advice_text *text,
    const struct mark *at, const char *key, const char *value)
{
	struct span in = block_at(text, at), found = {NULL, NULL};
	const char *part = key;
	char more[ADVICE_LINE];

	edit->file = at->file;
	while (*part != '\0') {
		size_t len = strcspn(part, ".");

		found = find_value(in, part, len);
		if (found.at == NULL)
			break;
		in = found;
		part += len + (part[len] == '.');
	}
	if (found.at != NULL && is_in_line(found)) {
		/* What was a per cent stays one. */
		snprintf(more, sizeof(more), "%s%s", value,
		    found.end > found.at && found.end[-1] == '%' ? "%" : "");
		replace(edit, text, found, more);
		return;
	}
	/* The mapping is there, in braces, without the key. */
	if (found.at == NULL && part != key && *in.at == '{' &&
	    is_in_line(in)) {
		snprintf(more, sizeof(more), "{%s: %s, %.*s", part, value,
		    (int)(in.end - in.at - 1), in.at + 1);
		replace(edit, text, in, more);
		return;
	}
	edit->line = at->line;
	edit->old[0] = '\0';
	if (strchr(key, '.') != NULL)
		snprintf(edit->new, sizeof(edit->new), "%.*s: {%s: %s}",
		    (int)strcspn(key, "."), key, strchr(key, '.') + 1, value);
	else
		snprintf(edit->new, sizeof(edit->new), "%s: %s", key, value);
}

void
advice_edit_add(
    struct advice_edit *edit, const struct mark *at, const char *fmt, ...)
{
	va_list args;

	edit->file = at->file;
	edit->line = at->line;
	edit->old[0] = '\0';
	va_start(args, fmt);
	vsnprintf(edit->new, sizeof(edit->new), fmt, args);
	va_end(args);
}

struct mark
advice_edit_section(
    const struct advice_text *text, const char *file, const char *name)
{
	const char *end = text->text + text->len;
	size_t len = strlen(name);
	unsigned number = 1;

	for (struct span line = line_from(text->text, end);; number++) {
		if ((size_t)(line.end - line.at) > len &&
		    memcmp(line.at, name, len) == 0 && line.at[len] == ':')
			return (struct mark){file, number, 1};
		if (line.end >= end)
			return (struct mark){file, 1, 1};
		line = line_from(line.end + 1, end);
	}
}
