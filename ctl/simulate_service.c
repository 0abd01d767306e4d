/* Finds the service that is simulated and draws its clients.  Called by
 * meridianctl simulate; changes nothing. */
#include "ctl/simulate_service.h"

#include <stdio.h>
#include <string.h>

#include "base/nearest.h"
#include "config/scalar.h"
#include "ctl/simulate_plan.h"
#include "steering/simulate/servers.h"

/* How uneven real networks are, as lognormal distributions. */
#define SIGMA_16 2
#define SIGMA_24 1

static int
no_such(struct errbuf *eb, const char *what, const char *name,
    const struct nearest *nearest)
{
	if (nearest->best != NULL)
		return errbuf_error(eb, NULL,
		    "there is no %s \"%s\"; did you mean \"%s\"?", what, name,
		    nearest->best);
	return errbuf_error(eb, NULL, "there is no %s \"%s\"", what, name);
}

/* --- the service --- */

/* Its regions are those with endpoints that take clients. */
static int
take(struct simulate_service *s, const struct policy *policy,
    const struct policy_zone *zone, const struct policy_service *service,
    struct errbuf *eb)
{
	struct world_config config = {
	    .policy = policy, .zone = zone, .service = service};
	double capacity[STEERING_MAX_REGIONS] = {0};
	struct servers servers;
	int status;

	status = servers_init(&servers, &config, eb);
	for (size_t i = 0; status == 0 && i < servers.n; i++)
		if (!policy->endpoints[servers.all[i].endpoint].standby)
			capacity[servers.all[i].region] +=
			    servers.all[i].capacity;
	servers_finish(&servers);
	if (status != 0)
		return -1;
	*s = (struct simulate_service){.zone = zone, .service = service};
	service_named_text(service, s->name);
	for (uint32_t r = 0; r < zone->config->n_regions; r++) {
		if (capacity[r] <= 0)
			continue;
		s->regions[s->n_regions] = (struct simulated_region){
		    .name = zone->config->regions[r].name,
		    .capacity = capacity[r]};
		s->numbers[s->n_regions++] = r;
	}
	return 0;
}

static int
find_named(struct simulate_service *s, const struct policy *policy,
    const char *name, struct errbuf *eb)
{
	char best[SERVICE_NAMED_TEXT];
	struct service_named found;
	struct nearest nearest;
	size_t n = service_named_find(policy, name, &found);

	if (n > 1)
		return errbuf_error(eb, NULL,
		    "\"%s\" is %s and %s: write the name in full", name,
		    found.service->name, found.other->name);
	if (n == 1)
		return take(s, policy, found.zone, found.service, eb);
	nearest_init(&nearest, name);
	service_named_offer(policy, &nearest, best);
	for (size_t i = 0; plan_name(i) != NULL; i++)
		nearest_offer(&nearest, plan_name(i));
	return no_such(eb, "service or scenario", name, &nearest);
}

/* The first one; what is wrong with others says nothing when one can be. */
static int
find_any(
    struct simulate_service *s, const struct policy *policy, struct errbuf *eb)
{
	static struct errbuf why;
	bool first = true;

	for (size_t z = 0; z < policy->n_zones; z++)
		for (size_t i = 0; i < policy->zones[z].n_services; i++) {
			errbuf_init(&why);
			if (take(s, policy, &policy->zones[z],
				&policy->zones[z].services[i], &why) == 0)
				return 0;
			if (first)
				*eb = why;
			first = false;
		}
	if (first)
		return errbuf_error(eb, NULL, "there is no steered service");
	return -1;
}

int
simulate_service_find(struct simulate_service *s,
    const struct generation *generation, const char *name, struct errbuf *eb)
{
	return name == NULL ? find_any(s, generation->policy, eb)
			    : find_named(s, generation->policy, name, eb);
}

/* --- what it has --- */

int
simulate_service_region(const struct simulate_service *s, const char *name,
    size_t *i, struct errbuf *eb)
{
	struct nearest nearest;
	size_t most = 0;

	nearest_init(&nearest, name != NULL ? name : "");
	for (size_t r = 0; r < s->n_regions; r++) {
		if (s->regions[r].demand > s->regions[most].demand)
			most = r;
		if (name == NULL)
			continue;
		nearest_offer(&nearest, s->regions[r].name);
		if (strcmp(s->regions[r].name, name) == 0) {
			*i = r;
			return 0;
		}
	}
	if (name != NULL)
		return no_such(eb, "region of the service", name, &nearest);
	*i = most;
	return 0;
}

int
simulate_service_pool(const struct simulate_service *s, const char *name,
    uint32_t *i, struct errbuf *eb)
{
	const struct policy_service *service = s->service;
	struct nearest nearest;
	uint32_t last = 0;

	if (service->n_members < 2)
		return errbuf_error(eb, NULL,
		    "%s has one pool: a ramp is between pools of a split",
		    s->name);
	nearest_init(&nearest, name != NULL ? name : "");
	for (uint32_t m = 0; m < service->n_members; m++) {
		const struct policy_member *member = &service->members[m];

		if (member->weight > 0)
			last = m;
		if (name == NULL)
			continue;
		nearest_offer(&nearest, member->pool.name);
		if (strcmp(member->pool.name, name) == 0) {
			*i = m;
			return 0;
		}
	}
	if (name != NULL)
		return no_such(eb, "pool of the service", name, &nearest);
	*i = last;
	return 0;
}

/* Of the servers that clients of the service come to. */
static const struct server *
find_server(const struct servers *servers, const struct policy *policy,
    const char *name, uint32_t region, struct nearest *nearest)
{
	for (size_t i = 0; i < servers->n; i++) {
		const struct server *server = &servers->all[i];
		const char *own =
		    policy->endpoints[server->endpoint].key.endpoint;

		if (name == NULL ? server->region == region
				 : strcmp(own, name) == 0)
			return server;
		nearest_offer(nearest, own);
	}
	return NULL;
}

int
simulate_service_endpoint(const struct simulate_service *s,
    const struct policy *policy, const char *name, uint32_t region, uint32_t *i,
    struct errbuf *eb)
{
	struct world_config config = {
	    .policy = policy, .zone = s->zone, .service = s->service};
	const struct server *server;
	struct servers servers;
	struct nearest nearest;
	int status;

	nearest_init(&nearest, name != NULL ? name : "");
	status = servers_init(&servers, &config, eb);
	server = status != 0
	    ? NULL
	    : find_server(&servers, policy, name, region, &nearest);
	if (server != NULL)
		*i = server->endpoint;
	else if (status == 0)
		status = no_such(eb, "endpoint of the service",
		    name != NULL ? name : "", &nearest);
	servers_finish(&servers);
	return status;
}

/* --- its clients --- */

/* Any of its pools, or of those of the services inside it, which are no more
 * than STEERING_MAX_DEPTH deep. */
static bool
has_spill(
    const struct steering_config *config, const struct policy_service *service)
{
	bool spills = false;

	for (size_t m = 0; m < service->n_members; m++) {
		const struct policy_pool *pool = &service->members[m].pool;

		if (pool->nested != NULL)
			spills |= has_spill(config, pool->nested);
		for (size_t p = 0; p < config->n_pools; p++)
			spills |= config->pools[p].spill.wanted &&
			    strcmp(config->pools[p].name, pool->name) == 0;
	}
	return spills;
}

/* What makes a picture that is true and perhaps not what was meant. */
static void
warn(const struct simulate_service *s, const struct generation *generation,
    struct errbuf *eb)
{
	/* Number 0 is the unknown place. */
	if (geography_places(generation->geography) <= 1)
		errbuf_warn(eb, NULL,
		    "no geography: no client has a place, and all are sent as "
		    "those of whom nothing is known; name a database in geo");
	if (!has_spill(s->zone->config, s->service))
		errbuf_warn(eb, NULL,
		    "no pool of %s has spill: its load moves nobody", s->name);
}

/* One of a list, "us-east=30%" of ${len} characters. */
static int
read_share(const struct simulate_service *s, const char *text, size_t len,
    double *near, struct errbuf *eb)
{
	const char *equals = memchr(text, '=', len);
	char name[256], share[64];
	size_t i = 0;
	uint32_t ppm;

	if (equals == NULL || (size_t)(equals - text) >= sizeof(name) ||
	    len - (size_t)(equals - text) > sizeof(share))
		return errbuf_error(eb, NULL,
		    "--demand \"%.*s\": REGION=SHARE is accepted, with commas "
		    "between: us-east=30%%,eu-west=70%%",
		    (int)len, text);
	snprintf(name, sizeof(name), "%.*s", (int)(equals - text), text);
	snprintf(share, sizeof(share), "%.*s",
	    (int)(len - (size_t)(equals - text) - 1), equals + 1);
	if (simulate_service_region(s, name, &i, eb) != 0)
		return -1;
	if (scalar_parse_share(share, 1000000, &ppm) != 0)
		return errbuf_error(eb, NULL,
		    "--demand %s=\"%s\": a share, from 0%% to 100%%, is "
		    "accepted",
		    name, share);
	near[s->numbers[i]] = ppm / 1e6;
	return 0;
}

/* Regions that are not named have no clients of their own. */
static int
read_demand(const struct simulate_service *s, const char *list, double *near,
    struct errbuf *eb)
{
	double sum = 0;

	while (*list != '\0') {
		size_t len = strcspn(list, ",");

		if (read_share(s, list, len, near, eb) != 0)
			return -1;
		list += len;
		list += *list == ',';
	}
	for (size_t i = 0; i < STEERING_MAX_REGIONS; i++)
		sum += near[i];
	if (sum < 0.9999 || sum > 1.0001)
		return errbuf_error(eb, NULL,
		    "--demand: the shares come to %.4g%%, and not to 100%%",
		    100 * sum);
	return 0;
}

/* Usual demand of the clients that a region is the first for. */
static void
sum_demand(struct simulate_service *s, double level)
{
	double parts[STEERING_MAX_REGIONS + 1] = {0}, capacity = 0;
	const struct population *p = s->population;

	for (size_t i = 0; i < p->n_networks; i++) {
		uint8_t near = p->networks[i].near;

		parts[near < STEERING_MAX_REGIONS ? near
						  : STEERING_MAX_REGIONS] +=
		    (double)p->networks[i].demand;
	}
	for (size_t r = 0; r < s->n_regions; r++)
		capacity += s->regions[r].capacity;
	for (size_t r = 0; r < s->n_regions; r++)
		s->regions[r].demand = parts[s->numbers[r]] /
		    (double)POPULATION_WHOLE * capacity * level;
}

int
simulate_service_populate(struct simulate_service *s,
    const struct generation *generation, const struct simulate_options *o,
    struct errbuf *eb)
{
	double near[STEERING_MAX_REGIONS] = {0};
	struct population_config config = {
	    .seed = o->seed,
	    .resolvers = o->resolvers,
	    .zipf = o->zipf / 1e6,
	    .forwarding = o->subnets,
	    .networks = o->networks,
	    .stretched = o->stretch / 1e6,
	    .stretched_s = o->stretch_s,
	    .sigma_16 = o->uneven ? SIGMA_16 : 0,
	    .sigma_24 = o->uneven ? SIGMA_24 : 0,
	};

	if (o->demand != NULL) {
		if (read_demand(s, o->demand, near, eb) != 0)
			return -1;
		config.near = near;
	}
	s->population =
	    population_create(&config, generation->geography, s->service, eb);
	if (s->population == NULL)
		return -1;
	sum_demand(s, o->load / 1e6);
	warn(s, generation, eb);
	return 0;
}

void
simulate_service_finish(struct simulate_service *s)
{
	population_destroy(s->population);
	s->population = NULL;
}
