/*
 * Whether an override may be said: that it has a target, that what it ends is
 * in force, the wait between two changes of a region, and the safety rule.  For
 * override_say.c; writes nothing.
 */
#ifndef CTL_OVERRIDE_CHECK_H
#define CTL_OVERRIDE_CHECK_H

#include "base/text.h"
#include "ctl/override_reach.h"
#include "ctl/override_trail.h"
#include "node/generation.h"
#include "steering/health.h"

/* What a check looks at. */
struct override_look {
	const char *path; /* of the node's file, for commands */
	const struct generation *g;
	const struct override_trail *trail;
	const struct override_reach *reach; /* of the override */
	int64_t now_ms;                     /* wall clock */
};

/* ok = override_check_target(look, row, why): it means something, and what it
 * ends is in force; else why not. */
bool override_check_target(const struct override_look *look,
    const struct state_override *row, struct text *why);

/* ok = override_check_wait(look, row, why): no region that it changes was
 * changed within the wait of its zones. */
bool override_check_wait(const struct override_look *look,
    const struct state_override *row, struct text *why);

/*
 * status = override_check_safety(look, health, row, why): 0 when it leaves
 * enough to all clients, 1 with the first that it does not in ${why}, -1
 * without memory.  All that is in force counts as it will be once it has come
 * in.
 */
int override_check_safety(const struct override_look *look,
    struct health *health, const struct state_override *row, struct text *why);

/* override_check_rest(t, look, row): of ${row}, which ends another: what is
 * still out by others.
 * override_check_drained(t, look, row): what of it is drained, and stays so. */
void override_check_rest(struct text *t, const struct override_look *look,
    const struct state_override *row);
void override_check_drained(struct text *t, const struct override_look *look,
    const struct state_override *row);

#endif
