/*
 * The daemon's end of the writing process: queues rows and events, keeps events
 * until they are written, asks for all rows again when some were lost.  Called
 * by meridian-probe on its loop; opens no file.
 */
#include "state/record.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/helper.h"
#include "base/log.h"
#include "state/fields.h"
#include "state/record_frame.h"

/* More than the child waits for a lock, and some time to write. */
#define GRACE_MS 3000

/* An event that is not known to be written. */
struct kept {
	struct state_event event;
	uint64_t commit; /* the number of the one it went with; 0 not yet */
};

struct state_record {
	struct helper *helper;
	const struct state_record_calls *calls;
	void *context;
	char vantage[STATE_NAME];
	char id[40];
	bool restored; /* the first ready() was */
	bool ready;    /* the child writes what it is given */
	bool dropped;  /* a row since ready(): all are needed again */
	uint64_t epoch;
	uint64_t number;       /* of the last commit that was given */
	char told[RECORD_WHY]; /* the trouble that was told, "" for none */
	struct kept *events;   /* a ring: the oldest at first */
	size_t first, n_events, lost_events;
};

static void
trouble(struct state_record *r, const char *why)
{
	if (strcmp(r->told, why) == 0)
		return;
	snprintf(r->told, sizeof(r->told), "%s", why);
	r->calls->trouble(r->context, why[0] != '\0' ? r->told : NULL);
}

static struct kept *
event_at(struct state_record *r, size_t i)
{
	return &r->events[(r->first + i) % RECORD_EVENTS];
}

static int
on_restored(struct state_record *r, const struct frame *frame)
{
	struct state_endpoint row;

	if (fields_take(&fields_endpoint, frame, &row) != 0)
		return -1;
	/* What a database that came back remembers is older than what the
	 * daemon knows. */
	if (!r->restored)
		r->calls->restored(r->context, &row);
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
on_ready(struct state_record *r, const struct frame *frame)
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

static int
on_written(struct state_record *r, const struct frame *frame)
{
	uint64_t number;

	if (take_number(frame, &number) != 0 || number > r->number)
		return -1;
	while (r->n_events > 0 && event_at(r, 0)->commit != 0 &&
	    event_at(r, 0)->commit <= number) {
		r->first = (r->first + 1) % RECORD_EVENTS;
		r->n_events--;
	}
	if (r->lost_events > 0)
		log_warn("state database: %zu events were not written",
		    r->lost_events);
	r->lost_events = 0;
	trouble(r, "");
	if (r->dropped && number == r->number) {
		r->dropped = false;
		r->calls->ready(r->context);
	}
	return 0;
}

static int
on_trouble(struct state_record *r, const struct frame *frame)
{
	char why[RECORD_WHY];

	if (frame->len == 0 || frame->len >= sizeof(why))
		return -1;
	memcpy(why, frame->data, frame->len);
	why[frame->len] = '\0';
	r->ready = false;
	helper_discard(r->helper);
	trouble(r, why);
	return 0;
}

static int
on_frame(void *context, const struct frame *frame)
{
	switch (frame->kind) {
	case RECORD_RESTORED:
		return on_restored(context, frame);
	case RECORD_READY:
		return on_ready(context, frame);
	case RECORD_WRITTEN:
		return on_written(context, frame);
	case RECORD_TROUBLE:
		return on_trouble(context, frame);
	default:
		return -1;
	}
}

static void
on_ended(void *context, const char *how)
{
	struct state_record *r = context;
	char why[RECORD_WHY];

	r->ready = false;
	snprintf(why, sizeof(why), "the process that writes it %s", how);
	trouble(r, why);
}

struct state_record *
state_record_start(uv_loop_t *loop, const char *path, const char *vantage,
    const struct state_record_calls *calls, void *context)
{
	static const struct helper_calls helper_calls = {
	    .frame = on_frame, .ended = on_ended};
	struct state_record *r = calloc(1, sizeof(*r));
	const char *arguments[] = {RECORD_ARGUMENT, path, vantage, NULL, NULL};
	uint64_t random[2];

	if (r == NULL)
		return NULL;
	r->calls = calls;
	r->context = context;
	snprintf(r->vantage, sizeof(r->vantage), "%s", vantage);
	r->events = calloc(RECORD_EVENTS, sizeof(*r->events));
	if (r->events == NULL ||
	    getrandom(random, sizeof(random), 0) != sizeof(random))
		goto fail;
	snprintf(r->id, sizeof(r->id), "%016" PRIx64 "%016" PRIx64, random[0],
	    random[1]);
	arguments[3] = r->id;
	r->helper = helper_start(loop, arguments, &helper_calls, r);
	if (r->helper == NULL)
		goto fail;
	return r;
fail:
	free(r->events);
	free(r);
	return NULL;
}

void
state_record_stop(struct state_record *r)
{
	if (r == NULL)
		return;
	helper_discard(r->helper);
	helper_stop(r->helper, GRACE_MS);
	free(r->events);
	free(r);
}

static void
send_row(struct state_record *r, const struct state_endpoint *row,
    enum record_frame kind)
{
	struct state_endpoint own = *row;
	unsigned char packed[FRAME_MAX];

	if (!r->ready)
		return;
	memcpy(own.vantage, r->vantage, sizeof(own.vantage));
	if (helper_send(r->helper, kind, packed,
		fields_pack(&fields_endpoint, &own, packed)) != 0)
		r->dropped = true;
}

void
state_record_endpoint(struct state_record *r, const struct state_endpoint *row)
{
	send_row(r, row, RECORD_ENDPOINT);
}

void
state_record_forget(struct state_record *r, const struct state_endpoint *row)
{
	send_row(r, row, RECORD_FORGET);
}

void
state_record_event(struct state_record *r, const struct state_event *event)
{
	struct kept *kept;

	if (r->n_events == RECORD_EVENTS) {
		r->first = (r->first + 1) % RECORD_EVENTS;
		r->n_events--;
		r->lost_events++;
	}
	kept = event_at(r, r->n_events++);
	*kept = (struct kept){.event = *event};
	memcpy(kept->event.vantage, r->vantage, sizeof(r->vantage));
}

void
state_record_commit(struct state_record *r)
{
	struct record_commit commit = {.epoch = r->epoch};
	unsigned char packed[FRAME_MAX];
	size_t i;

	if (!r->ready)
		return;
	commit.number = ++r->number;
	for (i = 0; i < r->n_events; i++) {
		struct kept *kept = event_at(r, i);

		if (kept->commit != 0)
			continue;
		if (helper_send(r->helper, RECORD_EVENT, packed,
			fields_pack(&fields_event, &kept->event, packed)) != 0)
			break;
		kept->commit = commit.number;
	}
	if (helper_send(r->helper, RECORD_COMMIT, &commit, sizeof(commit)) != 0)
		r->dropped = true;
	(void)helper_flush(r->helper);
}
