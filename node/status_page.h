/*
 * /api/v1/status: the node as one JSON object.
 */
#ifndef NODE_STATUS_PAGE_H
#define NODE_STATUS_PAGE_H

#include <jansson.h>

#include "node/page.h"

extern const struct page_kind status_page;

/* object = status_page_health(page): how fresh health is, and whether the state
 * database can be read.  NULL without memory. */
json_t *status_page_health(const struct page *page);

#endif
