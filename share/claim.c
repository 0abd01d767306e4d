/* Keeps who has the name of this node.  Called by the link. */
#include "share/claim.h"

#include <stdlib.h>
#include <string.h>

int
claim_key(struct claim *c, const char *key)
{
	if (c->key != NULL)
		return 0;
	c->key = strdup(key);
	return c->key != NULL ? 0 : -1;
}

void
claim_finish(struct claim *c)
{
	free(c->key);
	c->key = NULL;
}

void
claim_add(const struct claim *c, struct etcd_txn *txn)
{
	const struct etcd_range range = {.key = etcd_text(c->key)};

	etcd_txn_if_leased(txn, range.key, ETCD_EQUAL, c->expects);
	etcd_txn_else(txn);
	etcd_txn_get(txn, &range);
}

static bool
had(const struct claim *c, int64_t lease)
{
	for (size_t i = 0; i < CLAIM_HAD; i++)
		if (c->had[i] == lease)
			return true;
	return false;
}

static void
take_other(struct claim *c, int64_t lease, int64_t lease_ms, int64_t now_ms)
{
	c->held = c->expects = 0;
	if (c->other != lease) {
		c->other = lease;
		c->other_ms = now_ms;
	}
	c->again_ms = now_ms + CLAIM_AGAIN_MS;
	c->twin |= now_ms - c->other_ms >= lease_ms + CLAIM_SLACK_MS;
}

void
claim_answer(struct claim *c, const struct etcd_answer *answer, int64_t lease,
    int64_t lease_ms, int64_t now_ms)
{
	int64_t found;

	if (answer->outcome != ETCD_OK)
		return;
	if (answer->succeeded) {
		c->held = c->expects = lease;
		c->other = 0;
		c->twin = false;
		return;
	}
	found = answer->n_ops == 1 && answer->ops[0].found.n == 1
	    ? answer->ops[0].found.pairs[0].lease
	    : 0;
	if (found != 0 && found != lease && !had(c, found)) {
		take_other(c, found, lease_ms, now_ms);
		return;
	}
	c->held = 0;
	c->expects = found;
}

void
claim_lost(struct claim *c, int64_t lease)
{
	c->held = 0;
	if (lease == 0 || had(c, lease))
		return;
	c->had[c->next_had] = lease;
	c->next_had = (c->next_had + 1) % CLAIM_HAD;
}
