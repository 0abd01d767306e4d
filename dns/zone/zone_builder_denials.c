/*
 * What is checked of every NSEC and NSEC3 of a signed zone, whichever it is.
 * Called by zone_builder_nsec.c and zone_builder_nsec3.c while a zone is built.
 */
#include "dns/wire/name.h"
#include "dns/wire/protocol.h"
#include "dns/wire/wire.h"
#include "dns/zone/nsec.h"
#include "dns/zone/type.h"
#include "dns/zone/zone_builder_private_check.h"

void
zone_builder_denials_ttl(struct zone_builder *b, const struct zone_node *owner,
    const struct rrset *set, const struct mark *at)
{
	char name[NAME_TEXT], type[TYPE_TEXT];
	uint32_t most = b->zone->negative->ttl_s;

	if (set->ttl_s <= most || b->long_denials)
		return;
	b->long_denials = true;
	if (check_warning(b))
		errbuf_warn(b->eb, at,
		    "%s %s: TTL %lu, but negative answers of the zone live "
		    "%lu seconds (RFC 9077)",
		    name_format(owner->name, name), type_text(set->type, type),
		    (unsigned long)set->ttl_s, (unsigned long)most);
}

/* Of a delegation, what its parent answers for (RFC 4035, 2.3). */
static bool
is_parents(const struct zone_node *node, uint16_t type)
{
	return !(node->flags & NODE_CUT) || type == TYPE_NS ||
	    type == TYPE_DS || type == TYPE_NSEC || type == TYPE_RRSIG;
}

void
zone_builder_denials_types(struct zone_builder *b, const struct zone_node *node,
    const struct rrset *set, const struct mark *at)
{
	char name[NAME_TEXT], kind[TYPE_TEXT], text[TYPE_TEXT];
	const char *words = NULL;
	size_t place = 0;
	struct nsec nsec;
	uint16_t type;

	nsec_read(set->type, set->image + RECORD_FIXED,
	    wire_get16(set->image + 10), &nsec);
	while (words == NULL && nsec_next_type(&nsec, &place, &type))
		if (zone_node_rrset(node, type) == NULL ||
		    !is_parents(node, type))
			words = "names";
	for (unsigned i = 0; words == NULL && i < node->n_rrsets; i++) {
		type = node->rrsets[i].type;
		if (is_parents(node, type) && !nsec_has_type(&nsec, type))
			words = "does not name";
	}
	if (words != NULL && check_warning(b))
		errbuf_warn(b->eb, at, "%s: its %s %s the type %s, which is %s",
		    name_format(node->name, name), type_text(set->type, kind),
		    words, type_text(type, text),
		    words[0] == 'n' ? "not there" : "there");
}
