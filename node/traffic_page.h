/*
 * Answers a second by service and region, and by country: /api/v1/traffic.
 */
#ifndef NODE_TRAFFIC_PAGE_H
#define NODE_TRAFFIC_PAGE_H

#include "node/page.h"

extern const struct page_kind traffic_page;

#endif
