/*
 * Following the state database from a process of its own: the daemon's end and
 * the child's.  Called by the control thread of meridiand and by its main().
 * The daemon's end opens no file.
 */
#include "state/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/helper.h"
#include "state/trouble.h"

/* The first argument of the child, by which main() knows that it is one, and
 * the child's name in lists of processes. */
#define ARGUMENT "--state-watch"
#define CHILD_NAME "state-watch"

/* The second: which tables it follows, and how often it looks. */
static const struct {
	const char *argument;
	unsigned tables;
	int interval_ms;
} kinds[] = {
    {"health", TABLES_HEALTH, WATCH_INTERVAL_MS},
    {"latency", TABLES_LATENCY, WATCH_SLOW_MS},
    {"pages", TABLES_PAGES, WATCH_SLOW_MS},
    {"override", TABLES_OVERRIDE, WATCH_INTERVAL_MS},
    {"demand", TABLES_DEMAND, WATCH_SLOW_MS},
    {"control", TABLES_CONTROL, WATCH_SLOW_MS},
    {"ramp", TABLES_RAMP, WATCH_SLOW_MS},
    {"share", TABLES_SHARE, WATCH_INTERVAL_MS},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* A child that reads has nothing to finish. */
#define GRACE_MS 200

/* A change of more bytes is written while it is read. */
#define CHANGE_BUFFER ((size_t)16 << 20)

enum watch_frame {
	WATCH_BEGIN = 1,
	WATCH_BEGIN_FULL,
	WATCH_COMMIT,
	WATCH_TROUBLE,
	WATCH_ODD,  /* words, or none */
	WATCH_ROOM, /* struct room */
	WATCH_ROW   /* and the number of its table: the last */
};

/* The one thing that the daemon says to the child. */
#define WATCH_AGAIN 1

struct state_watch {
	struct helper *helper;
	const struct state_watch_calls *calls;
	void *context;
	bool changing;          /* between begin() and commit() */
	struct trouble trouble; /* the last that was reported */
};

/* Report ${words}, "" for the end of it, if they are news. */
static void
report(struct state_watch *w, const char *words)
{
	if (trouble_set(&w->trouble, words))
		w->calls->trouble(
		    w->context, words[0] != '\0' ? w->trouble.words : NULL);
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
	report(w, "");
	return 0;
}

static int
on_trouble(struct state_watch *w, const struct frame *frame)
{
	char words[TROUBLE_WORDS];

	if (trouble_take(frame, words) != 0)
		return -1;
	w->changing = false;
	report(w, words);
	return 0;
}

static int
on_odd(struct state_watch *w, const struct frame *frame)
{
	char words[TROUBLE_WORDS];

	if (frame->len != 0 && trouble_take(frame, words) != 0)
		return -1;
	w->calls->odd(w->context, frame->len != 0 ? words : NULL);
	return 0;
}

static int
on_room(struct state_watch *w, const struct frame *frame)
{
	struct room room;

	if (frame->len != sizeof(room))
		return -1;
	memcpy(&room, frame->data, sizeof(room));
	if (room.state < ROOM_ENOUGH || room.state >= ROOM_STATES)
		return -1;
	w->calls->room(w->context, &room);
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
	case WATCH_ODD:
		return on_odd(context, frame);
	case WATCH_ROOM:
		return on_room(context, frame);
	default:
		return on_row(context, frame);
	}
}

static void
on_ended(void *context, const char *how)
{
	struct state_watch *w = context;
	char words[TROUBLE_WORDS];

	w->changing = false;
	snprintf(words, sizeof(words), "the process that reads it %s", how);
	report(w, words);
}

struct state_watch *
state_watch_start(uv_loop_t *loop, const char *path, unsigned tables,
    const struct state_watch_calls *calls, void *context)
{
	static const struct helper_calls helper_calls = {
	    .frame = on_frame, .ended = on_ended};
	const char *arguments[] = {ARGUMENT, NULL, path, NULL};
	struct state_watch *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	for (size_t i = 0; i < KINDS; i++)
		if (kinds[i].tables == tables)
			arguments[1] = kinds[i].argument;
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
state_watch_again(struct state_watch *w)
{
	/* A child that does not run reads all when it is started again. */
	if (helper_send(w->helper, WATCH_AGAIN, NULL, 0) == 0)
		(void)helper_flush(w->helper);
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
	bool gone;              /* the parent is */
	struct trouble trouble; /* the last that was reported */
	struct trouble odd;     /* the same of odd rows */
	const char *path;       /* whose room is looked at; NULL: nobody asks */
	struct room room;
	int64_t room_ms; /* monotonic clock: when it is looked at next */
};

static void
put_row(void *context, enum state_table table, const union schema_row *row)
{
	struct child *c = context;

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
put_commit(void *context)
{
	struct child *c = context;

	(void)frame_put(&c->out, WATCH_COMMIT, NULL, 0);
	(void)trouble_set(&c->trouble, "");
}

static void
put_trouble(struct child *c, const char *words)
{
	/* What was read of a change that was cut off. */
	frame_finish(&c->out);
	if (trouble_set(&c->trouble, words))
		(void)frame_put(&c->out, WATCH_TROUBLE, words, strlen(words));
}

/* Nothing is known of a file that cannot be read: what was said stays. */
static void
put_odd(struct child *c, const char *words)
{
	if (trouble_set(&c->odd, words))
		(void)frame_put(&c->out, WATCH_ODD, words, strlen(words));
}

static void
put_room(struct child *c)
{
	int64_t now = clock_mono_ms();
	struct room is = c->room;

	if (c->path == NULL || now < c->room_ms)
		return;
	c->room_ms = now + WATCH_ROOM_MS;
	if (room_look(c->path, &is) != 0 ||
	    (is.state == c->room.state && is.free_bytes == c->room.free_bytes))
		return;
	c->room = is;
	(void)frame_put(&c->out, WATCH_ROOM, &is, sizeof(is));
}

/* Do what the daemon asks for; -1 when that makes no sense. */
static int
listen_to_daemon(struct child *c, struct state_reader *reader)
{
	struct frame frame;
	int status;

	while ((status = frame_take(&c->in, &frame)) == 1) {
		if (frame.kind != WATCH_AGAIN)
			return -1;
		state_reader_again(reader);
	}
	return status;
}

static void
follow(struct child *c, struct state_reader *reader, int interval_ms,
    struct errbuf *eb)
{
	static const struct state_sink sink = {
	    .begin = put_begin, .row = put_row, .commit = put_commit};

	int status = 0;

	do {
		if (status == 1 && listen_to_daemon(c, reader) != 0)
			return;
		errbuf_init(eb);
		if (state_reader_poll(reader, &sink, c, eb) < 0)
			put_trouble(c, state_reader_why(reader));
		put_odd(c, state_reader_odd(reader));
		put_room(c);
		c->gone |= helper_child_write(&c->out) != 0;
		if (!c->gone)
			status = helper_child_wait(&c->in, interval_ms);
	} while (!c->gone && status >= 0);
}

int
state_watch_is_child(int argc, char **argv)
{
	return argc == 4 && strcmp(argv[1], ARGUMENT) == 0;
}

int
state_watch_child(int argc, char **argv)
{
	struct state_reader *reader;
	struct errbuf *eb;
	struct child c = {0};
	size_t kind = 0;

	while (argc == 4 && kind < KINDS &&
	    strcmp(argv[2], kinds[kind].argument) != 0)
		kind++;
	if (argc != 4 || kind == KINDS)
		return 2;
	c.path = kinds[kind].tables == TABLES_HEALTH ? argv[3] : NULL;
	helper_child_begin(CHILD_NAME);
	frame_init(&c.in, HELPER_READ_MAX);
	frame_init(&c.out, 2 * CHANGE_BUFFER);
	reader = state_reader_create(argv[3]);
	eb = malloc(sizeof(*eb));
	if (reader != NULL)
		state_reader_follow(reader, kinds[kind].tables);
	if (reader != NULL && eb != NULL)
		follow(&c, reader, kinds[kind].interval_ms, eb);
	state_reader_destroy(reader);
	free(eb);
	frame_finish(&c.in);
	frame_finish(&c.out);
	return 0;
}
