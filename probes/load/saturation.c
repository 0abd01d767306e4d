/*
 * The arithmetic of how full a server is.  Called by meters; knows no time.
 */
#include "probes/load/saturation.h"

#include <math.h>
#include <stdio.h>

/* By the requests that it has, as far as these and a limit are known. */
static double
by_requests(const struct saturation_parts *p, enum saturation_basis *basis)
{
	if (p->max_running > 0 && !isnan(p->running) && !isnan(p->waiting)) {
		*basis = SATURATION_ALL;
		return (p->running + p->waiting) / p->max_running;
	}
	if (p->queue_limit > 0 && !isnan(p->waiting)) {
		*basis = SATURATION_QUEUE;
		return p->waiting / p->queue_limit;
	}
	if (p->max_running > 0 && !isnan(p->running)) {
		*basis = SATURATION_RUNNING;
		return p->running / p->max_running;
	}
	return (double)NAN;
}

static double
cache_limit(const struct saturation_parts *p)
{
	return p->kv_limit > 0 ? p->kv_limit : 1;
}

/*
 * What waits makes it more than 1.  A full cache alone says nothing: an engine
 * fills it and works on; with requests that wait, or are put back, it is what
 * holds them up.
 */
double
saturation_of(const struct saturation_parts *p, enum saturation_basis *out)
{
	enum saturation_basis basis = SATURATION_UNKNOWN;
	double full = by_requests(p, &basis), cache;

	if (!isnan(p->kv_cache) && (p->waiting > 0 || p->preemptions > 0)) {
		cache = p->kv_cache / cache_limit(p);
		if (isnan(full) || cache > full) {
			full = cache;
			basis = SATURATION_CACHE;
		}
	}
	if (isnan(full) && !isnan(p->utilization)) {
		full = p->utilization;
		basis = SATURATION_TOLD;
	}
	if (out != NULL)
		*out = basis;
	return full;
}

/* Requests without a limit are no share of anything. */
static const char *
missing(const struct saturation_parts *p)
{
	if (!isnan(p->running))
		return "of how many requests is not known: write max_running "
		       "in \"load\" of the check";
	if (!isnan(p->waiting))
		return "of how many requests is not known: write queue_limit "
		       "in \"load\" of the check";
	return "neither waiting nor running nor utilization is known";
}

void
saturation_say(const struct saturation_parts *p, char *out, size_t size)
{
	enum saturation_basis basis;

	(void)saturation_of(p, &basis);
	switch (basis) {
	case SATURATION_ALL:
		snprintf(out, size,
		    "(running %g + waiting %g) / max_running %g", p->running,
		    p->waiting, p->max_running);
		break;
	case SATURATION_QUEUE:
		snprintf(out, size, "waiting %g / queue_limit %g", p->waiting,
		    p->queue_limit);
		break;
	case SATURATION_RUNNING:
		snprintf(out, size, "running %g / max_running %g", p->running,
		    p->max_running);
		break;
	case SATURATION_CACHE:
		snprintf(out, size, "kv_cache %g / kv_limit %g, for %s",
		    p->kv_cache, cache_limit(p),
		    p->waiting > 0 ? "requests wait" : "some are put back");
		break;
	case SATURATION_TOLD:
		snprintf(out, size, "utilization %g, as the server says",
		    p->utilization);
		break;
	case SATURATION_UNKNOWN:
		snprintf(out, size, "%s", missing(p));
		break;
	}
}
