/*
 * A bad line between a node and etcd: what breaks again and again is not said
 * each time, and an etcd that is far away is no reason to be cut off.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/system/certificates.h"
#include "tests/system/etcd.h"
#include "tests/system/node.h"
#include "tests/system/relay.h"

struct stage {
	struct harness *h;
	struct etcd_cluster etcd;
	struct node node;
	struct relay_line *line;
	pid_t share;
};

/* The programs of a node behind the line, which takes ${delay_ms} each way,
 * with a lease of ${lease_s}. */
static void
stage_begin(struct stage *s, bool tls, int lease_s, int delay_ms)
{
	uint16_t port;
	char extra[1024];

	memset(s, 0, sizeof(*s));
	s->h = harness_create();
	if (tls)
		certificates_make(s->h);
	etcd_start(&s->etcd, s->h, 1, tls);
	port = harness_port(s->h);
	s->line = relay_start(port, s->etcd.members[0].client);
	s->line->delay_ms = delay_ms;
	node_init(&s->node, s->h);
	node_standins(&s->node);
	(void)snprintf(extra, sizeof(extra),
	    "node: a\nshare: {etcd: [http%s://127.0.0.1:%u], lease: %ds%s}\n",
	    tls ? "s" : "", port, lease_s,
	    tls ? ", ca: ca.pem, certificate: " ETCD_CLIENT
		  ".pem, key: " ETCD_CLIENT ".key"
		: "");
	node_pair(&s->node, extra, "every: 1s, timeout: 1s");
	s->share = harness_start(s->h, "share.log", "meridian-share", "-c",
	    harness_path(s->h, "meridian.yaml"), NULL);
	HARNESS_WAIT(60000,
	    strcmp(node_sql(
		       &s->node, "select revision > 0 and link = '' from node"),
		"1\n") == 0);
}

static void
stage_end(struct stage *s)
{
	harness_stop(s->h, s->share);
	etcd_finish(&s->etcd);
	harness_destroy(s->h);
}

static int
lines(struct stage *s, const char *words)
{
	const char *text = harness_read(s->h, harness_path(s->h, "share.log"));
	int n = 0;

	while ((text = strstr(text, words)) != NULL) {
		n++;
		text += strlen(words);
	}
	return n;
}

/* So long, whatever else happens. */
static void
pass(int ms)
{
	int64_t end = harness_ms() + ms;

	while (harness_ms() < end)
		harness_pause();
}

/* It is said twice as it comes, and then counted, a line a minute. */
START_TEST(what_breaks_each_second_is_not_said_each_time)
{
	struct stage s;

	stage_begin(&s, false, 3, 0);
	s.line->break_ms = 1000;
	HARNESS_WAIT(30000, lines(&s, "warning: etcd: ") >= 2);
	pass(15000);
	ck_assert_int_le(lines(&s, "warning: "), 5);
	ck_assert_int_le(lines(&s, " etcd "), 10);
	s.line->break_ms = 0;
	HARNESS_WAIT(30000,
	    strcmp(node_sql(&s.node, "select link = '' from node"), "1\n") ==
		0);
	stage_end(&s);
}
END_TEST

/* The first answer of a connection with TLS takes longer than a short lease
 * waits for it. */
START_TEST(a_longer_lease_bears_an_etcd_that_is_far_away)
{
	struct stage s;

	stage_begin(&s, true, 30, 1100);
	ck_assert_int_eq(lines(&s, "warning: "), 0);
	s.line->delay_ms = 0;
	stage_end(&s);
}
END_TEST

int
main(void)
{
	const struct harness_case cases[] = {
	    {"what_breaks_each_second_is_not_said_each_time",
		what_breaks_each_second_is_not_said_each_time, 120},
	    {"a_longer_lease_bears_an_etcd_that_is_far_away",
		a_longer_lease_bears_an_etcd_that_is_far_away, 120},
	};

	return harness_main(
	    "share_line", cases, sizeof(cases) / sizeof(cases[0]));
}
