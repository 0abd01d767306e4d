/*
 * Load that servers tell in headers of their answers: Open Request Cost
 * Aggregation, `endpoint-load-metrics`, as text or JSON.  Pure; fed with
 * headers of servers that are not trusted.
 */
#ifndef PROBES_LOAD_ORCA_H
#define PROBES_LOAD_ORCA_H

#include <stdbool.h>

#include "config/check.h"

/* is = orca_is_header(name): the header ${name} tells load. */
bool orca_is_header(const char *name);

/*
 * status = orca_read(name, value, told): read the header ${name}: what is known
 * of it to ${told}, in the unit of each field, NaN of those that it does not
 * have.  0, or -1 when it is not as it should be, with a value twice or one
 * that is no number.
 */
int orca_read(const char *name, const char *value, double told[LOAD_FIELDS]);

#endif
