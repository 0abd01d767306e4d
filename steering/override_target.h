/*
 * The target of an override: which regions, pools, endpoints and services of a
 * policy its name or glob means.  Used where overrides are said, listed and
 * laid over health; decides nothing and changes nothing.
 */
#ifndef STEERING_OVERRIDE_TARGET_H
#define STEERING_OVERRIDE_TARGET_H

#include <stdbool.h>
#include <stddef.h>

#include "steering/policy.h"

/* What the target ${name} is of. */
enum target_kind {
	TARGET_REGION,
	TARGET_POOL,
	TARGET_ENDPOINT,
	TARGET_SERVICE,
	TARGET_KINDS
};

/* word = override_target_word(kind): "region", "pool", "endpoint", "service".
 * override_target_kind(word): the other way; TARGET_KINDS when it is none. */
const char *override_target_word(enum target_kind kind);
enum target_kind override_target_kind(const char *word);

/* means = override_target_region(name, region): the glob ${name} (fnmatch(3))
 * means the region of the name ${region}. */
bool override_target_region(const char *name, const char *region);

/*
 * means = override_target_pool(name, zone, pool): it means ${pool}, by its name
 * or as "ZONE/POOL".
 * means = override_target_endpoint(name, key): it means that endpoint, by its
 * name, as "POOL/ENDPOINT" or "ZONE/POOL/ENDPOINT".
 * means = override_target_service(name, service): it means that service, by its
 * full name without the last dot.
 * Stars mean no slash.  Zones and services are in lower case.
 */
bool override_target_pool(const char *name, const char *zone, const char *pool);
bool override_target_endpoint(const char *name, const struct endpoint_key *key);
bool override_target_service(
    const char *name, const struct policy_service *service);

/* means = override_target_name(name, service): the same of a service by its
 * full name, without the last dot. */
bool override_target_name(const char *name, const char *service);

/*
 * n = override_target_endpoints(policy, kind, name, reached): set true, of the
 * policy->n_endpoints of ${reached}, those that ${name} means; others stay as
 * they were.  Of a region, and of a pool with its standby endpoints, all; of a
 * service all of the pools of its split, with or without a weight, and of the
 * services among them.  Returns how many ${name} means.
 */
size_t override_target_endpoints(const struct policy *policy,
    enum target_kind kind, const char *name, bool *reached);

#endif
