/* Writes the page of nodes.  Called in the thread of the pages. */
#include "node/nodes_page.h"

#include "node/node_items.h"
#include "node/page_json.h"
#include "node/page_query.h"

bool
nodes_page_shares(const struct page *page)
{
	return page->view.served->generation->config->share.n_etcd > 0;
}

json_t *
nodes_page_share(const struct page *page)
{
	const struct node_list *nodes = page->view.health.nodes;

	if (!nodes_page_shares(page))
		return json_null();
	return node_items_share(page->view.served->generation->config->node,
	    nodes != NULL ? nodes->row : NULL, nodes != NULL ? nodes->n : 0,
	    page->wall_ms);
}

static size_t
write_head(struct page *page, size_t item, struct text *out)
{
	(void)item;
	page_query_head(page, out);
	text_add(out, ",\"share\":");
	page_json_add(
	    out, nodes_page_share(page), PAGE_QUERY_JSON | JSON_ENCODE_ANY);
	text_add(out, ",\"nodes\":[");
	return PAGE_PART_ENDS;
}

static json_t *
node_object(const struct page *page, const struct state_node *node,
    const struct node_most *most)
{
	json_t *object = node_items_object(node, most, page->wall_ms);

	json_object_set_new(object, "locks",
	    lock_list_of(loads_locks(page->source->loads), node->name));
	return object;
}

/* Rows of a node that shared once stay, and are nobody's news. */
static size_t
write_nodes(struct page *page, size_t i, struct text *out)
{
	const struct node_list *nodes = page->view.health.nodes;
	size_t n = nodes != NULL && nodes_page_shares(page) ? nodes->n : 0;
	struct node_most most;

	if (n > 0)
		node_most_find(nodes->row, n, page->wall_ms, &most);
	for (; i < n && !page_full(out); i++) {
		text_add(out, i > 0 ? ",\n" : "\n");
		page_json_add(out, node_object(page, &nodes->row[i], &most),
		    PAGE_QUERY_JSON);
	}
	if (i < n)
		return i;
	text_add(out, "]}\n");
	return PAGE_PART_ENDS;
}

static size_t (*const parts[])(struct page *, size_t, struct text *) = {
    write_head,
    write_nodes,
};

const struct page_kind nodes_page = {
    .parts = parts,
    .n_parts = sizeof(parts) / sizeof(parts[0]),
};
