/*
 * The query log of the running server, with the readers that other people use:
 * what is written is read by dnstap-read and says what was decided; whatever
 * becomes of reader, file and disk, each query gets its answer and the log goes
 * on.
 */
#include <arpa/inet.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/system/node.h"

/* A query for A of one.inference.example. */
static const uint8_t query[] = {0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, 'o', 'n',
    'e', 9, 'i', 'n', 'f', 'e', 'r', 'e', 'n', 'c', 'e', 7, 'e', 'x', 'a', 'm',
    'p', 'l', 'e', 0, 0, 1, 0, 1};

#define WAIT_MS 20000

/* A node whose query log is ${log}, the rest of that line.  One worker: what is
 * sampled is known to the last message. */
static void
configure(struct node *node, const char *log)
{
	char extra[512];

	snprintf(extra, sizeof(extra), "workers: 1\nidentity: node-1\n%s%s\n",
	    log[0] != '\0' ? "query_log: " : "", log);
	node_config(node, extra);
}

/* The same to the socket or file ${to}. */
static void
configure_to(struct node *node, const char *to, const char *rest)
{
	char log[400];

	snprintf(log, sizeof(log), "{to: \"%s\", sample: 1%s}", to, rest);
	configure(node, log);
}

static void
start(struct node *node, struct harness *h, const char *to, const char *rest)
{
	node_init(node, h);
	if (to != NULL)
		configure_to(node, to, rest);
	else
		configure(node, "");
	node_records(node, node_zone);
	node_steering(node,
	    "regions:\n  us-east: {at: [39.0, -77.5]}\n"
	    "pools:\n  v1:\n    endpoints:\n"
	    "      - {name: us, region: us-east, address: 192.0.2.1}\n"
	    "services:\n  one: {pool: v1}\n  two: {pool: v1}\n");
	node_serve(node);
}

/* Ask ${n} times, one after the other; each is answered. */
static void
ask_times(const struct node *node, int n)
{
	struct timeval patience = {.tv_sec = WAIT_MS / 1000};
	struct sockaddr_in to = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	uint8_t reply[512];

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	to.sin_port = htons(node->port);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	for (int i = 0; i < n; i++) {
		ck_assert_int_eq(
		    send(fd, query, sizeof(query), 0), (int)sizeof(query));
		ck_assert_msg(recv(fd, reply, sizeof(reply), 0) > 12,
		    "query %d of %d has no answer", i, n);
		ck_assert_int_eq(reply[3] & 15, 0);
	}
	close(fd);
}

static double
frames(struct node *node)
{
	return node_metric(node, "meridian_query_log_frames_total");
}

static double
dropped(struct node *node, const char *cause)
{
	char name[96];

	snprintf(name, sizeof(name),
	    "meridian_query_log_dropped_total{cause=\"%s\"}", cause);
	return node_metric(node, name);
}

static bool
is_connected(struct node *node)
{
	return node_metric(node, "meridian_query_log_connected") == 1;
}

/* The status says ${words} of what is wrong, and meridianctl that there is
 * something. */
static bool
is_told(struct node *node, const char *words)
{
	const char *out;

	if (strstr(node_page(node, "/api/v1/status"), words) == NULL)
		return false;
	node_ctl(node, &out, "status");
	return strstr(out, "QUERY LOG: ") != NULL;
}

/* Messages of ${path}, that have ${word} in their line; all of it is read. */
static int
count_read(struct harness *h, const char *path, const char *word)
{
	const char *out;
	int n = 0;

	ck_assert_int_eq(
	    harness_run(h, &out, "/usr/bin/dnstap-read", path, NULL), 0);
	for (const char *line = out; *line != '\0';
	     line += strcspn(line, "\n") + (strchr(line, '\n') != NULL)) {
		size_t len = strcspn(line, "\n");

		n += memmem(line, len, word, strlen(word)) != NULL;
	}
	return n;
}

/* How often ${word} is in a file, whatever is around it. */
static int
count_in(const char *path, const char *word)
{
	static char data[1 << 20];
	FILE *file = fopen(path, "r");
	size_t len, size = strlen(word);
	const char *at = data;
	int n = 0;

	ck_assert_ptr_nonnull(file);
	len = fread(data, 1, sizeof(data), file);
	fclose(file);
	while (
	    (at = memmem(at, len - (size_t)(at - data), word, size)) != NULL) {
		at += size;
		n++;
	}
	return n;
}

static off_t
size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_size : -1;
}

#define ONE "service=one.inference.example pool=v1 region=us-east reason=first"

START_TEST(a_file_has_what_was_answered_and_decided)
{
	struct harness *h = harness_create();
	const char *path = harness_path(h, "q.dnstap"), *out;
	struct node node;
	double before;

	start(&node, h, "file:q.dnstap", ", messages: both");
	HARNESS_WAIT(WAIT_MS, is_connected(&node));
	before = frames(&node);
	ask_times(&node, 20);
	node_ask(&node, "www.inference.example", "A", NULL);
	HARNESS_WAIT(WAIT_MS, frames(&node) == before + 42);
	ck_assert_int_eq(
	    count_read(h, path, " AQ 127.0.0.1:"), 21 + (int)before / 2);
	ck_assert_int_eq(
	    count_read(h, path, " UDP 55b one.inference.example/IN/A"), 20);
	ck_assert_int_eq(count_in(path, ONE), 40);
	ck_assert_int_eq(
	    harness_run(h, &out, "/usr/bin/dnstap-read", "-y", path, NULL), 0);
	ck_assert_ptr_nonnull(strstr(out, "identity: node-1"));
	ck_assert_ptr_nonnull(strstr(out, "version: meridian "));
	ck_assert_ptr_nonnull(strstr(out, "type: AUTH_RESPONSE"));
	ck_assert_ptr_nonnull(strstr(out, "response_address: \"127.0.0.1\""));
	ck_assert_ptr_nonnull(strstr(out, "one.inference.example. 60 IN A"));
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* A reload turns it on, samples otherwise, takes one service, turns it off. */
START_TEST(reloads_change_it)
{
	struct harness *h = harness_create();
	struct node node;
	double before;

	start(&node, h, NULL, "");
	ck_assert(frames(&node) == -1);
	configure(&node, "{to: \"file:q.dnstap\", sample: 10}");
	ck_assert_int_eq(node_ctl(&node, NULL, "reload"), 0);
	HARNESS_WAIT(WAIT_MS, is_connected(&node));
	before = frames(&node);
	ask_times(&node, 1000);
	HARNESS_WAIT(WAIT_MS, frames(&node) == before + 100);
	configure_to(
	    &node, "file:two.dnstap", ", services: [two.inference.example]");
	ck_assert_int_eq(node_ctl(&node, NULL, "reload"), 0);
	HARNESS_WAIT(WAIT_MS, size_of(harness_path(h, "two.dnstap")) > 0);
	ask_times(&node, 100);
	node_ask(&node, "two.inference.example", "A", NULL);
	HARNESS_WAIT(WAIT_MS, frames(&node) == before + 101);
	ck_assert_int_eq(
	    count_in(harness_path(h, "two.dnstap"), "service="), 1);
	configure(&node, "");
	ck_assert_int_eq(node_ctl(&node, NULL, "reload"), 0);
	HARNESS_WAIT(WAIT_MS, !is_connected(&node));
	ask_times(&node, 100);
	ck_assert(frames(&node) == before + 101);
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* As logrotate(8) does it, with and without a reload, and by a removal; killed
 * in the middle and started again, it goes on with the file. */
START_TEST(files_are_rotated_and_gone_on_with)
{
	struct harness *h = harness_create();
	const char *path = harness_path(h, "q.dnstap");
	const char *old = harness_path(h, "q.dnstap.1");
	struct node node;
	int before;

	start(&node, h, "file:q.dnstap", "");
	HARNESS_WAIT(WAIT_MS, is_connected(&node));
	ask_times(&node, 10);
	HARNESS_WAIT(WAIT_MS, count_in(path, ONE) == 10);
	ck_assert_int_eq(rename(path, old), 0);
	ck_assert_int_eq(node_ctl(&node, NULL, "reload"), 0);
	HARNESS_WAIT(WAIT_MS, size_of(path) > 0);
	ask_times(&node, 5);
	HARNESS_WAIT(WAIT_MS, count_in(path, ONE) == 5);
	ck_assert_int_eq(count_read(h, old, "one.inference.example/IN/A"), 10);
	/* Nobody says that it went. */
	ck_assert_int_eq(unlink(path), 0);
	HARNESS_WAIT(WAIT_MS, size_of(path) > 0);
	ask_times(&node, 5);
	HARNESS_WAIT(WAIT_MS, count_in(path, ONE) == 5);
	harness_kill(h, node.server);
	before = (int)size_of(path);
	/* What it had begun to write. */
	ck_assert_int_eq(truncate(path, before - 7), 0);
	node_serve(&node);
	HARNESS_WAIT(WAIT_MS, is_connected(&node));
	ask_times(&node, 3);
	HARNESS_WAIT(WAIT_MS, count_in(path, ONE) == 7);
	harness_stop(h, node.server);
	ck_assert_int_eq(count_read(h, path, "one.inference.example/IN/A"), 7);
	harness_destroy(h);
}
END_TEST

START_TEST(other_files_are_left_alone)
{
	struct harness *h = harness_create();
	struct node node;

	harness_write(h, "letters", "what somebody wrote\n");
	start(&node, h, "file:letters", "");
	ask_times(&node, 10);
	HARNESS_WAIT(WAIT_MS, dropped(&node, "disconnected") >= 10);
	HARNESS_WAIT(WAIT_MS, is_told(&node, "is no dnstap file"));
	harness_stop(h, node.server);
	ck_assert_str_eq(harness_read(h, harness_path(h, "letters")),
	    "what somebody wrote\n");
	harness_destroy(h);
}
END_TEST

static pid_t
capture(struct harness *h, const char *to, const char *file)
{
	return harness_start(h, "capture.log", "/usr/bin/fstrm_capture", "-t",
	    "protobuf:dnstap.Dnstap", "-u", to, "-w", file, NULL);
}

/* More than all buffers on the way hold. */
#define MANY 8000

START_TEST(a_reader_that_hangs_costs_no_answer)
{
	struct harness *h = harness_create();
	const char *socket_path = harness_path(h, "s");
	const char *file = harness_path(h, "captured");
	struct node node;
	pid_t reader;
	double logged;

	reader = capture(h, socket_path, file);
	start(&node, h, "unix:s", ", messages: both");
	HARNESS_WAIT(WAIT_MS, is_connected(&node));
	ask_times(&node, 10);
	harness_signal(h, reader, SIGSTOP);
	for (int i = 0; dropped(&node, "full") == 0; i++) {
		ck_assert_int_lt(i, 20);
		ask_times(&node, MANY);
	}
	/* Reloads and pages do not wait for it either. */
	ck_assert_int_eq(node_ctl(&node, NULL, "reload"), 0);
	HARNESS_WAIT(WAIT_MS, is_told(&node, "takes nothing"));
	logged = frames(&node);
	harness_signal(h, reader, SIGCONT);
	HARNESS_WAIT(WAIT_MS, frames(&node) > logged + 100);
	ask_times(&node, 10);
	/* Nor does the end. */
	harness_signal(h, reader, SIGSTOP);
	ask_times(&node, MANY);
	harness_stop(h, node.server);
	harness_signal(h, reader, SIGCONT);
	harness_signal(h, reader, SIGTERM);
	harness_wait(h, reader, WAIT_MS);
	ck_assert_int_gt(count_read(h, file, "one.inference.example/IN/A"), 20);
	harness_destroy(h);
}
END_TEST

START_TEST(a_reader_may_come_and_go)
{
	struct harness *h = harness_create();
	const char *socket_path = harness_path(h, "s");
	const char *file = harness_path(h, "captured");
	struct node node;
	pid_t reader;
	double logged;

	start(&node, h, "unix:s", "");
	ask_times(&node, 10);
	HARNESS_WAIT(WAIT_MS, dropped(&node, "disconnected") >= 10);
	HARNESS_WAIT(WAIT_MS, is_told(&node, "no reader at"));
	for (int i = 0; i < 2; i++) {
		reader = capture(h, socket_path, file);
		HARNESS_WAIT(WAIT_MS, is_connected(&node));
		logged = frames(&node);
		ask_times(&node, 10);
		HARNESS_WAIT(WAIT_MS, frames(&node) == logged + 10);
		harness_kill(h, reader);
		HARNESS_WAIT(WAIT_MS, !is_connected(&node));
		unlink(socket_path);
		unlink(file);
		ask_times(&node, 10);
	}
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

/* Let the files of the server be no longer than ${max}. */
static void
limit_files(const struct node *node, rlim_t max)
{
	const struct rlimit limit = {max, RLIM_INFINITY};

	ck_assert_int_eq(prlimit(node->server, RLIMIT_FSIZE, &limit, NULL), 0);
}

START_TEST(a_disk_that_is_full_costs_no_answer)
{
	struct harness *h = harness_create();
	const char *path = harness_path(h, "q.dnstap");
	struct node node;
	double logged;
	int have;

	start(&node, h, "file:q.dnstap", ", max_size: 1MiB");
	HARNESS_WAIT(WAIT_MS, is_connected(&node));
	limit_files(&node, 20000);
	for (int i = 0; dropped(&node, "disk") == 0; i++) {
		ck_assert_int_lt(i, 100);
		ask_times(&node, 100);
	}
	ask_times(&node, 1000);
	HARNESS_WAIT(WAIT_MS, is_told(&node, "cannot be written"));
	have = count_read(h, path, "/IN/");
	ck_assert_int_le(size_of(path), 20000);
	ck_assert_int_eq(have, (int)frames(&node));
	limit_files(&node, RLIM_INFINITY);
	HARNESS_WAIT(
	    WAIT_MS, (ask_times(&node, 10), frames(&node) >= have + 10));
	/* On to the greatest size of its own. */
	for (int i = 0; dropped(&node, "size") == 0; i++) {
		ck_assert_int_lt(i, 100);
		ask_times(&node, 1000);
	}
	ck_assert_int_le(size_of(path), 1 << 20);
	ck_assert_int_eq(unlink(path), 0);
	logged = frames(&node);
	HARNESS_WAIT(
	    WAIT_MS, (ask_times(&node, 10), frames(&node) >= logged + 10));
	harness_stop(h, node.server);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"file", a_file_has_what_was_answered_and_decided, 0},
	    {"reloads", reloads_change_it, 0},
	    {"rotated", files_are_rotated_and_gone_on_with, 0},
	    {"other", other_files_are_left_alone, 0},
	    {"hangs", a_reader_that_hangs_costs_no_answer, 120},
	    {"comes", a_reader_may_come_and_go, 0},
	    {"disk", a_disk_that_is_full_costs_no_answer, 120},
	};

	return harness_main(
	    "query_log", cases, sizeof(cases) / sizeof(cases[0]));
}
