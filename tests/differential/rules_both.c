/* The accepted differences in which NSD and Knot DNS agree, see rules.h and
 * differences.md.  Called by the differential test only. */
#include <string.h>

#include "tests/differential/rules.h"

/* Whether the record is in ${r} once more, in this section or in the answer. */
static bool
is_repeated(const struct reply *r, const struct rr *rr)
{
	for (size_t i = 0; i < r->n; i++) {
		struct rr other = r->rrs[i];

		if (&r->rrs[i] == rr ||
		    (other.section != rr->section && other.section != ANSWER))
			continue;
		other.section = rr->section;
		if (rr_compare(&other, rr) == 0)
			return true;
	}
	return false;
}

bool
rule_repeated_record(struct exchange *x, enum server server)
{
	struct reply *r = x->replies[server];
	bool any = false;

	for (size_t i = r->n; i-- > 0;)
		if (is_repeated(r, &r->rrs[i])) {
			reply_remove(r, &r->rrs[i]);
			any = true;
		}
	return any;
}

/* Whether what the answer has at ${name} is one set and its signatures, beside
 * a DNAME that was applied. */
static bool
is_one_set(const struct reply *r, const uint8_t *name)
{
	uint16_t type = 0;

	for (size_t i = 0; i < r->n; i++) {
		const struct rr *rr = &r->rrs[i];

		if (rr->section != ANSWER || !wire_equal(rr->owner, name) ||
		    (type != 0 && rr_set(rr) == T_DNAME))
			continue;
		if (type != 0 && type != T_DNAME && type != rr_set(rr))
			return false;
		type = rr_set(rr);
	}
	return type != 0 && type != T_CNAME;
}

/* Take our records of a section, at ${name} or at any, in place of theirs. */
static void
exchange_records(struct reply *r, const struct reply *ours,
    enum section section, const uint8_t *name)
{
	for (size_t i = r->n; i-- > 0;)
		if (r->rrs[i].section == section &&
		    (name == NULL || wire_equal(r->rrs[i].owner, name)) &&
		    !reply_has(ours, &r->rrs[i]))
			reply_remove(r, &r->rrs[i]);
	for (size_t i = 0; i < ours->n; i++)
		if (ours->rrs[i].section == section &&
		    (name == NULL || wire_equal(ours->rrs[i].owner, name)) &&
		    !reply_has(r, &ours->rrs[i]))
			reply_add(r, &ours->rrs[i]);
}

/* Each gives a set of its own choice, where the chain ends, and what belongs to
 * it. */
bool
rule_any_one_set(struct exchange *x, enum server server)
{
	const struct reply *ours = x->replies[MERIDIAN];
	struct reply *r = x->replies[server];
	struct chain c;
	bool any = false;

	chain_follow(x, ours, &c);
	for (size_t i = 0; i < r->n; i++)
		any |= r->rrs[i].section == ANSWER &&
		    wire_equal(r->rrs[i].owner, c.to);
	if (x->type != T_ANY || !any || r->rcode != 0 ||
	    !is_one_set(ours, c.to))
		return false;
	exchange_records(r, ours, ANSWER, c.to);
	exchange_records(r, ours, ADDITIONAL, NULL);
	return true;
}

/* Whether the record was made from a wildcard behind a delegation of ${z}. */
static bool
is_expanded_glue(const struct zone_text *z, const struct rr *rr)
{
	const char *type = rr_set(rr) == T_A ? "A" : "AAAA";
	char name[NAME_TEXT], wildcard[NAME_TEXT];
	const char *above;

	wire_to_text(rr->owner, name);
	if (!text_at_or_below(name, z->apex) || zone_text_has(z, name, NULL))
		return false;
	for (above = name; strcmp(above, z->apex) != 0;) {
		above = text_parent(above);
		if (text_join(wildcard, "*", above) &&
		    zone_text_has(z, wildcard, type))
			return zone_text_behind_cut(z, above);
	}
	return false;
}

bool
rule_glue_from_wildcard(struct exchange *x, enum server server)
{
	struct reply *r = x->replies[server];
	size_t zone = exchange_last_zone(x, r);
	bool any = false;

	for (size_t i = zone != FAMILY_ZONES ? r->n : 0; i-- > 0;) {
		if (r->rrs[i].section != ADDITIONAL ||
		    (rr_set(&r->rrs[i]) != T_A &&
			rr_set(&r->rrs[i]) != T_AAAA) ||
		    !is_expanded_glue(&x->family->zones[zone], &r->rrs[i]))
			continue;
		reply_remove(r, &r->rrs[i]);
		any = true;
	}
	return any;
}

/* Whether the answer has an HTTPS record with a priority at ${owner} whose
 * target is the owner itself, written as ".". */
static bool
names_itself(const struct reply *r, const uint8_t *owner)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct rr *rr = &r->rrs[i];

		if (rr->section == ANSWER && rr->type == T_HTTPS &&
		    wire_equal(rr->owner, owner) && rr->data[2] == 0 &&
		    (rr->data[0] | rr->data[1]) != 0)
			return true;
	}
	return false;
}

bool
rule_svcb_own_name(struct exchange *x, enum server server)
{
	const struct reply *ours = x->replies[MERIDIAN];
	bool any = false;

	for (size_t i = 0; i < ours->n; i++) {
		const struct rr *rr = &ours->rrs[i];

		if (rr->section != ADDITIONAL ||
		    (rr_set(rr) != T_A && rr_set(rr) != T_AAAA) ||
		    reply_has(x->replies[server], rr) ||
		    !names_itself(ours, rr->owner))
			continue;
		reply_add(x->replies[server], rr);
		any = true;
	}
	return any;
}
