/*
 * The trail of overrides that all nodes share: compares what this node has with
 * what etcd has, and says which rows go which way, and under which number.
 * Called by the sharer; pure: no socket, no file, no clock of its own.
 *
 * - A row that etcd has is put into the local trail, as etcd has it.
 * - A row that this node offers gets the next number there is.  Only one node
 *   can write a number, so that the order in which rows were accepted is the
 *   order of the trail.
 * - Rows that were said before anything was shared are offered like others, so
 *   that what is in force when sharing begins stays in force.
 * - A row that was said while this node was cut off is refused when etcd has a
 *   later one about the same; it stays in the trail, with why.
 * - A row that was accepted and that etcd lacks, as after it was made anew or
 *   an older backup was restored, is offered again: under its own number where
 *   nobody has that, else under the next.  One that is too old to count is not.
 */
#ifndef SHARE_SHARED_TRAIL_H
#define SHARE_SHARED_TRAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "state/rows.h"

/* Rows more than a trail keeps; what comes after is left out, in words. */
#define SHARED_TRAIL_ROWS 100000

struct shared_trail;

/* trail = shared_trail_create(): knows nothing yet.  NULL without memory.
 * shared_trail_destroy(trail): NULL is fine. */
struct shared_trail *shared_trail_create(void);
void shared_trail_destroy(struct shared_trail *trail);

/*
 * What this node has.  shared_trail_local_begin(trail): all rows follow, as
 * after the database was opened.  shared_trail_local(trail, row, cut): a row;
 * ${cut}: while this node is cut off, or before it was ever not.  Rows without
 * an id, as older releases wrote them, stay on this node.  0, or -1 without
 * memory.
 */
void shared_trail_local_begin(struct shared_trail *trail);
int shared_trail_local(
    struct shared_trail *trail, const struct state_override *row, bool cut);

/*
 * What etcd has.  shared_trail_begin(trail): a clean reading; its rows; and
 * shared_trail_end(trail): it is whole.  shared_trail_row(trail, row) also
 * takes rows that come later; shared_trail_gone(trail, number): one was taken
 * away.  A row whose text does not fit what it is of is the business of its
 * reader.
 */
void shared_trail_begin(struct shared_trail *trail);
int shared_trail_row(
    struct shared_trail *trail, const struct state_override *row);
void shared_trail_gone(struct shared_trail *trail, uint64_t number);
void shared_trail_end(struct shared_trail *trail);

/* take = shared_trail_take(trail, out): a row to be put into the local trail;
 * each is given once, until shared_trail_local_begin().  False: no more. */
bool shared_trail_take(struct shared_trail *trail, struct state_override *out);

/*
 * offer = shared_trail_offer(trail, now_ms, out): the next row that etcd is to
 * have, accepted or refused, under the number in it; ${now_ms} is the wall
 * clock.  False: none, or the last is not settled yet, or etcd was not read.
 * shared_trail_settle(trail, taken): what became of it: etcd has it (${taken});
 * or it has not, or nobody knows, so that it comes again, under another number
 * once what took its own is known.
 */
bool shared_trail_offer(
    struct shared_trail *trail, int64_t now_ms, struct state_override *out);
void shared_trail_settle(struct shared_trail *trail, bool taken);

/* n = shared_trail_waiting(trail, now_ms): rows that etcd is to have and has
 * not.  number = shared_trail_last(trail): the largest that is known. */
size_t shared_trail_waiting(const struct shared_trail *trail, int64_t now_ms);
uint64_t shared_trail_last(const struct shared_trail *trail);

#endif
