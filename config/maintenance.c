/*
 * When windows of maintenance are.  Called by the reader of steering files and
 * by the probe daemon; reads no clock.
 */
#include "config/maintenance.h"

/* 1970-01-01 was a Thursday, the day of number 3. */
#define FIRST_DAY 3

/* Windows that follow each other are walked so far: they end some time, or
 * somebody said "always" with several of them. */
#define STEPS_MAX 64

static unsigned
day_of_week(int64_t day)
{
	return (unsigned)((day + FIRST_DAY) % 7);
}

static bool
begins_on(const struct maintenance_window *w, int64_t day)
{
	return day >= 0 && (w->days >> day_of_week(day) & 1) != 0;
}

/* When the window ends that has ${wall_s}; 0: it has not. */
static int64_t
end_of(const struct maintenance_window *w, int64_t wall_s)
{
	int64_t today = wall_s / MAINTENANCE_DAY_S;

	if (wall_s < 0)
		return 0;
	if (w->until_s != 0)
		return w->from_s <= wall_s && wall_s < w->until_s ? w->until_s
								  : 0;
	/* The latest beginning ends last. */
	for (int64_t day = today;
	     day >= today - w->for_s / MAINTENANCE_DAY_S - 1; day--) {
		int64_t begin = day * MAINTENANCE_DAY_S + w->at_s;

		if (begins_on(w, day) && begin <= wall_s &&
		    wall_s < begin + w->for_s)
			return begin + w->for_s;
	}
	return 0;
}

/* The latest end of those that have ${wall_s}, 0: none has; the ${first} of
 * them. */
static int64_t
last_end(const struct maintenance *const *lists, size_t n, int64_t wall_s,
    const struct maintenance_window **first)
{
	int64_t last = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < lists[i]->n; k++) {
			int64_t end = end_of(&lists[i]->windows[k], wall_s);

			if (end != 0 && last == 0)
				*first = &lists[i]->windows[k];
			if (end > last)
				last = end;
		}
	return last;
}

bool
maintenance_now(const struct maintenance *const *lists, size_t n,
    int64_t wall_s, struct maintenance_state *out)
{
	const struct maintenance_window *first = NULL, *other;
	int64_t end = last_end(lists, n, wall_s, &first), next = end;

	for (unsigned i = 0; next != 0 && i < STEPS_MAX; i++) {
		end = next;
		next = last_end(lists, n, end, &other);
	}
	if (first == NULL)
		return false;
	out->until_s = end;
	out->reason = first->reason != NULL ? first->reason : "";
	return true;
}

bool
maintenance_is_always(const struct maintenance_window *w)
{
	unsigned gap = 0, longest = 0;

	/* Two weeks, so that the gap over the week's end is seen whole. */
	for (unsigned day = 0; day < 14; day++) {
		gap++;
		if ((w->days >> day % 7 & 1) == 0)
			continue;
		if (day >= 7 && gap > longest)
			longest = gap;
		gap = 0;
	}
	return w->until_s == 0 &&
	    (uint64_t)longest * MAINTENANCE_DAY_S <= w->for_s;
}

const struct maintenance *
maintenance_copy(struct arena *arena, const struct maintenance *from)
{
	struct maintenance *copy = arena_alloc(arena, sizeof(*copy));
	struct maintenance_window *windows =
	    arena_array(arena, from->n, sizeof(*windows));

	if (copy == NULL || windows == NULL)
		return NULL;
	for (size_t i = 0; i < from->n; i++) {
		windows[i] = from->windows[i];
		if (windows[i].reason == NULL)
			continue;
		windows[i].reason = arena_strdup(arena, windows[i].reason);
		if (windows[i].reason == NULL)
			return NULL;
	}
	copy->windows = windows;
	copy->n = from->n;
	return copy;
}
