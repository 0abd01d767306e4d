/*
 * The probe and HAProxy of the distribution: what an operator reads of each way
 * in which it is set up, and that nothing that it does to connections in good
 * order is taken for a failure.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "tests/system/certificates.h"
#include "tests/system/rows.h"

#define HAPROXY "/usr/sbin/haproxy"

enum server {
	PLAIN,
	IDLE,
	SECURE,
	SECURE_IDLE,
	MUTUAL,
	MUTUAL_1_2,
	LIMITED,
	BACKEND,
	NOBODY, /* nothing listens */
	SERVERS
};

struct haproxy {
	struct node node;
	uint16_t ports[SERVERS];
	pid_t pid;
};

#define HEAD                                                                 \
	"global\n"                                                           \
	"  maxconn 500\n"                                                    \
	"  ssl-default-bind-options ssl-min-ver TLSv1.2\n"                   \
	"defaults\n"                                                         \
	"  mode http\n"                                                      \
	"  timeout connect 1s\n  timeout client 10s\n  timeout server 10s\n" \
	"  timeout http-keep-alive 10s\n"                                    \
	"userlist people\n"                                                  \
	"  user probe insecure-password sesame\n"

/* What it answers by itself, for every frontend. */
#define PAGES                                                                 \
	"  http-request redirect location https://elsewhere.example/ if { "   \
	"path /moved }\n"                                                     \
	"  http-request return status 503 hdr Retry-After 3 if { path /full " \
	"}\n"                                                                 \
	"  http-request auth if { path /secret } !{ http_auth(people) }\n"    \
	"  http-request deny deny_status 404 if { path /exact } !{ "          \
	"hdr(host) -m str " CERTIFICATE_HOST " }\n"                           \
	"  http-request return status 200 content-type text/plain "           \
	"lf-string \"HTTP/%%[req.ver]\"\n"

#define TLS_BIND "  bind 127.0.0.1:%u ssl crt %s alpn h2,http/1.1"

static void
write_files(struct haproxy *x)
{
	const char *pair = harness_path(x->node.h, "server.pair");
	const char *ca = harness_path(x->node.h, "ca.pem");
	const uint16_t *p = x->ports;

	harness_write(x->node.h, "haproxy.cfg",
	    HEAD
	    "frontend plain\n"
	    "  bind 127.0.0.1:%u\n  bind [::1]:%u\n" PAGES "frontend idle\n"
	    "  bind 127.0.0.1:%u\n  timeout http-keep-alive 100ms\n" PAGES
	    "frontend secure\n" TLS_BIND "\n" PAGES
	    "frontend secure_idle\n" TLS_BIND
	    "\n  timeout http-keep-alive 100ms\n" PAGES
	    "frontend mutual\n" TLS_BIND " verify required ca-file %s\n" PAGES
	    "frontend mutual12\n" TLS_BIND
	    " verify required ca-file %s ssl-max-ver TLSv1.2\n" PAGES
	    "frontend limited\n"
	    "  bind 127.0.0.1:%u\n"
	    "  stick-table type ip size 1k expire 1h store http_req_cnt\n"
	    "  http-request track-sc0 src if { path /v1/completions }\n"
	    "  http-request deny deny_status 429 if { path /v1/completions } { "
	    "sc_http_req_cnt(0) gt 1 }\n"
	    "  http-request return status 200 content-type application/json "
	    "string '{\"data\":[{\"id\":\"llama\"}],\"choices\":"
	    "[{\"text\":\"a\"}]}'\n"
	    "frontend backend\n"
	    "  bind 127.0.0.1:%u\n  default_backend engine\n"
	    "backend engine\n  retries 0\n"
	    "  server one 127.0.0.1:%u\n",
	    p[PLAIN], p[PLAIN], p[IDLE], p[SECURE], pair, p[SECURE_IDLE], pair,
	    p[MUTUAL], pair, ca, p[MUTUAL_1_2], pair, ca, p[LIMITED],
	    p[BACKEND], p[NOBODY]);
	harness_write(x->node.h, "password", "sesame\n");
	harness_write(x->node.h, "wrong", "open\n");
}

static bool
answers(struct haproxy *x)
{
	char url[64];

	snprintf(url, sizeof(url), "http://127.0.0.1:%u/", x->ports[PLAIN]);
	return harness_http(x->node.h, "GET", url, NULL) == 200;
}

static void
start(struct haproxy *x, const struct row *rows, size_t n)
{
	struct harness *h = harness_create();

	node_init(&x->node, h);
	for (size_t i = 0; i < SERVERS; i++)
		x->ports[i] = harness_port(h);
	certificates_make(h);
	write_files(x);
	x->pid = harness_start(h, "haproxy.log", HAPROXY, "-db", "-f",
	    harness_path(h, "haproxy.cfg"), NULL);
	HARNESS_WAIT(10000, answers(x));
	rows_start(&x->node, rows, n, x->ports);
}

static void
stop(struct haproxy *x)
{
	harness_stop(x->node.h, x->node.probe);
	if (harness_running(x->node.h, x->pid))
		harness_kill(x->node.h, x->pid);
	harness_destroy(x->node.h);
}

#define HTTPS "scheme: https, ca: ca.pem"
#define N(rows) (sizeof(rows) / sizeof((rows)[0]))

START_TEST(each_way_it_is_set_up)
{
	static const struct row rows[] = {
	    {"plain", "body: {has: [HTTP/1.1]}", NULL, PLAIN, "up", ""},
	    {"six", "", "::1", PLAIN, "up", ""},
	    {"redirects", "path: /moved", NULL, PLAIN, "up", ""},
	    {"no-redirects", "path: /moved, expect: 200", NULL, PLAIN, "down",
		"status 302"},
	    {"full", "path: /full", NULL, PLAIN, "down", "status 503"},
	    {"basic",
		"path: /secret, basic: {user: probe, password_file: password}",
		NULL, PLAIN, "up", ""},
	    {"basic-wrong",
		"path: /secret, basic: {user: probe, password_file: wrong}",
		NULL, PLAIN, "down", "status 401"},
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
	    {"http2", HTTPS ", http2: true, body: {has: [HTTP/2.0]}", NULL,
		SECURE, "up", ""},
	    {"client", HTTPS ", certificate: client.pem, key: client.key", NULL,
		MUTUAL, "up", ""},
	    {"client-http2",
		HTTPS ", http2: true, certificate: client.pem, key: client.key",
		NULL, MUTUAL, "up", ""},
	    {"client-none", HTTPS, NULL, MUTUAL, "down",
		"tls: the server wants a client certificate"},
	    {"client-none-http2", HTTPS ", http2: true", NULL, MUTUAL, "down",
		"tls: the server wants a client certificate"},
	    {"client-stranger",
		HTTPS ", certificate: stranger.pem, key: stranger.key", NULL,
		MUTUAL, "down",
		"tls: our client certificate: tlsv1 alert unknown ca"},
	    {"client12", HTTPS ", certificate: client.pem, key: client.key",
		NULL, MUTUAL_1_2, "up", ""},
	    {"client12-none", HTTPS, NULL, MUTUAL_1_2, "down",
		"tls: the server wants a client certificate"},
	    {"client12-stranger",
		HTTPS ", certificate: stranger.pem, key: stranger.key", NULL,
		MUTUAL_1_2, "down",
		"tls: our client certificate: tlsv1 alert unknown ca"},
	    {"no-engine", "preset: vllm", NULL, BACKEND, "down", "status 503"},
	    {"nobody", "", NULL, NOBODY, "down", "refused"},
	};
	struct haproxy x;

	start(&x, rows, N(rows));
	rows_expect(&x.node, rows, N(rows));
	rows_go_on(&x.node, rows, N(rows), 2);
	rows_expect(&x.node, rows, N(rows));
	rows_never_failed(&x.node, rows, N(rows));
	stop(&x);
}
END_TEST

/* Every check meets a connection that is about to be closed, or has just been;
 * then it is stopped in good order, and ends though connections were kept. */
START_TEST(connections_that_it_ends)
{
#define KEPT "every: 100ms, timeout: 1600ms, reuse: true"
	static const struct row rows[] = {
	    {"idle", KEPT, NULL, IDLE, "up", ""},
	    {"idle-2", KEPT, NULL, IDLE, "up", ""},
	    {"idle-3", KEPT, NULL, IDLE, "up", ""},
	    {"idle-4", KEPT, NULL, IDLE, "up", ""},
	    {"tls", KEPT ", " HTTPS, NULL, SECURE_IDLE, "up", ""},
	    {"tls-2", KEPT ", " HTTPS, NULL, SECURE_IDLE, "up", ""},
	    {"http2", KEPT ", http2: true, " HTTPS, NULL, SECURE_IDLE, "up",
		""},
	    {"http2-2", KEPT ", http2: true, " HTTPS, NULL, SECURE_IDLE, "up",
		""},
	    {"kept", KEPT, NULL, PLAIN, "up", ""},
	    {"kept-http2", KEPT ", http2: true, " HTTPS, NULL, SECURE, "up",
		""},
	};
	struct haproxy x;

	start(&x, rows, N(rows));
	rows_expect(&x.node, rows, N(rows));
	rows_go_on(&x.node, rows, N(rows), 20);
	rows_never_failed(&x.node, rows, N(rows));
	harness_signal(x.node.h, x.pid, SIGUSR1);
	for (size_t i = 0; i < N(rows); i++)
		rows_expect_state(&x.node, rows[i].name, "down", "refused");
	ck_assert_int_eq(harness_wait(x.node.h, x.pid, 15000), 0);
	stop(&x);
}
END_TEST

/* What it holds back for an inference server is load, not death. */
START_TEST(limits_are_load)
{
	static const struct row rows[] = {
	    {"limited",
		"preset: vllm, model: llama, load: {every: 1s}, "
		"deep: {every: 1s, timeout: 1s, fall: 1, rise: 1}",
		NULL, LIMITED, "up", ""},
	};
	struct haproxy x;

	start(&x, rows, N(rows));
	HARNESS_WAIT(20000,
	    strcmp(node_sql(&x.node, "SELECT busy > 0.05 FROM load"), "1\n") ==
		0);
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
	    {"limits are load", limits_are_load, 180},
	};

	return harness_main("haproxy", cases, N(cases));
}
