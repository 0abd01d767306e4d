/* Growing text with a maximum.  Called by writers of pages and reports; prints
 * nothing itself. */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

void
text_init(struct text *t, size_t max)
{
	memset(t, 0, sizeof(*t));
	t->max = max;
}

void
text_finish(struct text *t)
{
	free(t->data);
	t->data = NULL;
	t->len = t->size = 0;
}

/* Make room for ${more} bytes and a NUL; after a failure there is none. */
static bool
reserve(struct text *t, size_t more)
{
	char *data = NULL;

	if (!t->failed && more <= t->max - t->len)
		data = array_reserve(
		    t->data, t->len, more + 1, &t->size, 1, t->max + 1);
	if (data == NULL) {
		t->failed = true;
		return false;
	}
	t->data = data;
	return true;
}

void
text_bytes(struct text *t, const char *data, size_t len)
{
	if (!reserve(t, len))
		return;
	memcpy(t->data + t->len, data, len);
	t->len += len;
	t->data[t->len] = '\0';
}

void
text_add(struct text *t, const char *fmt, ...)
{
	va_list args, again;
	int n;

	va_start(args, fmt);
	va_copy(again, args);
	n = vsnprintf(NULL, 0, fmt, args);
	if (n < 0)
		t->failed = true;
	else if (reserve(t, (size_t)n)) {
		vsnprintf(t->data + t->len, (size_t)n + 1, fmt, again);
		t->len += (size_t)n;
	}
	va_end(again);
	va_end(args);
}

const char *
text_plural(size_t n)
{
	return n == 1 ? "" : "s";
}
