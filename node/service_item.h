/*
 * A service as the pages below /api/v1/ tell it: how it does, its split as it
 * is set and as it was served, and where its clients are sent.
 */
#ifndef NODE_SERVICE_ITEM_H
#define NODE_SERVICE_ITEM_H

#include <jansson.h>
#include <stdbool.h>

#include "node/page.h"
#include "node/service_list.h"

/* Overrides that are compared with a service: operators say a few. */
#define SERVICE_ITEM_OVERRIDES 256

/* object = service_item(page, entry, whole): the service of ${entry}; ${whole}:
 * with the regions of each of its pools.  NULL without memory. */
json_t *service_item(
    struct page *page, const struct service_entry *entry, bool whole);

#endif
