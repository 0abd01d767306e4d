/*
 * All steering files that the file of a node names, one after the other, for
 * who looks through them and keeps none.
 */
#ifndef CONFIG_SERVER_STEERING_H
#define CONFIG_SERVER_STEERING_H

#include "config/server.h"
#include "config/steering.h"

/*
 * status = server_each_steering(config, inputs, eb, take, context): read each,
 * as steering_config_load() does, and give it to ${take} with the name of its
 * zone; it is gone when that returns.  Ends with the first that has errors, or
 * for which ${take} returns another status than 0.  0, or that, or -1 with
 * errors in ${eb}.
 */
int server_each_steering(const struct server_config *config,
    struct inputs *inputs, struct errbuf *eb,
    int (*take)(void *context, const char *zone,
	const struct steering_config *steering),
    void *context);

#endif
