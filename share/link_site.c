/*
 * Asks etcd of which site it is, before each reading, and gives an id to one
 * that has none.  Called by link_reading.c; decides nothing: share/site.h does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "share/etcd/etcd_txn.h"
#include "share/key.h"
#include "share/link_private.h"

static void follow(struct link *l, enum site_step step);

/* The answer is one to go on with.  That this key is not refused says nothing
 * of the others. */
static bool
is_answered(struct link *l, int use, const struct etcd_answer *answer)
{
	l->page_call = NULL;
	if (answer->outcome == ETCD_OK)
		return true;
	link_take_outcome(l, use, answer);
	link_note_failure(l, answer);
	link_give_up_reading(l);
	return false;
}

/* What is read from here on may be believed, and written to. */
static void
admit(struct link *l)
{
	site_take(&l->site);
	l->admitted = true;
	l->site_words[0] = '\0';
	/* The reading begins after what was doubted. */
	l->doubt = false;
	link_read(l);
}

/* Others are not to take what was said before for fresh. */
static void
shut_out(struct link *l, enum site_step step)
{
	site_words(step, l->state_path, l->site_key, l->site_words);
	l->admitted = false;
	link_give_up_reading(l);
	link_let_lease_go(l);
	link_set_state(l, LINK_CUT, l->site_words);
}

/* --- an etcd that has none --- */

static void
on_written(void *context, const struct etcd_answer *answer)
{
	struct link *l = context;

	if (!is_answered(l, WRITES, answer))
		return;
	/* Who was faster is right. */
	if (!answer->succeeded) {
		link_ask_site(l);
		return;
	}
	site_wrote(&l->site);
	admit(l);
}

static void
write_id(struct link *l)
{
	struct etcd_txn *txn = etcd_txn_create();

	if (txn != NULL) {
		etcd_txn_if_modified(
		    txn, etcd_text(l->site_key), ETCD_EQUAL, l->site.expects);
		etcd_txn_put(txn, etcd_text(l->site_key),
		    etcd_text(site_id(&l->site)), 0);
		l->page_call = etcd_txn_send(l->etcd, txn, on_written, l);
	}
	if (l->page_call == NULL)
		link_give_up_reading(l);
}

static void
on_trail(void *context, const struct etcd_answer *answer)
{
	struct link *l = context;

	if (is_answered(l, READS, answer))
		follow(l,
		    site_lacks(&l->site, answer->found.n == 0, l->lease_ms,
			clock_mono_ms()));
}

/* --- what it has --- */

static void
ask(struct link *l, const char *key, etcd_done done)
{
	const struct etcd_range range = {.key = etcd_text(key)};

	l->page_call = etcd_range(l->etcd, &range, done, l);
	if (l->page_call == NULL)
		link_give_up_reading(l);
}

static void
follow(struct link *l, enum site_step step)
{
	switch (step) {
	case SITE_SHARE:
		admit(l);
		break;
	case SITE_WAIT:
		l->pause_ms = LINK_AGAIN_MS;
		link_give_up_reading(l);
		break;
	case SITE_WRITE:
		write_id(l);
		break;
	case SITE_OTHER:
	case SITE_ODD:
		shut_out(l, step);
		break;
	}
}

static void
on_site(void *context, const struct etcd_answer *answer)
{
	struct link *l = context;

	if (!is_answered(l, READS, answer))
		return;
	if (answer->found.n == 0)
		ask(l, l->trail_key, on_trail);
	else
		follow(l, site_hear(&l->site, &answer->found.pairs[0]));
}

void
link_ask_site(struct link *l)
{
	l->reading = ASKING;
	ask(l, l->site_key, on_site);
}

/* --- for the sharer --- */

static char *
copy_key(const struct link *l, enum key_kind kind)
{
	const struct key of = {kind, {""}, 0};
	char key[KEY_TEXT];

	return key_build(l->prefix, &of, key) != 0 ? strdup(key) : NULL;
}

int
link_hold_site(struct link *l, const char *state, const char *id)
{
	(void)snprintf(l->site.held, sizeof(l->site.held), "%s", id);
	free(l->site_key);
	free(l->trail_key);
	free(l->state_path);
	l->site_key = copy_key(l, KEY_SITE);
	l->trail_key = copy_key(l, KEY_GENERATION);
	l->state_path = strdup(state);
	return l->site_key != NULL && l->trail_key != NULL &&
		l->state_path != NULL
	    ? 0
	    : -1;
}

const char *
link_site(const struct link *l)
{
	return l != NULL && l->admitted ? l->site.held : "";
}

const char *
link_held_site(const struct link *l)
{
	return l->site.held;
}

bool
link_founded(const struct link *l)
{
	return l != NULL && l->site.founded;
}
