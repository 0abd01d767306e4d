/* Plays ten thousand servers.  Used by the benchmark of the probe; one thread,
 * which never waits for a client. */
#include "tests/bench/many.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_FD 131072
#define EVENTS 512
#define REQUEST_MAX 4096
#define SECOND_OCTET 10 /* of all addresses */

struct client {
	unsigned number; /* of who is asked */
	SSL *tls;        /* or NULL */
};

struct server {
	int epoll, listener;
	SSL_CTX *tls;
	struct many *many;
	struct client *clients; /* by descriptor */
};

const char *
many_address(unsigned n, char out[16])
{
	snprintf(out, 16, "127.%d.%u.%u", SECOND_OCTET, n >> 8 & 255, n & 255);
	return out;
}

int64_t
many_now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void
leave(struct server *s, int fd)
{
	SSL_free(s->clients[fd].tls);
	s->clients[fd].tls = NULL;
	close(fd);
}

static void
take(struct server *s, int fd)
{
	struct epoll_event wanted = {.events = EPOLLIN, .data.fd = fd};
	struct client *c = &s->clients[fd];
	struct sockaddr_in at = {0};
	socklen_t size = sizeof(at);
	int on = 1;

	getsockname(fd, (struct sockaddr *)&at, &size);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	c->number = (ntohl(at.sin_addr.s_addr) & 0xffffff) -
	    (unsigned)(SECOND_OCTET << 16);
	c->tls = s->tls != NULL ? SSL_new(s->tls) : NULL;
	if (c->tls != NULL) {
		SSL_set_fd(c->tls, fd);
		SSL_set_accept_state(c->tls);
	}
	atomic_fetch_add(&s->many->connections, 1);
	if (c->number >= MANY_MOST ||
	    epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &wanted) != 0)
		leave(s, fd);
}

static void
take_all(struct server *s)
{
	int fd;

	while ((fd = accept4(s->listener, NULL, NULL,
		    SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		if (fd < MAX_FD)
			take(s, fd);
		else
			close(fd);
	}
}

static void
note(struct many *m, unsigned number)
{
	unsigned n;

	atomic_fetch_add(&m->requests, 1);
	if (!atomic_load(&m->noting))
		return;
	n = atomic_load(&m->asked[number]);
	if (n < MANY_ROUNDS)
		m->at_us[number][n] = (uint32_t)(many_now_us() - m->began_us);
	atomic_store(&m->asked[number], n + 1);
}

static ssize_t
receive(struct client *c, int fd, char *data, size_t size)
{
	int n;

	if (c->tls == NULL)
		return recv(fd, data, size, 0);
	n = SSL_read(c->tls, data, (int)size);
	if (n > 0)
		return n;
	n = SSL_get_error(c->tls, n);
	return n == SSL_ERROR_WANT_READ || n == SSL_ERROR_WANT_WRITE ? -1 : 0;
}

/* A request of some hundred octets comes in one piece on loopback; it has no
 * body. */
static void
answer(struct server *s, int fd)
{
	static const char well[] =
	    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
	static const char unwell[] =
	    "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n";
	struct client *c = &s->clients[fd];
	char request[REQUEST_MAX];
	ssize_t n = receive(c, fd, request, sizeof(request) - 1);
	const char *text;
	size_t len;

	if (n < 0) /* of a handshake */
		return;
	if (n == 0) {
		leave(s, fd);
		return;
	}
	request[n] = '\0';
	note(s->many, c->number);
	text = atomic_load(&s->many->fails[c->number]) ? unwell : well;
	len = strlen(text);
	if (c->tls != NULL)
		(void)SSL_write(c->tls, text, (int)len);
	else
		(void)send(fd, text, len, MSG_NOSIGNAL);
	if (strstr(request, "Connection: close") != NULL)
		leave(s, fd);
}

static void
serve(struct server *s)
{
	struct epoll_event events[EVENTS];

	for (;;) {
		int n = epoll_wait(s->epoll, events, EVENTS, -1);

		for (int i = 0; i < n; i++) {
			if (events[i].data.fd == s->listener)
				take_all(s);
			else
				answer(s, events[i].data.fd);
		}
	}
}

static SSL_CTX *
make_tls(const char *certificate)
{
	SSL_CTX *tls = SSL_CTX_new(TLS_server_method());

	if (tls != NULL &&
	    (SSL_CTX_use_certificate_file(tls, certificate, SSL_FILETYPE_PEM) !=
		    1 ||
		SSL_CTX_use_PrivateKey_file(
		    tls, certificate, SSL_FILETYPE_PEM) != 1)) {
		SSL_CTX_free(tls);
		return NULL;
	}
	if (tls != NULL)
		SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS);
	return tls;
}

static int
listen_at(uint16_t port)
{
	struct sockaddr_in at = {
	    .sin_family = AF_INET, .sin_port = htons(port)};
	int on = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 ||
	    listen(fd, 16384) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static void
run(struct server *s, const char *certificate)
{
	struct epoll_event wanted = {.events = EPOLLIN, .data.fd = s->listener};
	struct rlimit limit;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	s->clients = calloc(MAX_FD, sizeof(struct client));
	s->tls = certificate != NULL ? make_tls(certificate) : NULL;
	if (s->epoll < 0 || s->clients == NULL ||
	    (certificate != NULL && s->tls == NULL) ||
	    epoll_ctl(s->epoll, EPOLL_CTL_ADD, s->listener, &wanted) != 0)
		_exit(1);
	serve(s);
}

pid_t
many_start(uint16_t port, const char *certificate, struct many **many)
{
	struct server s = {.listener = listen_at(port)};
	pid_t pid;

	*many = mmap(NULL, sizeof(**many), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (*many == MAP_FAILED || s.listener < 0)
		return -1;
	s.many = *many;
	pid = fork();
	if (pid == 0)
		run(&s, certificate);
	close(s.listener);
	return pid;
}
