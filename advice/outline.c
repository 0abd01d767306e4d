/*
 * Finds keys in the text of a YAML file that was read without an error.  Called
 * by edit.c.
 */
#include "advice/outline.h"

#include <string.h>

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* --- lines --- */

struct span
outline_line(const struct advice_text *text, const char *at)
{
	const char *end = text->text + text->len, *stop;

	while (at > text->text && at[-1] != '\n')
		at--;
	stop = memchr(at, '\n', (size_t)(end - at));
	return (struct span){at, stop != NULL ? stop : end};
}

unsigned
outline_line_number(const struct advice_text *text, const char *at)
{
	unsigned n = 1;

	for (const char *p = text->text; p < at; p++)
		n += *p == '\n';
	return n;
}

size_t
outline_indent(struct span line)
{
	size_t n = 0;

	while (line.at + n < line.end && line.at[n] == ' ')
		n++;
	return n;
}

/* The next line; NULL after the last one. */
static struct span
next_line(const struct advice_text *text, struct span line)
{
	if (line.end >= text->text + text->len)
		return (struct span){NULL, NULL};
	return outline_line(text, line.end + 1);
}

/* Nothing but blanks or a comment. */
static bool
is_empty(struct span line)
{
	const char *at = line.at + outline_indent(line);

	return at == line.end || *at == '#' || *at == '\r';
}

/* --- characters --- */

static const char *
skip_quoted(const char *at, const char *end)
{
	char quote = *at++;

	while (at < end && *at != quote)
		at += *at == '\\' && quote == '"' ? 2 : 1;
	return at < end ? at + 1 : end;
}

/* Behind what is at ${at}: a quoted text, a comment, or a character.  A quote
 * inside a word is one of its characters. */
static const char *
step(const char *at, const char *end)
{
	bool begins = is_blank(at[-1]) || strchr("{[,:-", at[-1]) != NULL;

	if ((*at == '"' || *at == '\'') && begins)
		return skip_quoted(at, end);
	if (*at != '#' || !is_blank(at[-1]))
		return at + 1;
	while (at < end && *at != '\n')
		at++;
	return at;
}

/* Where one of ${stops} is outside of all braces, or ${end}. */
static const char *
find_outside(const char *at, const char *end, const char *stops)
{
	int depth = 0;

	while (at < end) {
		if (depth == 0 && strchr(stops, *at) != NULL)
			break;
		if (*at == '#' && is_blank(at[-1]) && strchr(stops, '\n'))
			break;
		depth += *at == '{' || *at == '[';
		depth -= *at == '}' || *at == ']';
		at = step(at, end);
	}
	return at;
}

static struct span
trim(struct span span)
{
	while (span.at < span.end && is_blank(*span.at))
		span.at++;
	while (span.end > span.at && is_blank(span.end[-1]))
		span.end--;
	return span;
}

/* Behind ${key} and its colon, if that is at ${at}; else NULL. */
static const char *
after_key(const char *at, const char *end, const char *key, size_t len)
{
	bool quoted = at < end && (*at == '"' || *at == '\'');
	const char *name = at + quoted;

	if ((size_t)(end - name) < len + quoted + 1 ||
	    memcmp(name, key, len) != 0)
		return NULL;
	at = name + len + quoted;
	while (at < end && *at == ' ')
		at++;
	return at < end && *at == ':' ? at + 1 : NULL;
}

/* --- places --- */

/* From the first line that is no empty one, from ${line} on, down to where the
 * indentation ends; a list may be as far to the left as ${least}, keys begin
 * further to the right. */
static struct outline
block_from(const struct advice_text *text, struct span line, size_t least,
    const char *header)
{
	struct outline outline = {.kind = OUTLINE_NONE, .header = header};

	for (; line.at != NULL; line = next_line(text, line)) {
		size_t n = outline_indent(line);

		if (is_empty(line))
			continue;
		if (outline.kind == OUTLINE_NONE) {
			bool item = line.at[n] == '-';

			if (n < least || (n == least && least > 0 && !item))
				break;
			outline.kind = OUTLINE_BLOCK;
			outline.in.at = line.at + n;
			outline.indent = n;
		} else if (n < outline.indent ||
		    (n == outline.indent && *outline.in.at == '-' &&
			line.at[n] != '-')) {
			break;
		}
		outline.in.end = line.end;
	}
	return outline;
}

struct outline
outline_in(const struct advice_text *text, struct span value)
{
	struct span line = outline_line(text, value.at);

	if (value.at < value.end && strchr("{[", *value.at) != NULL)
		return (struct outline){.kind = OUTLINE_FLOW,
		    .in = {value.at + 1, value.end - 1},
		    .header = value.at};
	/* A value that is not in the line of its key begins below it. */
	if (value.at == line.at + outline_indent(line))
		return block_from(text, line, 0, NULL);
	return (struct outline){.kind = OUTLINE_NONE, .header = value.at};
}

/* What the key whose colon was before ${at} has: in its line, or below. */
static struct span
value_from(const struct advice_text *text, const char *at, size_t indent)
{
	const char *end = text->text + text->len;
	struct span line = outline_line(text, at), value;
	struct outline below;

	value = trim((struct span){at, find_outside(at, end, "\n")});
	if (value.at < value.end)
		return value;
	below = block_from(text, next_line(text, line), indent, at);
	return below.kind == OUTLINE_BLOCK ? below.in : value;
}

/* A mapping that is an item of a list: its first key is at ${at}, the others
 * are below that. */
static struct outline
item_at(const struct advice_text *text, struct span line, const char *at)
{
	struct outline outline = {.kind = OUTLINE_BLOCK,
	    .in = {at, line.end},
	    .indent = (size_t)(at - line.at)};

	for (line = next_line(text, line); line.at != NULL;
	     line = next_line(text, line)) {
		if (is_empty(line))
			continue;
		if (outline_indent(line) < outline.indent)
			break;
		outline.in.end = line.end;
	}
	return outline;
}

struct outline
outline_at(const struct advice_text *text, const struct mark *at)
{
	struct span line = outline_line(text, text->text);
	const char *end = text->text + text->len, *p, *colon;
	size_t indent;
	struct outline outline;

	if (at->line == 0)
		return block_from(text, line, 0, NULL);
	for (unsigned n = 1; n < at->line && line.at != NULL; n++)
		line = next_line(text, line);
	if (line.at == NULL)
		return (struct outline){.kind = OUTLINE_NONE, .header = end};
	p = line.at;
	if (at->column > 0 && at->column <= (size_t)(line.end - line.at))
		p += at->column - 1;
	while (p < line.end && (*p == ' ' || (*p == '-' && p[1] == ' ')))
		p++;
	if (p < line.end && *p == '{')
		return (struct outline){.kind = OUTLINE_FLOW,
		    .in = {p + 1, find_outside(p + 1, end, "}")},
		    .header = p};
	indent = outline_indent(line);
	if (line.at + indent < p && line.at[indent] == '-')
		return item_at(text, line, p);
	colon = p < line.end && (*p == '"' || *p == '\'')
	    ? skip_quoted(p, line.end)
	    : p;
	colon = memchr(colon, ':', (size_t)(line.end - colon));
	if (colon == NULL)
		return (struct outline){
		    .kind = OUTLINE_NONE, .header = line.at};
	outline = outline_in(text, value_from(text, colon + 1, indent));
	outline.header = p;
	return outline;
}

/* --- keys --- */

static struct span
find_flow(struct span in, const char *key, size_t len)
{
	const char *at = in.at;

	while (at < in.end) {
		const char *stop = find_outside(at, in.end, ","), *value;

		while (at < stop && is_blank(*at))
			at++;
		value = after_key(at, stop, key, len);
		if (value != NULL)
			return trim((struct span){value, stop});
		at = stop + 1;
	}
	return (struct span){NULL, NULL};
}

static struct span
find_block(const struct advice_text *text, const struct outline *outline,
    const char *key, size_t len)
{
	struct span line = outline_line(text, outline->in.at);
	const char *at = outline->in.at;

	for (;;) {
		const char *value = after_key(at, line.end, key, len);

		if (value != NULL)
			return value_from(text, value, outline->indent);
		do {
			line = next_line(text, line);
			if (line.at == NULL || line.at >= outline->in.end)
				return (struct span){NULL, NULL};
		} while (
		    is_empty(line) || outline_indent(line) != outline->indent);
		at = line.at + outline->indent;
	}
}

struct span
outline_find(const struct advice_text *text, const struct outline *outline,
    const char *key, size_t len)
{
	if (outline->kind == OUTLINE_FLOW)
		return find_flow(outline->in, key, len);
	if (outline->kind == OUTLINE_BLOCK)
		return find_block(text, outline, key, len);
	return (struct span){NULL, NULL};
}
