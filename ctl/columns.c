/*
 * Cuts and wraps text for a terminal of 80 columns.  Called by what prints for
 * a person; a character of UTF-8 counts as one column, and is never cut.
 */
#include "ctl/columns.h"

#include <stdbool.h>
#include <string.h>

static bool
goes_on(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* Characters of the first ${len} bytes. */
static size_t
count(const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += !goes_on(text[i]);
	return n;
}

/* Bytes of the first ${n} characters. */
static size_t
first_bytes(const char *text, size_t n)
{
	size_t i = 0;

	while (text[i] != '\0' && (n > 0 || goes_on(text[i])))
		n -= !goes_on(text[i++]);
	return i;
}

/* A control character, also one of those that take two bytes (U+0080..9F): a
 * terminal would obey it. */
static bool
is_control(const char *at)
{
	unsigned char c = (unsigned char)at[0];

	return c < ' ' || c == 0x7f ||
	    (c == 0xc2 && (unsigned char)at[1] < 0xa0);
}

static void
print_clean(FILE *to, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (strncmp(text + i, COLUMNS_JOIN, 2) == 0) {
			putc(' ', to);
			i++;
		} else if (is_control(text + i)) {
			putc('?', to);
			i += (unsigned char)text[i] == 0xc2;
		} else {
			putc(text[i], to);
		}
	}
}

const char *
columns_cut(const char *text, size_t width, char out[COLUMNS_CUT])
{
	size_t len = strlen(text), n = count(text, len);
	size_t head = (width - 2) / 2, tail = width - 2 - head;
	size_t keep, skip;

	if (width > COLUMNS)
		width = COLUMNS;
	if (n <= width && len < COLUMNS_CUT) {
		memcpy(out, text, len + 1);
	} else {
		keep = first_bytes(text, head);
		skip = first_bytes(text, n > tail ? n - tail : 0);
		snprintf(
		    out, COLUMNS_CUT, "%.*s..%s", (int)keep, text, text + skip);
	}
	for (char *c = out; *c != '\0'; c++)
		if (is_control(c))
			*c = '?';
	return out;
}

void
columns_wrap(FILE *to, size_t used, size_t indent, const char *text)
{
	bool begun = false;

	while (*text != '\0') {
		size_t len = strcspn(text, " \n"), n = count(text, len);

		if (begun && used + 1 + n > COLUMNS) {
			fprintf(to, "\n%*s", (int)indent, "");
			used = indent;
			begun = false;
		}
		/* A word that is longer than a line is broken. */
		if (used + n > COLUMNS && indent < COLUMNS && !begun) {
			n = COLUMNS - used;
			len = first_bytes(text, n);
		}
		if (begun) {
			putc(' ', to);
			used++;
		}
		print_clean(to, text, len);
		used += n;
		begun = true;
		text += len;
		text += strspn(text, " \n");
	}
	putc('\n', to);
}

const char *
columns_ago(long long ms, char out[32])
{
	long long s = ms < 0 ? 0 : ms / 1000;

	if (s < 120)
		snprintf(out, 32, "%lld s", s);
	else if (s < 7200)
		snprintf(out, 32, "%lld min", s / 60);
	else if (s < 172800)
		snprintf(out, 32, "%lld h", s / 3600);
	else
		snprintf(out, 32, "%lld d", s / 86400);
	return out;
}
