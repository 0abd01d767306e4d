/*
 * The health model: takes changes of the state database as a whole, and makes
 * `live`.  Called by the threads that follow the database, never by a worker;
 * asks no endpoint itself.
 */
#include "steering/health.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/log.h"
#include "steering/quorum.h"
#include "steering/rounds.h"
#include "steering/votes.h"

/* What is stale before health_configure() says otherwise. */
#define STALE_AFTER_MS 30000

/* A vote of the change that is being taken, on an endpoint. */
struct cast {
	uint32_t endpoint;
	struct vote vote;
};

struct health {
	struct votes votes;
	/* As they are, and as the change that is being taken makes them. */
	struct vantage_table tables[2], *vantages, *next;
	struct cast *cast;
	size_t n_cast, size_cast;
	uint32_t change;  /* number of the change that is being taken */
	uint32_t adopted; /* number of the policy that was adopted last */
	bool full;
	bool dropped;      /* a row was dropped, and the log says so */
	int64_t joined_ms; /* as in struct quorum */
	enum stale_then then;
};

struct health *
health_create(void)
{
	struct health *health = calloc(1, sizeof(*health));

	if (health == NULL)
		return NULL;
	votes_init(&health->votes);
	health->vantages = &health->tables[0];
	health->next = &health->tables[1];
	health->vantages->stale_after_ms = STALE_AFTER_MS;
	health->joined_ms = -1;
	health->then = STALE_KEEP;
	return health;
}

void
health_destroy(struct health *health)
{
	if (health == NULL)
		return;
	votes_finish(&health->votes);
	free(health->cast);
	free(health);
}

void
health_configure(
    struct health *health, uint64_t stale_after_ms, enum stale_then then)
{
	health->vantages->stale_after_ms = stale_after_ms;
	health->next->stale_after_ms = stale_after_ms;
	health->then = then;
}

static struct quorum
quorum_now(const struct health *health, int64_t mono_ms)
{
	return (struct quorum){
	    .vantages = health->vantages,
	    .then = health->then,
	    .joined_ms = health->joined_ms,
	    .mono_ms = mono_ms,
	};
}

/* --- the policy --- */

static bool
same_pool(const struct policy_endpoint *a, const struct policy_endpoint *b)
{
	return a->key.zone == b->key.zone && a->key.pool == b->key.pool;
}

/* The round of the pool of the ${n} endpoints from ${e} on: that of those that
 * are known, or NULL. */
static struct round *
known_round(
    const struct health *health, const struct policy_endpoint *e, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t number =
		    votes_find(&health->votes, e[i].hash, &e[i].key);

		if (number != VOTES_NONE)
			return health->votes.endpoint[number].round;
	}
	return NULL;
}

/* Keep the ${n} endpoints from ${e} on, those of one pool with a check, in
 * ${round}.  0, or -1 without memory. */
static int
keep_endpoints(struct health *health, const struct policy_endpoint *e, size_t n,
    struct round *round)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t number =
		    votes_find(&health->votes, e[i].hash, &e[i].key);

		if (number == VOTES_NONE) {
			number =
			    votes_add(&health->votes, e[i].hash, &e[i].key);
			if (number == VOTES_NONE)
				return -1;
			health->votes.endpoint[number].round =
			    round_join(round);
		}
		health->votes.endpoint[number].wanted = health->adopted;
	}
	return 0;
}

static int
keep_pool(struct health *health, const struct policy_endpoint *e, size_t n,
    const struct policy_check *check, int64_t mono_ms)
{
	struct round *round = known_round(health, e, n);
	int status;

	/* A share of ours, so that it is freed if nothing joins it. */
	round = round_join(round != NULL ? round : round_create(mono_ms));
	if (round == NULL)
		return -1;
	round->every_ms = check->every_ms;
	round->timeout_ms = check->timeout_ms;
	status = keep_endpoints(health, e, n, round);
	round_leave(round);
	return status;
}

int
health_adopt(
    struct health *health, const struct policy *policy, int64_t mono_ms)
{
	const struct policy_endpoint *e = policy->endpoints;
	size_t n = 0, left = policy->n_endpoints;

	health->adopted++;
	/* Those of a pool follow each other, and have one check. */
	for (; left != 0; e += n, left -= n) {
		for (n = 1; n != left && same_pool(e, e + n);)
			n++;
		if (e->check != STEERING_NONE &&
		    keep_pool(
			health, e, n, &policy->checks[e->check], mono_ms) != 0)
			return -1;
	}
	return 0;
}

/* --- a change of the state database --- */

void
health_begin(struct health *health, bool full)
{
	health->change++;
	health->full = full;
	health->n_cast = 0;
	vantage_copy(health->next, health->vantages);
	vantage_begin(health->next, full);
}

void
health_vantage(struct health *health, const struct state_vantage *row,
    int64_t mono_ms, int64_t wall_ms)
{
	vantage_take(health->next, row, health->full, mono_ms, wall_ms);
}

static void
say_dropped(struct health *health)
{
	if (!health->dropped)
		log_warn("health: no memory: rows of the state database are "
			 "dropped");
	health->dropped = true;
}

/* Rows of strangers, of endpoints that the policy has not or of vantages
 * without a row of their own, are nobody's word. */
void
health_endpoint(struct health *health, const struct state_endpoint *row)
{
	struct endpoint_key key = endpoint_key_of(row);
	uint32_t endpoint =
	    votes_find(&health->votes, endpoint_key_hash(&key), &key);
	uint32_t vantage = vantage_find(health->next, row->vantage);
	struct cast *grown;

	if (endpoint == VOTES_NONE || vantage == VANTAGE_NONE)
		return;
	grown = array_grow(health->cast, health->n_cast, &health->size_cast,
	    sizeof(*grown), SIZE_MAX);
	if (grown == NULL) {
		say_dropped(health);
		return;
	}
	health->cast = grown;
	health->next->of[vantage].full = health->full;
	grown[health->n_cast++] = (struct cast){
	    .endpoint = endpoint,
	    .vote = {.checked_ms = row->checked_ms,
		.passes = row->passes,
		.fails = row->fails,
		.life = health->next->of[vantage].life,
		.change = health->change,
		.vantage = (uint16_t)vantage,
		.health = (uint8_t)row->health},
	};
}

/* Rounds begin anew with the first vantage that is heard while none was, and
 * end when all have results. */
static void
move_rounds(struct health *health, bool again, int64_t mono_ms)
{
	struct quorum quorum = quorum_now(health, mono_ms);
	const struct votes *votes = &health->votes;

	for (size_t i = 0; i < votes->n; i++) {
		const struct endpoint_votes *e = &votes->endpoint[i];

		if (again)
			round_again(e->round, mono_ms);
		if (e->wanted == health->adopted &&
		    !(e->round->over && e->round->judged))
			round_count(e->round, quorum_has_result(&quorum, e));
	}
	for (size_t i = 0; i < votes->n; i++)
		round_counted(votes->endpoint[i].round, mono_ms);
}

/* Take over the vantages of the change, and when one of them became fresh. */
static void
move_vantages(struct health *health)
{
	struct vantage_table *before = health->vantages;

	health->vantages = health->next;
	health->next = before;
	for (uint32_t i = 0; i < health->vantages->n; i++) {
		const struct vantage *v = &health->vantages->of[i];

		if (v->since_ms > health->joined_ms)
			health->joined_ms = v->since_ms;
	}
}

void
health_commit(struct health *health, int64_t mono_ms)
{
	bool silent = !vantage_any_fresh(health->vantages, mono_ms);

	move_vantages(health);
	for (size_t i = 0; i < health->n_cast; i++)
		if (votes_cast(&health->votes, health->cast[i].endpoint,
			&health->cast[i].vote, mono_ms) != 0)
			say_dropped(health);
	health->n_cast = 0;
	if (health->full)
		votes_sweep(&health->votes, health->vantages, health->change,
		    health->adopted);
	move_rounds(health,
	    silent && vantage_any_fresh(health->vantages, mono_ms), mono_ms);
	health->full = false;
}

/* --- what it says --- */

struct live *
health_live(
    const struct health *health, const struct policy *policy, int64_t mono_ms)
{
	struct live *live = live_create(policy);
	size_t group = 0;
	struct quorum quorum = quorum_now(health, mono_ms);

	if (live == NULL)
		return NULL;
	live->stale = health->vantages->n > 0 && health_stale(health, mono_ms);
	for (uint32_t i = 0; i < policy->n_endpoints; i++) {
		const struct policy_endpoint *e = &policy->endpoints[i];
		struct quorum_verdict verdict;
		uint32_t number;

		live->endpoint[i] = USABLE_YES;
		if (e->check == STEERING_NONE)
			continue;
		number = votes_find(&health->votes, e->hash, &e->key);
		if (number == VOTES_NONE) {
			live->endpoint[i] = USABLE_UNCHECKED;
			continue;
		}
		quorum_judge(&quorum, &policy->checks[e->check],
		    &health->votes.endpoint[number], &verdict);
		live->endpoint[i] = (int8_t)verdict.usable;
		live->presumed[i] = verdict.presumed;
		/* Groups are in the order of their endpoints. */
		while (group < policy->n_groups &&
		    i >= policy->groups[group].first + policy->groups[group].n)
			group++;
		if (group < policy->n_groups &&
		    i >= policy->groups[group].first &&
		    verdict.pending_s < live->group[group].pending_s)
			live->group[group].pending_s = verdict.pending_s;
	}
	live_judge(live, policy);
	return live;
}

int64_t
health_age_ms(const struct health *health, int64_t mono_ms)
{
	int64_t last = -1;

	for (uint32_t i = 0; i < health->vantages->n; i++)
		if (health->vantages->of[i].arrived_ms > last)
			last = health->vantages->of[i].arrived_ms;
	return last < 0 ? -1 : mono_ms - last;
}

size_t
health_vantages(const struct health *health, int64_t mono_ms,
    struct health_vantage *out, size_t size)
{
	size_t n = 0;

	for (uint32_t i = 0; i < health->vantages->n; i++) {
		const struct vantage *v = &health->vantages->of[i];
		enum vantage_state state =
		    vantage_state(health->vantages, v, mono_ms);

		if (!v->listed && state == VANTAGE_STALE)
			continue;
		if (n++ >= size)
			continue;
		out[n - 1] = (struct health_vantage){
		    .state = state,
		    .ended = v->ended,
		    .arrived_ms = v->arrived_ms,
		    .heartbeat_ms = v->heartbeat_ms,
		    .ahead_ms = v->ahead_ms,
		};
		memcpy(out[n - 1].name, v->name, sizeof(v->name));
		memcpy(out[n - 1].version, v->version, sizeof(v->version));
	}
	return n;
}

bool
health_stale(const struct health *health, int64_t mono_ms)
{
	for (uint32_t i = 0; i < health->vantages->n; i++)
		if (vantage_state(health->vantages, &health->vantages->of[i],
			mono_ms) != VANTAGE_STALE)
			return false;
	return true;
}
