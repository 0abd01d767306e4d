/*
 * Endpoints, some at a time, of one service, zone, pool, region or state where
 * the query says so: /api/v1/endpoints.
 */
#ifndef NODE_ENDPOINTS_PAGE_H
#define NODE_ENDPOINTS_PAGE_H

#include "node/page.h"

extern const struct page_kind endpoints_page;

#endif
