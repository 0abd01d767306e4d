/*
 * The lease of a vantage: which daemon holds it, and whether that daemon is
 * still there.  For the writer only; knows nothing of SQLite.
 */
#ifndef STATE_LEASE_H
#define STATE_LEASE_H

#include <stdbool.h>
#include <stdint.h>

/* How long a vantage is held without a heartbeat. */
#define LEASE_MS 5000

/* A daemon that may hold a lease.  Its helper processes come and go; it stays
 * one owner. */
struct lease_owner {
	char host[72]; /* for people; of a kernel of this name */
	char boot[96]; /* of this boot and this space of process numbers */
	int64_t pid;
	char id[40]; /* random: of this run of the daemon */
};

/* lease_owner_init(owner, pid, id): this machine's daemon ${pid}. */
void lease_owner_init(struct lease_owner *owner, int64_t pid, const char *id);

/* dead = lease_owner_dead(owner, me): sure that ${owner} has ended; false also
 * when that cannot be known from here. */
bool lease_owner_dead(
    const struct lease_owner *owner, const struct lease_owner *me);

#endif
