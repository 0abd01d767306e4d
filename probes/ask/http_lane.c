/*
 * HTTP requests by libcurl's multi interface on libuv: sockets, timers, what a
 * check costs, and how late the loop is.  Called by http_check.c; decides
 * nothing about an answer.
 *
 * Certificate authorities are cached by libcurl, one file for each multi
 * handle.  Parsing a system's bundle takes milliseconds, so requests are sorted
 * into lanes: a lane is a multi handle for all requests with one CA file.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/clock.h"
#include "probes/ask/http_parts.h"

/* Of what a timer makes libcurl do, no step of one check takes longer; what is
 * above it was done for others. */
#define STEP_MAX_US 2000

/*
 * The connections of a multi handle are in a list that libcurl walks for each
 * one that it closes: with 10,000 that hang, that alone takes seconds.  So the
 * requests that need no authorities are dealt to so many of them.
 */
#define SHARDS 64

/* Those that need some and keep their connections: libcurl looks at all kept
 * ones of a handle once a second, which takes 10 ms with 3,000.  Each of these
 * has the authorities in memory, a megabyte of the system's. */
#define TRUSTED_SHARDS 8

/* Connections that are kept, at most: what a probe can check in some seconds.
 * Each takes a descriptor and some kilobytes. */
#define KEPT_MOST 32768

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

/* CPU time of this thread. */
static int64_t
spent_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void
http_lane_charge(struct http_checker *checker, struct http_check *check)
{
	int64_t now = spent_us(), spent = now - checker->charged_us;

	checker->charged_us = now;
	if (check != NULL)
		check->cost_us += checker->on_time && spent > STEP_MAX_US
		    ? STEP_MAX_US
		    : spent;
}

/* All checks of a lane whose time has come act, and are charged as their octets
 * come in. */
static void
act_on_time(struct lane *lane)
{
	struct http_checker *checker = lane->checker;
	int running;

	http_lane_charge(checker, NULL);
	checker->on_time = true;
	curl_multi_socket_action(lane->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	checker->on_time = false;
}

/* Let libcurl act on a socket, at the cost of its check, which lives on.  It
 * does at the same time what is due for others: that is done before. */
static void
act_on_socket(struct watch *watch, int flags)
{
	struct lane *lane = watch->lane;
	int running;

	if (lane->due <= uv_hrtime() / 1000000)
		act_on_time(lane);
	if (uv_is_closing((uv_handle_t *)&watch->poll))
		return;
	http_lane_charge(lane->checker, NULL);
	curl_multi_socket_action(lane->multi, watch->fd, flags, &running);
	http_lane_charge(lane->checker, watch->check);
	watch->check->acted_ms = clock_mono_ms();
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
			http_check_finish(
			    watch->check, CURLE_ABORTED_BY_CALLBACK);
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
	if (check->fd != fd) {
		check->fd = fd;
		http_kept_use(check);
	}
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
	/* The request will time out, and not by the endpoint's fault. */
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
	lane->due = timeout_ms < 0
	    ? UINT64_MAX
	    : uv_hrtime() / 1000000 + (uint64_t)timeout_ms;
	if (timeout_ms < 0)
		uv_timer_stop(&lane->timer);
	else
		uv_timer_start(&lane->timer, on_timer,
		    timeout_ms > 0 ? (uint64_t)timeout_ms : 1, 0);
	return 0;
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
			http_check_end(check, code);
	}
	lane->draining = false;
	http_lane_leave(lane);
}

/* --- lanes --- */

static void
on_lane_closed(uv_handle_t *handle)
{
	struct lane *lane = handle->data;

	free(lane->ca);
	free(lane);
}

void
http_lane_leave(struct lane *lane)
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

/* How many connections are kept: three quarters of what this process may have
 * open; the rest is for those that nobody keeps. */
static size_t
kept_most(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 ||
	    limit.rlim_cur / 4 * 3 > KEPT_MOST)
		return KEPT_MOST;
	return (size_t)(limit.rlim_cur / 4 * 3);
}

/* CURLPIPE_NOTHING: requests never share a connection at the same time. */
static struct lane *
lane_create(struct http_checker *checker, const char *ca, unsigned shard)
{
	struct lane *lane = calloc(1, sizeof(*lane));

	if (lane == NULL)
		return NULL;
	lane->checker = checker;
	lane->shard = shard;
	lane->due = UINT64_MAX;
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
	/* Its own bound would follow the number of requests under way. */
	curl_multi_setopt(
	    lane->multi, CURLMOPT_MAXCONNECTS, (long)checker->kept_most);
	lane->next = checker->lanes;
	checker->lanes = lane;
	return lane;
}

struct lane *
http_lane_find(struct http_checker *checker, const struct http_request *r)
{
	bool tls =
	    r->kind == HTTP_TLS || (r->kind == HTTP_EXCHANGE && r->https);
	bool verifies = tls && r->verify;
	const char *ca = verifies ? r->ca : NULL;
	unsigned shard = 0;

	/* The same one for those that may share connections. */
	if (verifies && r->group != 0)
		shard = 1 + 2 * SHARDS + (unsigned)(r->group % TRUSTED_SHARDS);
	else if (r->group != 0)
		shard = 1 + SHARDS + (unsigned)(r->group % SHARDS);
	else if (!verifies)
		shard = 1 + checker->shard++ % SHARDS;
	for (struct lane *lane = checker->lanes; lane != NULL;
	     lane = lane->next) {
		if (lane->retired || lane->shard != shard ||
		    (lane->ca == NULL) != (ca == NULL))
			continue;
		if (ca == NULL || strcmp(lane->ca, ca) == 0)
			return lane;
	}
	return lane_create(checker, ca, shard);
}

/* --- how late we are ourselves --- */

/*
 * A turn of the loop that worked for longer than LATE_MS kept all others
 * waiting for as long.
 */
static void
on_loop_turn(uv_prepare_t *turn)
{
	struct http_checker *checker = turn->data;
	uint64_t now = uv_hrtime(), idle = uv_metrics_idle_time(turn->loop);
	int64_t worked_ms =
	    (int64_t)(now - checker->turned_ns - (idle - checker->idle_ns)) /
	    1000000;

	checker->turned_ns = now;
	checker->idle_ns = idle;
	if (worked_ms > LATE_MS)
		checker->late_ms += worked_ms;
}

static void
watch_turns(struct http_checker *checker)
{
	uv_loop_configure(checker->loop, UV_METRICS_IDLE_TIME);
	uv_prepare_init(checker->loop, &checker->turn);
	checker->turn.data = checker;
	checker->turned_ns = uv_hrtime();
	checker->idle_ns = uv_metrics_idle_time(checker->loop);
	uv_prepare_start(&checker->turn, on_loop_turn);
	uv_unref((uv_handle_t *)&checker->turn);
}

struct http_checker *
http_checker_create(uv_loop_t *loop)
{
	struct http_checker *checker = calloc(1, sizeof(*checker));

	if (checker == NULL)
		return NULL;
	checker->secrets = secret_store_create();
	if (checker->secrets == NULL) {
		free(checker);
		return NULL;
	}
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		goto fail;
	if (!tls_init(curl_version_info(CURLVERSION_NOW)->ssl_version)) {
		curl_global_cleanup();
		goto fail;
	}
	checker->loop = loop;
	checker->kept_most = kept_most();
	watch_turns(checker);
	return checker;
fail:
	secret_store_destroy(checker->secrets);
	free(checker);
	return NULL;
}

void
http_checker_refresh(struct http_checker *checker)
{
	struct lane *next;

	for (struct lane *lane = checker->lanes; lane != NULL; lane = next) {
		next = lane->next;
		lane->retired = true;
		http_lane_leave(lane);
	}
}

static void
on_checker_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void
http_checker_close(struct http_checker *checker)
{
	if (checker == NULL)
		return;
	http_checker_refresh(checker);
	secret_store_destroy(checker->secrets);
	http_kept_forget_all(checker);
	free(checker->by_fd);
	uv_close((uv_handle_t *)&checker->turn, on_checker_closed);
	curl_global_cleanup();
}
