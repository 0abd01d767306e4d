/*
 * What the votes make of endpoints.  Called for those that the policy has;
 * keeps only what was decided last.
 */
#include "steering/jury_private.h"

#include <stdlib.h>

/* Where all vantages are by ${policy}.  False when none of its checks asks for
 * the nearest. */
static bool
find_spots(struct jury *jury, const struct policy *policy)
{
	bool asked = false;

	for (size_t i = 0; i < policy->n_checks && !asked; i++)
		asked = policy->checks[i].quorum_near > 0;
	for (uint32_t v = 0; asked && v < jury->vantages->n; v++) {
		const struct vantage *vantage = &jury->vantages->of[v];

		jury->spot[v].known = false;
		for (size_t i = 0; i < policy->n_regions; i++) {
			if (vantage_place(policy->regions[i].name) !=
			    vantage->place)
				continue;
			jury->spot[v].known = true;
			jury->spot[v].at = policy->regions[i].at;
		}
	}
	return asked;
}

/* The numbers of the votes on the endpoints of ${policy}; without memory they
 * are looked up each time. */
static void
have_numbers(struct jury *jury, const struct policy *policy)
{
	const struct policy_endpoint *e = policy->endpoints;
	uint32_t *grown;

	if (jury->numbered == policy &&
	    jury->numbering == jury->votes.numbering)
		return;
	jury->numbered = NULL;
	if (jury->size_number < policy->n_endpoints) {
		grown =
		    realloc(jury->number, policy->n_endpoints * sizeof(*grown));
		if (grown == NULL)
			return;
		jury->number = grown;
		jury->size_number = policy->n_endpoints;
	}
	for (size_t i = 0; i < policy->n_endpoints; i++)
		jury->number[i] =
		    votes_find(&jury->votes, e[i].hash, &e[i].key);
	jury->numbered = policy;
	jury->numbering = jury->votes.numbering;
}

void
jury_sit(struct jury *jury, const struct policy *policy, int64_t mono_ms)
{
	jury->quorum = jury_quorum(jury, mono_ms);
	if (find_spots(jury, policy))
		jury->quorum.spots = jury->spot;
	(void)basis_look(&jury->basis, &jury->quorum);
	have_numbers(jury, policy);
}

struct endpoint_votes *
jury_votes(struct jury *jury, const struct policy *policy, uint32_t i)
{
	const struct policy_endpoint *e = &policy->endpoints[i];
	uint32_t number = jury->numbered == policy
	    ? jury->number[i]
	    : votes_find(&jury->votes, e->hash, &e->key);

	return number != VOTES_NONE ? &jury->votes.endpoint[number] : NULL;
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
 * The addresses of an endpoint that a name has: those of the vantages that are
 * to be believed most, and what all say of each.
 */
static void
judge_addresses(const struct quorum *quorum, const struct policy_check *check,
    struct endpoint_votes *e, struct jury_word *out)
{
	int most = TRUST_OLD;

	out->verdict = (struct quorum_verdict){
	    .usable = USABLE_EMPTY, .pending_s = LIVE_NOT_PENDING};
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
		if (check != NULL)
			judge(quorum, check, e, &a->ballot, &verdict);
		out->known[out->n++] =
		    (struct live_address){.address = a->address,
			.usable = (int8_t)verdict.usable,
			.presumed = verdict.presumed};
		out->verdict.heard |= verdict.heard;
		if (verdict.usable > out->verdict.usable)
			out->verdict.usable = verdict.usable;
		if (verdict.pending_s < out->verdict.pending_s)
			out->verdict.pending_s = verdict.pending_s;
	}
}

/* Nothing of what it rests on has changed since. */
static bool
stands(const struct jury *jury, const struct decided *d)
{
	return d->basis == jury->basis.number &&
	    jury->quorum.mono_ms < d->until_ms;
}

/* An endpoint with addresses of its own, as was decided last where that
 * stands. */
static void
judge_again(const struct jury *jury, const struct policy_check *check,
    struct endpoint_votes *e, struct quorum_verdict *out)
{
	struct decided *d = &e->decided;

	if (stands(jury, d)) {
		/* Else it would not stand for long. */
		*out = (struct quorum_verdict){.usable = (enum usable)d->usable,
		    .presumed = d->presumed,
		    .heard = d->heard,
		    .pending_s = LIVE_NOT_PENDING,
		    .until_ms = d->until_ms};
		return;
	}
	judge(&jury->quorum, check, e, &e->ballot, out);
	*d = (struct decided){.basis = jury->basis.number,
	    .until_ms = out->until_ms,
	    .usable = (int8_t)out->usable,
	    .presumed = out->presumed,
	    .heard = out->heard};
}

void
jury_judge(struct jury *jury, const struct policy *policy, uint32_t i,
    struct endpoint_votes *votes, struct jury_word *out)
{
	const struct policy_endpoint *e = &policy->endpoints[i];
	const struct policy_check *check =
	    e->check != STEERING_NONE ? &policy->checks[e->check] : NULL;

	out->n = 0;
	if (e->resolved != STEERING_NONE)
		judge_addresses(&jury->quorum, check, votes, out);
	else
		judge_again(jury, check, votes, &out->verdict);
}

void
jury_say(struct jury *jury, const struct policy *policy,
    const struct endpoint_key *key, struct quorum_verdict *out)
{
	uint32_t number = votes_find(&jury->votes, endpoint_key_hash(key), key);
	struct endpoint_votes *votes;
	struct jury_word word;

	*out = (struct quorum_verdict){
	    .usable = USABLE_YES, .pending_s = LIVE_NOT_PENDING};
	if (number == VOTES_NONE)
		return;
	votes = &jury->votes.endpoint[number];
	if (votes->wanted != jury->adopted)
		return;
	jury_judge(jury, policy, votes->number, votes, &word);
	*out = word.verdict;
}

static int64_t
count_up_ms(const struct jury *jury, const struct policy_check *check,
    const struct endpoint_votes *e)
{
	int64_t up_ms = quorum_up_ms(&jury->quorum, check, e, &e->ballot);

	for (size_t k = 0; k < e->n_addresses; k++) {
		int64_t ms = quorum_up_ms(
		    &jury->quorum, check, e, &e->address[k].ballot);

		if (ms > up_ms)
			up_ms = ms;
	}
	return up_ms;
}

int64_t
jury_up_ms(const struct jury *jury, const struct policy_check *check,
    struct endpoint_votes *e)
{
	int64_t mono_ms = jury->quorum.mono_ms, up_ms;
	struct decided *d = &e->decided;

	if (stands(jury, d) && d->up_known)
		return d->up_from_ms != INT64_MAX ? mono_ms - d->up_from_ms
						  : -1;
	up_ms = count_up_ms(jury, check, e);
	/* It may be up since a moment that is yet to come, by its clock. */
	d->up_known = up_ms != 0;
	d->up_from_ms = up_ms >= 0 ? mono_ms - up_ms : INT64_MAX;
	return up_ms;
}

uint32_t
jury_find_vantage(const struct jury *jury, const char *name)
{
	return vantage_find(jury->vantages, name);
}

bool
jury_sets_aside(const struct jury *jury, uint32_t vantage, uint64_t place)
{
	return vantage < jury->vantages->n &&
	    vantage_set_aside(&jury->vantages->of[vantage], place);
}

bool
jury_hears(const struct jury *jury, uint32_t vantage, uint64_t place)
{
	return vantage < jury->vantages->n &&
	    !jury_sets_aside(jury, vantage, place) &&
	    vantage_trust(jury->vantages, &jury->vantages->of[vantage],
		jury->quorum.mono_ms) == TRUST_LIVE;
}

const struct vantage_table *
jury_vantages(const struct jury *jury)
{
	return jury->vantages;
}

size_t
jury_addresses(const struct jury *jury)
{
	size_t n = 0;

	for (size_t i = 0; i < jury->votes.n; i++)
		n += jury->votes.endpoint[i].n_addresses;
	return n;
}
