/*
 * What a zone looks like inside, built and while it is being built: shared by
 * zone.c, which reads it, zone_builder.c, which collects, and zone_finish.c,
 * which checks and lays out.  Nobody else includes it but their tests.
 */
#ifndef DNS_ZONE_LAYOUT_H
#define DNS_ZONE_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "dns/zone.h"

/*
 * A slot of the hash of names.  The tag is the upper half of the name's hash
 * and the slot is found by the lower half, so that a node is looked at only
 * when the name is almost surely its own.
 */
struct zone_slot {
	uint32_t tag;
	uint32_t node; /* number of the node + 1; 0: the slot is free */
};

struct zone {
	struct arena *arena;     /* names, images, record sets */
	struct zone_slot *slots; /* linear probing; malloc */
	size_t mask;             /* slots - 1, of a power of two */
	struct zone_node *nodes; /* the apex is the first; malloc */
	const struct rrset *negative;
	size_t names, records;
	uint32_t serial;
};

static inline uint32_t
zone_tag(uint64_t hash)
{
	return (uint32_t)(hash >> 32);
}

/* Owner pointer, type, class, TTL, RDLENGTH of a prebuilt record. */
#define ZONE_RECORD_FIXED 12

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

struct zone_draft_service {
	struct mark at;
	uint32_t node;
};

/* A record of one owner, while its sets are made. */
struct zone_item {
	uint64_t hash; /* of the RDATA, names folded */
	uint32_t record;
	uint16_t type;
	bool duplicate;
};

struct zone_builder {
	struct zone *zone;
	struct zone_draft *drafts; /* beside zone->nodes */
	struct zone_record *records;
	struct zone_draft_service *services;
	uint32_t n_nodes, nodes_size; /* of zone->nodes and drafts */
	uint32_t n_records, records_size;
	uint32_t n_services, services_size;

	/* What zone_builder_finish() works with. */
	struct errbuf *eb;
	struct zone_item *items; /* room for the records of one owner */
	uint32_t n_items, items_size;
	struct rrset *sets; /* a piece of the arena that is handed out */
	size_t sets_left, sets_taken;
	unsigned errors, warnings;
	uint8_t folded[2][65536]; /* RDATA of two records, to compare */
};

#endif
