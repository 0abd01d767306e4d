/* Compares rows of nodes.  Called by whoever has all of them; reads none. */
#include "state/node_parts.h"

#include <string.h>

/* A node says that it lives every 10 s, and its own row moves every second:
 * two of the first may be late, and a few of the second. */
#define SILENT_MS 25000
#define OWN_SILENT_MS 5000

const struct node_part_words node_part_words[NODE_PARTS] = {
    [NODE_VERSION] = {"version", "runs another version",
	"upgrade those that are behind"},
    [NODE_ZONES] = {"zones", "serves other zones",
	"bring the same master files to all and reload: see meridianctl "
	"fingerprint on each"},
    [NODE_STEERING] = {"steering", "is steered in another way",
	"bring the same steering files to all and reload: see meridianctl "
	"fingerprint on each"},
    [NODE_PRESETS] = {"presets", "checks by other presets",
	"bring the same presets to all and reload: see meridian-presets(5)"},
    [NODE_GEOGRAPHY] = {"geography", "has another geography",
	"bring the same databases to all: see geo in meridian.yaml(5)"},
    [NODE_LATENCY] = {"latency", "ranks by other round trips",
	"import the same file at all: see meridian-regions(7)"},
};

const char *
node_part(const struct state_node *node, enum node_part part)
{
	switch (part) {
	case NODE_VERSION:
		return node->version;
	case NODE_ZONES:
		return node->zones;
	case NODE_STEERING:
		return node->steering;
	case NODE_PRESETS:
		return node->presets;
	case NODE_GEOGRAPHY:
		return node->geography;
	case NODE_LATENCY:
		return node->latency;
	case NODE_PARTS:
		break;
	}
	return "";
}

bool
node_is_own(const struct state_node *node)
{
	return node->origin[0] == '\0';
}

bool
node_is_silent(const struct state_node *node, int64_t wall_ms)
{
	if (node_is_own(node))
		return wall_ms - node->seen_ms > OWN_SILENT_MS;
	return wall_ms - node->seen_ms > SILENT_MS ||
	    strcmp(node->link, STATE_LINK_ENDED) == 0;
}

const struct state_node *
node_twin(const struct state_node *nodes, size_t n,
    const struct state_node *node, int64_t wall_ms)
{
	if (node->vantage[0] == '\0' || node_is_silent(node, wall_ms))
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (strcmp(nodes[i].name, node->name) != 0 &&
		    strcmp(nodes[i].vantage, node->vantage) == 0 &&
		    !node_is_silent(&nodes[i], wall_ms))
			return &nodes[i];
	return NULL;
}

bool
node_link_stuck(const char *link)
{
	return strstr(link, STATE_LINK_SITE) != NULL ||
	    strstr(link, STATE_LINK_NO_SITE) != NULL;
}

bool
node_differs(const struct state_node *node, enum node_part part,
    const char *value, int64_t wall_ms)
{
	const char *is = node_part(node, part);

	return value != NULL && value[0] != '\0' && is[0] != '\0' &&
	    !node_is_silent(node, wall_ms) && strcmp(is, value) != 0;
}

/* How many that are heard say ${value}. */
static size_t
count(const struct state_node *nodes, size_t n, enum node_part part,
    int64_t wall_ms, const char *value)
{
	size_t same = 0;

	for (size_t i = 0; i < n; i++)
		same += !node_is_silent(&nodes[i], wall_ms) &&
		    strcmp(node_part(&nodes[i], part), value) == 0;
	return same;
}

static void
find_most(const struct state_node *nodes, size_t n, enum node_part part,
    int64_t wall_ms, struct node_most *most)
{
	const char *best = NULL;
	size_t same = 0;

	for (size_t i = 0; i < n; i++) {
		const char *is = node_part(&nodes[i], part);
		size_t these;

		/* Most say the same, which is counted once. */
		if (is[0] == '\0' || node_is_silent(&nodes[i], wall_ms) ||
		    (best != NULL && strcmp(is, best) == 0))
			continue;
		these = count(nodes, n, part, wall_ms, is);
		if (these <= same)
			continue;
		best = is;
		same = these;
	}
	most->value[part] = best;
	most->same[part] = same;
}

void
node_most_find(const struct state_node *nodes, size_t n, int64_t wall_ms,
    struct node_most *most)
{
	for (int part = 0; part < NODE_PARTS; part++)
		find_most(nodes, n, (enum node_part)part, wall_ms, most);
}
