/*
 * One message of a query log: a query or a response, with who spoke to whom and
 * when, to and from the octets of a dnstap frame.  Called by the writer of the
 * query log and by who reads such files; opens nothing.
 */
#ifndef DNSTAP_MESSAGE_H
#define DNSTAP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

/* A frame with a query and a response of the greatest length there is, and the
 * rest; what is longer is no frame of DNS. */
#define DNSTAP_FRAME_MAX ((size_t)2 * 65535 + 4096)

struct dnstap_octets {
	const uint8_t *data; /* NULL: there are none */
	size_t len;
};

struct dnstap_message {
	bool response; /* of a server; else a query that came to one */
	bool stream;   /* TCP, or what is above it; else UDP */
	struct endpoint_address client, server; /* a family of 0: not known */
	int64_t query_ns, response_ns;          /* since 1970; 0: not known */
	struct dnstap_octets query, answer;     /* the messages of DNS */
	struct dnstap_octets identity, version, extra;
};

/*
 * n = dnstap_pack(message, out, room): write the frame to ${out}, as
 * AUTH_QUERY or AUTH_RESPONSE; its octets, or 0 when ${room} is too small for
 * it.
 */
size_t dnstap_pack(
    const struct dnstap_message *message, uint8_t *out, size_t room);

/*
 * data = dnstap_unpack(frame, len, out): read a frame of any program; NULL when
 * it is none.  What ${out} points to lives until dnstap_free(data).
 */
void *dnstap_unpack(
    const uint8_t *frame, size_t len, struct dnstap_message *out);
void dnstap_free(void *data);

#endif
