/*
 * What a node has to say: fed by the local state database, and by what etcd
 * holds of it.  Called by meridian-share.
 */
#include "share/outgoing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "share/block.h"
#include "share/outgoing_private.h"

/* Vantages of one node; more than anybody runs. */
#define SPEAKERS 256

struct outgoing *
outgoing_create(const char *prefix, const char *node, int64_t silent_ms)
{
	struct outgoing *o = calloc(1, sizeof(*o));

	if (o == NULL)
		return NULL;
	o->room = calloc(BLOCK_ROWS, sizeof(o->room[0]));
	if (o->room == NULL || strlen(prefix) > KEY_PREFIX_MAX) {
		outgoing_destroy(o);
		return NULL;
	}
	snprintf(o->prefix, sizeof(o->prefix), "%s", prefix);
	snprintf(o->node, sizeof(o->node), "%s", node);
	o->silent_ms = silent_ms;
	return o;
}

static void
destroy_speaker(struct speaker *speaker)
{
	for (size_t i = 0; i < OUTGOING_SHELVES; i++)
		outgoing_finish_shelf(&speaker->shelf[i]);
	free(speaker);
}

void
outgoing_destroy(struct outgoing *o)
{
	if (o == NULL)
		return;
	for (size_t i = 0; i < o->n; i++)
		destroy_speaker(o->speakers[i]);
	free(o->speakers);
	free(o->room);
	free(o);
}

static struct speaker *
find_speaker(const struct outgoing *o, const char *name)
{
	for (size_t i = 0; i < o->n; i++)
		if (strcmp(o->speakers[i]->row.name, name) == 0)
			return o->speakers[i];
	return NULL;
}

static bool
lives(
    const struct outgoing *o, const struct speaker *speaker, int64_t silent_ms)
{
	return !speaker->gone && speaker->moved_ms != 0 &&
	    speaker->row.lease_until_ms != 0 &&
	    o->mono_ms - speaker->moved_ms < silent_ms;
}

bool
outgoing_lives(const struct outgoing *o, int64_t silent_ms)
{
	for (size_t i = 0; i < o->n; i++)
		if (lives(o, o->speakers[i], silent_ms))
			return true;
	return false;
}

/* The key is there while the heartbeat moves. */
static void
set_live(struct outgoing *o, struct speaker *speaker)
{
	bool live = lives(o, speaker, o->silent_ms);

	if (live != speaker->live)
		outgoing_dirty(o, &speaker->key, NEWS_VERDICT);
	speaker->live = live;
}

void
outgoing_time(struct outgoing *o, int64_t mono_ms, int64_t wall_ms)
{
	o->mono_ms = mono_ms;
	o->wall_ms = wall_ms;
	for (size_t i = 0; i < o->n; i++)
		set_live(o, o->speakers[i]);
}

/* --- the local database --- */

static struct speaker *
make_speaker(struct outgoing *o, const struct state_vantage *row)
{
	static const struct own_shelf empty[OUTGOING_SHELVES] = {
	    {.table = TABLE_ENDPOINT, .kind = KEY_VERDICT},
	    {.table = TABLE_ADDRESS, .kind = KEY_ADDRESS},
	    {.table = TABLE_LOAD, .kind = KEY_LOAD},
	};
	struct speaker **grown = array_grow(
	    o->speakers, o->n, &o->size, sizeof(struct speaker *), SPEAKERS);
	struct speaker *speaker;

	if (grown == NULL)
		return NULL;
	o->speakers = grown;
	speaker = calloc(1, sizeof(*speaker));
	if (speaker == NULL)
		return NULL;
	speaker->row = *row;
	memcpy(speaker->shelf, empty, sizeof(empty));
	o->speakers[o->n++] = speaker;
	return speaker;
}

static void
begin(void *context, bool full)
{
	struct outgoing *o = context;

	o->full = full;
	for (size_t i = 0; full && i < o->n; i++) {
		o->speakers[i]->listed = false;
		for (size_t j = 0; j < OUTGOING_SHELVES; j++)
			outgoing_unlist(&o->speakers[i]->shelf[j]);
	}
}

static void
take_vantage(void *context, const struct state_vantage *row)
{
	struct outgoing *o = context;
	struct speaker *speaker = find_speaker(o, row->name);
	bool first = speaker == NULL || speaker->gone;

	if (row->node[0] != '\0')
		return;
	if (speaker == NULL)
		speaker = make_speaker(o, row);
	if (speaker == NULL)
		return;
	speaker->listed = true;
	speaker->gone = false;
	/* What is there at first may be from long ago. */
	if (!first && row->heartbeat_ms != speaker->row.heartbeat_ms)
		speaker->moved_ms = o->mono_ms > 0 ? o->mono_ms : 1;
	if (strcmp(row->version, speaker->row.version) != 0 ||
	    strcmp(row->region, speaker->row.region) != 0)
		outgoing_dirty(o, &speaker->key, NEWS_VERDICT);
	speaker->row = *row;
	set_live(o, speaker);
}

/* Each of these rows begins with its vantage. */
static void
take_row(struct outgoing *o, size_t shelf, const void *row, size_t size)
{
	struct speaker *speaker = find_speaker(o, row);
	union schema_row copy;

	if (speaker == NULL || speaker->gone)
		return;
	memcpy(&copy, row, size);
	outgoing_row(o, &speaker->shelf[shelf], &copy);
}

static void
take_endpoint(void *context, const struct state_endpoint *row)
{
	take_row(context, 0, row, sizeof(*row));
}

static void
take_address(void *context, const struct state_address *row)
{
	take_row(context, 1, row, sizeof(*row));
}

static void
take_load(void *context, const struct state_load *row)
{
	take_row(context, 2, row, sizeof(*row));
}

static void
commit(void *context)
{
	struct outgoing *o = context;

	if (!o->full)
		return;
	o->fed = true;
	for (size_t i = 0; i < o->n; i++) {
		struct speaker *speaker = o->speakers[i];

		if (!speaker->listed) {
			speaker->gone = true;
			set_live(o, speaker);
		}
		for (size_t j = 0; j < OUTGOING_SHELVES; j++)
			outgoing_drop(o, &speaker->shelf[j]);
	}
}

const struct state_sink outgoing_sink = {
    .begin = begin,
    .vantage = take_vantage,
    .endpoint = take_endpoint,
    .address = take_address,
    .load = take_load,
    .commit = commit,
};

/* --- what etcd holds --- */

static struct own_shelf *
shelf_of(struct speaker *speaker, enum key_kind kind)
{
	for (size_t i = 0; i < OUTGOING_SHELVES; i++)
		if (speaker->shelf[i].kind == kind)
			return &speaker->shelf[i];
	return NULL;
}

static void
each_block(struct outgoing *o,
    void (*call)(struct outgoing *o, struct own_block *block, int64_t argument),
    int64_t argument)
{
	for (size_t i = 0; i < o->n; i++) {
		call(o, &o->speakers[i]->key, argument);
		for (size_t j = 0; j < OUTGOING_SHELVES; j++) {
			struct own_shelf *shelf = &o->speakers[i]->shelf[j];

			for (size_t k = 0; k < shelf->n_blocks; k++)
				call(o, &shelf->blocks[k], argument);
		}
	}
}

static void
begin_block(struct outgoing *o, struct own_block *block, int64_t anew)
{
	(void)o;
	block->found = false;
	if (anew)
		block->revision = 0;
}

void
outgoing_reading(struct outgoing *o, bool anew)
{
	each_block(o, begin_block, anew);
	for (size_t i = 0; i < o->n; i++)
		o->speakers[i]->claimed[0] = '\0';
}

static void
end_block(struct outgoing *o, struct own_block *block, int64_t revision)
{
	if (block->found || block->flying || !block->held ||
	    block->revision > revision)
		return;
	block->held = false;
	outgoing_dirty(o, block, NEWS_VERDICT);
}

void
outgoing_read(struct outgoing *o, int64_t revision)
{
	each_block(o, end_block, revision);
}

static void
unlease(struct outgoing *o, struct speaker *speaker)
{
	speaker->key.held_hash = 0;
	outgoing_dirty(o, &speaker->key, NEWS_VERDICT);
}

void
outgoing_unleased(struct outgoing *o)
{
	for (size_t i = 0; i < o->n; i++)
		unlease(o, o->speakers[i]);
}

/* Etcd holds what was said, or not. */
static void
compare(struct outgoing *o, struct own_block *block, const char *value,
    size_t len, int64_t revision)
{
	uint64_t hash = value != NULL ? hash_bytes(value, len, 0) : 0;

	block->found = true;
	/* From before what was carried out last. */
	if (revision < block->revision)
		return;
	block->held = value != NULL;
	/* Of what was deleted, and is not there, the hash is 0. */
	if (hash == block->held_hash ||
	    (block->flying && hash == block->flying_hash))
		return;
	outgoing_dirty(o, block, NEWS_VERDICT);
}

static void
take_node(void *context, const void *row)
{
	memcpy(context, row, sizeof(struct state_vantage));
}

/* The node that the key of a vantage names is to ${out}; "": none. */
static void
read_node(const struct speaker *speaker, const char *value, size_t len,
    char out[STATE_NAME])
{
	const struct block_clock clock = {.known = true};
	const struct block_of of = {.table = schema_table(TABLE_VANTAGE),
	    .owner = speaker->row.name,
	    .clock = &clock};
	struct state_vantage row = {.node = ""};
	struct block_found found;

	(void)block_read(&of, value, len, take_node, &row, &found);
	memcpy(out, row.node, STATE_NAME);
}

void
outgoing_found(struct outgoing *o, const struct key *key, const char *value,
    size_t len, int64_t revision)
{
	struct speaker *speaker = find_speaker(o, key->name[0]);
	struct own_shelf *shelf;
	struct own_block *block;
	char node[STATE_NAME] = "";

	if (speaker == NULL)
		return;
	/* It is written with the key that is bound to the lease. */
	if (key->kind == KEY_VANTAGE)
		return;
	if (key->kind == KEY_LIVE) {
		if (revision < speaker->key.revision)
			return;
		if (value != NULL)
			read_node(speaker, value, len, node);
		if (strcmp(node, o->node) == 0)
			node[0] = '\0';
		memcpy(speaker->claimed, node, sizeof(node));
		compare(o, &speaker->key, value, len, revision);
		return;
	}
	shelf = shelf_of(speaker, key->kind);
	block = shelf != NULL && key->number < KEY_BLOCKS
	    ? outgoing_block(shelf, key->number)
	    : NULL;
	if (block != NULL)
		compare(o, block, value, len, revision);
}

const char *
outgoing_claimed(const struct outgoing *o, const char *vantage)
{
	const struct speaker *speaker = find_speaker(o, vantage);

	return speaker != NULL && speaker->claimed[0] != '\0' ? speaker->claimed
							      : NULL;
}

static void
count_shelf(const struct own_shelf *shelf, struct outgoing_figures *out)
{
	out->rows += shelf->n_rows;
	for (size_t i = 0; i < shelf->n_blocks; i++) {
		const struct own_block *block = &shelf->blocks[i];

		out->blocks += block->held;
		out->waiting += block->flying ||
		    (block->dirty > NEWS_MINOR &&
			(i < shelf->n || block->held));
	}
}

void
outgoing_figures(const struct outgoing *o, struct outgoing_figures *out)
{
	*out = o->figures;
	out->vantages = o->n;
	for (size_t i = 0; i < o->n; i++) {
		const struct own_block *key = &o->speakers[i]->key;

		out->blocks += key->held;
		out->waiting += key->flying ||
		    (key->dirty != NEWS_NONE &&
			(o->speakers[i]->live || key->held));
		for (size_t j = 0; j < OUTGOING_SHELVES; j++)
			count_shelf(&o->speakers[i]->shelf[j], out);
	}
}
