/*
 * Answers taken apart, so that two can be compared as sets of records.  Called
 * by the differential test; reads bytes from any server and trusts none.
 */
#ifndef TESTS_DIFFERENTIAL_MESSAGE_H
#define TESTS_DIFFERENTIAL_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum section { ANSWER, AUTHORITY, ADDITIONAL, N_SECTIONS };

#define REPLY_RECORDS 256
#define REPLY_ROOM (256u << 10)

/* Names are whole (no pointers) and in lower case. */
struct rr {
	enum section section;
	uint16_t type, class;
	uint32_t ttl_s;
	const uint8_t *owner, *data;
	uint16_t owner_len, data_len;
};

struct reply {
	const char *fault; /* why it cannot be read; NULL: it was */
	uint16_t flags;    /* without the rcode */
	unsigned rcode;    /* with the bits of OPT */
	bool opt, dnssec_ok;
	struct rr rrs[REPLY_RECORDS];
	size_t n;
	uint8_t room[REPLY_ROOM];
	size_t used;
};

#define REPLY_AA 0x0400
#define REPLY_TC 0x0200

/* reply_read(reply, data, len, query, query_len): the answer to a message of
 * question_packet(). */
void reply_read(struct reply *reply, const uint8_t *data, size_t len,
    const uint8_t *query, size_t query_len);

/* reply_remove(reply, rr): ${rr} is of its rrs. */
void reply_remove(struct reply *reply, struct rr *rr);

/* reply_sort(reply): in the order of rr_compare(). */
void reply_sort(struct reply *reply);

/* By section, owner, type, class, data, TTL. */
int rr_compare(const struct rr *a, const struct rr *b);

/* n = reply_count(reply, section). */
size_t reply_count(const struct reply *reply, enum section section);

/* true when ${name} is ${top} or below it; both as wire, in lower case. */
bool wire_at_or_below(const uint8_t *name, const uint8_t *top);
size_t wire_length(const uint8_t *name);
bool wire_equal(const uint8_t *a, const uint8_t *b);

#endif
