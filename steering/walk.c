/*
 * What the steps of the ladder share: what of the client they looked at, which
 * changes are at hand, and hashes of the client.  Called by the files that take
 * the steps, in workers; decides nothing.
 */
#include "steering/walk.h"

#include <string.h>

#include "base/hash.h"
#include "steering/position.h"

void
walk_note_changes(
    struct walk *w, const struct policy_pool *pool, uint64_t regions)
{
	uint64_t left = walk_live(w, pool)->pending & w->inside & regions;

	for (; left != 0; left &= left - 1) {
		uint32_t g = pool->group[__builtin_ctzll(left)];

		w->pending_s =
		    walk_least(w->pending_s, w->live->group[g].pending_s);
	}
}

void
walk_pass_over(struct walk *w, const struct policy_pool *pool)
{
	const struct live_pool *live = walk_live(w, pool);

	if ((live->usable[w->tier] | live->pending) == 0)
		return;
	walk_look(w, FACT_FENCE, w->leaf.set);
	walk_note_pending(w, pool, UINT64_MAX);
}

uint64_t
walk_share(
    const struct walk *w, uint32_t left, unsigned m, int when, uint64_t *first)
{
	uint64_t before = 0, whole = 0;

	for (unsigned i = 0; i < w->service->n_members; i++) {
		uint64_t weight = left >> i & 1 ? walk_weight(w, i, when) : 0;

		before += i < m ? weight : 0;
		whole += weight;
	}
	*first = position_threshold(before, whole);
	return position_threshold(before + walk_weight(w, m, when), whole) - 1;
}

unsigned
walk_sticky_length(const struct walk *w)
{
	return w->client.family == 4 ? w->service->sticky_ipv4
				     : w->service->sticky_ipv6;
}

unsigned
walk_block_length(const struct walk *w)
{
	return w->client.family == 4 ? w->service->block_ipv4
				     : w->service->block_ipv6;
}

uint64_t
walk_hash(struct walk *w, uint64_t salt)
{
	unsigned length =
	    walk_least(walk_sticky_length(w), address_bits(&w->client));

	w->out->hashed = true;
	walk_look(w, FACT_STICKY, length);
	return walk_hash_prefix(&w->client, walk_sticky_length(w), salt);
}

uint64_t
walk_name(const struct walk *w, uint64_t salt)
{
	return hash_bytes(w->request->owner, w->request->owner_len, salt);
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
