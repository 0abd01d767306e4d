/*
 * What a built zone looks like inside.  Included by zone.c and zone_chain.c,
 * which read it, by the files that build it, and by their tests; nobody else
 * may (tests/tools/arrows).
 */
#ifndef DNS_ZONE_ZONE_PRIVATE_H
#define DNS_ZONE_ZONE_PRIVATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "dns/wire/name.h"
#include "dns/zone/nsec.h"
#include "dns/zone/zone.h"

/*
 * A slot of the hash of names.  The tag is the upper half of the name's hash
 * and the slot is found by the lower half, so that a node is looked at only
 * when the name is almost surely its own.
 */
struct zone_slot {
	uint32_t tag;
	uint32_t node; /* number of the node + 1; 0: the slot is free */
};

/* A node with an NSEC, and what its name sorts by (zone_chain_key()). */
struct zone_nsec {
	uint64_t key;
	const struct zone_node *node;
};

/* Of one node in a chain of NSEC3: places (zone_chain_place()) of its name and
 * of "*" below it; none of a hidden node, nor of "*" below a delegation. */
struct zone_link {
	uint32_t own, wildcard;
};

struct zone_chain_nsec3; /* of zone_chain.h */

/* The chain of a signed zone, of one kind or the other. */
struct zone_chain {
	struct zone_nsec *nsec; /* in canonical order; the apex is the first */
	struct zone_chain_nsec3 *nsec3; /* in the order of their hashes */
	struct zone_link *links;        /* beside the nodes; NSEC3 only */
	uint32_t n_nsec, n_nsec3;
	struct nsec3_params params; /* the salt is in the arena */
};

/*
 * key = zone_chain_key(name, len, apex_len): what the lower case name ${name}
 * of ${len} octets sorts by in a zone whose apex has ${apex_len}: of two names
 * with different keys, the one with the lesser key is before the other in
 * canonical order (RFC 4034, 6.1).
 */
uint64_t zone_chain_key(const uint8_t *name, size_t len, size_t apex_len);

/* place = zone_chain_place(chain, hash): twice the number of the NSEC3 that has
 * the hash, plus 1; or twice the number of the one that covers it. */
uint32_t zone_chain_place(
    const struct zone_chain *chain, const uint8_t hash[NSEC3_HASH]);

struct zone {
	struct arena *arena;     /* names, images, record sets */
	struct zone_slot *slots; /* linear probing; malloc */
	size_t mask;             /* slots - 1, of a power of two */
	/* One bit for each length of a name that there is: a query's other
	 * ancestors are not even hashed. */
	uint64_t lengths[(NAME_MAX_WIRE + 64) / 64];
	struct zone_node *nodes; /* the apex is the first; malloc */
	const struct rrset *negative;
	struct zone_chain *chain; /* in the arena; NULL when it is not signed */
	size_t names, records;
	uint32_t serial;
	uint64_t hash; /* zone_hash() */
};

static inline uint32_t
zone_tag(uint64_t hash)
{
	return (uint32_t)(hash >> 32);
}

#endif
