/*
 * Tests class maps: random policies over random geography against an
 * evaluation address by address, the shape of their leaves, what makes two
 * services share a map, and the places that explain shows.
 */
#include <check.h>
#include <unistd.h>

#include "config/country.h"
#include "config/union.h"
#include "base/hash.h"
#include "steering/geo/classes.h"
#include "steering/geo/latency.h"
#include "steering/geo/map.h"
#include "base/private.h"
#include "steering/geo/ranking.h"
#include "tests/unit/mmdb_writer.h"

#define REGIONS 6
#define NETWORKS 8
#define PREFIXES 6
#define FENCES 4
#define ORDERS 3
#define RULES (FENCES + ORDERS)
#define ENTRIES 60
#define POLICIES 60
#define PROBES 400

static const char *const countries[] = {"FR", "DE", "US", "JP", "BR", "ZA"};
#define COUNTRIES 6
/* And in databases continents alone. */
static const char *const codes[] = {
    "FR", "DE", "US", "JP", "BR", "ZA", "EU", "AP"};
#define CODES 8

/* Where policies that test_random_policies() asks for are drawn. */
static uint64_t seed = UINT64_C(5) << 32;

static uint32_t
below(uint32_t n)
{
	return (uint32_t)(hash_mix(seed++, 5) % n);
}

/* A steering file in memory, made of arrays that can be changed. */
struct policy_file {
	struct region_config regions[REGIONS];
	struct network_config networks[NETWORKS];
	struct prefix prefixes[NETWORKS][PREFIXES];
	struct fence_config fences[FENCES];
	struct order_config orders[ORDERS];
	/* Of the fences, then of the orders. */
	char continents[RULES][2][3];
	char countries[RULES][2][3];
	uint32_t unions[RULES][2];
	uint32_t fence_networks[RULES][2];
	uint32_t asns[RULES][2];
	uint32_t listed[REGIONS];
	uint32_t ordered[ORDERS][REGIONS];
	struct service_config service;
	struct steering_config config;
	struct map_key key;
	struct latency_entry entries[ENTRIES];
	size_t n_entries;
};

/* Let ${c} have the lists of rule ${i}. */
static void
point_clients(struct policy_file *f, size_t i, struct clients_config *c)
{
	c->continents = f->continents[i];
	c->countries = f->countries[i];
	c->unions = f->unions[i];
	c->networks = f->fence_networks[i];
	c->asns = f->asns[i];
}

static void
policy_file_init(struct policy_file *f)
{
	static const char *const names[] = {"f", "b", "d", "a", "e", "c"};
	static const char *const networks[] = {
	    "n0", "n1", "n2", "n3", "n4", "n5", "n6", "n7"};

	memset(f, 0, sizeof(*f));
	for (size_t i = 0; i < REGIONS; i++)
		f->regions[i].name = names[i];
	for (size_t i = 0; i < NETWORKS; i++) {
		f->networks[i].name = networks[i];
		f->networks[i].at =
		    (struct mark){"steering.yaml", (unsigned)i + 1, 1};
		f->networks[i].prefixes = f->prefixes[i];
	}
	for (size_t i = 0; i < FENCES; i++)
		point_clients(f, i, &f->fences[i].clients);
	for (size_t i = 0; i < ORDERS; i++) {
		point_clients(f, FENCES + i, &f->orders[i].clients);
		f->orders[i].regions = f->ordered[i];
	}
	f->service.name = "chat";
	f->service.at = (struct mark){"steering.yaml", 99, 1};
	f->service.fences = f->fences;
	f->service.listed = f->listed;
	f->service.orders = f->orders;
	f->config.regions = f->regions;
	f->config.networks = f->networks;
	f->config.services = &f->service;
	f->config.n_services = 1;
	f->key = (struct map_key){.config = &f->config, .service = &f->service};
}

/* Addresses come from few places, so that prefixes nest and probes hit. */
static struct address
random_address(void)
{
	struct address a = {.family = below(2) ? 4 : 6};
	unsigned i, bits = address_bits(&a);
	const struct prefix *block = private_block(below(16));

	for (i = 0; i < bits / 8; i++)
		a.bytes[i] = below(3) ? 0 : (uint8_t)(below(4) * 0x55);
	if (block != NULL) {
		for (i = 0; i < address_bits(&block->address) / 8; i++)
			a.bytes[i] |= block->address.bytes[i];
		a.family = block->address.family;
		return a;
	}
	if (a.family == 6 && below(2)) {
		a.bytes[0] = 0x20;
		a.bytes[1] = (uint8_t)below(3);
	} else if (a.family == 6 && below(4) == 0) {
		/* Around the ends of 2000::/3, which has an index. */
		a.bytes[0] = (uint8_t)(below(2) ? 0x3f + below(2) : 0x1f);
		a.bytes[1] = (uint8_t)(below(2) ? 0xff : 0);
	}
	return a;
}

static void
random_network(struct network_config *n, struct prefix *prefixes)
{
	n->n_prefixes = below(PREFIXES + 1);
	for (size_t i = 0; i < n->n_prefixes; i++) {
		struct address a = random_address();

		prefixes[i].length = (uint8_t)below(address_bits(&a) + 1);
		address_mask(&a, prefixes[i].length);
		prefixes[i].address = a;
	}
	if (below(3) == 0)
		memcpy(n->country, countries[below(COUNTRIES)], 3);
	if (below(3) == 0) {
		n->has_position = true;
		n->latitude = (double)below(180) - 90;
		n->longitude = (double)below(360) - 180;
	}
	if (below(3) == 0)
		n->asn = 1 + below(3);
}

/* Those of rule ${i}. */
static void
random_clients(struct policy_file *f, size_t i, struct clients_config *c)
{
	c->everyone = below(8) == 0;
	c->unknown = !c->everyone && below(6) == 0;
	if (c->everyone || c->unknown)
		return;
	c->n_continents = below(2);
	c->n_countries = below(3);
	c->n_unions = below(6) == 0;
	f->unions[i][0] = below(2);
	c->n_networks = f->config.n_networks > 0 ? below(3) : 0;
	c->n_asns = below(2);
	memcpy(f->continents[i][0], below(2) ? "EU" : "NA", 3);
	for (size_t k = 0; k < 2; k++) {
		memcpy(f->countries[i][k], countries[below(COUNTRIES)], 3);
		f->asns[i][k] = 1 + below(3);
		f->fence_networks[i][k] =
		    below((uint32_t)f->config.n_networks + 1) %
		    (uint32_t)(f->config.n_networks +
			(f->config.n_networks == 0));
	}
}

static void
random_fence(struct policy_file *f, size_t i)
{
	struct fence_config *fence = &f->fences[i];

	fence->regions = 1 + below((1 << REGIONS) - 1);
	fence->hard = below(2);
	random_clients(f, i, &fence->clients);
}

/* Some regions, from any one on. */
static void
random_order(struct policy_file *f, size_t i)
{
	uint32_t n = (uint32_t)f->config.n_regions, first = below(n);

	random_clients(f, FENCES + i, &f->orders[i].clients);
	f->orders[i].n_regions = 1 + below(n);
	for (size_t k = 0; k < f->orders[i].n_regions; k++)
		f->ordered[i][k] = (first + (uint32_t)k) % n;
}

/* A round trip of a prefix, an AS number or a country, to a region of the file
 * or to another one. */
static void
random_entry(struct latency_entry *e)
{
	static const char *const names[] = {"a", "b", "c", "d", "e", "f", "z"};
	uint32_t kind = below(8);

	*e = (struct latency_entry){.kind = kind > 1 ? LATENCY_PREFIX
		: kind == 1                          ? LATENCY_ASN
						     : LATENCY_COUNTRY,
	    .region = names[below(7)],
	    .rtt_us = below(2) ? 1000 * below(20) : below(20000),
	    .samples = below(4)};
	e->asn = 1 + below(3);
	memcpy(e->country, countries[below(COUNTRIES)], 3);
	e->prefix.address = random_address();
	e->prefix.length = (uint8_t)below(address_bits(&e->prefix.address) + 1);
	address_mask(&e->prefix.address, e->prefix.length);
}

/* The table of the entries, which go into the key. */
static struct latency *
measure(struct policy_file *f)
{
	struct latency_builder *b = latency_begin();
	struct latency *l;

	for (size_t i = 0; i < f->n_entries; i++)
		ck_assert_int_eq(latency_add(b, &f->entries[i]), 0);
	l = latency_end(b);
	ck_assert_ptr_nonnull(l);
	f->key.latency = l;
	return l;
}

/* What is near enough, and what regions cost. */
static void
random_bands(struct policy_file *f)
{
	static const enum near_kind kinds[] = {
	    NEAR_NONE, NEAR_SHARE, NEAR_WAY, NEAR_TIME};

	f->service.near_kind =
	    kinds[below(f->service.rank == RANK_LATENCY ? 4 : 3)];
	if (f->service.rank == RANK_LISTED)
		f->service.near_kind = NEAR_NONE;
	f->service.near_equal = below(4) == 0    ? 0
	    : f->service.near_kind == NEAR_SHARE ? below(1000001)
						 : below(10000);
	for (size_t i = 0; i < REGIONS; i++)
		f->key.costs[i] = below(3);
}

static void
random_policy(struct policy_file *f)
{
	static const enum rank_kind ranks[] = {RANK_NEAREST, RANK_NEAREST,
	    RANK_LATENCY, RANK_LATENCY, RANK_LATENCY, RANK_LISTED, RANK_RULES};

	policy_file_init(f);
	f->config.n_regions = 2 + below(REGIONS - 1);
	f->config.n_networks = below(NETWORKS + 1);
	f->service.n_fences = below(FENCES + 1);
	f->service.rank = ranks[below(sizeof(ranks) / sizeof(ranks[0]))];
	f->service.n_orders =
	    f->service.rank == RANK_RULES ? 1 + below(ORDERS) : 0;
	for (size_t i = 0; i < f->config.n_regions; i++) {
		f->regions[i].latitude = (double)below(180) - 90;
		/* Some at one place, for the order of names. */
		f->regions[i].longitude = (double)below(8) * 45 - 180;
		if (i > 0 && below(3) == 0)
			f->regions[i].latitude = f->regions[i - 1].latitude;
		f->regions[i].bias = below(2) ? (int)below(199) - 99 : 0;
		f->listed[i] = (uint32_t)(f->config.n_regions - 1 - i);
	}
	f->service.n_listed = f->config.n_regions;
	for (size_t i = 0; i < f->config.n_networks; i++)
		random_network(&f->networks[i], f->prefixes[i]);
	for (size_t i = 0; i < f->service.n_fences; i++)
		random_fence(f, i);
	for (size_t i = 0; i < f->service.n_orders; i++)
		random_order(f, i);
	f->key.regions = 1 + below((uint32_t)((1U << f->config.n_regions) - 1));
	random_bands(f);
	f->n_entries = below(ENTRIES);
	for (size_t i = 0; i < f->n_entries; i++)
		random_entry(&f->entries[i]);
}

/* The same, one address at a time. */

static void
naive_apply(const struct network_config *n, struct place *p)
{
	const struct country *c;

	if (n->country[0] != '\0') {
		c = country_find(n->country);
		memcpy(p->country, c->code, 3);
		memcpy(p->continent, c->continent, 3);
		p->has_position = true;
		p->located = false;
		p->latitude = (double)c->latitude;
		p->longitude = (double)c->longitude;
	}
	if (n->has_position) {
		p->has_position = p->located = true;
		p->latitude = n->latitude;
		p->longitude = n->longitude;
	}
	if (n->asn != 0)
		p->asn = n->asn;
}

/* Fill ${in} with the networks around ${a}, most specific first. */
static size_t
naive_place(const struct policy_file *f, const struct geography *geo,
    const struct address *a, struct place *p, uint32_t *in)
{
	int depth[NETWORKS];
	uint64_t hi, lo;
	size_t n = 0;

	for (size_t i = 0; i < f->config.n_networks; i++) {
		depth[i] = -1;
		for (size_t k = 0; k < f->networks[i].n_prefixes; k++)
			if (prefix_contains(&f->prefixes[i][k], a) &&
			    f->prefixes[i][k].length > depth[i])
				depth[i] = f->prefixes[i][k].length;
	}
	for (int length = 128; length >= 0; length--)
		for (size_t i = 0; i < f->config.n_networks; i++)
			if (depth[i] == length)
				in[n++] = (uint32_t)i;
	cover_key(a, &hi, &lo);
	*p = *geography_place(
	    geo, cover_find(geography_cover(geo, a->family), hi, lo)->value);
	if (private_block_around(a) != NULL)
		*p = (struct place){0};
	for (size_t i = n; i-- > 0;)
		naive_apply(&f->networks[in[i]], p);
	return n;
}

/* Rules, whatever follows of them. */
struct naive_rules {
	const struct clients_config *clients[ORDERS + FENCES];
	size_t n;
};

/* Some rule names ${country}. */
static bool
naive_names(const struct naive_rules *r, const struct country *country)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct clients_config *c = r->clients[i];

		for (size_t k = 0; k < c->n_countries; k++)
			if (strcmp(c->countries[k], country->code) == 0)
				return true;
		for (size_t k = 0; k < c->n_unions; k++)
			if (union_has(c->unions[k], country->code))
				return true;
	}
	return false;
}

/* Nobody knows whether ${p} lies in a country that some rule names. */
static bool
naive_unknown(const struct naive_rules *r, const struct place *p)
{
	const struct country *c;

	if (p->country[0] != '\0')
		return false;
	if (p->continent[0] == '\0')
		return true;
	for (size_t i = 0; (c = country_at(i)) != NULL; i++)
		if (strcmp(c->continent, p->continent) == 0 &&
		    naive_names(r, c))
			return true;
	return false;
}

static bool
naive_matches(const struct naive_rules *r, const struct clients_config *c,
    const struct place *p, const uint32_t *in, size_t n)
{
	if (c->everyone || (c->unknown && naive_unknown(r, p)))
		return true;
	for (size_t i = 0; i < c->n_unions; i++)
		if (union_has(c->unions[i], p->country))
			return true;
	for (size_t i = 0; i < c->n_continents; i++)
		if (strcmp(c->continents[i], p->continent) == 0)
			return true;
	for (size_t i = 0; i < c->n_countries; i++)
		if (strcmp(c->countries[i], p->country) == 0)
			return true;
	for (size_t i = 0; i < c->n_asns; i++)
		if (c->asns[i] == p->asn)
			return true;
	for (size_t i = 0; i < c->n_networks; i++)
		for (size_t k = 0; k < n; k++)
			if (c->networks[i] == in[k])
				return true;
	return false;
}

/* The first that matches, or MAP_NO_RULE. */
static uint8_t
naive_first(const struct naive_rules *r, const struct place *p,
    const uint32_t *in, size_t n)
{
	for (size_t i = 0; i < r->n; i++)
		if (naive_matches(r, r->clients[i], p, in, n))
			return (uint8_t)i;
	return MAP_NO_RULE;
}

/* Whether a network that matters to the map holds ${a}: one that says where it
 * is, or that the fence names. */
static bool
in_network(const struct policy_file *f, const struct address *a)
{
	for (size_t i = 0; i < f->config.n_networks; i++) {
		const struct network_config *n = &f->networks[i];
		bool used =
		    n->country[0] != '\0' || n->has_position || n->asn != 0;

		for (size_t k = 0; k < f->service.n_fences; k++)
			for (size_t j = 0; j < f->fences[k].clients.n_networks;
			     j++)
				used = used || f->fence_networks[k][j] == i;
		for (size_t k = 0; k < f->service.n_orders; k++)
			for (size_t j = 0; j < f->orders[k].clients.n_networks;
			     j++)
				used = used ||
				    f->fence_networks[FENCES + k][j] == i;
		for (size_t k = 0; used && k < n->n_prefixes; k++)
			if (prefix_contains(&f->prefixes[i][k], a))
				return true;
	}
	return false;
}

/* What is known of how far a client is from a region. */
struct naive_way {
	bool measured, located;
	int64_t counts;
};

/* The mean of the entries of one row, whose region is ${name}. */
struct naive_mean {
	uint64_t sum, weight;
};

static void
naive_add(
    struct naive_mean *mean, const struct latency_entry *e, const char *name)
{
	uint64_t weight = e->samples > 0 ? e->samples : 1;

	if (strcmp(e->region, name) != 0)
		return;
	mean->sum += weight * e->rtt_us;
	mean->weight += weight;
}

/* The length of a prefix as it counts. */
static int
naive_length(const struct prefix *p)
{
	int finest = p->address.family == 4 ? 24 : 48;

	return p->length < finest ? p->length : finest;
}

/* The round trip of ${region}, or -1. */
static int64_t
naive_rtt(const struct policy_file *f, const struct place *p,
    const struct address *a, uint32_t region)
{
	const char *name = f->regions[region].name;
	bool nowhere = private_block_around(a) != NULL && !in_network(f, a);
	struct naive_mean mean = {0, 0};

	if (f->service.rank != RANK_LATENCY)
		return -1;
	for (int length = nowhere ? -1 : 48; length >= 0 && mean.weight == 0;
	     length--)
		for (size_t i = 0; i < f->n_entries; i++) {
			struct prefix q = f->entries[i].prefix;

			q.length = (uint8_t)naive_length(&q);
			address_mask(&q.address, q.length);
			if (f->entries[i].kind == LATENCY_PREFIX &&
			    q.length == length && prefix_contains(&q, a))
				naive_add(&mean, &f->entries[i], name);
		}
	for (size_t i = 0; i < f->n_entries && mean.weight == 0; i++)
		if (f->entries[i].kind == LATENCY_ASN &&
		    f->entries[i].asn == p->asn)
			for (size_t k = i; k < f->n_entries; k++)
				if (f->entries[k].kind == LATENCY_ASN &&
				    f->entries[k].asn == p->asn)
					naive_add(&mean, &f->entries[k], name);
	if (mean.weight == 0)
		for (size_t k = 0; k < f->n_entries; k++)
			if (f->entries[k].kind == LATENCY_COUNTRY &&
			    strcmp(f->entries[k].country, p->country) == 0)
				naive_add(&mean, &f->entries[k], name);
	return mean.weight > 0
	    ? (int64_t)((mean.sum + mean.weight / 2) / mean.weight)
	    : -1;
}

static struct naive_way
naive_way(const struct policy_file *f, const struct place *p,
    const struct address *a, uint32_t region)
{
	const struct region_config *r = &f->regions[region];
	int64_t rtt = naive_rtt(f, p, a, region);
	struct naive_way way = {.measured = rtt >= 0,
	    .located = rtt < 0 && p->has_position,
	    .counts = rtt >= 0 ? rtt : 0};

	if (way.located)
		way.counts = place_distance_km(
		    p->latitude, p->longitude, r->latitude, r->longitude);
	way.counts *= 100 - r->bias;
	return way;
}

/* Whether ${b} may share the band that ${a} begins. */
static bool
naive_near(const struct policy_file *f, const struct naive_way *a,
    const struct naive_way *b)
{
	int64_t near = f->service.near_equal, more = b->counts - a->counts;

	if (a->measured != b->measured || a->located != b->located)
		return false;
	switch (f->service.near_kind) {
	case NEAR_SHARE:
		return (a->measured || a->located) &&
		    more * 1000000 <= a->counts * near;
	case NEAR_TIME:
		return a->measured && more <= near * 100;
	case NEAR_WAY:
		return a->located && more <= near * 100;
	case NEAR_NONE:
		break;
	}
	return false;
}

/* Whether ${x} is before ${y} by what they count for. */
static bool
naive_shorter(const struct policy_file *f, const struct naive_way *ways,
    uint32_t x, uint32_t y)
{
	const struct naive_way *a = &ways[x], *b = &ways[y];

	if (a->measured != b->measured)
		return a->measured;
	if (!a->measured && !a->located)
		return x < y;
	return a->counts != b->counts
	    ? a->counts < b->counts
	    : strcmp(f->regions[x].name, f->regions[y].name) < 0;
}

static bool
naive_cheaper(const struct policy_file *f, uint32_t x, uint32_t y)
{
	return f->key.costs[x] != f->key.costs[y]
	    ? f->key.costs[x] < f->key.costs[y]
	    : strcmp(f->regions[x].name, f->regions[y].name) < 0;
}

/* Take the best of ${left} away, and all that is near it, cheapest first.
 * Returns how many were written to ${out}. */
static unsigned
naive_band(const struct policy_file *f, const struct naive_way *ways,
    uint64_t *left, uint8_t *out)
{
	uint32_t best = REGIONS;
	unsigned n = 0;

	for (uint32_t i = 0; i < REGIONS; i++)
		if ((*left >> i & 1) &&
		    (best == REGIONS || naive_shorter(f, ways, i, best)))
			best = i;
	for (uint32_t i = 0; i < REGIONS; i++) {
		unsigned k = n;

		if (!(*left >> i & 1) ||
		    (i != best && !naive_near(f, &ways[best], &ways[i])))
			continue;
		for (; k > 0 && naive_cheaper(f, i, out[k - 1]); k--)
			out[k] = out[k - 1];
		out[k] = (uint8_t)i;
		n++;
	}
	for (unsigned k = 0; k < n; k++)
		*left &= ~(UINT64_C(1) << out[k]);
	return n;
}

/* The order of all regions of the key, where rule ${order} has the client. */
static void
naive_order(const struct policy_file *f, const struct place *p,
    const struct address *a, uint8_t order, uint64_t lifted, uint8_t *out)
{
	const uint32_t *list = f->listed;
	size_t n_list = f->service.n_listed;
	struct naive_way ways[REGIONS] = {{.measured = false}};
	uint64_t left = f->key.regions & lifted;

	if (f->service.rank == RANK_RULES && order != MAP_NO_RULE) {
		list = f->ordered[order];
		n_list = f->orders[order].n_regions;
	} else if (f->service.rank != RANK_LISTED) {
		n_list = 0;
		for (uint32_t i = 0; i < f->config.n_regions; i++)
			ways[i] = naive_way(f, p, a, i);
		while (left != 0)
			out += naive_band(f, ways, &left, out);
	}
	for (size_t i = 0; i < n_list + REGIONS; i++) {
		uint32_t region = i < n_list ? list[i] : (uint32_t)(i - n_list);

		if (left >> region & 1)
			*out++ = (uint8_t)region;
		left &= ~(UINT64_C(1) << region);
	}
	for (uint32_t i = 0; i < REGIONS; i++)
		if ((f->key.regions & ~lifted) >> i & 1)
			*out++ = (uint8_t)i;
}

static void
assert_class(const struct policy_file *f, const struct geography *geo,
    const struct address *a, const struct client_class *class)
{
	struct place p, shown;
	uint32_t in[NETWORKS], listed[NETWORKS];
	uint64_t inside = f->key.regions, lifted = inside;
	size_t n = naive_place(f, geo, a, &p, in), i;
	char text[ADDRESS_TEXT];
	struct naive_rules fences = {.n = f->service.n_fences};
	struct naive_rules orders = {.n = f->service.n_orders};
	uint8_t fence, order, told, told_order, wanted[REGIONS];
	struct ranking ranking;

	address_format(a, text);
	for (i = 0; i < fences.n; i++)
		fences.clients[i] = &f->fences[i].clients;
	for (i = 0; i < orders.n; i++)
		orders.clients[i] = &f->orders[i].clients;
	fence = naive_first(&fences, &p, in, n);
	order = naive_first(&orders, &p, in, n);
	if (f->service.rank == RANK_LISTED)
		order = 0;
	if (fence != MAP_NO_RULE) {
		inside &= f->fences[fence].regions;
		lifted = f->fences[fence].hard ? inside : lifted;
	}
	ck_assert_msg(class->inside == inside, "%s", text);
	ck_assert_msg(class->lifted == lifted, "%s", text);
	ck_assert_int_eq(class->n, __builtin_popcountll(f->key.regions));
	naive_order(f, &p, a, order, lifted, wanted);
	for (i = 0; i < class->n; i++)
		ck_assert_msg(class->order[i] == wanted[i],
		    "%s: place %zu is region %u, not %u", text, i,
		    class->order[i], wanted[i]);
	/* And explain tells the same. */
	ck_assert_int_eq(map_rule(geo, &f->key, a, &told, &told_order), 0);
	ck_assert_msg(told == fence, "%s: rule %u, not %u", text, told, fence);
	ck_assert_msg(told_order == order, "%s: order %u, not %u", text,
	    told_order, order);
	ck_assert_int_eq(map_ranking(geo, &f->key, a, &ranking), 0);
	ck_assert_int_eq((int)ranking.n, __builtin_popcountll(lifted));
	for (i = 0; i < ranking.n; i++) {
		const struct standing *standing = &ranking.regions[i];

		ck_assert_uint_eq(standing->region, wanted[i]);
		if (standing->measured)
			ck_assert_int_eq(standing->cell.rtt_us,
			    naive_rtt(f, &p, a, wanted[i]));
	}
	ck_assert_uint_eq(
	    map_place(geo, &f->config, a, &shown, listed, NETWORKS), n);
	ck_assert_msg(place_equal(&shown, &p), "%s: place", text);
	ck_assert_int_eq(memcmp(listed, in, n * sizeof(*in)), 0);
}

/* Shapes. */

static bool
is_reserved(const struct address *a)
{
	static const uint8_t mapped[12] = {
	    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

	return a->family == 6 &&
	    ((a->bytes[0] == 0x20 && a->bytes[1] == 0x02) ||
		memcmp(a->bytes, mapped, sizeof(mapped)) == 0);
}

/* The first address behind the prefix; false behind the last. */
static bool
step_over(struct address *a, unsigned depth)
{
	unsigned i = depth;

	while (i-- > 0) {
		uint8_t bit = (uint8_t)(0x80 >> i % 8);

		a->bytes[i / 8] ^= bit;
		if (a->bytes[i / 8] & bit)
			return true;
	}
	return false;
}

/* The leaves of one family, in order, as lookups find them. */
#define LEAVES 100000

static struct found {
	struct address first;
	struct map_leaf leaf;
} found[LEAVES];

static size_t
find_leaves(const struct map *map, uint8_t family)
{
	struct address a = {.family = family};
	size_t n = 0;

	do {
		ck_assert_uint_lt(n, LEAVES);
		found[n].first = a;
		map_lookup(map, &a, &found[n].leaf);
	} while (step_over(&a, found[n++].leaf.depth));
	return n;
}

/* Place number ${k} of the order of ${class}. */
static unsigned
naive_place_of(const struct client_class *class, unsigned k)
{
	for (unsigned i = 0; i < class->n; i++)
		if ((class->inside >> class->order[i] & 1) && k-- == 0)
			return class->order[i];
	return STEERING_MAX_REGIONS;
}

/* Whether two leaves agree in their first ${places} places, or, when it is 0,
 * in what is allowed. */
static bool
naive_agree(const struct found *a, const struct found *b, unsigned places)
{
	if (a->leaf.private_length > 0 || b->leaf.private_length > 0 ||
	    is_reserved(&a->first) || is_reserved(&b->first))
		return false;
	for (unsigned k = 0; k < places; k++)
		if (naive_place_of(a->leaf.class, k) !=
		    naive_place_of(b->leaf.class, k))
			return false;
	return places > 0 || a->leaf.class->inside == b->leaf.class->inside;
}

/* The same of all leaves in the first ${depth} bits of number ${i} of ${n}. */
static bool
naive_agree_around(size_t i, size_t n, unsigned depth, unsigned places)
{
	struct prefix around = {found[i].first, (uint8_t)depth};
	size_t k;

	address_mask(&around.address, depth);
	for (k = i; k-- > 0 && prefix_contains(&around, &found[k].first);)
		if (!naive_agree(&found[i], &found[k], places))
			return false;
	for (k = i + 1; k < n && prefix_contains(&around, &found[k].first); k++)
		if (!naive_agree(&found[i], &found[k], places))
			return false;
	return true;
}

/* What every leaf knows of the prefixes around it is what its neighbours say.
 * Returns how many prefixes are wider than their leaf, and longer than
 * ${least} bits. */
static size_t
check_depths(const struct map *map, uint8_t family, unsigned least)
{
	size_t n = find_leaves(map, family), wider = 0;

	for (size_t i = 0; i < n; i++) {
		const struct map_leaf *leaf = &found[i].leaf;
		char text[ADDRESS_TEXT];

		for (unsigned places = 0; places <= MAP_PLACES; places++) {
			unsigned depth = leaf->depth;
			unsigned known = places == 0
			    ? leaf->set
			    : map_leaf_depth(leaf, places);

			while (depth > 0 &&
			    naive_agree_around(i, n, depth - 1, places))
				depth--;
			ck_assert_msg(known == depth,
			    "%s/%u: %u places: %u bits, not %u",
			    address_format(&found[i].first, text), leaf->depth,
			    places, known, depth);
			wider += depth < leaf->depth && depth > least;
		}
		ck_assert_uint_eq(map_leaf_depth(leaf, 0), 0);
		ck_assert_uint_eq(
		    map_leaf_depth(leaf, MAP_PLACES + 1), leaf->depth);
	}
	return wider;
}

/* Go from leaf to leaf: they are aligned, leave no gap, and no two could be
 * one.  Returns how many. */
static size_t
walk_leaves(const struct map *map, uint8_t family)
{
	struct address a = {.family = family};
	size_t n = 0;

	for (;;) {
		struct map_leaf leaf, other;
		struct address first = a, sibling = a;
		char text[ADDRESS_TEXT];
		unsigned depth;

		map_lookup(map, &a, &leaf);
		depth = leaf.depth;
		n++;
		address_mask(&first, depth);
		ck_assert_msg(address_equal(&first, &a),
		    "%s/%u does not begin where the last one ends",
		    address_format(&a, text), depth);
		if (depth > 0) {
			sibling.bytes[(depth - 1) / 8] ^=
			    (uint8_t)(0x80 >> (depth - 1) % 8);
			map_lookup(map, &sibling, &other);
			ck_assert_msg(other.depth != depth ||
				other.class != leaf.class ||
				other.private_length != leaf.private_length ||
				is_reserved(&a) || is_reserved(&sibling),
			    "%s/%u could be wider", address_format(&a, text),
			    depth);
		}
		if (!step_over(&a, depth))
			return n;
	}
}

/* Change bits behind ${depth}: an address of the same leaf. */
static struct address
elsewhere_in_leaf(const struct address *a, unsigned depth)
{
	struct address b = *a;

	for (unsigned i = depth; i < address_bits(a); i++)
		if (below(2))
			b.bytes[i / 8] ^= (uint8_t)(0x80 >> i % 8);
	return b;
}

static void
probe(const struct policy_file *f, const struct geography *geo,
    const struct map *map, const struct address *a)
{
	const struct prefix *block = private_block_around(a);
	struct map_leaf leaf, other;
	struct address b;

	if (is_reserved(a))
		return;
	map_lookup(map, a, &leaf);
	assert_class(f, geo, a, leaf.class);
	ck_assert_uint_eq(leaf.private_length,
	    block != NULL && !in_network(f, a) ? block->length : 0);
	b = elsewhere_in_leaf(a, leaf.depth);
	map_lookup(map, &b, &other);
	ck_assert_uint_eq(other.depth, leaf.depth);
	ck_assert_ptr_eq(other.class, leaf.class);
	ck_assert_uint_eq(other.private_length, leaf.private_length);
	assert_class(f, geo, &b, leaf.class);
}

static char path[128];

/* A database of prefixes of several shapes, around where probes go. */
static struct geography *
random_geography(struct errbuf *eb)
{
	static const struct mark at = {"meridian.yaml", 1, 1};
	const char *paths[] = {path};
	struct mmdb_writer *w = mmdb_create(6, 28);
	struct geography *geo;
	uint32_t records[CODES];
	char text[ADDRESS_TEXT];

	for (unsigned i = 0; i < CODES; i++) {
		records[i] = mmdb_here(w);
		mmdb_map(w, 2);
		mmdb_string(w, "country_code");
		mmdb_string(w, codes[i]);
		mmdb_string(w, "asn");
		mmdb_uint32(w, 1 + i % 3);
	}
	/* The wide ones first. */
	for (unsigned length = 1; length <= 48; length++)
		for (unsigned i = 0; i < 4; i++) {
			struct prefix p = {random_address(), 0};

			if (length > 24 && p.address.family == 4)
				continue;
			p.length = (uint8_t)length;
			address_mask(&p.address, length);
			mmdb_insert(
			    w, prefix_format(&p, text), records[below(CODES)]);
		}
	mmdb_save(w, path);
	geo = geography_load(paths, &at, 1, NULL, eb);
	unlink(path);
	ck_assert_msg(geo != NULL, "%s", eb->text);
	return geo;
}

static void
setup(void)
{
	const char *tmp = getenv("TMPDIR");
	int fd;

	snprintf(path, sizeof(path), "%s/mapXXXXXX", tmp ? tmp : "/tmp");
	fd = mkstemp(path);
	ck_assert_int_ge(fd, 0);
	close(fd);
	unlink(path);
}

START_TEST(test_random_policies)
{
	static struct errbuf eb;
	static struct policy_file f;
	size_t reserved = 0, classes = 0, wider = 0, deep = 0;

	errbuf_init(&eb);
	for (unsigned round = 0; round < POLICIES; round++) {
		struct geography *geo = random_geography(&eb);
		struct map_set *set = map_set_create(geo);
		struct latency *latency;
		const struct map *map;

		random_policy(&f);
		latency = measure(&f);
		map = map_set_add(set, &f.key, &eb);
		ck_assert_msg(map != NULL, "%s", eb.text);
		classes += map_size(map).classes;
		for (unsigned i = 0; i < PROBES; i++) {
			struct address a = random_address();

			reserved += is_reserved(&a);
			probe(&f, geo, map, &a);
		}
		/* The edges of networks, and of what is measured. */
		for (unsigned i = 0; i < f.n_entries; i++) {
			struct address a = f.entries[i].prefix.address;

			probe(&f, geo, map, &a);
			if (step_over(&a, f.entries[i].prefix.length))
				probe(&f, geo, map, &a);
		}
		for (unsigned i = 0; i < f.config.n_networks; i++)
			for (unsigned k = 0; k < f.networks[i].n_prefixes;
			     k++) {
				struct address a = f.prefixes[i][k].address;

				probe(&f, geo, map, &a);
				if (step_over(&a, f.prefixes[i][k].length))
					probe(&f, geo, map, &a);
			}
		ck_assert_uint_eq(walk_leaves(map, 4) + walk_leaves(map, 6),
		    map_size(map).leaves);
		wider += check_depths(map, 4, 0);
		deep += check_depths(map, 6, 64);
		map_set_destroy(set);
		latency_destroy(latency);
		geography_destroy(geo);
	}
	/* The policies were no trivial ones. */
	ck_assert_uint_gt(classes, (size_t)POLICIES * 2);
	ck_assert_uint_gt(wider, (size_t)POLICIES * 5);
	ck_assert_uint_gt(deep, 10);
	ck_assert_uint_gt(reserved, 0);
}
END_TEST

/* An empty geography, and a map of ${f} in it. */
struct made {
	struct geography *geo;
	struct map_set *set;
	const struct map *map;
	struct errbuf eb;
};

static struct made *
make(const struct map_key *key)
{
	struct made *m = calloc(1, sizeof(*m));

	ck_assert_ptr_nonnull(m);
	errbuf_init(&m->eb);
	m->geo = geography_load(NULL, NULL, 0, NULL, &m->eb);
	m->set = map_set_create(m->geo);
	m->map = map_set_add(m->set, key, &m->eb);
	return m;
}

static void
unmake(struct made *m)
{
	map_set_destroy(m->set);
	geography_destroy(m->geo);
	free(m);
}

static unsigned
look(const struct map *map, const char *address,
    const struct client_class **class)
{
	struct map_leaf leaf;
	struct address a;

	ck_assert_int_eq(address_parse(address, &a), 0);
	map_lookup(map, &a, &leaf);
	*class = leaf.class;
	return leaf.depth;
}

START_TEST(test_one_class)
{
	static struct policy_file f;
	const struct client_class *class;
	struct made *m;

	policy_file_init(&f);
	f.config.n_regions = 3;
	f.key.regions = 5;
	m = make(&f.key);
	ck_assert_uint_eq(map_size(m->map).classes, 1);
	/* As wide as 192.168.0.0/16, which is private, lets it be. */
	ck_assert_uint_eq(look(m->map, "192.0.2.1", &class), 9);
	ck_assert_uint_eq(class->n, 2);
	ck_assert_uint_eq(class->inside, 5);
	/* Where nothing is known the regions stand as in the file. */
	ck_assert_uint_eq(class->order[0], 0);
	ck_assert_uint_eq(class->order[1], 2);
	unmake(m);
}
END_TEST

/* What stands for IPv4 is in no leaf with others, also in a map of one class.
 */
START_TEST(test_reserved)
{
	static struct policy_file f;
	const struct client_class *class;
	struct made *m;

	policy_file_init(&f);
	f.config.n_regions = 1;
	f.key.regions = 1;
	m = make(&f.key);
	ck_assert_uint_eq(look(m->map, "2002:c000:201::1", &class), 16);
	ck_assert_uint_eq(look(m->map, "::ffff:192.0.2.1", &class), 96);
	ck_assert_uint_eq(look(m->map, "2003::", &class), 16);
	ck_assert_uint_eq(look(m->map, "2001:db8::", &class), 15);
	ck_assert_uint_eq(look(m->map, "::fffe:0:0", &class), 96);
	unmake(m);
}
END_TEST

START_TEST(test_fence_without_a_region_is_empty)
{
	static struct policy_file f;
	const struct client_class *class;
	struct made *m;

	policy_file_init(&f);
	f.config.n_regions = 2;
	f.key.regions = 1;
	f.service.n_fences = 1;
	f.fences[0].clients.everyone = true;
	f.fences[0].regions = 2;
	f.fences[0].hard = true;
	m = make(&f.key);
	look(m->map, "192.0.2.1", &class);
	ck_assert_uint_eq(class->inside, 0);
	ck_assert_uint_eq(class->lifted, 0);
	ck_assert_uint_eq(class->n, 1);
	unmake(m);
	f.fences[0].hard = false;
	m = make(&f.key);
	look(m->map, "192.0.2.1", &class);
	ck_assert_uint_eq(class->inside, 0);
	ck_assert_uint_eq(class->lifted, 1);
	unmake(m);
}
END_TEST

static void
set_prefix(struct policy_file *f, unsigned network, const char *text)
{
	struct network_config *n = &f->networks[network];

	ck_assert_int_eq(
	    prefix_parse(text, &f->prefixes[network][n->n_prefixes]), 0);
	n->n_prefixes++;
}

/* The order of regions that a hard fence shuts out splits no prefix. */
START_TEST(test_order_outside_is_no_difference)
{
	static struct policy_file f;
	const struct client_class *class;
	struct made *m;

	policy_file_init(&f);
	f.config.n_regions = 3;
	f.key.regions = 7;
	f.regions[1].longitude = 90;
	f.regions[2].longitude = -90;
	f.config.n_networks = 1;
	set_prefix(&f, 0, "10.0.0.0/8");
	f.networks[0].has_position = true;
	f.networks[0].longitude = -100;
	m = make(&f.key);
	ck_assert_uint_eq(look(m->map, "10.0.0.1", &class), 8);
	ck_assert_uint_eq(class->order[0], 2);
	unmake(m);
	f.service.n_fences = 1;
	f.fences[0].clients.everyone = true;
	f.fences[0].regions = 1;
	f.fences[0].hard = true;
	m = make(&f.key);
	ck_assert_uint_eq(look(m->map, "10.0.0.1", &class), 2);
	ck_assert_uint_eq(map_size(m->map).classes, 1);
	unmake(m);
}
END_TEST

/* Two rules that come to the same are one class. */
START_TEST(test_equal_rules_are_no_difference)
{
	static struct policy_file f;
	const struct client_class *class;
	struct made *m;

	policy_file_init(&f);
	f.config.n_regions = 2;
	f.config.n_networks = 2;
	f.key.regions = 3;
	set_prefix(&f, 0, "10.0.0.0/9");
	set_prefix(&f, 1, "10.128.0.0/9");
	f.service.n_fences = 2;
	for (uint32_t i = 0; i < 2; i++) {
		f.fences[i].clients.n_networks = 1;
		f.fence_networks[i][0] = i;
		f.fences[i].regions = 1;
		f.fences[i].hard = true;
	}
	m = make(&f.key);
	ck_assert_uint_eq(map_size(m->map).classes, 2);
	ck_assert_uint_eq(look(m->map, "10.1.2.3", &class), 8);
	ck_assert_uint_eq(look(m->map, "10.200.2.3", &class), 8);
	unmake(m);
	/* A soft one is another thing. */
	f.fences[1].hard = false;
	m = make(&f.key);
	ck_assert_uint_eq(look(m->map, "10.1.2.3", &class), 9);
	unmake(m);
}
END_TEST

/* A private block is a leaf, or leaves around the networks in it, and says so;
 * geography counts for nothing there. */
START_TEST(private_block_is_a_leaf_around_networks)
{
	static const struct {
		const char *what, *address;
		unsigned depth, private_length;
		uint8_t first;
	} rows[] = {
	    {"10/8, the half without the office", "10.0.0.1", 9, 8, 0},
	    {"what is left beside the office", "10.193.0.1", 16, 8, 0},
	    {"the office", "10.192.0.1", 16, 0, 1},
	    {"a plain network, which nothing asks for", "10.1.0.1", 9, 8, 0},
	    {"shared by carriers, first", "100.64.0.0", 10, 10, 0},
	    {"and last", "100.127.255.255", 10, 10, 0},
	    {"before it", "100.63.255.255", 10, 0, 0},
	    {"after it", "100.128.0.0", 9, 0, 0},
	    {"loopback", "127.0.0.1", 8, 8, 0},
	    {"link-local", "169.254.1.1", 16, 16, 0},
	    {"private", "172.16.0.0", 12, 12, 0},
	    {"private to the end", "172.31.255.255", 12, 12, 0},
	    {"after that", "172.32.0.0", 11, 0, 0},
	    {"private again", "192.168.7.1", 16, 16, 0},
	    {"loopback of IPv6", "::1", 128, 128, 0},
	    {"the unspecified address is not", "::", 128, 0, 0},
	    {"unique local", "fd12::1", 7, 7, 0},
	    {"from its start", "fc00::", 7, 7, 0},
	    {"link-local of IPv6", "fe80::1", 10, 10, 0},
	    {"to its end", "febf::1", 10, 10, 0},
	    {"after it", "fec0::1", 10, 0, 0},
	};
	static struct policy_file f;
	struct made *m;

	policy_file_init(&f);
	f.config.n_regions = 2;
	f.key.regions = 3;
	f.regions[1].longitude = 90;
	f.config.n_networks = 2;
	set_prefix(&f, 0, "10.192.0.0/16");
	f.networks[0].has_position = true;
	f.networks[0].longitude = 89;
	set_prefix(&f, 1, "10.1.0.0/16");
	m = make(&f.key);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct map_leaf leaf;
		struct address a;

		ck_assert_int_eq(address_parse(rows[i].address, &a), 0);
		map_lookup(m->map, &a, &leaf);
		ck_assert_msg(leaf.depth == rows[i].depth &&
			leaf.private_length == rows[i].private_length &&
			leaf.class->order[0] == rows[i].first,
		    "%s: /%u, private /%u", rows[i].what, leaf.depth,
		    leaf.private_length);
	}
	unmake(m);
}
END_TEST

/* A leaf knows how far around it fewer places of the order are the same. */
START_TEST(leaf_knows_how_far_fewer_places_agree)
{
	static const struct {
		const char *what, *address;
		uint8_t depth, set, places[MAP_PLACES];
	} rows[] = {
	    {"nothing beside it begins alike", "20.0.0.1", 10, 9,
		{10, 10, 10, 10}},
	    {"nor here", "20.64.0.1", 10, 9, {10, 10, 10, 10}},
	    {"two places like its neighbour, which has no third", "20.128.0.1",
		10, 10, {9, 9, 10, 10}},
	    {"that neighbour: its end is a place", "20.192.0.1", 10, 10,
		{9, 9, 10, 10}},
	    {"regions outside a soft fence are no places", "30.0.0.1", 9, 8,
		{8, 8, 8, 8}},
	    {"private blocks agree with nothing: 10.0.0.0/8", "11.0.0.1", 8, 8,
		{8, 8, 8, 8}},
	    {"a private block", "10.0.0.1", 8, 8, {8, 8, 8, 8}},
	    {"what stands for IPv4", "2002::1", 16, 16, {16, 16, 16, 16}},
	    {"and its neighbour", "2003::1", 16, 16, {16, 16, 16, 16}},
	    {"beyond 64 bits", "2001:db8::1", 127, 15, {126, 127, 127, 127}},
	    {"and more of them", "2001:db8::2", 127, 15, {126, 127, 127, 127}},
	};
	static const int longitude[] = {1, 25, 60, 60, 1, 25, 60, 99};
	static struct policy_file f;
	struct made *m;

	policy_file_init(&f);
	f.config.n_regions = 3;
	f.key.regions = 7;
	f.regions[1].longitude = 40;
	f.regions[2].longitude = 100;
	f.config.n_networks = NETWORKS;
	set_prefix(&f, 0, "20.0.0.0/10");
	set_prefix(&f, 1, "20.64.0.0/10");
	set_prefix(&f, 2, "20.128.0.0/10");
	set_prefix(&f, 3, "20.192.0.0/10");
	set_prefix(&f, 4, "30.0.0.0/9");
	set_prefix(&f, 5, "30.128.0.0/9");
	set_prefix(&f, 6, "2001:db8::/127");
	set_prefix(&f, 1, "2001:db8::2/127");
	for (size_t i = 0; i < NETWORKS; i++) {
		f.networks[i].has_position = true;
		f.networks[i].longitude = longitude[i];
	}
	f.service.n_fences = 2;
	f.fences[0].regions = 6;
	f.fences[0].hard = true;
	f.fences[0].clients.n_networks = 1;
	f.fence_networks[0][0] = 3;
	f.fences[1].regions = 4;
	f.fences[1].clients.n_networks = 2;
	f.fence_networks[1][0] = 4;
	f.fence_networks[1][1] = 5;
	m = make(&f.key);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct map_leaf leaf;
		struct address a;

		ck_assert_int_eq(address_parse(rows[i].address, &a), 0);
		map_lookup(m->map, &a, &leaf);
		ck_assert_msg(leaf.depth == rows[i].depth &&
			leaf.set == rows[i].set &&
			memcmp(leaf.places, rows[i].places, MAP_PLACES) == 0,
		    "%s: /%u, set /%u, places /%u /%u /%u /%u", rows[i].what,
		    leaf.depth, leaf.set, leaf.places[0], leaf.places[1],
		    leaf.places[2], leaf.places[3]);
	}
	unmake(m);
}
END_TEST

START_TEST(test_nested_networks)
{
	static struct policy_file f;
	struct address a;
	struct place p;
	struct made *m;
	uint32_t in[2];

	policy_file_init(&f);
	f.config.n_networks = 4;
	set_prefix(&f, 0, "10.1.0.0/16");
	f.networks[0].asn = 7;
	set_prefix(&f, 1, "10.0.0.0/8");
	memcpy(f.networks[1].country, "CH", 3);
	f.networks[1].has_position = true;
	f.networks[1].latitude = 1;
	set_prefix(&f, 2, "10.1.1.0/24");
	memcpy(f.networks[2].country, "JP", 3);
	/* The same prefix, later in the file: the first one counts. */
	set_prefix(&f, 3, "10.1.1.0/24");
	f.networks[3].asn = 9;
	memcpy(f.networks[3].country, "US", 3);
	f.config.n_regions = 1;
	f.key.regions = 1;
	m = make(&f.key);
	ck_assert_int_eq(address_parse("10.1.0.1", &a), 0);
	ck_assert_uint_eq(map_place(m->geo, &f.config, &a, &p, in, 2), 2);
	ck_assert_uint_eq(in[0], 0);
	ck_assert_uint_eq(in[1], 1);
	ck_assert_str_eq(p.country, "CH");
	ck_assert(p.latitude == 1);
	ck_assert_uint_eq(p.asn, 7);
	ck_assert_int_eq(address_parse("10.1.1.1", &a), 0);
	/* Room for two of four: the most specific ones. */
	ck_assert_uint_eq(map_place(m->geo, &f.config, &a, &p, in, 2), 2);
	ck_assert_uint_eq(in[0], 2);
	ck_assert_uint_eq(in[1], 3);
	ck_assert_str_eq(p.country, "JP");
	ck_assert_str_eq(p.continent, "AS");
	ck_assert_double_eq_tol(p.latitude, 36, 2);
	ck_assert_uint_eq(p.asn, 9);
	unmake(m);
}
END_TEST

/* The map hears networks in the order that explain shows. */
START_TEST(test_most_specific_network_counts)
{
	static const struct {
		const char *address;
		uint8_t order[3];
		unsigned depth;
	} rows[] = {
	    {"10.9.0.1", {0, 2, 1}, 13}, /* its /8 alone */
	    {"10.1.9.1", {1, 0, 2}, 21}, /* a /16 of another in it */
	    {"10.1.1.1", {0, 2, 1}, 24}, /* a /24 of the first in that */
	    {"10.2.0.1", {0, 2, 1}, 15}, /* of equals the first in the file */
	    {"11.0.0.1", {0, 1, 2}, 8},  /* no network: as in the file */
	};
	static struct policy_file f;
	struct made *m;

	policy_file_init(&f);
	f.config.n_regions = 3;
	f.key.regions = 7;
	f.regions[1].longitude = 90;
	f.regions[2].longitude = -60;
	f.config.n_networks = 4;
	set_prefix(&f, 0, "10.0.0.0/8");
	set_prefix(&f, 0, "10.1.1.0/24");
	set_prefix(&f, 1, "10.1.0.0/16");
	set_prefix(&f, 2, "10.2.0.0/16");
	set_prefix(&f, 3, "10.2.0.0/16");
	for (size_t i = 0; i < 4; i++) {
		f.networks[i].has_position = true;
		f.networks[i].longitude = i % 2 ? 91 : 1;
	}
	m = make(&f.key);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct client_class *class;
		unsigned depth = look(m->map, rows[i].address, &class);

		ck_assert_msg(
		    depth == rows[i].depth, "%s: /%u", rows[i].address, depth);
		ck_assert_msg(memcmp(class->order, rows[i].order, 3) == 0, "%s",
		    rows[i].address);
	}
	unmake(m);
}
END_TEST

/* Rules 0: the EU; 1: those of whom nobody knows.  Which rule has a place, by
 * what is known of it. */
START_TEST(clients_of_no_country_match_unknown)
{
	static const struct {
		const char *what, *country, *continent;
		uint8_t rule;
	} rows[] = {
	    {"in the EU", "FR", "EU", 0},
	    {"in the EU, on another continent", "GF", "SA", 0},
	    {"in Europe, not in the EU", "CH", "EU", MAP_NO_RULE},
	    {"far away", "US", "NA", MAP_NO_RULE},
	    {"nothing is known", "", "", 1},
	    {"in Europe, so perhaps in the EU", "", "EU", 1},
	    {"in Africa, so perhaps on Reunion", "", "AF", 1},
	    {"in Asia, where nothing is of the EU", "", "AS", MAP_NO_RULE},
	};
	static struct policy_file f;
	static const struct nesting nowhere;
	struct classes classes;

	policy_file_init(&f);
	f.config.n_regions = 2;
	f.key.regions = 3;
	f.service.n_fences = 2;
	f.fences[0].clients.n_unions = 1;
	f.unions[0][0] = (uint32_t)union_find("EU");
	f.fences[0].regions = 1;
	f.fences[1].clients.unknown = true;
	f.fences[1].regions = 2;
	ck_assert_int_eq(classes_init(&classes, &f.key), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct place p = {0};

		memcpy(p.country, rows[i].country, strlen(rows[i].country));
		memcpy(
		    p.continent, rows[i].continent, strlen(rows[i].continent));
		ck_assert_msg(
		    classes_rule(&classes, &p, &nowhere) == rows[i].rule, "%s",
		    rows[i].what);
	}
	classes_finish(&classes);
	/* Where no rule names a country nothing is in doubt but what is not
	 * known at all; an AS number or a network are no place. */
	f.fences[0].clients.n_unions = 0;
	f.fences[0].clients.n_continents = 1;
	memcpy(f.continents[0][0], "NA", 3);
	ck_assert_int_eq(classes_init(&classes, &f.key), 0);
	ck_assert_uint_eq(classes_rule(&classes,
			      &(struct place){.continent = "EU"}, &nowhere),
	    MAP_NO_RULE);
	ck_assert_uint_eq(
	    classes_rule(&classes, &(struct place){.asn = 7}, &nowhere), 1);
	classes_finish(&classes);
}
END_TEST

/* Sharing: one thing is changed in a copy of a policy. */

static void
same(struct policy_file *f)
{
	(void)f;
}

static void
change_region(struct policy_file *f)
{
	f->regions[0].latitude += 1;
}

static void
change_region_name(struct policy_file *f)
{
	f->regions[0].name = "z";
}

static void
change_bias(struct policy_file *f)
{
	f->regions[1].bias = 1;
}

static void
change_other_region(struct policy_file *f)
{
	f->regions[2].latitude += 1;
}

static void
change_rank(struct policy_file *f)
{
	f->service.rank = RANK_LISTED;
}

static void
change_listed(struct policy_file *f)
{
	f->listed[0] = 0;
	f->listed[1] = 1;
}

static void
change_listed_others(struct policy_file *f)
{
	f->service.n_listed = 3;
	f->listed[0] = 2;
	f->listed[1] = 1;
	f->listed[2] = 0;
}

static void
change_hard(struct policy_file *f)
{
	f->fences[0].hard = false;
}

static void
change_fence_regions(struct policy_file *f)
{
	f->fences[0].regions = 2;
}

static void
change_country(struct policy_file *f)
{
	memcpy(f->countries[0][0], "DE", 3);
}

static void
change_union(struct policy_file *f)
{
	f->unions[0][0] = 1;
}

static void
change_unknown(struct policy_file *f)
{
	f->fences[1].clients.unknown = false;
	f->fences[1].clients.everyone = true;
}

static void
change_continent(struct policy_file *f)
{
	memcpy(f->continents[0][0], "AS", 3);
}

static void
change_asn(struct policy_file *f)
{
	f->asns[0][0]++;
}

static void
change_network(struct policy_file *f)
{
	f->prefixes[0][0].address.bytes[0]++;
}

static void
change_which_network(struct policy_file *f)
{
	f->fence_networks[0][0] = 2;
}

static void
change_moved(struct policy_file *f)
{
	f->networks[1].longitude += 1;
}

static void
change_unnamed_network(struct policy_file *f)
{
	f->prefixes[2][0].address.bytes[0]++;
}

static void
move_unnamed_network(struct policy_file *f)
{
	f->networks[2].asn = 1;
}

static void
change_regions(struct policy_file *f)
{
	f->key.regions = 1;
}

static void
change_what_is_no_policy(struct policy_file *f)
{
	f->service.name = "other";
	f->service.ttl_max_s = 7;
	f->service.sticky_ipv4 = 9;
	f->fences[0].at.line = 7;
	f->networks[0].name = "other";
	/* Outside the regions of the pools. */
	f->fences[0].regions |= 4;
}

static void
fill_policy(struct policy_file *f)
{
	policy_file_init(f);
	f->config.n_regions = 3;
	f->key.regions = 3;
	f->listed[0] = 1;
	f->service.n_listed = 2;
	f->config.n_networks = 3;
	set_prefix(f, 0, "10.0.0.0/8");
	set_prefix(f, 1, "10.1.0.0/16");
	set_prefix(f, 2, "10.2.0.0/16");
	f->networks[1].has_position = true;
	f->service.n_fences = 2;
	f->fences[1].regions = 2;
	f->fences[1].clients.unknown = true;
	f->fences[0].regions = 1;
	f->fences[0].hard = true;
	f->fences[0].clients.n_unions = 1;
	f->fences[0].clients.n_networks = f->fences[0].clients.n_asns = 1;
	f->fences[0].clients.n_countries = f->fences[0].clients.n_continents =
	    1;
	f->asns[0][0] = 64500;
	memcpy(f->countries[0][0], "FR", 3);
	memcpy(f->continents[0][0], "EU", 3);
}

/* One thing that is changed in a copy of a policy, and whether the map is still
 * shared. */
struct sharing {
	const char *what;
	void (*change)(struct policy_file *f);
	bool shared;
};

static void
assert_sharing(enum rank_kind rank, const struct sharing *row)
{
	static struct policy_file first, second;
	const struct map *map;
	struct made *m;

	fill_policy(&first);
	fill_policy(&second);
	first.service.rank = second.service.rank = rank;
	row->change(&second);
	m = make(&first.key);
	ck_assert_msg(m->map != NULL, "%s", m->eb.text);
	map = map_set_add(m->set, &second.key, &m->eb);
	ck_assert_ptr_nonnull(map);
	ck_assert_msg((map == m->map) == row->shared, "%s: %s", row->what,
	    row->shared ? "a map of its own" : "shared");
	ck_assert_uint_eq(map_set_size(m->set).maps, map == m->map ? 1 : 2);
	unmake(m);
}

START_TEST(test_sharing)
{
	static const struct sharing rows[] = {
	    {"nothing", same, true},
	    {"the order that is listed, by distance", change_listed, true},
	    {"a region's position", change_region, false},
	    {"a region's name, which breaks ties", change_region_name, false},
	    {"a bias", change_bias, false},
	    {"a region without endpoints", change_other_region, true},
	    {"the rank", change_rank, false},
	    {"hard and soft", change_hard, false},
	    {"the regions of a fence", change_fence_regions, false},
	    {"a country", change_country, false},
	    {"a continent", change_continent, false},
	    {"a union", change_union, false},
	    {"clients of whom nothing is known", change_unknown, false},
	    {"an AS number", change_asn, false},
	    {"a prefix of a network", change_network, false},
	    {"which network a fence names", change_which_network, false},
	    {"where a network is", change_moved, false},
	    {"a network that moves nothing and no fence names",
		change_unnamed_network, true},
	    {"the same, when it begins to move", move_unnamed_network, false},
	    {"the regions with endpoints", change_regions, false},
	    {"names, marks, TTL, sticky bits", change_what_is_no_policy, true},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_sharing(RANK_NEAREST, &rows[i]);
}
END_TEST

static void
change_order(struct policy_file *f)
{
	f->ordered[0][0] = 0;
	f->ordered[0][1] = 1;
}

static void
change_order_clients(struct policy_file *f)
{
	memcpy(f->countries[FENCES][0], "IT", 3);
}

static void
change_order_network(struct policy_file *f)
{
	f->fence_networks[FENCES][0] = 2;
}

static void
drop_an_order(struct policy_file *f)
{
	f->service.n_orders = 1;
}

/* One rule for everyone is a list. */
static void
list_for_everyone(struct policy_file *f)
{
	f->service.n_orders = 1;
	f->orders[0].clients = (struct clients_config){.everyone = true};
}

static void
list_the_same(struct policy_file *f)
{
	list_for_everyone(f);
	f->service.rank = RANK_LISTED;
	f->listed[0] = 1;
	f->listed[1] = 0;
}

static void
order_others(struct policy_file *f)
{
	f->ordered[0][2] = 2;
	f->orders[0].n_regions = 3;
}

static const struct subdivision_config nevada = {"US", 1}, utah = {"US", 2};
static const struct city_config reno = {.country = "US", .name = "Reno"},
				elko = {.country = "US", .name = "Elko"},
				in_nevada = {.country = "US",
				    .name = "Reno",
				    .subdivision = 1},
				number = {.geoname = 1, .name = ""};
static const struct circle_config here = {1, 2, 3}, there = {1, 2.5, 3},
				  wide = {1, 2, 4};

static void
in_subdivision(struct policy_file *f)
{
	f->orders[0].clients.subdivisions = &nevada;
	f->orders[0].clients.n_subdivisions = 1;
	f->orders[0].clients.cities = &reno;
	f->orders[0].clients.n_cities = 1;
	f->orders[0].clients.near = &here;
	f->orders[0].clients.n_near = 1;
}

static void
in_another_subdivision(struct policy_file *f)
{
	in_subdivision(f);
	f->orders[0].clients.subdivisions = &utah;
}

static void
in_another_city(struct policy_file *f)
{
	in_subdivision(f);
	f->orders[0].clients.cities = &elko;
}

static void
in_that_city_of_a_subdivision(struct policy_file *f)
{
	in_subdivision(f);
	f->orders[0].clients.cities = &in_nevada;
}

static void
in_a_city_by_number(struct policy_file *f)
{
	in_subdivision(f);
	f->orders[0].clients.cities = &number;
}

static void
near_another_place(struct policy_file *f)
{
	in_subdivision(f);
	f->orders[0].clients.near = &there;
}

static void
within_another_radius(struct policy_file *f)
{
	in_subdivision(f);
	f->orders[0].clients.near = &wide;
}

/* Two rules: clients of France and one network; the rest. */
static void
fill_orders(struct policy_file *f)
{
	f->service.rank = RANK_RULES;
	f->service.n_orders = 2;
	f->orders[0].clients.n_countries = f->orders[0].clients.n_networks = 1;
	memcpy(f->countries[FENCES][0], "FR", 3);
	f->fence_networks[FENCES][0] = 1;
	f->orders[0].n_regions = f->orders[1].n_regions = 2;
	f->ordered[0][0] = 1;
	f->orders[1].clients.everyone = true;
	f->ordered[1][1] = 1;
}

START_TEST(sharing_of_rules)
{
	static const struct {
		const char *what;
		void (*first)(struct policy_file *f);
		void (*second)(struct policy_file *f);
		bool shared;
	} rows[] = {
	    {"nothing", same, same, true},
	    {"the order of a rule", same, change_order, false},
	    {"the clients of a rule", same, change_order_clients, false},
	    {"the network of a rule", same, change_order_network, false},
	    {"a rule", same, drop_an_order, false},
	    {"a list, written as a rule for everyone", list_for_everyone,
		list_the_same, true},
	    {"a rule for everyone", same, list_for_everyone, false},
	    {"a region without endpoints", same, order_others, true},
	    {"places inside of a country", same, in_subdivision, false},
	    {"nothing of these", in_subdivision, in_subdivision, true},
	    {"a subdivision", in_subdivision, in_another_subdivision, false},
	    {"a city", in_subdivision, in_another_city, false},
	    {"the subdivision of a city", in_subdivision,
		in_that_city_of_a_subdivision, false},
	    {"a city by its number", in_subdivision, in_a_city_by_number,
		false},
	    {"the middle of a circle", in_subdivision, near_another_place,
		false},
	    {"a radius", in_subdivision, within_another_radius, false},
	};
	static struct policy_file first, second;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct map *map;
		struct made *m;

		fill_policy(&first);
		fill_policy(&second);
		fill_orders(&first);
		fill_orders(&second);
		rows[i].first(&first);
		rows[i].second(&second);
		m = make(&first.key);
		ck_assert_msg(m->map != NULL, "%s", m->eb.text);
		map = map_set_add(m->set, &second.key, &m->eb);
		ck_assert_msg((map == m->map) == rows[i].shared, "%s: %s",
		    rows[i].what,
		    rows[i].shared ? "a map of its own" : "shared");
		unmake(m);
	}
}
END_TEST

START_TEST(sharing_of_listed_ranks)
{
	static const struct sharing rows[] = {
	    {"nothing", same, true},
	    {"the order that is listed", change_listed, false},
	    {"a region without endpoints that is listed", change_listed_others,
		true},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_sharing(RANK_LISTED, &rows[i]);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("steering_map");
	TCase *tc = tcase_create("map");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, test_random_policies);
	tcase_add_test(tc, test_one_class);
	tcase_add_test(tc, test_reserved);
	tcase_add_test(tc, test_fence_without_a_region_is_empty);
	tcase_add_test(tc, test_order_outside_is_no_difference);
	tcase_add_test(tc, test_equal_rules_are_no_difference);
	tcase_add_test(tc, private_block_is_a_leaf_around_networks);
	tcase_add_test(tc, leaf_knows_how_far_fewer_places_agree);
	tcase_add_test(tc, test_nested_networks);
	tcase_add_test(tc, test_most_specific_network_counts);
	tcase_add_test(tc, clients_of_no_country_match_unknown);
	tcase_add_test(tc, test_sharing);
	tcase_add_test(tc, sharing_of_listed_ranks);
	tcase_add_test(tc, sharing_of_rules);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
