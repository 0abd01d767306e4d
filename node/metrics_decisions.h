/* The parts of /metrics that are about decisions: why answers name what they
 * name, shares of splits, scopes. */
#ifndef NODE_METRICS_DECISIONS_H
#define NODE_METRICS_DECISIONS_H

#include "node/page.h"

/* next = metrics_decisions(page, i, out), …: as struct page_kind has it; the
 * first comes after page_sort_slots(). */
size_t metrics_decisions(struct page *page, size_t i, struct text *out);
size_t metrics_shares(struct page *page, size_t i, struct text *out);
size_t metrics_scopes(struct page *page, size_t i, struct text *out);

#endif
