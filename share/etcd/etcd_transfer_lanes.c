/*
 * libcurl on libuv: sockets, timers, and what came is told.  See
 * etcd_transfer.h.
 *
 * Within a callback of libcurl its functions may not be called, so what comes
 * waits in the transfer until libcurl has returned, and is told then.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "share/etcd/etcd_transfer_private.h"

#define LOOK_MS 1000

struct watch {
	uv_poll_t poll;
	struct lane *lane;
	curl_socket_t fd;
	int events;
};

static void tell(struct etcd_transport *transport);

/* --- sockets and timers between libcurl and libuv --- */

static void
on_freed(uv_handle_t *handle)
{
	free(handle->data);
}

/* A socket with an error is read and written all the same: an answer may lie
 * before the error, and libcurl finds both.  libuv has ended such a watch. */
static void
on_readiness(uv_poll_t *poll, int status, int events)
{
	struct watch *watch = poll->data;
	struct etcd_transport *transport = watch->lane->transport;
	int flags = status < 0 ? CURL_CSELECT_IN | CURL_CSELECT_OUT : 0;
	int running;

	if (events & UV_READABLE)
		flags |= CURL_CSELECT_IN;
	if (events & UV_WRITABLE)
		flags |= CURL_CSELECT_OUT;
	curl_multi_socket_action(
	    watch->lane->multi, watch->fd, flags, &running);
	/* ${watch} is freed when the loop has turned. */
	if (status < 0 && !uv_is_closing((uv_handle_t *)poll))
		uv_poll_start(poll, watch->events, on_readiness);
	tell(transport);
}

static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *socket)
{
	struct lane *lane = context;
	struct watch *watch = socket;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (watch != NULL) {
			curl_multi_assign(lane->multi, fd, NULL);
			uv_close((uv_handle_t *)&watch->poll, on_freed);
		}
		return 0;
	}
	if (watch == NULL) {
		watch = calloc(1, sizeof(*watch));
		/* Without a watch the transfer ends by its time-out. */
		if (watch == NULL)
			return 0;
		if (uv_poll_init_socket(
			lane->transport->loop, &watch->poll, fd) != 0) {
			free(watch);
			return 0;
		}
		watch->poll.data = watch;
		watch->lane = lane;
		watch->fd = fd;
		curl_multi_assign(lane->multi, fd, watch);
	}
	watch->events = (what & CURL_POLL_IN ? UV_READABLE : 0) |
	    (what & CURL_POLL_OUT ? UV_WRITABLE : 0);
	uv_poll_start(&watch->poll, watch->events, on_readiness);
	return 0;
}

static void
on_timer(uv_timer_t *timer)
{
	struct lane *lane = timer->data;
	struct etcd_transport *transport = lane->transport;
	int running;

	curl_multi_socket_action(lane->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	tell(transport);
}

/* At once is a millisecond later: a timer of 0 that is set by a timer would run
 * before any socket is looked at. */
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

static struct lane *
lane_create(struct etcd_transport *transport)
{
	struct lane *lane = calloc(1, sizeof(*lane));

	if (lane == NULL)
		return NULL;
	lane->multi = curl_multi_init();
	if (lane->multi == NULL) {
		free(lane);
		return NULL;
	}
	lane->transport = transport;
	uv_timer_init(transport->loop, &lane->timer);
	lane->timer.data = lane;
	curl_multi_setopt(lane->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(lane->multi, CURLMOPT_SOCKETDATA, lane);
	curl_multi_setopt(lane->multi, CURLMOPT_TIMERFUNCTION, on_timeout);
	curl_multi_setopt(lane->multi, CURLMOPT_TIMERDATA, lane);
	curl_multi_setopt(lane->multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
	lane->next = transport->lanes;
	transport->lanes = lane;
	return lane;
}

void
etcd_lanes_sweep(struct etcd_transport *transport)
{
	for (struct lane **at = &transport->lanes; *at != NULL;) {
		struct lane *lane = *at;

		if (!lane->retired || lane->running > 0) {
			at = &lane->next;
			continue;
		}
		*at = lane->next;
		curl_multi_cleanup(lane->multi);
		uv_close((uv_handle_t *)&lane->timer, on_freed);
	}
}

struct lane *
etcd_lane_now(struct etcd_transport *transport)
{
	int64_t now = clock_mono_ms();
	bool changed = transport->lanes == NULL;

	if (changed || now - transport->looked_ms >= LOOK_MS) {
		transport->looked_ms = now;
		for (size_t i = 0; i < FILES; i++) {
			struct file_identity is;

			if (transport->files[i] == NULL)
				continue;
			file_identify(transport->files[i], &is);
			changed |=
			    !file_identity_same(&is, &transport->identities[i]);
			transport->identities[i] = is;
		}
	}
	if (!changed)
		return transport->lanes;
	for (struct lane *lane = transport->lanes; lane != NULL;
	     lane = lane->next)
		lane->retired = true;
	etcd_lanes_sweep(transport);
	return lane_create(transport);
}

struct etcd_transport *
etcd_transport_create(uv_loop_t *loop, const struct etcd_files *files)
{
	struct etcd_transport *transport;
	const char *paths[FILES] = {files->ca, files->certificate, files->key};

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return NULL;
	transport = calloc(1, sizeof(*transport));
	if (transport == NULL)
		return NULL;
	transport->loop = loop;
	for (size_t i = 0; i < FILES; i++) {
		if (paths[i] == NULL)
			continue;
		transport->files[i] = strdup(paths[i]);
		if (transport->files[i] == NULL) {
			etcd_transport_close(transport);
			return NULL;
		}
	}
	return transport;
}

void
etcd_transport_close(struct etcd_transport *transport)
{
	if (transport == NULL)
		return;
	transport->closed = true;
	if (transport->telling)
		return;
	for (struct lane *lane = transport->lanes; lane != NULL;
	     lane = lane->next)
		lane->retired = true;
	etcd_lanes_sweep(transport);
	for (size_t i = 0; i < FILES; i++)
		free(transport->files[i]);
	free(transport);
}

/* --- telling --- */

/* Which transfers libcurl has ended. */
static void
collect(struct etcd_transport *transport)
{
	for (struct lane *lane = transport->lanes; lane != NULL;
	     lane = lane->next) {
		CURLMsg *message;
		int left;

		while ((message = curl_multi_info_read(lane->multi, &left)) !=
		    NULL) {
			struct etcd_transfer *t = NULL;

			if (message->msg != CURLMSG_DONE)
				continue;
			curl_easy_getinfo(message->easy_handle,
			    CURLINFO_PRIVATE, (char **)&t);
			t->ended = true;
			t->code = message->data.result;
		}
	}
}

static void
tell_data(struct etcd_transfer *t)
{
	char *data = t->in;
	size_t n = t->n_in;

	t->in = NULL;
	t->n_in = t->in_size = 0;
	/* ${t} may be gone when this returns. */
	t->use.take(t->use.context, data, n);
	free(data);
}

static void
tell_end(struct etcd_transfer *t)
{
	char words[ETCD_WORDS];
	struct etcd_reply reply = {.sent = t->sent > 0,
	    .too_large = t->too_large,
	    .body = t->n_in > 0 ? t->in : "",
	    .len = t->n_in,
	    .words = words};

	etcd_transfer_words(t, words);
	if (t->code == CURLE_OK)
		curl_easy_getinfo(
		    t->easy, CURLINFO_RESPONSE_CODE, &reply.status);
	etcd_transfer_detach(t);
	t->use.done(t->use.context, &reply);
	etcd_transfer_free(t);
}

/* Each callback may begin and end any transfer: look anew after each. */
static bool
tell_one(struct etcd_transport *transport)
{
	for (struct etcd_transfer *t = transport->transfers; t != NULL;
	     t = t->next) {
		if (t->stream && t->n_in > 0 && !t->too_large) {
			tell_data(t);
			return true;
		}
		if (t->ended) {
			tell_end(t);
			return true;
		}
	}
	return false;
}

static void
tell(struct etcd_transport *transport)
{
	if (transport->telling)
		return;
	transport->telling = true;
	collect(transport);
	while (tell_one(transport))
		;
	transport->telling = false;
	if (transport->closed)
		etcd_transport_close(transport);
	else
		etcd_lanes_sweep(transport);
}
