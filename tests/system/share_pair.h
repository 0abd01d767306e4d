/*
 * Two nodes, "a" and "b", that share through one etcd, each with a vantage and
 * the same zone.  Included by tests only; fails the test when something does
 * not start.
 */
#ifndef TESTS_SYSTEM_SHARE_PAIR_H
#define TESTS_SYSTEM_SHARE_PAIR_H

#include "tests/system/etcd.h"
#include "tests/system/node.h"

struct pair {
	struct harness *h;
	struct etcd_cluster etcd;
	struct node a;
	uint16_t b_port, b_http;
	pid_t a_share, b_server, b_probe, b_share;
	int lease_s; /* of both; set by pair_begin() */
};

/* pair_begin(p): all of it runs, with leases of two seconds, and both know what
 * the other finds.  pair_begin_leased(p, lease_s): with longer ones, for what a
 * lease that is lost on a busy machine would disturb.
 * pair_end(p): it is ended. */
void pair_begin(struct pair *p);
void pair_begin_leased(struct pair *p, int lease_s);
void pair_end(struct pair *p);

/* The file ${name} of a node beside "a": its state database, vantage and node,
 * and more keys of share, which begin with ", ". */
struct pair_file {
	const char *name, *state, *vantage, *node, *share;
};

/* pair_write(p, file, port, http): write it; it has no history, and is read by
 * who is started or reloads. */
void pair_write(
    struct pair *p, const struct pair_file *file, uint16_t port, uint16_t http);

/* pid = pair_start(p, program, file, log): one program of a node, of
 * "meridian.yaml" or "b.yaml". */
pid_t pair_start(
    struct pair *p, const char *program, const char *file, const char *log);

/* pair_stop_b(p), pair_start_b(p): all programs of "b". */
void pair_stop_b(struct pair *p);
void pair_start_b(struct pair *p);

/* out = pair_sql(p, node, query): what the state database of "a" or "b"
 * answers.  same = pair_same(p, node, query, want): it is ${want}. */
const char *pair_sql(struct pair *p, const char *node, const char *query);
bool pair_same(
    struct pair *p, const char *node, const char *query, const char *want);

/* has = pair_has(p, key): etcd has a key that begins so. */
bool pair_has(struct pair *p, const char *key);

/* n = pair_told(p, log, words): how often ${words} are in the file ${log}, of a
 * program. */
int pair_told(struct pair *p, const char *log, const char *words);

/* pair_say(p, action, region): it is said at "a", and all nodes accept it.
 * pair_stop_sharing(p), pair_share_again(p): both do. */
void pair_say(struct pair *p, const char *action, const char *region);
void pair_stop_sharing(struct pair *p);
void pair_share_again(struct pair *p);

/* status = PAIR_B_CTL(p, out, ...): meridianctl of node "b"; that of "a" is
 * node_ctl(). */
#define PAIR_B_CTL(p, out, ...)                       \
	harness_run((p)->h, out, "meridianctl", "-c", \
	    harness_path((p)->h, "b.yaml"), __VA_ARGS__, NULL)

#endif
