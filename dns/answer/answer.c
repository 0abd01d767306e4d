/*
 * Answers questions of class IN (RFC 1034, 4.3.2), one name after another as
 * CNAMEs and DNAMEs lead on:
 *
 *   find_zone()     the zone of ours that holds the name (zone_table.c)
 *   answer_name()   what the zone has for it (lookup.c): a node, a wildcard, a
 *                   DNAME, a delegation, or nothing
 *   answer_node()   the node's records of the type, or
 *   steer()         those of the endpoints that the answer source (source.h)
 *                   chooses for the client
 *
 * additional.c adds the addresses of hosts, denial.c the proofs of a signed
 * zone.  Called by respond() for each query; allocates nothing, and what one
 * query costs is bounded by the length of a name and MAX_CHAIN.
 */
#include "dns/answer/answer.h"

#include <string.h>

#include "dns/answer/additional.h"
#include "dns/answer/counters.h"
#include "dns/answer/denial.h"
#include "dns/answer/hints.h"
#include "dns/answer/source.h"
#include "dns/wire/edns.h"
#include "dns/wire/protocol.h"
#include "dns/wire/wire.h"
#include "dns/zone/lookup.h"
#include "dns/zone/zone_table.h"

/* Names that CNAMEs and DNAMEs lead on from in one answer; resolvers give up
 * near it too. */
#define MAX_CHAIN 11
_Static_assert(DENIAL_NAMES == MAX_CHAIN + 1, "a proof for each name");
/* Lifetime of the HINFO that answers ANY; RFC 8482, 4.2 leaves it open. */
#define ANY_TTL_S 3600

/* One query on its way. */
struct exchange {
	uint64_t *turn;
	const struct snapshot *snapshot;
	const struct address *source;
	const struct query *query;
	struct reply *reply;
	struct denial *denial;
	const struct zone *zone; /* that holds the name */
	uint32_t zone_index;
	/* Its signatures and proofs are wanted: it has some, and DO is set
	 * (RFC 4035, 3.1). */
	bool secure;
	/* The name that is looked for now: the question's, then those that
	 * CNAMEs lead to, with the offset where it stands in the message. */
	uint8_t name[NAME_MAX_WIRE];
	size_t name_len;
	size_t name_at;
	/* The names before it, by offset, and the DNAMEs that are in the
	 * answer already. */
	size_t passed[MAX_CHAIN];
	const struct rrset *dnames[MAX_CHAIN + 1];
	unsigned n_passed, n_dnames;
	/* The reply before each of those names was followed, and the proofs of
	 * wildcards that it needed. */
	struct {
		struct reply_mark reply;
		unsigned expected;
	} before[MAX_CHAIN];
};

/*
 * Find the zone of the name: the one with the longest apex, but of the DS at an
 * apex the zone above, which holds it when it is ours (RFC 4035, 3.1.4.1); when
 * that one does not delegate the name, it says so, or refers to the zone that
 * may.  False when no zone of ours holds the name.
 */
static bool
find_zone(struct exchange *x)
{
	const struct zone_table *zones = x->snapshot->zones;
	const struct zone *zone, *above = NULL;

	zone = zone_table_find(zones, x->name, x->name_len, &x->zone_index);
	if (zone != NULL && x->query->type == TYPE_DS &&
	    zone_apex_node(zone)->name_len == x->name_len && x->name[0] != 0)
		above = zone_table_find(zones, name_parent(x->name),
		    x->name_len - (x->name[0] + 1u), &x->zone_index);
	if (zone == NULL)
		return false;
	x->zone = above != NULL ? above : zone;
	x->secure = x->query->dnssec_ok && zone_signed(x->zone);
	return true;
}

/* The signatures of the set of ${type} that ${node} has, when wanted, under the
 * owner at offset ${owner}. */
static void
add_sigs(struct exchange *x, enum reply_section section,
    const struct zone_node *node, uint16_t type, size_t owner)
{
	const struct rrset *sigs;

	if (!x->secure)
		return;
	sigs = zone_node_sigs(node, type);
	if (sigs != NULL)
		reply_rrset(x->reply, section, sigs, owner, TTL_KEEP);
}

/* The name, as denial.c takes it. */
static struct denied
denied(const struct exchange *x)
{
	return (struct denied){x->zone, x->name, x->name_len, x->name_at};
}

/* All names that get this answer have that of ${node} in common. */
static void
set_shared(struct exchange *x, const struct zone_node *node)
{
	x->reply->shared = node->name;
	x->reply->shared_len = node->name_len;
}

/* The name is not the question's any more. */
static bool
is_followed(const struct exchange *x)
{
	return x->n_passed > 0;
}

/* A negative answer for the client: SOA, and the least of its TTLs. */
static void
add_soa(struct exchange *x, uint32_t ttl_cap)
{
	const struct rrset *soa = zone_negative_soa(x->zone), *sigs = NULL;
	size_t apex = name_length(zone_apex(x->zone));
	size_t owner = x->name_at + x->name_len - apex;

	/* What begins with a CNAME and ends without data is an answer of the
	 * name that was asked. */
	if (!is_followed(x) || x->reply->rcode == RCODE_NXDOMAIN)
		set_shared(x, zone_apex_node(x->zone));
	if (soa->ttl_s < ttl_cap)
		ttl_cap = soa->ttl_s;
	reply_rrset(x->reply, SECTION_AUTHORITY, soa, owner, ttl_cap);
	if (x->secure)
		sigs = zone_node_sigs(zone_apex_node(x->zone), TYPE_SOA);
	if (sigs != NULL)
		reply_rrset(x->reply, SECTION_AUTHORITY, sigs, owner, ttl_cap);
}

/*
 * NODATA of a steered name that is to live ${ttl_s} seconds at most: the TTL of
 * the SOA and its MINIMUM, the lesser of which resolvers take (RFC 2308, 5).
 * With UINT32_MAX it is like any other.  A zone that steers is not signed.
 */
static void
add_steered_nodata(struct exchange *x, uint32_t ttl_s)
{
	uint8_t *minimum;

	add_soa(x, ttl_s);
	if (x->reply->w.full)
		return;
	minimum = x->reply->w.data + x->reply->w.len - 4;
	if (wire_get32(minimum) > ttl_s)
		wire_put32(minimum, ttl_s);
}

/* ${node}, the name's own or a wildcard, does not have the type of the
 * question. */
static void
add_nodata(struct exchange *x, const struct zone_node *node, bool wildcard)
{
	struct denied name = denied(x);

	add_soa(x, UINT32_MAX);
	if (x->secure && wildcard)
		denial_wildcard_nodata(x->denial, &name, node);
	else if (x->secure)
		denial_nodata(x->denial, &name, node);
}

static void
add_nxdomain(struct exchange *x, const struct zone_node *encloser)
{
	struct denied name = denied(x);

	x->reply->rcode = RCODE_NXDOMAIN;
	add_soa(x, UINT32_MAX);
	if (x->secure)
		denial_name(x->denial, &name, encloser);
}

/* Whether the delegation is to a signed zone, or the proof that it is not
 * (RFC 4035, 3.1.4). */
static void
add_ds(struct exchange *x, const struct zone_node *cut, size_t owner)
{
	const struct rrset *ds = zone_node_rrset(cut, TYPE_DS);
	struct denied name = denied(x);

	if (ds == NULL) {
		denial_nodata(x->denial, &name, cut);
		return;
	}
	reply_rrset(x->reply, SECTION_AUTHORITY, ds, owner, TTL_KEEP);
	add_sigs(x, SECTION_AUTHORITY, cut, TYPE_DS, owner);
}

static void
add_referral(struct exchange *x, const struct zone_node *cut)
{
	const struct rrset *ns = zone_node_rrset(cut, TYPE_NS);
	size_t owner = x->name_at + x->name_len - cut->name_len;
	size_t at =
	    reply_rrset(x->reply, SECTION_AUTHORITY, ns, owner, TTL_KEEP);

	if (x->secure)
		add_ds(x, cut, owner);
	denial_wildcards(x->denial);
	if (!x->reply->w.full && !x->reply->failed)
		additional_glue(x->reply, x->zone, cut, at, x->secure);
}

/* The client that the decision is made for (RFC 7871, 7.1); a source prefix of
 * 0 says that the resolver wants no subnet used. */
static void
find_client(const struct exchange *x, struct client *client)
{
	const struct subnet *s = &x->query->subnet;

	if (s->present && s->source_len > 0) {
		client->address = s->address;
		client->source_len = s->source_len;
	} else {
		client->address = *x->source;
		client->source_len = (uint8_t)address_bits(x->source);
	}
}

static void
add_chosen(
    struct exchange *x, enum answer_form form, const struct answer *answer)
{
	if (form >= ENDPOINT_FORMS) {
		hints_add(x->reply, x->zone, answer, x->name_at);
		return;
	}
	if (form == FORM_CNAME)
		x->reply->aliased = true;
	for (unsigned i = 0; i < answer->n_sets; i++)
		reply_image(x->reply, SECTION_ANSWER, answer->sets[i]->image,
		    answer->sets[i]->size, answer->sets[i]->count, x->name_at,
		    answer->ttl_s);
}

/* What names no endpoint: records of the zone file, or none; false for a
 * NODATA, which resolvers give to all of their clients (RFC 7871, 7.4). */
static bool
add_unchosen(struct exchange *x, const struct zone_node *node,
    enum answer_form form, const struct answer *answer)
{
	const struct rrset *set = NULL;

	if (answer->kind == ANSWER_SERVFAIL) {
		x->reply->rcode = RCODE_SERVFAIL;
		return true;
	}
	if (answer->kind == ANSWER_STATIC)
		set = zone_node_rrset(
		    node, form == FORM_CNAME ? TYPE_CNAME : x->query->type);
	if (set == NULL) {
		add_steered_nodata(x, answer->ttl_s);
		return false;
	}
	x->reply->aliased = form == FORM_CNAME;
	reply_rrset(x->reply, SECTION_ANSWER, set, x->name_at, answer->ttl_s);
	return true;
}

/* What the answer source says of the steered name ${node}, to the reply.  The
 * scope of a NODATA is 0, and it is no demand of a class of clients. */
static void
add_steered(struct exchange *x, const struct zone_node *node,
    enum answer_form form, const struct answer *answer)
{
	if (answer->stale)
		x->reply->notes |= NOTE_STALE;
	if (answer->resort)
		x->reply->notes |= NOTE_RESORT;
	x->reply->steered = answer->outcome < COUNTER_OUTCOMES;
	x->reply->outcome = answer->outcome;
	x->reply->reason = answer->reason;
	x->reply->by_sender = answer->by_sender;
	x->reply->service = answer->service;
	if (answer->kind == ANSWER_RECORDS)
		add_chosen(x, form, answer);
	else if (!add_unchosen(x, node, form, answer))
		return;
	if (x->query->subnet.source_len > 0)
		x->reply->scope = answer->scope;
	x->reply->demand = answer->demand;
}

/*
 * Ask the answer source for the records of a steered name.  A CNAME among them
 * is not followed: which one it is depends on the client, and the resolver asks
 * for its target on its own (RFC 7871, 7.2.1).
 */
static void
steer(struct exchange *x, const struct zone_node *node, enum answer_form form)
{
	struct client client;
	struct answer_request request = {
	    .zone = x->zone_index,
	    .service = node->service,
	    .form = form,
	    .owner = x->name,
	    .owner_len = (uint8_t)x->name_len,
	    .client = &client,
	    .sender = x->source,
	    .turn = (*x->turn)++,
	};
	struct answer answer;

	find_client(x, &client);
	x->snapshot->source->answer(x->snapshot, &request, &answer);
	add_steered(x, node, form, &answer);
}

/*
 * Go on at the name at offset ${at} of the reply, in whatever zone of ours
 * holds it (RFC 1034, 4.3.2, step 1).  False when none does, so that the
 * resolver must go on elsewhere, or when the chain has led here before.
 */
static bool
follow(struct exchange *x, size_t at)
{
	const uint8_t *target = x->reply->w.data + at;

	/* Stop too where a compression pointer, of 14 bits, cannot reach (RFC
	 * 1035, 4.1.4). */
	if (x->n_passed == MAX_CHAIN || at + NAME_MAX_WIRE > POINTER_MAX) {
		x->reply->notes |= NOTE_ENDLESS;
		return false;
	}
	x->before[x->n_passed].reply = reply_now(x->reply);
	x->before[x->n_passed].expected = x->denial->n_expected;
	x->passed[x->n_passed++] = x->name_at;
	x->name_len = name_length(target);
	name_lower(x->name, target, x->name_len);
	x->name_at = at;
	for (unsigned i = 0; i < x->n_passed; i++)
		if (name_equal(x->reply->w.data + x->passed[i], x->name)) {
			x->reply->notes |= NOTE_ENDLESS;
			return false;
		}
	return find_zone(x) && zone_available(x->zone);
}

/* A CNAME is the answer so far (RFC 1034, 3.6.2). */
static bool
follow_cname(struct exchange *x, const struct zone_node *node)
{
	const struct rrset *cname = zone_node_rrset(node, TYPE_CNAME);
	size_t at =
	    reply_rrset(x->reply, SECTION_ANSWER, cname, x->name_at, TTL_KEEP);

	x->reply->aliased = true;
	add_sigs(x, SECTION_ANSWER, node, TYPE_CNAME, x->name_at);
	return !x->reply->w.full && x->query->type != TYPE_ANY &&
	    follow(x, at + RECORD_FIXED);
}

/* The chain went through this DNAME, so that it and what signs it are in the
 * answer already. */
static bool
is_passed(const struct exchange *x, const struct zone_node *node,
    const struct rrset *set)
{
	if (x->secure && set->type == TYPE_RRSIG && set->covers == TYPE_DNAME)
		set = zone_node_rrset(node, TYPE_DNAME);
	for (unsigned i = 0; i < x->n_dnames; i++)
		if (x->dnames[i] == set)
			return true;
	return false;
}

/* Add the DNAME of ${node}; false when it does not fit. */
static bool
add_dname(
    struct exchange *x, const struct zone_node *node, const struct rrset *dname)
{
	size_t owner = x->name_at + x->name_len - node->name_len;

	if (is_passed(x, node, dname))
		return true;
	x->dnames[x->n_dnames++] = dname;
	reply_rrset(x->reply, SECTION_ANSWER, dname, owner, TTL_KEEP);
	add_sigs(x, SECTION_ANSWER, node, TYPE_DNAME, owner);
	return !x->reply->w.full;
}

/*
 * A DNAME above the name: it, and a CNAME made from it (RFC 6672, 3.1).  The
 * name's own prefix goes before the DNAME's target.
 */
static bool
follow_dname(struct exchange *x, const struct zone_node *node)
{
	const struct rrset *dname = zone_node_rrset(node, TYPE_DNAME);
	const uint8_t *tail = dname->image + RECORD_FIXED;
	size_t prefix = x->name_len - node->name_len;
	size_t len = prefix + name_length(tail), at;
	uint8_t target[2 * NAME_MAX_WIRE];

	x->reply->aliased = true;
	if (!add_dname(x, node, dname))
		return false;
	if (len > NAME_MAX_WIRE) {
		x->reply->rcode = RCODE_YXDOMAIN;
		return false;
	}
	memcpy(target, x->reply->w.data + x->name_at, prefix);
	memcpy(target + prefix, tail, len - prefix);
	at = reply_record(x->reply, SECTION_ANSWER, x->name_at, TYPE_CNAME,
	    dname->ttl_s, target, len);
	/* Asked for itself it is the answer, made or not (RFC 1034, 4.3.2).
	 * ANY goes on: a DNAME is followed whatever the type (RFC 6672, 3.2),
	 * while a CNAME at the name is among what ANY asks for. */
	return at != 0 && x->query->type != TYPE_CNAME &&
	    follow(x, at + RECORD_FIXED);
}

/* The same under the name that is answered now: a wildcard gives its DNAME one
 * more owner (RFC 4592, 4.4). */
static bool
is_repeated(const struct exchange *x, const struct zone_node *node,
    const struct rrset *set)
{
	return is_passed(x, node, set) && name_equal(node->name, x->name);
}

/*
 * The record set that was asked for, and those after it of its type: RRSIG are
 * many sets.  Then the hosts that it names.
 */
static void
add_sets(
    struct exchange *x, const struct zone_node *node, const struct rrset *set)
{
	const struct rrset *end = node->rrsets + node->n_rrsets, *next = set;
	size_t at = x->reply->w.len;

	if (set->type == TYPE_DNAME && is_repeated(x, node, set))
		return;
	for (; next < end && next->type == set->type; next++)
		if (!is_repeated(x, node, next))
			reply_rrset(x->reply, SECTION_ANSWER, next, x->name_at,
			    TTL_KEEP);
	add_sigs(x, SECTION_ANSWER, node, set->type, x->name_at);
	denial_wildcards(x->denial);
	if (!x->reply->w.full && !x->reply->failed)
		additional_hosts(
		    x->reply, x->zone, set, x->name_at, at, x->secure);
}

/* ANY gets one small record that says so (RFC 8482, 4.2). */
static void
answer_any(struct exchange *x)
{
	static const uint8_t hinfo[] = {
	    7, 'R', 'F', 'C', '8', '4', '8', '2', 0};

	reply_record(x->reply, SECTION_ANSWER, x->name_at, TYPE_HINFO,
	    ANY_TTL_S, hinfo, sizeof(hinfo));
}

/* In a signed zone that record would need a signature: ANY gets the smallest
 * set that is there (RFC 8482, 4.1). */
static const struct rrset *
smallest_set(const struct zone_node *node)
{
	const struct rrset *smallest = NULL;

	for (unsigned i = 0; i < node->n_rrsets; i++) {
		const struct rrset *set = &node->rrsets[i];

		if (set->type != TYPE_RRSIG && set->type != TYPE_NSEC &&
		    (smallest == NULL || set->size < smallest->size))
			smallest = set;
	}
	return smallest;
}

/* The set of ${node} that answers the question; NULL when it has none. */
static const struct rrset *
find_set(const struct exchange *x, const struct zone_node *node)
{
	if (x->query->type != TYPE_ANY)
		return zone_node_rrset(node, x->query->type);
	return node->flags & NODE_HAS_CNAME ? NULL : smallest_set(node);
}

/*
 * What the node, which may be a wildcard that answers for the name, has of the
 * question's type; true to go on with a CNAME.
 */
static bool
answer_node(struct exchange *x, const struct zone_node *node, bool wildcard)
{
	enum answer_form form = answer_form(node, x->query->type);
	const struct rrset *set;
	bool cname;

	if (form != FORMS) {
		/* A chain of ours stops here: RFC 7871, 7.2.1. */
		if (!is_followed(x))
			steer(x, node, form);
		return false;
	}
	if (x->query->type == TYPE_ANY && !zone_signed(x->zone) &&
	    !(node->flags & NODE_HAS_CNAME) &&
	    (node->n_rrsets > 0 || node->service != ZONE_NO_SERVICE)) {
		answer_any(x);
		return false;
	}
	set = find_set(x, node);
	cname = set == NULL && node->flags & NODE_HAS_CNAME;
	if (set == NULL && !cname) {
		add_nodata(x, node, wildcard);
		return false;
	}
	if (wildcard && x->secure)
		denial_expect(x->denial, x->zone, node, x->name_at);
	if (cname)
		return follow_cname(x, node);
	add_sets(x, node, set);
	return false;
}

/* One name of the chain; true to go on with the next. */
static bool
answer_name(struct exchange *x)
{
	const struct zone_node *node;
	enum lookup_kind kind =
	    lookup_name(x->zone, x->name, x->name_len, &node);

	if (kind != LOOKUP_FOUND && x->reply->shared == NULL)
		set_shared(x, node);
	switch (kind) {
	case LOOKUP_FOUND:
		return answer_node(x, node, false);
	case LOOKUP_WILDCARD:
		return answer_node(x, node, true);
	case LOOKUP_DNAME:
		return follow_dname(x, node);
	case LOOKUP_CUT:
		/* The parent side of a cut holds the DS (RFC 4035, 3.1.4). */
		if (x->query->type == TYPE_DS && node->name_len == x->name_len)
			return answer_node(x, node, false);
		if (!is_followed(x))
			x->reply->authoritative = false;
		add_referral(x, node);
		return false;
	case LOOKUP_NXDOMAIN:
		break;
	}
	add_nxdomain(x, node);
	return false;
}

/* What the chain leads to does not fit into any message after the chain: take
 * back one name.  A resolver that asks for that name gets it. */
static void
take_back(struct exchange *x)
{
	x->n_passed--;
	reply_return(x->reply, &x->before[x->n_passed].reply);
	x->reply->rcode = RCODE_NOERROR;
	denial_restart(x->denial, x->before[x->n_passed].expected);
	denial_wildcards(x->denial);
}

void
answer_question(uint64_t *turn, const struct snapshot *snapshot,
    const struct address *source, const struct query *query,
    struct reply *reply)
{
	/* Not initialised as a whole: that would clear 500 octets of names a
	 * query that are written before they are read. */
	struct exchange x;
	struct denial denial;

	x.turn = turn;
	x.snapshot = snapshot;
	x.source = source;
	x.query = query;
	x.reply = reply;
	x.denial = &denial;
	x.n_passed = x.n_dnames = 0;
	memcpy(x.name, query->name, query->name_len);
	x.name_len = query->name_len;
	x.name_at = DNS_HEADER;
	if (!find_zone(&x)) {
		reply->rcode = RCODE_REFUSED;
		reply->notes |= NOTE_NOT_AUTHORITATIVE;
		return;
	}
	if (!zone_available(x.zone)) {
		reply->rcode = RCODE_SERVFAIL;
		reply->notes |= NOTE_NOT_READY;
		return;
	}
	reply->authoritative = true;
	denial_start(&denial, reply);
	while (answer_name(&x))
		continue;
	denial_wildcards(&denial);
	while (reply->w.full && reply->room == MESSAGE_MAX && is_followed(&x))
		take_back(&x);
	if (reply->w.full)
		reply_truncate(reply);
}
