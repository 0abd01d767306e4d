/*
 * Finds names in a zone by hashing: the name itself first, then its ancestors.
 * Called by respond() and explain; at most one hash a label.
 */
#include "dns/lookup.h"

#include <string.h>

#include "dns/name.h"
#include "dns/protocol.h"

/* The topmost delegation or DNAME at or above ${name}, which hides it. */
static const struct zone_node *
hiding_node(const struct zone *zone, const uint8_t *name, size_t len)
{
	const struct zone_node *top = NULL;
	size_t apex_len = name_length(zone_apex(zone));

	while (len > apex_len) {
		const struct zone_node *node =
		    zone_find(zone, name, len, name_hash(name, len));

		if (node != NULL && !(node->flags & NODE_OCCLUDED) &&
		    ((node->flags & NODE_CUT) ||
			zone_node_rrset(node, TYPE_DNAME) != NULL))
			top = node;
		len -= name[0] + 1u;
		name += name[0] + 1;
	}
	if (top == NULL && zone_node_rrset(zone_apex_node(zone), TYPE_DNAME))
		top = zone_apex_node(zone);
	return top;
}

static enum lookup_kind
hidden(const struct zone *zone, const uint8_t *name, size_t len,
    const struct zone_node *found, const struct zone_node **node)
{
	const struct zone_node *top = hiding_node(zone, name, len);

	if (top == NULL) {
		*node = found;
		return LOOKUP_NXDOMAIN;
	}
	*node = top;
	return (top->flags & NODE_CUT) ? LOOKUP_CUT : LOOKUP_DNAME;
}

/* The child "*" of the closest encloser. */
static const struct zone_node *
wildcard_below(const struct zone *zone, const struct zone_node *encloser)
{
	uint8_t name[NAME_MAX_WIRE];
	size_t len = encloser->name_len + 2u;

	if (len > sizeof(name))
		return NULL;
	name[0] = 1;
	name[1] = '*';
	memcpy(name + 2, encloser->name, encloser->name_len);
	return zone_find(zone, name, len, name_hash(name, len));
}

enum lookup_kind
lookup_name(const struct zone *zone, const uint8_t *lower, size_t len,
    const struct zone_node **node)
{
	const uint8_t *name = lower;
	size_t rest = len;
	const struct zone_node *n =
	    zone_find(zone, name, rest, name_hash(name, rest));

	if (n != NULL && !(n->flags & (NODE_CUT | NODE_OCCLUDED))) {
		*node = n;
		return LOOKUP_FOUND;
	}
	/* The apex is always there, so the walk ends. */
	while (n == NULL && name[0] != 0) {
		rest -= name[0] + 1u;
		name += name[0] + 1;
		n = zone_find(zone, name, rest, name_hash(name, rest));
	}
	if (n == NULL) {
		*node = zone_apex_node(zone);
		return LOOKUP_NXDOMAIN;
	}
	if (n->flags & NODE_CUT && !(n->flags & NODE_OCCLUDED)) {
		*node = n;
		return LOOKUP_CUT;
	}
	if (n->flags & NODE_OCCLUDED || zone_node_rrset(n, TYPE_DNAME) != NULL)
		return hidden(zone, lower, len, n, node);
	*node = n;
	if (!(n->flags & NODE_WILDCARD))
		return LOOKUP_NXDOMAIN;
	n = wildcard_below(zone, n);
	if (n == NULL)
		return LOOKUP_NXDOMAIN;
	*node = n;
	return LOOKUP_WILDCARD;
}
