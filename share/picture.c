/*
 * The picture of what other nodes say.  Called by meridian-share; opens
 * nothing, and never writes before all of a reading has come.
 */
#include "share/picture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "share/picture_private.h"

struct picture *
picture_create(
    const char *node, const struct picture_calls *calls, void *context)
{
	struct picture *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->calls = *calls;
	p->context = context;
	snprintf(p->node, sizeof(p->node), "%s", node);
	return p;
}

/* Forget what was fed and does not count. */
static void
clear_staged(struct picture *p)
{
	while (p->n_staged > 0)
		free(p->staged[--p->n_staged].value);
	p->staged_bytes = 0;
	p->failed = false;
}

void
picture_destroy(struct picture *p)
{
	if (p == NULL)
		return;
	clear_staged(p);
	for (size_t i = 0; i < p->n; i++)
		picture_destroy_seer(p->seers[i]);
	row_pile_finish(&p->pile);
	free(p->staged);
	free(p->gone);
	free(p->old);
	free(p);
}

/* Of a vantage of this node: what etcd holds is for who says what we know. */
static void
tell_own(struct picture *p, const struct staged *staged)
{
	struct key key = {.kind = staged->kind, .number = staged->number};

	snprintf(key.name[0], sizeof(key.name[0]), "%s", staged->seer->name);
	p->calls.own(
	    p->context, &key, staged->value, staged->len, staged->revision);
}

void
picture_open(struct picture *p, bool urgent)
{
	p->urgent |= urgent;
	if (!p->open)
		p->calls.begin(p->context, p->whole);
	p->open = true;
}

/* --- feeding --- */

void
picture_begin(struct picture *p, bool full)
{
	clear_staged(p);
	p->full = full;
	for (size_t i = 0; full && i < p->n; i++) {
		p->seers[i]->seen = p->seers[i]->described_seen = false;
		for (size_t j = 0; j < SHELVES; j++)
			for (size_t k = 0; k < p->seers[i]->shelf[j].n; k++)
				p->seers[i]->shelf[j].slots[k].seen = false;
	}
}

static bool
is_block(enum key_kind kind)
{
	return kind == KEY_VERDICT || kind == KEY_ADDRESS || kind == KEY_LOAD;
}

static void
stage(struct picture *p, const struct key *key, const char *value, size_t len,
    int64_t revision)
{
	struct seer *seer;
	struct staged *grown;

	if (!is_block(key->kind) && key->kind != KEY_LIVE &&
	    key->kind != KEY_VANTAGE)
		return;
	seer = picture_make_seer(p, key->name[0]);
	if (seer == NULL) {
		p->held.refused++;
		return;
	}
	grown = array_grow(p->staged, p->n_staged, &p->staged_size,
	    sizeof(*grown), SIZE_MAX / sizeof(*grown));
	if (grown == NULL || p->staged_bytes + len > PICTURE_BYTES) {
		p->failed = true;
		return;
	}
	p->staged = grown;
	grown[p->n_staged] = (struct staged){.seer = seer,
	    .kind = key->kind,
	    .number = (uint32_t)key->number,
	    .order = p->n_staged,
	    .revision = revision,
	    .len = len,
	    .hash = value != NULL ? hash_bytes(value, len, 0) : 0};
	if (value != NULL &&
	    (grown[p->n_staged].value = malloc(len + 1)) == NULL) {
		p->failed = true;
		return;
	}
	if (value != NULL)
		memcpy(grown[p->n_staged].value, value, len);
	p->n_staged++;
	p->staged_bytes += len;
}

/* A reading that finds the value that is held: nothing to keep. */
static bool
is_held(const struct picture *p, const struct key *key, const char *value,
    size_t len, int64_t revision)
{
	const struct seer *seer = picture_find_seer(p, key->name[0]);
	struct slot *slot;

	if (!p->full || seer == NULL || seer->own || !is_block(key->kind))
		return false;
	slot = picture_slot(&seer->shelf[key->kind - KEY_VERDICT], key->number);
	if (slot == NULL || slot->revision != revision ||
	    slot->hash != hash_bytes(value, len, 0))
		return false;
	slot->seen = true;
	return true;
}

void
picture_put(struct picture *p, const struct key *key, const char *value,
    size_t len, int64_t revision)
{
	if (!is_held(p, key, value, len, revision))
		stage(p, key, value, len, revision);
}

void
picture_delete(struct picture *p, const struct key *key, int64_t revision)
{
	stage(p, key, NULL, 0, revision);
}

/* --- a change --- */

static int
compare_staged(const void *a, const void *b)
{
	const struct staged *x = a, *y = b;

	if (x->revision != y->revision)
		return x->revision < y->revision ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* How the clocks of the writers go is known best from all that they say. */
static void
hear_clocks(struct picture *p)
{
	for (size_t i = 0; i < p->n_staged; i++) {
		const struct staged *s = &p->staged[i];
		int64_t at_ms;

		if (s->value != NULL && block_at(s->value, s->len, &at_ms))
			block_clock_hear(
			    &s->seer->clock, at_ms, p->wall_ms, !p->full);
	}
}

static void
count_staged(struct picture *p, const struct staged *s)
{
	struct slot *slot;

	if (s->seer->own) {
		tell_own(p, s);
	} else if (s->kind == KEY_VANTAGE) {
		picture_describe(p, s);
	} else if (s->kind == KEY_LIVE) {
		if (s->value != NULL)
			picture_hear_vantage(p, s);
		else
			picture_end_lease(s->seer);
	} else if (s->value != NULL) {
		picture_shelve(p, s);
	} else {
		slot = picture_slot(
		    &s->seer->shelf[s->kind - KEY_VERDICT], s->number);
		if (slot != NULL)
			picture_drop(
			    p, s->seer, (size_t)(s->kind - KEY_VERDICT), slot);
	}
}

/* What a clean reading did not have is not there. */
static void
drop_unseen(struct picture *p, struct seer *seer)
{
	if (!seer->seen)
		picture_end_lease(seer);
	seer->described &= seer->described_seen;
	if (!seer->described_seen)
		seer->described_revision = 0;
	for (size_t i = 0; i < SHELVES; i++)
		for (size_t j = seer->shelf[i].n; j-- > 0;)
			if (!seer->shelf[i].slots[j].seen)
				picture_drop(
				    p, seer, i, &seer->shelf[i].slots[j]);
}

static bool
has_blocks(const struct seer *seer)
{
	for (size_t i = 0; i < SHELVES; i++)
		if (seer->shelf[i].n > 0)
			return true;
	return false;
}

/* Write the rows of vantages that changed, and forget those of which nothing is
 * left. */
static void
settle_seers(struct picture *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++) {
		struct seer *seer = p->seers[i];
		union schema_row row = {.vantage = seer->row};
		bool empty = !seer->live && !seer->contested &&
		    !seer->described && !has_blocks(seer);

		if (seer->news && !empty)
			picture_put_seer(p, seer);
		if (empty && seer->known) {
			memcpy(
			    row.vantage.name, seer->name, sizeof(seer->name));
			picture_open(p, true);
			p->calls.take(p->context, TABLE_VANTAGE, &row);
			seer->known = false;
		}
		/* What makes no sense is known until it is deleted. */
		if (!empty || seer->own || seer->bad > 0 ||
		    seer->described_revision != 0)
			p->seers[n++] = seer;
		else
			picture_destroy_seer(seer);
	}
	p->n = n;
}

static void
begin_change(struct picture *p, bool whole, int64_t wall_ms)
{
	p->open = p->urgent = false;
	p->whole = whole;
	p->wall_ms = wall_ms;
}

static void
end_change(struct picture *p)
{
	if (p->open)
		p->calls.commit(p->context, p->urgent);
	p->open = false;
}

int
picture_end(struct picture *p, int64_t wall_ms, int64_t mono_ms)
{
	if (p->failed || (!p->full && !p->read)) {
		clear_staged(p);
		return -1;
	}
	begin_change(p, p->full && !p->read, wall_ms);
	p->mono_ms = mono_ms;
	if (p->whole)
		picture_open(p, true);
	if (p->n_staged > 0)
		qsort(p->staged, p->n_staged, sizeof(p->staged[0]),
		    compare_staged);
	hear_clocks(p);
	/* The rows of vantages come first. */
	for (int blocks = 0; blocks <= 1; blocks++)
		for (size_t i = 0; i < p->n_staged; i++)
			if (is_block(p->staged[i].kind) == (blocks == 1))
				count_staged(p, &p->staged[i]);
	for (size_t i = 0; p->full && i < p->n; i++)
		drop_unseen(p, p->seers[i]);
	picture_sweep(p);
	picture_say_complaints(p);
	settle_seers(p);
	end_change(p);
	p->read |= p->full;
	clear_staged(p);
	return 0;
}

/* --- all of it --- */

static void
put_rows(struct picture *p, const struct row_set *rows, enum state_table table)
{
	union schema_row row;

	for (size_t i = 0; rows != NULL && i < rows->n; i++) {
		row_set_row(rows, &rows->ref[i], schema_table(table), &row);
		p->calls.put(p->context, table, &row);
	}
}

void
picture_again(struct picture *p, int64_t wall_ms)
{
	if (!p->read)
		return;
	begin_change(p, true, wall_ms);
	picture_open(p, true);
	for (size_t i = 0; i < p->n; i++) {
		struct seer *seer = p->seers[i];

		if (seer->own ||
		    (!seer->live && !seer->described && !has_blocks(seer)))
			continue;
		picture_put_seer(p, seer);
		for (size_t j = 0; j < SHELVES; j++)
			for (size_t k = 0; k < seer->shelf[j].n; k++)
				put_rows(p, seer->shelf[j].slots[k].rows,
				    picture_table(j));
	}
	end_change(p);
}

void
picture_beat(struct picture *p, int64_t wall_ms)
{
	begin_change(p, false, wall_ms);
	for (size_t i = 0; i < p->n; i++)
		if (p->seers[i]->live)
			picture_put_seer(p, p->seers[i]);
	end_change(p);
}

void
picture_figures(const struct picture *p, struct picture_figures *out)
{
	*out = p->held;
	for (size_t i = 0; i < p->n; i++) {
		out->vantages += !p->seers[i]->own;
		out->live += p->seers[i]->live;
	}
}
