/*
 * The text of errors in an operator's files, with a fixed bound.  Called by
 * loaders; prints nothing.
 */
#include "base/errbuf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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
	size_t room = sizeof(eb->text) - eb->len;
	int n = vsnprintf(eb->text + eb->len, room, fmt, args);

	if (n < 0 || (size_t)n >= room)
		return false;
	eb->len += (size_t)n;
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

static void message(struct errbuf *eb, const struct mark *at, const char *kind,
    const char *fmt, va_list args) __attribute__((format(printf, 4, 0)));

/* A message goes in whole or not at all. */
static void
message(struct errbuf *eb, const struct mark *at, const char *kind,
    const char *fmt, va_list args)
{
	size_t before = eb->len;

	if (append_mark(eb, at) && append(eb, "%s: ", kind) &&
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
	message(eb, at, "error", fmt, args);
	va_end(args);
	eb->errors++;
	return -1;
}

void
errbuf_warn(struct errbuf *eb, const struct mark *at, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	message(eb, at, "warning", fmt, args);
	va_end(args);
	eb->warnings++;
}

bool
errbuf_ok(const struct errbuf *eb)
{
	return eb->errors == 0;
}
