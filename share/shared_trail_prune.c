/*
 * What of the trail is older than it is kept and counts no more: which rows are
 * to be deleted in etcd, and what follows from that for what this node has.
 * Called by the trail's other files; deletes nothing itself.
 */
#include <stdio.h>
#include <string.h>

#include "share/shared_trail_private.h"
#include "state/override_clock.h"

/* What this node refuses by itself. */
static const char missed[] =
    "it had ended, and was deleted while this node was away";
static const char unknown[] =
    "it was accepted before this node shared with this site";

/* --- in etcd --- */

static bool
was_written_before(const struct entry *e, int64_t revision)
{
	return e->revision > 0 && e->revision <= revision;
}

/* Whether etcd has an accepted row of the same target, later than ${e} or any
 * other. */
static bool
has_other(const struct shared_trail *t, const struct entry *e, bool later)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct entry *other = &t->entries[i];

		if (other != e && other->has_theirs &&
		    other->theirs.shared != STATE_SHARED_REFUSED &&
		    (!later || other->theirs.number > e->theirs.number) &&
		    state_override_same(&other->theirs, &e->theirs))
			return true;
	}
	return false;
}

/* It ends itself, or what it was said for has passed in etcd. */
static bool
has_ended(const struct shared_trail *t, const struct entry *e)
{
	return shared_trail_is_end(&e->theirs) ||
	    (e->theirs.length_ms >= 0 &&
		was_written_before(
		    e, calendar_before(t->calendar, e->theirs.length_ms)));
}

static bool
is_known_young(const struct state_override *row, int64_t mono_ms)
{
	return override_clock_is_set(row, mono_ms) &&
	    mono_ms - row->steady_ms < STATE_OVERRIDES_AGE_MS;
}

/* The clock of this boot knows that it is, whatever is counted in etcd. */
static bool
is_young(const struct entry *e, int64_t mono_ms)
{
	return is_known_young(&e->theirs, mono_ms) ||
	    (e->has_mine && is_known_young(&e->mine, mono_ms));
}

/* What ends others goes after them. */
static bool
is_spent(const struct shared_trail *t, const struct entry *e, int64_t before,
    int64_t mono_ms)
{
	if (!e->has_theirs || !was_written_before(e, before) ||
	    is_young(e, mono_ms))
		return false;
	return e->theirs.shared == STATE_SHARED_REFUSED ||
	    has_other(t, e, true) ||
	    (has_ended(t, e) && !has_other(t, e, false));
}

static void
add(struct shared_trail *t, uint64_t number, int64_t revision)
{
	t->offer.gone[t->offer.n_gone++] =
	    (struct shared_gone){number, revision};
}

void
shared_trail_prune(struct shared_trail *t, const struct calendar *calendar)
{
	t->calendar = calendar;
}

void
shared_trail_offer_pruned(struct shared_trail *t, int64_t mono_ms)
{
	struct shared_offer *offer = &t->offer;
	int64_t before = t->calendar != NULL
	    ? calendar_before(t->calendar, STATE_OVERRIDES_AGE_MS)
	    : 0;

	for (size_t i = 0;
	     before > 0 && i < t->n && offer->n_gone < SHARED_OFFER_ROWS; i++)
		if (is_spent(t, &t->entries[i], before, mono_ms))
			add(t, t->entries[i].theirs.number,
			    t->entries[i].revision);
	for (size_t i = 0;
	     before > 0 && i < t->n_odd && offer->n_gone < SHARED_OFFER_ROWS;
	     i++)
		if (t->odd[i].revision <= before)
			add(t, t->odd[i].number, t->odd[i].revision);
	if (offer->n_gone > 0)
		offer->pruned = offer->generation;
	else
		t->calendar = NULL;
}

/* --- and here --- */

void
shared_trail_pruned(
    struct shared_trail *t, uint64_t generation, int64_t revision)
{
	/* No more than what was given counts. */
	if (generation > t->last)
		generation = 0;
	t->pruned_there = generation;
	t->pruned_revision = revision;
	if (generation > t->pruned)
		t->pruned = generation;
}

void
shared_trail_lost(struct shared_trail *t, uint64_t number, bool pruned)
{
	for (size_t i = 0; i < t->n; i++) {
		struct entry *e = &t->entries[i];

		if (!e->has_theirs || e->theirs.number != number)
			continue;
		e->has_theirs = false;
		e->pruned = pruned;
		e->given = false;
	}
}

void
shared_trail_follow(struct shared_trail *t, uint64_t generation)
{
	shared_trail_know(t, generation);
	if (generation <= t->last)
		t->followed = generation;
}

bool
shared_trail_stays(const struct state_override *row)
{
	return row->shared == STATE_SHARED_REFUSED &&
	    (strcmp(row->refused, missed) == 0 ||
		strcmp(row->refused, unknown) == 0);
}

/*
 * What this node has and etcd has not was deleted as it had ended, if that was
 * done while this node did not follow, or before it had the row.  One that
 * seems to be in force here and is young was lost in some other way.  A wall
 * clock makes none young: it may be as old as the row.
 */
static bool
had_ended(
    struct shared_trail *t, struct entry *e, int64_t mono_ms, int64_t now_ms)
{
	return (e->late || t->followed < t->pruned) &&
	    e->mine.number <= t->pruned &&
	    (!is_known_young(&e->mine, mono_ms) ||
		!shared_trail_in_force(t, e, mono_ms, now_ms));
}

void
shared_trail_catch_up(struct shared_trail *t, int64_t mono_ms, int64_t now_ms)
{
	bool any;

	if (!shared_trail_ready(t) || shared_trail_behind(t))
		return;
	any = t->followed < t->pruned || t->doubtful;
	for (size_t i = 0; any && i < t->n; i++) {
		struct entry *e = &t->entries[i];

		if (!e->has_mine || e->has_theirs || e->pruned ||
		    shared_trail_fresh(&e->mine))
			continue;
		/* What nobody knows overrules nothing. */
		e->pruned = e->strange || had_ended(t, e, mono_ms, now_ms);
		e->late = false;
		e->given = e->given && !e->pruned;
	}
	t->doubtful = false;
	t->followed = t->generation;
}

uint64_t
shared_trail_followed(const struct shared_trail *t)
{
	return t->followed;
}

enum shared_drop
shared_trail_drop(struct shared_trail *t, int64_t mono_ms, int64_t now_ms,
    struct state_override *out)
{
	for (size_t i = 0; shared_trail_ready(t) && i < t->n; i++) {
		struct entry *e = &t->entries[i];

		if (!e->pruned || e->given || !e->has_mine || e->has_theirs ||
		    shared_trail_stays(&e->mine))
			continue;
		e->given = true;
		*out = e->mine;
		if (!shared_trail_in_force(t, e, mono_ms, now_ms))
			return SHARED_DROP_TAKE;
		out->shared = STATE_SHARED_REFUSED;
		(void)snprintf(out->refused, sizeof(out->refused), "%s",
		    e->strange ? unknown : missed);
		return SHARED_DROP_PUT;
	}
	return SHARED_DROP_NONE;
}
