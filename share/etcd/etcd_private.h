/*
 * What the files of the client have in common: etcd.c (its life and what it
 * knows), etcd_call.c (the life of a call), etcd_calls.c (what is asked),
 * etcd_login.c (users), etcd_recheck.c (members that failed), and of those that
 * are built on them: etcd_txn.c and etcd_watch.c.
 */
#ifndef SHARE_ETCD_ETCD_PRIVATE_H
#define SHARE_ETCD_ETCD_PRIVATE_H

#include "base/text.h"
#include "share/etcd/etcd.h"
#include "share/etcd/etcd_endpoints.h"
#include "share/etcd/etcd_judge.h"
#include "share/etcd/etcd_transfer.h"

/* A token is given up after so many calls with it that were not answered in
 * time.  It says up to where etcd must have come before it is looked at; an
 * etcd that was made anew, or put back from an older backup, is not there, and
 * waits. */
#define ETCD_TOKEN_SILENT 2

/* After a login was refused, none is tried for so long: each costs etcd a tenth
 * of a second of a core. */
#define ETCD_LOGIN_PAUSE_MS 1000

struct etcd_login {
	char *user, *file;         /* NULL: no user */
	bool needless;             /* etcd has no users */
	char token[ETCD_TOKEN];    /* "": none yet */
	uint64_t tokens;           /* how many there were */
	int silent;                /* calls with it, in a row, without answer */
	struct etcd_call *call;    /* under way */
	int64_t until_ms;          /* monotonic: failed, and not tried again */
	enum etcd_outcome outcome; /* of that */
	char words[ETCD_WORDS];    /* why */
};

/* What is to end before the client does: a watch. */
struct etcd_user {
	struct etcd_user *next, **at; /* of all */
	void (*stop)(struct etcd_user *user);
};

struct etcd {
	uv_loop_t *loop;
	struct etcd_transport *transport;
	struct etcd_endpoints endpoints;
	struct etcd_login login;
	struct etcd_call *calls;
	struct etcd_user *users;
	int64_t attempt_ms, deadline_ms;
	size_t answer_max;
	/* Of the newest answer that was agreed on by a majority. */
	struct etcd_header known;
	uint64_t histories; /* how often it was another one */
	etcd_told told;
	void *context;
	uv_timer_t recheck; /* closed last */
	bool closed;        /* but in memory until the loop has turned */
};

struct etcd_call {
	struct etcd *etcd;
	struct etcd_call *next, **at; /* of all */
	const char *path;
	enum etcd_kind kind;
	bool again;      /* may be sent twice */
	bool agreed;     /* its answer is agreed on by a majority */
	bool local;      /* what one member knows is enough */
	bool waiting;    /* for a login */
	bool bare;       /* is the login */
	bool alone;      /* no endpoint is asked but the one that is set */
	bool too_large;  /* and is not sent */
	uint64_t token;  /* that it was sent with: which one */
	unsigned logins; /* token renewed, times */
	struct text body;
	/* Of a transaction, else NULL: what it was made from; whether an answer
	 * fits it; how that is freed. */
	void *made_from;
	bool (*fits)(const void *made_from, const struct etcd_answer *answer);
	void (*free)(void *made_from);
	etcd_done done;
	/* In place of done(): the whole answer, of a login. */
	void (*take)(struct etcd *etcd, const char *body, size_t len);
	void *context;
	uv_timer_t timer;
	int64_t deadline_ms; /* monotonic */
	struct etcd_transfer *transfer;
	size_t endpoint;  /* that is asked */
	int64_t revision; /* known when it was sent */
	uint64_t term;
	uint64_t histories;
	char words[ETCD_WORDS]; /* of the endpoints that failed */
};

/* call = etcd_call_create(etcd, kind, path): not begun, its body empty.  NULL
 * without memory.
 * etcd_call_begin(call, done, context): ${call}, or NULL when its body failed
 * for want of memory: then it is gone. */
struct etcd_call *etcd_call_create(
    struct etcd *etcd, enum etcd_kind kind, const char *path);
struct etcd_call *etcd_call_begin(
    struct etcd_call *call, etcd_done done, void *context);

/* etcd_call_wake(call): a login has ended: go on.  etcd_call_fail(call,
 * outcome, words): it is over. */
void etcd_call_wake(struct etcd_call *call);
void etcd_call_fail(
    struct etcd_call *call, enum etcd_outcome outcome, const char *words);

/*
 * needed = etcd_login_needed(etcd, outcome): a call has to wait for a token,
 * and one is being fetched; or there will be none, when ${outcome} is not
 * ETCD_OK, for the reason in login.words.
 * etcd_login_token(etcd): the token for a header, or NULL.
 * etcd_login_forget(etcd): the token is not taken any more.
 * etcd_login_silent(etcd, token), etcd_login_answered(etcd): so was a call that
 * was sent with token number ${token}.
 * etcd_login_init(), etcd_login_finish(): 0, or -1 without memory.
 */
bool etcd_login_needed(struct etcd *etcd, enum etcd_outcome *outcome);
const char *etcd_login_token(const struct etcd *etcd);
void etcd_login_forget(struct etcd *etcd);
void etcd_login_silent(struct etcd *etcd, uint64_t token);
void etcd_login_answered(struct etcd *etcd);
int etcd_login_init(
    struct etcd *etcd, const char *user, const char *password_file);
void etcd_login_finish(struct etcd *etcd);

/* etcd_endpoint_failed(etcd, i, why), etcd_endpoint_answered(etcd, i): number
 * ${i}, and the caller is told.  The client may be closed when they return. */
void etcd_endpoint_failed(
    struct etcd *etcd, size_t i, const struct etcd_why *why);
void etcd_endpoint_answered(struct etcd *etcd, size_t i);

/* etcd_recheck(timer): ask the members that failed, and that no call goes to,
 * how they are; of the timer of a client. */
void etcd_recheck(uv_timer_t *timer);

/* etcd_learn(call, header): an agreed answer to ${call}; tells when it is of
 * another history. */
void etcd_learn(struct etcd_call *call, const struct etcd_header *header);

/* etcd_add_bytes(t, name, bytes): "name":"base64" */
void etcd_add_bytes(struct text *t, const char *name, struct etcd_bytes bytes);
/* etcd_add_range(t, range): the members of a range request. */
void etcd_add_range(struct text *t, const struct etcd_range *range);

/* etcd_user_add(etcd, user): ${user} is stopped when ${etcd} is closed.
 * etcd_user_remove(user): not any more. */
void etcd_user_add(struct etcd *etcd, struct etcd_user *user);
void etcd_user_remove(struct etcd_user *user);

#endif
