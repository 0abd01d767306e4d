/* Judges our answers, see verdict.h.  Called by the differential test only. */
#include "tests/differential/verdict.h"

#include <stdlib.h>
#include <string.h>

#include "tests/differential/sign.h"
#include "tests/judge.h"

/* The zone that our whole chain of CNAMEs is in; FAMILY_ZONES when there are
 * several. */
static size_t
only_zone(const struct exchange *x)
{
	const struct reply *ours = x->replies[MERIDIAN];
	size_t zone = exchange_zone(x, x->name);

	for (size_t i = 0; i < ours->n; i++)
		if (ours->rrs[i].section == ANSWER &&
		    ours->rrs[i].type == T_CNAME &&
		    exchange_zone(x, ours->rrs[i].data) != zone &&
		    exchange_zone(x, ours->rrs[i].data) != FAMILY_ZONES)
			return FAMILY_ZONES;
	return zone;
}

/* The addresses behind delegations, which no one signs. */
static ldns_rr_list *
glue_of(const struct zone_text *z)
{
	ldns_rr_list *glue = ldns_rr_list_new();

	for (size_t i = 0; i < z->n_records; i++) {
		const struct record *r = &z->records[i];
		char text[NAME_TEXT + DATA_TEXT + 64];
		ldns_rr *rr;

		if ((strcmp(r->type, "A") != 0 &&
			strcmp(r->type, "AAAA") != 0) ||
		    !zone_text_behind_cut(z, r->owner))
			continue;
		snprintf(text, sizeof(text), "%s %u IN %s %s", r->owner,
		    r->ttl_s, r->type, r->data);
		if (ldns_rr_new_frm_str(&rr, text, 0, NULL, NULL) !=
		    LDNS_STATUS_OK)
			abort();
		ldns_rr_list_push_rr(glue, rr);
	}
	return glue;
}

/*
 * An opt-out may leave a name between a wildcard and the one that was asked for
 * without NSEC3 (RFC 5155, 7.1): then the wildcard seems to be the one for it,
 * and nothing can prove that the name is not there.
 */
static bool
is_unprovable(const struct exchange *x, const struct zone_text *z,
    const struct chain *chain)
{
	char name[NAME_TEXT], wildcard[NAME_TEXT];
	const char *above = name;

	if (z->denial != DENIAL_OPTOUT || x->replies[MERIDIAN]->rcode != 3)
		return false;
	wire_to_text(chain->to, name);
	while (strcmp(above, z->apex) != 0) {
		above = text_parent(above);
		if (text_join(wildcard, "*", above) &&
		    zone_text_has(z, wildcard, NULL))
			return true;
	}
	return false;
}

const char *
verdict_fault(const struct exchange *x)
{
	size_t zone = only_zone(x);
	const struct zone_text *z;
	struct chain chain;
	ldns_rr_list *keys, *glue;
	ldns_rdf *apex;
	struct judge judge;
	const char *fault;

	/* A chain that was cut short, or is a loop, has no end to judge. */
	chain_follow(x, x->replies[MERIDIAN], &chain);
	if (chain.hops >= OUR_CHAIN ||
	    reply_cname(x->replies[MERIDIAN], chain.to) != NULL)
		return NULL;
	if (!x->dnssec_ok || zone == FAMILY_ZONES ||
	    x->family->zones[zone].denial == DENIAL_NONE)
		return NULL;
	z = &x->family->zones[zone];
	if (is_unprovable(x, z, &chain))
		return NULL;
	keys = ldns_rr_list_new();
	ldns_rr_list_push_rr(keys, sign_dnskey(z->apex));
	glue = glue_of(z);
	apex = ldns_dname_new_frm_str(z->apex);
	judge = (struct judge){.keys = keys, .apex = apex, .glue = glue};
	fault = judge_message(&judge, x->message, x->lens[MERIDIAN]);
	ldns_rdf_deep_free(apex);
	ldns_rr_list_deep_free(glue);
	ldns_rr_list_deep_free(keys);
	return fault;
}

/* The next record of ${r} from ${i} on that is no proof; ${r}->n: none. */
static size_t
next_fact(const struct reply *r, size_t i)
{
	while (i < r->n && r->rrs[i].section == AUTHORITY &&
	    rr_is_proof(&r->rrs[i]))
		i++;
	return i;
}

static bool
same_facts(const struct reply *a, const struct reply *b)
{
	size_t i = next_fact(a, 0), k = next_fact(b, 0);

	if (a->rcode != b->rcode || a->flags != b->flags)
		return false;
	while (i < a->n && k < b->n) {
		if (rr_compare(&a->rrs[i], &b->rrs[k]) != 0)
			return false;
		i = next_fact(a, i + 1);
		k = next_fact(b, k + 1);
	}
	return i == a->n && k == b->n;
}

bool
verdict_take_proofs(struct exchange *x, enum server server)
{
	return same_facts(x->replies[MERIDIAN], x->replies[server]) &&
	    verdict_fault(x) == NULL && take_ours(x, server);
}
