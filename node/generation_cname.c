/*
 * Checks where the CNAMEs of services lead to, as far as that is in zones of
 * this node.  Called by generation_check(); asks no other server.
 */
#include "node/generation.h"

#include "dns/wire/name.h"
#include "dns/wire/protocol.h"
#include "dns/zone/lookup.h"

/* CNAMEs of zone files that are followed, as many as in an answer. */
#define MAX_CHAIN 11

/* A service of CNAMEs. */
struct led {
	const struct generation *g;
	struct errbuf *eb;
	size_t zone;    /* its number */
	size_t service; /* its number in the zone */
};

enum end { END_FINE, END_SELF, END_ABSENT, END_EMPTY };

static bool
has_address(const struct zone_node *node)
{
	return zone_node_rrset(node, TYPE_A) != NULL ||
	    zone_node_rrset(node, TYPE_AAAA) != NULL;
}

/* Where the lower case name ${name} comes to; when it is a CNAME of a zone
 * file, where that leads is written there instead, and true. */
static bool
step(const struct led *l, uint8_t name[NAME_MAX_WIRE], enum end *end)
{
	const struct zone_node *node;
	const struct rrset *cname;
	size_t len = name_length(name);
	uint32_t number;
	const struct zone *zone =
	    zone_table_find(l->g->zones, name, len, &number);
	enum lookup_kind kind;

	*end = END_FINE;
	if (zone == NULL || !zone_available(zone))
		return false;
	kind = lookup_name(zone, name, len, &node);
	if (kind == LOOKUP_NXDOMAIN)
		*end = END_ABSENT;
	if (kind != LOOKUP_FOUND && kind != LOOKUP_WILDCARD)
		return false;
	if (node->service != ZONE_NO_SERVICE) {
		if (number == l->zone && node->service == l->service)
			*end = END_SELF;
		return false;
	}
	cname = zone_node_rrset(node, TYPE_CNAME);
	if (cname == NULL) {
		*end = has_address(node) ? END_FINE : END_EMPTY;
		return false;
	}
	name_lower(name, cname->image + RECORD_FIXED,
	    name_length(cname->image + RECORD_FIXED));
	return true;
}

static void
check_target(const struct led *l, const struct endpoint_config *e)
{
	const char *service =
	    l->g->policy->zones[l->zone].services[l->service].name;
	uint8_t name[NAME_MAX_WIRE];
	enum end end = END_FINE;
	int len = name_parse(e->cname, NULL, name);

	if (len < 0)
		return;
	name_lower(name, name, (size_t)len);
	for (unsigned i = 0; i < MAX_CHAIN && step(l, name, &end); i++)
		continue;
	if (end == END_SELF)
		errbuf_error(l->eb, &e->at,
		    "endpoint \"%s\": cname: %s leads back to the service %s",
		    e->name, e->cname, service);
	else if (end != END_FINE)
		errbuf_warn(l->eb, &e->at,
		    "endpoint \"%s\": cname: %s is of a zone that is served "
		    "here, where %s",
		    e->name, e->cname,
		    end == END_ABSENT ? "there is no such name"
				      : "it has no A or AAAA record");
}

static void
check_service(const struct led *l, const struct steering_config *config)
{
	const struct service_config *service = &config->services[l->service];

	for (size_t i = 0; i < service->n_split; i++) {
		const struct pool_config *pool =
		    &config->pools[service->split[i].pool];

		for (size_t k = 0; k < pool->n_endpoints; k++)
			if (pool->endpoints[k].cname != NULL)
				check_target(l, &pool->endpoints[k]);
	}
}

void
generation_check_cnames(const struct generation *g, struct errbuf *eb)
{
	struct led l = {.g = g, .eb = eb};

	for (l.zone = 0; l.zone < g->n_zones; l.zone++) {
		const struct steering_config *config = g->steering[l.zone];
		size_t n = config != NULL ? config->n_services : 0;

		for (l.service = 0; l.service < n; l.service++)
			if (config->services[l.service].cname)
				check_service(&l, config);
	}
}
