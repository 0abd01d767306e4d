/*
 * Makes record sets of the records of one owner: duplicates dropped, one TTL,
 * images joined.  Called by zone_builder_finish.c for each node; never by a
 * worker.
 */
#include "dns/zone/zone_builder_private_check.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "dns/wire/name.h"
#include "dns/wire/protocol.h"
#include "dns/wire/wire.h"
#include "dns/zone/rdata.h"
#include "dns/zone/type.h"

/* Record sets are taken from the arena in pieces: of so many at first, then of
 * as many as there are already, up to so many. */
#define SETS_FIRST 16
#define SETS_LARGEST 1024

/* RRSIG come after all other types, a set for each type that they cover. */
#define KIND_RRSIG 65536u

static uint32_t
kind_of(const struct zone_record *r)
{
	uint16_t type = record_type(r);

	return type == TYPE_RRSIG ? KIND_RRSIG + record_covers(r) : type;
}

static uint16_t
type_of(const struct zone_item *item)
{
	return item->kind < KIND_RRSIG ? (uint16_t)item->kind : TYPE_RRSIG;
}

static size_t
image_size(const struct zone_record *r)
{
	return RECORD_FIXED + record_rdata_size(r);
}

static int
by_kind(const void *a, const void *b)
{
	const struct zone_item *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return x->record < y->record ? -1 : x->record > y->record;
}

static int
by_hash(const void *a, const void *b)
{
	const struct zone_item *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return x->record < y->record ? -1 : x->record > y->record;
}

/* Fill b->items with the records of an owner, by set, then as they came. */
static bool
gather(struct zone_builder *b, const struct zone_record *r)
{
	b->n_items = 0;
	for (; r != NULL; r = node_next(b, r)) {
		struct zone_item *items = array_grow(b->items, b->n_items,
		    &b->items_size, sizeof(*items), NUMBER_MAX);

		if (items == NULL) {
			check_no_memory(b);
			return false;
		}
		b->items = items;
		items[b->n_items++] = (struct zone_item){
		    .record = (uint32_t)(r - b->records), .kind = kind_of(r)};
	}
	if (b->n_items > 1)
		qsort(b->items, b->n_items, sizeof(b->items[0]), by_kind);
	return true;
}

/* Copy the RDATA of a record with its names folded to ${out}. */
static size_t
folded_rdata(const struct zone_record *r, uint8_t *out)
{
	size_t len = record_rdata_size(r);

	memcpy(out, record_rdata(r), len);
	rdata_fold(record_type(r), out, len);
	return len;
}

static bool
same_rdata(struct zone_builder *b, uint32_t x, uint32_t y)
{
	size_t len = folded_rdata(&b->records[x], b->folded[0]);

	return folded_rdata(&b->records[y], b->folded[1]) == len &&
	    memcmp(b->folded[0], b->folded[1], len) == 0;
}

/* Mark every record of a set that stood there before (RFC 2181, 5). */
static void
find_duplicates(struct zone_builder *b, const struct zone_node *node,
    struct zone_item *items, uint32_t n)
{
	char name[NAME_TEXT], type[TYPE_TEXT], place[PLACE_TEXT];
	uint32_t kept = 0;

	for (uint32_t i = 0; i < n; i++) {
		size_t len =
		    folded_rdata(&b->records[items[i].record], b->folded[0]);

		items[i].hash = hash_bytes(b->folded[0], len, 0);
	}
	qsort(items, n, sizeof(*items), by_hash);
	for (uint32_t i = 1; i < n; i++) {
		struct mark at = record_mark(&b->records[items[i].record]);

		if (items[i].hash != items[kept].hash ||
		    !same_rdata(b, items[i].record, items[kept].record)) {
			kept = i;
			continue;
		}
		items[i].duplicate = true;
		if (check_warning(b))
			errbuf_warn(b->eb, &at,
			    "%s %s: the same record stands at %s",
			    name_format(node->name, name),
			    type_text(type_of(&items[i]), type),
			    mark_place(
				record_mark(&b->records[items[kept].record]),
				&at, place));
	}
	qsort(items, n, sizeof(*items), by_kind);
}

/* The first record of a set, duplicates aside, whose TTL is not ${ttl_s}. */
static const struct zone_record *
other_ttl(const struct zone_builder *b, const struct zone_item *items,
    uint32_t n, uint32_t ttl_s)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct zone_record *r = &b->records[items[i].record];

		if (!items[i].duplicate && record_ttl(r) != ttl_s)
			return r;
	}
	return NULL;
}

/* The TTL of a set is the least of its records' (RFC 2181, 5.2). */
static uint32_t
least_ttl(struct zone_builder *b, const struct zone_node *node,
    const struct zone_item *items, uint32_t n)
{
	const struct zone_record *first = &b->records[items[0].record];
	const struct zone_record *other =
	    other_ttl(b, items, n, record_ttl(first));
	uint32_t least = record_ttl(first);

	if (other == NULL)
		return least;
	for (uint32_t i = 1; i < n; i++) {
		const struct zone_record *r = &b->records[items[i].record];

		if (!items[i].duplicate && record_ttl(r) < least)
			least = record_ttl(r);
	}
	if (check_warning(b)) {
		char name[NAME_TEXT], type[TYPE_TEXT], place[PLACE_TEXT];
		struct mark at = record_mark(other);

		errbuf_warn(b->eb, &at,
		    "%s %s: TTL %lu, but %lu at %s: the set gets the least, "
		    "%lu",
		    name_format(node->name, name),
		    type_text(type_of(&items[0]), type),
		    (unsigned long)record_ttl(other),
		    (unsigned long)record_ttl(first),
		    mark_place(record_mark(first), &at, place),
		    (unsigned long)least);
	}
	return least;
}

/* That of signatures is what the set that they sign has (RFC 4034, 3), which
 * was made before them. */
static uint32_t
set_ttl(struct zone_builder *b, const struct zone_node *node,
    const struct zone_item *items, uint32_t n)
{
	const struct rrset *covered = NULL;
	const struct zone_record *other;

	if (items[0].kind >= KIND_RRSIG)
		covered = zone_node_rrset(
		    node, (uint16_t)(items[0].kind - KIND_RRSIG));
	if (covered == NULL)
		return least_ttl(b, node, items, n);
	other = other_ttl(b, items, n, covered->ttl_s);
	if (other != NULL && check_warning(b)) {
		char name[NAME_TEXT], type[TYPE_TEXT];
		struct mark at = record_mark(other);

		errbuf_warn(b->eb, &at,
		    "%s RRSIG: TTL %lu, but the %s that it signs has %lu, "
		    "which it gets",
		    name_format(node->name, name),
		    (unsigned long)record_ttl(other),
		    type_text(covered->type, type),
		    (unsigned long)covered->ttl_s);
	}
	return covered->ttl_s;
}

/*
 * The records of a set, one after the other.  They often are already, because
 * they came so; NULL without memory.
 */
static uint8_t *
join_images(struct zone_builder *b, const struct zone_item *items, uint32_t n,
    size_t size)
{
	uint8_t *image = b->records[items[0].record].image, *end = image, *p;
	uint32_t i;

	for (i = 0; i < n; i++) {
		const struct zone_record *r = &b->records[items[i].record];

		if (items[i].duplicate || r->image != end)
			break;
		end += image_size(r);
	}
	if (i == n)
		return image;
	image = p = arena_bytes(b->zone->arena, size);
	for (i = 0; i < n && image != NULL; i++) {
		const struct zone_record *r = &b->records[items[i].record];

		if (items[i].duplicate)
			continue;
		memcpy(p, r->image, image_size(r));
		p += image_size(r);
	}
	return image;
}

static void
set_ttls(uint8_t *image, size_t size, uint32_t ttl_s)
{
	for (size_t at = 0; at < size;
	     at += RECORD_FIXED + wire_get16(image + at + 10))
		wire_put32(image + at + 6, ttl_s);
}

/* Only one SOA, CNAME and DNAME may stand at a name. */
static bool
is_single(uint16_t type)
{
	return type == TYPE_SOA || type == TYPE_CNAME || type == TYPE_DNAME ||
	    type == TYPE_NSEC || type == TYPE_NSEC3;
}

static bool
make_set(struct zone_builder *b, const struct zone_node *node,
    struct zone_item *items, uint32_t n, struct rrset *out)
{
	char name[NAME_TEXT], type[TYPE_TEXT], place[PLACE_TEXT];
	struct mark at = record_mark(&b->records[items[n - 1].record]);
	size_t size = 0, count = 0;
	uint8_t *image;

	if (n > 1)
		find_duplicates(b, node, items, n);
	for (uint32_t i = 0; i < n; i++) {
		if (items[i].duplicate)
			continue;
		size += image_size(&b->records[items[i].record]);
		count++;
	}
	if (count > 1 && is_single(type_of(&items[0]))) {
		if (check_error(b))
			errbuf_error(b->eb, &at,
			    "%s %s: there can be only one; another stands at "
			    "%s",
			    name_format(node->name, name),
			    type_text(type_of(&items[0]), type),
			    mark_place(
				record_mark(&b->records[items[0].record]), &at,
				place));
		return false;
	}
	if (size > RRSET_MAX) {
		if (check_error(b))
			errbuf_error(b->eb, &at,
			    "%s %s: the %zu records of this set have %zu "
			    "octets, a message holds %d",
			    name_format(node->name, name),
			    type_text(type_of(&items[0]), type), count, size,
			    RRSET_MAX);
		return false;
	}
	image = join_images(b, items, n, size);
	if (image == NULL) {
		check_no_memory(b);
		return false;
	}
	out->ttl_s = set_ttl(b, node, items, n);
	set_ttls(image, size, out->ttl_s);
	out->image = image;
	out->size = (uint32_t)size;
	out->type = type_of(&items[0]);
	out->covers = record_covers(&b->records[items[0].record]);
	out->count = (uint16_t)count;
	zone_builder_compress(b, node->name, out);
	b->zone->records += count;
	return true;
}

/* Room for ${n} record sets that stand together; NULL without memory. */
static struct rrset *
take_sets(struct zone_builder *b, size_t n)
{
	struct rrset *sets;

	if (n > b->sets_left) {
		size_t size = SETS_FIRST;

		if (b->sets_taken > size)
			size = b->sets_taken < SETS_LARGEST ? b->sets_taken
							    : SETS_LARGEST;
		if (n > size)
			size = n;
		b->sets = arena_array(b->zone->arena, size, sizeof(*b->sets));
		b->sets_left = b->sets == NULL ? 0 : size;
		if (b->sets == NULL)
			return NULL;
	}
	sets = b->sets;
	b->sets += n;
	b->sets_taken += n;
	b->sets_left -= n;
	return sets;
}

static bool
has_too_many(struct zone_builder *b, const struct zone_node *node,
    const struct zone_record *first, uint32_t kinds)
{
	struct mark at = record_mark(first);
	char name[NAME_TEXT];

	if (kinds <= ZONE_MAX_SETS)
		return false;
	if (check_error(b))
		errbuf_error(b->eb, &at,
		    "%s: has %lu record sets, %d are allowed (each type that "
		    "RRSIG cover is one)",
		    name_format(node->name, name), (unsigned long)kinds,
		    ZONE_MAX_SETS);
	return true;
}

void
zone_builder_rrsets(struct zone_builder *b, struct zone_node *node,
    const struct zone_record *first)
{
	uint32_t kinds = 0, next;
	struct rrset *sets;

	if (!gather(b, first))
		return;
	for (uint32_t i = 0; i < b->n_items; i++)
		if (i == 0 || b->items[i].kind != b->items[i - 1].kind)
			kinds++;
	if (kinds == 0 || has_too_many(b, node, first, kinds))
		return;
	sets = take_sets(b, kinds);
	if (sets == NULL) {
		check_no_memory(b);
		return;
	}
	node->rrsets = sets;
	for (uint32_t i = 0; i < b->n_items; i = next) {
		for (next = i + 1; next < b->n_items &&
		     b->items[next].kind == b->items[i].kind;)
			next++;
		if (make_set(
			b, node, b->items + i, next - i, &sets[node->n_rrsets]))
			node->n_rrsets++;
	}
}
