/* Keeps which node holds the lock of which pool.  Called by the sharer. */
#include "share/locks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/u64map.h"

struct lock {
	char zone[STATE_ZONE];
	char pool[STATE_NAME];
	char node[STATE_NAME]; /* "": nobody holds it */
	uint64_t token;        /* of the last that did */
	int64_t lease;         /* that it is bound to */
	int64_t unbound;     /* revision of what stands there without one; 0 */
	bool seen;           /* in the reading that is being fed */
	bool wanted, listed; /* by the files; in what is being fed of them */
	uint32_t step_s;
	int64_t free_ms;  /* monotonic: when that was seen */
	int64_t pause_ms; /* monotonic: nothing is written before */
	bool flying;      /* a write is under way */
	/* What the state database was told, and what was read from it. */
	bool told;
	char told_node[STATE_NAME];
	uint64_t told_token;
	uint64_t read_token; /* while this node holds it by that; 0 */
};

struct locks {
	char node[STATE_NAME];
	int64_t other; /* the lease of another process of that name; 0: none */
	struct lock *lock;
	size_t n, size;
	struct u64map places; /* by hash of zone and pool; none ever goes */
	size_t turn;
	int64_t mono_ms;
	bool may, known; /* known: what the files want */
	uint64_t version;
};

struct locks *
locks_create(const char *node)
{
	struct locks *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	u64map_init(&l->places);
	(void)snprintf(l->node, sizeof(l->node), "%s", node);
	return l;
}

void
locks_destroy(struct locks *l)
{
	if (l == NULL)
		return;
	u64map_finish(&l->places);
	free(l->lock);
	free(l);
}

void
locks_time(struct locks *l, int64_t mono_ms)
{
	l->mono_ms = mono_ms;
}

static uint64_t
hash_of(const char *zone, const char *pool, uint64_t seed)
{
	return hash_bytes(
	    pool, strlen(pool), hash_bytes(zone, strlen(zone), seed));
}

static struct lock *
find(const struct locks *l, const char *zone, const char *pool)
{
	uint64_t hash = hash_of(zone, pool, 0);
	size_t at;
	uint32_t i = u64map_first(&l->places, hash, &at);

	while (i != U64MAP_NONE &&
	    (strcmp(l->lock[i].pool, pool) != 0 ||
		strcmp(l->lock[i].zone, zone) != 0))
		i = u64map_next(&l->places, hash, &at);
	return i != U64MAP_NONE ? &l->lock[i] : NULL;
}

static struct lock *
obtain(struct locks *l, const char *zone, const char *pool)
{
	struct lock *lock = find(l, zone, pool), *grown;

	if (lock != NULL)
		return lock;
	grown = array_grow(l->lock, l->n, &l->size, sizeof(*grown), LOCKS_MAX);
	if (grown == NULL)
		return NULL;
	l->lock = grown;
	if (u64map_add(&l->places, hash_of(zone, pool, 0), (uint32_t)l->n) != 0)
		return NULL;
	lock = &l->lock[l->n++];
	memset(lock, 0, sizeof(*lock));
	(void)snprintf(lock->zone, sizeof(lock->zone), "%s", zone);
	(void)snprintf(lock->pool, sizeof(lock->pool), "%s", pool);
	lock->free_ms = l->mono_ms;
	return lock;
}

static bool
is_ours(const struct locks *l, const struct lock *lock)
{
	return strcmp(lock->node, l->node) == 0 &&
	    (l->other == 0 || lock->lease != l->other);
}

/* Who holds it, as others are told: one that has our name is not we. */
static const char *
holder_of(const struct locks *l, const struct lock *lock)
{
	return strcmp(lock->node, l->node) == 0 && !is_ours(l, lock)
	    ? "?"
	    : lock->node;
}

void
locks_other(struct locks *l, int64_t lease)
{
	if (l->other != lease)
		l->version++;
	l->other = lease;
}

/* --- what this node wants --- */

void
locks_want_begin(struct locks *l)
{
	for (size_t i = 0; i < l->n; i++)
		l->lock[i].listed = false;
}

int
locks_want(struct locks *l, const char *zone, const char *pool, uint32_t step_s)
{
	struct lock *lock = obtain(l, zone, pool);

	if (lock == NULL)
		return -1;
	lock->listed = true;
	lock->step_s = step_s;
	return 0;
}

void
locks_want_end(struct locks *l)
{
	for (size_t i = 0; i < l->n; i++)
		l->lock[i].wanted = l->lock[i].listed;
	l->known = true;
	l->version++;
}

void
locks_may(struct locks *l, bool may)
{
	l->may = may;
}

/* --- what etcd has --- */

void
locks_reading(struct locks *l)
{
	for (size_t i = 0; i < l->n; i++)
		l->lock[i].seen = false;
}

void
locks_put(struct locks *l, const char *zone, const char *pool, const char *node,
    uint64_t token, int64_t lease)
{
	struct lock *lock = obtain(l, zone, pool);

	if (lock == NULL)
		return;
	lock->seen = true;
	lock->lease = lease;
	lock->unbound = 0;
	if (strcmp(lock->node, node) == 0 && lock->token == token)
		return;
	(void)snprintf(lock->node, sizeof(lock->node), "%s", node);
	lock->token = token;
	l->version++;
}

static void
set_free(struct locks *l, struct lock *lock)
{
	if (lock->node[0] == '\0')
		return;
	lock->node[0] = '\0';
	lock->lease = 0;
	lock->free_ms = l->mono_ms;
	l->version++;
}

void
locks_put_unbound(
    struct locks *l, const char *zone, const char *pool, int64_t revision)
{
	struct lock *lock = obtain(l, zone, pool);

	if (lock == NULL)
		return;
	set_free(l, lock);
	lock->seen = true;
	lock->unbound = revision;
}

void
locks_gone(struct locks *l, const char *zone, const char *pool)
{
	struct lock *lock = find(l, zone, pool);

	if (lock == NULL)
		return;
	lock->unbound = 0;
	set_free(l, lock);
}

void
locks_read(struct locks *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (!l->lock[i].seen) {
			l->lock[i].unbound = 0;
			set_free(l, &l->lock[i]);
		}
}

/* --- what is due --- */

/* For so long this node waits for a lock that is free. */
static int64_t
patience_ms(const struct locks *l, const struct lock *lock)
{
	uint64_t hash = hash_of(
	    lock->zone, lock->pool, hash_bytes(l->node, strlen(l->node), 0));

	return (int64_t)(hash % LOCKS_SPREAD_MS);
}

static bool
is_due(const struct locks *l, const struct lock *lock, int64_t lease,
    enum locks_what *what)
{
	bool wants = lock->wanted && l->may;

	if (lock->flying || !l->known || l->mono_ms < lock->pause_ms)
		return false;
	if (is_ours(l, lock)) {
		*what = wants ? LOCKS_BIND : LOCKS_GIVE;
		return !wants || lock->lease != lease;
	}
	*what = lock->unbound != 0 ? LOCKS_CLEAR : LOCKS_TAKE;
	return wants && lock->node[0] == '\0' &&
	    l->mono_ms - lock->free_ms >= patience_ms(l, lock);
}

bool
locks_next(struct locks *l, int64_t lease, struct locks_op *op)
{
	for (size_t i = 0; i < l->n; i++) {
		struct lock *lock = &l->lock[l->turn++ % l->n];
		enum locks_what what;

		if (!is_due(l, lock, lease, &what))
			continue;
		*op = (struct locks_op){.what = what,
		    .token = lock->token,
		    .unbound = lock->unbound,
		    .over = !lock->wanted};
		memcpy(op->zone, lock->zone, sizeof(op->zone));
		memcpy(op->pool, lock->pool, sizeof(op->pool));
		lock->flying = true;
		return true;
	}
	return false;
}

void
locks_done(struct locks *l, const struct locks_op *op)
{
	struct lock *lock = find(l, op->zone, op->pool);

	if (lock == NULL)
		return;
	lock->flying = false;
	/* What was done is told soon; so long it is not due again. */
	lock->pause_ms = l->mono_ms + LOCKS_PAUSE_MS;
}

/* --- what the state database has --- */

bool
locks_row(struct locks *l, bool ours, struct state_lock *row, bool *gone)
{
	for (size_t i = 0; i < l->n; i++) {
		struct lock *lock = &l->lock[i];
		bool none = lock->node[0] == '\0' && !lock->wanted;
		const char *holder = holder_of(l, lock);

		if (is_ours(l, lock) != ours ||
		    (none ? !lock->told
			  : lock->told && lock->told_token == lock->token &&
				strcmp(lock->told_node, holder) == 0))
			continue;
		*row = (struct state_lock){.token = lock->token};
		memcpy(row->zone, lock->zone, sizeof(row->zone));
		memcpy(row->pool, lock->pool, sizeof(row->pool));
		(void)snprintf(row->node, sizeof(row->node), "%s", holder);
		*gone = none;
		lock->told = !none;
		lock->told_token = lock->token;
		memcpy(lock->told_node, row->node, sizeof(row->node));
		lock->read_token = 0;
		l->version++;
		return true;
	}
	return false;
}

void
locks_again(struct locks *l)
{
	for (size_t i = 0; i < l->n; i++) {
		l->lock[i].told = false;
		l->lock[i].read_token = 0;
	}
	l->version++;
}

void
locks_local_begin(struct locks *l)
{
	for (size_t i = 0; i < l->n; i++)
		l->lock[i].read_token = 0;
	l->version++;
}

void
locks_local(struct locks *l, const struct state_lock *row)
{
	struct lock *lock = find(l, row->zone, row->pool);

	if (lock == NULL)
		return;
	lock->read_token = strcmp(row->node, l->node) == 0 ? row->token : 0;
	l->version++;
}

/* --- of one pool --- */

const char *
locks_holder(const struct locks *l, const char *zone, const char *pool)
{
	const struct lock *lock = find(l, zone, pool);

	return lock != NULL ? holder_of(l, lock) : "";
}

/* The state database says that this node holds it by the token of now. */
static bool
is_told(const struct locks *l, const struct lock *lock)
{
	return is_ours(l, lock) && lock->told &&
	    lock->told_token == lock->token &&
	    strcmp(lock->told_node, l->node) == 0;
}

bool
locks_ours(const struct locks *l, const char *zone, const char *pool)
{
	const struct lock *lock = find(l, zone, pool);

	return lock != NULL && is_told(l, lock);
}

uint64_t
locks_token(const struct locks *l, const char *zone, const char *pool)
{
	const struct lock *lock = find(l, zone, pool);

	return lock != NULL && is_told(l, lock) &&
		lock->read_token == lock->token
	    ? lock->token
	    : 0;
}

bool
locks_wanted(
    const struct locks *l, const char *zone, const char *pool, uint32_t *step_s)
{
	const struct lock *lock = find(l, zone, pool);

	*step_s = lock != NULL ? lock->step_s : 0;
	return !l->known || (lock != NULL && lock->wanted);
}

uint64_t
locks_version(const struct locks *l)
{
	return l->version;
}

void
locks_figures(const struct locks *l, struct locks_figures *out)
{
	*out = (struct locks_figures){.wanted = 0};
	for (size_t i = 0; i < l->n; i++) {
		const struct lock *lock = &l->lock[i];

		out->wanted += lock->wanted;
		out->held += is_ours(l, lock);
		out->free += lock->wanted && lock->node[0] == '\0';
	}
}
