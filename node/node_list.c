/* Collects rows of nodes, and counts the owners of lists.  Called by the
 * follower and the board; reads no database. */
#include "node/node_list.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

void
node_rows_begin(struct node_rows *rows, bool full)
{
	if (!full)
		return;
	rows->n = 0;
	rows->changed = true;
}

void
node_rows_take(struct node_rows *rows, const struct state_node *row)
{
	struct state_node *grown;
	size_t i = 0;

	while (i < rows->n && strcmp(rows->row[i].name, row->name) != 0)
		i++;
	if (i == rows->n) {
		grown = array_grow(rows->row, rows->n, &rows->size,
		    sizeof(*grown), NODE_LIST_MAX);
		if (grown == NULL)
			return;
		rows->row = grown;
		rows->n++;
	}
	rows->row[i] = *row;
	rows->changed = true;
}

void
node_rows_finish(struct node_rows *rows)
{
	free(rows->row);
	*rows = (struct node_rows){0};
}

static int
by_name(const void *left, const void *right)
{
	const struct state_node *a = left, *b = right;

	return strcmp(a->name, b->name);
}

struct node_list *
node_list_create(struct node_rows *rows)
{
	struct node_list *list =
	    calloc(1, sizeof(*list) + rows->n * sizeof(list->row[0]));

	if (list == NULL)
		return NULL;
	atomic_init(&list->owners, 1);
	list->n = rows->n;
	if (rows->n > 0)
		memcpy(list->row, rows->row, rows->n * sizeof(list->row[0]));
	qsort(list->row, list->n, sizeof(list->row[0]), by_name);
	rows->changed = false;
	return list;
}

struct node_list *
node_list_share(struct node_list *list)
{
	if (list != NULL)
		atomic_fetch_add(&list->owners, 1);
	return list;
}

void
node_list_release(struct node_list *list)
{
	if (list != NULL && atomic_fetch_sub(&list->owners, 1) == 1)
		free(list);
}
