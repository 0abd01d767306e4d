/*
 * HTTP requests by libcurl's multi interface on libuv.  Called by attempts;
 * decides nothing about health.
 *
 * Certificate authorities are cached by libcurl, one file for each multi
 * handle.  Parsing a system's bundle takes milliseconds, so requests are sorted
 * into lanes: a lane is a multi handle for all requests with one CA file.
 */
#include "probes/http_check.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "probes/tls.h"

/* What is read at once.  Answers are small, and thousands of requests may wait
 * at the same time, each with such a buffer. */
#define READ_BYTES 4096L

/* A time-out that is noticed later than this is our own fault: the loop was
 * held up, and the answer may be in the socket unread.  A loop that is not held
 * up is late by a few milliseconds. */
#define LATE_MS 50

/*
 * What one request may cost in CPU time of this thread, a file of authorities
 * aside that had to be read.  A handshake takes 2 to 5 ms, the longest list of
 * models 60; the rest is for slow machines.  A server that takes more wastes
 * the time of all others, and whatever it does for that, it has failed.
 */
#define COST_MAX_US 250000

/* A single call that took so long made others' times run out: they are done
 * before the next one, so that it is not charged with them. */
#define COST_LONG_US 10000

/* CURLE_TOO_LARGE, which libcurl has since 8.6. */
#define TOO_LARGE 100

/* What OpenSSL says of an error begins with its number and this. */
#define OPENSSL_WORDS "SSL routines::"

/* To a failure of TLS where it may help, and what room it leaves in a reason.
 */
#define HINT "; the check has no host"
#define HINTED ((int)(STATE_REASON - sizeof("tls: ") - sizeof(HINT) + 1))

/* scheme, host of 253, port, path of 1024 */
#define URL_MAX 1536

struct lane {
	struct http_checker *checker;
	struct lane *next;
	char *ca; /* NULL: the system's, or no verification */
	CURLM *multi;
	uv_timer_t timer;
	size_t running;
	bool retired;  /* takes no new requests, freed after the last */
	bool draining; /* done() may be running: it must not be freed */
};

struct http_checker {
	uv_loop_t *loop;
	struct lane *lanes;
	struct curl_slist *headers; /* of every request */
	int64_t charged_us;         /* CPU time that some check has paid */
};

struct http_check {
	struct lane *lane;
	CURL *easy;
	struct curl_slist *connect_to;
	http_done done;
	void *context;
	http_take take;
	size_t header_bytes, body_bytes;
	int64_t deadline_ms; /* monotonic */
	bool headers_ended;
	bool enough;      /* of a body that does not matter */
	int64_t cost_us;  /* CPU time, but for: */
	int64_t since_us; /* CPU time when the call under way began */
	struct tls_peer peer;
	char *host;  /* of ${peer} */
	int trouble; /* errno of what this process could not do; 0 */
	char error[CURL_ERROR_SIZE];
};

/* A socket of libcurl's that is watched. */
struct watch {
	uv_poll_t poll;
	struct lane *lane;
	struct http_check *check; /* whose only socket it is */
	curl_socket_t fd;
	int events; /* what libcurl waits for: UV_READABLE, UV_WRITABLE */
};

/* --- sockets and timers between libcurl and libuv --- */

static void drain(struct lane *lane);
static void finish(struct http_check *check, CURLcode code);

/* CPU time of this thread. */
static int64_t
spent_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* What was spent since the last call was spent for ${check}; NULL: for none. */
static void
charge(struct http_checker *checker, struct http_check *check)
{
	int64_t now = spent_us();

	if (check != NULL)
		check->cost_us += now - checker->charged_us;
	checker->charged_us = now;
}

/* Others than the check of a socket act, too: they are charged as their octets
 * come in. */
static void
act_on_time(struct lane *lane)
{
	int running;

	charge(lane->checker, NULL);
	curl_multi_socket_action(lane->multi, CURL_SOCKET_TIMEOUT, 0, &running);
}

/* Let libcurl act on a socket, at the cost of its check, which lives on. */
static void
act_on_socket(struct watch *watch, int flags)
{
	struct lane *lane = watch->lane;
	struct http_check *check = watch->check;
	int64_t before = check->cost_us;
	int running;

	charge(lane->checker, NULL);
	curl_multi_socket_action(lane->multi, watch->fd, flags, &running);
	charge(lane->checker, check);
	if (check->cost_us - before >= COST_LONG_US)
		act_on_time(lane);
}

static void
on_watch_closed(uv_handle_t *handle)
{
	free(handle->data);
}

/*
 * libuv ends a watch with an error when the socket has one pending, even where
 * an answer lies before it: a server that closed without having read all of a
 * request sends its whole answer and a reset after it.  What became of the
 * socket is told by reading it, data first, so libcurl is sent to read and
 * write, and never hears of the error; then the watch goes on.
 */
static void
on_readiness(uv_poll_t *poll, int status, int events)
{
	struct watch *watch = poll->data;
	struct lane *lane = watch->lane;
	int flags = 0;

	if (status < 0)
		flags = CURL_CSELECT_IN | CURL_CSELECT_OUT;
	if (events & UV_READABLE)
		flags |= CURL_CSELECT_IN;
	if (events & UV_WRITABLE)
		flags |= CURL_CSELECT_OUT;
	act_on_socket(watch, flags);
	/* ${watch} stays in memory until the loop has turned; what still has
	 * it is not finished. */
	if (!uv_is_closing((uv_handle_t *)poll)) {
		if (watch->check->cost_us > COST_MAX_US) {
			lane->draining = true;
			finish(watch->check, CURLE_ABORTED_BY_CALLBACK);
		} else if (status < 0) {
			uv_poll_start(poll, watch->events, on_readiness);
		}
	}
	drain(lane);
}

/* Watch ${fd} of libcurl's; it gets the watch back in later calls. */
static struct watch *
watch_create(struct lane *lane, curl_socket_t fd)
{
	struct watch *watch = calloc(1, sizeof(*watch));

	if (watch == NULL)
		return NULL;
	if (uv_poll_init_socket(lane->checker->loop, &watch->poll, fd) != 0) {
		free(watch);
		return NULL;
	}
	watch->poll.data = watch;
	watch->lane = lane;
	watch->fd = fd;
	curl_multi_assign(lane->multi, fd, watch);
	return watch;
}

/* libcurl says what it waits for on a socket. */
static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *socket)
{
	struct lane *lane = context;
	struct watch *watch = socket;
	struct http_check *check = NULL;
	int events = 0;

	if (what == CURL_POLL_REMOVE) {
		if (watch == NULL)
			return 0;
		curl_multi_assign(lane->multi, fd, NULL);
		uv_close((uv_handle_t *)&watch->poll, on_watch_closed);
		return 0;
	}
	curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&check);
	if (what & CURL_POLL_IN)
		events |= UV_READABLE;
	if (what & CURL_POLL_OUT)
		events |= UV_WRITABLE;
	if (watch == NULL)
		watch = watch_create(lane, fd);
	if (watch != NULL) {
		watch->check = check;
		watch->events = events;
		if (uv_poll_start(&watch->poll, events, on_readiness) == 0)
			return 0;
	}
	/* It will run into its time, which is our fault. */
	check->trouble = ENOMEM;
	return 0;
}

static void
on_timer(uv_timer_t *timer)
{
	struct lane *lane = timer->data;

	act_on_time(lane);
	drain(lane);
}

/* libcurl says when it wants to be called.  At once is a millisecond later:
 * libuv would run a timer of 0 that is set by a timer before it looks at any
 * socket, and libcurl sets one for as long as a connection has more to read. */
static int
on_timeout(CURLM *multi, long timeout_ms, void *context)
{
	struct lane *lane = context;

	(void)multi;
	if (timeout_ms < 0)
		uv_timer_stop(&lane->timer);
	else
		uv_timer_start(&lane->timer, on_timer,
		    timeout_ms > 0 ? (uint64_t)timeout_ms : 1, 0);
	return 0;
}

/* --- lanes --- */

static void
on_lane_closed(uv_handle_t *handle)
{
	struct lane *lane = handle->data;

	free(lane->ca);
	free(lane);
}

/* Free a retired lane when nothing runs in it any more. */
static void
lane_leave(struct lane *lane)
{
	struct lane **at;

	if (!lane->retired || lane->running > 0 || lane->draining)
		return;
	for (at = &lane->checker->lanes; *at != lane; at = &(*at)->next)
		;
	*at = lane->next;
	curl_multi_cleanup(lane->multi);
	uv_close((uv_handle_t *)&lane->timer, on_lane_closed);
}

/* CURLPIPE_NOTHING: requests never share a connection. */
static struct lane *
lane_create(struct http_checker *checker, const char *ca)
{
	struct lane *lane = calloc(1, sizeof(*lane));

	if (lane == NULL)
		return NULL;
	lane->checker = checker;
	lane->ca = ca != NULL ? strdup(ca) : NULL;
	lane->multi = curl_multi_init();
	if (lane->multi == NULL || (ca != NULL && lane->ca == NULL)) {
		if (lane->multi != NULL)
			curl_multi_cleanup(lane->multi);
		free(lane->ca);
		free(lane);
		return NULL;
	}
	uv_timer_init(checker->loop, &lane->timer);
	lane->timer.data = lane;
	curl_multi_setopt(lane->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(lane->multi, CURLMOPT_SOCKETDATA, lane);
	curl_multi_setopt(lane->multi, CURLMOPT_TIMERFUNCTION, on_timeout);
	curl_multi_setopt(lane->multi, CURLMOPT_TIMERDATA, lane);
	curl_multi_setopt(lane->multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
	lane->next = checker->lanes;
	checker->lanes = lane;
	return lane;
}

static struct lane *
lane_find(struct http_checker *checker, const char *ca)
{
	for (struct lane *lane = checker->lanes; lane != NULL;
	     lane = lane->next) {
		if (lane->retired || (lane->ca == NULL) != (ca == NULL))
			continue;
		if (ca == NULL || strcmp(lane->ca, ca) == 0)
			return lane;
	}
	return lane_create(checker, ca);
}

struct http_checker *
http_checker_create(uv_loop_t *loop)
{
	struct http_checker *checker = calloc(1, sizeof(*checker));

	if (checker == NULL)
		return NULL;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		free(checker);
		return NULL;
	}
	if (!tls_init(curl_version_info(CURLVERSION_NOW)->ssl_version)) {
		curl_global_cleanup();
		free(checker);
		return NULL;
	}
	checker->loop = loop;
	/* Asked by this header, the server closes first, and TIME_WAIT takes a
	 * port there.  Without memory for the header we close first, which
	 * takes one here for a minute. */
	checker->headers = curl_slist_append(NULL, "Connection: close");
	return checker;
}

void
http_checker_refresh(struct http_checker *checker)
{
	struct lane *next;

	for (struct lane *lane = checker->lanes; lane != NULL; lane = next) {
		next = lane->next;
		lane->retired = true;
		lane_leave(lane);
	}
}

void
http_checker_close(struct http_checker *checker)
{
	if (checker == NULL)
		return;
	http_checker_refresh(checker);
	curl_slist_free_all(checker->headers);
	free(checker);
	curl_global_cleanup();
}

/* --- what comes in --- */

static size_t
on_header(char *data, size_t size, size_t n, void *context)
{
	struct http_check *check = context;

	charge(check->lane->checker, check);
	check->header_bytes += size * n;
	/* The empty line at their end; those of an interim answer begin anew.
	 */
	check->headers_ended = data[0] == '\r' || data[0] == '\n';
	return check->header_bytes <= HTTP_CHECK_HEADER_MAX &&
		check->cost_us <= COST_MAX_US
	    ? size * n
	    : 0;
}

/* Returning less than was given ends the request with CURLE_WRITE_ERROR, which
 * judge() takes apart. */
static size_t
on_body(char *data, size_t size, size_t n, void *context)
{
	struct http_check *check = context;

	charge(check->lane->checker, check);
	check->body_bytes += size * n;
	if (check->take == NULL) {
		check->enough = check->body_bytes > HTTP_CHECK_BODY_MAX;
		return check->enough ? 0 : size * n;
	}
	if (check->body_bytes > HTTP_CHECK_TAKEN_MAX)
		return 0;
	check->take(check->context, data, size * n);
	charge(check->lane->checker, check);
	return check->cost_us <= COST_MAX_US ? size * n : 0;
}

/* We open sockets ourselves, to learn why one could not be opened. */
static curl_socket_t
on_open(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct http_check *check = context;
	int fd = socket(address->family, address->socktype | SOCK_CLOEXEC,
	    address->protocol);

	(void)purpose;
	if (fd < 0) {
		check->trouble = errno;
		return CURL_SOCKET_BAD;
	}
	return fd;
}

/* --- what became of it --- */

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
		give_reason(answer, "connection", text);
	}
}

static void
judge_timeout(const struct http_check *check, struct http_answer *answer)
{
	if (clock_mono_ms() <= check->deadline_ms + LATE_MS) {
		give_reason(answer, "timeout", NULL);
		return;
	}
	answer->outcome = HTTP_UNMADE;
	give_reason(answer, "probe", "too slow, this host is overloaded");
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
	const char *words = strstr(text, OPENSSL_WORDS);
	char shown[STATE_REASON];

	if (words != NULL)
		text = words + strlen(OPENSSL_WORDS);
	if (peer->wants_certificate)
		text = "the server wants a client certificate";
	else if (peer->unnamed)
		text = "the certificate has no subjectAltName";
	else if (peer->misnamed)
		text = "the certificate is for other names";
	snprintf(shown, sizeof(shown), "%.*s%s", HINTED, text,
	    peer->host == NULL && !peer->wants_certificate ? HINT : "");
	give_reason(answer, "tls", shown);
}

/* A connection that failed while it was used, or did not come to be. */
static void
judge_connection(const struct http_check *check, struct http_answer *answer,
    const char *text)
{
	long error = 0;

	curl_easy_getinfo(check->easy, CURLINFO_OS_ERRNO, &error);
	if (strstr(text, OPENSSL_WORDS) != NULL ||
	    (check->peer.wants_certificate && answer->status == 0))
		judge_tls(check, answer, text);
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
	if (check->trouble != 0 && code != CURLE_OK) {
		answer->outcome = HTTP_UNMADE;
		give_reason(answer, "probe", strerror(check->trouble));
	} else if (check->cost_us > COST_MAX_US) {
		give_reason(answer, "costs too much CPU time", NULL);
	} else {
		return false;
	}
	return true;
}

/* Turn ${code} into an outcome and a reason for operators. */
static void
judge(const struct http_check *check, CURLcode code, struct http_answer *answer)
{
	const char *text =
	    check->error[0] != '\0' ? check->error : curl_easy_strerror(code);

	answer->outcome = HTTP_FAILED;
	if (judge_beforehand(check, code, answer))
		return;
	switch ((int)code) {
	case CURLE_OK:
		answer->outcome = HTTP_ANSWERED;
		break;
	case CURLE_WRITE_ERROR:
		if (check->enough)
			answer->outcome = HTTP_ANSWERED;
		else if (check->header_bytes > HTTP_CHECK_HEADER_MAX)
			give_reason(answer, "headers: over 64 KiB", NULL);
		else
			give_reason(answer, "body: over 16 MiB", NULL);
		break;
	case CURLE_OPERATION_TIMEDOUT:
		judge_timeout(check, answer);
		break;
	case CURLE_COULDNT_CONNECT:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
		judge_connection(check, answer, text);
		break;
	case CURLE_GOT_NOTHING:
		if (check->peer.wants_certificate)
			judge_tls(check, answer, text);
		else
			give_reason(answer, "closed without an answer", NULL);
		break;
	case CURLE_PARTIAL_FILE:
		give_reason(answer, "body: cut short", NULL);
		break;
	case CURLE_UNSUPPORTED_PROTOCOL: /* HTTP/0.9, which is not allowed */
	case CURLE_WEIRD_SERVER_REPLY:
		give_reason(answer, "not HTTP", NULL);
		break;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_INVALIDCERTSTATUS:
		judge_tls(check, answer, text);
		break;
	case CURLE_SSL_CACERT_BADFILE:
		answer->outcome = HTTP_UNMADE;
		give_reason(answer, "probe: cannot use the ca file",
		    check->lane->ca != NULL ? check->lane->ca : text);
		break;
	case CURLE_OUT_OF_MEMORY:
	case TOO_LARGE:
		judge_memory(check, answer);
		break;
	default:
		/* Of the rest, what came after a connection was made is what
		 * the server made of it. */
		if (answer->connect_us < 0)
			answer->outcome = HTTP_UNMADE;
		give_reason(
		    answer, answer->connect_us < 0 ? "probe" : "answer", text);
		break;
	}
}

static int64_t
time_of(CURL *easy, CURLINFO which)
{
	curl_off_t us = 0;

	/* libcurl's time of what did not happen is 0. */
	if (curl_easy_getinfo(easy, which, &us) != CURLE_OK || us <= 0)
		return -1;
	return us;
}

static void
check_free(struct http_check *check)
{
	if (check->easy != NULL)
		curl_easy_cleanup(check->easy);
	curl_slist_free_all(check->connect_to);
	free(check->host);
	free(check);
}

/* The request is over by ${code}: report it and free it. */
static void
finish(struct http_check *check, CURLcode code)
{
	struct lane *lane = check->lane;
	struct http_answer answer = {.reason = ""};
	long status = 0;

	curl_easy_getinfo(check->easy, CURLINFO_RESPONSE_CODE, &status);
	/* An interim answer (RFC 9110, 15.2) is none. */
	answer.status = status >= 200 ? (unsigned)status : 0;
	answer.connect_us = time_of(check->easy, CURLINFO_CONNECT_TIME_T);
	answer.first_byte_us =
	    time_of(check->easy, CURLINFO_STARTTRANSFER_TIME_T);
	judge(check, code, &answer);
	curl_multi_remove_handle(lane->multi, check->easy);
	lane->running--;
	check->done(check->context, &answer);
	check_free(check);
}

/* Deliver what is finished.  done() may start and cancel others. */
static void
drain(struct lane *lane)
{
	struct http_check *check;
	CURLMsg *message;
	CURLcode code;
	int left;

	lane->draining = true;
	while ((message = curl_multi_info_read(lane->multi, &left)) != NULL) {
		if (message->msg != CURLMSG_DONE)
			continue;
		/* The message is freed with the handle. */
		code = message->data.result;
		check = NULL;
		curl_easy_getinfo(
		    message->easy_handle, CURLINFO_PRIVATE, (char **)&check);
		if (check != NULL)
			finish(check, code);
	}
	lane->draining = false;
	lane_leave(lane);
}

/* --- requests --- */

/* The URL names the host, for the Host header and SNI; connect_to has it sent
 * to the address without asking the DNS. */
static int
set_target(struct http_check *check, const struct http_request *r)
{
	char url[URL_MAX], to[ADDRESS_TEXT], connect_to[ADDRESS_TEXT + 2];
	int n;

	endpoint_address_format(r->to, to);
	if (r->host != NULL) {
		snprintf(connect_to, sizeof(connect_to), "::%s", to);
		check->connect_to = curl_slist_append(NULL, connect_to);
		if (check->connect_to == NULL)
			return -1;
		n = snprintf(url, sizeof(url), "%s://%s:%u%s",
		    r->https ? "https" : "http", r->host, (unsigned)r->to->port,
		    r->path);
	} else {
		n = snprintf(url, sizeof(url), "%s://%s%s",
		    r->https ? "https" : "http", to, r->path);
	}
	if (n < 0 || (size_t)n >= sizeof(url) ||
	    curl_easy_setopt(check->easy, CURLOPT_URL, url) != CURLE_OK)
		return -1;
	return curl_easy_setopt(check->easy, CURLOPT_CONNECT_TO,
		   check->connect_to) == CURLE_OK
	    ? 0
	    : -1;
}

/* A connection's context is made, its authorities are read: not at its cost. */
static CURLcode
on_tls(CURL *easy, void *ssl_ctx, void *context)
{
	struct http_check *check = context;

	(void)easy;
	check->cost_us = 0;
	charge(check->lane->checker, NULL);
	if (tls_prepare(ssl_ctx, &check->peer) == 0)
		return CURLE_OK;
	check->trouble = ENOMEM;
	return CURLE_OUT_OF_MEMORY;
}

static int
set_peer(struct http_check *check, const struct http_request *r)
{
	if (r->host != NULL) {
		check->host = strdup(r->host);
		if (check->host == NULL)
			return -1;
	}
	check->peer.verify = r->verify;
	check->peer.host = check->host;
	check->peer.address = r->to->address;
	curl_easy_setopt(check->easy, CURLOPT_SSL_CTX_DATA, check);
	return curl_easy_setopt(
		   check->easy, CURLOPT_SSL_CTX_FUNCTION, on_tls) == CURLE_OK
	    ? 0
	    : -1;
}

static int
set_tls(struct http_check *check, const struct http_request *r)
{
	CURL *easy = check->easy;
	const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
	bool bad = false;

	if (!r->https)
		return 0;
	if (set_peer(check, r) != 0)
		return -1;
	/* Each check is to show that a handshake succeeds. */
	curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
	if (!r->verify) {
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
		curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
		curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
		return 0;
	}
	if (r->ca != NULL) {
		bad = curl_easy_setopt(easy, CURLOPT_CAINFO, r->ca) != CURLE_OK;
		/* Else the system's would be trusted as well. */
		curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	} else if (info->age >= CURLVERSION_SEVENTH && info->cainfo != NULL) {
		/* libcurl caches a bundle only where no folder is set. */
		curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	}
	return bad ? -1 : 0;
}

/* One request on one fresh connection, within its time, to its address. */
static void
set_bounds(CURL *easy, const struct http_request *r)
{
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)r->timeout_ms);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, READ_BYTES);
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	/* libcurl would keep every address for a minute, and search all of
	 * them for each request. */
	curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
	/* No proxy, whatever http_proxy and the like in the environment say. */
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
	curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
}

/* What libcurl reports goes to ${check}; every request names us. */
static void
set_callbacks(struct http_check *check)
{
	CURL *easy = check->easy;

	curl_easy_setopt(easy, CURLOPT_PRIVATE, check);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, check->error);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, check);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, check);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, check);
	curl_easy_setopt(
	    easy, CURLOPT_USERAGENT, "meridian-probe/" MERIDIAN_VERSION);
	curl_easy_setopt(
	    easy, CURLOPT_HTTPHEADER, check->lane->checker->headers);
}

struct http_check *
http_check_start(struct http_checker *checker,
    const struct http_request *request, http_done done, void *context)
{
	bool own_ca = request->https && request->verify;
	struct http_check *check = calloc(1, sizeof(*check));

	if (check == NULL)
		return NULL;
	check->take = request->take;
	check->deadline_ms = clock_mono_ms() + (int64_t)request->timeout_ms;
	check->done = done;
	check->context = context;
	check->lane = lane_find(checker, own_ca ? request->ca : NULL);
	check->easy = curl_easy_init();
	if (check->lane == NULL || check->easy == NULL ||
	    set_target(check, request) != 0 || set_tls(check, request) != 0)
		goto fail;
	set_bounds(check->easy, request);
	set_callbacks(check);
	if (curl_multi_add_handle(check->lane->multi, check->easy) != CURLM_OK)
		goto fail;
	check->lane->running++;
	return check;
fail:
	check_free(check);
	return NULL;
}

void
http_check_expire(struct http_check *check)
{
	struct lane *lane = check->lane;

	/* The same as when libcurl finds it too late. */
	finish(check, CURLE_OPERATION_TIMEDOUT);
	lane_leave(lane);
}

void
http_check_cancel(struct http_check *check)
{
	struct lane *lane = check->lane;

	curl_multi_remove_handle(lane->multi, check->easy);
	lane->running--;
	check_free(check);
	lane_leave(lane);
}
