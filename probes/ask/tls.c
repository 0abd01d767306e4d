/*
 * TLS of checks by OpenSSL's own calls, on the context that libcurl has made.
 * Called by the HTTP checker; sends nothing itself.
 */
#include "probes/ask/tls.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

/*
 * No finite-field Diffie-Hellman: the server chooses the group, up to 10,000
 * bits, and can send the same value for ever, while each handshake takes 1.2 to
 * 1.6 s of our time in one call.  Elliptic curves are there since TLS 1.2, take
 * a millisecond, and are what every client uses.
 */
#define CIPHERS "DEFAULT:!kDHE"
#define GROUPS "X25519:P-256:P-384:P-521:X448"

/* Where a context keeps its struct tls_peer. */
static int peer_index = -1;

/* A context is freed: its peer need not leave it any more. */
static void
on_freed(void *parent, void *data, CRYPTO_EX_DATA *all, int index, long argl,
    void *argp)
{
	struct tls_peer *peer = data;

	(void)parent;
	(void)all;
	(void)index;
	(void)argl;
	(void)argp;
	if (peer != NULL)
		peer->context = NULL;
}

bool
tls_init(const char *library)
{
	if (library == NULL || strncmp(library, "OpenSSL/", 8) != 0)
		return false;
	if (peer_index < 0)
		peer_index =
		    SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, on_freed);
	return peer_index >= 0;
}

static struct tls_peer *
peer_of(const SSL *ssl)
{
	return SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), peer_index);
}

/* The server asks for a certificate. */
static int
on_asked(SSL *ssl, void *context)
{
	(void)context;
	if (peer_of(ssl) != NULL)
		peer_of(ssl)->asked = true;
	return 1;
}

/* And there is none that it takes. */
static int
on_certificate_wanted(SSL *ssl, X509 **certificate, EVP_PKEY **key)
{
	(void)certificate;
	(void)key;
	if (peer_of(ssl) != NULL)
		peer_of(ssl)->wants_certificate = true;
	return 0;
}

/* Verification goes as it goes; note what words it will need. */
static int
on_verified(int ok, X509_STORE_CTX *context)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(
	    context, SSL_get_ex_data_X509_STORE_CTX_idx());
	int error = X509_STORE_CTX_get_error(context);
	const X509 *leaf = X509_STORE_CTX_get0_cert(context);
	bool names;

	if (ok || peer_of(ssl) == NULL ||
	    (error != X509_V_ERR_HOSTNAME_MISMATCH &&
		error != X509_V_ERR_IP_ADDRESS_MISMATCH))
		return ok;
	names = X509_get_ext_by_NID(leaf, NID_subject_alt_name, -1) >= 0;
	peer_of(ssl)->unnamed = !names;
	peer_of(ssl)->misnamed = names;
	return ok;
}

static int64_t
ms_of(const ASN1_TIME *at)
{
	struct tm tm;

	return at != NULL && ASN1_TIME_to_tm(at, &tm) == 1
	    ? (int64_t)timegm(&tm) * 1000
	    : 0;
}

/* Which of the certificates is not valid at this time. */
static void
note_invalid(struct tls_peer *peer, X509_STORE_CTX *context)
{
	const X509 *bad = X509_STORE_CTX_get_current_cert(context);
	int error = X509_STORE_CTX_get_error(context);

	if (bad == NULL)
		return;
	peer->own = X509_STORE_CTX_get_error_depth(context) == 0;
	if (error == X509_V_ERR_CERT_HAS_EXPIRED)
		peer->ends_ms = peer->ended_ms = ms_of(X509_get0_notAfter(bad));
	else if (error == X509_V_ERR_CERT_NOT_YET_VALID)
		peer->begins_ms = ms_of(X509_get0_notBefore(bad));
}

/*
 * Verify the server's certificate, and note when it ends: with those by which
 * it is trusted and not all that are shown, as servers show old ones too that
 * nobody needs.
 */
static int
on_verify(X509_STORE_CTX *context, void *data)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(
	    context, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct tls_peer *peer = peer_of(ssl);
	STACK_OF(X509) * chain;
	int64_t ends_ms;
	int ok;

	(void)data;
	if (peer == NULL)
		return 0;
	peer->ends_ms =
	    ms_of(X509_get0_notAfter(X509_STORE_CTX_get0_cert(context)));
	if (!peer->verify)
		return 1;
	ok = X509_verify_cert(context);
	if (ok <= 0) {
		note_invalid(peer, context);
		return ok;
	}
	chain = X509_STORE_CTX_get0_chain(context);
	for (int i = 0; i < sk_X509_num(chain); i++) {
		ends_ms = ms_of(X509_get0_notAfter(sk_X509_value(chain, i)));
		if (ends_ms > 0 && ends_ms < peer->ends_ms)
			peer->ends_ms = ends_ms;
	}
	return ok;
}

/* RFC 9525, 6.3: the common name of the subject is no name of a server. */
static int
require_name(SSL_CTX *ctx, const struct tls_peer *peer)
{
	X509_VERIFY_PARAM *param = SSL_CTX_get0_param(ctx);
	struct address address = peer->address;
	size_t len;
	int ok;

	X509_VERIFY_PARAM_set_hostflags(param,
	    X509_CHECK_FLAG_NEVER_CHECK_SUBJECT |
		X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (peer->host == NULL || address_parse(peer->host, &address) == 0) {
		len = address_bits(&address) / 8;
		ok = X509_VERIFY_PARAM_set1_ip(param, address.bytes, len);
	} else {
		len = strlen(peer->host);
		if (len > 1 && peer->host[len - 1] == '.')
			len--;
		ok = X509_VERIFY_PARAM_set1_host(param, peer->host, len);
	}
	return ok == 1 ? 0 : -1;
}

void
tls_leave(struct tls_peer *peer)
{
	if (peer->context != NULL)
		SSL_CTX_set_ex_data(peer->context, peer_index, NULL);
	peer->context = NULL;
}

int
tls_prepare(void *ssl_ctx, struct tls_peer *peer)
{
	SSL_CTX *ctx = ssl_ctx;
	/* Not a literal: the macro casts it to what may be written. */
	char groups[] = GROUPS;

	tls_leave(peer);
	if (SSL_CTX_set_ex_data(ctx, peer_index, peer) != 1 ||
	    SSL_CTX_set_cipher_list(ctx, CIPHERS) != 1 ||
	    SSL_CTX_set1_groups_list(ctx, groups) != 1)
		return -1;
	peer->context = ctx;
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION);
	/* Else one call reads tickets and new keys for as long as they come in:
	 * a server held the loop for 3.8 s with them. */
	SSL_CTX_clear_mode(ctx, SSL_MODE_AUTO_RETRY);
	SSL_CTX_set_client_cert_cb(ctx, on_certificate_wanted);
	SSL_CTX_set_cert_cb(ctx, on_asked, NULL);
	SSL_CTX_set_cert_verify_callback(ctx, on_verify, NULL);
	if (!peer->verify)
		return 0;
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, on_verified);
	return require_name(ctx, peer);
}

const char *
tls_words(const struct tls_peer *peer, char out[TLS_WORDS])
{
	const char *which =
	    peer->own ? "the certificate" : "a certificate above the server's";
	char at[CLOCK_TEXT];

	if (peer->wants_certificate && !peer->certificate)
		return "the server wants a client certificate";
	if (peer->wants_certificate)
		return "the server does not take our client certificate";
	if (peer->ended_ms != 0)
		snprintf(out, TLS_WORDS, "%s ended at %s", which,
		    clock_format(peer->ended_ms, at));
	else if (peer->begins_ms != 0)
		snprintf(out, TLS_WORDS, "%s begins at %s", which,
		    clock_format(peer->begins_ms, at));
	else if (peer->unnamed)
		return "the certificate has no subjectAltName";
	else if (peer->misnamed)
		return "the certificate is for other names";
	else
		return NULL;
	return out;
}
