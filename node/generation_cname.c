/*
 * Checks where the CNAMEs of services lead to, as far as that is in zones of
 * this node.  Called by generation_check(); asks no other server.
 */
#include "node/generation.h"

#include "config/nested.h"
#include "dns/wire/name.h"
#include "dns/wire/protocol.h"
#include "dns/zone/lookup.h"

/* CNAMEs of zone files that are followed, as many as in an answer. */
#define MAX_CHAIN 11
/* Services that may lead on to one another, of one that is checked: resolvers
 * follow far fewer. */
#define MAX_LED 64

/* A service, by the number of its zone and its own in that. */
struct spot {
	uint32_t zone, service;
};

/* Whether one service leads back to itself. */
struct walk {
	const struct generation *g;
	struct errbuf *eb;
	/* It, and those that it leads to. */
	struct spot led[MAX_LED];
	size_t n;
	size_t from; /* of these, the one whose endpoints are looked at */
};

enum end { END_ELSEWHERE, END_SERVICE, END_ABSENT, END_EMPTY };

static const struct service_config *
config_of(const struct generation *g, struct spot at)
{
	return &g->steering[at.zone]->services[at.service];
}

static const char *
name_of(const struct generation *g, struct spot at)
{
	return g->policy->zones[at.zone].services[at.service].name;
}

static bool
has_address(const struct zone_node *node)
{
	return zone_node_rrset(node, TYPE_A) != NULL ||
	    zone_node_rrset(node, TYPE_AAAA) != NULL;
}

/* Where the lower case name ${name} comes to, a service to ${at}; when it is a
 * CNAME of a zone file, where that leads is written there instead, and true. */
static bool
step(const struct generation *g, uint8_t name[NAME_MAX_WIRE], enum end *end,
    struct spot *at)
{
	const struct zone_node *node;
	const struct rrset *cname;
	size_t len = name_length(name);
	const struct zone *zone =
	    zone_table_find(g->zones, name, len, &at->zone);
	enum lookup_kind kind;

	*end = END_ELSEWHERE;
	if (zone == NULL || !zone_available(zone))
		return false;
	kind = lookup_name(zone, name, len, &node);
	if (kind == LOOKUP_NXDOMAIN)
		*end = END_ABSENT;
	if (kind != LOOKUP_FOUND && kind != LOOKUP_WILDCARD)
		return false;
	at->service = node->service;
	cname = zone_node_rrset(node, TYPE_CNAME);
	if (node->service != ZONE_NO_SERVICE)
		*end = END_SERVICE;
	else if (cname == NULL && !has_address(node))
		*end = END_EMPTY;
	if (node->service != ZONE_NO_SERVICE || cname == NULL)
		return false;
	name_lower(name, cname->image + RECORD_FIXED,
	    name_length(cname->image + RECORD_FIXED));
	return true;
}

/* The end of what ${e} leads to. */
static enum end
find_end(const struct generation *g, const struct endpoint_config *e,
    struct spot *at)
{
	uint8_t name[NAME_MAX_WIRE];
	enum end end = END_ELSEWHERE;
	int len = name_parse(e->cname, NULL, name);

	if (len < 0)
		return END_ELSEWHERE;
	name_lower(name, name, (size_t)len);
	for (unsigned i = 0; i < MAX_CHAIN && step(g, name, &end, at); i++)
		continue;
	return end;
}

/* Say where ${e} leads to no address. */
static void
warn_end(const struct generation *g, const struct endpoint_config *e,
    struct errbuf *eb)
{
	struct spot at;
	enum end end = find_end(g, e, &at);

	if (end == END_ABSENT || end == END_EMPTY)
		errbuf_warn(eb, &e->at,
		    "endpoint \"%s\": cname: %s is of a zone that is served "
		    "here, where %s",
		    e->name, e->cname,
		    end == END_ABSENT ? "there is no such name"
				      : "it has no A or AAAA record");
}

/* Take the service that ${e} leads to, if it is one of CNAMEs; false when it is
 * the first one. */
static bool
take_end(struct walk *w, const struct endpoint_config *e)
{
	struct spot at;

	if (find_end(w->g, e, &at) != END_SERVICE)
		return true;
	for (size_t i = 0; i < w->n; i++) {
		if (w->led[i].zone != at.zone ||
		    w->led[i].service != at.service)
			continue;
		if (i == 0)
			errbuf_error(w->eb, &e->at,
			    "endpoint \"%s\": cname: %s leads back to the "
			    "service %s%s%s",
			    e->name, e->cname, name_of(w->g, at),
			    w->from > 0 ? ", which leads to " : "",
			    w->from > 0 ? name_of(w->g, w->led[w->from]) : "");
		return i > 0;
	}
	if (w->n < MAX_LED && config_of(w->g, at)->cname)
		w->led[w->n++] = at;
	return true;
}

/* The endpoints of the pools of ${service}, but for those that are services;
 * false when one leads back. */
static bool
take_pools(struct walk *w, const struct steering_config *config,
    const struct service_config *service)
{
	for (size_t i = 0; i < service->n_split; i++) {
		const struct pool_config *pool =
		    &config->pools[service->split[i].pool];

		for (size_t k = 0; k < pool->n_endpoints; k++)
			if (!take_end(w, &pool->endpoints[k]))
				return false;
	}
	return true;
}

/* From service to service, each once; one error will do. */
static void
check_circle(const struct generation *g, struct spot first, struct errbuf *eb)
{
	struct walk w = {.g = g, .eb = eb, .led = {first}, .n = 1};
	const struct service_config *inside[STEERING_MAX_PATHS];

	for (w.from = 0; w.from < w.n; w.from++) {
		const struct spot at = w.led[w.from];
		const struct steering_config *config = g->steering[at.zone];
		const struct service_config *service = config_of(g, at);
		size_t n = nested_services(config, service, inside);

		if (!take_pools(&w, config, service))
			return;
		for (size_t k = 0; k < n; k++)
			if (!take_pools(&w, config, inside[k]))
				return;
	}
}

void
generation_check_cnames(const struct generation *g, struct errbuf *eb)
{
	struct spot at;

	for (at.zone = 0; at.zone < g->n_zones; at.zone++) {
		const struct steering_config *config = g->steering[at.zone];

		for (at.service = 0;
		     config != NULL && at.service < config->n_services;
		     at.service++)
			if (config->services[at.service].cname)
				check_circle(g, at, eb);
		for (size_t i = 0; config != NULL && i < config->n_pools; i++)
			for (size_t k = 0; k < config->pools[i].n_endpoints;
			     k++)
				if (config->pools[i].endpoints[k].cname != NULL)
					warn_end(g,
					    &config->pools[i].endpoints[k], eb);
	}
}
