/*
 * Compares looks at files.  Called by the renewer in the control thread.
 */
#include "node/watch.h"

enum watch_advice
watch_look(struct watch *w, const struct inputs *served, struct inputs *seen,
    int64_t now_ms)
{
	bool at_rest = inputs_same(&w->last, seen);

	if (w->last.n == 0)
		w->restless_ms = now_ms;
	inputs_finish(&w->last);
	w->last = *seen;
	*seen = (struct inputs){0};
	if (inputs_same(served, &w->last)) {
		inputs_finish(&w->tried);
		w->restless_ms = now_ms;
		return WATCH_SAME;
	}
	if (!at_rest)
		return now_ms - w->restless_ms < WATCH_RESTLESS_MS
		    ? WATCH_WAIT
		    : WATCH_RESTLESS;
	w->restless_ms = now_ms;
	if (inputs_same(&w->tried, &w->last) &&
	    now_ms - w->tried_ms < WATCH_RETRY_MS)
		return WATCH_TRIED;
	return WATCH_READ;
}

void
watch_failed(struct watch *w, int64_t now_ms)
{
	inputs_finish(&w->tried);
	/* Without memory it is tried again sooner. */
	for (size_t i = 0; i < w->last.n; i++)
		(void)inputs_repeat(&w->tried, &w->last, i);
	w->tried_ms = now_ms;
}

void
watch_finish(struct watch *w)
{
	inputs_finish(&w->last);
	inputs_finish(&w->tried);
	*w = (struct watch){0};
}
