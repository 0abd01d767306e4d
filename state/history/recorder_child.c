/*
 * The child's end of the process that writes a history: takes batches from the
 * daemon, writes each in one transaction, and opens the file again and again
 * while something is wrong with it.  Called by main() when it was started as
 * it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/helper.h"
#include "base/log.h"
#include "base/number.h"
#include "state/aside.h"
#include "state/attempts.h"
#include "state/history/recorder.h"
#include "state/history/recorder_frame.h"
#include "state/history/waiting.h"
#include "state/history/writer.h"

#define CHILD_NAME "history-record"

/* How often the file is looked at while nothing is to be written. */
#define LOOK_MS 1000

/* After a reload or a restart the process before this one may still write, for
 * as long as its parent lets it (recorder.c): that is no trouble. */
#define ENDING_MS 6000

struct child {
	struct history_writer *writer;
	struct waiting *waiting;
	struct frame_buffer in, out;
	struct attempts attempts;
	const char *path;
	int64_t taken_ms; /* monotonic clock: since when another writer has the
			     file; 0: none has */
	bool open;        /* the writer has the file */
	bool is_well;     /* the parent knows of no trouble */
};

static void
set_aside(struct child *c)
{
	if (history_writer_set_aside(c->writer) != 1)
		return;
	log_error("history %s is corrupt: it is %s" ASIDE_SUFFIX
		  " now, with all that it holds, and a new one is made",
	    c->path, c->path);
	attempts_set_aside(&c->attempts);
	(void)frame_put(&c->out, HISTORY_ASIDE, NULL, 0);
}

/* Another writer has the file, and may be about to end. */
static bool
soon_free(struct child *c)
{
	int64_t now = clock_mono_ms();

	if (!history_writer_taken(c->writer)) {
		c->taken_ms = 0;
		return false;
	}
	if (c->taken_ms == 0)
		c->taken_ms = now;
	return now < c->taken_ms + ENDING_MS;
}

/* The writer failed: say why, when that is news, and try later. */
static void
failed(struct child *c)
{
	const char *words = history_writer_why(c->writer);

	c->open = c->is_well = false;
	if (!soon_free(c))
		(void)frame_put(&c->out, HISTORY_TROUBLE, words, strlen(words));
	if (attempts_failed(&c->attempts, history_writer_spoiled(c->writer)))
		set_aside(c);
}

static void
try_open(struct child *c)
{
	if (history_writer_open(c->writer) != 0) {
		failed(c);
		return;
	}
	c->open = true;
	c->taken_ms = 0;
}

static void
write_first(struct child *c)
{
	int64_t began = clock_mono_ms();
	struct history_written written;

	if (history_writer_write(c->writer, waiting_first(c->waiting)) != 0) {
		failed(c);
		return;
	}
	waiting_drop(c->waiting);
	attempts_well(&c->attempts);
	written.bytes = history_writer_bytes(c->writer);
	written.took_us = (uint64_t)(clock_mono_ms() - began) * 1000;
	(void)frame_put(&c->out, HISTORY_WRITTEN, &written, sizeof(written));
}

/* -1 when the parent talks nonsense. */
static int
take(struct child *c, const struct frame *frame)
{
	int lost = waiting_take(c->waiting, frame);

	for (int i = 0; i < lost; i++)
		(void)frame_put(&c->out, HISTORY_LOST, NULL, 0);
	return lost < 0 ? -1 : 0;
}

static int
take_all(struct child *c)
{
	struct frame frame;
	int status;

	while ((status = frame_take(&c->in, &frame)) == 1)
		if (take(c, &frame) != 0)
			return -1;
	return status;
}

/* What can be done now. */
static void
turn(struct child *c)
{
	if (c->open && !history_writer_same(c->writer))
		failed(c);
	if (!c->open && attempts_due(&c->attempts))
		try_open(c);
	while (c->open && waiting_first(c->waiting) != NULL)
		write_first(c);
	/* The next batch may be a minute away. */
	if (c->open && !c->is_well)
		(void)frame_put(&c->out, HISTORY_WELL, NULL, 0);
	c->is_well = c->open;
}

static void
work(struct child *c)
{
	int status = 0;

	do {
		if (status == 1 && take_all(c) != 0)
			break;
		turn(c);
		if (helper_child_write(&c->out) != 0)
			return;
		status = helper_child_wait(&c->in, LOOK_MS);
	} while (status >= 0);
}

int
history_recorder_is_child(int argc, char **argv)
{
	return argc == 4 && strcmp(argv[1], HISTORY_ARGUMENT) == 0;
}

int
history_recorder_child(int argc, char **argv)
{
	struct child c = {.open = false};
	uint64_t max_bytes;

	if (argc != 4 ||
	    number_parse(
		argv[3], strlen(argv[3]), 0, UINT64_MAX >> 1, &max_bytes) != 0)
		return 2;
	c.path = argv[2];
	helper_child_begin(CHILD_NAME);
	frame_init(&c.in, HELPER_READ_MAX);
	frame_init(&c.out, HELPER_QUEUE_MAX);
	attempts_init(&c.attempts);
	c.writer = history_writer_create(c.path, max_bytes);
	c.waiting = waiting_create();
	if (c.writer != NULL && c.waiting != NULL)
		work(&c);
	history_writer_destroy(c.writer);
	waiting_destroy(c.waiting);
	frame_finish(&c.in);
	frame_finish(&c.out);
	return 0;
}
