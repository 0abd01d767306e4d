/*
 * Nodes that operators have forgotten: the wish of one at this node becomes one
 * transaction, which deletes in etcd what the node left there and says so to
 * all; and a node that lives again takes its name back.  Called by the sharer's
 * loop; deletes nothing of a node that lives.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "share/etcd/etcd_txn.h"
#include "share/sharer_parts.h"

/* Vantages of a node that go with it: of each there are a compare or two and
 * four deletions, and a transaction has ETCD_TXN_OPS of each.  What more there
 * are is swept as that of any vantage which is gone. */
#define VANTAGES_MAX 24

/* The watch has so long to tell that our own key is gone. */
#define RETURN_MS 1000

static const struct etcd_bytes alone = {NULL, 0};

/* --- what etcd has --- */

static void
take_away(struct sharer *s, const struct state_forgotten *row)
{
	union schema_row out;

	memset(&out, 0, sizeof(out));
	(void)snprintf(out.node.name, sizeof(out.node.name), "%s", row->name);
	state_recorder_take(s->recorder, TABLE_NODE, &out);
	s->changed = true;
}

static enum forgotten_news
hear(struct sharer *s, const struct key *key, const struct etcd_pair *pair,
    bool fresh)
{
	bool was_here = nodes_row(s->nodes, key->name[0]) != NULL;
	const struct forgotten_pair of = {.name = key->name[0],
	    .value = pair->value.data,
	    .len = pair->value.len,
	    .revision = pair->mod_revision,
	    .wall_ms = clock_wall_ms(),
	    .fresh = fresh};
	enum forgotten_news news;
	union schema_row row;

	memset(&row, 0, sizeof(row));
	news = forgotten_take(&s->forgotten, &of, &row.forgotten);
	switch (news) {
	case FORGOTTEN_ODD:
		odd_log_say(&s->odd, ODD_FORGOTTEN,
		    "that node %s was forgotten makes no sense, and is left "
		    "out",
		    key->name[0]);
		break;
	case FORGOTTEN_NEWS:
		sharer_put(s, TABLE_FORGOTTEN, &row);
		if (strcmp(key->name[0], s->self.name) == 0 ||
		    !nodes_forget(s->nodes, key->name[0], pair->mod_revision))
			break;
		take_away(s, &row.forgotten);
		/* One that was read may be of long ago. */
		if (fresh || was_here)
			sharer_say_forgotten(
			    s, &row.forgotten, clock_mono_ms());
		break;
	case FORGOTTEN_KNOWN:
		break;
	}
	return news;
}

void
sharer_forget_hear(struct sharer *s, const struct key *key,
    const struct etcd_pair *pair, bool fresh)
{
	(void)hear(s, key, pair, fresh);
}

/* --- what came of it --- */

static void
tell(struct sharer *s, struct state_forgotten *row, uint32_t shared)
{
	union schema_row out;

	row->shared = shared;
	memset(&out, 0, sizeof(out));
	out.forgotten = *row;
	sharer_put(s, TABLE_FORGOTTEN, &out);
	sharer_commit(s);
}

static void
refuse(struct sharer *s, const struct state_forgotten *row, const char *why)
{
	struct state_forgotten refused = *row;

	(void)snprintf(refused.refused, sizeof(refused.refused), "%s", why);
	tell(s, &refused, STATE_SHARED_REFUSED);
}

/* A compare failed. */
static void
refuse_living(struct sharer *s)
{
	const struct state_node *node = nodes_row(s->nodes, s->wish.name);
	int64_t age_ms = node != NULL ? clock_wall_ms() - node->seen_ms : 0;
	char why[STATE_REFUSED] =
	    "it lives, or one of its vantages does: stop it first";

	if (node != NULL)
		(void)snprintf(why, sizeof(why),
		    "it was heard %" PRId64 " s ago: stop it first, and wait "
		    "for the end of its lease",
		    age_ms > 0 ? age_ms / 1000 : 0);
	refuse(s, &s->wish, why);
}

/* Somebody else had it forgotten while we asked: what came of it is their
 * row. */
static bool
hear_other(struct sharer *s, const struct etcd_answer *answer)
{
	struct key of = {.kind = KEY_FORGOTTEN};
	const struct etcd_found *found;

	if (answer->n_ops != 1 || answer->ops[0].kind != ETCD_GET)
		return false;
	found = &answer->ops[0].found;
	if (found->n != 1 || found->pairs[0].mod_revision <= s->wish_known)
		return false;
	(void)snprintf(of.name[0], sizeof(of.name[0]), "%s", s->wish.name);
	if (hear(s, &of, &found->pairs[0], true) == FORGOTTEN_ODD)
		return false;
	sharer_commit(s);
	return true;
}

static void
on_forgotten(void *context, const struct etcd_answer *answer)
{
	struct sharer *s = context;

	s->wishing = false;
	if (s->stopping)
		return;
	link_wrote(s->link, answer);
	if (answer->outcome == ETCD_OK && answer->succeeded)
		tell(s, &s->wish, STATE_SHARED_ACCEPTED);
	else if (answer->outcome == ETCD_OK) {
		if (!hear_other(s, answer))
			refuse_living(s);
	} else
		refuse(s, &s->wish,
		    answer->outcome == ETCD_REFUSED
			? "etcd gives its user no right to do that"
			: "etcd did not answer: look at status --all, and try "
			  "again");
}

/* --- the transaction --- */

/* Its length, 0: no key can have that name. */
static size_t
build(const struct sharer *s, enum key_kind kind, const char *name,
    char key[KEY_TEXT])
{
	struct key of = {.kind = kind};

	(void)snprintf(of.name[0], sizeof(of.name[0]), "%s", name);
	return key_build(s->config->share.prefix, &of, key);
}

static int
add_absent(struct sharer *s, struct etcd_txn *txn, enum key_kind kind,
    const char *name)
{
	char key[KEY_TEXT];

	if (build(s, kind, name, key) == 0)
		return -1;
	etcd_txn_if_created(txn, etcd_text(key), ETCD_EQUAL, 0);
	return 0;
}

/* All blocks of one kind: what begins with the name and a slash. */
static int
add_blocks(struct sharer *s, struct etcd_txn *txn, enum key_kind kind,
    const char *vantage)
{
	char key[KEY_TEXT], end[ETCD_KEY_MAX];
	struct etcd_bytes prefix;

	if (build(s, kind, vantage, key) == 0)
		return -1;
	prefix =
	    (struct etcd_bytes){key, (size_t)(strrchr(key, '/') + 1 - key)};
	etcd_txn_delete(txn, prefix, etcd_prefix_end(prefix, end));
	return 0;
}

/* If it does not live, and is the one that was read. */
static int
add_vantage(struct sharer *s, struct etcd_txn *txn, const char *vantage,
    int64_t revision)
{
	char key[KEY_TEXT];

	if (build(s, KEY_VANTAGE, vantage, key) == 0 ||
	    add_absent(s, txn, KEY_LIVE, vantage) != 0 ||
	    add_blocks(s, txn, KEY_VERDICT, vantage) != 0 ||
	    add_blocks(s, txn, KEY_ADDRESS, vantage) != 0 ||
	    add_blocks(s, txn, KEY_LOAD, vantage) != 0)
		return -1;
	etcd_txn_if_modified(txn, etcd_text(key), ETCD_EQUAL, revision);
	etcd_txn_delete(txn, etcd_text(key), alone);
	return 0;
}

static int
add_vantages(struct sharer *s, struct etcd_txn *txn)
{
	const char *vantage;
	int64_t revision;
	size_t i = 0, n = 0;

	while (n++ < VANTAGES_MAX &&
	    (vantage = picture_vantage_of(
		 s->picture, s->wish.name, &i, &revision)) != NULL)
		if (add_vantage(s, txn, vantage, revision) != 0)
			return -1;
	return 0;
}

/* That it was forgotten, for those who hear of it now and later; or who said
 * so before. */
static int
add_word(struct sharer *s, struct etcd_txn *txn)
{
	char key[KEY_TEXT];
	struct text value;
	int status = -1;

	text_init(&value, BLOCK_BYTES);
	forgotten_say(&s->wish, clock_wall_ms(), &value);
	if (value.data != NULL &&
	    build(s, KEY_FORGOTTEN, s->wish.name, key) != 0) {
		const struct etcd_range range = {.key = etcd_text(key)};

		etcd_txn_put(txn, range.key,
		    (struct etcd_bytes){value.data, value.len}, 0);
		etcd_txn_else(txn);
		etcd_txn_get(txn, &range);
		status = 0;
	}
	text_finish(&value);
	return status;
}

static void
send_wish(struct sharer *s)
{
	struct etcd_txn *txn = etcd_txn_create();

	if (txn != NULL && add_absent(s, txn, KEY_NODE, s->wish.name) == 0 &&
	    add_vantages(s, txn) == 0 && add_word(s, txn) == 0)
		s->wishing = etcd_txn_send(link_etcd(s->link), txn,
				 on_forgotten, s) != NULL;
	else
		etcd_txn_destroy(txn);
	if (!s->wishing)
		refuse(s, &s->wish, "no memory, or a name that is none");
}

/* Why it is not even tried; NULL: it is. */
static const char *
why_not(const struct sharer *s, const struct state_forgotten *row)
{
	if (strcmp(row->name, s->self.name) == 0)
		return "it is this node itself";
	if (link_state(s->link) != LINK_LIVE || !link_may_write(s->link))
		return "this node does not follow etcd now: try again when it "
		       "does";
	return s->wishing
	    ? "another node is being forgotten just now: try again"
	    : NULL;
}

void
sharer_forget_wish(struct sharer *s, const struct state_forgotten *row)
{
	const char *why;

	if (row->shared != STATE_SHARED_OFFERED ||
	    (s->wishing && strcmp(row->id, s->wish.id) == 0))
		return;
	why = why_not(s, row);
	if (why != NULL) {
		refuse(s, row, why);
		return;
	}
	s->wish = *row;
	s->wish_known = forgotten_revision(&s->forgotten, row->name);
	send_wish(s);
}

/* --- who comes back --- */

static void
on_returned(void *context, const struct etcd_answer *answer)
{
	struct sharer *s = context;

	s->returning = false;
	s->return_ms = clock_mono_ms() + RETURN_MS;
	link_wrote(s->link, answer);
}

void
sharer_forget_send(struct sharer *s)
{
	int64_t revision = forgotten_revision(&s->forgotten, s->self.name);
	struct etcd_txn *txn;
	char key[KEY_TEXT];

	if (revision == 0 || s->returning || clock_mono_ms() < s->return_ms)
		return;
	txn = etcd_txn_create();
	if (txn == NULL || build(s, KEY_FORGOTTEN, s->self.name, key) == 0) {
		etcd_txn_destroy(txn);
		return;
	}
	etcd_txn_if_modified(txn, etcd_text(key), ETCD_EQUAL, revision);
	etcd_txn_delete(txn, etcd_text(key), alone);
	s->returning =
	    etcd_txn_send(link_etcd(s->link), txn, on_returned, s) != NULL;
}
