/*
 * Transactions: if all compares hold, the operations of one list, else those of
 * another, all at one revision.  Built by callers of share/etcd/, sent whole.
 */
#ifndef SHARE_ETCD_ETCD_TXN_H
#define SHARE_ETCD_ETCD_TXN_H

#include "share/etcd/etcd.h"

struct etcd_txn;

/* txn = etcd_txn_create(): nothing in it.  NULL without memory.
 * etcd_txn_destroy(txn): one that is not sent.  NULL is fine. */
struct etcd_txn *etcd_txn_create(void);
void etcd_txn_destroy(struct etcd_txn *txn);

enum etcd_is { ETCD_EQUAL, ETCD_NOT_EQUAL, ETCD_GREATER, ETCD_LESS };

/*
 * Compares.  etcd_txn_if_created(): the revision at which ${key} was made; 0:
 * there is none.  etcd_txn_if_modified(): at which it was last written.
 * etcd_txn_if_leased(): to which lease it is bound; 0: to none, or it is not
 * there.
 * etcd_txn_if_value(): what it holds; a key that is not there fails.
 */
void etcd_txn_if_created(struct etcd_txn *txn, struct etcd_bytes key,
    enum etcd_is is, int64_t revision);
void etcd_txn_if_modified(struct etcd_txn *txn, struct etcd_bytes key,
    enum etcd_is is, int64_t revision);
void etcd_txn_if_leased(struct etcd_txn *txn, struct etcd_bytes key,
    enum etcd_is is, int64_t lease);
void etcd_txn_if_value(struct etcd_txn *txn, struct etcd_bytes key,
    enum etcd_is is, struct etcd_bytes value);

/* Operations.  A key may be written once in a list.  ${lease} of 0: none;
 * etcd_txn_delete() takes a range as etcd_range has it. */
void etcd_txn_put(struct etcd_txn *txn, struct etcd_bytes key,
    struct etcd_bytes value, int64_t lease);
void etcd_txn_delete(
    struct etcd_txn *txn, struct etcd_bytes key, struct etcd_bytes end);
void etcd_txn_get(struct etcd_txn *txn, const struct etcd_range *range);

/* etcd_txn_else(txn): operations that follow are for when a compare fails. */
void etcd_txn_else(struct etcd_txn *txn);

/* n = etcd_txn_ops(txn): operations in the list that is being filled.
 * n = etcd_txn_bytes(txn): keys and values so far. */
size_t etcd_txn_ops(const struct etcd_txn *txn);
size_t etcd_txn_bytes(const struct etcd_txn *txn);

/*
 * call = etcd_txn_send(etcd, txn, done, context): a call as in etcd.h; ${txn}
 * is given up in any case.  One that passes a bound ends as ETCD_TOO_LARGE.
 */
struct etcd_call *etcd_txn_send(
    struct etcd *etcd, struct etcd_txn *txn, etcd_done done, void *context);

#endif
