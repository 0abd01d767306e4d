/*
 * Comparing, folding and hashing the key of an endpoint.  Called by
 * the policy, the health model, the probes and status.  Allocates
 * nothing; folds ASCII letters only, whatever the locale is, as DNS does (RFC
 * 4343).
 */
#include "state/endpoint_key.h"

#include <string.h>

#include "base/hash.h"

static unsigned char
lower(char c)
{
	if (c >= 'A' && c <= 'Z')
		c = (char)(c - 'A' + 'a');
	return (unsigned char)c;
}

struct endpoint_key
endpoint_key_of(const struct state_endpoint *row)
{
	return (struct endpoint_key){
	    .zone = row->zone, .pool = row->pool, .endpoint = row->endpoint};
}

uint64_t
endpoint_key_hash(const struct endpoint_key *key)
{
	uint64_t h = 0;

	/* Zone names are short; folding them octet by octet needs no copy. */
	for (const char *zone = key->zone; *zone != '\0'; zone++)
		h = hash_mix(h, lower(*zone));
	h = hash_bytes(key->pool, strlen(key->pool), h);
	return hash_bytes(key->endpoint, strlen(key->endpoint), h);
}

static int
compare_zones(const char *a, const char *b)
{
	while (*a != '\0' && lower(*a) == lower(*b)) {
		a++;
		b++;
	}
	return lower(*a) - lower(*b);
}

bool
endpoint_key_equal(const struct endpoint_key *a, const struct endpoint_key *b)
{
	/* What differs most often first. */
	return strcmp(a->endpoint, b->endpoint) == 0 &&
	    strcmp(a->pool, b->pool) == 0 &&
	    compare_zones(a->zone, b->zone) == 0;
}

int
endpoint_key_compare(const struct endpoint_key *a, const struct endpoint_key *b)
{
	int order = compare_zones(a->zone, b->zone);

	if (order == 0)
		order = strcmp(a->pool, b->pool);
	if (order == 0)
		order = strcmp(a->endpoint, b->endpoint);
	return order;
}

void
endpoint_key_fold(char *zone)
{
	size_t len = strlen(zone);

	for (size_t i = 0; i < len; i++)
		zone[i] = (char)lower(zone[i]);
	if (len > 1 && zone[len - 1] == '.')
		zone[len - 1] = '\0';
}

bool
endpoint_key_fits(const struct endpoint_key *key)
{
	return strlen(key->zone) < STATE_ZONE &&
	    strlen(key->pool) < STATE_NAME &&
	    strlen(key->endpoint) < STATE_NAME;
}
