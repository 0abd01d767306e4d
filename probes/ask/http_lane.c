/*
 * HTTP requests by libcurl on the loop: lanes of them, what a check costs, and
 * how late the loop is.  Called by http_check.c; decides
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

/* --- what libcurl does, and at whose cost --- */

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
 * come in; of a socket all is at the cost of its check. */
static void
before(void *context, bool on_time)
{
	struct lane *lane = context;

	http_lane_charge(lane->checker, NULL);
	lane->checker->on_time = on_time;
}

/* The check lives on until it is drained, but for one that costs too much. */
static bool
after(void *context, void *transfer, bool open)
{
	struct lane *lane = context;
	struct http_check *check = transfer;

	lane->checker->on_time = false;
	if (check == NULL)
		return true;
	http_lane_charge(lane->checker, check);
	check->acted_ms = clock_mono_ms();
	if (!open || check->cost_us <= COST_MAX_US)
		return true;
	lane->draining = true;
	http_check_finish(check, CURLE_ABORTED_BY_CALLBACK);
	return false;
}

static void
waits(void *context, void *transfer, int fd, bool watched)
{
	struct http_check *check = transfer;

	(void)context;
	if (check->fd != fd) {
		check->fd = fd;
		http_kept_use(check);
	}
	/* The request will time out, and not by the endpoint's fault. */
	if (!watched)
		check->trouble = ENOMEM;
}

/* Deliver what is finished.  done() may start and cancel others. */
static void
drain(void *context)
{
	struct lane *lane = context;
	struct http_check *check;
	CURLcode code;

	lane->draining = true;
	while ((check = multi_ended(lane->multi, &code)) != NULL)
		http_check_end(check, code);
	lane->draining = false;
	http_lane_leave(lane);
}

/* --- lanes --- */

void
http_lane_leave(struct lane *lane)
{
	struct lane **at;

	if (!lane->retired || lane->running > 0 || lane->draining)
		return;
	for (at = &lane->checker->lanes; *at != lane; at = &(*at)->next)
		;
	*at = lane->next;
	multi_destroy(lane->multi);
	free(lane->ca);
	free(lane);
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

static struct lane *
lane_create(struct http_checker *checker, const char *ca, unsigned shard)
{
	struct lane *lane = calloc(1, sizeof(*lane));
	const struct multi_use use = {.before = before,
	    .after = after,
	    .waits = waits,
	    .tell = drain,
	    .context = lane};

	if (lane == NULL)
		return NULL;
	lane->checker = checker;
	lane->shard = shard;
	lane->ca = ca != NULL ? strdup(ca) : NULL;
	if (ca == NULL || lane->ca != NULL)
		lane->multi = multi_create(checker->loop, &use);
	if (lane->multi == NULL) {
		free(lane->ca);
		free(lane);
		return NULL;
	}
	/* Its own bound would follow the number of requests under way. */
	curl_multi_setopt(multi_handle(lane->multi), CURLMOPT_MAXCONNECTS,
	    (long)checker->kept_most);
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
