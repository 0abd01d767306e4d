/*
 * EDNS options of a reply (RFC 6891, 6.1.2): answers to those of the query, and
 * extended errors.  Called by respond() and reply_finish(); query.c reads those
 * of the query.
 */
#ifndef DNS_WIRE_EDNS_H
#define DNS_WIRE_EDNS_H

#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "dns/wire/cookie.h"
#include "dns/wire/identity.h"
#include "dns/wire/protocol.h"
#include "dns/wire/query.h"

/* Room for NSID, cookie and keepalive, each with its code and length. */
#define EDNS_ANSWER_MAX (4 + IDENTITY_MAX + 4 + COOKIE_LEN + 4 + 2)

/* The options of a reply that are known before its answer is. */
struct edns_answer {
	size_t len;
	enum cookie_state cookie; /* of the query's */
	uint8_t data[EDNS_ANSWER_MAX];
};

/* How a query came. */
struct edns_arrival {
	const struct address *source;
	enum transport transport;
	uint32_t wall_s; /* when: seconds since 1970, modulo 2^32 */
	/* What TCP keepalive announces, in units of 100 ms (RFC 7828, 3.1). */
	uint16_t keepalive_ds;
};

/*
 * edns_answer(identity, arrival, query, out): answer the options of ${query},
 * which came as ${arrival} says, after those that ${out} has: NSID (RFC 5001),
 * the cookie, and over TCP the keepalive (RFC 7828).  Sets out->cookie and
 * query->cookie_valid when a cookie came that is spoken here.
 */
void edns_answer(const struct identity *identity,
    const struct edns_arrival *arrival, struct query *query,
    struct edns_answer *out);

/* What a reply has to say besides its rcode, as an extended error (RFC 8914):
 * bits of reply.notes. */
enum edns_note {
	NOTE_STALE = 1 << 0,  /* decided on health that nobody refreshed */
	NOTE_RESORT = 1 << 1, /* nothing else was healthy */
	NOTE_NOT_AUTHORITATIVE = 1 << 2, /* no zone of ours */
	NOTE_NOT_SUPPORTED = 1 << 3,     /* opcode, class, zone transfers */
	NOTE_PROHIBITED = 1 << 4,        /* nobody learns this */
	NOTE_ENDLESS = 1 << 5,           /* CNAMEs in a circle, or too many */
	NOTE_NOT_READY = 1 << 6,         /* a zone without records */
};

/*
 * size = edns_errors(notes, out, room): write the options that say ${notes},
 * of those that fit into ${room} octets; the octets written.
 */
size_t edns_errors(unsigned notes, uint8_t *out, size_t room);

#endif
