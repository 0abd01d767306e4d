/* Opens and configures listening sockets.  Called once, by main(). */
#include "dns/listen.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A stall of a few milliseconds loses queries with the default of 208 KB. */
#define RECEIVE_BUFFER (4 << 20)
/* Answers to neighbours that do not resolve stay in it for seconds: room for
 * many of them, before those of others are lost. */
#define SEND_BUFFER (4 << 20)
#define TCP_BACKLOG 512
/* How long a UDP worker may sit in recvmmsg() before it looks whether the
 * server ends. */
#define RECEIVE_TIMEOUT_US 200000

static bool
is_wildcard(const struct address *a)
{
	static const uint8_t zero[16];

	return memcmp(a->bytes, zero, address_bits(a) / 8) == 0;
}

static int
set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

static int
open_socket(const struct endpoint_address *at, int type)
{
	struct sockaddr_storage sa;
	socklen_t len = address_to_sockaddr(&at->address, at->port, &sa);
	int fd = socket(sa.ss_family, type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if ((at->address.family == 6 &&
		set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) != 0) ||
	    set(fd, SOL_SOCKET, SO_REUSEPORT, 1) != 0 ||
	    (type == SOCK_STREAM &&
		set(fd, SOL_SOCKET, SO_REUSEADDR, 1) != 0) ||
	    bind(fd, (struct sockaddr *)&sa, len) != 0) {
		int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

/* What a UDP socket is better with and can do without. */
static void
tune_udp(int fd, const struct listener *l)
{
	struct timeval timeout = {.tv_usec = RECEIVE_TIMEOUT_US};

	/* The first needs a capability, the second obeys net.core.rmem_max. */
	if (set(fd, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER) != 0)
		(void)set(fd, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER);
	(void)setsockopt(
	    fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	if (set(fd, SOL_SOCKET, SO_SNDBUFFORCE, SEND_BUFFER) != 0)
		(void)set(fd, SOL_SOCKET, SO_SNDBUF, SEND_BUFFER);
	/* A forged "packet too big" must not make us fragment. */
	if (l->at.address.family == 4)
		(void)set(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_OMIT);
	else
		(void)set(
		    fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_OMIT);
	if (l->wildcard && l->at.address.family == 4)
		(void)set(fd, IPPROTO_IP, IP_PKTINFO, 1);
	else if (l->wildcard)
		(void)set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
}

static int
listener_open(struct listener *l)
{
	l->wildcard = is_wildcard(&l->at.address);
	l->udp = open_socket(&l->at, SOCK_DGRAM);
	if (l->udp < 0)
		return -1;
	tune_udp(l->udp, l);
	l->tcp = open_socket(&l->at, SOCK_STREAM | SOCK_NONBLOCK);
	if (l->tcp < 0)
		return -1;
	return listen(l->tcp, TCP_BACKLOG);
}

struct listener *
listeners_open(const struct endpoint_address *at, size_t n, size_t copies,
    struct errbuf *eb)
{
	struct listener *all = calloc(n * copies, sizeof(*all));
	char name[ADDRESS_TEXT];

	if (all == NULL) {
		errbuf_error(eb, NULL, "no memory for listeners");
		return NULL;
	}
	for (size_t i = 0; i < n * copies; i++)
		all[i].udp = all[i].tcp = -1;
	for (size_t i = 0; i < n * copies; i++) {
		all[i].at = at[i % n];
		if (listener_open(&all[i]) == 0)
			continue;
		errbuf_error(eb, NULL, "cannot listen on %s: %s",
		    endpoint_address_format(&at[i % n], name), strerror(errno));
		listeners_close(all, n * copies);
		return NULL;
	}
	return all;
}

void
listeners_close(struct listener *listeners, size_t n)
{
	for (size_t i = 0; listeners != NULL && i < n; i++) {
		if (listeners[i].udp >= 0)
			close(listeners[i].udp);
		if (listeners[i].tcp >= 0)
			close(listeners[i].tcp);
	}
	free(listeners);
}
