/*
 * The life of a request: begun, answered piece by piece, ended, sent again
 * where a kept connection was closed under it.  Called by attempts; decides
 * nothing about health.
 */
#include "probes/ask/http_check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "probes/ask/http_parts.h"

/* --- what comes in --- */

static size_t
on_header(char *data, size_t size, size_t n, void *context)
{
	struct http_check *check = context;

	http_lane_charge(check->lane->checker, check);
	check->header_bytes += size * n;
	http_headers_take(check, data, size * n);
	return check->header_bytes <= HTTP_CHECK_HEADER_MAX &&
		check->cost_us <= COST_MAX_US
	    ? size * n
	    : 0;
}

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
	/* Nobody asked for it, and a small body may grow large. */
	if (check->encoded || check->body_bytes > HTTP_CHECK_TAKEN_MAX)
		return 0;
	check->take(check->context, data, size * n);
	http_lane_charge(check->lane->checker, check);
	return check->cost_us <= COST_MAX_US ? size * n : 0;
}

/* The address is a name that kept connections are found by, see shared_name()
 * in http_request.c: libcurl connects to what is in its place afterwards. */
static void
set_address(const struct http_check *check, struct curl_sockaddr *address)
{
	struct sockaddr_storage true_one;
	socklen_t len =
	    address_to_sockaddr(&check->to.address, check->to.port, &true_one);

	address->family = true_one.ss_family;
	address->addrlen = len;
	/* libcurl's struct has room for every family there. */
	memcpy(&address->addr, &true_one, len);
}

/* We open sockets ourselves, to learn why one could not be opened. */
static curl_socket_t
on_open(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct http_check *check = context;
	int fd;

	(void)purpose;
	if (check->group != 0)
		set_address(check, address);
	fd = socket(address->family, address->socktype | SOCK_CLOEXEC,
	    address->protocol);
	if (fd < 0) {
		check->trouble = errno;
		return CURL_SOCKET_BAD;
	}
	if (check->group != 0 && http_kept_open(check, fd) != 0) {
		check->trouble = ENOMEM;
		close(fd);
		return CURL_SOCKET_BAD;
	}
	check->fd = fd;
	check->acted_ms = clock_mono_ms();
	return fd;
}

/* Since the request began; -1 for what did not happen, of which libcurl says
 * 0. */
static int64_t
time_of(const struct http_check *check, CURLINFO which)
{
	curl_off_t us = 0;

	if (curl_easy_getinfo(check->easy, which, &us) != CURLE_OK || us <= 0)
		return -1;
	return us + (int64_t)(check->sent_ns - check->began_ns) / 1000;
}

bool
http_check_connected(const struct http_check *check)
{
	return time_of(check, CURLINFO_CONNECT_TIME_T) >= 0;
}

/* It was sent on a connection that another request had made. */
static bool
is_reused(const struct http_check *check)
{
	const struct kept *k = http_kept_of(check);
	long made = 0, status = 0;

	curl_easy_getinfo(check->easy, CURLINFO_NUM_CONNECTS, &made);
	curl_easy_getinfo(check->easy, CURLINFO_RESPONSE_CODE, &status);
	return check->group != 0 && made == 0 &&
	    (status != 0 || (k != NULL && k->connected));
}

static unsigned
protocol_of(const struct http_check *check)
{
	long version = CURL_HTTP_VERSION_NONE;

	curl_easy_getinfo(check->easy, CURLINFO_HTTP_VERSION, &version);
	switch (version) {
	case CURL_HTTP_VERSION_1_0:
		return 10;
	case CURL_HTTP_VERSION_1_1:
		return 11;
	case CURL_HTTP_VERSION_2_0:
		return 20;
	default:
		return 0;
	}
}

static void
on_check_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void
wipe_headers(struct curl_slist *headers)
{
	for (struct curl_slist *h = headers; h != NULL; h = h->next)
		explicit_bzero(h->data, strlen(h->data));
	curl_slist_free_all(headers);
}

static void
check_free(struct http_check *check)
{
	tls_leave(&check->peer);
	if (check->easy != NULL)
		curl_easy_cleanup(check->easy);
	curl_slist_free_all(check->connect_to);
	wipe_headers(check->headers);
	http_talk_finish(check);
	free(check->host);
	uv_close((uv_handle_t *)&check->timer, on_check_closed);
}

/* What is known when it is over, the reason aside. */
static void
fill_answer(const struct http_check *check, struct http_answer *answer)
{
	long status = 0;

	curl_easy_getinfo(check->easy, CURLINFO_RESPONSE_CODE, &status);
	/* An interim answer (RFC 9110, 15.2) is none. */
	answer->status = status >= 200 ? (unsigned)status : 0;
	answer->reused = is_reused(check);
	answer->connect_us = answer->tls_us = -1;
	if (!answer->reused) {
		answer->connect_us = time_of(check, CURLINFO_CONNECT_TIME_T);
		answer->tls_us = time_of(check, CURLINFO_APPCONNECT_TIME_T);
	}
	answer->first_byte_us = check->kind == HTTP_EXCHANGE
	    ? time_of(check, CURLINFO_STARTTRANSFER_TIME_T)
	    : check->first_byte_us;
	answer->total_us = (int64_t)(uv_hrtime() - check->began_ns) / 1000;
	answer->retry_after_s = http_headers_retry(check);
	answer->certificate_ends_ms = check->peer.ends_ms;
	answer->protocol = answer->status != 0 ? protocol_of(check) : 0;
}

/* Its connection is kept or closed by libcurl. */
static void
leave_lane(struct http_check *check)
{
	http_talk_end(check);
	http_kept_leave(check);
	if (check->sent_ns != 0)
		curl_multi_remove_handle(
		    multi_handle(check->lane->multi), check->easy);
	check->lane->running--;
}

/* An answer, or an error, may be there before its socket was ever waited for.
 */
static void
find_socket(struct http_check *check)
{
	if (check->fd < 0 && check->sent_ns != 0 &&
	    curl_easy_getinfo(check->easy, CURLINFO_ACTIVESOCKET, &check->fd) ==
		CURLE_OK)
		http_kept_use(check);
}

void
http_check_finish(struct http_check *check, CURLcode code)
{
	struct http_answer answer = {.reason = ""};

	find_socket(check);
	fill_answer(check, &answer);
	http_judge(check, code, &answer);
	leave_lane(check);
	check->done(check->context, &answer);
	check_free(check);
}

/* A server may close a connection that is kept in the same moment in which it
 * is used again: that says nothing of it, as long as no answer came. */
static bool
was_closed_under_us(const struct http_check *check, CURLcode code)
{
	return is_reused(check) && !check->again && check->header_bytes == 0 &&
	    check->body_bytes == 0 &&
	    (code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR ||
		code == CURLE_GOT_NOTHING || code == CURLE_HTTP2 ||
		code == CURLE_HTTP2_STREAM);
}

static bool
send_again(struct http_check *check)
{
	struct lane *lane = check->lane;
	struct kept *k = http_kept_of(check);

	check->again = true;
	/* libcurl may think that it still is one. */
	if (k != NULL)
		k->ended = true;
	http_kept_leave(check);
	check->fd = -1;
	check->error[0] = '\0';
	check->sent_ns = uv_hrtime();
	curl_multi_remove_handle(multi_handle(lane->multi), check->easy);
	curl_easy_setopt(check->easy, CURLOPT_FRESH_CONNECT, 1L);
	return curl_multi_add_handle(multi_handle(lane->multi), check->easy) ==
	    CURLM_OK;
}

void
http_check_end(struct http_check *check, CURLcode code)
{
	if (code == CURLE_OK && check->kind != HTTP_EXCHANGE)
		code = http_talk_begin(check);
	if (code == CURLE_AGAIN)
		return;
	find_socket(check);
	if (was_closed_under_us(check, code) && send_again(check))
		return;
	http_check_finish(check, code);
}

/* --- requests --- */

/* What libcurl reports goes to ${check}, the end of a connection, which may
 * outlive it, to the checker. */
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
	curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, http_kept_on_close);
	curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, check->lane->checker);
}

/* Time is ours to watch: libcurl would have closed the socket before it says
 * that there is no more, and then nobody can look what lies in it. */
static void
on_deadline(uv_timer_t *timer)
{
	http_check_expire(timer->data);
}

/* It cannot be sent, and check->words says why. */
static void
on_unmade(uv_timer_t *timer)
{
	struct http_check *check = timer->data;
	struct lane *lane = check->lane;

	http_check_finish(check, CURLE_FAILED_INIT);
	http_lane_leave(lane);
}

/*
 * libcurl 7.88 cannot use a connection of HTTP/2 in clear text again: it goes
 * over to HTTP/2 on it a second time, and every request that tries fails before
 * it is sent (curl's pull request 10643, in 8.0).
 */
static bool
can_share(const struct http_request *request)
{
	unsigned version = curl_version_info(CURLVERSION_NOW)->version_num;
	bool clear = request->version == HTTP_VERSION_2 && !request->https;

	return request->kind == HTTP_EXCHANGE &&
	    (!clear || version < 0x075800 || version >= 0x080000);
}

static struct http_check *
check_create(struct http_checker *checker, const struct http_request *request,
    http_done done, void *context)
{
	struct http_check *check = calloc(1, sizeof(*check));

	if (check == NULL)
		return NULL;
	uv_timer_init(checker->loop, &check->timer);
	check->timer.data = check;
	check->done = done;
	check->context = context;
	check->kind = request->kind;
	check->take = request->take;
	check->header = request->header;
	check->to = *request->to;
	check->group = can_share(request) ? request->group : 0;
	/* Where enough are kept, it may use one, and then there is room. */
	check->last = check->group == 0 || request->last ||
	    checker->n_kept >= checker->kept_most;
	check->fd = -1;
	check->first_byte_us = -1;
	check->deadline_ms = clock_mono_ms() + (int64_t)request->timeout_ms;
	check->timeout_ms = (int64_t)request->timeout_ms;
	check->late_ms = checker->late_ms;
	return check;
}

struct http_check *
http_check_start(struct http_checker *checker,
    const struct http_request *request, http_done done, void *context)
{
	struct http_check *check =
	    check_create(checker, request, done, context);

	if (check == NULL)
		return NULL;
	check->lane = http_lane_find(checker, request);
	check->easy = curl_easy_init();
	if (check->lane == NULL || check->easy == NULL ||
	    http_request_prepare(check, request) != 0)
		goto fail;
	set_callbacks(check);
	check->began_ns = uv_hrtime();
	if (check->words[0] != '\0') {
		check->lane->running++;
		uv_timer_start(&check->timer, on_unmade, 0, 0);
		return check;
	}
	check->sent_ns = check->began_ns;
	if (curl_multi_add_handle(
		multi_handle(check->lane->multi), check->easy) != CURLM_OK)
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

	leave_lane(check);
	check_free(check);
	http_lane_leave(lane);
}
