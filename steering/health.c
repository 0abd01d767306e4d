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
#include "steering/blind.h"
#include "steering/cutoff.h"
#include "steering/quorum.h"
#include "steering/rounds.h"
#include "steering/slow_start.h"
#include "steering/votes.h"

/* What is stale before health_allow_missed() says otherwise. */
#define STALE_AFTER_MS 30000

/* Blind vantages are looked for so often, and when a vote has turned. */
#define LOOK_MS 1000

/* What a vantage may miss, before health_configure() says otherwise. */
#define BLIND_PPM 500000

/* A vote of the change that is being taken, on an endpoint or, where it has a
 * family, on an address of it. */
struct cast {
	uint32_t endpoint;
	struct address address;
	struct vote vote;
};

struct health {
	struct overlay *overlay;
	struct votes votes;
	/* As they are, and as the change that is being taken makes them. */
	struct vantage_table tables[2], *vantages, *next;
	struct cutoff cutoff, next_cutoff;
	struct cast *cast;
	size_t n_cast, size_cast;
	uint32_t change;  /* number of the change that is being taken */
	uint32_t adopted; /* number of the policy that was adopted last */
	bool full;
	bool dropped;      /* a row was dropped, and the log says so */
	bool crowded;      /* as was one of too many addresses */
	int64_t joined_ms; /* as in struct quorum */
	enum stale_then then;
	uint32_t blind_ppm;
	bool looked; /* for blind vantages, ever, and when */
	int64_t looked_ms;
};

struct health *
health_create(void)
{
	struct health *health = calloc(1, sizeof(*health));

	if (health == NULL)
		return NULL;
	health->overlay = overlay_create();
	if (health->overlay == NULL) {
		free(health);
		return NULL;
	}
	votes_init(&health->votes);
	health->vantages = &health->tables[0];
	health->next = &health->tables[1];
	health->vantages->stale_after_ms = STALE_AFTER_MS;
	health->joined_ms = -1;
	health->then = STALE_KEEP;
	health->blind_ppm = BLIND_PPM;
	return health;
}

void
health_destroy(struct health *health)
{
	if (health == NULL)
		return;
	overlay_destroy(health->overlay);
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

void
health_allow_missed(struct health *health, uint32_t ppm)
{
	health->blind_ppm = ppm;
}

void
health_share(struct health *health, const char *node, int64_t mono_ms)
{
	cutoff_share(&health->cutoff, node, mono_ms);
}

bool
health_cut(const struct health *health, int64_t mono_ms)
{
	return cutoff_is(
	    &health->cutoff, health->vantages->stale_after_ms, mono_ms);
}

/* Of ${e}, or of the address of it that ${cast} is about; NULL without
 * memory. */
static struct ballot *
ballot_of(struct health *health, const struct cast *cast)
{
	struct endpoint_votes *e = &health->votes.endpoint[cast->endpoint];

	return cast->address.family != 0 ? votes_address(e, &cast->address)
					 : &e->ballot;
}

static struct quorum
quorum_now(const struct health *health, int64_t mono_ms)
{
	return (struct quorum){
	    .vantages = health->vantages,
	    .then = health->then,
	    .joined_ms = health->joined_ms,
	    .mono_ms = mono_ms,
	    .cut = health_cut(health, mono_ms),
	};
}

/* --- the policy --- */

static bool
same_pool(const struct policy_endpoint *a, const struct policy_endpoint *b)
{
	return a->key.zone == b->key.zone && a->key.pool == b->key.pool;
}

/* Vantages speak of it: it has a check, or a name to look up. */
static bool
is_spoken_of(const struct policy_endpoint *e)
{
	return e->check != STEERING_NONE || e->resolved != STEERING_NONE;
}

static bool
some_spoken_of(const struct policy_endpoint *e, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is_spoken_of(&e[i]))
			return true;
	return false;
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

/* Keep the ${n} endpoints from ${e} on, those of one pool of ${policy}, in
 * ${round}.  0, or -1 without memory. */
static int
keep_endpoints(struct health *health, const struct policy *policy,
    const struct policy_endpoint *e, size_t n, struct round *round)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t number =
		    votes_find(&health->votes, e[i].hash, &e[i].key);

		/* Nobody has a result of it, and nobody waits for one. */
		if (!is_spoken_of(&e[i]))
			continue;
		if (number == VOTES_NONE) {
			number =
			    votes_add(&health->votes, e[i].hash, &e[i].key);
			if (number == VOTES_NONE)
				return -1;
			health->votes.endpoint[number].round =
			    round_join(round);
		}
		health->votes.endpoint[number].wanted = health->adopted;
		health->votes.endpoint[number].place =
		    vantage_place(policy->regions[e[i].region].name);
		health->votes.endpoint[number].at =
		    policy->regions[e[i].region].at;
	}
	return 0;
}

/* A round is as long as the slowest check takes of any of its endpoints. */
static void
slow_down(struct round *round, const struct policy_check *check)
{
	if (check->slow_ms > round->slow_ms)
		round->slow_ms = check->slow_ms;
	if (check->every_ms + check->timeout_ms <=
	    round->every_ms + round->timeout_ms)
		return;
	round->every_ms = check->every_ms;
	round->timeout_ms = check->timeout_ms;
}

static void
set_time(struct round *round, const struct policy *policy,
    const struct policy_endpoint *e, size_t n)
{
	round->every_ms = round->timeout_ms = round->slow_ms = 0;
	for (size_t i = 0; i < n; i++) {
		const struct policy_check *c;

		if (e[i].check == STEERING_NONE)
			continue;
		c = &policy->checks[e[i].check];
		for (size_t k = 0; k <= c->more; k++)
			slow_down(round, &c[k]);
	}
}

static int
keep_pool(struct health *health, const struct policy *policy,
    const struct policy_endpoint *e, size_t n, int64_t mono_ms)
{
	struct round *round = known_round(health, e, n);
	int status;

	/* A share of ours, so that it is freed if nothing joins it. */
	round = round_join(round != NULL ? round : round_create(mono_ms));
	if (round == NULL)
		return -1;
	set_time(round, policy, e, n);
	status = keep_endpoints(health, policy, e, n, round);
	round_leave(round);
	return status;
}

int
health_adopt(
    struct health *health, const struct policy *policy, int64_t mono_ms)
{
	const struct policy_endpoint *e = policy->endpoints;
	size_t n = 0, left = policy->n_endpoints;

	overlay_adopt(health->overlay);
	health->adopted++;
	health->looked = false;
	/* Those of a pool follow each other. */
	for (; left != 0; e += n, left -= n) {
		for (n = 1; n != left && same_pool(e, e + n);)
			n++;
		if (some_spoken_of(e, n) &&
		    keep_pool(health, policy, e, n, mono_ms) != 0)
			return -1;
	}
	return 0;
}

/* --- a change of the state database --- */

void
health_begin(struct health *health, bool full)
{
	overlay_begin(health->overlay, full);
	health->change++;
	health->full = full;
	health->n_cast = 0;
	vantage_copy(health->next, health->vantages);
	vantage_begin(health->next, full);
	health->next_cutoff = health->cutoff;
}

void
health_vantage(struct health *health, const struct state_vantage *row,
    int64_t mono_ms, int64_t wall_ms)
{
	vantage_take(health->next, row, health->full, mono_ms, wall_ms);
}

void
health_node(
    struct health *health, const struct state_node *row, int64_t mono_ms)
{
	cutoff_take(&health->next_cutoff, row, mono_ms);
}

static void
say_dropped(struct health *health)
{
	if (!health->dropped)
		log_warn("health: no memory: rows of the state database are "
			 "dropped");
	health->dropped = true;
}

/* There is no room for the vote ${cast}: memory is out, or its endpoint has too
 * many addresses. */
static void
say_no_room(struct health *health, const struct cast *cast)
{
	const struct endpoint_votes *e = health->votes.endpoint;

	if (cast->address.family == 0 || e == NULL ||
	    e[cast->endpoint].n_addresses < LIVE_MAX_KNOWN) {
		say_dropped(health);
		return;
	}
	e += cast->endpoint;
	if (!health->crowded)
		log_warn("health: %s %s %s has more than %d addresses: the "
			 "others are left out",
		    e->zone, e->pool, e->name, LIVE_MAX_KNOWN);
	health->crowded = true;
}

/* Note a vote of ${vantage} on an endpoint or, unless it is NULL, an address of
 * it.  Rows of strangers, of endpoints that the policy has not or of vantages
 * without a row of their own, are nobody's word. */
static void
note_vote(struct health *health, const char *vantage,
    const struct endpoint_key *key, const struct address *address,
    const struct vote *vote)
{
	uint32_t endpoint =
	    votes_find(&health->votes, endpoint_key_hash(key), key);
	uint32_t number = vantage_find(health->next, vantage);
	struct cast *grown;

	if (endpoint == VOTES_NONE || number == VANTAGE_NONE)
		return;
	grown = array_grow(health->cast, health->n_cast, &health->size_cast,
	    sizeof(*grown), SIZE_MAX);
	if (grown == NULL) {
		say_dropped(health);
		return;
	}
	health->cast = grown;
	health->next->of[number].full = health->full;
	grown += health->n_cast++;
	*grown = (struct cast){.endpoint = endpoint, .vote = *vote};
	if (address != NULL)
		grown->address = *address;
	grown->vote.life = health->next->of[number].life;
	grown->vote.change = health->change;
	grown->vote.vantage = (uint16_t)number;
}

void
health_endpoint(struct health *health, const struct state_endpoint *row)
{
	const struct endpoint_key key = endpoint_key_of(row);
	const struct vote vote = {.checked_ms = row->checked_ms,
	    .since_ms = row->since_ms,
	    .passes = row->passes,
	    .fails = row->fails,
	    .health = (uint8_t)row->health,
	    .deep = state_is_deep(row->reason)};

	note_vote(health, row->vantage, &key, NULL, &vote);
}

void
health_address(struct health *health, const struct state_address *row)
{
	const struct endpoint_key key = {row->zone, row->pool, row->endpoint};
	const struct vote vote = {.checked_ms = row->checked_ms,
	    .since_ms = row->since_ms,
	    .passes = row->passes,
	    .fails = row->fails,
	    .health = (uint8_t)row->health,
	    .deep = state_is_deep(row->reason)};
	struct address address;

	if (address_parse(row->address, &address) == 0)
		note_vote(health, row->vantage, &key, &address, &vote);
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

/* A vote that turns may blind a vantage, or show that it sees; nothing but time
 * does so else. */
static void
look_for_blind(struct health *health, int64_t mono_ms)
{
	if (health->looked && !health->votes.turned && !health->full &&
	    mono_ms - health->looked_ms < LOOK_MS)
		return;
	blind_look(
	    health->vantages, &health->votes, health->blind_ppm, mono_ms);
	health->votes.turned = false;
	health->looked = true;
	health->looked_ms = mono_ms;
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

	overlay_commit(health->overlay);
	move_vantages(health);
	health->cutoff = health->next_cutoff;
	for (size_t i = 0; i < health->n_cast; i++) {
		struct ballot *ballot = ballot_of(health, &health->cast[i]);

		if (ballot == NULL ||
		    votes_cast(&health->votes, ballot, &health->cast[i].vote,
			mono_ms) != 0)
			say_no_room(health, &health->cast[i]);
	}
	health->n_cast = 0;
	if (health->full)
		votes_sweep(&health->votes, health->vantages, health->change,
		    health->adopted);
	look_for_blind(health, mono_ms);
	move_rounds(health,
	    silent && vantage_any_fresh(health->vantages, mono_ms), mono_ms);
	health->full = false;
}

/* --- what it says --- */

/* A live with room for the addresses of all names; NULL without memory. */
static struct live *
make_live(const struct health *health, const struct policy *policy)
{
	struct live *live = live_create(policy);
	size_t addresses = 0;

	if (live == NULL || policy->n_resolved == 0)
		return live;
	for (size_t i = 0; i < health->votes.n; i++)
		addresses += health->votes.endpoint[i].n_addresses;
	if (live_room(live, addresses) == 0)
		return live;
	live_destroy(live);
	return NULL;
}

/* What votes on ${ballot} of ${e} decide.  What they decide by themselves is
 * kept for when none of them counts. */
static void
judge(const struct quorum *quorum, const struct policy_check *check,
    const struct endpoint_votes *e, struct ballot *ballot,
    struct quorum_verdict *out)
{
	quorum_judge(quorum, check, e, ballot, out);
	if (out->heard)
		ballot->last = (int8_t)out->usable;
}

/*
 * The addresses of endpoint number ${i}, which a name has: those of the
 * vantages that are to be believed most, and what all say of each.  ${out} gets
 * the least time that is pending of any of them.
 */
static void
judge_addresses(const struct quorum *quorum, const struct policy *policy,
    struct endpoint_votes *e, struct live *live, uint32_t i,
    struct quorum_verdict *out)
{
	uint32_t number = policy->endpoints[i].check;
	struct live_address known[LIVE_MAX_KNOWN];
	int most = TRUST_OLD;
	size_t n = 0;

	for (size_t k = 0; k < e->n_addresses; k++) {
		int trust = quorum_trust(quorum, e, &e->address[k].ballot);

		if (trust > most)
			most = trust;
	}
	for (size_t k = 0; k < e->n_addresses; k++) {
		struct address_votes *a = &e->address[k];
		struct quorum_verdict verdict = {
		    .usable = USABLE_YES, .pending_s = LIVE_NOT_PENDING};

		if (quorum_trust(quorum, e, &a->ballot) != most)
			continue;
		if (number != STEERING_NONE)
			judge(quorum, &policy->checks[number], e, &a->ballot,
			    &verdict);
		known[n++] = (struct live_address){.address = a->address,
		    .usable = (int8_t)verdict.usable,
		    .presumed = verdict.presumed};
		if (verdict.pending_s < out->pending_s)
			out->pending_s = verdict.pending_s;
	}
	live_resolve(live, policy, i, known, n);
}

/* For how long an endpoint whose pool has a slow start has been up: as long as
 * that address of it that has been for longest. */
static void
note_return(const struct quorum *quorum, const struct policy *policy,
    const struct endpoint_votes *e, struct live *live, uint32_t i)
{
	const struct policy_check *check;
	int64_t up_ms;

	if (!policy->endpoints[i].slow ||
	    policy->endpoints[i].check == STEERING_NONE)
		return;
	check = &policy->checks[policy->endpoints[i].check];
	up_ms = quorum_up_ms(quorum, check, e, &e->ballot);
	for (size_t k = 0; k < e->n_addresses; k++) {
		int64_t ms =
		    quorum_up_ms(quorum, check, e, &e->address[k].ballot);

		if (ms > up_ms)
			up_ms = ms;
	}
	if (up_ms >= 0)
		live_came_back(live, i, up_ms);
}

/* Endpoint number ${i}, to ${live}.  Returns the seconds until a change that
 * has begun may alter it. */
static uint32_t
judge_endpoint(struct health *health, const struct quorum *quorum,
    const struct policy *policy, struct live *live, uint32_t i)
{
	const struct policy_endpoint *e = &policy->endpoints[i];
	struct quorum_verdict verdict = {.pending_s = LIVE_NOT_PENDING};
	bool resolved = e->resolved != STEERING_NONE;
	struct endpoint_votes *votes;
	uint32_t number;

	if (e->check == STEERING_NONE && !resolved) {
		live->endpoint[i] = USABLE_YES;
		return LIVE_NOT_PENDING;
	}
	number = votes_find(&health->votes, e->hash, &e->key);
	if (number == VOTES_NONE)
		return LIVE_NOT_PENDING;
	votes = &health->votes.endpoint[number];
	if (resolved) {
		judge_addresses(quorum, policy, votes, live, i, &verdict);
	} else {
		judge(quorum, &policy->checks[e->check], votes, &votes->ballot,
		    &verdict);
		live->endpoint[i] = (int8_t)verdict.usable;
		live->presumed[i] = verdict.presumed;
	}
	note_return(quorum, policy, votes, live, i);
	return verdict.pending_s;
}

struct overlay *
health_overlay(struct health *health)
{
	return health->overlay;
}

/* Where all vantages are by ${policy}, to ${spot}.  False when none of its
 * checks asks for the nearest. */
static bool
find_spots(const struct health *health, const struct policy *policy,
    struct quorum_spot spot[VANTAGE_MAX])
{
	bool asked = false;

	for (size_t i = 0; i < policy->n_checks && !asked; i++)
		asked = policy->checks[i].quorum_near > 0;
	for (uint32_t v = 0; asked && v < health->vantages->n; v++) {
		const struct vantage *vantage = &health->vantages->of[v];

		spot[v].known = false;
		for (size_t i = 0; i < policy->n_regions; i++) {
			if (vantage_place(policy->regions[i].name) !=
			    vantage->place)
				continue;
			spot[v].known = true;
			spot[v].at = policy->regions[i].at;
		}
	}
	return asked;
}

struct live *
health_live(struct health *health, const struct policy *policy, int64_t mono_ms)
{
	struct live *live = make_live(health, policy);
	struct quorum quorum = quorum_now(health, mono_ms);
	struct quorum_spot spot[VANTAGE_MAX];

	if (live == NULL)
		return NULL;
	if (find_spots(health, policy, spot))
		quorum.spots = spot;
	live->stale = health->vantages->n > 0 && health_stale(health, mono_ms);
	for (uint32_t i = 0; i < policy->n_endpoints; i++)
		live->pending_s[i] =
		    judge_endpoint(health, &quorum, policy, live, i);
	(void)overlay_apply(health->overlay, policy, live, mono_ms);
	slow_start_lay(live, policy);
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
		    .blind = v->sight.state == SIGHT_BLIND,
		    .compared = v->sight.compared,
		    .missed = v->sight.missed,
		};
		memcpy(out[n - 1].region, v->region, sizeof(out[n - 1].region));
		memcpy(out[n - 1].node, v->node, sizeof(out[n - 1].node));
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
