/*
 * Keeps votes by endpoint.  Called by the health model; decides nothing.
 */
#include "steering/votes.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "steering/live.h"

void
votes_init(struct votes *votes)
{
	*votes = (struct votes){0};
	u64map_init(&votes->index);
}

static void
finish_endpoint(struct endpoint_votes *e)
{
	free(e->zone);
	free(e->pool);
	free(e->name);
	free(e->ballot.of);
	for (size_t i = 0; i < e->n_addresses; i++)
		free(e->address[i].ballot.of);
	free(e->address);
	round_leave(e->round);
}

void
votes_finish(struct votes *votes)
{
	for (size_t i = 0; i < votes->n; i++)
		finish_endpoint(&votes->endpoint[i]);
	u64map_finish(&votes->index);
	free(votes->endpoint);
}

uint32_t
votes_find(
    const struct votes *votes, uint64_t hash, const struct endpoint_key *key)
{
	size_t at;
	uint32_t number = u64map_first(&votes->index, hash, &at);

	while (number != U64MAP_NONE &&
	    !endpoint_key_equal(&votes->endpoint[number].key, key))
		number = u64map_next(&votes->index, hash, &at);
	return number != U64MAP_NONE ? number : VOTES_NONE;
}

uint32_t
votes_add(struct votes *votes, uint64_t hash, const struct endpoint_key *key)
{
	struct endpoint_votes new = {.hash = hash, .ballot.last = -1}, *grown;
	uint32_t number = (uint32_t)votes->n;

	grown = array_grow(
	    votes->endpoint, votes->n, &votes->size, sizeof(new), VOTES_NONE);
	if (grown == NULL)
		return VOTES_NONE;
	votes->endpoint = grown;
	new.zone = strdup(key->zone);
	new.pool = strdup(key->pool);
	new.name = strdup(key->endpoint);
	if (new.zone == NULL || new.pool == NULL || new.name == NULL ||
	    u64map_add(&votes->index, hash, number) != 0) {
		finish_endpoint(&new);
		return VOTES_NONE;
	}
	new.key = (struct endpoint_key){new.zone, new.pool, new.name};
	votes->endpoint[votes->n++] = new;
	votes->numbering++;
	return number;
}

/* The place of the vote of a vantage, made when there was none. */
static struct vote *
place(struct ballot *b, uint16_t vantage)
{
	struct vote *grown;

	for (size_t i = 0; i < b->n; i++)
		if (b->of[i].vantage == vantage)
			return &b->of[i];
	grown = array_grow(b->of, b->n, &b->size, sizeof(*grown), VANTAGE_MAX);
	if (grown == NULL)
		return NULL;
	b->of = grown;
	/* Of no life: those of vantages begin with 1. */
	b->of[b->n] = (struct vote){.vantage = vantage};
	return &b->of[b->n++];
}

/* When the generations were that ${vote} tells of, which comes after ${last}.
 */
static int64_t
generations_ms(
    const struct vote *last, const struct vote *vote, int64_t mono_ms)
{
	if (last->life != vote->life)
		return -1;
	return last->deep == vote->deep && last->health == vote->health &&
		last->passes == vote->passes && last->fails == vote->fails
	    ? last->deep_ms
	    : mono_ms;
}

/* For how long its health was the same when it was seen at ${seen_ms}: a row
 * that came later than the one before makes nothing younger. */
static int64_t
same_ms(const struct vote *last, const struct vote *vote, int64_t seen_ms)
{
	int64_t same = vote->checked_ms - vote->since_ms;
	int64_t known = last->same_ms + seen_ms - last->seen_ms;

	return last->life == vote->life && last->health == vote->health &&
		last->since_ms == vote->since_ms && known > same
	    ? known
	    : same;
}

int
votes_cast(struct votes *votes, struct ballot *ballot, const struct vote *vote,
    int64_t mono_ms)
{
	struct vote *mine = place(ballot, vote->vantage);
	int64_t seen_ms = mono_ms, deep_ms, same;

	if (mine == NULL)
		return -1;
	deep_ms = generations_ms(mine, vote, mono_ms);
	if (mine->life == vote->life && mine->checked_ms == vote->checked_ms)
		seen_ms = mine->seen_ms;
	same = same_ms(mine, vote, seen_ms);
	votes->turned |= mine->life != vote->life ||
	    mine->health != vote->health ||
	    (mine->fails > 0) != (vote->fails > 0);
	*mine = *vote;
	mine->seen_ms = seen_ms;
	mine->same_ms = same;
	mine->deep_ms = deep_ms;
	return 0;
}

/* a goes before b: less than 0; they are the same: 0. */
static int
compare(const struct address *a, const struct address *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->bytes, b->bytes, address_bits(a) / 8);
}

struct ballot *
votes_address(struct endpoint_votes *e, const struct address *address)
{
	struct address_votes *grown;
	size_t at = 0;

	while (at < e->n_addresses &&
	    compare(&e->address[at].address, address) < 0)
		at++;
	if (at < e->n_addresses &&
	    address_equal(&e->address[at].address, address))
		return &e->address[at].ballot;
	grown = array_grow(e->address, e->n_addresses, &e->size_addresses,
	    sizeof(*grown), LIVE_MAX_KNOWN);
	if (grown == NULL)
		return NULL;
	e->address = grown;
	memmove(
	    grown + at + 1, grown + at, (e->n_addresses - at) * sizeof(*grown));
	grown[at] =
	    (struct address_votes){.address = *address, .ballot.last = -1};
	e->n_addresses++;
	return &grown[at].ballot;
}

static void
sweep_ballot(
    struct ballot *b, const struct vantage_table *vantages, uint32_t change)
{
	size_t kept = 0;

	for (size_t i = 0; i < b->n; i++) {
		const struct vote *vote = &b->of[i];
		const struct vantage *v = &vantages->of[vote->vantage];

		if (vote->life == v->life &&
		    (vote->change == change || !v->full))
			b->of[kept++] = *vote;
	}
	b->n = kept;
}

/* Addresses that nobody names any more go. */
static void
sweep_addresses(struct endpoint_votes *e, const struct vantage_table *vantages,
    uint32_t change)
{
	for (size_t i = e->n_addresses; i-- > 0;) {
		struct address_votes *a = &e->address[i];

		sweep_ballot(&a->ballot, vantages, change);
		if (a->ballot.n > 0)
			continue;
		free(a->ballot.of);
		e->n_addresses--;
		memmove(a, a + 1, (e->n_addresses - i) * sizeof(*a));
	}
}

/* Without memory for the new numbers of those that stay all do, and do no
 * harm. */
static void
sweep_endpoints(struct votes *votes, uint32_t wanted)
{
	struct u64map index;
	uint32_t kept = 0;

	u64map_init(&index);
	for (size_t i = 0; i < votes->n; i++)
		if (votes->endpoint[i].wanted == wanted &&
		    u64map_add(&index, votes->endpoint[i].hash, kept++) != 0) {
			u64map_finish(&index);
			return;
		}
	kept = 0;
	for (size_t i = 0; i < votes->n; i++)
		if (votes->endpoint[i].wanted == wanted)
			votes->endpoint[kept++] = votes->endpoint[i];
		else
			finish_endpoint(&votes->endpoint[i]);
	votes->n = kept;
	votes->numbering++;
	u64map_finish(&votes->index);
	votes->index = index;
}

void
votes_sweep(struct votes *votes, const struct vantage_table *vantages,
    uint32_t change, uint32_t wanted)
{
	bool left = false;

	for (size_t i = 0; i < votes->n; i++) {
		sweep_ballot(&votes->endpoint[i].ballot, vantages, change);
		sweep_addresses(&votes->endpoint[i], vantages, change);
		left |= votes->endpoint[i].wanted != wanted;
	}
	if (left)
		sweep_endpoints(votes, wanted);
}
