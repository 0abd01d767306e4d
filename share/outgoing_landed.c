/*
 * What became of batches.  Called by meridian-share when a write has ended.
 */
#include <stdlib.h>

#include "share/outgoing_private.h"

static void
land(const struct outgoing *o, struct own_block *block,
    const struct outgoing_op *op, bool done, int64_t revision)
{
	if (!block->flying)
		return;
	block->flying = false;
	if (!done) {
		block->stale = false;
		outgoing_dirty(o, block, block->flown);
		return;
	}
	if (!block->stale)
		block->owed = false;
	block->stale = false;
	block->held = op->value != NULL;
	block->held_hash = block->flying_hash;
	if (revision > block->revision)
		block->revision = revision;
}

/* The block of ${op}, or NULL: it is not there any more. */
static struct own_block *
block_of(const struct outgoing *o, const struct outgoing_op *op,
    struct speaker *speaker)
{
	struct key key;

	if (key_parse(o->prefix, op->key, op->key_len, &key) != 0)
		return NULL;
	if (key.kind == KEY_LIVE)
		return &speaker->key;
	for (size_t i = 0; i < OUTGOING_SHELVES; i++)
		if (speaker->shelf[i].kind == key.kind &&
		    key.number < speaker->shelf[i].n_blocks)
			return &speaker->shelf[i].blocks[key.number];
	return NULL;
}

/* Forget a vantage that is gone and of which etcd holds nothing. */
static bool
is_over(const struct speaker *speaker)
{
	if (!speaker->gone || speaker->key.held || speaker->key.flying)
		return false;
	for (size_t i = 0; i < OUTGOING_SHELVES; i++)
		for (size_t j = 0; j < speaker->shelf[i].n_blocks; j++)
			if (speaker->shelf[i].blocks[j].held ||
			    speaker->shelf[i].blocks[j].flying)
				return false;
	return true;
}

static void
forget_speaker(struct outgoing *o, struct speaker *speaker)
{
	size_t at = 0;

	while (o->speakers[at] != speaker)
		at++;
	o->speakers[at] = o->speakers[--o->n];
	for (size_t i = 0; i < OUTGOING_SHELVES; i++)
		outgoing_finish_shelf(&speaker->shelf[i]);
	free(speaker);
}

/* It is there while something of it is in a batch. */
static struct speaker *
speaker_of(const struct outgoing *o, const struct outgoing_batch *batch)
{
	for (size_t i = 0; i < o->n; i++)
		if (o->speakers[i]->row.name == batch->vantage)
			return o->speakers[i];
	return NULL;
}

void
outgoing_done(struct outgoing *o, struct outgoing_batch *batch, bool done,
    int64_t revision)
{
	struct speaker *speaker = speaker_of(o, batch);

	o->figures.batches += done;
	o->figures.failed += !done;
	if (done) {
		o->figures.ops += batch->n;
		o->figures.bytes += batch->bytes;
	}
	for (size_t i = 0; speaker != NULL && i < batch->n; i++) {
		struct own_block *block = block_of(o, &batch->op[i], speaker);

		if (block != NULL)
			land(o, block, &batch->op[i], done, revision);
	}
	for (size_t i = 0; speaker != NULL && i < OUTGOING_SHELVES; i++)
		outgoing_settle(&speaker->shelf[i]);
	if (speaker != NULL && is_over(speaker))
		forget_speaker(o, speaker);
	outgoing_free_batch(batch);
}
