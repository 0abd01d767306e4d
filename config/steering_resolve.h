/*
 * What the names of endpoints (`resolve`) must not be: names of the zones that
 * the node serves itself, so that no answer follows from itself.  For all three
 * programs, which know both files.
 */
#ifndef CONFIG_STEERING_RESOLVE_H
#define CONFIG_STEERING_RESOLVE_H

#include "config/server.h"
#include "config/steering.h"

/* zone = steering_resolve_zone(server, name): the zone of ${server} that the
 * canonical ${name} is in, or NULL. */
const char *steering_resolve_zone(
    const struct server_config *server, const char *name);

/* steering_resolve_check(server, steering, eb): an error in ${eb} for each
 * endpoint of ${steering} with such a name. */
void steering_resolve_check(const struct server_config *server,
    const struct steering_config *steering, struct errbuf *eb);

#endif
