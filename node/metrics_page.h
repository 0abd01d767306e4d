/*
 * /metrics: the node in the Prometheus text format.
 */
#ifndef NODE_METRICS_PAGE_H
#define NODE_METRICS_PAGE_H

#include "node/page.h"

extern const struct page_kind metrics_page;

#endif
