/*
 * Keeps the last rows of overrides.  Called by loads.c, which follows the
 * database, and by the page of events.
 */
#include "node/hand_list.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* By their numbers; behind the first ${n} is the room that is free.  Rows are
 * large, and of a long trail each takes the place of another: they stay where
 * they are. */
struct rows {
	struct state_override room[HAND_LIST_KEPT];
	struct state_override *row[HAND_LIST_KEPT];
	size_t n;
};

static struct rows *
create_rows(void)
{
	struct rows *rows = calloc(1, sizeof(*rows));

	for (size_t i = 0; rows != NULL && i < HAND_LIST_KEPT; i++)
		rows->row[i] = &rows->room[i];
	return rows;
}

struct hand_list {
	pthread_mutex_t lock; /* of ${now} */
	struct rows *now;
	struct rows *next; /* that a full change makes */
	bool full;
};

struct hand_list *
hand_list_create(void)
{
	struct hand_list *list = calloc(1, sizeof(*list));

	if (list == NULL)
		return NULL;
	pthread_mutex_init(&list->lock, NULL);
	list->now = create_rows();
	list->next = create_rows();
	if (list->now != NULL && list->next != NULL)
		return list;
	hand_list_destroy(list);
	return NULL;
}

void
hand_list_destroy(struct hand_list *list)
{
	if (list == NULL)
		return;
	pthread_mutex_destroy(&list->lock);
	free(list->now);
	free(list->next);
	free(list);
}

void
hand_list_begin(struct hand_list *list, bool full)
{
	list->full = full;
	list->next->n = 0;
}

/* Number ${i} becomes free. */
static void
drop(struct rows *rows, size_t i)
{
	struct state_override *row = rows->row[i];

	rows->n--;
	memmove(&rows->row[i], &rows->row[i + 1],
	    (rows->n - i) * sizeof(struct state_override *));
	rows->row[rows->n] = row;
}

static bool
is_same(const struct state_override *a, const struct state_override *b)
{
	return a->number == b->number ||
	    (a->id[0] != '\0' && strcmp(a->id, b->id) == 0);
}

static void
put(struct rows *rows, const struct state_override *row)
{
	struct state_override *free_row;
	size_t i = rows->n;

	while (i > 0 && !is_same(rows->row[i - 1], row))
		i--;
	if (i > 0)
		drop(rows, i - 1);
	if (rows->n == HAND_LIST_KEPT) {
		if (row->number < rows->row[0]->number)
			return;
		drop(rows, 0);
	}
	free_row = rows->row[rows->n];
	*free_row = *row;
	for (i = rows->n; i > 0 && rows->row[i - 1]->number > row->number; i--)
		rows->row[i] = rows->row[i - 1];
	rows->row[i] = free_row;
	rows->n++;
}

void
hand_list_take(struct hand_list *list, const struct state_override *row)
{
	if (list->full) {
		put(list->next, row);
		return;
	}
	pthread_mutex_lock(&list->lock);
	put(list->now, row);
	pthread_mutex_unlock(&list->lock);
}

void
hand_list_commit(struct hand_list *list)
{
	struct rows *before = list->now;

	if (!list->full)
		return;
	pthread_mutex_lock(&list->lock);
	list->now = list->next;
	pthread_mutex_unlock(&list->lock);
	list->next = before;
	list->full = false;
}

size_t
hand_list_copy(struct hand_list *list, struct state_override *out)
{
	size_t n;

	pthread_mutex_lock(&list->lock);
	n = list->now->n;
	for (size_t i = 0; i < n; i++)
		out[i] = *list->now->row[i];
	pthread_mutex_unlock(&list->lock);
	return n;
}
