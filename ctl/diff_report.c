/*
 * Compares two policies service by service.  Called by meridianctl diff; what
 * need not be walked, because it decides as before or as a service that was
 * walked, is not.
 */
#include "ctl/diff_report.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/u64map.h"
#include "ctl/diff_counts.h"
#include "node/labels.h"
#include "steering/diff_walk.h"

/* A pair of maps that was compared. */
struct map_pair {
	const struct map *old, *new;
	bool same;
};

/* A service that was walked, and stands for all that decide as it does. */
struct walked {
	const struct policy_service *old, *new;
	json_t *counts; /* of the report */
};

struct report {
	struct diff_pair pair;
	struct diff_space space;
	const char *service; /* that is wanted alone, or NULL */
	struct progress *progress;
	size_t n_services; /* of the policy that has more */
	struct map_pair *maps;
	size_t n_maps, maps_size;
	struct walked *walked;
	size_t n_walked, walked_size;
	json_t *services; /* that differ */
	json_t *ecs; /* names of those of which other client subnets count */
	json_int_t compared, walks, steps;
	bool differs, found, failed;
};

/* Names that only one of both has. */

static bool
has_name(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* Objects of ${zone} and each of the ${n} ${names} that ${others} lack. */
static void
add_lacking(json_t *list, const char *zone, const char *key,
    const char *const *names, size_t n, const char *const *others,
    size_t n_others)
{
	for (size_t i = 0; i < n; i++)
		if (!has_name(others, n_others, names[i]))
			json_array_append_new(list,
			    json_pack("{ss ss}", "zone", zone, key, names[i]));
}

/* The names of regions or pools of a zone, to be freed; NULL without memory. */
static const char **
list_names(const struct steering_config *config, bool pools, size_t *n)
{
	const char **names;

	*n = 0;
	if (config != NULL)
		*n = pools ? config->n_pools : config->n_regions;
	names = calloc(*n + 1, sizeof(const char *));
	for (size_t i = 0; names != NULL && i < *n; i++)
		names[i] =
		    pools ? config->pools[i].name : config->regions[i].name;
	return names;
}

/* Regions or pools that were added to or removed from a zone. */
static void
compare_names(struct report *r, const char *zone, const struct policy_zone *old,
    const struct policy_zone *new, bool pools, json_t *added, json_t *removed)
{
	const char *key = pools ? "pool" : "region";
	size_t n, m;
	const char **before =
	    list_names(old != NULL ? old->config : NULL, pools, &n);
	const char **after =
	    list_names(new != NULL ? new->config : NULL, pools, &m);

	if (before == NULL || after == NULL) {
		r->failed = true;
	} else {
		add_lacking(added, zone, key, after, m, before, n);
		add_lacking(removed, zone, key, before, n, after, m);
	}
	free(before);
	free(after);
}

static const struct policy_zone *
find_zone(const struct policy *policy, const char *name)
{
	for (size_t i = 0; i < policy->n_zones; i++)
		if (strcasecmp(policy->zones[i].name, name) == 0)
			return &policy->zones[i];
	return NULL;
}

static json_t *
change_object(struct report *r, json_t *added, json_t *removed)
{
	if (json_array_size(added) + json_array_size(removed) > 0)
		r->differs = true;
	return json_pack("{so so}", "added", added, "removed", removed);
}

static void
add_zone_name(json_t *list, const struct policy_zone *zone)
{
	json_array_append_new(list, json_string(zone->name));
}

/* Zones, regions and pools that only one has. */
static void
compare_parts(struct report *r, json_t *root)
{
	const struct policy *old = r->pair.old.policy, *new;
	json_t *list[6];

	new = r->pair.new.policy;
	for (size_t i = 0; i < 6; i++)
		list[i] = json_array();
	for (size_t i = 0; i < new->n_zones; i++) {
		const struct policy_zone *zone = &new->zones[i];
		const struct policy_zone *was = find_zone(old, zone->name);

		if (was == NULL)
			add_zone_name(list[0], zone);
		compare_names(
		    r, zone->name, was, zone, false, list[2], list[3]);
		compare_names(r, zone->name, was, zone, true, list[4], list[5]);
	}
	for (size_t i = 0; i < old->n_zones; i++) {
		const struct policy_zone *zone = &old->zones[i];

		if (find_zone(new, zone->name) != NULL)
			continue;
		add_zone_name(list[1], zone);
		compare_names(
		    r, zone->name, zone, NULL, false, list[2], list[3]);
		compare_names(
		    r, zone->name, zone, NULL, true, list[4], list[5]);
	}
	json_object_set_new(root, "zones", change_object(r, list[0], list[1]));
	json_object_set_new(
	    root, "regions", change_object(r, list[2], list[3]));
	json_object_set_new(root, "pools", change_object(r, list[4], list[5]));
}

/* Services. */

/* Compared once for all services that have both. */
static bool
same_maps(struct report *r, const struct map *old, const struct map *new)
{
	struct map_pair *maps;

	for (size_t i = 0; i < r->n_maps; i++)
		if (r->maps[i].old == old && r->maps[i].new == new)
			return r->maps[i].same;
	maps = array_grow(
	    r->maps, r->n_maps, &r->maps_size, sizeof(*maps), SIZE_MAX);
	if (maps == NULL) {
		r->failed = true;
		return false;
	}
	r->maps = maps;
	maps += r->n_maps++;
	*maps = (struct map_pair){old, new, diff_pair_same_maps(old, new)};
	return maps->same;
}

/* The counts of a service that was walked and decides as these do; NULL when
 * there is none. */
static json_t *
counted_before(struct report *r, const struct policy_service *old,
    const struct policy_service *new)
{
	if (old == NULL || new == NULL ||
	    !diff_pair_keeps_endpoints(&r->pair, old, new))
		return NULL;
	for (size_t i = r->n_walked; i-- > 0;)
		if (diff_pair_alike(r->walked[i].old, old) &&
		    diff_pair_alike(r->walked[i].new, new))
			return json_incref(r->walked[i].counts);
	return NULL;
}

/* Keep ${counts} for services that decide as these do. */
static void
remember(struct report *r, const struct policy_service *old,
    const struct policy_service *new, json_t *counts)
{
	struct walked *walked;

	if (old == NULL || new == NULL ||
	    !diff_pair_keeps_endpoints(&r->pair, old, new))
		return;
	walked = array_grow(
	    r->walked, r->n_walked, &r->walked_size, sizeof(*walked), SIZE_MAX);
	if (walked == NULL)
		return;
	r->walked = walked;
	walked[r->n_walked++] = (struct walked){old, new, counts};
}

static json_t *
walk(struct report *r, const struct policy_service *old,
    const struct policy_service *new)
{
	struct diff_tally tally;
	json_t *counts = NULL;

	if (diff_walk(&r->pair, &r->space, old, new, &tally) == 0)
		counts = diff_counts_object(old, new, &tally);
	r->walks++;
	r->steps += (json_int_t)tally.steps;
	diff_tally_finish(&tally);
	if (counts != NULL)
		remember(r, old, new, counts);
	return counts;
}

/* Whether ${counts} count anything but what stays. */
static bool
moves(const json_t *counts)
{
	static const char *const keys[] = {
	    "other_region", "other_pool", "other_endpoint"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		const json_t *o = json_object_get(counts, keys[i]);

		if (json_integer_value(json_object_get(o, "ipv4")) > 0 ||
		    json_integer_value(json_object_get(o, "ipv6")) > 0)
			return true;
	}
	return false;
}

/* Other senders are heard.  Whom that moves depends on the resolvers of the
 * clients, which nobody knows: it is said, not counted. */
static void
compare_senders(struct report *r, const struct policy_service *old,
    const struct policy_service *new)
{
	char name[NAME_TEXT];

	if (old == NULL || new == NULL ||
	    senders_same(old->senders, new->senders))
		return;
	r->differs = true;
	json_array_append_new(
	    r->ecs, json_string(labels_name(new->name, name)));
}

/* One service of both policies, or NULL of the one that lacks it. */
static void
compare_service(struct report *r, const struct policy_service *old,
    const struct policy_service *new)
{
	const char *change = "moves";
	char name[NAME_TEXT];
	json_t *counts;

	r->found = true;
	if (r->n_services > 0)
		progress_show(r->progress, "services",
		    (double)r->compared / (double)r->n_services, NULL);
	r->compared++;
	compare_senders(r, old, new);
	if (old != NULL && new != NULL && diff_pair_same(&r->pair, old, new) &&
	    same_maps(r, old->map, new->map))
		return;
	counts = counted_before(r, old, new);
	if (counts == NULL)
		counts = walk(r, old, new);
	if (counts == NULL) {
		r->failed = true;
		return;
	}
	if (old == NULL)
		change = "added";
	else if (new == NULL)
		change = "removed";
	else if (!moves(counts)) {
		json_decref(counts);
		return;
	}
	r->differs = true;
	json_array_append_new(r->services,
	    json_pack("{ss ss so}", "service",
		labels_name((old != NULL ? old : new)->name, name), "change",
		change, "counts", counts));
}

/* Is it the one that is wanted: by its whole name, or as its file has it? */
static bool
is_wanted(const struct report *r, const struct policy_service *service)
{
	char name[NAME_TEXT], wanted[NAME_TEXT];

	if (r->service == NULL)
		return true;
	if (strlen(r->service) >= sizeof(wanted))
		return false;
	labels_name(r->service, wanted);
	return strcmp(labels_name(service->name, name), wanted) == 0 ||
	    strcasecmp(service->config->services[service->config_index].name,
		r->service) == 0;
}

static const struct policy_service *
find_service(const struct policy_zone *zone, const struct u64map *index,
    const char *name)
{
	size_t at;
	uint32_t n;

	if (zone == NULL)
		return NULL;
	n = u64map_first(index, hash_bytes(name, strlen(name), 0), &at);
	while (n != U64MAP_NONE && strcmp(zone->services[n].name, name) != 0)
		n = u64map_next(index, hash_bytes(name, strlen(name), 0), &at);
	return n == U64MAP_NONE ? NULL : &zone->services[n];
}

static int
index_services(const struct policy_zone *zone, struct u64map *index)
{
	u64map_init(index);
	for (size_t i = 0; zone != NULL && i < zone->n_services; i++) {
		const char *name = zone->services[i].name;

		if (u64map_add(index, hash_bytes(name, strlen(name), 0),
			(uint32_t)i) != 0)
			return -1;
	}
	return 0;
}

/* The services of a zone; NULL of the policy that does not have it. */
static void
compare_zone(struct report *r, const struct policy_zone *old,
    const struct policy_zone *new)
{
	struct u64map before, after;
	int status = index_services(old, &before);

	if (index_services(new, &after) != 0 || status != 0)
		r->failed = true;
	for (size_t i = 0; old != NULL && i < old->n_services; i++) {
		const struct policy_service *s = &old->services[i];

		if (is_wanted(r, s))
			compare_service(
			    r, s, find_service(new, &after, s->name));
	}
	for (size_t i = 0; new != NULL &&i < new->n_services; i++) {
		const struct policy_service *s = &new->services[i];

		if (is_wanted(r, s) &&
		    find_service(old, &before, s->name) == NULL)
			compare_service(r, NULL, s);
	}
	u64map_finish(&before);
	u64map_finish(&after);
}

static size_t
count_services(const struct policy *policy)
{
	size_t n = 0;

	for (size_t i = 0; i < policy->n_zones; i++)
		n += policy->zones[i].n_services;
	return n;
}

static void
compare_services(struct report *r)
{
	const struct policy *old = r->pair.old.policy;
	const struct policy *new = r->pair.new.policy;
	size_t before = count_services(old), after = count_services(new);

	r->n_services = before > after ? before : after;
	for (size_t i = 0; i < old->n_zones; i++)
		compare_zone(
		    r, &old->zones[i], find_zone(new, old->zones[i].name));
	for (size_t i = 0; i < new->n_zones; i++)
		if (find_zone(old, new->zones[i].name) == NULL)
			compare_zone(r, NULL, &new->zones[i]);
}

json_t *
diff_report(const struct diff_input *old, const struct diff_input *new,
    const struct geography *geography, const char *service,
    struct progress *progress)
{
	struct report r = {.progress = progress,
	    .service = service,
	    .services = json_array(),
	    .ecs = json_array()};
	json_t *root = json_object();

	if (diff_pair_init(
		&r.pair, old->policy, old->live, new->policy, new->live) != 0 ||
	    diff_space_init(&r.space, geography) != 0)
		r.failed = true;
	if (!r.failed) {
		if (service == NULL)
			compare_parts(&r, root);
		compare_services(&r);
	}
	json_object_update_new(root,
	    json_pack("{sb sb sI sI sI so so}", "found",
		(int)(r.found || service == NULL), "differs", (int)r.differs,
		"compared", r.compared, "walked", r.walks, "steps", r.steps,
		"ecs", r.ecs, "services", r.services));
	diff_pair_finish(&r.pair);
	diff_space_finish(&r.space);
	free(r.maps);
	free(r.walked);
	if (!r.failed)
		return root;
	json_decref(root);
	return NULL;
}
