/* Works on requests.  Called by the simulated world. */
#include "steering/simulate/servers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct finder {
	struct servers *servers;
	const struct policy *policy;
	const struct policy_zone *zone;
	struct errbuf *eb;
};

/* What the file says of an endpoint of the policy. */
static const struct endpoint_config *
find_config(const struct policy_zone *zone, const struct policy_endpoint *e)
{
	const struct steering_config *config = zone->config;

	for (size_t p = 0; p < config->n_pools; p++) {
		const struct pool_config *pool = &config->pools[p];

		if (strcmp(pool->name, e->key.pool) != 0)
			continue;
		for (size_t i = 0; i < pool->n_endpoints; i++)
			if (strcmp(pool->endpoints[i].name, e->key.endpoint) ==
			    0)
				return &pool->endpoints[i];
	}
	return NULL;
}

static int
add_server(
    const struct finder *f, uint32_t endpoint, uint32_t group, uint8_t region)
{
	struct servers *s = f->servers;
	const struct policy_endpoint *e = &f->policy->endpoints[endpoint];
	const struct endpoint_config *config = find_config(f->zone, e);

	if (s->of_endpoint[endpoint] != STEERING_NONE)
		return 0;
	if (config == NULL || config->capacity == 0)
		return errbuf_error(f->eb, config != NULL ? &config->at : NULL,
		    "endpoint \"%s\" of pool \"%s\" has no capacity: without "
		    "one nothing can be simulated",
		    e->key.endpoint, e->key.pool);
	s->of_endpoint[endpoint] = (uint32_t)s->n;
	s->all[s->n++] = (struct server){.endpoint = endpoint,
	    .group = group,
	    .region = region,
	    .capacity = config->capacity,
	    .back_s = UINT32_MAX,
	    .speed = 1};
	if (!e->standby)
		s->capacity += config->capacity;
	return 0;
}

static int find_servers(
    const struct finder *f, const struct policy_service *service);

static int
add_pool(const struct finder *f, const struct policy_pool *pool)
{
	int status = 0;

	if (pool->nested != NULL)
		return find_servers(f, pool->nested);
	for (uint8_t r = 0; r < f->zone->config->n_regions; r++) {
		const struct policy_group *g;

		if (pool->group[r] == STEERING_NONE)
			continue;
		g = &f->policy->groups[pool->group[r]];
		for (uint32_t e = g->first; e < g->first + g->n; e++)
			if (add_server(f, e, pool->group[r], r) != 0)
				status = -1;
	}
	return status;
}

/* Of its pools and those of the services inside it, which are no more than
 * STEERING_MAX_DEPTH deep. */
static int
find_servers(const struct finder *f, const struct policy_service *service)
{
	int status = 0;

	for (size_t m = 0; m < service->n_members; m++) {
		const struct policy_member *member = &service->members[m];

		if (add_pool(f, &member->pool) != 0)
			status = -1;
		for (size_t i = 0; i < member->n_alternates; i++)
			if (add_pool(f, &member->alternates[i].pool) != 0)
				status = -1;
	}
	return status;
}

/* Of a change, what comes through in a second. */
static double
part_of(uint32_t over_s)
{
	return over_s > 0 ? 1 - exp(-1.0 / over_s) : 1;
}

int
servers_init(struct servers *servers, const struct world_config *config,
    struct errbuf *eb)
{
	struct finder finder = {servers, config->policy, config->zone, eb};
	size_t n = config->policy->n_endpoints;

	memset(servers, 0, sizeof(*servers));
	servers->all = calloc(n + 1, sizeof(*servers->all));
	servers->of_endpoint = malloc((n + 1) * sizeof(*servers->of_endpoint));
	if (servers->all == NULL || servers->of_endpoint == NULL)
		return errbuf_error(eb, NULL, "no memory for servers");
	memset(servers->of_endpoint, 0xff, (n + 1) * sizeof(uint32_t));
	if (find_servers(&finder, config->service) != 0)
		return -1;
	servers->past =
	    calloc(servers->n * SERVERS_LATE_S + 1, sizeof(*servers->past));
	if (servers->past == NULL)
		return errbuf_error(eb, NULL, "no memory for metrics");
	servers->part = part_of(config->held_s);
	servers->smooth = part_of(config->smooth_s);
	return 0;
}

void
servers_finish(struct servers *servers)
{
	free(servers->all);
	free(servers->of_endpoint);
	free(servers->past);
}

void
servers_second(struct servers *servers)
{
	uint32_t at = servers->seconds++ % SERVERS_LATE_S;

	for (size_t i = 0; i < servers->n; i++) {
		struct server *s = &servers->all[i];
		/* What is slow holds each request for longer. */
		double to = (double)s->demand * servers->unit / s->speed;

		s->load += (to - s->load) * servers->part;
		if (s->down)
			s->load = 0;
		s->seen += (s->load - s->seen) * servers->smooth;
		servers->past[i * SERVERS_LATE_S + at] =
		    s->down ? NAN : (float)s->seen;
	}
}

double
servers_seen(const struct servers *servers, size_t i, uint32_t late_s)
{
	if (late_s >= servers->seconds || late_s >= SERVERS_LATE_S)
		return (double)NAN;
	return (double)servers->past[i * SERVERS_LATE_S +
	    (servers->seconds - 1 - late_s) % SERVERS_LATE_S];
}
