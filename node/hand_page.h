/*
 * What operators said by hand with what controllers and ramps decided, and who
 * looks: /api/v1/overrides and /api/v1/vantages.
 */
#ifndef NODE_HAND_PAGE_H
#define NODE_HAND_PAGE_H

#include "node/page.h"

extern const struct page_kind overrides_page;
extern const struct page_kind vantages_page;

#endif
