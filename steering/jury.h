/*
 * The jury: what every vantage says of every endpoint of a policy, kept over
 * reloads and while the state database is away, and what that makes of each.
 * The one place where votes are counted: meridiand answers by it (health.h),
 * and those who control by load and walk ramps step by it.  Belongs to one
 * thread at a time: the one that follows the database.
 *
 * An endpoint without a check is up.  Of others those vantages vote that say up
 * or down.  A vote is worth what its vantage is, until that was heard two
 * periods and a timeout of the check, or stale_after where that is longer,
 * after news of a check came; all ages are by arrival here (vantage.h).
 *
 * - Live votes decide alone: of vantages whose heartbeat was seen to move in
 *   the last stale_after; and for five seconds of those that were read when the
 *   database was opened, so that a restart does not ask half of them.
 *   Where the quorum of the check says so, only the nearest of them, or regions
 *   as one (electorate.h).
 * - Of these, a vantage that is blind (blind.h) votes only on endpoints of its
 *   own region.  Where all that vote on an endpoint are blind, it is up if one
 *   of them finds it up, else what it was when one voted that was not; with
 *   nothing before they decide, after the round of the pool.
 * - Of a node that is cut off from those that it shares with (cutoff.h), the
 *   live votes of its own vantages on endpoints of their own region are all
 *   that counts.  Elsewhere what was decided last stays, whatever `then` says.
 * - Where there is none, the last votes: of vantages that gave their lease back
 *   in good order, as when they are renamed, and of those that were read and
 *   not heard, in both cases for stale_after.
 * - Where there is none either, older votes as `then` says (keep: as they
 *   decided); but as they decided whatever it says while the round of the pool
 *   is open, or a vantage began a round's time ago: what comes back is not
 *   checked all at once.
 * - Without a vote it is up, and told as unchecked, while the round of its pool
 *   is open, with nothing else to come first; after that it is unchecked, and
 *   used where nothing else is up.
 *
 * Where a name has the addresses of an endpoint, each address has votes of its
 * own, and those are its addresses that one of the vantages has that are to be
 * believed most: live ones, else those of the next kind.  It is as usable as
 * the best of them.
 *
 * What makes it up: majority: at least half (on a tie a false down costs more
 * than a false up); any: one; all: all; a count: that many, or all when fewer
 * vote.
 *
 * The round of a pool begins when a policy first has it, again when a vantage
 * is heard and none was, and again with its first result, as the probes may get
 * their files later.  It is over when each endpoint has a result of a live
 * vote, or when a period and a timeout, at most stale_after, have passed.  A
 * pool keeps its round over reloads as long as one of its endpoints stays.
 *
 * The time that is pending is the least that a streak of a live vote needs to
 * reach `fall` or `rise` (pending.h); none at all while a round decides.
 */
#ifndef STEERING_JURY_H
#define STEERING_JURY_H

#include <stdbool.h>
#include <stdint.h>

#include "config/server.h"
#include "state/endpoint_key.h"
#include "state/rows.h"
#include "steering/live.h"
#include "steering/policy.h"
#include "steering/quorum.h"
#include "steering/vantage.h"

struct jury;

/* What is said of one endpoint. */
struct jury_word {
	/* Of one whose addresses a name has it is that of the best of them, and
	 * never presumed. */
	struct quorum_verdict verdict;
	struct live_address known[LIVE_MAX_KNOWN]; /* of the name */
	size_t n;
};

/* jury = jury_create(): knows nothing yet.  NULL without memory.
 * jury_destroy(jury): free it.  NULL is fine. */
struct jury *jury_create(void);
void jury_destroy(struct jury *jury);

/* jury_configure(jury, stale_after_ms, then): when rows are stale and what
 * then. */
void jury_configure(
    struct jury *jury, uint64_t stale_after_ms, enum stale_then then);

/* jury_allow_missed(jury, ppm): a vantage that misses no more than these
 * millionths of what others find up is not blind (blind.h). */
void jury_allow_missed(struct jury *jury, uint32_t ppm);

/* jury_share(jury, node, mono_ms): this is ${node}, which shares with others;
 * NULL, as at first: it shares with none. */
void jury_share(struct jury *jury, const char *node, int64_t mono_ms);

/* cut = jury_cut(jury, mono_ms): this node is cut off from the others
 * (cutoff.h). */
bool jury_cut(const struct jury *jury, int64_t mono_ms);

/*
 * status = jury_adopt(jury, policy, mono_ms): judge the endpoints of ${policy}
 * from now on, as health_adopt() has it.  0, or -1 without memory.
 */
int jury_adopt(struct jury *jury, const struct policy *policy, int64_t mono_ms);

/*
 * jury_begin(jury, full), jury_vantage(), jury_node(), jury_endpoint(),
 * jury_address(), jury_commit(): take a change of the state database, as
 * health_begin() has it.
 */
void jury_begin(struct jury *jury, bool full);
void jury_vantage(struct jury *jury, const struct state_vantage *row,
    int64_t mono_ms, int64_t wall_ms);
void jury_node(
    struct jury *jury, const struct state_node *row, int64_t mono_ms);
void jury_endpoint(struct jury *jury, const struct state_endpoint *row);
void jury_address(struct jury *jury, const struct state_address *row);
void jury_commit(struct jury *jury, int64_t mono_ms);

/* jury_sit(jury, policy, mono_ms): from now on judge by ${policy}, which was
 * adopted, as of ${mono_ms}. */
void jury_sit(struct jury *jury, const struct policy *policy, int64_t mono_ms);

/* votes = jury_votes(jury, policy, i): on endpoint number ${i} of ${policy};
 * NULL: no vantage speaks of it. */
struct endpoint_votes *jury_votes(
    struct jury *jury, const struct policy *policy, uint32_t i);

/* jury_judge(jury, policy, i, votes, out): endpoint number ${i} of ${policy},
 * with a check or a name, by its ${votes}.  What was decided of one without a
 * name stands until a vote on it comes, the basis changes (basis.h), or time
 * alone may alter it: nothing is counted again where nothing can have changed.
 */
void jury_judge(struct jury *jury, const struct policy *policy, uint32_t i,
    struct endpoint_votes *votes, struct jury_word *out);

/* jury_say(jury, policy, key, out): the same by its key.  What nobody checks is
 * up, and not heard. */
void jury_say(struct jury *jury, const struct policy *policy,
    const struct endpoint_key *key, struct quorum_verdict *out);

/* up_ms = jury_up_ms(jury, check, votes): for how long it has been up: as long
 * as that address of it that has been for longest; -1: it is not. */
int64_t jury_up_ms(const struct jury *jury, const struct policy_check *check,
    struct endpoint_votes *votes);

/*
 * vantage = jury_find_vantage(jury, name): its number until the next change, or
 * VANTAGE_NONE.
 * away = jury_sets_aside(jury, vantage, place): what it finds of endpoints in
 * the region ${place} (vantage_place()) is set aside, as it is blind or may be.
 * hears = jury_hears(jury, vantage, place): it lives, and is not set aside.
 */
uint32_t jury_find_vantage(const struct jury *jury, const char *name);
bool jury_sets_aside(const struct jury *jury, uint32_t vantage, uint64_t place);
bool jury_hears(const struct jury *jury, uint32_t vantage, uint64_t place);

/* vantages = jury_vantages(jury): all of them, until the next change. */
const struct vantage_table *jury_vantages(const struct jury *jury);

/* n = jury_addresses(jury): that are known of all names. */
size_t jury_addresses(const struct jury *jury);

#endif
