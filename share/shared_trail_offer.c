/* What etcd is to get of the trail, and under which numbers.  Called by the
 * sharer; writes nothing. */
#include <stdio.h>
#include <string.h>

#include "share/shared_trail_private.h"

#define NONE SIZE_MAX

/* By both clocks. */
struct now {
	int64_t mono_ms, wall_ms;
};

/* Etcd is to have it. */
static bool
waits(const struct shared_trail *t, struct entry *e, const struct now *now)
{
	return e->has_mine && !e->has_theirs && !e->pruned && !e->strange &&
	    !shared_trail_stays(&e->mine) &&
	    (e->mine.shared == STATE_SHARED_OFFERED ||
		now->wall_ms - e->mine.at_ms < STATE_OVERRIDES_AGE_MS ||
		shared_trail_in_force(t, e, now->mono_ms, now->wall_ms));
}

size_t
shared_trail_waiting(struct shared_trail *t, int64_t mono_ms, int64_t now_ms)
{
	const struct now now = {mono_ms, now_ms};
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		n += waits(t, &t->entries[i], &now);
	return n;
}

/* The last row of etcd about the same that this node cannot have known when
 * ${e} was said. */
static const struct state_override *
later(const struct shared_trail *t, const struct entry *e)
{
	const struct state_override *found = NULL;

	for (size_t i = 0; i < t->n; i++) {
		const struct entry *other = &t->entries[i];

		if (other == e || !other->has_theirs ||
		    other->theirs.shared == STATE_SHARED_REFUSED ||
		    other->theirs.number < e->said_as ||
		    !state_override_same(&other->theirs, &e->mine))
			continue;
		if (found == NULL || other->theirs.number > found->number)
			found = &other->theirs;
	}
	return found;
}

static bool
taken(const struct shared_trail *t, uint64_t number)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->entries[i].has_theirs &&
		    t->entries[i].theirs.number == number)
			return true;
	return false;
}

/* The next that waits after ${after}, NULL: the first: in the order in which
 * they were said here, and what was accepted once before what never was. */
static const struct entry *
next_waiting(const struct shared_trail *t, const struct now *now, bool fresh,
    const struct entry *after)
{
	const struct entry *found = NULL;

	for (size_t i = 0; i < t->n; i++) {
		struct entry *e = &t->entries[i];

		if (shared_trail_fresh(&e->mine) != fresh ||
		    (after != NULL && e->mine.number <= after->mine.number) ||
		    (found != NULL && e->mine.number >= found->mine.number) ||
		    !waits(t, e, now))
			continue;
		found = e;
	}
	return found;
}

/* No generation is written that no reader believes. */
static uint64_t
bounded(uint64_t number)
{
	return number < SHARED_TRAIL_NUMBER_MAX ? number
						: SHARED_TRAIL_NUMBER_MAX;
}

static struct state_override *
add(struct shared_trail *t, const struct entry *e, uint64_t number)
{
	struct state_override *row = &t->offer.row[t->offer.n];

	*row = e->mine;
	row->number = number;
	t->offer.replaces[t->offer.n] = shared_trail_odd_at(t, number);
	if (number > t->offer.generation)
		t->offer.generation = number;
	t->of[t->offer.n++] = (size_t)(e - t->entries);
	return row;
}

/* What was accepted once and etcd lacks. */
static void
offer_again(struct shared_trail *t, const struct now *now)
{
	const struct entry *e = NULL;
	uint64_t next = t->last;

	while (t->offer.n < SHARED_OFFER_ROWS &&
	    (e = next_waiting(t, now, false, e)) != NULL) {
		if (!taken(t, e->mine.number))
			(void)add(t, e, e->mine.number);
		else if (next < SHARED_TRAIL_NUMBER_MAX)
			(void)add(t, e, ++next);
	}
}

/* What takes something out of use, and was not said against the rule. */
static bool
may_be_unsafe(const struct state_override *row)
{
	return row->forced == 0 &&
	    (strcmp(row->action, "drain") == 0 ||
		strcmp(row->value, "down") == 0);
}

/* It has to be judged before it is offered. */
static bool
is_unjudged(const struct shared_trail *t, const struct entry *e)
{
	return e->cut && e->judged != t->revision + 1 &&
	    may_be_unsafe(&e->mine) && later(t, e) == NULL;
}

/* All that etcd has is in the database of this node, which is judged by. */
static bool
all_is_here(const struct shared_trail *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->entries[i].has_theirs && !t->entries[i].has_mine)
			return false;
	return true;
}

const struct state_override *
shared_trail_unjudged(struct shared_trail *t, int64_t mono_ms, int64_t now_ms)
{
	const struct now now = {mono_ms, now_ms};
	const struct entry *next = shared_trail_ready(t) &&
		!shared_trail_behind(t) && !t->offered && !t->late &&
		next_waiting(t, &now, false, NULL) == NULL
	    ? next_waiting(t, &now, true, NULL)
	    : NULL;

	if (next == NULL || !is_unjudged(t, next) || !all_is_here(t))
		return NULL;
	t->entries[next - t->entries].asked = t->revision + 1;
	return &next->mine;
}

void
shared_trail_judged(struct shared_trail *t, const char *id, const char *words)
{
	struct entry *e = shared_trail_find(t, id);

	if (e == NULL)
		return;
	e->judged = e->asked;
	(void)snprintf(e->unsafe, sizeof(e->unsafe), "%s", words);
}

static void
refuse_later(struct state_override *row, const struct state_override *other)
{
	row->shared = STATE_SHARED_REFUSED;
	(void)snprintf(row->refused, sizeof(row->refused),
	    "override %llu was said meanwhile",
	    (unsigned long long)other->number);
}

/* The next that was said here. */
static void
offer_fresh(struct shared_trail *t, const struct now *now)
{
	const struct entry *e = next_waiting(t, now, true, NULL);
	const struct state_override *other;
	struct state_override *row;

	if (e == NULL || t->last >= SHARED_TRAIL_NUMBER_MAX ||
	    is_unjudged(t, e))
		return;
	row = add(t, e, t->last + 1);
	row->shared = STATE_SHARED_ACCEPTED;
	other = e->cut ? later(t, e) : NULL;
	if (other != NULL) {
		refuse_later(row, other);
	} else if (e->unsafe[0] != '\0') {
		row->shared = STATE_SHARED_REFUSED;
		memcpy(row->refused, e->unsafe, sizeof(row->refused));
	}
}

/* The end of one whose length is over. */
static void
offer_end(struct shared_trail *t, const struct now *now)
{
	struct state_override row;
	struct entry *e;

	if (t->last >= SHARED_TRAIL_NUMBER_MAX ||
	    !shared_trail_over(t, now->mono_ms, now->wall_ms, &row))
		return;
	e = shared_trail_obtain(t, row.id);
	/* One that was there once, or without memory. */
	if (e == NULL || e->has_mine || e->has_theirs)
		return;
	e->theirs = row;
	*add(t, e, t->last + 1) = row;
	t->offer.row[0].number = t->last + 1;
}

/* The last that fills etcd.  What this node followed and does not write there
 * had ended: it is not to come back with a node that was away meanwhile. */
static void
fill_last(struct shared_trail *t)
{
	t->offer.generation = bounded(t->last + SHARED_TRAIL_LEAP);
	if (t->followed > t->pruned)
		t->pruned = t->followed;
	if (t->pruned_there < t->pruned)
		t->offer.pruned = t->pruned;
}

struct shared_offer *
shared_trail_offer(struct shared_trail *t, int64_t mono_ms, int64_t now_ms)
{
	const struct now now = {mono_ms, now_ms};
	struct shared_offer *offer = &t->offer;
	bool behind = shared_trail_behind(t);

	if (!shared_trail_ready(t) || t->offered || t->late)
		return NULL;
	offer->n = offer->n_gone = 0;
	offer->pruned = t->pruned_there < t->pruned ? t->pruned : 0;
	offer->revision = t->revision;
	/* It grows with each transaction. */
	offer->generation = bounded(t->generation + 1);
	offer_again(t, &now);
	if (behind && offer->n < SHARED_OFFER_ROWS)
		fill_last(t);
	else if (behind)
		offer->generation = t->generation;
	else if (offer->n == 0)
		offer_fresh(t, &now);
	if (!behind && offer->n == 0)
		offer_end(t, &now);
	if (!behind && offer->n == 0)
		shared_trail_offer_pruned(t, mono_ms);
	t->offered = behind || offer->n > 0 || offer->n_gone > 0;
	return t->offered ? offer : NULL;
}

static void
take_over(struct shared_trail *t, int64_t revision)
{
	for (size_t i = 0; i < t->offer.n; i++) {
		struct entry *e = &t->entries[t->of[i]];

		if (e->has_theirs)
			continue;
		e->theirs = t->offer.row[i];
		e->has_theirs = true;
		e->revision = revision;
		e->given = false;
		shared_trail_know(t, e->theirs.number);
		shared_trail_odd_gone(t, e->theirs.number);
		shared_trail_look(t, e);
	}
	shared_trail_generation(t, t->offer.generation, revision);
	if (t->offer.pruned > 0)
		shared_trail_pruned(t, t->offer.pruned, revision);
	for (size_t i = 0; i < t->offer.n_gone; i++)
		shared_trail_gone(t, t->offer.gone[i].number, revision);
}

void
shared_trail_settle(
    struct shared_trail *t, enum shared_settled what, int64_t revision)
{
	if (!t->offered)
		return;
	t->offered = false;
	if (what == SHARED_TAKEN)
		take_over(t, revision);
	else if (what == SHARED_LATE)
		/* Unless it was heard meanwhile. */
		t->late = t->revision == t->offer.revision;
}

bool
shared_trail_late(const struct shared_trail *t)
{
	return t->late;
}
