/*
 * /api/v1/status: the node as one JSON object.
 */
#ifndef NODE_STATUS_PAGE_H
#define NODE_STATUS_PAGE_H

#include <jansson.h>

#include "node/page.h"
#include "steering/live.h"
#include "steering/policy.h"

extern const struct page_kind status_page;

/* object = status_page_health(page): how fresh health is, and whether the state
 * database can be read.  NULL without memory. */
json_t *status_page_health(const struct page *page);

/*
 * object = status_page_endpoint(policy, live, i): endpoint ${i} of ${policy}
 * and how usable it is, as JSON.  NULL without memory.  Called by meridianctl
 * too, where no server answers.
 */
json_t *status_page_endpoint(
    const struct policy *policy, const struct live *live, size_t i);

#endif
