/* Keeps answers by prefix.  Called by the simulated world. */
#include "steering/simulate/cache.h"

#include <stdlib.h>

#include "base/hash.h"

/* The first room; most resolvers need one entry. */
#define FIRST_SIZE 4

static uint32_t
cut(uint32_t network, unsigned length)
{
	unsigned free_bits = CACHE_LENGTH - length;

	return network >> free_bits << free_bits;
}

/* The slot of a prefix, or a free one for it.  Its room is never full. */
static struct cache_entry *
find_slot(const struct cache *cache, uint32_t prefix, unsigned length)
{
	size_t mask = cache->size - 1;
	size_t i = hash_mix(prefix, length) & mask;

	while (cache->slots[i].used &&
	    (cache->slots[i].prefix != prefix ||
		cache->slots[i].length != length))
		i = (i + 1) & mask;
	return &cache->slots[i];
}

const struct cache_entry *
cache_find(const struct cache *cache, uint32_t network, int64_t now_ms)
{
	for (uint32_t left = cache->lengths; left != 0;) {
		unsigned length = 31 - (unsigned)__builtin_clz(left);
		const struct cache_entry *e =
		    find_slot(cache, cut(network, length), length);

		if (e->used && e->until_ms > now_ms)
			return e;
		left &= ~(UINT32_C(1) << length);
	}
	return NULL;
}

/* Make room for as many again as there are, without those that are over. */
static int
grow(struct cache *cache, int64_t now_ms)
{
	struct cache new = {.size = FIRST_SIZE};

	for (size_t i = 0; i < cache->size; i++)
		new.used +=
		    cache->slots[i].used && cache->slots[i].until_ms > now_ms;
	while (new.size < 4 * new.used)
		new.size *= 2;
	new.slots = calloc(new.size, sizeof(*new.slots));
	if (new.slots == NULL)
		return -1;
	for (size_t i = 0; i < cache->size; i++) {
		const struct cache_entry *e = &cache->slots[i];

		if (!e->used || e->until_ms <= now_ms)
			continue;
		*find_slot(&new, e->prefix, e->length) = *e;
		new.lengths |= UINT32_C(1) << e->length;
	}
	cache_finish(cache);
	*cache = new;
	return 0;
}

int
cache_put(struct cache *cache, uint32_t network, unsigned length,
    uint32_t answer, int64_t now_ms, int64_t until_ms)
{
	struct cache_entry *e;

	if (length > CACHE_LENGTH)
		length = CACHE_LENGTH;
	if (2 * cache->used >= cache->size && grow(cache, now_ms) != 0)
		return -1;
	e = find_slot(cache, cut(network, length), length);
	cache->used += !e->used;
	*e = (struct cache_entry){.prefix = cut(network, length),
	    .length = (uint8_t)length,
	    .used = true,
	    .answer = answer,
	    .until_ms = until_ms};
	cache->lengths |= UINT32_C(1) << length;
	return 0;
}

void
cache_finish(struct cache *cache)
{
	free(cache->slots);
	*cache = (struct cache){0};
}
