/*
 * The link of this node to etcd: its lease and the keys that are bound to it, a
 * clean reading of all that is shared, the watch that follows it, and whether
 * the node is cut off.  Called by the sharer on its loop; knows keys and values
 * as octets alone, but for the site, of which it asks before each reading.
 *
 * A reading is all keys below the prefix as they were at one revision.  Any
 * doubt about what came since (a gap, a compaction, another cluster, a backup
 * that was restored) leads to another one; until that is whole, what was read
 * before stays what is known.
 *
 * A node is cut off once no etcd with a leader has renewed its lease for as
 * long as the lease lasts.  By then the others count it as gone, too.  It is
 * cut off as well once etcd, which renews leases even when it has no space and
 * for users without a role, has refused for as long what the node reads or
 * writes; then it lets its lease go itself.  And so is one whose name another
 * process has that does not end, and one whose state database is of another
 * site: nothing is read or written then.
 */
#ifndef SHARE_LINK_H
#define SHARE_LINK_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "config/share.h"
#include "share/etcd/etcd.h"
#include "share/etcd/etcd_watch.h"

struct link;

enum link_state {
	LINK_BEGINS, /* not read yet, and not cut off yet */
	LINK_READS,  /* again, after what is known had a gap */
	LINK_LIVE,   /* read, and followed */
	LINK_CUT     /* cut off; it goes on trying */
};

/* What the link tells; none of it from within a function of the link. */
struct link_calls {
	/* A reading begins; its keys; it is whole, at ${revision}.  One that
	 * breaks off is followed by the begin of another.  ${anew}: revisions
	 * mean something else than before: etcd is another one, or a backup of
	 * it was restored.  ${end} says whether it is believed: if not, it is
	 * read again soon. */
	void (*begin)(void *context, bool anew);
	void (*keys)(void *context, const struct etcd_found *found);
	bool (*end)(void *context, int64_t revision);
	/* What changed since. */
	void (*events)(
	    void *context, const struct etcd_event *events, size_t n);
	/* Another state, or the same for another reason; ${words} are for the
	 * operator, "" while it lives. */
	void (*state)(void *context, enum link_state state, const char *words);
};

/*
 * link = link_start(loop, config, calls, context): all of ${config} is copied.
 * NULL without memory.
 */
struct link *link_start(uv_loop_t *loop, const struct share_config *config,
    const struct link_calls *calls, void *context);

/*
 * link_hold_site(link, state, id): the state database ${state} is of the site
 * ${id}, "": of none yet; to be called before the loop runs on, where the last
 * call counts.  0, or -1 without memory.
 * id = link_site(link): with which this node shares; "": that is not known yet,
 * or it shares with none, as of NULL.
 * id = link_held_site(link): that of the state database, as it was told, or as
 * etcd had it since.
 * founded = link_founded(link): etcd and the state database had none, and got
 * it from this process.
 */
int link_hold_site(struct link *link, const char *state, const char *id);
const char *link_site(const struct link *link);
const char *link_held_site(const struct link *link);
bool link_founded(const struct link *link);

/* link_stop(link): give the lease back, so that the others need not wait for
 * its end, and tell nothing more; it is gone when the loop has run on.  NULL is
 * fine. */
void link_stop(struct link *link);

/* link_bind(link, key, value): ${key} holds ${value} while this node lives: it
 * is written again with each new lease.  0, or -1 without memory. */
int link_bind(struct link *link, const char *key, const char *value);

/*
 * link_claim(link, key): ${key}, which is bound, is the name of this node: all
 * that is bound is written only while no other process has that key.  0, or -1
 * without memory.
 * link_began(link, lease): the process before this one had ${lease}.
 * link_doubt_claim(link): somebody else has written the key.
 * may = link_may_write(link): this process has the name, by the lease of now;
 * nothing else of this node may be written without it.
 * other = link_other(link): the lease of the process that has it; 0: none.
 */
int link_claim(struct link *link, const char *key);
void link_began(struct link *link, int64_t lease);
void link_doubt_claim(struct link *link);
bool link_may_write(const struct link *link);
int64_t link_other(const struct link *link);

/* state = link_state(link): of NULL, LINK_BEGINS.
 * lease = link_lease(link): 0: there is none now, as of NULL.
 * etcd = link_etcd(link): for calls of its own. */
enum link_state link_state(const struct link *link);
int64_t link_lease(const struct link *link);
struct etcd *link_etcd(struct link *link);

/* keys = link_reads(link, lasts_ms): that the reading of now has read, for
 * ${lasts_ms}; -1: nothing is being read. */
size_t link_reads(const struct link *link, int64_t *lasts_ms);

/* link_wrote(link, answer): the answer to a write of somebody else. */
void link_wrote(struct link *link, const struct etcd_answer *answer);

/* link_read_again(link): what is known is in doubt: a reading that begins later
 * ends that.  However often it is said, readings come to their ends. */
void link_read_again(struct link *link);

#endif
