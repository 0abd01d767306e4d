/*
 * An allocator that fails at the n-th allocation and counts what is held, in
 * place of that of the C library; included by the one file of a test program
 * that sets it.
 */
#ifndef TESTS_UNIT_FAILING_MEMORY_H
#define TESTS_UNIT_FAILING_MEMORY_H

#include <stdbool.h>
#include <stdlib.h>

#include "tests/unit/memory.h"

static long until_failure = -1; /* -1: none fails */
static bool failed;
static long held; /* blocks */

#if REPLACED
static bool
fails(void)
{
	if (until_failure < 0 || until_failure-- > 0)
		return false;
	failed = true;
	return true;
}

static void *
count(void *p)
{
	held += p != NULL;
	return p;
}

void *
malloc(size_t size)
{
	return fails() ? NULL : count(__libc_malloc(size));
}

void *
calloc(size_t n, size_t size)
{
	return fails() ? NULL : count(__libc_calloc(n, size));
}

void *
realloc(void *p, size_t size)
{
	if (fails())
		return NULL;
	return p == NULL ? count(__libc_realloc(p, size))
			 : __libc_realloc(p, size);
}

void
free(void *p)
{
	held -= p != NULL;
	__libc_free(p);
}
#endif

#endif
