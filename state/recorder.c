/*
 * The daemon's end of the writing process: queues rows and events, keeps events
 * until they are written, asks for all rows again when some were lost.  Called
 * by the daemons on their loops; opens no file.
 */
#include "state/recorder.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/helper.h"
#include "base/log.h"
#include "state/random_id.h"
#include "state/recorder_frame.h"
#include "state/schema.h"
#include "state/trouble.h"

/* For the child, once it is told to end: longer than it waits for a lock, and
 * some time to write. */
#define GRACE_MS 3000

/* The first room for events, and the most that is kept while there are none. */
#define EVENTS_FIRST 1024

/* An event that is not known to be written. */
struct unwritten {
	struct state_event event;
	uint64_t commit; /* the number of the one it went with; 0 not yet */
};

struct state_recorder {
	struct helper *helper;
	const struct state_recorder_calls *calls;
	void (*restore)(void *context, enum state_table table,
	    const union schema_row *row); /* NULL: nobody asks */
	void *context;
	char vantage[STATE_NAME];
	char id[RANDOM_ID];
	bool carries;  /* what other nodes say */
	bool restored; /* the first ready() was */
	bool ready;    /* the child writes what it is given */
	bool dropped;  /* a row since ready(): all are needed again */
	uint64_t epoch;
	uint64_t number; /* of the last commit that was given */
	uint64_t forget_ms, latency_age_ms;
	char region[STATE_NAME];
	struct trouble trouble;   /* the last that was reported */
	struct unwritten *events; /* a ring: the oldest at first */
	size_t first, n_events, size_events, lost_events;
	struct state_recorder_figures figures;
	uint64_t timed;      /* the commit whose time is taken; 0: none */
	uint64_t timed_from; /* when it was given, uv_hrtime() */
};

/* Report ${words}, "" for the end of it, if they are news. */
static void
report(struct state_recorder *r, const char *words)
{
	if (trouble_set(&r->trouble, words))
		r->calls->trouble(
		    r->context, words[0] != '\0' ? r->trouble.words : NULL);
}

static struct unwritten *
event_at(struct state_recorder *r, size_t i)
{
	return &r->events[(r->first + i) % r->size_events];
}

/* Double the room, or make the first; -1 without memory, or when there may be
 * no more. */
static int
grow_events(struct state_recorder *r)
{
	size_t size = r->size_events == 0 ? EVENTS_FIRST : 2 * r->size_events;
	struct unwritten *grown;

	if (r->size_events == RECORDER_EVENTS)
		return -1;
	if (size > RECORDER_EVENTS)
		size = RECORDER_EVENTS;
	grown = calloc(size, sizeof(*grown));
	if (grown == NULL)
		return -1;
	for (size_t i = 0; i < r->n_events; i++)
		grown[i] = *event_at(r, i);
	free(r->events);
	r->events = grown;
	r->size_events = size;
	r->first = 0;
	return 0;
}

static void
drop_oldest(struct state_recorder *r)
{
	r->first = (r->first + 1) % r->size_events;
	r->n_events--;
}

/* Nothing waits any more: a long trouble leaves no memory behind. */
static void
release_events(struct state_recorder *r)
{
	if (r->size_events <= EVENTS_FIRST)
		return;
	free(r->events);
	r->events = NULL;
	r->size_events = r->first = 0;
}

static int
on_restored(struct state_recorder *r, const struct frame *frame)
{
	struct state_endpoint row;

	if (table_take(schema_table(TABLE_ENDPOINT), frame, &row) != 0)
		return -1;
	/* What a database that came back remembers is older than what the
	 * daemon knows. */
	if (!r->restored && r->calls->restored != NULL)
		r->calls->restored(r->context, &row);
	return 0;
}

static int
on_restored_address(struct state_recorder *r, const struct frame *frame)
{
	struct state_address row;

	if (table_take(schema_table(TABLE_ADDRESS), frame, &row) != 0)
		return -1;
	if (!r->restored && r->calls->restored_address != NULL)
		r->calls->restored_address(r->context, &row);
	return 0;
}

static int
on_restored_common(
    struct state_recorder *r, enum state_table table, const struct frame *frame)
{
	union schema_row row;

	if (table_take(schema_table(table), frame, &row) != 0)
		return -1;
	if (!r->restored && r->restore != NULL)
		r->restore(r->context, table, &row);
	return 0;
}

static int
take_number(const struct frame *frame, uint64_t *out)
{
	if (frame->len != sizeof(*out))
		return -1;
	memcpy(out, frame->data, sizeof(*out));
	return 0;
}

static int
on_ready(struct state_recorder *r, const struct frame *frame)
{
	if (take_number(frame, &r->epoch) != 0)
		return -1;
	for (size_t i = 0; i < r->n_events; i++)
		event_at(r, i)->commit = 0;
	r->restored = r->ready = true;
	r->dropped = false;
	r->calls->ready(r->context);
	return 0;
}

/* Times are taken of one commit at a time: while one takes longer than the
 * next waits, that is the one that matters. */
static void
count_written(struct state_recorder *r, uint64_t number)
{
	struct state_recorder_figures *f = &r->figures;

	f->commits++;
	f->written_ms = clock_mono_ms();
	if (r->timed == 0 || number < r->timed)
		return;
	f->last_took_us = (uv_hrtime() - r->timed_from) / 1000;
	f->took_us += f->last_took_us;
	f->timed++;
	r->timed = 0;
}

static int
on_written(struct state_recorder *r, const struct frame *frame)
{
	uint64_t number;

	if (take_number(frame, &number) != 0 || number > r->number)
		return -1;
	count_written(r, number);
	while (r->n_events > 0 && event_at(r, 0)->commit != 0 &&
	    event_at(r, 0)->commit <= number)
		drop_oldest(r);
	if (r->n_events == 0)
		release_events(r);
	if (r->lost_events > 0)
		log_warn("state database: %zu events, the oldest, were lost "
			 "while it could not be written",
		    r->lost_events);
	r->lost_events = 0;
	report(r, "");
	if (r->dropped && number == r->number) {
		r->dropped = false;
		r->calls->ready(r->context);
	}
	return 0;
}

static int
on_trouble(struct state_recorder *r, const struct frame *frame)
{
	char words[TROUBLE_WORDS];

	if (trouble_take(frame, words) != 0)
		return -1;
	r->ready = false;
	r->timed = 0;
	helper_discard(r->helper);
	report(r, words);
	return 0;
}

static int
on_refused(struct state_recorder *r, const struct frame *frame)
{
	char words[TROUBLE_WORDS];

	if (trouble_take(frame, words) != 0)
		return -1;
	if (r->calls->refused != NULL)
		r->calls->refused(r->context, words);
	return 0;
}

static int
on_frame(void *context, const struct frame *frame)
{
	switch (frame->kind) {
	case RECORDER_RESTORED + TABLE_ENDPOINT:
		return on_restored(context, frame);
	case RECORDER_RESTORED + TABLE_ADDRESS:
		return on_restored_address(context, frame);
	case RECORDER_RESTORED + TABLE_KEEP:
	case RECORDER_RESTORED + TABLE_FACTOR:
	case RECORDER_RESTORED + TABLE_RAMP:
		return on_restored_common(context,
		    (enum state_table)(frame->kind - RECORDER_RESTORED), frame);
	case RECORDER_READY:
		return on_ready(context, frame);
	case RECORDER_WRITTEN:
		return on_written(context, frame);
	case RECORDER_TROUBLE:
		return on_trouble(context, frame);
	case RECORDER_REFUSED:
		return on_refused(context, frame);
	case RECORDER_ASIDE:
		((struct state_recorder *)context)->figures.set_aside++;
		return 0;
	default:
		return -1;
	}
}

static void
on_ended(void *context, const char *how)
{
	struct state_recorder *r = context;
	char words[TROUBLE_WORDS];

	r->ready = false;
	r->timed = 0;
	snprintf(words, sizeof(words), "the process that writes it %s", how);
	report(r, words);
}

/* Start the child with ${argument}, as ${name}. */
static struct state_recorder *
start(uv_loop_t *loop, const char *argument, const char *path, const char *name,
    const struct state_recorder_calls *calls, void *context)
{
	static const struct helper_calls helper_calls = {
	    .frame = on_frame, .ended = on_ended};
	struct state_recorder *r = calloc(1, sizeof(*r));
	const char *arguments[] = {argument, path, name, NULL, NULL};

	if (r == NULL)
		return NULL;
	r->calls = calls;
	r->context = context;
	r->figures.written_ms = -1;
	snprintf(r->vantage, sizeof(r->vantage), "%s", name);
	if (random_id(r->id) != 0)
		goto fail;
	arguments[3] = r->id;
	r->helper = helper_start(loop, arguments, &helper_calls, r);
	if (r->helper == NULL)
		goto fail;
	return r;
fail:
	free(r);
	return NULL;
}

struct state_recorder *
state_recorder_start(uv_loop_t *loop, const char *path, const char *vantage,
    const struct state_recorder_calls *calls, void *context)
{
	return start(loop, RECORDER_ARGUMENT, path, vantage, calls, context);
}

struct state_recorder *
state_recorder_carry(uv_loop_t *loop, const char *path, const char *node,
    const struct state_recorder_calls *calls, void *context)
{
	struct state_recorder *r =
	    start(loop, RECORDER_CARRY, path, node, calls, context);

	if (r != NULL)
		r->carries = true;
	return r;
}

void
state_recorder_restore(struct state_recorder *r,
    void (*restored)(
	void *context, enum state_table table, const union schema_row *row))
{
	r->restore = restored;
}

void
state_recorder_stop(struct state_recorder *r)
{
	if (r == NULL)
		return;
	helper_discard(r->helper);
	/* Without a child there is no lease to give back. */
	(void)helper_send(r->helper, RECORDER_END, NULL, 0);
	(void)helper_flush(r->helper);
	helper_stop(r->helper, GRACE_MS);
	free(r->events);
	free(r);
}

/* Queue ${row} of ${table}; 0, or -1 as helper_send(). */
static int
send_row(struct state_recorder *r, enum recorder_frame kind,
    enum state_table table, const void *row)
{
	unsigned char packed[FRAME_MAX];

	return helper_send(r->helper, (uint32_t)kind + table, packed,
	    table_pack(schema_table(table), row, packed));
}

/* Queue ${row} of ${table}, if it can be written now: all are given again when
 * it can. */
static void
send_state(struct state_recorder *r, enum recorder_frame kind,
    enum state_table table, const void *row)
{
	union schema_row own;

	if (!r->ready)
		return;
	memcpy(&own, row, schema_table(table)->size);
	table_stamp(
	    schema_table(table), &own, r->carries ? NULL : r->vantage, 0);
	if (send_row(r, kind, table, &own) != 0)
		r->dropped = true;
}

void
state_recorder_endpoint(
    struct state_recorder *r, const struct state_endpoint *row)
{
	send_state(r, RECORDER_PUT, TABLE_ENDPOINT, row);
}

void
state_recorder_forget(
    struct state_recorder *r, const struct state_endpoint *row)
{
	send_state(r, RECORDER_FORGET, TABLE_ENDPOINT, row);
}

void
state_recorder_address(
    struct state_recorder *r, const struct state_address *row)
{
	send_state(r, RECORDER_PUT, TABLE_ADDRESS, row);
}

void
state_recorder_forget_address(
    struct state_recorder *r, const struct state_address *row)
{
	send_state(r, RECORDER_FORGET, TABLE_ADDRESS, row);
}

void
state_recorder_load(struct state_recorder *r, const struct state_load *row)
{
	send_state(r, RECORDER_PUT, TABLE_LOAD, row);
}

void
state_recorder_forget_load(
    struct state_recorder *r, const struct state_load *row)
{
	send_state(r, RECORDER_FORGET, TABLE_LOAD, row);
}

void
state_recorder_put(
    struct state_recorder *r, enum state_table table, const void *row)
{
	send_state(r, RECORDER_PUT, table, row);
}

void
state_recorder_add(
    struct state_recorder *r, enum state_table table, const void *row)
{
	send_state(r, RECORDER_ADD, table, row);
}

void
state_recorder_take(
    struct state_recorder *r, enum state_table table, const void *row)
{
	send_state(r, RECORDER_FORGET, table, row);
}

/* When a row was dropped, ready() asks for all of them again. */
static void
send_word(struct state_recorder *r, enum recorder_frame kind)
{
	if (r->ready && !r->dropped &&
	    helper_send(r->helper, kind, NULL, 0) != 0)
		r->dropped = true;
}

void
state_recorder_sweep(struct state_recorder *r)
{
	send_word(r, RECORDER_SWEEP);
}

void
state_recorder_replace(struct state_recorder *r)
{
	send_word(r, RECORDER_REPLACE);
}

void
state_recorder_figures(
    const struct state_recorder *r, struct state_recorder_figures *out)
{
	*out = r->figures;
	out->events = r->n_events;
}

void
state_recorder_forget_after(struct state_recorder *r, uint64_t ms)
{
	r->forget_ms = ms;
}

void
state_recorder_place(struct state_recorder *r, const char *region)
{
	snprintf(
	    r->region, sizeof(r->region), "%s", region != NULL ? region : "");
}

void
state_recorder_latency_age(struct state_recorder *r, uint64_t ms)
{
	r->latency_age_ms = ms;
}

void
state_recorder_event(struct state_recorder *r, const struct state_event *event)
{
	struct unwritten *waiting;

	if (r->n_events == r->size_events && grow_events(r) != 0) {
		r->figures.lost++;
		if (r->lost_events++ == 0)
			log_warn("state database: %zu events wait to be "
				 "written: the oldest are lost from now on",
			    r->n_events);
		if (r->n_events == 0)
			return; /* without memory for one */
		drop_oldest(r);
	}
	waiting = event_at(r, r->n_events++);
	*waiting = (struct unwritten){.event = *event};
	memcpy(waiting->event.vantage, r->vantage, sizeof(r->vantage));
}

void
state_recorder_commit(struct state_recorder *r)
{
	struct recorder_commit commit = {.epoch = r->epoch,
	    .forget_ms = r->forget_ms,
	    .latency_age_ms = r->latency_age_ms};

	if (!r->ready)
		return;
	/* A picture of which a row was dropped would take away too much. */
	if (r->carries && r->dropped)
		commit.epoch = RECORDER_EPOCH_NONE;
	commit.number = ++r->number;
	if (r->timed == 0) {
		r->timed = commit.number;
		r->timed_from = uv_hrtime();
	}
	memcpy(commit.region, r->region, sizeof(commit.region));
	for (size_t i = 0; i < r->n_events; i++) {
		struct unwritten *waiting = event_at(r, i);

		if (waiting->commit != 0)
			continue;
		if (send_row(r, RECORDER_PUT, TABLE_EVENT, &waiting->event) !=
		    0)
			break;
		waiting->commit = commit.number;
	}
	if (helper_send(r->helper, RECORDER_COMMIT, &commit, sizeof(commit)) !=
	    0)
		r->dropped = true;
	(void)helper_flush(r->helper);
}
