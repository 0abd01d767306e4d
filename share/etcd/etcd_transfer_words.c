/*
 * Why a transfer failed, in words for an operator.  They are the same each time
 * for the same reason, so that a log is not filled, and hold no secret.
 */
#include <stdio.h>
#include <string.h>

#include "share/etcd/etcd_transfer_private.h"

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

void
etcd_transfer_words(const struct etcd_transfer *t, char out[ETCD_WORDS])
{
	const char *curl =
	    t->error[0] != '\0' ? t->error : curl_easy_strerror(t->code);
	int number = system_error(t);

	switch ((int)t->code) {
	case CURLE_OK:
		out[0] = '\0';
		return;
	case CURLE_COULDNT_CONNECT:
		snprintf(out, ETCD_WORDS, "no connection: %s",
		    number > 0 ? strerror(number) : "refused");
		return;
	case CURLE_COULDNT_RESOLVE_HOST:
		snprintf(out, ETCD_WORDS, "the DNS has no address for it");
		return;
	case CURLE_OPERATION_TIMEDOUT:
		snprintf(out, ETCD_WORDS, "%s within %lld ms",
		    connected(t) ? "no answer" : "no connection",
		    (long long)t->timeout_ms);
		return;
	case CURLE_PEER_FAILED_VERIFICATION:
		snprintf(out, ETCD_WORDS,
		    "its certificate does not hold for this name and these "
		    "authorities: %s",
		    curl);
		return;
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CERTPROBLEM:
		snprintf(out, ETCD_WORDS,
		    "a file of TLS of this node cannot be used: %s", curl);
		return;
	case CURLE_SSL_CONNECT_ERROR:
		snprintf(out, ETCD_WORDS,
		    "no TLS with it, or it wants another certificate of this "
		    "node: %s",
		    curl);
		return;
	case CURLE_GOT_NOTHING:
	case CURLE_PARTIAL_FILE:
	case CURLE_SEND_FAIL_REWIND:
		snprintf(out, ETCD_WORDS, "it closed without an answer");
		return;
	case CURLE_WRITE_ERROR:
		snprintf(out, ETCD_WORDS,
		    "its answer is over %zu bytes, or memory is out",
		    t->in_max);
		return;
	default:
		/* TLS 1.3 refuses a certificate after the handshake: what is
		 * sent then fails, perhaps before the reason is read. */
		snprintf(out, ETCD_WORDS, "the connection failed: %s%s", curl,
		    t->transport->files[1] != NULL
			? ": does it take the certificate of this node?"
			: "");
	}
}
