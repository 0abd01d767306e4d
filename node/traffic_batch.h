/*
 * A batch in the making: rows of what was counted, and their texts.  For
 * traffic.c alone.
 */
#ifndef NODE_TRAFFIC_BATCH_H
#define NODE_TRAFFIC_BATCH_H

#include "node/traffic_places.h"
#include "state/history/batch.h"

struct traffic_batch;

/* batch = traffic_batch_create(minute_ms): an empty one.  NULL without memory.
 * traffic_batch_destroy(batch): free it.  NULL is fine. */
struct traffic_batch *traffic_batch_create(int64_t minute_ms);
void traffic_batch_destroy(struct traffic_batch *batch);

/*
 * traffic_batch_traffic(batch, row), …: one row more; texts are copied, and the
 * name of the service is written as the history has it.  Without memory, or
 * past what a batch may hold, it is left out.
 */
void traffic_batch_traffic(
    struct traffic_batch *batch, const struct history_traffic *row);
void traffic_batch_scope(
    struct traffic_batch *batch, const struct history_scope *row);
void traffic_batch_failover(
    struct traffic_batch *batch, const struct history_failover *row);
void traffic_batch_place(
    struct traffic_batch *batch, const struct traffic_place *row);

/* n = traffic_batch_lost(batch): rows that were left out. */
uint64_t traffic_batch_lost(const struct traffic_batch *batch);

/*
 * out = traffic_batch_end(batch, like): it is whole: the batch as the history
 * takes it, with node, run, number and sample of ${like}.  It is part of
 * ${batch}: traffic_batch_of(out) is that.
 */
const struct history_batch *traffic_batch_end(
    struct traffic_batch *batch, const struct history_batch *like);
struct traffic_batch *traffic_batch_of(const struct history_batch *out);

#endif
