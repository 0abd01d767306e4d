/*
 * The `fence` of a service: which clients may be sent to which regions.  Called
 * by the reader of services.
 */
#include "config/scalar.h"
#include "config/steering_parts.h"

/* The regions as a set of bits; their order does not matter here. */
static void
read_regions(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct fence_config *fence = out;
	const uint32_t *regions;
	size_t n;

	(void)key;
	regions = steering_read_region_list(s, value, &n);
	for (size_t i = 0; regions != NULL && i < n; i++)
		fence->regions |= UINT64_C(1) << regions[i];
}

static const struct schema_key fence_keys[] = {
    {.name = "clients",
	.read = steering_read_clients,
	.offset = offsetof(struct fence_config, clients),
	.required = true},
    {.name = "regions", .read = read_regions, .required = true},
    {.name = "hard",
	.read = scalar_bool,
	.offset = offsetof(struct fence_config, hard)},
};

/* Whether where a client is decides if it is among them. */
static bool
asks_for_place(const struct clients_config *c)
{
	return c->n_continents + c->n_countries + c->n_unions > 0;
}

/* A client whose country is not known is in no hard rule that asks for places,
 * so it may be sent anywhere: warn unless a rule says that it is meant so. */
static void
warn_of_unknown(struct schema *s, const struct fence_config *fences, size_t n)
{
	const struct fence_config *hard = NULL;

	for (size_t i = 0; i < n; i++) {
		if (fences[i].clients.everyone || fences[i].clients.unknown)
			return;
		if (hard == NULL && fences[i].hard &&
		    asks_for_place(&fences[i].clients))
			hard = &fences[i];
	}
	if (hard != NULL)
		errbuf_warn(s->eb, &hard->at,
		    "fence: this hard rule does not hold clients whose country "
		    "is not known, say where these may go: "
		    "- {clients: unknown, regions: [...], hard: true}");
}

/* The rules in their order: the first that has a client is its fence. */
void
steering_read_fence(struct schema *s, const struct yaml_node *value,
    const struct schema_key *key, void *out)
{
	struct service_config *service = out;
	struct fence_config *fences;
	const struct yaml_node *item;
	size_t n;

	(void)key;
	if (value->kind != YAML_LIST) {
		schema_expected(s, value,
		    "a list of rules (- {clients: ..., regions: [...], hard: "
		    "true})");
		return;
	}
	item = schema_list(s, value, STEERING_MAX_FENCES, &n);
	if (item == NULL)
		return;
	fences = schema_array(s, n, sizeof(*fences));
	for (size_t i = 0; fences != NULL && i < n; i++, item = item->next) {
		fences[i].at = item->at;
		schema_map(s, item, fence_keys,
		    sizeof(fence_keys) / sizeof(fence_keys[0]), &fences[i]);
		if (fences[i].clients.everyone && i + 1 < n)
			errbuf_warn(s->eb, &item->at,
			    "fence: the rules after \"clients: all\" are never "
			    "reached");
	}
	if (fences != NULL && schema_ok(s))
		warn_of_unknown(s, fences, n);
	service->fences = fences;
	service->n_fences = fences == NULL ? 0 : n;
}
