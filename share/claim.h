/*
 * The name of this node in etcd: its key may be written by one process alone,
 * so that two nodes of one name do not take what each other says for their own.
 * Kept by the link, which writes what is bound to its lease only where the key
 * is bound to that lease, or is not there.  Pure but for the transaction that
 * it adds to.
 *
 * Who comes later waits until the lease of the other ends.  A process that
 * begins again on the same machine knows the lease of the one before, and goes
 * on at once.
 */
#ifndef SHARE_CLAIM_H
#define SHARE_CLAIM_H

#include <stdbool.h>
#include <stdint.h>

#include "share/etcd/etcd_txn.h"

/* Between two attempts while another has the key. */
#define CLAIM_AGAIN_MS 500

/* A lease may last so much longer than it was granted for, as etcd looks for
 * those that ended from time to time. */
#define CLAIM_SLACK_MS 3000

/* So many leases that this node had are remembered: etcd that is put back from
 * a backup of a while ago has the key with one of them. */
#define CLAIM_HAD 16

struct claim {
	char *key;              /* NULL: nothing is claimed yet */
	int64_t had[CLAIM_HAD]; /* leases, the newest at next_had - 1, or 0 */
	size_t next_had;
	int64_t expects; /* by which the key is bound when it is next tried */
	int64_t held;    /* the lease by which this process has it, or 0 */
	int64_t other;   /* the lease by which another has it, or 0 */
	int64_t other_ms, again_ms; /* monotonic: since when; not before */
	bool twin; /* it is no process of before: its lease does not end */
};

/* 0, or -1 without memory.  claim_finish(claim): free what it holds. */
int claim_key(struct claim *claim, const char *key);
void claim_finish(struct claim *claim);

/* claim_add(claim, txn): the operations of ${txn} are for when the key is ours
 * or nobody's; else it is told whose it is. */
void claim_add(const struct claim *claim, struct etcd_txn *txn);

/* claim_answer(claim, answer, lease, lease_ms, now_ms): what became of that,
 * tried with ${lease}. */
void claim_answer(struct claim *claim, const struct etcd_answer *answer,
    int64_t lease, int64_t lease_ms, int64_t now_ms);

/* claim_lost(claim, lease): ${lease}, which this node had, or 0, is gone; its
 * end may come later in etcd. */
void claim_lost(struct claim *claim, int64_t lease);

#endif
