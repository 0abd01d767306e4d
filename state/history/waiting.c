/*
 * Batches on their way to a file.  Called by recorder_child.c.
 */
#include "state/history/waiting.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/array.h"

/* Rows of one kind in a batch, at most. */
#define ROWS_MAX 2000000

struct item {
	struct item *next;
	struct arena *arena; /* all texts */
	struct history_batch batch;
	struct history_traffic *traffic;
	struct history_scope *scope;
	struct history_place *place;
	struct history_failover *failover;
	size_t size[4]; /* room for rows, in the order of the four */
	const char *last[HISTORY_TEXTS]; /* texts of the row before */
};

struct waiting {
	struct item *first, **last;
	struct item *growing; /* the batch that is not whole yet */
	size_t n, bytes;
};

static void
free_item(struct item *item)
{
	if (item == NULL)
		return;
	free(item->traffic);
	free(item->scope);
	free(item->place);
	free(item->failover);
	arena_destroy(item->arena);
	free(item);
}

static size_t
bytes_of(const struct item *item)
{
	return sizeof(*item) + arena_used(item->arena) +
	    item->size[0] * sizeof(*item->traffic) +
	    item->size[1] * sizeof(*item->scope) +
	    item->size[2] * sizeof(*item->place) +
	    item->size[3] * sizeof(*item->failover);
}

struct waiting *
waiting_create(void)
{
	struct waiting *w = calloc(1, sizeof(*w));

	if (w != NULL)
		w->last = &w->first;
	return w;
}

void
waiting_destroy(struct waiting *w)
{
	if (w == NULL)
		return;
	while (w->first != NULL)
		waiting_drop(w);
	free_item(w->growing);
	free(w);
}

const struct history_batch *
waiting_first(const struct waiting *w)
{
	return w->first != NULL ? &w->first->batch : NULL;
}

void
waiting_drop(struct waiting *w)
{
	struct item *item = w->first;

	if (item == NULL)
		return;
	w->first = item->next;
	if (w->first == NULL)
		w->last = &w->first;
	w->n--;
	w->bytes -= bytes_of(item);
	free_item(item);
}

/* --- a batch that grows --- */

/* A copy of text number ${at} of a row; most rows repeat those of the one
 * before. */
static const char *
keep(struct item *item, size_t at, const char *text)
{
	if (item->last[at] == NULL || strcmp(item->last[at], text) != 0)
		item->last[at] = arena_strdup(item->arena, text);
	return item->last[at];
}

static int
begin(struct waiting *w, const struct history_parts *parts)
{
	struct item *item = calloc(1, sizeof(*item));

	free_item(w->growing);
	w->growing = item;
	if (item == NULL)
		return -1;
	item->arena = arena_create(WAITING_BYTES);
	if (item->arena == NULL)
		return -1;
	item->batch.node = arena_strdup(item->arena, parts->text[0]);
	item->batch.run = parts->number[0];
	item->batch.number = parts->number[1];
	item->batch.minute_ms = (int64_t)parts->number[2];
	item->batch.sample =
	    parts->number[3] > 0 && parts->number[3] <= UINT32_MAX
	    ? (uint32_t)parts->number[3]
	    : 1;
	return item->batch.node != NULL ? 0 : -1;
}

static int
add_traffic(struct item *item, const struct history_parts *parts)
{
	struct history_traffic *grown = array_grow(item->traffic,
	    item->batch.n_traffic, &item->size[0], sizeof(*grown), ROWS_MAX);
	struct history_traffic row = {keep(item, 0, parts->text[0]),
	    keep(item, 1, parts->text[1]), keep(item, 2, parts->text[2]),
	    keep(item, 3, parts->text[3]), parts->number[1] != 0,
	    parts->number[0]};

	if (grown == NULL)
		return -1;
	item->traffic = grown;
	if (row.service == NULL || row.pool == NULL || row.region == NULL ||
	    row.reason == NULL)
		return -1;
	grown[item->batch.n_traffic++] = row;
	return 0;
}

static int
add_scope(struct item *item, const struct history_parts *parts)
{
	struct history_scope *grown = array_grow(item->scope,
	    item->batch.n_scope, &item->size[1], sizeof(*grown), ROWS_MAX);
	struct history_scope row = {keep(item, 0, parts->text[0]),
	    (unsigned)parts->number[1], (unsigned)parts->number[2],
	    parts->number[0]};

	if (grown == NULL)
		return -1;
	item->scope = grown;
	if (row.service == NULL)
		return -1;
	grown[item->batch.n_scope++] = row;
	return 0;
}

static int
add_place(struct item *item, const struct history_parts *parts)
{
	struct history_place *grown = array_grow(item->place,
	    item->batch.n_place, &item->size[2], sizeof(*grown), ROWS_MAX);
	struct history_place row = {.service = keep(item, 0, parts->text[0]),
	    .region = keep(item, 1, parts->text[1]),
	    .asn = (uint32_t)parts->number[1],
	    .samples = parts->number[0]};

	if (grown == NULL)
		return -1;
	item->place = grown;
	if (row.service == NULL || row.region == NULL)
		return -1;
	memcpy(row.country, parts->text[2], strnlen(parts->text[2], 2));
	grown[item->batch.n_place++] = row;
	return 0;
}

static int
add_failover(struct item *item, const struct history_parts *parts)
{
	struct history_failover *grown = array_grow(item->failover,
	    item->batch.n_failover, &item->size[3], sizeof(*grown), ROWS_MAX);
	struct history_failover row = {keep(item, 0, parts->text[0]),
	    keep(item, 1, parts->text[1]), keep(item, 2, parts->text[2]),
	    parts->number[1] != 0, (int64_t)parts->number[0]};

	if (grown == NULL)
		return -1;
	item->failover = grown;
	if (row.service == NULL || row.pool == NULL || row.endpoint == NULL)
		return -1;
	grown[item->batch.n_failover++] = row;
	return 0;
}

/* The batch is whole; how many older ones had to go. */
static int
finish(struct waiting *w)
{
	struct item *item = w->growing;
	int lost = 0;

	item->batch.traffic = item->traffic;
	item->batch.scope = item->scope;
	item->batch.place = item->place;
	item->batch.failover = item->failover;
	w->growing = NULL;
	*w->last = item;
	w->last = &item->next;
	w->n++;
	w->bytes += bytes_of(item);
	for (; w->n > 1 && (w->bytes > WAITING_BYTES || w->n > WAITING_BATCHES);
	     lost++)
		waiting_drop(w);
	return lost;
}

int
waiting_take(struct waiting *w, const struct frame *frame)
{
	struct history_parts parts;
	struct item *item = w->growing;

	if (frame->kind == HISTORY_WRITE)
		return item != NULL ? finish(w) : -1;
	if (history_parts_take(frame, &parts) != 0)
		return -1;
	if (frame->kind == HISTORY_BEGIN)
		return begin(w, &parts);
	if (item == NULL)
		return -1;
	switch (frame->kind) {
	case HISTORY_TRAFFIC:
		return add_traffic(item, &parts);
	case HISTORY_SCOPES:
		return add_scope(item, &parts);
	case HISTORY_PLACES:
		return add_place(item, &parts);
	case HISTORY_FAILOVERS:
		return add_failover(item, &parts);
	default:
		return -1;
	}
}
