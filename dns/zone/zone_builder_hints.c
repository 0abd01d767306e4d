/*
 * Takes stale address hints (RFC 9460, 7.3) out of the records of a zone that
 * is being built: those of names whose addresses are steered.  Called by
 * zone_builder_finish.c, never by a worker.
 */
#include "dns/zone/zone_builder_private_check.h"

#include <string.h>

#include "dns/wire/name.h"
#include "dns/zone/rdata.h"
#include "dns/zone/type.h"

/*
 * The steered node that the lower case name ${lower} leads to, its own or a
 * wildcard's; NULL when there is none.  What is delegated or below a DNAME is
 * none: a service there is an error.
 */
static const struct zone_node *
steered(const struct zone_builder *b, const uint8_t *lower)
{
	size_t len = name_length(lower);
	const struct zone_node *node;

	if (name_below(lower, zone_apex(b->zone)) == NULL)
		return NULL;
	node = zone_closest(b->zone, lower, len);
	if (node->name_len != len && node->flags & NODE_WILDCARD)
		node = zone_wildcard(b->zone, node);
	else if (node->name_len != len)
		return NULL;
	return node->service != ZONE_NO_SERVICE ? node : NULL;
}

/* The steered node that the record ${r} of ${node} leads to, or NULL.  The root
 * means the record's own name (RFC 9460, 2.5.2). */
static const struct zone_node *
leads_to(const struct zone_builder *b, const struct zone_node *node,
    const struct zone_record *r)
{
	const uint8_t *target = rdata_target(record_type(r), record_rdata(r));
	uint8_t lower[NAME_MAX_WIRE];

	if (target[0] == 0)
		return node->service != ZONE_NO_SERVICE ? node : NULL;
	name_lower(lower, target, name_length(target));
	return steered(b, lower);
}

static void
drop(struct zone_builder *b, const struct zone_node *node,
    const struct zone_record *r)
{
	const char *hints =
	    rdata_hints(record_type(r), record_rdata(r), record_rdata_size(r));
	char name[NAME_TEXT], other[NAME_TEXT], type[TYPE_TEXT];
	const struct zone_node *to;
	struct mark at = record_mark(r);
	bool several;
	size_t size;

	to = hints != NULL ? leads_to(b, node, r) : NULL;
	if (to == NULL)
		return;
	several = strchr(hints, ' ') != NULL;
	if (check_warning(b))
		errbuf_warn(b->eb, &at,
		    "%s %s: its %s %s not given out: clients might use %s in "
		    "place of the addresses to which %s is steered",
		    name_format(node->name, name),
		    type_text(record_type(r), type), hints,
		    several ? "are" : "is", several ? "them" : "it",
		    name_format(to->name, other));
	size = rdata_drop_hints(r->image + RECORD_FIXED, record_rdata_size(r));
	wire_put16(r->image + 10, (uint16_t)size);
}

void
zone_builder_hints(struct zone_builder *b)
{
	for (uint32_t i = 0; b->n_services > 0 && i < b->n_nodes; i++)
		for (const struct zone_record *r = node_first(b, i); r != NULL;
		     r = node_next(b, r))
			drop(b, &b->zone->nodes[i], r);
}
