/*
 * What a zone looks like inside, built and while it is being built: shared by
 * zone.c, which reads it, zone_builder.c, which collects, and zone_finish.c,
 * which checks and lays out.  Nobody else includes it but their tests.
 */
#ifndef DNS_ZONE_ZONE_PRIVATE_H
#define DNS_ZONE_ZONE_PRIVATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "dns/wire/name.h"
#include "dns/zone/zone.h"
#include "dns/zone/zone_chain.h"

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

/* Of one node in a chain of NSEC3: places (zone_chain_place()) of its name and of
 * "*" below it; none of a hidden node, nor of "*" below a delegation. */
struct zone_link {
	uint32_t own, wildcard;
};

/* The chain of a signed zone, of one kind or the other. */
struct zone_chain {
	struct zone_nsec *nsec; /* in canonical order; the apex is the first */
	struct zone_chain_nsec3 *nsec3; /* in the order of their hashes */
	struct zone_link *links;        /* beside the nodes; NSEC3 only */
	uint32_t n_nsec, n_nsec3;
	struct nsec3_params params; /* the salt is in the arena */
};

/*
 * key = zone_chain_key(name, len, apex_len): what the lower case name ${name} of
 * ${len} octets sorts by in a zone whose apex has ${apex_len}: of two names
 * with different keys, the one with the lesser key is before the other in
 * canonical order (RFC 4034, 6.1).
 */
uint64_t zone_chain_key(const uint8_t *name, size_t len, size_t apex_len);

/* place = zone_chain_place(chain, hash): twice the number of the NSEC3 that has the
 * hash, plus 1; or twice the number of the one that covers it. */
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
};

static inline uint32_t
zone_tag(uint64_t hash)
{
	return (uint32_t)(hash >> 32);
}

/* A record on its way into a set. */
struct zone_record {
	uint8_t *image;
	const char *file;
	uint32_t line;
	uint32_t next; /* of the same owner: number + 1, or 0 */
};

/* What a node needs until the zone is built. */
struct zone_draft {
	uint32_t first, last; /* record + 1, or 0 */
	uint32_t parent;      /* node */
};

/* An NSEC3 record, or an RRSIG that covers one: out of the way of names. */
struct zone_hashed {
	uint8_t hash[NSEC3_HASH];
	uint32_t record; /* number */
	bool used;       /* it is the hash of some name */
};

/* A key of the zone, as signatures name it. */
struct zone_key {
	uint16_t tag;
	uint8_t algorithm;
};

/* Sets of which no signature is good, by the reason: the first stands for the
 * others, which mostly share its fate. */
struct zone_sig_fault {
	uint32_t count;
	uint32_t seconds; /* since they are over, or until they are good */
	uint16_t type;
	uint8_t name[NAME_MAX_WIRE];
	struct mark at;
};

struct zone_draft_service {
	struct mark at;
	uint32_t node;
};

/* A record of one owner, while its sets are made. */
struct zone_item {
	uint64_t hash; /* of the RDATA, names folded */
	uint32_t record;
	/* Its set: the type, or 65536 + the type that an RRSIG covers. */
	uint32_t kind;
	bool duplicate;
};

struct zone_builder {
	struct zone *zone;
	struct zone_draft *drafts; /* beside zone->nodes */
	struct zone_record *records;
	struct zone_draft_service *services;
	struct zone_hashed *hashed;
	uint32_t n_nodes, nodes_size; /* of zone->nodes and drafts */
	uint32_t n_records, records_size;
	uint32_t n_services, services_size;
	uint32_t n_hashed, hashed_size;

	/* What zone_builder_finish() works with. */
	struct errbuf *eb;
	struct zone_item *items; /* room for the records of one owner */
	uint32_t n_items, items_size;
	struct rrset *sets; /* a piece of the arena that is handed out */
	size_t sets_left, sets_taken;
	unsigned errors, warnings;
	uint32_t now;          /* seconds since 1970, modulo 2^32 */
	struct zone_key *keys; /* of the apex; in the arena */
	uint32_t n_keys;
	struct zone_sig_fault sigs_over, sigs_early, sigs_strange;
	bool long_denials;        /* has been told */
	uint8_t folded[2][65536]; /* RDATA of two records, to compare */
};

#endif
