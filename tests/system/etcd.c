/*
 * etcd of the distribution for system tests; see etcd.h.
 */
#include "tests/system/etcd.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tests/system/certificates.h"

/* To start, or to agree on a leader, on a busy machine. */
#define PATIENCE_MS 30000

#define NAME "m%d"

static const char *
host(const struct etcd_cluster *c, int i)
{
	return c->places != NULL ? c->places->host[i] : "127.0.0.1";
}

static void
peer_url(const struct etcd_cluster *c, int i, char out[64])
{
	(void)snprintf(
	    out, 64, "http://%s:%u", host(c, i), (unsigned)c->members[i].peer);
}

/* "m0=http://127.0.0.1:PORT,..." */
static void
peers(const struct etcd_cluster *c, char *out, size_t size)
{
	size_t len = 0;
	char url[64];

	for (int i = 0; i < c->n; i++) {
		peer_url(c, i, url);
		len += (size_t)snprintf(out + len, size - len, "%s" NAME "=%s",
		    i > 0 ? "," : "", i, url);
	}
	ck_assert_uint_lt(len, size);
}

void
etcd_run(struct etcd_cluster *c, int i)
{
	struct etcd_member *m = &c->members[i];
	struct harness *h = c->h;
	char name[16], log[32], peer[64], cluster[256];
	/* Of a cluster that is there already, as raft must not begin anew. */
	const char *state = c->n > 1 && m->wiped > 0 ? "existing" : "new";
	const char *option =
	    c->option != NULL ? c->option : "--max-txn-ops=128";

	ck_assert_int_eq(m->pid, 0);
	snprintf(name, sizeof(name), NAME, i);
	snprintf(log, sizeof(log), "etcd-%d.log", i);
	peer_url(c, i, peer);
	peers(c, cluster, sizeof(cluster));
#define COMMON                                                                 \
	"--name", name, "--data-dir", harness_path(h, m->data),                \
	    "--listen-client-urls", m->url, "--advertise-client-urls", m->url, \
	    "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, \
	    "--initial-cluster", cluster, "--initial-cluster-state", state,    \
	    "--log-level=error", "--logger=zap", "--unsafe-no-fsync",          \
	    "--pre-vote", "--heartbeat-interval=50", "--election-timeout=500", \
	    option
	if (c->places != NULL)
		c->places->enter(c->places->context, i);
	if (c->tls)
		m->pid = harness_start(h, log, ETCD, COMMON, "--cert-file",
		    harness_path(h, "server.pem"), "--key-file",
		    harness_path(h, "server.key"), "--client-cert-auth",
		    "--trusted-ca-file", harness_path(h, "ca.pem"), NULL);
	else
		m->pid = harness_start(h, log, ETCD, COMMON, NULL);
#undef COMMON
	if (c->places != NULL)
		c->places->enter(c->places->context, -1);
}

const char *
etcd_post(struct etcd_cluster *c, int i, const char *path, const char *fmt, ...)
{
	struct harness *h = c->h;
	char url[256], body[4096];
	const char *out = "";
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(body, sizeof(body), fmt, ap);
	va_end(ap);
	ck_assert(n >= 0 && (size_t)n < sizeof(body));
	snprintf(url, sizeof(url), "%s%s", c->members[i].url, path);
#define COMMON "/usr/bin/curl", "-s", "-m", "5", "--noproxy", "*", "-d", body
	if (c->tls)
		harness_run(h, &out, COMMON, "--cacert",
		    harness_path(h, "ca.pem"), "--cert",
		    harness_path(h, ETCD_CLIENT ".pem"), "--key",
		    harness_path(h, ETCD_CLIENT ".key"), url, NULL);
	else
		harness_run(h, &out, COMMON, url, NULL);
#undef COMMON
	return out;
}

/* A read that is agreed on. */
static bool
answers(struct etcd_cluster *c, int i)
{
	const char *text = etcd_post(c, i, "/v3/kv/range",
	    "{\"key\":\"AA==\",\"range_end\":\"AA==\",\"count_only\":true}");

	/* With users it may not: that is an answer, too. */
	return strstr(text, "\"header\"") != NULL ||
	    strstr(text, "user name is empty") != NULL;
}

void
etcd_await(struct etcd_cluster *c, int i)
{
	int64_t end = harness_ms() + PATIENCE_MS;
	struct timespec pause = {0, 50000000};

	while (!answers(c, i)) {
		if (harness_ms() > end ||
		    !harness_running(c->h, c->members[i].pid))
			ck_abort_msg(
			    "etcd %d does not answer: etcd-%d.log", i, i);
		nanosleep(&pause, NULL);
	}
}

static void
start(struct etcd_cluster *c, struct harness *h, int n, bool tls)
{
	ck_assert_int_le(n, ETCD_MEMBERS);
	c->h = h;
	c->n = n;
	c->tls = tls;
	for (int i = 0; i < n; i++) {
		struct etcd_member *m = &c->members[i];

		*m = (struct etcd_member){
		    .client = harness_port(h), .peer = harness_port(h)};
		snprintf(m->url, sizeof(m->url), "http%s://%s:%u",
		    tls ? "s" : "", host(c, i), (unsigned)m->client);
		snprintf(m->data, sizeof(m->data), "etcd-%d", i);
	}
	for (int i = 0; i < n; i++)
		etcd_run(c, i);
	for (int i = 0; i < n; i++)
		etcd_await(c, i);
}

void
etcd_start(struct etcd_cluster *c, struct harness *h, int n, bool tls)
{
	const struct certificate client = {.file = ETCD_CLIENT,
	    .issuer = "ca",
	    .subject = "/O=meridian",
	    .days = 40};

	if (tls)
		certificate_make(h, &client);
	c->places = NULL;
	start(c, h, n, tls);
}

void
etcd_start_at(
    struct etcd_cluster *c, struct harness *h, const struct etcd_places *places)
{
	c->places = places;
	start(c, h, ETCD_MEMBERS, false);
}

void
etcd_kill(struct etcd_cluster *c, int i)
{
	harness_kill(c->h, c->members[i].pid);
	c->members[i].pid = 0;
}

void
etcd_finish(struct etcd_cluster *c)
{
	for (int i = 0; i < c->n; i++)
		if (c->members[i].pid != 0)
			etcd_kill(c, i);
}

/* The number of the member ${i}, as another one tells it. */
static void
member_number(struct etcd_cluster *c, int asked, int i, char out[32])
{
	const char *list = etcd_post(c, asked, "/v3/cluster/member/list", "{}");
	const char *at, *id = NULL;
	char peer[64];

	peer_url(c, i, peer);
	at = strstr(list, peer);
	ck_assert_msg(at != NULL, "member %d is not in %s", i, list);
	for (const char *p = list;
	     (p = strstr(p, "\"ID\":\"")) != NULL && p < at; p += 6)
		id = p + 6;
	ck_assert_ptr_nonnull(id);
	snprintf(out, 32, "%.*s", (int)strcspn(id, "\""), id);
}

/* Until it is done: there may be no leader just now, and what was not answered
 * may have been done, as ${done} in an error says. */
static void __attribute__((format(printf, 5, 6)))
change_members(struct etcd_cluster *c, int asked, const char *what,
    const char *done, const char *fmt, ...)
{
	int64_t end = harness_ms() + PATIENCE_MS;
	struct timespec pause = {0, 100000000};
	char path[64], body[256];
	const char *text;
	va_list ap;

	snprintf(path, sizeof(path), "/v3/cluster/member/%s", what);
	va_start(ap, fmt);
	vsnprintf(body, sizeof(body), fmt, ap);
	va_end(ap);
	for (;;) {
		text = etcd_post(c, asked, path, "%s", body);
		if (strstr(text, "\"header\"") != NULL ||
		    strstr(text, done) != NULL)
			return;
		if (harness_ms() > end)
			ck_abort_msg("%s of a member: %s", what, text);
		nanosleep(&pause, NULL);
	}
}

/* Kill member ${i} and remove its data. */
static void
forget_data(struct etcd_cluster *c, int i)
{
	if (c->members[i].pid != 0)
		etcd_kill(c, i);
	ck_assert_int_eq(harness_run(c->h, NULL, "/bin/rm", "-rf",
			     harness_path(c->h, c->members[i].data), NULL),
	    0);
}

void
etcd_wipe(struct etcd_cluster *c, int i)
{
	struct etcd_member *m = &c->members[i];
	int other = (i + 1) % c->n;
	char number[32], peer[64];

	forget_data(c, i);
	m->wiped++;
	if (c->n == 1)
		return;
	member_number(c, other, i, number);
	change_members(
	    c, other, "remove", "not found", "{\"ID\":\"%s\"}", number);
	peer_url(c, i, peer);
	change_members(
	    c, other, "add", "already exists", "{\"peerURLs\":[\"%s\"]}", peer);
}

void
etcd_backup(struct etcd_cluster *c, const char *file)
{
	ck_assert_int_eq(
	    harness_run(c->h, NULL, ETCD_CTL, "--endpoints", c->members[0].url,
		"snapshot", "save", harness_path(c->h, file), NULL),
	    0);
}

void
etcd_restore(struct etcd_cluster *c, const char *file)
{
	char name[16], peer[64], cluster[256];
	const char *out;

	peers(c, cluster, sizeof(cluster));
	for (int i = 0; i < c->n; i++)
		forget_data(c, i);
	for (int i = 0; i < c->n; i++) {
		c->members[i].wiped = 0;
		if (file == NULL)
			continue;
		(void)snprintf(name, sizeof(name), NAME, i);
		peer_url(c, i, peer);
		ck_assert_msg(
		    harness_run(c->h, &out, ETCD_CTL, "snapshot", "restore",
			harness_path(c->h, file), "--name", name,
			"--initial-cluster", cluster,
			"--initial-advertise-peer-urls", peer, "--data-dir",
			harness_path(c->h, c->members[i].data), NULL) == 0,
		    "%s", out);
	}
}

const char *
etcd_endpoints(struct etcd_cluster *c, char *out, size_t size)
{
	size_t len = 0;

	for (int i = 0; i < c->n; i++)
		len += (size_t)snprintf(out + len, size - len, "%s%s",
		    i > 0 ? ", " : "", c->members[i].url);
	ck_assert_uint_lt(len, size);
	return out;
}
