/*
 * A service by the name that an operator gives: in full, with or without its
 * last dot, or as the steering file has it.  For subcommands; prints nothing.
 */
#ifndef CTL_SERVICE_NAMED_H
#define CTL_SERVICE_NAMED_H

#include <stddef.h>

#include "base/nearest.h"
#include "steering/policy.h"

/* The longest name as text, with all that is escaped, and its end. */
#define SERVICE_NAMED_TEXT 1024

struct service_named {
	const struct policy_zone *zone;
	const struct policy_service *service; /* the first of that name */
	const struct policy_service *other;   /* another one; NULL: none */
};

/* n = service_named_find(policy, name, out): how many are called ${name}; two
 * are of several zones, and have the same name in their files. */
size_t service_named_find(
    const struct policy *policy, const char *name, struct service_named *out);

/* service_named_text(service, out): its full name, without the last dot. */
void service_named_text(
    const struct policy_service *service, char out[SERVICE_NAMED_TEXT]);

/* service_named_offer(policy, nearest, best): offer all full names and those of
 * the files; ${best} has the room for the nearest, and must live as long. */
void service_named_offer(const struct policy *policy, struct nearest *nearest,
    char best[SERVICE_NAMED_TEXT]);

#endif
