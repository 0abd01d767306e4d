/* Makes arrays grow, and compares those of texts.  Called by every room; frees
 * nothing that they hold. */
#include "base/array.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Room for a first few members.  Most arrays stay short and there are many of
 * them; a long one has outgrown this after a few doublings. */
#define FIRST_BYTES 64

void *
array_reserve(
    void *array, size_t n, size_t more, size_t *size, size_t member, size_t max)
{
	size_t wanted = *size > 0 ? *size : FIRST_BYTES / member;
	void *grown;

	if (more <= *size - n)
		return array;
	if (max > SIZE_MAX / member)
		max = SIZE_MAX / member;
	if (n > max || more > max - n)
		return NULL;
	/* Twice as much each time, so that members are copied twice at most. */
	while (wanted < n + more)
		wanted = wanted > max / 2 ? max : wanted > 0 ? 2 * wanted : 1;
	if (wanted > max)
		wanted = max;
	grown = reallocarray(array, wanted, member);
	if (grown != NULL)
		*size = wanted;
	return grown;
}

bool
array_same_texts(const char *const *a, size_t n, const char *const *b, size_t m)
{
	for (size_t i = 0; i < n && n == m; i++)
		if (strcmp(a[i], b[i]) != 0)
			return false;
	return n == m;
}
