/*
 * The answer source: what respond() asks for the addresses of a steered name.
 * dns/ knows this interface and nothing of how the choice is made; steering/
 * implements it, tests implement it in ten lines.
 */
#ifndef DNS_ANSWER_SOURCE_H
#define DNS_ANSWER_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"

#define ANSWER_MAX_SETS 8 /* endpoints in one answer */

/* Who asks, as the decision sees it: the ECS prefix, or the source address. */
struct client {
	struct address address; /* bits behind source_len are zero */
	uint8_t source_len;     /* bits; all of them for a source address */
};

struct answer_request {
	uint32_t zone;    /* index in the zones part */
	uint32_t service; /* index in the zone's services */
	uint16_t type;    /* A (1) or AAAA (28) */
	uint8_t owner_len;
	const uint8_t *owner; /* the name as matched (a wildcard's own
				 expansion), wire form, lower case */
	const struct client *client;
	uint64_t turn; /* a number that differs from query to query */
};

enum answer_kind {
	ANSWER_RECORDS,  /* the sets of ${image} */
	ANSWER_NODATA,   /* no endpoint of the service has this family */
	ANSWER_STATIC,   /* the zone file's own records at the name */
	ANSWER_SERVFAIL, /* last resort */
};

/* Records of one endpoint: an image as in struct rrset, TTL to be put in. */
struct answer_set {
	const uint8_t *image;
	uint16_t size;  /* octets */
	uint16_t count; /* records */
};

struct answer {
	enum answer_kind kind;
	uint8_t scope; /* SCOPE PREFIX-LENGTH, counted in the client's family */
	uint8_t n_sets;
	/* Said to who asks (RFC 8914), of all kinds but NODATA.  They depend
	 * on nothing that is in no other answer, so not on a scope either. */
	bool stale;       /* decided on health that nobody refreshed */
	bool resort;      /* nothing else was healthy */
	uint32_t ttl_s;   /* of each record; for STATIC an upper bound */
	uint32_t outcome; /* slot of the counter of this outcome */
	struct answer_set sets[ANSWER_MAX_SETS];
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
