/*
 * A reply in the making: sections filled in order, each record set whole or not
 * at all.  Called by respond() only.
 */
#ifndef DNS_REPLY_H
#define DNS_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/query.h"
#include "dns/wire.h"
#include "dns/zone.h"

enum reply_section { SECTION_ANSWER, SECTION_AUTHORITY, SECTION_ADDITIONAL };

struct reply {
	struct writer w;
	size_t records; /* offset of the first record */
	uint16_t count[3];
	uint16_t rcode; /* 12 bits */
	uint8_t scope;  /* of the client subnet */
	bool authoritative, truncated;
	bool edns; /* an OPT record goes with it */
};

/* What becomes of the TTLs of a prebuilt set. */
enum ttl_rule { TTL_KEEP, TTL_CAP, TTL_SET };

/*
 * reply_start(reply, data, room, query): the header's place and the question.
 * Room for the OPT record is kept back when the query had one.
 */
void reply_start(
    struct reply *reply, uint8_t *data, size_t room, const struct query *query);

/*
 * at = reply_image(reply, section, image, size, count, owner, rule, ttl_s): add
 * ${count} prebuilt records (struct rrset) under the owner at offset ${owner}
 * of the message.  The offset of the first one, or 0 when they do not fit.
 */
size_t reply_image(struct reply *reply, enum reply_section section,
    const uint8_t *image, size_t size, unsigned count, size_t owner,
    enum ttl_rule rule, uint32_t ttl_s);

/* at = reply_rrset(reply, section, set, owner): the same for a record set as
 * it is in the zone. */
size_t reply_rrset(struct reply *reply, enum reply_section section,
    const struct rrset *set, size_t owner);

/*
 * at = reply_record(reply, section, owner, type, ttl_s, rdata, len): add one
 * record that no zone holds.  As reply_image().
 */
size_t reply_record(struct reply *reply, enum reply_section section,
    size_t owner, uint16_t type, uint32_t ttl_s, const uint8_t *rdata,
    size_t len);

/* reply_truncate(reply): take all records back and set TC (RFC 2181, 9). */
void reply_truncate(struct reply *reply);

/* size = reply_finish(reply, query, udp_size): write the OPT record and the
 * header; the octets of the whole. */
size_t reply_finish(
    struct reply *reply, const struct query *query, uint16_t udp_size);

#endif
