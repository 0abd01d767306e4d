/* TLS in front of a server of a test.  Called by tests only. */
#include "tests/system/tls_front.h"

#include <stdio.h>

static bool
takes_connections(struct harness *h, uint16_t port)
{
	char at[32];

	snprintf(at, sizeof(at), "127.0.0.1:%u", port);
	return harness_run(
		   h, NULL, OPENSSL, "s_client", "-connect", at, NULL) == 0;
}

pid_t
tls_front_start(
    struct harness *h, uint16_t good, uint16_t wrong, uint16_t server)
{
	const struct certificate other = {.file = "other",
	    .issuer = "ca",
	    .names = "DNS:other.example",
	    .days = 40};
	const char *pairs[2];
	pid_t pid;

	certificates_make(h);
	certificate_make(h, &other);
	pairs[0] = harness_path(h, "server.pair");
	pairs[1] = harness_path(h, "other.pair");
	/* 0.0.0.0 is the address that the client connected to. */
	harness_write(h, "front.cfg",
	    "defaults\n"
	    "  mode tcp\n"
	    "  timeout connect 5s\n  timeout client 60s\n"
	    "  timeout server 60s\n"
	    "listen good\n"
	    "  bind 0.0.0.0:%u ssl crt %s alpn h2,http/1.1\n"
	    "  server clear 0.0.0.0:%u\n"
	    "listen wrong\n"
	    "  bind 0.0.0.0:%u ssl crt %s alpn h2,http/1.1\n"
	    "  server clear 0.0.0.0:%u\n",
	    good, pairs[0], server, wrong, pairs[1], server);
	pid = harness_start(h, "front.log", "/usr/sbin/haproxy", "-db", "-f",
	    harness_path(h, "front.cfg"), NULL);
	HARNESS_WAIT(10000, takes_connections(h, good));
	return pid;
}
