/*
 * The trail of overrides, both ways: what etcd has of it, and what it is to
 * get.  Called by the sharer's loop; one offer is under way at a time.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/number.h"
#include "share/block.h"
#include "share/etcd/etcd_txn.h"
#include "share/key.h"
#include "share/sharer_parts.h"
#include "state/override_clock.h"

/* --- what etcd has --- */

static void
take_row(void *context, const void *row)
{
	memcpy(context, row, sizeof(struct state_override));
}

/* The row at that key, with its times by our clocks; ${fresh}: it was written
 * just now.  False when it makes no sense. */
static bool
read_row(const struct sharer *s, uint64_t number, const char *value, size_t len,
    bool fresh, struct state_override *out)
{
	struct block_clock clock = {.known = false};
	struct block_of of = {.table = schema_table(TABLE_OVERRIDE),
	    .owner = "",
	    .clock = &clock,
	    .now_ms = clock_wall_ms()};
	struct block_found found;
	char writer[STATE_NAME];
	int64_t at_ms;

	memset(out, 0, sizeof(*out));
	/* Where it was said stands in the row itself. */
	if (block_read(&of, value, len, take_row, out, &found) != 0 ||
	    found.rows != 1 || !block_at(value, len, &at_ms))
		return false;
	/* Who has written it may not be who said it, of whom alone older
	 * releases tell. */
	if (!block_by(value, len, writer))
		memcpy(writer, out->node, sizeof(writer));
	if (fresh)
		block_clock_hear(&clock, at_ms, of.now_ms, true);
	else
		clock = *nodes_clock(s->nodes, writer);
	if (block_read(&of, value, len, take_row, out, &found) != 0)
		return false;
	if (clock.known)
		override_clock_set(out, of.now_ms - out->at_ms);
	out->number = number;
	return out->id[0] != '\0';
}

static void
take_generation(struct sharer *s, const struct etcd_pair *pair, bool gone)
{
	uint64_t number = 0;

	if (!gone &&
	    (number_parse(pair->value.data, pair->value.len, 0,
		 SHARED_TRAIL_NUMBER_MAX, &number) != 0 ||
		!shared_trail_believes(s->trail, number))) {
		number = 0;
		odd_log_say(&s->odd, ODD_GENERATION,
		    "the generation in etcd makes no sense, and is "
		    "written again");
	}
	shared_trail_generation(s->trail, number, pair->mod_revision);
}

static void
take_override(struct sharer *s, const struct key *key,
    const struct etcd_pair *pair, bool fresh)
{
	struct state_override row;

	if (!shared_trail_believes(s->trail, key->number) ||
	    !read_row(s, key->number, pair->value.data, pair->value.len, fresh,
		&row)) {
		if (shared_trail_odd(s->trail, key->number, pair->mod_revision))
			odd_log_say(&s->odd, ODD_OVERRIDE,
			    "override %llu in etcd makes no sense, and is "
			    "left out",
			    (unsigned long long)key->number);
		return;
	}
	if (shared_trail_row(s->trail, &row, pair->mod_revision) != 0)
		odd_log_say(&s->odd, ODD_FULL,
		    "override %llu in etcd is left out: no memory, or "
		    "more than %d of them",
		    (unsigned long long)key->number, SHARED_TRAIL_ROWS);
}

static void
take_pruned(struct sharer *s, const struct etcd_pair *pair, bool gone)
{
	uint64_t generation = 0;

	if (!gone &&
	    number_parse(pair->value.data, pair->value.len, 0,
		SHARED_TRAIL_NUMBER_MAX, &generation) != 0)
		odd_log_say(&s->odd, ODD_GENERATION,
		    "when etcd was pruned makes no sense there, and is "
		    "written again");
	shared_trail_pruned(s->trail, generation, pair->mod_revision);
}

bool
sharer_trail_put(struct sharer *s, const struct key *key,
    const struct etcd_pair *pair, bool fresh)
{
	if (key->kind == KEY_OVERRIDE)
		take_override(s, key, pair, fresh);
	else if (key->kind == KEY_GENERATION)
		take_generation(s, pair, false);
	else if (key->kind == KEY_PRUNED)
		take_pruned(s, pair, false);
	else
		return false;
	return true;
}

bool
sharer_trail_gone(
    struct sharer *s, const struct key *key, const struct etcd_pair *pair)
{
	if (key->kind == KEY_OVERRIDE)
		shared_trail_gone(s->trail, key->number, pair->mod_revision);
	else if (key->kind == KEY_GENERATION)
		take_generation(s, pair, true);
	else if (key->kind == KEY_PRUNED)
		take_pruned(s, pair, true);
	else
		return false;
	return true;
}

/* --- what it gets --- */

static void
on_offered(void *context, const struct etcd_answer *answer)
{
	struct sharer *s = context;
	bool taken = answer->outcome == ETCD_OK && answer->succeeded;
	bool late = answer->outcome == ETCD_OK && !answer->succeeded;

	s->offering = false;
	s->filling = s->filling && taken;
	if (late)
		s->late_ms = clock_mono_ms();
	shared_trail_settle(s->trail,
	    taken      ? SHARED_TAKEN
		: late ? SHARED_LATE
		       : SHARED_UNKNOWN,
	    answer->header.revision);
	if (s->filling && !shared_trail_behind(s->trail)) {
		s->filling = false;
		odd_log_say(&s->odd, ODD_FILLED,
		    "etcd is filled with what this node holds; the next "
		    "override is %llu",
		    (unsigned long long)shared_trail_last(s->trail) + 1);
		link_read_again(s->link);
	}
	sharer_take_trail(s);
	sharer_commit(s);
	sharer_send(s);
}

static int
add_row(struct sharer *s, struct etcd_txn *txn, struct state_override *row,
    int64_t replaces)
{
	const void *rows[] = {row};
	const struct key place = {KEY_OVERRIDE, {""}, row->number};
	char key[KEY_TEXT];
	struct text value;
	int status = -1;

	if (row->node[0] == '\0')
		memcpy(row->node, s->self.name, sizeof(row->node));
	/* Others take its age by our wall clock as it goes now. */
	row->at_ms = override_clock_at(row);
	text_init(&value, BLOCK_BYTES);
	block_write_by(schema_table(TABLE_OVERRIDE), rows, 1, clock_wall_ms(),
	    s->self.name, &value);
	if (value.data != NULL &&
	    key_build(s->config->share.prefix, &place, key) != 0) {
		etcd_txn_if_modified(txn, etcd_text(key), ETCD_EQUAL, replaces);
		etcd_txn_put(txn, etcd_text(key),
		    (struct etcd_bytes){value.data, value.len}, 0);
		status = 0;
	}
	text_finish(&value);
	return status;
}

static int
put_number(
    struct sharer *s, struct etcd_txn *txn, enum key_kind kind, uint64_t number)
{
	const struct key of = {kind, {""}, 0};
	char key[KEY_TEXT], text[24];

	(void)snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
	if (key_build(s->config->share.prefix, &of, key) == 0)
		return -1;
	etcd_txn_put(txn, etcd_text(key), etcd_text(text), 0);
	return 0;
}

/* The generation says whether somebody wrote to the trail since it was read,
 * and whether etcd has lost something.  It is told before what was pruned. */
static int
add_generation(
    struct sharer *s, struct etcd_txn *txn, const struct shared_offer *offer)
{
	const struct key generation = {KEY_GENERATION, {""}, 0};
	char key[KEY_TEXT];

	if (key_build(s->config->share.prefix, &generation, key) == 0)
		return -1;
	etcd_txn_if_modified(txn, etcd_text(key), ETCD_EQUAL, offer->revision);
	if (put_number(s, txn, KEY_GENERATION, offer->generation) != 0)
		return -1;
	return offer->pruned > 0 ? put_number(s, txn, KEY_PRUNED, offer->pruned)
				 : 0;
}

static int
add_gone(struct sharer *s, struct etcd_txn *txn, const struct shared_gone *gone)
{
	const struct key place = {KEY_OVERRIDE, {""}, gone->number};
	const struct etcd_bytes none = {NULL, 0};
	char key[KEY_TEXT];

	if (key_build(s->config->share.prefix, &place, key) == 0)
		return -1;
	etcd_txn_if_modified(txn, etcd_text(key), ETCD_EQUAL, gone->revision);
	etcd_txn_delete(txn, etcd_text(key), none);
	return 0;
}

void
sharer_offer(struct sharer *s)
{
	struct shared_offer *offer;
	struct etcd_txn *txn;
	bool fine;

	if (s->offering || !s->local_known)
		return;
	offer = shared_trail_offer(s->trail, clock_mono_ms(), clock_wall_ms());
	txn = offer != NULL ? etcd_txn_create() : NULL;
	fine = txn != NULL && add_generation(s, txn, offer) == 0;
	for (size_t i = 0; fine && i < offer->n; i++)
		fine = add_row(s, txn, &offer->row[i], offer->replaces[i]) == 0;
	for (size_t i = 0; fine && i < offer->n_gone; i++)
		fine = add_gone(s, txn, &offer->gone[i]) == 0;
	if (fine)
		s->offering = etcd_txn_send(link_etcd(s->link), txn, on_offered,
				  s) != NULL;
	else
		etcd_txn_destroy(txn);
	if (!s->offering)
		shared_trail_settle(s->trail, SHARED_UNKNOWN, 0);
}

void
sharer_fill(struct sharer *s)
{
	if (!s->filling)
		odd_log_say(&s->odd, ODD_BEHIND,
		    "etcd holds less than this node: it was made anew, or "
		    "an older backup was restored; it is filled before it "
		    "is read");
	s->filling = true;
	sharer_offer(s);
}

void
sharer_take_trail(struct sharer *s)
{
	int64_t mono_ms = clock_mono_ms(), wall_ms = clock_wall_ms();
	union schema_row row;
	enum shared_drop drop;

	shared_trail_catch_up(s->trail, mono_ms, wall_ms);
	if (!s->ready || !s->local_known || !s->read)
		return;
	/* Numbers of what goes are free for what comes. */
	while ((drop = shared_trail_drop(s->trail, mono_ms, wall_ms,
		    &row.override)) != SHARED_DROP_NONE) {
		if (drop == SHARED_DROP_PUT) {
			sharer_put(s, TABLE_OVERRIDE, &row);
			continue;
		}
		state_recorder_take(s->recorder, TABLE_OVERRIDE, &row);
		s->changed = true;
	}
	while (shared_trail_take(s->trail, &row.override))
		sharer_put(s, TABLE_OVERRIDE, &row);
	/* All that follows from what is known has been given. */
	s->self.followed = shared_trail_followed(s->trail);
	memcpy(s->self.site, link_site(s->link), sizeof(s->self.site));
}
