/*
 * What a check accepts of TLS, beyond what libcurl does: a certificate must
 * name the endpoint in its subjectAltName (RFC 9525, 6.3), and what would let
 * a server spend our time at little cost of its own is refused.  Called by the
 * HTTP checker for each connection before its handshake; the only part that
 * knows OpenSSL.
 */
#ifndef PROBES_TLS_H
#define PROBES_TLS_H

#include <stdbool.h>

#include "base/address.h"

/* Of a connection; what was seen is known when its handshake has ended. */
struct tls_peer {
	/* Whom its certificate must name. */
	bool verify;
	const char *host; /* NULL: ${address} */
	struct address address;
	/* Seen: */
	bool wants_certificate; /* of the client */
	bool unnamed;           /* its certificate has no subjectAltName */
	bool misnamed;          /* it has one, which names others */
};

/* ready = tls_init(): must be true before anything else in here is called;
 * false when this libcurl (${library}, as it says) is built with another
 * library, or without memory. */
bool tls_init(const char *library);

/*
 * status = tls_prepare(ssl_ctx, peer): make ready ${ssl_ctx}, the SSL_CTX of
 * one connection; ${peer} must live as long as that does.  0, or -1 without
 * memory.
 */
int tls_prepare(void *ssl_ctx, struct tls_peer *peer);

#endif
