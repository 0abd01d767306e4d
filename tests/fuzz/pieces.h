/*
 * Cuts an input into pieces of random lengths, as a network does, for fuzz
 * targets that hold the result against that of the whole.  The same input is
 * always cut in the same way.  Included by fuzz targets only.
 */
#ifndef TESTS_FUZZ_PIECES_H
#define TESTS_FUZZ_PIECES_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define require(holds)                                                   \
	do {                                                             \
		if (!(holds)) {                                          \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, \
			    __LINE__, #holds);                           \
			abort();                                         \
		}                                                        \
	} while (0)

struct pieces {
	const uint8_t *at, *end;
	uint64_t seed; /* 0: all in one piece */
};

/* pieces_begin(p, data, size, cut): of ${data}, in one piece or ${cut}. */
static inline void
pieces_begin(struct pieces *p, const uint8_t *data, size_t size, int cut)
{
	p->at = data;
	p->end = size > 0 ? data + size : data;
	p->seed = 0;
	for (size_t i = 0; cut && i < size; i++)
		p->seed = (p->seed ^ data[i]) * 1099511628211u;
	if (cut)
		p->seed |= 1;
}

/* len = pieces_next(p, piece): the next one; 0 at the end.  Half of them have
 * an octet or two, the others up to 64. */
static inline size_t
pieces_next(struct pieces *p, const char **piece)
{
	size_t left = (size_t)(p->end - p->at), len = left;

	if (p->seed != 0) {
		p->seed ^= p->seed << 13;
		p->seed ^= p->seed >> 7;
		p->seed ^= p->seed << 17;
		len = 1 + (p->seed >> 32) % (p->seed >> 20 & 1 ? 2 : 64);
	}
	if (len > left)
		len = left;
	*piece = (const char *)p->at;
	p->at = len > 0 ? p->at + len : p->at;
	return len;
}

#endif
