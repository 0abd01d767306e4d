/*
 * libcurl on a loop: that transfers end, on which socket and when they are said
 * to act, that an answer before a reset is read, and that all is closed.
 */
#include "transfer/multi.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"

/* Both ends on one loop. */
struct world {
	uv_loop_t loop;
	uv_tcp_t server, peer;
	uv_timer_t later;
	struct multi *multi;
	CURL *easy;
	char url[64], body[16];
	size_t len;
	bool resets; /* the server answers without having read, and resets */
	unsigned on_time, on_socket, afterwards, waits;
	bool ended;
	CURLcode code;
};

static size_t
on_body(char *data, size_t size, size_t n, void *context)
{
	struct world *w = context;

	ck_assert_uint_le(w->len + size * n, sizeof(w->body));
	memcpy(w->body + w->len, data, size * n);
	w->len += size * n;
	return size * n;
}

static void
before(void *context, bool on_time)
{
	struct world *w = context;

	if (on_time)
		w->on_time++;
	else
		w->on_socket++;
}

static bool
after(void *context, void *transfer, bool open)
{
	struct world *w = context;

	(void)open;
	ck_assert(transfer == NULL || transfer == w);
	w->afterwards++;
	return true;
}

static void
waits(void *context, void *transfer, int fd, bool watched)
{
	struct world *w = context;

	ck_assert_ptr_eq(transfer, w);
	ck_assert_int_ge(fd, 0);
	ck_assert(watched);
	w->waits++;
}

static void
tell(void *context)
{
	struct world *w = context;
	const void *transfer;

	while ((transfer = multi_ended(w->multi, &w->code)) != NULL) {
		ck_assert_ptr_eq(transfer, w);
		w->ended = true;
	}
	if (!w->ended || w->easy == NULL)
		return;
	curl_multi_remove_handle(multi_handle(w->multi), w->easy);
	curl_easy_cleanup(w->easy);
	w->easy = NULL;
	multi_destroy(w->multi);
	if (!uv_is_closing((uv_handle_t *)&w->server))
		uv_close((uv_handle_t *)&w->server, NULL);
}

/* What of the request is unread makes the end a reset. */
static void
say(struct world *w)
{
	char data[] = ANSWER;
	uv_buf_t buf = uv_buf_init(data, sizeof(data) - 1);

	ck_assert_int_eq(
	    uv_try_write((uv_stream_t *)&w->peer, &buf, 1), (int)buf.len);
	uv_close((uv_handle_t *)&w->peer, NULL);
}

static void
on_room(uv_handle_t *handle, size_t size, uv_buf_t *out)
{
	static char room[4096];

	(void)handle;
	(void)size;
	*out = uv_buf_init(room, sizeof(room));
}

static void
on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	(void)buf;
	ck_assert_int_gt((int)n, 0);
	say(stream->data);
}

static void
on_later(uv_timer_t *timer)
{
	say(timer->data);
	uv_close((uv_handle_t *)timer, NULL);
}

static void
on_connection(uv_stream_t *server, int status)
{
	struct world *w = server->data;

	ck_assert_int_eq(status, 0);
	uv_tcp_init(&w->loop, &w->peer);
	w->peer.data = w;
	ck_assert_int_eq(uv_accept(server, (uv_stream_t *)&w->peer), 0);
	if (!w->resets) {
		uv_read_start((uv_stream_t *)&w->peer, on_room, on_read);
		return;
	}
	/* By then the request is there. */
	uv_timer_init(&w->loop, &w->later);
	w->later.data = w;
	uv_timer_start(&w->later, on_later, 200, 0);
}

static void
begin(struct world *w)
{
	struct sockaddr_in at;
	int len = sizeof(at);
	const struct multi_use use = {before, after, waits, tell, w};

	ck_assert_int_eq(uv_loop_init(&w->loop), 0);
	uv_tcp_init(&w->loop, &w->server);
	w->server.data = w;
	ck_assert_int_eq(uv_ip4_addr("127.0.0.1", 0, &at), 0);
	ck_assert_int_eq(
	    uv_tcp_bind(&w->server, (const struct sockaddr *)&at, 0), 0);
	ck_assert_int_eq(
	    uv_listen((uv_stream_t *)&w->server, 8, on_connection), 0);
	uv_tcp_getsockname(&w->server, (struct sockaddr *)&at, &len);
	snprintf(w->url, sizeof(w->url), "http://127.0.0.1:%u/",
	    (unsigned)ntohs(at.sin_port));
	w->multi = multi_create(&w->loop, &use);
	w->easy = curl_easy_init();
	ck_assert_ptr_nonnull(w->multi);
	ck_assert_ptr_nonnull(w->easy);
	curl_easy_setopt(w->easy, CURLOPT_URL, w->url);
	curl_easy_setopt(w->easy, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(w->easy, CURLOPT_PRIVATE, w);
	curl_easy_setopt(w->easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(w->easy, CURLOPT_WRITEDATA, w);
	ck_assert_int_eq(
	    curl_multi_add_handle(multi_handle(w->multi), w->easy), CURLM_OK);
}

static void
run(struct world *w)
{
	uv_run(&w->loop, UV_RUN_DEFAULT);
	ck_assert(w->ended);
	/* All is closed, or the loop would not end. */
	ck_assert_int_eq(uv_loop_close(&w->loop), 0);
}

START_TEST(an_answer_comes)
{
	struct world w = {.resets = _i == 1};

	begin(&w);
	run(&w);
	ck_assert_int_eq(w.code, CURLE_OK);
	ck_assert_uint_eq(w.len, 2);
	ck_assert_int_eq(memcmp(w.body, "ok", 2), 0);
	ck_assert_uint_gt(w.on_time, 0);
	ck_assert_uint_gt(w.on_socket, 0);
	ck_assert_uint_gt(w.waits, 0);
	ck_assert_uint_eq(w.afterwards, w.on_time + w.on_socket);
}
END_TEST

START_TEST(nobody_answers)
{
	struct world w = {.len = 0};

	begin(&w);
	uv_close((uv_handle_t *)&w.server, NULL);
	run(&w);
	ck_assert_int_eq(w.code, CURLE_COULDNT_CONNECT);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("transfer");
	TCase *tcase = tcase_create("multi");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 30);
	tcase_add_loop_test(tcase, an_answer_comes, 0, 2);
	tcase_add_test(tcase, nobody_answers);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
