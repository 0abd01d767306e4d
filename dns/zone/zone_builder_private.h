/*
 * A zone that is being built: what zone_builder.c collects, and what the parts
 * of zone_builder_finish() need beside it.  Included by the files that build.
 */
#ifndef DNS_ZONE_ZONE_BUILDER_PRIVATE_H
#define DNS_ZONE_ZONE_BUILDER_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/errbuf.h"
#include "dns/zone/zone_builder_private_record.h"
#include "dns/zone/zone_private.h"

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

/* Numbers of records and nodes are kept in 32 bits, 0 being none. */
#define NUMBER_MAX (UINT32_MAX - 1)

struct zone_builder {
	struct zone *zone;
	struct zone_draft *drafts; /* beside zone->nodes */
	struct zone_record *records;
	struct zone_draft_service *services;
	struct zone_hashed *hashed;
	uint32_t n_nodes, n_records, n_services, n_hashed;
	size_t nodes_size, drafts_size, records_size, services_size;
	size_t hashed_size;

	/* What zone_builder_finish() works with. */
	struct errbuf *eb;
	struct zone_item *items; /* room for the records of one owner */
	uint32_t n_items;
	size_t items_size;
	struct rrset *sets; /* a piece of the arena that is handed out */
	size_t sets_left, sets_taken;
	unsigned errors, warnings;
	uint32_t now;          /* seconds since 1970, modulo 2^32 */
	struct zone_key *keys; /* of the apex; in the arena */
	uint32_t n_keys;
	struct zone_sig_fault sigs_over, sigs_early, sigs_strange;
	bool long_denials;        /* there was a warning */
	uint8_t folded[2][65536]; /* RDATA of two records, to compare */
};

/* The first record of a node; NULL when it has none. */
static inline const struct zone_record *
node_first(const struct zone_builder *b, uint32_t node)
{
	uint32_t first = b->drafts[node].first;

	return first == 0 ? NULL : &b->records[first - 1];
}

static inline const struct zone_record *
node_next(const struct zone_builder *b, const struct zone_record *r)
{
	return r->next == 0 ? NULL : &b->records[r->next - 1];
}

/* The place of the first of the records ${first} and those linked to it that is
 * of ${type} and, of RRSIG, covers ${covers}. */
static inline struct mark
node_find_mark(const struct zone_builder *b, const struct zone_record *first,
    uint16_t type, uint16_t covers)
{
	for (; first != NULL; first = node_next(b, first))
		if (record_type(first) == type &&
		    record_covers(first) == covers)
			return record_mark(first);
	return (struct mark){0};
}

#endif
