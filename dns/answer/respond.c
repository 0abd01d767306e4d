/*
 * The way of a message, from its octets to those of the answer:
 *
 *   query.c     reads it: question, OPT record, options
 *   edns.c      answers the options: cookie, NSID, keepalive
 *   here        decides whether it may be answered, and in how many octets
 *   answer.c    finds the answer to a question of class IN, chaos.c of class CH
 *   rrl.c       holds it back when its client has had too many
 *   reply.c     writes header and OPT record; the other two wrote the records
 *
 * Called by the workers for each packet; allocates nothing.
 */
#include "dns/answer/respond.h"

#include "base/clock.h"
#include "base/hash.h"
#include "dns/answer/answer.h"
#include "dns/answer/chaos.h"
#include "dns/answer/samples.h"
#include "dns/wire/edns.h"
#include "dns/wire/protocol.h"
#include "dns/wire/query.h"
#include "dns/wire/reply.h"
#include "dns/zone/zone_table.h"

/* Without samples a worker looks whether there are any after some so many
 * answers. */
#define SAMPLE_LOOK 64

void
responder_tick(struct responder *responder)
{
	responder->mono_ms = clock_mono_ms();
	responder->wall_ns = clock_wall_ns();
	responder->wall_s = (uint32_t)(responder->wall_ns / 1000000000);
}

/* The largest answer the way back takes (RFC 6891, 6.2.3). */
static size_t
reply_room(enum transport transport, const struct snapshot *snapshot,
    const struct query *query, size_t room)
{
	size_t most = MESSAGE_MAX;

	if (transport == TRANSPORT_UDP) {
		most = query->udp_size < 512 ? 512 : query->udp_size;
		if (most > snapshot->udp_size)
			most = snapshot->udp_size;
	}
	return room < most ? room : most;
}

static void
count_options(
    struct counters *c, const struct query *query, enum cookie_state cookie)
{
	for (unsigned i = 0; i < COUNTER_OPTIONS; i++)
		if (query->options >> i & 1)
			counter_add(&c->options[i], 1);
	if (cookie != COOKIE_NONE)
		counter_add(&c->cookies[cookie], 1);
}

static void
count_scope(
    struct counters *c, const struct query *query, const struct reply *reply)
{
	uint32_t service = reply->service < COUNTER_SERVICES ? reply->service
							     : COUNTER_SERVICES;
	unsigned scope = reply->scope;

	if (query->subnet.address.family == 6)
		scope += COUNTER_SCOPES_IPV4;
	counter_add(&c->scope[service][scope], 1);
}

static void
count_steered(
    struct counters *c, const struct query *query, const struct reply *reply)
{
	bool subnet = query->subnet.source_len > 0;

	counter_add(
	    &c->outcome[reply->outcome][counter_cell(reply->reason, subnet)],
	    1);
	if (subnet)
		count_scope(c, query, reply);
	if (reply->demand > 0 && reply->demand <= COUNTER_DEMAND)
		counter_add(&c->demand[reply->demand - 1], 1);
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
	else if (reply->steered)
		count_steered(c, query, reply);
	if (query->edns)
		counter_add(&c->edns, 1);
	if (query->subnet.present)
		counter_add(&c->ecs, 1);
	if (query->options != 0)
		count_options(c, query, reply->options->cookie);
}

/* Rate limiting: false when the answer is not sent. */
static bool
pass_limit(struct responder *responder, struct rrl *rrl,
    const struct address *source, const struct query *query,
    struct reply *reply)
{
	enum rrl_kind kind;

	switch (
	    rrl_judge(rrl, responder->mono_ms, source, query, reply, &kind)) {
	case RRL_SEND:
		break;
	case RRL_SLIP:
		counter_add(&responder->counters->rrl_slipped[kind], 1);
		break;
	case RRL_DROP:
		counter_add(&responder->counters->rrl_dropped[kind], 1);
		return false;
	}
	return true;
}

/* The rcode of a query for a cookie, which has no question (RFC 7873, 5.4). */
static uint16_t
cookie_rcode(enum cookie_state cookie)
{
	switch (cookie) {
	case COOKIE_FIRST:
	case COOKIE_VALID:
		return RCODE_NOERROR;
	case COOKIE_EXPIRED:
	case COOKIE_BAD:
		return RCODE_BADCOOKIE;
	case COOKIE_NONE:
	case COOKIE_STATES:
		break;
	}
	return RCODE_FORMERR; /* we speak none: it is no query at all */
}

/* The rcode of the message as such; NOERROR: it may be answered. */
static uint16_t
message_rcode(enum query_verdict verdict, enum transport transport,
    const struct query *query, enum cookie_state cookie,
    const struct cookie_secrets *secrets)
{
	switch (verdict) {
	case QUERY_OK:
		if (transport == TRANSPORT_TCP && query->options & CAME_TIMEOUT)
			return RCODE_FORMERR;
		/* A client that speaks TCP is where it says, as surely as one
		 * with a cookie (RFC 7873, 5.2.3). */
		if (secrets->require && transport == TRANSPORT_UDP &&
		    cookie != COOKIE_NONE && cookie != COOKIE_VALID)
			return RCODE_BADCOOKIE;
		return RCODE_NOERROR;
	case QUERY_COOKIE:
		return cookie_rcode(cookie);
	case QUERY_NOTIMP:
		return RCODE_NOTIMP;
	case QUERY_BADVERS:
		return RCODE_BADVERS;
	case QUERY_FORMERR:
	case QUERY_SILENCE:
		break;
	}
	return RCODE_FORMERR;
}

/* Zones are not transferred: REFUSED for ours, and for others NOTAUTH, as
 * RFC 5936, 2.2.1 has it. */
static void
refuse_transfer(const struct snapshot *snapshot, const struct query *query,
    struct reply *reply)
{
	uint32_t index;
	const struct zone *zone = zone_table_find(
	    snapshot->zones, query->name, query->name_len, &index);

	if (zone != NULL && zone_apex_node(zone)->name_len == query->name_len) {
		reply->rcode = RCODE_REFUSED;
		reply->notes |= NOTE_NOT_SUPPORTED;
	} else {
		reply->rcode = RCODE_NOTAUTH;
		reply->notes |= NOTE_NOT_AUTHORITATIVE;
	}
}

/*
 * The question by its class and type.  Of the types that are for questions only
 * transfers and ANY mean anything here; a zone has no OPT, TSIG, MAILA or type
 * 0 like any type that it happens not to have (NODATA, as from NSD and Knot).
 * Class ANY would need an answer from every class (RFC 1034, 4.3.2).
 */
static void
answer(struct responder *responder, const struct snapshot *snapshot,
    const struct address *source, const struct query *query,
    struct reply *reply)
{
	if (query->class == CLASS_CH) {
		chaos_answer(&snapshot->identity, query, reply);
	} else if (query->class != CLASS_IN) {
		reply->rcode = RCODE_REFUSED;
		reply->notes |= NOTE_NOT_SUPPORTED;
	} else if (query->type == TYPE_AXFR || query->type == TYPE_IXFR) {
		refuse_transfer(snapshot, query, reply);
	} else {
		answer_question(
		    &responder->turn, snapshot, source, query, reply);
	}
}

/* How many answers to pass over before the next sample, at random, so that no
 * pattern of queries is in step with it: one in ${every} on the whole. */
static uint32_t
sample_gap(struct responder *responder, uint32_t every)
{
	__extension__ typedef unsigned __int128 uint128;

	responder->sample_seed = hash_mix(responder->sample_seed, 1);
	return (uint32_t)((uint128)responder->sample_seed *
		(2 * (uint64_t)every - 1) >>
	    64);
}

/* The answer is one whose client is looked up. */
static void
put_sample(struct counters *c, const struct address *source,
    const struct query *query, const struct reply *reply)
{
	const struct subnet *subnet = &query->subnet;
	struct sample *sample = ring_room(c->samples, sizeof(*sample));

	if (sample == NULL) {
		counter_add(&c->samples_dropped, 1);
		return;
	}
	*sample =
	    (struct sample){.outcome = reply->outcome, .reason = reply->reason};
	sample->address = subnet->source_len > 0 && !reply->by_sender
	    ? subnet->address
	    : *source;
	ring_put(c->samples);
}

/* It is the turn of a sample; where none are taken, to see whether any are by
 * now. */
static void
take_sample(struct responder *responder, const struct snapshot *snapshot,
    const struct address *source, const struct query *query,
    const struct reply *reply)
{
	struct counters *c = responder->counters;
	uint32_t every = snapshot->sample > 0 ? snapshot->sample : SAMPLE_LOOK;

	if (responder->sample_seed == 0) {
		responder->sample_seed = (uint64_t)responder->mono_ms ^
		    (uint64_t)(uintptr_t)responder;
		responder->sample_left = sample_gap(responder, every);
		if (responder->sample_left-- > 0)
			return;
	}
	responder->sample_left = sample_gap(responder, every);
	if (snapshot->sample > 0 && c->samples != NULL && !reply->truncated)
		put_sample(c, source, query, reply);
}

size_t
respond(struct responder *responder, const struct snapshot *snapshot,
    enum transport transport, const struct address *source,
    const uint8_t *message, size_t len, uint8_t *data, size_t room)
{
	struct edns_answer options;
	struct query query;
	struct reply reply;
	enum query_verdict verdict;

	counter_add(&responder->counters->queries[transport], 1);
	verdict = query_parse(message, len, &query);
	responder->held_back = false;
	if (verdict == QUERY_SILENCE) {
		counter_add(&responder->counters->dropped, 1);
		return 0;
	}
	options.len = 0;
	options.cookie = COOKIE_NONE;
	if (query.options != 0)
		edns_answer(&snapshot->identity,
		    &(struct edns_arrival){source, transport, responder->wall_s,
			responder->keepalive_ds},
		    &query, &options);
	reply_start(&reply, data, reply_room(transport, snapshot, &query, room),
	    &query, &options);
	reply.rcode = message_rcode(verdict, transport, &query, options.cookie,
	    &snapshot->identity.cookies);
	if (verdict == QUERY_NOTIMP)
		reply.notes |= NOTE_NOT_SUPPORTED;
	else if (verdict == QUERY_OK && reply.rcode == RCODE_NOERROR)
		answer(responder, snapshot, source, &query, &reply);
	responder->outcome = reply.steered ? reply.outcome : COUNTER_OUTCOMES;
	responder->reason = reply.reason;
	if (snapshot->rrl != NULL && transport == TRANSPORT_UDP &&
	    !pass_limit(responder, snapshot->rrl, source, &query, &reply)) {
		responder->held_back = true;
		return 0;
	}
	count_reply(responder->counters, &query, &reply, transport);
	if (reply.steered && responder->sample_left-- == 0)
		take_sample(responder, snapshot, source, &query, &reply);
	return reply_finish(&reply, &query, snapshot->udp_size);
}
