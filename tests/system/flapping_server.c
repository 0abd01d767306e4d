/*
 * Plays servers that flap.  Used by system tests; one thread for all of them,
 * which never waits for a client.
 */
#include "tests/system/flapping_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Connections at once: one for each endpoint, and twice as many that hang. */
#define MAX_FD 65536

/* A request is read in one piece on loopback. */
#define REQUEST_MAX 8192

enum shape {
	WELL,
	UNWELL,  /* 503 */
	CLOSING, /* a good answer, and the connection is closed */
	RESETTING,
	HANGING,
	GARBAGE,
	HALF, /* of an answer */
	SHAPES
};

struct server {
	uint64_t seed;
	int epoll, listener;
	unsigned number[MAX_FD]; /* of who is asked, by descriptor */
};

static volatile sig_atomic_t all_well;

static void
note(int number)
{
	(void)number;
	all_well = 1;
}

const char *
flapping_address(unsigned n, char out[16])
{
	snprintf(out, 16, "127.1.%u.%u", n >> 8 & 255, n & 255);
	return out;
}

/* SplitMix64: neighbours have nothing in common. */
static uint64_t
mix(uint64_t x)
{
	x += 0x9e3779b97f4a7c15;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

/* Well half of the time: the rest is shared by all that may go wrong. */
static enum shape
shape_now(const struct server *s, unsigned n)
{
	struct timespec now;
	uint64_t own = mix(s->seed ^ n), turn;

	if (all_well)
		return WELL;
	clock_gettime(CLOCK_MONOTONIC, &now);
	turn = (uint64_t)now.tv_sec / (1 + own % 17);
	own = mix(own ^ turn);
	return own & 1 ? WELL : (enum shape)((own >> 1) % SHAPES);
}

static void
reset(int fd)
{
	struct linger at_once = {.l_onoff = 1, .l_linger = 0};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(fd);
}

/* False: the connection is over. */
static bool
say(int fd, const char *status, const char *body, size_t promised, bool last)
{
	char answer[1024];
	int n = snprintf(answer, sizeof(answer),
	    "HTTP/1.1 %s\r\nContent-Type: text/plain\r\n"
	    "Content-Length: %zu\r\n%s\r\n%s",
	    status, promised, last ? "Connection: close\r\n" : "", body);

	return send(fd, answer, (size_t)n, MSG_NOSIGNAL) == n && !last;
}

/* Load that is another one each second. */
static const char *
metrics(const struct server *s, unsigned n, char body[512])
{
	uint64_t now = mix(s->seed ^ n ^ (uint64_t)time(NULL) << 16);

	snprintf(body, 512,
	    "vllm:num_requests_running %u\nvllm:num_requests_waiting %u\n"
	    "vllm:kv_cache_usage_perc 0.%u\n",
	    (unsigned)(now % 40), (unsigned)(now >> 8) % 10,
	    (unsigned)(now >> 16) % 10);
	return body;
}

static const char *
page(const struct server *s, unsigned n, const char *request, char body[512])
{
	if (strncmp(request, "GET /v1/models ", 15) == 0)
		return "{\"data\": [{\"id\": \"llama\"}]}";
	if (strncmp(request, "POST ", 5) == 0)
		return "{\"choices\": [{\"text\": \" a\"}]}";
	if (strncmp(request, "GET /metrics ", 13) == 0)
		return metrics(s, n, body);
	return "";
}

/* False: the connection is over. */
static bool
answer(const struct server *s, int fd, const char *request)
{
	char buffer[512];
	const char *body = page(s, s->number[fd], request, buffer);

	switch (shape_now(s, s->number[fd])) {
	case WELL:
		return say(fd, "200 OK", body, strlen(body), false);
	case UNWELL:
		return say(fd, "503 Service Unavailable", "", 0, false);
	case CLOSING:
		return say(fd, "200 OK", body, strlen(body), true);
	case GARBAGE:
		return say(fd, "\x1b[2J", "", 0, true);
	case HALF:
		return say(fd, "200 OK", "{", 1000, true);
	case HANGING:
		return true;
	case RESETTING:
	case SHAPES:
		break;
	}
	reset(fd);
	return true;
}

static void
read_requests(const struct server *s, int fd)
{
	char request[REQUEST_MAX + 1];
	ssize_t n = recv(fd, request, REQUEST_MAX, 0);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		close(fd);
		return;
	}
	request[n] = '\0';
	if (!answer(s, fd, request))
		close(fd);
}

static void
accept_all(struct server *s)
{
	int fd, on = 1;

	while ((fd = accept4(s->listener, NULL, NULL,
		    SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		struct epoll_event event = {
		    .events = EPOLLIN, .data = {.fd = fd}};
		struct sockaddr_in own = {0};
		socklen_t len = sizeof(own);

		if (fd >= MAX_FD ||
		    getsockname(fd, (struct sockaddr *)&own, &len) != 0) {
			close(fd);
			continue;
		}
		s->number[fd] = ntohl(own.sin_addr.s_addr) & 65535;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &event);
	}
}

static void __attribute__((noreturn)) serve(struct server *s)
{
	struct epoll_event events[256],
	    listening = {.events = EPOLLIN, .data = {.fd = s->listener}};

	signal(SIGUSR1, note);
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	epoll_ctl(s->epoll, EPOLL_CTL_ADD, s->listener, &listening);
	for (;;) {
		int n = epoll_wait(s->epoll, events, 256, -1);

		for (int i = 0; i < n; i++)
			if (events[i].data.fd == s->listener)
				accept_all(s);
			else
				read_requests(s, events[i].data.fd);
	}
}

pid_t
flapping_start(uint16_t port, uint64_t seed)
{
	static struct server s;
	struct rlimit files;
	struct sockaddr_in at = {
	    .sin_family = AF_INET, .sin_port = htons(port)};
	int on = 1;
	pid_t pid;

	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	s.seed = seed;
	s.listener =
	    socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	setsockopt(s.listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(s.listener, (struct sockaddr *)&at, sizeof(at)) != 0 ||
	    listen(s.listener, 4096) != 0)
		return -1;
	pid = fork();
	if (pid != 0) {
		close(s.listener);
		return pid;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	serve(&s);
}
