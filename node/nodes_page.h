/* The nodes that share with this one: /api/v1/nodes. */
#ifndef NODE_NODES_PAGE_H
#define NODE_NODES_PAGE_H

#include "node/page.h"

extern const struct page_kind nodes_page;

/* shares = nodes_page_shares(page): the node's file has an etcd. */
bool nodes_page_shares(const struct page *page);

/* object = nodes_page_share(page): how this node shares, null where its file
 * has no etcd.  NULL without memory. */
json_t *nodes_page_share(const struct page *page);

#endif
