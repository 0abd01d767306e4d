/*
 * Finds names in a zone: the closest name that exists, then the delegation or
 * DNAME that hides the one asked for, or the wildcard that answers for it.
 * Called for each name of an answer and by explain; its work is bounded by the
 * depth of the zone.
 */
#include "dns/zone/lookup.h"

#include "dns/wire/name.h"
#include "dns/wire/protocol.h"

/*
 * The closest name at or above ${lower} that nothing hides.  All that a
 * delegation or a DNAME hides is marked, so the first that is not is the one
 * that hides it.
 */
static const struct zone_node *
visible(const struct zone *zone, const uint8_t *lower, size_t len)
{
	const struct zone_node *node = zone_closest(zone, lower, len);

	while (node->flags & NODE_OCCLUDED)
		node = zone_closest(zone, name_parent(node->name),
		    node->name_len - (node->name[0] + 1u));
	return node;
}

enum lookup_kind
lookup_name(const struct zone *zone, const uint8_t *lower, size_t len,
    const struct zone_node **node)
{
	const struct zone_node *n = visible(zone, lower, len);

	*node = n;
	if (n->flags & NODE_CUT)
		return LOOKUP_CUT;
	if (n->name_len == len)
		return LOOKUP_FOUND;
	if (zone_node_rrset(n, TYPE_DNAME) != NULL)
		return LOOKUP_DNAME;
	if (!(n->flags & NODE_WILDCARD))
		return LOOKUP_NXDOMAIN;
	*node = zone_wildcard(zone, n);
	return LOOKUP_WILDCARD;
}
