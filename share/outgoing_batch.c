/*
 * Batches of what is due.  Called by meridian-share when the time of
 * outgoing_due_ms() has come; outgoing_landed.c has what becomes of them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "share/outgoing_private.h"

/* A block of a shelf, and when it is due. */
struct due {
	struct own_shelf *shelf;
	size_t number;
	int64_t at_ms;
};

/* When a block is due, INT64_MAX: it is not; ${*slow}: within the budget of
 * what is not due at once. */
static int64_t
due_ms(const struct own_shelf *shelf, size_t number, bool *slow)
{
	const struct own_block *block = &shelf->blocks[number];
	int64_t at_ms, soonest_ms = block->given_ms + OUTGOING_VERDICT_MS;

	*slow = false;
	if (block->dirty == NEWS_NONE || block->flying ||
	    !outgoing_may_write(shelf, number) ||
	    (number >= shelf->n && !block->held))
		return INT64_MAX;
	if (block->dirty == NEWS_VERDICT)
		return block->given_ms == 0 ? block->dirty_ms : soonest_ms;
	*slow = true;
	at_ms = block->minor_ms != 0 ? outgoing_minor_due(block, number)
				     : INT64_MAX;
	if (block->dirty == NEWS_LOAD &&
	    block->dirty_ms + OUTGOING_LOAD_MS < at_ms)
		at_ms = block->dirty_ms + OUTGOING_LOAD_MS;
	return at_ms;
}

static bool
key_due(const struct speaker *speaker)
{
	return speaker->key.dirty != NEWS_NONE && !speaker->key.flying &&
	    (speaker->live || speaker->key.held);
}

/* When the slow blocks of ${speaker} may be written; they are taken by turns,
 * so that each is within its time. */
static int64_t
slow_from_ms(const struct speaker *speaker)
{
	return speaker->slow_ms == 0 ? 0 : speaker->slow_ms + OUTGOING_SLOW_MS;
}

/* --- what is due --- */

static int64_t
speaker_due_ms(const struct speaker *speaker)
{
	int64_t least = INT64_MAX, slow_ms = slow_from_ms(speaker);

	if (speaker->claimed[0] != '\0')
		return INT64_MAX;
	if (key_due(speaker))
		least = speaker->key.given_ms == 0
		    ? speaker->key.dirty_ms
		    : speaker->key.given_ms + OUTGOING_VERDICT_MS;
	for (size_t i = 0; i < OUTGOING_SHELVES; i++) {
		const struct own_shelf *shelf = &speaker->shelf[i];

		for (size_t j = 0; j < shelf->n_blocks; j++) {
			bool slow;
			int64_t at_ms = due_ms(shelf, j, &slow);

			/* Load is written as soon as it may be. */
			if (slow &&
			    (at_ms < slow_ms ||
				shelf->blocks[j].dirty == NEWS_LOAD))
				at_ms = slow_ms;
			if (at_ms < least)
				least = at_ms;
		}
	}
	return least;
}

int64_t
outgoing_due_ms(const struct outgoing *o)
{
	int64_t least = INT64_MAX;

	for (size_t i = 0; o->fed && i < o->n; i++) {
		int64_t at_ms = speaker_due_ms(o->speakers[i]);

		if (at_ms < least)
			least = at_ms;
	}
	return least;
}

/* --- making a batch --- */

/* Add a write of ${key}, or with a ${value} of NULL its deletion; the value is
 * taken over.  -1 without memory. */
static int
add_op(const struct outgoing *o, struct outgoing_batch *batch,
    const struct key *key, struct text *value)
{
	struct outgoing_op *op = &batch->op[batch->n];
	char text[KEY_TEXT];
	size_t len = key_build(o->prefix, key, text);

	*op = (struct outgoing_op){.key_len = len};
	if (len == 0 || (value != NULL && value->failed) ||
	    (op->key = malloc(len + 1)) == NULL)
		return -1;
	memcpy(op->key, text, len + 1);
	if (value != NULL) {
		op->value = value->data;
		op->len = value->len;
		text_init(value, 0);
	}
	batch->n++;
	batch->bytes += op->key_len + op->len;
	return 0;
}

/* It is in a batch, with ${value} or to be deleted. */
static void
send_off(const struct outgoing *o, struct own_block *block, enum news was,
    const struct outgoing_op *op)
{
	block->flying = true;
	block->flown = was;
	block->flying_hash =
	    op->value != NULL ? hash_bytes(op->value, op->len, 0) : 0;
	block->held = true;
	block->given_ms = o->mono_ms > 0 ? o->mono_ms : 1;
}

static void
name_key(struct key *key, const struct speaker *speaker, enum key_kind kind,
    size_t number)
{
	*key = (struct key){.kind = kind, .number = number};
	memcpy(key->name[0], speaker->row.name, sizeof(speaker->row.name));
}

/* The row of ${speaker} as others get it: its clock does not travel. */
static void
write_vantage(
    const struct outgoing *o, const struct speaker *speaker, struct text *value)
{
	union schema_row row = {.vantage = speaker->row};
	const void *rows[] = {&row};

	row.vantage.heartbeat_ms = o->wall_ms;
	row.vantage.lease_until_ms = 0;
	memcpy(row.vantage.node, o->node, sizeof(o->node));
	text_init(value, BLOCK_BYTES);
	block_write(schema_table(TABLE_VANTAGE), rows, 1, o->wall_ms, value);
}

/* What is said of a vantage that is not there any more goes, too; of one that
 * is only silent it stays. */
static void
add_description(const struct outgoing *o, struct outgoing_batch *batch,
    const struct speaker *speaker)
{
	struct text value;
	struct key key;

	if (!speaker->live && !speaker->gone)
		return;
	name_key(&key, speaker, KEY_VANTAGE, 0);
	write_vantage(o, speaker, &value);
	/* Without memory it comes with the next lease. */
	(void)add_op(o, batch, &key, speaker->live ? &value : NULL);
	text_finish(&value);
}

static void
add_key(const struct outgoing *o, struct outgoing_batch *batch,
    struct speaker *speaker)
{
	enum news was = speaker->key.dirty;
	struct text value;
	struct key key;

	if (speaker->key.given_ms != 0 &&
	    o->mono_ms - speaker->key.given_ms < OUTGOING_VERDICT_MS)
		return;
	name_key(&key, speaker, KEY_LIVE, 0);
	write_vantage(o, speaker, &value);
	if (add_op(o, batch, &key, speaker->live ? &value : NULL) == 0) {
		struct outgoing_op *op = &batch->op[batch->n - 1];

		op->leased = speaker->live;
		batch->claims = speaker->live;
		speaker->key.dirty = NEWS_NONE;
		send_off(o, &speaker->key, was, op);
		add_description(o, batch, speaker);
	}
	text_finish(&value);
}

/* Whether ${due} went into ${batch}; false when it is full. */
static bool
add_block(const struct outgoing *o, struct outgoing_batch *batch,
    const struct speaker *speaker, const struct due *due)
{
	struct own_block *block = &due->shelf->blocks[due->number];
	bool all = block->minor_ms != 0 &&
	    o->mono_ms >= outgoing_minor_due(block, due->number);
	bool deleted = due->number >= due->shelf->n;
	enum news was = block->dirty;
	struct text value;
	struct key key;

	/* A block takes less than half of its bytes. */
	if (batch->n == OUTGOING_OPS ||
	    (batch->n > 0 && batch->bytes >= OUTGOING_BYTES - BLOCK_BYTES / 2))
		return false;
	name_key(&key, speaker, due->shelf->kind, due->number);
	text_init(&value, BLOCK_BYTES);
	if (deleted)
		block->dirty = NEWS_NONE;
	else
		outgoing_say(o, due->shelf, block, all, &value);
	if (add_op(o, batch, &key, deleted ? NULL : &value) == 0)
		send_off(o, block, was, &batch->op[batch->n - 1]);
	else
		outgoing_dirty(o, block, was);
	text_finish(&value);
	return true;
}

static int
compare_due(const void *a, const void *b)
{
	const struct due *x = a, *y = b;

	if (x->at_ms != y->at_ms)
		return x->at_ms < y->at_ms ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

/* How many of the ${n} slow ones that come first are to be written now, so that
 * with as many each time all of them are within their time. */
static size_t
slow_share(const struct outgoing *o, const struct due *due, size_t n)
{
	size_t share = 0;

	for (size_t i = 0; i < n; i++) {
		int64_t left_ms = due[i].at_ms - o->mono_ms;
		size_t times = left_ms > OUTGOING_SLOW_MS
		    ? (size_t)left_ms / OUTGOING_SLOW_MS
		    : 1;
		size_t each = (i + times) / times;

		if (each > share)
			share = each;
	}
	return share;
}

/* All that is due of ${speaker}; NULL without memory. */
static struct due *
collect(const struct outgoing *o, struct speaker *speaker, bool slow, size_t *n)
{
	size_t size = 1;
	struct due *due;

	for (size_t i = 0; i < OUTGOING_SHELVES; i++)
		size += speaker->shelf[i].n_blocks;
	due = malloc(size * sizeof(*due));
	*n = 0;
	for (size_t i = 0; due != NULL && i < OUTGOING_SHELVES; i++) {
		struct own_shelf *shelf = &speaker->shelf[i];

		for (size_t j = 0; j < shelf->n_blocks; j++) {
			bool is_slow;
			int64_t at_ms = due_ms(shelf, j, &is_slow);

			/* Load is written before it has to be. */
			if (at_ms == INT64_MAX || is_slow != slow ||
			    (at_ms > o->mono_ms &&
				!(slow && shelf->blocks[j].dirty == NEWS_LOAD)))
				continue;
			due[(*n)++] = (struct due){shelf, j, at_ms};
		}
	}
	if (*n > 0)
		qsort(due, *n, sizeof(*due), compare_due);
	return due;
}

static void
add_blocks(const struct outgoing *o, struct outgoing_batch *batch,
    struct speaker *speaker, bool slow)
{
	size_t n, before = batch->n;
	struct due *due = collect(o, speaker, slow, &n);

	if (due == NULL)
		return;
	if (slow)
		n = slow_share(o, due, n);
	for (size_t i = 0; i < n; i++)
		if (!add_block(o, batch, speaker, &due[i]))
			break;
	if (slow && batch->n > before)
		speaker->slow_ms = o->mono_ms > 0 ? o->mono_ms : 1;
	free(due);
}

void
outgoing_free_batch(struct outgoing_batch *batch)
{
	for (size_t i = 0; i < batch->n; i++) {
		free(batch->op[i].key);
		free(batch->op[i].value);
	}
	free(batch);
}

static struct outgoing_batch *
make_batch(const struct outgoing *o, struct speaker *speaker)
{
	struct outgoing_batch *batch;

	if (speaker_due_ms(speaker) > o->mono_ms ||
	    (batch = calloc(1, sizeof(*batch))) == NULL)
		return NULL;
	batch->vantage = speaker->row.name;
	if (key_due(speaker))
		add_key(o, batch, speaker);
	add_blocks(o, batch, speaker, false);
	if (o->mono_ms >= slow_from_ms(speaker))
		add_blocks(o, batch, speaker, true);
	if (batch->n > 0)
		return batch;
	outgoing_free_batch(batch);
	return NULL;
}

struct outgoing_batch *
outgoing_next(struct outgoing *o)
{
	for (size_t i = 0; o->fed && i < o->n; i++) {
		struct speaker *speaker = o->speakers[o->turn++ % o->n];
		struct outgoing_batch *batch = make_batch(o, speaker);

		if (batch != NULL)
			return batch;
	}
	return NULL;
}
