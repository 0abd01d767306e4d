/*
 * The process that judges one override by the safety rule: it reads the node's
 * files and one look of the state database, and says what it finds.  Called by
 * main() when it was started as it; writes nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/helper.h"
#include "node/generation_health.h"
#include "share/judge.h"
#include "share/judge_frame.h"
#include "state/reader.h"
#include "state/schema.h"
#include "steering/overrides.h"
#include "steering/safety_said.h"

#define CHILD_NAME "judge"

/* 90 days of one a minute. */
#define ROWS_MAX 131072

/* A sentence that names a service and the rules that a client meets. */
#define WORDS_MAX 4096

struct child {
	struct state_override row;
	struct generation *g;
	struct health *health;
	struct overrides in_force;
	const struct state_override **rows;
	struct text words;
};

static uint32_t
no_slot(
    void *context, const char *service, const char *pool, const char *region)
{
	(void)context;
	(void)service;
	(void)pool;
	(void)region;
	return UINT32_MAX;
}

/* What was accepted, and what was said here before. */
static void
take(void *context, const struct state_override *row)
{
	struct child *c = context;

	if (strcmp(row->id, c->row.id) == 0 ||
	    (row->shared == STATE_SHARED_OFFERED &&
		row->number > c->row.number))
		return;
	(void)overrides_take(
	    &c->in_force, row, clock_mono_ms(), clock_wall_ms());
}

static int
read_all(struct child *c, const char *path, struct errbuf *eb)
{
	static const struct policy_outcomes uncounted = {.slot = no_slot};
	struct state_reader *reader;

	c->g = generation_load(path, &uncounted, NULL, eb);
	if (c->g == NULL)
		return -1;
	c->health = generation_health(c->g, true, eb);
	reader = state_reader_create(c->g->config->state);
	if (c->health != NULL && reader != NULL)
		(void)state_reader_overrides(reader, ROWS_MAX, take, c, eb);
	state_reader_destroy(reader);
	c->rows = calloc(c->in_force.n + 1, sizeof(*c->rows));
	return c->health != NULL && reader != NULL && c->rows != NULL ? 0 : -1;
}

static enum judge_frame
judge(struct child *c, const char *path, struct errbuf *eb)
{
	struct safety_said said = {.n = 0};
	int status;

	if (read_all(c, path, eb) != 0)
		return JUDGE_UNKNOWN;
	for (size_t i = 0; i < c->in_force.n; i++)
		if (overrides_in_force(&c->in_force.item[i], clock_mono_ms()))
			c->rows[said.n++] = &c->in_force.item[i].row;
	said.policy = c->g->policy;
	said.health = c->health;
	said.row = c->rows;
	status = safety_said(&said, &c->row, &c->words);
	if (status < 0 || (status == 1 && c->words.data == NULL))
		return JUDGE_UNKNOWN;
	return status == 1 ? JUDGE_UNSAFE : JUDGE_FINE;
}

static void
answer(struct child *c, const char *path)
{
	struct errbuf *eb = malloc(sizeof(*eb));
	enum judge_frame found = JUDGE_UNKNOWN;
	struct frame_buffer out;

	overrides_init(&c->in_force);
	text_init(&c->words, WORDS_MAX);
	if (eb != NULL) {
		errbuf_init(eb);
		found = judge(c, path, eb);
	}
	frame_init(&out, HELPER_READ_MAX);
	(void)frame_put(&out, found, c->words.data,
	    found == JUDGE_UNSAFE ? c->words.len : 0);
	(void)helper_child_write(&out);
	frame_finish(&out);
	text_finish(&c->words);
	free(c->rows);
	overrides_finish(&c->in_force);
	health_destroy(c->health);
	generation_release(c->g);
	free(eb);
}

bool
judge_is_child(int argc, char **argv)
{
	return argc == 3 && strcmp(argv[1], JUDGE_ARGUMENT) == 0;
}

int
judge_child(int argc, char **argv)
{
	struct child c = {.g = NULL};
	struct frame_buffer in, out;
	struct frame frame;
	int status = 0;

	(void)argc;
	helper_child_begin(CHILD_NAME);
	frame_init(&in, HELPER_READ_MAX);
	frame_init(&out, HELPER_READ_MAX);
	(void)frame_put(&out, JUDGE_READY, NULL, 0);
	(void)helper_child_write(&out);
	frame_finish(&out);
	while (status == 0 && helper_child_wait(&in, -1) == 1)
		status = frame_take(&in, &frame);
	if (status == 1 && frame.kind == JUDGE_ROW &&
	    table_take(schema_table(TABLE_OVERRIDE), &frame, &c.row) == 0) {
		answer(&c, argv[2]);
		/* Until it is told to end: who ends by itself is started again.
		 */
		while (helper_child_wait(&in, -1) == 1)
			;
	}
	frame_finish(&in);
	return 0;
}
