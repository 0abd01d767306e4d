/*
 * From a query to its answer: who holds the name, what stands there, or which
 * endpoints the answer source names.  Called by the workers for each packet;
 * allocates nothing, and what one query costs is bounded by the length of a
 * name and MAX_CHAIN.
 */
#include "dns/respond.h"

#include <string.h>

#include "dns/lookup.h"
#include "dns/protocol.h"
#include "dns/query.h"
#include "dns/reply.h"
#include "dns/source.h"
#include "dns/zoneset.h"

/* CNAMEs and DNAMEs followed in one answer; resolvers give up near it too. */
#define MAX_CHAIN 16
/* Lifetime of the HINFO that answers ANY; RFC 8482, 4.2 leaves it open. */
#define ANY_TTL_S 3600

/* One query on its way. */
struct exchange {
	struct responder *responder;
	const struct snapshot *snapshot;
	const struct address *source;
	const struct query *query;
	struct reply *reply;
	const struct zone *zone;
	uint32_t zone_index;
	/* The name that is looked for now: the question's, then those that
	 * CNAMEs lead to, with the offset where it stands in the message. */
	uint8_t name[NAME_MAX_WIRE];
	size_t name_len;
	size_t name_at;
	bool followed; /* it is not the question's any more */
};

/* A negative answer for the client: SOA, and the least of its TTLs. */
static void
add_soa(struct exchange *x, uint32_t ttl_cap)
{
	const struct rrset *soa = zone_negative_soa(x->zone);
	size_t apex = name_length(zone_apex(x->zone));

	reply_image(x->reply, SECTION_AUTHORITY, soa->image, soa->size,
	    soa->count, x->name_at + x->name_len - apex, TTL_CAP, ttl_cap);
}

/* Bytes of the RDATA of a record that stands at offset ${at}. */
static size_t
rdata_at(size_t at)
{
	return at + 12;
}

/*
 * Addresses of the name server whose name stands at offset ${target}.  Those of
 * a server inside the delegation are needed to follow it (RFC 9471, 3).
 */
static void
add_glue(struct exchange *x, const struct zone_node *cut, size_t target)
{
	static const uint16_t types[] = {TYPE_A, TYPE_AAAA};
	const uint8_t *wire = x->reply->w.data + target;
	uint8_t name[NAME_MAX_WIRE];
	size_t len = name_length(wire);
	const struct zone_node *node;

	name_lower(name, wire, len);
	if (name_below(name, zone_apex(x->zone)) == NULL)
		return;
	node = zone_find(x->zone, name, len, name_hash(name, len));
	for (size_t i = 0; node != NULL && i < 2; i++) {
		const struct rrset *set = zone_node_rrset(node, types[i]);

		if (set == NULL ||
		    reply_rrset(x->reply, SECTION_ADDITIONAL, set, target))
			continue;
		if (x->reply->w.full && name_below(name, cut->name) != NULL)
			x->reply->truncated = true;
		x->reply->w.full = false;
	}
}

static void
add_referral(struct exchange *x, const struct zone_node *cut)
{
	const struct rrset *ns = zone_node_rrset(cut, TYPE_NS);
	size_t at = reply_rrset(x->reply, SECTION_AUTHORITY, ns,
	    x->name_at + x->name_len - cut->name_len);

	if (at == 0)
		return;
	for (unsigned i = 0; i < ns->count; i++) {
		const uint8_t *record = x->reply->w.data + at;

		add_glue(x, cut, rdata_at(at));
		at += 12u + wire_get16(record + 10);
	}
}

/* Whom the decision is made for: RFC 7871, 7.1; a source prefix of 0 says that
 * the resolver wants no subnet used. */
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
add_chosen(struct exchange *x, const struct answer *answer)
{
	for (unsigned i = 0; i < answer->n_sets; i++)
		reply_image(x->reply, SECTION_ANSWER, answer->sets[i].image,
		    answer->sets[i].size, answer->sets[i].count, x->name_at,
		    TTL_SET, answer->ttl_s);
}

/* The zone file's own records as the last resort of a service. */
static void
add_static(struct exchange *x, const struct zone_node *node, uint32_t ttl_s)
{
	const struct rrset *set = zone_node_rrset(node, x->query->type);

	if (set == NULL) /* loading saw to it that there is one */
		x->reply->rcode = RCODE_SERVFAIL;
	else
		reply_image(x->reply, SECTION_ANSWER, set->image, set->size,
		    set->count, x->name_at, TTL_CAP, ttl_s);
}

/* Ask the answer source for the addresses of a steered name. */
static void
steer(struct exchange *x, const struct zone_node *node)
{
	struct client client;
	struct answer_request request = {
	    .zone = x->zone_index,
	    .service = node->service,
	    .type = x->query->type,
	    .owner = x->name,
	    .owner_len = (uint8_t)x->name_len,
	    .client = &client,
	    .turn = x->responder->turn++,
	};
	struct answer answer;

	find_client(x, &client);
	x->snapshot->source->answer(x->snapshot, &request, &answer);
	switch (answer.kind) {
	case ANSWER_RECORDS:
		add_chosen(x, &answer);
		break;
	case ANSWER_STATIC:
		add_static(x, node, answer.ttl_s);
		break;
	case ANSWER_NODATA:
		add_soa(x, answer.ttl_s);
		return;
	case ANSWER_SERVFAIL:
		x->reply->rcode = RCODE_SERVFAIL;
		break;
	}
	if (x->query->subnet.source_len > 0)
		x->reply->scope = answer.scope;
	if (answer.target < COUNTER_TARGETS)
		counter_add(&x->responder->counters->target[answer.target], 1);
}

/* Go on at the name of ${len} octets that stands at offset ${at}; false when it
 * is not in this zone: who asked must go on by himself. */
static bool
follow(struct exchange *x, size_t at)
{
	const uint8_t *target = x->reply->w.data + at;

	x->name_len = name_length(target);
	name_lower(x->name, target, x->name_len);
	x->name_at = at;
	x->followed = true;
	return name_below(x->name, zone_apex(x->zone)) != NULL;
}

/* A CNAME is the answer so far (RFC 1034, 3.6.2). */
static bool
follow_cname(struct exchange *x, const struct rrset *cname)
{
	size_t at = reply_rrset(x->reply, SECTION_ANSWER, cname, x->name_at);

	return at != 0 && x->query->type != TYPE_ANY && follow(x, rdata_at(at));
}

/*
 * A DNAME above the name: it, and a CNAME made from it (RFC 6672, 3.1).  The
 * name's own prefix goes before the DNAME's target.
 */
static bool
follow_dname(struct exchange *x, const struct zone_node *node)
{
	const struct rrset *dname = zone_node_rrset(node, TYPE_DNAME);
	size_t prefix = x->name_len - node->name_len, len, at;
	uint8_t target[2 * NAME_MAX_WIRE];
	const uint8_t *tail;

	at = reply_rrset(x->reply, SECTION_ANSWER, dname, x->name_at + prefix);
	if (at == 0)
		return false;
	tail = x->reply->w.data + rdata_at(at);
	len = prefix + name_length(tail);
	if (len > NAME_MAX_WIRE) {
		x->reply->rcode = RCODE_YXDOMAIN;
		return false;
	}
	memcpy(target, x->reply->w.data + x->name_at, prefix);
	memcpy(target + prefix, tail, len - prefix);
	at = reply_record(x->reply, SECTION_ANSWER, x->name_at, TYPE_CNAME,
	    dname->ttl_s, target, len);
	return at != 0 && follow(x, rdata_at(at));
}

/* ANY gets one small record that says so, unless a CNAME stands there
 * (RFC 8482, 4.2). */
static void
answer_any(struct exchange *x)
{
	static const uint8_t hinfo[] = {
	    7, 'R', 'F', 'C', '8', '4', '8', '2', 0};

	reply_record(x->reply, SECTION_ANSWER, x->name_at, TYPE_HINFO,
	    ANY_TTL_S, hinfo, sizeof(hinfo));
}

static bool
is_steered(const struct exchange *x, const struct zone_node *node)
{
	return node->service != ZONE_NO_SERVICE &&
	    (x->query->type == TYPE_A || x->query->type == TYPE_AAAA);
}

/* What the node says to the question's type; true to go on with a CNAME. */
static bool
answer_node(struct exchange *x, const struct zone_node *node)
{
	uint16_t type = x->query->type;
	const struct rrset *set;

	if (is_steered(x, node)) {
		/* A chain of ours stops here: RFC 7871, 7.2.1. */
		if (!x->followed)
			steer(x, node);
		return false;
	}
	if (type == TYPE_ANY && !(node->flags & NODE_HAS_CNAME) &&
	    (node->n_rrsets > 0 || node->service != ZONE_NO_SERVICE)) {
		answer_any(x);
		return false;
	}
	set = zone_node_rrset(node, type);
	if (set != NULL) {
		reply_rrset(x->reply, SECTION_ANSWER, set, x->name_at);
		return false;
	}
	set = (node->flags & NODE_HAS_CNAME) ? zone_node_rrset(node, TYPE_CNAME)
					     : NULL;
	if (set != NULL)
		return follow_cname(x, set);
	add_soa(x, UINT32_MAX);
	return false;
}

/* One name of the chain; true to go on with the next. */
static bool
answer_name(struct exchange *x)
{
	const struct zone_node *node;

	switch (lookup_name(x->zone, x->name, x->name_len, &node)) {
	case LOOKUP_FOUND:
	case LOOKUP_WILDCARD:
		return answer_node(x, node);
	case LOOKUP_DNAME:
		return follow_dname(x, node);
	case LOOKUP_CUT:
		/* The parent side of a cut holds the DS (RFC 4035, 3.1.4). */
		if (x->query->type == TYPE_DS && node->name_len == x->name_len)
			return answer_node(x, node);
		if (!x->followed)
			x->reply->authoritative = false;
		add_referral(x, node);
		return false;
	case LOOKUP_NXDOMAIN:
		break;
	}
	x->reply->rcode = RCODE_NXDOMAIN;
	add_soa(x, UINT32_MAX);
	return false;
}

static void
answer_question(struct exchange *x)
{
	const struct query *q = x->query;

	if (q->class != CLASS_IN || q->type == TYPE_AXFR ||
	    q->type == TYPE_IXFR) {
		x->reply->rcode = RCODE_REFUSED;
		return;
	}
	x->zone = zone_set_find(
	    x->snapshot->zones, q->name, q->name_len, &x->zone_index);
	if (x->zone == NULL) {
		x->reply->rcode = RCODE_REFUSED;
		return;
	}
	memcpy(x->name, q->name, q->name_len);
	x->name_len = q->name_len;
	x->name_at = DNS_HEADER;
	x->reply->authoritative = true;
	for (int hop = 0; hop < MAX_CHAIN && answer_name(x); hop++)
		continue;
	if (x->reply->w.full)
		reply_truncate(x->reply);
}

/* The largest answer the way back takes (RFC 6891, 6.2.3). */
static size_t
reply_room(enum transport transport, const struct snapshot *snapshot,
    const struct query *query, size_t room)
{
	size_t most = RESPOND_MAX;

	if (transport == TRANSPORT_UDP) {
		most = query->udp_size < 512 ? 512 : query->udp_size;
		if (most > snapshot->udp_size)
			most = snapshot->udp_size;
	}
	return room < most ? room : most;
}

static void
count_reply(struct counters *c, const struct query *query,
    const struct reply *reply, enum transport transport)
{
	counter_add(&c->answers[transport], 1);
	if (reply->rcode < COUNTER_RCODES)
		counter_add(&c->rcode[reply->rcode], 1);
	if (reply->truncated)
		counter_add(&c->truncated, 1);
	if (query->edns)
		counter_add(&c->edns, 1);
	if (query->subnet.present)
		counter_add(&c->ecs, 1);
}

static void
answer_verdict(struct exchange *x, enum query_verdict verdict)
{
	switch (verdict) {
	case QUERY_OK:
		answer_question(x);
		break;
	case QUERY_NOTIMP:
		x->reply->rcode = RCODE_NOTIMP;
		break;
	case QUERY_BADVERS:
		x->reply->rcode = RCODE_BADVERS;
		break;
	case QUERY_FORMERR:
	case QUERY_SILENCE:
		x->reply->rcode = RCODE_FORMERR;
		break;
	}
}

size_t
respond(struct responder *responder, const struct snapshot *snapshot,
    enum transport transport, const struct address *source,
    const uint8_t *message, size_t len, uint8_t *data, size_t room)
{
	struct query query;
	struct reply reply;
	struct exchange x = {
	    .responder = responder,
	    .snapshot = snapshot,
	    .source = source,
	    .query = &query,
	    .reply = &reply,
	};
	enum query_verdict verdict;

	counter_add(&responder->counters->queries[transport], 1);
	verdict = query_parse(message, len, &query);
	if (verdict == QUERY_SILENCE) {
		counter_add(&responder->counters->dropped, 1);
		return 0;
	}
	reply_start(&reply, data, reply_room(transport, snapshot, &query, room),
	    &query);
	answer_verdict(&x, verdict);
	count_reply(responder->counters, &query, &reply, transport);
	return reply_finish(&reply, &query, snapshot->udp_size);
}
