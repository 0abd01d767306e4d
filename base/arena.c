/*
 * Arenas: chained blocks, freed together.  Called by loaders of every room,
 * never while a query is answered.
 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/*
 * The first block is a quarter of a page, so that a small zone is cheap: there
 * may be a million of them.  Each next one is twice as large, so that a large
 * zone needs few of them, up to 1 MiB: what is left unused at the end of an
 * arena is at most that.
 */
#define BLOCK_FIRST ((size_t)1024)
#define BLOCK_LARGEST ((size_t)1 << 20)

struct block {
	struct block *next;
	size_t used, size;
	alignas(max_align_t) unsigned char data[];
};

struct arena {
	struct block *block; /* the one that is being filled */
	size_t held, max;    /* bytes, those of the blocks' heads included */
	size_t next_size;    /* of the data of the next block */
};

struct arena *
arena_create(size_t max)
{
	struct arena *arena = calloc(1, sizeof(*arena));

	if (arena == NULL)
		return NULL;
	arena->max = max;
	arena->next_size = BLOCK_FIRST;
	return arena;
}

void
arena_destroy(struct arena *arena)
{
	struct block *next;

	if (arena == NULL)
		return;
	for (struct block *block = arena->block; block != NULL; block = next) {
		next = block->next;
		free(block);
	}
	free(arena);
}

/* Put a block with room for ${size} in front of the others; near the maximum
 * one that is no larger than that.  False when there is no room for it. */
static bool
grow(struct arena *arena, size_t size)
{
	size_t want = size > arena->next_size ? size : arena->next_size;
	struct block *block;

	if (want > SIZE_MAX - sizeof(*block) || arena->held > arena->max ||
	    want + sizeof(*block) > arena->max - arena->held) {
		want = size;
		if (want > SIZE_MAX - sizeof(*block) ||
		    want + sizeof(*block) > arena->max - arena->held)
			return false;
	}
	block = calloc(1, sizeof(*block) + want);
	if (block == NULL)
		return false;
	block->size = want;
	block->next = arena->block;
	arena->block = block;
	arena->held += sizeof(*block) + want;
	if (arena->next_size < BLOCK_LARGEST)
		arena->next_size *= 2;
	return true;
}

/* ${align} is a power of two. */
static void *
take(struct arena *arena, size_t size, size_t align)
{
	struct block *block = arena->block;
	size_t start = 0;

	if (block != NULL)
		start = (block->used + align - 1) & ~(align - 1);
	if (block == NULL || start > block->size ||
	    size > block->size - start) {
		if (!grow(arena, size))
			return NULL;
		block = arena->block;
		start = 0;
	}
	block->used = start + size;
	return block->data + start;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	return take(arena, size, alignof(max_align_t));
}

void *
arena_array(struct arena *arena, size_t n, size_t size)
{
	if (size != 0 && n > SIZE_MAX / size)
		return NULL;
	return arena_alloc(arena, n * size);
}

void *
arena_bytes(struct arena *arena, size_t size)
{
	return take(arena, size, 1);
}

char *
arena_strndup(struct arena *arena, const char *text, size_t len)
{
	char *copy;

	if (len == SIZE_MAX)
		return NULL;
	copy = take(arena, len + 1, 1);
	if (copy != NULL && len > 0)
		memcpy(copy, text, len);
	return copy;
}

char *
arena_strdup(struct arena *arena, const char *text)
{
	return arena_strndup(arena, text, strlen(text));
}

size_t
arena_used(const struct arena *arena)
{
	return arena->held + sizeof(*arena);
}
