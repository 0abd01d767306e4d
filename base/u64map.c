/*
 * Open addressing with linear probing, at most half full: then a search looks
 * at one or two slots, which lie side by side.  Called at load time, never by a
 * worker; forgets no key.
 */
#include "base/u64map.h"

#include <stdlib.h>

#include "base/hash.h"

void
u64map_init(struct u64map *map)
{
	*map = (struct u64map){0};
}

void
u64map_finish(struct u64map *map)
{
	free(map->slots);
	u64map_init(map);
}

uint32_t
u64map_next(const struct u64map *map, uint64_t key, size_t *at)
{
	size_t mask = map->size - 1;

	for (; map->slots[*at].number != U64MAP_NONE; *at = (*at + 1) & mask)
		if (map->slots[*at].key == key) {
			uint32_t number = map->slots[*at].number;

			*at = (*at + 1) & mask;
			return number;
		}
	return U64MAP_NONE;
}

uint32_t
u64map_first(const struct u64map *map, uint64_t key, size_t *at)
{
	if (map->size == 0)
		return U64MAP_NONE;
	*at = (size_t)hash_mix(key, 0) & (map->size - 1);
	return u64map_next(map, key, at);
}

uint32_t
u64map_get(const struct u64map *map, uint64_t key)
{
	size_t at;

	return u64map_first(map, key, &at);
}

void
u64map_expect(const struct u64map *map, uint64_t key)
{
	if (map->size > 0)
		__builtin_prefetch(
		    &map->slots[(size_t)hash_mix(key, 0) & (map->size - 1)]);
}

static void
put(struct u64map *map, uint64_t key, uint32_t number)
{
	size_t mask = map->size - 1, at = (size_t)hash_mix(key, 0) & mask;

	while (map->slots[at].number != U64MAP_NONE)
		at = (at + 1) & mask;
	map->slots[at].key = key;
	map->slots[at].number = number;
	map->n++;
}

static int
grow(struct u64map *map)
{
	struct u64map old = *map;
	struct u64map larger = {.size = map->size == 0 ? 64 : map->size * 2};

	larger.slots = calloc(larger.size, sizeof(*larger.slots));
	if (larger.slots == NULL)
		return -1;
	for (size_t i = 0; i < larger.size; i++)
		larger.slots[i].number = U64MAP_NONE;
	for (size_t i = 0; i < old.size; i++)
		if (old.slots[i].number != U64MAP_NONE)
			put(&larger, old.slots[i].key, old.slots[i].number);
	*map = larger;
	u64map_finish(&old);
	return 0;
}

int
u64map_add(struct u64map *map, uint64_t key, uint32_t number)
{
	if (map->n * 2 >= map->size && grow(map) != 0)
		return -1;
	put(map, key, number);
	return 0;
}
