/*
 * A row of the state database to the health model, or to what is laid over it:
 * for the sinks of those that follow or read it.
 */
#ifndef STEERING_HEALTH_ROW_H
#define STEERING_HEALTH_ROW_H

#include "state/schema.h"
#include "steering/health.h"

/* health_row(health, table, row, mono_ms, wall_ms): take ${row} of one of
 * TABLES_HEALTH, between health_begin() and health_commit(). */
void health_row(struct health *health, enum state_table table,
    const union schema_row *row, int64_t mono_ms, int64_t wall_ms);

#endif
