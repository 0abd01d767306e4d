/*
 * The schema of the state database: all its tables, its version, and what a
 * version changed beyond adding tables and columns.  The columns are documented
 * in meridian-state(5).
 *
 * A new table is a struct in rows.h, its number and place in union schema_row
 * here, a descriptor in schema.c (`since` is the new SCHEMA_VERSION) and, when
 * readers follow it, a callback in sink.h.
 */
#ifndef STATE_SCHEMA_H
#define STATE_SCHEMA_H

#include "state/rows.h"
#include "state/table.h"

/* The version of this release.  1: vantage, endpoint, event.  2: meta.  3:
 * latency, address, vantage.region.  4: load, and of endpoint all from degraded
 * on.  5: of endpoint all from maintenance_ms on, and of address from held_ms.
 * 6: override, keep, factor, ramp, demand.  7: node, lock, vantage.node, and of
 * override all from id on.  8: served, of node all from address on, and of
 * override boot and steady_ms.  9: of node presets, latency and followed, of
 * served the former two.  10: forgotten, node.site. */
#define SCHEMA_VERSION 10

/* Its tables. */
enum state_table {
	TABLE_VANTAGE,   /* struct state_vantage */
	TABLE_ENDPOINT,  /* struct state_endpoint */
	TABLE_EVENT,     /* struct state_event */
	TABLE_LATENCY,   /* struct state_latency */
	TABLE_ADDRESS,   /* struct state_address */
	TABLE_LOAD,      /* struct state_load */
	TABLE_OVERRIDE,  /* struct state_override */
	TABLE_KEEP,      /* struct state_keep */
	TABLE_FACTOR,    /* struct state_factor */
	TABLE_RAMP,      /* struct state_ramp */
	TABLE_DEMAND,    /* struct state_demand */
	TABLE_NODE,      /* struct state_node */
	TABLE_LOCK,      /* struct state_lock */
	TABLE_SERVED,    /* struct state_served */
	TABLE_FORGOTTEN, /* struct state_forgotten */
	STATE_TABLES
};

/*
 * Tables that a reader follows together, as a set of bits by their number: what
 * health is made of, with whether this node is cut off, and the few rows that
 * are laid over it; round trips, which
 * are so many that health must not wait for them; what people are told of
 * endpoints beside their health, load first of all, which changes all the time;
 * for who controls load, what was said by hand, and demand; and for who carries
 * rows between nodes, all of that.
 */
#define TABLES_HEALTH                                                       \
	(1u << TABLE_VANTAGE | 1u << TABLE_ENDPOINT | 1u << TABLE_ADDRESS | \
	    1u << TABLE_OVERRIDE | 1u << TABLE_KEEP | 1u << TABLE_FACTOR |  \
	    1u << TABLE_RAMP | 1u << TABLE_NODE)
#define TABLES_OVERRIDE (1u << TABLE_OVERRIDE)
#define TABLES_DEMAND (1u << TABLE_DEMAND)
#define TABLES_LATENCY (1u << TABLE_LATENCY)
#define TABLES_LOAD \
	(1u << TABLE_VANTAGE | 1u << TABLE_ENDPOINT | 1u << TABLE_LOAD)

/* The same with what changed, what was said by hand, and who controls what, for
 * pages. */
#define TABLES_PAGES                                              \
	(TABLES_LOAD | 1u << TABLE_EVENT | 1u << TABLE_OVERRIDE | \
	    1u << TABLE_LOCK)
/* Of events readers give the last ones, no more than that: after an outage
 * there are as many as endpoints, and people want the newest. */
#define SCHEMA_EVENTS_READ 1000

/* Which node steps for all, and whether this one may. */
#define TABLES_LOCK (1u << TABLE_NODE | 1u << TABLE_LOCK)

/* For meridian-probe, which controls by load. */
#define TABLES_CONTROL                                                   \
	(TABLES_LOAD | 1u << TABLE_ADDRESS | 1u << TABLE_OVERRIDE |      \
	    1u << TABLE_KEEP | 1u << TABLE_FACTOR | 1u << TABLE_DEMAND | \
	    TABLES_LOCK)

/* And to walk ramps. */
#define TABLES_RAMP                                                 \
	(TABLES_LOAD | 1u << TABLE_ADDRESS | 1u << TABLE_OVERRIDE | \
	    1u << TABLE_RAMP | TABLES_LOCK)

/* Of tables that a vantage writes, only rows of vantages of this node. */
#define TABLES_OWN (1u << 31)

/* For who carries rows between nodes: what any of them says of now. */
#define TABLES_SHARE                                           \
	(TABLES_HEALTH | TABLES_CONTROL | 1u << TABLE_SERVED | \
	    TABLES_FORGOTTEN | TABLES_OWN)

/* For who has a node forgotten, and tells of it. */
#define TABLES_FORGOTTEN (1u << TABLE_FORGOTTEN)

/* For who looks at all nodes. */
#define TABLES_NODES (TABLES_LOCK | 1u << TABLE_VANTAGE)

/* A row of any of them. */
union schema_row {
	struct state_vantage vantage;
	struct state_endpoint endpoint;
	struct state_event event;
	struct state_latency latency;
	struct state_address address;
	struct state_load load;
	struct state_override override;
	struct state_keep keep;
	struct state_factor factor;
	struct state_ramp ramp;
	struct state_demand demand;
	struct state_node node;
	struct state_lock lock;
	struct state_served served;
	struct state_forgotten forgotten;
};

/* Events are kept no longer and no more than this. */
#define SCHEMA_EVENTS_AGE_MS (INT64_C(30) * 24 * 3600 * 1000)
#define SCHEMA_EVENTS_MAX 100000

/* Demand is of now: what a node counted longer ago is taken away, as are the
 * oldest where there are more. */
#define SCHEMA_DEMAND_AGE_MS (INT64_C(3600) * 1000)
#define SCHEMA_DEMAND_MAX 1000000

/* Of nodes that were forgotten rows are kept as long as overrides. */
#define SCHEMA_FORGOTTEN_MAX 4096

/* Rows of table latency: of 100,000 prefixes and all countries to 40 regions.
 */
#define SCHEMA_LATENCIES_MAX 4000000

/* What a version changes beside adding tables and columns, which needs no word
 * here: an older release goes on without them. */
struct schema_step {
	unsigned version; /* the step leads to it */
	const char *sql;  /* after its tables and columns were added; or NULL */
	/* Releases below these may not read or write it any more; 0: as before.
	 * A release that may not read may not write. */
	unsigned least_read, least_write;
};

struct schema {
	unsigned version;
	/* PRAGMA application_id; 0: MIGRATE_APPLICATION_ID (migrate.h). */
	uint32_t application_id;
	const char *maker; /* who makes a lost file; NULL: meridian-probe */
	/* Run after the tables of a new file; NULL after the last, or NULL. */
	const char *const *sql;
	const struct table *table; /* by enum state_table, in schema_current */
	size_t n_tables;
	const struct schema_step *step; /* by version, growing */
	size_t n_steps;
};

extern const struct schema schema_current;

/* table = schema_table(which): a table of the schema of this release. */
const struct table *schema_table(enum state_table which);

#endif
