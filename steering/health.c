/*
 * The health model: a table of what each vantage said of each endpoint, and
 * the quorum over it.  Called by the control thread, never by a worker.
 */
#include "steering/health.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"

/* What is stale before health_configure() says otherwise. */
#define STALE_AFTER_MS 30000

/* The least table, and how full it may become, in quarters. */
#define TABLE_FIRST 256
#define TABLE_FULL 3

struct vantage {
	char name[STATE_NAME];
	bool heard;           /* a heartbeat came; else only endpoint rows */
	int64_t heartbeat_ms; /* wall clock of the vantage */
	int64_t alive_ms;     /* our monotonic clock when it was alive */
	uint32_t change;      /* the last change that named it */
};

/* One vantage's last word on one endpoint. */
struct vote {
	int64_t checked_ms; /* wall clock of the vantage */
	uint32_t passes, fails;
	uint32_t change;
	uint16_t vantage;
	uint8_t health; /* enum state_health */
};

struct subject {
	uint64_t hash;           /* of the key */
	struct endpoint_key key; /* of texts in the one block below */
	char *texts;
	struct vote *votes;
	size_t n, size;
};

struct health {
	struct vantage *vantages;
	size_t n_vantages, size_vantages;
	struct subject **table; /* open addressing, a power of two */
	size_t n, size;
	uint32_t change; /* number of the change that is being taken */
	bool full;
	bool dropped; /* a row was dropped, and it was said */
	uint64_t stale_after_ms;
	enum stale_then then;
};

/* Fresh or stale, the votes of one endpoint counted. */
struct count {
	unsigned up, down;
};

struct health *
health_create(void)
{
	struct health *health = calloc(1, sizeof(*health));

	if (health == NULL)
		return NULL;
	health->stale_after_ms = STALE_AFTER_MS;
	health->then = STALE_KEEP;
	return health;
}

static void
subject_destroy(struct subject *subject)
{
	if (subject == NULL)
		return;
	free(subject->texts);
	free(subject->votes);
	free(subject);
}

void
health_destroy(struct health *health)
{
	if (health == NULL)
		return;
	for (size_t i = 0; i < health->size; i++)
		subject_destroy(health->table[i]);
	free(health->table);
	free(health->vantages);
	free(health);
}

void
health_configure(
    struct health *health, uint64_t stale_after_ms, enum stale_then then)
{
	health->stale_after_ms = stale_after_ms;
	health->then = then;
}

void
health_begin(struct health *health, bool full)
{
	health->change++;
	health->full = full;
}

static void
say_dropped(struct health *health, const char *what)
{
	if (!health->dropped)
		log_warn(
		    "health: %s: rows of the state database are dropped", what);
	health->dropped = true;
}

/* A vantage by name, made when it is new; NULL when there is no room. */
static struct vantage *
vantage_get(struct health *health, const char *name)
{
	struct vantage *v, *grown;
	size_t i, size;

	for (i = 0; i < health->n_vantages; i++)
		if (strcmp(health->vantages[i].name, name) == 0)
			return &health->vantages[i];
	if (i == HEALTH_MAX_VANTAGES) {
		say_dropped(health, "too many vantages");
		return NULL;
	}
	if (i == health->size_vantages) {
		size = i == 0 ? 8 : 2 * i;
		grown = realloc(health->vantages, size * sizeof(*grown));
		if (grown == NULL) {
			say_dropped(health, "no memory");
			return NULL;
		}
		health->vantages = grown;
		health->size_vantages = size;
	}
	v = &health->vantages[health->n_vantages++];
	memset(v, 0, sizeof(*v));
	memcpy(v->name, name, strnlen(name, sizeof(v->name) - 1));
	return v;
}

void
health_vantage(struct health *health, const struct state_vantage *row,
    int64_t mono_ms, int64_t wall_ms)
{
	struct vantage *v = vantage_get(health, row->name);
	int64_t age = wall_ms - row->heartbeat_ms;

	if (v == NULL)
		return;
	v->change = health->change;
	if (v->heard && v->heartbeat_ms == row->heartbeat_ms)
		return;
	/*
	 * A heartbeat that moved on while we followed is as old as our look at
	 * it.  The first one, one after the database was opened again and one
	 * that went back may be from long ago: there the wall clock says, but
	 * it makes none older than the last that we saw.
	 */
	if (age < 0 ||
	    (v->heard && !health->full && row->heartbeat_ms > v->heartbeat_ms))
		age = 0;
	if (v->heard && age > mono_ms - v->alive_ms)
		age = mono_ms - v->alive_ms;
	v->alive_ms = mono_ms - age;
	v->heartbeat_ms = row->heartbeat_ms;
	v->heard = true;
}

/* The place of a key in the table, or of the hole where it would go. */
static struct subject **
table_find(
    const struct health *health, uint64_t hash, const struct endpoint_key *key)
{
	size_t i = hash & (health->size - 1);

	for (; health->table[i] != NULL; i = (i + 1) & (health->size - 1)) {
		const struct subject *s = health->table[i];

		if (s->hash == hash && endpoint_key_equal(&s->key, key))
			break;
	}
	return &health->table[i];
}

/* Move all subjects to a table of ${size}, without those nobody votes on. */
static int
table_resize(struct health *health, size_t size)
{
	struct subject **old = health->table;
	size_t old_size = health->size;
	struct subject **table = calloc(size, sizeof(struct subject *));

	if (table == NULL)
		return -1;
	health->table = table;
	health->size = size;
	health->n = 0;
	for (size_t i = 0; i < old_size; i++) {
		struct subject *s = old[i];

		if (s != NULL && s->n == 0) {
			subject_destroy(s);
		} else if (s != NULL) {
			*table_find(health, s->hash, &s->key) = s;
			health->n++;
		}
	}
	free(old);
	return 0;
}

static struct subject *
subject_create(uint64_t hash, const struct endpoint_key *key)
{
	size_t zone = strlen(key->zone) + 1, pool = strlen(key->pool) + 1;
	size_t endpoint = strlen(key->endpoint) + 1;
	struct subject *s = calloc(1, sizeof(*s));
	char *text = malloc(zone + pool + endpoint);

	if (s == NULL || text == NULL) {
		free(s);
		free(text);
		return NULL;
	}
	s->hash = hash;
	s->texts = text;
	s->key.zone = memcpy(text, key->zone, zone);
	s->key.pool = memcpy(text + zone, key->pool, pool);
	s->key.endpoint = memcpy(text + zone + pool, key->endpoint, endpoint);
	return s;
}

/* The subject of a row, made when it is new; NULL when there is no room. */
static struct subject *
subject_get(struct health *health, const struct state_endpoint *row)
{
	struct endpoint_key key = endpoint_key_of(row);
	uint64_t hash = endpoint_key_hash(&key);
	struct subject **place;

	if (health->n >= health->size / 4 * TABLE_FULL &&
	    table_resize(health,
		health->size == 0 ? TABLE_FIRST : 2 * health->size) != 0)
		goto no_memory;
	place = table_find(health, hash, &key);
	if (*place != NULL)
		return *place;
	if (health->n >= HEALTH_MAX_ENDPOINTS) {
		say_dropped(health, "too many endpoints");
		return NULL;
	}
	*place = subject_create(hash, &key);
	if (*place == NULL)
		goto no_memory;
	health->n++;
	return *place;
no_memory:
	say_dropped(health, "no memory");
	return NULL;
}

/* The vote of a vantage on a subject, made when it is new. */
static struct vote *
vote_get(struct health *health, struct subject *s, uint16_t vantage)
{
	struct vote *grown;
	size_t size;

	for (size_t i = 0; i < s->n; i++)
		if (s->votes[i].vantage == vantage)
			return &s->votes[i];
	if (s->n == s->size) {
		size = s->n == 0 ? 1 : 2 * s->n;
		grown = realloc(s->votes, size * sizeof(*grown));
		if (grown == NULL) {
			say_dropped(health, "no memory");
			return NULL;
		}
		s->votes = grown;
		s->size = size;
	}
	s->votes[s->n].vantage = vantage;
	return &s->votes[s->n++];
}

void
health_endpoint(struct health *health, const struct state_endpoint *row)
{
	struct vantage *vantage = vantage_get(health, row->vantage);
	struct subject *subject;
	struct vote *vote;

	if (vantage == NULL)
		return;
	subject = subject_get(health, row);
	if (subject == NULL)
		return;
	vote =
	    vote_get(health, subject, (uint16_t)(vantage - health->vantages));
	if (vote == NULL)
		return;
	vote->health = (uint8_t)row->health;
	vote->passes = row->passes;
	vote->fails = row->fails;
	vote->checked_ms = row->checked_ms;
	vote->change = health->change;
}

void
health_commit(struct health *health)
{
	size_t v, kept;

	for (size_t i = 0; health->full && i < health->size; i++) {
		struct subject *s = health->table[i];

		if (s == NULL)
			continue;
		for (kept = v = 0; v < s->n; v++) {
			const struct vote *vote = &s->votes[v];

			if (vote->change == health->change ||
			    health->vantages[vote->vantage].change !=
				health->change)
				s->votes[kept++] = *vote;
		}
		s->n = kept;
	}
	/* Of the same size: drops the empty ones.  Without memory they stay,
	 * and do no harm. */
	if (health->full && health->size != 0)
		table_resize(health, health->size);
	health->full = false;
}

static bool
vantage_fresh(
    const struct health *health, const struct vantage *v, int64_t mono_ms)
{
	return v->heard &&
	    mono_ms - v->alive_ms <= (int64_t)health->stale_after_ms;
}

static bool
vote_fresh(const struct health *health, const struct policy_check *check,
    const struct vote *vote, int64_t mono_ms)
{
	const struct vantage *v = &health->vantages[vote->vantage];
	uint64_t age = 2 * check->every_ms + check->timeout_ms;

	if (age < health->stale_after_ms)
		age = health->stale_after_ms;
	return vantage_fresh(health, v, mono_ms) &&
	    v->heartbeat_ms - vote->checked_ms <= (int64_t)age;
}

static void
count_vote(struct count *count, const struct vote *vote)
{
	count->up += vote->health == HEALTH_UP;
	count->down += vote->health == HEALTH_DOWN;
}

/* Do the votes make it up?  At least one was cast. */
static bool
quorum(const struct policy_check *check, const struct count *count)
{
	unsigned all = count->up + count->down, need = check->quorum_count;

	switch (check->quorum) {
	case QUORUM_ANY:
		return count->up > 0;
	case QUORUM_ALL:
		return count->down == 0;
	case QUORUM_COUNT:
		return count->up >= (need < all ? need : all);
	case QUORUM_MAJORITY:
		break;
	}
	return count->up >= count->down;
}

static enum usable
judge_stale(enum stale_then then, const struct policy_check *check,
    const struct count *known)
{
	bool up = then == STALE_UP;

	if (then == STALE_KEEP)
		up = quorum(check, known);
	return up ? USABLE_YES : USABLE_NO;
}

/* Seconds until the streak of ${vote} may turn it; LIVE_NOT_PENDING. */
static uint32_t
vote_pending(const struct policy_check *check, const struct vote *vote)
{
	uint64_t need, left;
	unsigned have, of;

	if (vote->health == HEALTH_UP && vote->fails > 0) {
		have = vote->fails;
		of = check->fall;
	} else if (vote->health == HEALTH_DOWN && vote->passes > 0) {
		have = vote->passes;
		of = check->rise;
	} else {
		return LIVE_NOT_PENDING;
	}
	need = have < of ? of - have : 0;
	left = (need * check->every_ms + 999) / 1000;
	return left < LIVE_NOT_PENDING ? (uint32_t)left : LIVE_NOT_PENDING;
}

/* How usable an endpoint with a check is, and when that may change. */
static enum usable
judge(const struct health *health, const struct policy_check *check,
    const struct policy_endpoint *e, int64_t mono_ms, uint32_t *pending_s)
{
	struct count fresh = {0}, known = {0};
	const struct subject *s;

	*pending_s = LIVE_NOT_PENDING;
	if (health->size == 0)
		return USABLE_UNCHECKED;
	s = *table_find(health, e->hash, &e->key);
	if (s == NULL)
		return USABLE_UNCHECKED;
	for (size_t i = 0; i < s->n; i++) {
		const struct vote *vote = &s->votes[i];
		uint32_t pending;

		count_vote(&known, vote);
		if (!vote_fresh(health, check, vote, mono_ms))
			continue;
		count_vote(&fresh, vote);
		pending = vote_pending(check, vote);
		if (pending < *pending_s)
			*pending_s = pending;
	}
	if (known.up + known.down == 0)
		return USABLE_UNCHECKED;
	if (fresh.up + fresh.down == 0)
		return judge_stale(health->then, check, &known);
	return quorum(check, &fresh) ? USABLE_YES : USABLE_NO;
}

struct live *
health_live(
    const struct health *health, const struct policy *policy, int64_t mono_ms)
{
	struct live *live = live_create(policy);
	const struct policy_group *group = policy->groups;
	const struct policy_group *end = group + policy->n_groups;
	uint32_t pending_s;

	if (live == NULL)
		return NULL;
	live->stale = health_age_ms(health, mono_ms) >= 0 &&
	    health_stale(health, mono_ms);
	for (uint32_t i = 0; i < policy->n_endpoints; i++) {
		const struct policy_endpoint *e = &policy->endpoints[i];
		struct live_group *mine;

		live->endpoint[i] = USABLE_YES;
		if (e->check == STEERING_NONE)
			continue;
		live->endpoint[i] = (uint8_t)judge(
		    health, &policy->checks[e->check], e, mono_ms, &pending_s);
		/* Groups stand in the order of their endpoints. */
		while (group < end && i >= group->first + group->n)
			group++;
		if (group == end || i < group->first)
			continue;
		mine = &live->group[group - policy->groups];
		if (pending_s < mine->pending_s)
			mine->pending_s = pending_s;
	}
	live_judge(live, policy);
	return live;
}

int64_t
health_age_ms(const struct health *health, int64_t mono_ms)
{
	int64_t youngest = -1;

	for (size_t i = 0; i < health->n_vantages; i++) {
		int64_t age = mono_ms - health->vantages[i].alive_ms;

		if (health->vantages[i].heard &&
		    (youngest < 0 || age < youngest))
			youngest = age;
	}
	return youngest;
}

bool
health_stale(const struct health *health, int64_t mono_ms)
{
	for (size_t i = 0; i < health->n_vantages; i++)
		if (vantage_fresh(health, &health->vantages[i], mono_ms))
			return false;
	return true;
}
