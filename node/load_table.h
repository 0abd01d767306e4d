/*
 * What vantages say of endpoints beside their health: their load, why one that
 * is up is degraded, and when its certificates end.  Filled from the rows of
 * the state database, for people: nothing is decided by it.
 *
 * Threads: of one thread at a time.
 */
#ifndef NODE_LOAD_TABLE_H
#define NODE_LOAD_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "node/vantages.h"
#include "state/endpoint_key.h"
#include "state/rows.h"

struct load_table;

/* What is known of one endpoint. */
struct load_view {
	/* A vantage has looked at its load, and the row of the one that
	 * measured it last: what is not known is NaN or -1, and all of it is
	 * where none has. */
	bool told;
	struct state_load row;
	/* Since that was measured; -1: it never was.  Of a vantage of another
	 * node, with which nothing was wrong: since it was heard last. */
	int64_t age_ms;
	/* A vantage has checked it; of those that count it is degraded, or "";
	 * wall clock, of any vantage: its first certificate ends, or -1. */
	bool checked;
	char degraded[STATE_REASON];
	int64_t certificate_ms;
};

/* When rows come. */
struct load_arrival {
	/* What was known before: another table where all is read anew, so that
	 * only clocks on the wall say how old it is; NULL: nothing. */
	const struct load_table *before;
	int64_t mono_ms, wall_ms;
};

/* table = load_table_create(): an empty one.  NULL without memory. */
struct load_table *load_table_create(void);

/* load_table_destroy(table): free it.  NULL is fine. */
void load_table_destroy(struct load_table *table);

/* status = load_table_take_endpoint(table, row), load_table_take(table, row,
 * arrival): what a vantage says now.  0, or -1 without memory or room. */
int load_table_take_endpoint(
    struct load_table *table, const struct state_endpoint *row);
int load_table_take(struct load_table *table, const struct state_load *row,
    const struct load_arrival *arrival);

/*
 * load_table_find(table, key, region, look, out): what is known of the endpoint
 * ${key} in ${region}.  Those vantages count that live and are not blind there;
 * where none of them does, all do.
 */
struct load_look {
	const struct vantages *vantages; /* NULL: none is known */
	int64_t mono_ms, wall_ms;        /* now */
};
void load_table_find(const struct load_table *table,
    const struct endpoint_key *key, const char *region,
    const struct load_look *look, struct load_view *out);

/* What a vantage says of the health of an endpoint. */
struct load_opinion {
	char vantage[STATE_NAME];
	enum state_health health;
};

/* n = load_table_opinions(table, key, out, size): those of all vantages on
 * endpoint ${key}, the first ${size} to ${out}; how many these are. */
size_t load_table_opinions(const struct load_table *table,
    const struct endpoint_key *key, struct load_opinion *out, size_t size);

/* load_view_forget(view): its load is not known any more; when it was measured
 * stays. */
void load_view_forget(struct load_view *view);

#endif
