/*
 * The parts of the steering file's reader, each with one section of the file.
 * For config/steering*.c alone.
 */
#ifndef CONFIG_STEERING_PARTS_H
#define CONFIG_STEERING_PARTS_H

#include "config/preset_store.h"
#include "config/schema.h"
#include "config/steering.h"

/* What the sections know of each other; the context of the schema. */
struct steering_reader {
	struct steering_config *config;
	struct preset_store *presets; /* that checks may name */
	/* Sections that others refer to, NULL when the file has none.  The
	 * place of an entry in them is its index in the config. */
	const struct yaml_node *networks, *regions, *checks, *pools, *services;
	size_t n_endpoints;     /* over all pools so far */
	uint64_t *pool_regions; /* of each pool: where it has endpoints */
	/* Of each pool: the value of its key "service", or NULL. */
	const struct yaml_node **pool_service;
	struct pool_config *pool_list; /* the pools of the config */
	bool *network_used, *check_used, *pool_used; /* by index */
};

/*
 * Each reads a section to the config of the reader, which is s->context; ${out}
 * is not used.  They are called in this order: a section refers to those before
 * it.
 */
void steering_read_networks(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out);
void steering_read_checks(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out);
void steering_read_pools(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out);
void steering_read_services(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out);

/* The `safety` of a file, to a struct safety_config. */
void steering_read_safety(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *safety);

/* The `clients` of a rule, to the struct clients_config ${clients}. */
void steering_read_clients(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *clients);

/* The `fence` of the struct service_config ${service}. */
void steering_read_fence(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *service);

/* The `rank` of the struct service_config ${service}. */
void steering_read_rank(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *service);

/* The `near_equal` of the struct service_config ${service}. */
void steering_read_near_equal(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *service);

/* The `ramp` of the struct service_config ${service}; steering_settle_ramp(s,
 * value, service): what of it is seen once all of ${service} was read from
 * ${value} without an error, and whether it can walk at all. */
void steering_read_ramp(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *service);
void steering_settle_ramp(struct schema *s, const struct yaml_node *value,
    struct service_config *service);

/* The `cost` of a region or an endpoint, to a struct cost_config. */
void steering_read_cost(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *cost);

/* steering_check_rank(s, value, service, regions): whether the order of
 * ${service}, read from the mapping ${value} without an error, has all
 * ${regions} in which its pools have endpoints, and its bands have a sense. */
void steering_check_rank(struct schema *s, const struct yaml_node *value,
    const struct service_config *service, uint64_t regions);

/* steering_warn_secrecy(s, reader): of a file that was read without an error:
 * say which credentials go over networks of others in plain HTTP. */
void steering_warn_secrecy(
    struct schema *s, const struct steering_reader *reader);

/* steering_warn_costs(s): say that the costs of the file are of no effect. */
void steering_warn_costs(struct schema *s);

/* The `maintenance` of a region, a pool or an endpoint, to a struct
 * maintenance. */
void steering_read_maintenance(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *maintenance);

/* The `keep` of the struct pool_config ${pool}. */
void steering_read_keep(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *pool);

/* steering_check_keep(s, value, pool, regions): whether ${pool}, read from
 * ${value}, has endpoints, those in ${regions}, where it keeps clients. */
void steering_check_keep(struct schema *s, const struct yaml_node *value,
    const struct pool_config *pool, uint64_t regions);

/* The `spill` of a pool, to a struct spill_config. */
void steering_read_spill(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *spill);

/* steering_check_spill(s, value, pool): whether ${pool}, read from ${value}
 * without an error, has all that its `spill` needs. */
void steering_check_spill(struct schema *s, const struct yaml_node *value,
    const struct pool_config *pool);

/*
 * e = steering_find_silent(config, pool): the first endpoint of ${pool} that
 * clients are sent to and whose load no check reads; NULL: none is.
 * steering_check_even(s, value, pool): set whether ${pool}, read from ${value}
 * without an error, is evened out, and warn where that does nothing.
 */
const struct endpoint_config *steering_find_silent(
    const struct steering_config *config, const struct pool_config *pool);
void steering_check_even(
    struct schema *s, const struct yaml_node *value, struct pool_config *pool);

/* steering_check_maintenance(s, pool): warn of windows of ${pool} and its
 * endpoints that nobody would notice. */
void steering_check_maintenance(
    struct schema *s, const struct pool_config *pool);

/* The `trickle` of a pool, to a share in millionths. */
void steering_read_trickle(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *ppm);

/* The `kind` and the `spread` of a struct pool_config; its `origin` is a name
 * until all pools are read. */
extern const struct schema_word steering_kinds[];
void steering_read_kind(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *edge);
void steering_read_origin(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out);

/* steering_check_edge(s, value, pool): whether ${pool}, read from ${value}, may
 * have the keys of an edge pool that it has. */
void steering_check_edge(struct schema *s, const struct yaml_node *value,
    const struct pool_config *pool);

/* steering_settle_origins(s, value, pools): the `origin` of each of ${pools},
 * now that all of ${value} are read. */
void steering_settle_origins(
    struct schema *s, const struct yaml_node *value, struct pool_config *pools);

/* regions = steering_edge_regions(reader, pool): where pool number ${pool} has
 * endpoints, and its origin if it has one. */
uint64_t steering_edge_regions(
    const struct steering_reader *reader, uint32_t pool);

/* steering_settle_edge(s, value, service): the affinity and the TTL of
 * ${service}, where the file, ${value}, is silent. */
void steering_settle_edge(struct schema *s, const struct yaml_node *value,
    struct service_config *service);

/* families = steering_pool_families(config, pool): of its endpoints that are
 * ever picked: bits 0 for IPv4 and 1 for IPv6; 0 where nothing is known of
 * them: for a pool that was not read to its end, or has an endpoint with the
 * addresses of a name. */
unsigned steering_pool_families(
    const struct steering_config *config, const struct pool_config *pool);

/* steering_check_standby(s, value, pool): whether ${pool}, read from ${value}
 * without an error, has the standby endpoints that its keys are about. */
void steering_check_standby(struct schema *s, const struct yaml_node *value,
    const struct pool_config *pool);

/* The `check` of a pool or an endpoint, to a struct check_set. */
void steering_read_check_set(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *set);

/* steering_check_probed(s, pool, name): that each check of each endpoint of
 * ${pool}, which is called ${name}, has something to look at: else it would
 * never be up. */
void steering_check_probed(
    struct schema *s, const struct pool_config *pool, const char *name);

/* The `resolve` of the struct endpoint_config ${endpoint}. */
void steering_read_resolve(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *endpoint);

/* steering_check_resolve(s, value, endpoint): whether ${endpoint}, read from
 * ${value}, has what goes with `resolve`, and with it alone. */
void steering_check_resolve(struct schema *s, const struct yaml_node *value,
    const struct endpoint_config *endpoint);

/* The `ecs` of the struct service_config ${service}. */
void steering_read_ecs(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *service);

/* A domain name in full, to a const char *: canonical, with a last dot. */
void steering_read_domain(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *name);

/* The `https` or `svcb` of a service, to a const struct binding_config *. */
void steering_read_binding(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *binding);

/* steering_check_endpoint(s, value, endpoint): that ${endpoint}, read from
 * ${value}, says in one way what clients are given. */
void steering_check_endpoint(struct schema *s, const struct yaml_node *value,
    const struct endpoint_config *endpoint);

/* ok = steering_check_forms(s, pool): the endpoints of ${pool} all have
 * addresses, or all a cname. */
bool steering_check_forms(struct schema *s, const struct pool_config *pool);

/*
 * steering_check_services(s, services, n): of a file without errors, the same
 * of all pools of each service, and what a service of CNAMEs may not have; says
 * of each which of the two it is.
 */
void steering_check_services(
    struct schema *s, struct service_config *services, size_t n);

/* One prefix, to a struct prefix. */
void steering_read_prefix(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *prefix);

/* steering_warn_split(s, service): say what it costs where the pools of
 * ${service} differ in the families of their endpoints. */
void steering_warn_split(
    struct schema *s, const struct service_config *service);

/*
 * nests = steering_nested_pool(s, value): whether the pool ${value} is a
 * service; what else it has that only endpoints have is an error.
 */
bool steering_nested_pool(struct schema *s, const struct yaml_node *value);

/*
 * steering_nested_find(s, services): find the service of each pool that is one,
 * among ${services} of the file.
 */
void steering_nested_find(struct schema *s, const struct yaml_node *services);

/*
 * ok = steering_nested_check(s): refuse services that nest in a circle, too
 * deep, or with too many ways to pools; else note in which regions the pools
 * that are services have endpoints, and say what of inner services does not
 * count.
 */
bool steering_nested_check(struct schema *s);

/* h = steering_hash(config, root): the hash of steering_config, of a file that
 * was read from ${root}. */
uint64_t steering_hash(
    const struct steering_config *config, const struct yaml_node *root);

/* list = steering_read_region_list(s, value, n): names of regions as indexes,
 * none twice.  NULL after an error in the list itself. */
const uint32_t *steering_read_region_list(
    struct schema *s, const struct yaml_node *value, size_t *n);

#endif
