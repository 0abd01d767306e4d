/*
 * Bare connections over TCP or TLS: once one is made, some octets are sent on
 * it and a text is looked for in what comes back.  libcurl makes the connection
 * (CURLOPT_CONNECT_ONLY), and sends and reads; its socket is watched here.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/clock.h"
#include "probes/ask/http_parts.h"

/* Send what is left of it. */
static CURLcode
say(struct http_check *check)
{
	struct talk *t = &check->talk;
	CURLcode code = CURLE_OK;
	size_t n = 0;

	while (t->sent < t->send_len && code == CURLE_OK) {
		code = curl_easy_send(
		    check->easy, t->send + t->sent, t->send_len - t->sent, &n);
		if (code == CURLE_OK)
			t->sent += n;
	}
	return code;
}

/* Read until the text is there.  CURLE_GOT_NOTHING: closed before;
 * CURLE_WRITE_ERROR: more came than we look through. */
static CURLcode
hear(struct http_check *check)
{
	struct talk *t = &check->talk;
	CURLcode code;
	char *grown;
	size_t n;

	for (;;) {
		if (t->n_came == HTTP_CHECK_BODY_MAX)
			return CURLE_WRITE_ERROR;
		grown = array_grow(
		    t->came, t->n_came, &t->size, 1, HTTP_CHECK_BODY_MAX);
		if (grown == NULL) {
			check->trouble = ENOMEM;
			return CURLE_OUT_OF_MEMORY;
		}
		t->came = grown;
		code = curl_easy_recv(
		    check->easy, t->came + t->n_came, t->size - t->n_came, &n);
		if (code != CURLE_OK)
			return code;
		if (n == 0)
			return CURLE_GOT_NOTHING;
		if (check->first_byte_us < 0)
			check->first_byte_us =
			    (int64_t)(uv_hrtime() - check->began_ns) / 1000;
		t->n_came += n;
		if (memmem(t->came, t->n_came, t->receive, t->receive_len) !=
		    NULL)
			return CURLE_OK;
	}
}

static CURLcode
go_on(struct http_check *check)
{
	CURLcode code = say(check);

	return code == CURLE_OK && check->talk.receive != NULL ? hear(check)
							       : code;
}

static void on_ready(uv_poll_t *poll, int status, int events);

static int
wait_for_socket(struct http_check *check)
{
	struct talk *t = &check->talk;
	int events = UV_READABLE;

	if (t->sent < t->send_len)
		events |= UV_WRITABLE;
	return uv_poll_start(t->poll, events, on_ready);
}

/* Whatever the socket has, an error too, is told by reading and writing. */
static void
on_ready(uv_poll_t *poll, int status, int events)
{
	struct http_check *check = poll->data;
	struct lane *lane = check->lane;
	CURLcode code;

	(void)status;
	(void)events;
	http_lane_charge(lane->checker, NULL);
	code = go_on(check);
	http_lane_charge(lane->checker, check);
	check->acted_ms = clock_mono_ms();
	if (check->cost_us > COST_MAX_US)
		code = CURLE_ABORTED_BY_CALLBACK;
	if (code == CURLE_AGAIN && wait_for_socket(check) == 0)
		return;
	lane->draining = true;
	http_check_finish(check, code);
	lane->draining = false;
	http_lane_leave(lane);
}

int
http_talk_prepare(struct http_check *check, const struct http_request *r)
{
	struct talk *t = &check->talk;

	if (r->send != NULL && r->send_len > 0) {
		t->send = malloc(r->send_len);
		if (t->send == NULL)
			return -1;
		memcpy(t->send, r->send, r->send_len);
		t->send_len = r->send_len;
	}
	if (r->receive != NULL) {
		t->receive = strdup(r->receive);
		if (t->receive == NULL)
			return -1;
		t->receive_len = strlen(t->receive);
	}
	return 0;
}

CURLcode
http_talk_begin(struct http_check *check)
{
	struct talk *t = &check->talk;
	CURLcode code = go_on(check);

	if (code != CURLE_AGAIN)
		return code;
	if (curl_easy_getinfo(check->easy, CURLINFO_ACTIVESOCKET, &check->fd) !=
	    CURLE_OK)
		return CURLE_RECV_ERROR;
	t->poll = malloc(sizeof(*t->poll));
	if (t->poll != NULL &&
	    uv_poll_init(check->lane->checker->loop, t->poll, check->fd) != 0) {
		free(t->poll);
		t->poll = NULL;
	}
	if (t->poll == NULL) {
		check->trouble = ENOMEM;
		return CURLE_OUT_OF_MEMORY;
	}
	t->poll->data = check;
	if (wait_for_socket(check) != 0) {
		check->trouble = ENOMEM;
		return CURLE_OUT_OF_MEMORY;
	}
	return CURLE_AGAIN;
}

static void
on_poll_closed(uv_handle_t *handle)
{
	free(handle);
}

void
http_talk_end(struct http_check *check)
{
	if (check->talk.poll != NULL)
		uv_close((uv_handle_t *)check->talk.poll, on_poll_closed);
	check->talk.poll = NULL;
}

void
http_talk_finish(struct http_check *check)
{
	http_talk_end(check);
	free(check->talk.send);
	free(check->talk.receive);
	free(check->talk.came);
}
