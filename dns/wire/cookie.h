/*
 * Server cookies (RFC 7873) in the form that servers of all makes share
 * (RFC 9018): version 1, the time, and SipHash-2-4 of both with the client's
 * cookie and address.  Called by edns_answer(); the only file that includes
 * libsodium is cookie.c.
 */
#ifndef DNS_WIRE_COOKIE_H
#define DNS_WIRE_COOKIE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

#define COOKIE_CLIENT 8 /* octets of the client's part */
#define COOKIE_LEN 24   /* of both parts, as we make it */
#define COOKIE_SECRET 16
/* A rollover needs two at a time (RFC 9018, 5); each costs a hash for every
 * cookie that is no good. */
#define COOKIE_SECRETS 4

struct cookie_secrets {
	uint8_t n; /* 0: cookies are not spoken */
	/* Over UDP, BADCOOKIE to clients with a cookie that is not valid
	 * (RFC 7873, 5.2.3 and 5.2.4). */
	bool require;
	/* The first makes cookies, each verifies. */
	uint8_t secret[COOKIE_SECRETS][COOKIE_SECRET];
};

enum cookie_state {
	COOKIE_NONE,    /* none came, or cookies are not spoken */
	COOKIE_FIRST,   /* the client's part alone */
	COOKIE_VALID,   /* made with a secret of ours, in its time */
	COOKIE_EXPIRED, /* older than an hour, or from the future */
	COOKIE_BAD,     /* no secret of ours made it for this client */
	COOKIE_STATES
};

/*
 * state = cookie_answer(secrets, cookie, len, client, now_s, out): judge the
 * cookie of ${len} octets (8, or 16 to 40) that ${client} sent at ${now_s}
 * (seconds since 1970 modulo 2^32, compared by RFC 1982), and write the one
 * that goes into the answer to ${out}: the same while it is younger than half
 * an hour and made with the first secret, else a new one (RFC 9018, 4.3).
 */
enum cookie_state cookie_answer(const struct cookie_secrets *secrets,
    const uint8_t *cookie, size_t len, const struct address *client,
    uint32_t now_s, uint8_t out[COOKIE_LEN]);

/* cookie_roll(secrets): make a random secret the first; the one that was first
 * before is valid still. */
void cookie_roll(struct cookie_secrets *secrets);

/* cookie_forget(secrets): overwrite them, so that freed memory has none. */
void cookie_forget(struct cookie_secrets *secrets);

#endif
