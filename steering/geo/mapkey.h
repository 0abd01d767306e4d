/*
 * Keys of maps: all that a map is made of, written as bytes, so that services
 * of equal policy share one map.  Used by map.c, at load time.
 */
#ifndef STEERING_GEO_MAPKEY_H
#define STEERING_GEO_MAPKEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/intern.h"
#include "steering/geo/client_class.h"

struct mapkeys {
	struct intern list;     /* of distinct keys, each written as bytes */
	struct intern prefixes; /* of distinct lists; keys hold their numbers */
	struct intern latencies; /* of distinct tables; the same */
};

/* mapkeys_init(keys): none yet. */
void mapkeys_init(struct mapkeys *keys);

/* mapkeys_finish(keys): free what they hold. */
void mapkeys_finish(struct mapkeys *keys);

/* mapkey_networks(key, wanted): set wanted[i] for each network of the config
 * that the map depends on: it moves the place, or a rule names it, of the
 * service or of one inside it, for whether the sender decides for a private
 * client is the outermost's to say. */
void mapkey_networks(const struct map_key *key, bool *wanted);

/*
 * mapkey_costs(key): fill in what each region costs the service: the mean of
 * the costs of its endpoints there by weight, over all pools of its split, as
 * the config has them; 0 where there are no bands, for nothing asks then.
 */
void mapkey_costs(struct map_key *key);

/*
 * number = mapkeys_number(keys, key, wanted): the number of ${key} and of all
 * keys equal to it, counted from 0 as they come.  INTERN_NONE without memory.
 * The config of the key and its table of round trips must live as long as
 * ${keys} are asked.
 */
uint32_t mapkeys_number(
    struct mapkeys *keys, const struct map_key *key, const bool *wanted);

#endif
