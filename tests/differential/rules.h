/*
 * The differences between the servers that are accepted, each a rule with a
 * name that stands in differences.md.  Called by the differential test; knows
 * zones as text and answers as records, and no server's inside.
 */
#ifndef TESTS_DIFFERENTIAL_RULES_H
#define TESTS_DIFFERENTIAL_RULES_H

#include "tests/differential/exchange.h"

/*
 * A rule changes a reply in what it accepts, and in nothing else; true when it
 * has.  They are tried in the order of the table, as long as the answer that
 * one is about differs from ours.
 */
struct rule {
	const char *name;
	enum server server; /* whose answer it is about; MERIDIAN: both */
	bool (*apply)(struct exchange *x, enum server server);
	unsigned long uses;
};
extern struct rule rules[];
extern const size_t n_rules;

/* same = rules_compare(x): whether the three replies are the same, once the
 * rules have been applied if need be; sorts them. */
bool rules_compare(struct exchange *x);

/* The rules, in the files of the servers whose answers they are about. */
bool rule_any_one_set(struct exchange *x, enum server server);
bool rule_glue_from_wildcard(struct exchange *x, enum server server);
bool rule_repeated_record(struct exchange *x, enum server server);
bool rule_svcb_own_name(struct exchange *x, enum server server);
bool rule_nsd_additional_limit(struct exchange *x, enum server server);
bool rule_nsd_chain_limit(struct exchange *x, enum server server);
bool rule_nsd_dname_below_itself(struct exchange *x, enum server server);
bool rule_nsd_ds_from_above(struct exchange *x, enum server server);
bool rule_nsd_hosts_behind_cut(struct exchange *x, enum server server);
bool rule_nsd_nsec3_at_cname(struct exchange *x, enum server server);
bool rule_nsd_positive_ns(struct exchange *x, enum server server);
bool rule_nsd_proof_at_asterisk(struct exchange *x, enum server server);
bool rule_nsd_proof_behind_dname(struct exchange *x, enum server server);
bool rule_nsd_proof_below_wildcard(struct exchange *x, enum server server);
bool rule_nsd_proof_of_no_ds(struct exchange *x, enum server server);
bool rule_nsd_proof_opt_out(struct exchange *x, enum server server);
bool rule_nsd_shared_tree(struct exchange *x, enum server server);
bool rule_nsd_svcb_additional(struct exchange *x, enum server server);
bool rule_nsd_wildcard_host(struct exchange *x, enum server server);
bool rule_knot_chain_in_zone(struct exchange *x, enum server server);
bool rule_knot_chain_limit(struct exchange *x, enum server server);
bool rule_knot_dname_at_wildcard(struct exchange *x, enum server server);
bool rule_knot_nsec_at_cname(struct exchange *x, enum server server);
bool rule_knot_one_rrsig(struct exchange *x, enum server server);
bool rule_knot_proof_at_asterisk(struct exchange *x, enum server server);
bool rule_knot_proof_dname_at_wildcard(struct exchange *x, enum server server);
bool rule_knot_proof_for_nsec(struct exchange *x, enum server server);
bool rule_knot_proof_opt_out(struct exchange *x, enum server server);
bool rule_knot_svcb_behind_cut(struct exchange *x, enum server server);
bool rule_knot_proof_empty_wildcard(struct exchange *x, enum server server);
bool rule_knot_svcb_proof(struct exchange *x, enum server server);
bool rule_knot_svcb_wildcard(struct exchange *x, enum server server);
bool rule_knot_yxdomain(struct exchange *x, enum server server);

/* Helpers of several rules. */

/* Whether ${r} says NODATA where our answer goes on with a CNAME. */
bool stops_at_cname(const struct exchange *x, const struct reply *r);

/* Whether ${r} is our answer up to some CNAME, and nothing more. */
bool is_beginning(const struct exchange *x, const struct reply *r);

#endif
