/*
 * Writes map keys and compares them.  Called when a policy is compiled; a key
 * holds everything that map_build() reads, or two maps would be taken for one.
 */
#include "steering/geo/mapkey.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/text.h"
#include "config/nested.h"
#include "steering/geo/latency.h"
#include "steering/geo/nestings.h"

/* All lists of all fences at their longest take a little over a megabyte; the
 * rest is for keys that grow. */
#define KEY_MAX ((size_t)16 << 20)

/* Bytes that are compared: a key, or the prefixes of a network. */
struct bytes {
	const void *data;
	size_t len;
	char *owned; /* the same of a key; the prefixes are the config's */
};

static uint64_t
hash_of_bytes(const void *member)
{
	const struct bytes *bytes = member;

	return hash_bytes(bytes->data, bytes->len, 0);
}

static bool
equal_bytes(const void *left, const void *right)
{
	const struct bytes *a = left, *b = right;

	return a->len == b->len &&
	    (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

static const struct intern_kind kind_bytes = {
    .size = sizeof(struct bytes),
    .max = INTERN_NONE,
    .hash = hash_of_bytes,
    .equal = equal_bytes,
};

/* Members are pointers to tables, which are the caller's. */
static uint64_t
hash_table(const void *member)
{
	return latency_hash(*(const struct latency *const *)member);
}

static bool
equal_tables(const void *left, const void *right)
{
	return latency_equal(*(const struct latency *const *)left,
	    *(const struct latency *const *)right);
}

static const struct intern_kind kind_table = {
    .size = sizeof(const struct latency *),
    .max = INTERN_NONE,
    .hash = hash_table,
    .equal = equal_tables,
};

void
mapkeys_init(struct mapkeys *keys)
{
	intern_init(&keys->latencies, &kind_table);
	intern_init(&keys->list, &kind_bytes);
	intern_init(&keys->prefixes, &kind_bytes);
}

void
mapkeys_finish(struct mapkeys *keys)
{
	struct bytes *list = keys->list.members;

	for (size_t i = 0; i < keys->list.n; i++)
		free(list[i].owned);
	intern_finish(&keys->list);
	intern_finish(&keys->prefixes);
	intern_finish(&keys->latencies);
}

static void
want_networks(const struct clients_config *clients, bool *wanted)
{
	for (size_t i = 0; i < clients->n_networks; i++)
		wanted[clients->networks[i]] = true;
}

/* Those that rules of ${service} name. */
static void
want_service(const struct service_config *service, bool *wanted)
{
	for (size_t i = 0; i < service->n_fences; i++)
		want_networks(&service->fences[i].clients, wanted);
	for (size_t i = 0; service->rank == RANK_RULES && i < service->n_orders;
	     i++)
		want_networks(&service->orders[i].clients, wanted);
}

void
mapkey_networks(const struct map_key *key, bool *wanted)
{
	const struct service_config *inside[STEERING_MAX_PATHS];
	size_t n = nested_services(key->config, key->service, inside);

	for (size_t i = 0; i < key->config->n_networks; i++)
		wanted[i] = network_moves(&key->config->networks[i]);
	want_service(key->service, wanted);
	for (size_t i = 0; i < n; i++)
		want_service(inside[i], wanted);
}

/* Sums of costs by weight. */
__extension__ typedef unsigned __int128 cost_sum;

void
mapkey_costs(struct map_key *key)
{
	const struct steering_config *config = key->config;
	cost_sum sums[STEERING_MAX_REGIONS] = {0};
	uint64_t weights[STEERING_MAX_REGIONS] = {0};

	memset(key->costs, 0, sizeof(key->costs));
	if (key->service->near_kind == NEAR_NONE)
		return;
	for (size_t i = 0; i < key->service->n_split; i++) {
		const struct pool_config *pool =
		    &config->pools[key->service->split[i].pool];

		for (size_t k = 0; k < pool->n_endpoints; k++) {
			const struct endpoint_config *e = &pool->endpoints[k];
			const struct cost_config *cost = e->cost.said
			    ? &e->cost
			    : &config->regions[e->region].cost;

			sums[e->region] += (cost_sum)cost->value * e->weight;
			weights[e->region] += e->weight;
		}
	}
	for (size_t i = 0; i < STEERING_MAX_REGIONS; i++)
		if (weights[i] > 0)
			key->costs[i] =
			    (uint64_t)((sums[i] + weights[i] / 2) / weights[i]);
}

/* The number of the prefixes of ${network}, or INTERN_NONE. */
static uint32_t
prefixes_number(struct mapkeys *keys, const struct network_config *network)
{
	const struct bytes bytes = {.data = network->prefixes,
	    .len = network->n_prefixes * sizeof(*network->prefixes)};

	return intern_number(&keys->prefixes, &bytes);
}

static void
put(struct text *out, const void *data, size_t len)
{
	if (len > 0)
		text_bytes(out, data, len);
}

static void
put_number(struct text *out, uint64_t n)
{
	put(out, &n, sizeof(n));
}

static void
put_position(struct text *out, double latitude, double longitude)
{
	put(out, &latitude, sizeof(latitude));
	put(out, &longitude, sizeof(longitude));
}

/* Regions without an endpoint of the service do not matter to its map, and
 * costs do only where there are bands. */
static void
put_regions(struct text *out, const struct map_key *key)
{
	const struct service_config *service = key->service;

	put_number(out, key->regions);
	put_number(
	    out, (uint64_t)service->near_kind << 32 | service->near_equal);
	for (size_t i = 0; i < key->config->n_regions; i++) {
		const struct region_config *r = &key->config->regions[i];

		if (!(key->regions >> i & 1))
			continue;
		put(out, r->name, strlen(r->name) + 1);
		put_position(out, r->latitude, r->longitude);
		put_number(out, (uint64_t)(100 - r->bias));
		if (service->near_kind != NEAR_NONE)
			put_number(out, key->costs[i]);
	}
}

/* Field by field: padding has no certain value. */
static void
put_inside(struct text *out, const struct clients_config *c)
{
	put_number(out, c->n_subdivisions);
	for (size_t i = 0; i < c->n_subdivisions; i++) {
		put(out, c->subdivisions[i].country, 3);
		put_number(out, c->subdivisions[i].code);
	}
	put_number(out, c->n_cities);
	for (size_t i = 0; i < c->n_cities; i++) {
		const struct city_config *city = &c->cities[i];

		put_number(
		    out, (uint64_t)city->geoname << 16 | city->subdivision);
		put(out, city->country, sizeof(city->country));
		put(out, city->name, strlen(city->name) + 1);
	}
	put_number(out, c->n_near);
	for (size_t i = 0; i < c->n_near; i++) {
		put_number(out, c->near[i].km);
		put_position(out, c->near[i].latitude, c->near[i].longitude);
	}
}

/* Each list after its length, so that different rules have different bytes. */
static void
put_clients(
    struct text *out, const bool *wanted, const struct clients_config *c)
{
	put_number(out, (uint64_t)c->unknown << 1 | c->everyone);
	put_number(out, c->n_continents);
	put(out, c->continents, c->n_continents * sizeof(*c->continents));
	put_number(out, c->n_countries);
	put(out, c->countries, c->n_countries * sizeof(*c->countries));
	put_number(out, c->n_unions);
	put(out, c->unions, c->n_unions * sizeof(*c->unions));
	put_inside(out, c);
	put_number(out, c->n_asns);
	put(out, c->asns, c->n_asns * sizeof(*c->asns));
	put_number(out, c->n_networks);
	for (size_t i = 0; i < c->n_networks; i++) {
		uint64_t before = 0;

		/* Its place among those of put_networks(): those of another
		 * file may have other indexes. */
		for (uint32_t k = 0; k < c->networks[i]; k++)
			before += wanted[k];
		put_number(out, before);
	}
}

/* Those of ${list} that matter, and an end. */
static void
put_list(
    struct text *out, const struct map_key *key, const uint32_t *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (key->regions >> list[i] & 1)
			put_number(out, list[i]);
	put_number(out, STEERING_NONE);
}

/* A list is one rule that has everyone. */
static void
put_rank(struct text *out, const struct map_key *key, const bool *wanted)
{
	const struct service_config *service = key->service;
	const struct clients_config everyone = {.everyone = true};
	bool listed = service->rank == RANK_LISTED;
	size_t n = service->rank == RANK_RULES ? service->n_orders : listed;

	put_number(out, n);
	if (listed) {
		put_clients(out, wanted, &everyone);
		put_list(out, key, service->listed, service->n_listed);
	}
	for (size_t i = 0; !listed && i < n; i++) {
		const struct order_config *order = &service->orders[i];

		put_clients(out, wanted, &order->clients);
		put_list(out, key, order->regions, order->n_regions);
	}
}

static void
put_fence(struct text *out, const struct map_key *key, const bool *wanted,
    const struct fence_config *f)
{
	put_number(out, f->regions & key->regions);
	put_number(out, f->hard);
	put_clients(out, wanted, &f->clients);
}

/* The prefixes of a network as a number: there may be a million of them. */
static int
put_networks(struct text *out, struct mapkeys *keys, const struct map_key *key,
    const bool *wanted)
{
	for (size_t i = 0; i < key->config->n_networks; i++) {
		const struct network_config *n = &key->config->networks[i];
		uint32_t prefixes;

		if (!wanted[i])
			continue;
		prefixes = prefixes_number(keys, n);
		if (prefixes == INTERN_NONE)
			return -1;
		put_number(out, prefixes);
		put(out, n->country, sizeof(n->country));
		put_number(out, (uint64_t)n->asn << 1 | n->has_position);
		if (n->has_position)
			put_position(out, n->latitude, n->longitude);
	}
	return 0;
}

/* The table of round trips as a number, 0 where it takes no part. */
static int
put_latency(struct text *out, struct mapkeys *keys, const struct map_key *key)
{
	uint32_t number = 0;

	if (key->service->rank == RANK_LATENCY &&
	    !latency_equal(key->latency, NULL)) {
		number = intern_number(&keys->latencies, &key->latency);
		if (number == INTERN_NONE)
			return -1;
		number++;
	}
	put_number(out, number);
	return 0;
}

/* The bytes of ${key}.  0, or -1 without memory. */
static int
write_key(struct mapkeys *keys, const struct map_key *key, const bool *wanted,
    struct text *out)
{
	put_regions(out, key);
	put_rank(out, key, wanted);
	put_number(out, key->service->n_fences);
	for (size_t i = 0; i < key->service->n_fences; i++)
		put_fence(out, key, wanted, &key->service->fences[i]);
	if (put_networks(out, keys, key, wanted) != 0 ||
	    put_latency(out, keys, key) != 0 || out->failed)
		return -1;
	return 0;
}

/* The number of the key ${bytes}, which are taken over if it is new. */
static uint32_t
bytes_number(struct mapkeys *keys, struct text *text)
{
	const struct bytes bytes = {text->data, text->len, text->data};
	size_t before = keys->list.n;
	uint32_t number = intern_number(&keys->list, &bytes);

	if (keys->list.n > before)
		text_init(text, KEY_MAX);
	return number;
}

uint32_t
mapkeys_number(
    struct mapkeys *keys, const struct map_key *key, const bool *wanted)
{
	struct text bytes;
	uint32_t number = INTERN_NONE;

	text_init(&bytes, KEY_MAX);
	if (write_key(keys, key, wanted, &bytes) == 0)
		number = bytes_number(keys, &bytes);
	text_finish(&bytes);
	return number;
}
