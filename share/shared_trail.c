/* Knows the local trail of overrides and that of etcd.  Called by the sharer;
 * writes neither. */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "share/shared_trail_private.h"

static uint64_t
hash_id(const char *id)
{
	return hash_bytes(id, strlen(id), 0);
}

static const char *
id_of(const struct entry *e)
{
	return e->has_mine || e->had_mine ? e->mine.id : e->theirs.id;
}

struct entry *
shared_trail_find(struct shared_trail *t, const char *id)
{
	uint64_t key = hash_id(id);
	size_t at;
	uint32_t i;

	for (i = u64map_first(&t->by_id, key, &at); i != U64MAP_NONE;
	     i = u64map_next(&t->by_id, key, &at)) {
		struct entry *e = &t->entries[i];

		if (strcmp(id, id_of(e)) == 0)
			return e;
	}
	return NULL;
}

struct entry *
shared_trail_obtain(struct shared_trail *t, const char *id)
{
	struct entry *e = shared_trail_find(t, id), *grown;

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

void
shared_trail_look(struct shared_trail *t, const struct entry *e)
{
	size_t at = (size_t)(e - t->entries);

	if (at < t->looked)
		t->looked = at;
	t->moved |=
	    e->has_mine && e->has_theirs && e->mine.number != e->theirs.number;
}

void
shared_trail_know(struct shared_trail *t, uint64_t number)
{
	if (number > t->last && number <= SHARED_TRAIL_NUMBER_MAX)
		t->last = number;
}

/* Entries that nobody has any more go; the numbers of the others change. */
static void
forget_empty(struct shared_trail *t)
{
	size_t kept = 0;

	u64map_finish(&t->by_id);
	u64map_init(&t->by_id);
	t->offered = false;
	t->looked = 0;
	for (size_t i = 0; i < t->n; i++) {
		struct entry *e = &t->entries[i];

		if (!e->has_mine && !e->had_mine && !e->has_theirs)
			continue;
		/* Without memory it comes again with the next reading. */
		if (u64map_add(&t->by_id, hash_id(id_of(e)), (uint32_t)kept) ==
		    0)
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
	t->told = true;
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
		t->entries[i].had_mine = t->entries[i].has_mine;
		t->entries[i].has_mine = false;
		t->entries[i].given = t->entries[i].closed = false;
	}
	t->followed = 0;
	t->told = false;
	forget_empty(t);
}

/* A row of this node, once it is known what its state database is. */
static void
settle_local(struct shared_trail *t, struct entry *e)
{
	if (e->unsure && !e->has_theirs && !shared_trail_fresh(&e->mine)) {
		e->strange = t->strange;
		e->late = t->complete;
		t->doubtful |= e->strange || e->late;
	}
	e->unsure = false;
	/* What was accepted once keeps its number. */
	if (!e->strange && !shared_trail_fresh(&e->mine) &&
	    !shared_trail_stays(&e->mine))
		shared_trail_know(t, e->mine.number);
}

void
shared_trail_local_end(struct shared_trail *t, bool strange)
{
	t->told = true;
	t->strange |= strange;
	for (size_t i = 0; i < t->n; i++)
		if (t->entries[i].has_mine)
			settle_local(t, &t->entries[i]);
	t->complete = true;
}

void
shared_trail_found(struct shared_trail *t)
{
	t->strange = false;
	for (size_t i = 0; i < t->n; i++) {
		struct entry *e = &t->entries[i];

		if (!e->strange)
			continue;
		e->strange = false;
		if (t->told && e->has_mine)
			settle_local(t, e);
	}
}

enum shared_local
shared_trail_local(
    struct shared_trail *t, const struct state_override *row, bool cut)
{
	struct entry *e;

	if (row->id[0] == '\0')
		return SHARED_LOCAL_KNOWN;
	if (!shared_trail_fresh(row) && !shared_trail_believes(t, row->number))
		return SHARED_LOCAL_ODD;
	e = shared_trail_obtain(t, row->id);
	if (e == NULL)
		return SHARED_LOCAL_FULL;
	/* As when it was met first: by now the link may be back. */
	if (!e->has_mine && !e->had_mine) {
		e->cut = cut;
		e->said_as = row->number;
		e->unsure = true;
	}
	e->had_mine = false;
	e->mine = *row;
	e->has_mine = true;
	if (t->told)
		settle_local(t, e);
	shared_trail_look(t, e);
	return SHARED_LOCAL_KNOWN;
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
	t->generation = 0;
	t->revision = 0;
	t->pruned_there = 0;
	t->pruned_revision = 0;
	t->late = false;
	shared_trail_odd_begin(t);
	forget_empty(t);
}

bool
shared_trail_believes(const struct shared_trail *t, uint64_t number)
{
	return number <= SHARED_TRAIL_NUMBER_MAX &&
	    (number <= t->last || number - t->last < SHARED_TRAIL_JUMP);
}

void
shared_trail_generation(
    struct shared_trail *t, uint64_t number, int64_t revision)
{
	if (revision < t->revision)
		return;
	t->generation = number;
	t->revision = revision;
	t->late = false;
	shared_trail_know(t, number);
	/* What comes with it is told as well. */
	if (t->read && t->followed >= t->pruned && number > t->followed)
		t->followed = number;
}

int
shared_trail_row(
    struct shared_trail *t, const struct state_override *row, int64_t revision)
{
	struct entry *e =
	    row->id[0] != '\0' ? shared_trail_obtain(t, row->id) : NULL;

	if (e == NULL)
		return -1;
	e->given = e->given && e->has_theirs && same(&e->theirs, row);
	e->theirs = *row;
	e->has_theirs = true;
	e->revision = revision;
	e->pruned = e->strange = e->late = false;
	shared_trail_know(t, row->number);
	shared_trail_look(t, e);
	/* A key has one row; in a reading it comes once. */
	if (t->read)
		shared_trail_empty(t, row->number, e);
	shared_trail_odd_gone(t, row->number);
	return 0;
}

void
shared_trail_empty(
    struct shared_trail *t, uint64_t number, const struct entry *but)
{
	for (size_t i = 0; i < t->n; i++)
		if (&t->entries[i] != but && t->entries[i].has_theirs &&
		    t->entries[i].theirs.number == number)
			t->entries[i].has_theirs = false;
}

void
shared_trail_gone(struct shared_trail *t, uint64_t number, int64_t revision)
{
	shared_trail_lost(
	    t, number, t->pruned_there > 0 && revision == t->pruned_revision);
	shared_trail_odd_gone(t, number);
}

void
shared_trail_end(struct shared_trail *t)
{
	t->read = true;
	shared_trail_odd_end(t);
}

bool
shared_trail_ready(const struct shared_trail *t)
{
	return t->read && t->told;
}

bool
shared_trail_behind(const struct shared_trail *t)
{
	return t->read && t->generation < t->last;
}

bool
shared_trail_fresh(const struct state_override *row)
{
	return row->shared != STATE_SHARED_ACCEPTED &&
	    row->shared != STATE_SHARED_REFUSED;
}

uint64_t
shared_trail_last(const struct shared_trail *t)
{
	return t->last;
}

/* --- from etcd to this node --- */

static bool
to_be_put(const struct entry *e)
{
	return e->has_theirs && !e->given &&
	    !(e->has_mine && same(&e->mine, &e->theirs));
}

/* Of those that were accepted once under another number: that with the largest
 * goes first, so that the others find theirs free. */
static struct entry *
next_moved(struct shared_trail *t)
{
	struct entry *found = NULL;

	for (size_t i = 0; t->moved && i < t->n; i++) {
		struct entry *e = &t->entries[i];

		if (e->has_mine && to_be_put(e) &&
		    !shared_trail_fresh(&e->mine) &&
		    e->mine.number != e->theirs.number &&
		    (found == NULL || e->theirs.number > found->theirs.number))
			found = e;
	}
	t->moved = found != NULL;
	return found;
}

static struct entry *
next_put(struct shared_trail *t)
{
	struct entry *e = next_moved(t);

	while (e == NULL && t->looked < t->n)
		if (to_be_put(&t->entries[t->looked++]))
			e = &t->entries[t->looked - 1];
	return e;
}

bool
shared_trail_take(struct shared_trail *t, struct state_override *out)
{
	struct entry *e;

	if (!shared_trail_ready(t) || shared_trail_behind(t))
		return false;
	e = next_put(t);
	if (e == NULL)
		return false;
	e->given = true;
	*out = e->theirs;
	return true;
}
