/*
 * A growing text with a maximum from birth: metrics, JSON pages, explanations.
 * One that met its maximum, or found no memory, is marked as failed and stays
 * as it is, so that a writer looks once, at the end.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct text {
	char *data;  /* NUL-terminated, or NULL while empty */
	size_t len;  /* without the NUL */
	size_t size; /* allocated */
	size_t max;  /* of ${len} */
	bool failed;
};

/* text_init(t, max): an empty text of at most ${max} bytes. */
void text_init(struct text *t, size_t max);

/* text_finish(t): free what ${t} holds. */
void text_finish(struct text *t);

/* text_add(t, fmt, ...): append.  Nothing is added after a failure. */
void text_add(struct text *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* s = text_plural(n): "s" for all numbers but one, for "%zu zone%s". */
const char *text_plural(size_t n);

/* text_bytes(t, data, len): append ${len} bytes as they are. */
void text_bytes(struct text *t, const char *data, size_t len);

#endif
