/* Keeps what the nodes that share say of themselves.  Called by the sharer. */
#include "share/nodes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "state/schema.h"

struct known {
	struct state_node row;
	struct block_clock clock;
	bool lost;        /* its key is gone */
	bool found;       /* its key is in the reading that is being fed */
	int64_t revision; /* at which its key was written last */
};

struct nodes {
	struct known *known;
	size_t n, size;
};

static const struct block_clock no_clock;

struct nodes *
nodes_create(void)
{
	return calloc(1, sizeof(struct nodes));
}

void
nodes_destroy(struct nodes *nodes)
{
	if (nodes == NULL)
		return;
	free(nodes->known);
	free(nodes);
}

void
nodes_say(const struct state_node *row, int64_t at_ms, struct text *out)
{
	struct state_node told = *row;
	const void *rows[] = {&told};

	/* Whom others hear is not cut off; it may have been when it wrote this,
	 * before it had read all, and would be for them until it says it again.
	 */
	told.cut_ms = -1;
	block_write(schema_table(TABLE_NODE), rows, 1, at_ms, out);
}

static struct known *
find(const struct nodes *nodes, const char *name)
{
	for (size_t i = 0; i < nodes->n; i++)
		if (strcmp(nodes->known[i].row.name, name) == 0)
			return &nodes->known[i];
	return NULL;
}

/* That of which was heard longest ago that it is gone; NULL: all are there. */
static struct known *
find_lost(const struct nodes *nodes)
{
	struct known *found = NULL, *k = nodes->known;

	for (size_t i = 0; k != NULL && i < nodes->n; i++, k++)
		if (k->lost &&
		    (found == NULL || k->row.seen_ms < found->row.seen_ms))
			found = k;
	return found;
}

static struct known *
obtain(struct nodes *nodes, const char *name)
{
	struct known *k = find(nodes, name), *grown;

	if (k != NULL)
		return k;
	grown = array_grow(
	    nodes->known, nodes->n, &nodes->size, sizeof(*grown), NODES_MAX);
	if (grown != NULL) {
		nodes->known = grown;
		k = &nodes->known[nodes->n++];
	} else {
		k = find_lost(nodes);
	}
	if (k == NULL)
		return NULL;
	memset(k, 0, sizeof(*k));
	(void)snprintf(k->row.name, sizeof(k->row.name), "%s", name);
	return k;
}

static void
take_row(void *context, const void *row)
{
	memcpy(context, row, sizeof(struct state_node));
}

const struct state_node *
nodes_take(struct nodes *nodes, const char *name, const char *value, size_t len,
    int64_t wall_ms, bool fresh)
{
	struct state_node row = {.name = ""};
	struct block_found found;
	struct known *k = find(nodes, name);
	struct block_clock clock = k != NULL ? k->clock : no_clock;
	struct block_of of = {.table = schema_table(TABLE_NODE),
	    .owner = name,
	    .now_ms = wall_ms};
	int64_t at_ms;

	/* Whatever it says, its lease lives. */
	if (k != NULL)
		k->found = true;
	if (!block_at(value, len, &at_ms))
		return NULL;
	block_clock_hear(&clock, at_ms, wall_ms, fresh);
	of.clock = &clock;
	/* What makes no sense takes no place of a node. */
	if (block_read(&of, value, len, take_row, &row, &found) != 0 ||
	    found.rows != 1 || (k = obtain(nodes, name)) == NULL)
		return NULL;
	k->clock = clock;
	k->lost = false;
	k->found = true;
	row.seen_ms = wall_ms;
	/* That is not for itself to say. */
	if (strcmp(row.link, STATE_LINK_ENDED) == 0)
		row.link[0] = '\0';
	(void)snprintf(row.origin, sizeof(row.origin), "%s", name);
	k->row = row;
	return &k->row;
}

static void
lose(struct known *k)
{
	/* What it says next may be of another clock. */
	memset(&k->clock, 0, sizeof(k->clock));
	k->lost = true;
	(void)snprintf(k->row.link, sizeof(k->row.link), STATE_LINK_ENDED);
}

void
nodes_begin(struct nodes *nodes)
{
	for (size_t i = 0; i < nodes->n; i++)
		nodes->known[i].found = false;
}

void
nodes_end(struct nodes *nodes)
{
	for (size_t i = 0; i < nodes->n; i++)
		if (!nodes->known[i].found)
			lose(&nodes->known[i]);
}

const struct state_node *
nodes_lost(struct nodes *nodes, const char *name)
{
	struct known *k = find(nodes, name);

	if (k == NULL)
		return NULL;
	lose(k);
	return nodes_row(nodes, name);
}

void
nodes_heard(struct nodes *nodes, const char *name, int64_t revision)
{
	struct known *k = find(nodes, name);

	if (k != NULL)
		k->revision = revision;
}

bool
nodes_forget(struct nodes *nodes, const char *name, int64_t revision)
{
	struct known *k = find(nodes, name);

	if (k == NULL)
		return true;
	if (k->revision > revision)
		return false;
	*k = nodes->known[--nodes->n];
	return true;
}

const struct state_node *
nodes_row(const struct nodes *nodes, const char *name)
{
	const struct known *k = find(nodes, name);

	return k != NULL && k->row.seen_ms != 0 ? &k->row : NULL;
}

const struct state_node *
nodes_next(const struct nodes *nodes, size_t *i)
{
	while (*i < nodes->n)
		if (nodes->known[(*i)++].row.seen_ms != 0)
			return &nodes->known[*i - 1].row;
	return NULL;
}

const struct block_clock *
nodes_clock(const struct nodes *nodes, const char *name)
{
	const struct known *k = find(nodes, name);

	return k != NULL ? &k->clock : &no_clock;
}
