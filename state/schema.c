/*
 * The tables of the state database, each column once.  Used by the files of
 * state/ alone; holds no SQL but the values that columns begin with.
 */
#include "state/schema.h"

/* A column, since when it is there, and what follows as in struct column. */
#define COLUMN(row, member, version, ...)                                      \
	{                                                                      \
		.name = #member, .offset = offsetof(struct row, member),       \
		.size = sizeof(((struct row *)0)->member), .since = (version), \
		__VA_ARGS__                                                    \
	}
/* One that no struct has: owners and removals are the writer's own. */
#define OWN_COLUMN(word, version, ...)                          \
	{                                                       \
		.name = (word), .since = (version), __VA_ARGS__ \
	}
#define COLUMNS(array, row)                                         \
	.column = (array), .n = sizeof(array) / sizeof((array)[0]), \
	.size = sizeof(struct row)

static const struct column vantage[] = {
    COLUMN(state_vantage, name, 1, .type = COLUMN_NAME, .key = true),
    COLUMN(state_vantage, version, 1, .type = COLUMN_WORDS),
    COLUMN(state_vantage, heartbeat_ms, 1, .type = COLUMN_TIME),
    COLUMN(state_vantage, sequence, 1, .type = COLUMN_SEQUENCE),
    OWN_COLUMN("removed", 1, .type = COLUMN_SEQUENCE, .initial = "0"),
    OWN_COLUMN("owner_host", 1, .type = COLUMN_WORDS, .null = true),
    OWN_COLUMN("owner_boot", 1, .type = COLUMN_WORDS, .null = true),
    OWN_COLUMN("owner_pid", 1, .type = COLUMN_COUNT, .null = true),
    OWN_COLUMN("owner_id", 1, .type = COLUMN_WORDS, .null = true),
    COLUMN(
	state_vantage, lease_until_ms, 1, .type = COLUMN_TIME, .initial = "0"),
    COLUMN(state_vantage, region, 3, .type = COLUMN_NAME, .null = true),
    COLUMN(state_vantage, node, 7, .type = COLUMN_NAME, .null = true),
};

/* Of a list of three SQLite makes a table, with each row that is written, which
 * takes 40 % of what writing it does. */
#define IS_HEALTH "= 'up' OR health = 'down' OR health = 'unknown'"

static const struct column endpoint[] = {
    COLUMN(state_endpoint, vantage, 1, .type = COLUMN_NAME, .key = true),
    COLUMN(state_endpoint, zone, 1, .type = COLUMN_NAME, .key = true),
    COLUMN(state_endpoint, pool, 1, .type = COLUMN_NAME, .key = true),
    COLUMN(state_endpoint, endpoint, 1, .type = COLUMN_NAME, .key = true),
    COLUMN(
	state_endpoint, health, 1, .type = COLUMN_HEALTH, .check = IS_HEALTH),
    COLUMN(state_endpoint, reason, 1, .type = COLUMN_WORDS, .initial = "''"),
    COLUMN(state_endpoint, since_ms, 1, .type = COLUMN_TIME),
    COLUMN(state_endpoint, checked_ms, 1, .type = COLUMN_TIME),
    COLUMN(state_endpoint, passes, 1, .type = COLUMN_COUNT, .initial = "0"),
    COLUMN(state_endpoint, fails, 1, .type = COLUMN_COUNT, .initial = "0"),
    COLUMN(state_endpoint, connect_us, 1, .type = COLUMN_LATENCY),
    COLUMN(state_endpoint, first_byte_us, 1, .type = COLUMN_LATENCY),
    COLUMN(state_endpoint, sequence, 1, .type = COLUMN_SEQUENCE),
    COLUMN(state_endpoint, degraded, 4, .type = COLUMN_WORDS, .initial = "''"),
    COLUMN(state_endpoint, certificate_ms, 4, .type = COLUMN_TIME, .null = true,
	.steady = true),
    COLUMN(state_endpoint, first_token_us, 4, .type = COLUMN_LATENCY),
    COLUMN(
	state_endpoint, maintenance_ms, 5, .type = COLUMN_TIME, .null = true),
    COLUMN(
	state_endpoint, maintenance, 5, .type = COLUMN_WORDS, .initial = "''"),
    COLUMN(
	state_endpoint, told, 5, .type = COLUMN_HEALTH, .initial = "'unknown'"),
    COLUMN(state_endpoint, held_ms, 5, .type = COLUMN_TIME, .null = true),
    COLUMN(state_endpoint, hold_ms, 5, .type = COLUMN_TIME, .null = true,
	.steady = true),
};

/*
 * An event may be about less than an endpoint: then names are empty.
 *
 * No column may be added while least_write is 1: the first release inserts
 * events without naming the columns, and could write none any more.
 */
static const struct column event[] = {
    COLUMN(state_event, sequence, 1, .type = COLUMN_SEQUENCE, .key = true),
    COLUMN(state_event, at_ms, 1, .type = COLUMN_TIME),
    COLUMN(state_event, vantage, 1, .type = COLUMN_NAME),
    COLUMN(state_event, zone, 1, .type = COLUMN_WORDS),
    COLUMN(state_event, pool, 1, .type = COLUMN_WORDS),
    COLUMN(state_event, endpoint, 1, .type = COLUMN_WORDS),
    COLUMN(state_event, before, 1, .type = COLUMN_HEALTH),
    COLUMN(state_event, after, 1, .type = COLUMN_HEALTH),
    COLUMN(state_event, reason, 1, .type = COLUMN_WORDS),
};

/* What is too old to count loses its rtt_us and stays for a while, so that
 * readers meet that like any other change. */
static const struct column latency[] = {
    COLUMN(state_latency, client, 3, .type = COLUMN_NAME, .key = true),
    COLUMN(state_latency, region, 3, .type = COLUMN_NAME, .key = true),
    COLUMN(state_latency, rtt_us, 3, .type = COLUMN_LATENCY),
    COLUMN(state_latency, smoothed_us, 3, .type = COLUMN_LATENCY),
    COLUMN(state_latency, samples, 3, .type = COLUMN_COUNT, .initial = "1"),
    COLUMN(state_latency, measured_ms, 3, .type = COLUMN_TIME),
    COLUMN(state_latency, sequence, 3, .type = COLUMN_SEQUENCE),
};

/* The addresses that a vantage got for the name of an endpoint. */
static const struct column address[] = {
    COLUMN(state_address, vantage, 3, .type = COLUMN_NAME, .key = true),
    COLUMN(state_address, zone, 3, .type = COLUMN_NAME, .key = true),
    COLUMN(state_address, pool, 3, .type = COLUMN_NAME, .key = true),
    COLUMN(state_address, endpoint, 3, .type = COLUMN_NAME, .key = true),
    COLUMN(state_address, address, 3, .type = COLUMN_NAME, .key = true),
    COLUMN(state_address, health, 3, .type = COLUMN_HEALTH, .check = IS_HEALTH),
    COLUMN(state_address, reason, 3, .type = COLUMN_WORDS, .initial = "''"),
    COLUMN(state_address, since_ms, 3, .type = COLUMN_TIME),
    COLUMN(state_address, checked_ms, 3, .type = COLUMN_TIME),
    COLUMN(state_address, passes, 3, .type = COLUMN_COUNT, .initial = "0"),
    COLUMN(state_address, fails, 3, .type = COLUMN_COUNT, .initial = "0"),
    COLUMN(state_address, connect_us, 3, .type = COLUMN_LATENCY),
    COLUMN(state_address, first_byte_us, 3, .type = COLUMN_LATENCY),
    COLUMN(state_address, resolved_ms, 3, .type = COLUMN_TIME),
    COLUMN(state_address, sequence, 3, .type = COLUMN_SEQUENCE),
    COLUMN(state_address, held_ms, 5, .type = COLUMN_TIME, .null = true),
    COLUMN(state_address, hold_ms, 5, .type = COLUMN_TIME, .null = true,
	.steady = true),
};

/* What an endpoint has to do, beside its health. */
static const struct column load[] = {
    COLUMN(state_load, vantage, 4, .type = COLUMN_NAME, .key = true),
    COLUMN(state_load, zone, 4, .type = COLUMN_NAME, .key = true),
    COLUMN(state_load, pool, 4, .type = COLUMN_NAME, .key = true),
    COLUMN(state_load, endpoint, 4, .type = COLUMN_NAME, .key = true),
    COLUMN(state_load, measured_ms, 4, .type = COLUMN_TIME),
    COLUMN(state_load, saturation, 4, .type = COLUMN_NUMBER),
    COLUMN(state_load, waiting, 4, .type = COLUMN_NUMBER),
    COLUMN(state_load, running, 4, .type = COLUMN_NUMBER),
    COLUMN(state_load, max_running, 4, .type = COLUMN_NUMBER),
    COLUMN(state_load, kv_cache, 4, .type = COLUMN_NUMBER),
    COLUMN(state_load, utilization, 4, .type = COLUMN_NUMBER),
    COLUMN(state_load, preemptions, 4, .type = COLUMN_NUMBER),
    COLUMN(state_load, requests, 4, .type = COLUMN_NUMBER),
    COLUMN(state_load, errors, 4, .type = COLUMN_NUMBER),
    COLUMN(state_load, tokens, 4, .type = COLUMN_NUMBER),
    COLUMN(state_load, busy, 4, .type = COLUMN_NUMBER),
    COLUMN(state_load, first_token_us, 4, .type = COLUMN_LATENCY),
    COLUMN(state_load, first_token_95_us, 4, .type = COLUMN_LATENCY),
    COLUMN(state_load, token_us, 4, .type = COLUMN_LATENCY),
    COLUMN(state_load, source, 4, .type = COLUMN_WORDS, .initial = "''"),
    COLUMN(state_load, reason, 4, .type = COLUMN_WORDS, .initial = "''"),
    COLUMN(state_load, sequence, 4, .type = COLUMN_SEQUENCE),
};

/* Rows are added, never changed but for what became of sharing them. */
static const struct column override[] = {
    COLUMN(state_override, number, 6, .type = COLUMN_SEQUENCE, .key = true),
    COLUMN(state_override, at_ms, 6, .type = COLUMN_TIME),
    COLUMN(state_override, action, 6, .type = COLUMN_NAME),
    COLUMN(state_override, kind, 6, .type = COLUMN_NAME),
    COLUMN(state_override, target, 6, .type = COLUMN_NAME),
    COLUMN(state_override, value, 6, .type = COLUMN_WORDS, .initial = "''"),
    COLUMN(state_override, length_ms, 6, .type = COLUMN_TIME, .null = true,
	.steady = true),
    COLUMN(state_override, ramp_ms, 6, .type = COLUMN_TIME, .initial = "0",
	.steady = true),
    COLUMN(state_override, author, 6, .type = COLUMN_WORDS),
    COLUMN(state_override, reason, 6, .type = COLUMN_WORDS),
    COLUMN(state_override, forced, 6, .type = COLUMN_COUNT, .initial = "0"),
    COLUMN(state_override, sequence, 6, .type = COLUMN_SEQUENCE),
    COLUMN(state_override, id, 7, .type = COLUMN_WORDS, .initial = "''"),
    COLUMN(state_override, node, 7, .type = COLUMN_WORDS, .initial = "''"),
    COLUMN(state_override, shared, 7, .type = COLUMN_COUNT, .null = true),
    COLUMN(state_override, refused, 7, .type = COLUMN_WORDS, .initial = "''"),
    COLUMN(state_override, boot, 8, .type = COLUMN_WORDS, .initial = "''",
	.local = true),
    COLUMN(state_override, steady_ms, 8, .type = COLUMN_TIME, .null = true,
	.steady = true, .local = true),
};

static const struct column keep[] = {
    COLUMN(state_keep, zone, 6, .type = COLUMN_NAME, .key = true),
    COLUMN(state_keep, pool, 6, .type = COLUMN_NAME, .key = true),
    COLUMN(state_keep, region, 6, .type = COLUMN_NAME, .key = true),
    COLUMN(state_keep, keep, 6, .type = COLUMN_NUMBER),
    COLUMN(state_keep, reason, 6, .type = COLUMN_WORDS, .initial = "''"),
    COLUMN(state_keep, at_ms, 6, .type = COLUMN_TIME),
    COLUMN(state_keep, sequence, 6, .type = COLUMN_SEQUENCE),
};

static const struct column factor[] = {
    COLUMN(state_factor, zone, 6, .type = COLUMN_NAME, .key = true),
    COLUMN(state_factor, pool, 6, .type = COLUMN_NAME, .key = true),
    COLUMN(state_factor, endpoint, 6, .type = COLUMN_NAME, .key = true),
    COLUMN(state_factor, sixteenths, 6, .type = COLUMN_COUNT),
    COLUMN(state_factor, at_ms, 6, .type = COLUMN_TIME),
    COLUMN(state_factor, sequence, 6, .type = COLUMN_SEQUENCE),
};

static const struct column ramp[] = {
    COLUMN(state_ramp, zone, 6, .type = COLUMN_NAME, .key = true),
    COLUMN(state_ramp, service, 6, .type = COLUMN_NAME, .key = true),
    COLUMN(state_ramp, made_for, 6, .type = COLUMN_WORDS),
    COLUMN(state_ramp, pool, 6, .type = COLUMN_NAME),
    COLUMN(state_ramp, state, 6, .type = COLUMN_NAME),
    COLUMN(state_ramp, share, 6, .type = COLUMN_NUMBER),
    COLUMN(state_ramp, next, 6, .type = COLUMN_NUMBER),
    COLUMN(state_ramp, next_ms, 6, .type = COLUMN_TIME, .null = true),
    COLUMN(state_ramp, since_ms, 6, .type = COLUMN_TIME),
    COLUMN(state_ramp, reason, 6, .type = COLUMN_WORDS, .initial = "''"),
    COLUMN(state_ramp, at_ms, 6, .type = COLUMN_TIME),
    COLUMN(state_ramp, sequence, 6, .type = COLUMN_SEQUENCE),
};

/* Who counts it is a node, which answers, not a vantage. */
static const struct column demand[] = {
    COLUMN(state_demand, node, 6, .type = COLUMN_NAME, .key = true),
    COLUMN(state_demand, zone, 6, .type = COLUMN_NAME, .key = true),
    COLUMN(state_demand, pool, 6, .type = COLUMN_NAME, .key = true),
    COLUMN(state_demand, class, 6, .type = COLUMN_NAME, .key = true),
    COLUMN(state_demand, answers, 6, .type = COLUMN_NUMBER),
    COLUMN(state_demand, window_ms, 6, .type = COLUMN_TIME, .steady = true),
    COLUMN(state_demand, at_ms, 6, .type = COLUMN_TIME),
    COLUMN(state_demand, sequence, 6, .type = COLUMN_SEQUENCE),
};

/* As meridian-share sees them; a row of its own node too. */
static const struct column node[] = {
    COLUMN(state_node, name, 7, .type = COLUMN_NAME, .key = true),
    COLUMN(state_node, region, 7, .type = COLUMN_NAME, .null = true),
    COLUMN(state_node, vantage, 7, .type = COLUMN_WORDS, .initial = "''"),
    COLUMN(state_node, version, 7, .type = COLUMN_WORDS, .initial = "''"),
    COLUMN(state_node, origin, 7, .type = COLUMN_WORDS, .initial = "''"),
    COLUMN(state_node, link, 7, .type = COLUMN_WORDS, .initial = "''"),
    COLUMN(state_node, cut_ms, 7, .type = COLUMN_TIME, .null = true),
    COLUMN(state_node, seen_ms, 7, .type = COLUMN_TIME),
    COLUMN(state_node, zones, 7, .type = COLUMN_WORDS, .initial = "''"),
    COLUMN(state_node, steering, 7, .type = COLUMN_WORDS, .initial = "''"),
    COLUMN(state_node, geography, 7, .type = COLUMN_WORDS, .initial = "''"),
    COLUMN(state_node, sequence, 7, .type = COLUMN_SEQUENCE),
    COLUMN(state_node, address, 8, .type = COLUMN_WORDS, .initial = "''"),
    COLUMN(state_node, revision, 8, .type = COLUMN_SEQUENCE, .initial = "0"),
    COLUMN(state_node, rows_in, 8, .type = COLUMN_SEQUENCE, .initial = "0"),
    COLUMN(state_node, keys_out, 8, .type = COLUMN_SEQUENCE, .initial = "0"),
    COLUMN(state_node, presets, 9, .type = COLUMN_WORDS, .initial = "''"),
    COLUMN(state_node, latency, 9, .type = COLUMN_WORDS, .initial = "''"),
    COLUMN(state_node, followed, 9, .type = COLUMN_SEQUENCE, .initial = "0"),
    COLUMN(state_node, site, 10, .type = COLUMN_WORDS, .initial = "''",
	.local = true),
};

static const struct column served[] = {
    COLUMN(state_served, program, 8, .type = COLUMN_NAME, .key = true),
    COLUMN(state_served, version, 8, .type = COLUMN_WORDS),
    COLUMN(state_served, zones, 8, .type = COLUMN_WORDS),
    COLUMN(state_served, steering, 8, .type = COLUMN_WORDS),
    COLUMN(state_served, geography, 8, .type = COLUMN_WORDS),
    COLUMN(state_served, loaded_ms, 8, .type = COLUMN_TIME),
    COLUMN(state_served, sequence, 8, .type = COLUMN_SEQUENCE),
    COLUMN(state_served, presets, 9, .type = COLUMN_WORDS, .initial = "''"),
    COLUMN(state_served, latency, 9, .type = COLUMN_WORDS, .initial = "''"),
};

static const struct column lock[] = {
    COLUMN(state_lock, zone, 7, .type = COLUMN_NAME, .key = true),
    COLUMN(state_lock, pool, 7, .type = COLUMN_NAME, .key = true),
    COLUMN(state_lock, node, 7, .type = COLUMN_WORDS, .initial = "''"),
    COLUMN(state_lock, token, 7, .type = COLUMN_SEQUENCE, .initial = "0"),
    COLUMN(state_lock, sequence, 7, .type = COLUMN_SEQUENCE),
};

/* What operators want forgotten and what came of it; rows are written over. */
static const struct column forgotten[] = {
    COLUMN(state_forgotten, name, 10, .type = COLUMN_NAME, .key = true),
    COLUMN(state_forgotten, at_ms, 10, .type = COLUMN_TIME),
    COLUMN(state_forgotten, author, 10, .type = COLUMN_WORDS),
    COLUMN(state_forgotten, reason, 10, .type = COLUMN_WORDS, .initial = "''"),
    COLUMN(state_forgotten, id, 10, .type = COLUMN_WORDS, .initial = "''"),
    COLUMN(state_forgotten, node, 10, .type = COLUMN_WORDS, .initial = "''"),
    COLUMN(state_forgotten, shared, 10, .type = COLUMN_COUNT, .initial = "0"),
    COLUMN(state_forgotten, refused, 10, .type = COLUMN_WORDS, .initial = "''"),
    COLUMN(state_forgotten, sequence, 10, .type = COLUMN_SEQUENCE),
};

static const struct table tables[] = {
    [TABLE_VANTAGE] = {.name = "vantage",
	.since = 1,
	COLUMNS(vantage, state_vantage),
	.watched = true},
    [TABLE_ENDPOINT] = {.name = "endpoint",
	.since = 1,
	COLUMNS(endpoint, state_endpoint),
	.indexed = true,
	.watched = true},
    [TABLE_EVENT] = {.name = "event",
	.since = 1,
	COLUMNS(event, state_event),
	.rowid = true,
	.watched = true,
	.bound = {.time = "at_ms",
	    .age_ms = SCHEMA_EVENTS_AGE_MS,
	    .rows = SCHEMA_EVENTS_MAX}},
    [TABLE_LATENCY] = {.name = "latency",
	.since = 3,
	COLUMNS(latency, state_latency),
	.indexed = true,
	.watched = true,
	.common = true},
    [TABLE_ADDRESS] = {.name = "address",
	.since = 3,
	COLUMNS(address, state_address),
	.indexed = true,
	.watched = true},
    [TABLE_LOAD] = {.name = "load",
	.since = 4,
	COLUMNS(load, state_load),
	.indexed = true,
	.watched = true},
    [TABLE_OVERRIDE] = {.name = "override",
	.since = 6,
	COLUMNS(override, state_override),
	.rowid = true,
	.indexed = true,
	.watched = true,
	.common = true},
    [TABLE_KEEP] = {.name = "keep",
	.since = 6,
	COLUMNS(keep, state_keep),
	.indexed = true,
	.watched = true,
	.common = true},
    [TABLE_FACTOR] = {.name = "factor",
	.since = 6,
	COLUMNS(factor, state_factor),
	.indexed = true,
	.watched = true,
	.common = true},
    [TABLE_RAMP] = {.name = "ramp",
	.since = 6,
	COLUMNS(ramp, state_ramp),
	.indexed = true,
	.watched = true,
	.common = true},
    [TABLE_DEMAND] = {.name = "demand",
	.since = 6,
	COLUMNS(demand, state_demand),
	.indexed = true,
	.watched = true,
	.common = true,
	.bound = {.time = "at_ms",
	    .age_ms = SCHEMA_DEMAND_AGE_MS,
	    .rows = SCHEMA_DEMAND_MAX}},
    [TABLE_NODE] = {.name = "node",
	.since = 7,
	COLUMNS(node, state_node),
	.indexed = true,
	.watched = true,
	.common = true},
    [TABLE_LOCK] = {.name = "lock",
	.since = 7,
	COLUMNS(lock, state_lock),
	.indexed = true,
	.watched = true,
	.common = true},
    [TABLE_SERVED] = {.name = "served",
	.since = 8,
	COLUMNS(served, state_served),
	.indexed = true,
	.watched = true,
	.common = true},
    [TABLE_FORGOTTEN] = {.name = "forgotten",
	.since = 10,
	COLUMNS(forgotten, state_forgotten),
	.indexed = true,
	.watched = true,
	.common = true,
	.bound = {.time = "at_ms",
	    .age_ms = STATE_OVERRIDES_AGE_MS,
	    .rows = SCHEMA_FORGOTTEN_MAX}},
};

_Static_assert(sizeof(tables) / sizeof(tables[0]) == STATE_TABLES,
    "a table has a descriptor");

const struct schema schema_current = {
    .version = SCHEMA_VERSION,
    .table = tables,
    .n_tables = STATE_TABLES,
};

const struct table *
schema_table(enum state_table which)
{
	return &tables[which];
}
