/*
 * Makes the chain of NSEC records of a signed zone, and checks that it leads
 * from each name to the next (RFC 4034, 4.1.1; RFC 4035, 2.3).  Called by
 * zone_builder_signed.c.
 */
#include "dns/zone/zone_builder_private_check.h"

#include <stdlib.h>

#include "dns/wire/name.h"

static int
by_name(const void *a, const void *b)
{
	const struct zone_nsec *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return name_compare(x->node->name, y->node->name);
}

/* A name with data must be in the chain, or others seem to deny it. */
static void
check_missing(struct zone_builder *b, uint32_t number)
{
	const struct zone_record *first = node_first(b, number);
	char name[NAME_TEXT];
	struct mark at;

	if (first == NULL || !check_error(b))
		return;
	at = record_mark(first);
	errbuf_error(b->eb, &at, "%s: has no NSEC, which others have",
	    name_format(b->zone->nodes[number].name, name));
}

static void
check_link(struct zone_builder *b, const struct zone_node *node,
    const struct zone_node *next)
{
	const struct rrset *set = zone_node_rrset(node, TYPE_NSEC);
	char name[NAME_TEXT], leads[NAME_TEXT], to[NAME_TEXT];
	const uint8_t *target = set->image + RECORD_FIXED;
	struct mark at = node_find_mark(
	    b, node_first(b, (uint32_t)(node - b->zone->nodes)), TYPE_NSEC, 0);

	zone_builder_denials_types(b, node, set, &at);
	zone_builder_denials_ttl(b, node, set, &at);
	if (!name_equal(target, next->name) && check_error(b))
		errbuf_error(b->eb, &at,
		    "%s NSEC: leads to %s, but the next name with an NSEC is "
		    "%s",
		    name_format(node->name, name), name_format(target, leads),
		    name_format(next->name, to));
}

void
zone_builder_nsec(struct zone_builder *b, struct zone_chain *chain)
{
	struct zone *zone = b->zone;
	size_t apex_len = zone->nodes[0].name_len;

	chain->nsec =
	    arena_array(zone->arena, b->n_nodes, sizeof(*chain->nsec));
	if (chain->nsec == NULL) {
		check_no_memory(b);
		return;
	}
	for (uint32_t i = 0; i < b->n_nodes; i++) {
		const struct zone_node *node = &zone->nodes[i];

		if (node->flags & NODE_OCCLUDED)
			continue;
		if (zone_node_rrset(node, TYPE_NSEC) == NULL)
			check_missing(b, i);
		else
			chain->nsec[chain->n_nsec++] =
			    (struct zone_nsec){zone_chain_key(node->name,
						   node->name_len, apex_len),
				node};
	}
	qsort(chain->nsec, chain->n_nsec, sizeof(*chain->nsec), by_name);
	for (uint32_t i = 0; i < chain->n_nsec; i++)
		check_link(b, chain->nsec[i].node,
		    chain->nsec[(i + 1) % chain->n_nsec].node);
}
