/*
 * Builds a zone: takes records and services one by one, checks the whole, lays
 * it out for reading.  Called while files are loaded, never by a worker.
 */
#include "dns/zone/zone_builder.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "dns/wire/name.h"
#include "dns/wire/protocol.h"
#include "dns/wire/wire.h"
#include "dns/zone/rdata.h"
#include "dns/zone/type.h"
#include "dns/zone/zone_builder_private.h"

/* Names, images and record sets of one zone; a master file is at most 4 GiB,
 * and no record grows more than eightfold on its way here. */
#define ZONE_MAX_BYTES ((size_t)32 << 30)
#define TTL_MAX 0x7fffffff /* RFC 2181, 8 */

static int
no_memory(const struct mark *at, struct errbuf *eb)
{
	return errbuf_error(eb, at, "no memory for the zone");
}

static void
slot_insert(struct zone *zone, uint64_t hash, uint32_t node)
{
	size_t i = hash & zone->mask;

	while (zone->slots[i].node != 0)
		i = (i + 1) & zone->mask;
	zone->slots[i].tag = zone_tag(hash);
	zone->slots[i].node = node + 1;
}

/* Keep the table at most five eighths full, which bounds a miss to a few
 * neighbouring slots. */
static int
slots_reserve(struct zone_builder *b)
{
	struct zone *zone = b->zone;
	size_t size = zone->slots == NULL ? 0 : zone->mask + 1;
	struct zone_slot *larger;

	if ((b->n_nodes + (size_t)1) * 8 <= size * 5)
		return 0;
	size = size == 0 ? 16 : size * 2;
	larger = calloc(size, sizeof(*larger));
	if (larger == NULL)
		return -1;
	free(zone->slots);
	zone->slots = larger;
	zone->mask = size - 1;
	for (uint32_t i = 0; i < b->n_nodes; i++)
		slot_insert(zone,
		    name_hash(zone->nodes[i].name, zone->nodes[i].name_len), i);
	return 0;
}

/* Add the node of a lower case name, which is kept; its number, or 0 (the
 * apex, which is there first) without memory. */
static uint32_t
node_create(struct zone_builder *b, const uint8_t *name, size_t len)
{
	uint32_t n = b->n_nodes;
	struct zone_node *nodes;
	struct zone_draft *drafts;

	nodes = array_grow(
	    b->zone->nodes, n, &b->nodes_size, sizeof(*nodes), NUMBER_MAX);
	if (nodes == NULL)
		return 0;
	b->zone->nodes = nodes;
	drafts = array_grow(
	    b->drafts, n, &b->drafts_size, sizeof(*drafts), NUMBER_MAX);
	if (drafts == NULL)
		return 0;
	b->drafts = drafts;
	if (slots_reserve(b) != 0)
		return 0;
	nodes[n] = (struct zone_node){
	    .name = name, .service = ZONE_NO_SERVICE, .name_len = (uint8_t)len};
	drafts[n] = (struct zone_draft){0};
	slot_insert(b->zone, name_hash(name, len), n);
	b->zone->lengths[len / 64] |= UINT64_C(1) << (len % 64);
	b->n_nodes++;
	return n;
}

static const struct zone_node *
find(const struct zone_builder *b, const uint8_t *lower, size_t len)
{
	return zone_find(b->zone, lower, len, name_hash(lower, len));
}

static uint32_t
number(const struct zone_builder *b, const struct zone_node *node)
{
	return (uint32_t)(node - b->zone->nodes);
}

/*
 * The node of a name at or below the apex, made if need be together with the
 * empty non-terminals above it (RFC 4592, 2.2.2), whose names are parts of its
 * own.  False without memory.
 */
static bool
node_obtain(struct zone_builder *b, const uint8_t *lower, uint32_t *out)
{
	size_t len = name_length(lower);
	const struct zone_node *node = find(b, lower, len);
	uint32_t child, up;
	uint8_t *name;

	if (node != NULL) {
		*out = number(b, node);
		return true;
	}
	name = arena_bytes(b->zone->arena, len);
	if (name == NULL)
		return false;
	memcpy(name, lower, len);
	*out = child = node_create(b, name, len);
	while (child != 0) {
		const uint8_t *parent = name_parent(name);

		len -= name[0] + 1u;
		node = find(b, parent, len);
		up = node != NULL ? number(b, node)
				  : node_create(b, parent, len);
		if (node == NULL && up == 0)
			return false;
		b->drafts[child].parent = up;
		if (name_is_wildcard(name))
			b->zone->nodes[up].flags |= NODE_WILDCARD;
		if (node != NULL)
			return true;
		name += name[0] + 1;
		child = up;
	}
	return false;
}

struct zone_builder *
zone_builder_create(const uint8_t *apex)
{
	struct zone_builder *b = calloc(1, sizeof(*b));
	size_t len = name_length(apex);
	uint8_t *name;

	if (b == NULL)
		return NULL;
	b->zone = calloc(1, sizeof(*b->zone));
	if (b->zone == NULL)
		goto fail;
	b->zone->arena = arena_create(ZONE_MAX_BYTES);
	if (b->zone->arena == NULL)
		goto fail;
	name = arena_bytes(b->zone->arena, len);
	if (name == NULL)
		goto fail;
	name_lower(name, apex, len);
	node_create(b, name, len);
	if (b->n_nodes != 1)
		goto fail;
	b->zone->nodes[0].flags = NODE_APEX;
	return b;
fail:
	zone_builder_destroy(b);
	return NULL;
}

struct zone *
zone_builder_unavailable(const uint8_t *apex)
{
	struct zone_builder *b = zone_builder_create(apex);
	struct zone *zone;

	if (b == NULL)
		return NULL;
	zone = b->zone;
	b->zone = NULL;
	zone_builder_destroy(b);
	return zone;
}

void
zone_builder_destroy(struct zone_builder *b)
{
	if (b == NULL)
		return;
	zone_destroy(b->zone);
	free(b->drafts);
	free(b->records);
	free(b->services);
	free(b->hashed);
	free(b->items);
	free(b);
}

/* ${owner} in lower case; false when it is not in the zone. */
static bool
lower_owner(const struct zone_builder *b, const uint8_t *owner, uint8_t *lower)
{
	name_lower(lower, owner, name_length(owner));
	return name_below(lower, zone_apex(b->zone)) != NULL;
}

/* What is wrong with a record on its own, in words; NULL when nothing is. */
static const char *
record_fault(const struct zone_builder *b, const uint8_t *lower, uint16_t type,
    uint32_t ttl_s, const uint8_t *rdata, size_t len)
{
	if (!type_is_data(type))
		return "this type cannot stand in a zone (RFC 6895, 3.1)";
	if (ttl_s > TTL_MAX)
		return "the TTL is above 2147483647 (RFC 2181, 8)";
	if (len > 65535)
		return "the RDATA is longer than 65535 octets";
	if (type == TYPE_SOA && !name_equal(lower, zone_apex(b->zone)))
		return "this name is not the apex of the zone";
	if (type == TYPE_DS && name_equal(lower, zone_apex(b->zone)))
		return "the apex of a zone has none, its parent has (RFC 4035, "
		       "2.4)";
	return rdata_check(type, rdata, len);
}

/* The record as it stands in an answer; NULL without memory. */
static uint8_t *
make_image(struct zone_builder *b, uint16_t type, uint32_t ttl_s,
    const uint8_t *rdata, size_t len)
{
	uint8_t *image = arena_bytes(b->zone->arena, RECORD_FIXED + len);

	if (image == NULL)
		return NULL;
	wire_put16(image, POINTER_QNAME);
	wire_put16(image + 2, type);
	wire_put16(image + 4, CLASS_IN);
	wire_put32(image + 6, ttl_s);
	wire_put16(image + 10, (uint16_t)len);
	if (len > 0)
		memcpy(image + RECORD_FIXED, rdata, len);
	return image;
}

/*
 * Whether the record is an NSEC3, or what signs one (RRSIG begin with the type
 * covered), in front of the apex; its owner is no name of the zone but this
 * hash (RFC 5155, 7.2.8).
 */
static bool
is_hashed(const struct zone_builder *b, const uint8_t *lower, uint16_t type,
    const uint8_t *rdata, uint8_t hash[NSEC3_HASH])
{
	return (type == TYPE_NSEC3 ||
		   (type == TYPE_RRSIG && wire_get16(rdata) == TYPE_NSEC3)) &&
	    nsec3_from_label(lower, hash) &&
	    name_equal(name_parent(lower), zone_apex(b->zone));
}

/* Add a record to its list in ${b}->records; its number + 1, or 0 without
 * memory. */
static uint32_t
record_create(struct zone_builder *b, const struct mark *at, uint8_t *image)
{
	struct zone_record *records;

	if (image == NULL)
		return 0;
	records = array_grow(b->records, b->n_records, &b->records_size,
	    sizeof(*records), NUMBER_MAX);
	if (records == NULL)
		return 0;
	b->records = records;
	records[b->n_records] = (struct zone_record){.image = image,
	    .file = at != NULL ? at->file : NULL,
	    .line = at != NULL ? at->line : 0,
	    .column = at != NULL ? at->column : 0};
	return ++b->n_records;
}

/* Put the record with a number + 1 of ${record} to the others of its owner. */
static bool
add_to_node(struct zone_builder *b, const uint8_t *lower, uint32_t record)
{
	struct zone_draft *draft;
	uint32_t node;

	if (!node_obtain(b, lower, &node))
		return false;
	draft = &b->drafts[node];
	if (draft->first == 0)
		draft->first = record;
	else
		b->records[draft->last - 1].next = record;
	draft->last = record;
	return true;
}

static bool
add_to_hashed(
    struct zone_builder *b, const uint8_t hash[NSEC3_HASH], uint32_t record)
{
	struct zone_hashed *hashed = array_grow(b->hashed, b->n_hashed,
	    &b->hashed_size, sizeof(*hashed), NUMBER_MAX);

	if (hashed == NULL)
		return false;
	b->hashed = hashed;
	memcpy(hashed[b->n_hashed].hash, hash, NSEC3_HASH);
	hashed[b->n_hashed++].record = record - 1;
	return true;
}

int
zone_builder_add(struct zone_builder *b, const struct mark *at,
    const uint8_t *owner, uint16_t type, uint32_t ttl_s, const uint8_t *rdata,
    size_t len, struct errbuf *eb)
{
	uint8_t lower[NAME_MAX_WIRE], hash[NSEC3_HASH];
	char text[NAME_TEXT], apex[NAME_TEXT], kind[TYPE_TEXT];
	const char *fault, *odd;
	uint32_t record;
	bool added;

	if (!lower_owner(b, owner, lower))
		return errbuf_error(eb, at, "%s: is not in the zone %s",
		    name_format(owner, text),
		    name_format(zone_apex(b->zone), apex));
	fault = record_fault(b, lower, type, ttl_s, rdata, len);
	if (fault != NULL)
		return errbuf_error(eb, at, "%s %s: %s",
		    name_format(owner, text), type_text(type, kind), fault);
	odd = rdata_odd(type, rdata, len);
	if (odd != NULL && b->warnings++ < ZONE_MAX_MESSAGES)
		errbuf_warn(eb, at, "%s %s: %s", name_format(owner, text),
		    type_text(type, kind), odd);
	record = record_create(b, at, make_image(b, type, ttl_s, rdata, len));
	if (record == 0)
		return no_memory(at, eb);
	added = is_hashed(b, lower, type, rdata, hash)
	    ? add_to_hashed(b, hash, record)
	    : add_to_node(b, lower, record);
	return added ? 0 : no_memory(at, eb);
}

/* Where the service of ${node} is named. */
static unsigned
service_line(const struct zone_builder *b, uint32_t node)
{
	size_t i = 0;

	while (i < b->n_services && b->services[i].node != node)
		i++;
	return i < b->n_services ? b->services[i].at.line : 0;
}

int
zone_builder_service(struct zone_builder *b, const struct mark *at,
    const uint8_t *owner, uint32_t index, uint8_t flags, struct errbuf *eb)
{
	uint8_t lower[NAME_MAX_WIRE];
	char text[NAME_TEXT], apex[NAME_TEXT];
	struct zone_draft_service *services;
	uint32_t node;

	if (!lower_owner(b, owner, lower))
		return errbuf_error(eb, at, "service %s: is not in the zone %s",
		    name_format(owner, text),
		    name_format(zone_apex(b->zone), apex));
	services = array_grow(b->services, b->n_services, &b->services_size,
	    sizeof(*services), NUMBER_MAX);
	if (services == NULL)
		return no_memory(at, eb);
	b->services = services;
	if (!node_obtain(b, lower, &node))
		return no_memory(at, eb);
	if (b->zone->nodes[node].service != ZONE_NO_SERVICE)
		return errbuf_error(eb, at,
		    "service %s is given twice: it is in line %u already",
		    name_format(lower, text), service_line(b, node));
	b->zone->nodes[node].service = index;
	b->zone->nodes[node].flags |= flags;
	services[b->n_services].at = at != NULL ? *at : (struct mark){0};
	services[b->n_services].node = node;
	b->n_services++;
	return 0;
}
