/*
 * A client of etcd by its v3 JSON API (etcd 3.4 and later): several endpoints
 * with fail-over, TLS, users.  Called by share/; knows nothing of the meaning
 * of keys.  Never blocks: all runs on one libuv loop, and what came of a call
 * is told from that loop later, never by the function that began it.
 *
 * A call goes to the endpoint that answered last.  One that refuses, hangs,
 * answers garbage, has no leader or a certificate that does not hold is left
 * alone for a while, which doubles, and the next one is asked.  A call that
 * may have been carried out is not sent again where that could do harm, as with
 * transactions: it ends as ETCD_UNCERTAIN, and its caller reads what became of
 * it.
 *
 * etcd knows who asks by user and password only: its JSON gateway does not
 * take the name in a client certificate for a user.  A certificate lets this
 * client connect to an etcd with --client-cert-auth; roles need a user.  With
 * both, etcd refuses certificates that have a CommonName (HTTP status 400):
 * they have to do without.  Such an etcd asks itself with its own certificate,
 * which therefore has to be good for clients, too (extendedKeyUsage serverAuth
 * and clientAuth, or none).
 *
 * Endpoints are best named by address: libcurl asks the DNS in a thread.
 * Its caller should not be dumped: a token and a password are in memory.
 */
#ifndef SHARE_ETCD_ETCD_H
#define SHARE_ETCD_ETCD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "share/etcd/etcd_answer.h"

struct etcd;
struct etcd_call;

/* What the caller should know and no call says. */
enum etcd_news {
	/* Other keys than before: another cluster, or its revision or term went
	 * back, as after a backup was restored.  Read everything again. */
	ETCD_NEWS_HISTORY,
	/* An endpoint failed, for the first time since it answered or for
	 * another reason, or one that had failed answers again: ${words} are
	 * the URLs of those that fail and why, "" where none does. */
	ETCD_NEWS_FAILED,
	ETCD_NEWS_ANSWERS
};
typedef void (*etcd_told)(
    void *context, enum etcd_news news, const char *words);

/* What an endpoint has for an answer where nothing else is said. */
#define ETCD_ATTEMPT_MS 2000

/* All texts are copied.  NULL and 0 where something is not set. */
struct etcd_options {
	const char *const *endpoints; /* "https://10.0.0.1:2379" */
	size_t n_endpoints;
	const char *ca; /* file; NULL: the authorities of the system */
	const char *certificate, *key; /* files; read again when they change */
	const char *user, *password_file;
	int64_t attempt_ms;  /* one endpoint has for an answer; 0: as above */
	int64_t deadline_ms; /* a call has, all attempts counted; 0: 6000 */
	size_t answer_max;   /* bytes of JSON, octets as base 64; 0: 8 MiB */
	etcd_told told;      /* may be NULL */
	void *context;
};

/* etcd = etcd_create(loop, options): asks nothing yet.  NULL without memory or
 * endpoints. */
struct etcd *etcd_create(uv_loop_t *loop, const struct etcd_options *options);

/* etcd_close(etcd): end all calls and watches, without a word to their callers.
 * It is gone when the loop has run on; leases live until they end.  NULL is
 * fine. */
void etcd_close(struct etcd *etcd);

/*
 * Calls.  Each tells ${done} once what became of it, unless it is cancelled;
 * then it is gone.  NULL without memory: ${done} is not called.
 * etcd_range(): the keys of ${range}, in their order.
 * etcd_lease_grant(): a lease of ${ttl_s}, at least 1; answer->lease is it.
 * etcd_lease_keep(): begin the time of ${lease} anew.
 * etcd_lease_revoke(): end it, with all keys that are bound to it.
 * etcd_status(): what endpoint number ${i} says of itself, for which it needs
 * no leader; no other is asked.
 */
struct etcd_call *etcd_range(struct etcd *etcd, const struct etcd_range *range,
    etcd_done done, void *context);
struct etcd_call *etcd_lease_grant(
    struct etcd *etcd, int64_t ttl_s, etcd_done done, void *context);
struct etcd_call *etcd_lease_keep(
    struct etcd *etcd, int64_t lease, etcd_done done, void *context);
struct etcd_call *etcd_lease_revoke(
    struct etcd *etcd, int64_t lease, etcd_done done, void *context);
struct etcd_call *etcd_status(
    struct etcd *etcd, size_t i, etcd_done done, void *context);

/* etcd_trouble(etcd, out, size): the endpoints that fail, and why; "" when none
 * does.  Those that nothing is asked of, as another one answers, are looked at
 * again after a while. */
void etcd_trouble(const struct etcd *etcd, char *out, size_t size);

/* etcd_within(call, ms): it has so long from now on, in place of the deadline
 * of the options.  NULL is fine. */
void etcd_within(struct etcd_call *call, int64_t ms);

/* etcd_cancel(call): its caller is told nothing any more; a write may be
 * carried out all the same. */
void etcd_cancel(struct etcd_call *call);

#endif
