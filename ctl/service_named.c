/*
 * Finds services by name.  Called by subcommands; changes nothing.
 */
#include "ctl/service_named.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

void
service_named_text(
    const struct policy_service *service, char out[SERVICE_NAMED_TEXT])
{
	size_t len = strlen(service->name);

	snprintf(out, SERVICE_NAMED_TEXT, "%.*s", (int)(len - (len > 1)),
	    service->name);
}

/* The name that the steering file has. */
static const char *
name_in_file(const struct policy_service *service)
{
	return service->config->services[service->config_index].name;
}

static bool
is_called(const struct policy_service *service, const char *name)
{
	size_t len = strlen(service->name), n = strlen(name);

	if (n > 1 && name[n - 1] == '.')
		n--;
	return (n + 1 == len && strncasecmp(service->name, name, n) == 0) ||
	    strcmp(name_in_file(service), name) == 0;
}

size_t
service_named_find(
    const struct policy *policy, const char *name, struct service_named *out)
{
	size_t n = 0;

	*out = (struct service_named){.zone = NULL};
	for (size_t z = 0; z < policy->n_zones; z++)
		for (size_t i = 0; i < policy->zones[z].n_services; i++) {
			const struct policy_service *service =
			    &policy->zones[z].services[i];

			if (!is_called(service, name))
				continue;
			if (n++ > 0) {
				out->other = service;
				continue;
			}
			out->zone = &policy->zones[z];
			out->service = service;
		}
	return n;
}

void
service_named_offer(const struct policy *policy, struct nearest *nearest,
    char best[SERVICE_NAMED_TEXT])
{
	char own[SERVICE_NAMED_TEXT];

	for (size_t z = 0; z < policy->n_zones; z++)
		for (size_t i = 0; i < policy->zones[z].n_services; i++) {
			const struct policy_service *service =
			    &policy->zones[z].services[i];

			service_named_text(service, own);
			nearest_offer(nearest, own);
			/* It is overwritten by the next. */
			if (nearest->best == own) {
				memcpy(best, own, sizeof(own));
				nearest->best = best;
			}
			nearest_offer(nearest, name_in_file(service));
		}
}
