/*
 * The answer source: what respond() asks for the records of a steered name.
 * dns/ knows this interface and nothing of how the choice is made; steering/
 * implements it, tests implement it in ten lines.
 */
#ifndef DNS_ANSWER_SOURCE_H
#define DNS_ANSWER_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "dns/wire/protocol.h"
#include "dns/zone/zone.h"

#define ANSWER_MAX_SETS 8 /* endpoints in one answer */
/* Reasons of answers are numbers below it, which the answer source knows the
 * meaning of (steering/reasons.h). */
#define ANSWER_REASONS 16

/*
 * In which form endpoints are named to a client; a query gets one.  Of each of
 * the first ones an endpoint has one set of records, which may be empty.  The
 * last ones are one record of the service, with the addresses of endpoints in
 * it (RFC 9460).
 */
enum answer_form {
	FORM_IPV4,
	FORM_IPV6,
	FORM_CNAME,
	FORM_HTTPS,
	FORM_SVCB,
	FORMS
};
#define ENDPOINT_FORMS FORM_HTTPS /* those that endpoints have */

/*
 * form = answer_form(node, type): the form of the answers to queries for
 * ${type} at ${node}; FORMS where no answer source is asked: what the zone has
 * there is the answer.  A CNAME is the answer to every type (RFC 1034, 3.6.2).
 */
static inline enum answer_form
answer_form(const struct zone_node *node, uint16_t type)
{
	if (node->service == ZONE_NO_SERVICE)
		return FORMS;
	if (node->flags & NODE_SERVICE_CNAME)
		return FORM_CNAME;
	/* Most queries first; a switch would be a table of jumps. */
	if (type == TYPE_A)
		return FORM_IPV4;
	if (type == TYPE_AAAA)
		return FORM_IPV6;
	if (type == TYPE_HTTPS && node->flags & NODE_SERVICE_HTTPS)
		return FORM_HTTPS;
	if (type == TYPE_SVCB && node->flags & NODE_SERVICE_SVCB)
		return FORM_SVCB;
	return FORMS;
}

/* The client that a decision is made for: the ECS prefix of the query, or else
 * its source address. */
struct client {
	struct address address; /* bits after the first source_len are zero */
	uint8_t source_len;     /* bits; all of them for a source address */
};

struct answer_request {
	uint32_t zone;    /* index in the zones part */
	uint32_t service; /* index in the zone's services */
	enum answer_form form;
	uint8_t owner_len;
	const uint8_t *owner; /* the name as matched (a wildcard's own
				 expansion), wire form, lower case */
	const struct client *client;
	/* Who sent the query: decides where the client's subnet is private. */
	const struct address *sender;
	uint64_t turn; /* a number that differs from query to query */
};

enum answer_kind {
	ANSWER_RECORDS,  /* the sets of ${image} */
	ANSWER_NODATA,   /* the endpoints for this client lack the form */
	ANSWER_STATIC,   /* the zone file's own records at the name */
	ANSWER_SERVFAIL, /* last resort */
};

/* Records of one endpoint: an image as in struct rrset, TTL to be put in. */
struct answer_set {
	const uint8_t *image;
	uint16_t size;  /* octets */
	uint16_t count; /* records */
};

/*
 * One HTTPS or SVCB record without address hints: an image as in struct rrset,
 * TTL to be put in, its parameters in the order of their keys.
 */
struct answer_binding {
	const uint8_t *image;
	uint16_t size;             /* octets */
	uint16_t ipv4_at, ipv6_at; /* offsets where hints are put in */
};

/* What it refers to lives as long as the snapshot. */
struct answer {
	enum answer_kind kind;
	uint8_t scope; /* SCOPE PREFIX-LENGTH, counted in the client's family */
	uint8_t n_sets;
	/* Said to the client as extended errors (RFC 8914), with every kind: of
	 * this decision, for as long as its answer lives. */
	bool stale;     /* decided on health that no vantage refreshed */
	bool resort;    /* nothing else was healthy */
	bool by_sender; /* decided for the sender, whatever the client */
	uint8_t reason; /* of the choice, to be counted: below ANSWER_REASONS */
	/* Of each record; for STATIC, and for how long a NODATA may be kept,
	 * an upper bound: UINT32_MAX leaves that to the zone. */
	uint32_t ttl_s;
	uint32_t outcome; /* slot of the counters of this outcome */
	uint32_t service; /* and of its service, for scopes */
	/* That of the class of its client, from 1 on; 0: is not counted. */
	uint32_t demand;
	const struct answer_set *sets[ANSWER_MAX_SETS];
	/* Of FORM_HTTPS and FORM_SVCB alone: the record, which gets the
	 * addresses of ${sets}, A records, and of the AAAA records ${ipv6} as
	 * hints; both have ${n_sets}, of which some may be empty. */
	const struct answer_binding *binding;
	const struct answer_set *ipv6[ANSWER_MAX_SETS];
};

struct answer_source {
	/*
	 * answer(snapshot, request, out): decide.  ${snapshot} is what the
	 * caller got published and is constant during the call.  Never fails,
	 * allocates or blocks.
	 */
	void (*answer)(const void *snapshot,
	    const struct answer_request *request, struct answer *out);
};

#endif
