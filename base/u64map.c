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
	free(map->keys);
	free(map->values);
	u64map_init(map);
}

uint32_t
u64map_next(const struct u64map *map, uint64_t key, size_t *at)
{
	size_t mask = map->size - 1;

	for (; map->values[*at] != U64MAP_NONE; *at = (*at + 1) & mask)
		if (map->keys[*at] == key) {
			uint32_t number = map->values[*at];

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

static void
put(struct u64map *map, uint64_t key, uint32_t number)
{
	size_t mask = map->size - 1, at = (size_t)hash_mix(key, 0) & mask;

	while (map->values[at] != U64MAP_NONE)
		at = (at + 1) & mask;
	map->keys[at] = key;
	map->values[at] = number;
	map->n++;
}

static int
grow(struct u64map *map)
{
	struct u64map old = *map;
	struct u64map larger = {.size = map->size == 0 ? 64 : map->size * 2};

	larger.keys = calloc(larger.size, sizeof(*larger.keys));
	larger.values = calloc(larger.size, sizeof(*larger.values));
	if (larger.keys == NULL || larger.values == NULL) {
		u64map_finish(&larger);
		return -1;
	}
	for (size_t i = 0; i < larger.size; i++)
		larger.values[i] = U64MAP_NONE;
	for (size_t i = 0; i < old.size; i++)
		if (old.values[i] != U64MAP_NONE)
			put(&larger, old.keys[i], old.values[i]);
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
