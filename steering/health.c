/*
 * The health model: what each vantage said last of each endpoint, and the
 * quorum over it.  Called by the threads that follow the state database, never
 * by a worker; asks no endpoint itself.
 */
#include "steering/health.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/log.h"
#include "base/u64map.h"

/* What is stale before health_configure() says otherwise. */
#define STALE_AFTER_MS 30000

struct vantage {
	char name[STATE_NAME];
	char version[sizeof(((struct state_vantage *)NULL)->version)];
	bool heard;           /* a heartbeat came; else only endpoint rows */
	bool ended;           /* it gave its lease back */
	int64_t heartbeat_ms; /* wall clock of the vantage */
	int64_t ahead_ms;     /* of ours, when it came */
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

/* What all vantages said last of one endpoint. */
struct endpoint_votes {
	uint64_t hash;           /* of the key */
	struct endpoint_key key; /* of texts in the one block below */
	char *texts;
	struct vote *votes;
	size_t n, size;
};

struct health {
	struct vantage *vantages;
	size_t n_vantages, size_vantages;
	struct endpoint_votes *endpoints;
	size_t n_endpoints, size_endpoints;
	struct u64map index; /* numbers of endpoints, by the hash of the key */
	uint32_t change;     /* number of the change that is being taken */
	bool full;
	bool dropped; /* a row was dropped, and the log says so */
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
	u64map_init(&health->index);
	health->stale_after_ms = STALE_AFTER_MS;
	health->then = STALE_KEEP;
	return health;
}

static void
finish_endpoint(struct endpoint_votes *endpoint)
{
	free(endpoint->texts);
	free(endpoint->votes);
}

void
health_destroy(struct health *health)
{
	if (health == NULL)
		return;
	for (size_t i = 0; i < health->n_endpoints; i++)
		finish_endpoint(&health->endpoints[i]);
	u64map_finish(&health->index);
	free(health->endpoints);
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
get_vantage(struct health *health, const char *name)
{
	struct vantage *v, *grown;

	for (size_t i = 0; i < health->n_vantages; i++)
		if (strcmp(health->vantages[i].name, name) == 0)
			return &health->vantages[i];
	grown = array_grow(health->vantages, health->n_vantages,
	    &health->size_vantages, sizeof(*grown), HEALTH_MAX_VANTAGES);
	if (grown == NULL) {
		say_dropped(health,
		    health->n_vantages == HEALTH_MAX_VANTAGES
			? "too many vantages"
			: "no memory");
		return NULL;
	}
	health->vantages = grown;
	v = &health->vantages[health->n_vantages++];
	memset(v, 0, sizeof(*v));
	memcpy(v->name, name, strnlen(name, sizeof(v->name) - 1));
	return v;
}

void
health_vantage(struct health *health, const struct state_vantage *row,
    int64_t mono_ms, int64_t wall_ms)
{
	struct vantage *v = get_vantage(health, row->name);
	int64_t age = wall_ms - row->heartbeat_ms;

	if (v == NULL)
		return;
	v->change = health->change;
	memcpy(v->version, row->version, sizeof(v->version));
	v->ended = row->lease_until_ms == 0;
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
	v->ahead_ms = row->heartbeat_ms - wall_ms;
	v->heard = true;
}

/* What is known of the endpoint of a key; NULL when nothing is. */
static struct endpoint_votes *
find_endpoint(
    const struct health *health, uint64_t hash, const struct endpoint_key *key)
{
	size_t at;
	uint32_t number = u64map_first(&health->index, hash, &at);

	while (number != U64MAP_NONE &&
	    !endpoint_key_equal(&health->endpoints[number].key, key))
		number = u64map_next(&health->index, hash, &at);
	return number != U64MAP_NONE ? &health->endpoints[number] : NULL;
}

/* Copy a key.  0, or -1 without memory. */
static int
copy_key(struct endpoint_votes *out, const struct endpoint_key *key)
{
	size_t zone = strlen(key->zone) + 1, pool = strlen(key->pool) + 1;
	size_t endpoint = strlen(key->endpoint) + 1;
	char *text = malloc(zone + pool + endpoint);

	if (text == NULL)
		return -1;
	out->texts = text;
	out->key.zone = memcpy(text, key->zone, zone);
	out->key.pool = memcpy(text + zone, key->pool, pool);
	out->key.endpoint = memcpy(text + zone + pool, key->endpoint, endpoint);
	return 0;
}

/* A new endpoint, without a vote yet; NULL when there is no room. */
static struct endpoint_votes *
add_endpoint(
    struct health *health, uint64_t hash, const struct endpoint_key *key)
{
	struct endpoint_votes new = {.hash = hash}, *grown;

	grown = array_grow(health->endpoints, health->n_endpoints,
	    &health->size_endpoints, sizeof(new), HEALTH_MAX_ENDPOINTS);
	if (grown == NULL) {
		say_dropped(health,
		    health->n_endpoints == HEALTH_MAX_ENDPOINTS
			? "too many endpoints"
			: "no memory");
		return NULL;
	}
	health->endpoints = grown;
	if (copy_key(&new, key) != 0 ||
	    u64map_add(&health->index, hash, (uint32_t)health->n_endpoints) !=
		0) {
		finish_endpoint(&new);
		say_dropped(health, "no memory");
		return NULL;
	}
	health->endpoints[health->n_endpoints] = new;
	return &health->endpoints[health->n_endpoints++];
}

/* The vote of a vantage on an endpoint, made when it is new. */
static struct vote *
get_vote(struct health *health, struct endpoint_votes *e, uint16_t vantage)
{
	struct vote *grown;

	for (size_t i = 0; i < e->n; i++)
		if (e->votes[i].vantage == vantage)
			return &e->votes[i];
	grown = array_grow(
	    e->votes, e->n, &e->size, sizeof(*grown), HEALTH_MAX_VANTAGES);
	if (grown == NULL) {
		say_dropped(health, "no memory");
		return NULL;
	}
	e->votes = grown;
	e->votes[e->n] = (struct vote){.vantage = vantage};
	return &e->votes[e->n++];
}

void
health_endpoint(struct health *health, const struct state_endpoint *row)
{
	struct endpoint_key key = endpoint_key_of(row);
	uint64_t hash = endpoint_key_hash(&key);
	const struct vantage *vantage = get_vantage(health, row->vantage);
	struct endpoint_votes *endpoint;
	struct vote *vote;

	if (vantage == NULL)
		return;
	endpoint = find_endpoint(health, hash, &key);
	if (endpoint == NULL)
		endpoint = add_endpoint(health, hash, &key);
	if (endpoint == NULL)
		return;
	vote =
	    get_vote(health, endpoint, (uint16_t)(vantage - health->vantages));
	if (vote == NULL)
		return;
	vote->health = (uint8_t)row->health;
	vote->passes = row->passes;
	vote->fails = row->fails;
	vote->checked_ms = row->checked_ms;
	vote->change = health->change;
}

/* Forget the votes that a full change does not have, of vantages that are in
 * it. */
static void
forget_votes(const struct health *health, struct endpoint_votes *e)
{
	size_t kept = 0;

	for (size_t i = 0; i < e->n; i++) {
		const struct vote *vote = &e->votes[i];

		if (vote->change == health->change ||
		    health->vantages[vote->vantage].change != health->change)
			e->votes[kept++] = *vote;
	}
	e->n = kept;
}

/* Forget the endpoints that have no vote any more.  Without memory for the new
 * numbers of the others they stay, and do no harm. */
static void
forget_endpoints(struct health *health)
{
	struct u64map index;
	uint32_t kept = 0;

	u64map_init(&index);
	for (size_t i = 0; i < health->n_endpoints; i++)
		if (health->endpoints[i].n > 0 &&
		    u64map_add(&index, health->endpoints[i].hash, kept++) !=
			0) {
			u64map_finish(&index);
			return;
		}
	kept = 0;
	for (size_t i = 0; i < health->n_endpoints; i++)
		if (health->endpoints[i].n > 0)
			health->endpoints[kept++] = health->endpoints[i];
		else
			finish_endpoint(&health->endpoints[i]);
	health->n_endpoints = kept;
	u64map_finish(&health->index);
	health->index = index;
}

void
health_commit(struct health *health)
{
	bool empty = false;

	for (size_t i = 0; health->full && i < health->n_endpoints; i++) {
		forget_votes(health, &health->endpoints[i]);
		empty = empty || health->endpoints[i].n == 0;
	}
	if (empty)
		forget_endpoints(health);
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
	const struct endpoint_votes *all =
	    find_endpoint(health, e->hash, &e->key);

	*pending_s = LIVE_NOT_PENDING;
	if (all == NULL)
		return USABLE_UNCHECKED;
	for (size_t i = 0; i < all->n; i++) {
		const struct vote *vote = &all->votes[i];
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
		/* Groups are in the order of their endpoints. */
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

size_t
health_vantages(const struct health *health, int64_t mono_ms,
    struct health_vantage *out, size_t size)
{
	for (size_t i = 0; i < health->n_vantages && i < size; i++) {
		const struct vantage *v = &health->vantages[i];

		memset(&out[i], 0, sizeof(out[i]));
		memcpy(out[i].name, v->name, sizeof(out[i].name));
		memcpy(out[i].version, v->version, sizeof(out[i].version));
		out[i].state = vantage_fresh(health, v, mono_ms)
		    ? VANTAGE_FRESH
		    : VANTAGE_STALE;
		out[i].ended = v->ended;
		out[i].arrived_ms = v->heard ? v->alive_ms : -1;
		out[i].heartbeat_ms = v->heartbeat_ms;
		out[i].ahead_ms = v->ahead_ms;
	}
	return health->n_vantages;
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
