/*
 * EDNS options (RFC 6891, 6.1.2): those of a query read, those of the reply
 * made.  Called by query_parse(), respond() and reply_finish(); an option that
 * is not known here is ignored.
 */
#ifndef DNS_WIRE_EDNS_H
#define DNS_WIRE_EDNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/wire/cookie.h"
#include "dns/wire/identity.h"
#include "dns/wire/query.h"
#include "dns/answer/respond.h"

/* Options that came with a query, bits of query.options.  The client subnet
 * has a place of its own, query.subnet. */
enum edns_came {
	CAME_NSID = 1 << 0,
	CAME_COOKIE = 1 << 1,
	CAME_KEEPALIVE = 1 << 2,
	CAME_UNKNOWN = 1 << 3, /* any that we do not know */
	/* A keepalive that says a time, which only servers may (RFC 7828,
	 * 3.2.1); over UDP the option means nothing, whatever it says. */
	CAME_TIMEOUT = 1 << 4,
};

/*
 * ok = edns_read(data, len, query): read the ${len} octets of RDATA of the OPT
 * record into options, cookie and subnet of ${query}.  False when the options
 * do not fill it, or one that we know is malformed: FORMERR (RFC 7871, 7.1.2;
 * RFC 7873, 5.2.2).  Of several cookies the first counts (RFC 7873, 5.2); two
 * client subnets are malformed.
 */
bool edns_read(const uint8_t *data, size_t len, struct query *query);

/* Room for NSID, cookie and keepalive, each with its code and length. */
#define EDNS_ANSWER_MAX (4 + IDENTITY_MAX + 4 + COOKIE_LEN + 4 + 2)

/* The options of a reply that are known before its answer is. */
struct edns_answer {
	size_t len;
	enum cookie_state cookie; /* of the query's */
	uint8_t data[EDNS_ANSWER_MAX];
};

/*
 * edns_answer(responder, snapshot, transport, source, query, out): answer the
 * options of ${query}, which came from ${source}: NSID (RFC 5001), the cookie,
 * and over TCP the keepalive (RFC 7828).  Sets query->cookie_valid.
 */
void edns_answer(const struct responder *responder,
    const struct snapshot *snapshot, enum transport transport,
    const struct address *source, struct query *query, struct edns_answer *out);

/* What a reply has to say besides its rcode, as an extended error (RFC 8914):
 * bits of reply.notes. */
enum edns_note {
	NOTE_STALE = 1 << 0,  /* decided on health that nobody refreshed */
	NOTE_RESORT = 1 << 1, /* nothing else was healthy */
	NOTE_NOT_AUTHORITATIVE = 1 << 2, /* no zone of ours */
	NOTE_NOT_SUPPORTED = 1 << 3,     /* opcode, class, zone transfers */
	NOTE_PROHIBITED = 1 << 4,        /* not told to anybody */
	NOTE_ENDLESS = 1 << 5,           /* CNAMEs in a circle, or too many */
	NOTE_NOT_READY = 1 << 6,         /* a zone without records */
};

/*
 * size = edns_errors(notes, out, room): write the options that say ${notes},
 * of those that fit into ${room} octets; the octets written.
 */
size_t edns_errors(unsigned notes, uint8_t *out, size_t room);

#endif
