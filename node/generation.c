/*
 * Loads a generation: server file, steering files and zones, geography, maps,
 * policy, in this order.  Called in the background by a reload, and by
 * meridianctl.
 */
#include "node/generation.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "dns/wire/name.h"
#include "dns/wire/protocol.h"
#include "dns/zone/zone_builder.h"
#include "dns/zone/zonefile.h"
#include "node/geo_age.h"

/* Signatures get old: what was said of them is looked at again after this. */
#define SIGNED_KEEP_MS 3600000

/* A generation on its way. */
struct loading {
	struct generation *g;
	const struct generation *before; /* or NULL */
	bool same_folders; /* included files may lie where they might before */
	size_t steering_kept;
	unsigned held_errors; /* those of zones that are held back */
	/* The files are read from these; NULL: from where they are. */
	const struct last_good *from;
	struct errbuf *eb;
};

struct generation *
generation_share(struct generation *g)
{
	atomic_fetch_add(&g->owners, 1);
	return g;
}

void
generation_release(struct generation *g)
{
	if (g == NULL || atomic_fetch_sub(&g->owners, 1) > 1)
		return;
	policy_destroy(g->policy);
	kept_release(g->kept_maps);
	kept_release(g->kept_latency);
	kept_release(g->kept_geography);
	zone_table_destroy(g->zones);
	for (size_t i = 0; i < g->n_zones; i++) {
		if (g->kept_zone != NULL)
			kept_release(g->kept_zone[i]);
		if (g->kept_steering != NULL)
			kept_release(g->kept_steering[i]);
	}
	free(g->kept_zone);
	free(g->kept_steering);
	free(g->held);
	free(g->zone);
	free(g->steering);
	cookie_forget(&g->identity.cookies);
	kept_release(g->kept_config);
	free(g);
}

static void
destroy_zone(void *zone)
{
	zone_destroy(zone);
}

/* The number of the zone in the generation before; SIZE_MAX when it is new. */
static size_t
find_before(const struct loading *l, const uint8_t *apex)
{
	uint32_t number;
	const struct zone *zone;

	if (l->before == NULL)
		return SIZE_MAX;
	zone =
	    zone_table_find(l->before->zones, apex, name_length(apex), &number);
	return zone != NULL && name_equal(zone_apex(zone), apex) ? number
								 : SIZE_MAX;
}

/* Take over ${kept} of the generation before, with what was said of it. */
static struct kept *
keep(const struct loading *l, struct kept *kept)
{
	kept_repeat(kept, l->eb);
	return kept_share(kept);
}

/* Steering. */

static struct kept *
read_steering(const struct loading *l, const char *path, const struct mark *at)
{
	struct errbuf_mark since = errbuf_now(l->eb);
	struct inputs inputs = last_good_inputs(l->from);
	struct steering_config *steering =
	    steering_config_load(path, at, &inputs, l->eb);

	return generation_keep_steering(steering, &inputs, l->eb, since);
}

/* Take over or read the steering file of zone ${i}, ${old} before. */
static int
load_steering(struct loading *l, size_t i, size_t old)
{
	const char *path = l->g->config->zones[i].steering, *was = NULL;
	struct kept *kept = NULL;

	if (path == NULL)
		return 0;
	if (old != SIZE_MAX) {
		was = l->before->config->zones[old].steering;
		kept = l->before->kept_steering[old];
	}
	if (was != NULL && strcmp(path, was) == 0 && kept_fresh(kept)) {
		kept = keep(l, kept);
		l->steering_kept++;
	} else
		kept =
		    read_steering(l, path, &l->g->config->zones[i].steering_at);
	l->g->kept_steering[i] = kept;
	l->g->steering[i] = kept_part(kept);
	return kept != NULL ? 0 : -1;
}

/* The services' owner names for the zone reader, to be freed; NULL with an
 * error.  ${steering} may be NULL. */
static struct zone_service *
list_services(const struct steering_config *steering, const uint8_t *apex,
    size_t *n, struct errbuf *eb)
{
	struct zone_service *services;
	unsigned errors = eb->errors;

	*n = steering != NULL ? steering->n_services : 0;
	services = calloc(*n + 1, sizeof(*services));
	if (services == NULL) {
		errbuf_error(eb, NULL, "no memory for services");
		return NULL;
	}
	for (size_t i = 0; i < *n; i++) {
		services[i].at = steering->services[i].at;
		services[i].flags = policy_flags(&steering->services[i]);
		policy_owner(
		    &steering->services[i], apex, services[i].owner, eb);
	}
	if (eb->errors == errors)
		return services;
	free(services);
	return NULL;
}

/* Records. */

/* Are the names of the services, by number, those that the zone was built
 * with, and what they answer? */
static bool
same_services(const struct loading *l, const struct zonefile_request *request,
    size_t i, size_t old)
{
	const struct steering_config *was = l->before->steering[old];
	struct zone_service *services;
	bool same;
	size_t n;

	if (l->g->steering[i] == was)
		return true;
	services = list_services(was, request->apex, &n, l->eb);
	same = services != NULL && n == request->n_services;
	for (size_t k = 0; same && k < n; k++)
		same = services[k].flags == request->services[k].flags &&
		    name_equal(services[k].owner, request->services[k].owner);
	free(services);
	return same;
}

/*
 * The zone ${old} of before, when it is what reading ${request} would give;
 * NULL when it is not.  What was held back is made of other files than it
 * should be.
 */
static struct kept *
zone_to_keep(const struct loading *l, const struct zonefile_request *request,
    size_t i, size_t old)
{
	struct kept *kept;
	const struct zone *zone;

	if (old == SIZE_MAX || l->before->held[old] || !l->same_folders ||
	    strcmp(request->path, l->before->config->zones[old].records) != 0)
		return NULL;
	kept = l->before->kept_zone[old];
	zone = kept_part(kept);
	if (zone_node_rrset(zone_apex_node(zone), TYPE_DNSKEY) != NULL &&
	    kept_age_ms(kept) > SIGNED_KEEP_MS)
		return NULL;
	return same_services(l, request, i, old) && kept_fresh(kept) ? kept
								     : NULL;
}

static struct kept *
read_zone(const struct loading *l, const struct zonefile_request *request)
{
	struct errbuf *eb = l->eb;
	struct errbuf_mark since = errbuf_now(eb);
	struct inputs inputs = last_good_inputs(l->from);
	struct zone *zone = zonefile_load(request, &inputs, eb);
	struct kept *kept = NULL;

	if (zone != NULL) {
		kept = kept_create(zone, destroy_zone, &inputs, eb, since);
		if (kept == NULL)
			errbuf_error(
			    eb, NULL, "no memory for %s", request->path);
	}
	inputs_finish(&inputs);
	return kept;
}

/* Take over or read the records of zone ${i}, ${old} before. */
static int
load_records(struct loading *l, const struct zonefile_request *request,
    size_t i, size_t old)
{
	struct kept *kept = zone_to_keep(l, request, i, old);

	if (kept != NULL)
		kept = keep(l, kept);
	else
		kept = read_zone(l, request);
	l->g->kept_zone[i] = kept;
	l->g->zone[i] = kept_part(kept);
	return kept != NULL ? 0 : -1;
}

/* Nothing of a zone that was never there. */
static struct kept *
absent_zone(const uint8_t *apex, struct errbuf *eb)
{
	struct errbuf_mark now = errbuf_now(eb);
	struct zone *zone = zone_builder_unavailable(apex);
	struct inputs inputs = {0};

	return zone == NULL ? NULL
			    : kept_create(zone, destroy_zone, &inputs, eb, now);
}

/*
 * The records of zone ${i} have errors: go on with those it had before.  They
 * know services by the numbers of that time.
 */
static int
hold_zone(struct loading *l, const struct zonefile_request *request, size_t i,
    size_t old)
{
	struct generation *g = l->g;
	const struct zone_config *config = &g->config->zones[i];

	if (old != SIZE_MAX && zone_available(l->before->zone[old]) &&
	    !same_services(l, request, i, old))
		return errbuf_error(l->eb, &config->at,
		    "zone %s: its records have errors, and cannot stay as they "
		    "are, because other names or types of it are to be "
		    "steered",
		    config->name);
	g->kept_zone[i] = old != SIZE_MAX
	    ? kept_share(l->before->kept_zone[old])
	    : absent_zone(request->apex, l->eb);
	g->zone[i] = kept_part(g->kept_zone[i]);
	g->held[i] = true;
	g->zones_held++;
	return g->zone[i] != NULL
	    ? 0
	    : errbuf_error(l->eb, NULL, "no memory for a zone");
}

/* The records of zone ${i}, good or held back. */
static int
load_or_hold(struct loading *l, const struct zonefile_request *request,
    size_t i, size_t old)
{
	struct generation *g = l->g;
	unsigned errors = l->eb->errors;

	if (load_records(l, request, i, old) != 0) {
		l->held_errors += l->eb->errors - errors;
		return hold_zone(l, request, i, old);
	}
	if (old != SIZE_MAX && g->kept_zone[i] == l->before->kept_zone[old] &&
	    g->kept_steering[i] == l->before->kept_steering[old])
		g->zones_kept++;
	else
		g->zones_read++;
	return 0;
}

/* Zone ${i}: its steering file, then its records. */
static int
load_zone(struct loading *l, size_t i)
{
	const struct server_config *config = l->g->config;
	const struct zone_config *zone = &config->zones[i];
	uint8_t apex[NAME_MAX_WIRE];
	struct zonefile_request request = {.path = zone->records,
	    .at = &zone->records_at,
	    .apex = apex,
	    .folders = config->include_from,
	    .n_folders = config->n_include_from};
	int len = name_parse(zone->name, NULL, apex), status;
	struct zone_service *services;
	size_t old;

	if (len < 0)
		return errbuf_error(l->eb, &zone->at,
		    "\"%s\" is not a domain name", zone->name);
	name_lower(apex, apex, (size_t)len);
	old = find_before(l, apex);
	if (load_steering(l, i, old) != 0)
		return -1;
	services =
	    list_services(l->g->steering[i], apex, &request.n_services, l->eb);
	if (services == NULL)
		return -1;
	request.services = services;
	status = load_or_hold(l, &request, i, old);
	free(services);
	return status;
}

/* The whole. */

static size_t
count_steering(const struct generation *g)
{
	size_t n = 0;

	for (size_t i = 0; i < g->n_zones; i++)
		n += g->steering[i] != NULL;
	return n;
}

/* A database that was written while it was read is neither the old one nor the
 * new one, whatever could be made of it. */
static bool
was_written(const struct loading *l, const struct kept *geography)
{
	const char *path = kept_changed(geography);
	struct mark at = {path, 0, 0};

	if (path != NULL)
		errbuf_error(l->eb, &at,
		    "was written while it was read: reload when it is whole");
	return path != NULL;
}

/* Take over the geography of before, or read it. */
static int
load_geography(struct loading *l)
{
	const struct server_config *config = l->g->config;
	const struct generation *before = l->before;
	struct kept *kept;

	l->g->geography_kept = before != NULL &&
	    array_same_texts(config->geo, config->n_geo, before->config->geo,
		before->config->n_geo) &&
	    kept_fresh(before->kept_geography);
	if (l->g->geography_kept)
		kept = keep(l, before->kept_geography);
	else
		kept = generation_read_geography(config, l->from, l->eb);
	generation_take_geography(l->g, kept);
	if (kept == NULL)
		return -1;
	geo_age_warn(config, l->g->geography, l->eb);
	/* A start has nothing else to serve; it follows soon. */
	return before != NULL && !l->g->geography_kept && was_written(l, kept)
	    ? -1
	    : 0;
}

/*
 * Maps are made of geography and steering files: those of before do when both
 * are the same.  All of them: the set of maps refers to each.  NULL when they
 * are to be made.
 */
static struct kept *
maps_to_keep(const struct loading *l)
{
	const struct generation *before = l->before;

	return before != NULL && l->g->geography_kept &&
		l->steering_kept == count_steering(l->g) &&
		l->steering_kept == count_steering(before)
	    ? before->kept_maps
	    : NULL;
}

static void
destroy_config(void *config)
{
	server_config_destroy(config);
}

/* The node's own file. */
static int
load_config(struct loading *l, const char *path)
{
	struct errbuf_mark since = errbuf_now(l->eb);
	struct inputs inputs = last_good_inputs(l->from);
	struct server_config *config = server_config_read(path, &inputs, l->eb);

	if (config != NULL) {
		l->g->kept_config =
		    kept_create(config, destroy_config, &inputs, l->eb, since);
		if (l->g->kept_config == NULL)
			errbuf_error(l->eb, NULL, "no memory for %s", path);
	}
	inputs_finish(&inputs);
	l->g->config = kept_part(l->g->kept_config);
	return l->g->config != NULL ? 0 : -1;
}

/* Read everything; errors of one zone do not hide those of the next. */
static int
load(
    struct loading *l, const char *path, const struct policy_outcomes *outcomes)
{
	struct generation *g = l->g;
	int status = 0;

	if (load_config(l, path) != 0 || generation_make_room(g, l->eb) != 0)
		return -1;
	if (l->before != NULL)
		l->same_folders = array_same_texts(g->config->include_from,
		    g->config->n_include_from, l->before->config->include_from,
		    l->before->config->n_include_from);
	for (size_t i = 0; i < g->n_zones; i++)
		if (load_zone(l, i) != 0)
			status = -1;
	if (l->before != NULL)
		generation_take_latency(g, kept_share(l->before->kept_latency));
	if (load_geography(l) != 0)
		status = -1;
	if (status != 0 ||
	    generation_compile(g, maps_to_keep(l), NULL, outcomes, l->eb) != 0)
		return -1;
	generation_check(g, l->eb);
	return l->eb->errors == l->held_errors && g->zones_held < g->n_zones
	    ? 0
	    : -1;
}

/* Make the generation of ${l}. */
static struct generation *
finish(
    struct loading *l, const char *path, const struct policy_outcomes *outcomes)
{
	struct errbuf_mark since = errbuf_now(l->eb);
	int status;

	l->g = generation_begin(l->eb);
	if (l->g == NULL)
		return NULL;
	status = load(l, path, outcomes);
	errbuf_order(l->eb, &since);
	if (status != 0) {
		generation_release(l->g);
		return NULL;
	}
	return l->g;
}

struct generation *
generation_load(const char *path, const struct policy_outcomes *outcomes,
    const struct generation *before, struct errbuf *eb)
{
	struct loading l = {.before = before, .eb = eb};

	return finish(&l, path, outcomes);
}

struct generation *
generation_load_last_good(const struct last_good *from,
    const struct policy_outcomes *outcomes, struct errbuf *eb)
{
	struct loading l = {.from = from, .eb = eb};
	struct generation *g = finish(&l, from->node, outcomes);

	if (g != NULL && g->zones_held > 0) {
		generation_release(g);
		return NULL;
	}
	if (g != NULL)
		g->last_good_ms = from->at_ms;
	return g;
}

const char *
generation_changed(const struct generation *g, size_t zone)
{
	const char *path = kept_changed(g->kept_config);

	if (path == NULL)
		path = kept_changed(g->kept_zone[zone]);
	if (path == NULL && g->kept_steering[zone] != NULL)
		path = kept_changed(g->kept_steering[zone]);
	return path != NULL ? path : kept_changed(g->kept_geography);
}

size_t
generation_services(const struct generation *g)
{
	size_t n = 0;

	for (size_t i = 0; i < g->n_zones; i++)
		n += g->policy->zones[i].n_services;
	return n;
}

bool
generation_ranks_by_latency(const struct generation *g)
{
	for (size_t i = 0; i < g->n_zones; i++) {
		const struct steering_config *config = g->steering[i];

		for (size_t k = 0; config != NULL && k < config->n_services;
		     k++)
			if (config->services[k].rank == RANK_LATENCY)
				return true;
	}
	return false;
}

bool
generation_is_checked(const struct generation *g)
{
	return g->policy->n_checks > 0 || g->policy->n_resolved > 0;
}
