/* Collects the rows of a batch.  Called by traffic.c under its lock. */
#include "node/traffic_batch.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/array.h"
#include "state/endpoint_key.h"

/* Every outcome with all reasons that a service meets in a minute, and
 * endpoints of a site that all fail at once. */
#define MAX_ROWS ((size_t)1 << 20)
#define MAX_TEXT ((size_t)64 << 20)

struct traffic_batch {
	struct history_batch out; /* the first member */
	struct arena *texts;
	/* The text that was copied last, of each kind: rows of one service
	 * follow each other. */
	struct {
		const char *from, *copy;
	} last[4];
	struct history_traffic *traffic;
	struct history_scope *scope;
	struct history_place *place;
	struct history_failover *failover;
	size_t size[4];
	uint64_t lost;
};

enum { SERVICE, POOL, REGION, OTHER };

struct traffic_batch *
traffic_batch_create(int64_t minute_ms)
{
	struct traffic_batch *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return NULL;
	b->out.minute_ms = minute_ms;
	b->texts = arena_create(MAX_TEXT);
	if (b->texts != NULL)
		return b;
	free(b);
	return NULL;
}

void
traffic_batch_destroy(struct traffic_batch *b)
{
	if (b == NULL)
		return;
	arena_destroy(b->texts);
	free(b->traffic);
	free(b->scope);
	free(b->place);
	free(b->failover);
	free(b);
}

/* A copy of ${text}; NULL without memory.  Texts of outcomes are each once, so
 * that the same address is the same text. */
static const char *
copy(struct traffic_batch *b, unsigned kind, const char *text)
{
	char *made;

	if (kind != OTHER && b->last[kind].from == text)
		return b->last[kind].copy;
	made = arena_strdup(b->texts, text);
	if (made != NULL && kind == SERVICE)
		endpoint_key_fold(made);
	if (made != NULL) {
		b->last[kind].from = text;
		b->last[kind].copy = made;
	}
	return made;
}

void
traffic_batch_traffic(
    struct traffic_batch *b, const struct history_traffic *row)
{
	struct history_traffic copied = *row;
	struct history_traffic *rows = array_grow(
	    b->traffic, b->out.n_traffic, &b->size[0], sizeof(*rows), MAX_ROWS);

	if (rows != NULL)
		b->traffic = rows;
	copied.service = copy(b, SERVICE, row->service);
	copied.pool = copy(b, POOL, row->pool);
	copied.region = copy(b, REGION, row->region);
	if (rows == NULL || copied.service == NULL || copied.pool == NULL ||
	    copied.region == NULL)
		b->lost++;
	else
		rows[b->out.n_traffic++] = copied;
}

void
traffic_batch_scope(struct traffic_batch *b, const struct history_scope *row)
{
	struct history_scope copied = *row;
	struct history_scope *rows = array_grow(
	    b->scope, b->out.n_scope, &b->size[1], sizeof(*rows), MAX_ROWS);

	if (rows != NULL)
		b->scope = rows;
	copied.service = copy(b, SERVICE, row->service);
	if (rows == NULL || copied.service == NULL)
		b->lost++;
	else
		rows[b->out.n_scope++] = copied;
}

void
traffic_batch_place(struct traffic_batch *b, const struct traffic_place *row)
{
	struct history_place copied = {
	    .asn = row->asn, .samples = row->samples};
	struct history_place *rows = array_grow(
	    b->place, b->out.n_place, &b->size[2], sizeof(*rows), MAX_ROWS);

	if (rows != NULL)
		b->place = rows;
	memcpy(copied.country, row->country, sizeof(copied.country));
	copied.service = copy(b, SERVICE, row->service);
	copied.region = copy(b, REGION, row->region);
	if (rows == NULL || copied.service == NULL || copied.region == NULL)
		b->lost++;
	else
		rows[b->out.n_place++] = copied;
}

void
traffic_batch_failover(
    struct traffic_batch *b, const struct history_failover *row)
{
	struct history_failover copied = *row;
	struct history_failover *rows = array_grow(b->failover,
	    b->out.n_failover, &b->size[3], sizeof(*rows), MAX_ROWS);

	if (rows != NULL)
		b->failover = rows;
	copied.service = copy(b, SERVICE, row->service);
	copied.pool = copy(b, OTHER, row->pool);
	copied.endpoint = copy(b, OTHER, row->endpoint);
	/* These names are of a policy, whose memory may be used again. */
	b->last[SERVICE].from = NULL;
	if (rows == NULL || copied.service == NULL || copied.pool == NULL ||
	    copied.endpoint == NULL)
		b->lost++;
	else
		rows[b->out.n_failover++] = copied;
}

uint64_t
traffic_batch_lost(const struct traffic_batch *b)
{
	return b->lost;
}

const struct history_batch *
traffic_batch_end(struct traffic_batch *b, const struct history_batch *like)
{
	b->out.node = copy(b, OTHER, like->node);
	if (b->out.node == NULL)
		b->out.node = "";
	b->out.run = like->run;
	b->out.number = like->number;
	b->out.sample = like->sample;
	b->out.traffic = b->traffic;
	b->out.scope = b->scope;
	b->out.place = b->place;
	b->out.failover = b->failover;
	return &b->out;
}

struct traffic_batch *
traffic_batch_of(const struct history_batch *out)
{
	return (struct traffic_batch *)(uintptr_t)out;
}
