/*
 * What a steered answer costs: runs the real meridiand with one worker and a
 * bare recvmmsg/sendmmsg echo in turns, under the same flood of queries, and
 * prints CPU time a packet of each and their ratio.  `make bench` calls it.
 * `packet PORT QUERIES` only asks a server that runs already, until it has so
 * many answers: tests/bench/instructions calls that.
 *
 * The echo does what any UDP server must: wildcard socket, PKTINFO, batches, a
 * reply of the same size.  It decides nothing.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BATCH 32
#define ROOM 1500
#define WINDOW 256    /* queries under way: keeps the server saturated */
#define QUERIES 65536 /* distinct client subnets asked for */
#define ROUNDS 7
#define ROUND_MS 1500
#define FIRST_MS 60000 /* until it answers, on a busy machine */
#define ASK_MS 300000  /* a server under callgrind answers some 20,000/s */

static uint8_t query_bytes[QUERIES][80];
static size_t query_len;

struct batch {
	struct mmsghdr m[BATCH];
	struct iovec iov[BATCH];
	struct sockaddr_storage peer[BATCH];
	alignas(struct cmsghdr) char control[BATCH][CMSG_SPACE(
	    sizeof(struct in6_pktinfo))];
	uint8_t data[BATCH][ROOM];
};

static void
fail(const char *what)
{
	fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	(void)sched_setaffinity(0, sizeof(set), &set);
}

/* A query for A of chat.bench.example with OPT and a random /24. */
static void
make_query(uint8_t *out, uint32_t subnet)
{
	static const uint8_t head[] = {0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 4,
	    'c', 'h', 'a', 't', 5, 'b', 'e', 'n', 'c', 'h', 7, 'e', 'x', 'a',
	    'm', 'p', 'l', 'e', 0, 0, 1, 0, 1, 0, 0, 41, 4, 208, 0, 0, 0, 0, 0,
	    11, 0, 8, 0, 7, 0, 1, 24, 0};

	memcpy(out, head, sizeof(head));
	out[0] = (uint8_t)subnet;
	out[1] = (uint8_t)(subnet >> 8);
	out[sizeof(head)] = (uint8_t)(1 + (subnet >> 16) % 220);
	out[sizeof(head) + 1] = (uint8_t)(subnet >> 8);
	out[sizeof(head) + 2] = (uint8_t)subnet;
	query_len = sizeof(head) + 3;
}

static void
make_queries(void)
{
	uint32_t x = 2463534242;

	for (size_t i = 0; i < QUERIES; i++) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		make_query(query_bytes[i], x);
	}
}

/* Serve echoes of ${size} octets on a wildcard socket until killed. */
static void
echo(int fd, size_t size)
{
	struct batch *b = calloc(1, sizeof(*b));

	for (int i = 0; b != NULL && i < BATCH; i++)
		b->iov[i].iov_base = b->data[i];
	while (b != NULL) {
		int n, sent = 0;

		for (int i = 0; i < BATCH; i++) {
			struct msghdr *m = &b->m[i].msg_hdr;

			b->iov[i].iov_len = ROOM;
			m->msg_iov = &b->iov[i];
			m->msg_iovlen = 1;
			m->msg_name = &b->peer[i];
			m->msg_namelen = sizeof(b->peer[i]);
			m->msg_control = b->control[i];
			m->msg_controllen = sizeof(b->control[i]);
		}
		n = recvmmsg(fd, b->m, BATCH, MSG_WAITFORONE, NULL);
		for (int i = 0; i < n; i++)
			b->iov[i].iov_len = size;
		while (sent < n) {
			int k =
			    sendmmsg(fd, b->m + sent, (unsigned)(n - sent), 0);

			if (k <= 0)
				break;
			sent += k;
		}
	}
}

static int
udp_socket(bool wildcard, uint16_t *port)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), on = 1;
	int buffer = 4 << 20;
	struct sockaddr_in sa = {.sin_family = AF_INET};
	socklen_t len = sizeof(sa);

	sa.sin_addr.s_addr = htonl(wildcard ? INADDR_ANY : INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer));
	if (wildcard)
		setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)) != 0 ||
	    getsockname(fd, (struct sockaddr *)&sa, &len) != 0)
		fail("bind");
	*port = ntohs(sa.sin_port);
	return fd;
}

/* Ask ${port} for ${ms}, or until ${enough} replies came, with WINDOW under
 * way; replies, their mean size. */
static uint64_t
flood(uint16_t port, int64_t ms, uint64_t enough, double *mean)
{
	static struct batch in, out;
	struct sockaddr_in sa = {.sin_family = AF_INET};
	uint16_t own;
	int fd = udp_socket(false, &own);
	uint64_t asked = 0, answered = 0, octets = 0;
	int64_t end = now_ms() + ms, heard = now_ms();

	sa.sin_port = htons(port);
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) != 0)
		fail("connect");
	memset(&in, 0, sizeof(in));
	memset(&out, 0, sizeof(out));
	while (answered < enough && now_ms() < end) {
		int n;

		for (int i = 0; i < BATCH; i++) {
			out.iov[i].iov_base =
			    query_bytes[(asked + (unsigned)i) % QUERIES];
			out.iov[i].iov_len = query_len;
			out.m[i].msg_hdr.msg_iov = &out.iov[i];
			out.m[i].msg_hdr.msg_iovlen = 1;
			in.iov[i].iov_base = in.data[i];
			in.iov[i].iov_len = ROOM;
			in.m[i].msg_hdr.msg_iov = &in.iov[i];
			in.m[i].msg_hdr.msg_iovlen = 1;
		}
		/* What was lost in a full buffer is not waited for. */
		if (now_ms() - heard > 50)
			asked = answered;
		if (asked - answered <= WINDOW - BATCH) {
			n = sendmmsg(fd, out.m, BATCH, 0);
			asked += n > 0 ? (unsigned)n : 0;
		}
		n = recvmmsg(fd, in.m, BATCH, MSG_DONTWAIT, NULL);
		for (int i = 0; i < n; i++)
			octets += in.m[i].msg_len;
		if (n > 0) {
			answered += (unsigned)n;
			heard = now_ms();
		}
	}
	close(fd);
	*mean = answered > 0 ? (double)octets / (double)answered : 0;
	return answered;
}

/* CPU time of all threads of ${pid} so far, nanoseconds. */
static uint64_t
cpu_ns(pid_t pid)
{
	clockid_t clock;
	struct timespec t;

	if (clock_getcpuclockid(pid, &clock) != 0 ||
	    clock_gettime(clock, &t) != 0)
		fail("the server is gone");
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static double
cost(pid_t pid, uint16_t port, double *mean, double *rate)
{
	uint64_t before, n;

	flood(port, 200, UINT64_MAX, mean);
	before = cpu_ns(pid);
	n = flood(port, ROUND_MS, UINT64_MAX, mean);
	if (n == 0) {
		fprintf(stderr, "bench: no answers from port %u\n", port);
		exit(1);
	}
	*rate = (double)n * 1000 / ROUND_MS;
	return (double)(cpu_ns(pid) - before) / (double)n;
}

static pid_t
start_server(const char *program, const char *config)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pin(1);
		execl(program, program, "-c", config, (char *)NULL);
		fail(program);
	}
	return pid;
}

static pid_t
start_echo(int fd, size_t size)
{
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pin(1);
		echo(fd, size);
		_exit(1);
	}
	return pid;
}

static int
ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
stop(pid_t pid)
{
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
}

/* The server is asked until it answers.  All from one socket: answers of a slow
 * one that are under way to another would never be seen, however many. */
static double
first_answer(uint16_t port)
{
	double mean = 0;

	(void)flood(port, FIRST_MS, BATCH, &mean);
	return mean;
}

/* `packet PORT QUERIES`: 0 when so many answers came. */
static int
ask_only(uint16_t port, uint64_t queries)
{
	double mean;

	if (first_answer(port) < (double)query_len)
		return 1;
	return flood(port, ASK_MS, queries, &mean) >= queries ? 0 : 1;
}

int
main(int argc, char **argv)
{
	double ratio[ROUNDS], server_ns, echo_ns, mean, rate, echo_rate;
	uint16_t port, echo_port;
	pid_t server, echoer;
	int fd;

	if (argc != 3 && argc != 4) {
		fprintf(stderr,
		    "usage: packet MERIDIAND CONFIG PORT\n"
		    "       packet PORT QUERIES\n");
		return 2;
	}
	make_queries();
	if (argc == 3)
		return ask_only((uint16_t)strtoul(argv[1], NULL, 10),
		    strtoull(argv[2], NULL, 10));
	pin(0);
	port = (uint16_t)strtoul(argv[3], NULL, 10);
	server = start_server(argv[1], argv[2]);
	mean = first_answer(port);
	fd = udp_socket(true, &echo_port);
	echoer = start_echo(fd, (size_t)(mean + 0.5));
	printf("replies of %.1f octets, %d rounds of %d ms\n", mean, ROUNDS,
	    ROUND_MS);
	for (int i = 0; i < ROUNDS; i++) {
		server_ns = cost(server, port, &mean, &rate);
		echo_ns = cost(echoer, echo_port, &mean, &echo_rate);
		ratio[i] = server_ns / echo_ns;
		printf("meridiand %5.0f ns (%.0f/s)   echo %5.0f ns (%.0f/s)"
		       "   ratio %.3f\n",
		    server_ns, rate, echo_ns, echo_rate, ratio[i]);
	}
	stop(server);
	stop(echoer);
	qsort(ratio, ROUNDS, sizeof(ratio[0]), ascending);
	printf("ratio of CPU a packet: median %.3f (%.3f to %.3f)\n",
	    ratio[ROUNDS / 2], ratio[0], ratio[ROUNDS - 1]);
	return 0;
}
