/*
 * Map keys: what a map is made of, written as bytes, so that services of equal
 * policy find the map that is there already.  Used by map.c, at load time.
 */
#ifndef STEERING_GEO_MAPKEY_H
#define STEERING_GEO_MAPKEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "steering/geo/map.h"
#include "base/u64map.h"

struct mapkey_bytes;
struct mapkey_prefixes;

struct mapkeys {
	struct mapkey_bytes *list;
	size_t n, size;
	struct u64map index; /* of the list, by hash */
	/* Distinct lists of prefixes; keys hold their numbers. */
	struct mapkey_prefixes *prefixes;
	size_t n_prefixes, size_prefixes;
	struct u64map prefix_index; /* by hash */
};

/* mapkeys_init(keys): none yet. */
void mapkeys_init(struct mapkeys *keys);

/* mapkeys_finish(keys): free what they hold. */
void mapkeys_finish(struct mapkeys *keys);

/* mapkey_networks(key, wanted): set wanted[i] for each network of the config
 * that the map depends on: it moves the place, or a fence names it. */
void mapkey_networks(const struct map_key *key, bool *wanted);

/*
 * number = mapkeys_number(keys, key, wanted): the number of ${key} and of all
 * keys equal to it, counted from 0 as they come.  U64MAP_NONE without memory.
 * The config of the key must live as long as ${keys} are asked.
 */
uint32_t mapkeys_number(
    struct mapkeys *keys, const struct map_key *key, const bool *wanted);

#endif
