/*
 * A reply in the making: sections filled in order, each record set whole or not
 * at all.  Called by respond() and the files of dns/answer/ that it calls.
 */
#ifndef DNS_WIRE_REPLY_H
#define DNS_WIRE_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/wire/edns.h"
#include "dns/wire/query.h"
#include "dns/wire/rrset.h"
#include "dns/wire/wire.h"

enum reply_section { SECTION_ANSWER, SECTION_AUTHORITY, SECTION_ADDITIONAL };

struct reply {
	struct writer w;
	size_t records; /* offset of the first record */
	uint16_t count[3];
	uint16_t rcode; /* 12 bits */
	uint8_t scope;  /* of the client subnet */
	bool authoritative, truncated;
	/* It became a SERVFAIL, and its records were taken back. */
	bool failed;
	bool aliased;   /* it begins with a CNAME that every type gets */
	bool steered;   /* by the answer source, to be counted as ${outcome} */
	bool edns;      /* an OPT record goes with it */
	uint8_t notes;  /* enum edns_note: extended errors */
	uint8_t reason; /* where ${steered}: answer.reason */
	bool by_sender; /* where ${steered}: answer.by_sender */
	uint32_t outcome; /* slot of its outcome: answer.outcome */
	uint32_t service; /* where ${steered}: answer.service */
	uint32_t demand;  /* where ${steered}: answer.demand */
	size_t room;      /* of the whole message */
	const struct edns_answer *options;
	/* The name that all which get the same answer have in common, in lower
	 * case: of the wildcard, the delegation or the DNAME, of the apex for a
	 * denial; NULL: this name has an answer of its own. */
	const uint8_t *shared;
	size_t shared_len; /* octets */
};

/* Prebuilt records keep the TTL that they have. */
#define TTL_KEEP UINT32_MAX

/*
 * reply_start(reply, data, room, query, options): the header's place and the
 * question.  Room for the OPT record is kept back when the query had one, with
 * the client subnet and ${options}, which must live as long as ${reply}.
 */
void reply_start(struct reply *reply, uint8_t *data, size_t room,
    const struct query *query, const struct edns_answer *options);

/*
 * at = reply_image(reply, section, image, size, count, owner, ttl_s): add
 * ${count} prebuilt records (struct rrset) under the owner at offset ${owner}
 * of the message, POINTER_MAX at most, with the TTL ${ttl_s}.  The offset of
 * the first one, or 0 when they do not fit.
 */
size_t reply_image(struct reply *reply, enum reply_section section,
    const uint8_t *image, size_t size, unsigned count, size_t owner,
    uint32_t ttl_s);

/*
 * at = reply_rrset(reply, section, set, owner, ttl_cap): the same for a record
 * set of a zone, which keeps its TTL unless that is above ${ttl_cap}.  Names in
 * a set that has a compressed form are compressed where the name at ${owner}
 * has no pointers, as in the question and as the target of a CNAME.
 */
size_t reply_rrset(struct reply *reply, enum reply_section section,
    const struct rrset *set, size_t owner, uint32_t ttl_cap);

/*
 * at = reply_named(reply, section, set, name, len, rest): the same under an
 * owner that the message does not hold as a whole: ${len} octets of labels
 * ${name}, then the name at offset ${rest}.
 */
size_t reply_named(struct reply *reply, enum reply_section section,
    const struct rrset *set, const uint8_t *name, size_t len, size_t rest);

/*
 * at = reply_record(reply, section, owner, type, ttl_s, rdata, len): add one
 * record that no zone holds.  As reply_image().
 */
size_t reply_record(struct reply *reply, enum reply_section section,
    size_t owner, uint16_t type, uint32_t ttl_s, const uint8_t *rdata,
    size_t len);

/* How far a reply is. */
struct reply_mark {
	size_t len;
	uint16_t count[3];
};

/* mark = reply_now(reply): how far it is now.  reply_return(reply, mark): take
 * back what was added since. */
struct reply_mark reply_now(const struct reply *reply);
void reply_return(struct reply *reply, const struct reply_mark *mark);

/* reply_clear(reply): take all records back. */
void reply_clear(struct reply *reply);

/* reply_truncate(reply): take all records back and set TC (RFC 2181, 9). */
void reply_truncate(struct reply *reply);

/* size = reply_finish(reply, query, udp_size): write the OPT record, with those
 * of the notes that still fit, and the header; the octets of the whole. */
size_t reply_finish(
    struct reply *reply, const struct query *query, uint16_t udp_size);

#endif
