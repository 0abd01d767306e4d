/* Two nodes that share, for system tests; see share_pair.h. */
#include "tests/system/share_pair.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#define CHECK "every: 500ms, timeout: 1500ms, fall: 2, rise: 1, quorum: any"

pid_t
pair_start(
    struct pair *p, const char *program, const char *file, const char *log)
{
	return harness_start(
	    p->h, log, program, "-c", harness_path(p->h, file), NULL);
}

void
pair_stop_b(struct pair *p)
{
	harness_stop(p->h, p->b_share);
	harness_stop(p->h, p->b_probe);
	harness_stop(p->h, p->b_server);
}

void
pair_start_b(struct pair *p)
{
	p->b_server = pair_start(p, "meridiand", "b.yaml", "b.log");
	p->b_probe = pair_start(p, "meridian-probe", "b.yaml", "b-probe.log");
	p->b_share = pair_start(p, "meridian-share", "b.yaml", "b-share.log");
}

const char *
pair_sql(struct pair *p, const char *node, const char *query)
{
	const char *out = "";

	(void)harness_run(p->h, &out, "/usr/bin/sqlite3", "-cmd",
	    ".timeout 5000",
	    harness_path(p->h, node[0] == 'a' ? "state.db" : "b.db"), query,
	    NULL);
	return out;
}

bool
pair_same(struct pair *p, const char *node, const char *query, const char *want)
{
	return strcmp(pair_sql(p, node, query), want) == 0;
}

bool
pair_has(struct pair *p, const char *key)
{
	const char *out = "";

	(void)harness_run(p->h, &out, ETCD_CTL, "--endpoints",
	    p->etcd.members[0].url, "get", "--prefix", "--keys-only", key,
	    NULL);
	return strstr(out, key) != NULL;
}

int
pair_told(struct pair *p, const char *log, const char *words)
{
	const char *text = harness_read(p->h, harness_path(p->h, log));
	int n = 0;

	while ((text = strstr(text, words)) != NULL) {
		n++;
		text += strlen(words);
	}
	return n;
}

void
pair_write(
    struct pair *p, const struct pair_file *file, uint16_t port, uint16_t http)
{
	char members[256];

	(void)etcd_endpoints(&p->etcd, members, sizeof(members));
	harness_write(p->h, file->name,
	    "listen: 127.0.0.1:%u\nhttp: 127.0.0.1:%u\nstate: %s\n"
	    "history: off\n"
	    "vantage: %s\nnode: %s\nshare: {etcd: [%s], lease: %ds%s}\n"
	    "zones:\n"
	    "  - {name: inference.example, records: inference.zone, "
	    "steering: inference.yaml}\n",
	    port, http, file->state, file->vantage, file->node, members,
	    p->lease_s, file->share);
}

void
pair_begin(struct pair *p)
{
	pair_begin_leased(p, 2);
}

void
pair_begin_leased(struct pair *p, int lease_s)
{
	char extra[512], members[256];
	const struct pair_file b = {.name = "b.yaml",
	    .state = "b.db",
	    .vantage = "other",
	    .node = "b",
	    .share = ""};

	p->lease_s = lease_s;
	p->h = harness_create();
	node_init(&p->a, p->h);
	p->b_port = harness_port(p->h);
	p->b_http = harness_port(p->h);
	p->etcd.option = NULL;
	etcd_start(&p->etcd, p->h, 1, false);
	(void)etcd_endpoints(&p->etcd, members, sizeof(members));
	(void)snprintf(extra, sizeof(extra),
	    "node: a\nshare: {etcd: [%s], lease: %ds}\n", members, lease_s);
	node_standins(&p->a);
	node_pair(&p->a, extra, CHECK);
	pair_write(p, &b, p->b_port, p->b_http);
	node_serve(&p->a);
	node_check(&p->a);
	p->a_share =
	    pair_start(p, "meridian-share", "meridian.yaml", "share.log");
	pair_start_b(p);
	HARNESS_WAIT(20000,
	    pair_same(p, "a",
		"select count(*) from endpoint where health = 'up'", "4\n") &&
		pair_same(p, "b",
		    "select count(*) from endpoint where health = 'up'",
		    "4\n"));
}

void
pair_end(struct pair *p)
{
	harness_stop(p->h, p->b_share);
	harness_stop(p->h, p->a_share);
	harness_stop(p->h, p->b_probe);
	harness_stop(p->h, p->b_server);
	harness_stop(p->h, p->a.probe);
	harness_stop(p->h, p->a.server);
	etcd_finish(&p->etcd);
	harness_destroy(p->h);
}

void
pair_say(struct pair *p, const char *action, const char *region)
{
	const char *out;

	ck_assert_int_eq(
	    node_ctl(&p->a, &out, action, "region", region, "--reason", "test"),
	    0);
	ck_assert_msg(strstr(out, "accepted by all nodes") != NULL, "%s", out);
}

void
pair_stop_sharing(struct pair *p)
{
	harness_stop(p->h, p->a_share);
	harness_stop(p->h, p->b_share);
}

void
pair_share_again(struct pair *p)
{
	p->a_share =
	    pair_start(p, "meridian-share", "meridian.yaml", "share.log");
	p->b_share = pair_start(p, "meridian-share", "b.yaml", "b-share.log");
}
