/* The table of the accepted differences, see rules.h and differences.md.
 * Called by the differential test only. */
#include "tests/differential/rules.h"

/* A wildcard's record that is told as it is may look like one that is repeated,
 * an owner's address like one of a name server; what takes a whole answer of a
 * server for ours comes last. */
struct rule rules[] = {
    {"knot-svcb-wildcard", KNOT, rule_knot_svcb_wildcard, 0},
    {"knot-dname-at-wildcard", KNOT, rule_knot_dname_at_wildcard, 0},
    {"repeated-record", MERIDIAN, rule_repeated_record, 0},
    {"any-one-set", MERIDIAN, rule_any_one_set, 0},
    {"glue-from-wildcard", MERIDIAN, rule_glue_from_wildcard, 0},
    {"nsd-wildcard-host", NSD, rule_nsd_wildcard_host, 0},
    {"nsd-positive-ns", NSD, rule_nsd_positive_ns, 0},
    {"nsd-svcb-additional", NSD, rule_nsd_svcb_additional, 0},
    {"nsd-hosts-behind-cut", NSD, rule_nsd_hosts_behind_cut, 0},
    {"nsd-additional-limit", NSD, rule_nsd_additional_limit, 0},
    {"svcb-own-name", MERIDIAN, rule_svcb_own_name, 0},
    {"knot-one-rrsig", KNOT, rule_knot_one_rrsig, 0},
    {"knot-svcb-behind-cut", KNOT, rule_knot_svcb_behind_cut, 0},
    {"knot-svcb-proof", KNOT, rule_knot_svcb_proof, 0},
    {"nsd-proof-at-asterisk", NSD, rule_nsd_proof_at_asterisk, 0},
    {"nsd-proof-opt-out", NSD, rule_nsd_proof_opt_out, 0},
    {"nsd-proof-behind-dname", NSD, rule_nsd_proof_behind_dname, 0},
    {"nsd-proof-below-wildcard", NSD, rule_nsd_proof_below_wildcard, 0},
    {"nsd-proof-of-no-ds", NSD, rule_nsd_proof_of_no_ds, 0},
    {"knot-proof-at-asterisk", KNOT, rule_knot_proof_at_asterisk, 0},
    {"knot-proof-dname-at-wildcard", KNOT, rule_knot_proof_dname_at_wildcard,
	0},
    {"knot-proof-for-nsec", KNOT, rule_knot_proof_for_nsec, 0},
    {"knot-proof-opt-out", KNOT, rule_knot_proof_opt_out, 0},
    {"knot-proof-empty-wildcard", KNOT, rule_knot_proof_empty_wildcard, 0},
    {"nsd-ds-from-above", NSD, rule_nsd_ds_from_above, 0},
    {"nsd-shared-tree", NSD, rule_nsd_shared_tree, 0},
    {"nsd-nsec3-at-cname", NSD, rule_nsd_nsec3_at_cname, 0},
    {"nsd-chain-limit", NSD, rule_nsd_chain_limit, 0},
    {"nsd-dname-below-itself", NSD, rule_nsd_dname_below_itself, 0},
    {"knot-chain-in-zone", KNOT, rule_knot_chain_in_zone, 0},
    {"knot-nsec-at-cname", KNOT, rule_knot_nsec_at_cname, 0},
    {"knot-chain-limit", KNOT, rule_knot_chain_limit, 0},
    {"knot-yxdomain", KNOT, rule_knot_yxdomain, 0},
};
const size_t n_rules = sizeof(rules) / sizeof(*rules);

static bool
same_all(const struct exchange *x)
{
	return same_reply(x->replies[MERIDIAN], x->replies[NSD]) &&
	    same_reply(x->replies[MERIDIAN], x->replies[KNOT]);
}

/* Whether the rule has changed something in an answer unlike ours. */
static bool
use(struct exchange *x, const struct rule *rule)
{
	bool used = false;

	for (unsigned s = NSD; s < SERVERS; s++) {
		if ((rule->server != MERIDIAN && rule->server != s) ||
		    same_reply(x->replies[MERIDIAN], x->replies[s]) ||
		    !rule->apply(x, (enum server)s))
			continue;
		reply_sort(x->replies[s]);
		used = true;
	}
	return used;
}

bool
rules_compare(struct exchange *x)
{
	for (unsigned s = 0; s < SERVERS; s++)
		reply_sort(x->replies[s]);
	for (size_t i = 0; i < n_rules && !same_all(x); i++)
		rules[i].uses += use(x, &rules[i]) ? 1 : 0;
	return same_all(x);
}

bool
stops_at_cname(const struct exchange *x, const struct reply *r)
{
	struct chain c;

	chain_follow(x, r, &c);
	if (r->rcode != 0 || reply_count_type(r, AUTHORITY, T_SOA) != 1 ||
	    reply_cname(x->replies[MERIDIAN], c.to) == NULL)
		return false;
	for (size_t i = 0; i < r->n; i++)
		if (!(r->rrs[i].section == AUTHORITY &&
			(rr_set(&r->rrs[i]) == T_SOA ||
			    rr_is_proof(&r->rrs[i]))) &&
		    !reply_has(x->replies[MERIDIAN], &r->rrs[i]))
			return false;
	return true;
}

bool
is_beginning(const struct exchange *x, const struct reply *r)
{
	const struct reply *ours = x->replies[MERIDIAN];

	if (r->rcode != 0 || r->n == 0)
		return false;
	for (size_t i = 0; i < r->n; i++)
		if (!reply_has(ours, &r->rrs[i]))
			return false;
	return true;
}
