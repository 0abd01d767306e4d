/*
 * The probe and gRPC: a server of health on the gRPC library of the
 * distribution, in clear text, over TLS and behind nginx; each state of the
 * protocol, connections that the server ends, and a server that leaves.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/certificates.h"
#include "tests/system/rows.h"

enum server {
	PLAIN,
	SECURE,
	MUTUAL,
	AGED,
	BARE,
	PROXY,
	PROXY_SECURE,
	PROXY_LOST,
	NOBODY,
	SERVERS
};

struct world {
	struct node node;
	uint16_t ports[SERVERS];
	pid_t grpc, nginx;
};

static void
start_grpc(struct world *w)
{
	char ports[BARE + 1][8];
	struct harness *h = w->node.h;

	for (size_t i = 0; i <= BARE; i++)
		snprintf(ports[i], sizeof(ports[i]), "%u", w->ports[i]);
	w->grpc = harness_start(h, "grpc.log", "/usr/bin/python3",
	    "tests/system/health_server.py", harness_path(h, "."), ports[PLAIN],
	    ports[SECURE], ports[MUTUAL], ports[AGED], ports[BARE], NULL);
}

static void
start_nginx(struct world *w)
{
	struct harness *h = w->node.h;
	const uint16_t *p = w->ports;

	harness_write(h, "nginx.conf",
	    "daemon off;\n"
	    "%s"
	    "pid nginx.pid;\n"
	    "error_log stderr warn;\n"
	    "events {worker_connections 512;}\n"
	    "http {\n"
	    "  access_log off;\n"
	    "  client_body_temp_path b; proxy_temp_path p;\n"
	    "  fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;\n"
	    "  ssl_certificate server.pem; ssl_certificate_key server.key;\n"
	    "  server {listen 127.0.0.1:%u http2;\n"
	    "    location / {grpc_pass grpc://127.0.0.1:%u;}}\n"
	    "  server {listen 127.0.0.1:%u ssl http2; keepalive_requests 3;\n"
	    "    location / {grpc_pass grpc://127.0.0.1:%u;}}\n"
	    "  server {listen 127.0.0.1:%u http2;\n"
	    "    location / {grpc_pass grpc://127.0.0.1:%u;}}\n"
	    "}\n",
	    geteuid() == 0 ? "user root;\n" : "", p[PROXY], p[PLAIN],
	    p[PROXY_SECURE], p[PLAIN], p[PROXY_LOST], p[NOBODY]);
	w->nginx = harness_start(h, "nginx.log", "/usr/sbin/nginx", "-p",
	    harness_path(h, ""), "-c", "nginx.conf", "-e", "stderr", NULL);
}

static bool
is_there(struct world *w, const char *name)
{
	return harness_read(w->node.h, harness_path(w->node.h, name))[0] !=
	    '\0';
}

static void
start(struct world *w, const struct row *rows, size_t n)
{
	struct harness *h = harness_create();

	node_init(&w->node, h);
	for (size_t i = 0; i < SERVERS; i++)
		w->ports[i] = harness_port(h);
	certificates_make(h);
	harness_write(h, "key", "sesame\n");
	start_grpc(w);
	start_nginx(w);
	HARNESS_WAIT(20000,
	    strstr(harness_read(h, harness_path(h, "grpc.log")), "ready\n") !=
		NULL);
	HARNESS_WAIT(20000, is_there(w, "nginx.pid"));
	rows_start(&w->node, rows, n, w->ports);
}

static void
stop(struct world *w)
{
	harness_stop(w->node.h, w->node.probe);
	harness_stop(w->node.h, w->nginx);
	if (harness_running(w->node.h, w->grpc))
		harness_kill(w->node.h, w->grpc);
	harness_destroy(w->node.h);
}

#define GRPC "preset: grpc"
#define HTTPS GRPC ", scheme: https, ca: ca.pem"
#define N(rows) (sizeof(rows) / sizeof((rows)[0]))

START_TEST(each_state_and_each_way)
{
	static const struct row rows[] = {
	    {"server", GRPC, NULL, PLAIN, "up", ""},
	    {"service", GRPC ", service: llama", NULL, PLAIN, "up", ""},
	    {"loading", GRPC ", service: loading", NULL, PLAIN, "down",
		"grpc: NOT_SERVING"},
	    {"gone", GRPC ", service: gone", NULL, PLAIN, "down",
		"grpc: SERVICE_UNKNOWN"},
	    {"odd", GRPC ", service: odd", NULL, PLAIN, "down",
		"grpc: UNKNOWN"},
	    {"other", GRPC ", service: other", NULL, PLAIN, "down",
		"grpc: status 5 (not found): unknown service"},
	    {"full", GRPC ", service: full", NULL, PLAIN, "up", ""},
	    {"dead", GRPC ", service: dead", NULL, PLAIN, "down",
		"grpc: status 14 (unavailable): the ?[31mengine? is dead"},
	    {"hung", GRPC ", service: hung, timeout: 1s, every: 1s", NULL,
		PLAIN, "down", "timeout"},
	    {"key", GRPC ", service: secret, token_file: key", NULL, PLAIN,
		"up", ""},
	    {"no-key", GRPC ", service: secret", NULL, PLAIN, "down",
		"grpc: status 16 (unauthenticated): who are you?"},
	    {"picker",
		"preset: epp, service: "
		"envoy.service.ext_proc.v3.ExternalProcessor",
		NULL, PLAIN, "up", ""},
	    {"no-health", GRPC, NULL, BARE, "down",
		"grpc: status 12 (unimplemented): Method not found!"},
	    {"tls", HTTPS, NULL, SECURE, "up", ""},
	    {"tls-loading", HTTPS ", service: loading", NULL, SECURE, "down",
		"grpc: NOT_SERVING"},
	    {"tls-misnamed", HTTPS ", host: other.example", NULL, SECURE,
		"down", "tls: the certificate is for other names"},
	    {"client", HTTPS ", certificate: client.pem, key: client.key", NULL,
		MUTUAL, "up", ""},
	    {"client-none", HTTPS, NULL, MUTUAL, "down",
		"tls: the server wants a client certificate"},
	    {"client-stranger",
		HTTPS ", certificate: stranger.pem, key: stranger.key", NULL,
		MUTUAL, "down", "tls: % after our client certificate"},
	    {"not-tls", HTTPS, NULL, PLAIN, "down",
		"tls: wrong version number; the check has no host"},
	    {"not-plain", GRPC, NULL, SECURE, "down",
		"closed without an answer in HTTP/2"},
	    {"proxy", GRPC, NULL, PROXY, "up", ""},
	    {"proxy-tls", HTTPS, NULL, PROXY_SECURE, "up", ""},
	    {"proxy-loading", GRPC ", service: loading", NULL, PROXY, "down",
		"grpc: NOT_SERVING"},
	    {"proxy-lost", GRPC, NULL, PROXY_LOST, "down", "status 502"},
	    {"nobody", GRPC, NULL, NOBODY, "down", "refused"},
	};
	struct world w;

	start(&w, rows, N(rows));
	rows_expect(&w.node, rows, N(rows));
	rows_go_on(&w.node, rows, N(rows), 2);
	rows_expect(&w.node, rows, N(rows));
	rows_never_failed(&w.node, rows, N(rows));
	stop(&w);
}
END_TEST

/* Connections that the server ends by its own clock fail no check; one that is
 * about to leave says so, and then is gone. */
START_TEST(connections_that_end_and_a_server_that_leaves)
{
#define KEPT ", every: 100ms, timeout: 1600ms, reuse: true"
	static const struct row rows[] = {
	    {"kept", GRPC KEPT, NULL, PLAIN, "up", ""},
	    {"kept-tls", HTTPS KEPT, NULL, SECURE, "up", ""},
	    {"aged", HTTPS KEPT, NULL, AGED, "up", ""},
	    /* Mostly one is under way when its connection is to end. */
	    {"aged-slow", HTTPS KEPT ", service: slow", NULL, AGED, "up", ""},
	    {"aged-slow-2", HTTPS KEPT ", service: slow", NULL, AGED, "up", ""},
	    {"proxy", GRPC KEPT, NULL, PROXY, "up", ""},
	    {"proxy-tls", HTTPS KEPT, NULL, PROXY_SECURE, "up", ""},
	};
	struct world w;

	start(&w, rows, N(rows));
	rows_expect(&w.node, rows, N(rows));
	rows_go_on(&w.node, rows, N(rows), 30);
	rows_never_failed(&w.node, rows, N(rows));
	harness_signal(w.node.h, w.grpc, SIGUSR1);
	for (size_t i = 0; i < N(rows); i++)
		rows_expect_state(
		    &w.node, rows[i].name, "down", "grpc: NOT_SERVING");
	harness_signal(w.node.h, w.grpc, SIGTERM);
	ck_assert_int_eq(harness_wait(w.node.h, w.grpc, 10000), 0);
	for (size_t i = 0; i < N(rows); i++)
		rows_expect_state(&w.node, rows[i].name, "down",
		    rows[i].server == PROXY || rows[i].server == PROXY_SECURE
			? "status 502"
			: "refused");
	stop(&w);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"each state and each way", each_state_and_each_way, 180},
	    {"connections that end and a server that leaves",
		connections_that_end_and_a_server_that_leaves, 180},
	};

	return harness_main("grpc", cases, N(cases));
}
