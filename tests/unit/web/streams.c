/*
 * Streams: news reach everyone who waits, at no cost while there are none; who
 * does not take them is ended and counted, and other pages are served beside.
 */
#include <check.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "web/http.h"
#include "web/places.h"
#include "web/stream_counts.h"

#define LINE "0123456789012345678901234567890123456789012345678901234567890\n"
/* Generous: the machine may be busy. */
#define PATIENCE_MS 10000

enum { STREAM, SMALL, PAGES };

static const struct http_page pages[PAGES] = {
    [STREAM] = {.path = "/stream", .type = "text/event-stream", .stream = true},
    [SMALL] = {.path = "/small", .type = "text/plain"},
};

struct opened {
	size_t page;
	long seen; /* lines */
	bool small_sent;
};

static atomic_long lines, open_now, lost_at;
static atomic_ullong dropped, refused, streams;

static void *
on_open(void *context, size_t page, const struct http_query *query,
    unsigned *status)
{
	struct opened *o = calloc(1, sizeof(*o));
	const char *last = query->header(query->context, "Last-Event-ID");

	(void)context;
	(void)status;
	ck_assert_ptr_nonnull(o);
	o->page = page;
	o->seen = last != NULL ? strtol(last, NULL, 10) : 0;
	atomic_fetch_add(&open_now, 1);
	return o;
}

static void
on_more(void *opened, struct text *piece)
{
	struct opened *o = opened;
	long now = atomic_load(&lines), lost = atomic_load(&lost_at);

	if (o->page == SMALL) {
		if (!o->small_sent)
			text_add(piece, "small\n");
		o->small_sent = true;
		return;
	}
	if (lost > 0 && o->seen >= lost)
		piece->failed = true;
	for (; o->seen < now && piece->len < 16384; o->seen++)
		text_bytes(piece, LINE, strlen(LINE));
}

static void
on_close(void *opened)
{
	atomic_fetch_sub(&open_now, 1);
	free(opened);
}

static bool
on_called(void *context, const char *host)
{
	(void)context;
	(void)host;
	return true;
}

static bool
on_turn(void *context, const struct stream_counts *counts)
{
	static long said;
	long now = atomic_load(&lines);
	bool news = now != said;

	(void)context;
	said = now;
	atomic_store(&dropped, counts->dropped);
	atomic_store(&refused, counts->refused);
	atomic_store(&streams, counts->open);
	return news;
}

static const struct http_calls calls = {.called = on_called,
    .turn = on_turn,
    .open = on_open,
    .more = on_more,
    .close = on_close};

static struct endpoint_address at;
static struct http_server *http;
static struct errbuf eb;

static void
start(void)
{
	struct sockaddr_storage sa;
	socklen_t len = sizeof(sa);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert_int_eq(address_parse("127.0.0.1", &at.address), 0);
	address_to_sockaddr(&at.address, 0, &sa);
	ck_assert_int_eq(
	    bind(fd, (struct sockaddr *)&sa, sizeof(struct sockaddr_in)), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&sa, &len), 0);
	at.port = ntohs(((struct sockaddr_in *)&sa)->sin_port);
	close(fd);
	errbuf_init(&eb);
	http = http_start(&at, pages, PAGES, &calls, NULL, &eb);
	ck_assert_msg(http != NULL, "%s", eb.text);
}

static void
stop(void)
{
	http_stop(http);
	ck_assert_int_eq(atomic_load(&open_now), 0);
}

/* A client that has asked for ${path}, with ${room} to take. */
static int
ask(const char *path, const char *header, int room)
{
	struct timeval patience = {.tv_sec = PATIENCE_MS / 1000};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_storage sa;
	char text[256];

	address_to_sockaddr(&at.address, at.port, &sa);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (room > 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	ck_assert_int_eq(
	    connect(fd, (struct sockaddr *)&sa, sizeof(struct sockaddr_in)), 0);
	snprintf(text, sizeof(text), "GET %s HTTP/1.0\r\n%s\r\n", path, header);
	ck_assert_int_eq(send(fd, text, strlen(text), 0), (int)strlen(text));
	return fd;
}

/* Read until ${want} was among it. */
static void
expect(int fd, const char *want)
{
	char text[8192] = "";
	size_t got = 0;
	ssize_t n;

	while (strstr(text, want) == NULL) {
		n = recv(fd, text + got, sizeof(text) - 1 - got, 0);
		ck_assert_msg(n > 0, "not \"%s\": %s", want, text);
		got += (size_t)n;
		text[got] = '\0';
	}
}

static bool
comes_true(const atomic_ullong *counter, unsigned long long want)
{
	int64_t end = clock_mono_ms() + 2 * PATIENCE_MS;

	while (atomic_load(counter) != want) {
		if (clock_mono_ms() > end)
			return false;
		poll(NULL, 0, 10);
	}
	return true;
}

START_TEST(news_reach_all_who_wait)
{
	int fd[PLACES_STREAMS];

	start();
	for (int i = 0; i < PLACES_STREAMS; i++)
		fd[i] = ask("/stream", "", 0);
	for (int i = 0; i < PLACES_STREAMS; i++)
		expect(fd[i], "\r\n\r\n");
	for (int n = 0; n < 5; n++) {
		atomic_fetch_add(&lines, 1);
		for (int i = 0; i < PLACES_STREAMS; i++)
			expect(fd[i], LINE);
	}
	ck_assert(comes_true(&streams, PLACES_STREAMS));
	for (int i = 0; i < PLACES_STREAMS; i++)
		close(fd[i]);
	ck_assert(comes_true(&streams, 0));
	ck_assert_uint_eq(atomic_load(&dropped), 0);
	stop();
}
END_TEST

/* More of them are refused, other pages are not, and who goes makes room. */
START_TEST(streams_take_nobodys_place)
{
	int fd[PLACES_STREAMS], more;

	start();
	for (int i = 0; i < PLACES_STREAMS; i++) {
		fd[i] = ask("/stream", "", 0);
		expect(fd[i], "\r\n\r\n");
	}
	for (int i = 0; i < 2 * PLACES; i++) {
		more = ask(i % 2 ? "/stream" : "/small", "", 0);
		expect(more, i % 2 ? " 503 " : "small\n");
		close(more);
	}
	ck_assert(comes_true(&refused, PLACES));
	close(fd[0]);
	ck_assert(comes_true(&streams, PLACES_STREAMS - 1));
	more = ask("/stream", "", 0);
	expect(more, " 200 ");
	/* The server ends with all of them open. */
	stop();
	close(more);
	for (int i = 1; i < PLACES_STREAMS; i++)
		close(fd[i]);
}
END_TEST

/* The server's thread sleeps while all wait. */
START_TEST(waiting_costs_nothing)
{
	struct timespec before, after;
	int fd[PLACES_STREAMS];
	long long ms;

	start();
	for (int i = 0; i < PLACES_STREAMS; i++) {
		fd[i] = ask("/stream", "", 0);
		expect(fd[i], "\r\n\r\n");
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
	poll(NULL, 0, 2000);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
	ms = (after.tv_sec - before.tv_sec) * 1000 +
	    (after.tv_nsec - before.tv_nsec) / 1000000;
	ck_assert_msg(ms < 400, "%lld ms of 2000", ms);
	for (int i = 0; i < PLACES_STREAMS; i++)
		close(fd[i]);
	stop();
}
END_TEST

/* Who takes nothing is ended, and no other waits for it. */
START_TEST(who_does_not_take_them_is_ended)
{
	int slow = -1, good;

	start();
	slow = ask("/stream", "", 4096);
	good = ask("/stream", "", 0);
	expect(good, "\r\n\r\n");
	/* More than the kernel holds for it. */
	atomic_store(&lines, 10000);
	for (int i = 0; i < 10000; i++) {
		char line[sizeof(LINE)];

		ck_assert_int_eq(recv(good, line, strlen(LINE), MSG_WAITALL),
		    (int)strlen(LINE));
	}
	ck_assert(comes_true(&dropped, 1));
	ck_assert(comes_true(&streams, 1));
	atomic_fetch_add(&lines, 1);
	expect(good, LINE);
	close(slow);
	close(good);
	stop();
}
END_TEST

START_TEST(who_lost_its_place_is_ended)
{
	char end;
	int fd;

	start();
	atomic_store(&lines, 100);
	fd = ask("/stream", "Last-Event-ID: 99\r\n", 0);
	expect(fd, LINE);
	atomic_store(&lost_at, 100);
	atomic_fetch_add(&lines, 1);
	ck_assert_int_le(recv(fd, &end, 1, 0), 0);
	ck_assert(comes_true(&dropped, 1));
	close(fd);
	stop();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("web: streams");
	TCase *tcase = tcase_create("streams");
	SRunner *runner;
	int failed;

	tcase_add_test(tcase, news_reach_all_who_wait);
	tcase_add_test(tcase, streams_take_nobodys_place);
	tcase_add_test(tcase, waiting_costs_nothing);
	tcase_add_test(tcase, who_does_not_take_them_is_ended);
	tcase_add_test(tcase, who_lost_its_place_is_ended);
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
