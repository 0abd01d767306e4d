/*
 * Compares two generations.  Called by the reloader once a load is done; takes
 * no more than one look at each zone and each service.
 */
#include "node/changes.h"

#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/u64map.h"
#include "dns/wire/name.h"
#include "node/labels.h"

/* Names that belong to one line. */
struct names {
	struct text text;
	size_t n;
};

#define NAMES_MAX ((size_t)CHANGES_NAMES * (NAME_TEXT + 64))

static void
names_init(struct names *names)
{
	names->n = 0;
	text_init(&names->text, NAMES_MAX);
}

/* One more, with ${extra} after it. */
static void
names_add(struct names *names, const char *name, const char *extra)
{
	char text[NAME_TEXT];

	if (names->n++ < CHANGES_NAMES)
		text_add(&names->text, "%s%s%s", names->n > 1 ? ", " : "",
		    labels_name(name, text), extra);
}

/* The line of ${names}, which are freed. */
static void
names_write(struct names *names, const char *what, struct text *out)
{
	if (names->n > 0)
		text_add(out, "%s: %s", what,
		    names->text.data != NULL ? names->text.data : "");
	if (names->n > CHANGES_NAMES)
		text_add(out, " and %zu more", names->n - CHANGES_NAMES);
	if (names->n > 0)
		text_add(out, "\n");
	text_finish(&names->text);
}

/* The number in ${g} of the zone ${apex}; SIZE_MAX when it has none. */
static size_t
find_zone(const struct generation *g, const uint8_t *apex)
{
	uint32_t number;
	const struct zone *zone =
	    zone_table_find(g->zones, apex, name_length(apex), &number);

	return zone != NULL && name_equal(zone_apex(zone), apex) ? number
								 : SIZE_MAX;
}

/* " (serial 8, was 7)" */
#define SERIALS_TEXT 64

static void
format_serials(uint32_t now, uint32_t was, char out[SERIALS_TEXT])
{
	if (now == was)
		snprintf(out, SERIALS_TEXT, " (serial %u)", (unsigned)now);
	else
		snprintf(out, SERIALS_TEXT, " (serial %u, was %u)",
		    (unsigned)now, (unsigned)was);
}

static void
describe_zones(const struct generation *before, const struct generation *after,
    struct text *out)
{
	struct names added, removed, records, steering;
	char serials[SERIALS_TEXT];

	names_init(&added);
	names_init(&removed);
	names_init(&records);
	names_init(&steering);
	for (size_t i = 0; i < after->n_zones; i++) {
		const char *name = after->config->zones[i].name;
		size_t was = find_zone(before, zone_apex(after->zone[i]));

		if (was == SIZE_MAX) {
			names_add(&added, name, "");
			continue;
		}
		if (after->kept_zone[i] != before->kept_zone[was]) {
			format_serials(zone_serial(after->zone[i]),
			    zone_serial(before->zone[was]), serials);
			names_add(&records, name, serials);
		}
		if (after->kept_steering[i] != before->kept_steering[was])
			names_add(&steering, name, "");
	}
	for (size_t i = 0; i < before->n_zones; i++)
		if (find_zone(after, zone_apex(before->zone[i])) == SIZE_MAX)
			names_add(&removed, before->config->zones[i].name, "");
	names_write(&added, "zones added", out);
	names_write(&removed, "zones removed", out);
	names_write(&records, "records read again", out);
	/* What is followed on disk is all that is read without a reload. */
	names_write(&steering,
	    after->kept_config == before->kept_config
		? "files of networks read again"
		: "steering read again",
	    out);
}

/* All services of ${policy} by the hash of their names.  -1 without memory. */
static int
index_services(const struct policy *policy, struct u64map *out)
{
	u64map_init(out);
	for (size_t z = 0; z < policy->n_zones; z++)
		for (size_t s = 0; s < policy->zones[z].n_services; s++) {
			const char *name = policy->zones[z].services[s].name;

			if (u64map_add(
				out, hash_bytes(name, strlen(name), 0), 0) != 0)
				return -1;
		}
	return 0;
}

/* The services of ${a} that ${b} has not. */
static void
describe_services(const struct policy *a, const struct policy *b,
    const char *what, struct text *out)
{
	struct names names;
	struct u64map index;

	names_init(&names);
	if (index_services(b, &index) == 0)
		for (size_t z = 0; z < a->n_zones; z++)
			for (size_t s = 0; s < a->zones[z].n_services; s++) {
				const char *name = a->zones[z].services[s].name;

				if (u64map_get(&index,
					hash_bytes(name, strlen(name), 0)) ==
				    U64MAP_NONE)
					names_add(&names, name, "");
			}
	u64map_finish(&index);
	names_write(&names, what, out);
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
same_addresses(const struct endpoint_address *a, size_t n,
    const struct endpoint_address *b, size_t m)
{
	for (size_t i = 0; i < n && n == m; i++)
		if (a[i].port != b[i].port ||
		    (a[i].port != 0 &&
			!address_equal(&a[i].address, &b[i].address)))
			return false;
	return n == m;
}

static bool
same_tcp(const struct tcp_config *a, const struct tcp_config *b)
{
	return a->connections == b->connections &&
	    a->per_client == b->per_client && a->ipv4 == b->ipv4 &&
	    a->ipv6 == b->ipv6 && a->idle_ms == b->idle_ms &&
	    a->stall_ms == b->stall_ms;
}

static bool
same_rate_limit(
    const struct rate_limit_config *a, const struct rate_limit_config *b)
{
	bool same = a->responses == b->responses && a->slip == b->slip &&
	    a->window_ms == b->window_ms && a->ipv4 == b->ipv4 &&
	    a->ipv6 == b->ipv6 && a->table == b->table &&
	    a->n_exempt == b->n_exempt;

	for (size_t i = 0; same && i < a->n_exempt; i++)
		same = a->exempt[i].length == b->exempt[i].length &&
		    address_equal(&a->exempt[i].address, &b->exempt[i].address);
	return same;
}

static bool
same_identity(const struct server_config *a, const struct server_config *b)
{
	return same_text(a->identity, b->identity) &&
	    same_text(a->version, b->version) && a->nsid_len == b->nsid_len &&
	    (a->nsid_len == 0 || memcmp(a->nsid, b->nsid, a->nsid_len) == 0);
}

/* The keys of the node's file that say something else. */
static void
describe_settings(const struct server_config *a, const struct server_config *b,
    struct text *out)
{
	const struct {
		const char *key;
		bool same;
	} keys[] = {
	    {"listen",
		same_addresses(a->listen, a->n_listen, b->listen, b->n_listen)},
	    {"http", same_addresses(&a->http, 1, &b->http, 1)},
	    {"http_names",
		array_same_texts(a->http_names, a->n_http_names, b->http_names,
		    b->n_http_names)},
	    {"user", same_text(a->user, b->user)},
	    {"state", same_text(a->state, b->state)},
	    {"vantage",
		same_text(a->vantage, b->vantage) &&
		    same_text(a->vantage_region, b->vantage_region)},
	    {"node", same_text(a->node, b->node)},
	    {"share", server_share_same(&a->share, &b->share)},
	    {"blind", a->blind_ppm == b->blind_ppm},
	    {"geo", array_same_texts(a->geo, a->n_geo, b->geo, b->n_geo)},
	    {"geo_follow", a->geo_follow_ms == b->geo_follow_ms},
	    {"geo_max_age", a->geo_max_age_ms == b->geo_max_age_ms},
	    {"latency_max_age", a->latency_max_age_ms == b->latency_max_age_ms},
	    {"include_from",
		array_same_texts(a->include_from, a->n_include_from,
		    b->include_from, b->n_include_from)},
	    {"stale",
		a->stale_after_ms == b->stale_after_ms &&
		    a->stale_then == b->stale_then},
	    {"workers", a->workers == b->workers},
	    {"udp_size", a->udp_size == b->udp_size},
	    {"tcp", same_tcp(&a->tcp, &b->tcp)},
	    {"identity, version or nsid", same_identity(a, b)},
	    {"cookies",
		a->cookies == b->cookies &&
		    a->cookies_require == b->cookies_require &&
		    same_text(a->cookie_secrets, b->cookie_secrets)},
	    {"rate_limit", same_rate_limit(&a->rate_limit, &b->rate_limit)},
	};
	const char *before = "settings changed: ";

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (keys[i].same)
			continue;
		text_add(out, "%s%s", before, keys[i].key);
		before = ", ";
	}
	if (before[0] == ',')
		text_add(out, "\n");
}

/* The databases that were read, by when they were built. */
static void
describe_geography(const struct generation *after, struct text *out)
{
	const char *before = "geography read again: ";
	const struct geography_database *all;
	char when[CLOCK_TEXT];
	size_t n;

	all = geography_databases(after->geography, &n);
	for (size_t i = 0; !after->geography_kept && i < n; i++) {
		text_add(out, "%s%s", before, all[i].path);
		if (all[i].built_s > 0)
			text_add(out, " (built %.10s)",
			    clock_format(all[i].built_s * 1000, when));
		before = ", ";
	}
	if (before[0] == ',')
		text_add(out, "\n");
}

void
changes_describe(const struct generation *before,
    const struct generation *after, struct text *out)
{
	describe_zones(before, after, out);
	describe_services(after->policy, before->policy, "services added", out);
	describe_services(
	    before->policy, after->policy, "services removed", out);
	describe_settings(before->config, after->config, out);
	describe_geography(after, out);
	if (after->kept_maps != before->kept_maps && !after->maps_kept)
		text_add(out, "maps made again, from %s\n",
		    after->config->n_geo > 0 ? "geography and steering"
					     : "steering");
}
