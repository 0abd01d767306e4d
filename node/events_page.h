/*
 * What changed, the newest first: /api/v1/events; and one event as JSON.
 */
#ifndef NODE_EVENTS_PAGE_H
#define NODE_EVENTS_PAGE_H

#include <jansson.h>

#include "node/page.h"
#include "state/rows.h"

extern const struct page_kind events_page;

/* object = events_page_item(event): NULL without memory. */
json_t *events_page_item(const struct state_event *event);

#endif
