/*
 * Load that servers tell in headers of their answers: Open Request Cost
 * Aggregation, `endpoint-load-metrics`, as text or JSON.  Pure; fed with
 * headers of servers that are not trusted.
 */
#ifndef PROBES_ORCA_H
#define PROBES_ORCA_H

#include <stdbool.h>

#include "config/check.h"

/* told(context, field, value): in the unit of ${field}. */
typedef void (*orca_told)(void *context, enum load_field field, double value);

/* is = orca_is_header(name): the header ${name} tells load. */
bool orca_is_header(const char *name);

/*
 * status = orca_read(name, value, told, context): read the header ${name}, and
 * give what is known of it to ${told}.  0, or -1 when it is not as it should
 * be, with a value twice or one that is no number: then nothing is told.
 */
int orca_read(
    const char *name, const char *value, orca_told told, void *context);

#endif
