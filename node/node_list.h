/*
 * The nodes that share with this one, as pages tell of them: rows that the
 * follower collects, and a list that it makes when any of them changes, never
 * changed itself, and shared by all who show it.
 */
#ifndef NODE_NODE_LIST_H
#define NODE_NODE_LIST_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "state/rows.h"

/* Rows of more nodes are left out: nobody shares with as many. */
#define NODE_LIST_MAX 256

struct node_list {
	atomic_uint owners;
	size_t n;
	struct state_node row[]; /* by name */
};

/* What was read so far; begins as all zero. */
struct node_rows {
	struct state_node *row;
	size_t n, size;
	bool changed; /* since a list was made of it */
};

/*
 * node_rows_begin(rows, full): a change begins; a full one has all rows.
 * node_rows_take(rows, row): a row of any node.
 * node_rows_finish(rows): free what they hold.
 */
void node_rows_begin(struct node_rows *rows, bool full);
void node_rows_take(struct node_rows *rows, const struct state_node *row);
void node_rows_finish(struct node_rows *rows);

/* list = node_list_create(rows): as they are now.  It has one owner.  NULL
 * without memory, and they go on as changed. */
struct node_list *node_list_create(struct node_rows *rows);

/*
 * node_list_share(list): one owner more; returns ${list}.
 * node_list_release(list): one owner less; the last one frees it.
 * From any thread; NULL is fine for both.
 */
struct node_list *node_list_share(struct node_list *list);
void node_list_release(struct node_list *list);

#endif
