/*
 * HTTP requests: what is sent, and what is taken of an answer.  Called by
 * attempts; decides nothing about health.
 */
#include "probes/http_check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "probes/http_parts.h"

/* What is read at once.  Answers are small, and thousands of requests may wait
 * at the same time, each with such a buffer. */
#define READ_BYTES 4096L

/* A scheme, a host of 253 characters, a port and a path of 1024, the limits of
 * a check, are shorter. */
#define URL_MAX 1536
/* --- what comes in --- */

static size_t
on_header(char *data, size_t size, size_t n, void *context)
{
	struct http_check *check = context;

	http_lane_charge(check->lane->checker, check);
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
/* Returning less than was given ends the request with CURLE_WRITE_ERROR, which
 * http_judge() takes apart. */
static size_t
on_body(char *data, size_t size, size_t n, void *context)
{
	struct http_check *check = context;

	http_lane_charge(check->lane->checker, check);
	check->body_bytes += size * n;
	if (check->take == NULL) {
		check->enough = check->body_bytes > HTTP_CHECK_BODY_MAX;
		return check->enough ? 0 : size * n;
	}
	if (check->body_bytes > HTTP_CHECK_TAKEN_MAX)
		return 0;
	check->take(check->context, data, size * n);
	http_lane_charge(check->lane->checker, check);
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
	check->fd = fd;
	check->acted_ms = clock_mono_ms();
	return fd;
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
on_check_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void
check_free(struct http_check *check)
{
	if (check->easy != NULL)
		curl_easy_cleanup(check->easy);
	curl_slist_free_all(check->connect_to);
	free(check->host);
	uv_close((uv_handle_t *)&check->timer, on_check_closed);
}

void
http_check_finish(struct http_check *check, CURLcode code)
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
	http_judge(check, code, &answer);
	curl_multi_remove_handle(lane->multi, check->easy);
	lane->running--;
	check->done(check->context, &answer);
	check_free(check);
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
	http_lane_charge(check->lane->checker, NULL);
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

/* Which authorities are trusted, or that nothing is verified. */
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
	/* Each check shows that a whole handshake succeeds. */
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
/* One request on one fresh connection, to its address and nowhere else. */
static void
set_bounds(CURL *easy)
{
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
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

/* Time is ours to watch: libcurl would have closed the socket before it says
 * that there is no more, and then nobody can look what lies in it. */
static void
on_deadline(uv_timer_t *timer)
{
	http_check_expire(timer->data);
}

struct http_check *
http_check_start(struct http_checker *checker,
    const struct http_request *request, http_done done, void *context)
{
	struct http_check *check = calloc(1, sizeof(*check));

	if (check == NULL)
		return NULL;
	uv_timer_init(checker->loop, &check->timer);
	check->timer.data = check;
	check->fd = -1;
	check->take = request->take;
	check->deadline_ms = clock_mono_ms() + (int64_t)request->timeout_ms;
	check->done = done;
	check->context = context;
	check->timeout_ms = (int64_t)request->timeout_ms;
	check->late_ms = checker->late_ms;
	check->lane = http_lane_find(checker, request);
	check->easy = curl_easy_init();
	if (check->lane == NULL || check->easy == NULL ||
	    set_target(check, request) != 0 || set_tls(check, request) != 0)
		goto fail;
	set_bounds(check->easy);
	set_callbacks(check);
	if (curl_multi_add_handle(check->lane->multi, check->easy) != CURLM_OK)
		goto fail;
	check->lane->running++;
	/* The time of the loop is that of the beginning of its turn. */
	uv_timer_start(&check->timer, on_deadline,
	    uv_hrtime() / 1000000 - uv_now(checker->loop) + request->timeout_ms,
	    0);
	return check;
fail:
	check_free(check);
	return NULL;
}

void
http_check_expire(struct http_check *check)
{
	struct lane *lane = check->lane;

	lane->draining = true;
	http_check_finish(check, CURLE_OPERATION_TIMEDOUT);
	lane->draining = false;
	http_lane_leave(lane);
}

void
http_check_cancel(struct http_check *check)
{
	struct lane *lane = check->lane;

	curl_multi_remove_handle(lane->multi, check->easy);
	lane->running--;
	check_free(check);
	http_lane_leave(lane);
}
