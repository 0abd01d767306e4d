/*
 * The jury: takes changes of the state database as a whole, and judges.  Called
 * by the health model and by who controls, never by a worker; asks no endpoint
 * itself.
 */
#include "steering/jury.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/log.h"
#include "steering/blind.h"
#include "steering/jury_private.h"

/* What is stale before jury_configure() says otherwise. */
#define STALE_AFTER_MS 30000

/* Blind vantages are looked for so often, and when a vote has turned. */
#define LOOK_MS 1000

/* What a vantage may miss, before jury_allow_missed() says otherwise. */
#define BLIND_PPM 500000

struct jury *
jury_create(void)
{
	struct jury *jury = calloc(1, sizeof(*jury));

	if (jury == NULL)
		return NULL;
	votes_init(&jury->votes);
	basis_init(&jury->basis);
	jury->vantages = &jury->tables[0];
	jury->next = &jury->tables[1];
	jury->vantages->stale_after_ms = STALE_AFTER_MS;
	jury->joined_ms = -1;
	jury->then = STALE_KEEP;
	jury->blind_ppm = BLIND_PPM;
	return jury;
}

void
jury_destroy(struct jury *jury)
{
	if (jury == NULL)
		return;
	votes_finish(&jury->votes);
	free(jury->number);
	free(jury->cast);
	free(jury);
}

void
jury_configure(struct jury *jury, uint64_t stale_after_ms, enum stale_then then)
{
	jury->vantages->stale_after_ms = stale_after_ms;
	jury->next->stale_after_ms = stale_after_ms;
	jury->then = then;
}

void
jury_allow_missed(struct jury *jury, uint32_t ppm)
{
	jury->blind_ppm = ppm;
}

void
jury_share(struct jury *jury, const char *node, int64_t mono_ms)
{
	cutoff_share(&jury->cutoff, node, mono_ms);
}

bool
jury_cut(const struct jury *jury, int64_t mono_ms)
{
	return cutoff_is(
	    &jury->cutoff, jury->vantages->stale_after_ms, mono_ms);
}

/* Of ${e}, or of the address of it that ${cast} is about; NULL without
 * memory. */
static struct ballot *
ballot_of(struct jury *jury, const struct cast *cast)
{
	struct endpoint_votes *e = &jury->votes.endpoint[cast->endpoint];

	return cast->address.family != 0 ? votes_address(e, &cast->address)
					 : &e->ballot;
}

struct quorum
jury_quorum(const struct jury *jury, int64_t mono_ms)
{
	return (struct quorum){
	    .vantages = jury->vantages,
	    .then = jury->then,
	    .joined_ms = jury->joined_ms,
	    .mono_ms = mono_ms,
	    .cut = jury_cut(jury, mono_ms),
	};
}

/* --- a change of the state database --- */

void
jury_begin(struct jury *jury, bool full)
{
	jury->change++;
	jury->full = full;
	jury->n_cast = 0;
	vantage_copy(jury->next, jury->vantages);
	vantage_begin(jury->next, full);
	jury->next_cutoff = jury->cutoff;
}

void
jury_vantage(struct jury *jury, const struct state_vantage *row,
    int64_t mono_ms, int64_t wall_ms)
{
	vantage_take(jury->next, row, jury->full, mono_ms, wall_ms);
}

void
jury_node(struct jury *jury, const struct state_node *row, int64_t mono_ms)
{
	cutoff_take(&jury->next_cutoff, row, mono_ms);
}

static void
say_dropped(struct jury *jury)
{
	if (!jury->dropped)
		log_warn("health: no memory: rows of the state database are "
			 "dropped");
	jury->dropped = true;
}

/* There is no room for the vote ${cast}: memory is out, or its endpoint has too
 * many addresses. */
static void
say_no_room(struct jury *jury, const struct cast *cast)
{
	const struct endpoint_votes *e = jury->votes.endpoint;

	if (cast->address.family == 0 || e == NULL ||
	    e[cast->endpoint].n_addresses < LIVE_MAX_KNOWN) {
		say_dropped(jury);
		return;
	}
	e += cast->endpoint;
	if (!jury->crowded)
		log_warn("health: %s %s %s has more than %d addresses: the "
			 "others are left out",
		    e->zone, e->pool, e->name, LIVE_MAX_KNOWN);
	jury->crowded = true;
}

/* Note a vote of ${vantage} on an endpoint or, unless it is NULL, an address of
 * it.  Rows of strangers, of endpoints that the policy has not or of vantages
 * without a row of their own, are nobody's word. */
static void
note_vote(struct jury *jury, const char *vantage,
    const struct endpoint_key *key, const struct address *address,
    const struct vote *vote)
{
	uint32_t endpoint =
	    votes_find(&jury->votes, endpoint_key_hash(key), key);
	uint32_t number = vantage_find(jury->next, vantage);
	struct cast *grown;

	if (endpoint == VOTES_NONE || number == VANTAGE_NONE)
		return;
	grown = array_grow(jury->cast, jury->n_cast, &jury->size_cast,
	    sizeof(*grown), SIZE_MAX);
	if (grown == NULL) {
		say_dropped(jury);
		return;
	}
	jury->cast = grown;
	jury->next->of[number].full = jury->full;
	grown += jury->n_cast++;
	*grown = (struct cast){.endpoint = endpoint, .vote = *vote};
	if (address != NULL)
		grown->address = *address;
	grown->vote.life = jury->next->of[number].life;
	grown->vote.change = jury->change;
	grown->vote.vantage = (uint16_t)number;
}

void
jury_endpoint(struct jury *jury, const struct state_endpoint *row)
{
	const struct endpoint_key key = endpoint_key_of(row);
	const struct vote vote = {.checked_ms = row->checked_ms,
	    .since_ms = row->since_ms,
	    .passes = row->passes,
	    .fails = row->fails,
	    .health = (uint8_t)row->health,
	    .deep = state_is_deep(row->reason)};

	note_vote(jury, row->vantage, &key, NULL, &vote);
}

void
jury_address(struct jury *jury, const struct state_address *row)
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
		note_vote(jury, row->vantage, &key, &address, &vote);
}

/* Rounds begin anew with the first vantage that is heard while none was, and
 * end when all have results. */
static void
move_rounds(struct jury *jury, bool again, int64_t mono_ms)
{
	struct quorum quorum = jury_quorum(jury, mono_ms);
	uint64_t stale_after_ms = jury->vantages->stale_after_ms;
	const struct votes *votes = &jury->votes;

	if (!again && !jury->rounds)
		return;
	for (size_t i = 0; i < votes->n; i++) {
		const struct endpoint_votes *e = &votes->endpoint[i];

		if (again)
			round_again(e->round, mono_ms);
		if (e->wanted == jury->adopted &&
		    !(e->round->over && e->round->judged))
			round_count(e->round, quorum_has_result(&quorum, e));
	}
	jury->rounds = false;
	for (size_t i = 0; i < votes->n; i++) {
		struct round *round = votes->endpoint[i].round;

		round_counted(round, mono_ms);
		jury->rounds |= round_moves(round, stale_after_ms, mono_ms);
	}
	basis_change(&jury->basis);
}

/* A vote that turns may blind a vantage, or show that it sees; nothing but time
 * does so else. */
static void
look_for_blind(struct jury *jury, int64_t mono_ms)
{
	const struct quorum quorum = jury_quorum(jury, mono_ms);
	bool news = !jury->looked || jury->votes.turned || jury->full;

	if (!news && mono_ms - jury->looked_ms < LOOK_MS)
		return;
	if (!news && mono_ms < jury->compared_until_ms &&
	    basis_look(&jury->basis, &quorum) == jury->compared_basis) {
		blind_go_on(jury->vantages, jury->blind_ppm, mono_ms);
	} else {
		jury->compared_until_ms = blind_look(
		    jury->vantages, &jury->votes, jury->blind_ppm, mono_ms);
		jury->compared_basis = basis_look(&jury->basis, &quorum);
	}
	jury->votes.turned = false;
	jury->looked = true;
	jury->looked_ms = mono_ms;
}

/* Take over the vantages of the change, and when one of them became fresh. */
static void
move_vantages(struct jury *jury)
{
	struct vantage_table *before = jury->vantages;

	jury->vantages = jury->next;
	jury->next = before;
	for (uint32_t i = 0; i < jury->vantages->n; i++) {
		const struct vantage *v = &jury->vantages->of[i];

		if (v->since_ms > jury->joined_ms)
			jury->joined_ms = v->since_ms;
	}
}

void
jury_commit(struct jury *jury, int64_t mono_ms)
{
	bool silent = !vantage_any_fresh(jury->vantages, mono_ms);

	move_vantages(jury);
	jury->cutoff = jury->next_cutoff;
	for (size_t i = 0; i < jury->n_cast; i++) {
		const struct cast *cast = &jury->cast[i];
		struct ballot *ballot = ballot_of(jury, cast);

		jury->votes.endpoint[cast->endpoint].decided.basis = 0;
		if (ballot == NULL ||
		    votes_cast(&jury->votes, ballot, &cast->vote, mono_ms) != 0)
			say_no_room(jury, cast);
	}
	jury->n_cast = 0;
	if (jury->full) {
		votes_sweep(
		    &jury->votes, jury->vantages, jury->change, jury->adopted);
		basis_change(&jury->basis);
		jury->rounds = true;
	}
	look_for_blind(jury, mono_ms);
	move_rounds(jury, silent && vantage_any_fresh(jury->vantages, mono_ms),
	    mono_ms);
	jury->full = false;
}
