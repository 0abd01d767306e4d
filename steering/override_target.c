/*
 * Compares targets with the names of a policy.  Called when overrides are said,
 * listed or laid over health; never for a query.
 */
#include "steering/override_target.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

/* "ZONE/POOL/ENDPOINT" */
#define PATH_MAX_LEN (STATE_ZONE + 2 * STATE_NAME)

static const char *const words[TARGET_KINDS] = {
    [TARGET_REGION] = "region",
    [TARGET_POOL] = "pool",
    [TARGET_ENDPOINT] = "endpoint",
    [TARGET_SERVICE] = "service",
};

const char *
override_target_word(enum target_kind kind)
{
	return words[kind];
}

enum target_kind
override_target_kind(const char *word)
{
	unsigned kind = 0;

	while (kind < TARGET_KINDS && strcmp(word, words[kind]) != 0)
		kind++;
	return (enum target_kind)kind;
}

bool
override_target_region(const char *name, const char *region)
{
	return fnmatch(name, region, 0) == 0;
}

/* The glob means ${path}, or what is behind a slash of it; its stars mean no
 * slash. */
static bool
means_path(const char *name, const char *path)
{
	while (fnmatch(name, path, FNM_PATHNAME) != 0) {
		path = strchr(path, '/');
		if (path == NULL)
			return false;
		path++;
	}
	return true;
}

/* "zone/pool" to ${path}, and to that "/endpoint" where there is one; the zone
 * as it is stored. */
static void
write_path(char path[PATH_MAX_LEN], const char *zone, const char *pool,
    const char *endpoint)
{
	char folded[STATE_ZONE];

	(void)snprintf(folded, sizeof(folded), "%s", zone);
	endpoint_key_fold(folded);
	(void)snprintf(path, PATH_MAX_LEN, "%s/%s%s%s", folded, pool,
	    endpoint != NULL ? "/" : "", endpoint != NULL ? endpoint : "");
}

bool
override_target_pool(const char *name, const char *zone, const char *pool)
{
	char path[PATH_MAX_LEN];

	write_path(path, zone, pool, NULL);
	return means_path(name, path);
}

bool
override_target_endpoint(const char *name, const struct endpoint_key *key)
{
	char path[PATH_MAX_LEN];

	write_path(path, key->zone, key->pool, key->endpoint);
	return means_path(name, path);
}

bool
override_target_name(const char *name, const char *service)
{
	return fnmatch(name, service, FNM_CASEFOLD) == 0;
}

bool
override_target_service(const char *name, const struct policy_service *service)
{
	char full[STATE_ZONE];
	size_t len = strlen(service->name);

	(void)snprintf(full, sizeof(full), "%.*s",
	    (int)(len > 1 ? len - 1 : len), service->name);
	return override_target_name(name, full);
}

/* Whether ${service}, or one inside it, at most STEERING_MAX_DEPTH deep, has
 * the pool of ${key}. */
static bool
has_pool(const struct policy_service *service, const struct endpoint_key *key)
{
	for (unsigned m = 0; m < service->n_members; m++) {
		const struct policy_pool *pool = &service->members[m].pool;

		if (pool->nested != NULL ? has_pool(pool->nested, key)
					 : strcmp(pool->name, key->pool) == 0)
			return true;
	}
	return false;
}

/* Whether a service that ${name} means, of the zone of ${key}, has it. */
static bool
of_service(const struct policy *policy, const char *name,
    const struct endpoint_key *key)
{
	for (size_t i = 0; i < policy->n_zones; i++) {
		const struct policy_zone *zone = &policy->zones[i];

		if (zone->config == NULL || strcmp(zone->name, key->zone) != 0)
			continue;
		for (size_t k = 0; k < zone->n_services; k++)
			if (override_target_service(name, &zone->services[k]) &&
			    has_pool(&zone->services[k], key))
				return true;
	}
	return false;
}

static bool
means(const struct policy *policy, enum target_kind kind, const char *name,
    const struct policy_endpoint *e)
{
	switch (kind) {
	case TARGET_REGION:
		return override_target_region(
		    name, policy->regions[e->region].name);
	case TARGET_POOL:
		return override_target_pool(name, e->key.zone, e->key.pool);
	case TARGET_ENDPOINT:
		return override_target_endpoint(name, &e->key);
	case TARGET_SERVICE:
		return of_service(policy, name, &e->key);
	case TARGET_KINDS:
	default:
		return false;
	}
}

/* The same pool: they follow each other, and what means one by its pool means
 * all of them. */
static bool
same_pool(const struct policy_endpoint *a, const struct policy_endpoint *b)
{
	return a->key.zone == b->key.zone && a->key.pool == b->key.pool;
}

size_t
override_target_endpoints(const struct policy *policy, enum target_kind kind,
    const char *name, bool *reached)
{
	const struct policy_endpoint *e = policy->endpoints;
	bool by_pool = kind == TARGET_POOL || kind == TARGET_SERVICE;
	bool it = false;
	size_t n = 0;

	for (size_t i = 0; i < policy->n_endpoints; i++) {
		if (!by_pool || i == 0 || !same_pool(&e[i], &e[i - 1]))
			it = means(policy, kind, name, &e[i]);
		if (!it)
			continue;
		reached[i] = true;
		n++;
	}
	return n;
}
