/*
 * Failovers of traffic: endpoints that left the answers of services, or came
 * back.  Called by the control thread through traffic.h; decides nothing.
 */
#include <string.h>
#include <strings.h>

#include "node/traffic_private.h"

/* Services of one pool of which it is told that an endpoint left it. */
#define POOL_USERS 256

static bool
has_pool(const struct policy_service *service, const char *pool)
{
	for (unsigned m = 0; m < service->n_members; m++)
		for (unsigned k = 0; k <= service->members[m].n_alternates; k++)
			if (strcmp(policy_chosen(service, m, k)->name, pool) ==
			    0)
				return true;
	return false;
}

/* The services that have a pool, as far as there is room: endpoints of one pool
 * follow each other, and a site may lose thousands at once. */
struct users {
	const struct endpoint_key *key; /* of an endpoint of the pool */
	const char *service[POOL_USERS];
	size_t n;
};

static void
find_users(const struct policy *policy, const struct endpoint_key *key,
    struct users *users)
{
	if (users->key != NULL && strcmp(users->key->pool, key->pool) == 0 &&
	    strcmp(users->key->zone, key->zone) == 0)
		return;
	users->key = key;
	users->n = 0;
	for (size_t z = 0; z < policy->n_zones; z++) {
		const struct policy_zone *zone = &policy->zones[z];

		if (zone->config == NULL ||
		    strcasecmp(zone->name, key->zone) != 0)
			continue;
		for (size_t s = 0;
		     s < zone->n_services && users->n < POOL_USERS; s++)
			if (has_pool(&zone->services[s], key->pool))
				users->service[users->n++] =
				    zone->services[s].name;
	}
}

void
traffic_changed(struct traffic *t, const struct policy *policy,
    const struct live *before, const struct live *now, int64_t wall_ms)
{
	struct users users = {.n = 0};

	traffic_enter(t);
	for (size_t e = 0; t->open != NULL && e < policy->n_endpoints; e++) {
		const struct endpoint_key *key = &policy->endpoints[e].key;
		bool was = before->endpoint[e] >= USABLE_UNCHECKED;
		bool is = now->endpoint[e] >= USABLE_UNCHECKED;
		struct history_failover row = {.pool = key->pool,
		    .endpoint = key->endpoint,
		    .back = is,
		    .wall_ms = wall_ms};

		if (was == is || policy->endpoints[e].weight == 0)
			continue;
		find_users(policy, key, &users);
		for (size_t i = 0; i < users.n; i++) {
			row.service = users.service[i];
			traffic_batch_failover(t->open, &row);
		}
	}
	traffic_leave(t);
}
