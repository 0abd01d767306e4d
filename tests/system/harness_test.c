/*
 * Tests the harness of the system tests itself, with a DNS server of a few
 * lines: what the other tests believe of it is true.
 */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "tests/system/ask.h"
#include "tests/system/harness.h"

/* What the server of a few lines adds to the question: an A record of TTL 42
 * and an OPT record with a subnet of 198.51.100.0/24, scope 20. */
static const uint8_t toy_records[] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 42, 0, 4,
    192, 0, 2, 7, 0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 11, 0, 8, 0, 7, 0, 1, 24, 20,
    198, 51, 100};

/* Length of header and question of a query for one name. */
static size_t
question_end(const uint8_t *message)
{
	size_t i = 12;

	while (message[i] != 0)
		i += message[i] + 1u;
	return i + 5;
}

static void
toy_answer(uint8_t *message, size_t *len)
{
	size_t end = question_end(message);

	message[2] = 0x84; /* a response with authority */
	message[3] = 0;
	message[7] = 1;  /* one answer */
	message[11] = 1; /* one additional */
	memcpy(message + end, toy_records, sizeof(toy_records));
	*len = end + sizeof(toy_records);
}

static void
toy_serve(int fd)
{
	uint8_t message[1024];
	struct sockaddr_in from;
	socklen_t from_len;

	for (;;) {
		ssize_t n;
		size_t len;

		from_len = sizeof(from);
		n = recvfrom(
		    fd, message, 512, 0, (struct sockaddr *)&from, &from_len);
		if (n < 17)
			_exit(1);
		toy_answer(message, &len);
		(void)sendto(
		    fd, message, len, 0, (struct sockaddr *)&from, from_len);
	}
}

/* A UDP server in a process that ends with this one. */
static pid_t
toy_start(uint16_t port)
{
	struct sockaddr_in sa = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	pid_t pid;

	sa.sin_port = htons(port);
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		toy_serve(fd);
	}
	close(fd);
	return pid;
}

START_TEST(an_answer_is_taken_apart)
{
	struct harness *h = harness_create();
	struct ask question = {
	    .name = "www.example", .subnet = "198.51.100.0/24"};
	struct reply reply;
	pid_t toy;

	question.port = harness_port(h);
	toy = toy_start(question.port);
	ck_assert(ask(&question, &reply));
	ck_assert_uint_eq(reply.rcode, 0);
	ck_assert(reply.aa && !reply.tc && !reply.ra);
	ck_assert_uint_eq(reply.n_answer, 1);
	ck_assert_str_eq(reply.answer[0].owner, "www.example.");
	ck_assert_str_eq(reply.answer[0].type, "A");
	ck_assert_str_eq(reply.answer[0].data, "192.0.2.7");
	ck_assert_uint_eq(reply.answer[0].ttl_s, 42);
	ck_assert_uint_eq(reply.n_authority + reply.n_additional, 0);
	ck_assert(reply.edns && reply.subnet);
	ck_assert_uint_eq(reply.udp_size, 1232);
	ck_assert_uint_eq(reply.source_len, 24);
	ck_assert_uint_eq(reply.scope, 20);
	ck_assert_str_eq(reply.subnet_text, "198.51.100.0");
	kill(toy, SIGKILL);
	harness_destroy(h);
}
END_TEST

START_TEST(silence_is_no_answer_and_ends)
{
	struct harness *h = harness_create();
	struct ask question = {.name = "www.example", .timeout_ms = 100};
	struct reply reply;
	int64_t start = harness_ms();

	question.port = harness_port(h);
	ck_assert(!ask(&question, &reply));
	question.tcp = true;
	ck_assert(!ask(&question, &reply));
	ck_assert_str_eq(ask_data(&question, &reply), "");
	ck_assert_int_lt(harness_ms() - start, 2000);
	harness_destroy(h);
}
END_TEST

START_TEST(files_are_replaced_and_read)
{
	struct harness *h = harness_create();
	char folder[4096];

	harness_write(h, "a", "one %d\n", 1);
	harness_write(h, "a", "two %s\n", "2");
	ck_assert_str_eq(harness_read(h, harness_path(h, "a")), "two 2\n");
	ck_assert_str_eq(harness_read(h, harness_path(h, "b")), "");
	snprintf(folder, sizeof(folder), "%s", harness_path(h, "."));
	harness_destroy(h);
	ck_assert_int_ne(access(folder, F_OK), 0);
}
END_TEST

START_TEST(programs_are_run_and_waited_for)
{
	struct harness *h = harness_create();
	const char *out;
	pid_t pid;

	ck_assert_int_eq(harness_run(h, &out, "/bin/sh", "-c",
			     "echo out; echo err >&2; exit 3", NULL),
	    3);
	ck_assert_str_eq(out, "out\nerr\n");
	ck_assert_int_eq(harness_run(h, NULL, "/no/such/program", NULL), 127);
	pid = harness_start(h, "sleep.log", "/bin/sleep", "60", NULL);
	ck_assert(harness_running(h, pid));
	harness_kill(h, pid);
	ck_assert(!harness_running(h, pid));
	ck_assert_int_eq(harness_wait(h, pid, 0), 128 + SIGKILL);
	pid = harness_start(h, "trap.log", "/bin/sh", "-c",
	    "trap 'echo bye; exit 0' TERM; echo hello; "
	    "while :; do sleep 0.01; done",
	    NULL);
	HARNESS_WAIT(5000,
	    strcmp(harness_read(h, harness_path(h, "trap.log")), "hello\n") ==
		0);
	harness_stop(h, pid);
	ck_assert_str_eq(
	    harness_read(h, harness_path(h, "trap.log")), "hello\nbye\n");
	harness_destroy(h);
}
END_TEST

START_TEST(ports_are_free_and_given_once)
{
	struct harness *h = harness_create(), *other = harness_create();
	uint16_t a = harness_port(h), b = harness_port(h);
	char url[64];

	ck_assert_uint_ne(a, b);
	/* None of this test's, used or not, is another one's. */
	for (int i = 0; i < 200; i++) {
		uint16_t theirs = harness_port(other);

		ck_assert_uint_ne(theirs, a);
		ck_assert_uint_ne(theirs, b);
		ck_assert_uint_ne(theirs, harness_port(h));
	}
	harness_destroy(other);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/", a);
	ck_assert_int_eq(harness_http(h, "GET", url, NULL), 0);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"an answer is taken apart", an_answer_is_taken_apart, 0},
	    {"silence is no answer", silence_is_no_answer_and_ends, 0},
	    {"files are replaced and read", files_are_replaced_and_read, 0},
	    {"programs are run", programs_are_run_and_waited_for, 0},
	    {"ports are free", ports_are_free_and_given_once, 0},
	};

	return harness_main("harness", cases, sizeof(cases) / sizeof(cases[0]));
}
