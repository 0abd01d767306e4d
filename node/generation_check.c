/*
 * Checks what the files of an operator say of one another: services and
 * records, parents and children, rules and databases.  Called by
 * generation_load() when all was read.
 */
#include "node/generation.h"

#include <string.h>

#include "config/steering_resolve.h"
#include "dns/wire/name.h"
#include "dns/wire/protocol.h"
#include "dns/zone/lookup.h"
#include "steering/geo/unmatched.h"

static bool
needs_records(const struct policy_service *service)
{
	for (unsigned i = 0; i < service->n_resorts; i++)
		if (service->resorts[i] == RESORT_RECORDS)
			return true;
	return false;
}

/* Whether the zone file has records at ${node} of any form that endpoints of
 * ${service} have. */
static bool
has_records(const struct policy_service *service, const struct zone_node *node)
{
	for (unsigned form = 0; form < ENDPOINT_FORMS; form++)
		if (service->has[form] &&
		    zone_node_rrset(node, policy_forms[form].type) != NULL)
			return true;
	return false;
}

/*
 * The zone file's records of one form at the name of a service.  As its last
 * resort some must be there; a form that endpoints have and it has not is
 * NODATA while it is in use.  What no client can get is a mistake.
 */
static void
check_form(const struct policy_service *service, const struct zone_node *node,
    unsigned number, struct errbuf *eb)
{
	const struct mark *at =
	    &service->config->services[service->config_index].at;
	const struct policy_form *form = &policy_forms[number];
	bool has = service->has[number];
	bool there = zone_node_rrset(node, form->type) != NULL;
	bool needed = needs_records(service);

	if (needed && !has_records(service, node) && has)
		errbuf_error(eb, at,
		    "last_resort: records: the zone file has no %s record at "
		    "%s, but endpoints have %s",
		    form->record, service->name, form->given);
	else if (needed && has && !there)
		errbuf_warn(eb, at,
		    "last_resort: records: the zone file has no %s record at "
		    "%s, but endpoints have %s: clients get none while it is "
		    "in use",
		    form->record, service->name, form->given);
	if (there && !has)
		errbuf_warn(eb, at,
		    "%s: the zone file's %s records there are never given out: "
		    "no endpoint has an %s address",
		    service->name, form->record, form->name);
	else if (there && !needed)
		errbuf_warn(eb, at,
		    "%s: the zone file's %s records there are never given out: "
		    "last_resort does not name records",
		    service->name, form->record);
}

/* The zone file's records of a form that is the service's own: as its last
 * resort none need be there, since clients ask for addresses without them. */
static void
check_binding(const struct policy_service *service,
    const struct zone_node *node, unsigned number, struct errbuf *eb)
{
	const struct policy_form *form = &policy_forms[number];

	if (service->has[number] && !needs_records(service) &&
	    zone_node_rrset(node, form->type) != NULL)
		errbuf_warn(eb,
		    &service->config->services[service->config_index].at,
		    "%s: the zone file's %s records there are never given out: "
		    "the service makes its own, and last_resort does not name "
		    "records",
		    service->name, form->record);
}

/* Clients that ask for the service are answered by the zone with the longest
 * apex, which may be another one than ${number}, whose steering names it. */
static void
check_service(const struct generation *g, size_t number,
    const struct policy_service *service, struct errbuf *eb)
{
	const struct zone *zone = g->zone[number], *found;
	const struct zone_node *node;
	uint8_t name[NAME_MAX_WIRE];
	char apex[NAME_TEXT];
	int len = name_parse(service->name, NULL, name);
	uint32_t index;

	if (len < 0)
		return;
	name_lower(name, name, (size_t)len);
	found = zone_table_find(g->zones, name, (size_t)len, &index);
	if (found != zone)
		errbuf_error(eb,
		    &service->config->services[service->config_index].at,
		    "service %s: cannot be steered: the zone %s is served here "
		    "too, and answers for it",
		    service->name, name_format(zone_apex(found), apex));
	node = zone_find(zone, name, (size_t)len, name_hash(name, (size_t)len));
	if (node == NULL)
		return;
	for (unsigned form = 0; form < ENDPOINT_FORMS; form++)
		check_form(service, node, form, eb);
	for (unsigned form = ENDPOINT_FORMS; form < FORMS; form++)
		check_binding(service, node, form, eb);
}

static void
check_policy(const struct generation *g, struct errbuf *eb)
{
	for (size_t i = 0; i < g->n_zones; i++) {
		const struct policy_zone *zone = &g->policy->zones[i];

		for (size_t k = 0; k < zone->n_services; k++)
			check_service(g, i, &zone->services[k], eb);
	}
}

/*
 * Where parent and child are both served here the parent still has to delegate
 * the child: the DS of the child is the parent's to answer, and clients of a
 * server that has the parent alone find the child by it.
 */
static void
check_delegations(const struct generation *g, struct errbuf *eb)
{
	char name[NAME_TEXT], above[NAME_TEXT];

	for (size_t i = 0; i < g->n_zones; i++) {
		const struct zone_node *apex = zone_apex_node(g->zone[i]);
		const struct zone *parent = NULL;
		const struct zone_node *node;
		uint32_t number;

		if (apex->name[0] != 0)
			parent =
			    zone_table_find(g->zones, name_parent(apex->name),
				apex->name_len - (apex->name[0] + 1u), &number);
		if (parent == NULL || !zone_available(parent) ||
		    lookup_name(parent, apex->name, apex->name_len, &node) ==
			LOOKUP_CUT)
			continue;
		errbuf_warn(eb, &g->config->zones[i].at,
		    "zone %s: the zone %s is served here too, and does not "
		    "delegate it",
		    name_format(apex->name, name),
		    name_format(zone_apex(parent), above));
	}
}

void
generation_check(const struct generation *g, struct errbuf *eb)
{
	check_policy(g, eb);
	generation_check_cnames(g, eb);
	generation_check_names(g, eb);
	generation_check_alone(g, eb);
	check_delegations(g, eb);
	for (size_t i = 0; i < g->n_zones; i++)
		if (g->steering[i] != NULL) {
			steering_resolve_check(g->config, g->steering[i], eb);
			unmatched_warn(g->geography, g->steering[i], eb);
		}
}
