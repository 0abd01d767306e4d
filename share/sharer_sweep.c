/*
 * What nobody needs any more is deleted in etcd: overrides that are older than
 * the trail is kept and count no more, and what is older than `forget`: what
 * vantages said that are gone, what was decided of pools that nobody controls,
 * and that nodes were forgotten.  Called by the sharer's loop.  By the count of
 * hours in etcd alone (calendar.h), whatever clocks say; one transaction at a
 * time, which does nothing where a key was written meanwhile.  So any node may
 * do it, and several do no harm: they begin some seconds apart.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "share/etcd/etcd_txn.h"
#include "share/sharer_parts.h"

/* Nodes begin within so long after the count has grown, each by its name, so
 * that most find it done. */
#define SPREAD_MS 5000

/* The watch has so long to tell what a transaction has done. */
#define HEAR_MS 1000

void
sharer_sweep_hear(struct sharer *s, const struct etcd_pair *pair)
{
	bool news = pair->mod_revision != s->calendar.revision;

	if (!calendar_hear(&s->calendar, pair->value.data, pair->value.len,
		pair->mod_revision, clock_mono_ms()))
		odd_log_say(&s->odd, ODD_CALENDAR,
		    "the count of hours in etcd makes no sense, and begins "
		    "again");
	if (!news)
		return;
	s->sweep_ms = clock_mono_ms() +
	    (int64_t)(hash_bytes(s->self.name, strlen(s->self.name), 0) %
		SPREAD_MS);
	s->swept = 0;
}

/* --- the count --- */

static void
on_counted(void *context, const struct etcd_answer *answer)
{
	struct sharer *s = context;

	(void)answer;
	s->sweeping = false;
	s->sweep_ms = clock_mono_ms() + HEAR_MS;
}

/* If it is what this node has heard; else another one has counted. */
static void
count(struct sharer *s)
{
	const struct key of = {KEY_CALENDAR, {""}, 0};
	struct etcd_txn *txn = etcd_txn_create();
	char key[KEY_TEXT];
	struct text value;

	text_init(&value, CALENDAR_BYTES);
	calendar_next(&s->calendar, &value);
	if (txn == NULL || value.data == NULL ||
	    key_build(s->config->share.prefix, &of, key) == 0) {
		etcd_txn_destroy(txn);
	} else {
		etcd_txn_if_modified(
		    txn, etcd_text(key), ETCD_EQUAL, s->calendar.revision);
		etcd_txn_put(txn, etcd_text(key),
		    (struct etcd_bytes){value.data, value.len}, 0);
		s->sweeping = etcd_txn_send(link_etcd(s->link), txn, on_counted,
				  s) != NULL;
	}
	text_finish(&value);
}

/* --- what vantages said --- */

/* Where a key was written or the vantage came back, it is looked again when the
 * count has grown. */
static void
on_forgotten(void *context, const struct etcd_answer *answer)
{
	struct sharer *s = context;

	s->sweeping = false;
	s->sweep_ms = clock_mono_ms() + HEAR_MS;
	if (answer->outcome != ETCD_OK || answer->succeeded)
		return;
	s->swept = s->calendar.revision;
	shared_trail_prune(s->trail, &s->calendar);
}

static int
add_key(struct sharer *s, struct etcd_txn *txn, const struct key *of,
    int64_t revision)
{
	const struct etcd_bytes none = {NULL, 0};
	char key[KEY_TEXT];

	if (key_build(s->config->share.prefix, of, key) == 0)
		return -1;
	etcd_txn_if_modified(txn, etcd_text(key), ETCD_EQUAL, revision);
	/* One that is to be absent. */
	if (revision != 0)
		etcd_txn_delete(txn, etcd_text(key), none);
	return 0;
}

/* The revision up to which what was written is older than `forget`; 0: nothing
 * is. */
static int64_t
forget_before(const struct sharer *s)
{
	int64_t forget_ms = (int64_t)s->config->stale_forget_ms;

	return forget_ms > 0 ? calendar_before(&s->calendar, forget_ms) : 0;
}

/* Whether it is on its way: only if ${txn} is complete (${fine}). */
static bool
send_sweep(struct sharer *s, struct etcd_txn *txn, bool fine)
{
	if (fine)
		s->sweeping = etcd_txn_send(link_etcd(s->link), txn,
				  on_forgotten, s) != NULL;
	else
		etcd_txn_destroy(txn);
	return s->sweeping;
}

/* Delete some of what a vantage left that is gone; false: there is none. */
static bool
forget_vantage(struct sharer *s)
{
	int64_t before = forget_before(s);
	struct picture_left left;
	struct key live = {.kind = KEY_LIVE};
	struct etcd_txn *txn;
	bool fine;

	if (before == 0 || !picture_left(s->picture, before, &left))
		return false;
	txn = etcd_txn_create();
	memcpy(live.name[0], left.key[0].name[0], sizeof(live.name[0]));
	fine = txn != NULL && add_key(s, txn, &live, 0) == 0;
	for (size_t i = 0; fine && i < left.n; i++)
		fine = add_key(s, txn, &left.key[i], left.revision[i]) == 0;
	if (left.last)
		odd_log_say(&s->odd, ODD_SWEPT,
		    "vantage %s is gone for longer than `forget`: what it "
		    "said is deleted in etcd",
		    live.name[0]);
	return send_sweep(s, txn, fine);
}

/* --- what controllers decided --- */

/* If nobody has taken the lock of the pool meanwhile; a ramp that makes no
 * sense is of no pool. */
static bool
forget_pool(struct sharer *s)
{
	int64_t before = forget_before(s);
	struct key lock = {.kind = KEY_LOCK};
	struct controls_left left;
	struct etcd_txn *txn;
	bool fine;

	if (before == 0 || !controls_left(s->controls, before, &left))
		return false;
	txn = etcd_txn_create();
	memcpy(lock.name[0], left.zone, sizeof(left.zone));
	memcpy(lock.name[1], left.pool, sizeof(left.pool));
	fine = txn != NULL &&
	    (left.pool[0] == '\0' || add_key(s, txn, &lock, 0) == 0);
	for (size_t i = 0; fine && i < left.n; i++)
		fine = add_key(s, txn, &left.key[i], left.revision[i]) == 0;
	odd_log_say(&s->odd, ODD_SWEPT,
	    "no node controls %s of %s any more, for longer than `forget`: "
	    "what was decided of it is deleted in etcd",
	    left.key[0].name[1], left.zone);
	return send_sweep(s, txn, fine);
}

/* --- that nodes were forgotten --- */

/* By then each node has forgotten it by itself. */
static bool
forget_word(struct sharer *s)
{
	int64_t before = forget_before(s);
	const struct forgotten_key *old = forgotten_old(&s->forgotten, before);
	struct key key = {.kind = KEY_FORGOTTEN};
	struct etcd_txn *txn;

	if (before == 0 || old == NULL)
		return false;
	memcpy(key.name[0], old->name, sizeof(old->name));
	txn = etcd_txn_create();
	return send_sweep(
	    s, txn, txn != NULL && add_key(s, txn, &key, old->revision) == 0);
}

/* --- when --- */

void
sharer_sweep(struct sharer *s)
{
	int64_t now_ms = clock_mono_ms();

	if (link_state(s->link) != LINK_LIVE || !s->read || s->sweeping ||
	    !link_may_write(s->link))
		return;
	if (now_ms < s->sweep_ms)
		return;
	if (calendar_is_due(&s->calendar, now_ms)) {
		count(s);
		return;
	}
	if (s->swept == s->calendar.revision || forget_vantage(s) ||
	    forget_pool(s) || forget_word(s))
		return;
	s->swept = s->calendar.revision;
	shared_trail_prune(s->trail, &s->calendar);
}
