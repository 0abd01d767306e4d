/*
 * The trail of overrides that all nodes share: compares what this node has with
 * what etcd has, and says which rows go which way, and under which number.
 * Called by the sharer; pure: no socket, no file, no clock of its own.
 *
 * - A row that etcd has is put into the local trail, as etcd has it.
 * - A row that this node offers gets the next number there is.  The generation
 *   key of etcd, a number that grows with all that is written to the trail, is
 *   compared and written with it, so that who writes knows all that was written
 *   before, and the order in which rows were accepted is the order of the
 *   trail.
 * - Rows that were said before anything was shared are offered like others, so
 *   that what is in force when sharing begins stays in force.
 * - A row that was said while this node was cut off is refused when etcd has a
 *   later one about the same; it stays in the trail, with why.
 * - An etcd whose generation is less than what this node holds was made anew,
 *   or an older backup of it was restored.  Nothing that was read of it counts
 *   until it is filled: with what was accepted and it lacks, under its own
 *   number where nobody has that, else under the next, and with a generation
 *   that leaves out SHARED_TRAIL_LEAP numbers, which others may hold.  What is
 *   in force is never left out; of the rest, what is older than the trail is
 *   kept (STATE_OVERRIDES_AGE_MS).
 * - The same is done, without leaving out numbers, for a row that an etcd lacks
 *   which is not older.
 * - What stands at the key of a row and makes no sense is not there: the row
 *   that has this number takes its place.
 * - What is older than the trail is kept and counts no more is deleted in etcd,
 *   with the generation at which that was done in a key of its own.  A node
 *   that followed meanwhile takes it out of its own trail.  One that did not
 *   finds its generation less than that: what it has and etcd has not is not
 *   offered again, and ends here if it seems to be in force.
 * - What was accepted nobody knows where (share/site.h) overrules nothing: what
 *   of it etcd has is its own; the rest ends here, as refused where it is in
 *   force.
 * - The node that comes first to the end of the length of a row ends it for
 *   all, by a row of its own.
 */
#ifndef SHARE_SHARED_TRAIL_H
#define SHARE_SHARED_TRAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "share/calendar.h"
#include "state/rows.h"

/* Rows more than a trail keeps; what comes after is left out, in words. */
#define SHARED_TRAIL_ROWS 100000

/* No number is larger: that is more than anybody says. */
#define SHARED_TRAIL_NUMBER_MAX ((UINT64_C(1) << 48) - 1)

/* Who fills an etcd may not have seen the last that were accepted by the one
 * before; more than a hundred are said in no cut. */
#define SHARED_TRAIL_LEAP 100

/* No number is larger than all that are known by so much: what says so would
 * leave no numbers for others. */
#define SHARED_TRAIL_JUMP (UINT64_C(1) << 32)

/* Rows of an offer: what fits into a transaction, each of at most some kB. */
#define SHARED_OFFER_ROWS 32

/* What makes no sense at more keys than these is not known any more. */
#define SHARED_TRAIL_ODD 1024

/* A key that is deleted if it was written last at ${revision}. */
struct shared_gone {
	uint64_t number;
	int64_t revision;
};

/* One transaction: it holds while the generation key was written last at
 * ${revision} (0: it is not there), and at the key of each row stands nothing,
 * or what was written there at ${replaces}. */
struct shared_offer {
	struct state_override row[SHARED_OFFER_ROWS]; /* accepted or refused */
	int64_t replaces[SHARED_OFFER_ROWS];          /* 0: nothing */
	size_t n; /* of an etcd that lacks nothing but a number: 0 */
	struct shared_gone gone[SHARED_OFFER_ROWS];
	size_t n_gone;
	uint64_t pruned;     /* to be written at its key; 0: it is there */
	uint64_t generation; /* to be written */
	int64_t revision;
};

struct shared_trail;

/* trail = shared_trail_create(): knows nothing yet.  NULL without memory.
 * shared_trail_destroy(trail): NULL is fine. */
struct shared_trail *shared_trail_create(void);
void shared_trail_destroy(struct shared_trail *trail);

/*
 * What this node has.  shared_trail_local_begin(trail): all rows follow, as
 * after the database was opened, up to
 * shared_trail_local_end(trail, strange): ${strange}: nobody knows which site
 * had accepted what it has, as its state database is of none.
 * shared_trail_found(trail): this node's site is what etcd is of, so it was
 * this one.
 * shared_trail_follow(trail, generation): among them that of this node, which
 * knows what was deleted up to ${generation}.
 * shared_trail_local(trail, row, cut): a row;
 * ${cut}: while this node is cut off, or before it was ever not.  Rows without
 * an id, as older releases wrote them, stay on this node; so does one that was
 * accepted under a number that is not believed: it is odd, and to be said.
 * Full: it is left out, without memory or beyond SHARED_TRAIL_ROWS.
 */
enum shared_local { SHARED_LOCAL_KNOWN, SHARED_LOCAL_ODD, SHARED_LOCAL_FULL };
void shared_trail_local_begin(struct shared_trail *trail);
void shared_trail_local_end(struct shared_trail *trail, bool strange);
void shared_trail_found(struct shared_trail *trail);
void shared_trail_follow(struct shared_trail *trail, uint64_t generation);
enum shared_local shared_trail_local(
    struct shared_trail *trail, const struct state_override *row, bool cut);

/*
 * What etcd has.  shared_trail_begin(trail): a clean reading; its rows and its
 * generation; and shared_trail_end(trail): it is whole.
 * shared_trail_generation(trail, number, revision): the generation key holds
 * ${number}, since ${revision}; of 0: it is gone, or makes no sense.
 * shared_trail_pruned(trail, generation, revision): the key of what was deleted
 * last holds ${generation}, since ${revision}; of 0 as above.
 * shared_trail_row(trail, row, revision): a row that was written at
 * ${revision}: 0, or -1 without memory.
 * news = shared_trail_odd(trail, number, revision): what makes no sense stands
 * at the key of that number, and did not before: it is to be said.
 * shared_trail_gone(trail, number, revision): nothing stands there any more,
 * since ${revision}.
 * All three come between readings, too.  A row whose text does not fit what it
 * is of is the business of its reader.
 */
void shared_trail_begin(struct shared_trail *trail);
void shared_trail_generation(
    struct shared_trail *trail, uint64_t number, int64_t revision);
void shared_trail_pruned(
    struct shared_trail *trail, uint64_t generation, int64_t revision);
int shared_trail_row(struct shared_trail *trail,
    const struct state_override *row, int64_t revision);
bool shared_trail_odd(
    struct shared_trail *trail, uint64_t number, int64_t revision);
void shared_trail_gone(
    struct shared_trail *trail, uint64_t number, int64_t revision);
void shared_trail_end(struct shared_trail *trail);

/* is = shared_trail_believes(trail, number): a generation or a row may have
 * that number. */
bool shared_trail_believes(const struct shared_trail *trail, uint64_t number);

/* behind = shared_trail_behind(trail): etcd is older than what this node holds;
 * until it is filled, shared_trail_take() gives nothing. */
bool shared_trail_behind(const struct shared_trail *trail);

/* take = shared_trail_take(trail, out): a row to be put into the local trail;
 * each is given once, until shared_trail_local_begin().  False: no more. */
bool shared_trail_take(struct shared_trail *trail, struct state_override *out);

/*
 * shared_trail_catch_up(trail, mono_ms, now_ms): after a reading, and after
 * what this node has was given: what was deleted while it did not follow.
 * generation = shared_trail_followed(trail): up to which it knows what was.
 * drop = shared_trail_drop(trail, mono_ms, now_ms, out): a row that etcd has
 * not any more, to be taken out of the local trail, or put into it as refused;
 * each once, until shared_trail_local_begin().
 */
enum shared_drop { SHARED_DROP_NONE, SHARED_DROP_TAKE, SHARED_DROP_PUT };
void shared_trail_catch_up(
    struct shared_trail *trail, int64_t mono_ms, int64_t now_ms);
uint64_t shared_trail_followed(const struct shared_trail *trail);
enum shared_drop shared_trail_drop(struct shared_trail *trail, int64_t mono_ms,
    int64_t now_ms, struct state_override *out);

/* shared_trail_prune(trail, calendar): from now on, until there is nothing of
 * that kind, offers delete what is too old and counts no more, by ${calendar},
 * which lives as long. */
void shared_trail_prune(
    struct shared_trail *trail, const struct calendar *calendar);

/*
 * offer = shared_trail_offer(trail, mono_ms, now_ms): what etcd is to get next;
 * ${now_ms} is the wall clock.  It is good until it is settled; who writes it
 * may fill in where rows were said.  NULL: nothing, or the last is not settled
 * yet, or etcd was not read, or it is not known yet what it got in the place
 * of an offer that was late.
 * shared_trail_settle(trail, what, revision): what became of it: etcd took it
 * at ${revision}; it was late: the generation key was another one; or nobody
 * knows, so that it comes again, and is late if it was taken.
 * late = shared_trail_late(trail): what came before it has to be heard first.
 */
enum shared_settled { SHARED_TAKEN, SHARED_LATE, SHARED_UNKNOWN };
struct shared_offer *shared_trail_offer(
    struct shared_trail *trail, int64_t mono_ms, int64_t now_ms);
void shared_trail_settle(
    struct shared_trail *trail, enum shared_settled what, int64_t revision);
bool shared_trail_late(const struct shared_trail *trail);

/*
 * row = shared_trail_unjudged(trail, mono_ms, now_ms): the next that is to be
 * offered was said while this node was cut off, and may break the safety rule:
 * nothing is offered until shared_trail_judged(trail, id, words): ${words} are
 * why it does, or ""; again when etcd has got something meanwhile.  NULL: there
 * is none, or what etcd has is not here yet.
 */
const struct state_override *shared_trail_unjudged(
    struct shared_trail *trail, int64_t mono_ms, int64_t now_ms);
void shared_trail_judged(
    struct shared_trail *trail, const char *id, const char *words);

/* n = shared_trail_waiting(trail, mono_ms, now_ms): rows that etcd is to have
 * and has not.
 * number = shared_trail_last(trail): the largest that is known. */
size_t shared_trail_waiting(
    struct shared_trail *trail, int64_t mono_ms, int64_t now_ms);
uint64_t shared_trail_last(const struct shared_trail *trail);

#endif
