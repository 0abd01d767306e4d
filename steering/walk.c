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

/* With whom of ${left} the border of member ${m} moves: -1: it is alone. */
static int
partner_of(const struct walk *w, uint32_t left, unsigned m)
{
	int neighbour = live_neighbour(w->service, m);
	uint32_t before = left & ((UINT32_C(1) << m) - 1);
	uint32_t after = left & ~before & ~(UINT32_C(1) << m);

	if (neighbour >= 0 && left >> neighbour & 1)
		return neighbour;
	if (before != 0)
		return 31 - __builtin_clz(before);
	return after != 0 ? __builtin_ctz(after) : -1;
}

/* Move ${by} from ${from} to ${to}, or back, as far as there is any. */
static void
move_weight(uint64_t *to, uint64_t *from, int64_t by)
{
	uint64_t n = by < 0 ? -(uint64_t)by : (uint64_t)by;

	if (by < 0) {
		n = n < *to ? n : *to;
		*to -= n;
		*from += n;
	} else {
		n = n < *from ? n : *from;
		*to += n;
		*from -= n;
	}
}

void
walk_weights(
    const struct walk *w, uint32_t left, int when, uint64_t out[WALK_MEMBERS])
{
	const struct live_share *shares = walk_shifted(w);
	uint64_t unit = shares != NULL ? LIVE_MILLION : 1;

	for (unsigned i = 0; i < WALK_MEMBERS; i++)
		out[i] = i < w->service->n_members && left >> i & 1
		    ? unit * policy_weight(&w->service->members[i])
		    : 0;
	for (uint32_t of = left; shares != NULL && of != 0; of &= of - 1) {
		unsigned m = (unsigned)__builtin_ctz(of);
		int partner = partner_of(w, left, m);

		if (partner >= 0)
			move_weight(
			    &out[m], &out[partner], shares[m].taken[when]);
	}
}

uint64_t
walk_share(const uint64_t weights[WALK_MEMBERS], unsigned m, uint64_t *first)
{
	uint64_t before = 0, whole = 0;

	for (unsigned i = 0; i < WALK_MEMBERS; i++) {
		before += i < m ? weights[i] : 0;
		whole += weights[i];
	}
	*first = position_threshold(before, whole);
	return position_threshold(before + weights[m], whole) - 1;
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
