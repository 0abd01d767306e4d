/*
 * Maps: one policy's view of the address space.  Its rank, its fences and the
 * networks they name turn every place into a class (which regions, in which
 * order); prefixes of one class are joined.  A lookup is one longest-prefix
 * match, and the depth of its leaf is the widest ECS scope that is all one
 * class.  Built at load time, then immutable and read by workers.
 */
#ifndef STEERING_GEO_MAP_H
#define STEERING_GEO_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/errbuf.h"
#include "steering/geo/client_class.h"
#include "steering/geo/geography.h"

struct map;
struct map_set;

/* What a map says of a client: its leaf. */
struct map_leaf {
	const struct client_class *class;
	uint8_t depth; /* bits of the widest prefix that is all like this */
	/* In a private block (base/private.h) that no network of the
	 * map holds here: the bits of the block, and ${class} is that of
	 * clients of whom nothing is known; else 0. */
	uint8_t private_length;
	/* Bits of the widest prefix whose clients may be sent to the same
	 * regions: the same class->inside. */
	uint8_t set;
	/* Bits of the widest prefix whose clients have the first k + 1 places
	 * of their order in common: its regions that are inside, best first,
	 * then that there are no more, which is a place too. */
	uint8_t places[MAP_PLACES];
};

/*
 * set = map_set_create(geo): no maps yet.  ${geo} must live until
 * map_set_seal() or the last map_set_add(), the configs of all keys as long as
 * map_set_add() is called.  NULL without memory.
 */
struct map_set *map_set_create(const struct geography *geo);

/* map_set_destroy(set): free it and its maps.  NULL is fine. */
void map_set_destroy(struct map_set *set);

/*
 * map_set_measure(set, latency): its maps are made with these round trips,
 * which must live as long as the set; NULL, as at first: there are none.
 * map_set_latency(set) is that table, for keys.
 */
void map_set_measure(struct map_set *set, const struct latency *latency);
const struct latency *map_set_latency(const struct map_set *set);

/*
 * map_set_inherit(set, before): where no round trip counts, its maps are those
 * of ${before}, a sealed set of the same geography and steering, which must
 * live until this one is sealed.
 */
void map_set_inherit(struct map_set *set, struct map_set *before);

/* map_set_seal(set): it is whole: from now on map_set_add() finds the maps
 * that are there, changes nothing, and fails for others. */
void map_set_seal(struct map_set *set);

/*
 * map = map_set_add(set, key, eb): the map of ${key}: one that is in the set
 * already, or a new one.  NULL with an error that names the service in ${eb}:
 * more than MAP_MAX_CLASSES or, in a family, MAP_MAX_LEAVES; an address in more
 * than PLACE_NETWORKS of the networks that matter to it; no memory.  The set
 * owns the map, perhaps together with others.
 */
const struct map *map_set_add(
    struct map_set *set, const struct map_key *key, struct errbuf *eb);

/*
 * map_lookup(map, client, leaf): write the leaf around the IPv4 or IPv6
 * address ${client} to ${leaf}.  Its depth is the length of the widest prefix
 * around ${client} that is all one class: the SCOPE PREFIX-LENGTH of RFC 7871,
 * 7.2.1.  Never fails: "no rule matches" is a class too.  A private block
 * shares a leaf, and the prefixes that agree in less, with nothing outside.
 * ::ffff:0:0/96 and 2002::/16 must have been turned into the IPv4 address
 * inside by the caller; no leaf covers them and others.
 */
void map_lookup(
    const struct map *map, const struct address *client, struct map_leaf *leaf);

/* classes = map_classes(map, n): all that a leaf may have, and how many; they
 * live as long as the map. */
const struct client_class *map_classes(const struct map *map, size_t *n);

/*
 * bits = map_leaf_depth(leaf, n): those of the widest prefix around the client
 * whose clients have the first ${n} places of their order in common, as far as
 * the leaf knows them: beyond MAP_PLACES it is the leaf's own.
 */
static inline unsigned
map_leaf_depth(const struct map_leaf *leaf, unsigned n)
{
	if (n == 0)
		return 0;
	return n <= MAP_PLACES ? leaf->places[n - 1] : leaf->depth;
}

/* What a map, or all maps of a set together, came to. */
struct map_size {
	size_t maps, leaves, classes;
	size_t bytes;     /* that are kept */
	int64_t built_us; /* that it took to make them */
};

/* size = map_size(map), map_set_size(set): what it came to. */
struct map_size map_size(const struct map *map);
struct map_size map_set_size(const struct map_set *set);

/*
 * n = map_place(geo, config, address, out, networks, max): for explain: the
 * place of ${address} as a map sees it (in private blocks geography knows
 * nothing), networks of ${config} applied, and the
 * numbers of the networks it lies in, most specific first, at most ${max} of
 * them.  Returns how many.  Of networks that say where they are, a more
 * specific one counts more, field by field; geography counts least.
 */
size_t map_place(const struct geography *geo,
    const struct steering_config *config, const struct address *address,
    struct place *out, uint32_t *networks, size_t max);

/*
 * status = map_rule(geo, key, address, rule, order): for explain: the index of
 * the first rule of the fence of key->service that has ${address}, MAP_NO_RULE
 * when none does.  Classes do not keep it: rules that come to the same are one
 * class, so that no scope is narrower for them.  0, or -1 without memory.
 */
int map_rule(const struct geography *geo, const struct map_key *key,
    const struct address *address, uint8_t *rule, uint8_t *order);

/*
 * status = map_ranking(geo, key, address, out): for explain: the order in which
 * the clients at ${address} try regions, and why, as map_rule() has the rules.
 */
struct ranking; /* steering/geo/ranking.h */
int map_ranking(const struct geography *geo, const struct map_key *key,
    const struct address *address, struct ranking *out);

#endif
