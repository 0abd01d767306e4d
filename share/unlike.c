/* Remembers since when each node differs, and whether that was said.  Called by
 * the sharer. */
#include "share/unlike.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/ration.h"
#include "state/node_parts.h"

/* What is known of one node. */
struct other {
	char name[STATE_NAME];
	/* Monotonic clock, since when it differs in each part; 0: it does not.
	 * And which of them the log has. */
	int64_t since_ms[NODE_PARTS];
	bool said[NODE_PARTS];
};

struct unlike {
	struct other others[NODES_MAX];
	size_t n;
	struct ration lines; /* that the log gets of all */
};

struct unlike *
unlike_create(void)
{
	return calloc(1, sizeof(struct unlike));
}

void
unlike_destroy(struct unlike *unlike)
{
	free(unlike);
}

/* There are no more nodes than room. */
static struct other *
obtain(struct unlike *unlike, const char *name)
{
	struct other *o;

	for (size_t i = 0; i < unlike->n; i++)
		if (strcmp(unlike->others[i].name, name) == 0)
			return &unlike->others[i];
	if (unlike->n == NODES_MAX)
		return NULL;
	o = &unlike->others[unlike->n++];
	(void)snprintf(o->name, sizeof(o->name), "%s", name);
	return o;
}

static void
look_at(struct unlike *unlike, struct other *o, enum node_part part,
    const struct state_node *self, const struct state_node *node,
    int64_t wall_ms, int64_t mono_ms)
{
	const struct node_part_words *words = &node_part_words[part];
	const char *here = node_part(self, part);

	if (node_is_silent(node, wall_ms))
		return;
	if (!node_differs(node, part, here, wall_ms)) {
		if (o->said[part] && ration_say(&unlike->lines, true, mono_ms))
			log_info("node %s has the same %s as this one again",
			    o->name, words->key);
		o->since_ms[part] = 0;
		o->said[part] = false;
		return;
	}
	if (o->since_ms[part] == 0)
		o->since_ms[part] = mono_ms;
	if (o->said[part] || mono_ms - o->since_ms[part] < UNLIKE_MS)
		return;
	o->said[part] = true;
	if (!ration_say(&unlike->lines, true, mono_ms))
		return;
	log_warn("node %s %s than this one: %s there, %s here; clients may get "
		 "other answers from it: %s",
	    o->name, words->words, node_part(node, part), here, words->advice);
}

size_t
unlike_look(struct unlike *unlike, const struct state_node *self,
    const struct nodes *nodes, int64_t wall_ms, int64_t mono_ms)
{
	const struct state_node *node;
	size_t i = 0, said = 0;
	unsigned left;

	while ((node = nodes_next(nodes, &i)) != NULL) {
		struct other *o = strcmp(node->name, self->name) != 0
		    ? obtain(unlike, node->name)
		    : NULL;

		for (int part = 0; o != NULL && part < NODE_PARTS; part++) {
			look_at(unlike, o, (enum node_part)part, self, node,
			    wall_ms, mono_ms);
			said += o->said[part];
		}
	}
	if (ration_due(&unlike->lines, mono_ms, &left))
		log_warn("nodes that serve something else, or the same again: "
			 "%u more in the last minute: see meridianctl status "
			 "--all",
		    left);
	return said;
}
