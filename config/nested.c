/*
 * Walks the services inside a service.  Called by readers of steering files and
 * at load time; as deep as STEERING_MAX_DEPTH, which bounds the recursion.
 */
#include "config/nested.h"

unsigned
nested_depth(
    const struct steering_config *config, const struct service_config *service)
{
	unsigned depth = 0;

	for (size_t i = 0; i < service->n_split; i++) {
		const struct service_config *inner =
		    config->pools[service->split[i].pool].service;
		unsigned below =
		    inner != NULL ? 1 + nested_depth(config, inner) : 0;

		if (below > depth)
			depth = below;
	}
	return depth;
}

/* Add those of ${service} to the ${n} of ${list}. */
static size_t
add(const struct steering_config *config, const struct service_config *service,
    const struct service_config **list, size_t n)
{
	for (size_t i = 0; i < service->n_split; i++) {
		const struct service_config *inner =
		    config->pools[service->split[i].pool].service;
		size_t k = 0;

		if (inner == NULL)
			continue;
		while (k < n && list[k] != inner)
			k++;
		if (k < n || n == STEERING_MAX_PATHS)
			continue;
		list[n] = inner;
		n = add(config, inner, list, n + 1);
	}
	return n;
}

size_t
nested_services(const struct steering_config *config,
    const struct service_config *service,
    const struct service_config *list[STEERING_MAX_PATHS])
{
	return add(config, service, list, 0);
}
