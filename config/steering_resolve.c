/*
 * The `resolve` of an endpoint: a name whose addresses are its own, as that of
 * a cloud's load balancer.  Called by the readers of pools, and where the zones
 * of the node are known; looks no name up, which meridian-probe does.
 */
#include "config/steering_resolve.h"

#include <stdio.h>
#include <string.h>

#include "config/domain.h"
#include "config/steering_parts.h"

void
steering_read_resolve(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct endpoint_config *endpoint = out;
	char domain[DOMAIN_TEXT];
	const char *name = NULL;

	steering_read_domain(s, value, key, &name);
	if (name == NULL)
		return;
	snprintf(domain, sizeof(domain), "%.*s", (int)strlen(name) - 1, name);
	endpoint->resolve = schema_strdup(s, domain);
}

void
steering_check_resolve(struct schema *s, const struct yaml_node *value,
    const struct endpoint_config *endpoint)
{
	const struct yaml_node *resolve, *check_at, *private;

	if (value->kind != YAML_MAP)
		return;
	resolve = yaml_find(value, "resolve");
	check_at = yaml_find(value, "check_at");
	private = yaml_find(value, "allow_private");
	if (resolve != NULL && check_at != NULL)
		errbuf_error(s->eb, &check_at->key_at,
		    "\"check_at\" and \"resolve\" exclude each other: each "
		    "address of the name is checked itself");
	if (resolve == NULL && private != NULL)
		errbuf_error(s->eb, &private->key_at,
		    "allow_private: is of addresses that a name has, and "
		    "endpoint \"%s\" has no \"resolve\"",
		    endpoint->name != NULL ? endpoint->name : "");
}

const char *
steering_resolve_zone(const struct server_config *server, const char *name)
{
	for (size_t i = 0; i < server->n_zones; i++)
		if (server->zones[i].name != NULL &&
		    domain_inside(name, server->zones[i].name))
			return server->zones[i].name;
	return NULL;
}

void
steering_resolve_check(const struct server_config *server,
    const struct steering_config *steering, struct errbuf *eb)
{
	for (size_t i = 0; i < steering->n_pools; i++) {
		const struct pool_config *pool = &steering->pools[i];

		for (size_t k = 0; k < pool->n_endpoints; k++) {
			const struct endpoint_config *e = &pool->endpoints[k];
			const char *zone = e->resolve == NULL
			    ? NULL
			    : steering_resolve_zone(server, e->resolve);

			if (zone != NULL)
				errbuf_error(eb, &e->at,
				    "resolve: %s lies in the zone %s, which "
				    "this node serves itself: its answers "
				    "would follow from themselves",
				    e->resolve, zone);
		}
	}
}
