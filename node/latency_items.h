/*
 * The round trips as JSON: how many there are, how old, and how they are
 * followed.  For the status page.
 */
#ifndef NODE_LATENCY_ITEMS_H
#define NODE_LATENCY_ITEMS_H

#include <jansson.h>

#include "node/latencies.h"

/* object = latency_items_object(report): null where no service ranks by
 * latency.  NULL without memory. */
json_t *latency_items_object(const struct latencies_report *report);

#endif
