/*
 * What became of a request, in words for operators.  Called by http_check.c
 * when it has ended; sends and reads nothing.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "probes/ask/http_parts.h"

/* CURLE_TOO_LARGE, which libcurl has since 8.6. */
#define TOO_LARGE 100

/* What OpenSSL says of an error begins with its number and this. */
#define OPENSSL_WORDS "SSL routines::"
/* And libcurl's of what verification found. */
#define VERIFY_WORDS "SSL certificate problem: "
/* And of a connection that ended in the handshake, with words of its insides
 * and an address after them. */
static const char *const ended_words[] = {
    "OpenSSL SSL_connect: ", "Recv failure: ", "Send failure: "};
/* And what it says of nghttp2, which found an error in frames, has this and its
 * number before the words. */
#define HTTP2_WORDS "nghttp2_session_mem_recv() returned "

/* To a failure of TLS where it may help, and what room it leaves in a reason.
 */
#define HINT "; the check has no host"
#define HINTED ((int)(STATE_REASON - sizeof("tls: ") - sizeof(HINT) + 1))

/* Errors of this machine, not of the way to the endpoint. */
static bool
is_ours(long error)
{
	return error == EMFILE || error == ENFILE || error == ENOBUFS ||
	    error == ENOMEM || error == EACCES || error == EPERM ||
	    error == EADDRNOTAVAIL || error == EAFNOSUPPORT;
}

static bool
is_unreachable(long error)
{
	return error == EHOSTUNREACH || error == ENETUNREACH ||
	    error == ENETDOWN || error == EHOSTDOWN;
}

/* "kind: text", or the kind alone.  libcurl's text may quote what a server sent
 * (names of its certificate, headers), so only printable ASCII is kept. */
static void
give_reason(struct http_answer *answer, const char *kind, const char *text)
{
	if (text == NULL || text[0] == '\0')
		snprintf(answer->reason, sizeof(answer->reason), "%s", kind);
	else
		snprintf(answer->reason, sizeof(answer->reason), "%s: %s", kind,
		    text);
	for (char *p = answer->reason; *p != '\0'; p++)
		if (*p < 0x20 || *p > 0x7e)
			*p = '?';
}

/* A failure of the network with the errno ${error}, or else ${text}. */
static void
judge_network(struct http_answer *answer, long error, const char *text)
{
	if (is_ours(error)) {
		answer->outcome = HTTP_UNMADE;
		give_reason(answer, "probe", strerror((int)error));
	} else if (error == ECONNREFUSED) {
		give_reason(answer, "refused", NULL);
	} else if (error == ECONNRESET || error == EPIPE ||
	    error == ECONNABORTED) {
		give_reason(answer, "reset", NULL);
	} else if (error == ETIMEDOUT) {
		give_reason(answer, "timeout", NULL);
	} else if (is_unreachable(error)) {
		give_reason(answer, "unreachable", NULL);
	} else {
		give_reason(answer, "connection",
		    error != 0 ? strerror((int)error) : text);
	}
}

/* It came so far, or a request before it did. */
static bool
is_connected(const struct http_answer *answer)
{
	return answer->connect_us >= 0 || answer->reused;
}

/* There is something to read, or a connection that has just come to be. */
static bool
has_news(const struct http_check *check, bool connected)
{
	struct pollfd fd = {
	    .fd = check->fd, .events = connected ? POLLIN : POLLIN | POLLOUT};

	return check->fd < 0 || poll(&fd, 1, 0) != 0;
}

/*
 * A time-out is the endpoint's, unless we noticed it too late or were late
 * before: then only if it had most of the time to itself and has still sent
 * nothing.
 */
static void
judge_timeout(const struct http_check *check, struct http_answer *answer)
{
	int64_t now = clock_mono_ms();
	int64_t late_ms = check->lane->checker->late_ms - check->late_ms;
	bool in_time = now <= check->deadline_ms + LATE_MS &&
	    late_ms <= check->timeout_ms / 4;

	if (in_time ||
	    (now - check->acted_ms >= check->timeout_ms * 3 / 4 &&
		!has_news(check, is_connected(answer)))) {
		give_reason(answer, "timeout", NULL);
		return;
	}
	answer->outcome = HTTP_UNMADE;
	give_reason(answer, "probe", "too slow, this host is overloaded");
}

/* What libcurl says of a handshake, without what is only of use to its authors.
 */
static const char *
handshake_words(const char *text)
{
	const char *words = strstr(text, OPENSSL_WORDS);

	if (words != NULL)
		return words + strlen(OPENSSL_WORDS);
	if (strncmp(text, VERIFY_WORDS, strlen(VERIFY_WORDS)) == 0)
		return text + strlen(VERIFY_WORDS);
	for (size_t i = 0; i < sizeof(ended_words) / sizeof(ended_words[0]);
	     i++)
		if (strncmp(text, ended_words[i], strlen(ended_words[i])) == 0)
			return strstr(text, "reset") != NULL ||
				strstr(text, "Broken pipe") != NULL
			    ? "reset in the handshake"
			    : "closed in the handshake";
	return text;
}

/*
 * A failure of TLS: what OpenSSL says begins with numbers, certificates have
 * words of ours, and a server that is not named in the handshake may well have
 * none to show.
 */
static void
judge_tls(const struct http_check *check, struct http_answer *answer,
    const char *text)
{
	const struct tls_peer *peer = &check->peer;
	char shown[STATE_REASON], ours[TLS_WORDS], alert[STATE_REASON];
	bool hint = peer->host == NULL && !peer->asked;

	text = handshake_words(text);
	/* It has seen ours, and sends an alert. */
	if (peer->asked && peer->certificate &&
	    strstr(text, " alert ") != NULL) {
		snprintf(alert, sizeof(alert), "our client certificate: %.*s",
		    (int)strcspn(text, ","), text);
		text = alert;
	}
	if (tls_words(peer, ours) != NULL)
		text = tls_words(peer, ours);
	snprintf(
	    shown, sizeof(shown), "%.*s%s", HINTED, text, hint ? HINT : "");
	give_reason(answer, "tls", shown);
}

/* A connection that failed while it was used, or did not come to be. */
static void
judge_connection(const struct http_check *check, struct http_answer *answer,
    const char *text)
{
	const char *http2 = strstr(text, HTTP2_WORDS);
	long error = 0;

	curl_easy_getinfo(check->easy, CURLINFO_OS_ERRNO, &error);
	if (http2 != NULL && strchr(http2, ':') != NULL)
		give_reason(answer, "answer: HTTP/2", strchr(http2, ':') + 1);
	else if (strstr(text, OPENSSL_WORDS) != NULL ||
	    (check->peer.wants_certificate && answer->status == 0))
		judge_tls(check, answer, text);
	else if (check->peer.asked && check->peer.certificate &&
	    answer->status == 0 && (error == ECONNRESET || error == EPIPE))
		give_reason(
		    answer, "tls", "reset after our client certificate");
	else
		judge_network(answer, error, text);
}

/* libcurl runs "out of memory" at a header line that is longer than its buffer
 * for one, 100 KB, which is more than all headers may have. */
static void
judge_memory(const struct http_check *check, struct http_answer *answer)
{
	if (answer->first_byte_us >= 0 && !check->headers_ended) {
		give_reason(answer, "headers: over 64 KiB", NULL);
	} else {
		answer->outcome = HTTP_UNMADE;
		give_reason(answer, "probe", "no memory");
	}
}

/* What is ours, or the server's whatever else happened; false: neither. */
static bool
judge_beforehand(
    const struct http_check *check, CURLcode code, struct http_answer *answer)
{
	if (check->words[0] != '\0') {
		answer->outcome = HTTP_UNMADE;
		give_reason(answer, check->words, NULL);
	} else if (check->trouble != 0 && code != CURLE_OK) {
		answer->outcome = HTTP_UNMADE;
		give_reason(answer, "probe", strerror(check->trouble));
	} else if (check->header_bytes > HTTP_CHECK_HEADER_MAX) {
		give_reason(answer, "headers: over 64 KiB", NULL);
	} else if (check->garbled) {
		answer->status = 0;
		give_reason(answer, "not HTTP", NULL);
	} else if (check->cost_us > COST_MAX_US) {
		give_reason(answer, "costs too much CPU time", NULL);
	} else {
		return false;
	}
	return true;
}

/* Reading ended at our own wish. */
static void
judge_enough(const struct http_check *check, struct http_answer *answer)
{
	if (check->kind != HTTP_EXCHANGE)
		give_reason(
		    answer, "body: not what is expected in 64 KiB", NULL);
	else if (check->enough)
		answer->outcome = HTTP_ANSWERED;
	else if (check->encoded)
		give_reason(answer, "body: compressed, unasked", NULL);
	else
		give_reason(answer, "body: over 16 MiB", NULL);
}

/* Closed before an answer, or before the text in it. */
static void
judge_closed(const struct http_check *check, struct http_answer *answer)
{
	if (check->peer.wants_certificate)
		judge_tls(check, answer, "");
	else if (check->peer.asked && check->peer.certificate)
		give_reason(
		    answer, "tls", "closed after our client certificate");
	else if (check->talk.n_came > 0)
		give_reason(answer, "closed without what is expected", NULL);
	else
		give_reason(answer,
		    check->only_http2 ? "closed without an answer in HTTP/2"
				      : "closed without an answer",
		    NULL);
}

/* The whole of an answer came. */
static void
judge_whole(const struct http_check *check, struct http_answer *answer)
{
	if (check->only_http2 && answer->protocol != 20)
		give_reason(answer, "not HTTP/2", NULL);
	else
		answer->outcome = HTTP_ANSWERED;
}

/* A file of ours that TLS needs. */
static void
judge_file(const struct http_check *check, struct http_answer *answer,
    bool authorities, const char *text)
{
	answer->outcome = HTTP_UNMADE;
	if (authorities)
		give_reason(answer, "probe: cannot use the ca file",
		    check->lane->ca != NULL ? check->lane->ca : text);
	else
		give_reason(
		    answer, "probe: cannot use the client certificate", NULL);
}

void
http_judge(
    const struct http_check *check, CURLcode code, struct http_answer *answer)
{
	const char *text =
	    check->error[0] != '\0' ? check->error : curl_easy_strerror(code);

	answer->outcome = HTTP_FAILED;
	if (judge_beforehand(check, code, answer))
		return;
	switch ((int)code) {
	case CURLE_OK:
		judge_whole(check, answer);
		break;
	case CURLE_WRITE_ERROR:
		judge_enough(check, answer);
		break;
	case CURLE_OPERATION_TIMEDOUT:
		judge_timeout(check, answer);
		break;
	case CURLE_COULDNT_CONNECT:
		/* libcurl's own text may name an address that is none, see
		 * shared_name() in http_request.c. */
		judge_connection(check, answer, curl_easy_strerror(code));
		break;
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
		judge_connection(check, answer, text);
		break;
	case CURLE_GOT_NOTHING:
		judge_closed(check, answer);
		break;
	case CURLE_PARTIAL_FILE:
		/* So ends HTTP/2 even before there is a header. */
		if (check->header_bytes == 0)
			judge_closed(check, answer);
		else
			give_reason(answer, "body: cut short", NULL);
		break;
	case CURLE_UNSUPPORTED_PROTOCOL: /* HTTP/0.9, which is not allowed */
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_BAD_FUNCTION_ARGUMENT: /* a header that is none */
		give_reason(answer, "not HTTP", NULL);
		break;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_INVALIDCERTSTATUS:
		judge_tls(check, answer, text);
		break;
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CERTPROBLEM:
		judge_file(
		    check, answer, code == CURLE_SSL_CACERT_BADFILE, text);
		break;
	case CURLE_OUT_OF_MEMORY:
	case TOO_LARGE:
		judge_memory(check, answer);
		break;
	default:
		/* After a connection was made, the other errors are the
		 * server's. */
		if (!is_connected(answer))
			answer->outcome = HTTP_UNMADE;
		give_reason(
		    answer, is_connected(answer) ? "answer" : "probe", text);
		break;
	}
}
