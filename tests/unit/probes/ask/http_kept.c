/*
 * Tests of connections that are kept: when the next request uses one, what is
 * never shared, and that a server which closes one does no harm.
 */
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probes/ask/http_check.h"
#include "tests/unit/probes_request.h"

static struct http_request
kept_request(const struct server *s)
{
	struct http_request request = request_to(s);

	request.group = 7;
	return request;
}

START_TEST(the_next_request_uses_it)
{
	struct server s = {.manner = STAYS, .answer = OK_ANSWER};
	struct http_request request;
	struct outcome out;

	server_start(&s, "127.0.0.1");
	request = kept_request(&s);
	out = ask(&request);
	ck_assert_msg(
	    out.answer.outcome == HTTP_ANSWERED, "%s", out.answer.reason);
	ck_assert(!out.answer.reused);
	ck_assert_int_gt(out.answer.connect_us, 0);
	ck_assert_ptr_null(strstr(s.request, "Connection:"));
	ck_assert_uint_eq(http_checker_kept(checker), 1);
	for (int i = 0; i < 3; i++) {
		out = ask(&request);
		ck_assert_int_eq(out.answer.outcome, HTTP_ANSWERED);
		ck_assert(out.answer.reused);
		/* It was made before: that says nothing of now. */
		ck_assert_int_eq(out.answer.connect_us, -1);
		ck_assert_int_gt(out.answer.first_byte_us, 0);
	}
	ck_assert_uint_eq(s.connections, 1);
	ck_assert_uint_eq(s.requests, 4);
}
END_TEST

/* Its descriptor is another's by then. */
START_TEST(what_never_connected_is_not_kept)
{
	struct server s = {.manner = LISTENS};
	struct http_request request;

	server_start(&s, "127.0.0.1");
	request = kept_request(&s);
	for (int i = 0; i < 3; i++) {
		ck_assert_str_eq(ask(&request).answer.reason, "refused");
		ck_assert_uint_eq(http_checker_kept(checker), 0);
	}
}
END_TEST

START_TEST(the_last_request_closes_it)
{
	struct server s = {.manner = STAYS, .answer = OK_ANSWER};
	struct http_request request;

	server_start(&s, "127.0.0.1");
	request = kept_request(&s);
	ask(&request);
	request.last = true;
	ck_assert(ask(&request).answer.reused);
	ck_assert_ptr_nonnull(strstr(s.request, "\r\nConnection: close\r\n"));
	while (s.closed == 0)
		uv_run(&loop, UV_RUN_ONCE);
	ck_assert_uint_eq(s.connections, 1);
	ck_assert_uint_eq(http_checker_kept(checker), 0);
}
END_TEST

START_TEST(the_end_of_a_group_closes_it)
{
	struct server s = {.manner = STAYS, .answer = OK_ANSWER};
	struct http_request request;

	server_start(&s, "127.0.0.1");
	request = kept_request(&s);
	ask(&request);
	http_checker_end_group(checker, 8);
	uv_run(&loop, UV_RUN_NOWAIT);
	ck_assert_uint_eq(s.closed, 0);
	http_checker_end_group(checker, 7);
	while (s.closed == 0)
		uv_run(&loop, UV_RUN_ONCE);
	ck_assert(!ask(&request).answer.reused);
}
END_TEST

/* What differs in anything that a server or a client could care for. */
static const char *const others[] = {"group", "host", "user", "token",
    "certificate", "address", "http2", "none"};

START_TEST(others_do_not_share_it)
{
	struct server s = {.manner = STAYS, .answer = OK_ANSWER},
		      t = {.manner = STAYS, .answer = OK_ANSWER};
	const char *what = others[_i];
	char path[] = "/tmp/probes_kept.XXXXXX";
	struct client_config client = {.host_port = true};
	struct http_request request;
	struct outcome out;
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, "word\n", 5), 5);
	close(fd);
	server_start(&s, "127.0.0.1");
	server_start(&t, "127.0.0.1");
	request = kept_request(&s);
	request.host = "chat.example";
	request.client = &client;
	ask(&request);
	if (strcmp(what, "group") == 0)
		request.group = 8;
	else if (strcmp(what, "host") == 0)
		request.host = "other.example";
	else if (strcmp(what, "user") == 0)
		client.user = "probe";
	else if (strcmp(what, "token") == 0)
		client.token_file = path;
	else if (strcmp(what, "certificate") == 0)
		client.certificate = path;
	else if (strcmp(what, "address") == 0)
		request.to = &t.at;
	else if (strcmp(what, "http2") == 0)
		client.http2 = true;
	else
		request.group = 0;
	out = ask(&request);
	unlink(path);
	ck_assert_msg(out.answer.outcome == HTTP_ANSWERED, "%s: %s", what,
	    out.answer.reason);
	ck_assert_msg(!out.answer.reused, "%s", what);
	ck_assert_uint_eq(s.connections + t.connections, 2);
}
END_TEST

/* Another token in the same file is another credential. */
START_TEST(a_new_token_does_not_share_it)
{
	struct server s = {.manner = STAYS, .answer = OK_ANSWER};
	char path[] = "/tmp/probes_kept.XXXXXX";
	struct client_config client = {.host_port = true, .token_file = path};
	struct http_request request;
	int fd = mkstemp(path);

	ck_assert_int_eq(write(fd, "first\n", 6), 6);
	server_start(&s, "127.0.0.1");
	request = kept_request(&s);
	request.client = &client;
	ask(&request);
	ck_assert_ptr_nonnull(
	    strstr(s.request, "\r\nAuthorization: Bearer first\r\n"));
	ck_assert(ask(&request).answer.reused);
	ck_assert_int_eq(pwrite(fd, "other\n", 6, 0), 6);
	uv_sleep(1100);
	ck_assert(!ask(&request).answer.reused);
	ck_assert_ptr_nonnull(
	    strstr(s.request, "\r\nAuthorization: Bearer other\r\n"));
	close(fd);
	unlink(path);
}
END_TEST

/* The server closed it while nobody looked: found before it is used. */
START_TEST(closed_while_idle_is_no_failure)
{
	struct server s = {.manner = STAYS, .answer = OK_ANSWER};
	struct http_request request;
	struct outcome out;

	server_start(&s, "127.0.0.1");
	request = kept_request(&s);
	s.manner = SENDS;
	s.answer = "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n"
		   "Content-Length: 2\r\n\r\nok";
	ask(&request);
	for (int i = 0; i < 20; i++)
		uv_run(&loop, UV_RUN_ONCE);
	out = ask(&request);
	ck_assert_msg(
	    out.answer.outcome == HTTP_ANSWERED, "%s", out.answer.reason);
	ck_assert(!out.answer.reused);
	ck_assert_uint_eq(s.connections, 2);
}
END_TEST

/* It is closed in the moment in which the request comes. */
START_TEST(closed_under_us_is_no_failure)
{
	struct server s = {.manner = FORGETS, .answer = OK_ANSWER};
	struct http_request request;
	struct outcome out;

	server_start(&s, "127.0.0.1");
	request = kept_request(&s);
	ask(&request);
	out = ask(&request);
	ck_assert_msg(
	    out.answer.outcome == HTTP_ANSWERED, "%s", out.answer.reason);
	ck_assert(!out.answer.reused);
	ck_assert_int_gt(out.answer.connect_us, 0);
	ck_assert_uint_eq(s.requests, 3);
	ck_assert_uint_eq(s.connections, 2);
}
END_TEST

/* And a server that closes the fresh one too has failed. */
START_TEST(it_is_sent_again_only_once)
{
	struct server s = {.manner = STAYS, .answer = OK_ANSWER};
	struct http_request request;
	struct outcome out;

	server_start(&s, "127.0.0.1");
	request = kept_request(&s);
	ask(&request);
	s.manner = SENDS;
	s.answer = "";
	out = ask(&request);
	ck_assert_int_eq(out.answer.outcome, HTTP_FAILED);
	ck_assert_str_eq(out.answer.reason, "closed without an answer");
	ck_assert_uint_le(s.connections, 2);
	ck_assert_uint_eq(http_checker_kept(checker), 0);
}
END_TEST

/* Three quarters of the descriptors. */
START_TEST(they_are_bounded)
{
	struct server s = {.manner = STAYS, .answer = OK_ANSWER};
	struct http_request request;
	struct rlimit limit;
	size_t most = 0;

	http_checker_close(checker);
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = 200;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	checker = http_checker_create(&loop);
	limit.rlim_cur = 1000;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	server_start(&s, "127.0.0.1");
	request = kept_request(&s);
	for (uint64_t i = 1; i <= 300; i++) {
		request.group = i;
		ck_assert_int_eq(ask(&request).answer.outcome, HTTP_ANSWERED);
		if (http_checker_kept(checker) > most)
			most = http_checker_kept(checker);
	}
	ck_assert_uint_eq(most, 150);
	/* The first are still there. */
	request.group = 1;
	ck_assert(ask(&request).answer.reused);
}
END_TEST

START_TEST(a_reload_keeps_none)
{
	struct server s = {.manner = STAYS, .answer = OK_ANSWER};
	struct http_request request;

	server_start(&s, "::1");
	request = kept_request(&s);
	ask(&request);
	ck_assert(ask(&request).answer.reused);
	http_checker_refresh(checker);
	while (s.closed == 0)
		uv_run(&loop, UV_RUN_ONCE);
	ck_assert(!ask(&request).answer.reused);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("probes_ask_http_kept");
	TCase *tcase = tcase_create("kept");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_set_timeout(tcase, 30);
	tcase_add_test(tcase, the_next_request_uses_it);
	tcase_add_test(tcase, what_never_connected_is_not_kept);
	tcase_add_test(tcase, the_last_request_closes_it);
	tcase_add_test(tcase, the_end_of_a_group_closes_it);
	tcase_add_loop_test(tcase, others_do_not_share_it, 0,
	    (int)(sizeof(others) / sizeof(others[0])));
	tcase_add_test(tcase, a_new_token_does_not_share_it);
	tcase_add_test(tcase, closed_while_idle_is_no_failure);
	tcase_add_test(tcase, closed_under_us_is_no_failure);
	tcase_add_test(tcase, it_is_sent_again_only_once);
	tcase_add_test(tcase, they_are_bounded);
	tcase_add_test(tcase, a_reload_keeps_none);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
