/*
 * The stage of the tests of controllers that nodes share; see locked.h.
 */
#include "tests/system/locked.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *
file_of(struct locked *l, int i, const char *end)
{
	char name[32];

	(void)snprintf(name, sizeof(name), "%c%s", l->node[i].name, end);
	return harness_path(l->h, name);
}

static pid_t
start(struct locked *l, int i, const char *program)
{
	char log[32];

	(void)snprintf(log, sizeof(log), "%c.log", l->node[i].name);
	return harness_start(
	    l->h, log, program, "-c", file_of(l, i, ".yaml"), NULL);
}

void
locked_share(struct locked *l, int i)
{
	l->node[i].share = start(l, i, "meridian-share");
}

void
locked_probe(struct locked *l, int i)
{
	l->node[i].probe = start(l, i, "meridian-probe");
}

const char *
locked_sql(struct locked *l, int i, const char *query)
{
	const char *out = "";

	(void)harness_run(l->h, &out, "/usr/bin/sqlite3", "-cmd",
	    ".timeout 5000", file_of(l, i, ".db"), query, NULL);
	return out;
}

int
locked_holder(struct locked *l, int i, const char *pool)
{
	char query[128];
	const char *out;

	(void)snprintf(query, sizeof(query),
	    "SELECT node FROM lock WHERE pool = '%s'", pool);
	out = locked_sql(l, i, query);
	return strcmp(out, "a\n") == 0 ? 0 : strcmp(out, "b\n") == 0 ? 1 : -1;
}

double
locked_kept(struct locked *l, int i)
{
	const char *out = locked_sql(l, i,
	    "SELECT keep FROM keep WHERE pool = 'v1' AND region = 'us-east'");

	/* Before the file is made it is an error in words. */
	return strspn(out, "0123456789") > 0 ? strtod(out, NULL) : -1;
}

static void
configure(struct locked *l, int i)
{
	char name[32], members[256];

	(void)snprintf(name, sizeof(name), "%c.yaml", l->node[i].name);
	harness_write(l->h, name,
	    "listen: 127.0.0.1:%u\nhttp: 127.0.0.1:%u\nstate: %c.db\n"
	    "history: off\n"
	    "vantage: v%c\nnode: %c\nshare: {etcd: [%s], lease: %dms}\n"
	    "zones:\n"
	    "  - {name: inference.example, records: inference.zone, "
	    "steering: inference.yaml}\n",
	    l->node[i].port, l->node[i].http, l->node[i].name, l->node[i].name,
	    l->node[i].name, etcd_endpoints(&l->etcd, members, sizeof(members)),
	    LOCKED_LEASE_MS);
}

void
locked_steer(struct locked *l, const char *spill)
{
	const uint16_t *port = l->files.standin_port;

	node_steering(&l->files,
	    "regions:\n"
	    "  us-east: {at: [39.0, -77.5]}\n"
	    "  eu-west: {at: [53.3, -6.3]}\n"
	    "checks:\n"
	    "  llm: {preset: vllm, every: 1s, timeout: 1500ms, quorum: any, "
	    "load: {every: 1s, timeout: 1s, stale: 5s, smooth: 1s, "
	    "max_running: 100}}\n"
	    "pools:\n"
	    "  v1:\n"
	    "    check: llm\n"
	    "    %s\n"
	    "    endpoints:\n"
	    "      - {name: us, region: us-east, address: 192.0.2.1, capacity: "
	    "100, check_at: \"127.0.0.1:%u\", load_at: \"127.0.0.1:%u\"}\n"
	    "      - {name: eu, region: eu-west, address: 192.0.2.2, capacity: "
	    "100, check_at: \"127.0.0.1:%u\", load_at: \"127.0.0.1:%u\"}\n"
	    "  old: {check: llm, endpoints: [{name: o, region: us-east, "
	    "address: 192.0.2.3, check_at: \"127.0.0.1:%u\", load_at: "
	    "\"127.0.0.1:%u\"}]}\n"
	    "  new: {check: llm, endpoints: [{name: n, region: us-east, "
	    "address: 192.0.2.4, check_at: \"127.0.0.1:%u\", load_at: "
	    "\"127.0.0.1:%u\"}]}\n"
	    "services:\n"
	    "  one: {pool: v1, ttl: {max: 2s, min: 1s}}\n"
	    "  two: {split: {old: 100, new: 0}, ramp: {to: 40%%, step: 10%%, "
	    "every: 4s, hold: 0s}}\n",
	    spill, port[0], port[2], port[1], port[3], port[1], port[3],
	    port[1], port[3]);
}

void
locked_start(struct locked *l)
{
	l->h = harness_create();
	node_init(&l->files, l->h);
	node_standins(&l->files);
	node_order(&l->files, 2, "running=200");
	node_order(&l->files, 3, "running=0");
	node_records(&l->files, node_zone);
	locked_steer(l, "spill: {target: 50%, held: 0s, every: 1s, fade: 5s}");
	l->etcd.option = NULL;
	etcd_start(&l->etcd, l->h, 1, false);
	for (int i = 0; i < 2; i++) {
		l->node[i] = (struct locked_node){.name = (char)('a' + i),
		    .port = harness_port(l->h),
		    .http = harness_port(l->h)};
		configure(l, i);
		l->node[i].server = start(l, i, "meridiand");
		locked_probe(l, i);
		locked_share(l, i);
	}
	HARNESS_WAIT(30000,
	    locked_holder(l, 0, "v1") >= 0 &&
		locked_holder(l, 0, "v1") == locked_holder(l, 1, "v1"));
}

void
locked_stop(struct locked *l)
{
	for (int i = 0; i < 2; i++) {
		harness_stop(l->h, l->node[i].share);
		if (l->node[i].probe != 0)
			harness_stop(l->h, l->node[i].probe);
		harness_stop(l->h, l->node[i].server);
	}
	etcd_finish(&l->etcd);
	harness_destroy(l->h);
}
