/*
 * libcurl on libuv: sockets and timers.  Called by the HTTP checker and the
 * client of etcd; ends no transfer itself.
 */
#include "transfer/multi.h"

#include <stdlib.h>

struct multi {
	CURLM *handle;
	uv_loop_t *loop;
	uv_timer_t timer;
	uint64_t due; /* when libcurl wants to be called; of uv_hrtime(), ms */
	struct multi_use use;
};

/* A socket of libcurl's that is watched. */
struct watch {
	uv_poll_t poll;
	struct multi *multi;
	void *transfer; /* whose only socket it is */
	curl_socket_t fd;
	int events; /* what libcurl waits for: UV_READABLE, UV_WRITABLE */
};

static void
on_freed(uv_handle_t *handle)
{
	free(handle->data);
}

/* --- acting --- */

static void
before(struct multi *multi, bool on_time)
{
	if (multi->use.before != NULL)
		multi->use.before(multi->use.context, on_time);
}

static bool
after(struct multi *multi, void *transfer, bool open)
{
	return multi->use.after == NULL ||
	    multi->use.after(multi->use.context, transfer, open);
}

/* All whose time has come act. */
static void
act_on_time(struct multi *multi)
{
	int running;

	before(multi, true);
	curl_multi_socket_action(
	    multi->handle, CURL_SOCKET_TIMEOUT, 0, &running);
	(void)after(multi, NULL, false);
}

/* On a socket libcurl does at the same time what is due for others: that is
 * done before.  False: the socket is watched no more. */
static bool
act_on_socket(struct watch *watch, int flags)
{
	struct multi *multi = watch->multi;
	uv_handle_t *poll = (uv_handle_t *)&watch->poll;
	int running;

	if (multi->due <= uv_hrtime() / 1000000)
		act_on_time(multi);
	if (uv_is_closing(poll))
		return false;
	before(multi, false);
	curl_multi_socket_action(multi->handle, watch->fd, flags, &running);
	return after(multi, watch->transfer, !uv_is_closing(poll)) &&
	    !uv_is_closing(poll);
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
	struct multi *multi = watch->multi;
	int flags = status < 0 ? CURL_CSELECT_IN | CURL_CSELECT_OUT : 0;

	if (events & UV_READABLE)
		flags |= CURL_CSELECT_IN;
	if (events & UV_WRITABLE)
		flags |= CURL_CSELECT_OUT;
	/* ${watch} stays in memory until the loop has turned. */
	if (act_on_socket(watch, flags) && status < 0)
		uv_poll_start(poll, watch->events, on_readiness);
	multi->use.tell(multi->use.context);
}

static void
on_timer(uv_timer_t *timer)
{
	struct multi *multi = timer->data;

	act_on_time(multi);
	multi->use.tell(multi->use.context);
}

/* --- what libcurl waits for --- */

/* Watch ${fd}; libcurl gives the watch back in later calls. */
static struct watch *
watch_create(struct multi *multi, curl_socket_t fd)
{
	struct watch *watch = calloc(1, sizeof(*watch));

	if (watch == NULL)
		return NULL;
	if (uv_poll_init_socket(multi->loop, &watch->poll, fd) != 0) {
		free(watch);
		return NULL;
	}
	watch->poll.data = watch;
	watch->multi = multi;
	watch->fd = fd;
	curl_multi_assign(multi->handle, fd, watch);
	return watch;
}

static bool
watch_for(struct watch *watch, void *transfer, int what)
{
	watch->transfer = transfer;
	watch->events = (what & CURL_POLL_IN ? UV_READABLE : 0) |
	    (what & CURL_POLL_OUT ? UV_WRITABLE : 0);
	return uv_poll_start(&watch->poll, watch->events, on_readiness) == 0;
}

static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *socket)
{
	struct multi *multi = context;
	struct watch *watch = socket;
	char *transfer = NULL;
	bool watched;

	if (what == CURL_POLL_REMOVE) {
		if (watch == NULL)
			return 0;
		curl_multi_assign(multi->handle, fd, NULL);
		uv_close((uv_handle_t *)&watch->poll, on_freed);
		return 0;
	}
	curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
	if (watch == NULL)
		watch = watch_create(multi, fd);
	watched = watch != NULL && watch_for(watch, transfer, what);
	if (multi->use.waits != NULL)
		multi->use.waits(multi->use.context, transfer, fd, watched);
	return 0;
}

/* At once is a millisecond later: libuv would run a timer of 0 that is set by a
 * timer before it looks at any socket, and libcurl sets one for as long as a
 * connection has more to read. */
static int
on_timeout(CURLM *handle, long timeout_ms, void *context)
{
	struct multi *multi = context;

	(void)handle;
	multi->due = timeout_ms < 0
	    ? UINT64_MAX
	    : uv_hrtime() / 1000000 + (uint64_t)timeout_ms;
	if (timeout_ms < 0)
		uv_timer_stop(&multi->timer);
	else
		uv_timer_start(&multi->timer, on_timer,
		    timeout_ms > 0 ? (uint64_t)timeout_ms : 1, 0);
	return 0;
}

/* --- the handle --- */

/* CURLPIPE_NOTHING: transfers never share a connection at the same time. */
struct multi *
multi_create(uv_loop_t *loop, const struct multi_use *use)
{
	struct multi *multi = calloc(1, sizeof(*multi));

	if (multi == NULL)
		return NULL;
	multi->handle = curl_multi_init();
	if (multi->handle == NULL) {
		free(multi);
		return NULL;
	}
	multi->loop = loop;
	multi->due = UINT64_MAX;
	multi->use = *use;
	uv_timer_init(loop, &multi->timer);
	multi->timer.data = multi;
	curl_multi_setopt(multi->handle, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(multi->handle, CURLMOPT_SOCKETDATA, multi);
	curl_multi_setopt(multi->handle, CURLMOPT_TIMERFUNCTION, on_timeout);
	curl_multi_setopt(multi->handle, CURLMOPT_TIMERDATA, multi);
	curl_multi_setopt(multi->handle, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
	return multi;
}

void
multi_destroy(struct multi *multi)
{
	curl_multi_cleanup(multi->handle);
	uv_close((uv_handle_t *)&multi->timer, on_freed);
}

CURLM *
multi_handle(const struct multi *multi)
{
	return multi->handle;
}

void *
multi_ended(struct multi *multi, CURLcode *code)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(multi->handle, &left)) != NULL) {
		char *transfer = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		/* The message is freed with the handle. */
		*code = message->data.result;
		curl_easy_getinfo(
		    message->easy_handle, CURLINFO_PRIVATE, &transfer);
		if (transfer != NULL)
			return transfer;
	}
	return NULL;
}
