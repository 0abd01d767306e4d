/*
 * Queries: one pass over the bytes of a message to all that answering it needs
 * (RFC 1035, 4; RFC 6891; RFC 7871).  Called by respond() and fuzzers only.
 */
#ifndef DNS_QUERY_H
#define DNS_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "dns/name.h"

/* The client subnet option as it came (RFC 7871, 6). */
struct subnet {
	bool present;
	uint16_t family;        /* 0, 1 (IPv4) or 2 (IPv6) */
	uint8_t source_len;     /* bits */
	struct address address; /* of family 1 or 2; the rest is zero */
};

struct query {
	uint16_t id;
	uint16_t flags; /* as they came */
	uint16_t type, class;
	uint16_t udp_size; /* what the sender takes; 512 without EDNS */
	bool has_question; /* name, type and class are set */
	bool edns, dnssec_ok;
	uint8_t edns_version;
	uint8_t name_len;            /* octets */
	uint8_t name[NAME_MAX_WIRE]; /* lower case */
	const uint8_t *question;     /* in the message, case as it came */
	size_t question_len;         /* octets: name, type, class */
	struct subnet subnet;
};

enum query_verdict {
	QUERY_OK,
	QUERY_SILENCE, /* no answer at all: too short, or itself an answer */
	QUERY_FORMERR,
	QUERY_NOTIMP,
	QUERY_BADVERS
};

/*
 * verdict = query_parse(message, len, query): read ${message}.  What was read
 * before a fault is in ${query}: id and flags always (but for SILENCE),
 * has_question and edns say of the rest.
 */
enum query_verdict query_parse(
    const uint8_t *message, size_t len, struct query *query);

#endif
