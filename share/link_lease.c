/*
 * The lease of this node in etcd, the keys that are bound to it, and whether
 * the node is cut off.  Called by link.c.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "share/etcd/etcd_txn.h"
#include "share/link_private.h"

/* A lease is renewed so many times while it lasts, so that two in a row may be
 * lost. */
#define RENEWALS 4

/* --- the lease --- */

/* It is gone: another is asked for at once, whatever was asked of this one. */
static void
forget_lease(struct link *l)
{
	etcd_cancel(l->lease_call);
	l->lease_call = NULL;
	claim_lost(&l->claim, l->lease);
	l->lease = 0;
	l->asked_ms = 0;
	for (struct bound *b = l->bound; b != NULL; b = b->next)
		b->lease = 0;
}

static void
on_let_go(void *context, const struct etcd_answer *answer)
{
	(void)context;
	(void)answer;
}

/* Others would take what this node said last for fresh: its lease goes, now or
 * when it is over. */
void
link_let_lease_go(struct link *l)
{
	int64_t lease = l->lease;

	forget_lease(l);
	if (lease != 0)
		(void)etcd_lease_revoke(l->etcd, lease, on_let_go, l);
}

void
link_look_whether_cut(struct link *l, int64_t now_ms)
{
	char words[sizeof(l->words)];

	if (now_ms - l->kept_ms >= l->lease_ms)
		link_set_state(l, LINK_CUT,
		    l->words[0] != '\0' ? l->words : "etcd does not answer");
	if (l->claim.twin)
		link_set_state(l, LINK_CUT,
		    "another process shares as this node: give each node a "
		    "`node` and a `vantage` of its own");
	if (l->relieved)
		link_gets_on(l, l->state);
	l->relieved = false;
	for (int use = READS; use < USES; use++) {
		if (l->state == LINK_CUT || l->refused_ms[use] == 0 ||
		    l->refused_last_ms[use] - l->refused_ms[use] < l->lease_ms)
			continue;
		(void)snprintf(words, sizeof(words),
		    "etcd refuses what this node %s: %s",
		    use == READS ? "reads" : "writes", l->refusal);
		link_let_lease_go(l);
		link_set_state(l, LINK_CUT, words);
	}
}

/* Etcd answers again.  What is followed may have a gap; a reading that is under
 * way or to come has none. */
static void
come_back(struct link *l)
{
	if (l->reading == WATCHING)
		l->doubt = true;
	l->again_ms = 0;
	l->pause_ms = LINK_AGAIN_MS;
	link_gets_on(l, LINK_READS);
}

static void
on_lease(void *context, const struct etcd_answer *answer)
{
	struct link *l = context;

	l->lease_call = NULL;
	if (answer->outcome == ETCD_OK && answer->ttl_s > 0) {
		l->lease = answer->lease;
		/* It was begun or renewed after it was asked for. */
		l->kept_ms = l->asked_ms;
		if (l->state == LINK_CUT && !link_is_refused(l) &&
		    !l->claim.twin && l->site_words[0] == '\0')
			come_back(l);
	} else if (answer->outcome == ETCD_NO_LEASE ||
	    answer->outcome == ETCD_OK) {
		forget_lease(l);
	} else {
		link_note(l, answer->words);
	}
}

void
link_keep_lease(struct link *l, int64_t now_ms)
{
	int64_t every_ms = l->lease_ms / RENEWALS;

	if (l->lease_call != NULL || now_ms - l->asked_ms < every_ms)
		return;
	l->asked_ms = now_ms;
	l->lease_call = l->lease == 0
	    ? etcd_lease_grant(l->etcd, (l->lease_ms + 999) / 1000, on_lease, l)
	    : etcd_lease_keep(l->etcd, l->lease, on_lease, l);
	etcd_within(l->lease_call, l->lease_ms / 2);
}

/* --- what is bound to it --- */

void
link_free_bound(struct bound *b)
{
	free(b->key);
	free(b->value);
	free(b);
}

static void
on_bound(void *context, const struct etcd_answer *answer)
{
	struct link *l = context;
	bool done = answer->outcome == ETCD_OK && answer->succeeded;

	l->bind_call = NULL;
	if (answer->outcome == ETCD_NO_LEASE)
		forget_lease(l);
	if (answer->outcome != ETCD_OK)
		link_note_failure(l, answer);
	link_take_outcome(l, WRITES, answer);
	if (l->claim.key != NULL)
		claim_answer(
		    &l->claim, answer, l->lease, l->lease_ms, clock_mono_ms());
	for (struct bound *b = l->bound; b != NULL; b = b->next)
		if (b->lease < 0)
			b->lease = done ? -b->lease : 0;
}

/* Write what is not written with this lease.  While that is under way its lease
 * stands there with a minus. */
void
link_bind_keys(struct link *l, int64_t now_ms)
{
	struct etcd_txn *txn;

	if (l->lease == 0 || !l->admitted || l->bind_call != NULL ||
	    now_ms < l->claim.again_ms)
		return;
	txn = etcd_txn_create();
	if (txn == NULL)
		return;
	for (struct bound *b = l->bound; b != NULL; b = b->next) {
		if (b->lease == l->lease || etcd_txn_ops(txn) == ETCD_TXN_OPS)
			continue;
		b->lease = -l->lease;
		etcd_txn_put(
		    txn, etcd_text(b->key), etcd_text(b->value), l->lease);
	}
	if (etcd_txn_ops(txn) == 0) {
		etcd_txn_destroy(txn);
		return;
	}
	if (l->claim.key != NULL)
		claim_add(&l->claim, txn);
	l->bind_call = etcd_txn_send(l->etcd, txn, on_bound, l);
}

static struct bound *
find_bound(struct link *l, const char *key)
{
	for (struct bound *b = l->bound; b != NULL; b = b->next)
		if (strcmp(b->key, key) == 0)
			return b;
	return NULL;
}

int
link_bind(struct link *l, const char *key, const char *value)
{
	struct bound *b = find_bound(l, key);
	char *copy;

	if (b != NULL && strcmp(b->value, value) == 0)
		return 0;
	copy = strdup(value);
	if (copy == NULL)
		return -1;
	if (b == NULL) {
		b = calloc(1, sizeof(*b));
		if (b == NULL || (b->key = strdup(key)) == NULL) {
			free(b);
			free(copy);
			return -1;
		}
		b->next = l->bound;
		l->bound = b;
	}
	free(b->value);
	b->value = copy;
	b->lease = 0;
	return 0;
}

/* --- the name of this node --- */

int
link_claim(struct link *l, const char *key)
{
	return claim_key(&l->claim, key);
}

void
link_began(struct link *l, int64_t lease)
{
	claim_lost(&l->claim, lease);
}

void
link_doubt_claim(struct link *l)
{
	l->claim.held = 0;
	for (struct bound *b = l->bound; b != NULL; b = b->next)
		if (b->lease > 0)
			b->lease = 0;
}

bool
link_may_write(const struct link *l)
{
	return l->admitted && l->lease != 0 && l->claim.held == l->lease;
}

int64_t
link_other(const struct link *l)
{
	return l != NULL && l->claim.held == 0 ? l->claim.other : 0;
}
