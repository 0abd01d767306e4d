/* The accepted differences from Knot DNS, see rules.h and differences.md.
 * Called by the differential test only. */
#include <string.h>

#include "tests/differential/rules.h"
#include "tests/differential/verdict.h"

/* Its chain must be ours up to the name that is in another zone; NSD judges
 * the rest. */
bool
rule_knot_chain_in_zone(struct exchange *x, enum server server)
{
	const struct reply *r = x->replies[server];
	size_t zone = exchange_zone(x, x->name);
	uint8_t name[255];

	memcpy(name, x->name, wire_length(x->name));
	/* Chains that lead back to themselves end here too. */
	for (size_t hops = 0; hops <= r->n; hops++) {
		const struct rr *hop = reply_cname(x->replies[MERIDIAN], name);

		if (hop == NULL || !reply_has(r, hop))
			return false;
		memcpy(name, hop->data, hop->data_len);
		if (exchange_zone(x, name) == FAMILY_ZONES)
			return false;
		if (exchange_zone(x, name) != zone)
			return take_ours(x, server);
	}
	return false;
}

/* Also in a zone that has neither type. */
bool
rule_knot_nsec_at_cname(struct exchange *x, enum server server)
{
	return (x->type == T_RRSIG || x->type == T_NSEC) &&
	    stops_at_cname(x, x->replies[server]) && take_ours(x, server);
}

/* Five CNAMEs, or what five applications of a DNAME make. */
bool
rule_knot_chain_limit(struct exchange *x, enum server server)
{
	struct chain c;

	chain_follow(x, x->replies[server], &c);
	return c.hops >= 5 && is_beginning(x, x->replies[server]) &&
	    take_ours(x, server);
}

/* It goes on at the DNAME's target, and may find that there is no such name. */
bool
rule_knot_yxdomain(struct exchange *x, enum server server)
{
	const struct reply *r = x->replies[server];
	const struct reply *ours = x->replies[MERIDIAN];

	if (ours->rcode != 6 || (r->rcode != 6 && r->rcode != 3))
		return false;
	for (size_t i = 0; i < ours->n; i++)
		if (!reply_has(r, &ours->rrs[i]))
			return false;
	return take_ours(x, server);
}

/* Whether our record is the DNAME at an asterisk, or its signature, that ${rr}
 * tells at a name below. */
static bool
is_dname_above(const struct rr *ours, const struct rr *rr)
{
	struct rr renamed = *rr;

	renamed.owner = ours->owner;
	renamed.owner_len = ours->owner_len;
	return ours->owner[0] == 1 && ours->owner[1] == '*' &&
	    rr->owner_len > ours->owner_len &&
	    wire_at_or_below(rr->owner, ours->owner) &&
	    rr_compare(ours, &renamed) == 0;
}

/* Whether the answer has a DNAME at an asterisk. */
static bool
applied_wildcard_dname(const struct reply *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->rrs[i].section == ANSWER && r->rrs[i].type == T_DNAME &&
		    r->rrs[i].owner[0] == 1 && r->rrs[i].owner[1] == '*')
			return true;
	return false;
}

/* The DNAME at an asterisk, of which the name that was asked for is below, is
 * told as one at that very name; or SERVFAIL, where NSEC3 are to prove that
 * this name is not there. */
bool
rule_knot_dname_at_wildcard(struct exchange *x, enum server server)
{
	const struct reply *ours = x->replies[MERIDIAN];
	struct reply *r = x->replies[server];
	bool any = false;

	if (r->rcode == 2 && r->n == 0 && applied_wildcard_dname(ours))
		return take_ours(x, server);
	for (size_t i = 0; i < r->n; i++) {
		struct rr *rr = &r->rrs[i];

		if (rr->section != ANSWER || rr_set(rr) != T_DNAME)
			continue;
		for (size_t k = 0; k < ours->n; k++)
			if (is_dname_above(&ours->rrs[k], rr)) {
				rr->owner = ours->rrs[k].owner;
				rr->owner_len = ours->rrs[k].owner_len;
				any = true;
			}
	}
	return any;
}

/* Whether our record, of either section, is the wildcard's ${rr} under a name
 * below it. */
static bool
is_expansion(const struct rr *ours, const struct rr *rr)
{
	struct rr renamed = *rr;

	renamed.section = ours->section;
	renamed.owner = ours->owner;
	renamed.owner_len = ours->owner_len;
	return ours->section != AUTHORITY && rr_compare(ours, &renamed) == 0 &&
	    wire_at_or_below(ours->owner, rr->owner + 2) &&
	    !wire_equal(ours->owner, rr->owner);
}

/* Add what of ours a wildcard's record of ${r} stands for. */
static bool
add_expansions(struct reply *r, const struct reply *ours, const struct rr *rr)
{
	bool any = false;

	for (size_t i = 0; i < ours->n; i++) {
		if (!is_expansion(&ours->rrs[i], rr))
			continue;
		any = true;
		if (!reply_has(r, &ours->rrs[i]))
			reply_add(r, &ours->rrs[i]);
	}
	return any;
}

/* Targets that a wildcard covers: what they have is told with the asterisk, be
 * the wildcard behind a delegation or not. */
bool
rule_knot_svcb_wildcard(struct exchange *x, enum server server)
{
	const struct reply *ours = x->replies[MERIDIAN];
	struct reply *r = x->replies[server];
	bool any = false;

	if (reply_count_type(r, ANSWER, T_HTTPS) == 0)
		return false;
	for (size_t i = r->n; i-- > 0;) {
		struct rr rr = r->rrs[i];
		bool expanded;

		if (rr.section != ADDITIONAL || rr.owner[0] != 1 ||
		    rr.owner[1] != '*')
			continue;
		expanded = add_expansions(r, ours, &rr) ||
		    is_behind_cut(x, rr.owner + 2);
		if (expanded && !reply_has(ours, &rr))
			reply_remove(r, &r->rrs[i]);
		any |= expanded;
	}
	return any;
}

/* One of the signatures that are there, beside that of a DNAME which led to
 * its own owner. */
bool
rule_knot_one_rrsig(struct exchange *x, enum server server)
{
	const struct reply *ours = x->replies[MERIDIAN];
	struct reply *r = x->replies[server];
	struct chain c;
	size_t found = 0;

	chain_follow(x, ours, &c);
	for (size_t i = 0; i < r->n; i++)
		found += r->rrs[i].section == ANSWER &&
		    r->rrs[i].type == T_RRSIG &&
		    wire_equal(r->rrs[i].owner, c.to) &&
		    reply_has(ours, &r->rrs[i]);
	if (x->type != T_RRSIG || found == 0 || found > 2)
		return false;
	for (size_t i = 0; i < ours->n; i++)
		if (ours->rrs[i].section == ANSWER &&
		    ours->rrs[i].type == T_RRSIG &&
		    wire_equal(ours->rrs[i].owner, c.to) &&
		    !reply_has(r, &ours->rrs[i]))
			reply_add(r, &ours->rrs[i]);
	return true;
}

/* Proofs that a target is not there, in the additional section. */
bool
rule_knot_svcb_proof(struct exchange *x, enum server server)
{
	struct reply *r = x->replies[server];
	bool any = false;

	if (reply_count_type(r, ANSWER, T_HTTPS) == 0)
		return false;
	for (size_t i = r->n; i-- > 0;)
		if (r->rrs[i].section == ADDITIONAL &&
		    rr_is_proof(&r->rrs[i])) {
			reply_remove(r, &r->rrs[i]);
			any = true;
		}
	return any;
}

/* A name that begins with an asterisk is never taken for one that a wildcard
 * covers. */
bool
rule_knot_proof_at_asterisk(struct exchange *x, enum server server)
{
	const struct reply *ours = x->replies[MERIDIAN];
	bool asterisk = x->name[0] == 1 && x->name[1] == '*';

	for (size_t i = 0; i < ours->n; i++)
		asterisk |= ours->rrs[i].section == ANSWER &&
		    ours->rrs[i].type == T_CNAME && ours->rrs[i].data[0] == 1 &&
		    ours->rrs[i].data[1] == '*';
	return asterisk && verdict_take_proofs(x, server);
}

/* And that name is proved not to exist. */
bool
rule_knot_proof_dname_at_wildcard(struct exchange *x, enum server server)
{
	return applied_wildcard_dname(x->replies[MERIDIAN]) &&
	    verdict_take_proofs(x, server);
}

/* An answer without anything, which is not said to be authoritative, where an
 * opt-out leaves no proof that there is no such name. */
bool
rule_knot_proof_opt_out(struct exchange *x, enum server server)
{
	const struct reply *ours = x->replies[MERIDIAN];
	const struct reply *r = x->replies[server];
	size_t zone = exchange_last_zone(x, ours);

	return zone != FAMILY_ZONES && x->dnssec_ok &&
	    x->family->zones[zone].denial == DENIAL_OPTOUT &&
	    ours->rcode == 3 && r->rcode == 3 && r->n == 0 &&
	    !(r->flags & REPLY_AA) && take_ours(x, server);
}

/* NSEC that a wildcard gives: nothing proves that it may. */
bool
rule_knot_proof_for_nsec(struct exchange *x, enum server server)
{
	return x->type == T_NSEC && x->replies[MERIDIAN]->rcode == 0 &&
	    reply_count_type(x->replies[server], ANSWER, T_NSEC) > 0 &&
	    verdict_take_proofs(x, server);
}

/* What a target behind a delegation has beside addresses. */
bool
rule_knot_svcb_behind_cut(struct exchange *x, enum server server)
{
	struct reply *r = x->replies[server];
	bool any = false;

	for (size_t i = r->n; i-- > 0;)
		if (r->rrs[i].section == ADDITIONAL &&
		    rr_set(&r->rrs[i]) == T_HTTPS &&
		    is_behind_cut(x, r->rrs[i].owner)) {
			reply_remove(r, &r->rrs[i]);
			any = true;
		}
	return any;
}

/* Whether a wildcard with nothing at it, but below it, covers ${name}. */
static bool
is_empty_wildcard_for(const struct zone_text *z, const char *name)
{
	char wildcard[NAME_TEXT];
	bool below;

	while (strcmp(name, z->apex) != 0) {
		name = text_parent(name);
		if (!text_join(wildcard, "*", name) ||
		    zone_text_has(z, wildcard, NULL))
			continue;
		below = false;
		for (size_t i = 0; i < z->n_records; i++)
			below |=
			    text_at_or_below(z->records[i].owner, wildcard);
		if (below)
			return true;
	}
	return false;
}

/* A wildcard that is an empty non-terminal is not proved to be there. */
bool
rule_knot_proof_empty_wildcard(struct exchange *x, enum server server)
{
	const struct reply *ours = x->replies[MERIDIAN];
	size_t zone = exchange_last_zone(x, ours);
	char name[NAME_TEXT];
	struct chain c;

	chain_follow(x, ours, &c);
	wire_to_text(c.to, name);
	return zone != FAMILY_ZONES && ours->rcode == 0 &&
	    is_empty_wildcard_for(&x->family->zones[zone], name) &&
	    verdict_take_proofs(x, server);
}
