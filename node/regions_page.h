/*
 * The regions of all zones: where they are, how they do, what they bear:
 * /api/v1/regions.
 */
#ifndef NODE_REGIONS_PAGE_H
#define NODE_REGIONS_PAGE_H

#include "node/page.h"

extern const struct page_kind regions_page;

#endif
