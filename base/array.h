/*
 * Arrays: those that grow, with the one place that reallocates, called by all
 * that collect members whose number is not known before; and lists of texts.
 * Never on the path of a query.
 */
#ifndef BASE_ARRAY_H
#define BASE_ARRAY_H

#include <stdbool.h>
#include <stddef.h>

/*
 * grown = array_reserve(array, n, more, size, member, max): make room for
 * ${more} members, one at least, after the ${n} that ${array} holds.  A member
 * has ${member} bytes; the array has room for ${size} of them.  It was
 * allocated by this function, or by malloc(), or is NULL with a size of 0.
 * Returns the array, which may have moved, with its new room in ${size}.  NULL
 * when there would be more than ${max} members or memory is out: then ${array}
 * and ${size} are as they were, and the array is still the caller's to free.
 */
void *array_reserve(void *array, size_t n, size_t more, size_t *size,
    size_t member, size_t max);

/* grown = array_grow(array, n, size, member, max): the same for one more.
 * Inline, as it is called for each member and seldom has to do anything. */
static inline void *
array_grow(void *array, size_t n, size_t *size, size_t member, size_t max)
{
	return n < *size ? array
			 : array_reserve(array, n, 1, size, member, max);
}

/* same = array_same_texts(a, n, b, m): the ${n} texts of ${a} are the ${m} of
 * ${b}, in the same order. */
bool array_same_texts(
    const char *const *a, size_t n, const char *const *b, size_t m);

#endif
