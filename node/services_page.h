/*
 * How each service does, by name, some at a time: /api/v1/services.
 */
#ifndef NODE_SERVICES_PAGE_H
#define NODE_SERVICES_PAGE_H

#include "node/page.h"

extern const struct page_kind services_page;

#endif
