/*
 * The UDP worker against a kernel of a few lines: recvmmsg() and sendmmsg() are
 * replaced here, hand it what no test can make a real one do, and keep what it
 * sends.
 */
#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "dns/serve/udp.h"
#include "dns/zone/zone_table.h"
#include "tests/unit/memory.h"
#include "tests/unit/message.h"
#include "tests/unit/zone_fixture.h"

#define STEPS 8
#define PACKETS 4

/* A datagram as the kernel hands it over. */
struct datagram {
	struct sockaddr_storage peer;
	bool cut;      /* MSG_TRUNC */
	int level;     /* of its control message */
	int type;      /* the same; 0: there is none */
	bool is_local; /* came to a link-local address */
};

/* What happens, in this order. */
static struct {
	int error; /* or: */
	int n;
	struct datagram packet[PACKETS];
} received[STEPS];
static int n_received, at_received;

/* What each sendmmsg() does: an error, or how many it takes at most. */
static struct {
	int error, most;
} sending[STEPS];
static int n_sending, at_sending;

/* What was sent. */
static struct {
	struct sockaddr_storage peer;
	size_t len;
	uint8_t data[512];
	size_t control_len;
	alignas(struct cmsghdr) uint8_t control[64];
} sent[STEPS * PACKETS];
static int n_sent;

static atomic_bool stop;
static bool no_memory;
static uint8_t query[512];
static size_t query_len;

static void
put_control(struct msghdr *m, const struct datagram *d)
{
	struct cmsghdr *c = m->msg_control;
	struct in_pktinfo v4 = {.ipi_ifindex = 7};
	struct in6_pktinfo v6 = {.ipi6_ifindex = 7};
	bool is_v6 = d->level == IPPROTO_IPV6;

	v4.ipi_addr.s_addr = htonl(0xc0000201);
	v6.ipi6_addr.s6_addr[0] = d->is_local ? 0xfe : 0x20;
	v6.ipi6_addr.s6_addr[1] = d->is_local ? 0x80 : 1;
	ck_assert_ptr_nonnull(c);
	ck_assert_uint_ge(m->msg_controllen, CMSG_SPACE(sizeof(v6)));
	c->cmsg_level = d->level;
	c->cmsg_type = d->type;
	c->cmsg_len = CMSG_LEN(is_v6 ? sizeof(v6) : sizeof(v4));
	memcpy(CMSG_DATA(c), is_v6 ? (void *)&v6 : (void *)&v4,
	    is_v6 ? sizeof(v6) : sizeof(v4));
	m->msg_controllen = CMSG_SPACE(is_v6 ? sizeof(v6) : sizeof(v4));
}

static void
put_datagram(struct mmsghdr *out, const struct datagram *d)
{
	struct msghdr *m = &out->msg_hdr;

	ck_assert_uint_eq(m->msg_namelen, sizeof(d->peer));
	memcpy(m->msg_name, &d->peer, sizeof(d->peer));
	m->msg_namelen = d->peer.ss_family == AF_INET6
	    ? sizeof(struct sockaddr_in6)
	    : sizeof(struct sockaddr_in);
	ck_assert_uint_ge(m->msg_iov[0].iov_len, query_len);
	memcpy(m->msg_iov[0].iov_base, query, query_len);
	out->msg_len = (unsigned)query_len;
	m->msg_flags = d->cut ? MSG_TRUNC : 0;
	if (d->type == 0)
		m->msg_controllen = 0;
	else
		put_control(m, d);
}

int
recvmmsg(int fd, struct mmsghdr *messages, unsigned n, int flags,
    struct timespec *timeout)
{
	int i = at_received++;

	(void)fd;
	(void)flags;
	(void)timeout;
	if (i >= n_received) {
		atomic_store(&stop, true);
		errno = EAGAIN;
		return -1;
	}
	if (received[i].error != 0) {
		errno = received[i].error;
		return -1;
	}
	ck_assert_uint_le((unsigned)received[i].n, n);
	for (int k = 0; k < received[i].n; k++)
		put_datagram(&messages[k], &received[i].packet[k]);
	return received[i].n;
}

int
sendmmsg(int fd, struct mmsghdr *messages, unsigned n, int flags)
{
	int i = at_sending++, most = (int)n;

	(void)fd;
	ck_assert(flags & MSG_DONTWAIT);
	if (i < n_sending && sending[i].error != 0) {
		errno = sending[i].error;
		return -1;
	}
	if (i < n_sending && sending[i].most < most)
		most = sending[i].most;
	for (int k = 0; k < most; k++, n_sent++) {
		const struct msghdr *m = &messages[k].msg_hdr;

		memcpy(&sent[n_sent].peer, m->msg_name, m->msg_namelen);
		sent[n_sent].len = m->msg_iov[0].iov_len;
		ck_assert_uint_le(sent[n_sent].len, sizeof(sent[0].data));
		memcpy(sent[n_sent].data, m->msg_iov[0].iov_base,
		    sent[n_sent].len);
		sent[n_sent].control_len = m->msg_controllen;
		memcpy(sent[n_sent].control, m->msg_control, m->msg_controllen);
	}
	return most;
}

#if REPLACED
void *
calloc(size_t n, size_t size)
{
	return no_memory ? NULL : __libc_calloc(n, size);
}
#endif

static struct zone *zone;
static struct zone_table *set;
static struct counters *counters;
static struct snapshot snapshot = {.udp_size = 1232};
static struct published published;

static void
setup(void)
{
	static struct errbuf eb;
	const struct zone *list[1];

	zone = fixture_zone(
	    "e.", "@ 9 SOA a a 1 2 3 4 5\n@ 9 NS a\na 9 A 192.0.2.1\n", &eb);
	ck_assert_msg(zone != NULL, "%s", eb.text);
	list[0] = zone;
	set = zone_table_create(list, 1);
	counters = calloc(1, sizeof(*counters));
	ck_assert(set != NULL && counters != NULL);
	snapshot.zones = set;
	publish_set(&published, &snapshot);
	query_len = make_query(query, "a.e.", TYPE_A, -1, NULL, 0);
	n_received = at_received = n_sending = at_sending = n_sent = 0;
	atomic_store(&stop, false);
}

static void
teardown(void)
{
	zone_table_destroy(set);
	zone_destroy(zone);
	free(counters);
}

static struct datagram
from(const char *address, uint16_t port)
{
	struct datagram d = {.cut = false};
	struct address a;

	ck_assert_int_eq(address_parse(address, &a), 0);
	address_to_sockaddr(&a, port, &d.peer);
	return d;
}

static void
serve(void)
{
	const struct listener listener = {.wildcard = true, .udp = -1};

	udp_serve(&listener, &published, counters, NULL, &stop);
}

static void
check_answer(int i, uint16_t port)
{
	ck_assert_int_lt(i, n_sent);
	ck_assert_uint_eq(
	    ntohs(((struct sockaddr_in *)&sent[i].peer)->sin_port), port);
	ck_assert_str_eq(describe(sent[i].data, sent[i].len),
	    "0 aa AN a.e. 9 IN A 192.0.2.1; ");
}

START_TEST(a_batch)
{
	received[0].n = 3;
	for (uint16_t i = 0; i < 3; i++)
		received[0].packet[i] = from("192.0.2.9", 1000 + i);
	n_received = 1;
	serve();
	ck_assert_int_eq(n_sent, 3);
	ck_assert_int_eq(at_sending, 1);
	for (uint16_t i = 0; i < 3; i++)
		check_answer(i, 1000 + i);
}
END_TEST

/* The answer leaves from the address that was asked, by whatever interface. */
START_TEST(from_the_address_that_was_asked)
{
	struct in_pktinfo v4;
	struct in6_pktinfo v6;

	received[0].n = 3;
	received[0].packet[0] = from("192.0.2.9", 1000);
	received[0].packet[0].level = IPPROTO_IP;
	received[0].packet[0].type = IP_PKTINFO;
	for (uint16_t i = 1; i < 3; i++) {
		received[0].packet[i] = from("2001:db8::9", 1000 + i);
		received[0].packet[i].level = IPPROTO_IPV6;
		received[0].packet[i].type = IPV6_PKTINFO;
	}
	/* But a link-local one is one of its interface. */
	received[0].packet[2].is_local = true;
	n_received = 1;
	serve();
	ck_assert_int_eq(n_sent, 3);
	memcpy(&v4, CMSG_DATA((struct cmsghdr *)sent[0].control), sizeof(v4));
	ck_assert_uint_eq(ntohl(v4.ipi_spec_dst.s_addr), 0xc0000201);
	ck_assert_int_eq(v4.ipi_ifindex, 0);
	memcpy(&v6, CMSG_DATA((struct cmsghdr *)sent[1].control), sizeof(v6));
	ck_assert_uint_eq(v6.ipi6_addr.s6_addr[0], 0x20);
	ck_assert_uint_eq(v6.ipi6_ifindex, 0);
	memcpy(&v6, CMSG_DATA((struct cmsghdr *)sent[2].control), sizeof(v6));
	ck_assert_uint_eq(v6.ipi6_addr.s6_addr[0], 0xfe);
	ck_assert_uint_eq(v6.ipi6_ifindex, 7);
}
END_TEST

/* What the kernel says besides is left as it is. */
START_TEST(other_control_messages)
{
	static const struct {
		int level, type;
	} others[] = {{IPPROTO_IP, IP_TTL}, {IPPROTO_IPV6, IPV6_TCLASS},
	    {SOL_SOCKET, SO_TIMESTAMP}};

	received[0].n = 3;
	for (int i = 0; i < 3; i++) {
		received[0].packet[i] = from("192.0.2.9", 1000);
		received[0].packet[i].level = others[i].level;
		received[0].packet[i].type = others[i].type;
	}
	n_received = 1;
	serve();
	ck_assert_int_eq(n_sent, 3);
	for (int i = 0; i < 3; i++) {
		const struct cmsghdr *c = (struct cmsghdr *)sent[i].control;

		ck_assert_int_eq(c->cmsg_level, others[i].level);
		ck_assert_int_eq(c->cmsg_type, others[i].type);
	}
}
END_TEST

START_TEST(no_answer_and_no_delay)
{
	received[0].n = 4;
	received[0].packet[0] = from("192.0.2.9", 1000);
	received[0].packet[1] = from("192.0.2.9", 19); /* chargen */
	received[0].packet[2] = from("192.0.2.9", 1002);
	received[0].packet[2].peer.ss_family = AF_UNIX;
	received[0].packet[3] = from("192.0.2.9", 20);
	n_received = 1;
	serve();
	ck_assert_int_eq(n_sent, 2);
	check_answer(0, 1000);
	check_answer(1, 20);
	ck_assert_uint_eq(counter_read(&counters->dropped), 2);
	ck_assert_uint_eq(counter_read(&counters->queries[TRANSPORT_UDP]), 4);
}
END_TEST

/* What was longer than any query is one that cannot be read. */
START_TEST(cut_datagram)
{
	received[0].n = 1;
	received[0].packet[0] = from("192.0.2.9", 1000);
	received[0].packet[0].cut = true;
	n_received = 1;
	serve();
	ck_assert_int_eq(n_sent, 1);
	ck_assert_uint_eq(sent[0].len, DNS_HEADER);
	ck_assert_uint_eq(sent[0].data[3] & 0xf, RCODE_FORMERR);
}
END_TEST

/* Errors of receiving, counted or not, and the query behind them. */
START_TEST(receiving_fails)
{
	received[0].error = EINTR;
	received[1].error = EAGAIN;
	received[2].error = ENOMEM;
	received[3].error = ENOBUFS;
	received[4].n = 1;
	received[4].packet[0] = from("192.0.2.9", 1000);
	n_received = 5;
	serve();
	ck_assert_uint_eq(counter_read(&counters->receive_errors), 2);
	check_answer(0, 1000);
}
END_TEST

/* What becomes of three answers, by what sendmmsg() says one after the other;
 * "1..3": which go out. */
static const struct {
	const char *why;
	int n;
	struct {
		int error, most;
	} steps[3];
	const char *out;
	unsigned unsent;
} sends[] = {
    {"a signal: again", 1, {{EINTR, 0}}, "123", 0},
    {"one at a time", 3, {{0, 1}, {0, 1}, {0, 1}}, "123", 0},
    {"the first is refused, the others go", 1, {{EPERM, 0}}, "23", 1},
    {"the second is refused", 2, {{0, 1}, {ENETUNREACH, 0}}, "13", 1},
    {"no room: nobody waits", 1, {{EAGAIN, 0}}, "", 3},
    {"room for one", 2, {{0, 1}, {EAGAIN, 0}}, "1", 2},
};

START_TEST(sending_fails)
{
	char out[4] = "";

	received[0].n = 3;
	for (uint16_t i = 0; i < 3; i++)
		received[0].packet[i] = from("192.0.2.9", 1001 + i);
	n_received = 1;
	n_sending = sends[_i].n;
	for (int i = 0; i < n_sending; i++) {
		sending[i].error = sends[_i].steps[i].error;
		sending[i].most = sends[_i].steps[i].most;
	}
	serve();
	ck_assert_int_le(n_sent, 3);
	for (int i = 0; i < n_sent; i++) {
		struct sockaddr_in *peer = (struct sockaddr_in *)&sent[i].peer;

		check_answer(i, ntohs(peer->sin_port));
		out[i] = (char)(ntohs(peer->sin_port) - 1000 + '0');
	}
	ck_assert_msg(
	    strcmp(out, sends[_i].out) == 0, "%s: %s", sends[_i].why, out);
	ck_assert_uint_eq(counter_read(&counters->unsent), sends[_i].unsent);
}
END_TEST

/* A worker that cannot serve must not sit on a socket that takes queries. */
START_TEST(without_memory)
{
	no_memory = true;
	if (!REPLACED)
		abort();
	serve();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("dns_udp");
	TCase *tc = tcase_create("udp");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, a_batch);
	tcase_add_test(tc, from_the_address_that_was_asked);
	tcase_add_test(tc, other_control_messages);
	tcase_add_test(tc, no_answer_and_no_delay);
	tcase_add_test(tc, cut_datagram);
	tcase_add_test(tc, receiving_fails);
	tcase_add_loop_test(
	    tc, sending_fails, 0, (int)(sizeof(sends) / sizeof(sends[0])));
	tcase_add_test_raise_signal(tc, without_memory, SIGABRT);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
