/*
 * /api/v1/reload: how the last reload went, some hundred bytes for whoever
 * waits for one, and what the status page says of it.
 */
#ifndef NODE_RELOAD_PAGE_H
#define NODE_RELOAD_PAGE_H

#include <jansson.h>

#include "node/page.h"

extern const struct page_kind reload_page;

/* object = reload_page_object(report, messages): ${report} as JSON, with
 * its ${messages} or null in their place.  NULL without memory. */
json_t *reload_page_object(const struct reload_report *report, bool messages);

#endif
