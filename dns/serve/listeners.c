/* Opens and configures listening sockets.  Called once, by main(). */
#include "dns/serve/listeners.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"

/* A stall of a few milliseconds loses queries with the default of 208 KB. */
#define RECEIVE_BUFFER (4 << 20)
/* Answers to neighbours that do not resolve stay in it for seconds: room for
 * many of them, before those of others are lost. */
#define SEND_BUFFER (4 << 20)
/* Connections that begin with a query in their first packet and are not yet
 * known to be real: past it they begin as others do. */
#define FAST_OPEN_QUEUE 256
/* What the kernel holds of one connection, apart from its own overhead of as
 * much again.  A query has 8 KiB at most, and a client that pipelines sends
 * the rest when it has answers; one of the longest answers at a time is on
 * its way. */
#define TCP_RECEIVE_BUFFER (32 << 10)
#define TCP_SEND_BUFFER (64 << 10)
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

/*
 * Nobody else may serve here: SO_REUSEPORT would let a second server of the
 * same user share the queries, and answer half of them from old files.
 */
static int
try_alone(const struct endpoint_address *at)
{
	struct sockaddr_storage sa;
	socklen_t len = address_to_sockaddr(&at->address, at->port, &sa);
	int fd = socket(sa.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int status = -1, error;

	if (fd >= 0 &&
	    (at->address.family == 4 ||
		set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) == 0))
		status = bind(fd, (struct sockaddr *)&sa, len);
	error = errno;
	if (fd >= 0)
		close(fd);
	errno = error;
	return status;
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

/* What a TCP socket, and each connection that comes from it, is better with. */
static void
tune_tcp(int fd)
{
	(void)set(fd, SOL_SOCKET, SO_RCVBUF, TCP_RECEIVE_BUFFER);
	(void)set(fd, SOL_SOCKET, SO_SNDBUF, TCP_SEND_BUFFER);
	(void)set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, LISTENERS_PATIENCE_MS);
}

/*
 * A query in the first packet of clients that come again (RFC 7413; RFC 7766,
 * 9).  Answering one twice does no harm.  A kernel without it is logged once.
 */
static void
open_fast(const struct listener *all, size_t count)
{
	bool said = false;

	for (size_t i = 0; i < count; i++) {
		if (set(all[i].tcp, IPPROTO_TCP, TCP_FASTOPEN,
			FAST_OPEN_QUEUE) == 0 ||
		    said)
			continue;
		log_info("no TCP fast open: %s", strerror(errno));
		said = true;
	}
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
	/* The window that a connection announces is decided here. */
	tune_tcp(l->tcp);
	return listen(l->tcp, SOMAXCONN);
}

/* Open all that ${all} has room for; the number of the one that failed, with
 * errno, or ${count}. */
static size_t
open_all(struct listener *all, const struct endpoint_address *at, size_t n,
    size_t count)
{
	/* Before the first is open: ours may overlap. */
	for (size_t i = 0; i < n; i++)
		if (try_alone(&at[i]) != 0)
			return i;
	for (size_t i = 0; i < count; i++) {
		all[i].at = at[i % n];
		if (listener_open(&all[i]) != 0)
			return i;
	}
	return count;
}

struct listener *
listeners_open(const struct endpoint_address *at, size_t n, size_t copies,
    struct errbuf *eb)
{
	const size_t count = n * copies;
	struct listener *all = calloc(count, sizeof(*all));
	char name[ADDRESS_TEXT];
	size_t done;

	if (all == NULL) {
		errbuf_error(eb, NULL, "no memory for listeners");
		return NULL;
	}
	for (size_t i = 0; i < count; i++)
		all[i].udp = all[i].tcp = -1;
	done = open_all(all, at, n, count);
	if (done == count) {
		open_fast(all, count);
		return all;
	}
	errbuf_error(eb, NULL, "cannot listen on %s: %s",
	    endpoint_address_format(&at[done % n], name), strerror(errno));
	listeners_close(all, count);
	return NULL;
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
