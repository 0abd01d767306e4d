/*
 * Compiles steering files into the policy that the ladder walks: the whole and
 * its zones.  Called at load time; decides nothing.
 */
#include "steering/policy.h"

#include <string.h>

#include "base/arena.h"
#include "base/hash.h"
#include "dns/wire/name.h"
#include "dns/wire/protocol.h"
#include "steering/policy_build.h"

const struct policy_form policy_forms[FORMS] = {
    [FORM_IPV4] = {TYPE_A, "A", "IPv4", "IPv4 addresses"},
    [FORM_IPV6] = {TYPE_AAAA, "AAAA", "IPv6", "IPv6 addresses"},
    [FORM_CNAME] = {TYPE_CNAME, "CNAME", "CNAME", "a cname"},
    [FORM_HTTPS] = {TYPE_HTTPS, "HTTPS", "HTTPS", NULL},
    [FORM_SVCB] = {TYPE_SVCB, "SVCB", "SVCB", NULL},
};

static int
build_zone(struct policy_build *b, const struct policy_input *input,
    struct policy_zone *zone)
{
	const struct steering_config *config = input->config;
	uint8_t apex[NAME_MAX_WIRE];
	size_t first_pool = b->n_pools;

	zone->name = arena_strdup(b->arena, input->zone);
	if (zone->name == NULL)
		return policy_out_of_memory(b);
	zone->config = config;
	if (config == NULL)
		return 0;
	if (name_parse(input->zone, NULL, apex) < 0)
		return errbuf_error(
		    b->eb, NULL, "'%s' is no domain name", input->zone);
	if (policy_regions_build(b, zone) != 0)
		return -1;
	b->n_pools += config->n_pools;
	for (size_t i = 0; i < config->n_pools; i++)
		if (policy_pool_build(b, zone, &config->pools[i],
			&b->pools[first_pool + i]) != 0)
			return -1;
	return policy_service_build(b, config, apex, first_pool, zone);
}

/* All that is built from ${zones}: 0, or -1 with errors. */
static int
build_policy(struct policy_build *b, const struct policy_input *zones, size_t n)
{
	struct policy_zone *built = arena_array(b->arena, n, sizeof(*built));
	unsigned errors = b->eb->errors;

	b->policy = arena_alloc(b->arena, sizeof(*b->policy));
	if (b->policy == NULL || built == NULL)
		return policy_out_of_memory(b);
	if (policy_room(b, zones, n) != 0)
		return -1;
	/* All zones are tried, so that one run finds all errors. */
	for (size_t z = 0; z < n; z++)
		build_zone(b, &zones[z], &built[z]);
	if (b->eb->errors != errors)
		return -1;
	*b->policy = (struct policy){.arena = b->arena,
	    .zones = built,
	    .n_zones = n,
	    .n_services = b->n_services,
	    .n_members = b->n_members,
	    .endpoints = b->endpoints,
	    .n_endpoints = b->n_endpoints,
	    .drains = b->drains,
	    .starts = b->starts,
	    .names = b->names,
	    .n_resolved = b->n_resolved,
	    .groups = b->groups,
	    .n_groups = b->n_groups,
	    .pools = b->pools,
	    .n_pools = b->n_pools,
	    .nested = b->nested,
	    .n_nested = b->n_nested,
	    .checks = b->checks,
	    .n_checks = b->n_checks};
	return policy_regions_take(b);
}

struct policy *
policy_build(const struct policy_input *zones, size_t n, struct map_set *maps,
    const struct policy_outcomes *outcomes, struct errbuf *eb)
{
	struct policy_build b = {.maps = maps, .outcomes = outcomes, .eb = eb};

	if (outcomes != NULL && outcomes->begin != NULL) {
		outcomes->begin(outcomes->context);
		if (outcomes->demand != NULL)
			outcomes->begin(outcomes->demand);
		if (outcomes->scopes != NULL)
			outcomes->begin(outcomes->scopes);
	}
	if (policy_begin(&b) != 0)
		return NULL;
	if (build_policy(&b, zones, n) != 0) {
		arena_destroy(b.arena);
		b.policy = NULL;
	}
	intern_finish(&b.regions);
	return b.policy;
}

/* Groups are in the order of their endpoints. */
uint32_t
policy_group_of(const struct policy *policy, uint32_t e)
{
	size_t first = 0, end = policy->n_groups;

	while (first < end) {
		size_t middle = first + (end - first) / 2;
		const struct policy_group *group = &policy->groups[middle];

		if (e < group->first)
			end = middle;
		else if (e >= group->first + group->n)
			first = middle + 1;
		else
			return (uint32_t)middle;
	}
	return STEERING_NONE;
}

int
policy_owner(const struct service_config *service, const uint8_t *apex,
    uint8_t *owner, struct errbuf *eb)
{
	uint8_t name[NAME_MAX_WIRE];
	char text[NAME_TEXT];
	int len = name_parse(service->name, apex, name);

	if (len < 0)
		return errbuf_error(eb, &service->at,
		    "service '%s': no domain name", service->name);
	if (service->name[strlen(service->name) - 1] != '.' &&
	    name_repeats(name, apex, apex))
		return errbuf_error(eb, &service->at,
		    "service \"%s\" has no last dot, so that it would be %s: "
		    "write \"%s.\", or the part before the zone's name alone",
		    service->name, name_format(name, text), service->name);
	if (name_below(name, apex) == NULL)
		return errbuf_error(eb, &service->at,
		    "service '%s' is not in the zone %s", service->name,
		    name_format(apex, text));
	name_lower(owner, name, (size_t)len);
	return 0;
}

uint8_t
policy_flags(const struct service_config *service)
{
	return (uint8_t)((service->cname ? NODE_SERVICE_CNAME : 0) |
	    (service->https != NULL ? NODE_SERVICE_HTTPS : 0) |
	    (service->svcb != NULL ? NODE_SERVICE_SVCB : 0));
}
