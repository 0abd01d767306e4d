/*
 * What hooks are to be told, held until its event is written: whoever was told
 * of a change finds it in the events, even where all of this is killed in the
 * moment after.  Called by the prober on its loop; a database that cannot be
 * written holds nothing back for long.
 */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "probes/prober_parts.h"

/* A transaction takes some milliseconds, and one is made each PROBER_TICK_MS:
 * what is not written by then is in trouble that is not known yet. */
#define LATEST_MS 1000

/* More than this at once are told before they are written. */
#define HELD_MAX 8192

struct prober_held {
	struct hook_change change;
	uint64_t event; /* the last that was given by then */
	int64_t since_ms;
};

void
prober_tell(struct prober *pr, const struct hook_change *change)
{
	struct prober_held *held;

	if (!hooks_any(pr->hooks))
		return;
	held = array_grow(
	    pr->held, pr->n_held, &pr->size_held, sizeof(*held), HELD_MAX);
	if (held == NULL) {
		prober_tell_written(pr, true);
		hooks_change(pr->hooks, change);
		return;
	}
	pr->held = held;
	pr->held[pr->n_held++] = (struct prober_held){.change = *change,
	    .event = pr->events,
	    .since_ms = clock_mono_ms()};
}

void
prober_tell_written(struct prober *pr, bool all)
{
	struct state_recorder_figures figures = {0};
	int64_t now = clock_mono_ms();
	size_t n = 0;

	if (pr->held == NULL)
		return;
	all = all || pr->state_trouble.words[0] != '\0';
	if (!all)
		state_recorder_figures(pr->recorder, &figures);
	for (; n < pr->n_held; n++) {
		const struct prober_held *held = &pr->held[n];

		if (!all && held->event > pr->events - figures.events &&
		    now - held->since_ms < LATEST_MS)
			break;
		hooks_change(pr->hooks, &held->change);
	}
	pr->n_held -= n;
	memmove(pr->held, pr->held + n, pr->n_held * sizeof(*pr->held));
}
