/*
 * What a server allows its TCP clients, as plain numbers.  Part of a snapshot,
 * so that a reload changes them; read by the stream workers.
 */
#ifndef DNS_ANSWER_LIMITS_H
#define DNS_ANSWER_LIMITS_H

#include <stdint.h>

struct stream_limits {
	uint32_t connections; /* in all; each worker has an even share */
	uint32_t per_client;  /* of one client, over all workers */
	uint8_t ipv4, ipv6;   /* bits of the prefix that is one client */
	uint32_t idle_ms;     /* without a query; an hour at most, which
				 RFC 7828 can announce */
	uint32_t stall_ms;    /* of a query begun, of answers not taken */
};

#endif
