/*
 * Loads a generation: server file, geography, steering files, zones, maps,
 * policy, in this order.  Called in the background by a reload, and by
 * meridianctl.
 */
#include "steering/generation.h"

#include <stdlib.h>
#include <string.h>

#include "dns/name.h"
#include "dns/protocol.h"
#include "dns/zonefile.h"

void
generation_destroy(struct generation *g)
{
	if (g == NULL)
		return;
	policy_destroy(g->policy);
	map_set_destroy(g->maps);
	zone_set_destroy(g->zones);
	for (size_t i = 0; i < g->n_zones; i++) {
		if (g->zone != NULL)
			zone_destroy((struct zone *)(uintptr_t)g->zone[i]);
		if (g->steering != NULL)
			steering_config_destroy(g->steering[i]);
	}
	free(g->zone);
	free(g->steering);
	geography_destroy(g->geography);
	server_config_destroy(g->config);
	free(g);
}

/* The services' owner names for the zone reader; an array to be freed. */
static int
list_services(const struct steering_config *steering, const uint8_t *apex,
    struct zone_service **out, struct errbuf *eb)
{
	struct zone_service *services;

	services = calloc(steering->n_services + 1, sizeof(*services));
	if (services == NULL)
		return errbuf_error(eb, NULL, "no memory for services");
	if (policy_services(steering, apex, services, eb) != 0) {
		free(services);
		return -1;
	}
	*out = services;
	return 0;
}

/* Read zone ${i}: its steering file, then its records. */
static int
load_zone(struct generation *g, size_t i, struct errbuf *eb)
{
	const struct zone_config *config = &g->config->zones[i];
	struct zone_service *services = NULL;
	uint8_t apex[NAME_MAX_WIRE];
	size_t n = 0;
	int len = name_parse(config->name, NULL, apex);

	if (len < 0)
		return errbuf_error(eb, &config->at,
		    "\"%s\" is not a domain name", config->name);
	name_lower(apex, apex, (size_t)len);
	if (config->steering != NULL) {
		g->steering[i] = steering_config_load(config->steering, eb);
		if (g->steering[i] == NULL ||
		    list_services(g->steering[i], apex, &services, eb) != 0)
			return -1;
		n = g->steering[i]->n_services;
	}
	g->zone[i] = zonefile_load(config->records, apex, services, n, eb);
	free(services);
	return g->zone[i] != NULL ? 0 : -1;
}

static bool
needs_records(const struct policy_service *service)
{
	for (unsigned i = 0; i < service->n_resorts; i++)
		if (service->resorts[i] == RESORT_RECORDS)
			return true;
	return false;
}

/*
 * A family that endpoints have must also be among the records of the last
 * resort: no client may get a NODATA that others do not (RFC 7871, 7.4).
 */
static void
check_records(const struct policy_service *service, const struct zone *zone,
    struct errbuf *eb)
{
	const struct service_config *config =
	    &service->config->services[service->config_index];
	const struct zone_node *node;
	uint8_t name[NAME_MAX_WIRE];
	int len = name_parse(service->name, NULL, name);

	if (len < 0 || !needs_records(service))
		return;
	name_lower(name, name, (size_t)len);
	node = zone_find(zone, name, (size_t)len, name_hash(name, (size_t)len));
	if (node == NULL)
		return;
	if (service->has_ipv4 && zone_node_rrset(node, TYPE_A) == NULL)
		errbuf_error(eb, &config->at,
		    "last_resort: records: the zone file has no A record at "
		    "%s, but endpoints have IPv4 addresses",
		    service->name);
	if (service->has_ipv6 && zone_node_rrset(node, TYPE_AAAA) == NULL)
		errbuf_error(eb, &config->at,
		    "last_resort: records: the zone file has no AAAA record "
		    "at %s, but endpoints have IPv6 addresses",
		    service->name);
}

static void
check_policy(const struct generation *g, struct errbuf *eb)
{
	for (size_t i = 0; i < g->n_zones; i++) {
		const struct policy_zone *zone = &g->policy->zones[i];

		for (size_t k = 0; k < zone->n_services; k++)
			check_records(&zone->services[k], g->zone[i], eb);
	}
}

static int
compile(struct generation *g, const struct policy_targets *targets,
    struct errbuf *eb)
{
	struct policy_input *input = calloc(g->n_zones + 1, sizeof(*input));

	if (input == NULL) {
		errbuf_error(eb, NULL, "no memory for the policy");
		return -1;
	}
	for (size_t i = 0; i < g->n_zones; i++) {
		input[i].zone = g->config->zones[i].name;
		input[i].config = g->steering[i];
	}
	g->zones = zone_set_create(g->zone, g->n_zones);
	g->maps = map_set_create(g->geography);
	if (g->zones == NULL || g->maps == NULL)
		errbuf_error(eb, NULL, "no memory for zones and maps");
	else
		g->policy =
		    policy_build(input, g->n_zones, g->maps, targets, eb);
	free(input);
	return g->policy != NULL ? 0 : -1;
}

/* Read everything; errors of one zone do not hide those of the next. */
static int
load(struct generation *g, const char *path,
    const struct policy_targets *targets, struct errbuf *eb)
{
	int status = 0;

	g->config = server_config_load(path, eb);
	if (g->config == NULL)
		return -1;
	g->n_zones = g->config->n_zones;
	g->steering = calloc(g->n_zones + 1, sizeof(struct steering_config *));
	g->zone = calloc(g->n_zones + 1, sizeof(const struct zone *));
	if (g->steering == NULL || g->zone == NULL)
		return errbuf_error(eb, NULL, "no memory for zones");
	g->geography = geography_load(
	    g->config->geo, g->config->geo_at, g->config->n_geo, eb);
	if (g->geography == NULL)
		status = -1;
	for (size_t i = 0; i < g->n_zones; i++)
		if (load_zone(g, i, eb) != 0)
			status = -1;
	if (status != 0 || compile(g, targets, eb) != 0)
		return -1;
	check_policy(g, eb);
	return errbuf_ok(eb) ? 0 : -1;
}

struct generation *
generation_load(const char *path, const struct policy_targets *targets,
    bool keep_geography, struct errbuf *eb)
{
	struct generation *g = calloc(1, sizeof(*g));

	if (g == NULL) {
		errbuf_error(eb, NULL, "no memory");
		return NULL;
	}
	if (load(g, path, targets, eb) != 0) {
		generation_destroy(g);
		return NULL;
	}
	if (!keep_geography) {
		geography_destroy(g->geography);
		g->geography = NULL;
	}
	return g;
}
