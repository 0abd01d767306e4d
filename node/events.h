/*
 * The last events: what changed and why, as the state database says it, for
 * pages: at most EVENTS_KEPT, however many there are.
 *
 * Threads: the control thread takes rows, any thread may look.
 */
#ifndef NODE_EVENTS_H
#define NODE_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "state/rows.h"
#include "state/schema.h"

#define EVENTS_KEPT SCHEMA_EVENTS_READ

struct events;

/* events = events_create(): none is known.  NULL without memory. */
struct events *events_create(void);

/* events_destroy(events): free it.  NULL is fine. */
void events_destroy(struct events *events);

/* events_begin(events, full), events_take(events, row), events_commit(events):
 * a change of the database, as a sink takes it: rows by their sequence; a full
 * one replaces all that is known. */
void events_begin(struct events *events, bool full);
void events_take(struct events *events, const struct state_event *row);
void events_commit(struct events *events);

/* sequence = events_last(events): of the newest; 0: there is none. */
uint64_t events_last(struct events *events);

/*
 * n = events_copy(events, after, before, out, n): the newest events, at most
 * ${n}, whose sequence lies between the two, to ${out}, the newest first.
 */
size_t events_copy(struct events *events, uint64_t after, uint64_t before,
    struct state_event *out, size_t n);

#endif
