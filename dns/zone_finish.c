/*
 * Turns what zone_builder.c collected into a zone: record sets of each node,
 * what is hidden by delegations, checks of the whole.  Called while files are
 * loaded, never by a worker.
 */
#include "dns/zone.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "dns/name.h"
#include "dns/protocol.h"
#include "dns/rdata.h"
#include "dns/wire.h"
#include "dns/zone_layout.h"

/* Record sets are taken from the arena in pieces: of so many at first, then of
 * as many as there are already, up to so many. */
#define SETS_FIRST 16
#define SETS_LARGEST 1024
#define TYPE_KEY 25

/* Count an error of the zone; true while it is to be shown. */
static bool
more_errors(struct zone_builder *b)
{
	return b->errors++ < ZONE_MAX_MESSAGES;
}

static bool
more_warnings(struct zone_builder *b)
{
	return b->warnings++ < ZONE_MAX_MESSAGES;
}

static void
no_memory(struct zone_builder *b)
{
	if (more_errors(b))
		errbuf_error(b->eb, NULL, "no memory for the zone");
}

/* Parts of a record's image. */

static uint16_t
type_of(const struct zone_record *r)
{
	return wire_get16(r->image + 2);
}

static uint32_t
ttl_of(const struct zone_record *r)
{
	return wire_get32(r->image + 6);
}

static size_t
rdata_size(const struct zone_record *r)
{
	return wire_get16(r->image + 10);
}

static size_t
image_size(const struct zone_record *r)
{
	return ZONE_RECORD_FIXED + rdata_size(r);
}

static struct mark
mark_of(const struct zone_record *r)
{
	return (struct mark){r->file, r->line, 0};
}

/* The first record of a node; NULL when it has none. */
static const struct zone_record *
first_record(const struct zone_builder *b, uint32_t node)
{
	uint32_t first = b->drafts[node].first;

	return first == 0 ? NULL : &b->records[first - 1];
}

static const struct zone_record *
next_record(const struct zone_builder *b, const struct zone_record *r)
{
	return r->next == 0 ? NULL : &b->records[r->next - 1];
}

/* Record sets. */

static int
by_type(const void *a, const void *b)
{
	const struct zone_item *x = a, *y = b;

	if (x->type != y->type)
		return x->type < y->type ? -1 : 1;
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

/* Fill b->items with the records of a node, by type, then as they came. */
static bool
gather(struct zone_builder *b, uint32_t node)
{
	const struct zone_record *r;

	b->n_items = 0;
	for (r = first_record(b, node); r != NULL; r = next_record(b, r)) {
		if (b->n_items == b->items_size) {
			uint32_t size =
			    b->items_size == 0 ? 64 : b->items_size * 2;
			struct zone_item *larger =
			    realloc(b->items, size * sizeof(*larger));

			if (larger == NULL || size < b->items_size) {
				no_memory(b);
				return false;
			}
			b->items = larger;
			b->items_size = size;
		}
		b->items[b->n_items++] = (struct zone_item){
		    .record = (uint32_t)(r - b->records), .type = type_of(r)};
	}
	if (b->n_items > 1)
		qsort(b->items, b->n_items, sizeof(b->items[0]), by_type);
	return true;
}

/* Copy the RDATA of a record with its names folded to ${out}. */
static size_t
folded_rdata(const struct zone_record *r, uint8_t *out)
{
	size_t len = rdata_size(r);

	memcpy(out, r->image + ZONE_RECORD_FIXED, len);
	rdata_fold(type_of(r), out, len);
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
	char name[NAME_TEXT], type[TYPE_TEXT];
	uint32_t kept = 0;

	for (uint32_t i = 0; i < n; i++) {
		size_t len =
		    folded_rdata(&b->records[items[i].record], b->folded[0]);

		items[i].hash = hash_bytes(b->folded[0], len, 0);
	}
	qsort(items, n, sizeof(*items), by_hash);
	for (uint32_t i = 1; i < n; i++) {
		struct mark at = mark_of(&b->records[items[i].record]);

		if (items[i].hash != items[kept].hash ||
		    !same_rdata(b, items[i].record, items[kept].record)) {
			kept = i;
			continue;
		}
		items[i].duplicate = true;
		if (more_warnings(b))
			errbuf_warn(b->eb, &at,
			    "%s %s: the same record stands at line %u",
			    name_format(node->name, name),
			    rdata_type_text(items[i].type, type),
			    b->records[items[kept].record].line);
	}
	qsort(items, n, sizeof(*items), by_type);
}

/* The TTL of a set is the least of its records' (RFC 2181, 5.2). */
static uint32_t
least_ttl(struct zone_builder *b, const struct zone_node *node,
    const struct zone_item *items, uint32_t n)
{
	const struct zone_record *first = &b->records[items[0].record];
	const struct zone_record *other = NULL;
	uint32_t least = ttl_of(first);

	for (uint32_t i = 1; i < n; i++) {
		const struct zone_record *r = &b->records[items[i].record];

		if (items[i].duplicate)
			continue;
		if (other == NULL && ttl_of(r) != ttl_of(first))
			other = r;
		if (ttl_of(r) < least)
			least = ttl_of(r);
	}
	if (other != NULL && items[0].type != TYPE_RRSIG && more_warnings(b)) {
		char name[NAME_TEXT], type[TYPE_TEXT];
		struct mark at = mark_of(other);

		errbuf_warn(b->eb, &at,
		    "%s %s: TTL %lu, but %lu at line %u: the set gets the "
		    "least, %lu",
		    name_format(node->name, name),
		    rdata_type_text(items[0].type, type),
		    (unsigned long)ttl_of(other), (unsigned long)ttl_of(first),
		    first->line, (unsigned long)least);
	}
	return least;
}

/*
 * The records of a set, one behind the other.  They often are already, because
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
	     at += ZONE_RECORD_FIXED + wire_get16(image + at + 10))
		wire_put32(image + at + 6, ttl_s);
}

/* Only one SOA, CNAME and DNAME may stand at a name. */
static bool
is_single(uint16_t type)
{
	return type == TYPE_SOA || type == TYPE_CNAME || type == TYPE_DNAME;
}

static bool
make_set(struct zone_builder *b, const struct zone_node *node,
    struct zone_item *items, uint32_t n, struct rrset *out)
{
	char name[NAME_TEXT], type[TYPE_TEXT];
	struct mark at = mark_of(&b->records[items[n - 1].record]);
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
	if (count > 1 && is_single(items[0].type)) {
		if (more_errors(b))
			errbuf_error(b->eb, &at,
			    "%s %s: there can be only one; another stands at "
			    "line %u",
			    name_format(node->name, name),
			    rdata_type_text(items[0].type, type),
			    b->records[items[0].record].line);
		return false;
	}
	if (size > ZONE_MAX_RRSET) {
		if (more_errors(b))
			errbuf_error(b->eb, &at,
			    "%s %s: the %zu records of this set have %zu "
			    "octets, a message holds %d",
			    name_format(node->name, name),
			    rdata_type_text(items[0].type, type), count, size,
			    ZONE_MAX_RRSET);
		return false;
	}
	image = join_images(b, items, n, size);
	if (image == NULL) {
		no_memory(b);
		return false;
	}
	out->ttl_s = least_ttl(b, node, items, n);
	if (items[0].type != TYPE_RRSIG)
		set_ttls(image, size, out->ttl_s);
	out->image = image;
	out->size = (uint32_t)size;
	out->type = items[0].type;
	out->count = (uint16_t)count;
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

static void
make_sets(struct zone_builder *b, uint32_t number)
{
	struct zone_node *node = &b->zone->nodes[number];
	uint32_t types = 0, next;
	struct rrset *sets;

	if (!gather(b, number))
		return;
	for (uint32_t i = 0; i < b->n_items; i++)
		if (i == 0 || b->items[i].type != b->items[i - 1].type)
			types++;
	if (types == 0)
		return;
	sets = take_sets(b, types);
	if (sets == NULL) {
		no_memory(b);
		return;
	}
	node->rrsets = sets;
	for (uint32_t i = 0; i < b->n_items; i = next) {
		for (next = i + 1; next < b->n_items &&
		     b->items[next].type == b->items[i].type;)
			next++;
		if (make_set(
			b, node, b->items + i, next - i, &sets[node->n_rrsets]))
			node->n_rrsets++;
	}
}

/* What may stand together at one name. */

static bool
beside_cname(uint16_t type)
{
	return type == TYPE_CNAME || type == TYPE_RRSIG || type == TYPE_NSEC ||
	    type == TYPE_KEY;
}

static void
check_cname(struct zone_builder *b, uint32_t number)
{
	char name[NAME_TEXT], type[TYPE_TEXT];
	const struct zone_record *r;

	for (r = first_record(b, number); r != NULL; r = next_record(b, r)) {
		struct mark at = mark_of(r);

		if (beside_cname(type_of(r)))
			continue;
		if (more_errors(b))
			errbuf_error(b->eb, &at,
			    "%s: %s beside a CNAME (RFC 2181, 10.1)",
			    name_format(b->zone->nodes[number].name, name),
			    rdata_type_text(type_of(r), type));
		return;
	}
}

/* Faults of the NS and DNAME of one name, at the first record of ${type}. */
static void
complain(struct zone_builder *b, uint32_t number, uint16_t type, bool error,
    const char *words)
{
	char name[NAME_TEXT];
	const struct zone_record *r = first_record(b, number);
	struct mark at;

	while (r != NULL && type_of(r) != type)
		r = next_record(b, r);
	at = r != NULL ? mark_of(r) : (struct mark){0};
	name_format(b->zone->nodes[number].name, name);
	if (error && more_errors(b))
		errbuf_error(b->eb, &at, "%s: %s", name, words);
	if (!error && more_warnings(b))
		errbuf_warn(b->eb, &at, "%s: %s", name, words);
}

static bool
is_wildcard(const struct zone_node *node)
{
	return node->name[0] == 1 && node->name[1] == '*';
}

static void
check_node(struct zone_builder *b, uint32_t number)
{
	struct zone_node *node = &b->zone->nodes[number];
	bool dname = zone_node_rrset(node, TYPE_DNAME) != NULL;

	if (zone_node_rrset(node, TYPE_CNAME) != NULL) {
		node->flags |= NODE_HAS_CNAME;
		check_cname(b, number);
	}
	if (dname && is_wildcard(node))
		complain(b, number, TYPE_DNAME, false,
		    "a DNAME at a wildcard is never followed by resolvers as "
		    "meant (RFC 6672, 3.3)");
	if (node->flags & NODE_APEX || zone_node_rrset(node, TYPE_NS) == NULL)
		return;
	node->flags |= NODE_CUT;
	if (dname)
		complain(b, number, TYPE_DNAME, true,
		    "DNAME beside NS (RFC 6672, 2.3)");
	if (is_wildcard(node))
		complain(b, number, TYPE_NS, true,
		    "NS at a wildcard (RFC 4592, 4.2)");
}

static void
check_apex(struct zone_builder *b)
{
	static const struct {
		uint16_t type;
		const char *words;
	} needed[] = {
	    {TYPE_SOA, "the zone has no SOA record"},
	    {TYPE_NS, "the zone has no NS record at its apex"},
	};
	struct mark at = {0};
	char name[NAME_TEXT];

	if (b->n_records > 0)
		at.file = b->records[0].file;
	for (size_t i = 0; i < 2; i++) {
		const struct zone_record *r = first_record(b, 0);

		while (r != NULL && type_of(r) != needed[i].type)
			r = next_record(b, r);
		if (r == NULL && more_errors(b))
			errbuf_error(b->eb, &at, "%s: %s",
			    name_format(zone_apex(b->zone), name),
			    needed[i].words);
	}
}

/* What delegations and DNAMEs hide. */

/* The closest node above that hides what is below it, or NULL. */
static const struct zone_node *
hidden_by(const struct zone_builder *b, uint32_t number)
{
	while (number != 0) {
		const struct zone_node *node;

		number = b->drafts[number].parent;
		node = &b->zone->nodes[number];
		if (node->flags & NODE_CUT ||
		    zone_node_rrset(node, TYPE_DNAME) != NULL)
			return node;
	}
	return NULL;
}

static bool
is_address(uint16_t type)
{
	return type == TYPE_A || type == TYPE_AAAA;
}

/* What the parent's side of a delegation may hold (RFC 4035, 2.6); of a DNAME
 * worse has been said already. */
static bool
is_cut_data(uint16_t type)
{
	return type == TYPE_NS || type == TYPE_DS || type == TYPE_NSEC ||
	    type == TYPE_RRSIG || type == TYPE_DNAME || is_address(type);
}

/* Warn of the first record that the delegation ${cut} hides from everyone. */
static void
warn_hidden(
    struct zone_builder *b, uint32_t number, const struct zone_node *cut)
{
	const struct zone_node *node = &b->zone->nodes[number];
	char name[NAME_TEXT], above[NAME_TEXT], type[TYPE_TEXT];
	const struct zone_record *r;

	for (r = first_record(b, number); r != NULL; r = next_record(b, r)) {
		struct mark at = mark_of(r);

		if (node == cut ? is_cut_data(type_of(r))
				: is_address(type_of(r)))
			continue;
		if (more_warnings(b))
			errbuf_warn(b->eb, &at,
			    "%s %s: is never given out: %s is delegated",
			    name_format(node->name, name),
			    rdata_type_text(type_of(r), type),
			    name_format(cut->name, above));
		return;
	}
}

static void
hide(struct zone_builder *b, uint32_t number)
{
	struct zone_node *node = &b->zone->nodes[number];
	const struct zone_node *above = hidden_by(b, number);
	const struct zone_record *r = first_record(b, number);
	char name[NAME_TEXT], upper[NAME_TEXT];
	struct mark at;

	if (above == NULL) {
		if (node->flags & NODE_CUT)
			warn_hidden(b, number, node);
		return;
	}
	node->flags |= NODE_OCCLUDED;
	if (above->flags & NODE_CUT) {
		warn_hidden(b, number, above);
		return;
	}
	if (r == NULL || !more_errors(b))
		return;
	at = mark_of(r);
	errbuf_error(b->eb, &at,
	    "%s: stands below the DNAME at %s (RFC 6672, 2.4)",
	    name_format(node->name, name), name_format(above->name, upper));
}

/* Services. */

static void
check_service(struct zone_builder *b, const struct zone_draft_service *service)
{
	const struct zone_node *node = &b->zone->nodes[service->node];
	const struct zone_node *above = hidden_by(b, service->node);
	char name[NAME_TEXT], other[NAME_TEXT];
	const char *why = NULL;

	if (above == NULL)
		above = node;
	if (above->flags & NODE_CUT)
		why = "the servers answer to which this name is delegated:";
	else if (zone_node_rrset(above, TYPE_DNAME) != NULL)
		why = "it stands at or below the DNAME of";
	else if (node->flags & NODE_HAS_CNAME)
		why = "the zone file has a CNAME at";
	if (why != NULL && more_errors(b))
		errbuf_error(b->eb, &service->at,
		    "service %s: cannot be steered: %s %s",
		    name_format(node->name, name), why,
		    name_format(above->name, other));
}

static void
check_services(struct zone_builder *b)
{
	char name[NAME_TEXT];

	for (uint32_t i = 0; i < b->n_services; i++)
		check_service(b, &b->services[i]);
	if (b->n_services > 0 &&
	    zone_node_rrset(zone_apex_node(b->zone), TYPE_DNSKEY) != NULL &&
	    more_errors(b))
		errbuf_error(b->eb, &b->services[0].at,
		    "the zone %s has DNSKEY records, and answers that are "
		    "steered cannot be signed",
		    name_format(zone_apex(b->zone), name));
}

/* Hosts that NS, MX and SRV records name. */

/*
 * The node that answers for the lower case name ${lower} in the zone, its own
 * or a wildcard's; NULL when there is none.  ${cut} becomes the delegation at
 * or above it, or NULL.
 */
static const struct zone_node *
host_node(const struct zone_builder *b, const uint8_t *lower,
    const struct zone_node **cut)
{
	size_t len = name_length(lower);
	uint8_t wildcard[NAME_MAX_WIRE + 2] = {1, '*'};
	const struct zone_node *node, *above;
	const uint8_t *name = lower;

	node = zone_find(b->zone, name, len, name_hash(name, len));
	above = node;
	while (above == NULL) { /* the apex is there */
		len -= name[0] + 1u;
		name += name[0] + 1;
		above = zone_find(b->zone, name, len, name_hash(name, len));
	}
	*cut = above;
	if (!(above->flags & NODE_CUT))
		*cut = hidden_by(b, (uint32_t)(above - b->zone->nodes));
	if (node != NULL || !(above->flags & NODE_WILDCARD))
		return node;
	memcpy(wildcard + 2, name, len);
	return zone_find(
	    b->zone, wildcard, len + 2, name_hash(wildcard, len + 2));
}

static bool
has_address(const struct zone_node *node)
{
	return node->service != ZONE_NO_SERVICE ||
	    zone_node_rrset(node, TYPE_A) != NULL ||
	    zone_node_rrset(node, TYPE_AAAA) != NULL;
}

static void
check_host(struct zone_builder *b, const struct zone_node *node,
    const struct zone_record *r, const uint8_t *target)
{
	char name[NAME_TEXT], host[NAME_TEXT], type[TYPE_TEXT];
	struct mark at = mark_of(r);
	const struct zone_node *found, *cut;
	uint8_t lower[NAME_MAX_WIRE];
	const char *words;

	name_lower(lower, target, name_length(target));
	/* The root as a target says "none" (RFC 2782; RFC 7505). */
	if (lower[0] == 0 || name_below(lower, zone_apex(b->zone)) == NULL)
		return;
	found = host_node(b, lower, &cut);
	if (found != NULL && found->flags & NODE_HAS_CNAME)
		words = "is a CNAME (RFC 2181, 10.3)";
	else if (type_of(r) != TYPE_NS ||
	    (found != NULL && has_address(found)) ||
	    (cut != NULL && cut != node))
		return; /* who serves another delegation knows its address */
	else
		words = cut != NULL ? "needs an A or AAAA record here as glue"
				    : "has no A or AAAA record";
	if (more_warnings(b))
		errbuf_warn(b->eb, &at, "%s %s: the host %s %s",
		    name_format(node->name, name),
		    rdata_type_text(type_of(r), type),
		    name_format(target, host), words);
}

static void
check_hosts(struct zone_builder *b, uint32_t number)
{
	const struct zone_node *node = &b->zone->nodes[number];
	const struct zone_record *r;

	if (node->flags & NODE_OCCLUDED)
		return;
	for (r = first_record(b, number); r != NULL; r = next_record(b, r)) {
		const uint8_t *target =
		    rdata_target(type_of(r), r->image + ZONE_RECORD_FIXED);

		if (target != NULL)
			check_host(b, node, r, target);
	}
}

/* The whole. */

/* The SOA of negative answers, from a zone that has one (RFC 2308, 3). */
static void
make_negative(struct zone_builder *b)
{
	struct zone *zone = b->zone;
	const struct rrset *soa =
	    zone_node_rrset(zone_apex_node(zone), TYPE_SOA);
	struct rrset *copy;
	uint8_t *image;
	uint32_t minimum;

	if (soa == NULL)
		return;
	copy = take_sets(b, 1);
	image = arena_bytes(zone->arena, soa->size);
	if (copy == NULL || image == NULL) {
		no_memory(b);
		return;
	}
	memcpy(image, soa->image, soa->size);
	minimum = wire_get32(image + soa->size - 4);
	*copy = *soa;
	copy->image = image;
	if (minimum < copy->ttl_s)
		copy->ttl_s = minimum;
	set_ttls(image, soa->size, copy->ttl_s);
	zone->negative = copy;
	zone->serial = wire_get32(image + soa->size - 20);
}

static void
report_rest(struct zone_builder *b)
{
	char name[NAME_TEXT];

	name_format(zone_apex(b->zone), name);
	if (b->errors > ZONE_MAX_MESSAGES)
		errbuf_error(b->eb, NULL, "zone %s: %u more errors", name,
		    b->errors - ZONE_MAX_MESSAGES);
	if (b->warnings > ZONE_MAX_MESSAGES)
		errbuf_warn(b->eb, NULL, "zone %s: %u more warnings", name,
		    b->warnings - ZONE_MAX_MESSAGES);
}

/* Each step needs what the one before found out of every node. */
static void
check_all(struct zone_builder *b)
{
	for (uint32_t i = 0; i < b->n_nodes; i++) {
		make_sets(b, i);
		check_node(b, i);
	}
	check_apex(b);
	for (uint32_t i = 0; i < b->n_nodes; i++) {
		const struct zone_node *node = &b->zone->nodes[i];

		hide(b, i);
		if (node->n_rrsets > 0 || node->service != ZONE_NO_SERVICE)
			b->zone->names++;
	}
	check_services(b);
	for (uint32_t i = 0; i < b->n_nodes; i++)
		check_hosts(b, i);
	make_negative(b);
	report_rest(b);
}

struct zone *
zone_builder_finish(struct zone_builder *b, struct errbuf *eb)
{
	struct zone *zone = b->zone;
	struct zone_node *nodes;

	b->eb = eb;
	check_all(b);
	if (b->errors == 0) {
		b->zone = NULL;
		nodes = realloc(zone->nodes, b->n_nodes * sizeof(*nodes));
		if (nodes != NULL)
			zone->nodes = nodes;
	} else
		zone = NULL;
	zone_builder_destroy(b);
	return zone;
}
