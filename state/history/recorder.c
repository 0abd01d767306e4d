/*
 * The daemon's end of the process that writes a history.  Called by meridiand
 * on its control loop; opens no file.
 */
#include "state/history/recorder.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/helper.h"
#include "state/history/recorder_frame.h"
#include "state/trouble.h"

/* For the child, once it is told to end: longer than it waits for a lock, and
 * some time to write. */
#define GRACE_MS 3000

struct history_recorder {
	struct helper *helper;
	void (*trouble)(void *context, const char *why);
	void *context;
	struct trouble said; /* the last that was reported */
	struct history_recorder_figures figures;
};

/* Report ${words}, "" for the end of it, if they are news. */
static void
report(struct history_recorder *r, const char *words)
{
	if (trouble_set(&r->said, words))
		r->trouble(r->context, words[0] != '\0' ? r->said.words : NULL);
}

static int
on_written(struct history_recorder *r, const struct frame *frame)
{
	struct history_written written;

	if (frame->len != sizeof(written))
		return -1;
	memcpy(&written, frame->data, sizeof(written));
	r->figures.written++;
	r->figures.bytes = written.bytes;
	r->figures.last_took_us = written.took_us;
	r->figures.written_ms = clock_mono_ms();
	report(r, "");
	return 0;
}

static int
on_frame(void *context, const struct frame *frame)
{
	struct history_recorder *r = context;
	char words[TROUBLE_WORDS];

	switch (frame->kind) {
	case HISTORY_WRITTEN:
		return on_written(r, frame);
	case HISTORY_LOST:
		r->figures.lost++;
		return 0;
	case HISTORY_ASIDE:
		r->figures.set_aside++;
		return 0;
	case HISTORY_TROUBLE:
		if (trouble_take(frame, words) != 0)
			return -1;
		report(r, words);
		return 0;
	case HISTORY_WELL:
		report(r, "");
		return 0;
	default:
		return -1;
	}
}

static void
on_ended(void *context, const char *how)
{
	char words[TROUBLE_WORDS];

	(void)snprintf(
	    words, sizeof(words), "the process that writes it %s", how);
	report(context, words);
}

struct history_recorder *
history_recorder_start(uv_loop_t *loop, const char *path, uint64_t max_bytes,
    void (*trouble)(void *context, const char *why), void *context)
{
	static const struct helper_calls calls = {
	    .frame = on_frame, .ended = on_ended};
	struct history_recorder *r = calloc(1, sizeof(*r));
	char size[32];
	const char *const arguments[] = {HISTORY_ARGUMENT, path, size, NULL};

	if (r == NULL)
		return NULL;
	r->trouble = trouble;
	r->context = context;
	r->figures.written_ms = -1;
	(void)snprintf(size, sizeof(size), "%" PRIu64, max_bytes);
	r->helper = helper_start(loop, arguments, &calls, r);
	if (r->helper == NULL) {
		free(r);
		return NULL;
	}
	return r;
}

void
history_recorder_stop(struct history_recorder *r)
{
	if (r == NULL)
		return;
	helper_stop(r->helper, GRACE_MS);
	free(r);
}

void
history_recorder_figures(
    const struct history_recorder *r, struct history_recorder_figures *out)
{
	*out = r->figures;
}

/* --- a batch --- */

static int
send_row(struct history_recorder *r, enum history_frame kind,
    const struct history_parts *parts)
{
	unsigned char packed[FRAME_MAX];

	return helper_send(
	    r->helper, kind, packed, history_parts_pack(kind, parts, packed));
}

static int
send_traffic(struct history_recorder *r, const struct history_batch *batch)
{
	for (size_t i = 0; i < batch->n_traffic; i++) {
		const struct history_traffic *row = &batch->traffic[i];
		const struct history_parts parts = {
		    {row->answers, row->subnet, 0, 0},
		    {row->service, row->pool, row->region, row->reason}};

		if (row->answers > 0 &&
		    send_row(r, HISTORY_TRAFFIC, &parts) != 0)
			return -1;
	}
	return 0;
}

static int
send_scopes(struct history_recorder *r, const struct history_batch *batch)
{
	for (size_t i = 0; i < batch->n_scope; i++) {
		const struct history_scope *row = &batch->scope[i];
		const struct history_parts parts = {
		    {row->answers, row->family, row->length, 0},
		    {row->service}};

		if (row->answers > 0 &&
		    send_row(r, HISTORY_SCOPES, &parts) != 0)
			return -1;
	}
	return 0;
}

static int
send_places(struct history_recorder *r, const struct history_batch *batch)
{
	for (size_t i = 0; i < batch->n_place; i++) {
		const struct history_place *row = &batch->place[i];
		const struct history_parts parts = {
		    {row->samples, row->asn, 0, 0},
		    {row->service, row->region, row->country}};

		if (row->samples > 0 &&
		    send_row(r, HISTORY_PLACES, &parts) != 0)
			return -1;
	}
	return 0;
}

static int
send_failovers(struct history_recorder *r, const struct history_batch *batch)
{
	for (size_t i = 0; i < batch->n_failover; i++) {
		const struct history_failover *row = &batch->failover[i];
		const struct history_parts parts = {
		    {(uint64_t)row->wall_ms, row->back, 0, 0},
		    {row->service, row->pool, row->endpoint}};

		if (send_row(r, HISTORY_FAILOVERS, &parts) != 0)
			return -1;
	}
	return 0;
}

int
history_recorder_give(
    struct history_recorder *r, const struct history_batch *batch)
{
	const struct history_parts begin = {
	    {batch->run, batch->number, (uint64_t)batch->minute_ms,
		batch->sample},
	    {batch->node}};

	if (send_row(r, HISTORY_BEGIN, &begin) != 0 ||
	    send_traffic(r, batch) != 0 || send_scopes(r, batch) != 0 ||
	    send_places(r, batch) != 0 || send_failovers(r, batch) != 0 ||
	    helper_send(r->helper, HISTORY_WRITE, NULL, 0) != 0) {
		/* A part of it is none: the next one begins anew. */
		helper_discard(r->helper);
		r->figures.lost++;
		return -1;
	}
	return helper_flush(r->helper);
}
