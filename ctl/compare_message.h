/* The messages of a comparison: a question with a client subnet and a cookie,
 * and what an answer to it holds. */
#ifndef CTL_COMPARE_MESSAGE_H
#define CTL_COMPARE_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "dns/wire/cookie.h"
#include "dns/wire/name.h"

/* Records of an answer that are looked at: eight endpoints with an address
 * each, and what leads to them. */
#define COMPARE_RECORDS 16

struct compare_question {
	size_t number; /* the caller's */
	uint8_t name[NAME_MAX_WIRE];
	uint16_t type;
	struct prefix client;
};

/* An address, or the name that a CNAME leads to, in lower case. */
struct compare_record {
	uint16_t type;
	uint8_t len;
	uint8_t data[NAME_MAX_WIRE];
};

/* What one server answered: its records in an order of their own. */
struct compare_answer {
	bool came;
	uint16_t rcode;
	uint8_t n;
	struct compare_record records[COMPARE_RECORDS];
};

/* A question with its OPT record is shorter. */
#define COMPARE_MESSAGE_MAX 512

/* The longest cookie there is (RFC 7873, 4). */
#define COMPARE_COOKIE_MAX 40

/* Of one server: the client's part first, and the server's once it is known. */
struct compare_cookie {
	uint8_t octets[COMPARE_COOKIE_MAX];
	size_t len;
};

/* len = compare_message_write(question, id, cookie, out): octets of the query.
 */
size_t compare_message_write(const struct compare_question *question,
    uint16_t id, const struct compare_cookie *cookie,
    uint8_t out[COMPARE_MESSAGE_MAX]);

/* id = compare_message_id(octets, len, id): it is an answer, and its id; false
 * for anything else. */
bool compare_message_id(const uint8_t *octets, size_t len, uint16_t *id);

/*
 * whole = compare_message_read(octets, len, question, cookie, out): read the
 * answer to ${question}: its records to ${out}, sorted, and the server's part
 * of ${cookie} if one came.  False when it is none to that question, cut short,
 * or wants the cookie that it brought.
 */
bool compare_message_read(const uint8_t *octets, size_t len,
    const struct compare_question *question, struct compare_cookie *cookie,
    struct compare_answer *out);

#endif
