/*
 * A hash table from 64-bit keys to numbers, for load time: records already
 * read, pairs already joined.  A key may have several numbers: where it is
 * itself a hash, as in base/intern, its caller compares what the numbers are
 * of.
 */
#ifndef BASE_U64MAP_H
#define BASE_U64MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* No key has this number. */
#define U64MAP_NONE UINT32_MAX

/* Side by side, so that a search in a large map waits for memory once. */
struct u64map_slot {
	uint64_t key;
	uint32_t number; /* U64MAP_NONE: free */
};

struct u64map {
	struct u64map_slot *slots;
	size_t n, size;
};

/* u64map_init(map): empty, and no memory taken. */
void u64map_init(struct u64map *map);

/* u64map_finish(map): free what it holds. */
void u64map_finish(struct u64map *map);

/*
 * number = u64map_first(map, key, at), u64map_next(map, key, at): the numbers
 * of ${key} one by one, then U64MAP_NONE.  ${at} is where the search is; the
 * first call sets it.
 */
uint32_t u64map_first(const struct u64map *map, uint64_t key, size_t *at);
uint32_t u64map_next(const struct u64map *map, uint64_t key, size_t *at);

/* number = u64map_get(map, key): the first number of ${key}, or U64MAP_NONE. */
uint32_t u64map_get(const struct u64map *map, uint64_t key);

/* u64map_expect(map, key): ${key} will be asked for soon: begin to wait for
 * memory now. */
void u64map_expect(const struct u64map *map, uint64_t key);

/* u64map_add(map, key, number): one more.  0, or -1 without memory. */
int u64map_add(struct u64map *map, uint64_t key, uint32_t number);

#endif
