/*
 * Overrides of the shared trail whose length is over: who comes to the end
 * first ends it for all, by a row of its own.  Called by what etcd is to get;
 * writes nothing.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "share/shared_trail_private.h"
#include "state/override_clock.h"

/* All nodes give the end of a row the same id, so that there is one. */
static void
end_id(const struct state_override *row, char out[STATE_ID])
{
	uint64_t a = hash_bytes(row->id, strlen(row->id), 1);
	uint64_t b = hash_bytes(row->id, strlen(row->id), 2);

	(void)snprintf(out, STATE_ID, "%016" PRIx64 "%016" PRIx64, a, b);
}

/* The length of ${e} is over by the clock of this boot, and nobody has said so.
 * Where only wall clocks tell its age, other nodes know better. */
static bool
is_over(const struct entry *e, int64_t mono_ms, int64_t wall_ms)
{
	return e->has_mine && e->has_theirs && !e->closed &&
	    e->mine.length_ms >= 0 &&
	    e->theirs.shared == STATE_SHARED_ACCEPTED &&
	    override_clock_is_set(&e->mine, mono_ms) &&
	    override_clock_age(&e->mine, mono_ms, wall_ms) >= e->mine.length_ms;
}

static void
make_end(const struct state_override *of, int64_t wall_ms,
    struct state_override *out)
{
	bool drain = strcmp(of->action, "drain") == 0;

	*out = (struct state_override){.at_ms = wall_ms,
	    .length_ms = -1,
	    .shared = STATE_SHARED_ACCEPTED,
	    .steady_ms = -1};
	end_id(of, out->id);
	(void)snprintf(out->action, sizeof(out->action), "%s",
	    drain ? "undrain" : of->action);
	memcpy(out->kind, of->kind, sizeof(out->kind));
	memcpy(out->target, of->target, sizeof(out->target));
	(void)snprintf(
	    out->value, sizeof(out->value), "%s", drain ? "" : "off");
	(void)snprintf(out->author, sizeof(out->author), "meridian-share");
	(void)snprintf(out->reason, sizeof(out->reason),
	    "the length of override %" PRIu64 " is over", of->number);
}

bool
shared_trail_over(struct shared_trail *t, int64_t mono_ms, int64_t wall_ms,
    struct state_override *out)
{
	for (size_t i = 0; i < t->n; i++) {
		struct entry *e = &t->entries[i];

		if (!is_over(e, mono_ms, wall_ms))
			continue;
		/* It was ended, or is no more what counts. */
		if (shared_trail_replaced(t, e))
			continue;
		make_end(&e->theirs, wall_ms, out);
		return true;
	}
	return false;
}
