/*
 * Suggests a service for a name that is none.  Called by explain; decides
 * nothing.
 */
#include "node/suggest.h"

#include <stdio.h>
#include <string.h>

#include "base/nearest.h"
#include "dns/zone/lookup.h"

/* Zones and services that are looked at: a slip is found in milliseconds or
 * not at all. */
#define LOOKED_AT 10000

/* Is ${name} followed by the name of zone ${i} a service?  It goes to ${out}
 * then.  ${len} octets of ${name} are before its root. */
static bool
try_zone(const struct generation *g, size_t i, const uint8_t *name, size_t len,
    char out[NAME_TEXT])
{
	const uint8_t *apex = zone_apex(g->zone[i]);
	size_t apex_len = name_length(apex);
	const struct zone_node *node;
	uint8_t whole[NAME_MAX_WIRE];

	if (len + apex_len > NAME_MAX_WIRE)
		return false;
	memcpy(whole, name, len);
	memcpy(whole + len, apex, apex_len);
	if (lookup_name(g->zone[i], whole, len + apex_len, &node) !=
		LOOKUP_FOUND ||
	    node->service == ZONE_NO_SERVICE)
		return false;
	name_format(node->name, out);
	return true;
}

/* The search for the name that is spelled most like the one that is none. */
struct search {
	struct nearest nearest;
	size_t cut; /* octets that all names end in */
	size_t left;
	const char *best;
};

/* Names of one zone are compared without that of the zone: it would make all of
 * them alike. */
static void
offer(struct search *s, const char *name)
{
	unsigned distance = s->nearest.distance;
	bool first = s->nearest.best == NULL;
	size_t len = strlen(name);
	char text[NAME_TEXT];

	if (len <= s->cut)
		return;
	memcpy(text, name, len - s->cut);
	text[len - s->cut] = '\0';
	nearest_offer(&s->nearest, text);
	if (s->nearest.best != NULL &&
	    (first || s->nearest.distance < distance))
		s->best = name;
}

static void
offer_zone(const struct generation *g, size_t i, struct search *s)
{
	const struct policy_zone *zone = &g->policy->zones[i];

	for (size_t k = 0; k < zone->n_services && s->left > 0; k++, s->left--)
		offer(s, zone->services[k].name);
}

bool
suggest_service(const struct generation *g, uint32_t zone, const uint8_t *name,
    char out[NAME_TEXT])
{
	size_t first = zone == UINT32_MAX ? 0 : zone;
	size_t end = zone == UINT32_MAX ? g->n_zones : first + 1;
	struct search s = {.left = LOOKED_AT};
	char text[NAME_TEXT], apex[NAME_TEXT];

	if (end - first > LOOKED_AT)
		end = first + LOOKED_AT;
	for (size_t i = first; i < end; i++)
		if (try_zone(g, i, name, name_length(name) - 1, out))
			return true;
	name_format(name, text);
	if (zone != UINT32_MAX)
		s.cut = strlen(name_format(zone_apex(g->zone[zone]), apex));
	text[strlen(text) - s.cut] = '\0';
	nearest_init(&s.nearest, text);
	for (size_t i = first; i < end; i++)
		offer_zone(g, i, &s);
	if (s.best == NULL)
		return false;
	snprintf(out, NAME_TEXT, "%s", s.best);
	return true;
}
