/*
 * The last that was said by hand, for pages: what is in force, what is over,
 * and what other nodes refused.
 *
 * Threads: the control thread takes rows, any thread may look.
 */
#ifndef NODE_HAND_LIST_H
#define NODE_HAND_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "state/rows.h"

#define HAND_LIST_KEPT 200

struct hand_list;

/* list = hand_list_create(): nothing is known.  NULL without memory.
 * hand_list_destroy(list): free it.  NULL is fine. */
struct hand_list *hand_list_create(void);
void hand_list_destroy(struct hand_list *list);

/*
 * hand_list_begin(list, full), hand_list_take(list, row),
 * hand_list_commit(list): a change of the database, as a sink takes it; a full
 * one replaces all that is known.  A row that is known under another number is
 * moved.
 */
void hand_list_begin(struct hand_list *list, bool full);
void hand_list_take(struct hand_list *list, const struct state_override *row);
void hand_list_commit(struct hand_list *list);

/* n = hand_list_copy(list, out): the last HAND_LIST_KEPT at most, by their
 * numbers, the first that was said first. */
size_t hand_list_copy(struct hand_list *list, struct state_override *out);

#endif
