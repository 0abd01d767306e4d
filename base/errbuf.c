/*
 * The text of errors in an operator's files, with a fixed bound.  Called by
 * loaders; prints nothing.
 */
#include "base/errbuf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
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

int
errbuf_follows(struct errbuf *eb)
{
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

/* A message while all are put into order. */
struct placed {
	const char *text, *file; /* the file's name is in the text */
	size_t len, file_len;
	size_t rank; /* of the first message that names the file */
	unsigned long line, column;
	size_t number;
};

/* The number that the ${len} bytes of ${text} end in after a ":", and ${len}
 * without both; 0 when they end in none. */
static unsigned long
cut_number(const char *text, size_t *len)
{
	size_t begin = *len;
	unsigned long value = 0;

	while (begin > 0 && text[begin - 1] >= '0' && text[begin - 1] <= '9')
		begin--;
	if (begin == *len || begin == 0 || text[begin - 1] != ':')
		return 0;
	for (size_t i = begin; i < *len; i++)
		value = value * 10 + (unsigned long)(text[i] - '0');
	*len = begin - 1;
	return value;
}

/* The place of the message ${line}, or that of the one before it. */
static void
find_place(struct placed *all, size_t n, const struct errbuf_line *line)
{
	struct placed *p = &all[n];
	size_t i = 0;

	if (line->mark_len < 3) { /* "f: " is the shortest */
		if (n > 0) {
			p->file = all[n - 1].file;
			p->file_len = all[n - 1].file_len;
			p->rank = all[n - 1].rank;
			p->line = all[n - 1].line;
			p->column = all[n - 1].column;
		}
		return;
	}
	p->file = line->mark;
	p->file_len = (size_t)line->mark_len - 2;
	p->column = cut_number(p->file, &p->file_len);
	p->line = cut_number(p->file, &p->file_len);
	if (p->line == 0) {
		p->line = p->column;
		p->column = 0;
	}
	while (i < n &&
	    (all[i].file_len != p->file_len || all[i].file == NULL ||
		memcmp(all[i].file, p->file, p->file_len) != 0))
		i++;
	p->rank = i < n ? all[i].rank : n;
}

static int
by_place(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	if (x->column != y->column)
		return x->column < y->column ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

void
errbuf_order(struct errbuf *eb, const struct errbuf_mark *since)
{
	char *copy = strdup(eb->text + since->len), *out;
	const char *at = copy, *next;
	struct errbuf_line line;
	struct placed *all = NULL;
	size_t n = 0, most = 0;

	/* The order is a help: without memory it stays as it is. */
	for (const char *p = copy; p != NULL && *p != '\0'; p++)
		most += *p == '\n';
	if (most > 0)
		all = calloc(most, sizeof(*all));
	if (all == NULL) {
		free(copy);
		return;
	}
	while (n < most && (next = errbuf_line(at, &line)) != NULL) {
		all[n].text = at;
		all[n].len = (size_t)(next - at);
		all[n].number = n;
		find_place(all, n, &line);
		n++;
		at = next;
	}
	qsort(all, n, sizeof(*all), by_place);
	out = eb->text + since->len;
	for (size_t i = 0; i < n; i++) {
		memcpy(out, all[i].text, all[i].len);
		out += all[i].len;
	}
	free(all);
	free(copy);
}
