/*
 * Hashes of the client for the steps of the ladder.  Called by the files that
 * take them, in workers; decides nothing.
 */
#include "steering/walk.h"

#include <string.h>

#include "base/hash.h"

unsigned
walk_sticky_length(const struct walk *w)
{
	return w->client.family == 4 ? w->service->sticky_ipv4
				     : w->service->sticky_ipv6;
}

uint64_t
walk_hash(struct walk *w, uint64_t salt)
{
	w->out->hashed = true;
	return walk_hash_prefix(&w->client, walk_sticky_length(w), salt);
}

uint64_t
walk_hash_prefix(const struct address *a, unsigned length, uint64_t salt)
{
	struct address prefix = *a;
	uint8_t key[2 + sizeof(prefix.bytes)] = {0};

	address_mask(&prefix, length);
	key[0] = prefix.family;
	key[1] = (uint8_t)length;
	memcpy(key + 2, prefix.bytes, address_bits(&prefix) / 8);
	return hash_bytes(key, sizeof(key), salt);
}
