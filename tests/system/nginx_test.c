/*
 * The probe and nginx of the distribution: what an operator reads of each way
 * in which it is set up, and that nothing that nginx does to connections in
 * good order, as it ends them, reloads and stops, is taken for a failure.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/certificates.h"
#include "tests/system/rows.h"

#define NGINX "/usr/sbin/nginx"

enum server { PLAIN, CLOSING, IDLE, SECURE, SECURE_CLOSING, MUTUAL, SERVERS };

struct nginx {
	struct node node;
	uint16_t ports[SERVERS];
	pid_t pid;
};

/* All that nginx writes is in the test's folder.  An old worker would go on for
 * as long as its connections of HTTP/2 are used. */
#define HEAD                                                            \
	"daemon off;\n"                                                 \
	"%s" /* who the workers are */                                  \
	"pid nginx.pid;\n"                                              \
	"worker_processes 1;\n"                                         \
	"worker_shutdown_timeout 2s;\n"                                 \
	"error_log stderr warn;\n"                                      \
	"events {worker_connections 512;}\n"                            \
	"http {\n"                                                      \
	"  access_log off;\n"                                           \
	"  client_body_temp_path b; proxy_temp_path p;\n"               \
	"  fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;\n" \
	"  limit_req_zone $server_port zone=few:1m rate=1r/m;\n"        \
	"  limit_req_status 429;\n"                                     \
	"  ssl_certificate server.pem; ssl_certificate_key server.key;\n"

#define PAGES                                                                 \
	"    location = / {return 200 \"%u $server_protocol\\n\";}\n"         \
	"    location = /moved {return 302 https://elsewhere.example/;}\n"    \
	"    location = /full {add_header Retry-After 3 always; return "      \
	"503;}\n"                                                             \
	"    location = /secret {auth_basic x; auth_basic_user_file users;\n" \
	"      alias page;}\n"                                                \
	"    location = /posted {alias page;}\n"                              \
	"    location = /connections {stub_status;}\n"                        \
	"    location = /exact {\n"                                           \
	"      if ($http_host != " CERTIFICATE_HOST ") {return 404;}\n"       \
	"      return 200;}\n"

/* As it is put before an inference server, of which it lets through one
 * generation a minute. */
#define INFERENCE                                                        \
	"    location = /health {return 200;}\n"                         \
	"    location = /v1/models {\n"                                  \
	"      return 200 '{\"data\": [{\"id\": \"llama\"}]}';}\n"       \
	"    location = /v1/completions {\n"                             \
	"      if ($http_x_shape = full) {rewrite . /full last;}\n"      \
	"      if ($http_x_shape = broken) {return 503;}\n"              \
	"      limit_req zone=few;\n"                                    \
	"      proxy_pass http://127.0.0.1:%u/token;}\n"                 \
	"    location = /token {\n"                                      \
	"      return 200 '{\"choices\": [{\"text\": \"a\"}]}';}\n"      \
	"    location = /metrics {return 200 'vllm:num_requests_waiting" \
	" 1\\n';}\n"

static void
write_files(struct nginx *x, unsigned release)
{
	const uint16_t *p = x->ports;

	harness_write(x->node.h, "nginx.conf",
	    HEAD
	    "  server {listen 127.0.0.1:%u; listen [::1]:%u;\n" PAGES INFERENCE
	    "  }\n"
	    "  server {listen 127.0.0.1:%u; keepalive_requests 3;\n" PAGES
	    "  }\n"
	    "  server {listen 127.0.0.1:%u; keepalive_timeout 100ms;\n" PAGES
	    "  }\n"
	    "  server {listen 127.0.0.1:%u ssl http2;\n" PAGES "  }\n"
	    "  server {listen 127.0.0.1:%u ssl http2; keepalive_requests 3;\n"
	    "    keepalive_timeout 100ms;\n" PAGES "  }\n"
	    "  server {listen 127.0.0.1:%u ssl http2; ssl_verify_client on;\n"
	    "    ssl_client_certificate ca.pem;\n" PAGES "  }\n"
	    "}\n",
	    geteuid() == 0 ? "user root;\n" : "", p[PLAIN], p[PLAIN], release,
	    p[PLAIN], p[CLOSING], release, p[IDLE], release, p[SECURE], release,
	    p[SECURE_CLOSING], release, p[MUTUAL], release);
	harness_write(x->node.h, "users", "probe:{PLAIN}sesame\n");
	harness_write(x->node.h, "password", "sesame\n");
	harness_write(x->node.h, "wrong", "open\n");
	harness_write(x->node.h, "page", "ok\n");
}

/* What its page says, "1 HTTP/1.1"; "" when it does not answer. */
static const char *
page(struct nginx *x, enum server server, const char *path)
{
	static const char *body;
	char url[64];

	snprintf(
	    url, sizeof(url), "http://127.0.0.1:%u%s", x->ports[server], path);
	body = "";
	(void)harness_http(x->node.h, "GET", url, &body);
	return body;
}

static bool
is_release(struct nginx *x, unsigned release)
{
	return strtoul(page(x, PLAIN, "/"), NULL, 10) == release;
}

static void
start(struct nginx *x, const struct row *rows, size_t n)
{
	struct harness *h = harness_create();
	/* Its paths are relative to this. */
	const char *folder;

	node_init(&x->node, h);
	for (size_t i = 0; i < SERVERS; i++)
		x->ports[i] = harness_port(h);
	certificates_make(h);
	write_files(x, 1);
	folder = harness_path(h, "");
	x->pid = harness_start(h, "nginx.log", NGINX, "-p", folder, "-c",
	    "nginx.conf", "-e", "stderr", NULL);
	HARNESS_WAIT(10000, is_release(x, 1));
	rows_start(&x->node, rows, n, x->ports);
}

static void
stop(struct nginx *x)
{
	harness_stop(x->node.h, x->node.probe);
	if (harness_running(x->node.h, x->pid))
		harness_stop(x->node.h, x->pid);
	harness_destroy(x->node.h);
}

#define HTTPS "scheme: https, ca: ca.pem"
#define EVERY "every: 100ms, timeout: 1600ms"
#define N(rows) (sizeof(rows) / sizeof((rows)[0]))

START_TEST(each_way_it_is_set_up)
{
	static const struct row rows[] = {
	    {"plain", "", NULL, PLAIN, "up", ""},
	    {"six", "", "::1", PLAIN, "up", ""},
	    {"redirects", "path: /moved", NULL, PLAIN, "up", ""},
	    {"no-redirects", "path: /moved, expect: 200", NULL, PLAIN, "down",
		"status 302"},
	    {"full", "path: /full", NULL, PLAIN, "down", "status 503"},
	    {"nothing", "path: /none", NULL, PLAIN, "down", "status 404"},
	    {"basic",
		"path: /secret, body: {has: [ok]}, basic: {user: probe, "
		"password_file: password}",
		NULL, PLAIN, "up", ""},
	    {"basic-wrong",
		"path: /secret, basic: {user: probe, password_file: wrong}",
		NULL, PLAIN, "down", "status 401"},
	    {"basic-none", "path: /secret", NULL, PLAIN, "down", "status 401"},
	    {"host", "path: /exact, host: " CERTIFICATE_HOST, NULL, PLAIN,
		"down", "status 404"},
	    {"host-exact",
		"path: /exact, host_port: false, host: " CERTIFICATE_HOST, NULL,
		PLAIN, "up", ""},
	    {"host-http2",
		"path: /exact, host_port: false, http2: true, " HTTPS
		", host: " CERTIFICATE_HOST,
		NULL, SECURE, "up", ""},
	    {"tls", HTTPS ", body: {has: [HTTP/1.1]}", NULL, SECURE, "up", ""},
	    {"tls-named", HTTPS ", host: " CERTIFICATE_HOST, NULL, SECURE, "up",
		""},
	    {"tls-misnamed", HTTPS ", host: other.example", NULL, SECURE,
		"down", "tls: the certificate is for other names"},
	    {"tls-unknown", "scheme: https", NULL, SECURE, "down",
		"tls: unable to get local issuer certificate; the check has no "
		"host"},
	    {"tls-unverified", "scheme: https, verify: false", NULL, SECURE,
		"up", ""},
	    {"http2", HTTPS ", http2: true, body: {has: [HTTP/2.0]}", NULL,
		SECURE, "up", ""},
	    {"client", HTTPS ", certificate: client.pem, key: client.key", NULL,
		MUTUAL, "up", ""},
	    {"client-http2",
		HTTPS ", http2: true, certificate: client.pem, key: client.key",
		NULL, MUTUAL, "up", ""},
	    /* nginx says so over HTTP, after the handshake. */
	    {"client-none", HTTPS, NULL, MUTUAL, "down", "status 400"},
	    {"client-stranger",
		HTTPS ", certificate: stranger.pem, key: stranger.key", NULL,
		MUTUAL, "down", "status 400"},
	    {"not-tls", HTTPS, NULL, PLAIN, "down",
		"tls: wrong version number; the check has no host"},
	    {"not-plain", "", NULL, SECURE, "down", "status 400"},
	};
	struct nginx x;

	start(&x, rows, N(rows));
	rows_expect(&x.node, rows, N(rows));
	rows_go_on(&x.node, rows, N(rows), 2);
	rows_expect(&x.node, rows, N(rows));
	rows_never_failed(&x.node, rows, N(rows));
	stop(&x);
}
END_TEST

/* Every check meets a connection that is about to be closed, or has just been:
 * after so many requests, and after as long as there is between two checks. */
START_TEST(connections_that_it_ends)
{
/* Of connections that were accepted and handled, and of requests. */
#define COUNTS "requests\n "
	static const struct row rows[] = {
	    {"third", EVERY ", reuse: true", NULL, CLOSING, "up", ""},
	    {"idle", EVERY ", reuse: true", NULL, IDLE, "up", ""},
	    {"idle-2", EVERY ", reuse: true", NULL, IDLE, "up", ""},
	    {"idle-3", EVERY ", reuse: true", NULL, IDLE, "up", ""},
	    {"idle-4", EVERY ", reuse: true", NULL, IDLE, "up", ""},
	    {"tls", EVERY ", reuse: true, " HTTPS, NULL, SECURE_CLOSING, "up",
		""},
	    {"tls-2", EVERY ", reuse: true, " HTTPS, NULL, SECURE_CLOSING, "up",
		""},
	    {"http2", EVERY ", reuse: true, http2: true, " HTTPS, NULL,
		SECURE_CLOSING, "up", ""},
	    {"http2-2", EVERY ", reuse: true, http2: true, " HTTPS, NULL,
		SECURE_CLOSING, "up", ""},
	    {"kept", EVERY ", reuse: true", NULL, PLAIN, "up", ""},
	    {"kept-http2", EVERY ", reuse: true, http2: true, " HTTPS, NULL,
		SECURE, "up", ""},
	};
	unsigned long opened, asked;
	const char *line;
	struct nginx x;
	char *end;

	start(&x, rows, N(rows));
	rows_expect(&x.node, rows, N(rows));
	rows_go_on(&x.node, rows, N(rows), 20);
	rows_never_failed(&x.node, rows, N(rows));
	line = strstr(page(&x, PLAIN, "/connections"), COUNTS);
	ck_assert_ptr_nonnull(line);
	opened = strtoul(line + strlen(COUNTS), &end, 10);
	(void)strtoul(end, &end, 10);
	asked = strtoul(end, NULL, 10);
	printf("measured: %lu requests on %lu connections, none failed\n",
	    asked, opened);
	/* Two keep theirs. */
	ck_assert_uint_gt(asked, opened + 30);
	stop(&x);
}
END_TEST

/* While it is reloaded, again and again, all stay up; when it is stopped in
 * good order it ends, though connections to it were kept.  Connections on which
 * it was not asked yet it closes with a reset: one failure is no verdict. */
START_TEST(reloads_and_a_graceful_stop)
{
#define RELOADED EVERY ", fall: 3"
	static const struct row rows[] = {
	    {"plain", RELOADED, NULL, PLAIN, "up", ""},
	    {"kept", RELOADED ", reuse: true", NULL, PLAIN, "up", ""},
	    {"tls", RELOADED ", " HTTPS, NULL, SECURE, "up", ""},
	    {"kept-tls", RELOADED ", reuse: true, " HTTPS, NULL, SECURE, "up",
		""},
	    {"kept-http2", RELOADED ", reuse: true, http2: true, " HTTPS, NULL,
		SECURE, "up", ""},
	};
	struct nginx x;

	start(&x, rows, N(rows));
	rows_expect(&x.node, rows, N(rows));
	for (unsigned release = 2; release < 5; release++) {
		write_files(&x, release);
		harness_signal(x.node.h, x.pid, SIGHUP);
		HARNESS_WAIT(10000, is_release(&x, release));
		rows_go_on(&x.node, rows, N(rows), 3);
	}
	rows_never_failed(&x.node, rows, N(rows));
	harness_signal(x.node.h, x.pid, SIGQUIT);
	ck_assert_int_eq(harness_wait(x.node.h, x.pid, 10000), 0);
	for (size_t i = 0; i < N(rows); i++)
		rows_expect_state(&x.node, rows[i].name, "down", "refused");
	stop(&x);
}
END_TEST

/* Of its one worker. */
static pid_t
worker(struct nginx *x)
{
	char pid[16];
	const char *out;

	snprintf(pid, sizeof(pid), "%d", (int)x->pid);
	(void)harness_run(x->node.h, &out, "/usr/bin/pgrep", "-P", pid, NULL);
	return (pid_t)strtol(out, NULL, 10);
}

/* Requests that a worker died with are sent once more, on new connections, to
 * the next one: that a kept connection ends says nothing of the server. */
START_TEST(a_worker_that_dies_with_requests)
{
#define SLOWLY "every: 500ms, reuse: true"
	static const struct row rows[] = {
	    {"plain", SLOWLY, NULL, PLAIN, "up", ""},
	    {"tls", SLOWLY ", " HTTPS, NULL, SECURE, "up", ""},
	    {"http2", SLOWLY ", http2: true, " HTTPS, NULL, SECURE, "up", ""},
	    {"posts",
		SLOWLY
		", method: POST, request_body: x, path: /posted, expect: 405",
		NULL, PLAIN, "up", ""},
	};
	struct nginx x;
	pid_t pid, next;

	start(&x, rows, N(rows));
	rows_expect(&x.node, rows, N(rows));
	for (int i = 0; i < 3; i++) {
		rows_go_on(&x.node, rows, N(rows), 2);
		pid = worker(&x);
		ck_assert_int_gt(pid, 0);
		ck_assert_int_eq(kill(pid, SIGSTOP), 0);
		/* Each asks once at least. */
		usleep(600000);
		ck_assert_int_eq(kill(pid, SIGKILL), 0);
		HARNESS_WAIT(10000, (next = worker(&x)) > 0 && next != pid);
	}
	rows_go_on(&x.node, rows, N(rows), 2);
	rows_never_failed(&x.node, rows, N(rows));
	stop(&x);
}
END_TEST

static const char *
busy(struct nginx *x, const char *name)
{
	char sql[96];

	snprintf(sql, sizeof(sql),
	    "SELECT busy > 0.05 FROM load WHERE endpoint = '%s'", name);
	return node_sql(&x->node, sql);
}

/* What it holds back for an inference server is load, not death. */
START_TEST(limits_are_load)
{
#define VLLM                                              \
	"preset: vllm, model: llama, load: {every: 1s}, " \
	"deep: {every: 1s, timeout: 1s, fall: 1, rise: 1}"
	static const struct row rows[] = {
	    {"limited", VLLM, NULL, PLAIN, "up", ""},
	    {"full", VLLM ", headers: {X-Shape: full}", NULL, PLAIN, "up", ""},
	    {"broken", VLLM ", headers: {X-Shape: broken}", NULL, PLAIN, "down",
		"deep: status 503"},
	};
	struct nginx x;

	start(&x, rows, N(rows));
	rows_expect(&x.node, rows, N(rows));
	HARNESS_WAIT(20000, strcmp(busy(&x, "limited"), "1\n") == 0);
	HARNESS_WAIT(20000, strcmp(busy(&x, "full"), "1\n") == 0);
	rows_expect(&x.node, rows, N(rows));
	rows_never_failed(&x.node, rows, N(rows));
	stop(&x);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"each way it is set up", each_way_it_is_set_up, 180},
	    {"connections that it ends", connections_that_it_ends, 180},
	    {"reloads and a graceful stop", reloads_and_a_graceful_stop, 180},
	    {"a worker that dies with requests",
		a_worker_that_dies_with_requests, 180},
	    {"limits are load", limits_are_load, 180},
	};

	return harness_main("nginx", cases, N(cases));
}
