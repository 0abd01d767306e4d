/*
 * What a server says of itself when it is asked, and the secrets of its
 * cookies: a part of the snapshot, filled by node/ from the node's file.
 * All zero: says nothing and speaks no cookies.
 */
#ifndef DNS_WIRE_IDENTITY_H
#define DNS_WIRE_IDENTITY_H

#include <stdint.h>

#include "dns/wire/cookie.h"

/* Octets of each text: with the longest question and all other options of ours
 * an answer stays below 512. */
#define IDENTITY_MAX 128

struct identity {
	/* At most IDENTITY_MAX octets; NULL: nobody learns it.  The publisher
	 * of the snapshot owns them. */
	const char *version; /* of version.bind and version.server */
	const char *name;    /* of hostname.bind and id.server */
	const uint8_t *nsid; /* RFC 5001 */
	uint8_t nsid_len;    /* 0: there is none */
	struct cookie_secrets cookies;
};

#endif
