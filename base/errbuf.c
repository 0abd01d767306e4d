/*
 * The text of errors in an operator's files, with a fixed bound.  Called by
 * loaders; prints nothing.
 */
#include "base/errbuf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char error_kind[] = "error: ";
static const char warning_kind[] = "warning: ";

void
errbuf_init(struct errbuf *eb)
{
	eb->errors = eb->warnings = eb->lost = 0;
	eb->len = 0;
	eb->text[0] = '\0';
}

/* Append formatted text; false when it did not fit. */
static bool append(struct errbuf *eb, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static bool vappend(struct errbuf *eb, const char *fmt, va_list args)
    __attribute__((format(printf, 2, 0)));

static bool
vappend(struct errbuf *eb, const char *fmt, va_list args)
{
	int n = vsnprintf(eb->text + eb->len, eb->room, fmt, args);

	if (n < 0 || (size_t)n >= eb->room)
		return false;
	eb->len += (size_t)n;
	eb->room -= (size_t)n;
	return true;
}

static bool
append(struct errbuf *eb, const char *fmt, ...)
{
	va_list args;
	bool fits;

	va_start(args, fmt);
	fits = vappend(eb, fmt, args);
	va_end(args);
	return fits;
}

static bool
append_mark(struct errbuf *eb, const struct mark *at)
{
	if (at == NULL || at->file == NULL)
		return true;
	if (at->line == 0)
		return append(eb, "%s: ", at->file);
	if (at->column == 0)
		return append(eb, "%s:%u: ", at->file, at->line);
	return append(eb, "%s:%u:%u: ", at->file, at->line, at->column);
}

static void message(struct errbuf *eb, size_t size, const struct mark *at,
    const char *kind, const char *fmt, va_list args)
    __attribute__((format(printf, 5, 0)));

/* A message goes in whole or not at all, into the first ${size} bytes: half a
 * line would hide what is wrong, and end in the middle of a path. */
static void
message(struct errbuf *eb, size_t size, const struct mark *at, const char *kind,
    const char *fmt, va_list args)
{
	size_t before = eb->len;

	eb->room = before < size ? size - before : 0;
	if (append_mark(eb, at) && append(eb, "%s", kind) &&
	    vappend(eb, fmt, args) && append(eb, "\n"))
		return;
	eb->len = before;
	eb->text[before] = '\0';
	eb->lost++;
}

int
errbuf_error(struct errbuf *eb, const struct mark *at, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	message(eb, sizeof(eb->text), at, error_kind, fmt, args);
	va_end(args);
	eb->errors++;
	return -1;
}

void
errbuf_warn(struct errbuf *eb, const struct mark *at, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	message(
	    eb, sizeof(eb->text) - ERRBUF_ERRORS, at, warning_kind, fmt, args);
	va_end(args);
	eb->warnings++;
}

struct errbuf_mark
errbuf_now(const struct errbuf *eb)
{
	return (struct errbuf_mark){eb->len, eb->warnings, eb->lost};
}

void
errbuf_repeat(
    struct errbuf *eb, const char *text, unsigned warnings, unsigned lost)
{
	const size_t size = sizeof(eb->text) - ERRBUF_ERRORS;

	while (*text != '\0') {
		size_t len = strcspn(text, "\n");

		eb->room = eb->len < size ? size - eb->len : 0;
		if (!append(eb, "%.*s\n", (int)len, text)) {
			eb->text[eb->len] = '\0';
			eb->lost++;
		}
		text += len;
		text += *text == '\n';
	}
	eb->warnings += warnings;
	eb->lost += lost;
}

bool
errbuf_ok(const struct errbuf *eb)
{
	return eb->errors == 0;
}

/* Where the kind ("error: ") of a message of ${len} bytes is: at its beginning,
 * or after its mark.  A path may have blanks in it, so each word is tried. */
static const char *
find_kind(const char *at, size_t len, bool *error)
{
	for (size_t i = 0; i < len; i++) {
		if (i > 0 && at[i - 1] != ' ')
			continue;
		*error = strncmp(at + i, error_kind, strlen(error_kind)) == 0;
		if (*error ||
		    strncmp(at + i, warning_kind, strlen(warning_kind)) == 0)
			return at + i;
	}
	return NULL;
}

const char *
errbuf_line(const char *at, struct errbuf_line *line)
{
	size_t len = strcspn(at, "\n");
	const char *kind, *text;

	kind = find_kind(at, len, &line->error);
	if (kind == NULL)
		return NULL;
	text = kind + strlen(line->error ? error_kind : warning_kind);
	line->mark = at;
	line->mark_len = (int)(kind - at);
	line->text = text;
	line->text_len = (int)(at + len - text);
	return at + len + (at[len] == '\n');
}
