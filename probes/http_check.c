/*
 * HTTP requests: what is sent, and what is taken of an answer.  Called by
 * attempts; decides nothing about health.
 */
#include "probes/http_check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
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

/* Give the line of ${len} octets, "Name: value", to who wants it. */
static void
give_header(struct http_check *check, const char *data, size_t len)
{
	static const char retry_after[] = "retry-after";
	char line[HTTP_CHECK_LINE_MAX], *value;

	if (len >= sizeof(line))
		return;
	for (size_t i = 0; i < len; i++)
		line[i] = data[i] < 0x20 || data[i] > 0x7e ? ' ' : data[i];
	while (len > 0 && line[len - 1] == ' ')
		len--;
	line[len] = '\0';
	value = strchr(line, ':');
	if (value == NULL)
		return;
	*value++ = '\0';
	value += strspn(value, " ");
	check->retry_after =
	    check->retry_after || strcasecmp(line, retry_after) == 0;
	if (check->header != NULL)
		check->header(check->context, line, value);
}

static size_t
on_header(char *data, size_t size, size_t n, void *context)
{
	struct http_check *check = context;

	http_lane_charge(check->lane->checker, check);
	check->header_bytes += size * n;
	/* The empty line at their end; those of an interim answer begin anew.
	 */
	check->headers_ended = data[0] == '\r' || data[0] == '\n';
	give_header(check, data, size * n);
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
	curl_slist_free_all(check->headers);
	free(check->host);
	uv_close((uv_handle_t *)&check->timer, on_check_closed);
}

void
http_check_finish(struct http_check *check, CURLcode code)
{
	struct lane *lane = check->lane;
	struct http_answer answer = {.reason = ""};
	curl_off_t retry_after_s = 0;
	long status = 0;

	curl_easy_getinfo(check->easy, CURLINFO_RESPONSE_CODE, &status);
	/* An interim answer (RFC 9110, 15.2) is none. */
	answer.status = status >= 200 ? (unsigned)status : 0;
	answer.connect_us = time_of(check->easy, CURLINFO_CONNECT_TIME_T);
	answer.tls_us = time_of(check->easy, CURLINFO_APPCONNECT_TIME_T);
	answer.first_byte_us =
	    time_of(check->easy, CURLINFO_STARTTRANSFER_TIME_T);
	answer.total_us = time_of(check->easy, CURLINFO_TOTAL_TIME_T);
	answer.retry_after_s = -1;
	if (check->retry_after)
		curl_easy_getinfo(
		    check->easy, CURLINFO_RETRY_AFTER, &retry_after_s);
	if (check->retry_after)
		answer.retry_after_s = retry_after_s;
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

static int
add_line(struct http_check *check, const char *line)
{
	struct curl_slist *list = curl_slist_append(check->headers, line);

	if (list == NULL)
		return -1;
	check->headers = list;
	return 0;
}

/* An empty one is written with a semicolon, or it would be left out. */
static int
add_header(struct http_check *check, const char *name, const char *value)
{
	char line[HTTP_CHECK_LINE_MAX + 256];

	if (value[0] != '\0')
		snprintf(line, sizeof(line), "%s: %s", name, value);
	else
		snprintf(line, sizeof(line), "%s;", name);
	return add_line(check, line);
}

static bool
is_said(const struct step_header *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcasecmp(list[i].name, name) == 0)
			return true;
	return false;
}

/* The operator's headers go before those of the step, and of the checker. */
static int
set_headers(struct http_check *check, const struct http_request *r)
{
	const struct step_header *own = r->client_headers;
	const struct http_checker *checker = check->lane->checker;

	if (r->n_client_headers == 0 && r->n_headers == 0 &&
	    (r->host == NULL || !r->hide_port) && r->body == NULL) {
		curl_easy_setopt(
		    check->easy, CURLOPT_HTTPHEADER, checker->headers);
		return 0;
	}
	for (size_t i = 0; i < r->n_client_headers; i++)
		if (add_header(check, own[i].name, own[i].value) != 0)
			return -1;
	for (size_t i = 0; i < r->n_headers; i++)
		if (!is_said(own, r->n_client_headers, r->headers[i].name) &&
		    add_header(
			check, r->headers[i].name, r->headers[i].value) != 0)
			return -1;
	if (r->host != NULL && r->hide_port &&
	    add_header(check, "Host", r->host) != 0)
		return -1;
	/* libcurl would wait for a "100 Continue", and call a body a form. */
	if (r->body != NULL &&
	    (add_line(check, "Expect:") != 0 ||
		(!is_said(own, r->n_client_headers, "Content-Type") &&
		    !is_said(r->headers, r->n_headers, "Content-Type") &&
		    add_line(check, "Content-Type:") != 0)))
		return -1;
	return add_line(check, "Connection: close");
}

static int
set_message(struct http_check *check, const struct http_request *r)
{
	const char *method = r->method != NULL ? r->method : "GET";

	if (set_headers(check, r) != 0)
		return -1;
	if (check->headers != NULL)
		curl_easy_setopt(
		    check->easy, CURLOPT_HTTPHEADER, check->headers);
	if (strcmp(method, "HEAD") == 0)
		curl_easy_setopt(check->easy, CURLOPT_NOBODY, 1L);
	else if (r->body != NULL &&
	    curl_easy_setopt(check->easy, CURLOPT_COPYPOSTFIELDS, r->body) !=
		CURLE_OK)
		return -1;
	if (strcmp(method, "GET") != 0 || r->body != NULL)
		return curl_easy_setopt(check->easy, CURLOPT_CUSTOMREQUEST,
			   method) == CURLE_OK
		    ? 0
		    : -1;
	return 0;
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
	check->header = request->header;
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
	if (set_message(check, request) != 0)
		goto fail;
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
