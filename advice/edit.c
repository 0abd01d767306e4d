/*
 * Says which line of a YAML file is to be another, or to be added.  Called by
 * the rules of advice; where the file is written in a way that outline.c does
 * not know, it says what to add and leaves the place to the operator.
 */
#include "advice/edit.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* What is put into a line: a key and a value, or an item. */
#define PART (ADVICE_LINE / 2)

/* Put ${with} in the place of ${part}, which is inside one line. */
static void
replace(struct advice_edit *edit, const struct advice_text *text,
    struct span part, const char *with)
{
	struct span line = outline_line(text, part.at);

	edit->line = outline_line_number(text, part.at);
	line.at += outline_indent(line);
	snprintf(edit->old, sizeof(edit->old), "%.*s",
	    (int)(line.end - line.at), line.at);
	snprintf(edit->new, sizeof(edit->new), "%.*s%s%.*s",
	    (int)(part.at - line.at), line.at, with, (int)(line.end - part.end),
	    part.end);
}

/* A new line below number ${line}. */
static void
add_line(struct advice_edit *edit, unsigned line, size_t indent,
    const char *before, const char *what)
{
	edit->line = line;
	edit->indent = (unsigned)indent;
	edit->old[0] = '\0';
	snprintf(edit->new, sizeof(edit->new), "%s%s", before, what);
}

/* Add ${what} before the brace that ends ${in}. */
static void
add_inside(struct advice_edit *edit, const struct advice_text *text,
    struct span in, const char *what)
{
	char with[PART + 4];
	struct span line = outline_line(text, in.end), gap = {in.end, in.end};
	const char *last = in.end;

	while (last > in.at && strchr(" \n\r\t", last[-1]) != NULL)
		last--;
	/* Blanks before the brace go; a comma that is there stays. */
	gap.at = last > line.at ? last : in.end;
	snprintf(with, sizeof(with), "%s%s",
	    last == in.at         ? ""
		: last[-1] == ',' ? " "
				  : ", ",
	    what);
	replace(edit, text, gap, with);
}

/* "max: 60s", of a key with a dot "ttl: {max: 60s}". */
static void
say_pair(char out[PART], const char *key, const char *value)
{
	size_t len = strcspn(key, ".");

	if (key[len] == '\0')
		snprintf(out, PART, "%s: %s", key, value);
	else
		snprintf(out, PART, "%.*s: {%s: %s}", (int)len, key,
		    key + len + 1, value);
}

/* Add what is not there to ${outline}. */
static void
add_pair(struct advice_edit *edit, const struct advice_text *text,
    const struct outline *outline, const char *key, const char *value)
{
	unsigned line = edit->line;
	char pair[PART];

	say_pair(pair, key, value);
	if (outline->kind == OUTLINE_FLOW) {
		add_inside(edit, text, outline->in, pair);
		return;
	}
	/* Below its own key, or else below its last line. */
	if (outline->kind == OUTLINE_BLOCK)
		line = outline->header != NULL
		    ? outline_line_number(text, outline->header)
		    : outline_line_number(text, outline->in.end);
	add_line(edit, line, outline->indent, "", pair);
}

static bool
is_in_line(struct span value)
{
	return memchr(value.at, '\n', (size_t)(value.end - value.at)) == NULL;
}

static void
begin(struct advice_edit *edit, const struct mark *at)
{
	*edit = (struct advice_edit){.file = at->file, .line = at->line};
}

void
advice_edit_value(struct advice_edit *edit, const struct advice_text *text,
    const struct mark *at, const char *key, const char *value)
{
	struct outline outline = outline_at(text, at);

	begin(edit, at);
	for (;;) {
		size_t len = strcspn(key, ".");
		struct span found = outline_find(text, &outline, key, len);
		char more[PART];

		if (found.at == NULL) {
			add_pair(edit, text, &outline, key, value);
			return;
		}
		if (key[len] == '\0' && is_in_line(found)) {
			/* What was a per cent stays one. */
			bool cent =
			    found.end > found.at && found.end[-1] == '%';

			snprintf(more, sizeof(more), "%s%s%s",
			    found.at > text->text && found.at[-1] == ':' ? " "
									 : "",
			    value, cent ? "%" : "");
			replace(edit, text, found, more);
			return;
		}
		if (key[len] == '\0') {
			say_pair(more, key, value);
			add_line(edit, outline_line_number(text, found.at), 0,
			    "", more);
			return;
		}
		outline = outline_in(text, found);
		key += len + 1;
	}
}

void
advice_edit_item(struct advice_edit *edit, const struct advice_text *text,
    const struct mark *at, const char *key, const char *fmt, ...)
{
	struct outline outline = outline_at(text, at);
	struct span found = outline_find(text, &outline, key, strlen(key));
	char item[PART];
	va_list args;

	begin(edit, at);
	va_start(args, fmt);
	vsnprintf(item, sizeof(item), fmt, args);
	va_end(args);
	if (found.at != NULL)
		outline = outline_in(text, found);
	if (found.at != NULL && outline.kind == OUTLINE_FLOW)
		add_inside(edit, text, outline.in, item);
	else if (found.at != NULL && outline.kind == OUTLINE_BLOCK)
		add_line(edit, outline_line_number(text, outline.in.end),
		    outline.indent, "- ", item);
	else
		add_line(edit, at->line, 0, "- ", item);
}

void
advice_edit_add(
    struct advice_edit *edit, const struct mark *at, const char *fmt, ...)
{
	va_list args;

	begin(edit, at);
	va_start(args, fmt);
	vsnprintf(edit->new, sizeof(edit->new), fmt, args);
	va_end(args);
}
