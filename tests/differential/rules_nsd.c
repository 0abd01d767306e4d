/* The accepted differences from NSD, see rules.h and differences.md.  Called by
 * the differential test only. */
#include <string.h>

#include "tests/differential/rules.h"
#include "tests/differential/verdict.h"

/* Name servers of a zone that are looked at. */
#define SERVERS_MAX 16
/* It leaves additional records out of packets that get long, of 1480 octets
 * with them at the least and of some 1100 with names as long as they can be. */
#define FULL_AT 1050

/* Whether a record of the answer section names this host. */
static bool
is_named(const struct reply *r, const uint8_t *name)
{
	for (size_t i = 0; i < r->n; i++) {
		const uint8_t *host = rr_host(&r->rrs[i]);

		if (r->rrs[i].section == ANSWER && host != NULL &&
		    wire_equal(host, name))
			return true;
	}
	return false;
}

bool
rule_nsd_positive_ns(struct exchange *x, enum server server)
{
	struct reply *r = x->replies[server];
	const struct reply *ours = x->replies[MERIDIAN];
	uint8_t servers[SERVERS_MAX][255];
	size_t n = 0;

	if (!(r->flags & REPLY_AA) || reply_count(r, ANSWER) == 0 ||
	    reply_count_type(r, AUTHORITY, T_SOA) != 0 ||
	    reply_count_type(ours, AUTHORITY, T_NS) != 0)
		return false;
	for (size_t i = 0; i < r->n; i++) {
		const struct rr *rr = &r->rrs[i];
		size_t zone = exchange_zone(x, rr->owner);

		if (rr->section != AUTHORITY || rr->type != T_NS)
			continue;
		if (zone == FAMILY_ZONES ||
		    !wire_equal(x->apexes[zone], rr->owner))
			return false;
		if (n < SERVERS_MAX)
			memcpy(servers[n++], rr->data, rr->data_len);
	}
	for (size_t i = n > 0 ? r->n : 0; i-- > 0;) {
		struct rr *rr = &r->rrs[i];
		bool gone = rr->section == AUTHORITY && rr_set(rr) == T_NS;

		for (size_t k = 0; k < n; k++)
			gone |= rr->section == ADDITIONAL &&
			    wire_equal(rr->owner, servers[k]) &&
			    !is_named(r, rr->owner);
		if (gone)
			reply_remove(r, rr);
	}
	return n > 0;
}

/* It adds nothing for HTTPS. */
bool
rule_nsd_svcb_additional(struct exchange *x, enum server server)
{
	const struct reply *ours = x->replies[MERIDIAN];
	bool any = false;

	for (size_t i = 0; i < ours->n; i++) {
		const struct rr *rr = &ours->rrs[i];

		if (rr->section != ADDITIONAL ||
		    (rr_set(rr) != T_A && rr_set(rr) != T_AAAA &&
			rr_set(rr) != T_HTTPS) ||
		    reply_has(x->replies[server], rr))
			continue;
		for (size_t k = 0; k < ours->n; k++)
			if (ours->rrs[k].section == ANSWER &&
			    ours->rrs[k].type == T_HTTPS &&
			    wire_equal(rr_host(&ours->rrs[k]), rr->owner)) {
				reply_add(x->replies[server], rr);
				any = true;
				break;
			}
	}
	return any;
}

/* The additional section ends where the packet has some length. */
bool
rule_nsd_additional_limit(struct exchange *x, enum server server)
{
	const struct reply *ours = x->replies[MERIDIAN];
	bool any = false;

	if (x->lens[server] < FULL_AT)
		return false;
	for (size_t i = 0; i < ours->n; i++)
		if (ours->rrs[i].section == ADDITIONAL &&
		    !reply_has(x->replies[server], &ours->rrs[i])) {
			reply_add(x->replies[server], &ours->rrs[i]);
			any = true;
		}
	return any;
}

/* Addresses from behind a delegation are told with referrals only. */
bool
rule_nsd_hosts_behind_cut(struct exchange *x, enum server server)
{
	const struct reply *ours = x->replies[MERIDIAN];
	bool any = false;

	for (size_t i = 0; i < ours->n; i++) {
		const struct rr *rr = &ours->rrs[i];

		if (rr->section != ADDITIONAL ||
		    (rr_set(rr) != T_A && rr_set(rr) != T_AAAA) ||
		    reply_has(x->replies[server], rr) ||
		    !is_behind_cut(x, rr->owner) || !is_named(ours, rr->owner))
			continue;
		reply_add(x->replies[server], rr);
		any = true;
	}
	return any;
}

/* Whether our record is ${rr} under a name that is more labels below the
 * parent of its owner. */
static bool
is_deeper(const struct rr *ours, const struct rr *rr)
{
	const uint8_t *parent = rr->owner + rr->owner[0] + 1;
	struct rr renamed = *rr;

	renamed.owner = ours->owner;
	renamed.owner_len = ours->owner_len;
	return rr->owner[0] != 0 && ours->owner_len > rr->owner_len &&
	    rr_compare(ours, &renamed) == 0 &&
	    wire_at_or_below(ours->owner, parent);
}

/* An address that a wildcard gives to a host is told under a name that is one
 * label below the wildcard's parent, not under the host's. */
bool
rule_nsd_wildcard_host(struct exchange *x, enum server server)
{
	const struct reply *ours = x->replies[MERIDIAN];
	struct reply *r = x->replies[server];
	bool any = false;

	for (size_t i = r->n; i-- > 0;) {
		struct rr rr = r->rrs[i];
		bool found = false;

		if (rr.section != ADDITIONAL)
			continue;
		for (size_t k = 0; k < ours->n; k++) {
			if (!is_deeper(&ours->rrs[k], &rr))
				continue;
			if (!reply_has(r, &ours->rrs[k]))
				reply_add(r, &ours->rrs[k]);
			found = true;
		}
		if (found && !reply_has(ours, &rr))
			reply_remove(r, &r->rrs[i]);
		any |= found;
	}
	return any;
}

/* The types that lead on at a CNAME do not include NSEC3. */
bool
rule_nsd_nsec3_at_cname(struct exchange *x, enum server server)
{
	return x->type == T_NSEC3 && stops_at_cname(x, x->replies[server]) &&
	    take_ours(x, server);
}

/* A DNAME is not applied to what the same DNAME led below itself. */
bool
rule_nsd_dname_below_itself(struct exchange *x, enum server server)
{
	const struct reply *r = x->replies[server];
	struct chain c;

	chain_follow(x, r, &c);
	for (size_t i = 0; i < r->n; i++)
		if (r->rrs[i].type == T_DNAME &&
		    wire_at_or_below(r->rrs[i].data, r->rrs[i].owner) &&
		    wire_at_or_below(c.to, r->rrs[i].owner) &&
		    is_beginning(x, r))
			return take_ours(x, server);
	return false;
}

/* It goes on where our chain is at its end. */
bool
rule_nsd_chain_limit(struct exchange *x, enum server server)
{
	const struct reply *ours = x->replies[MERIDIAN];
	struct chain c;

	chain_follow(x, ours, &c);
	if (c.hops < OUR_CHAIN || ours->rcode != 0)
		return false;
	for (size_t i = 0; i < ours->n; i++)
		if (!reply_has(x->replies[server], &ours->rrs[i]))
			return false;
	return take_ours(x, server);
}

/* Whether there is something at the name or below it in the zone. */
static bool
exists(const struct zone_text *z, const char *name)
{
	for (size_t i = 0; i < z->n_records; i++)
		if (text_at_or_below(z->records[i].owner, name))
			return true;
	return false;
}

/* Whether ${owner}, of another zone, or a name above it is no name of the zone
 * ${z}, but would have a say in the lookup of ${name} if it were. */
static bool
is_phantom_for(const struct zone_text *z, const char *owner, const char *name)
{
	while (strcmp(owner, z->apex) != 0) {
		const char *above = text_parent(owner);

		if (!exists(z, owner) &&
		    (text_at_or_below(name, owner) ||
			(strncmp(owner, "*.", 2) == 0 &&
			    text_at_or_below(name, above))))
			return true;
		owner = above;
	}
	return false;
}

/* Whether that is so for ${wire} when it is looked up in the zone. */
static bool
sees_phantom(const struct exchange *x, size_t zone, const uint8_t *wire)
{
	const struct family *f = x->family;
	const struct zone_text *z = &f->zones[zone];
	char name[NAME_TEXT];

	if (zone == FAMILY_ZONES || !wire_at_or_below(wire, x->apexes[zone]))
		return false;
	wire_to_text(wire, name);
	for (size_t k = 0; k < f->n_zones; k++) {
		const struct zone_text *other = &f->zones[k];

		for (size_t r = 0; k != zone && r < other->n_records; r++) {
			const char *owner = other->records[r].owner;

			if (text_at_or_below(owner, z->apex) &&
			    is_phantom_for(z, owner, name))
				return true;
		}
	}
	return false;
}

/* Addresses of hosts that the zone's wildcard covers, if it were not for the
 * names of another zone. */
static bool
add_unseen_hosts(struct exchange *x, enum server server)
{
	const struct reply *ours = x->replies[MERIDIAN];
	struct reply *r = x->replies[server];
	size_t zone = exchange_last_zone(x, ours);
	bool any = false;

	if (reply_count(r, ANSWER) != reply_count(ours, ANSWER))
		return false;
	for (size_t i = 0; i < ours->n; i++) {
		const struct rr *rr = &ours->rrs[i];

		if (rr->section != ADDITIONAL || reply_has(r, rr) ||
		    !sees_phantom(x, zone, rr->owner))
			continue;
		reply_add(r, rr);
		any = true;
	}
	return any;
}

/* All zones' names are in one tree: those of a zone above or below count as
 * names that a zone has. */
bool
rule_nsd_shared_tree(struct exchange *x, enum server server)
{
	bool sees = sees_phantom(x, exchange_zone(x, x->name), x->name);

	for (unsigned s = 0; s < SERVERS && !sees; s++)
		for (size_t i = 0; i < x->replies[s]->n && !sees; i++) {
			const struct rr *rr = &x->replies[s]->rrs[i];

			sees = rr->section == ANSWER && rr->type == T_CNAME &&
			    sees_phantom(
				x, exchange_zone(x, rr->data), rr->data);
		}
	return sees ? take_ours(x, server) : add_unseen_hosts(x, server);
}

/* A zone above the one that holds the DS of ${wire} delegates it too. */
static bool
is_delegated_from_above(const struct exchange *x, const uint8_t *wire)
{
	const struct family *f = x->family;
	size_t zone = exchange_zone(x, wire);
	bool apex = false;
	char name[NAME_TEXT];

	wire_to_text(wire, name);
	for (size_t i = 0; i < f->n_zones; i++)
		apex |= wire_equal(x->apexes[i], wire);
	for (size_t i = 0; apex && i < f->n_zones; i++)
		if (i != zone && strcmp(f->zones[i].apex, name) != 0 &&
		    text_at_or_below(name, f->zones[i].apex) &&
		    zone_text_has(&f->zones[i], name, "NS"))
			return true;
	return false;
}

/* Of three zones within each other, the one that has an NS set for the lowest
 * is taken for its parent. */
bool
rule_nsd_ds_from_above(struct exchange *x, enum server server)
{
	const struct reply *ours = x->replies[MERIDIAN];
	bool above = is_delegated_from_above(x, x->name);

	for (size_t i = 0; i < ours->n && !above; i++)
		above = ours->rrs[i].section == ANSWER &&
		    ours->rrs[i].type == T_CNAME &&
		    is_delegated_from_above(x, ours->rrs[i].data);
	return x->type == T_DS && above && take_ours(x, server);
}

/* Asked for a name that begins with an asterisk, and is there, it proves beyond
 * need that none is closer. */
bool
rule_nsd_proof_at_asterisk(struct exchange *x, enum server server)
{
	struct chain c;

	chain_follow(x, x->replies[MERIDIAN], &c);
	return c.to[0] == 1 && c.to[1] == '*' && verdict_take_proofs(x, server);
}

/* Names that an opt-out leaves without NSEC3 are enclosers to it. */
bool
rule_nsd_proof_opt_out(struct exchange *x, enum server server)
{
	size_t zone = exchange_last_zone(x, x->replies[MERIDIAN]);

	return zone != FAMILY_ZONES &&
	    x->family->zones[zone].denial == DENIAL_OPTOUT &&
	    verdict_take_proofs(x, server);
}

/* What a DNAME leads to is denied in part. */
bool
rule_nsd_proof_behind_dname(struct exchange *x, enum server server)
{
	return reply_count_type(x->replies[MERIDIAN], ANSWER, T_DNAME) > 0 &&
	    verdict_take_proofs(x, server);
}

/* Where a wildcard has names below it, or data name such, the proof of the
 * closest encloser is left out. */
bool
rule_nsd_proof_below_wildcard(struct exchange *x, enum server server)
{
	size_t zone = exchange_last_zone(x, x->replies[MERIDIAN]);
	bool below = false;

	if (zone == FAMILY_ZONES)
		return false;
	for (size_t i = 0; i < x->family->zones[zone].n_records; i++) {
		const struct record *r = &x->family->zones[zone].records[i];

		below |= strstr(r->owner, ".*.") != NULL ||
		    strstr(r->data, ".*.") != NULL;
	}
	return below && verdict_take_proofs(x, server);
}

/* The name of a child's apex that is an empty non-terminal of the parent: NSEC3
 * of another name says that there is no DS. */
bool
rule_nsd_proof_of_no_ds(struct exchange *x, enum server server)
{
	struct chain c;
	bool apex = false;

	chain_follow(x, x->replies[MERIDIAN], &c);
	for (size_t i = 0; i < x->family->n_zones; i++)
		apex |= wire_equal(x->apexes[i], c.to);
	return x->type == T_DS && apex && verdict_take_proofs(x, server);
}
