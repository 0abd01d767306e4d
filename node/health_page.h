/*
 * /healthz: whether this server should get queries, in one line, for balancers
 * and supervisors.  200: it answers from a configuration that is loaded.  503:
 * it does not yet.  It goes on with old health and old files, and that is no
 * reason to restart it or to take it away: the line says so, and the status is
 * 200.
 */
#ifndef NODE_HEALTH_PAGE_H
#define NODE_HEALTH_PAGE_H

#include "node/page.h"

extern const struct page_kind health_page;

#endif
