/*
 * Follows what vantages say of endpoints beside their health (load_table.h),
 * what changed (events.h), what was said by hand (hand_list.h) and who controls
 * what (lock_list.h), for pages and explain: no answer depends on it, and load
 * never makes an endpoint down.  What was known stays while the database is
 * away.
 *
 * Threads: the control thread follows, a process of its own reads
 * (state/watch.h); any thread may look.
 */
#ifndef NODE_LOADS_H
#define NODE_LOADS_H

#include <uv.h>

#include "node/events.h"
#include "node/hand_list.h"
#include "node/load_table.h"
#include "node/lock_list.h"
#include "steering/policy.h"

struct loads;

/* From where loads are looked at: which vantages count, and when. */
struct loads_look {
	struct loads *loads;
	const struct vantages *vantages; /* NULL: none is known */
	int64_t mono_ms;
	bool cut; /* this node is cut off from those that it shares with */
};

/* loads = loads_create(): knows nothing.  NULL without memory. */
struct loads *loads_create(void);

/* loads_follow(loads, loop, path): follow the state database ${path} on
 * ${loop}; NULL: none, and nothing is known of one any more. */
void loads_follow(struct loads *loads, uv_loop_t *loop, const char *path);

/* events = loads_events(loads): what changed, as the database says; it lives as
 * long as ${loads}. */
struct events *loads_events(struct loads *loads);

/* hand = loads_hand(loads): what was said by hand last; it lives as long as
 * ${loads}. */
struct hand_list *loads_hand(struct loads *loads);

/* locks = loads_locks(loads): which node controls which pools; it lives as long
 * as ${loads}. */
struct lock_list *loads_locks(struct loads *loads);

/* loads_stop(loads): follow nothing any more; its handles on the loop close
 * while that runs on. */
void loads_stop(struct loads *loads);

/* loads_destroy(loads): free it; it was stopped, or never followed.  NULL is
 * fine. */
void loads_destroy(struct loads *loads);

/* loads = loads_read(path): what the state database ${path} says now, for a
 * program that is not the server: in this process.  Nothing of one that cannot
 * be read, which whoever reads health says.  NULL without memory. */
struct loads *loads_read(const char *path);

/*
 * stale = loads_see(look, policy, e, out): what is known of endpoint number
 * ${e} of ${policy}.  True when its load was measured so long ago that its
 * check does not count it any more: then none is known.
 */
bool loads_see(const struct loads_look *look, const struct policy *policy,
    size_t e, struct load_view *out);

/* n = loads_opinions(look, policy, e, out, size): what vantages say of the
 * health of endpoint number ${e}, as load_table_opinions(). */
size_t loads_opinions(const struct loads_look *look,
    const struct policy *policy, size_t e, struct load_opinion *out,
    size_t size);

/* wanted = loads_wanted(policy, e): its check reads load. */
bool loads_wanted(const struct policy *policy, size_t e);

#endif
