/*
 * Hooks: a webhook and a command are told what changed, signed, again where the
 * receiver failed, and no receiver that hangs keeps a check waiting.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/system/node.h"

/* A receiver: it appends each request to the file ${log}, answers the first
 * ${refused} of them with 500, others with 204; with ${hangs} it answers none.
 */
static void
receive(int listener, const char *log, unsigned refused, bool hangs)
{
	for (;;) {
		char request[8192] = "", answer[80];
		int fd = accept(listener, NULL, NULL);
		size_t len = 0;
		FILE *file;

		if (hangs)
			continue;
		while (len < sizeof(request) - 1 &&
		    strstr(request, "\n}\n") == NULL) {
			ssize_t n =
			    read(fd, request + len, sizeof(request) - 1 - len);

			if (n <= 0)
				break;
			len += (size_t)n;
		}
		file = fopen(log, "a");
		if (file != NULL) {
			fputs(request, file);
			fclose(file);
		}
		snprintf(answer, sizeof(answer),
		    "HTTP/1.1 %s\r\nContent-Length: 0\r\nConnection: "
		    "close\r\n\r\n",
		    refused > 0 ? "500 No" : "204 Taken");
		refused -= refused > 0;
		(void)!write(fd, answer, strlen(answer));
		close(fd);
	}
}

static pid_t
start_receiver(uint16_t port, const char *log, unsigned refused, bool hangs)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
	pid_t pid;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	ck_assert_int_eq(listen(fd, 16), 0);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		receive(fd, log, refused, hangs);
	}
	close(fd);
	return pid;
}

static void
prepare(struct node *node, struct harness *h, const char *hooks)
{
	node_init(node, h);
	node_standins(node);
	node_pair(
	    node, hooks, "every: 200ms, timeout: 1500ms, fall: 2, rise: 1");
	node_check(node);
	HARNESS_WAIT(10000,
	    strstr(harness_read(h, harness_path(h, "probe.log")), "us is up") !=
		NULL);
}

START_TEST(a_webhook_is_told_signed_and_again)
{
	struct harness *h = harness_create();
	char log[512], hooks[256];
	uint16_t port = harness_port(h);
	struct node node;
	pid_t receiver;

	snprintf(log, sizeof(log), "%s", harness_path(h, "told"));
	harness_write(h, "secret", "whsec\n");
	ck_assert_int_eq(chmod(harness_path(h, "secret"), 0600), 0);
	snprintf(hooks, sizeof(hooks),
	    "hooks: [{name: pager, url: \"http://localhost:%u/x\", "
	    "secret_file: secret, at_most: 60/m}]\n",
	    port);
	receiver = start_receiver(port, log, 1, false);
	prepare(&node, h, hooks);
	/* That endpoints are up at a start is no news. */
	ck_assert_str_eq(harness_read(h, log), "");
	node_order(&node, 0, "health=down");
	HARNESS_WAIT(
	    10000, strstr(harness_read(h, log), "\"after\": \"down\"") != NULL);
	ck_assert_ptr_nonnull(
	    strstr(harness_read(h, log), "Meridian-Signature: t="));
	ck_assert_ptr_nonnull(strstr(harness_read(h, log), "POST /x "));
	ck_assert_ptr_nonnull(
	    strstr(harness_read(h, log), "\"region\": \"us-east\""));
	/* The first was refused, and comes again. */
	HARNESS_WAIT(10000,
	    strstr(strstr(harness_read(h, log), "POST /x ") + 1, "POST /x ") !=
		NULL);
	node_order(&node, 0, "health=up");
	HARNESS_WAIT(
	    10000, strstr(harness_read(h, log), "\"after\": \"up\"") != NULL);
	HARNESS_WAIT(5000,
	    strstr(harness_read(h, harness_path(h, "probe.log")),
		"hook pager: works again") != NULL);
	harness_stop(h, node.probe);
	kill(receiver, SIGKILL);
	harness_destroy(h);
}
END_TEST

START_TEST(a_command_is_told_on_its_input_and_by_its_environment)
{
	struct harness *h = harness_create();
	char hooks[1200], log[512];
	struct node node;

	snprintf(log, sizeof(log), "%s", harness_path(h, "told"));
	harness_write(h, "page",
	    "#!/bin/sh\n# Notes what it is told.\n"
	    "{ echo \"$MERIDIAN_ENDPOINT $MERIDIAN_AFTER $1\"; cat; } >>%s\n",
	    log);
	ck_assert_int_eq(chmod(harness_path(h, "page"), 0755), 0);
	snprintf(hooks, sizeof(hooks),
	    "hooks: [{name: page, command: [page, \"$(now)\"], on: [down], "
	    "pools: [\"v*\"]}]\n");
	prepare(&node, h, hooks);
	node_order(&node, 0, "health=down");
	HARNESS_WAIT(
	    10000, strstr(harness_read(h, log), "us down $(now)\n{\n") != NULL);
	HARNESS_WAIT(
	    10000, strstr(harness_read(h, log), "\"count\": 1") != NULL);
	harness_stop(h, node.probe);
	harness_destroy(h);
}
END_TEST

START_TEST(a_receiver_that_hangs_keeps_nothing_waiting)
{
	struct harness *h = harness_create();
	char hooks[256];
	uint16_t port = harness_port(h);
	struct node node;
	pid_t receiver;
	int64_t began;

	snprintf(hooks, sizeof(hooks),
	    "hooks: [{name: pager, url: \"http://127.0.0.1:%u/\", timeout: "
	    "60s}]\n",
	    port);
	receiver = start_receiver(port, "", 0, true);
	prepare(&node, h, hooks);
	node_order(&node, 0, "health=down");
	HARNESS_WAIT(10000,
	    strstr(harness_read(h, harness_path(h, "probe.log")),
		"us is down") != NULL);
	node_order(&node, 0, "health=up");
	HARNESS_WAIT(10000,
	    strstr(harness_read(h, harness_path(h, "probe.log")),
		"us is up again") != NULL);
	began = harness_ms();
	harness_stop(h, node.probe);
	ck_assert_int_lt(harness_ms() - began, 6000);
	ck_assert_ptr_nonnull(
	    strstr(harness_read(h, harness_path(h, "probe.log")), "not told"));
	kill(receiver, SIGKILL);
	harness_destroy(h);
}
END_TEST

/* A hook that appends a line of what it is told to "told". */
static void
write_page(struct harness *h, const char *line)
{
	harness_write(
	    h, "page", "#!/bin/sh\n%s >>%s\n", line, harness_path(h, "told"));
	ck_assert_int_eq(chmod(harness_path(h, "page"), 0755), 0);
}

static const char *
probe_log(struct harness *h)
{
	return harness_read(h, harness_path(h, "probe.log"));
}

/* The process that writes for the probe; it is its only child but for hooks
 * that run. */
static pid_t
writer_of(struct node *node)
{
	char path[64], name[64];
	const char *list;
	char *end;

	(void)snprintf(path, sizeof(path), "/proc/%d/task/%d/children",
	    (int)node->probe, (int)node->probe);
	list = harness_read(node->h, path);
	for (long pid; (pid = strtol(list, &end, 10)) > 0; list = end) {
		(void)snprintf(name, sizeof(name), "/proc/%ld/comm", pid);
		if (strcmp(harness_read(node->h, name), "state-record\n") == 0)
			return (pid_t)pid;
	}
	ck_abort_msg("there is no writing process");
	return -1;
}

static void
prepare_page(struct node *node, struct harness *h)
{
	write_page(h, "cat");
	prepare(node, h, "hooks: [{name: page, command: [page]}]\n");
}

static bool
told(struct harness *h, const char *words)
{
	return strstr(harness_read(h, harness_path(h, "told")), words) != NULL;
}

/* The writing process does not come to it, and nobody knows why yet. */
START_TEST(a_change_is_told_when_it_is_written_or_cannot_be)
{
	struct harness *h = harness_create();
	struct node node;
	int64_t at;
	pid_t writer;

	prepare_page(&node, h);
	writer = writer_of(&node);
	ck_assert_int_eq(kill(writer, SIGSTOP), 0);
	node_order(&node, 0, "health=down");
	HARNESS_WAIT(10000, strstr(probe_log(h), "us is down") != NULL);
	at = harness_ms();
	while (harness_ms() < at + 500) {
		bool early = told(h, "\"after\": \"down\"");

		/* Unless the machine was slow to show us the log. */
		ck_assert(!early || harness_ms() > at + 300);
		harness_pause();
	}
	/* It is not held for longer than a second. */
	HARNESS_WAIT(10000, told(h, "\"after\": \"down\""));
	ck_assert_int_eq(kill(writer, SIGCONT), 0);
	node_order(&node, 0, "health=up");
	HARNESS_WAIT(10000, told(h, "\"after\": \"up\""));
	harness_stop(h, node.probe);
	harness_destroy(h);
}
END_TEST

/* Killed with its writing process in the moment after: what was told is there.
 */
START_TEST(what_was_told_is_in_the_events)
{
	struct harness *h = harness_create();
	struct node node;
	char sql[128];
	const char *at;
	int n = 0;

	prepare_page(&node, h);
	for (int i = 0; i < 6; i++) {
		const char *after = i % 2 == 0 ? "down" : "up";
		size_t had = strlen(harness_read(h, harness_path(h, "told")));
		pid_t writer = writer_of(&node);
		char order[32];

		(void)snprintf(order, sizeof(order), "health=%s", after);
		node_order(&node, 0, order);
		HARNESS_WAIT(15000,
		    strlen(harness_read(h, harness_path(h, "told"))) > had);
		ck_assert_int_eq(kill(writer, SIGKILL), 0);
		harness_kill(h, node.probe);
		node_check(&node);
		HARNESS_WAIT(10000,
		    strcmp(node_sql(&node,
			       "SELECT count(*) FROM vantage WHERE owner_pid "
			       "IS NOT NULL"),
			"1\n") == 0);
		HARNESS_WAIT(10000,
		    strtol(node_sql(&node, "SELECT owner_pid FROM vantage"),
			NULL, 10) == node.probe);
	}
	at = harness_read(h, harness_path(h, "told"));
	while ((at = strstr(at, "\"at_ms\": ")) != NULL) {
		at += strlen("\"at_ms\": ");
		(void)snprintf(sql, sizeof(sql),
		    "SELECT count(*) FROM event WHERE at_ms = %.13s", at);
		ck_assert_msg(strcmp(node_sql(&node, sql), "0\n") != 0,
		    "told and not there: %.80s", at);
		n++;
	}
	ck_assert_int_ge(n, 6);
	harness_stop(h, node.probe);
	harness_destroy(h);
}
END_TEST

/* With a colour and a bell, which must not reach a terminal. */
START_TEST(what_a_command_says_when_it_fails_is_logged)
{
	struct harness *h = harness_create();
	struct node node;

	harness_write(h, "page",
	    "#!/bin/sh\nyes no | head -c 300000 >&2\n"
	    "printf '\\033[31mno route\\a\\nto pager\\n' >&2\nexit 3\n");
	ck_assert_int_eq(chmod(harness_path(h, "page"), 0755), 0);
	prepare(&node, h, "hooks: [{name: page, command: [page]}]\n");
	node_order(&node, 0, "health=down");
	HARNESS_WAIT(10000,
	    strstr(probe_log(h), "hook page: exit status 3, it said: ") !=
		NULL);
	ck_assert_ptr_nonnull(
	    strstr(probe_log(h), "?[31mno route?|to pager\n"));
	harness_stop(h, node.probe);
	harness_destroy(h);
}
END_TEST

/* The first message cannot be told where the file says; the next file mends
 * that, and has another hook beside it. */
START_TEST(a_reload_takes_hooks_in_with_what_waits)
{
	struct harness *h = harness_create();
	char hooks[512];
	struct node node;

	write_page(h, "echo \"$1 $MERIDIAN_ENDPOINT $MERIDIAN_AFTER\"");
	snprintf(hooks, sizeof(hooks),
	    "hooks: [{name: pager, url: \"http://127.0.0.1:%u/\", at_most: "
	    "600/m}, {name: gone, command: [page, gone]}]\n",
	    harness_port(h));
	prepare(&node, h, hooks);
	node_order(&node, 0, "health=down");
	HARNESS_WAIT(10000,
	    strstr(harness_read(h, harness_path(h, "told")),
		"gone us down\n") != NULL);
	HARNESS_WAIT(
	    10000, strstr(probe_log(h), "warning: hook pager: ") != NULL);
	node_pair(&node,
	    "hooks: [{name: pager, command: [page, mended], at_most: 600/m}, "
	    "{name: new, command: [page, new], on: [up]}]\n",
	    "every: 200ms, timeout: 1500ms, fall: 2, rise: 1");
	kill(node.probe, SIGHUP);
	HARNESS_WAIT(10000,
	    strstr(harness_read(h, harness_path(h, "told")),
		"mended us down\n") != NULL);
	HARNESS_WAIT(
	    10000, strstr(probe_log(h), "hook pager: works again") != NULL);
	node_order(&node, 0, "health=up");
	HARNESS_WAIT(10000,
	    strstr(harness_read(h, harness_path(h, "told")), "new us up\n") !=
		NULL);
	HARNESS_WAIT(10000,
	    strstr(harness_read(h, harness_path(h, "told")),
		"mended us up\n") != NULL);
	ck_assert_ptr_null(
	    strstr(harness_read(h, harness_path(h, "told")), "gone us up"));
	harness_stop(h, node.probe);
	harness_destroy(h);
}
END_TEST

#define FLOOD 300
#define WAVES 4

static void
steer_flood(struct node *node)
{
	FILE *file = fopen(harness_path(node->h, "inference.yaml"), "w");

	ck_assert_ptr_nonnull(file);
	fprintf(file,
	    "regions: {r: {at: [1, 2]}}\n"
	    "checks: {c: {preset: http, path: /health, every: 1s, timeout: "
	    "900ms, fall: 1, rise: 1}}\n"
	    "pools:\n  v1:\n    check: c\n    endpoints:\n");
	for (unsigned i = 0; i < FLOOD; i++)
		fprintf(file,
		    "      - {name: e%u, region: r, address: 192.0.2.%u, "
		    "check_at: \"127.0.0.1:%u\"}\n",
		    i, i % 250 + 1, node->standin_port[0]);
	fprintf(file, "services: {one: {pool: v1}}\n");
	fclose(file);
}

/* All are ${health} within some rounds of checks. */
static void
wave(struct node *node, const char *health)
{
	char order[32], sql[80], all[16];
	int64_t began = harness_ms();

	snprintf(order, sizeof(order), "health=%s", health);
	snprintf(sql, sizeof(sql),
	    "SELECT count(*) FROM endpoint WHERE health = '%s'", health);
	snprintf(all, sizeof(all), "%d\n", FLOOD);
	node_order(node, 0, order);
	HARNESS_WAIT(20000, strcmp(node_sql(node, sql), all) == 0);
	printf("measured: %d endpoints are %s after %ld ms\n", FLOOD, health,
	    (long)(harness_ms() - began));
}

/* Lines of "told", and the sum of the numbers in them. */
static unsigned
count_told(struct harness *h, unsigned long *changes)
{
	const char *at = harness_read(h, harness_path(h, "told"));
	unsigned lines = 0;

	*changes = 0;
	for (; *at != '\0' && strchr(at, '\n') != NULL;
	     at = strchr(at, '\n') + 1) {
		*changes += strtoul(at, NULL, 10);
		lines++;
	}
	return lines;
}

/* Every change is counted, in no more messages than are allowed, and a receiver
 * that hangs keeps no check waiting. */
START_TEST(a_flood_is_told_in_a_few_messages)
{
	struct harness *h = harness_create();
	char hooks[256];
	uint16_t port = harness_port(h);
	unsigned long changes;
	unsigned messages, most;
	struct node node;
	int64_t began;
	pid_t receiver = start_receiver(port, "", 0, true);

	write_page(h, "echo \"$MERIDIAN_COUNT\"");
	node_init(&node, h);
	node_standin(&node, 0);
	snprintf(hooks, sizeof(hooks),
	    "hooks: [{name: page, command: [page], at_most: 3/m}, {name: "
	    "hangs, url: \"http://127.0.0.1:%u/\", timeout: 60s}]\n",
	    port);
	node_config(&node, hooks);
	node_records(&node, node_zone);
	steer_flood(&node);
	node_check(&node);
	wave(&node, "up");
	began = harness_ms();
	for (int i = 0; i < WAVES; i++) {
		wave(&node, "down");
		wave(&node, "up");
	}
	messages = count_told(h, &changes);
	most = 4 + (unsigned)((harness_ms() - began) / 20000);
	printf("measured: %u messages of %lu changes, at most %u\n", messages,
	    changes, most);
	ck_assert_uint_le(messages, most);
	/* What waits is told on a stop. */
	harness_stop(h, node.probe);
	ck_assert_uint_eq(count_told(h, &changes), messages + 1);
	ck_assert_uint_eq(changes, 2 * WAVES * FLOOD);
	ck_assert_ptr_nonnull(strstr(
	    probe_log(h), "of them are only counted: see meridianctl events"));
	kill(receiver, SIGKILL);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"a webhook", a_webhook_is_told_signed_and_again, 0},
	    {"a command", a_command_is_told_on_its_input_and_by_its_environment,
		0},
	    {"a receiver that hangs",
		a_receiver_that_hangs_keeps_nothing_waiting, 0},
	    {"what is told", a_change_is_told_when_it_is_written_or_cannot_be,
		0},
	    {"what was told", what_was_told_is_in_the_events, 120},
	    {"a command fails", what_a_command_says_when_it_fails_is_logged, 0},
	    {"a reload", a_reload_takes_hooks_in_with_what_waits, 0},
	    {"a flood", a_flood_is_told_in_a_few_messages, 0},
	};

	return harness_main("hooks", cases, sizeof(cases) / sizeof(cases[0]));
}
