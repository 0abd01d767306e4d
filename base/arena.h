/*
 * An arena: memory that is allocated piece by piece and freed all at once.
 * Each published part and each parsed file has one of its own.  Used by every
 * room at load time, never while a query is answered.  An arena belongs to one
 * thread at a time.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena;

/*
 * arena = arena_create(max): an empty arena that will never hold more than
 * ${max} bytes.  NULL when memory is out.
 */
struct arena *arena_create(size_t max);

/* arena_destroy(arena): free it and all that was taken from it.  NULL is fine.
 */
void arena_destroy(struct arena *arena);

/*
 * p = arena_alloc(arena, size): ${size} zeroed bytes, aligned for any type.
 * NULL when the arena would pass its maximum or memory is out.
 */
void *arena_alloc(struct arena *arena, size_t size);

/* p = arena_array(arena, n, size): the same for ${n} members of ${size}. */
void *arena_array(struct arena *arena, size_t n, size_t size);

/* p = arena_bytes(arena, size): ${size} bytes, zeroed, not aligned. */
void *arena_bytes(struct arena *arena, size_t size);

/* s = arena_strdup(arena, text): a copy of ${text}, or NULL as above. */
char *arena_strdup(struct arena *arena, const char *text);

/* s = arena_strndup(arena, text, len): a NUL-terminated copy of ${len} bytes.
 */
char *arena_strndup(struct arena *arena, const char *text, size_t len);

/* n = arena_used(arena): the bytes it holds now, its own blocks included. */
size_t arena_used(const struct arena *arena);

#endif
