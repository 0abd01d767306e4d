/*
 * Queries: one pass over the bytes of a message to all that answering it needs
 * (RFC 1035, 4; RFC 6891; RFC 7871).  Called by respond() and fuzzers only.
 */
#ifndef DNS_WIRE_QUERY_H
#define DNS_WIRE_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "dns/wire/name.h"

/* The client subnet option as it came (RFC 7871, 6). */
struct subnet {
	bool present;
	uint16_t family;        /* 0, 1 (IPv4) or 2 (IPv6) */
	uint8_t source_len;     /* bits */
	struct address address; /* of family 1 or 2; the rest is zero */
};

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

struct query {
	uint16_t id;
	uint16_t flags; /* as they came */
	uint16_t type, class;
	uint16_t udp_size; /* what the sender takes; 512 without EDNS */
	bool has_question; /* name, type and class are set */
	bool edns, dnssec_ok;
	uint8_t edns_version;
	uint8_t options;    /* that came: enum edns_came */
	uint8_t cookie_len; /* octets, when a cookie came */
	/* The cookie shows that the sender has had an answer of ours at this
	 * address: not forged (RFC 7873, 5.2.5).  Set by edns_answer(). */
	bool cookie_valid;
	uint8_t name_len;            /* octets */
	uint8_t name[NAME_MAX_WIRE]; /* lower case */
	const uint8_t *question;     /* in the message, case as it came */
	size_t question_len;         /* octets: name, type, class */
	const uint8_t *cookie;       /* in the message */
	struct subnet subnet;
};

enum query_verdict {
	QUERY_OK,      /* one question */
	QUERY_COOKIE,  /* none, but a cookie: asks for one (RFC 7873, 5.4) */
	QUERY_SILENCE, /* no answer at all: too short, or itself an answer */
	QUERY_FORMERR,
	QUERY_NOTIMP,
	QUERY_BADVERS
};

/*
 * verdict = query_parse(message, len, query): read ${message}.  What was read
 * before a fault is in ${query}: id and flags always (but for SILENCE),
 * has_question and edns say of the rest.  After a fault no option counts as
 * come: what cannot be read whole is not believed in part.
 *
 * Where the texts are silent:
 * - Records in the answer or authority section of a query mean nothing and are
 *   FORMERR, but for the SOA of an IXFR (RFC 1995, 3).  NSD does the same,
 *   Knot DNS answers as if they were not there.  No resolver sends them.
 * - Records in the additional section that are no OPT are passed over.  That
 *   makes TSIG and SIG(0) unsigned queries, as for any server that does not
 *   know them: the answer is not signed, as the client sees.
 * - Header bits that are not for queries (AA, TC, RA, Z, AD, CD, RCODE) are not
 *   looked at (RFC 8906, 3.1.3).
 * - An unknown opcode may give the sections any meaning: whatever is there,
 *   readable or not, is NOTIMP, with the question and the OPT if they can be
 *   read as those of a query (so NOTIFY, UPDATE, STATUS, DSO).
 */
enum query_verdict query_parse(
    const uint8_t *message, size_t len, struct query *query);

#endif
