/*
 * The answer source of the server: the ladder over a struct snapshot.  Called
 * by respond() in every worker; holds nothing of its own.
 */
#include "dns/answer/snapshot.h"
#include "steering/ladder.h"

/* The slot of the counter of this outcome. */
static uint32_t
outcome(const struct policy_service *service, const struct decision *d)
{
	const struct policy_member *member = service->members;

	const uint32_t *slots;

	if (d->kind != ANSWER_RECORDS)
		return service->outcome_none;
	if (service->plain)
		return member->outcome[d->region];
	member += d->member;
	slots = service->pools || d->alternate == 0
	    ? member->outcome
	    : member->alternates[d->alternate - 1].outcome;
	/* Pools without a weight are not counted apart. */
	return slots != NULL ? slots[d->region] : service->outcome_none;
}

/* The record of the service, and the addresses that are its hints: those that
 * queries for A and AAAA get of the same choice. */
static void
add_binding(const struct snapshot *snapshot,
    const struct policy_binding *binding, const struct decision *d,
    struct answer *out)
{
	out->binding = &binding->record;
	if (!binding->hinted)
		out->n_sets = 0;
	for (unsigned i = 0; i < out->n_sets; i++) {
		out->sets[i] = live_set(snapshot->live, snapshot->policy,
		    d->endpoint[i], FORM_IPV4);
		out->ipv6[i] = live_set(snapshot->live, snapshot->policy,
		    d->endpoint[i], FORM_IPV6);
	}
}

static void
source_answer(const void *published, const struct answer_request *request,
    struct answer *out)
{
	const struct snapshot *snapshot = published;
	const struct policy *policy = snapshot->policy;
	const struct policy_service *service =
	    &policy->zones[request->zone].services[request->service];
	struct decision d;

	ladder_decide(service, policy, snapshot->live, request, NULL, &d);
	out->kind = d.kind;
	out->scope = d.scope;
	out->n_sets = d.n;
	out->stale = d.stale;
	out->resort = d.resort;
	out->by_sender = d.by_sender;
	out->reason = d.reason;
	out->ttl_s = d.ttl_s;
	out->outcome = outcome(service, &d);
	out->service = service->scopes;
	out->demand = d.demand;
	if (request->form >= ENDPOINT_FORMS) {
		add_binding(snapshot,
		    service->bindings[request->form - ENDPOINT_FORMS], &d, out);
		return;
	}
	for (unsigned i = 0; i < d.n; i++)
		out->sets[i] = live_set(
		    snapshot->live, policy, d.endpoint[i], request->form);
}

const struct answer_source ladder_source = {.answer = source_answer};
