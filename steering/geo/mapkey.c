/*
 * Writes map keys and compares them.  Called when a policy is compiled; a key
 * holds everything that map_build() reads, or two maps would be taken for one.
 */
#include "steering/geo/mapkey.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/text.h"
#include "steering/geo/chains.h"

/* All lists of all fences at their longest take a little over a megabyte. */
#define KEY_MAX ((size_t)16 << 20)

struct mapkey_bytes {
	char *data;
	size_t len;
};

struct mapkey_prefixes {
	const struct prefix *list;
	size_t n;
};

void
mapkeys_init(struct mapkeys *keys)
{
	*keys = (struct mapkeys){.n = 0};
}

void
mapkeys_finish(struct mapkeys *keys)
{
	size_t i;

	for (i = 0; i < keys->n; i++)
		free(keys->list[i].data);
	free(keys->list);
	free(keys->prefixes);
	u64map_finish(&keys->index);
	u64map_finish(&keys->prefix_index);
}

void
mapkey_networks(const struct map_key *key, bool *wanted)
{
	const struct service_config *service = key->service;
	size_t i, k;

	for (i = 0; i < key->config->n_networks; i++)
		wanted[i] = network_moves(&key->config->networks[i]);
	for (i = 0; i < service->n_fences; i++)
		for (k = 0; k < service->fences[i].n_networks; k++)
			wanted[service->fences[i].networks[k]] = true;
}

/* A larger array for ${n} members of ${size} bytes, or NULL. */
static void *
enlarge(void *array, size_t n, size_t *room, size_t size)
{
	size_t larger = *room == 0 ? 16 : *room * 2;

	if (n < *room)
		return array;
	array = realloc(array, larger * size);
	if (array != NULL)
		*room = larger;
	return array;
}

/* The number of the prefixes of ${network}, or U64MAP_NONE. */
static uint32_t
prefixes_number(struct mapkeys *keys, const struct network_config *network)
{
	size_t bytes = network->n_prefixes * sizeof(*network->prefixes);
	uint64_t hash = hash_bytes(network->prefixes, bytes, 0);
	struct mapkey_prefixes *larger;
	size_t at;
	uint32_t i;

	for (i = u64map_first(&keys->prefix_index, hash, &at); i != U64MAP_NONE;
	     i = u64map_next(&keys->prefix_index, hash, &at))
		if (keys->prefixes[i].n == network->n_prefixes &&
		    (bytes == 0 ||
			memcmp(keys->prefixes[i].list, network->prefixes,
			    bytes) == 0))
			return i;
	larger = enlarge(keys->prefixes, keys->n_prefixes, &keys->size_prefixes,
	    sizeof(*larger));
	if (larger == NULL)
		return U64MAP_NONE;
	keys->prefixes = larger;
	i = (uint32_t)keys->n_prefixes;
	if (u64map_add(&keys->prefix_index, hash, i) != 0)
		return U64MAP_NONE;
	keys->prefixes[keys->n_prefixes++] =
	    (struct mapkey_prefixes){network->prefixes, network->n_prefixes};
	return i;
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

static void
put_regions(struct text *out, const struct map_key *key)
{
	const struct service_config *service = key->service;
	size_t i;

	put_number(out, key->regions);
	for (i = 0; i < key->config->n_regions; i++) {
		const struct region_config *r = &key->config->regions[i];

		if (!(key->regions >> i & 1))
			continue;
		put(out, r->name, strlen(r->name) + 1);
		put_position(out, r->latitude, r->longitude);
		put_number(out, (uint64_t)(100 - r->bias));
	}
	put_number(out, service->rank);
	for (i = 0; service->rank == RANK_LISTED && i < service->n_listed; i++)
		if (key->regions >> service->listed[i] & 1)
			put_number(out, service->listed[i]);
	put_number(out, STEERING_NONE);
}

static void
put_fence(struct text *out, const struct map_key *key, const bool *wanted,
    const struct fence_config *f)
{
	size_t i;

	put_number(out, f->regions & key->regions);
	put_number(out, (uint64_t)f->everyone << 1 | f->hard);
	put_number(out, f->n_continents);
	put(out, f->continents, f->n_continents * sizeof(*f->continents));
	put_number(out, f->n_countries);
	put(out, f->countries, f->n_countries * sizeof(*f->countries));
	put_number(out, f->n_asns);
	put(out, f->asns, f->n_asns * sizeof(*f->asns));
	put_number(out, f->n_networks);
	for (i = 0; i < f->n_networks; i++) {
		uint64_t before = 0;
		uint32_t k;

		/* Its place among those of put_networks(): those of another
		 * file may have other indexes. */
		for (k = 0; k < f->networks[i]; k++)
			before += wanted[k];
		put_number(out, before);
	}
}

static int
put_networks(struct text *out, struct mapkeys *keys, const struct map_key *key,
    const bool *wanted)
{
	size_t i;

	for (i = 0; i < key->config->n_networks; i++) {
		const struct network_config *n = &key->config->networks[i];
		uint32_t prefixes;

		if (!wanted[i])
			continue;
		prefixes = prefixes_number(keys, n);
		if (prefixes == U64MAP_NONE)
			return -1;
		put_number(out, prefixes);
		put(out, n->country, sizeof(n->country));
		put_number(out, (uint64_t)n->asn << 1 | n->has_position);
		if (n->has_position)
			put_position(out, n->latitude, n->longitude);
	}
	return 0;
}

/* The bytes of ${key}.  0, or -1 without memory. */
static int
write_key(struct mapkeys *keys, const struct map_key *key, const bool *wanted,
    struct text *out)
{
	size_t i;

	put_regions(out, key);
	put_number(out, key->service->n_fences);
	for (i = 0; i < key->service->n_fences; i++)
		put_fence(out, key, wanted, &key->service->fences[i]);
	if (put_networks(out, keys, key, wanted) != 0 || out->failed)
		return -1;
	return 0;
}

/* The number of the key ${bytes}, which are taken over if it is new. */
static uint32_t
bytes_number(struct mapkeys *keys, struct text *bytes)
{
	uint64_t hash = hash_bytes(bytes->data, bytes->len, 0);
	struct mapkey_bytes *larger;
	size_t at;
	uint32_t i;

	for (i = u64map_first(&keys->index, hash, &at); i != U64MAP_NONE;
	     i = u64map_next(&keys->index, hash, &at))
		if (keys->list[i].len == bytes->len &&
		    memcmp(keys->list[i].data, bytes->data, bytes->len) == 0)
			return i;
	larger = enlarge(keys->list, keys->n, &keys->size, sizeof(*larger));
	if (larger == NULL)
		return U64MAP_NONE;
	keys->list = larger;
	i = (uint32_t)keys->n;
	if (u64map_add(&keys->index, hash, i) != 0)
		return U64MAP_NONE;
	keys->list[keys->n++] = (struct mapkey_bytes){bytes->data, bytes->len};
	text_init(bytes, KEY_MAX);
	return i;
}

uint32_t
mapkeys_number(
    struct mapkeys *keys, const struct map_key *key, const bool *wanted)
{
	struct text bytes;
	uint32_t number = U64MAP_NONE;

	text_init(&bytes, KEY_MAX);
	if (write_key(keys, key, wanted, &bytes) == 0)
		number = bytes_number(keys, &bytes);
	text_finish(&bytes);
	return number;
}
