/*
 * The alternates of pools in words, for explain.  Called by alternate.c when
 * there is a trace; decides nothing.
 */
#include "steering/trace.h"

#include <string.h>

#include "steering/trace_text.h"

void
trace_add_pool(struct text *t, const struct policy_pool *pool)
{
	text_add(t, "%s%s", pool->name, pool->is_standby ? " (standby)" : "");
}

void
trace_trickle(const struct walk *w, const struct policy_alternate *a,
    uint64_t position, bool inside)
{
	struct text t;

	text_init(&t, TRACE_MAX);
	text_add(&t, "trickle of %s: position ", a->pool.name);
	trace_add_position(&t, position);
	trace_add_block(w, &t);
	text_add(&t, inside ? ", before " : ", not before ");
	trace_add_position(&t, a->trickle);
	if (!inside)
		text_add(&t, ": its standby endpoints come last");
	else if (walk_usable(w, &a->pool) != 0)
		text_add(&t, ": its standby endpoints come first");
	else
		text_add(&t,
		    ": its standby endpoints would come first, but none is "
		    "usable for this client");
	trace_say(w, STEP_SPLIT, &t);
}

void
trace_alternate(const struct walk *w, const struct policy_member *member)
{
	const struct policy_pool *pool;
	struct text t;

	if (w->out->alternate == 0)
		return;
	pool = &member->alternates[w->out->alternate - 1].pool;
	text_init(&t, TRACE_MAX);
	text_add(&t, "%s: ", member->pool.name);
	/* A trickle takes standby endpoints before a pool that is usable. */
	if (walk_usable(w, &member->pool) == 0)
		text_add(&t, "nothing %s: ",
		    w->tier <= USABLE_NO ? "is there for this client"
					 : "is usable for this client");
	/* The standby endpoints of a pool have its name. */
	if (strcmp(pool->name, member->pool.name) != 0)
		text_add(&t, "its origin %s", pool->name);
	else
		text_add(&t, "its standby endpoints");
	if (strcmp(pool->name, member->pool.name) != 0 && pool->is_standby)
		text_add(&t, ", and of that the standby endpoints");
	trace_say(w, STEP_SPLIT, &t);
}

void
trace_spread(
    const struct walk *w, const uint32_t *homes, unsigned n, uint64_t position)
{
	struct text t;

	text_init(&t, TRACE_MAX);
	text_add(&t, "the name lives on ");
	for (unsigned i = 0; i < n; i++)
		text_add(&t, "%s%s", i > 0 ? ", " : "",
		    w->policy->endpoints[homes[i]].key.endpoint);
	text_add(&t, "; position ");
	trace_add_position(&t, position);
	trace_add_block(w, &t);
	trace_say(w, STEP_PICK, &t);
}
