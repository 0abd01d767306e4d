/*
 * TCP: pipelines, long answers, clients that are slow, greedy, many or silly,
 * and that all others are answered meanwhile, in bounded memory.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/system/node.h"

/* Somebody else's query must not take longer, whatever goes on. */
#define QUICK_MS 1000

/* A set that fills an answer: 250 records of 12 + 241 octets behind the
 * header and the question, 63 KiB. */
#define BIG_RECORDS 250
#define BIG_TEXT 240

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
/* What was freed stays in quarantine, and memory has shadows. */
#define SANITIZER_KB (512 << 10)
#else
#define SANITIZER_KB 0
#endif

/* A query for A of www.inference.example. with its two octets of length. */
static const uint8_t framed[] = {0, 39, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3,
    'w', 'w', 'w', 9, 'i', 'n', 'f', 'e', 'r', 'e', 'n', 'c', 'e', 7, 'e', 'x',
    'a', 'm', 'p', 'l', 'e', 0, 0, 1, 0, 1};

/* The same for TXT of big.inference.example. */
static const uint8_t big[] = {0, 39, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, 'b',
    'i', 'g', 9, 'i', 'n', 'f', 'e', 'r', 'e', 'n', 'c', 'e', 7, 'e', 'x', 'a',
    'm', 'p', 'l', 'e', 0, 0, 16, 0, 1};

static uint8_t answer[REPLY_MAX];

static void
write_zone(struct harness *h)
{
	static char text[(BIG_TEXT + 32) * BIG_RECORDS + 1024];
	size_t len = (size_t)snprintf(text, sizeof(text), "%s", node_zone);

	for (int i = 0; i < BIG_RECORDS; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "big TXT \"%0*d\"\n", BIG_TEXT, i);
	harness_write(h, "inference.zone", "%s", text);
}

/* A node with one worker, so that what is split between them is whole. */
static void
start(struct node *node, struct harness *h, const char *tcp)
{
	char extra[256];

	node_init(node, h);
	snprintf(extra, sizeof(extra), "workers: 1\n%s", tcp);
	node_config(node, extra);
	write_zone(h);
	node_steering(node,
	    "regions:\n  us-east: {at: [39.0, -77.5]}\n"
	    "pools:\n  v1:\n    endpoints:\n"
	    "      - {name: us, region: us-east, address: 192.0.2.1}\n"
	    "services:\n  one: {pool: v1}\n");
	node_serve(node);
}

static void
finish(struct node *node, struct harness *h)
{
	harness_stop(h, node->server);
	harness_destroy(h);
}

/* Connect from 127.0.${net}.${host}, with a receive buffer of ${window} octets
 * unless that is 0.  The socket; it is silent about a refusal. */
static int
dial_as(const struct node *node, unsigned net, unsigned host, int window)
{
	struct sockaddr_in from = {.sin_family = AF_INET};
	struct sockaddr_in to = {.sin_family = AF_INET};
	struct timeval patience = {.tv_sec = 20};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	ck_assert_int_ge(fd, 0);
	from.sin_addr.s_addr = htonl(0x7f000000u + (net << 8) + host);
	to.sin_port = htons(node->port);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (window > 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &window, sizeof(window));
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&from, sizeof(from)), 0);
	/* A refusal may come before connect() has returned. */
	ck_assert(connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0 ||
	    errno == ECONNRESET);
	return fd;
}

static int
dial(const struct node *node)
{
	return dial_as(node, 0, 1, 0);
}

static void
say(int fd, const uint8_t *octets, size_t len)
{
	ck_assert_int_eq(send(fd, octets, len, MSG_NOSIGNAL), (int)len);
}

/* Read exactly ${len} octets; false when the other side closed before. */
static bool
read_all(int fd, uint8_t *out, size_t len)
{
	while (len > 0) {
		ssize_t n = recv(fd, out, len, 0);

		if (n <= 0)
			return false;
		out += n;
		len -= (size_t)n;
	}
	return true;
}

/* The next framed answer; its length, 0 when there is none any more. */
static size_t
next_answer(int fd)
{
	uint8_t head[2] = {0};
	size_t len;

	if (!read_all(fd, head, 2))
		return 0;
	len = (size_t)head[0] << 8 | head[1];
	return read_all(fd, answer, len) ? len : 0;
}

/* The next answer has the id ${id} and ${records}, and no fault. */
static void
expect_answer(int fd, unsigned id, unsigned records)
{
	ck_assert_uint_gt(next_answer(fd), 12);
	ck_assert_uint_eq((unsigned)answer[0] << 8 | answer[1], id);
	ck_assert_uint_eq(answer[2] & 2, 0);
	ck_assert_uint_eq(answer[3] & 15, 0);
	ck_assert_uint_eq((unsigned)answer[6] << 8 | answer[7], records);
}

/* Somebody else, over TCP from another network and over UDP, is answered at
 * once. */
static void
expect_quick(struct node *node)
{
	int64_t began = harness_ms();
	int fd = dial_as(node, 77, 1, 0);

	say(fd, framed, sizeof(framed));
	expect_answer(fd, 0, 1);
	close(fd);
	ck_assert_str_eq(
	    node_ask(node, "www.inference.example.", "A", NULL), "192.0.2.80");
	ck_assert_int_le(harness_ms() - began, QUICK_MS);
}

/* The other side has closed, or does so within ${ms}. */
static bool
is_closed(int fd, int ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	uint8_t octet;

	return poll(&p, 1, ms) == 1 &&
	    recv(fd, &octet, 1, MSG_PEEK | MSG_DONTWAIT) <= 0;
}

static double
closed(struct node *node, const char *reason)
{
	char name[64];

	snprintf(name, sizeof(name), "meridian_tcp_closed_total{reason=\"%s\"}",
	    reason);
	return node_metric(node, name);
}

/* Resident memory of the server in KiB. */
static long
resident_kb(struct node *node)
{
	char path[64];
	const char *line;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)node->server);
	line = strstr(harness_read(node->h, path), "\nVmRSS:");
	ck_assert_ptr_nonnull(line);
	return strtol(line + strlen("\nVmRSS:"), NULL, 10);
}

#define PIPELINE 1000

/* Queries in one stream, cut anywhere, are answered in order. */
START_TEST(test_pipeline)
{
	static uint8_t out[PIPELINE * sizeof(framed)];
	struct harness *h = harness_create();
	struct node node;
	int fd;

	start(&node, h, "");
	fd = dial(&node);
	for (size_t i = 0; i < PIPELINE; i++) {
		uint8_t *q = out + i * sizeof(framed);

		memcpy(q, framed, sizeof(framed));
		q[2] = (uint8_t)(i >> 8);
		q[3] = (uint8_t)i;
	}
	for (size_t at = 0, n; at < sizeof(out); at += n) {
		n = sizeof(out) - at < 37 ? sizeof(out) - at : 37;
		say(fd, out + at, n);
	}
	for (unsigned i = 0; i < PIPELINE; i++)
		expect_answer(fd, i, 1);
	close(fd);
	/* One octet at a time. */
	fd = dial(&node);
	for (size_t i = 0; i < sizeof(framed); i++)
		say(fd, framed + i, 1);
	expect_answer(fd, 0, 1);
	/* The client ends its side: what it asked is still answered. */
	say(fd, framed, sizeof(framed));
	shutdown(fd, SHUT_WR);
	expect_answer(fd, 0, 1);
	ck_assert_int_eq(recv(fd, out, 1, 0), 0);
	close(fd);
	finish(&node, h);
}
END_TEST

/* The longest answers come whole and in order to a client with a small window,
 * that pauses, and that has ended its side long before. */
START_TEST(test_long_answers)
{
	struct harness *h = harness_create();
	struct node node;
	uint8_t query[sizeof(big)];
	int fd;

	start(&node, h, "");
	memcpy(query, big, sizeof(big));
	for (int window = 4096; window <= 1 << 20; window *= 16) {
		fd = dial_as(&node, 0, 1, window);
		for (int i = 0; i < 100; i++) {
			query[3] = (uint8_t)i;
			say(fd, query, sizeof(query));
		}
		shutdown(fd, SHUT_WR);
		harness_pause();
		for (unsigned i = 0; i < 100; i++) {
			expect_answer(fd, i, BIG_RECORDS);
			if (i % 10 == 0)
				harness_pause();
		}
		ck_assert_uint_eq(next_answer(fd), 0);
		ck_assert_int_eq(recv(fd, query, 1, 0), 0);
		close(fd);
	}
	finish(&node, h);
}
END_TEST

/* A network of the test's own, in which fast open is on for servers; false when
 * that is not allowed. */
static bool
own_network(void)
{
	struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	bool made = unshare(CLONE_NEWNET) == 0;
	int fd = socket(AF_INET, SOCK_DGRAM, 0), proc;

	made = made && ioctl(fd, SIOCSIFFLAGS, &lo) == 0;
	close(fd);
	proc = open("/proc/sys/net/ipv4/tcp_fastopen", O_WRONLY);
	made = made && write(proc, "3", 1) == 1;
	close(proc);
	return made;
}

/* Connections that began with data, as the kernel counts them. */
static long
fast_opens(struct harness *h)
{
	const char *names, *values = harness_read(h, "/proc/net/netstat");
	size_t column = 0;

	names = strstr(values, "TcpExt:");
	values = names != NULL ? strstr(names + 1, "TcpExt:") : NULL;
	ck_assert_ptr_nonnull(values);
	for (; strncmp(names, "TCPFastOpenPassive ", 19) != 0; column++) {
		names = strchr(names, ' ');
		ck_assert(names != NULL && names < values);
		names++;
	}
	for (; column > 0; column--)
		values = strchr(values, ' ') + 1;
	return strtol(values, NULL, 10);
}

/* Who comes again may ask in its first packet (RFC 7413). */
START_TEST(test_fast_open)
{
	struct harness *h = harness_create();
	struct sockaddr_in to = {.sin_family = AF_INET};
	struct node node;

	if (!own_network()) {
		printf("no network of its own: fast open is not tested\n");
		harness_destroy(h);
		return;
	}
	start(&node, h, "");
	to.sin_port = htons(node.port);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	/* The first one gets the kernel's cookie. */
	for (int i = 0; i < 3; i++) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);

		ck_assert_int_eq(
		    sendto(fd, framed, sizeof(framed), MSG_FASTOPEN,
			(struct sockaddr *)&to, sizeof(to)),
		    (int)sizeof(framed));
		expect_answer(fd, 0, 1);
		close(fd);
		ck_assert_int_eq(fast_opens(h), i);
	}
	finish(&node, h);
}
END_TEST

/* A client that never reads is not read from either, and is closed after the
 * time of a stall; one that reads in time gets on. */
START_TEST(test_slow_reader)
{
	struct harness *h = harness_create();
	struct timeval soon = {.tv_usec = 300000};
	struct node node;
	size_t sent = 0;
	int fd;

	start(&node, h, "tcp: {stall: 2s}\n");
	fd = dial(&node);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &soon, sizeof(soon));
	while (sent < (size_t)64 << 20) {
		ssize_t n = send(fd, framed, sizeof(framed), MSG_NOSIGNAL);

		if (n != (ssize_t)sizeof(framed))
			break;
		sent += (size_t)n;
	}
	ck_assert_msg(sent < (size_t)64 << 20, "%zu octets taken", sent);
	expect_quick(&node);
	for (int i = 0; i < 1000; i++)
		expect_answer(fd, 0, 1);
	ck_assert(closed(&node, "stalled") == 0);
	HARNESS_WAIT(10000, closed(&node, "stalled") == 1);
	close(fd);
	finish(&node, h);
}
END_TEST

/* A client that reads a little all the time is one that reads: it keeps its
 * connection for longer than a stall, until it reads too little. */
START_TEST(test_trickling_reader)
{
	struct harness *h = harness_create();
	static uint8_t piece[32 << 10];
	struct node node;
	int64_t began;
	int fd;

	start(&node, h, "tcp: {stall: 500ms}\n");
	fd = dial_as(&node, 0, 1, 4096);
	for (int i = 0; i < 64; i++)
		say(fd, big, sizeof(big));
	began = harness_ms();
	while (harness_ms() - began < 2500) {
		/* Three times what is asked for at least. */
		ck_assert(read_all(fd, piece, 24 << 10));
		for (int i = 0; i < 50; i++)
			harness_pause();
	}
	ck_assert(closed(&node, "stalled") == 0);
	began = harness_ms();
	while (closed(&node, "stalled") == 0) {
		ck_assert_int_le(harness_ms() - began, 5000);
		(void)recv(fd, piece, 16, MSG_DONTWAIT);
		harness_pause();
	}
	close(fd);
	finish(&node, h);
}
END_TEST

/* Queries that are never finished keep no connection alive, whatever comes of
 * them, and cost little; queries that are finished do. */
START_TEST(test_slowloris)
{
	enum { SLOW = 60 };
	static const uint8_t huge[] = {0xff, 0xff, 0, 0};
	struct harness *h = harness_create();
	int slow[SLOW], good, silent;
	struct node node;
	int64_t began;
	long before;

	start(&node, h, "tcp: {stall: 600ms, idle: 2s}\n");
	expect_quick(&node);
	before = resident_kb(&node);
	silent = dial_as(&node, 2, 1, 0);
	good = dial_as(&node, 2, 2, 0);
	for (int i = 0; i < SLOW; i++)
		slow[i] = dial(&node);
	began = harness_ms();
	for (size_t k = 0; k < sizeof(framed) - 1; k++) {
		for (int i = 0; i < SLOW; i++)
			(void)send(slow[i], framed + k, 1, MSG_NOSIGNAL);
		if (is_closed(slow[SLOW - 1], 20))
			break;
		say(good, framed, sizeof(framed));
		expect_answer(good, 0, 1);
		say(good, framed, sizeof(framed) - 1);
		harness_pause();
		say(good, framed + sizeof(framed) - 1, 1);
		expect_answer(good, 0, 1);
	}
	for (int i = 0; i < SLOW; i++)
		ck_assert(is_closed(slow[i], 500));
	ck_assert_int_ge(harness_ms() - began, 500);
	ck_assert_int_le(harness_ms() - began, 2500);
	ck_assert(closed(&node, "stalled") == SLOW);
	ck_assert_int_le(resident_kb(&node) - before, (2 << 10) + SANITIZER_KB);
	expect_quick(&node);
	ck_assert(!is_closed(good, 0));
	ck_assert(!is_closed(silent, 0));
	ck_assert(is_closed(silent, 5000));
	ck_assert_int_ge(harness_ms() - began, 1900);
	HARNESS_WAIT(5000, closed(&node, "idle") == 2);
	ck_assert(is_closed(good, 0));
	for (int i = 0; i < SLOW; i++)
		close(slow[i]);
	close(good);
	close(silent);
	/* One that says it will be longer than any is closed at once. */
	good = dial(&node);
	say(good, huge, sizeof(huge));
	ck_assert(is_closed(good, 500));
	ck_assert(closed(&node, "query") == 1);
	close(good);
	finish(&node, h);
}
END_TEST

/* What gets no answer keeps no connection alive. */
START_TEST(test_no_queries)
{
	/* A message of no octets, and an answer. */
	static const uint8_t empty[] = {0, 0};
	static const uint8_t reply[] = {
	    0, 12, 0, 1, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0};
	struct harness *h = harness_create();
	struct node node;
	int64_t began;
	int fd[2];

	start(&node, h, "tcp: {idle: 1s}\n");
	fd[0] = dial(&node);
	fd[1] = dial(&node);
	began = harness_ms();
	while (!is_closed(fd[0], 50) || !is_closed(fd[1], 50)) {
		ck_assert_int_le(harness_ms() - began, 5000);
		(void)send(fd[0], empty, sizeof(empty), MSG_NOSIGNAL);
		(void)send(fd[1], reply, sizeof(reply), MSG_NOSIGNAL);
	}
	ck_assert_int_ge(harness_ms() - began, 900);
	ck_assert(closed(&node, "idle") == 2);
	close(fd[0]);
	close(fd[1]);
	finish(&node, h);
}
END_TEST

/* An answer that the kernel holds and that is not read keeps nothing alive
 * either: the connection is reset, and the answer with it. */
START_TEST(test_unread)
{
	struct harness *h = harness_create();
	struct node node;
	int fd;

	start(&node, h, "tcp: {idle: 500ms}\n");
	fd = dial_as(&node, 0, 1, 4096);
	say(fd, big, sizeof(big));
	HARNESS_WAIT(5000, closed(&node, "stalled") == 1);
	ck_assert_uint_eq(next_answer(fd), 0);
	close(fd);
	finish(&node, h);
}
END_TEST

/* The time that clients are told (RFC 7828) is less when the last quarter of
 * the connections is in use. */
START_TEST(test_keepalive)
{
	/* As framed, with the option behind it. */
	static const uint8_t opt[] = {
	    0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 4, 0, 11, 0, 0};
	static const unsigned told[8] = {80, 80, 80, 80, 80, 80, 40, 0};
	struct harness *h = harness_create();
	uint8_t query[sizeof(framed) + sizeof(opt)];
	struct node node;
	int fd[8];

	memcpy(query, framed, sizeof(framed));
	memcpy(query + sizeof(framed), opt, sizeof(opt));
	query[1] = sizeof(query) - 2;
	query[13] = 1;
	start(&node, h, "tcp: {idle: 8s, connections: 8}\n");
	for (int i = 0; i < 8; i++) {
		size_t len;

		fd[i] = dial(&node);
		say(fd[i], query, sizeof(query));
		len = next_answer(fd[i]);
		ck_assert_uint_gt(len, 6);
		ck_assert_uint_eq(answer[len - 5], 11);
		ck_assert_uint_eq(
		    (unsigned)answer[len - 2] << 8 | answer[len - 1], told[i]);
	}
	for (int i = 0; i < 8; i++)
		close(fd[i]);
	finish(&node, h);
}
END_TEST

#define READERS 1000

/* Hundreds that ask for long answers and read none: what waits for them all
 * together is bounded, and of them some go, but not one that does read. */
START_TEST(test_slow_readers)
{
	static uint8_t queries[40 * sizeof(big)];
	static int fd[READERS];
	struct harness *h = harness_create();
	struct node node;
	long before;
	int reader;

	start(&node, h, "tcp: {per_client: 2000, stall: 1m}\n");
	for (size_t i = 0; i < sizeof(queries); i += sizeof(big))
		memcpy(queries + i, big, sizeof(big));
	expect_quick(&node);
	before = resident_kb(&node);
	reader = dial_as(&node, 0, 1, 4096);
	for (int i = 0; i < READERS; i++) {
		if (i % 200 == 0)
			say(reader, queries, sizeof(queries));
		ck_assert_int_ne(
		    recv(reader, answer, 10 << 10, MSG_DONTWAIT), 0);
		fd[i] = dial_as(&node, 0, 1, 4096);
		(void)send(fd[i], queries, sizeof(queries), MSG_NOSIGNAL);
		if (i % 50 == 0)
			expect_quick(&node);
	}
	HARNESS_WAIT(5000, closed(&node, "unread") >= 100);
	expect_quick(&node);
	/* Some take what waited for them, and get more that waits. */
	for (int i = READERS / 2; i < READERS; i += 2) {
		size_t got = 0;
		ssize_t n;

		while (got < (200 << 10) &&
		    (n = recv(fd[i], answer, sizeof(answer), 0)) > 0)
			got += (size_t)n;
	}
	expect_quick(&node);
	/* 16 MiB of answers, at most 9 KiB for each connection, and what
	 * malloc(3) and the pages need. */
	ck_assert_int_le(resident_kb(&node) - before,
	    (16 << 10) + READERS * 10 + (8 << 10) + SANITIZER_KB);
	ck_assert(!is_closed(reader, 0));
	close(reader);
	/* The last ones were spared. */
	ck_assert(!is_closed(fd[READERS - 1], 0));
	for (int i = 0; i < READERS; i++)
		close(fd[i]);
	HARNESS_WAIT(5000, node_metric(&node, "meridian_tcp_open") == 0);
	finish(&node, h);
}
END_TEST

/* One that reads as fast as it can, and asks for more than anybody, does not
 * keep the others from their turn. */
START_TEST(test_greedy)
{
	enum { GREEDY = 8, QUERIES = 200 };
	static uint8_t queries[QUERIES * sizeof(big)];
	static uint8_t sink[1 << 20];
	struct harness *h = harness_create();
	struct node node;
	int fd[GREEDY];
	size_t got = 0;
	int64_t end;

	start(&node, h, "");
	for (size_t i = 0; i < sizeof(queries); i += sizeof(big))
		memcpy(queries + i, big, sizeof(big));
	for (int i = 0; i < GREEDY; i++) {
		fd[i] = dial(&node);
		fcntl(fd[i], F_SETFL, O_NONBLOCK);
	}
	end = harness_ms() + 2000;
	for (int turn = 0; harness_ms() < end; turn++) {
		ssize_t n;

		for (int i = 0; i < GREEDY; i++) {
			(void)send(
			    fd[i], queries, sizeof(queries), MSG_NOSIGNAL);
			while ((n = recv(fd[i], sink, sizeof(sink), 0)) > 0)
				got += (size_t)n;
		}
		if (turn % 100 == 0)
			expect_quick(&node);
	}
	ck_assert_uint_gt(got, (size_t)64 << 20);
	for (int i = 0; i < GREEDY; i++)
		close(fd[i]);
	finish(&node, h);
}
END_TEST

/* A thousand connections from one network: it has what a client may have, the
 * others of it are refused at once, and other networks are served. */
START_TEST(test_crowd)
{
	enum { MANY = 1000, ALLOWED = 64 };
	static int fd[MANY];
	struct harness *h = harness_create();
	struct node node;
	int open = 0;
	long before;

	start(&node, h, "");
	expect_quick(&node);
	before = resident_kb(&node);
	for (int i = 0; i < MANY; i++)
		fd[i] = dial_as(&node, 1, 1 + (unsigned)i % 200, 0);
	HARNESS_WAIT(5000,
	    node_metric(&node, "meridian_tcp_refused_total") == MANY - ALLOWED);
	expect_quick(&node);
	for (int i = 0; i < MANY; i++) {
		bool gone = is_closed(fd[i], i < ALLOWED ? 0 : 2000);

		ck_assert_msg(gone == (i >= ALLOWED), "connection %d", i);
		open += !gone;
	}
	ck_assert_int_eq(open, ALLOWED);
	ck_assert_int_le(resident_kb(&node) - before, (4 << 10) + SANITIZER_KB);
	/* One that goes makes room for one that comes. */
	close(fd[0]);
	HARNESS_WAIT(5000, closed(&node, "client") >= 1);
	fd[0] = dial_as(&node, 1, 201, 0);
	say(fd[0], framed, sizeof(framed));
	expect_answer(fd[0], 0, 1);
	for (int i = 0; i < MANY; i++)
		close(fd[i]);
	finish(&node, h);
}
END_TEST

/* When all connections are in use, the most crowded network loses those that
 * were silent for longest; who came alone stays. */
START_TEST(test_full)
{
	enum { CROWD = 30, LONE = 8, NEW = 12, ALL = 40 };
	struct harness *h = harness_create();
	int crowd[CROWD], lone[LONE], new[NEW];
	struct node node;

	start(&node, h, "tcp: {connections: 40}\n");
	for (int i = 0; i < LONE; i++)
		lone[i] = dial_as(&node, 10 + (unsigned)i, 1, 0);
	for (int i = 0; i < CROWD; i++)
		crowd[i] = dial_as(&node, 1, 1, 0);
	/* The first of the crowd is heard last. */
	HARNESS_WAIT(5000,
	    node_metric(&node, "meridian_tcp_accepted_total") == LONE + CROWD);
	say(crowd[0], framed, sizeof(framed));
	expect_answer(crowd[0], 0, 1);
	for (int i = 0; i < NEW; i++)
		new[i] = dial_as(&node, 30 + (unsigned)i, 1, 0);
	HARNESS_WAIT(5000, closed(&node, "full") == LONE + CROWD + NEW - ALL);
	ck_assert(node_metric(&node, "meridian_tcp_open") == ALL);
	for (int i = 0; i < LONE; i++)
		ck_assert_msg(!is_closed(lone[i], 0), "lone %d", i);
	for (int i = 0; i < NEW; i++)
		ck_assert_msg(!is_closed(new[i], 0), "new %d", i);
	for (int i = 1; i <= 10; i++)
		ck_assert_msg(is_closed(crowd[i], 1000), "crowd %d", i);
	for (int i = 11; i < CROWD; i++)
		ck_assert_msg(!is_closed(crowd[i], 0), "crowd %d", i);
	ck_assert(!is_closed(crowd[0], 0));
	for (int i = 0; i < CROWD; i++)
		close(crowd[i]);
	for (int i = 0; i < LONE; i++)
		close(lone[i]);
	for (int i = 0; i < NEW; i++)
		close(new[i]);
	finish(&node, h);
}
END_TEST

/* Messages without a header are passed over, garbage is answered or passed
 * over, resets in the middle of anything do no harm. */
START_TEST(test_silly)
{
	static const uint8_t nothing[] = {0, 0, 0, 1, 7, 0, 0};
	struct linger reset = {.l_onoff = 1};
	struct harness *h = harness_create();
	struct node node;
	unsigned seed = 7;
	int fd;

	start(&node, h, "");
	fd = dial(&node);
	say(fd, nothing, sizeof(nothing));
	say(fd, framed, sizeof(framed));
	expect_answer(fd, 0, 1);
	close(fd);
	for (int i = 0; i < 300; i++) {
		uint8_t bytes[200];

		for (size_t k = 0; k < sizeof(bytes); k++)
			bytes[k] = (uint8_t)rand_r(&seed);
		/* Short messages, so that many are read as such. */
		for (size_t k = 0; k < sizeof(bytes); k += 40) {
			bytes[k] = 0;
			bytes[k + 1] = 38;
		}
		fd = dial(&node);
		(void)send(fd, bytes, sizeof(bytes), MSG_NOSIGNAL);
		for (int k = 0; k < i % 5; k++)
			(void)send(fd, big, sizeof(big) - (size_t)(i % 2),
			    MSG_NOSIGNAL);
		if (i % 3 == 0)
			setsockopt(
			    fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		close(fd);
	}
	expect_quick(&node);
	HARNESS_WAIT(5000, node_metric(&node, "meridian_tcp_open") == 0);
	finish(&node, h);
}
END_TEST

/* A reload changes the limits of connections that are there. */
START_TEST(test_reload)
{
	struct harness *h = harness_create();
	struct node node;
	int fd[10];

	start(&node, h, "tcp: {idle: 1h, stall: 10m}\n");
	for (int i = 0; i < 10; i++)
		fd[i] = dial(&node);
	HARNESS_WAIT(5000, node_metric(&node, "meridian_tcp_open") == 10);
	node_config(&node, "workers: 1\ntcp: {connections: 4}\n");
	ck_assert_int_eq(node_ctl(&node, NULL, "reload"), 0);
	HARNESS_WAIT(5000, node_metric(&node, "meridian_tcp_open") == 4);
	ck_assert(closed(&node, "full") == 6);
	node_config(&node, "workers: 1\ntcp: {idle: 200ms}\n");
	ck_assert_int_eq(node_ctl(&node, NULL, "reload"), 0);
	HARNESS_WAIT(5000, closed(&node, "idle") == 4);
	node_config(&node, "workers: 1\ntcp: {per_client: 1}\n");
	ck_assert_int_eq(node_ctl(&node, NULL, "reload"), 0);
	for (int i = 0; i < 10; i++)
		close(fd[i]);
	fd[0] = dial(&node);
	say(fd[0], framed, sizeof(framed));
	expect_answer(fd[0], 0, 1);
	HARNESS_WAIT(5000, is_closed(fd[1] = dial(&node), 1000));
	close(fd[0]);
	finish(&node, h);
}
END_TEST

/* Where few files may be open, connections leave some for a reload. */
START_TEST(test_few_files)
{
	enum { LIMIT = 300, ALL = 260 };
	struct rlimit few = {LIMIT, LIMIT};
	struct harness *h = harness_create();
	struct node node;
	int fd[ALL];

	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	start(&node, h, "tcp: {per_client: 1000}\n");
	for (int i = 0; i < ALL; i++)
		fd[i] = dial(&node);
	HARNESS_WAIT(5000, closed(&node, "full") > 0);
	ck_assert_int_eq(node_ctl(&node, NULL, "reload"), 0);
	ck_assert_ptr_nonnull(
	    strstr(harness_read(h, harness_path(h, "meridiand.log")),
		"of tcp.connections no more than 1"));
	ck_assert(node_metric(&node, "meridian_tcp_open") <= 190);
	for (int i = 0; i < ALL; i++)
		close(fd[i]);
	finish(&node, h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"pipeline", test_pipeline, 0},
	    {"long answers", test_long_answers, 0},
	    {"fast open", test_fast_open, 0},
	    {"slow reader", test_slow_reader, 0},
	    {"trickling reader", test_trickling_reader, 0},
	    {"slowloris", test_slowloris, 0},
	    {"no queries", test_no_queries, 0},
	    {"unread", test_unread, 0},
	    {"keepalive", test_keepalive, 0},
	    {"slow readers", test_slow_readers, 0},
	    {"greedy", test_greedy, 0},
	    {"crowd", test_crowd, 0},
	    {"full", test_full, 0},
	    {"silly", test_silly, 0},
	    {"reload", test_reload, 0},
	    {"few files", test_few_files, 0},
	};

	return harness_main("stream", cases, sizeof(cases) / sizeof(cases[0]));
}
