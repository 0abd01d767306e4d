/*
 * Which overrides of the shared trail count.  Called by its other files;
 * changes nothing but what it has found out.
 */
#include <string.h>

#include "share/shared_trail_private.h"
#include "state/override_clock.h"

static uint64_t
number_of(const struct entry *e)
{
	return e->has_theirs ? e->theirs.number : e->mine.number;
}

bool
shared_trail_replaced(const struct shared_trail *t, struct entry *e)
{
	const struct state_override *row =
	    e->has_theirs ? &e->theirs : &e->mine;

	for (size_t i = 0; !e->closed && i < t->n; i++) {
		const struct entry *other = &t->entries[i];
		const struct state_override *later =
		    other->has_theirs ? &other->theirs : &other->mine;

		/* What nobody knows replaces nothing that is known. */
		e->closed = other != e &&
		    (other->has_theirs || other->has_mine) &&
		    (!other->strange || e->strange) &&
		    later->shared != STATE_SHARED_REFUSED &&
		    later->number > number_of(e) &&
		    state_override_same(later, row);
	}
	return e->closed;
}

bool
shared_trail_is_end(const struct state_override *row)
{
	return strcmp(row->action, "undrain") == 0 ||
	    strcmp(row->value, "off") == 0;
}

bool
shared_trail_in_force(const struct shared_trail *t, struct entry *e,
    int64_t mono_ms, int64_t now_ms)
{
	const struct state_override *row = &e->mine;

	return row->shared != STATE_SHARED_REFUSED &&
	    !shared_trail_is_end(row) &&
	    (row->length_ms < 0 ||
		override_clock_age(row, mono_ms, now_ms) < row->length_ms) &&
	    !shared_trail_replaced(t, e);
}
