/*
 * A stream worker whose system calls and allocations fail: calls of its thread
 * go through functions here.  One client meets the failure, and the next is
 * served as if nothing had been.  What real clients can do is in
 * tests/system/stream_test.c.
 */
/* Whose read() is an inline function, which cannot be replaced. */
#undef _FORTIFY_SOURCE

#include <check.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "dns/serve/stream.h"
#include "dns/zone/zone_table.h"
#include "tests/unit/memory.h"
#include "tests/unit/message.h"
#include "tests/unit/zone_fixture.h"

enum call {
	CALL_NONE,
	CALL_MALLOC,
	CALL_CALLOC,
	CALL_ACCEPT,
	CALL_GETPEERNAME,
	CALL_SETSOCKOPT,
	CALL_SIOCOUTQ,
	CALL_READ,
	CALL_WRITE,
	CALL_EPOLL_CREATE,
	CALL_NONBLOCK,
	CALL_LISTEN,
};

/* The call that fails, with what, after how many that do not, and how often. */
static struct {
	_Atomic enum call call;
	int error;
	atomic_int skip, times;
} fault;
static atomic_int met; /* how often it failed */
static _Thread_local bool is_worker;

static bool
fails(enum call call)
{
	if (!is_worker || atomic_load(&fault.call) != call)
		return false;
	if (atomic_fetch_sub(&fault.skip, 1) > 0)
		return false;
	if (atomic_fetch_sub(&fault.times, 1) <= 0)
		return false;
	atomic_fetch_add(&met, 1);
	errno = fault.error;
	return true;
}

static void
arm(enum call call, int error, int skip, int times)
{
	atomic_store(&fault.call, CALL_NONE);
	fault.error = error;
	atomic_store(&fault.skip, skip);
	atomic_store(&fault.times, times);
	atomic_store(&met, 0);
	atomic_store(&fault.call, call);
}

#if REPLACED
void *
malloc(size_t size)
{
	return fails(CALL_MALLOC) ? NULL : __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
	return fails(CALL_CALLOC) ? NULL : __libc_calloc(n, size);
}
#endif

int
accept4(int fd, __SOCKADDR_ARG sa, socklen_t *restrict len, int flags)
{
	return fails(CALL_ACCEPT)
	    ? -1
	    : (int)syscall(SYS_accept4, fd, sa.__sockaddr__, len, flags);
}

int
getpeername(int fd, __SOCKADDR_ARG sa, socklen_t *restrict len)
{
	return fails(CALL_GETPEERNAME)
	    ? -1
	    : (int)syscall(SYS_getpeername, fd, sa.__sockaddr__, len);
}

int
setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	return fails(CALL_SETSOCKOPT)
	    ? -1
	    : (int)syscall(SYS_setsockopt, fd, level, name, value, len);
}

int
ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *value;

	va_start(args, request);
	value = va_arg(args, void *);
	va_end(args);
	if ((request == TIOCOUTQ && fails(CALL_SIOCOUTQ)) ||
	    (request == FIONBIO && fails(CALL_NONBLOCK)))
		return -1;
	return (int)syscall(SYS_ioctl, fd, request, value);
}

/* What reads and writes sockets; the loop wakes itself by others. */
static bool
is_socket(int fd)
{
	int type;
	socklen_t len = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0;
}

ssize_t
read(int fd, void *data, size_t len)
{
	return is_worker && is_socket(fd) && fails(CALL_READ)
	    ? -1
	    : syscall(SYS_read, fd, data, len);
}

ssize_t
write(int fd, const void *data, size_t len)
{
	return is_worker && is_socket(fd) && fails(CALL_WRITE)
	    ? -1
	    : syscall(SYS_write, fd, data, len);
}

int
epoll_create1(int flags)
{
	return fails(CALL_EPOLL_CREATE)
	    ? -1
	    : (int)syscall(SYS_epoll_create1, flags);
}

int
listen(int fd, int n)
{
	return fails(CALL_LISTEN) ? -1 : (int)syscall(SYS_listen, fd, n);
}

/* The worker and what it serves. */

#define WAIT_MS 10000

static struct zone *zone;
static struct zone_table *set;
static struct counters *counters;
static struct snapshot snapshot;
static struct published published;
static struct crowd_total *clients;
static struct listener *listener;
static struct sockaddr_storage server;
static socklen_t server_len;
static struct stream_worker *worker;
static pthread_t thread;

static void
make_zone(void)
{
	static struct errbuf eb;
	static char text[70000];
	const struct zone *list[1];
	size_t n;

	n = (size_t)snprintf(text, sizeof(text),
	    "@ 9 SOA a a 1 2 3 4 5\n@ 9 NS a\na 9 A 192.0.2.1\n");
	for (int i = 0; i < 250; i++)
		n += (size_t)snprintf(
		    text + n, sizeof(text) - n, "big 9 TXT \"%0240d\"\n", i);
	zone = fixture_zone("e.", text, &eb);
	ck_assert_msg(zone != NULL, "%s", eb.text);
	list[0] = zone;
	set = zone_table_create(list, 1);
	ck_assert_ptr_nonnull(set);
}

/* A socket on a port of the kernel's choice; nobody asks over UDP. */
static void
open_listener(void)
{
	struct endpoint_address at = {.address = {4, {127, 0, 0, 1}}};
	struct errbuf eb;

	errbuf_init(&eb);
	listener = listeners_open(&at, 1, 1, &eb);
	ck_assert_msg(listener != NULL, "%s", eb.text);
	server_len = sizeof(server);
	ck_assert_int_eq(
	    getsockname(listener->tcp, (struct sockaddr *)&server, &server_len),
	    0);
}

static void
setup(void)
{
	make_zone();
	counters = calloc(1, sizeof(*counters));
	ck_assert_ptr_nonnull(counters);
	snapshot.zones = set;
	snapshot.udp_size = 1232;
	snapshot.tcp = (struct stream_limits){.connections = 4,
	    .per_client = 3,
	    .ipv4 = 32,
	    .ipv6 = 64,
	    .idle_ms = 60000,
	    .stall_ms = 400};
	publish_set(&published, &snapshot);
	clients = crowd_total_create(1);
	ck_assert_ptr_nonnull(clients);
	open_listener();
	worker = NULL;
}

static void
teardown(void)
{
	listeners_close(listener, 1);
	crowd_total_destroy(clients);
	zone_table_destroy(set);
	zone_destroy(zone);
	free(counters);
}

static struct stream_worker *
create(void)
{
	return stream_create(
	    listener, 1, &published, counters, NULL, clients, 1);
}

static void *
work(void *context)
{
	(void)context;
	is_worker = true;
	stream_serve(worker);
	return NULL;
}

static void
start(void)
{
	worker = create();
	ck_assert_ptr_nonnull(worker);
	ck_assert_int_eq(pthread_create(&thread, NULL, work, NULL), 0);
}

static void
stop(void)
{
	stream_stop(worker);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	stream_destroy(worker);
}

/* A client; with a small window it is one that reads slowly. */
static int
join(bool slow)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), small = 2048;

	ck_assert_int_ge(fd, 0);
	if (slow)
		ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small,
				     sizeof(small)),
		    0);
	ck_assert_int_eq(
	    connect(fd, (struct sockaddr *)&server, server_len), 0);
	return fd;
}

static void
put(int fd, const char *name, uint16_t type, size_t most)
{
	uint8_t query[512];
	size_t len = make_query(query + 2, name, type, -1, NULL, 0);

	wire_put16(query, (uint16_t)len);
	len += 2;
	if (len > most)
		len = most;
	(void)!send(fd, query, len, MSG_NOSIGNAL);
}

/* Take ${len} octets; false when the connection ended first. */
static bool
get(int fd, uint8_t *data, size_t len)
{
	while (len > 0) {
		struct pollfd poller = {.fd = fd, .events = POLLIN};
		ssize_t n;

		ck_assert_int_eq(poll(&poller, 1, WAIT_MS), 1);
		n = recv(fd, data, len, 0);
		if (n <= 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

/* The length of the next answer, 0 when the connection ended. */
static size_t
answer(int fd)
{
	static uint8_t data[MESSAGE_MAX];
	uint8_t head[2];

	if (!get(fd, head, 2) || !get(fd, data, wire_get16(head)))
		return 0;
	ck_assert_uint_eq(data[3] & 0xf, RCODE_NOERROR);
	return wire_get16(head);
}

/* The next client is served, and leaves nothing to do. */
static void
next_is_served(void)
{
	int fd = join(false);
	uint64_t ended = 0;

	put(fd, "a.e.", TYPE_A, SIZE_MAX);
	ck_assert_uint_gt(answer(fd), 0);
	close(fd);
	for (int ms = 0; ms < WAIT_MS; ms++) {
		ended = 0;
		for (int i = 0; i < TCP_ENDS; i++)
			ended += counter_read(&counters->tcp_ended[i]);
		if (ended == counter_read(&counters->tcp_accepted))
			return;
		poll(NULL, 0, 1);
	}
	ck_abort_msg("%d ended", (int)ended);
}

/* What one client meets who asks so: it is answered, or its connection ends. */
enum asks { WHOLE, HALVES, SLOWLY };
static const struct {
	const char *why;
	enum call call;
	int error, skip, times;
	enum asks asks;
	bool answered;
	bool memory; /* a sanitizer does not let it run out */
} rows[] = {
    {"nothing fails", CALL_NONE, 0, 0, 0, WHOLE, true, false},
    {"nothing fails, in two parts", CALL_NONE, 0, 0, 0, HALVES, true, false},
    {"nothing fails, with a slow reader", CALL_NONE, 0, 0, 0, SLOWLY, true,
	false},
    {"no memory for a connection: it is served when there is", CALL_CALLOC,
	ENOMEM, 0, 1, WHOLE, true, true},
    {"nor at the next try", CALL_CALLOC, ENOMEM, 0, 3, WHOLE, true, true},
    {"no memory for whom it belongs to", CALL_CALLOC, ENOMEM, 1, 1, WHOLE,
	false, true},
    {"no descriptor: it waits", CALL_ACCEPT, EINTR, 0, 1, WHOLE, true, false},
    {"it was gone before it was accepted", CALL_ACCEPT, ECONNABORTED, 0, 1,
	WHOLE, true, false},
    {"it was gone when it was accepted", CALL_GETPEERNAME, ENOTCONN, 0, 1,
	WHOLE, false, false},
    {"the same, seen a little earlier", CALL_SETSOCKOPT, EINVAL, 0, 1, WHOLE,
	false, false},
    {"nothing to read after all", CALL_READ, EAGAIN, 0, 1, WHOLE, true, false},
    {"a connection that breaks while it is read", CALL_READ, ECONNRESET, 0, 1,
	WHOLE, false, false},
    {"a connection that breaks while it is written", CALL_WRITE, EPIPE, 0, 1,
	WHOLE, false, false},
    {"a socket that takes nothing now", CALL_WRITE, EAGAIN, 0, 1, WHOLE, true,
	false},
    {"no word of what a slow reader took", CALL_SIOCOUTQ, EINVAL, 0, 1, SLOWLY,
	true, false},
};

static void
ask_as(int fd, enum asks asks)
{
	switch (asks) {
	case WHOLE:
		put(fd, "a.e.", TYPE_A, SIZE_MAX);
		break;
	case HALVES:
		put(fd, "a.e.", TYPE_A, 9);
		break;
	case SLOWLY:
		for (int i = 0; i < 40; i++)
			put(fd, "big.e.", 16, SIZE_MAX);
		break;
	}
}

static void
finish_asking(int fd, enum asks asks)
{
	uint8_t query[512];
	size_t len = make_query(query + 2, "a.e.", TYPE_A, -1, NULL, 0);

	if (asks != HALVES)
		return;
	wire_put16(query, (uint16_t)len);
	(void)!send(fd, query + 9, len + 2 - 9, MSG_NOSIGNAL);
}

START_TEST(one_fails_and_the_next_is_served)
{
	int fd, answers = 0;

	if (rows[_i].memory && !REPLACED)
		return;
	start();
	next_is_served();
	arm(rows[_i].call, rows[_i].error, rows[_i].skip, rows[_i].times);
	fd = join(rows[_i].asks == SLOWLY);
	ask_as(fd, rows[_i].asks);
	poll(NULL, 0, 50);
	finish_asking(fd, rows[_i].asks);
	while (answers < (rows[_i].asks == SLOWLY ? 40 : 1) && answer(fd) > 0)
		answers++;
	ck_assert_msg((answers > 0) == rows[_i].answered, "%s: %d answers",
	    rows[_i].why, answers);
	ck_assert_msg(atomic_load(&met) == rows[_i].times, "%s: met %d times",
	    rows[_i].why, atomic_load(&met));
	close(fd);
	next_is_served();
	stop();
}
END_TEST

/* No memory for the rest of a query, or for answers that are not taken. */
START_TEST(no_memory_for_a_buffer)
{
	enum asks asks = _i == 0 ? HALVES : SLOWLY;
	int fd;

	if (!REPLACED)
		return;
	start();
	next_is_served();
	arm(CALL_MALLOC, ENOMEM, 0, 1);
	fd = join(asks == SLOWLY);
	ask_as(fd, asks);
	while (answer(fd) > 0)
		continue;
	ck_assert_int_eq(atomic_load(&met), 1);
	close(fd);
	next_is_served();
	stop();
}
END_TEST

/* One more than a client may have is closed; one more than all may have makes
 * another go. */
START_TEST(limits)
{
	int fd[4];

	start();
	for (int i = 0; i < 4; i++) {
		fd[i] = join(false);
		put(fd[i], "a.e.", TYPE_A, SIZE_MAX);
		ck_assert_int_eq(answer(fd[i]) > 0, i < 3);
	}
	ck_assert_uint_eq(counter_read(&counters->tcp_refused), 1);
	for (int i = 0; i < 4; i++)
		close(fd[i]);
	stop();
}
END_TEST

/* However it cannot begin, nothing is left behind: the next try can be made. */
START_TEST(cannot_begin)
{
	static const struct {
		enum call call;
		int error;
		bool memory;
	} ways[] = {{CALL_CALLOC, ENOMEM, true},
	    {CALL_EPOLL_CREATE, EMFILE, false}, {CALL_NONBLOCK, EIO, false},
	    {CALL_LISTEN, EADDRINUSE, false}};

	is_worker = true;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		int tries = 0;

		if (ways[i].memory && !REPLACED)
			continue;
		for (;; tries++) {
			arm(ways[i].call, ways[i].error, tries, 1);
			worker = create();
			arm(CALL_NONE, 0, 0, 0);
			if (worker != NULL)
				break;
			listeners_close(listener, 1);
			open_listener();
		}
		ck_assert_int_gt(tries, 0);
		stream_destroy(worker);
		listeners_close(listener, 1);
		open_listener();
	}
	is_worker = false;
	stream_destroy(NULL);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("dns_stream");
	TCase *tc = tcase_create("stream");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, one_fails_and_the_next_is_served, 0,
	    (int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_loop_test(tc, no_memory_for_a_buffer, 0, 2);
	tcase_add_test(tc, limits);
	tcase_add_test(tc, cannot_begin);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
