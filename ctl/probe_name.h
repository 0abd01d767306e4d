/* The addresses of a name, for a check by hand. */
#ifndef CTL_PROBE_NAME_H
#define CTL_PROBE_NAME_H

#include <stddef.h>

#include "config/server.h"
#include "probes/target.h"

/*
 * status = probe_name_ask(config, target, out, size, n): look the name of
 * ${target} up where the daemon of ${config} does, and write its addresses, as
 * many as fit, to ${out}.  0, or -1 when it was said to stderr that nothing is
 * known of it.
 */
int probe_name_ask(const struct server_config *config,
    const struct target *target, struct address *out, size_t size, size_t *n);

#endif
