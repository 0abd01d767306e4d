/*
 * The `ecs` of a service: whose client subnets count.  Called by the reader of
 * services.
 */
#include <string.h>

#include "config/scalar.h"
#include "config/steering_parts.h"

/* "on", "off", or the prefixes of the resolvers that are heard. */
void
steering_read_ecs(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	static const struct schema_key item = {.read = steering_read_prefix};
	struct service_config *service = out;
	const char *text = value->kind == YAML_SCALAR ? value->text : "";
	struct prefix prefix;

	(void)key;
	if (strcmp(text, "on") == 0 || strcmp(text, "off") == 0) {
		service->ecs = strcmp(text, "on") == 0 ? ECS_ON : ECS_OFF;
		return;
	}
	if (value->kind == YAML_MAP ||
	    (value->kind == YAML_SCALAR && prefix_parse(text, &prefix) == -1)) {
		schema_expected(s, value,
		    "on, off or a list of the prefixes of resolvers "
		    "([192.0.2.0/24, 2001:db8::/32])");
		return;
	}
	service->ecs = ECS_LISTED;
	service->ecs_senders = schema_values(s, value, STEERING_MAX_LISTED,
	    sizeof(service->ecs_senders[0]), &item, &service->n_ecs_senders);
}
