/*
 * Whether files of TLS can be used; see tls_files.h.
 */
#include "transfer/tls_files.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/file.h"

/* The authorities of a whole system are a quarter of this. */
#define FILE_MAX ((size_t)1 << 20)

#define DAY_MS ((int64_t)24 * 3600 * 1000)

struct looking {
	int64_t wall_ms;
	const struct mark *at;
	struct errbuf *eb;
};

/* Where a certificate begins and ends, wall clock. */
struct span {
	int64_t begins_ms, ends_ms;
};

static int64_t
ms_of(const ASN1_TIME *at)
{
	struct tm tm;

	return at != NULL && ASN1_TIME_to_tm(at, &tm) == 1
	    ? (int64_t)timegm(&tm) * 1000
	    : 0;
}

static struct span
span_of(const X509 *certificate)
{
	return (struct span){ms_of(X509_get0_notBefore(certificate)),
	    ms_of(X509_get0_notAfter(certificate))};
}

static void
judge_span(const struct looking *l, const char *what, const char *path,
    const struct span *span)
{
	int64_t left_ms = span->ends_ms - l->wall_ms;
	char when[CLOCK_TEXT];

	if (span->begins_ms > l->wall_ms)
		errbuf_error(l->eb, l->at,
		    "%s: %s is not valid before %s: look at the clock of this "
		    "machine, or get another one",
		    what, path, clock_format(span->begins_ms, when));
	else if (left_ms < 0)
		errbuf_error(l->eb, l->at,
		    "%s: %s has expired at %s: get another one", what, path,
		    clock_format(span->ends_ms, when));
	else if (left_ms < TLS_FILES_SOON_DAYS * DAY_MS)
		errbuf_warn(l->eb, l->at,
		    "%s: %s expires in %lld days, at %s: get another one", what,
		    path, (long long)(left_ms / DAY_MS),
		    clock_format(span->ends_ms, when));
}

/* Nobody is asked for a passphrase. */
static int
no_passphrase(char *out, int size, int writing, void *context)
{
	(void)out;
	(void)size;
	(void)writing;
	(void)context;
	return 0;
}

/* The text of ${path} to be read by OpenSSL; NULL with an error.  The caller
 * frees both, after it wiped the text. */
static BIO *
open_text(const struct looking *l, const char *path, char **text, size_t *len)
{
	BIO *bio;

	if (file_read(path, l->at, FILE_MAX, text, len, NULL, l->eb) != 0)
		return NULL;
	bio = BIO_new_mem_buf(*text, (int)*len);
	if (bio == NULL)
		errbuf_error(l->eb, l->at, "no memory");
	return bio;
}

static void
close_text(BIO *bio, char *text, size_t len)
{
	BIO_free(bio);
	if (text != NULL)
		explicit_bzero(text, len);
	free(text);
	ERR_clear_error();
}

/* The one that ends last of ${bio}; false when there is none. */
static bool
find_last(BIO *bio, struct span *last)
{
	X509 *one;
	bool found = false;

	while (
	    (one = PEM_read_bio_X509(bio, NULL, no_passphrase, NULL)) != NULL) {
		struct span span = span_of(one);

		if (!found || span.ends_ms > last->ends_ms)
			*last = span;
		found = true;
		X509_free(one);
	}
	return found;
}

static void
check_ca(const struct looking *l, const char *path)
{
	char *text = NULL;
	size_t len = 0;
	BIO *bio = open_text(l, path, &text, &len);
	struct span last;

	if (bio != NULL && find_last(bio, &last))
		judge_span(l, "ca", path, &last);
	else if (bio != NULL)
		errbuf_error(l->eb, l->at,
		    "ca: %s holds no certificate that can be read", path);
	close_text(bio, text, len);
}

/* The first of the file is the node's own.  The caller frees it. */
static X509 *
check_certificate(const struct looking *l, const char *path)
{
	char *text = NULL;
	size_t len = 0;
	BIO *bio = open_text(l, path, &text, &len);
	X509 *own = NULL;
	struct span span;

	if (bio != NULL) {
		own = PEM_read_bio_X509(bio, NULL, no_passphrase, NULL);
		if (own == NULL)
			errbuf_error(l->eb, l->at,
			    "certificate: %s holds none that can be read",
			    path);
	}
	if (own != NULL) {
		span = span_of(own);
		judge_span(l, "certificate", path, &span);
	}
	close_text(bio, text, len);
	return own;
}

static void
check_key(const struct looking *l, const char *path, const X509 *certificate,
    const char *certificate_path)
{
	char *text = NULL;
	size_t len = 0;
	BIO *bio = open_text(l, path, &text, &len);
	EVP_PKEY *key = NULL;

	if (bio != NULL) {
		key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
		if (key == NULL)
			errbuf_error(l->eb, l->at,
			    "key: %s holds none that can be read without a "
			    "passphrase",
			    path);
	}
	if (key != NULL && certificate != NULL &&
	    X509_check_private_key(certificate, key) != 1)
		errbuf_error(l->eb, l->at,
		    "key: %s is not the key of the certificate %s", path,
		    certificate_path);
	EVP_PKEY_free(key);
	close_text(bio, text, len);
}

void
tls_files_check(const struct tls_files *files, int64_t wall_ms,
    const struct mark *at, struct errbuf *eb)
{
	const struct looking l = {wall_ms, at, eb};
	X509 *certificate = NULL;

	if (files->ca != NULL)
		check_ca(&l, files->ca);
	if (files->certificate != NULL)
		certificate = check_certificate(&l, files->certificate);
	if (files->key != NULL)
		check_key(&l, files->key, certificate, files->certificate);
	X509_free(certificate);
}
