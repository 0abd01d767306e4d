/*
 * Turns what zone_builder.c collected into a zone: record sets of each node,
 * what is hidden by delegations, checks of the whole.  Called while files are
 * loaded, never by a worker.
 */
#include "dns/zone/zone_builder.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "dns/wire/name.h"
#include "dns/wire/protocol.h"
#include "dns/wire/wire.h"
#include "dns/zone/rdata.h"
#include "dns/zone/type.h"
#include "dns/zone/zone_builder_private_check.h"

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
	char name[NAME_TEXT], type[TYPE_TEXT], place[PLACE_TEXT];
	const struct zone_record *r = node_first(b, number);
	struct mark cname = node_find_mark(b, r, TYPE_CNAME, 0), at;

	while (r != NULL && beside_cname(record_type(r)))
		r = node_next(b, r);
	if (r == NULL || !check_error(b))
		return;
	at = record_mark(r);
	errbuf_error(b->eb, &at,
	    "%s: %s beside a CNAME, which stands at %s (RFC 2181, 10.1)",
	    name_format(b->zone->nodes[number].name, name),
	    type_text(record_type(r), type), mark_place(cname, &at, place));
}

/* Faults of the NS and DNAME of one name, at the first record of ${type}. */
static void
complain(struct zone_builder *b, uint32_t number, uint16_t type, bool error,
    const char *words)
{
	char name[NAME_TEXT];
	const struct zone_record *r = node_first(b, number);
	struct mark at;

	while (r != NULL && record_type(r) != type)
		r = node_next(b, r);
	at = r != NULL ? record_mark(r) : (struct mark){0};
	name_format(b->zone->nodes[number].name, name);
	if (error && check_error(b))
		errbuf_error(b->eb, &at, "%s: %s", name, words);
	if (!error && check_warning(b))
		errbuf_warn(b->eb, &at, "%s: %s", name, words);
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
	if (dname && name_is_wildcard(node->name))
		complain(b, number, TYPE_DNAME, false,
		    "a DNAME at a wildcard is never followed by resolvers as "
		    "meant (RFC 6672, 3.3)");
	if (node->flags & NODE_APEX || zone_node_rrset(node, TYPE_NS) == NULL)
		return;
	node->flags |= NODE_CUT;
	if (dname)
		complain(b, number, TYPE_DNAME, true,
		    "DNAME beside NS (RFC 6672, 2.3)");
	if (name_is_wildcard(node->name))
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
	    {TYPE_SOA,
		"the zone has no SOA record (@ SOA ns1 hostmaster 1 3600 600 "
		"86400 60)"},
	    {TYPE_NS, "the zone has no NS record at its apex (@ NS ns1)"},
	};
	struct mark at = {0};
	char name[NAME_TEXT];

	if (b->n_records > 0)
		at.file = b->records[0].file;
	for (size_t i = 0; i < 2; i++) {
		const struct zone_record *r = node_first(b, 0);

		while (r != NULL && record_type(r) != needed[i].type)
			r = node_next(b, r);
		if (r == NULL && check_error(b))
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

/* What the parent's side of a delegation may hold (RFC 4035, 2.6); a DNAME
 * there is an error already. */
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

	for (r = node_first(b, number); r != NULL; r = node_next(b, r)) {
		struct mark at = record_mark(r);

		if (node == cut ? is_cut_data(record_type(r))
				: is_address(record_type(r)))
			continue;
		if (check_warning(b))
			errbuf_warn(b->eb, &at,
			    "%s %s: is never given out: %s is delegated",
			    name_format(node->name, name),
			    type_text(record_type(r), type),
			    name_format(cut->name, above));
		return;
	}
}

static void
hide(struct zone_builder *b, uint32_t number)
{
	struct zone_node *node = &b->zone->nodes[number];
	const struct zone_node *above = hidden_by(b, number);
	const struct zone_record *r = node_first(b, number);
	char name[NAME_TEXT], upper[NAME_TEXT];
	struct mark at;

	if (above == NULL) {
		if (node->flags & NODE_CUT)
			warn_hidden(b, number, node);
		else if (zone_node_rrset(node, TYPE_DS) != NULL)
			complain(b, number, TYPE_DS, false,
			    "DS where nothing is delegated (RFC 4035, 2.4)");
		return;
	}
	node->flags |= NODE_OCCLUDED;
	if (above->flags & NODE_CUT) {
		warn_hidden(b, number, above);
		return;
	}
	if (r == NULL || !check_error(b))
		return;
	at = record_mark(r);
	errbuf_error(b->eb, &at,
	    "%s: stands below the DNAME at %s (RFC 6672, 2.4)",
	    name_format(node->name, name), name_format(above->name, upper));
}

/* Services. */

/* A service that answers with CNAMEs may have one in the zone file, and nothing
 * else (RFC 1034, 3.6.2). */
static void
check_cname_service(
    struct zone_builder *b, const struct zone_draft_service *service)
{
	const struct zone_node *node = &b->zone->nodes[service->node];
	const struct zone_record *r = node_first(b, service->node);
	char name[NAME_TEXT], type[TYPE_TEXT], place[PLACE_TEXT];

	name_format(node->name, name);
	if (node->flags & NODE_APEX) {
		if (check_error(b))
			errbuf_error(b->eb, &service->at,
			    "service %s: cannot be a CNAME: it is the apex of "
			    "the zone, which has other data (RFC 1034, 3.6.2)",
			    name);
		return;
	}
	while (r != NULL && record_type(r) == TYPE_CNAME)
		r = node_next(b, r);
	if (r != NULL && check_error(b))
		errbuf_error(b->eb, &service->at,
		    "service %s: cannot be a CNAME: the zone file has %s there "
		    "at %s (RFC 1034, 3.6.2)",
		    name, type_text(record_type(r), type),
		    mark_place(record_mark(r), &service->at, place));
}

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
	else if (node->flags & NODE_SERVICE_CNAME)
		check_cname_service(b, service);
	else if (node->flags & NODE_HAS_CNAME)
		why = "the zone file has a CNAME at";
	if (why != NULL && check_error(b))
		errbuf_error(b->eb, &service->at,
		    "service %s: cannot be steered: %s %s",
		    name_format(node->name, name), why,
		    name_format(above->name, other));
}

static void
check_services(struct zone_builder *b)
{
	const char *why = NULL;
	char name[NAME_TEXT];

	for (uint32_t i = 0; i < b->n_services; i++)
		check_service(b, &b->services[i]);
	if (zone_node_rrset(zone_apex_node(b->zone), TYPE_DNSKEY) != NULL)
		why = "has DNSKEY records";
	else if (zone_signed(b->zone))
		why = "is signed";
	if (b->n_services > 0 && why != NULL && check_error(b))
		errbuf_error(b->eb, &b->services[0].at,
		    "the zone %s %s, and answers that are steered cannot be "
		    "signed",
		    name_format(zone_apex(b->zone), name), why);
}

/* Hosts that NS, MX and SRV records name. */

/*
 * The node that answers for the lower case name ${lower} in the zone, its own
 * or a wildcard's, which reaches no glue; NULL when there is none.  ${cut}
 * becomes the delegation at or above it, or NULL.
 */
static const struct zone_node *
host_node(const struct zone_builder *b, const uint8_t *lower,
    const struct zone_node **cut)
{
	size_t len = name_length(lower);
	const struct zone_node *node = zone_closest(b->zone, lower, len);

	*cut = node;
	if (!(node->flags & NODE_CUT))
		*cut = hidden_by(b, (uint32_t)(node - b->zone->nodes));
	if (node->name_len == len)
		return node;
	if (*cut != NULL || !(node->flags & NODE_WILDCARD))
		return NULL;
	return zone_wildcard(b->zone, node);
}

static bool
has_address(const struct zone_node *node)
{
	return node->service != ZONE_NO_SERVICE ||
	    zone_node_rrset(node, TYPE_A) != NULL ||
	    zone_node_rrset(node, TYPE_AAAA) != NULL;
}

/* What is wrong with the host ${lower}, a lower case name, that the record
 * ${r} of ${node} names; NULL when nothing is. */
static const char *
host_fault(const struct zone_builder *b, const struct zone_node *node,
    const struct zone_record *r, const uint8_t *lower)
{
	bool is_ns = record_type(r) == TYPE_NS;
	const struct zone_node *found, *cut;

	/* Of MX and SRV the root says "none" (RFC 7505; RFC 2782). */
	if (lower[0] == 0)
		return is_ns ? "is no name server" : NULL;
	if (name_below(lower, zone_apex(b->zone)) == NULL)
		return NULL;
	found = host_node(b, lower, &cut);
	if (found != NULL &&
	    found->flags & (NODE_HAS_CNAME | NODE_SERVICE_CNAME))
		return "is a CNAME (RFC 2181, 10.3)";
	if (found != NULL && has_address(found))
		return NULL;
	if (cut == NULL)
		return "has no A or AAAA record";
	/* The servers of another delegation are found through it. */
	return is_ns && cut == node ? "needs an A or AAAA record here as glue"
				    : NULL;
}

static void
check_host(struct zone_builder *b, const struct zone_node *node,
    const struct zone_record *r, const uint8_t *target)
{
	char name[NAME_TEXT], host[NAME_TEXT], type[TYPE_TEXT];
	struct mark at = record_mark(r);
	uint8_t lower[NAME_MAX_WIRE];
	const char *words;

	name_lower(lower, target, name_length(target));
	if (name_repeats(lower, zone_apex(b->zone), zone_apex(b->zone)))
		return; /* whoever read the name has said so */
	words = host_fault(b, node, r, lower);
	if (words != NULL && check_warning(b))
		errbuf_warn(b->eb, &at, "%s %s: the host %s %s",
		    name_format(node->name, name),
		    type_text(record_type(r), type), name_format(target, host),
		    words);
}

/* The lower case name ${lower}, which has no node, is made by a DNAME. */
static bool
below_dname(const struct zone_builder *b, const uint8_t *lower)
{
	const struct zone_node *node =
	    zone_closest(b->zone, lower, name_length(lower));

	return zone_node_rrset(node, TYPE_DNAME) != NULL;
}

/* Warn of a target inside the zone that is not there. */
static void
check_target(struct zone_builder *b, const struct zone_node *node,
    const struct zone_record *r, const uint8_t *target)
{
	char name[NAME_TEXT], other[NAME_TEXT], type[TYPE_TEXT];
	const struct zone_node *found, *cut;
	struct mark at = record_mark(r);
	uint8_t lower[NAME_MAX_WIRE];

	name_lower(lower, target, name_length(target));
	/* Of SVCB and HTTPS the root is their own name (RFC 9460, 2.5.2). */
	if (lower[0] == 0 || name_below(lower, zone_apex(b->zone)) == NULL ||
	    name_repeats(lower, zone_apex(b->zone), zone_apex(b->zone)))
		return;
	found = host_node(b, lower, &cut);
	if (cut != NULL || (found == NULL && below_dname(b, lower)))
		return;
	if (found == NULL && check_warning(b))
		errbuf_warn(b->eb, &at,
		    "%s %s: its target %s is not in the zone",
		    name_format(node->name, name),
		    type_text(record_type(r), type),
		    name_format(target, other));
}

/* Warn of a record that excludes those that stand beside it in its set. */
static void
check_alone(struct zone_builder *b, const struct zone_node *node,
    const struct zone_record *r)
{
	const char *words = rdata_alone(record_type(r), record_rdata(r));
	const struct rrset *set = NULL;
	char name[NAME_TEXT], type[TYPE_TEXT];
	struct mark at = record_mark(r);

	if (words != NULL)
		set = zone_node_rrset(node, record_type(r));
	if (set != NULL && set->count > 1 && check_warning(b))
		errbuf_warn(b->eb, &at, "%s %s: others stand beside it, but %s",
		    name_format(node->name, name),
		    type_text(record_type(r), type), words);
}

/* Warn of a record that means nothing but at the apex.  That of a delegation is
 * never given out, of which there is another warning. */
static void
check_place(struct zone_builder *b, const struct zone_node *node,
    const struct zone_record *r)
{
	const char *source = rdata_apex(record_type(r), record_rdata(r));
	char name[NAME_TEXT], type[TYPE_TEXT];
	struct mark at = record_mark(r);

	if (source != NULL && !(node->flags & (NODE_APEX | NODE_CUT)) &&
	    check_warning(b))
		errbuf_warn(b->eb, &at,
		    "%s %s: means nothing but at the apex of a zone %s",
		    name_format(node->name, name),
		    type_text(record_type(r), type), source);
}

/* The records of a node: what each names, what is beside it, where it is. */
static void
check_hosts(struct zone_builder *b, uint32_t number)
{
	const struct zone_node *node = &b->zone->nodes[number];
	const struct zone_record *r;

	if (node->flags & NODE_OCCLUDED)
		return;
	for (r = node_first(b, number); r != NULL; r = node_next(b, r)) {
		const uint8_t *target =
		    rdata_host(record_type(r), record_rdata(r));

		if (target != NULL)
			check_host(b, node, r, target);
		target = rdata_target(record_type(r), record_rdata(r));
		if (target != NULL)
			check_target(b, node, r, target);
		check_alone(b, node, r);
		check_place(b, node, r);
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
	copy = arena_alloc(zone->arena, sizeof(*copy));
	image = arena_bytes(zone->arena, soa->size);
	if (copy == NULL || image == NULL) {
		check_no_memory(b);
		return;
	}
	memcpy(image, soa->image, soa->size);
	minimum = wire_get32(image + soa->size - 4);
	*copy = *soa;
	copy->image = image;
	if (minimum < copy->ttl_s)
		copy->ttl_s = minimum;
	wire_put32(image + 6, copy->ttl_s);
	zone_builder_compress(b, zone_apex(zone), copy);
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

/* A node adds what its name and its records are. */
static void
add_hash(struct zone *zone, const struct zone_node *node)
{
	uint64_t h = hash_bytes(node->name, node->name_len, 0);

	for (uint16_t i = 0; i < node->n_rrsets; i++)
		h = hash_bytes(node->rrsets[i].image, node->rrsets[i].size, h);
	if (node->n_rrsets > 0)
		zone->hash += h;
}

/* Each step needs what the one before found out of every node. */
static void
check_all(struct zone_builder *b)
{
	zone_builder_hints(b);
	for (uint32_t i = 0; i < b->n_nodes; i++) {
		zone_builder_rrsets(b, &b->zone->nodes[i], node_first(b, i));
		check_node(b, i);
	}
	check_apex(b);
	for (uint32_t i = 0; i < b->n_nodes; i++) {
		const struct zone_node *node = &b->zone->nodes[i];

		hide(b, i);
		if (node->n_rrsets > 0 || node->service != ZONE_NO_SERVICE)
			b->zone->names++;
		add_hash(b->zone, node);
	}
	make_negative(b);
	zone_builder_signed(b);
	check_services(b);
	for (uint32_t i = 0; i < b->n_nodes; i++)
		check_hosts(b, i);
	report_rest(b);
}

struct zone *
zone_builder_finish(struct zone_builder *b, struct errbuf *eb)
{
	struct zone *zone = b->zone;
	struct zone_node *nodes;

	b->eb = eb;
	/* There will be no more, and from here on they stay where they are. */
	nodes = realloc(zone->nodes, b->n_nodes * sizeof(*nodes));
	if (nodes != NULL)
		zone->nodes = nodes;
	check_all(b);
	if (b->errors == 0)
		b->zone = NULL;
	else
		zone = NULL;
	zone_builder_destroy(b);
	return zone;
}
