/* Reads the rows of nodes, of their vantages and of locks.  Called by what
 * looks at all nodes; writes nothing. */
#include "ctl/nodes_read.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/file_lock.h"
#include "state/node_parts.h"
#include "state/reader.h"

/* More of any are some mistake. */
#define ROWS_MAX 65536

/* The ${n} rows of ${array} with one more, of ${member} bytes; without memory
 * as they were, and that is noted. */
static void *
add(struct nodes_read *r, void *array, size_t *n, size_t *size, const void *row,
    size_t member)
{
	char *grown = array_grow(array, *n, size, member, ROWS_MAX);

	if (grown == NULL) {
		r->failed = true;
		return array;
	}
	memcpy(grown + *n * member, row, member);
	++*n;
	return grown;
}

/* One that begins again is full. */
static void
take_begin(void *context, bool full)
{
	struct nodes_read *r = context;

	(void)full;
	r->n = r->n_vantages = r->n_locks = 0;
}

static void
take_commit(void *context)
{
	(void)context;
}

static void
take_node(void *context, const struct state_node *row)
{
	struct nodes_read *r = context;

	r->node = add(r, r->node, &r->n, &r->size, row, sizeof(*row));
}

static void
take_vantage(void *context, const struct state_vantage *row)
{
	struct nodes_read *r = context;

	r->vantage = add(r, r->vantage, &r->n_vantages, &r->size_vantages, row,
	    sizeof(*row));
}

static void
take_lock(void *context, const struct state_lock *row)
{
	struct nodes_read *r = context;

	r->lock =
	    add(r, r->lock, &r->n_locks, &r->size_locks, row, sizeof(*row));
}

static int
by_name(const void *left, const void *right)
{
	const struct state_node *a = left, *b = right;

	return strcmp(a->name, b->name);
}

int
nodes_read(const char *path, struct nodes_read *out, struct errbuf *eb)
{
	static const struct state_sink sink = {.begin = take_begin,
	    .node = take_node,
	    .vantage = take_vantage,
	    .lock = take_lock,
	    .commit = take_commit};
	struct state_reader *reader = state_reader_create(path);
	int status = -1;

	out->carried = file_lock_held(path, NODE_SHARE_LOCK);
	(void)room_look(path, &out->room);
	if (reader == NULL)
		return errbuf_error(eb, NULL, "no memory");
	state_reader_follow(reader, TABLES_NODES);
	if (state_reader_poll(reader, &sink, out, eb) >= 0)
		status = 0;
	state_reader_destroy(reader);
	if (out->n > 1)
		qsort(out->node, out->n, sizeof(*out->node), by_name);
	if (out->failed)
		return errbuf_error(eb, NULL, "no memory");
	return status;
}

void
nodes_read_finish(struct nodes_read *out)
{
	free(out->node);
	free(out->vantage);
	free(out->lock);
}

const struct state_node *
nodes_read_own(const struct nodes_read *known)
{
	for (size_t i = 0; i < known->n; i++)
		if (node_is_own(&known->node[i]))
			return &known->node[i];
	return NULL;
}
