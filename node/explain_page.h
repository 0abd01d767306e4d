/*
 * /api/v1/explain: which answer a client would get from this server, and why.
 * /api/v1/explain/countries: what clients of each country get.
 */
#ifndef NODE_EXPLAIN_PAGE_H
#define NODE_EXPLAIN_PAGE_H

#include "node/page.h"

extern const struct page_kind explain_page, explain_countries_page;

#endif
