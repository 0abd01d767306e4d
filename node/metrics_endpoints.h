/* The part of /metrics that is about endpoints: up or not, and their load. */
#ifndef NODE_METRICS_ENDPOINTS_H
#define NODE_METRICS_ENDPOINTS_H

#include "node/page.h"

/* next = metrics_endpoints(page, i, out): as struct page_kind has it. */
size_t metrics_endpoints(struct page *page, size_t i, struct text *out);

#endif
