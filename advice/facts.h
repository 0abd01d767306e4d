/*
 * What the rules of advice look at, as plain facts: the operator's files, what
 * the state database says of them now and over a period, and the traffic of
 * that period.  Filled by meridianctl; knows no database and no clock.
 */
#ifndef ADVICE_FACTS_H
#define ADVICE_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/errbuf.h"
#include "config/steering.h"

/* In place of a number of a region: none. */
#define ADVICE_NONE UINT32_MAX

#define ADVICE_DAY_MS (INT64_C(24) * 3600 * 1000)

/* Clients of one country are looked up at so many of its addresses, as a large
 * one has several classes. */
#define ADVICE_SPOTS 8

struct advice_region {
	struct mark at;
	const char *name;
	double latitude, longitude; /* degrees */
	bool standby, drained;
};

/* A zone with steering: its file, and its regions by their small number. */
struct advice_zone {
	const char *name;
	const char *path, *text; /* of the steering file */
	size_t len;
	const struct advice_region *regions;
	size_t n_regions;
};

struct advice_endpoint {
	struct mark at;
	const char *name;
	uint32_t region;
	uint32_t weight, capacity; /* of the file; a capacity of 0: not said */
	bool standby, drained, checked;
	/* As measured last, NaN: unknown. */
	double max_running;     /* requests at once */
	double saturation;      /* 1 is full */
	double latency_ms;      /* to the first token, or else the first byte */
	int64_t certificate_ms; /* wall clock: it ends; -1: unknown */
	/* Of the period: for how long its health is known, of that how often
	 * it went down, for how long in all, and how long each time, shortest
	 * first. */
	int64_t watched_ms;
	const int64_t *spell_ms;
	size_t n_spells;
	int64_t down_ms;
};

struct advice_check {
	struct mark at;
	const char *name;
	uint64_t every_ms, timeout_ms;
	uint64_t again_ms; /* between two checks once one has failed */
	unsigned fall, rise;
};

struct advice_pool {
	struct mark at;
	const char *name;
	uint32_t zone;
	struct advice_endpoint *endpoints;
	size_t n_endpoints;
	/* The check of most of its endpoints; NULL: it has none. */
	const struct advice_check *check;
	bool edge;
	uint32_t spread;
};

/* A pool of a split. */
struct advice_member {
	uint32_t pool;
	double set;     /* share of the file, 0 .. 1 */
	double answers; /* of the period */
};

/* How clients of a place try the regions. */
struct advice_spot {
	uint64_t inside; /* regions that they may be sent to (bit set) */
	uint8_t order[STEERING_MAX_REGIONS];
	uint8_t n;
};

struct advice_country {
	char code[3]; /* "": not known */
	bool has_position;
	double latitude, longitude;
	double answers; /* of the period, counted from the sample */
	double *region; /* the same by region that was given */
	bool ruled;     /* a rule of the fence has it */
	struct advice_spot spots[ADVICE_SPOTS]; /* equally likely */
	size_t n_spots;                         /* 0: not known */
};

struct advice_service {
	struct mark at;
	const char *name; /* whole, without the last dot */
	uint32_t zone;
	struct advice_member *members;
	size_t n_members;
	double weights;  /* of all members, as the file writes them */
	uint32_t canary; /* number of its member, or ADVICE_NONE */
	/* Its share is not that of the file, or was another in the period. */
	bool canary_moved;
	uint64_t regions; /* of endpoints with a weight (bit set) */
	uint32_t ttl_max_s, ttl_min_s;
	bool ranks_by_place; /* nearest or latency */
	bool fenced, hard;   /* it has rules, of which one is hard */
	bool rules_unknown;  /* a rule has unknown clients */
	uint8_t sticky_ipv4;
	enum ecs_kind ecs;
	/* Answers of the period: all, and of these. */
	double answers, subnet, first, elsewhere, resort, nodata;
	double scopes[33]; /* IPv4, with a subnet, by length of the scope */
	double *region;    /* by region */
	double peak;       /* the busiest hour in times the last one; 1 */
	struct advice_country *countries;
	size_t n_countries;
	double sampled; /* answers that the countries were counted from */
	/* From the first failed check to the last answer that named the
	 * endpoint: the median and how many. */
	double failover_s;
	size_t n_failovers;
};

struct advice_override {
	const char *action, *kind, *target, *value, *author;
	int64_t at_ms;
	bool endless; /* and it holds now */
};

struct advice_facts {
	const char *path; /* of the node's file */
	struct mark vantage_at;
	int64_t now_ms;
	int64_t from_ms, to_ms; /* the period */
	const struct advice_zone *zones;
	size_t n_zones;
	const struct advice_pool *pools;
	size_t n_pools;
	const struct advice_service *services;
	size_t n_services;
	const struct advice_override *overrides;
	size_t n_overrides;
	bool knows_state; /* what follows is known */
	size_t vantages;  /* that are alive */
};

#endif
