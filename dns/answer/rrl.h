/*
 * Response rate limiting: so that forged senders get no flood of answers from
 * here.  Counts the answers to each client and kind in a table of fixed size
 * that all UDP workers share; says of each answer whether it is sent, replaced
 * by an empty one that sends a real client to TCP, or dropped.  Called by
 * respond().
 *
 * The kernel gives one client's packets to workers by their source port.  Only
 * a count that all workers share is the same for a resolver with random ports,
 * a forwarder with one port, and a forger that chooses its ports: a table for
 * each worker would give the forger as many times the rate as there are
 * workers, and a share of the rate for each worker would starve the forwarder.
 * So an entry is one word that is exchanged atomically, without a lock and
 * without order: two workers meet in it only when they answer the same client
 * and question.
 */
#ifndef DNS_ANSWER_RRL_H
#define DNS_ANSWER_RRL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

struct query;
struct reply;

struct rrl_settings {
	uint32_t responses; /* a second, of one kind to one client */
	uint32_t all;       /* of all kinds together; 0: no such limit */
	uint32_t window_ms; /* of unused ones that add up; 1000 at least */
	/* Of the limited ones, one in so many is sent empty; 0: none; at most
	 * RRL_MAX_SLIP. */
	uint32_t slip;
	uint8_t ipv4, ipv6;          /* bits of the prefix that is one client */
	uint32_t table;              /* entries, 8 octets each */
	const struct prefix *exempt; /* clients that are never limited */
	size_t n_exempt;
};
#define RRL_MAX_SLIP 10
/* More times `responses` than this `all` must not be: what one answer costs it
 * is rounded to a whole thousandth of `responses`. */
#define RRL_MAX_ALL 100

/*
 * Answers that count together: an answer of records by name and type, those of
 * a wildcard and those below a DNAME as one name, and those that begin with a
 * CNAME, which every type gets, as one type; a referral by the delegation;
 * NODATA and NXDOMAIN by zone; errors all together.
 */
enum rrl_kind {
	RRL_ANSWER,
	RRL_REFERRAL,
	RRL_NODATA,
	RRL_NXDOMAIN,
	RRL_ERROR,
	RRL_ALL, /* whatever it was, the client had too many of all kinds */
	RRL_KINDS
};

enum rrl_verdict { RRL_SEND, RRL_SLIP, RRL_DROP };

struct rrl;

/*
 * rrl = rrl_create(settings, seed): nobody has had an answer.  Keeps nothing of
 * ${settings}; ${seed} is random, so that nobody can choose entries that
 * collide.  NULL without memory.
 */
struct rrl *rrl_create(const struct rrl_settings *settings, uint64_t seed);

/* rrl_destroy(rrl): when no worker can see it any more.  NULL is fine. */
void rrl_destroy(struct rrl *rrl);

/* same = rrl_same(rrl, settings): it was made of these. */
bool rrl_same(const struct rrl *rrl, const struct rrl_settings *settings);

/*
 * verdict = rrl_count(rrl, now_ms, client, kind, name, len, type): count an
 * answer of this kind, about ${name} of ${len} octets and ${type}, at the
 * monotonic time ${now_ms}, to ${client}; first of its kind, and if that lets
 * it be sent, of all.  So a flood of one name leaves the client its other
 * names.  RRL_ALL to ${kind} when only the limit of all holds it back.
 */
enum rrl_verdict rrl_count(struct rrl *rrl, int64_t now_ms,
    const struct address *client, enum rrl_kind *kind, const uint8_t *name,
    size_t len, uint16_t type);

/*
 * verdict = rrl_judge(rrl, now_ms, client, query, reply, kind): the same for a
 * ${reply} that is made and not finished yet; its kind, or RRL_ALL, to ${kind}.
 * An answer that is to slip is emptied (TC=1).  A ${query} with a valid cookie
 * is not counted: its address is not forged (RFC 7873, 5.2.5).
 */
enum rrl_verdict rrl_judge(struct rrl *rrl, int64_t now_ms,
    const struct address *client, const struct query *query,
    struct reply *reply, enum rrl_kind *kind);

#endif
