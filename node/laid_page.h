/*
 * The parts of the status page about what is laid over health.  For
 * status_page.c.
 */
#ifndef NODE_LAID_PAGE_H
#define NODE_LAID_PAGE_H

#include "node/page.h"
#include "state/schema.h"

/* object = laid_page_object(which, row): each column of ${row} by its name.
 * NULL without memory. */
json_t *laid_page_object(enum state_table which, const void *row);

/* Parts of a page (page.h): what operators said that is in force, what regions
 * keep, factors of endpoints, ramps. */
size_t laid_page_overrides(struct page *page, size_t item, struct text *out);
size_t laid_page_keeps(struct page *page, size_t item, struct text *out);
size_t laid_page_factors(struct page *page, size_t item, struct text *out);
size_t laid_page_ramps(struct page *page, size_t item, struct text *out);

#endif
