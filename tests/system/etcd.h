/*
 * etcd of the distribution for system tests: one member or three on loopback,
 * with its data in the test's folder.  Included by tests only; fails the test
 * when something does not start.  One cluster a test.
 */
#ifndef TESTS_SYSTEM_ETCD_H
#define TESTS_SYSTEM_ETCD_H

#include "tests/system/harness.h"

#define ETCD "/usr/bin/etcd"
#define ETCD_CTL "/usr/bin/etcdctl"
#define ETCD_MEMBERS 3
/* The certificate of clients: without a CommonName, which etcd with users
 * refuses. */
#define ETCD_CLIENT "etcd-client"

struct etcd_member {
	uint16_t client, peer; /* ports */
	pid_t pid;             /* 0: does not run */
	char url[64];          /* "http://127.0.0.1:PORT" */
	char data[32];         /* its folder */
	int wiped;             /* times */
};

struct etcd_cluster {
	struct harness *h;
	struct etcd_member members[ETCD_MEMBERS];
	int n;
	bool tls; /* of clients, and they need a certificate of "ca" */
	/* Of the command line, or NULL: "--auth-token-ttl=2". */
	const char *option;
	const struct etcd_places *places; /* NULL: all on 127.0.0.1 */
};

/* Where members are, each at an address of its own.  With enter(context, i)
 * what is started next is where member ${i} is, -1: where the test is. */
struct etcd_places {
	const char *host[ETCD_MEMBERS];
	void (*enter)(void *context, int i);
	void *context;
};

/*
 * etcd_start(c, h, n, tls): ${n} members, 1 or 3, that answer.  With ${tls}
 * the certificates of certificates.h have been made: "server" is theirs, and
 * ETCD_CLIENT is made.  Set
 * c->option before; the rest of ${c} is filled in.
 */
void etcd_start(struct etcd_cluster *c, struct harness *h, int n, bool tls);

/* etcd_start_at(c, h, places): three of them at ${places}, without TLS. */
void etcd_start_at(struct etcd_cluster *c, struct harness *h,
    const struct etcd_places *places);

/* etcd_finish(c): kill all members; before harness_destroy(), which wants what
 * it stops to end as meridiand does. */
void etcd_finish(struct etcd_cluster *c);

/* etcd_kill(c, i): kill -9 of member ${i}.  etcd_run(c, i): start it again,
 * with its data; etcd_await(c, i): it answers, with a leader. */
void etcd_kill(struct etcd_cluster *c, int i);
void etcd_run(struct etcd_cluster *c, int i);
void etcd_await(struct etcd_cluster *c, int i);

/* etcd_wipe(c, i): kill member ${i} and remove its data.  Of three it is taken
 * out of the cluster and put in again; of one its cluster is a new one.  Then
 * etcd_run(). */
void etcd_wipe(struct etcd_cluster *c, int i);

/*
 * Backups, without TLS.  etcd_backup(c, file): save what member 0 has to
 * ${file} of the test's folder, as operators do, by etcdctl(1).
 * etcd_restore(c, file): kill all members and put the backup in the place of
 * their data, or nothing where ${file} is NULL; then etcd_run() of each.
 */
void etcd_backup(struct etcd_cluster *c, const char *file);
void etcd_restore(struct etcd_cluster *c, const char *file);

/*
 * answer = etcd_post(c, i, path, fmt, ...): POST the JSON of ${fmt} to
 * ${path} ("/v3/kv/put") of member ${i}, by curl(1); what it answers, "" when
 * it does not.  Lives as long as the harness.
 */
const char *etcd_post(struct etcd_cluster *c, int i, const char *path,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* list = etcd_endpoints(c, out, size): the URLs of all members, with commas,
 * as meridian.yaml has them in "[...]". */
const char *etcd_endpoints(struct etcd_cluster *c, char *out, size_t size);

#endif
