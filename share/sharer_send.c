/*
 * What this node gives to etcd of its blocks, in batches, and of demand.
 * Called by the sharer's loop; one batch is under way at a time, so that what
 * etcd has of us is never older than what we think.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "share/block.h"
#include "share/etcd/etcd_txn.h"
#include "share/key.h"
#include "share/sharer_parts.h"

void
sharer_time(struct sharer *s)
{
	outgoing_time(s->outgoing, clock_mono_ms(), clock_wall_ms());
	locks_time(s->locks, clock_mono_ms());
	locks_other(s->locks, link_other(s->link));
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

void
sharer_send(struct sharer *s)
{
	if (s->stopping || (link_state(s->link) != LINK_LIVE && !s->filling) ||
	    !link_may_write(s->link))
		return;
	sharer_judge(s);
	sharer_offer(s);
	if (link_lease(s->link) == 0 || link_state(s->link) != LINK_LIVE)
		return;
	sharer_control_send(s);
	sharer_forget_send(s);
	if (s->batch != NULL)
		return;
	sharer_time(s);
	s->batch = outgoing_next(s->outgoing);
	if (s->batch != NULL)
		send_batch(s, 0);
}
