/*
 * Where the rows of the state database go: callbacks by table, the same for a
 * reader in this process and for one in a helper process.
 */
#ifndef STATE_SINK_H
#define STATE_SINK_H

#include <stdbool.h>

#include "state/schema.h"

/*
 * begin() .. commit() is one consistent change.  One that was cut off by an
 * error has no commit(), and the next begin() is full.  A sink may leave out
 * tables that it does not want, or take all rows by row().
 */
struct state_sink {
	void (*begin)(void *context, bool full);
	void (*vantage)(void *context, const struct state_vantage *row);
	void (*endpoint)(void *context, const struct state_endpoint *row);
	void (*event)(void *context, const struct state_event *row);
	void (*latency)(void *context, const struct state_latency *row);
	void (*address)(void *context, const struct state_address *row);
	void (*load)(void *context, const struct state_load *row);
	void (*override)(void *context, const struct state_override *row);
	void (*keep)(void *context, const struct state_keep *row);
	void (*factor)(void *context, const struct state_factor *row);
	void (*ramp)(void *context, const struct state_ramp *row);
	void (*demand)(void *context, const struct state_demand *row);
	void (*node)(void *context, const struct state_node *row);
	void (*lock)(void *context, const struct state_lock *row);
	void (*served)(void *context, const struct state_served *row);
	void (*forgotten)(void *context, const struct state_forgotten *row);
	void (*commit)(void *context);
	void (*row)(
	    void *context, enum state_table table, const union schema_row *row);
};

/* sink_row(sink, context, table, row): give ${row} to the callback of ${table},
 * which readers follow (table.h: watched). */
void sink_row(const struct state_sink *sink, void *context,
    enum state_table table, const union schema_row *row);

#endif
