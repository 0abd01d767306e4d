/*
 * Why a transfer failed, in words for an operator.  They are the same each time
 * for the same reason, so that a log is not filled, and hold no secret.
 */
#include <stdio.h>
#include <string.h>

#include "share/etcd/etcd_transfer_private.h"

/* Longest cause in words of libcurl, the NUL counted. */
#define CAUSE 128

/* Before what the other side says by TLS. */
#define ALERT " alert "

/* The error number of a connection that was not made, or 0. */
static int
system_error(const struct etcd_transfer *t)
{
	long number = 0;

	curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &number);
	return (int)number;
}

static bool
connected(const struct etcd_transfer *t)
{
	double when = 0;

	/* The time of the handshake, where there is one. */
	curl_easy_getinfo(t->easy, CURLINFO_PRETRANSFER_TIME, &when);
	return when > 0;
}

/* What libcurl and OpenSSL say, without what says nothing to an operator:
 * "OpenSSL SSL_read: error:0A000415:SSL routines::sslv3 alert certificate
 * expired, errno 0" is "certificate expired". */
static void
cut_to_cause(const char *curl, char out[CAUSE])
{
	static const char *const before[] = {
	    "SSL certificate problem: ", "SSL: ", "::", ALERT};
	const char *end;
	size_t len;

	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		const char *at = strstr(curl, before[i]);

		if (at != NULL)
			curl = at + strlen(before[i]);
	}
	end = strstr(curl, ", errno");
	len = end != NULL ? (size_t)(end - curl) : strlen(curl);
	(void)snprintf(
	    out, CAUSE, "%.*s", len < CAUSE ? (int)len : CAUSE - 1, curl);
}

/* The other side has ended a handshake, or what came after it, and said why. */
static bool
is_alert(const char *curl)
{
	return strstr(curl, "::") != NULL && strstr(curl, ALERT) != NULL;
}

static void
alert_words(const char *cause, char out[ETCD_WORDS])
{
	if (strstr(cause, "certificate") != NULL ||
	    strstr(cause, "unknown ca") != NULL)
		snprintf(out, ETCD_WORDS,
		    "it refuses the certificate of this node: %s: see "
		    "meridianctl check",
		    cause);
	else
		snprintf(out, ETCD_WORDS, "it refuses TLS: %s", cause);
}

/* What TLS says of either side. */
static bool
tls_words(const struct etcd_transfer *t, const char *curl, char out[ETCD_WORDS])
{
	char cause[CAUSE];

	cut_to_cause(curl, cause);
	if (is_alert(curl)) {
		alert_words(cause, out);
		return true;
	}
	switch ((int)t->code) {
	case CURLE_PEER_FAILED_VERIFICATION:
		snprintf(
		    out, ETCD_WORDS, "its certificate is no good: %s", cause);
		return true;
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CERTPROBLEM:
		snprintf(
		    out, ETCD_WORDS, "a TLS file of this node: %.180s", curl);
		return true;
	case CURLE_SSL_CONNECT_ERROR:
		if (strstr(cause, "wrong version number") != NULL)
			snprintf(out, ETCD_WORDS,
			    "it speaks no TLS: write http:// for it, or give "
			    "it a certificate");
		else
			snprintf(out, ETCD_WORDS, "no TLS with it: %s", cause);
		return true;
	default:
		return false;
	}
}

/* It closed, and said nothing. */
static bool
closed_words(const struct etcd_transfer *t, char out[ETCD_WORDS])
{
	snprintf(out, ETCD_WORDS, "it closed without an answer%s",
	    t->tls ? "" : ": if it speaks TLS, write https:// for it");
	return true;
}

bool
etcd_transfer_words(const struct etcd_transfer *t, char out[ETCD_WORDS])
{
	const char *curl =
	    t->error[0] != '\0' ? t->error : curl_easy_strerror(t->code);
	int number = system_error(t);

	out[0] = '\0';
	if (t->code == CURLE_OK || tls_words(t, curl, out))
		return false;
	switch ((int)t->code) {
	case CURLE_COULDNT_CONNECT:
		snprintf(out, ETCD_WORDS, "no connection: %s",
		    number > 0 ? strerror(number) : "refused");
		return false;
	case CURLE_COULDNT_RESOLVE_HOST:
		snprintf(out, ETCD_WORDS, "the DNS has no address for it");
		return false;
	case CURLE_OPERATION_TIMEDOUT:
		/* How long it was given depends on what the call had left. */
		snprintf(out, ETCD_WORDS, "%s in time",
		    connected(t) ? "no answer" : "no connection");
		return true;
	case CURLE_GOT_NOTHING:
	case CURLE_PARTIAL_FILE:
	case CURLE_SEND_FAIL_REWIND:
		return closed_words(t, out);
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
		if (!t->tls)
			return closed_words(t, out);
		break;
	case CURLE_WRITE_ERROR:
		snprintf(out, ETCD_WORDS,
		    "its answer is over %zu bytes, or memory is out",
		    t->in_max);
		return false;
	default:
		break;
	}
	/* TLS 1.3 refuses a certificate after the handshake: what is sent then
	 * fails, perhaps before the reason is read. */
	snprintf(out, ETCD_WORDS, "the connection broke%s: %.160s",
	    t->transport->files[1] != NULL
		? ", perhaps it does not take the certificate of this node"
		: "",
	    curl);
	return true;
}
