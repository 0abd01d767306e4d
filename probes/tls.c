/*
 * TLS of checks by OpenSSL's own calls, on the context that libcurl has made.
 * Called by the HTTP checker; sends nothing itself.
 */
#include "probes/tls.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string.h>

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

bool
tls_init(const char *library)
{
	if (library == NULL || strncmp(library, "OpenSSL/", 8) != 0)
		return false;
	if (peer_index < 0)
		peer_index =
		    SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, NULL);
	return peer_index >= 0;
}

static struct tls_peer *
peer_of(const SSL *ssl)
{
	return SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), peer_index);
}

/* The server asks for a certificate: there is none. */
static int
on_certificate_wanted(SSL *ssl, X509 **certificate, EVP_PKEY **key)
{
	(void)certificate;
	(void)key;
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

	if (ok ||
	    (error != X509_V_ERR_HOSTNAME_MISMATCH &&
		error != X509_V_ERR_IP_ADDRESS_MISMATCH))
		return ok;
	names = X509_get_ext_by_NID(leaf, NID_subject_alt_name, -1) >= 0;
	peer_of(ssl)->unnamed = !names;
	peer_of(ssl)->misnamed = names;
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

int
tls_prepare(void *ssl_ctx, struct tls_peer *peer)
{
	SSL_CTX *ctx = ssl_ctx;

	if (SSL_CTX_set_ex_data(ctx, peer_index, peer) != 1 ||
	    SSL_CTX_set_cipher_list(ctx, CIPHERS) != 1 ||
	    SSL_CTX_set1_groups_list(ctx, GROUPS) != 1)
		return -1;
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION);
	/* Else one call reads tickets and new keys for as long as they come in:
	 * a server held the loop for 3.8 s with them. */
	SSL_CTX_clear_mode(ctx, SSL_MODE_AUTO_RETRY);
	SSL_CTX_set_client_cert_cb(ctx, on_certificate_wanted);
	if (!peer->verify)
		return 0;
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, on_verified);
	return require_name(ctx, peer);
}
