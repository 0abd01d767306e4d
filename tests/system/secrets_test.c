/*
 * What checks carry that nobody else may know: a server that says it back in
 * every part of its answers finds no way for it into log, database, pages,
 * hooks or terminal; a new token counts without a reload, and one that is gone
 * is told of.
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
#include "tests/system/output.h"

#define OLD_TOKEN "tok-0f1e2d3c"
#define NEW_TOKEN "tok-4b5a6978"
#define PASSWORD "pw-8796a5b4"
#define BASIC "cHJvYmU6cHctODc5NmE1YjQ=" /* probe:PASSWORD in base64 */
#define API_KEY "key-c3d2e1f0"

static const char *const secrets[] = {
    OLD_TOKEN, NEW_TOKEN, PASSWORD, BASIC, API_KEY};

/* The value of a header in a request, "" when it is not there. */
static const char *
value(const char *request, const char *name, char out[256])
{
	const char *at = strstr(request, name);

	out[0] = '\0';
	if (at != NULL)
		sscanf(at + strlen(name), " %255[^\r\n]", out);
	return out;
}

/* Good is who has the new token; all that was given is said back. */
static void
answer(int fd)
{
	char request[8192] = "", answer[4096], given[256], key[256];
	ssize_t n = recv(fd, request, sizeof(request) - 1, 0);
	bool good = strstr(request, NEW_TOKEN) != NULL;

	if (n <= 0)
		return;
	value(request, "Authorization:", given);
	value(request, "X-Api-Key:", key);
	n = snprintf(answer, sizeof(answer),
	    "HTTP/1.1 %s %s %s\r\nX-Given: %s %s\r\n"
	    "Location: http://127.0.0.1/%s\r\n"
	    "Endpoint-Load-Metrics: TEXT %s=%s\r\nConnection: close\r\n"
	    "WWW-Authenticate: Bearer realm=\"%s\"\r\n\r\n"
	    "{\"error\": \"%s %s\"}",
	    good ? "200" : "401", given, key, given, key, key, given, key,
	    given, given, key);
	(void)!send(fd, answer, (size_t)n, MSG_NOSIGNAL);
}

static pid_t
start_parrot(uint16_t port)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
	pid_t pid;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	ck_assert_int_eq(listen(fd, 64), 0);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;) {
			int client = accept(fd, NULL, NULL);

			answer(client);
			close(client);
		}
	}
	close(fd);
	return pid;
}

static void
write_secret(struct harness *h, const char *name, const char *text)
{
	harness_write(h, name, "%s\n", text);
	ck_assert_int_eq(chmod(harness_path(h, name), 0600), 0);
}

static void
none_in(const char *where, const char *text)
{
	ck_assert_msg(text[0] != '\0', "nothing in %s", where);
	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
		ck_assert_msg(strstr(text, secrets[i]) == NULL, "%s in %s: %s",
		    secrets[i], where, text);
}

static void
none_in_what_is_said(struct node *node, uint16_t pages)
{
	static const char *const commands[] = {
	    "status", "events", "check", NULL};
	char url[64];
	const char *out;

	for (const char *const *c = commands; *c != NULL; c++) {
		(void)node_ctl(node, &out, *c);
		none_in(*c, out);
	}
	(void)node_ctl(node, &out, "probe", "token");
	none_in("probe token", out);
	(void)node_ctl(node, &out, "probe", "basic");
	none_in("probe basic", out);
	(void)node_ctl(node, &out, "explain", "one.inference.example",
	    "--client", "84.128.0.0/24");
	none_in("explain", out);
	none_in("metrics of meridiand", node_page(node, "/metrics"));
	none_in("status of meridiand", node_page(node, "/api/v1/status"));
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/metrics", pages);
	ck_assert_int_eq(harness_http(node->h, "GET", url, &out), 200);
	none_in("metrics of the probe", out);
	none_in("state.db", node_sql(node, ".dump"));
	none_in("what the hook was told",
	    harness_read(node->h, harness_path(node->h, "told")));
	none_in("probe.log",
	    harness_read(node->h, harness_path(node->h, "probe.log")));
	none_in("meridiand.log",
	    harness_read(node->h, harness_path(node->h, "meridiand.log")));
}

/* ${n} endpoints in that health. */
static bool
has(struct node *node, const char *health, const char *endpoint)
{
	char sql[160];

	snprintf(sql, sizeof(sql),
	    "SELECT count(*) FROM endpoint WHERE health = '%s' AND "
	    "endpoint = '%s'",
	    health, endpoint);
	return strcmp(node_sql(node, sql), "1\n") == 0;
}

static void
write_files(struct node *node, uint16_t parrot, uint16_t pages)
{
	char extra[1024];

	write_secret(node->h, "token", OLD_TOKEN);
	write_secret(node->h, "password", PASSWORD);
	snprintf(extra, sizeof(extra),
	    "probe: {http: \"127.0.0.1:%u\"}\n"
	    "hooks: [{name: note, command: [/bin/sh, -c, \"cat >>%s\"], "
	    "at_most: 60/m}]\n",
	    pages, harness_path(node->h, "told"));
	node_config(node, extra);
	node_records(node, node_zone);
	node_steering(node,
	    "regions: {here: {at: [50.1, 8.7]}}\n"
	    "checks:\n"
	    "  t: {preset: http, port: %u, every: 300ms, timeout: 1500ms, "
	    "fall: 1, rise: 1, token_file: token, load: {path: /metrics, "
	    "metrics: {waiting: q}, "
	    "every: 1s}, body: {has: [error]}}\n"
	    "  b: {preset: http, port: %u, every: 300ms, timeout: 1500ms, "
	    "fall: 1, rise: 1, basic: {user: probe, password_file: password}, "
	    "headers: {X-Api-Key: " API_KEY "}}\n"
	    "pools:\n"
	    "  tokens: {check: t, endpoints: [{name: token, region: here, "
	    "address: 127.0.0.1}]}\n"
	    "  basics: {check: b, endpoints: [{name: basic, region: here, "
	    "address: 127.0.0.1}]}\n"
	    "services: {one: {split: {tokens: 1, basics: 1}}}\n",
	    parrot, parrot);
}

START_TEST(a_parrot_gives_nothing_away)
{
	struct harness *h = harness_create();
	uint16_t port = harness_port(h), pages = harness_port(h);
	struct node node;
	pid_t parrot = start_parrot(port);

	node_init(&node, h);
	write_files(&node, port, pages);
	node_serve(&node);
	node_check(&node);
	HARNESS_WAIT(10000, has(&node, "down", "token"));
	HARNESS_WAIT(10000, has(&node, "down", "basic"));
	/* Another file counts from the next look at it, without a reload. */
	write_secret(h, "token", NEW_TOKEN);
	HARNESS_WAIT(10000, has(&node, "up", "token"));
	write_secret(h, "token", OLD_TOKEN);
	HARNESS_WAIT(10000, has(&node, "down", "token"));
	HARNESS_WAIT(10000,
	    strstr(harness_read(h, harness_path(h, "told")), "down") != NULL);
	none_in_what_is_said(&node, pages);
	harness_stop(h, node.probe);
	harness_stop(h, node.server);
	kill(parrot, SIGKILL);
	harness_destroy(h);
}
END_TEST

/* What is up and cannot be asked any more is not well: that is said. */
START_TEST(a_secret_that_is_gone_is_in_the_status)
{
	struct harness *h = harness_create();
	uint16_t port = harness_port(h), pages = harness_port(h);
	const char *out;
	struct node node;
	pid_t parrot = start_parrot(port);

	node_init(&node, h);
	write_files(&node, port, pages);
	write_secret(h, "token", NEW_TOKEN);
	node_serve(&node);
	node_check(&node);
	HARNESS_WAIT(10000, has(&node, "up", "token"));
	(void)node_ctl(&node, &out, "status");
	ck_assert_ptr_null(strstr(out, "ENDPOINTS NOT JUDGED"));
	ck_assert_int_eq(unlink(harness_path(h, "token")), 0);
	HARNESS_WAIT(10000,
	    strstr(node_sql(&node, "SELECT reason FROM endpoint"),
		"probe: cannot use") != NULL);
	ck_assert(has(&node, "up", "token"));
	HARNESS_WAIT(10000,
	    node_ctl(&node, &out, "status") == 1 &&
		strstr(out, "ENDPOINTS NOT JUDGED: token of tokens: probe: ") !=
		    NULL);
	output_contains(out, "\n      test: up for ");
	harness_stop(h, node.probe);
	harness_stop(h, node.server);
	kill(parrot, SIGKILL);
	harness_destroy(h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"a parrot", a_parrot_gives_nothing_away, 0},
	    {"a secret that is gone", a_secret_that_is_gone_is_in_the_status,
		0},
	};

	return harness_main("secrets", cases, sizeof(cases) / sizeof(cases[0]));
}
