/* Being cut off, by the row of this node.  Called by the health model and by
 * who controls; reads no file. */
#include "steering/cutoff.h"

#include <stdio.h>
#include <string.h>

void
cutoff_share(struct cutoff *c, const char *node, int64_t mono_ms)
{
	if (node != NULL && strcmp(c->node, node) == 0)
		return;
	*c = (struct cutoff){.moved_ms = mono_ms};
	if (node != NULL)
		snprintf(c->node, sizeof(c->node), "%s", node);
}

void
cutoff_take(struct cutoff *c, const struct state_node *row, int64_t mono_ms)
{
	if (c->node[0] == '\0' || strcmp(c->node, row->name) != 0)
		return;
	/* The first that is read may be of any age. */
	if (c->sequence != 0 && c->sequence != row->sequence)
		c->moved_ms = mono_ms;
	c->sequence = row->sequence;
	c->said = row->cut_ms >= 0;
}

bool
cutoff_is(const struct cutoff *c, uint64_t silent_ms, int64_t mono_ms)
{
	if (c->node[0] == '\0')
		return false;
	return c->said || mono_ms - c->moved_ms > (int64_t)silent_ms;
}
