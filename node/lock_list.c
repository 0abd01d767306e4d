/*
 * Keeps rows of locks.  Called by loads.c, which follows the database, and by
 * the page of nodes.
 */
#include "node/lock_list.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "node/page_json.h"

struct rows {
	struct state_lock *row;
	size_t n, size;
};

struct lock_list {
	pthread_mutex_t lock; /* of ${now} */
	struct rows now;
	struct rows next; /* that a full change makes */
	bool full;
};

struct lock_list *
lock_list_create(void)
{
	struct lock_list *list = calloc(1, sizeof(*list));

	if (list != NULL)
		pthread_mutex_init(&list->lock, NULL);
	return list;
}

void
lock_list_destroy(struct lock_list *list)
{
	if (list == NULL)
		return;
	pthread_mutex_destroy(&list->lock);
	free(list->now.row);
	free(list->next.row);
	free(list);
}

void
lock_list_begin(struct lock_list *list, bool full)
{
	list->full = full;
	list->next.n = 0;
}

/* Without memory it is left out: no answer depends on it. */
static void
put(struct rows *rows, const struct state_lock *row)
{
	struct state_lock *grown;
	size_t i = 0;

	while (i < rows->n &&
	    (strcmp(rows->row[i].pool, row->pool) != 0 ||
		strcmp(rows->row[i].zone, row->zone) != 0))
		i++;
	if (i == rows->n) {
		grown = array_grow(rows->row, rows->n, &rows->size,
		    sizeof(*grown), LOCK_LIST_MAX);
		if (grown == NULL)
			return;
		rows->row = grown;
		rows->n++;
	}
	rows->row[i] = *row;
}

void
lock_list_take(struct lock_list *list, const struct state_lock *row)
{
	if (list->full) {
		put(&list->next, row);
		return;
	}
	pthread_mutex_lock(&list->lock);
	put(&list->now, row);
	pthread_mutex_unlock(&list->lock);
}

void
lock_list_commit(struct lock_list *list)
{
	struct rows before = list->now;

	if (!list->full)
		return;
	pthread_mutex_lock(&list->lock);
	list->now = list->next;
	pthread_mutex_unlock(&list->lock);
	list->next = before;
	list->full = false;
}

json_t *
lock_list_of(struct lock_list *list, const char *node)
{
	json_t *array = json_array();

	pthread_mutex_lock(&list->lock);
	for (size_t i = 0; i < list->now.n; i++) {
		const struct state_lock *row = &list->now.row[i];

		if (strcmp(row->node, node) == 0)
			json_array_append_new(array,
			    json_pack("{so so}", "zone",
				page_json_string(row->zone), "pool",
				page_json_string(row->pool)));
	}
	pthread_mutex_unlock(&list->lock);
	return array;
}
