/*
 * The policy: every service of every zone compiled for the ladder: pools by
 * region, thresholds, salts, and the prebuilt records of each endpoint.
 * Immutable once built; read by workers.  Refers to its maps; `live` refers to
 * its endpoints and groups by number.
 */
#ifndef STEERING_POLICY_H
#define STEERING_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/errbuf.h"
#include "config/steering.h"
#include "dns/answer/source.h"
#include "state/endpoint_key.h"
#include "steering/geo/map.h"
#include "steering/geo/place.h"
#include "steering/senders.h"

/* A region keeps every client that comes to it. */
#define POLICY_KEEP_ALL UINT64_MAX

/* An outcome that no counter counts: past every slot (answer.outcome). */
#define POLICY_NO_OUTCOME UINT32_MAX

/*
 * Regions have two numbers.  Within its zone one has the small number that the
 * steering file gives it: classes, maps and sets of 64 bits, all that a query
 * reads, know no other.  In the policy regions of one name are one region, of
 * whatever zone: that is the number where zones meet.
 */
struct policy_region {
	const char *name;
	uint64_t hash; /* of the name */
	struct place_point at;
};

/* What a form of answers is called, in zone files and by people. */
struct policy_form {
	uint16_t type;
	const char *record, *name;
	const char *given; /* what endpoints have that have it */
};
extern const struct policy_form policy_forms[FORMS];

/*
 * One endpoint of one pool, once for all services that use the pool.  In the
 * policy those of a pool follow each other by region, then as in the file;
 * after them its standby endpoints do in the same way; those of weight 0, which
 * are never picked and in no group, come last.
 */
struct policy_endpoint {
	struct endpoint_key key;
	uint32_t region; /* in the policy */
	/* Its number among those whose addresses are those of a name, which
	 * `live` has, or STEERING_NONE: they are in ${sets}. */
	uint32_t resolved;
	struct answer_set sets[ENDPOINT_FORMS]; /* count 0: it has none */
	uint64_t hash;                          /* of the key */
	uint32_t weight;                        /* 0: never picked */
	uint32_t check;    /* the first of its set in the policy, or NONE */
	uint32_t capacity; /* 0: not said */
	bool standby;
	bool drained; /* the file says so of it, its region or its pool */
	/* The controller decides its factor: a row of another is left over from
	 * another file. */
	bool evened;
	bool slow; /* its pool has a slow start */
};

/*
 * The endpoints with a weight of one pool in one region: what the ladder
 * chooses from.  A pool has no group in a region where all its weights are 0.
 */
struct policy_group {
	uint32_t first, n;     /* endpoints first..first+n-1 of the policy */
	uint32_t min_up_ppm;   /* share of the weight that must be up for the
				region to count */
	uint32_t region;       /* in the policy */
	uint64_t keep;         /* as in struct live_group, by the file */
	uint32_t slow_start_s; /* what comes back grows so long; 0: at once */
	bool even;             /* all its weights are the same */
	bool spill;            /* what it keeps follows its load */
};

/* How often the generations of a check are, and how many of them count. */
struct policy_deep {
	uint64_t every_ms; /* 0: there are none */
	unsigned fall, rise;
};

/* As in struct check_config.  The checks of a set follow each other. */
struct policy_check {
	uint32_t more; /* of its set that come after it */
	uint64_t every_ms, timeout_ms;
	unsigned fall, rise;
	uint64_t recheck_ms, slow_ms, fail_back_ms;
	struct policy_deep deep;
	uint64_t load_stale_ms; /* so long its load counts; 0: none is read */
	enum quorum_kind quorum;
	unsigned quorum_count;
	bool quorum_regions;
	unsigned quorum_near;
};

struct policy_service;

/* Which counter counts the clients of each class of a map that get an answer
 * from a pool with `spill`. */
struct policy_demand {
	const struct client_class *classes; /* of the map */
	const uint32_t *slot; /* by their number, from 1 on; 0: none */
};

/*
 * One pool, once for all services that use it; its standby endpoints are a pool
 * of their own under the same name.  Those that the file names come first, zone
 * by zone, in the order of the file.
 */
struct policy_pool {
	const char *name;
	/* That the pool is, and then it has no group: ${regions} are those
	 * where pools inside it have one; NULL: none.  Of a member it is one of
	 * its own, as it is inside the outermost service: see
	 * policy_service. */
	const struct policy_service *nested;
	/* Number of its group in each region of its zone, or STEERING_NONE. */
	const uint32_t *group;
	uint64_t regions; /* set of those of the zone where it has a group */
	uint32_t number;  /* in the policy */
	bool is_standby;  /* of the standby endpoints of the pool of its name */
	bool edge;      /* picks by name where the service says AFFINITY_KIND */
	uint8_t spread; /* endpoints that a name lives on */
	/* Of a member: where its clients are counted; NULL: nowhere. */
	const struct policy_demand *demand;
};

/* A further pool of a member: its standby endpoints, its origin, or those of
 * that. */
struct policy_alternate {
	struct policy_pool pool; /* as in the policy */
	/* Of standby endpoints: clients at positions before this one, of this
	 * salt, go to them first; 0: none do. */
	uint64_t trickle, salt;
	const uint32_t *outcome; /* as that of the member */
};

/* The HTTPS or SVCB record of a service. */
struct policy_binding {
	struct answer_binding record;
	/* It is of the service's own name, so that its hints are the addresses
	 * that A and AAAA have there. */
	bool hinted;
};

/* One member of a service's split, in the order of the file. */
struct policy_member {
	struct policy_pool pool; /* as in the policy: a hop less */
	uint32_t weight;         /* 0: for the last resort `pools` only */
	/* It has no weight by the file, but a ramp that gives it a share: 1
	 * stands for its weight, as it is one of the split, and live has what
	 * it really has. */
	bool ramped;
	uint32_t n_alternates; /* 0 for nearly all */
	uint64_t last;         /* position of its share of all weights */
	/* Counter slots, by region of its zone; NULL without a weight. */
	const uint32_t *outcome;
	/* What is taken in place of the pool where that has nothing usable for
	 * a client, in this order. */
	const struct policy_alternate *alternates;
};

/*
 * A service of a zone; or what such a one is inside another: with its map,
 * members, salts and affinity, but as many endpoints in an answer as the
 * outermost has, and with the least bounds of the TTL of all on the way.
 */
struct policy_service {
	const struct policy_service *outermost; /* that it is inside, or NULL */
	unsigned depth;                         /* inside that; 0: not */
	const struct map *map;
	const char *name; /* full name with the last dot, as the counters
			     and explain show it */
	const struct steering_config *config; /* for explain: lives as long */
	uint32_t config_index;
	const struct policy_member *members;
	/* Whose client subnets count; NULL: everybody's. */
	const struct senders *senders;
	/* Its records of the forms that are not an endpoint's; NULL: none. */
	const struct policy_binding *bindings[FORMS - ENDPOINT_FORMS];
	uint64_t salt_split, salt_spill, salt_pick, salt_spread;
	uint32_t ttl_max_s, ttl_min_s;
	/* In the policy, as it is there of a zone; and of its first member,
	 * among the members of all. */
	uint32_t number, first_member;
	uint8_t n_members;
	bool plain;      /* one member, a pool without alternates */
	bool pools;      /* all members are pools without alternates */
	bool alternates; /* some member has one */
	bool spread;     /* a name may live on several endpoints of a pool */
	uint8_t sticky_ipv4, sticky_ipv6;
	uint8_t block_ipv4, block_ipv6;
	uint8_t affinity; /* enum affinity */
	uint8_t answers;  /* 1..ANSWER_MAX_SETS */
	uint8_t regions;  /* an answer may be from: 1, or as ${answers} */
	uint8_t n_resorts;
	uint8_t resorts[STEERING_MAX_RESORTS]; /* enum last_resort */
	/* Any endpoint with a weight, of whatever member, has one, or the
	 * service a record of it.  What is false is NODATA for every client,
	 * whatever it is sent to. */
	bool has[FORMS];
	/* All endpoints with a weight have it, or it is a record of the
	 * service, so that no choice lacks it. */
	bool all_have[FORMS];
	bool one_class; /* its map, and those of the services inside it, tell no
			   client from another */
	bool checked;   /* a member has endpoints with a weight and a check */
	bool several;   /* members, or one that is a service: see split.h */
	bool nests;     /* a member is a service */
	/* It has rules of a fence, soft ones; it or a service inside it has
	 * any; a service inside it has soft ones. */
	bool fenced, soft, fenced_within, soft_within;
	uint64_t weighted; /* regions where members with a weight have groups */
	/* Counter slot of answers that name no endpoint, or one of a pool
	 * without a weight; and of the service's scopes. */
	uint32_t outcome_none, scopes;
};

struct policy_zone {
	const char *name;
	const struct steering_config *config; /* NULL: not steered */
	const uint32_t *regions; /* of its own, their numbers in the policy */
	const struct policy_service *services;
	size_t n_services;
};

struct policy {
	struct arena *arena;
	const struct policy_zone *zones; /* numbered as in the zones */
	size_t n_zones;
	const struct policy_region *regions;
	size_t n_regions;
	size_t n_services, n_members; /* of all zones */
	const struct policy_endpoint *endpoints;
	size_t n_endpoints;
	bool drains; /* some are drained by the file */
	bool starts; /* some pool has a slow start */
	/* Names that have the addresses of endpoints, by the number that these
	 * have of their own. */
	const char *const *names;
	size_t n_resolved;
	const struct policy_group *groups;
	size_t n_groups;
	const struct policy_pool *pools;
	size_t n_pools;
	/* Numbers of the pools that are services; one inside another is before
	 * it. */
	const uint32_t *nested;
	size_t n_nested;
	const struct policy_check *checks;
	size_t n_checks;
};

/* What policy_build() reads.  The configs must outlive the policy. */
struct policy_input {
	const char *zone;                     /* name, without the last dot */
	const struct steering_config *config; /* NULL: not steered */
};

/*
 * Gives the counter slot of an outcome: the same slot for the same service,
 * pool and region at every reload.  ${pool} and ${region} are NULL for answers
 * of no pool.
 */
struct policy_outcomes {
	/* A policy is being built: what it asks for is what it has.  NULL:
	 * nothing wants to know. */
	void (*begin)(void *context);
	uint32_t (*slot)(void *context, const char *service, const char *pool,
	    const char *region);
	void *context;
	/* The context for the classes of clients of pools with `spill`, which
	 * are asked for by zone, pool and the regions of the class; NULL: they
	 * are not counted.  At most ${max_demand} slots. */
	void *demand;
	uint32_t max_demand;
	/* The context for the scopes of services, which are asked for by
	 * service alone; NULL: they are not counted apart. */
	void *scopes;
};

/*
 * policy_map_key(service, latency, key): write the key of the map of ${service}
 * to ${key}, made with the round trips ${latency} (NULL: none).
 */
void policy_map_key(const struct policy_service *service,
    const struct latency *latency, struct map_key *key);

/*
 * policy = policy_build(zones, n, maps, outcomes, eb): compile.  Maps are taken
 * from and added to ${maps}; a NULL ${outcomes} counts nothing.  Errors: a
 * service none of whose endpoints has a weight, a hard fence that leaves it no
 * region (a soft one warns), limits of its map.  NULL with errors in ${eb}.
 */
struct policy *policy_build(const struct policy_input *zones, size_t n,
    struct map_set *maps, const struct policy_outcomes *outcomes,
    struct errbuf *eb);

/*
 * policy = policy_build_judged(zones, n, eb): the same for who judges and
 * answers nothing: only regions, endpoints and their checks.  Nothing of the
 * configs is kept.  NULL with errors in ${eb}.
 */
struct policy *policy_build_judged(
    const struct policy_input *zones, size_t n, struct errbuf *eb);

/* g = policy_group_of(policy, e): the number of the group that has endpoint
 * number ${e}, or STEERING_NONE. */
uint32_t policy_group_of(const struct policy *policy, uint32_t e);

/* regions = policy_member_regions(member): of its pool and all alternates. */
uint64_t policy_member_regions(const struct policy_member *member);

/* pool = policy_chosen(service, member, alternate): pool number ${alternate} of
 * a member: 0 is its own, 1 its first alternate. */
static inline const struct policy_pool *
policy_chosen(
    const struct policy_service *service, uint32_t member, unsigned alternate)
{
	const struct policy_member *m = &service->members[member];

	return alternate == 0 ? &m->pool : &m->alternates[alternate - 1].pool;
}

/* weight = policy_weight(member): by the file: 0 of one that a ramp gives what
 * it has. */
static inline uint32_t
policy_weight(const struct policy_member *member)
{
	return member->ramped ? 0 : member->weight;
}

/* policy_destroy(policy): free it, not the maps or configs.  NULL is fine. */
void policy_destroy(struct policy *policy);

/*
 * policy_owner(service, apex, owner, eb): write the owner name of ${service} in
 * the zone of the wire name ${apex} to the NAME_MAX_WIRE octets of ${owner}, in
 * lower case.  Its name is relative to ${apex} unless it ends in a dot, "@" is
 * the apex, "*" a wildcard.  0, or -1 with an error in ${eb}: no name, or one
 * that is not in the zone.
 */
int policy_owner(const struct service_config *service, const uint8_t *apex,
    uint8_t *owner, struct errbuf *eb);

/* flags = policy_flags(service): what the zone needs to know of ${service}, as
 * NODE_SERVICE_... */
uint8_t policy_flags(const struct service_config *service);

#endif
