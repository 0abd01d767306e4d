/* Starts a process that judges one override, and hears what it finds.  Called
 * by the sharer. */
#include "share/judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/helper.h"
#include "share/judge_frame.h"
#include "state/schema.h"

struct judge {
	struct helper *helper;
	judge_told told;
	void *context;
	struct state_override row;
	bool done;
};

static void
tell(struct judge *j, const char *words)
{
	if (j->done)
		return;
	j->done = true;
	j->told(j->context, j->row.id, words);
}

/* It can be given the row.  One that does not get it ends. */
static int
give(struct judge *j)
{
	unsigned char packed[FRAME_MAX];
	size_t len = table_pack(schema_table(TABLE_OVERRIDE), &j->row, packed);

	if (helper_send(j->helper, JUDGE_ROW, packed, len) != 0)
		return -1;
	return helper_flush(j->helper);
}

static int
on_frame(void *context, const struct frame *frame)
{
	char words[FRAME_MAX + 1] = "";

	if (frame->kind == JUDGE_READY)
		return give(context);
	if (frame->kind != JUDGE_FINE && frame->kind != JUDGE_UNSAFE &&
	    frame->kind != JUDGE_UNKNOWN)
		return -1;
	if (frame->kind == JUDGE_UNSAFE)
		memcpy(words, frame->data, frame->len);
	tell(context, frame->kind == JUDGE_UNKNOWN ? NULL : words);
	return 0;
}

static void
on_ended(void *context, const char *why)
{
	(void)why;
	tell(context, NULL);
}

struct judge *
judge_start(uv_loop_t *loop, const char *path, const struct state_override *row,
    judge_told told, void *context)
{
	static const struct helper_calls calls = {
	    .frame = on_frame, .ended = on_ended};
	const char *arguments[] = {JUDGE_ARGUMENT, path, NULL};
	struct judge *j = calloc(1, sizeof(*j));

	if (j == NULL)
		return NULL;
	j->told = told;
	j->context = context;
	j->row = *row;
	j->helper = helper_start(loop, arguments, &calls, j);
	if (j->helper != NULL)
		return j;
	free(j);
	return NULL;
}

void
judge_stop(struct judge *j)
{
	if (j == NULL)
		return;
	helper_stop(j->helper, 0);
	free(j);
}
