/*
 * The child's end of the writing process: takes rows from the daemon, writes
 * each commit in one transaction, and opens the database again and again while
 * something is wrong with it.  Called by main() when it was started as it.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/helper.h"
#include "base/log.h"
#include "state/aside.h"
#include "state/attempts.h"
#include "state/mirror.h"
#include "state/recorder.h"
#include "state/recorder_frame.h"
#include "state/writer.h"

#define CHILD_NAME "state-record"

/* How often the files are looked at while nothing is to be written. */
#define LOOK_MS 50

/* All rows of the largest node, and events. */
#define BATCH_MAX (2 * HELPER_QUEUE_MAX)

/* Rows of an earlier run are given in pieces of so much: there may be more than
 * a buffer holds, of zones that nobody knows any more. */
#define RESTORE_BUFFER (HELPER_QUEUE_MAX / 4)

/* Rows of endpoints that were put one after the other, of which so many at
 * once are written by their keys: next to each other in the file, they are in
 * the same pages, here and where they are read in the order of their
 * sequences. */
#define RUN_MAX 4096

struct run {
	struct frame of[RUN_MAX];
	size_t n;
};

struct child {
	struct state_writer *writer;
	struct frame_buffer in, out;
	struct frame_buffer batch; /* rows and events without their commit */
	struct run run;            /* of it, while it is written */
	bool vantage;              /* it writes as one */
	bool carries;              /* what other nodes say */
	bool open;                 /* the writer has the database */
	bool overflow;             /* the batch lost something */
	bool ended;                /* the daemon does, in good order */
	bool warned;               /* of a row that makes no sense */
	uint64_t epoch;
	struct attempts attempts;
	const char *path;
};

/* A corrupt file stands in the way of health for as long as nobody comes. */
static void
set_aside(struct child *c)
{
	if (state_writer_set_aside(c->writer) != 1)
		return;
	log_error("state database %s is corrupt: it is %s" ASIDE_SUFFIX
		  " now, with all that it holds, and a new one is made",
	    c->path, c->path);
	attempts_set_aside(&c->attempts);
	(void)frame_put(&c->out, RECORDER_ASIDE, NULL, 0);
}

/* The writer failed: say why, when that is news, and try later. */
static void
failed(struct child *c)
{
	const char *words = state_writer_why(c->writer);

	c->open = false;
	(void)frame_put(&c->out, RECORDER_TROUBLE, words, strlen(words));
	if (attempts_failed(&c->attempts, state_writer_spoiled(c->writer)))
		set_aside(c);
}

static void
put_restored(struct child *c, enum state_table table, const void *row)
{
	/* The buffer has room for this one: it is emptied long before.  A
	 * daemon that is gone is noticed by whoever reads from it. */
	(void)table_put(schema_table(table), row,
	    (uint32_t)RECORDER_RESTORED + table, &c->out);
	if (frame_bytes(&c->out) > RESTORE_BUFFER)
		(void)helper_child_write(&c->out);
}

/* A row of a table, on its way to the daemon. */
struct restoring {
	struct child *child;
	enum state_table table;
};

static void
put_row(void *context, const void *row)
{
	const struct restoring *restoring = context;

	put_restored(restoring->child, restoring->table, row);
}

static void
put_ramp(void *context, const struct state_ramp *row)
{
	put_restored(context, TABLE_RAMP, row);
}

/* What an earlier run knew: of its vantage, and what it decided for all. */
static int
restore(struct child *c)
{
	static const enum state_table tables[] = {TABLE_ENDPOINT, TABLE_ADDRESS,
	    TABLE_KEEP, TABLE_FACTOR, TABLE_RAMP};
	struct restoring restoring = {.child = c};
	struct mirror_reader mirror = {.ramp = put_ramp, .context = c};

	/* First what a database that was lost had; its own rows come after. */
	(void)mirror_load(c->path, &mirror);
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		restoring.table = tables[i];
		if (state_writer_restore(
			c->writer, tables[i], put_row, &restoring) != 0)
			return -1;
	}
	return 0;
}

/* Ask for all rows; what was given before is not what we wait for. */
static void
announce(struct child *c)
{
	c->epoch++;
	(void)frame_put(&c->out, RECORDER_READY, &c->epoch, sizeof(c->epoch));
}

static void
try_open(struct child *c)
{
	if (state_writer_open(c->writer) != 0 ||
	    (c->vantage && restore(c) != 0)) {
		failed(c);
		return;
	}
	c->open = true;
	announce(c);
}

/* A row that is no row is a mistake of ours, and no reason to stop. */
static void
warn_of_row(struct child *c)
{
	if (!c->warned)
		log_warn("state database: a row that makes no sense is not "
			 "written, nor others like it");
	c->warned = true;
}

static int
write_frame(struct child *c, const struct frame *frame)
{
	enum state_table table =
	    (enum state_table)(frame->kind % RECORDER_TABLES);
	union schema_row row;

	if (frame->kind == RECORDER_SWEEP) {
		state_writer_sweep(c->writer);
		return 0;
	}
	if (frame->kind == RECORDER_REPLACE) {
		state_writer_replace(c->writer);
		return 0;
	}
	if (table_take(schema_table(table), frame, &row) != 0) {
		warn_of_row(c);
		return 0;
	}
	if (frame->kind >= RECORDER_ADD)
		return state_writer_add(c->writer, table, &row);
	return frame->kind >= RECORDER_FORGET
	    ? state_writer_forget(c->writer, table, &row)
	    : state_writer_put(c->writer, table, &row);
}

/* The key of a row of table endpoint: its first texts, each behind a byte with
 * its length, as none is long (table_pack()). */
static size_t
key_bytes(const struct frame *frame)
{
	size_t n = 0;

	for (int i = 0; i < 4 && n < frame->len; i++)
		n += 1 + (size_t)frame->data[n];
	return n < frame->len ? n : frame->len;
}

/* Of the same key in the order in which they came. */
static int
compare_keys(const void *a, const void *b)
{
	const struct frame *x = a, *y = b;
	size_t n = key_bytes(x), m = key_bytes(y);
	int order = memcmp(x->data, y->data, n < m ? n : m);

	if (order != 0)
		return order;
	if (n != m)
		return n < m ? -1 : 1;
	return x->data < y->data ? -1 : x->data > y->data;
}

static int
write_run(struct child *c)
{
	struct run *run = &c->run;
	size_t n = run->n;

	run->n = 0;
	if (n > 1)
		qsort(run->of, n, sizeof(run->of[0]), compare_keys);
	for (size_t i = 0; i < n; i++)
		if (write_frame(c, &run->of[i]) != 0)
			return -1;
	return 0;
}

static int
write_batch(struct child *c)
{
	struct frame frame;

	if (state_writer_begin(c->writer) != 0)
		return -1;
	c->run.n = 0;
	while (frame_take(&c->batch, &frame) == 1) {
		bool endpoint = frame.kind == RECORDER_PUT + TABLE_ENDPOINT;

		if ((!endpoint || c->run.n == RUN_MAX) && write_run(c) != 0)
			return -1;
		if (endpoint)
			c->run.of[c->run.n++] = frame;
		else if (write_frame(c, &frame) != 0)
			return -1;
	}
	return write_run(c) == 0 ? state_writer_commit(c->writer) : -1;
}

static void
say_refused(struct child *c)
{
	const char *words = state_writer_refused(c->writer);

	if (words != NULL)
		(void)frame_put(
		    &c->out, RECORDER_REFUSED, words, strlen(words));
}

static void
commit(struct child *c, const struct recorder_commit *commit)
{
	if (c->open && (c->overflow || commit->epoch == RECORDER_EPOCH_NONE)) {
		announce(c);
	} else if (c->open && commit->epoch == c->epoch) {
		if (write_batch(c) == 0) {
			attempts_well(&c->attempts);
			(void)frame_put(&c->out, RECORDER_WRITTEN,
			    &commit->number, sizeof(commit->number));
			say_refused(c);
		} else {
			failed(c);
		}
	}
	c->overflow = false;
	frame_finish(&c->batch);
}

/* The same of a carrier. */
static bool
is_carried(uint32_t kind)
{
	uint32_t table = kind % RECORDER_TABLES;

	return kind >= RECORDER_PUT && kind < RECORDER_ADD &&
	    table < STATE_TABLES && table != TABLE_EVENT &&
	    table != TABLE_LATENCY;
}

/* Is it a row of a table that is written so?  Without a vantage, that is of
 * none; what an operator said is written over or taken away by a carrier
 * alone. */
static bool
is_row(const struct child *c, uint32_t kind)
{
	uint32_t table = kind % RECORDER_TABLES;
	bool common, add = kind >= RECORDER_ADD;

	if (c->carries)
		return kind == RECORDER_REPLACE || is_carried(kind);
	if (kind < RECORDER_PUT || kind >= RECORDER_RESTORED ||
	    table >= STATE_TABLES || table == TABLE_VANTAGE ||
	    table == TABLE_LATENCY || (table == TABLE_OVERRIDE && !add))
		return false;
	common = schema_table((enum state_table)table)->common;
	return common || (c->vantage && !add);
}

/* -1 when the parent talks nonsense. */
static int
take(struct child *c, const struct frame *frame)
{
	struct recorder_commit given;

	if (frame->kind == RECORDER_COMMIT) {
		if (frame->len != sizeof(given))
			return -1;
		memcpy(&given, frame->data, sizeof(given));
		state_writer_forget_after(c->writer, (int64_t)given.forget_ms);
		given.region[sizeof(given.region) - 1] = '\0';
		state_writer_place(c->writer, given.region);
		state_writer_latency_age(
		    c->writer, (int64_t)given.latency_age_ms);
		commit(c, &given);
		return 0;
	}
	if (frame->kind == RECORDER_END) {
		c->ended = true;
		return 0;
	}
	if (frame->kind != RECORDER_SWEEP && !is_row(c, frame->kind))
		return -1;
	if (frame_put(&c->batch, frame->kind, frame->data, frame->len) != 0)
		c->overflow = true;
	return 0;
}

static int
take_all(struct child *c)
{
	struct frame frame;
	int status;

	while ((status = frame_take(&c->in, &frame)) == 1)
		if (take(c, &frame) != 0 || helper_child_write(&c->out) != 0)
			return -1;
	return status;
}

static void
work(struct child *c)
{
	int status = 0;

	do {
		if (status == 1 && take_all(c) != 0)
			return;
		if (c->open && !state_writer_same(c->writer))
			failed(c);
		if (!c->open && attempts_due(&c->attempts))
			try_open(c);
		if (helper_child_write(&c->out) != 0)
			return;
		status = helper_child_wait(&c->in, LOOK_MS);
	} while (status >= 0);
}

int
state_recorder_is_child(int argc, char **argv)
{
	return argc == 5 &&
	    (strcmp(argv[1], RECORDER_ARGUMENT) == 0 ||
		strcmp(argv[1], RECORDER_CARRY) == 0);
}

int
state_recorder_child(int argc, char **argv)
{
	struct child c = {.epoch = 0};

	if (argc != 5)
		return 2;
	attempts_init(&c.attempts);
	c.path = argv[2];
	c.carries = strcmp(argv[1], RECORDER_CARRY) == 0;
	c.vantage = !c.carries && argv[3][0] != '\0';
	helper_child_begin(CHILD_NAME);
	frame_init(&c.in, HELPER_READ_MAX);
	frame_init(&c.out, HELPER_QUEUE_MAX);
	frame_init(&c.batch, BATCH_MAX);
	c.writer = c.carries ? state_writer_carry(argv[2], argv[3])
			     : state_writer_create(argv[2], argv[3],
				   (int64_t)getppid(), argv[4]);
	if (c.writer != NULL)
		work(&c);
	if (c.ended)
		state_writer_destroy(c.writer);
	else
		state_writer_abandon(c.writer);
	frame_finish(&c.in);
	frame_finish(&c.out);
	frame_finish(&c.batch);
	return 0;
}
