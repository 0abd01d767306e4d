/*
 * Counts connections by client.  Called by stream workers when a connection
 * comes, goes or completes something; never by the packet path of UDP.
 */
#include "dns/serve/crowd.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/hash.h"

/*
 * Two rows of counts, each under other bits of one keyed hash: a client has at
 * most the lesser of its two.  With a million connections of as many clients a
 * slot holds 8, far below what anyone allows one client; with the few thousand
 * of a usual node next to nobody shares both slots with another.
 */
#define ROWS 2
#define SLOT_BITS 17
#define SLOTS (1u << SLOT_BITS)

/* Chains of groups: short up to some ten thousand clients a worker. */
#define BUCKETS 4096

/* Groups of so many or more count as equally crowded. */
#define CROWDED 255

struct crowd_total {
	uint64_t seed;
	_Atomic uint32_t slots[ROWS][SLOTS];
};

/* The connections of one client. */
struct crowd_group {
	struct address client;
	uint64_t hash;
	unsigned count;
	struct crowd_group *chain; /* of its bucket */
	/* Of equally crowded groups, silent for longest first. */
	struct crowd_group *before, *after;
	struct crowd_member *first, *last; /* silent for longest first */
};

struct level {
	struct crowd_group *first, *last;
};

struct crowd {
	struct crowd_total *total;
	unsigned top; /* no group is in a level above */
	struct level levels[CROWDED + 1];
	struct crowd_group *buckets[BUCKETS];
};

struct crowd_total *
crowd_total_create(uint64_t seed)
{
	struct crowd_total *total = calloc(1, sizeof(*total));

	if (total != NULL)
		total->seed = seed;
	return total;
}

void
crowd_total_destroy(struct crowd_total *total)
{
	free(total);
}

static _Atomic uint32_t *
slot(struct crowd_total *total, unsigned row, uint64_t hash)
{
	return &total->slots[row][hash >> (row * SLOT_BITS) & (SLOTS - 1)];
}

/* Count one more; how many the client has at most. */
static unsigned
total_add(struct crowd_total *total, uint64_t hash)
{
	unsigned least = UINT32_MAX;

	for (unsigned row = 0; row < ROWS; row++) {
		unsigned before = atomic_fetch_add_explicit(
		    slot(total, row, hash), 1, memory_order_relaxed);

		if (before < least)
			least = before;
	}
	return least + 1;
}

static void
total_subtract(struct crowd_total *total, uint64_t hash)
{
	for (unsigned row = 0; row < ROWS; row++)
		atomic_fetch_sub_explicit(
		    slot(total, row, hash), 1, memory_order_relaxed);
}

struct crowd *
crowd_create(struct crowd_total *total)
{
	struct crowd *crowd = calloc(1, sizeof(*crowd));

	if (crowd != NULL)
		crowd->total = total;
	return crowd;
}

void
crowd_destroy(struct crowd *crowd)
{
	free(crowd);
}

static struct level *
level_of(struct crowd *crowd, const struct crowd_group *g)
{
	return &crowd->levels[g->count < CROWDED ? g->count : CROWDED];
}

static void
take_group(struct crowd *crowd, struct crowd_group *g)
{
	struct level *l = level_of(crowd, g);

	*(g->before ? &g->before->after : &l->first) = g->after;
	*(g->after ? &g->after->before : &l->last) = g->before;
	while (crowd->top > 0 && crowd->levels[crowd->top].first == NULL)
		crowd->top--;
}

/* As the one that was heard last of its level. */
static void
append_group(struct crowd *crowd, struct crowd_group *g)
{
	struct level *l = level_of(crowd, g);
	unsigned level = (unsigned)(l - crowd->levels);

	g->before = l->last;
	g->after = NULL;
	*(l->last ? &l->last->after : &l->first) = g;
	l->last = g;
	if (level > crowd->top)
		crowd->top = level;
}

static void
take_member(struct crowd_group *g, struct crowd_member *m)
{
	*(m->before ? &m->before->after : &g->first) = m->after;
	*(m->after ? &m->after->before : &g->last) = m->before;
}

static void
append_member(struct crowd_group *g, struct crowd_member *m)
{
	m->group = g;
	m->before = g->last;
	m->after = NULL;
	*(g->last ? &g->last->after : &g->first) = m;
	g->last = m;
}

static struct crowd_group **
bucket_of(struct crowd *crowd, uint64_t hash)
{
	/* The bits above those of the total's slots. */
	return &crowd->buckets[hash >> (ROWS * SLOT_BITS) & (BUCKETS - 1)];
}

static struct crowd_group *
find_or_add(struct crowd *crowd, const struct address *client, uint64_t hash)
{
	struct crowd_group **bucket = bucket_of(crowd, hash), *g;

	for (g = *bucket; g != NULL; g = g->chain)
		if (g->hash == hash && address_equal(&g->client, client))
			return g;
	g = calloc(1, sizeof(*g));
	if (g == NULL)
		return NULL;
	g->client = *client;
	g->hash = hash;
	g->chain = *bucket;
	*bucket = g;
	append_group(crowd, g);
	return g;
}

unsigned
crowd_join(struct crowd *crowd, struct crowd_member *member,
    const struct address *client)
{
	uint64_t hash = hash_bytes(
	    client->bytes, address_bits(client) / 8, crowd->total->seed);
	struct crowd_group *g = find_or_add(crowd, client, hash);

	if (g == NULL)
		return 0;
	take_group(crowd, g);
	g->count++;
	append_group(crowd, g);
	append_member(g, member);
	return total_add(crowd->total, hash);
}

void
crowd_touch(struct crowd *crowd, struct crowd_member *member)
{
	struct crowd_group *g = member->group;

	take_group(crowd, g);
	append_group(crowd, g);
	take_member(g, member);
	append_member(g, member);
}

void
crowd_leave(struct crowd *crowd, struct crowd_member *member)
{
	struct crowd_group *g = member->group, **link;

	total_subtract(crowd->total, g->hash);
	take_member(g, member);
	take_group(crowd, g);
	g->count--;
	if (g->count > 0) {
		append_group(crowd, g);
		return;
	}
	for (link = bucket_of(crowd, g->hash); *link != g;)
		link = &(*link)->chain;
	*link = g->chain;
	free(g);
}

struct crowd_member *
crowd_worst(const struct crowd *crowd)
{
	const struct crowd_group *g = crowd->levels[crowd->top].first;

	return g != NULL ? g->first : NULL;
}
