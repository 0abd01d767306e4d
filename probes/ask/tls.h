/*
 * What a check accepts of TLS, beyond what libcurl does: a certificate must
 * name the endpoint in its subjectAltName (RFC 9525, 6.3), and what would let
 * a server spend our time at little cost of its own is refused.  Called by the
 * HTTP checker for each connection before its handshake; the only part that
 * knows OpenSSL.
 */
#ifndef PROBES_ASK_TLS_H
#define PROBES_ASK_TLS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"

/* Of a connection; what was seen is known when its handshake has ended. */
struct tls_peer {
	void *context; /* SSL_CTX of the connection, while there is one */
	/* Whom its certificate must name. */
	bool verify;
	const char *host; /* NULL: ${address} */
	struct address address;
	bool certificate; /* we have one to show */
	/* Seen: */
	bool asked;             /* the server wants one */
	bool wants_certificate; /* and there is none for it */
	bool unnamed;           /* its certificate has no subjectAltName */
	bool misnamed;          /* it has one, which names others */
	/* Wall clock: when the first of the certificates ends by which its own
	 * is trusted; its own, where nobody asks; 0: none was seen. */
	int64_t ends_ms;
	/* Wall clock: when the one ended, or begins, that is not valid by now,
	 * and whether that is its own; or 0. */
	int64_t ended_ms, begins_ms;
	bool own;
};

/* ready = tls_init(): must be true before anything else in here is called;
 * false when this libcurl (${library}, as it says) is built with another
 * library, or without memory. */
bool tls_init(const char *library);

/*
 * status = tls_prepare(ssl_ctx, peer): make ready ${ssl_ctx}, the SSL_CTX of
 * one connection; ${peer} must live as long as that does, or leave it.  0, or
 * -1 without memory.
 */
int tls_prepare(void *ssl_ctx, struct tls_peer *peer);

/* tls_leave(peer): its connection may live on, without it. */
void tls_leave(struct tls_peer *peer);

/* words = tls_words(peer, out): what was wrong with the certificate of ${peer}
 * or with ours, where there are words of ours for that; NULL else. */
#define TLS_WORDS 80
const char *tls_words(const struct tls_peer *peer, char out[TLS_WORDS]);

#endif
