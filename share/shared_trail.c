/* Compares the local trail of overrides with that of etcd.  Called by the
 * sharer; writes neither. */
#include "share/shared_trail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/u64map.h"

#define NONE SIZE_MAX

/* A row, as this node and as etcd has it. */
struct entry {
	struct state_override mine, theirs;
	bool has_mine, has_theirs;
	bool cut;   /* it was said while this node was cut off */
	bool given; /* to be put into the local trail as etcd has it */
};

struct shared_trail {
	struct entry *entries;
	size_t n, size;
	struct u64map by_id;
	bool read;      /* etcd was read, and is not being read again */
	size_t offered; /* the entry that is under way, or NONE */
	size_t looked;  /* entries before it are not to be put here */
	struct state_override offer; /* as what */
};

static uint64_t
hash_id(const char *id)
{
	return hash_bytes(id, strlen(id), 0);
}

static struct entry *
find(struct shared_trail *t, const char *id)
{
	uint64_t key = hash_id(id);
	size_t at;
	uint32_t i;

	for (i = u64map_first(&t->by_id, key, &at); i != U64MAP_NONE;
	     i = u64map_next(&t->by_id, key, &at)) {
		struct entry *e = &t->entries[i];

		if (strcmp(id, e->has_mine ? e->mine.id : e->theirs.id) == 0)
			return e;
	}
	return NULL;
}

/* That of ${id}, or a new one, which has neither row yet. */
static struct entry *
obtain(struct shared_trail *t, const char *id)
{
	struct entry *e = find(t, id), *grown;

	if (e != NULL)
		return e;
	grown = array_grow(
	    t->entries, t->n, &t->size, sizeof(*grown), SHARED_TRAIL_ROWS);
	if (grown == NULL)
		return NULL;
	t->entries = grown;
	if (u64map_add(&t->by_id, hash_id(id), (uint32_t)t->n) != 0)
		return NULL;
	e = &t->entries[t->n++];
	memset(e, 0, sizeof(*e));
	return e;
}

/* ${e} changed: it may have to be put here. */
static void
look_again(struct shared_trail *t, const struct entry *e)
{
	size_t at = (size_t)(e - t->entries);

	if (at < t->looked)
		t->looked = at;
}

/* Entries that nobody has any more go; the numbers of the others change. */
static void
forget_empty(struct shared_trail *t)
{
	size_t kept = 0;

	u64map_finish(&t->by_id);
	u64map_init(&t->by_id);
	t->offered = NONE;
	t->looked = 0;
	for (size_t i = 0; i < t->n; i++) {
		struct entry *e = &t->entries[i];

		if (!e->has_mine && !e->has_theirs)
			continue;
		/* Without memory it comes again with the next reading. */
		if (u64map_add(&t->by_id,
			hash_id(e->has_mine ? e->mine.id : e->theirs.id),
			(uint32_t)kept) == 0)
			t->entries[kept++] = *e;
	}
	t->n = kept;
}

struct shared_trail *
shared_trail_create(void)
{
	struct shared_trail *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	u64map_init(&t->by_id);
	t->offered = NONE;
	return t;
}

void
shared_trail_destroy(struct shared_trail *t)
{
	if (t == NULL)
		return;
	u64map_finish(&t->by_id);
	free(t->entries);
	free(t);
}

/* --- what this node has --- */

void
shared_trail_local_begin(struct shared_trail *t)
{
	for (size_t i = 0; i < t->n; i++) {
		t->entries[i].has_mine = false;
		t->entries[i].given = false;
	}
	forget_empty(t);
}

int
shared_trail_local(
    struct shared_trail *t, const struct state_override *row, bool cut)
{
	struct entry *e;

	if (row->id[0] == '\0')
		return 0;
	e = obtain(t, row->id);
	if (e == NULL)
		return -1;
	if (!e->has_mine)
		e->cut = cut;
	e->mine = *row;
	e->has_mine = true;
	look_again(t, e);
	return 0;
}

/* --- what etcd has --- */

static bool
same(const struct state_override *a, const struct state_override *b)
{
	return a->number == b->number && a->shared == b->shared &&
	    strcmp(a->refused, b->refused) == 0;
}

void
shared_trail_begin(struct shared_trail *t)
{
	t->read = false;
	for (size_t i = 0; i < t->n; i++)
		t->entries[i].has_theirs = false;
	forget_empty(t);
}

int
shared_trail_row(struct shared_trail *t, const struct state_override *row)
{
	struct entry *e = row->id[0] != '\0' ? obtain(t, row->id) : NULL;

	if (e == NULL)
		return -1;
	e->given = e->given && e->has_theirs && same(&e->theirs, row);
	e->theirs = *row;
	e->has_theirs = true;
	look_again(t, e);
	return 0;
}

void
shared_trail_gone(struct shared_trail *t, uint64_t number)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->entries[i].has_theirs &&
		    t->entries[i].theirs.number == number)
			t->entries[i].has_theirs = false;
}

void
shared_trail_end(struct shared_trail *t)
{
	t->read = true;
}

/* --- from etcd to this node --- */

bool
shared_trail_take(struct shared_trail *t, struct state_override *out)
{
	while (t->read && t->looked < t->n) {
		struct entry *e = &t->entries[t->looked++];

		if (!e->has_theirs || e->given ||
		    (e->has_mine && same(&e->mine, &e->theirs)))
			continue;
		e->given = true;
		*out = e->theirs;
		return true;
	}
	return false;
}

/* --- from this node to etcd --- */

/* It was never accepted nor refused. */
static bool
is_fresh(const struct state_override *row)
{
	return row->shared != STATE_SHARED_ACCEPTED &&
	    row->shared != STATE_SHARED_REFUSED;
}

/* Etcd is to have it. */
static bool
waits(const struct entry *e, int64_t now_ms)
{
	return e->has_mine && !e->has_theirs &&
	    (e->mine.shared == STATE_SHARED_OFFERED ||
		now_ms - e->mine.at_ms < STATE_OVERRIDES_AGE_MS);
}

size_t
shared_trail_waiting(const struct shared_trail *t, int64_t now_ms)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		n += waits(&t->entries[i], now_ms);
	return n;
}

uint64_t
shared_trail_last(const struct shared_trail *t)
{
	uint64_t last = 0;

	for (size_t i = 0; i < t->n; i++) {
		const struct entry *e = &t->entries[i];

		if (e->has_theirs && e->theirs.number > last)
			last = e->theirs.number;
		/* What was accepted once keeps its number. */
		if (e->has_mine && !is_fresh(&e->mine) && e->mine.number > last)
			last = e->mine.number;
	}
	return last;
}

/* The last row of etcd about the same that this node cannot have known when
 * ${e} was said. */
static const struct state_override *
later(const struct shared_trail *t, const struct entry *e)
{
	const struct state_override *found = NULL;

	for (size_t i = 0; i < t->n; i++) {
		const struct entry *other = &t->entries[i];

		if (other == e || !other->has_theirs ||
		    other->theirs.shared == STATE_SHARED_REFUSED ||
		    other->theirs.number < e->mine.number ||
		    !state_override_same(&other->theirs, &e->mine))
			continue;
		if (found == NULL || other->theirs.number > found->number)
			found = &other->theirs;
	}
	return found;
}

static bool
taken(const struct shared_trail *t, uint64_t number)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->entries[i].has_theirs &&
		    t->entries[i].theirs.number == number)
			return true;
	return false;
}

/* The first that waits: in the order in which it was said here, and what was
 * accepted once before what never was. */
static size_t
first_waiting(const struct shared_trail *t, int64_t now_ms)
{
	size_t first = NONE;

	for (size_t i = 0; i < t->n; i++) {
		const struct entry *e = &t->entries[i], *f;
		bool fresh, sooner;

		if (!waits(e, now_ms))
			continue;
		if (first == NONE) {
			first = i;
			continue;
		}
		f = &t->entries[first];
		fresh = is_fresh(&e->mine);
		sooner = fresh == is_fresh(&f->mine)
		    ? e->mine.number < f->mine.number
		    : !fresh;
		if (sooner)
			first = i;
	}
	return first;
}

bool
shared_trail_offer(
    struct shared_trail *t, int64_t now_ms, struct state_override *out)
{
	const struct state_override *other;
	const struct entry *e;
	size_t i;

	if (!t->read || t->offered != NONE)
		return false;
	i = first_waiting(t, now_ms);
	if (i == NONE)
		return false;
	e = &t->entries[i];
	*out = e->mine;
	if (is_fresh(&e->mine) || taken(t, out->number))
		out->number = shared_trail_last(t) + 1;
	if (is_fresh(&e->mine)) {
		out->shared = STATE_SHARED_ACCEPTED;
		other = e->cut ? later(t, e) : NULL;
		if (other != NULL) {
			out->shared = STATE_SHARED_REFUSED;
			(void)snprintf(out->refused, sizeof(out->refused),
			    "override %llu was said meanwhile",
			    (unsigned long long)other->number);
		}
	}
	t->offered = i;
	t->offer = *out;
	return true;
}

void
shared_trail_settle(struct shared_trail *t, bool taken_now)
{
	struct entry *e;

	if (t->offered == NONE)
		return;
	e = &t->entries[t->offered];
	t->offered = NONE;
	if (!taken_now || e->has_theirs)
		return;
	e->theirs = t->offer;
	e->has_theirs = true;
	e->given = false;
	look_again(t, e);
}
