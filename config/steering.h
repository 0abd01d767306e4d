/*
 * A steering file: how one zone is steered.  Networks, regions, checks, pools
 * and services as plain structs that refer to each other by index.  Read by all
 * three programs; described for operators in meridian-steering(5).
 */
#ifndef CONFIG_STEERING_H
#define CONFIG_STEERING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/arena.h"
#include "base/errbuf.h"
#include "config/check.h"
#include "config/clients.h"
#include "config/maintenance.h"

/* Limits of one steering file: above them it is refused.  They bound what one
 * file can take of memory and of the time of a load; regions are 64 because
 * sets of them are the bits of a word. */
#define STEERING_MAX_NETWORKS 4096
#define STEERING_MAX_PREFIXES 1000000 /* of one network */
#define STEERING_MAX_REGIONS 64
#define STEERING_MAX_CHECKS 4096
#define STEERING_MAX_POOLS 4096
#define STEERING_MAX_ENDPOINTS 65536 /* over all pools */
#define STEERING_MAX_SERVICES 65536
#define STEERING_MAX_SPLIT 16       /* pools in one split */
#define STEERING_MAX_DEPTH 4        /* of services inside a service */
#define STEERING_MAX_PATHS 64       /* from a service through others to pools */
#define STEERING_MAX_FENCES 64      /* rules of one service */
#define STEERING_MAX_ORDERS 250     /* rules of the rank of one service */
#define STEERING_MAX_LISTED 1024    /* countries, ASNs, senders... in a list */
#define STEERING_MAX_ADDRESSES 8    /* of one family of one endpoint */
#define STEERING_MAX_ANSWERS 8      /* endpoints in one answer */
#define STEERING_MAX_SPREAD 16      /* endpoints that a name lives on */
#define STEERING_MAX_TRICKLE 500000 /* millionths of the clients of a pool */
#define STEERING_MAX_WEIGHT 1000000
#define STEERING_MAX_KM 20015 /* half the way around the Earth */
/* Costs have four digits after the point, and are kept as whole numbers. */
#define STEERING_COST_DIGITS 4
#define STEERING_COST_UNIT 10000
#define STEERING_MAX_COST 1000000 /* of the operator's units */
#define STEERING_NONE UINT32_MAX
/* Without the key: who takes out the last endpoint of some clients says so
 * twice (--force-anyway). */
#define SAFETY_LEAST 1

/* A named set of prefixes, which may also say where they are. */
struct network_config {
	struct mark at;
	const char *name;
	const char *file; /* that the prefixes are from, or NULL */
	const struct prefix *prefixes;
	size_t n_prefixes;
	char country[3]; /* ISO 3166, upper case, or "" */
	bool has_position;
	double latitude, longitude; /* degrees */
	uint32_t asn;               /* 0: not said */
};

/* What it costs to serve from somewhere: only compared, in any unit. */
struct cost_config {
	bool said;
	uint64_t value; /* in parts of STEERING_COST_UNIT; 0: not said */
};

struct region_config {
	struct mark at;
	const char *name;
	double latitude, longitude; /* degrees */
	int bias; /* -99..99: distance counts (100 - bias) per cent */
	struct cost_config cost; /* of its endpoints that do not say theirs */
	bool standby;            /* its endpoints are used when no other is */
	bool drained;            /* its endpoints are taken last of all */
	struct maintenance maintenance;
};

/* The checks of an endpoint, in the order of the file. */
struct check_set {
	const uint32_t *checks; /* indexes into checks, none twice */
	size_t n;               /* at most CHECK_SET_MAX; 0: always up */
	unsigned need;          /* of them must be up */
};

struct endpoint_config {
	struct mark at;
	const char *name;
	uint32_t region; /* index into regions */
	const struct address *ipv4;
	size_t n_ipv4;
	const struct address *ipv6;
	size_t n_ipv6;
	/* Whose addresses are its own, without the last dot, and then it has
	 * none here; NULL: those above. */
	const char *resolve;
	/* The name that clients are led to in place of addresses, canonical,
	 * with a last dot; NULL: it has addresses. */
	const char *cname;
	bool allow_private; /* private ones of them count too */
	uint32_t weight;    /* 0..STEERING_MAX_WEIGHT; 0: never picked, but
			      the sum of a pool in a region is above 0 */
	uint32_t capacity;  /* 0: not said */
	struct cost_config cost;
	bool standby; /* used when no other of its pool is */
	bool drained; /* taken last of all */
	struct maintenance maintenance;
	struct check_set checks; /* in place of its pool's; n 0: those */
	/* Addresses to probe in place of its own, with a port of 0 for the
	 * port of the check; NULL: its own. */
	const struct endpoint_address *check_at;
	size_t n_check_at;
	/* Where its load is read in place of its own address, with a port of 0
	 * for that of the check; family 0: not said. */
	struct endpoint_address load_at;
};

/* What a region keeps of the clients that come to it. */
struct keep_config {
	uint32_t region; /* index into regions */
	uint32_t ppm;    /* share in millionths */
};

/* That the regions of a pool pass clients on by their load. */
struct spill_config {
	bool wanted;
	uint32_t target_ppm;   /* of its capacity, up to which none does */
	uint32_t keep_min_ppm; /* of its clients, which a region keeps */
	uint32_t held_s;       /* a request is worked on so long, about */
	uint32_t every_s;      /* keep may move so often */
	uint32_t fade_s; /* a load that is not known for so long is nothing */
};

struct pool_config {
	struct mark at;
	const char *name;
	struct check_set checks;
	uint32_t min_up_ppm;   /* share of a region's weight that must be up */
	bool drained;          /* its endpoints are taken last of all */
	uint32_t slow_start_s; /* what comes back grows so long; 0: at once */
	/* Share of clients that its standby endpoints always have. */
	uint32_t trickle_ppm;
	/* Sites in front of others: a name lives on ${spread} endpoints of a
	 * region, and the pool ${origin} serves where no site is usable:
	 * an index into pools, or STEERING_NONE. */
	bool edge;
	uint32_t spread; /* 1..STEERING_MAX_SPREAD */
	uint32_t origin;
	struct maintenance maintenance;
	/* Of the regions that are named, in the order of the file; others keep
	 * all. */
	const struct keep_config *keep;
	size_t n_keep;
	struct spill_config spill;
	bool even; /* factors on weights even out its endpoints */
	const struct endpoint_config *endpoints;
	size_t n_endpoints;
	/* Of the same file: that the pool is, and then it has no endpoints, no
	 * check and no min_up of its own; NULL: none. */
	const struct service_config *service;
};

struct split_config {
	uint32_t pool;   /* index into pools */
	uint32_t weight; /* whole, or per cents as millionths */
};

/* One rule of a fence; the first that has a client counts. */
struct fence_config {
	struct mark at;
	struct clients_config clients;
	uint64_t regions; /* bit set of region indexes */
	bool hard;
};

/* One rule of a rank: in which order its clients try the regions.  Those that
 * it does not name follow in the order of the file.  The first rule that has a
 * client counts; one that none has goes to the nearest. */
struct order_config {
	struct mark at;
	struct clients_config clients;
	const uint32_t *regions; /* indexes, best first */
	size_t n_regions;
};

enum rank_kind { RANK_NEAREST, RANK_LATENCY, RANK_LISTED, RANK_RULES };
/* How much farther than the best of a band its others may be. */
enum near_kind {
	NEAR_NONE,  /* there are no bands */
	NEAR_SHARE, /* of a distance or a round trip, in millionths */
	NEAR_TIME,  /* of round trips, in microseconds */
	NEAR_WAY    /* of distances, in kilometres */
};
enum answers_from {
	ANSWERS_REGION, /* all endpoints of an answer are of one region */
	ANSWERS_REGIONS /* the next one is of the next region */
};
enum affinity {
	AFFINITY_CLIENT,
	AFFINITY_NAME,
	AFFINITY_NONE,
	AFFINITY_KIND /* by name in edge pools, by client in others */
};
enum ecs_kind { ECS_ON, ECS_OFF, ECS_LISTED };
enum last_resort {
	RESORT_POOLS,    /* other pools of the split, inside the fence */
	RESORT_UNFENCED, /* soft fences lifted */
	RESORT_ALL,      /* all endpoints as if up: ends the list */
	RESORT_RECORDS,  /* the zone file's own records: ends the list */
	RESORT_SERVFAIL  /* ends the list */
};
#define STEERING_MAX_RESORTS 5

/* One HTTPS or SVCB record (RFC 9460) but for its address hints, which are the
 * addresses that a client is steered to. */
struct binding_config {
	uint16_t priority;  /* at least 1: ServiceMode */
	const char *target; /* canonical, with a last dot, or ".": itself */
	const char *const *alpn;
	size_t n_alpn;
	bool no_default_alpn, ohttp;
	uint16_t port;      /* 0: not said */
	const uint8_t *ech; /* an ECHConfigList, or NULL */
	size_t n_ech;
	const char *dohpath; /* or NULL */
	uint16_t mandatory;  /* bit set of keys, as RFC 9460 numbers them */
};

/* It is not looked at. */
#define RAMP_OFF UINT32_MAX
/* Room for the fingerprint of a ramp: 16 digits. */
#define RAMP_MADE_FOR 17

/* A canary that walks by itself.  Shares are of all clients of the service, in
 * millionths. */
struct ramp_config {
	struct mark at;
	/* The canary, and the pool that it gets its clients from, which is next
	 * to it: names, and places in the split. */
	const char *pool, *from;
	uint32_t member, neighbour;
	uint32_t start_ppm;        /* what the split gives it */
	uint32_t both_ppm;         /* what the split gives the two */
	uint32_t to_ppm, step_ppm; /* where it ends, and how it gets there */
	uint64_t every_ms;         /* between two steps, and before the first */
	uint64_t hold_ms;          /* at the end it is watched for so long */
	/* By how much more of the canary than of the other may be down,
	 * degraded, errors, or its time to the first token longer; or RAMP_OFF.
	 */
	uint32_t down_ppm, degraded_ppm, errors_ppm, first_token_ppm;
	uint32_t samples; /* requests, before numbers of them count */
	/* Hexadecimal, of all above and of the split: another one is another
	 * ramp. */
	char made_for[RAMP_MADE_FOR];
};

struct service_config {
	struct mark at;
	const char *name; /* as written: relative, "@", or ending in a dot */
	/* All endpoints of all its pools have a cname; else none has. */
	bool cname;
	const struct binding_config *https, *svcb; /* or NULL */
	const struct split_config *split;
	size_t n_split;                 /* at least 1; sum of weights above 0 */
	const struct ramp_config *ramp; /* or NULL */
	const struct fence_config *fences;
	size_t n_fences;
	enum rank_kind rank;
	const uint32_t *listed; /* RANK_LISTED: region indexes, best first */
	size_t n_listed;
	const struct order_config *orders; /* RANK_RULES */
	size_t n_orders;
	enum near_kind near_kind;
	uint32_t near_equal; /* in the unit of its kind */
	enum affinity affinity;
	/* Whose client subnets count: everybody's, nobody's, or those of the
	 * senders listed. */
	enum ecs_kind ecs;
	const struct prefix *ecs_senders; /* ECS_LISTED */
	size_t n_ecs_senders;
	uint8_t sticky_ipv4, sticky_ipv6; /* bits; 20 and 40 */
	uint8_t block_ipv4, block_ipv6;   /* bits; 14 and 32 */
	unsigned answers;                 /* endpoints an answer may name; 1 */
	enum answers_from answers_from;
	uint32_t ttl_max_s, ttl_min_s; /* 60 and 5 */
	/* Ends with RESORT_ALL, RESORT_RECORDS or RESORT_SERVFAIL. */
	enum last_resort resorts[STEERING_MAX_RESORTS];
	size_t n_resorts;
};

/* What must be left when an operator takes something out by hand. */
struct safety_config {
	uint32_t least;     /* endpoints up and not drained, of any class; 1 */
	uint32_t share_ppm; /* of all there is for a class; 0: not asked for */
	uint64_t wait_ms;   /* between two changes of one region; 0 */
};

struct steering_config {
	const char *path;
	const char *presets; /* folder of the operator's own, or NULL */
	const struct network_config *networks;
	size_t n_networks;
	const struct region_config *regions;
	size_t n_regions;
	const struct check_config *checks;
	size_t n_checks;
	const struct pool_config *pools;
	size_t n_pools;
	const struct service_config *services;
	size_t n_services;
	struct safety_config safety;
	/* Of the file, so that it can be made again. */
	const char *text;
	size_t len;
	/* Of its keys and values, without comments and layout, and of the
	 * prefixes of its networks. */
	uint64_t hash;
	/* Of the presets that its checks name; 0: they name none. */
	uint64_t presets_hash;
	struct arena *arena; /* that holds all of it */
};

/*
 * config = steering_config_load(path, at, inputs, eb): read and check ${path}
 * and the network files it names, and add all files that it depends on to
 * ${inputs} (NULL: to nothing).  NULL with errors in ${eb}, all that were
 * found; that the file cannot be read is said at ${at}, the place that names it
 * (NULL: at the file).  The caller owns the config and passes it to
 * steering_config_destroy().
 */
struct inputs;
struct steering_config *steering_config_load(const char *path,
    const struct mark *at, struct inputs *inputs, struct errbuf *eb);

/*
 * config = steering_config_parse(path, text, len, eb): the same from the
 * ${len} bytes of ${text}; ${path} is what marks show and what relative names
 * of network files are taken from.  Keeps nothing of ${text}.
 */
struct steering_config *steering_config_parse(
    const char *path, const char *text, size_t len, struct errbuf *eb);

/*
 * config = steering_config_make(path, text, len, inputs, eb): the same, and
 * files of networks are read as ${inputs} says, which gets them; it may be
 * NULL.
 */
struct steering_config *steering_config_make(const char *path, const char *text,
    size_t len, struct inputs *inputs, struct errbuf *eb);

/*
 * config = steering_config_again(before, inputs, eb): what ${before} was made
 * from, but with the network files it names as they are now:
 * these are added to ${inputs}.  The steering file itself is not looked at.
 * NULL with errors in ${eb}, as for steering_config_load().
 */
struct steering_config *steering_config_again(
    const struct steering_config *before, struct inputs *inputs,
    struct errbuf *eb);

/* set = steering_checks_of(pool, endpoint): the checks of ${endpoint} of
 * ${pool}: its own, or else the pool's. */
const struct check_set *steering_checks_of(
    const struct pool_config *pool, const struct endpoint_config *endpoint);

/* checked = steering_is_checked(pool): some endpoint of ${pool} is. */
bool steering_is_checked(const struct pool_config *pool);

/* standby = steering_is_standby(config, endpoint): it is used when no other of
 * its pool is: it says so, or its region does. */
bool steering_is_standby(const struct steering_config *config,
    const struct endpoint_config *endpoint);

/* steering_config_destroy(config): free it.  NULL is fine. */
void steering_config_destroy(struct steering_config *config);

#endif
