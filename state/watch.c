/*
 * Following the state database from a process of its own: the daemon's end and
 * the child's.  Called by the control thread of meridiand and by its main().
 * The daemon's end opens no file.
 */
#include "state/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/helper.h"

/* The argument by which main() tells the child, and its name in lists. */
#define ARGUMENT "--state-watch"
#define CHILD_NAME "state-watch"

/* A child that reads has nothing to finish. */
#define GRACE_MS 200

/* A change of more bytes is written while it is read. */
#define CHANGE_BUFFER ((size_t)16 << 20)

/* Longest text of a trouble. */
#define WHY_SIZE 320

enum watch_frame {
	WATCH_BEGIN = 1,
	WATCH_BEGIN_FULL,
	WATCH_COMMIT,
	WATCH_TROUBLE,
	WATCH_ROW /* and the number of its table: the last */
};

struct state_watch {
	struct helper *helper;
	const struct state_watch_calls *calls;
	void *context;
	bool changing;           /* between begin() and commit() */
	char reported[WHY_SIZE]; /* the last trouble, "" for none */
};

static void
trouble(struct state_watch *w, const char *why)
{
	if (strcmp(w->reported, why) == 0)
		return;
	snprintf(w->reported, sizeof(w->reported), "%s", why);
	w->calls->trouble(w->context, why[0] != '\0' ? w->reported : NULL);
}

static int
on_begin(struct state_watch *w, bool full)
{
	w->changing = true;
	w->calls->sink.begin(w->context, full);
	return 0;
}

static int
on_row(struct state_watch *w, const struct frame *frame)
{
	uint32_t table = frame->kind - WATCH_ROW;
	union schema_row row;

	if (!w->changing || table >= STATE_TABLES ||
	    table_take(schema_table((enum state_table)table), frame, &row) != 0)
		return -1;
	sink_row(&w->calls->sink, w->context, (enum state_table)table, &row);
	return 0;
}

/* The first change after a trouble is the end of it. */
static int
on_commit(struct state_watch *w)
{
	if (!w->changing)
		return -1;
	w->changing = false;
	w->calls->sink.commit(w->context);
	trouble(w, "");
	return 0;
}

static int
on_trouble(struct state_watch *w, const struct frame *frame)
{
	char why[WHY_SIZE];

	if (frame->len == 0 || frame->len >= sizeof(why))
		return -1;
	memcpy(why, frame->data, frame->len);
	why[frame->len] = '\0';
	w->changing = false;
	trouble(w, why);
	return 0;
}

static int
on_frame(void *context, const struct frame *frame)
{
	switch (frame->kind) {
	case WATCH_BEGIN:
	case WATCH_BEGIN_FULL:
		return on_begin(context, frame->kind == WATCH_BEGIN_FULL);
	case WATCH_COMMIT:
		return on_commit(context);
	case WATCH_TROUBLE:
		return on_trouble(context, frame);
	default:
		return on_row(context, frame);
	}
}

static void
on_ended(void *context, const char *how)
{
	struct state_watch *w = context;
	char why[WHY_SIZE];

	w->changing = false;
	snprintf(why, sizeof(why), "the process that reads it %s", how);
	trouble(w, why);
}

struct state_watch *
state_watch_start(uv_loop_t *loop, const char *path,
    const struct state_watch_calls *calls, void *context)
{
	static const struct helper_calls helper_calls = {
	    .frame = on_frame, .ended = on_ended};
	const char *const arguments[] = {ARGUMENT, path, NULL};
	struct state_watch *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->calls = calls;
	w->context = context;
	w->helper = helper_start(loop, arguments, &helper_calls, w);
	if (w->helper == NULL) {
		free(w);
		return NULL;
	}
	return w;
}

void
state_watch_stop(struct state_watch *w)
{
	if (w == NULL)
		return;
	helper_stop(w->helper, GRACE_MS);
	free(w);
}

/* The child. */

struct child {
	struct frame_buffer in, out;
	bool gone;               /* the parent is */
	char reported[WHY_SIZE]; /* the last trouble, "" for none */
};

static void
put_row(struct child *c, enum state_table table, const void *row)
{
	/* The buffer has room for this one: it is emptied long before. */
	(void)table_put(schema_table(table), row, WATCH_ROW + table, &c->out);
	if (frame_bytes(&c->out) > CHANGE_BUFFER)
		c->gone |= helper_child_write(&c->out) != 0;
}

static void
put_begin(void *context, bool full)
{
	struct child *c = context;

	(void)frame_put(
	    &c->out, full ? WATCH_BEGIN_FULL : WATCH_BEGIN, NULL, 0);
}

static void
put_vantage(void *context, const struct state_vantage *row)
{
	put_row(context, TABLE_VANTAGE, row);
}

static void
put_endpoint(void *context, const struct state_endpoint *row)
{
	put_row(context, TABLE_ENDPOINT, row);
}

static void
put_commit(void *context)
{
	struct child *c = context;

	(void)frame_put(&c->out, WATCH_COMMIT, NULL, 0);
	c->reported[0] = '\0';
}

static void
put_trouble(struct child *c, const char *why)
{
	/* What was read of a change that was cut off. */
	frame_finish(&c->out);
	if (strcmp(c->reported, why) == 0)
		return;
	snprintf(c->reported, sizeof(c->reported), "%s", why);
	(void)frame_put(
	    &c->out, WATCH_TROUBLE, c->reported, strlen(c->reported));
}

static void
follow(struct child *c, struct state_reader *reader, struct errbuf *eb)
{
	static const struct state_sink sink = {
	    .begin = put_begin,
	    .vantage = put_vantage,
	    .endpoint = put_endpoint,
	    .commit = put_commit,
	};

	do {
		errbuf_init(eb);
		if (state_reader_poll(reader, &sink, c, eb) < 0)
			put_trouble(c, state_reader_why(reader));
		c->gone |= helper_child_write(&c->out) != 0;
		/* Nobody writes to us: what comes is the end. */
	} while (!c->gone && helper_child_wait(&c->in, WATCH_INTERVAL_MS) == 0);
}

int
state_watch_is_child(int argc, char **argv)
{
	return argc == 3 && strcmp(argv[1], ARGUMENT) == 0;
}

int
state_watch_child(int argc, char **argv)
{
	struct state_reader *reader;
	struct errbuf *eb;
	struct child c = {0};

	if (argc != 3)
		return 2;
	helper_child_begin(CHILD_NAME);
	frame_init(&c.in, HELPER_READ_MAX);
	frame_init(&c.out, 2 * CHANGE_BUFFER);
	reader = state_reader_create(argv[2]);
	eb = malloc(sizeof(*eb));
	if (reader != NULL && eb != NULL)
		follow(&c, reader, eb);
	state_reader_destroy(reader);
	free(eb);
	frame_finish(&c.in);
	frame_finish(&c.out);
	return 0;
}
