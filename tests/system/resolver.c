/*
 * Writes the files of a node for groups of clients, runs unbound in front of
 * it, and sets the health of its endpoints.  For the tests that ask for 500
 * clients.
 */
#include "tests/system/resolver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct resolver *
resolver_create(int family, const char *extra)
{
	struct resolver *w = calloc(1, sizeof(*w));

	ck_assert_ptr_nonnull(w);
	w->h = harness_create();
	groups_init(&w->groups, family);
	node_init(&w->node, w->h);
	node_config(&w->node, extra);
	return w;
}

void
resolver_places(struct text *t)
{
	text_add(t, "networks:\n  rest: {prefixes: 127.0.0.0/8, at: [0, 0]}\n");
	for (int i = 0; i < GROUPS_NETWORKS; i++)
		text_add(t, "  n%d: {prefixes: [\"%s\"], at: [%d, %d]}\n", i,
		    group_networks[i].prefix, group_networks[i].region * 10,
		    group_networks[i].region * 20);
	text_add(t, "regions:\n");
	for (int i = 0; i < GROUPS_REGIONS; i++)
		text_add(t, "  r%d: {at: [%d, %d]}\n", i, i * 10, i * 20);
}

void
resolver_pools(struct text *t, const char *more, int moved)
{
	text_add(t, "pools:\n");
	for (int pool = 1; pool <= 2; pool++) {
		text_add(t, "  v%d:\n%s    endpoints:\n", pool, more);
		for (int i = 0; i < GROUPS_REGIONS; i++)
			text_add(t,
			    "      - {name: e%d, region: r%d, "
			    "address: 192.0.%d.%d}\n",
			    i, i, i == moved ? 3 : 2, pool * 100 + i);
	}
}

void
resolver_write(struct resolver *w, struct text *t)
{
	ck_assert(!t->failed);
	node_steering(&w->node, "%s", t->data);
	text_finish(t);
}

static bool
resolves(struct resolver *w)
{
	struct ask question = {.port = w->port,
	    .name = "inference.example.",
	    .type = "SOA",
	    .recursion = true,
	    .timeout_ms = 500};
	static struct reply reply;

	return ask(&question, &reply) && reply.rcode == 0;
}

void
resolver_unbound(
    struct resolver *w, unsigned ipv4, unsigned ipv6, const char *extra)
{
	w->port = harness_port(w->h);
	harness_write(w->h, "unbound.conf",
	    "server:\n"
	    "  interface: 127.0.0.1\n  port: %u\n"
	    "  access-control: 127.0.0.0/8 allow\n"
	    "  do-not-query-localhost: no\n"
	    "  username: \"\"\n  chroot: \"\"\n  directory: \"\"\n"
	    "  pidfile: \"\"\n  use-syslog: no\n  logfile: \"\"\n"
	    "  num-threads: 1\n  do-daemonize: no\n"
	    "  module-config: \"subnetcache iterator\"\n"
	    "  send-client-subnet: 127.0.0.1\n"
	    "  max-client-subnet-ipv4: %u\n  max-client-subnet-ipv6: %u\n"
	    "  max-ecs-tree-size-ipv4: 100000\n"
	    "  max-ecs-tree-size-ipv6: 100000\n"
	    "%s"
	    "remote-control:\n  control-enable: no\n"
	    "stub-zone:\n  name: inference.example\n"
	    "  stub-addr: 127.0.0.1@%u\n",
	    w->port, ipv4, ipv6, extra, w->node.port);
	w->unbound = harness_start(w->h, "unbound.log", "/usr/sbin/unbound",
	    "-d", "-c", harness_path(w->h, "unbound.conf"), NULL);
	HARNESS_WAIT(20000, !harness_running(w->h, w->unbound) || resolves(w));
	ck_assert_msg(harness_running(w->h, w->unbound), "%s",
	    harness_read(w->h, harness_path(w->h, "unbound.log")));
}

void
resolver_finish(struct resolver *w)
{
	if (w->unbound != 0)
		harness_stop(w->h, w->unbound);
	if (w->node.server != 0)
		harness_stop(w->h, w->node.server);
	harness_destroy(w->h);
	free(w);
}

int
resolver_arrived(struct resolver *w)
{
	return (int)node_metric(
	    &w->node, "meridian_queries_total{transport=\"udp\"}");
}

const struct reply *
resolver_ask(struct resolver *w, const struct group_client *c, const char *name,
    const char *type)
{
	static struct reply reply;
	char subnet[ADDRESS_TEXT], owner[64];
	bool v4 = c->self.address.family == 4;
	struct ask question = {.port = w->port,
	    .name = owner,
	    .type = type,
	    .recursion = true,
	    .source = v4 ? c->text : NULL,
	    .subnet = v4 ? NULL : subnet,
	    .timeout_ms = 10000};

	prefix_format(&c->self, subnet);
	snprintf(owner, sizeof(owner), "%s.inference.example.", name);
	ck_assert_msg(ask(&question, &reply), "no answer for %s", c->text);
	w->asked++;
	return &reply;
}

void
resolver_health(struct resolver *w)
{
	node_check(&w->node);
	HARNESS_WAIT(20000,
	    strcmp(node_sql(&w->node, "SELECT count(*) FROM vantage"), "1\n") ==
		0);
	harness_stop(w->h, w->node.probe);
	ck_assert_str_eq(
	    node_sql(&w->node,
		"BEGIN IMMEDIATE;"
		"DELETE FROM endpoint;"
		"CREATE TEMP TABLE t AS SELECT CAST((julianday('now') - "
		"2440587.5) * 86400000 AS INTEGER) AS now;"
		"INSERT INTO vantage (name, version, heartbeat_ms, sequence,"
		" lease_until_ms) SELECT 'eye', '1', now, 1000, now FROM t;"
		"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n"
		" WHERE i < 15) INSERT INTO endpoint (vantage, zone, pool,"
		" endpoint, health, since_ms, checked_ms, sequence)"
		" SELECT 'eye', 'inference.example', 'v' || (i / 8 + 1),"
		" 'e' || (i % 8), 'up', now, now, 1001 + i FROM n, t;"
		"COMMIT;"),
	    "");
}

bool
resolver_known(struct resolver *w, unsigned down)
{
	const char *page = node_page(&w->node, "/metrics");

	for (int i = 0; i < 2 * GROUPS_REGIONS; i++) {
		char line[160];

		snprintf(line, sizeof(line),
		    "meridian_endpoint_up{zone=\"inference.example\",pool="
		    "\"v%d\",endpoint=\"e%d\",region=\"r%d\"} %d\n",
		    i / 8 + 1, i % 8, i % 8, !(down >> i & 1));
		if (strstr(page, line) == NULL)
			return false;
	}
	return true;
}

void
resolver_set(struct resolver *w, unsigned down)
{
	char sql[512];

	snprintf(sql, sizeof(sql),
	    "UPDATE endpoint SET sequence = (SELECT max(sequence) FROM "
	    "endpoint) + 1 + (pool = 'v2') * 8 + substr(endpoint, 2),"
	    " health = CASE WHEN %u >> ((pool = 'v2') * 8 +"
	    " substr(endpoint, 2)) & 1 THEN 'down' ELSE 'up' END",
	    down);
	ck_assert_str_eq(node_sql(&w->node, sql), "");
}

void
resolver_change(struct resolver *w, unsigned down)
{
	resolver_set(w, down);
	HARNESS_WAIT(20000, resolver_known(w, down));
}
