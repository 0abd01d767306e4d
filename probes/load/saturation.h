/*
 * How full a server is, from what it says of its load.  Pure; called by meters,
 * and by who shows how it came about.
 */
#ifndef PROBES_LOAD_SATURATION_H
#define PROBES_LOAD_SATURATION_H

#include <stddef.h>

/* NaN: not known.  Limits of the operator: 0: not said. */
struct saturation_parts {
	double waiting, running, max_running;
	double kv_cache, preemptions, utilization;
	double queue_limit, kv_limit;
};

/* Which of them it was made of. */
enum saturation_basis {
	SATURATION_UNKNOWN,
	SATURATION_ALL,     /* (running + waiting) / max_running */
	SATURATION_QUEUE,   /* waiting / queue_limit */
	SATURATION_RUNNING, /* running / max_running */
	SATURATION_CACHE,   /* kv_cache / kv_limit */
	SATURATION_TOLD     /* utilization, as the server has it */
};

/* full = saturation_of(parts, basis): 1 is full, and it grows on; NaN: not
 * known.  What it was made of goes to ${basis}, which may be NULL. */
double saturation_of(
    const struct saturation_parts *parts, enum saturation_basis *basis);

/* saturation_say(parts, out, size): the same in words, "(running 3 + waiting 1)
 * / max_running 4", or what is missing. */
void saturation_say(
    const struct saturation_parts *parts, char *out, size_t size);

#endif
