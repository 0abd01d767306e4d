/*
 * Which node controls which pools, by the locks that the state database has,
 * for pages.
 *
 * Threads: the control thread takes rows, any thread may look.
 */
#ifndef NODE_LOCK_LIST_H
#define NODE_LOCK_LIST_H

#include <jansson.h>
#include <stdbool.h>

#include "state/rows.h"

/* More are some mistake, and left out. */
#define LOCK_LIST_MAX 65536

struct lock_list;

/* list = lock_list_create(): none is known.  NULL without memory.
 * lock_list_destroy(list): free it.  NULL is fine. */
struct lock_list *lock_list_create(void);
void lock_list_destroy(struct lock_list *list);

/* lock_list_begin(list, full), lock_list_take(list, row),
 * lock_list_commit(list): a change of the database, as a sink takes it; a full
 * one replaces all that is known. */
void lock_list_begin(struct lock_list *list, bool full);
void lock_list_take(struct lock_list *list, const struct state_lock *row);
void lock_list_commit(struct lock_list *list);

/* array = lock_list_of(list, node): the zone and the pool of each lock that
 * ${node} holds.  NULL without memory. */
json_t *lock_list_of(struct lock_list *list, const char *node);

#endif
