/*
 * Checks what is particular to a signed zone: its signatures, and a chain that
 * proves what is not there.  Called by zone_builder_finish.c, never while
 * queries are answered.
 */
#include "dns/wire/name.h"
#include "dns/wire/protocol.h"
#include "dns/zone/zone_builder_private_check.h"

/* A zone whose SOA is not signed, but which looks as if it should be. */
static void
check_unsigned(struct zone_builder *b)
{
	char name[NAME_TEXT];
	struct mark at = node_find_mark(b, node_first(b, 0), TYPE_DNSKEY, 0);

	name_format(zone_apex(b->zone), name);
	if (zone_node_rrset(zone_apex_node(b->zone), TYPE_DNSKEY) != NULL &&
	    check_warning(b))
		errbuf_warn(b->eb, &at,
		    "%s: has DNSKEY records, but its SOA is not signed: it is "
		    "served as an unsigned zone",
		    name);
	if (b->n_hashed == 0 || !check_warning(b))
		return;
	at = record_mark(&b->records[b->hashed[0].record]);
	errbuf_warn(b->eb, &at,
	    "%s: its SOA is not signed: NSEC3 records are never given out",
	    name);
}

static void
make_chain(struct zone_builder *b, struct zone_chain *chain)
{
	const struct zone_node *apex = zone_apex_node(b->zone);
	char name[NAME_TEXT];
	struct mark at;

	if (zone_builder_nsec3(b, chain))
		return;
	if (zone_node_rrset(apex, TYPE_NSEC) != NULL) {
		zone_builder_nsec(b, chain);
		return;
	}
	at = node_find_mark(b, node_first(b, 0), TYPE_RRSIG, TYPE_SOA);
	if (check_error(b))
		errbuf_error(b->eb, &at,
		    "%s: is signed, but has neither NSEC nor a usable "
		    "NSEC3PARAM: nothing proves that a name is not there",
		    name_format(apex->name, name));
}

void
zone_builder_signed(struct zone_builder *b)
{
	struct zone *zone = b->zone;
	struct zone_chain *chain;

	if (zone_node_sigs(zone_apex_node(zone), TYPE_SOA) == NULL ||
	    zone->negative == NULL) {
		check_unsigned(b);
		return;
	}
	if (!zone_builder_sigs_start(b))
		return;
	for (uint32_t i = 0; i < b->n_nodes; i++)
		if (!(zone->nodes[i].flags & NODE_OCCLUDED))
			zone_builder_sigs_check(
			    b, &zone->nodes[i], node_first(b, i));
	chain = arena_alloc(zone->arena, sizeof(*chain));
	if (chain == NULL) {
		check_no_memory(b);
		return;
	}
	make_chain(b, chain);
	zone->chain = chain;
	zone_builder_sigs_report(b);
}
