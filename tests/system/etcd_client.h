/*
 * The client of etcd (share/etcd/) as system tests use it: calls that wait for
 * their answer, and a watch that keeps what it is told.  Included by the tests
 * of share/etcd/ only.
 */
#ifndef TESTS_SYSTEM_ETCD_CLIENT_H
#define TESTS_SYSTEM_ETCD_CLIENT_H

#include "share/etcd/etcd_txn.h"
#include "share/etcd/etcd_watch.h"
#include "tests/system/etcd.h"

/* For what has to happen, on a busy machine. */
#define PATIENCE_MS 30000

/* A copy of an answer, as far as tests look at it. */
struct said {
	bool done;
	struct etcd_answer answer; /* its pointers are NULL */
	char words[512];
	char token[64]; /* version of a status */
	size_t n; /* keys that were found, by the range or the first get */
	struct {
		char key[64], value[64];
		int64_t create, mod, lease;
	} pairs[64];
	bool more;
};

#define TOLD_MAX 4096

struct seen {
	struct etcd_watch *watch;
	bool live, ended;
	int links; /* changes */
	enum etcd_watch_end why;
	char words[512];
	size_t n;
	struct {
		bool deleted;
		char key[32], value[32];
		int64_t revision;
	} events[TOLD_MAX];
	size_t bytes; /* of all values */
};

struct user {
	uv_loop_t loop;
	struct etcd *etcd;
	struct said said;
	int histories, failed, answers; /* news */
	char news[1024];                /* the last words */
};

/* user_create(u, options): a client on a loop of its own; the news go to ${u}.
 * user_of(u, c): of all members of ${c}, with TLS where it has. */
void user_create(struct user *u, const struct etcd_options *options);
void user_of(struct user *u, struct etcd_cluster *c);

/* user_finish(u): close it; nothing of it may be left in the loop. */
void user_finish(struct user *u);

/* user_run(u): let the loop run for some milliseconds. */
void user_run(struct user *u);
#define USER_WAIT(u, condition)                                     \
	do {                                                        \
		int64_t end_ = harness_ms() + PATIENCE_MS;          \
		while (!(condition)) {                              \
			if (harness_ms() > end_)                    \
				ck_abort_msg("never: %s; news: %s", \
				    #condition, (u)->news);         \
			user_run(u);                                \
		}                                                   \
	} while (0)

/* said = user_wait(u, call): what became of a call that was begun with
 * user_done and ${u}. */
void user_done(void *u, const struct etcd_answer *answer);
const struct said *user_wait(struct user *u, struct etcd_call *call);

/* user_put(u, key, value): it is put; the revision.  user_try(u, key, value):
 * with whatever outcome. */
int64_t user_put(struct user *u, const char *key, const char *value);
const struct said *user_try(struct user *u, const char *key, const char *value);
/* said = user_get(u, prefix): all keys below it. */
const struct said *user_get(struct user *u, const char *prefix);

/* user_watch(u, prefix, revision, seen): tell changes below ${prefix} after
 * ${revision}. */
void user_watch(
    struct user *u, const char *prefix, int64_t revision, struct seen *seen);

#endif
