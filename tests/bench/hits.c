/*
 * How often resolvers answer from their caches: for a Zipf of names under a
 * wildcard, by the TTL and by what the endpoint is chosen by, which is what the
 * scope comes to.  `make bench-hits` runs it in full, `make check` a cut of it.
 * Exits with status 1 when a promise is broken.
 *
 * Scopes and TTLs are those of the code that answers queries; the cache is that
 * of RFC 7871, 7.3.1: of each name an answer for each prefix.
 *
 * Usage: hits
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "tests/bench/population.h"
#include "tests/bench/steered.h"
#include "tests/full.h"

#define SEED 3
#define REGIONS 4
#define NAMES 10000
/* Requests a second that reach a resolver for all these names together. */
#define RATE 200
/* Hits are counted of requests from one second on, for so many seconds.  Those
 * before fill the cache, for as long as anything is kept. */
#define WARM_S 3600
#define COUNTED_S 3600
#define CUT_COUNTED_S 600
/* Slots of the cache, above the number of requests: it never grows full. */
#define SLOTS (UINT32_C(1) << 21)
/* What makes the draws of one seed different. */
#define DRAW_NAME 1
#define DRAW_CLIENT 2

static const unsigned ttls[] = {5, 20, 60, 300, 3600};
#define TTLS 5

/* What the endpoint of a name is chosen by, widest scope last. */
static const struct {
	const char *what, *service;
} kinds[] = {
    {"client, sticky /24", "pool: p12, affinity: client, sticky: {ipv4: 24}"},
    {"client, sticky /20", "pool: p12, affinity: client"},
    {"name, spread 3", "pool: sites"},
    {"client, sticky /16", "pool: p12, affinity: client, sticky: {ipv4: 16}"},
    {"name", "pool: p12, affinity: name"},
    {"no client subnet", "pool: p12, affinity: name, ecs: off"},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* A resolver and the networks of its clients, all as busy. */
struct resolver {
	const char *what;
	uint32_t *networks;
	size_t n;
};

/* A request: a name by its rank, and the network of a client. */
struct request {
	uint32_t name, network;
};

struct entry {
	uint64_t key; /* 0: free */
	double until_s;
};

static bool broken;

static void *
must(void *memory)
{
	if (memory != NULL)
		return memory;
	fprintf(stderr, "hits: no memory\n");
	exit(1);
}

/* Requests. */

/* The share of all requests that the names up to each have: of rank k one in
 * proportion to 1 / k. */
static double *
make_zipf(void)
{
	double *up_to = must(calloc(NAMES, sizeof(*up_to)));
	double sum = 0;

	for (size_t k = 0; k < NAMES; k++)
		up_to[k] = sum += 1 / (double)(k + 1);
	for (size_t k = 0; k < NAMES; k++)
		up_to[k] /= sum;
	return up_to;
}

/* The first name up to which there is more than ${part}. */
static uint32_t
find_name(const double *up_to, double part)
{
	size_t low = 0, high = NAMES - 1;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (up_to[middle] > part)
			high = middle;
		else
			low = middle + 1;
	}
	return (uint32_t)low;
}

static struct request *
draw_requests(const struct resolver *resolver, size_t n)
{
	struct request *requests = must(calloc(n, sizeof(*requests)));
	double *up_to = make_zipf();

	for (size_t i = 0; i < n; i++) {
		uint64_t name = hash_mix(i, hash_mix(SEED, DRAW_NAME));
		uint64_t client = hash_mix(i, hash_mix(SEED, DRAW_CLIENT));

		requests[i].name =
		    find_name(up_to, (double)(name >> 11) * 0x1p-53);
		requests[i].network =
		    resolver->networks[(client >> 32) * resolver->n >> 32];
	}
	free(up_to);
	return requests;
}

/* The cache. */

/* The slot of what ${key} is, or a free one for it. */
static struct entry *
find_entry(struct entry *cache, uint64_t key)
{
	size_t i = hash_mix(key, 0) % SLOTS;

	while (cache[i].key != 0 && cache[i].key != key)
		i = (i + 1) % SLOTS;
	return &cache[i];
}

/* The owner name of a rank in wire form: its length. */
static uint8_t
name_owner(uint32_t name, uint8_t owner[64])
{
	static const uint8_t end[] = "\3img\5bench\7example";
	char label[16];
	size_t len = (size_t)snprintf(label, sizeof(label), "o%u", name);

	owner[0] = (uint8_t)len;
	memcpy(owner + 1, label, len);
	memcpy(owner + 1 + len, end, sizeof(end));
	return (uint8_t)(1 + len + sizeof(end));
}

/* What a resolver keeps an answer by: the name, and the prefix in the scope. */
static uint64_t
key_of(const struct request *r, unsigned length)
{
	uint64_t prefix = length == 0 ? 0 : r->network >> (24 - length);

	return (uint64_t)(r->name + 1) << 32 | prefix << 5 | length;
}

struct hits {
	double ratio;
	size_t entries; /* that are good when the last request comes */
};

/* Put the requests to ${service}, whose TTL is ${ttl_s}, one every 1 / RATE
 * seconds. */
static struct hits
serve(const struct steered *steered, size_t service, unsigned ttl_s,
    const struct request *requests, size_t n)
{
	struct entry *cache = must(calloc(SLOTS, sizeof(*cache)));
	struct hits hits = {0, 0};
	size_t counted = 0, found = 0;

	for (size_t i = (WARM_S - ttl_s) * RATE; i < n; i++) {
		double now_s = (double)i / RATE;
		uint8_t owner[64], len = name_owner(requests[i].name, owner);
		struct decision d;
		struct entry *e;
		bool hit;

		steered_ask_name(
		    steered, service, owner, len, requests[i].network, &d);
		e = find_entry(cache, key_of(&requests[i], steered_length(&d)));
		hit = e->key != 0 && e->until_s > now_s;
		if (now_s >= WARM_S) {
			counted++;
			found += hit;
		}
		if (hit)
			continue;
		e->key = key_of(&requests[i], steered_length(&d));
		e->until_s = now_s + d.ttl_s;
	}
	hits.ratio = (double)found / (double)counted;
	for (size_t i = 0; i < SLOTS; i++)
		hits.entries += cache[i].until_s > (double)n / RATE;
	free(cache);
	return hits;
}

/* The table. */

static void
promise(bool holds, const char *resolver, const char *kind, const char *what)
{
	if (holds)
		return;
	printf("BROKEN: %s, %s: %s\n", resolver, kind, what);
	broken = true;
}

/* One row a kind, of one column a TTL. */
static void
show_hits(const struct steered *steered, const struct resolver *resolver)
{
	size_t seconds = WARM_S + full_size(CUT_COUNTED_S, COUNTED_S);
	size_t n = seconds * RATE;
	struct request *requests = draw_requests(resolver, n);
	double wider[TTLS] = {0};

	printf("measured: %s: of %d requests a second hits in per cent, by "
	       "TTL\n",
	    resolver->what, RATE);
	printf("measured: chosen by            5 s    20 s    60 s   300 s  "
	       "3600 s   kept of 60 s\n");
	for (size_t k = 0; k < KINDS; k++) {
		struct hits hits[TTLS];

		for (size_t t = 0; t < TTLS; t++) {
			hits[t] =
			    serve(steered, k * TTLS + t, ttls[t], requests, n);
			promise(t == 0 || hits[t].ratio > hits[t - 1].ratio,
			    resolver->what, kinds[k].what,
			    "a longer TTL has no more hits");
			promise(hits[t].ratio >= wider[t], resolver->what,
			    kinds[k].what, "a wider scope has fewer hits");
			wider[t] = hits[t].ratio;
		}
		printf("measured: %-20s %7.1f %7.1f %7.1f %7.1f %7.1f %10zu\n",
		    kinds[k].what, 100 * hits[0].ratio, 100 * hits[1].ratio,
		    100 * hits[2].ratio, 100 * hits[3].ratio,
		    100 * hits[4].ratio, hits[2].entries);
		fflush(stdout);
	}
	free(requests);
}

/* A zone with a service of each kind and each TTL. */
static struct steered *
make_services(const struct geography *geo)
{
	char text[KINDS * TTLS * 128];
	size_t n = 0;

	for (size_t k = 0; k < KINDS; k++)
		for (size_t t = 0; t < TTLS; t++)
			n += (size_t)snprintf(text + n, sizeof(text) - n,
			    "  '*.k%zu-%u': {%s, ttl: {max: %us, min: %us}}\n",
			    k, ttls[t], kinds[k].service, ttls[t], ttls[t]);
	return steered_create(geo, REGIONS, text);
}

/* Each /24 of some /16: those of a provider. */
static void
make_provider(struct resolver *resolver, size_t blocks)
{
	size_t n;
	uint32_t *drawn = population_clients(blocks, SEED, &n);

	resolver->networks = must(calloc(n * 256, sizeof(uint32_t)));
	for (size_t i = 0; i < n * 256; i++)
		resolver->networks[i] =
		    (drawn[i / 256] & ~UINT32_C(255)) + (uint32_t)(i % 256);
	resolver->n = n * 256;
	free(drawn);
}

static struct geography *
load(void)
{
	const char *build = getenv("B");
	char path[512];
	const char *name = path;
	struct geography *geo;
	struct errbuf eb;

	snprintf(path, sizeof(path), "%s/geo/iptoasn-country.mmdb",
	    build != NULL ? build : "build");
	errbuf_init(&eb);
	geo = geography_load(&name, NULL, 1, NULL, &eb);
	if (geo == NULL) {
		fprintf(stderr, "hits: %s\n", eb.text);
		exit(1);
	}
	return geo;
}

int
main(void)
{
	struct geography *geo = load();
	struct steered *steered = make_services(geo);
	struct resolver provider = {
	    "resolver of a provider, 2048 networks in 8 blocks of a /16", NULL,
	    0};
	struct resolver public = {
	    "public resolver, 20000 networks all over the world", NULL, 0};

	make_provider(&provider, 8);
	public.networks = population_clients(20000, SEED, &public.n);
	printf("measured: %d names under a wildcard, of which the k-th is "
	       "asked for in proportion to 1 / k; %d regions of 12 endpoints, "
	       "country map\n",
	    NAMES, REGIONS);
	show_hits(steered, &provider);
	show_hits(steered, &public);
	free(provider.networks);
	free(public.networks);
	steered_destroy(steered);
	geography_destroy(geo);
	return broken ? 1 : 0;
}
