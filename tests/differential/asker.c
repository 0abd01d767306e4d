/* Asks servers side by side, see asker.h.  Called by the differential test. */
#include "tests/differential/asker.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define TRIES 3
#define TCP_MS 2000

int64_t
asker_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int
connected(int type, uint16_t port)
{
	struct sockaddr_in to = {
	    .sin_family = AF_INET, .sin_port = htons(port)};
	struct timeval limit = {.tv_sec = TCP_MS / 1000};
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) !=
		0) {
		perror("differential: socket");
		exit(2);
	}
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

void
asker_open(struct asker *a, const uint16_t ports[SERVERS])
{
	memset(a, 0, sizeof(*a));
	for (unsigned s = 0; s < SERVERS; s++) {
		a->port[s] = ports[s];
		a->fd[s] = connected(SOCK_DGRAM, ports[s]);
	}
}

void
asker_close(struct asker *a)
{
	for (unsigned s = 0; s < SERVERS; s++)
		if (a->fd[s] >= 0)
			close(a->fd[s]);
}

void
asker_add(struct asker *a, const struct question *q, unsigned number)
{
	struct packet *p = &a->queries[a->n++];

	p->len = question_packet(q, number, a->id++, p->data);
}

void
asker_clear(struct asker *a)
{
	a->n = 0;
	memset(a->lens, 0, sizeof(a->lens));
}

/* Send what is not answered yet; how many that were. */
static size_t
send_open(struct asker *a, unsigned s)
{
	struct mmsghdr messages[WINDOW];
	struct iovec parts[WINDOW];
	size_t n = 0, sent = 0;

	memset(messages, 0, sizeof(messages));
	for (size_t i = 0; i < a->n; i++) {
		if (a->lens[s][i] != 0)
			continue;
		parts[n] =
		    (struct iovec){a->queries[i].data, a->queries[i].len};
		messages[n].msg_hdr.msg_iov = &parts[n];
		messages[n].msg_hdr.msg_iovlen = 1;
		n++;
	}
	while (sent < n) {
		int now = sendmmsg(
		    a->fd[s], messages + sent, (unsigned)(n - sent), 0);

		/* An ICMP error of an earlier one is told here once. */
		if (now <= 0)
			break;
		sent += (size_t)now;
	}
	return n;
}

/* Keep an answer that belongs to the window; whether it was awaited. */
static bool
keep(struct asker *a, unsigned s, const uint8_t *data, size_t len)
{
	uint16_t id, first = (uint16_t)(a->id - a->n);
	size_t i;

	if (len < 2)
		return false;
	id = (uint16_t)(data[0] << 8 | data[1]);
	i = (uint16_t)(id - first);
	if (i >= a->n || a->lens[s][i] != 0)
		return false;
	memcpy(a->answers[s][i], data, len);
	a->lens[s][i] = len;
	return true;
}

static size_t
receive(struct asker *a, unsigned s)
{
	static uint8_t room[WINDOW][UDP_ROOM];
	struct mmsghdr messages[WINDOW];
	struct iovec parts[WINDOW];
	size_t kept = 0;
	int n;

	memset(messages, 0, sizeof(messages));
	for (size_t i = 0; i < WINDOW; i++) {
		parts[i] = (struct iovec){room[i], UDP_ROOM};
		messages[i].msg_hdr.msg_iov = &parts[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	n = recvmmsg(a->fd[s], messages, WINDOW, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++)
		kept += keep(a, s, room[i], messages[i].msg_len);
	return kept;
}

void
asker_ask(struct asker *a, int timeout_ms)
{
	for (int try = 0; try < TRIES; try++) {
		int64_t end = asker_ms() + timeout_ms / TRIES;
		struct pollfd polls[SERVERS];
		size_t open[SERVERS], all = 0;

		for (unsigned s = 0; s < SERVERS; s++) {
			polls[s] = (struct pollfd){a->fd[s], POLLIN, 0};
			open[s] = send_open(a, s);
			all += open[s];
		}
		while (all > 0) {
			int64_t left = end - asker_ms();

			if (left <= 0 || poll(polls, SERVERS, (int)left) < 0)
				break;
			for (unsigned s = 0; s < SERVERS; s++)
				if (polls[s].revents != 0)
					all -= receive(a, s);
		}
		if (all == 0)
			return;
	}
}

static bool
read_all(int fd, uint8_t *out, size_t len)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n = recv(fd, out + got, len - got, 0);

		if (n <= 0)
			return false;
		got += (size_t)n;
	}
	return true;
}

size_t
asker_tcp(struct asker *a, unsigned server, size_t i, uint8_t out[TCP_ROOM])
{
	const struct packet *p = &a->queries[i];
	int fd = connected(SOCK_STREAM, a->port[server]);
	uint8_t framed[2 + QUESTION_MAX], length[2];
	size_t len = 0;

	if (fd < 0)
		return 0;
	framed[0] = (uint8_t)(p->len >> 8);
	framed[1] = (uint8_t)p->len;
	memcpy(framed + 2, p->data, p->len);
	if (send(fd, framed, p->len + 2, MSG_NOSIGNAL) == (ssize_t)p->len + 2 &&
	    read_all(fd, length, 2)) {
		len = (size_t)length[0] << 8 | length[1];
		if (!read_all(fd, out, len))
			len = 0;
	}
	close(fd);
	return len;
}
