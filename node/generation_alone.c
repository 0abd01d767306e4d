/*
 * What is controlled by each name server for itself, in a zone that has
 * several: they would drift apart.  Called by generation_check(); changes
 * nothing.
 */
#include "node/generation.h"

#include "dns/wire/name.h"
#include "dns/wire/protocol.h"

static void
warn(const struct generation *g, size_t zone, const struct mark *at,
    const char *kind, const char *name, const char *what, struct errbuf *eb)
{
	const struct rrset *servers =
	    zone_node_rrset(zone_apex_node(g->zone[zone]), TYPE_NS);
	char apex[NAME_TEXT];

	if (servers == NULL || servers->count < 2)
		return;
	errbuf_warn(eb, at,
	    "%s \"%s\": its %s is controlled by each name server for itself, "
	    "and %s has %u: they drift apart.  Say \"alone: true\" in %s where "
	    "this is meant",
	    kind, name, what, name_format(zone_apex(g->zone[zone]), apex),
	    servers->count, g->config->path);
}

void
generation_check_alone(const struct generation *g, struct errbuf *eb)
{
	/* Nodes that share have one controller. */
	bool one = g->config->alone || g->config->share.n_etcd > 0;

	for (size_t i = 0; i < g->n_zones && !one; i++) {
		const struct steering_config *c = g->steering[i];

		for (size_t s = 0; c != NULL && s < c->n_services; s++)
			if (c->services[s].ramp != NULL)
				warn(g, i, &c->services[s].ramp->at, "service",
				    c->services[s].name, "ramp", eb);
		for (size_t p = 0; c != NULL && p < c->n_pools; p++)
			if (c->pools[p].spill.wanted)
				warn(g, i, &c->pools[p].at, "pool",
				    c->pools[p].name, "spill", eb);
	}
}
