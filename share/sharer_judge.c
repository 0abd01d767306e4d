/*
 * What was said while this node was cut off is judged by the safety rule before
 * it is offered to the others.  Called by the sharer's loop.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "share/sharer_parts.h"

/* To read the files of the largest node on a busy machine.  What nobody can
 * tell in that time is offered as it is: who said it was asked for the rule. */
#define PATIENCE_MS 60000

#define GOES_ON " ..."

/* What is too long for its column ends at a word, and shows that it goes on. */
static void
write_why(char why[STATE_REFUSED], const char *words)
{
	int len = snprintf(why, STATE_REFUSED, "unsafe by now: %s", words);
	size_t end = STATE_REFUSED - sizeof(GOES_ON);

	if (len < STATE_REFUSED)
		return;
	while (end > 0 && why[end] != ' ')
		end--;
	memcpy(why + end, GOES_ON, sizeof(GOES_ON));
}

static void
settle(struct sharer *s, const char *id, const char *words)
{
	char why[STATE_REFUSED] = "";

	if (words == NULL)
		log_warn("whether an override that was said while cut off "
			 "breaks the safety rule cannot be told: it is offered "
			 "all the same (meridianctl check)");
	else if (words[0] == '\0')
		log_info("an override that was said while cut off breaks no "
			 "rule by what is known now");
	else
		write_why(why, words);
	shared_trail_judged(s->trail, id, why);
}

static void
on_told(void *context, const char *id, const char *words)
{
	struct sharer *s = context;

	settle(s, id, words);
	/* The next tick ends it: this is its own call. */
	s->judged = true;
}

void
sharer_judge(struct sharer *s)
{
	const struct state_override *row;
	int64_t now_ms = clock_mono_ms();

	if (s->judge != NULL && !s->judged &&
	    now_ms - s->judge_ms < PATIENCE_MS)
		return;
	if (s->judge != NULL && !s->judged)
		settle(s, s->judged_id, NULL);
	judge_stop(s->judge);
	s->judge = NULL;
	row = shared_trail_unjudged(s->trail, clock_mono_ms(), clock_wall_ms());
	if (row == NULL)
		return;
	s->judged = false;
	s->judge_ms = now_ms;
	memcpy(s->judged_id, row->id, sizeof(s->judged_id));
	s->judge = judge_start(s->loop, s->config->path, row, on_told, s);
	if (s->judge == NULL)
		settle(s, s->judged_id, NULL);
}
