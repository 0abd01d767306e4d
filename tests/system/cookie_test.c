/*
 * Cookies between servers: Knot DNS and meridiand with the same secret accept
 * what the other made, over IPv4 and IPv6 (RFC 9018).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/system/node.h"

#define SECRET "e5e973e5a6b2a43f48e7dc849e37bfcf"
#define CLIENT "0102030405060708"
#define KNOT "/usr/sbin/knotd"

struct peers {
	struct harness *h;
	struct node node;
	uint16_t port; /* Knot's */
	pid_t knot;
};

/* Ask the server at ${port} for www with the cookie ${cookie}, over IPv6 or
 * IPv4: what dig prints. */
static const char *
ask_with(struct peers *p, uint16_t port, bool ipv6, const char *cookie)
{
	char at[16], option[96];
	const char *out;

	snprintf(at, sizeof(at), "%u", port);
	snprintf(option, sizeof(option), "+cookie=%s", cookie);
	harness_run(p->h, &out, "/usr/bin/dig", "+tries=1", "+timeout=5",
	    "+nobadcookie", ipv6 ? "@::1" : "@127.0.0.1", "-p", at,
	    "www.inference.example", option, NULL);
	return out;
}

/* The cookie that the server at ${port} makes for CLIENT. */
static void
take_cookie(struct peers *p, uint16_t port, bool ipv6, char out[64])
{
	const char *text = ask_with(p, port, ipv6, CLIENT);
	const char *at = strstr(text, "; COOKIE: ");

	ck_assert_msg(at != NULL, "%s", text);
	ck_assert_msg(
	    sscanf(at, "; COOKIE: %48[0-9a-f] (good)", out) == 1, "%s", text);
	ck_assert_uint_eq(strlen(out), 48);
}

static bool
knot_answers(struct peers *p)
{
	struct ask question = {.port = p->port,
	    .name = "www.inference.example.",
	    .timeout_ms = 200};
	static struct reply reply;

	return ask(&question, &reply) && reply.n_answer == 1;
}

static void
start_knot(struct peers *p)
{
	const char *folder = harness_path(p->h, ".");

	p->port = harness_port(p->h);
	harness_write(p->h, "knot.conf",
	    "server:\n"
	    "  listen: [ 127.0.0.1@%u, ::1@%u ]\n"
	    "  rundir: %s\n"
	    "  udp-workers: 1\n"
	    "  tcp-workers: 1\n"
	    "log:\n"
	    "  - target: stderr\n"
	    "    any: warning\n"
	    "database:\n"
	    "  storage: %s\n"
	    "mod-cookies:\n"
	    "  - id: shared\n"
	    "    secret: 0x%s\n"
	    "template:\n"
	    "  - id: default\n"
	    "    storage: %s\n"
	    "    global-module: mod-cookies/shared\n"
	    "zone:\n"
	    "  - domain: inference.example\n"
	    "    file: inference.zone\n"
	    "    zonefile-sync: -1\n"
	    "    journal-content: none\n",
	    p->port, p->port, folder, folder, SECRET, folder);
	p->knot = harness_start(p->h, "knot.log", KNOT, "-c",
	    harness_path(p->h, "knot.conf"), NULL);
	HARNESS_WAIT(20000, !harness_running(p->h, p->knot) || knot_answers(p));
	ck_assert_msg(harness_running(p->h, p->knot), "%s",
	    harness_read(p->h, harness_path(p->h, "knot.log")));
}

static void
start(struct peers *p)
{
	p->h = harness_create();
	node_init(&p->node, p->h);
	node_config(&p->node, "cookies: {secrets: secrets}\n");
	harness_write(p->h, "secrets", "%s # of Knot too\n", SECRET);
	node_records(&p->node, node_zone);
	node_steering(&p->node,
	    "regions:\n"
	    "  us-east: {at: [39.0, -77.5]}\n"
	    "pools:\n"
	    "  v1:\n"
	    "    endpoints:\n"
	    "      - {name: us, region: us-east, address: 192.0.2.1}\n"
	    "services:\n"
	    "  one: {pool: v1}\n");
	node_serve(&p->node);
	start_knot(p);
}

static double
cookies(struct peers *p, const char *state)
{
	char name[64];

	snprintf(
	    name, sizeof(name), "meridian_cookies_total{state=\"%s\"}", state);
	return node_metric(&p->node, name);
}

START_TEST(test_knot)
{
	struct peers p;
	char cookie[64];
	const char *out;

	start(&p);
	for (int ipv6 = 0; ipv6 < 2; ipv6++) {
		/* Knot answers BADCOOKIE to what it does not accept. */
		take_cookie(&p, p.node.port, ipv6, cookie);
		out = ask_with(&p, p.port, ipv6, cookie);
		ck_assert_msg(strstr(out, "\t192.0.2.80") != NULL, "%s", out);
		out = ask_with(&p, p.port, !ipv6, cookie);
		ck_assert_msg(
		    strstr(out, "status: BADCOOKIE") != NULL, "%s", out);

		/* We count it, and give it back: it is as good as ours. */
		take_cookie(&p, p.port, ipv6, cookie);
		out = ask_with(&p, p.node.port, ipv6, cookie);
		ck_assert_msg(strstr(out, cookie) != NULL, "%s", out);
		ck_assert(cookies(&p, "valid") == ipv6 + 1);
		ask_with(&p, p.node.port, !ipv6, cookie);
		ck_assert(cookies(&p, "bad") == ipv6 + 1);
	}
	ck_assert(cookies(&p, "first") == 2);
	harness_stop(p.h, p.knot);
	harness_stop(p.h, p.node.server);
	harness_destroy(p.h);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {{"knot", test_knot, 0}};

	return harness_main("cookie", cases, sizeof(cases) / sizeof(cases[0]));
}
