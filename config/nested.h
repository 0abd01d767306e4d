/*
 * Services inside services: a pool may be a service of the same file.  Walks
 * them in a steering config.  Used by the readers of steering files and where a
 * policy is compiled; the reader has refused circles, and what is too deep or
 * has too many ways.
 */
#ifndef CONFIG_NESTED_H
#define CONFIG_NESTED_H

#include "config/steering.h"

/* depth = nested_depth(config, service): how deep services are nested inside
 * ${service}, 0 when none is: at most STEERING_MAX_DEPTH. */
unsigned nested_depth(
    const struct steering_config *config, const struct service_config *service);

/*
 * n = nested_services(config, service, list): write the services inside
 * ${service}, at any depth, each once, to ${list}.  Returns how many.
 */
size_t nested_services(const struct steering_config *config,
    const struct service_config *service,
    const struct service_config *list[STEERING_MAX_PATHS]);

#endif
