/*
 * The UDP worker's loop.  Called by worker threads; allocates its batch once,
 * and makes two system calls a batch.
 */
#include "dns/serve/udp.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/log.h"
#include "dns/wire/protocol.h"

/* Measured: larger batches gain nothing over 16 to 32. */
#define BATCH 32
/* No query is longer; of what is cut here the header alone counts, which is a
 * malformed message. */
#define QUERY_ROOM 4096
/* The largest udp_size that a configuration may ask for. */
#define REPLY_ROOM 4096
#define CONTROL_ROOM CMSG_SPACE(sizeof(struct in6_pktinfo))
/* How long the work takes is measured in one batch of so many. */
#define WORK_SAMPLE 64
/* When receiving fails for no reason that passes, as when memory is out. */
#define FAILED_PAUSE_NS 1000000

struct packet {
	struct sockaddr_storage peer;
	struct iovec in, out;
	alignas(struct cmsghdr) char control[CONTROL_ROOM];
	uint8_t query[QUERY_ROOM];
	uint8_t reply[REPLY_ROOM];
};

struct batch {
	struct mmsghdr received[BATCH];
	struct mmsghdr sent[BATCH];
	struct packet packet[BATCH];
};

static void
prepare(struct batch *b, bool wildcard)
{
	for (size_t i = 0; i < BATCH; i++) {
		struct msghdr *m = &b->received[i].msg_hdr;
		struct packet *p = &b->packet[i];

		p->in.iov_base = p->query;
		p->in.iov_len = sizeof(p->query);
		p->out.iov_base = p->reply;
		m->msg_name = &p->peer;
		m->msg_namelen = sizeof(p->peer);
		m->msg_iov = &p->in;
		m->msg_iovlen = 1;
		m->msg_control = wildcard ? p->control : NULL;
		m->msg_controllen = wildcard ? sizeof(p->control) : 0;
		m->msg_flags = 0;
	}
}

/* What the kernel changed in the headers of the first ${n}. */
static void
rearm(struct batch *b, size_t n, bool wildcard)
{
	for (size_t i = 0; i < n; i++) {
		struct msghdr *m = &b->received[i].msg_hdr;

		m->msg_namelen = sizeof(b->packet[i].peer);
		m->msg_controllen = wildcard ? sizeof(b->packet[i].control) : 0;
	}
}

/*
 * Turn the control message that came with the query, which says the address it
 * was sent to, into one that sends from there.  The interface is left to
 * routing, but for link-local addresses, which mean nothing without it.
 */
static void
answer_from(struct msghdr *m)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(m);

	if (c == NULL)
		return;
	if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
		struct in_pktinfo *info = (struct in_pktinfo *)CMSG_DATA(c);

		info->ipi_spec_dst = info->ipi_addr;
		info->ipi_ifindex = 0;
	} else if (c->cmsg_level == IPPROTO_IPV6 &&
	    c->cmsg_type == IPV6_PKTINFO) {
		struct in6_pktinfo *info = (struct in6_pktinfo *)CMSG_DATA(c);

		if (!IN6_IS_ADDR_LINKLOCAL(&info->ipi6_addr))
			info->ipi6_ifindex = 0;
	}
}

/*
 * No resolver asks from these ports, but a forged query from one could make two
 * servers talk to each other for ever: 0, which cannot be answered, and what
 * answers anything: echo, daytime, quote of the day, character generator, time.
 */
static bool
is_trap(uint16_t port)
{
	static const uint64_t ports = 1 | UINT64_C(1) << 7 | UINT64_C(1) << 13 |
	    UINT64_C(1) << 17 | UINT64_C(1) << 19 | UINT64_C(1) << 37;

	return port < 64 && (ports >> port & 1) != 0;
}

static uint16_t
port_of(const struct sockaddr_storage *sa)
{
	return ntohs(sa->ss_family == AF_INET
		? ((const struct sockaddr_in *)sa)->sin_port
		: ((const struct sockaddr_in6 *)sa)->sin6_port);
}

/* The address that the packet was sent to. */
static struct address
destination(const struct listener *listener, struct msghdr *m)
{
	struct cmsghdr *c = listener->wildcard ? CMSG_FIRSTHDR(m) : NULL;
	struct address to = listener->at.address;

	if (c == NULL)
		return to;
	if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
		const struct in_pktinfo *info =
		    (const struct in_pktinfo *)CMSG_DATA(c);

		memcpy(to.bytes, &info->ipi_addr, 4);
	} else if (c->cmsg_level == IPPROTO_IPV6 &&
	    c->cmsg_type == IPV6_PKTINFO) {
		const struct in6_pktinfo *info =
		    (const struct in6_pktinfo *)CMSG_DATA(c);

		memcpy(to.bytes, &info->ipi6_addr, 16);
	}
	return to;
}

/* A copy for the query log; ${len} octets of answer, 0 for silence, which is
 * taken only of what would have got an answer. */
static void
take_packet(struct tap *tap, const struct listener *listener, struct packet *p,
    struct mmsghdr *received, const struct responder *responder, size_t len)
{
	struct tap_flow flow = {.wall_ns = responder->wall_ns};
	struct tap_decision decision = {responder->outcome, responder->reason};

	if (len == 0 && !responder->held_back)
		return;
	(void)address_from_sockaddr(
	    (struct sockaddr *)&p->peer, &flow.client.address);
	flow.client.port = port_of(&p->peer);
	flow.server.address = destination(listener, &received->msg_hdr);
	flow.server.port = listener->at.port;
	tap_take(
	    tap, &flow, &decision, p->query, received->msg_len, p->reply, len);
}

/* Answer the packet; the octets of the answer, 0 for silence. */
static size_t
answer_packet(struct packet *p, const struct mmsghdr *received,
    struct responder *responder, const struct snapshot *snapshot)
{
	struct address source;
	size_t len = received->msg_len;

	if (address_from_sockaddr((struct sockaddr *)&p->peer, &source) != 0 ||
	    is_trap(port_of(&p->peer))) {
		counter_add(&responder->counters->queries[TRANSPORT_UDP], 1);
		counter_add(&responder->counters->dropped, 1);
		responder->held_back = false;
		return 0;
	}
	if (received->msg_hdr.msg_flags & MSG_TRUNC)
		len = DNS_HEADER;
	return respond(responder, snapshot, TRANSPORT_UDP, &source, p->query,
	    len, p->reply, sizeof(p->reply));
}

/* Answer the first ${n} packets; how many answers are ready to be sent. */
static unsigned
answer_batch(struct batch *b, size_t n, struct responder *responder,
    const struct snapshot *snapshot, const struct listener *listener,
    struct tap *tap)
{
	unsigned ready = 0;

	for (size_t i = 0; i < n; i++) {
		struct msghdr *m = &b->received[i].msg_hdr;
		struct packet *p = &b->packet[i];
		size_t len =
		    answer_packet(p, &b->received[i], responder, snapshot);

		if (tap_due(tap))
			take_packet(
			    tap, listener, p, &b->received[i], responder, len);
		if (len == 0)
			continue;
		answer_from(m);
		p->out.iov_len = len;
		b->sent[ready].msg_hdr = *m;
		b->sent[ready].msg_hdr.msg_iov = &p->out;
		b->sent[ready].msg_hdr.msg_flags = 0;
		ready++;
	}
	return ready;
}

/*
 * Send all; one that the kernel refuses must not keep back the others.  A full
 * send buffer (peers that do not resolve, say) is not waited for: clients
 * without an answer ask again, and others must not wait for them.
 */
static void
send_batch(int fd, struct batch *b, unsigned n, struct counters *counters)
{
	unsigned done = 0;

	while (done < n) {
		int sent = sendmmsg(fd, b->sent + done, n - done, MSG_DONTWAIT);

		if (sent > 0) {
			done += (unsigned)sent;
		} else if (errno == EAGAIN) {
			counter_add(&counters->unsent, n - done);
			return;
		} else if (errno != EINTR) {
			counter_add(&counters->unsent, 1);
			done++;
		}
	}
}

/* A time that ran out, a signal: nothing.  Else the next try has to wait: an
 * error that stays must not spin. */
static void
receive_failed(struct counters *counters)
{
	static const struct timespec pause = {.tv_nsec = FAILED_PAUSE_NS};

	if (errno == EAGAIN || errno == EINTR)
		return;
	counter_add(&counters->receive_errors, 1);
	nanosleep(&pause, NULL);
}

static int64_t
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* The ${n} queries of a batch took ${ns} from their arrival here until their
 * answers were with the kernel. */
static void
count_work(struct counters *counters, unsigned n, int64_t ns)
{
	uint64_t us = ns > 0 ? (uint64_t)ns / 1000 : 0;
	unsigned i = 0;

	while (i < COUNTER_WORK - 1 && us >= UINT64_C(2) << i)
		i++;
	counter_add(&counters->work[i], n);
	counter_add(&counters->work_ns, n * (uint64_t)(ns > 0 ? ns : 0));
}

void
udp_serve(const struct listener *listener, const struct published *snapshot,
    struct counters *counters, struct tap *tap, const atomic_bool *stop)
{
	struct responder responder = {.counters = counters};
	struct batch *b = calloc(1, sizeof(*b));
	unsigned batches = 0;

	if (b == NULL) {
		/* Its socket would take queries that nobody answers. */
		log_error("no memory for a UDP worker");
		abort();
	}
	prepare(b, listener->wildcard);
	publish_join();
	publish_offline();
	while (!atomic_load_explicit(stop, memory_order_relaxed)) {
		int64_t began_ns = 0;
		unsigned ready;
		int n;

		n = recvmmsg(
		    listener->udp, b->received, BATCH, MSG_WAITFORONE, NULL);
		if (n <= 0) {
			receive_failed(counters);
			continue;
		}
		if (++batches % WORK_SAMPLE == 0)
			began_ns = now_ns();
		responder_tick(&responder);
		publish_online();
		ready = answer_batch(b, (size_t)n, &responder,
		    publish_get(snapshot), listener, tap);
		publish_offline();
		send_batch(listener->udp, b, ready, counters);
		if (began_ns != 0)
			count_work(counters, (unsigned)n, now_ns() - began_ns);
		rearm(b, (size_t)n, listener->wildcard);
	}
	publish_leave();
	free(b);
}
