/*
 * The probe and the TLS server of openssl: certificates of every kind, what is
 * said after the handshake, and servers that leave; what an operator reads of
 * each, and of the days that a certificate has left.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/address.h"
#include "tests/system/certificates.h"
#include "tests/system/rows.h"

/* One that ends by itself after so many connections. */
#define LEAVES_AFTER "3"

enum server {
	VALID,
	SOON,
	EXPIRED,
	EARLY,
	NAMES,
	ALONE,
	BY_NAME,
	TLS_1_2,
	MUTUAL,
	ECHO,
	ECHO_OTHER, /* each serves one at a time */
	SILENT,
	LEAVING,
	HUNG,
	NOBODY,
	SERVERS
};

static const struct certificate certificates[] = {
    {.file = "soon", .issuer = "ca", .names = CERTIFICATE_NAMES, .days = 5},
    {.file = "expired",
	.issuer = "ca",
	.names = CERTIFICATE_NAMES,
	.since = "-40d",
	.days = 30},
    {.file = "early",
	.issuer = "ca",
	.names = CERTIFICATE_NAMES,
	.since = "+10d",
	.days = 30},
    {.file = "names", .issuer = "ca", .names = "DNS:other.example", .days = 40},
    {.file = "alone", .names = CERTIFICATE_NAMES, .days = 40},
};

struct world {
	struct node node;
	uint16_t ports[SERVERS];
	pid_t pids[SERVERS]; /* 0: it is no process */
	int hung;
};

/* As a path of the test's folder. */
static const char *
file(struct world *w, const char *name)
{
	return harness_path(w->node.h, name);
}

/* With a certificate and its key, and up to four arguments more. */
static void
serve(struct world *w, enum server server, const char *certificate,
    const char *a, const char *b, const char *c, const char *d)
{
	char at[32], pair[32];
	const char *path;

	snprintf(at, sizeof(at), "127.0.0.1:%u", w->ports[server]);
	snprintf(pair, sizeof(pair), "%s.pair", certificate);
	path = file(w, pair);
	w->pids[server] =
	    harness_start(w->node.h, "s_server.log", OPENSSL, "s_server",
		"-accept", at, "-cert", path, "-key", path, a, b, c, d, NULL);
}

/* The kernel takes connections, and nobody answers. */
static int
listen_at(uint16_t port)
{
	struct address loopback;
	struct sockaddr_storage sa;
	socklen_t len;
	int fd;

	ck_assert_int_eq(address_parse("127.0.0.1", &loopback), 0);
	len = address_to_sockaddr(&loopback, port, &sa);
	fd = socket(sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sa, len), 0);
	ck_assert_int_eq(listen(fd, 4096), 0);
	return fd;
}

static void
start(struct world *w)
{
	struct harness *h = harness_create();

	memset(w, 0, sizeof(*w));
	node_init(&w->node, h);
	for (size_t i = 0; i < SERVERS; i++)
		w->ports[i] = harness_port(h);
	certificates_make(h);
	for (size_t i = 0; i < sizeof(certificates) / sizeof(certificates[0]);
	     i++)
		certificate_make(h, &certificates[i]);
	serve(w, VALID, "server", "-www", NULL, NULL, NULL);
	serve(w, SOON, "soon", "-www", NULL, NULL, NULL);
	serve(w, EXPIRED, "expired", "-www", NULL, NULL, NULL);
	serve(w, EARLY, "early", "-www", NULL, NULL, NULL);
	serve(w, NAMES, "names", "-www", NULL, NULL, NULL);
	serve(w, ALONE, "alone", "-www", NULL, NULL, NULL);
	serve(w, TLS_1_2, "server", "-www", "-tls1_2", NULL, NULL);
	serve(w, ECHO, "server", "-rev", NULL, NULL, NULL);
	serve(w, ECHO_OTHER, "server", "-rev", NULL, NULL, NULL);
	serve(w, SILENT, "server", "-rev", NULL, NULL, NULL);
	serve(w, LEAVING, "server", "-www", "-naccept", LEAVES_AFTER, NULL);
	w->hung = listen_at(w->ports[HUNG]);
}

/* Those with more arguments than the others. */
static void
start_more(struct world *w)
{
	const char *names = file(w, "names.pair"), *server;
	char at[2][32];

	server = file(w, "server.pair");
	snprintf(at[0], sizeof(at[0]), "127.0.0.1:%u", w->ports[BY_NAME]);
	snprintf(at[1], sizeof(at[1]), "127.0.0.1:%u", w->ports[MUTUAL]);
	w->pids[BY_NAME] = harness_start(w->node.h, "s_server.log", OPENSSL,
	    "s_server", "-www", "-accept", at[0], "-cert", names, "-key", names,
	    "-servername", CERTIFICATE_HOST, "-cert2", server, "-key2", server,
	    NULL);
	w->pids[MUTUAL] = harness_start(w->node.h, "s_server.log", OPENSSL,
	    "s_server", "-www", "-accept", at[1], "-cert", server, "-key",
	    server, "-Verify", "1", "-verify_return_error", "-CAfile",
	    file(w, "ca.pem"), NULL);
}

static void
stop(struct world *w)
{
	harness_stop(w->node.h, w->node.probe);
	for (size_t i = 0; i < SERVERS; i++)
		if (w->pids[i] != 0 && harness_running(w->node.h, w->pids[i]))
			harness_kill(w->node.h, w->pids[i]);
	close(w->hung);
	harness_destroy(w->node.h);
}

/* Days that are left of the certificate, as the state database has it. */
static void
expect_days(struct world *w, const char *name, int days)
{
	char sql[160], wanted[16];

	snprintf(sql, sizeof(sql),
	    "SELECT cast(floor((certificate_ms / 1000 - strftime('%%s', "
	    "'now')) / 86400.0) AS int) FROM endpoint WHERE endpoint = '%s'",
	    name);
	snprintf(wanted, sizeof(wanted), "%d\n", days);
	ck_assert_str_eq(node_sql(&w->node, sql), wanted);
}

/* Each of these servers has one client at a time. */
#define SLOWLY "every: 1s"
#define TLS "preset: tls, ca: ca.pem, " SLOWLY
#define HTTPS "scheme: https, ca: ca.pem, " SLOWLY

#define ENDED "tls: the certificate ended at 20__-__-__T%"

static const struct row rows[] = {
    {"valid", TLS, NULL, VALID, "up", ""},
    {"valid-host", TLS ", host: " CERTIFICATE_HOST, NULL, VALID, "up", ""},
    {"valid-http", HTTPS, NULL, VALID, "up", ""},
    {"valid-kept", HTTPS ", reuse: true", NULL, VALID, "up", ""},
    {"other-host", TLS ", host: other.example", NULL, VALID, "down",
	"tls: the certificate is for other names"},
    {"other-host-unverified", "preset: tls, verify: false, host: other.example",
	NULL, VALID, "up", ""},
    {"soon", TLS, NULL, SOON, "up", ""},
    {"expired", TLS, NULL, EXPIRED, "down", ENDED},
    {"expired-http", HTTPS, NULL, EXPIRED, "down", ENDED},
    {"early", TLS, NULL, EARLY, "down",
	"tls: the certificate begins at 20__-__-__T%"},
    {"names", TLS ", host: " CERTIFICATE_HOST, NULL, NAMES, "down",
	"tls: the certificate is for other names"},
    {"alone", "preset: tls, host: " CERTIFICATE_HOST, NULL, ALONE, "down",
	"tls: self-signed certificate"},
    {"alone-trusted", "preset: tls, ca: alone.pem", NULL, ALONE, "up", ""},
    {"by-name", TLS ", host: " CERTIFICATE_HOST, NULL, BY_NAME, "up", ""},
    {"by-address", TLS, NULL, BY_NAME, "down",
	"tls: the certificate is for other names; the check has no host"},
    {"tls12", TLS, NULL, TLS_1_2, "up", ""},
    {"tls12-http", HTTPS ", http2: true", NULL, TLS_1_2, "up", ""},
    {"client", HTTPS ", certificate: client.pem, key: client.key", NULL, MUTUAL,
	"up", ""},
    {"client-none", HTTPS, NULL, MUTUAL, "down",
	"tls: the server wants a client certificate"},
    {"client-stranger", HTTPS ", certificate: stranger.pem, key: stranger.key",
	NULL, MUTUAL, "down",
	"tls: our client certificate: tlsv1 alert unknown ca"},
    {"says", TLS ", send: \"abc\\n\", receive: cba", NULL, ECHO, "up", ""},
    {"says-other", TLS ", timeout: 1s, send: \"abc\\n\", receive: abc", NULL,
	ECHO_OTHER, "down", "timeout"},
    {"says-nothing", TLS ", timeout: 1s, receive: hello", NULL, SILENT, "down",
	"timeout"},
    {"hung", TLS ", timeout: 1s", NULL, HUNG, "down", "timeout"},
    {"hung-http", HTTPS ", timeout: 1s", NULL, HUNG, "down", "timeout"},
    {"leaving", TLS, NULL, LEAVING, "down", "refused"},
    {"nobody", TLS, NULL, NOBODY, "down", "refused"},
};
#define N (sizeof(rows) / sizeof(rows[0]))

/* Each says ACCEPT when it listens; those of the table that are none do not. */
static bool
all_listen(struct world *w)
{
	const char *log = harness_read(w->node.h, file(w, "s_server.log"));
	unsigned listening = 0, servers = 0;

	for (const char *p = log; (p = strstr(p, "ACCEPT\n")) != NULL; p++)
		listening++;
	for (size_t i = 0; i < SERVERS; i++)
		servers += w->pids[i] != 0;
	return listening >= servers;
}

START_TEST(certificates_and_servers_of_every_kind)
{
	struct world w;
	const char *out;

	start(&w);
	start_more(&w);
	HARNESS_WAIT(10000, all_listen(&w));
	rows_start(&w.node, rows, N, w.ports);
	rows_expect(&w.node, rows, N);
	rows_never_failed(&w.node, rows, N);
	/* As long as it was there. */
	ck_assert_str_eq(node_sql(&w.node,
			     "SELECT after || ' ' || reason FROM event WHERE "
			     "endpoint = 'leaving' ORDER BY sequence"),
	    "up \ndown refused\n");
	expect_days(&w, "valid", 39);
	expect_days(&w, "valid-http", 39);
	expect_days(&w, "valid-kept", 39);
	expect_days(&w, "other-host-unverified", 39);
	expect_days(&w, "soon", 4);
	expect_days(&w, "expired", -11);
	(void)node_ctl(&w.node, &out, "status");
	ck_assert_ptr_nonnull(
	    strstr(out, "CERTIFICATES ABOUT TO END: soon of soon ends in 4 "));
	ck_assert_ptr_nonnull(strstr(out, "; expired of expired ended"));
	stop(&w);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"certificates and servers of every kind",
		certificates_and_servers_of_every_kind, 180},
	};

	return harness_main("s_server", cases, 1);
}
