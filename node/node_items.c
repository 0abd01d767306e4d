/* Makes objects of rows of nodes.  Called in the thread of the pages and by
 * meridianctl; keeps nothing. */
#include "node/node_items.h"

#include "base/clock.h"
#include "node/page_json.h"

static json_t *
text_or_null(const char *text)
{
	return text[0] != '\0' ? page_json_string(text) : json_null();
}

static json_t *
time_or_null(int64_t ms)
{
	return ms >= 0 ? json_integer(ms) : json_null();
}

static int64_t
age_ms(const struct state_node *node, int64_t wall_ms)
{
	return wall_ms > node->seen_ms ? wall_ms - node->seen_ms : 0;
}

/* The parts in which ${node} is another than most. */
static json_t *
differs_list(const struct state_node *node, const struct node_most *most,
    int64_t wall_ms)
{
	json_t *list = json_array();

	for (int p = 0; p < NODE_PARTS; p++)
		if (node_differs(
			node, (enum node_part)p, most->value[p], wall_ms))
			json_array_append_new(
			    list, json_string(node_part_words[p].key));
	return list;
}

json_t *
node_items_object(const struct state_node *node, const struct node_most *most,
    int64_t wall_ms)
{
	char when[CLOCK_TEXT];
	json_t *object = json_pack("{so sb so so so sI sb so so so so}", "node",
	    page_json_string(node->name), "this", (int)node_is_own(node),
	    "region", text_or_null(node->region), "version",
	    text_or_null(node->version), "address", text_or_null(node->address),
	    "age_ms", (json_int_t)age_ms(node, wall_ms), "silent",
	    (int)node_is_silent(node, wall_ms), "cut",
	    node->cut_ms >= 0 ? json_string(clock_format(node->cut_ms, when))
			      : json_null(),
	    "cut_ms", time_or_null(node->cut_ms), "link",
	    text_or_null(node->link), "differs",
	    differs_list(node, most, wall_ms));

	/* The version is there. */
	for (int p = NODE_VERSION + 1; p < NODE_PARTS; p++)
		json_object_set_new(object, node_part_words[p].key,
		    text_or_null(node_part(node, (enum node_part)p)));
	return object;
}

static const char *
link_word(const struct state_node *own, int64_t wall_ms)
{
	if (own == NULL || node_is_silent(own, wall_ms))
		return "ended";
	return own->cut_ms >= 0 ? "cut" : "linked";
}

json_t *
node_items_share(
    const char *name, const struct state_node *nodes, size_t n, int64_t wall_ms)
{
	json_t *silent = json_array(), *differ = json_array();
	const struct state_node *own = NULL, *twin;
	struct node_most most;
	char when[CLOCK_TEXT];
	bool cut;

	node_most_find(nodes, n, wall_ms, &most);
	for (size_t i = 0; i < n; i++) {
		json_t *parts = differs_list(&nodes[i], &most, wall_ms);

		if (node_is_own(&nodes[i]))
			own = &nodes[i];
		if (node_is_silent(&nodes[i], wall_ms))
			json_array_append_new(
			    silent, page_json_string(nodes[i].name));
		if (json_array_size(parts) > 0)
			json_array_append_new(
			    differ, page_json_string(nodes[i].name));
		json_decref(parts);
	}
	cut = own != NULL && own->cut_ms >= 0;
	twin = own != NULL ? node_twin(nodes, n, own, wall_ms) : NULL;
	return json_pack("{so ss so so so sI sI so so so}", "node",
	    page_json_string(name), "link", link_word(own, wall_ms), "trouble",
	    own != NULL ? text_or_null(own->link) : json_null(), "cut",
	    cut ? json_string(clock_format(own->cut_ms, when)) : json_null(),
	    "cut_ms", cut ? json_integer(own->cut_ms) : json_null(), "nodes",
	    (json_int_t)n, "heard", (json_int_t)(n - json_array_size(silent)),
	    "silent", silent, "differ", differ, "same_vantage",
	    twin != NULL ? page_json_string(twin->name) : json_null());
}
