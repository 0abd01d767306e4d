/*
 * Which endpoints the jury judges, and the rounds of their pools.  Called when
 * a policy is taken up; judges nothing.
 */
#include "steering/jury_private.h"

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
known_round(const struct jury *jury, const struct policy_endpoint *e, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t number =
		    votes_find(&jury->votes, e[i].hash, &e[i].key);

		if (number != VOTES_NONE)
			return jury->votes.endpoint[number].round;
	}
	return NULL;
}

/* Keep the ${n} endpoints from ${e} on, those of one pool of ${policy}, in
 * ${round}.  0, or -1 without memory. */
static int
keep_endpoints(struct jury *jury, const struct policy *policy,
    const struct policy_endpoint *e, size_t n, struct round *round)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t number =
		    votes_find(&jury->votes, e[i].hash, &e[i].key);

		/* Nobody has a result of it, and nobody waits for one. */
		if (!is_spoken_of(&e[i]))
			continue;
		if (number == VOTES_NONE) {
			number = votes_add(&jury->votes, e[i].hash, &e[i].key);
			if (number == VOTES_NONE)
				return -1;
			jury->votes.endpoint[number].round = round_join(round);
		}
		jury->votes.endpoint[number].wanted = jury->adopted;
		jury->votes.endpoint[number].number =
		    (uint32_t)(e + i - policy->endpoints);
		jury->votes.endpoint[number].place =
		    vantage_place(policy->regions[e[i].region].name);
		jury->votes.endpoint[number].at =
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
keep_pool(struct jury *jury, const struct policy *policy,
    const struct policy_endpoint *e, size_t n, int64_t mono_ms)
{
	struct round *round = known_round(jury, e, n);
	int status;

	/* A share of ours, so that it is freed if nothing joins it. */
	round = round_join(round != NULL ? round : round_create(mono_ms));
	if (round == NULL)
		return -1;
	set_time(round, policy, e, n);
	status = keep_endpoints(jury, policy, e, n, round);
	round_leave(round);
	return status;
}

int
jury_adopt(struct jury *jury, const struct policy *policy, int64_t mono_ms)
{
	const struct policy_endpoint *e = policy->endpoints;
	size_t n = 0, left = policy->n_endpoints;

	jury->adopted++;
	jury->looked = false;
	jury->rounds = true;
	jury->numbered = NULL;
	basis_change(&jury->basis);
	/* Those of a pool follow each other. */
	for (; left != 0; e += n, left -= n) {
		for (n = 1; n != left && same_pool(e, e + n);)
			n++;
		if (some_spoken_of(e, n) &&
		    keep_pool(jury, policy, e, n, mono_ms) != 0)
			return -1;
	}
	return 0;
}
