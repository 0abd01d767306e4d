/*
 * What this node gives to etcd: batches of its blocks, and the overrides that
 * were said here.  Called by the sharer's loop; one of each is under way at a
 * time, so that what etcd has of us is never older than what we think.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "share/block.h"
#include "share/etcd/etcd_txn.h"
#include "share/key.h"
#include "share/sharer_parts.h"
#include "state/override_clock.h"

void
sharer_time(struct sharer *s)
{
	outgoing_time(s->outgoing, clock_mono_ms(), clock_wall_ms());
	locks_time(s->locks, clock_mono_ms());
}

/* --- blocks --- */

static void
finish_batch(struct sharer *s, bool done, int64_t revision)
{
	struct outgoing_batch *batch = s->batch;

	s->batch = NULL;
	if (done)
		s->self.keys_out += batch->n;
	sharer_time(s);
	outgoing_done(s->outgoing, batch, done, revision);
}

static void send_batch(struct sharer *s, int64_t claimed);

static void
take_node(void *context, const void *row)
{
	const struct state_vantage *vantage = row;

	memcpy(context, vantage->node, sizeof(vantage->node));
}

/* The revision of our own key of before, which we may write over; 0: it is
 * another node's. */
static int64_t
claimed_by_us(const struct sharer *s, const struct etcd_answer *answer)
{
	const struct etcd_pair *pair;
	static const struct block_clock no_clock;
	const struct block_of of = {.table = schema_table(TABLE_VANTAGE),
	    .owner = s->batch->vantage,
	    .clock = &no_clock,
	    .now_ms = clock_wall_ms()};
	char node[STATE_NAME] = "";
	struct block_found found;

	if (answer->n_ops != 1 || answer->ops[0].found.n != 1)
		return 0;
	pair = &answer->ops[0].found.pairs[0];
	if (block_read(&of, pair->value.data, pair->value.len, take_node, node,
		&found) != 0 ||
	    strcmp(node, s->self.name) != 0)
		return 0;
	return pair->mod_revision;
}

static void
on_batch(void *context, const struct etcd_answer *answer)
{
	struct sharer *s = context;
	int64_t claimed;

	link_wrote(s->link, answer);
	if (answer->outcome == ETCD_OK && !answer->succeeded) {
		claimed = claimed_by_us(s, answer);
		if (claimed != 0) {
			send_batch(s, claimed);
			return;
		}
	}
	finish_batch(s, answer->outcome == ETCD_OK && answer->succeeded,
	    answer->header.revision);
	sharer_send(s);
}

/* Op 0 of a batch that claims is written where no key is, or that of revision
 * ${claimed}. */
static void
send_batch(struct sharer *s, int64_t claimed)
{
	const struct outgoing_batch *batch = s->batch;
	struct etcd_txn *txn = etcd_txn_create();
	struct etcd_bytes none = {NULL, 0};

	if (txn == NULL) {
		finish_batch(s, false, 0);
		return;
	}
	if (batch->claims && claimed == 0)
		etcd_txn_if_created(txn,
		    (struct etcd_bytes){batch->op[0].key, batch->op[0].key_len},
		    ETCD_EQUAL, 0);
	else if (batch->claims)
		etcd_txn_if_modified(txn,
		    (struct etcd_bytes){batch->op[0].key, batch->op[0].key_len},
		    ETCD_EQUAL, claimed);
	for (size_t i = 0; i < batch->n; i++) {
		const struct outgoing_op *op = &batch->op[i];
		struct etcd_bytes key = {op->key, op->key_len};

		if (op->value != NULL)
			etcd_txn_put(txn, key,
			    (struct etcd_bytes){op->value, op->len},
			    op->leased ? link_lease(s->link) : 0);
		else
			etcd_txn_delete(txn, key, none);
	}
	if (batch->claims) {
		const struct etcd_range range = {
		    .key = {batch->op[0].key, batch->op[0].key_len}};

		etcd_txn_else(txn);
		etcd_txn_get(txn, &range);
	}
	if (etcd_txn_send(link_etcd(s->link), txn, on_batch, s) == NULL)
		finish_batch(s, false, 0);
}

/* --- demand --- */

void
sharer_say_demand(struct sharer *s)
{
	struct text value;
	struct key key;
	char name[KEY_TEXT];

	text_init(&value, BLOCK_BYTES);
	while (own_demand_next(
	    s->own_demand, clock_mono_ms(), clock_wall_ms(), &key, &value)) {
		if (value.data == NULL ||
		    key_build(s->config->share.prefix, &key, name) == 0 ||
		    link_bind(s->link, name, value.data) != 0)
			log_error("demand for pool %s/%s is not shared: no "
				  "memory",
			    key.name[1], key.name[2]);
		text_finish(&value);
		text_init(&value, BLOCK_BYTES);
	}
	text_finish(&value);
}

/* --- overrides --- */

static void
take_override(void *context, const void *row)
{
	memcpy(context, row, sizeof(struct state_override));
}

bool
sharer_override(const struct sharer *s, uint64_t number, const char *value,
    size_t len, bool fresh, struct state_override *out)
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
	if (block_read(&of, value, len, take_override, out, &found) != 0 ||
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
	if (block_read(&of, value, len, take_override, out, &found) != 0)
		return false;
	if (clock.known)
		override_clock_set(out, of.now_ms - out->at_ms);
	out->number = number;
	return out->id[0] != '\0';
}

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
		log_info("etcd is filled with what this node holds; the next "
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

/* The generation says whether somebody wrote to the trail since it was read,
 * and whether etcd has lost something. */
static int
add_generation(
    struct sharer *s, struct etcd_txn *txn, const struct shared_offer *offer)
{
	const struct key generation = {KEY_GENERATION, {""}, 0};
	char key[KEY_TEXT], number[24];

	(void)snprintf(number, sizeof(number), "%llu",
	    (unsigned long long)offer->generation);
	if (key_build(s->config->share.prefix, &generation, key) == 0)
		return -1;
	etcd_txn_if_modified(txn, etcd_text(key), ETCD_EQUAL, offer->revision);
	etcd_txn_put(txn, etcd_text(key), etcd_text(number), 0);
	return 0;
}

static void
send_offer(struct sharer *s)
{
	struct shared_offer *offer =
	    shared_trail_offer(s->trail, clock_mono_ms(), clock_wall_ms());
	struct etcd_txn *txn = offer != NULL ? etcd_txn_create() : NULL;
	bool fine = txn != NULL && add_generation(s, txn, offer) == 0;

	for (size_t i = 0; fine && i < offer->n; i++)
		fine = add_row(s, txn, &offer->row[i], offer->replaces[i]) == 0;
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
		log_warn("etcd holds less than this node: it was made anew, or "
			 "an older backup was restored; it is filled before it "
			 "is read");
	s->filling = true;
	if (!s->offering)
		send_offer(s);
}

void
sharer_send(struct sharer *s)
{
	if (s->stopping || (link_state(s->link) != LINK_LIVE && !s->filling))
		return;
	sharer_judge(s);
	if (!s->offering)
		send_offer(s);
	if (link_lease(s->link) == 0 || link_state(s->link) != LINK_LIVE)
		return;
	sharer_control_send(s);
	if (s->batch != NULL)
		return;
	sharer_time(s);
	s->batch = outgoing_next(s->outgoing);
	if (s->batch != NULL)
		send_batch(s, 0);
}
