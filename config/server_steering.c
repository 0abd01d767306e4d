/* Reads the steering files of a node.  Called by who looks through them; keeps
 * nothing. */
#include "config/server_steering.h"

int
server_each_steering(const struct server_config *config, struct inputs *inputs,
    struct errbuf *eb,
    int (*take)(void *context, const char *zone,
	const struct steering_config *steering),
    void *context)
{
	for (size_t i = 0; i < config->n_zones; i++) {
		const struct zone_config *zone = &config->zones[i];
		struct steering_config *steering;
		int status;

		if (zone->steering == NULL)
			continue;
		steering = steering_config_load(
		    zone->steering, &zone->steering_at, inputs, eb);
		if (steering == NULL)
			return -1;
		status = take(context, zone->name, steering);
		steering_config_destroy(steering);
		if (status != 0)
			return status;
	}
	return 0;
}
